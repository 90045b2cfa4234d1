# How far float32 results are from float64 ones: what the exhaustive test of float32 asks of every number.

from libc.math cimport fabs
from libc.stdint cimport int64_t
from libc.string cimport memcpy

cdef extern from *:
    """
    #include <math.h>
    """
    const double INFINITY


cdef inline double distance(float got, double wanted) noexcept nogil:
    """|got - wanted| in units in the last place of float32; infinite where one of them is NaN and the other is not.

    A result that is too large for float32 counts as 2**128, one ulp beyond the largest number.
    """
    cdef int64_t bits
    cdef double place, value = got, size = fabs(wanted)
    # 2**exponent of `wanted`, at least that of the smallest normal float32
    size = size if size > 1.1754943508222875e-38 else 1.1754943508222875e-38
    size = size if size < 3.4028234663852886e38 else 3.4028234663852886e38
    memcpy(&bits, &size, 8)
    bits = bits & <int64_t>0x7FF0000000000000LL
    memcpy(&place, &bits, 8)
    value = 3.402823669209385e38 if value > 3.402823669209385e38 else value
    value = -3.402823669209385e38 if value < -3.402823669209385e38 else value
    wanted = 3.402823669209385e38 if wanted > 3.402823669209385e38 else wanted
    wanted = -3.402823669209385e38 if wanted < -3.402823669209385e38 else wanted
    place = fabs(value - wanted) / (place * 1.1920928955078125e-07)
    if value != value or wanted != wanted:
        return 0.0 if value != value and wanted != wanted else INFINITY
    return place


cdef inline bint exceeds(float got, double wanted, double worst) noexcept nogil:
    """Can the distance be larger than `worst`? An ulp is more than 2**-24 of the number. NaN can."""
    return not fabs(got - wanted) * 16777216.0 <= worst * fabs(wanted)


def worst_distance(const float[::1] got, const double[::1] wanted):
    """The largest distance and its index; -1 of nothing. Measured is only what can exceed the largest so far."""
    cdef Py_ssize_t i, start, stop, place = 0, size = got.shape[0]
    cdef int64_t candidates  # as wide as what is compared, so that the loop becomes vector instructions
    cdef double one, worst = 0.0 if size else -1.0
    with nogil:
        for start in range(0, size, 256):
            stop = min(start + 256, size)
            candidates = 0
            for i in range(start, stop):
                candidates += exceeds(got[i], wanted[i], worst)
            if not candidates:
                continue
            for i in range(start, stop):
                if exceeds(got[i], wanted[i], worst):
                    one = distance(got[i], wanted[i])
                    if one > worst:
                        worst = one
                        place = i
    return worst, place
