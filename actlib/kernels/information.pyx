# Information theory: terms p log p and their kin, as ufuncs, and summed over the entries of a distribution.
#
# A function whose arguments are all `real` becomes a ufunc of its name (generate.py); the sums are driven by
# loss_rows.pxd, with p as the prediction and q as the target.

from .primitives cimport INFINITY, NAN, log, log1p, propagate_nan, real

ROW_SUMS = ("entropy_sum", "cross_entropy_sum", "relative_entropy_sum")


# -x log x
#
# Limits   0 -> 0, +inf -> -inf, x < 0 -> NaN
cdef inline double entropy_term(double x, real like) noexcept nogil:
    return 0.0 if x == 0.0 else 0.0 - x * log(x, like)


cdef inline double entr(real x) noexcept nogil:
    return entropy_term(x, x)


# x log y
#
# Limits   x = 0 -> 0 even where the logarithm is infinite or undefined; y < 0 -> NaN
cdef inline double product_with_log(double x, double y, real like) noexcept nogil:
    return propagate_nan(y, 0.0 if x == 0.0 else x * log(y, like))


cdef inline double xlogy(real x, real y) noexcept nogil:
    return product_with_log(x, y, x)


# p log(p/q)
#
# Method   1/2 < p/q < 2: p log1p((p - q)/q), where p - q is exact (Sterbenz). Elsewhere p log(p/q), and
#          p (log p - log q) where the quotient overflows or is subnormal. Full precision for float32 too, because
#          sums of these terms cancel.
# Limits   p = 0 -> 0, q = 0 < p -> inf, p < 0 or q < 0 -> NaN
cdef inline double relative_entropy_term(double p, double q) noexcept nogil:
    cdef double full = 0.0
    cdef double ratio = p / q
    cdef double near = log1p((p - q) / q, full)
    cdef double far = log(ratio, full)
    cdef double apart = log(p, full) - log(q, full)
    far = far if 2.2250738585072014e-308 < ratio < INFINITY else apart
    cdef double value = p * (near if 0.5 < ratio < 2.0 else far)
    value = INFINITY if q == 0.0 else value
    value = 0.0 if p == 0.0 else value
    value = NAN if p < 0.0 or q < 0.0 else value
    return propagate_nan(p, propagate_nan(q, value))


cdef inline double rel_entr(real p, real q) noexcept nogil:
    return relative_entropy_term(p, q)


cdef inline double entropy_sum(double p, double q, real like) noexcept nogil:
    return entropy_term(p, like)


cdef inline double cross_entropy_sum(double p, double q, real like) noexcept nogil:
    return 0.0 - product_with_log(p, q, like)


cdef inline double relative_entropy_sum(double p, double q, real like) noexcept nogil:
    return relative_entropy_term(p, q)
