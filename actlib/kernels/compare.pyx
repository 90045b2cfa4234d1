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


def worst_distance(const float[::1] got, const double[::1] wanted):
    """The largest distance and its index; -1 of nothing.

    An ulp is more than 2**-24 of the number: what cannot exceed the largest distance so far is not measured.
    """
    cdef Py_ssize_t i, place = 0
    cdef double one, worst = distance(got[0], wanted[0]) if got.shape[0] else -1.0
    with nogil:
        for i in range(got.shape[0]):
            if fabs(got[i] - wanted[i]) * 16777216.0 <= worst * fabs(wanted[i]):
                continue
            one = distance(got[i], wanted[i])
            if one > worst:
                worst = one
                place = i
    return worst, place
