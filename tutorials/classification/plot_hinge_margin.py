"""
The line in the middle
======================

Only the points at or inside the margin hold the line of the hinge loss.

With a little weight decay it is the line of the support vector machine
[Cortes1995]_. The targets are -1 and +1, and what is trained is a score, no
probability. The chapter :doc:`/guide/two_classes` explains the loss and its
subgradient.
"""

# sphinx_gallery_thumbnail_number = 1

import matplotlib.pyplot as plt
import numpy as np
from sklearn.svm import SVC

from actlib import datasets, identity, losses
from actlib.network import SGD, Dense, Network

DECAY, SEEDS, POINTS = 0.05, range(5), 80

# %%
# One line, two losses
# --------------------
#
# The network is a single score :math:`s = w^T x + b`. What descends is the
# mean loss plus :math:`\lambda |w|^2/2`, a wish for a small w: the margin is
# :math:`1/|w|` wide on either side. The rate falls, because at a kink the
# gradient does not become small by itself.


def train(loss, X, y, share=1.0, steps=4000):
    """Weights and bias of the score; the loss counts `share` times."""
    layer = Dense(2, 1, identity, rng=0)
    network = Network([layer], loss)
    for step in range(steps):
        network.loss_and_gradients(X, y[:, None])
        for name, decay in (("weights", DECAY), ("bias", 0.0)):
            layer.gradients[name] *= share
            layer.gradients[name] += decay * layer.parameters[name]
        SGD(1 / (1 + 0.02 * step)).step(network.layers)
    w, b = layer.parameters["weights"], layer.parameters["bias"]
    return np.array([w[0, 0], w[1, 0], b[0]])


def clouds(seed):
    """Two clouds that overlap a little: X, and t in {-1, +1}."""
    X, label = datasets.blobs(
        POINTS, classes=2, distance=2.0, noise=0.9, rng=seed
    )
    return X, np.where(label == 0, 1.0, -1.0)


def score(line, X):
    """The score of the points X."""
    return X @ line[:2] + line[2]


# %%
# Leave out the points beyond the margin
# --------------------------------------
#
# A point with :math:`t\,s > 1` has no loss and no gradient, so the hinge
# should not notice if all of these are taken away. Cross-entropy, whose
# gradient is never 0, should. And an independent program, scikit-learn's
# ``SVC``, should find the line of the hinge.

print("      points at or     change without the others      off from")
print("seed  inside margin      hinge   cross-entropy           SVC")
lines, support, changes = {}, {}, {"hinge": [], "cross-entropy": []}
for seed in SEEDS:
    X, t = clouds(seed)
    hinge = train(losses.hinge, X, t)
    near = support[seed] = t * score(hinge, X) < 1.01
    cross = train(losses.binary_cross_entropy_with_logits, X, (t + 1) / 2)
    lines[seed] = {"hinge": hinge, "cross-entropy": cross}

    share = near.mean()  # the mean is now over fewer points
    again = train(losses.hinge, X[near], t[near], share)
    changes["hinge"].append(np.abs(again - hinge).max())
    again = train(
        losses.binary_cross_entropy_with_logits,
        X[near],
        (t[near] + 1) / 2,
        share,
    )
    changes["cross-entropy"].append(np.abs(again - cross).max())

    referee = SVC(kernel="linear", C=1 / (DECAY * POINTS)).fit(X, t)
    other = np.append(referee.coef_[0], referee.intercept_)
    off = np.abs(other - hinge).max()
    row = [changes[name][-1] for name in changes]
    cells = f"{near.sum():8} of {POINTS} {row[0]:12.4f} {row[1]:13.4f}"
    print(f"{seed:4}{cells} {off:15.4f}")
    assert off < 0.01, "the hinge does not find the line of the SVC"
    assert share < 0.3, "nearly all points are support points"

assert max(changes["hinge"]) < 0.01, "the hinge notices points far away"
assert min(changes["cross-entropy"]) > 0.3, "cross-entropy does not notice"

# %%
# In the picture the ringed points are those at or inside the margin, the
# dashed lines, where the score is -1 or +1. The other points could be anywhere
# on their side.

X, t = clouds(0)
figure, axes = plt.subplots(figsize=(7.2, 4.4), layout="constrained")
figure.set_label(
    "Two clouds of points, the line of the hinge between them with its two "
    "margins, and the line of cross-entropy. Ten points at or inside the "
    "margin are ringed."
)
for sign, marker, colour in ((1, "o", "C0"), (-1, "s", "C1")):
    axes.plot(
        *X[t == sign].T, marker, ms=5, color=colour, label=f"t = {sign:+}"
    )
axes.plot(
    *X[support[0]].T, "o", ms=11, mfc="none", mec="C2", label="hold the line"
)
low, high = X[:, 1].min() - 0.3, X[:, 1].max() + 0.3
x2 = np.array([low, high])
for name, colour in (("hinge", "C2"), ("cross-entropy", "C3")):
    w1, w2, b = lines[0][name]
    axes.plot((-b - w2 * x2) / w1, x2, color=colour, label=name)
    if name == "hinge":
        for side in (-1, 1):
            axes.plot(
                (side - b - w2 * x2) / w1, x2, "--", color=colour, lw=1.2
            )
axes.set(title="Only the ringed points hold the line of the hinge")
axes.set(xlabel="x1", ylabel="x2", ylim=(low, high))
figure.legend(loc="outside right upper")

# %%
# The two losses
# --------------
#
# Against the margin :math:`t\,s` they look alike. The difference is on the
# right: the hinge is 0 from 1 on, cross-entropy never is.

margin = np.linspace(-3, 4, 281)
figure, panels = plt.subplots(1, 2, figsize=(7.2, 3.2), layout="constrained")
figure.set_label(
    "Loss and gradient of hinge and cross-entropy against the margin: the "
    "hinge has a corner at 1 and no gradient beyond."
)
for name, style, loss in (
    ("hinge", "-", losses.hinge),
    ("cross-entropy", "--", losses.binary_cross_entropy_with_logits),
):
    panels[0].plot(
        margin, loss(margin, 1.0, reduction="none"), style, label=name
    )
    slope = loss.gradient(margin, 1.0, reduction="none")
    panels[1].plot(margin, slope, style, label=name)
    beyond = np.abs(slope[margin > 1.001])
    print(f"{name:14} smallest gradient beyond the margin: {beyond.min():.3f}")
    assert (beyond.max() == 0) == (name == "hinge"), "wrong gradient beyond 1"
panels[0].set(title="loss", xlabel="margin t s")
panels[1].set(title="gradient", xlabel="margin t s")
panels[0].legend()
_ = figure.suptitle("The hinge loses interest at 1, cross-entropy never")

plt.show()
