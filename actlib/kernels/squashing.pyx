# Functions that squash: identity (which does not), sigmoid and its logarithm, tanh and scaled_tanh, softsign, arctan,
# isru, gaussian, and the hard steps they soften.
#
# A function whose arguments are all `real` becomes a ufunc of its name (generate.py); f_derivative(x) next to f
# also yields f_value_and_derivative and f_backward(upstream, x). Accuracy: the entries in actlib/activations.
#
# float32 has two ways. single.pxd rounds to float32 and is the faster where the machine has the instruction that it
# needs. A product still to come, as in backward, takes a pair of floats or the unrounded double of primitives.pxd.

from libc.math cimport copysign, fabs

from .compound cimport exp_minus_abs_product, over_square, quotient
from .gates cimport product_with_gate
from .logarithms cimport log_odds, log_odds_single, softplus_single
from .primitives cimport (
    INFINITY, NAN, exp_nonpositive, expm1, expm1_nonpositive_sum, fused, hyperbolic_tangent, log, log1p,
    log1p_exp_nonpositive, logistic, logistic_derivative, logistic_slope, madd, power_from_bits, propagate_nan, real,
    reduce_exp, two_product, two_sum)
from .roots cimport (
    root_unit, root_unit_derivative, root_unit_derivative_from_output, root_unit_inverse, root_unit_second_derivative)
from .single cimport (
    FUSED_SINGLE, arctan_single, expm1_single, logistic_derivative_single, logistic_single, root_unit_backward_single,
    root_unit_derivative_single, root_unit_single, scaled_tanh_backward_single, scaled_tanh_derivative_single,
    softsign_single, tanh_derivative_single, tanh_single)


# identity(x) = x
cdef inline double identity(real x) noexcept nogil:
    return x


cdef inline double identity_derivative(real x) noexcept nogil:
    return propagate_nan(x, 1.0)


cdef inline double identity_second_derivative(real x) noexcept nogil:
    return propagate_nan(x, 0.0)


cdef inline double identity_derivative_from_output(real y) noexcept nogil:
    return propagate_nan(y, 1.0)


cdef inline double identity_inverse(real y) noexcept nogil:
    return y


# sigmoid(x) = 1/(1 + exp(-x)): primitives.pxd, because the losses need it too
cdef inline double sigmoid(real x) noexcept nogil:
    if real is float and FUSED_SINGLE:
        return logistic_single(x)
    return logistic(x, x)


cdef inline double sigmoid_derivative(real x) noexcept nogil:
    if real is float and FUSED_SINGLE:
        return logistic_derivative_single(x)
    return logistic_derivative(x, x)


cdef inline double sigmoid_backward(real upstream, real x) noexcept nogil:
    return <double>upstream * logistic_derivative(x, x)


# sigmoid''(x) = sigmoid'(x) (1 - 2 sigmoid(x)) = -sigmoid'(x) tanh(x/2): the second form does not cancel at 0
cdef inline double sigmoid_second_derivative(real x) noexcept nogil:
    return -logistic_derivative(x, x) * hyperbolic_tangent(0.5 * x, x)


cdef inline double sigmoid_derivative_from_output(real y) noexcept nogil:
    return <double>y * (1.0 - <double>y)


# log(y/(1 - y)): logarithms.pxd
#
# Limits   0 -> -inf, 1 -> +inf, NaN outside [0, 1]
cdef inline double sigmoid_inverse(real y) noexcept nogil:
    if real is float and FUSED_SINGLE:
        return log_odds_single(y)
    return log_odds(y, y)


# tanh(x): primitives.pxd, because a loss needs it too
cdef inline double tanh(real x) noexcept nogil:
    if real is float and FUSED_SINGLE:
        return tanh_single(x)
    return hyperbolic_tangent(x, x)


# tanh'(x) = 4 e/(1 + e)**2 with e = exp(-2|x|) = 4 sigmoid'(2x): no 1 - tanh**2 to cancel
cdef inline double tanh_derivative(real x) noexcept nogil:
    if real is float and FUSED_SINGLE:
        return tanh_derivative_single(x)
    return logistic_slope(2.0 * <double>x, 4.0, x)


cdef inline double tanh_backward(real upstream, real x) noexcept nogil:
    return <double>upstream * logistic_slope(2.0 * <double>x, 4.0, x)


cdef inline double tanh_second_derivative(real x) noexcept nogil:
    return -hyperbolic_tangent(x, x) * logistic_slope(2.0 * <double>x, 8.0, x)


# 1 - y**2 = (1 - y)(1 + y), both factors exact for 1/2 <= |y| <= 1
cdef inline double tanh_derivative_from_output(real y) noexcept nogil:
    return (1.0 - <double>y) * (1.0 + <double>y)


# artanh(y) = log1p(2y/(1 - y))/2 for y >= 0, odd
#
# Limits   -1 -> -inf, 1 -> +inf, NaN outside [-1, 1]; the sign of zero is kept
cdef inline double tanh_inverse(real y) noexcept nogil:
    cdef double a = fabs(<double>y)
    cdef double value = 0.5 * log1p(2.0 * a / (1.0 - a), y)
    value = NAN if a > 1.0 else value
    return -value if y < 0 else (value if y > 0 else y)


# heaviside(x, at_zero): 0, at_zero or 1
cdef inline double heaviside(real x, real at_zero) noexcept nogil:
    return propagate_nan(x, 1.0 if x > 0 else (0.0 if x < 0 else at_zero))


cdef inline double heaviside_derivative(real x, real at_zero) noexcept nogil:
    return propagate_nan(x, 0.0)


cdef inline double heaviside_second_derivative(real x, real at_zero) noexcept nogil:
    return propagate_nan(x, 0.0)


cdef inline double heaviside_derivative_from_output(real y, real at_zero) noexcept nogil:
    return propagate_nan(y, 0.0)


# sign(x): -1, x itself at +-0, or 1
cdef inline double sign(real x) noexcept nogil:
    return 1.0 if x > 0 else (-1.0 if x < 0 else x)


cdef inline double sign_derivative(real x) noexcept nogil:
    return propagate_nan(x, 0.0)


cdef inline double sign_second_derivative(real x) noexcept nogil:
    return propagate_nan(x, 0.0)


cdef inline double sign_derivative_from_output(real y) noexcept nogil:
    return propagate_nan(y, 0.0)


# log_sigmoid(x) = log(1/(1 + exp(-x))) = min(x, 0) - log(1 + exp(-|x|))
#
# Limits   -inf -> -inf, +inf -> -0
cdef inline double log_sigmoid(real x) noexcept nogil:
    if real is float and FUSED_SINGLE:
        return -softplus_single(-x)
    return (-0.0 if x >= 0 else x) - log1p_exp_nonpositive(-fabs(<double>x), x)


# log_sigmoid'(x) = sigmoid(-x)
cdef inline double log_sigmoid_derivative(real x) noexcept nogil:
    if real is float and FUSED_SINGLE:
        return logistic_single(-x)
    return logistic(-x, x)


cdef inline double log_sigmoid_backward(real upstream, real x) noexcept nogil:
    return <double>upstream * logistic(-x, x)


cdef inline double log_sigmoid_second_derivative(real x) noexcept nogil:
    return -logistic_derivative(x, x)


# 1 - exp(y)
cdef inline double log_sigmoid_derivative_from_output(real y) noexcept nogil:
    if real is float and FUSED_SINGLE:
        return 0.0 - expm1_single(y)
    return 0.0 - expm1(y, y)


# -log(exp(t) - 1) with t = -y
#
# Method   t < 0.35: as it stands; t < 1.4: -log1p(2 (exp(t - log 2) - 1)), where t - log 2 is taken with log 2 in two
#          parts, because of the zero at t = log 2; else -t - log1p(-exp(-t))
# Limits   -inf -> -inf, 0 -> +inf, y > 0 -> NaN
cdef inline double log_sigmoid_inverse(real y) noexcept nogil:
    cdef double t = -<double>y
    cdef double middle = log1p(2.0 * expm1((t - 0.6931471805599453) - 2.3190468138462996e-17, y), y)
    cdef double below = log(expm1(t, y), y)
    cdef double above = t + log1p(-exp_nonpositive(-t, y), y)
    below = below if t < 0.35 else middle
    return NAN if y > 0 else -(below if t < 1.4 else (above if t < 1e300 else t))


# |x|, for infinity the largest float32; in float64 at most 1e300, from where on no function of softsign and arctan
# changes by more than rounding, or it is 0
cdef inline double bounded_size(real x) noexcept nogil:
    cdef double size = fabs(<double>x)
    cdef double end
    if real is float:
        end = 3.4028234663852886e38
    else:
        end = 1e300
    return end if size > end else size


# softsign(x) = x/(1 + |x|)
#
# Limits   -inf -> -1, +inf -> 1; the sign of zero is kept
cdef inline double softsign(real x) noexcept nogil:
    cdef double size
    if real is float and FUSED_SINGLE:
        return softsign_single(x)
    size = bounded_size(x)
    return copysign(quotient(size, 1.0 + size, x), x)


# 1/(1 + |x|), and `rest`, relative, what the rounding of sum and quotient misses
cdef inline double softsign_slope(real x, double* rest) noexcept nogil:
    cdef double size = bounded_size(x)
    cdef double low, q
    cdef double d = two_sum(1.0, size, &low)
    q = quotient(1.0, d, x)
    if real is float:
        rest[0] = 0.0
        q = 0.0 if fabs(<double>x) == INFINITY else q
    else:
        rest[0] = fused(-q, d, 1.0) - q * low
    return q


# 1/(1 + |x|)**2, as the product of quotients: the square of 1 + |x| would overflow
cdef inline double softsign_derivative(real x) noexcept nogil:
    cdef double rest
    cdef double q = softsign_slope(x, &rest)
    return q * madd(q, 2.0 * rest, q)


# -2 sign(x)/(1 + |x|)**3; 0 at x = 0, where it jumps from 2 to -2
cdef inline double softsign_second_derivative(real x) noexcept nogil:
    cdef double rest
    cdef double q = softsign_slope(x, &rest)
    q = 2.0 * (q * q) * madd(q, 3.0 * rest, q)
    return propagate_nan(x, -q if x > 0 else (q if x < 0 else 0.0))


cdef inline double softsign_derivative_from_output(real y) noexcept nogil:
    cdef double gap = 1.0 - fabs(<double>y)
    return gap * gap


# y/(1 - |y|)
#
# Limits   -1 -> -inf, 1 -> +inf, NaN outside [-1, 1]; the sign of zero is kept
cdef inline double softsign_inverse(real y) noexcept nogil:
    cdef double size = fabs(<double>y)
    return NAN if size > 1.0 else y / (1.0 - size)


# arctan(x)
#
# Method   |x| <= 1: t = |x|; beyond: pi/2 + arctan(t) with t = -1/|x|. arctan(t) = 7/8 t + t (1/8 + t**2 P(t**2)), of
#          which the second part and its errors are small. float64: the rounding error of the quotient enters to first
#          order, with the slope 1 - t**2/2 for 1/(1 + t**2), pi/2 in two parts.
# Limits   -inf -> -pi/2, +inf -> pi/2; the sign of zero is kept
cdef inline double arctan(real x) noexcept nogil:
    cdef double size, base, above, below, inverse, t, z, square, p, rest, sum
    if real is float and FUSED_SINGLE:
        return arctan_single(x)
    size = bounded_size(x)
    base = 1.5707963267948966 if size > 1.0 else 0.0
    above = -1.0 if size > 1.0 else size
    below = size if size > 1.0 else 1.0
    if real is float:
        t = quotient(above, below, x)
        z = t * t
        square = z * z
        p = madd(0.0014886919393047597, z, -0.009144629760592396)
        p = madd(p, square, madd(0.026305001110062377, z, -0.04896051402709067))
        p = madd(p, square, madd(0.07031914250029966, z, -0.08931826777381315))
        p = madd(p, square, madd(0.11088261628735159, z, -0.1428400379473353))
        p = madd(p, square, madd(0.19999949321141888, z, -0.3333333308107325))
        return copysign(base + madd(t * z, p, t), x)
    else:
        inverse = 1.0 / below
        t = above * inverse
        rest = fused(-t, below, above) * inverse
        z = t * t
        square = z * z
        p = madd(7.767624330289919e-06, square, madd(-9.371186345052626e-05, z, 0.0005376839297396244))
        p = madd(p, square, madd(-0.0019612554271685326, z, 0.005140912856746939))
        p = madd(p, square, madd(-0.010412153260359241, z, 0.01718398172211335))
        p = madd(p, square, madd(-0.024191345810140718, z, 0.030330719265790507))
        p = madd(p, square, madd(-0.035271331066871296, z, 0.03938687540798632))
        p = madd(p, square, madd(-0.043306538430670664, z, 0.04758080083637821))
        p = madd(p, square, madd(-0.052624922290256754, z, 0.05882264416776449))
        p = madd(p, square, madd(-0.06666657934573768, z, 0.07692307078827029))
        p = madd(p, square, madd(-0.0909090906193528, z, 0.11111111110268297))
        p = madd(p, square, madd(-0.14285714285701234, z, 0.1999999999999992))
        p = madd(p, z, -0.3333333333333333)
        rest = madd(t, madd(p, z, 0.125), madd(rest, madd(-0.5, z, 1.0), base * 3.8981718325193755e-17))
        sum = fused(0.875, t, base)
        return copysign(sum + (fused(0.875, t, base - sum) + rest), x)


# 1/(1 + x**2), or 1/|x| where `far`, and the square of x would be far above 1; `rest`, relative, what the rounding of
# square, sum and quotient misses
cdef inline double arctan_slope(real x, bint* far, double* rest) noexcept nogil:
    cdef double size = fabs(<double>x) if real is float else bounded_size(x)
    cdef double square_low, low, q
    cdef double d = size * size
    if real is float:
        far[0], rest[0] = False, 0.0
        return 1.0 / (1.0 + d)
    else:
        far[0] = size > 1e100
        d = two_sum(1.0, two_product(size, size, &square_low), &low)
        low = 0.0 if far[0] else low + square_low
        d = size if far[0] else d
        q = 1.0 / d
        rest[0] = fused(-q, d, 1.0) - q * low
        return q


cdef inline double arctan_derivative(real x) noexcept nogil:
    cdef double rest
    cdef bint far
    cdef double q = arctan_slope(x, &far, &rest)
    return q * madd(q, 2.0 * rest, q) if far else madd(q, rest, q)


# -2 x/(1 + x**2)**2
cdef inline double arctan_second_derivative(real x) noexcept nogil:
    cdef double rest
    cdef bint far
    cdef double q = arctan_slope(x, &far, &rest)
    cdef double top = copysign(q if far else bounded_size(x), x)
    return -2.0 * (top * q) * madd(q, (3.0 if far else 2.0) * rest, q)


# cos(y)**2
#
# Method   With w = |y| up to pi/4 and pi/2 - |y| beyond: 1 - sin(w)**2 and sin(w)**2. pi/2 has two parts, the first of
#          which is subtracted exactly (Sterbenz).
cdef inline double arctan_derivative_from_output(real y) noexcept nogil:
    cdef double size = fabs(<double>y)
    cdef bint far = size > 0.7853981633974483
    cdef double high = 1.5707963267948966 - size
    cdef double w = high + 6.123233995736766e-17 if far else size
    cdef double low = (high - w) + 6.123233995736766e-17 if far else 0.0
    cdef double z = w * w
    cdef double square = z * z
    cdef double p
    if real is float:
        p = madd(2.7249895230611676e-06, z, -0.000198400864995936)
        p = madd(p, square, madd(0.008333331874273714, z, -0.16666666663854168))
    else:
        p = -7.586691094197958e-13
        p = madd(p, square, madd(1.6058531516797758e-10, z, -2.5052106231802837e-08))
        p = madd(p, square, madd(2.7557319219337312e-06, z, -0.00019841269841265063))
        p = madd(p, square, madd(0.008333333333333331, z, -0.16666666666666666))
    w = w + madd(w * z, p, low)
    return w * w if far else 1.0 - w * w


# tan(y)
#
# Method   tan(w) = w + w**3 P(w**2) for w = |y| up to pi/4, else 1/tan(w) for w = pi/2 - |y|, as above
# Limits   the floats nearest to -pi/2 and pi/2 are no limits; NaN beyond; the sign of zero is kept
cdef inline double arctan_inverse(real y) noexcept nogil:
    cdef double size = fabs(<double>y)
    cdef bint far = size > 0.7853981633974483
    cdef double high = 1.5707963267948966 - size
    cdef double w = high + 6.123233995736766e-17 if far else size
    cdef double low = (high - w) + 6.123233995736766e-17 if far else 0.0
    cdef double z = w * w
    cdef double square = z * z
    cdef double p
    if real is float:
        p = 0.0008331379381902867
        p = madd(p, square, madd(-0.00025719194624982143, z, 0.0020407325982170076))
        p = madd(p, square, madd(0.0033665262815571477, z, 0.008913249551154929))
        p = madd(p, square, madd(0.021863342236561056, z, 0.053968628879548786))
        p = madd(p, square, madd(0.1333333245916117, z, 0.33333333336667414))
    else:
        p = madd(3.950571044952917e-06, z, -9.749592871689477e-06)
        p = madd(p, square, madd(1.9545627331217013e-05, z, -1.0207686890432195e-05))
        p = madd(p, square, madd(2.7116774398170046e-05, z, 3.392443635062479e-05))
        p = madd(p, square, madd(9.877048561105386e-05, z, 0.00023866111232275354))
        p = madd(p, square, madd(0.000590112829749071, z, 0.001455823320259715))
        p = madd(p, square, madd(0.0035921290237988742, z, 0.00886323547227688))
        p = madd(p, square, madd(0.021869488538183754, z, 0.053968253968216556))
        p = madd(p, square, madd(0.1333333333333336, z, 0.3333333333333333))
    p = w + madd(w * z, p, low * (1.0 + z))
    p = copysign(1.0 / p if far else p, y)
    return NAN if w < 0.0 else p


# (factor + factor_low) tanh(b x)
#
# Method   b x = t + low exactly, and low enters to first order; the rest as hyperbolic_tangent, with the factor before
#          the last rounding. Where t could be subnormal, tanh(t) = t, and b and x are first brought up by 2**512.
cdef inline double tanh_of_product(real x, double b, double factor, double factor_low) noexcept nogil:
    cdef double low, rest, lost, half, d, q, t, tiny, back
    cdef double product = two_product(b, 2.0 * x, &low)
    if real is float:
        return factor * hyperbolic_tangent(0.5 * product, x)
    else:
        # the same argument of the exponential as in the derivative, where a large one is halved
        half = 0.5 if fabs(product) > 708.0 else 1.0
        low = low if fabs(product) < 120.0 else 0.0
        t = expm1_nonpositive_sum(-half * fabs(product), &rest)
        rest = madd(1.0 + t, low if product < 0.0 else -low, rest)
        d = 2.0 + t
        lost = (t - (d - 2.0)) + rest
        q = t / d
        rest = (fused(-q, d, t) + madd(-q, lost, rest)) * 0.5 * (1.0 - q)
        q = madd(factor, q, madd(factor, rest, factor_low * q))
        tiny = (b * 1.3407807929942597e+154 if b < 1.0 else b) * (x * 1.3407807929942597e+154 if fabs(x) < 1.0 else x)
        back = 7.458340731200207e-155 if b < 1.0 else 1.0
        tiny = factor * 7.458340731200207e-155 * tiny * (back if fabs(x) < 1.0 else 1.0)
        return tiny if fabs(product) < 2e-290 else (q if product < 0.0 else -q)


# scaled_tanh(x) = a tanh(b x)   (a, b > 0)
#
# Limits   -inf -> -a, +inf -> a; the sign of zero is kept
cdef inline double scaled_tanh(real x, real a, real b) noexcept nogil:
    return tanh_of_product(x, b, a, 0.0)


# factor e/(1 + e)**2 with e = exp(-2 |b x|), for a power of two `factor`, as a product of two numbers
cdef inline double scaled_tanh_slope(real x, double b, double factor, double* second) noexcept nogil:
    cdef double first = exp_minus_abs_product(2.0 * x, b, second, x)
    cdef double e = first * second[0]
    cdef double d = 1.0 + e
    return over_square(factor * first, d, e - (d - 1.0), x)


# a b 4 e/(1 + e)**2
cdef inline double scaled_tanh_derivative(real x, real a, real b) noexcept nogil:
    cdef double second, slope
    if real is float and FUSED_SINGLE:
        return scaled_tanh_derivative_single(x, a, b)
    slope = scaled_tanh_slope(x, b, 4.0, &second)
    return product_with_gate(a, b, slope, second, x)


cdef double scaled_tanh_derivative_rare(float x, float a, float b) noexcept nogil:
    cdef double second
    cdef double slope = scaled_tanh_slope(x, b, 4.0, &second)
    return product_with_gate(a, b, slope, second, x)


cdef inline double scaled_tanh_backward(real upstream, real x, real a, real b) noexcept nogil:
    cdef double second, slope
    if real is float and FUSED_SINGLE:
        return scaled_tanh_backward_single(upstream, x, a, b)
    slope = scaled_tanh_slope(x, b, 4.0, &second)
    return upstream * product_with_gate(a, b, slope, second, x)


cdef double scaled_tanh_backward_rare(float upstream, float x, float a, float b) noexcept nogil:
    cdef double second
    cdef double slope = scaled_tanh_slope(x, b, 4.0, &second)
    return upstream * product_with_gate(a, b, slope, second, x)


# -2 b tanh(b x) scaled_tanh'(x) = -a b**2 tanh(b x) 8 e/(1 + e)**2
#
# Method   a b**2 is one factor in two parts, unless it is hardly a number: then a, b tanh(b x) and b come one by one.
cdef inline double scaled_tanh_second_derivative(real x, real a, real b) noexcept nogil:
    cdef double second, low, rest
    cdef double slope = scaled_tanh_slope(x, b, 8.0, &second)
    cdef double product = two_product(a, b, &low)
    cdef double factor = two_product(product, b, &rest)
    cdef bint ordinary = (factor > 1e-290) & (factor < 1e300)
    factor = factor if ordinary else b
    rest = madd(low, b, rest) if ordinary else 0.0
    slope = product_with_gate(1.0 if ordinary else a, tanh_of_product(x, b, factor, rest), slope, second, x)
    return -slope * (1.0 if ordinary else b)


# a b (1 - (y/a)**2) = b (a - |y|)(1 + |y|/a): a - |y| is exact near |y| = a (Sterbenz)
cdef inline double scaled_tanh_derivative_from_output(real y, real a, real b) noexcept nogil:
    cdef double size = fabs(<double>y)
    return b * (a - size) * (1.0 + size / a)


# artanh(y/a)/b = log1p(2 |y|/(a - |y|))/(2 b) for y >= 0, odd
#
# Limits   -a -> -inf, a -> +inf, NaN outside [-a, a]; the sign of zero is kept
cdef inline double scaled_tanh_inverse(real y, real a, real b) noexcept nogil:
    cdef double size = fabs(<double>y)
    cdef double ratio = size / (a - size)
    cdef double value = 0.5 * log1p(2.0 * ratio, y) / b
    cdef double product = <double>a * b
    # a subnormal ratio has lost digits, and so has a subnormal product
    product = size / product if product > 1e-290 else size / b / a
    value = product if ratio < 1e-290 else value
    return copysign(NAN if size > a else value, y)


# isru(x) = x/sqrt(1 + alpha x**2): roots.pxd, because isrlu needs it too   (alpha > 0)
cdef inline double isru(real x, real alpha) noexcept nogil:
    if real is float and FUSED_SINGLE:
        return root_unit_single(x, alpha)
    return root_unit(x, alpha)


cdef inline double isru_derivative(real x, real alpha) noexcept nogil:
    if real is float and FUSED_SINGLE:
        return root_unit_derivative_single(x, alpha)
    return root_unit_derivative(x, alpha)


cdef inline double isru_backward(real upstream, real x, real alpha) noexcept nogil:
    if real is float and FUSED_SINGLE:
        return root_unit_backward_single(upstream, x, alpha)
    return <double>upstream * root_unit_derivative(x, alpha)


cdef double isru_backward_rare(float upstream, float x, float alpha) noexcept nogil:
    return upstream * root_unit_derivative(x, alpha)


cdef inline double isru_second_derivative(real x, real alpha) noexcept nogil:
    return root_unit_second_derivative(x, alpha)


cdef inline double isru_derivative_from_output(real y, real alpha) noexcept nogil:
    return root_unit_derivative_from_output(y, alpha)


cdef inline double isru_inverse(real y, real alpha) noexcept nogil:
    return root_unit_inverse(y, alpha)


# exp(-x**2) times 1/`back`, which is not subnormal where exp(-x**2) is; x**2 = `square` + `low` exactly, and low enters
# to first order. |x| > 30, where all is 0, counts as 30: `size`.
cdef inline double exp_minus_square(
        real x, double* size, double* square, double* low, double* back) noexcept nogil:
    cdef double tail, shifted, r, high, rest
    size[0] = fabs(<double>x)
    size[0] = 30.0 if size[0] > 30.0 else size[0]
    if real is float:
        square[0] = size[0] * size[0]
        low[0] = 0.0
        back[0] = 1.0
        return exp_nonpositive(-square[0], x)
    else:
        square[0] = two_product(size[0], size[0], low)
        r = reduce_exp(-square[0], 512.0, &tail, &shifted, x)
        high = 1.0 + r
        rest = (r - (high - 1.0)) + tail
        back[0] = 7.458340731200207e-155
        return (high + (rest - low[0] * (high + rest))) * power_from_bits(shifted)


# gaussian(x) = exp(-x**2)
#
# Limits   -inf -> 0, +inf -> 0
cdef inline double gaussian(real x) noexcept nogil:
    cdef double size, square, low, back
    return exp_minus_square(x, &size, &square, &low, &back) * back


# -2 x exp(-x**2)
cdef inline double gaussian_derivative(real x) noexcept nogil:
    cdef double size, square, low, back
    cdef double e = exp_minus_square(x, &size, &square, &low, &back)
    return -2.0 * copysign(size, x) * e * back


# (4 x**2 - 2) exp(-x**2): the factor is exact near its zeros at +-sqrt(1/2), but for what is below the square's ulp
cdef inline double gaussian_second_derivative(real x) noexcept nogil:
    cdef double size, square, low, back
    cdef double e = exp_minus_square(x, &size, &square, &low, &back)
    return ((4.0 * square - 2.0) + 4.0 * low) * e * back
