"""
Gradient descent, step by step
==============================

On a quadratic, descent converges exactly for rates below 2/curvature.

``u <- u - eta * dL/du``, with a learning rate such as 0.02. How small is small
enough? For a quadratic loss there is an exact answer, and near a minimum every
smooth loss is nearly quadratic. The chapter :doc:`/guide/training` has the
proof.
"""

import matplotlib.pyplot as plt
import numpy as np
from threadpoolctl import threadpool_limits

from actlib import identity, losses, tanh
from actlib.network import SGD, Dense, Network

# %%
# A valley
# --------
#
# The loss :math:`(u^2 + 20\,v^2)/2` has the curvatures 1 and 20, and so the
# limit 2/20 = 0.1. Five rates, among them the 0.02 of a lecture, and the best
# for these two curvatures, 2/(1 + 20).

CURVATURES = np.array([1.0, 20.0])
RATES = {
    "a lecture's": 0.02,
    "best": 2 / 21,
    "just below": 0.0995,
    "at the limit": 0.1,
    "just above": 0.101,
}


def descend(rate, steps=60, start=(2.0, 0.5)):
    path = [np.array(start)]
    for _ in range(steps):
        path.append(path[-1] - rate * CURVATURES * path[-1])
    return np.array(path)


def loss(path):
    return path**2 @ CURVATURES / 2


paths = {name: descend(rate) for name, rate in RATES.items()}
print(f"{'':13} {'rate':>7} {'loss after 20':>14} {'after 60':>10}")
for name, path in paths.items():
    after = loss(path)
    print(f"{name:13} {RATES[name]:7.4f} {after[20]:14.2e} {after[60]:10.2e}")

for name, path in paths.items():
    powers = (1 - RATES[name] * CURVATURES) ** np.arange(61)[:, None]
    exact = powers * path[0]
    assert np.allclose(path, exact, rtol=1e-9, atol=1e-12), (
        f"{name}: not the powers"
    )
falling = {
    name: loss(path)[-1] < loss(path)[0] for name, path in paths.items()
}
assert falling["a lecture's"], "0.02 does not converge"
assert falling["just below"], "just below the limit"
assert not falling["just above"], "just above the limit"
assert loss(paths["best"])[60] < loss(paths["a lecture's"])[60] / 1000

# %%
# Too small a rate creeps along the flat direction; too large a one jumps
# across the steep one, farther each time.

figure, panels = plt.subplots(
    1,
    3,
    figsize=(7.4, 3.3),
    sharey=True,
    layout="constrained",
    label="Paths on an elongated bowl: at rate 0.02 down into the valley and "
    "slowly along it, at 0.0952 in zigzags to the minimum, at 0.101 away "
    "from it",
)
u, v = np.meshgrid(np.linspace(-0.6, 2.3, 80), np.linspace(-0.9, 0.9, 80))
heights = (u**2 + 20 * v**2) / 2
shown = ("a lecture's", "best", "just above")
for panel, name, k in zip(panels, shown, (0, 2, 1), strict=True):
    panel.contour(
        u, v, heights, levels=8, colors="0.5", linewidths=0.6, alpha=0.7
    )
    path = paths[name][:40]
    panel.plot(*path.T, "o-", color=f"C{k}", markersize=3, linewidth=1.3)
    panel.plot(0, 0, "+", color="C3", markersize=10)
    panel.set(title=f"rate {RATES[name]:.4g}", xlabel="u", ylim=(-0.9, 0.9))
_ = panels[0].set_ylabel("v")

# %%
# A line through points
# ---------------------
#
# The mean squared error of a straight line is quadratic in its two weights;
# its curvatures are the eigenvalues of :math:`2 X^T X / n`. The largest rate
# that converges is found by trial, and held against the theory.

rng = np.random.default_rng(0)
x = rng.uniform(0, 3, 30)
y = 1.5 * x - 1 + rng.normal(0, 0.4, 30)
X = np.column_stack([x, np.ones(30)])
curvature = np.linalg.eigvalsh(2 * X.T @ X / 30)


def line_loss(rate, steps=400):
    """The loss after so many steps from zero weights."""
    theta = np.zeros(2)
    for _ in range(steps):
        slope = losses.mean_squared_error.gradient(X @ theta, y)
        theta = theta - rate * X.T @ slope
        if not np.all(np.abs(theta) < 1e6):
            return np.inf
    return float(losses.mean_squared_error(X @ theta, y))


start = float(losses.mean_squared_error(np.zeros(30), y))
low, high = 0.0, 10.0
for _ in range(14):
    middle = (low + high) / 2
    low, high = (middle, high) if line_loss(middle) < start else (low, middle)
print(f"\ncurvatures of the line's loss: {curvature.round(3)}")
print(f"largest rate, by trial {low:.3f}, by theory {2 / curvature[1]:.3f}")

assert abs(low * curvature[1] / 2 - 1) < 0.02, "the limit is elsewhere"
assert abs(line_loss(0.02, 4000) - line_loss(0.2, 4000)) < 1e-9

# %%
# A network
# ---------
#
# No network's loss is quadratic, but near the place where it has settled it
# nearly is. So: train a small network at a small rate, measure the largest
# curvature there, and go on at rates around two divided by it.


def gradient(network, x, y):
    network.loss_and_gradients(x, y)
    return np.concatenate(
        [
            g.ravel()
            for layer in network.layers
            for g in layer.gradients.values()
        ]
    )


def move(network, direction):
    start = 0
    for layer in network.layers:
        for name in layer.gradients:
            array = layer.parameters[name]
            part = direction[start : start + array.size]
            array += part.reshape(array.shape)
            start += array.size


def largest_curvature(network, x, y, rng):
    """Power iteration on differences of gradients."""
    size = len(gradient(network, x, y))
    v = rng.normal(size=size)
    for _ in range(200):
        v *= 1e-4 / np.linalg.norm(v)
        move(network, v)
        above = gradient(network, x, y)
        move(network, -2 * v)
        below = gradient(network, x, y)
        move(network, v)
        product = (above - below) / 2
        value = float(v @ product / (v @ v))
        v = product
    return value


def settled(seed):
    rng = np.random.default_rng(seed)
    layers = [Dense(1, 6, tanh, rng=rng), Dense(6, 1, identity, rng=rng)]
    network = Network(layers, losses.mean_squared_error)
    x = np.linspace(-2, 2, 25)[:, None]
    y = np.tanh(2 * x) + 0.3 * np.sin(3 * x)
    optimizer = SGD(0.05)
    for _ in range(6000):
        network.loss_and_gradients(x, y)
        optimizer.step(network.layers)
    return network, x, y, rng


def after(seed, factor):
    """Loss before, and highest in 100 steps at factor * 2 / curvature."""
    network, x, y, rng = settled(seed)
    top = largest_curvature(network, x, y, rng)
    optimizer = SGD(factor * 2 / top)
    before = network.loss_and_gradients(x, y)
    highest = before
    for _ in range(100):
        optimizer.step(network.layers)
        highest = max(highest, network.loss_and_gradients(x, y))
    return top, before, highest


FACTORS, SEEDS = (0.5, 0.9, 1.2, 1.5), range(3)
print("\nloss of a network at its highest in 100 more steps, over that before")
print("seed  2/curvature" + "".join(f"  rate x{f:<4}" for f in FACTORS))
rise = np.zeros((len(SEEDS), len(FACTORS)))
with threadpool_limits(1):
    for s in SEEDS:
        for k, factor in enumerate(FACTORS):
            top, before, highest = after(s, factor)
            rise[s, k] = highest / before
        row = "".join(f"{r:12.3g}" for r in rise[s])
        print(f"{s:4} {2 / top:12.3f}{row}")

assert np.all(rise[:, :2] < 1.01), "the loss rises below the limit"
assert np.all(rise[:, 2:] > 1.5), "the loss does not rise above the limit"

# %%
# The same limit, although no one told the network that it is nearly
# quadratic.
#
# Loss against rate
# -----------------

rates = np.linspace(0.002, 0.11, 200)
final = [loss(descend(rate, 40))[-1] for rate in rates]
figure, axes = plt.subplots(
    figsize=(6.4, 3.6),
    layout="constrained",
    label="Loss after forty steps against the learning rate: slowly falling, "
    "lowest at 0.095, and beyond 0.1 rising steeply",
)
axes.semilogy(rates, final, color="C0")
axes.axhline(loss(paths["best"])[0], color="0.5", linewidth=1)
axes.axvline(0.1, color="C1", linestyle="--", linewidth=1.5)
axes.text(0.0985, 1e3, "2 / curvature", color="C1", ha="right")
axes.axvline(0.02, color="C2", linestyle=":", linewidth=1.5)
axes.text(0.021, 1e-2, "0.02", color="C2")
axes.text(0.05, 5.5, "loss at the start", color="0.5")
axes.set(xlabel="learning rate", ylabel="loss after 40 steps")
_ = axes.set_title("The best rate is just below the one that diverges")

plt.show()
