"""
A closed form and a long walk
=============================

Least squares has a closed form; descent gets there too, in steps that grow with the condition number.

One of the lectures says of the squared error that it gives "a more stable
and closed form solution". Closed form: the normal equations, three ways of
solving them, and how many digits each keeps. Stable: what a small change of
the data does to the fit, against the absolute error. The theory is in
:doc:`/guide/regression`.
"""

# sphinx_gallery_thumbnail_number = 1

import matplotlib.pyplot as plt
import numpy as np

from actlib import datasets, losses

# %%
# Zero gradient
# -------------
#
# A general linear model: three features and a constant,
# :math:`\theta_1 x_1 + \theta_2 x_2 + \theta_3 x_3 + \theta_4`. The normal
# equations are four linear equations.

rng = np.random.default_rng(0)
rows = np.column_stack([rng.normal(size=(100, 3)), np.ones(100)])
y = rows @ np.array([1.0, -2.0, 0.5, 3.0]) + rng.normal(0, 0.3, 100)
theta = np.linalg.solve(rows.T @ rows, rows.T @ y)
gradient = rows.T @ losses.half_squared_error.gradient(rows @ theta, y)
print("theta   ", np.round(theta, 3))
print(f"largest entry of the gradient: {np.max(np.abs(gradient)):.0e}")
assert np.max(np.abs(gradient)) < 1e-13, "the closed form is no minimum"
for direction in rng.normal(size=(200, 4)):
    other = losses.half_squared_error(rows @ (theta + 0.01 * direction), y)
    assert other > losses.half_squared_error(rows @ theta, y), "not lowest"

# %%
# The same by descent
# -------------------
#
# A line :math:`\theta_1 x + \theta_2` through points whose inputs lie around
# a centre. The further the centre is from 0, the more alike the two columns
# are, and the longer the valley. The rate is the best fixed one,
# :math:`2/(\lambda_{\min} + \lambda_{\max})`.


def steps_needed(x, y, accuracy=1e-6, most=400_000):
    rows = np.stack([x, np.ones_like(x)], axis=-1)
    matrix = rows.T @ rows / len(x)
    low, high = np.linalg.eigvalsh(matrix)
    best = np.linalg.lstsq(rows, y)[0]
    theta, rate = np.zeros(2), 2 / (low + high)
    start = np.linalg.norm(best)
    for step in range(most):
        if np.linalg.norm(theta - best) < accuracy * start:
            return high / low, step
        error = losses.half_squared_error.gradient(rows @ theta, y)
        theta = theta - rate * (rows.T @ error)
    raise AssertionError("descent has not arrived")


print("\ncentre   condition number     steps   steps / condition number")
table = []
base = np.random.default_rng(1).uniform(-1, 1, 50)
noise = np.random.default_rng(2).normal(0, 0.1, 50)
for centre in (0.0, 1.0, 2.0, 4.0, 8.0):
    x = base + centre
    condition, steps = steps_needed(x, 2 * x + 1 + noise)
    table.append((condition, steps))
    print(f"{centre:6} {condition:18.1f} {steps:9} {steps / condition:12.1f}")
conditions, steps = np.array(table).T
ratios = steps / conditions
assert np.all(np.diff(steps) > 0), "a longer valley was shorter"
assert np.all((ratios > 6.3) & (ratios < 7.3)), "not in proportion"

centred = steps_needed(x - x.mean(), 2 * x + 1 + noise)
print(f"centre 8, mean subtracted: {centred[0]:8.1f} {centred[1]:9}")
assert centred[1] < 30, "centring does not help"

# %%
# About seven steps for each unit of the condition number :math:`\kappa`. The
# seven is the accuracy asked for: a step leaves :math:`(\kappa - 1)/(\kappa +
# 1) \approx e^{-2/\kappa}` of the worst error, so six digits take about
# :math:`\frac{\kappa}{2} \ln 10^6 = 6.9\,\kappa` steps. Subtracting the mean
# of the inputs makes the valley round again: the answer is the same line,
# thousands of steps earlier. That is why inputs are standardised.
#
# How many digits
# ---------------
#
# The matrix of the normal equations (above, :math:`\kappa` was its number) has
# the *square* of the condition number of the data. The targets here are a
# polynomial of the degree that is fitted, all coefficients 1: what is wrong in
# the answer, the method did.

print("\ndegree   condition   normal equations   QR (lstsq)")
grid = np.linspace(0, 1, 60)
losses_of_digits = []
for degree in (2, 4, 6, 8, 10):
    rows = np.vander(grid, degree + 1)
    truth = np.ones(degree + 1)
    target = rows @ truth
    squared = np.linalg.solve(rows.T @ rows, rows.T @ target)
    direct = np.linalg.lstsq(rows, target, rcond=None)[0]
    errors = [np.max(np.abs(t - truth)) for t in (squared, direct)]
    losses_of_digits.append((np.linalg.cond(rows), *errors))
    print(
        f"{degree:6} {losses_of_digits[-1][0]:11.0e} {errors[0]:18.0e} "
        f"{errors[1]:12.0e}"
    )
digits = np.array(losses_of_digits)
assert digits[-1, 1] > 1e-6, "the normal equations kept their digits"
assert digits[-1, 2] < 1e-7, "the direct solution lost its digits"
assert np.all(digits[1:, 1] > 10 * digits[1:, 2]), "no difference"

# %%
# Right on paper, and yet: with degree 10 the normal equations have kept two
# or three digits of sixteen, while a solution by orthogonal transformations,
# which never forms the matrix, keeps nine. A closed form is not a good
# algorithm yet.

figure, (left, right) = plt.subplots(
    1,
    2,
    figsize=(7.2, 3.5),
    layout="constrained",
    label="Left: steps of gradient descent against the condition number, "
    "nearly in proportion. Right: slope of the fitted line while one point is "
    "moved; least squares changes smoothly, least absolute error jumps",
)
left.loglog(conditions, steps, "o-", label="steps to 1e-6")
left.loglog(conditions, 7 * conditions, ":", color="C3", label="7 × number")
left.set(title="Descent pays for the condition", xlabel="condition number")
left.set_ylabel("steps")
left.legend(loc="upper left")

# %%
# Stable
# ------
#
# Nine points near a line, and the last of them, a high one, is moved a little
# from left to right. The slope of least squares follows smoothly. A line of
# least absolute error goes through two of the points; as a point moves
# sideways the best pair can change, and the line leaps.


def slopes_of(x, y):
    i, j = np.triu_indices(len(x), 1)
    keep = x[i] != x[j]
    i, j = i[keep], j[keep]
    slope = (y[j] - y[i]) / (x[j] - x[i])
    lines = slope[:, None] * x + (y[i] - slope * x[i])[:, None]
    costs = losses.mean_absolute_error(
        lines, np.broadcast_to(y, lines.shape), reduction="none"
    ).sum(axis=1)
    return np.polyfit(x, y, 1)[0], slope[np.argmin(costs)]


X, y, _ = datasets.outliers(9, share=0.0, noise=0.6, slope=0.5, rng=3)
x = X[:, 0]
moves = np.linspace(-0.3, 0.3, 301)
shifted = []
for move in moves:
    place = x.copy()
    place[-1] += move
    height = y.copy()
    height[-1] = 4.0
    shifted.append(slopes_of(place, height))
squares, absolute = np.array(shifted).T
right.plot(moves, squares, label="squared error")
right.plot(moves, absolute, label="absolute error")
right.set(title="A point moves: slide or leap", xlabel="movement")
right.set_ylabel("slope of the fit")
_ = right.legend()
jumps = [np.max(np.abs(np.diff(s))) for s in (squares, absolute)]
print("\nlargest change of the slope when the point moves by 0.002")
print(f"squared error {jumps[0]:.3f}, absolute error {jumps[1]:.3f}")
assert jumps[0] < 0.02, "least squares jumped"
assert jumps[1] > 0.2, "least absolute error did not jump"

# %%
# So "stable" is right in this sense: the smallest change of the data changes
# the answer by a small amount. It is not robust: the high point pulls the
# blue line far more. Which of the two you want depends on what you fear.
#
# Things to try
# -------------
#
# * Add ``1e-3`` times the identity to the matrix of the normal equations
#   (ridge regression). What happens to the digits, and to the answer?
# * Move the point up and down instead. Does the orange line still leap?

plt.show()
