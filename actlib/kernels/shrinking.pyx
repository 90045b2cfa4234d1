# Functions that shrink small inputs to 0.
#
# A function whose arguments are all `real` becomes a ufunc of its name (generate.py). The first two are flat on the
# closed interval [-lambd, lambd], where every derivative is 0, and computed in the working type: one subtraction,
# rounded once.

from libc.math cimport copysign, fabs, fabsf

from .compound cimport quotient
from .primitives cimport exp_nonpositive, expm1_sum, hyperbolic_tangent, logistic_slope, madd, real, two_product
from .single cimport FUSED_SINGLE, tanh_shrink_single


cdef inline real magnitude(real x) noexcept nogil:
    if real is float:
        return fabsf(x)
    else:
        return fabs(x)


cdef inline real passing(real x, real value) noexcept nogil:
    """`value`, or NaN where x is NaN."""
    return value if x == x else x


# hard_shrink(x) = x for |x| > lambd, else 0   (lambd >= 0)
cdef inline double hard_shrink(real x, real lambd) noexcept nogil:
    return <real>0.0 if magnitude(x) <= lambd else x


cdef inline double hard_shrink_derivative(real x, real lambd) noexcept nogil:
    return passing[real](x, 1.0 if magnitude(x) > lambd else 0.0)


cdef inline double hard_shrink_second_derivative(real x, real lambd) noexcept nogil:
    return passing[real](x, 0.0)


cdef inline double hard_shrink_derivative_from_output(real y, real lambd) noexcept nogil:
    return passing[real](y, 1.0 if y != 0 else 0.0)


# soft_shrink(x) = x - lambd for x > lambd, x + lambd for x < -lambd, else 0   (lambd >= 0)
cdef inline double soft_shrink(real x, real lambd) noexcept nogil:
    cdef real step = lambd if x > 0 else -lambd
    cdef real moved = x - step
    return <real>0.0 if magnitude(x) <= lambd else moved


cdef inline double soft_shrink_derivative(real x, real lambd) noexcept nogil:
    return passing[real](x, 1.0 if magnitude(x) > lambd else 0.0)


cdef inline double soft_shrink_second_derivative(real x, real lambd) noexcept nogil:
    return passing[real](x, 0.0)


cdef inline double soft_shrink_derivative_from_output(real y, real lambd) noexcept nogil:
    return passing[real](y, 1.0 if y != 0 else 0.0)


# tanh_shrink(x) = x - tanh(x)
#
# Method   |x| < 1: x**3 P(x**2), for the difference has no digits left. Beyond: (|x| - 1) + 2 e/(1 + e) with
#          e = exp(-2|x|), where |x| - 1 is exact up to 2 (Sterbenz) and both terms have one sign.
# Limits   -inf -> -inf, +inf -> inf; the sign of zero is kept
cdef inline double tanh_shrink(real x) noexcept nogil:
    cdef double a, e, z, square, cube, low, cube_low, p
    if real is float and FUSED_SINGLE:
        return tanh_shrink_single(x)
    a = fabs(<double>x)
    e = exp_nonpositive(-2.0 * a, x)
    z = two_product(a, a, &low)
    square = z * z
    cube = two_product(a, z, &cube_low)
    if real is float:
        p = 4.846711195865875e-05
        p = madd(p, square, madd(-0.00033768981029704557, z, 0.001242157496259036))
        p = madd(p, square, madd(-0.003478386489588535, z, 0.00882625034385819))
        p = madd(p, square, madd(-0.02186257538161619, z, 0.05396759669145474))
        p = madd(p, square, madd(-0.13333330899461984, z, 0.3333333331834693))
        p = cube * p
    else:
        p = madd(-2.5155023659382105e-08, z, 2.6330772232959337e-07)
        p = madd(p, square, madd(-1.3791814499083342e-06, z, 4.987760317520347e-06))
        p = madd(p, square, madd(-1.4606131676715378e-05, z, 3.8389607893147334e-05))
        p = madd(p, square, madd(-9.646277743313181e-05, z, 0.00023895705228738225))
        p = madd(p, square, madd(-0.0005899792946300052, z, 0.0014558246920964941))
        p = madd(p, square, madd(-0.003592126679366341, z, 0.008863235404578283))
        p = madd(p, square, madd(-0.02186948852912909, z, 0.05396825396804637))
        p = madd(p, square, madd(-0.1333333333333309, z, 1.3756324892575852e-17))
        # the first coefficient, the largest, with what it and a**3 miss
        p = madd(cube, 0.3333333333333333, madd(madd(a, low, cube_low), 0.3333333333333333, cube * p))
    return copysign(p if a < 1.0 else (a - 1.0) + quotient(2.0 * e, 1.0 + e, x), x)


# tanh(x); for float32 it is -t/(2 + t) with t = exp(-2|x|) - 1, for hyperbolic_tangent stops a little below 1
cdef inline double tangent(double x, real like) noexcept nogil:
    cdef double low, t
    if real is float:
        t = expm1_sum(-2.0 * fabs(x), &low, like)
        return copysign(quotient(t, 2.0 + t, like), x)
    else:
        return hyperbolic_tangent(x, like)


# tanh_shrink'(x) = tanh(x)**2
#
# Limits   -inf -> 1, +inf -> 1
cdef inline double tanh_shrink_derivative(real x) noexcept nogil:
    cdef double t = tangent(x, x)
    return t * t


# tanh_shrink''(x) = 2 tanh(x) tanh'(x) = tanh(x) 8 e/(1 + e)**2 with e = exp(-2|x|)
#
# Limits   0 at both ends; the sign of zero is kept
cdef inline double tanh_shrink_second_derivative(real x) noexcept nogil:
    return tangent(x, x) * logistic_slope(2.0 * <double>x, 8.0, x)
