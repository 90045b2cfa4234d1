# Gates and their slopes, for the elementwise functions of gated.pyx and the units of gated_units.pyx.
#
# A gate that may be too small for a double is a product of two factors, neither of which is subnormal: the result, and
# `second`, which is at most 1. So it may still be multiplied by large numbers.

from libc.math cimport fabs

from .compound cimport (
    beside_root, exp_half_square, exp_minus_abs_product, exp_negative, finite_part, over_square, product_with_rest,
    quotient)
from .normal cimport normal_tail_ratio
from .primitives cimport INFINITY, madd, power_from_bits, real, reduce_exp, two_product


# x y times the gate, with no overflow or underflow that the result has not, and rounded once if `second` is 1
#
# Method   The larger of x and y meets the first factor: the product is subnormal only if both are below 1, where its
#          error does not grow. `second` meets the other one if that is above 1. A rest from 1e300 on belongs to a
#          product that overflows, and counts as 0: its sign may be the other one.
cdef inline double product_with_gate(double x, double y, double gate, double second, real like) noexcept nogil:
    cdef double big, small, first, rest
    if real is float:
        return x * y * gate
    else:
        big = x if fabs(x) > fabs(y) else y
        small = y if fabs(x) > fabs(y) else x
        first = two_product(big, gate, &rest)
        rest = rest if (fabs(first) < INFINITY) & (fabs(small) < INFINITY) else 0.0
        big = second if fabs(small) > 1.0 else 1.0
        second = 1.0 if fabs(small) > 1.0 else second
        small = small * big
        rest = rest * small
        rest = rest if fabs(rest) < 1e300 else 0.0
        # without a rest no sum, which would lose the sign of a zero
        return (first * small if rest == 0.0 else madd(first, small, rest)) * second


# top sigmoid(t) for the two factors `e` and `second` of exp(-|t|), and a finite top where t < 0
#
# Method   top/(1 + e) or top e/(1 + e), as the sigmoid; the two factors keep the result exact where exp(-|t|) is
#          subnormal and top exp(-|t|) is not.
cdef inline double gate_quotient(double top, double t, double e, double* second, real like) noexcept nogil:
    cdef double q = quotient(top, 1.0 + e * second[0], like)
    second[0] = second[0] if t < 0.0 else 1.0
    return q * (e if t < 0.0 else 1.0)


cdef inline double logistic_gate(double top, double x, double beta, double* second, real like) noexcept nogil:
    """top/(1 + exp(-beta x)), for a finite x."""
    cdef double e = exp_minus_abs_product(x, beta, second, like)
    return gate_quotient(top, beta * x, e, second, like)


# The derivative of 1/(1 + exp(-x)): e/(1 + e)**2 with e = exp(-|x|)
cdef inline double logistic_gate_slope(double x, double* second, real like) noexcept nogil:
    cdef double e = exp_minus_abs_product(x, 1.0, second, like)
    cdef double both = e * second[0]
    cdef double d = 1.0 + both
    return over_square(e, d, both - (d - 1.0), like)


# d/dt of t sigmoid(t), that is sigmoid(t)(1 + t sigmoid(-t)), at t + low
#
# Method   t < 0: e (e + 1 + t)/(1 + e)**2 with e = exp(t); e + 1 + t = distance + step beside its root.
#          t >= 0: (1 + e + t e)/(1 + e)**2 with e = exp(-t).
cdef inline double gate_slope(double t, double low, double e, double* second, real like) noexcept nogil:
    cdef double both = e * second[0]
    cdef double w = gate_slope_numerator(t, low, e, both, like)
    cdef double d = 1.0 + both
    second[0] = second[0] if t < 0.0 else 1.0
    return over_square(w, d, both - (d - 1.0), like)


# e (e + 1 + t) or 1 + e + t e, without a common factor that is in `e` but not in `both`
cdef inline double gate_slope_numerator(double t, double low, double e, double both, real like) noexcept nogil:
    cdef double distance, step, w
    cdef bint near = beside_root(
        t, low, -1.2784645427610737, -1.0946994183093437e-16, 0.2784645427610738, -1.5523606315812798e-18, &distance,
        &step, like)
    t = -2000.0 if t < -2000.0 else (2000.0 if t > 2000.0 else t)
    w = distance + step if near else (1.0 + t) + (both + low)
    return e * w if t < 0.0 else 1.0 + both * (1.0 + t)


# |x|, or `most` where that is less
cdef inline real cut(real x, real most) noexcept nogil:
    return most if fabs(x) > most else <real>fabs(x)


# float32: sigma(t)(1 + u sigma(-t)) for t and u of the sign of x, from e = exp(-|t|) and w = 1 + e - |u|
#
# Method   g = e w/(1 + e)**2 for x < 0, and 1 - g for x > 0
cdef inline double narrow_slope(double x, double w, double e) noexcept nogil:
    cdef double d = 1.0 + e
    cdef double g = e * w / (d * d)
    return g if x < 0.0 else 1.0 - g


# The derivative of x/(1 + exp(-beta x)): d/dt of t sigmoid(t) at t = beta x
#
# Method   float32: t is exact in double and may be so near to the root that 1 + e - |t| has no right digit; there, its
#          series.
cdef inline double silu_slope(real x, real beta, double* second) noexcept nogil:
    cdef double low, e, w, distance, finite = finite_part(x)
    cdef double t = product_with_rest(beta, finite, &low, x)
    if real is float:
        second[0] = 1.0
        low = cut(t, 700)
        e = exp_negative(low)
        distance = (low - 1.2784645427610737) - 1.0946994183093437e-16
        w = distance * madd(0.5 * 0.2784645427610738, distance, -1.2784645427610737)
        return narrow_slope(t, w if fabs(distance) < 1e-4 else (1.0 - low) + e, e)
    else:
        e = exp_minus_abs_product(finite, beta, second, x)
        return gate_slope(t, low, e, second, x)


# The q with gelu'(-a) = q exp(-a**2/2), for a >= 0: (M(a) - a)/sqrt(2 pi) with the Mills ratio M
#
# Method   (a - M(a))/(a - root) is a polynomial in s, or in float32 a ratio of polynomials in a, to 1.4e-8 for a <= 20;
#          so nothing cancels at the root.
cdef inline double gelu_slope_quotient(double a, real like) noexcept nogil:
    cdef double s, square, p, below
    if real is float:
        p = madd(madd(0.39894353928445603, a, 3.5967950524686447), a, 14.028713693726475)
        p = madd(madd(p, a, 27.676342084483355), a, 24.143682505258997)
        below = madd(a + 8.264213023876199, a, 29.382578470499993)
        below = madd(madd(below, a, 51.255949143849925), a, 36.30203218955948)
        return (0.7517915246935645 - a) * p / below
    else:
        s = (a - 4.0) / (a + 4.0)
        square = s * s
        p = madd(-7.339092512272825e-11, s, -1.510211757984069e-10)
        p = madd(p, square, madd(5.617499574980276e-10, s, 1.7183191865712365e-09))
        p = madd(p, square, madd(-1.7671266100033702e-09, s, -1.14419502111834e-08))
        p = madd(p, square, madd(-7.678677036963215e-10, s, 6.337020968641337e-08))
        p = madd(p, square, madd(5.243430578045875e-08, s, -3.494416301805976e-07))
        p = madd(p, square, madd(-4.921956103063623e-07, s, 2.21676814518261e-06))
        p = madd(p, square, madd(3.5389110462733805e-06, s, -1.8034946395195356e-05))
        p = madd(p, square, madd(-1.747721654895285e-05, s, 0.00018577577568520932))
        p = madd(p, square, madd(-0.00015461331258552756, s, -0.0017882605413113294))
        p = madd(p, square, madd(0.009504950375084177, s, -0.028083359953045693))
        p = madd(p, square, madd(0.06046293676785132, s, -0.10336589852195695))
        p = 0.4622112440495753 + madd(p, s, -6.067339552146232e-18)
        return ((0.7517915246935645 - a) - 1.4956759177009883e-17) * p


# |x|, or 64 beyond, in float32 37
cdef inline double cut_for_gate(double x, real like) noexcept nogil:
    cdef double most
    if real is float:
        most = 37.0
    else:
        most = 64.0
    return most if fabs(x) > most else fabs(x)


# exp(-a**2/2) as a product of two factors, for 0 <= a <= 64; 0 beyond 53.2, where it is below 1e-614
#
# Method   a**2 = h + low exactly, and low enters to first order. Beyond 37, 2**1022 makes the first factor normal.
cdef inline double exp_half_square_factors(double a, double* second, real like) noexcept nogil:
    cdef double low, tail, shifted, r, high, rest, h
    cdef double cut = 53.2 if a > 53.2 else a
    cdef bint far = a > 37.0
    if real is float:
        return exp_half_square(a, second, like)
    else:
        h = two_product(cut, cut, &low)
        r = reduce_exp(-0.5 * h, 1022.0 if far else 0.0, &tail, &shifted, like)
        high = 1.0 + r
        rest = (r - (high - 1.0)) + tail
        second[0] = 2.2250738585072014e-308 if far else 1.0
        return (high + (rest - 0.5 * low * (high + rest))) * (0.0 if a > 53.2 else power_from_bits(shifted))


# Phi(x), the normal distribution
cdef inline double normal_gate(double x, double* second, real like) noexcept nogil:
    cdef double a = cut_for_gate(x, like)
    cdef double e = exp_half_square_factors(a, second, like)
    cdef double q = normal_tail_ratio(a, like)
    cdef double u
    if real is double:
        # the polynomial is made for a <= 40; the asymptotic series is as good from there on
        u = 1.0 / (a * a)
        e = e / a if a > 40.0 else e
        u = madd(madd(madd(madd(madd(madd(10395.0, u, -945.0), u, 105.0), u, -15.0), u, 3.0), u, -1.0), u, 1.0)
        q = 0.3989422804014327 * u if a > 40.0 else q
    u = 1.0 - q * e * second[0]
    second[0] = 1.0 if x > 0.0 else second[0]
    return u if x > 0.0 else q * e


# gelu'(x) = Phi(x) + x phi(x)
cdef inline double gelu_gate_slope(double x, double* second, real like) noexcept nogil:
    cdef double a = cut_for_gate(x, like)
    cdef double e = exp_half_square_factors(a, second, like)
    cdef double q = gelu_slope_quotient(a, like)
    cdef double u = 1.0 - q * e * second[0]
    second[0] = 1.0 if x > 0.0 else second[0]
    return u if x > 0.0 else q * e
