"""Curves without matplotlib: in a terminal, with Unicode's braille patterns or plain ASCII, and as SVG."""

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

# A braille cell has two columns of four dots; these are the dots' bits, row by row.
DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
BLANK = 0x2800


def sample(function: Callable[[Any], Any], low: float, high: float, count: int) -> tuple[Any, Any]:
    """`count` points of [low, high] and the values there; NaN stays where there is no value."""
    x = np.linspace(low, high, count)
    return x, np.asarray(function(x), np.float64)


def value_range(columns: Sequence[Any]) -> tuple[float, float]:
    """The smallest and the largest finite value, with 0 among them and never equal."""
    values = np.concatenate([np.ravel(column) for column in columns])
    values = values[np.isfinite(values)]
    low, high = min(0.0, values.min(initial=0.0)), max(0.0, values.max(initial=0.0))
    return (low, high) if high > low else (low - 1.0, high + 1.0)


def terminal_curve(
    function: Callable[[Any], Any],
    low: float,
    high: float,
    width: int = 60,
    height: int = 12,
    *,
    unicode: bool = True,
) -> str:
    """The graph of `function` on [low, high] as lines of text, with its range beside it."""
    across, down = (2, 4) if unicode else (1, 1)
    _, y = sample(function, low, high, width * across)
    bottom, top = value_range([y])
    rows = (height * down - 1) * (top - y) / (top - bottom)
    axes = np.zeros((height * down, width * across), dtype=bool)
    curve = axes.copy()
    _mark_axes(axes, low, high, bottom, top)
    for column, row in enumerate(rows):
        if math.isfinite(row):
            curve[_between(rows, column, row), column] = True
    picture = _braille(axes | curve) if unicode else _ascii(axes, curve)
    labels = [f"{top:.3g}", *[""] * (height - 2), f"{bottom:.3g}"]
    margin = max(map(len, labels))
    lines = [f"{label:>{margin}} {line}".rstrip() for label, line in zip(labels, picture, strict=True)]
    lines.append(f"{'':{margin}} {low:<{width // 2}g}{high:>{width - width // 2}g}")
    return "\n".join(lines)


def _between(rows: Any, column: int, row: float) -> slice:
    """The rows from a point halfway to its left neighbour, so that a steep curve has no holes."""
    before = rows[column - 1] if column and math.isfinite(rows[column - 1]) else row
    first, last = sorted((round(row), round(before)))
    return slice(first, last + 1) if last - first <= 1 else slice(first + (row > before), last + (row >= before))


def _mark_axes(marked: Any, low: float, high: float, bottom: float, top: float) -> None:
    """Dotted lines at x = 0 and y = 0."""
    height, width = marked.shape
    marked[round((height - 1) * top / (top - bottom)), ::4] = True
    if low < 0 < high:
        marked[::4, round((width - 1) * -low / (high - low))] = True


def _braille(marked: Any) -> list[str]:
    height, width = marked.shape[0] // 4, marked.shape[1] // 2
    lines = []
    for row in range(height):
        cells = []
        for column in range(width):
            bits = (DOTS[i][j] for i in range(4) for j in range(2) if marked[4 * row + i, 2 * column + j])
            cells.append(chr(BLANK + sum(bits)))
        lines.append("".join(cells))
    return lines


def _ascii(axes: Any, curve: Any) -> list[str]:
    signs = np.where(curve, "*", np.where(axes, ".", " "))
    return ["".join(row) for row in signs]


def svg_curves(curves: Sequence[tuple[str, Any, Any, str]], label: str, width: int = 320, height: int = 200) -> str:
    """An SVG picture of several curves, each given as (name, x, y, colour); `label` is read by screen readers.

    The lines break where a value is not finite.
    """
    from html import escape

    x_low, x_high = value_range([x for _, x, _, _ in curves])
    y_low, y_high = value_range([y for _, _, y, _ in curves])
    edge = 8

    def across(x: float) -> float:
        return edge + (width - 2 * edge) * (x - x_low) / (x_high - x_low)

    def down(y: float) -> float:
        return edge + (height - 2 * edge) * (y_high - y) / (y_high - y_low)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}"><title>{escape(label)}</title>',
        f'<path d="M{edge} {down(0):.1f}H{width - edge}M{across(0):.1f} {edge}V{height - edge}" '
        'stroke="currentColor" stroke-opacity="0.35" fill="none"/>',
    ]
    for name, x, y, colour in curves:
        path, pen_down = [], False
        for a, b in zip(x, y, strict=True):
            if math.isfinite(b):
                path.append(f"{'L' if pen_down else 'M'}{across(a):.1f} {down(b):.1f}")
            pen_down = math.isfinite(b)
        look = f'stroke="{colour}" stroke-width="2" fill="none"'
        parts.append(f'<path d="{"".join(path)}" {look}><title>{escape(name)}</title></path>')
    return "".join([*parts, "</svg>"])
