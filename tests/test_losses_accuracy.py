"""Losses against their definitions: value, gradient and Hessian within the promised ulp, in the tails too."""

from types import SimpleNamespace

import numpy as np
import pytest
from oracle import AGREEMENT, PRECISIONS, Exact, algebra, assert_accurate, evaluator, exact, parsed
from sampler import points

import actlib
from actlib import losses
from actlib.loss_entry import LabelLoss, PredictionLoss

METHODS = {"value": "definition", "gradient": "gradient_definition", "hessian_diagonal": "hessian_definition"}
DTYPES = (np.float32, np.float64)


def unreduced(entry, method, prediction, target, **keywords):
    function = entry if method == "value" else getattr(entry, method)
    return function(prediction, target, reduction="none", **keywords)


def measure_by(wanted, terms):
    """Measure errors in ulp of the terms, which may cancel, where these are larger than the result."""
    larger = np.maximum(np.spacing(np.abs(terms)).ravel(), wanted.ulp)
    wanted.residual *= wanted.ulp / larger
    wanted.ulp = larger


def grid(prediction, targets):
    """Every prediction with every target, as two flat arrays of the dtype of the predictions."""
    first, second = np.meshgrid(prediction, np.asarray(targets, prediction.dtype))
    return first.ravel(), second.ravel()


def residuals(dtype):
    large = 1e18 if dtype == np.float32 else 1e150  # squares do not overflow
    return grid(points(dtype, 80, extra=(1, 1.5, -0.5, 3), low=-large, high=large), (0.0, -1.0, 2.5, 1e-3))


def decisions(dtype):
    return grid(points(dtype, 100, extra=(1, -1, 2)), (-1.0, 1.0))


def above_minus_one(dtype):
    """Predictions of every size and beside -1, and for each target those beside it and beside the Hessian's zero."""
    rng = np.random.default_rng(9)
    targets = np.array([0.0, -0.75, 1e-9, 2.5, 1e6, 1e-30, -1 + 2.0**-20], dtype)
    sizes = points(dtype, 60, low=0.0, high=1e18 if dtype == np.float32 else 1e150)
    beside = -1 + np.ldexp(1.0, -np.arange(1, 23 if dtype == np.float32 else 53))
    predictions = np.concatenate([sizes, beside.astype(dtype)])
    pairs = [grid(predictions, targets)]
    for center in (targets.astype(np.float64), (1 + targets.astype(np.float64)) * np.e - 1):
        near = center * (1 + np.ldexp(rng.uniform(-1, 1, (25, 1)), -rng.integers(1, 56, (25, 1))))
        near = np.maximum(near, -1 + 2.0**-24).astype(dtype)
        pairs.append((near.ravel(), np.broadcast_to(targets, near.shape).ravel()))
    return tuple(np.concatenate(one) for one in zip(*pairs, strict=True))


def probabilities(dtype):
    low = np.finfo(dtype).tiny
    high = np.nextafter(dtype(1), dtype(0))
    return grid(points(dtype, 100, extra=(0.5, 0.25), low=low, high=high), (0.0, 1.0, 0.25, 1e-7))


def logits(dtype):
    return grid(points(dtype, 100, low=-800, high=800), (0.0, 1.0))


def moderate_logits(dtype):
    """Beyond 138, two precisions of the oracle agree that log(1 + exp(-p)) is 0, beside terms that are not."""
    return grid(points(dtype, 120, low=-130, high=130), (0.0, 1.0))


def log_means(dtype):
    return grid(points(dtype, 100, extra=(1, 2), low=-800, high=700), (0.0, 1.0, 3.0, 250.0, 0.75))


def log_amounts(dtype):
    return grid(points(dtype, 100, extra=(1, 2), low=-700, high=800), (1.0, 3.0, 250.0, 0.75, 1e-30))


ELEMENTWISE = {
    "mean_squared_error": (residuals, [{}]),
    "half_squared_error": (residuals, [{}]),
    "mean_absolute_error": (residuals, [{}]),
    "huber": (residuals, [{}, {"delta": 0.37}]),
    "hinge": (decisions, [{}, {"margin": 0.3}]),
    "binary_cross_entropy": (probabilities, [{"eps": 0}]),
    "binary_cross_entropy_with_logits": (logits, [{}, {"pos_weight": 3.0}, {"pos_weight": 1e-20}]),
    "gaussian_nll": (residuals, [{"variance": 0.3}, {"variance": 40.0}]),
    "focal": (moderate_logits, [{}, {"gamma": 0.5}, {"gamma": 5.0}]),
    "log_cosh": (residuals, [{}]),
    "quantile": (residuals, [{}, {"quantile": 0.9}, {"quantile": 0.01}]),
    "poisson_nll": (log_means, [{}]),
    "smooth_l1": (residuals, [{}, {"beta": 0.37}, {"beta": 0.0}]),
    "pseudo_huber": (residuals, [{}, {"delta": 0.37}, {"delta": 1e-12}, {"delta": 1e12}]),
    "epsilon_insensitive": (residuals, [{}, {"epsilon": 1.5}, {"epsilon": 0.0}]),
    "mean_absolute_percentage_error": (residuals, [{}, {"eps": 0.1}]),
    "mean_squared_log_error": (above_minus_one, [{}]),
    "gamma_nll": (log_amounts, [{}]),
    "tweedie": (log_means, [{}, {"power": 1.1}, {"power": 1.9}]),
    "squared_hinge": (decisions, [{}]),
    "modified_huber": (decisions, [{}]),
    "perceptron": (decisions, [{}]),
    "exponential": (decisions, [{}]),
    "soft_margin": (decisions, [{}]),
    "hinge_embedding": (decisions, [{}, {"margin": 0.3}]),
}
#: losses whose terms may cancel in float64 -> the size of the terms, for the methods that are measured by it
TERMS = {
    ("gaussian_nll", "value"): lambda p, t, variance: (abs(np.log(variance)) + (p - t) ** 2 / variance) / 2,
    ("poisson_nll", "value"): lambda p, t: np.maximum(np.exp(p), t * np.abs(p)),
    ("poisson_nll", "gradient"): lambda p, t: np.maximum(np.exp(p), t),
    ("gamma_nll", "value"): lambda p, t: np.abs(p) + t * np.exp(-p),
    ("gamma_nll", "gradient"): lambda p, t: np.maximum(1, t * np.exp(-p)),
    ("tweedie", "gradient"): lambda p, t, power: np.maximum(np.exp((2 - power) * p), t * np.exp((1 - power) * p)),
}
#: steps, where the oracle takes 1 + 1e-300 for 1: tested where p - t is exact
STEPS = {("huber", "hessian_diagonal"), ("smooth_l1", "hessian_diagonal"), ("epsilon_insensitive", "gradient")}


def test_every_loss_is_measured():
    assert {*ELEMENTWISE, *ROWS} == {name for name, e in losses.LOSSES.items() if isinstance(e, PredictionLoss)}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", ELEMENTWISE)
def test_elementwise(name, method, dtype):
    entry = losses.LOSSES[name]
    for keywords in ELEMENTWISE[name][1]:
        prediction, target, wanted = exact_elements(name, method, dtype, **keywords)
        got = unreduced(entry, method, prediction, target, **keywords)
        bound = getattr(entry.accuracy[method], np.dtype(dtype).name)
        assert_accurate(f"{name}.{method} {keywords}", prediction, got, wanted, bound)


def exact_elements(name, method, dtype, **keywords):
    """Predictions, targets and the exact results of an elementwise loss."""
    entry = losses.LOSSES[name]
    prediction, target = ELEMENTWISE[name][0](dtype)
    if (name, method) in STEPS:
        prediction, target = prediction[target == 0], target[target == 0]
    parameters = {k: float(dtype(v)) for k, v in {**defaults(entry), **keywords}.items() if v is not None}
    definition = getattr(entry, METHODS[method])
    results = [exact(definition, {"p": p, "t": t, **parameters}) for p, t in zip(prediction, target, strict=True)]
    wanted = Exact(results, dtype)
    if (name, method) in TERMS and dtype == np.float64:
        with np.errstate(over="ignore"):
            terms = TERMS[name, method](prediction, target, **parameters)
        measure_by(wanted, np.minimum(terms, np.finfo(dtype).max))
    elif name == "focal" and method == "hessian_diagonal" and dtype == np.float64:
        measure_by(wanted, focal_terms(prediction, target, parameters["gamma"])[method])
    return prediction, target, wanted


def defaults(entry):
    found = {name: parameter.default for name, parameter in entry.parameters.items()}
    return {k: v for k, v in found.items() if isinstance(v, int | float) and not isinstance(v, bool)}


def focal_terms(z, t, gamma):
    """The largest magnitude among the terms of the derivatives of the focal loss, which may cancel."""
    p, q, square = actlib.sigmoid(z), actlib.sigmoid(-z), actlib.sigmoid.derivative(z)
    wrong, entropy = t * q + (1 - t) * p, losses.logistic(z, t, reduction="none")
    with np.errstate(all="ignore"):
        fall = np.where(t == 1, p, np.where(t == 0, q, abs(1 - 2 * t) * square / wrong))
    bell = (wrong**gamma, gamma * fall * entropy, np.maximum(t * q, (1 - t) * p))
    gradient = bell[0] * np.maximum(bell[1], bell[2])
    hessian = bell[0] * np.maximum.reduce([square, 2 * gamma * fall * bell[2], gamma**2 * fall**2 * entropy, bell[1]])
    return {"gradient": gradient, "hessian_diagonal": hessian}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("method", METHODS)
def test_focal_loss_of_soft_targets(method, dtype):
    """Where terms cancel, float64 in ulp of the largest; and alpha, a power of 2 here, multiplies."""
    entry = losses.focal
    prediction, target = grid(points(dtype, 60, low=-90, high=90), (0.5, 0.25, 0.9, 1e-3))
    definition = getattr(entry, METHODS[method])
    for gamma in (2.0, 0.5):
        wanted = [exact(definition, {"p": p, "t": t, "gamma": gamma}) for p, t in zip(prediction, target, strict=True)]
        wanted = Exact(wanted, dtype)
        if method != "value" and dtype == np.float64:
            measure_by(wanted, focal_terms(prediction, target, gamma)[method])
        got = unreduced(entry, method, prediction, target, gamma=gamma)
        bound = getattr(entry.accuracy[method], np.dtype(dtype).name)
        assert_accurate(f"focal.{method} gamma={gamma}", prediction, got, wanted, bound)
        halved = unreduced(entry, method, prediction, target, gamma=gamma, alpha=0.5)
        normal = np.abs(got) > 4 * np.finfo(dtype).tiny
        assert np.array_equal(halved[normal], got[normal] / 2)
    for label, share in ((1.0, 0.25), (0.0, 0.75)):
        plain = unreduced(entry, method, prediction, label)
        weighed = unreduced(entry, method, prediction, label, alpha=0.25)
        normal = np.abs(plain) > 8 * np.finfo(dtype).tiny
        np.testing.assert_allclose(weighed[normal], (plain * dtype(share))[normal], rtol=np.finfo(dtype).eps)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("method", METHODS)
def test_far_tails_of_the_focal_loss(method, dtype):
    """Sure and right, 1 - p_t and the cross-entropy are both exp(-p) to 30 digits; down to where results underflow."""
    entry, prediction = losses.focal, np.linspace(70, 400, 200, dtype=dtype)
    factor = {"value": "1", "gradient": "-(1 + gamma)", "hessian_diagonal": "(1 + gamma)**2"}[method]
    for gamma in (0.0, 0.875, 2.0, 5.0):
        wanted = [exact(f"{factor}*exp(-(1 + gamma)*p)", {"p": p, "gamma": gamma}) for p in prediction]
        got = unreduced(entry, method, prediction, 1.0, gamma=gamma)
        bound = getattr(entry.accuracy[method], np.dtype(dtype).name)
        assert_accurate(f"{method}, gamma={gamma}", prediction, got, Exact(wanted, dtype), bound)
    if method != "value":  # sure and wrong: 1 - p_t is 1 to 30 digits
        definition = {
            "gradient": "1 + gamma*exp(-p)*p",
            "hessian_diagonal": "exp(-p)*(1 + 2*gamma - gamma*p)",
        }[method]
        wanted = [exact(definition, {"p": p, "gamma": 5.0}) for p in prediction]
        got = unreduced(entry, method, prediction, 0.0, gamma=5.0)
        assert_accurate(f"{method}, wrong", prediction, got, Exact(wanted, dtype), bound)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("weight", "smoothing"), [(1.0, 0.0), (1.0, 0.1), (1.0, 1e-9), (3.0, 0.0), (3.0, 0.1)])
def test_logistic_gradient_of_soft_targets(weight, smoothing, dtype):
    """The terms cancel at the minimum: float32 within 1 ulp of what is left, float64 as long as that is an eighth.

    For t = 1/2, where the minimum is z = 0, both keep all digits.
    """
    entry = losses.binary_cross_entropy_with_logits
    keywords = {"pos_weight": weight, "label_smoothing": float(dtype(smoothing))}
    prediction, target = grid(
        points(dtype, 60, extra=(-1.5,), low=-90, high=90), (0.5, 0.25, 0.9, 1e-3, 0.5 - 2.0**-20, 0.5 + 2.0**-20)
    )
    moved = target + keywords["label_smoothing"] * (0.5 - target.astype(np.float64))
    root = np.log(weight * moved / (1 - moved))
    beside = (root * (1 + np.random.default_rng(5).normal(size=root.size) * 2.0**-16)).astype(dtype)
    prediction, target, moved = np.append(prediction, beside), np.append(target, target), np.append(moved, moved)
    wanted = [
        exact(entry.gradient_definition, {"p": p, "t": t, **keywords}) for p, t in zip(prediction, target, strict=True)
    ]
    wanted = Exact(wanted, dtype)
    with np.errstate(over="ignore"):
        terms = np.maximum((1 - moved) / (1 + np.exp(-prediction)), weight * moved / (1 + np.exp(prediction)))
    terms = terms * (2.0**-3 if dtype == np.float64 else 2.0**-28)
    if weight == 1:
        terms[target == 0.5] = 0
    measure_by(wanted, terms.astype(dtype))
    got = entry.gradient(prediction, target, reduction="none", **keywords)
    assert_accurate(f"{keywords}", prediction, got, wanted, 1 if dtype == np.float32 else 3 if smoothing else 2)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("smoothing", [1e-9, 1e-3, 0.1, 0.999, 1.0])
def test_smoothed_targets(smoothing, dtype):
    """A target of 1 leaves smoothing/2 on the other side, not what the rounding of 1 - smoothing/2 makes of it."""
    entry, context = losses.binary_cross_entropy_with_logits, algebra(60).context
    prediction, target = grid(
        points(dtype, 40, extra=(-1.5, 30, -30, 3), low=-90, high=90), (0, 1, 0.5, 0.25, 0.9, 1e-3)
    )
    half, smoothed = context.mpf(1) / 2, context.mpf(float(dtype(smoothing)))
    for weight in (1.0, 3.0):
        exact_results, terms = {"value": [], "gradient": [], "hessian_diagonal": []}, []
        for p, t in zip(map(context.mpf, prediction.tolist()), map(context.mpf, target.tolist()), strict=True):
            right = t + smoothed * (half - t)
            wrong, right = 1 - right, weight * right
            up, down = 1 / (1 + context.exp(-p)), 1 / (1 + context.exp(p))
            value = right * context.log1p(context.exp(-p)) + wrong * context.log1p(context.exp(p))
            exact_results["value"].append(value)
            exact_results["gradient"].append(wrong * up - right * down)
            exact_results["hessian_diagonal"].append((wrong + right) * up * down)
            terms.append(float(max(wrong * up, right * down)))
        for method, results in exact_results.items():
            wanted = Exact(results, dtype)
            if method == "gradient":  # on the way to float32 there are 28 bits more
                measure_by(wanted, (np.array(terms) * (1 if dtype == np.float64 else 2.0**-28)).astype(dtype))
            got = unreduced(entry, method, prediction, target, label_smoothing=smoothing, pos_weight=weight)
            bound = getattr(entry.accuracy[method], np.dtype(dtype).name)
            if dtype == np.float64 and (method == "gradient" or weight != 1):  # as the entry says
                bound = max(bound, 3)
            assert_accurate(f"{method} smoothing {smoothing} weight {weight}", prediction, got, wanted, bound)


@pytest.mark.parametrize("gamma", [2.0, 5.0])
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("method", METHODS)
def test_focal_loss_of_any_target(method, dtype, gamma):
    rng = np.random.default_rng(1)
    prediction = np.concatenate([rng.uniform(-9, 9, 400), rng.uniform(-40, 40, 100), [-5.2315, 200, -200]])
    target = rng.choice([0.5, 0.25, 0.9, 1e-3, 0.1, 0.75, 1 - 1e-3, 1e-6], prediction.size)
    target[::3] = rng.uniform(size=target[::3].size)
    prediction, target = prediction.astype(dtype), target.astype(dtype)
    variables = [{"p": p, "t": t, "gamma": gamma} for p, t in zip(prediction, target, strict=True)]
    wanted = Exact([exact(getattr(losses.focal, METHODS[method]), v) for v in variables], dtype)
    bound = getattr(losses.focal.accuracy[method], np.dtype(dtype).name)
    if method != "value" and dtype == np.float64:
        measure_by(wanted, focal_terms(prediction, target, gamma)[method])
        bound = 7 if method == "hessian_diagonal" else bound  # as the entry says
    got = unreduced(losses.focal, method, prediction, target, gamma=gamma)
    assert_accurate(f"focal.{method} gamma={gamma}", prediction, got, wanted, bound)


@pytest.mark.parametrize("dtype", DTYPES)
def test_squares_beyond_a_tube(dtype):
    entry, rng = losses.epsilon_insensitive, np.random.default_rng(11)
    prediction, target = (rng.normal(size=(2, 2000)) * 4).astype(dtype)
    for epsilon in (0.0, 0.1, 0.796777025615603):
        limit = algebra(60).context.mpf(float(dtype(epsilon)))
        squares, slopes = [], []
        for p, t in zip(prediction.tolist(), target.tolist(), strict=True):
            beyond = max(abs(limit.context.mpf(p) - t) - limit, limit * 0)
            squares.append(beyond**2)
            slopes.append(2 * beyond * (1 if p > t else -1))
        value = unreduced(entry, "value", prediction, target, epsilon=epsilon, squared=True)
        gradient = unreduced(entry, "gradient", prediction, target, epsilon=epsilon, squared=True)
        assert_accurate("squares", prediction, value, Exact(squares, dtype), 1)
        assert_accurate("slopes", prediction, gradient, Exact(slopes, dtype), 1)


# ------------------------------------------------------------------------------------------------ class losses


def settled(definition, variables):
    """The value of a definition of vectors, with more and more digits until two results agree."""
    previous = None
    for precision in PRECISIONS:
        number = algebra(precision).context.mpf
        found = evaluator(precision)(
            parsed(definition), {k: v if isinstance(v, int) else number(float(v)) for k, v in variables.items()}, {}
        )
        value = number(found.numerator) / found.denominator if not hasattr(found, "context") else found
        if value and previous is not None and abs(value - previous) <= abs(value) * 10**-AGREEMENT:
            return value
        previous = value
    if not value:  # two precisions may agree on the 0 of 1 - exp(-z)
        return value
    raise AssertionError(f"{definition} at {variables} does not settle")


def exact_rows(entry, method, letter, prediction, shares, dtype, **keywords):
    """Exact values (a row each) or derivatives (an entry each) of an unreduced class loss."""
    parameters = {k: v if isinstance(v, int) else float(dtype(v)) for k, v in {**defaults(entry), **keywords}.items()}
    found = []
    for row, share in zip(prediction, shares, strict=True):
        variables = {(letter, k): x for k, x in enumerate(row, 1)} | {("t", k): x for k, x in enumerate(share, 1)}
        variables |= {"K": len(row), **parameters}
        definition = getattr(entry, METHODS[method])
        if method == "value":
            found.append(settled(definition, variables))
        else:
            definition = definition.replace("[j]", "[{j}]")
            found += [settled(definition.format(j=j), variables) for j in range(1, len(row) + 1)]
    return Exact(found, dtype)


def logit_rows(dtype):
    rng = np.random.default_rng(5)
    gaps = np.concatenate([[0, 1e-30, 1e-8, 0.3, 0.7, 5, 17, 40, 80, 103], rng.uniform(0, 100, 15)])
    pairs = np.column_stack([gaps, 0 * gaps, -gaps])
    random = rng.normal(size=(12, 3)) * 5
    tied = [[2, 2, 2], [3, 3, -40], [-36.2, 35.1, 0.3]]
    shifted = random[:6] + 1000
    return np.concatenate([pairs, random, tied, shifted]).astype(dtype)


def uneven_logit_rows(dtype):
    """Without equal probabilities, where a Hessian may be 0: then no number of digits gives its first one."""
    rows = logit_rows(dtype)
    return rows[rows.max(1) > rows.min(1)]


def probability_rows(dtype):
    rng = np.random.default_rng(6)
    rows = rng.uniform(size=(20, 3)) ** 6 + np.finfo(dtype).tiny
    return np.concatenate([rows / rows.sum(1, keepdims=True), [[1, 1e-30, 1e-8]]]).astype(dtype)


def log_rows(dtype):
    return np.log(probability_rows(np.float64)).astype(dtype)


def score_rows(dtype):
    """Without equal scores: definitions do not say which of them is the first."""
    rng = np.random.default_rng(9)
    rows = rng.normal(size=(16, 3)) * 10.0 ** rng.integers(-9, 3, (16, 3))
    near = np.array([[1, 1e-30, -1], [1e-30, 1, 3], [-3, -2 + 1e-7, 5], [0.25, 1.25 - 1e-7, -7]])
    return np.concatenate([rows, near]).astype(dtype)


ROWS = {
    "cross_entropy": ("z", logit_rows),
    "multiclass_hinge": ("z", score_rows),
    "multilabel_margin": ("z", score_rows),
    "multilabel_soft_margin": ("z", logit_rows),
    "brier": ("p", probability_rows),
    "poly1_cross_entropy": ("z", logit_rows),
    "generalized_cross_entropy": ("z", uneven_logit_rows),
    "negative_log_likelihood": ("l", log_rows),
    "categorical_cross_entropy": ("p", probability_rows),
    "kl_divergence": ("l", log_rows),
}


def measure_rows(wanted, name, method, rows, shares, q=0.5, **_):
    """Measure errors in ulp of the largest term of those that cancel, if they do.

    On the way to float32 there are 28 bits more; they do not always see that the Hessian is not quite 0.
    """
    hot = shares.max(-1, keepdims=True) == shares.sum(-1, keepdims=True)
    if name == "kl_divergence" and method == "value":
        terms = (shares * (np.abs(np.log(shares)) + np.abs(rows))).sum(1)
    elif name == "cross_entropy" and method == "gradient":
        terms = np.where(hot, 0, shares)
    elif name == "multilabel_soft_margin" and method == "gradient":
        terms = np.where(hot, 0, np.maximum(shares, actlib.sigmoid(rows)) / 3)
    elif name == "poly1_cross_entropy" and method == "gradient":
        terms = np.where(hot, 0, np.maximum(shares, actlib.softmax(rows)))
    elif name == "poly1_cross_entropy" and method == "hessian_diagonal":
        p = actlib.softmax(rows)
        terms = np.where(hot, 0, p * np.maximum(1 - p, shares))
    elif name == "generalized_cross_entropy" and method == "hessian_diagonal":
        p = actlib.softmax(rows)
        right = (shares * p).sum(-1, keepdims=True) ** q
        terms = right * np.maximum(p * (1 - p), q * (p - shares) ** 2)
    else:
        return
    measure_by(wanted, (terms if wanted.dtype == np.float64 else terms * 2.0**-28).astype(wanted.dtype))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", [name for name in ROWS if name != "kl_divergence"])
def test_labels(name, method, dtype):
    entry = losses.LOSSES[name]
    for label in range(3):
        rows, one_hot, wanted = exact_labels(name, method, dtype, label)
        got = unreduced(entry, method, rows, np.full(len(rows), label))
        bound = getattr(entry.accuracy[method], np.dtype(dtype).name)
        inputs = rows[:, 0] if method == "value" else rows.ravel()
        assert_accurate(f"{name}.{method} label {label}", inputs, got.ravel(), wanted, bound)
        got = unreduced(entry, method, rows, one_hot.astype(dtype))
        assert_accurate(f"{name}.{method} one-hot {label}", inputs, got.ravel(), wanted, bound)


def exact_labels(name, method, dtype, label):
    """Rows of predictions, the label as one-hot rows, and the exact results of a class loss."""
    letter, sample = ROWS[name]
    rows = sample(dtype)
    one_hot = np.eye(3)[[label] * len(rows)]
    wanted = exact_rows(losses.LOSSES[name], method, letter, rows, one_hot, dtype)
    measure_rows(wanted, name, method, rows, one_hot)
    return rows, one_hot, wanted


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", [name for name in ROWS if not isinstance(losses.LOSSES[name], LabelLoss)])
def test_shares(name, method, dtype):
    """Soft targets; where terms cancel, in ulp of the larger one (float32 within 1 ulp of the result)."""
    entry = losses.LOSSES[name]
    rows, shares, wanted = exact_shares(name, method, dtype)
    got = unreduced(entry, method, rows, shares)
    bound = getattr(entry.accuracy[method], np.dtype(dtype).name)
    assert_accurate(f"{name}.{method}", rows[:, 0] if method == "value" else rows.ravel(), got.ravel(), wanted, bound)


def exact_shares(name, method, dtype):
    """Rows of predictions, shares of the classes, and the exact results of a class loss."""
    letter, sample = ROWS[name]
    rows = sample(dtype)
    shares = np.random.default_rng(7).dirichlet(np.ones(3), len(rows)).astype(dtype)
    if name == "multilabel_margin":
        shares = (shares > 0.3).astype(dtype)
    elif name != "kl_divergence":  # its definition has no value at 0
        shares[::5] = np.array([0.0, 0.25, 0.75], dtype)
    wanted = exact_rows(losses.LOSSES[name], method, letter, rows, shares, dtype)
    measure_rows(wanted, name, method, rows, shares)
    return rows, shares, wanted


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    ("name", "keywords"),
    [
        ("poly1_cross_entropy", {"epsilon": 0.25}),
        ("generalized_cross_entropy", {"q": 0.125}),
        ("generalized_cross_entropy", {"q": 1}),
    ],
)
def test_parameters_of_rows_of_logits(name, keywords, method, dtype):
    entry, rows = losses.LOSSES[name], logit_rows(dtype)
    for label in range(3):
        one_hot = np.eye(3)[[label] * len(rows)]
        got = unreduced(entry, method, rows, np.full(len(rows), label), **keywords)
        wanted = exact_rows(entry, method, "z", rows, one_hot, dtype, **keywords)
        measure_rows(wanted, name, method, rows, one_hot, **keywords)
        bound = getattr(entry.accuracy[method], np.dtype(dtype).name)
        inputs = rows[:, 0] if method == "value" else rows.ravel()
        assert_accurate(f"{keywords} label {label}", inputs, got.ravel(), wanted, bound)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ["cross_entropy", "poly1_cross_entropy"])
def test_gradients_for_many_shares(name, dtype):
    """Where all logits are equal, probabilities are exact, and what remains of p V - v is as good as the sum V."""
    entry, context, classes = losses.LOSSES[name], algebra(60).context, 64
    rng = np.random.default_rng(4)
    shares = np.concatenate([rng.random((40, classes)), rng.dirichlet(np.ones(classes), 20)]).astype(dtype)
    shares[::2, ::2] = (shares[::2].sum(1, keepdims=True) / classes).astype(dtype)  # beside the mean, where it cancels
    for logits in (np.ones((60, classes), dtype), rng.normal(size=(60, classes)).astype(dtype)):
        gradients, terms = [], []
        for row, share in zip(logits, shares, strict=True):
            exps = [context.exp(context.mpf(float(z))) for z in row]
            total = context.fsum(exps)
            p, v = [e / total for e in exps], [context.mpf(float(x)) for x in share]
            whole, hit = context.fsum(v), context.fsum(a * b for a, b in zip(p, v, strict=True))
            for a, b in zip(p, v, strict=True):
                gradients.append(a * whole - b + (a * (hit - b) if name == "poly1_cross_entropy" else 0))
                terms.append(float(max(a * whole, b)))
        wanted = Exact(gradients, dtype)
        if dtype == np.float64 and (name == "poly1_cross_entropy" or logits.std() > 0):
            measure_by(wanted, np.array(terms))
        elif dtype == np.float64:  # twice the 106 bits of the sum cancel in places
            measure_by(wanted, np.array(terms) * 2.0**-50)
        got = unreduced(entry, "gradient", logits, shares)
        bound = getattr(entry.accuracy["gradient"], np.dtype(dtype).name)
        assert_accurate(f"{name}, {classes} shares", logits.ravel(), got.ravel(), wanted, bound)


SCORE = "Sum(t[i]*z[i], i, 1, K)"
SLOPES = [f"cases((p*(margin + z[{k}] - {SCORE})**(p - 1), margin + z[{k}] > {SCORE}), (0, True))" for k in "jk"]
CURVES = [f"cases((p*(p - 1), margin + z[{k}] > {SCORE}), (0, True))" for k in "jk"]
OTHERS = {
    "definition": f"Sum((1 - t[k])*Max(0, margin + z[k] - {SCORE})**p, k, 1, K)/K",
    "gradient_definition": f"((1 - t[j])*{SLOPES[0]} - t[j]*Sum((1 - t[k])*{SLOPES[1]}, k, 1, K))/K",
    "hessian_definition": f"((1 - t[j])*{CURVES[0]} + t[j]*Sum((1 - t[k])*{CURVES[1]}, k, 1, K))/K",
}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("keywords", [{"p": 2}, {"kind": "sum"}, {"kind": "sum", "p": 2, "margin": 0.3}])
def test_kinds_and_powers_of_multiclass_hinge(keywords, method, dtype):
    entry, rows = losses.multiclass_hinge, score_rows(dtype)
    stated = SimpleNamespace(**OTHERS, parameters=entry.parameters) if "kind" in keywords else entry
    numbers = {name: value for name, value in keywords.items() if name != "kind"}
    for label in range(3):
        got = unreduced(entry, method, rows, np.full(len(rows), label), **keywords)
        wanted = exact_rows(stated, method, "z", rows, np.eye(3)[[label] * len(rows)], dtype, **numbers)
        bound = getattr(entry.accuracy[method], np.dtype(dtype).name)
        inputs = rows[:, 0] if method == "value" else rows.ravel()
        assert_accurate(f"{keywords} label {label}", inputs, got.ravel(), wanted, bound)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("classes", [1, 2, 16, 64, 65, 100, 1000])
def test_long_rows(classes, dtype):
    """Any number of classes: longer rows are summed in parts."""
    rng = np.random.default_rng(classes)
    rows = (rng.normal(size=(3, classes)) * 8).astype(dtype)
    labels = np.array([rows[0].argmax(), rng.integers(classes), rows[2].argmin()])
    context = algebra(60).context
    values, gradients = [], []
    for row, label in zip(rows, labels, strict=True):
        exps = [context.exp(context.mpf(float(z))) for z in row]
        total = context.fsum(exps)
        values.append(context.log(total) - context.mpf(float(row[label])))
        gradients += [e / total - (k == label) for k, e in enumerate(exps)]
    accuracy = losses.cross_entropy.accuracy
    kind = np.dtype(dtype).name
    value, gradient = losses.cross_entropy.value_and_gradient(rows, labels, reduction="none")
    bound = getattr(accuracy["value"], kind)
    assert_accurate(f"{classes} classes", labels, value, Exact(values, dtype), bound)
    bound = getattr(accuracy["gradient"], kind)
    assert_accurate(f"{classes} classes", rows.ravel(), gradient.ravel(), Exact(gradients, dtype), bound)


@pytest.mark.parametrize("dtype", DTYPES)
def test_log_target(dtype):
    rows, logs = log_rows(dtype), log_rows(np.float64)[::-1].astype(dtype)
    entry = losses.kl_divergence
    got = entry(rows[:, :1], logs[:, :1], reduction="none", log_target=True)
    terms = [exact("exp(s)*(s - l)", {"s": s, "l": x}) for s, x in zip(logs[:, 0], rows[:, 0], strict=True)]
    assert_accurate("log_target", rows[:, 0], got, Exact(terms, dtype), 1 if dtype == np.float32 else 2)
    gradient = entry.gradient(rows[:, :1], logs[:, :1], reduction="none", log_target=True)
    wanted = Exact([exact("-exp(s)", {"s": s}) for s in logs[:, 0]], dtype)
    assert_accurate("log_target gradient", rows[:, 0], gradient[:, 0], wanted, 1)


@pytest.mark.parametrize("dtype", DTYPES)
def test_variance_derivatives(dtype):
    prediction, target = residuals(dtype)
    # beside the zeros, where (p - t)**2 is v or v/2
    variance = float(dtype(0.7))
    rng = np.random.default_rng(3)
    beside = rng.normal(size=200).astype(dtype)
    roots = np.sqrt(variance * np.resize([1.0, 0.5], 200)) * np.repeat([1.0, -1.0], 100)
    prediction = np.concatenate([prediction, (beside + roots).astype(dtype)])
    target = np.concatenate([np.broadcast_to(target, prediction.size - 200), beside])
    keywords = {"variance": 0.7, "wrt": "variance", "reduction": "none"}
    variables = [{"p": p, "t": t, "v": variance} for p, t in zip(prediction, target, strict=True)]
    cases = {"gradient": "(v - (p - t)**2)/(2*v**2)", "hessian_diagonal": "((p - t)**2 - v/2)/v**3"}
    for method, definition in cases.items():
        got = getattr(losses.gaussian_nll, method)(prediction, target, **keywords)
        wanted = Exact([exact(definition, v) for v in variables], dtype)
        assert_accurate(f"{method} wrt variance", prediction, got, wanted, 1 if dtype == np.float32 else 3)


def test_variance_derivatives_at_the_ends_of_the_range():
    """Squares of residuals and cubes of variances overflow, or are subnormal, where the derivatives are numbers."""
    rng = np.random.default_rng(2)
    residual, variance = 10.0 ** rng.uniform([[-320], [-320]], [[308], [308]], (2, 3000))
    beside = 10.0 ** rng.uniform(-150, 154, 300)
    beside, square = beside, beside**2 * (1 + 10.0 ** rng.uniform(-16, 0, 300))
    with np.errstate(under="ignore"):
        residual = np.concatenate([residual, beside, beside, [3.157213407933458e301, 1.0447250485360823e258]])
        variance = np.concatenate([variance, square, 2 * beside**2, [2.9485414995945132e280, 3.04e180]])
    variance = np.clip(variance, 5e-324, np.finfo(np.float64).max)
    context = algebra(400).context
    cases = {"gradient": [], "hessian_diagonal": []}
    for r, v in zip(map(context.mpf, residual.tolist()), map(context.mpf, variance.tolist()), strict=True):
        cases["gradient"].append((v - r * r) / (2 * v * v))
        cases["hessian_diagonal"].append((r * r - v / 2) / v**3)
    for method, results in cases.items():
        got = getattr(losses.gaussian_nll, method)(residual, 0.0, variance=variance, wrt="variance", reduction="none")
        assert_accurate(f"{method} wrt variance", residual, got, Exact(results, np.float64), 3)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("smoothing", [1e-20, 1e-12, 1e-6, 1e-3])
def test_logistic_gradient_of_the_share_that_smoothing_leaves(smoothing, dtype):
    """With pos_weight = 0 the other term is 0: nothing cancels, and 1 - t is smaller than the rounding of t."""
    entry = losses.binary_cross_entropy_with_logits
    z = np.concatenate([-np.geomspace(1e-3, 80.0, 60), np.geomspace(1e-3, 80.0, 60)]).astype(dtype)
    keywords = {"pos_weight": 0.0, "label_smoothing": smoothing}
    got = unreduced(entry, "gradient", z, 1.0, **keywords)
    variables = {"t": 1.0, "pos_weight": 0.0, "label_smoothing": float(dtype(smoothing))}
    wanted = Exact([exact(entry.gradient_definition, {**variables, "p": one}) for one in z], dtype)
    assert_accurate("gradient", z, got, wanted, 1 if dtype == np.float32 else 3)


def test_squared_gradient_beyond_a_tube():
    rng = np.random.default_rng(7)
    p, t = rng.normal(size=300), rng.normal(size=300) * np.repeat([1.0, 1e3, 1e-3], 100)
    epsilon = 0.002472852625889747
    got = unreduced(losses.epsilon_insensitive, "gradient", p, t, epsilon=epsilon, squared=True)
    numbers = [(algebra(60).context.mpf(float(a)) - float(b)) for a, b in zip(p, t, strict=True)]
    results = [2 * (abs(r) - epsilon) * (1 if r > 0 else -1) if abs(r) > epsilon else r * 0 for r in numbers]
    assert_accurate("gradient", p, got, Exact(results, np.float64), 0.51)


@pytest.mark.parametrize(("method", "power", "bound"), [("gradient", 1, 3), ("hessian_diagonal", 2, 4)])
@pytest.mark.parametrize("smoothing", [0.0, 0.1, 0.7])
def test_weighted_and_smoothed_shares_of_probabilities(method, power, bound, smoothing):
    """-w t/p and w t/p**2 with the smoothed share t: each factor is rounded by itself."""
    rng = np.random.default_rng(4)
    p, t, weight = rng.uniform(1e-3, 1.0, (400, 3)), rng.uniform(size=(400, 3)), np.array([0.3, 1.7, 2.9])
    keywords = {"class_weight": weight, "label_smoothing": smoothing}
    got = unreduced(losses.categorical_cross_entropy, method, p, t, **keywords)
    mpf = algebra(60).context.mpf
    results = [
        (-1) ** power * mpf(w) * ((1 - mpf(smoothing)) * mpf(b) + mpf(smoothing) / 3) / mpf(a) ** power
        for a, b, w in zip(p.ravel().tolist(), t.ravel().tolist(), np.tile(weight, 400).tolist(), strict=True)
    ]
    assert_accurate(method, p.ravel(), got.ravel(), Exact(results, np.float64), bound)


def test_probabilities_are_clipped_below_one_where_eps_is_tiny():
    """1 - 1e-20 is 1 in float64: the upper end is the number below."""
    value, gradient = losses.binary_cross_entropy.value_and_gradient(1.0, 0.0, eps=1e-20)
    assert value == -np.log(2.0**-53)
    assert gradient == 2.0**53
    assert losses.binary_cross_entropy(1.0, 0.0, eps=0.0) == np.inf


def log_factorial(t):
    """log(t!) to 40 digits: Stirling's series far out, and back by the recurrence."""
    context = algebra(60).context
    return context.loggamma(context.mpf(float(t)) + 1)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("log_input", [True, False])
def test_counts(dtype, log_input):
    """poisson_nll with every combination of its keywords; where terms cancel, float64 in ulp of their sum."""
    entry, context = losses.poisson_nll, algebra(60).context
    rng = np.random.default_rng(8)
    target = np.concatenate([np.arange(40), [100, 171, 1e4, 1e6], rng.uniform(0, 9, 60), [1e-300, 1e-9, 8 - 1e-9]])
    target = np.tile(target, 3).astype(dtype)
    logs = np.concatenate([rng.uniform(-6, 8, target.size - 3), [-80.0, 30.0, 0.0]])
    prediction = (logs if log_input else np.exp(logs)).astype(dtype)
    for full in (False, True):
        values, sizes = [], []
        for p, t in zip(prediction, target, strict=True):
            p, t = context.mpf(float(p)), context.mpf(float(t))
            terms = [context.exp(p), -t * p] if log_input else [p, -t * context.log(p)]
            terms += [log_factorial(t)] if full else []
            values.append(context.fsum(terms))
            sizes.append(float(context.fsum(terms, absolute=True)))
        wanted = Exact(values, dtype)
        if dtype == np.float64:
            measure_by(wanted, np.array(sizes))
        got = unreduced(entry, "value", prediction, target, log_input=log_input, full=full)
        bound = getattr(entry.accuracy["value"], np.dtype(dtype).name)
        assert_accurate(f"log_input={log_input}, full={full}", target, got, wanted, bound)
    if not log_input:
        for method, definition in (("gradient", "1 - t/p"), ("hessian_diagonal", "t/p**2")):
            variables = [{"p": p, "t": t} for p, t in zip(prediction, target, strict=True)]
            wanted = Exact([exact(definition, v) for v in variables], dtype)
            got = unreduced(entry, method, prediction, target, log_input=False, full=True)
            bound = getattr(entry.accuracy[method], np.dtype(dtype).name)
            assert_accurate(f"{method} of the mean", prediction, got, wanted, bound)


def test_factorials_of_counts_are_those_of_integers():
    """0! and 1! cost nothing, not even a rounding."""
    from math import factorial

    counts = np.arange(20)
    got = losses.poisson_nll(np.ones(20), counts, log_input=False, full=True, reduction="none") - 1.0
    assert got[0] == got[1] == 0
    np.testing.assert_allclose(got, [np.log(factorial(int(k))) for k in counts], rtol=1e-14)


# ------------------------------------------------------------------- the checker sees the faults it is there for


@pytest.mark.parametrize(
    ("fault", "wrong"),
    [
        ("sigmoid(z) - y cancels", lambda z, t: 1 / (1 + np.exp(-z)) - t),
        ("wrong sign", lambda z, t: -losses.logistic.gradient(z, t, reduction="none")),
        ("a wrong last digit", lambda z, t: losses.logistic.gradient(z, t, reduction="none") * (1 + 1e-15)),
    ],
)
def test_planted_faults_are_found(fault, wrong):
    prediction, target = np.array([40.0, 3.0, -2.0]), np.array([1.0, 1.0, 0.0])
    definition = losses.logistic.gradient_definition
    variables = [
        {"p": p, "t": t, "pos_weight": 1, "label_smoothing": 0} for p, t in zip(prediction, target, strict=True)
    ]
    wanted = Exact([exact(definition, v) for v in variables], np.float64)
    assert_accurate("right", prediction, losses.logistic.gradient(prediction, target, reduction="none"), wanted, 2)
    with pytest.raises(AssertionError, match="points are wrong"):
        assert_accurate(fault, prediction, wrong(prediction, target), wanted, 2)


@pytest.mark.parametrize(
    ("name", "method", "wrong"),
    [
        ("log_cosh", "value", lambda p, t: np.abs(p - t) + np.log1p(np.exp(-2 * np.abs(p - t))) - np.log(2)),
        ("log_cosh", "hessian_diagonal", lambda p, t: 1 - np.tanh(p - t) ** 2),
        ("quantile", "gradient", lambda p, t: np.where(p < t, 0.5, -0.5)),
        ("pseudo_huber", "value", lambda p, t: np.sqrt(1 + (p - t) ** 2) - 1),
        ("epsilon_insensitive", "gradient", lambda p, t: np.sign(p - t)),
        ("smooth_l1", "value", lambda p, t: losses.huber(p, t, delta=0.5, reduction="none")),
        ("poisson_nll", "value", lambda p, t: np.exp(p) - t),
    ],
)
def test_planted_faults_of_formulas_are_found(name, method, wrong):
    entry = losses.LOSSES[name]
    prediction, target = np.array([1e-5, 3.0, -20.0]), np.array([0.0, 1.0, 2.0])
    variables = [{"p": p, "t": t, **defaults(entry)} for p, t in zip(prediction, target, strict=True)]
    wanted = Exact([exact(getattr(entry, METHODS[method]), v) for v in variables], np.float64)
    assert_accurate("right", prediction, unreduced(entry, method, prediction, target), wanted, 4)
    with pytest.raises(AssertionError, match="points are wrong"):
        assert_accurate(name, prediction, wrong(prediction, target), wanted, 4)


def test_a_cancelling_cross_entropy_is_found():
    rows = np.array([[40.0, 0.0, 0.0]])
    wanted = exact_rows(losses.cross_entropy, "value", "z", rows, [[1, 0, 0]], np.float64)
    with pytest.raises(AssertionError, match="points are wrong"):
        assert_accurate("naive", rows[:, 0], np.log(np.exp(rows).sum(1)) - rows[:, 0], wanted, 2)
