"""Functions that oscillate: sine, snake.

Definition, documentation and conventions; the arithmetic is in ``kernels/periodic.pyx``.
"""

from math import inf, nan
from typing import Any

from numpy.typing import ArrayLike

from ..entries import (
    Facts,
    Interval,
    Out,
    Ulp,
    activation,
)

__all__ = [
    "sine",
    "snake",
]


@activation(
    Facts(
        definition="sin(omega * x)",
        derivative_definition="omega * cos(omega * x)",
        second_derivative_definition="-omega**2 * sin(omega * x)",
        range=Interval(-1, 1, True, True),
        limits={-inf: nan, inf: nan},
        derivative_limits={-inf: nan, inf: nan},
        accuracy={"value": Ulp(1, 1), "derivative": Ulp(1, 2), "second_derivative": Ulp(1, 3)},
        references=(
            "Sitzmann, Martel, Bergman, Lindell, Wetzstein (2020), Implicit Neural Representations with Periodic"
            " Activation Functions, arXiv:2006.09661",
        ),
    )
)
def sine(x: ArrayLike, /, *, omega: ArrayLike = 1.0, out: Out = None, where: ArrayLike = True) -> Any:
    r"""Sine: ``sine(x) = sin(omega x)``, the activation of networks that represent images and fields (SIREN).

    Its derivative is a sine too, shifted, so that a network of sines has derivatives of the same kind.

    Parameters
    ----------
    x : array_like of real numbers
        Any shape. Integers and booleans are computed as float64.
    omega : array_like, optional
        Frequency, a finite number; broadcasts against `x`. SIREN takes 30.
    out : ndarray, optional
        Where to write the result; may be `x` itself.
    where : array_like of bool, optional
        Compute only where True; elsewhere `out` keeps what it held, and without `out` the result is arbitrary there.

    Returns
    -------
    ndarray or scalar
        Same shape as `x`, dtype of `x` (float64 for integers and booleans). Values in [-1, 1].

    See Also
    --------
    snake : a monotone function that oscillates.

    Notes
    -----
    Right for every finite `x` and `omega`: ``omega x`` is used unrounded, and as many digits of pi as it takes. Beside
    the zeros of value and derivatives, at multiples of ``pi/omega`` and between them, all digits are right. At infinity
    there is no limit: NaN.

    References
    ----------
    Sitzmann, Martel, Bergman, Lindell, Wetzstein (2020), Implicit Neural Representations with Periodic Activation
    Functions, arXiv:2006.09661.

    Examples
    --------
    >>> import numpy as np, actlib
    >>> actlib.sine(np.array([0.0, 0.5, 1e300]), omega=2.0)
    array([0.        , 0.84147098, 0.94119579])
    >>> actlib.sine.derivative(np.array([0.0, np.inf]), omega=30.0)
    array([30., nan])
    """


@activation(
    Facts(
        definition="x + sin(a * x)**2 / a",
        derivative_definition="1 + sin(2 * a * x)",
        second_derivative_definition="2 * a * cos(2 * a * x)",
        limits={-inf: -inf, inf: inf},
        derivative_limits={-inf: nan, inf: nan},
        accuracy={"value": Ulp(1, 2), "derivative": Ulp(1, 2), "second_derivative": Ulp(1, 2)},
        references=("Ziyin, Hartwig, Ueda (2020), Neural Networks Fail to Learn Periodic Functions, arXiv:2006.08195",),
    )
)
def snake(x: ArrayLike, /, *, a: ArrayLike = 1.0, out: Out = None, where: ArrayLike = True) -> Any:
    r"""Snake: ``snake(x) = x + sin(a x)**2/a``.

    Climbs like `x` and oscillates around ``x + 1/(2 a)``: monotone, easy to train, and able to continue a periodic
    signal beyond the data.

    Parameters
    ----------
    x : array_like of real numbers
        Any shape. Integers and booleans are computed as float64.
    a : array_like, optional
        Half the angular frequency of the oscillation, a finite number; broadcasts against `x`. Its sign decides on
        which side of `x` the curve runs, and 0 gives the limit, `x`.
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
    sine : the plain oscillation.

    Notes
    -----
    The derivative ``1 + sin(2 a x)`` is never negative and touches 0 once in each period. There it is computed as
    ``2 sin(a x + pi/4)**2``, so that it keeps its digits. The value is not affected by overflow or underflow of
    ``sin(a x)**2`` or of ``1/a``. The derivatives have no limit at infinity: NaN.

    References
    ----------
    Ziyin, Hartwig, Ueda (2020), Neural Networks Fail to Learn Periodic Functions and How to Fix It, arXiv:2006.08195.

    Examples
    --------
    >>> import numpy as np, actlib
    >>> actlib.snake(np.array([-1.0, 0.0, 1.0, np.inf]))
    array([-0.29192658,  0.        ,  1.70807342,         inf])
    >>> actlib.snake.derivative(np.array([0.0, -np.pi / 4]))
    array([1.00000000e+00, 1.87469973e-33])
    """
