# float32 in float32 arithmetic: twice the lanes of primitives.pxd, where double does the work of float32.
#
# Each result has to be within 1 ulp, and two rounded operations in a row can already cost that much. So what is
# rounded early is carried as a pair, high + low, of which `low` is the rounding error of `high`; only the last
# operation rounds for good. Largest errors: tanh, tanh_shrink, arctan and expm1 0.95 ulp over all float32; exp, sigmoid
# and its derivatives 0.87, with the subnormals, which are rounded twice; roots and softsign 0.50, and 0.75 there.
#
# The remainders of product and quotient need one instruction for a*b + c with one rounding. FUSED_SINGLE says
# whether the machine has it; without, the kernels stay with primitives.pxd. A pair of floats and its operations:
# Dekker (1971), A floating-point technique for extending the available precision.
#
# Every operation is cast to float or assigned to a float, for C computes 1.0 + x in double. Coefficients:
# coefficients.py.

from libc.math cimport copysignf, fabsf, sqrtf
from libc.stdint cimport uint32_t
from libc.string cimport memcpy

from .primitives cimport NAN

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
    return exp_negative_below(<float>106.0 if t > <float>106.0 else t, scale)


cdef inline Pair exp_negative_below(float t, float* scale) noexcept nogil:
    """The same for t up to 110.4; from 109.87 on, where hundreds of times the result round to 0, the factor is 0."""
    cdef float shifted = fused_single(t, -1.44269504, 12582912.0 + 127.0 + 32.0)
    scale[0] = power_from_single_bits(shifted)
    return exp_negative_reduced(t, shifted - <float>(12582912.0 + 127.0 + 32.0))


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
    # where it does not count, e is kept a normal number: arithmetic with subnormals takes a hundred times as long
    cdef float least = <float>8.271806125530277e-25 if scale < <float>8.271806125530277e-25 else scale
    cdef float factor = least * <float>2.3283064365386963e-10
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
    return fused_single(remainder(q, high, low, d), inverse, q)


cdef inline float remainder(float q, float high, float low, Pair d) noexcept nogil:
    """high + low - q d"""
    return fused_single(-q, d.low, fused_single(-q, d.high, high) + low)


# 1/(1 + exp(-x))
#
# Method   1/(1 + e) for x >= 0, e/(1 + e) for x < 0, with e = exp(-|x|)
cdef inline float logistic_single(float x) noexcept nogil:
    cdef float scale
    cdef Pair e = exp_negative_pair(fabsf(x), &scale)
    cdef Pair d = one_plus(e, scale)
    cdef float q = quotient(e.high if x < 0 else <float>1.0, e.low if x < 0 else <float>0.0, d)
    return q * scale * <float>2.3283064365386963e-10 if x < 0 else q


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
    cdef float cut = t + t
    cdef float shifted, n, r, scale, near, far, p
    p = fused_single(0.0019095024326816201, z, -0.00793380755931139)
    p = fused_single(p, z, 0.021615318953990936)
    p = fused_single(p, z, -0.05393585190176964)
    p = fused_single(p, z, 0.1333317905664444)
    p = fused_single(p, z, -0.3333333134651184)
    near = fused_single(t * z, p, t)
    cut = <float>18.2 if cut > <float>18.2 else cut
    shifted = fused_single(cut, 1.44269504, 12582912.0 + 127.0)
    n = shifted - <float>(12582912.0 + 127.0)
    r = fused_single(n, -0.693147182464599609375, cut)
    scale = power_from_single_bits(shifted)
    p = fused_single(0.0013926184037700295, r, 0.008363178931176662)
    p = fused_single(p, r, 0.041666556149721146)
    p = fused_single(p, r, 0.16666576266288757)
    p = fused_single(p, r, 0.5)
    p = fused_single(p, r * r, r)
    far = fused_single(scale, p, scale - <float>15.0) / fused_single(scale, p, scale + <float>1.0)
    far = fused_single(far, 0.125, 0.875)
    return copysignf(near if t < <float>0.75 else far, x)


cdef inline float one_over_power_single(float power) noexcept nogil:
    """1/power for a power of two from 2**-126 to 2**126."""
    cdef uint32_t bits
    memcpy(&bits, &power, 4)
    bits = <uint32_t>0x7F000000 - bits
    memcpy(&power, &bits, 4)
    return power


# The power of two that brings number * power**2 into [1, 4); number > 0, normal and finite
cdef inline float half_power_single(float number) noexcept nogil:
    cdef uint32_t bits
    cdef float power
    memcpy(&bits, &number, 4)
    # the exponent with the bias once more, halved, has the bias once
    bits = ((bits + <uint32_t>0x3F800000) >> 1) & <uint32_t>0x7F800000
    memcpy(&power, &bits, 4)
    return one_over_power_single(power)


# 1/sqrt(1 + alpha x**2) = r (1 + rest); returns r, and r**2 as a pair; `cut` is x, but at most as large as makes a
# difference   (alpha > 0)
#
# Method   alpha x**2 = a (scale x)**2, for an a in [1, 4) and a power of two. It and the sum with 1 are pairs, and
#          rest = e/2 for e = 1 - (1 + alpha x**2) r**2. From |scale x| = 2**55 on, the value is that at 2**55, and the
#          derivative 0.
cdef inline float inverse_root_single(float x, float alpha, float* cut, float* rest, Pair* square) noexcept nogil:
    # of a subnormal number the exponent does not tell the size
    cdef float up = <float>4096.0 if alpha < <float>1.17549435e-38 else <float>1.0
    cdef float size = fabsf(x)
    cdef float normal = alpha * up * up
    cdef float inverse = half_power_single(normal)
    cdef float a = normal * inverse * inverse
    cdef float end, scale, t, u, low, q, e
    inverse = inverse * up
    scale = one_over_power_single(inverse)
    end = <float>3.602879701896397e+16 * inverse
    size = end if size > end else size
    cut[0] = copysignf(size, x)
    t = size * scale
    u = t * t
    low = fused_single(t, t, -u)
    t = a * u
    low = fused_single(a, low, fused_single(a, u, -t))
    q = <float>1.0 + t
    e = q - <float>1.0
    low = low + <float>(<float>(t - e) + <float>(<float>1.0 - <float>(q - e)))
    t = <float>1.0 / sqrtf(q)
    square.high = t * t
    square.low = fused_single(t, t, -square.high)
    e = fused_single(-q, square.low, fused_single(-q, square.high, 1.0))
    rest[0] = <float>0.5 * fused_single(-low, square.high, e)
    return t


# x/sqrt(1 + alpha x**2)
cdef inline float root_unit_single(float x, float alpha) noexcept nogil:
    cdef float cut, rest, product, low
    cdef Pair square
    cdef float r = inverse_root_single(x, alpha, &cut, &rest, &square)
    product = cut * r
    low = fused_single(cut, r, -product)
    return copysignf(product + fused_single(product, rest, low), x)


# 2**64 (1 + alpha x**2)**(-3/2), high + low; the power of two keeps it a normal number
cdef inline Pair root_unit_slope_pair(float x, float alpha) noexcept nogil:
    cdef float cut, rest
    cdef Pair square, cube
    cdef float r = inverse_root_single(x, alpha, &cut, &rest, &square)
    r = r * <float>18446744073709551616.0
    cube.high = square.high * r
    cube.low = fused_single(square.low, r, fused_single(square.high, r, -cube.high))
    cube.low = fused_single(cube.high, <float>3.0 * rest, cube.low)
    return cube


cdef inline float root_unit_derivative_single(float x, float alpha) noexcept nogil:
    """(1 + alpha x**2)**(-3/2)."""
    cdef Pair cube = root_unit_slope_pair(x, alpha)
    return <float>(cube.high + cube.low) * <float>5.421010862427522e-20


# upstream (1 + alpha x**2)**(-3/2)
#
# Method   Where alpha x**2 > 2**110, that is 2**-120 times the same at 2**-40 x: a large upstream may count there. A
#          large upstream takes the power of two of the slope first, so that nothing overflows.
cdef inline float root_unit_backward_single(float upstream, float x, float alpha) noexcept nogil:
    cdef float size = fabsf(x) * <float>9.5367431640625e-07
    cdef float product = alpha * size * size
    cdef float nearer = <float>9.094947017729282e-13 if product > <float>1.1805916207174113e+21 else <float>1.0
    cdef Pair cube = root_unit_slope_pair(x * nearer, alpha)
    cdef float before = <float>5.421010862427522e-20 if fabsf(upstream) > <float>1.152921504606847e+18 else <float>1.0
    cdef float after = <float>1.0 if fabsf(upstream) > <float>1.152921504606847e+18 else <float>5.421010862427522e-20
    cdef float top = upstream * before
    cdef float low
    product = top * cube.high
    low = fused_single(top, cube.low, fused_single(top, cube.high, -product))
    # NaN for an infinite upstream
    low = low if low == low else <float>0.0
    return copysignf(<float>(product + low) * after * nearer * nearer * nearer, upstream)


# squareplus(x) = (x + sqrt(x**2 + b))/2   (b > 0)
#
# Method   b = a scale**2 for an a in [1, 4) and a power of two, and sqrt(x**2 + b) = scale sqrt((x/scale)**2 + a), as
#          pairs; where |x| > 2**30 scale, the root is |x|. With half = (sqrt(x**2 + b) + |x|)/2 the result is half for
#          x > 0, and b/4/half for x < 0, the powers of two last and `down` first, so that 1/half is a normal number.
# Limits   -inf -> 0, +inf -> inf
cdef inline float squareplus_single(float x, float b) noexcept nogil:
    # of a subnormal number the exponent does not tell the size
    cdef float up = <float>4096.0 if b < <float>1.17549435e-38 else <float>1.0
    cdef float size = fabsf(x)
    cdef float normal = b * up * up
    cdef float inverse = half_power_single(normal)
    cdef float a = normal * inverse * inverse
    cdef float scale, end, t, q, e, low, r, s, down, above, below
    cdef Pair half
    inverse = inverse * up
    scale = one_over_power_single(inverse)
    end = <float>1073741824.0 * scale
    t = (end if size > end else size) * inverse
    low = t * t
    q = a + low
    e = q - a
    low = fused_single(t, t, -low) + <float>(<float>(low - e) + <float>(a - <float>(q - e)))
    r = <float>1.0 / sqrtf(q)
    s = q * r
    low = <float>(fused_single(-s, s, q) + low) * <float>(<float>0.5 * r) * scale
    s = size if size > end else s * scale
    t = <float>0.5 * size
    s = <float>0.5 * s
    half.high = s + t
    half.low = fused_single(0.5, low, t - <float>(half.high - s))
    half.low = <float>0.0 if size > end else half.low
    down = <float>5.421010862427522e-20 if half.high > <float>1.0 else <float>1.0
    above = half.high + half.low
    half.high = half.high * down
    half.low = half.low * down
    below = quotient(<float>0.25 * a, 0.0, half) * scale * scale * down
    below = <float>0.0 if size > <float>3.4028235e38 else below
    return above if x > 0 else below


# exp(x)
#
# Method   As exp in primitives.pxd: 2**n is the product of 2**(n - 64) or 2**(n + 64) and what is left.
# Limits   -inf -> 0, +inf -> inf
cdef inline float exp_single(float x) noexcept nogil:
    cdef float size = <float>110.0 if fabsf(x) > <float>110.0 else fabsf(x)
    cdef float cut = copysignf(size, x)
    cdef float shifted = fused_single(cut, 1.44269504, 12582912.0 + 127.0)
    cdef float power = <float>64.0 if x < 0 else <float>-64.0
    cdef float back = <float>5.421010862427522e-20 if x < 0 else <float>18446744073709551616.0
    cdef Pair e = exp_negative_reduced(-cut, shifted - <float>(12582912.0 + 127.0))
    return <float>(e.high + e.low) * power_from_single_bits(shifted + power) * back


# arctan(x)
#
# Method   As the function in double (squashing.pyx). From 2**30 on, the value is that at 2**30, pi/2 rounded.
cdef inline float arctan_single(float x) noexcept nogil:
    cdef float size = <float>1073741824.0 if fabsf(x) > <float>1073741824.0 else fabsf(x)
    cdef float base = <float>1.5707963705062866 if size > <float>1.0 else <float>0.0
    cdef float base_low = <float>-4.371139000186241e-08 if size > <float>1.0 else <float>0.0
    cdef float above = <float>-1.0 if size > <float>1.0 else size
    cdef float below = size if size > <float>1.0 else <float>1.0
    cdef float inverse = <float>1.0 / below
    cdef float t = above * inverse
    cdef float rest = fused_single(-t, below, above) * inverse
    cdef float z = t * t
    cdef float square = z * z
    cdef float p, sum
    p = fused_single(0.0014886921271681786, square, fused_single(-0.00914462935179472, z, 0.026304999366402626))
    p = fused_single(p, square, fused_single(-0.04896051064133644, z, 0.07031913846731186))
    p = fused_single(p, square, fused_single(-0.08931826800107956, z, 0.11088261753320694))
    p = fused_single(p, square, fused_single(-0.14284004271030426, z, 0.19999951124191284))
    p = fused_single(p, z, -0.3333333432674408)
    rest = fused_single(t, fused_single(p, z, 0.125), fused_single(rest, fused_single(-0.5, z, 1.0), base_low))
    sum = fused_single(0.875, t, base)
    return copysignf(sum + <float>(fused_single(0.875, t, base - sum) + rest), x)


# x - tanh(x)
#
# Method   As the function in double (shrinking.pyx): x**3 P(x**2) for |x| < 0.973, with the cube a pair and P as 9/32
#          and the rest, which is small and so are its errors; beyond, (|x| - 1) + 2 e/(1 + e) with e = exp(-2 |x|). The
#          cube carries 2**30, so that it is no subnormal number.
cdef inline float tanh_shrink_single(float x) noexcept nogil:
    cdef float a = fabsf(x)
    cdef float z = a * a
    cdef float z_low = fused_single(a, a, -z)
    cdef float large = a * <float>1073741824.0
    cdef float square = z * z
    cdef float cube = large * z
    cdef float low = fused_single(large, z_low, fused_single(large, z, -cube))
    cdef float scale, p, rest, near, far
    cdef Pair e = exp_negative_pair(a + a, &scale)
    cdef Pair d = one_plus(e, scale)
    p = fused_single(-0.00014279318565968424, z, 0.0009235008619725704)
    p = fused_single(p, square, fused_single(-0.0032068034633994102, z, 0.008697847835719585))
    p = fused_single(p, square, fused_single(-0.021829547360539436, z, 0.05396340787410736))
    # what the rounding of this sum and, with the slope of P, that of x**2 miss
    rest = p
    p = fused_single(p, z, -0.13333310186862946)
    rest = fused_single(rest, z, <float>-0.13333310186862946 - p)
    rest = fused_single(rest, z, z_low * <float>-0.07)
    p = fused_single(p, z, 0.0520833320915699)
    low = fused_single(cube, rest, low * <float>(p + <float>0.28125))
    near = fused_single(0.28125, cube, fused_single(cube, p, low))
    far = <float>(a - <float>1.0) + quotient(e.high, e.low, d) * scale * <float>4.656612873077393e-10
    return copysignf(near * <float>9.313225746154785e-10 if a < <float>0.973 else far, x)


# x/(1 + |x|)
#
# Method   From 2**100 on, where the value is 1, |x| counts as that, so that 1/(1 + |x|) is a normal number.
# Limits   -inf -> -1, +inf -> 1; the sign of zero is kept
cdef inline float softsign_single(float x) noexcept nogil:
    cdef float size = fabsf(x)
    cdef float part
    cdef Pair d
    size = <float>1.2676506002282294e+30 if size > <float>1.2676506002282294e+30 else size
    d.high = <float>1.0 + size
    part = d.high - <float>1.0
    d.low = <float>(size - part) + <float>(<float>1.0 - <float>(d.high - part))
    return copysignf(quotient(size, 0.0, d), x)


# exp(x) - 1
#
# Method   As expm1_sum in primitives.pxd, and the half of it, so that 2**n is finite where the result is:
#          (2**n - 1)/2 + 2**n (exp(r) - 1)/2, whose first part and sum with 2**n r/2 are pairs.
# Limits   -inf -> -1, +inf -> inf; the sign of zero is kept
cdef inline float expm1_single(float x) noexcept nogil:
    cdef float cut = <float>-30.0 if x < <float>-30.0 else x
    cut = <float>89.0 if cut > <float>89.0 else cut
    cdef float shifted = fused_single(cut, 1.44269504, 12582912.0 + 126.0)
    cdef float n = shifted - <float>(12582912.0 + 126.0)
    cdef float half = power_from_single_bits(shifted)
    cdef float r = fused_single(n, -0.693147182464599609375, cut)
    cdef float square = r * r
    cdef float less = half - <float>0.5
    cdef float high = fused_single(half, r, less)
    cdef float p
    cdef float low = n * <float>1.904654299957767e-09
    p = fused_single(0.00019890991097781807, r, 0.0013933649752289057)
    p = fused_single(p, square, fused_single(0.00833331048488617, r, 0.04166646674275398))
    p = fused_single(p, square, fused_single(0.1666666716337204, r, 0.5))
    p = fused_single(p, square, fused_single(low, r, low))
    low = fused_single(half, r, less - high) + <float>(<float>(half - less) - <float>0.5)
    p = high + fused_single(half, p, low)
    # half of a subnormal number is rounded
    return x if fabsf(x) < <float>1e-30 else p + p
