# Functions that multiply the input by a gate made of it: silu, quick_gelu, mish, gelu, gelu_tanh.
#
# A function whose arguments are all `real` becomes a ufunc of its name (generate.py).

from libc.math cimport copysign, fabs

from .compound cimport (
    beside_root, exp_half_square, exp_minus_abs_product, exp_negative, exp_scaled, exp_scaled_sum, finite_part,
    over_cube, over_square, product_with_rest, quotient)
from .gates cimport cut, gate_quotient, gate_slope, gelu_slope_quotient, narrow_slope, silu_slope
from .normal cimport normal_tail_ratio, tail_cut
from .primitives cimport INFINITY, madd, propagate_nan, real, two_product, two_sum


# beta times the second derivative of t sigmoid(t), that is beta sigmoid(t) sigmoid(-t) (2 - t tanh(t/2)), even in t
#
# Method   beta e w/(1 + e)**3 with e = exp(-|t|) and w = (2 - |t|) + e (2 + |t|), by its root
cdef inline double weighted_curvature(
        double beta, double t, double low, double e, double second, real like) noexcept nogil:
    cdef double distance, step, w, w_low, top, top_low, rest, a, d, both
    cdef bint near
    low = -low if t > 0.0 else low
    near = beside_root(
        -fabs(t), low, -2.3993572805154675, -1.8464872855353363e-16, 0.0907762782268676, -4.307281675237286e-18,
        &distance, &step, like)
    a = 2000.0 if fabs(t) > 2000.0 else fabs(t)
    both = e * second
    d = 1.0 + both
    w = (2.0 - a) + madd(both, a, madd(2.0, both, low))
    if real is float:
        w = madd(distance, 0.9092237217731324, step * (2.0 + a)) if near else w
        top = beta * e * w
    else:
        # what the roundings of beta e and of w beside its root miss, for there are enough others
        rest = ((2.3993572805154675 - fabs(t)) - distance) + (low + 1.8464872855353363e-16)
        distance = two_product(distance, 0.9092237217731324, &w_low)
        w_low = madd(rest, 0.9092237217731324, w_low)
        step = two_sum(distance, step * (2.0 + a), &rest)
        # quarters of w, which is at most 4, for beta may be the largest number
        w_low = 0.25 * (w_low + rest) if near else 0.0
        w = 0.25 * (step if near else w)
        second = 4.0 * second
        top = two_product(beta, e, &top_low)
        w_low = madd(top, w_low, top_low * w)
        top = two_product(top, w, &top_low)
        top = top + (top_low + w_low)
    return over_cube(top, d, both - (d - 1.0), like) * second


# float32: x sigma(t) for t of the sign of x, from e = exp(-|t|) and `a`, which is |x| or a number that makes e vanish
cdef inline double narrow_gate(float x, double a, double e) noexcept nogil:
    return (-a * e if x < 0 else x) / (1.0 + e)


# silu(x) = x/(1 + exp(-beta x))
#
# Method   float32: in double, where nothing overflows and beta x is exact; the result is rounded once.
# Limits   for beta > 0: -inf -> -0, +inf -> inf
cdef inline double silu(real x, real beta) noexcept nogil:
    cdef double second, base, e, t
    base = finite_part(x)
    t = beta * base
    if real is float:
        e = exp_negative(cut(t, 700))
        return (base * e if t < 0.0 else x) / (1.0 + e)
    else:
        e = exp_minus_abs_product(base, beta, &second, x)
        t = gate_quotient(base if t < 0.0 else x, t, e, &second, x)
        return t * second


cdef inline double silu_at_1(real x) noexcept nogil:
    cdef double back, value, e
    if real is float:
        value = cut(x, 700)
        return narrow_gate(x, value, exp_negative(value))
    else:
        e = exp_scaled(-fabs(x), &back, x)
        value = gate_quotient(-1000.0 if x < -1000.0 else x, x, e, &back, x)
        return value * back


# silu'(x) = sigma(t)(1 + t sigma(-t)) for t = beta x
#
# Limits   for beta > 0: -inf -> -0, +inf -> 1
cdef inline double silu_derivative(real x, real beta) noexcept nogil:
    cdef double second
    cdef double slope = silu_slope(x, beta, &second)
    return slope * second


cdef inline double silu_derivative_at_1(real x) noexcept nogil:
    cdef double back, slope, e
    if real is float:
        slope = cut(x, 700)
        e = exp_negative(slope)
        return narrow_slope(x, (1.0 - slope) + e, e)
    else:
        e = exp_scaled(-fabs(x), &back, x)
        slope = gate_slope(x, 0.0, e, &back, x)
        return slope * back


cdef inline double silu_backward(real upstream, real x, real beta) noexcept nogil:
    cdef double second
    cdef double slope = silu_slope(x, beta, &second)
    return upstream * (slope * second)


cdef inline double silu_backward_at_1(real upstream, real x) noexcept nogil:
    return upstream * silu_derivative_at_1(x)


# silu''(x) = beta sigma(t) sigma(-t) (2 - t tanh(t/2)), even in t = beta x
cdef inline double silu_second_derivative(real x, real beta) noexcept nogil:
    cdef double low, second, finite = finite_part(x)
    cdef double e = exp_minus_abs_product(finite, beta, &second, x)
    cdef double t = product_with_rest(beta, finite, &low, x)
    return weighted_curvature(beta, t, low, e, second, x)


# d/dbeta silu = x**2 sigma(beta x) sigma(-beta x)
cdef inline double silu_beta_gradient(real x, real beta) noexcept nogil:
    cdef double second, d, value
    cdef double e = exp_minus_abs_product(x, beta, &second, x)
    e = 1.0 if (beta == 0) & (x == x) else e
    d = 1.0 + e * second
    value = <double>x * e * over_square(<double>x * second, d, e * second - (d - 1.0), x)
    return 0.0 if (e == 0.0) | ((fabs(x) == INFINITY) & (beta != 0)) else value


# x, or +-1000 beyond, where 1.702 x has an exponential of 0
cdef inline double cut_for_quick(double x) noexcept nogil:
    cdef double t = 1000.0 if x > 1000.0 else x
    return -1000.0 if t < -1000.0 else t


# 1.702 x as t + low, with 1.702 in two parts
cdef inline double quick_product(double x, double* low, real like) noexcept nogil:
    cdef double t = two_product(1.702, x, low)
    low[0] = madd(4.263256414560601e-17, x, low[0])
    return t


# quick_gelu(x) = x/(1 + exp(-1.702 x)), silu with a beta that is not rounded to the dtype
#
# Limits   -inf -> -0, +inf -> inf
cdef inline double quick_gelu(real x) noexcept nogil:
    cdef double low, second, finite, t, e
    if real is float:
        finite = cut(x, 400)
        return narrow_gate(x, finite, exp_negative(1.702 * finite))
    else:
        finite = cut_for_quick(x)
        t = quick_product(finite, &low, x)
        e = exp_scaled_sum(-fabs(t), -low if t > 0.0 else low, &second, x)
        t = gate_quotient(finite if t < 0.0 else x, t, e, &second, x)
        return t * second


# Limits   -inf -> -0, +inf -> 1
cdef inline double quick_gelu_derivative(real x) noexcept nogil:
    cdef double low, second, t, e
    if real is float:
        t = 1.702 * cut(x, 400)
        e = exp_negative(t)
        return narrow_slope(x, (1.0 - t) + e, e)
    else:
        t = quick_product(cut_for_quick(x), &low, x)
        e = exp_scaled_sum(-fabs(t), -low if t > 0.0 else low, &second, x)
        t = gate_slope(t, low, e, &second, x)
        return t * second


cdef inline double quick_gelu_second_derivative(real x) noexcept nogil:
    cdef double low, second
    cdef double t = quick_product(cut_for_quick(x), &low, x)
    cdef double e = exp_scaled_sum(-fabs(t), -low if t > 0.0 else low, &second, x)
    return weighted_curvature(1.702, t, low, e, second, x)


# mish(x) = x tanh(log(1 + exp(x))) = x n/(n + 2) with n = e (e + 2), e = exp(x)
#
# Method   x > 0: the same with e**2 taken out, x (1 + 2 f)/(1 + 2 f + 2 f**2) with f = exp(-x)
# Limits   -inf -> -0, +inf -> inf
cdef inline double mish(real x) noexcept nogil:
    cdef double back, low
    cdef double t = -1000.0 if x < -1000.0 else x
    cdef double scaled = exp_scaled(-fabs(t), &back, x)
    cdef double e = scaled * back
    cdef double d = mish_denominator(1.0 if x > 0 else 2.0, 2.0 if x > 0 else 1.0, e, &low, x)
    cdef double q = quotient(1.0 + 2.0 * e if x > 0 else 2.0 + e, d, x)
    return x * q if x > 0 else t * scaled * q * back


# base + 2 e + factor e**2 with what its rounding misses, for e <= 1
cdef inline double mish_denominator(
        double base, double factor, double e, double* low, real like) noexcept nogil:
    cdef double square_low, sum_low, square, total
    if real is float:
        low[0] = 0.0
        return base + madd(factor * e, e, 2.0 * e)
    else:
        square = two_product(e, e, &square_low)
        total = two_sum(2.0 * e, factor * square, &sum_low)
        square = base + total
        low[0] = (total - (square - base)) + madd(factor, square_low, sum_low)
        return square


# mish'(x) = e w/(n + 2)**2 with w = e**3 + 4 e**2 + (4 x + 6) e + 4 x + 4
#
# Method   x <= 0: w by its root, that is w(x) - w(root) divided by the differences. x > 0:
#          1 + f**2 (4 x - 2 + (4 x - 4) f - 4 f**2)/(1 + 2 f + 2 f**2)**2 with f = exp(-x).
# Limits   -inf -> -0, +inf -> 1
cdef inline double mish_derivative(real x) noexcept nogil:
    cdef double distance, step, back, w, d, low, above, c
    cdef double t = -1000.0 if x < -1000.0 else x
    cdef double scaled = exp_scaled(-fabs(t), &back, x)
    cdef double e = scaled * back
    cdef bint near = beside_root(
        t, 0.0, -1.1924312145154952, -4.8484829848031044e-17, 0.3034825352815289, 1.981117434764409e-17, &distance,
        &step, x)
    t = 1000.0 if t > 1000.0 else t
    c = e + 0.3034825352815289
    w = 5.213930141126116 * distance + step * (4.0 * c + (madd(e, c, 0.09210164922090446) + madd(4.0, t, 6.0)))
    w = w if near else madd(madd(e + 4.0, e, madd(4.0, t, 6.0)), e, 4.0 * (t + 1.0))
    above = madd(madd(-4.0, e, 4.0 * (t - 1.0)), e, madd(4.0, t, -2.0))
    d = mish_denominator(1.0 if x > 0 else 2.0, 2.0 if x > 0 else 1.0, e, &low, x)
    w = over_square(e * e * above if x > 0 else scaled * w, d, low, x)
    return 1.0 + w if x > 0 else w * back


# mish''(x) = 8 e v/(n + 2)**3 with v = (1 - x) e**3 + (3 - 3 x/2) e**2 + (x + 4) e + x + 2
#
# Method   As mish', with a root on each side. x > 0: with e**3 of v taken out, and f = exp(-x).
# Limits   -inf -> -0, +inf -> -0
cdef inline double mish_second_derivative(real x) noexcept nogil:
    cdef double distance, step, back, v, d, low, c, square, middle, steep, flat
    cdef bint right = x > 0
    cdef double t = -1000.0 if x < -1000.0 else (1000.0 if x > 1000.0 else x)
    cdef double scaled = exp_scaled(-fabs(t), &back, x)
    cdef double e = scaled * back
    cdef bint near = beside_root(
        -fabs(t), 0.0, -1.4905711794854284 if right else -2.256376396360793,
        -7.126036715834263e-17 if right else -1.0703174875019247e-16,
        0.22524396405848376 if right else 0.10472929546651437,
        -8.488085797901126e-18 if right else -2.895805580494293e-18, &distance, &step, x)
    # v = flat + (x + 4 or 3 - 3 x/2) e + middle e**2 + steep e**3; at x > 0 the coefficients come in the other order
    c = 0.22524396405848376 if right else 0.10472929546651437
    flat = 1.0 - t if right else t + 2.0
    steep = t + 2.0 if right else 1.0 - t
    middle = t + 4.0 if right else madd(-1.5, t, 3.0)
    v = madd(-1.5, t, 3.0) if right else t + 4.0
    d = e + c
    square = madd(e, d, c * c)
    c = 1.2757033855120818 if right else 1.0871282629619308
    c = c * distance + step * (v + madd(d, middle, square * steep))
    v = c if near else madd(madd(madd(steep, e, middle), e, v), e, flat)
    d = mish_denominator(1.0 if right else 2.0, 2.0 if right else 1.0, e, &low, x)
    return over_cube(8.0 * scaled * (v * e if right else v), d, low, x) * back


# gelu(x) = x Phi(x)
#
# Method   With a = |x|, the tail 1 - Phi(a) by normal_tail_ratio (normal.pxd): minus a times that for x < 0, x less it
#          for x > 0.
# Limits   -inf -> -0, +inf -> inf
cdef inline double gelu(real x) noexcept nogil:
    cdef double back, p, e
    cdef double a = tail_cut(x)
    e = exp_half_square(a, &back, x)
    p = a * (normal_tail_ratio(a, x) * e) * back
    if real is float:
        # p is 0 only with x, for its exponential is a normal number
        return (<float>0.0 if x < 0 else x) - p
    else:
        return copysign(p, x) if x <= 0 else x - p


# gelu'(x) = Phi(x) + x phi(x)
#
# Method   x < 0: by gelu_slope_quotient (gates.pxd). x >= 0: one minus that.
# Limits   -inf -> -0, +inf -> 1
cdef inline double gelu_derivative(real x) noexcept nogil:
    cdef double back, p, e
    cdef double a = tail_cut(x)
    e = exp_half_square(a, &back, x)
    p = gelu_slope_quotient(a, x) * e * back
    return p if x < 0 else 1.0 - p


# gelu''(x) = phi(x) (2 - x**2)
cdef inline double gelu_second_derivative(real x) noexcept nogil:
    cdef double back, low, h, e
    cdef double a = tail_cut(x)
    h = two_product(a, a, &low)
    e = exp_half_square(a, &back, x)
    return propagate_nan(x, ((2.0 - h) - low) * (0.3989422804014327 * e) * back)


# x, or +-24 beyond, where the exponential of gelu_tanh is 0 and squares and cubes are still small
cdef inline double cut_for_cube(double x) noexcept nogil:
    cdef double t = 24.0 if x > 24.0 else x
    return -24.0 if t < -24.0 else t


# s = 2 sqrt(2/pi) (x + 0.044715 x**3) = x (a + b x**2) as the sum of the result and `low`, and s' = a + 3 b x**2 as
# the sum of `slope` and `slope_low`: an error of half an ulp in s = 700 would be 256 ulp in exp(-s)
cdef inline double cubic(double x, double* low, double* slope, double* slope_low, real like) noexcept nogil:
    cdef double square, square_low, term, term_low, factor, factor_low, s
    if real is float:
        square = x * x
        low[0] = 0.0
        slope_low[0] = 0.0
        slope[0] = madd(0.21406444881780073, square, 1.5957691216057308)
        return x * madd(0.07135481627260025, square, 1.5957691216057308)
    else:
        square = two_product(x, x, &square_low)
        term = two_product(0.07135481627260025, square, &term_low)
        term_low = madd(0.07135481627260025, square_low, madd(-6.175149918155315e-19, square, term_low))
        factor = two_sum(1.5957691216057308, term, &factor_low)
        factor_low = factor_low + (term_low + -9.96930880911092e-17)
        s = two_product(x, factor, low)
        low[0] = madd(x, factor_low, low[0])
        term = two_product(3.0, term, &factor_low)
        slope[0] = two_sum(1.5957691216057308, term, slope_low)
        slope_low[0] = slope_low[0] + (madd(3.0, term_low, factor_low) + -9.96930880911092e-17)
        return s


# gelu_tanh(x) = x (1 + tanh(sqrt(2/pi) (x + 0.044715 x**3)))/2 = x sigmoid(s)
#
# Limits   -inf -> -0, +inf -> inf
cdef inline double gelu_tanh(real x) noexcept nogil:
    cdef double low, slope, slope_low, second, finite, s, e
    if real is float:
        finite = cut(x, 20)
        s = cubic(finite, &low, &slope, &slope_low, x)
        return narrow_gate(x, finite, exp_negative(s))
    else:
        finite = cut_for_cube(x)
        s = cubic(finite, &low, &slope, &slope_low, x)
        e = exp_scaled_sum(-fabs(s), -low if s > 0.0 else low, &second, x)
        s = gate_quotient(finite if s < 0.0 else x, s, e, &second, x)
        return s * second


# gelu_tanh'(x) = sigma(s)(1 + u sigma(-s)) with u = x s'
#
# Method   float32: as narrow_slope (gates.pxd).
#          float64, s < 0: e w/(1 + e)**2 with e = exp(s) and w = 1 + e + u; beside its root, w/(x - root) is a
#          polynomial in x - root, with the rounding errors of x - root and of the first coefficient carried along.
#          s >= 0: (1 + e (1 + u))/(1 + e)**2 with e = exp(-s).
# Limits   -inf -> -0, +inf -> 1
cdef inline double gelu_tanh_derivative(real x) noexcept nogil:
    cdef double low, slope, slope_low, second, u, u_low, sum_low, both, d, w, h, h_low, leading, square, p
    cdef double finite, s, e
    if real is float:
        finite = cut(x, 20)
        s = cubic(finite, &low, &slope, &slope_low, x)
        e = exp_negative(s)
        return narrow_slope(x, (1.0 - finite * slope) + e, e)
    else:
        finite = cut_for_cube(x)
        s = cubic(finite, &low, &slope, &slope_low, x)
        e = exp_scaled_sum(-fabs(s), -low if s > 0.0 else low, &second, x)
        both = e * second
        d = 1.0 + both
        h = two_sum(finite + 0.7524614220710163, -3.635560509207687e-17, &h_low)
        square = h * h
        u = two_product(finite, slope, &u_low)
        u_low = madd(finite, slope_low, u_low)
        w = two_sum(1.0, u, &sum_low)
        w = w + (sum_low + u_low + both)
        p = 1.2955116523793037e-07
        p = madd(p, square, madd(5.292776549317006e-07, h, 2.0038995792976523e-06))
        p = madd(p, square, madd(7.5999947853639075e-06, h, 2.8083844567012878e-05))
        p = madd(p, square, madd(0.00010307021740144247, h, 0.00035651187620655523))
        p = madd(p, square, madd(0.001152934387400749, h, 0.003690377295419957))
        p = madd(p, square, madd(0.011295232380144968, h, 0.030485990572086077))
        p = madd(p, square, madd(0.07595899090740091, h, 0.4004476935340453))
        p = madd(p, square, madd(-0.09991152322555247, h, 1.3772482058913877e-16))
        p = madd(h_low, 2.4606567646302393, h * p)
        leading = two_product(h, 2.4606567646302393, &h_low)
        w = e * (leading + (h_low + p) if fabs(h) < 0.5 else w)
        w = w if s < 0.0 else 1.0 + both * (1.0 + u)
        return over_square(w, d, both - (d - 1.0), x) * (second if s < 0.0 else 1.0)


# gelu_tanh''(x) = sigma(s) sigma(-s) (2 s' + x s'' - x s'**2 tanh(s/2)), even in x
#
# Method   For x >= 0: e v/(1 + e)**3 with e = exp(-s) and v = (A - B) + e (A + B), where A = 2 s' + x s'' and
#          B = x s'**2; by its root as w above. x s'' = 2 (s' - s'(0)), hence A = 4 s' - 2 s'(0).
# Limits   -inf -> -0, +inf -> -0
cdef inline double gelu_tanh_second_derivative(real x) noexcept nogil:
    cdef double low, slope, slope_low, second, both, d, v, h, h_low, leading, square, p
    cdef double above, above_low, below, below_low, rest
    cdef double a = fabs(cut_for_cube(x))
    cdef double s = cubic(a, &low, &slope, &slope_low, x)
    cdef double e = exp_scaled_sum(-fabs(s), -low if s > 0.0 else low, &second, x)
    both = e * second
    d = 1.0 + both
    h = two_sum(a - 1.4185040087908283, -8.089265124388305e-17, &h_low)
    square = h * h
    if real is float:
        above = madd(4.0, slope, -3.1915382432114616)
        below = a * slope * slope
        v = madd(both, above + below, above - below)
        p = 0.00017349728607468146
        p = madd(p, square, madd(-0.00025592295191260837, h, 0.0018793169758508082))
        p = madd(p, square, madd(-0.00025889706390816046, h, -0.06726641448264345))
        p = madd(p, square, madd(-0.29185518165838203, h, -1.6206207199393008))
        p = madd(p, square, -3.058548195622269 * h)
    else:
        above = two_sum(4.0 * slope, -3.1915382432114616, &above_low)
        above_low = above_low + madd(4.0, slope_low, 1.993861761822184e-16)
        below = two_product(slope, slope, &below_low)
        below_low = madd(2.0 * slope, slope_low, below_low)
        below = two_product(a, below, &rest)
        below_low = madd(a, below_low, rest)
        v = two_sum(above, -below, &rest)
        v = v + madd(both, above + below, rest + (above_low - below_low))
        p = 1.4858291576330476e-07
        p = madd(p, square, madd(-1.115582566071089e-06, h, 3.451520004046888e-06))
        p = madd(p, square, madd(-5.40705065750821e-06, h, 3.107214711757383e-05))
        p = madd(p, square, madd(-0.00013488879617501353, h, 0.00015528124521082005))
        p = madd(p, square, madd(-0.00017883310030230692, h, 0.0018827763159814555))
        p = madd(p, square, madd(-0.00027342516968431726, h, -0.06726665602575067))
        p = madd(p, square, madd(-0.29185417053217205, h, -1.620620715401265))
        p = madd(p, square, madd(-3.0585482145964233, h, -2.751167524920153e-16))
    p = madd(h_low, -6.164466888959501, h * p)
    leading = two_product(h, -6.164466888959501, &h_low)
    v = leading + (h_low + p) if fabs(h) < 0.5 else v
    return over_cube(e * v, d, both - (d - 1.0), x) * second
