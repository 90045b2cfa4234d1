# The rectifier and its kin: relu, leaky_relu (prelu, rrelu), elu, selu, softplus.
#
# A function whose arguments are all `real` becomes a ufunc of its name (generate.py). At the kink every
# derivative is that of the branch x <= 0, and the second derivative is 0.

from libc.math cimport fabs

from .compound cimport exp_minus_abs_product, log1p_factor, log_expm1, quotient, scaled_exp
from .primitives cimport NAN, exp_nonpositive, expm1, log, log1p, log1p_unit, propagate_nan, real


# relu(x) = max(0, x)
cdef inline double relu(real x) noexcept nogil:
    return 0.0 if x <= 0 else x


cdef inline double relu_derivative(real x) noexcept nogil:
    return propagate_nan(x, 1.0 if x > 0 else 0.0)


cdef inline double relu_second_derivative(real x) noexcept nogil:
    return propagate_nan(x, 0.0)


cdef inline double relu_derivative_from_output(real y) noexcept nogil:
    return propagate_nan(y, 1.0 if y > 0 else 0.0)


# leaky_relu(x) = x for x > 0, slope x for x <= 0; prelu and rrelu are the same function of other slopes
#
# Limits   -inf -> -slope inf, and -slope 0 for a slope of 0, as at every other x < 0
cdef inline double leaky_relu(real x, real slope) noexcept nogil:
    # `real` and not double: one product is rounded once in float32 too, with twice the lanes
    cdef real below = <real>-1.0 if (slope == 0) & (x < -1) else x
    below = below * slope
    return x if x > 0 else below


cdef inline double leaky_relu_derivative(real x, real slope) noexcept nogil:
    return propagate_nan(x, 1.0 if x > 0 else slope)


cdef inline double leaky_relu_second_derivative(real x, real slope) noexcept nogil:
    return propagate_nan(x, 0.0)


# From the output: NaN for a negative slope, where an output belongs to two inputs
cdef inline double leaky_relu_derivative_from_output(real y, real slope) noexcept nogil:
    return NAN if slope < 0 else propagate_nan(y, 1.0 if y > 0 else slope)


cdef inline double leaky_relu_inverse(real y, real slope) noexcept nogil:
    cdef double below = NAN if slope == 0 else <double>y / slope
    return NAN if slope < 0 else (y if y > 0 else below)


# d/dslope leaky_relu = x for x <= 0, else 0
cdef inline double leaky_relu_slope_gradient(real x, real slope) noexcept nogil:
    return 0.0 if x > 0 else x


# elu(x) = x for x > 0, alpha (exp(x) - 1) for x <= 0
cdef inline double elu(real x, real alpha) noexcept nogil:
    return x if x > 0 else alpha * expm1(x, x)


# elu'(x) = alpha exp(x) for x <= 0, from x: elu(x) + alpha would cancel
cdef inline double elu_derivative(real x, real alpha) noexcept nogil:
    return 1.0 if x > 0 else scaled_exp(alpha, x, x)


cdef inline double elu_second_derivative(real x, real alpha) noexcept nogil:
    return propagate_nan(x, scaled_exp(alpha, x, x) if x < 0 else 0.0)


# From the output: NaN for a negative alpha, where an output belongs to two inputs
cdef inline double elu_derivative_from_output(real y, real alpha) noexcept nogil:
    return NAN if alpha < 0 else (1.0 if y > 0 else <double>y + alpha)


# log(1 + y/alpha); near y = -alpha, alpha + y is exact (Sterbenz) and y/alpha is not
cdef inline double elu_inverse(real y, real alpha) noexcept nogil:
    cdef double ratio = <double>y / alpha
    cdef double below = log((<double>alpha + y) / alpha, y) if ratio < -0.5 else log1p(ratio, y)
    return NAN if alpha < 0 else (y if y > 0 else below)


# d/dalpha elu = exp(x) - 1 for x <= 0, else 0
cdef inline double elu_alpha_gradient(real x, real alpha) noexcept nogil:
    return 0.0 if x > 0 else expm1(x, x)


# softplus(x) = log(1 + exp(beta x))/beta = max(x, 0) + log(1 + exp(-|beta x|))/beta   (beta > 0)
#
# Method   Nothing overflows, and log1p keeps the small term.
# Limits   -inf -> 0, +inf -> inf; beta x = inf for a finite x gives max(x, 0)
cdef inline double softplus(real x, real beta) noexcept nogil:
    cdef double second
    cdef double first = exp_minus_abs_product(x, beta, &second, x)
    return (0.0 if x <= 0 else x) + log1p_factor(first, second, x) / beta * second


cdef inline double softplus_at_1(real x) noexcept nogil:
    return (0.0 if x <= 0 else x) + log1p_unit(exp_nonpositive(-fabs(<double>x), x), x)


# 1/(1 + e) or e/(1 + e) with e = exp(-|beta x|)
cdef inline double softplus_derivative(real x, real beta) noexcept nogil:
    cdef double second
    cdef double e = exp_minus_abs_product(x, beta, &second, x)
    e = e * second
    return quotient(e if x < 0 else 1.0, 1.0 + e, x)


cdef inline double softplus_derivative_at_1(real x) noexcept nogil:
    cdef double e = exp_nonpositive(-fabs(<double>x), x)
    return quotient(e if x < 0 else 1.0, 1.0 + e, x)


cdef inline double softplus_second_derivative(real x, real beta) noexcept nogil:
    cdef double second
    cdef double e = exp_minus_abs_product(x, beta, &second, x)
    return beta * (e / ((1.0 + e) * (1.0 + e))) * second


# softplus'(x) = 1 - exp(-beta y)
cdef inline double softplus_derivative_from_output(real y, real beta) noexcept nogil:
    return -expm1(-<double>beta * y, y)


# log(exp(beta y) - 1)/beta: compound.pxd
cdef inline double softplus_inverse(real y, real beta) noexcept nogil:
    return log_expm1(y, beta, y)


# d/dbeta softplus = (x sigmoid(beta x) - softplus(x))/beta
#                  = -(|x| e/(1 + e) + log(1 + e)/beta)/beta with e = exp(-|beta x|): both terms of one sign
cdef inline double softplus_beta_gradient(real x, real beta) noexcept nogil:
    cdef double second
    cdef double e = exp_minus_abs_product(x, beta, &second, x)
    cdef double weighted = 0.0 if e == 0.0 else fabs(<double>x) * (e / (1.0 + e))
    return -((weighted + log1p_factor(e, second, x) / beta) / beta) * second


# selu(x) = lambda x for x > 0, lambda alpha (exp(x) - 1) for x <= 0
#
# Method   lambda alpha is one constant; what the nearest double misses of it counts only where terms cancel.
cdef inline double selu(real x) noexcept nogil:
    return (1.0507009873554805 * x) if x > 0 else 1.7580993408473768 * expm1(x, x)


cdef inline double selu_derivative(real x) noexcept nogil:
    return 1.0507009873554805 if x > 0 else scaled_exp(1.7580993408473768, x, x)


cdef inline double selu_second_derivative(real x) noexcept nogil:
    return propagate_nan(x, scaled_exp(1.7580993408473768, x, x) if x < 0 else 0.0)


cdef inline double selu_derivative_from_output(real y) noexcept nogil:
    return 1.0507009873554805 if y > 0 else ((<double>y + 1.7580993408473768) + 1.415351938008446e-17)


# log(1 + y/(lambda alpha)); near y = -lambda alpha, lambda alpha + y is exact (Sterbenz) and the quotient is not
cdef inline double selu_inverse(real y) noexcept nogil:
    cdef double ratio = <double>y / 1.7580993408473768
    cdef double above = ((<double>y + 1.7580993408473768) + 1.415351938008446e-17) / 1.7580993408473768
    cdef double below = log(above, y) if ratio < -0.5 else log1p(ratio, y)
    return (<double>y / 1.0507009873554805) if y > 0 else below
