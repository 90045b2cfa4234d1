"""
Gradients through twenty layers
===============================

Twenty sigmoid layers leave a gradient 12 powers of ten smaller, twenty \
ReLU layers with He's weights one of the same size.

A random network of 20 layers, 64 units each, is not trained at all: some data
run forwards, a random gradient of norm 1 runs backwards, and we measure how
much of it arrives at each layer. Two things decide: the activation, and how
large the weights are at the start. The chapter is
:doc:`/guide/vanishing_gradients`.
"""

import matplotlib.pyplot as plt
import numpy as np

from actlib import relu, sigmoid, tanh
from actlib.network import Dense, glorot, he

SEEDS = range(5)
DEPTH, WIDTH, EXAMPLES = 20, 64, 100


def gain(g):
    """Normal weights with the standard deviation g / sqrt(inputs)."""

    def initialisation(rng, inputs, outputs):
        return rng.normal(0, g / np.sqrt(inputs), (inputs, outputs))

    return initialisation


def measure(activation, initialisation, seed):
    """Norms of the gradient below each layer, and the share of flat slopes.

    A slope is flat if it is below a twentieth of the largest one.
    """
    rng = np.random.default_rng(seed)
    layers = [
        Dense(WIDTH, WIDTH, activation, rng=rng, initialisation=initialisation)
        for _ in range(DEPTH)
    ]
    h = rng.normal(size=(EXAMPLES, WIDTH))
    largest = activation.derivative(np.linspace(-1, 1, 201)).max()
    flat = []
    for layer in layers:
        h = layer.forward(h)
        flat.append(np.mean(activation.derivative(layer.z) < largest / 20))
    gradient = rng.normal(size=h.shape)
    norms = [np.linalg.norm(gradient)]
    for layer in reversed(layers):
        gradient = layer.backward(gradient)
        norms.append(np.linalg.norm(gradient))
    return np.array(norms[::-1]) / norms[0], np.mean(flat)


# %%
# Activation and initialisation
# -----------------------------
#
# Glorot's weights have the variance 1/64 here, He's 2/64. The last column is
# the factor that a layer multiplies the norm by, on average: the twentieth
# root of the column before.

CASES = {
    "sigmoid, Glorot": (sigmoid, glorot),
    "tanh, Glorot": (tanh, glorot),
    "ReLU, Glorot": (relu, glorot),
    "ReLU, He": (relu, he),
}
print(f"{'':18}{'gradient that arrives':>22}{'per layer':>11}")
curves = {}
for name, (activation, initialisation) in CASES.items():
    runs = [measure(activation, initialisation, seed)[0] for seed in SEEDS]
    curves[name] = np.array(runs)
    arrives = np.exp(np.log(curves[name][:, 0]).mean())
    print(f"{name:18}{arrives:22.1e}{arrives ** (1 / DEPTH):11.3f}")

# %%
# Lines are medians over five seeds, bands reach from the lowest to the
# highest. The thin grey line is the bound :math:`(1/4)^k` on the product of the
# derivatives of k sigmoids. It does not bound the gradient, in which weights
# are factors too; but weights of variance 1/64 keep the norm of 64 numbers
# about as it is, and so the sigmoid's curve runs close to it.

figure, axes = plt.subplots(
    figsize=(7.2, 4.2),
    layout="constrained",
    label="Norm of the gradient against the layer, on a logarithmic scale: "
    "the sigmoid falls below 1e-12, ReLU with He's weights stays near 1",
)
layers = np.arange(DEPTH + 1)
styles = ["-", "--", ":", "-."]
for (name, runs), style in zip(curves.items(), styles, strict=True):
    middle = np.median(runs, axis=0)
    (line,) = axes.semilogy(layers, middle, style, label=name)
    band = runs.min(axis=0), runs.max(axis=0)
    axes.fill_between(layers, *band, color=line.get_color(), alpha=0.2, lw=0)
bound = 0.25 ** (DEPTH - layers)
axes.semilogy(layers, bound, "--", color="0.5", lw=1, label="(1/4)^k")
axes.set(title="Sigmoids lose the gradient, ReLU with He's weights keeps it")
axes.set(xlabel="layer (20 is the output)", ylabel="norm of the gradient")
axes.set_xticks(range(0, DEPTH + 1, 5))
_ = figure.legend(loc="outside lower center", ncols=3, handlelength=3)

# %%
# The claims, for each seed alone:

end = {name: runs[:, 0] for name, runs in curves.items()}
assert np.all(end["sigmoid, Glorot"] < 1e-11), "sigmoids do not shrink it"
assert np.all(end["sigmoid, Glorot"] < 1e-9 * end["tanh, Glorot"]), (
    "the sigmoid is not far worse than tanh"
)
assert np.all(np.abs(np.log10(end["ReLU, He"])) < 0.7), (
    "ReLU with He's weights does not keep the gradient"
)
assert np.all(end["ReLU, Glorot"] < 0.01 * end["ReLU, He"]), (
    "ReLU does not need He's factor of two"
)

# %%
# Why not simply larger weights?
# ------------------------------
#
# The factor of a layer is :math:`w\,\sigma'(z)`, and only
# :math:`\sigma' \le 1/4` is bounded. So let the weights be larger: normal,
# with the standard deviation :math:`g/\sqrt{64}` for a *gain* g from 1/2 to
# 16.

GAINS = 2.0 ** np.arange(-1, 4.5, 0.5)
scan = {}
for activation in (sigmoid, tanh, relu):
    runs = [
        [measure(activation, gain(g), seed) for seed in SEEDS] for g in GAINS
    ]
    factor = [
        np.exp(np.mean([np.log(norms[0]) for norms, _ in run]) / DEPTH)
        for run in runs
    ]
    flat = [np.mean([share for _, share in run]) for run in runs]
    scan[activation.name] = np.array(factor), np.array(flat)

print(f"\n{'gain':>6}", *(f"{name:>9} flat" for name in scan))
for k, g in enumerate(GAINS):
    row = (f"{f[k]:9.3f} {s[k]:4.0%}" for f, s in scan.values())
    print(f"{g:6.2f}", *row)

figure, panels = plt.subplots(
    1,
    2,
    figsize=(7.2, 3.6),
    layout="constrained",
    label="Left, the factor per layer against the gain: each activation "
    "crosses 1 at another gain. Right, the share of saturated units",
)
for (name, (factor, flat)), style in zip(scan.items(), styles, strict=False):
    panels[0].loglog(GAINS, factor, style, label=name)
    panels[1].semilogx(GAINS, 100 * flat, style)
panels[0].axhline(1, color="0.5", lw=1)
figure.suptitle("Large weights keep the gradient in sigmoids that are flat")
panels[0].set(title="Factor per layer", xlabel="gain g")
panels[1].set(title="% of slopes that are flat", xlabel="gain g")
for panel in panels:
    panel.set_xticks([0.5, 1, 2, 4, 8, 16], ["½", "1", "2", "4", "8", "16"])
    panel.minorticks_off()
panels[0].set_yticks([0.1, 0.3, 1, 3, 10], ["0.1", "0.3", "1", "3", "10"])
_ = figure.legend(loc="outside lower center", ncols=3, handlelength=3)

# %%
# Large weights do make up for small derivatives: at a gain of about 11 twenty
# sigmoid layers neither shrink nor stretch the gradient. But look to the
# right. More than half of the units are then saturated, and those that happen
# to stand near 0 carry the gradient, each with a factor far above 1. For ReLU
# the share of flat slopes is one half at every gain: it depends on the sign of
# z alone, never on the size of w.

sigmoid_factor, sigmoid_flat = scan["sigmoid"]
relu_factor, relu_flat = scan["relu"]
assert sigmoid_factor[0] < 0.15, "half a gain keeps the gradient"
assert sigmoid_factor[-1] > 1, "large weights do not make up for the 1/4"
assert np.all(sigmoid_flat[sigmoid_factor > 0.95] > 0.5), (
    "a gradient survives in sigmoids that are not saturated"
)
assert np.all(np.abs(relu_flat - 0.5) < 0.05), "ReLU's share depends on w"
assert np.allclose(relu_factor / GAINS, 2**-0.5, rtol=0.05), (
    "the factor of a ReLU layer is not gain / sqrt(2)"
)

# %%
# Things to try
# -------------
#
# * Give each layer a bias of -2 or +2. Which activations mind?
# * How does the scatter of "ReLU, He" change with the width?
# * Use ``elu`` and ``softplus``. Which gain keeps the gradient?

plt.show()
