"""
CReLU keeps what ReLU throws away
=================================

From the outputs of CReLU the input comes back exactly, from those of ReLU \
blurred, and the price is twice the weights in the next layer.

Concatenated ReLU gives two vectors, :math:`y = \\max(0, x)` and
:math:`z = \\max(0, -x)`. We check the identities, then try to restore
pictures of digits from a random layer of either kind, and at last compare
networks with equal numbers of weights. The chapter is
:doc:`/guide/rectifiers`.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from threadpoolctl import threadpool_limits

from actlib import crelu, datasets, identity, losses, relu
from actlib.network import SGD, Dense, Network, glorot

SEEDS = range(10)

# %%
# The identities
# --------------
#
# The difference of the halves is the input, their sum its absolute value, and
# one of the two is always 0. All of it holds to the last bit.

rng = np.random.default_rng(0)
x = np.concatenate([rng.normal(size=10000), [0.0, 5e-324, -1e300]])
y, z = np.split(crelu(x), 2)
assert np.all(y - z == x), "the difference is not the input"
assert np.all(y + z == np.abs(x)), "the sum is not the absolute value"
assert np.all(y * z == 0), "both halves are at work at once"
print("x = y - z, |x| = y + z, y z = 0: for all", x.size, "inputs")

# %%
# Its backward pass has a gradient on both sides. At the kink itself the
# library returns 0 for both halves, as ReLU does. The formula of one of the
# lectures, :math:`z = -x` for :math:`x \le 0`, would have slope -1 there.

upstream = np.ones(2)
for point, slope in [(-2.0, -1.0), (0.0, 0.0), (2.0, 1.0)]:
    assert crelu.backward(upstream, [point])[0] == slope, f"slope at {point}"

# %%
# What is left of a picture
# -------------------------
#
# A layer of 64 random filters sees a digit of 64 pixels; from what comes out
# we guess the pixels by the best linear map, fitted on 1300 digits and tested
# on the others. For CReLU an exact map exists: subtract the halves, and undo
# the filters (a random square matrix has an inverse).

pictures = load_digits().data / 16
train_part, test_part = pictures[:1300], pictures[1300:]
filters = rng.normal(0, 1 / 8, (64, 64))


def restore(activation):
    """Pictures of the test part, guessed from the outputs of the layer."""
    features = [
        np.column_stack([activation(p @ filters), np.ones(len(p))])
        for p in (train_part, test_part)
    ]
    guess, *_ = np.linalg.lstsq(features[0], train_part, rcond=None)
    return features[1] @ guess


restored = {"ReLU": restore(relu), "CReLU": restore(crelu)}
varies = np.mean((test_part - train_part.mean(axis=0)) ** 2)
lost = {}
for name, guess in restored.items():
    lost[name] = np.mean((guess - test_part) ** 2) / varies
    print(f"{name:6} leaves {lost[name]:7.1%} of the variance unexplained")

figure, rows = plt.subplots(
    3,
    8,
    figsize=(7.2, 3.0),
    layout="constrained",
    label="Eight digits, the same restored from ReLU, blurred, and restored "
    "from CReLU, exact",
)
for row, (name, images) in zip(
    rows, [("digit", test_part), *restored.items()], strict=True
):
    for panel, image in zip(row, images, strict=False):
        panel.imshow(image.reshape(8, 8), cmap="gray_r", vmin=0, vmax=1)
        panel.set(xticks=[], yticks=[])
        panel.grid(False)
    row[0].set_ylabel(name, rotation=0, ha="right", va="center")
_ = figure.suptitle("From 64 filters: ReLU blurs, CReLU keeps all")

# %%

assert lost["CReLU"] < 1e-12, "CReLU loses information"
assert lost["ReLU"] > 0.02, "ReLU loses no information"

# %%
# The price
# ---------
#
# Twice the outputs means twice the weights in the next layer. Is it worth it?
# Two hidden layers on the digits, trained on a quarter of them: CReLU with as
# many units as ReLU, with about as many weights, and with half the units. All
# start from Glorot's weights. (The library would take He's for ReLU; that
# alone makes more of a difference here than the activation.)


def network(activation, units, seed):
    options = {"rng": np.random.default_rng(seed), "initialisation": glorot}
    first = Dense(64, units, activation, **options)
    second = Dense(first.width, units, activation, **options)
    last = Dense(second.width, 10, identity, **options)
    return Network([first, second, last], losses.cross_entropy)


def test_error(activation, units, seed):
    digits = datasets.digits(rng=seed, test_share=0.75)
    with threadpool_limits(1):
        net = network(activation, units, seed).fit(
            digits.X_train,
            digits.y_train,
            epochs=20,
            batch_size=32,
            rng=seed,
            optimizer=SGD(0.1),
            verbose=False,
        )
    return 100 * (1 - net.score(digits.X_test, digits.y_test))


CASES = {
    "ReLU, 48 units": (relu, 48),
    "CReLU, 48 units": (crelu, 48),
    "CReLU, 34 units": (crelu, 34),
    "CReLU, 24 units": (crelu, 24),
}
print(f"\n{'':18}{'weights':>8}{'test error in %':>22}{'minus ReLU':>16}")
errors, difference, error, sizes = {}, {}, {}, {}
for name, (activation, units) in CASES.items():
    layers = network(activation, units, 0).layers
    sizes[name] = sum(u.parameters["weights"].size for u in layers)
    runs = np.array([test_error(activation, units, s) for s in SEEDS])
    errors[name] = runs
    paired = runs - errors["ReLU, 48 units"]
    difference[name] = paired.mean()
    uncertain = error[name] = paired.std(ddof=1) / len(SEEDS) ** 0.5
    print(
        f"{name:18}{sizes[name]:8}{runs.mean():14.2f} +- "
        f"{runs.std(ddof=1):.2f}{paired.mean():11.2f} +- {uncertain:.2f}"
    )

# %%
# At the same number of units CReLU errs less in the mean of the ten seeds,
# by more than twice the standard error, with half as many weights again. At
# the same number of weights it is no worse; and half the units, with little
# more than half the weights, come within a standard error of all ReLUs. That
# is the direction of what [Shang2016]_ report for filters of convolutional
# networks, where they gain more: filters there do come in pairs of opposite
# sign.

assert sizes["CReLU, 48 units"] > 1.4 * sizes["ReLU, 48 units"]
assert sizes["CReLU, 24 units"] < 0.6 * sizes["ReLU, 48 units"]
assert difference["CReLU, 48 units"] < -1.5 * error["CReLU, 48 units"], (
    "as many units do not err less"
)
assert difference["CReLU, 34 units"] < 0.1, "worse at as many weights"
assert abs(difference["CReLU, 24 units"]) < 2 * error["CReLU, 24 units"], (
    "half the units do worse"
)

# %%
# Things to try
# -------------
#
# * Restore the pictures with 128 ReLU filters. Is the picture complete?
# * Fill the 64 filters for ReLU in pairs of opposite sign.

plt.show()
