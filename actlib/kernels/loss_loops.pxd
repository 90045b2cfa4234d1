# From the scalar formulas of a loss to one pass over memory. Nothing here knows any mathematics.
#
# generate_losses.py writes, for each loss, four functions on a block in the L1 cache: value, gradient, both at
# once (exponentials are shared) and the diagonal of the Hessian. The driver fills the block from operands of any
# type and strides, multiplies by the weights, stores what is asked for and sums the values. The first three are
# there once more for the common case, arrays of the type of the result without gaps and no weights: they read and
# write where the operands lie, and give the same bits in half the time.
#
# Blocks follow the C order of the indices, whatever the strides, and their sums are combined in that order; so
# neither threads nor layout change a bit. Sums carry their rounding errors along: the total is that of the terms to
# within 2**-52 of the sum of their magnitudes. The blocks of a float32 result are added in double without that: at
# most 20 roundings each, 2**-48 of that sum.

cimport numpy as cnp
from libc.math cimport frexp, ldexp
from libc.stdint cimport uint16_t
from libc.stdlib cimport free, malloc
from libc.string cimport memcpy, memset

from .loops cimport (
    Environment, Move, enter, float_to_half, leave, load_byte, load_int, load_long, load_longlong, load_short,
    load_ubyte, load_uint, load_ulong, load_ulonglong, load_ushort, npy_half_to_float, prefetch, prefetch_to_write)
from .primitives cimport NAN, madd, real, two_sum
from .threads cimport split

cdef enum:
    BLOCK = 512             # elements of a block: 4 KiB an operand
    PADDED = BLOCK + 24     # a distance of 4 KiB between operands would make loads wait for unrelated stores
    LANES = 32              # partial sums of a block
    MOST_INPUTS = 6         # prediction, target, parameters
    MOST_DIMENSIONS = 64    # NumPy's limit
    BLOCK_GRAIN = 32        # blocks for which waking another thread pays
    LINE = 64               # bytes that memory delivers at a time

cdef extern from * nogil:
    """
    #define ACTLIB_SHRINK 0x1p-560
    """
    # Where a sum overflows, values and weights are multiplied by this each; then no sum of up to 2**64 products does,
    # and the products that matter beside those are far from underflow.
    const double SHRINK "ACTLIB_SHRINK"
    enum:
        SHRINK_BITS "(2 * 560)"

cdef enum Wanted:
    VALUE
    GRADIENT
    VALUE_AND_GRADIENT
    HESSIAN
    WANTED_COUNT

# What an operand may hold; NaN passes through ANY and INTERVAL.
cdef enum Domain:
    ANY
    INTERVAL                # low <= x <= high, or NaN
    STRICT_INTERVAL         # low <= x <= high
    SIGNS                   # -1 or +1

cdef struct Block:
    double input[MOST_INPUTS][PADDED]
    double number[MOST_INPUTS]  # those inputs that are the same everywhere
    double weight[PADDED]
    double value[PADDED]
    double gradient[PADDED]

ctypedef void (*Evaluate)(Block* block, Py_ssize_t n) noexcept nogil

# A block whose operands lie in memory as a function reads and writes them.
cdef struct Stream:
    const void* input[MOST_INPUTS]
    double number[MOST_INPUTS]  # those inputs that are numbers
    double* value
    void* gradient
    double divisor              # of the gradient

ctypedef void (*EvaluateStream)(const Stream* stream, Py_ssize_t n) noexcept nogil

cdef struct Operand:
    char* data
    Py_ssize_t strides[MOST_DIMENSIONS]
    Move move               # load into a block of doubles, or store from it
    bint constant           # every stride is 0
    Domain domain
    double low
    double high
    double number           # the operand itself, if it is given as a Python number

cdef struct Layout:
    int dimensions
    Py_ssize_t shape[MOST_DIMENSIONS]

cdef struct Partial:        # of one block
    double high             # sum of the weighted values ...
    double low              # ... and what its rounding lost
    bint shrunk             # both times SHRINK**2
    bint valid              # every operand inside its domain

cdef struct Pass:
    Evaluate evaluate
    EvaluateStream stream   # or NULL, where operands have to be converted, gathered or weighed
    bint single             # the result is rounded to float32 or float16
    Layout layout
    Py_ssize_t size
    int inputs
    Operand input[MOST_INPUTS]
    bint weighted
    Operand weight
    bint sums
    bint stores_value
    Operand value
    bint stores_gradient
    Operand gradient
    bint stores_second      # a gradient with respect to the second input, for a function of the difference
    Operand second
    double second_sign      # the first gradient times this: -1, or 1 for second derivatives
    double divisor          # of the gradient
    Partial* partial


cdef inline void load_single(const char* source, Py_ssize_t stride, char* target, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    cdef double* block = <double*>target
    if stride == 4:
        for i in range(n):
            block[i] = (<const float*>source)[i]
    else:
        for i in range(n):
            block[i] = (<const float*>(source + i * stride))[0]


cdef inline void load_full(const char* source, Py_ssize_t stride, char* target, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    if stride == 8:
        memcpy(target, source, n * 8)
    else:
        for i in range(n):
            (<double*>target)[i] = (<const double*>(source + i * stride))[0]


cdef inline void load_short_float(const char* source, Py_ssize_t stride, char* target, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        (<double*>target)[i] = npy_half_to_float((<const uint16_t*>(source + i * stride))[0])


cdef inline void store_single(const char* source, Py_ssize_t stride, char* target, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    cdef const double* block = <const double*>source
    if stride == 4:
        for i in range(n):
            (<float*>target)[i] = <float>block[i]
    else:
        for i in range(n):
            (<float*>(target + i * stride))[0] = <float>block[i]


cdef inline void store_full(const char* source, Py_ssize_t stride, char* target, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    if stride == 8:
        memcpy(target, source, n * 8)
    else:
        for i in range(n):
            (<double*>(target + i * stride))[0] = (<const double*>source)[i]


cdef inline void store_short_float(const char* source, Py_ssize_t stride, char* target, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        (<uint16_t*>(target + i * stride))[0] = float_to_half(<float>(<const double*>source)[i])


cdef inline Move loader(int type_number) except NULL:
    """What reads a NumPy type into doubles."""
    if type_number == cnp.NPY_FLOAT:
        return load_single
    if type_number == cnp.NPY_DOUBLE:
        return load_full
    if type_number == cnp.NPY_FLOAT16:
        return load_short_float
    if type_number == cnp.NPY_BOOL or type_number == cnp.NPY_UBYTE:
        return load_ubyte
    if type_number == cnp.NPY_BYTE:
        return load_byte
    if type_number == cnp.NPY_SHORT:
        return load_short
    if type_number == cnp.NPY_USHORT:
        return load_ushort
    if type_number == cnp.NPY_INT:
        return load_int
    if type_number == cnp.NPY_UINT:
        return load_uint
    if type_number == cnp.NPY_LONG:
        return load_long
    if type_number == cnp.NPY_ULONG:
        return load_ulong
    if type_number == cnp.NPY_LONGLONG:
        return load_longlong
    if type_number == cnp.NPY_ULONGLONG:
        return load_ulonglong
    raise TypeError("an operand is neither boolean, integer, float16, float32 nor float64")


cdef inline Move storer(int type_number) except NULL:
    if type_number == cnp.NPY_FLOAT:
        return store_single
    if type_number == cnp.NPY_DOUBLE:
        return store_full
    if type_number == cnp.NPY_FLOAT16:
        return store_short_float
    raise TypeError("a result is neither float16, float32 nor float64")


cdef inline void describe(Operand* operand, cnp.ndarray array, bint result) except *:
    """Fill in an operand of as many axes as the result, or of none: then it is the same number everywhere."""
    cdef int k
    memset(operand.strides, 0, sizeof(operand.strides))
    operand.data = <char*>cnp.PyArray_DATA(array)
    operand.move = storer(cnp.PyArray_TYPE(array)) if result else loader(cnp.PyArray_TYPE(array))
    operand.constant = True
    operand.domain = ANY
    for k in range(cnp.PyArray_NDIM(array)):
        operand.strides[k] = cnp.PyArray_STRIDE(array, k)
        operand.constant = operand.constant and operand.strides[k] == 0


cdef inline void describe_input(Operand* operand, array) except *:
    if not isinstance(array, float):
        describe(operand, array, False)
        return
    memset(operand.strides, 0, sizeof(operand.strides))
    operand.number = array
    operand.data = <char*>&operand.number
    operand.move = load_full
    operand.constant = True


cdef inline void merge(Layout* layout, Operand** operands, int count) noexcept:
    """Drop axes of length 1 and join neighbouring axes that all operands step through evenly."""
    cdef int k, axis, kept = 0
    cdef bint even
    cdef Py_ssize_t length
    for axis in range(layout.dimensions):
        length = layout.shape[axis]
        if length == 1:
            continue
        even = kept > 0
        for k in range(count):
            even = even and (
                operands[k].strides[kept - 1] == operands[k].strides[axis] * length)
        if not even:
            kept += 1
            layout.shape[kept - 1] = 1
        layout.shape[kept - 1] *= length
        for k in range(count):
            operands[k].strides[kept - 1] = operands[k].strides[axis]
    if kept == 0:
        kept = 1
        layout.shape[0] = 1
        for k in range(count):
            operands[k].strides[0] = 0
    layout.dimensions = kept


cdef inline void transfer(
    const Operand* operand, const Layout* layout, Py_ssize_t start, Py_ssize_t n, double* block, bint stores
) noexcept nogil:
    """Move the elements [start, start + n), in C order, between an operand and a block."""
    cdef Py_ssize_t index[MOST_DIMENSIONS]
    cdef Py_ssize_t run, stride
    cdef int axis, last = layout.dimensions - 1
    cdef char* place = operand.data
    stride = operand.strides[last]
    if last == 0:
        place += start * stride
        if stores:
            operand.move(<char*>block, stride, place, n)
        else:
            operand.move(place, stride, <char*>block, n)
        return
    for axis in range(last, -1, -1):
        index[axis] = start % layout.shape[axis]
        start //= layout.shape[axis]
        place += index[axis] * operand.strides[axis]
    while n > 0:
        run = min(n, layout.shape[last] - index[last])
        if stores:
            operand.move(<char*>block, stride, place, run)
        else:
            operand.move(place, stride, <char*>block, run)
        block += run
        n -= run
        place += run * stride
        index[last] += run
        axis = last
        while axis > 0 and index[axis] == layout.shape[axis]:
            place += operand.strides[axis - 1] - layout.shape[axis] * operand.strides[axis]
            index[axis] = 0
            axis -= 1
            index[axis] += 1


cdef inline bint inside(const real* x, Py_ssize_t n, Domain domain, double low, double high) noexcept nogil:
    cdef Py_ssize_t i
    cdef int bad = 0
    if domain == INTERVAL:
        for i in range(n):
            bad += (x[i] < low) | (x[i] > high)
    elif domain == STRICT_INTERVAL:
        for i in range(n):
            bad += 1 - ((x[i] >= low) & (x[i] <= high))
    elif domain == SIGNS:
        for i in range(n):
            bad += 1 - ((x[i] == 1.0) | (x[i] == -1.0))
    return bad == 0


cdef inline bint all_hard(const real* target, Py_ssize_t n) noexcept nogil:
    """Whether every target is 0 or 1."""
    cdef Py_ssize_t i
    cdef int soft = 0
    for i in range(n):
        soft += (target[i] != 0.0) & (target[i] != 1.0)
    return soft == 0


cdef inline double over(double x, double divisor, double reciprocal, real like) noexcept nogil:
    """x / divisor for a divisor within 1e+-290, the reciprocal given: rounded as a division is where madd is fused, at
    the price of three multiplications (Markstein 1990); on the way to float32, one is good enough.
    """
    cdef double quotient = x * reciprocal
    if real is float:
        return quotient
    else:
        # a zero keeps its sign, and so does an infinity
        return madd(madd(-quotient, divisor, x), reciprocal, quotient) if (
            (quotient - quotient == 0.0) & (quotient != 0.0)) else quotient


cdef inline void weigh(double* x, const double* weight, Py_ssize_t n) noexcept nogil:
    """x * weight, where a weight of 0 silences even an infinite x (but not NaN)."""
    cdef Py_ssize_t i
    cdef double silent
    for i in range(n):
        silent = 0.0 if x[i] == x[i] else x[i]
        x[i] = silent if weight[i] == 0.0 else x[i] * weight[i]


cdef inline bint is_moderate(double divisor) noexcept nogil:
    """Whether it and its reciprocal are far from under- and overflow."""
    return 1e-290 <= divisor <= 1e290


cdef inline void divide(double* x, double divisor, Py_ssize_t n, bint single) noexcept nogil:
    cdef Py_ssize_t i
    cdef double reciprocal = 1.0 / divisor
    if not is_moderate(divisor):
        for i in range(n):
            x[i] = x[i] / divisor
    elif single:
        for i in range(n):
            x[i] = over(x[i], divisor, reciprocal, <float>0)
    else:
        for i in range(n):
            x[i] = over(x[i], divisor, reciprocal, <double>0)


cdef inline bint all_finite(const double* x, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    cdef Py_ssize_t bad = 0
    for i in range(n):
        bad += x[i] - x[i] != 0.0
    return bad == 0


cdef inline void weigh_and_divide(
    double* x, const double* weight, double divisor, Py_ssize_t n, bint single
) noexcept nogil:
    """weigh, then divide; where the product overflows, of factors divided by powers of 2, for the quotient may not."""
    cdef double quotient[PADDED]
    cdef Py_ssize_t i
    for i in range(n):
        # both factors are at least 1 where this is used
        quotient[i] = (x[i] * 7.458340731200207e-155) * (weight[i] * 3.7291703656001034e-155) / divisor
        quotient[i] = quotient[i] * 1.3407807929942597e+154 * 2.6815615859885194e+154
        # NaN where it is not used
        quotient[i] = quotient[i] if (x[i] - x[i] == 0.0) & (x[i] * weight[i] - x[i] * weight[i] != 0.0) else NAN
    weigh(x, weight, n)
    divide(x, divisor, n, single)
    for i in range(n):
        x[i] = quotient[i] if quotient[i] == quotient[i] else x[i]


cdef inline double add_block(double* x, Py_ssize_t n, double* low) noexcept nogil:
    """The sum of n <= BLOCK numbers; `low` receives what rounding lost. Overwrites what follows them.

    Where a term is larger than the sum before it, what is lost is known but for 2**-53 of the term (Dekker 1971).
    """
    cdef double high[LANES]
    cdef double error[LANES]
    cdef double sum, lost
    cdef Py_ssize_t i = 0, j, width = LANES // 2
    cdef Py_ssize_t rounded_up = (n + LANES - 1) // LANES * LANES
    memset(x + n, 0, (rounded_up - n) * sizeof(double))
    for j in range(LANES):
        high[j] = 0.0
        error[j] = 0.0
    while i < rounded_up:
        for j in range(LANES):
            sum = high[j] + x[i + j]
            error[j] += x[i + j] - (sum - high[j])
            high[j] = sum
        i += LANES
    while width > 0:
        for j in range(width):
            high[j] = two_sum(high[j], high[j + width], &lost)
            error[j] = (error[j] + error[j + width]) + lost
        width //= 2
    # beyond the largest number, and from infinities, `lost` is NaN
    low[0] = error[0] if high[0] - high[0] == 0.0 else 0.0
    return high[0]


cdef inline double add_block_plainly(double* x, Py_ssize_t n) noexcept nogil:
    """The same without what rounding lost."""
    cdef double sums[LANES]
    cdef Py_ssize_t i = 0, j, width = LANES // 2
    cdef Py_ssize_t rounded_up = (n + LANES - 1) // LANES * LANES
    memset(x + n, 0, (rounded_up - n) * sizeof(double))
    for j in range(LANES):
        sums[j] = 0.0
    while i < rounded_up:
        for j in range(LANES):
            sums[j] += x[i + j]
        i += LANES
    while width > 0:
        for j in range(width):
            sums[j] += sums[j + width]
        width //= 2
    return sums[0]


cdef inline void weigh_shrunk(double* x, const double* weight, Py_ssize_t n) noexcept nogil:
    """weigh, times SHRINK**2: the shrunk weight may underflow, and silences nothing then."""
    cdef Py_ssize_t i
    for i in range(n):
        if weight[i] == 0.0:
            x[i] = 0.0 if x[i] == x[i] else x[i]
        elif x[i] - x[i] == 0.0:
            x[i] = (x[i] * SHRINK) * (weight[i] * SHRINK)


cdef inline void add_values(const Pass* work, Block* block, Py_ssize_t n, Partial* partial) noexcept nogil:
    """Add up a block of weighted values. If `shrunk` says so, the sum has overflowed and is to be made anew."""
    if work.single:
        partial.high = add_block_plainly(block.value, n)
        partial.low = 0.0
    else:
        partial.high = add_block(block.value, n, &partial.low)
    partial.shrunk = partial.high - partial.high != 0.0
    if partial.shrunk and not work.weighted:
        partial.shrunk = all_finite(block.value, n)  # else nothing would make it finite


cdef inline void sum_block(const Pass* work, Block* block, Py_ssize_t n, Partial* partial) noexcept nogil:
    """The sum of the weighted values; shrunk where it overflows, though its mean may not."""
    cdef Py_ssize_t i
    add_values(work, block, n, partial)
    if partial.shrunk:
        work.evaluate(block, n)
        if not work.weighted:
            for i in range(n):
                block.weight[i] = 1.0
        weigh_shrunk(block.value, block.weight, n)
        partial.high = add_block(block.value, n, &partial.low)


cdef inline double add_partials(const Partial* partial, Py_ssize_t count, bint shrunk, double* low) noexcept nogil:
    """The sum of all blocks, times SHRINK**2 where `shrunk`."""
    cdef Py_ssize_t i
    cdef double lost, rest, high = 0.0
    cdef double next_high
    low[0] = 0.0
    for i in range(count):
        next_high, rest = partial[i].high, partial[i].low
        if shrunk and not partial[i].shrunk:
            next_high *= SHRINK
            next_high *= SHRINK
            rest *= SHRINK
            rest *= SHRINK
        high = two_sum(high, next_high, &lost)
        low[0] += lost + rest
    low[0] = low[0] if high - high == 0.0 else 0.0
    return high


cdef inline double total_over(const Partial* partial, Py_ssize_t count, double divisor) noexcept nogil:
    """The sum of all blocks over `divisor`; finite where that is, even if the sum is not."""
    cdef Py_ssize_t i
    cdef double high, low
    cdef int exponent, exponent_of_divisor
    cdef bint shrunk = False
    for i in range(count):
        shrunk = shrunk or partial[i].shrunk
    high = add_partials(partial, count, shrunk, &low)
    if not shrunk and high - high != 0.0:
        shrunk = True
        high = add_partials(partial, count, shrunk, &low)
    if not shrunk:
        return (high + low) / divisor
    high = frexp(high + low, &exponent)
    divisor = frexp(divisor, &exponent_of_divisor)
    if high - high != 0.0 or divisor == 0.0 or divisor - divisor != 0.0:
        return high / divisor
    return ldexp(high / divisor, exponent - exponent_of_divisor + SHRINK_BITS)


cdef inline void fetch(
    const Operand* operand, const Layout* layout, Py_ssize_t start, Py_ssize_t n, bint stores
) noexcept nogil:
    """Have memory send the elements [start, start + n) while others are worked on, where they lie together."""
    cdef Py_ssize_t offset = 0, stride = operand.strides[0]
    cdef const char* place = operand.data + start * stride
    if layout.dimensions > 1 or stride < 1 or stride > 8:
        return
    while offset < n * stride:
        if stores:
            prefetch_to_write(place + offset)
        else:
            prefetch(place + offset)
        offset += LINE


cdef inline void mirror(const real* gradient, real* second, double sign, Py_ssize_t n) noexcept nogil:
    """The gradient with respect to the other input of a function of their difference."""
    cdef Py_ssize_t i
    for i in range(n):
        # adding 0 makes a zero of -0
        second[i] = <real>sign * gradient[i] + <real>0.0


cdef inline bint run_stream(
    const Pass* work, Block* block, Stream* stream, Py_ssize_t start, Py_ssize_t n, Partial* partial, real like
) noexcept nogil:
    """One block where its operands lie; False if its sum overflows, which the other way takes care of."""
    cdef int k
    for k in range(work.inputs):
        if work.input[k].constant:
            continue
        stream.input[k] = <const real*>work.input[k].data + start
        if work.input[k].domain != ANY:
            partial.valid = partial.valid and read_inside(work, &work.input[k], start, n, NULL)
    stream.value = block.value
    if work.stores_gradient:
        stream.gradient = <real*>work.gradient.data + start
    work.stream(stream, n)
    if work.stores_second:
        mirror(<const real*>stream.gradient, <real*>work.second.data + start, work.second_sign, n)
    if not work.sums:
        return True
    add_values(work, block, n, partial)
    return not partial.shrunk


cdef inline void run_block(
    const Pass* work, Block* block, Py_ssize_t start, Py_ssize_t n, Partial* partial
) noexcept nogil:
    """One block by way of buffers."""
    cdef Py_ssize_t following = min(<Py_ssize_t>BLOCK, work.size - start - n)
    cdef Py_ssize_t k
    for k in range(work.inputs):
        if work.input[k].constant:
            continue
        transfer(&work.input[k], &work.layout, start, n, block.input[k], False)
        fetch(&work.input[k], &work.layout, start + n, following, False)
        if work.input[k].domain != ANY:
            partial.valid = partial.valid and inside(
                block.input[k], n, work.input[k].domain, work.input[k].low, work.input[k].high)
    work.evaluate(block, n)
    if work.weighted:
        transfer(&work.weight, &work.layout, start, n, block.weight, False)
    if work.stores_gradient:
        if work.weighted:
            weigh(block.gradient, block.weight, n)
        if work.weighted and work.divisor != 1.0 and not all_finite(block.gradient, n):
            work.evaluate(block, n)
            weigh_and_divide(block.gradient, block.weight, work.divisor, n, work.single)
        elif work.divisor != 1.0:
            divide(block.gradient, work.divisor, n, work.single)
        transfer(&work.gradient, &work.layout, start, n, block.gradient, True)
        fetch(&work.gradient, &work.layout, start + n, following, True)
        if work.stores_second:
            mirror(block.gradient, block.gradient, work.second_sign, n)
            transfer(&work.second, &work.layout, start, n, block.gradient, True)
            fetch(&work.second, &work.layout, start + n, following, True)
    if work.stores_value or work.sums:
        if work.weighted:
            weigh(block.value, block.weight, n)
        if work.stores_value:
            transfer(&work.value, &work.layout, start, n, block.value, True)
        if work.sums:
            sum_block(work, block, n, partial)


cdef inline void run_blocks(void* context, Py_ssize_t first, Py_ssize_t last) noexcept nogil:
    """One thread's share of the blocks."""
    cdef const Pass* work = <const Pass*>context
    cdef Block block
    cdef Stream stream
    cdef Partial* partial
    cdef Environment environment
    cdef Py_ssize_t number, start, n
    cdef bint done, valid = True
    cdef Py_ssize_t k
    enter(&environment)
    stream.divisor = work.divisor
    for k in range(work.inputs):
        if work.input[k].constant:
            work.input[k].move(work.input[k].data, 0, <char*>block.input[k], BLOCK)
            block.number[k] = stream.number[k] = block.input[k][0]
            valid = valid and inside(block.input[k], 1, work.input[k].domain, work.input[k].low, work.input[k].high)
    for number in range(first, last):
        start = number * BLOCK
        n = min(<Py_ssize_t>BLOCK, work.size - start)
        partial = &work.partial[number]
        partial.valid = valid
        done = False
        if work.stream != NULL and work.single:
            done = run_stream(work, &block, &stream, start, n, partial, <float>0)
        elif work.stream != NULL:
            done = run_stream(work, &block, &stream, start, n, partial, <double>0)
        if not done:
            run_block(work, &block, start, n, partial)
    leave(&environment)


cdef inline bint read_inside(
    const Pass* work, const Operand* operand, Py_ssize_t start, Py_ssize_t n, double* buffer
) noexcept nogil:
    """Whether the elements [start, start + n) are in the domain; read where they lie, or by way of a buffer."""
    if work.stream == NULL or operand.constant:
        transfer(operand, &work.layout, start, n, buffer, False)
        return inside(buffer, n, operand.domain, operand.low, operand.high)
    if work.single:
        return inside(<const float*>operand.data + start, n, operand.domain, operand.low, operand.high)
    return inside(<const double*>operand.data + start, n, operand.domain, operand.low, operand.high)


cdef inline void check_blocks(void* context, Py_ssize_t first, Py_ssize_t last) noexcept nogil:
    """One thread's share of the blocks, of which only the domains are looked at."""
    cdef const Pass* work = <const Pass*>context
    cdef double x[PADDED]
    cdef Environment environment
    cdef Py_ssize_t number, n
    cdef int k
    enter(&environment)
    for number in range(first, last):
        work.partial[number].valid = True
        for k in range(work.inputs):
            if work.input[k].domain != ANY:
                n = 1 if work.input[k].constant else min(<Py_ssize_t>BLOCK, work.size - number * BLOCK)
                work.partial[number].valid = work.partial[number].valid and read_inside(
                    work, &work.input[k], number * BLOCK, n, x)
    leave(&environment)


cdef inline bint all_valid(const Pass* work, Py_ssize_t blocks) noexcept nogil:
    cdef Py_ssize_t number
    cdef bint valid = True
    for number in range(blocks):
        valid = valid and work.partial[number].valid
    return valid


cdef inline bint lies_as_read(const Operand* operand, const Layout* layout, Py_ssize_t itemsize, Move plain) noexcept:
    """Whether an operand is an array of the type of the result without gaps."""
    return layout.dimensions == 1 and operand.strides[0] == itemsize and operand.move == plain


cdef inline bint fits_stream(const Pass* work, int read) noexcept:
    """Whether the first `read` inputs are arrays that a stream can read, the others numbers, and the results as it
    writes them.

    A gradient that overwrites an input is not what it writes if there is a sum: where that overflows, the inputs are
    read again.
    """
    cdef int k
    cdef Py_ssize_t itemsize = 4 if work.single else 8
    cdef Move load = load_full
    cdef Move store = store_full
    cdef bint fits = not work.weighted and not work.stores_value and is_moderate(work.divisor)
    if work.single:
        load = load_single
        store = store_single
    for k in range(work.inputs):
        if k < read:
            fits = fits and lies_as_read(&work.input[k], &work.layout, itemsize, load)
            if work.sums:
                fits = fits and not (work.stores_gradient and work.gradient.data == work.input[k].data)
                fits = fits and not (work.stores_second and work.second.data == work.input[k].data)
        else:
            fits = fits and work.input[k].constant
    if work.stores_gradient:
        fits = fits and lies_as_read(&work.gradient, &work.layout, itemsize, store)
    if work.stores_second:
        fits = fits and lies_as_read(&work.second, &work.layout, itemsize, store)
    return fits


cdef inline bint drive(
    const Evaluate* table, const EvaluateStream* streams, int read, bint single, Wanted wanted, tuple arrays,
    tuple domains, weight, value, gradient, total, double divisor, bint checks_first, second
) except -1:
    """Evaluate a loss; False if an operand left its domain, and then with `checks_first` before anything is written.

    `arrays` are the inputs, of one shape but for single numbers (Python floats, 0-d arrays) after the first, and
    `domains` their (kind, low, high); there may be more. `value` and `gradient` receive weighted elements, `total`
    (0-d) the weighted sum over `divisor`, and `second`, for functions of the difference of the first two inputs, the
    gradient with respect to the second one; each may be None. `table` and `streams` hold the functions for float32,
    then those for float64; a stream reads so many inputs as arrays, the others as numbers.
    """
    cdef Pass work
    cdef Operand* operands[MOST_INPUTS + 4]
    cdef int k, count = 0
    cdef Py_ssize_t blocks
    cdef double quotient
    cdef cnp.ndarray array = arrays[0]
    cdef bint valid = True
    cdef Environment environment
    cdef Operand result
    cdef bint checks = False
    cdef int function = <int>wanted + (0 if single else <int>WANTED_COUNT)
    memset(&result, 0, sizeof(result))
    work.evaluate = table[function]
    work.single = single
    work.layout.dimensions = array.ndim
    for k in range(array.ndim):
        work.layout.shape[k] = array.shape[k]
    work.size = array.size
    work.inputs = len(arrays)
    work.divisor = divisor
    for k in range(work.inputs):
        describe_input(&work.input[k], arrays[k])
        work.input[k].domain, work.input[k].low, work.input[k].high = domains[k]
        checks = checks or (checks_first and work.input[k].domain != ANY)
        operands[count] = &work.input[k]
        count += 1
    work.weighted = weight is not None
    work.stores_value = value is not None
    work.stores_gradient = gradient is not None
    work.sums = total is not None
    if work.weighted:
        describe(&work.weight, weight, False)
        operands[count] = &work.weight
        count += 1
    if work.stores_value:
        describe(&work.value, value, True)
        operands[count] = &work.value
        count += 1
    if work.stores_gradient:
        describe(&work.gradient, gradient, True)
        operands[count] = &work.gradient
        count += 1
    work.stores_second = second is not None
    work.second_sign = 1.0 if wanted == HESSIAN else -1.0
    if work.stores_second:
        describe(&work.second, second, True)
        operands[count] = &work.second
        count += 1
    if work.sums:
        describe(&result, total, True)
    merge(&work.layout, operands, count)
    work.stream = NULL
    if fits_stream(&work, read):
        work.stream = streams[function]
    blocks = (work.size + BLOCK - 1) // BLOCK
    work.partial = <Partial*>malloc((blocks + 1) * sizeof(Partial))
    if work.partial == NULL:
        raise MemoryError
    with nogil:
        if checks:
            split(check_blocks, &work, blocks, BLOCK_GRAIN)
            valid = all_valid(&work, blocks)
            for k in range(work.inputs):
                work.input[k].domain = ANY
        if valid:
            split(run_blocks, &work, blocks, BLOCK_GRAIN)
            valid = all_valid(&work, blocks)
            if work.sums:
                enter(&environment)
                quotient = total_over(work.partial, blocks, divisor)
                result.move(<char*>&quotient, 0, result.data, 1)
                leave(&environment)
        free(work.partial)
    return valid
