# Functions along an axis: softmax, its logarithm, logsumexp, hardmax, crelu, and what backpropagation needs of them.
#
# A kernel works on a block of rows (row_primitives.pxd). All begin alike: m the largest entry of a row, k its
# place, e_i = exp((x_i - m)/T), and s the sum of e_i over i != k; so 1 + s is the denominator, and s keeps its
# digits where it is far below 1. The e_i stay in the block's `kept` tiles from the pass that sums them to the pass that
# writes the result; for rows too long for that they are computed once more.
#
# References: Blanchard, Higham, Higham (2021), Accurately computing the log-sum-exp and softmax functions,
# IMA J. Numer. Anal. 41; the forms that leave k out of every sum go further than theirs.

cimport numpy as cnp
from libc.math cimport fabs
from libc.stdint cimport uintptr_t
from libc.stdlib cimport free, malloc
from libc.string cimport memcpy

from .loops cimport (
    GRAIN, Environment, Move, enter, leave, load_byte, load_half, load_int, load_long, load_longlong,
    load_short, load_ubyte, load_uint, load_ulong, load_ulonglong, load_ushort, store_half)
from .primitives cimport INFINITY, NAN, exp, expm1, fused, log, log1p, madd, propagate_nan, real, two_sum
from .row_primitives cimport (
    LANES, STEPS, TILE, Block, Operand, Sums, accumulate, accumulate_fractions, accumulate_others, blank, clear, depth,
    difference, exponentials, keeps, kept_tile, larger, load, load_lanes, pick, place, put, reciprocal,
    reciprocal_beside_one, row_first_maximum, row_maximum, scaled_difference, smaller, spread_maximum, start_from_one,
    store, store_lanes, tiles, total, total_of_fractions, total_of_others, widen)
from .threads cimport split

cnp.import_array()
cnp.import_ufunc()

ctypedef void (*RowKernel)(const Block* block, const Operand* operands) noexcept nogil

# What a block kernel keeps of its rows
cdef struct Rows:
    double maximum[LANES]
    double temperature[LANES]
    bint scaled                     # some temperature is not 1
    bint narrow


cdef inline void read_temperature(const Block* block, const Operand* temperature, Rows* rows) noexcept nogil:
    cdef Py_ssize_t i
    cdef double others = 0.0
    load_lanes(block, temperature, rows.temperature, <double>0.0)
    for i in range(LANES):
        others += 0.0 if rows.temperature[i] == 1.0 else 1.0
    rows.scaled = others > 0.0


# Finds the maxima. Of a block of a single tile, x holds the entries afterwards.
cdef inline void prepare(
    const Block* block, const Operand* entries, const Operand* temperature, Rows* rows, double* x, real like
) noexcept nogil:
    read_temperature(block, temperature, rows)
    rows.narrow = row_maximum(block, entries, x, rows.maximum, like)


# The exponentials of the tile that begins with `step`. If it is the only one, x holds its entries already.
cdef inline double* fill(
    const Block* block, const Operand* entries, Rows* rows, Py_ssize_t step, Py_ssize_t count, double* x, real like
) noexcept nogil:
    cdef double* e = kept_tile(block, step)
    if block.steps > STEPS:
        load(block, entries, step, count, x, NAN, like)
    exponentials(x, count, rows.maximum, rows.temperature if rows.scaled else NULL, rows.narrow, e, like)
    blank(block, step, count, e)
    return e


# The same in a later pass
cdef inline double* filled_again(
    const Block* block, const Operand* entries, Rows* rows, Py_ssize_t step, Py_ssize_t count, double* x, real like
) noexcept nogil:
    return kept_tile(block, step) if keeps(block) else fill(block, entries, rows, step, count, x, like)


# p_i = e_i/(1 + s)
#
# Method   Here 1 + s is the sum of all e_i.
# Limits   entries at +inf share; all -inf -> NaN
cdef inline void softmax_rows(const Block* block, const Operand* operands, real like) noexcept nogil:
    cdef double x[TILE]
    cdef double p[TILE]
    cdef double* e
    cdef Rows rows
    cdef Sums sums
    cdef Py_ssize_t chunk, step, count, k, i
    cdef double high[LANES]
    cdef double low[LANES]
    prepare(block, &operands[0], &operands[1], &rows, x, like)
    start_from_one(block, &sums)
    for chunk in range(tiles(block)):
        step = chunk * STEPS
        count = depth(block, step)
        e = fill(block, &operands[0], &rows, step, count, x, like)
        accumulate_fractions(block, e, step, count, &sums, like)
    total_of_fractions(block, &sums, high, low)
    for i in range(LANES):
        high[i] = reciprocal(high[i], low[i], &low[i])
        high[i] = NAN if rows.maximum[i] == -INFINITY else high[i]
    for chunk in range(tiles(block)):
        step = chunk * STEPS
        count = depth(block, step)
        e = filled_again(block, &operands[0], &rows, step, count, x, like)
        for k in range(count):
            for i in range(LANES):
                if real is float:
                    p[k * LANES + i] = e[k * LANES + i] * high[i]
                else:
                    p[k * LANES + i] = madd(e[k * LANES + i], high[i], e[k * LANES + i] * low[i])
        store(block, &operands[2], step, count, p, like)


# s, for the functions that need more of it than 1 + s
cdef inline void sum_others(
    const Block* block, const Operand* entries, Rows* rows, double* x, double* high, double* low, real like
) noexcept nogil:
    cdef Py_ssize_t chunk, step, count, i
    cdef double* e
    cdef Sums sums
    cdef double ones[LANES]
    clear(block, &sums)
    for i in range(LANES):
        ones[i] = 0.0
    for chunk in range(tiles(block)):
        step = chunk * STEPS
        count = depth(block, step)
        e = fill(block, entries, rows, step, count, x, like)
        accumulate_others(block, e, step, count, &sums, ones, like)
    total_of_others(block, &sums, ones, high, low)


# log p_i = (x_i - m)/T - log(1 + s), and -log(1 + s) where x_i = m
#
# Method   Both terms are negative or zero: nothing cancels, and log1p keeps a small s.
# Limits   entries at +inf share; all -inf -> NaN
cdef inline void log_softmax_rows(const Block* block, const Operand* operands, real like) noexcept nogil:
    cdef double x[TILE]
    cdef Rows rows
    cdef Py_ssize_t chunk, step, count, k, i
    cdef double others[LANES]
    cdef double logarithm[LANES]
    cdef double rate[LANES]
    cdef double d, low, error
    prepare(block, &operands[0], &operands[1], &rows, x, like)
    sum_others(block, &operands[0], &rows, x, others, logarithm, like)
    for i in range(LANES):
        logarithm[i] = log1p(others[i], like)
        logarithm[i] = NAN if rows.maximum[i] == -INFINITY else logarithm[i]
        rate[i] = 1.0 / rows.temperature[i]
    for chunk in range(tiles(block)):
        step = chunk * STEPS
        count = depth(block, step)
        if block.steps > STEPS:
            load(block, &operands[0], step, count, x, NAN, like)
        if rows.scaled:
            for k in range(count):
                for i in range(LANES):
                    d = scaled_difference(
                        x[k * LANES + i], rows.maximum[i], rows.temperature[i], rate[i], &low, like)
                    d = two_sum(d, -logarithm[i], &error)
                    x[k * LANES + i] = d + (error + low) if d > -INFINITY else d
        else:
            for k in range(count):
                for i in range(LANES):
                    d = difference(x[k * LANES + i], rows.maximum[i], &low, like)
                    if real is float:
                        x[k * LANES + i] = d - logarithm[i]
                    else:
                        d = two_sum(d, -logarithm[i], &error)
                        x[k * LANES + i] = d + (error + low) if d > -INFINITY else d
        store(block, &operands[2], step, count, x, like)


# log(sum of exp(x_i)) = m + log(1 + s)
#
# Limits   no entry or all -inf -> -inf, +inf -> +inf
cdef inline void logsumexp_rows(const Block* block, const Operand* operands, real like) noexcept nogil:
    cdef double x[TILE]
    cdef Rows rows
    cdef Py_ssize_t i
    cdef double others[LANES]
    cdef double low[LANES]
    prepare(block, &operands[0], &operands[1], &rows, x, like)
    sum_others(block, &operands[0], &rows, x, others, low, like)
    for i in range(LANES):
        others[i] = rows.maximum[i] + log1p(others[i], like)
    store_lanes(block, &operands[2], others, like)


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


# ------------------------------------------------------------------------------------------------- derivatives

# What is subtracted from the g_i so that no common offset is left to cancel: of the g_i that count (where x_i > floor)
# the one nearest to 0 if all have one sign, else 0. Of a one-hot g it leaves every digit.
cdef inline void common_offset(
    const Block* block, const Operand* upstream, const Operand* entries, const double* bottom, double floor, double* x,
    double* g, double* offset, real like
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
            widen(block, upstream, step, count, g, most, least, unused, like)
            continue
        load(block, upstream, step, count, g, NAN, like)
        if block.steps > STEPS:
            load(block, entries, step, count, x, NAN, like)
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


# p_i/T (g_i - sum of p_j g_j), for upstream g; softmax has the Jacobian (diag(p) - p p')/T
#
# Method   d_i = g_i - o with the common offset o, and p_i (d_i - (M + e_k d_k)/(1 + s)) with M the sum of e_j d_j over
#          j != k. For k, where p_k is near 1: p_k (d_k s - M)/(1 + s), which has no 1 - p_k.
# From the output y the e_j are y_j, and their sum is 1.
cdef inline void softmax_backward_rows(
    const Block* block, const Operand* operands, bint from_output, real like
) noexcept nogil:
    cdef double x[TILE]
    cdef double g[TILE]
    cdef double terms[TILE]
    cdef double* e
    cdef Rows rows
    cdef Sums sums
    cdef Sums products
    cdef Py_ssize_t chunk, step, count, k, i
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
    cdef double factor, product, error, second
    read_temperature(block, &operands[2], &rows)
    rows.narrow = row_first_maximum(block, &operands[1], x, rows.maximum, bottom, at, unused, like)
    common_offset(
        block, &operands[0], &operands[1], bottom, 0.0 if from_output else -INFINITY, x, g, offset, like)
    pick(block, &operands[0], at, upstream_top, like)
    for i in range(LANES):
        zero[i] = 0.0
        upstream_top[i] = upstream_top[i] - offset[i]
    clear(block, &sums)
    clear(block, &products)
    for chunk in range(tiles(block)):
        step = chunk * STEPS
        count = depth(block, step)
        e = backward_tiles(block, operands, &rows, from_output, step, count, x, g, like)
        put(block, at, step, count, e, zero)
        for k in range(count):
            for i in range(LANES):
                terms[k * LANES + i] = e[k * LANES + i] * (g[k * LANES + i] - offset[i])
        accumulate(block, e, step, count, &sums, like)
        accumulate(block, terms, step, count, &products, like)
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
        low[i] = (fused(-factor, rows.temperature[i], high[i]) + low[i]) / rows.temperature[i]
        high[i] = factor
        of_top[i] = of_top[i] * madd(top[i], high[i], top[i] * low[i])
    for chunk in range(tiles(block)):
        step = chunk * STEPS
        count = depth(block, step)
        if keeps(block):
            e = kept_tile(block, step)
            if block.steps > STEPS:
                load(block, &operands[0], step, count, g, 0.0, like)
        else:
            e = backward_tiles(block, operands, &rows, from_output, step, count, x, g, like)
        for k in range(count):
            for i in range(LANES):
                factor = madd(e[k * LANES + i], high[i], e[k * LANES + i] * low[i])
                terms[k * LANES + i] = factor * ((g[k * LANES + i] - offset[i]) - mean[i])
        put(block, at, step, count, terms, of_top)
        store(block, &operands[3], step, count, terms, like)


# Tiles of the upstream gradient and of exponentials (or probabilities, from the output), 0 where there is no entry
cdef inline double* backward_tiles(
    const Block* block, const Operand* operands, Rows* rows, bint from_output, Py_ssize_t step, Py_ssize_t count,
    double* x, double* g, real like
) noexcept nogil:
    cdef double* e = kept_tile(block, step)
    load(block, &operands[0], step, count, g, 0.0, like)
    if from_output:
        load(block, &operands[1], step, count, e, 0.0, like)
    else:
        fill(block, &operands[1], rows, step, count, x, like)
    return e


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
    cdef Rows rows
    cdef Sums sums
    cdef Sums upstream
    cdef Py_ssize_t chunk, step, count, k, i
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
    rows.narrow = row_first_maximum(block, &operands[1], x, rows.maximum, bottom, at, unused, like)
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
        if block.steps > STEPS:
            load(block, &operands[0], step, count, g, 0.0, like)
        e = filled_again(block, &operands[1], &rows, step, count, x, like)
        for k in range(count):
            for i in range(LANES):
                p = madd(e[k * LANES + i], high[i], e[k * LANES + i] * low[i])
                g[k * LANES + i] = madd(-p, rest[i], g[k * LANES + i])
        if scaled:
            for k in range(count):
                for i in range(LANES):
                    g[k * LANES + i] = g[k * LANES + i] / rows.temperature[i]
        put(block, at, step, count, g, others)
        store(block, &operands[3], step, count, g, like)


# g p_i, for the upstream g of one row; with weights g w_i e_i/(sum of w_j e_j). Rows of -inf have NaN.
cdef inline void logsumexp_backward_rows(
    const Block* block, const Operand* operands, bint weighted, real like
) noexcept nogil:
    cdef double x[TILE]
    cdef double p[TILE]
    cdef double* e
    cdef Rows rows
    cdef Py_ssize_t chunk, step, count, k, i
    cdef double high[LANES]
    cdef double low[LANES]
    cdef double upstream[LANES]
    cdef double product
    prepare(block, &operands[1], &operands[3] if weighted else &operands[2], &rows, x, like)
    load_lanes(block, &operands[0], upstream, like)
    if weighted:
        sum_weighted(block, &operands[1], &operands[2], &rows, x, high, low, like)
    else:
        sum_others(block, &operands[1], &rows, x, high, low, like)
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
        for k in range(count):
            for i in range(LANES):
                p[k * LANES + i] = madd(e[k * LANES + i], high[i], e[k * LANES + i] * low[i])
        store(block, &operands[4] if weighted else &operands[3], step, count, p, like)


# The positive and the negative part: max(x, 0) and max(-x, 0)
cdef inline void crelu_rows(const Block* block, const Operand* operands, real like) noexcept nogil:
    cdef double x[TILE]
    cdef double part[TILE]
    cdef Py_ssize_t chunk, step, count, j
    for chunk in range(tiles(block)):
        step = chunk * STEPS
        count = depth(block, step)
        load(block, &operands[0], step, count, x, 0.0, like)
        for j in range(count * LANES):
            part[j] = 0.0 if x[j] <= 0.0 else x[j]
            x[j] = 0.0 if x[j] >= 0.0 else -x[j]
        store(block, &operands[1], step, count, part, like)
        store(block, &operands[2], step, count, x, like)


# g_1 [x > 0] - g_2 [x < 0]; NaN where x is
cdef inline void crelu_backward_rows(const Block* block, const Operand* operands, real like) noexcept nogil:
    cdef double x[TILE]
    cdef double first[TILE]
    cdef double second[TILE]
    cdef Py_ssize_t chunk, step, count, j
    for chunk in range(tiles(block)):
        step = chunk * STEPS
        count = depth(block, step)
        load(block, &operands[0], step, count, first, 0.0, like)
        load(block, &operands[1], step, count, second, 0.0, like)
        load(block, &operands[2], step, count, x, 0.0, like)
        for j in range(count * LANES):
            first[j] = first[j] if x[j] > 0.0 else (-second[j] if x[j] < 0.0 else propagate_nan(x[j], 0.0))
        store(block, &operands[3], step, count, first, like)


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


cdef void crelu_float(const Block* block, const Operand* operands) noexcept nogil:
    crelu_rows(block, operands, <float>0.0)


cdef void crelu_double(const Block* block, const Operand* operands) noexcept nogil:
    crelu_rows(block, operands, <double>0.0)


cdef void crelu_backward_float(const Block* block, const Operand* operands) noexcept nogil:
    crelu_backward_rows(block, operands, <float>0.0)


cdef void crelu_backward_double(const Block* block, const Operand* operands) noexcept nogil:
    crelu_backward_rows(block, operands, <double>0.0)


# ------------------------------------------------------------------------------------------------ the ufuncs

cdef enum:
    MOST_OPERANDS = 8
    MOST_TYPES = 16
    MOST_KEPT = 131072      # exponentials that are kept and not computed again: 1 MiB, in the L2 cache
    PANEL = 256             # bytes of each step that are copied at a time, four lines of memory
    MOST_PANEL = 4096       # steps of a panel: it has 1 MiB then

# One loop of a ufunc. `fill` is the place of an operand of the kernel that the ufunc does not have, or -1: a
# temperature of 1. A `pointwise` kernel knows no rows: what lies nearest in memory may be its row.
cdef struct RowLoop:
    RowKernel kernel
    int count
    int inputs
    int fill
    int itemsize            # of the working type
    bint pointwise
    bint core[MOST_OPERANDS]
    Move convert[MOST_OPERANDS]

cdef struct RowCall:
    RowKernel kernel
    Py_ssize_t size
    Py_ssize_t itemsize
    int leading             # the first operand that has rows
    int inputs
    int count
    bint core[MOST_OPERANDS]
    Operand operands[MOST_OPERANDS]

cdef double ONE = 1.0


cdef inline bint goes_along(const RowCall* call, Py_ssize_t rows) noexcept nogil:
    """Whether long rows are taken one by one: not where the next row is nearer in memory, if there are enough of
    them for the lanes."""
    return call.size > STEPS and (rows <= 4 or not goes_across(call))


cdef inline bint goes_across(const RowCall* call) noexcept nogil:
    """Whether the next row is nearer in memory than the next entry."""
    cdef Py_ssize_t row = call.operands[call.leading].row
    cdef Py_ssize_t entry = call.operands[call.leading].entry
    return (row if row > 0 else -row) < (entry if entry > 0 else -entry)


cdef void run_blocks(
    const RowCall* call, const Operand* operands, Py_ssize_t start, Py_ssize_t stop, double* kept, Py_ssize_t room
) noexcept nogil:
    cdef Py_ssize_t row = start, rows
    cdef bint along
    cdef Block block
    while row < stop:
        along = goes_along(call, stop - row)
        rows = 1 if along else min(<Py_ssize_t>LANES, stop - row)
        place(&block, row, rows, call.size, along)
        block.kept = kept
        block.room = room
        call.kernel(&block, operands)
        row += rows


# Columns whose entries are far apart, such as those of a large matrix, would touch a page of memory for each step of
# each pass. So some of them at a time are copied to where they lie side by side, and back.
cdef inline bint takes_panels(const RowCall* call, Py_ssize_t rows) noexcept nogil:
    cdef int k
    cdef bint result = STEPS < call.size <= MOST_PANEL and rows > 4
    for k in range(call.count):
        if call.core[k]:
            result = result and call.operands[k].convert == NULL and call.operands[k].row == call.itemsize
            result = result and (call.operands[k].entry >= 4 * PANEL or call.operands[k].entry <= -4 * PANEL)
    return result


cdef void run_panels(
    const RowCall* call, Py_ssize_t start, Py_ssize_t stop, char* panels, double* kept, Py_ssize_t room
) noexcept nogil:
    cdef Operand operands[MOST_OPERANDS]
    cdef const Operand* whole
    cdef Py_ssize_t first = start, last, k, entry, bytes
    while first < stop:
        last = min(first + PANEL // call.itemsize, stop)
        bytes = (last - first) * call.itemsize
        for k in range(call.count):
            whole = &call.operands[k]
            operands[k] = whole[0]
            if call.core[k]:
                # as if the panel held the columns before `first` too: kernels count from the first of all
                operands[k].data = panels + k * PANEL * call.size - first * call.itemsize
                operands[k].entry = PANEL
                if k < call.inputs:
                    for entry in range(call.size):
                        memcpy(
                            operands[k].data + first * call.itemsize + entry * PANEL,
                            whole.data + first * call.itemsize + entry * whole.entry, bytes)
        run_blocks(call, operands, first, last, kept, room)
        for k in range(call.inputs, call.count):
            whole = &call.operands[k]
            if call.core[k]:
                for entry in range(call.size):
                    memcpy(
                        whole.data + first * call.itemsize + entry * whole.entry,
                        operands[k].data + first * call.itemsize + entry * PANEL, bytes)
        first = last


cdef void run_rows(void* context, Py_ssize_t start, Py_ssize_t stop) noexcept nogil:
    """One thread's share."""
    cdef const RowCall* call = <const RowCall*>context
    cdef Py_ssize_t room = STEPS
    cdef char* memory = NULL
    cdef char* panels = NULL
    cdef double tile[TILE]
    cdef double* kept = tile
    cdef Environment environment
    enter(&environment)
    if call.size > STEPS:
        room = call.size if call.size <= MOST_KEPT // LANES else (call.size + LANES - 1) // LANES
        if room <= MOST_KEPT // LANES:
            memory = <char*>malloc(room * LANES * sizeof(double) + 64)
        if memory == NULL:
            room = STEPS
        else:
            kept = <double*>(memory + 64 - <uintptr_t>memory % 64)
    if takes_panels(call, stop - start):
        panels = <char*>malloc(call.count * PANEL * call.size)
    if panels == NULL:
        run_blocks(call, call.operands, start, stop, kept, room)
    else:
        run_panels(call, start, stop, panels, kept, room)
    free(panels)
    free(memory)
    leave(&environment)


cdef void run(char** operands, cnp.npy_intp* dimensions, cnp.npy_intp* strides, void* data) noexcept nogil:
    """The inner loop of every ufunc here; `data` is its RowLoop."""
    cdef const RowLoop* loop = <const RowLoop*>data
    cdef RowCall call
    cdef Py_ssize_t rows = dimensions[0]
    cdef int i, k = 0, cores = 0
    call.kernel = loop.kernel
    call.size = dimensions[1]
    call.itemsize = loop.itemsize
    call.leading = 0 if loop.core[0] else 1
    for i in range(loop.count):
        if k == loop.fill:
            call.operands[k].data = <char*>&ONE
            call.operands[k].row = 0
            call.operands[k].entry = 0
            call.operands[k].convert = NULL
            call.core[k] = False
            k += 1
        if i == loop.inputs:
            call.inputs = k
        call.core[k] = loop.core[i]
        call.operands[k].data = operands[i]
        call.operands[k].row = strides[i]
        call.operands[k].entry = 0
        if loop.core[i]:
            call.operands[k].entry = strides[loop.count + cores]
            cores += 1
        call.operands[k].convert = loop.convert[i]
        k += 1
    call.count = k
    if loop.pointwise and goes_across(&call):
        for i in range(call.count):
            call.operands[i].row, call.operands[i].entry = call.operands[i].entry, call.operands[i].row
        rows, call.size = call.size, rows
    split(run_rows, &call, rows, max(<Py_ssize_t>1, GRAIN // max(<Py_ssize_t>1, call.size)))


cdef object row_ufunc(
    str name, str operands, int outputs, int fill, RowKernel single, RowKernel double_, bint pointwise=False
):
    """The generalised ufunc `name`. A letter an operand, outputs last: k a row, s a scalar a row, t a temperature
    (float64 whatever the rest). Integers and booleans are read as float64, float16 is computed in float32."""
    # the tables live as long as the process, as NumPy requires
    cdef int count = len(operands)
    cdef int inputs = count - outputs
    cdef RowLoop* loops = <RowLoop*>malloc(MOST_TYPES * sizeof(RowLoop))
    cdef void** data = <void**>malloc(MOST_TYPES * sizeof(void*))
    cdef char* types = <char*>malloc(MOST_TYPES * count)
    cdef cnp.PyUFuncGenericFunction* functions = <cnp.PyUFuncGenericFunction*>malloc(
        MOST_TYPES * sizeof(cnp.PyUFuncGenericFunction))
    cdef bytes text = name.encode()
    cdef char* text_kept = <char*>malloc(len(text) + 1)
    cdef int* kinds = [
        cnp.NPY_BOOL, cnp.NPY_BYTE, cnp.NPY_UBYTE, cnp.NPY_SHORT, cnp.NPY_USHORT, cnp.NPY_INT, cnp.NPY_UINT,
        cnp.NPY_LONG, cnp.NPY_ULONG, cnp.NPY_LONGLONG, cnp.NPY_ULONGLONG, cnp.NPY_FLOAT16, cnp.NPY_FLOAT,
        cnp.NPY_DOUBLE]
    cdef Move* loaders = [
        load_ubyte, load_byte, load_ubyte, load_short, load_ushort, load_int, load_uint, load_long, load_ulong,
        load_longlong, load_ulonglong, load_half, NULL, NULL]
    cdef int i, k
    cdef int first = 0 if inputs - operands.count("t") == 1 else 11
    memcpy(text_kept, <char*>text, len(text) + 1)
    for i in range(14):
        # integers have loops of their own where there is one array; the entries in axis.py convert several
        loops[i].kernel = single if i in (11, 12) else double_
        loops[i].count = count
        loops[i].inputs = inputs
        loops[i].fill = fill
        loops[i].itemsize = 4 if i in (11, 12) else 8
        loops[i].pointwise = pointwise
        for k in range(count):
            loops[i].core[k] = operands[k] == "k"
            types[i * count + k] = <char>(kinds[i] if i > 10 and operands[k] != "t" else cnp.NPY_DOUBLE)
            loops[i].convert[k] = NULL
            if i == 11 and operands[k] != "t":
                loops[i].convert[k] = load_half if k < inputs else store_half
        if i < 11:
            types[i * count] = <char>kinds[i]
            loops[i].convert[0] = loaders[i]
        functions[i] = <cnp.PyUFuncGenericFunction>run
        data[i] = &loops[i]
    cores = ["(k)" if letter == "k" else "()" for letter in operands]
    cdef bytes signature = f"{','.join(cores[:inputs])}->{','.join(cores[inputs:])}".encode()
    return cnp.PyUFunc_FromFuncAndDataAndSignature(
        &functions[first], &data[first], &types[first * count], 14 - first, inputs, outputs, cnp.PyUFunc_None,
        text_kept, NULL, 0, signature)


UFUNCS = {
    "softmax": row_ufunc("softmax", "kk", 1, 1, softmax_float, softmax_double),
    "log_softmax": row_ufunc("log_softmax", "kk", 1, 1, log_softmax_float, log_softmax_double),
    "logsumexp": row_ufunc("logsumexp", "ks", 1, 1, logsumexp_float, logsumexp_double),
    "logsumexp_weighted": row_ufunc(
        "logsumexp_weighted", "kks", 1, 2, logsumexp_weighted_float, logsumexp_weighted_double),
    "hardmax": row_ufunc("hardmax", "kk", 1, -1, hardmax_float, hardmax_double),
    "crelu": row_ufunc("crelu", "kkk", 2, -1, crelu_float, crelu_double, True),
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
    "crelu_backward": row_ufunc(
        "crelu_backward", "kkkk", 1, -1, crelu_backward_float, crelu_backward_double, True),
}
