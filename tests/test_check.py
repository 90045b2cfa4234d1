"""The checks themselves: right derivatives pass, planted wrong ones are found, errors are counted in ulps."""

import math
from decimal import Decimal
from fractions import Fraction

import mpmath
import numpy as np
import pytest

import actlib
from actlib.check import GradientError, gradcheck, numerical_derivative, ulp_error

X = np.linspace(-4, 4, 33)


class Function:
    """An activation, a loss or a function along an axis with derivatives of one's own choice."""

    def __init__(self, value, **offers):
        self.value = value
        self.__dict__.update(offers)

    def __call__(self, *arguments, **parameters):
        return self.value(*arguments, **parameters)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def halved_square(p, t):
    return np.mean((p - t) ** 2) / 2


def softmax(z):
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


# Numerical derivatives


@pytest.mark.parametrize(("f", "derivative"), [
    (np.exp, np.exp), (np.sin, np.cos), (np.tanh, lambda x: 1 / np.cosh(x) ** 2),
])
def test_ten_digits_of_a_smooth_function(f, derivative):
    error = abs(numerical_derivative(f, X) / derivative(X) - 1)
    assert error.max() < 1e-10


def test_far_from_zero_the_step_grows():
    assert abs(numerical_derivative(np.log, 1e8) * 1e8 - 1) < 1e-10


# gradcheck accepts


@pytest.mark.parametrize("name", actlib.ACTIVATIONS)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_activations_of_the_library(name, dtype):
    entry = actlib.ACTIVATIONS[name]
    result = gradcheck(entry, X.astype(dtype), **entry.example)
    assert result.compared >= len(X) - max(1, len(entry.kinks))


def test_parameters_reach_the_function_and_its_derivative():
    assert gradcheck(actlib.elu, X, alpha=1.7).compared >= len(X) - 1


def test_a_kink_is_skipped_and_counted():
    result = gradcheck(actlib.relu, [-1.0, 0.0, 1.0])
    assert (result.compared, result.skipped) == (2, 1)


@pytest.mark.parametrize("at_zero", [0.0, 0.5, 1.0])
def test_a_jump_is_skipped(at_zero):
    step = Function(lambda x: np.heaviside(x, at_zero), derivative=np.zeros_like)
    result = gradcheck(step, [-1.0, 0.0, 1.0])
    assert (result.compared, result.skipped) == (2, 1)


def test_losses():
    loss = Function(halved_square, gradient=lambda p, t: (p - t) / p.size)
    assert gradcheck(loss, np.array([[1.0, -2.0]]), np.array([[0.5, 3.0]])).compared == 2


def test_a_tuple_of_gradients_belongs_to_the_arguments():
    loss = Function(lambda a, b: np.sum(a * b), gradient=lambda a, b: (b, a))
    assert gradcheck(loss, [1.0, 2.0], [3.0, 4.0]).compared == 4


def test_functions_along_an_axis():
    def backward(upstream, z):
        y = softmax(z)
        return y * (upstream - (upstream * y).sum(axis=-1, keepdims=True))

    assert gradcheck(Function(softmax, backward=backward), np.array([[0.1, -2.0, 1.0], [3.0, 0.0, 1.0]])).compared == 6


# gradcheck refuses: what is planted, and where it must be seen

WRONG = {
    "sign": lambda x: -sigmoid(x) * (1 - sigmoid(x)),
    "factor": lambda x: 1.001 * sigmoid(x) * (1 - sigmoid(x)),
    "of the output": lambda x: x * (1 - x),
    "second instead of first": lambda x: sigmoid(x) * (1 - sigmoid(x)) * (1 - 2 * sigmoid(x)),
    "one element": lambda x: sigmoid(x) * (1 - sigmoid(x)) + 1e-5 * (x == 1.5),
    "not a number": lambda x: np.where(x == 2, np.nan, sigmoid(x) * (1 - sigmoid(x))),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_derivative_is_found(name):
    with pytest.raises(GradientError, match="argument 0, element"):
        gradcheck(sigmoid, X, derivative=WRONG[name])


def test_the_worst_element_is_named():
    result = gradcheck(sigmoid, X, derivative=WRONG["one element"], raise_error=False)
    assert not result.ok
    assert X[result.index] == 1.5
    assert abs(result.got - result.wanted) > result.allowed


def test_a_wrong_gradient_is_found():
    loss = Function(halved_square, gradient=lambda p, t: p - t)                    # forgets the mean
    with pytest.raises(GradientError):
        gradcheck(loss, [1.0, 2.0], [0.0, 0.0])
    loss = Function(lambda a, b: np.sum(a * b), gradient=lambda a, b: (b, -a))
    with pytest.raises(GradientError, match="argument 1"):
        gradcheck(loss, [1.0, 2.0], [3.0, 4.0])


def test_a_wrong_backward_is_found():
    function = Function(softmax, backward=lambda upstream, z: upstream * softmax(z) * (1 - softmax(z)))
    with pytest.raises(GradientError):
        gradcheck(function, np.array([0.1, -2.0, 1.0]))


def test_a_wrong_shape_is_found():
    with pytest.raises(GradientError, match="shape"):
        gradcheck(sigmoid, X, derivative=lambda x: np.ones(2))


def test_float32_is_judged_by_its_own_precision():
    rounded = Function(np.tanh, derivative=lambda x: (1 / np.cosh(x) ** 2).astype(np.float32))
    assert gradcheck(rounded, X.astype(np.float32), rtol=1e-8).ok


def test_nothing_to_compare_is_an_error():
    with pytest.raises(ValueError, match="nothing could be compared"):
        gradcheck(np.abs, [0.0], derivative=np.sign)
    with pytest.raises(ValueError, match="pass derivative="):
        gradcheck(np.exp, [0.0])
    with pytest.raises(ValueError, match="point"):
        gradcheck(actlib.relu)


def test_inputs_are_untouched():
    x = X.copy()
    gradcheck(actlib.sigmoid, x)
    loss = Function(halved_square, gradient=lambda p, t: (p - t) / p.size)
    gradcheck(loss, x, X)
    assert np.array_equal(x, X)


# Errors in ulps

SMALLEST = Fraction(1, 2**1074)
BELOW_ONE = 1 - Fraction(1, 2**53)


@pytest.mark.parametrize(("got", "exact", "error"), [
    (1.0, 1, 0.0),
    (1.0, 1 + Fraction(1, 2**52), 1.0),
    (1.0, BELOW_ONE, 1.0),                                    # the binade of the exact value counts
    (float(BELOW_ONE), 1, 0.5),
    (-1.0, -1 - Fraction(3, 2**53), 1.5),
    (2.0, "2.0", 0.0),
    (0.0, SMALLEST, 1.0),
    (0.0, SMALLEST / 2, 0.5),
    (5e-324, 0, 1.0),
    (-0.0, 0, 0.0),
    (5e-324, -SMALLEST, 2.0),
    (2.0**-1022, Fraction(1, 2**1022) + SMALLEST, 1.0),       # the first normal number has the ulp of the subnormals
    (np.float32(1), 1 + Fraction(1, 2**23), 1.0),
    (np.float32(0), Fraction(1, 2**149), 1.0),
    (math.inf, "inf", 0.0),
    (math.inf, "-inf", math.inf),
    (math.inf, Fraction(2) ** 1024, 0.0),                     # rounds to infinity
    (math.inf, "1e400", 0.0),
    (-math.inf, "-1e400", 0.0),
    (-math.inf, "1e400", math.inf),
    (math.inf, 1e308, math.inf),
    (1.7976931348623157e308, Fraction(2) ** 1024, 1.0),
    (1.7976931348623157e308, "inf", math.inf),
    (math.nan, "nan", 0.0),
    (math.nan, 1, math.inf),
    (1.0, "nan", math.inf),
    (1e308, 0, math.inf),                                     # 2e631 ulps
    (-1e308, "1e-320", math.inf),
    (np.float32(1), np.float32(1), 0.0),
    (np.float32(0.1), np.float64(np.float32(0.1)), 0.0),
    (1.0, np.int64(1), 0.0),
    (1.0, 1 + np.longdouble(0), 0.0),
    (0.0, Decimal("1e-999999"), 0.0),
    (math.inf, Decimal("1e999999"), 0.0),
])
def test_error_in_ulps(got, exact, error):
    assert ulp_error(got, exact) == error


def test_mpmath_numbers_are_exact_values():
    with mpmath.workdps(50):
        third = mpmath.mpf(1) / 3
    assert 0 < ulp_error(1 / 3, third) < 0.5
    assert ulp_error(1 / 3, third) == pytest.approx(ulp_error(1 / 3, Fraction(1, 3)), rel=1e-12)
    assert ulp_error(-0.75, mpmath.mpf("-0.75")) == 0
    assert ulp_error(math.inf, mpmath.inf) == 0
    assert ulp_error(math.nan, mpmath.nan) == 0


def test_arrays_of_errors():
    got = np.array([[1.0, 2.0], [3.0, 4.0]])
    assert ulp_error(got, [[1, 2], [3, 4 + Fraction(1, 2**50)]]).tolist() == [[0, 0], [0, 1]]


def test_byte_order_does_not_matter():
    assert ulp_error(np.array([1.0, 2.0], np.dtype(np.float32).newbyteorder()), [1, 2]).tolist() == [0, 0]


@pytest.mark.parametrize("got", [1, "1", np.float16(1), 1j])
def test_only_two_dtypes_have_ulps(got):
    with pytest.raises(TypeError, match="float32 or float64"):
        ulp_error(got, 1)
