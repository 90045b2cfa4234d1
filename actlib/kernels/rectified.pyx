# The rectifier and its kin: relu, leaky_relu (prelu, rrelu), elu, selu, softplus, silu, mish, gelu.
#
# A function whose arguments are all `real` becomes a ufunc of its name (generate.py). At the kink every
# derivative is that of the branch x <= 0, and the second derivative is 0.

from libc.math cimport copysign, fabs

from .primitives cimport (
    INFINITY, NAN, exp_nonpositive, exp_nonpositive_sum, expm1, log, log1p, log1p_unit, madd, power_from_bits,
    propagate_nan, real, reduce_exp, two_product, two_sum)


# relu(x) = max(0, x)
cdef inline double relu(real x) noexcept nogil:
    return 0.0 if x <= 0 else x


cdef inline double relu_derivative(real x) noexcept nogil:
    return propagate_nan(x, 1.0 if x > 0 else 0.0)


cdef inline double relu_second_derivative(real x) noexcept nogil:
    return propagate_nan(x, 0.0)


cdef inline double relu_derivative_from_output(real y) noexcept nogil:
    return propagate_nan(y, 1.0 if y > 0 else 0.0)


# leaky_relu(x) = x for x > 0, slope x for x <= 0; prelu and rrelu are the same function of other slopes
#
# Limits   -inf -> -slope inf, and -slope 0 for a slope of 0, as at every other x < 0
cdef inline double leaky_relu(real x, real slope) noexcept nogil:
    cdef double below = -1.0 if slope == 0 and x < -1 else x
    return x if x > 0 else slope * below


cdef inline double leaky_relu_derivative(real x, real slope) noexcept nogil:
    return propagate_nan(x, 1.0 if x > 0 else slope)


cdef inline double leaky_relu_second_derivative(real x, real slope) noexcept nogil:
    return propagate_nan(x, 0.0)


# From the output: NaN for a negative slope, where an output belongs to two inputs
cdef inline double leaky_relu_derivative_from_output(real y, real slope) noexcept nogil:
    return NAN if slope < 0 else propagate_nan(y, 1.0 if y > 0 else slope)


cdef inline double leaky_relu_inverse(real y, real slope) noexcept nogil:
    cdef double below = NAN if slope == 0 else <double>y / slope
    return NAN if slope < 0 else (y if y > 0 else below)


# d/dslope leaky_relu = x for x <= 0, else 0
cdef inline double leaky_relu_slope_gradient(real x, real slope) noexcept nogil:
    return 0.0 if x > 0 else x


# elu(x) = x for x > 0, alpha (exp(x) - 1) for x <= 0
cdef inline double elu(real x, real alpha) noexcept nogil:
    return x if x > 0 else alpha * expm1(x, x)


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


# elu'(x) = alpha exp(x) for x <= 0, from x: elu(x) + alpha would cancel
cdef inline double elu_derivative(real x, real alpha) noexcept nogil:
    return 1.0 if x > 0 else scaled_exp(alpha, x, x)


cdef inline double elu_second_derivative(real x, real alpha) noexcept nogil:
    return propagate_nan(x, scaled_exp(alpha, x, x) if x < 0 else 0.0)


# From the output: NaN for a negative alpha, where an output belongs to two inputs
cdef inline double elu_derivative_from_output(real y, real alpha) noexcept nogil:
    return NAN if alpha < 0 else (1.0 if y > 0 else <double>y + alpha)


# log(1 + y/alpha); near y = -alpha, alpha + y is exact (Sterbenz) and y/alpha is not
cdef inline double elu_inverse(real y, real alpha) noexcept nogil:
    cdef double ratio = <double>y / alpha
    cdef double below = log((<double>alpha + y) / alpha, y) if ratio < -0.5 else log1p(ratio, y)
    return NAN if alpha < 0 else (y if y > 0 else below)


# d/dalpha elu = exp(x) - 1 for x <= 0, else 0
cdef inline double elu_alpha_gradient(real x, real alpha) noexcept nogil:
    return 0.0 if x > 0 else expm1(x, x)


# softplus(x) = log(1 + exp(beta x))/beta = max(x, 0) + log(1 + exp(-|beta x|))/beta   (beta > 0)
#
# Method   Nothing overflows, and log1p keeps the small term.
# Limits   -inf -> 0, +inf -> inf; beta x = inf for a finite x gives max(x, 0)
cdef inline double softplus(real x, real beta) noexcept nogil:
    cdef double second
    cdef double first = exp_minus_abs_product(x, beta, &second, x)
    return (0.0 if x <= 0 else x) + log1p_factor(first, second, x) / beta * second


# exp(-|beta x|) as a product of two factors: what is divided by beta or multiplied by x must not be subnormal,
# or its rounding error grows along
#
# Method   t + low = beta x exactly, and low enters to first order: an error of half an ulp in t = 700 would be
#          256 ulp in exp(-t). The second factor is 1, or where the product is subnormal both are exp(-|t|/2).
cdef inline double exp_minus_abs_product(double x, double beta, double* second, real like) noexcept nogil:
    cdef double low, half, e
    cdef double t = two_product(beta, x, &low)
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


cdef inline double log1p_factor(double first, double second, real like) noexcept nogil:
    """log(1 + first * second) / second for the two factors of exp_minus_abs_product."""
    return first if second < 1.0 else log1p_unit(first, like)


# 1/(1 + e) or e/(1 + e) with e = exp(-|beta x|)
cdef inline double softplus_derivative(real x, real beta) noexcept nogil:
    cdef double second
    cdef double e = exp_minus_abs_product(x, beta, &second, x)
    e = e * second
    return (e if x < 0 else 1.0) / (1.0 + e)


cdef inline double softplus_second_derivative(real x, real beta) noexcept nogil:
    cdef double second
    cdef double e = exp_minus_abs_product(x, beta, &second, x)
    return beta * (e / ((1.0 + e) * (1.0 + e))) * second


# softplus'(x) = 1 - exp(-beta y)
cdef inline double softplus_derivative_from_output(real y, real beta) noexcept nogil:
    return -expm1(-<double>beta * y, y)


# log(exp(beta y) - 1)/beta
#
# Method   With t = beta y: near its zero at t = log 2 it is log1p(2 (exp(t - log 2) - 1)), where t - log 2 is taken
#          with log 2 in two parts, the first subtracted exactly. Below: log(exp(t) - 1), and for y so small that t
#          could be subnormal log(2**512 t) - 512 log 2. Above: t + log1p(-exp(-t)).
# Limits   0 -> -inf, +inf -> inf, y < 0 -> NaN
cdef inline double softplus_inverse(real y, real beta) noexcept nogil:
    cdef double low
    cdef double t = two_product(beta, y, &low)
    cdef double middle = log1p(2.0 * expm1((t - 0.6931471805599453) + (low - 2.3190468138462996e-17), y), y)
    cdef double scaled = beta * (y * 1.3407807929942597e+154)
    cdef double below = log(scaled if y < 1e-290 else expm1(t, y), y) - (354.891356446692 if y < 1e-290 else 0.0)
    cdef double above = log1p(-exp_nonpositive(-t, y), y) / beta
    below = below if t < 0.35 else middle
    return below / beta if t < 1.4 else y + above


# d/dbeta softplus = (x sigmoid(beta x) - softplus(x))/beta
#                  = -(|x| e/(1 + e) + log(1 + e)/beta)/beta with e = exp(-|beta x|): both terms of one sign
cdef inline double softplus_beta_gradient(real x, real beta) noexcept nogil:
    cdef double second
    cdef double e = exp_minus_abs_product(x, beta, &second, x)
    cdef double weighted = 0.0 if e == 0.0 else fabs(<double>x) * (e / (1.0 + e))
    return -((weighted + log1p_factor(e, second, x) / beta) / beta) * second


# selu(x) = lambda x for x > 0, lambda alpha (exp(x) - 1) for x <= 0
#
# Method   lambda alpha is one constant; what the nearest double misses of it counts only where terms cancel.
cdef inline double selu(real x) noexcept nogil:
    return (1.0507009873554805 * x) if x > 0 else 1.7580993408473768 * expm1(x, x)


cdef inline double selu_derivative(real x) noexcept nogil:
    return 1.0507009873554805 if x > 0 else scaled_exp(1.7580993408473768, x, x)


cdef inline double selu_second_derivative(real x) noexcept nogil:
    return propagate_nan(x, scaled_exp(1.7580993408473768, x, x) if x < 0 else 0.0)


cdef inline double selu_derivative_from_output(real y) noexcept nogil:
    return 1.0507009873554805 if y > 0 else ((<double>y + 1.7580993408473768) + 1.415351938008446e-17)


# log(1 + y/(lambda alpha)); near y = -lambda alpha, lambda alpha + y is exact (Sterbenz) and the quotient is not
cdef inline double selu_inverse(real y) noexcept nogil:
    cdef double ratio = <double>y / 1.7580993408473768
    cdef double above = ((<double>y + 1.7580993408473768) + 1.415351938008446e-17) / 1.7580993408473768
    cdef double below = log(above, y) if ratio < -0.5 else log1p(ratio, y)
    return (<double>y / 1.0507009873554805) if y > 0 else below


# silu(x) = x/(1 + exp(-beta x))
#
# Method   x/(1 + e) or x e/(1 + e) with e = exp(-|beta x|), as the sigmoid; the two factors of e keep the result
#          exact where e is subnormal and x e is not.
# Limits   for beta > 0: -inf -> -0, +inf -> inf
cdef inline double silu(real x, real beta) noexcept nogil:
    cdef double second, base = finite_part(x)
    cdef double e = exp_minus_abs_product(base, beta, &second, x)
    cdef double t = beta * base
    base = base if t < 0.0 else x
    return quotient(base, 1.0 + e * second, x) * (e if t < 0.0 else 1.0) * (second if t < 0.0 else 1.0)


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
    cdef double d = ((t - root) - root_low) + low
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


# silu'(x) = sigma(t)(1 + t sigma(-t)) for t = beta x
#
# Method   t < 0: e (e + 1 + t)/(1 + e)**2 with e = exp(t); e + 1 + t = distance + step beside its root.
#          t >= 0: (1 + e + t e)/(1 + e)**2 with e = exp(-t).
# Limits   for beta > 0: -inf -> -0, +inf -> 1
cdef inline double silu_derivative(real x, real beta) noexcept nogil:
    cdef double low, distance, step, second, w, d, both, finite = finite_part(x)
    cdef double e = exp_minus_abs_product(finite, beta, &second, x)
    cdef double t = product_with_rest(beta, finite, &low, x)
    cdef bint near = beside_root(
        t, low, -1.2784645427610737, -1.0946994183093437e-16, 0.2784645427610738, -1.5523606315812798e-18, &distance,
        &step, x)
    t = -2000.0 if t < -2000.0 else (2000.0 if t > 2000.0 else t)
    both = e * second
    w = distance + step if near else (1.0 + t) + (both + low)
    w = e * w if t < 0.0 else 1.0 + both * (1.0 + t)
    d = 1.0 + both
    return over_square(w, d, both - (d - 1.0), x) * (second if t < 0.0 else 1.0)


# silu''(x) = beta sigma(t) sigma(-t) (2 - t tanh(t/2)), even in t = beta x
#
# Method   beta e w/(1 + e)**3 with e = exp(-|t|) and w = (2 - |t|) + e (2 + |t|), by its root
cdef inline double silu_second_derivative(real x, real beta) noexcept nogil:
    cdef double low, distance, step, second, w, a, d, both, finite = finite_part(x)
    cdef double e = exp_minus_abs_product(finite, beta, &second, x)
    cdef double t = product_with_rest(beta, finite, &low, x)
    cdef bint near
    low = -low if t > 0.0 else low
    near = beside_root(
        -fabs(t), low, -2.3993572805154675, -1.8464872855353363e-16, 0.0907762782268676, -4.307281675237286e-18,
        &distance, &step, x)
    a = 2000.0 if fabs(t) > 2000.0 else fabs(t)
    both = e * second
    w = madd(both, a, madd(2.0, both, (2.0 - a) + low))
    w = madd(distance, 0.9092237217731324, step * (2.0 + a)) if near else w
    d = 1.0 + both
    return over_cube(beta * e * w, d, both - (d - 1.0), x) * second


# d/dbeta silu = x**2 sigma(beta x) sigma(-beta x)
cdef inline double silu_beta_gradient(real x, real beta) noexcept nogil:
    cdef double second, d, value
    cdef double e = exp_minus_abs_product(x, beta, &second, x)
    e = 1.0 if (beta == 0) & (x == x) else e
    d = 1.0 + e * second
    value = <double>x * e * over_square(<double>x * second, d, e * second - (d - 1.0), x)
    return 0.0 if (e == 0.0) | ((fabs(x) == INFINITY) & (beta != 0)) else value


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


# exp(-a**2/2) times 1/`back`, which is not subnormal where exp(-a**2/2) is, for 0 <= a <= 40
#
# Method   a**2 = h + low exactly, and low enters to first order
cdef inline double exp_half_square(double a, double* back, real like) noexcept nogil:
    cdef double low, tail, shifted, r, high, rest, h
    if real is float:
        back[0] = 1.0
        return exp_nonpositive(-0.5 * a * a, like)
    else:
        h = two_product(a, a, &low)
        r = reduce_exp(-0.5 * h, 512.0, &tail, &shifted, like)
        high = 1.0 + r
        rest = (r - (high - 1.0)) + tail
        back[0] = 7.458340731200207e-155
        return (high + (rest - 0.5 * low * (high + rest))) * power_from_bits(shifted)


# gelu(x) = x Phi(x)
#
# Method   With a = |x| and the Mills ratio M(a) = (1 - Phi(a))/phi(a): -a M(a) phi(a) for x < 0, x - a M(a) phi(a) for
#          x > 0. (a + 5/4) M(a)/sqrt(2 pi) is a polynomial in s = (a - 4)/(a + 4) (Shepherd and Laframboise 1981,
#          doi:10.1090/S0025-5718-1981-0595058-X). float32: beyond 20, the value rounds to -0 or x.
# Limits   -inf -> -0, +inf -> inf
cdef inline double gelu(real x) noexcept nogil:
    cdef double back, s, square, p, e, inverse
    cdef double a = fabs(<double>x)
    if real is float:
        a = 20.0 if a > 20.0 else a
        inverse = quotient(1.0, (a + 4.0) * (a + 1.25), x)
        s = (a - 4.0) * ((a + 1.25) * inverse)
        square = s * s
        p = madd(-3.258181325005194e-06, s, -7.755050318887216e-05)
        p = madd(p, square, madd(-7.754367074961598e-05, s, 0.0006543419565787459))
        p = madd(p, square, madd(-0.00013828945405836213, s, -0.004879296120122247))
        p = madd(p, square, madd(0.015815560887084183, s, -0.02448090227399165))
        p = madd(p, square, madd(0.010673296099426681, s, 0.04509440281741946))
        p = madd(p, square, madd(-0.13930290206065601, s, 0.4956558672674809))
        p = p * ((a + 4.0) * inverse)
    else:
        a = 40.0 if a > 40.0 else a
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
        p = p / (a + 1.25)
    e = exp_half_square(a, &back, x)
    p = a * (p * e) * back
    return copysign(p, x) if x <= 0 else x - p


# gelu'(x) = Phi(x) + x phi(x)
#
# Method   x < 0: phi(a) (M(a) - a), where (a - M(a))/(a - root) is a polynomial in s; so nothing cancels at the root.
#          x >= 0: one minus that.
# Limits   -inf -> -0, +inf -> 1
cdef inline double gelu_derivative(real x) noexcept nogil:
    cdef double back, s, square, p, e
    cdef double a = fabs(<double>x)
    if real is float:
        a = 20.0 if a > 20.0 else a
        s = quotient(a - 4.0, a + 4.0, x)
        square = s * s
        p = -5.76719007667811e-07
        p = madd(p, square, madd(-1.7216027338761225e-05, s, -1.3154779946435202e-05))
        p = madd(p, square, madd(0.0001863978313453052, s, -0.00015633764213519042))
        p = madd(p, square, madd(-0.0017886339454811352, s, 0.009505246143669491))
        p = madd(p, square, madd(-0.02808330340354305, s, 0.060462917979149815))
        p = madd(p, square, madd(-0.10336590056893365, s, 0.4622112442526376))
    else:
        a = 40.0 if a > 40.0 else a
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
    e = exp_half_square(a, &back, x)
    p = ((0.7517915246935645 - a) - 1.4956759177009883e-17) * p * e * back
    return propagate_nan(x, p if x < 0 else 1.0 - p)


# gelu''(x) = phi(x) (2 - x**2)
cdef inline double gelu_second_derivative(real x) noexcept nogil:
    cdef double back, low, h, e
    cdef double a = fabs(<double>x)
    a = 40.0 if a > 40.0 else a
    h = two_product(a, a, &low)
    e = exp_half_square(a, &back, x)
    return propagate_nan(x, ((2.0 - h) - low) * (0.3989422804014327 * e) * back)
