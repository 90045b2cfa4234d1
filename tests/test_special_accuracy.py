"""Every special function keeps the accuracy that its entry promises, in every variant of the kernels."""

import os
import subprocess
import sys
from decimal import Decimal
from functools import cache

import mpmath
import numpy as np
import pytest
import special_cases
from oracle import Exact, algebra, assert_accurate, exact

import actlib
from actlib import special
from actlib.derivation import check

CASES = special_cases.cases()


@cache
def answers(instruction_set, folder):
    """All answers of one variant; other variants than the one in use answer in a process of their own."""
    if instruction_set == actlib.kernels.instruction_set:
        return {str(case): special_cases.answer(case) for case in CASES}
    file = folder / f"{instruction_set}.npz"
    environment = {**os.environ, "ACTLIB_ISA": instruction_set}
    subprocess.run([sys.executable, special_cases.__file__, file], env=environment, check=True)
    return dict(np.load(file))


def points_of(case):
    names = ("x", "y") if case.entry in special_cases.OF_TWO else ("x",)
    arguments = special_cases.inputs(case.entry, case.dtype)
    return [dict(zip(names, point, strict=True)) for point in zip(*arguments, strict=True)]


@cache
def wanted(case):
    found = Exact([exact(case.definition, point) for point in points_of(case)], special_cases.DTYPES[case.dtype])
    assert not np.isnan(found.nearest).any(), "a point outside the domain"
    if case.measure:
        terms = np.array([float(exact(case.measure, point)) for point in points_of(case)], found.dtype)
        measure_by(found, terms)
    return found


def measure_by(wanted, terms):
    """Measure errors in ulp of the terms, which may cancel, where these are larger than the result."""
    larger = np.maximum(np.spacing(np.abs(terms)).astype(np.float64), wanted.ulp)
    wanted.residual *= wanted.ulp / larger
    wanted.ulp = larger


@pytest.mark.parametrize("instruction_set", actlib.kernels.available())
@pytest.mark.parametrize("case", CASES, ids=str)
def test_accuracy(case, instruction_set, tmp_path_factory):
    got = answers(instruction_set, tmp_path_factory.getbasetemp())[str(case)]
    inputs = special_cases.inputs(case.entry, case.dtype)[0]
    assert_accurate(str(case), inputs, got, wanted(case), case.bound)


@pytest.mark.parametrize("dtype", special_cases.DTYPES)
def test_deep_tails_of_the_normal_distribution(dtype):
    """Beyond -40 the definition needs more digits than the oracle spends; erfc has them."""
    kind = special_cases.DTYPES[dtype]
    x = -np.concatenate([np.geomspace(15, 60, 150), np.geomspace(60, 1e9, 80)]).astype(kind)
    with mpmath.workdps(40):
        numbers = [mpmath.mpf(float(one)) for one in x]
        tails = [mpmath.erfc(-one / mpmath.sqrt(2)) / 2 for one in numbers]
        slopes = [mpmath.exp(-one * one / 2) / mpmath.sqrt(2 * mpmath.pi) for one in numbers]
        logarithms, hazards = [mpmath.log(t) for t in tails], [s / t for s, t in zip(slopes, tails, strict=True)]
    for function, values, offer in (
        (special.ndtr, tails, special.ndtr.accuracy["value"]),
        (special.ndtr.derivative, slopes, special.ndtr.accuracy["derivative"]),
        (special.log_ndtr, logarithms, special.log_ndtr.accuracy["value"]),
        (special.log_ndtr.derivative, hazards, special.log_ndtr.accuracy["derivative"]),
    ):
        assert_accurate(f"{function}", x, function(x), Exact(values, kind), getattr(offer, dtype))


# Intervals in which every claim has a value; x > y where the domain asks for it.
PROVED_IN = {
    "logit": "(1/20, 19/20)",
    "log1mexp": "(1/20, 20)",
    "softplus_inverse": "(1/20, 20)",
    "entr": "(1/20, 20)",
}


def claims():
    for name, entry in special_cases.ENTRIES.items():
        if name in special_cases.OF_ONE:
            yield name, "x", entry.definition, entry.derivative_definition
        else:
            for variable, slope in zip("xy", entry.gradient_definitions, strict=True):
                yield name, variable, entry.definition, slope


@pytest.mark.parametrize("claim", list(claims()), ids=lambda claim: f"{claim[0]}-{claim[1]}")
def test_derivatives_are_those_of_the_definitions(claim):
    name, variable, definition, slope = claim
    if name in special_cases.OF_ONE:
        setting = [f"real x in {PROVED_IN.get(name, '(-15, 15)')}"]
    else:
        setting = ["real x in (3, 6)", "real y in (1/2, 5/2)"]
    for mark in ("", "[tested]"):
        report = check("\n".join([*setting, f"D({definition}, {variable})", f"= {slope} -- claimed {mark}"]))
        if report.ok:
            break
    report.raise_if_failed()


# rows

ROWS = [
    [0.8, 0.6, 0.2],
    [1000.0, 1000.0, 0.0],
    [-1000.0, -1001.0],
    [3e-17, 1e-17, -2e-17],
    [0.0, -40.0],
    [5.0],
    [1e-3, 2e-3, -4e-3, 1e-3, 0.5e-3],
    list(np.linspace(-3, 3, 61)),
    [0.0, *[-50.0] * 300],
    [-0.7, 0.2, 0.19, -0.05],
    [700.0, -745.0, 3.0],
]


def exact_mean(row):
    context = algebra(400).context
    return context.log(context.fsum(context.exp(context.mpf(float(x))) for x in row) / len(row))


@cache
def exact_means(dtype):
    """Rows for logmeanexp and the exact values, with errors in ulp of the larger of its two terms."""
    kind = special_cases.DTYPES[dtype]
    rng = np.random.default_rng(6)
    rows = [np.array(row, kind) for row in ROWS]
    rows += [(rng.normal(size=n) * scale).astype(kind) for n in (2, 9, 200) for scale in (1e-9, 1e-3, 1, 30)]
    found = Exact([exact_mean(row) for row in rows], kind)
    largest = np.array([row.max() for row in rows], kind)
    means = np.array([abs(float(exact_mean(row) - float(row.max()))) for row in rows], kind)
    measure_by(found, np.maximum(np.abs(largest), means))
    return rows, found


@pytest.mark.parametrize("dtype", special_cases.DTYPES)
def test_logmeanexp(dtype):
    rows, found = exact_means(dtype)
    got = np.array([special.logmeanexp(row) for row in rows])
    largest = [row.max() for row in rows]
    assert_accurate("logmeanexp", largest, got, found, getattr(special.logmeanexp.accuracy["value"], dtype))


def test_the_definition_of_logmeanexp():
    assert special.logmeanexp.definition == "log(Sum(exp(x[k]), k, 1, K)/K)"
    for row in ROWS[:7]:
        terms = " + ".join(f"exp({Decimal(x):f})" for x in row)
        assert abs(exact(f"log(({terms})/{len(row)})", {}) - exact_mean(row)) <= abs(exact_mean(row)) * 1e-20


# the checks reject what they are there to reject

TEXTBOOK = {
    "logit": lambda x: np.log(x / (1 - x)),
    "log1mexp": lambda x: np.log(1 - np.exp(-x)),
    "softplus_inverse": lambda x: np.log(np.exp(x) - 1),
    "log_cosh": lambda x: np.log(np.cosh(x)),
    "sech2": lambda x: 1 - np.tanh(x) ** 2,
    "ndtr": lambda x: 1 - special.ndtr(-x),
    "log_ndtr": lambda x: np.log(special.ndtr(x)),
    "logaddexp": lambda x, y: np.log(np.exp(x) + np.exp(y)),
    "logsubexp": lambda x, y: np.log(np.exp(x) - np.exp(y)),
    "xlog1py": lambda x, y: x * np.log(1 + y),
    "rel_entr": lambda x, y: x * (np.log(x) - np.log(y)),
    "kl_div": lambda x, y: x * np.log(x / y) - x + y,
}
# of these two only the derivative cancels: the value in the textbook is right
TEXTBOOK_SLOPES = {
    "entr": lambda x: -(np.log(x) + 1),
    "log_ndtr": lambda x: special.ndtr.derivative(x) / special.ndtr(x),
    "sech2": lambda x: -2 * np.tanh(x) * (1 - np.tanh(x) ** 2),
}


@pytest.mark.parametrize("name", TEXTBOOK)
def test_the_textbook_formula_is_rejected(name):
    case = special_cases.Case(name, "value", "float64")
    arguments = special_cases.inputs(name, "float64")
    with np.errstate(all="ignore"):
        got = TEXTBOOK[name](*arguments)
    with pytest.raises(AssertionError, match="points are wrong"):
        assert_accurate(name, arguments[0], got, wanted(case), case.bound)


@pytest.mark.parametrize("name", TEXTBOOK_SLOPES)
def test_the_derivative_of_the_textbook_is_rejected(name):
    case = special_cases.Case(name, "derivative", "float64")
    (x,) = special_cases.inputs(name, "float64")
    with np.errstate(all="ignore"):
        got = TEXTBOOK_SLOPES[name](x)
    with pytest.raises(AssertionError, match="points are wrong"):
        assert_accurate(name, x, got, wanted(case), case.bound)


def test_gradients_in_the_wrong_order_are_rejected():
    case = special_cases.Case("kl_div", "gradient 0", "float64")
    x, y = special_cases.inputs("kl_div", "float64")
    with pytest.raises(AssertionError, match="points are wrong"):
        assert_accurate("kl_div", x, special.kl_div.gradient(x, y)[1], wanted(case), case.bound)


def test_a_mean_from_the_sum_is_rejected():
    row = np.array([3e-17, 1e-17])
    found = Exact([exact_mean(row)], np.float64)
    with pytest.raises(AssertionError, match="points are wrong"):
        assert_accurate("logsumexp less log n", row[:1], np.array([actlib.logsumexp(row) - np.log(2)]), found, 2)


def test_a_wrong_derivative_is_not_proved():
    assert not check("real x in (1/20, 20)\nD(log(1 - exp(-x)), x)\n= 1/(exp(x) + 1) -- claimed [tested]").ok
