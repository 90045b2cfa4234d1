"""Selections: the largest entry, the largest of a few, the two signs apart, and one-hot vectors."""

from math import inf
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index
from numpy.typing import ArrayLike, DTypeLike, NDArray

from ..entries import Interval, Ulp, real_array, refuse
from ..entries_axis import Axis, AxisFacts, Out
from ..entries_axis_lengths import pooling_function, split_function
from ..entries_axis_probabilities import choice_function
from ..messages import not_labels

__all__ = ["crelu", "hardmax", "maxout", "one_hot"]

EXACT = Ulp(0.5, 0.5)


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


@pooling_function(
    AxisFacts(
        definition="Maximum(x[(i - 1) * pieces + k], k, 1, pieces)",
        derivative_definition=(
            "cases((1, j > (i - 1) * pieces and j <= i * pieces"
            " and x[j] == Maximum(x[(i - 1) * pieces + k], k, 1, pieces)), (0, True))"
        ),
        limits={
            "several entries of a group are largest": "the first of them gets the gradient",
            "a NaN in a group": "NaN, and gradient NaN for the group",
        },
        parameters={"pieces": Interval(1, inf, low_closed=True)},
        accuracy={"value": EXACT, "backward": EXACT},
        references=("Goodfellow, Warde-Farley, Mirza, Courville, Bengio (2013), Maxout networks, ICML",),
        multiple=2,
        example={"pieces": 2},
    )
)
def maxout(x: ArrayLike, /, axis: Axis = -1, *, pieces: int, out: Out = None) -> Any:
    r"""Maxout: the largest of every `pieces` entries that follow each other along an axis.

    A unit with that many linear pieces: which function of its inputs it is, the weights below it learn.

    Parameters
    ----------
    x : array_like of real numbers
        The length of the axis must be a multiple of `pieces`. Integers and booleans are computed as float64.
    axis : int, default -1
        Along which the groups lie behind each other.
    pieces : int
        How many entries a group has.
    out : ndarray, optional
        Where to write the result; of the shortened shape.

    Returns
    -------
    ndarray
        Shape of `x` with `axis` shorter by the factor `pieces`, dtype of `x` (float64 for integers and booleans).

    Raises
    ------
    ValueError
        If `pieces` is less than 1 or does not divide the length of the axis, or the shape of `out` does not fit.
    TypeError
        If `pieces` is missing or no integer, or `x` does not hold real numbers.

    See Also
    --------
    relu : the larger of an entry and 0.
    hardmax : where the largest entry is.

    Notes
    -----
    ``backward(upstream, x, pieces=p)`` gives the upstream gradient to the first largest entry of each group and 0 to
    the others. A NaN makes its group NaN.

    References
    ----------
    Goodfellow, Warde-Farley, Mirza, Courville, Bengio (2013), Maxout networks, ICML.

    Examples
    --------
    >>> import numpy as np, actlib
    >>> actlib.maxout([1.0, 5.0, 2.0, -1.0, -3.0, -1.0], pieces=3)
    array([ 5., -1.])
    >>> actlib.maxout.backward([10.0, 20.0], [1.0, 5.0, 2.0, -1.0, -3.0, -1.0], pieces=3)
    array([ 0., 10.,  0., 20.,  0.,  0.])
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
        raise not_labels("one_hot", array)
    if num_classes is None:
        classes = int(array.max()) + 1 if array.size else 0
    elif isinstance(num_classes, int | np.integer) and not isinstance(num_classes, bool) and num_classes >= 0:
        classes = int(num_classes)
    else:
        raise ValueError(f"one_hot: num_classes must be an integer >= 0 or None, got {num_classes!r}")
    inside = (array >= 0) & (array < classes)
    if not inside.all():
        expected = "not be negative" if num_classes is None else f"lie in [0, {classes})"
        refuse("one_hot", "labels", array, inside, expected)
    place_of_axis = normalize_axis_index(axis, array.ndim + 1, "one_hot")
    result = np.zeros((*array.shape, classes), dtype)
    np.put_along_axis(result, array[..., np.newaxis].astype(np.intp), 1, axis=-1)
    return np.moveaxis(result, -1, place_of_axis)
