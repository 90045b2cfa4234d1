"""Functions that multiply the input by a gate made of it: silu, quick_gelu, gelu, gelu_tanh, mish.

Definition, documentation and conventions; the arithmetic is in ``kernels/gated.pyx``.
"""

from math import inf
from typing import Any

from numpy.typing import ArrayLike

from ..entries import (
    Facts,
    Interval,
    Out,
    Ulp,
    activation,
    parametric_activation,
)

__all__ = [
    "gelu",
    "gelu_tanh",
    "mish",
    "quick_gelu",
    "silu",
    "swish",
]


@parametric_activation(
    Facts(
        definition="x / (1 + exp(-beta * x))",
        derivative_definition="1 / (1 + exp(-beta * x)) + beta * x * exp(-beta * x) / (1 + exp(-beta * x))**2",
        second_derivative_definition=(
            "beta * exp(-beta * x) * (2 - beta * x + (2 + beta * x) * exp(-beta * x)) / (1 + exp(-beta * x))**3"
        ),
        range=Interval(-0.2784645427610738, inf, True),
        limits={-inf: 0, inf: inf},
        derivative_limits={-inf: 0, inf: 1},
        accuracy={
            "value": Ulp(1, 3),
            "derivative": Ulp(1, 4),
            "second_derivative": Ulp(1, 4),
            "parameter_gradients": Ulp(1, 4),
        },
        aliases=("swish",),
        references=(
            "Elfwing, Uchibe, Doya (2018), Sigmoid-weighted linear units, doi:10.1016/j.neunet.2017.12.012",
            "Ramachandran, Zoph, Le (2017), Searching for Activation Functions, arXiv:1710.05941",
        ),
    )
)
def silu(x: ArrayLike, /, *, beta: ArrayLike = 1.0, out: Out = None, where: ArrayLike = True) -> Any:
    r"""Sigmoid-weighted linear unit: ``silu(x) = x sigmoid(beta x)``, also called swish.

    A smooth rectifier that is not monotone: it falls to -0.278 at x = -1.278 and comes back to 0. Units with negative
    input keep a gradient.

    Parameters
    ----------
    x : array_like of real numbers
        Any shape. Integers and booleans are computed as float64.
    beta : array_like, optional
        Sharpness of the bend, a finite number; broadcasts against `x`. 0 gives ``x/2``, large values tend to `relu`.
    out : ndarray, optional
        Where to write the result; may be `x` itself.
    where : array_like of bool, optional
        Compute only where True; elsewhere `out` keeps what it held, and without `out` the result is arbitrary there.

    Returns
    -------
    ndarray or scalar
        Same shape as `x`, dtype of `x` (float64 for integers and booleans). For ``beta = 1``, values
        from -0.2784645427610738 on.

    See Also
    --------
    gelu : the same idea with the normal distribution instead of the sigmoid.
    mish : close to it, with a flatter valley.

    Notes
    -----
    The derivative has a zero at ``x = -1.2784645427610738``; beside it the textbook formula loses all digits, and
    this one, computed from the distance to the zero, none. There is no derivative from the output, for an output
    below 0 belongs to two inputs. The limits hold for ``beta > 0``.
    ``silu.parameter_gradients(upstream, x, beta=b)["beta"]`` is the sum of ``upstream * x**2 sigmoid'(beta x)``.

    References
    ----------
    Elfwing, Uchibe, Doya (2018), Sigmoid-weighted linear units for neural network function approximation in
    reinforcement learning, doi:10.1016/j.neunet.2017.12.012.

    Examples
    --------
    >>> import numpy as np, actlib
    >>> actlib.silu(np.array([-1000.0, -1.0, 0.0, 1.0]))
    array([-0.        , -0.26894142,  0.        ,  0.73105858])
    >>> actlib.silu.derivative(np.array([-np.inf, 0.0, np.inf]))
    array([-0. ,  0.5,  1. ])
    >>> actlib.swish is actlib.silu
    True
    """


@activation(
    Facts(
        definition="x * (1 + erf(x / sqrt(2))) / 2",
        # erf first and 1 last, so that too few digits give 0, which shows, and not the middle term alone
        derivative_definition="(erf(x / sqrt(2)) + x * sqrt(2 / pi) * exp(-x**2 / 2) + 1) / 2",
        second_derivative_definition="(2 - x**2) * exp(-x**2 / 2) / sqrt(2 * pi)",
        range=Interval(-0.16997120747990366, inf, True),
        limits={-inf: 0, inf: inf},
        derivative_limits={-inf: 0, inf: 1},
        accuracy={"value": Ulp(1, 3), "derivative": Ulp(1, 4), "second_derivative": Ulp(1, 4)},
        references=("Hendrycks, Gimpel (2016), Gaussian Error Linear Units, arXiv:1606.08415",),
    )
)
def gelu(x: ArrayLike, /, *, out: Out = None, where: ArrayLike = True) -> Any:
    r"""Gaussian error linear unit: ``gelu(x) = x Phi(x)``, with the distribution function of the normal distribution.

    Each input is weighted with the probability that a standard normal number is smaller: the expectation of a random
    gate that lets large inputs through. The activation of BERT and GPT-2.

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
        Same shape as `x`, dtype of `x` (float64 for integers and booleans). Values from
        -0.16997120747990366 on.

    See Also
    --------
    gelu_tanh, quick_gelu : two approximations of it, each a function of its own.
    silu : the same idea with the sigmoid.

    Notes
    -----
    This is the exact function and not its approximation with tanh, which is off by up to 4.7e-4. For negative `x` it
    is computed from the Mills ratio, so that the tail keeps its digits: ``1 + erf(x/sqrt(2))`` loses them below -5 and
    is 0 below -8.3. The derivative has a zero at ``x = -0.7517915246935645``, beside which it keeps its digits too.

    References
    ----------
    Hendrycks, Gimpel (2016), Gaussian Error Linear Units, arXiv:1606.08415.

    Examples
    --------
    >>> import numpy as np, actlib
    >>> actlib.gelu(np.array([-10.0, -1.0, 0.0, 1.0]))
    array([-7.61985302e-23, -1.58655254e-01,  0.00000000e+00,  8.41344746e-01])
    >>> actlib.gelu.derivative(np.array([-np.inf, 0.0, np.inf]))
    array([-0. ,  0.5,  1. ])
    """


@activation(
    Facts(
        definition="x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x**3))) / 2",
        derivative_definition=(
            "(1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x**3))) / 2"
            " + x * sqrt(2 / pi) * (1 + 0.134145 * x**2) * (1 - tanh(sqrt(2 / pi) * (x + 0.044715 * x**3))**2) / 2"
        ),
        second_derivative_definition=(
            "(1 - tanh(sqrt(2 / pi) * (x + 0.044715 * x**3))**2) * sqrt(2 / pi) * (1 + 0.26829 * x**2"
            " - sqrt(2 / pi) * x * (1 + 0.134145 * x**2)**2 * tanh(sqrt(2 / pi) * (x + 0.044715 * x**3)))"
        ),
        range=Interval(-0.17004075057125412, inf, True),
        limits={-inf: 0, inf: inf},
        derivative_limits={-inf: 0, inf: 1},
        accuracy={"value": Ulp(1, 3), "derivative": Ulp(1, 4), "second_derivative": Ulp(1, 4)},
        references=("Hendrycks, Gimpel (2016), Gaussian Error Linear Units, arXiv:1606.08415",),
    )
)
def gelu_tanh(x: ArrayLike, /, *, out: Out = None, where: ArrayLike = True) -> Any:
    r"""Approximation of GELU by a tanh: ``x (1 + tanh(sqrt(2/pi) (x + 0.044715 x**3)))/2``.

    Off by at most 4.7e-4 from `gelu`, and a function of its own: networks trained with it have to be run with it.

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
        Same shape as `x`, dtype of `x` (float64 for integers and booleans). Values from
        -0.17004075057125412 on.

    See Also
    --------
    gelu : what it approximates.
    quick_gelu : a coarser approximation, with one number in place of two.

    Notes
    -----
    ``(1 + tanh(s/2))/2`` is the sigmoid of `s`, so this is ``x sigmoid(s)`` with
    ``s = 2 sqrt(2/pi) (x + 0.044715 x**3)``. Computed like that the left tail keeps its digits, which ``1 + tanh``
    loses below -5; `s` is carried in two parts. The square and the cube of a large `x` are not taken, so that the
    derivative is 1 there, and not NaN. The derivative has a zero at ``x = -0.7524614220710163``, beside which it keeps
    its digits.

    References
    ----------
    Hendrycks, Gimpel (2016), Gaussian Error Linear Units, arXiv:1606.08415.

    Examples
    --------
    >>> import numpy as np, actlib
    >>> actlib.gelu_tanh(np.array([-10.0, -1.0, 0.0, 1.0]))
    array([-1.20409235e-37, -1.58808009e-01,  0.00000000e+00,  8.41191991e-01])
    >>> actlib.gelu_tanh.derivative(np.array([-np.inf, 0.0, np.inf]))
    array([-0. ,  0.5,  1. ])
    """


@activation(
    Facts(
        definition="x / (1 + exp(-1.702 * x))",
        derivative_definition="1 / (1 + exp(-1.702 * x)) + 1.702 * x * exp(-1.702 * x) / (1 + exp(-1.702 * x))**2",
        second_derivative_definition=(
            "1.702 * exp(-1.702 * x) * (2 - 1.702 * x + (2 + 1.702 * x) * exp(-1.702 * x))"
            " / (1 + exp(-1.702 * x))**3"
        ),
        range=Interval(-0.16361018963635358, inf, True),
        limits={-inf: 0, inf: inf},
        derivative_limits={-inf: 0, inf: 1},
        accuracy={"value": Ulp(1, 3), "derivative": Ulp(1, 4), "second_derivative": Ulp(1, 4)},
        references=("Hendrycks, Gimpel (2016), Gaussian Error Linear Units, arXiv:1606.08415",),
    )
)
def quick_gelu(x: ArrayLike, /, *, out: Out = None, where: ArrayLike = True) -> Any:
    r"""Approximation of GELU by a sigmoid: ``quick_gelu(x) = x sigmoid(1.702 x)``.

    It is `silu` with ``beta = 1.702``, and off by at most 0.0203 from `gelu`. The activation of CLIP.

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
        Same shape as `x`, dtype of `x` (float64 for integers and booleans). Values from
        -0.16361018963635358 on.

    See Also
    --------
    gelu : what it approximates.
    gelu_tanh : the closer approximation.
    silu : the same function with a sharpness of one's own.

    Notes
    -----
    1.702 is the number itself and not the float nearest to it, so that in float32 this function and
    ``silu(x, beta=1.702)`` differ. The derivative has a zero at ``x = -0.751154255441289``, beside which it keeps its
    digits. There is no derivative from the output, for an output below 0 belongs to two inputs.

    References
    ----------
    Hendrycks, Gimpel (2016), Gaussian Error Linear Units, arXiv:1606.08415.

    Examples
    --------
    >>> import numpy as np, actlib
    >>> actlib.quick_gelu(np.array([-1000.0, -1.0, 0.0, 1.0]))
    array([-0.        , -0.15420423,  0.        ,  0.84579577])
    >>> actlib.quick_gelu.derivative(np.array([-np.inf, 0.0, np.inf]))
    array([-0. ,  0.5,  1. ])
    """


@activation(
    Facts(
        definition="x * tanh(log(1 + exp(x)))",
        derivative_definition=(
            "exp(x) * (exp(3*x) + 4 * exp(2*x) + (4*x + 6) * exp(x) + 4*x + 4) / (exp(2*x) + 2 * exp(x) + 2)**2"
        ),
        second_derivative_definition=(
            "8 * exp(x) * ((1 - x) * exp(3*x) + (3 - 3*x/2) * exp(2*x) + (x + 4) * exp(x) + x + 2)"
            " / (exp(2*x) + 2 * exp(x) + 2)**3"
        ),
        range=Interval(-0.3088434130172504, inf, True),
        limits={-inf: 0, inf: inf},
        derivative_limits={-inf: 0, inf: 1},
        accuracy={"value": Ulp(1, 3), "derivative": Ulp(1, 4), "second_derivative": Ulp(1, 4)},
        references=("Misra (2020), Mish: A Self Regularized Non-Monotonic Activation Function, arXiv:1908.08681",),
    )
)
def mish(x: ArrayLike, /, *, out: Out = None, where: ArrayLike = True) -> Any:
    r"""Mish: ``mish(x) = x tanh(softplus(x))``.

    Smooth, not monotone, with its minimum -0.309 at x = -1.192; for large inputs it is `x` within twice
    ``x exp(-2x)``.

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
    silu : close to it, with one exponential less in its textbook form.

    Notes
    -----
    ``tanh(softplus(x))`` is ``n/(n + 2)`` with ``n = exp(x) (exp(x) + 2)``: one exponential, no hyperbolic tangent
    and no logarithm. The derivative has a zero at ``x = -1.1924312145154952``, beside which it keeps its digits. There
    is no derivative from the output, for an output below 0 belongs to two inputs.

    References
    ----------
    Misra (2020), Mish: A self regularized non-monotonic activation, BMVC, arXiv:1908.08681.

    Examples
    --------
    >>> import numpy as np, actlib
    >>> actlib.mish(np.array([-1000.0, -1.0, 0.0, 1.0]))
    array([-0.        , -0.30340146,  0.        ,  0.86509839])
    >>> actlib.mish.derivative(np.array([-np.inf, 0.0, np.inf]))
    array([-0. ,  0.6,  1. ])
    """


swish = silu
