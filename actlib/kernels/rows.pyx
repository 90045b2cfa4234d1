# Functions along an axis: softmax, its logarithm, logsumexp, hardmax, crelu, and what backpropagation needs of them.
#
# A kernel works on a block of rows (row_primitives.pxd). All begin alike: m the largest entry of a row, k its
# place, e_i = exp((x_i - m)/T), and s the sum of e_i over i != k; so 1 + s is the denominator, and s keeps its
# digits where it is far below 1.
#
# References: Blanchard, Higham, Higham (2021), Accurately computing the log-sum-exp and softmax functions,
# IMA J. Numer. Anal. 41; the forms that leave k out of every sum go further than theirs.

cimport numpy as cnp
from libc.stdlib cimport malloc
from libc.string cimport memcpy

from .loops cimport (
    GRAIN, Environment, Move, enter, leave, load_byte, load_double, load_half, load_int, load_long, load_longlong,
    load_short, load_ubyte, load_uint, load_ulong, load_ulonglong, load_ushort, store_half)
from .primitives cimport INFINITY, NAN, log1p, madd, real
from .row_primitives cimport (
    LANES, STEPS, TILE, Block, Operand, Sums, accumulate_others, clear, depth, exponentials, load, load_lanes, place,
    reciprocal_of_sum, row_maximum, scaled_difference, scaled_exponentials, store, store_lanes, tiles, total_of_others)
from .threads cimport split

cnp.import_array()
cnp.import_ufunc()

ctypedef void (*RowKernel)(const Block* block, const Operand* operands) noexcept nogil

# What a block kernel keeps of its rows
cdef struct Rows:
    double maximum[LANES]
    double temperature[LANES]
    bint scaled
    double others[LANES]            # s, with its low part
    double others_low[LANES]
    double reciprocal[LANES]        # 1/(1 + s), with its low part
    double reciprocal_low[LANES]


cdef inline void tile_exponentials(
    const Rows* rows, const double* x, Py_ssize_t count, double* e, real like
) noexcept nogil:
    if rows.scaled:
        scaled_exponentials(x, count, rows.maximum, rows.temperature, e, like)
    else:
        exponentials(x, count, rows.maximum, e, like)


# Fills `rows`. Of a block of a single tile, x and e hold the entries and their exponentials afterwards.
cdef inline void sum_rows(
    const Block* block, const Operand* entries, const Operand* temperature, Rows* rows, double* x, double* e, real like
) noexcept nogil:
    cdef Py_ssize_t chunk, step, count, i
    cdef Sums sums
    cdef double ones[LANES]
    clear(block, &sums)
    load_lanes(block, temperature, rows.temperature, <double>0.0)
    rows.scaled = False
    for i in range(LANES):
        ones[i] = 0.0
        rows.scaled = rows.scaled or rows.temperature[i] != 1.0
    row_maximum(block, entries, x, rows.maximum, like)
    for chunk in range(tiles(block)):
        step = chunk * STEPS
        count = depth(block, step)
        if block.steps > STEPS:
            load(block, entries, step, count, x, -INFINITY, like)
        tile_exponentials(rows, x, count, e, like)
        accumulate_others(block, e, step, count, &sums, ones, like)
    total_of_others(block, &sums, ones, rows.others, rows.others_low)
    for i in range(LANES):
        rows.reciprocal[i] = reciprocal_of_sum(rows.others[i], rows.others_low[i], &rows.reciprocal_low[i])


# p_i = e_i/(1 + s)
#
# Limits   entries at +inf share; all -inf -> NaN
cdef inline void softmax_rows(const Block* block, const Operand* operands, real like) noexcept nogil:
    cdef double x[TILE]
    cdef double e[TILE]
    cdef Rows rows
    cdef Py_ssize_t chunk, step, count, k, i
    cdef double high[LANES]
    cdef double low[LANES]
    sum_rows(block, &operands[0], &operands[1], &rows, x, e, like)
    for i in range(LANES):
        high[i] = NAN if rows.maximum[i] == -INFINITY else rows.reciprocal[i]
        low[i] = rows.reciprocal_low[i]
    for chunk in range(tiles(block)):
        step = chunk * STEPS
        count = depth(block, step)
        if block.steps > STEPS:
            load(block, &operands[0], step, count, x, -INFINITY, like)
            tile_exponentials(&rows, x, count, e, like)
        for k in range(count):
            for i in range(LANES):
                x[k * LANES + i] = madd(e[k * LANES + i], high[i], e[k * LANES + i] * low[i])
        store(block, &operands[2], step, count, x, like)


cdef void softmax_float(const Block* block, const Operand* operands) noexcept nogil:
    softmax_rows(block, operands, <float>0.0)


cdef void softmax_double(const Block* block, const Operand* operands) noexcept nogil:
    softmax_rows(block, operands, <double>0.0)


# ------------------------------------------------------------------------------------------------ the ufuncs

cdef enum:
    MOST_OPERANDS = 8
    MOST_TYPES = 16

# One loop of a ufunc. `fill` is the place of an operand of the kernel that the ufunc does not have, or -1: a
# temperature of 1.
cdef struct RowLoop:
    RowKernel kernel
    int count
    int fill
    bint core[MOST_OPERANDS]
    Move convert[MOST_OPERANDS]

cdef struct RowCall:
    RowKernel kernel
    Py_ssize_t size
    Operand operands[MOST_OPERANDS]

cdef double ONE = 1.0


cdef inline bint goes_along(const RowCall* call, Py_ssize_t rows) noexcept nogil:
    """Whether long rows are taken one by one: not where the next row is nearer in memory than the next entry."""
    cdef Py_ssize_t row = call.operands[0].row
    cdef Py_ssize_t entry = call.operands[0].entry
    if call.size <= STEPS:
        return False
    return rows < 4 or (row if row > 0 else -row) >= (entry if entry > 0 else -entry)


cdef void run_rows(void* context, Py_ssize_t start, Py_ssize_t stop) noexcept nogil:
    """One thread's share."""
    cdef const RowCall* call = <const RowCall*>context
    cdef Py_ssize_t row = start, rows
    cdef bint along = goes_along(call, stop - start)
    cdef Environment environment
    cdef Block block
    enter(&environment)
    while row < stop:
        rows = 1 if along else min(<Py_ssize_t>LANES, stop - row)
        place(&block, row, rows, call.size, along)
        call.kernel(&block, call.operands)
        row += rows
    leave(&environment)


cdef void run(char** operands, cnp.npy_intp* dimensions, cnp.npy_intp* strides, void* data) noexcept nogil:
    """The inner loop of every ufunc here; `data` is its RowLoop."""
    cdef const RowLoop* loop = <const RowLoop*>data
    cdef RowCall call
    cdef int i, k = 0, cores = 0
    call.kernel = loop.kernel
    call.size = dimensions[1]
    for i in range(loop.count):
        if k == loop.fill:
            call.operands[k].data = <char*>&ONE
            call.operands[k].row = 0
            call.operands[k].entry = 0
            call.operands[k].convert = NULL
            k += 1
        call.operands[k].data = operands[i]
        call.operands[k].row = strides[i]
        call.operands[k].entry = 0
        if loop.core[i]:
            call.operands[k].entry = strides[loop.count + cores]
            cores += 1
        call.operands[k].convert = loop.convert[i]
        k += 1
    split(run_rows, &call, dimensions[0], max(<Py_ssize_t>1, GRAIN // max(<Py_ssize_t>1, call.size)))


cdef object row_ufunc(str name, str operands, int outputs, int fill, RowKernel single, RowKernel double_):
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
    memcpy(text_kept, <char*>text, len(text) + 1)
    for i in range(14):
        loops[i].kernel = single if i in (11, 12) else double_
        loops[i].count = count
        loops[i].fill = fill
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
        functions, data, types, 14, inputs, outputs, cnp.PyUFunc_None, text_kept, NULL, 0, signature)


UFUNCS = {
    "softmax": row_ufunc("softmax", "kk", 1, 1, softmax_float, softmax_double),
    "softmax_scaled": row_ufunc("softmax_scaled", "ktk", 1, -1, softmax_float, softmax_double),
}
