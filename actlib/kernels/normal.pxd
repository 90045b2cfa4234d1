# The tail of the normal distribution, which gelu, ndtr and log_ndtr have in common. Coefficients: coefficients.py.

from libc.math cimport fabs

from .primitives cimport madd, real


# |x|, or where the tail rounds to 0 and farther out a number for which it does so too
cdef inline double tail_cut(real x) noexcept nogil:
    cdef real most
    if real is float:
        most = 20.0
    else:
        most = 40.0
    return most if fabs(x) > most else <real>fabs(x)


# (1 - Phi(a))/exp(-a**2/2) for a >= 0: the Mills ratio over sqrt(2 pi)
#
# Method   float32: a ratio of polynomials in a, to 1.2e-8 for a <= 20. The division in double costs less than what
#          would stand for it, for it goes on beside the multiplications.
#          float64: times a + 5/4 it varies little, and is a polynomial in s = (a - 4)/(a + 4) (Shepherd and Laframboise
#          1981, doi:10.1090/S0025-5718-1981-0595058-X). Meant for a <= 40. Beyond, digits are lost slowly.
cdef inline double normal_tail_ratio(double a, real like) noexcept nogil:
    cdef double s, square, p, below
    if real is float:
        p = madd(0.3989445595953251, a, 3.84537618981674)
        p = madd(madd(madd(p, a, 17.04140778187863), a, 40.16935843583202), a, 44.96918055446039)
        below = madd(a + 9.639289855564247, a, 43.70691645505684)
        below = madd(madd(madd(below, a, 110.47058390810133), a, 152.09920530373637), a, 89.9383602680412)
        return p / below
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
