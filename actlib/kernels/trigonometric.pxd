# Sine and cosine for every argument, however large, as building blocks.
#
# Both are a polynomial in the distance r of the argument t from the nearest multiple of pi/2, |r| <= pi/4; which
# multiple it is decides the sign and which of the two polynomials is meant. All the difficulty is in r: it is small
# against t, and near a zero of the function against everything, so that pi has to be known to many more digits than t
# has.
#
# reduce_turns    takes multiples of pi/2 in four parts (three in float32) from t. The parts but the last are so short
#                 that n times one is exact (Cody and Waite 1980, Software Manual for the Elementary Functions). It is
#                 free of branches, so that a loop over it becomes vector instructions. Where that is not enough,
#                 because t is large or r very small, it returns NaN, and the loop written by generate.py asks again,
#                 by
# reduce_exactly  which multiplies the integers that t is made of with 320 bits of 2/pi, chosen by the exponent of t:
#                 what lies left of them makes multiples of 4 quarter turns, what lies right of them is too small to
#                 count (Payne and Hanek 1983, Radian reduction for trigonometric functions,
#                 doi:10.1145/1057600.1057602).
#
# In float32, reduce_turns_single does the same in float32 arithmetic for |t| <= 8192, in half the time; reduce_turns is
# asked where that is not enough.
#
# The argument is a product, as of a frequency and x, and comes unrounded: as t + low, or as its two factors. r comes
# as a sum, r + rest. Which of the two ways is taken depends on the argument alone, so bits do not depend on its
# neighbours.
#
# Coefficients: coefficients.py.

from libc.math cimport fabs, fabsf, frexp, ldexp
from libc.stdint cimport int64_t, uint32_t, uint64_t
from libc.string cimport memcpy

from .primitives cimport NAN, fused, madd, real, two_product, two_sum
from .single cimport FUSED_SINGLE, Pair, fused_single

cdef extern from * nogil:
    """
    /* The bits of 2/pi, after 128 zeros. */
    static const unsigned int actlib_two_over_pi[76] = {
        0, 0, 0, 0,
        0xA2F9836E, 0x4E441529, 0xFC2757D1, 0xF534DDC0, 0xDB629599, 0x3C439041, 0xFE5163AB, 0xDEBBC561,
        0xB7246E3A, 0x424DD2E0, 0x06492EEA, 0x09D1921C, 0xFE1DEB1C, 0xB129A73E, 0xE88235F5, 0x2EBB4484,
        0xE99C7026, 0xB45F7E41, 0x3991D639, 0x835339F4, 0x9C845F8B, 0xBDF9283B, 0x1FF897FF, 0xDE05980F,
        0xEF2F118B, 0x5A0A6D1F, 0x6D367ECF, 0x27CB09B7, 0x4F463F66, 0x9E5FEA2D, 0x7527BAC7, 0xEBE5F17B,
        0x3D0739F7, 0x8A5292EA, 0x6BFB5FB1, 0x1F8D5D08, 0x56033046, 0xFC7B6BAB, 0xF0CFBC20, 0x9AF4361D,
        0xA9E39161, 0x5EE61B08, 0x6599855F, 0x14A06840, 0x8DFFD880, 0x4D732731, 0x06061556, 0xCA73A8C9,
        0x60E27BC0, 0x8C6B47C4, 0x19C367CD, 0xDCE8092A, 0x8359C476, 0x8B961CA6, 0xDDAF44D1, 0x5719053E,
        0xA5FF0705, 0x3F7E33E8, 0x32C2DE4F, 0x98327DBB, 0xC33D26EF, 0x6B1E5EF8, 0x9F3A1F35, 0xCAF27F1D,
        0x87F12190, 0x7C7C246A, 0xFA6ED577, 0x2D30433B, 0x15C614B5, 0x9D19C3C2, 0xC4AD414D, 0x2C5D000C,
    };
    """
    const uint32_t* TWO_OVER_PI "actlib_two_over_pi"

cdef enum:
    LIMBS = 10              # of 32 bits: 320 bits of 2/pi
    ZEROS = 128             # at the head of the table


# t + low = (quarters - offset) pi/2 + r + rest with |r| <= pi/4, for an `offset` of 0 or 1/2; returns r. `quarters` is
# right in its two lowest bits. NaN where reduce_exactly is needed.
#
# Method   m = quarters - offset has at most 21 bits (29 for float32), each part of pi/2 but the last 32 (24): m times
#          it is exact. So is the first difference, of numbers that agree in their leading bits; where t is so small
#          that it is not, nothing cancels, and what it loses is carried along. The other differences are exact where
#          they cancel. float64: the parts hold 2**-129 of what m pi/2 is, 2**-61 of the smallest r that is accepted.
#          With a fused multiply-add and no offset, as reduce_turns_single, in a third of the time: t less m times the
#          first 53 bits of pi/2 is exact, and 106 bits hold 2**-59 of the smallest r that is accepted.
cdef inline double reduce_turns(
        double t, double low, double offset, double* rest, int64_t* quarters, real like) noexcept nogil:
    cdef double bound, close, m, r, first, second, third
    cdef double shifted = (t * 0.6366197723675814 + offset) + 6755399441055744.0
    memcpy(quarters, &shifted, 8)
    m = (shifted - 6755399441055744.0) - offset
    if FUSED_SINGLE and offset == 0.0:
        bound, close = (4e8, 1.4e-11) if real is float else (1.6e6, 1e-8)
        first = fused(-m, 1.5707963267948966, t)
        second = fused(-m, 6.123233995736766e-17, first)
        if real is float:
            rest[0] = 0.0
            r = second
        else:
            low = low + fused(-m, 6.123233995736766e-17, first - second)
            r = second + low
            rest[0] = low - (r - second)
    elif real is float:
        bound, close = 4e8, 1.4e-11
        rest[0] = 0.0
        r = ((t - m * 1.570796251296997) - m * 7.549789415861596e-08) - m * 5.390302858158119e-15
    else:
        bound, close = 1.6e6, 3.4e-21
        if offset == 0.0:
            r = t - m * 1.5707963267341256
            first = 0.0
        else:
            r = two_sum(t, -m * 1.5707963267341256, &first)
        low = low + first
        r = two_sum(r, -m * 6.077100506303966e-11, &first)
        low = two_sum(low, -m * 2.0222662487111665e-21, &second)
        r = two_sum(r, low, &third)
        r = two_sum(r, first + (third + madd(-m, 8.4784276603689e-32, second)), rest)
    return NAN if (fabs(t) > bound) | ((fabs(r) < close) & (fabs(t) > 0.7)) else r


cdef inline uint64_t low_limb(uint64_t number) noexcept nogil:
    return <uint32_t>number


cdef inline void negate(uint64_t* limbs) noexcept nogil:
    """-limbs modulo 2**320."""
    cdef uint64_t carry = 1
    cdef int i
    for i in range(LIMBS):
        carry = low_limb(~limbs[i]) + carry
        limbs[i] = low_limb(carry)
        carry = carry >> 32


# The same for the product 2**power a b of finite numbers, of at least 0.7 in size; `half` says that the offset is 1/2
#
# Method   |a b| = M 2**e with an integer M < 2**106. Times bits of 2/pi from the one of weight 2**(2 - e) on, as
#          integers modulo 2**320, it is the number of quarter turns modulo 4, with 318 bits behind the point; the bits
#          left out add less than 2**-210. No product of two floats comes closer to a multiple of pi/2 than about
#          2**-120.
cdef inline double reduce_exactly(
        double a, double b, int power, bint half, double* rest, int64_t* quarters) noexcept nogil:
    cdef int exponent_a, exponent_b, start, shift, i, j
    cdef uint64_t whole_a, whole_b, carry
    cdef uint64_t factor[4]
    cdef uint64_t digits[4]
    cdef uint64_t window[LIMBS]
    cdef uint64_t product[LIMBS]
    cdef double high, low, tail
    cdef bint negative = (a < 0) != (b < 0)
    whole_a = <uint64_t>(frexp(fabs(a), &exponent_a) * 9007199254740992.0)
    whole_b = <uint64_t>(frexp(fabs(b), &exponent_b) * 9007199254740992.0)
    # M in four limbs, the lowest first
    digits[0] = low_limb(whole_a) * low_limb(whole_b)
    digits[1] = (whole_a >> 32) * low_limb(whole_b)
    digits[2] = low_limb(whole_a) * (whole_b >> 32)
    digits[3] = (whole_a >> 32) * (whole_b >> 32)
    factor[0] = low_limb(digits[0])
    carry = (digits[0] >> 32) + low_limb(digits[1]) + low_limb(digits[2])
    factor[1] = low_limb(carry)
    carry = (carry >> 32) + (digits[1] >> 32) + (digits[2] >> 32) + low_limb(digits[3])
    factor[2] = low_limb(carry)
    factor[3] = (carry >> 32) + (digits[3] >> 32)
    start = exponent_a + exponent_b + power - 106 - 2 + ZEROS
    start = 0 if start < 0 else start
    shift = start & 31
    for i in range(LIMBS):
        j = (start >> 5) + LIMBS - 1 - i
        window[i] = low_limb((((<uint64_t>TWO_OVER_PI[j]) << 32) | TWO_OVER_PI[j + 1]) >> (32 - shift))
        product[i] = 0
    for i in range(4):
        carry = 0
        for j in range(LIMBS - i):
            carry = product[i + j] + factor[i] * window[j] + carry
            product[i + j] = low_limb(carry)
            carry = carry >> 32
    if negative:
        negate(product)
    # the nearest multiple: half a quarter turn more, rounded down
    product[LIMBS - 1] = low_limb(product[LIMBS - 1] + (0x40000000 if half else 0x20000000))
    quarters[0] = <int64_t>(product[LIMBS - 1] >> 30)
    product[LIMBS - 1] = low_limb((product[LIMBS - 1] & 0x3FFFFFFF) - 0x20000000)
    negative = product[LIMBS - 1] >> 31
    if negative:
        negate(product)
    i = LIMBS - 1
    while product[i] == 0 and i > 3:
        i -= 1
    high = two_sum(<double>product[i] * 7.922816251426434e28, <double>product[i - 1] * 1.8446744073709552e19, &low)
    low = low + (<double>product[i - 2] * 4294967296.0 + <double>product[i - 3])
    high = ldexp(-high if negative else high, 32 * (i - 3) - 318)
    low = ldexp(-low if negative else low, 32 * (i - 3) - 318)
    # quarter turns to radians
    rest[0] = madd(high, 6.123233995736766e-17, low * 1.5707963267948966)
    high = two_product(high, 1.5707963267948966, &tail)
    return two_sum(high, tail + rest[0], rest)


# sin(quarters pi/2 + r + rest) as an unevaluated sum, returned high part plus `low` (0 for float32)
#
# Method   sin(r + rest) = r + (r**3 S(r**2) + rest cos(r)) and cos(r + rest) = (1 - r**2/2) + (r**4 C(r**2) - r rest),
#          where 1 - r**2/2 is rounded and the error goes to the small terms. An odd number of quarter turns wants the
#          cosine, two or three of them the other sign.
cdef inline double sine_of_turns(double r, double rest, int64_t quarters, double* low, real like) noexcept nogil:
    cdef double z = r * r
    cdef double square = z * z
    cdef double p, sine, cosine, sine_low, cosine_low, half
    if real is float:
        p = madd(2.7249895230611676e-06, z, -0.000198400864995936)
        p = madd(p, square, madd(0.008333331874273714, z, -0.16666666663854168))
        sine = madd(r * z, p, r)
        p = madd(-2.7300933687212943e-07, z, 2.480060018036381e-05)
        p = madd(p, square, madd(-0.0013888887671652504, z, 0.041666666664320264))
        cosine = madd(square, p, madd(-0.5, z, 1.0))
        low[0] = 0.0
        return with_sign_of_turns(cosine if quarters & 1 else sine, quarters)
    else:
        p = -7.586691094197958e-13
        p = madd(p, square, madd(1.6058531516797758e-10, z, -2.5052106231802837e-08))
        p = madd(p, square, madd(2.7557319219337312e-06, z, -0.00019841269841265063))
        p = madd(p, square, madd(0.008333333333333331, z, -0.16666666666666666))
        sine_low = madd(r * z, p, rest * madd(-0.5, z, 1.0))
        p = 4.7458685530816656e-14
        p = madd(p, square, madd(-1.1470460830795304e-11, z, 2.0876755790721963e-09))
        p = madd(p, square, madd(-2.755731922140179e-07, z, 2.4801587301584645e-05))
        p = madd(p, square, madd(-0.0013888888888888887, z, 0.041666666666666664))
        half = 0.5 * z
        cosine = 1.0 - half
        cosine_low = ((1.0 - cosine) - half) + madd(square, p, -r * rest)
        low[0] = with_sign_of_turns(cosine_low if quarters & 1 else sine_low, quarters)
        return with_sign_of_turns(cosine if quarters & 1 else r, quarters)


cdef inline double with_sign_of_turns(double value, int64_t quarters) noexcept nogil:
    """`value`, or -`value` where two is in `quarters`."""
    cdef int64_t bits
    memcpy(&bits, &value, 8)
    bits = bits ^ <int64_t>((<uint64_t>quarters & 2) << 62)
    memcpy(&value, &bits, 8)
    return value


# t + low = quarters pi/2 + r + rest in float32 arithmetic, for |t| <= 8192 and |r| >= |t| 2**-20; else NaN
#
# Method   pi/2 in two parts of 24 bits. t less n times the first is exact: a multiple of its last bit, below 1. The
#          second product is small, and so is what it leaves of low; what these two parts miss of pi/2 is 2**-30 of r.
cdef inline float reduce_turns_single(float t, float low, float* rest, uint32_t* quarters) noexcept nogil:
    cdef float shifted = fused_single(t, 0.63661975, 12582912.0)
    cdef float n = shifted - <float>12582912.0
    cdef float first = fused_single(n, -1.5707963705062866, t)
    cdef float second = fused_single(n, 4.371138828673793e-08, first)
    cdef float r
    low = low + fused_single(n, 4.371138828673793e-08, first - second)
    r = second + low
    rest[0] = low - <float>(r - second)
    memcpy(quarters, &shifted, 4)
    return <float>NAN if (fabsf(t) > <float>8192.0) | (fabsf(r) < <float>(fabsf(t) * <float>9.5367431640625e-07)) else r


# sin(quarters pi/2 + r + rest), as sine_of_turns
cdef inline Pair sine_of_turns_single(float r, float rest, uint32_t quarters) noexcept nogil:
    cdef float z = r * r
    cdef float half = <float>0.5 * z
    cdef float cosine = <float>1.0 - half
    cdef float p, sine_low, cosine_low
    cdef Pair result
    p = fused_single(2.7249895230611676e-06, z, -0.000198400864995936)
    p = fused_single(fused_single(p, z, 0.008333331874273714), z, -0.16666666663854168)
    sine_low = fused_single(r * z, p, rest)
    p = fused_single(-2.7300933687212943e-07, z, 2.480060018036381e-05)
    p = fused_single(fused_single(p, z, -0.0013888887671652504), z, 0.041666666664320264)
    # what rounding lost of z counts
    cosine_low = fused_single(-0.5, fused_single(r, r, -z), <float>(-r * rest))
    cosine_low = <float>(<float>(<float>1.0 - cosine) - half) + fused_single(z * z, p, cosine_low)
    result.high = with_sign_of_turns_single(cosine if quarters & 1 else r, quarters)
    result.low = with_sign_of_turns_single(cosine_low if quarters & 1 else sine_low, quarters)
    return result


cdef inline float with_sign_of_turns_single(float value, uint32_t quarters) noexcept nogil:
    cdef uint32_t bits
    memcpy(&bits, &value, 4)
    bits = bits ^ ((quarters & 2) << 30)
    memcpy(&value, &bits, 4)
    return value
