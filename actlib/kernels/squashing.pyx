# Functions that squash: identity (which does not), sigmoid, tanh, and the hard steps they soften.
#
# A function whose arguments are all `real` becomes a ufunc of its name (generate.py); f_derivative(x) next to f
# also yields f_value_and_derivative and f_backward(upstream, x). Accuracy: the entries in actlib/activations.
#
# float32 has two ways. single.pxd rounds to float32 and is the faster where the machine has the instruction that it
# needs; a product still to come, as in backward, takes the unrounded double of primitives.pxd.

from libc.math cimport fabs

from .primitives cimport (
    NAN, hyperbolic_tangent, log, log1p, logistic, logistic_derivative, logistic_slope, propagate_nan, real)
from .single cimport FUSED_SINGLE, logistic_single, logistic_slope_single, tanh_single


# identity(x) = x
cdef inline double identity(real x) noexcept nogil:
    return x


cdef inline double identity_derivative(real x) noexcept nogil:
    return propagate_nan(x, 1.0)


cdef inline double identity_second_derivative(real x) noexcept nogil:
    return propagate_nan(x, 0.0)


cdef inline double identity_derivative_from_output(real y) noexcept nogil:
    return propagate_nan(y, 1.0)


cdef inline double identity_inverse(real y) noexcept nogil:
    return y


# sigmoid(x) = 1/(1 + exp(-x)): primitives.pxd, because the losses need it too
cdef inline double sigmoid(real x) noexcept nogil:
    if real is float and FUSED_SINGLE:
        return logistic_single(x)
    return logistic(x, x)


cdef inline double sigmoid_derivative(real x) noexcept nogil:
    if real is float and FUSED_SINGLE:
        return logistic_slope_single(x, 1.0)
    return logistic_derivative(x, x)


cdef inline double sigmoid_backward(real upstream, real x) noexcept nogil:
    return <double>upstream * logistic_derivative(x, x)


# sigmoid''(x) = sigmoid'(x) (1 - 2 sigmoid(x)) = -sigmoid'(x) tanh(x/2): the second form does not cancel at 0
cdef inline double sigmoid_second_derivative(real x) noexcept nogil:
    return -logistic_derivative(x, x) * hyperbolic_tangent(0.5 * x, x)


cdef inline double sigmoid_derivative_from_output(real y) noexcept nogil:
    return <double>y * (1.0 - <double>y)


# log(y/(1 - y))
#
# Method   1/4 <= y <= 3/4, where the logarithm has its zero: log1p((2y - 1)/(1 - y)), and -log1p((1 - 2y)/y) for
#          y < 1/2; 2y - 1 is exact there (Sterbenz). Elsewhere: log(y/(1 - y)).
# Limits   0 -> -inf, 1 -> +inf, NaN outside [0, 1]
cdef inline double sigmoid_inverse(real y) noexcept nogil:
    cdef double p = y
    cdef double near = -log1p((1.0 - 2.0 * p) / p, y) if p < 0.5 else log1p((2.0 * p - 1.0) / (1.0 - p), y)
    cdef double far = log(p / (1.0 - p), y)
    far = NAN if p > 1.0 else far
    return near if fabs(p - 0.5) <= 0.25 else far


# tanh(x): primitives.pxd, because a loss needs it too
cdef inline double tanh(real x) noexcept nogil:
    if real is float and FUSED_SINGLE:
        return tanh_single(x)
    return hyperbolic_tangent(x, x)


# tanh'(x) = 4 e/(1 + e)**2 with e = exp(-2|x|) = 4 sigmoid'(2x): no 1 - tanh**2 to cancel
cdef inline double tanh_derivative(real x) noexcept nogil:
    if real is float and FUSED_SINGLE:
        return logistic_slope_single(x + x, 4.0)
    return logistic_slope(2.0 * <double>x, 4.0, x)


cdef inline double tanh_backward(real upstream, real x) noexcept nogil:
    return <double>upstream * logistic_slope(2.0 * <double>x, 4.0, x)


cdef inline double tanh_second_derivative(real x) noexcept nogil:
    return -hyperbolic_tangent(x, x) * logistic_slope(2.0 * <double>x, 8.0, x)


# 1 - y**2 = (1 - y)(1 + y), both factors exact for 1/2 <= |y| <= 1
cdef inline double tanh_derivative_from_output(real y) noexcept nogil:
    return (1.0 - <double>y) * (1.0 + <double>y)


# artanh(y) = log1p(2y/(1 - y))/2 for y >= 0, odd
#
# Limits   -1 -> -inf, 1 -> +inf, NaN outside [-1, 1]; the sign of zero is kept
cdef inline double tanh_inverse(real y) noexcept nogil:
    cdef double a = fabs(<double>y)
    cdef double value = 0.5 * log1p(2.0 * a / (1.0 - a), y)
    value = NAN if a > 1.0 else value
    return -value if y < 0 else (value if y > 0 else y)


# heaviside(x, at_zero): 0, at_zero or 1
cdef inline double heaviside(real x, real at_zero) noexcept nogil:
    return propagate_nan(x, 1.0 if x > 0 else (0.0 if x < 0 else at_zero))


cdef inline double heaviside_derivative(real x, real at_zero) noexcept nogil:
    return propagate_nan(x, 0.0)


cdef inline double heaviside_second_derivative(real x, real at_zero) noexcept nogil:
    return propagate_nan(x, 0.0)


cdef inline double heaviside_derivative_from_output(real y, real at_zero) noexcept nogil:
    return propagate_nan(y, 0.0)


# sign(x): -1, x itself at +-0, or 1
cdef inline double sign(real x) noexcept nogil:
    return 1.0 if x > 0 else (-1.0 if x < 0 else x)


cdef inline double sign_derivative(real x) noexcept nogil:
    return propagate_nan(x, 0.0)


cdef inline double sign_second_derivative(real x) noexcept nogil:
    return propagate_nan(x, 0.0)


cdef inline double sign_derivative_from_output(real y) noexcept nogil:
    return propagate_nan(y, 0.0)
