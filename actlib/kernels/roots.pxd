# Powers of 1 + alpha x**2 and of x**2 + b, for isru, isrlu and squareplus: scaled by powers of two, so that no square
# overflows or underflows, whatever the parameter.
#
# float32 needs none of this: its squares and products stay far inside the range of double.

from libc.math cimport copysign, fabs, sqrt
from libc.stdint cimport int64_t
from libc.string cimport memcpy

from .primitives cimport fused, madd, real, two_product, two_sum


# a in [1, 4) and `scale`, a power of two, with alpha = a scale**2, for alpha > 0 and finite
cdef inline double split_square(double alpha, double* scale) noexcept nogil:
    cdef double normal = alpha * 18014398509481984.0 if alpha < 2.2250738585072014e-308 else alpha
    cdef double root, inverse
    cdef int64_t half, bits
    memcpy(&bits, &normal, 8)
    # normal lies in 4**k [1, 4), and half = k + 512
    half = <int64_t>((((<unsigned long long>bits) >> 52) + 1) >> 1)
    bits = <int64_t>((<unsigned long long>(half + 511)) << 52)
    memcpy(&root, &bits, 8)
    bits = <int64_t>((<unsigned long long>(1535 - half)) << 52)
    memcpy(&inverse, &bits, 8)
    scale[0] = root * 7.450580596923828e-09 if alpha < 2.2250738585072014e-308 else root
    return normal * inverse * inverse


# r = 1/sqrt(1 + alpha x**2), with 1/sqrt(1 + alpha x**2) = r (1 + rest); `cut` is x, but at most as large as makes a
# difference, and alpha = a scale**2
#
# Method   float64: alpha x**2 = a (scale x)**2 with its rounding errors, those of the sum, the root and the quotient.
#          From |scale x| = 2**400 on, no power in use differs from that at 2**400 by more than rounding, or it is 0.
#          float32: nothing can overflow, and `rest` is 0.
cdef inline double inverse_root(
        real x, real alpha, double* cut, double* a, double* scale, double* rest) noexcept nogil:
    cdef double size, end, square, square_low, product, product_low, low, q, s, r
    if real is float:
        a[0], scale[0], rest[0] = alpha, 1.0, 0.0
        size = fabs(<double>x)
        cut[0] = copysign(1e60 if size > 1e60 else size, x)
        return 1.0 / sqrt(madd(alpha * cut[0], cut[0], 1.0))
    else:
        a[0] = split_square(alpha, scale)
        size = fabs(x)
        end = 2.582249878086909e+120 / scale[0]
        size = end if size > end else size
        cut[0] = copysign(size, x)
        size = size * scale[0]
        square = two_product(size, size, &square_low)
        product = two_product(square, a[0], &product_low)
        q = two_sum(1.0, product, &low)
        low = low + madd(square_low, a[0], product_low)
        s = sqrt(q)
        r = 1.0 / s
        # q = s**2 + remainder and 1 = r s + remainder; the first is halved by the root
        rest[0] = fused(-r, s, 1.0) - 0.5 * (r * r) * (low + fused(-s, s, q))
        return r


# x/sqrt(1 + alpha x**2)
#
# Limits   -inf -> -1/sqrt(alpha), +inf -> 1/sqrt(alpha); the sign of zero is kept
cdef inline double root_unit(real x, real alpha) noexcept nogil:
    cdef double cut, a, scale, rest
    cdef double r = inverse_root(x, alpha, &cut, &a, &scale, &rest)
    return cut * madd(r, rest, r)


# (1 + alpha x**2)**(-3/2)
#
# Limits   -inf -> 0, +inf -> 0
cdef inline double root_unit_derivative(real x, real alpha) noexcept nogil:
    cdef double cut, a, scale, rest
    cdef double r = inverse_root(x, alpha, &cut, &a, &scale, &rest)
    return (r * r) * madd(r, 3.0 * rest, r)


# -3 alpha x (1 + alpha x**2)**(-5/2) = -3 alpha (x r) r**4
#
# Method   alpha x r = (a scale) (scale x r), and x r is bounded. Where the second factor would be subnormal, the first
#          takes both scales. The rounding errors of all products but the last are carried along.
# Limits   -inf -> 0, +inf -> -0
cdef inline double root_unit_second_derivative(real x, real alpha) noexcept nogil:
    cdef double cut, a, scale, rest, by, slope, slope_low, square, square_low, bounded, low, product, product_low, next
    cdef double r = inverse_root(x, alpha, &cut, &a, &scale, &rest)
    cdef bint near = fabs(cut) < 1e-200 and scale < 1.0
    if real is float:
        return (-3.0 * a) * (cut * r) * (r * r) * (r * r)
    else:
        by = scale * scale if near else scale
        cut = cut if near else cut * scale
        slope = two_product(-3.0, a, &slope_low)
        square = two_product(r, r, &square_low)
        bounded = two_product(cut, r, &low)
        product = two_product(slope * by, bounded, &product_low)
        low = product_low + madd(slope * by, low, slope_low * by * bounded)
        next = two_product(product, square, &product_low)
        low = product_low + madd(low, square, product * square_low)
        low = madd(5.0 * rest, next, low)
        return madd(next, square, madd(low, square, next * square_low))


# 1 - alpha y**2 for the output y, to full precision; negative beyond the range
cdef inline double root_unit_remainder(real y, real alpha) noexcept nogil:
    cdef double a, scale, size, square, square_low, product, product_low, low, difference
    if real is float:
        # the square is exact, and the product is rounded only with the difference
        return fused(-<double>alpha, <double>y * y, 1.0)
    else:
        a = split_square(alpha, &scale)
        size = y * scale
        square = two_product(size, size, &square_low)
        product = two_product(square, a, &product_low)
        difference = two_sum(1.0, -product, &low)
        return difference + (low - madd(square_low, a, product_low))


# (1 - alpha y**2)**(3/2), the derivative from the output
cdef inline double root_unit_derivative_from_output(real y, real alpha) noexcept nogil:
    cdef double d = root_unit_remainder(y, alpha)
    return d * sqrt(d)


# y/sqrt(1 - alpha y**2)
#
# Limits   -1/sqrt(alpha) -> -inf, 1/sqrt(alpha) -> +inf, NaN beyond; the sign of zero is kept
cdef inline double root_unit_inverse(real y, real alpha) noexcept nogil:
    return y / sqrt(root_unit_remainder(y, alpha))


# sqrt(position**2 + square) with `position` = c x and `square` = c**2 b: c is a power of two that keeps all powers of
# the root up to the third inside the range; `root` is sqrt(c), and `back` 1/sqrt(c)
cdef inline double scaled_root(
        real x, double b, double* position, double* square, double* root, double* back) noexcept nogil:
    cdef double size = fabs(<double>x)
    cdef double up
    if real is float:
        root[0], back[0] = 1.0, 1.0
    else:
        # 2**260 where both are small, 2**-260 where one is large
        up = 1.8526734277970591e+78 if size < 1e-100 else 1.0
        up = up if b < 1e-200 else 1.0
        up = 5.397605346934028e-79 if size > 1e100 else up
        root[0] = 5.397605346934028e-79 if b > 1e200 else up
        up = 5.397605346934028e-79 if up > 1.0 else (1.8526734277970591e+78 if up < 1.0 else 1.0)
        back[0] = 1.8526734277970591e+78 if b > 1e200 else up
    position[0] = x * root[0] * root[0]
    square[0] = b * (root[0] * root[0]) * (root[0] * root[0])
    return sqrt(madd(position[0], position[0], square[0]))


# position**2 + square - s**2 for s = sqrt(position**2 + square), to a few digits
cdef inline double square_remainder(double position, double square, double s) noexcept nogil:
    cdef double low, sum_low
    cdef double sum = two_sum(two_product(position, position, &low), square, &sum_low)
    return fused(-s, s, sum) + (sum_low + low)
