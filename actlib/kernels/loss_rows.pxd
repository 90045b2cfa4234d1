# Class losses: one value for each row of K predictions, with the target a label or K shares.
#
# Rows are worked on in the tiles of row_primitives.pxd, so a row is summed in one order whatever its neighbours
# and strides. A kernel leaves the unweighted values in an array of doubles (one a row; loss_loops.pxd weighs and
# sums them) and writes the weighted gradient.

cimport numpy as cnp
from libc.stdint cimport int64_t
from libc.stdlib cimport free, malloc
from libc.string cimport memset

from .loops cimport GRAIN, Environment, enter, leave, load_half, prefetch, prefetch_to_write, store_half
from .loss_loops cimport (
    BLOCK, INTERVAL, LINE, STRICT_INTERVAL, Block, Evaluate, Wanted, inside, is_moderate, load_full, load_single,
    loader, over, store_full, store_single, weigh, weigh_and_divide)
from .primitives cimport NAN, madd, real, two_sum
from .row_primitives cimport LANES, STEPS, TILE, Sums, accumulate, clear, depth, load, place, store, total
from .row_primitives cimport Block as Rows
from .row_primitives cimport Operand as RowOperand
from .threads cimport split

cdef enum:
    HALF_TILE = 32          # steps of LANES entries that fill a Block
    PICKED = 4096           # entries of rows with labels that are looked through at a time
    MOST_PARAMETERS = 4
    MOST_AXES = 64

ctypedef void (*RowKernel)(const Rows* rows, const RowPass* work, const RowRun* run) noexcept nogil

# What one call works on; the addresses in the operands are those of the first row.
cdef struct RowPass:
    RowKernel kernel
    Evaluate evaluate       # for sums of elementwise terms
    bint picks              # of which labels leave one a row
    Wanted wanted
    Py_ssize_t classes
    int dimensions          # of the rows; the last one has a single stride
    Py_ssize_t shape[MOST_AXES]
    Py_ssize_t prediction_strides[MOST_AXES]
    Py_ssize_t target_strides[MOST_AXES]
    Py_ssize_t gradient_strides[MOST_AXES]
    RowOperand prediction
    RowOperand target       # shares; data is NULL where labels are given
    RowOperand gradient
    bint target_single      # shares are float16 or float32
    bint checks_shares      # they must lie in [0, 1]
    bint checks_prediction  # the same, or NaN
    const int64_t* labels   # one a row, in C order
    bint ignores
    int64_t ignored
    const double* class_weight
    double smoothing
    double parameter[MOST_PARAMETERS]
    const double* weight    # one a row
    double divisor
    double* values          # one a row; NULL where not wanted
    int* valid              # one a group
    bint along
    Py_ssize_t group        # rows that are worked on at a time
    Py_ssize_t groups       # of them in the last dimension

# The rows of one index of the outer dimensions
cdef struct RowRun:
    RowOperand prediction
    RowOperand target
    RowOperand gradient
    Py_ssize_t first        # number of its first row
    bint valid


cdef inline double over_any(double x, double divisor, double reciprocal, real like) noexcept nogil:
    """loss_loops.over for every divisor."""
    return over(x, divisor, reciprocal, like) if is_moderate(divisor) else x / divisor


# n <= BLOCK gradients times their weights over the divisor; finite where that is, even if a product is not
cdef inline void weigh_over(
    double* g, const double* weight, double divisor, Py_ssize_t n, real like
) noexcept nogil:
    cdef Py_ssize_t i
    cdef Py_ssize_t beyond = 0
    cdef double product, reciprocal = 1.0 / divisor
    for i in range(n):
        product = g[i] * weight[i]
        beyond += product - product != 0.0
    if beyond and divisor != 1.0:
        weigh_and_divide(g, weight, divisor, n, real is float)
        return
    weigh(g, weight, n)
    if divisor != 1.0:
        for i in range(n):
            g[i] = over_any(g[i], divisor, reciprocal, like)


cdef inline void store_gradient(
    const Rows* rows, const RowPass* work, const RowRun* run, Py_ssize_t step, Py_ssize_t count, double* g, real like
) noexcept nogil:
    """Weigh a tile of gradients and write it; ignored rows get 0."""
    cdef Py_ssize_t i, k, row
    # a copy, for the compiler cannot know that the loop leaves what `work` points to alone
    cdef double divisor = work.divisor, reciprocal = 1.0 / divisor
    cdef double weight[LANES]
    for i in range(LANES):
        row = run.first + rows.first + (0 if rows.along or i >= rows.rows else i)
        weight[i] = work.weight[row] if work.weight != NULL else 1.0
        if work.ignores and work.labels[row] == work.ignored:
            for k in range(count):
                g[k * LANES + i] = 0.0
    if work.weight != NULL:
        for k in range(count):
            weigh_over(g + k * LANES, weight, divisor, LANES, like)
    elif divisor != 1.0:
        for k in range(count * LANES):
            g[k] = over_any(g[k], divisor, reciprocal, like)
    store(rows, &run.gradient, step, count, g, like)


cdef inline void store_values(
    const Rows* rows, const RowPass* work, const RowRun* run, const double* value
) noexcept nogil:
    cdef Py_ssize_t i, row
    for i in range(rows.rows):
        row = run.first + rows.first + i
        work.values[row] = 0.0 if work.ignores and work.labels[row] == work.ignored else value[i]


cdef inline void load_labels(
    const Rows* rows, const RowPass* work, RowRun* run, double* label, double* weight
) noexcept nogil:
    """The label of each lane (0 for ignored and impossible ones) and its class weight."""
    cdef Py_ssize_t i
    cdef int64_t found
    for i in range(LANES):
        found = work.labels[run.first + rows.first + (0 if rows.along or i >= rows.rows else i)]
        if found < 0 or found >= work.classes:
            run.valid = run.valid and work.ignores and found == work.ignored
            found = 0
        label[i] = <double>found
        weight[i] = work.class_weight[found] if work.class_weight != NULL else 1.0


cdef inline void load_shares(
    const Rows* rows, const RowPass* work, RowRun* run, Py_ssize_t step, Py_ssize_t count, double* tile
) noexcept nogil:
    """The share of each class, smoothed and multiplied by its class weight; 0 where a lane has no entry."""
    load_plain_shares(rows, work, run, step, count, tile)
    weigh_classes(rows, work, step, count, tile)


cdef inline void weigh_classes(
    const Rows* rows, const RowPass* work, Py_ssize_t step, Py_ssize_t count, double* tile
) noexcept nogil:
    """Multiply a tile by the weights of the classes; one of 0 silences even infinity (but not NaN)."""
    cdef Py_ssize_t i, k, number
    cdef double weight, silent
    if work.class_weight == NULL:
        return
    for k in range(count):
        for i in range(LANES):
            number = (step + k) * LANES + i if rows.along else step + k
            weight = work.class_weight[number if number < work.classes else 0]
            silent = 0.0 if tile[k * LANES + i] == tile[k * LANES + i] else tile[k * LANES + i]
            tile[k * LANES + i] = silent if weight == 0.0 else tile[k * LANES + i] * weight


cdef inline void load_plain_shares(
    const Rows* rows, const RowPass* work, RowRun* run, Py_ssize_t step, Py_ssize_t count, double* tile
) noexcept nogil:
    """The share of each class, smoothed; 0 where a lane has no entry."""
    cdef Py_ssize_t i, k, number
    cdef Py_ssize_t bad = 0
    cdef double uniform = work.smoothing / <double>work.classes
    cdef double kept = 1.0 - work.smoothing
    cdef double label[LANES]
    cdef double unused[LANES]
    if work.labels != NULL:
        load_labels(rows, work, run, label, unused)
        for k in range(count):
            for i in range(LANES):
                number = (step + k) * LANES + i if rows.along else step + k
                tile[k * LANES + i] = 1.0 if label[i] == <double>number else 0.0
    else:
        if work.target_single:
            load(rows, &run.target, step, count, tile, 0.0, <float>0)
        else:
            load(rows, &run.target, step, count, tile, 0.0, <double>0)
        if work.checks_shares:
            for k in range(count * LANES):
                bad += 1 - ((tile[k] >= 0.0) & (tile[k] <= 1.0))
            run.valid = run.valid and bad == 0
    if work.smoothing != 0.0:
        for k in range(count * LANES):
            tile[k] = madd(kept, tile[k], uniform)
    if work.smoothing != 0.0 and rows.along:
        for k in range(count):
            for i in range(LANES):
                if (step + k) * LANES + i >= work.classes:
                    tile[k * LANES + i] = 0.0


# The kernel of a loss that is the sum over the classes of terms f(prediction, share)
cdef inline void sum_terms(const Rows* rows, const RowPass* work, const RowRun* run, real like) noexcept nogil:
    cdef Block block
    cdef Sums sums
    cdef double high[LANES]
    cdef double low[LANES]
    cdef Py_ssize_t i, count, step = 0
    clear(rows, &sums)
    while step < rows.steps:
        count = min(<Py_ssize_t>HALF_TILE, rows.steps - step)
        load(rows, &run.prediction, step, count, block.input[0], 1.0, like)
        if work.checks_prediction and not inside(block.input[0], count * LANES, INTERVAL, 0.0, 1.0):
            (<RowRun*>run).valid = False
        load_shares(rows, work, <RowRun*>run, step, count, block.input[1])
        work.evaluate(&block, count * LANES)
        if work.values != NULL:
            if rows.along and (step + count) * LANES > work.classes:
                for i in range(work.classes - step * LANES, count * LANES):
                    block.value[i] = 0.0
            accumulate(rows, block.value, step, count, &sums, <double>0)
        if work.gradient.data != NULL:
            store_gradient(rows, work, run, step, count, block.gradient, like)
        step += count
    if work.values != NULL:
        total(rows, &sums, high, low)
        for i in range(LANES):
            # where the sum is infinite, its low part is NaN
            high[i] = high[i] + (low[i] if high[i] - high[i] == 0.0 else 0.0)
        store_values(rows, work, run, high)


cdef inline void sum_terms_float(const Rows* rows, const RowPass* work, const RowRun* run) noexcept nogil:
    sum_terms(rows, work, run, <float>0)


cdef inline void sum_terms_double(const Rows* rows, const RowPass* work, const RowRun* run) noexcept nogil:
    sum_terms(rows, work, run, <double>0)


cdef inline void load_entries(const char* source, double* block, Py_ssize_t n, bint single) noexcept nogil:
    """n numbers that follow one another, and an early call for the next n"""
    cdef Py_ssize_t offset = 0, size = n * (4 if single else 8)
    if single:
        load_single(source, 4, <char*>block, n)
    else:
        load_full(source, 8, <char*>block, n)
    while offset < size:
        prefetch(source + size + offset)
        offset += LINE


cdef inline void mark_labels(const Rows* rows, const RowPass* work, RowRun* run, double* shares) noexcept nogil:
    """1 at the label of each row, 0 elsewhere; none are ignored."""
    cdef Py_ssize_t i
    cdef const int64_t* labels = work.labels + (run.first + rows.first)
    for i in range(rows.rows * work.classes):
        shares[i] = 0.0
    for i in range(rows.rows):
        if labels[i] < 0 or labels[i] >= work.classes:
            run.valid = False
        else:
            shares[i * work.classes + labels[i]] = 1.0


# The same kernel for short rows that follow one another in memory, without class weights: the terms are evaluated as
# they lie, and only their sums go by rows, in the order of `accumulate`. Bits are those of sum_terms.
cdef inline void flat_terms(const Rows* rows, const RowPass* work, const RowRun* run, real like) noexcept nogil:
    cdef Block block
    cdef double high[LANES]
    cdef double low[LANES]
    cdef double lost, divisor = work.divisor, reciprocal = 1.0 / divisor
    cdef Py_ssize_t i, k, lanes, first = 0, offset = 0, classes = work.classes, n = rows.rows * classes
    cdef Py_ssize_t row = run.first + rows.first
    cdef char* target
    load_entries(run.prediction.data + rows.first * run.prediction.row, block.input[0], n, real is float)
    if work.labels == NULL:
        load_entries(run.target.data + rows.first * run.target.row, block.input[1], n, work.target_single)
    else:
        mark_labels(rows, work, <RowRun*>run, block.input[1])
    if work.checks_prediction and not inside(block.input[0], n, INTERVAL, 0.0, 1.0):
        (<RowRun*>run).valid = False
    if work.checks_shares and not inside(block.input[1], n, STRICT_INTERVAL, 0.0, 1.0):
        (<RowRun*>run).valid = False
    work.evaluate(&block, n)
    if work.values != NULL:
        while first < rows.rows:
            lanes = min(<Py_ssize_t>LANES, rows.rows - first)
            for i in range(LANES):
                high[i] = 0.0
                low[i] = 0.0
            if lanes == LANES:
                for k in range(classes):
                    for i in range(LANES):
                        high[i] = two_sum(high[i], block.value[(first + i) * classes + k], &lost)
                        low[i] += lost
            else:
                for i in range(lanes):
                    for k in range(classes):
                        high[i] = two_sum(high[i], block.value[(first + i) * classes + k], &lost)
                        low[i] += lost
            for i in range(lanes):
                work.values[row + first + i] = high[i] + (low[i] if high[i] - high[i] == 0.0 else 0.0)
            first += LANES
    if work.gradient.data == NULL:
        return
    if work.weight != NULL:
        for i in range(rows.rows):
            for k in range(classes):
                block.weight[i * classes + k] = work.weight[row + i]
        weigh_over(block.gradient, block.weight, divisor, n, like)
    elif divisor != 1.0:
        for i in range(n):
            block.gradient[i] = over_any(block.gradient[i], divisor, reciprocal, like)
    target = run.gradient.data + rows.first * run.gradient.row
    if real is float:
        store_single(<const char*>block.gradient, 4, target, n)
    else:
        store_full(<const char*>block.gradient, 8, target, n)
    while offset < n * <Py_ssize_t>sizeof(real):
        prefetch_to_write(target + n * sizeof(real) + offset)
        offset += LINE


cdef inline void flat_terms_float(const Rows* rows, const RowPass* work, const RowRun* run) noexcept nogil:
    flat_terms(rows, work, run, <float>0)


cdef inline void flat_terms_double(const Rows* rows, const RowPass* work, const RowRun* run) noexcept nogil:
    flat_terms(rows, work, run, <double>0)


cdef inline void blank_entries(
    const real* x, real* g, Py_ssize_t n, Py_ssize_t* not_numbers, Py_ssize_t* outside
) noexcept nogil:
    """g = 0, or NaN where x is NaN; counts these, and what lies outside [0, 1]. `g` may be NULL."""
    cdef Py_ssize_t i
    cdef Py_ssize_t lost = 0, beyond = 0
    if g == NULL:
        for i in range(n):
            lost += x[i] != x[i]
            beyond += (x[i] < 0) | (x[i] > 1)
    else:
        for i in range(n):
            lost += x[i] != x[i]
            beyond += (x[i] < 0) | (x[i] > 1)
            g[i] = <real>0 if x[i] == x[i] else x[i]
    not_numbers[0] += lost
    outside[0] += beyond


# The same kernel for labels and rows whose entries lie side by side. All shares but one are 0, and their terms are 0
# or NaN: only the entries at the labels are evaluated. Bits are those of sum_terms.
cdef inline void pick_terms(const Rows* rows, const RowPass* work, const RowRun* run, real like) noexcept nogil:
    cdef Block block
    cdef Py_ssize_t at[BLOCK]
    cdef Py_ssize_t i, k, n = rows.rows, classes = work.classes
    cdef const char* source = run.prediction.data + rows.first * run.prediction.row
    cdef char* target = NULL
    cdef const int64_t* labels = work.labels + (run.first + rows.first)
    cdef const real* x
    cdef real* g
    cdef Py_ssize_t not_numbers = 0, outside = 0
    cdef double reciprocal = 1.0 / work.divisor
    if work.gradient.data != NULL:
        target = run.gradient.data + rows.first * run.gradient.row
    # first of all, because the gradient may replace the predictions
    for i in range(n):
        at[i] = labels[i]
        if labels[i] < 0 or labels[i] >= classes:
            (<RowRun*>run).valid = run.valid and work.ignores and labels[i] == work.ignored
            at[i] = 0
        block.input[0][i] = (<const real*>(source + i * run.prediction.row))[at[i]]
        block.input[1][i] = work.class_weight[at[i]] if work.class_weight != NULL else 1.0
    work.evaluate(&block, n)
    if run.prediction.row == classes * <Py_ssize_t>sizeof(real) and (
            target == NULL or run.gradient.row == run.prediction.row):
        blank_entries(<const real*>source, <real*>target, n * classes, &not_numbers, &outside)
    else:
        for i in range(n):
            blank_entries(
                <const real*>(source + i * run.prediction.row),
                NULL if target == NULL else <real*>(target + i * run.gradient.row), classes, &not_numbers, &outside)
    if work.checks_prediction and outside:
        (<RowRun*>run).valid = False
    if work.values != NULL:
        if not_numbers:
            for i in range(n):
                x = <const real*>(source + i * run.prediction.row)
                for k in range(classes):
                    block.value[i] = block.value[i] if x[k] == x[k] else NAN
        store_values(rows, work, run, block.value)
    if target == NULL:
        return
    if work.weight != NULL:
        for i in range(n):
            block.weight[i] = work.weight[run.first + rows.first + i]
        weigh_over(block.gradient, block.weight, work.divisor, n, like)
    for i in range(n):
        g = <real*>(target + i * run.gradient.row)
        if work.weight == NULL:
            block.gradient[i] = over_any(block.gradient[i], work.divisor, reciprocal, like)
        g[at[i]] = <real>block.gradient[i]
        if work.ignores and labels[i] == work.ignored:
            for k in range(classes):
                g[k] = 0


cdef inline void pick_terms_float(const Rows* rows, const RowPass* work, const RowRun* run) noexcept nogil:
    pick_terms(rows, work, run, <float>0)


cdef inline void pick_terms_double(const Rows* rows, const RowPass* work, const RowRun* run) noexcept nogil:
    pick_terms(rows, work, run, <double>0)


cdef inline bint side_by_side(const RowOperand* operand, Py_ssize_t itemsize) noexcept nogil:
    return operand.data == NULL or (operand.convert == NULL and operand.entry == itemsize)


cdef inline bint one_after_another(
    const RowOperand* operand, Py_ssize_t classes, Py_ssize_t itemsize
) noexcept nogil:
    return side_by_side(operand, itemsize) and (operand.data == NULL or operand.row == classes * itemsize)


# In the place of a kernel: looks at what has a domain, and writes nothing
cdef inline void check_rows(const Rows* rows, const RowPass* work, const RowRun* run, real like) noexcept nogil:
    cdef double tile[TILE]
    cdef double label[LANES]
    cdef double unused[LANES]
    cdef Py_ssize_t count, step = 0, not_numbers = 0, outside = 0
    cdef bint flat = one_after_another(&run.prediction, work.classes, sizeof(real))
    if work.labels != NULL:
        load_labels(rows, work, <RowRun*>run, label, unused)
    if work.checks_prediction and flat:
        blank_entries(
            <const real*>(run.prediction.data + rows.first * run.prediction.row), NULL, rows.rows * work.classes,
            &not_numbers, &outside)
        (<RowRun*>run).valid = run.valid and outside == 0
    while step < rows.steps:
        count = depth(rows, step)
        if work.checks_prediction and not flat:
            load(rows, &run.prediction, step, count, tile, 0.0, like)
            if not inside(tile, count * LANES, INTERVAL, 0.0, 1.0):
                (<RowRun*>run).valid = False
        if work.labels == NULL and work.checks_shares:
            load_plain_shares(rows, work, <RowRun*>run, step, count, tile)
        step += STEPS


cdef inline void check_rows_float(const Rows* rows, const RowPass* work, const RowRun* run) noexcept nogil:
    check_rows(rows, work, run, <float>0)


cdef inline void check_rows_double(const Rows* rows, const RowPass* work, const RowRun* run) noexcept nogil:
    check_rows(rows, work, run, <double>0)


cdef inline void run_groups(void* context, Py_ssize_t first, Py_ssize_t last) noexcept nogil:
    """One thread's share of the groups of rows."""
    cdef const RowPass* work = <const RowPass*>context
    cdef RowRun run
    cdef Rows rows
    cdef Environment environment
    cdef Py_ssize_t number, outer, rest, start, index
    cdef int axis
    enter(&environment)
    for number in range(first, last):
        outer = number // work.groups
        start = (number % work.groups) * work.group
        run.prediction = work.prediction
        run.target = work.target
        run.gradient = work.gradient
        run.first = outer * work.shape[work.dimensions - 1]
        run.valid = True
        rest = outer
        for axis in range(work.dimensions - 2, -1, -1):
            index = rest % work.shape[axis]
            rest //= work.shape[axis]
            run.prediction.data += index * work.prediction_strides[axis]
            if run.target.data != NULL:
                run.target.data += index * work.target_strides[axis]
            if run.gradient.data != NULL:
                run.gradient.data += index * work.gradient_strides[axis]
        place(&rows, start, min(work.group, work.shape[work.dimensions - 1] - start), work.classes, work.along)
        work.kernel(&rows, work, &run)
        work.valid[number] = run.valid
    leave(&environment)


cdef inline bint run_rows(RowPass* work) except -1:
    """Run the kernel over all rows; whether it found them valid."""
    cdef Py_ssize_t groups, number
    cdef bint valid = True
    cdef int k
    work.groups = (work.shape[work.dimensions - 1] + work.group - 1) // work.group
    groups = work.groups
    for k in range(work.dimensions - 1):
        groups *= work.shape[k]
    work.valid = <int*>malloc((groups + 1) * sizeof(int))
    if work.valid == NULL:
        raise MemoryError
    with nogil:
        split(run_groups, work, groups, max(<Py_ssize_t>1, GRAIN // (work.group * max(<Py_ssize_t>1, work.classes))))
        for number in range(groups):
            valid = valid and work.valid[number] != 0
        free(work.valid)
    return valid


cdef inline bint describe_row(RowOperand* operand, Py_ssize_t* strides, cnp.ndarray array, bint result) except -1:
    """Fill in an operand of shape (rows..., classes); whether it is of at most 32 bits."""
    cdef int k, last = cnp.PyArray_NDIM(array) - 1
    cdef int kind = cnp.PyArray_TYPE(array)
    operand.data = <char*>cnp.PyArray_DATA(array)
    operand.entry = cnp.PyArray_STRIDE(array, last)
    for k in range(last):
        strides[k] = cnp.PyArray_STRIDE(array, k)
    operand.convert = NULL
    if kind == cnp.NPY_FLOAT or kind == cnp.NPY_DOUBLE:
        return kind == cnp.NPY_FLOAT
    if kind == cnp.NPY_FLOAT16:
        operand.convert = store_half if result else load_half
        return True
    if result:
        raise TypeError(f"a result cannot be of type {array.dtype}")
    operand.convert = loader(kind)
    return False


cdef inline bint drive_rows(
    RowPass* work, cnp.ndarray prediction, target, labels, class_weight, weight, values, gradient, bint checks_first
) except -1:
    """Run a class loss over all rows; False if a target was impossible, and then with `checks_first` before anything
    is written.

    `prediction`, `target` and `gradient` have the shape (rows..., classes); `labels` (int64), `weight` and
    `values` (float64) are contiguous, one element a row; `class_weight` has one element a class.
    """
    cdef int axis, kept = 0, last = prediction.ndim - 1
    cdef Py_ssize_t itemsize = prediction.itemsize
    cdef RowKernel kernel = work.kernel
    cdef bint single
    work.classes = prediction.shape[last]
    memset(work.target_strides, 0, sizeof(work.target_strides))
    memset(work.gradient_strides, 0, sizeof(work.gradient_strides))
    memset(&work.target, 0, sizeof(work.target))
    memset(&work.gradient, 0, sizeof(work.gradient))
    single = describe_row(&work.prediction, work.prediction_strides, prediction, False)
    if target is not None:
        work.target_single = describe_row(&work.target, work.target_strides, target, False)
    if gradient is not None:
        describe_row(&work.gradient, work.gradient_strides, gradient, True)
    work.labels = <const int64_t*>cnp.PyArray_DATA(labels) if labels is not None else NULL
    work.class_weight = <const double*>cnp.PyArray_DATA(class_weight) if class_weight is not None else NULL
    work.weight = <const double*>cnp.PyArray_DATA(weight) if weight is not None else NULL
    work.values = <double*>cnp.PyArray_DATA(values) if values is not None else NULL
    for axis in range(last):
        if prediction.shape[axis] == 1:
            continue
        if not (
            kept > 0
            and work.prediction_strides[kept - 1] == work.prediction_strides[axis] * prediction.shape[axis]
            and work.target_strides[kept - 1] == work.target_strides[axis] * prediction.shape[axis]
            and work.gradient_strides[kept - 1] == work.gradient_strides[axis] * prediction.shape[axis]
        ):
            kept += 1
            work.shape[kept - 1] = 1
        work.shape[kept - 1] *= prediction.shape[axis]
        work.prediction_strides[kept - 1] = work.prediction_strides[axis]
        work.target_strides[kept - 1] = work.target_strides[axis]
        work.gradient_strides[kept - 1] = work.gradient_strides[axis]
    if kept == 0:
        kept = 1
        work.shape[0] = 1
        work.prediction_strides[0] = 0
        work.target_strides[0] = 0
        work.gradient_strides[0] = 0
    work.dimensions = kept
    work.prediction.row = work.prediction_strides[kept - 1]
    work.target.row = work.target_strides[kept - 1]
    work.gradient.row = work.gradient_strides[kept - 1]
    work.along = work.classes > STEPS and (
        work.shape[kept - 1] < 4 or abs(work.prediction.row) >= abs(work.prediction.entry))
    work.group = 1 if work.along else LANES
    if checks_first:
        work.kernel = check_rows_float if single else check_rows_double
        if not run_rows(work):
            return False
        work.kernel = kernel
        work.checks_prediction = work.checks_shares = False
    if work.picks and work.classes > 0 and (
            side_by_side(&work.prediction, itemsize) and side_by_side(&work.gradient, itemsize)):
        work.kernel = pick_terms_float if itemsize == 4 else pick_terms_double
        work.along = False
        work.group = max(<Py_ssize_t>1, min(<Py_ssize_t>BLOCK, PICKED // work.classes))
    if work.evaluate != NULL and class_weight is None and work.smoothing == 0.0 and (
            0 < work.classes <= STEPS
            and not (work.picks or work.ignores)
            and one_after_another(&work.prediction, work.classes, itemsize)
            and one_after_another(&work.target, work.classes, 4 if work.target_single else 8)
            and one_after_another(&work.gradient, work.classes, itemsize)):
        work.kernel = flat_terms_float if itemsize == 4 else flat_terms_double
        work.group = BLOCK // work.classes
    return run_rows(work)
