"""Functions that squash, the hard steps they soften, and the identity, which does neither.

Definition, documentation and conventions; the arithmetic is in ``kernels/squashing.pyx``.
"""

from math import inf
from typing import Any

from numpy.typing import ArrayLike

from ..entries import (
    EXACT,
    PIECEWISE_LINEAR,
    Facts,
    Interval,
    Out,
    Ulp,
    invertible_activation,
    output_activation,
)

__all__ = [
    "expit",
    "heaviside",
    "identity",
    "linear",
    "logistic",
    "sigmoid",
    "sign",
    "signum",
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
        Compute only where True; elsewhere `out` keeps what it held.

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
        Compute only where True; elsewhere `out` keeps what it held.

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
        Compute only where True; elsewhere `out` keeps what it held.

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
        Compute only where True; elsewhere `out` keeps what it held.

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
        Compute only where True; elsewhere `out` keeps what it held.

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


linear = identity
expit = sigmoid
logistic = sigmoid
unit_step = heaviside
signum = sign
