"""Functions that shrink small inputs to 0.

Definition, documentation and conventions; the arithmetic is in ``kernels/shrinking.pyx``.
"""

from math import inf
from typing import Any

from numpy.typing import ArrayLike

from ..entries import PIECEWISE_LINEAR, Facts, Interval, Out, Ulp, activation, output_activation

__all__ = [
    "hard_shrink",
    "hardshrink",
    "soft_shrink",
    "softshrink",
    "tanh_shrink",
    "tanhshrink",
]


@output_activation(
    Facts(
        definition="cases((x, Abs(x) > lambd), (0, True))",
        derivative_definition="cases((1, Abs(x) > lambd), (0, True))",
        second_derivative_definition="0",
        derivative_from_output_definition="cases((1, y != 0), (0, True))",
        limits={-inf: -inf, inf: inf},
        derivative_limits={-inf: 1, inf: 1},
        kinks={"-lambd": 0, "lambd": 0},
        parameters={"lambd": Interval(0, inf, True)},
        accuracy=PIECEWISE_LINEAR,
        aliases=("hardshrink",),
        references=(
            "Donoho, Johnstone (1994), Ideal spatial adaptation by wavelet shrinkage, doi:10.1093/biomet/81.3.425",
        ),
    )
)
def hard_shrink(x: ArrayLike, /, *, lambd: ArrayLike = 0.5, out: Out = None, where: ArrayLike = True) -> Any:
    r"""Hard shrinkage: 0 where ``abs(x) <= lambd``, `x` elsewhere.

    Removes what is small and leaves the rest unchanged: hard thresholding of coefficients.

    Parameters
    ----------
    x : array_like of real numbers
        Any shape. Integers and booleans are computed as float64.
    lambd : array_like, optional
        Half the width of the interval that gives 0, not negative and finite; broadcasts against `x`.
    out : ndarray, optional
        Where to write the result; may be `x` itself.
    where : array_like of bool, optional
        Compute only where True; elsewhere `out` keeps what it held, and without `out` the result is arbitrary there.

    Returns
    -------
    ndarray or scalar
        Same shape as `x`, dtype of `x` (float64 for integers and booleans).

    Raises
    ------
    ValueError
        If a `lambd` is negative, infinite or NaN.

    See Also
    --------
    soft_shrink : moves the rest towards 0, and so has no jump.
    thresholded_relu : the positive half.

    Notes
    -----
    It jumps at ``-lambd`` and at `lambd`; there the derivative is that of the flat side, 0. With ``lambd = 0`` the
    value is `x` everywhere.

    References
    ----------
    Donoho, Johnstone (1994), Ideal spatial adaptation by wavelet shrinkage, Biometrika 81, 425-455,
    doi:10.1093/biomet/81.3.425.

    Examples
    --------
    >>> import numpy as np, actlib
    >>> actlib.hard_shrink(np.array([-2.0, -0.5, 0.25, 0.75]))
    array([-2.  ,  0.  ,  0.  ,  0.75])
    >>> actlib.hard_shrink.derivative(np.array([-2.0, -0.5, 0.25, 0.75]))
    array([1., 0., 0., 1.])
    """


@output_activation(
    Facts(
        definition="sign(x) * Max(0, Abs(x) - lambd)",
        derivative_definition="cases((1, Abs(x) > lambd), (0, True))",
        second_derivative_definition="0",
        derivative_from_output_definition="cases((1, y != 0), (0, True))",
        limits={-inf: -inf, inf: inf},
        derivative_limits={-inf: 1, inf: 1},
        kinks={"-lambd": 0, "lambd": 0},
        parameters={"lambd": Interval(0, inf, True)},
        accuracy=PIECEWISE_LINEAR,
        aliases=("softshrink",),
        references=(
            "Donoho (1995), De-noising by soft-thresholding, doi:10.1109/18.382009",
            "Beck, Teboulle (2009), A fast iterative shrinkage-thresholding algorithm, doi:10.1137/080716542",
        ),
    )
)
def soft_shrink(x: ArrayLike, /, *, lambd: ArrayLike = 0.5, out: Out = None, where: ArrayLike = True) -> Any:
    r"""Soft shrinkage: ``sign(x) * max(0, abs(x) - lambd)``.

    Moves every input towards 0 by `lambd`, and stops there: soft thresholding, the step that makes solutions sparse.

    Parameters
    ----------
    x : array_like of real numbers
        Any shape. Integers and booleans are computed as float64.
    lambd : array_like, optional
        Half the width of the interval that gives 0, not negative and finite; broadcasts against `x`.
    out : ndarray, optional
        Where to write the result; may be `x` itself.
    where : array_like of bool, optional
        Compute only where True; elsewhere `out` keeps what it held, and without `out` the result is arbitrary there.

    Returns
    -------
    ndarray or scalar
        Same shape as `x`, dtype of `x` (float64 for integers and booleans).

    Raises
    ------
    ValueError
        If a `lambd` is negative, infinite or NaN.

    See Also
    --------
    hard_shrink : leaves what is large where it is.
    relu : its positive half is ``relu(x - lambd)``.

    Notes
    -----
    It is the minimiser `z` of ``(z - x)**2 / 2 + lambd * abs(z)``. The function is continuous; at its kinks,
    ``-lambd`` and `lambd`, the derivative is that of the flat side, 0. ``abs(x) - lambd`` is rounded once.

    References
    ----------
    Donoho (1995), De-noising by soft-thresholding, IEEE Transactions on Information Theory 41, 613-627,
    doi:10.1109/18.382009. Beck, Teboulle (2009), A fast iterative shrinkage-thresholding algorithm for linear
    inverse problems, SIAM Journal on Imaging Sciences 2, 183-202, doi:10.1137/080716542.

    Examples
    --------
    >>> import numpy as np, actlib
    >>> actlib.soft_shrink(np.array([-2.0, -0.5, 0.25, 0.75]))
    array([-1.5 ,  0.  ,  0.  ,  0.25])
    >>> actlib.soft_shrink.derivative(np.array([-2.0, -0.5, 0.25, 0.75]))
    array([1., 0., 0., 1.])
    """


@activation(
    Facts(
        definition="x - tanh(x)",
        derivative_definition="tanh(x)**2",
        second_derivative_definition="2 * tanh(x) / cosh(x)**2",
        limits={-inf: -inf, inf: inf},
        derivative_limits={-inf: 1, inf: 1},
        accuracy={"value": Ulp(1, 3), "derivative": Ulp(1, 3), "second_derivative": Ulp(1, 4)},
        aliases=("tanhshrink",),
        references=("Donoho (1995), De-noising by soft-thresholding, doi:10.1109/18.382009",),
    )
)
def tanh_shrink(x: ArrayLike, /, *, out: Out = None, where: ArrayLike = True) -> Any:
    r"""What tanh takes away from its input: ``tanh_shrink(x) = x - tanh(x)``.

    Small inputs shrink to almost nothing, ``x**3/3``; large ones lose 1. A smooth relative of soft thresholding.

    Parameters
    ----------
    x : array_like of real numbers
        Any shape. Integers and booleans are computed as float64.
    out : ndarray, optional
        Where to write the result; may be `x` itself.
    where : array_like of bool, optional
        Compute only where True; elsewhere `out` keeps what it held, and without `out` the result is arbitrary there.

    Returns
    -------
    ndarray or scalar
        Same shape as `x`, dtype of `x` (float64 for integers and booleans).

    See Also
    --------
    tanh : the other part of the input.

    Notes
    -----
    Near 0 the difference of two almost equal numbers has no digits left: at 1e-8 the subtraction gives 0 in float64.
    Here it is ``x**3`` times a polynomial. The derivative is ``tanh(x)**2``, 0 at 0: small inputs also stop gradients.

    References
    ----------
    Donoho (1995), De-noising by soft-thresholding, doi:10.1109/18.382009.

    Examples
    --------
    >>> import numpy as np, actlib
    >>> actlib.tanh_shrink(np.array([-10.0, -1e-8, 0.0, 1.0]))
    array([-9.00000000e+00, -3.33333333e-25,  0.00000000e+00,  2.38405844e-01])
    >>> actlib.tanh_shrink.derivative(np.array([-np.inf, 0.0, 1.0]))
    array([1.        , 0.        , 0.58002566])
    >>> actlib.tanhshrink is actlib.tanh_shrink
    True
    """


hardshrink = hard_shrink
softshrink = soft_shrink
tanhshrink = tanh_shrink
