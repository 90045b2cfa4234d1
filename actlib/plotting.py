"""Figures of functions, decision regions and losses (extra ``plot``), and the card that a notebook shows.

Importing this module needs nothing; drawing needs matplotlib. Every function takes ``ax=``, draws there and returns
the Axes, so that figures combine.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from .entries import Activation

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["compare", "decision_regions", "html_card", "loss_surface", "plot"]

POINTS = 1001  # of a curve: finer than a screen's pixels
LOW, HIGH = -6.0, 6.0


def _axes(ax: "Axes | None") -> "Axes":
    if ax is not None:
        return ax
    try:
        from matplotlib import pyplot
    except ImportError as error:
        raise ImportError("figures need matplotlib: pip install 'actlib[plot]'", name="matplotlib") from error
    return pyplot.subplots()[1]


def _grid(
    activation: Activation[...], low: float | None, high: float | None, points: int, parameters: Mapping[str, Any]
) -> Any:
    """Points of [low, high] inside the domain, with every kink and its neighbours, so that corners are sharp."""
    low = max(LOW, activation.domain.low) if low is None else low
    high = min(HIGH, activation.domain.high) if high is None else high
    if not low < high:
        raise ValueError(f"{activation.name}: expected low < high, got low={low!r}, high={high!r}")
    at = activation.places_of_kinks(**{name: value for name, value in parameters.items() if np.ndim(value) == 0})
    kinks = np.array([point for point in at if low < point < high], np.float64)
    around = [np.nextafter(kinks, -np.inf), kinks, np.nextafter(kinks, np.inf)]
    return np.unique(np.concatenate([np.linspace(low, high, points), *around]))


def _require_activation(activation: Any) -> None:
    if not isinstance(activation, Activation):
        raise TypeError(f"expected an elementwise activation, for example actlib.elu, got {activation!r}")


def _broken_at_jumps(x: Any, y: Any) -> Any:
    """`y` with NaN behind every jump, which shows between neighbouring floats: no vertical line is drawn there."""
    y = np.array(y, np.float64)
    finite = y[np.isfinite(y)]
    jumps = (np.diff(x) < 1e-12) & (np.abs(np.diff(y)) > 1e-6 * np.ptp(finite))
    y[1:][jumps] = np.nan
    return y


def plot(
    activation: Activation[...],
    *,
    low: float | None = None,
    high: float | None = None,
    points: int = POINTS,
    derivative: bool = True,
    second_derivative: bool = False,
    ax: "Axes | None" = None,
    **parameters: Any,
) -> "Axes":
    """Draw an activation and its derivative.

    Parameters
    ----------
    activation : Activation
        For example ``actlib.elu``.
    low, high : float, optional
        The interval; -6 and 6, as far as the domain reaches.
    points : int, optional
        How many points to compute.
    derivative, second_derivative : bool, optional
        Which derivatives to draw too.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.
    **parameters
        Parameters of the activation, for example ``alpha=0.5``. What has no default is that of its ``example``.

    Returns
    -------
    matplotlib.axes.Axes
        Its lines are labelled ``f(x)``, ``f'(x)`` and ``f''(x)``; a line breaks where the function jumps.

    Raises
    ------
    ImportError
        Without matplotlib.
    """
    _require_activation(activation)
    parameters = {**activation.example, **parameters}
    x = _grid(activation, low, high, points, parameters)
    ax = _axes(ax)
    drawn: list[tuple[str, str, Callable[..., Any]]] = [("f(x)", "-", activation)]
    if derivative:
        drawn.append(("f'(x)", "--", activation.derivative))
    if second_derivative:
        drawn.append(("f''(x)", ":", activation.second_derivative))
    for label, style, function in drawn:
        y = function(x, **parameters)
        ax.plot(x, _broken_at_jumps(x, y), style, label=label)
    _decorate(ax)
    ax.set_title(_title(activation, parameters))
    return ax


def _title(activation: Activation[...], parameters: Mapping[str, Any]) -> str:
    written = ", ".join(f"{name} = {value:g}" for name, value in parameters.items() if np.ndim(value) == 0)
    return f"{activation.name}, {written}" if written else activation.name


def _decorate(ax: "Axes") -> None:
    ax.axhline(0, color="0.5", linewidth=0.6, zorder=0)
    ax.axvline(0, color="0.5", linewidth=0.6, zorder=0)
    ax.set_xlabel("x")
    ax.legend()


def compare(
    activations: Iterable[Activation[...]],
    *,
    low: float | None = None,
    high: float | None = None,
    points: int = POINTS,
    derivative: bool = False,
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw several activations, or with ``derivative=True`` their derivatives, into one picture.

    Parameters
    ----------
    activations : iterable of Activation
    low, high, points, ax
        As in `plot`.
    derivative : bool, optional
        Whether to draw the derivatives in place of the values.

    Returns
    -------
    matplotlib.axes.Axes
        One line for each activation, labelled with its name.
    """
    activations = list(activations)
    if not activations:
        raise ValueError("compare: expected at least one activation")
    ax = _axes(ax)
    for activation in activations:
        _require_activation(activation)
        x = _grid(activation, low, high, points, {})
        y = activation.derivative(x, **activation.example) if derivative else activation(x, **activation.example)
        ax.plot(x, _broken_at_jumps(x, y), label=activation.name)
    _decorate(ax)
    ax.set_title("derivatives" if derivative else "values")
    return ax


def decision_regions(
    predict: Callable[[Any], Any],
    X: ArrayLike,
    y: ArrayLike,
    *,
    points: int = 200,
    margin: float = 0.1,
    ax: "Axes | None" = None,
) -> "Axes":
    """Colour the plane by the class that `predict` gives, with the data on top.

    Parameters
    ----------
    predict : callable
        Takes an array of shape (n, 2) and returns n labels, for example ``network.predict``.
    X : array_like of shape (n, 2)
        Data points.
    y : array_like of shape (n,)
        Their labels: anything that sorts.
    points : int, optional
        Resolution of the grid along each axis.
    margin : float, optional
        How far the picture extends beyond the data, as a part of the data's width.
    ax : matplotlib.axes.Axes, optional

    Returns
    -------
    matplotlib.axes.Axes
    """
    data, labels = np.asarray(X, np.float64), np.asarray(y)
    if data.ndim != 2 or data.shape[1] != 2:
        raise ValueError(f"decision_regions: X must have shape (n, 2), got {data.shape}")
    if labels.shape != data.shape[:1]:
        raise ValueError(f"decision_regions: y must have shape {data.shape[:1]}, got {labels.shape}")
    if len(data) == 0:
        raise ValueError("decision_regions: X has no points")
    low, high = data.min(0), data.max(0)
    border = margin * np.where(high > low, high - low, 1.0)
    sides = [np.linspace(a, b, points) for a, b in zip(low - border, high + border, strict=True)]
    first, second = np.meshgrid(*sides)
    predicted = np.asarray(predict(np.column_stack([first.ravel(), second.ravel()])))
    if predicted.shape != (first.size,):
        raise ValueError(f"decision_regions: predict gave shape {predicted.shape} for {first.size} points")
    classes = np.unique(np.concatenate([np.unique(labels), np.unique(predicted)]))
    ax = _axes(ax)
    numbers = np.searchsorted(classes, predicted).reshape(first.shape)
    colours: dict[str, Any] = {"cmap": "viridis", "vmin": 0, "vmax": max(len(classes) - 1, 1)}
    ax.pcolormesh(first, second, numbers, alpha=0.3, shading="nearest", rasterized=True, **colours)
    ax.scatter(data[:, 0], data[:, 1], c=np.searchsorted(classes, labels), edgecolors="0.2", **colours)
    return ax


def loss_surface(
    loss: Callable[[float, float], float],
    *,
    first: tuple[float, float] = (-3.0, 3.0),
    second: tuple[float, float] = (-3.0, 3.0),
    points: int = 60,
    path: ArrayLike | None = None,
    levels: int = 20,
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw a loss as a function of two weights: contour lines, and the path of an optimiser.

    Parameters
    ----------
    loss : callable
        ``loss(a, b)``, a number, for example a lambda around a network with two weights.
    first, second : pair of float, optional
        Intervals of `a` (to the right) and `b` (upwards).
    points : int, optional
        Grid points along each axis.
    path : array_like of shape (steps, 2), optional
        Positions to join by a line, from the start to the end of training.
    levels : int, optional
        Number of contours.
    ax : matplotlib.axes.Axes, optional

    Returns
    -------
    matplotlib.axes.Axes
    """
    a, b = np.linspace(first[0], first[1], points), np.linspace(second[0], second[1], points)
    heights = np.array([[float(loss(float(p), float(q))) for p in a] for q in b])
    ax = _axes(ax)
    filled = ax.contourf(a, b, heights, levels=levels, cmap="viridis")
    ax.get_figure(root=True).colorbar(filled, ax=ax, label="loss")  # type: ignore[union-attr]
    if path is not None:
        steps = np.asarray(path, np.float64)
        if steps.ndim != 2 or steps.shape[1] != 2:
            raise ValueError(f"loss_surface: path must have shape (steps, 2), got {steps.shape}")
        ax.plot(steps[:, 0], steps[:, 1], "o-", color="white", markersize=3, label="path")
    return ax


def html_card(entry: Activation[...]) -> str:
    """What a notebook shows for an activation: HTML with formula, curve and conventions, made without matplotlib."""
    from html import escape

    from .drawing import svg_curves

    x = _grid(entry, None, None, 201, {})
    curves = []
    for label, function, colour in (("f(x)", entry, "#1f77b4"), ("f'(x)", entry.derivative, "#ff7f0e")):
        y = function(x, **entry.example)
        curves.append((label, x, _broken_at_jumps(x, y), colour))
    rows = [("f(x)", entry.definition, "#1f77b4"), ("f'(x)", entry.derivative_definition, "#ff7f0e")]
    rows += [
        (name, f"{entry.example.get(name, parameter.default)}, in {parameter.interval}", "inherit")
        for name, parameter in entry.parameters.items()
    ]
    rows += [(f"f'({point})", str(value), "inherit") for point, value in entry.kinks.items()]
    cells = "".join(
        f'<tr><th scope="row" style="text-align:right;color:{colour}">{escape(label)}</th>'
        f'<td style="text-align:left"><code>{escape(text)}</code></td></tr>'
        for label, text, colour in rows
    )
    picture = svg_curves(curves, f"{entry.name} and its derivative on [{x[0]:g}, {x[-1]:g}]")
    return f"<div><strong>actlib.{escape(entry.name)}</strong><div>{picture}</div><table>{cells}</table></div>"
