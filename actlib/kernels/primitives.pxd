# The building blocks of every kernel: exp, expm1, log, log1p and error-free sums and products.
#
# One formula serves two dtypes. Arithmetic is in double; the argument `like` tells by its type alone how many
# bits the caller needs. `double`: the full 53, with the rounding errors of the reduction carried along.
# `float`: about 30 are enough, because the result is rounded once to the 24 bits of float32; so the polynomials
# are shorter and the corrections fall away at compile time.
#
# All functions are branch-free (a condition becomes a select), so that compilers turn a loop over them into
# vector instructions. NaN passes: every clip is written `bound if x beyond bound else x`, and a comparison with
# NaN is false. Floating-point flags are the business of loops.pxd.
#
# Coefficients: coefficients.py. Reductions: Cody and Waite (1980), Software Manual for the Elementary Functions;
# the hi and lo parts of log 2 and the form of log are those of fdlibm (e_exp.c, e_log.c).

from libc.math cimport copysign, fabs
from libc.stdint cimport int64_t
from libc.string cimport memcpy

ctypedef fused real:
    float
    double

cdef extern from * nogil:
    """
    #include <math.h>
    /* madd: a*b + c, in one rounding where the machine has it. Use it where a second rounding does no harm.
       fused: a*b + c in one rounding, always (a library call, correct and slow, without the instruction). */
    #ifdef __FP_FAST_FMA
    #define actlib_madd(a, b, c) __builtin_fma(a, b, c)
    #else
    #define actlib_madd(a, b, c) ((a) * (b) + (c))
    #endif
    #define actlib_fused(a, b, c) fma(a, b, c)
    """
    double madd "actlib_madd"(double a, double b, double c) noexcept
    double fused "actlib_fused"(double a, double b, double c) noexcept
    const double INFINITY
    const double NAN


cdef inline double propagate_nan(double x, double value) noexcept nogil:
    """`value`, or NaN where x is NaN: for results that do not depend on x."""
    return value if x == x else x


cdef inline double two_sum(double a, double b, double* low) noexcept nogil:
    """a + b rounded; `low` receives the rounding error, exactly (Knuth, TAOCP 2, 4.2.2, theorem B)."""
    cdef double high = a + b
    cdef double b_part = high - a
    low[0] = (a - (high - b_part)) + (b - b_part)
    return high


cdef inline double two_product(double a, double b, double* low) noexcept nogil:
    """a * b rounded; `low` receives the rounding error, exactly unless the product underflows or overflows."""
    cdef double high = a * b
    low[0] = fused(a, b, -high)
    return high


cdef inline double power_from_bits(double shifted) noexcept nogil:
    """2**k, where k + 1023 stands in the lowest bits of `shifted`: see reduce_exp."""
    cdef int64_t bits
    cdef double result
    memcpy(&bits, &shifted, 8)
    bits = <int64_t>((<unsigned long long>bits) << 52)
    memcpy(&result, &bits, 8)
    return result


cdef inline double times_power(double x, double shifted) noexcept nogil:
    """x 2**k, where k stands in the lowest bits of `shifted`, for a normal result; by no multiplication."""
    cdef int64_t bits, power
    memcpy(&bits, &x, 8)
    memcpy(&power, &shifted, 8)
    bits = <int64_t>(<unsigned long long>bits + ((<unsigned long long>power) << 52))
    memcpy(&x, &bits, 8)
    return x


# x = n log 2 + r with |r| <= log(2)/2, and exp(r) = 1 + r + tail. Returns r; 2**(n + power) is
# power_from_bits(shifted), for a constant `power` that keeps it a normal number. float32: returns r + tail, and the
# `tail` is -0.0, which changes nothing where it is added.
#
# Method   Adding 1.5 * 2**52 rounds to an integer and leaves it in the lowest bits of the sum, where the
#          exponent's bias joins it at no cost. The polynomial goes by pairs of terms
#          in r**2, which halves the chain of dependent operations. n * 0x1.62e42feep-1 is exact: 32 bits by 11.
cdef inline double reduce_exp(double x, double power, double* tail, double* shifted, real like) noexcept nogil:
    cdef double r, square, high, low, p, n
    shifted[0] = madd(x, 1.4426950408889634, 6755399441055744.0 + 1023.0 + power)
    n = shifted[0] - (6755399441055744.0 + 1023.0 + power)
    if real is float:
        r = madd(n, -0.6931471805599453, x)
        square = r * r
        p = madd(0.00019882698337221478, r, 0.0013926183587713494)
        p = madd(p, square, madd(0.008333320887169642, r, 0.041666554617204574))
        p = madd(p, square, madd(0.16666666666666666, r, 0.5))
        tail[0] = -0.0
        return madd(p, square, r)
    else:
        high = madd(n, -6.93147180369123816490e-01, x)
        low = n * -1.90821492927058770002e-10
        r = high + low
        low = (high - r) + low
        square = r * r
        p = madd(square, 2.0911236630261545e-09, madd(2.510038549551032e-08, r, 2.755728296954995e-07))
        p = madd(p, square, madd(2.7557268459997064e-06, r, 2.4801587317144498e-05))
        p = madd(p, square, madd(0.00019841269863053618, r, 0.0013888888888886552))
        p = madd(p, square, madd(0.008333333333330062, r, 0.041666666666666664))
        p = madd(p, square, madd(0.16666666666666669, r, 0.5))
        # exp(r + low) = exp(r) + low to within |r low|, and |low| < 2**-54
        tail[0] = madd(p, square, low)
        return r


# power_of_two exp(x) for x <= 0 and a small constant `power_of_two`
#
# Method   2**n (1 + r + tail), the sum rounded once. float64: 2**(n + 512), a normal number, comes first and is exact;
#          2**-512 then rounds a subnormal result once, with the power of two already in it. float32: what lies below
#          exp(-708) rounds to 0.
#          A power of two multiplied afterwards would also multiply the rounding error of a subnormal.
# Limits   -inf -> 0
cdef inline double exp_nonpositive_times(double power_of_two, double x, real like) noexcept nogil:
    cdef double tail, shifted, scale, high, low, r
    if real is float:
        x = -708.0 if x < -708.0 else x
        r = reduce_exp(x, 0.0, &tail, &shifted, like)
        scale = power_from_bits(shifted)
        return madd(r, scale, scale) * power_of_two
    else:
        x = -750.0 if x < -750.0 else x
        r = reduce_exp(x, 512.0, &tail, &shifted, like)
        high = 1.0 + r
        low = (r - (high - 1.0)) + tail
        return (high + low) * power_from_bits(shifted) * (7.458340731200207e-155 * power_of_two)


cdef inline double exp_nonpositive(double x, real like) noexcept nogil:
    """exp(x) for x <= 0."""
    return exp_nonpositive_times(1.0, x, like)


# exp(x + rest) for x <= 0 and a `rest` to first order, to full precision
cdef inline double exp_nonpositive_sum(double x, double rest) noexcept nogil:
    cdef double tail, shifted, high, low, r
    x = -750.0 if x < -750.0 else x
    r = reduce_exp(x, 512.0, &tail, &shifted, <double>0)
    high = 1.0 + r
    low = (r - (high - 1.0)) + tail
    return (high + madd(high + low, rest, low)) * power_from_bits(shifted) * 7.458340731200207e-155


# exp(x)
#
# Method   2**n (1 + r + tail) with 2**n as a product of two: the first, 2**(n - 512) or 2**(n + 512), is a normal
#          number and exact, the second lets overflow give inf and rounds a subnormal result. float32 needs one.
# Limits   -inf -> 0, +inf -> inf
cdef inline double exp(double x, real like) noexcept nogil:
    cdef double tail, shifted, r, power, back, cut
    if real is float:
        cut = copysign(708.0 if fabs(x) > 708.0 else fabs(x), x)
        r = reduce_exp(cut, 0.0, &tail, &shifted, like)
        power = power_from_bits(shifted)
        return INFINITY if x > 708.0 else madd(r, power, power)
    else:
        cut = copysign(750.0 if fabs(x) > 750.0 else fabs(x), x)
        r = reduce_exp(cut, 0.0, &tail, &shifted, like)
        power = 512.0 if x < 0.0 else -512.0
        back = 7.458340731200207e-155 if x < 0.0 else 1.3407807929942597e+154
        return (1.0 + (r + tail)) * power_from_bits(shifted + power) * back


# exp(x) as an unevaluated sum, returned high part plus `low`: to full precision for float32 too, because what is made
# of it can cancel
#
# Limits   -inf -> 0, +inf -> inf
cdef inline double exp_sum(double x, double* low, real like) noexcept nogil:
    cdef double tail, shifted, r, high, power, back, cut
    if real is float:
        cut = 708.0 if x > 708.0 else x
        cut = -708.0 if cut < -708.0 else cut
        r = reduce_exp(cut, 0.0, &tail, &shifted, <double>0)
        power = power_from_bits(shifted)
        high = 1.0 + r
        low[0] = ((r - (high - 1.0)) + tail) * power
        return INFINITY if x > 708.0 else high * power
    else:
        cut = 712.0 if x > 712.0 else x
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


# exp(x) - 1 as an unevaluated sum for x < 709, returned high part plus `low` (0 for float32, which needs no more)
#
# Method   2**n (1 + r + tail) - 1 = (2**n - 1) + 2**n r + 2**n tail: the two large terms are added without error, so
#          nothing is lost where they cancel.
# Limits   -inf -> -1; the sign of zero is kept
cdef inline double expm1_sum(double x, double* low, real like) noexcept nogil:
    cdef double tail, shifted, r, scale, high, first, second
    cdef double cut = -60.0 if x < -60.0 else x
    r = reduce_exp(cut, 0.0, &tail, &shifted, like)
    scale = power_from_bits(shifted)
    if real is float:
        low[0] = 0.0
        high = (scale - 1.0) + scale * (r + tail)
    else:
        high = two_sum(scale, -1.0, &first)
        high = two_sum(high, scale * r, &second)
        tail = (first + second) + scale * tail
        r = high + tail
        low[0] = (high - r) + tail
        high = r
    # exp(x) - 1 = x (1 + x/2 + ...)
    # Adding -0.0 changes nothing, where 0.0 would make a zero of -0.0.
    low[0] = -0.0 if fabs(x) < 1e-17 else low[0]
    return x if fabs(x) < 1e-17 else high


cdef inline double expm1(double x, real like) noexcept nogil:
    """exp(x) - 1 for x < 709."""
    cdef double low
    cdef double high = expm1_sum(x, &low, like)
    return high + low


# k log 2 + log(1 + f) + correction, for f in [sqrt(1/2) - 1, sqrt(2) - 1] and an integer k
#
# Method   s = f/(2 + f) turns log(1 + f) into log((1 + s)/(1 - s)) = 2 s + s R(s**2). Since 2 s = f - s f, and
#          s f = f**2/2 - s f**2/2, the exact f is the last and largest term added, and the rounding of this sum and of
#          that with k log 2 are the only ones that count. The quotient goes by a reciprocal in float and a step of
#          Newton's (float32) or one of third order, which together take less than half the time of a division in
#          double.
cdef inline double log_reduced(double f, double k, double correction, real like) noexcept nogil:
    cdef double d = 2.0 + f
    cdef double reciprocal = <float>1.0 / <float>d
    cdef double rest = madd(-d, reciprocal, 1.0)
    if real is double:
        rest = madd(rest, rest, rest)
    cdef double s = f * madd(reciprocal, rest, reciprocal)
    cdef double z = s * s
    cdef double p, half_square
    if real is float:
        p = 0.23330467216303835
        p = madd(p, z, 0.28550820815960665)
        p = madd(p, z, 0.40000121839806124)
        p = madd(p, z, 0.6666666655449709)
        return madd(k, 0.6931471805599453, madd(s * z, p, 2.0 * s) + correction)
    else:
        half_square = 0.5 * f * f
        p = 0.14616449685043406
        p = madd(p, z, 0.15331721600556042)
        p = madd(p, z, 0.18182889125261723)
        p = madd(p, z, 0.2222221113479508)
        p = madd(p, z, 0.28571428625975487)
        p = madd(p, z, 0.39999999999899505)
        p = madd(p, z, 0.666666666666667)
        p = s * madd(z, p, half_square) + madd(k, 1.90821492927058770002e-10, correction)
        return k * 6.93147180369123816490e-01 - ((half_square - p) - f)


cdef inline double split_exponent(double x, double* exponent) noexcept nogil:
    """m in [sqrt(1/2), sqrt(2)) and the integer `exponent` with x = m 2**exponent, for x > 0 and finite."""
    cdef double scaled = x * 18014398509481984.0 if x < 2.2250738585072014e-308 else x
    return split_shifted(scaled, 1077.0 if x < 2.2250738585072014e-308 else 1023.0, exponent)


cdef inline double split_shifted(double x, double shift, double* exponent) noexcept nogil:
    """The same for a normal x, and `exponent` less shift - 1023."""
    cdef int64_t bits, field
    cdef double m, k
    memcpy(&bits, &x, 8)
    # the exponent field, placed in the low bits of 2**52, becomes a double without an integer conversion
    field = <int64_t>((<unsigned long long>bits) >> 52) | <int64_t>0x4330000000000000LL
    bits = (bits & <int64_t>0x000FFFFFFFFFFFFFLL) | <int64_t>0x3FF0000000000000LL
    memcpy(&k, &field, 8)
    memcpy(&m, &bits, 8)
    k = (k - 4503599627370496.0) - shift
    exponent[0] = k + 1.0 if m > 1.4142135623730951 else k
    return 0.5 * m if m > 1.4142135623730951 else m


# log(x)
#
# Limits   0 -> -inf, +inf -> inf, x < 0 -> NaN
cdef inline double log(double x, real like) noexcept nogil:
    cdef double k
    cdef double m = split_exponent(x, &k)
    cdef double result = log_reduced(m - 1.0, k, 0.0, like)
    result = result if x < INFINITY else x
    result = result if x != 0.0 else -INFINITY
    return NAN if x < 0.0 else result


# log(x) to full precision for x > 0 and finite; where `like` is float, not less than the smallest normal double
cdef inline double log_positive(double x, real like) noexcept nogil:
    cdef double k, m
    if real is float:
        m = split_shifted(x, 1023.0, &k)
    else:
        m = split_exponent(x, &k)
    return log_reduced(m - 1.0, k, 0.0, <double>0)


# log(1 + x)
#
# Method   1 + x = u + c exactly; log(u + c) = log(u) + c/u to within c**2
# Limits   -1 -> -inf, +inf -> inf, x < -1 -> NaN; the sign of zero is kept
cdef inline double log1p(double x, real like) noexcept nogil:
    cdef double k, c
    cdef double u = two_sum(1.0, x, &c)
    cdef double m = split_exponent(u, &k)
    cdef double result = log_reduced(m - 1.0, k, c / u, like)
    result = result if x < INFINITY else x
    result = result if x != -1.0 else -INFINITY
    result = x if fabs(x) < 1e-17 else result
    return NAN if x < -1.0 else result


# log(1 + e) for e in [0, 1], with the reduction f = e, or (1 + e)/2 - 1 = (e - 1)/2, which is exact but for
# e < 1/2
cdef inline double log1p_unit(double e, real like) noexcept nogil:
    return log1p_unit_corrected(e, 0.0, like)


cdef inline double log1p_unit_corrected(double e, double correction, real like) noexcept nogil:
    """log(1 + e) + correction."""
    cdef double f = 0.5 * (e - 1.0) if e > 0.41421356237309503 else e
    cdef double k = 1.0 if e > 0.41421356237309503 else 0.0
    return log_reduced(f, k, correction, like)


# log(1 + exp(x)) for x <= 0
#
# Method   exp(x) = e + low, and log(1 + e + low) = log(1 + e) + low/(1 + e) to within low**2, for which a rough
#          quotient will do.
# Limits   -inf -> 0
cdef inline double log1p_exp_nonpositive(double x, real like) noexcept nogil:
    cdef double tail, shifted, r, high, low, sum, e
    if real is float:
        return log1p_unit(exp_nonpositive(x, like), like)
    else:
        # e in the operations of exp_nonpositive, so that loops over both share it
        x = -750.0 if x < -750.0 else x
        r = reduce_exp(x, 512.0, &tail, &shifted, like)
        high = 1.0 + r
        low = (r - (high - 1.0)) + tail
        sum = high + low
        e = sum * power_from_bits(shifted) * 7.458340731200207e-155
        low = ((high - sum) + low) * power_from_bits(shifted) * 7.458340731200207e-155
        # what the reduction loses of e
        low = low + (e - ((e - 1.0) + 1.0)) if e > 0.41421356237309503 else low
        return log1p_unit_corrected(e, low * (<float>1.0 / <float>(1.0 + e)), like)


# 1/(1 + exp(-x))
#
# Method   e = exp(-|x|) <= 1 cannot overflow. x >= 0: 1/(1 + e); x < 0: e/(1 + e), the same after
#          multiplying by e. 1 + e = d + lost exactly, and q/(1 + lost/d) = q - q lost/d to within lost**2; 1/d needs no
#          second division, it is q, or 1 - q where e stands above the line.
# Limits   -inf -> 0, +inf -> 1
cdef inline double logistic(double x, real like) noexcept nogil:
    cdef double e = exp_nonpositive(-fabs(x), like)
    cdef double d = 1.0 + e
    cdef double lost, q, top = e if x < 0.0 else 1.0
    if real is float:
        # with 1/d and not top/d, so that value and derivative in one loop share the division
        return top * (1.0 / d)
    else:
        lost = e - (d - 1.0)
        q = top / d
        return q - q * lost * (1.0 - q if x < 0.0 else q)


# factor e/(1 + e)**2 with e = exp(-|x|), for a `factor` of 1, 4 or 8: with 1 the derivative of 1/(1 + exp(-x)), even
# in x, and no 1 - sigmoid(x) to cancel
#
# Method   (1 + e)**2 is rounded once: 1 + e = d + lost exactly, and (1 + e)**2 = d**2 + 2 d lost to within lost**2
# Limits   -inf -> 0, +inf -> 0
cdef inline double logistic_slope(double x, double factor, real like) noexcept nogil:
    cdef double e = exp_nonpositive(-fabs(x), like)
    cdef double top = exp_nonpositive_times(factor, -fabs(x), like)
    cdef double d = 1.0 + e
    cdef double lost, square, low
    if real is float:
        return top / (d * d)
    else:
        lost = e - (d - 1.0)
        square = two_product(d, d, &low)
        return top / (square + madd(2.0 * d, lost, low))


cdef inline double logistic_derivative(double x, real like) noexcept nogil:
    return logistic_slope(x, 1.0, like)


# exp(x) - 1 for x <= 0 as a sum, returned high part plus `low`, in double
#
# Method   As expm1_sum, in fewer operations because nothing is larger than 1; the reduction is that of exp_nonpositive,
#          so that loops over both share it.
# Limits   -inf -> -1
cdef inline double expm1_nonpositive_sum(double x, double* low) noexcept nogil:
    cdef double tail, shifted, r, scale, less, high
    cdef double cut = -750.0 if x < -750.0 else x
    r = reduce_exp(cut, 512.0, &tail, &shifted, <double>0)
    scale = power_from_bits(shifted) * 7.458340731200207e-155
    less = scale - 1.0
    r = scale * r
    high = less + r
    tail = madd(scale, tail, (scale - (less + 1.0)) + (r - (high - less)))
    r = high + tail
    low[0] = (high - r) + tail
    return r


# tanh(x) = -t/(2 + t) with t = exp(-2|x|) - 1, and the sign of x
#
# Method   float64: t keeps its digits near 0 and tends to -1; t + low is t to double precision and more,
#          2 + t = d + lost, and one step of division with remainder gives the quotient of the two sums;
#          1/d = (1 - q)/2 for q = t/(2 + t).
#          float32: x P(x**2)/Q(x**2), within 2**-29 up to 9.2; beyond, the value rounds to 1.
# Limits   -inf -> -1, +inf -> 1; the sign of zero is kept
cdef inline double hyperbolic_tangent(double x, real like) noexcept nogil:
    cdef double low, lost, d, q, t, z, above, below
    if real is float:
        t = fabs(x)
        t = 9.2 if 9.2 < t else t
        z = t * t
        above = madd(-1.191738630625526e-11, z, 3.019847612123416e-08)
        above = madd(above, z, 2.7846684530191798e-05)
        above = madd(above, z, 0.003860364391726811)
        above = madd(above, z, 0.13673562241225867)
        above = madd(above, z, 0.9999999985680061)
        below = madd(1.2761325222064105e-06, z, 0.00039245864280866013)
        below = madd(below, z, 0.027216701465453776)
        below = madd(below, z, 0.47006894149170486)
        below = madd(below, z, 1.0)
        return copysign(t * above / below, x)
    else:
        t = expm1_nonpositive_sum(-fabs(2.0 * x), &low)
        d = 2.0 + t
        lost = (t - (d - 2.0)) + low
        q = t / d
        q = q + (fused(-q, d, t) + madd(-q, lost, low)) * 0.5 * (1.0 - q)
        return copysign(q, x)
