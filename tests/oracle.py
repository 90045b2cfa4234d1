"""The judge of the tests: exact values of definitions, errors in ulp, and a report that shows every bad point.

The oracle evaluates the string that an entry gives as its definition, with more and more digits until two results
agree. It is distrusted on purpose: at a fixed 80 digits ``log(1 + exp(-800))`` is 0.
"""

import ast
import json
import os
from fractions import Fraction
from functools import cache
from pathlib import Path

import numpy as np

from actlib.derivation.errors import Undefined
from actlib.derivation.evaluate import Evaluator
from actlib.derivation.language import parse
from actlib.derivation.numeric import Numeric

PRECISIONS = (30, 60, 120, 240, 480, 960, 1920)  # decimal digits, doubled until two results agree
AGREEMENT = 22  # digits: five more than float64 holds


@cache
def algebra(precision):
    result = Numeric(precision)
    result.number = cache(result.number)  # a literal is read once
    return result


@cache
def evaluator(precision):
    return Evaluator(algebra(precision))


@cache
def parsed(definition):
    return parse(definition)


def evaluate(definition, variables, precision):
    """`definition` once, with that many digits; `variables` maps names to floats, which are taken exactly."""
    context = algebra(precision).context
    numbers = {name: context.mpf(float(value)) for name, value in variables.items()}
    value = evaluator(precision)(parsed(definition), numbers)
    return context.mpf(value.numerator) / value.denominator if isinstance(value, Fraction | int) else value


@cache
def names(definition):
    """The variables that a definition mentions."""
    return {node.id for node in ast.walk(parsed(definition)) if isinstance(node, ast.Name)}


def exact(definition, variables):
    """The value of `definition` to 22 digits or more; None where it has none (outside the domain).

    A result below 1e-400, smaller than any float, may come back as 0.
    """
    used = names(definition)
    return _exact(definition, tuple((name, float(value)) for name, value in variables.items() if name in used))


@cache
def _exact(definition, variables):
    previous = value = None
    for precision in PRECISIONS:
        previous = value
        try:
            value = evaluate(definition, dict(variables), precision)
        except Undefined:
            value = None  # or so it seems: log(exp(1e-100) - 1) is log(0) to 60 digits
        if value and previous and (value == previous or abs(value - previous) <= abs(value) * 10**-AGREEMENT):
            return value
    if value is None:
        return None
    settled = abs(value) < value.context.mpf(10) ** -400
    assert settled, f"{definition} at {variables}: {precision} digits do not settle it"
    return value * 0


class Exact:
    """Exact values beside the floats of one dtype: the nearest float and what it misses, in ulp.

    An ulp is the distance of the floats around the exact value, at least the smallest subnormal. Infinity counts
    as the float after the largest one. NaN stands for "no value".
    """

    def __init__(self, values, dtype):
        values = list(values)
        self.dtype, self.info = np.dtype(dtype), np.finfo(dtype)
        self.nearest = np.empty(len(values), dtype)
        self.residual = np.zeros(len(values))
        self.ulp = np.ones(len(values))
        for i, value in enumerate(values):
            self.nearest[i], self.residual[i], self.ulp[i] = self._split(value)

    def _split(self, value):
        if value is None:
            return np.nan, 0.0, 1.0
        digits, low = self.info.nmant + 1, self.info.minexp - self.info.nmant
        context = value.context
        infinity = context.mpf(2) ** self.info.maxexp
        if abs(value) >= infinity:
            return float(context.sign(value)) * np.inf, 0.0, 2.0 ** (self.info.maxexp - digits)
        exponent = low if value == 0 else max(context.mag(value) - digits, low)
        units = value / context.mpf(2) ** exponent
        whole = context.nint(units)
        nearest = whole * context.mpf(2) ** exponent
        return (
            float(nearest) if abs(nearest) < infinity else float(context.sign(value)) * np.inf,
            float(units - whole),
            2.0**exponent,
        )

    def errors(self, got):
        """Error of each of `got`, in ulp; infinite where one of the two is NaN and the other is not."""
        got = np.asarray(got)
        assert got.dtype == self.dtype, f"dtype {got.dtype}, wanted {self.dtype}"
        assert got.shape == self.nearest.shape, f"shape {got.shape}, wanted {self.nearest.shape}"
        with np.errstate(all="ignore"):
            difference = self._finite(got) / self.ulp - self._finite(self.nearest) / self.ulp
            # exact also where the quotients overflow or are rounded
            near = (self._finite(got) - self._finite(self.nearest)) / self.ulp
            difference = np.where(np.isfinite(near), near, difference)
            errors = np.abs(difference + self._beyond(got) - self._beyond(self.nearest) - self.residual)
        missing = np.isnan(got) | np.isnan(self.nearest)
        return np.where(missing, np.where(np.isnan(got) & np.isnan(self.nearest), 0.0, np.inf), errors)

    def _finite(self, values):
        largest = float(self.info.max)
        return np.clip(np.asarray(values, np.float64), -largest, largest)

    @staticmethod
    def _beyond(values):
        return np.where(np.isinf(values), np.sign(values), 0.0)


def report(title, inputs, got, wanted, errors, bound):
    """What a failing test prints: every bad point, the worst first."""
    bad = np.flatnonzero(~(errors <= bound))
    bad = bad[np.argsort(-errors[bad], kind="stable")]
    lines = [f"{title}: {len(bad)} of {len(errors)} points are wrong by more than {bound:g} ulp"]
    for i in bad:
        lines.append(
            f"  input {show(inputs[i])}  got {show(got[i])}  wanted {show(wanted[i])}  error {errors[i]:.4g} ulp"
        )
    return "\n".join(lines)


def show(value):
    return f"{float(value).hex()} ({value!s})"


def record(title, dtype, bound, error, **witness):
    """Append what was found to the file that ``ACTLIB_RECORD`` names: benchmarks/accuracy.py reads it."""
    file = os.environ.get("ACTLIB_RECORD")
    if file and np.isfinite(error):  # a planted fault is no finding
        test = Path(os.environ["PYTEST_CURRENT_TEST"].partition("::")[0]).stem
        found = {"dtype": np.dtype(dtype).name, "bound": float(bound), "ulp": float(error), **witness}
        line = {"test": test, "title": title, **found}
        with open(file, "a", encoding="utf-8") as stream:
            stream.write(json.dumps(line) + "\n")


def assert_accurate(title, inputs, got, wanted, bound):
    """Every `got` lies within `bound` ulp of `wanted`, an Exact."""
    errors = wanted.errors(got)
    if errors.size and np.all(errors <= bound):
        i = int(np.argmax(errors))
        witness = {"input": show(inputs[i]), "got": show(got[i]), "wanted": show(wanted.nearest[i])}
        record(title, wanted.dtype, bound, errors[i], **witness)
    assert np.all(errors <= bound), report(title, inputs, got, wanted.nearest, errors, bound)


def assert_same_bits(title, inputs, got, wanted):
    """`got` and `wanted` are the same floats, bit for bit; every NaN counts as the same."""
    got, wanted = np.asarray(got), np.asarray(wanted)
    assert got.dtype == wanted.dtype, f"{title}: dtype {got.dtype}, wanted {wanted.dtype}"
    assert got.shape == wanted.shape, f"{title}: shape {got.shape}, wanted {wanted.shape}"
    same = (got == wanted) & (np.signbit(got) == np.signbit(wanted)) | np.isnan(got) & np.isnan(wanted)
    if not np.all(same):
        inputs = np.broadcast_to(inputs, got.shape)
        lines = [f"{title}: {np.sum(~same)} of {same.size} results differ"]
        for place in np.argwhere(~same):
            i = tuple(place)
            lines.append(f"  at {i}: input {show(inputs[i])}  got {show(got[i])}  wanted {show(wanted[i])}")
        raise AssertionError("\n".join(lines))
