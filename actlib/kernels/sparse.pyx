# Functions whose rows are probabilities of which some are exactly 0: sparsemax and entmax15.
#
#     sparsemax   p_i = max(x_i - tau, 0)            the point of the simplex nearest to x
#     entmax15    p_i = max(x_i/2 - tau, 0)**2
#
# where tau is the number for which the sum of p is 1. Let d_i = x_i - m (for entmax15 half of that), m the largest
# entry: then tau lies in [-1, 0). It is found by Newton's iteration on f(tau) = (sum of p_i) - 1, which is convex and
# decreasing: from a point with f >= 0 the iteration rises to the root and never passes it, and as
#
#     f(new)/f(old) + f'(new)/f'(old) <= 1
#
# (the tangent at the new point lies below f at the old one), f f' falls to a fourth or less with each step. So the
# number of passes over a row grows with the logarithm of its length at most; it is about five. For sparsemax this is
# the algorithm of Michelot (1986), A finite algorithm for finding the projection of a point onto the canonical simplex
# of R^n, doi:10.1007/BF00938486.
#
# Nothing is sorted, and the block's `kept` tiles are all the memory that is needed. float64: the sums are compensated
# and tau is a sum of two doubles, so p_i keeps its digits beside the threshold too. float32: all this is in double.
#
# References: Martins, Astudillo (2016), From softmax to sparsemax; Peters, Niculae, Martins (2019), Sparse
# sequence-to-sequence models.

cimport numpy as cnp
from libc.math cimport fabs, sqrt

from .primitives cimport INFINITY, NAN, fused, madd, propagate_nan, real, two_product, two_sum
from .row_loops cimport row_ufunc
from .row_primitives cimport (
    LANES, STEPS, TILE, Block, Operand, Sums, accumulate, clear, depth, difference, filled, keeps, kept_tile, load,
    spread_maximum, store, tiles, total, widen)

cnp.import_array()
cnp.import_ufunc()

cdef enum:
    MOST_PASSES = 200       # never reached; see above

# How the weights of a gradient are made
cdef enum Weights:
    SPARSEMAX
    ENTMAX15
    SPARSEMAX_OUTPUT
    ENTMAX15_OUTPUT

cdef struct Rows:
    double maximum[LANES]
    double poison[LANES]    # NaN for a row without a value: one with a NaN, or of nothing but -inf
    double high[LANES]      # tau, in two parts
    double low[LANES]


# Finds the largest entries, and leaves the entries in the kept tile if there is only one.
cdef inline void prepare(const Block* block, const Operand* entries, Rows* rows, real like) noexcept nogil:
    cdef Py_ssize_t chunk, step, i
    cdef double bottom[LANES]
    cdef double nan = 0.0
    cdef double* x
    for i in range(LANES):
        rows.maximum[i] = -INFINITY
        bottom[i] = INFINITY
        rows.poison[i] = 0.0
    for chunk in range(tiles(block)):
        step = chunk * STEPS
        x = kept_tile(block, step)
        widen(
            block, entries, step, depth(block, step), x, block.steps <= STEPS, rows.maximum, bottom, rows.poison, like)
    spread_maximum(block, rows.maximum)
    if block.along:
        for i in range(LANES):
            nan += rows.poison[i]
        for i in range(LANES):
            rows.poison[i] = nan
        if block.steps <= STEPS:
            for i in range(filled(block, block.steps - 1), LANES):
                block.kept[(block.steps - 1) * LANES + i] = NAN
    for i in range(LANES):
        rows.poison[i] = NAN if rows.maximum[i] == -INFINITY else rows.poison[i]


# The entries of a tile; NaN, which is above nothing, where there is none
cdef inline double* load_again(
    const Block* block, const Operand* entries, Py_ssize_t step, Py_ssize_t count, bint first, real like
) noexcept nogil:
    cdef double* x = kept_tile(block, step)
    if block.steps > STEPS and (first or not keeps(block)):
        load(block, entries, step, count, x, NAN, like)
    return x


# factor (x - maximum) - (high + low), exact but for its last rounding, which `rest` receives; `factor` is 1 or 1/2
cdef inline double above(
    double x, double maximum, double factor, double high, double low, double* rest, real like
) noexcept nogil:
    cdef double error, sum
    cdef double d = factor * difference(x, maximum, rest, like)
    if real is float:
        return d - high
    else:
        d = two_sum(d, -high, &error)
        error = error + (factor * rest[0] - low)
        sum = d + error
        rest[0] = error - (sum - d)
        return sum


# The sum over the lanes of one row, in all of them; exact for numbers of entries
cdef inline void spread_sum(const Block* block, double* lanes) noexcept nogil:
    cdef Py_ssize_t i
    if block.along:
        for i in range(1, LANES):
            lanes[0] += lanes[i]
        for i in range(1, LANES):
            lanes[i] = lanes[0]


# (a + a_low)/(b + b_low) as a sum of two doubles
cdef inline double divide(double a, double a_low, double b, double b_low, double* remainder) noexcept nogil:
    cdef double q = a / b
    remainder[0] = (fused(-q, b, a) + (a_low - q * b_low)) / b
    return q


# tau = (sum of the d_i above tau, less 1)/(their number)
#
# Method   From all entries above -1, again and again: what is not above the new tau is left out. Each tau is at most
#          the right one, for the sum of d_i - tau over any set of entries is at most that over the entries above tau.
cdef inline void sparsemax_threshold(
    const Block* block, const Operand* entries, Rows* rows, real like
) noexcept nogil:
    cdef double terms[TILE]
    cdef double rests[TILE]
    cdef double number[LANES]
    cdef double high[LANES]
    cdef double low[LANES]
    cdef Sums sums
    cdef Py_ssize_t chunk, step, count, attempt, k, i
    cdef double* x
    cdef double d, rest, error, lost
    cdef bint rises, inside
    prepare(block, entries, rows, like)
    for i in range(LANES):
        rows.high[i] = -1.0
        rows.low[i] = 0.0
    for attempt in range(MOST_PASSES):
        clear(block, &sums)
        for i in range(LANES):
            number[i] = 0.0
        for chunk in range(tiles(block)):
            step = chunk * STEPS
            count = depth(block, step)
            x = load_again(block, entries, step, count, attempt == 0, like)
            for k in range(count):
                for i in range(LANES):
                    d = difference(x[k * LANES + i], rows.maximum[i], &rest, like)
                    error = above(x[k * LANES + i], rows.maximum[i], 1.0, rows.high[i], rows.low[i], &lost, like)
                    inside = error > 0.0
                    terms[k * LANES + i] = d if inside else 0.0
                    rests[k * LANES + i] = rest if inside else 0.0
                    number[i] += 1.0 if inside else 0.0
            accumulate(block, terms, step, count, &sums, like)
            if real is double:
                accumulate(block, rests, step, count, &sums, like)
        total(block, &sums, high, low)
        spread_sum(block, number)
        rises = False
        for i in range(LANES):
            d = two_sum(high[i], -1.0, &error)
            d = divide(d, error + low[i], number[i], 0.0, &rest)
            if real is float:
                d, rest = d + rest, 0.0
            if (d - rows.high[i]) + (rest - rows.low[i]) > 0.0 and rows.poison[i] == 0.0:
                rows.high[i] = d
                rows.low[i] = rest
                rises = True
        if not rises:
            return


# What the rounding of x - maximum - tau and half the rounding of x - maximum add up to; nothing in float32
cdef inline double both_rests(double error, double rest, real like) noexcept nogil:
    if real is float:
        return 0.0
    else:
        return error + 0.5 * rest


cdef inline double square_with_rest(double d, double* rest, real like) noexcept nogil:
    """d**2, with what its rounding misses; 0 in float32."""
    if real is float:
        rest[0] = 0.0
        return d * d
    else:
        return two_product(d, d, rest)


# tau with (sum of (d_i - tau)**2 over the d_i above tau) = 1
#
# Method   At a point t, with n entries above it, s the sum and q the sum of squares of their d_i - t, the root for
#          these entries is t + r/(s + sqrt(s**2 - n r)) with r = q - 1; it is the right one if no entry lies between.
#          If one does, that may have passed the root, and Newton's t + r/(2 s) from both points has not. Near the root
#          r is small, so the correction is right to more digits than t has; s >= 1 there.
cdef inline void entmax15_threshold(
    const Block* block, const Operand* entries, Rows* rows, real like
) noexcept nogil:
    cdef double terms[TILE]
    cdef double rests[TILE]
    cdef double squares[TILE]
    cdef double square_rests[TILE]
    cdef double number[LANES]
    cdef double first[LANES]
    cdef double first_low[LANES]
    cdef double second[LANES]
    cdef double second_low[LANES]
    cdef double safe[LANES]
    cdef Sums sums
    cdef Sums square_sums
    cdef Py_ssize_t chunk, step, count, attempt, k, i
    cdef double* x
    cdef double d, rest, square, error, r, s, near
    cdef bint moves, inside
    if real is float:
        near = 1e-9
    else:
        near = 8.881784197001252e-16
    prepare(block, entries, rows, like)
    for i in range(LANES):
        rows.high[i] = -1.0
        rows.low[i] = 0.0
        safe[i] = -1.0
    for attempt in range(MOST_PASSES):
        clear(block, &sums)
        clear(block, &square_sums)
        for i in range(LANES):
            number[i] = 0.0
        for chunk in range(tiles(block)):
            step = chunk * STEPS
            count = depth(block, step)
            x = load_again(block, entries, step, count, attempt == 0, like)
            for k in range(count):
                for i in range(LANES):
                    d = 0.5 * difference(x[k * LANES + i], rows.maximum[i], &rest, like)
                    d = two_sum(d, -rows.high[i], &error)
                    rest = both_rests(error, rest, like)
                    inside = d + rest > 0.0
                    d = d if inside else 0.0
                    rest = rest if inside else 0.0
                    square = square_with_rest(d, &error, like)
                    terms[k * LANES + i] = d
                    rests[k * LANES + i] = rest
                    squares[k * LANES + i] = square
                    square_rests[k * LANES + i] = error + 2.0 * d * rest
                    number[i] += 1.0 if inside else 0.0
            accumulate(block, terms, step, count, &sums, like)
            accumulate(block, squares, step, count, &square_sums, like)
            if real is double:
                accumulate(block, rests, step, count, &sums, like)
                accumulate(block, square_rests, step, count, &square_sums, like)
        total(block, &sums, first, first_low)
        total(block, &square_sums, second, second_low)
        spread_sum(block, number)
        moves = False
        for i in range(LANES):
            r = two_sum(second[i], -1.0, &error)
            r = r + (error + second_low[i])
            s = first[i] + first_low[i]
            d = s * s - number[i] * r
            rest = r / (2.0 * s)
            d = r / (s + sqrt(d)) if d >= 0.0 else rest
            rows.low[i] = d
            if fabs(d) > near and rows.poison[i] == 0.0:
                moves = True
                rows.low[i] = 0.0
                if r >= 0.0:
                    safe[i] = rows.high[i] + rest
                    rows.high[i] = rows.high[i] + d
                else:
                    rest = rows.high[i] + rest
                    rows.high[i] = rest if rest > safe[i] else safe[i]
        if not moves:
            return


# Limits   entries at +inf share; all -inf -> NaN
cdef inline void sparsemax_rows(const Block* block, const Operand* operands, real like) noexcept nogil:
    cdef double p[TILE]
    cdef double* x
    cdef Rows rows
    cdef Py_ssize_t chunk, step, count, k, i
    cdef double d, rest
    sparsemax_threshold(block, &operands[0], &rows, like)
    for chunk in range(tiles(block)):
        step = chunk * STEPS
        count = depth(block, step)
        x = load_again(block, &operands[0], step, count, False, like)
        for k in range(count):
            for i in range(LANES):
                d = above(x[k * LANES + i], rows.maximum[i], 1.0, rows.high[i], rows.low[i], &rest, like)
                p[k * LANES + i] = (d if d > 0.0 else 0.0) + rows.poison[i]
        store(block, &operands[1], step, count, p, like)


cdef inline void entmax15_rows(const Block* block, const Operand* operands, real like) noexcept nogil:
    cdef double p[TILE]
    cdef double* x
    cdef Rows rows
    cdef Py_ssize_t chunk, step, count, k, i
    cdef double d, rest
    entmax15_threshold(block, &operands[0], &rows, like)
    for chunk in range(tiles(block)):
        step = chunk * STEPS
        count = depth(block, step)
        x = load_again(block, &operands[0], step, count, False, like)
        for k in range(count):
            for i in range(LANES):
                d = above(x[k * LANES + i], rows.maximum[i], 0.5, rows.high[i], rows.low[i], &rest, like)
                p[k * LANES + i] = (madd(d, d, 2.0 * d * rest) if d > 0.0 else 0.0) + rows.poison[i]
        store(block, &operands[1], step, count, p, like)


# ------------------------------------------------------------------------------------------------- derivatives

# w_i (g_i - (sum of w_j g_j)/(sum of w_j)) for upstream g: the Jacobian is diag(w) - w w'/(sum of w). The weights are 1
# for sparsemax and sqrt(p_i) for entmax15, where p_i > 0.
#
# Method   The mean as a sum of two doubles, so that g_i less the mean keeps its digits. A sum that overflows is made
#          again of g_i/2**64.
# Limits   what has weight 0 does not count, whatever its g_i
cdef inline void centred(
    const Block* block, const Operand* operands, Rows* rows, Weights kind, real like
) noexcept nogil:
    cdef double g[TILE]
    cdef double w[TILE]
    cdef double terms[TILE]
    cdef double rests[TILE]
    cdef Sums sums
    cdef Sums products
    cdef double scale[LANES]
    cdef double weight[LANES]
    cdef double weight_low[LANES]
    cdef double mean[LANES]
    cdef double mean_low[LANES]
    cdef Py_ssize_t chunk, step, count, attempt, j, k, i
    cdef double d, error
    cdef bint overflows
    for i in range(LANES):
        scale[i] = 1.0
    for attempt in range(2):
        clear(block, &sums)
        clear(block, &products)
        for chunk in range(tiles(block)):
            step = chunk * STEPS
            count = depth(block, step)
            load(block, &operands[0], step, count, g, 0.0, like)
            weights(block, &operands[1], rows, kind, step, count, w, like)
            for k in range(count):
                for i in range(LANES):
                    j = k * LANES + i
                    d = 0.0 if w[j] == 0.0 else scale[i] * g[j]
                    terms[j] = w[j] * d
                    if real is double:
                        rests[j] = fused(w[j], d, -terms[j]) if kind in (ENTMAX15, ENTMAX15_OUTPUT) else 0.0
            accumulate(block, w, step, count, &sums, like)
            accumulate(block, terms, step, count, &products, like)
            if real is double and kind in (ENTMAX15, ENTMAX15_OUTPUT):
                accumulate(block, rests, step, count, &products, like)
        total(block, &sums, weight, weight_low)
        total(block, &products, mean, mean_low)
        overflows = False
        for i in range(LANES):
            if attempt == 0 and not fabs(mean[i]) < INFINITY:
                scale[i] = 5.421010862427522e-20
                overflows = True
        if not overflows:
            break
    for i in range(LANES):
        mean[i] = divide(mean[i], mean_low[i], weight[i], weight_low[i], &mean_low[i])
    for chunk in range(tiles(block)):
        step = chunk * STEPS
        count = depth(block, step)
        load(block, &operands[0], step, count, g, 0.0, like)
        weights(block, &operands[1], rows, kind, step, count, w, like)
        for k in range(count):
            for i in range(LANES):
                j = k * LANES + i
                d = two_sum(scale[i] * g[j], -mean[i], &error)
                d = d + (error - mean_low[i]) if fabs(d) < INFINITY else d
                terms[j] = propagate_nan(w[j], 0.0) if w[j] == 0.0 else w[j] * d
                terms[j] = terms[j] * (1.0 / scale[i]) + rows.poison[i]
        store(block, &operands[2], step, count, terms, like)


cdef inline void weights(
    const Block* block, const Operand* source, Rows* rows, Weights kind, Py_ssize_t step, Py_ssize_t count,
    double* w, real like
) noexcept nogil:
    cdef Py_ssize_t k, i
    cdef double d, rest
    cdef double* x
    if kind == SPARSEMAX or kind == ENTMAX15:
        x = load_again(block, source, step, count, False, like)
        for k in range(count):
            for i in range(LANES):
                d = above(
                    x[k * LANES + i], rows.maximum[i], 0.5 if kind == ENTMAX15 else 1.0, rows.high[i], rows.low[i],
                    &rest, like)
                w[k * LANES + i] = (d if kind == ENTMAX15 else 1.0) if d > 0.0 else 0.0
    else:
        load(block, source, step, count, w, 0.0, like)
        for k in range(count):
            for i in range(LANES):
                d = w[k * LANES + i]
                d = (sqrt(d) if kind == ENTMAX15_OUTPUT else 1.0) if d > 0.0 else propagate_nan(d, 0.0)
                w[k * LANES + i] = d


cdef inline void sparsemax_backward_rows(const Block* block, const Operand* operands, real like) noexcept nogil:
    cdef Rows rows
    sparsemax_threshold(block, &operands[1], &rows, like)
    centred(block, operands, &rows, SPARSEMAX, like)


cdef inline void entmax15_backward_rows(const Block* block, const Operand* operands, real like) noexcept nogil:
    cdef Rows rows
    entmax15_threshold(block, &operands[1], &rows, like)
    centred(block, operands, &rows, ENTMAX15, like)


cdef inline void from_output_rows(
    const Block* block, const Operand* operands, Weights kind, real like
) noexcept nogil:
    cdef Rows rows
    cdef Py_ssize_t i
    for i in range(LANES):
        rows.poison[i] = 0.0
    centred(block, operands, &rows, kind, like)


# ------------------------------------------------------------------------- the kernels, for float32 and float64

cdef void sparsemax_float(const Block* block, const Operand* operands) noexcept nogil:
    sparsemax_rows(block, operands, <float>0.0)


cdef void sparsemax_double(const Block* block, const Operand* operands) noexcept nogil:
    sparsemax_rows(block, operands, <double>0.0)


cdef void entmax15_float(const Block* block, const Operand* operands) noexcept nogil:
    entmax15_rows(block, operands, <float>0.0)


cdef void entmax15_double(const Block* block, const Operand* operands) noexcept nogil:
    entmax15_rows(block, operands, <double>0.0)


cdef void sparsemax_backward_float(const Block* block, const Operand* operands) noexcept nogil:
    sparsemax_backward_rows(block, operands, <float>0.0)


cdef void sparsemax_backward_double(const Block* block, const Operand* operands) noexcept nogil:
    sparsemax_backward_rows(block, operands, <double>0.0)


cdef void entmax15_backward_float(const Block* block, const Operand* operands) noexcept nogil:
    entmax15_backward_rows(block, operands, <float>0.0)


cdef void entmax15_backward_double(const Block* block, const Operand* operands) noexcept nogil:
    entmax15_backward_rows(block, operands, <double>0.0)


cdef void sparsemax_from_output_float(const Block* block, const Operand* operands) noexcept nogil:
    from_output_rows(block, operands, SPARSEMAX_OUTPUT, <float>0.0)


cdef void sparsemax_from_output_double(const Block* block, const Operand* operands) noexcept nogil:
    from_output_rows(block, operands, SPARSEMAX_OUTPUT, <double>0.0)


cdef void entmax15_from_output_float(const Block* block, const Operand* operands) noexcept nogil:
    from_output_rows(block, operands, ENTMAX15_OUTPUT, <float>0.0)


cdef void entmax15_from_output_double(const Block* block, const Operand* operands) noexcept nogil:
    from_output_rows(block, operands, ENTMAX15_OUTPUT, <double>0.0)


UFUNCS = {
    "sparsemax": row_ufunc("sparsemax", "kk", 1, -1, sparsemax_float, sparsemax_double),
    "sparsemax_backward": row_ufunc(
        "sparsemax_backward", "kkk", 1, -1, sparsemax_backward_float, sparsemax_backward_double),
    "sparsemax_backward_from_output": row_ufunc(
        "sparsemax_backward_from_output", "kkk", 1, -1, sparsemax_from_output_float, sparsemax_from_output_double),
    "entmax15": row_ufunc("entmax15", "kk", 1, -1, entmax15_float, entmax15_double),
    "entmax15_backward": row_ufunc(
        "entmax15_backward", "kkk", 1, -1, entmax15_backward_float, entmax15_backward_double),
    "entmax15_backward_from_output": row_ufunc(
        "entmax15_backward_from_output", "kkk", 1, -1, entmax15_from_output_float, entmax15_from_output_double),
}
