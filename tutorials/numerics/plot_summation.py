"""
The order of a sum
==================

Ten million float32 numbers added one by one lose three of seven digits; in pairs hardly any, in the library none.

A mean over a large data set is a long sum, and every addition rounds. The
error depends on the order: each term suffers every addition that comes after
it, n of them one by one, and only the logarithm of n in pairs. See :doc:`/guide/numerics`.
"""

import matplotlib.pyplot as plt
import numpy as np

from actlib import losses

# %%
# Three ways to add
# -----------------
#
# ``np.cumsum`` adds one after the other; ``in_pairs`` adds neighbours, then
# the sums of neighbours, and so on; a loss with ``reduction="sum"`` is the
# library's sum (of absolute values here, so that the terms are the numbers
# themselves). A sum in float64, which has nine digits more, is the judge.


def one_by_one(x):
    return np.cumsum(x)[-1]


def in_pairs(x):
    while len(x) > 1:
        odd = x[-1:] if len(x) % 2 else x[:0]
        half = len(x) // 2
        x = np.concatenate([x[0 : 2 * half : 2] + x[1 : 2 * half : 2], odd])
    return x[0]


def library(x):
    return losses.mean_absolute_error(x, np.float32(0), reduction="sum")


WAYS = {"one by one": one_by_one, "in pairs": in_pairs, "actlib": library}
SIZES = [10**k for k in range(1, 8)]
SEEDS = range(5)

# %%
# Measured
# --------
#
# Numbers drawn evenly from (0, 1), in float32, five seeds; relative errors in
# units of 2**-24, half an ulp of one.

errors = {name: np.zeros((len(SEEDS), len(SIZES))) for name in WAYS}
for seed in SEEDS:
    numbers = np.random.default_rng(seed).random(SIZES[-1], dtype=np.float32)
    for column, n in enumerate(SIZES):
        exact = numbers[:n].sum(dtype=np.float64)
        for name, way in WAYS.items():
            found = float(way(numbers[:n]))
            errors[name][seed, column] = abs(found / exact - 1) * 2**24

print("largest relative error of five seeds, in units of 2**-24")
print(f"{'n':>10} " + " ".join(f"{name:>12}" for name in WAYS))
for column, n in enumerate(SIZES):
    worst = (errors[name][:, column].max() for name in WAYS)
    print(f"{n:10} " + " ".join(f"{value:12.1f}" for value in worst))

# %%
# One by one, the error grows with n; in pairs it stays within the bound of
# log2(n); the library's sum is the exact one, rounded once.

running = errors["one by one"]
assert running[:, -1].mean() > 400, "ten million are no harm"
assert running[:, -3].mean() > 20, "a hundred thousand are no harm"
assert running[:, -1].mean() > 3 * running[:, -3].mean(), "no growth with n"
assert np.all(errors["in pairs"] <= np.log2(SIZES) + 1), "beyond the bound"
assert np.all(errors["actlib"] <= 1), "the library's sum is not rounded once"

# %%
# The end of counting
# -------------------
#
# A running sum of ones stops at 2**24 in float32: from there on, one is less
# than half an ulp.

ones = np.ones(2**24 + 1000, dtype=np.float32)
print(f"\n{ones.size} ones: {one_by_one(ones):.0f} and {library(ones):.0f}")
assert one_by_one(ones) == 2**24, "the running sum went on"
assert abs(float(library(ones)) - ones.size) <= 1, "the library's sum stopped"

# %%
# The picture
# -----------

figure, axes = plt.subplots(figsize=(6.4, 3.8), layout="constrained")
figure.set_label(
    "Error of three ways to add against the number of terms: growing one by "
    "one, almost flat in pairs, below one for the library."
)
for (name, found), marker in zip(errors.items(), "os^", strict=True):
    (line,) = axes.loglog(SIZES, found.max(axis=0), marker=marker, label=name)
axes.loglog(SIZES, np.log2(SIZES), ":", color="C4", lw=1.2, label="log2(n)")
axes.set(
    title="Adding n float32 numbers: the order matters",
    xlabel="number of terms n",
    ylabel="relative error / 2⁻²⁴",
    ylim=(0.02, None),
)
_ = axes.legend()

# %%
# Things to try
# -------------
#
# * Sort the numbers before adding them one by one, in both directions.
# * Give half of them a minus sign. What is the error to be compared with now?

plt.show()
