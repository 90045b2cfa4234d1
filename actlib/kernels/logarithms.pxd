# Logarithms of sums, differences and quotients that cancel, and what entropies are made of: for the functions of
# special.pyx, the losses and the sums of information.pyx. The last argument `like` tells how many bits are needed.
# What is named single is float32 in float32 arithmetic (single.pxd). Coefficients: coefficients.py.

from libc.math cimport fabs, fabsf
from libc.stdint cimport int32_t, uint32_t

from .primitives cimport (
    INFINITY, NAN, fused, log, log1p_exp_nonpositive, log_reduced, madd, power_from_bits, propagate_nan, real,
    reduce_exp, split_exponent, two_sum)
from .single cimport (
    Pair, bits_of_single, exp_negative_pair, fused_single, power_from_single_bits, single_of_bits,
    two_sum_single)


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
    far = (a - 0.6931471805599453) + (log1p_exp_nonpositive(-2.0 * a, like) - 2.3190468138462996e-17)
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


# log(p/(q + q_low)) + shift for positive finite p and q, and a constant `shift` that may cancel with the logarithm;
# q_low is 0, or what q in [1/2, 1] has lost to rounding
#
# Method   With p = m 2**a and q = n 2**b, and m doubled or halved so that m/n lies in [sqrt(1/2), sqrt(2)]: m - n is
#          exact (Sterbenz), so nothing is lost where p is near q, and no quotient overflows. k log 2 + shift is exact
#          for the leading part of log 2.
# Limits   p = 0 or q = +inf -> -inf, q = 0 or p = +inf -> +inf; p < 0, q < 0, 0/0 and inf/inf -> NaN
cdef inline double log_quotient(double p, double q, double shift, real like) noexcept nogil:
    return log_quotient_of_sum(p, q, 0.0, shift, like)


cdef inline double log_quotient_of_sum(double p, double q, double q_low, double shift, real like) noexcept nogil:
    cdef double a, b, k, m, n, f, top, inverse, value, rest = 0.0
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
        q_low = q_low if q == n else q_low + q_low
        top = (b - n) - q_low
        f = top * inverse
        rest = (fused(-f, n, top) + ((b - n) - top - q_low - f * q_low)) * inverse * (1.0 - f)
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


# log(p/(1 - p))
#
# Method   The logarithm of a quotient: nothing is lost at p = 1/2, with what 1 - p has lost to rounding. float32 does
#          not see that.
# Limits   0 -> -inf, 1 -> +inf, NaN outside [0, 1]
cdef inline double log_odds(double p, real like) noexcept nogil:
    cdef double q = 1.0 - p
    if real is float:
        return log_quotient(p, q, 0.0, like)
    else:
        return log_quotient_of_sum(p, q, (1.0 - q) - p, 0.0, like)


# k log 2 + log(a/b) as high + low, from s + s_low = (a - b)/(a + b), for a/b in [2/3, 3/2]
#
# Method   log(a/b) = 2 s + s**3 R(s**2): the first term is the largest by far, and s in two parts is enough for all the
#          digits that float32 has. log 2 = 0.6931458 + 1.4286068e-6, of which k times the first is exact.
cdef inline Pair log_of_part_single(float s, float s_low, float k) noexcept nogil:
    cdef float shift = k * <float>0.693145751953125
    cdef Pair result
    result.high = fused_single(2.0, s, shift)
    result.low = fused_single(2.0, s, shift - result.high)
    result.low = result.low + fused_single(
        k, 1.4286068203094173e-06, fused_single(s * <float>(s * s), log_tail_single(s), s_low + s_low))
    return result


cdef inline float log_tail_single(float s) noexcept nogil:
    """(log((1 + s)/(1 - s)) - 2 s)/s**3 for s**2 < 0.04"""
    cdef float z = s * s
    cdef float p = fused_single(0.23747344315052032, z, 0.2853274345397949)
    p = fused_single(p, z, 0.4000031054019928)
    return fused_single(p, z, 0.6666666865348816)


# (above + above_low)/(below + below_low) in two parts
cdef inline float part_single(
        float above, float above_low, float below, float below_low, float* low) noexcept nogil:
    cdef float inverse = <float>1.0 / below
    cdef float s = above * inverse
    low[0] = fused_single(-s, below_low, fused_single(-s, below, above) + above_low) * inverse
    return s


# k log 2 + log(m/(n + n_low)) for m/n in [2/3, 3/2]
#
# Method   m - n is exact (Sterbenz), and m + n = 2 n + (m - n).
cdef inline Pair log_fraction_single(float m, float n, float n_low, float k) noexcept nogil:
    cdef float top = m - n
    cdef float above = top - n_low
    cdef float below = <float>(n + n) + top
    cdef float s, s_low
    s = part_single(
        above, <float>(top - above) - n_low, below, <float>(top - <float>(below - <float>(n + n))) + n_low, &s_low)
    return log_of_part_single(s, s_low, k)


# x 2**24 where x is subnormal, else x; `exponent` is what that adds to the exponent of a result
cdef inline float normal_single(float x, float* exponent) noexcept nogil:
    exponent[0] = <float>-24.0 if x < <float>1.1754943508222875e-38 else <float>0.0
    return x * <float>16777216.0 if x < <float>1.1754943508222875e-38 else x


# m and the integer k with x = m 2**k, for a normal x > 0 and m/n in [2/3, 3/2]; n is a normal number
#
# Method   The difference of the bits of two positive floats over 2**23 is the binary logarithm of their quotient to
#          within 0.09, and k is that to the nearest integer.
cdef inline float beside_single(float x, float n, float* k) noexcept nogil:
    cdef uint32_t bits = bits_of_single(x)
    cdef int32_t difference = <int32_t>(bits - bits_of_single(n) + 0x400000) >> 23
    k[0] = <float>difference
    return single_of_bits(bits - (<uint32_t>difference << 23))


# m and n with x/y = m/n 2**k, for normal numbers x and y, n in [1, 2) and m/n in [2/3, 3/2]
cdef inline float reduce_single(float x, float y, float* n, float* k) noexcept nogil:
    cdef uint32_t bits = bits_of_single(y)
    cdef uint32_t exponent = (bits & <uint32_t>0xFF800000) - 0x3F800000
    n[0] = single_of_bits(bits - exponent)
    return beside_single(single_of_bits(bits_of_single(x) - exponent), n[0], k)


cdef inline float sum_single(float a, float b, float* low) noexcept nogil:
    """a + b rounded; `low` receives the rounding error, exactly."""
    cdef float high = a + b
    cdef float b_part = high - a
    low[0] = <float>(a - <float>(high - b_part)) + <float>(b - b_part)
    return high


cdef inline Pair or_else(bint ordinary, Pair found, float other) noexcept nogil:
    """`found`, or the other number."""
    cdef Pair result
    result.high = found.high if ordinary else other
    result.low = found.low if ordinary else <float>0.0
    return result


# log(x/(y + y_low)), where y_low is 0, or what y in [1/2, 1] has lost to rounding
#
# Limits   x = 0 or y = +inf -> -inf, y = 0 or x = +inf -> +inf; x < 0, y < 0, 0/0 and inf/inf -> NaN
cdef inline Pair log_quotient_single(float x, float y, float y_low) noexcept nogil:
    cdef float k, n, m, x_exponent, y_exponent, other
    cdef Pair result
    m = reduce_single(normal_single(x, &x_exponent), normal_single(y, &y_exponent), &n, &k)
    k = k + <float>(x_exponent - y_exponent)
    y_low = y_low + y_low if y < <float>1.0 else y_low
    result = log_fraction_single(m, n, y_low, k)
    other = -INFINITY if (x == 0) | (y == INFINITY) else INFINITY
    other = other if (x >= 0) & (y >= 0) & (x != y) else NAN
    return or_else((x > 0) & (y > 0) & (x < INFINITY) & (y < INFINITY), result, other)


# log(x)
#
# Limits   0 -> -inf, +inf -> inf, x < 0 -> NaN
cdef inline Pair log_single(float x) noexcept nogil:
    cdef float k, exponent, other
    cdef float m = beside_single(normal_single(x, &exponent), 1.0, &k)
    cdef Pair result = log_fraction_single(m, 1.0, 0.0, k + exponent)
    other = -INFINITY if x == 0 else (INFINITY if x > 0 else NAN)
    return or_else((x > 0) & (x < INFINITY), result, other)


# log(1 + y)
#
# Method   1 + y = u + c exactly; u = m 2**k, and the logarithm is that of m/(1 - c 2**-k) to within c**2.
# Limits   -1 -> -inf, +inf -> inf, y < -1 -> NaN; the sign of zero is kept
cdef inline Pair log1p_single(float y) noexcept nogil:
    cdef float k, c, other
    cdef float u = sum_single(1.0, y, &c)
    cdef float m = beside_single(u, 1.0, &k)
    cdef Pair result
    # beyond 2**26, c does not count
    c = c * power_from_single_bits(<float>(12582912.0 + 127.0) - k) if y < <float>67108864.0 else <float>0.0
    result = log_sum_single(m, c, k)
    # s = y/2 would lose the last bit of a subnormal y
    other = -INFINITY if y == -1 else (y if y > -1 else NAN)
    return or_else((fabsf(y) > <float>1e-9) & (y > -1) & (y < INFINITY), result, other)


# k log 2 + log(m + m_low) for m in [2/3, 3/2]
cdef inline Pair log_sum_single(float m, float m_low, float k) noexcept nogil:
    cdef float top = m - <float>1.0
    cdef float above = top + m_low
    cdef float below = <float>2.0 + top
    cdef float s, s_low
    s = part_single(
        above, m_low - <float>(above - top), below, <float>(top - <float>(below - <float>2.0)) + m_low, &s_low)
    return log_of_part_single(s, s_low, k)


# x (high + low), rounded once
cdef inline float times_pair(float x, Pair y) noexcept nogil:
    cdef float product = fused_single(x, y.high, x * y.low)
    return product if fabsf(x) < INFINITY else x * y.high


# log(1 + e + e_low) for e in [0, 1]
#
# Method   2 s + s**3 R(s**2) with s = e/(2 + e), at most 1/3: no power of two is taken out.
cdef inline Pair log1p_unit_single(float e, float e_low) noexcept nogil:
    cdef float below = <float>2.0 + e
    cdef float s, s_low, z, p
    cdef Pair result
    s = part_single(e, e_low, below, <float>(e - <float>(below - <float>2.0)) + e_low, &s_low)
    z = s * s
    p = fused_single(0.2322492152452469, z, 0.21706460416316986)
    p = fused_single(p, z, 0.28592365980148315)
    p = fused_single(p, z, 0.3999970555305481)
    p = fused_single(p, z, 0.6666666865348816)
    # s = e/2 would lose the last bits of an e near the subnormals
    result.high = e if e < <float>1e-9 else s + s
    result.low = e_low if e < <float>1e-9 else fused_single(s * z, p, s_low + s_low)
    return result


# log(1 + exp(x)) = max(x, 0) + log(1 + exp(-|x|))
cdef inline float softplus_single(float x) noexcept nogil:
    cdef float scale
    cdef Pair e = exp_negative_pair(fabsf(x), &scale)
    cdef float power = scale * <float>2.3283064365386963e-10
    cdef Pair tail = log1p_unit_single(e.high * power, e.low * power)
    cdef Pair sum = two_sum_single(x if x > 0 else <float>0.0, tail.high)
    # beyond 30 the tail is below half an ulp, below -30 it is exp(x), which may be subnormal and is rounded first
    cdef float far = x if x > 0 else <float>(<float>(e.high + e.low) * power)
    return far if fabsf(x) > <float>30.0 else sum.high + <float>(sum.low + tail.low)


# log(x/y) + 1 for positive finite x and y, which is 0 at x = y/e: the logarithm of x/(y/e)
#
# Method   With the mantissas m and n, m - n c is computed with c = 4/e in three parts; close to the zero, the first
#          differences are exact.
cdef inline float log_quotient_slope_single(float x, float y) noexcept nogil:
    cdef float k, n, x_exponent, y_exponent, shift, high, product, second, above, low, below, below_low, rest
    cdef float s, s_low, other
    cdef Pair result
    cdef float m = reduce_single(normal_single(x, &x_exponent), normal_single(y, &y_exponent), &n, &k)
    high = n * <float>1.47151780128479
    product = fused_single(n, 1.47151780128479, -high)
    m = beside_single(m, high, &shift)
    k = <float>(k + <float>(x_exponent - y_exponent)) + <float>(shift + <float>2.0)
    above = sum_single(m - high, -product, &low)
    second = n * <float>-3.659902247932223e-08
    above = sum_single(above, -second, &rest)
    low = low + <float>(rest - fused_single(n, -3.659902247932223e-08, -second))
    low = fused_single(n, -1.7266418287479354e-15, low)
    below = sum_single(m, high, &below_low)
    s = part_single(above, low, below, below_low + <float>(product + second), &s_low)
    result = log_of_part_single(s, s_low, k)
    other = -INFINITY if (x == 0) | (y == INFINITY) else INFINITY
    other = other if (x >= 0) & (y >= 0) & (x != y) else NAN
    result = or_else((x > 0) & (y > 0) & (x < INFINITY) & (y < INFINITY), result, other)
    return result.high + result.low


# log(p/(1 - p)), as log_odds
cdef inline float log_odds_single(float p) noexcept nogil:
    cdef float n, k, exponent, other
    cdef float q = <float>1.0 - p
    cdef float lost = <float>(<float>1.0 - q) - p
    cdef float m = reduce_single(normal_single(p, &exponent), q, &n, &k)
    cdef Pair result = log_fraction_single(m, n, lost + lost if q < <float>1.0 else lost, k + exponent)
    other = -INFINITY if p == 0 else (INFINITY if p == 1 else NAN)
    return result.high + result.low if (p > 0) & (p < 1) else other


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
