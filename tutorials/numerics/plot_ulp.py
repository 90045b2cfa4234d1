"""
What an ulp is
==============

Floats get sparser as they grow; counted in their spacing, the library's sigmoid is off by less than one.

An *ulp*, unit in the last place, is the distance from a float to its
neighbour. It doubles at each power of two, so the same relative error is a
whole ulp just below a power of two and half an ulp just above it. Errors of functions are counted in it: 0.5
is the best that is possible. See :doc:`/guide/numerics`.
"""

import matplotlib.pyplot as plt
import numpy as np

import actlib
from actlib.check import evaluate_definition, ulp_error

# %%
# The spacing of floats
# ---------------------
#
# ``np.spacing`` gives it. Between two powers of two it is constant; at each it
# doubles. The relative spacing, the ulp divided by the number, therefore saws
# between 6e-8 and 1.2e-7 in float32.

x = np.geomspace(0.2, 20, 2000).astype(np.float32)
spacing = np.spacing(x)
print(f"{'x':>6} {'ulp of x':>10} {'ulp/x':>9}")
for value in (0.5, 0.99, 1.0, 1.99, 2.0, 10.0):
    ulp = np.spacing(np.float32(value))
    print(f"{value:6} {ulp:10.2e} {ulp / value:9.2e}")

jumps = np.flatnonzero(np.diff(spacing))
assert np.all(spacing[jumps + 1] == 2 * spacing[jumps]), "not a doubling"
assert len(jumps) == 7, "not at each power of two from 1/4 to 16"
relative = spacing / x
assert relative.max() <= 2**-23, "an ulp of more than 2**-23"
assert relative.min() > 2**-24, "an ulp of less than 2**-24"

# %%
# Below the smallest normal number the spacing no longer shrinks: these are the
# *subnormal* numbers.

smallest = np.finfo(np.float32).tiny
below = smallest * np.array([1, 1 / 2, 1 / 64], dtype=np.float32)
assert np.all(np.spacing(below) == np.spacing(smallest)), "it shrinks"

# %%
# The error of two sigmoids
# -------------------------
#
# The exact value has nine more digits in float64 than are needed here; a few
# points are compared with the oracle that evaluates the definition with
# hundreds of bits.


def textbook(x):
    with np.errstate(over="ignore"):
        return 1 / (1 + np.exp(-x))


z = np.linspace(-110, 20, 40_001).astype(np.float32)
exact = actlib.sigmoid(z.astype(np.float64))
unit = np.spacing(exact.astype(np.float32)).astype(np.float64)
error = {
    "1/(1 + exp(-x))": np.abs(textbook(z) - exact) / unit,
    "actlib.sigmoid": np.abs(actlib.sigmoid(z) - exact) / unit,
}
for name, ulp in error.items():
    middle = ulp[np.abs(z) < 20].max()
    tail = ulp[(z > -88) & (z < -20)].max()
    end = ulp[z < -89].max()
    print(
        f"{name:16} |x| < 20: {middle:4.2f} ulp, to -88: {tail:4.2f}, "
        f"below -89: {end:.3g}"
    )

for value in (-100.0, -90.0, -20.0, -1.0, 5.0):
    right = evaluate_definition(actlib.sigmoid.definition, x=value)
    got = actlib.sigmoid(np.float32(value))
    assert ulp_error(got, right) <= 1, f"the oracle disagrees at {value}"

# %%
# The textbook's formula is good where it does not overflow, one to three ulp
# off; where it does, all is lost. The library promises one ulp everywhere,
# subnormal results included; these 40001 points keep to it.

assert error["actlib.sigmoid"].max() < 1, "an ulp or more"
naive = error["1/(1 + exp(-x))"]
assert 1 < naive[z > -88].max() < 4, "the textbook's formula is better"
assert naive[z < -89].max() > 100, "the overflow does no harm"

# %%
# The picture
# -----------

figure, (left, right) = plt.subplots(
    1, 2, figsize=(7.2, 3.2), layout="constrained"
)
figure.set_label(
    "Left: the spacing of float32 is a staircase that doubles at each power "
    "of two. Right: errors of the textbook's sigmoid up to 2.5 ulp, of the "
    "library's below 1."
)
left.loglog(x, spacing)
left.loglog(x, x * 2.0**-23, "--", lw=1)
left.loglog(x, x * 2.0**-24, "--", lw=1, color="C1")
left.set_xticks([0.25, 1, 4, 16], ["1/4", "1", "4", "16"])
left.minorticks_off()
left.set(title="Distance to the next float32", xlabel="x", ylabel="ulp of x")
for (name, ulp), style in zip(error.items(), ("-", "--"), strict=True):
    worst = ulp[1:].reshape(-1, 250).max(axis=1)  # of each short stretch
    middle = z[1:].reshape(-1, 250)[:, 125]
    right.plot(middle[middle > -80], worst[middle > -80], style, label=name)
right.axhline(0.5, lw=1, color="C2", ls=":")
right.set(title="Largest error of the sigmoid", xlabel="x", ylabel="ulp")
right.set_ylim(0, 4)
_ = right.legend(loc="upper left")

# %%
# Things to try
# -------------
#
# * Add ``np.tanh`` of float32: is it within one ulp?
# * Where is the relative error of the worst point of the textbook's formula
#   largest, and where its error in ulp?

plt.show()
