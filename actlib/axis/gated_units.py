"""Gated linear units: one half of a row decides how much of the other passes."""

from typing import Any

from numpy.typing import ArrayLike

from ..entries import Ulp
from ..entries_axis import Axis, AxisFacts, Out
from ..entries_axis_lengths import gated_function

__all__ = ["geglu", "glu", "reglu", "swiglu"]

EXACT = Ulp(0.5, 0.5)
DAUPHIN = "Dauphin, Fan, Auli, Grangier (2017), Language modeling with gated convolutional networks, ICML"
SHAZEER = "Shazeer (2020), GLU variants improve transformer, arXiv:2002.05202"


@gated_function(
    AxisFacts(
        definition="x[i] / (1 + exp(-x[i + K / 2]))",
        derivative_definition=(
            "cases((1 / (1 + exp(-x[i + K / 2])), j == i),"
            " (x[i] * exp(-x[i + K / 2]) / (1 + exp(-x[i + K / 2]))**2, j == i + K / 2), (0, True))"
        ),
        limits={"b at -inf": "0, with gradient 0, for a finite a", "b at +inf": "a"},
        accuracy={"value": Ulp(1, 4), "backward": Ulp(1, 4)},
        references=(DAUPHIN,),
        multiple=2,
    )
)
def glu(x: ArrayLike, /, axis: Axis = -1, *, out: Out = None) -> Any:
    r"""Gated linear unit: ``glu(x) = a sigmoid(b)`` for the halves `a` and `b` of a row, which halves the axis.

    The second half opens or closes the way of the first, which passes without a nonlinearity of its own.

    Parameters
    ----------
    x : array_like of real numbers
        The length of the axis must be even. Integers and booleans are computed as float64, float16 in float32.
    axis : int, default -1
        Whose halves are `a`, the first, and `b`, the second.
    out : ndarray, optional
        Where to write the result; of the halved shape.

    Returns
    -------
    ndarray
        Shape of `x` with `axis` half as long, dtype of `x` (float64 for integers and booleans).

    Raises
    ------
    ValueError
        If the length of the axis is odd, or the shape of `out` does not fit.
    TypeError
        If `x` does not hold real numbers.

    See Also
    --------
    swiglu, geglu, reglu : other gates, in the first half.
    sigmoid : the gate.

    Notes
    -----
    The sigmoid acts on the *second* half; in swiglu, geglu and reglu the first half is the gate.

    ``backward`` gives ``upstream * sigmoid(b)`` to the first half and ``upstream * a * sigmoid'(b)`` to the second. The
    factors are multiplied so that nothing overflows or underflows on the way: ``1e10 * sigmoid(-740)`` has all digits,
    though ``sigmoid(-740)`` is subnormal. A NaN makes what is computed from it NaN.

    References
    ----------
    Dauphin, Fan, Auli, Grangier (2017), Language modeling with gated convolutional networks, ICML.

    Examples
    --------
    >>> import numpy as np, actlib
    >>> actlib.glu([3.0, -2.0, 0.0, 10.0])
    array([ 1.5      , -1.9999092])
    >>> actlib.glu([3.0, -2.0, 0.0])
    Traceback (most recent call last):
        ...
    ValueError: glu: axis 0 must have an even length, for it holds two halves; got 3
    """


@gated_function(
    AxisFacts(
        definition="x[i] / (1 + exp(-x[i])) * x[i + K / 2]",
        derivative_definition=(
            "cases(((1 + x[i] / (1 + exp(x[i]))) / (1 + exp(-x[i])) * x[i + K / 2], j == i),"
            " (x[i] / (1 + exp(-x[i])), j == i + K / 2), (0, True))"
        ),
        limits={"a at -inf": "-0 times b, for a finite b", "a at +inf": "a b"},
        accuracy={"value": Ulp(1, 4), "backward": Ulp(1, 4)},
        references=(SHAZEER,),
        multiple=2,
    )
)
def swiglu(x: ArrayLike, /, axis: Axis = -1, *, out: Out = None) -> Any:
    r"""SwiGLU: ``swiglu(x) = silu(a) b`` for the halves `a` and `b` of a row, which halves the axis.

    The gate is :func:`actlib.silu` of the first half. The feed-forward layers of many language models use it.

    Parameters
    ----------
    x : array_like of real numbers
        The length of the axis must be even. Integers and booleans are computed as float64, float16 in float32.
    axis : int, default -1
        Whose halves are `a`, the first, and `b`, the second.
    out : ndarray, optional
        Where to write the result; of the halved shape.

    Returns
    -------
    ndarray
        Shape of `x` with `axis` half as long, dtype of `x` (float64 for integers and booleans).

    Raises
    ------
    ValueError
        If the length of the axis is odd, or the shape of `out` does not fit.
    TypeError
        If `x` does not hold real numbers.

    See Also
    --------
    glu, geglu, reglu : other gates.
    silu : the gate.

    Notes
    -----
    The gate is the *first* half; in :func:`actlib.glu` it is the second.

    ``backward`` gives ``upstream * b * silu'(a)`` to the first half and ``upstream * silu(a)`` to the second. silu' has
    a zero at -1.2784645427610738, beside which it keeps its digits. The factors are multiplied so that nothing
    overflows or underflows on the way.

    References
    ----------
    Shazeer (2020), GLU variants improve transformer, arXiv:2002.05202.

    Examples
    --------
    >>> import numpy as np, actlib
    >>> actlib.swiglu([1.0, -1.0, 10.0, 10.0])
    array([ 7.31058579, -2.68941421])
    >>> actlib.swiglu.backward([1.0, 1.0], [1.0, -1.0, 10.0, 10.0])
    array([ 9.27670512,  0.72329488,  0.73105858, -0.26894142])
    """


@gated_function(
    AxisFacts(
        definition="x[i] * (1 + erf(x[i] / sqrt(2))) / 2 * x[i + K / 2]",
        derivative_definition=(
            "cases(((erf(x[i] / sqrt(2)) + x[i] * sqrt(2 / pi) * exp(-x[i]**2 / 2) + 1) / 2 * x[i + K / 2], j == i),"
            " (x[i] * (1 + erf(x[i] / sqrt(2))) / 2, j == i + K / 2), (0, True))"
        ),
        limits={"a at -inf": "-0 times b, for a finite b", "a at +inf": "a b"},
        accuracy={"value": Ulp(1, 4), "backward": Ulp(1, 4)},
        references=(SHAZEER,),
        multiple=2,
    )
)
def geglu(x: ArrayLike, /, axis: Axis = -1, *, out: Out = None) -> Any:
    r"""GEGLU: ``geglu(x) = gelu(a) b`` for the halves `a` and `b` of a row, which halves the axis.

    The gate is :func:`actlib.gelu` of the first half, the exact one with the normal distribution.

    Parameters
    ----------
    x : array_like of real numbers
        The length of the axis must be even. Integers and booleans are computed as float64, float16 in float32.
    axis : int, default -1
        Whose halves are `a`, the first, and `b`, the second.
    out : ndarray, optional
        Where to write the result; of the halved shape.

    Returns
    -------
    ndarray
        Shape of `x` with `axis` half as long, dtype of `x` (float64 for integers and booleans).

    Raises
    ------
    ValueError
        If the length of the axis is odd, or the shape of `out` does not fit.
    TypeError
        If `x` does not hold real numbers.

    See Also
    --------
    glu, swiglu, reglu : other gates.
    gelu : the gate.

    Notes
    -----
    The gate is the *first* half; in :func:`actlib.glu` it is the second.

    ``backward`` gives ``upstream * b * gelu'(a)`` to the first half and ``upstream * gelu(a)`` to the second. gelu' has
    a zero at -0.7517915246935645, beside which it keeps its digits. The factors are multiplied so that nothing
    overflows or underflows on the way, down to ``a = -53.2``; below, gelu(a) is under 1e-613 and counts as 0.

    References
    ----------
    Shazeer (2020), GLU variants improve transformer, arXiv:2002.05202.

    Examples
    --------
    >>> import numpy as np, actlib
    >>> actlib.geglu([1.0, -1.0, 10.0, 10.0])
    array([ 8.41344746, -1.58655254])
    >>> actlib.geglu([-40.0, 1e30])  # gelu(-40) itself is smaller than any float64
    array([-1.462355e-318])
    """


@gated_function(
    AxisFacts(
        definition="Max(x[i], 0) * x[i + K / 2]",
        derivative_definition=(
            "cases((cases((x[i + K / 2], x[i] > 0), (0, True)), j == i), (Max(x[i], 0), j == i + K / 2), (0, True))"
        ),
        limits={"a at or below 0": "0, also for an infinite b", "a at +inf": "a b"},
        accuracy={"value": EXACT, "backward": EXACT},
        references=(SHAZEER,),
        multiple=2,
    )
)
def reglu(x: ArrayLike, /, axis: Axis = -1, *, out: Out = None) -> Any:
    r"""ReGLU: ``reglu(x) = relu(a) b`` for the halves `a` and `b` of a row, which halves the axis.

    The gate is :func:`actlib.relu` of the first half: where it is closed, nothing passes at all.

    Parameters
    ----------
    x : array_like of real numbers
        The length of the axis must be even. Integers and booleans are computed as float64, float16 in float32.
    axis : int, default -1
        Whose halves are `a`, the first, and `b`, the second.
    out : ndarray, optional
        Where to write the result; of the halved shape.

    Returns
    -------
    ndarray
        Shape of `x` with `axis` half as long, dtype of `x` (float64 for integers and booleans).

    Raises
    ------
    ValueError
        If the length of the axis is odd, or the shape of `out` does not fit.
    TypeError
        If `x` does not hold real numbers.

    See Also
    --------
    glu, swiglu, geglu : other gates.
    relu : the gate.

    Notes
    -----
    The gate is the *first* half; in :func:`actlib.glu` it is the second.

    ``backward`` gives ``upstream * b`` where ``a > 0`` to the first half and ``upstream * relu(a)`` to the second; at
    ``a = 0`` both are 0, as the derivative of relu there. A NaN in one half is a NaN in the result, where the gate is
    closed too.

    References
    ----------
    Shazeer (2020), GLU variants improve transformer, arXiv:2002.05202.

    Examples
    --------
    >>> import numpy as np, actlib
    >>> actlib.reglu([1.0, -1.0, 10.0, 10.0])
    array([10.,  0.])
    >>> actlib.reglu.backward([1.0, 1.0], [1.0, -1.0, 10.0, 10.0])
    array([10.,  0.,  1.,  0.])
    """
