# Functions made of straight and parabolic pieces: clips, hard gates and thresholds.
#
# A function whose arguments are all `real` becomes a ufunc of its name (generate.py). At a kink every derivative is
# that of the flat side, at a clip the saturated one, and the second derivative is 0.
#
# What only selects is done in the working type, so that a vector holds as many float32 as fit. NaN passes: a
# comparison with it is false, and every select then returns x.

from libc.math cimport sqrt, sqrtf

from .primitives cimport NAN, fused, madd, propagate_nan, real, two_sum
from .single cimport FUSED_SINGLE, fused_single


cdef inline real passing(real x, real value) noexcept nogil:
    """`value`, or NaN where x is NaN."""
    return value if x == x else x


cdef inline real between(real x, real low, real high, real inside) noexcept nogil:
    """`inside` for low < x < high, else 0; NaN where x is NaN."""
    cdef real value = inside if x < high else <real>0.0
    return passing(x, value if x > low else <real>0.0)


# relu6(x) = min(max(x, 0), 6)
cdef inline double relu6(real x) noexcept nogil:
    cdef real value = <real>0.0 if x <= 0 else x
    return <real>6.0 if value > 6 else value


cdef inline double relu6_derivative(real x) noexcept nogil:
    return between[real](x, 0.0, 6.0, 1.0)


cdef inline double relu6_second_derivative(real x) noexcept nogil:
    return passing[real](x, 0.0)


cdef inline double relu6_derivative_from_output(real y) noexcept nogil:
    return between[real](y, 0.0, 6.0, 1.0)


# clipped_relu(x) = min(max(x, 0), top) for top > 0, called n outside
cdef inline double clipped_relu(real x, real top) noexcept nogil:
    cdef real value = <real>0.0 if x <= 0 else x
    return top if value > top else value


cdef inline double clipped_relu_derivative(real x, real top) noexcept nogil:
    return between[real](x, 0.0, top, 1.0)


cdef inline double clipped_relu_second_derivative(real x, real top) noexcept nogil:
    return passing[real](x, 0.0)


cdef inline double clipped_relu_derivative_from_output(real y, real top) noexcept nogil:
    return between[real](y, 0.0, top, 1.0)


# hard_tanh(x) = min(max(x, min_val), max_val) for min_val <= max_val; the sign of zero is kept
cdef inline double hard_tanh(real x, real min_val, real max_val) noexcept nogil:
    cdef real value = min_val if x <= min_val else x
    return max_val if value > max_val else value


cdef inline double hard_tanh_derivative(real x, real min_val, real max_val) noexcept nogil:
    return between[real](x, min_val, max_val, 1.0)


cdef inline double hard_tanh_second_derivative(real x, real min_val, real max_val) noexcept nogil:
    return passing[real](x, 0.0)


cdef inline double hard_tanh_derivative_from_output(real y, real min_val, real max_val) noexcept nogil:
    return between[real](y, min_val, max_val, 1.0)


# a x + b rounded once: in double, the product of two float32 is exact and needs no fused operation
cdef inline real line(real a, real x, real b) noexcept nogil:
    if real is float:
        return fused_single(a, x, b) if FUSED_SINGLE else <float>madd(<double>a, x, b)
    else:
        return fused(a, x, b)


# hard_sigmoid(x) = min(max(slope x + offset, 0), 1) for slope > 0
#
# Method   One rounding: near its zero the sum cancels, and a product rounded before would be all that is left.
# Limits   -inf -> 0, +inf -> 1
cdef inline double hard_sigmoid(real x, real slope, real offset) noexcept nogil:
    cdef real value = line(slope, x, offset)
    value = <real>0.0 if value <= 0 else value
    return <real>1.0 if value > 1 else value


# Method   Which side of a clip x is on is decided exactly: the rounded value is 1 already below the kink. With
#          1 - offset = high + low exactly, slope x + offset < 1 is slope x - high < low. An offset of 0 leaves
#          the sign of x, where slope x may underflow; so does a high of 0.
cdef inline double hard_sigmoid_derivative(real x, real slope, real offset) noexcept nogil:
    cdef real high = 1 - offset
    cdef real part = high - 1
    cdef real low = <real>(1 - <real>(high - part)) + <real>(-offset - part)
    cdef real above = line(slope, x, offset)
    above = x if offset == 0 else above
    cdef real below = line(slope, x, -high)
    below = x if high == 0 else below
    cdef real inside = slope if below < low else <real>0.0
    return passing(x, inside if above > 0 else <real>0.0)


cdef inline double hard_sigmoid_second_derivative(real x, real slope, real offset) noexcept nogil:
    return passing[real](x, 0.0)


cdef inline double hard_sigmoid_derivative_from_output(real y, real slope, real offset) noexcept nogil:
    return between[real](y, 0.0, 1.0, slope)


cdef inline double sixth_of_sum(double a, double b, double* low, real like) noexcept nogil:
    """(a + b)/6 as a double and the rest that it misses; for float32 the rest is 0."""
    cdef double lost
    cdef double total = two_sum(a, b, &lost)
    cdef double w = total * 0.16666666666666666
    if real is float:
        low[0] = 0.0
    else:
        low[0] = madd(total, 0.16666666666666666, -w) + madd(total, 9.25185853854297e-18, lost * 0.16666666666666666)
    return w


# hard_swish(x) = x min(max(x + 3, 0), 6)/6 = x (x + 3)/6 for -3 < x < 3, 0 below and x above
#
# Method   float64: x + 3 = sum + lost exactly, and 1/6 is two doubles: w + low = (x + 3)/6 to more than double
#          precision, also beside the zero at -3, where the sum is exact (Sterbenz).
# Limits   -inf -> 0, +inf -> inf
cdef inline double hard_swish(real x) noexcept nogil:
    cdef double low
    cdef double w = sixth_of_sum(x, 3.0, &low, x)
    cdef double value = madd(x, w, x * low)
    value = 0.0 if x <= -3 else value
    return x if x >= 3 else value


# hard_swish'(x) = (2 x + 3)/6 for -3 < x < 3, in full relative precision beside its zero at -3/2
cdef inline double hard_swish_derivative(real x) noexcept nogil:
    cdef double low
    cdef double w = sixth_of_sum(2.0 * <double>x, 3.0, &low, x)
    cdef double value = w + low
    value = 0.0 if x <= -3 else value
    return 1.0 if x >= 3 else value


cdef inline double hard_swish_second_derivative(real x) noexcept nogil:
    return between[real](x, -3.0, 3.0, 0.3333333333333333)


# threshold(x) = x for x > bound, else other
cdef inline double threshold(real x, real bound, real other) noexcept nogil:
    return other if x <= bound else x


cdef inline double threshold_derivative(real x, real bound, real other) noexcept nogil:
    return passing[real](x, 1.0 if x > bound else 0.0)


cdef inline double threshold_second_derivative(real x, real bound, real other) noexcept nogil:
    return passing[real](x, 0.0)


# thresholded_relu(x) = x for x > bound, else 0
cdef inline double thresholded_relu(real x, real bound) noexcept nogil:
    return <real>0.0 if x <= bound else x


cdef inline double thresholded_relu_derivative(real x, real bound) noexcept nogil:
    return passing[real](x, 1.0 if x > bound else 0.0)


cdef inline double thresholded_relu_second_derivative(real x, real bound) noexcept nogil:
    return passing[real](x, 0.0)


# From the output: NaN for a negative bound, where the output 0 belongs to two inputs of different slopes
cdef inline double thresholded_relu_derivative_from_output(real y, real bound) noexcept nogil:
    return NAN if bound < 0 else passing[real](y, 1.0 if y > bound else 0.0)


# relu_squared(x) = max(0, x)**2
cdef inline double relu_squared(real x) noexcept nogil:
    return <real>0.0 if x <= 0 else x * x


cdef inline double relu_squared_derivative(real x) noexcept nogil:
    return 0.0 if x <= 0 else 2.0 * x


cdef inline double relu_squared_second_derivative(real x) noexcept nogil:
    return passing[real](x, 2.0 if x > 0 else 0.0)


cdef inline double relu_squared_derivative_from_output(real y) noexcept nogil:
    if real is float:
        return <float>2.0 * sqrtf(y)
    else:
        return 2.0 * sqrt(y)


# smelu(x) = (x + beta)**2/(4 beta) for |x| < beta, 0 below and x above   (beta > 0)
#
# Method   With h + low = (x + beta)/2 exactly and r = h/beta: h r + 2 low r. Nothing is squared that could overflow
#          or underflow; beside the double zero at -beta the sum is exact (Sterbenz).
# Limits   -inf -> 0, +inf -> inf
cdef inline double smelu(real x, real beta) noexcept nogil:
    cdef double low
    cdef double h = two_sum(0.5 * <double>x, 0.5 * <double>beta, &low)
    cdef double r = h / beta
    cdef double value
    if real is float:
        value = h * r
    else:
        value = madd(h, r, 2.0 * low * r)
    value = 0.0 if x <= -beta else value
    return x if x >= beta else value


# smelu'(x) = (x + beta)/(2 beta) for |x| < beta, 0 below and 1 above
#
# Method   Halves cannot overflow; of a subnormal beta, whose half may not be exact, the 2**60th multiples are taken.
cdef inline double smelu_derivative(real x, real beta) noexcept nogil:
    cdef double scale = 0.5
    cdef double value
    if real is double:
        scale = 1.152921504606847e+18 if beta < 1e-290 else 0.5
    value = (scale * <double>x + scale * <double>beta) / (2.0 * scale * <double>beta)
    value = 0.0 if x <= -beta else value
    return 1.0 if x >= beta else value


cdef inline double smelu_second_derivative(real x, real beta) noexcept nogil:
    cdef double value = 0.5 / <double>beta if x < beta else 0.0
    return propagate_nan(x, value if x > -beta else 0.0)


# smelu' = min(sqrt(y/beta), 1)
#
# Method   With y or beta scaled by a power of two where it is very small or large, so that no quotient is subnormal;
#          where one is infinite, y > beta. The root is scaled back by the root of the factor. float32: the root halves
#          the error of the quotient, hence 0.86 ulp.
cdef inline double smelu_derivative_from_output(real y, real beta) noexcept nogil:
    cdef real factor, small, root
    if real is float:
        small, factor = 8.673617379884035e-19, 1.2676506002282294e30
    else:
        small, factor = 3.8725919148493183e-121, 4.149515568880993e+180
    cdef real top = y * factor if y < small else y
    cdef real below = beta * (1 / factor) if beta > 1 / small else beta
    cdef real back = <real>1.0
    if real is float:
        back = <real>8.881784197001252e-16 if y < small else back
        back = <real>(back * 8.881784197001252e-16) if beta > 1 / small else back
        root = sqrtf(top / below) * back
    else:
        back = 4.909093465297727e-91 if y < small else back
        back = back * 4.909093465297727e-91 if beta > 1 / small else back
        root = sqrt(top / below) * back
    return <real>1.0 if root > 1 else root
