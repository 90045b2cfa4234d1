"""The functions along an axis against exact values: the promise on each entry, in every variant of the kernels."""

import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import axis_cases
import numpy as np
import oracle
import pytest
from axis_cases import DTYPES, TEMPERATURE, Truth, rows, truths, upstreams, weights
from oracle import Exact

import actlib
from actlib import kernels

HERE = Path(__file__).parent


@pytest.fixture(scope="module", params=kernels.available())
def library(request, tmp_path_factory):
    """What one variant of the kernels returns: (dtype, name) -> list of arrays, one a row."""
    target = tmp_path_factory.mktemp("axis") / "results.npz"
    environment = {**os.environ, "ACTLIB_ISA": request.param, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    subprocess.run([sys.executable, axis_cases.__file__, target], env=environment, cwd=HERE, check=True)
    found = {}
    with np.load(target) as stored:
        for key in stored.files:
            dtype, name, _ = key.split("/")
            found.setdefault((dtype, name), []).append(stored[key])
    return found


def promised(name, offer, dtype):
    return getattr(actlib.AXIS_FUNCTIONS[name].accuracy[offer], dtype)


def worst(results, exact):
    """The largest error over rows in ulp, and the row where it is; `exact` has an oracle.Exact for each row."""
    errors = [np.max(e.errors(np.ravel(r))) for r, e in zip(results, exact, strict=True)]
    place = int(np.argmax(errors))
    return errors[place], place


def worst_against(results, exact, scales, dtype):
    """The same, with the error measured in ulp of a scale: |error| / (eps * scale + smallest subnormal)."""
    info = np.finfo(dtype)
    largest, place = 0.0, 0
    for i, (got, wanted, scale) in enumerate(zip(results, exact, scales, strict=True)):
        for g, w, s in zip(np.ravel(got), wanted, scale, strict=True):
            assert np.isfinite(g)
            error = abs(w.context.mpf(float(g)) - w) / (s * float(info.eps) + float(info.smallest_subnormal))
            if error > largest:
                largest, place = float(error), i
    return largest, place


def check(found, bound, dtype, what):
    error, place = found
    if error <= bound:
        oracle.record(what, dtype, bound, error, input=f"row {rows(dtype)[place].tolist()[:3]}")
    assert error <= bound, f"{what}: {error:.4g} ulp, promised {bound}, in the row {rows(dtype)[place]!r}"


# What is exact does not depend on the variant of the kernels: it is computed for the first and serves all.


@cache
def exact_values(dtype, name, temperature=1.0):
    return [Exact(getattr(truth, name), dtype) for truth in truths(dtype, temperature)]


@cache
def exact_gradients(dtype, name, kind, temperature=1.0):
    """For each row, one gradient after the other."""
    pairs = zip(rows(dtype), truths(dtype, temperature), strict=True)
    return [
        [v for g in chosen(row, dtype, kind) for v in getattr(truth, f"{name}_backward")(g)] for row, truth in pairs
    ]


@cache
def scales(dtype, name, kind):
    """For each row, what the errors of exact_gradients are measured by."""
    pairs = zip(rows(dtype), truths(dtype), strict=True)
    return [[v for g in chosen(row, dtype, kind) for v in SCALES[name, kind](truth, g, dtype)] for row, truth in pairs]


def chosen(row, dtype, kind):
    units, ordinary = upstreams(row, DTYPES[dtype])
    return {"one-hot": units, "ordinary": ordinary, "from output": units + ordinary}[kind]


@cache
def exact_gradients_of_one_hot(dtype, name, temperature):
    return [Exact(values, dtype) for values in exact_gradients(dtype, name, "one-hot", temperature)]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ["softmax", "log_softmax"])
class TestNormalised:
    def test_value(self, library, name, dtype):
        found = worst(library[dtype, name], exact_values(dtype, name))
        check(found, promised(name, "value", dtype), dtype, name)

    def test_value_at_another_temperature(self, library, name, dtype):
        found = worst(library[dtype, f"{name} cooled"], exact_values(dtype, name, TEMPERATURE))
        check(found, promised(name, "value", dtype), dtype, name)

    @pytest.mark.parametrize(("kind", "temperature"), [("one-hot", 1.0), ("cooled", TEMPERATURE)])
    def test_backward_of_one_hot(self, library, name, dtype, kind, temperature):
        exact = exact_gradients_of_one_hot(dtype, name, temperature)
        found = worst(library[dtype, f"{name} backward {kind}"], exact)
        check(found, promised(name, "backward", dtype), dtype, f"{name}.backward")

    def test_backward(self, library, name, dtype):
        exact = exact_gradients(dtype, name, "ordinary")
        found = worst_against(library[dtype, f"{name} backward"], exact, scales(dtype, name, "ordinary"), dtype)
        check(found, promised(name, "backward", dtype), dtype, f"{name}.backward")

    def test_backward_from_output(self, library, name, dtype):
        exact = exact_gradients(dtype, name, "from output")
        found = worst_against(library[dtype, f"{name} from output"], exact, scales(dtype, name, "from output"), dtype)
        check(found, promised(name, "backward_from_output", dtype), dtype, f"{name}.backward_from_output")


def softmax_scale(truth, upstream, dtype):
    g = truth.numbers(upstream)
    spread = max(g) - min(g)
    return [p * spread for p in truth.softmax]


def log_softmax_scale(truth, upstream, dtype):
    g = [abs(v) for v in truth.numbers(upstream)]
    total = truth.context.fsum(g)
    return [a + p * total for a, p in zip(g, truth.softmax, strict=True)]


def softmax_output_scale(truth, upstream, dtype):
    """A probability that was rounded to a subnormal has lost more than an ulp."""
    g = truth.numbers(upstream)
    spread = max(g) - min(g)
    lost = float(np.finfo(dtype).smallest_subnormal) / float(np.finfo(dtype).eps)
    return [(p + lost) * spread for p in truth.softmax]


def log_softmax_output_scale(truth, upstream, dtype):
    """An ulp of y is a factor 1 + eps |y| of exp(y)."""
    g = [abs(v) for v in truth.numbers(upstream)]
    total = truth.context.fsum(g)
    return [a + p * (1 - y) * total for a, p, y in zip(g, truth.softmax, truth.log_softmax, strict=True)]


SCALES = {
    ("softmax", "ordinary"): softmax_scale,
    ("log_softmax", "ordinary"): log_softmax_scale,
    ("softmax", "from output"): softmax_output_scale,
    ("log_softmax", "from output"): log_softmax_output_scale,
}


@cache
def exact_weighted(dtype):
    """Values, their scales, and gradients (Exact) of the weighted logsumexp."""
    exact, sizes, gradients = [], [], []
    for row, truth in zip(rows(dtype), truths(dtype), strict=True):
        logarithm, gradient = truth.weighted(weights(row, DTYPES[dtype]))
        exact.append([truth.top + logarithm])
        sizes.append([max(abs(truth.top), abs(logarithm), 1)])
        gradients.append(Exact(gradient, dtype))
    return exact, sizes, gradients


@cache
def exact_tripled(dtype):
    return [Exact([3 * p for p in truth.softmax], dtype) for truth in truths(dtype)]


@cache
def exact_jacobians(dtype):
    small = [(row, truth) for row, truth in zip(rows(dtype), truths(dtype), strict=True) if row.size <= 33]
    return [
        Exact([v for unit in np.eye(row.size) for v in truth.softmax_backward(unit)], dtype) for row, truth in small
    ]


@pytest.mark.parametrize("dtype", DTYPES)
class TestLogsumexp:
    def test_value(self, library, dtype):
        exact = [[truth.logsumexp] for truth in truths(dtype)]
        sizes = [[max(abs(truth.top), truth.log_sum)] for truth in truths(dtype)]
        found = worst_against(library[dtype, "logsumexp"], exact, sizes, dtype)
        check(found, promised("logsumexp", "value", dtype), dtype, "logsumexp")

    def test_backward(self, library, dtype):
        found = worst(library[dtype, "logsumexp backward"], exact_tripled(dtype))
        check(found, promised("logsumexp", "backward", dtype), dtype, "logsumexp.backward")

    def test_weights(self, library, dtype):
        exact, sizes, gradients = exact_weighted(dtype)
        found = worst_against(library[dtype, "logsumexp weighted"], exact, sizes, dtype)
        check(found, promised("logsumexp", "value", dtype), dtype, "logsumexp")
        found = worst(library[dtype, "logsumexp weighted backward"], gradients)
        check(found, promised("logsumexp", "backward", dtype), dtype, "logsumexp.backward")


@pytest.mark.parametrize("dtype", DTYPES)
def test_jacobian(library, dtype):
    found, _ = worst(library[dtype, "softmax jacobian"], exact_jacobians(dtype))
    assert found <= promised("softmax", "jacobian", dtype)


ROWS = ([0.3, -50.0, 2.0], [0.0, -700.0], [-1.2039728043259361, -0.35667494393873245], [1.5, 1.5, -2.0, 0.1])


@pytest.mark.parametrize("row", ROWS, ids=str)
@pytest.mark.parametrize("temperature", [1.0, 0.25])
@pytest.mark.parametrize("name", ["softmax", "log_softmax", "logsumexp"])
def test_truth_is_the_definition(name, row, temperature):
    """The formulas of axis_cases and the strings of the entries are the same functions."""
    if name == "logsumexp" and temperature != 1.0:
        temperature = 1.0
    truth, entry, size = Truth(np.array(row), temperature), actlib.AXIS_FUNCTIONS[name], len(row)
    value = [truth.logsumexp] * size if name == "logsumexp" else getattr(truth, name)
    for i in range(size):
        assert near(definition(entry.definition, row, temperature, i), value[i])
        unit = np.eye(size)[i]
        slopes = truth.softmax if name == "logsumexp" else getattr(truth, f"{name}_backward")(unit)
        for j in range(size):
            assert near(definition(entry.derivative_definition, row, temperature, i, j), slopes[j])


@pytest.mark.parametrize("name", ["hardmax", "crelu"])
def test_definition_of_exact_functions(name):
    row = [1.5, -0.25, 3.0, -2.0]
    entry = actlib.AXIS_FUNCTIONS[name]
    got = entry(np.array(row))
    for i in range(got.size):
        assert definition(entry.definition, row, 1.0, i) == got[i]
        gradient = entry.backward(np.eye(got.size)[i], np.array(row))
        for j in range(len(row)):
            assert definition(entry.derivative_definition, row, 1.0, i, j) == gradient[j]


def definition(text, row, temperature, i, j=0):
    """A definition with 1500 digits; places count from 1 in the language."""
    context = oracle.algebra(1500).context
    variables = {("x", k + 1): context.mpf(value) for k, value in enumerate(row)}
    variables |= {"K": len(row), "i": i + 1, "j": j + 1, "temperature": context.mpf(temperature)}
    value = oracle.evaluator(1500)(oracle.parsed(text), variables)
    return value if hasattr(value, "context") else context.mpf(value.numerator) / value.denominator


def near(a, b):
    return abs(a - b) <= abs(a) * a.context.mpf(10) ** -60


def naive_softmax(row):
    e = np.exp(row)
    return e / e.sum()


def softmax_of_rounded_differences(row):
    e = np.exp(row - row.max())
    return e / e.sum()


@pytest.mark.parametrize("wrong", [naive_softmax, softmax_of_rounded_differences])
def test_the_check_of_values_rejects_a_wrong_kernel(wrong):
    with np.errstate(all="ignore"):
        results = [wrong(row) for row in rows("float64")]
    found = worst(results, exact_values("float64", "softmax"))
    with pytest.raises(AssertionError, match="promised"):
        check(found, promised("softmax", "value", "float64"), "float64", "wrong")


def test_the_check_of_gradients_rejects_the_textbook_formula():
    results = []
    for row in rows("float64"):
        y = actlib.softmax(row)
        results.append(np.array([y * (g - (g * y).sum()) for g in chosen(row, "float64", "ordinary")]))
    exact = exact_gradients("float64", "softmax", "ordinary")
    found = worst_against(results, exact, scales("float64", "softmax", "ordinary"), "float64")
    with pytest.raises(AssertionError, match="promised"):
        check(found, promised("softmax", "backward", "float64"), "float64", "wrong")
