"""
A curve out of sigmoids
=======================

N steps follow a sine to within L/(2N), N ReLU units to within M/(8N²), and \
training stops a thousand times farther off than 16 sigmoids could come.

One hidden layer approximates any continuous function on an interval. Here are
three ways to find its weights for one curve: construct them from steps,
construct them from ReLU units, and train. What is measured is the largest
error, the one that the theorem bounds. The chapter is
:doc:`/guide/wide_or_deep`.
"""

import matplotlib.pyplot as plt
import numpy as np
from threadpoolctl import threadpool_limits

from actlib import heaviside, identity, losses, relu, sigmoid
from actlib.network import Adam, Dense, Network

# %%
# The curve
# ---------
#
# A sine with a slope of at most L and a second derivative of at most M.


def f(x):
    return np.sin(2 * np.pi * x)


L, M = 2 * np.pi, (2 * np.pi) ** 2
fine = np.linspace(0, 1, 8001)


def largest_error(y):
    return np.max(np.abs(y - f(fine)))


# %%
# Constructed: steps and steep sigmoids
# -------------------------------------
#
# Unit k of N switches on at (k - 1)/N, and its weight is the jump of the
# curve from one midpoint to the next. The sigmoid has 40 N in place of the
# infinite slope of the step.


def jumps(n):
    midpoints = (np.arange(n) + 0.5) / n
    edges = np.arange(n) / n
    edges[0] = -1.0  # the first unit is on everywhere
    return edges, np.diff(f(midpoints), prepend=0.0)


def steps(x, n):
    edges, weights = jumps(n)
    return heaviside(x[:, None] - edges, at_zero=1.0) @ weights


def steep_sigmoids(x, n):
    edges, weights = jumps(n)
    return sigmoid(40 * n * (x[:, None] - edges)) @ weights


# %%
# Constructed: ReLU units
# -----------------------
#
# A unit that bends at the start of each part, its weight the change of
# slope: the straight lines between points of the curve.


def rectifiers(x, n):
    edges = np.arange(n) / n
    slopes = np.diff(f(np.append(edges, 1.0))) * n
    weights = np.diff(slopes, prepend=0.0)
    return f(0.0) + relu(x[:, None] - edges) @ weights


SIZES = np.array([4, 8, 16, 32, 64, 128])
built = {
    name: np.array([largest_error(net(fine, n)) for n in SIZES])
    for name, net in (
        ("steps", steps),
        ("steep sigmoids", steep_sigmoids),
        ("ReLU", rectifiers),
    )
}
print("   N    steps  sigmoids  L/(2N)      ReLU   M/(8N²)")
for k, n in enumerate(SIZES):
    row = [built[name][k] for name in built]
    print(
        f"{n:4} {row[0]:8.4f} {row[1]:9.4f} {L / (2 * n):7.4f}"
        f" {row[2]:9.6f} {M / (8 * n**2):9.6f}"
    )

assert np.all(built["steps"] <= L / (2 * SIZES)), "worse than the bound"
assert np.all(built["steep sigmoids"] <= 1.5 * L / SIZES), "above 3L/(2N)"
assert np.all(built["ReLU"] <= M / (8 * SIZES**2)), "above M/(8N²)"

# %%
# Piecewise constant against piecewise linear: twice the units halve the error
# of the one and quarter that of the other.

ratio = {name: errors[:-1] / errors[1:] for name, errors in built.items()}
print("\nerror with N units over error with 2N:")
for name in ("steps", "ReLU"):
    print(f"{name:8}", np.round(ratio[name], 2))

assert np.all(np.abs(ratio["steps"][2:] - 2) < 0.05), "steps: not 1/N"
assert np.all(np.abs(ratio["ReLU"][2:] - 4) < 0.1), "ReLU: not 1/N²"

# %%
# Trained
# -------
#
# The library's network with one hidden layer, by 300 epochs of Adam on the
# squared error, from five random starts. The theorem says that good weights
# exist; it does not say that training finds them.

SEEDS, FEW = range(5), (2, 4, 8, 16)
x = np.linspace(0, 1, 101)[:, None]


def train(units, activation, seed):
    rng = np.random.default_rng(seed)
    layers = [
        Dense(1, units, activation, rng=rng),
        Dense(units, 1, identity, rng=rng),
    ]
    network = Network(layers, losses.half_squared_error)
    scaled = 4 * x - 2  # inputs of size one, which training wants
    with threadpool_limits(1):
        for rate, epochs in ((0.05, 200), (0.005, 100)):
            network.fit(
                scaled,
                f(x[:, 0]),
                epochs=epochs,
                batch_size=26,
                rng=rng,
                optimizer=Adam(rate),
                verbose=False,
            )
    return network


nets = {(n, s): train(n, sigmoid, s) for n in FEW for s in SEEDS}
fitted = np.array(
    [
        [
            largest_error(nets[n, s].predict(4 * fine[:, None] - 2))
            for s in SEEDS
        ]
        for n in FEW
    ]
)
print("\n   N  trained: best, median, worst of 5 starts")
for n, row in zip(FEW, fitted, strict=True):
    print(f"{n:4}   {row.min():.4f} {np.median(row):.4f} {row.max():.4f}")

best, worst = fitted.min(axis=1), fitted.max(axis=1)
assert np.all(worst[1:] < 0.8 * built["steps"][:3]), "training is no better"
assert best[1] < best[0] / 2, "four units are no better than two"

# %%
# From four units on training beats the construction with the same number,
# for it may bend gently where the steps cannot. But from eight to sixteen
# units it gains little. Is that all that the network could represent? Keep the
# sixteen hidden units as training left them, and only compute the output's
# weights anew, by least squares:


def refitted(network):
    hidden = network.layers[0].forward(4 * fine[:, None] - 2)
    hidden = np.column_stack([hidden, np.ones(len(fine))])
    weights, *_ = np.linalg.lstsq(hidden, f(fine), rcond=None)
    return largest_error(hidden @ weights), np.abs(weights).max()


again, sizes = np.array([refitted(nets[16, s]) for s in SEEDS]).T
print("\nstart  trained  refitted  largest output weight")
for seed in SEEDS:
    print(
        f"{seed:5} {fitted[-1, seed]:8.4f} {again[seed]:9.0e} "
        f"{sizes[seed]:10.0e}"
    )

assert np.all(again < fitted[-1] / 1000), "training finds the best weights"

# %%
# So good weights exist, and training by far does not find them. No wonder:
# they are in the tens of thousands and more, of both signs, and nearly cancel.

figure, (left, right) = plt.subplots(
    1,
    2,
    figsize=(7.6, 3.9),
    layout="constrained",
    label="Left: a sine, eight steep sigmoids that climb it in steps, eight "
    "ReLU units that join points of it. Right: largest error against the "
    "number of units, falling as 1/N for steps and as 1/N squared for ReLU; "
    "trained networks fall at first, then level off",
)
left.plot(fine, f(fine), color="0.5", linewidth=4, alpha=0.5, label="sin 2πx")
left.plot(fine, steep_sigmoids(fine, 8), label="8 steep sigmoids")
left.plot(fine, rectifiers(fine, 8), "--", label="8 ReLU units")
left.set(xlabel="x", title="Eight units each")
left.legend(loc="lower left")
right.loglog(SIZES, built["steep sigmoids"], "o-", label="steep sigmoids")
right.loglog(SIZES, built["ReLU"], "s--", label="ReLU")
right.loglog(FEW, np.median(fitted, axis=1), "^:", label="trained sigmoids")
right.fill_between(
    FEW, fitted.min(axis=1), fitted.max(axis=1), color="C2", alpha=0.15, lw=0
)
right.set(xlabel="hidden units N", ylabel="largest error")
right.set(title="1/N for steps, 1/N² for ReLU")
right.set_xticks([2, *SIZES], [2, *SIZES])
right.minorticks_off()
_ = right.legend(loc="lower left")

plt.show()
