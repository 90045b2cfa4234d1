"""Curves of actlib's functions, sampled from its own kernels, and their drawing as SVG.

The samples are float32: the value shown to a reader is the float32 result of the library, printed in full
(at most nine digits), not a rounding of something else.
"""

import math
import re

import numpy as np

WIDTH, HEIGHT, BOTTOM = 720, 400, 44  # of the drawing; BOTTOM leaves room for the numbers under the axis


def grid(low, high, wanted=256):
    """A float32 grid from `low` to `high` in steps of a power of two, so that every abscissa is exact."""
    step = 2.0 ** math.floor(math.log2((high - low) / wanted))
    count = math.floor((high - low) / step)
    return (low + step * np.arange(count + 1)).astype(np.float32)


def jumps(function, x, y):
    """Where `function` leaps between neighbouring floats: [(index before, limit left, limit right, place)].

    A grid cell whose rise is much larger than that of its neighbours is halved until two adjacent floats are
    left; if most of the rise is still between them, it is a leap and not a steep slope.
    """
    with np.errstate(invalid="ignore"):
        rise = np.abs(np.diff(y))
    rise[~np.isfinite(rise)] = 0
    around = np.maximum(np.append(rise[1:], 0), np.insert(rise[:-1], 0, 0))
    threshold = 1e-3 * (np.ptp(y[np.isfinite(y)]) if np.isfinite(y).any() else 0)
    found = []
    for index in np.flatnonzero(rise > np.maximum(4 * around, threshold)):
        found += _halve(function, index, x[index : index + 2], y[index : index + 2])
    # A value standing alone between two leaps makes each of them the other's neighbour.
    for index in np.flatnonzero((rise[:-1] > threshold) & (rise[1:] > threshold)):
        known = {leap[0] for leap in found}
        for cell in {index, index + 1} - known:
            found += _halve(function, cell, x[cell : cell + 2], y[cell : cell + 2])
    return sorted(found)


def _halve(function, index, ends, values):
    (left, right), (value_left, value_right) = ends, values
    while True:
        middle = np.float32(left + (right - left) / 2)
        if middle in (left, right):
            break
        value = function(np.array([middle], np.float32))[0]
        if abs(value - value_left) < abs(value - value_right):
            left, value_left = middle, value
        else:
            right, value_right = middle, value
    if abs(value_right - value_left) < 0.5 * abs(values[1] - values[0]):
        return []
    return [(int(index), float(value_left), float(value_right), float(left))]


def ticks(low, high, about):
    """Round numbers between `low` and `high`, about so many."""
    raw = (high - low) / about
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= raw * (1 - 1e-9))
    first = math.ceil(low / step - 1e-9)
    return [number * step for number in range(first, math.floor(high / step + 1e-9) + 1)]


def text(value):
    """The shortest decimal that reads back as the same float32, written as JavaScript writes a number."""
    value = np.float32(value)
    if not np.isfinite(value):
        return {"nan": "NaN", "inf": "∞", "-inf": "−∞"}[str(float(value))]
    if value == 0 or 1e-6 <= abs(value) < 1e21:
        return np.format_float_positional(value, trim="-").replace("-", "−")
    return np.format_float_scientific(value, trim="-", exp_digits=1).replace("-", "−")


LABEL_PLACES = (0.9, 0.84, 0.78, 0.72, 0.66, 0.1, 0.16, 0.22, 0.28, 0.34)  # shares of the range, the best first
LABEL_SIZE = 30  # in the units of the drawing; the style sheet has the sizes


class Frame:
    """Maps numbers to places in the drawing."""

    def __init__(self, xrange, yrange, width=WIDTH, height=HEIGHT, bottom=BOTTOM):
        self.x, self.y, self.width, self.height, self.floor = xrange, yrange, width, height, height - bottom

    def across(self, x):
        return (x - self.x[0]) / (self.x[1] - self.x[0]) * self.width

    def down(self, y):
        return self.floor - (y - self.y[0]) / (self.y[1] - self.y[0]) * self.floor

    def place(self, x, y):
        """A point as SVG wants it; what is far outside is moved to just outside."""
        return f"{self.across(x):.1f} {min(max(self.down(y), -40.0), self.floor + 40.0):.1f}"

    def path(self, x, y, leaps=()):
        """SVG path through the samples, interrupted at leaps and where a value is not a number."""
        leaps = {index: (left, right, place) for index, left, right, place in leaps}
        parts, pen = [], "M"
        for index, (abscissa, value) in enumerate(zip(x.tolist(), y.tolist(), strict=True)):
            if math.isnan(value):
                pen = "M"
                continue
            parts.append(pen + self.place(abscissa, value))
            pen = "L"
            if index in leaps:
                left, right, place = leaps[index]
                parts.append(f"L{self.place(place, left)}M{self.place(place, right)}")
        return "".join(parts) or "M0 0"

    def axes(self, nx=9, ny=5):
        """Grid lines with their numbers; the axes through zero are drawn stronger."""
        parts = []
        for number in ticks(*self.x, nx):
            place, kind = self.across(number), "axis" if number == 0 else "grid"
            parts.append(f'<line class="{kind}" x1="{place:.1f}" x2="{place:.1f}" y1="0" y2="{self.floor}"/>')
            if 0.03 * self.width < place < 0.97 * self.width:
                label = signed(number)
                parts.append(f'<text class="tick" x="{place:.1f}" y="{self.floor + 26}">{label}</text>')
        for number in ticks(*self.y, ny):
            place, kind = self.down(number), "axis" if number == 0 else "grid"
            parts.append(f'<line class="{kind}" x1="0" x2="{self.width}" y1="{place:.1f}" y2="{place:.1f}"/>')
            if place > 0.06 * self.height:
                parts.append(f'<text class="tick side" x="6" y="{place - 6:.1f}">{signed(number)}</text>')
        return "".join(parts)

    def dots(self, x, y, leaps, kind):
        """At a leap: a full dot where the function's value is, a ring at a limit that it does not take."""
        parts = []
        for index, left, right, place in leaps:
            nearest = index if abs(x[index] - place) < 1e-6 else index + 1
            taken = float(y[nearest]) if abs(x[nearest] - place) < 1e-6 else left
            for value in (left, right):
                if value != taken:
                    parts.append(f'<circle class="ring {kind}" {self._centre(place, value)} r="5"/>')
            parts.append(f'<circle class="dot {kind}" {self._centre(place, taken)} r="5"/>')
        return "".join(dict.fromkeys(parts))

    def _centre(self, x, y):
        return f'cx="{self.across(x):.1f}" cy="{self.down(y):.1f}"'

    def zone(self, x, flat):
        """Shaded strips over the runs of samples where `flat` holds."""
        parts = []
        edges = np.flatnonzero(np.diff(np.concatenate([[0], flat.astype(np.int8), [0]])))
        for start, stop in zip(edges[::2], edges[1::2] - 1, strict=True):
            left, right = self.across(x[start]), self.across(x[stop])
            if right > left:
                parts.append(f'<rect x="{left:.1f}" y="0" width="{right - left:.1f}" height="{self.floor}"/>')
        return "".join(parts)

    def labels(self, x, curves):
        """Names beside curves, (name, class, samples) each, where nothing crosses them."""
        taken, parts = [], []
        for name, kind, y in curves:
            candidates = [
                self._candidate(name, x, y, round(part * (len(x) - 1)), above, side)
                for part in LABEL_PLACES
                for above in (True, False)
                for side in (0, 1, -1)
            ]
            across, down, box = max(candidates, key=lambda one: self._room(one[2], x, curves, taken))
            taken.append(box)
            parts.append(f'<text class="name {kind}" x="{across:.1f}" y="{down:.1f}">{name}</text>')
        return "".join(parts)

    def _candidate(self, name, x, y, index, above, side):
        """Centre and base line of a name, with the box that it covers on a telephone, where it is largest."""
        letters = len(re.sub("<[^>]*>", "", name))
        half = 0.29 * LABEL_SIZE * letters
        across = self.across(x[index]) + side * (half + 8)
        down = self.down(y[index]) + (-12 if above else 30)
        return across, down, (across - half, down - 0.74 * LABEL_SIZE, across + half, down + 0.24 * LABEL_SIZE)

    def _room(self, box, x, curves, taken):
        """The distance of a box from the curves; where it is cut off or covers another name, there is no room."""
        left, top, right, bottom = box
        if not (left > 60 and right < self.width - 4 and top > 4 and bottom < self.floor - 4):
            return -200
        if any(left < other[2] and right > other[0] and top < other[3] and bottom > other[1] for other in taken):
            return -150
        here = (self.across(x) >= left - 4) & (self.across(x) <= right + 4)
        clearance = 10.0
        for _, _, y in curves:
            down = self.down(y[here][np.isfinite(y[here])])
            if len(down):
                clearance = min(clearance, float(np.max([np.min(top - down), np.min(down - bottom)])))
        return clearance


def signed(number):
    """A tick's number with a true minus sign."""
    return f"{number:.6g}".replace("-", "−")


def span(*samples, padding=0.14):
    """A range that shows all finite samples, with some air."""
    values = np.concatenate([np.ravel(sample) for sample in samples])
    values = values[np.isfinite(values)]
    low, high = float(values.min()), float(values.max())
    air = padding * ((high - low) or 1.0)
    return low - air, high + air
