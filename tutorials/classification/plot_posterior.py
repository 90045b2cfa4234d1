"""
Two losses, one probability
===========================

Squared error and cross-entropy both find P(Y = 1 | x), if the model can.

If it cannot, the answers of the two may be wrong and different. The labels are
noisy in a known way, so what the network ought to say is known at every point.
The hypotheses behind the claim, many examples, a global optimum and a model
that can represent the answer, are in the chapter :doc:`/guide/two_classes`.
"""

# sphinx_gallery_thumbnail_number = 1

import matplotlib.pyplot as plt
import numpy as np
from threadpoolctl import threadpool_limits

from actlib import datasets, identity, losses, sigmoid, tanh
from actlib.network import Adam, Dense, Network

SEEDS = range(3)
NOISE = 0.5

# %%
# Data whose posterior is known
# -----------------------------
#
# The unit square is cut by a wave. A point at height d above it is of class 1
# with probability :math:`\sigma(d/s)`: sure far away, undecided near the wave.


def posterior(X):
    """P(Y = 1 | x), by which the labels were drawn."""
    height = X[:, 1] - 0.5 - np.sin(2 * np.pi * X[:, 0]) / 4
    return sigmoid(height / (NOISE / 4))


ENDS = {
    "squared error": (sigmoid, losses.half_squared_error),
    "cross-entropy": (identity, losses.binary_cross_entropy_with_logits),
}


def train(name, n, seed):
    """A network with 12 hidden units that has seen n labelled points."""
    X, y = datasets.two_classes(n, noise=NOISE, rng=seed)
    rng = np.random.default_rng(seed)
    activation, loss = ENDS[name]
    layers = [
        Dense(2, 12, tanh, rng=rng, dtype=np.float32),
        Dense(12, 1, activation, rng=rng, dtype=np.float32),
    ]
    network = Network(layers, loss)
    batch = max(20, n // 20)
    with threadpool_limits(1):  # large steps first, then small ones
        for rate, epochs in ((0.05, 30), (0.005, 10)):
            network.fit(
                X,
                y,
                epochs=epochs,
                batch_size=batch,
                rng=rng,
                optimizer=Adam(rate),
                verbose=False,
            )
    return network


side = np.linspace(0.025, 0.975, 39)
GRID = np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)
TRUTH = posterior(GRID)
SIZES = (200, 2000, 10_000)
print("mean |answer - posterior|, mean of the seeds (worst)")
print(f"{'loss':14}" + "".join(f"{n:>17} points" for n in SIZES))
errors, answers = {}, {}
for name in ENDS:
    for n in SIZES:
        for seed in SEEDS:
            answer = train(name, n, seed).predict_proba(GRID)[:, 1]
            errors[name, n, seed] = np.mean(np.abs(answer - TRUTH))
            answers[name, n, seed] = answer
    row = [[errors[name, n, seed] for seed in SEEDS] for n in SIZES]
    cells = (f"{np.mean(e):15.3f} ({max(e):.3f})" for e in row)
    print(f"{name:14}" + "".join(cells))

# %%
# Both errors fall as the examples become more, towards the same answer. In the
# picture every grid point is a dot: what the network says against what is
# true.

figure, panels = plt.subplots(
    1, 2, figsize=(7.2, 3.7), sharey=True, layout="constrained"
)
figure.set_label(
    "Answers of two networks against the true probability at 1521 points: "
    "with 10 000 examples both lie along the diagonal, with 200 they scatter."
)
for panel, name in zip(panels, ENDS, strict=True):
    for n, colour in ((200, "C1"), (10_000, "C0")):
        dots = answers[name, n, 0]
        panel.plot(TRUTH, dots, ".", ms=2, color=colour, label=f"{n} examples")
    panel.plot([0, 1], [0, 1], "--", color="C2", lw=1.2)
    panel.set(title=name, xlabel="true P(Y = 1 | x)", aspect="equal")
panels[0].set_ylabel("answer of the network")
panels[1].legend(markerscale=5, loc="upper left")
_ = figure.suptitle("With many examples both losses find the posterior")

for name in ENDS:
    for seed in SEEDS:
        few, _, many = (errors[name, n, seed] for n in SIZES)
        assert many < 0.04, f"{name} does not find the posterior"
        assert few > 2 * many, f"{name} needs no data"
apart = max(
    np.mean(np.abs(np.subtract(*(answers[e, SIZES[-1], s] for e in ENDS))))
    for s in SEEDS
)
print(f"\nwith {SIZES[-1]} examples the two differ by {apart:.3f} on average")
assert apart < 0.03, "the two losses find two answers"

# %%
# A model that cannot say it
# --------------------------
#
# Now the input is a number h, 1 or 2, equally often, and P(Y = 1 | h) is 0.9
# or 0.1. The model is :math:`\sigma(wh)`, with one weight and no bias. It
# cannot fall from 0.9 to 0.1, whatever w is. Both losses still have a minimum,
# where their gradients, averaged over the distribution, are 0.

H, P = np.array([1.0, 2.0]), np.array([0.9, 0.1])


def expected_gradient(name, w):
    """The gradient in w; linear in the label, so that P serves for Y."""
    activation, loss = ENDS[name]
    upstream = loss.gradient(activation(w * H), P, reduction="none")
    return float(np.mean(activation.backward(upstream, w * H) * H))


def stationary(name, low=-3.0, high=3.0):
    """The zero of the gradient, by bisection."""
    for _ in range(60):
        middle = (low + high) / 2
        if expected_gradient(name, middle) < 0:
            low = middle
        else:
            high = middle
    return middle


print("\nloss             w        answers for h = 1 and 2    truth")
best = {}
for name in ENDS:
    best[name] = w = stationary(name)
    one, two = sigmoid(w * H)
    cells = f"{w:8.4f}   {one:.3f} and {two:.3f}            0.9 and 0.1"
    print(f"{name:14} {cells}")

# %%
# The gradient of cross-entropy vanishes at w = -0.33, where the answers are
# nowhere near the posterior. Its expected loss is convex in w, so the zero
# shows that no *w* does better, not that the answer is right. And the two
# losses now disagree about which w that is.

ws = np.linspace(-0.8, 0.2, 201)
figure, axes = plt.subplots(figsize=(7.2, 3.6), layout="constrained")
figure.set_label(
    "Expected gradients of both losses against w: each crosses zero once, at "
    "two different places."
)
for name, style in zip(ENDS, ("-", "--"), strict=True):
    gradients = [expected_gradient(name, w) for w in ws]
    (line,) = axes.plot(ws, gradients, style, label=name)
    axes.plot(best[name], 0, "o", color=line.get_color())
axes.axhline(0, lw=0.8, color="C2")
axes.set(title="A model that cannot represent the posterior")
axes.set(xlabel="w", ylabel="expected dL/dw")
axes.legend()

cross = sigmoid(best["cross-entropy"] * H)
assert abs(best["cross-entropy"] + 0.3298) < 1e-4, "another stationary point"
assert abs(best["squared error"] + 0.3012) < 1e-4, "another stationary point"
assert np.allclose(cross, [0.418, 0.341], atol=5e-4), "other answers"
assert np.all(np.abs(cross - P) > 0.2), "that is the posterior"
difference = abs(best["squared error"] - best["cross-entropy"])
assert difference > 0.02, "the losses agree although the model is wrong"

plt.show()
