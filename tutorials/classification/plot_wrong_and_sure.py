"""
Wrong and sure
==============

Where an output is wrong and saturated, squared error has no gradient left.

Cross-entropy has its largest gradient there. The chapter
:doc:`/guide/two_classes` shows why: the derivative of the sigmoid is a factor
of the one gradient and cancels in the other. Here both are measured, first at
one output, then in a neuron that has learned everything the wrong way round.
"""

# sphinx_gallery_thumbnail_number = 1

import matplotlib.pyplot as plt
import numpy as np

from actlib import datasets, identity, losses, sigmoid
from actlib.network import SGD, Dense, Network

ENDS = {
    "squared error": (sigmoid, losses.half_squared_error),
    "cross-entropy": (identity, losses.binary_cross_entropy_with_logits),
}
STYLES = dict(zip(ENDS, ("-", "--"), strict=True))

# %%
# The gradient at one output
# --------------------------
#
# The label is 1 and the score is z. Far to the left the answer is wrong and
# sure.

z = np.linspace(-10, 6, 641)
gradients = {}
for name, (activation, loss) in ENDS.items():
    upstream = loss.gradient(activation(z), 1.0, reduction="none")
    gradients[name] = activation.backward(upstream, z)

figure, axes = plt.subplots(figsize=(7.2, 3.6), layout="constrained")
figure.set_label(
    "Size of the gradient against the score for the label 1. Cross-entropy "
    "rises to 1 on the wrong side; squared error peaks at 0.15 and falls "
    "back to 0."
)
for name, gradient in gradients.items():
    axes.plot(z, np.abs(gradient), STYLES[name], label=name)
axes.annotate("wrong and sure", (-9.5, 0.06), color="C2")
axes.set(title="Size of the gradient for the label 1", xlabel="score z")
axes.set(ylabel="|dC/dz|", ylim=(-0.02, 1.05))
axes.legend(loc="upper right")

print("score   output   |dC/dz| squared error   cross-entropy")
for at in (-10, -5, -2, 0, 2, 5):
    i = int(np.argmin(np.abs(z - at)))
    one, two = (abs(float(gradients[name][i])) for name in ENDS)
    print(f"{at:5} {sigmoid(z[i]):8.5f} {one:22.6f} {two:15.6f}")

# %%
# Squared error pulls hardest at the output 1/3: its gradient there is 4/27. An
# example that is more wrong than that is heard *less*.

peak = int(np.argmax(np.abs(gradients["squared error"])))
print(f"squared error pulls hardest at the output {sigmoid(z[peak]):.3f}")
assert abs(sigmoid(z[peak]) - 1 / 3) < 0.01, "the peak is not at 1/3"
assert abs(abs(gradients["squared error"][peak]) - 4 / 27) < 1e-4, "no 4/27"
assert abs(gradients["squared error"][0]) < 1e-4, "squared error still learns"
assert abs(gradients["cross-entropy"][0]) > 0.999, "cross-entropy stalls"
steps = np.diff(np.abs(gradients["cross-entropy"]))
assert np.all(steps < 0), "cross-entropy is not largest where most wrong"

# %%
# Labels the wrong way round
# --------------------------
#
# Two clouds of points, and a single sigmoid neuron whose line is right but
# whose sign is wrong: it is mistaken about every point, and the longer its
# weight vector, the surer it is. How many steps, at the rate 0.5, until 95 %
# are right?

LENGTHS = (0.5, 1.0, 2.0, 3.0, 4.0)
SEEDS, LIMIT = range(5), 3000


def steps_needed(name, length, seed):
    """Steps of gradient descent until the neuron has turned round."""
    X, y = datasets.blobs(200, classes=2, distance=2.0, rng=seed)
    activation, loss = ENDS[name]
    layer = Dense(2, 1, activation, rng=seed)
    layer.parameters["weights"][:] = [
        [length],
        [0.0],
    ]  # class 1 lies to the left
    network, optimizer = Network([layer], loss), SGD(0.5)
    for step in range(LIMIT):
        scores = X @ layer.parameters["weights"] + layer.parameters["bias"]
        if np.mean((scores[:, 0] > 0) == y) > 0.95:
            return step
        network.loss_and_gradients(X, y[:, None].astype(float))
        optimizer.step(network.layers)
    return LIMIT


needed = {}
for name in ENDS:
    counts = [[steps_needed(name, v, s) for s in SEEDS] for v in LENGTHS]
    needed[name] = np.array(counts)
print("\nsteps until 95 % are right, mean of the seeds (lowest to highest)")
print(f"{'|w| at the start':18}" + "".join(f"{name:>24}" for name in ENDS))
for i, length in enumerate(LENGTHS):
    rows = [counts[i] for counts in needed.values()]
    cells = [f"{n.mean():8.0f} ({n.min()} to {n.max()})" for n in rows]
    print(f"{length:<18}" + "".join(f"{cell:>24}" for cell in cells))

figure, axes = plt.subplots(figsize=(7.2, 3.6), layout="constrained")
figure.set_label(
    "Steps until 95 % are right against the length of the wrong weight "
    "vector: with cross-entropy a line, with squared error an exponential."
)
for name, counts in needed.items():
    (line,) = axes.semilogy(
        LENGTHS, counts.mean(axis=1), STYLES[name], marker="o", label=name
    )
    axes.semilogy(LENGTHS, counts, ".", color=line.get_color(), alpha=0.45)
axes.set(title="How long it takes to unlearn: each small dot is a seed")
axes.set(xlabel="length of the wrong weight vector", ylabel="steps")
axes.legend()

# %%
# Cross-entropy needs one step more for each unit of length; squared error
# needs three to four times as many steps. It has to wait until the few points
# near the border have turned the neuron, for all others are silent.

squared, cross = needed["squared error"], needed["cross-entropy"]
growth = squared[1:] / squared[:-1]
assert np.all(growth[1:] > 2.3), "squared error does not slow down"
assert np.all(np.diff(cross, axis=0) <= 2), "cross-entropy slows down"
assert np.all(squared[-1] > 30 * cross[-1]), "squared error is not much slower"

plt.show()
