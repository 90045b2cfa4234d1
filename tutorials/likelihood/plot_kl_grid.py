"""
Three rulers, one best model
============================

The model of largest likelihood is the model of smallest divergence from the data, and of smallest cross-entropy.

Labels of three classes are drawn, and every model of a fine grid is measured
with three rulers. Then the models are restricted to a curve, on which the
data's own frequencies do not lie. Last, the number of labels grows. The
theory is in :doc:`/guide/likelihood`.
"""

# sphinx_gallery_thumbnail_number = 1

import matplotlib.pyplot as plt
import numpy as np

from actlib import information

TRUE = np.array([0.5, 0.3, 0.2])
LABELS = 60


def frequencies(n, seed):
    sample = np.random.default_rng(seed).choice(3, size=n, p=TRUE)
    return sample, np.bincount(sample, minlength=3) / n


# %%
# Every model on a grid
# ---------------------
#
# All probability vectors in steps of a sixtieth without a zero. With sixty
# labels, the frequencies themselves are one of them.

first, second = np.meshgrid(np.arange(1, 60), np.arange(1, 60))
inside = first + second < 60
first, second = first[inside], second[inside]
MODELS = np.stack([first, second, 60 - first - second], axis=-1) / 60


def rulers(sample, seen, models):
    """Log-likelihood, divergence and cross-entropy of each model."""
    logs = np.log(models)
    likelihood = np.array(
        [
            information.log_likelihood(np.tile(row, (len(sample), 1)), sample)
            for row in logs
        ]
    )
    data = np.broadcast_to(seen, models.shape)
    return (
        likelihood,
        information.kl_divergence(data, models),
        information.cross_entropy(data, models),
    )


print(f"{len(MODELS)} models, {LABELS} labels")
print("seed   frequencies           largest likelihood     KL there")
for seed in range(5):
    sample, seen = frequencies(LABELS, seed)
    likelihood, divergence, cross = rulers(sample, seen, MODELS)
    winner = int(np.argmax(likelihood))
    print(f"{seed:4}  ", np.round(seen, 3), "  ", np.round(MODELS[winner], 3))
    assert winner == np.argmin(divergence) == np.argmin(cross), (
        "the rulers disagree"
    )
    assert np.allclose(MODELS[winner], seen), "the frequencies did not win"
    assert divergence[winner] < 1e-15, "the divergence there is not 0"
    # the three surfaces are one surface
    entropy = information.entropy(seen)
    assert np.allclose(cross - divergence, entropy, rtol=1e-12), (
        "cross-entropy and divergence differ by more than the entropy"
    )
    assert np.allclose(-likelihood / LABELS, cross, rtol=1e-12), (
        "the mean log-likelihood is not the cross-entropy"
    )

# %%
# Same winner every time, and more: for all 1711 models, cross-entropy less
# divergence is the entropy of the data, and cross-entropy is minus the mean
# log-likelihood. Sorting the models by any of the three gives one order.
#
# A family that misses the data
# -----------------------------
#
# Two tosses of a coin with probability :math:`\theta` make three classes: no
# head, one, two. These models form a curve in the triangle. The data need
# not lie on it. Maximum likelihood takes the point of the curve that is
# nearest, measured by the divergence.

theta = np.linspace(0.005, 0.995, 199)
CURVE = np.stack(
    [(1 - theta) ** 2, 2 * theta * (1 - theta), theta**2], axis=-1
)
print("\nseed   theta by likelihood  by divergence  heads / tosses  KL left")
for seed in range(5):
    sample, seen = frequencies(LABELS, seed)
    likelihood, divergence, cross = rulers(sample, seen, CURVE)
    winner = int(np.argmax(likelihood))
    by_hand = (seen[1] + 2 * seen[2]) / 2
    print(
        f"{seed:4} {theta[winner]:21.3f} {theta[np.argmin(divergence)]:14.3f}"
        f" {by_hand:15.3f} {divergence[winner]:8.4f}"
    )
    assert winner == np.argmin(divergence) == np.argmin(cross), (
        "the rulers disagree on the curve"
    )
    assert abs(theta[winner] - by_hand) < 0.004, "not the share of heads"
    assert divergence[winner] > 0.02, "the curve meets the data"

# %%
# The best :math:`\theta` is the share of heads, and some divergence is left:
# the best model of a family need not be good.

sample, seen = frequencies(LABELS, 1)
_, divergence, _ = rulers(sample, seen, MODELS)
_, on_curve, _ = rulers(sample, seen, CURVE)
nearest = CURVE[np.argmin(on_curve)]

figure, (left, right) = plt.subplots(
    1,
    2,
    figsize=(7.2, 3.7),
    layout="constrained",
    label="Left: the triangle of all models of three classes, shaded by the "
    "divergence from the data, with the curve of the coin models and the "
    "point of it that is nearest. Right: the divergence from truth to "
    "estimate falls as one over the number of labels",
)
levels = [0, 0.003, 0.02, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 6]
left.tricontourf(
    *MODELS[:, :2].T, divergence, levels=levels, cmap="Blues_r", alpha=0.8
)
left.plot(*CURVE[:, :2].T, color="C1", label="two tosses of a coin")
left.plot(*seen[:2], "*", color="C2", markersize=12, label="data = best")
left.plot(*nearest[:2], "o", color="C1", label="nearest of the curve")
left.set(title="The data's frequencies win", xlim=(0, 1), ylim=(0, 1))
left.set(xlabel="probability of class 0", ylabel="probability of class 1")
left.legend(loc="upper right", fontsize=9)

# %%
# More labels
# -----------
#
# How far from the truth is the estimate? The divergence of truth and
# estimate falls as :math:`(K - 1)/(2m)`: two free parameters, half a unit
# each, shared by :math:`m` labels. That is a limit for large :math:`m`; the
# mean over 400 samples shows how soon it holds.

SIZES = np.array([100, 300, 1000, 3000, 10000])
rng = np.random.default_rng(0)
means = []
print("\nlabels   mean divergence   expected   ratio")
for m in SIZES:
    estimates = rng.multinomial(m, TRUE, size=400) / m
    truth = np.broadcast_to(TRUE, estimates.shape)
    means.append(information.kl_divergence(truth, estimates).mean())
    print(
        f"{m:6} {means[-1]:15.6f} {1 / m:12.6f} {means[-1] * m:8.3f}"
    )
    assert 0.8 < means[-1] * m < 1.2, "the estimate is not as near as 1/m"

right.loglog(SIZES, means, "o", color="C0", label="mean of 400 samples")
right.loglog(SIZES, 1 / SIZES, color="C3", lw=1.4, label="(K − 1) / (2m)")
right.set(title="The estimate nears the truth like 1/m", xlabel="labels m")
right.set_ylabel("divergence from the truth")
_ = right.legend()

# %%
# Things to try
# -------------
#
# * Minimise the divergence the other way round,
#   ``information.kl_divergence(model, data)``, on the curve. Is it the same
#   point?
# * Give the truth a class of probability 0.001. How often is its frequency
#   0, and what is the divergence then?

plt.show()
