# Losses of rows of scores that ask the score of a label to lie above the others by a margin.
#
# Kernels for rows (generate_losses.py, loss_rows.pxd). Accuracy and conventions: the entries in actlib/losses.

from libc.math cimport fabs

from .compound cimport positive_sum, square_of_sum
from .loss_loops cimport HESSIAN
from .loss_rows cimport RowPass, RowRun, Rows, load_labels, load_plain_shares, store_gradient, store_values
from .primitives cimport INFINITY, NAN, propagate_nan, real, two_sum
from .row_primitives cimport (
    LANES, STEPS, TILE, Sums, accumulate, blank, clear, depth, element, load, total)

# Losses of rows with labels, and no shares
LABEL_LOSSES = ("multiclass_hinge", "multiclass_hinge_sum")
# With one kernel for labels and shares
SHARE_LOSSES = ("multilabel_margin",)


# max(0, margin + (x - target)), and in `low` what its rounding misses
#
# Method   Two additions without error, so that the difference is right also where it cancels.
# Limits   equal scores, also infinite ones, lie 0 apart
cdef inline double excess(double margin, double x, double target, double* low) noexcept nogil:
    cdef double rest
    cdef double gap = two_sum(x, -target, &rest)
    rest = rest if fabs(gap) < 1e300 else 0.0
    gap = 0.0 if x == target else gap
    return positive_sum(margin, gap, rest, low)


# h**power, for a power of 1 or 2, and its derivative
cdef inline double powered(double h, double low, double power) noexcept nogil:
    return square_of_sum(h, low) if power == 2.0 else h


cdef inline double powered_slope(double h, double power) noexcept nogil:
    cdef double slope = 2.0 * h if power == 2.0 else 1.0
    return propagate_nan(h, slope if h > 0.0 else 0.0)


cdef inline double powered_curvature(double h, double power) noexcept nogil:
    return propagate_nan(h, 2.0 if power == 2.0 and h > 0.0 else 0.0)


# The highest score but that of the label: `best` in place `place` of the row of each lane, the first of equal ones;
# -1 where there is no other. `poison` is NaN for a row that has a NaN, else 0.
cdef inline void best_other(
    const Rows* rows, const RowRun* run, const double* label, double* x, double* best, double* place, double* poison,
    real like
) noexcept nogil:
    cdef Py_ssize_t i, k, count, step = 0
    cdef double number, first
    cdef bint other, better
    for i in range(LANES):
        best[i] = -INFINITY
        place[i] = -1.0
        poison[i] = 0.0
    while step < rows.steps:
        count = depth(rows, step)
        load(rows, &run.prediction, step, count, x, -INFINITY, like)
        for k in range(count):
            first = <double>((step + k) * LANES if rows.along else step + k)
            for i in range(LANES):
                number = first + (<double>i if rows.along else 0.0)
                other = (number != label[i]) & (number < <double>rows.size)
                better = other & ((x[k * LANES + i] > best[i]) | (place[i] < 0.0))
                place[i] = number if better else place[i]
                best[i] = x[k * LANES + i] if better else best[i]
                poison[i] = poison[i] if x[k * LANES + i] == x[k * LANES + i] else NAN
        step += STEPS
    if rows.along:
        for i in range(1, LANES):
            better = (place[i] >= 0.0) & (
                (place[0] < 0.0) | (best[i] > best[0]) | ((best[i] == best[0]) & (place[i] < place[0])))
            place[0] = place[i] if better else place[0]
            best[0] = best[i] if better else best[0]
            poison[0] += poison[i]
        for i in range(1, LANES):
            place[i] = place[0]
            best[i] = best[0]
            poison[i] = poison[0]


cdef inline void load_chosen(
    const Rows* rows, const RowPass* work, const RowRun* run, const double* label, double* chosen, real like
) noexcept nogil:
    """The score of the label of each lane."""
    cdef Py_ssize_t i
    for i in range(LANES):
        chosen[i] = NAN
        if work.classes:
            chosen[i] = element(rows, &run.prediction, i, <Py_ssize_t>label[0 if rows.along else i], like)


# Put a number in the place of each lane, where the tile has it.
cdef inline void put_at(
    const Rows* rows, const double* place, Py_ssize_t step, Py_ssize_t count, double* tile, const double* values
) noexcept nogil:
    cdef Py_ssize_t i, at
    for i in range(1 if rows.along else LANES):
        if place[i] >= 0.0:
            at = <Py_ssize_t>place[i] - step * LANES if rows.along else (<Py_ssize_t>place[i] - step) * LANES + i
            if 0 <= at < count * LANES:
                tile[at] = values[i]


# w_t max(0, margin + max_(k != t) z_k - z_t)**power for the label t, w_t its class weight
#
# Gradient   -w_t power h**(power - 1) at the label and the negative of it at the first highest of the other scores,
#            if h > 0; Hessian w_t power (power - 1) at both
# Limits     no other score -> 0; z_t = inf -> 0
cdef inline void multiclass_hinge_labels(
    const Rows* rows, const RowPass* work, const RowRun* run, real like
) noexcept nogil:
    cdef double x[TILE]
    cdef double label[LANES]
    cdef double weight[LANES]
    cdef double chosen[LANES]
    cdef double best[LANES]
    cdef double place[LANES]
    cdef double poison[LANES]
    cdef double value[LANES]
    cdef double slope[LANES]
    cdef double fall[LANES]
    cdef double h, low, margin = work.parameter[0], power = work.parameter[1]
    cdef Py_ssize_t i, k, count, step = 0
    load_labels(rows, work, <RowRun*>run, label, weight)
    load_chosen(rows, work, run, label, chosen, like)
    best_other(rows, run, label, x, best, place, poison, like)
    for i in range(LANES):
        h = excess(margin, best[i], chosen[i], &low)
        h = (0.0 if place[i] < 0.0 else h) + poison[i]
        value[i] = powered(h, low, power)
        value[i] = propagate_nan(h, 0.0) if weight[i] == 0.0 else weight[i] * value[i]
        slope[i] = powered_curvature(h, power) if work.wanted == HESSIAN else powered_slope(h, power)
        slope[i] = propagate_nan(h, 0.0) if weight[i] == 0.0 else weight[i] * slope[i]
        fall[i] = slope[i] if work.wanted == HESSIAN else 0.0 - slope[i]
    if work.values != NULL:
        store_values(rows, work, run, value)
    if work.gradient.data == NULL:
        return
    while step < rows.steps:
        count = depth(rows, step)
        for k in range(count):
            for i in range(LANES):
                x[k * LANES + i] = poison[i]
        put_at(rows, place, step, count, x, slope)
        put_at(rows, label, step, count, x, fall)
        store_gradient(rows, work, run, step, count, x, like)
        step += STEPS


# w_t/K sum_(k != t) max(0, margin + z_k - z_t)**power
#
# Gradient   w_t/K power h_k**(power - 1) at every other score with h_k > 0, and minus their sum at the label;
#            Hessian the same with power (power - 1), and their sum at the label
cdef inline void multiclass_hinge_sum_labels(
    const Rows* rows, const RowPass* work, const RowRun* run, real like
) noexcept nogil:
    cdef double x[TILE]
    cdef double e[TILE]
    cdef double label[LANES]
    cdef double weight[LANES]
    cdef double chosen[LANES]
    cdef double value[LANES]
    cdef double fall[LANES]
    cdef double rest[LANES]
    cdef Sums terms, slopes
    cdef double margin = work.parameter[0], power = work.parameter[1], classes = <double>work.classes
    cdef Py_ssize_t i, k, count, step = 0
    load_labels(rows, work, <RowRun*>run, label, weight)
    load_chosen(rows, work, run, label, chosen, like)
    clear(rows, &terms)
    clear(rows, &slopes)
    while step < rows.steps:
        count = depth(rows, step)
        load(rows, &run.prediction, step, count, x, -INFINITY, like)
        excesses(rows, work, label, chosen, step, count, x, e, margin, power, False)
        accumulate(rows, e, step, count, &terms, <double>0)
        if work.gradient.data != NULL:
            excesses(rows, work, label, chosen, step, count, x, e, margin, power, True)
            accumulate(rows, e, step, count, &slopes, <double>0)
        step += STEPS
    total(rows, &terms, value, rest)
    for i in range(LANES):
        # where the sum is infinite, its low part is NaN
        value[i] = value[i] + (rest[i] if value[i] - value[i] == 0.0 else 0.0)
        value[i] = propagate_nan(value[i], 0.0) if weight[i] == 0.0 else value[i] * weight[i] / classes
        weight[i] = weight[i] / classes
    if work.values != NULL:
        store_values(rows, work, run, value)
    if work.gradient.data == NULL:
        return
    total(rows, &slopes, fall, rest)
    for i in range(LANES):
        fall[i] = fall[i] + (rest[i] if fall[i] - fall[i] == 0.0 else 0.0)
        fall[i] = propagate_nan(fall[i], 0.0) if weight[i] == 0.0 else fall[i] * weight[i]
        fall[i] = fall[i] if work.wanted == HESSIAN else 0.0 - fall[i]
    step = 0
    while step < rows.steps:
        count = depth(rows, step)
        if rows.steps > STEPS:
            load(rows, &run.prediction, step, count, x, -INFINITY, like)
            excesses(rows, work, label, chosen, step, count, x, e, margin, power, True)
        for k in range(count):
            for i in range(LANES):
                e[k * LANES + i] = propagate_nan(
                    fall[i], propagate_nan(e[k * LANES + i], 0.0) if weight[i] == 0.0 else e[k * LANES + i] * weight[i])
        put_at(rows, label, step, count, e, fall)
        store_gradient(rows, work, run, step, count, e, like)
        step += STEPS


cdef inline void excesses(
    const Rows* rows, const RowPass* work, const double* label, const double* chosen, Py_ssize_t step,
    Py_ssize_t count, const double* x, double* e, double margin, double power, bint derivative
) noexcept nogil:
    """h**power of each other score, or its derivative that is wanted; 0 for the label."""
    cdef Py_ssize_t i, k
    cdef double number, h, low, first
    cdef bint curved = work.wanted == HESSIAN
    for k in range(count):
        first = <double>((step + k) * LANES if rows.along else step + k)
        for i in range(LANES):
            number = first + (<double>i if rows.along else 0.0)
            h = excess(margin, x[k * LANES + i], chosen[i], &low)
            if derivative:
                h = powered_curvature(h, power) if curved else powered_slope(h, power)
            else:
                h = powered(h, low, power)
            h = 0.0 if number == label[i] else h
            e[k * LANES + i] = 0.0 if number >= <double>rows.size else h


cdef void multiclass_hinge_labels_float(const Rows* rows, const RowPass* work, const RowRun* run) noexcept nogil:
    multiclass_hinge_labels(rows, work, run, <float>0)


cdef void multiclass_hinge_labels_double(const Rows* rows, const RowPass* work, const RowRun* run) noexcept nogil:
    multiclass_hinge_labels(rows, work, run, <double>0)


cdef void multiclass_hinge_sum_labels_float(const Rows* rows, const RowPass* work, const RowRun* run) noexcept nogil:
    multiclass_hinge_sum_labels(rows, work, run, <float>0)


cdef void multiclass_hinge_sum_labels_double(const Rows* rows, const RowPass* work, const RowRun* run) noexcept nogil:
    multiclass_hinge_sum_labels(rows, work, run, <double>0)


# Whether class k is a label of the row of each lane (1 or 0), and its score; whether it is one in any lane.
cdef inline bint load_class(
    const Rows* rows, const RowPass* work, const RowRun* run, Py_ssize_t k, double* label, double* score, real like
) noexcept nogil:
    cdef Py_ssize_t i, row
    cdef bint any_lane = False
    for i in range(LANES):
        row = 0 if rows.along or i >= rows.rows else i
        score[i] = element(rows, &run.prediction, i, k, like)
        if work.labels != NULL:
            label[i] = 1.0 if work.labels[run.first + rows.first + row] == k else 0.0
        elif work.target_single:
            label[i] = element(rows, &run.target, i, k, <float>0)
        else:
            label[i] = element(rows, &run.target, i, k, <double>0)
        any_lane = any_lane or label[i] != 0.0
    return any_lane


# max(0, 1 + (x - target)); for float32, which needs no more, with two roundings
cdef inline double unit_excess(double x, double target, real like) noexcept nogil:
    cdef double low, gap
    if real is float:
        gap = two_sum(x, -target, &low)
        low = low if fabs(gap) < 1e300 else 0.0
        gap = 1.0 + (0.0 if x == target else gap) + low
        return 0.0 if gap < 0.0 else gap
    else:
        return excess(1.0, x, target, &low)


# The loss multilabel_margin of rows of at most STEPS classes, which lie in one tile: each pair is looked at once, for
# value and gradient.
cdef inline void multilabel_margin_tile(
    const Rows* rows, const RowPass* work, const RowRun* run, real like
) noexcept nogil:
    cdef double x[TILE]
    cdef double t[TILE]
    cdef double e[TILE]
    cdef double high[LANES]
    cdef double low[LANES]
    cdef double fall[LANES]
    cdef double poison[LANES]
    cdef double h, lost, classes = <double>work.classes
    cdef Py_ssize_t i, j, k, other, count = rows.steps
    load(rows, &run.prediction, 0, count, x, -INFINITY, like)
    load_plain_shares(rows, work, <RowRun*>run, 0, count, t)
    for i in range(LANES):
        high[i] = 0.0
        low[i] = 0.0
        poison[i] = 0.0
    for k in range(count):
        for i in range(LANES):
            poison[i] = poison[i] if x[k * LANES + i] == x[k * LANES + i] else NAN
            e[k * LANES + i] = 0.0
    for other in range(count):
        for i in range(LANES):
            fall[i] = 0.0
        for k in range(count):
            for i in range(LANES):
                j = k * LANES + i
                h = unit_excess(x[j], x[other * LANES + i], like)
                h = h if (t[other * LANES + i] != 0.0) & (t[j] == 0.0) else 0.0
                high[i] = two_sum(high[i], h, &lost)
                low[i] += lost
                h = 1.0 if h > 0.0 else 0.0
                e[j] += h
                fall[i] -= h
        for i in range(LANES):
            e[other * LANES + i] += fall[i]
    if work.values != NULL:
        for i in range(LANES):
            # where the sum is infinite, its low part is NaN
            high[i] = (high[i] + (low[i] if high[i] - high[i] == 0.0 else 0.0)) / classes + poison[i]
        store_values(rows, work, run, high)
    if work.gradient.data == NULL:
        return
    for k in range(count):
        for i in range(LANES):
            e[k * LANES + i] = (0.0 if work.wanted == HESSIAN else e[k * LANES + i]) / classes + poison[i]
    store_gradient(rows, work, run, 0, count, e, like)


# 1/K sum over the labels y of a row and the classes i that are none of max(0, 1 + z_i - z_y)
#
# Gradient   1/K times the number of labels that a class which is none comes too near to; minus 1/K times the number of
#            such classes at a label
cdef inline void multilabel_margin_shares(
    const Rows* rows, const RowPass* work, const RowRun* run, real like
) noexcept nogil:
    cdef double x[TILE]
    cdef double t[TILE]
    cdef double e[TILE]
    cdef double label[LANES]
    cdef double score[LANES]
    cdef double poison[LANES]
    cdef double value[LANES]
    cdef double rest[LANES]
    cdef Sums terms
    cdef double h, low, classes = <double>work.classes
    cdef Py_ssize_t i, j, k, count, other, step = 0
    cdef bint lower
    if rows.steps <= STEPS and not rows.along:
        multilabel_margin_tile(rows, work, run, like)
        return
    clear(rows, &terms)
    for i in range(LANES):
        poison[i] = 0.0
    while step < rows.steps:
        count = depth(rows, step)
        load(rows, &run.prediction, step, count, x, -INFINITY, like)
        load_plain_shares(rows, work, <RowRun*>run, step, count, t)
        for k in range(count):
            for i in range(LANES):
                poison[i] = poison[i] if x[k * LANES + i] == x[k * LANES + i] else NAN
        if work.values != NULL:
            for other in range(rows.size):
                if not load_class(rows, work, run, other, label, score, like):
                    continue
                for k in range(count):
                    for i in range(LANES):
                        h = excess(1.0, x[k * LANES + i], score[i], &low)
                        e[k * LANES + i] = h if (label[i] != 0.0) & (t[k * LANES + i] == 0.0) else 0.0
                blank(rows, step, count, e)
                accumulate(rows, e, step, count, &terms, <double>0)
        step += STEPS
    if rows.along:
        for i in range(1, LANES):
            poison[0] += poison[i]
        for i in range(1, LANES):
            poison[i] = poison[0]
    if work.values != NULL:
        total(rows, &terms, value, rest)
        for i in range(LANES):
            # where the sum is infinite, its low part is NaN
            value[i] = (value[i] + (rest[i] if value[i] - value[i] == 0.0 else 0.0)) / classes + poison[i]
        store_values(rows, work, run, value)
    if work.gradient.data == NULL:
        return
    step = 0
    while step < rows.steps:
        count = depth(rows, step)
        if rows.steps > STEPS:
            load(rows, &run.prediction, step, count, x, -INFINITY, like)
            load_plain_shares(rows, work, <RowRun*>run, step, count, t)
        for k in range(count):
            for i in range(LANES):
                e[k * LANES + i] = poison[i]
        for other in range(0 if work.wanted == HESSIAN else rows.size):
            load_class(rows, work, run, other, label, score, like)
            for k in range(count):
                for i in range(LANES):
                    j = k * LANES + i
                    lower = t[j] == 0.0
                    h = excess(1.0, x[j] if lower else score[i], score[i] if lower else x[j], &low)
                    h = (1.0 if lower else -1.0) if h > 0.0 else 0.0
                    e[j] += h if t[j] != label[i] else 0.0
        for j in range(count * LANES):
            e[j] = e[j] / classes
        store_gradient(rows, work, run, step, count, e, like)
        step += STEPS


cdef void multilabel_margin_shares_float(const Rows* rows, const RowPass* work, const RowRun* run) noexcept nogil:
    multilabel_margin_shares(rows, work, run, <float>0)


cdef void multilabel_margin_shares_double(const Rows* rows, const RowPass* work, const RowRun* run) noexcept nogil:
    multilabel_margin_shares(rows, work, run, <double>0)
