"""
What clipping does to a gradient
================================

Behind a clipped probability a neuron that is certain and wrong never learns; from the logit it recovers.

A probability of exactly 0 has an infinite loss, so libraries clip it, or its
logarithm. The loss is finite then; but where it is flat, its gradient is zero.
Three ways to compute the binary cross-entropy of a saturated output are
compared here, in float32 as in training. See :doc:`/guide/numerics` and
:doc:`/guide/two_classes`.
"""

import matplotlib.pyplot as plt
import numpy as np

import actlib
from actlib import losses

# %%
# Three gradients with respect to the logit
# -----------------------------------------
#
# The target is 1. Through the probability, the gradient at the logit is the
# gradient at p times the sigmoid's derivative h(1 - h).
#
# * *clip p*: the probability is moved into [1e-7, 1 - 1e-7], and the gradient
#   of the clip is 0 outside (as in Keras);
# * *clip the logarithm*: the logarithm is at least -100, the denominator p(1 -
#   p) at least 1e-12 (as in PyTorch);
# * *from the logit*: no probability is formed.


def clipped_probability(z):
    p = actlib.sigmoid(z)
    inside = (p > np.float32(1e-7)) & (p < np.float32(1 - 1e-7))
    at = np.clip(p, np.float32(1e-7), np.float32(1 - 1e-7))
    return np.where(inside, -1 / at, 0) * p * (1 - p)


def clipped_logarithm(z):
    p = actlib.sigmoid(z)
    floor = np.float32(1e-12)
    return (p - 1) / np.maximum(p * (1 - p), floor) * (p * (1 - p))


def from_logit(z):
    return losses.binary_cross_entropy_with_logits.gradient(
        z, np.float32(1), reduction="none"
    )


WAYS = {
    "clip p (Keras)": clipped_probability,
    "clip the logarithm (PyTorch)": clipped_logarithm,
    "from the logit": from_logit,
}
places = np.array([-40, -30, -20, -10], dtype=np.float32)
print(f"{'gradient at z =':30}" + "".join(f"{z:10.0f}" for z in places))
for name, way in WAYS.items():
    row = way(places)
    print(f"{name:30}" + "".join(f"{value:10.2g}" for value in row))

# %%
# At -20 the first gradient is exactly 0, at -30 the second is less than a
# tenth of what it should be, and the third is -1 all the way.

z = np.linspace(-45, 10, 1101).astype(np.float32)
gradients = {name: way(z) for name, way in WAYS.items()}
keras, pytorch, logit = gradients.values()
assert np.all(keras[z < -16.2] == 0), "a gradient is left"
assert np.all(np.abs(pytorch[z < -30]) < 0.1), "a gradient is left"
assert np.all(logit[z < -16.2] < -0.999999), "not -1"

# %%
# In between, where nothing saturates, all three agree.

middle = np.abs(z) < 8
for name, gradient in gradients.items():
    right = gradients["from the logit"][middle]
    assert np.allclose(gradient[middle], right, rtol=1e-3), name

# %%
# A neuron that starts on the wrong side
# --------------------------------------
#
# One weight, one example: input 1, target 1, and the weight starts at -20,
# where a few bad steps can put it. Rate 0.5, 100 steps.


def learn(way, start=-20.0, rate=0.5, steps=100):
    w, path = np.float32(start), []
    for _ in range(steps + 1):
        path.append(float(w))
        w = w - np.float32(rate) * way(np.array([w]))[0]
    return np.array(path)


paths = {name: learn(way) for name, way in WAYS.items()}
print(f"\n{'after 100 steps':30} {'weight':>8} {'P(target)':>10}")
for name, path in paths.items():
    print(f"{name:30} {path[-1]:8.2f} {actlib.sigmoid(path[-1]):10.3g}")

# %%
# Behind the clipped probability nothing has moved at all. From the logit the
# weight walks 0.5 a step until it is on the right side. (The clipped logarithm
# gets away at -20. Start at -35, and it does not.)

assert np.all(paths["clip p (Keras)"] == -20), "the clipped neuron moved"
assert actlib.sigmoid(paths["from the logit"][-1]) > 0.95, "no recovery"
far = {name: learn(way, start=-35.0) for name, way in WAYS.items()}
assert far["clip the logarithm (PyTorch)"][-1] < -34, "it got away"
assert actlib.sigmoid(far["from the logit"][-1]) > 0.9, "no recovery"

# %%
# This library clips a probability only if it is told to, and then takes the
# gradient *at* the clip, so that it is not dead:

p, one = np.float32(1e-30), np.float32(1)
slope = losses.binary_cross_entropy.gradient(p, one)
clipped = losses.binary_cross_entropy.gradient(p, one, eps=1e-7)
print(f"\ngradient of the loss at p = 1e-30: {slope:.0e}")
print(f"clipped to 1e-7 by the library:    {clipped:.0e}")
assert slope < -9e29, "clipped without being told"
assert -1.1e7 < clipped < -0.9e7, "not the gradient at the clip"

# %%
# The picture
# -----------

figure, (left, right) = plt.subplots(
    1, 2, figsize=(7.2, 3.6), layout="constrained"
)
figure.set_label(
    "Left: gradient at the logit for three ways; clipping makes it zero far "
    "on the wrong side. Right: with the clipped probability the weight never "
    "moves, from the logit it walks to the right side."
)
styles = [("-", 2), ("--", 3), ("-", 2)]
for (name, gradient), (style, level) in zip(
    gradients.items(), styles, strict=True
):
    (line,) = left.plot(z, gradient, style, label=name, zorder=level)
    right.plot(paths[name], style, color=line.get_color(), zorder=level)
left.set(title="Gradient, target 1", xlabel="logit", ylabel="gradient")
right.set(title="From -20: who recovers?", xlabel="steps", ylabel="weight")
_ = figure.legend(loc="outside lower center", ncols=2)

# %%
# Things to try
# -------------
#
# * Use float64. Where do the two clips bite now?
# * Let Adam make the steps (:class:`actlib.network.Adam`), which divides by
#   the size of the gradient. Does it help where the gradient is exactly 0?

plt.show()
