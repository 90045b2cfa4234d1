"""Rows for the functions along an axis, their exact values, and what the library returns for them.

Run as a script, it computes the library's results with the instruction set that ``ACTLIB_ISA`` names and writes
them to a file; so every variant of the kernels is judged against one computation of the exact values.
"""

import sys
from functools import cache

import mpmath
import numpy as np

import actlib

DTYPES = {"float32": np.float32, "float64": np.float64}
TEMPERATURE = 0.7


@cache
def rows(dtype):
    """Gaps from 1e-40 to 1e4 between two and three entries; random rows, a third of them shifted by 1000."""
    rng = np.random.default_rng(11)
    gaps = [*10.0 ** np.arange(-40, 4.1, 4), *rng.uniform(0, 800, 6), 36.7, 37.4, 88.0, 104.0, 700.0, 709.0, 745.0]
    found = []
    for gap in gaps:
        for base in (0.0, -3.3, 1000.0):
            found.append([base, base - gap])
            found.append([base - gap, base, base - gap / 2])
    for size, count in ((2, 12), (3, 12), (10, 9), (33, 3), (65, 3), (100, 3), (1000, 1), (1100, 1)):
        for i in range(count):
            row = rng.normal(size=size) * rng.choice([1e-3, 1, 5, 30])
            found.append(row + (1000 if i % 3 == 0 else 0))
    found.append([1.0] * 70)
    found.append([5.0, 5.0, -2.0])
    return [np.array(row, dtype) for row in found]


def upstreams(row, dtype):
    """One-hot gradients for some places, then random ones, the last with a large common offset."""
    rng = np.random.default_rng(row.size)
    units = [np.zeros(row.size, dtype) for _ in range(3)]
    for unit, place in zip(units, (0, row.size - 1, int(row.argmax())), strict=True):
        unit[place] = 1
    ordinary = rng.normal(size=row.size)
    return [units[0], -3 * units[1], units[2]], [ordinary.astype(dtype), (ordinary + 1e6).astype(dtype)]


def weights(row, dtype):
    return np.random.default_rng(row.size + 1).uniform(0.5, 3, row.size).astype(dtype)


class Truth:
    """Textbook formulas for one row, with so many digits that nothing in them cancels noticeably."""

    def __init__(self, row, temperature=1.0):
        gap = (float(row.max()) - float(row.min())) / temperature
        self.context = mpmath.mp.clone()
        self.context.prec = 400 + int(3 * gap)
        self.temperature = self.context.mpf(temperature)
        self.x = [self.context.mpf(float(value)) for value in row]
        top = max(self.x)
        self.e = [self.context.exp((value - top) / self.temperature) for value in self.x]
        self.sum = self.context.fsum(self.e)
        self.softmax = [e / self.sum for e in self.e]
        self.top, self.log_sum = top, self.context.log(self.sum)
        self.log_softmax = [(value - top) / self.temperature - self.log_sum for value in self.x]
        self.logsumexp = top / self.temperature + self.log_sum

    def numbers(self, values):
        return [self.context.mpf(float(value)) for value in values]

    def softmax_backward(self, upstream):
        g = self.numbers(upstream)
        mean = self.context.fsum(a * b for a, b in zip(g, self.softmax, strict=True))
        return [p * (a - mean) / self.temperature for p, a in zip(self.softmax, g, strict=True)]

    def log_softmax_backward(self, upstream):
        g = self.numbers(upstream)
        total = self.context.fsum(g)
        return [(a - p * total) / self.temperature for p, a in zip(self.softmax, g, strict=True)]

    def weighted(self, factors):
        """log of the weighted sum, without the largest entry, and the gradient."""
        terms = [w * e for w, e in zip(self.numbers(factors), self.e, strict=True)]
        total = self.context.fsum(terms)
        return self.context.log(total), [term / total for term in terms]


@cache
def truths(dtype, temperature=1.0):
    return [Truth(row, temperature) for row in rows(dtype)]


def results(dtype):
    """Everything that the library says about the rows: name -> list of arrays, one a row."""
    kind = DTYPES[dtype]
    found = {}

    def add(name, value):
        found.setdefault(name, []).append(np.atleast_1d(value))

    for row in rows(dtype):
        units, ordinary = upstreams(row, kind)
        for name in ("softmax", "log_softmax"):
            entry = getattr(actlib, name)
            value = entry(row)
            add(name, value)
            add(f"{name} cooled", entry(row, temperature=TEMPERATURE))
            add(f"{name} backward one-hot", np.array([entry.backward(g, row) for g in units]))
            add(f"{name} backward cooled", np.array([entry.backward(g, row, temperature=TEMPERATURE) for g in units]))
            add(f"{name} backward", np.array([entry.backward(g, row) for g in ordinary]))
            add(f"{name} from output", np.array([entry.backward_from_output(g, value) for g in units + ordinary]))
        add("logsumexp", actlib.logsumexp(row))
        add("logsumexp backward", actlib.logsumexp.backward(kind(3), row))
        add("logsumexp weighted", actlib.logsumexp(row, weights=weights(row, kind)))
        add("logsumexp weighted backward", actlib.logsumexp.backward(1, row, weights=weights(row, kind)))
        if row.size <= 33:
            add("softmax jacobian", actlib.softmax.jacobian(row))
    return found


if __name__ == "__main__":
    np.savez(sys.argv[1], **{
        f"{dtype}/{name}/{i}": value
        for dtype in DTYPES
        for name, values in results(dtype).items()
        for i, value in enumerate(values)
    })  # fmt: skip
