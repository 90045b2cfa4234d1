"""
A product that falls through the floor
======================================

The product of many probabilities is rounded to 0 and can rank no models; the sum of their logarithms can.

A likelihood is a product with one factor for each example. For labels each
factor is at most 1, and computers have a smallest positive number: about 1e-45 in float32
and 5e-324 in float64. How many examples does it take, and what is lost? The
theory is in :doc:`/guide/likelihood`.
"""

from fractions import Fraction

import matplotlib.pyplot as plt
import numpy as np

from actlib import information, losses

# %%
# How many factors until nothing is left
# --------------------------------------
#
# Models that give each example the probability 0.9, 0.5, 0.4, 0.1 or 0.01.

LONG = 9000


def products_of(probability, dtype):
    with np.errstate(under="ignore"):
        return np.cumprod(np.full(LONG, probability, dtype))


print("probability   type      stops changing at   and stays")
for probability in (0.9, 0.5, 0.4, 0.1, 0.01):
    for dtype, floor in ((np.float32, 2.0**-149), (np.float64, 2.0**-1074)):
        products = products_of(probability, dtype)
        stop = int(np.argmax(products == products[-1])) + 1
        print(
            f"{probability:11}   {np.dtype(dtype).name} {stop:16} "
            f"{products[-1]:14.1e}"
        )
        # the floor, as a power of the probability
        predicted = np.log(floor) / np.log(probability)
        assert abs(stop - predicted) < 20, "the floor is elsewhere"
        assert (products[-1] == 0) == (probability <= 0.5), "no zero"

# %%
# A model that guesses among ten classes gives 0.1 to each: one batch of 64
# pictures is beyond float32. With 0.9 the product is never 0, which is no
# better: five times the smallest number (in float32 four times), less a tenth,
# is rounded back to itself, so the product sticks there, the same for every
# further example.
#
# What is lost
# ------------
#
# A coin that shows heads with probability 0.7 is tossed. For each parameter
# of a grid: the likelihood as a product, and as a sum of logarithms.

GRID = np.linspace(0.01, 0.99, 99)
TOSSES = (50, 500, 5000)


def experiment(n, seed):
    """Frequency of heads, products and log-likelihoods over the grid."""
    heads = (np.random.default_rng(seed).random(n) < 0.7).astype(int)
    tables = np.stack([1 - GRID, GRID], axis=-1)  # of tails and of heads
    with np.errstate(under="ignore"):
        products = np.prod(tables[:, heads], axis=1)
    logs = [
        information.log_likelihood(np.log(np.tile(row, (n, 1))), heads)
        for row in tables
    ]
    return heads.mean(), products, np.array(logs)


print("\n    n   frequency   best by product   best by logarithms   zeros")
for n in TOSSES:
    for seed in range(3):
        frequency, products, logs = experiment(n, seed)
        zeros = int(np.sum(products == 0))
        by_product = f"{GRID[np.argmax(products)]:.2f}" if zeros < 99 else "-"
        by_logs = GRID[np.argmax(logs)]
        print(
            f"{n:5} {frequency:11.4f} {by_product:>17} {by_logs:20.2f} "
            f"{zeros:7} of 99"
        )
        assert abs(by_logs - frequency) < 0.011, "logarithms missed the best"
        if n == 50:
            assert zeros == 0, "a short product underflows"
            assert GRID[np.argmax(products)] == by_logs, "another maximum"
        if n == 5000:
            assert zeros == 99, "a long product survives"

# %%
# With 5000 tosses all 99 models have likelihood 0: the product has nothing
# left to say. The logarithms find the frequency every time.

figure, (left, right) = plt.subplots(
    1,
    2,
    figsize=(7.2, 3.3),
    layout="constrained",
    label="Left: products of n probabilities end at n = 113 in float32 and "
    "n = 813 in float64. Right: log-likelihoods of 5000 tosses over the "
    "parameter have a clear maximum where every product is 0",
)
n = np.arange(1, 1001)
with np.errstate(under="ignore"):
    for number, dtype in enumerate((np.float64, np.float32)):
        product = np.cumprod(np.full(1000, 0.4, dtype)).astype(float)
        last = int(np.count_nonzero(product))
        colour = f"C{number}"
        left.semilogy(n[:last], product[:last], color=colour)
        left.plot(last, product[last - 1], "o", color=colour)
        left.annotate(
            f"{np.dtype(dtype).name}: 0 after {last}",
            (last, product[last - 1]),
            xytext=(-8, -3) if number == 0 else (10, -3),
            textcoords="offset points",
            ha="right" if number == 0 else "left",
            color=colour,
        )
left.set(title="0.4 to the power n, while it lasts", xlabel="n")
left.set_ylabel("product")
left.set_yticks([1, 1e-100, 1e-200, 1e-300])
frequency, products, logs = experiment(5000, 0)
right.plot(GRID, logs / 5000, color="C1", label="logarithms")
right.plot(GRID, products, color="C0", label="product")
right.axvline(frequency, color="C2", linewidth=1, linestyle=":")
right.set(title="5000 tosses: all products are 0", ylim=(-3, 0.3))
right.set(xlabel="probability of heads", ylabel="log-likelihood / n")
_ = right.legend(loc="lower center")

# %%
# Before zero: digits go
# ----------------------
#
# Below about 2e-308 the numbers are *subnormal*: each has fewer digits than
# the one before. A product loses its digits there before it loses itself.

with np.errstate(under="ignore"):
    product = np.cumprod(np.full(814, 0.4))
print("\nfactors   product        relative error")
errors = []
for k in (700, 770, 800, 813):  # compared with exact fractions
    exact = Fraction(4 / 10) ** k
    errors.append(float(abs(Fraction(product[k - 1].item()) / exact - 1)))
    print(f"{k:7} {product[k - 1]:12.3e} {errors[-1]:15.1e}")
assert errors[0] < 1e-12, "a normal product has lost its digits"
assert errors[-1] > 0.05, "a subnormal product has kept its digits"

# %%
# Densities can do the opposite
# -----------------------------
#
# A probability is at most 1, a density is not. A thousand precise
# measurements have a likelihood that *overflows*; the sum of logarithms is
# an ordinary number again.

rng = np.random.default_rng(0)
spread = 0.01
errors = rng.normal(0, spread, 1000)
density = np.exp(-((errors / spread) ** 2) / 2) / (
    spread * np.sqrt(2 * np.pi)
)
with np.errstate(over="ignore"):
    product = np.prod(density)
total = -losses.gaussian_nll(
    errors, 0.0, variance=spread**2, full=True, reduction="sum"
)
print(f"\nproduct of 1000 densities: {product}, sum of logs: {total:.1f}")
assert np.isinf(product), "the product of densities is finite"
assert abs(total - np.sum(np.log(density))) < 1e-6, "another sum"

# %%
# Things to try
# -------------
#
# * How many factors of 0.4 does float16 keep?
# * Rescale: multiply every probability by 2 before the product. How far does
#   that help, and why does it move no maximum?

plt.show()
