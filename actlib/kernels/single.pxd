# float32 in float32 arithmetic: twice the lanes of primitives.pxd, where double does the work of float32.
#
# Each result has to be within 1 ulp, and two rounded operations in a row can already cost that much. So what is
# rounded early is carried as a pair, high + low, of which `low` is the rounding error of `high`; only the last
# operation rounds for good. Largest errors: tanh, tanh_shrink, arctan and expm1 0.95 ulp over all float32; silu,
# quick_gelu, gelu_tanh and their derivatives 0.93; exp, sigmoid and its derivatives 0.87, with the subnormals, which
# are rounded twice; roots and softsign 0.50, and 0.75 there.
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


cdef inline Pair two_sum_single(float a, float b) noexcept nogil:
    """a + b rounded, and the rounding error, exactly: two_sum in primitives.pxd."""
    cdef Pair result
    cdef float b_part
    result.high = a + b
    b_part = result.high - a
    result.low = <float>(a - <float>(result.high - b_part)) + <float>(b - b_part)
    return result


cdef inline Pair with_rest(Pair e, float rest) noexcept nogil:
    """e exp(-rest), to first order."""
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


# x/(1 + exp(-t)) for a t of the sign of x, where |t| <= 109 or more makes the exponential 0: from e = exp(-|t|) with
# its scale, and `top`, which is |x| or some number beyond which t is so large
#
# Method   x sigma(t) = x - x sigma(-t): with v = top e/(1 + e), it is -v for x < 0 and x - v for x > 0. There v is at
#          most x/2, and so are its errors.
cdef inline float gated_single(float x, float top, Pair e, float scale) noexcept nogil:
    cdef float high = top * e.high
    cdef float low = fused_single(top, e.low, fused_single(top, e.high, -high))
    cdef float v = quotient(high, low, one_plus(e, scale))
    v = v * scale * <float>2.3283064365386963e-10
    return x - v if x > 0 else copysignf(v, x)


# sigma(t)(1 + u sigma(-t)), the derivative of x sigma(t) where u = x dt/dx, for a t of the sign of x: from
# e = exp(-|t|) with its scale, and w = 1 + e - |u|
#
# Method   g = e w/(1 + e)**2 for x < 0, and 1 - g for x > 0. This is g, short of the scale of e. The square of
#          1/(1 + e) is the reciprocal that the quotient starts from: so value and derivative share a division.
cdef inline Pair gated_slope_pair(Pair w, Pair e, float scale) noexcept nogil:
    cdef Pair d = one_plus(e, scale)
    cdef Pair square = squared(d)
    cdef Pair g
    cdef float inverse = <float>1.0 / d.high
    cdef float high = e.high * w.high
    cdef float low = fused_single(e.low, w.high, fused_single(e.high, w.high, -high))
    low = fused_single(e.high, w.low, low)
    inverse = inverse * inverse
    g.high = high * inverse
    g.low = remainder(g.high, high, low, square) * inverse
    return g


cdef inline float gated_slope_single(float x, Pair g, float scale) noexcept nogil:
    """g or 1 - g."""
    cdef float rounded = (g.high + g.low) * scale * <float>2.3283064365386963e-10
    return <float>1.0 - rounded if x > 0 else rounded


# upstream times g or 1 - g, rounded once; NaN where g is subnormal or 0 and a large upstream would multiply its error
cdef inline float gated_backward_single(float upstream, float x, Pair g, float scale) noexcept nogil:
    cdef float factor = scale * <float>2.3283064365386963e-10
    cdef float large = g.high * factor
    cdef float high = <float>1.0 - large
    cdef float low = fused_single(-factor, g.low, <float>(<float>1.0 - high) - large)
    high = high if x > 0 else large
    low = low if x > 0 else <float>(factor * g.low)
    high = fused_single(upstream, high, upstream * low)
    return <float>NAN if scale < <float>2.524354896707238e-28 else high


# (1 + e) - u
cdef inline Pair one_plus_less(Pair e, float scale, float u, float u_low) noexcept nogil:
    cdef Pair d = one_plus(e, scale)
    cdef Pair result = two_sum_single(d.high, -u)
    result.low = result.low + <float>(d.low - u_low)
    return result


# The distance h + second + third - rest from a root in three parts. h is exact; it is 0 at the number next to the root,
# where all depends on the other parts.
cdef inline Pair root_distance_single(float h, float second, float third, float rest) noexcept nogil:
    cdef Pair low = two_sum_single(second, -rest)
    cdef Pair result = two_sum_single(h, low.high)
    result.low = result.low + <float>(low.low + third)
    return result


# h (c0 + c0_low + c1 h + h**2 p): a function beside its root, which is multiplied out so that only the last step rounds
cdef inline Pair beside_root_single(Pair h, float c0, float c0_low, float c1, float p) noexcept nogil:
    cdef Pair result
    result.high = h.high * c0
    result.low = fused_single(h.high, c0_low, fused_single(h.high, c0, -result.high))
    result.low = fused_single(h.low, fused_single(c1 + c1, h.high, c0), result.low)
    result.low = fused_single(h.high * h.high, fused_single(p, h.high, c1), result.low)
    return result


# d/dt of t sigma(t) for |t| = a + rest, from e = exp(-|t|) and its scale; where a <= 109 is cut, e is 0
#
# Method   w = 1 + e - a has a root c = 1.2784645: beside it, with h = c - a - rest, w/h is a polynomial in h; c - a is
#          exact (Sterbenz).
cdef inline Pair self_slope_pair(float a, float rest, Pair e, float scale) noexcept nogil:
    cdef Pair w = one_plus_less(e, scale, a, rest)
    cdef float h = <float>1.2784645557403564 - a
    cdef float p = fused_single(0.00038768970989622176, h, 0.002328007249161601)
    cdef Pair near = beside_root_single(
        root_distance_single(h, -1.2979282537628478e-08, -1.1257466239192657e-16, rest),
        1.2784645557403564, -1.1718236159197204e-08, 0.13923227787017822,
        fused_single(fused_single(p, h, 0.011602657847106457), h, 0.04641050472855568))
    w.low = near.low if fabsf(h) < <float>0.3 else w.low
    w.high = near.high if fabsf(h) < <float>0.3 else w.high
    return gated_slope_pair(w, e, scale)


# |x| or, beyond `most`, that: for x > 0 already beyond `least`, where the exponential does not count beside 1 but is
# still a normal number
cdef inline float cut_single(float x, float most, float least) noexcept nogil:
    cdef float bound = least if x > 0 else most
    return bound if fabsf(x) > bound else fabsf(x)


# silu at beta = 1: from |x| = 109 on, the exponential counts as 0
cdef inline float silu_single(float x) noexcept nogil:
    cdef float scale
    cdef float a = cut_single(x, 109.0, 40.0)
    cdef Pair e = exp_negative_below(a, &scale)
    return gated_single(x, a, e, scale)


cdef inline Pair silu_slope_pair(float x, float* scale) noexcept nogil:
    cdef float a = cut_single(x, 109.0, 40.0)
    cdef Pair e = exp_negative_below(a, scale)
    return self_slope_pair(a, <float>0.0, e, scale[0])


# the same for the derivative of x sigma(beta x) and `product`, beta x; x = +-inf counts as the largest number, so that
# beta = 0 gives 1/2
cdef inline Pair silu_slope_pair_of_product(float x, float beta, float* product, float* scale) noexcept nogil:
    cdef float a = <float>3.4028234663852886e38 if fabsf(x) > <float>3.4028234663852886e38 else fabsf(x)
    cdef float t = beta * copysignf(a, x)
    cdef float rest = fused_single(beta, copysignf(a, x), -t)
    cdef Pair e
    a = <float>109.0 if fabsf(t) > <float>109.0 else fabsf(t)
    rest = -rest if t < 0 else rest
    # what rounding lost of t is NaN where t is infinite
    rest = <float>0.0 if fabsf(t) > <float>109.0 else rest
    product[0] = t
    e = with_rest(exp_negative_below(a, scale), rest)
    return self_slope_pair(a, rest, e, scale[0])


# exp(-1.702 a) for 0 <= a <= 64, and 1.702 a as `t` + `rest`
cdef inline Pair quick_exp_single(float a, float* t, float* rest, float* scale) noexcept nogil:
    t[0] = <float>1.702 * a
    rest[0] = fused_single(-2.1934509319976314e-08, a, fused_single(1.702, a, -t[0]))
    return with_rest(exp_negative_below(t[0], scale), rest[0])


cdef inline float quick_gelu_single(float x) noexcept nogil:
    cdef float scale, t, rest
    cdef float a = cut_single(x, 64.0, 24.0)
    cdef Pair e = quick_exp_single(a, &t, &rest, &scale)
    return gated_single(x, a, e, scale)


cdef inline Pair quick_gelu_slope_pair(float x, float* scale) noexcept nogil:
    cdef float t, rest
    cdef float a = cut_single(x, 64.0, 24.0)
    cdef Pair e = quick_exp_single(a, &t, &rest, scale)
    return self_slope_pair(t, rest, e, scale[0])


# exp(-s) for s = 2 sqrt(2/pi) (a + 0.044715 a**3) and 0 <= a <= 10.92, and u = a s': the exponents of gelu_tanh
#
# Method   s = a (A + B a**2) and u = s + 2 a B a**2, all as pairs: an error of half an ulp in s = 100 would be
#          32 ulp in exp(-s).
cdef inline Pair cubic_exp_single(float a, float* u, float* u_low, float* scale) noexcept nogil:
    cdef float square = a * a
    cdef float square_low = fused_single(a, a, -square)
    cdef float term = <float>0.07135481387376785 * square
    cdef float term_low = fused_single(0.07135481387376785, square, -term)
    cdef Pair factor, s, both
    term_low = fused_single(0.07135481387376785, square_low, fused_single(2.3988324659995897e-09, square, term_low))
    factor = two_sum_single(1.5957691669464111, term)
    factor.low = factor.low + <float>(term_low - <float>4.534068054340423e-08)
    s.high = a * factor.high
    s.low = fused_single(a, factor.low, fused_single(a, factor.high, -s.high))
    term = term + term
    square = a * term
    both = two_sum_single(s.high, square)
    u[0] = both.high
    u_low[0] = both.low + <float>(s.low + fused_single(a + a, term_low, fused_single(a, term, -square)))
    return with_rest(exp_negative_below(s.high, scale), s.low)


cdef inline float gelu_tanh_single(float x) noexcept nogil:
    cdef float scale, u, u_low
    cdef float a = cut_single(x, 10.92, 6.0)
    cdef Pair e = cubic_exp_single(a, &u, &u_low, &scale)
    return gated_single(x, a, e, scale)


# Method   w = 1 + e - u has a root r = 0.7524614: beside it, with h = r - a, w/h is a polynomial in h.
cdef inline Pair gelu_tanh_slope_pair(float x, float* scale) noexcept nogil:
    cdef float u, u_low
    cdef float a = cut_single(x, 10.92, 6.0)
    cdef Pair e = cubic_exp_single(a, &u, &u_low, scale)
    cdef Pair w = one_plus_less(e, scale[0], u, u_low)
    cdef float h = <float>0.7524614334106445 - a
    cdef float p = fused_single(0.011364687234163284, h, 0.030708378180861473)
    cdef Pair near = beside_root_single(
        root_distance_single(h, -1.1339627903339533e-08, -3.694225143957672e-16, 0.0),
        2.4606568813323975, -1.0927846716413114e-07, -0.09991151839494705,
        fused_single(fused_single(p, h, 0.07595794647932053), h, 0.400444358587265))
    w.low = near.low if fabsf(h) < <float>0.2 else w.low
    w.high = near.high if fabsf(h) < <float>0.2 else w.high
    return gated_slope_pair(w, e, scale[0])


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
