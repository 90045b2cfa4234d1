# Losses of class predictions: from a probability, a logit, or a row of logits or probabilities.
#
# name, name_gradient and name_hessian (with respect to the first argument) of the same arguments become an
# elementwise loss (generate_losses.py). Accuracy and conventions: the entries in actlib/losses.

from libc.math cimport fabs

from .class_rows cimport Softmax, curvature, load_exponentials, sum_exponentials, surprise
from .compound cimport over_one_plus
from .loss_loops cimport HESSIAN
from .loss_rows cimport (
    RowPass, RowRun, Rows, load_labels, load_plain_shares, load_shares, store_gradient, store_values, weigh_classes)
from .primitives cimport (
    INFINITY, NAN, exp, exp_nonpositive, exp_sum, fused, log, log1p_exp_nonpositive, log_positive, log_reduced,
    logistic_derivative, madd, power_from_bits, propagate_nan, real, reduce_exp, split_exponent, split_shifted,
    two_product, two_sum)
from .row_primitives cimport LANES, STEPS, TILE, Sums, accumulate, blank, clear, depth, element, load, total

# Losses that are sums over the classes of the elementwise terms below.
ROW_SUMS = (
    "negative_log_likelihood", "categorical_cross_entropy", "kl_divergence", "kl_divergence_log_target", "brier")
# Those of which a class with share 0 has a term too
DENSE_SUMS = ("brier",)
# Losses whose rows have kernels of their own, at the end.
ROW_LOSSES = ("cross_entropy",)
# The same with one kernel for labels and shares
SHARE_LOSSES = ("multilabel_soft_margin",)


# -t log p - (1 - t) log(1 - p) for p clipped to [low, high]
#
# Method   Both terms have one sign, so nothing cancels. A term with weight 0 is 0 even where its logarithm is
#          infinite.
cdef inline double clipped(double p, double low, double high) noexcept nogil:
    p = low if p < low else p + 0.0  # no -0.0, whose logarithm and reciprocal belong to the other side
    return high if p > high else p


# log(u + c) for 0 <= u <= 1 and c no larger than the rounding error of u; from float32, no u > 0 is subnormal in double
cdef inline double log_unit(double u, double c, real like) noexcept nogil:
    cdef double k, m
    if real is float:
        m = split_shifted(u, 1023.0, &k)
    else:
        m = split_exponent(u, &k)
    cdef double result = log_reduced(m - 1.0, k, c, like)
    return result if u != 0.0 else -INFINITY


# What 1 - q = u lost to rounding, over u: nothing for q >= 1/2, where u is exact; (1 - u - q)(1 + q + q**2) below
cdef inline double lost_by_complement(double q, double u) noexcept nogil:
    cdef double c = (1.0 - u) - q
    return madd(madd(q, q, q), c, c)


cdef inline double binary_cross_entropy(double p, double t, double low, double high, real like) noexcept nogil:
    cdef double q = clipped(p, low, high)
    cdef double u = 1.0 - q
    cdef double other = 1.0 - t
    cdef double logarithm = log_unit(q, 0.0, like)
    cdef double complement = log_unit(u, lost_by_complement(q, u), like)
    cdef double lost, rest, first, second, both
    if real is float:
        first = 0.0 if t == 0.0 else t * logarithm
        second = 0.0 if t == 1.0 else other * complement
        return propagate_nan(p, 0.0 - (first + second))
    else:
        # the logarithms keep their own errors alone: products and sum carry theirs along
        logarithm = 0.0 if t == 0.0 else logarithm
        complement = 0.0 if t == 1.0 else complement
        first = two_product(t, logarithm, &lost)
        second = two_product(other, complement, &rest)
        rest = rest + madd((1.0 - other) - t, complement, lost)
        both = two_sum(first, second, &lost)
        rest = rest + lost
        return propagate_nan(p, 0.0 - (both + (rest if rest == rest else 0.0)))


# (q - t)/(q (1 - q)) at the clipped probability q, so that the gradient is never dead
#
# Method   t = 1: -1/q. t = 0: 1/(1 - q). Else ((q - t)/q)/(1 - q), which does not overflow before its value does; in
#          float64 a quotient of sums of two numbers, by a division with remainder.
cdef inline double binary_cross_entropy_gradient(
        double p, double t, double low, double high, real like) noexcept nogil:
    cdef double q = clipped(p, low, high)
    cdef double above, above_low, below, below_low, result, rest
    cdef bint soft = (t != 0.0) & (t != 1.0)
    if real is float:
        above = (q - t) / q
        below = 1.0 - q
        above = 1.0 if t == 0.0 else above
        above = -1.0 if t == 1.0 else above
        below = q if t == 1.0 else below
        return above / below
    else:
        above = two_sum(q, -t, &above_low)
        below = two_product(q, 1.0 - q, &below_low)
        below_low = below_low + q * ((1.0 - (1.0 - q)) - q)
        above = above if soft else (1.0 if t == 0.0 else -1.0)
        above_low = above_low if soft else 0.0
        below = below if soft else (q if t == 1.0 else 1.0 - q)
        below_low = below_low if soft else 0.0
        result = above / below
        rest = (fused(-result, below, above) + (above_low - result * below_low)) / below
        return result + (rest if fabs(result) < 1e300 else 0.0)


# The same for t = 0 or 1, bit for bit: one logarithm, one division.
cdef inline double binary_cross_entropy_hard(double p, double t, double low, double high, real like) noexcept nogil:
    cdef double q = clipped(p, low, high)
    cdef double u = 1.0 - q
    cdef double c = lost_by_complement(q, u)
    return propagate_nan(p, 0.0 - log_unit(q if t == 1.0 else u, 0.0 if t == 1.0 else c, like))


cdef inline double binary_cross_entropy_gradient_hard(
        double p, double t, double low, double high, real like) noexcept nogil:
    cdef double q = clipped(p, low, high)
    return (-1.0 if t == 1.0 else 1.0) / (q if t == 1.0 else 1.0 - q)


# t/q**2 + (1 - t)/(1 - q)**2
cdef inline double binary_cross_entropy_hessian(
        double p, double t, double low, double high, real like) noexcept nogil:
    cdef double q = clipped(p, low, high)
    cdef double first = t / q / q
    cdef double second = (1.0 - t) / (1.0 - q) / (1.0 - q)
    first = 0.0 if t == 0.0 else first
    second = 0.0 if t == 1.0 else second
    return propagate_nan(p, first + second)


# w t log(1 + exp(-z)) + (1 - t) log(1 + exp(z)), w the weight of the positive class; the target t is moved to
# t + smoothing (1/2 - t) first
#
# Method   1 - t is moved by itself, for it may be so small that the rounding of t would be all of it.
#          L = log1p(exp(-|z|)) is the smaller of the two logarithms, L + |z| the larger one. So the loss is
#          a L + c |z| with a = w t + (1 - t) and c = 1 - t for z >= 0, w t for z < 0: no term is negative.
# Limits   c = 0 drops |z|, so that a confident and right prediction tends to 0 at +-inf
cdef inline double binary_cross_entropy_with_logits(
        double z, double target, double w, double smoothing, real like) noexcept nogil:
    cdef double t = madd(smoothing, 0.5 - target, target)
    cdef double other = madd(smoothing, target - 0.5, 1.0 - target)
    cdef double small = log1p_exp_nonpositive(-fabs(z), like)
    cdef double c = w * t if z < 0.0 else other
    cdef double a = 1.0 if w == 1.0 else w * t + other
    cdef double value = madd(c, fabs(z), a * small)
    return propagate_nan(z, a * small if c == 0.0 else value)


# The same for t = 0 or 1, bit for bit
cdef inline double binary_cross_entropy_with_logits_hard(
        double z, double t, double w, double smoothing, real like) noexcept nogil:
    cdef double small = log1p_exp_nonpositive(-fabs(z), like)
    cdef double c = 1.0 if t == 0.0 else w
    cdef double a = c
    c = (0.0 if t == 0.0 else c) if z < 0.0 else (c if t == 0.0 else 0.0)
    cdef double value = madd(c, fabs(z), a * small)
    return propagate_nan(z, a * small if c == 0.0 else value)


# exp(x), or exp(x) - 1 where |x| < log(2)/2, for x <= 0, as an unevaluated sum: returned high part plus `low`; `less`
# receives the 1 or 0 that is missing. The reduction is that of exp_nonpositive, so that loops over both share it.
cdef inline double exp_less_one(double x, double* low, double* less) noexcept nogil:
    cdef double tail, shifted, r, high, power
    cdef double cut = -750.0 if x < -750.0 else x
    r = reduce_exp(cut, 512.0, &tail, &shifted, <double>0)
    power = power_from_bits(shifted)
    less[0] = 1.0 if power == 1.3407807929942597e+154 else 0.0
    high = (1.0 - less[0]) + r
    low[0] = ((r - (high - (1.0 - less[0]))) + tail) * power * 7.458340731200207e-155
    return high * power * 7.458340731200207e-155


# (1 - t) sigmoid(z) - w t sigmoid(-z)
#
# Method   e = exp(-|z|), sigmoid(|z|) = 1/(1 + e), sigmoid(-|z|) = e/(1 + e): one division serves both. For t = 0
#          or 1 one term is 0 and the other right to its own rounding: no sigmoid(z) - 1.
#          For t between, N - P e or N e - P, with N = 1 - t and P = w t, is 0 at the minimum. Near z = 0 it is
#          N - P - P (e - 1) or N - P + N (e - 1), where t = 1/2 leaves the last term alone. One rounding of the sum is
#          harmless, for it is exact where it cancels (Sterbenz); what e, N and P miss is added.
# Accuracy in float64, e is wrong by 2**-55: within 2 ulp as long as the result is larger than 1/8 of its terms, and at
#          t = 1/2 for w = 1
cdef inline double binary_cross_entropy_with_logits_gradient(
        double z, double target, double w, double smoothing, real like) noexcept nogil:
    cdef bint soft = ((target != 0.0) & (target != 1.0)) | (smoothing != 0.0)
    cdef double part_low, less
    cdef double part = exp_less_one(-fabs(z), &part_low, &less)
    cdef double e = part + part_low + less if soft else exp_nonpositive(-fabs(z), like)
    # the low part of 1 - t may be all of it
    cdef double t = madd(smoothing, 0.5 - target, target)
    cdef double t_low = madd(smoothing, 0.5 - target, target - t)
    cdef double negative = 1.0 - t
    cdef double negative_low = ((1.0 - negative) - t) - t_low
    cdef double positive_low
    cdef double positive = two_product(w, t, &positive_low)
    positive_low = madd(w, t_low, positive_low)
    cdef double above = less if z < 0.0 else 1.0
    cdef double below = 1.0 if z < 0.0 else less
    cdef double factor = negative if z < 0.0 else -positive
    cdef double factor_low = negative_low if z < 0.0 else -positive_low
    cdef double top = fused(factor, part, above * negative - below * positive)
    cdef double low = madd(factor, part_low, above * negative_low - below * positive_low)
    top = top + madd(factor_low, part + part_low, low)
    # to the bit what it is below
    negative = (1.0 - target) * (e if z < 0.0 else 1.0)
    positive = w * target * (1.0 if z < 0.0 else e)
    return over_one_plus(top if soft else negative - positive, e, like)


# The same for t = 0 or 1, where a shorter exponential does for float32
cdef inline double binary_cross_entropy_with_logits_gradient_hard(
        double z, double t, double w, double smoothing, real like) noexcept nogil:
    cdef double e = exp_nonpositive(-fabs(z), like)
    cdef double negative = e if z < 0.0 else 1.0
    cdef double positive = 1.0 if z < 0.0 else e
    return over_one_plus(negative if t == 0.0 else 0.0 - w * positive, e, like)


# Whether all targets of a block are 0 or 1, and stay so
cdef inline bint binary_cross_entropy_with_logits_takes_hard(const double* number) noexcept nogil:
    return number[3] == 0.0  # smoothing makes them soft


# (1 - t + w t) sigmoid(z) sigmoid(-z)
cdef inline double binary_cross_entropy_with_logits_hessian(
        double z, double target, double w, double smoothing, real like) noexcept nogil:
    cdef double t = madd(smoothing, 0.5 - target, target)
    cdef double a = 1.0 if w == 1.0 else w * t + madd(smoothing, target - 0.5, 1.0 - target)
    return a * logistic_derivative(z, like)


# -t x, for the logarithm x of a probability; 0 for t = 0 even where x = -inf
cdef inline double negative_log_likelihood(double x, double t, real like) noexcept nogil:
    return propagate_nan(x, 0.0 if t == 0.0 else 0.0 - t * x)


cdef inline double negative_log_likelihood_gradient(double x, double t, real like) noexcept nogil:
    return propagate_nan(x, 0.0 - t)


cdef inline double negative_log_likelihood_hessian(double x, double t, real like) noexcept nogil:
    return propagate_nan(x, 0.0)


# -t log p; 0 for t = 0 even where p = 0
cdef inline double categorical_cross_entropy(double p, double t, real like) noexcept nogil:
    return propagate_nan(p, 0.0 if t == 0.0 else 0.0 - t * log(p, like))


cdef inline double categorical_cross_entropy_gradient(double p, double t, real like) noexcept nogil:
    return propagate_nan(p, 0.0 if t == 0.0 else -t / (p + 0.0))


cdef inline double categorical_cross_entropy_hessian(double p, double t, real like) noexcept nogil:
    return propagate_nan(p, 0.0 if t == 0.0 else t / p / p)


# t (log t - x), for the logarithm x of the predicted probability; 0 for t = 0
#
# Method   The difference can cancel, so the logarithm takes full precision for float32 too. A float64 target may be
#          subnormal beside a float32 prediction: its logarithm is wrong then, and the term 0 in float32 all the same.
cdef inline double kl_divergence(double x, double t, real like) noexcept nogil:
    return propagate_nan(x, 0.0 if t == 0.0 else t * (log_positive(t, like) - x))


cdef inline double kl_divergence_gradient(double x, double t, real like) noexcept nogil:
    return propagate_nan(x, 0.0 - t)


cdef inline double kl_divergence_hessian(double x, double t, real like) noexcept nogil:
    return propagate_nan(x, 0.0)


# exp(s) (s - x), for the logarithms s of the target and x of the prediction; 0 for s = -inf
#
# Method   Where exp(s) is subnormal the product need not be: exp(s/2) (s - x) exp(s/2). float64: what exp(s) and s - x
#          lose to rounding enters to first order.
cdef inline double kl_divergence_log_target(double x, double s, real like) noexcept nogil:
    cdef double low, gap_low, rest, value
    cdef double gap = two_sum(s, -x, &gap_low)
    cdef double high = exp_sum(0.5 * s if s < -700.0 else s, &low, <double>0)
    cdef double factor = high + low
    if real is float:
        value = factor * gap
    else:
        low = (high - factor) + low if factor < INFINITY else 0.0
        low = 2.0 * low if s < -700.0 else low
        rest = madd(low, gap, factor * gap_low)
        value = madd(factor, gap, rest if fabs(gap) < INFINITY else 0.0)
    value = value * (factor if s < -700.0 else 1.0)
    return propagate_nan(x, 0.0 if s == -INFINITY else value)


cdef inline double kl_divergence_log_target_gradient(double x, double s, real like) noexcept nogil:
    return propagate_nan(x, 0.0 - exp(s, <double>0))


cdef inline double kl_divergence_log_target_hessian(double x, double s, real like) noexcept nogil:
    return propagate_nan(x, 0.0)


# (p - t)**2
cdef inline double brier(double p, double t, real like) noexcept nogil:
    return (p - t) * (p - t)


cdef inline double brier_gradient(double p, double t, real like) noexcept nogil:
    return 2.0 * (p - t)


cdef inline double brier_hessian(double p, double t, real like) noexcept nogil:
    return propagate_nan(p, 2.0)


# The value itself: how arrays of losses are weighed and summed
cdef inline double plain(double x, real like) noexcept nogil:
    return x


cdef inline double plain_gradient(double x, real like) noexcept nogil:
    return propagate_nan(x, 1.0)


cdef inline double plain_hessian(double x, real like) noexcept nogil:
    return propagate_nan(x, 0.0)


# -log softmax(z)_t for a label t, and -sum_k v_k log softmax(z)_k for shares v
#
# Method   m = max z, s the sum of exp(z_k - m) over all k but one with z_k = m (row_primitives.pxd).
#          -log softmax(z)_k = (m - z_k) + log1p(s): no term is negative, none is absorbed by m.
#          p_k = exp(z_k - m)/(1 + s). Gradient p_k - 1 at a label with p_k <= 1/2; where z_t = m it is -s/(1 + s).
#          For shares with sum V: p_k V - v_k, and at the maximum, where both may be near V, (V - v_k) - V s/(1 + s).
#          Hessian p_k (1 - p_k) V, with 1 - p_k = s/(1 + s) at the maximum.
# Limits   a share of 0 silences an infinite logarithm; entries at +inf share; all -inf -> NaN
cdef inline void cross_entropy_labels(
    const Rows* rows, const RowPass* work, const RowRun* run, real like
) noexcept nogil:
    cdef double x[TILE]
    cdef double e[TILE]
    cdef Softmax row
    cdef double label[LANES]
    cdef double weight[LANES]
    cdef double value[LANES]
    cdef double chosen[LANES]
    cdef Py_ssize_t i, k, count, place, step = 0
    load_labels(rows, work, <RowRun*>run, label, weight)
    sum_exponentials(rows, run, &row, x, e, like, like)
    for i in range(LANES):
        chosen[i] = NAN
        if work.classes:
            chosen[i] = element(rows, &run.prediction, i, <Py_ssize_t>label[0 if rows.along else i], like)
    if work.values != NULL:
        for i in range(LANES):
            value[i] = surprise(&row, i, chosen[i], like)
            value[i] = propagate_nan(row.logarithm[i], 0.0) if weight[i] == 0.0 else weight[i] * value[i]
        store_values(rows, work, run, value)
    if work.gradient.data == NULL:
        return
    while step < rows.steps:
        count = depth(rows, step)
        if rows.steps > STEPS:
            load_exponentials(rows, run, &row, step, count, x, e, like, like)
        if work.wanted == HESSIAN:
            for k in range(count):
                for i in range(LANES):
                    e[k * LANES + i] = curvature(
                        &row, i, x[k * LANES + i], e[k * LANES + i], weight[i])
        else:
            for k in range(count):
                for i in range(LANES):
                    e[k * LANES + i] = madd(
                        e[k * LANES + i], row.reciprocal[i], e[k * LANES + i] * row.reciprocal_low[i])
            for i in range(1 if rows.along else LANES):
                k = <Py_ssize_t>label[i] - (step * LANES if rows.along else step)
                place = k if rows.along else k * LANES + i
                if 0 <= place < count * LANES:
                    e[place] = -row.complement[i] if chosen[i] == row.maximum[i] else e[place] - 1.0
            if work.class_weight != NULL:
                for k in range(count):
                    for i in range(LANES):
                        e[k * LANES + i] *= weight[i]
        store_gradient(rows, work, run, step, count, e, like)
        step += STEPS


cdef inline void cross_entropy_shares(
    const Rows* rows, const RowPass* work, const RowRun* run, real like
) noexcept nogil:
    # The gradient can cancel, so the exponentials take full precision for float32 too.
    cdef double x[TILE]
    cdef double e[TILE]
    cdef double v[TILE]
    cdef Softmax row
    cdef Sums shares, terms
    cdef double high[LANES]
    cdef double low[LANES]
    cdef double value[LANES]
    cdef double value_low[LANES]
    cdef double p, rest
    cdef Py_ssize_t i, k, j, count, step = 0
    sum_exponentials(rows, run, &row, x, e, like, <double>0)
    clear(rows, &shares)
    clear(rows, &terms)
    while step < rows.steps:
        count = depth(rows, step)
        load_shares(rows, work, <RowRun*>run, step, count, v)
        if rows.steps > STEPS:
            load(rows, &run.prediction, step, count, x, NAN, like)
        accumulate(rows, v, step, count, &shares, <double>0)
        if work.values != NULL:
            for k in range(count):
                for i in range(LANES):
                    j = k * LANES + i
                    p = surprise(&row, i, x[j], like)
                    e[j] = 0.0 if v[j] == 0.0 else v[j] * p
            accumulate(rows, e, step, count, &terms, <double>0)
        step += STEPS
    total(rows, &shares, high, low)
    if work.values != NULL:
        total(rows, &terms, value, value_low)
        for i in range(LANES):
            value[i] = value[i] + (value_low[i] if value[i] - value[i] == 0.0 else 0.0)
            value[i] = propagate_nan(row.logarithm[i], value[i])
        store_values(rows, work, run, value)
    if work.gradient.data == NULL:
        return
    step = 0
    while step < rows.steps:
        count = depth(rows, step)
        load_exponentials(rows, run, &row, step, count, x, e, like, <double>0)
        if rows.steps > STEPS:
            load_shares(rows, work, <RowRun*>run, step, count, v)
        for k in range(count):
            for i in range(LANES):
                j = k * LANES + i
                if work.wanted == HESSIAN:
                    e[j] = curvature(&row, i, x[j], e[j], high[i] + low[i])
                else:
                    p = madd(e[j], row.reciprocal[i], e[j] * row.reciprocal_low[i])
                    rest = ((high[i] - v[j]) + low[i]) - high[i] * row.complement[i]
                    p = madd(p, high[i], -v[j]) + p * low[i]
                    e[j] = rest if x[j] == row.maximum[i] and 2.0 * v[j] > high[i] else p
        store_gradient(rows, work, run, step, count, e, like)
        step += STEPS


cdef void cross_entropy_labels_float(const Rows* rows, const RowPass* work, const RowRun* run) noexcept nogil:
    cross_entropy_labels(rows, work, run, <float>0)


cdef void cross_entropy_labels_double(const Rows* rows, const RowPass* work, const RowRun* run) noexcept nogil:
    cross_entropy_labels(rows, work, run, <double>0)


cdef void cross_entropy_shares_float(const Rows* rows, const RowPass* work, const RowRun* run) noexcept nogil:
    cross_entropy_shares(rows, work, run, <float>0)


cdef void cross_entropy_shares_double(const Rows* rows, const RowPass* work, const RowRun* run) noexcept nogil:
    cross_entropy_shares(rows, work, run, <double>0)


# 1/K sum_k w_k (t_k log(1 + exp(-z_k)) + (1 - t_k) log(1 + exp(z_k))), w_k the weight of class k
#
# Method   Binary cross-entropy of each logit: see there. Targets 0 and 1 take its shorter way.
cdef inline void multilabel_soft_margin_shares(
    const Rows* rows, const RowPass* work, const RowRun* run, real like
) noexcept nogil:
    cdef double x[TILE]
    cdef double e[TILE]
    cdef double t[TILE]
    cdef double high[LANES]
    cdef double low[LANES]
    cdef Sums sums
    cdef double classes = <double>work.classes
    cdef Py_ssize_t i, count, step = 0
    cdef bint hard
    clear(rows, &sums)
    while step < rows.steps:
        count = depth(rows, step)
        load(rows, &run.prediction, step, count, x, 0.0, like)
        load_plain_shares(rows, work, <RowRun*>run, step, count, t)
        hard = all_hard(t, count * LANES)
        if work.values != NULL:
            if hard:
                for i in range(count * LANES):
                    e[i] = binary_cross_entropy_with_logits_hard(x[i], t[i], 1.0, 0.0, like)
            else:
                for i in range(count * LANES):
                    e[i] = binary_cross_entropy_with_logits(x[i], t[i], 1.0, 0.0, like)
            weigh_classes(rows, work, step, count, e)
            blank(rows, step, count, e)
            accumulate(rows, e, step, count, &sums, <double>0)
        if work.gradient.data != NULL:
            if work.wanted == HESSIAN:
                for i in range(count * LANES):
                    e[i] = binary_cross_entropy_with_logits_hessian(x[i], t[i], 1.0, 0.0, like)
            elif hard:
                for i in range(count * LANES):
                    e[i] = binary_cross_entropy_with_logits_gradient_hard(x[i], t[i], 1.0, 0.0, like)
            else:
                for i in range(count * LANES):
                    e[i] = binary_cross_entropy_with_logits_gradient(x[i], t[i], 1.0, 0.0, like)
            weigh_classes(rows, work, step, count, e)
            for i in range(count * LANES):
                e[i] = e[i] / classes
            store_gradient(rows, work, run, step, count, e, like)
        step += STEPS
    if work.values != NULL:
        total(rows, &sums, high, low)
        for i in range(LANES):
            # where the sum is infinite, its low part is NaN
            high[i] = (high[i] + (low[i] if high[i] - high[i] == 0.0 else 0.0)) / classes
        store_values(rows, work, run, high)


cdef void multilabel_soft_margin_shares_float(const Rows* rows, const RowPass* work, const RowRun* run) noexcept nogil:
    multilabel_soft_margin_shares(rows, work, run, <float>0)


cdef void multilabel_soft_margin_shares_double(const Rows* rows, const RowPass* work, const RowRun* run) noexcept nogil:
    multilabel_soft_margin_shares(rows, work, run, <double>0)
