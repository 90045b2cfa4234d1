"""
Each noise has its loss
=======================

A fit with the loss that belongs to the noise is closer to the truth, by a factor that can be predicted.

Maximum likelihood says: Gaussian noise, squared error; Laplace noise,
absolute error; a coin, logistic loss; a count, Poisson loss. What does it
cost to take the wrong one? The same line is fitted to 600 data sets for each kind of noise,
with two losses each. Both losses find the line in the end; the spread of
their estimates differs. The theory is in :doc:`/guide/likelihood`.
"""

import matplotlib.pyplot as plt
import numpy as np

from actlib import losses, sigmoid

SETS = 600  # data sets
SLOPE, HEIGHT = 1.0, 0.5

# %%
# Two exact fits of a line
# ------------------------
#
# For squared error the closed form. For absolute error there is none, but
# some best line goes through two of the points (two parameters, and between
# its kinks the loss is straight): so we try all pairs.


def least_squares(x, y):
    """Slopes of the lines of least squared error, one for each row of y."""
    centred = x - x.mean()
    return y @ centred / (centred @ centred)


def least_absolute(x, y):
    """Slopes of the lines of least absolute error, one for each row of y."""
    i, j = np.triu_indices(len(x), 1)
    slopes = np.empty(len(y))
    for row, target in enumerate(y):
        slope = (target[j] - target[i]) / (x[j] - x[i])
        height = target[i] - slope * x[i]
        lines = slope[:, None] * x + height[:, None]
        costs = losses.mean_absolute_error(
            lines, np.broadcast_to(target, lines.shape), reduction="none"
        ).sum(axis=1)
        slopes[row] = slope[np.argmin(costs)]
    return slopes


# %%
# Fits for probabilities and counts
# ---------------------------------
#
# With :math:`p = \sigma(\theta_1 x + \theta_2)` for a coin, or the rate
# :math:`e^{\theta_1 x + \theta_2}` for a count, there is no closed form for
# any loss. Newton's method, with the gradients of the library, solves all
# data sets at once. Only the gradient with respect to the score
# differs between the losses: squared error has the derivative of the sigmoid,
# or of the exponential, in it.


def newton(x, y, slope_of_loss, curvature, start):
    """Slopes where the gradient of the loss is 0, one for each row of y."""
    a, b = (np.full((len(y), 1), value) for value in start)
    for _ in range(20):
        z = a * x + b
        g, w = slope_of_loss(z, y), curvature(z)
        gradient = np.stack([(g * x).sum(1), g.sum(1)], axis=-1)
        matrix = np.empty((len(y), 2, 2))
        matrix[:, 0, 0] = (w * x * x).sum(1)
        matrix[:, 0, 1] = matrix[:, 1, 0] = (w * x).sum(1)
        matrix[:, 1, 1] = w.sum(1)
        step = np.linalg.solve(matrix, gradient[..., None])[..., 0]
        a, b = a - step[:, :1], b - step[:, 1:]
    assert np.max(np.abs(gradient)) < 1e-6, "Newton has not arrived"
    return a[:, 0]


def logistic(z, y):
    return losses.binary_cross_entropy_with_logits.gradient(
        z, y, reduction="none"
    )


def squared_sigmoid(z, y):
    error = losses.half_squared_error.gradient(
        sigmoid(z), y, reduction="none"
    )
    return sigmoid.backward(error, z)


def poisson(z, y):
    return losses.poisson_nll.gradient(z, y, reduction="none")


def squared_rate(z, y):
    error = losses.half_squared_error.gradient(np.exp(z), y, reduction="none")
    return error * np.exp(z)


# %%
# The experiment
# --------------

rng = np.random.default_rng(0)
x = np.linspace(-1, 1, 41)
line = SLOPE * x + HEIGHT
gaussian = line + rng.normal(0, 0.5, (SETS, len(x)))
laplace = line + rng.laplace(0, 0.5, (SETS, len(x)))
wide = np.linspace(-2, 2, 800)
start = (SLOPE, HEIGHT)
coins = rng.random((SETS, 800)) < sigmoid(start[0] * wide + start[1])
coins = coins.astype(float)
counts = rng.poisson(np.exp(SLOPE * wide + HEIGHT), (SETS, 800)).astype(float)

ESTIMATES = {  # the matching loss first
    "Gaussian": {
        "squared": least_squares(x, gaussian),
        "absolute": least_absolute(x, gaussian),
    },
    "Laplace": {
        "absolute": least_absolute(x, laplace),
        "squared": least_squares(x, laplace),
    },
    "coin": {
        "logistic": newton(wide, coins, logistic, sigmoid.derivative, start),
        "squared": newton(
            wide,
            coins,
            squared_sigmoid,
            lambda z: sigmoid.derivative(z) ** 2,
            start,
        ),
    },
    "count": {
        "Poisson": newton(wide, counts, poisson, np.exp, start),
        "squared": newton(
            wide, counts, squared_rate, lambda z: np.exp(2 * z), start
        ),
    },
}

# %%
# Root mean square of the distance between estimated and true slope. The
# efficiency is the ratio of the mean squares: 0.63 says that the matching
# loss would do as well with 63 % of the data.

print("noise      loss        typical error   efficiency")
efficiency = {}
for noise, fits in ESTIMATES.items():
    squares = {
        loss: np.mean((slopes - SLOPE) ** 2)
        for loss, slopes in fits.items()
    }
    matching, wrong = squares.values()
    efficiency[noise] = matching / wrong
    for loss, square in squares.items():
        print(
            f"{noise:10} {loss:10} {np.sqrt(square):14.4f} "
            f"{matching / square:12.2f}"
        )
    bias = np.array([s.mean() - SLOPE for s in fits.values()])
    assert np.all(np.abs(bias) < 0.04), "a fit is off the line"

assert 0.54 < efficiency["Gaussian"] < 0.74, "not about 2 / pi"
assert 0.6 < efficiency["Laplace"] < 0.9, "not between 1/2 and 1"

# %%
# For many data, theory predicts the ratio. At the true parameters let
# :math:`w` be the curvature of the loss and :math:`v` the variance of its
# slope; then the covariance of the estimate is
# :math:`A^{-1} B A^{-1}`, with :math:`A = \sum w\,xx^T` and
# :math:`B = \sum v\,xx^T`. For the loss of the noise, :math:`v = w`.


def predicted(x, w, v):
    """Variance of the slope, to first order."""
    rows = np.stack([x, np.ones_like(x)], axis=-1)
    inverse = np.linalg.inv((rows * w[:, None]).T @ rows)
    return (inverse @ ((rows * v[:, None]).T @ rows) @ inverse)[0, 0]


line = SLOPE * wide + HEIGHT
curvatures = {"coin": sigmoid.derivative(line), "count": np.exp(line)}
print("\nnoise   predicted   measured")
for noise, w in curvatures.items():
    ratio = predicted(wide, w, w) / predicted(wide, w**2, w**3)
    print(f"{noise:6} {ratio:10.2f} {efficiency[noise]:10.2f}")
    assert abs(efficiency[noise] / ratio - 1) < 0.2, "not as predicted"
assert max(efficiency.values()) < 0.96, "the wrong loss is as good"

# %%
# The other two, for many data: :math:`2/\pi = 0.64` and :math:`1/2`. They
# show best with the simplest model, a constant, whose two estimates are mean
# and median.

SIZES = np.array([5, 11, 41, 101, 401, 1001])
constants = {"Gaussian": [], "Laplace": []}
for n in SIZES:
    for noise, sample in (
        ("Gaussian", rng.normal(size=(4000, n))),
        ("Laplace", rng.laplace(size=(4000, n))),
    ):
        ratio = np.var(sample.mean(axis=1)) / np.var(np.median(sample, axis=1))
        constants[noise].append(ratio if noise == "Gaussian" else 1 / ratio)
print("\n points   Gaussian: median   Laplace: mean")
for n, *ratios in zip(SIZES, *constants.values(), strict=True):
    print(f"{n:7} {ratios[0]:18.3f} {ratios[1]:15.3f}")
assert abs(constants["Gaussian"][-1] - 2 / np.pi) < 0.06, "not 2 / pi"
assert abs(constants["Laplace"][-1] - 0.5) < 0.07, "not 1 / 2"
assert all(0 < r < 1 for ratios in constants.values() for r in ratios), (
    "the wrong loss is better"
)

figure, (left, right) = plt.subplots(
    1,
    2,
    figsize=(7.2, 3.4),
    layout="constrained",
    label="Left: efficiency of a line fitted with the wrong loss, for each "
    "kind of noise. Right: efficiency of median and mean against the number "
    "of points, which tends to 0.64 and to one half",
)
for number, value in enumerate(efficiency.values()):
    left.bar(number, value, color=f"C{number}", width=0.6)
    left.text(number, value + 0.02, f"{value:.2f}", ha="center")
left.axhline(1, linewidth=1.4, linestyle=":", color="C3")
left.set(title="The wrong loss wastes data", ylim=(0, 1.15))
names = [f"{noise}\n{list(fits)[1]}" for noise, fits in ESTIMATES.items()]
left.set_xticks(range(len(names)), names, fontsize=9)
left.set_xlabel("noise, and the loss that was used")
left.set_ylabel("efficiency")
left.grid(axis="x", visible=False)
right.semilogx(SIZES, constants["Gaussian"], "o-", label="median, Gaussian")
right.semilogx(SIZES, constants["Laplace"], "s-", label="mean, Laplace")
for value, colour in ((2 / np.pi, "C0"), (0.5, "C1")):
    right.axhline(value, color=colour, linewidth=1.2, linestyle=":")
right.set(title="For a constant: 0.64 and 1/2", ylim=(0, 1.15))
right.set(xlabel="points")
_ = right.legend(loc="lower left")

# %%
# Things to try
# -------------
#
# * Fit the Laplace data with the Huber loss. Where between the two does it
#   come, for which ``delta``?
# * Mix 95 % Gaussian noise with 5 % of ten times the width. Which loss wins?

plt.show()
