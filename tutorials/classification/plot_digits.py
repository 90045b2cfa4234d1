"""
Four networks read digits
=========================

Cross-entropy learns at a rate at which squared error stalls; give each its best rate, and they end close together.

The data are 1797 handwritten digits of 8 x 8 pixels that ship with scikit-learn. Four networks of the same size
learn to read them, on three quarters, and are tested on the rest:

=======  ============  =========  ======================================
network  hidden units  outputs    loss
=======  ============  =========  ======================================
1        sigmoid       sigmoid    squared error
2        sigmoid       sigmoid    cross-entropy (one for each output)
3        tanh          softmax    cross-entropy
4        ReLU          softmax    cross-entropy
=======  ============  =========  ======================================

The first two differ in nothing but the loss. Where a sigmoid saturates, its derivative is near 0, and squared error
multiplies by it: a confident wrong answer hardly learns. Cross-entropy undoes that factor: its gradient with respect
to the score is the plain error, prediction minus target: chapters :doc:`/guide/two_classes` and
:doc:`/guide/many_classes`.
"""

# sphinx_gallery_thumbnail_number = 2

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from threadpoolctl import threadpool_limits

from actlib import datasets, identity, losses, relu, sigmoid, tanh
from actlib.network import SGD, Dense, Network

SEEDS = range(5)
EPOCHS = 12
DATA = [datasets.digits(rng=seed) for seed in SEEDS]

# %%
# The data
# --------
#
# Each row is a picture. The pixels are standardised: mean 0 and variance 1 over the training set.

count = len(DATA[0].y_train), len(DATA[0].y_test)
print(f"{count[0]} pictures to learn from, {count[1]} for the test")

figure, panels = plt.subplots(
    1, 10, figsize=(7.2, 1.0), layout="constrained", label="One picture of each digit"
)
for panel, picture in zip(panels, load_digits().images[:10], strict=True):
    panel.imshow(picture, cmap="gray_r")
    panel.set_axis_off()

# %%
# The networks
# ------------
#
# Each has two hidden layers of 48 units. The sigmoids at the end of network 2 and the softmax of 3 and 4 are part
# of the loss, which then computes them together and loses no digits; so these networks end in scores.

NETWORKS = {  # activation of the hidden layers, that of the last one, and the loss
    "sigmoid + squared error": (sigmoid, sigmoid, losses.half_squared_error),
    "sigmoid + cross-entropy": (sigmoid, identity, losses.binary_cross_entropy_with_logits),
    "tanh + softmax cross-entropy": (tanh, identity, losses.cross_entropy),
    "ReLU + softmax cross-entropy": (relu, identity, losses.cross_entropy),
}


def train(name, learning_rate, seed, epochs):
    """The history of one network; the seed decides split of the data, weights and order."""
    hidden, final, loss = NETWORKS[name]
    data, rng = DATA[seed], np.random.default_rng(seed)
    layers = [
        Dense(64, 48, hidden, rng=rng),
        Dense(48, 48, hidden, rng=rng),
        Dense(48, 10, final, rng=rng),
    ]
    with threadpool_limits(1):  # one thread is the fastest with matrices this small
        network = Network(layers, loss).fit(
            data.X_train,
            data.y_train,
            epochs=epochs,
            batch_size=16,
            rng=rng,
            optimizer=SGD(learning_rate),
            validation=(data.X_test, data.y_test),
            verbose=False,
        )
    return network.history_


def experiment(name, learning_rate, epochs=EPOCHS):
    """Histories of one network for all seeds: arrays whose first axes are seeds and epochs."""
    histories = [train(name, learning_rate, seed, epochs) for seed in SEEDS]
    arrays = {
        key: np.array([history[key] for history in histories]) for key in histories[0]
    }
    final = 100 * last(arrays)
    spread = f"({final.min():.1f} to {final.max():.1f})"
    print(f"{name:30} {learning_rate:5} {final.mean():7.1f} %   {spread}", flush=True)
    return arrays


def last(arrays):
    """Test accuracy of each seed, averaged over the last five epochs, which go up and down."""
    return arrays["validation_accuracy"][:, -5:].mean(axis=1)


# %%
# The same small learning rate for all
# ------------------------------------
#
# All four use the rate 0.1.

HEADER = (
    f"{'network':30} {'rate':>5}   test accuracy, mean of the seeds (lowest to highest)"
)
print(HEADER)
small = {name: experiment(name, 0.1) for name in NETWORKS}

# %%
# Squared error stalls: after 12 epochs it still misses about half of the digits, while cross-entropy with the very
# same sigmoids, seeds and rate reads nine out of ten. Lines are means over the seeds, bands reach from the lowest to
# the highest.

STYLES = dict(zip(NETWORKS, ["-", "--", "-.", ":"], strict=True))
epochs = np.arange(EPOCHS + 1)
figure, axes = plt.subplots(figsize=(7.2, 4.4), layout="constrained")
for name, arrays in small.items():
    accuracy = 100 * arrays["validation_accuracy"]
    (line,) = axes.plot(epochs, accuracy.mean(axis=0), STYLES[name], label=name)
    band = accuracy.min(axis=0), accuracy.max(axis=0)
    axes.fill_between(epochs, *band, color=line.get_color(), alpha=0.15, lw=0)
axes.set(title="Four networks at the learning rate 0.1", ylim=(0, 100))
axes.set(xlabel="epochs", ylabel="test accuracy in %")
axes.set_xticks(range(0, EPOCHS + 1, 2))
_ = figure.legend(loc="outside lower center", ncols=2, handlelength=3)

# %%
# The claims; all but one hold for each seed alone:

squared, cross, _, rectifier = (last(arrays) for arrays in small.values())
assert np.all(squared < 0.7), "squared error does not stall"
assert np.all(cross > squared + 0.2), (
    "cross-entropy does not learn faster than squared error"
)
assert np.all(cross > 0.85), "cross-entropy does not learn"
assert rectifier.mean() > 0.96, "ReLU and softmax stay below 96 %"
assert np.all(rectifier > 0.95), "ReLU and softmax fail with some seed"

# %%
# Where the gradient gets lost
# ----------------------------
#
# The norm of the gradient of each weight matrix, over all training data. On the way down, each layer of sigmoids
# multiplies by derivatives of at most 1/4; and squared error by one more of them, at the output. So the first layer
# of network 1 hears little of the error from the start; and after two epochs no layer hears much, though most digits
# are still misread. Tanh and ReLU pass the error on, and their gradients fall because there is little of it left.

figure, panels = plt.subplots(2, 2, figsize=(7.2, 5.6), sharex=True, sharey=True)
figure.set_layout_engine("constrained")
for number, (name, arrays) in enumerate(small.items()):
    panel, norms = panels.flat[number], arrays["gradient_norms"].mean(axis=0)
    for layer, style in enumerate([":", "--", "-"], 1):
        colour, label = f"C{number}", f"layer {layer}"
        panel.semilogy(epochs, norms[:, layer - 1], style, color=colour, label=label)
    panel.set_title(name)
    panel.set_xticks(range(0, EPOCHS + 1, 2))
lines, labels = panels[0, 0].get_legend_handles_labels()
figure.legend(lines, labels, loc="outside lower center", ncols=3, handlelength=3)
for panel in panels[1]:
    panel.set_xlabel("epochs")
for panel in panels[:, 0]:
    panel.set_ylabel("norm of the gradient")

print(
    f"\n{'gradient norms before training':30} {'layer 1':>8} {'layer 2':>8} {'layer 3':>8}"
)
start = {}
for name, arrays in small.items():
    norms = start[name] = arrays["gradient_norms"][:, 0].mean(axis=0)
    print(f"{name:30} {norms[0]:8.4f} {norms[1]:8.4f} {norms[2]:8.4f}")

# %%
# With sigmoids the first layer starts with a small fraction of what the last one gets, with ReLU with a comparable
# gradient:

assert start["sigmoid + squared error"][0] < start["sigmoid + squared error"][2] / 10
assert start["sigmoid + cross-entropy"][0] < start["sigmoid + cross-entropy"][2] / 10
assert (
    start["ReLU + softmax cross-entropy"][0]
    > start["ReLU + softmax cross-entropy"][2] / 3
)

# %%
# Each loss at its own best rate
# ------------------------------
#
# A small gradient can be answered by a large rate. Is the comparison above fair to squared error, then? Both losses
# now try several rates. (The best is chosen by the test pictures, for both losses alike: so both numbers flatter a
# little, and their difference hardly.)

RATES = (0.1, 0.5, 2.0, 4.0, 8.0)
PAIR = ("sigmoid + squared error", "sigmoid + cross-entropy")
print("\n" + HEADER)
tried = {name: {0.1: small[name]} for name in PAIR}
for name in PAIR:
    tried[name] |= {rate: experiment(name, rate) for rate in RATES[1:]}

figure, axes = plt.subplots(figsize=(7.2, 3.8), layout="constrained")
for name in PAIR:
    accuracy = np.array([100 * last(tried[name][rate]) for rate in RATES])
    (line,) = axes.semilogx(
        RATES, accuracy.mean(axis=1), STYLES[name], marker="o", label=name
    )
    axes.semilogx(RATES, accuracy, ".", color=line.get_color(), alpha=0.45)
axes.set(title=f"Last five of {EPOCHS} epochs: each small dot is a seed")
axes.set(xlabel="learning rate", ylabel="test accuracy in %")
axes.set_xticks(RATES, [f"{rate:g}" for rate in RATES])
axes.minorticks_off()
_ = axes.legend(loc="lower center")

# %%
# Squared error works well after all, at twenty to forty times the rate. Cross-entropy is slightly better, and
# forgives a badly chosen rate. The difference is about as large as that between two seeds, so it takes their mean to
# see it.

best = {
    name: max(RATES, key=lambda rate: last(tried[name][rate]).mean()) for name in PAIR
}
squared, cross = (last(tried[name][best[name]]) for name in PAIR)
difference = 100 * (cross - squared)
print("\nbest rates:", ", ".join(f"{rate:g} for {name}" for name, rate in best.items()))
spread = f"({difference.min():.1f} to {difference.max():.1f})"
print(f"cross-entropy is ahead by {difference.mean():.1f} points {spread}")

assert squared.mean() > 0.94, "squared error does not come close"
assert 0 < difference.mean() < 3, "cross-entropy is not slightly better"

# %%
# Is that cross-entropy, or the early end? Both learn three times as long at these rates:

LONG = 3 * EPOCHS
print(f"\n{LONG} epochs\n{HEADER}")
squared, cross = (last(experiment(name, best[name], LONG)) for name in PAIR)
difference = 100 * (cross - squared)
print(f"cross-entropy minus squared error: {difference.mean():.1f} points")

# %%
# Nothing is left of the lead, so it was one of speed: cross-entropy gets there sooner. It does not read better.

assert abs(difference.mean()) < 0.75, "one loss stays ahead"
assert min(squared.mean(), cross.mean()) > 0.96, "longer training does not help"

# %%
# Things to try
# -------------
#
# * Give network 1 three hidden layers. What happens to the gradient of the first one, and which rate helps?
# * Replace the sigmoids of network 1 by tanh, or its loss by ``losses.cross_entropy``: which change helps more?
# * Train with :class:`actlib.network.Adam`, whose steps do not shrink with the gradient. Does squared error stall?

plt.show()
