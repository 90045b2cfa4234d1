"""
From scores to a one-hot target
===============================

Scores become probabilities in two steps, and only the true class counts.

Pedestrian, car, motorcycle: the worked example of one of the lectures, redrawn
from the library's own numbers. The chapter :doc:`/guide/many_classes` explains
each column.
"""

import matplotlib.pyplot as plt
import numpy as np

from actlib import datasets, losses, one_hot, softmax

example = datasets.softmax_example()
classes, scores, label = example

# %%
# The targets
# -----------
#
# Class number k becomes a vector with a 1 in place k. The code counts from 0;
# a formula that counts classes from 1 means one more.

targets = one_hot([0, 1, 2], 3)
for name, row in zip(classes, targets, strict=True):
    print(f"{name:12} {row}")
assert np.array_equal(targets, np.eye(3)), "not one-hot"

# %%
# The table
# ---------
#
# The exponential makes the scores positive and keeps their order.
# Normalisation, the division by their sum, makes them a distribution.

positive = np.exp(scores)
probabilities = positive / positive.sum()
terms = -targets[label] * np.log(probabilities)
loss = losses.cross_entropy(scores[None], [label])
columns = {
    "score": scores,
    "exponential": positive,
    "normalised": probabilities,
    "target": targets[label],
    "loss": terms,
}
print("\n" + " " * 12 + "".join(f"{name:>13}" for name in columns))
for k, name in enumerate(classes):
    cells = (f"{column[k]:13.4f}" for column in columns.values())
    print(f"{name:12}" + "".join(cells))
print(f"{'sum':12}" + " " * 52 + f"{terms.sum():13.4f}")

figure, panels = plt.subplots(
    1, 5, figsize=(7.2, 3.0), sharey=True, layout="constrained"
)
figure.set_label(
    "Five bar charts for pedestrian, car and motorcycle: scores 0.8, 0.6, "
    "0.2; exponentials 2.23, 1.82, 1.22; probabilities 0.42, 0.35, 0.23; the "
    "target 1, 0, 0; and the loss, 0.86, all of it from the pedestrian."
)
places = np.arange(3)
for i, (panel, (name, column)) in enumerate(
    zip(panels, columns.items(), strict=True)
):
    panel.barh(places, column, color=f"C{i}", height=0.6)
    for place, value in zip(places, column, strict=True):
        panel.text(
            value + 0.03 * max(column), place, f"{value:.2f}", va="center"
        )
    panel.set(title=name, xlim=(0, 1.55 * max(column)), xticks=[])
    panel.grid(False)
panels[0].set_yticks(places, classes)
panels[0].invert_yaxis()
_ = figure.suptitle("From scores to the loss: only the true class counts")

# %%
# What the slide says, and what rounding did
# ------------------------------------------
#
# The slide prints 0.42, 0.34 and 0.23. The second number is 0.3458: cut off,
# not rounded. And from the rounded 0.42 the loss is 0.87; from the probability
# itself it is 0.86.

print(
    "\nrounded:", probabilities.round(2), " sum", probabilities.round(2).sum()
)
print(f"-log 0.42 = {-np.log(0.42):.4f}, with all digits {float(loss):.4f}")

assert np.allclose(probabilities, softmax(scores)), "softmax is something else"
assert np.array_equal(probabilities.round(2), [0.42, 0.35, 0.23]), (
    "other numbers"
)
assert np.array_equal(np.argsort(positive), np.argsort(scores)), (
    "another order"
)
assert round(-np.log(0.42), 2) == 0.87, "not the number of the slide"
assert round(float(loss), 2) == 0.86, "not the exact number"
assert np.isclose(terms.sum(), loss), "more than the true class counts"
assert terms[1] == terms[2] == 0, "a wrong class counts"

# %%
# All three pictures
# ------------------
#
# The same scores with each of the three classes as the truth. The loss is low
# where the true class has the largest probability, and the gradient,
# probability minus target, always sums to 0: what one class gains, the others
# lose.

rows = np.tile(scores, (3, 1))
values = losses.cross_entropy(rows, [0, 1, 2], reduction="none")
gradients = losses.cross_entropy.gradient(rows, [0, 1, 2], reduction="none")
print("\ntrue class     loss   gradient with respect to the scores")
for name, value, gradient in zip(classes, values, gradients, strict=True):
    print(f"{name:12} {value:6.4f}   {gradient.round(4)}")
assert np.allclose(gradients, probabilities - targets), "not p - y"
assert np.allclose(gradients.sum(axis=1), 0, atol=1e-15), "the sum is not 0"
assert values[0] < values[1] < values[2], "the loss does not follow the order"

figure, panels = plt.subplots(
    1, 3, figsize=(7.2, 2.8), sharey=True, layout="constrained"
)
figure.set_label(
    "Gradients with respect to the three scores for each true class: negative "
    "at the true class, positive at the others."
)
for k, panel in enumerate(panels):
    colours = ["C1" if j == k else "C0" for j in range(3)]
    panel.bar(classes, gradients[k], color=colours)
    panel.axhline(0, lw=0.8, color="C2")
    panel.set_title(f"{classes[k]}: loss {values[k]:.2f}")
    panel.tick_params(axis="x", rotation=30)
panels[0].set_ylabel("gradient")
_ = figure.suptitle("Three truths, three gradients, each with the sum 0")

plt.show()
