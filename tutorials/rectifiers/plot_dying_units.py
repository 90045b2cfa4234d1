"""
Dying units and their rescue
============================

Large steps kill about half of a network's ReLUs, hardly any of them comes \
back, and a slope on the negative side wakes most.

A ReLU whose input is negative for every example has output 0 and gradient 0:
"it will not revive", says one of the lectures. Three questions: what kills
units, do they really stay dead, and which of the proposed cures works? The
chapter is :doc:`/guide/rectifiers`.
"""

import matplotlib.pyplot as plt
import numpy as np
from threadpoolctl import threadpool_limits

from actlib import (
    datasets,
    elu,
    identity,
    leaky_relu,
    losses,
    prelu,
    relu,
    softplus,
)
from actlib.network import SGD, Adam, Dense, Network

SEEDS = range(5)
WIDTH = 8


def data(seed):
    X, y = datasets.spirals(300, turns=1.25, rng=seed)
    return X / X.std(axis=0), y


def network(activation, seed, **keywords):
    """Three hidden layers of 8 units on points of the plane."""
    rng = np.random.default_rng(seed)
    layers = [Dense(2, WIDTH, activation, rng=rng, **keywords)]
    for _ in range(2):
        layers.append(Dense(WIDTH, WIDTH, activation, rng=rng, **keywords))
    layers.append(Dense(WIDTH, 1, identity, rng=rng))
    return Network(layers, losses.binary_cross_entropy_with_logits)


def train(net, seed, optimizer):
    X, y = data(seed)
    with threadpool_limits(1):
        return net.fit(
            X,
            y,
            epochs=60,
            batch_size=16,
            rng=np.random.default_rng(seed),
            optimizer=optimizer,
            verbose=False,
        )


def silent(net, seed):
    """For each hidden layer, which units are negative for every example."""
    net.forward(data(seed)[0])
    return np.array([np.all(u.z <= 0, axis=0) for u in net.layers[:-1]])


# %%
# What kills
# ----------
#
# The same ReLU network, trained for 60 epochs at two learning rates.

print(f"{'rate':>5}  dead units of 24, each seed  accuracy in %")
killed, dead = {}, {}
for rate in (0.1, 1.0):
    nets = [train(network(relu, s), s, SGD(rate)) for s in SEEDS]
    counts = [silent(nets[s], s).sum() for s in SEEDS]
    killed, dead[rate] = nets, np.array(counts)
    score = [100 * net.history_["accuracy"][-1] for net in nets]
    print(
        f"{rate:5}  ",
        *(f"{n:3}" for n in counts),
        "  ",
        *(f"{s:4.0f}" for s in score),
    )

# %%
# At the moderate rate a few units fall silent, and nobody misses them. At 1.0
# about half of them are dead, and the accuracy suffers in every seed.

assert dead[1.0].mean() > 8, "a large rate does not kill units"
assert dead[1.0].min() > 1, "a large rate kills none with some seed"
assert dead[0.1].mean() < 4, "units die at a small rate too"
assert max(net.history_["accuracy"][-1] for net in killed) < 0.97, (
    "nobody misses the dead"
)

# %%
# Do they stay dead?
# ------------------
#
# The killed networks go on learning for 60 epochs, with Adam and small steps,
# once as they are and then with other activations in their hidden layers and
# the same weights. A unit is *back* if it is positive for some example. Above
# the first layer some are back before any training ("at once"), because the
# layers below now pass on other numbers; so only the first layer, whose inputs
# are the data, shows what training does.

DOCTORS = {
    "ReLU": (relu, {}),
    "leaky 0.01": (leaky_relu, {}),
    "leaky 0.2": (leaky_relu, {"negative_slope": 0.2}),
    "PReLU": (prelu, {"alpha": 0.1}),
    "ELU": (elu, {}),
    "softplus": (softplus, {}),
}


def treat(patient, name, seed, optimizer):
    """Units back in each layer, at once and in the end; the accuracy."""
    activation, keywords = DOCTORS[name]
    net = network(activation, seed, **keywords)
    for old, new in zip(patient.layers, net.layers, strict=True):
        for parameter in ("weights", "bias"):
            new.parameters[parameter][...] = old.parameters[parameter]
    before = silent(patient, seed)
    at_once = before & ~silent(net, seed)
    train(net, seed, optimizer)
    back = before & ~silent(net, seed)
    counts = np.array([at_once.sum(axis=1), back.sum(axis=1)])
    return counts, net.history_["accuracy"][-1]


lost = np.sum([silent(killed[s], s).sum(axis=1) for s in SEEDS], axis=0)
results = {}
print(f"\n{'by layer:':12}{'back at once':>16}{'in the end':>16}   accuracy")
for name in DOCTORS:
    pairs = [treat(killed[s], name, s, Adam(0.01)) for s in SEEDS]
    at_once, back = np.sum([counts for counts, _ in pairs], axis=0)
    accuracy = np.array([a for _, a in pairs])
    results[name] = at_once, back, accuracy
    columns = (" ".join(f"{b:4}" for b in row) for row in (at_once, back))
    print(f"{name:12}", *(f"{c:>15}" for c in columns), end="")
    print(f"{accuracy.mean():10.0%}")
print(f"{'of':28}", f"{' '.join(f'{n:4}' for n in lost):>15}")

share = {name: back[0] / lost[0] for name, (_, back, _) in results.items()}
figure, axes = plt.subplots(
    figsize=(7.2, 3.6),
    layout="constrained",
    label="Share of the dead units of the first layer that came back, and "
    "accuracy: none for ReLU, most for each of the cures",
)
places = np.arange(len(DOCTORS))
bars = 100 * np.array(list(share.values()))
axes.bar(places - 0.2, bars, 0.4, label="first layer: dead units back")
points = np.array([a for *_, a in results.values()])
axes.bar(places + 0.2, 100 * points.mean(axis=1), 0.4, label="accuracy")
axes.plot(places + 0.2, 100 * points, ".", color="0.4", markersize=4)
axes.set_xticks(places, [name.replace(" ", "\n") for name in DOCTORS])
axes.set(title="Every cure brings most dead units back, ReLU hardly any")
axes.set_ylabel("%")
axes.grid(False, axis="x")
_ = figure.legend(loc="outside lower center", ncols=2)

# %%
# ReLU brings nobody back in the first layer. That is a theorem: the input of
# those units is the data, which do not change, and a gradient of 0 leaves
# their weights alone. In higher layers the inputs do change, and now and then
# a unit is woken by accident. Every cure brings most units of the first layer
# back, and the accuracy with them.

_, relu_back, relu_accuracy = results["ReLU"]
assert relu_back[0] == 0, "a ReLU of the first layer came back"
assert relu_back.sum() < 0.15 * lost.sum(), "ReLUs come back by themselves"
for name in list(DOCTORS)[1:]:
    assert results[name][0][0] == 0, "the data of the first layer changed"
    assert share[name] > 0.6, f"{name} does not bring units back"
    gained = results[name][2].mean() - relu_accuracy.mean()
    assert gained > 0.05, f"{name} does not help the network"

# %%
# "Never 0" is not "large enough". Adam divides each gradient by its usual
# size, so that a hundredth of the gradient makes steps of the same size. With
# plain gradient descent at the rate 0.05 a slope of 0.01 is a cure on paper
# only. Of the dead units of the first layer:

name = "leaky 0.01"
pairs = [treat(killed[s], name, s, SGD(0.05)) for s in SEEDS]
plain = sum(counts[1, 0] for counts, _ in pairs) / lost[0]
print(f"\n{name}, back with Adam: {share[name]:.0%}, with SGD: {plain:.0%}")
assert plain < share[name] - 0.3, "plain gradient descent is as good"

# %%
# How far down does the cure reach?
# ---------------------------------
#
# The gradient that a unit gets is multiplied by the slope at its input z.

z = np.linspace(-40, 0, 401)
slopes = {
    "leaky 0.2": leaky_relu.derivative(z, negative_slope=0.2),
    "leaky 0.01": leaky_relu.derivative(z),
    "ELU": elu.derivative(z),
    "softplus": softplus.derivative(z),
}
figure, axes = plt.subplots(
    figsize=(7.2, 3.6),
    layout="constrained",
    label="Slope against z on a logarithmic scale: horizontal lines for the "
    "leaky units, falling straight lines for ELU and softplus",
)
styles = ["-", "--", "-.", ":"]
for (name, slope), style in zip(slopes.items(), styles, strict=True):
    axes.semilogy(z, slope, style, label=name)
axes.set(title="A leak is the same far down; ELU and softplus fade")
axes.set(xlabel="z")
axes.set(ylabel="derivative", ylim=(1e-18, 10))
_ = figure.legend(loc="outside lower center", ncols=4, handlelength=3)

# %%
# "Leaky ReLU gradient is never 0" is true, and it does not even depend on how
# far down the unit is. Softplus and ELU are never 0 either, but their slopes
# fall as :math:`e^{z}`: at -30 a unit gets :math:`10^{-13}` of its gradient,
# and is as good as dead. They rescue units that have just died.

anywhere = -np.logspace(-300, 300, 601)
assert np.all(leaky_relu.derivative(anywhere) == 0.01), "a leaky slope of 0"
assert np.all(relu.derivative(anywhere) == 0), "ReLU has a slope down there"
assert 0 < elu.derivative(-30.0) < 1e-12, "ELU does not fade"
assert 0 < softplus.derivative(-30.0) < 1e-12, "softplus does not fade"

# %%
# Things to try
# -------------
#
# * Treat PReLU with ``SGD(0.05)``. Why does it explode? (How large is the
#   gradient of a slope if the input is -1000?)
# * Kill with a bias of -5 instead of a large rate.
# * Which share of ReLUs dies with 32 units a layer?

plt.show()
