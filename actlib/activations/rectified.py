"""The rectifier and its kin.

Definition, documentation and conventions; the arithmetic is in ``kernels/rectified.pyx``.
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
    invertible_parametric_activation,
    output_activation,
    random_activation,
)

__all__ = [
    "elu",
    "leaky_relu",
    "prelu",
    "relu",
    "rrelu",
    "selu",
    "softplus",
]


@output_activation(
    Facts(
        definition="Max(0, x)",
        derivative_definition="cases((1, x > 0), (0, True))",
        second_derivative_definition="0",
        derivative_from_output_definition="cases((1, y > 0), (0, True))",
        range=Interval(0, inf, True),
        limits={-inf: 0, inf: inf},
        derivative_limits={-inf: 0, inf: 1},
        kinks={0: 0},
        accuracy=PIECEWISE_LINEAR,
        references=(
            "Glorot, Bordes, Bengio (2011), Deep Sparse Rectifier Neural Networks, AISTATS",
            "Bertoin, Bolte, Gerchinovitz, Pauwels (2021), Numerical influence of ReLU'(0), arXiv:2106.12915",
        ),
    )
)
def relu(x: ArrayLike, /, *, out: Out = None, where: ArrayLike = True) -> Any:
    r"""Rectified linear unit: ``relu(x) = max(0, x)``.

    Needs no exponential and does not saturate for positive input, so gradients pass deep stacks unchanged. A unit
    whose input is negative for all data has gradient 0 and cannot recover: it is dead.

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
        Same shape as `x`, dtype of `x` (float64 for integers and booleans). Values in [0, inf); ``relu(-0.0)`` is
        0.0.

    See Also
    --------
    leaky_relu, prelu, elu, softplus : cures for dead units.

    Notes
    -----
    At the kink the derivative is that of the branch ``x <= 0``: ``relu.derivative(0.0)`` is 0, as in PyTorch and
    JAX. Any number in [0, 1] is a subgradient there.

    References
    ----------
    Glorot, Bordes, Bengio (2011), Deep Sparse Rectifier Neural Networks, AISTATS.
    Bertoin, Bolte, Gerchinovitz, Pauwels (2021), Numerical influence of ReLU'(0), arXiv:2106.12915.

    Examples
    --------
    >>> import numpy as np, actlib
    >>> actlib.relu(np.array([-10.0, 0.0, 10.0]))
    array([ 0.,  0., 10.])
    >>> actlib.relu.derivative(np.array([-10.0, 0.0, 10.0]))
    array([0., 0., 1.])
    """


@invertible_parametric_activation(
    Facts(
        definition="cases((x, x > 0), (negative_slope * x, True))",
        derivative_definition="cases((1, x > 0), (negative_slope, True))",
        second_derivative_definition="0",
        derivative_from_output_definition="cases((1, y > 0), (negative_slope, True))",
        inverse_definition="cases((y, y > 0), (y / negative_slope, True))",
        limits={-inf: "-negative_slope * oo", inf: inf},
        derivative_limits={-inf: "negative_slope", inf: 1},
        kinks={0: "negative_slope"},
        accuracy={**PIECEWISE_LINEAR, "inverse": EXACT},
        parameter_kernels={"negative_slope": "leaky_relu_slope_gradient"},
        references=("Maas, Hannun, Ng (2013), Rectifier Nonlinearities Improve Neural Network Acoustic Models, ICML",),
    )
)
def leaky_relu(
    x: ArrayLike, /, *, negative_slope: ArrayLike = 0.01, out: Out = None, where: ArrayLike = True
) -> Any:
    r"""Leaky ReLU: `x` for ``x > 0``, ``negative_slope * x`` for ``x <= 0``.

    A rectifier whose gradient is never 0, so that no unit dies.

    Parameters
    ----------
    x : array_like of real numbers
        Any shape. Integers and booleans are computed as float64.
    negative_slope : array_like, optional
        The slope for ``x <= 0``; broadcasts against `x`. A multiplier: where a paper divides by `a` (Xu et al.
        write ``x / 5.5``), it is ``1 / a``.
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
    prelu : the same function with a slope that is learned.
    rrelu : the same function with random slopes in training.

    Notes
    -----
    At the kink the derivative is `negative_slope`, that of the branch ``x <= 0`` (PyTorch agrees, JAX returns 1).
    ``max(negative_slope * x, x)`` is the same function only for slopes up to 1. A slope of 0 makes it `relu`, also at
    -inf, but for the sign of its zeros. The derivative from the output and
    the inverse are NaN for a negative slope, with which an output belongs to two inputs.

    References
    ----------
    Maas, Hannun, Ng (2013), Rectifier Nonlinearities Improve Neural Network Acoustic Models, ICML.

    Examples
    --------
    >>> import numpy as np, actlib
    >>> actlib.leaky_relu(np.array([-10.0, 0.0, 10.0]))
    array([-0.1,  0. , 10. ])
    >>> actlib.leaky_relu.derivative(np.array([-10.0, 0.0, 10.0]), negative_slope=0.2)
    array([0.2, 0.2, 1. ])
    """


@invertible_parametric_activation(
    Facts(
        definition="cases((x, x > 0), (alpha * x, True))",
        derivative_definition="cases((1, x > 0), (alpha, True))",
        second_derivative_definition="0",
        derivative_from_output_definition="cases((1, y > 0), (alpha, True))",
        inverse_definition="cases((y, y > 0), (y / alpha, True))",
        limits={-inf: "-alpha * oo", inf: inf},
        derivative_limits={-inf: "alpha", inf: 1},
        kinks={0: "alpha"},
        accuracy={**PIECEWISE_LINEAR, "inverse": EXACT},
        kernel="leaky_relu",
        parameter_kernels={"alpha": "leaky_relu_slope_gradient"},
        references=("He, Zhang, Ren, Sun (2015), Delving Deep into Rectifiers, doi:10.1109/ICCV.2015.123",),
    )
)
def prelu(x: ArrayLike, /, *, alpha: ArrayLike = 0.25, out: Out = None, where: ArrayLike = True) -> Any:
    r"""Parametric ReLU: `x` for ``x > 0``, ``alpha * x`` for ``x <= 0``, with an `alpha` that is learned.

    Parameters
    ----------
    x : array_like of real numbers
        Any shape. Integers and booleans are computed as float64.
    alpha : array_like, optional
        The slope for ``x <= 0``; broadcasts against `x`: an array of the length of the last axis gives one slope
        per channel.
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
    leaky_relu : the same function with a fixed slope.

    Notes
    -----
    ``prelu.parameter_gradients(upstream, x, alpha=a)["alpha"]`` is the sum of ``upstream * x`` over ``x <= 0``, in
    the shape of `a`. At the kink the derivative with respect to `x` is `alpha`, that of the branch ``x <= 0``.

    References
    ----------
    He, Zhang, Ren, Sun (2015), Delving Deep into Rectifiers, doi:10.1109/ICCV.2015.123.

    Examples
    --------
    >>> import numpy as np, actlib
    >>> x = np.array([[1.0, -2.0], [0.0, -3.0]])
    >>> actlib.prelu(x, alpha=0.25)
    array([[ 1.  , -0.5 ],
           [ 0.  , -0.75]])
    >>> actlib.prelu.parameter_gradients(np.ones_like(x), x, alpha=0.25)
    {'alpha': np.float64(-5.0)}
    >>> actlib.prelu.parameter_gradients(np.ones_like(x), x, alpha=np.array([0.25, 0.1]))
    {'alpha': array([ 0., -5.])}
    """


@random_activation(
    Facts(
        definition="cases((x, x > 0), ((lower + upper) / 2 * x, True))",
        derivative_definition="cases((1, x > 0), ((lower + upper) / 2, True))",
        second_derivative_definition="0",
        derivative_from_output_definition="cases((1, y > 0), ((lower + upper) / 2, True))",
        inverse_definition="cases((y, y > 0), (y / ((lower + upper) / 2), True))",
        limits={-inf: "-(lower + upper) * oo", inf: inf},
        derivative_limits={-inf: "(lower + upper) / 2", inf: 1},
        kinks={0: "(lower + upper) / 2"},
        accuracy={
            offer: Ulp(1, 1.5, "the mean slope is itself rounded") for offer in (*PIECEWISE_LINEAR, "inverse")
        },
        kernel="leaky_relu",
        references=("Xu, Wang, Chen, Li (2015), Empirical Evaluation of Rectified Activations, arXiv:1505.00853",),
    )
)
def rrelu(
    x: ArrayLike,
    /,
    *,
    lower: float = 1 / 8,
    upper: float = 1 / 3,
    slopes: ArrayLike | None = None,
    out: Out = None,
    where: ArrayLike = True,
) -> Any:
    r"""Randomised leaky ReLU: `x` for ``x > 0``, ``slope * x`` for ``x <= 0``.

    In training each element has a slope of its own, uniform in [lower, upper), which regularises; in evaluation
    the slope is the mean. The function itself is deterministic: draw the slopes, then pass them.

    Parameters
    ----------
    x : array_like of real numbers
        Any shape. Integers and booleans are computed as float64.
    lower, upper : float, optional
        The interval of the slopes, ``lower <= upper``; without `slopes` the slope is ``(lower + upper) / 2``.
    slopes : array_like, optional
        The slopes of a training pass, from ``rrelu.sample_slopes(shape, rng)``; broadcast against `x`. Pass the
        same to ``derivative`` and ``backward``.
    out : ndarray, optional
        Where to write the result; may be `x` itself.
    where : array_like of bool, optional
        Compute only where True; elsewhere `out` keeps what it held.

    Returns
    -------
    ndarray or scalar
        Same shape as `x`, dtype of `x` (float64 for integers and booleans).

    Raises
    ------
    ValueError
        Unless `lower` and `upper` are finite and in order.

    See Also
    --------
    leaky_relu : with one fixed slope.

    Notes
    -----
    The defaults are PyTorch's. Xu et al. divide by a number uniform in [3, 8) and by 5.5 in evaluation, a slope
    of 0.1818; the mean of those random slopes is ``log(8/3)/5 = 0.1962``, and the mean of the interval
    [1/8, 1/3) is ``11/48 = 0.2292``. At the kink the derivative is the slope.

    References
    ----------
    Xu, Wang, Chen, Li (2015), Empirical Evaluation of Rectified Activations in Convolutional Network,
    arXiv:1505.00853.

    Examples
    --------
    >>> import numpy as np, actlib
    >>> x = np.array([-4.0, 0.0, 2.0])
    >>> actlib.rrelu(x)
    array([-0.91666667,  0.        ,  2.        ])
    >>> slopes = actlib.rrelu.sample_slopes(x.shape, np.random.default_rng(0))
    >>> bool(np.all(actlib.rrelu(x, slopes=slopes) == np.where(x > 0, x, slopes * x)))
    True
    """


@invertible_parametric_activation(
    Facts(
        definition="cases((x, x > 0), (alpha * (exp(x) - 1), True))",
        derivative_definition="cases((1, x > 0), (alpha * exp(x), True))",
        second_derivative_definition="cases((0, x >= 0), (alpha * exp(x), True))",
        derivative_from_output_definition="cases((1, y > 0), (y + alpha, True))",
        inverse_definition="cases((y, y > 0), (log(1 + y / alpha), True))",
        range=Interval(-1, inf),
        limits={-inf: "-alpha", inf: inf},
        derivative_limits={-inf: 0, inf: 1},
        kinks={0: "alpha"},
        accuracy={
            offer: Ulp(1, 2, "alpha multiplies a rounded exponential; 1 where alpha is 1")
            for offer in ("value", "derivative", "second_derivative")
        },
        references=("Clevert, Unterthiner, Hochreiter (2016), arXiv:1511.07289",),
    )
)
def elu(x: ArrayLike, /, *, alpha: ArrayLike = 1.0, out: Out = None, where: ArrayLike = True) -> Any:
    r"""Exponential linear unit: `x` for ``x > 0``, ``alpha * (exp(x) - 1)`` for ``x <= 0``.

    Its negative values pull the mean of a layer towards zero, and its gradient fades instead of stopping.

    Parameters
    ----------
    x : array_like of real numbers
        Any shape. Integers and booleans are computed as float64.
    alpha : array_like, optional
        Minus the limit at -inf; broadcasts against `x`. Only for ``alpha = 1`` is the function differentiable
        at 0.
    out : ndarray, optional
        Where to write the result; may be `x` itself.
    where : array_like of bool, optional
        Compute only where True; elsewhere `out` keeps what it held.

    Returns
    -------
    ndarray or scalar
        Same shape as `x`, dtype of `x` (float64 for integers and booleans). Values in (-alpha, inf).

    See Also
    --------
    softplus : smooth everywhere, never negative.
    leaky_relu : a straight line instead of the exponential.

    Notes
    -----
    The value uses ``expm1``, so that small inputs keep their digits, and the derivative ``alpha * exp(x)`` is
    computed from `x`: the form ``y + alpha`` of `derivative_from_output` cancels in the left tail. At 0 the
    derivative is `alpha`, that of the branch ``x <= 0``, and the second derivative 0.

    References
    ----------
    Clevert, Unterthiner, Hochreiter (2016), Fast and Accurate Deep Network Learning by Exponential Linear Units,
    arXiv:1511.07289.

    Examples
    --------
    >>> import numpy as np, actlib
    >>> actlib.elu(np.array([-40.0, -0.5, 2.0]))
    array([-1.        , -0.39346934,  2.        ])
    >>> actlib.elu.derivative(-40.0), actlib.elu(-40.0) + 1
    (np.float64(4.248354255291589e-18), np.float64(0.0))
    """


@invertible_parametric_activation(
    Facts(
        definition="log(1 + exp(beta * x)) / beta",
        derivative_definition="1 / (1 + exp(-beta * x))",
        second_derivative_definition="beta * exp(-beta * x) / (1 + exp(-beta * x))**2",
        derivative_from_output_definition="1 - exp(-beta * y)",
        inverse_definition="log(exp(beta * y) - 1) / beta",
        range=Interval(0, inf),
        limits={-inf: 0, inf: inf},
        derivative_limits={-inf: 0, inf: 1},
        parameters={"beta": Interval(0, inf)},
        accuracy={"value": Ulp(1, 2), "derivative": Ulp(1, 3)},
        references=("Dugas et al. (2001), Incorporating Second-Order Functional Knowledge for Option Pricing, NIPS",),
    )
)
def softplus(x: ArrayLike, /, *, beta: ArrayLike = 1.0, out: Out = None, where: ArrayLike = True) -> Any:
    r"""Smooth rectifier: ``softplus(x) = log(1 + exp(beta x)) / beta``.

    Tends to ``max(0, x)`` as `beta` grows. Its derivative is a sigmoid, positive everywhere; so a unit cannot
    die, but its gradient fades as x tends to -inf.

    Parameters
    ----------
    x : array_like of real numbers
        Any shape. Integers and booleans are computed as float64.
    beta : array_like, optional
        Sharpness of the bend, positive and finite; broadcasts against `x`.
    out : ndarray, optional
        Where to write the result; may be `x` itself.
    where : array_like of bool, optional
        Compute only where True; elsewhere `out` keeps what it held.

    Returns
    -------
    ndarray or scalar
        Same shape as `x`, dtype of `x` (float64 for integers and booleans). Values in (0, inf).

    Raises
    ------
    ValueError
        Unless every `beta` is positive and finite.

    See Also
    --------
    sigmoid : its derivative.
    relu : its limit for large `beta`.

    Notes
    -----
    Computed as ``max(x, 0) + log1p(exp(-abs(beta x))) / beta``: nothing overflows, and ``log1p`` keeps the small
    term. There is no threshold beyond which it returns `x` (PyTorch has one at 20).

    References
    ----------
    Dugas, Bengio, Belisle, Nadeau, Garcia (2001), Incorporating Second-Order Functional Knowledge for Better
    Option Pricing, NIPS.

    Examples
    --------
    >>> import numpy as np, actlib
    >>> actlib.softplus(np.array([-1000.0, 0.0, 1000.0]))
    array([0.00000000e+00, 6.93147181e-01, 1.00000000e+03])

    The textbook formula loses small values completely:

    >>> actlib.softplus(-40.0), np.log(1 + np.exp(-40.0))
    (np.float64(4.248354255291589e-18), np.float64(0.0))
    """


SELU_SCALE = "1.0507009873554804934193349852946"
SELU_ALPHA = "1.6732632423543772848170429916717"


@invertible_activation(
    Facts(
        definition=f"cases(({SELU_SCALE} * x, x > 0), ({SELU_SCALE} * {SELU_ALPHA} * (exp(x) - 1), True))",
        derivative_definition=f"cases(({SELU_SCALE}, x > 0), ({SELU_SCALE} * {SELU_ALPHA} * exp(x), True))",
        second_derivative_definition=f"cases((0, x >= 0), ({SELU_SCALE} * {SELU_ALPHA} * exp(x), True))",
        derivative_from_output_definition=(
            f"cases(({SELU_SCALE}, y > 0), (y + {SELU_SCALE} * {SELU_ALPHA}, True))"
        ),
        inverse_definition=(
            f"cases((y / {SELU_SCALE}, y > 0), (log(1 + y / ({SELU_SCALE} * {SELU_ALPHA})), True))"
        ),
        range=Interval(-1.7580993408473768, inf),
        limits={-inf: f"-{SELU_SCALE} * {SELU_ALPHA}", inf: inf},
        derivative_limits={-inf: 0, inf: float(SELU_SCALE)},
        kinks={0: f"{SELU_SCALE} * {SELU_ALPHA}"},
        accuracy={
            "value": Ulp(1, 2),
            "derivative": Ulp(1, 2),
            "second_derivative": Ulp(1, 2),
            "derivative_from_output": Ulp(1, 1),
            "inverse": Ulp(1, 2),
        },
        references=("Klambauer, Unterthiner, Mayr, Hochreiter (2017), Self-Normalizing Neural Networks, NIPS",),
    )
)
def selu(x: ArrayLike, /, *, out: Out = None, where: ArrayLike = True) -> Any:
    r"""Scaled ELU: ``scale * x`` for ``x > 0``, ``scale * alpha * (exp(x) - 1)`` for ``x <= 0``.

    Its two constants keep mean 0 and variance 1: a sum of many such inputs with weights of mean 0 and variance 1/n
    goes in, and the same mean and variance come out. So deep stacks need no normalisation layer.

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
        Same shape as `x`, dtype of `x` (float64 for integers and booleans). Values in
        (-1.7580993408473768, inf).

    See Also
    --------
    elu : without the scale, and with alpha as a parameter.

    Notes
    -----
    ``scale = 1.0507009873554805`` and ``alpha = 1.6732632423543772``, of which the definition has 32 digits. The
    derivative is computed from `x`: the form ``y + scale alpha`` of `derivative_from_output` cancels in the left
    tail. At the kink it is ``scale alpha = 1.7581``, that of the branch ``x <= 0``, as in PyTorch and JAX; the second
    derivative is 0 there.

    References
    ----------
    Klambauer, Unterthiner, Mayr, Hochreiter (2017), Self-Normalizing Neural Networks, NIPS, arXiv:1706.02515.

    Examples
    --------
    >>> import numpy as np, actlib
    >>> actlib.selu(np.array([-40.0, -1.0, 0.0, 1.0]))
    array([-1.75809934, -1.11133074,  0.        ,  1.05070099])
    >>> actlib.selu.derivative(np.array([-40.0, 0.0, 1.0]))
    array([7.46902882e-18, 1.75809934e+00, 1.05070099e+00])
    """
