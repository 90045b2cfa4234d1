# Losses of a score s against a target t of -1 or +1, as functions of t s.
#
# name, name_gradient and name_hessian (with respect to the score) of the same arguments become a loss
# (generate_losses.py). Accuracy and conventions: the entries in actlib/losses.

from .primitives cimport propagate_nan, real


# max(0, margin - t s) for t = +-1, with slope 0 at the kink t s = margin
cdef inline double hinge(double s, double t, double margin, real like) noexcept nogil:
    cdef double gap = margin - t * s
    return 0.0 if gap < 0.0 else gap


cdef inline double hinge_gradient(double s, double t, double margin, real like) noexcept nogil:
    return propagate_nan(s, -t if t * s < margin else 0.0)


cdef inline double hinge_hessian(double s, double t, double margin, real like) noexcept nogil:
    return propagate_nan(s, 0.0)
