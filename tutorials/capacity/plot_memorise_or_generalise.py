"""
Memorise or generalise
======================

Crosses memorise every purchase; a deep network also learns the taste behind.

"Customers who bought this also bought that": a recommender knows some pairs
of customer and film, and is asked about the others. Four models answer. Which
film is of which kind, and who likes what, is hidden from all but the one whose
features an engineer has built. The chapter is :doc:`/guide/wide_or_deep`.
"""

from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
from threadpoolctl import threadpool_limits

from actlib import identity, losses, one_hot, relu
from actlib.network import Adam, Dense, Network

# %%
# Customers and films
# -------------------
#
# Each customer likes some of four kinds of film. Some tastes are exceptions:
# 6 of 100 pairs go the other way, for no reason that anyone could learn.

CUSTOMERS, FILMS, KINDS = 40, 40, 4


def world(seed):
    rng = np.random.default_rng(seed)
    kind = rng.permutation(np.arange(FILMS) % KINDS)
    likes = rng.permuted(np.tile([0, 0, 1, 1], (CUSTOMERS, 1)), axis=1)
    rule = likes[:, kind]
    exceptions = rng.random(rule.shape) < 0.06
    return rng, kind, rule, np.where(exceptions, 1 - rule, rule)


# %%
# Four models
# -----------
#
# All are the library's network with the same loss; they differ in features
# and depth. *Wide* means a single neuron on a long list of features.


def features(model, customer, film, kind):
    if model == "wide: crosses":
        return one_hot(customer * FILMS + film, CUSTOMERS * FILMS)
    if model == "wide: customer x kind":
        return one_hot(customer * KINDS + kind[film], CUSTOMERS * KINDS)
    return np.hstack([one_hot(customer, CUSTOMERS), one_hot(film, FILMS)])


def learn(model, x, y, rng):
    sizes = [x.shape[1], 32, 16, 1] if model == "deep" else [x.shape[1], 1]
    layers = [
        Dense(a, b, identity if b == 1 else relu, rng=rng)
        for a, b in pairwise(sizes)
    ]
    network = Network(layers, losses.binary_cross_entropy_with_logits)
    deep = model == "deep"
    with threadpool_limits(1):
        network.fit(
            x,
            y,
            epochs=40 if deep else 25,
            batch_size=32,
            rng=rng,
            optimizer=Adam(0.01 if deep else 0.1),
            verbose=False,
        )
    return network


MODELS = (
    "wide: no crosses",
    "wide: crosses",
    "wide: customer x kind",
    "deep",
)


def run(model, seed, share):
    """Accuracy on pairs seen, on exceptions seen, and on pairs unseen."""
    rng, kind, rule, likes = world(seed)
    customer, film = np.indices(likes.shape).reshape(2, -1)
    x = features(model, customer, film, kind)
    y, lawful = likes.ravel(), rule.ravel()
    seen = rng.random(len(y)) < share
    network = learn(model, x[seen], y[seen], rng)
    right = network.predict(x) == y
    odd = seen & (y != lawful)
    return right[seen].mean(), right[odd].mean(), right[~seen].mean()


# %%
# Half of the pairs are known
# ---------------------------

SEEDS = range(3)
result = {
    model: np.array([run(model, seed, 0.5) for seed in SEEDS])
    for model in MODELS
}
print(f"{'model':22} {'seen':>6} {'exceptions':>11} {'new pairs':>10}")
for model, rows in result.items():
    seen, odd, unseen = 100 * rows.mean(axis=0)
    print(f"{model:22} {seen:5.1f}% {odd:10.1f}% {unseen:9.1f}%")

crosses, engineered = result["wide: crosses"], result["wide: customer x kind"]
plain, deep = result["wide: no crosses"], result["deep"]
assert np.all(crosses[:, :2] == 1), "crosses do not memorise all they saw"
assert np.all(np.abs(crosses[:, 2] - 0.5) < 0.07), "crosses generalise"
assert np.all(engineered[:, 2] > 0.9), "engineered features do not help"
assert np.all(engineered[:, 1] < 0.2), "kinds remember single exceptions"
assert np.all(deep[:, 2] > crosses[:, 2] + 0.2), "deep does not generalise"
assert np.all(deep[:, :2] > 0.99), "deep does not memorise"
assert np.all(plain[:, 2] < 0.65), "a sum knows tastes"

# %%
# * **Crosses**: one weight for each pair. All that was seen is known by heart,
#   the exceptions included; the weight of a pair that was never seen has had
#   no gradient, so its answer is a guess.
# * **No crosses**: customer and film each add something. Popular films are
#   all it can know; who likes *which* is an interaction.
# * **Customer x kind**: the engineer has told it the kinds. It knows all but
#   the exceptions (94 % are the most that anyone can know), and its weights
#   can be read: one for each customer and kind.
# * **Deep**: nobody told it the kinds. It finds something like them in its
#   hidden units, where no one can read them. And it memorises too: all that it
#   saw, exceptions included. That wide models are the better at memorising,
#   as a lecture says, does not show here; that they do not generalise without
#   built features does.
#
# Deep is hungry
# --------------
#
# The same with fewer and with more known pairs.

SHARES = (0.1, 0.2, 0.35, 0.5, 0.8)
curve = {
    model: np.array(
        [[run(model, seed, share)[2] for seed in SEEDS] for share in SHARES]
    )
    for model in MODELS
}
print("\nright on new pairs, in %, by share of pairs known")
print(f"{'':22}" + "".join(f"{share:8.0%}" for share in SHARES))
for model, rows in curve.items():
    means = 100 * rows.mean(axis=1)
    print(f"{model:22}" + "".join(f"{mean:8.1f}" for mean in means))

few, many = curve["deep"][0], curve["deep"][-1]
assert np.all(few < 0.65), "deep does not need many data"
assert np.all(many > 0.85), "deep does not profit from data"
gap = curve["wide: customer x kind"][1] - curve["deep"][1]
assert np.all(gap > 0.1), "features do not help where data are few"

# %%
# With a tenth of the pairs the deep network guesses, while the engineer's
# features already pay. Here depth replaces engineering by data.

figure, (left, right) = plt.subplots(
    1,
    2,
    figsize=(7.2, 4.3),
    layout="constrained",
    label="Left: crosses know all seen pairs and half of the new ones, the "
    "deep network most of both. Right: accuracy on new pairs, by the share "
    "of pairs known, the deep network rising from one half to nine tenths",
)
places = np.arange(len(MODELS))
for k, (name, column) in enumerate({"seen": 0, "new": 2}.items()):
    heights = [100 * result[model][:, column].mean() for model in MODELS]
    left.bar(
        places + 0.4 * (k - 0.5), heights, 0.36, color=f"C{k}", label=name
    )
left.set_xticks(places, ["no\ncrosses", "crosses", "by kind", "deep"])
left.axhline(50, color="0.5", linewidth=1)
left.set(ylabel="right, %", ylim=(0, 118), title="Half of the pairs known")
left.grid(axis="x", visible=False)
left.legend(ncols=2, loc="upper center")
for model, style in zip(MODELS, ("-.", ":", "--", "-"), strict=True):
    means = 100 * curve[model].mean(axis=1)
    right.plot(100 * np.array(SHARES), means, style, marker="o", label=model)
right.set(xlabel="pairs known, %", ylabel="right on new pairs, %")
right.set(ylim=(40, 100), title="Depth needs data")
lines, labels = right.get_legend_handles_labels()
_ = figure.legend(lines, labels, loc="outside lower center", ncols=2)

plt.show()
