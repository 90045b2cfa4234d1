"""Checks of functions and gradients, one's own included, with NumPy and the standard library alone.

>>> import numpy as np
>>> from actlib.check import evaluate_definition, gradcheck, ulp_error
>>> gradcheck(np.sin, np.linspace(-3, 3, 7), derivative=np.cos).ok
True
>>> exact = evaluate_definition("1 / (1 + exp(-x))", x=-40.0)
>>> ulp_error(np.float64(4.248354255291589e-18), exact) < 1
True
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from .derivation.oracle import evaluate_definition

__all__ = ["Gradcheck", "GradientError", "evaluate_definition", "gradcheck", "numerical_derivative", "ulp_error"]

EPSILON = float(np.finfo(np.float64).eps)
HALVINGS = 6                                   # steps h, h/2, ..., h/64


class GradientError(AssertionError):
    """A derivative or gradient differs from the differences of its function."""


@dataclass(frozen=True)
class Gradcheck:
    """What `gradcheck` found.

    Attributes
    ----------
    ok : bool
        Whether every derivative compared agrees.
    compared, skipped : int
        How many elements were compared, and how many were left out because the function has no derivative there that
        differences could see: kinks, jumps, values that are not finite.
    argument, index : int, tuple of int
        Where the disagreement is worst.
    got, wanted, allowed : float
        There: the derivative given, the one from differences, and the largest difference that is allowed.
    """

    ok: bool
    compared: int
    skipped: int
    argument: int
    index: tuple[int, ...]
    got: float
    wanted: float
    allowed: float

    def __str__(self) -> str:
        if self.ok:
            return f"{self.compared} derivatives agree, {self.skipped} skipped"
        return (
            f"argument {self.argument}, element {self.index}: the derivative is given as {self.got!r}, "
            f"differences of the function say {self.wanted!r} (allowed difference {self.allowed:.2g})"
        )


def _differences(f: Callable[[Any], Any], x: np.ndarray, h: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Ridders' method: derivative, its estimated error, and whether the function looks smooth there."""
    with np.errstate(all="ignore"):
        table: list[np.ndarray] = []
        best = np.full(x.shape, np.nan)
        error = np.full(x.shape, np.inf)
        for level in range(HALVINGS + 1):
            step = h / 2**level
            up, down = x + step, x - step
            high, low = np.asarray(f(up), dtype=np.float64), np.asarray(f(down), dtype=np.float64)
            # No difference can see changes below the rounding of the values themselves.
            rounding = 2 * EPSILON * np.maximum(abs(high), abs(low)) / (up - down)
            row = [(high - low) / (up - down)]
            for order, above in enumerate(table, 1):
                row.append(row[-1] + (row[-1] - above) / (4.0**order - 1))
            if table:
                for value, before, above in zip(row[1:], row[:-1], table, strict=True):
                    spread = np.maximum(abs(value - before), abs(value - above))
                    better = spread + rounding < error
                    best, error = np.where(better, value, best), np.where(better, spread + rounding, error)
            table = row
        # At a kink or a jump the slopes to the two sides stay apart however small the step.
        small = h / 2**HALVINGS
        middle = np.asarray(f(x), dtype=np.float64)
        right, left = (np.asarray(f(x + small)) - middle) / small, (middle - np.asarray(f(x - small))) / small
        far_right, far_left = (np.asarray(f(x + h)) - middle) / h, (middle - np.asarray(f(x - h))) / h
        jump, far_jump = abs(right - left), abs(far_right - far_left)
        noise = 8 * EPSILON * abs(middle) / small + 1e-6 * (abs(right) + abs(left))
        steeper = np.maximum(abs(right), abs(left)) > 8 * np.maximum(abs(far_right), abs(far_left)) + noise
        smooth = np.isfinite(best) & ((jump <= noise) | (jump < far_jump / 8)) & ~steeper
        return best, error, smooth


def numerical_derivative(f: Callable[[Any], Any], x: ArrayLike, *, step: float | None = None) -> np.ndarray:
    """Derivative of an elementwise function by differences, extrapolated to step 0.

    Parameters
    ----------
    f : callable
        Maps an array of float64 to an array of the same shape, element by element.
    x : array_like
        Where. Computed in float64.
    step : float, optional
        The largest step, relative to ``max(1, abs(x))``; by default 1/64. Six halvings follow.

    Returns
    -------
    ndarray of float64
        About ten digits are right where the function is smooth and not flat against its own value: a derivative
        smaller than ``1e-14 * abs(f(x))`` is lost in the rounding of `f`.

    Examples
    --------
    >>> abs(numerical_derivative(np.exp, 1.0) / np.e - 1) < 1e-10
    np.True_
    """
    x = np.asarray(x, dtype=np.float64)
    return _differences(f, x, _step(x, step))[0]


def _step(x: np.ndarray, step: float | None) -> np.ndarray:
    return np.asarray((1 / 64 if step is None else step) * np.maximum(1.0, abs(x)))


def gradcheck(
    f: Callable[..., Any],
    *arguments: ArrayLike,
    derivative: Callable[..., Any] | None = None,
    rtol: float = 1e-6,
    step: float | None = None,
    raise_error: bool = True,
    **parameters: Any,
) -> Gradcheck:
    """Compare the derivatives that a function offers with differences of its values.

    Parameters
    ----------
    f : Activation, AxisFunction, Loss or callable
        An activation is checked by ``f.derivative(x)``; a loss by ``f.gradient(prediction, target)``; a function along
        an axis by ``f.backward(upstream, x)``, with an `upstream` of its own. A plain elementwise callable needs
        `derivative`.
    *arguments : array_like
        `x`, or prediction and target. If a gradient is a tuple, each of its members belongs to one argument.
    derivative : callable, optional
        Called with the same arguments: the elementwise derivative to check in place of that of `f`.
    rtol : float
        Allowed relative difference. To it comes the rounding error of the differences themselves, so a derivative
        in a saturated tail is seen only as far as float64 differences see. `ulp_error` judges such tails.
    step : float, optional
        See `numerical_derivative`.
    raise_error : bool
        False returns a failed result in place of raising.
    **parameters
        Passed to `f` and to its derivative.

    Returns
    -------
    Gradcheck

    Raises
    ------
    GradientError
        Names the worst element, what was given there and what the differences say.
    ValueError
        If no element could be compared, or nothing says what the derivative is.

    Notes
    -----
    Elements at a kink are skipped and counted. `binary_cross_entropy` is on purpose not the derivative of its value
    where it clips: check it inside (0, 1).

    Examples
    --------
    >>> gradcheck(np.tanh, [-1.0, 0.5], derivative=lambda x: 1 - np.tanh(x) ** 2).compared
    2
    >>> gradcheck(np.tanh, [-1.0, 0.5], derivative=lambda x: 1 - np.tanh(x))  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    actlib.check.GradientError: argument 0, element (0,): the derivative is given as 1.7615...
    """
    if not arguments:
        raise ValueError("gradcheck needs the point at which to check: gradcheck(f, x)")
    if derivative is not None or hasattr(f, "derivative"):
        cases = _elementwise(f, arguments, derivative, step, parameters)
    elif hasattr(f, "gradient"):
        cases = _reduced(lambda *a: f(*a, **parameters), arguments, _gradients(f, arguments, parameters), step)
    elif hasattr(f, "backward"):
        cases = _along_axis(f, arguments, step, parameters)
    else:
        raise ValueError("f has no derivative, gradient or backward: pass derivative=")
    result = _judge(cases, rtol, [np.asarray(a).dtype for a in arguments])
    if raise_error and not result.ok:
        raise GradientError(str(result))
    return result


# (argument, derivative given, derivative by differences, its error, whether it exists)
Case = tuple[int, np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def _elementwise(
    f: Callable[..., Any], arguments: Sequence[Any], derivative: Any, step: float | None, parameters: dict[str, Any]
) -> Iterator[Case]:
    x = np.asarray(arguments[0], dtype=np.float64)
    rest = arguments[1:]
    given = (derivative or f.derivative)(np.asarray(arguments[0]), *rest, **parameters)  # type: ignore[attr-defined]
    yield 0, np.asarray(given, dtype=np.float64), *_differences(lambda v: f(v, *rest, **parameters), x, _step(x, step))


def _gradients(f: Any, arguments: Sequence[Any], parameters: dict[str, Any]) -> tuple[Any, ...]:
    given = f.gradient(*map(np.asarray, arguments), **parameters)
    return given if isinstance(given, tuple) else (given,)


def _along_axis(f: Any, arguments: Sequence[Any], step: float | None, parameters: dict[str, Any]) -> Iterator[Case]:
    x, *rest = arguments
    shape = np.shape(f(np.asarray(x), *rest, **parameters))
    upstream = np.cos(1.0 + np.arange(math.prod(shape))).reshape(shape)       # no special directions, no chance
    given = f.backward(upstream.astype(np.asarray(x).dtype), np.asarray(x), *rest, **parameters)
    return _reduced(lambda v: (upstream * f(v, *rest, **parameters)).sum(), [x], (given,), step)


def _reduced(
    value: Callable[..., Any], arguments: Sequence[Any], gradients: Sequence[Any], step: float | None
) -> Iterator[Case]:
    """Partial derivatives of a function whose value is one number, element by element."""
    for position, given in enumerate(gradients):
        x = np.asarray(arguments[position], dtype=np.float64)
        found = np.empty(x.shape), np.empty(x.shape), np.empty(x.shape, dtype=bool)
        for index in np.ndindex(x.shape):

            def along(v: np.ndarray, index: tuple[int, ...] = index, position: int = position) -> Any:
                moved = list(map(np.asarray, arguments))
                moved[position] = np.array(moved[position], dtype=np.float64)
                moved[position][index] = v
                return np.sum(value(*moved))

            for array, one in zip(found, _differences(along, x[index], _step(x[index], step)), strict=True):
                array[index] = one
        yield position, np.asarray(given, dtype=np.float64), *found


def _judge(cases: Iterator[Case], rtol: float, dtypes: Sequence[np.dtype[Any]]) -> Gradcheck:
    compared = skipped = 0
    worst: tuple[float, Gradcheck | None] = (-1.0, None)
    for argument, given, wanted, error, smooth in cases:
        if given.shape != wanted.shape:
            raise GradientError(f"argument {argument}: the derivative has shape {given.shape}, not {wanted.shape}")
        resolution = 8 * float(np.finfo(dtypes[argument]).eps) if dtypes[argument].kind == "f" else 0.0
        allowed = max(rtol, resolution) * abs(wanted) + 4 * error
        known = smooth & np.isfinite(error)
        compared += int(known.sum())
        skipped += int((~known).sum())
        with np.errstate(all="ignore"):
            excess = np.where(known, abs(given - wanted) / allowed, -1.0)
        excess[np.isnan(excess) & known] = np.where(given == wanted, 0.0, np.inf)[np.isnan(excess) & known]
        if not excess.size:
            continue
        index = tuple(int(i) for i in np.unravel_index(np.argmax(excess), excess.shape))
        if excess[index] > worst[0]:
            place = float(given[index]), float(wanted[index]), float(allowed[index])
            worst = float(excess[index]), Gradcheck(bool(excess[index] <= 1), 0, 0, argument, index, *place)
    if worst[1] is None:
        raise ValueError(f"nothing could be compared: all {skipped} elements are at kinks or are not finite")
    return replace(worst[1], compared=compared, skipped=skipped)


def ulp_error(got: ArrayLike, exact: Any) -> Any:
    """Error of floating-point numbers in units in the last place of the exact value.

    Parameters
    ----------
    got : float32 or float64, or an array of one of them
        What was computed. A Python float counts as float64.
    exact : Decimal, Fraction, str, int, float, mpmath number, or a sequence of them in the shape of `got`
        What it should be; a float counts as exact.

    Returns
    -------
    float or ndarray of float64
        ``abs(got - exact) / u``, where u is the distance of the neighbouring numbers of that dtype in the binade of
        `exact`, and the smallest subnormal below the normal numbers. A correctly rounded result has at most 0.5.

    Notes
    -----
    NaN for an exact NaN (``"nan"``) has error 0, and so has the infinity of the right sign for an exact infinity or
    for a number that rounds to it. In every other case in which one of the two is NaN or infinite the error is
    infinite. The sign of a zero is not judged.

    Examples
    --------
    >>> ulp_error(0.1, "0.1") < 0.5
    True
    >>> ulp_error(np.float32(1) / np.float32(3), Fraction(1, 3)) < 0.5
    True
    >>> ulp_error(0.0, Fraction(1, 2**1074))
    1.0
    """
    array = np.asarray(got)
    if array.dtype.newbyteorder("=") not in (np.float32, np.float64):
        raise TypeError(f"got must be float32 or float64, not {array.dtype}")
    if array.ndim == 0:
        return _ulp_error(array[()], exact)
    truths = np.empty(array.shape, dtype=object)
    truths[...] = exact
    errors = [_ulp_error(one, truth) for one, truth in zip(array.flat, truths.flat, strict=True)]
    return np.array(errors).reshape(array.shape)


def _ulp_error(got: Any, exact: Any) -> float:
    info = np.finfo(got.dtype)
    truth = _exact(exact)
    if isinstance(truth, Fraction):
        exponent = min(max(_exponent(truth), int(info.minexp)), int(info.maxexp) - 1)
        unit = Fraction(2) ** (exponent - int(info.nmant))
        if abs(truth) >= Fraction(float(info.max)) + unit / 2:                 # rounds to infinity
            truth = truth if math.isfinite(got) else math.inf if truth > 0 else -math.inf
    if not isinstance(truth, Fraction) or not math.isfinite(got):
        same = float(truth) == got if isinstance(truth, float) else False
        return 0.0 if same or isinstance(truth, float) and math.isnan(truth) and math.isnan(got) else math.inf
    try:
        return float(abs(Fraction(float(got)) - truth) / unit)
    except OverflowError:  # more ulps than a float counts
        return math.inf


def _exponent(value: Fraction) -> int:
    """The e with 2^e <= abs(value) < 2^(e+1); very small for 0."""
    if value == 0:
        return -(10**6)
    numerator, denominator = abs(value.numerator), value.denominator
    guess = numerator.bit_length() - denominator.bit_length()
    return guess if numerator >= denominator * Fraction(2) ** guess else guess - 1


def _exact(value: Any) -> Fraction | float:
    """A number of any kind as a Fraction, or as a float if it is NaN or infinite."""
    if hasattr(value, "_mpf_"):                                                # mpmath, without importing it
        sign, mantissa, exponent, bits = value._mpf_
        if not mantissa and exponent or abs(exponent + bits) > 20000:
            return float(value)
        return (-1) ** sign * int(mantissa) * Fraction(2) ** exponent
    if isinstance(value, str):
        value = Fraction(value) if "/" in value else Decimal(value)
    if isinstance(value, Decimal):
        if not value.is_finite():
            return float(value)
        if value and abs(value.adjusted()) > 5000:      # far beyond every float: do not write out its digits
            return Fraction(0) if value.adjusted() < 0 else math.copysign(math.inf, value)
        return Fraction(value)
    if isinstance(value, np.generic):
        value = value.item() if not isinstance(value, np.longdouble) else Decimal(str(value))
    if isinstance(value, Fraction):
        return value
    return Fraction(value) if math.isfinite(value) else float(value)

