"""
Softmax or ten sigmoids?
========================

On handwritten digits softmax and ten sigmoids read equally well.

One of the lectures asks which of the two is better and answers: it depends,
both can be good. The chapter :doc:`/guide/many_classes` shows what they have
in common, the gradient "output minus label", and what they do not.
"""

# sphinx_gallery_thumbnail_number = 1

import matplotlib.pyplot as plt
import numpy as np
from threadpoolctl import threadpool_limits

from actlib import datasets, identity, log_softmax, losses, one_hot, sigmoid
from actlib.network import SGD, Dense, Network

SEEDS, EPOCHS = range(5), 12
DATA = [datasets.digits(rng=seed) for seed in SEEDS]

# %%
# Two ends of one network
# -----------------------
#
# The first ends in log-softmax and has the log-likelihood cost, the second
# ends in ten scores, of which the loss makes ten sigmoids. All else is the
# same: one layer of 32 sigmoid units below, the same weights to start from.

ENDS = {
    "softmax": (log_softmax, losses.negative_log_likelihood),
    "ten sigmoids": (identity, losses.binary_cross_entropy_with_logits),
}
RATES = (1.0, 3.0, 6.0, 12.0)


def train(name, rate, seed):
    """The trained network and its test accuracy after each epoch."""
    activation, loss = ENDS[name]
    data, rng = DATA[seed], np.random.default_rng(seed)
    layers = [
        Dense(64, 32, sigmoid, rng=rng),
        Dense(32, 10, activation, rng=rng),
    ]
    with threadpool_limits(1):
        network = Network(layers, loss).fit(
            data.X_train,
            data.y_train,
            epochs=EPOCHS,
            batch_size=32,
            rng=rng,
            optimizer=SGD(rate),
            validation=(data.X_test, data.y_test),
            verbose=False,
        )
    return network, np.array(network.history_["validation_accuracy"])


curves, networks = {}, {}
for name in ENDS:
    for rate in RATES:
        runs = [train(name, rate, seed) for seed in SEEDS]
        networks[name, rate] = [network for network, _ in runs]
        curves[name, rate] = 100 * np.array([curve for _, curve in runs])

print("test accuracy in %, mean of the seeds (lowest to highest)")
print(f"{'':14}" + "".join(f"{f'rate {rate:g}':>22}" for rate in RATES))
final = {key: curve[:, -3:].mean(axis=1) for key, curve in curves.items()}
for name in ENDS:
    cells = [final[name, rate] for rate in RATES]
    cells = [f"{c.mean():.1f} ({c.min():.1f} to {c.max():.1f})" for c in cells]
    print(f"{name:14}" + "".join(f"{cell:>22}" for cell in cells))

figure, axes = plt.subplots(figsize=(7.2, 3.8), layout="constrained")
figure.set_label(
    "Test accuracy over 12 epochs of both ends, each at its best rate: the "
    "two bands lie on each other."
)
best = {
    name: max(RATES, key=lambda rate: final[name, rate].mean())
    for name in ENDS
}
for (name, rate), style in zip(best.items(), ("-", "--"), strict=True):
    curve = curves[name, rate]
    (line,) = axes.plot(
        curve.mean(axis=0), style, label=f"{name}, rate {rate:g}"
    )
    band = curve.min(axis=0), curve.max(axis=0)
    axes.fill_between(
        range(EPOCHS + 1), *band, color=line.get_color(), alpha=0.15, lw=0
    )
axes.set(title="Two ends, one accuracy: means of five seeds, and ranges")
axes.set(xlabel="epochs", ylabel="test accuracy in %", ylim=(60, 100))
axes.legend(loc="lower right")

# %%
# "Both are good" holds, with five different seeds:

difference = final["softmax", best["softmax"]]
difference = difference - final["ten sigmoids", best["ten sigmoids"]]
print(f"\nsoftmax is ahead by {difference.mean():.2f} points,", end=" ")
print(f"{difference.min():.2f} to {difference.max():.2f}")
for name in ENDS:
    assert final[name, best[name]].min() > 94, f"{name} is not good"
assert abs(difference.mean()) < 0.7, "one end is better"
gaps = np.concatenate(
    [final["softmax", rate] - final["ten sigmoids", rate] for rate in RATES]
)
print(f"over all rates and seeds: {gaps.min():.2f} to {gaps.max():.2f}")
assert gaps.min() < 0 < gaps.max(), "one end is always ahead"

# %%
# What is not the same
# --------------------
#
# Ten softmax outputs are one distribution. Ten sigmoids are ten answers, and
# nothing makes them add up to 1; training brings their sum near it.

rows = {}
for name in ENDS:
    network, X = networks[name, best[name]][0], DATA[0].X_test
    rows[name] = network.predict_proba(X)
    total = rows[name].sum(axis=1)
    print(
        f"{name:14} sum of the outputs: {total.min():.3f} to {total.max():.3f}"
    )

figure, panels = plt.subplots(1, 2, figsize=(7.2, 3.2), layout="constrained")
figure.set_label(
    "Histograms of the sum of ten outputs over the test pictures: softmax "
    "always 1, sigmoids from below one half to above one."
)
for panel, (name, outputs), colour in zip(
    panels, rows.items(), ("C0", "C1"), strict=True
):
    panel.hist(
        outputs.sum(axis=1), bins=np.linspace(0.025, 1.975, 40), color=colour
    )
    panel.set(title=name, xlabel="sum of the ten outputs")
panels[0].set_ylabel("test pictures")
_ = figure.suptitle("Ten sigmoids need not add up to 1")

assert np.allclose(rows["softmax"].sum(axis=1), 1), "softmax does not sum to 1"
assert np.ptp(rows["ten sigmoids"].sum(axis=1)) > 0.3, (
    "the sigmoids sum to one"
)

# %%
# One gradient
# ------------
#
# With respect to the biases of the last layer both gradients are the mean of
# "output minus label". Here they are, for the trained networks and the test
# pictures of the first seed.

data = DATA[0]
hot = one_hot(data.y_test, 10)
print()
for name, outputs in rows.items():
    network = networks[name, best[name]][0]
    target = data.y_test if name == "softmax" else hot
    network.loss_and_gradients(data.X_test, target)
    gradient = network.layers[-1].gradients["bias"]
    error = np.mean(outputs - hot, axis=0)
    off = np.abs(gradient - error).max()
    print(f"{name:14} gradient - mean(output - label): {off:.1e}")
    assert np.allclose(gradient, error, atol=1e-12), "not output minus label"

plt.show()
