"""Functions that squash, the hard steps they soften, and the identity, which does neither.

Definition, documentation and conventions; the arithmetic is in ``kernels/squashing.pyx``.
"""

from math import inf, pi
from typing import Any

from numpy.typing import ArrayLike

from ..entries import (
    EXACT,
    PIECEWISE_LINEAR,
    Facts,
    Interval,
    Out,
    Ulp,
    activation,
    invertible_activation,
    output_activation,
)

__all__ = [
    "arctan",
    "expit",
    "gaussian",
    "heaviside",
    "identity",
    "isru",
    "linear",
    "log_expit",
    "log_sigmoid",
    "logistic",
    "logsigmoid",
    "scaled_tanh",
    "sigmoid",
    "sign",
    "signum",
    "softsign",
    "tanh",
    "unit_step",
]


@invertible_activation(
    Facts(
        definition="x",
        derivative_definition="1",
        second_derivative_definition="0",
        derivative_from_output_definition="1",
        inverse_definition="y",
        limits={-inf: -inf, inf: inf},
        derivative_limits={-inf: 1, inf: 1},
        accuracy={**PIECEWISE_LINEAR, "inverse": EXACT},
        aliases=("linear",),
        references=("Goodfellow, Bengio, Courville (2016), Deep Learning, section 6.2.2.1",),
    )
)
def identity(x: ArrayLike, /, *, out: Out = None, where: ArrayLike = True) -> Any:
    r"""Identity: ``identity(x) = x``, the activation of a linear output layer.

    A network of identities is one linear map, however deep; the output layer of a regression wants just that.

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
    relu : the simplest function that makes depth worth having.

    Notes
    -----
    The derivative is 1 everywhere, the second derivative 0; both are NaN at NaN.

    References
    ----------
    Goodfellow, Bengio, Courville (2016), Deep Learning, section 6.2.2.1.

    Examples
    --------
    >>> import numpy as np, actlib
    >>> actlib.identity(np.array([-2.0, 0.5]))
    array([-2. ,  0.5])
    >>> actlib.identity.derivative(np.array([-2.0, 0.5]))
    array([1., 1.])
    """


@invertible_activation(
    Facts(
        definition="1 / (1 + exp(-x))",
        derivative_definition="exp(-x) / (1 + exp(-x))**2",
        second_derivative_definition="exp(-x) * (exp(-x) - 1) / (1 + exp(-x))**3",
        derivative_from_output_definition="y * (1 - y)",
        inverse_definition="log(y / (1 - y))",
        range=Interval(0, 1),
        limits={-inf: 0, inf: 1},
        derivative_limits={-inf: 0, inf: 0},
        accuracy={"value": Ulp(1, 2), "derivative": Ulp(1, 2)},
        aliases=("expit", "logistic"),
        references=(
            "Verhulst (1845), Recherches mathematiques sur la loi d'accroissement de la population",
            "Nielsen (2015), Neural Networks and Deep Learning, chapter 1",
        ),
    )
)
def sigmoid(x: ArrayLike, /, *, out: Out = None, where: ArrayLike = True) -> Any:
    r"""Logistic sigmoid: ``sigmoid(x) = 1 / (1 + exp(-x))``.

    Squashes the real line to (0, 1): a probability from a score. Where it saturates, its derivative and with it
    the gradient of every layer below vanish.

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
        Same shape as `x`, dtype of `x` (float64 for integers and booleans). Values in (0, 1); rounding makes them
        exactly 1 from ``54 log 2 = 37.43`` on in float64, and 0 below -745.13.

    See Also
    --------
    tanh : the same curve, scaled and shifted to (-1, 1).
    softplus : its antiderivative.
    actlib.losses.binary_cross_entropy_with_logits : the loss to train it with, from `x` and not from the value.

    Notes
    -----
    With ``e = exp(-abs(x))``, which cannot overflow, the value is ``1/(1 + e)`` or ``e/(1 + e)`` and the
    derivative ``e/(1 + e)**2``. The textbook form ``y (1 - y)`` is `derivative_from_output`: it needs no `x`, and
    is 0 where `y` was rounded to 1.

    References
    ----------
    Nielsen (2015), Neural Networks and Deep Learning, chapter 1.

    Examples
    --------
    >>> import numpy as np, actlib
    >>> actlib.sigmoid(np.array([-10.0, 0.0, 10.0]))
    array([4.53978687e-05, 5.00000000e-01, 9.99954602e-01])
    >>> actlib.sigmoid.derivative(np.array([-40.0, 0.0, 40.0]))
    array([4.24835426e-18, 2.50000000e-01, 4.24835426e-18])

    The derivative from the output loses the right tail:

    >>> float(actlib.sigmoid.derivative_from_output(actlib.sigmoid(40.0)))
    0.0
    """


@invertible_activation(
    Facts(
        definition="tanh(x)",
        derivative_definition="4 * exp(-2*x) / (1 + exp(-2*x))**2",
        second_derivative_definition="-8 * tanh(x) * exp(-2*x) / (1 + exp(-2*x))**2",
        derivative_from_output_definition="1 - y**2",
        inverse_definition="log((1 + y) / (1 - y)) / 2",
        range=Interval(-1, 1),
        limits={-inf: -1, inf: 1},
        derivative_limits={-inf: 0, inf: 0},
        accuracy={"value": Ulp(1, 2), "derivative": Ulp(1, 3)},
        references=("LeCun, Bottou, Orr, Mueller (1998), Efficient BackProp, doi:10.1007/3-540-49430-8_2",),
    )
)
def tanh(x: ArrayLike, /, *, out: Out = None, where: ArrayLike = True) -> Any:
    r"""Hyperbolic tangent: ``tanh(x) = (exp(x) - exp(-x)) / (exp(x) + exp(-x)) = 2 sigmoid(2x) - 1``.

    A sigmoid that is zero-centred: outputs of both signs let the weights of the next layer move in different
    directions. It saturates as the sigmoid does; its steepest slope is 1 and not 1/4.

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
        Same shape as `x`, dtype of `x` (float64 for integers and booleans). Values in (-1, 1), exactly 1 after
        rounding from ``55/2 log 2 = 19.06`` on in float64.

    See Also
    --------
    sigmoid : ``tanh(x) = 2 sigmoid(2x) - 1``.

    Notes
    -----
    The value is ``-t/(2 + t)`` with ``t = exp(-2 abs(x)) - 1``, the derivative ``4e/(1 + e)**2`` with
    ``e = exp(-2 abs(x))``; so it does not cancel as ``1 - tanh(x)**2`` does. The sign of zero is kept.

    References
    ----------
    LeCun, Bottou, Orr, Mueller (1998), Efficient BackProp, doi:10.1007/3-540-49430-8_2.

    Examples
    --------
    >>> import numpy as np, actlib
    >>> actlib.tanh(np.array([-20.0, 0.0, 0.5]))
    array([-1.        ,  0.        ,  0.46211716])
    >>> actlib.tanh.derivative(20.0), 1 - np.tanh(20.0)**2
    (np.float64(1.6993417021166355e-17), np.float64(0.0))
    """


@output_activation(
    Facts(
        definition="cases((1, x > 0), (0, x < 0), (at_zero, True))",
        derivative_definition="0",
        second_derivative_definition="0",
        derivative_from_output_definition="0",
        range=Interval(0, 1, True, True),
        limits={-inf: 0, inf: 1},
        derivative_limits={-inf: 0, inf: 0},
        kinks={0: 0},
        accuracy=PIECEWISE_LINEAR,
        aliases=("unit_step",),
        references=("McCulloch, Pitts (1943), doi:10.1007/BF02478259",),
    )
)
def heaviside(
    x: ArrayLike, /, *, at_zero: ArrayLike = 0.5, out: Out = None, where: ArrayLike = True
) -> Any:
    r"""Unit step: 0 for ``x < 0``, 1 for ``x > 0``, `at_zero` at 0.

    A hard decision. A layer of steps is piecewise constant, so it can approximate any continuous function; but
    the derivative is 0 wherever it exists, and gradient descent learns nothing through it.

    Parameters
    ----------
    x : array_like of real numbers
        Any shape. Integers and booleans are computed as float64.
    at_zero : array_like, optional
        The value at 0 (either zero); broadcasts against `x`.
    out : ndarray, optional
        Where to write the result; may be `x` itself.
    where : array_like of bool, optional
        Compute only where True; elsewhere `out` keeps what it held, and without `out` the result is arbitrary there.

    Returns
    -------
    ndarray or scalar
        Same shape as `x`, dtype of `x` (float64 for integers and booleans). NaN at NaN.

    See Also
    --------
    sigmoid : its differentiable stand-in during training.
    sign : the step from -1 to 1.

    Notes
    -----
    The derivative is returned as 0 everywhere, at 0 too. As a distribution it is the Dirac delta, which no array
    can hold: ``k sigmoid'(k x)`` tends to it as ``k`` grows.

    References
    ----------
    McCulloch, Pitts (1943), A logical calculus of the ideas immanent in nervous activity,
    doi:10.1007/BF02478259.

    Examples
    --------
    >>> import numpy as np, actlib
    >>> actlib.heaviside(np.array([-2.0, 0.0, 3.0]))
    array([0. , 0.5, 1. ])
    >>> actlib.heaviside(np.array([-2.0, 0.0, 3.0]), at_zero=1.0)
    array([0., 1., 1.])
    """


@output_activation(
    Facts(
        definition="sign(x)",
        derivative_definition="0",
        second_derivative_definition="0",
        derivative_from_output_definition="0",
        range=Interval(-1, 1, True, True),
        limits={-inf: -1, inf: 1},
        derivative_limits={-inf: 0, inf: 0},
        kinks={0: 0},
        accuracy=PIECEWISE_LINEAR,
        aliases=("signum",),
        references=("Rosenblatt (1958), doi:10.1037/h0042519",),
    )
)
def sign(x: ArrayLike, /, *, out: Out = None, where: ArrayLike = True) -> Any:
    r"""Sign: -1 for ``x < 0``, 1 for ``x > 0``, 0 at 0.

    The hard decision between two classes called -1 and +1; what is left of tanh when only the class counts.

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
        Same shape as `x`, dtype of `x` (float64 for integers and booleans). NaN at NaN; the sign of zero is kept.

    See Also
    --------
    tanh : its differentiable stand-in during training.
    heaviside : the step from 0 to 1.

    Notes
    -----
    The derivative is returned as 0 everywhere, at 0 too; as a distribution it is twice the Dirac delta, because
    the step is 2 high.

    References
    ----------
    Rosenblatt (1958), The perceptron, doi:10.1037/h0042519.

    Examples
    --------
    >>> import numpy as np, actlib
    >>> actlib.sign(np.array([-2.0, 0.0, 3.0]))
    array([-1.,  0.,  1.])
    """


@invertible_activation(
    Facts(
        definition="-log(1 + exp(-x))",
        derivative_definition="1 / (1 + exp(x))",
        second_derivative_definition="-exp(x) / (1 + exp(x))**2",
        derivative_from_output_definition="1 - exp(y)",
        inverse_definition="-log(exp(-y) - 1)",
        range=Interval(-inf, 0),
        limits={-inf: -inf, inf: 0},
        derivative_limits={-inf: 1, inf: 0},
        accuracy={"value": Ulp(1, 2), "derivative": Ulp(1, 2)},
        aliases=("log_expit", "logsigmoid"),
        references=("Goodfellow, Bengio, Courville (2016), Deep Learning, section 3.10",),
    )
)
def log_sigmoid(x: ArrayLike, /, *, out: Out = None, where: ArrayLike = True) -> Any:
    r"""Logarithm of the sigmoid: ``log_sigmoid(x) = log(sigmoid(x)) = -log(1 + exp(-x))``.

    The log-probability of a class whose score is `x`. Computed in one piece it has no tail to lose, where the
    logarithm of a rounded probability has.

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
        Same shape as `x`, dtype of `x` (float64 for integers and booleans). Values in (-inf, 0).

    See Also
    --------
    sigmoid : the probability itself.
    softplus : ``log_sigmoid(x) = -softplus(-x)``.
    actlib.losses.binary_cross_entropy_with_logits : the loss that is made of it.

    Notes
    -----
    Computed as ``min(x, 0) - log1p(exp(-abs(x)))``. The derivative is ``sigmoid(-x)``. From about 745 on the value is
    rounded to -0.0, the zero that is approached from below.

    References
    ----------
    Goodfellow, Bengio, Courville (2016), Deep Learning, section 3.10.

    Examples
    --------
    >>> import numpy as np, actlib
    >>> actlib.log_sigmoid(np.array([-1000.0, 0.0, 40.0]))
    array([-1.00000000e+03, -6.93147181e-01, -4.24835426e-18])

    The logarithm of the rounded probability loses the right tail:

    >>> float(np.log(actlib.sigmoid(40.0)))
    0.0
    """


@invertible_activation(
    Facts(
        definition="x / (1 + Abs(x))",
        derivative_definition="1 / (1 + Abs(x))**2",
        second_derivative_definition="-2 * sign(x) / (1 + Abs(x))**3",
        derivative_from_output_definition="(1 - Abs(y))**2",
        inverse_definition="y / (1 - Abs(y))",
        range=Interval(-1, 1),
        limits={-inf: -1, inf: 1},
        derivative_limits={-inf: 0, inf: 0},
        accuracy={
            "value": Ulp(1, 2),
            "derivative": Ulp(1, 2),
            "second_derivative": Ulp(1, 3),
            "derivative_from_output": Ulp(1, 3),
            "inverse": Ulp(1, 2),
        },
        references=("Glorot, Bengio (2010), Understanding the difficulty of training deep networks, AISTATS",),
    )
)
def softsign(x: ArrayLike, /, *, out: Out = None, where: ArrayLike = True) -> Any:
    r"""Softsign: ``softsign(x) = x / (1 + abs(x))``.

    Squashes to (-1, 1) as tanh does, without an exponential. Its tails are polynomial: the derivative fades as
    ``1 / x**2`` and not as an exponential.

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
        Same shape as `x`, dtype of `x` (float64 for integers and booleans). Values in (-1, 1), exactly 1 after
        rounding from ``2**54`` on in float64.

    See Also
    --------
    tanh : saturates exponentially.
    isru : another squasher without exponentials, smooth at 0.

    Notes
    -----
    The derivative is the square of a quotient and not the reciprocal of a square, which would overflow. At 0 the
    second derivative jumps from 2 to -2; it is 0 there.

    References
    ----------
    Glorot, Bengio (2010), Understanding the difficulty of training deep feedforward neural networks, AISTATS.

    Examples
    --------
    >>> import numpy as np, actlib
    >>> actlib.softsign(np.array([-9.0, 0.0, 1.0, np.inf]))
    array([-0.9,  0. ,  0.5,  1. ])
    >>> actlib.softsign.derivative(np.array([-9.0, 0.0, 1.0]))
    array([0.01, 1.  , 0.25])
    """


@invertible_activation(
    Facts(
        definition="atan(x)",
        derivative_definition="1 / (1 + x**2)",
        second_derivative_definition="-2 * x / (1 + x**2)**2",
        derivative_from_output_definition="cos(y)**2",
        inverse_definition="sin(y) / cos(y)",
        range=Interval(-pi / 2, pi / 2),
        limits={-inf: "-pi / 2", inf: "pi / 2"},
        derivative_limits={-inf: 0, inf: 0},
        accuracy={
            "value": Ulp(1, 1),
            "derivative": Ulp(1, 2),
            "second_derivative": Ulp(1, 3),
            "derivative_from_output": Ulp(1, 3),
            "inverse": Ulp(1, 2),
        },
        references=("Muller et al. (2018), Handbook of Floating-Point Arithmetic, doi:10.1007/978-3-319-76526-6",),
    )
)
def arctan(x: ArrayLike, /, *, out: Out = None, where: ArrayLike = True) -> Any:
    r"""Arctangent: ``arctan(x)``, the angle whose tangent is `x`.

    A squasher to (-pi/2, pi/2) whose derivative ``1 / (1 + x**2)`` is a rational function: no exponential in the
    backward pass.

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
        Same shape as `x`, dtype of `x` (float64 for integers and booleans). Values in (-pi/2, pi/2).

    See Also
    --------
    tanh : saturates exponentially.
    softsign : the same kind of tail, of one division.

    Notes
    -----
    Computed by a polynomial of its own after a reduction to ``abs(t) <= 1``, with the rounding error of the reduction
    carried along: 1.1 ulp at most. The inverse is the tangent; the floats nearest to -pi/2 and pi/2 are not the
    limits, so it is finite there.

    References
    ----------
    Muller et al. (2018), Handbook of Floating-Point Arithmetic, doi:10.1007/978-3-319-76526-6.

    Examples
    --------
    >>> import numpy as np, actlib
    >>> actlib.arctan(np.array([-1.0, 0.0, 1.0, np.inf]))
    array([-0.78539816,  0.        ,  0.78539816,  1.57079633])
    >>> actlib.arctan.derivative(np.array([-3.0, 0.0, 1.0]))
    array([0.1, 1. , 0.5])
    """


@invertible_activation(
    Facts(
        definition="a * tanh(b * x)",
        derivative_definition="4 * a * b * exp(-2*b*x) / (1 + exp(-2*b*x))**2",
        second_derivative_definition="-8 * a * b**2 * tanh(b * x) * exp(-2*b*x) / (1 + exp(-2*b*x))**2",
        derivative_from_output_definition="a * b * (1 - (y / a)**2)",
        inverse_definition="log((a + y) / (a - y)) / (2 * b)",
        range=Interval(-1.7159, 1.7159),
        limits={-inf: "-a", inf: "a"},
        derivative_limits={-inf: 0, inf: 0},
        parameters={"a": Interval(0, inf), "b": Interval(0, inf)},
        accuracy={"value": Ulp(1, 2)},
        references=("LeCun, Bottou, Orr, Mueller (1998), Efficient BackProp, doi:10.1007/3-540-49430-8_2",),
    )
)
def scaled_tanh(
    x: ArrayLike, /, *, a: ArrayLike = 1.7159, b: ArrayLike = 2 / 3, out: Out = None, where: ArrayLike = True
) -> Any:
    r"""Scaled tanh: ``scaled_tanh(x) = a tanh(b x)``, by default ``1.7159 tanh(2 x / 3)``.

    LeCun's choice of the two constants puts the values -1 and 1 at the inputs -1 and 1, so that targets -1 and 1 are
    reached without saturation.

    Parameters
    ----------
    x : array_like of real numbers
        Any shape. Integers and booleans are computed as float64.
    a, b : array_like, optional
        Limit and inner scale, positive and finite; broadcast against `x`.
    out : ndarray, optional
        Where to write the result; may be `x` itself.
    where : array_like of bool, optional
        Compute only where True; elsewhere `out` keeps what it held, and without `out` the result is arbitrary there.

    Returns
    -------
    ndarray or scalar
        Same shape as `x`, dtype of `x` (float64 for integers and booleans). Values in (-a, a).

    Raises
    ------
    ValueError
        Unless every `a` and every `b` is positive and finite.

    See Also
    --------
    tanh : with ``a = b = 1``.

    Notes
    -----
    The product ``b x`` is kept with its rounding error: in the tails of the derivative an error of half an ulp in
    it would be hundreds of ulp.

    References
    ----------
    LeCun, Bottou, Orr, Mueller (1998), Efficient BackProp, section 4.4, doi:10.1007/3-540-49430-8_2.

    Examples
    --------
    >>> import numpy as np, actlib
    >>> actlib.scaled_tanh(np.array([-1.0, 0.0, 1.0, 10.0]))
    array([-0.99999726,  0.        ,  0.99999726,  1.71589444])
    >>> actlib.scaled_tanh.derivative(np.array([0.0, 1.0]))
    array([1.14393333, 0.75541244])
    """


@invertible_activation(
    Facts(
        definition="x / sqrt(1 + alpha * x**2)",
        derivative_definition="1 / sqrt(1 + alpha * x**2)**3",
        second_derivative_definition="-3 * alpha * x / sqrt(1 + alpha * x**2)**5",
        derivative_from_output_definition="sqrt(1 - alpha * y**2)**3",
        inverse_definition="y / sqrt(1 - alpha * y**2)",
        range=Interval(-1, 1),
        limits={-inf: "-1 / sqrt(alpha)", inf: "1 / sqrt(alpha)"},
        derivative_limits={-inf: 0, inf: 0},
        parameters={"alpha": Interval(0, inf)},
        accuracy={"value": Ulp(1, 2), "derivative": Ulp(1, 3), "second_derivative": Ulp(1, 2), "inverse": Ulp(1, 3)},
        references=("Carlile, Delamarter, Kinney, Marti, Whitney (2017), arXiv:1710.09967",),
    )
)
def isru(x: ArrayLike, /, *, alpha: ArrayLike = 1.0, out: Out = None, where: ArrayLike = True) -> Any:
    r"""Inverse square root unit: ``isru(x) = x / sqrt(1 + alpha x**2)``.

    A squasher of a square root and a division. Value and derivative come from the same root: the derivative is the
    third power of ``isru(x) / x``.

    Parameters
    ----------
    x : array_like of real numbers
        Any shape. Integers and booleans are computed as float64.
    alpha : array_like, optional
        Sets the limits ``+-1 / sqrt(alpha)``; positive and finite, broadcasts against `x`.
    out : ndarray, optional
        Where to write the result; may be `x` itself.
    where : array_like of bool, optional
        Compute only where True; elsewhere `out` keeps what it held, and without `out` the result is arbitrary there.

    Returns
    -------
    ndarray or scalar
        Same shape as `x`, dtype of `x` (float64 for integers and booleans). Values in (-1/sqrt(alpha),
        1/sqrt(alpha)).

    Raises
    ------
    ValueError
        Unless every `alpha` is positive and finite.

    See Also
    --------
    isrlu : the same for negative inputs, the identity for positive ones.
    tanh, softsign : other squashers that are zero-centred.

    Notes
    -----
    ``alpha * x**2`` is scaled by powers of two: no intermediate result overflows, whatever `x` and `alpha`.

    References
    ----------
    Carlile, Delamarter, Kinney, Marti, Whitney (2017), Improving Deep Learning by Inverse Square Root Linear Units
    (ISRLUs), arXiv:1710.09967.

    Examples
    --------
    >>> import numpy as np, actlib
    >>> actlib.isru(np.array([-0.75, 0.0, 1e200, np.inf]))
    array([-0.6,  0. ,  1. ,  1. ])
    >>> actlib.isru.derivative(np.array([-0.75, 0.0, 1e100]))
    array([5.12e-001, 1.00e+000, 1.00e-300])
    """


@activation(
    Facts(
        definition="exp(-x**2)",
        derivative_definition="-2 * x * exp(-x**2)",
        second_derivative_definition="(4 * x**2 - 2) * exp(-x**2)",
        range=Interval(0, 1, high_closed=True),
        limits={-inf: 0, inf: 0},
        derivative_limits={-inf: 0, inf: 0},
        accuracy={"value": Ulp(1, 1), "derivative": Ulp(1, 2), "second_derivative": Ulp(1, 3)},
        references=("Broomhead, Lowe (1988), Multivariable functional interpolation, Complex Systems 2, 321-355",),
    )
)
def gaussian(x: ArrayLike, /, *, out: Out = None, where: ArrayLike = True) -> Any:
    r"""Gaussian bump: ``gaussian(x) = exp(-x**2)``.

    Large near 0 and almost 0 elsewhere: a unit that answers to a place and not to a direction, as in networks of
    radial basis functions.

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
        Same shape as `x`, dtype of `x` (float64 for integers and booleans). Values in (0, 1].

    See Also
    --------
    sigmoid : a step and not a bump.

    Notes
    -----
    ``x**2`` is kept with its rounding error; without it the value at ``x = 26`` could be wrong by 250 ulp.
    The second derivative keeps its digits at its zeros ``+-sqrt(1/2)``. Not monotone: it has no inverse, and a
    value does not determine the derivative.

    References
    ----------
    Broomhead, Lowe (1988), Multivariable functional interpolation and adaptive networks, Complex Systems 2, 321-355.

    Examples
    --------
    >>> import numpy as np, actlib
    >>> actlib.gaussian(np.array([-1.0, 0.0, 20.0]))
    array([3.67879441e-001, 1.00000000e+000, 1.91516960e-174])
    >>> actlib.gaussian.derivative(np.array([-1.0, 0.0, 1.0]))
    array([ 0.73575888, -0.        , -0.73575888])
    """


linear = identity
expit = sigmoid
logistic = sigmoid
log_expit = log_sigmoid
logsigmoid = log_sigmoid
unit_step = heaviside
signum = sign
