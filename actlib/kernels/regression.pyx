# Losses of a real prediction p against a real target t, as functions of the residual r = p - t.
#
# name, name_gradient and name_hessian (with respect to p) of the same arguments become a loss (generate_losses.py).
# Accuracy and conventions: the entries in actlib/losses.py.

from libc.math cimport fabs

from .primitives cimport fused, log_positive, propagate_nan, real, two_sum


# r**2
cdef inline double mean_squared_error(double p, double t, real like) noexcept nogil:
    cdef double r = p - t
    return r * r


cdef inline double mean_squared_error_gradient(double p, double t, real like) noexcept nogil:
    return 2.0 * (p - t)


cdef inline double mean_squared_error_hessian(double p, double t, real like) noexcept nogil:
    return propagate_nan(p - t, 2.0)


# r**2/2
cdef inline double half_squared_error(double p, double t, real like) noexcept nogil:
    cdef double r = p - t
    return 0.5 * r * r


cdef inline double half_squared_error_gradient(double p, double t, real like) noexcept nogil:
    return p - t


cdef inline double half_squared_error_hessian(double p, double t, real like) noexcept nogil:
    return propagate_nan(p - t, 1.0)


# |r|, with slope 0 at the kink r = 0
cdef inline double mean_absolute_error(double p, double t, real like) noexcept nogil:
    return fabs(p - t)


cdef inline double mean_absolute_error_gradient(double p, double t, real like) noexcept nogil:
    cdef double r = p - t
    return 1.0 if r > 0.0 else (-1.0 if r < 0.0 else r)


cdef inline double mean_absolute_error_hessian(double p, double t, real like) noexcept nogil:
    return propagate_nan(p - t, 0.0)


# r**2/2 for |r| <= delta, delta (|r| - delta/2) beyond: the tangents at +-delta
#
# Method   The gradient is r cut off at +-delta. delta = inf is r**2/2 everywhere.
cdef inline double huber(double p, double t, double delta, real like) noexcept nogil:
    cdef double r = p - t
    cdef double linear = delta * (fabs(r) - 0.5 * delta)
    return linear if fabs(r) > delta else 0.5 * r * r


cdef inline double huber_gradient(double p, double t, double delta, real like) noexcept nogil:
    cdef double r = p - t
    r = delta if r > delta else r
    return -delta if r < -delta else r


# the comparison is exact: beyond = |r| > delta for r + low, the difference without rounding
cdef inline double huber_hessian(double p, double t, double delta, real like) noexcept nogil:
    cdef double low
    cdef double r = two_sum(p, -t, &low)
    cdef double outward = low if r > 0.0 else -low
    cdef bint beyond = (fabs(r) > delta) | ((fabs(r) == delta) & (outward > 0.0))
    return propagate_nan(r, 0.0 if beyond else 1.0)


# (log v + r**2/v)/2 + constant: the negative log-likelihood of a normal target with variance v
#
# Method   r/v r does not overflow where r**2 does. The logarithm takes full precision for float32 too, because
#          the sum can cancel.
cdef inline double gaussian_nll(double p, double t, double v, double constant, real like) noexcept nogil:
    cdef double r = p - t
    return 0.5 * (log_positive(v, like) + r / v * r) + constant


cdef inline double gaussian_nll_gradient(double p, double t, double v, double constant, real like) noexcept nogil:
    return (p - t) / v


cdef inline double gaussian_nll_hessian(double p, double t, double v, double constant, real like) noexcept nogil:
    return propagate_nan(p - t, 1.0 / v)


# The same loss with its derivatives with respect to v: (v - r**2)/(2 v**2) and (r**2 - v/2)/v**3
#
# Method   v - r**2 is rounded once, so that its zero is kept; (1 - r/v r)/v where r**2 would overflow.
cdef inline double gaussian_nll_variance(double p, double t, double v, double constant, real like) noexcept nogil:
    return gaussian_nll(p, t, v, constant, like)


cdef inline double gaussian_nll_variance_gradient(
        double p, double t, double v, double constant, real like) noexcept nogil:
    cdef double r = p - t
    cdef double large = 1.0 - r / v * r
    return 0.5 * (large if fabs(r) > 1e150 else fused(-r, r, v) / v) / v


cdef inline double gaussian_nll_variance_hessian(
        double p, double t, double v, double constant, real like) noexcept nogil:
    cdef double r = p - t
    return (r / v * r - 0.5) / v / v
