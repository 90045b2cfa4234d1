# float32 in float32 arithmetic: twice the lanes of primitives.pxd, where double does the work of float32.
#
# Each result has to be within 1 ulp, and two rounded operations in a row can already cost that much. So what is
# rounded early is carried as a pair, high + low, of which `low` is the rounding error of `high`; only the last
# operation rounds for good. Largest errors: tanh, tanh_shrink, arctan and expm1 0.95 ulp over all float32; exp,
# sigmoid, squareplus, their derivatives and that of scaled_tanh 0.87, with the subnormals, which are rounded twice;
# roots and softsign 0.50, and 0.75 there.
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
    # where it does not count, e is kept a normal number: arithmetic with subnormals takes a hundred times as long
    cdef float least = <float>8.271806125530277e-25 if scale < <float>8.271806125530277e-25 else scale
    cdef float factor = least * <float>2.3283064365386963e-10
    cdef float large = e.high * factor
    cdef Pair result
    result.high = <float>1.0 + large
    result.low = fused_single(e.low, factor, large - <float>(result.high - <float>1.0))
    return result


cdef inline Pair two_sum_single(float a, float b) noexcept nogil:
    """a + b rounded, and the rounding error, exactly: two_sum in primitives.pxd."""
    cdef Pair result
    cdef float b_part
    result.high = a + b
    b_part = result.high - a
    result.low = <float>(a - <float>(result.high - b_part)) + <float>(b - b_part)
    return result


# e exp(-rest), to first order
cdef inline Pair with_rest(Pair e, float rest) noexcept nogil:
    e.low = fused_single(-e.high, rest, e.low)
    return e


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


# 2**-32 exp(a + rest), high + low, for 0 <= a <= 104 and a small `rest`: a normal number, and so is its reciprocal
cdef inline Pair exp_growing_pair(float a, float rest) noexcept nogil:
    cdef float shifted = fused_single(a, 1.44269504, 12582912.0 + 127.0 - 32.0)
    cdef float scale = power_from_single_bits(shifted)
    cdef Pair e = with_rest(exp_negative_reduced(-a, shifted - <float>(12582912.0 + 127.0 - 32.0)), -rest)
    e.high = e.high * scale
    e.low = e.low * scale
    return e


cdef inline Pair plus_small_one(Pair e) noexcept nogil:
    """2**-32 + e for the result of exp_growing_pair."""
    cdef Pair d
    d.high = <float>2.3283064365386963e-10 + e.high
    d.low = <float>(<float>2.3283064365386963e-10 - <float>(d.high - e.high)) + e.low
    return d


cdef inline float cut_exponent_single(float x) noexcept nogil:
    """|x|, but at most 104, from where on exp(-|x|) rounds to 0."""
    return <float>104.0 if fabsf(x) > <float>104.0 else fabsf(x)


# 2**32/(1 + exp(|x|)), high + low
cdef inline Pair logistic_pair(float x) noexcept nogil:
    cdef Pair d = plus_small_one(exp_growing_pair(cut_exponent_single(x), 0.0))
    cdef Pair q
    q.high = <float>1.0 / d.high
    q.low = q.high * remainder(q.high, 1.0, 0.0, d)
    return q


# 1/(1 + exp(-x))
#
# Method   q = 1/(1 + exp(|x|)) for x <= 0, and 1 - q for x > 0: it is at most 1/2, and so are its errors.
cdef inline float logistic_single(float x) noexcept nogil:
    cdef Pair q = logistic_pair(x)
    cdef float rounded = <float>(q.high + q.low) * <float>2.3283064365386963e-10
    return <float>1.0 - rounded if x > 0 else rounded


# 2**32 e/(1 + e)**2 with e = exp(|t| + rest), high + low, for |t| up to 64: beyond, the square is infinite
cdef inline Pair logistic_slope_pair(float t, float rest) noexcept nogil:
    cdef Pair e = exp_growing_pair(cut_exponent_single(t), rest)
    cdef Pair d = plus_small_one(e)
    cdef Pair square = squared(d)
    cdef Pair slope
    # the reciprocal that the value takes too
    cdef float inverse = <float>1.0 / d.high
    inverse = inverse * inverse
    slope.high = e.high * inverse
    slope.low = remainder(slope.high, e.high, e.low, square) * inverse
    return slope


# exp(-x)/(1 + exp(-x))**2, the derivative of 1/(1 + exp(-x)); far out, the square of 1 + e is e times 1 + e
cdef inline float logistic_derivative_single(float x) noexcept nogil:
    cdef Pair slope = logistic_slope_pair(x, 0.0)
    cdef Pair far = logistic_pair(x)
    cdef float sum = far.high + far.low if fabsf(x) > <float>30.0 else slope.high + slope.low
    return sum * <float>2.3283064365386963e-10


# upstream (high + low), rounded once, for a positive slope that comes with 1/factor, so that the product is a normal
# number; NaN where that overflows
cdef inline float upstream_times(float upstream, Pair slope, float factor) noexcept nogil:
    cdef float product = copysignf(fused_single(upstream, slope.high, upstream * slope.low), upstream)
    return product * factor if fabsf(product) < <float>1.7014118346046923e38 else <float>NAN


# tanh'(x) = 4 e/(1 + e)**2 with e = exp(-2 |x|)
cdef inline float tanh_derivative_single(float x) noexcept nogil:
    cdef float scale
    cdef Pair e = exp_negative_pair(fabsf(x) + fabsf(x), &scale)
    return quotient(e.high, e.low, squared(one_plus(e, scale))) * scale * <float>9.313225746154785e-10


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


cdef inline bint moderate_factors(float a, float b) noexcept nogil:
    """Whether both lie between 2**-40 and 2**40."""
    return (
        (a > <float>9.094947017729282e-13) & (a < <float>1.099511627776e+12)
        & (b > <float>9.094947017729282e-13) & (b < <float>1.099511627776e+12))


# 2**30 a b 4 e/(1 + e)**2 with e = exp(2 |b x|), high + low; NaN where it could be subnormal, and
# for a and b that are not between 2**-40 and 2**40
cdef inline Pair scaled_tanh_slope_pair(float x, float a, float b) noexcept nogil:
    cdef float twice = <float>2.0 * fabsf(x)
    cdef float t = b * twice
    cdef Pair slope = logistic_slope_pair(t, fused_single(b, twice, -t))
    cdef float product = a * b
    cdef float product_low = fused_single(a, b, -product)
    cdef Pair result
    result.high = product * slope.high
    result.low = fused_single(product, slope.high, -result.high)
    result.low = fused_single(product, slope.low, fused_single(product_low, slope.high, result.low))
    result.high = result.high if (t < <float>30.0) & moderate_factors(a, b) else <float>NAN
    return result


cdef inline float scaled_tanh_derivative_single(float x, float a, float b) noexcept nogil:
    cdef Pair slope = scaled_tanh_slope_pair(x, a, b)
    return <float>(slope.high + slope.low) * <float>9.313225746154785e-10


cdef inline float scaled_tanh_backward_single(float upstream, float x, float a, float b) noexcept nogil:
    return upstream_times(upstream, scaled_tanh_slope_pair(x, a, b), 9.313225746154785e-10)


cdef inline float single_of_bits(uint32_t bits) noexcept nogil:
    cdef float x
    memcpy(&x, &bits, 4)
    return x


cdef inline uint32_t bits_of_single(float x) noexcept nogil:
    cdef uint32_t bits
    memcpy(&bits, &x, 4)
    return bits


cdef inline float one_over_power_single(float power) noexcept nogil:
    """1/power for a power of two from 2**-126 to 2**126."""
    return single_of_bits(<uint32_t>0x7F000000 - bits_of_single(power))


# The power of two that brings number * power**2 into [1, 4); number > 0, normal and finite
cdef inline float half_power_single(float number) noexcept nogil:
    # the exponent with the bias once more, halved, has the bias once
    cdef uint32_t bits = ((bits_of_single(number) + <uint32_t>0x3F800000) >> 1) & <uint32_t>0x7F800000
    return one_over_power_single(single_of_bits(bits))


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


# upstream (1 + alpha x**2)**(-3/2); NaN where the power is below 2**-100 and a large upstream could count
cdef inline float root_unit_backward_single(float upstream, float x, float alpha) noexcept nogil:
    cdef Pair cube = root_unit_slope_pair(x, alpha)
    cube.high = cube.high if cube.high > <float>1.4551915228366852e-11 else <float>NAN
    return upstream_times(upstream, cube, 5.421010862427522e-20)


# 1/sqrt(q) to within 2**-14, for a normal q > 0
#
# Method   Half the exponent by halving the bits (Lomont 2003, Fast inverse square root), within 2**-4.8; then
#          1/sqrt(q) = y/sqrt(1 - e) with e = 1 - q y**2, at most 0.07, and a polynomial of second degree. That takes
#          less time than a root and a quotient, and who asks corrects it anyway.
cdef inline float crude_inverse_root_single(float q) noexcept nogil:
    cdef float y = single_of_bits(<uint32_t>0x5F375A86 - (bits_of_single(q) >> 1))
    cdef float e = fused_single(-<float>(q * y), y, 1.0)
    return y * fused_single(fused_single(0.37600794434547424, e, 0.5011518001556396), e, 1.0)


# Functions of x**2 + b are computed here for b from 2**-40 to 2**40 and |x| < 2**30, where none of their products loses
# digits below the smallest normal number. Elsewhere the results are NaN, and the kernels in double are asked.
cdef inline bint moderate_single(float x, float b) noexcept nogil:
    return (
        (fabsf(x) < <float>1073741824.0) & (b > <float>9.094947017729282e-13) & (b < <float>1.099511627776e+12))


# sqrt(x**2 + b)   (b > 0)
#
# Method   s = q r for a crude root r of q = x**2 + b, with the correction (x**2 + b - s**2) r/2
cdef inline Pair root_of_sum_single(float x, float b) noexcept nogil:
    cdef float u = x * x
    cdef float q = u + b
    cdef float b_part = q - u
    cdef float lost = <float>(<float>(u - <float>(q - b_part)) + <float>(b - b_part)) + fused_single(x, x, -u)
    cdef float r = crude_inverse_root_single(q)
    cdef float s = q * r
    cdef float step = <float>(fused_single(-s, s, q) + lost) * <float>(<float>0.5 * r)
    cdef Pair root
    root.high = s + step
    root.low = step - <float>(root.high - s)
    return root


cdef inline Pair plus_size_single(Pair root, float x) noexcept nogil:
    """sqrt(x**2 + b) + |x|"""
    cdef Pair sum
    sum.high = root.high + fabsf(x)
    sum.low = <float>(fabsf(x) - <float>(sum.high - root.high)) + root.low
    return sum


# squareplus(x) = (x + sqrt(x**2 + b))/2   (b > 0)
#
# Method   b/2/(sqrt(x**2 + b) + |x|) for x <= 0
cdef inline float squareplus_single(float x, float b) noexcept nogil:
    cdef Pair sum = plus_size_single(root_of_sum_single(x, b), x)
    cdef float below = quotient(<float>0.5 * b, 0.0, sum)
    cdef float value = <float>(<float>0.5 * <float>(sum.high + sum.low)) if x > 0 else below
    return value if moderate_single(x, b) else <float>NAN


# 2**64 (1 + x/s)/2 with s = sqrt(x**2 + b): w = b/2/(s (s + |x|)) for x <= 0, 1 - w for x > 0
cdef inline Pair squareplus_slope_pair(float x, float b) noexcept nogil:
    cdef Pair root = root_of_sum_single(x, b)
    cdef Pair sum = plus_size_single(root, x)
    cdef float half = <float>9223372036854775808.0 * b
    cdef float inverse
    cdef Pair product, w, result
    product.high = root.high * sum.high
    product.low = fused_single(root.high, sum.high, -product.high)
    product.low = fused_single(root.low, sum.high, fused_single(root.high, sum.low, product.low))
    inverse = <float>1.0 / product.high
    w.high = half * inverse
    w.low = remainder(w.high, half, 0.0, product) * inverse
    result.high = <float>18446744073709551616.0 - w.high
    result.low = <float>(<float>(<float>18446744073709551616.0 - result.high) - w.high) - w.low
    result.high = result.high if x > 0 else w.high
    result.low = result.low if x > 0 else w.low
    result.high = result.high if moderate_single(x, b) else <float>NAN
    return result


cdef inline float squareplus_derivative_single(float x, float b) noexcept nogil:
    cdef Pair slope = squareplus_slope_pair(x, b)
    return <float>(slope.high + slope.low) * <float>5.421010862427522e-20


cdef inline float squareplus_backward_single(float upstream, float x, float b) noexcept nogil:
    return upstream_times(upstream, squareplus_slope_pair(x, b), 5.421010862427522e-20)


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


# upstream exp(x), by 2**32 exp(x); NaN where that may be subnormal or infinite
cdef inline float exp_backward_single(float upstream, float x) noexcept nogil:
    cdef float shifted = fused_single(x, 1.44269504, 12582912.0 + 127.0 + 32.0)
    cdef float scale = power_from_single_bits(shifted)
    cdef Pair e = exp_negative_reduced(-x, shifted - <float>(12582912.0 + 127.0 + 32.0))
    e.high = e.high * scale if fabsf(x) < <float>65.0 else <float>NAN
    e.low = e.low * scale
    return upstream_times(upstream, e, 2.3283064365386963e-10)


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
