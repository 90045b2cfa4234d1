# Losses of class predictions: from a probability, a logit, or a row of logits or probabilities.
#
# name, name_gradient and name_hessian (with respect to the first argument) of the same arguments become an
# elementwise loss (generate_losses.py). Accuracy and conventions: the entries in actlib/losses.

from libc.math cimport fabs

from .loss_loops cimport HESSIAN, Block, all_hard
from .loss_rows cimport (
    RowPass, RowRun, Rows, load_labels, load_shares, store_gradient, store_values)
from .primitives cimport (
    INFINITY, NAN, exp, exp_nonpositive, log, log1p, log1p_unit, log_positive, log_reduced, logistic_derivative, madd,
    propagate_nan, real, split_exponent, split_shifted)
from .row_primitives cimport (
    LANES, STEPS, TILE, Sums, accumulate, accumulate_others, blank, clear, depth, difference, exponentials, load,
    reciprocal_beside_one, row_maximum, total, total_of_others)

ctypedef fused precise:
    float
    double

# Losses that are sums over the classes of the elementwise terms below.
ROW_SUMS = ("negative_log_likelihood", "categorical_cross_entropy", "kl_divergence", "kl_divergence_log_target")
# Losses whose rows have kernels of their own, at the end.
ROW_LOSSES = ("cross_entropy",)


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
    cdef double first = t * log_unit(q, 0.0, like)
    cdef double second = (1.0 - t) * log_unit(u, lost_by_complement(q, u), like)
    first = 0.0 if t == 0.0 else first
    second = 0.0 if t == 1.0 else second
    return propagate_nan(p, 0.0 - (first + second))


# (q - t)/(q (1 - q)) at the clipped probability q, so that the gradient is never dead
#
# Method   t = 1: -1/q. t = 0: 1/(1 - q). Else ((q - t)/q)/(1 - q), which does not overflow before its value does.
cdef inline double binary_cross_entropy_gradient(
        double p, double t, double low, double high, real like) noexcept nogil:
    cdef double q = clipped(p, low, high)
    cdef double above = (q - t) / q
    cdef double below = 1.0 - q
    above = 1.0 if t == 0.0 else above
    above = -1.0 if t == 1.0 else above
    below = q if t == 1.0 else below
    return above / below


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


cdef inline bint binary_cross_entropy_is_hard(const Block* block, Py_ssize_t n) noexcept nogil:
    return all_hard(block.input[1], n)


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
# Method   L = log1p(exp(-|z|)) is the smaller of the two logarithms, L + |z| the larger one. So the loss is
#          a L + c |z| with a = w t + (1 - t) and c = 1 - t for z >= 0, w t for z < 0: no term is negative.
# Limits   c = 0 drops |z|, so that a confident and right prediction tends to 0 at +-inf
cdef inline double binary_cross_entropy_with_logits(
        double z, double target, double w, double smoothing, real like) noexcept nogil:
    cdef double t = madd(smoothing, 0.5 - target, target)
    cdef double small = log1p_unit(exp_nonpositive(-fabs(z), like), like)
    cdef double c = w * t if z < 0.0 else 1.0 - t
    cdef double a = 1.0 if w == 1.0 else w * t + (1.0 - t)
    cdef double value = madd(c, fabs(z), a * small)
    return propagate_nan(z, a * small if c == 0.0 else value)


# The same for t = 0 or 1, bit for bit
cdef inline double binary_cross_entropy_with_logits_hard(
        double z, double t, double w, double smoothing, real like) noexcept nogil:
    cdef double small = log1p_unit(exp_nonpositive(-fabs(z), like), like)
    cdef double c = 1.0 if t == 0.0 else w
    cdef double a = c
    c = (0.0 if t == 0.0 else c) if z < 0.0 else (c if t == 0.0 else 0.0)
    cdef double value = madd(c, fabs(z), a * small)
    return propagate_nan(z, a * small if c == 0.0 else value)


# (1 - t) sigmoid(z) - w t sigmoid(-z)
#
# Method   e = exp(-|z|), sigmoid(|z|) = 1/(1 + e), sigmoid(-|z|) = e/(1 + e): one division serves both. For t = 0
#          or 1 one term is 0 and the other right to its own rounding: no sigmoid(z) - 1. For t between, the terms
#          cancel at the minimum; float32 takes the full exponential then, so that its result is right there too, and
#          near z = 0, where t = 1/2 leaves nothing but 1 - e, that is |z| - z**2/2.
cdef inline double binary_cross_entropy_with_logits_gradient(
        double z, double target, double w, double smoothing, real like) noexcept nogil:
    cdef double t = madd(smoothing, 0.5 - target, target)
    cdef bint soft = (t != 0.0) & (t != 1.0)
    cdef double a = fabs(z)
    cdef double full = exp_nonpositive(-a, <double>0)
    cdef double brief = exp_nonpositive(-a, like)
    cdef double e = full if soft else brief
    cdef double negative = 1.0 - t
    cdef double positive = w * t
    cdef double small = (positive if z > 0.0 else -negative) * madd(-0.5 * a, a, a) + (negative - positive)
    cdef double top = negative * (e if z < 0.0 else 1.0) - positive * (1.0 if z < 0.0 else e)
    return over_one_plus(small if (a < 1.4901161193847656e-08) & soft else top, e, like)


# The same for t = 0 or 1, where a shorter exponential does for float32
cdef inline double binary_cross_entropy_with_logits_gradient_hard(
        double z, double t, double w, double smoothing, real like) noexcept nogil:
    cdef double e = exp_nonpositive(-fabs(z), like)
    cdef double negative = e if z < 0.0 else 1.0
    cdef double positive = 1.0 if z < 0.0 else e
    return over_one_plus(negative if t == 0.0 else 0.0 - w * positive, e, like)


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


# Whether all targets of a block are 0 or 1, and stay so
cdef inline bint binary_cross_entropy_with_logits_is_hard(const Block* block, Py_ssize_t n) noexcept nogil:
    return block.input[3][0] == 0.0 and all_hard(block.input[1], n)


# (1 - t + w t) sigmoid(z) sigmoid(-z)
cdef inline double binary_cross_entropy_with_logits_hessian(
        double z, double target, double w, double smoothing, real like) noexcept nogil:
    cdef double t = madd(smoothing, 0.5 - target, target)
    cdef double a = 1.0 if w == 1.0 else w * t + (1.0 - t)
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
# Method   Where exp(s) is subnormal the product need not be: exp(s/2) (s - x) exp(s/2).
cdef inline double kl_divergence_log_target(double x, double s, real like) noexcept nogil:
    cdef double gap = s - x
    cdef double half = exp(0.5 * s if s < -700.0 else s, <double>0)
    cdef double value = half * gap * (half if s < -700.0 else 1.0)
    return propagate_nan(x, 0.0 if s == -INFINITY else value)


cdef inline double kl_divergence_log_target_gradient(double x, double s, real like) noexcept nogil:
    return propagate_nan(x, 0.0 - exp(s, <double>0))


cdef inline double kl_divergence_log_target_hessian(double x, double s, real like) noexcept nogil:
    return propagate_nan(x, 0.0)


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
cdef struct Softmax:
    double maximum[LANES]
    bint narrow                     # no exponential is subnormal
    double others[LANES]            # s ...
    double others_low[LANES]        # ... and its low part
    double reciprocal[LANES]        # 1/(1 + s) ...
    double reciprocal_low[LANES]    # ... and its low part
    double complement[LANES]        # s/(1 + s)
    double logarithm[LANES]         # log(1 + s)


cdef inline void sum_exponentials(
    const Rows* rows, const RowRun* run, Softmax* row, double* x, double* e, real like, precise accuracy
) noexcept nogil:
    """Fill `row`; x and e hold the entries and exponentials of rows of a single tile."""
    cdef Py_ssize_t i, count, step = 0
    cdef Sums sums
    cdef double ones[LANES]
    clear(rows, &sums)
    for i in range(LANES):
        ones[i] = 0.0
    row.narrow = row_maximum(rows, &run.prediction, x, row.maximum, like)
    while step < rows.steps:
        count = depth(rows, step)
        load_exponentials(rows, run, row, step, count, x, e, like, accuracy)
        accumulate_others(rows, e, step, count, &sums, ones, like)
        step += STEPS
    total_of_others(rows, &sums, ones, row.others, row.others_low)
    for i in range(LANES):
        row.reciprocal[i] = reciprocal_beside_one(row.others[i], row.others_low[i], &row.reciprocal_low[i])
        row.reciprocal[i] = NAN if row.maximum[i] == -INFINITY else row.reciprocal[i]
        row.complement[i] = madd(
            row.others[i], row.reciprocal[i],
            madd(row.others[i], row.reciprocal_low[i], row.others_low[i] * row.reciprocal[i]))
        row.logarithm[i] = madd(row.others_low[i], row.reciprocal[i], log1p(row.others[i], accuracy))


cdef inline void load_exponentials(
    const Rows* rows, const RowRun* run, const Softmax* row, Py_ssize_t step, Py_ssize_t count, double* x, double* e,
    real like, precise accuracy
) noexcept nogil:
    if rows.steps > STEPS:
        load(rows, &run.prediction, step, count, x, NAN, like)
    exponentials(x, count, row.maximum, NULL, row.narrow, e, accuracy)
    blank(rows, step, count, e)


cdef inline double surprise(const Softmax* row, Py_ssize_t i, double x, real like) noexcept nogil:
    """-log softmax for the entry x of lane i"""
    cdef double low
    cdef double d = difference(x, row.maximum[i], &low, like)
    return (row.logarithm[i] - low) - d


cdef inline double entry(const Rows* rows, const RowRun* run, Py_ssize_t lane, Py_ssize_t k, real like) noexcept nogil:
    cdef const char* source = (
        run.prediction.data + (rows.first + (lane if lane < rows.rows else 0)) * run.prediction.row
        + k * run.prediction.entry)
    cdef real buffer[2]
    if run.prediction.convert == NULL:
        return (<const real*>source)[0]
    run.prediction.convert(source, 0, <char*>buffer, 1)
    return buffer[0]


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
        chosen[i] = entry(rows, run, 0 if rows.along else i, <Py_ssize_t>label[i], like) if work.classes else NAN
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


cdef inline double curvature(const Softmax* row, Py_ssize_t i, double x, double e, double weight) noexcept nogil:
    cdef double p = madd(e, row.reciprocal[i], e * row.reciprocal_low[i])
    return p * (row.complement[i] if x == row.maximum[i] else 1.0 - p) * weight


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
                    e[j] = rest if x[j] == row.maximum[i] and 2.0 * v[j] > high[i] else madd(p, high[i], -v[j])
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
