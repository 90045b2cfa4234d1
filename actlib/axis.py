"""The functions along an axis: softmax and its kin. Definition, documentation and conventions; no arithmetic.

Each function below is an object (:class:`actlib.entries_axis.AxisFunction`): call it for the value, ``backward`` for
the gradient that backpropagation needs, and where it exists ``backward_from_output`` and ``jacobian``. In a
definition, `x` is a row of `K` entries, counted from 1, and `i`, `j` are places in it.
"""

from math import inf
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index
from numpy.typing import ArrayLike, DTypeLike, NDArray

from .entries import Interval, Ulp, real_array, refuse
from .entries_axis import (
    Axis,
    AxisFacts,
    AxisFunction,
    Out,
    choice_function,
    logarithmic_function,
    normalised_function,
    split_function,
    sum_function,
)

__all__ = ["crelu", "hardmax", "log_softmax", "logsumexp", "one_hot", "softmax"]

EXACT = Ulp(0.5, 0.5)
ONE_HOT = "for a one-hot upstream; in general 5 ulp of p[i] times the range of the upstream gradient"
FAIR = "of the larger of the largest entry and log(1 + s), which cancel where the result is near 0"
SUMMED = "for a one-hot upstream; in general 5 ulp of |g[i]| + p[i] times the sum of |g|"
FROM_OUTPUT = "of p[i] times the range of the upstream gradient"
LOGARITHM = "of |g[i]| + p[i] (1 + |y[i]|) times the sum of |g|"
POSITIVE = Interval(0, inf)
BLANCHARD = (
    "Blanchard, Higham, Higham (2021), Accurately computing the log-sum-exp and softmax functions, "
    "IMA Journal of Numerical Analysis 41, 2311-2330"
)
BRIDLE = (
    "Bridle (1990), Probabilistic interpretation of feedforward classification network outputs, with relationships "
    "to statistical pattern recognition"
)


@normalised_function(
    AxisFacts(
        definition="exp(x[i] / temperature) / Sum(exp(x[k] / temperature), k, 1, K)",
        derivative_definition=(
            "exp(x[i] / temperature) / Sum(exp(x[k] / temperature), k, 1, K)"
            " * (delta(i, j) - exp(x[j] / temperature) / Sum(exp(x[k] / temperature), k, 1, K)) / temperature"
        ),
        range=Interval(0, 1, low_closed=True, high_closed=True),
        limits={
            "an entry at +inf": "1, shared equally among the entries at +inf; the others get 0",
            "an entry at -inf": "0",
            "all entries at -inf": "NaN",
            "no entry counts": "0",
        },
        parameters={"temperature": POSITIVE},
        accuracy={
            "value": Ulp(1, 2),
            "backward": Ulp(1, 5, ONE_HOT),
            "backward_from_output": Ulp(5, 5, FROM_OUTPUT),
            "jacobian": Ulp(1, 5),
        },
        references=(BRIDLE, BLANCHARD),
    )
)
def softmax(
    x: ArrayLike,
    /,
    axis: Axis = -1,
    *,
    temperature: float = 1.0,
    where: ArrayLike | None = None,
    out: Out = None,
) -> Any:
    r"""Softmax: ``softmax(x)[i] = exp(x[i]) / sum(exp(x))`` along an axis.

    Turns scores into probabilities: positive, with sum 1, in the order of the scores.

    Parameters
    ----------
    x : array_like of real numbers
        The scores. Integers and booleans are computed as float64, float16 in float32.
    axis : int or tuple of int, default -1
        Along which the probabilities have sum 1. None: over all axes.
    temperature : float, default 1
        Positive; the scores are divided by it. Small: nearly one-hot. Large: nearly uniform.
    where : array_like of bool, optional
        Which entries count; broadcasts to the shape of `x`. The others get probability 0.
    out : ndarray, optional
        Where to write the result; may be `x` itself.

    Returns
    -------
    ndarray
        Shape of `x`, dtype of `x` (float64 for integers and booleans). Values in [0, 1].

    Raises
    ------
    ValueError
        If `temperature` is not positive and finite, or a shape does not fit.
    TypeError
        If `x` does not hold real numbers.

    See Also
    --------
    log_softmax : its logarithm, which keeps digits where a probability is near 0 or 1.
    hardmax : the limit for small temperatures.
    logsumexp : the logarithm of the denominator; softmax is its gradient.

    Notes
    -----
    Evaluated as ``e[i] / (1 + s)`` with ``e = exp(x - max(x))`` and `s` the compensated sum of all `e` but the
    largest. The difference ``x - max(x)`` is formed with its rounding error, so rows of large scores lose nothing.

    Entries at +inf share; a row of -inf has NaN; a row of which no entry counts has 0. NaN makes its row NaN. The
    Jacobian is ``(diag(p) - outer(p, p)) / temperature``; ``backward`` multiplies by it without forming it, and
    without ``1 - p[k]`` where ``p[k]`` is near 1.

    References
    ----------
    Bridle (1990), Probabilistic interpretation of feedforward classification network outputs.
    Blanchard, Higham, Higham (2021), Accurately computing the log-sum-exp and softmax functions.

    Examples
    --------
    >>> import numpy as np, actlib
    >>> actlib.softmax([0.8, 0.6, 0.2])
    array([0.42237892, 0.34581461, 0.23180647])

    The formula as printed overflows where the scores are large:

    >>> x = np.array([1000.0, 999.0])
    >>> with np.errstate(all="ignore"):
    ...     print(np.exp(x) / np.exp(x).sum(), actlib.softmax(x))
    [nan nan] [0.73105858 0.26894142]

    The gradient of the first probability, where it is 1 to double precision:

    >>> actlib.softmax.backward([1.0, 0.0], [50.0, 0.0])
    array([ 1.92874985e-22, -1.92874985e-22])
    """


@logarithmic_function(
    AxisFacts(
        definition="x[i] / temperature - log(Sum(exp(x[k] / temperature), k, 1, K))",
        derivative_definition=(
            "(delta(i, j) - exp(x[j] / temperature) / Sum(exp(x[k] / temperature), k, 1, K)) / temperature"
        ),
        range=Interval(-inf, 0, low_closed=True, high_closed=True),
        limits={
            "an entry at +inf": "-log n, if n entries are at +inf; the others get -inf",
            "an entry at -inf": "-inf",
            "all entries at -inf": "NaN",
            "no entry counts": "-inf",
        },
        parameters={"temperature": POSITIVE},
        accuracy={
            "value": Ulp(1, 2),
            "backward": Ulp(1, 5, SUMMED),
            "backward_from_output": Ulp(5, 5, LOGARITHM),
            "jacobian": Ulp(1, 5),
        },
        references=(BLANCHARD,),
    )
)
def log_softmax(
    x: ArrayLike,
    /,
    axis: Axis = -1,
    *,
    temperature: float = 1.0,
    where: ArrayLike | None = None,
    out: Out = None,
) -> Any:
    r"""Logarithm of softmax: ``log_softmax(x)[i] = x[i] - log(sum(exp(x)))`` along an axis.

    The log-probabilities of the classes. Its negative at the true class is the cross-entropy loss.

    Parameters
    ----------
    x : array_like of real numbers
        The scores. Integers and booleans are computed as float64, float16 in float32.
    axis : int or tuple of int, default -1
        Along which the probabilities have sum 1. None: over all axes.
    temperature : float, default 1
        Positive; the scores are divided by it.
    where : array_like of bool, optional
        Which entries count; broadcasts to the shape of `x`. The others get -inf, the logarithm of 0.
    out : ndarray, optional
        Where to write the result; may be `x` itself.

    Returns
    -------
    ndarray
        Shape of `x`, dtype of `x` (float64 for integers and booleans). Values in [-inf, 0].

    Raises
    ------
    ValueError
        If `temperature` is not positive and finite, or a shape does not fit.
    TypeError
        If `x` does not hold real numbers.

    See Also
    --------
    softmax : its exponential.
    logsumexp : what is subtracted.

    Notes
    -----
    Evaluated as ``(x[i] - max(x)) - log1p(s)`` with `s` the sum of ``exp(x - max(x))`` over all entries but the
    largest, and as ``-log1p(s)`` for the largest itself: that value is right to the last digits however near to 0.

    A row with entries at +inf has ``-log n`` there if they are n, -inf elsewhere; a row of -inf has NaN.

    References
    ----------
    Blanchard, Higham, Higham (2021), Accurately computing the log-sum-exp and softmax functions.

    Examples
    --------
    >>> import numpy as np, actlib
    >>> actlib.log_softmax([40.0, 0.0])
    array([-4.24835426e-18, -4.00000000e+01])

    The logarithm of the probabilities loses the first of them completely:

    >>> np.log(actlib.softmax([40.0, 0.0]))
    array([  0., -40.])
    """


@sum_function(
    AxisFacts(
        definition="log(Sum(exp(x[k]), k, 1, K))",
        derivative_definition="exp(x[j]) / Sum(exp(x[k]), k, 1, K)",
        limits={
            "an entry at +inf": "+inf",
            "all entries at -inf": "-inf, with gradient NaN",
            "no entry counts": "-inf",
        },
        accuracy={"value": Ulp(1, 2, FAIR), "backward": Ulp(1, 3), "jacobian": Ulp(1, 3)},
        references=(BLANCHARD,),
    )
)
def logsumexp(
    x: ArrayLike,
    /,
    axis: Axis = -1,
    *,
    weights: ArrayLike | None = None,
    keepdims: bool = False,
    where: ArrayLike | None = None,
    out: Out = None,
) -> Any:
    r"""Logarithm of a sum of exponentials: ``logsumexp(x) = log(sum(exp(x)))`` along an axis.

    A smooth maximum: between ``max(x)`` and ``max(x) + log K``. Its gradient is the softmax.

    Parameters
    ----------
    x : array_like of real numbers
        Any shape. Integers and booleans are computed as float64, float16 in float32.
    axis : int or tuple of int, default -1
        Along which to sum. None: over all axes.
    weights : array_like of real numbers, optional
        From 0 to 1e300; broadcast to the shape of `x`. The value is ``log(sum(weights * exp(x)))``.
    keepdims : bool, default False
        Whether the summed axes stay, with length 1.
    where : array_like of bool, optional
        Which entries count; broadcasts to the shape of `x`.
    out : ndarray, optional
        Where to write the result.

    Returns
    -------
    ndarray or scalar
        Shape of `x` without the summed axes, dtype of `x` (float64 for integers and booleans).

    Raises
    ------
    ValueError
        If a weight is negative, not finite or above 1e300, or a shape does not fit.
    TypeError
        If `x` does not hold real numbers.

    See Also
    --------
    softmax : its gradient.
    log_softmax : the entries less it.

    Notes
    -----
    Evaluated as ``max(x) + log1p(s)`` with `s` the sum of ``exp(x - max(x))`` over all entries but the largest. The
    logarithm of no entry, or of a row of -inf, is -inf. With weights the gradient is
    ``weights * exp(x) / sum(weights * exp(x))``.

    Where ``max(x)`` and ``log1p(s)`` cancel, the result is right to 2 ulp of the larger of them.

    References
    ----------
    Blanchard, Higham, Higham (2021), Accurately computing the log-sum-exp and softmax functions.

    Examples
    --------
    >>> import numpy as np, actlib
    >>> actlib.logsumexp([0.8, 0.6, 0.2])
    np.float64(1.6618524505311192)

    A second entry far below the first still counts, and large entries do not overflow:

    >>> actlib.logsumexp([0.0, -40.0]), actlib.logsumexp([1000.0, 1000.0])
    (np.float64(4.248354255291589e-18), np.float64(1000.6931471805599))
    >>> with np.errstate(all="ignore"):
    ...     print(np.log(np.exp(0.0) + np.exp(-40.0)), np.log(2 * np.exp(1000.0)))
    0.0 inf
    """


@choice_function(
    AxisFacts(
        definition="cases((1, x[i] == Maximum(x[k], k, 1, K)), (0, True))",
        derivative_definition="0",
        range=Interval(0, 1, low_closed=True, high_closed=True),
        limits={"several entries are largest": "the first of them gets the 1", "a NaN in the row": "NaN"},
        accuracy={"value": EXACT, "backward": EXACT},
        references=("ONNX operator specification, Hardmax",),
    )
)
def hardmax(x: ArrayLike, /, axis: Axis = -1, *, out: Out = None) -> Any:
    r"""Hardmax: 1 at the first largest entry along an axis, 0 elsewhere.

    The decision that softmax softens; the limit of ``softmax(x, temperature=t)`` for t to 0 if no two entries tie.

    Parameters
    ----------
    x : array_like of real numbers
        Any shape. Integers and booleans are computed as float64, float16 in float32.
    axis : int, default -1
        Along which to choose.
    out : ndarray, optional
        Where to write the result; may be `x` itself.

    Returns
    -------
    ndarray
        Shape of `x`, dtype of `x` (float64 for integers and booleans). Values 0 and 1.

    Raises
    ------
    ValueError
        If the shape of `out` does not fit.
    TypeError
        If `x` does not hold real numbers.

    See Also
    --------
    softmax : the same with a gradient that is not 0.
    one_hot : from labels instead of scores.

    Notes
    -----
    Of several largest entries the first gets the 1. A row with a NaN is NaN. The derivative is 0 (NaN in such a row).

    References
    ----------
    ONNX operator specification, Hardmax.

    Examples
    --------
    >>> import numpy as np, actlib
    >>> actlib.hardmax([1.0, 3.0, 3.0])
    array([0., 1., 0.])

    Comparing with the maximum is not the same: it chooses both.

    >>> x = np.array([1.0, 3.0, 3.0])
    >>> (x == x.max()).astype(float)
    array([0., 1., 1.])
    """


@split_function(
    AxisFacts(
        definition="cases((Max(x[i], 0), i <= K), (Max(-x[i - K], 0), True))",
        derivative_definition=(
            "cases((delta(i, j), i <= K and x[j] > 0), (-delta(i - K, j), i > K and x[j] < 0), (0, True))"
        ),
        range=Interval(0, inf, low_closed=True),
        limits={"an entry at +inf": "+inf and 0", "an entry at -inf": "0 and +inf"},
        accuracy={"value": EXACT, "backward": EXACT},
        references=(
            "Shang, Sohn, Almeida, Lee (2016), Understanding and improving convolutional neural networks via "
            "concatenated rectified linear units, ICML",
        ),
    )
)
def crelu(x: ArrayLike, /, axis: Axis = -1, *, out: Out = None) -> Any:
    r"""Concatenated rectifier: ``crelu(x) = [relu(x), relu(-x)]``, which doubles the axis.

    Keeps what relu throws away: the negative part gets channels of its own, so no entry loses its gradient.

    Parameters
    ----------
    x : array_like of real numbers
        Any shape with at least one axis. Integers and booleans are computed as float64.
    axis : int, default -1
        Along which the two parts lie behind each other.
    out : ndarray, optional
        Where to write the result; of the doubled shape.

    Returns
    -------
    ndarray
        Shape of `x` with `axis` twice as long, dtype of `x` (float64 for integers and booleans). Values in [0, inf].

    Raises
    ------
    ValueError
        If the shape of `out` does not fit.
    TypeError
        If `x` does not hold real numbers.

    See Also
    --------
    relu : the first half alone.

    Notes
    -----
    ``backward(upstream, x)`` is the first half of `upstream` where ``x > 0`` and minus the second half where
    ``x < 0``. At 0 it is 0, the derivative of relu there in both halves; this is the composition of relu, not the
    closed branch ``x <= 0`` of the second half, whose slope is -1.

    References
    ----------
    Shang, Sohn, Almeida, Lee (2016), Understanding and improving convolutional neural networks via concatenated
    rectified linear units, ICML.

    Examples
    --------
    >>> import numpy as np, actlib
    >>> actlib.crelu([-2.0, 0.0, 3.0])
    array([0., 0., 3., 2., 0., 0.])

    The two halves hold all that `x` held; relu alone does not:

    >>> y = actlib.crelu([-2.0, 0.0, 3.0])
    >>> y[:3] - y[3:]
    array([-2.,  0.,  3.])
    """


def one_hot(
    labels: ArrayLike,
    num_classes: int | None = None,
    *,
    axis: int = -1,
    dtype: DTypeLike = float,
) -> NDArray[Any]:
    r"""One-hot vectors: 1 in the place of the label, 0 elsewhere.

    Parameters
    ----------
    labels : array_like of int
        Labels, counted from 0.
    num_classes : int, optional
        The length of a vector; by default one more than the largest label.
    axis : int, default -1
        Where the axis of the classes lies in the result.
    dtype : dtype, default float
        Of the result.

    Returns
    -------
    ndarray
        Shape of `labels` with one axis of length `num_classes` more.

    Raises
    ------
    ValueError
        If a label is not in [0, num_classes); the message names the label and its index.
    TypeError
        If the labels are not integers.

    See Also
    --------
    hardmax : the one-hot vector of the largest score.

    Examples
    --------
    >>> import actlib
    >>> actlib.one_hot([2, 0])
    array([[0., 0., 1.],
           [1., 0., 0.]])
    >>> actlib.one_hot([2, 0, 3], 3)
    Traceback (most recent call last):
        ...
    ValueError: one_hot: labels must lie in [0, 3), got 3 at index (2,)
    """
    array = real_array("one_hot", "labels", labels)
    if array.size == 0 and array.dtype == np.float64:
        array = array.astype(np.intp)  # an empty list has no integers to show
    if array.dtype.kind not in "iu":
        raise TypeError(f"one_hot: labels must be integers, got dtype {array.dtype}")
    if num_classes is None:
        classes = int(array.max()) + 1 if array.size else 0
    elif isinstance(num_classes, int | np.integer) and not isinstance(num_classes, bool) and num_classes >= 0:
        classes = int(num_classes)
    else:
        raise ValueError(f"one_hot: num_classes must be an integer >= 0 or None, got {num_classes!r}")
    inside = (array >= 0) & (array < classes)
    if not inside.all():
        refuse("one_hot", "labels", array, inside, f"lie in [0, {classes})")
    place_of_axis = normalize_axis_index(axis, array.ndim + 1, "one_hot")
    result = np.zeros((*array.shape, classes), dtype)
    np.put_along_axis(result, array[..., np.newaxis].astype(np.intp), 1, axis=-1)
    return np.moveaxis(result, -1, place_of_axis)


#: Every function along an axis by name; aliases are not listed.
AXIS_FUNCTIONS: dict[str, AxisFunction[...]] = {
    entry.name: entry for entry in (softmax, log_softmax, logsumexp, hardmax, crelu)
}
