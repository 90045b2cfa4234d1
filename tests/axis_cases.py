"""Rows for the functions along an axis, their exact values, and what the library returns for them.

Run as a script, it computes the library's results with the instruction set that ``ACTLIB_ISA`` names and writes
them to a file; so every variant of the kernels is judged against one computation of the exact values.
"""

import sys
from fractions import Fraction
from functools import cache, cached_property

import mpmath
import numpy as np

import actlib

DTYPES = {"float32": np.float32, "float64": np.float64}
TEMPERATURE = 0.7
NORMALISED = ("softmax", "gumbel_softmax", "softmin", "log_softmax")
UPSTREAM_OF_LOGSUMEXP = 3
GATED = ("glu", "swiglu", "geglu", "reglu")
SELECTIONS = ("hardmax", "maxout", "crelu")
SPARSE = ("sparsemax", "entmax15")


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

    @cached_property
    def mirrored(self):
        return Truth(np.array([-float(value) for value in self.x]), float(self.temperature))

    @property
    def gumbel_softmax(self):
        """Without noise, as in the example of the entry."""
        return self.softmax

    def gumbel_softmax_backward(self, upstream):
        return self.softmax_backward(upstream)

    @property
    def softmin(self):
        return self.mirrored.softmax

    def softmin_backward(self, upstream):
        return [-value for value in self.mirrored.softmax_backward(upstream)]

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


@cache
def sparse_rows(dtype):
    """Rows of all sizes and spreads, a third of them shifted, some with entries at and beside the threshold."""
    rng, kind = np.random.default_rng(12), DTYPES[dtype]
    found = []
    for size in (1, 2, 3, 10, 17, 33, 65, 100, 1000, 1100):
        for i in range(24 if size < 20 else 6 if size < 200 else 2):
            spread = (1e-6, 1e-3, 0.1, 0.3, 1.0, 5.0, 100.0)[i % 7]
            row = (rng.normal(size=size) * spread + (0.0, 0.7, 1000.0)[i % 3]).astype(kind)
            if i % 4 == 1 and 2 < size < 200:
                for tau in (sparsemax_threshold(row), 2 * entmax15_threshold(row)):
                    near = kind(float(tau))
                    beside = [near, np.nextafter(near, kind(np.inf)), near + abs(near) * kind(1e-6)]
                    row = np.append(row, np.array(beside, kind))
            found.append(row)
    return found


def sparsemax_threshold(row):
    """tau, exactly: the largest of (sum of the k largest entries - 1)/k over k."""
    total, thresholds = Fraction(0), []
    for k, value in enumerate(sorted(map(float, row), reverse=True), 1):
        total += Fraction(value)
        thresholds.append((total - 1) / k)
    return max(thresholds)


def entmax15_threshold(row):
    """tau to 120 digits, by the algorithm of Peters, Niculae and Martins (2019)."""
    context = mpmath.mp.clone()
    context.dps = 120
    total, squares, tau = context.mpf(0), context.mpf(0), None
    for k, value in enumerate(sorted(map(float, row), reverse=True), 1):
        half = context.mpf(value) / 2
        total, squares = total + half, squares + half * half
        mean = total / k
        spread = squares - k * mean * mean
        if spread > 1 or mean - context.sqrt((1 - spread) / k) > half:
            break
        tau = mean - context.sqrt((1 - spread) / k)
    return tau


@cache
def pairs(dtype):
    """Halves a and b, and an upstream gradient: ordinary, far out, beside the zeros of the slopes, of all sizes."""
    rng, info = np.random.default_rng(13), np.finfo(dtype)
    n = 300
    exponents = np.log10(float(info.smallest_subnormal)), np.log10(float(info.max))
    gates = np.concatenate([
        rng.normal(size=n) * 3,
        rng.uniform(-110, 110, n),
        rng.uniform(-760, 760, n),
        rng.uniform(-53, 53, n),
        rng.choice([-1, 1], n) * 10.0 ** rng.uniform(*exponents, n),
        rng.choice([-1.2784645427610738, -0.7517915246935645], n) * (1 + 10.0 ** rng.uniform(-16, -1, n)),
        [0.0, -0.0],
    ])  # fmt: skip
    size = gates.size
    others = np.where(rng.random(size) < 0.5, rng.normal(size=size), 10.0 ** rng.uniform(*exponents, size))
    upstream = rng.choice([-1, 1], size) * 10.0 ** rng.uniform(-3, 3, size)
    return [values.astype(dtype) for values in (gates, others, upstream)]


def halves(name, dtype):
    """The operands of a gated unit, the gate in its half."""
    gates, others, _ = pairs(dtype)
    return (others, gates) if name == "glu" else (gates, others)


def short_rows(name, dtype):
    """Many rows of one length for a gated unit or a selection, and an upstream gradient."""
    if name in GATED:
        return np.stack(halves(name, dtype), -1), pairs(dtype)[2][:, np.newaxis]
    rng = np.random.default_rng(14)
    x = (rng.normal(size=(200, 4)) * 10.0 ** rng.uniform(-30, 30, (200, 1))).astype(dtype)
    return x, rng.normal(size=(200, {"hardmax": 4, "maxout": 2, "crelu": 8}[name])).astype(dtype)


def selected(name, dtype):
    """Value and gradient of a selection for its short rows, of which no two entries are equal: floats, and exact."""
    x, upstream = short_rows(name, dtype)
    if name == "hardmax":
        return np.eye(4)[x.argmax(1)], np.zeros_like(x)
    if name == "maxout":  # of pairs
        pieces = x.reshape(-1, 2, 2)
        largest = np.eye(2)[pieces.argmax(-1)]
        return pieces.max(-1), (largest * upstream[:, :, np.newaxis]).reshape(x.shape)
    positive = x > 0
    value = np.concatenate([np.where(positive, x, 0), np.where(positive, 0, -x)], 1)
    return value, np.where(positive, upstream[:, :4], -upstream[:, 4:])


def results(dtype):
    """Everything that the library says about the rows: name -> list of arrays, one a row."""
    kind = DTYPES[dtype]
    found = {}

    def add(name, value):
        found.setdefault(name, []).append(np.atleast_1d(value))

    for row in rows(dtype):
        units, ordinary = upstreams(row, kind)
        for name in NORMALISED:
            entry = getattr(actlib, name)
            value, cooled = entry(row, **entry.example), {**entry.example, "temperature": TEMPERATURE}
            add(name, value)
            add(f"{name} cooled", entry(row, **cooled))
            add(f"{name} backward one-hot", np.array([entry.backward(g, row, **entry.example) for g in units]))
            add(f"{name} backward cooled", np.array([entry.backward(g, row, **cooled) for g in units]))
            add(f"{name} backward", np.array([entry.backward(g, row, **entry.example) for g in ordinary]))
            add(f"{name} from output", np.array([entry.backward_from_output(g, value) for g in units + ordinary]))
        add("logsumexp", actlib.logsumexp(row))
        add("logsumexp backward", actlib.logsumexp.backward(kind(UPSTREAM_OF_LOGSUMEXP), row))
        add("logsumexp weighted", actlib.logsumexp(row, weights=weights(row, kind)))
        add("logsumexp weighted backward", actlib.logsumexp.backward(1, row, weights=weights(row, kind)))
        if row.size <= 33:
            add("softmax jacobian", actlib.softmax.jacobian(row))
    for row in sparse_rows(dtype):
        units, ordinary = upstreams(row, kind)
        for name in SPARSE:
            entry = getattr(actlib, name)
            value = entry(row)
            add(name, value)
            for suffix, chosen in ((" one-hot", units), ("", ordinary)):
                add(f"{name} backward{suffix}", np.array([entry.backward(g, row) for g in chosen]))
                add(f"{name} from output{suffix}", np.array([entry.backward_from_output(g, value) for g in chosen]))
    for name in (*GATED, *SELECTIONS):
        entry, (x, upstream) = getattr(actlib, name), short_rows(name, dtype)
        add(name, entry(x, **entry.example))
        add(f"{name} backward", entry.backward(upstream, x, **entry.example))
    return found


if __name__ == "__main__":
    np.savez(sys.argv[1], **{
        f"{dtype}/{name}/{i}": value
        for dtype in DTYPES
        for name, values in results(dtype).items()
        for i, value in enumerate(values)
    })  # fmt: skip
