"""Logarithms and exponentials of sums and differences that cancel.

Definition, documentation and conventions; the arithmetic is in ``kernels/special.pyx``.
"""

from math import inf, nan
from typing import Any

from numpy.typing import ArrayLike

from ..entries import Interval, Ulp
from ..entries_axis import Axis, AxisFacts
from ..special_entry import Out, SpecialFacts, Where, mean_function, special_function, special_function_of_two

__all__ = ["log1mexp", "log_cosh", "logaddexp", "logit", "logmeanexp", "logsubexp", "sech2", "softplus_inverse"]

BERKSON = "Berkson (1944), Application of the logistic function to bio-assay, doi:10.1080/01621459.1944.10500699"
BLANCHARD = (
    "Blanchard, Higham, Higham (2021), Accurately computing the log-sum-exp and softmax functions, "
    "IMA Journal of Numerical Analysis 41, 2311-2330"
)
BURDA = "Burda, Grosse, Salakhutdinov (2016), Importance weighted autoencoders, arXiv:1509.00519"
DLMF = "NIST Digital Library of Mathematical Functions, section 4.34"
DUGAS = (
    "Dugas, Bengio, Belisle, Nadeau, Garcia (2001), Incorporating second-order functional knowledge for better "
    "option pricing"
)
GREEN = (
    "Green (1990), Bayesian reconstructions from emission tomography data using a modified EM algorithm, "
    "doi:10.1109/42.52985"
)
MAECHLER = "Maechler (2012), Accurately computing log(1 - exp(-|a|)), assessed by the Rmpfr package"
FAIR = "of the larger of the two terms, which cancel where the result is near 0"
FAIR_ROW = "of the larger of the largest entry and the logarithm of the mean, which cancel where the result is near 0"


@special_function(
    SpecialFacts(
        definition="log(x/(1 - x))",
        derivative_definition="1/(x*(1 - x))",
        domain=Interval(0, 1, low_closed=True, high_closed=True),
        limits={0: -inf, 1: inf},
        derivative_limits={0: inf, 1: inf},
        accuracy={"value": Ulp(1, 2), "derivative": Ulp(1, 2)},
        references=(BERKSON,),
        kernel="sigmoid_inverse",
        derivative_kernel="logit_derivative",
    )
)
def logit(x: ArrayLike, /, *, out: Out = None, where: Where = True) -> Any:
    r"""Logit: ``logit(x) = log(x/(1 - x))``, the logarithm of the odds.

    The score whose sigmoid is the probability `x`.

    Parameters
    ----------
    x : array_like of real numbers
        Probabilities. Integers and booleans are computed as float64.
    out : ndarray, optional
        Where to write the result; may be `x` itself.
    where : array_like of bool, optional
        Compute only where True; elsewhere `out` keeps what it held, and without `out` the result is arbitrary there.

    Returns
    -------
    ndarray or scalar
        Same shape as `x`, dtype of `x` (float64 for integers and booleans). NaN outside [0, 1].

    See Also
    --------
    actlib.sigmoid : its inverse.

    Notes
    -----
    Near ``x = 1/2``, where the value is 0, it is ``log1p((2 x - 1)/(1 - x))``, whose numerator is exact. The
    derivative ``1/(x - x**2)`` has a denominator that is rounded once. At 0 the value is -inf, at 1 inf; the
    derivative is inf at both. Near 1 a probability has few digits: what was lost when it was rounded does not come
    back.

    References
    ----------
    Berkson (1944), Application of the logistic function to bio-assay, doi:10.1080/01621459.1944.10500699.

    Examples
    --------
    >>> from actlib import special
    >>> special.logit([0.0, 0.25, 0.5, 1.0])
    array([       -inf, -1.09861229,  0.        ,         inf])
    >>> special.logit.derivative(0.5)
    np.float64(4.0)
    """


@special_function(
    SpecialFacts(
        definition="log(1 - exp(-x))",
        derivative_definition="1/(exp(x) - 1)",
        domain=Interval(0, inf, low_closed=True),
        range=Interval(-inf, 0, high_closed=True),
        limits={0: -inf, inf: 0},
        derivative_limits={0: inf, inf: 0},
        accuracy={"value": Ulp(1, 2), "derivative": Ulp(1, 2)},
        references=(MAECHLER,),
    )
)
def log1mexp(x: ArrayLike, /, *, out: Out = None, where: Where = True) -> Any:
    r"""Logarithm of one minus an exponential: ``log1mexp(x) = log(1 - exp(-x))`` for ``x > 0``.

    From ``x = -log p`` the logarithm of ``1 - p``: the complement of a probability that is known by its logarithm.

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
    logsubexp : the difference of two exponentials, by their logarithms.
    softplus_inverse : ``x`` more than it.

    Notes
    -----
    The sign of the argument is that of JAX; other libraries take ``log(1 - exp(a))`` of a negative number. For
    small `x` the difference ``1 - exp(-x)`` has few digits, for large `x` the logarithm has; both are taken from
    the difference in two parts. The value at 0 is -inf, at inf it is -0.0; the derivative is inf and 0.

    References
    ----------
    Maechler (2012), Accurately computing log(1 - exp(-\|a\|)), assessed by the Rmpfr package.

    Examples
    --------
    >>> from actlib import special
    >>> special.log1mexp([1e-20, 1.0, 50.0])
    array([-4.60517019e+01, -4.58675145e-01, -1.92874985e-22])

    The formula as printed loses both ends:

    >>> import numpy as np
    >>> with np.errstate(divide="ignore"):
    ...     np.log(1 - np.exp([-1e-20, -1.0, -50.0]))
    array([       -inf, -0.45867515,  0.        ])
    """


@special_function(
    SpecialFacts(
        definition="log(exp(x) - 1)",
        derivative_definition="1/(1 - exp(-x))",
        domain=Interval(0, inf, low_closed=True),
        limits={0: -inf, inf: inf},
        derivative_limits={0: inf, inf: 1},
        accuracy={"value": Ulp(1, 3), "derivative": Ulp(1, 2)},
        references=(DUGAS,),
        kernel="softplus_inverse_unit",
    )
)
def softplus_inverse(x: ArrayLike, /, *, out: Out = None, where: Where = True) -> Any:
    r"""Inverse of softplus: ``softplus_inverse(x) = log(exp(x) - 1)`` for ``x > 0``.

    What a layer must hand to softplus for the output to be `x`.

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
    actlib.softplus : of which it is the inverse, with a parameter as ``actlib.softplus.inverse``.
    log1mexp : it less `x`.

    Notes
    -----
    Beside its zero at ``log 2`` it is ``log1p(2 expm1(x - log 2))``, with ``log 2`` in two parts; below
    ``log(expm1(x))``; above ``x + log1p(-exp(-x))``, which cannot overflow. The value at 0 is -inf, the derivative
    inf.

    References
    ----------
    Dugas, Bengio, Belisle, Nadeau, Garcia (2001), Incorporating second-order functional knowledge for better option
    pricing.

    Examples
    --------
    >>> from actlib import special
    >>> special.softplus_inverse([1e-20, 1.0, 1000.0])
    array([-4.60517019e+01,  5.41324855e-01,  1.00000000e+03])
    >>> special.softplus_inverse.derivative(1.0)
    np.float64(1.5819767068693265)
    """


@special_function(
    SpecialFacts(
        definition="log(cosh(x))",
        derivative_definition="tanh(x)",
        range=Interval(0, inf, low_closed=True),
        limits={-inf: inf, inf: inf},
        derivative_limits={-inf: -1, inf: 1},
        accuracy={"value": Ulp(1, 2), "derivative": Ulp(1, 2.5)},
        references=(GREEN,),
    )
)
def log_cosh(x: ArrayLike, /, *, out: Out = None, where: Where = True) -> Any:
    r"""Logarithm of the hyperbolic cosine: ``log_cosh(x) = log(cosh(x))``.

    About ``x**2/2`` near 0 and ``abs(x) - log 2`` far out; its derivative is tanh.

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
        Same shape as `x`, dtype of `x` (float64 for integers and booleans). Not negative.

    See Also
    --------
    actlib.losses.log_cosh : the loss of a residual.
    sech2 : its second derivative.

    Notes
    -----
    ``abs(x) - log 2 + log1p(exp(-2 abs(x)))`` does not overflow, but its terms cancel near 0: there the value is
    ``x**2`` times a polynomial in ``x**2``. Infinite at both ends, where the derivative is -1 and 1.

    References
    ----------
    Green (1990), Bayesian reconstructions from emission tomography data using a modified EM algorithm,
    doi:10.1109/42.52985.

    Examples
    --------
    >>> from actlib import special
    >>> special.log_cosh([-1000.0, 1e-5, 1.0])
    array([9.99306853e+02, 5.00000000e-11, 4.33780830e-01])
    >>> special.log_cosh.derivative(1.0)
    np.float64(0.7615941559557649)
    """


@special_function(
    SpecialFacts(
        definition="1/cosh(x)**2",
        derivative_definition="-2*tanh(x)/cosh(x)**2",
        range=Interval(0, 1, low_closed=True, high_closed=True),
        limits={-inf: 0, inf: 0},
        derivative_limits={-inf: 0, inf: 0},
        accuracy={"value": Ulp(1, 3), "derivative": Ulp(1, 3)},
        references=(DLMF,),
        kernel="tanh_derivative",
        derivative_kernel="tanh_second_derivative",
    )
)
def sech2(x: ArrayLike, /, *, out: Out = None, where: Where = True) -> Any:
    r"""Square of the hyperbolic secant: ``sech2(x) = 1/cosh(x)**2``, the derivative of tanh.

    A bump of height 1 with exponential tails.

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
    actlib.tanh : of which it is the derivative.
    log_cosh : of which it is the second derivative.

    Notes
    -----
    Evaluated as ``4 e/(1 + e)**2`` with ``e = exp(-2 abs(x))``: ``1 - tanh(x)**2`` would be 0 from 19.1 on. 0 at
    both ends.

    References
    ----------
    NIST Digital Library of Mathematical Functions, section 4.34, https://dlmf.nist.gov/4.34.

    Examples
    --------
    >>> from actlib import special
    >>> special.sech2([0.0, 1.0, 20.0])
    array([1.00000000e+00, 4.19974342e-01, 1.69934170e-17])
    >>> import numpy as np
    >>> 1 - np.tanh(20.0) ** 2
    np.float64(0.0)
    """


@special_function_of_two(
    SpecialFacts(
        definition="log(exp(x) + exp(y))",
        gradient_definitions=("1/(1 + exp(y - x))", "1/(1 + exp(x - y))"),
        limits={(inf, 0): inf, (-inf, 0): 0, (inf, inf): inf, (-inf, -inf): -inf, (inf, -inf): inf},
        gradient_limits={(inf, 0): (1, 0), (-inf, 0): (0, 1), (inf, inf): (0.5, 0.5), (-inf, -inf): (nan, nan)},
        accuracy={"value": Ulp(1, 2, FAIR), "gradient": Ulp(1, 3)},
        measure="Max(Abs(Max(x, y)), log(1 + exp(-Abs(x - y))))",
        references=(BLANCHARD,),
    )
)
def logaddexp(x: ArrayLike, y: ArrayLike, /, *, out: Out = None, where: Where = True) -> Any:
    r"""Logarithm of a sum of two exponentials: ``logaddexp(x, y) = log(exp(x) + exp(y))``.

    Adds two probabilities that are known by their logarithms; a smooth maximum.

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
        The common shape and dtype of `x` and `y` (float64 for integers and booleans).

    See Also
    --------
    actlib.logsumexp : of a whole row.
    logsubexp : subtracts.
    logmeanexp : the mean.

    Notes
    -----
    Evaluated as ``max(x, y) + log1p(exp(-abs(x - y)))``, where what the rounding of ``x - y`` misses is carried
    along. The gradient is ``(sigmoid(x - y), sigmoid(y - x))``, the share of each. Where the two terms cancel the
    result is right to 2 ulp of the larger of them. Of two infinities +inf each has the share 1/2; of two -inf
    neither has one: NaN.

    References
    ----------
    Blanchard, Higham, Higham (2021), Accurately computing the log-sum-exp and softmax functions.

    Examples
    --------
    >>> from actlib import special
    >>> special.logaddexp(1000.0, [1000.0, 0.0, -1000.0])
    array([1000.69314718, 1000.        , 1000.        ])
    >>> special.logaddexp.gradient(0.0, -40.0)
    (np.float64(1.0), np.float64(4.248354255291589e-18))
    """


@special_function_of_two(
    SpecialFacts(
        definition="log(exp(x) - exp(y))",
        gradient_definitions=("1/(1 - exp(y - x))", "-1/(exp(x - y) - 1)"),
        domain="x >= y",
        limits={(0, 0): -inf, (inf, 0): inf, (0, -inf): 0, (-inf, -inf): -inf, (inf, inf): nan},
        gradient_limits={
            (0, 0): (inf, -inf),
            (inf, 0): (1, 0),
            (0, -inf): (1, 0),
            (-inf, -inf): (nan, nan),
            (inf, inf): (nan, nan),
        },
        accuracy={"value": Ulp(1, 2, FAIR), "gradient": Ulp(1, 3)},
        measure="Max(Abs(x), Abs(log(1 - exp(y - x))))",
        references=(MAECHLER,),
    )
)
def logsubexp(x: ArrayLike, y: ArrayLike, /, *, out: Out = None, where: Where = True) -> Any:
    r"""Logarithm of a difference of two exponentials: ``logsubexp(x, y) = log(exp(x) - exp(y))`` for ``x > y``.

    Subtracts two probabilities that are known by their logarithms.

    Parameters
    ----------
    x, y : array_like of real numbers
        They broadcast; ``x >= y``. Integers and booleans are computed as float64.
    out : ndarray, optional
        Where to write the result; may be `x` or `y` itself.
    where : array_like of bool, optional
        Compute only where True; elsewhere `out` keeps what it held, and without `out` the result is arbitrary there.

    Returns
    -------
    ndarray or scalar
        The common shape and dtype of `x` and `y` (float64 for integers and booleans). NaN for ``x < y``.

    See Also
    --------
    log1mexp : the case ``x = 0``.
    logaddexp : adds.

    Notes
    -----
    Evaluated as ``x + log(1 - exp(-d))`` with ``d = x - y``, where what the rounding of `d` misses is carried
    along. Where the two terms cancel the result is right to 2 ulp of the larger of them. For ``x = y`` the value is
    -inf and the gradient ``(inf, -inf)``, but ``(nan, nan)`` for two -inf, where neither is a limit; for two +inf there
    is no value: NaN.

    References
    ----------
    Maechler (2012), Accurately computing log(1 - exp(-\|a\|)), assessed by the Rmpfr package.

    Examples
    --------
    >>> from actlib import special
    >>> special.logsubexp([1000.0, 1e-20, 0.0], [999.0, 0.0, -50.0])
    array([ 9.99541325e+02, -4.60517019e+01, -1.92874985e-22])
    >>> special.logsubexp.gradient(1.0, 0.0)
    (np.float64(1.5819767068693265), np.float64(-0.5819767068693265))
    """


@mean_function(
    AxisFacts(
        definition="log(Sum(exp(x[k]), k, 1, K)/K)",
        derivative_definition="exp(x[j]) / Sum(exp(x[k]), k, 1, K)",
        limits={
            "an entry at +inf": "+inf",
            "all entries at -inf": "-inf, with gradient NaN",
            "no entry counts": "NaN, with gradient 0",
        },
        accuracy={"value": Ulp(1, 2, FAIR_ROW), "backward": Ulp(1, 3), "jacobian": Ulp(1, 3)},
        references=(BURDA,),
    )
)
def logmeanexp(
    x: ArrayLike,
    /,
    axis: Axis = -1,
    *,
    keepdims: bool = False,
    where: ArrayLike | None = None,
    out: Any = None,
) -> Any:
    r"""Logarithm of a mean of exponentials: ``logmeanexp(x) = log(mean(exp(x)))`` along an axis.

    The mean of likelihoods that are known by their logarithms. Between the mean and the maximum of the row.

    Parameters
    ----------
    x : array_like of real numbers
        Any shape. Integers and booleans are computed as float64, float16 in float32.
    axis : int or tuple of int, default -1
        Along which to average. None: over all axes.
    keepdims : bool, default False
        Whether the averaged axes stay, with length 1.
    where : array_like of bool, optional
        Which entries count; broadcasts to the shape of `x`.
    out : ndarray, optional
        Where to write the result.

    Returns
    -------
    ndarray or scalar
        Shape of `x` without the averaged axes, dtype of `x` (float64 for integers and booleans).

    See Also
    --------
    actlib.logsumexp : ``log n`` more, for n entries; its gradient, the softmax, is the same.

    Notes
    -----
    ``logsumexp(x) - log(n)`` loses the digits of rows whose mean is near 1. Evaluated as
    ``m + log1p(mean(expm1(x - m)))`` with `m` the largest entry, and as ``m + log(mean(exp(x - m)))`` where that
    mean is below 1/2. Where the two terms cancel the result is right to 2 ulp of the larger of them. The mean of no
    entry is NaN.

    References
    ----------
    Burda, Grosse, Salakhutdinov (2016), Importance weighted autoencoders, International Conference on Learning
    Representations.

    Examples
    --------
    >>> import numpy as np
    >>> from actlib import special
    >>> special.logmeanexp([1000.0, 1000.0, 0.0])
    np.float64(999.5945348918918)
    >>> x = np.array([3e-17, 1e-17])
    >>> special.logmeanexp(x), np.log(np.mean(np.exp(x)))
    (np.float64(2e-17), np.float64(0.0))
    """
