# Random numbers with a given distribution, from uniform ones.
#
# A function whose arguments are all `real` becomes a ufunc of its name (generate.py).

from .primitives cimport log, log1p, real


# The standard Gumbel variable -log(-log(u)), for u = w if w > 0 and u = 1 + w if w < 0, |w| <= 1/2
#
# Method   A u near 1 is given by w = u - 1: -log(u) = -log1p(w) keeps its digits, and the right tail goes as far as the
#          smallest w. The left tail goes as far as the smallest u.
cdef inline double standard_gumbel(real w) noexcept nogil:
    cdef double t = w
    return -log(-log1p(t, w) if w < 0 else -log(t, w), w)
