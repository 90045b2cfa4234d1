"""
Train soft, test hard
=====================

Hard outputs after soft training change no decision, and throw away the doubt.

One of the lectures gives the rule: while it learns, an output goes through a
soft function; once it has learned, the hard one may take its place, sigmoid by
the unit step, tanh by the sign, softmax by the maximum. Here the three
replacements are made in trained networks, and what is lost is measured. Then
the same is tried where the rule does not apply: in a hidden layer, and during
training.

The chapter behind it is :doc:`/guide/squashers`.
"""

# sphinx_gallery_thumbnail_number = 1

import matplotlib.pyplot as plt
import numpy as np
from threadpoolctl import threadpool_limits

from actlib import (
    datasets,
    hardmax,
    heaviside,
    identity,
    losses,
    sigmoid,
    sign,
    softmax,
    tanh,
)
from actlib.network import SGD, Adam, Dense, Network

SEEDS = range(4)


def fit(layers, loss, X, y, epochs, rng, rate=0.02):
    network = Network(layers, loss)
    with threadpool_limits(1):
        network.fit(
            X,
            y,
            epochs=epochs,
            batch_size=30,
            rng=rng,
            optimizer=Adam(rate),
            verbose=False,
        )
    return network


# %%
# Three outputs
# -------------
#
# The plane is cut by a wave, and near the border the labels are uncertain, so
# a good network is sometimes wrong and knows it. Two networks learn it: one
# ends in a sigmoid, one in tanh with the targets -1 and 1. A third learns the
# handwritten digits with softmax.


def wave(n, seed):
    X, y = datasets.two_classes(n, noise=0.5, rng=seed)
    return 4 * X - 2, y


def two_outputs(seed, hidden=tanh):
    X, y = wave(600, seed)
    rng = np.random.default_rng(seed)
    layers = [Dense(2, 12, hidden, rng=rng), Dense(12, 1, identity, rng=rng)]
    first = fit(
        layers, losses.binary_cross_entropy_with_logits, X, y, 100, rng
    )
    layers = [Dense(2, 12, hidden, rng=rng), Dense(12, 1, tanh, rng=rng)]
    second = fit(layers, losses.half_squared_error, X, 2.0 * y - 1, 100, rng)
    return first, second


def digit_reader(seed, hidden=tanh):
    data, rng = datasets.digits(rng=seed), np.random.default_rng(seed)
    layers = [Dense(64, 32, hidden, rng=rng), Dense(32, 10, identity, rng=rng)]
    return fit(
        layers, losses.cross_entropy, data.X_train, data.y_train, 12, rng, 0.01
    ), data


trained = [(*two_outputs(seed), *digit_reader(seed)) for seed in SEEDS]
changed = 0
for seed, (first, second, reader, data) in zip(SEEDS, trained, strict=True):
    X, _ = wave(4000, 100 + seed)
    z = first.forward(X)
    changed += np.sum((sigmoid(z) > 0.5) != (heaviside(z) == 1))
    soft = second.forward(X)
    changed += np.sum(np.sign(soft) != sign(second.layers[-1].z))
    scores = reader.forward(data.X_test)
    changed += np.sum(
        softmax(scores).argmax(axis=1) != hardmax(scores).argmax(axis=1)
    )
print(f"decisions that changed, over all networks and seeds: {changed}")
assert changed == 0, "a hard output decides differently"

# %%
# None. Each hard function is the soft one sharpened: increasing functions keep
# their order, so the larger of two scores stays the larger, and the sign of an
# excitation stays its sign. The same holds at every temperature.

for temperature in (10.0, 1.0, 0.1, 0.01):
    p = softmax(scores, temperature=temperature)
    assert np.all(p.argmax(axis=1) == hardmax(scores).argmax(axis=1))
    print(
        f"temperature {temperature:5}: mean largest probability "
        f"{p.max(axis=1).mean():.3f}"
    )
assert p.max(axis=1).mean() > 0.99, "a cold softmax is not a maximum"

# %%
# What is thrown away
# -------------------
#
# A soft output also says how sure it is. Let the network refuse the answers of
# which it is least sure: those that remain are right more often. A hard output
# cannot choose; whatever share it refuses, the rest is right as often as
# before, on average.

SHARES = np.linspace(0, 0.5, 26)
curves, squares = [], []
for seed, (first, *_) in zip(SEEDS, trained, strict=True):
    X, y = wave(4000, 100 + seed)
    z = first.forward(X)[:, 0]
    p, right = sigmoid(z), (heaviside(z) == y)
    order = np.argsort(np.abs(p - 0.5))
    curves.append(
        [100 * right[order[round(s * len(y)) :]].mean() for s in SHARES]
    )
    # squared error of the soft and the hard answer, taken as probabilities
    squares.append(
        [
            losses.mean_squared_error(f, y.astype(float))
            for f in (p, heaviside(z))
        ]
    )
curves, squares = np.array(curves), np.array(squares)
print("\nrefused   right among the rest, mean (lowest to highest)")
for share in (0.0, 0.1, 0.3, 0.5):
    row = curves[:, np.argmin(np.abs(SHARES - share))]
    print(
        f"{share:7.0%} {row.mean():7.1f} % "
        f"({row.min():.1f} to {row.max():.1f})"
    )
print("squared error of the answer as a probability:", end=" ")
print(f"soft {squares[:, 0].mean():.3f}, hard {squares[:, 1].mean():.3f}")
gain = curves[:, np.argmin(np.abs(SHARES - 0.3))] - curves[:, 0]
assert gain.min() > 5, "refusing the unsure answers does not help"
assert np.all(squares[:, 0] < squares[:, 1] - 0.02), (
    "hard answers are not worse"
)

# %%
# Where hard functions do harm
# ----------------------------
#
# The argument holds for the *output*. In a hidden layer the sizes of the
# activations matter to the next layer, and replacing them by -1 and 1, or 0
# and 1, changes the function.

print("\nhidden layer made hard after training: accuracy before and after")
loss_of = {}
for hidden, hard in ((sigmoid, heaviside), (tanh, sign)):
    before, after = [], []
    for seed in SEEDS:
        X, y = wave(4000, 100 + seed)
        network = (
            two_outputs(seed, hidden)[0]
            if hidden is sigmoid
            else trained[seed][0]
        )
        before.append(100 * network.score(X, y))
        below, above = network.layers
        z = above.forward(hard(below.z))[:, 0]
        after.append(100 * np.mean(heaviside(z) == y))
    loss_of[hidden.name] = np.array(before) - np.array(after)
    print(
        f"{hidden.name:8} {np.mean(before):5.1f} %  "
        f"{hard.name:9} {np.mean(after):5.1f} %"
    )
    assert loss_of[hidden.name].mean() > 2, "a hard hidden layer loses nothing"

# %%
# And during training a hard layer stops everything below it. The gradient of
# the first layer is exactly zero, so its weights stay as they were drawn.

X, y = wave(600, 0)
norms = {}
for hidden in (heaviside, sigmoid):
    rng = np.random.default_rng(0)
    layers = [Dense(2, 12, hidden, rng=rng), Dense(12, 1, identity, rng=rng)]
    network = Network(layers, losses.binary_cross_entropy_with_logits)
    start = layers[0].parameters["weights"].copy()
    network.fit(X, y, epochs=5, rng=rng, optimizer=SGD(0.5), verbose=False)
    moved = np.abs(layers[0].parameters["weights"] - start).max()
    norms[hidden.name] = np.array(network.history_["gradient_norms"])[:, 0]
    print(
        f"{hidden.name:9} first layer: largest gradient "
        f"{norms[hidden.name].max():.3f}, weights moved by {moved:.3f}"
    )
assert np.all(norms["heaviside"] == 0), "a step lets a gradient through"
assert np.all(norms["sigmoid"] > 1e-4), "a sigmoid lets no gradient through"

figure, axes = plt.subplots(
    figsize=(7.2, 3.8),
    layout="constrained",
    label="Share of right answers against the share refused: it climbs with "
    "soft outputs and stays level with hard ones.",
)
axes.plot(100 * SHARES, curves.T, color="C0", alpha=0.3, linewidth=1)
axes.plot(
    100 * SHARES,
    curves.mean(axis=0),
    color="C0",
    label="soft: refuse the least sure",
)
axes.axhline(
    curves[:, 0].mean(),
    color="C1",
    linestyle="--",
    label="hard: refuse at random",
)
axes.set(
    title="A soft output knows which answers to refuse",
    xlabel="refused, in %",
    ylabel="right among the rest, in %",
)
_ = axes.legend(loc="upper left")

plt.show()
