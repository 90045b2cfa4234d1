"""
Linear pieces: depth against width
==================================

Twelve ReLU units in six layers can make 64 linear pieces, in one layer \
at most 13; with random weights it makes about one a unit or fewer, at any depth.

A ReLU network on a line is piecewise linear, and the number of pieces measures
how much it can oscillate. Here they are counted exactly, by following every
bend through the layers. The chapter is :doc:`/guide/wide_or_deep`.
"""

from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np

from actlib import identity, losses, relu
from actlib.network import Dense, Network

# %%
# Counting
# --------
#
# Between two neighbouring bends every unit is a straight line, so values at
# the bends tell where it crosses zero: there the next layer adds a bend.


def bends(network, low, high):
    """Bends of the output between low and high, and the output there."""
    x = np.array([low, high])
    values = x[:, None]
    for layer in network.layers[:-1]:
        z = values @ layer.parameters["weights"] + layer.parameters["bias"]
        left, right = z[:-1], z[1:]
        part, unit = np.nonzero(left * right < 0)
        share = left[part, unit] / (left - right)[part, unit]
        new = x[part] + share * np.diff(x)[part]
        both = np.append(x, new)
        order = np.argsort(both, kind="stable")
        middle = z[part] + share[:, None] * (right - left)[part]
        middle[np.arange(len(part)), unit] = 0.0  # exactly
        x, values = both[order], relu(np.vstack([z, middle])[order])
    last = network.layers[-1]
    y = values @ last.parameters["weights"] + last.parameters["bias"]
    return x, y[:, 0]


def pieces(network, low=0.0, high=1.0):
    """How many pieces of different slope the output has."""
    x, y = bends(network, low, high)
    apart = np.diff(x) > 1e-12 * (high - low)
    slopes = (np.diff(y)[apart]) / (np.diff(x)[apart])
    scale = np.abs(slopes).max() + 1e-300
    return 1 + int(np.sum(np.abs(np.diff(slopes)) > 1e-9 * scale))


# %%
# Built to oscillate: tents
# -------------------------
#
# A tent is two units: 2 relu(x) - 4 relu(x - 1/2). Its output feeds the next
# pair.


def tents(depth):
    layers = [Dense(1 if k == 0 else 2, 2, relu, rng=0) for k in range(depth)]
    layers.append(Dense(2, 1, identity, rng=0))
    for k, layer in enumerate(layers):
        incoming = np.array([[1.0]] if k == 0 else [[2.0], [-4.0]])
        outgoing = np.array([[1.0, 1.0]] if k < depth else [[1.0]])
        layer.parameters["weights"][...] = incoming @ outgoing
        layer.parameters["bias"][...] = [0.0, -0.5] if k < depth else [0.0]
    return Network(layers, losses.mean_squared_error)


DEPTHS = np.arange(1, 11)
deep = np.array([pieces(tents(depth)) for depth in DEPTHS])
print("units  layers  pieces  most in one layer")
for depth, count in zip(DEPTHS, deep, strict=True):
    print(f"{2 * depth:5} {depth:7} {count:7} {2 * depth + 1:18}")

assert np.array_equal(deep, 2**DEPTHS), "the pieces do not double"

# %%
# One layer of N units has at most N + 1 pieces, one for each bend and one
# more. Here are 200 such layers, with bends inside the interval:

rng = np.random.default_rng(0)
WIDTHS = (4, 8, 12, 16)


def one_layer(units, rng):
    network = Network(
        [Dense(1, units, relu, rng=rng), Dense(units, 1, identity, rng=rng)],
        losses.mean_squared_error,
    )
    first = network.layers[0].parameters
    first["bias"][...] = -first["weights"][0] * rng.random(units)
    return network


wide = np.array(
    [[pieces(one_layer(n, rng)) for _ in range(200)] for n in WIDTHS]
)
print("\nunits  pieces of one layer, fewest and most of 200")
for n, row in zip(WIDTHS, wide, strict=True):
    print(f"{n:5} {row.min():7} {row.max():5}")

assert np.all(wide.max(axis=1) == np.array(WIDTHS) + 1), "not N + 1 pieces"

# %%
# Not built, but random
# ---------------------
#
# What does a network have before training? The same 48 units are laid out in
# 1, 2, 3, 4, 6 and 8 layers, with He's weights and small random biases, and
# the pieces counted on the interval from -3 to 3, for 100 seeds.

UNITS, SEEDS = 48, range(100)
LAYOUTS = (1, 2, 3, 4, 6, 8)


def random_network(depth, seed):
    rng = np.random.default_rng([depth, seed])
    width = UNITS // depth
    sizes = [1] + depth * [width]
    layers = [Dense(a, b, relu, rng=rng) for a, b in pairwise(sizes)]
    for layer in layers:
        layer.parameters["bias"][...] = rng.normal(0, 0.5, layer.outputs)
    layers.append(Dense(width, 1, identity, rng=rng))
    return Network(layers, losses.mean_squared_error)


counts = np.array(
    [
        [pieces(random_network(depth, seed), -3.0, 3.0) for seed in SEEDS]
        for depth in LAYOUTS
    ]
)
print(f"\n{UNITS} units, random weights: pieces")
print("layers x width    median  fewest  most   could have at least")
for depth, row in zip(LAYOUTS, counts, strict=True):
    able = (UNITS // depth) ** depth  # w units make a zigzag of w pieces
    print(
        f"{depth:6} x {UNITS // depth:2} {np.median(row):13.0f} {row.min():7}"
        f" {row.max():5} {able:21}"
    )

medians = np.median(counts, axis=1)
assert np.all(counts < 2 * UNITS + 2), "a random network oscillates"
assert medians.max() < UNITS + 1, "random depth beats width"
assert medians[-1] < 0.8 * medians[0], "random depth costs no pieces"

# %%
# The number of pieces is about that of the units or less, and falls with the
# depth (Hanin and Rolnick 2019 prove that the mean is at most proportional to
# the number of units, at any depth). Depth can buy oscillations; random weights
# do not spend it. That a deep network *can* represent a function with fewer
# units is no promise that training leads there.

figure, panels = plt.subplot_mosaic(
    [["top", "top"], ["left", "right"]],
    figsize=(6.8, 5.8),
    height_ratios=(2, 3),
    layout="constrained",
    label="Above: the tent, then two and four of them composed, a sawtooth of "
    "16 pieces. Left: pieces against units, doubling with each layer of two, "
    "one more for each unit in one layer. Right: pieces of random networks of "
    "48 units, about as many as units or fewer at every depth",
)
top, left, right = panels["top"], panels["left"], panels["right"]
for depth in (1, 2, 4):
    x, y = bends(tents(depth), 0.0, 1.0)
    top.plot(x, y + 1.25 * (2 - np.log2(depth)), label=f"{depth} layers")
top.set(xlabel="x", yticks=[], title="Tents: 2, 4, 16 pieces")
left.semilogy(2 * DEPTHS, deep, "o-", label="tents, two a layer", base=2)
left.semilogy(2 * DEPTHS, 2 * DEPTHS + 1, "--", label="one layer, at most")
left.set(xlabel="ReLU units", ylabel="linear pieces", title="Built: doubling")
left.legend()
right.plot(LAYOUTS, medians, "o-", color="C2", label="median of 100")
right.fill_between(
    LAYOUTS,
    counts.min(axis=1),
    counts.max(axis=1),
    color="C2",
    alpha=0.2,
    lw=0,
)
right.axhline(UNITS + 1, color="C1", linestyle="--", label="49")
right.set(xlabel="layers, 48 units in all", ylabel="linear pieces")
right.set(title="Random: about one a unit", ylim=(0, None))
_ = right.legend(loc="lower left")

plt.show()
