r"""
Linear layers collapse
======================

Stacked linear layers are one matrix, and the border they draw is a line.

A layer multiplies by a matrix and adds a vector. Two such layers in a row
multiply by the product of the two matrices. So a network without activation
functions is a single linear layer, however deep. Here that is measured three
times: on the outputs, on what training reaches, and on the gradients.

The chapter behind it is :doc:`/guide/nonlinearity`.
"""

# sphinx_gallery_thumbnail_number = 1

from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
from threadpoolctl import threadpool_limits

from actlib import datasets, identity, losses, tanh
from actlib.network import Adam, Dense, Network
from actlib.plotting import decision_regions

SEEDS = range(4)

# %%
# One matrix
# ----------
#
# Multiply the weights of a network of five linear layers once and for all.
# Rows are examples here, so the product reads :math:`W_1 W_2 \cdots W_5`; with
# columns, as most books write it, the order is turned around.


def build(depth, activation, rng, width=16):
    """As many hidden layers as `depth` says, and two scores."""
    sizes = [2] + [width] * depth
    layers = [Dense(a, b, activation, rng=rng) for a, b in pairwise(sizes)]
    layers.append(Dense(sizes[-1], 2, identity, rng=rng))
    for layer in layers:
        layer.parameters["bias"] += rng.normal(0, 0.1, layer.outputs)
    return Network(layers, losses.cross_entropy)


def collapse(network):
    """The one matrix and the one vector."""
    matrix, vector = np.eye(network.inputs), np.zeros(network.inputs)
    for layer in network.layers:
        weights, bias = layer.parameters["weights"], layer.parameters["bias"]
        matrix, vector = matrix @ weights, vector @ weights + bias
    return matrix, vector


X = np.random.default_rng(0).normal(size=(1000, 2))
print("hidden layers   parameters   numbers that matter   largest difference")
for depth in (1, 2, 4, 8):
    network = build(depth, identity, np.random.default_rng(depth))
    matrix, vector = collapse(network)
    difference = np.abs(network.forward(X) - (X @ matrix + vector)).max()
    count = sum(
        array.size
        for layer in network.layers
        for array in layer.parameters.values()
    )
    print(
        f"{depth:13} {count:12} {matrix.size + vector.size:21} "
        f"{difference:20.0e}"
    )
    assert difference < 1e-13, "a linear network differs from its matrix"

# %%
# The backward pass collapses as well: the derivative of the outputs with
# respect to the inputs is the same matrix at every point. With tanh it depends
# on the point.


def slopes(network):
    """The derivative of the first score by the inputs, for each row of X."""
    network.forward(X)
    upstream = np.zeros((len(X), 2))
    upstream[:, 0] = 1.0
    return network.backward(upstream)


network = build(4, identity, np.random.default_rng(1))
assert np.allclose(
    slopes(network), collapse(network)[0][:, 0], rtol=0, atol=1e-12
)
bent = slopes(build(4, tanh, np.random.default_rng(1)))
spread = [np.ptp(values[:, 0]) for values in (slopes(network), bent)]
print("spread of the slope over the points:")
print(f"linear {spread[0]:.0e}, tanh {spread[1]:.1f}")
assert spread[1] > 0.1, "tanh has the same slope everywhere"

# %%
# What training reaches
# ---------------------
#
# The data are a disc inside a ring. No straight line separates them. All
# networks get the same points, the same optimiser and the same number of
# steps.


def train(depth, activation, seed):
    rng = np.random.default_rng(seed)
    points, labels = datasets.rings(300, noise=0.15, rng=seed)
    network = build(depth, activation, rng)
    with threadpool_limits(1):
        network.fit(
            points,
            labels,
            epochs=40,
            batch_size=30,
            rng=rng,
            optimizer=Adam(0.01),
            verbose=False,
        )
    return network, points, labels


KINDS = {
    "linear, no hidden layer": (0, identity),
    "linear, 1 hidden layer": (1, identity),
    "linear, 5 hidden layers": (5, identity),
    "tanh, 1 hidden layer": (1, tanh),
}
scores = {}
print(f"\n{'accuracy on the rings':24}   mean (lowest to highest)")
for name, kind in KINDS.items():
    row = [
        100 * network.score(points, labels)
        for network, points, labels in (train(*kind, seed) for seed in SEEDS)
    ]
    scores[name] = np.array(row)
    print(
        f"{name:24} {np.mean(row):6.1f} % ({min(row):.1f} to {max(row):.1f})"
    )

for name, row in scores.items():
    if "linear" in name:
        assert row.max() < 62, "a linear network separates the rings"
    else:
        assert row.min() > 95, "tanh does not separate the rings"

# %%
# The border of the linear networks is a straight line, with five hidden layers
# too.

figure, panels = plt.subplots(
    1,
    3,
    figsize=(7.2, 3.4),
    layout="constrained",
    sharex=True,
    sharey=True,
    label="Decision regions on two rings: a straight border without hidden "
    "layers and with five linear ones, a closed curve with one layer of "
    "tanh.",
)
shown = (
    "linear, no hidden layer",
    "linear, 5 hidden layers",
    "tanh, 1 hidden layer",
)
for panel, name in zip(panels, shown, strict=True):
    network, points, labels = train(*KINDS[name], 0)
    decision_regions(network.predict, points, labels, points=100, ax=panel)
    panel.set_title(
        f"{name.replace(', ', chr(10))}\n{scores[name][0]:.0f} % right"
    )
    panel.set_aspect("equal")
    panel.grid(False)

# %%
# Straight can be said in numbers: along any line through the plane the
# difference of the two scores changes at one constant rate, so at a midpoint
# it is the mean of those at the ends.

a, b = np.random.default_rng(5).normal(size=(2, 500, 2))


def bend(network):
    """How far the score at midpoints is off the mean, by its spread."""
    score = [
        network.forward(place) @ [1.0, -1.0] for place in (a, b, (a + b) / 2)
    ]
    return np.abs(score[2] - (score[0] + score[1]) / 2).max() / np.std(
        score[0]
    )


print()
for name, kind in KINDS.items():
    bending = bend(train(*kind, 0)[0])
    print(f"{name:24} bend {bending:.0e}")
    assert (bending < 1e-9) == ("linear" in name), (
        "straight and bent are confused"
    )

# %%
# A narrow layer loses directions
# -------------------------------
#
# Depth adds nothing to a linear network, but width can take away. The rank of
# a product is at most the smallest rank of its factors: two units in the
# middle of a linear network from 8 to 8 leave a matrix of rank 2, whatever the
# other layers do. Its other six singular values are 0, and six directions of
# the input are lost for good.

figure, axes = plt.subplots(
    figsize=(7.2, 3.4),
    layout="constrained",
    label="Singular values of the product of four linear layers: eight for "
    "wide layers, two with a layer of two units.",
)
print()
for k, (middle, marker) in enumerate(zip((8, 4, 2), "os^", strict=True)):
    rng, sizes = np.random.default_rng(7), [8, 16, middle, 16, 8]
    layers = [Dense(p, q, identity, rng=rng) for p, q in pairwise(sizes)]
    matrix, _ = collapse(Network(layers, losses.half_squared_error))
    values = np.linalg.svd(matrix, compute_uv=False)
    rank = np.linalg.matrix_rank(matrix)
    print(
        f"{middle} units in the middle: rank {rank}, determinant "
        f"{abs(np.linalg.det(matrix)):.0e}"
    )
    assert rank == middle, "the rank is not the width of the narrowest layer"
    axes.semilogy(
        range(1, 9),
        np.maximum(values, 1e-18),
        marker + "-",
        color=f"C{k}",
        label=f"{middle} units",
    )
axes.set(
    title="The narrowest layer decides the rank",
    xlabel="singular value number",
    ylabel="size",
)
axes.legend(title="in the middle", loc="lower left")

plt.show()
