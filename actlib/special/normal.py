"""The distribution function of the normal distribution.

Definition, documentation and conventions; the arithmetic is in ``kernels/special.pyx``.
"""

from math import inf
from typing import Any

from numpy.typing import ArrayLike

from ..entries import Interval, Ulp
from ..special_entry import Out, SpecialFacts, Where, special_function

__all__ = ["log_ndtr", "ndtr"]

MILLS = "Mills (1926), Table of the ratio: area to bounding ordinate, doi:10.1093/biomet/18.3-4.395"
SHEPHERD = (
    "Shepherd, Laframboise (1981), Chebyshev approximation of (1 + 2x)exp(x**2)erfc x in 0 <= x < infinity, "
    "doi:10.1090/S0025-5718-1981-0595058-X"
)


@special_function(
    SpecialFacts(
        definition="(1 + erf(x/sqrt(2)))/2",
        derivative_definition="exp(-x**2/2)/sqrt(2*pi)",
        range=Interval(0, 1, low_closed=True, high_closed=True),
        limits={-inf: 0, inf: 1},
        derivative_limits={-inf: 0, inf: 0},
        accuracy={"value": Ulp(1, 3), "derivative": Ulp(1, 2)},
        references=(SHEPHERD,),
    )
)
def ndtr(x: ArrayLike, /, *, out: Out = None, where: Where = True) -> Any:
    r"""Distribution function of the standard normal distribution: the probability of a value below `x`.

    The gate of gelu, and the sigmoid of probit regression.

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
        Same shape as `x`, dtype of `x` (float64 for integers and booleans). Values in [0, 1].

    See Also
    --------
    log_ndtr : its logarithm.
    actlib.gelu : ``x`` times it.

    Notes
    -----
    For negative `x` the textbook form subtracts two numbers close to 1. Here the tail is ``exp(-x**2/2)`` times a
    ratio that varies little, a polynomial in ``(a - 4)/(a + 4)`` with ``a = abs(x)``, and ``x**2`` is formed with
    its rounding error. For positive `x` it is one minus the tail. The derivative is the normal density.

    References
    ----------
    Shepherd, Laframboise (1981), Chebyshev approximation of (1 + 2x)exp(x**2)erfc x,
    doi:10.1090/S0025-5718-1981-0595058-X.

    Examples
    --------
    >>> from actlib import special
    >>> special.ndtr([-38.0, -1.0, 0.0, 1.0])
    array([2.88542835e-316, 1.58655254e-001, 5.00000000e-001, 8.41344746e-001])
    >>> special.ndtr.derivative(0.0)
    np.float64(0.3989422804014327)
    """


@special_function(
    SpecialFacts(
        definition="log((1 + erf(x/sqrt(2)))/2)",
        derivative_definition="2*exp(-x**2/2)/(sqrt(2*pi)*(1 + erf(x/sqrt(2))))",
        range=Interval(-inf, 0, high_closed=True),
        limits={-inf: -inf, inf: 0},
        derivative_limits={-inf: inf, inf: 0},
        accuracy={"value": Ulp(1, 4), "derivative": Ulp(1, 4)},
        references=(SHEPHERD, MILLS),
    )
)
def log_ndtr(x: ArrayLike, /, *, out: Out = None, where: Where = True) -> Any:
    r"""Logarithm of the normal distribution function: ``log_ndtr(x) = log(ndtr(x))``.

    The log-likelihood of a probit regression; about ``-x**2/2`` for very negative `x`.

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
        Same shape as `x`, dtype of `x` (float64 for integers and booleans). Not positive.

    See Also
    --------
    ndtr : the distribution function itself.

    Notes
    -----
    For negative `x` it is ``-x**2/2`` plus the logarithm of the ratio that :obj:`ndtr` uses, two negative terms;
    for positive `x` ``log1p`` of minus the tail, right to the last digits however close to 0. The derivative,
    density over distribution function, is one over the Mills ratio of ``-x``: about ``-x`` for very negative `x`,
    where beyond -20 it is computed from the asymptotic series.

    References
    ----------
    Mills (1926), Table of the ratio: area to bounding ordinate, doi:10.1093/biomet/18.3-4.395.

    Examples
    --------
    >>> from actlib import special
    >>> special.log_ndtr([-1000.0, 0.0, 10.0])
    array([-5.00007827e+05, -6.93147181e-01, -7.61985302e-24])
    >>> special.log_ndtr.derivative(-1000.0)
    np.float64(1000.000999998)
    """
