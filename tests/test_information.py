"""Information theory: terms and sums against their definitions, limits, shapes, errors."""

import doctest

import numpy as np
import pytest
from oracle import Exact, algebra, assert_accurate, assert_same_bits, exact
from sampler import points

from actlib import information, kernels

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
