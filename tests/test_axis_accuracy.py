"""The functions along an axis against exact values: the promise on each entry, in every variant of the kernels."""

import os
import subprocess
import sys
from fractions import Fraction
from functools import cache
from pathlib import Path

import axis_cases
import mpmath
import numpy as np
import oracle
import pytest
from axis_cases import (
    DTYPES,
    GATED,
    NORMALISED,
    SELECTIONS,
    SPARSE,
    TEMPERATURE,
    Truth,
    entmax15_threshold,
    halves,
    pairs,
    rows,
    selected,
    short_rows,
    sparse_rows,
    sparsemax_threshold,
    truths,
    upstreams,
    weights,
)
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
            if not np.isfinite(g):
                return np.inf, i
            error = abs(w.context.mpf(float(g)) - w) / (s * float(info.eps) + float(info.smallest_subnormal))
            if error > largest:
                largest, place = float(error), i
    return largest, place


def check(found, bound, dtype, what, of=rows):
    error, place = found
    if error <= bound:
        oracle.record(what, dtype, bound, error, input=f"row {of(dtype)[place].tolist()[:3]}")
    assert error <= bound, f"{what}: {error:.4g} ulp, promised {bound}, in the row {of(dtype)[place]!r}"


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


def worst_value(results, name, dtype):
    """The largest error of the values of a function, one a row, and the row where it is."""
    if name in SPARSE:
        return worst_of_sparse_values(results, name, dtype)
    if name == "logsumexp":
        exact = [[truth.logsumexp] for truth in truths(dtype)]
        sizes = [[max(abs(truth.top), truth.log_sum)] for truth in truths(dtype)]
        return worst_against(results, exact, sizes, dtype)
    return worst(results, exact_values(dtype, name))


def worst_gradient(results, name, dtype, kind):
    """The same of the gradients for upstreams of that kind, one after the other in each row."""
    if name in SPARSE:
        weights = [truth.weights for truth in sparse_truths(name, dtype)]
        return worst_of_sparse_gradients(results, weights, name, dtype, kind)
    if name == "logsumexp":
        return worst(results, exact_tripled(dtype))
    if kind == "one-hot":
        return worst(results, exact_gradients_of_one_hot(dtype, name, 1.0))
    return worst_against(results, exact_gradients(dtype, name, kind), scales(dtype, name, kind), dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", NORMALISED)
class TestNormalised:
    def test_value(self, library, name, dtype):
        found = worst_value(library[dtype, name], name, dtype)
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
        found = worst_gradient(library[dtype, f"{name} backward"], name, dtype, "ordinary")
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


def mirrored(scale):
    return lambda truth, upstream, dtype: scale(truth.mirrored, upstream, dtype)


SCALES = {
    ("gumbel_softmax", "ordinary"): softmax_scale,
    ("gumbel_softmax", "from output"): softmax_output_scale,
    ("softmin", "ordinary"): mirrored(softmax_scale),
    ("softmin", "from output"): mirrored(softmax_output_scale),
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
    return [Exact([axis_cases.UPSTREAM_OF_LOGSUMEXP * p for p in truth.softmax], dtype) for truth in truths(dtype)]


@cache
def exact_jacobians(dtype):
    small = [(row, truth) for row, truth in zip(rows(dtype), truths(dtype), strict=True) if row.size <= 33]
    return [
        Exact([v for unit in np.eye(row.size) for v in truth.softmax_backward(unit)], dtype) for row, truth in small
    ]


@pytest.mark.parametrize("dtype", DTYPES)
class TestLogsumexp:
    def test_value(self, library, dtype):
        found = worst_value(library[dtype, "logsumexp"], "logsumexp", dtype)
        check(found, promised("logsumexp", "value", dtype), dtype, "logsumexp")

    def test_backward(self, library, dtype):
        found = worst_gradient(library[dtype, "logsumexp backward"], "logsumexp", dtype, "ordinary")
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


class SparseTruth:
    """Values, weights and gradients of sparsemax or entmax15 for one row, from a threshold of 120 digits."""

    def __init__(self, name, row):
        self.name = name
        self.context = mpmath.mp.clone()
        self.context.dps = 120
        if name == "sparsemax":
            exact = sparsemax_threshold(row)
            self.tau = self.context.mpf(exact.numerator) / exact.denominator
            self.values = [max(x - exact, 0) for x in map(Fraction, map(float, row))]
            self.values = [self.context.mpf(v.numerator) / v.denominator for v in self.values]
            self.weights = [self.context.mpf(1 if v else 0) for v in self.values]
        else:
            self.tau = self.context.mpf(entmax15_threshold(row))
            self.weights = [max(self.context.mpf(float(x)) / 2 - self.tau, 0 * self.tau) for x in row]
            self.values = [w * w for w in self.weights]

    def weights_of(self, y):
        """The weights that a gradient from the output has: those of the value as it was rounded."""
        numbers = [self.context.mpf(float(value)) for value in y]
        if self.name == "sparsemax":
            return [self.context.mpf(1 if v else 0) for v in numbers]
        return [self.context.sqrt(v) for v in numbers]

    def backward(self, upstream, weights):
        g = [self.context.mpf(float(v)) for v in upstream]
        mean = self.context.fsum(w * v for w, v in zip(weights, g, strict=True)) / self.context.fsum(weights)
        return [w * (v - mean) if w else 0 * w for w, v in zip(weights, g, strict=True)]

    def scales(self, upstream, weights, gradient, eps):
        """What the promise measures the errors by (the reasons on the entries)."""
        counted = [self.context.mpf(float(v)) for v, w in zip(upstream, weights, strict=True) if w]
        if self.name == "sparsemax":
            largest = max(abs(g) for g in counted)
            return [max(abs(v), eps * largest) for v in gradient]
        if sum(v != 0 for v in upstream) == 1:
            return [abs(v) for v in gradient]
        spread = max(counted) - min(counted)
        return [w * spread for w in weights]


@cache
def sparse_truths(name, dtype):
    return [SparseTruth(name, row) for row in sparse_rows(dtype)]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", SPARSE)
class TestSparse:
    def test_value(self, library, name, dtype):
        found = worst_value(library[dtype, name], name, dtype)
        check(found, promised(name, "value", dtype), dtype, name, sparse_rows)

    @pytest.mark.parametrize(("kind", "suffix"), [("one-hot", " one-hot"), ("ordinary", "")])
    def test_backward(self, library, name, dtype, kind, suffix):
        found = worst_gradient(library[dtype, f"{name} backward{suffix}"], name, dtype, kind)
        check(found, promised(name, "backward", dtype), dtype, f"{name}.backward", sparse_rows)

    @pytest.mark.parametrize(("kind", "suffix"), [("one-hot", " one-hot"), ("ordinary", "")])
    def test_backward_from_output(self, library, name, dtype, kind, suffix):
        pairs = zip(sparse_truths(name, dtype), library[dtype, name], strict=True)
        weights = [truth.weights_of(y) for truth, y in pairs]
        results = library[dtype, f"{name} from output{suffix}"]
        found = worst_of_sparse_gradients(results, weights, name, dtype, kind)
        check(found, promised(name, "backward_from_output", dtype), dtype, f"{name}.backward_from_output", sparse_rows)


def worst_of_sparse_gradients(results, weights, name, dtype, kind):
    """`weights` has those of each row."""
    exact, sizes, eps = [], [], float(np.finfo(dtype).eps)
    for row, truth, own in zip(sparse_rows(dtype), sparse_truths(name, dtype), weights, strict=True):
        upstream = chosen(row, dtype, kind)
        gradients = [truth.backward(g, own) for g in upstream]
        pairs = zip(upstream, gradients, strict=True)
        sizes.append([s for g, v in pairs for s in truth.scales(g, own, v, eps)])
        exact.append([value for gradient in gradients for value in gradient])
    return worst_against(results, exact, sizes, dtype)


def worst_of_sparse_values(results, name, dtype):
    eps = float(np.finfo(dtype).eps)
    exact = [truth.values for truth in sparse_truths(name, dtype)]
    sizes = []
    for values in exact:
        largest = max(values)
        sizes.append([max(v, eps * largest) for v in values])
    return worst_against(results, exact, sizes, dtype)


def sorted_sparsemax(row):
    """The algorithm of the paper, in floating-point numbers."""
    ordered = np.sort(row)[::-1]
    totals = np.cumsum(ordered)
    size = np.flatnonzero(1 + np.arange(1, row.size + 1) * ordered > totals)[-1] + 1
    return np.maximum(row - (totals[size - 1] - 1) / size, 0)


def test_the_check_of_sparse_values_rejects_the_usual_algorithm():
    found = worst_of_sparse_values([sorted_sparsemax(row) for row in sparse_rows("float64")], "sparsemax", "float64")
    with pytest.raises(AssertionError, match="promised"):
        check(found, promised("sparsemax", "value", "float64"), "float64", "wrong", sparse_rows)


# The gates and their slopes with 60 digits where they are numbers of ordinary size; mpmath's exponents have no bounds.
CONTEXT = mpmath.mp.clone()
CONTEXT.dps = 60


def sigma(t):
    return 1 / (1 + CONTEXT.exp(-t))


def sigma_slope(t):
    return sigma(t) * sigma(-t)


def silu_slope(t):
    return sigma(t) * (1 + t * sigma(-t))


def normal(t):
    return CONTEXT.erfc(-t / CONTEXT.sqrt(2)) / 2


def gelu_slope(t):
    return normal(t) + t * CONTEXT.exp(-t * t / 2) / CONTEXT.sqrt(2 * CONTEXT.pi)


GATES = {  # gate and slope; for glu of the second half
    "glu": (sigma, sigma_slope),
    "swiglu": (lambda t: t * sigma(t), silu_slope),
    "geglu": (lambda t: t * normal(t), gelu_slope),
    "reglu": (lambda t: max(t, 0 * t), lambda t: CONTEXT.mpf(1 if t > 0 else 0)),
}


@cache
def exact_short_rows(name, dtype):
    """The exact values and gradients of a gated unit or a selection for its short rows."""
    if name in SELECTIONS:
        value, gradient = selected(name, dtype)
        return tuple(Exact([CONTEXT.mpf(float(v)) for v in array.ravel()], dtype) for array in (value, gradient))
    gate, slope = GATES[name]
    values, gradients = [], []
    for a, b, g in zip(*halves(name, dtype), pairs(dtype)[2], strict=True):
        a, b, g = (CONTEXT.mpf(float(v)) for v in (a, b, g))
        through, gated = (a, b) if name == "glu" else (b, a)
        gated = max(gated, CONTEXT.mpf(-5000))  # below, all is 0
        values.append(through * gate(gated))
        to_through, to_gate = g * gate(gated), g * through * slope(gated)
        gradients += [to_through, to_gate] if name == "glu" else [to_gate, to_through]
    return Exact(values, dtype), Exact(gradients, dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", [*GATED, *SELECTIONS])
def test_gated_units_and_selections(library, name, dtype):
    x, _ = short_rows(name, dtype)
    value, gradient = exact_short_rows(name, dtype)
    got = library[dtype, name][0]
    first = np.broadcast_to(x[:, :1], got.shape)  # shown if a point fails
    oracle.assert_accurate(name, first.ravel(), got.ravel(), value, promised(name, "value", dtype))
    got, bound = library[dtype, f"{name} backward"][0], promised(name, "backward", dtype)
    oracle.assert_accurate(f"{name}.backward", x.ravel(), got.ravel(), gradient, bound)


def test_the_check_of_gated_units_rejects_the_product_of_rounded_factors():
    """sigmoid(-740) is subnormal, and 1e10 times it is not."""
    a, b = halves("glu", "float64")
    errors = exact_short_rows("glu", "float64")[0].errors(a * actlib.sigmoid(b))
    assert np.max(errors) > promised("glu", "value", "float64")


@pytest.mark.parametrize("axis", [-1, 0])
def test_logsumexp_of_log_probabilities(axis):
    """The largest entry and the logarithm cancel where the sum of probabilities is nearly 1."""
    rng = np.random.default_rng(4)
    cancelled = 0
    for size in (2, 3, 10, 70, 1500):
        x = rng.normal(scale=2, size=(40, size))
        missing = 10.0 ** rng.uniform(-8, -1, size=(40, 1))
        x = (x - np.log(np.exp(x).sum(axis=-1, keepdims=True)) - missing).astype(np.float32)
        got = actlib.logsumexp(np.ascontiguousarray(x if axis else x.T), axis=axis)
        truth = [Truth(row).logsumexp for row in x]
        clear = [abs(value) > 1e-8 * abs(row.max()) for value, row in zip(truth, x, strict=True)]
        errors = Exact(truth, np.float32).errors(got)[clear]
        cancelled += len(errors)
        assert np.max(errors, initial=0) <= 1, f"rows of {size}: {np.max(errors)} ulp"
    assert cancelled > 150


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("size", [16, 64, 1000, 100_000])
def test_one_entry_far_above_equal_ones(size, dtype):
    """The sum of all exponentials less 1 has too few digits where that of the others is small, or the row is long."""
    sums = 2.0 ** np.random.default_rng(size).uniform(-60, -8, size=40)
    lows = np.log(sums / (size - 1)).astype(dtype)
    context = mpmath.mp.clone()
    context.prec = 200
    exact = [context.log1p((size - 1) * context.exp(context.mpf(float(low)))) for low in lows]
    got = {"log_softmax": [], "logsumexp": []}
    for low in lows:
        row = np.full(size, low)
        row[size // 3] = 0.0
        got["log_softmax"].append(-actlib.log_softmax(row)[size // 3])
        got["logsumexp"].append(actlib.logsumexp(row))
    for name, values in got.items():
        errors = Exact(exact, dtype).errors(np.array(values, dtype))
        assert np.max(errors) <= promised(name, "value", dtype), f"{name}: {np.max(errors)} ulp"


ROWS = ([0.3, -50.0, 2.0], [0.0, -700.0], [-1.2039728043259361, -0.35667494393873245], [1.5, 1.5, -2.0, 0.1])


@pytest.mark.parametrize("row", ROWS, ids=str)
@pytest.mark.parametrize("temperature", [1.0, 0.25])
@pytest.mark.parametrize("name", ["softmax", "softmin", "log_softmax", "logsumexp"])
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


@pytest.mark.parametrize("name", ["hardmax", "crelu", "maxout", "reglu"])
def test_definition_of_exact_functions(name):
    row = [1.5, -0.25, 3.0, -2.0]
    entry = actlib.AXIS_FUNCTIONS[name]
    got = entry(np.array(row), **entry.example)
    for i in range(got.size):
        assert definition(entry.definition, row, 1.0, i) == got[i]
        gradient = entry.backward(np.eye(got.size)[i], np.array(row), **entry.example)
        for j in range(len(row)):
            assert definition(entry.derivative_definition, row, 1.0, i, j) == gradient[j]


@pytest.mark.parametrize("name", ["glu", "swiglu", "geglu"])
def test_gates_are_those_of_the_definition(name):
    gate, slope = GATES[name]
    row = [0.3, -0.5, -0.8, 1.7]
    entry = actlib.AXIS_FUNCTIONS[name]
    for i in range(2):
        through, gated = (row[i], row[i + 2]) if name == "glu" else (row[i + 2], row[i])
        through, gated = CONTEXT.mpf(through), CONTEXT.mpf(gated)
        assert close(definition(entry.definition, row, 1.0, i), through * gate(gated))
        slopes = [CONTEXT.mpf(0)] * 4
        slopes[i if name == "glu" else i + 2] = gate(gated)
        slopes[i + 2 if name == "glu" else i] = through * slope(gated)
        for j in range(4):
            assert close(definition(entry.derivative_definition, row, 1.0, i, j), slopes[j])


@pytest.mark.parametrize("name", ["sparsemax", "entmax15"])
def test_sparse_truth_is_the_definition(name):
    row = [0.4, 0.25, -0.3, 0.1, -4.0]
    entry, truth = actlib.AXIS_FUNCTIONS[name], SparseTruth(name, np.array(row))
    assert abs(sum(truth.values) - 1) < 1e-60
    for i in range(5):
        assert close(definition(entry.definition, row, 1.0, i, tau=truth.tau), truth.values[i])
        slopes = truth.backward(np.eye(5)[i], truth.weights)
        for j in range(5):
            assert close(definition(entry.derivative_definition, row, 1.0, i, j, tau=truth.tau), slopes[j])


def definition(text, row, temperature, i, j=0, tau=0):
    """A definition with 1500 digits; places count from 1 in the language."""
    context = oracle.algebra(1500).context
    variables = {("x", k + 1): context.mpf(value) for k, value in enumerate(row)}
    variables |= {"K": len(row), "i": i + 1, "j": j + 1, "temperature": context.mpf(temperature)}
    variables |= {"pieces": 2, "tau": context.mpf(tau)}
    value = oracle.evaluator(1500)(oracle.parsed(text), variables)
    return value if hasattr(value, "context") else context.mpf(value.numerator) / value.denominator


def close(a, b):
    """The same to 55 digits."""
    return abs(a - b) <= abs(a) * a.context.mpf(10) ** -55


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
