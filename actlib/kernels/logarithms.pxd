# Logarithms of sums, differences and quotients that cancel, and what entropies are made of: for the functions of
# special.pyx, the losses and the sums of information.pyx. The last argument `like` tells how many bits are needed.
# Coefficients: coefficients.py.

from libc.math cimport fabs

from .primitives cimport (
    INFINITY, NAN, exp_nonpositive, fused, log, log1p_unit, log_reduced, madd, power_from_bits, propagate_nan, real,
    reduce_exp, split_exponent, two_sum)


# log(cosh(r)) = |r| - log 2 + log(1 + exp(-2 |r|))
#
# Method   |r| < 3/4: r**2 times a polynomial in r**2, for the three terms cancel; log 2 in two parts else
cdef inline double log_of_cosh(double r, real like) noexcept nogil:
    cdef double a = fabs(r)
    cdef double z = a * a
    cdef double square = z * z
    cdef double far, near
    if real is float:
        near = 0.00013430571871015577
        near = madd(near, square, madd(-0.0006562664034992454, z, 0.002157418491322029))
        near = madd(near, square, madd(-0.006740428441669265, z, 0.02222170775312172))
        near = madd(near, square, madd(-0.08333331543473234, z, 0.49999999989747596))
    else:
        near = 1.712980917330056e-07
        near = madd(near, square, madd(-1.0877301036102407e-06, z, 3.953222593287847e-06))
        near = madd(near, square, madd(-1.1702763976921858e-05, z, 3.268047270322507e-05))
        near = madd(near, square, madd(-9.096279781304856e-05, z, 0.00025657553171000224))
        near = madd(near, square, madd(-0.0007386023221838909, z, 0.0021869488014526445))
        near = madd(near, square, madd(-0.0067460317434871325, z, 0.02222222222215754))
        near = madd(near, square, madd(-0.08333333333333269, z, 0.5))
    far = (a - 0.6931471805599453) + (log1p_unit(exp_nonpositive(-2.0 * a, like), like) - 2.3190468138462996e-17)
    return near * z if a < 0.75 else far


# exp(x) for x <= 0, and 1 - exp(x) as `gap` + `low`
#
# Method   x = n log 2 + r: 1 - 2**n is exact or nearly so, and the two large terms of 1 - 2**n - 2**n r - 2**n tail are
#          added without error; so nothing is lost where they cancel.
# Limits   -inf -> 0 and 1; x = 0 -> 1 and 0
cdef inline double exp_and_gap(double x, double* gap, double* low, real like) noexcept nogil:
    cdef double tail, shifted, r, scale, high, first, second, power
    if real is float:
        x = -708.0 if x < -708.0 else x
        r = reduce_exp(x, 0.0, &tail, &shifted, like)
        power = power_from_bits(shifted)
        high = 1.0 - power
        second = ((1.0 - high) - power) - power * r
        gap[0] = high + second
        low[0] = (high - gap[0]) + second
        low[0] = 0.0 if fabs(x) < 1e-9 else low[0]
        gap[0] = -x if fabs(x) < 1e-9 else gap[0]
        return madd(r, power, power)
    else:
        x = -750.0 if x < -750.0 else x
        r = reduce_exp(x, 512.0, &tail, &shifted, like)
        scale = power_from_bits(shifted)
        power = scale * 7.458340731200207e-155
        high = two_sum(1.0, -power, &first)
        high = two_sum(high, -power * r, &second)
        second = (first + second) - power * tail
        gap[0] = high + second
        low[0] = (high - gap[0]) + second
        low[0] = 0.0 if fabs(x) < 1e-17 else low[0]
        gap[0] = -x if fabs(x) < 1e-17 else gap[0]
        high = 1.0 + r
        return (high + ((r - (high - 1.0)) + tail)) * scale * 7.458340731200207e-155


# log(u + low) for u >= 0 and a small `low`
#
# Limits   0 -> -inf
cdef inline double log_of_sum(double u, double low, real like) noexcept nogil:
    cdef double k
    cdef double m = split_exponent(u, &k)
    cdef double value = log_reduced(m - 1.0, k, low / u, like)
    return -INFINITY if u == 0.0 else value


# log(1 - exp(-d)) for d >= 0, and with it exp(-d) and 1 - exp(-d)
#
# Method   The logarithm of 1 - exp(-d) in two parts serves both ends: for small d they are about d, for large d the
#          second part holds what the first one misses of 1. Where exp(-d) is as small as an ulp of 1, minus that.
# Limits   0 -> -inf, +inf -> -0
cdef inline double log_gap(double d, double* e, double* gap, real like) noexcept nogil:
    cdef double low
    e[0] = exp_and_gap(-d, gap, &low, like)
    cdef double value = log_of_sum(gap[0], low, like)
    return -e[0] if e[0] < 1e-18 else value


# log(p/q) + shift for positive finite p and q, and a constant `shift` that may cancel with the logarithm
#
# Method   With p = m 2**a and q = n 2**b, and m doubled or halved so that m/n lies in [sqrt(1/2), sqrt(2)]: m - n is
#          exact (Sterbenz), so nothing is lost where p is near q, and no quotient overflows. k log 2 + shift is exact
#          for the leading part of log 2.
# Limits   p = 0 or q = +inf -> -inf, q = 0 or p = +inf -> +inf; p < 0, q < 0, 0/0 and inf/inf -> NaN
cdef inline double log_quotient(double p, double q, double shift, real like) noexcept nogil:
    cdef double a, b, k, m, n, f, inverse, value, rest = 0.0
    m = split_exponent(p, &a)
    n = split_exponent(q, &b)
    k = a - b
    k = k + 1.0 if m > 1.4142135623730951 * n else k
    b = 0.5 * m if m > 1.4142135623730951 * n else m
    k = k - 1.0 if m < 0.7071067811865476 * n else k
    b = 2.0 * m if m < 0.7071067811865476 * n else b
    if real is float:
        f = (b - n) / n
    else:
        # what f misses of m/n - 1, over m/n, enters to first order
        inverse = 1.0 / n
        f = (b - n) * inverse
        rest = fused(-f, n, b - n) * inverse * (1.0 - f)
    if shift == 0.0:
        value = log_reduced(f, k, rest, like)
    else:
        value = madd(k, 1.90821492927058770002e-10, log_reduced(f, 0.0, rest, like))
        value = madd(k, 6.93147180369123816490e-01, shift) + value
    value = -INFINITY if (p == 0.0) | (q == INFINITY) else value
    value = INFINITY if (q == 0.0) | (p == INFINITY) else value
    value = NAN if (p < 0.0) | (q < 0.0) | ((p == q) & ((p == 0.0) | (p == INFINITY))) else value
    return propagate_nan(p, propagate_nan(q, value))


# log(p/q) + 1, the slope of p log(p/q), for positive finite p and q
#
# Method   Its zero is at p/q = c = 1/e, and log(p/q) + 1 = log(1 + (p - c q)/(c q)). Beside it p - c q is computed
#          with c in three parts and fused multiply-adds, of which the first is exact close to the zero. The factor
#          keeps products of small numbers from underflow.
cdef inline double log_quotient_slope(double p, double q, real like) noexcept nogil:
    cdef double scale = 4.149515568880993e+180 if q < 1e-100 else 1.0
    cdef double below = q * scale
    cdef double distance = fused(-0.36787944117144233, below, p * scale)
    distance = fused(1.2428753672788363e-17, below, distance)
    cdef double f = madd(5.830044851072742e-34, below, distance) / below * 2.718281828459045
    cdef double near = log_reduced(f, 0.0, 0.0, like)
    return near if (-0.29 < f) & (f < 0.41) else log_quotient(p, q, 1.0, like)


# -x log x
#
# Limits   0 -> 0, +inf -> -inf, x < 0 -> NaN
cdef inline double entropy_term(double x, real like) noexcept nogil:
    return 0.0 if x == 0.0 else 0.0 - x * log(x, like)


# x log y
#
# Limits   x = 0 -> 0 even where the logarithm is infinite or undefined; y < 0 -> NaN
cdef inline double product_with_log(double x, double y, real like) noexcept nogil:
    return propagate_nan(y, 0.0 if x == 0.0 else x * log(y, like))


# p log(p/q)
#
# Limits   p = 0 -> 0, q = 0 < p -> inf, p < 0 or q < 0 -> NaN
cdef inline double relative_entropy_term(double p, double q, real like) noexcept nogil:
    cdef double value = p * log_quotient(p, q, 0.0, like)
    value = 0.0 if (p == 0.0) & (q >= 0.0) else value
    return propagate_nan(p, propagate_nan(q, value))
