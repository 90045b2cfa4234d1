"""
A line shatters three points, never four
========================================

All 8 labellings of 3 points are cut by lines, of 4 points at most 14 of 16.

A set of points is *shattered* by a class of classifiers if each labelling of
the points is given by some member of the class; the size of the largest set
that can be shattered is the class's *Vapnik-Chervonenkis dimension*. Here the
class is one neuron with a hard step, ``heaviside(x @ w - b)``: straight lines.
The chapter :doc:`/guide/wide_or_deep` has the argument.
"""

from itertools import combinations
from math import comb

import matplotlib.pyplot as plt
import numpy as np

from actlib import heaviside

# %%
# All cuts, by turning a ruler
# ----------------------------
#
# A line that separates points has a direction across. Sort the points along
# that direction: the line cuts the order in two. The order changes only where
# two points lie level, and that happens in finitely many directions. So one
# direction between each two of those is enough, and the list is complete.


def cuts(points):
    """Every labelling that a line can give, with its weights and bias."""
    angles = []
    for a, b in combinations(points, 2):
        across = np.arctan2(*(b - a)[::-1]) + np.pi / 2  # both lie level
        angles += [across % (2 * np.pi), (across + np.pi) % (2 * np.pi)]
    angles = np.unique(angles)
    gaps = np.diff(np.append(angles, angles[0] + 2 * np.pi))
    found = {}
    for angle in angles + gaps / 2:
        w = np.array([np.cos(angle), np.sin(angle)])
        height = np.sort(points @ w)
        ends = height[0] - 1, height[-1] + 1
        for b in (ends[0], *(height[1:] + height[:-1]) / 2, ends[1]):
            labels = tuple(heaviside(points @ w - b).astype(int))
            margin = np.abs(points @ w - b).min()
            if labels not in found or margin > found[labels][2]:
                found[labels] = w, b, margin
    return found


def labellings(n):
    return [tuple((k >> j) & 1 for j in range(n)) for k in range(2**n)]


def draw(panel, points, labels, found):
    panel.set(xlim=(-0.5, 1.5), ylim=(-0.5, 1.5), xticks=[], yticks=[])
    panel.set_aspect("equal")
    panel.grid(False)
    panel.spines[:].set_visible(True)
    for value, marker in ((0, "o"), (1, "s")):
        chosen = points[np.array(labels) == value]
        panel.plot(*chosen.T, marker, color=f"C{value}", markersize=8)
    if labels in found:
        w, b, _ = found[labels]
        along = np.array([-w[1], w[0]]) * np.array([[-4.0], [4.0]])
        panel.plot(*(b * w + along).T, color="C2", linewidth=1.8)
    else:
        panel.text(0.5, 0.5, "no line", ha="center", va="center")


# %%
# Three points
# ------------

triangle = np.array([[0.0, 0.0], [1.0, 0.1], [0.4, 1.0]])
three = cuts(triangle)
print(f"three points: {len(three)} of 8 labellings")

figure, panels = plt.subplots(
    2,
    4,
    figsize=(7.2, 3.9),
    layout="constrained",
    label="All eight labellings of three points, each cut by a line",
)
for panel, labels in zip(panels.flat, labellings(3), strict=True):
    draw(panel, triangle, labels, three)
_ = figure.suptitle("Three points: a line for each of the 8 labellings")

assert len(three) == 8, "three points are not shattered"

# %%
# They must not lie on one line. Of three in a row, the one in the middle
# cannot be told from both its neighbours: two of the eight are lost.

row = cuts(np.array([[0.0, 0.0], [0.5, 0.25], [1.0, 0.5]]))
missing = sorted(set(labellings(3)) - set(row))
print(f"three in a row: {len(row)} of 8, not {missing}")

assert len(row) == 6, "three points in a row should have 6 labellings"
assert missing == [(0, 1, 0), (1, 0, 1)], "the middle can be cut off"

# %%
# Four points
# -----------
#
# The corners of a square: opposite corners alike is XOR, and no line does it.

square = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]])
four = cuts(square)
missing = sorted(set(labellings(4)) - set(four))
print(f"a square: {len(four)} of 16 labellings, not {missing}")

figure, panels = plt.subplots(
    4,
    4,
    figsize=(6.4, 6.6),
    layout="constrained",
    label="The 16 labellings of a square's corners: 14 cut by a line, "
    "2 by none",
)
for panel, labels in zip(panels.flat, labellings(4), strict=True):
    draw(panel, square, labels, four)
_ = figure.suptitle("Four points: XOR and its opposite have no line")

assert len(four) == 14, "a square should have 14 labellings"
assert missing == [(0, 1, 0, 1), (1, 0, 1, 0)], "XOR has been separated"

# %%
# One square proves nothing about other sets of four. So: 2000 random sets.
# Radon's theorem says that each can be split into two parts whose hulls meet,
# and then that split and its opposite are impossible; either two segments
# cross, as the diagonals of the square do, or one point lies inside the
# triangle of the others.

rng = np.random.default_rng(0)
counts, inside = [], 0
for points in rng.normal(size=(2000, 4, 2)):
    found = cuts(points)
    counts.append(len(found))
    lost = sorted(set(labellings(4)) - set(found))
    inside += sum(lost[0]) in (1, 3)  # one against three
print(f"random sets of four: {min(counts)} to {max(counts)} labellings")
print(f"one point inside the triangle of the others: {inside} of 2000 sets")

assert set(counts) == {14}, "a set of four points has another count"
assert 0 < inside < 2000, "one of the two kinds did not occur"

# %%
# Points in special position have fewer, never more:

flat = np.array([[0.0, 0.0], [1.0, 0.0], [2.0, 0.0], [0.3, 1.0]])
line = np.array([[0.0, 0.0], [1.0, 0.0], [2.0, 0.0], [3.0, 0.0]])
three_in_row, four_in_row = len(cuts(flat)), len(cuts(line))
print(f"four, three of them in a row: {three_in_row}")
print(f"four in a row: {four_in_row}")

assert three_in_row == 12, "three of four in a row"
assert four_in_row == 8, "four in a row"

# %%
# How fast the share falls
# ------------------------
#
# For n points in general position in the plane, Cover counted
# 2 (C(n-1, 0) + C(n-1, 1) + C(n-1, 2)) labellings. Up to 3 points that is
# all of them, :math:`2^n`; then it grows like :math:`n^2`, and the share of
# what a line can do goes to nothing. That a model *cannot* fit every labelling
# is what makes a good fit on many points tell something.

sizes = np.arange(1, 11)
measured = np.array([len(cuts(rng.normal(size=(n, 2)))) for n in sizes[1:]])
measured = np.append(2, measured)
cover = np.array([2 * sum(comb(n - 1, k) for k in range(3)) for n in sizes])
print("\n n  by a line      all")
for n, count in zip(sizes, measured, strict=True):
    print(f"{n:2} {count:10} {2**n:8}")

figure, axes = plt.subplots(
    figsize=(6.4, 3.6),
    layout="constrained",
    label="Share of labellings that a line can give: 1 up to three points, "
    "then falling to below one tenth at ten",
)
axes.plot(sizes, measured / 2.0**sizes, "o", label="counted")
axes.plot(sizes, cover / 2.0**sizes, "-", linewidth=1.4, label="Cover 1965")
axes.axvline(3, color="C2", linestyle=":", linewidth=1.4)
axes.text(3.1, 0.05, "VC dimension 3", color="C2")
axes.set(xlabel="points", ylabel="share of all labellings", ylim=(0, 1.05))
axes.set(title="Beyond the VC dimension the share falls fast")
_ = axes.legend()

assert np.array_equal(measured, cover), "the counts are not Cover's"

plt.show()
