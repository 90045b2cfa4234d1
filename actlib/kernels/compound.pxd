# What several families build from primitives.pxd: products of exponentials that must not be rounded as subnormals,
# quotients by powers, and functions beside their roots. The last argument `like` tells how many bits are needed.

from libc.math cimport fabs

from .primitives cimport (
    INFINITY, NAN, exp_nonpositive, exp_nonpositive_sum, expm1_sum, log1p_unit, log_reduced, madd, power_from_bits,
    real, reduce_exp, split_exponent, times_power, two_product, two_sum)


# alpha exp(x) for x <= 0
#
# Method   Where exp(x) is subnormal, alpha would multiply its rounding error: there, twice by exp(x/2).
cdef inline double scaled_exp(double alpha, double x, real like) noexcept nogil:
    cdef double root
    if real is float:
        return alpha * exp_nonpositive(x, like)
    else:
        root = exp_nonpositive(0.5 * x if x < -708.0 else x, like)
        return alpha * root * (root if x < -708.0 else 1.0)


# exp(-|t + low|) as a product of two factors: what is divided by a parameter or multiplied by x must not be subnormal,
# or its rounding error grows along. `low` enters to first order.
#
# Method   The second factor is 1, or where the product is subnormal both are exp(-|t|/2).
cdef inline double exp_minus_abs_sum(double t, double low, double* second, real like) noexcept nogil:
    cdef double half, e
    if real is float:
        second[0] = 1.0
        return exp_nonpositive(-fabs(t), like)
    else:
        half = 0.5 if fabs(t) > 708.0 else 1.0
        # |t| < 1500 also keeps out the low part of an infinite product
        low = half * (-low if t > 0.0 else low) if fabs(t) < 1500.0 else 0.0
        e = exp_nonpositive_sum(-half * fabs(t), low)
        second[0] = e if fabs(t) > 708.0 else 1.0
        return e


# exp(-|beta x|) as two factors
#
# Method   t + low = beta x exactly: an error of half an ulp in t = 700 would be 256 ulp in exp(-t).
cdef inline double exp_minus_abs_product(double x, double beta, double* second, real like) noexcept nogil:
    cdef double low
    cdef double t = two_product(beta, x, &low)
    return exp_minus_abs_sum(t, low, second, like)


cdef inline double log1p_factor(double first, double second, real like) noexcept nogil:
    """log(1 + first * second) / second for the two factors of exp_minus_abs_product."""
    return first if second < 1.0 else log1p_unit(first, like)


# x, or a number so large that its multiples and exponentials are what they are at infinity, so that 0 times it is 0
cdef inline double finite_part(real x) noexcept nogil:
    cdef double bound, cut
    if real is float:
        bound = 1e200
    else:
        bound = 1.7976931348623157e308
    cut = bound if x > bound else x
    return -bound if cut < -bound else cut


# top/d for a d that float32 can hold; float32 needs 30 bits of it
#
# Method   float32: the reciprocal in float and a step of Newton's, in a fourth of the time of a division in double
cdef inline double quotient(double top, double d, real like) noexcept nogil:
    cdef double reciprocal
    if real is float:
        reciprocal = <float>1.0 / <float>d
        return top * madd(madd(-d, reciprocal, 1.0), reciprocal, reciprocal)
    else:
        return top / d


# top/(d + low)**2 and top/(d + low)**3, the powers rounded once; for float32 without `low`
cdef inline double over_square(double top, double d, double low, real like) noexcept nogil:
    cdef double square, rest
    if real is float:
        return quotient(top, d * d, like)
    else:
        square = two_product(d, d, &rest)
        return top / (square + madd(2.0 * d, low, rest))


cdef inline double over_cube(double top, double d, double low, real like) noexcept nogil:
    cdef double square, rest
    if real is float:
        return quotient(top, d * d * d, like)
    else:
        square = two_product(d, d, &rest)
        return top / madd(square, d, d * madd(3.0 * d, low, rest))


# a b and what its rounding misses, where that matters: not in float32, whose products are exact, nor far out
cdef inline double product_with_rest(double a, double b, double* low, real like) noexcept nogil:
    cdef double product
    if real is float:
        low[0] = 0.0
        return a * b
    else:
        product = two_product(a, b, low)
        low[0] = low[0] if fabs(product) < 1500.0 else 0.0
        return product


# Beside a root of f(t, exp(t)), f is computed from the distance to the root: t = root + `distance` and
# exp(t) = c + `step` with c = exp(root). Meant for |distance| < 0.34, which is the result; elsewhere the terms of f do
# not cancel. `low` is what t misses of the exact argument; root and c come in two parts each.
#
# Method   t - root is exact near the root (Sterbenz). `distance` and step = c (exp(distance) - 1) have full relative
#          precision however close the root is.
cdef inline bint beside_root(
        double t, double low, double root, double root_low, double c, double c_low, double* distance, double* step,
        real like) noexcept nogil:
    cdef double d = (t - root) + (low - root_low)
    cdef double square = d * d
    cdef double p
    distance[0] = d
    if real is float:
        p = madd(0.00019882698337221478, d, 0.0013926183587713494)
        p = madd(p, square, madd(0.008333320887169642, d, 0.041666554617204574))
        p = madd(p, square, madd(0.16666666666666666, d, 0.5))
        step[0] = c * madd(p, square, d)
    else:
        p = madd(square, 2.0911236630261545e-09, madd(2.510038549551032e-08, d, 2.755728296954995e-07))
        p = madd(p, square, madd(2.7557268459997064e-06, d, 2.4801587317144498e-05))
        p = madd(p, square, madd(0.00019841269863053618, d, 0.0013888888888886552))
        p = madd(p, square, madd(0.008333333333330062, d, 0.041666666666666664))
        p = madd(p, square, madd(0.16666666666666669, d, 0.5))
        step[0] = madd(c, d, madd(c, p * square, c_low * d))
    return fabs(d) < 0.34


# exp(t) times 1/`back` for t <= 0, which is not subnormal where exp(t) is; t < -1000 counts as -1000
cdef inline double exp_scaled(double t, double* back, real like) noexcept nogil:
    cdef double tail, shifted, r, high
    if real is float:
        back[0] = 1.0
        return exp_nonpositive(t, like)
    else:
        r = reduce_exp(-1000.0 if t < -1000.0 else t, 512.0, &tail, &shifted, like)
        high = 1.0 + r
        back[0] = 7.458340731200207e-155
        return (high + ((r - (high - 1.0)) + tail)) * power_from_bits(shifted)


# exp(t + rest) for t <= 0 and a `rest` to first order, times 1/`back` as above
cdef inline double exp_scaled_sum(double t, double rest, double* back, real like) noexcept nogil:
    cdef double tail, shifted, r, high
    if real is float:
        back[0] = 1.0
        return exp_nonpositive(t, like)
    else:
        r = reduce_exp(-1000.0 if t < -1000.0 else t, 512.0, &tail, &shifted, like)
        high = 1.0 + r
        tail = (r - (high - 1.0)) + tail
        back[0] = 7.458340731200207e-155
        return (high + madd(high + tail, rest, tail)) * power_from_bits(shifted)


# 2**(factor x) for float32, where it is a normal number
#
# Method   A polynomial for 2**r that is right to 4.2e-9, and exact at the exponents where the derivatives of silu and
#          gelu_tanh have their roots: there, what is added to it cancels.
cdef inline double power_of_two(double x, double factor) noexcept nogil:
    cdef double shifted = madd(x, factor, 6755399441055744.0)
    cdef double r = madd(x, factor, 6755399441055744.0 - shifted)
    cdef double p = madd(madd(0.00015636145395750352, r, 0.0013394347544828547), r, 0.009617246503921493)
    p = madd(madd(p, r, 0.05550345973286787), r, 0.24022661371047802)
    return times_power(madd(madd(p, r, 0.6931471959459649), r, 0.9999999974302854), shifted)


# exp(-a) for 0 <= a <= 708, as power_of_two
cdef inline double exp_negative(double a) noexcept nogil:
    return power_of_two(a, -1.4426950408889634)


# exp(-a**2/2) times 1/`back`, which is not subnormal where exp(-a**2/2) is, for 0 <= a <= 40, in float32 37
#
# Method   float64: a**2 = h + low exactly, and low enters to first order
cdef inline double exp_half_square(double a, double* back, real like) noexcept nogil:
    cdef double low, tail, shifted, r, high, rest, h
    if real is float:
        back[0] = 1.0
        return power_of_two(a * a, -0.7213475204444817)
    else:
        h = two_product(a, a, &low)
        r = reduce_exp(-0.5 * h, 512.0, &tail, &shifted, like)
        high = 1.0 + r
        rest = (r - (high - 1.0)) + tail
        back[0] = 7.458340731200207e-155
        return (high + (rest - 0.5 * low * (high + rest))) * power_from_bits(shifted)


# log(exp(beta y) - 1)/beta
#
# Method   With t = beta y, one logarithm of one exp(w) - 1. Near its zero at t = log 2 it is log1p(2 (exp(w) - 1)) with
#          w = t - log 2, where log 2 is taken in two parts, the first subtracted exactly. Below: log(exp(t) - 1), and
#          where t could be subnormal log(2**1400 t) - 1400 log 2. Above: t + log1p(-exp(-t)) = t + log(-(exp(-t) - 1)).
# Limits   0 -> -inf, +inf -> inf, y < 0 -> NaN
cdef inline double log_expm1(double y, double beta, real like) noexcept nogil:
    cdef double low, rest, u, lost, k, m, value
    cdef double t = two_product(beta, y, &low)
    cdef double w = (t - 0.6931471805599453) + (low - 2.3190468138462996e-17)
    w = t if t < 0.35 else w
    w = -t if t > 1.4 else w
    cdef double grown = expm1_sum(w, &rest, like)
    u = two_sum(1.0, 2.0 * grown, &lost)
    lost = madd(2.0, rest, lost)
    cdef bint tiny = t < 1e-290
    cdef double scaled = (beta * 5.260135901548374e+210) * (y * 5.260135901548374e+210)
    u = grown if t < 0.35 else u
    lost = rest if t < 0.35 else lost
    u = scaled if tiny else u
    lost = 0.0 if tiny else lost
    u = -grown if t > 1.4 else u
    lost = -rest if t > 1.4 else lost
    m = split_exponent(u, &k)
    k = k - (1400.0 if tiny else 0.0)
    value = log_reduced(m - 1.0, k, lost / u, like)
    value = value / beta
    value = y + value if t > 1.4 else value
    value = -INFINITY if y == 0.0 else value
    return NAN if y < 0.0 else value


# max(0, a + b + rest), and in `low` what its rounding misses
cdef inline double positive_sum(double a, double b, double rest, double* low) noexcept nogil:
    cdef double lost
    cdef double high = two_sum(a, b, &lost)
    rest = rest + (lost if fabs(high) < 1e300 else 0.0)
    cdef double h = high + rest
    low[0] = (high - h) + rest if 0.0 < h < 1e300 else 0.0
    return 0.0 if h <= 0.0 else h


# (h + low)**2 for h >= 0 and a low that is 0 where h is larger than 1e300
cdef inline double square_of_sum(double h, double low) noexcept nogil:
    return madd(h, h, 2.0 * (h if h < 1e300 else 0.0) * low)


# x/(1 + e) for e in [0, 1]
#
# Method   1 + e = d + low exactly; 1/(d + low) = (1 - low/d)/d, where a crude 1/d is good enough beside low.
cdef inline double over_one_plus(double x, double e, real like) noexcept nogil:
    cdef double d = 1.0 + e
    cdef double low = e - (d - 1.0)
    cdef double rough = madd(e, madd(e, 0.33, -0.83), 1.0)
    cdef double q = x / d
    if real is float:
        return q
    else:
        return q - q * (low * rough)
