"""
No free lunch, counted
======================

Over all targets of three bits, no learner is better than another.

Wolpert's theorem says that, averaged over all targets, no learner generalises
better than another. Three bits make 8 inputs and so :math:`2^8 = 256` targets:
few enough to try them all. Each learner sees the labels of some inputs and is
asked for the rest. The chapter is :doc:`/guide/wide_or_deep`.
"""

from itertools import combinations, product

import matplotlib.pyplot as plt
import numpy as np
from threadpoolctl import threadpool_limits

from actlib import identity, losses, tanh
from actlib.network import Adam, Dense, Network

inputs = np.array(list(product([0, 1], repeat=3)))
targets = np.array(list(product([0, 1], repeat=8)))

# %%
# Five learners
# -------------
#
# Each takes the inputs seen, their labels and the inputs unseen, and returns
# labels for the latter: no learner knows the target.


def majority(x, y, unseen):
    """The label that occurred more often."""
    return np.full(len(unseen), int(2 * y.sum() > len(y)))


def nearest(x, y, unseen):
    """The vote of the inputs that differ in the fewest bits."""
    distance = np.abs(unseen[:, None] - x).sum(axis=2)
    closest = distance == distance.min(axis=1, keepdims=True)
    return (2 * (closest * y).sum(axis=1) > closest.sum(axis=1)).astype(int)


def contrary(x, y, unseen):
    """The opposite of the nearest: it looks foolish."""
    return 1 - nearest(x, y, unseen)


def train(x, y, unseen, layers):
    network = Network(layers, losses.binary_cross_entropy_with_logits)
    with threadpool_limits(1):
        network.fit(
            2 * x - 1,
            y,
            epochs=60,
            batch_size=8,
            rng=0,
            optimizer=Adam(0.1),
            verbose=False,
        )
    return network.predict(2 * unseen - 1)


def neuron(x, y, unseen):
    """One neuron: logistic regression."""
    return train(x, y, unseen, [Dense(3, 1, identity, rng=0)])


def network(x, y, unseen):
    """A hidden layer of eight tanh units."""
    rng = np.random.default_rng(0)
    hidden, output = Dense(3, 8, tanh, rng=rng), Dense(8, 1, identity, rng=rng)
    return train(x, y, unseen, [hidden, output])


LEARNERS = (majority, nearest, contrary, neuron, network)

# %%
# Every target
# ------------
#
# Five inputs are seen, three unseen. A learner's answer depends on the labels
# that it saw, 32 possibilities; each of them goes with 8 targets.

SEEN, UNSEEN = [0, 1, 2, 4, 7], [3, 5, 6]


def right(learner):
    """Of each target, how many of the unseen inputs are labelled right."""
    answers = {
        labels: learner(inputs[SEEN], np.array(labels), inputs[UNSEEN])
        for labels in product([0, 1], repeat=len(SEEN))
    }
    guesses = np.array([answers[tuple(target[SEEN])] for target in targets])
    return (guesses == targets[:, UNSEEN]).sum(axis=1)


score = {learner.__name__: right(learner) for learner in LEARNERS}
print("right on unseen inputs, all 256 targets, 768 answers")
for name, hits in score.items():
    print(f"{name:9} {hits.sum():4} {hits.sum() / 768:6.1%}")

assert all(hits.sum() == 384 for hits in score.values()), "not half"

# %%
# Exactly half, for the sensible and for the foolish: whatever is answered for
# an unseen input, half of the targets that agree with what was seen have the
# other label there.
#
# Wins are even too. Flip the target's labels at the unseen inputs where two
# learners disagree: that is again a target, both answer as before, since what
# they see has not changed, and now the other wins. So each target on which A
# beats B has a partner on which B beats A.

print("\ntargets on which the row beats the column")
print(" " * 9 + "".join(f"{name:>10}" for name in score))
wins = {(a, b): int(np.sum(score[a] > score[b])) for a in score for b in score}
for a in score:
    print(f"{a:9}" + "".join(f"{wins[a, b]:10}" for b in score))

for a, b in combinations(score, 2):
    assert wins[a, b] == wins[b, a], "one learner wins more often"
assert wins["nearest", "contrary"] > 100, "the two hardly differ"

# %%
# Targets are not drawn from all
# ------------------------------
#
# "In real life, data is not distributed in any possible way", a lecture says.
# Let nature use only targets that a single neuron can represent (there are
# 104), or only those in which at least 8 of the 12 pairs of neighbours agree.
# Learners that expect the like now win, and their opposites lose by as much.


def separable():
    """Whether each target is a step of w x - b, small whole numbers."""
    grid = np.array(list(product(range(-3, 4), repeat=3)))
    found = set()
    for b in np.arange(-6.5, 7):
        found |= {tuple(row) for row in (inputs @ grid.T > b).T.astype(int)}
    return np.array([tuple(target) in found for target in targets])


pairs = [
    (i, j)
    for i, j in combinations(range(8), 2)
    if np.abs(inputs[i] - inputs[j]).sum() == 1
]
agree = np.array([sum(t[i] == t[j] for i, j in pairs) for t in targets])
WORLDS = {
    "all": np.full(256, True),
    "one neuron": separable(),
    "neighbours agree": agree >= 8,
    "neighbours differ": agree <= 4,
}
share = {
    name: {
        world: hits[chosen].mean() / len(UNSEEN)
        for world, chosen in WORLDS.items()
    }
    for name, hits in score.items()
}
print("\nright, in %" + " " * 13 + "".join(f"{name:>10}" for name in score))
for world, chosen in WORLDS.items():
    row = "".join(f"{100 * share[name][world]:10.1f}" for name in score)
    print(f"{world:17} ({chosen.sum():3}) {row}")

assert WORLDS["one neuron"].sum() == 104, "not the threshold functions"
assert share["neuron"]["one neuron"] > 0.65, "the neuron does not profit"
assert share["nearest"]["neighbours agree"] > 0.65, "neighbours do not help"
assert share["contrary"]["neighbours differ"] > 0.65, "contrary does not win"
assert share["nearest"]["neighbours differ"] < 0.35, "nearest does not lose"

# %%
# The best learner depends on the problem: that is all the theorem says, and it
# says it of learners that must answer for every problem. It is no argument
# against deep networks, nor for them.

figure, axes = plt.subplots(
    figsize=(7.2, 3.9),
    layout="constrained",
    label="Share right on unseen inputs of five learners: exactly one half "
    "over all targets; above or below it, by learner, if targets are "
    "restricted",
)
places = np.arange(len(score))
for k, (world, chosen) in enumerate(WORLDS.items()):
    heights = [100 * share[name][world] for name in score]
    label = f"{world} ({chosen.sum()})"
    axes.bar(
        places + 0.2 * (k - 1.5), heights, 0.18, color=f"C{k}", label=label
    )
axes.axhline(50, color="0.5", linewidth=1)
axes.set_xticks(places, list(score))
axes.set(ylabel="right on unseen inputs, %", ylim=(0, 100))
axes.set(title="Over all targets, all learners are equal")
axes.grid(axis="x", visible=False)
_ = figure.legend(loc="outside lower center", ncols=2)

plt.show()
