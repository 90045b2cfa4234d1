"""Information theory: terms and sums against their definitions, limits, shapes, errors."""

import doctest

import numpy as np
import pytest
from oracle import Exact, algebra, assert_accurate, assert_same_bits, exact
from sampler import points

from actlib import information, kernels, logsumexp, softmax

DTYPES = (np.float32, np.float64)
GOAL = {np.float32: 1, np.float64: 2}


def pairs(dtype):
    """Pairs in (0, 1]: far apart, near each other, and both tiny."""
    low = np.finfo(dtype).tiny
    p = points(dtype, 200, extra=(0.5,), low=low, high=1)
    rng = np.random.default_rng(8)
    near = np.clip(p * (1 + rng.choice([1e-15, 1e-6, 1e-3, 0.3], p.size) * rng.normal(size=p.size)), low, 1)
    far = rng.permutation(p)
    return np.concatenate([p, p]), np.concatenate([near, far]).astype(dtype)


@pytest.mark.parametrize("dtype", DTYPES)
def test_terms(dtype):
    p, q = pairs(dtype)
    # the oracle takes p and q that differ by 1e-16 of 1 apart only with more digits than they need
    cases = {
        "entr": ((p,), "-p*log(p)"),
        "xlogy": ((p, q), "p*log(q)"),
        "rel_entr": ((p, q), "p*log(p/q)"),
    }
    for name, (operands, definition) in cases.items():
        got = kernels.ufuncs[name](*operands)
        wanted = [exact(definition, {"p": a, "q": b}) for a, b in zip(p, q, strict=True)]
        assert_accurate(name, p, got, Exact(wanted, dtype), GOAL[dtype])


def test_limits_of_terms():
    inf, nan = np.inf, np.nan
    with np.errstate(all="raise"):
        assert_same_bits("entr", 0, kernels.ufuncs["entr"]([0.0, 1.0, -1.0, nan]), [0.0, 0.0, nan, nan])
        got = kernels.ufuncs["xlogy"]([0.0, 0.0, 1.0, 0.0, 1.0], [0.0, inf, 0.0, nan, -1.0])
        assert_same_bits("xlogy", 0, got, [0.0, 0.0, -inf, nan, nan])
        got = kernels.ufuncs["rel_entr"]([0.0, 1.0, 0.0, -1.0, 1.0, nan, 1e-300], [1.0, 0.0, 0.0, 1.0, -1.0, 1.0, 1.0])
        assert_same_bits("rel_entr", 0, got[:6], [0.0, inf, 0.0, nan, nan, nan])
        assert got[6] == 1e-300 * np.log(1e-300)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("outcomes", [2, 10, 64, 65, 300])
def test_sums(outcomes, dtype):
    rng = np.random.default_rng(outcomes)
    p, q = (rng.dirichlet(np.full(outcomes, 0.3), 4).astype(dtype) for _ in range(2))
    p, q = np.maximum(p, dtype(1e-30)), np.maximum(q, dtype(1e-30))
    context = algebra(60).context

    def terms(row, other):
        pairs = [(context.mpf(float(a)), context.mpf(float(b))) for a, b in zip(row, other, strict=True)]
        return [(-a * context.log(a), -a * context.log(b), a * context.log(a / b)) for a, b in pairs]

    table = [terms(a, b) for a, b in zip(p, q, strict=True)]
    found = information.entropy(p), information.cross_entropy(p, q), information.kl_divergence(p, q)
    for which, got in enumerate(found):
        wanted = Exact([context.fsum(term[which] for term in row) for row in table], dtype)
        size = [float(context.fsum(abs(term[which]) for term in row)) for row in table]
        larger = np.maximum(np.spacing(np.array(size, dtype)), wanted.ulp)  # the terms of the divergence cancel
        wanted.residual *= wanted.ulp / larger
        wanted.ulp = larger
        assert_accurate(f"sum {which}", p[:, 0], got, wanted, 3 if dtype == np.float64 else 1)


def test_divergence_of_neighbours_is_right():
    """Near p = q the terms are accurate, where a difference of logarithms has lost its digits."""
    p, q = np.array([0.5, 0.5]), np.array([0.5 + 2.0**-40, 0.5 - 2.0**-40])
    assert abs(information.kl_divergence(p, q) / (2 * 2.0**-80) - 1) < 1e-4
    assert information.kl_divergence(p, p) == 0


def test_conventions():
    inf = np.inf
    assert information.entropy([1.0, 0.0]) == 0
    assert information.cross_entropy([1.0, 0.0], [1.0, 0.0]) == 0
    assert information.cross_entropy([0.5, 0.5], [1.0, 0.0]) == inf
    assert information.kl_divergence([0.5, 0.5], [1.0, 0.0]) == inf
    assert information.kl_divergence([0.0, 1.0], [0.0, 1.0]) == 0
    assert information.entropy([0.5, 0.5], base=2) == 1
    assert information.entropy([0.25] * 4, base=2) == 2
    assert np.isnan(information.entropy([np.nan, 0.5]))
    assert information.entropy(np.empty((3, 0))).tolist() == [0, 0, 0]
    assert information.entropy([2.0**-5] * 4) == -4 * 2.0**-5 * np.log(2.0**-5)  # not normalised
    assert information.entropy(np.array([1, 0])) == 0


def test_relations():
    rng = np.random.default_rng(9)
    p, q = rng.dirichlet(np.ones(6), 20), rng.dirichlet(np.ones(6), 20)
    total = information.entropy(p) + information.kl_divergence(p, q)
    np.testing.assert_allclose(information.cross_entropy(p, q), total, rtol=1e-14)
    np.testing.assert_allclose(information.kl_divergence(p, q, base=2), information.kl_divergence(p, q) / np.log(2))
    data, model = rng.integers(0, 3, 500), np.log([0.2, 0.3, 0.5])
    frequencies = np.bincount(data) / data.size
    got = information.negative_log_likelihood(model, data)
    np.testing.assert_allclose(got, information.cross_entropy(frequencies, np.exp(model)), rtol=1e-14)
    np.testing.assert_allclose(got * -500, information.log_likelihood(model, data), rtol=1e-15)
    rows = np.log(rng.dirichlet(np.ones(3), 500))
    wanted = rows[np.arange(500), data].sum()
    np.testing.assert_allclose(information.log_likelihood(rows, data), wanted, rtol=1e-14)


def test_arrays():
    rng = np.random.default_rng(10)
    p, q = rng.dirichlet(np.ones(4), (5, 6)), rng.dirichlet(np.ones(4), (5, 6))
    wanted = information.kl_divergence(p, q)
    assert wanted.shape == (5, 6)
    assert_same_bits("axis", 0, information.kl_divergence(np.moveaxis(p, -1, 0), np.moveaxis(q, -1, 0), axis=0), wanted)
    one = information.kl_divergence(p[0, 0], q)
    assert_same_bits("one", 0, one, information.kl_divergence(np.broadcast_to(p[0, 0], q.shape), q))
    frozen = p.copy()
    frozen.flags.writeable = False
    assert_same_bits("read-only", 0, information.entropy(frozen), information.entropy(p))
    for kind in (np.float16, np.float32, np.float64):
        assert information.entropy(p.astype(kind)).dtype == kind
    assert information.kl_divergence(p.astype(np.float32), q).dtype == np.float64
    assert isinstance(information.entropy(p[0, 0]), np.float64)
    with np.errstate(all="raise"):
        information.kl_divergence([1e-320, 1.0, 0.0, np.nan], [1.0, 1e-320, 0.0, 0.0])
        assert information.log_likelihood(np.array([-np.inf, 0.0]), [0, 1]) == -np.inf
    assert information.log_likelihood([-1.0, -2.0], []) == 0
    assert np.isnan(information.negative_log_likelihood([-1.0, -2.0], []))
    assert not np.signbit(information.negative_log_likelihood([0.0], [0]))


ERRORS = [
    (information.entropy, ([0.5, -0.5],), {}, ValueError, r"entropy: p must lie in \[0, 1\], got -0.5 at index \(1,\)"),
    (information.entropy, ([0.5, 1.5],), {}, ValueError, r"got 1.5 at index \(1,\)"),
    (information.entropy, (0.5,), {}, ValueError, "axis of outcomes"),
    (information.entropy, ([0.5, 0.5j],), {}, TypeError, "real numbers"),
    (information.entropy, ([0.5, 0.5],), {"axis": 1}, ValueError, "axis must lie in"),
    (information.entropy, ([0.5, 0.5],), {"axis": (0,)}, TypeError, "axis must be an integer"),
    (information.entropy, ([0.5, 0.5],), {"base": 1}, ValueError, "base must be positive"),
    (information.entropy, ([0.5, 0.5],), {"base": "e"}, TypeError, "base must be a number"),
    (information.entropy, ([0.5, 0.5],), {"base": 10**400}, ValueError, "base must be positive, finite"),
    (information.entropy, (np.ma.masked_array([0.5, 0.5], [True, False]),), {}, TypeError, "p is a masked array"),
    (
        information.log_likelihood, ([-1.0], np.ma.masked_array([0], [True])), {}, TypeError, "data is a masked array",
    ),
    (information.kl_divergence, ([0.5, 0.5], [[1.0], [0.0]]), {}, ValueError, "one shape"),
    (information.cross_entropy, ([0.5, 0.5], [0.5, 2.0]), {}, ValueError, "q must lie in"),
    (
        information.log_likelihood, ([-1.0, -2.0], [0, 2]), {}, ValueError,
        r"data must lie in \[0, 2\), got 2 at index \(1,\)",
    ),
    (information.log_likelihood, ([-1.0, -2.0], [0.5]), {}, TypeError, "data must be integers"),
    (information.log_likelihood, ([[-1.0, -2.0]], [0, 1]), {}, ValueError, "shape of the data"),
]


@pytest.mark.parametrize(("function", "arguments", "keywords", "kind", "message"), ERRORS)
def test_bad_input_is_named(function, arguments, keywords, kind, message):
    with pytest.raises(kind, match=message):
        function(*arguments, **keywords)


def test_examples():
    result = doctest.testmod(information, optionflags=doctest.NORMALIZE_WHITESPACE)
    assert result.failed == 0
    assert result.attempted >= 15


def test_a_cancelling_divergence_is_found():
    p = np.array([0.3])
    q = np.nextafter(p, 1)
    wanted = Exact([exact("p*log(p/q)", {"p": p[0], "q": q[0]})], np.float64)
    assert_accurate("right", p, kernels.ufuncs["rel_entr"](p, q), wanted, 2)
    with pytest.raises(AssertionError, match="points are wrong"):
        assert_accurate("naive", p, p * (np.log(p) - np.log(q)), wanted, 2)


# from logits, symmetric, binary


def exact_softmax(context, row):
    exponentials = [context.exp(context.mpf(float(z))) for z in row]
    total = context.fsum(exponentials)
    return [e / total for e in exponentials]


def exact_of_logits(row, other):
    """Entropy of a row of logits, divergence from the other, with 200 digits."""
    context = algebra(200).context
    p, q = exact_softmax(context, row), exact_softmax(context, other)
    entropy = context.fsum(-a * context.log(a) for a in p)
    return entropy, context.fsum(a * context.log(a / b) for a, b in zip(p, q, strict=True))


def logits(dtype):
    """Pairs of rows: far apart and near, flat and confident, shifted against each other."""
    rng = np.random.default_rng(11)
    pairs = []
    for size in (2, 3, 10, 130):
        for scale in (1e-3, 1, 8, 50):
            row = rng.normal(size=size) * scale
            for step in (1e-9, 1e-4, 0.1, 1, 30):
                pairs.append((row, row + rng.normal(size=size) * step))
            pairs.append((row, rng.permutation(row) + 5))
    pairs += [([40.0, 0.0], [0.0, 40.0]), ([300.0, 0.0, -300.0], [300.0 + 2.0**-20, 0.0, -200.0])]
    pairs += [([1000.0, 1000.0], [0.0, 1000.0]), ([0.0, 0.0, -700.0], [1e-7, 0.0, -705.0])]
    return [(np.array(a, dtype), np.array(b, dtype)) for a, b in pairs]


@pytest.mark.parametrize("dtype", DTYPES)
def test_from_logits(dtype):
    pairs = logits(dtype)
    exact_values = [exact_of_logits(a, b) for a, b in pairs]
    first = np.array([a[0] for a, _ in pairs])
    bound = 1 if dtype == np.float32 else 4
    got = np.array([information.entropy_from_logits(a) for a, _ in pairs])
    assert_accurate("entropy", first, got, Exact([value for value, _ in exact_values], dtype), bound)
    got = np.array([information.kl_divergence_from_logits(a, b) for a, b in pairs])
    assert_accurate("divergence", first, got, Exact([value for _, value in exact_values], dtype), 2 * bound)


@pytest.mark.parametrize("dtype", DTYPES)
def test_cross_entropy_from_logits(dtype):
    rng = np.random.default_rng(12)
    context = algebra(200).context
    found, wanted, first = [], [], []
    for row, _ in logits(dtype):
        p = rng.dirichlet(np.full(row.size, 0.5)).astype(dtype)
        q = exact_softmax(context, row)
        wanted.append(context.fsum(-context.mpf(float(a)) * context.log(b) for a, b in zip(p, q, strict=True)))
        found.append(information.cross_entropy_from_logits(p, row))
        first.append(row[0])
    assert_accurate("cross-entropy", first, np.array(found), Exact(wanted, dtype), 1 if dtype == np.float32 else 3)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("outcomes", [2, 5, 70])
def test_js(outcomes, dtype):
    rng = np.random.default_rng(outcomes)
    p = rng.dirichlet(np.full(outcomes, 0.4), 40).astype(dtype)
    q = rng.dirichlet(np.full(outcomes, 0.4), 40).astype(dtype)
    steps = 10.0 ** rng.uniform(-12, -0.5, (40, 1))
    near = np.clip(p * (1 + steps * rng.normal(size=p.shape)), 0, 1).astype(dtype)
    context = algebra(200).context

    def divergence(one, other):
        total = context.mpf(0)
        for a, b in zip(one, other, strict=True):
            a, b = context.mpf(float(a)), context.mpf(float(b))
            middle = (a + b) / 2
            total += sum(x * context.log(x / middle) for x in (a, b) if x) / 2
        return total

    bound = 1 if dtype == np.float32 else 3
    for second in (q, near):
        wanted = [divergence(a, b) for a, b in zip(p, second, strict=True)]
        assert_accurate("js", p[:, 0], information.js_divergence(p, second), Exact(wanted, dtype), bound)
        roots = [context.sqrt(value) for value in wanted]
        assert_accurate("distance", p[:, 0], information.js_distance(p, second), Exact(roots, dtype), bound)
        assert_same_bits("symmetric", 0, information.js_divergence(second, p), information.js_divergence(p, second))


@pytest.mark.parametrize("dtype", DTYPES)
def test_binary_entropy(dtype):
    p = points(dtype, 600, extra=(0.5,), low=0, high=1)
    p = p[(p > 0) & (p < 1)]
    context = algebra(400).context  # at the oracle's first digits, the second term of a tiny p is 0
    numbers = [context.mpf(float(one)) for one in p]
    wanted = Exact([-x * context.log(x) - (1 - x) * context.log(1 - x) for x in numbers], dtype)
    assert_accurate("binary entropy", p, information.binary_entropy(p), wanted, GOAL[dtype])
    middle = p[(p > 0.01) & (p < 0.99)]  # beyond, 1 - p has lost digits
    pairs = np.stack([middle, 1 - middle], axis=-1)
    np.testing.assert_allclose(information.entropy(pairs), information.binary_entropy(middle), rtol=2e-6)
    assert information.binary_entropy([0.0, 1.0]).tolist() == [0, 0]
    assert information.binary_entropy(0.5, base=2) == 1
    assert np.isnan(information.binary_entropy(np.nan))


def test_conventions_of_logits():
    inf = np.inf
    with np.errstate(all="raise"):
        assert information.entropy_from_logits([0.0, -inf]) == 0
        assert information.entropy_from_logits([0.0, 0.0, -inf], base=2) == 1
        assert np.isnan(information.entropy_from_logits([-inf, -inf]))
        assert np.isnan(information.entropy_from_logits([np.nan, 0.0]))
        assert information.cross_entropy_from_logits([1.0, 0.0], [0.0, -inf]) == 0
        assert information.cross_entropy_from_logits([0.5, 0.5], [0.0, -inf]) == inf
        assert information.kl_divergence_from_logits([0.0, -inf], [0.0, -inf]) == 0
        assert information.kl_divergence_from_logits([0.0, -inf], [0.0, 0.0], base=2) == 1
        assert information.kl_divergence_from_logits([0.0, 0.0], [0.0, -inf]) == inf
        assert information.kl_divergence_from_logits([1.0, 2.0], [1.0, 2.0]) == 0
        assert information.js_divergence([0.5, 0.5, 0.0], [0.5, 0.5, 0.0]) == 0
        assert information.js_divergence([1.0, 0.0], [0.0, 1.0], base=2) == 1
        assert np.isnan(information.js_divergence([np.nan, 1.0], [0.5, 0.5]))
        assert information.js_distance([1.0, 0.0], [0.0, 1.0]) == np.sqrt(np.log(2))


def test_arrays_of_logits():
    rng = np.random.default_rng(13)
    z, y = rng.normal(size=(2, 5, 6, 4))
    p = rng.dirichlet(np.ones(4), (5, 6))
    calls = {
        "entropy": lambda axis, p, z, y: information.entropy_from_logits(z, axis=axis),
        "cross": lambda axis, p, z, y: information.cross_entropy_from_logits(p, z, axis=axis),
        "divergence": lambda axis, p, z, y: information.kl_divergence_from_logits(z, y, axis=axis),
        "js": lambda axis, p, z, y: information.js_divergence(p, p[::-1], axis=axis),
    }
    for name, call in calls.items():
        wanted = call(-1, p, z, y)
        assert wanted.shape == (5, 6)
        moved = [np.moveaxis(a, -1, 1) for a in (p, z, y)]
        assert_same_bits(name, 0, call(1, *moved), wanted)
        for kind in (np.float16, np.float32, np.float64):
            assert call(-1, *(a.astype(kind) for a in (p, z, y))).dtype == kind
    one = information.kl_divergence_from_logits(z[0, 0], y)
    assert_same_bits("one", 0, one, information.kl_divergence_from_logits(np.broadcast_to(z[0, 0], y.shape), y))
    assert information.entropy_from_logits([1, 2]).dtype == np.float64
    assert information.entropy_from_logits(np.empty((3, 0))).tolist() == [0, 0, 0]
    by_softmax = information.kl_divergence(softmax(z), softmax(y))
    np.testing.assert_allclose(information.kl_divergence_from_logits(z, y), by_softmax, rtol=1e-12)
    np.testing.assert_allclose(information.entropy_from_logits(z), information.entropy(softmax(z)), rtol=1e-13)


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (lambda: information.entropy_from_logits(1.0), ValueError, "logits must have an axis of outcomes"),
        (lambda: information.entropy_from_logits([1j, 0]), TypeError, "real numbers"),
        (lambda: information.entropy_from_logits([1.0], base=1), ValueError, "_from_logits: base must be"),
        (lambda: information.entropy_from_logits([1.0], axis=1), ValueError, "axis must lie in"),
        (lambda: information.kl_divergence_from_logits([1, 2], [[1], [2]]), ValueError, "p_logits and q_logits must"),
        (lambda: information.cross_entropy_from_logits([0.5, 1.5], [1.0, 2.0]), ValueError, r"p must lie in \[0, 1\]"),
        (lambda: information.js_divergence([0.5, -0.5], [1.0, 0.0]), ValueError, "js_divergence: p must lie in"),
        (lambda: information.js_distance([0.5, 0.5], [1.0, 0.0], base=0.5), ValueError, "base must be above 1"),
        (lambda: information.binary_entropy([0.5, 2]), ValueError, r"p must lie in \[0, 1\], got 2.0 at index \(1,\)"),
        (lambda: information.binary_entropy(0.5, base="2"), TypeError, "binary_entropy: base must be a number"),
    ],
)
def test_bad_input_of_the_others_is_named(call, kind, message):
    with pytest.raises(kind, match=message):
        call()


def test_the_textbook_forms_are_rejected():
    z = np.array([[40.0, 0.0]])
    wanted = Exact([exact_of_logits(z[0], z[0])[0]], np.float64)
    naive = logsumexp(z) - np.sum(softmax(z) * z, axis=-1)
    with pytest.raises(AssertionError, match="points are wrong"):
        assert_accurate("entropy", z[:, 0], naive, wanted, 4)
    a, b = np.array([[1.0, 0.0]]), np.array([[1.0 + 2.0**-30, 0.0]])
    wanted = Exact([exact_of_logits(a[0], b[0])[1]], np.float64)
    with pytest.raises(AssertionError, match="points are wrong"):
        assert_accurate("divergence", a[:, 0], information.kl_divergence(softmax(a), softmax(b)), wanted, 8)
    assert_accurate("divergence", a[:, 0], information.kl_divergence_from_logits(a, b), wanted, 8)


def test_what_is_labelled_otherwise_is_refused():
    import pandas

    p = pandas.DataFrame([[0.5, 0.5], [0.25, 0.75]], index=list("ab"), columns=list("xy"))
    assert information.kl_divergence(p, p.loc["a"])[0] == 0
    for other, name in ((p[::-1], "rows"), (p[["y", "x"]], "columns"), (p.loc["a", ::-1], "columns")):
        for function in (information.cross_entropy, information.kl_divergence, information.js_distance):
            message = f"information.{function.__name__}: p and q have {name} of different labels"
            with pytest.raises(ValueError, match=message):
                function(p, other)
    for function in (information.kl_divergence_from_logits, information.cross_entropy_from_logits):
        with pytest.raises(ValueError, match="have rows of different labels"):
            function(p, p[::-1])
    with pytest.raises(ValueError, match="log_probabilities and data have rows of different labels"):
        information.log_likelihood(np.log(p), pandas.Series([0, 1], index=list("ba")))
