"""Losses over arrays: reductions and weights, limits, layouts, dtypes, threads, errors."""

import copy
import inspect
import math
import pickle

import mpmath
import numpy as np
import pytest
from oracle import assert_same_bits

import actlib
from actlib import losses
from actlib.loss_entry import POSITIVE, SIGNS, LabelLoss, Loss, PredictionLoss, allowed

DTYPES = (np.float32, np.float64)
PREDICTION_LOSSES = [entry for entry in losses.LOSSES.values() if isinstance(entry, PredictionLoss)]
N, K = 700, 5  # two blocks of elements, rows that do not fill their groups


OF_PROBABILITIES = ("binary_cross_entropy", "brier", "categorical_cross_entropy")


def arguments(entry, dtype=np.float64, n=N, classes=K):
    """Prediction, target and keywords that the loss accepts."""
    rng = np.random.default_rng(11)
    keywords = {"variance": 0.5} if entry.name == "gaussian_nll" else {}
    if "axis" in inspect.signature(entry).parameters:
        prediction = rng.normal(size=(n, classes)) * 3
        target = rng.dirichlet(np.ones(classes), n).astype(dtype)
        if entry.name in OF_PROBABILITIES:
            prediction = rng.dirichlet(np.ones(classes), n)
        if entry.name == "multilabel_margin":
            target = rng.integers(0, 2, (n, classes)).astype(dtype)
        if isinstance(entry, LabelLoss):
            target = np.eye(classes, dtype=dtype)[rng.integers(0, classes, n)]
        return prediction.astype(dtype), target, keywords
    prediction = rng.uniform(0.01, 0.99, size=(n, classes)).astype(dtype)
    pair = {SIGNS: [-1.0, 1.0], POSITIVE: [0.5, 2.0]}.get(entry._facts.target_domain, [0.0, 1.0])
    return prediction, rng.choice(pair, (n, classes)).astype(dtype), keywords


def by_rows(entry):
    return "axis" in inspect.signature(entry).parameters


@pytest.fixture(params=PREDICTION_LOSSES, ids=lambda entry: entry.name)
def entry(request):
    return request.param


@pytest.fixture(params=DTYPES)
def dtype(request):
    return request.param


def outcome(entry, prediction, target, **keywords):
    value, gradient = entry.value_and_gradient(prediction, target, **keywords)
    return np.asarray(value), gradient, entry.hessian_diagonal(prediction, target, **keywords)


# ------------------------------------------------------------------------------------------- reductions, weights


@pytest.mark.parametrize("reduction", ["sum", "mean", "batchmean"])
@pytest.mark.parametrize("weighted", ["", "rows", "all"])
def test_reductions(entry, reduction, weighted, dtype):
    """Against the plain definition: sum of w l, over the sum of w or the length of axis 0."""
    prediction, target, keywords = arguments(entry, dtype)
    single = entry(prediction, target, reduction="none", **keywords).astype(np.float64)
    slopes = entry.gradient(prediction, target, reduction="none", **keywords).astype(np.float64)
    rng = np.random.default_rng(3)
    shape = {"": (), "rows": (N,), "all": single.shape}[weighted]
    weight = rng.integers(0, 4, shape).astype(np.float64) if weighted else None
    full = 1.0 if weight is None else weight.reshape(shape + (1,) * (single.ndim - len(shape))) + 0 * single
    counted = full.sum() if weighted else single.size
    divisor = {"sum": 1, "mean": counted, "batchmean": N}[reduction]
    value, gradient, curvature = outcome(
        entry, prediction, target, reduction=reduction, sample_weight=weight, **keywords
    )
    spread = np.broadcast_to(full, single.shape)
    spread = spread[..., None] if by_rows(entry) else spread
    epsilon = np.finfo(dtype).eps
    wanted, size = (full * single).sum() / divisor, abs(full * single).sum() / divisor
    assert abs(float(value) - wanted) <= 4 * epsilon * size
    np.testing.assert_allclose(gradient, spread * slopes / divisor, rtol=4 * epsilon)
    hessian = entry.hessian_diagonal(prediction, target, reduction="none", **keywords).astype(np.float64)
    np.testing.assert_allclose(curvature, spread * hessian / divisor, rtol=4 * epsilon)


def test_sums_are_compensated():
    """Within one rounding of the exact sum, where plain summation loses everything."""
    prediction = np.tile([1e16, 1.0, -1e16, 1.0], 4000)
    big = losses.gaussian_nll(prediction, prediction, variance=1.0, reduction="sum")
    assert big == 0
    terms = np.concatenate([[2.0**53], np.ones(5001)])
    assert losses.mean_absolute_error(terms, 0.0, reduction="sum") == 2.0**53 + 5001 + 1  # to even
    p, t = np.full(96, -800.0), np.zeros(96)  # exp(p) is 0; what is added to one partial sum lies 32 apart
    p[[0, 32, 64]], t[[32, 64]] = (0.0, -2.0, 2.0), 2.0**53
    terms = losses.poisson_nll(p, t, reduction="none")
    assert abs(losses.poisson_nll(p, t, reduction="sum") - math.fsum(terms)) <= 2 * np.spacing(np.abs(terms).sum())
    scattered = np.random.default_rng(0).normal(size=100_003) ** 9
    exact = sum(map(abs, map(int, scattered * 2.0**40)))
    got = losses.mean_absolute_error(np.trunc(scattered * 2.0**40), 0.0, reduction="sum")
    assert abs(int(got) - exact) <= np.spacing(float(exact))


@pytest.mark.parametrize("weight", [None, 1.0, 3e-200, 1e150], ids=["unweighted", "1", "small", "large"])
@pytest.mark.parametrize("n", [2, 700, 20_011])
def test_a_mean_survives_the_overflow_of_its_sum(n, weight):
    """Sums beyond the largest number, in a block of elements or in the sum of blocks that are finite themselves."""
    residual = np.full((n, 2), 1.2e154)  # its square is 1.44e308
    residual[1] /= 3
    factors = None if weight is None else np.full(n, weight)
    if weight is not None and n > 2:
        factors[:3] = 0, weight / 7, weight / 3
    shares = np.ones((n, 1)) if weight is None else factors[:, None] / weight
    squares = (residual / 1e154) ** 2
    mean = losses.mse(residual, 0.0, sample_weight=factors)
    np.testing.assert_allclose(mean / 1e308, (shares * squares).sum() / shares.sum() / 2, rtol=1e-12)
    for target in (0.0, np.zeros_like(residual)):
        value, gradient = losses.mse.value_and_gradient(residual, target, sample_weight=factors, out=residual.copy())
        assert value == mean
    assert np.isfinite(gradient).all()
    own = residual.copy()
    assert losses.mse.value_and_gradient(own, 0.0, sample_weight=factors, out=own)[0] == mean
    total = losses.mse(residual, 0.0, sample_weight=factors, reduction="sum")
    np.testing.assert_allclose(total, (shares * squares).sum() * 3e108 if weight == 3e-200 else np.inf, rtol=1e-12)
    if weight is None or weight == 1.0:
        narrow = losses.mse(residual[:, :1], 0.0, sample_weight=factors, reduction="batchmean")
        np.testing.assert_allclose(narrow / 1e308, (shares * squares[:, :1]).sum() / n, rtol=1e-12)
    rows = np.log(np.full((n, 2), 0.5)) * 1e308
    mean = losses.nll(rows, np.zeros(n, int), sample_weight=factors)
    np.testing.assert_allclose(mean, np.log(2) * 1e308, rtol=1e-12)


@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize("n", [2, 700, 20_011])
def test_no_weight_but_zero_silences_infinity(n, reduction):
    """However small it is beside the others, also where weights or sums are scaled."""
    residual, bad, right = np.ones(n), np.full(n, 0.5), np.zeros((n, 2))
    residual[1], bad[1], right[1, 0] = np.inf, 0.0, -np.inf
    for tiny, usual in ((1e-160, 1.0), (5e-324, 1.0), (1e-200, 1e200), (5e-324, 1e308)):
        weight = np.full(n, usual)
        weight[1] = tiny
        keywords = {"sample_weight": weight, "reduction": reduction}
        assert losses.mse(residual, 0.0, **keywords) == np.inf
        assert losses.bce(bad, 1.0, eps=0, **keywords) == np.inf
        assert losses.cross_entropy(right, np.zeros(n, int), **keywords) == np.inf
        weight[1] = 0.0
        if reduction == "mean":
            assert losses.mse(residual, 0.0, **keywords) == 1


@pytest.mark.parametrize("name", ["gamma_nll", "tweedie"])
@pytest.mark.parametrize("prediction", [-np.inf, -1e30, -1e5, -1500.0, -720.0, 720.0, 1e5, np.inf])
def test_float32_has_the_limits_of_float64_where_exponentials_overflow(name, prediction):
    entry = losses.LOSSES[name]
    for offer in (entry, entry.gradient, entry.hessian_diagonal):
        wide = offer(np.array([prediction]), np.array([1e5]), reduction="none")
        got = offer(np.float32([prediction]), np.float32([1e5]), reduction="none")
        with np.errstate(over="ignore"):
            np.testing.assert_array_equal(got, wide.astype(np.float32))


@pytest.mark.parametrize("classes", [3, 64, 65])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_equal_infinite_scores_lie_0_apart(classes, dtype):
    scores, members = np.full((1, classes), -5, dtype), np.zeros((1, classes), bool)
    scores[0, :2], members[0, 0] = np.inf, True
    value, gradient = losses.multilabel_margin.value_and_gradient(scores, members)
    assert value == dtype(1 / classes)
    np.testing.assert_array_equal(gradient[0, :3], np.array([-1 / classes, 1 / classes, 0], dtype))


@pytest.mark.parametrize("kind", ["crammer_singer", "sum"])
@pytest.mark.parametrize("p", [1, 2])
def test_infinite_distances_of_scores(kind, p, dtype):
    largest = np.finfo(dtype).max
    for row in ([np.inf, 0], [0, -np.inf], [largest, -largest] if p == 2 else [np.inf, -np.inf]):
        value = losses.multiclass_hinge(np.array([row], dtype), [1], kind=kind, p=p)
        assert value == np.inf
        value = losses.multiclass_hinge(np.array([row], dtype), [0], kind=kind, p=p)
        assert value == 0


@pytest.mark.parametrize("scale", [1e-300, 1e-99, 3.0, 1e99, 1e300])
def test_a_mean_survives_large_class_weights(scale):
    rows, labels = np.array([[-1e250, -1.0], [-2.0, -1e250]]), np.array([0, 1])
    value, gradient = losses.nll.value_and_gradient(rows, labels, class_weight=[scale, scale])
    np.testing.assert_allclose(value, 1e250, rtol=1e-15)
    np.testing.assert_allclose(gradient, [[-0.5, 0], [0, -0.5]], rtol=1e-15)


@pytest.mark.parametrize("n", [3, 700, 20_011])
def test_a_mean_gradient_survives_the_overflow_of_its_products(n):
    """Weight times gradient may overflow where the mean's gradient does not; its neighbours keep their bits."""
    residual = np.resize([1.5e308, 1.0, -3e-310, np.inf, -1e308, 5.0], n)
    weight = np.resize([3.0, 2.0, 4.0, 1e30, 1e40, 0.0], n)
    for reduction in ("mean", "batchmean"):
        got = losses.half_squared_error.gradient(residual, 0.0, sample_weight=weight, reduction=reduction)
        divisor = weight.sum() if reduction == "mean" else n
        with np.errstate(over="ignore", invalid="ignore"):
            wanted = np.where(weight == 0, 0, residual * (weight / divisor))
        ordinary = np.abs(residual) < 1e300
        alone = losses.half_squared_error.gradient(
            np.where(ordinary, residual, 0.0), 0.0, sample_weight=weight, reduction=reduction
        )
        assert_same_bits("neighbours", residual[ordinary], got[ordinary], alone[ordinary])
        np.testing.assert_allclose(got[~ordinary], wanted[~ordinary], rtol=1e-15)
        value, both = losses.half_squared_error.value_and_gradient(
            residual, 0.0, sample_weight=weight, reduction=reduction
        )
        assert_same_bits("with the value", 0.0, both, got)
        assert value == np.inf
    largest = np.finfo(np.float64).max
    got = losses.half_squared_error.gradient(np.full(n, largest), 0.0, sample_weight=np.full(n, 3.0))
    np.testing.assert_allclose(got, largest / n, rtol=1e-15)


@pytest.mark.parametrize("classes", [3, 90])
@pytest.mark.parametrize("n", [2, 20, 700])
def test_a_row_gradient_survives_the_overflow_of_its_products(n, classes):
    """The same for rows: labels, shares as they lie in memory, and in tiles; neighbours keep their bits."""
    rows = np.full((n, classes), 0.25)
    rows[::2] = 1e-300  # 1/p is 1e300
    weight = np.where(np.arange(n) % 2, 2.0, 1e20)
    labels = np.arange(n) % classes
    shares = np.eye(classes)[labels]
    wanted = -np.divide(shares, rows) * (weight / weight.sum())[:, None]
    assert np.isfinite(wanted).all()
    gradient = losses.categorical_cross_entropy.gradient
    for target, keywords in (
        (labels, {}),
        (shares, {}),
        (shares, {"class_weight": np.ones(classes)}),
        (np.asfortranarray(shares), {}),
    ):
        got = gradient(rows, target, sample_weight=weight, **keywords)
        np.testing.assert_allclose(got, wanted, rtol=1e-15)
        alone = gradient(np.full((n, classes), 0.25), target, sample_weight=weight, **keywords)
        assert_same_bits("neighbours", rows[1::2], got[1::2], alone[1::2])


def test_a_gradient_of_vectors_survives_the_overflow_of_its_products():
    rng = np.random.default_rng(0)
    for size in (3, 40):
        first, second = rng.normal(size=(2, 5, size))
        weight = np.array([1e20, 1.0, 2.0, 4.0, 3.0])
        scale = np.array([1e-300, 1.0, 1.0, 1.0, 1.0])[:, None]
        plain = losses.cosine_similarity.gradient(first, second, sample_weight=weight)
        small = losses.cosine_similarity.gradient(first * scale, second, sample_weight=weight, eps=0.0)
        np.testing.assert_allclose(small[0] * scale, plain[0], rtol=1e-12)
        assert np.isfinite(small[0]).all()


@pytest.mark.parametrize("epsilon", [-1.0, -0.75])
def test_poly1_with_terms_that_cancel(epsilon):
    """-log p + epsilon (1 - p) and p_j (1 + epsilon p) at a label that is nearly sure, against 60 digits."""
    with mpmath.workdps(60):
        for gap in np.float32([0.5, 3, 6.7, 7.5, 12, 20, 35, 60]):
            others = 2 * mpmath.exp(-mpmath.mpf(float(gap))) / (1 + 2 * mpmath.exp(-mpmath.mpf(float(gap))))
            wanted = -mpmath.log1p(-others) + epsilon * others
            slope = others * (1 + epsilon * (1 - others))
            for dtype, bound in ((np.float32, 1), (np.float64, 4)):
                logits = np.array([[gap, 0, 0]], dtype)
                value, gradient = losses.poly1_cross_entropy.value_and_gradient(logits, np.array([0]), epsilon=epsilon)
                exact = np.array([-slope, slope / 2, slope / 2], dtype=object)
                nearest = exact.astype(dtype)
                assert (abs(gradient[0].astype(object) - exact) <= bound * np.spacing(abs(nearest))).all()
                if dtype == np.float32:
                    assert abs(mpmath.mpf(float(value)) - wanted) <= float(np.spacing(np.float32(float(wanted))))


def test_tiny_variances():
    """r/v overflows, r**2/v does not."""
    for r, v in ((1e-10, 5e-324), (1e-162, 5e-324), (3e-12, 1e-320), (1e-170, 1e-310), (1.0, 1e-307), (1e10, 3e-280)):
        got = losses.gaussian_nll(r, 0.0, variance=v)
        np.testing.assert_allclose(got, (np.log(v) + (r / np.sqrt(v)) ** 2) / 2, rtol=1e-13)


def test_infinite_terms_stay_infinite():
    terms = np.full(1500, 1e308)
    for index in (0, 600, 1499):
        for special, wanted in ((np.inf, np.inf), (-np.inf, np.inf), (np.nan, np.nan)):
            terms[index] = special
            np.testing.assert_equal(losses.mae(terms, 0.0), wanted)
            np.testing.assert_equal(losses.mae(terms, 0.0, sample_weight=np.full(1500, 0.5)), wanted)
            terms[index] = 1e308
    assert np.isnan(losses.mae(terms, 0.0, sample_weight=np.zeros(1500)))
    both = losses.gaussian_nll(np.array([1e308, 0.0] * 500), 0.0, variance=np.array([1e308, 5e-324] * 500))
    np.testing.assert_allclose(both, 1e308 / 4, rtol=1e-14)


def test_none_is_weighted(entry):
    prediction, target, keywords = arguments(entry)
    single = entry(prediction, target, reduction="none", **keywords)
    weight = np.arange(N) % 3 / 2
    full = weight.reshape((N,) + (1,) * (single.ndim - 1))
    got = entry(prediction, target, reduction="none", sample_weight=weight, **keywords)
    np.testing.assert_allclose(got, full * single, rtol=1e-15)


def test_nothing_counted(entry, dtype):
    prediction, target, keywords = arguments(entry, dtype)
    value, gradient, _ = outcome(entry, prediction, target, sample_weight=np.zeros(N), **keywords)
    assert np.isnan(value)
    assert not gradient.any()
    value, gradient, _ = outcome(entry, prediction[:0], target[:0], **keywords)
    assert np.isnan(value)
    assert gradient.shape == (0, K)
    assert entry(prediction[:0], target[:0], reduction="sum", **keywords) == 0


def test_class_weights_and_ignored_rows():
    rng = np.random.default_rng(1)
    logits, labels = rng.normal(size=(50, 4)), rng.integers(0, 4, 50)
    labels[::7] = -100
    class_weight, weight = np.array([0.5, 1, 2, 0]), rng.uniform(0, 2, 50)
    kept = labels != -100
    keywords = {"class_weight": class_weight, "ignore_index": -100, "sample_weight": weight, "label_smoothing": 0.1}
    value, gradient = losses.cross_entropy.value_and_gradient(logits, labels, **keywords)
    log_p = actlib.log_softmax(logits[kept])
    shares = 0.9 * np.eye(4)[labels[kept]] + 0.1 / 4
    terms = -(class_weight * shares * log_p).sum(1)
    total = (weight[kept] * class_weight[labels[kept]]).sum()
    np.testing.assert_allclose(value, (weight[kept] * terms).sum() / total, rtol=1e-14)
    assert not gradient[~kept].any()
    mass = class_weight * shares
    wanted = np.exp(log_p) * mass.sum(1, keepdims=True) - mass
    np.testing.assert_allclose(gradient[kept], wanted * weight[kept, None] / total, rtol=1e-11)
    del keywords["ignore_index"]
    keywords["sample_weight"] = weight[kept]
    soft = losses.cross_entropy(logits[kept], np.eye(4)[labels[kept]], **keywords)
    np.testing.assert_allclose(soft, value, rtol=1e-14)
    labels[:] = -100
    value, gradient = losses.cross_entropy.value_and_gradient(logits, labels, ignore_index=-100)
    assert np.isnan(value)
    assert not gradient.any()
    assert losses.cross_entropy(logits * np.nan, labels, ignore_index=-100, reduction="sum") == 0


def test_weights_of_labels():
    """They multiply the terms of a row, and nothing else; one of 0 silences infinity."""
    rng = np.random.default_rng(1)
    logits, target = rng.normal(size=(20, 4)), rng.integers(0, 2, (20, 4))
    class_weight = np.array([0.5, 1, 2, 0])
    value, gradient = losses.multilabel_soft_margin.value_and_gradient(logits, target, class_weight=class_weight)
    terms, slopes = losses.logistic(logits, target, reduction="none"), losses.logistic.gradient(logits, target)
    np.testing.assert_allclose(value, (class_weight * terms).mean(), rtol=1e-14)
    np.testing.assert_allclose(gradient, class_weight * slopes, rtol=1e-14)
    logits[:, 3] = np.inf
    assert losses.multilabel_soft_margin(logits, target, class_weight=class_weight) == value
    labels = np.array([2, 0])
    one, other = (losses.multilabel_soft_margin(logits[:2], t) for t in (labels, np.eye(4)[labels]))
    assert one == other == np.inf


def test_sets_of_labels():
    """Lists that end with -1, ones and zeros, and single labels say the same."""
    rng = np.random.default_rng(2)
    scores = (8 * rng.normal(size=(6, 4))).round() / 8  # so that the sums are exact
    lists = np.array([[3, 0, -1, -1], [-1, -1, -1, -1], [0, 1, 2, 3], [2, -1, -1, -1], [1, -1, -1, -1], [0, 3, 1, -1]])
    sets = [[3, 0], [], [0, 1, 2, 3], [2], [1], [0, 3, 1]]
    hot = np.array([[k in members for k in range(4)] for members in sets])
    pairs = [
        sum(max(0, 1 - row[y] + row[i]) for y in members for i in range(4) if i not in members) / 4
        for row, members in zip(scores, sets, strict=True)
    ]
    assert losses.multilabel_margin(scores, lists, reduction="none").tolist() == pairs
    wanted = outcome(losses.multilabel_margin, scores, hot)
    for target in (lists, lists.astype(np.int8), hot.astype(float), hot.astype(np.float32)):
        for got, one in zip(outcome(losses.multilabel_margin, scores, target), wanted, strict=True):
            assert_same_bits("sets", 0.0, got, one)
    single = losses.multilabel_margin(scores, [3, 1, 0, 2, 2, 1], reduction="none")
    summed = losses.multiclass_hinge(scores, [3, 1, 0, 2, 2, 1], kind="sum", reduction="none")
    np.testing.assert_allclose(single, summed, rtol=1e-15)
    turned = losses.multilabel_margin.gradient(scores.T, lists.T, axis=0)
    assert np.array_equal(turned.T, wanted[1])


def test_brier_scores_of_events_and_of_classes():
    probability, target = np.array([0.5, 0.25, 1.0]), np.array([1.0, 0.0, 0.0])
    value, gradient = losses.brier.value_and_gradient(probability, target, sample_weight=[1, 2, 1])
    assert value == (0.25 + 0.125 + 1) / 4
    assert gradient.tolist() == [-0.25, 0.25, 0.5]
    own = probability.copy()
    assert losses.brier.gradient(own, target, reduction="sum", out=own) is own
    assert own.tolist() == [-1.0, 0.5, 2.0]
    assert losses.brier.hessian_diagonal(probability, target, reduction="sum").tolist() == [2, 2, 2]
    assert losses.brier(0.25, 1.0) == 0.5625
    assert losses.brier(probability[None], target[None]) == 0.25 + 0.0625 + 1
    assert losses.brier(probability, 0) == losses.brier(probability[None], [0]) == 0.25 + 0.0625 + 1


def test_agrees_with_scikit_learn_and_scipy():
    metrics = pytest.importorskip("sklearn.metrics")
    rng = np.random.default_rng(2)
    p, t, w = rng.uniform(0.05, 0.95, 40), rng.integers(0, 2, 40), rng.uniform(0, 3, 40)
    pairs = [
        (losses.mse(p, t, sample_weight=w), metrics.mean_squared_error(t, p, sample_weight=w)),
        (losses.mae(p, t, sample_weight=w), metrics.mean_absolute_error(t, p, sample_weight=w)),
        (losses.bce(p, t, sample_weight=w), metrics.log_loss(t, p, sample_weight=w)),
        (losses.hinge(p, 2 * t - 1, sample_weight=w), metrics.hinge_loss(t, p, sample_weight=w)),
    ]
    for got, wanted in pairs:
        np.testing.assert_allclose(got, wanted, rtol=1e-13)


# --------------------------------------------------------------------------------------------------- limits, NaN


def test_limits():
    def one(entry, prediction, target, **keywords):
        value, gradient = entry.value_and_gradient(prediction, target, reduction="none", **keywords)
        return value, gradient

    inf, log = np.inf, losses.logistic
    assert one(log, inf, 1.0) == (0, 0)
    assert one(log, -inf, 0.0) == (0, 0)
    assert one(log, inf, 0.0) == (inf, 1)
    assert one(log, -inf, 0.25) == (inf, -0.25)
    assert one(losses.bce, 0.0, 1.0, eps=0) == (inf, -inf)
    assert one(losses.bce, 0.0, 0.0, eps=0) == (0, 1)
    assert one(losses.bce, 1.0, 1.0, eps=0) == (0, -1)
    for kind in (np.float16, np.float32, np.float64):
        value, gradient = one(losses.bce, kind(0), 1.0)
        assert np.isfinite(value)
        assert np.isfinite(gradient) or kind == np.float16  # 1/smallest normal is 16384 there, and -1/p fits
        assert one(losses.bce, kind(1), 0.0)[0] < 38
    value, gradient = losses.cross_entropy.value_and_gradient([[-inf, 0.0]], [[0.0, 1.0]])
    assert value == 0
    assert not gradient.any()
    assert losses.cross_entropy([[inf, 0.0]], [0]) == 0
    assert losses.cross_entropy([[inf, 0.0]], [1]) == inf
    assert np.isnan(losses.cross_entropy([[-inf, -inf]], [1]))
    for keywords in ({}, {"gamma": 0.5}, {"gamma": 0.0}, {"gamma": 1000.0}):
        assert one(losses.focal, inf, 1.0, **keywords) == one(losses.focal, -inf, 0.0, **keywords) == (0, 0)
        assert one(losses.focal, inf, 0.0, **keywords) == (inf, 1)
        assert one(losses.focal, -1e300, 1.0, alpha=0.25, **keywords) == (2.5e299, -0.25)
        assert losses.focal.hessian_diagonal([inf, -inf], [1.0, 1.0], reduction="sum", **keywords).tolist() == [0, 0]
    assert one(losses.focal, inf, 0.0, alpha=1.0)[0] == 0
    for kind in ("crammer_singer", "sum"):
        hinge = losses.multiclass_hinge
        assert hinge([[inf, 0.0, inf]], [0], kind=kind) == (1 if kind == "crammer_singer" else 1 / 3)
        assert hinge([[inf, 0.0]], [0], kind=kind) == hinge([[3.0]], [0], kind=kind) == 0
        assert hinge([[inf, 0.0]], [1], kind=kind) == hinge([[-inf, 0.0]], [0], kind=kind) == inf
        assert hinge([[-inf, -1e308, 1e308]], [2], kind=kind, p=2) == 0
    for entry in (losses.poly1_cross_entropy, losses.generalized_cross_entropy):
        assert entry([[inf, 0.0]], [0]) == 0
        assert np.isnan(entry([[-inf, -inf]], [1]))
        value, gradient = entry.value_and_gradient([[-inf, 0.0], [0.0, -inf]], [[0.0, 1.0], [1.0, 0.0]])
        assert value == 0
        assert not gradient.any()
    assert losses.poly1_cross_entropy([[inf, 0.0]], [1]) == inf
    assert losses.generalized_cross_entropy([[inf, 0.0], [0.0, -inf]], [1, 1], reduction="none").tolist() == [2, 2]
    assert not losses.generalized_cross_entropy.gradient([[inf, 0.0], [0.0, -inf]], [1, 1]).any()
    assert losses.multilabel_margin([[inf, 0.0, -inf]], [[0, -1, -1]]) == 0
    assert losses.multilabel_margin([[-inf, 0.0, -inf]], [[0, -1, -1]]) == inf
    assert losses.nll([[-inf, 0.0]], [[0.0, 1.0]]) == 0
    assert losses.categorical_cross_entropy([[0.0, 1.0]], [[0.0, 1.0]]) == 0
    assert losses.categorical_cross_entropy([[0.0, 1.0]], [0]) == inf
    assert losses.kl_divergence([[-inf, 0.0]], [[0.0, 1.0]]) == 0
    assert losses.kl_divergence([[-inf, 0.0]], [[-inf, 0.0]], log_target=True) == 0
    assert losses.kl_divergence([[-inf, 0.0]], [[0.5, 0.5]]) == inf
    assert one(losses.huber, inf, 0.0) == (inf, 1)
    assert one(losses.huber, 1e200, 0.0, delta=inf) == (inf, 1e200)
    assert one(losses.hinge, inf, 1.0) == (0, 0)
    assert one(losses.log_cosh, -inf, 0.0) == (inf, -1)
    assert one(losses.log_cosh, 1e308, 0.0) == (1e308, 1)
    assert losses.log_cosh.hessian_diagonal(inf, 0.0) == 0
    assert one(losses.quantile, inf, 0.0, quantile=0.25) == (inf, 0.75)
    assert one(losses.quantile, -inf, 0.0, quantile=0.25) == (inf, -0.25)
    counts = losses.poisson_nll
    assert one(counts, -inf, 0.0) == (0, 0)
    assert one(counts, -inf, 3.0) == (inf, -3)
    assert one(counts, inf, 3.0) == one(counts, inf, 0.0) == one(counts, 800.0, 3.0) == (inf, inf)
    assert one(counts, 0.0, 0.0, log_input=False) == (0, 1)
    assert one(counts, 0.0, 3.0, log_input=False) == (inf, -inf)
    assert one(counts, inf, 3.0, log_input=False) == (inf, 1)
    assert one(counts, inf, 0.0, log_input=False) == (inf, 1)
    assert counts.hessian_diagonal([0.0, 0.0, inf], [0.0, 3.0, 3.0], log_input=False, reduction="sum").tolist() == [
        0,
        inf,
        0,
    ]
    assert one(counts, 1.0, 1e308, full=True)[0] == inf
    assert one(losses.smooth_l1, -inf, 0.0) == (inf, -1)
    assert one(losses.pseudo_huber, -inf, 0.0, delta=3.0) == (inf, -3)
    np.testing.assert_allclose(one(losses.pseudo_huber, 1.6e308, -1.6e308, delta=0.25), (8e307, 0.25), rtol=1e-15)
    assert losses.pseudo_huber.hessian_diagonal(-inf, 0.0) == 0
    for squared in (False, True):
        assert one(losses.epsilon_insensitive, -inf, 0.0, squared=squared) == (inf, -inf if squared else -1)
    assert one(losses.mean_absolute_percentage_error, inf, 2.0) == (inf, 0.5)
    assert one(losses.mean_absolute_percentage_error, 1.6e308, -1.6e308)[0] == 2
    assert one(losses.mean_squared_log_error, -1.0, 0.0) == (inf, -inf)
    assert one(losses.mean_squared_log_error, inf, 0.0) == (inf, 0)
    curvature = losses.mean_squared_log_error.hessian_diagonal([-1.0, inf], [0.0, 0.0], reduction="none")
    assert curvature.tolist() == [inf, 0]
    assert one(losses.gamma_nll, -inf, 2.0) == (inf, -inf)
    assert one(losses.gamma_nll, inf, 2.0) == (inf, 1)
    assert one(losses.gamma_nll, -1000.0, 1e-300)[1] < -1e134
    assert one(losses.tweedie, -inf, 0.0) == (0, 0)
    assert one(losses.tweedie, -inf, 3.0) == (inf, -inf)
    assert one(losses.tweedie, inf, 3.0) == (inf, inf)
    for bounded in (losses.squared_hinge, losses.modified_huber, losses.soft_margin, losses.exponential):
        for sign in (-1.0, 1.0):
            assert one(bounded, sign * inf, sign) == (0, 0)
            assert one(bounded, -sign * inf, sign)[0] == inf
            assert bounded.hessian_diagonal(sign * inf, sign) == 0
    assert one(losses.soft_margin, -inf, 1.0)[1] == -1
    assert one(losses.modified_huber, -inf, 1.0)[1] == -4
    assert one(losses.exponential, -inf, 1.0)[1] == -inf
    assert one(losses.perceptron, inf, 1.0) == (0, 0)
    assert one(losses.perceptron, inf, -1.0) == (inf, 1)
    assert one(losses.hinge_embedding, inf, -1.0) == (0, 0)
    assert one(losses.hinge_embedding, inf, 1.0) == (inf, 1)


def test_kinks():
    assert losses.mae.gradient(1.0, 1.0) == 0
    assert losses.huber.gradient([1.0, -1.0], 0.0, reduction="none").tolist() == [1, -1]
    assert losses.huber.hessian_diagonal([1.0, np.nextafter(1.0, 2)], 0.0, reduction="none").tolist() == [1, 0]
    assert losses.hinge.gradient(1.0, 1) == 0
    ends, beyond = np.array([1.0, -1.0]), np.array([np.nextafter(1.0, 0), np.nextafter(1.0, 2)])
    assert losses.smooth_l1.gradient(ends, 0.0, reduction="none").tolist() == [1, -1]
    assert losses.smooth_l1.hessian_diagonal(ends, 0.0, reduction="none").tolist() == [0, 0]
    # beyond in the difference, at the kink when that is rounded
    assert losses.smooth_l1.hessian_diagonal([1.0, 1.0], [1e-300, -1e-300], reduction="none").tolist() == [1, 0]
    assert losses.smooth_l1.gradient([0.0, 1.0], 0.0, beta=0.0, reduction="none").tolist() == [0, 1]
    assert losses.smooth_l1.hessian_diagonal([0.0, 1.0], 0.0, beta=0.0, reduction="none").tolist() == [0, 0]
    band = {"epsilon": 1.0, "reduction": "none"}
    assert losses.epsilon_insensitive.gradient(ends, 0.0, **band).tolist() == [0, 0]
    assert losses.epsilon_insensitive.gradient([1.0, 1.0], [1e-300, -1e-300], **band).tolist() == [0, 1]
    assert losses.epsilon_insensitive.hessian_diagonal(ends, 0.0, squared=True, **band).tolist() == [0, 0]
    assert losses.epsilon_insensitive.hessian_diagonal(beyond, 0.0, squared=True, **band).tolist() == [0, 2]
    assert losses.mean_absolute_percentage_error.gradient(2.0, 2.0) == 0
    assert losses.squared_hinge.hessian_diagonal(beyond, 1.0, reduction="none").tolist() == [2, 0]
    assert losses.squared_hinge.hessian_diagonal(1.0, 1) == losses.squared_hinge.gradient(1.0, 1) == 0
    assert losses.modified_huber.gradient(ends, 1.0, reduction="none").tolist() == [0, -4]
    assert losses.modified_huber.hessian_diagonal(ends, 1.0, reduction="none").tolist() == [0, 0]
    assert losses.perceptron.gradient([0.0, -0.0], [1.0, -1.0], reduction="none").tolist() == [0, 0]
    assert losses.hinge_embedding.gradient(1.0, -1) == 0
    rows = np.array([[1.0, 0.0, 0.0], [0.5, 0.0, 0.0], [2.0, -1.0, 0.0]])
    for keywords in ({}, {"p": 2}, {"kind": "sum"}):
        gradient = losses.multiclass_hinge.gradient(rows, [0, 0, 0], reduction="none", **keywords)
        assert not gradient[::2].any()
        assert gradient[1].tolist() == [-2 / 3, 1 / 3, 1 / 3] if "kind" in keywords else [-1, 1, 0]
    assert losses.quantile.gradient(1.0, 1.0, quantile=0.9) == losses.quantile.hessian_diagonal(1.0, 1.0) == 0


def test_nan_passes(entry, dtype):
    prediction, target, keywords = arguments(entry, dtype)
    prediction[3, 2] = np.nan
    for method in (entry, entry.gradient, entry.hessian_diagonal):
        assert np.isnan(method(prediction, target, **keywords)).any()
    single = entry(prediction, target, reduction="none", **keywords)
    assert np.isnan(single).sum() == 1


def test_a_weight_of_zero_silences_infinity(dtype):
    prediction, target = np.array([0.0, 0.5], dtype), np.array([1.0, 1.0], dtype)
    value, gradient = losses.bce.value_and_gradient(prediction, target, eps=0, sample_weight=[0, 1])
    assert np.isfinite(value)
    assert gradient.tolist() == [0, -2]


def test_silence(entry, dtype):
    prediction, target, keywords = arguments(entry, dtype)
    special = np.array([np.inf, -np.inf, np.nan, np.finfo(dtype).max, 1e-40, 0.0, 1.0], dtype)
    domain = entry._facts.prediction_domain
    if domain[0]:
        special = special[allowed(special, domain)]
    prediction[: len(special), 0] = special
    with np.errstate(all="raise"):
        outcome(entry, prediction, target, **keywords)
        outcome(entry, prediction, target, reduction="none", **keywords)


# --------------------------------------------------------------------------------------------------------- arrays


def layouts(x):
    yield "Fortran", np.asfortranarray(x)
    yield "reversed", np.ascontiguousarray(x[::-1, ::-1])[::-1, ::-1]
    wide = np.zeros((x.shape[0] * 2, x.shape[1] * 3), x.dtype)[::2, ::3]
    wide[...] = x
    yield "spread", wide
    frozen = x.copy()
    frozen.flags.writeable = False
    yield "read-only", frozen
    yield "other byte order", x.astype(x.dtype.newbyteorder())
    yield "unaligned", np.frombuffer(b"\0" + x.tobytes(), np.uint8)[1:].view(x.dtype).reshape(x.shape)


@pytest.mark.parametrize("weighted", [False, True], ids=["unweighted", "weighted"])
def test_layouts(entry, weighted, dtype):
    """Arrays without gaps and weights are read where they lie, all others by way of buffers."""
    prediction, target, keywords = arguments(entry, dtype)
    shape = entry(prediction, target, reduction="none", **keywords).shape
    weight = np.random.default_rng(0).uniform(size=shape) if weighted else None
    wanted = outcome(entry, prediction, target, sample_weight=weight, **keywords)
    inputs = [prediction, target] + ([weight] if weighted else [])
    copies = [x.copy() for x in inputs]
    for (name, p), (_, t) in zip(layouts(prediction), layouts(target), strict=True):
        found = outcome(entry, p, t, sample_weight=weight, **keywords)
        for got, one in zip(found, wanted, strict=True):
            assert_same_bits(name, 0.0, got, one)
    for before, now in zip(copies, inputs, strict=True):
        assert_same_bits("inputs", 0.0, now, before)


def test_arrays_of_variances_in_any_layout(dtype):
    rng = np.random.default_rng(0)
    arrays = [*rng.normal(size=(2, N, K)).astype(dtype), rng.gamma(2.0, size=(N, K)).astype(dtype)]
    wanted = losses.gaussian_nll.value_and_gradient(*arrays[:2], variance=arrays[2])
    for forms in zip(*map(layouts, arrays), strict=True):
        (name, p), (_, t), (_, v) = forms
        for got, one in zip(losses.gaussian_nll.value_and_gradient(p, t, variance=v), wanted, strict=True):
            assert_same_bits(name, 0.0, got, one)


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_a_gradient_of_zero_keeps_its_sign(reduction, dtype):
    p, t = np.array([-0.0, 0.0, 1.0] * 400, dtype), np.zeros(1200, dtype)
    for prediction, target in [(p, t), (np.repeat(p, 2)[::2], np.repeat(t, 2)[::2])]:
        gradient = losses.mse.gradient(prediction, target, reduction=reduction)
        np.testing.assert_array_equal(np.signbit(gradient), np.signbit(p))


def test_value_and_gradient_is_both(entry, dtype):
    prediction, target, keywords = arguments(entry, dtype)
    for reduction in ("none", "mean"):
        value, gradient = entry.value_and_gradient(prediction, target, reduction=reduction, **keywords)
        assert_same_bits("value", 0.0, value, entry(prediction, target, reduction=reduction, **keywords))
        assert_same_bits("gradient", 0.0, gradient, entry.gradient(prediction, target, reduction=reduction, **keywords))


def test_threads_and_length_change_nothing(entry, dtype):
    prediction, target, keywords = arguments(entry, dtype, n=20_011)
    before = actlib.get_num_threads()
    try:
        results = []
        for threads in (1, 2, 3):
            actlib.set_num_threads(threads)
            results.append(outcome(entry, prediction, target, **keywords))
    finally:
        actlib.set_num_threads(before)
    for other in results[1:]:
        for got, wanted in zip(other, results[0], strict=True):
            assert_same_bits("threads", 0.0, got, wanted)
    single = entry(prediction, target, reduction="none", **keywords)
    assert_same_bits("alone", 0.0, entry(prediction[7:8], target[7:8], reduction="none", **keywords), single[7:8])


LABELLED = [entry for entry in losses.LOSSES.values() if {"class_weight", "ignore_index"} <= entry.parameters.keys()]


@pytest.mark.parametrize("keywords", [{}, {"class_weight": True}, {"ignore_index": 1, "sample_weight": True}])
@pytest.mark.parametrize("classes", [2, 3, 10, 65, 5000])
@pytest.mark.parametrize("entry", LABELLED, ids=lambda entry: entry.name)
def test_labels_in_any_layout(entry, classes, keywords, dtype):
    """The same bits wherever the entries lie, with NaN at the label and elsewhere, and in place."""
    n = 1031 if classes < 100 else 5
    prediction, _, _ = arguments(entry, dtype, n=n, classes=classes)
    rng = np.random.default_rng(12)
    labels = rng.integers(0, classes, n)
    prediction[1, labels[1]] = prediction[3, 0] = prediction[4, -1] = np.nan
    choices = {
        "class_weight": rng.uniform(size=classes),
        "ignore_index": labels[3],
        "sample_weight": rng.uniform(size=n),
    }
    keywords = {name: choices[name] for name in keywords}
    for reduction in ("none", "mean"):
        wanted = outcome(entry, prediction, labels, reduction=reduction, **keywords)
        wide = np.zeros((n, classes + 2), dtype)[:, 1:-1]
        wide[...] = prediction
        for name, one in (*layouts(prediction), ("separate rows", wide)):
            for got, right in zip(outcome(entry, one, labels, reduction=reduction, **keywords), wanted, strict=True):
                assert_same_bits(name, 0.0, got, right)
        for out in (prediction.copy(), wide, np.asfortranarray(prediction)):
            value, _ = entry.value_and_gradient(out, labels, reduction=reduction, out=out, **keywords)
            assert_same_bits("in place", 0.0, value, wanted[0])
            assert_same_bits("in place", 0.0, out, wanted[1])
            out[...] = prediction
    if "ignore_index" not in keywords:
        assert set(np.flatnonzero(np.isnan(entry(prediction, labels, reduction="none", **keywords)))) == {1, 3, 4}


@pytest.mark.parametrize(
    "entry",  # of cross-entropies, shares take longer exponentials on the way to float32
    [entry for entry in LABELLED if entry not in (losses.cross_entropy, losses.poly1_cross_entropy)],
    ids=lambda entry: entry.name,
)
def test_labels_are_one_hot_rows(entry, dtype):
    prediction, _, _ = arguments(entry, dtype)
    labels = np.random.default_rng(13).integers(0, K, N)
    prediction[5, 2] = np.nan
    for got, wanted in zip(
        outcome(entry, prediction, labels), outcome(entry, prediction, np.eye(K, dtype=dtype)[labels]), strict=True
    ):
        assert_same_bits("one-hot", 0.0, got, wanted)
    for got, wanted in zip(
        outcome(entry, prediction[0], labels[0]),
        outcome(entry, prediction[0], np.eye(K, dtype=bool)[labels[0]]),
        strict=True,
    ):
        assert_same_bits("one row", 0.0, got, wanted)


@pytest.mark.parametrize("name", ["binary_cross_entropy", "binary_cross_entropy_with_logits", "focal"])
def test_targets_of_neighbours_change_nothing(name, dtype):
    """Blocks whose targets are all 0 or 1 may take a shorter way; it leads to the same bits."""
    entry = losses.LOSSES[name]
    low = np.finfo(dtype).tiny
    special = [0, 1, low, low / 8, 1 - 2**-20, 0.5, np.nan]
    prediction = np.concatenate([special, np.geomspace(1e-30, 1, 993)]).astype(dtype)
    if name != "binary_cross_entropy":
        prediction[7:] = np.concatenate([np.geomspace(1e-30, 2000, 496), -np.geomspace(1e-30, 2000, 497)])
    for target in (0.0, 1.0):
        for keywords in ({}, {"eps": 0.0}, {"eps": 1e-7}) if name == "binary_cross_entropy" else ({},):
            hard = np.full(1000, target, dtype)
            mixed = hard.copy()
            mixed[::100] = 0.25
            for reduction in ("none", "sum"):
                alone = entry.gradient(prediction, hard, reduction=reduction, **keywords)
                beside = entry.gradient(prediction, mixed, reduction=reduction, **keywords)
                assert_same_bits(f"gradient, {target}", 0.0, beside[hard == mixed], alone[hard == mixed])
            alone = entry(prediction, hard, reduction="none", **keywords)
            beside = entry(prediction, mixed, reduction="none", **keywords)
            assert_same_bits(f"value, {target}", 0.0, beside[hard == mixed], alone[hard == mixed])


@pytest.mark.parametrize("classes", [3, 64, 65, 130])
def test_axis(entry, dtype, classes):
    if not by_rows(entry):
        return
    prediction, target, keywords = arguments(entry, dtype, n=30, classes=classes)
    wanted = outcome(entry, prediction, target, reduction="none", **keywords)
    shaped = [x.reshape(5, 6, classes).transpose(2, 0, 1) for x in (prediction, target)]
    for p, t in (shaped, [np.ascontiguousarray(x) for x in shaped]):
        value, gradient, hessian = outcome(entry, p, t, reduction="none", axis=0, **keywords)
        assert_same_bits("value", 0.0, value.ravel(), wanted[0])
        for got, one in zip((gradient, hessian), wanted[1:], strict=True):
            assert_same_bits("derivatives", 0.0, got.transpose(1, 2, 0).reshape(30, classes), one)


def test_out(entry, dtype):
    prediction, target, keywords = arguments(entry, dtype)
    wanted = entry.gradient(prediction, target, **keywords)
    out = np.empty_like(prediction)
    assert entry.gradient(prediction, target, out=out, **keywords) is out
    assert_same_bits("out", 0.0, out, wanted)
    strided = np.zeros((2 * N, K), dtype)[::2]
    assert entry.value_and_gradient(prediction, target, out=strided, **keywords)[1] is strided
    assert_same_bits("strided out", 0.0, strided, wanted)
    swapped = np.zeros((N, K), np.dtype(dtype).newbyteorder())
    assert entry.gradient(prediction, target, out=swapped, **keywords) is swapped
    assert_same_bits("other byte order", 0.0, swapped.astype(dtype), wanted)
    own = prediction.copy()
    assert_same_bits("in place", 0.0, entry.gradient(own, target, out=own, **keywords), wanted)
    memory = np.zeros((N + 1, K), dtype)
    memory[:-1] = prediction
    overlapping = entry.gradient(memory[:-1], target, out=memory[1:], **keywords)
    assert_same_bits("overlapping", 0.0, overlapping, wanted)
    with pytest.raises(TypeError, match="value alone"):
        entry(prediction, target, out=out, **keywords)
    with pytest.raises(ValueError, match="out must have the shape"):
        entry.gradient(prediction, target, out=out[:3], **keywords)


def test_dtypes(entry):
    prediction, target, keywords = arguments(entry)
    for kind in (np.float16, np.float32, np.float64):
        value, gradient, hessian = outcome(entry, prediction.astype(kind), target, **keywords)
        assert value.dtype == gradient.dtype == hessian.dtype == kind
        assert gradient.shape == hessian.shape == prediction.shape
    whole = (prediction > 0.3).astype(np.int8)
    if entry.name not in OF_PROBABILITIES:
        for kind in (bool, np.int8, np.uint16, np.int64):
            got = entry(whole.astype(kind), target, **keywords)
            assert got.dtype == np.float64
            assert got == entry(whole.astype(np.float64), target, **keywords)
    for kind in (complex, object, np.longdouble):
        with pytest.raises(TypeError, match="real numbers"):
            entry(prediction.astype(kind), target, **keywords)


def test_scalars(entry):
    if by_rows(entry):
        return
    keywords = {"variance": 0.5} if entry.name == "gaussian_nll" else {}
    value, gradient = entry.value_and_gradient(0.25, 1.0, **keywords)
    assert isinstance(value, np.float64)
    assert isinstance(gradient, np.float64)
    array = np.array([0.25, 0.5])
    assert_same_bits("0-d target", 0.0, entry(array, 1.0, **keywords), entry(array, [1.0, 1.0], **keywords))


def test_variance_gradients_have_its_shape():
    rng = np.random.default_rng(4)
    p, t = rng.normal(size=(6, 5)), rng.normal(size=(6, 5))
    full = losses.gaussian_nll.gradient(p, t, variance=np.full((6, 5), 0.5), wrt="variance", reduction="sum")
    for variance, axes in ((0.5, (0, 1)), (np.full(5, 0.5), 0), (np.full((6, 1), 0.5), 1)):
        value, got = losses.gaussian_nll.value_and_gradient(p, t, variance=variance, wrt="variance", reduction="sum")
        np.testing.assert_allclose(got, full.sum(axes).reshape(np.shape(variance)), rtol=1e-13)
        assert value == losses.gaussian_nll(p, t, variance=variance, reduction="sum")


# --------------------------------------------------------------------------------------------------------- errors

THREE = np.array([0.1, 0.5, 0.9])
ROWS = np.array([[0.1, 0.2, 0.7], [0.3, 0.3, 0.4]])
ERRORS = [
    (losses.mse, (THREE, THREE[:, None]), {}, ValueError, r"shape of the prediction \(3,\).*\(3, 1\)"),
    (losses.mse, (THREE, THREE), {"reduction": "avg"}, ValueError, "none, sum, mean, batchmean, got 'avg'"),
    (losses.mse, (THREE, THREE), {"sample_weight": [1, -2, 3]}, ValueError, r"not negative, got -2 at index \(1,\)"),
    (losses.mse, (THREE, THREE), {"sample_weight": [1, np.nan, 3]}, ValueError, r"finite.* got nan at index \(1,\)"),
    (losses.mse, (THREE, THREE), {"sample_weight": [1, 2]}, ValueError, r"shape of the unreduced loss \(3,\)"),
    (losses.mse, (THREE, THREE), {"weight": 1}, TypeError, "unknown keyword 'weight'"),
    (losses.huber, (THREE, THREE), {"delta": 0}, ValueError, r"delta must lie in \(0, inf\], got 0"),
    (losses.huber, (THREE, THREE), {"delta": np.nan}, ValueError, "got nan"),
    (losses.huber, (THREE, THREE), {"delta": "1"}, TypeError, "delta must be a real number, got '1'"),
    (losses.hinge, (THREE, [1, 0, 1]), {}, ValueError, r"target must be -1 or \+1, got 0 at index \(1,\)"),
    (losses.hinge, (THREE, 0), {}, ValueError, r"must be -1 or \+1, got 0"),
    (losses.hinge, (THREE, [1, 1, 1]), {"margin": np.inf}, ValueError, "margin must lie in"),
    (losses.bce, (THREE + 1, [1, 0, 1]), {}, ValueError, r"prediction must lie in \[0, 1\], got 1.1 at index \(0,\)"),
    (losses.bce, (THREE, [1, 0, 1.5]), {}, ValueError, r"target must lie in \[0, 1\], got 1.5 at index \(2,\)"),
    (losses.bce, (THREE, [1, 0, np.nan]), {}, ValueError, r"target must lie in \[0, 1\], got nan at index \(2,\)"),
    (losses.bce, (THREE, [1, 0, 1]), {"eps": 0.5}, ValueError, r"eps must lie in \[0, 0.5\)"),
    (losses.logistic, (THREE, [1, 0, 2]), {}, ValueError, r"got 2 at index \(2,\)"),
    (losses.logistic, (THREE, [1, 0, 1]), {"pos_weight": -1}, ValueError, "pos_weight must be finite and not negative"),
    (losses.cross_entropy, (ROWS, [0, 3]), {}, ValueError, r"labels must lie in \[0, 3\), got 3 at index \(1,\)"),
    (losses.cross_entropy, (ROWS, [0, -1]), {}, ValueError, r"got -1 at index \(1,\)"),
    (losses.cross_entropy, (ROWS, [0, -1]), {"ignore_index": -2}, ValueError, "or be ignore_index = -2"),
    (losses.cross_entropy, (ROWS, [0.0, 1.0]), {}, TypeError, "labels must be integers, got dtype float64"),
    (losses.cross_entropy, (ROWS, [0, 1, 2]), {}, ValueError, r"labels of shape \(2,\)"),
    (losses.cross_entropy, (ROWS, ROWS * 2), {}, ValueError, r"target must lie in \[0, 1\], got 1.4 at index \(0, 2\)"),
    (losses.cross_entropy, (ROWS, [0, 1]), {"axis": 2}, ValueError, "axis must lie in"),
    (losses.cross_entropy, (ROWS, [0, 1]), {"axis": None}, TypeError, "axis must be an integer"),
    (
        losses.cross_entropy,
        (ROWS, [0, 1]),
        {"class_weight": [1, 2]},
        ValueError,
        r"class_weight must have the shape \(3,\)",
    ),
    (losses.cross_entropy, (ROWS, [0, 1]), {"class_weight": [1, -2, 1]}, ValueError, r"got -2 at index \(1,\)"),
    (losses.cross_entropy, (ROWS, [0, 1]), {"label_smoothing": 1.5}, ValueError, "label_smoothing must lie in"),
    (losses.cross_entropy, (0.5, 0), {}, ValueError, "axis of classes"),
    (losses.nll, (ROWS, [0, 7]), {}, ValueError, "got 7"),
    (losses.brier, (ROWS, [0, 7]), {}, ValueError, "got 7"),
    (losses.brier, (ROWS - 0.2, [0, 1]), {}, ValueError, r"prediction must lie in \[0, 1\], got -0.1"),
    (losses.brier, (THREE, THREE + 1), {}, ValueError, r"target must lie in \[0, 1\], got 1.1"),
    (losses.brier, (THREE, THREE), {"axis": 1}, ValueError, "axis must lie in"),
    (losses.poly1_cross_entropy, (ROWS, [0, 7]), {}, ValueError, "got 7"),
    (losses.poly1_cross_entropy, (ROWS, [0, 1]), {"epsilon": -2}, ValueError, r"epsilon must lie in \[-1, inf\)"),
    (losses.generalized_cross_entropy, (ROWS, [0, 7]), {}, ValueError, "got 7"),
    (losses.generalized_cross_entropy, (ROWS, ROWS), {}, ValueError, "one-hot rows"),
    *(
        (loss, (np.ones((2, 0)), np.ones((2, 0))), {}, ValueError, "one-hot rows, got rows without classes")
        for loss in (losses.generalized_cross_entropy, losses.multiclass_hinge)
    ),
    (losses.generalized_cross_entropy, (ROWS, [0, 1]), {"q": 0}, ValueError, r"q must lie in \(0, 1\]"),
    (losses.multilabel_soft_margin, (ROWS, ROWS * 2), {}, ValueError, r"target must lie in \[0, 1\], got 1.4"),
    (losses.multilabel_margin, (ROWS, ROWS), {}, ValueError, "target must be 0 or 1, or hold integers .*, got 0.1"),
    (losses.multilabel_margin, (ROWS, [[0, 3, -1], [0, 1, -1]]), {}, ValueError, r"got 3 at index \(0, 1\)"),
    (losses.multilabel_margin, (ROWS, [[0, -2, -1], [0, 1, -1]]), {}, ValueError, r"-1 from the first -1 on, got -2"),
    (losses.multilabel_margin, (ROWS, [[0, -1, 1], [0, 1, -1]]), {}, ValueError, r"-1 on, got 1 at index \(0, 2\)"),
    (losses.multilabel_margin, (ROWS, [[0, 2, 1], [1, 0, 1]]), {}, ValueError, r"once .*, got 1 at index \(1, 2\)"),
    (losses.multilabel_margin, (ROWS, [[0, 2, -1], [-1, 0, -1]]), {}, ValueError, r"got 0 at index \(1, 1\)"),
    (losses.focal, (THREE, [1, 0, 2]), {}, ValueError, r"target must lie in \[0, 1\], got 2 at index \(2,\)"),
    (losses.focal, (THREE, [1, 0, 1]), {"gamma": -1}, ValueError, r"gamma must lie in \[0, 1000\]"),
    (losses.focal, (THREE, [1, 0, 1]), {"alpha": 2}, ValueError, r"alpha must lie in \[0, 1\]"),
    (losses.multiclass_hinge, (ROWS, [0, 7]), {}, ValueError, "got 7"),
    (losses.multiclass_hinge, (ROWS, ROWS), {}, ValueError, "must hold labels or one-hot rows, got 0.1 at index"),
    (losses.multiclass_hinge, (ROWS, [[1, 0, 0], [1, 0, 1]]), {}, ValueError, r"one-hot rows, got 1 at index \(1, 0\)"),
    (losses.multiclass_hinge, (ROWS, [0, 1]), {"p": 1.5}, ValueError, "p must be 1 or 2, got 1.5"),
    (losses.multiclass_hinge, (ROWS, [0, 1]), {"p": 3}, ValueError, r"p must lie in \[1, 2\]"),
    (losses.multiclass_hinge, (ROWS, [0, 1]), {"kind": "max"}, ValueError, "'crammer_singer' or 'sum', got 'max'"),
    (losses.multiclass_hinge, (ROWS, [0, 1]), {"margin": np.inf}, ValueError, "margin must lie in"),
    (
        losses.categorical_cross_entropy,
        (ROWS - 0.2, [0, 1]),
        {},
        ValueError,
        r"prediction must lie in \[0, 1\], got -0.1",
    ),
    (losses.kl_divergence, (ROWS, [0, 1]), {}, ValueError, "target must have the shape of the prediction"),
    (losses.kl_divergence, (ROWS, ROWS), {"log_target": 1}, TypeError, "log_target must be True or False"),
    (
        losses.gaussian_nll,
        (THREE, THREE),
        {"variance": [1, 0, 1]},
        ValueError,
        r"variance must be positive.* index \(1,\)",
    ),
    (losses.gaussian_nll, (THREE, THREE), {}, TypeError, "the argument 'variance' is missing"),
    # The ends of these intervals are numbers of float64: an array of float32 must not round them.
    *(
        (loss, (np.eye(3, dtype=dtype), [0, 1, 2]), {name: np.array([1, bad, 1], dtype)}, ValueError, f"{name} must be")
        for loss, name in ((losses.cross_entropy, "class_weight"), (losses.cross_entropy, "sample_weight"))
        for dtype in (np.float16, np.float32, np.float64)
        for bad in (np.inf, np.nan, -1)
    ),
    *(
        (losses.gaussian_nll, (np.ones(3, dtype), 0.5), {"variance": bad}, ValueError, "variance must be positive")
        for dtype in (np.float16, np.float32, np.float64)
        for bad in (0.0, np.inf, np.nan, -1, [1, 0, 1], np.array([1, np.inf, 1], dtype))
    ),
    (losses.gaussian_nll, (np.float32(1), 0.5), {"variance": 1e-60}, ValueError, "variance must be positive"),
    (losses.huber, (np.float32(1), 0.5), {"delta": 1e-60}, ValueError, r"delta must lie in \(0, inf\] as float32"),
    (losses.mse, (np.ma.masked_array([1.0, 2.0], [True, False]), 0), {}, TypeError, "prediction is a masked array"),
    (losses.mse, ([1.0, 2.0], np.ma.masked_array([1.0, 2.0], [True, False])), {}, TypeError, "target is a masked"),
    (losses.mse, ([1.0], [2.0]), {"sample_weight": np.ma.masked_array([1.0], [True])}, TypeError, "is a masked array"),
    (losses.cross_entropy, (ROWS, np.ma.masked_array([0, 1], [True, False])), {}, TypeError, "target is a masked"),
    (losses.nll, (np.ones((2, 0)), [0, 0]), {}, ValueError, r"labels must lie in \[0, 0\), got 0"),
    (losses.cross_entropy, (ROWS, ROWS), {"ignore_index": -100}, TypeError, "ignore_index = -100 is a label, and"),
    (losses.nll, (ROWS, [0, 1]), {"ignore_index": 2**63}, ValueError, "ignore_index must be an integer of 64 bits"),
    (losses.gaussian_nll, (THREE, THREE), {"variance": [1, 2]}, ValueError, "variance must broadcast"),
    (losses.gaussian_nll, (THREE, THREE), {"variance": 1, "wrt": "v"}, ValueError, "wrt must be"),
    *(
        (losses.quantile, (THREE, THREE), {"quantile": bad}, ValueError, r"quantile must lie in \(0, 1\)")
        for bad in (0.0, 1, -0.5, np.nan)
    ),
    (losses.quantile, (np.float32(1), 0.5), {"quantile": 1 - 1e-12}, ValueError, r"\(0, 1\) as float32"),
    (losses.quantile, (THREE, THREE), {"quantile": [0.1]}, TypeError, "quantile must be a real number"),
    (losses.poisson_nll, (THREE, [1, -2, 3]), {}, ValueError, r"target must be finite.*, got -2 at index \(1,\)"),
    (losses.poisson_nll, (THREE, np.inf), {}, ValueError, "target must be finite and not negative, got inf"),
    (losses.poisson_nll, (THREE - 0.2, THREE), {"log_input": False}, ValueError, r"prediction must not be negative"),
    (losses.poisson_nll, (THREE, THREE), {"log_input": "no"}, TypeError, "log_input must be True or False"),
    (losses.poisson_nll, (THREE, THREE), {"full": 1}, TypeError, "full must be True or False, got 1"),
    (losses.smooth_l1, (THREE, THREE), {"beta": -1}, ValueError, r"beta must lie in \[0, inf\), got -1"),
    (losses.pseudo_huber, (THREE, THREE), {"delta": np.inf}, ValueError, r"delta must lie in \(0, inf\), got inf"),
    (losses.epsilon_insensitive, (THREE, THREE), {"squared": 1}, TypeError, "squared must be True or False, got 1"),
    (losses.mean_absolute_percentage_error, (THREE, THREE), {"eps": 0}, ValueError, r"eps must lie in \(0, inf\)"),
    (losses.mean_squared_log_error, (THREE, [1, -1, 0]), {}, ValueError, r"above -1, got -1 at index \(1,\)"),
    (losses.mean_squared_log_error, (THREE - 1.5, THREE), {}, ValueError, r"not be below -1, got -1.4 at index \(0,\)"),
    (losses.gamma_nll, (THREE, [1, 0, 1]), {}, ValueError, r"positive and finite, got 0 at index \(1,\)"),
    *(
        (losses.tweedie, (THREE, THREE), {"power": bad}, ValueError, r"power must lie in \(1, 2\)")
        for bad in (1.0, 2, 0, 3.0, np.nan)
    ),
    (losses.tweedie, (THREE, [1, -1, 1]), {}, ValueError, r"not negative, got -1 at index \(1,\)"),
    *(
        (loss, (THREE, [1, 0, 1]), {}, ValueError, r"target must be -1 or \+1, got 0 at index \(1,\)")
        for loss in losses.LOSSES.values()
        if loss._facts.target_domain == SIGNS
    ),
]


@pytest.mark.parametrize(("loss", "arrays", "keywords", "kind", "message"), ERRORS)
def test_bad_input_is_named(loss, arrays, keywords, kind, message):
    for method in (loss, loss.gradient, loss.value_and_gradient, loss.hessian_diagonal):
        with pytest.raises(kind, match=message) as caught:
            method(*arrays, **keywords)
        assert str(caught.value).startswith(loss.name)


@pytest.mark.parametrize(
    ("loss", "arrays", "keywords", "kind", "message"), [case for case in ERRORS if type(case[1][0]) is np.ndarray]
)
def test_bad_input_leaves_out_as_it_was(loss, arrays, keywords, kind, message):
    prediction = arrays[0].copy()
    apart = np.full(prediction.shape, 7, prediction.dtype)
    for method in (loss.gradient, loss.value_and_gradient, loss.hessian_diagonal):
        for out in (apart, prediction):
            before = out.copy()
            with pytest.raises(kind, match=message):
                method(prediction, *arrays[1:], **keywords, out=out)
            assert_same_bits("out", 0.0, out, before)


@pytest.mark.parametrize("dtype", [np.float16, *DTYPES])
@pytest.mark.parametrize("shape", [(9001, 3), (65, 70), (2, 5000)])
def test_the_last_bad_value_leaves_out_as_it_was(shape, dtype):
    """Also in the last block or row, whichever way rows are gone through."""
    fair = np.full(shape, 0.5, dtype)
    bad = fair.copy()
    bad[-1, -1] = 1.5
    labels = np.zeros(shape[0], int)
    labels[-1] = shape[1]
    cases = [
        *((loss, fair, labels) for loss in (losses.nll, losses.cross_entropy, losses.brier)),
        *((loss, fair, bad) for loss in (losses.nll, losses.cross_entropy, losses.brier)),
        *((loss, fair, labels) for loss in (losses.multiclass_hinge, losses.generalized_cross_entropy)),
        *((loss, bad, fair) for loss in (losses.bce, losses.brier, losses.categorical_cross_entropy)),
        *((loss, fair, bad) for loss in (losses.bce, losses.logistic, losses.focal, losses.multilabel_soft_margin)),
    ]
    for loss, prediction, target in cases:
        for memory in (prediction, np.asfortranarray(prediction)):
            own = memory.copy(order="K")
            with pytest.raises(ValueError, match=r"got 1\.5|got 3 |got 70 |got 5000 "):
                loss.gradient(own, target, out=own)
            assert_same_bits(loss.name, 0.0, own, memory)
    variance = fair.copy()
    variance[-1, -1] = 0
    own = variance.copy()
    with pytest.raises(ValueError, match="variance must be positive"):
        losses.gaussian_nll.gradient(fair, fair, variance=own, out=own)
    assert_same_bits("variance", 0.0, own, variance)


def test_nullable_frames():
    import pandas

    frame = pandas.DataFrame({"x": pandas.array([1.0, 3.0], "Float64"), "y": pandas.array([1, 2], "Int64")})
    assert losses.mse(frame, 1.0) == 1.25
    assert losses.cross_entropy(frame, pandas.Series([0, 1], dtype="Int64")) == losses.cross_entropy(
        frame.to_numpy(np.float64), [0, 1]
    )
    frame.loc[1, "x"] = None
    assert np.isnan(losses.mse(frame, 1.0, reduction="none")).tolist() == [[False, False], [True, False]]
    with pytest.raises(TypeError, match="mean_squared_error: prediction: expected columns of real numbers"):
        losses.mse(pandas.Series(["a"]), 1.0)


def test_no_rows_have_no_labels():
    value, gradient = losses.cross_entropy.value_and_gradient(np.ones((0, 3)), [])
    assert np.isnan(value)
    assert gradient.shape == (0, 3)
    assert losses.cross_entropy(np.ones((0, 3)), [], reduction="sum") == 0


@pytest.mark.parametrize("scale", [2.0**-1060, 2.0**-1022, 2.0**-700, 2.0**700, 2.0**1020])
def test_a_mean_depends_on_ratios_of_weights_alone(entry, dtype, scale):
    """However large or small the weights are: no product overflows or becomes subnormal."""
    prediction, target, keywords = arguments(entry, dtype)
    weight = np.resize([1.0, 0.0, 2.0, 1.5], len(prediction))
    wanted = entry.value_and_gradient(prediction, target, sample_weight=weight, **keywords)
    got = entry.value_and_gradient(prediction, target, sample_weight=weight * scale, **keywords)
    assert_same_bits(f"{entry.name}: value", scale, got[0], wanted[0])
    assert_same_bits(f"{entry.name}: gradient", scale, got[1], wanted[1])
    if "class_weight" in entry.parameters and entry.weighs_rows:
        classes = np.arange(1.0, prediction.shape[-1] + 1)
        wanted = entry.value_and_gradient(prediction, target, class_weight=classes, **keywords)
        got = entry.value_and_gradient(prediction, target, class_weight=classes * scale, **keywords)
        assert_same_bits(f"{entry.name}: value", scale, got[0], wanted[0])
        assert_same_bits(f"{entry.name}: gradient", scale, got[1], wanted[1])


def test_parameters_go_by_keyword():
    with pytest.raises(TypeError, match="by keyword"):
        losses.huber([1.0], [2.0], 3.0)


# ------------------------------------------------------------------------------------------------------- metadata


def test_entries(entry):
    assert losses.LOSSES[entry.name] is entry is getattr(losses, entry.name)
    assert entry.name in losses.__all__
    for alias in entry.aliases:
        assert getattr(losses, alias) is entry
        assert alias in losses.__all__
    assert pickle.loads(pickle.dumps(entry)) is entry
    assert copy.deepcopy(entry) is entry
    assert entry.name in repr(entry)
    assert list(inspect.signature(entry).parameters)[:2] == ["prediction", "target"]
    for text in (entry.domain, entry.likelihood, entry.minimiser, *entry.references):
        assert text
    assert entry.range.contains(entry(*arguments(entry)[:2], **arguments(entry)[2]))


def test_all_lists_entries_and_aliases_only():
    names = {*losses.LOSSES, *(alias for entry in losses.LOSSES.values() for alias in entry.aliases), "LOSSES"}
    assert names == set(losses.__all__)
    assert all(isinstance(entry, Loss) for entry in losses.LOSSES.values())


def test_docstrings_are_complete(entry):
    for section in ("Parameters", "Returns", "Raises", "See Also", "Notes", "References", "Examples"):
        assert f"\n{section}\n{'-' * len(section)}\n" in entry.__doc__
    assert "%(" not in entry.__doc__
    for name in inspect.signature(entry).parameters:
        assert f"\n{name} : " in entry.__doc__


# ------------------------------------------------------------------- the checkers see the faults they are there for


@pytest.mark.parametrize(
    "fault",
    [
        lambda g: g * N * K,  # no 1/n
        lambda g: -g,
        lambda g: g.astype(np.float16).astype(g.dtype),
    ],
)
def test_planted_faults_are_found(fault, monkeypatch):
    right = losses.half_squared_error.gradient

    def wrong(self, prediction, target, **keywords):
        value = losses.half_squared_error(prediction, target, **keywords)
        gradient = right(prediction, target, **keywords)
        return value, fault(gradient) if keywords.get("reduction") == "mean" else gradient

    monkeypatch.setattr(type(losses.half_squared_error), "value_and_gradient", wrong)
    with pytest.raises(AssertionError):
        test_reductions(losses.half_squared_error, "mean", "", np.float64)


def test_a_wrong_bit_is_found(monkeypatch):
    monkeypatch.setattr(
        type(losses.huber), "gradient", lambda self, p, t, **keywords: np.nextafter(np.asarray(p), 9) - t
    )
    with pytest.raises(AssertionError, match="results differ"):
        test_value_and_gradient_is_both(losses.huber, np.float64)


@pytest.mark.parametrize(
    ("gradient", "arguments", "out", "message"),
    [
        (losses.gaussian_nll.gradient, ([0.0, 1.0], [1.0, 0.0], {"variance": [-1.0, 1.0]}), "variance", "got -1"),
        (losses.logistic.gradient, ([-5.0, -1.0], [-0.5, 0.0], {"reduction": "sum"}), "target", "got -0.5"),
        (losses.bce.gradient, ([1.5, 0.5], [0.0, 0.0], {}), "prediction", "got 1.5"),
        (losses.categorical_cross_entropy.gradient, ([[2.0, 0.5]], [1], {}), "prediction", "got 2.0"),
    ],
)
def test_a_bad_value_is_named_also_where_the_gradient_replaces_it(gradient, arguments, out, message):
    prediction, target, keywords = arguments
    arrays = {"prediction": np.array(prediction), "target": np.array(target)}
    keywords = {name: np.array(value) if isinstance(value, list) else value for name, value in keywords.items()}
    place = {**arrays, **keywords}[out]
    before = place.copy()
    with pytest.raises(ValueError, match=f"{out} must .*{message}"):
        gradient(arrays["prediction"], arrays["target"], **keywords, out=place)
    assert np.array_equal(place, before)


def test_out_may_be_an_operand_that_is_read_in_another_order():
    rng = np.random.default_rng(4)
    shares, logits = rng.random((40, 40)), rng.normal(size=(40, 40))
    wanted = losses.cross_entropy.gradient(logits, shares.T.copy(), axis=0)
    assert np.array_equal(losses.cross_entropy.gradient(logits, shares.T, axis=0, out=shares), wanted)
    table, labels = rng.random((400, 4)), rng.integers(0, 4, 400)
    logits = rng.normal(size=(400, 4))
    wanted = losses.cross_entropy.gradient(logits, labels, class_weight=table[0].copy(), reduction="sum")
    got = losses.cross_entropy.gradient(logits, labels, class_weight=table[0], reduction="sum", out=table)
    assert np.array_equal(got, wanted)


def test_gradients_of_means_with_tiny_weights():
    got = losses.cross_entropy.gradient(np.zeros((2, 2)), [1, 1], class_weight=[1.0, 1e-310])
    assert np.allclose(got, [[0.25, -0.25], [0.25, -0.25]], rtol=1e-12, atol=0)  # a subnormal weight has few digits
    weights = [1, 1e-310, 1e-310, 1e-310]
    half = np.full((4, 2), 0.5)
    got = losses.cross_entropy.gradient(half, [0, 1, 1, 1], ignore_index=0, sample_weight=weights)
    assert np.all(np.isfinite(got))
    assert np.all(got[0] == 0)
    assert np.allclose(got[1:], [1 / 6, -1 / 6], rtol=1e-12, atol=0)


@pytest.mark.parametrize("zero", [0.0, -0.0])
def test_the_sign_of_a_probability_of_zero_does_not_matter(zero):
    assert losses.bce.gradient([zero], [1.0], eps=0.0, reduction="none")[0] == -np.inf
    assert losses.categorical_cross_entropy.gradient([[zero, 1.0]], [0], reduction="none")[0, 0] == -np.inf


def test_class_weights_of_a_series_go_by_the_numbers_of_the_classes():
    """As value_counts() gives them, by frequency, they would weigh other classes than they name."""
    import pandas

    labels = pandas.Series([1, 1, 1, 0, 2, 2])
    weights = len(labels) / labels.value_counts()
    logits = np.random.default_rng(0).normal(size=(6, 3))
    with pytest.raises(ValueError, match=r"class_weight is labelled \[1, 2, 0\], expected the classes 0 to 2"):
        losses.cross_entropy(logits, labels, class_weight=weights)
    ordered = weights.sort_index()
    wanted = losses.cross_entropy(logits, labels, class_weight=ordered.to_numpy())
    assert losses.cross_entropy(logits, labels, class_weight=ordered) == wanted


def test_frames_with_rows_of_other_labels_are_refused():
    import pandas

    frame = pandas.DataFrame(np.eye(3), index=list("abc"))
    labels = pandas.Series([0, 1, 2], index=list("abc"))
    assert losses.cross_entropy(frame, labels) == losses.cross_entropy(np.eye(3), [0, 1, 2])
    for loss, target in ((losses.cross_entropy, labels), (losses.mse, frame)):
        with pytest.raises(ValueError, match="rows of different labels"):
            loss(frame, target[::-1])


def test_all_that_is_labelled_goes_by_the_same_labels():
    import pandas
    import xarray

    frame = pandas.DataFrame(np.eye(3), index=list("abc"), columns=list("xyz"))
    rows, classes = pandas.Series([1.0, 2.0, 3.0], index=list("abc")), pandas.Series([1.0, 2.0, 3.0], index=list("xyz"))
    labels = rows.astype(int) - 1
    pairs = pandas.DataFrame({"first": rows, "second": rows})
    right = losses.cross_entropy(frame, labels, sample_weight=rows, class_weight=classes)
    assert right == losses.cross_entropy(np.eye(3), [0, 1, 2], sample_weight=[1, 2, 3], class_weight=[1, 2, 3])
    assert right == losses.cross_entropy(frame.T, labels, sample_weight=rows, class_weight=classes, axis=0)
    assert losses.gaussian_nll(frame, 0.0, variance=classes) == losses.gaussian_nll(np.eye(3), 0.0, variance=[1, 2, 3])
    assert losses.brier(rows / 3, rows / 3, sample_weight=rows) == 0
    cases = [
        (losses.mse, (frame, frame[["y", "x", "z"]]), {}, "prediction and target have columns of"),
        (losses.mse, (frame, frame), {"sample_weight": rows[::-1]}, "prediction and sample_weight have rows of"),
        (losses.mse, (np.eye(3)[0], rows), {"sample_weight": rows[::-1]}, "target and sample_weight have rows of"),
        (losses.gaussian_nll, (frame, frame), {"variance": classes[::-1]}, "prediction and variance have columns of"),
        (losses.gaussian_nll, (rows, rows), {"variance": rows[::-1]}, "prediction and variance have rows of"),
        (losses.cross_entropy, (frame, labels), {"sample_weight": rows[::-1]}, "sample_weight have rows of"),
        (losses.cross_entropy, (frame, labels), {"class_weight": classes[::-1]}, "class_weight have columns of"),
        (losses.brier, (rows / 3, rows / 3), {"sample_weight": rows[::-1]}, "sample_weight have rows of"),
        (losses.triplet_margin, (pairs, pairs, pairs), {"sample_weight": rows[::-1]}, "sample_weight have rows of"),
        (losses.triplet_margin, (pairs, pairs, pairs[::-1]), {}, "anchor and negative have rows of"),
    ]
    for entry, arrays, keywords, message in cases:
        keywords = {"variance": 1.0, **keywords} if entry is losses.gaussian_nll else keywords
        with pytest.raises(ValueError, match=f"^{entry.name}: .*{message} different labels; align them"):
            entry(*arrays, **keywords)
    with pytest.raises(ValueError, match="prediction and variance have rows of different labels"):
        losses.gaussian_nll.gradient(rows, rows, variance=rows[::-1], wrt="variance")

    x = xarray.DataArray(np.eye(3), dims=("n", "c"), coords={"n": list("abc")})
    assert losses.mse(x, x.copy()) == 0
    assert losses.mse(x, x.drop_vars("n")) == 0
    assert losses.cross_entropy(x, xarray.DataArray([0, 1, 2], dims="n")) == losses.cross_entropy(np.eye(3), [0, 1, 2])
    with pytest.raises(ValueError, match=r"mean_squared_error: prediction and target have different dimensions, .*'n'"):
        losses.mse(x, x.T)
    with pytest.raises(ValueError, match="prediction and target have dimension 'n' of different labels"):
        losses.mse(x, x[::-1])
    with pytest.raises(ValueError, match="prediction and target have different dimensions"):
        losses.cross_entropy(x, xarray.DataArray([0, 1, 2], dims="c"))
