# Rows of logits: the softmax of a row with all that the losses of it need, and no difference that cancels.

from .loss_rows cimport RowRun, Rows
from .primitives cimport INFINITY, NAN, log1p, madd, real
from .row_primitives cimport (
    LANES, STEPS, Sums, accumulate_others, blank, clear, depth, difference, exponentials, load, reciprocal_beside_one,
    row_maximum, total_of_others)

ctypedef fused precise:
    float
    double


# With m the largest logit, s is the sum of exp(z_k - m) over all k but one with z_k = m (row_primitives.pxd).
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


cdef inline double share(const Softmax* row, Py_ssize_t i, double e) noexcept nogil:
    """The probability whose exponential is e."""
    return madd(e, row.reciprocal[i], e * row.reciprocal_low[i])


cdef inline double other_shares(const Softmax* row, Py_ssize_t i, double x, double p) noexcept nogil:
    """1 - p, for the probability p of the entry x"""
    return row.complement[i] if x == row.maximum[i] else 1.0 - p


cdef inline double curvature(const Softmax* row, Py_ssize_t i, double x, double e, double weight) noexcept nogil:
    cdef double p = share(row, i, e)
    return p * other_shares(row, i, x, p) * weight
