"""
Huber's loss between two others
===============================

Huber's loss over delta tends to the absolute error for small delta; for large delta it is half the squared error.

"Acts as MAE when delta is near 0 and as MSE when it is near infinity", says
one of the lectures. As a statement about values that needs two factors; as
a statement about the best fit it holds as it stands: the best constant goes
from the median to the mean. The theory is in :doc:`/guide/regression`.
"""

# sphinx_gallery_thumbnail_number = 1

import matplotlib.pyplot as plt
import numpy as np

from actlib import losses

# %%
# The values
# ----------
#
# For residuals between -5 and 5: the largest distance of the loss itself
# from 0, of the loss divided by :math:`\delta` from the absolute error, and
# of the loss from half the squared error.

RESIDUALS = np.linspace(-5, 5, 10001)
ABSOLUTE = losses.mean_absolute_error(RESIDUALS, 0.0, reduction="none")
HALF_SQUARE = losses.half_squared_error(RESIDUALS, 0.0, reduction="none")


def huber(delta, residuals=RESIDUALS):
    return losses.huber(residuals, 0.0, delta=delta, reduction="none")


print("  delta   max of Huber   |Huber/delta - |r||   |Huber - r^2/2|")
for delta in (1e-6, 1e-3, 0.1, 1.0, 2.0, 5.0, 100.0, np.inf):
    values = huber(delta)
    to_absolute = np.max(np.abs(values / delta - ABSOLUTE))
    to_square = np.max(np.abs(values - HALF_SQUARE))
    print(
        f"{delta:7g} {np.max(values):14.3g} {to_absolute:21.3g} "
        f"{to_square:17.3g}"
    )
    if delta <= 5:  # reached where |r| >= delta
        assert abs(to_absolute - delta / 2) < 1e-9, "not delta / 2 away"
    if delta >= 5:
        assert to_square == 0, "not half the squared error"
    if delta < 0.01:
        assert np.max(values) < 5.1 * delta, "the plain loss does not vanish"

# %%
# Both limits come with a rate. Huber over :math:`\delta` is never further
# than :math:`\delta/2` from the absolute error. And once :math:`\delta`
# reaches the largest residual, Huber *is* half the squared error, to the last
# bit.
# Undivided, it tends to 0 with :math:`\delta`: nothing would be learned.
#
# The best constant
# -----------------
#
# A skewed sample, whose mean is well above its median. Bisection finds the
# zero of the gradient, which grows with the constant.

SAMPLE = np.random.default_rng(0).lognormal(0.0, 1.0, 201)
MEDIAN, MEAN = np.median(SAMPLE), np.mean(SAMPLE)


def best_constant(sample, delta):
    low, high = sample.min(), sample.max()
    for _ in range(200):
        middle = (low + high) / 2
        slope = losses.huber.gradient(
            np.full_like(sample, middle), sample, delta=delta
        ).sum()
        low, high = (low, middle) if slope > 0 else (middle, high)
    return (low + high) / 2


DELTAS = np.logspace(-4, 3, 71)
best = np.array([best_constant(SAMPLE, delta) for delta in DELTAS])
print(f"\nmedian {MEDIAN:.4f}, mean {MEAN:.4f}")
print("    delta   best constant")
for delta, constant in zip(DELTAS[::10], best[::10], strict=True):
    print(f"{delta:9.4f} {constant:15.4f}")

for seed in range(10):
    sample = np.random.default_rng(seed).lognormal(0.0, 1.0, 201)
    near, far = best_constant(sample, 1e-5), best_constant(sample, 1e4)
    assert abs(near - np.median(sample)) < 1e-4, "not the median"
    assert abs(far - np.mean(sample)) < 1e-9, "not the mean"
lowest = best.min()
assert lowest < MEDIAN - 0.01, "between the two after all"

# %%
# At both ends the lecture is right. In between there is a surprise: the way
# is not straight. Around :math:`\delta = 0.1` the constant lies *below* the
# median, outside the interval from median to mean.
#
# The gradient
# ------------
#
# What all that comes from: the gradient is the residual, clipped.

for delta in (0.5, 1.0, 3.0):
    gradient = losses.huber.gradient(
        RESIDUALS, 0.0, delta=delta, reduction="none"
    )
    assert np.array_equal(gradient, np.clip(RESIDUALS, -delta, delta)), (
        "the gradient is not the clipped residual"
    )

figure, (left, right) = plt.subplots(
    1,
    2,
    figsize=(7.2, 3.6),
    layout="constrained",
    label="Left: Huber's loss divided by delta approaches the absolute value "
    "from below as delta falls. Right: the best constant moves from the "
    "median to the mean as delta grows",
)
left.plot(RESIDUALS, ABSOLUTE, color="C3", label="absolute error")
for number, delta in enumerate((0.5, 2.0, 4.0)):
    left.plot(
        RESIDUALS,
        huber(delta) / delta,
        ("-", "--", "-.")[number],
        color=f"C{number}",
        lw=1.6,
        label=f"delta = {delta:g}",
    )
left.set(title="Huber / delta nears the absolute error")
left.set(xlabel="residual", ylim=(-0.1, 5))
left.legend(fontsize=9)
right.semilogx(DELTAS, best)
for height, name in ((MEDIAN, "median"), (MEAN, "mean")):
    right.axhline(height, color="C1", linestyle=":", linewidth=1.4)
    right.text(1e-4, height + 0.02, name, color="C1")
right.set(title="From median to mean, with a detour", xlabel="delta")
_ = right.set_ylabel("best constant")

# %%
# Things to try
# -------------
#
# * Make the sample symmetric. What is left of the right-hand figure?
# * For which seeds does the constant leave the interval from median to mean?

plt.show()
