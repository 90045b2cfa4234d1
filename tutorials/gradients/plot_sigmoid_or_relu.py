"""
Sigmoid or ReLU, shallow or deep
================================

At a usual learning rate 8 sigmoids learn two rings and not two spirals, \
more layers of them do not help, and three or four layers of 8 ReLUs do.

One of the lectures shows this in a row of pictures: a network with one hidden
sigmoid layer works on a first data set and fails on a second with 8 neurons,
"increasing depth does not seem to help", and then ReLU learns it. Here the
same row is drawn by the library's own network, with several seeds, and with
the question that a picture cannot answer: is it the learning rate? The
chapter is :doc:`/guide/vanishing_gradients`.
"""

import matplotlib.pyplot as plt
import numpy as np
from threadpoolctl import threadpool_limits

from actlib import datasets, identity, losses, plotting, relu, sigmoid, tanh
from actlib.network import SGD, Adam, Dense, Network

SEEDS = range(5)
EPOCHS, WIDTH = 120, 8


def data(kind, seed):
    """300 points of two classes, standardised."""
    if kind == "easy":
        X, y = datasets.rings(300, noise=0.15, rng=seed)
    else:
        X, y = datasets.spirals(300, turns=1.25, rng=seed)
    return (X - X.mean(axis=0)) / X.std(axis=0), y


def train(kind, activation, depth, seed, rate=0.3, optimizer=None):
    """A network with `depth` hidden layers of 8 units, by SGD or another."""
    X, y = data(kind, seed)
    rng = np.random.default_rng(seed)
    layers = [Dense(2, WIDTH, activation, rng=rng)]
    for _ in range(depth - 1):
        layers.append(Dense(WIDTH, WIDTH, activation, rng=rng))
    layers.append(Dense(WIDTH, 1, identity, rng=rng))
    loss = losses.binary_cross_entropy_with_logits
    with threadpool_limits(1):
        return Network(layers, loss).fit(
            X,
            y,
            epochs=EPOCHS,
            batch_size=16,
            rng=rng,
            optimizer=optimizer or SGD(rate),
            verbose=False,
        )


def accuracy(network):
    """Share of right answers, averaged over the last ten epochs."""
    return np.mean(network.history_["accuracy"][-10:])


# %%
# The pictures
# ------------
#
# Plain gradient descent at the rate 0.3, 120 epochs. The first panel is the
# easy set, a ring around another; the others are spirals.

CASES = [
    ("easy", sigmoid, 1),
    ("hard", sigmoid, 1),
    ("hard", sigmoid, 2),
    ("hard", sigmoid, 3),
    ("hard", relu, 3),
    ("hard", relu, 4),
]
print(f"{'data':6}{'hidden layers':18}{'accuracy in %, each seed'}")
scores, first = {}, {}
for case in [*CASES, ("hard", tanh, 3)]:
    kind, activation, depth = case
    networks = [train(*case, seed) for seed in SEEDS]
    first[case] = networks[0]
    scores[case] = np.array([accuracy(network) for network in networks])
    name = f"{depth} x 8 {activation.name}"
    print(f"{kind:6}{name:18}", *(f"{100 * s:4.0f}" for s in scores[case]))

figure, panels = plt.subplots(
    2,
    3,
    figsize=(7.2, 5.0),
    layout="constrained",
    label="Decision regions of six networks: one sigmoid layer parts "
    "two rings; one, two and three sigmoid layers cut the spirals by nearly "
    "straight lines; three and four ReLU layers follow the arms",
)
for panel, case in zip(panels.flat, CASES, strict=True):
    kind, activation, depth = case
    network = first[case]
    plotting.decision_regions(network.predict, *data(kind, 0), ax=panel)
    panel.collections[-1].set(sizes=[9], linewidths=0.4)
    percent = 100 * accuracy(network)
    name = "sigmoid" if activation is sigmoid else "ReLU"
    layers = "layer" if depth == 1 else "layers"
    panel.set_title(f"{depth} {name} {layers}: {percent:.0f} %")
    panel.set_axis_off()

# %%
# On the spirals the sigmoids find little more than a line, at any depth. The
# bands of ReLUs follow the arms. All of it holds for each of the five seeds:

shallow, two, three = (scores["hard", sigmoid, depth] for depth in (1, 2, 3))
rectified = np.minimum(scores["hard", relu, 3], scores["hard", relu, 4])
assert np.all(scores["easy", sigmoid, 1] > 0.97), "the rings are too hard"
assert np.all(shallow < 0.85), "8 sigmoids learn the spirals"
assert np.all(np.maximum(two, three) < 0.85), "depth helps sigmoids"
assert np.all(rectified > 0.9), "ReLU does not learn the spirals"

# %%
# Tanh learns them too (last line of the table). It saturates as the sigmoid
# does, but its slope at 0 is 1 in place of 1/4, and it is centred on 0. So it
# is not saturation that stops these sigmoids. The factor 1/4 of each layer
# does, or the centre; this run cannot tell the two apart.

assert np.all(scores["hard", tanh, 3] > 0.95), "tanh fails like the sigmoid"

# %%
# Is it the learning rate?
# ------------------------
#
# A gradient that is too small can be answered by a rate that is larger.
# Three of the networks try rates from 0.1 to 3, with three seeds.

RATES = (0.1, 0.3, 1.0, 3.0)
TRIED = [(sigmoid, 1), (sigmoid, 3), (relu, 3)]
print(f"\n{'mean accuracy at rate':22}", *(f"{rate:5}" for rate in RATES))
table = {}
for activation, depth in TRIED:
    rows = []
    for rate in RATES:
        if rate == 0.3:
            rows.append(scores["hard", activation, depth][:3])
            continue
        runs = [train("hard", activation, depth, s, rate) for s in range(3)]
        rows.append(np.array([accuracy(network) for network in runs]))
    table[activation, depth] = np.array(rows)
    means = (f"{100 * row.mean():5.0f}" for row in rows)
    print(f"{f'{depth} x 8 {activation.name}':22}", *means)

figure, axes = plt.subplots(
    figsize=(7.2, 3.8),
    layout="constrained",
    label="Accuracy against the learning rate: one sigmoid layer is best "
    "at 3, three are worse at each rate, ReLU is best at 0.1 and 0.3",
)
names = ["1 sigmoid layer", "3 sigmoid layers", "3 ReLU layers"]
for values, name, style in zip(
    table.values(), names, ("o-", "s--", "^:"), strict=True
):
    middle = 100 * values.mean(axis=1)
    (line,) = axes.semilogx(RATES, middle, style, label=name)
    axes.semilogx(RATES, 100 * values, ".", color=line.get_color(), alpha=0.4)
axes.set(title="One layer of sigmoids wants ten times the rate of ReLU")
axes.set(xlabel="learning rate", ylabel="accuracy in % (dots: seeds)")
axes.set_xticks(RATES, [f"{rate:g}" for rate in RATES])
axes.minorticks_off()
_ = figure.legend(loc="outside lower center", ncols=3, handlelength=3)

# %%
# It is, for one layer: at ten times the rate 8 sigmoids learn the spirals. So
# "doesn't work here with 8 neurons" is true, on these data, of a rate and not
# of the network. That depth does not help holds at each of the four rates:
# three layers of sigmoids never pass one. And ReLU at its own rate does as
# well as the best of them, ten times more gently; at a rate of 3 it is gone,
# for large steps kill its units
# (:doc:`/tutorials/rectifiers/plot_dying_units`).

one, three, rectified = (values.mean(axis=1) for values in table.values())
assert one[-1] > 0.95, "a larger rate does not help one layer"
assert np.all(three < one + 0.02), "depth helps the sigmoids at some rate"
assert three.max() < one.max() - 0.05, "depth does not harm the sigmoids"
assert np.all(rectified[:2] > 0.97), "ReLU does not learn at small rates"
assert rectified[-1] < 0.7, "ReLU survives large rates"

# %%
# One rate for all layers is the trouble: the layers differ in the size of
# their gradients. Adam divides each gradient by its usual size. Three layers
# of sigmoids, all five seeds:

adam = np.array(
    [
        accuracy(train("hard", sigmoid, 3, seed, optimizer=Adam(0.02)))
        for seed in SEEDS
    ]
)
print("\n3 x 8 sigmoid, Adam   ", *(f"{100 * s:4.0f}" for s in adam))
assert adam.mean() > three.max() + 0.05, "Adam does no better than any rate"

# %%
# Things to try
# -------------
#
# * Five layers of sigmoids: does any rate move them?
# * ``Adam(0.02)`` for the ReLUs as well. How much of the difference is left?
# * 32 units in one layer instead of 8.

plt.show()
