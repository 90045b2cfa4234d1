"""What the tests ask every special function: each offer and dtype, at which points.

Run as a script, it answers all questions with the instruction set that ``ACTLIB_ISA`` names and writes the results
to a file; so every variant of the kernels is judged against one computation of the exact values.
"""

import sys
from dataclasses import dataclass
from functools import cache
from math import exp, log

import numpy as np
from sampler import points

from actlib import special
from actlib.entries import Interval

DTYPES = {"float32": np.float32, "float64": np.float64}
POINTS, POINTS_OF_TWO = 1000, 120
ENTRIES = {name: entry for name, entry in special.SPECIAL.items() if name != "logmeanexp"}
OF_TWO = tuple(name for name, entry in ENTRIES.items() if "gradient" in entry.offers)
OF_ONE = tuple(name for name in ENTRIES if name not in OF_TWO)
# where a derivative has its zero, a kernel changes its formula, or a function of e**x is near its own zero
EXTRA = (1 / exp(1), log(2), 0.5, 0.25, 1 / 3, 4.0, 5.0, 8.0, 26.5, 38.4, 38.5, 40.0)


@dataclass(frozen=True)
class Case:
    """One formula of one entry in one dtype; the formulas of a gradient are ``gradient 0`` and ``gradient 1``."""

    entry: str
    what: str
    dtype: str

    def __str__(self):
        return f"{self.entry}-{self.dtype}-{self.what}"

    @property
    def function(self):
        return ENTRIES[self.entry]

    @property
    def offer(self):
        return self.what.partition(" ")[0]

    @property
    def definition(self):
        found = getattr(self.function, self.function.offers[self.offer])
        return found[int(self.what[-1])] if self.offer == "gradient" else found

    @property
    def bound(self):
        return getattr(self.function.accuracy[self.offer], self.dtype)

    @property
    def measure(self):
        return self.function.measure if self.offer == "value" else ""


def cases():
    offers = {name: ("value", "derivative") if name in OF_ONE else ("value", "gradient 0", "gradient 1")
              for name in ENTRIES}  # fmt: skip
    return [Case(name, what, dtype) for name in ENTRIES for what in offers[name] for dtype in DTYPES]


def grows(entry):
    """Is its formula one of exponentials, which are not evaluated at the largest numbers?"""
    return any(name in entry.definition for name in ("exp(", "cosh(", "erf("))


@cache
def inputs(name, dtype):
    """The arguments, as a tuple of arrays: inside the domain, where the formulas have a value."""
    kind, entry = DTYPES[dtype], ENTRIES[name]
    if name in OF_ONE:
        low, high = entry.domain.low, entry.domain.high
        if grows(entry):
            low, high = max(low, -40.0 if "erf" in entry.definition else -1000.0), min(high, 1000.0)
        extra = [x for x in (*EXTRA, *(-x for x in EXTRA)) if low <= x <= high]
        x = points(kind, POINTS, extra, low, high)
        return (x[(x > entry.domain.low) & (x < entry.domain.high)],)
    x, y = sums(kind) if grows(entry) else quotients(kind)
    inside = np.array([defined(name, float(a), float(b)) for a, b in zip(x, y, strict=True)])
    assert inside.mean() > 0.15, f"{name}: few of the points are in the domain"
    return x[inside], y[inside]


def defined(name, x, y):
    if name in ("rel_entr", "kl_div"):
        return x > 0 and y > 0
    return {"xlogy": y > 0, "xlog1py": y > -1, "logaddexp": True, "logsubexp": x > y}[name]


def sums(kind):
    """Pairs whose difference is of any size, and pairs whose value is near 0."""
    rng = np.random.default_rng(3)
    x = np.concatenate([points(kind, 3 * POINTS_OF_TWO, low=-800, high=800), np.zeros(POINTS_OF_TWO, kind)])
    size = 10.0 ** rng.uniform(-20, 3, x.size)
    y = x - rng.choice([-1, 1], x.size) * np.minimum(size, 800)
    below = -(10.0 ** rng.uniform(-9, -0.2, POINTS_OF_TWO))
    above = 10.0 ** rng.uniform(-9, 1, POINTS_OF_TWO)
    first = np.concatenate([x, below, above]).astype(kind)
    partner = np.concatenate([y, np.zeros(2 * POINTS_OF_TWO)]).astype(kind)
    partner[-2 * POINTS_OF_TWO : -POINTS_OF_TWO] = np.log(-np.expm1(first[-2 * POINTS_OF_TWO : -POINTS_OF_TWO]))
    far = first[-POINTS_OF_TWO:].astype(np.float64)
    partner[-POINTS_OF_TWO:] = far + np.log(-np.expm1(-far))
    return first, partner


def quotients(kind):
    """Pairs of any two sizes, near each other, and near the ratios where formulas change or have a zero."""
    rng = np.random.default_rng(4)
    p = np.abs(points(kind, 4 * POINTS_OF_TWO, EXTRA))
    p = p[p > 0]
    steps = rng.choice([1e-16, 1e-12, 1e-7, 1e-3, 0.1, 0.9], p.size) * rng.normal(size=p.size)
    ratios = rng.choice([exp(1), 1 / exp(1), 2.0, 1 / 3, 0.5**0.5, 2.0**0.5, 4.0], p.size)
    with np.errstate(over="ignore"):
        near, far = (p * (1 + steps)).astype(kind), (p * ratios).astype(kind)
    x = np.concatenate([p, p, p, -p])
    y = np.concatenate([rng.permutation(p), near, far, np.nextafter(far, kind(0))])
    y[::9] = -np.abs(y[::9]) % 1
    both = np.isfinite(y)
    return x[both], y[both]


def answer(case):
    """What the library says."""
    arguments = inputs(case.entry, case.dtype)
    found = case.function(*arguments) if case.offer == "value" else getattr(case.function, case.offer)(*arguments)
    return found[int(case.what[-1])] if case.offer == "gradient" else found


def in_domain(entry, *arguments):
    """Is the value a number there, at the ends of the domain too?"""
    if isinstance(entry.domain, Interval):
        return all(entry.domain.low <= x <= entry.domain.high for x in arguments)
    x, y = arguments
    return eval(entry.domain, {"x": x, "y": y})  # a condition of the library


if __name__ == "__main__":
    np.savez(sys.argv[1], **{str(case): answer(case) for case in cases()})
