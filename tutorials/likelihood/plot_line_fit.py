"""
A line, its likelihood and the way down
=======================================

The parameters of largest likelihood are those of least squares, and gradient descent walks there.

Thirty points, a line :math:`y = \\theta_1 x + \\theta_2` and Gaussian noise.
Over a grid of parameters we compute two surfaces that know nothing of each
other: the likelihood, from the Gaussian density, and the sum of squared
errors. Then we walk down the second one. The theory is in
:doc:`/guide/likelihood`.
"""

# sphinx_gallery_thumbnail_number = 1

import matplotlib.pyplot as plt
import numpy as np

from actlib import identity, losses
from actlib.network import SGD, Dense, Network, zeros

# %%
# The data
# --------
#
# Labelled examples: inputs between -1 and 2, and targets that are a line plus
# noise of standard deviation 0.5. In life neither line nor noise is known.

SPREAD = 0.5


def draw(seed):
    rng = np.random.default_rng(seed)
    x = rng.uniform(-1, 2, 30)
    return x, 1.5 * x - 0.5 + rng.normal(0, SPREAD, 30)


# %%
# Two surfaces
# ------------
#
# Every pair of parameters is a candidate. ``gaussian_nll`` with ``full=True``
# is minus the logarithm of the density, constants included; the sum of
# squares has no density in it.

SLOPES = np.linspace(-1, 4, 201)
HEIGHTS = np.linspace(-3, 2, 201)


def surfaces(x, y):
    """Log-likelihood and sum of squares, for every height (row) and slope."""
    slope, height = np.meshgrid(SLOPES, HEIGHTS)
    lines = slope[..., None] * x + height[..., None]
    target = np.broadcast_to(y, lines.shape)
    each = losses.gaussian_nll(
        lines, target, variance=SPREAD**2, full=True, reduction="none"
    )
    squares = losses.mean_squared_error(lines, target, reduction="none")
    return -each.sum(axis=-1), squares.sum(axis=-1)


def best(surface):
    row, column = np.unravel_index(np.argmax(surface), surface.shape)
    return SLOPES[column], HEIGHTS[row]


print("seed   largest likelihood   least squares       closed form")
for seed in range(10):
    x, y = draw(seed)
    likelihood, squares = surfaces(x, y)
    closed = np.polyfit(x, y, 1)
    pairs = [*best(likelihood), *best(-squares), *closed]
    print(f"{seed:4}", "  ".join(f"{value:8.3f}" for value in pairs))
    assert best(likelihood) == best(-squares), "two different optima"
    assert np.allclose(best(likelihood), closed, atol=0.05), (
        "the optimum of the grid is not next to the closed form"
    )
    # one surface is the other, times a negative factor, plus a constant
    constant = -len(x) * np.log(SPREAD * np.sqrt(2 * np.pi))
    rebuilt = constant - squares / (2 * SPREAD**2)
    assert np.allclose(likelihood, rebuilt, rtol=1e-12), (
        "the likelihood is not a constant minus the scaled squares"
    )

# %%
# All 40401 values agree: the log-likelihood is a constant minus the sum of
# squares over :math:`2s^2`. Its top is the bottom of the other.
#
# Having the loss, descend
# ------------------------
#
# A network of one unit without activation is the line. Its loss is half the mean
# squared error, its start a line that is wrong in both parameters.

x, y = draw(0)
likelihood, squares = surfaces(x, y)
closed = np.polyfit(x, y, 1)

layer = Dense(1, 1, identity, initialisation=zeros)
layer.parameters["weights"][:] = -0.7
layer.parameters["bias"][:] = 1.7
network = Network([layer], losses.half_squared_error)
optimizer = SGD(0.25)

path = []
for _ in range(61):
    path.append(
        (layer.parameters["weights"].item(), layer.parameters["bias"].item())
    )
    network.fit(
        x[:, None],
        y,
        epochs=1,
        batch_size=len(x),
        optimizer=optimizer,
        rng=0,
        verbose=False,
    )
path = np.array(path)
heights = [losses.half_squared_error(a * x + b, y) for a, b in path]

print("\nstep    slope   height   half mean squared error")
for step in (0, 1, 2, 5, 10, 20, 60):
    a, b = path[step]
    print(f"{step:4} {a:8.4f} {b:8.4f} {heights[step]:10.5f}")

assert np.all(np.diff(heights) <= 1e-15), "a step went up"
assert np.allclose(path[-1], closed, atol=1e-3), "descent has not arrived"

# %%
# Three moments of one walk. Above the line, below the surface: dark is
# likely.

MOMENTS = (0, 2, 60)
figure, panels = plt.subplots(
    2,
    3,
    figsize=(7.2, 4.8),
    layout="constrained",
    sharey="row",
    label="Three moments of gradient descent: the line moves onto the "
    "points while the path runs down to the top of the likelihood",
)
levels = squares.min() + np.array([0, 2, 8, 20, 40, 80, 140, 220, 400])
for column, step in enumerate(MOMENTS):
    above, below = panels[:, column]
    above.plot(x, y, "o", markersize=3.5, alpha=0.8)
    ends = np.array([-1.0, 2.0])
    above.plot(ends, path[step, 0] * ends + path[step, 1], color="C1")
    above.set(title=f"after {step} steps", xlabel="x")
    below.contourf(
        SLOPES, HEIGHTS, squares, levels=levels, cmap="Blues_r", alpha=0.75
    )
    below.plot(*path[: step + 1].T, "o-", color="C1", markersize=3, lw=1.4)
    below.plot(*closed, "*", color="C2", markersize=11)
    below.set(xlabel="slope", xlim=(-1, 4), ylim=(-3, 2))
panels[0, 0].set_ylabel("y")
panels[1, 0].set_ylabel("height at 0")
_ = figure.suptitle("Down the squares is up the likelihood")

# %%
# Things to try
# -------------
#
# * What is the largest rate at which this walk still arrives? Compare with 2
#   divided by the largest eigenvalue of the matrix of second derivatives.
# * Draw the likelihood itself instead of its logarithm. Why is there so
#   little to see?

plt.show()
