"""The self-test of an installation: compiled values beside the definitions, with the standard library's `decimal`.

It asks whether the build on this machine (this compiler, this processor) keeps the promised accuracy. The tests of the
project ask much more, of many more points.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TextIO

import numpy as np

from . import kernels
from .check import evaluate_definition, ulp_error
from .derivation.errors import Undefined
from .entries import Activation

OFFERS = ("value", "derivative", "second_derivative")
# Around 0, where functions bend, where they saturate and where results become subnormal, in float32 and in float64.
MAGNITUDES = (
    *(5e-324, 1e-310, 1e-40, 1e-20, 1e-10, 1e-5, 0.01, 0.1, 0.25, 0.34657359, 0.5, 0.75),
    *(1.0, 1.4142135, 2.0, 3.5, 6.0, 9.0, 16.6355, 20.0, 36.7368, 40.0, 60.0),
    *(87.3365, 103.2789, 354.9, 708.3964, 744.4),
)
RANDOM = 40  # further points


@dataclass(frozen=True)
class Line:
    """One line of the table: the worst error of one offer in one dtype."""

    function: str
    offer: str
    dtype: str
    points: int
    worst: float
    promised: float
    place: float

    @property
    def ok(self) -> bool:
        return self.worst <= self.promised

    def __str__(self) -> str:
        verdict = "ok" if self.ok else f"FAILED at x = {self.place!r} ({self.place.hex()})"
        return (
            f"{self.function:14} {self.offer:18} {self.dtype:8} {self.points:6} {self.worst:10.3g} {self.promised:9g}"
            f"  {verdict}"
        )


def selftest(entries: Iterable[Activation[...]], stream: TextIO) -> bool:
    """Test activations, print a line for each offer and dtype as it is done, and say whether all kept their promise."""
    entries = list(entries)
    print(f"actlib {_version()}, instruction set {kernels.instruction_set}: errors in ulp", file=stream)
    heading = f"{'function':14} {'offer':18} {'dtype':8} {'points':>6} {'worst':>10} {'promised':>9}"
    print(heading, file=stream, flush=True)
    failed = total = 0
    for entry in entries:
        for line in examine(entry):
            print(line, file=stream, flush=True)
            total += 1
            failed += not line.ok
    print(f"{total - failed} of {total} checks passed" + (f", {failed} FAILED" if failed else ""), file=stream)
    return not failed


def _version() -> str:
    from . import __version__

    return __version__


def examine(entry: Activation[...]) -> Iterable[Line]:
    """The lines of one activation."""
    for offer in OFFERS:
        definition = getattr(entry, entry.offers[offer])
        function = entry if offer == "value" else getattr(entry, offer)
        for dtype in (np.float32, np.float64):
            x = points(entry, dtype)
            got = function(x, **entry.example)
            errors = [error(*pair, definition, entry, dtype) for pair in zip(got, x, strict=True)]
            errors += special_errors(entry, offer, function, dtype)
            worst = int(np.argmax(errors))
            place = float(x[worst]) if worst < len(x) else math.nan
            promised = getattr(entry.accuracy[offer], dtype.__name__)
            yield Line(entry.name, offer, dtype.__name__, len(x), errors[worst], promised, place)


def points(entry: Activation[...], dtype: Any) -> Any:
    """Floats of `dtype` in the domain: both signs of the magnitudes, kinks with their neighbours, and random ones."""
    random = np.random.default_rng(0).normal(scale=10, size=RANDOM)
    with np.errstate(all="ignore"):
        kinks = np.array(entry.places_of_kinks(), dtype)
        around = [np.nextafter(kinks, dtype(-np.inf)), kinks, np.nextafter(kinks, dtype(np.inf))]
        found = np.concatenate([np.array([*MAGNITUDES, *(-m for m in MAGNITUDES), 0.0, *random], dtype), *around])
    return np.unique(found[entry.domain.contains(found)])


def error(got: Any, x: Any, definition: str, entry: Activation[...], dtype: Any) -> float:
    """The error in ulp of `got`, a value of `definition` at `x` with the default parameters."""
    chosen = {**{name: p.default for name, p in entry.parameters.items() if p.default is not None}, **entry.example}
    # parameters are cast to the working type
    parameters = {name: float(dtype(value)) for name, value in chosen.items()}
    try:
        exact: Any = evaluate_definition(definition, x=float(x), digits=24, **parameters)
    except Undefined:
        exact = math.nan
    try:
        return float(ulp_error(got, exact))
    except OverflowError:  # more ulp than a float can say
        return math.inf


def special_errors(entry: Activation[...], offer: str, function: Any, dtype: Any) -> list[float]:
    """0 or infinity for each of: NaN gives NaN, and the limits at both infinities are reached where they are known."""
    limits = {"value": entry.limits, "derivative": entry.derivative_limits}.get(offer, {})
    wanted = {math.nan: math.nan, **{at: value for at, value in limits.items() if not isinstance(value, str)}}
    found = {at: float(function(dtype(at), **entry.example)) for at in wanted}
    return [0.0 if _same(found[at], float(dtype(value))) else math.inf for at, value in wanted.items()]


def _same(got: float, wanted: float) -> bool:
    return got == wanted or (math.isnan(got) and math.isnan(wanted))
