# The rectifier and its kin: relu, leaky_relu (prelu, rrelu), elu, selu, celu, softplus, squareplus, shifted_softplus,
# isrlu, exponential.
#
# A function whose arguments are all `real` becomes a ufunc of its name (generate.py). At the kink every
# derivative is that of the branch x <= 0, and the second derivative is 0.

from libc.math cimport fabs

from .compound cimport exp_minus_abs_product, log1p_factor, log_expm1, quotient, scaled_exp
from .logarithms cimport softplus_single
from .primitives cimport (
    NAN, exp, exp_nonpositive, exp_nonpositive_sum, expm1, expm1_sum, fused, log, log1p, log1p_exp_nonpositive,
    log_reduced, logistic, logistic_derivative, madd, propagate_nan, real, two_product, two_sum)
from .roots cimport (
    root_mean, root_mean_derivative, root_unit, root_unit_derivative, root_unit_derivative_from_output,
    root_unit_inverse, root_unit_second_derivative, scaled_root, square_remainder)
from .single cimport (
    FUSED_SINGLE, exp_backward_single, exp_single, logistic_single, root_unit_backward_single,
    root_unit_derivative_single, root_unit_single, squareplus_backward_single, squareplus_derivative_single,
    squareplus_single)


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
    # `real` and not double: one product is rounded once in float32 too, with twice the lanes
    cdef real below = <real>-1.0 if (slope == 0) & (x < -1) else x
    below = below * slope
    return x if x > 0 else below


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
# Method   Nothing overflows, and log1p keeps the small term. beta = 1 has a kernel of its own, whose bits it also has
#          among other numbers beta.
# Limits   -inf -> 0, +inf -> inf; beta x = inf for a finite x gives max(x, 0)
cdef inline double softplus(real x, real beta) noexcept nogil:
    cdef double second
    cdef double first = exp_minus_abs_product(x, beta, &second, x)
    cdef double other = (0.0 if x <= 0 else x) + log1p_factor(first, second, x) / beta * second
    return softplus_at_1(x) if beta == 1 else other


cdef inline double softplus_at_1(real x) noexcept nogil:
    if real is float and FUSED_SINGLE:
        return softplus_single(x)
    return (0.0 if x <= 0 else x) + log1p_exp_nonpositive(-fabs(<double>x), x)


# 1/(1 + e) or e/(1 + e) with e = exp(-|beta x|)
cdef inline double softplus_slope(real x, real beta) noexcept nogil:
    cdef double second
    cdef double e = exp_minus_abs_product(x, beta, &second, x)
    e = e * second
    return quotient(e if x < 0 else 1.0, 1.0 + e, x)


cdef inline double softplus_derivative(real x, real beta) noexcept nogil:
    return softplus_derivative_at_1(x) if beta == 1 else softplus_slope(x, beta)


cdef inline double softplus_derivative_at_1(real x) noexcept nogil:
    if real is float and FUSED_SINGLE:
        return logistic_single(x)
    return logistic(x, x)


cdef inline double softplus_backward(real upstream, real x, real beta) noexcept nogil:
    return <double>upstream * (logistic(x, x) if beta == 1 else softplus_slope(x, beta))


cdef inline double softplus_backward_at_1(real upstream, real x) noexcept nogil:
    return <double>upstream * logistic(x, x)


cdef inline double softplus_second_derivative(real x, real beta) noexcept nogil:
    cdef double second
    cdef double e = exp_minus_abs_product(x, beta, &second, x)
    return beta * (e / ((1.0 + e) * (1.0 + e))) * second


# softplus'(x) = 1 - exp(-beta y)
cdef inline double softplus_derivative_from_output(real y, real beta) noexcept nogil:
    return -expm1(-<double>beta * y, y)


# log(exp(beta y) - 1)/beta: compound.pxd
cdef inline double softplus_inverse(real y, real beta) noexcept nogil:
    return log_expm1(y, beta, y)


# d/dbeta softplus = (x sigmoid(beta x) - softplus(x))/beta
#                  = -(|x| e/(1 + e) + log(1 + e)/beta)/beta with e = exp(-|beta x|): both terms of one sign
#
# Method   `second` comes before the division by a tiny beta, which would overflow, and after that by any other, whose
#          dividend could be subnormal.
cdef inline double softplus_beta_gradient(real x, real beta) noexcept nogil:
    cdef double second
    cdef double e = exp_minus_abs_product(x, beta, &second, x)
    cdef double weighted = 0.0 if e == 0.0 else fabs(<double>x) * (e / (1.0 + e))
    cdef double sum = weighted + log1p_factor(e, second, x) / beta
    return -((sum * second) / beta if beta < 1e-100 else (sum / beta) * second)


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


# x/alpha, rounded, and `rest`, what the rounding misses: an error of half an ulp in t = 700 would be 256 ulp in exp(t)
#
# Method   x/alpha = t + (x - t alpha)/alpha. A small alpha is brought up by 2**512, so that neither its reciprocal
#          overflows nor x - t alpha underflows. Where |t| < 1e-17 the rest is not used, beyond 1500 all is limits.
cdef inline double celu_quotient(real x, real alpha, double* rest) noexcept nogil:
    cdef double scale, a, top, inverse, t, missed
    if real is float:
        rest[0] = 0.0
        return x * (1.0 / alpha)
    else:
        scale = 1.3407807929942597e+154 if alpha < 1e-150 else 1.0
        a, top = alpha * scale, x * scale
        inverse = 1.0 / a
        t = top * inverse
        missed = fused(-t, a, top) * inverse
        missed = missed if fabs(t) < 1500.0 else 0.0
        rest[0] = missed if fabs(t) > 1e-17 else 0.0
        return t


# celu(x) = x for x > 0, alpha (exp(x/alpha) - 1) for x <= 0   (alpha > 0)
#
# Method   With x/alpha = t + rest: exp(t + rest) - 1 = (exp(t) - 1) + exp(t) rest to within rest**2
# Limits   -inf -> -alpha, +inf -> inf
cdef inline double celu(real x, real alpha) noexcept nogil:
    cdef double rest, low
    cdef double t = celu_quotient(x, alpha, &rest)
    cdef double high = expm1_sum(t, &low, x)
    cdef double below = alpha * (high + madd(1.0 + high, rest, low))
    below = below if fabs(t) > 1e-17 else x
    return x if x > 0 else below


cdef inline double celu_derivative(real x, real alpha) noexcept nogil:
    cdef double rest
    cdef double t = celu_quotient(x, alpha, &rest)
    cdef double e
    if real is float:
        e = exp_nonpositive(t, x)
    else:
        e = exp_nonpositive_sum(t, rest)
    return 1.0 if x > 0 else e


# exp(x/alpha)/alpha for x < 0: where the exponential is subnormal, it is divided and multiplied by its root
cdef inline double celu_second_derivative(real x, real alpha) noexcept nogil:
    cdef double rest, half, e
    cdef double t = celu_quotient(x, alpha, &rest)
    if real is float:
        e = exp_nonpositive(t, x) / alpha
    else:
        half = 0.5 if t < -708.0 else 1.0
        e = exp_nonpositive_sum(half * t, half * rest)
        e = e / alpha * (e if t < -708.0 else 1.0)
    return propagate_nan(x, e if x < 0 else 0.0)


# celu'(x) = (alpha + y)/alpha for y <= 0; near y = -alpha the sum is exact (Sterbenz)
cdef inline double celu_derivative_from_output(real y, real alpha) noexcept nogil:
    # for float32 by the reciprocal, which a loop computes once
    cdef double ratio = (<double>alpha + y) * (1.0 / alpha) if real is float else (<double>alpha + y) / alpha
    return 1.0 if y > 0 else ratio


# alpha log(1 + y/alpha); near y = -alpha, alpha + y is exact (Sterbenz) and y/alpha is not
cdef inline double celu_inverse(real y, real alpha) noexcept nogil:
    cdef double ratio = <double>y / alpha
    cdef double far = log((<double>alpha + y) / alpha, y)
    cdef double below = log1p(ratio, y)
    below = alpha * (far if ratio < -0.5 else below)
    below = y if fabs(ratio) < 1e-17 else below
    return y if y > 0 else below


# d/dalpha celu = exp(t) - 1 - t exp(t) with t = x/alpha for x <= 0, else 0
#
# Method   t > -1, where the terms cancel: t**2 P(t); else as it stands. What the rounding of t misses enters to first
#          order, times -t exp(t).
cdef inline double celu_alpha_gradient(real x, real alpha) noexcept nogil:
    cdef double rest, e, square, p
    cdef double t = celu_quotient(x, alpha, &rest)
    t = -800.0 if t < -800.0 else t
    e = exp_nonpositive(t, x)
    rest = -t * e * rest
    square = t * t
    if real is float:
        p = -0.00011214818300929406
        p = madd(p, square, madd(-0.0011124502025536508, t, -0.006893263273457814))
        p = madd(p, square, madd(-0.03331579905233648, t, -0.12499711290548009))
        p = madd(p, square, madd(-0.3333331539877508, t, -0.4999999981721261))
    else:
        p = -9.392224924947724e-11
        p = madd(p, square, madd(-1.7810074886854266e-09, t, -2.2729850219305894e-08))
        p = madd(p, square, madd(-2.5027397176239713e-07, t, -2.479981533988262e-06))
        p = madd(p, square, madd(-2.2045767746752142e-05, t, -0.00017361108136500547))
        p = madd(p, square, madd(-0.0011904761836979097, t, -0.006944444443451722))
        p = madd(p, square, madd(-0.03333333333324672, t, -0.12499999999999607))
        p = madd(p, square, madd(-0.33333333333333326, t, -0.5))
    p = madd(t, t * p, rest) if t > -1.0 else madd(-t, e, e - 1.0) + ((e - ((e - 1.0) + 1.0)) + rest)
    return 0.0 if x > 0 else p


# squareplus(x) = (x + sqrt(x**2 + b))/2: roots.pxd   (b > 0)
cdef inline double squareplus(real x, real b) noexcept nogil:
    if real is float and FUSED_SINGLE:
        return squareplus_single(x, b)
    return root_mean(x, b)


cdef double squareplus_rare(float x, float b) noexcept nogil:
    return root_mean(x, b)


cdef inline double squareplus_derivative(real x, real b) noexcept nogil:
    if real is float and FUSED_SINGLE:
        return squareplus_derivative_single(x, b)
    return root_mean_derivative(x, b)


cdef double squareplus_derivative_rare(float x, float b) noexcept nogil:
    return root_mean_derivative(x, b)


cdef inline double squareplus_backward(real upstream, real x, real b) noexcept nogil:
    if real is float and FUSED_SINGLE:
        return squareplus_backward_single(upstream, x, b)
    return upstream * root_mean_derivative(x, b)


cdef double squareplus_backward_rare(float upstream, float x, float b) noexcept nogil:
    return upstream * root_mean_derivative(x, b)


# b/2/(x**2 + b)**(3/2)
#
# Method   With q = x**2 + b and s = sqrt(q): 1/(q s), and the rounding errors of all three to first order. From
#          |x| = 1e250 on the result is 0 for every b.
cdef inline double squareplus_second_derivative(real x, real b) noexcept nogil:
    cdef double position, square, root, back, q, d, w, low, error, remainder, scale, before, after
    cdef double size = fabs(<double>x)
    size = 1e250 if real is double and size > 1e250 else size
    cdef double s = scaled_root[real](<real>size, b, &position, &square, &root, &back)
    scale = root * root
    before = scale if scale > 1.0 else 1.0
    after = 1.0 if scale > 1.0 else scale
    q = madd(position, position, square)
    d = two_product(q, s, &low)
    w = 1.0 / d
    if real is double:
        remainder = square_remainder(position, square, s)
        # x**2 + b = s**2 + remainder, q = s**2 + error, and (s**2 + remainder)**(3/2) = s**3 + 3/2 s remainder
        error = fused(-s, s, q)
        error = (1.5 * remainder - error) * (s * w) + low * w - fused(-w, d, 1.0)
        w = madd(-w, error, w)
    return b * scale * before * w * (0.5 * scale) * after


# y**2/(y**2 + b/4)
cdef inline double squareplus_derivative_from_output(real y, real b) noexcept nogil:
    cdef double position, square, root, back
    cdef real most = 1e38 if real is float else 1e300
    scaled_root[real](most if y > most else y, b, &position, &square, &root, &back)
    return position / madd(position, position, 0.25 * square) * position


# y - b/(4 y) = (y**2 - b/4)/y, with the rounding error of y**2: the difference keeps its digits near y = sqrt(b)/2
#
# Limits   0 -> -inf, +inf -> inf, y < 0 -> NaN
cdef inline double squareplus_inverse(real y, real b) noexcept nogil:
    cdef double position, square, root, back, high, low, x
    scaled_root(y, b, &position, &square, &root, &back)
    position = fabs(position)
    high = two_product(position, position, &low)
    x = ((high - 0.25 * square) + low) / position * back * back
    # where y**2 is far above any b
    x = y if y > 1e200 else x
    return NAN if y < 0 else x


# d/db squareplus = 1/(4 sqrt(x**2 + b))
cdef inline double squareplus_b_gradient(real x, real b) noexcept nogil:
    cdef double position, square, root, back
    return 0.25 / scaled_root(x, b, &position, &square, &root, &back) * root * root


# shifted_softplus(x) = log(1 + exp(x)) - log(2) = log((1 + exp(x))/2) = max(x, 0) + log((1 + e)/2) with e = exp(-|x|)
#
# Method   (1 + e)/2 = 1 + (e - 1)/2, where e - 1 keeps its digits at the zero; for e < 0.41, log(1 + e) - log 2
# Limits   -inf -> -log 2, +inf -> inf; the sign of zero is kept
cdef inline double shifted_softplus(real x) noexcept nogil:
    cdef double low, f, rest
    cdef double high = expm1_sum(-fabs(<double>x), &low, x)
    cdef bint far = high < -0.585786437626905
    f = 1.0 + high if far else 0.5 * high
    rest = low if far else 0.5 * low
    # log(1 + f + rest) = log(1 + f) + rest/(1 + f), and rest is an ulp at most
    f = log_reduced(f, -1.0 if far else 0.0, rest * (1.0 - f), x)
    f = (0.0 if x <= 0 else x) + f
    return f if fabs(<double>x) > 1e-17 else 0.5 * x


cdef inline double shifted_softplus_derivative(real x) noexcept nogil:
    return logistic(x, x)


cdef inline double shifted_softplus_second_derivative(real x) noexcept nogil:
    return logistic_derivative(x, x)


# 1 - exp(-y)/2 = 1 - exp(-(y + log 2)), with log 2 in two parts, of which the first is added exactly near -log 2
cdef inline double shifted_softplus_derivative_from_output(real y) noexcept nogil:
    return -expm1(-((y + 0.6931471805599453) + 2.3190468138462996e-17), y)


# log(2 exp(y) - 1) = log(exp(t) - 1) with t = y + log 2
#
# Method   t < 0.35: as it stands, with t as above; t < 1.4, where it has its zero at y = 0: log1p(2 (exp(y) - 1));
#          else t + log1p(-exp(-t))
# Limits   y < -log 2 -> NaN, +inf -> inf; the sign of zero is kept
cdef inline double shifted_softplus_inverse(real y) noexcept nogil:
    cdef double low
    cdef double sum = two_sum(y, 0.6931471805599453, &low)
    cdef double t = sum + (low + 2.3190468138462996e-17)
    cdef double middle = log1p(2.0 * expm1(y, y), y)
    cdef double below = log(expm1(t, y), y)
    cdef double above = t + log1p(-exp_nonpositive(-t, y), y)
    middle = middle if fabs(<double>y) > 1e-17 else 2.0 * y
    below = below if t < 0.35 else middle
    return below if t < 1.4 else (above if y < 1e300 else y)


# isrlu(x) = x for x >= 0, x/sqrt(1 + alpha x**2) for x < 0: roots.pxd   (alpha > 0)
#
# Limits   -inf -> -1/sqrt(alpha), +inf -> inf; the sign of zero is kept
cdef inline double isrlu(real x, real alpha) noexcept nogil:
    cdef real below
    if real is float and FUSED_SINGLE:
        below = root_unit_single(x, alpha)
    else:
        below = root_unit(x, alpha)
    return x if x >= 0 else below


cdef inline double isrlu_derivative(real x, real alpha) noexcept nogil:
    cdef real below
    if real is float and FUSED_SINGLE:
        below = root_unit_derivative_single(x, alpha)
        return <real>1.0 if x >= 0 else below
    return 1.0 if x >= 0 else root_unit_derivative(x, alpha)


cdef inline double isrlu_backward(real upstream, real x, real alpha) noexcept nogil:
    cdef real below
    if real is float and FUSED_SINGLE:
        below = root_unit_backward_single(upstream, x, alpha)
        return upstream if x >= 0 else below
    return <double>upstream * isrlu_derivative(x, alpha)


cdef double isrlu_backward_rare(float upstream, float x, float alpha) noexcept nogil:
    return upstream * root_unit_derivative(x, alpha)


cdef inline double isrlu_second_derivative(real x, real alpha) noexcept nogil:
    return 0.0 if x >= 0 else root_unit_second_derivative(x, alpha)


cdef inline double isrlu_derivative_from_output(real y, real alpha) noexcept nogil:
    return 1.0 if y >= 0 else root_unit_derivative_from_output(y, alpha)


cdef inline double isrlu_inverse(real y, real alpha) noexcept nogil:
    return y if y >= 0 else root_unit_inverse(y, alpha)


# exponential(x) = exp(x)
cdef inline double exponential(real x) noexcept nogil:
    if real is float and FUSED_SINGLE:
        return exp_single(x)
    return exp(x, x)


cdef inline double exponential_derivative(real x) noexcept nogil:
    return exponential(x)


cdef inline double exponential_backward(real upstream, real x) noexcept nogil:
    if real is float and FUSED_SINGLE:
        return exp_backward_single(upstream, x)
    return <double>upstream * exp(x, x)


cdef double exponential_backward_rare(float upstream, float x) noexcept nogil:
    return upstream * exp(x, x)


cdef inline double exponential_second_derivative(real x) noexcept nogil:
    return exp(x, x)


cdef inline double exponential_derivative_from_output(real y) noexcept nogil:
    return y


cdef inline double exponential_inverse(real y) noexcept nogil:
    return log(y, y)
