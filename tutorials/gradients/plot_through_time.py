"""
Gradients through time
======================

Back through 49 steps of a recurrent network the gradient is multiplied by 49 \
Jacobians and fades or explodes, while a cell with open forget gates keeps it.

A recurrent network applies the same layer at every step,
:math:`h_t = f(W h_{t-1} + U x_t)`, so the gradient of a loss at step 50 with
respect to the state at step 1 is a product of 49 Jacobians
:math:`\\mathrm{diag}(f'(z_t))\\,W`. One of the lectures draws that product
for four steps and asks what happens if its factors are small. We multiply
them out. The chapter is :doc:`/guide/vanishing_gradients`.
"""

import matplotlib.pyplot as plt
import numpy as np

from actlib import relu, sigmoid, tanh

SEEDS = range(12)
STEPS, WIDTH = 50, 32


def draw(rng, gain, *shape):
    """A square matrix with normal entries of deviation gain/sqrt(WIDTH)."""
    return rng.normal(0, gain / np.sqrt(WIDTH), (*shape, WIDTH, WIDTH))


def plain(activation, gain, seed):
    """Norms of dJ/dh at the last step, the last but one, ..., the first."""
    rng = np.random.default_rng(seed)
    W, U, inputs = draw(rng, gain), draw(rng, 1), rng.normal(
        size=(STEPS, WIDTH)
    )
    h, jacobians = np.zeros(WIDTH), []
    for x in inputs:
        z = W @ h + U @ x
        h = activation(z)
        jacobians.append(activation.derivative(z)[:, None] * W)
    gradient = rng.normal(size=WIDTH)
    gradient /= np.linalg.norm(gradient)
    norms = [1.0]
    for jacobian in reversed(jacobians[1:]):
        gradient = jacobian.T @ gradient
        norms.append(np.linalg.norm(gradient))
    return np.array(norms)


# %%
# Four steps first
# ----------------
#
# The gradient :math:`\partial J^{(4)}/\partial h^{(1)}` of the lecture: three
# Jacobians. Backpropagation must give what small changes of :math:`h^{(1)}`
# give.

rng = np.random.default_rng(0)
W, U, inputs = draw(rng, 1), draw(rng, 1), rng.normal(size=(4, WIDTH))
direction = rng.normal(size=WIDTH)


def J4(h1):
    """A loss at step 4, as a function of the state at step 1."""
    h = h1
    for x in inputs[1:]:
        h = tanh(W @ h + U @ x)
    return direction @ h


h1 = tanh(U @ inputs[0])
h, product = h1, np.eye(WIDTH)
for x in inputs[1:]:
    z = W @ h + U @ x
    h = tanh(z)
    product = tanh.derivative(z)[:, None] * W @ product
gradient = product.T @ direction
step = 1e-5 * np.eye(WIDTH)
numerical = [(J4(h1 + e) - J4(h1 - e)) / 2e-5 for e in step]
difference = np.max(np.abs(gradient - numerical))
print(f"largest difference from a difference quotient: {difference:.0e}")
assert difference < 1e-7, "the product of Jacobians is not the gradient"

# %%
# Fifty steps
# -----------
#
# The gain is the standard deviation of the weights, times the root of the
# width: about the largest factor by which W stretches over many steps.

CASES = {
    "sigmoid, gain 1": (sigmoid, 1.0),
    "tanh, gain 1": (tanh, 1.0),
    "ReLU, gain 1.4": (relu, 2**0.5),
    "ReLU, gain 2": (relu, 2.0),
}
curves = {
    name: np.array([plain(*case, seed) for seed in SEEDS])
    for name, case in CASES.items()
}


def lstm(forget_bias, seed):
    """The same for the state of an LSTM: what it stores is added up.

    c = f c + i g and h = o tanh(c), where the gates f, i, o are sigmoids
    and g a tanh of W h + U x + bias. Measured is the norm of the gradient
    with respect to both, c and h.
    """
    rng = np.random.default_rng(seed)
    W, U, inputs = draw(rng, 1, 4), draw(rng, 1, 4), rng.normal(
        size=(STEPS, WIDTH)
    )
    bias = np.array([forget_bias, 0, 0, 0])[:, None]
    h, c, stored = np.zeros(WIDTH), np.zeros(WIDTH), []
    for x in inputs:
        z = W @ h + U @ x + bias
        f, i, o, g = *sigmoid(z[:3]), tanh(z[3])
        before, c = c, f * c + i * g
        h = o * tanh(c)
        stored.append((z, f, i, o, g, before, c))
    dc, dh = rng.normal(size=WIDTH), np.zeros(WIDTH)
    dc /= np.linalg.norm(dc)
    norms = [1.0]
    for z, f, i, o, g, before, c in reversed(stored[1:]):
        dc = dc + dh * o * tanh.derivative(c)
        to_gates = np.array([dc * before, dc * g, dh * tanh(c), dc * i])
        slopes = np.array([*sigmoid.derivative(z[:3]), tanh.derivative(z[3])])
        dh = np.einsum("kij,ki->j", W, to_gates * slopes)
        dc = dc * f
        norms.append(np.hypot(np.linalg.norm(dc), np.linalg.norm(dh)))
    return np.array(norms)


curves["LSTM, forget bias 3"] = np.array([lstm(3.0, s) for s in SEEDS])
curves["LSTM, forget bias 0"] = np.array([lstm(0.0, s) for s in SEEDS])

print(f"\n{'norm of the gradient':22}{'after 3 steps':>14}{'after 49':>10}")
for name, runs in curves.items():
    three, all_ = np.median(runs[:, 3]), np.median(runs[:, -1])
    print(f"{name:22}{three:14.1e}{all_:10.1e}")

figure, axes = plt.subplots(
    figsize=(7.2, 4.4),
    layout="constrained",
    label="Norm of the gradient against the steps back in time: sigmoid "
    "falls out of the picture, tanh to 1e-11, ReLU with gain 2 grows, the "
    "LSTM with a forget bias of 3 stays near 1",
)
styles = ["-", "--", "-.", ":", "-", "--"]
back = np.arange(STEPS)
for (name, runs), style in zip(curves.items(), styles, strict=True):
    middle = np.median(runs, axis=0)
    (line,) = axes.semilogy(back, middle, style, label=name)
    low, high = np.quantile(runs, [0.1, 0.9], axis=0)
    axes.fill_between(
        back, low, high, color=line.get_color(), alpha=0.15, lw=0
    )
axes.set(title="Products fade or explode; a cell that adds keeps the gradient")
axes.set(xlabel="steps back")
axes.set(ylabel="norm of the gradient", ylim=(1e-21, 1e12))
_ = figure.legend(loc="outside lower center", ncols=3, handlelength=3)

# %%
# Lines are medians of twelve seeds, bands reach from the first to the ninth
# decile. The sigmoid loses a factor of about 5 a step. ReLU does not saturate,
# and still does not solve the problem here: the *same* W is multiplied in
# again and again, so the norm grows or fades by a power, and the seed decides
# which. Gain 1.4, He's choice, scatters over many powers of ten.
#
# The LSTM adds to its memory: :math:`\partial c_t/\partial c_{t-1}` is the
# forget gate itself, plus what runs through the weights. A gate near 1 passes
# the gradient on. That is why its gates stay sigmoids: a
# gate must be a number between 0 and 1, and here saturation at 1 is what one
# wants. With a forget bias of 0 the gate stands at 1/2, and the LSTM forgets
# like the others.

end = {name: np.log10(runs[:, -1]) for name, runs in curves.items()}
assert np.all(end["sigmoid, gain 1"] < -25), "sigmoid keeps the gradient"
assert np.all(end["tanh, gain 1"] < -6), "tanh keeps the gradient"
assert np.all(end["ReLU, gain 2"] > 1), "ReLU with gain 2 does not explode"
assert np.ptp(end["ReLU, gain 1.4"]) > 3, "He's gain does not scatter"
assert np.all(np.abs(end["LSTM, forget bias 3"]) < 1), "the LSTM loses it"
assert np.all(end["LSTM, forget bias 0"] < -6), "a gate of 1/2 keeps it"

# %%
# Things to try
# -------------
#
# * Make W orthogonal (``np.linalg.qr``). What becomes of tanh and ReLU?
# * Draw a new W for each step, as in a deep network that is not recurrent.
#   Which of the scatters goes away?
# * Which forget bias keeps half of the gradient for 50 steps?

plt.show()
