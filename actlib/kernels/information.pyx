# Information theory: terms p log p and their kin, summed over the entries of a distribution.
#
# The sums are driven by loss_rows.pxd, with p as the prediction and q as the target. A function whose arguments are all
# `real` becomes a ufunc of its name (generate.py).

from libc.math cimport fabs

from .logarithms cimport entropy_term, product_with_log, relative_entropy_term
from .primitives cimport NAN, log, log1p, madd, propagate_nan, real

ROW_SUMS = ("entropy_sum", "cross_entropy_sum", "relative_entropy_sum", "jensen_shannon_sum", "shared_surprise_sum")


cdef inline double entropy_sum(double p, double q, real like) noexcept nogil:
    return entropy_term(p, like)


cdef inline double cross_entropy_sum(double p, double q, real like) noexcept nogil:
    return 0.0 - product_with_log(p, q, like)


# full precision for float32 too, because sums of these terms cancel
cdef inline double relative_entropy_sum(double p, double q, real like) noexcept nogil:
    return relative_entropy_term(p, q, <double>0)


# (p log(p/m) + q log(q/m))/2 with m = (p + q)/2
#
# Method   p = m (1 + s) and q = m (1 - s) with s = (p - q)/(p + q): m/2 times ((1 + s) log(1 + s) + (1 - s) log(1 -
#          s)), which for s**2 < 1/2 is s**2 times a polynomial in s**2, for the two terms cancel. Elsewhere they are
#          computed, with 1 + s = 2 p/(p + q).
# Limits   p = q = 0 -> 0
cdef inline double jensen_shannon_sum(double p, double q, real like) noexcept nogil:
    cdef double total = p + q
    cdef double larger = p if p > q else q
    cdef double smaller = q if p > q else p
    cdef double s = (p - q) / total
    cdef double z = s * s
    cdef double square = z * z
    cdef double t, far
    if real is float:
        t = 0.07609811637851881
        t = madd(t, square, madd(-0.12101530716216256, z, 0.1094981404654288))
        t = madd(t, square, madd(-0.03995162936458293, z, 0.024969520607997547))
        t = madd(t, square, madd(0.012613626496501404, z, 0.022504812013087426))
        t = madd(t, square, madd(0.03569614693997295, z, 0.06666725815192161))
        t = madd(t, square, madd(0.1666666592046159, z, 1.0000000000154456))
    else:
        t = madd(0.3771997590239569, z, -1.4788096293852593)
        t = madd(t, square, madd(2.7663989916432854, z, -3.205940588330345))
        t = madd(t, square, madd(2.5722282613855567, z, -1.4991561624287455))
        t = madd(t, square, madd(0.6618997243349715, z, -0.21823219077477327))
        t = madd(t, square, madd(0.06089091953500915, z, -0.0071103898814619095))
        t = madd(t, square, madd(0.007019122324142174, z, 0.0063309745402468105))
        t = madd(t, square, madd(0.008351217357234418, z, 0.010987874283304028))
        t = madd(t, square, madd(0.01515156584622069, z, 0.02222222072129182))
        t = madd(t, square, madd(0.035714285741368076, z, 0.06666666666640883))
        t = madd(t, square, madd(0.16666666666666763, z, 1.0))
    far = 0.5 * (larger * log(2.0 * larger / total, like) + product_with_log(smaller, 2.0 * smaller / total, like))
    far = 0.25 * ((p - q) * s) * t if z < 0.5 else far
    return far if (total > 0.0) | (total != total) else 0.0


# -p log q from p and log q
#
# Limits   p = 0 -> 0 even where the logarithm is infinite
cdef inline double shared_surprise_sum(double p, double q, real like) noexcept nogil:
    return propagate_nan(q, 0.0 if p == 0.0 else -p * q)


# p u - p + q for u = log(p/q), of which the sum over two distributions is that of p u: no term is negative
#
# Method   p (exp(-u) - 1 + u), for |u| < 2 with the bracket as u**2 times a polynomial
# Limits   p = 0 -> q, u = +inf -> inf
cdef inline double divergence_term(real p, real q, real u) noexcept nogil:
    cdef double z = u
    cdef double square = z * z
    cdef double t
    t = madd(-8.580357849794261e-18, z, 1.6376126325516946e-16)
    t = madd(t, square, madd(-2.8087409252747675e-15, z, 4.7737580214960735e-14))
    t = madd(t, square, madd(-7.647273957195198e-13, z, 1.147097775321909e-11))
    t = madd(t, square, madd(-1.6059041233681633e-10, z, 2.087675150417348e-09))
    t = madd(t, square, madd(-2.505210842152821e-08, z, 2.755731930001314e-07))
    t = madd(t, square, madd(-2.7557319223705004e-06, z, 2.4801587300995483e-05))
    t = madd(t, square, madd(-0.00019841269841270936, z, 0.0013888888888891197))
    t = madd(t, square, madd(-0.008333333333333331, z, 0.04166666666666663))
    t = madd(t, square, madd(-0.16666666666666666, z, 0.5))
    t = p * square * t if fabs(z) < 2.0 else madd(p, z - 1.0, q)
    return propagate_nan(q, q if p == 0 else t)


# -x log x - (1 - x) log(1 - x)
#
# Method   with the smaller of x and 1 - x, which then is exact
# Limits   0 -> 0, 1 -> 0, NaN outside [0, 1]
cdef inline double binary_entropy(real x) noexcept nogil:
    cdef double w = x if x < 0.5 else 1.0 - <double>x
    cdef double value = entropy_term(w, x) - (1.0 - w) * log1p(-w, x)
    return NAN if w < 0.0 else value
