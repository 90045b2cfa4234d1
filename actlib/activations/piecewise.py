"""Functions made of straight and parabolic pieces: clips, hard gates and thresholds.

Definition, documentation and conventions; the arithmetic is in ``kernels/piecewise.pyx``.
"""

from math import inf
from typing import Any

from numpy.typing import ArrayLike

from ..entries import (
    EXACT,
    NOT_NAN,
    PIECEWISE_LINEAR,
    Facts,
    Interval,
    Out,
    Ulp,
    activation,
    clipped_activation,
    output_activation,
)

__all__ = [
    "clipped_relu",
    "hard_sigmoid",
    "hard_silu",
    "hard_swish",
    "hard_tanh",
    "hardsigmoid",
    "hardswish",
    "hardtanh",
    "relu6",
    "relu_k",
    "relu_n",
    "relu_squared",
    "smelu",
    "threshold",
    "thresholded_relu",
]


@output_activation(
    Facts(
        definition="Min(Max(0, x), 6)",
        derivative_definition="cases((1, 0 < x < 6), (0, True))",
        second_derivative_definition="0",
        derivative_from_output_definition="cases((1, 0 < y < 6), (0, True))",
        range=Interval(0, 6, True, True),
        limits={-inf: 0, inf: 6},
        derivative_limits={-inf: 0, inf: 0},
        kinks={0: 0, 6: 0},
        accuracy=PIECEWISE_LINEAR,
        references=(
            "Krizhevsky (2010), Convolutional Deep Belief Networks on CIFAR-10, manuscript",
            "Sandler, Howard, Zhu, Zhmoginov, Chen (2018), MobileNetV2, arXiv:1801.04381",
        ),
    )
)
def relu6(x: ArrayLike, /, *, out: Out = None, where: ArrayLike = True) -> Any:
    r"""ReLU that stops at 6: ``relu6(x) = min(max(0, x), 6)``.

    Bounded, so that its output can be stored in few bits; like a saturating function it passes no gradient at either
    end.

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
        Same shape as `x`, dtype of `x` (float64 for integers and booleans). Values in [0, 6]; ``relu6(-0.0)`` is
        0.0.

    See Also
    --------
    clipped_relu : with another end than 6.
    relu : without an upper end.

    Notes
    -----
    At both kinks, 0 and 6, the derivative is that of the flat side, 0, as in PyTorch and JAX.

    References
    ----------
    Krizhevsky (2010), Convolutional Deep Belief Networks on CIFAR-10, manuscript.
    Sandler, Howard, Zhu, Zhmoginov, Chen (2018), MobileNetV2: Inverted Residuals and Linear Bottlenecks,
    arXiv:1801.04381.

    Examples
    --------
    >>> import numpy as np, actlib
    >>> actlib.relu6(np.array([-1.0, 0.0, 2.5, 6.0, 10.0]))
    array([0. , 0. , 2.5, 6. , 6. ])
    >>> actlib.relu6.derivative(np.array([-1.0, 0.0, 2.5, 6.0, 10.0]))
    array([0., 0., 1., 0., 0.])
    """


@output_activation(
    Facts(
        definition="Min(Max(0, x), n)",
        derivative_definition="cases((1, 0 < x < n), (0, True))",
        second_derivative_definition="0",
        derivative_from_output_definition="cases((1, 0 < y < n), (0, True))",
        range=Interval(0, 6, True, True),
        limits={-inf: 0, inf: "n"},
        derivative_limits={-inf: 0, inf: 0},
        kinks={0: 0, "n": 0},
        parameters={"n": Interval(0, inf)},
        accuracy=PIECEWISE_LINEAR,
        aliases=("relu_n", "relu_k"),
        references=(
            "Hannun and others (2014), Deep Speech: Scaling up end-to-end speech recognition, arXiv:1412.5567",
        ),
    )
)
def clipped_relu(x: ArrayLike, /, *, n: ArrayLike = 6.0, out: Out = None, where: ArrayLike = True) -> Any:
    r"""ReLU that stops at `n`: ``clipped_relu(x) = min(max(0, x), n)``.

    The bound keeps the activations of recurrent and of low-precision networks from growing.

    Parameters
    ----------
    x : array_like of real numbers
        Any shape. Integers and booleans are computed as float64.
    n : array_like, optional
        The largest value, positive and finite; broadcasts against `x`.
    out : ndarray, optional
        Where to write the result; may be `x` itself.
    where : array_like of bool, optional
        Compute only where True; elsewhere `out` keeps what it held, and without `out` the result is arbitrary there.

    Returns
    -------
    ndarray or scalar
        Same shape as `x`, dtype of `x` (float64 for integers and booleans). Values in [0, n].

    Raises
    ------
    ValueError
        Unless every `n` is positive and finite.

    See Also
    --------
    relu6 : with ``n = 6``, the default.
    hard_tanh : with two ends to choose.

    Notes
    -----
    At both kinks, 0 and `n`, the derivative is that of the flat side, 0. Deep Speech has ``n = 20``, MobileNet 6,
    which is the default. As `n` grows it becomes `relu`.

    References
    ----------
    Hannun and others (2014), Deep Speech: Scaling up end-to-end speech recognition, arXiv:1412.5567.

    Examples
    --------
    >>> import numpy as np, actlib
    >>> actlib.clipped_relu(np.array([-5.0, 5.0, 50.0]), n=20.0)
    array([ 0.,  5., 20.])
    >>> actlib.clipped_relu.derivative(np.array([-5.0, 5.0, 50.0]), n=20.0)
    array([0., 1., 0.])
    """


@clipped_activation(
    Facts(
        definition="Min(Max(min_val, x), max_val)",
        derivative_definition="cases((1, min_val < x < max_val), (0, True))",
        second_derivative_definition="0",
        derivative_from_output_definition="cases((1, min_val < y < max_val), (0, True))",
        parameters={"min_val": NOT_NAN, "max_val": NOT_NAN},
        range=Interval(-1, 1, True, True),
        limits={-inf: "min_val", inf: "max_val"},
        derivative_limits={-inf: 0, inf: 0},
        kinks={"min_val": 0, "max_val": 0},
        accuracy=PIECEWISE_LINEAR,
        aliases=("hardtanh",),
        references=(
            "Collobert and others (2011), Natural Language Processing (Almost) from Scratch, JMLR 12, 2493-2537",
        ),
    )
)
def hard_tanh(
    x: ArrayLike, /, *, min_val: ArrayLike = -1.0, max_val: ArrayLike = 1.0, out: Out = None, where: ArrayLike = True
) -> Any:
    r"""Hard tanh: `x`, cut off at `min_val` and at `max_val`.

    The straight line through the middle of tanh and its two levels, without exponentials.

    Parameters
    ----------
    x : array_like of real numbers
        Any shape. Integers and booleans are computed as float64.
    min_val, max_val : array_like, optional
        The ends, ``min_val <= max_val``; both broadcast against `x`.
    out : ndarray, optional
        Where to write the result; may be `x` itself.
    where : array_like of bool, optional
        Compute only where True; elsewhere `out` keeps what it held, and without `out` the result is arbitrary there.

    Returns
    -------
    ndarray or scalar
        Same shape as `x`, dtype of `x` (float64 for integers and booleans). Values in
        [min_val, max_val].

    Raises
    ------
    ValueError
        Unless ``min_val <= max_val`` everywhere; NaN is neither.

    See Also
    --------
    tanh : the curve of which it is a caricature.
    relu6, clipped_relu : cut off at 0 and above.
    hard_sigmoid : the same shape between 0 and 1.

    Notes
    -----
    At both ends the derivative is that of the flat side, 0, as in PyTorch (JAX returns 1). The sign of zero is kept.

    References
    ----------
    Collobert, Weston, Bottou, Karlen, Kavukcuoglu, Kuksa (2011), Natural Language Processing (Almost) from Scratch,
    Journal of Machine Learning Research 12, 2493-2537.

    Examples
    --------
    >>> import numpy as np, actlib
    >>> actlib.hard_tanh(np.array([-2.0, -0.5, 0.5, 2.0]))
    array([-1. , -0.5,  0.5,  1. ])
    >>> actlib.hard_tanh.derivative(np.array([-2.0, -1.0, 0.5, 2.0]))
    array([0., 0., 1., 0.])
    >>> actlib.hard_tanh(np.array([-2.0, 0.5, 2.0]), min_val=0.0, max_val=1.5)
    array([0. , 0.5, 1.5])
    """


@output_activation(
    Facts(
        definition="Min(Max(0, slope * x + offset), 1)",
        derivative_definition="cases((slope, 0 < slope * x + offset < 1), (0, True))",
        second_derivative_definition="0",
        derivative_from_output_definition="cases((slope, 0 < y < 1), (0, True))",
        range=Interval(0, 1, True, True),
        limits={-inf: 0, inf: 1},
        derivative_limits={-inf: 0, inf: 0},
        kinks={"-offset / slope": 0, "(1 - offset) / slope": 0},
        parameters={"slope": Interval(0, inf)},
        accuracy={**PIECEWISE_LINEAR, "value": Ulp(0.51, 0.5)},
        aliases=("hardsigmoid",),
        references=(
            "Courbariaux, Bengio, David (2015), BinaryConnect, arXiv:1511.00363",
            "Howard and others (2019), Searching for MobileNetV3, arXiv:1905.02244",
        ),
    )
)
def hard_sigmoid(
    x: ArrayLike, /, *, slope: ArrayLike = 1 / 6, offset: ArrayLike = 0.5, out: Out = None, where: ArrayLike = True
) -> Any:
    r"""Hard sigmoid: ``slope * x + offset``, cut off at 0 and at 1.

    A gate between closed and open that needs no exponential.

    Parameters
    ----------
    x : array_like of real numbers
        Any shape. Integers and booleans are computed as float64.
    slope : array_like, optional
        Slope between the two ends, positive and finite; broadcasts against `x`.
    offset : array_like, optional
        The value at 0; broadcasts against `x`.
    out : ndarray, optional
        Where to write the result; may be `x` itself.
    where : array_like of bool, optional
        Compute only where True; elsewhere `out` keeps what it held, and without `out` the result is arbitrary there.

    Returns
    -------
    ndarray or scalar
        Same shape as `x`, dtype of `x` (float64 for integers and booleans). Values in [0, 1].

    Raises
    ------
    ValueError
        Unless every `slope` is positive and finite.

    See Also
    --------
    sigmoid : the curve of which it is a caricature.
    hard_swish : `x` times it.

    Notes
    -----
    At both kinks, ``-offset / slope`` and ``(1 - offset) / slope``, the derivative is that of the flat side, 0. The
    parameters are the floats that are passed, and ``slope * x + offset`` is rounded once: the nearest float64 to
    1/6 is a little smaller than 1/6, so that its kinks lie a little beyond -3 and 3, between floats, and at -3 and
    3 the derivative is still `slope`. Other slopes are in use under this name: 0.2 in ONNX, 0.5 in BinaryConnect.

    References
    ----------
    Courbariaux, Bengio, David (2015), BinaryConnect: Training Deep Neural Networks with binary weights during
    propagations, arXiv:1511.00363.
    Howard and others (2019), Searching for MobileNetV3, arXiv:1905.02244.

    Examples
    --------
    >>> import numpy as np, actlib
    >>> actlib.hard_sigmoid(np.array([-10.0, -1.5, 0.0, 1.5, 10.0]))
    array([0.  , 0.25, 0.5 , 0.75, 1.  ])
    >>> actlib.hard_sigmoid(np.array([-1.0, 0.0, 1.0]), slope=0.2)
    array([0.3, 0.5, 0.7])
    """


@activation(
    Facts(
        definition="x * Min(Max(0, x + 3), 6) / 6",
        derivative_definition="cases((0, x <= -3), ((2 * x + 3) / 6, x < 3), (1, True))",
        second_derivative_definition="cases((1 / 3, -3 < x < 3), (0, True))",
        range=Interval(-0.375, inf, True),
        limits={-inf: 0, inf: inf},
        derivative_limits={-inf: 0, inf: 1},
        kinks={-3: 0, 3: 1},
        accuracy={"value": Ulp(0.51, 2), "derivative": Ulp(0.51, 1.5), "second_derivative": EXACT},
        aliases=("hardswish", "hard_silu"),
        references=("Howard and others (2019), Searching for MobileNetV3, arXiv:1905.02244",),
    )
)
def hard_swish(x: ArrayLike, /, *, out: Out = None, where: ArrayLike = True) -> Any:
    r"""Hard swish: ``x * min(max(0, x + 3), 6) / 6``, `x` times its hard sigmoid.

    A parabola between 0 and the identity in place of the curve of `silu`, without exponentials.

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
        Same shape as `x`, dtype of `x` (float64 for integers and booleans). Values in
        [-3/8, inf).

    See Also
    --------
    silu : the curve of which it is a caricature.
    hard_sigmoid : its gate.

    Notes
    -----
    At the kinks the derivative is that of the straight side: 0 at -3 and 1 at 3, as in PyTorch and JAX. Between
    them it is ``(2 x + 3) / 6``: negative left of the minimum at -3/2, and 3/2 just below 3. Value and derivative
    keep their digits beside their zeros, at -3 and at -3/2.

    References
    ----------
    Howard and others (2019), Searching for MobileNetV3, arXiv:1905.02244.

    Examples
    --------
    >>> import numpy as np, actlib
    >>> actlib.hard_swish(np.array([-4.0, -1.5, 0.0, 1.5, 4.0]))
    array([ 0.   , -0.375,  0.   ,  1.125,  4.   ])
    >>> actlib.hard_swish.derivative(np.array([-4.0, -1.5, 0.0, 1.5, 4.0]))
    array([0. , 0. , 0.5, 1. , 1. ])
    """


@activation(
    Facts(
        definition="cases((x, x > threshold), (value, True))",
        derivative_definition="cases((1, x > threshold), (0, True))",
        second_derivative_definition="0",
        range=Interval(-1, inf, True),
        limits={-inf: "value", inf: inf},
        derivative_limits={-inf: 0, inf: 1},
        kinks={"threshold": 0},
        example={"threshold": 0.5, "value": -1.0},
        parameters={"threshold": NOT_NAN},
        accuracy=PIECEWISE_LINEAR,
        references=("Konda, Memisevic, Krueger (2015), Zero-bias autoencoders, arXiv:1402.3337",),
    )
)
def threshold(
    x: ArrayLike, /, *, threshold: ArrayLike, value: ArrayLike, out: Out = None, where: ArrayLike = True
) -> Any:
    r"""Threshold: `x` where ``x > threshold``, `value` elsewhere.

    The general form of the functions that keep large inputs and give up the others.

    Parameters
    ----------
    x : array_like of real numbers
        Any shape. Integers and booleans are computed as float64.
    threshold : array_like
        The largest input that is replaced; broadcasts against `x`.
    value : array_like
        What replaces it; broadcasts against `x`.
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
    TypeError
        Without `threshold` or `value`: neither has a default.
    ValueError
        If a `threshold` is NaN.

    See Also
    --------
    thresholded_relu : with 0 for `value`.
    relu : with 0 for both.
    hard_shrink : two-sided.

    Notes
    -----
    It jumps at `threshold` unless `value` equals it, and there the derivative is that of the flat side, 0, as in
    PyTorch. With respect to the threshold it has no useful derivative: it cannot be learned by gradient descent.

    References
    ----------
    Konda, Memisevic, Krueger (2015), Zero-bias autoencoders and the benefits of co-adapting features,
    arXiv:1402.3337.

    Examples
    --------
    >>> import numpy as np, actlib
    >>> actlib.threshold(np.array([-2.0, 0.3, 0.5, 2.0]), threshold=0.5, value=-1.0)
    array([-1., -1., -1.,  2.])
    >>> actlib.threshold.derivative(np.array([-2.0, 0.3, 0.5, 2.0]), threshold=0.5, value=-1.0)
    array([0., 0., 0., 1.])
    """


@output_activation(
    Facts(
        definition="cases((x, x > threshold), (0, True))",
        derivative_definition="cases((1, x > threshold), (0, True))",
        second_derivative_definition="0",
        derivative_from_output_definition="cases((1, y > threshold), (0, True))",
        range=Interval(0, inf, True),
        limits={-inf: 0, inf: inf},
        derivative_limits={-inf: 0, inf: 1},
        kinks={"threshold": 0},
        parameters={"threshold": NOT_NAN},
        accuracy=PIECEWISE_LINEAR,
        references=("Konda, Memisevic, Krueger (2015), Zero-bias autoencoders, arXiv:1402.3337",),
    )
)
def thresholded_relu(x: ArrayLike, /, *, threshold: ArrayLike = 1.0, out: Out = None, where: ArrayLike = True) -> Any:
    r"""Thresholded ReLU: `x` where ``x > threshold``, 0 elsewhere.

    What is kept is kept whole: unlike a rectifier with a negative bias it does not shrink the inputs that pass.

    Parameters
    ----------
    x : array_like of real numbers
        Any shape. Integers and booleans are computed as float64.
    threshold : array_like, optional
        The largest input that gives 0; broadcasts against `x`.
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
        If a `threshold` is NaN.

    See Also
    --------
    threshold : with another value than 0.
    relu : with the threshold 0.
    hard_shrink : the same on both sides of 0.

    Notes
    -----
    It jumps from 0 to `threshold`; at the jump the derivative is that of the flat side, 0. A negative threshold lets
    negative inputs above it through; the derivative from the output is then NaN, because the output 0 belongs to two
    inputs of different slopes.

    References
    ----------
    Konda, Memisevic, Krueger (2015), Zero-bias autoencoders and the benefits of co-adapting features,
    arXiv:1402.3337.

    Examples
    --------
    >>> import numpy as np, actlib
    >>> actlib.thresholded_relu(np.array([-2.0, 0.5, 1.0, 1.5]))
    array([0. , 0. , 0. , 1.5])
    >>> actlib.thresholded_relu(np.array([-2.0, 0.5, 1.0, 1.5]), threshold=0.25)
    array([0. , 0.5, 1. , 1.5])
    """


@output_activation(
    Facts(
        definition="Max(0, x)**2",
        derivative_definition="2 * Max(0, x)",
        second_derivative_definition="cases((2, x > 0), (0, True))",
        derivative_from_output_definition="2 * sqrt(y)",
        range=Interval(0, inf, True),
        limits={-inf: 0, inf: inf},
        derivative_limits={-inf: 0, inf: inf},
        accuracy=PIECEWISE_LINEAR,
        references=("So and others (2021), Primer: Searching for Efficient Transformers, arXiv:2109.08668",),
    )
)
def relu_squared(x: ArrayLike, /, *, out: Out = None, where: ArrayLike = True) -> Any:
    r"""Squared ReLU: ``relu_squared(x) = max(0, x)**2``.

    A rectifier without a corner: its derivative, ``2 relu(x)``, is continuous. Its values grow faster than its
    inputs.

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
        Same shape as `x`, dtype of `x` (float64 for integers and booleans). Values in [0, inf].

    See Also
    --------
    relu : its square root.
    smelu : smooth in the same way, and linear beyond the bend.

    Notes
    -----
    The derivative exists everywhere, also at 0. The second derivative jumps there from 0 to 2, and is returned as
    0. The square overflows to inf for inputs beyond the square root of the largest float, 1.8e19 in float32.

    References
    ----------
    So, Manke, Liu, Dai, Shazeer, Le (2021), Primer: Searching for Efficient Transformers for Language Modeling,
    arXiv:2109.08668.

    Examples
    --------
    >>> import numpy as np, actlib
    >>> actlib.relu_squared(np.array([-2.0, 0.0, 0.5, 3.0]))
    array([0.  , 0.  , 0.25, 9.  ])
    >>> actlib.relu_squared.derivative(np.array([-2.0, 0.0, 0.5, 3.0]))
    array([0., 0., 1., 6.])
    """


@output_activation(
    Facts(
        definition="cases((0, x <= -beta), ((x + beta)**2 / (4 * beta), x < beta), (x, True))",
        derivative_definition="cases((0, x <= -beta), ((x + beta) / (2 * beta), x < beta), (1, True))",
        second_derivative_definition="cases((1 / (2 * beta), -beta < x < beta), (0, True))",
        derivative_from_output_definition="Min(sqrt(y / beta), 1)",
        range=Interval(0, inf, True),
        limits={-inf: 0, inf: inf},
        derivative_limits={-inf: 0, inf: 1},
        parameters={"beta": Interval(0, inf)},
        accuracy={
            "value": Ulp(0.51, 2),
            "derivative": Ulp(0.51, 1.5),
            "second_derivative": Ulp(0.51, 0.5),
            "derivative_from_output": Ulp(0.86, 1),
        },
        references=("Shamir, Lin, Coviello (2020), Smooth activations and reproducibility, arXiv:2010.09931",),
    )
)
def smelu(x: ArrayLike, /, *, beta: ArrayLike = 1.0, out: Out = None, where: ArrayLike = True) -> Any:
    r"""Smooth ReLU: 0 up to ``-beta``, `x` from `beta` on, between them ``(x + beta)**2 / (4 * beta)``.

    The corner of the rectifier, rounded by a parabola that joins both lines without a kink.

    Parameters
    ----------
    x : array_like of real numbers
        Any shape. Integers and booleans are computed as float64.
    beta : array_like, optional
        Half the width of the bend, positive and finite; broadcasts against `x`.
    out : ndarray, optional
        Where to write the result; may be `x` itself.
    where : array_like of bool, optional
        Compute only where True; elsewhere `out` keeps what it held, and without `out` the result is arbitrary there.

    Returns
    -------
    ndarray or scalar
        Same shape as `x`, dtype of `x` (float64 for integers and booleans). Values in [0, inf).

    Raises
    ------
    ValueError
        Unless every `beta` is positive and finite.

    See Also
    --------
    relu : its limit as `beta` tends to 0.
    softplus : smooth without an end of the bend, with exponentials.
    relu_squared : without the linear part.

    Notes
    -----
    The derivative exists everywhere and is continuous: a straight line from 0 at ``-beta`` to 1 at `beta`. The second
    derivative jumps at both ends of the bend, and is returned as 0 there.

    References
    ----------
    Shamir, Lin, Coviello (2020), Smooth activations and reproducibility in deep networks, arXiv:2010.09931.

    Examples
    --------
    >>> import numpy as np, actlib
    >>> actlib.smelu(np.array([-2.0, -1.0, 0.0, 0.5, 1.0, 2.0]))
    array([0.    , 0.    , 0.25  , 0.5625, 1.    , 2.    ])
    >>> actlib.smelu.derivative(np.array([-2.0, -1.0, 0.0, 0.5, 1.0, 2.0]))
    array([0.  , 0.  , 0.5 , 0.75, 1.  , 1.  ])
    """


hard_silu = hardswish = hard_swish
hardsigmoid = hard_sigmoid
hardtanh = hard_tanh
relu_k = relu_n = clipped_relu
