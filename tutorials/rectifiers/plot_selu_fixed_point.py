"""
The fixed point of SELU
=======================

Through 20 random layers SELU brings nine different means and variances close \
to 0 and 1, while the variance behind ReLU, ELU and tanh fades.

SELU is ELU with two constants, chosen so that an input of mean 0 and variance
1 has an output of mean 0 and variance 1 again. The chapter
:doc:`/guide/rectifiers` derives the two equations. Here we ask what no
algebra of one layer answers: is the fixed point *stable*, does it survive
weights that are drawn at random, and whose weights must they be?
"""

import matplotlib.pyplot as plt
import numpy as np

from actlib import elu, relu, selu, tanh

SEEDS = range(4)
DEPTH, WIDTH, EXAMPLES = 20, 256, 200


def statistics(activation, mean, deviation, seed, gain=1.0):
    """Mean and variance of the units after each layer, input included.

    The weights are normal with mean 0 and variance gain**2 / inputs. Mean
    and variance are taken over all units and examples.
    """
    rng = np.random.default_rng(seed)
    h = rng.normal(mean, deviation, (EXAMPLES, WIDTH))
    rows = [(h.mean(), h.var())]
    for _ in range(DEPTH):
        weights = rng.normal(0, gain / WIDTH**0.5, (WIDTH, WIDTH))
        h = activation(h @ weights)
        rows.append((h.mean(), h.var()))
    return np.array(rows)


# %%
# Four activations, one start
# ---------------------------
#
# Normal inputs of mean 0.5 and variance 4; weights of variance 1/256.

CASES = {"SELU": selu, "ELU": elu, "tanh": tanh, "ReLU": relu}
runs = {
    name: np.array([statistics(f, 0.5, 2.0, seed) for seed in SEEDS])
    for name, f in CASES.items()
}
print(f"{'':6}{'mean after 5':>14}{'20 layers':>11}{'variance':>11}{'20':>9}")
for name, rows in runs.items():
    m, v = rows.mean(axis=0).T
    print(f"{name:6}{m[5]:14.3f}{m[-1]:11.3f}{v[5]:11.3f}{v[-1]:9.2g}")

figure, (left, right) = plt.subplots(
    1,
    2,
    figsize=(7.2, 3.8),
    layout="constrained",
    label="Mean and variance against the layer for four activations: SELU "
    "settles at 0 and 1, the variance of the others falls",
)
layers = np.arange(DEPTH + 1)
styles = ["-", "--", "-.", ":"]
for (name, rows), style in zip(runs.items(), styles, strict=True):
    middle = rows.mean(axis=0)
    left.plot(layers, middle[:, 0], style, label=name)
    right.semilogy(layers, middle[:, 1], style)
figure.suptitle("Only SELU keeps mean 0 and variance 1")
left.set(title="Mean", xlabel="layer")
right.set(title="Variance", xlabel="layer")
right.axhline(1, color="0.5", lw=0.8)
for panel in (left, right):
    panel.set_xticks(range(0, DEPTH + 1, 5))
_ = figure.legend(loc="outside lower center", ncols=4, handlelength=3)

# %%

end = {name: rows[:, -1] for name, rows in runs.items()}
assert np.all(np.abs(end["SELU"][:, 0]) < 0.1), "SELU's mean leaves 0"
assert np.all(np.abs(end["SELU"][:, 1] - 1) < 0.3), "SELU's variance leaves 1"
assert np.all(end["ELU"][:, 1] < 0.5), "ELU keeps the variance"
assert np.all(end["tanh"][:, 1] < 0.2), "tanh keeps the variance"
assert np.all(end["ReLU"][:, 1] < 1e-3), "ReLU keeps the variance"

# %%
# From anywhere to one point
# --------------------------
#
# Nine starts with SELU: means -1, 0, 1 and variances 1/9, 1, 9. Each line is
# one start, drawn as a path in the plane of mean and variance.

figure, axes = plt.subplots(
    figsize=(7.2, 4.2),
    layout="constrained",
    label="Nine paths in the plane of mean and variance, all of which end "
    "near mean 0 and variance 1",
)
ends = []
for mean in (-1.0, 0.0, 1.0):
    for k, deviation in enumerate((1 / 3, 1.0, 3.0)):
        rows = statistics(selu, mean, deviation, 0)
        axes.semilogy(*rows.T, ".-", color=f"C{k}", lw=1.2, markersize=4)
        axes.plot(*rows[0], "o", color=f"C{k}", markersize=7)
        ends.append(rows[-1])
axes.plot(0, 1, "*", color="0.3", markersize=14)
axes.set_yticks([0.1, 0.3, 1, 3, 10], ["0.1", "0.3", "1", "3", "10"])
axes.minorticks_off()
axes.set(title="20 layers of SELU: nine starts (big dots), one end (star)")
_ = axes.set(xlabel="mean", ylabel="variance")

# %%
# All of them end near the star. The theorem of [Klambauer2017]_ proves such a
# contraction for the *expected* mean and variance, near the fixed point and
# for weights normalised to sum 0 and squares 1. This run adds what happens
# farther away, and with weights that are only drawn with those moments. It
# shows nothing about training.

ends = np.array(ends)
print(f"\nnine ends: means {ends[:, 0].min():.2f} to {ends[:, 0].max():.2f}")
print(f"       variances {ends[:, 1].min():.2f} to {ends[:, 1].max():.2f}")
assert np.all(np.abs(ends[:, 0]) < 0.15), "a mean does not come to 0"
assert np.all(np.abs(ends[:, 1] - 1) < 0.4), "a variance does not come to 1"

# %%
# And the wrong weights
# ---------------------
#
# The fixed point belongs to weights of variance 1/inputs. With He's 2/inputs,
# right for ReLU, the variance behind SELU grows from layer to layer; and ReLU
# with 1/inputs fades (above).

for name, activation in (("SELU", selu), ("ReLU", relu)):
    runs = [
        statistics(activation, 0.0, 1.0, seed, gain=2**0.5) for seed in SEEDS
    ]
    mean, variance = np.mean(runs, axis=0)[-1]
    print(f"{name}, He's weights: mean {mean:.2f}, variance {variance:.2f}")
    if activation is selu:
        assert variance > 10, "SELU does not mind He's weights"
    else:
        assert 0.2 < variance + mean**2 < 2, "He's weights fail for ReLU"

# %%
# Things to try
# -------------
#
# * ELU times 1.2: where is its fixed point, if there is one?
# * Weights with a mean of 0.1: what does the theorem's condition buy?
# * 200 layers.

plt.show()
