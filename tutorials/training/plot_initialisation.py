"""
How to start
============

Equal weights stay equal, small ones lose the signal, large ones saturate.

Before training, each weight gets a number. Six ways to choose it, on the same
network of tanh units and the same handwritten digits. The chapter
:doc:`/guide/training` derives what is measured here.
"""

from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
from threadpoolctl import threadpool_limits

from actlib import datasets, identity, losses, tanh
from actlib.network import SGD, Dense, Network, glorot, zeros

# %%
# Six initialisations
# -------------------
#
# A function of the generator and the two sizes, as the library's own
# ``zeros`` and ``glorot``.


def constant(rng, inputs, outputs):
    return np.full((inputs, outputs), 0.05)


def normal(scale):
    def draw(rng, inputs, outputs):
        return rng.normal(0, scale, (inputs, outputs))

    return draw


STARTS = {
    "zeros": zeros,
    "constant 0.05": constant,
    "normal 0.01": normal(0.01),
    "normal 0.1": normal(0.1),
    "Glorot": glorot,
    "normal 2": normal(2.0),
}
SIZES = (64, 40, 40, 40, 40, 10)
SEEDS, EPOCHS = range(3), 8


def build(start, seed):
    rng = np.random.default_rng(seed)
    layers = [
        Dense(a, b, tanh, rng=rng, initialisation=start)
        for a, b in pairwise(SIZES)
    ]
    layers[-1] = Dense(40, 10, identity, rng=rng, initialisation=start)
    return Network(layers, losses.cross_entropy), rng


# %%
# The first forward and backward pass
# -----------------------------------
#
# For every layer: how large the outputs are (root of the mean square), what
# share of the units is saturated (derivative below 0.01), and the norm of the
# gradient.


def first_pass(start, seed):
    network, _ = build(start, seed)
    data = datasets.digits(rng=seed)
    targets = np.eye(10)[data.y_train]
    network.loss_and_gradients(data.X_train, targets)
    hidden = network.layers[:-1]
    size = [np.sqrt(np.mean(tanh(layer.z) ** 2)) for layer in hidden]
    stuck = [np.mean(tanh.derivative(layer.z) < 0.01) for layer in hidden]
    norms = [
        np.linalg.norm(layer.gradients["weights"]) for layer in network.layers
    ]
    return np.array(size), np.array(stuck), np.array(norms)


with threadpool_limits(1):
    passes = {
        name: [first_pass(start, seed) for seed in SEEDS]
        for name, start in STARTS.items()
    }
print("means of three seeds: sizes of the outputs, hidden layers 1 and 4;")
print("saturated units of layer 4; gradient norms of layers 1 and 5\n")
print(f"{'':14} {'h1':>8} {'h4':>8} {'stuck':>6} {'dW1':>9} {'dW5':>9}")
for name, rows in passes.items():
    size, stuck, norms = (
        np.mean(part, axis=0) for part in zip(*rows, strict=True)
    )
    print(
        f"{name:14} {size[0]:8.1e} {size[-1]:8.1e} {stuck[-1]:6.0%}"
        f" {norms[0]:9.1e} {norms[-1]:9.1e}"
    )

for _, _, norms in passes["zeros"]:
    assert np.all(norms == 0), "zeros pass a gradient to the weights"
for size, _, norms in passes["normal 0.01"]:
    assert size[-1] < size[0] / 100, "small weights keep the signal"
    assert norms.max() < 1e-3, "small weights pass a gradient"
for _, stuck, _ in passes["normal 2"]:
    assert stuck[-1] > 0.7, "large weights do not saturate"
for size, stuck, norms in passes["Glorot"]:
    assert size[-1] > size[0] / 3, "Glorot loses the signal"
    assert np.all(stuck[1:] < 0.05), "Glorot saturates"
    assert norms[0] > norms[-1] / 3, "Glorot loses the gradient"

# %%
# With zeros, every gradient is exactly 0, for a weight's gradient is the
# product of what comes in from below and what comes back from above, and both
# are zero. Only the last bias moves. With one constant the first gradient is
# zero too, but for rounding: the errors of a softmax sum to zero, and equal
# weights pass on their sum. After a step the classes differ and something
# passes, the same to every unit. With weights of standard deviation 0.01 a
# signal loses a factor of sixteen in each layer, on the way up and on the way
# down.
#
# Training
# --------


def distinct(layer):
    """Units whose weights differ from those of every unit before them."""
    columns = layer.parameters["weights"].round(9).T
    return len(np.unique(columns, axis=0))


def train(start, seed):
    network, rng = build(start, seed)
    data = datasets.digits(rng=seed)
    with threadpool_limits(1):
        network.fit(
            data.X_train,
            data.y_train,
            epochs=EPOCHS,
            batch_size=16,
            rng=rng,
            optimizer=SGD(0.05),
            validation=(data.X_test, data.y_test),
            verbose=False,
        )
    units = [distinct(layer) for layer in network.layers[:-1]]
    return network.history_["validation_accuracy"], units


trained = {
    name: [train(start, seed) for seed in SEEDS]
    for name, start in STARTS.items()
}
print(f"\nafter {EPOCHS} epochs: accuracy of each seed; distinct units of 40")
for name, runs in trained.items():
    final = " ".join(f"{100 * accuracy[-1]:5.1f}" for accuracy, _ in runs)
    print(f"{name:14} {final}   {runs[0][1]}")


def last(name):
    return np.array([accuracy[-1] for accuracy, _ in trained[name]])


for name in ("zeros", "constant 0.05"):
    for _, units in trained[name]:
        assert units == [1, 1, 1, 1], f"{name}: units became different"
assert np.all(last("zeros") < 0.2), "zeros learn"
assert np.all(last("constant 0.05") < 0.45), "equal units learn well"
assert np.all(last("normal 0.01") < 0.2), "tiny weights learn at once"
assert np.all(last("normal 0.1") > 0.85), "0.1 is a bad scale here"
assert np.all(last("Glorot") > 0.93), "Glorot does not learn"
assert np.all(last("normal 2") < last("Glorot") - 0.05), "saturation is free"

# %%
# Forty equal units are one unit. Random weights make them different, and that
# is why one draws them; the scale decides whether anything gets through.
# Glorot's is :math:`\sqrt{2/(n_{in} + n_{out})}`, here 0.14 to 0.2.

figure, (left, right) = plt.subplots(
    1,
    2,
    figsize=(7.4, 4.2),
    layout="constrained",
    label="Left: size of the outputs by layer, steady with Glorot's weights, "
    "falling by a factor of sixteen a layer with small ones, at one with "
    "large ones. Right: accuracy by epoch, ninety-five percent with Glorot, "
    "ten with zeros",
)
depth = np.arange(1, len(SIZES) - 1)
MARKS = ("x", "s", "v", "D", "o", "^")
for k, (name, rows) in enumerate(passes.items()):
    size = np.mean([row[0] for row in rows], axis=0)
    style = {"marker": MARKS[k], "color": f"C{k}", "linewidth": 1.6}
    if name != "zeros":
        left.semilogy(depth, size, **style)
    curve = 100 * np.mean([run[0] for run in trained[name]], axis=0)
    right.plot(range(EPOCHS + 1), curve, label=name, markersize=5, **style)
left.set(xlabel="hidden layer", ylabel="size of the outputs")
left.set(title="Before training")
left.set_xticks(depth)
right.set(xlabel="epochs", ylabel="test accuracy, %", ylim=(0, 100))
right.set(title="Training")
_ = figure.legend(loc="outside lower center", ncols=3)

plt.show()
