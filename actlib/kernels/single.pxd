# float32 in float32 arithmetic: twice the lanes of primitives.pxd, where double does the work of float32.
#
# Each result has to be within 1 ulp, and two rounded operations in a row can already cost that much. So what is
# rounded early is carried as a pair, high + low, of which `low` is the rounding error of `high`; only the last
# operation rounds for good. Largest errors: tanh 0.94 ulp over all float32; sigmoid and the two derivatives 0.8 ulp,
# and 0.87 in the subnormals, which are rounded twice.
#
# The remainders of product and quotient need one instruction for a*b + c with one rounding. FUSED_SINGLE says
# whether the machine has it; without, the kernels stay with primitives.pxd. A pair of floats and its operations:
# Dekker (1971), A floating-point technique for extending the available precision.
#
# Every operation is cast to float or assigned to a float, for C computes 1.0 + x in double. Coefficients:
# coefficients.py.

from libc.math cimport copysignf, fabsf
from libc.stdint cimport uint32_t
from libc.string cimport memcpy

cdef extern from * nogil:
    """
    #include <math.h>
    #ifdef __FP_FAST_FMAF
    #define ACTLIB_FUSED_SINGLE 1
    #define actlib_fused_single(a, b, c) __builtin_fmaf(a, b, c)
    #else
    #define ACTLIB_FUSED_SINGLE 0
    #define actlib_fused_single(a, b, c) fmaf(a, b, c)
    #endif
    """
    const bint FUSED_SINGLE "ACTLIB_FUSED_SINGLE"
    float fused_single "actlib_fused_single"(float a, float b, float c) noexcept

ctypedef struct Pair:
    float high
    float low


cdef inline float power_from_single_bits(float shifted) noexcept nogil:
    """2**k, where k + 127 stands in the lowest bits of `shifted`."""
    cdef uint32_t bits
    cdef float result
    memcpy(&bits, &shifted, 4)
    bits = bits << 23
    memcpy(&result, &bits, 4)
    return result


# exp(-t) = 2**(shifted) (high + low) 2**-32 for 0 <= t: the factor keeps 2**n a normal number where the result is
# subnormal. From t = 106 on, where four times the result rounds to 0, t counts as 106.
#
# Method   As reduce_exp in primitives.pxd. log 2 = 0.6931472 - 1.9046543e-9, the first in float32: n times it is a
#          multiple of 2**-24, hence r is exact, and the second part enters to first order.
cdef inline Pair exp_negative_pair(float t, float* scale) noexcept nogil:
    cdef float cut = <float>106.0 if t > <float>106.0 else t
    cdef float shifted = fused_single(cut, -1.44269504, 12582912.0 + 127.0 + 32.0)
    scale[0] = power_from_single_bits(shifted)
    return exp_negative_reduced(cut, shifted - <float>(12582912.0 + 127.0 + 32.0))


cdef inline Pair exp_negative_reduced(float cut, float n) noexcept nogil:
    """exp(-cut)/2**n for the integer n that is nearest to -cut/log(2)."""
    cdef float r = fused_single(n, -0.693147182464599609375, -cut)
    cdef float square = r * r
    cdef float p, grown
    cdef Pair result
    p = fused_single(0.00019890991097781807, r, 0.0013933649752289057)
    p = fused_single(p, square, fused_single(0.00833331048488617, r, 0.04166646674275398))
    p = fused_single(p, square, fused_single(0.1666666716337204, r, 0.5))
    grown = fused_single(p, square, r)
    result.high = <float>1.0 + grown
    result.low = grown - <float>(result.high - <float>1.0)
    result.low = fused_single(n * <float>1.904654299957767e-09, result.high, result.low)
    return result


cdef inline Pair one_plus(Pair e, float scale) noexcept nogil:
    """1 + e for the result of exp_negative_pair."""
    cdef float factor = scale * <float>2.3283064365386963e-10
    cdef float large = e.high * factor
    cdef Pair result
    result.high = <float>1.0 + large
    result.low = fused_single(e.low, factor, large - <float>(result.high - <float>1.0))
    return result


cdef inline Pair squared(Pair d) noexcept nogil:
    cdef Pair result
    result.high = d.high * d.high
    result.low = fused_single(d.high + d.high, d.low, fused_single(d.high, d.high, -result.high))
    return result


cdef inline float quotient(float high, float low, Pair d) noexcept nogil:
    """(high + low)/d, rounded once: q + (high + low - q d)/d, of which the remainder is computed almost exactly."""
    cdef float inverse = <float>1.0 / d.high
    cdef float q = high * inverse
    cdef float remainder = fused_single(-q, d.low, fused_single(-q, d.high, high) + low)
    return fused_single(remainder, inverse, q)


# 1/(1 + exp(-x))
#
# Method   1/(1 + e) for x >= 0, e/(1 + e) for x < 0, with e = exp(-|x|)
cdef inline float logistic_single(float x) noexcept nogil:
    cdef float scale
    cdef Pair e = exp_negative_pair(fabsf(x), &scale)
    cdef Pair d = one_plus(e, scale)
    cdef float q = quotient(e.high if x < 0 else <float>1.0, e.low if x < 0 else <float>0.0, d)
    return q * scale * <float>2.3283064365386963e-10 if x < 0 else q


# x/(1 + exp(-t - rest)), where x and t may be of any size: what gates have in common
#
# Method   As logistic_single, with x in the numerator of the one division. For t < 0 the numerator is x e, and 2**n
#          comes last, in three factors that are normal numbers: x may be so large that exp(t) = 2**-278 still counts.
#          The last factor takes the remainder of n/3.
# Limits   x -> 0 with the sign of x where t -> -inf, and x where t -> inf
cdef inline float gate_single(float x, float t, float rest) noexcept nogil:
    cdef float a = fabsf(t)
    cdef float cut = <float>200.0 if a > <float>200.0 else a
    cdef float shifted = fused_single(cut, -1.44269504, 12582912.0)
    cdef float n = shifted - <float>12582912.0
    cdef float third = fused_single(n, 0.33333334, 12582912.0 + 127.0)
    cdef float remainder = fused_single(third - <float>(12582912.0 + 127.0), -2.0, n)
    cdef float scale = power_from_single_bits(third)
    cdef float last = power_from_single_bits(remainder + <float>(12582912.0 + 127.0))
    cdef Pair e = exp_negative_reduced(cut, n)
    cdef Pair d
    cdef float power = scale * scale * last
    cdef float large = e.high * power
    cdef float top, high, low, q
    # what rounding lost of t is NaN where t is infinite
    rest = <float>0.0 if a > <float>200.0 else copysignf(rest, rest * -t)
    e.low = fused_single(e.high, rest, e.low)
    d.high = <float>1.0 + large
    d.low = fused_single(e.low, power, large - <float>(d.high - <float>1.0))
    # beyond 200 the result is 0 or x, even where x is infinite
    top = copysignf(<float>1.0, x) if a > <float>200.0 else x
    # a large x is halved, so that x e does not overflow
    last = last + last if fabsf(x) > <float>1.0 else last
    top = top * <float>0.5 if fabsf(x) > <float>1.0 else top
    high = top * e.high
    low = fused_single(top, e.low, fused_single(top, e.high, -high))
    high = high if t < 0 else x
    low = low if t < 0 else <float>0.0
    q = quotient(high, low, d)
    low = q * scale * scale * last
    q = low if t < 0 else q
    return x if t > <float>200.0 else copysignf(q, x)


# x/(1 + exp(-x)), the gate with t = x in less time: one power of two is enough, for from x = -109 on the result is -0
cdef inline float self_gate_single(float x) noexcept nogil:
    cdef float a = fabsf(x)
    cdef float cut = <float>109.0 if a > <float>109.0 else a
    cdef float shifted = fused_single(cut, -1.44269504, 12582912.0 + 127.0 + 32.0)
    cdef float scale = power_from_single_bits(shifted)
    cdef Pair e = exp_negative_reduced(cut, shifted - <float>(12582912.0 + 127.0 + 32.0))
    cdef Pair d = one_plus(e, scale)
    cdef float high = cut * e.high
    cdef float low = fused_single(cut, e.low, fused_single(cut, e.high, -high))
    cdef float q = quotient(high if x < 0 else cut, low if x < 0 else <float>0.0, d)
    low = q * scale * <float>2.3283064365386963e-10
    q = low if x < 0 else q
    return x if x > <float>100.0 else copysignf(q, x)


# gelu(x) = x Phi(x)
#
# Method   That of the function in double (gated.pyx): with a = |x|, v = a exp(-a**2/2) P(s)/(a + 5/4) for the
#          polynomial P in s = (a - 4)/(a + 4), and gelu(x) = -v for x < 0, x - v for x > 0. The leading coefficient
#          of P, the product of the three and the divisor are pairs; a**2 = square + low exactly. From 14.5 on, v
#          rounds to 0.
# Limits   -inf -> -0, +inf -> inf
cdef inline float gelu_single(float x) noexcept nogil:
    cdef float a = <float>14.5 if fabsf(x) > <float>14.5 else fabsf(x)
    cdef float square = a * a
    cdef float half_low = <float>-0.5 * fused_single(a, a, -square)
    cdef float half = <float>0.5 * square
    cdef float shifted = fused_single(half, -1.44269504, 12582912.0 + 127.0 + 32.0)
    cdef float scale = power_from_single_bits(shifted) * <float>2.3283064365386963e-10
    cdef Pair e = exp_negative_reduced(half, shifted - <float>(12582912.0 + 127.0 + 32.0))
    cdef Pair d, top
    cdef float inverse, below, above, s, z, p, high, low, q, rest
    d.high = a + <float>1.25
    d.low = a - <float>(d.high - <float>1.25)
    # one division for two quotients; the first is made right to its last digit, with what a - 4 and a + 4 have lost
    below = a - <float>4.0
    above = a + <float>4.0
    inverse = <float>1.0 / <float>(above * d.high)
    s = below * <float>(d.high * inverse)
    rest = fused_single(-s, a - <float>(above - <float>4.0), a - <float>(below + <float>4.0))
    s = fused_single(fused_single(-s, above, below) + rest, d.high * inverse, s)
    inverse = above * inverse
    z = s * s
    p = fused_single(-7.222660497063771e-05, z, fused_single(-7.9949306382332e-05, s, 0.000647690671030432))
    p = fused_single(p, z, fused_single(-0.00013817228318657726, s, -0.004876261577010155))
    p = fused_single(p, z, fused_single(0.015815796330571175, s, -0.02448149025440216))
    p = fused_single(p, z, fused_single(0.010673251003026962, s, 0.04509444534778595))
    # P = c0 + c1 s + s**2 p with the first two terms as pairs
    z = z * p
    rest = s * <float>-0.13930289447307587
    low = fused_single(s, -0.13930289447307587, -rest) + <float>2.3139967719743026e-09
    low = fused_single(s, -5.949708725694336e-09, low)
    high = <float>0.4956558644771576 + rest
    low = low + <float>(rest - <float>(high - <float>0.4956558644771576))
    p = high + z
    low = low + <float>(z - <float>(p - high))
    high = p
    # a e
    top.high = a * e.high
    top.low = fused_single(a, fused_single(e.high, half_low, e.low), fused_single(a, e.high, -top.high))
    # a e P
    rest = top.high * high
    low = fused_single(top.high, low, fused_single(top.low, high, fused_single(top.high, high, -rest)))
    q = rest * inverse
    rest = fused_single(-q, d.low, fused_single(-q, d.high, rest) + low) * inverse
    high = q + rest
    low = rest - <float>(high - q)
    p = fused_single(-scale, low, fused_single(-scale, high, x))
    return p if x > 0 else copysignf(high * scale, x)


cdef inline float logistic_slope_single(float x, float factor) noexcept nogil:
    """factor e/(1 + e)**2 with e = exp(-|x|), for a `factor` of 1 to 4 that is a power of two."""
    cdef float scale
    cdef Pair e = exp_negative_pair(fabsf(x), &scale)
    return quotient(e.high, e.low, squared(one_plus(e, scale))) * scale * (<float>2.3283064365386963e-10 * factor)


# tanh(x)
#
# Method   |x| < 3/4: x + x**3 P(x**2). Beyond, 7/8 + (E - 15)/(8 (E + 1)) = (E - 1)/(E + 1) with E = exp(2|x|):
#          the quotient is at most 1/4, and so are its errors, of which 1 - 2/(E + 1) has more than fit. From 9.1 on
#          the value rounds to 1.
cdef inline float tanh_single(float x) noexcept nogil:
    cdef float t = fabsf(x)
    cdef float z = t * t
    cdef float cut = <float>9.1 if t > <float>9.1 else t
    cdef float shifted, n, r, scale, near, far, p
    p = fused_single(0.0019095024326816201, z, -0.00793380755931139)
    p = fused_single(p, z, 0.021615318953990936)
    p = fused_single(p, z, -0.05393585190176964)
    p = fused_single(p, z, 0.1333317905664444)
    p = fused_single(p, z, -0.3333333134651184)
    near = fused_single(t * z, p, t)
    shifted = fused_single(cut, 2.8853900817779268, 12582912.0 + 127.0)
    n = shifted - <float>(12582912.0 + 127.0)
    r = fused_single(n, -0.693147182464599609375, cut + cut)
    scale = power_from_single_bits(shifted)
    p = fused_single(0.0013926184037700295, r, 0.008363178931176662)
    p = fused_single(p, r, 0.041666556149721146)
    p = fused_single(p, r, 0.16666576266288757)
    p = fused_single(p, r, 0.5)
    p = fused_single(p, r * r, r)
    far = fused_single(scale, p, scale - <float>15.0) / fused_single(scale, p, scale + <float>1.0)
    far = fused_single(far, 0.125, 0.875)
    return copysignf(near if t < <float>0.75 else far, x)
