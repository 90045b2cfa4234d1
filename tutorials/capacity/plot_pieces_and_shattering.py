"""
Oscillations and shattering
===========================

One layer of N ReLU units shatters N + 1 points of a line and never N + 3, \
for it bends at most N times.

A lecture says that oscillations are related to the Vapnik-Chervonenkis
dimension. On a line the relation can be counted: to give n points alternating
labels, a function must change its sign n - 1 times, and a piecewise linear
function changes it at most once in each piece. The chapter is
:doc:`/guide/wide_or_deep`.
"""

from math import comb

import matplotlib.pyplot as plt
import numpy as np

from actlib import relu

# %%
# N units give every labelling with at most N changes
# ---------------------------------------------------
#
# A labelling of points in order is a row of blocks. Put a peak into each
# block, above zero for label 1 and below for label 0, and choose the heights
# so that the line from peak to peak crosses zero between the blocks. A
# function through N + 1 peaks takes a bias and N units, one for each bend.


def weights(points, labels):
    """Bias, bends and slopes of a layer that labels the points so."""
    ends = np.flatnonzero(np.diff(labels))  # the last point of each block
    walls = (points[ends] + points[ends + 1]) / 2
    starts = np.append(0, ends + 1)
    stops = np.append(ends, len(points) - 1)
    peaks = (points[starts] + points[stops]) / 2
    heights = [2.0 * labels[0] - 1.0]
    for k, wall in enumerate(walls):
        ratio = (peaks[k + 1] - wall) / (wall - peaks[k])
        heights.append(-heights[-1] * ratio)
    slopes = np.diff(heights) / np.diff(peaks)
    return heights[0], peaks[:-1], np.diff(slopes, prepend=0.0)


def output(x, bias, bends, slopes):
    """A network with one hidden layer of ReLU units."""
    return bias + relu(x[:, None] - bends) @ slopes


def labellings(n):
    return (np.arange(2**n)[:, None] >> np.arange(n)) & 1


def most_units(points):
    """Units that the hardest labelling takes, each labelling being checked."""
    most = 0
    for labels in labellings(len(points)):
        bias, bends, slopes = weights(points, labels)
        given = output(points, bias, bends, slopes) > 0
        assert np.array_equal(given, labels), "a labelling is not given"
        most = max(most, len(bends))
    return most


print("points  labellings, all given  units for the hardest")
needed = []
for n in range(2, 12):
    needed.append(most_units(np.sort(np.random.default_rng(n).random(n))))
    print(f"{n:6} {2**n:12} {needed[-1]:22}")

assert needed == list(range(1, 11)), "n points do not take n - 1 units"

# %%
# So N units shatter N + 1 points, wherever they lie.
#
# Not many more
# -------------
#
# N units make at most N + 1 pieces, so at most N + 1 changes of sign. Points
# that alternate N + 2 times are out of reach: N + 3 points are never
# shattered. Here is what 4000 random layers of each size do.

SEEDS, EACH = range(5), 800


def most_changes(units, seed):
    """The most changes of sign among random layers; bends lie in [0, 1]."""
    rng = np.random.default_rng([units, seed])
    most = 0
    x = np.linspace(-1, 2, 1501)
    for _ in range(EACH // 100):
        shape = (100, units, 1)
        side = rng.choice([-1.0, 1.0], shape)
        bends = rng.random(shape)
        values = rng.normal(size=shape) / np.sqrt(units)
        y = np.sum(values * relu(side * (x - bends)), axis=1)
        y -= rng.choice(y[0], size=(100, 1))  # a bias at some height
        most = max(most, int(np.sum(np.diff(y > 0, axis=1), axis=1).max()))
    return most


sizes = np.array([1, 2, 3, 4, 6, 8])
random_layers = np.array([[most_changes(n, s) for s in SEEDS] for n in sizes])
print("\nunits  most changes of sign, random layers  bound")
for n, row in zip(sizes, random_layers, strict=True):
    print(f"{n:5} {sorted(row.tolist())!s:>36} {n + 1:6}")

assert np.all(random_layers <= sizes[:, None] + 1), "more changes than pieces"
assert np.all(random_layers[-1] < sizes[-1]), "random layers use every bend"

# %%
# They keep to the bound; of the wide ones none comes near it.
#
# Three units can reach it: bent to the right, to the left and to the left,
# they make four pieces that all cross zero, which gives five points
# alternating labels.

bends, side = np.array([0.0, 1.0, 2.0]), np.array([1.0, -1.0, -1.0])
values = np.array([-0.6, 0.6, -1.0])
x = np.linspace(-4, 6, 100001)
y = np.sum(values * relu(side * (x[:, None] - bends)), axis=1)
corners = np.sum(values * relu(side * (bends[:, None] - bends)), axis=1)
print("\nvalues at the bends:", np.round(corners, 2))
crossings = int(np.sum(np.diff(y > -1.5)))  # 1.5 is the bias
print(f"three units, changes of sign: {crossings}")

assert crossings == 4, "three units do not reach four changes"

# %%
# Depth: many oscillations, but not every labelling
# -------------------------------------------------
#
# A tent of two units, composed with itself k times, is a network of 2k units
# that changes sign :math:`2^k` times about its middle. One layer of as many
# units has at most 2k + 1 changes.


def tents(x, depth):
    for _ in range(depth):
        x = 2 * relu(x) - 4 * relu(x - 0.5)
    return x


depths = np.arange(1, 8)
x = (np.arange(2**12) + 0.5) / 2**12
deep = np.array([np.sum(np.diff(tents(x, k) > 0.5)) for k in depths])
print("\nunits  deep changes  one layer at most")
for k, changes in zip(depths, deep, strict=True):
    print(f"{2 * k:5} {changes:13} {2 * k + 1:18}")

assert np.array_equal(deep, 2**depths), "the tents do not double"
assert np.all(deep[2:] > 2 * depths[2:] + 1), "depth does not pay"

# %%
# An oscillation is not a shattering. Depth k alternates :math:`2^k + 1`
# points; but shift and stretch the input of that sawtooth as you like, and
# raise or lower the threshold: of all labellings of n points you get ever
# fewer. The teeth move together; to shatter, each would need weights of its
# own.


def sawtooth_labellings(points, depth, tries, rng):
    stretch = rng.uniform(0, 1.0, (tries, 1)) / np.ptp(points)
    shift = rng.random((tries, 1)) * (1 - stretch * np.ptp(points))
    moved = shift + stretch * (points - points.min())
    above = tents(moved, depth) > rng.random((tries, 1))
    return len(np.unique(above @ (1 << np.arange(len(points)))))


rng = np.random.default_rng(0)
counts = np.arange(2, 13)
found = np.array(
    [sawtooth_labellings(np.linspace(0, 1, n), 4, 60000, rng) for n in counts]
)
at_most = np.array(
    [2 * sum(comb(n - 1, k) for k in range(10)) for n in counts]
)
at_least = np.array(
    [2 * sum(comb(n - 1, k) for k in range(9)) for n in counts]
)
print("\n   n  sawtooth  one layer of 8, at least      all")
for n, saw, low in zip(counts, found, at_least, strict=True):
    print(f"{n:4} {saw:9} {low:25} {2**n:8}")

assert np.all(at_least[:8] == 2 ** counts[:8]), "8 units must shatter 9"
assert np.all(found[counts >= 9] < 0.75 * 2 ** counts[counts >= 9]), (
    "the sawtooth nearly shatters 9 points"
)

# %%
# Ten times as many tries find no more. These points are evenly spaced; to
# shatter, *some* nine points must do. Random ones come closer:

scattered = np.array(
    [
        sawtooth_labellings(np.sort(rng.random(9)), 4, 60000, rng)
        for _ in range(8)
    ]
)
print("\nnine random points, labellings by the sawtooth of 512:")
print(*np.sort(scattered))
assert scattered.max() < 512, "the sawtooth shatters nine points"

# %%
# Tries prove nothing about all positions; counting does. The label of a point
# changes where one of the 16 edges of the sawtooth crosses it, a linear
# condition on shift, stretch and threshold. So n points make at most 16 n
# planes in the space of these three numbers, and there are no more labellings
# than cells between planes.

cells = [sum(comb(16 * n, k) for k in range(4)) for n in range(1, 41)]
most = max(n for n, count in enumerate(cells, 1) if count >= 2**n)
print(f"\nthe sawtooth shatters at most {most} points, wherever they lie")
assert most == 22, "another number of cells"

# %%
# With the same eight units, one layer shatters 9 points though it oscillates
# 8 times; the sawtooth oscillates 16 times and misses a third of their
# labellings. On a line, then: *few oscillations, small VC dimension* is a
# theorem; *many oscillations, large VC dimension* is not. (Deep ReLU networks
# do have a larger VC dimension for their number of weights, but by a factor
# of about the depth, not by a power of two: Bartlett and others 2019. The
# sawtooth here is one small family among them.)

figure, (left, right) = plt.subplots(
    1,
    2,
    figsize=(7.6, 3.9),
    layout="constrained",
    label="Left: changes of sign double with depth and grow by one with a "
    "unit in one layer. Right: eight units in one layer give all labellings "
    "of up to nine points, a sawtooth of eight units gives few",
)
left.semilogy(2 * depths, deep, "o-", label="deep: tents", base=2)
left.semilogy(2 * depths, 2 * depths + 1, "--", label="one layer: bound")
left.semilogy(
    sizes, random_layers.max(axis=1), "s:", label="one layer: random"
)
left.set(xlabel="ReLU units", ylabel="changes of sign")
left.set(title="Depth oscillates")
left.set_xticks(range(2, 16, 4))
left.legend()
right.plot(counts, found / 2.0**counts, "o-", label="8 units, deep sawtooth")
right.fill_between(
    counts,
    at_least / 2.0**counts,
    at_most / 2.0**counts,
    color="C1",
    alpha=0.35,
    label="8 units, one layer",
)
right.plot(counts, at_least / 2.0**counts, "--", color="C1")
right.set(xlabel="points on a line", ylabel="share of all labellings")
right.set(title="but one layer shatters more", ylim=(0, 1.05))
_ = right.legend(loc="lower left")

plt.show()
