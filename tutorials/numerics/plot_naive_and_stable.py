"""
Naive and stable formulas
=========================

Nine formulas that are right on paper lose all their digits somewhere; the library's stay within one ulp.

Each panel shows how many decimal digits of a float32 result are right, for the
formula as it is printed in textbooks and for the library. The judge is
float64, which has nine digits more and a stable formula. The four ways to fail
are overflow, underflow, absorption and cancellation: :doc:`/guide/numerics`
explains them and derives the cures.
"""

import matplotlib.pyplot as plt
import numpy as np

import actlib
from actlib import losses

# %%
# The catalogue
# -------------
#
# For each entry: the naive formula in float32, the library's function, an
# interval, and what goes wrong there. The exact values are the library's own
# in float64: they are checked against hundreds of bits elsewhere, and their
# last digits are nine places below what is judged here.

one = np.float32(1)


def sigmoid(x):
    return one / (one + np.exp(-x))


def pair(z):
    """Two classes: the first has the logit z, the other 0."""
    return np.stack([z, np.zeros_like(z)], axis=-1)


def first(z):
    return np.zeros(z.shape, dtype=int)


def naive_tanh(x):
    return (np.exp(x) - np.exp(-x)) / (np.exp(x) + np.exp(-x))


def naive_logsumexp(z):
    return np.log(np.exp(pair(z)).sum(axis=-1))


def naive_cross_entropy(z):
    return np.logaddexp(z, np.float32(0)) - z


def naive_bce(z):
    return -np.log(one - sigmoid(z))


def library_cross_entropy(z):
    return losses.cross_entropy(pair(z), first(z), reduction="none")


def library_bce(z):
    return losses.binary_cross_entropy_with_logits(
        z, z.dtype.type(0), reduction="none"
    )


CATALOGUE = {
    "sigmoid: 1/(1 + exp(-x))": (
        sigmoid,
        actlib.sigmoid,
        (-103, 20),
        "overflow",
    ),
    "sigmoid': h(1 - h)": (
        lambda x: sigmoid(x) * (one - sigmoid(x)),
        actlib.sigmoid.derivative,
        (-20, 40),
        "cancellation",
    ),
    "tanh near 0": (
        naive_tanh,
        actlib.tanh,
        (1e-9, 1),
        "cancellation",
    ),
    "tanh': 1 - y**2": (
        lambda x: one - np.tanh(x) ** 2,
        actlib.tanh.derivative,
        (0, 20),
        "cancellation",
    ),
    "softplus: log(1 + exp(x))": (
        lambda x: np.log(one + np.exp(x)),
        actlib.softplus,
        (-40, 100),
        "absorption, overflow",
    ),
    "ELU: exp(x) - 1": (
        lambda x: np.exp(x) - one,
        actlib.elu,
        (-1, -1e-9),
        "absorption",
    ),
    "log-sum-exp of (x, 0)": (
        naive_logsumexp,
        lambda z: actlib.logsumexp(pair(z)),
        (0, 120),
        "overflow",
    ),
    "cross-entropy: lse - x": (
        naive_cross_entropy,
        library_cross_entropy,
        (-20, 40),
        "cancellation",
    ),
    "BCE: -log(1 - sigmoid(x))": (
        naive_bce,
        library_bce,
        (-40, 40),
        "absorption, infinity",
    ),
}

# %%
# Measured
# --------
#
# The error in *ulp*, units in the last place: half of one is unavoidable,
# 2**23 is no digit at all.


def points(low, high):
    """Evenly spaced; by ratio if the interval reaches down to 1e-9."""
    if min(abs(low), abs(high)) == 1e-9:
        return np.sign(low + high) * np.geomspace(1e-9, 1, 2001)
    return np.linspace(low, high, 2001)


def measure(naive, library, ends):
    """Inputs, and the error of both in ulp and as digits that are right."""
    x = points(*ends).astype(np.float32)
    exact = np.asarray(library(x.astype(np.float64)))
    found = []
    for function in (naive, library):
        with np.errstate(all="ignore"):
            error = np.abs(np.asarray(function(x), dtype=np.float64) - exact)
            error = np.where(np.isfinite(error), error, np.inf)
            ulp = error / np.spacing(np.abs(exact).astype(np.float32))
            digits = np.clip(-np.log10(error / np.abs(exact)), 0, 8)
        found.append((ulp, digits))
    return x, *found


def stretches(x, lost):
    """The intervals of x on which a formula has no digit left."""
    edges = np.flatnonzero(np.diff(np.r_[False, lost, False].astype(int)))
    pairs = zip(edges[::2], edges[1::2] - 1, strict=True)
    return [f"[{x[a]:.3g}, {x[b]:.3g}]" for a, b in pairs if b > a]


results = {
    name: measure(naive, library, ends)
    for name, (naive, library, ends, _) in CATALOGUE.items()
}
print(f"{'formula':26} {'naive, ulp':>10} {'library':>8}  no digit right on")
for name, (x, (naive, digits), (library, _)) in results.items():
    where = ", ".join(stretches(x, digits < 0.31))
    print(f"{name:26} {naive.max():10.2g} {library.max():8.2f}  {where}")

# %%
# What was claimed: each naive formula loses every digit somewhere on its
# interval, and the library none anywhere.

for name, (_, (_, digits), (library, _)) in results.items():
    assert digits.min() < 0.31, f"{name}: the naive formula keeps its digits"
    assert library.max() <= 1, f"{name}: the library is off by more than 1 ulp"

# %%
# And where, for some of them: the points follow from the format. exp(88.73)
# overflows in float32; the sigmoid rounds to one at 25 ln 2 = 17.3.

x, (_, digits), _ = results["sigmoid: 1/(1 + exp(-x))"]
assert np.all(digits[x < -88.8] == 0), "the overflow is missing"
assert np.all(digits[(x > -80)] > 5), "it fails elsewhere too"
x, (_, digits), _ = results["sigmoid': h(1 - h)"]
assert np.all(digits[x > 17.4] == 0), "h(1 - h) has digits in the tail"
assert np.all(digits[x < 0] > 5), "h(1 - h) fails on the left"
x, (_, digits), _ = results["log-sum-exp of (x, 0)"]
assert np.all(digits[x > 88.8] == 0), "the overflow is missing"

# %%
# Digits that are right
# ---------------------
#
# The worst of each short stretch. (Where the result is subnormal, as the
# sigmoid below -87, there are fewer digits to have: both lines fall there.)

figure, panels = plt.subplots(
    3, 3, figsize=(7.2, 6.4), sharey=True, layout="constrained"
)
figure.set_label(
    "Nine panels, digits that are right against the input: the naive formulas "
    "fall to zero, the library stays near seven wherever results are normal."
)


def worst(values, size=23):
    """The smallest value of each 23 points (2001 is 87 times 23)."""
    return values.reshape(-1, size).min(axis=1)


for number, (name, (x, naive, library)) in enumerate(results.items()):
    panel = panels.flat[number]
    middle = x.reshape(-1, 23)[:, 11]
    panel.plot(middle, worst(naive[1]), label="as printed")
    panel.plot(middle, worst(library[1]), "--", label="actlib")
    panel.set_title(name, fontsize=8.5)
    panel.tick_params(labelsize=8)
    if 0 < np.abs(x).min() < 1e-8 and np.ptp(np.sign(x)) == 0:
        panel.set_xscale("symlog", linthresh=1e-9)
        panel.set_xticks(np.sign(x[0]) * np.array([1e-9, 1e-5, 1e-1]))
for panel in panels[:, 0]:
    panel.set_ylabel("digits")
lines, labels = panels[0, 0].get_legend_handles_labels()
figure.legend(lines, labels, loc="outside lower center", ncols=2)
_ = figure.suptitle("float32: digits that are right")

# %%
# Things to try
# -------------
#
# * Do the same in float64, with :func:`actlib.check.evaluate_definition` as
#   the judge. Where do the naive formulas fail now? Further out, but as
#   completely.
# * Add ``np.sqrt(1 + x) - 1`` to the catalogue, and its cure from the
#   exercises of :doc:`/guide/numerics`.

plt.show()
