# Functions that shrink small inputs to 0.
#
# A function whose arguments are all `real` becomes a ufunc of its name (generate.py). Both are flat on the closed
# interval [-lambd, lambd], where every derivative is 0. Computed in the working type: one subtraction, rounded once.

from libc.math cimport fabs, fabsf

from .primitives cimport real


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
