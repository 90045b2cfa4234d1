# Powers of 1 + alpha x**2 and of x**2 + b, for isru, isrlu and squareplus: scaled by powers of two, so that no square
# overflows or underflows, whatever the parameter.
#
# float32 needs none of this: its squares and products stay far inside the range of double.

from libc.math cimport copysign, fabs, sqrt, sqrtf
from libc.stdint cimport uint64_t
from libc.string cimport memcpy

from .compound cimport finite_part
from .primitives cimport fused, madd, real, two_product, two_sum


cdef inline double one_over_power(double power) noexcept nogil:
    """1/power for a power of two from 2**-1022 to 2**1022."""
    cdef uint64_t bits
    memcpy(&bits, &power, 8)
    bits = 0x7FE0000000000000ULL - bits
    memcpy(&power, &bits, 8)
    return power


# The power of two that brings number * power**2 into [1, 4); number > 0, normal and finite
cdef inline double half_power(double number) noexcept nogil:
    cdef uint64_t bits
    cdef double power
    memcpy(&bits, &number, 8)
    # the exponent with the bias once more, halved, has the bias once
    bits = ((bits + 0x3FF0000000000000ULL) >> 1) & 0x7FF0000000000000ULL
    memcpy(&power, &bits, 8)
    return one_over_power(power)


# a in [1, 4) and `inverse`, a power of two, with alpha = a/inverse**2, for alpha > 0 and finite
cdef inline double split_square(double alpha, double* inverse) noexcept nogil:
    # of a subnormal number the exponent does not tell the size
    cdef double up = 134217728.0 if alpha < 2.2250738585072014e-308 else 1.0
    cdef double normal = alpha * up * up
    cdef double power = half_power(normal)
    inverse[0] = power * up
    return normal * power * power


# 1/sqrt(q + low) = r (1 + rest) for a normal q > 0 and a `low` of a few ulp of it; returns r
#
# Method   r has the 24 bits of a root and a quotient in float32, in a third of their time in double; it is 1/sqrt(m)
#          for q = m 4**k with m in [1, 4), times 2**-k. r**2 is exact, hence so is e = 1 - m r**2, about 2**-22, but
#          for one rounding; and 1/sqrt(1 - e) = 1 + e/2 + 3/8 e**2 + ... float32 needs the first term.
cdef inline double inverse_square_root(double q, double low, double* rest, real like) noexcept nogil:
    cdef double m, r, e
    cdef double inverse = half_power(q)
    m = q * inverse * inverse
    r = <float>1.0 / sqrtf(<float>m)
    e = madd(-r * r, m, 1.0)
    if real is float:
        rest[0] = 0.5 * e
    else:
        e = fused(-r * r, m, 1.0) - r * inverse * low * (r * inverse)
        rest[0] = e * madd(0.375, e, 0.5)
    return r * inverse


# r (1 + rest) = 1/sqrt(1 + alpha x**2), as above; `cut` is x, but at most as large as makes a difference, and
# alpha = a scale**2
#
# Method   float64: alpha x**2 = a (scale x)**2 with its rounding errors and those of the sum.
#          From |scale x| = 2**400 on, no power in use differs from that at 2**400 by more than rounding, or it is 0.
#          float32: nothing can overflow, and rounding errors in double do not count.
cdef inline double inverse_root(
        real x, real alpha, double* cut, double* a, double* scale, double* rest) noexcept nogil:
    cdef double size, end, inverse, square, square_low, product, product_low, low, q
    size = fabs(<double>x)
    if real is float:
        a[0], scale[0] = alpha, 1.0
        size = 1e60 if size > 1e60 else size
        cut[0] = copysign(size, x)
        return inverse_square_root(madd(alpha * size, size, 1.0), 0.0, rest, x)
    else:
        a[0] = split_square(alpha, &inverse)
        scale[0] = one_over_power(inverse)
        end = 2.582249878086909e+120 * inverse
        size = end if size > end else size
        cut[0] = copysign(size, x)
        size = size * scale[0]
        square = two_product(size, size, &square_low)
        product = two_product(square, a[0], &product_low)
        q = two_sum(1.0, product, &low)
        return inverse_square_root(q, low + madd(square_low, a[0], product_low), rest, x)


# x/sqrt(1 + alpha x**2)
#
# Limits   -inf -> -1/sqrt(alpha), +inf -> 1/sqrt(alpha); the sign of zero is kept
cdef inline double root_unit(real x, real alpha) noexcept nogil:
    cdef double cut, a, scale, rest, low
    cdef double r = inverse_root(x, alpha, &cut, &a, &scale, &rest)
    cdef double product = two_product(cut, r, &low)
    if real is float:
        return copysign(madd(product, rest, product), x)
    else:
        return copysign(product + madd(product, rest, low), x)


# (1 + alpha x**2)**(-3/2)
#
# Method   (1 + rest)**3 = 1 + 3 rest + 3 rest**2 to within rest**3, and r**2 is exact
# Limits   -inf -> 0, +inf -> 0
cdef inline double root_unit_derivative(real x, real alpha) noexcept nogil:
    cdef double cut, a, scale, rest, low
    cdef double r = inverse_root(x, alpha, &cut, &a, &scale, &rest)
    cdef double cube = two_product(r * r, r, &low)
    if real is float:
        return madd(cube, 3.0 * rest, cube)
    else:
        return cube + madd(cube, 3.0 * madd(rest, rest, rest), low)


# -3 alpha x (1 + alpha x**2)**(-5/2) = -3 alpha (x r) r**4
#
# Method   alpha x r = (a scale) (scale x r), and x r is bounded. Where the second factor would be subnormal, the first
#          takes both scales. The rounding errors of all products but the last are carried along, and
#          (1 + rest)**5 = 1 + 5 rest + 10 rest**2 to within rest**3.
# Limits   -inf -> 0, +inf -> -0
cdef inline double root_unit_second_derivative(real x, real alpha) noexcept nogil:
    cdef double cut, a, scale, rest, by, slope, slope_low, square, bounded, low, product, product_low, next
    cdef double r = inverse_root(x, alpha, &cut, &a, &scale, &rest)
    cdef bint near = fabs(cut) < 1e-200 and scale < 1.0
    square = r * r
    if real is float:
        return (-3.0 * a) * (cut * r) * square * square * madd(5.0, rest, 1.0)
    else:
        by = scale * scale if near else scale
        cut = cut if near else cut * scale
        slope = two_product(-3.0, a, &slope_low)
        bounded = two_product(cut, r, &low)
        product = two_product(slope * by, bounded, &product_low)
        low = product_low + madd(slope * by, low, slope_low * by * bounded)
        next = two_product(product, square, &product_low)
        low = product_low + madd(low, square, next * (rest * madd(10.0, rest, 5.0)))
        return madd(next, square, low * square)


# 1 - alpha y**2 for the output y, to full precision; negative beyond the range
cdef inline double root_unit_remainder(real y, real alpha) noexcept nogil:
    cdef double a, inverse, size, square, square_low, product, product_low, low, difference
    if real is float:
        # the square is exact, and the product is rounded only with the difference
        return fused(-<double>alpha, <double>y * y, 1.0)
    else:
        a = split_square(alpha, &inverse)
        size = y * one_over_power(inverse)
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


# (x + sqrt(x**2 + b))/2   (b > 0)
#
# Method   x < 0, where the two terms cancel: b/2/(sqrt(x**2 + b) - x)
# Limits   -inf -> 0, +inf -> inf
cdef inline double root_mean(real x, real b) noexcept nogil:
    cdef double position, square, root, back, s, total, below
    s = scaled_root(x, b, &position, &square, &root, &back)
    total = s + fabs(position)
    below = b * root / (total + total) * root
    return 0.5 * total * back * back if x > 0 else below


# The derivative of that, (1 + x/s)/2 with s = sqrt(x**2 + b): w = b/(2 s (s + |x|)) for x < 0, 1 - w for x >= 0
#
# Method   The rounding errors of x**2 + b, s, s + |x| and of their product enter to first order. One division serves
#          for the reciprocals of all.
# Limits   -inf -> 0, +inf -> 1
cdef inline double root_mean_derivative(real x, real b) noexcept nogil:
    cdef double position, square, root, back, half, d, w, low, error, scale
    cdef double s = scaled_root[real](<real>finite_part(x), b, &position, &square, &root, &back)
    scale = root * root
    half = two_sum(s, fabs(position), &low)
    half = 0.5 * half
    d = s * half
    w = 1.0 / d
    if real is double:
        # sqrt(x**2 + b) - s
        error = square_remainder(position, square, s) * 0.5 * (half * w)
        error = error * (half * w) + 0.5 * (error + low) * (s * w) + fused(s, half, -d) * w - fused(-w, d, 1.0)
        w = madd(-w, error, w)
    w = b * scale * w * (0.25 * scale)
    return w if x < 0 else 1.0 - w
