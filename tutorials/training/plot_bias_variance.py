"""
Bias and variance, measured
===========================

The error on new data is squared bias plus variance plus noise, measured.

In life there is one training set. In a laboratory one can draw a thousand from
the same source, fit the same model to each, and see by how much the fits are
wrong on average (*bias*) and how much they scatter (*variance*). The chapter
:doc:`/guide/training` proves the identity; this page measures its terms.
"""

import matplotlib.pyplot as plt
import numpy as np
from threadpoolctl import threadpool_limits

from actlib import identity, losses, tanh
from actlib.network import Adam, Dense, Network

NOISE, POINTS, SETS = 0.3, 20, 1000
error = losses.mean_squared_error


def f(x):
    return np.sin(np.pi * x)


# %%
# A thousand training sets
# ------------------------
#
# The inputs stay where they are, the noise is drawn anew. Polynomials are
# fitted by least squares, with or without a penalty on the squares of their
# weights.

x = np.linspace(-1, 1, POINTS)
new = np.linspace(-0.95, 0.95, 100)
rng = np.random.default_rng(0)
targets = f(x) + rng.normal(0, NOISE, (SETS, POINTS))
new_targets = f(new) + rng.normal(0, NOISE, (SETS, len(new)))


def fits(degree, penalty=0.0):
    """Predictions at the new inputs, one row for each training set."""
    basis = np.polynomial.legendre.legvander(x, degree)
    square = basis.T @ basis + penalty * np.eye(degree + 1)
    weights = np.linalg.solve(square, basis.T @ targets.T)
    return (np.polynomial.legendre.legvander(new, degree) @ weights).T


def parts(predictions):
    """Squared bias and variance, averaged over the new inputs; the error."""
    mean = predictions.mean(axis=0)
    bias = error(mean, f(new))
    variance = error(predictions, np.broadcast_to(mean, predictions.shape))
    return float(bias), float(variance), float(error(predictions, new_targets))


DEGREES = np.arange(13)
with threadpool_limits(1):
    table = np.array([parts(fits(degree)) for degree in DEGREES])
print("degree   bias²  variance   sum + noise   error on new data")
for degree, (bias, variance, total) in zip(DEGREES, table, strict=True):
    predicted = bias + variance + NOISE**2
    print(
        f"{degree:6} {bias:7.4f} {variance:9.4f} {predicted:13.4f}"
        f" {total:19.4f}"
    )

bias, variance, total = table.T
gap = np.abs(total - (bias + variance + NOISE**2)) / total
assert np.all(gap < 0.02), "the parts do not add up to the error"
assert np.all(np.diff(variance) > 0), "variance does not grow with degree"
assert bias[0] > 100 * bias[7], "bias does not fall"
assert np.argmin(total) in (3, 4), "the balance is elsewhere"

# %%
# The variance of least squares grows in proportion to the number of weights:
# averaged over the training inputs it is :math:`s^2 (d + 1)/n` exactly, with
# noise of standard deviation s. Between and beyond those points it is more.

at_inputs = []
with threadpool_limits(1):
    for degree in DEGREES:
        basis = np.polynomial.legendre.legvander(x, degree)
        rows = targets @ np.linalg.pinv(basis).T @ basis.T
        at_inputs.append(rows.var(axis=0).mean())
expected = NOISE**2 * (DEGREES + 1) / POINTS
assert np.allclose(at_inputs, expected, rtol=0.1), "not s² (d + 1)/n"

# %%
# A penalty trades one for the other
# ----------------------------------
#
# Degree 12 with a penalty: *ridge regression*, in networks *weight decay*.
# The weights shrink, the fits scatter less and are wrong on average.

PENALTIES = np.geomspace(1e-4, 1e2, 13)
with threadpool_limits(1):
    ridge = np.array([parts(fits(12, penalty)) for penalty in PENALTIES])
print("\npenalty    bias²  variance   error on new data")
for penalty, (b, v, t) in zip(PENALTIES[::2], ridge[::2], strict=True):
    print(f"{penalty:7.0e} {b:8.4f} {v:9.4f} {t:19.4f}")

assert np.all(np.diff(ridge[:, 1]) < 0), "a penalty adds variance"
assert np.all(np.diff(ridge[:, 0]) > -1e-4), "a penalty takes bias away"
assert ridge[:, 2].min() < total[12] - 0.01, "a penalty is of no use"

# %%
# Networks
# --------
#
# The same for networks of tanh units on 40 of the sets, all from the same
# initial weights: stopped after 30 steps or trained for 1000. Time trades bias
# for variance as degree does.


def network_fits(units, steps, sets=40):
    rows = []
    for row in targets[:sets]:
        rng = np.random.default_rng(1)
        layers = [
            Dense(1, units, tanh, rng=rng),
            Dense(units, 1, identity, rng=rng),
        ]
        layers[0].parameters["weights"] *= 4
        layers[0].parameters["bias"][...] = rng.uniform(-3, 3, units)
        network = Network(layers, losses.mean_squared_error)
        optimizer = Adam(0.02)
        for _ in range(steps):
            network.loss_and_gradients(x[:, None], row[:, None])
            optimizer.step(network.layers)
        rows.append(network.predict(new[:, None]))
    return np.array(rows)


print("\n32 units, steps     bias²  variance")
nets = {}
for steps in (30, 1000):
    with threadpool_limits(1):
        predictions = network_fits(32, steps)
    mean = predictions.mean(axis=0)
    nets[steps] = float(error(mean, f(new))), predictions.var(axis=0).mean()
    print(f"{steps:15} {nets[steps][0]:10.4f} {nets[steps][1]:9.4f}")

assert nets[30][0] > 2 * nets[1000][0], "short training has no bias"
assert nets[1000][1] > 2 * nets[30][1], "long training adds no variance"

# %%
# The figure
# ----------

figure, (left, right) = plt.subplots(
    1,
    2,
    figsize=(7.4, 4.0),
    sharey=True,
    layout="constrained",
    label="Left: squared bias falls and variance rises with the degree; their "
    "sum with the noise is the error on new data, smallest at degree three. "
    "Right: with a growing penalty variance falls and bias rises",
)
for panel, place, rows in (
    (left, DEGREES, table),
    (right, PENALTIES, ridge),
):
    b, v, t = rows.T
    panel.plot(place, b, "o-", markersize=4, label="bias²")
    panel.plot(place, v, "s--", markersize=4, label="variance")
    panel.plot(place, t, "^:", markersize=5, label="error on new data")
    panel.plot(place, b + v + NOISE**2, color="C3", linewidth=1, label="sum")
    panel.axhline(NOISE**2, color="0.5", linewidth=1)
left.text(7.2, NOISE**2 + 0.006, "noise", color="0.5")
left.set(xlabel="degree", ylabel="mean square", ylim=(0, 0.42))
left.set(title="More weights: less bias, more variance")
right.set_xscale("log")
right.set(xlabel="penalty, degree 12", title="A penalty: the reverse")
lines, labels = left.get_legend_handles_labels()
_ = figure.legend(lines, labels, loc="outside lower center", ncols=4)

plt.show()
