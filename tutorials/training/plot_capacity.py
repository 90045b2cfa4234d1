"""
Underfitting and overfitting
============================

Training error falls with capacity; the error on new data falls, then rises.

A curve with noise is measured at a few points. Polynomials of growing degree
and networks of growing width and training time are fitted to it, and tested on
other points. The chapter is :doc:`/guide/training`.
"""

# sphinx_gallery_thumbnail_number = 2

import matplotlib.pyplot as plt
import numpy as np
from threadpoolctl import threadpool_limits

from actlib import identity, losses, tanh
from actlib.network import Adam, Dense, Network

NOISE, POINTS = 0.3, 15
error = losses.mean_squared_error


def f(x):
    return np.sin(np.pi * x)


def sample(n, rng):
    x = rng.uniform(-1, 1, n)
    return x, f(x) + rng.normal(0, NOISE, n)


# %%
# Polynomials
# -----------
#
# Fitted by least squares, in Legendre's basis, for the sake of the condition
# number. No trained network is between us and the optimum here.

DEGREES, SETS = np.arange(15), range(200)


def polynomial_errors(seed):
    rng = np.random.default_rng(seed)
    x, y = sample(POINTS, rng)
    new_x, new_y = sample(500, rng)
    result = []
    for degree in DEGREES:
        basis = np.polynomial.legendre.legvander(x, degree)
        weights = np.linalg.lstsq(basis, y)[0]
        new = np.polynomial.legendre.legval(new_x, weights)
        result.append((error(basis @ weights, y), error(new, new_y)))
    return result


with threadpool_limits(1):
    polynomials = np.array([polynomial_errors(seed) for seed in SETS])
train_error, test_error = np.median(polynomials, axis=0).T
best = int(np.argmin(test_error))
print(f"{len(SETS)} training sets of {POINTS} points, medians")
print("degree   training      new")
for degree in (0, 1, 2, 3, 4, 5, 7, 9, 11, 14):
    mark = "  <- best" if degree == best else ""
    row = f"{train_error[degree]:10.4f} {test_error[degree]:8.3g}"
    print(f"{degree:6} {row}{mark}")

ordered = np.diff(polynomials[:, :, 0], axis=1)
assert np.all(ordered < 1e-9), "the training error rises"
assert best in (3, 4, 5), "the best degree is elsewhere"
assert test_error[0] > 3 * test_error[best], "a constant does not underfit"
assert test_error[12] > 10 * test_error[best], "degree 12 does not overfit"
assert train_error[14] < 1e-9, "15 weights do not hit 15 points"

# %%
# The training error cannot rise, since each polynomial is among those of the
# next degree. With as many weights as points it is 0, and the fit is useless.
# The noise alone has a mean square of 0.09: who is below that on the training
# data has learned noise.
#
# The fit, on one of the sets
# ---------------------------

rng = np.random.default_rng(3)
x, y = sample(POINTS, rng)
fine = np.linspace(-1, 1, 400)
figure, panels = plt.subplots(
    1,
    3,
    figsize=(7.2, 2.9),
    sharey=True,
    layout="constrained",
    label="Fifteen noisy points of a sine: a straight line misses its shape, "
    "a cubic follows it, a polynomial of degree fourteen runs through every "
    "point and wildly between them",
)
words = ("underfits", "fits", "overfits")
for panel, degree, word in zip(panels, (1, 3, 14), words, strict=True):
    basis = np.polynomial.legendre.legvander(x, degree)
    weights = np.linalg.lstsq(basis, y)[0]
    panel.plot(fine, f(fine), "--", color="C2", linewidth=1.4)
    panel.plot(x, y, "o", color="C1", markersize=5)
    panel.plot(fine, np.polynomial.legendre.legval(fine, weights), color="C0")
    panel.set(title=f"degree {degree} {word}", ylim=(-2, 2), xlabel="x")

# %%
# Networks: width and time
# ------------------------
#
# One hidden layer of tanh units on 15 points, trained for 2000 steps with
# Adam. Capacity is not width alone: a network grows into its width while it
# trains.

WIDTHS, SEEDS, EPOCHS = (1, 4, 64), range(6), 2000
CHECK = np.unique(np.geomspace(1, EPOCHS, 25).astype(int))


def network_errors(width, seed):
    rng = np.random.default_rng(seed)
    x, y = sample(POINTS, rng)
    new_x, new_y = sample(500, rng)
    layers = [
        Dense(1, width, tanh, rng=rng),
        Dense(width, 1, identity, rng=rng),
    ]
    first = layers[0].parameters
    first["weights"][...] = rng.normal(0, 4, (1, width))
    first["bias"][...] = rng.uniform(-3, 3, width)
    network = Network(layers, losses.mean_squared_error)
    optimizer, result = Adam(0.02), []
    for step in range(1, EPOCHS + 1):
        network.loss_and_gradients(x[:, None], y[:, None])
        optimizer.step(network.layers)
        if step in CHECK:
            old, new = (
                network.predict(x[:, None]),
                network.predict(new_x[:, None]),
            )
            result.append((error(old, y), error(new, new_y)))
    return result


with threadpool_limits(1):
    nets = {
        width: np.array([network_errors(width, seed) for seed in SEEDS])
        for width in WIDTHS
    }
print("\nwidth  training  new, at the end  new, at its best  best step")
early = {}
for width, runs in nets.items():
    old, new = np.median(runs, axis=0).T
    early[width] = new.min(), new[-1], old[-1], CHECK[np.argmin(new)]
    print(
        f"{width:5} {old[-1]:9.4f} {new[-1]:16.3f} {new.min():17.3f}"
        f" {CHECK[np.argmin(new)]:10}"
    )

assert early[64][2] < 0.03 < early[1][2], "width does not lower training error"
assert early[64][1] > 1.5 * early[64][0], "the wide network does not overfit"
assert early[64][3] < EPOCHS, "stopping early is of no use"
assert early[4][0] < early[1][0], "one unit is enough"

# %%
# The wide network is at its best in the middle of training and gets worse
# while its training error still falls. *Early stopping* takes the weights of
# that moment, which one finds by measuring along on data kept aside.

figure, (left, right) = plt.subplots(
    1,
    2,
    figsize=(7.4, 3.9),
    layout="constrained",
    label="Left: error against the degree of a polynomial; on training data "
    "it falls to zero, on new data it falls until degree three and then rises "
    "by orders of magnitude. Right: error of a network of 64 units by step; "
    "on new data it falls and then rises",
)
left.semilogy(DEGREES, np.maximum(train_error, 1e-4), "o-", label="training")
left.semilogy(DEGREES, test_error, "s--", label="new data")
left.axhline(NOISE**2, color="C2", linestyle=":", label="noise")
left.set(xlabel="degree", ylabel="mean squared error", ylim=(8e-4, 100))
left.set(title="Capacity by degree")
left.set_xticks(range(0, 15, 2))
left.legend(loc="upper left")
old, new = np.median(nets[64], axis=0).T
right.loglog(CHECK, old, "o-", markersize=4, label="training")
right.loglog(CHECK, new, "s--", markersize=4, label="new data")
right.axhline(NOISE**2, color="C2", linestyle=":")
right.set(xlabel="steps", title="64 units, by training time")

plt.show()
