"""Entropy and its kin, of distributions in textbook order: natural logarithms unless a base is given.

Inputs are not normalised: what does not sum to one is taken as it is. ``0 log 0`` is 0, and what has probability
under p but none under q costs infinity. Sums carry their rounding errors along, so that they add about one rounding
to the terms.
"""

import sys
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import kernels
from .entries import refuse
from .loss_entry import ANY, UNIT_OR_NAN, VALUE, kernel_array, require, result_dtype

__all__ = [
    "cross_entropy",
    "entropy",
    "kl_divergence",
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


def _distribution(function: str, what: str, values: Any) -> NDArray[Any]:
    array = kernel_array(f"information.{function}", what, values)
    require(f"information.{function}", what, array, UNIT_OR_NAN)
    if array.ndim == 0:
        raise ValueError(f"information.{function}: {what} must have an axis of outcomes, got a single number")
    return array


def _pair(function: str, p: Any, q: Any, axis: int) -> tuple[NDArray[Any], NDArray[Any]]:
    p, q = _distribution(function, "p", p), _distribution(function, "q", q)
    if p.shape == q.shape:
        return p, q
    few, many = (p, q) if p.ndim == 1 else (q, p)
    if few.ndim != 1 or few.shape[0] != many.shape[_position(function, axis, many.ndim)]:
        raise ValueError(
            f"information.{function}: p and q must have one shape, or one of them a single distribution along axis "
            f"{axis} of the other, got {p.shape} and {q.shape}"
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
    divisor = 1.0
    if base is not None:
        if not isinstance(base, int | float | np.integer | np.floating) or isinstance(base, bool):
            raise TypeError(f"information.{function}: base must be a number, got {base!r}")
        if not (0 < base < sys.float_info.max) or base == 1:
            raise ValueError(f"information.{function}: base must be positive, finite and not 1, got {base!r}")
        divisor = float(np.log(float(base)))
    p, q = np.moveaxis(p, axis, -1), np.moveaxis(q, axis, -1)
    sums = np.empty(p.shape[:-1])
    kernels.losses[kernel](
        dtype != np.float64, VALUE, p, q, None, None, None, 0.0, False, False, None, 1.0, sums, None
    )
    return _rounded(sums, divisor, dtype)


def _rounded(sums: NDArray[Any], divisor: float, dtype: Any) -> Any:
    with np.errstate(all="ignore"):
        return (sums / divisor).astype(dtype)[()]


def _likelihood(function: str, log_probabilities: Any, data: Any, divisor: float) -> Any:
    table = kernel_array(f"information.{function}", "log_probabilities", log_probabilities)
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
