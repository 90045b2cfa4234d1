"""Losses of pairs and triples: against their definitions, over arrays, and what they refuse."""

import copy
import inspect
import itertools
import pickle
import re

import numpy as np
import pytest
from oracle import Exact, algebra, assert_accurate, assert_same_bits, evaluator, parsed
from sampler import points
from test_losses import layouts
from test_losses_accuracy import defaults, grid, measure_by, settled
from test_losses_derivatives import CONTEXT, difference, value

import actlib
from actlib import losses
from actlib.check import gradcheck
from actlib.loss_entry_pairs import PairLoss, RankingLoss, VectorLoss

DTYPES = (np.float32, np.float64)
N, K = 700, 5  # rows that do not fill their groups
PAIR_LOSSES = [entry for entry in losses.LOSSES.values() if isinstance(entry, PairLoss)]
VECTOR_LOSSES = [entry for entry in PAIR_LOSSES if isinstance(entry, VectorLoss)]
LETTERS = {"first": "a", "second": "b", "anchor": "x", "positive": "y", "negative": "z"}
CHOICES = {
    "margin_ranking": [{}, {"margin": 0.3}],
    "cosine_similarity": [{}, {"eps": 0.7}],
    "cosine_embedding": [{}, {"margin": 0.2}, {"margin": -0.5}],
    "triplet_margin": [
        {},
        {"p": 1.0},
        {"p": 1.5},
        {"p": 3.0},
        {"eps": 1e-3},
        {"swap": True},
        {"margin": 0.0, "p": 5.0},
    ],
}
EVERY = [(losses.LOSSES[name], keywords) for name, choices in CHOICES.items() for keywords in choices]

each_choice = pytest.mark.parametrize(
    ("entry", "keywords"), EVERY, ids=lambda one: one.name if isinstance(one, PairLoss) else str(one)
)
each_dtype = pytest.mark.parametrize("dtype", DTYPES)


def arguments(entry, dtype=np.float64, n=N, size=K):
    """Arrays that the loss accepts, with the target last if it has one."""
    rng = np.random.default_rng(11)
    arrays = [rng.normal(size=(n, size)).astype(dtype) for _ in entry.gradient_definitions]
    if "target" in entry._names:
        shape = (n, size) if isinstance(entry, RankingLoss) else (n,)
        arrays.append(rng.choice([-1.0, 1.0], shape).astype(dtype))
    return arrays


def with_gradient(entry, arrays):
    return arrays[: len(entry.gradient_definitions)]


def flat(outcome):
    """Value and gradients as a list."""
    return [np.asarray(outcome[0]), *outcome[1]]


def test_every_pair_loss_is_measured():
    assert set(CHOICES) == {entry.name for entry in PAIR_LOSSES}
    assert [entry for entry in PAIR_LOSSES if hasattr(entry, "hessian_diagonal")] == [losses.margin_ranking]
    for entry in PAIR_LOSSES:
        assert set(entry.accuracy) == set(entry.offers)
        assert list(entry.gradient_definitions) == [name for name in entry._names if name != "target"]


# -------------------------------------------------------------------------------------------------- the definition


@each_choice
def test_gradients_follow_from_the_definition(entry, keywords):
    if keywords.get("swap"):
        return  # the definition is without it
    check_gradients(entry, keywords, entry.gradient_definitions)


def check_gradients(entry, keywords, stated):
    rng = np.random.default_rng(13)
    parameters = {name: CONTEXT.mpf(value) for name, value in {**defaults(entry), **keywords}.items()}
    for target in (1, -1, 1, -1):
        variables = {**parameters, "t": CONTEXT.mpf(target)}
        by_entry = isinstance(entry, VectorLoss)
        for name in entry.gradient_definitions:
            letter, places = LETTERS[name], range(1, 4) if by_entry else ()
            variables |= {(letter, k): CONTEXT.mpf(rng.uniform(0.1, 2)) for k in places}
            variables |= {"K": 3} if by_entry else {letter: CONTEXT.mpf(rng.uniform(0.1, 2))}
        for name, definition in stated.items():
            for j in (1, 2, 3):
                place = (LETTERS[name], j) if by_entry else LETTERS[name]
                found = difference(entry.definition, variables, place)
                wanted = value(definition.replace("[j]", f"[{j}]"), variables)
                assert abs(found - wanted) <= abs(wanted) * CONTEXT.mpf(10) ** -40, f"{entry.name}: d/d {place}"


def test_a_wrong_gradient_is_found():
    stated = dict(losses.cosine_similarity.gradient_definitions)
    stated["second"] = stated["first"]
    with pytest.raises(AssertionError, match="cosine_similarity: d/d"):
        check_gradients(losses.cosine_similarity, {}, stated)


@each_choice
def test_gradcheck(entry, keywords):
    arrays = [array[:4] for array in arguments(entry)]
    result = gradcheck(entry, *arrays, **keywords)
    assert result.compared >= 4 * K


# -------------------------------------------------------------------------------------------------------- accuracy

RESOLUTION = {np.float32: (2.0**-46, 2.0**-23), np.float64: (2.0**-104, 2.0**-52)}  # as the entries say


@each_dtype
@pytest.mark.parametrize("margin", [0.0, 0.3, -2.5, 1e-30])
def test_rankings_are_accurate(margin, dtype):
    entry = losses.margin_ranking
    for target in (1.0, -1.0):
        first, second, exact_results = exact_rankings(margin, target, dtype)
        keywords = {"margin": margin, "reduction": "none"}
        got = [entry(first, second, target, **keywords), *entry.gradient(first, second, target, **keywords)]
        for k, (one, wanted) in enumerate(zip(got, exact_results, strict=True)):
            offer = "gradient" if k else "value"
            bound = getattr(entry.accuracy[offer], np.dtype(dtype).name)
            assert_accurate(f"{entry.name}.{offer} {k} {margin} {target}", first, one, wanted, bound)
        for curvature in entry.hessian_diagonal(first, second, target, **keywords):
            assert not curvature.any()


def exact_rankings(margin, target, dtype):
    """Pairs of scores, and the exact value and gradients of margin_ranking."""
    entry, large = losses.margin_ranking, np.finfo(dtype).max / 4
    first, second = grid(
        points(dtype, 60, extra=(0.3, -0.3, 2.5), low=-large, high=large), (0.0, 1.0, -0.3, 1e-20, 0.2)
    )
    variables = [{"a": a, "b": b, "t": target, "margin": dtype(margin)} for a, b in zip(first, second, strict=True)]
    definitions = (entry.definition, *entry.gradient_definitions.values())
    return first, second, [Exact([exact_difference(text, v) for v in variables], dtype) for text in definitions]


def exact_difference(definition, variables):
    """The exact value where a comparison needs all digits of a difference: 700 are enough for every pair of floats."""
    context = algebra(700).context
    return context.mpf(1) * evaluator(700)(parsed(definition), {k: context.mpf(float(v)) for k, v in variables.items()})


def vectors(dtype, count):
    """Rows of three entries: all angles, near 0 and near 180 degrees too, all lengths, zeros among the entries."""
    rng = np.random.default_rng(17)
    single = dtype == np.float32
    first = rng.normal(size=(80, 3))
    second = rng.normal(size=(80, 3))
    angles = np.tile(10.0 ** -np.arange(1, 8 if single else 17), 3)[:42]
    turned = first[: len(angles)] * rng.choice([1.0, -1.0, 3.0, 0.1], (len(angles), 1))
    second[: len(angles)] = turned * (1 + angles[:, None] * rng.normal(size=turned.shape))
    first[60:, 0] = 0.0
    second[64:, 1] = 0.0
    sizes = 10.0 ** rng.uniform(*((-18, 18) if single else (-150, 150)), (2, 80, 1))
    extreme = np.array([1e-44, 1e-40, 3e37] if single else [1e-322, 1e-310, 1e-200, 1e200, 2e307])
    sizes[:, 50:, :] = rng.choice(extreme, (2, 30, 1))
    sizes[:, ::3] = 1.0
    others = [rng.normal(size=(80, 3)) for _ in range(count - 2)]
    with np.errstate(over="ignore", under="ignore"):
        return [
            (one * size).astype(dtype) for one, size in zip((first, second, *others), (*sizes, sizes[0]), strict=False)
        ]


def usable(arrays):
    """Rows without vectors of zeros and without infinities."""
    good = np.all([np.any(array != 0, axis=1) & np.all(np.isfinite(array), axis=1) for array in arrays], axis=0)
    return [array[good] for array in arrays]


def judge(entry, keywords, arrays, target, dtype, floors):
    """Value and gradients of rows against the definition."""
    full = [*arrays] if target is None else [*arrays, np.full(len(arrays[0]), target, dtype)]
    got = flat(entry.value_and_gradient(*full, reduction="none", **keywords))
    wanted = exact_vectors(entry, keywords, arrays, target, dtype, floors)
    for k, (one, truth) in enumerate(zip(got, wanted, strict=True)):
        offer = "value" if k == 0 else "gradient"
        inputs = arrays[0][:, 0] if k == 0 else arrays[k - 1].ravel()
        bound = getattr(entry.accuracy[offer], np.dtype(dtype).name)
        assert_accurate(f"{entry.name}.{offer} {k} {keywords} {target}", inputs, one.ravel(), truth, bound)


def exact_vectors(entry, keywords, arrays, target, dtype, floors):
    """The exact value and gradients of rows. `floors` gives, for a row's variables, what the errors of value and
    gradients are measured by where that is larger than the result."""
    parameters = {k: dtype(v) for k, v in {**defaults(entry), **keywords}.items() if k != "swap"}
    names = list(entry.gradient_definitions)
    size = arrays[0].shape[1]
    wanted = [[] for _ in range(len(names) + 1)]
    bounds = [[] for _ in wanted]
    for row in zip(*arrays, strict=True):
        variables = {**parameters, "t": 0 if target is None else target, "K": size}
        for name, vector in zip(names, row, strict=True):
            variables |= {(LETTERS[name], k): x for k, x in enumerate(vector, 1)}
        wanted[0].append(settled_or_zero(entry.definition, variables))
        floor = floors(*[[algebra(60).context.mpf(float(x)) for x in vector] for vector in row], parameters)
        bounds[0].append(floor[0])
        for k, name in enumerate(names, 1):
            for j in range(1, size + 1):
                wanted[k].append(settled_or_zero(entry.gradient_definitions[name].replace("[j]", f"[{j}]"), variables))
                bounds[k].append(floor[k][j - 1])
    truths = [Exact(results, dtype) for results in wanted]
    for truth, bound in zip(truths, bounds, strict=True):
        with np.errstate(all="ignore"):
            measure_by(truth, np.array([float(x) for x in bound]).astype(dtype))
    return truths


def settled_or_zero(definition, variables):
    """The exact value; 0 where entries of exactly 0 make it so, and more digits only make it smaller."""
    try:
        return settled(definition, variables)
    except AssertionError:
        last = evaluator(960)(
            parsed(definition),
            {k: v if k == "K" else algebra(960).context.mpf(float(v)) for k, v in variables.items()}, {},
        )  # fmt: skip
        assert abs(last) < last.context.mpf(10) ** -600
        return last * 0


def angle_floors(dtype, target):
    tiny, cancelled = RESOLUTION[dtype]

    def floors(a, b, parameters):
        root = algebra(60).context.sqrt
        lengths = [root(sum(x * x for x in vector)) for vector in (a, b)]
        cosine = abs(sum(x * y for x, y in zip(a, b, strict=True)) / lengths[0] / lengths[1])
        margin = abs(float(parameters.get("margin", 0)))
        value = cancelled * max(cosine, margin) if target == -1 else tiny
        terms = [
            [cancelled * max(abs(v) / lengths[1 - k], cosine * abs(u) / lengths[k]) / lengths[k]
             for u, v in zip(*pair, strict=True)]
            for k, pair in enumerate(((a, b), (b, a)))
        ]  # fmt: skip
        return value, *terms

    return floors


@each_dtype
@pytest.mark.parametrize(
    ("name", "target", "keywords"),
    [
        ("cosine_similarity", None, {}),
        ("cosine_embedding", 1, {}),
        ("cosine_embedding", -1, {}),
        ("cosine_embedding", -1, {"margin": 0.2}),
        ("cosine_embedding", -1, {"margin": -1.0}),
    ],
)
def test_angles_are_accurate(name, target, keywords, dtype):
    judge(losses.LOSSES[name], keywords, usable(vectors(dtype, 2)), target, dtype, angle_floors(dtype, target))


@each_dtype
@pytest.mark.parametrize("eps", [0.7, 1e-8, 1.0])
def test_angles_of_short_vectors_are_accurate(eps, dtype):
    """Norms below eps, just below it, and above."""
    rng = np.random.default_rng(5)
    first, second = rng.normal(size=(2, 40, 3))
    second[:20] = first[:20] * (1 + 1e-3 * rng.normal(size=(20, 3)))
    first *= eps / np.linalg.norm(first, axis=1, keepdims=True) * rng.choice([0.1, 0.9999, 0.6, 2.0], (40, 1))
    second *= eps / np.linalg.norm(second, axis=1, keepdims=True) * rng.choice([0.1, 0.99999, 1.5], (40, 1))
    arrays = [first.astype(dtype), second.astype(dtype)]
    judge(losses.cosine_similarity, {"eps": eps}, arrays, None, dtype, angle_floors(dtype, None))


@pytest.mark.parametrize("eps", [1e-8, 1.0])
def test_vectors_far_below_the_least_length(eps):
    """The product of the two least lengths, in units of tiny vectors, must not overflow."""
    size = np.array([[5e-324], [1e-310], [1e-200], [1e-160], [1e-100], [1.0]])
    first = np.array([1.0, -0.3]) * size
    for second in (-first, first, np.array([[2.0, 1.0]]) * np.ones((6, 1))):
        value, (a, b) = losses.cosine_similarity.value_and_gradient(first, second, eps=eps, reduction="none")
        lengths = [np.maximum(np.hypot(*v.T), eps) for v in (first, second)]
        cosine = np.sum(first / lengths[0][:, None] * (second / lengths[1][:, None]), axis=1)
        np.testing.assert_allclose(1 + value, 2 - cosine, rtol=4e-15)  # of the terms, for 1 - cosine may be 0
        short = (np.hypot(*first.T) < eps) & (np.hypot(*second.T) < eps)
        with np.errstate(under="ignore"):
            for got, other in ((a, second), (b, first)):
                np.testing.assert_allclose(got[short], (-other / eps / eps)[short], rtol=1e-13)


def distance_floors(dtype):
    cancelled = RESOLUTION[dtype][1]

    def floors(x, y, z, parameters):
        context = algebra(60).context
        p, eps = (context.mpf(float(parameters[name])) for name in ("p", "eps"))
        near, far = ([abs(u - v + eps) for u, v in zip(x, other, strict=True)] for other in (y, z))
        lengths = [context.fsum(d**p for d in one) ** (1 / p) for one in (near, far)]
        largest = max(*lengths, float(parameters["margin"]))
        pairs = zip((near, far), lengths, strict=True)
        slopes = [[(d / length) ** (p - 1) if length else 0 for d in one] for one, length in pairs]
        coarse = dtype == np.float64 and p not in (1, 2)
        return largest * (1 if coarse else cancelled), [max(*pair) for pair in zip(*slopes, strict=True)], *slopes

    return floors


@each_dtype
@pytest.mark.parametrize(
    "keywords",
    [{}, {"p": 1.0}, {"p": 1.5}, {"p": 3.0}, {"p": 40.0}, {"eps": 1e-6}, {"margin": 0.0}, {"margin": 1e-3, "p": 1.25}],
)
def test_distances_are_accurate(keywords, dtype):
    for arrays in triples(dtype):
        judge(losses.triplet_margin, keywords, arrays, None, dtype, distance_floors(dtype))


def triples(dtype):
    """Vectors of all lengths, and some of which two are close."""
    arrays = usable(vectors(dtype, 3))
    close = [array[:30].copy() for array in arrays]
    with np.errstate(all="ignore"):
        sizes = [abs(array).max(axis=1) for array in arrays]
    fair = np.all([size < np.finfo(dtype).max / 8 for size in sizes], axis=0)  # distances are no larger than floats
    far = [array[fair] for array in arrays]
    close[1][::2] = close[0][::2] + (close[1][::2] - close[0][::2]) * dtype(1e-4)
    return far, close


@each_dtype
@pytest.mark.parametrize("size", [1, 2, 16, 64, 65, 130, 1000])
@pytest.mark.parametrize("name", [entry.name for entry in VECTOR_LOSSES])
def test_long_vectors_are_accurate(name, size, dtype):
    """Any number of entries: longer rows are summed in parts."""
    entry, context = losses.LOSSES[name], algebra(60).context
    rng = np.random.default_rng(size)
    arrays = [rng.normal(size=(3, size)).astype(dtype) for _ in entry.gradient_definitions]
    arrays[1][0] = arrays[0][0] * (1 + 1e-4 * rng.normal(size=size)).astype(dtype)
    target = [np.ones(3)] if name == "cosine_embedding" else []
    got = entry(*arrays, *target, reduction="none")
    rows = [[[context.mpf(float(x)) for x in row] for row in array] for array in arrays]
    found = []
    for row in zip(*rows, strict=True):
        if name == "triplet_margin":
            squares = (sum((u - v) ** 2 for u, v in zip(row[0], other, strict=True)) for other in row[1:])
            near, far = map(context.sqrt, squares)
            found.append(max(near - far + 1, context.mpf(0)))
        else:
            lengths = [context.sqrt(sum(u * u for u in one)) for one in row]
            found.append(1 - sum(u * v for u, v in zip(*row, strict=True)) / lengths[0] / lengths[1])
    wanted = Exact(found, dtype)
    scale = RESOLUTION[dtype][1] * np.sqrt(2 * size) if name == "triplet_margin" else RESOLUTION[dtype][0]
    measure_by(wanted, np.full(3, scale, dtype))
    bound = getattr(entry.accuracy["value"], np.dtype(dtype).name)
    assert_accurate(f"{name} of {size}", arrays[0][:, 0], got, wanted, bound)


@each_dtype
@pytest.mark.parametrize(("size", "count"), [(17, 40), (64, 12), (130, 6), (1000, 4)])
@pytest.mark.parametrize("turn", [0.0, 1e-16, 1e-6])
def test_gradients_of_long_and_nearly_parallel_vectors(turn, size, count, dtype):
    context, rng = algebra(60).context, np.random.default_rng(size)
    first = rng.normal(size=(count, size)).astype(dtype)
    second = (first * dtype(3.3) * (1 + turn * rng.normal(size=first.shape))).astype(dtype)
    found, terms = ([], []), ([], [])
    for pair in zip(first, second, strict=True):
        a, b = ([context.mpf(float(x)) for x in vector] for vector in pair)
        lengths = [context.sqrt(context.fsum(x * x for x in vector)) for vector in (a, b)]
        cosine = context.fsum(x * y for x, y in zip(a, b, strict=True)) / lengths[0] / lengths[1]
        for k, (one, other) in enumerate(((a, b), (b, a))):
            mine, theirs = lengths[k], lengths[1 - k]
            found[k].extend((cosine * x / mine - y / theirs) / mine for x, y in zip(one, other, strict=True))
            terms[k].extend(
                float(max(abs(y) / theirs, cosine * abs(x) / mine) / mine) for x, y in zip(one, other, strict=True)
            )
    got = losses.cosine_similarity.gradient(first, second, reduction="none")
    for k, one in enumerate(got):
        wanted = Exact(found[k], dtype)
        measure_by(wanted, (RESOLUTION[dtype][1] * np.array(terms[k])).astype(dtype))
        assert_accurate(f"{size} entries, {k}", first.ravel(), one.ravel(), wanted, 1 if dtype == np.float32 else 6)


@pytest.mark.parametrize(
    ("fault", "wrong"),
    [
        ("1 - cos cancels", lambda a, b: 1 - (a * b).sum(-1) / np.linalg.norm(a, axis=-1) / np.linalg.norm(b, axis=-1)),
        ("half the square", lambda a, b: ((a - b) ** 2).sum(-1) / 2),
    ],
)
def test_planted_faults_are_found(fault, wrong):
    entry = losses.cosine_similarity
    first = np.array([[1.0, 2.0, 3.0], [0.3, -0.1, 7.0]])
    second = first * (1 + np.array([1e-9, 3e-9, -2e-9]))
    variables = [
        {("a", k + 1): a[k] for k in range(3)} | {("b", k + 1): b[k] for k in range(3)} | {"K": 3, "eps": 0}
        for a, b in zip(first, second, strict=True)
    ]
    wanted = Exact([settled(entry.definition, v) for v in variables], np.float64)
    assert_accurate("right", first[:, 0], entry(first, second, reduction="none"), wanted, 4)
    with pytest.raises(AssertionError, match="points are wrong"):
        assert_accurate(fault, first[:, 0], wrong(first, second), wanted, 4)


# ----------------------------------------------------------------------------------------- conventions and limits


@each_dtype
def test_one_direction_costs_nothing(dtype):
    """Whatever the lengths: the quotient a.b/a.a is then exact, and so is the part of b beside a."""
    rng = np.random.default_rng(0)
    first = rng.normal(size=(30, 7)).astype(dtype)
    for factor in (1.0, 0.25, 1024.0):
        value, gradients = losses.cosine_similarity.value_and_gradient(first, first * dtype(factor), reduction="none")
        assert not value.any()
        assert not gradients[0].any()
        assert not gradients[1].any()
        assert_same_bits("opposite", 0.0, losses.cosine_similarity(first, first * dtype(-factor), reduction="none"),
                         np.full(30, 2, dtype))  # fmt: skip


@each_dtype
def test_a_vector_of_zeros_has_no_direction(dtype):
    zeros, vector = np.zeros(3, dtype), np.array([1.0, 2.0, -3.0], dtype)
    for pair in itertools.product((zeros, vector), repeat=2):
        if all(one.any() for one in pair):
            continue
        for eps in (0.0, 0.5):
            value, gradients = losses.cosine_similarity.value_and_gradient(*pair, eps=eps)
            assert value == 1
            if eps == 0:
                assert not any(gradient.any() for gradient in gradients)
        assert losses.cosine_embedding(*pair, 1) == 1
        assert losses.cosine_embedding(*pair, -1, margin=-0.25) == 0.25
        assert not any(gradient.any() for gradient in losses.cosine_embedding.gradient(*pair, -1, margin=-0.25))
    slope = losses.cosine_similarity.gradient(zeros, vector, eps=0.5)
    np.testing.assert_allclose(slope[0], -vector / np.linalg.norm(vector.astype(float)) / 0.5, rtol=1e-6)
    assert not slope[1].any()


@each_dtype
def test_kinks(dtype):
    one, two = dtype(1), dtype(2)
    assert losses.margin_ranking.gradient(two, one, 1, margin=1.0) == (0, 0)
    assert losses.margin_ranking.gradient(one, one, 1) == (0, 0)
    across = np.array([[1.0, 0.0], [0.0, 1.0]], dtype)
    assert not np.any(losses.cosine_embedding.gradient(*across, -1))
    anchor, positive, negative = np.array([[0.0, 0.0], [3.0, 4.0], [6.0, 0.0]], dtype)
    assert not np.any(losses.triplet_margin.gradient(anchor, positive, negative))
    value, gradients = losses.triplet_margin.value_and_gradient(anchor, anchor, anchor)
    assert value == 1
    assert not np.any(gradients)
    # the negative is as far from the anchor as from the positive: the anchor counts
    even = np.array([[0.0, 0.0], [4.0, 0.0], [2.0, 1.0]], dtype)
    for got, wanted in zip(
        losses.triplet_margin.gradient(*even, swap=True), losses.triplet_margin.gradient(*even), strict=True
    ):
        assert_same_bits("swap of equal distances", 0.0, got, wanted)


@each_dtype
def test_swap_is_the_smaller_distance(dtype):
    arrays = arguments(losses.triplet_margin, dtype)
    value = losses.triplet_margin(*arrays, swap=True, reduction="none")
    anchor, positive, negative = arrays
    plain = losses.triplet_margin(*arrays, reduction="none")
    other = losses.triplet_margin(positive, anchor, negative, reduction="none")
    assert_same_bits("swapped", 0.0, value, np.maximum(plain, other))
    assert 100 < np.sum(value != plain) < N - 100


def test_limits():
    inf = np.inf
    ranking = losses.margin_ranking
    assert ranking(inf, 0.0, 1) == ranking(0.0, -inf, 1) == 0
    assert ranking(inf, 0.0, -1) == ranking(-inf, 0.0, 1) == ranking(1e308, -1e308, -1) == inf
    assert ranking.gradient(-inf, 0.0, 1) == (-1, 1)
    assert np.isnan(ranking(inf, inf, 1))
    vector = np.array([1.0, 2.0])
    for bad in (inf, -inf, np.nan):
        for pair in ((vector, vector * [bad, 1]), (vector * [1, bad], vector)):
            value, gradients = losses.cosine_similarity.value_and_gradient(*pair)
            assert np.isnan(value)
            assert np.isnan(gradients).all()
    far = np.array([inf, 0.0])
    assert losses.triplet_margin(vector, far, vector) == inf
    assert losses.triplet_margin(vector, vector, far) == 0
    assert np.isnan(losses.triplet_margin(vector, far, far))


@pytest.mark.parametrize("scale", [1e-320, 1e-200, 1e-30, 1e200, 1e308])
def test_lengths_do_not_count(scale):
    """Squares of the entries overflow or vanish; powers of two change no bit of an angle."""
    power = 2.0 ** round(np.log2(scale))
    first, second = np.array([0.75, 0.5, -0.25]), np.array([0.5, 0.5, 0.125])
    wanted = losses.cosine_similarity.value_and_gradient(first, second)
    got = losses.cosine_similarity.value_and_gradient(first * power, second)
    assert got[0] == wanted[0]
    assert_same_bits("of the other", 0.0, got[1][1], wanted[1][1])
    with np.errstate(over="ignore"):
        assert_same_bits("its own", 0.0, got[1][0], wanted[1][0] / power)
    for p in (1.0, 2.0, 3.0):
        value, gradients = losses.triplet_margin.value_and_gradient(
            first * power, second * power, second * power / 2, margin=0, p=p
        )
        base, slopes = losses.triplet_margin.value_and_gradient(first, second, second / 2, margin=0, p=p)
        np.testing.assert_allclose(value / power, base, rtol=1e-3 if scale < 1e-300 else 1e-14)
        for one, other in zip(gradients, slopes, strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-14)


# --------------------------------------------------------------------------------------------- reductions, arrays


@pytest.mark.parametrize("reduction", ["sum", "mean", "batchmean"])
@pytest.mark.parametrize("weighted", ["", "rows", "all"])
@each_choice
@each_dtype
def test_reductions(entry, keywords, reduction, weighted, dtype):
    """Against the plain definition: sum of w l, over the sum of w or the length of axis 0."""
    arrays = arguments(entry, dtype)
    single, slopes = entry.value_and_gradient(*arrays, reduction="none", **keywords)
    single = single.astype(np.float64)
    rng = np.random.default_rng(3)
    shape = {"": (), "rows": (N,), "all": single.shape}[weighted]
    weight = rng.integers(0, 4, shape).astype(np.float64) if weighted else None
    full = 1.0 if weight is None else weight.reshape(shape + (1,) * (single.ndim - len(shape))) + 0 * single
    divisor = {"sum": 1, "mean": np.sum(full) if weighted else single.size, "batchmean": N}[reduction]
    value, gradients = entry.value_and_gradient(*arrays, reduction=reduction, sample_weight=weight, **keywords)
    epsilon = np.finfo(dtype).eps
    wanted, size = (full * single).sum() / divisor, abs(full * single).sum() / divisor
    assert abs(float(value) - wanted) <= 4 * epsilon * size
    spread = np.broadcast_to(full, single.shape)
    spread = spread if isinstance(entry, RankingLoss) else spread[..., None]
    for gradient, slope in zip(gradients, slopes, strict=True):
        np.testing.assert_allclose(gradient, spread * slope.astype(np.float64) / divisor, rtol=4 * epsilon)
    if weighted:
        got = entry(*arrays, reduction="none", sample_weight=weight, **keywords)
        np.testing.assert_allclose(got, full * single, rtol=2 * epsilon)


@each_choice
def test_nothing_counted(entry, keywords):
    arrays = arguments(entry)
    value, gradients = entry.value_and_gradient(*arrays, sample_weight=np.zeros(N), **keywords)
    assert np.isnan(value)
    assert not np.any(gradients)
    value, gradients = entry.value_and_gradient(*[array[:0] for array in arrays], **keywords)
    assert np.isnan(value)
    assert [gradient.shape for gradient in gradients] == [(0, K)] * len(gradients)
    assert entry(*[array[:0] for array in arrays], reduction="sum", **keywords) == 0


@each_choice
@each_dtype
def test_nan_passes(entry, keywords, dtype):
    for k in range(len(entry.gradient_definitions)):
        arrays = arguments(entry, dtype)
        arrays[k][3, 2] = np.nan
        value, gradients = entry.value_and_gradient(*arrays, reduction="none", **keywords)
        assert np.isnan(value).sum() == 1
        assert np.isnan(gradients[k][3, 2])
        rest = [np.delete(gradient, 3, axis=0) for gradient in gradients]
        assert not np.isnan(rest).any()


@each_choice
@each_dtype
def test_silence(entry, keywords, dtype):
    arrays = arguments(entry, dtype)
    special = np.array([np.inf, -np.inf, np.nan, np.finfo(dtype).max, 1e-40, 0.0, 1.0], dtype)
    for k in range(len(entry.gradient_definitions)):
        arrays[k][: len(special), k] = special
        arrays[k][10 * k, :] = 0
    with np.errstate(all="raise"):
        entry.value_and_gradient(*arrays, **keywords)
        entry.value_and_gradient(*arrays, reduction="none", **keywords)


@each_choice
@each_dtype
@pytest.mark.parametrize("weighted", [False, True], ids=["unweighted", "weighted"])
@pytest.mark.parametrize("size", [3, 64, 70])
def test_layouts_and_axis(entry, keywords, size, weighted, dtype):
    arrays = arguments(entry, dtype, n=40, size=size)
    weight = np.random.default_rng(0).uniform(size=40) if weighted else None
    wanted = flat(entry.value_and_gradient(*arrays, sample_weight=weight, **keywords))
    copies = [array.copy() for array in arrays]
    several = with_gradient(entry, arrays)
    for forms in zip(*(layouts(array) for array in several), strict=True):
        given = [form for _, form in forms] + arrays[len(several) :]
        for got, one in zip(
            flat(entry.value_and_gradient(*given, sample_weight=weight, **keywords)), wanted, strict=True
        ):
            assert_same_bits(forms[0][0], 0.0, got, one)
    for before, now in zip(copies, arrays, strict=True):
        assert_same_bits("inputs", 0.0, now, before)
    if isinstance(entry, RankingLoss):
        return
    single = flat(entry.value_and_gradient(*arrays, reduction="none", **keywords))
    shaped = [array.reshape(5, 8, size).transpose(2, 0, 1) for array in several]
    rest = [array.reshape(5, 8) for array in arrays[len(several) :]]
    for given in (shaped, [np.ascontiguousarray(array) for array in shaped]):
        value, gradients = entry.value_and_gradient(*given, *rest, reduction="none", axis=0, **keywords)
        assert_same_bits("value", 0.0, value.ravel(), single[0])
        for got, one in zip(gradients, single[1:], strict=True):
            assert_same_bits("gradient", 0.0, got.transpose(1, 2, 0).reshape(40, size), one)


@each_choice
@each_dtype
def test_value_and_gradient_is_both(entry, keywords, dtype):
    arrays = arguments(entry, dtype)
    for reduction in ("none", "mean"):
        value, gradients = entry.value_and_gradient(*arrays, reduction=reduction, **keywords)
        assert_same_bits("value", 0.0, value, entry(*arrays, reduction=reduction, **keywords))
        alone = entry.gradient(*arrays, reduction=reduction, **keywords)
        assert isinstance(gradients, tuple)
        assert isinstance(alone, tuple)
        for one, other in zip(gradients, alone, strict=True):
            assert_same_bits("gradient", 0.0, one, other)


@each_choice
@each_dtype
@pytest.mark.parametrize("size", [5, 300])
def test_threads_and_neighbours_change_nothing(entry, keywords, size, dtype):
    arrays = arguments(entry, dtype, n=60_000 // size, size=size)
    arrays[0][5::7] *= dtype(1e30 if dtype == np.float32 else 1e200)  # some rows take another way
    results = []
    for threads in (1, 2, 3):
        actlib.set_num_threads(threads)
        results.append(flat(entry.value_and_gradient(*arrays, **keywords)))
    for other in results[1:]:
        for got, wanted in zip(other, results[0], strict=True):
            assert_same_bits("threads", 0.0, got, wanted)
    together = flat(entry.value_and_gradient(*arrays, reduction="none", **keywords))
    for rows in (slice(4, 5), slice(5, 6), slice(3, 30)):
        alone = entry.value_and_gradient(*[array[rows] for array in arrays], reduction="none", **keywords)
        for got, wanted in zip(flat(alone), together, strict=True):
            assert_same_bits("neighbours", 0.0, got, wanted[rows])


@each_choice
@each_dtype
def test_out(entry, keywords, dtype):
    arrays = arguments(entry, dtype)
    wanted = entry.gradient(*arrays, **keywords)
    count = len(wanted)

    def check(name, given, out):
        found = entry.value_and_gradient(*given, out=out, **keywords)[1]
        for got, one, right in zip(found, out, wanted, strict=True):
            assert got is one
            assert_same_bits(name, 0.0, got.astype(dtype), right)

    check("out", arrays, tuple(np.empty((N, K), dtype) for _ in range(count)))
    check("strided", arrays, tuple(np.zeros((2 * N, K), dtype)[::2] for _ in range(count)))
    check("other byte order", arrays, tuple(np.zeros((N, K), np.dtype(dtype).newbyteorder()) for _ in range(count)))
    own = [array.copy() for array in arrays]
    check("in place", own, tuple(own[:count]))
    own = [array.copy() for array in arrays]
    check("in each other's place", own, tuple(own[:count][::-1]))
    memory = np.zeros((N + 1, K), dtype)
    memory[:-1] = arrays[0]
    check("overlapping", [memory[:-1], *arrays[1:]], (memory[1:], *[np.empty((N, K), dtype) for _ in range(count - 1)]))
    outs = tuple(np.empty((N, K), dtype) for _ in range(count))
    with pytest.raises(TypeError, match="value alone"):
        entry(*arrays, out=outs, **keywords)
    with pytest.raises(TypeError, match=f"out must be a tuple of {count} arrays"):
        entry.gradient(*arrays, out=outs[0], **keywords)
    with pytest.raises(ValueError, match="out must have the shape"):
        entry.gradient(*arrays, out=(*outs[:-1], outs[-1][:3]), **keywords)


@each_choice
def test_dtypes(entry, keywords):
    arrays = arguments(entry)
    several, rest = with_gradient(entry, arrays), arrays[len(entry.gradient_definitions) :]
    for kind in (np.float16, np.float32, np.float64):
        given = [array.astype(kind) for array in several]
        value, gradients = entry.value_and_gradient(*given, *rest, **keywords)
        assert {value.dtype, *(gradient.dtype for gradient in gradients)} == {np.dtype(kind)}
    mixed = [several[0].astype(np.float32), *several[1:]]
    value, gradients = entry.value_and_gradient(*mixed, *rest, **keywords)
    assert {value.dtype, *(gradient.dtype for gradient in gradients)} == {np.dtype(np.float64)}
    assert value == entry(*[array.astype(np.float64) for array in mixed], *rest, **keywords)
    for kind in (bool, np.int8, np.uint16, np.int64):
        whole = [(array > 0.3).astype(kind) for array in several]
        got = entry(*whole, *rest, **keywords)
        assert got.dtype == np.float64
        assert got == entry(*[array.astype(np.float64) for array in whole], *rest, **keywords)
    for kind in (complex, object, np.longdouble):
        with pytest.raises(TypeError, match="real numbers"):
            entry(*[array.astype(kind) for array in several], *rest, **keywords)


def test_single_pairs_and_names():
    assert isinstance(losses.margin_ranking(0.25, 1.0, 1), np.float64)
    assert losses.margin_ranking(0.25, second=1.0, target=1) == 0.75
    assert losses.margin_ranking.gradient(0.25, 1.0, 1) == (-1.0, 1.0)
    value, gradients = losses.cosine_similarity.value_and_gradient([1.0, 0.0], [0.0, 1.0])
    assert isinstance(value, np.float64)
    assert [gradient.shape for gradient in gradients] == [(2,), (2,)]
    target = [1.0, 1.0]
    pair = np.array([[1.0, 2.0], [2.0, 1.0]]), np.array([[1.0, 1.0], [0.0, 1.0]])
    assert losses.cosine_embedding(*pair, 1) == losses.cosine_embedding(*pair, target=target)


# --------------------------------------------------------------------------------------------------------- errors

V = np.arange(6.0).reshape(2, 3)
ERRORS = [
    (losses.margin_ranking, (V[0], V[0][:, None], 1), {}, ValueError, r"second must have the shape of first \(3,\)"),
    (losses.margin_ranking, (V, 0.0, 1), {}, ValueError, r"second must have the shape of first"),
    (losses.margin_ranking, (V, V), {}, TypeError, "the argument 'target' is missing"),
    (losses.margin_ranking, (V, V, [1, 1, 1]), {}, ValueError, r"target must have the shape of the .* \(2, 3\)"),
    (losses.margin_ranking, (V, V, V), {}, ValueError, r"target must be -1 or \+1, got 0.0 at index \(0, 0\)"),
    (losses.margin_ranking, (V, V, 0), {}, ValueError, r"target must be -1 or \+1, got 0"),
    (losses.margin_ranking, (V, V, 1, 2.0), {}, TypeError, "parameters go by keyword"),
    (losses.margin_ranking, (V, V, 1), {"margin": np.inf}, ValueError, "margin must lie in"),
    (losses.margin_ranking, (V, V, 1), {"axis": 0}, TypeError, "unknown keyword 'axis'"),
    (losses.margin_ranking, (V, V, 1), {"reduction": "avg"}, ValueError, "none, sum, mean, batchmean, got 'avg'"),
    (losses.cosine_similarity, (V, V[:, :2]), {}, ValueError, r"second must have .* \(2, 3\), got \(2, 2\)"),
    (losses.cosine_similarity, (1.0, 2.0), {}, ValueError, "first must have an axis of vectors, got a single number"),
    (losses.cosine_similarity, (V, V), {"axis": 2}, ValueError, r"axis must lie in \[-2, 2\)"),
    (losses.cosine_similarity, (V, V), {"axis": None}, TypeError, "axis must be an integer"),
    (losses.cosine_similarity, (V, V), {"eps": -1e-8}, ValueError, r"eps must lie in \[0, 1\]"),
    (losses.cosine_similarity, (V, V), {"sample_weight": [1, -1]}, ValueError, r"not negative, got -1 at index \(1,\)"),
    (losses.cosine_similarity, (V, V), {"sample_weight": V}, ValueError, r"shape of the unreduced loss \(2,\)"),
    (losses.cosine_embedding, (V, V, V), {}, ValueError, r"target must have the shape of the unreduced loss \(2,\)"),
    (losses.cosine_embedding, (V, V, [1, 2]), {}, ValueError, r"must be -1 or \+1, got 2 at index \(1,\)"),
    (losses.cosine_embedding, (V, V, 1), {"margin": 1.5}, ValueError, r"margin must lie in \[-1, 1\]"),
    (losses.triplet_margin, (V, V), {}, TypeError, "the argument 'negative' is missing"),
    (losses.triplet_margin, (V, V, V), {"p": 0.5}, ValueError, r"p must lie in \[1, inf\)"),
    (losses.triplet_margin, (V, V, V), {"p": "2"}, TypeError, "p must be a real number, got '2'"),
    (losses.triplet_margin, (V, V, V), {"margin": -1}, ValueError, r"margin must lie in \[0, inf\)"),
    (losses.triplet_margin, (V, V, V), {"swap": 1}, TypeError, "swap must be True or False, got 1"),
    (losses.triplet_margin, (V, V, np.ma.masked_array(V, V > 3)), {}, TypeError, "negative is a masked array"),
]  # fmt: skip


@pytest.mark.parametrize(("loss", "arrays", "keywords", "error", "message"), ERRORS)
def test_errors(loss, arrays, keywords, error, message):
    for method in (loss, loss.gradient, loss.value_and_gradient):
        with pytest.raises(error, match=message) as caught:
            method(*arrays, **keywords)
        assert str(caught.value).startswith(loss.name)


def test_rows_of_different_labels_are_an_error():
    pandas = pytest.importorskip("pandas")
    first, second = pandas.Series([1.0, 2.0], index=[1, 2]), pandas.Series([1.0, 2.0], index=[2, 1])
    assert losses.margin_ranking(first, first, 1) == 0
    with pytest.raises(ValueError, match="first and second have rows of different labels"):
        losses.margin_ranking(first, second, 1)


# ------------------------------------------------------------------------------------------------------- the entry


@pytest.mark.parametrize("entry", PAIR_LOSSES, ids=lambda entry: entry.name)
def test_entries_are_complete(entry):
    assert pickle.loads(pickle.dumps(entry)) is entry
    assert copy.deepcopy(entry) is entry
    for text in (entry.domain, entry.likelihood, entry.minimiser, *entry.references, entry.latex, entry.gradient_latex):
        assert text
    for section in ("Parameters", "Returns", "Raises", "See Also", "Notes", "References", "Examples"):
        assert f"\n{section}\n{'-' * len(section)}\n" in entry.__doc__
    assert "%(" not in entry.__doc__
    described = re.findall(r"^(\w[\w, ]*) : ", entry.__doc__.partition("\nReturns\n")[0], re.MULTILINE)
    assert ", ".join(described).split(", ") == list(inspect.signature(entry).parameters)
    values = entry(*arguments(entry), reduction="none")
    assert np.all(entry.range.contains(values))
