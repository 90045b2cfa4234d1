# Losses of a real prediction p against a real target t, as functions of the residual r = p - t.
#
# name, name_gradient and name_hessian (with respect to p) of the same arguments become a loss (generate_losses.py).
# Accuracy and conventions: the entries in actlib/losses.

from libc.math cimport fabs

from .logarithms cimport log_of_cosh
from .primitives cimport (
    INFINITY, fused, hyperbolic_tangent, log_positive, logistic_slope, madd, power_from_bits, propagate_nan, real,
    reduce_exp, two_sum)


# r**2
cdef inline double mean_squared_error(double p, double t, real like) noexcept nogil:
    cdef double r = p - t
    return r * r


cdef inline double mean_squared_error_gradient(double p, double t, real like) noexcept nogil:
    return 2.0 * (p - t)


cdef inline double mean_squared_error_hessian(double p, double t, real like) noexcept nogil:
    return propagate_nan(p - t, 2.0)


# r**2/2
cdef inline double half_squared_error(double p, double t, real like) noexcept nogil:
    cdef double r = p - t
    return 0.5 * r * r


cdef inline double half_squared_error_gradient(double p, double t, real like) noexcept nogil:
    return p - t


cdef inline double half_squared_error_hessian(double p, double t, real like) noexcept nogil:
    return propagate_nan(p - t, 1.0)


# |r|, with slope 0 at the kink r = 0
cdef inline double mean_absolute_error(double p, double t, real like) noexcept nogil:
    return fabs(p - t)


cdef inline double mean_absolute_error_gradient(double p, double t, real like) noexcept nogil:
    cdef double r = p - t
    return 1.0 if r > 0.0 else (-1.0 if r < 0.0 else r)


cdef inline double mean_absolute_error_hessian(double p, double t, real like) noexcept nogil:
    return propagate_nan(p - t, 0.0)


# r**2/2 for |r| <= delta, delta (|r| - delta/2) beyond: the tangents at +-delta
#
# Method   The gradient is r cut off at +-delta. delta = inf is r**2/2 everywhere.
cdef inline double huber(double p, double t, double delta, real like) noexcept nogil:
    cdef double r = p - t
    cdef double linear = delta * (fabs(r) - 0.5 * delta)
    return linear if fabs(r) > delta else 0.5 * r * r


cdef inline double huber_gradient(double p, double t, double delta, real like) noexcept nogil:
    cdef double r = p - t
    r = delta if r > delta else r
    return -delta if r < -delta else r


# the comparison is exact: beyond = |r| > delta for r + low, the difference without rounding
cdef inline double huber_hessian(double p, double t, double delta, real like) noexcept nogil:
    cdef double low
    cdef double r = two_sum(p, -t, &low)
    cdef double outward = low if r > 0.0 else -low
    cdef bint beyond = (fabs(r) > delta) | ((fabs(r) == delta) & (outward > 0.0))
    return propagate_nan(r, 0.0 if beyond else 1.0)


# (log v + r**2/v)/2 + constant: the negative log-likelihood of a normal target with variance v
#
# Method   r/v r does not overflow where r**2 does. The logarithm takes full precision for float32 too, because
#          the sum can cancel.
cdef inline double gaussian_nll(double p, double t, double v, double constant, real like) noexcept nogil:
    return 0.5 * (log_positive(v, like) + square_over(p - t, v, like)) + constant


# r**2/v
#
# Method   float64: both times a power of 2 where v is tiny, for there r/v overflows where the result does not.
cdef inline double square_over(double r, double v, real like) noexcept nogil:
    cdef bint tiny
    if real is float:
        return r / v * r
    else:
        tiny = v < 1.4916681462400413e-154
        r = r * 6.703903964971299e+153 if tiny else r
        v = v * 4.49423283715579e+307 if tiny else v
        return r / v * r


cdef inline double gaussian_nll_gradient(double p, double t, double v, double constant, real like) noexcept nogil:
    return (p - t) / v


cdef inline double gaussian_nll_hessian(double p, double t, double v, double constant, real like) noexcept nogil:
    return propagate_nan(p - t, 1.0 / v)


# The same loss with its derivatives with respect to v: (v - r**2)/(2 v**2) and (r**2 - v/2)/v**3
#
# Method   v - r**2 is rounded once, so that its zero is kept; (1 - r/v r)/v where r**2 would overflow.
cdef inline double gaussian_nll_variance(double p, double t, double v, double constant, real like) noexcept nogil:
    return gaussian_nll(p, t, v, constant, like)


cdef inline double gaussian_nll_variance_gradient(
        double p, double t, double v, double constant, real like) noexcept nogil:
    cdef double r = p - t
    cdef double large = 1.0 - r / v * r
    return 0.5 * (large if fabs(r) > 1e150 else fused(-r, r, v) / v) / v


cdef inline double gaussian_nll_variance_hessian(
        double p, double t, double v, double constant, real like) noexcept nogil:
    cdef double r = p - t
    return (r / v * r - 0.5) / v / v


# log(cosh(r)): logarithms.pxd
cdef inline double log_cosh(double p, double t, real like) noexcept nogil:
    return log_of_cosh(p - t, like)


cdef inline double log_cosh_gradient(double p, double t, real like) noexcept nogil:
    return hyperbolic_tangent(p - t, like)


# 4 e/(1 + e)**2 with e = exp(-2 |r|), where what r misses of p - t enters to first order
cdef inline double log_cosh_hessian(double p, double t, real like) noexcept nogil:
    cdef double low
    cdef double r = two_sum(p, -t, &low)
    cdef double slope = logistic_slope(2.0 * r, 4.0, like)
    low = low if r > 0.0 else -low
    low = low if fabs(r) < 1000.0 else 0.0
    return slope - 2.0 * low * slope


# q u for u = t - p >= 0, (q - 1) u for u < 0; slope 0 at the kink u = 0
cdef inline double quantile(double p, double t, double q, real like) noexcept nogil:
    cdef double u = t - p
    return u * q if u >= 0.0 else (1.0 - q) * -u


cdef inline double quantile_gradient(double p, double t, double q, real like) noexcept nogil:
    cdef double r = p - t
    return 1.0 - q if r > 0.0 else (-q if r < 0.0 else r)


cdef inline double quantile_hessian(double p, double t, double q, real like) noexcept nogil:
    return propagate_nan(p - t, 0.0)


# exp(x) as an unevaluated sum, returned high part plus `low`
#
# Limits   -inf -> 0, +inf -> inf
cdef inline double exp_sum(double x, double* low) noexcept nogil:
    cdef double tail, shifted, r, high, power, back
    cdef double cut = 712.0 if x > 712.0 else x
    cut = -800.0 if cut < -800.0 else cut
    # 2**n is divided by 2**512 for x > 0 and multiplied by it for x < 0, so that it is a normal number
    back = 1.3407807929942597e+154 if x > 0.0 else 7.458340731200207e-155
    r = reduce_exp(cut, 0.0, &tail, &shifted, <double>0)
    shifted = shifted + (-512.0 if x > 0.0 else 512.0)
    power = power_from_bits(shifted)
    high = 1.0 + r
    low[0] = ((r - (high - 1.0)) + tail) * power * back
    high = high * power * back
    low[0] = low[0] if high < INFINITY else 0.0
    return high


# log(t!) = log Gamma(t + 1) for t >= 0, to about the last digit of its terms; float32 needs as much, for it is added to
# terms that cancel
#
# Method   t < 8: t! = r! times the product of t, t - 1, ..., r + 1 with r = t - floor(t) in [0, 1] (1 for a count),
#          and log(r!) = r (r - 1) P(r), so that 0! and 1! are exact. t >= 8: Stirling's series with seven terms, for
#          x = t + 1.
cdef inline double log_factorial(double t) noexcept nogil:
    cdef double r = t if t < 8.0 else 0.0
    cdef double product = 1.0, p, square, x, z, above
    cdef double grown
    for _ in range(7):
        grown = product * r
        product = grown if r > 1.0 else product
        r = r - 1.0 if r > 1.0 else r
    square = r * r
    p = madd(-3.3634106716698643e-06, r, 4.3922570667975566e-05)
    p = madd(p, square, madd(-0.00027355425344016747, r, 0.00108530555479776))
    p = madd(p, square, madd(-0.003096208334287044, r, 0.006813696709607099))
    p = madd(p, square, madd(-0.012156735226797626, r, 0.018324688696888334))
    p = madd(p, square, madd(-0.02424559953721992, r, 0.029217957174157625))
    p = madd(p, square, madd(-0.033188553751976255, r, 0.03655578502618555))
    p = madd(p, square, madd(-0.03981999326088455, r, 0.04338263398438016))
    p = madd(p, square, madd(-0.0475379469137395, r, 0.05255557732506043))
    p = madd(p, square, madd(-0.05877785869071754, r, 0.06673172144127888))
    p = madd(p, square, madd(-0.07731816813330891, r, 0.09223900844903545))
    p = madd(p, square, madd(-0.11514654256344752, r, 0.15543426586394604))
    p = madd(p, square, madd(-0.24525136852258034, r, 0.5772156649015329))
    p = r * (r - 1.0) * p + log_positive(product, <double>0)
    x = (t if t >= 8.0 else 8.0) + 1.0
    z = 1.0 / (x * x)
    above = madd(0.00641025641025641, z, -0.0019175269175269176)
    above = madd(above, z, 0.0008417508417508417)
    above = madd(above, z, -0.0005952380952380953)
    above = madd(above, z, 0.0007936507936507937)
    above = madd(above, z, -0.002777777777777778)
    above = madd(above, z, 0.08333333333333333)
    above = (x - 0.5) * (log_positive(x, <double>0) - 1.0) + (0.4189385332046727 + above / x)
    return above if t >= 8.0 else p


# exp(p) - t p: the negative log-likelihood of a Poisson count t with the mean exp(p), without log(t!)
#
# Method   Full precision for float32 too, because the terms can cancel.
# Limits   p = -inf -> 0 for t = 0, else inf; p = +inf -> inf
cdef inline double poisson_nll(double p, double t, real like) noexcept nogil:
    cdef double low
    cdef double mean = exp_sum(p, &low)
    cdef double product = 0.0 if (t == 0.0) & (p == p) else t * p
    return (mean - product) + low if mean < INFINITY else propagate_nan(p, mean)


cdef inline double poisson_nll_gradient(double p, double t, real like) noexcept nogil:
    cdef double low
    cdef double mean = exp_sum(p, &low)
    return (mean - t) + low


cdef inline double poisson_nll_hessian(double p, double t, real like) noexcept nogil:
    cdef double low
    cdef double mean = exp_sum(p, &low)
    return mean + low


# The same with log(t!)
cdef inline double poisson_nll_full(double p, double t, real like) noexcept nogil:
    return poisson_nll(p, t, like) + log_factorial(t)


cdef inline double poisson_nll_full_gradient(double p, double t, real like) noexcept nogil:
    return poisson_nll_gradient(p, t, like)


cdef inline double poisson_nll_full_hessian(double p, double t, real like) noexcept nogil:
    return poisson_nll_hessian(p, t, like)


# p - t log(p): the same loss of the mean itself
#
# Limits   p = 0 -> 0 for t = 0, else inf; p = +inf -> inf
cdef inline double poisson_nll_mean(double p, double t, real like) noexcept nogil:
    cdef double inside = p if (p > 0.0) & (p < INFINITY) else 1.0
    cdef double value = p - t * log_positive(inside, <double>0)
    value = INFINITY if (p == 0.0) & (t > 0.0) else value
    return value


cdef inline double poisson_nll_mean_gradient(double p, double t, real like) noexcept nogil:
    return 1.0 if ((t == 0.0) & (p == p)) | (p == INFINITY) else (p - t) / p


cdef inline double poisson_nll_mean_hessian(double p, double t, real like) noexcept nogil:
    return 0.0 if (t == 0.0) & (p == p) else t / p / p


cdef inline double poisson_nll_mean_full(double p, double t, real like) noexcept nogil:
    return poisson_nll_mean(p, t, like) + log_factorial(t)


cdef inline double poisson_nll_mean_full_gradient(double p, double t, real like) noexcept nogil:
    return poisson_nll_mean_gradient(p, t, like)


cdef inline double poisson_nll_mean_full_hessian(double p, double t, real like) noexcept nogil:
    return poisson_nll_mean_hessian(p, t, like)
