"""Entropy and its kin, of distributions in textbook order: natural logarithms unless a base is given.

Inputs are not normalised: what does not sum to one is taken as it is. ``0 log 0`` is 0, and what has probability
under p but none under q costs infinity. Sums carry their rounding errors along, so that they add about one rounding
to the terms.
"""

import sys
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import containers, kernels
from .axis import log_softmax, softmax
from .entries import refuse
from .loss_entry import ANY, UNIT_OR_NAN, VALUE, kernel_array, require, result_dtype
from .sums import sum_rows, sum_terms

__all__ = [
    "binary_entropy",
    "cross_entropy",
    "cross_entropy_from_logits",
    "entropy",
    "entropy_from_logits",
    "js_distance",
    "js_divergence",
    "kl_divergence",
    "kl_divergence_from_logits",
    "log_likelihood",
    "negative_log_likelihood",
]


def entropy(p: ArrayLike, /, *, axis: int = -1, base: float | None = None) -> Any:
    r"""Entropy ``-sum p log p``: the expected surprise of a draw from p.

    Parameters
    ----------
    p : array_like
        Probabilities in [0, 1], one distribution along `axis`.
    axis : int, optional
        The axis of the outcomes.
    base : float, optional
        Of the logarithm: 2 for bits. Natural if not given.

    Returns
    -------
    scalar or ndarray
        One value for each distribution, in the dtype of p (float64 for integers).

    Raises
    ------
    ValueError
        If a value lies outside [0, 1]; the message names it and its place.
    TypeError
        If p does not hold real numbers.

    See Also
    --------
    cross_entropy : of a distribution under the code of another.

    Notes
    -----
    It is 0 for a certain outcome and largest, log K, where all K outcomes are equally likely.

    References
    ----------
    .. [1] Shannon (1948), A mathematical theory of communication, doi:10.1002/j.1538-7305.1948.tb01338.x.

    Examples
    --------
    >>> from actlib import information
    >>> float(information.entropy([0.5, 0.25, 0.25], base=2))
    1.5
    >>> float(information.entropy([1.0, 0.0]))
    0.0
    """
    p = _distribution("entropy", "p", p)
    return _sum_terms("entropy", "entropy_sum", p, np.broadcast_to(np.float64(1.0), p.shape), axis, base)


def cross_entropy(p: ArrayLike, q: ArrayLike, /, *, axis: int = -1, base: float | None = None) -> Any:
    r"""Cross-entropy ``-sum p log q``: the expected surprise of draws from p for one who believes in q.

    Parameters
    ----------
    p, q : array_like
        Probabilities in [0, 1], one distribution along `axis`. Of one shape, unless one of them is a single
        distribution (one dimension) that is compared with each of the others.
    axis : int, optional
        The axis of the outcomes.
    base : float, optional
        Of the logarithm: 2 for bits. Natural if not given.

    Returns
    -------
    scalar or ndarray
        One value for each pair, in the common dtype of p and q (float64 for integers); inf where ``q = 0 < p``.

    Raises
    ------
    ValueError
        If a value lies outside [0, 1], or shapes do not match.
    TypeError
        If p or q does not hold real numbers.

    See Also
    --------
    kl_divergence : the excess over the entropy of p.
    actlib.losses.cross_entropy : the loss, from logits.

    Notes
    -----
    It is the entropy of p plus the divergence of q from p, so smallest at ``q = p``.

    References
    ----------
    .. [1] Cover, Thomas (2006), Elements of Information Theory, chapter 2.

    Examples
    --------
    >>> from actlib import information
    >>> round(float(information.cross_entropy([1.0, 0.0, 0.0], [0.42, 0.34, 0.23])), 15)
    0.867500567704723
    >>> float(information.cross_entropy([0.5, 0.5], [1.0, 0.0]))
    inf
    """
    p, q = _pair("cross_entropy", p, q, axis)
    return _sum_terms("cross_entropy", "cross_entropy_sum", p, q, axis, base)


def kl_divergence(p: ArrayLike, q: ArrayLike, /, *, axis: int = -1, base: float | None = None) -> Any:
    r"""Kullback-Leibler divergence ``sum p log(p/q)``: what believing in q costs when p is true.

    Parameters
    ----------
    p, q : array_like
        Probabilities in [0, 1], one distribution along `axis`. Of one shape, unless one of them is a single
        distribution (one dimension) that is compared with each of the others.
    axis : int, optional
        The axis of the outcomes.
    base : float, optional
        Of the logarithm: 2 for bits. Natural if not given.

    Returns
    -------
    scalar or ndarray
        One value for each pair, in the common dtype of p and q (float64 for integers); inf where ``q = 0 < p``.

    Raises
    ------
    ValueError
        If a value lies outside [0, 1], or shapes do not match.
    TypeError
        If p or q does not hold real numbers.

    See Also
    --------
    cross_entropy : the same plus the entropy of p.
    actlib.losses.kl_divergence : the loss, from log-probabilities and in the order prediction, target.

    Notes
    -----
    Not symmetric, and 0 only for ``p = q`` where both sum to one. Each term is accurate near ``p = q``, where the
    difference of two logarithms would cancel.

    References
    ----------
    .. [1] Kullback, Leibler (1951), On information and sufficiency, doi:10.1214/aoms/1177729694.

    Examples
    --------
    Nothing is normalised; a library that does (`scipy.stats.entropy`) finds another value for this pair, whose
    second distribution sums to 0.99.

    >>> from actlib import information
    >>> round(float(information.kl_divergence([1.0, 0.0, 0.0], [0.42, 0.34, 0.23])), 15)
    0.867500567704723
    >>> float(information.kl_divergence([0.5, 0.5], [0.5, 0.5]))
    0.0
    """
    p, q = _pair("kl_divergence", p, q, axis)
    return _sum_terms("kl_divergence", "relative_entropy_sum", p, q, axis, base)


def log_likelihood(log_probabilities: ArrayLike, data: ArrayLike) -> Any:
    r"""Log-likelihood of data: the sum of the log-probabilities of the outcomes that were observed.

    Parameters
    ----------
    log_probabilities : array_like
        The logarithms of the probabilities of K outcomes: one distribution for all data (one dimension), or one
        for each datum (the shape of the data and a last axis of length K).
    data : array_like of integers
        The observed outcomes, from 0 to K - 1.

    Returns
    -------
    scalar
        In the dtype of the log-probabilities (float64 for integers); 0 for no data.

    Raises
    ------
    ValueError
        If an outcome lies outside [0, K), or shapes do not match.
    TypeError
        If the data are not integers.

    See Also
    --------
    negative_log_likelihood : its mean, with the sign of a loss.

    Notes
    -----
    The likelihood itself is a product of many numbers below 1 and underflows; its logarithm does not.

    References
    ----------
    .. [1] Fisher (1922), On the mathematical foundations of theoretical statistics, doi:10.1098/rsta.1922.0009.

    Examples
    --------
    >>> import numpy as np
    >>> from actlib import information
    >>> log_probabilities, data = np.log([0.5, 0.25, 0.25]), np.array([0, 1] * 500)
    >>> float(information.log_likelihood(log_probabilities, data))
    -1039.720770839918
    >>> float(np.prod(np.exp(log_probabilities)[data]))
    0.0
    """
    return _likelihood("log_likelihood", log_probabilities, data, 1.0)


def negative_log_likelihood(log_probabilities: ArrayLike, data: ArrayLike) -> Any:
    r"""Negative log-likelihood of data, for each datum: minus the mean of the observed log-probabilities.

    Parameters
    ----------
    log_probabilities : array_like
        The logarithms of the probabilities of K outcomes: one distribution for all data (one dimension), or one
        for each datum (the shape of the data and a last axis of length K).
    data : array_like of integers
        The observed outcomes, from 0 to K - 1.

    Returns
    -------
    scalar
        In the dtype of the log-probabilities (float64 for integers); NaN for no data.

    Raises
    ------
    ValueError
        If an outcome lies outside [0, K), or shapes do not match.
    TypeError
        If the data are not integers.

    See Also
    --------
    log_likelihood : the sum, with its own sign.
    actlib.losses.negative_log_likelihood : the loss, with gradient and weights.

    Notes
    -----
    For one distribution it is the cross-entropy between the observed frequencies and the model: to maximise the
    likelihood is to minimise the divergence from the data.

    References
    ----------
    .. [1] Fisher (1922), On the mathematical foundations of theoretical statistics, doi:10.1098/rsta.1922.0009.

    Examples
    --------
    >>> import numpy as np
    >>> from actlib import information
    >>> float(information.negative_log_likelihood(np.log([0.5, 0.25, 0.25]), [0, 1, 0, 1]))
    1.0397207708399179
    """
    return _likelihood("negative_log_likelihood", log_probabilities, data, -float(np.size(data)))


def binary_entropy(p: ArrayLike, /, *, base: float | None = None) -> Any:
    r"""Entropy ``-p log p - (1 - p) log(1 - p)`` of an event of probability p, for each element.

    Parameters
    ----------
    p : array_like
        Probabilities in [0, 1], of any shape: one event each, there is no axis of outcomes.
    base : float, optional
        Of the logarithm: 2 for bits. Natural if not given.

    Returns
    -------
    scalar or ndarray
        The shape and dtype of p (float64 for integers).

    Raises
    ------
    ValueError
        If a value lies outside [0, 1]; the message names it and its place.
    TypeError
        If p does not hold real numbers.

    See Also
    --------
    entropy : of distributions over several outcomes.

    Notes
    -----
    It is what the binary cross-entropy can at best reach for a target of probability p: 0 where the event is
    certain, at most log 2. Its derivative is ``log((1 - p)/p)``, the negative logit.

    References
    ----------
    .. [1] Cover, Thomas (2006), Elements of Information Theory, section 2.1.

    Examples
    --------
    >>> from actlib import information
    >>> information.binary_entropy([0.0, 0.11, 0.5, 1.0], base=2)
    array([0.        , 0.49991596, 1.        , 0.        ])
    """
    array = kernel_array("information.binary_entropy", "p", p)
    require("information.binary_entropy", "p", array, UNIT_OR_NAN)
    values = kernels.ufuncs["binary_entropy"](array.astype(np.float64))
    return _rounded(values, _divisor("binary_entropy", base), result_dtype(array))


def js_divergence(p: ArrayLike, q: ArrayLike, /, *, axis: int = -1, base: float | None = None) -> Any:
    r"""Jensen-Shannon divergence: the mean divergence of p and of q from their mean.

    Parameters
    ----------
    p, q : array_like
        Probabilities in [0, 1], one distribution along `axis`. Of one shape, unless one of them is a single
        distribution (one dimension) that is compared with each of the others.
    axis : int, optional
        The axis of the outcomes.
    base : float, optional
        Of the logarithm: 2 for bits. Natural if not given.

    Returns
    -------
    scalar or ndarray
        One value for each pair, in the common dtype of p and q (float64 for integers).

    Raises
    ------
    ValueError
        If a value lies outside [0, 1], or shapes do not match.
    TypeError
        If p or q does not hold real numbers.

    See Also
    --------
    js_distance : its square root, which is a metric.
    kl_divergence : not symmetric, and infinite where an outcome is impossible for q alone.

    Notes
    -----
    ``(kl_divergence(p, m) + kl_divergence(q, m))/2`` with ``m = (p + q)/2``. Symmetric, finite, at most log 2, and
    0 only for ``p = q``. The two terms of an outcome cancel where p is near q; they are computed as one, ``m/2``
    times a function of ``s = (p - q)/(p + q)`` that begins with ``s**2``, so that no digits are lost and no term is
    negative.

    References
    ----------
    .. [1] Lin (1991), Divergence measures based on the Shannon entropy, doi:10.1109/18.61115.

    Examples
    --------
    >>> from actlib import information
    >>> float(information.js_divergence([1.0, 0.0], [0.0, 1.0], base=2))
    1.0
    >>> p, q = [0.5, 0.5], [0.5 + 1e-10, 0.5 - 1e-10]
    >>> print(f"{information.js_divergence(p, q):.4g}")
    5e-21
    """
    return _js("js_divergence", p, q, axis, base)


def js_distance(p: ArrayLike, q: ArrayLike, /, *, axis: int = -1, base: float | None = None) -> Any:
    r"""Jensen-Shannon distance: the square root of the Jensen-Shannon divergence, a metric.

    Parameters
    ----------
    p, q : array_like
        Probabilities in [0, 1], one distribution along `axis`. Of one shape, unless one of them is a single
        distribution (one dimension) that is compared with each of the others.
    axis : int, optional
        The axis of the outcomes.
    base : float, optional
        Of the logarithm: 2 for bits. Natural if not given.

    Returns
    -------
    scalar or ndarray
        One value for each pair, in the common dtype of p and q (float64 for integers).

    Raises
    ------
    ValueError
        If a value lies outside [0, 1], shapes do not match, or the base is below 1.
    TypeError
        If p or q does not hold real numbers.

    See Also
    --------
    js_divergence : its square.

    Notes
    -----
    For near distributions it is proportional to their difference. SciPy's `jensenshannon` is this, of inputs
    divided by their sums.

    References
    ----------
    .. [1] Endres, Schindelin (2003), A new metric for probability distributions, doi:10.1109/TIT.2003.813506.

    Examples
    --------
    >>> from actlib import information
    >>> print(f"{information.js_distance([1.0, 0.0], [0.0, 1.0]):.6f}")
    0.832555
    >>> print(f"{information.js_distance([0.5, 0.5], [0.5 + 1e-10, 0.5 - 1e-10]):.4g}")
    7.071e-11
    """
    if base is not None and isinstance(base, int | float | np.integer | np.floating) and base < 1:
        raise ValueError(f"information.js_distance: base must be above 1, got {base!r}")
    return _js("js_distance", p, q, axis, base)


def entropy_from_logits(logits: ArrayLike, /, *, axis: int = -1, base: float | None = None) -> Any:
    r"""Entropy of the softmax of logits.

    Parameters
    ----------
    logits : array_like
        Scores, one distribution along `axis`: its probabilities are their softmax. An outcome at -inf is
        impossible.
    axis : int, optional
        The axis of the outcomes.
    base : float, optional
        Of the logarithm: 2 for bits. Natural if not given.

    Returns
    -------
    scalar or ndarray
        One value for each distribution, in the dtype of the logits (float64 for integers).

    Raises
    ------
    ValueError
        If the axis does not exist.
    TypeError
        If the logits are no real numbers.

    See Also
    --------
    entropy : from probabilities.
    actlib.log_softmax : the logarithms of the probabilities.

    Notes
    -----
    ``sum p log(1/p)`` with the softmax and the log_softmax, of which every term is positive. A confident row keeps
    its digits: ``logsumexp(z) - sum(p z)`` would subtract two nearly equal numbers, and a probability that was
    rounded to 1 has the logarithm 0. A row of -inf has no distribution: NaN.

    References
    ----------
    .. [1] Shannon (1948), A mathematical theory of communication, doi:10.1002/j.1538-7305.1948.tb01338.x.

    Examples
    --------
    >>> import numpy as np, actlib
    >>> from actlib import information
    >>> information.entropy_from_logits([[0.0, 0.0], [40.0, 0.0]])
    array([6.93147181e-01, 1.74182524e-16])
    >>> z = np.array([40.0, 0.0])
    >>> print(actlib.logsumexp(z) - np.sum(actlib.softmax(z) * z))
    0.0
    """
    function = "entropy_from_logits"
    array = _logits(function, "logits", logits)
    rows = _rows(function, array, axis)
    sums = sum_terms("shared_surprise_sum", softmax(rows), log_softmax(rows))
    return _rounded(sums, _divisor(function, base), result_dtype(array))


def cross_entropy_from_logits(
    p: ArrayLike, logits: ArrayLike, /, *, axis: int = -1, base: float | None = None
) -> Any:
    r"""Cross-entropy ``-sum p log q`` where q is the softmax of logits.

    Parameters
    ----------
    p : array_like
        Probabilities in [0, 1], one distribution along `axis`.
    logits : array_like
        Scores of the second distribution. Of the shape of p, unless one of the two is a single distribution (one
        dimension).
    axis : int, optional
        The axis of the outcomes.
    base : float, optional
        Of the logarithm: 2 for bits. Natural if not given.

    Returns
    -------
    scalar or ndarray
        One value for each pair, in the common dtype of p and the logits (float64 for integers).

    Raises
    ------
    ValueError
        If a probability lies outside [0, 1], or shapes do not match.
    TypeError
        If p or the logits are no real numbers.

    See Also
    --------
    cross_entropy : from two sets of probabilities.
    actlib.losses.cross_entropy : the loss, with gradient, logits first.

    Notes
    -----
    ``-sum p log_softmax(logits)``: no term is negative, and small values keep their digits. inf where a logit is
    -inf and its p is not 0.

    References
    ----------
    .. [1] Cover, Thomas (2006), Elements of Information Theory, chapter 2.

    Examples
    --------
    >>> from actlib import information
    >>> float(information.cross_entropy_from_logits([1.0, 0.0], [40.0, 0.0]))
    4.248354255291589e-18
    """
    function = "cross_entropy_from_logits"
    p, logits = _shaped(function, {"p": (p, _distribution), "logits": (logits, _logits)}, axis)
    dtype = np.result_type(result_dtype(p), result_dtype(logits))
    p, logits = _rows(function, p, axis), _rows(function, logits, axis)
    return _rounded(sum_terms("shared_surprise_sum", p, log_softmax(logits)), _divisor(function, base), dtype)


def kl_divergence_from_logits(
    p_logits: ArrayLike, q_logits: ArrayLike, /, *, axis: int = -1, base: float | None = None
) -> Any:
    r"""Kullback-Leibler divergence of the softmax of one row of logits from that of another.

    Parameters
    ----------
    p_logits, q_logits : array_like
        Scores, one distribution along `axis`. Of one shape, unless one of them is a single distribution (one
        dimension) that is compared with each of the others.
    axis : int, optional
        The axis of the outcomes.
    base : float, optional
        Of the logarithm: 2 for bits. Natural if not given.

    Returns
    -------
    scalar or ndarray
        One value for each pair, in the common dtype of the logits (float64 for integers); inf where an outcome is
        impossible for q alone.

    Raises
    ------
    ValueError
        If shapes do not match.
    TypeError
        If the logits are no real numbers.

    See Also
    --------
    kl_divergence : from probabilities.

    Notes
    -----
    For near rows ``sum p (log p - log q)`` cancels twice: in the difference, and in the sum. With
    ``u = log p - log q`` from the differences of the logits themselves, and ``p u - p + q`` instead of ``p u``,
    which changes no sum of two distributions, no term is negative: each is ``p`` times a function of `u` that
    begins with ``u**2/2``. Logits of -inf on both sides are left out.

    References
    ----------
    .. [1] Kullback, Leibler (1951), On information and sufficiency, doi:10.1214/aoms/1177729694.

    Examples
    --------
    >>> import numpy as np, actlib
    >>> from actlib import information
    >>> z = np.array([1.0, 0.0, -1.0])
    >>> print(f"{information.kl_divergence_from_logits(z, z + [1e-9, 0.0, 0.0]):.10g}")
    1.113477317e-19
    >>> log_p, log_q = actlib.log_softmax(z), actlib.log_softmax(z + [1e-9, 0.0, 0.0])
    >>> bool(abs(np.sum(np.exp(log_p) * (log_p - log_q))) > 1e-18)
    True
    """
    function = "kl_divergence_from_logits"
    first, second = _shaped(function, {"p_logits": (p_logits, _logits), "q_logits": (q_logits, _logits)}, axis)
    dtype = np.result_type(result_dtype(first), result_dtype(second))
    # sums of terms that are squares of small differences want all digits, in float32 too
    first, second = (_rows(function, z, axis).astype(np.float64) for z in (first, second))
    p, q = softmax(first), softmax(second)
    with np.errstate(all="ignore"):
        ratios = _log_ratios(first, second, p, q)
        terms = kernels.ufuncs["divergence_term"](p, q, ratios)
    return _rounded(sum_rows(terms), _divisor(function, base), dtype)


def _distribution(function: str, what: str, values: Any) -> NDArray[Any]:
    array = kernel_array(f"information.{function}", what, values)
    require(f"information.{function}", what, array, UNIT_OR_NAN)
    if array.ndim == 0:
        raise ValueError(f"information.{function}: {what} must have an axis of outcomes, got a single number")
    return array


def _logits(function: str, what: str, values: Any) -> NDArray[Any]:
    array = kernel_array(f"information.{function}", what, values)
    if array.ndim == 0:
        raise ValueError(f"information.{function}: {what} must have an axis of outcomes, got a single number")
    return array


def _pair(function: str, p: Any, q: Any, axis: int) -> tuple[NDArray[Any], NDArray[Any]]:
    return _shaped(function, {"p": (p, _distribution), "q": (q, _distribution)}, axis)


def _shaped(
    function: str, given: Mapping[str, tuple[Any, Callable[..., NDArray[Any]]]], axis: int
) -> tuple[NDArray[Any], NDArray[Any]]:
    """The two that are given, each with the function that reads it, as arrays of one shape."""
    p, q = (read(function, name, values) for name, (values, read) in given.items())
    rank = max(p.ndim, q.ndim)
    axes = (range(rank) if array.ndim == rank else [_position(function, axis, rank)] for array in (p, q))
    containers.refuse_other_labels(
        f"information.{function}",
        {name: (values, along) for (name, (values, _)), along in zip(given.items(), axes, strict=True)},
    )
    if p.shape == q.shape:
        return p, q
    few, many = (p, q) if p.ndim == 1 else (q, p)
    if few.ndim != 1 or few.shape[0] != many.shape[_position(function, axis, many.ndim)]:
        raise ValueError(
            f"information.{function}: {' and '.join(given)} must have one shape, or one of them a single distribution "
            f"along axis {axis} of the other, got {p.shape} and {q.shape}"
        )
    shape = [1] * many.ndim
    shape[axis] = few.shape[0]
    few = np.broadcast_to(few.reshape(shape), many.shape)
    return (few, q) if p.ndim == 1 else (p, few)


def _position(function: str, axis: Any, dimensions: int) -> int:
    if not isinstance(axis, int | np.integer) or isinstance(axis, bool):
        raise TypeError(f"information.{function}: axis must be an integer, got {axis!r}")
    if not -dimensions <= axis < dimensions:
        raise ValueError(
            f"information.{function}: axis must lie in [{-dimensions}, {dimensions}) for arrays of {dimensions} "
            f"dimensions, got {axis}"
        )
    return int(axis) % dimensions


def _sum_terms(
    function: str, kernel: str, p: NDArray[Any], q: NDArray[Any], axis: int, base: float | None
) -> Any:
    """The sums of the terms along the axis, over the logarithm of the base."""
    axis = _position(function, axis, p.ndim)
    dtype = result_dtype(p) if kernel == "entropy_sum" else np.result_type(result_dtype(p), result_dtype(q))
    if p.dtype.kind == "f" and p.dtype != dtype:
        p = p.astype(dtype)
    divisor = _divisor(function, base)
    p, q = np.moveaxis(p, axis, -1), np.moveaxis(q, axis, -1)
    sums = np.empty(p.shape[:-1])
    kernels.losses[kernel](
        dtype != np.float64, VALUE, p, q, None, None, None, 0.0, False, False, None, 1.0, sums, None
    )
    return _rounded(sums, divisor, dtype)


def _divisor(function: str, base: float | None) -> float:
    """The natural logarithm of the base."""
    if base is None:
        return 1.0
    if not isinstance(base, int | float | np.integer | np.floating) or isinstance(base, bool):
        raise TypeError(f"information.{function}: base must be a number, got {base!r}")
    if not (0 < base < sys.float_info.max) or base == 1:
        raise ValueError(f"information.{function}: base must be positive, finite and not 1, got {base!r}")
    return float(np.log(float(base)))


def _rows(function: str, array: NDArray[Any], axis: int) -> NDArray[Any]:
    """The outcomes last, as floats of at least 64 bits: what is rounded is the result."""
    moved = np.moveaxis(array, _position(function, axis, array.ndim), -1)
    return np.ascontiguousarray(moved, dtype=np.float64)


def _js(function: str, p: ArrayLike, q: ArrayLike, axis: int, base: float | None) -> Any:
    first, second = _pair(function, p, q, axis)
    dtype = np.result_type(result_dtype(first), result_dtype(second))
    first, second = _rows(function, first, axis), _rows(function, second, axis)
    sums = sum_terms("jensen_shannon_sum", first, second) / _divisor(function, base)
    return _rounded(np.sqrt(sums) if function == "js_distance" else sums, 1.0, dtype)


def _log_ratios(
    first: NDArray[Any], second: NDArray[Any], p: NDArray[Any], q: NDArray[Any]
) -> NDArray[Any]:
    """``log p - log q`` of two rows of logits, small where the rows are near.

    With d the differences of the logits, less that of the likeliest outcome, it is ``d - log(sum q exp(d))``, and that
    logarithm is ``log1p(sum q expm1(d))``. Where the sum is far below 1, or a probability counts for p that underflows
    for q, the rows are not near, and the logarithms of their probabilities are subtracted.
    """
    likeliest = np.argmax(p, axis=-1, keepdims=True) if p.shape[-1] else np.zeros((*p.shape[:-1], 0), np.intp)
    high = np.where(first == second, 0.0, first - second)
    back = high - first
    low = (first - (high - back)) - (second + back)  # what the rounding of the difference misses (Knuth)
    low = np.where(np.isfinite(low), low, 0.0)
    high, low = (part - np.take_along_axis(part, likeliest, -1) for part in (high, low))
    differences = high + low
    shift = sum_rows(np.where(q == 0, 0.0, q * np.expm1(differences)))[..., np.newaxis]
    apart = log_softmax(first) - log_softmax(second)
    near = (shift > -0.5) & (shift < np.inf) & ~np.any((q < 1e-300) & (p > 1e-20), axis=-1, keepdims=True)
    return np.where(near, differences - np.log1p(shift), apart)


def _rounded(sums: NDArray[Any], divisor: float, dtype: Any) -> Any:
    with np.errstate(all="ignore"):
        return (sums / divisor).astype(dtype)[()]


def _likelihood(function: str, log_probabilities: Any, data: Any, divisor: float) -> Any:
    table = kernel_array(f"information.{function}", "log_probabilities", log_probabilities)
    rows = range(table.ndim - 1)  # those of the data lie along them
    labelled = {"log_probabilities": (log_probabilities, rows), "data": (data, rows)}
    containers.refuse_other_labels(f"information.{function}", labelled)
    data = kernel_array(f"information.{function}", "data", data)
    if data.dtype.kind not in "iu" and not (data.size == 0 and data.dtype.kind == "f"):
        raise TypeError(f"information.{function}: data must be integers, got dtype {data.dtype}")
    if table.ndim == 0 or (table.ndim > 1 and table.shape[:-1] != data.shape):
        raise ValueError(
            f"information.{function}: log_probabilities must have one dimension, or the shape of the data "
            f"{data.shape} and an axis of outcomes, got shape {table.shape}"
        )
    outcomes = table.shape[-1]
    good = (data >= 0) & (data < outcomes)
    if not np.all(good):
        refuse(f"information.{function}", "data", data, good, f"lie in [0, {outcomes})")
    data = data.astype(np.intp)
    terms = table[data] if table.ndim == 1 else np.take_along_axis(table, data[..., None], -1)[..., 0]
    total = np.empty((), result_dtype(table))
    kernels.losses["plain"](
        total.dtype != np.float64, VALUE, (np.asarray(terms),), (ANY,), None, None, None, total, divisor
    )
    return total[()] + 0.0  # no -0.0 for data that are certain
