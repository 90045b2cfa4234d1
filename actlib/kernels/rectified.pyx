# The rectifier and its kin: relu, leaky_relu (prelu, rrelu), elu, softplus.
#
# A function whose arguments are all `real` becomes a ufunc of its name (generate.py). At the kink every
# derivative is that of the branch x <= 0, and the second derivative is 0.

from libc.math cimport fabs

from .primitives cimport (
    NAN, exp_nonpositive, expm1, log, log1p, log1p_unit, propagate_nan, real, two_product)


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
    cdef double below = -1.0 if slope == 0 and x < -1 else x
    return x if x > 0 else slope * below


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


# alpha exp(x) for x <= 0
#
# Method   Where exp(x) is subnormal, alpha would multiply its rounding error: there, twice by exp(x/2).
cdef inline double scaled_exp(double alpha, double x, real like) noexcept nogil:
    cdef double root
    if real is float:
        return alpha * exp_nonpositive(x, like)
    else:
        root = exp_nonpositive(0.5 * x if x < -708.0 else x, like)
        return alpha * root * (root if x < -708.0 else 1.0)


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


# exp(-|beta x|) as a product of two factors: what is divided by beta or multiplied by x must not be subnormal,
# or its rounding error grows along
#
# Method   t + low = beta x exactly, and low enters to first order: an error of half an ulp in t = 700 would be
#          256 ulp in exp(-t). The second factor is 1, or where the product is subnormal both are exp(-|t|/2).
cdef inline double exp_minus_abs_product(double x, double beta, double* second, real like) noexcept nogil:
    cdef double low, half, e
    cdef double t = two_product(beta, x, &low)
    if real is float:
        second[0] = 1.0
        return exp_nonpositive(-fabs(t), like)
    else:
        half = 0.5 if fabs(t) > 708.0 else 1.0
        e = exp_nonpositive(-half * fabs(t), like)
        # |t| < 1500 also keeps out the low part of an infinite product
        e = e - e * (half * (low if t > 0.0 else -low)) if fabs(t) < 1500.0 else e
        second[0] = e if fabs(t) > 708.0 else 1.0
        return e


cdef inline double log1p_factor(double first, double second, real like) noexcept nogil:
    """log(1 + first * second) / second for the two factors of exp_minus_abs_product."""
    return first if second < 1.0 else log1p_unit(first, like)


# 1/(1 + e) or e/(1 + e) with e = exp(-|beta x|)
cdef inline double softplus_derivative(real x, real beta) noexcept nogil:
    cdef double second
    cdef double e = exp_minus_abs_product(x, beta, &second, x)
    e = e * second
    return (e if x < 0 else 1.0) / (1.0 + e)


cdef inline double softplus_second_derivative(real x, real beta) noexcept nogil:
    cdef double second
    cdef double e = exp_minus_abs_product(x, beta, &second, x)
    return beta * (e / ((1.0 + e) * (1.0 + e))) * second


# softplus'(x) = 1 - exp(-beta y)
cdef inline double softplus_derivative_from_output(real y, real beta) noexcept nogil:
    return -expm1(-<double>beta * y, y)


# log(exp(beta y) - 1)/beta
#
# Method   With t = beta y: near its zero at t = log 2 it is log1p(2 (exp(t - log 2) - 1)), where t - log 2 is taken
#          with log 2 in two parts, the first subtracted exactly. Below: log(exp(t) - 1), and for y so small that t
#          could be subnormal log(2**512 t) - 512 log 2. Above: t + log1p(-exp(-t)).
# Limits   0 -> -inf, +inf -> inf, y < 0 -> NaN
cdef inline double softplus_inverse(real y, real beta) noexcept nogil:
    cdef double low
    cdef double t = two_product(beta, y, &low)
    cdef double middle = log1p(2.0 * expm1((t - 0.6931471805599453) + (low - 2.3190468138462996e-17), y), y)
    cdef double scaled = beta * (y * 1.3407807929942597e+154)
    cdef double below = log(scaled if y < 1e-290 else expm1(t, y), y) - (354.891356446692 if y < 1e-290 else 0.0)
    cdef double above = log1p(-exp_nonpositive(-t, y), y) / beta
    below = below if t < 0.35 else middle
    return below / beta if t < 1.4 else y + above


# d/dbeta softplus = (x sigmoid(beta x) - softplus(x))/beta
#                  = -(|x| e/(1 + e) + log(1 + e)/beta)/beta with e = exp(-|beta x|): both terms of one sign
cdef inline double softplus_beta_gradient(real x, real beta) noexcept nogil:
    cdef double second
    cdef double e = exp_minus_abs_product(x, beta, &second, x)
    cdef double weighted = 0.0 if e == 0.0 else fabs(<double>x) * (e / (1.0 + e))
    return -((weighted + log1p_factor(e, second, x) / beta) / beta) * second
