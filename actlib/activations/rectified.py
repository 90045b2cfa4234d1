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
    "celu",
    "elu",
    "exp",
    "exponential",
    "isrlu",
    "leaky_relu",
    "prelu",
    "relu",
    "rrelu",
    "selu",
    "shifted_softplus",
    "softplus",
    "squareplus",
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
        Compute only where True; elsewhere `out` keeps what it held, and without `out` the result is arbitrary there.

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
        Compute only where True; elsewhere `out` keeps what it held, and without `out` the result is arbitrary there.

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
        Compute only where True; elsewhere `out` keeps what it held, and without `out` the result is arbitrary there.

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
        Compute only where True; elsewhere `out` keeps what it held, and without `out` the result is arbitrary there.

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
        Compute only where True; elsewhere `out` keeps what it held, and without `out` the result is arbitrary there.

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
        Compute only where True; elsewhere `out` keeps what it held, and without `out` the result is arbitrary there.

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
        Compute only where True; elsewhere `out` keeps what it held, and without `out` the result is arbitrary there.

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


@invertible_parametric_activation(
    Facts(
        definition="cases((x, x > 0), (alpha * (exp(x / alpha) - 1), True))",
        derivative_definition="cases((1, x > 0), (exp(x / alpha), True))",
        second_derivative_definition="cases((0, x >= 0), (exp(x / alpha) / alpha, True))",
        derivative_from_output_definition="cases((1, y > 0), (1 + y / alpha, True))",
        inverse_definition="cases((y, y > 0), (alpha * log(1 + y / alpha), True))",
        range=Interval(-1, inf),
        limits={-inf: "-alpha", inf: inf},
        derivative_limits={-inf: 0, inf: 1},
        parameters={"alpha": Interval(0, inf)},
        accuracy={
            "value": Ulp(1, 2),
            "derivative": Ulp(1, 1),
            "second_derivative": Ulp(1, 3),
            "derivative_from_output": Ulp(1, 2),
        },
        references=("Barron (2017), Continuously Differentiable Exponential Linear Units, arXiv:1704.07483",),
    )
)
def celu(x: ArrayLike, /, *, alpha: ArrayLike = 1.0, out: Out = None, where: ArrayLike = True) -> Any:
    r"""Continuously differentiable ELU: `x` for ``x > 0``, ``alpha * (exp(x / alpha) - 1)`` for ``x <= 0``.

    As ELU, but the division inside makes the slope at 0 equal to 1 for every `alpha`.

    Parameters
    ----------
    x : array_like of real numbers
        Any shape. Integers and booleans are computed as float64.
    alpha : array_like, optional
        Minus the limit at -inf, and the length over which it is reached; positive and finite, broadcasts against `x`.
    out : ndarray, optional
        Where to write the result; may be `x` itself.
    where : array_like of bool, optional
        Compute only where True; elsewhere `out` keeps what it held, and without `out` the result is arbitrary there.

    Returns
    -------
    ndarray or scalar
        Same shape as `x`, dtype of `x` (float64 for integers and booleans). Values in (-alpha, inf).

    Raises
    ------
    ValueError
        Unless every `alpha` is positive and finite.

    See Also
    --------
    elu : without the division; the same function for ``alpha = 1``.

    Notes
    -----
    The rounding error of ``x / alpha`` is carried into the exponential, where it would cost hundreds of ulp. At 0
    the derivative is 1 from both sides; the second derivative jumps there from ``1 / alpha`` to 0 and is returned
    as 0. Not to be confused with `crelu`, the concatenated ReLU.

    References
    ----------
    Barron (2017), Continuously Differentiable Exponential Linear Units, arXiv:1704.07483.

    Examples
    --------
    >>> import numpy as np, actlib
    >>> actlib.celu(np.array([-40.0, -1.0, 2.0]), alpha=2.0)
    array([-2.        , -0.78693868,  2.        ])
    >>> actlib.celu.derivative(0.0, alpha=2.0), actlib.elu.derivative(0.0, alpha=2.0)
    (np.float64(1.0), np.float64(2.0))
    """


@invertible_parametric_activation(
    Facts(
        definition="(x + sqrt(x**2 + b)) / 2",
        derivative_definition="(x + sqrt(x**2 + b)) / (2 * sqrt(x**2 + b))",
        second_derivative_definition="b / (2 * sqrt(x**2 + b)**3)",
        derivative_from_output_definition="y**2 / (y**2 + b / 4)",
        inverse_definition="y - b / (4 * y)",
        range=Interval(0, inf),
        limits={-inf: 0, inf: inf},
        derivative_limits={-inf: 0, inf: 1},
        parameters={"b": Interval(0, inf)},
        accuracy={
            "derivative": Ulp(1, 2),
            "second_derivative": Ulp(1, 2),
            "inverse": Ulp(1, 3),
            "parameter_gradients": Ulp(1, 3),
        },
        references=("Barron (2021), Squareplus: A Softplus-Like Algebraic Rectifier, arXiv:2112.11687",),
    )
)
def squareplus(x: ArrayLike, /, *, b: ArrayLike = 4.0, out: Out = None, where: ArrayLike = True) -> Any:
    r"""Algebraic softplus: ``squareplus(x) = (x + sqrt(x**2 + b)) / 2``.

    A smooth rectifier without exponentials: one square root. Its tails are algebraic: to the left the value is about
    ``b / (4 abs(x))``.

    Parameters
    ----------
    x : array_like of real numbers
        Any shape. Integers and booleans are computed as float64.
    b : array_like, optional
        Size of the bend, positive and finite; broadcasts against `x`. The value at 0 is ``sqrt(b) / 2``.
    out : ndarray, optional
        Where to write the result; may be `x` itself.
    where : array_like of bool, optional
        Compute only where True; elsewhere `out` keeps what it held, and without `out` the result is arbitrary there.

    Returns
    -------
    ndarray or scalar
        Same shape as `x`, dtype of `x` (float64 for integers and booleans). Values in (0, inf).

    Raises
    ------
    ValueError
        Unless every `b` is positive and finite.

    See Also
    --------
    softplus : with exponential tails.
    relu : its limit for small `b`.

    Notes
    -----
    For ``x <= 0``, where the two terms cancel, computed as ``b / (2 (sqrt(x**2 + b) - x))``. Squares are scaled by
    powers of two: nothing overflows. For ``b = 4 log(2)**2 = 1.92`` the value at 0 is that of softplus.

    References
    ----------
    Barron (2021), Squareplus: A Softplus-Like Algebraic Rectifier, arXiv:2112.11687.

    Examples
    --------
    >>> import numpy as np, actlib
    >>> actlib.squareplus(np.array([-1e10, -1.5, 0.0, 1.5]))
    array([1.e-10, 5.e-01, 1.e+00, 2.e+00])
    >>> actlib.squareplus.derivative(np.array([-1.5, 0.0, 1.5]))
    array([0.2, 0.5, 0.8])
    """


@invertible_activation(
    Facts(
        definition="log((1 + exp(x)) / 2)",
        derivative_definition="1 / (1 + exp(-x))",
        second_derivative_definition="exp(-x) / (1 + exp(-x))**2",
        derivative_from_output_definition="1 - exp(-y) / 2",
        inverse_definition="log(2 * exp(y) - 1)",
        range=Interval(-0.6931471805599453, inf),
        limits={-inf: "-log(2)", inf: inf},
        derivative_limits={-inf: 0, inf: 1},
        accuracy={"value": Ulp(1, 1), "derivative": Ulp(1, 2), "derivative_from_output": Ulp(1, 3)},
        references=("Schuett et al. (2017), SchNet, NIPS, arXiv:1706.08566",),
    )
)
def shifted_softplus(x: ArrayLike, /, *, out: Out = None, where: ArrayLike = True) -> Any:
    r"""Softplus lowered to pass through 0: ``shifted_softplus(x) = log(1 + exp(x)) - log(2)``.

    Smooth everywhere, with the value 0 at 0: used where a network stands for an energy whose derivatives of every
    order matter.

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
        Same shape as `x`, dtype of `x` (float64 for integers and booleans). Values in (-log 2, inf).

    See Also
    --------
    softplus : the same curve, always positive.
    elu : passes through 0 with slope 1.

    Notes
    -----
    Computed as one logarithm, ``log1p(expm1(x) / 2)`` for ``x <= 0``: the difference of two logarithms would cancel
    at 0. The derivatives are those of softplus.

    References
    ----------
    Schuett, Kindermans, Sauceda, Chmiela, Tkatchenko, Mueller (2017), SchNet: A continuous-filter convolutional neural
    network for modeling quantum interactions, NIPS, arXiv:1706.08566.

    Examples
    --------
    >>> import numpy as np, actlib
    >>> actlib.shifted_softplus(np.array([-1000.0, 0.0, 1e-20, 1000.0]))
    array([-6.93147181e-01,  0.00000000e+00,  5.00000000e-21,  9.99306853e+02])
    >>> float(actlib.softplus(1e-20) - np.log(2))
    0.0
    """


@invertible_activation(
    Facts(
        definition="cases((x, x >= 0), (x / sqrt(1 + alpha * x**2), True))",
        derivative_definition="cases((1, x >= 0), (1 / sqrt(1 + alpha * x**2)**3, True))",
        second_derivative_definition="cases((0, x >= 0), (-3 * alpha * x / sqrt(1 + alpha * x**2)**5, True))",
        derivative_from_output_definition="cases((1, y >= 0), (sqrt(1 - alpha * y**2)**3, True))",
        inverse_definition="cases((y, y >= 0), (y / sqrt(1 - alpha * y**2), True))",
        range=Interval(-1, inf),
        limits={-inf: "-1 / sqrt(alpha)", inf: inf},
        derivative_limits={-inf: 0, inf: 1},
        parameters={"alpha": Interval(0, inf)},
        accuracy={"value": Ulp(1, 2), "derivative": Ulp(1, 3), "second_derivative": Ulp(1, 2), "inverse": Ulp(1, 3)},
        references=("Carlile, Delamarter, Kinney, Marti, Whitney (2017), arXiv:1710.09967",),
    )
)
def isrlu(x: ArrayLike, /, *, alpha: ArrayLike = 1.0, out: Out = None, where: ArrayLike = True) -> Any:
    r"""Inverse square root linear unit: `x` for ``x >= 0``, ``x / sqrt(1 + alpha x**2)`` for ``x < 0``.

    The shape of ELU with a square root instead of the exponential. The two halves meet at 0 with the same first and
    second derivative.

    Parameters
    ----------
    x : array_like of real numbers
        Any shape. Integers and booleans are computed as float64.
    alpha : array_like, optional
        Sets the limit ``-1 / sqrt(alpha)`` at -inf; positive and finite, broadcasts against `x`.
    out : ndarray, optional
        Where to write the result; may be `x` itself.
    where : array_like of bool, optional
        Compute only where True; elsewhere `out` keeps what it held, and without `out` the result is arbitrary there.

    Returns
    -------
    ndarray or scalar
        Same shape as `x`, dtype of `x` (float64 for integers and booleans). Values in (-1/sqrt(alpha), inf).

    Raises
    ------
    ValueError
        Unless every `alpha` is positive and finite.

    See Also
    --------
    isru : the same on both sides.
    elu : with an exponential.

    Notes
    -----
    At 0 the derivative is 1 and the second derivative 0 from both sides; the third derivative jumps.

    References
    ----------
    Carlile, Delamarter, Kinney, Marti, Whitney (2017), Improving Deep Learning by Inverse Square Root Linear Units
    (ISRLUs), arXiv:1710.09967.

    Examples
    --------
    >>> import numpy as np, actlib
    >>> actlib.isrlu(np.array([-np.inf, -0.75, 0.0, 2.0]))
    array([-1. , -0.6,  0. ,  2. ])
    >>> actlib.isrlu.derivative(np.array([-0.75, 0.0, 2.0]))
    array([0.512, 1.   , 1.   ])
    """


@invertible_activation(
    Facts(
        definition="exp(x)",
        derivative_definition="exp(x)",
        second_derivative_definition="exp(x)",
        derivative_from_output_definition="y",
        inverse_definition="log(y)",
        range=Interval(0, inf),
        limits={-inf: 0, inf: inf},
        derivative_limits={-inf: 0, inf: inf},
        accuracy={
            "value": Ulp(1, 1),
            "derivative": Ulp(1, 1),
            "second_derivative": Ulp(1, 1),
            "derivative_from_output": EXACT,
            "inverse": Ulp(1, 1),
        },
        aliases=("exp",),
        references=("McCullagh, Nelder (1989), Generalized Linear Models, doi:10.1007/978-1-4899-3242-6",),
    )
)
def exponential(x: ArrayLike, /, *, out: Out = None, where: ArrayLike = True) -> Any:
    r"""Exponential function: ``exponential(x) = exp(x)``, its own derivative.

    At an output it turns any number into a positive one: a rate, a count, a scale. It is the inverse of the
    logarithm that links the mean of a Poisson model to its linear part.

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
        Same shape as `x`, dtype of `x` (float64 for integers and booleans). Values in (0, inf); overflow gives
        inf, without a warning.

    See Also
    --------
    softplus : positive too, and grows like `x`.
    softmax : exponentials, divided by their sum.
    actlib.losses.poisson_nll : the loss to train it with, from `x` and not from the value.

    Notes
    -----
    Overflows above 709.78 in float64 and 88.72 in float32. Value and derivatives are the same.

    References
    ----------
    McCullagh, Nelder (1989), Generalized Linear Models, chapter 6, doi:10.1007/978-1-4899-3242-6.

    Examples
    --------
    >>> import numpy as np, actlib
    >>> actlib.exponential(np.array([-np.inf, 0.0, 1.0, 1000.0]))
    array([0.        , 1.        , 2.71828183,        inf])
    >>> float(actlib.exponential.inverse(1.0))
    0.0
    """


exp = exponential
