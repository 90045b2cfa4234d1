# Logarithms and exponentials that keep their digits, and the normal distribution.
#
# A function whose arguments are all `real` becomes a ufunc of its name (generate.py). f_derivative is the derivative
# of a function of one argument, f_x_derivative and f_y_derivative are those of a function of two. Some values are
# those of other families: logit is sigmoid_inverse, sech2 is tanh_derivative. Logarithms of float32 are sums of two
# float32 (logarithms.pxd) where the machine has the instruction that they need.

from libc.math cimport fabs, fabsf

from .compound cimport exp_half_square, log_expm1
from .logarithms cimport (
    entropy_term, exp_and_gap, log1p_single, log1p_unit_single, log_gap, log_of_cosh,
    log_of_part_single, log_quotient, log_quotient_single, log_quotient_slope, log_quotient_slope_single, log_single,
    log_tail_single, normal_single, part_single, product_with_log, reduce_single, relative_entropy_term, sum_single,
    times_pair)
from .loss_rows cimport RowPass, RowRun, Rows, store_values
from .normal cimport normal_hazard, normal_tail_ratio, tail_cut
from .primitives cimport (
    INFINITY, NAN, exp_nonpositive, exp_nonpositive_sum, fused, hyperbolic_tangent, log, log1p, log1p_unit,
    log_reduced, logistic, madd, propagate_nan, real, split_exponent, two_product, two_sum)
from .row_primitives cimport LANES, STEPS, TILE, Sums, accumulate, blank, clear, depth, load, row_maximum, total
from .row_primitives cimport difference as row_difference
from .single cimport FUSED_SINGLE, Pair, exp_negative_pair, fused_single

SHARE_LOSSES = ("logmeanexp",)


# 1/(x (1 - x))
#
# Method   x - x**2 is rounded once.
# Limits   0 -> inf, 1 -> inf, NaN outside [0, 1]
cdef inline double logit_derivative(real x) noexcept nogil:
    cdef double p = fabs(<double>x)
    return 1.0 / fused(-p, p, p) if (x >= 0) & (x <= 1) else NAN


# log(1 - exp(-x)): logarithms.pxd
#
# Limits   0 -> -inf, +inf -> -0, NaN for x < 0
cdef inline double log1mexp(real x) noexcept nogil:
    cdef double e, gap
    cdef double value = log_gap(x, &e, &gap, x)
    return NAN if x < 0 else value


# 1/(exp(x) - 1) = exp(-x)/(1 - exp(-x))
#
# Limits   0 -> inf, +inf -> 0, NaN for x < 0
cdef inline double log1mexp_derivative(real x) noexcept nogil:
    cdef double gap, low
    cdef double e = exp_and_gap(-<double>x, &gap, &low, x)
    return NAN if x < 0 else e / fabs(gap)


# log(exp(x) - 1): compound.pxd, because the inverse of softplus with a parameter needs it too
#
# Limits   0 -> -inf, +inf -> inf, NaN for x < 0
cdef inline double softplus_inverse_unit(real x) noexcept nogil:
    return log_expm1(x, 1.0, x)


# 1/(1 - exp(-x))
#
# Limits   0 -> inf, +inf -> 1, NaN for x < 0
cdef inline double softplus_inverse_unit_derivative(real x) noexcept nogil:
    cdef double gap, low
    exp_and_gap(-<double>x, &gap, &low, x)
    return NAN if x < 0 else 1.0 / fabs(gap)


# log(cosh(x)): logarithms.pxd, because a loss needs it too
#
# Limits   -inf -> inf, +inf -> inf
cdef inline double log_cosh(real x) noexcept nogil:
    return log_of_cosh(x, x)


cdef inline double log_cosh_derivative(real x) noexcept nogil:
    return hyperbolic_tangent(x, x)


# x - y and what its rounding misses, where that matters: not in float32, whose differences are exact or nearly so, nor
# far out
cdef inline double difference(double x, double y, double* low, real like) noexcept nogil:
    cdef double d
    if real is float:
        low[0] = 0.0
        return x - y
    else:
        d = two_sum(x, -y, low)
        low[0] = low[0] if fabs(d) < 1500.0 else 0.0
        return d


# log(exp(x) + exp(y)) in float32, as below; what x - y loses to rounding enters to first order
cdef inline float logaddexp_single(float x, float y) noexcept nogil:
    cdef float low, scale, e, lost, high
    cdef float larger = x if x > y else y
    cdef float smaller = y if x > y else x
    cdef float d = sum_single(larger, -smaller, &low)
    cdef Pair power = exp_negative_pair(d, &scale)
    cdef Pair value
    low = low if d < <float>106.0 else <float>0.0
    scale = scale * <float>2.3283064365386963e-10
    e = power.high * scale
    value = log1p_unit_single(e, fused_single(-low, power.high, power.low) * scale)
    high = sum_single(larger, value.high, &lost)
    high = high + <float>(lost + value.low)
    high = larger if fabsf(larger) == INFINITY else high
    high = high if x == x else x
    return high if y == y else y


# log(exp(x) + exp(y)) = max(x, y) + log(1 + exp(-|x - y|))
#
# Limits   an argument at +inf -> inf; both at -inf -> -inf
cdef inline double logaddexp(real x, real y) noexcept nogil:
    if real is float and FUSED_SINGLE:
        return logaddexp_single(x, y)
    cdef double low, e, value
    cdef double larger = x if x > y else y
    cdef double d = difference(x, y, &low, x)
    if real is float:
        e = exp_nonpositive(-fabs(d), x)
    else:
        e = exp_nonpositive_sum(-fabs(d), -low if d > 0.0 else low)
    value = larger + log1p_unit(e, x)
    value = larger if fabs(larger) == INFINITY else value
    return propagate_nan(x, propagate_nan(y, value))


# 1/(1 + exp(y - x))
#
# Method   What the difference misses enters to first order.
# Limits   x = y = +inf -> 1/2, x = y = -inf -> NaN
cdef inline double logaddexp_x_derivative(real x, real y) noexcept nogil:
    cdef double low
    cdef double d = difference(x, y, &low, x)
    cdef double value = logistic(0.0 if (x == y) & (x > 0) else d, x)
    return madd(value * low, 1.0 - value, value)


cdef inline double logaddexp_y_derivative(real x, real y) noexcept nogil:
    return logaddexp_x_derivative(y, x)


# log(exp(x) - exp(y)) = x + log(1 - exp(-(x - y)))
#
# Limits   x = y < inf -> -inf, x = inf > y -> inf, x < y and x = y = inf -> NaN
cdef inline double logsubexp(real x, real y) noexcept nogil:
    cdef double low, e, gap, value
    cdef double d = difference(x, y, &low, x)
    value = log_gap(d, &e, &gap, x)
    if real is double:
        value = value if low == 0.0 else madd(low, e / gap, value)
    value = x + value
    value = -INFINITY if (x == y) & (x < INFINITY) else value
    return propagate_nan(x, propagate_nan(y, NAN if x < y else value))


# 1/(1 - exp(y - x))
#
# Limits   x = y -> inf, x < y and both infinite -> NaN
cdef inline double logsubexp_x_derivative(real x, real y) noexcept nogil:
    cdef double low, gap, rest, e
    cdef double d = difference(x, y, &low, x)
    e = exp_and_gap(-d, &gap, &rest, x)
    if real is double:
        gap = madd(low, e, gap)
    return NAN if x < y else 1.0 / fabs(gap)


# -1/(exp(x - y) - 1) = -e/(1 - e) with e = exp(y - x)
#
# Limits   x = y -> -inf, x < y and both infinite -> NaN
cdef inline double logsubexp_y_derivative(real x, real y) noexcept nogil:
    cdef double low, gap, rest, e
    cdef double d = difference(x, y, &low, x)
    e = exp_and_gap(-d, &gap, &rest, x)
    if real is double:
        gap = madd(low, e, gap)
        e = madd(-low, e, e)
    # fabs also keeps the compiler from an fma of the other sign, whose zero is +0
    return NAN if x < y else -fabs(e / gap)


# largest + log(mean) for the largest entry of a row, the mean of exp(entry - largest), and `below` = mean - 1
#
# Method   Near 1, the mean has fewer digits than what it lacks of 1.
# Limits   largest = -inf -> -inf, +inf -> inf
cdef inline double logmeanexp(real largest, real mean, real below) noexcept nogil:
    cdef double value = log1p(below, <double>0) if below > -0.5 else log(mean, <double>0)
    return largest if fabs(largest) == INFINITY else <double>largest + value


# log((exp(x_1) + ... + exp(x_n))/n) = m + log(1 + (d_1 + ... + d_n)/n) with the largest entry m and d = exp(x - m) - 1,
# where n is the weight of the row: entries that do not count are -inf
#
# Method   exp(x - m) and d are both summed; d without the entries -inf, whose -1 would drown small ones: those that
#          count are n less the number of the others.
# Limits   m = -inf -> -inf, +inf -> inf; n = 0 -> NaN
cdef inline void logmeanexp_shares(
    const Rows* rows, const RowPass* work, const RowRun* run, real like
) noexcept nogil:
    cdef double x[TILE]
    cdef double e[TILE]
    cdef double d[TILE]
    cdef double counted[TILE]
    cdef double others[LANES]
    cdef double others_low[LANES]
    cdef double maximum[LANES]
    cdef double value[LANES]
    cdef double mean[LANES]
    cdef double mean_low[LANES]
    cdef double below[LANES]
    cdef double below_low[LANES]
    cdef Sums exponentials, differences, entries
    cdef double low, gap, rest, t, n
    cdef Py_ssize_t i, k, j, count, row, step = 0
    row_maximum(rows, &run.prediction, x, maximum, like)
    clear(rows, &exponentials)
    clear(rows, &differences)
    clear(rows, &entries)
    while step < rows.steps:
        count = depth(rows, step)
        if rows.steps > STEPS:
            load(rows, &run.prediction, step, count, x, 0.0, like)
        for k in range(count):
            for i in range(LANES):
                j = k * LANES + i
                t = row_difference(x[j], maximum[i], &low, like)
                e[j] = exp_and_gap(t, &gap, &rest, like)
                d[j] = -gap
                if real is double:
                    low = low if t > -750.0 else 0.0
                    d[j] = madd(low, e[j], -gap)
                    e[j] = madd(low, e[j], e[j])
                counted[j] = 0.0 if x[j] == -INFINITY else 1.0
                d[j] = 0.0 if x[j] == -INFINITY else d[j]
        blank(rows, step, count, e)
        blank(rows, step, count, d)
        blank(rows, step, count, counted)
        accumulate(rows, counted, step, count, &entries, like)
        accumulate(rows, e, step, count, &exponentials, like)
        accumulate(rows, d, step, count, &differences, like)
        step += STEPS
    total(rows, &exponentials, mean, mean_low)
    total(rows, &differences, below, below_low)
    total(rows, &entries, others, others_low)
    for i in range(LANES):
        row = run.first + rows.first + (i if i < rows.rows else 0)
        n = work.weight[row]
        below[i] = two_sum(below[i], others[i] - n, &low)
        below[i] = (below[i] + (low + below_low[i])) / n
        mean[i] = (mean[i] + mean_low[i]) / n
        value[i] = NAN if n == 0.0 else propagate_nan(mean[i], logmeanexp(maximum[i], mean[i], below[i]))
    store_values(rows, work, run, value)


cdef void logmeanexp_shares_float(const Rows* rows, const RowPass* work, const RowRun* run) noexcept nogil:
    logmeanexp_shares(rows, work, run, <float>0)


cdef void logmeanexp_shares_double(const Rows* rows, const RowPass* work, const RowRun* run) noexcept nogil:
    logmeanexp_shares(rows, work, run, <double>0)


# x log y: logarithms.pxd
cdef inline double xlogy(real x, real y) noexcept nogil:
    if real is float and FUSED_SINGLE:
        return <float>0.0 if (x == 0) & (y == y) else times_pair(x, log_single(y))
    return product_with_log(x, y, x)


cdef inline double xlogy_x_derivative(real x, real y) noexcept nogil:
    cdef Pair value
    if real is float and FUSED_SINGLE:
        value = log_single(y)
        return value.high + value.low if x == x else x
    return propagate_nan(x, log(y, x))


# x/y
#
# Limits   x = 0 -> 0, y < 0 -> NaN
cdef inline double xlogy_y_derivative(real x, real y) noexcept nogil:
    # rounded once, in its own type
    cdef real size = fabsf(y) if real is float else fabs(y)
    cdef real value = x / size
    value = <real>0 if x == 0 else value
    return propagate_nan(y, NAN if y < 0 else value)


# x log(1 + y)
#
# Limits   x = 0 -> 0 even where the logarithm is infinite or undefined; y < -1 -> NaN
cdef inline double xlog1py(real x, real y) noexcept nogil:
    if real is float and FUSED_SINGLE:
        return <float>0.0 if (x == 0) & (y == y) else times_pair(x, log1p_single(y))
    return propagate_nan(y, 0.0 if x == 0 else <double>x * log1p(y, x))


cdef inline double xlog1py_x_derivative(real x, real y) noexcept nogil:
    cdef Pair value
    if real is float and FUSED_SINGLE:
        value = log1p_single(y)
        return value.high + value.low if x == x else x
    return propagate_nan(x, log1p(y, x))


# x/(1 + y)
#
# Limits   x = 0 -> 0, y < -1 -> NaN
cdef inline double xlog1py_y_derivative(real x, real y) noexcept nogil:
    cdef double value = <double>x / (1.0 + <double>y)
    value = 0.0 if x == 0 else value
    return propagate_nan(y, NAN if y < -1 else value)


# -x log x: logarithms.pxd
cdef inline double entr(real x) noexcept nogil:
    if real is float and FUSED_SINGLE:
        return <float>0.0 if x == 0 else times_pair(-x, log_single(x))
    return entropy_term(x, x)


# -(log x + 1)
#
# Limits   0 -> inf, +inf -> -inf, NaN for x < 0
cdef inline double entr_derivative(real x) noexcept nogil:
    if real is float and FUSED_SINGLE:
        return -log_quotient_slope_single(x, 1.0)
    return -log_quotient_slope(x, 1.0, x)


# x log(x/y): logarithms.pxd
cdef inline double rel_entr(real x, real y) noexcept nogil:
    if real is float and FUSED_SINGLE:
        return <float>0.0 if (x == 0) & (y >= 0) else times_pair(x, log_quotient_single(x, y, 0.0))
    return relative_entropy_term(x, y, x)


# log(x/y) + 1
#
# Limits   x = 0 < y -> -inf, y = 0 < x -> inf; x = y = 0 -> NaN
cdef inline double rel_entr_x_derivative(real x, real y) noexcept nogil:
    if real is float and FUSED_SINGLE:
        return log_quotient_slope_single(x, y)
    return log_quotient_slope(x, y, x)


# -x/y
#
# Limits   x = 0 -> -0, y = 0 < x -> -inf
cdef inline double rel_entr_y_derivative(real x, real y) noexcept nogil:
    # rounded once, in its own type
    cdef real above = fabsf(x) if real is float else fabs(x)
    cdef real below = fabsf(y) if real is float else fabs(y)
    cdef real value = -above / below
    value = <real>-0.0 if (x == 0) & (y == y) else value
    return NAN if (x < 0) | (y < 0) else value


# x log(x/y) - x + y in float32
#
# Method   The same, with s in two parts; for 2/3 <= x/y <= 3/2, where k = 0 in log(x/y) = k log 2 + log(m/n), the first
#          formula. Elsewhere the sum of the pairs, divided by 256 where a product could overflow.
cdef inline float kl_div_single(float x, float y) noexcept nogil:
    cdef float k, n, x_exponent, y_exponent, s, s_low, below, below_low, d, near, far, product, rest, lost, other
    cdef float m = reduce_single(normal_single(x, &x_exponent), normal_single(y, &y_exponent), &n, &k)
    cdef float scale = <float>0.00390625 if (x > <float>1e36) | (y > <float>1e36) else <float>1.0
    cdef Pair value
    k = k + <float>(x_exponent - y_exponent)
    below = sum_single(m, n, &below_low)
    s = part_single(m - n, 0.0, below, below_low, &s_low)
    d = x - y
    near = <float>(<float>0.5 * <float>(<float>1.0 + s)) * <float>(d * s)
    near = fused_single(near, s * log_tail_single(s), d * s_low)
    near = fused_single(d, s, near)
    value = log_of_part_single(s, s_low, k)
    x = x * scale
    y = y * scale
    product = x * value.high
    rest = fused_single(x, value.low, fused_single(x, value.high, -product))
    far = sum_single(product, -x, &lost)
    rest = rest + lost
    far = sum_single(far, y, &lost)
    far = (far + <float>(rest + lost)) * (<float>1.0 / scale)
    far = near if (k == 0) & (s < <float>0.2) & (s > <float>-0.2) else far
    other = INFINITY if (y < INFINITY) | (x < INFINITY) else NAN
    other = y / scale if (x == 0) & (y < INFINITY) else other
    other = other if (x >= 0) & (y >= 0) else NAN
    return far if (x > 0) & (y > 0) & (x < INFINITY) & (y < INFINITY) else other


# x log(x/y) - x + y
#
# Method   1/3 <= x/y <= 2, where the terms cancel: with s = (x - y)/(x + y) it is (x - y) s (1 + (1 + s) s R(s**2)/2),
#          for log(x/y) = 2 artanh(s) = 2 s + s**3 R(s**2). x - y is exact where it matters (Sterbenz). Elsewhere
#          x (log(x/y) - 1) + y.
# Limits   x = 0 -> y, y = 0 < x -> inf, y = +inf > x -> inf
cdef inline double kl_div(real x, real y) noexcept nogil:
    if real is float and FUSED_SINGLE:
        return kl_div_single(x, y)
    cdef double a = x
    cdef double b = y
    # the sum must not overflow
    cdef double scale = 0.5 if (a > 1e300) | (b > 1e300) else 1.0
    cdef double d = a - b
    cdef double s = (scale * d) / madd(scale, a, scale * b)
    cdef double z = s * s
    cdef double square = z * z
    cdef double p, near, far
    if real is float:
        p = madd(0.3159902672063805, z, 0.03735777455822929)
        p = madd(p, square, madd(0.17593207648674725, z, 0.17910199532024434))
        p = madd(p, square, madd(0.2224002419739206, z, 0.28570862315394685))
        p = madd(p, square, madd(0.40000006802935206, z, 0.6666666665335594))
    else:
        p = 0.45307598214507927
        p = madd(p, square, madd(-0.3690125556696333, z, 0.3273368248208389))
        p = madd(p, square, madd(-0.011567291841039783, z, 0.10936530499275852))
        p = madd(p, square, madd(0.0913870814360054, z, 0.10573473990631396))
        p = madd(p, square, madd(0.11760593187924458, z, 0.1333358524851032))
        p = madd(p, square, madd(0.15384604852597078, z, 0.1818181846815291))
        p = madd(p, square, madd(0.2222222221754849, z, 0.28571428571468416))
        p = madd(p, square, madd(0.3999999999999987, z, 0.6666666666666666))
    near = d * s
    near = madd(near, 0.5 * (1.0 + s) * s * p, near)
    far = madd(a, log_quotient(a, b, -1.0, x), b)
    far = fabs(b) if ((x == 0) & (y >= 0)) | ((y == INFINITY) & (x < INFINITY)) else far
    far = NAN if (x < 0) | (y < 0) else far
    return near if (a <= 2.0 * b) & (b <= 3.0 * a) & (a > 0.0) & (a < INFINITY) else far


# log(x/y)
#
# Limits   x = 0 < y -> -inf, y = 0 < x -> inf; x = y = 0 -> NaN
cdef inline double kl_div_x_derivative(real x, real y) noexcept nogil:
    cdef Pair value
    if real is float and FUSED_SINGLE:
        value = log_quotient_single(x, y, 0.0)
        return value.high + value.low
    return log_quotient(x, y, 0.0, x)


# 1 - x/y = (y - x)/y
#
# Limits   x = 0 -> 1, y = 0 < x -> -inf, y = +inf -> 1
cdef inline double kl_div_y_derivative(real x, real y) noexcept nogil:
    cdef double value = (<double>y - <double>x) / fabs(<double>y)
    value = 1.0 if ((x == 0) & (y == y)) | ((y == INFINITY) & (x < INFINITY)) else value
    return NAN if (x < 0) | (y < 0) else value


# Phi(x), the distribution function of the standard normal distribution
#
# Method   The tail of a = |x| by its ratio to exp(-a**2/2) (normal.pxd), or one minus that
# Limits   -inf -> 0, +inf -> 1
cdef inline double ndtr(real x) noexcept nogil:
    cdef double back
    cdef double a = tail_cut(x)
    cdef double tail = normal_tail_ratio(a, x) * exp_half_square(a, &back, x) * back
    return tail if x < 0 else 1.0 - tail


# exp(-x**2/2)/sqrt(2 pi)
cdef inline double ndtr_derivative(real x) noexcept nogil:
    cdef double back
    cdef double e = exp_half_square(tail_cut(x), &back, x)
    return madd(e, 0.3989422804014327, e * -2.49232720227773e-17) * back


# log(Phi(x))
#
# Method   x < 0: -a**2/2 + log(tail ratio), both negative. x >= 0: log1p(-tail).
# Limits   -inf -> -inf, +inf -> -0
cdef inline double log_ndtr(real x) noexcept nogil:
    cdef double back, k, m, h, low, u, rest
    cdef double a = fabs(<double>x)
    if real is float:
        h = a * a
        low = 0.0
    else:
        h = two_product(a, a, &low)
        low = low if a < 1e150 else 0.0
    cdef double ratio = normal_tail_ratio(a if a < 1e9 else 1e9, x)
    cdef double tail = ratio * exp_half_square(tail_cut(x), &back, x) * back
    u = two_sum(1.0, -tail, &rest)
    u = ratio if x < 0 else u
    m = split_exponent(u, &k)
    cdef double value = log_reduced(m - 1.0, k, 0.0 if x < 0 else rest / u, x)
    value = madd(-0.5, h, madd(-0.5, low, value)) if x < 0 else value
    return -tail if (x >= 0) & (tail < 1e-18) else value


# phi(x)/Phi(x), the hazard of -x
#
# Limits   -inf -> inf, +inf -> 0
cdef inline double log_ndtr_derivative(real x) noexcept nogil:
    cdef double back, e
    cdef double cut = tail_cut(x)
    cdef double ratio = normal_tail_ratio(cut, x)
    e = exp_half_square(cut, &back, x)
    cdef double value = 0.3989422804014327 / (ratio if x < 0 else 1.0 - ratio * e * back)
    value = value if x < 0 else value * e * back
    return normal_hazard(fabs(<double>x)) if x < -20 else value
