# Functions along an axis: softmax, softmin, their kin, hardmax, maxout, and what backpropagation needs of them.
#
# A kernel works on a block of rows (row_primitives.pxd). All begin alike: m the largest entry of a row, k its
# place, e_i = exp((x_i - m)/T), and s the sum of e_i over i != k; so 1 + s is the denominator, and s keeps its
# digits where it is far below 1. The e_i stay in the block's `kept` tiles from the pass that sums them to the pass that
# writes the result; for rows too long for that they are computed once more. A negative temperature is that of softmin,
# which is softmax of the negatives: m is the smallest entry then, and tiles hold -x_i.
#
# References: Blanchard, Higham, Higham (2021), Accurately computing the log-sum-exp and softmax functions,
# IMA J. Numer. Anal. 41; the forms that leave k out of every sum go further than theirs.

cimport numpy as cnp
from libc.math cimport fabs

from .loops cimport prefetch
from .primitives cimport INFINITY, NAN, exp, expm1, fused, log, log1p, madd, propagate_nan, real, two_sum
from .row_loops cimport row_ufunc
from .row_primitives cimport (
    LANES, STEPS, TILE, Block, Operand, Sums, accumulate, accumulate_fractions, accumulate_others, ahead, blank, clear,
    depth, difference, exponentials, exponentials_in_memory, keeps, kept_tile, larger, lies_as_a_tile, load, load_lanes,
    negate, others_in_memory, pick, put, reciprocal, reciprocal_beside_one, row_extreme, row_first_extreme,
    row_first_maximum, scaled_difference, smaller, spread_maximum, start_from_one, step_in_memory, store, store_at,
    store_lanes, tiles, total, total_of_fractions, total_of_others, whole_steps, whole_steps_of_both, widen)

cnp.import_array()
cnp.import_ufunc()

# What lies in memory, or in a tile
ctypedef fused stored:
    float
    double

# What a block kernel keeps of its rows
cdef struct Rows:
    double maximum[LANES]
    double temperature[LANES]       # without its sign
    bint scaled                     # some temperature is not 1
    bint mirrored                   # the temperatures are negative
    bint narrow
    bint held                       # a tile holds the entries since the maxima were found


cdef inline void read_temperature(const Block* block, const Operand* temperature, Rows* rows) noexcept nogil:
    cdef Py_ssize_t i
    cdef int ones = 0
    load_lanes(block, temperature, rows.temperature, <double>0.0)
    rows.mirrored = rows.temperature[0] < 0.0
    for i in range(LANES):
        rows.temperature[i] = fabs(rows.temperature[i])
        ones += rows.temperature[i] == 1.0
    rows.scaled = ones < LANES


# Finds the maxima. Of a block of a single tile, x holds the entries (or their negatives) afterwards, unless they lie in
# memory as a tile does.
cdef inline void prepare(
    const Block* block, const Operand* entries, const Operand* temperature, Rows* rows, double* x, real like
) noexcept nogil:
    read_temperature(block, temperature, rows)
    rows.held = block.steps <= STEPS and not (
        lies_as_a_tile(block, entries, like) and (block.along or block.rows == LANES))
    rows.narrow = row_extreme(block, entries, x, rows.held, rows.maximum, rows.mirrored, like)


# The entries of a tile, or their negatives, unless x holds them already
cdef inline void load_again(
    const Block* block, const Operand* entries, const Rows* rows, Py_ssize_t step, Py_ssize_t count, double* x,
    real like
) noexcept nogil:
    if not rows.held:
        load(block, entries, step, count, x, NAN, like)
        if rows.mirrored:
            negate(count, x)


# The exponentials of the tile that begins with `step`
cdef inline double* fill(
    const Block* block, const Operand* entries, Rows* rows, Py_ssize_t step, Py_ssize_t count, double* x, real like
) noexcept nogil:
    cdef double* e = kept_tile(block, step)
    cdef Py_ssize_t whole = 0
    if rows.narrow and not rows.scaled and not rows.held:
        whole = whole_steps(block, entries, step, count, like)
        exponentials_in_memory(
            block, entries, step, whole, rows.maximum, -1.0 if rows.mirrored else 1.0, e, NULL, like)
    if whole < count:
        load_again(block, entries, rows, step + whole, count - whole, x, like)
        exponentials(
            x, count - whole, rows.maximum, rows.temperature if rows.scaled else NULL, rows.narrow,
            e + whole * LANES, like)
        blank(block, step, count, e)
    return e


# The same in a later pass
cdef inline double* filled_again(
    const Block* block, const Operand* entries, Rows* rows, Py_ssize_t step, Py_ssize_t count, double* x, real like
) noexcept nogil:
    return kept_tile(block, step) if keeps(block) else fill(block, entries, rows, step, count, x, like)


# The exponentials `e` of the tile that begins with `step`, added to the sums; for float64 these started from 1
cdef inline void fill_and_sum(
    const Block* block, const Operand* entries, Rows* rows, Py_ssize_t step, Py_ssize_t count, double* x, double* e,
    Sums* sums, real like
) noexcept nogil:
    cdef Py_ssize_t whole = 0
    if rows.narrow and not rows.scaled and not rows.held:
        whole = whole_steps(block, entries, step, count, like)
        exponentials_in_memory(
            block, entries, step, whole, rows.maximum, -1.0 if rows.mirrored else 1.0, e, sums, like)
    if whole < count:
        e = e + whole * LANES
        load_again(block, entries, rows, step + whole, count - whole, x, like)
        exponentials(
            x, count - whole, rows.maximum, rows.temperature if rows.scaled else NULL, rows.narrow, e, like)
        blank(block, step + whole, count - whole, e)
        accumulate_fractions(block, e, step + whole, count - whole, sums, like)


# e_i (high + low), to memory
cdef inline void store_products(
    const Block* block, const Operand* target, Py_ssize_t step, Py_ssize_t count, const double* e, const double* high,
    const double* low, real like
) noexcept nogil:
    cdef double p[TILE]
    cdef double factor[LANES]
    cdef double rest[LANES]
    cdef real* results
    cdef Py_ssize_t k, i, whole = whole_steps(block, target, step, count, like)
    for i in range(LANES):
        factor[i] = high[i]
        rest[i] = low[i]
    for k in range(whole):
        results = <real*>step_in_memory(block, target, step + k)
        prefetch(<char*>results + ahead(block, target))
        for i in range(LANES):
            if real is float:
                results[i] = <real>(e[k * LANES + i] * factor[i])
            else:
                results[i] = madd(e[k * LANES + i], factor[i], e[k * LANES + i] * rest[i])
    if whole == count:
        return
    for k in range(whole, count):
        for i in range(LANES):
            if real is float:
                p[k * LANES + i] = e[k * LANES + i] * factor[i]
            else:
                p[k * LANES + i] = madd(e[k * LANES + i], factor[i], e[k * LANES + i] * rest[i])
    store(block, target, step + whole, count - whole, p + whole * LANES, like)


# p_i = e_i/(1 + s)
#
# Method   Here 1 + s is the sum of all e_i.
# Limits   entries at +inf share; all -inf -> NaN
cdef inline void softmax_rows(const Block* block, const Operand* operands, real like) noexcept nogil:
    cdef double x[TILE]
    cdef double* e
    cdef Rows rows
    cdef Sums sums
    cdef Py_ssize_t chunk, step, count, i
    cdef double high[LANES]
    cdef double low[LANES]
    prepare(block, &operands[0], &operands[1], &rows, x, like)
    start_from_one(block, &sums)
    for chunk in range(tiles(block)):
        step = chunk * STEPS
        count = depth(block, step)
        fill_and_sum(block, &operands[0], &rows, step, count, x, kept_tile(block, step), &sums, like)
    total_of_fractions(block, &sums, high, low)
    for i in range(LANES):
        high[i] = reciprocal(high[i], low[i], &low[i])
        high[i] = NAN if rows.maximum[i] == -INFINITY else high[i]
    for chunk in range(tiles(block)):
        step = chunk * STEPS
        count = depth(block, step)
        e = filled_again(block, &operands[0], &rows, step, count, x, like)
        store_products(block, &operands[2], step, count, e, high, low, like)


# The smallest s for which the sum of all e_i less 1 has the digits of s
#
# Method   float32, in double: of rows of K entries, K/16 are added to the part that holds the 1 and are rounded to
#          2**-53 each; 2**-27 of s is allowed. float64: the rounding errors, at most 2**-53 each, are added up by parts
#          that start from 1 and are rounded themselves, in all by no more than (K 2**-55)**2; 2**-55 of s is allowed.
cdef inline double least_of_all(const Block* block, real like) noexcept nogil:
    cdef double size = <double>block.size
    cdef double least = size * 9.313225746154785e-10 if real is float else size * size * 2.7755575615628914e-17
    return least if least > 9.5367431640625e-07 else 9.5367431640625e-07


# s, for the functions that need more of it than 1 + s. `again`: the exponentials are wanted afterwards.
#
# Method   The sum of all e_i less 1, where that has the digits; else a sum of its own.
cdef inline void sum_others(
    const Block* block, const Operand* entries, Rows* rows, double* x, bint again, double* high, double* low, real like
) noexcept nogil:
    cdef Py_ssize_t chunk, step, i
    cdef Sums sums
    cdef double all_high[LANES]
    cdef double all_low[LANES]
    cdef double least = least_of_all(block, like)
    cdef int small = 0
    if real is float:
        clear(block, &sums)
    else:
        start_from_one(block, &sums)
    for chunk in range(tiles(block)):
        step = chunk * STEPS
        fill_and_sum(
            block, entries, rows, step, depth(block, step), x,
            kept_tile(block, step) if again else block.kept, &sums, like)
    if real is float:
        total(block, &sums, all_high, all_low)
    else:
        total_of_fractions(block, &sums, all_high, all_low)
    for i in range(LANES):
        all_high[i] = two_sum(all_high[i] - 1.0, all_low[i], &all_low[i])
        small += all_high[i] < least
    if small:
        sum_others_apart(block, entries, rows, x, again, high, low, like, like)
    for i in range(LANES):
        high[i] = high[i] if all_high[i] < least else all_high[i]
        low[i] = low[i] if all_high[i] < least else all_low[i]


# The same by a sum without the e_i that are 1, from exponentials with as many digits as `digits` has.
cdef inline void sum_others_apart(
    const Block* block, const Operand* entries, Rows* rows, double* x, bint again, double* high, double* low,
    real like, stored digits
) noexcept nogil:
    cdef Py_ssize_t chunk, step, count, i, whole
    cdef double* e
    cdef Sums sums
    cdef double ones[LANES]
    cdef bint in_memory = rows.narrow and not rows.scaled and not rows.held and sizeof(real) == sizeof(stored)
    clear(block, &sums)
    for i in range(LANES):
        ones[i] = 0.0
    for chunk in range(tiles(block)):
        step = chunk * STEPS
        count = depth(block, step)
        e = kept_tile(block, step) if again else block.kept
        whole = 0
        if in_memory:
            whole = whole_steps(block, entries, step, count, like)
            others_in_memory(
                block, entries, step, whole, rows.maximum, -1.0 if rows.mirrored else 1.0, e, &sums, ones, like)
        if whole < count:
            e = e + whole * LANES
            load_again(block, entries, rows, step + whole, count - whole, x, like)
            exponentials(
                x, count - whole, rows.maximum, rows.temperature if rows.scaled else NULL, rows.narrow, e, digits)
            blank(block, step + whole, count - whole, e)
            accumulate_others(block, e, step + whole, count - whole, &sums, ones, digits)
    total_of_others(block, &sums, ones, high, low)
    for i in range(LANES):
        high[i] = two_sum(high[i], low[i], &low[i])


# log p_i = (x_i - m)/T - log(1 + s), and -log(1 + s) where x_i = m
#
# Method   Both terms are negative or zero: nothing cancels, and log1p keeps a small s. float64: m + log(1 + s) is a sum
#          of two doubles, the same for the whole row.
# Limits   entries at +inf share; all -inf -> NaN
cdef inline void log_softmax_rows(const Block* block, const Operand* operands, real like) noexcept nogil:
    cdef double x[TILE]
    cdef Rows rows
    cdef Py_ssize_t chunk, step, count, whole, k, i
    cdef const real* entries
    cdef real* results
    cdef double others[LANES]
    cdef double logarithm[LANES]
    cdef double rate[LANES]
    cdef double log_sum[LANES]
    cdef double rest[LANES]
    cdef double maximum[LANES]
    cdef double d, low
    prepare(block, &operands[0], &operands[1], &rows, x, like)
    sum_others(block, &operands[0], &rows, x, False, others, rest, like)
    for i in range(LANES):
        maximum[i] = rows.maximum[i]
        logarithm[i] = log1p(others[i], like)
        logarithm[i] = NAN if maximum[i] == -INFINITY else logarithm[i]
        log_sum[i] = two_sum(maximum[i], logarithm[i], &rest[i])
        rest[i] = rest[i] if fabs(log_sum[i]) < INFINITY else 0.0
    if rows.scaled:
        for i in range(LANES):
            rate[i] = 1.0 / rows.temperature[i]
    for chunk in range(tiles(block)):
        step = chunk * STEPS
        count = depth(block, step)
        whole = 0
        if rows.narrow and not rows.scaled and not rows.held:
            whole = whole_steps_of_both(block, &operands[0], &operands[2], step, count, like)
        for k in range(whole):
            entries = <const real*>step_in_memory(block, &operands[0], step + k)
            results = <real*>step_in_memory(block, &operands[2], step + k)
            prefetch(<char*>results + ahead(block, &operands[2]))
            for i in range(LANES):
                if real is float:
                    results[i] = <real>((entries[i] - maximum[i]) - logarithm[i])
                else:
                    d = two_sum(entries[i], -log_sum[i], &low)
                    results[i] = d + (low - rest[i])
        if whole < count:
            load_again(block, &operands[0], &rows, step + whole, count - whole, x, like)
            log_probabilities(count - whole, &rows, logarithm, log_sum, rest, rate, x, like)
            store(block, &operands[2], step + whole, count - whole, x, like)


# (x_i - m)/T - logarithm in place of the x_i of a tile; `log_sum` and `rest` are m + logarithm without rounding
cdef inline void log_probabilities(
    Py_ssize_t count, const Rows* rows, const double* logarithm, const double* log_sum, const double* rest,
    const double* rate, double* x, real like
) noexcept nogil:
    cdef Py_ssize_t k, i
    cdef double d, low, error
    if rows.scaled:
        for k in range(count):
            for i in range(LANES):
                d = scaled_difference(x[k * LANES + i], rows.maximum[i], rows.temperature[i], rate[i], &low, like)
                d = two_sum(d, -logarithm[i], &error)
                x[k * LANES + i] = d + (error + low) if d > -INFINITY else d
    else:
        for k in range(count):
            for i in range(LANES):
                if real is float:
                    x[k * LANES + i] = difference(x[k * LANES + i], rows.maximum[i], &low, like) - logarithm[i]
                else:
                    d = two_sum(x[k * LANES + i], -log_sum[i], &low)
                    d = d + (low - rest[i]) if d > -INFINITY else d
                    x[k * LANES + i] = 0.0 - logarithm[i] if x[k * LANES + i] == rows.maximum[i] else d


# log(sum of exp(x_i)) = m + log(1 + s)
#
# Method   Where the two terms nearly cancel, a float32 result has more digits than exponentials of 30 bits give: for
#          |result| < |m|/16 they are computed again in double.
# Limits   no entry or all -inf -> -inf, +inf -> +inf
cdef inline void logsumexp_rows(const Block* block, const Operand* operands, real like) noexcept nogil:
    cdef double x[TILE]
    cdef Rows rows
    cdef Py_ssize_t i
    cdef double others[LANES]
    cdef double low[LANES]
    cdef double result[LANES]
    cdef int cancelled = 0
    prepare(block, &operands[0], &operands[1], &rows, x, like)
    sum_others(block, &operands[0], &rows, x, False, others, low, like)
    for i in range(LANES):
        result[i] = rows.maximum[i] + log1p(others[i], like)
        cancelled += fabs(result[i]) < -0.0625 * rows.maximum[i]
    if real is float and cancelled:
        sum_others_apart(block, &operands[0], &rows, x, False, others, low, like, <double>0.0)
        for i in range(LANES):
            if fabs(result[i]) < -0.0625 * rows.maximum[i]:
                result[i] = rows.maximum[i] + log1p(others[i], <double>0.0)
    store_lanes(block, &operands[2], result, like)


# The sum of w_i e_i, as a sum of two doubles; the tiles that are kept hold these products.
cdef inline void sum_weighted(
    const Block* block, const Operand* entries, const Operand* weights, Rows* rows, double* x, double* high,
    double* low, real like
) noexcept nogil:
    cdef Py_ssize_t chunk, step, count
    cdef Sums sums
    cdef double* e
    clear(block, &sums)
    for chunk in range(tiles(block)):
        step = chunk * STEPS
        count = depth(block, step)
        e = fill(block, entries, rows, step, count, x, like)
        weigh(block, weights, step, count, e, like)
        accumulate(block, e, step, count, &sums, like)
    total(block, &sums, high, low)


cdef inline void weigh(
    const Block* block, const Operand* weights, Py_ssize_t step, Py_ssize_t count, double* e, real like
) noexcept nogil:
    cdef double w[TILE]
    cdef Py_ssize_t j
    load(block, weights, step, count, w, 0.0, like)
    for j in range(count * LANES):
        e[j] = e[j] * w[j]


# log(sum of w_i exp(x_i)) = m + log(sum of w_i e_i). Entries without weight come as -inf.
cdef inline void logsumexp_weighted_rows(const Block* block, const Operand* operands, real like) noexcept nogil:
    cdef double x[TILE]
    cdef Rows rows
    cdef Py_ssize_t i
    cdef double high[LANES]
    cdef double low[LANES]
    prepare(block, &operands[0], &operands[2], &rows, x, like)
    sum_weighted(block, &operands[0], &operands[1], &rows, x, high, low, like)
    for i in range(LANES):
        low[i] = log(high[i], like) + (low[i] / high[i] if high[i] > 0.0 else 0.0)
        high[i] = -INFINITY if rows.maximum[i] == -INFINITY and low[i] == low[i] else rows.maximum[i] + low[i]
    store_lanes(block, &operands[3], high, like)


# 1 at the first largest entry, else 0
cdef inline void hardmax_rows(const Block* block, const Operand* operands, real like) noexcept nogil:
    cdef double x[TILE]
    cdef Py_ssize_t chunk, step, count, k, i
    cdef double maximum[LANES]
    cdef double bottom[LANES]
    cdef Py_ssize_t at[LANES]
    cdef double poison[LANES]
    cdef double one[LANES]
    row_first_maximum(block, &operands[0], x, maximum, bottom, at, poison, like)
    for i in range(LANES):
        one[i] = 1.0 + poison[i]
    for chunk in range(tiles(block)):
        step = chunk * STEPS
        count = depth(block, step)
        for k in range(count):
            for i in range(LANES):
                x[k * LANES + i] = poison[i]
        put(block, at, step, count, x, one)
        store(block, &operands[1], step, count, x, like)


# The largest entry, the first of several, which matters for zeros
#
# Method   Rows of few entries, and columns, entry by entry: maxout_fold. Long rows sixteen entries at a time.
cdef inline void maxout_fold(real* result, const real* top, const real* x, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        result[i] = x[i] if (x[i] > top[i]) | (x[i] != x[i]) else top[i]


cdef void maxout_fold_float(char* result, const char* top, const char* x, Py_ssize_t n) noexcept nogil:
    maxout_fold(<float*>result, <const float*>top, <const float*>x, n)


cdef void maxout_fold_double(char* result, const char* top, const char* x, Py_ssize_t n) noexcept nogil:
    maxout_fold(<double*>result, <const double*>top, <const double*>x, n)


cdef inline void maxout_rows(const Block* block, const Operand* operands, real like) noexcept nogil:
    cdef double x[TILE]
    cdef Py_ssize_t chunk, step, i
    cdef double maximum[LANES]
    cdef double bottom[LANES]
    cdef Py_ssize_t at[LANES]
    cdef double poison[LANES]
    if block.along:  # sixteen entries at a time, which do not come in their order
        row_first_maximum(block, &operands[0], x, maximum, bottom, at, poison, like)
        pick(block, &operands[0], at, maximum, like)
    else:
        for i in range(LANES):
            maximum[i] = -INFINITY
            bottom[i] = INFINITY
            poison[i] = 0.0
        for chunk in range(tiles(block)):
            step = chunk * STEPS
            widen(block, &operands[0], step, depth(block, step), x, False, maximum, bottom, poison, like)
    for i in range(LANES):
        maximum[i] = propagate_nan(poison[i], maximum[i])
    store_lanes(block, &operands[1], maximum, like)


# ------------------------------------------------------------------------------------------------- derivatives

# g, the upstream gradient of the largest entry, at the first largest entry, else 0; NaN where the row has one
cdef inline void maxout_backward_rows(const Block* block, const Operand* operands, real like) noexcept nogil:
    cdef double x[TILE]
    cdef Py_ssize_t chunk, step, count, k, i
    cdef double maximum[LANES]
    cdef double bottom[LANES]
    cdef Py_ssize_t at[LANES]
    cdef double poison[LANES]
    cdef double upstream[LANES]
    row_first_maximum(block, &operands[1], x, maximum, bottom, at, poison, like)
    load_lanes(block, &operands[0], upstream, like)
    for i in range(LANES):
        upstream[i] = propagate_nan(poison[i], upstream[i])
    for chunk in range(tiles(block)):
        step = chunk * STEPS
        count = depth(block, step)
        for k in range(count):
            for i in range(LANES):
                x[k * LANES + i] = poison[i]
        put(block, at, step, count, x, upstream)
        store(block, &operands[2], step, count, x, like)


# What is subtracted from the g_i so that no common offset is left to cancel: of the g_i that count (where x_i > floor)
# the one nearest to 0 if all have one sign, else 0. Of a one-hot g it leaves every digit.
cdef inline void common_offset(
    const Block* block, const Operand* upstream, const Operand* entries, const Rows* rows, const double* bottom,
    double floor, double* x, double* g, double* offset, real like
) noexcept nogil:
    cdef Py_ssize_t chunk, step, count, k, i
    cdef bint all_count = True
    cdef double most[LANES]
    cdef double least[LANES]
    cdef double unused[LANES]
    for i in range(LANES):
        most[i] = -INFINITY
        least[i] = INFINITY
        unused[i] = 0.0
        all_count = all_count and bottom[i] > floor
    for chunk in range(tiles(block)):
        step = chunk * STEPS
        count = depth(block, step)
        if all_count:
            widen(block, upstream, step, count, g, False, most, least, unused, like)
            continue
        load(block, upstream, step, count, g, NAN, like)
        load_again(block, entries, rows, step, count, x, like)
        for k in range(count):
            for i in range(LANES):
                g[k * LANES + i] = g[k * LANES + i] if x[k * LANES + i] > floor else NAN
                most[i] = larger(g[k * LANES + i], most[i])
                least[i] = smaller(g[k * LANES + i], least[i])
    for i in range(LANES):
        least[i] = -least[i]
    spread_maximum(block, most)
    spread_maximum(block, least)
    for i in range(LANES):
        offset[i] = -least[i] if least[i] < 0.0 else (most[i] if most[i] < 0.0 else 0.0)
        offset[i] = offset[i] if fabs(offset[i]) < INFINITY else 0.0


# p_i/T (g_i - sum of p_j g_j), for upstream g; softmax has the Jacobian (diag(p) - p p')/T, softmin minus that
#
# Method   d_i = g_i - o with the common offset o, and p_i (d_i - (M + e_k d_k)/(1 + s)) with M the sum of e_j d_j over
#          j != k. For k, where p_k is near 1: p_k (d_k s - M)/(1 + s), which has no 1 - p_k.
# From the output y the e_j are y_j, and their sum is 1.
cdef inline void softmax_backward_rows(
    const Block* block, const Operand* operands, bint from_output, real like
) noexcept nogil:
    cdef double x[TILE]
    cdef double g[TILE]
    cdef double* e
    cdef const real* upstream
    cdef real* results
    cdef const char* memory
    cdef Py_ssize_t stride
    cdef Rows rows
    cdef Sums sums
    cdef Sums products
    cdef Py_ssize_t chunk, step, count, whole, k, i
    cdef Py_ssize_t at[LANES]
    cdef double bottom[LANES]
    cdef double unused[LANES]
    cdef double offset[LANES]
    cdef double zero[LANES]
    cdef double top[LANES]
    cdef double upstream_top[LANES]
    cdef double others[LANES]
    cdef double others_low[LANES]
    cdef double mean[LANES]
    cdef double mean_low[LANES]
    cdef double of_top[LANES]
    cdef double high[LANES]
    cdef double low[LANES]
    cdef double factor, product, error, second, sign
    read_temperature(block, &operands[2], &rows)
    sign = -1.0 if rows.mirrored else 1.0
    rows.mirrored = rows.mirrored and not from_output
    rows.held = is_held(block, &operands[1], like)
    rows.narrow = row_first_extreme(
        block, &operands[1], x, rows.held, rows.maximum, bottom, at, unused, rows.mirrored, like)
    common_offset(
        block, &operands[0], &operands[1], &rows, bottom, 0.0 if from_output else -INFINITY, x, g, offset, like)
    pick(block, &operands[0], at, upstream_top, like)
    for i in range(LANES):
        zero[i] = 0.0
        upstream_top[i] = upstream_top[i] - offset[i]
    clear(block, &sums)
    clear(block, &products)
    for chunk in range(tiles(block)):
        step = chunk * STEPS
        count = depth(block, step)
        e = backward_tile(block, &operands[1], &rows, from_output, step, count, x, like)
        put(block, at, step, count, e, zero)
        whole = whole_steps_of_both(block, &operands[0], &operands[3], step, count, like)
        memory = step_in_memory(block, &operands[0], step)
        stride = step_in_memory(block, &operands[0], step + 1) - memory
        accumulate_weighted(block, e, memory, stride, step, whole, offset, &sums, &products, like, like)
        if whole < count:
            load(block, &operands[0], step + whole, count - whole, g + whole * LANES, 0.0, like)
            accumulate_weighted(
                block, e + whole * LANES, <char*>(g + whole * LANES), LANES * sizeof(double), step + whole,
                count - whole, offset, &sums, &products, <double>0.0, like)
    total(block, &sums, others, others_low)
    total(block, &products, mean, mean_low)
    for i in range(LANES):
        if from_output:
            top[i] = rows.maximum[i]
            high[i] = 1.0
            low[i] = 0.0
        else:
            top[i] = 1.0
            high[i] = reciprocal_beside_one(others[i], others_low[i], &low[i])
            high[i] = NAN if rows.maximum[i] == -INFINITY else high[i]
        product = upstream_top[i] * others[i]
        of_top[i] = product - mean[i]
        if real is double:
            error = fused(upstream_top[i], others[i], -product) + (upstream_top[i] * others_low[i] - mean_low[i])
            of_top[i] = of_top[i] + error
        of_top[i] = madd(of_top[i], high[i], of_top[i] * low[i])
        product = top[i] * upstream_top[i]
        mean[i] = two_sum(mean[i], product, &second)
        error = mean_low[i] + (second + fused(top[i], upstream_top[i], -product))
        mean[i] = madd(mean[i], high[i], madd(mean[i], low[i], error * high[i]))
        factor = high[i] / rows.temperature[i]
        low[i] = sign * ((fused(-factor, rows.temperature[i], high[i]) + low[i]) / rows.temperature[i])
        high[i] = sign * factor
        of_top[i] = of_top[i] * madd(top[i], high[i], top[i] * low[i])
    for chunk in range(tiles(block)):
        step = chunk * STEPS
        count = depth(block, step)
        e = kept_tile(block, step)
        if not keeps(block):
            backward_tile(block, &operands[1], &rows, from_output, step, count, x, like)
        whole = whole_steps_of_both(block, &operands[0], &operands[3], step, count, like)
        for k in range(whole):
            upstream = <const real*>step_in_memory(block, &operands[0], step + k)
            results = <real*>step_in_memory(block, &operands[3], step + k)
            prefetch(<const char*>upstream + ahead(block, &operands[0]))
            prefetch(<char*>results + ahead(block, &operands[3]))
            for i in range(LANES):
                if real is float:
                    factor = e[k * LANES + i] * high[i]
                else:
                    factor = madd(e[k * LANES + i], high[i], e[k * LANES + i] * low[i])
                results[i] = <real>(factor * ((upstream[i] - offset[i]) - mean[i]))
        if whole < count:
            if block.steps > STEPS:
                load(block, &operands[0], step + whole, count - whole, g + whole * LANES, 0.0, like)
            for k in range(whole, count):
                for i in range(LANES):
                    if real is float:
                        factor = e[k * LANES + i] * high[i]
                    else:
                        factor = madd(e[k * LANES + i], high[i], e[k * LANES + i] * low[i])
                    g[k * LANES + i] = factor * ((g[k * LANES + i] - offset[i]) - mean[i])
            store(block, &operands[3], step + whole, count - whole, g + whole * LANES, like)
    store_at(block, &operands[3], at, of_top, like)


# A tile of exponentials (or probabilities, from the output), 0 where there is no entry
cdef inline double* backward_tile(
    const Block* block, const Operand* entries, Rows* rows, bint from_output, Py_ssize_t step, Py_ssize_t count,
    double* x, real like
) noexcept nogil:
    cdef double* e = kept_tile(block, step)
    if from_output:
        load(block, entries, step, count, e, 0.0, like)
    else:
        fill(block, entries, rows, step, count, x, like)
    return e


# Whether a tile holds the entries since the place of the maximum was found: across, it is found faster there.
cdef inline bint is_held(const Block* block, const Operand* entries, real like) noexcept nogil:
    return block.steps <= STEPS and not (block.along and lies_as_a_tile(block, entries, like))


# Adds the e_i to the sums and e_i (g_i - o) to the products; `stride` bytes lead from the g_i of a step to the next.
cdef inline void accumulate_weighted(
    const Block* block, const double* e, const char* upstream, Py_ssize_t stride, Py_ssize_t step, Py_ssize_t count,
    const double* offset, Sums* sums, Sums* products, stored kind, real like
) noexcept nogil:
    cdef double terms[TILE]
    cdef Py_ssize_t k, i
    cdef const stored* g
    for k in range(count):
        g = <const stored*>(upstream + k * stride)
        for i in range(LANES):
            terms[k * LANES + i] = e[k * LANES + i] * (g[i] - offset[i])
    accumulate(block, e, step, count, sums, like)
    accumulate(block, terms, step, count, products, like)


# (g_i - p_i sum of g_j)/T, for upstream g; log_softmax has the Jacobian (I - 1 p')/T
#
# Method   For k, where p_k is near 1: (g_k s - sum over j != k of g_j)/(1 + s), which has no 1 - p_k.
# From the output y, p_i = exp(y_i) and s/(1 + s) = 1 - p_k = -(exp(y_k) - 1).
cdef inline void log_softmax_backward_rows(
    const Block* block, const Operand* operands, bint from_output, real like
) noexcept nogil:
    cdef double x[TILE]
    cdef double* e
    cdef double g[TILE]
    cdef const real* entries
    cdef real* results
    cdef Rows rows
    cdef Sums sums
    cdef Sums upstream
    cdef Py_ssize_t chunk, step, count, whole, k, i
    cdef Py_ssize_t at[LANES]
    cdef double bottom[LANES]
    cdef double unused[LANES]
    cdef double zero[LANES]
    cdef double upstream_top[LANES]
    cdef double others[LANES]
    cdef double others_low[LANES]
    cdef double top[LANES]
    cdef double rest[LANES]
    cdef double rest_low[LANES]
    cdef double high[LANES]
    cdef double low[LANES]
    cdef double p
    cdef bint scaled
    read_temperature(block, &operands[2], &rows)
    scaled = rows.scaled
    rows.held = is_held(block, &operands[1], like)
    rows.narrow = row_first_extreme(block, &operands[1], x, rows.held, rows.maximum, bottom, at, unused, False, like)
    pick(block, &operands[0], at, upstream_top, like)
    if from_output:
        rows.scaled = False
        rows.narrow = False
        for i in range(LANES):
            others[i] = -expm1(rows.maximum[i], like)
            top[i] = exp(rows.maximum[i], like)
            rows.maximum[i] = 0.0
    for i in range(LANES):
        zero[i] = 0.0
    clear(block, &sums)
    clear(block, &upstream)
    for chunk in range(tiles(block)):
        step = chunk * STEPS
        count = depth(block, step)
        load(block, &operands[0], step, count, g, 0.0, like)
        put(block, at, step, count, g, zero)
        accumulate(block, g, step, count, &upstream, like)
        e = fill(block, &operands[1], &rows, step, count, x, like)
        if not from_output:
            put(block, at, step, count, e, zero)
            accumulate(block, e, step, count, &sums, like)
    total(block, &upstream, rest, rest_low)
    if from_output:
        for i in range(LANES):
            high[i] = 1.0
            low[i] = 0.0
            # g_k (1 - p_k) - p_k times the rest
            others[i] = madd(upstream_top[i], others[i], -(rest[i] + rest_low[i]) * top[i])
    else:
        total(block, &sums, others, others_low)
        for i in range(LANES):
            high[i] = reciprocal_beside_one(others[i], others_low[i], &low[i])
            high[i] = NAN if rows.maximum[i] == -INFINITY else high[i]
            p = upstream_top[i] * others[i]
            others[i] = (p - rest[i]) + (fused(upstream_top[i], others[i], -p) - rest_low[i])
            others[i] = others[i] * high[i]
    for i in range(LANES):
        rest[i] = (upstream_top[i] + rest[i]) + rest_low[i]
        others[i] = others[i] / rows.temperature[i]
    for chunk in range(tiles(block)):
        step = chunk * STEPS
        count = depth(block, step)
        e = filled_again(block, &operands[1], &rows, step, count, x, like)
        whole = 0 if scaled else whole_steps_of_both(block, &operands[0], &operands[3], step, count, like)
        for k in range(whole):
            entries = <const real*>step_in_memory(block, &operands[0], step + k)
            results = <real*>step_in_memory(block, &operands[3], step + k)
            prefetch(<const char*>entries + ahead(block, &operands[0]))
            prefetch(<char*>results + ahead(block, &operands[3]))
            for i in range(LANES):
                p = madd(e[k * LANES + i], high[i], e[k * LANES + i] * low[i])
                results[i] = <real>madd(-p, rest[i], entries[i])
        if whole < count:
            if block.steps > STEPS:
                load(block, &operands[0], step + whole, count - whole, g + whole * LANES, 0.0, like)
            for k in range(whole, count):
                for i in range(LANES):
                    p = madd(e[k * LANES + i], high[i], e[k * LANES + i] * low[i])
                    g[k * LANES + i] = madd(-p, rest[i], g[k * LANES + i])
            if scaled:
                for k in range(count):
                    for i in range(LANES):
                        g[k * LANES + i] = g[k * LANES + i] / rows.temperature[i]
            store(block, &operands[3], step + whole, count - whole, g + whole * LANES, like)
    store_at(block, &operands[3], at, others, like)


# g p_i, for the upstream g of one row; with weights g w_i e_i/(sum of w_j e_j). Rows of -inf have NaN.
cdef inline void logsumexp_backward_rows(
    const Block* block, const Operand* operands, bint weighted, real like
) noexcept nogil:
    cdef double x[TILE]
    cdef double* e
    cdef Rows rows
    cdef Py_ssize_t chunk, step, count, i
    cdef double high[LANES]
    cdef double low[LANES]
    cdef double upstream[LANES]
    cdef double product
    prepare(block, &operands[1], &operands[3] if weighted else &operands[2], &rows, x, like)
    load_lanes(block, &operands[0], upstream, like)
    if weighted:
        sum_weighted(block, &operands[1], &operands[2], &rows, x, high, low, like)
    else:
        sum_others(block, &operands[1], &rows, x, True, high, low, like)
    for i in range(LANES):
        if weighted:
            high[i] = reciprocal(high[i], low[i], &low[i])
        else:
            high[i] = reciprocal_beside_one(high[i], low[i], &low[i])
        product = upstream[i] * high[i]
        low[i] = fused(upstream[i], high[i], -product) + upstream[i] * low[i]
        low[i] = low[i] if fabs(product) < 1e300 else 0.0
        high[i] = NAN if rows.maximum[i] == -INFINITY else product
    for chunk in range(tiles(block)):
        step = chunk * STEPS
        count = depth(block, step)
        e = filled_again(block, &operands[1], &rows, step, count, x, like)
        if weighted and not keeps(block):
            weigh(block, &operands[2], step, count, e, like)
        store_products(block, &operands[4] if weighted else &operands[3], step, count, e, high, low, like)


# ------------------------------------------------------------------------- the kernels, for float32 and float64

cdef void softmax_float(const Block* block, const Operand* operands) noexcept nogil:
    softmax_rows(block, operands, <float>0.0)


cdef void softmax_double(const Block* block, const Operand* operands) noexcept nogil:
    softmax_rows(block, operands, <double>0.0)


cdef void log_softmax_float(const Block* block, const Operand* operands) noexcept nogil:
    log_softmax_rows(block, operands, <float>0.0)


cdef void log_softmax_double(const Block* block, const Operand* operands) noexcept nogil:
    log_softmax_rows(block, operands, <double>0.0)


cdef void logsumexp_float(const Block* block, const Operand* operands) noexcept nogil:
    logsumexp_rows(block, operands, <float>0.0)


cdef void logsumexp_double(const Block* block, const Operand* operands) noexcept nogil:
    logsumexp_rows(block, operands, <double>0.0)


cdef void logsumexp_weighted_float(const Block* block, const Operand* operands) noexcept nogil:
    logsumexp_weighted_rows(block, operands, <float>0.0)


cdef void logsumexp_weighted_double(const Block* block, const Operand* operands) noexcept nogil:
    logsumexp_weighted_rows(block, operands, <double>0.0)


cdef void hardmax_float(const Block* block, const Operand* operands) noexcept nogil:
    hardmax_rows(block, operands, <float>0.0)


cdef void hardmax_double(const Block* block, const Operand* operands) noexcept nogil:
    hardmax_rows(block, operands, <double>0.0)


cdef void maxout_float(const Block* block, const Operand* operands) noexcept nogil:
    maxout_rows(block, operands, <float>0.0)


cdef void maxout_double(const Block* block, const Operand* operands) noexcept nogil:
    maxout_rows(block, operands, <double>0.0)


cdef void maxout_backward_float(const Block* block, const Operand* operands) noexcept nogil:
    maxout_backward_rows(block, operands, <float>0.0)


cdef void maxout_backward_double(const Block* block, const Operand* operands) noexcept nogil:
    maxout_backward_rows(block, operands, <double>0.0)


cdef void softmax_backward_float(const Block* block, const Operand* operands) noexcept nogil:
    softmax_backward_rows(block, operands, False, <float>0.0)


cdef void softmax_backward_double(const Block* block, const Operand* operands) noexcept nogil:
    softmax_backward_rows(block, operands, False, <double>0.0)


cdef void softmax_backward_from_output_float(const Block* block, const Operand* operands) noexcept nogil:
    softmax_backward_rows(block, operands, True, <float>0.0)


cdef void softmax_backward_from_output_double(const Block* block, const Operand* operands) noexcept nogil:
    softmax_backward_rows(block, operands, True, <double>0.0)


cdef void log_softmax_backward_float(const Block* block, const Operand* operands) noexcept nogil:
    log_softmax_backward_rows(block, operands, False, <float>0.0)


cdef void log_softmax_backward_double(const Block* block, const Operand* operands) noexcept nogil:
    log_softmax_backward_rows(block, operands, False, <double>0.0)


cdef void log_softmax_backward_from_output_float(const Block* block, const Operand* operands) noexcept nogil:
    log_softmax_backward_rows(block, operands, True, <float>0.0)


cdef void log_softmax_backward_from_output_double(const Block* block, const Operand* operands) noexcept nogil:
    log_softmax_backward_rows(block, operands, True, <double>0.0)


cdef void logsumexp_backward_float(const Block* block, const Operand* operands) noexcept nogil:
    logsumexp_backward_rows(block, operands, False, <float>0.0)


cdef void logsumexp_backward_double(const Block* block, const Operand* operands) noexcept nogil:
    logsumexp_backward_rows(block, operands, False, <double>0.0)


cdef void logsumexp_weighted_backward_float(const Block* block, const Operand* operands) noexcept nogil:
    logsumexp_backward_rows(block, operands, True, <float>0.0)


cdef void logsumexp_weighted_backward_double(const Block* block, const Operand* operands) noexcept nogil:
    logsumexp_backward_rows(block, operands, True, <double>0.0)


# ------------------------------------------------------------------------------------------------ the ufuncs

UFUNCS = {
    "softmax": row_ufunc("softmax", "kk", 1, 1, softmax_float, softmax_double),
    "log_softmax": row_ufunc("log_softmax", "kk", 1, 1, log_softmax_float, log_softmax_double),
    "logsumexp": row_ufunc("logsumexp", "ks", 1, 1, logsumexp_float, logsumexp_double),
    "logsumexp_weighted": row_ufunc(
        "logsumexp_weighted", "kks", 1, 2, logsumexp_weighted_float, logsumexp_weighted_double),
    "hardmax": row_ufunc("hardmax", "kk", 1, -1, hardmax_float, hardmax_double),
    "maxout": row_ufunc(
        "maxout", "ks", 1, -1, maxout_float, maxout_double, 1.0, maxout_fold_float, maxout_fold_double),
    "maxout_backward": row_ufunc("maxout_backward", "skk", 1, -1, maxout_backward_float, maxout_backward_double),
    "softmin": row_ufunc("softmin", "kk", 1, 1, softmax_float, softmax_double, -1.0),
    "gumbel_softmax": row_ufunc("gumbel_softmax", "ktk", 1, -1, softmax_float, softmax_double),
    "softmax_scaled": row_ufunc("softmax_scaled", "ktk", 1, -1, softmax_float, softmax_double),
    "log_softmax_scaled": row_ufunc("log_softmax_scaled", "ktk", 1, -1, log_softmax_float, log_softmax_double),
    "softmax_backward": row_ufunc("softmax_backward", "kktk", 1, -1, softmax_backward_float, softmax_backward_double),
    "softmax_backward_from_output": row_ufunc(
        "softmax_backward_from_output", "kktk", 1, -1, softmax_backward_from_output_float,
        softmax_backward_from_output_double),
    "log_softmax_backward": row_ufunc(
        "log_softmax_backward", "kktk", 1, -1, log_softmax_backward_float, log_softmax_backward_double),
    "log_softmax_backward_from_output": row_ufunc(
        "log_softmax_backward_from_output", "kktk", 1, -1, log_softmax_backward_from_output_float,
        log_softmax_backward_from_output_double),
    "logsumexp_backward": row_ufunc(
        "logsumexp_backward", "skk", 1, 2, logsumexp_backward_float, logsumexp_backward_double),
    "logsumexp_weighted_backward": row_ufunc(
        "logsumexp_weighted_backward", "skkk", 1, 3, logsumexp_weighted_backward_float,
        logsumexp_weighted_backward_double),
}
