# Functions that oscillate: sine, snake.
#
# A function whose arguments are all `real` becomes a ufunc of its name (generate.py). Where `f` returns NaN, `f_rare`
# is asked: for arguments that are too large, or too close to a zero, for the reduction that a loop can do.

from libc.math cimport fabs, fabsf
from libc.stdint cimport int64_t, uint32_t

from .primitives cimport INFINITY, NAN, fused, madd, real, two_product, two_sum
from .single cimport FUSED_SINGLE, Pair, fused_single
from .trigonometric cimport (
    reduce_exactly, reduce_turns, reduce_turns_single, sine_of_turns, sine_of_turns_single)


# a b, and `low` what its rounding misses: nothing for two float32
cdef inline double argument(double a, double b, double* low, real like) noexcept nogil:
    if real is float:
        low[0] = 0.0
        return a * b
    else:
        return two_product(a, b, low)


# sine(x) = sin(omega x)
#
# Method   trigonometric.pxd; below 2**-28 (2**-13 in float32) it is omega x, rounded once
# Limits   none at +-inf: NaN; the sign of zero is kept
cdef inline double sine(real x, real omega) noexcept nogil:
    cdef float t, low, r, rest
    cdef uint32_t quarters
    cdef Pair value
    if real is float and FUSED_SINGLE:
        t = omega * x
        r = reduce_turns_single(t, fused_single(omega, x, -t), &rest, &quarters)
        value = sine_of_turns_single(r, rest, quarters)
        low = value.high + value.low
        return t if fabsf(t) < <float>0.0001220703125 else low
    return sine_by_double(x, omega, x)


cdef inline double sine_by_double(double x, double omega, real like) noexcept nogil:
    cdef double low, rest, value, value_low
    cdef int64_t quarters
    cdef double t = argument(omega, x, &low, like)
    cdef double r = reduce_turns(t, low, 0.0, &rest, &quarters, like)
    value = sine_of_turns(r, rest, quarters, &value_low, like)
    return t if fabs(t) < 3.7252902984619140625e-09 else value + value_low


cdef double sine_rare(real x, real omega) noexcept nogil:
    cdef double rest, r, value, value_low
    cdef int64_t quarters
    if not fabs(x) < INFINITY or not fabs(omega) < INFINITY:
        return NAN
    value = sine_by_double(x, omega, x)
    if value == value:
        return value
    r = reduce_exactly(omega, x, 0, False, &rest, &quarters)
    value = sine_of_turns(r, rest, quarters, &value_low, x)
    return value + value_low


# sine'(x) = omega cos(omega x), the sine of a quarter turn more
cdef inline double sine_derivative(real x, real omega) noexcept nogil:
    cdef float t, r, rest
    cdef uint32_t quarters
    cdef Pair value
    if real is float and FUSED_SINGLE:
        t = omega * x
        r = reduce_turns_single(t, fused_single(omega, x, -t), &rest, &quarters)
        value = sine_of_turns_single(r, rest, quarters + 1)
        return fused_single(omega, value.high, omega * value.low)
    return sine_slope(x, omega, x)


cdef double sine_derivative_rare(real x, real omega) noexcept nogil:
    return sine_slope_rare(x, omega, x)


cdef inline double sine_slope(double x, double omega, real like) noexcept nogil:
    cdef double low, rest, value
    cdef int64_t quarters
    cdef double t = argument(omega, x, &low, like)
    cdef double r = reduce_turns(t, low, 0.0, &rest, &quarters, like)
    value = sine_of_turns(r, rest, quarters + 1, &low, like)
    return omega * (value + low)


cdef double sine_slope_rare(double x, double omega, real like) noexcept nogil:
    cdef double rest, r, value, low
    cdef int64_t quarters
    if not fabs(x) < INFINITY or not fabs(omega) < INFINITY:
        return NAN
    value = sine_slope(x, omega, like)
    if value == value:
        return value
    r = reduce_exactly(omega, x, 0, False, &rest, &quarters)
    value = sine_of_turns(r, rest, quarters + 1, &low, like)
    return omega * (value + low)


cdef inline double sine_backward(real upstream, real x, real omega) noexcept nogil:
    return upstream * sine_slope(x, omega, x)


cdef double sine_backward_rare(real upstream, real x, real omega) noexcept nogil:
    return upstream * sine_slope_rare(x, omega, x)


# sine''(x) = -omega**2 sin(omega x)
#
# Method   One omega after the other, for the square may overflow. Where omega x may be subnormal, the result need not
#          be: there x comes with a factor 2**100, which the end takes away.
cdef inline double sine_second_derivative(real x, real omega) noexcept nogil:
    cdef double value, t = <double>omega * <double>x
    cdef bint tiny = fabs(t) < 1.1830521861667747e-271
    value = <double>omega * (x * 1.2676506002282294e30) if tiny else sine_by_double(x, omega, x)
    return -(omega * (omega * value)) * (7.888609052210118e-31 if tiny else 1.0)


cdef double sine_second_derivative_rare(real x, real omega) noexcept nogil:
    return -(omega * (omega * sine_rare(x, omega)))


# snake(x) = x + sin(a x)**2/a
#
# Method   With s + low = sin(a x): x + s (s/a), for s/a is at most x and cannot overflow. For negative a x the sum
#          may leave 28 % of x, so s/a and its product with s are carried with their rounding errors. Where |a x| is
#          below 2**-60 or above 2**60, the second term is below half an ulp of x.
# Limits   -inf -> -inf, +inf -> inf; a = 0 gives x; the sign of zero is kept
cdef inline double snake(real x, real a) noexcept nogil:
    cdef double low, rest, s
    cdef int64_t quarters
    cdef double t = argument(a, x, &low, x)
    cdef double r = reduce_turns(t, low, 0.0, &rest, &quarters, x)
    s = sine_of_turns(r, rest, quarters, &low, x)
    rest = plus_square(x, a, s, low, x)
    return x if (fabs(t) < 8.673617379884035e-19) | (fabs(t) > 1.152921504606847e18) else rest


cdef double snake_rare(real x, real a) noexcept nogil:
    cdef double rest, r, s, low
    cdef double scale = 1.152921504606847e18 if fabs(a) < 1e-300 else 1.0
    cdef int64_t quarters
    if not fabs(x) < INFINITY or not fabs(a) < INFINITY:
        return x if a == 0 else NAN  # elsewhere an infinite product is left to snake
    r = reduce_exactly(a, x, 0, False, &rest, &quarters)
    s = sine_of_turns(r, rest, quarters, &low, x)
    # where 1/a may overflow, x is so large that a part of it is a multiple of the smallest number
    return plus_square(x / scale, a * scale, s, low, x) * scale


# x + (s + low)**2/a
cdef inline double plus_square(double x, double a, double s, double low, real like) noexcept nogil:
    cdef double high, inverse, ratio, ratio_low, square, square_low, total, total_low
    if real is float:
        return x + s * (s / a)
    else:
        high = s + low
        low = (s - high) + low
        inverse = 1.0 / a if fabs(a) > 8.9e-308 else NAN
        ratio = high * inverse
        ratio_low = (fused(-ratio, a, high) + low) * inverse
        square = two_product(high, ratio, &square_low)
        total = two_sum(x, square, &total_low)
        total_low = total_low + (square_low + madd(high, ratio_low, low * ratio))
        return total + (total_low if fabs(total) < INFINITY else 0.0)


# snake'(x) = 1 + sin(2 a x) = 2 sin(a x + pi/4)**2
#
# Method   The second form has no sum to cancel at the zeros, where a x is a quarter turn less half a one.
# Limits   none at +-inf: NaN
cdef inline double snake_derivative(real x, real a) noexcept nogil:
    cdef double low, rest
    cdef int64_t quarters
    cdef double t = argument(a, x, &low, x)
    cdef double r = reduce_turns(t, low, 0.5, &rest, &quarters, x)
    return twice_square(r, rest, quarters, x)


cdef double snake_derivative_rare(real x, real a) noexcept nogil:
    cdef double rest, r
    cdef int64_t quarters
    if not fabs(x) < INFINITY or not fabs(a) < INFINITY:
        return NAN
    r = reduce_exactly(a, x, 0, True, &rest, &quarters)
    return twice_square(r, rest, quarters, x)


# 2 sin(quarters pi/2 + r + rest)**2
cdef inline double twice_square(double r, double rest, int64_t quarters, real like) noexcept nogil:
    cdef double part, high, low, square, rounding
    part = sine_of_turns(r, rest, quarters, &low, like)
    if real is float:
        return 2.0 * part * part
    else:
        high = part + low
        low = (part - high) + low
        square = two_product(high, high, &rounding)
        return 2.0 * (square + madd(2.0 * high, low, rounding))


# snake''(x) = 2 a cos(2 a x)
cdef inline double snake_second_derivative(real x, real a) noexcept nogil:
    cdef double low, rest, value
    cdef int64_t quarters
    cdef double t = argument(a, x, &low, x)
    cdef double r = reduce_turns(2.0 * t, 2.0 * low, 0.0, &rest, &quarters, x)
    value = sine_of_turns(r, rest, quarters + 1, &low, x)
    return a * (2.0 * (value + low))


cdef double snake_second_derivative_rare(real x, real a) noexcept nogil:
    cdef double rest, r, value, low
    cdef int64_t quarters
    if not fabs(x) < INFINITY or not fabs(a) < INFINITY:
        return NAN
    r = reduce_exactly(a, x, 1, False, &rest, &quarters)
    value = sine_of_turns(r, rest, quarters + 1, &low, x)
    return a * (2.0 * (value + low))
