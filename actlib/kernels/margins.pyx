# Losses of a score s against a target t of -1 or +1, as functions of t s.
#
# name, name_gradient and name_hessian (with respect to the score) of the same arguments become a loss
# (generate_losses.py). Accuracy and conventions: the entries in actlib/losses.

from libc.math cimport fabs

from .primitives cimport (
    exp, log1p_exp_nonpositive, logistic, logistic_derivative, propagate_nan, real)


# max(0, margin - t s) for t = +-1, with slope 0 at the kink t s = margin
cdef inline double hinge(double s, double t, double margin, real like) noexcept nogil:
    cdef double gap = margin - t * s
    return 0.0 if gap < 0.0 else gap


cdef inline double hinge_gradient(double s, double t, double margin, real like) noexcept nogil:
    return propagate_nan(s, -t if t * s < margin else 0.0)


cdef inline double hinge_hessian(double s, double t, double margin, real like) noexcept nogil:
    return propagate_nan(s, 0.0)


# max(0, 1 - t s), which the next two losses square: exact near the margin (Sterbenz)
cdef inline double shortfall(double s, double t) noexcept nogil:
    cdef double gap = 1.0 - t * s
    return 0.0 if gap < 0.0 else gap


# max(0, 1 - t s)**2; its gradient has a kink at t s = 1, where the second derivative is 0
cdef inline double squared_hinge(double s, double t, real like) noexcept nogil:
    cdef double gap = shortfall(s, t)
    return gap * gap


# -0.0 beyond the margin would be a gradient too, but an odd one to print
cdef inline double squared_hinge_gradient(double s, double t, real like) noexcept nogil:
    return 0.0 - 2.0 * t * shortfall(s, t)


cdef inline double squared_hinge_hessian(double s, double t, real like) noexcept nogil:
    return propagate_nan(s, 2.0 if t * s < 1.0 else 0.0)


# max(0, 1 - t s)**2 for t s >= -1, its tangent -4 t s at -1 below
cdef inline double modified_huber(double s, double t, real like) noexcept nogil:
    cdef double gap = shortfall(s, t)
    return -4.0 * (t * s) if t * s < -1.0 else gap * gap


cdef inline double modified_huber_gradient(double s, double t, real like) noexcept nogil:
    cdef double gap = shortfall(s, t)
    return 0.0 - 2.0 * t * (2.0 if gap > 2.0 else gap)


cdef inline double modified_huber_hessian(double s, double t, real like) noexcept nogil:
    return propagate_nan(s, 2.0 if fabs(s) < 1.0 else 0.0)


# max(0, -t s), with slope 0 at the kink t s = 0
cdef inline double perceptron(double s, double t, real like) noexcept nogil:
    cdef double m = t * s
    return 0.0 if m >= 0.0 else -m


cdef inline double perceptron_gradient(double s, double t, real like) noexcept nogil:
    return propagate_nan(s, -t if t * s < 0.0 else 0.0)


cdef inline double perceptron_hessian(double s, double t, real like) noexcept nogil:
    return propagate_nan(s, 0.0)


# exp(-t s)
#
# Limits   t s = -inf -> inf, t s = +inf -> 0
cdef inline double exponential(double s, double t, real like) noexcept nogil:
    return exp(-t * s, like)


cdef inline double exponential_gradient(double s, double t, real like) noexcept nogil:
    return -t * exp(-t * s, like)


cdef inline double exponential_hessian(double s, double t, real like) noexcept nogil:
    return exp(-t * s, like)


# log(1 + exp(-t s)) = max(0, -t s) + log(1 + exp(-|s|))
#
# Method   The exponential cannot overflow, and the two terms are not negative.
# Limits   t s = -inf -> inf, t s = +inf -> 0
cdef inline double soft_margin(double s, double t, real like) noexcept nogil:
    cdef double m = t * s
    return (0.0 if m > 0.0 else -m) + log1p_exp_nonpositive(-fabs(s), like)


# -t/(1 + exp(t s))
cdef inline double soft_margin_gradient(double s, double t, real like) noexcept nogil:
    return -t * logistic(-t * s, like)


cdef inline double soft_margin_hessian(double s, double t, real like) noexcept nogil:
    return logistic_derivative(s, like)


# s for t = 1, max(0, margin - s) for t = -1, with slope 0 at the kink s = margin
cdef inline double hinge_embedding(double s, double t, double margin, real like) noexcept nogil:
    cdef double gap = margin - s
    gap = 0.0 if gap < 0.0 else gap
    return s if t > 0.0 else gap


cdef inline double hinge_embedding_gradient(double s, double t, double margin, real like) noexcept nogil:
    return propagate_nan(s, 1.0 if t > 0.0 else (-1.0 if s < margin else 0.0))


cdef inline double hinge_embedding_hessian(double s, double t, double margin, real like) noexcept nogil:
    return propagate_nan(s, 0.0)
