"""Every activation keeps the accuracy that its entry promises, in every variant of the kernels.

The questions are in cases.py, the points in sampler.py, the judge in oracle.py.
"""

import os
import subprocess
import sys
from functools import cache

import cases
import numpy as np
import pytest
from methods import ENTRIES
from oracle import Exact, assert_accurate, assert_same_bits, exact
from sampler import points

import actlib
from actlib import exhaustive


@cache
def answers(instruction_set, folder):
    """All answers of one variant; other variants than the one in use answer in a process of their own."""
    if instruction_set == actlib.kernels.instruction_set:
        return {str(case): cases.answer(case) for case in cases.cases()}
    file = folder / f"{instruction_set}.npz"
    environment = {**os.environ, "ACTLIB_ISA": instruction_set}
    subprocess.run([sys.executable, cases.__file__, file], env=environment, check=True)
    return dict(np.load(file))


@cache
def wanted(case):
    variable = "y" if case.offer in cases.FROM_OUTPUT else "x"
    return Exact(
        [exact(case.definition, {**case.variables, variable: x}) for x in cases.inputs(case)],
        cases.DTYPES[case.dtype],
    )


@pytest.mark.parametrize("instruction_set", actlib.kernels.available())
@pytest.mark.parametrize("case", cases.cases(), ids=str)
def test_accuracy(case, instruction_set, tmp_path_factory):
    folder = tmp_path_factory.getbasetemp()
    got = answers(instruction_set, folder)[str(case)]
    assert_accurate(str(case), cases.inputs(case), got, wanted(case), case.bound)


FACTORS = np.array([1.0, -0.3, 7.7, 1e-3, -2e5, 3.2e38, 1e-40])  # upstream gradients


@pytest.mark.parametrize("dtype", cases.DTYPES)
@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_backward(entry, dtype):
    """float64: the derivative times upstream, rounded once more. float32: one rounding of the exact product."""
    case = cases.Case(entry.name, "derivative", dtype)
    largest = np.finfo(dtype).max
    x = np.concatenate([cases.inputs(case)[::3], np.repeat(np.array([largest, -largest], dtype), FACTORS.size)])
    upstream = np.resize(FACTORS, x.size).astype(x.dtype)
    got = entry.backward(upstream, x)
    if dtype == "float64":
        with np.errstate(all="ignore"):
            assert_same_bits(f"{entry.name}.backward", x, got, upstream * entry.derivative(x))
        return
    products = []
    for one, factor in zip(x, upstream, strict=True):
        value = exact(case.definition, {**case.variables, "x": one})
        products.append(value * value.context.mpf(float(factor)))
    assert_accurate(f"{entry.name}.backward", x, got, Exact(products, x.dtype), 1.0)


def parameters_with_gradients():
    return [
        pytest.param(entry, name, dtype, id=f"{entry.name}-{name}-{dtype}")
        for entry in actlib.ACTIVATIONS.values()
        if "parameter_gradients" in entry.offers
        for name in entry.parameters
        for dtype in cases.DTYPES
    ]


@pytest.mark.parametrize(("entry", "name", "dtype"), parameters_with_gradients())
@pytest.mark.parametrize("value", [0.3, 1.0, 20.0])
def test_parameter_gradients(entry, name, dtype, value):
    """One gradient for each element, against the definition differentiated numerically by the parameter."""
    case = cases.Case(entry.name, "value", dtype, ((name, value),))
    x = points(cases.DTYPES[dtype], 60)[::4]
    x = x[x < 1e30]  # beyond, the differences of a smooth function need more digits than are worth while
    parameter = np.full(x.shape, value, x.dtype)
    got = entry.parameter_gradients(np.ones_like(x), x, **{name: parameter})[name]
    slope = f"D({case.definition}, {name})"
    wanted = Exact([exact(slope, {**case.variables, "x": one}) for one in x], x.dtype)
    bound = getattr(entry.accuracy["parameter_gradients"], dtype)
    assert_accurate(f"{case}, d/d{name}", x, got, wanted, bound)


@pytest.mark.parametrize("entry", [e for e in actlib.ACTIVATIONS.values() if "parameter_gradients" in e.offers])
def test_parameter_gradients_are_rounded_once(entry):
    """Slopes beyond float32, or subnormal there, are multiplied by upstream before they are rounded."""
    rng = np.random.default_rng(1)
    x = np.concatenate([rng.normal(size=300), rng.normal(size=300) * 1e28, [-1.9295552e28, 2e-31]]).astype(np.float32)
    upstream = np.concatenate([rng.normal(size=600), [1.2971173e-36, -3e27]]).astype(np.float32)
    values = np.concatenate([rng.uniform(0.5, 4.0, 600), [1.6671105e-28, 2.2e28]]).astype(np.float32)
    for name in entry.parameters:
        keywords = {**entry.example, name: values}
        got = entry.parameter_gradients(upstream, x, **keywords)[name]
        wide = {key: np.float64(value) for key, value in keywords.items()}
        judge = entry.parameter_gradients(upstream.astype(float), x.astype(float), **wide)[name]
        error, where = actlib.kernels.compare.worst_distance(got, judge)
        assert error <= 0.51, (name, x[where])


def test_inverse_of_softplus_where_the_product_or_a_factor_is_tiny():
    """log(exp(t) - 1)/beta is log(t)/beta for a tiny t = beta y."""
    numbers = [
        (1e-295, 3e295), (2.71400834451452e-273, 4.113625101991833e-299), (1e-300, 2.0), (5e-324, 1e300),
        (1e-200, 1e-140), (3e-310, 1e-3), (1e-100, 1e-180), (1e-289, 1.0),
    ]  # fmt: skip
    y, beta = np.array(numbers).T
    definition = actlib.softplus.inverse_definition
    wanted = Exact([exact(definition, {"y": one, "beta": b}) for one, b in numbers], y.dtype)
    assert_accurate("softplus.inverse", y, actlib.softplus.inverse(y, beta=beta), wanted, 4)
    assert actlib.softplus.inverse(5e-324, beta=5e-324) == -np.inf


SAMPLE = 65521  # a prime: every 65521st bit pattern goes through all exponents with ever other digits


@pytest.mark.parametrize(
    ("entry", "offer"),
    [
        pytest.param(entry, offer, id=f"{entry.name}-{offer}")
        for entry in actlib.ACTIVATIONS.values()
        for offer in exhaustive.offers(entry)
    ],
)
def test_sample_of_the_exhaustive_test_of_float32(entry, offer):
    found = exhaustive.examine(entry, offer, SAMPLE)
    assert found.points > (10_000 if offer in exhaustive.FROM_OUTPUT else 65_000)
    assert found.ulp <= entry.accuracy[offer].float32, found


@pytest.mark.parametrize(
    ("name", "root"), [("silu", -1.278464543), ("gelu", -0.751791524), ("gelu_tanh", -0.752461422),
                       ("quick_gelu", -0.751154255), ("mish", -1.192431214)]
)  # fmt: skip
def test_derivatives_at_the_numbers_next_to_their_root(name, root):
    """There all depends on the last part of the root, and a sample hardly meets the one number that is nearest."""
    place = int(np.float32(root).view(np.uint32))
    x = np.arange(place - 1000, place + 1000, dtype=np.uint32).view(np.float32)
    entry = actlib.ACTIVATIONS[name]
    exact = entry.derivative(x.astype(np.float64))
    assert exact.min() < 0 < exact.max()
    for got in (entry.derivative(x), entry.value_and_derivative(x)[1], entry.backward(np.ones_like(x), x)):
        error, where = actlib.kernels.compare.worst_distance(got, exact)
        assert error <= entry.accuracy["derivative"].float32, x[where]


@pytest.mark.parametrize(
    ("name", "parameters"),
    [(name, {}) for name in ("exponential", "sigmoid", "log_sigmoid", "softplus")]
    + [(name, {"alpha": 2.0**k}) for name in ("isru", "isrlu") for k in (-140, -41, 0, 39, 127)]
    + [("squareplus", {"b": 2.0**k}) for k in (-140, -41, -39, 2, 39, 41, 127)]
    + [("scaled_tanh", {"a": a, "b": b}) for a, b in ((1.57, 0.9), (2.0**-41, 3.0), (3.0, 2.0**41), (2.0**-140, 1.0))],
    ids=str,
)
@pytest.mark.parametrize("upstream", [1.0, -1e-30, 1e30])
def test_float32_where_its_kernels_hand_over_to_double(name, parameters, upstream):
    """They return NaN for numbers of extreme size, whichever of argument, parameter and upstream that is.

    From 86 to 104, exponentials are subnormal.
    """
    entry = actlib.ACTIVATIONS[name]
    powers = np.ldexp(np.float32(1), np.arange(-149, 128))
    beside = np.nextafter(powers, np.inf), np.nextafter(powers, -np.inf)
    x = np.concatenate([[0, np.inf], powers, *beside, np.linspace(86, 104, 20001)])
    x = np.concatenate([x, -x]).astype(np.float32)
    wide, factor = x.astype(np.float64), np.full(x.size, upstream, np.float32)
    parameters = {key: np.float32(value) for key, value in parameters.items()}
    widened = {key: np.float64(value) for key, value in parameters.items()}
    for got, judge in (
        (entry(x, **parameters), entry(wide, **widened)),
        (entry.derivative(x, **parameters), entry.derivative(wide, **widened)),
        (entry.backward(factor, x, **parameters), entry.backward(factor.astype(np.float64), wide, **widened)),
    ):
        error, where = actlib.kernels.compare.worst_distance(got, judge)
        assert error <= 1, x[where]


def test_float32_products_are_rounded_once():
    """Where the derivative is beyond the largest number or a product of it is not."""
    x, upstream = np.float32(2.792357e38), np.float32(-0.3512849)
    assert actlib.relu_squared.backward(upstream, x) == np.float32(2 * float(x) * float(upstream))
    assert actlib.squareplus.derivative_from_output(np.float32(np.inf)) == 1


def test_the_exhaustive_test_finds_one_wrong_number(monkeypatch):
    class Wrong:
        name, parameters, example, accuracy = "wrong", {}, {}, actlib.tanh.accuracy

        def __call__(self, x, out):
            y = actlib.tanh(x, out=out)
            if x.dtype == np.float32:
                y[x == 0.5] = np.nextafter(y[x == 0.5], np.float32(2))
            return y

    bits = int(np.float32(0.5).view(np.uint32))
    monkeypatch.setattr(exhaustive, "PATTERNS", bits + 2)
    monkeypatch.setattr(exhaustive, "CHUNK", 1024)
    found = exhaustive.examine(Wrong(), "value", bits)
    assert found.points == 2
    assert found.x == 0.5
    assert 0.5 < found.ulp <= 1.5


@pytest.mark.parametrize(
    ("got", "wanted", "error"),
    [
        (1.0, 1.0 + 2.0**-24, 0.5),
        (np.inf, 2.0**129, 0.0),
        (np.inf, 2.0**128 - 2.0**103, 0.5),
        (-np.inf, np.inf, 2.0**25),
        (np.nan, np.nan, 0.0),
        (np.nan, 1.0, np.inf),
        (1.0, np.nan, np.inf),
        (2.0**-149, 0.0, 1.0),
        (0.0, 2.0**-150, 0.5),
    ],
)
def test_distances_of_float32(got, wanted, error):
    pair = np.array([got], np.float32), np.array([wanted])
    assert actlib.kernels.compare.worst_distance(*pair) == (error, 0)


def test_the_largest_distance_is_found_among_many():
    rng = np.random.default_rng(4)
    wanted = rng.normal(size=3000) * 2.0 ** rng.integers(-160, 140, 3000)
    with np.errstate(over="ignore"):
        got = wanted.astype(np.float32)
    wrong = rng.integers(0, 3000, 40)
    got[wrong] = np.nextafter(got[wrong], np.float32(0), dtype=np.float32)
    for part in (slice(0, 1), slice(0, 100), slice(None), slice(None, None, -1)):
        pair = np.ascontiguousarray(got[part]), np.ascontiguousarray(wanted[part])
        single = [actlib.kernels.compare.worst_distance(g[None], w[None])[0] for g, w in zip(*pair, strict=True)]
        assert actlib.kernels.compare.worst_distance(*pair) == (max(single), int(np.argmax(single)))
    got[17] = np.nan
    assert actlib.kernels.compare.worst_distance(got, wanted) == (np.inf, 17)
