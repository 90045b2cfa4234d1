# Losses of vectors: one value for each place of two or three arrays of vectors, and a gradient for each of them.
#
# The vectors are rows, worked on in the tiles of row_primitives.pxd, so a row is summed in one order whatever its
# neighbours and strides. Sixteen rows make a block, for what is computed once a row takes a lane each. Sums and
# gradients go over the tiles of its views: where the entries of a row lie closer together than the rows, each row is a
# view of its own, along its entries, else the block is. A row of more than LANES entries is summed in sixteen parts
# either way. A kernel leaves the unweighted values in an array of doubles (one a row; loss_loops.pxd weighs and sums
# them) and writes the weighted gradients.

cimport numpy as cnp
from libc.string cimport memset

from .loops cimport GRAIN, Environment, enter, leave
from .loss_loops cimport Wanted
from .loss_rows cimport describe_row, over_any, side_by_side, weigh_over
from .primitives cimport madd, real, two_sum
from .row_primitives cimport LANES, TILE, Sums, place, store, total
from .row_primitives cimport Block as Rows
from .row_primitives cimport Operand as RowOperand
from .threads cimport split

cdef enum:
    MOST_VECTORS = 3
    MOST_OPERANDS = 6       # the vectors, then their gradients
    MOST_NUMBERS = 4
    MOST_AXES = 64

ctypedef void (*VectorKernel)(const Rows* rows, const VectorPass* work, const VectorRun* run) noexcept nogil

# What one call works on; the addresses in the operands are those of the first row.
cdef struct VectorPass:
    VectorKernel kernel
    Wanted wanted
    int vectors
    Py_ssize_t size         # entries of a vector
    int dimensions          # of the rows; the last one has a single stride
    Py_ssize_t shape[MOST_AXES]
    Py_ssize_t strides[MOST_OPERANDS][MOST_AXES]
    RowOperand operand[MOST_OPERANDS]
    const double* target    # one a row, or NULL
    const double* weight    # one a row, or NULL
    double number[MOST_NUMBERS]
    double divisor
    double* values          # one a row; NULL where not wanted
    bint by_row             # views are rows ...
    bint direct             # ... of which the entries are of the working type and lie side by side
    Py_ssize_t group        # rows of a block
    Py_ssize_t groups       # of them in the last dimension

# The rows of one index of the outer dimensions
cdef struct VectorRun:
    RowOperand vector[MOST_VECTORS]
    RowOperand gradient[MOST_VECTORS]
    Py_ssize_t first        # number of its first row


cdef inline Py_ssize_t views(const Rows* rows, const VectorPass* work) noexcept nogil:
    return rows.rows if work.by_row else 1


cdef inline void look(const Rows* rows, const VectorPass* work, Py_ssize_t number, Rows* view) noexcept nogil:
    if work.by_row:
        place(view, rows.first + number, 1, rows.size, True)
    else:
        view[0] = rows[0]


# The sums of the rows of a view, high and low part, for the lanes of the block; of `sums` nothing is left.
#
# Along a row, the parts are added in the tree of row_primitives.total.
cdef inline void join(
    const Rows* rows, const VectorPass* work, Py_ssize_t number, Sums* sums, double* high, double* low
) noexcept nogil:
    cdef Py_ssize_t i, last = LANES if number + 1 == rows.rows else number + 1
    cdef double lost
    if not work.by_row:
        total(rows, sums, high, low)
        return
    for i in range(8):
        sums.high[i] = two_sum(sums.high[i], sums.high[i + 8], &lost)
        sums.low[i] += sums.low[i + 8] + lost
    for i in range(4):
        sums.high[i] = two_sum(sums.high[i], sums.high[i + 4], &lost)
        sums.low[i] += sums.low[i + 4] + lost
    for i in range(2):
        sums.high[i] = two_sum(sums.high[i], sums.high[i + 2], &lost)
        sums.low[i] += sums.low[i + 2] + lost
    high[number] = two_sum(sums.high[0], sums.high[1], &lost)
    low[number] = sums.low[0] + (sums.low[1] + lost)
    for i in range(number + 1, last):  # lanes without a row repeat the last one
        high[i] = high[number]
        low[i] = low[number]


# The numbers of the lanes of a block for a view of it: those of one lane in all of them, or as they are
cdef inline void spread(const VectorPass* work, Py_ssize_t number, const double* lanes, double* own) noexcept nogil:
    cdef Py_ssize_t i
    cdef double x = lanes[number]
    if work.by_row:
        for i in range(LANES):
            own[i] = x
    else:
        for i in range(LANES):
            own[i] = lanes[i]


# The other way round; lanes without a row repeat the last one.
cdef inline void collect(
    const Rows* rows, const VectorPass* work, Py_ssize_t number, const double* own, double* lanes
) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(number if work.by_row else 0, LANES):
        lanes[i] = own[i]


# Add a tile to the sums, each term with what it misses of the exact one; in the parts and the order of
# row_primitives.accumulate.
cdef inline void accumulate_pairs(
    const Rows* rows, const double* terms, const double* rests, Py_ssize_t step, Py_ssize_t count, Sums* sums
) noexcept nogil:
    cdef Py_ssize_t k, i, part
    cdef double lost
    cdef double high[LANES]
    cdef double low[LANES]
    if rows.parts == 0:
        for i in range(LANES):
            high[i] = sums.high[i]
            low[i] = sums.low[i]
        for k in range(count):
            for i in range(LANES):
                high[i] = two_sum(high[i], terms[k * LANES + i], &lost)
                low[i] += lost + rests[k * LANES + i]
        for i in range(LANES):
            sums.high[i] = high[i]
            sums.low[i] = low[i]
    else:
        for k in range(count):
            part = ((step + k) & rows.parts) * LANES
            for i in range(LANES):
                sums.high[part + i] = two_sum(sums.high[part + i], terms[k * LANES + i], &lost)
                sums.low[part + i] += lost + rests[k * LANES + i]


cdef inline void load_row_numbers(
    const Rows* rows, const VectorRun* run, const double* numbers, double missing, double* lanes
) noexcept nogil:
    """The number of the row of each lane; `missing` if there are none."""
    cdef Py_ssize_t i
    for i in range(LANES):
        lanes[i] = missing if numbers == NULL else (
            numbers[run.first + rows.first + (0 if rows.along or i >= rows.rows else i)])


cdef inline void store_vector_gradient(
    const Rows* rows, const VectorPass* work, const VectorRun* run, int vector, Py_ssize_t step, Py_ssize_t count,
    double* g, real like
) noexcept nogil:
    """Weigh a tile of the gradient of a vector and write it."""
    cdef Py_ssize_t k
    cdef double divisor = work.divisor, reciprocal = 1.0 / divisor
    cdef double weight[LANES]
    if work.weight != NULL:
        load_row_numbers(rows, run, work.weight, 1.0, weight)
        for k in range(count):
            weigh_over(g + k * LANES, weight, divisor, LANES, like)
    elif divisor != 1.0:
        for k in range(count * LANES):
            g[k] = over_any(g[k], divisor, reciprocal, like)
    store(rows, &run.gradient[vector], step, count, g, like)


# What the entries of the gradient of a row are multiplied and divided by
cdef struct Scale:
    double weight
    double divisor
    double reciprocal


cdef inline Scale scale_of_row(const Rows* view, const VectorPass* work, const VectorRun* run) noexcept nogil:
    cdef Scale scale
    scale.weight = 1.0 if work.weight == NULL else work.weight[run.first + view.first]
    scale.divisor = work.divisor
    scale.reciprocal = 1.0 / work.divisor
    return scale


cdef inline double scaled(double g, Scale scale, real like) noexcept nogil:
    """An entry of the gradient, weighed and divided as in store_vector_gradient, for weights that are not 0 and
    divisors that are not tiny."""
    cdef double quotient
    g = g * scale.weight
    quotient = g * scale.reciprocal
    if real is float:
        return quotient
    else:
        g = madd(madd(-quotient, scale.divisor, g), scale.reciprocal, quotient)
        return g if quotient - quotient == 0.0 else quotient


cdef inline bint direct(const Rows* view, const VectorPass* work, const VectorRun* run) noexcept nogil:
    """Whether a view may be worked on where it lies in memory, without tiles: no weight silences it, and none is so
    large that the product with a gradient overflows."""
    return work.direct and (work.weight == NULL or 0.0 < work.weight[run.first + view.first] < 1e200)


cdef inline const char* entries(const Rows* view, const RowOperand* operand) noexcept nogil:
    """Where the row of a view begins."""
    return operand.data + view.first * operand.row


cdef inline void store_row_values(
    const Rows* rows, const VectorPass* work, const VectorRun* run, const double* value
) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(rows.rows):
        work.values[run.first + rows.first + i] = value[i]


cdef inline void run_vectors(void* context, Py_ssize_t first, Py_ssize_t last) noexcept nogil:
    """One thread's share of the groups of rows."""
    cdef const VectorPass* work = <const VectorPass*>context
    cdef VectorRun run
    cdef Rows rows
    cdef Environment environment
    cdef Py_ssize_t number, outer, rest, start, index
    cdef int axis, k
    enter(&environment)
    for number in range(first, last):
        outer = number // work.groups
        start = (number % work.groups) * work.group
        run.first = outer * work.shape[work.dimensions - 1]
        for k in range(work.vectors):
            run.vector[k] = work.operand[k]
            run.gradient[k] = work.operand[MOST_VECTORS + k]
        rest = outer
        for axis in range(work.dimensions - 2, -1, -1):
            index = rest % work.shape[axis]
            rest //= work.shape[axis]
            for k in range(work.vectors):
                run.vector[k].data += index * work.strides[k][axis]
                if run.gradient[k].data != NULL:
                    run.gradient[k].data += index * work.strides[MOST_VECTORS + k][axis]
        place(&rows, start, min(work.group, work.shape[work.dimensions - 1] - start), work.size, False)
        rows.parts = 15 if work.size > LANES else 0
        work.kernel(&rows, work, &run)
    leave(&environment)


cdef inline object drive_vectors(
    VectorPass* work, tuple vectors, target, tuple numbers, weight, values, tuple gradients
):
    """Run a loss of vectors over all rows.

    `vectors` and `gradients` have the shape (rows..., entries), and there may be no gradients; `target`, `weight` and
    `values` (float64) are contiguous, one element a row; each of them may be None. `numbers` are the parameters.
    """
    cdef cnp.ndarray array = vectors[0]
    cdef int k, axis, kept = 0, last = array.ndim - 1
    cdef Py_ssize_t groups
    cdef bint even
    work.vectors = len(vectors)
    work.size = array.shape[last]
    memset(work.strides, 0, sizeof(work.strides))
    memset(work.operand, 0, sizeof(work.operand))
    for k in range(work.vectors):
        describe_row(&work.operand[k], work.strides[k], vectors[k], False)
        if gradients:
            describe_row(&work.operand[MOST_VECTORS + k], work.strides[MOST_VECTORS + k], gradients[k], True)
    for k in range(len(numbers)):
        work.number[k] = numbers[k]
    work.target = <const double*>cnp.PyArray_DATA(target) if target is not None else NULL
    work.weight = <const double*>cnp.PyArray_DATA(weight) if weight is not None else NULL
    work.values = <double*>cnp.PyArray_DATA(values) if values is not None else NULL
    for axis in range(last):
        if array.shape[axis] == 1:
            continue
        even = kept > 0
        for k in range(MOST_OPERANDS):
            even = even and work.strides[k][kept - 1] == work.strides[k][axis] * array.shape[axis]
        if not even:
            kept += 1
            work.shape[kept - 1] = 1
        work.shape[kept - 1] *= array.shape[axis]
        for k in range(MOST_OPERANDS):
            work.strides[k][kept - 1] = work.strides[k][axis]
    if kept == 0:
        kept = 1
        work.shape[0] = 1
        for k in range(MOST_OPERANDS):
            work.strides[k][0] = 0
    work.dimensions = kept
    for k in range(MOST_OPERANDS):
        work.operand[k].row = work.strides[k][kept - 1]
    # the same choice for every layout would do: bits do not depend on it
    work.by_row = work.size > LANES and (
        work.shape[kept - 1] < 4 or abs(work.operand[0].row) >= abs(work.operand[0].entry))
    work.direct = work.by_row and work.divisor > 1e-290
    for k in range(MOST_OPERANDS):
        work.direct = work.direct and side_by_side(&work.operand[k], array.itemsize)
    work.group = 1 if work.by_row and work.size > TILE else LANES
    work.groups = (work.shape[kept - 1] + work.group - 1) // work.group
    groups = work.groups
    for k in range(kept - 1):
        groups *= work.shape[k]
    with nogil:
        split(run_vectors, work, groups, max(<Py_ssize_t>1, GRAIN // (work.group * max(<Py_ssize_t>1, work.size))))
