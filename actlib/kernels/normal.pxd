# The tail of the normal distribution, which gelu, ndtr and log_ndtr have in common. Coefficients: coefficients.py.

from .compound cimport quotient
from .primitives cimport madd, real


# (1 - Phi(a))/exp(-a**2/2) for a >= 0: the Mills ratio over sqrt(2 pi)
#
# Method   times a + 5/4 it varies little, and is a polynomial in s = (a - 4)/(a + 4) (Shepherd and Laframboise 1981,
#          doi:10.1090/S0025-5718-1981-0595058-X). Meant for a <= 20 in float32, where quotient() wants less than
#          1e19, and a <= 40 in float64; beyond, digits are lost slowly.
cdef inline double normal_tail_ratio(double a, real like) noexcept nogil:
    cdef double s, square, p, inverse
    if real is float:
        inverse = quotient(1.0, (a + 4.0) * (a + 1.25), like)
        s = (a - 4.0) * ((a + 1.25) * inverse)
        square = s * s
        p = madd(-3.258181325005194e-06, s, -7.755050318887216e-05)
        p = madd(p, square, madd(-7.754367074961598e-05, s, 0.0006543419565787459))
        p = madd(p, square, madd(-0.00013828945405836213, s, -0.004879296120122247))
        p = madd(p, square, madd(0.015815560887084183, s, -0.02448090227399165))
        p = madd(p, square, madd(0.010673296099426681, s, 0.04509440281741946))
        p = madd(p, square, madd(-0.13930290206065601, s, 0.4956558672674809))
        return p * ((a + 4.0) * inverse)
    else:
        s = (a - 4.0) / (a + 4.0)
        square = s * s
        p = madd(-2.4072342476638173e-10, s, -1.3004070662783827e-09)
        p = madd(p, square, madd(-9.634487628260037e-10, s, 7.880050095993524e-09))
        p = madd(p, square, madd(1.7261681043255746e-08, s, -2.051609691831189e-08))
        p = madd(p, square, madd(-1.0901135404688355e-07, s, -8.302412797063783e-09))
        p = madd(p, square, madd(5.292509854816859e-07, s, 4.5390572316222827e-07))
        p = madd(p, square, madd(-2.44814304417896e-06, s, -3.6387237369290818e-06))
        p = madd(p, square, madd(1.2551243607663332e-05, s, 2.2407720242542684e-05))
        p = madd(p, square, madd(-8.069116633361182e-05, s, -0.00010581893986031744))
        p = madd(p, square, madd(0.0006481010480970232, s, -0.00012591963904740497))
        p = madd(p, square, madd(-0.0048754880732734965, s, 0.01581307360938546))
        p = madd(p, square, madd(-0.02448163640146103, s, 0.010673512219109837))
        p = madd(p, square, madd(0.04509444855924048, s, -0.1393029077136396))
        p = 0.4956558668353369 + madd(p, s, 5.9200164609741456e-18)
        return p / (a + 1.25)


# exp(-a**2/2)/sqrt(2 pi)/(1 - Phi(a)) for a >= 20
#
# Method   a + Q(1/a**2)/a, as the asymptotic series
# Limits   +inf -> inf
cdef inline double normal_hazard(double a) noexcept nogil:
    cdef double inverse = 1.0 / a
    cdef double z = inverse * inverse
    cdef double square = z * z
    cdef double p = 96740.42715275404
    p = madd(p, square, madd(-8116.390531976837, z, 705.923357754423))
    p = madd(p, square, madd(-73.99993346330727, z, 9.999999972399747))
    p = madd(p, square, madd(-1.999999999995697, z, 0.9999999999999999))
    return madd(p, inverse, a)
