"""Terms of entropies and divergences, with the conventions that 0 needs.

Definition, documentation and conventions; the arithmetic is in ``kernels/special.pyx``.
"""

from math import exp, inf, nan
from typing import Any

from numpy.typing import ArrayLike

from ..entries import Interval, Ulp
from ..special_entry import Out, SpecialFacts, Where, special_function, special_function_of_two

__all__ = ["entr", "kl_div", "rel_entr", "xlog1py", "xlogy"]

COVER = "Cover, Thomas (2006), Elements of Information Theory, section 2.1"
CSISZAR = (
    "Csiszar (1991), Why least squares and maximum entropy? An axiomatic approach to inference for linear inverse "
    "problems, doi:10.1214/aos/1176348385"
)
KULLBACK = "Kullback, Leibler (1951), On information and sufficiency, doi:10.1214/aoms/1177729694"
SHANNON = "Shannon (1948), A mathematical theory of communication, doi:10.1002/j.1538-7305.1948.tb01338.x"


@special_function_of_two(
    SpecialFacts(
        definition="cases((0, x == 0), (x*log(y), True))",
        gradient_definitions=("log(y)", "x/y"),
        domain="y >= 0 or x == 0",
        limits={(0, 0): 0, (0, inf): 0, (1, 0): -inf, (-1, 0): inf, (1, inf): inf},
        gradient_limits={(0, 0): (-inf, 0), (1, 0): (-inf, inf), (1, inf): (inf, 0)},
        accuracy={"value": Ulp(1, 2), "gradient": Ulp(1, 2)},
        references=(COVER,),
    )
)
def xlogy(x: ArrayLike, y: ArrayLike, /, *, out: Out = None, where: Where = True) -> Any:
    r"""Product with a logarithm: ``xlogy(x, y) = x log(y)``, 0 for ``x = 0``.

    The term of a cross-entropy, with ``0 log 0 = 0``.

    Parameters
    ----------
    x, y : array_like of real numbers
        They broadcast. Integers and booleans are computed as float64.
    out : ndarray, optional
        Where to write the result; may be `x` or `y` itself.
    where : array_like of bool, optional
        Compute only where True; elsewhere `out` keeps what it held, and without `out` the result is arbitrary there.

    Returns
    -------
    ndarray or scalar
        The common shape and dtype of `x` and `y` (float64 for integers and booleans). NaN for ``y < 0``, unless
        ``x = 0``.

    See Also
    --------
    xlog1py : with ``1 + y``.
    entr : the case ``y = x``, with the other sign.

    Notes
    -----
    For ``x = 0`` the value is 0 whatever `y` is, except NaN, and so is the derivative with respect to `y` for
    ``y >= 0``. The derivative with respect to `x` is ``log(y)``, -inf for ``y = 0``.

    References
    ----------
    Cover, Thomas (2006), Elements of Information Theory, section 2.1.

    Examples
    --------
    >>> from actlib import special
    >>> special.xlogy([0.0, 2.0, 1.0], [0.0, 2.0, 0.0])
    array([0.        , 1.38629436,       -inf])
    >>> special.xlogy.gradient(2.0, 4.0)
    (np.float64(1.3862943611198906), np.float64(0.5))
    """


@special_function_of_two(
    SpecialFacts(
        definition="cases((0, x == 0), (x*log(1 + y), True))",
        gradient_definitions=("log(1 + y)", "x/(1 + y)"),
        domain="y >= -1 or x == 0",
        limits={(0, -1): 0, (0, inf): 0, (1, -1): -inf, (-1, -1): inf, (1, inf): inf},
        gradient_limits={(0, -1): (-inf, 0), (1, -1): (-inf, inf), (1, inf): (inf, 0)},
        accuracy={"value": Ulp(1, 2), "gradient": Ulp(1, 2)},
        references=(COVER,),
    )
)
def xlog1py(x: ArrayLike, y: ArrayLike, /, *, out: Out = None, where: Where = True) -> Any:
    r"""Product with a logarithm of ``1 + y``: ``xlog1py(x, y) = x log(1 + y)``, 0 for ``x = 0``.

    The second term of a binary cross-entropy, ``xlog1py(1 - t, -p)``.

    Parameters
    ----------
    x, y : array_like of real numbers
        They broadcast. Integers and booleans are computed as float64.
    out : ndarray, optional
        Where to write the result; may be `x` or `y` itself.
    where : array_like of bool, optional
        Compute only where True; elsewhere `out` keeps what it held, and without `out` the result is arbitrary there.

    Returns
    -------
    ndarray or scalar
        The common shape and dtype of `x` and `y` (float64 for integers and booleans). NaN for ``y < -1``, unless
        ``x = 0``.

    See Also
    --------
    xlogy : with `y`.

    Notes
    -----
    For small `y`, ``1 + y`` has lost the digits of `y`; the logarithm is computed without that sum. For ``x = 0``
    the value is 0 whatever `y` is, except NaN, and so is the derivative with respect to `y` for ``y >= -1``.

    References
    ----------
    Cover, Thomas (2006), Elements of Information Theory, section 2.1.

    Examples
    --------
    >>> from actlib import special
    >>> special.xlog1py([0.0, 2.0, 2.0], [-1.0, 1.0, 1e-20])
    array([0.00000000e+00, 1.38629436e+00, 2.00000000e-20])
    >>> special.xlog1py.gradient(2.0, 3.0)
    (np.float64(1.3862943611198906), np.float64(0.5))
    """


@special_function(
    SpecialFacts(
        definition="-x*log(x)",
        derivative_definition="-(log(x) + 1)",
        domain=Interval(0, inf, low_closed=True),
        range=Interval(-inf, exp(-1), high_closed=True),
        limits={0: 0, inf: -inf},
        derivative_limits={0: inf, inf: -inf},
        accuracy={"value": Ulp(1, 2), "derivative": Ulp(1, 2)},
        references=(SHANNON,),
    )
)
def entr(x: ArrayLike, /, *, out: Out = None, where: Where = True) -> Any:
    r"""Term of an entropy: ``entr(x) = -x log(x)``, 0 for ``x = 0``.

    Summed over the probabilities of a distribution it is the entropy.

    Parameters
    ----------
    x : array_like of real numbers
        Not negative. Integers and booleans are computed as float64.
    out : ndarray, optional
        Where to write the result; may be `x` itself.
    where : array_like of bool, optional
        Compute only where True; elsewhere `out` keeps what it held, and without `out` the result is arbitrary there.

    Returns
    -------
    ndarray or scalar
        Same shape as `x`, dtype of `x` (float64 for integers and booleans). NaN for ``x < 0``.

    See Also
    --------
    actlib.information.entropy : the sum.
    rel_entr : of one probability against another.

    Notes
    -----
    Largest at ``x = 1/e``, where the derivative ``-(log(x) + 1)`` is 0; beside that zero it is computed from the
    distance to ``1/e``, so that it keeps its digits. SciPy, JAX and PyTorch return -inf for ``x < 0``, here it is
    NaN, as everywhere outside a domain.

    References
    ----------
    Shannon (1948), A mathematical theory of communication, doi:10.1002/j.1538-7305.1948.tb01338.x.

    Examples
    --------
    >>> from actlib import special
    >>> special.entr([0.0, 0.25, 1.0])
    array([0.        , 0.34657359, 0.        ])
    >>> special.entr.derivative([0.0, 1.0])
    array([inf, -1.])
    """


@special_function_of_two(
    SpecialFacts(
        definition="cases((0, x == 0), (x*log(x/y), True))",
        gradient_definitions=("log(x/y) + 1", "-x/y"),
        domain="x >= 0 and y >= 0",
        limits={(0, 0): 0, (0, 1): 0, (1, 0): inf, (0, inf): 0, (1, inf): -inf},
        gradient_limits={(0, 1): (-inf, 0), (1, 0): (inf, -inf), (0, 0): (nan, 0)},
        accuracy={"value": Ulp(1, 2), "gradient": Ulp(1, 3)},
        references=(KULLBACK,),
    )
)
def rel_entr(x: ArrayLike, y: ArrayLike, /, *, out: Out = None, where: Where = True) -> Any:
    r"""Term of a relative entropy: ``rel_entr(x, y) = x log(x/y)``, 0 for ``x = 0``.

    Summed over two distributions it is the Kullback-Leibler divergence.

    Parameters
    ----------
    x, y : array_like of real numbers
        Not negative; they broadcast. Integers and booleans are computed as float64.
    out : ndarray, optional
        Where to write the result; may be `x` or `y` itself.
    where : array_like of bool, optional
        Compute only where True; elsewhere `out` keeps what it held, and without `out` the result is arbitrary there.

    Returns
    -------
    ndarray or scalar
        The common shape and dtype of `x` and `y` (float64 for integers and booleans). NaN where `x` or `y` is
        negative.

    See Also
    --------
    actlib.information.kl_divergence : the sum.
    kl_div : the same plus ``y - x``, never negative.

    Notes
    -----
    The logarithm of the quotient is that of its significand, from the exact difference of two significands, plus a
    multiple of ``log 2``: nothing is lost near ``x = y``, and no quotient overflows. inf for ``y = 0 < x``. At
    ``x = y = 0`` the derivative with respect to `x` has no limit: NaN.

    References
    ----------
    Kullback, Leibler (1951), On information and sufficiency, doi:10.1214/aoms/1177729694.

    Examples
    --------
    >>> from actlib import special
    >>> special.rel_entr([0.0, 0.5, 1.0], [0.5, 0.25, 0.0])
    array([0.        , 0.34657359,        inf])
    >>> special.rel_entr.gradient(0.5, 0.25)
    (np.float64(1.6931471805599454), np.float64(-2.0))
    """


@special_function_of_two(
    SpecialFacts(
        definition="cases((y, x == 0), (x*log(x/y) - x + y, True))",
        gradient_definitions=("log(x/y)", "1 - x/y"),
        domain="x >= 0 and y >= 0",
        range=Interval(0, inf, low_closed=True),
        limits={(0, 0): 0, (0, 1): 1, (1, 0): inf, (1, inf): inf},
        gradient_limits={(0, 1): (-inf, 1), (1, 0): (inf, -inf), (0, 0): (nan, 1)},
        accuracy={"value": Ulp(1, 4), "gradient": Ulp(1, 2)},
        references=(CSISZAR,),
    )
)
def kl_div(x: ArrayLike, y: ArrayLike, /, *, out: Out = None, where: Where = True) -> Any:
    r"""Term of a divergence that is never negative: ``kl_div(x, y) = x log(x/y) - x + y``.

    How far apart two positive numbers are; over two distributions the additions cancel, and the sum is their
    divergence.

    Parameters
    ----------
    x, y : array_like of real numbers
        Not negative; they broadcast. Integers and booleans are computed as float64.
    out : ndarray, optional
        Where to write the result; may be `x` or `y` itself.
    where : array_like of bool, optional
        Compute only where True; elsewhere `out` keeps what it held, and without `out` the result is arbitrary there.

    Returns
    -------
    ndarray or scalar
        The common shape and dtype of `x` and `y` (float64 for integers and booleans). NaN where `x` or `y` is
        negative.

    See Also
    --------
    rel_entr : without ``- x + y``.
    actlib.losses.kl_divergence : the loss.

    Notes
    -----
    Near ``x = y`` the terms cancel to about ``(x - y)**2/(2 y)``. There the value is
    ``(x - y) s (1 + (1 + s) s R(s**2)/2)`` with ``s = (x - y)/(x + y)`` and a polynomial `R`, from
    ``log(x/y) = 2 artanh(s)``; every factor keeps its digits. At ``x = y = 0`` the derivative with respect to `x`
    has no limit: NaN.

    References
    ----------
    Csiszar (1991), Why least squares and maximum entropy? doi:10.1214/aos/1176348385.

    Examples
    --------
    >>> from actlib import special
    >>> special.kl_div([0.0, 0.5, 1.0], [0.5, 0.25, 0.0])
    array([0.5       , 0.09657359,        inf])

    The formula as printed against the function, where the two numbers are close:

    >>> import numpy as np
    >>> x, y = 1.0, 1.0 + 2.0**-30
    >>> print(x * np.log(x / y) - x + y, special.kl_div(x, y))
    0.0 4.3368086872493727e-19
    """
