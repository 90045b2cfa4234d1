"""
Counting exponentials
=====================

ReLU needs no exponential, a sigmoid one for value and derivative together, in the stable form as in the naive one.

"Very computationally efficient" is said of ReLU because it needs no
exponential, by far the dearest operation of an activation. How many
nanoseconds that is depends on the machine (``make bench`` measures them on
yours); how many exponentials, logarithms and divisions a formula needs does
not. This experiment counts them. See :doc:`/guide/numerics` and
:doc:`/guide/choosing`.
"""

from collections import Counter

import matplotlib.pyplot as plt
import numpy as np

import actlib
from actlib import relu, sigmoid

# %%
# A pencil that counts
# --------------------
#
# Transcendental functions go through ``Pencil``, which counts one for each
# element it computes.


class Pencil:
    """NumPy's functions, with a count of the elements computed."""

    def __init__(self):
        self.count = Counter()

    def __getattr__(self, name):
        def counted(x):
            self.count[name] += np.size(x)
            return getattr(np, name)(x)

        return counted


# %%
# The stable forms of value and derivative together, as this book derives them.
# Each is held against the library, so that what is counted is the right
# function.


def exponential_and_less_one(p, x):
    """exp(x) and exp(x) - 1 for x <= 0, both to the last digits.

    Each element is computed once: ``1 + expm1(x)`` would cancel far from 0,
    ``exp(x) - 1`` close to it.
    """
    near, e, m = x > -0.7, np.empty_like(x), np.empty_like(x)
    m[near] = p.expm1(x[near])
    e[near] = 1 + m[near]
    e[~near] = p.exp(x[~near])
    m[~near] = e[~near] - 1
    return e, m


def sigmoid_pair(p, x):
    e = p.exp(-np.abs(x))
    return np.where(x >= 0, 1, e) / (1 + e), e / (1 + e) ** 2


def tanh_pair(p, x):
    e, m = exponential_and_less_one(p, -2 * np.abs(x))
    return -np.sign(x) * m / (1 + e), 4 * e / (1 + e) ** 2


def softplus_pair(p, x):
    e = p.exp(-np.abs(x))
    value = np.maximum(x, 0) + p.log1p(e)
    return value, np.where(x >= 0, 1, e) / (1 + e)


def elu_pair(p, x):
    value, slope = x.copy(), np.ones_like(x)
    slope[x < 0], value[x < 0] = exponential_and_less_one(p, x[x < 0])
    return value, slope


def relu_pair(p, x):
    return np.maximum(x, 0), np.where(x > 0, 1.0, 0.0)


def leaky_pair(p, x):
    slope = np.where(x > 0, 1, 0.01)
    return slope * x, slope


PAIRS = {
    "sigmoid": sigmoid_pair,
    "tanh": tanh_pair,
    "softplus": softplus_pair,
    "elu": elu_pair,
    "relu": relu_pair,
    "leaky_relu": leaky_pair,
}
x = np.random.default_rng(0).normal(scale=3, size=10_000)
counts = {}
print(f"{'for value and derivative':26} exponentials  logarithms")
for name, function in PAIRS.items():
    pencil = Pencil()
    value, slope = function(pencil, x)
    entry = getattr(actlib, name)
    assert np.allclose(value, entry(x), rtol=1e-13, atol=0), name
    assert np.allclose(slope, entry.derivative(x), rtol=1e-13, atol=0), name
    exponentials = pencil.count["exp"] + pencil.count["expm1"]
    counts[name] = exponentials / x.size, pencil.count["log1p"] / x.size
    print(f"{name:26} {counts[name][0]:12.2f} {counts[name][1]:11.2f}")

# %%
# Rectifiers need none; ELU only for its negative half; the others exactly one,
# and softplus a logarithm besides.

assert counts["relu"] == counts["leaky_relu"] == (0, 0), "ReLU is dearer"
assert counts["sigmoid"] == counts["tanh"] == (1, 0), "sigmoid, tanh differ"
assert counts["softplus"] == (1, 1), "softplus differs"
assert 0.45 < counts["elu"][0] < 0.55, "ELU does not need half of them"

# %%
# Stable costs no more
# --------------------
#
# The naive sigmoid has one exponential too, and its derivative h(1 - h) none
# more. So the stable pair, which is right in both tails, costs the same.

pencil = Pencil()
naive = 1 / (1 + pencil.exp(-x))
assert pencil.count["exp"] / x.size == counts["sigmoid"][0]

# %%
# A whole network
# ---------------
#
# Two hidden layers of 48 units and ten classes, as in
# :doc:`/tutorials/classification/plot_digits`. In training the softmax of the
# output needs ten exponentials for each example; at test time the largest
# score is enough.

UNITS = (48, 48)


def per_example(name, training):
    hidden = sum(UNITS) * counts[name][0]
    return hidden + 10 * training


print(f"\n{'exponentials an example':26} training  test")
for entry in (sigmoid, relu):
    train, test = per_example(entry.name, True), per_example(entry.name, False)
    print(f"{entry.name:26} {train:8.0f} {test:5.0f}")
assert per_example("sigmoid", True) == 106
assert per_example("relu", True) == 10
assert per_example("relu", False) == 0, "a test with ReLU needs exponentials"

# %%
# And the multiplications? 64 * 48 + 48 * 48 + 48 * 10 = 5856 for each example,
# forward alone. *If* an exponential is worth twenty of them (a guess; your
# machine may say five or fifty), 96 of them are a quarter of the work in this
# small network; in a wide layer, where each unit has thousands of inputs, they
# no longer count. "Fast to compute" is an argument for small layers, not the
# reason why deep networks train: that is the gradient
# (:doc:`/guide/vanishing_gradients`).

weights = 64 * 48 + 48 * 48 + 48 * 10
share = 20 * 96 / (weights + 20 * 96)
print(f"\nthe exponentials' share of the work: {share:.0%}")
assert 0.2 < share < 0.3

# %%
# The picture
# -----------

figure, axes = plt.subplots(figsize=(6.4, 3.2), layout="constrained")
figure.set_label(
    "Bars: exponentials and logarithms per element for six activations; "
    "none for ReLU and leaky ReLU."
)
names = list(counts)
exponentials, logarithms = np.array(list(counts.values())).T
axes.barh(names, exponentials, color="C0", label="exponentials")
axes.barh(names, logarithms, left=exponentials, color="C1", label="logarithms")
axes.set(
    title="Value and derivative: what one element needs",
    xlabel="evaluations per element",
)
axes.invert_yaxis()
axes.grid(axis="y", visible=False)
_ = axes.legend(loc="lower right")

# %%
# Things to try
# -------------
#
# * Count for GELU by its error function, and for its approximation by a tanh.
# * Run ``make bench`` in a checkout: are the nanoseconds in proportion to the
#   counts?

plt.show()
