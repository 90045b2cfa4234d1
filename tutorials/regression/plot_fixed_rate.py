"""
A fixed learning rate near the minimum
======================================

With a fixed learning rate the absolute error jumps around its minimum, while squared error and Huber's loss settle.

The gradient of the absolute error is as large next to the minimum as far
away from it. The gradient of the squared error fades. What that means for
descent with a fixed rate is measured here on a line through forty points.
The theory is in :doc:`/guide/regression`.
"""

# sphinx_gallery_thumbnail_number = 1

import matplotlib.pyplot as plt
import numpy as np

from actlib import losses

LOSSES = {
    "absolute": (losses.mean_absolute_error, {}),
    "half squared": (losses.half_squared_error, {}),
    "Huber": (losses.huber, {"delta": 0.5}),
}
SEEDS = range(10)

# %%
# Descent
# -------
#
# Full gradients, no chance in it: what is seen is the loss, not the noise of
# mini-batches. The size of the last steps is the mean length of the last
# hundred.


def draw(seed):
    rng = np.random.default_rng(seed)
    x = rng.uniform(-1, 1, 40)
    return x, 2 * x + 1 + rng.normal(0, 0.3, 40)


def descend(name, x, y, rate, steps=1500, decay=0.0):
    """Slope and height after each step."""
    loss, parameters = LOSSES[name]
    rows = np.stack([x, np.ones_like(x)], axis=-1)
    line, path = np.array([-2.0, -2.0]), []
    for step in range(steps):
        gradient = rows.T @ loss.gradient(rows @ line, y, **parameters)
        line = line - rate / (1 + decay * step) * gradient
        path.append(line)
    return np.array(path)


def last_steps(path):
    return np.linalg.norm(np.diff(path[-101:], axis=0), axis=1).mean()


print("rate    ", "   ".join(f"{name:>12}" for name in LOSSES))
sizes = {}
for rate in (0.4, 0.2, 0.1, 0.05):
    for name in LOSSES:
        sizes[name, rate] = np.array(
            [last_steps(descend(name, *draw(seed), rate)) for seed in SEEDS]
        )
    row = [sizes[name, rate].mean() for name in LOSSES]
    print(f"{rate:5}   ", "   ".join(f"{size:12.1e}" for size in row))

for rate in (0.4, 0.2, 0.1):
    assert np.all(sizes["half squared", rate] < 1e-9), "squares still move"
    assert np.all(sizes["Huber", rate] < 1e-9), "Huber still moves"
    assert np.all(sizes["absolute", rate] > rate / 500), "absolute settled"
smaller = sizes["absolute", 0.1].mean() / sizes["absolute", 0.4].mean()
assert smaller < 0.35, "a quarter of the rate does not calm it"

# %%
# The absolute error keeps jumping, with every seed; a smaller rate makes
# smaller jumps, not none. The steps of the other two shrink to nothing. (At
# the rate 0.05 they are still on their way after 1500 steps.)
#
# How far it stays away
# ---------------------
#
# Excess of the loss over the lowest value on the path of a much finer
# descent. The dotted line lets the rate fall like one over the number of
# steps: that is what the absolute error needs.

x, y = draw(0)
rows = np.stack([x, np.ones_like(x)], axis=-1)
lowest = {}
for name, (loss, parameters) in LOSSES.items():
    fine = descend(name, x, y, 0.4, steps=20000, decay=0.01)
    lowest[name] = min(loss(rows @ p, y, **parameters) for p in fine[::7])


def excess(name, rate, decay=0.0):
    loss, parameters = LOSSES[name]
    path = descend(name, x, y, rate, decay=decay)
    values = [loss(rows @ line, y, **parameters) for line in path]
    return np.maximum(np.array(values) - lowest[name], 1e-16)


figure, (left, right) = plt.subplots(
    1,
    2,
    figsize=(7.2, 3.6),
    layout="constrained",
    label="Left: excess of three losses over 1500 steps; the absolute error "
    "stays on a jagged plateau while the others fall to rounding error. "
    "Right: slope and height of the line jump to and fro for the absolute "
    "error and settle for the squared error",
)
for name, style in zip(LOSSES, ("-", "-", "--"), strict=True):
    left.semilogy(excess(name, 0.2), style, lw=1.5, label=name)
falling = excess("absolute", 0.2, decay=0.02)
left.semilogy(falling, ":", color="C0", lw=1.5, label="absolute, rate falls")
left.set(title="The absolute error does not settle", xlabel="step")
left.set(ylabel="loss above the minimum", ylim=(1e-16, 1e5))
left.legend(loc="upper right", ncols=2, fontsize=8)
for name in ("absolute", "half squared"):
    path = descend(name, x, y, 0.4)[-60:]
    right.plot(*path.T, ".-", lw=0.8, label=name)
right.set(title="The last 60 of 1500 steps", xlabel="slope")
right.set_ylabel("height")
_ = right.legend(fontsize=8)

plateau = np.median(excess("absolute", 0.2)[-200:])
print(f"\nabsolute error above its minimum, fixed rate:   {plateau:.1e}")
print(f"the same, with a falling rate:                  {falling[-1]:.1e}")
assert plateau > 3 * np.median(falling[-200:]), "a falling rate is no help"
assert excess("half squared", 0.2)[-1] < 1e-12, "squares above the minimum"
assert excess("Huber", 0.2)[-1] < 1e-12, "Huber above the minimum"

# %%
# "Converges with a fixed rate" has a condition
# ---------------------------------------------
#
# Squared error converges if the rate is below 2 divided by the largest
# eigenvalue of the second derivatives, and above that it explodes. The
# gradient of absolute error and of Huber is bounded, so they cannot.

largest = np.linalg.eigvalsh(rows.T @ rows / len(x))[-1]
print(f"\nlargest eigenvalue {largest:.3f}, so limit {2 / largest:.3f}")
print("rate / limit   distance from the best line after 200 steps")
best = np.linalg.lstsq(rows, y)[0]
for factor in (0.5, 0.95, 1.05, 1.5):
    rate = factor * 2 / largest
    away = {}
    for name in LOSSES:
        path = descend(name, x, y, rate, steps=200)
        away[name] = np.linalg.norm(path[-1] - best)
    print(
        f"{factor:12}  ",
        "   ".join(f"{name} {value:.1e}" for name, value in away.items()),
    )
    assert (away["half squared"] < 0.1) == (factor < 1), "another limit"
    assert max(away["absolute"], away["Huber"]) < 10, "a bounded loss fled"

# %%
# Things to try
# -------------
#
# * One point instead of forty: how far from it does the absolute error end?
# * Take mini-batches of 8. Now the squared error does not settle either:
#   why?

plt.show()
