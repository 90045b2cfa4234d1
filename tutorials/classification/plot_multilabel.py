"""
One of them, or any of them
===========================

Sigmoids can say that several answers are right, or none; a softmax cannot.

Multiclass means that each example belongs to exactly one class, multilabel
that every label has a yes or no of its own. The chapter
:doc:`/guide/many_classes` has both losses.
"""

# sphinx_gallery_thumbnail_number = 2

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from threadpoolctl import threadpool_limits

from actlib import identity, losses, relu, sigmoid, softmax
from actlib.network import SGD, Dense, Network

SEEDS, SHOWN = range(5), (0, 1, 4)

# %%
# Pictures with several things in them
# ------------------------------------
#
# Handwritten 0, 1 and 4, laid over each other: each is in the picture or not,
# by the toss of a coin. One picture in eight is empty but for its noise.

PIXELS, NUMBERS = load_digits(return_X_y=True)
PIXELS = PIXELS / 16


def pictures(n, rng, source):
    """n overlaid pictures, and for each which of the three digits it shows."""
    present = rng.integers(0, 2, (n, 3))
    layers = [
        PIXELS[rng.choice(source[digit], n)] * present[:, [k]]
        for k, digit in enumerate(SHOWN)
    ]
    noise = 0.05 * rng.normal(size=(n, 64))
    return np.max(layers, axis=0) + noise, present


def split(rng):
    """Overlays for training and test, from different handwriting."""
    parts = {}
    places = {d: rng.permutation(np.flatnonzero(d == NUMBERS)) for d in SHOWN}
    for name, cut in (("train", slice(40, None)), ("test", slice(40))):
        source = {digit: index[cut] for digit, index in places.items()}
        parts[name] = pictures(1500, rng, source)
    return parts


# %%
# The same network, two ends
# --------------------------
#
# The softmax needs a distribution as its target. It gets equal shares of the
# digits that are there; of an empty picture, equal shares of all three. Three
# outputs that add up to 1 can hardly be told more. (A softmax over all eight
# subsets of the digits could; it would need eight outputs.)


def train(end, seed):
    """Outputs for the test pictures, and the truth."""
    rng = np.random.default_rng(seed)
    parts = split(rng)
    X, present = parts["train"]
    target = present.astype(float)
    loss, link = losses.binary_cross_entropy_with_logits, sigmoid
    if end == "softmax":
        loss, link = losses.cross_entropy, softmax
        target[present.sum(axis=1) == 0] = 1
        target /= target.sum(axis=1, keepdims=True)
    layers = [Dense(64, 32, relu, rng=rng), Dense(32, 3, identity, rng=rng)]
    network, optimizer = Network(layers, loss), SGD(0.5)
    with threadpool_limits(1):
        for _ in range(1500):
            batch = rng.integers(0, len(X), 64)
            network.loss_and_gradients(X[batch], target[batch])
            optimizer.step(network.layers)
    X, present = parts["test"]
    return link(network.forward(X)), present, X


def right(outputs, present, threshold):
    """Share of the pictures in which all three answers are right."""
    return np.mean(np.all((outputs > threshold) == present, axis=1))


runs = {end: [train(end, s) for s in SEEDS] for end in ("sigmoids", "softmax")}
THRESHOLDS = np.linspace(0.02, 0.98, 97)
print("all three answers right, by number of digits in the picture")
print("end        threshold      0      1      2      3    all")
exact = {}
for end, results in runs.items():
    scan = [
        np.mean([right(o, p, c) for o, p, _ in results]) for c in THRESHOLDS
    ]
    cut = 0.5 if end == "sigmoids" else float(THRESHOLDS[np.argmax(scan)])
    rows = []
    for outputs, present, _ in results:
        count = present.sum(axis=1)
        parts = [
            right(outputs[count == k], present[count == k], cut)
            for k in range(4)
        ]
        rows.append([*parts, right(outputs, present, cut)])
    exact[end] = np.array(rows)
    cells = "".join(
        f"{100 * share:6.1f}%" for share in exact[end].mean(axis=0)
    )
    print(f"{end:10} {cut:9.2f}{cells}")

# %%
# The softmax threshold is the best of 97, chosen on the very test pictures. It
# still is right about no empty picture: three equal shares are what it was
# taught to say to "none of them" and to "all of them", and no threshold tells
# the two apart.

sigmoids, soft = exact["sigmoids"], exact["softmax"]
lead = 100 * (sigmoids - soft)[:, 4]
print(f"the sigmoids lead by {lead.min():.1f} to {lead.max():.1f} points")
assert np.all(sigmoids[:, 4] > soft[:, 4] + 0.05), "softmax does as well"
assert np.all(sigmoids[:, 0] > 0.95), "the sigmoids do not see nothing"
assert np.all((soft[:, 0] < 0.1) | (soft[:, 3] < 0.1)), (
    "none = all for softmax"
)
for outputs, _, _ in runs["softmax"]:
    assert np.allclose(outputs.sum(axis=1), 1), "not a distribution"

# %%
# Four pictures and what both ends say about them. The line is 1/2.

present, X = runs["sigmoids"][0][1:]
wanted = ([0, 0, 0], [0, 1, 0], [1, 0, 1], [1, 1, 1])
chosen = [
    int(np.flatnonzero((present == row).all(axis=1))[2]) for row in wanted
]
figure, panels = plt.subplots(
    3, 4, figsize=(7.2, 5.0), layout="constrained", sharey="row"
)
figure.set_label(
    "Four pictures, of none, of 1, of 0 and 4, of 0, 1 and 4. The sigmoids "
    "raise a bar for each digit that is there; the softmax bars share one."
)
for column, (place, row) in enumerate(zip(chosen, wanted, strict=True)):
    names = [str(d) for d, there in zip(SHOWN, row, strict=True) if there]
    top = panels[0, column]
    top.imshow(X[place].reshape(8, 8), cmap="gray_r", vmin=0, vmax=1)
    top.set_title(", ".join(names) or "none")
    top.set_axis_off()
    for panel, (end, colour) in zip(
        panels[1:, column],
        (("sigmoids", "C0"), ("softmax", "C1")),
        strict=True,
    ):
        panel.bar(
            [str(d) for d in SHOWN], runs[end][0][0][place], color=colour
        )
        panel.axhline(0.5, color="C2", lw=0.8)
        panel.set(ylim=(0, 1.05))
        panels[1 if end == "sigmoids" else 2, 0].set_ylabel(end)
_ = figure.suptitle("None, one, two, all: sigmoids can say it")

plt.show()
