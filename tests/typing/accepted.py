"""A user's file that touches the whole public interface: mypy --strict has nothing to say about it."""

import sys

import numpy as np

import actlib
from actlib import check, datasets, derivation, losses, network, plotting, special
from actlib.losses import huber

x = np.linspace(-3, 3, 7, dtype=np.float32)
rng = np.random.default_rng(0)
mask = x > 0
out = np.empty_like(x)

# Elementwise: every method, numbers and lists and arrays, parameters by keyword.
actlib.sigmoid(x)
actlib.sigmoid(1.0)
actlib.sigmoid([1, 2, 3], out=out, where=mask)
actlib.sigmoid.derivative(x)
actlib.sigmoid.second_derivative(x)
actlib.sigmoid.derivative_from_output(actlib.sigmoid(x))
actlib.sigmoid.value_and_derivative(x, out=(out, out.copy()))
actlib.sigmoid.backward(x, x)
actlib.sigmoid.inverse(0.5)
actlib.identity(x)
actlib.tanh.inverse(x)
actlib.heaviside(x, at_zero=1.0)
actlib.sign.derivative(x)
actlib.relu.derivative_from_output(x)
actlib.leaky_relu(x, negative_slope=0.2)
gradients: dict[str, object] = actlib.prelu.parameter_gradients(x, x, alpha=np.ones(7))
actlib.rrelu(x, lower=0.1, upper=0.3, slopes=actlib.rrelu.sample_slopes((7,), rng, lower=0.1, upper=0.3))
actlib.elu.backward(x, x, alpha=0.5)
actlib.selu.inverse(actlib.selu(x))
actlib.gelu(x), actlib.mish.second_derivative(x), actlib.silu(x, beta=np.ones(7))
slopes: dict[str, object] = actlib.swish.parameter_gradients(x, x, beta=2.0)
actlib.elu.inverse(x, alpha=0.5)
actlib.relu6(x), actlib.clipped_relu(x, n=20), actlib.relu_squared.derivative_from_output(x), actlib.smelu(x, beta=2.0)
actlib.hard_tanh.derivative(x, min_val=0.0, max_val=np.ones(7)), actlib.hard_sigmoid(x, slope=0.2, offset=0.5)
actlib.hard_swish.derivative(x), actlib.threshold(x, threshold=0.5, value=-1), actlib.thresholded_relu(x, threshold=0.5)
actlib.hard_shrink(x, lambd=0.5), actlib.soft_shrink.derivative_from_output(x, lambd=0.5)
actlib.softplus.second_derivative(x, beta=2)
actlib.log_sigmoid.inverse(x), actlib.softsign(x), actlib.arctan.derivative_from_output(x), actlib.gaussian(x)
actlib.scaled_tanh(x, a=1.0, b=np.ones(7)), actlib.isru(x, alpha=0.5), actlib.isrlu.derivative(x, alpha=2)
actlib.celu.parameter_gradients(x, x, alpha=np.ones(7)), actlib.squareplus.parameter_gradients(x, x, b=4.0)
actlib.shifted_softplus.inverse(x), actlib.exponential(x)
actlib.gelu_tanh(x), actlib.quick_gelu.second_derivative(x), actlib.tanh_shrink.derivative(x), actlib.tanhshrink(x)
actlib.sine(x, omega=2.0), actlib.snake.derivative(x, a=np.ones(7))
for alias in (actlib.linear, actlib.expit, actlib.logistic, actlib.unit_step, actlib.signum, actlib.exp):
    alias(x)
for alias in (actlib.log_expit, actlib.logsigmoid):
    alias(x)
for clip in (actlib.relu_n, actlib.relu_k, actlib.hardtanh, actlib.hardsigmoid, actlib.hardswish, actlib.hard_silu):
    clip(x)
actlib.hardshrink(x), actlib.softshrink(x)

# What is known about a function.
name: str = actlib.elu.name
aliases: tuple[str, ...] = actlib.elu.aliases
texts: list[str] = [
    actlib.elu.definition,
    actlib.elu.derivative_definition,
    actlib.elu.second_derivative_definition,
    actlib.elu.derivative_from_output_definition,
    actlib.elu.inverse_definition,
    actlib.elu.latex,
    actlib.elu.derivative_latex,
]
low: float = actlib.elu.range.low
inside: bool = bool(actlib.elu.domain.contains(0.0))
ulp: float = actlib.elu.accuracy["value"].float32
default: float | None = actlib.elu.parameters["alpha"].default
ufunc: np.ufunc = actlib.elu.ufunc
places: list[float] = actlib.hard_tanh.places_of_kinks(max_val=2.0)
example: dict[str, float] = actlib.threshold.example
list(actlib.elu.kinks), list(actlib.elu.limits), list(actlib.elu.derivative_limits), list(actlib.elu.references)
activation: actlib.Activation[...] = actlib.get("swish" if "swish" in actlib.ACTIVATIONS else "relu")
activation(x)

# Along an axis.
actlib.softmax(x)
actlib.softmax(x, 0, temperature=2.0, where=mask, out=out)
actlib.log_softmax(x, axis=(0,))
actlib.logsumexp(x, axis=None, keepdims=True, weights=x)
actlib.softmin(x, None, temperature=2.0, where=mask)
actlib.gumbel_softmax(x, temperature=0.5, hard=True, rng=np.random.default_rng(0))
actlib.gumbel_softmax.backward(x, x, noise=actlib.gumbel_softmax.sample_noise((7,), np.random.default_rng(0)))
actlib.gumbel_softmax.backward_from_output(x, x, temperature=0.5)
actlib.sparsemax(x, 0, out=out)
actlib.entmax15.backward_from_output(x, actlib.entmax15(x))
actlib.sparsemax.jacobian(x)
actlib.hardmax(x)
actlib.maxout(x, pieces=7)
actlib.crelu(x)
actlib.glu(x, axis=0)
actlib.swiglu(x)
actlib.geglu(x)
actlib.reglu.backward(x, x)
actlib.softmax.backward(x, x, axis=-1)
actlib.softmax.backward_from_output(x, actlib.softmax(x))
actlib.softmax.jacobian(x)
actlib.one_hot([0, 1], 3, axis=-1, dtype=np.float32)
rows: dict[str, actlib.AxisFunction[...]] = actlib.AXIS_FUNCTIONS

# Losses.
target = np.zeros_like(x)
huber(x, target, delta=2.0, reduction="none")
losses.mean_squared_error(x, target, sample_weight=np.ones(7))
losses.mse.gradient(x, target, reduction="sum")
losses.half_squared_error.hessian_diagonal(x, target)
losses.mean_absolute_error.value_and_gradient(x, target, out=out)
losses.hinge(x, np.sign(x))
losses.binary_cross_entropy(actlib.sigmoid(x), target, eps=1e-7)
losses.binary_cross_entropy_with_logits(x, target)
logits, labels = x[None, :], np.array([3])
losses.cross_entropy(logits, labels, label_smoothing=0.1, ignore_index=-100, class_weight=np.ones(7), axis=-1)
losses.negative_log_likelihood(actlib.log_softmax(logits), labels)
losses.categorical_cross_entropy(actlib.softmax(logits), labels)
losses.kl_divergence(actlib.log_softmax(logits), actlib.softmax(logits), log_target=False)
losses.gaussian_nll.gradient(x, target, variance=np.ones_like(x), wrt="variance")
losses.log_cosh.hessian_diagonal(x, target)
losses.quantile(x, target, quantile=0.9)
losses.poisson_nll(x, target, log_input=True, full=True)
losses.margin_ranking(x, target, np.sign(x), margin=0.5).item()
losses.margin_ranking.hessian_diagonal(x, target, target=1)
losses.cosine_similarity.gradient(x, target, eps=1e-8, axis=-1)
losses.cosine_embedding(x, target, -1, margin=0.5, sample_weight=None)
losses.triplet_margin.value_and_gradient(x, target, out, p=1.0, swap=True, out=(out, out, out))
losses.smooth_l1(x, target, beta=0.5), losses.pseudo_huber.gradient(x, target, delta=2.0)
losses.epsilon_insensitive(x, target, epsilon=0.2, squared=True), losses.mean_squared_log_error(x**2, target)
losses.mean_absolute_percentage_error(x, target + 1, eps=1e-3), losses.gamma_nll(x, target + 1)
losses.tweedie.value_and_gradient(x, target + 1, power=1.2)
signs = np.sign(x + 100)
losses.squared_hinge(x, signs), losses.modified_huber.hessian_diagonal(x, signs), losses.perceptron(x, signs)
losses.exponential(x, signs), losses.soft_margin(x, signs), losses.hinge_embedding(x, signs, margin=2.0)
losses.focal(x, target, gamma=1.0, alpha=0.25), losses.brier(actlib.softmax(logits), actlib.softmax(logits))
losses.multilabel_soft_margin(logits, target[None, :]), losses.multilabel_margin(logits, target[None, :])
losses.multiclass_hinge(logits, labels, margin=1.0, kind="sum", p=2)
losses.poly1_cross_entropy(logits, labels, epsilon=1.0), losses.generalized_cross_entropy(logits, labels, q=0.7)
for loss in (losses.mse, losses.mae, losses.bce, losses.logistic, losses.nll, losses.pinball):
    aliases = loss.aliases
definitions = [loss.definition for loss in losses.LOSSES.values()]

# Information.
p = np.array([0.5, 0.5])
actlib.information.entropy(p, axis=-1, base=2)
actlib.information.cross_entropy(p, p)
actlib.information.kl_divergence(p, p)
actlib.information.binary_entropy(p, base=2)
actlib.information.js_divergence(p, p, axis=-1)
actlib.information.js_distance(p, p, base=2)
actlib.information.entropy_from_logits(logits, axis=-1)
actlib.information.cross_entropy_from_logits(p, np.log(p))
actlib.information.kl_divergence_from_logits(np.log(p), np.log(p))
actlib.information.log_likelihood(np.log(p), np.array([0, 1]))
actlib.information.negative_log_likelihood(np.log(p), np.array([0, 1]))

# Checks, derivations, figures, the network, threads.
exact = check.evaluate_definition("exp(x)", x=1.0, digits=30)
error: float = check.ulp_error(np.exp(1.0), exact)
agrees: bool = check.gradcheck(actlib.elu, x.astype(float), alpha=0.5).ok
slope: np.ndarray = check.numerical_derivative(np.sin, x)
report = derivation.check("real x in (-1, 1)\nx + x\n= 2*x -- collect")
verdicts: list[str] = [step.badge for step in report.steps]
text: str = derivation.latex("x**2")
code: int = derivation.prove("derivation.txt", sys.stdout)
axes = plotting.plot(actlib.elu, low=-2, high=2, alpha=0.5)
axes.set_title("ELU")
plotting.compare([actlib.relu, actlib.elu], ax=axes)
plotting.loss_surface(lambda a, b: a * a + b * b, first=(-1, 1), path=[[0.0, 0.0], [1.0, 1.0]])
actlib.elu.plot(alpha=2.0)
actlib.losses.mse(x, target)
actlib.network, actlib.datasets, actlib.check
for one in (special.logit, special.log1mexp, special.softplus_inverse, special.log_cosh, special.sech2, special.entr):
    one(0.5, out=out, where=mask) if one.definition else one.derivative(x, out=out)
for two in (special.logaddexp, special.logsubexp, special.xlogy, special.xlog1py, special.rel_entr, special.kl_div):
    first, second = two.gradient(x, 0.5, out=(out, None))
special.ndtr(x), special.log_ndtr.derivative(x), special.expit(x), special.log_expit(x), special.softplus.inverse(0.5)
special.logmeanexp(x, axis=0, keepdims=True), special.logsumexp(x), special.softmax(x), special.log_softmax(x)
registry = sorted(special.SPECIAL)
threads: int = actlib.get_num_threads()
actlib.set_num_threads(threads)
actlib.show_config()
version: str = actlib.__version__
