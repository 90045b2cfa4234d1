# Losses that are cross-entropy times a weight by how sure the prediction is, or near to it.
#
# name, name_gradient and name_hessian (with respect to the first argument) of the same arguments become an
# elementwise loss (generate_losses.py); losses of rows of logits follow them. Accuracy and conventions: the entries in
# actlib/losses.

from libc.math cimport fabs

from .class_rows cimport (
    Softmax, load_exponentials, other_shares, precise, share, sum_exponentials, surprise)
from .compound cimport over_one_plus, over_square
from .loss_loops cimport HESSIAN
from .loss_rows cimport RowPass, RowRun, Rows, load_labels, load_shares, store_gradient, store_values
from .primitives cimport (
    NAN, exp_nonpositive, expm1, fused, log1p_unit, log_positive, madd, power_from_bits, propagate_nan, real,
    reduce_exp, two_product, two_sum)
from .row_primitives cimport (
    LANES, STEPS, TILE, Sums, accumulate, clear, depth, difference, element, exp_wide, total)

# Losses of rows: with kernels for labels and for shares, and for labels alone
ROW_LOSSES = ("poly1_cross_entropy",)
LABEL_LOSSES = ("generalized_cross_entropy",)


# exp(x + rest) for x <= 0 and a `rest` to first order, over `back`; and in `low` what its rounding misses. The result
# is not subnormal where exp(x) is; x < -1000 counts as -1000
cdef inline double exp_parts(double x, double rest, double* low) noexcept nogil:
    cdef double tail, shifted, r, high, lost, e
    r = reduce_exp(-1000.0 if x < -1000.0 else x, 512.0, &tail, &shifted, <double>0)
    high = 1.0 + r
    lost = (r - (high - 1.0)) + tail
    lost = madd(high + lost, rest, lost)
    e = high + lost
    low[0] = ((high - e) + lost) * power_from_bits(shifted)
    return e * power_from_bits(shifted)


# log(x + low) - l for an l that is log(x) to double precision: what l misses
#
# Method   One step of Newton's: (x + low) exp(-l) - 1, with exp(-l) as a sum of two doubles
cdef inline double logarithm_rest(double x, double low, double l) noexcept nogil:
    cdef double tail, shifted, scale, r, high, lost
    r = reduce_exp(-l, 0.0, &tail, &shifted, <double>0)
    high = 1.0 + r
    lost = (r - (high - 1.0)) + tail
    scale = power_from_bits(shifted)
    return fused(x * scale, high, -1.0) + madd(x * scale, lost, low * scale * high)


# log(wrong + right e) and what it misses, for e = exp(-a) and shares `wrong` and `right` that sum to 1
#
# Method   -a or 0 where one share is 0; the general way to it is then a logarithm of 1, and adds nothing. The larger
#          share may be rounded: what it misses is 1 less both.
cdef inline double log_mixture(
        double a, double wrong, double right, double e, double e_low, double* rest, real like) noexcept nogil:
    cdef double soft = 1.0 if (wrong != 0.0) & (right != 0.0) else 0.0
    cdef double hard = (-1e5 if a > 1e5 else -a) if wrong == 0.0 else 0.0  # beyond, the loss is 0
    cdef double mix, v, first, low, sum_low, missed
    if real is float:
        v = madd(right, e, wrong) if soft == 1.0 else 1.0
        rest[0] = 0.0
        return log_positive(v, like) + hard
    else:
        mix = two_product(right, e, &low)
        v = two_sum(wrong, mix, &sum_low)
        missed = (1.0 - wrong) - right if wrong > right else ((1.0 - right) - wrong) * e
        low = low + missed
        low = soft * madd(right, e_low, sum_low + low)
        v = v if soft == 1.0 else 1.0
        first = log_positive(v, like)
        rest[0] = logarithm_rest(v, low, first)
        return first + hard


# (1 - p_t)**gamma over `back`, for 1 - p_t = (wrong + right e)/(1 + e), the probability of the wrong class, mixed by
# the shares; with the logarithm of the numerator and small = log(1 + e)
#
# Method   exp(gamma log(1 - p_t)): an error of the logarithm grows gamma times, so it is a sum of two doubles. `back`
#          is 1, or 2**-512 where the power may be subnormal and its multiples need not be.
cdef inline double modulation(
        double logarithm, double rest, double e, double e_low, double small, double gamma, double* back,
        real like) noexcept nogil:
    cdef double d = 1.0 + e
    cdef double low, lost, power, x
    if real is float:
        back[0] = 1.0
        return exp_nonpositive(gamma * (logarithm - small), like)
    else:
        x = two_sum(logarithm, -small, &lost)
        rest = (rest + lost) - logarithm_rest(d, (e - (d - 1.0)) + e_low, small)
        x = two_product(gamma, x, &low)
        power = exp_parts(x, madd(gamma, rest, low), &lost)
        back[0] = 7.458340731200207e-155 if power < 1.0 else 1.0
        return power if power < 1.0 else power * 7.458340731200207e-155


# a_t (1 - p_t)**gamma H, where H = -t log p - (1 - t) log(1 - p) for p = sigmoid(z), 1 - p_t = t (1 - p) + (1 - t) p,
# and a_t = t `positive` + (1 - t) `negative`
#
# Method   With a = |z|, e = exp(-a) and the target seen from the side of z, whose shares are `right` and `wrong`:
#          H = wrong a + log(1 + e), as for binary cross-entropy; no term is negative. The power: `modulation`.
# Limits   right and sure -> 0, wrong and sure -> inf
cdef inline double focal(
        double z, double t, double positive, double negative, double gamma, real like) noexcept nogil:
    cdef double back, e_low, rest, a = fabs(z)
    cdef double wrong = t if z < 0.0 else 1.0 - t
    cdef double right = 1.0 - t if z < 0.0 else t
    cdef double weight = madd(positive, t, negative * (1.0 - t))
    cdef double e = exp_parts(-a, 0.0, &e_low) * 7.458340731200207e-155
    cdef double small = log1p_unit(e, <double>0)
    cdef double logarithm = log_mixture(a, wrong, right, e, e_low * 7.458340731200207e-155, &rest, like)
    cdef double power = modulation(logarithm, rest, e, e_low * 7.458340731200207e-155, small, gamma, &back, like)
    cdef double value = power * (small if wrong == 0.0 else madd(wrong, a, small)) * back
    return propagate_nan(z, 0.0 if weight == 0.0 else weight * value)


# The derivative with respect to a, times the sign of z:
#
#     a_t (1 - p_t)**gamma/(1 + e) ((wrong - right e) + gamma (wrong - right) rho H),  rho = e/(wrong + right e)
#
# Method   For t = 0 or 1 both terms have one sign, and rho is e or 1. For t between they cancel at the minimum, and the
#          first one alone near z = 0 with t = 1/2, where wrong - right e = (wrong - right) + right (a - a**2/2).
#          Where H is infinite, rho H is 0.
cdef inline double focal_gradient(
        double z, double t, double positive, double negative, double gamma, real like) noexcept nogil:
    cdef double back, e_low, rest, a = fabs(z)
    cdef double wrong = t if z < 0.0 else 1.0 - t
    cdef double right = 1.0 - t if z < 0.0 else t
    cdef double weight = madd(positive, t, negative * (1.0 - t))
    cdef double e = exp_parts(-a, 0.0, &e_low) * 7.458340731200207e-155
    cdef double small = log1p_unit(e, <double>0)
    cdef double logarithm = log_mixture(a, wrong, right, e, e_low * 7.458340731200207e-155, &rest, like)
    cdef double power = modulation(logarithm, rest, e, e_low * 7.458340731200207e-155, small, gamma, &back, like)
    cdef double cut = 800.0 if a > 800.0 else a
    cdef double near = madd(right, madd(-0.5 * a, a, a), wrong - right)
    cdef double top = near if (a < 1.4901161193847656e-08) & (wrong != 0.0) else madd(-right, e, wrong)
    cdef double rho = 1.0 if wrong == 0.0 else e / madd(right, e, wrong)
    top = madd(gamma * (wrong - right), rho * madd(wrong, cut, small), top)
    top = over_one_plus(power * top, e, like) * back * weight
    return propagate_nan(z, 0.0 - top if z < 0.0 else top)


# Both for t = 0 or 1, bit for bit: the mixture is e or 1, with the logarithm -a or 0. What they share is the power.
cdef inline double modulation_hard(
        double a, bint right, double gamma, double* e, double* small, double* back, real like) noexcept nogil:
    cdef double e_low
    cdef double logarithm = (-1e5 if a > 1e5 else -a) if right else 0.0
    e[0] = exp_parts(-a, 0.0, &e_low) * 7.458340731200207e-155
    small[0] = log1p_unit(e[0], <double>0)
    return modulation(logarithm, 0.0, e[0], e_low * 7.458340731200207e-155, small[0], gamma, back, like)


cdef inline double focal_hard(
        double z, double t, double positive, double negative, double gamma, real like) noexcept nogil:
    cdef double e, small, back, a = fabs(z)
    cdef bint right = (t == 0.0) == (z < 0.0)
    cdef double weight = madd(positive, t, negative * (1.0 - t))
    cdef double power = modulation_hard(a, right, gamma, &e, &small, &back, like)
    cdef double value = power * (small if right else a + small) * back
    return propagate_nan(z, 0.0 if weight == 0.0 else weight * value)


cdef inline double focal_gradient_hard(
        double z, double t, double positive, double negative, double gamma, real like) noexcept nogil:
    cdef double e, small, back, a = fabs(z)
    cdef bint right = (t == 0.0) == (z < 0.0)
    cdef double weight = madd(positive, t, negative * (1.0 - t))
    cdef double power = modulation_hard(a, right, gamma, &e, &small, &back, like)
    cdef double cut = 800.0 if a > 800.0 else a
    cdef double top = 0.0 - madd(gamma, small, e) if right else madd(gamma, e * (cut + small), 1.0)
    top = over_one_plus(power * top, e, like) * back * weight
    return propagate_nan(z, 0.0 - top if z < 0.0 else top)


# The second derivative: a_t (1 - p_t)**gamma/(1 + e)**2 times
#
#     e + gamma (wrong - right) rho (2 (wrong - right e) + H ((gamma - 1) (wrong - right) rho + (e - 1)))
#
# Method   The same where e and rho, before the bracket, are subnormal and their multiples are not: times 2**512.
cdef inline double focal_hessian(
        double z, double t, double positive, double negative, double gamma, real like) noexcept nogil:
    cdef double back, e_low, rest, a = fabs(z)
    cdef double wrong = t if z < 0.0 else 1.0 - t
    cdef double right = 1.0 - t if z < 0.0 else t
    cdef double weight = madd(positive, t, negative * (1.0 - t))
    cdef double large = exp_parts(-a, 0.0, &e_low)
    cdef double e = large * 7.458340731200207e-155
    cdef double small = log1p_unit(e, <double>0)
    cdef double logarithm = log_mixture(a, wrong, right, e, e_low * 7.458340731200207e-155, &rest, like)
    cdef double power = modulation(logarithm, rest, e, e_low * 7.458340731200207e-155, small, gamma, &back, like)
    cdef double cut = 800.0 if a > 800.0 else a
    cdef double gap = wrong - right
    cdef double outer = 1.0 if wrong == 0.0 else large / madd(right, e, wrong)
    cdef double rho = 1.0 if wrong == 0.0 else outer * 7.458340731200207e-155
    cdef double bend = madd(gamma - 1.0, gap * rho, e - 1.0)
    cdef double top = madd(madd(wrong, cut, small), bend, 2.0 * madd(-right, e, wrong))
    top = madd(gamma * gap * outer, top, e if wrong == 0.0 else large)
    top = power * over_square(top, 1.0 + e, e - ((1.0 + e) - 1.0), like)
    top = top * (1.0 if wrong == 0.0 else 7.458340731200207e-155) * back * weight
    return propagate_nan(z, top)


# sum_k v_k (-log p_k + epsilon (1 - p_k)) for shares v, p = softmax(z); for a label its class weight is the only share
#
# Method   Cross-entropy as in classification.pyx, and 1 - p_k = s/(1 + s) at the maximum (class_rows.pxd).
#          With V = sum v, P = sum v_k p_k, C = sum v_k (1 - p_k) and D_j = P - v_j, which is -C where v_j = V:
#          gradient (p_j V - v_j) + epsilon p_j D_j, the bracket as for cross-entropy.
#          Hessian p_j ((1 - p_j) V + epsilon D_j (1 - 2 p_j)). For p_j <= 1/2, ((1 - p_j) V + epsilon D_j)
#          - 2 epsilon D_j p_j, where the bracket vanishes exactly for epsilon = 1 and v_j = V. For p_j > 1/2, where
#          1 - 2 p_j = 2 (1 - p_j) - 1, the bracket is (1 - p_j) V - epsilon D_j = R + epsilon v_j (1 - p_j), with
#          R = sum over k != j of p_k (V - epsilon v_k): for epsilon in [0, 1] no term is negative.
cdef inline void poly1_rows(
    const Rows* rows, const RowPass* work, const RowRun* run, real like, precise accuracy
) noexcept nogil:
    cdef double x[TILE]
    cdef double e[TILE]
    cdef double v[TILE]
    cdef double terms[TILE]
    cdef Softmax row
    cdef Sums shares, entropies, hits, misses, others
    cdef double whole[LANES]
    cdef double whole_low[LANES]
    cdef double entropy[LANES]
    cdef double hit[LANES]
    cdef double miss[LANES]
    cdef double rest[LANES]
    cdef double low[LANES]
    cdef double p, q, d, top, ordinary, epsilon = work.parameter[0]
    cdef Py_ssize_t i, k, j, count, step = 0
    sum_exponentials(rows, run, &row, x, e, like, accuracy)
    clear(rows, &shares)
    clear(rows, &entropies)
    clear(rows, &hits)
    clear(rows, &misses)
    clear(rows, &others)
    while step < rows.steps:
        count = depth(rows, step)
        load_shares(rows, work, <RowRun*>run, step, count, v)
        if rows.steps > STEPS:
            load_exponentials(rows, run, &row, step, count, x, e, like, accuracy)
        accumulate(rows, v, step, count, &shares, <double>0)
        if work.values != NULL:
            for k in range(count):
                for i in range(LANES):
                    j = k * LANES + i
                    d = surprise(&row, i, x[j], like)
                    terms[j] = 0.0 if v[j] == 0.0 else v[j] * d
            accumulate(rows, terms, step, count, &entropies, <double>0)
        for k in range(count):
            for i in range(LANES):
                terms[k * LANES + i] = v[k * LANES + i] * share(&row, i, e[k * LANES + i])
        accumulate(rows, terms, step, count, &hits, <double>0)
        for k in range(count):
            for i in range(LANES):
                j = k * LANES + i
                terms[j] = v[j] * other_shares(&row, i, x[j], share(&row, i, e[j]))
                terms[j] = 0.0 if v[j] == 0.0 else terms[j]
        accumulate(rows, terms, step, count, &misses, <double>0)
        step += STEPS
    total(rows, &shares, whole, whole_low)
    total(rows, &hits, hit, low)
    for i in range(LANES):
        hit[i] = hit[i] + low[i]
    total(rows, &misses, miss, low)
    for i in range(LANES):
        miss[i] = miss[i] + low[i]
    if work.values != NULL:
        total(rows, &entropies, entropy, low)
        for i in range(LANES):
            # where the sum is infinite, its low part is NaN
            entropy[i] = entropy[i] + (low[i] if entropy[i] - entropy[i] == 0.0 else 0.0)
            entropy[i] = propagate_nan(row.logarithm[i], madd(epsilon, miss[i], entropy[i]))
        store_values(rows, work, run, entropy)
    if work.gradient.data == NULL:
        return
    if work.wanted == HESSIAN:
        step = 0
        while step < rows.steps:
            count = depth(rows, step)
            if rows.steps > STEPS:
                load_exponentials(rows, run, &row, step, count, x, e, like, accuracy)
                load_shares(rows, work, <RowRun*>run, step, count, v)
            for k in range(count):
                for i in range(LANES):
                    j = k * LANES + i
                    p = share(&row, i, e[j])
                    terms[j] = 0.0 if p > 0.5 else p * (madd(-epsilon, v[j], whole[i]) + whole_low[i])
            accumulate(rows, terms, step, count, &others, <double>0)
            step += STEPS
        total(rows, &others, rest, low)
        for i in range(LANES):
            rest[i] = rest[i] + low[i]
    step = 0
    while step < rows.steps:
        count = depth(rows, step)
        if rows.steps > STEPS:
            load_exponentials(rows, run, &row, step, count, x, e, like, accuracy)
            load_shares(rows, work, <RowRun*>run, step, count, v)
        for k in range(count):
            for i in range(LANES):
                j = k * LANES + i
                p = share(&row, i, e[j])
                q = other_shares(&row, i, x[j], p)
                d = -miss[i] if (v[j] == whole[i]) & (whole_low[i] == 0.0) else hit[i] - v[j]
                if work.wanted == HESSIAN:
                    top = madd(epsilon * v[j], q, rest[i]) if p > 0.5 else madd(epsilon, d, q * whole[i])
                    e[j] = p * madd(2.0 * epsilon * d, q if p > 0.5 else -p, top)
                else:
                    top = ((whole[i] - v[j]) + whole_low[i]) - whole[i] * row.complement[i]
                    ordinary = madd(p, whole[i], -v[j]) + p * whole_low[i]
                    top = top if (x[j] == row.maximum[i]) & (2.0 * v[j] > whole[i]) else ordinary
                    e[j] = madd(epsilon * p, d, top)
        store_gradient(rows, work, run, step, count, e, like)
        step += STEPS


# -log p + epsilon m for m = 1 - p
#
# Method   For epsilon < 0 and small m the terms cancel: it is (1 + epsilon) m + m**2/2 + m**3/3 + ...
cdef inline double poly1_value(double entropy, double m, double epsilon) noexcept nogil:
    cdef double tail = madd(m, 0.16666666666666666, 0.2)
    tail = madd(tail, m, 0.25)
    tail = madd(tail, m, 0.3333333333333333)
    tail = madd(tail, m, 0.5)
    tail = madd(1.0 + epsilon, m, m * m * tail)
    return tail if (epsilon < 0.0) & (m < 0.0009765625) else madd(epsilon, m, entropy)


# The same for a label t with class weight w: w (-log p_t + epsilon (1 - p_t))
#
# Method   Gradient w F (p_j - delta_jt) with F = 1 + epsilon p_t, which for epsilon < 0 is
#          (1 + epsilon) - epsilon (1 - p_t): no term cancels. The Hessian is that of the general case.
cdef inline void poly1_labels(
    const Rows* rows, const RowPass* work, const RowRun* run, real like
) noexcept nogil:
    cdef double x[TILE]
    cdef double e[TILE]
    cdef Softmax row
    cdef double label[LANES]
    cdef double weight[LANES]
    cdef double value[LANES]
    cdef double factor[LANES]
    cdef double at_label[LANES]
    cdef double chosen, low, p, miss, epsilon = work.parameter[0]
    cdef Py_ssize_t i, k, count, place, step = 0
    load_labels(rows, work, <RowRun*>run, label, weight)
    sum_exponentials(rows, run, &row, x, e, like, like)
    for i in range(LANES):
        chosen = NAN
        if work.classes:
            chosen = element(rows, &run.prediction, i, <Py_ssize_t>label[0 if rows.along else i], like)
        p = difference(chosen, row.maximum[i], &low, like)
        p = share(&row, i, exp_wide(p, low, like))
        miss = other_shares(&row, i, chosen, p)
        value[i] = poly1_value(surprise(&row, i, chosen, like), miss, epsilon)
        value[i] = propagate_nan(row.logarithm[i], 0.0 if weight[i] == 0.0 else weight[i] * value[i])
        factor[i] = (1.0 + epsilon) - epsilon * miss if epsilon < 0.0 else madd(epsilon, p, 1.0)
        factor[i] = factor[i] * weight[i]
        at_label[i] = 0.0 - miss * factor[i]
    if work.values != NULL:
        store_values(rows, work, run, value)
    if work.gradient.data == NULL:
        return
    while step < rows.steps:
        count = depth(rows, step)
        if rows.steps > STEPS:
            load_exponentials(rows, run, &row, step, count, x, e, like, like)
        for k in range(count):
            for i in range(LANES):
                e[k * LANES + i] = share(&row, i, e[k * LANES + i]) * factor[i]
        for i in range(1 if rows.along else LANES):
            k = <Py_ssize_t>label[i] - (step * LANES if rows.along else step)
            place = k if rows.along else k * LANES + i
            if 0 <= place < count * LANES:
                e[place] = at_label[i]
        store_gradient(rows, work, run, step, count, e, like)
        step += STEPS


cdef void poly1_cross_entropy_labels_float(const Rows* rows, const RowPass* work, const RowRun* run) noexcept nogil:
    if work.wanted == HESSIAN:
        poly1_rows(rows, work, run, <float>0, <float>0)
    else:
        poly1_labels(rows, work, run, <float>0)


cdef void poly1_cross_entropy_labels_double(const Rows* rows, const RowPass* work, const RowRun* run) noexcept nogil:
    if work.wanted == HESSIAN:
        poly1_rows(rows, work, run, <double>0, <double>0)
    else:
        poly1_labels(rows, work, run, <double>0)


cdef void poly1_cross_entropy_shares_float(const Rows* rows, const RowPass* work, const RowRun* run) noexcept nogil:
    # the gradient can cancel, so the exponentials take full precision for float32 too
    poly1_rows(rows, work, run, <float>0, <double>0)


cdef void poly1_cross_entropy_shares_double(const Rows* rows, const RowPass* work, const RowRun* run) noexcept nogil:
    poly1_rows(rows, work, run, <double>0, <double>0)


# q log p_t and what it misses, for the entry x of lane i
#
# Method   log p_t = (x - m) - log(1 + s), both as sums of two doubles: their errors grow with |log p_t| in p_t**q.
cdef inline double scaled_logarithm(
        const Softmax* row, Py_ssize_t i, double x, double q, double* low, real like) noexcept nogil:
    cdef double rest, lost, d, high, gap = difference(x, row.maximum[i], &low[0], like)
    d = two_sum(1.0, row.others[i], &rest)
    rest = logarithm_rest(d, rest + row.others_low[i], row.logarithm[i])
    high = two_sum(gap, -row.logarithm[i], &lost)
    lost = (lost if fabs(gap) < 1e300 else 0.0) + low[0] - rest
    high = two_product(q, high, &rest)
    low[0] = madd(q, lost, rest if fabs(high) < 1e300 else 0.0)
    return high


# w_t (1 - p_t**q)/q for the label t, p = softmax(z), w_t its class weight
#
# Method   -expm1(q log p_t)/q, or -log p_t where q log p_t is so small that it may be subnormal. Gradient
#          p_t**q (p_j - delta_jt), with 1 - p_t = s/(1 + s) at the maximum; Hessian p_t**q p_j ((1 - p_j) - q p_j), at
#          the label p_t**q (1 - p_t) (p_t - q (1 - p_t)).
# Limits   z_t = -inf -> 1/q with gradient 0
cdef inline void generalized_cross_entropy_labels(
    const Rows* rows, const RowPass* work, const RowRun* run, real like
) noexcept nogil:
    cdef double x[TILE]
    cdef double e[TILE]
    cdef Softmax row
    cdef double label[LANES]
    cdef double weight[LANES]
    cdef double value[LANES]
    cdef double chosen[LANES]
    cdef double power[LANES]
    cdef double at_label[LANES]
    cdef double high, low, lost, p, other, top, q = work.parameter[0]
    cdef Py_ssize_t i, k, j, count, place, step = 0
    load_labels(rows, work, <RowRun*>run, label, weight)
    # the Hessian can cancel, so the exponentials take full precision for float32 too
    sum_exponentials(rows, run, &row, x, e, like, <double>0)
    for i in range(LANES):
        chosen[i] = NAN
        if work.classes:
            chosen[i] = element(rows, &run.prediction, i, <Py_ssize_t>label[0 if rows.along else i], like)
    for i in range(LANES):
        high = scaled_logarithm(&row, i, chosen[i], q, &low, <double>0)
        power[i] = exp_parts(high, low, &lost) * 7.458340731200207e-155
        value[i] = 0.0 - madd(low, power[i], expm1(high, <double>0)) / q
        value[i] = surprise(&row, i, chosen[i], like) if fabs(high) < 1e-17 else value[i]
        power[i] = propagate_nan(value[i], power[i])
        high = difference(chosen[i], row.maximum[i], &low, <double>0)
        p = share(&row, i, exp_parts(high, low, &lost) * 7.458340731200207e-155)
        other = other_shares(&row, i, chosen[i], p)
        at_label[i] = other * (p - q * other) if work.wanted == HESSIAN else 0.0 - other
        value[i] = propagate_nan(value[i], 0.0 if weight[i] == 0.0 else weight[i] * value[i])
        power[i] = power[i] * weight[i]
        at_label[i] = at_label[i] * power[i]
    if work.values != NULL:
        store_values(rows, work, run, value)
    if work.gradient.data == NULL:
        return
    while step < rows.steps:
        count = depth(rows, step)
        if rows.steps > STEPS:
            load_exponentials(rows, run, &row, step, count, x, e, like, <double>0)
        for k in range(count):
            for i in range(LANES):
                j = k * LANES + i
                p = share(&row, i, e[j])
                top = p * (other_shares(&row, i, x[j], p) - q * p) if work.wanted == HESSIAN else p
                e[j] = top * power[i]
        for i in range(1 if rows.along else LANES):
            k = <Py_ssize_t>label[i] - (step * LANES if rows.along else step)
            place = k if rows.along else k * LANES + i
            if 0 <= place < count * LANES:
                e[place] = at_label[i]
        store_gradient(rows, work, run, step, count, e, like)
        step += STEPS


cdef void generalized_cross_entropy_labels_float(
    const Rows* rows, const RowPass* work, const RowRun* run
) noexcept nogil:
    generalized_cross_entropy_labels(rows, work, run, <float>0)


cdef void generalized_cross_entropy_labels_double(
    const Rows* rows, const RowPass* work, const RowRun* run
) noexcept nogil:
    generalized_cross_entropy_labels(rows, work, run, <double>0)
