"""
The temperature of softmax
==========================

Temperature makes softmax surer or less sure without changing its decision.

One number, fitted after training, repairs an overconfident network: found by
Guo and others for modern networks [Guo2017]_, measured here on the digits. The
chapter :doc:`/guide/many_classes` derives what the temperature does.
"""

# sphinx_gallery_thumbnail_number = 1

import matplotlib.pyplot as plt
import numpy as np
from threadpoolctl import threadpool_limits

from actlib import datasets, hardmax, identity, losses, relu, softmax
from actlib.network import Adam, Dense, Network

# %%
# From equal shares to a decision
# -------------------------------
#
# The scores 0.8, 0.6 and 0.2 of one of the lectures, from cold to hot.

scores = datasets.softmax_example().scores
temperatures = np.geomspace(0.02, 50, 200)
shares = np.array([softmax(scores, temperature=T) for T in temperatures])

figure, axes = plt.subplots(figsize=(7.2, 3.6), layout="constrained")
figure.set_label(
    "Three probabilities against the temperature: at 0.02 they are 1, 0, 0, "
    "at 1 they are 0.42, 0.35, 0.23, at 50 all are a third."
)
for k, style in enumerate(("-", "--", "-.")):
    label = f"score {scores[k]}"
    axes.semilogx(temperatures, shares[:, k], style, label=label)
axes.axvline(1, lw=0.8, color="C3")
axes.annotate(" T = 1", (1, 0.9), color="C3")
axes.set(title="Cold decides, hot shares out", xlabel="temperature T")
axes.set_ylabel("probability")
axes.legend(loc="center left")

for T in (0.02, 1.0, 50.0):
    print(f"T = {T:5}: {softmax(scores, temperature=T).round(3)}")
order = np.argsort(shares, axis=1)
assert np.all(order == [2, 1, 0]), "the temperature changes the order"
assert np.abs(shares[0] - hardmax(scores)).max() < 1e-4, "cold is no decision"
assert np.abs(shares[-1] - 1 / 3).max() < 0.01, "hot is not uniform"

# %%
# An overconfident network
# ------------------------
#
# Few examples and a long training: 150 digits learned by heart, a fifth of
# them with labels drawn at random, of which nine in ten are wrong. The labels
# of the test pictures are right; half of them serve to find the temperature,
# the other half to measure.

SEEDS, EPOCHS = range(3), 80


def overfit(seed):
    """Scores for the test pictures of a network that has learned by heart."""
    data, rng = datasets.digits(rng=seed), np.random.default_rng(seed)
    X, y = data.X_train[:150], data.y_train[:150].copy()
    drawn = rng.choice(150, 30, replace=False)
    y[drawn] = rng.integers(0, 10, 30)
    layers = [
        Dense(64, 64, relu, rng=rng),
        Dense(64, 10, identity, rng=rng),
    ]
    with threadpool_limits(1):
        network = Network(layers, losses.cross_entropy).fit(
            X,
            y,
            epochs=EPOCHS,
            batch_size=25,
            rng=rng,
            optimizer=Adam(0.01),
            verbose=False,
        )
    assert network.score(X, y) == 1, "not learned by heart"
    return network.forward(data.X_test), data.y_test


def loss_at(T, scores, labels):
    """Mean cross-entropy at the temperature T."""
    return float(losses.cross_entropy(scores / T, labels))


print("\n              test loss            mean confidence")
print("seed   T     T = 1   best T    right   T = 1   best T")
GRID, calibrated = np.geomspace(0.5, 20, 120), []
for seed in SEEDS:
    scores, labels = overfit(seed)
    half = np.arange(len(labels)) % 2 == 0
    tried = [loss_at(T, scores[half], labels[half]) for T in GRID]
    T = float(GRID[np.argmin(tried)])
    z, y = scores[~half], labels[~half]
    before, after = loss_at(1.0, z, y), loss_at(T, z, y)
    right = np.mean(z.argmax(axis=1) == y)
    sure = [softmax(z, temperature=t).max(axis=1).mean() for t in (1.0, T)]
    calibrated.append((T, before, after, right, *sure))
    print(f"{seed:4} {T:5.2f} {before:7.3f} {after:8.3f}", end="")
    print(f" {right:8.3f} {sure[0]:7.3f} {sure[1]:8.3f}")

# %%
# At T = 1 the network is about 13 points surer than it is right. One number,
# found on half of the test pictures, takes more than a quarter off the loss of
# the other half. It moves no decision: as many are right as before.

calibrated = np.array(calibrated)
T, before, after, right, sure, mild = calibrated.T
assert np.all(T > 1.4), "the network is not overconfident"
assert np.all(after < 0.8 * before), "the temperature does not help"
assert np.all(sure - right > 0.08), "it is not surer than right"
assert np.all(np.abs(mild - right) < 0.08), "calibration misses"
assert np.all(softmax(z, temperature=T[-1]).argmax(axis=1) == z.argmax(axis=1))

figure, axes = plt.subplots(figsize=(7.2, 3.6), layout="constrained")
figure.set_label(
    "Test loss against the temperature for the last seed: lowest near 2, "
    "higher at 1."
)
curve = [loss_at(t, z, y) for t in GRID]
axes.semilogx(GRID, curve, label="test pictures not used to choose T")
axes.plot(1, before[-1], "o", color="C1", label="T = 1")
axes.plot(T[-1], after[-1], "s", color="C2", label="T chosen on the others")
axes.set(title="One number repairs overconfidence", xlabel="temperature T")
axes.set(ylabel="cross-entropy", xticks=[0.5, 1, 2, 5, 10, 20])
axes.set_xticklabels(["0.5", "1", "2", "5", "10", "20"])
axes.minorticks_off()
axes.legend()

plt.show()
