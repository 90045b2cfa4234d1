# Losses of vectors: one value for each place of two or three arrays of vectors, and a gradient for each of them.
#
# The vectors are rows, worked on in the tiles of row_primitives.pxd, so a row is summed in one order whatever its
# neighbours and strides. A kernel leaves the unweighted values in an array of doubles (one a row; loss_loops.pxd
# weighs and sums them) and writes the weighted gradients.

cimport numpy as cnp
from libc.string cimport memset

from .loops cimport GRAIN, Environment, enter, leave
from .loss_loops cimport Wanted
from .loss_rows cimport describe_row, over
from .primitives cimport real, two_sum
from .row_primitives cimport LANES, STEPS, Sums, place, store
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
    bint along
    Py_ssize_t group        # rows that are worked on at a time
    Py_ssize_t groups       # of them in the last dimension

# The rows of one index of the outer dimensions
cdef struct VectorRun:
    RowOperand vector[MOST_VECTORS]
    RowOperand gradient[MOST_VECTORS]
    Py_ssize_t first        # number of its first row


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
    cdef Py_ssize_t i, k
    cdef double silent, reciprocal = 1.0 / work.divisor
    cdef double weight[LANES]
    if work.weight != NULL:
        load_row_numbers(rows, run, work.weight, 1.0, weight)
        for k in range(count):
            for i in range(LANES):
                silent = 0.0 if g[k * LANES + i] == g[k * LANES + i] else g[k * LANES + i]
                g[k * LANES + i] = silent if weight[i] == 0.0 else g[k * LANES + i] * weight[i]
    if work.divisor != 1.0:
        for k in range(count * LANES):
            g[k] = over(g[k], work.divisor, reciprocal, like)
    store(rows, &run.gradient[vector], step, count, g, like)


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
        place(&rows, start, min(work.group, work.shape[work.dimensions - 1] - start), work.size, work.along)
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
    work.along = work.size > STEPS and (
        work.shape[kept - 1] < 4 or abs(work.operand[0].row) >= abs(work.operand[0].entry))
    work.group = 1 if work.along else LANES
    work.groups = (work.shape[kept - 1] + work.group - 1) // work.group
    groups = work.groups
    for k in range(kept - 1):
        groups *= work.shape[k]
    with nogil:
        split(run_vectors, work, groups, max(<Py_ssize_t>1, GRAIN // (work.group * max(<Py_ssize_t>1, work.size))))
