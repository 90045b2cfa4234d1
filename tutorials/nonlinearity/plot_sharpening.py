r"""
A sigmoid becomes a step
========================

A steep sigmoid is nearly a step, and its slope nearly 0 at all points but one.

The unit step :math:`u(x)` is what a decision looks like, but its derivative is
0 or does not exist. The sigmoid :math:`\sigma(wx)` comes as close to it as one
likes: one only has to make :math:`w` large. This script measures how close,
where the area under the derivative goes, and what is lost on the way.

The chapter behind it is :doc:`/guide/squashers`; what a vanishing derivative
does to training is in :doc:`/guide/vanishing_gradients`.
"""

# sphinx_gallery_thumbnail_number = 1

import matplotlib.pyplot as plt
import numpy as np

from actlib import heaviside, sigmoid, sign, tanh

WEIGHTS = np.array([1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0])

# %%
# How close
# ---------
#
# At a distance :math:`d` or more from 0 the sigmoid differs from the step by
# less than :math:`e^{-wd}`. At 0 itself it is 1/2 for every :math:`w`, so
# right beside 0 the difference stays near a half: the functions converge at
# every point, but not uniformly.

x = np.linspace(-1, 1, 4001)
D = 0.1
away = np.abs(x) >= D
print("    w   largest error, |x| >= 0.1   exp(-0.1 w)   next to 0")
for w in WEIGHTS:
    error = np.abs(sigmoid(w * x) - heaviside(x))
    beside = np.abs(sigmoid(w * 1e-9) - heaviside(1e-9))
    print(
        f"{w:5.0f} {error[away].max():22.1e} {np.exp(-w * D):17.1e} "
        f"{beside:11.3f}"
    )
    assert error[away].max() < 1.000001 * np.exp(-w * D), (
        "the error exceeds exp(-w d)"
    )
    assert beside > 0.49, "the error next to 0 went away"

figure, (left, right) = plt.subplots(
    1,
    2,
    figsize=(7.2, 3.3),
    layout="constrained",
    label="Left, sigmoids of growing weight, ever closer to a step. Right, "
    "their slopes by x, ever higher and narrower bumps around 0.",
)
near = np.linspace(-1, 1, 801)
for k, w in enumerate((2.0, 5.0, 20.0, 100.0)):
    left.plot(near, sigmoid(w * near), color=f"C{k}", label=f"w = {w:g}")
    right.plot(near, w * sigmoid.derivative(w * near), color=f"C{k}")
left.set(title=r"$\sigma(wx)$ tends to a step", xlabel="x")
left.legend(loc="upper left")
right.set(title=r"slope $w\,\sigma'(wx)$: area 1", xlabel="x")
right.set_ylim(0, 12)
_ = right.text(0.08, 10.9, "up to 25", color="C3")

# %%
# Where the area goes
# -------------------
#
# The slope with respect to :math:`x` is :math:`w\sigma'(wx)`. The area under
# it is the total rise, 1, whatever :math:`w` is; and more and more of it lies
# close to 0. That limit is called the Dirac delta. For tanh, the soft sign,
# the rise is from -1 to 1: the area is 2, and the derivative of the sign is
# *twice* the delta.

t, h = np.linspace(-30, 30, 600_001, retstep=True)
print(
    "\n    k   area under d/dx sigmoid(kx)   under d/dx tanh(kx)   of it "
    "within 0.1"
)
for k in (1.0, 10.0, 100.0):
    slopes = k * sigmoid.derivative(k * t), k * tanh.derivative(k * t)
    area = [
        np.sum(slope) * h for slope in slopes
    ]  # the ends are 0, to 12 digits
    inside = np.sum(slopes[1][np.abs(t) <= 0.1]) * h / 2
    print(f"{k:5.0f} {area[0]:24.6f} {area[1]:24.6f} {inside:16.3f}")
    assert abs(area[0] - 1) < 1e-6, "the area of the sigmoid's slope is not 1"
    assert abs(area[1] - 2) < 1e-6, "the area of tanh's slope is not 2"
assert inside > 0.999, "the area does not gather at 0"
jumps = [f(1e-9) - f(-1e-9) for f in (heaviside, sign)]
assert jumps == [1, 2], "the jumps of step and sign"

# %%
# What is lost
# ------------
#
# Backpropagation does not use the bump in :math:`x`, but the factor
# :math:`\sigma'(wx)`, the derivative at the excitation. For every :math:`x`
# other than 0 it tends to 0 as :math:`w` grows: the unit saturates. At
# :math:`x = 0` it is 1/4 for every :math:`w`. So "the derivative tends to 0
# for large weights" holds for almost all inputs and not for those on the
# border; and the share of inputs that still teach the unit something shrinks
# like :math:`1/w`.

POINTS = np.array([0.0, 0.01, 0.1, 1.0])
factor = sigmoid.derivative(np.outer(WEIGHTS, POINTS))
print(
    "\n    w"
    + "".join(f"   at x = {point:<4g}" for point in POINTS)
    + "   share above 0.01"
)
share = []
for w, row in zip(WEIGHTS, factor, strict=True):
    share.append(np.mean(sigmoid.derivative(w * x) > 0.01))
    print(
        f"{w:5.0f}"
        + "".join(f"{value:14.1e}" for value in row)
        + f"{share[-1]:17.3f}"
    )

assert np.all(factor[:, 0] == 0.25), "sigma'(0) is not 1/4"
assert np.all(np.diff(factor[:, 1:], axis=0) < 0), (
    "sigma'(wx) does not fall with w"
)
assert factor[-1, 2] < 1e-8, "sigma'(wx) does not vanish at 0.1"
assert factor[-1, 3] < 1e-80, "sigma'(wx) does not vanish at 1"
wide = WEIGHTS >= 10
border = sigmoid.inverse(
    (1 + np.sqrt(1 - 4 * 0.01)) / 2
)  # where sigma' = 0.01
assert np.allclose(np.array(share)[wide], border / WEIGHTS[wide], rtol=0.02)

figure, axes = plt.subplots(
    figsize=(7.2, 3.6),
    layout="constrained",
    label="The factor of backpropagation against the weight, for four "
    "inputs: constant at a quarter for x = 0, falling ever earlier for "
    "larger x.",
)
w = np.geomspace(1, 1000, 200)
for k, (point, style) in enumerate(
    zip(POINTS, ("-", "--", "-.", ":"), strict=True)
):
    axes.loglog(
        w,
        sigmoid.derivative(w * point),
        style,
        color=f"C{k}",
        label=f"x = {point:g}",
    )
axes.set(
    title=r"$\sigma'(wx)$ vanishes at every point but one",
    xlabel="weight w",
    ylabel=r"$\sigma'(wx)$",
    ylim=(1e-9, 1),
)
_ = axes.legend(loc="lower left")

plt.show()
