# From a loop over contiguous arrays, as generate.py writes it, to a generalised ufunc over rows whose results do not
# depend on a row but on its entries one by one: the gated units, crelu. Nothing here knows any mathematics.
#
# The operands are halves of rows. Where they lie in memory without gaps, they go to the loop as one array; where rows
# are long, row by row; short rows pass through buffers, many at once.

cimport numpy as cnp
from libc.string cimport memcpy

from .loops cimport (
    BLOCK, GRAIN, MOST_OPERANDS, Call, Contiguous, Environment, Loop, enter, leave, run_range, ufunc_of_loops)
from .threads cimport split

cdef enum:
    PIECE = 32              # bytes that are copied at a time
    SHORT = 48              # entries of a row that are not worth a call of the loop

cdef struct Entries:
    const Loop* loop
    Py_ssize_t size
    char* operands[MOST_OPERANDS]
    cnp.npy_intp rows[MOST_OPERANDS]        # bytes from a row to the next
    cnp.npy_intp entries[MOST_OPERANDS]     # bytes from an entry to the next


cdef inline void run_long_rows(void* context, Py_ssize_t start, Py_ssize_t stop) noexcept nogil:
    """One thread's share, a row at a time."""
    cdef Entries* call = <Entries*>context
    cdef char* operands[MOST_OPERANDS]
    cdef Call row
    cdef Py_ssize_t k
    cdef int i
    row.loop = call.loop
    row.operands = operands
    row.strides = call.entries
    for k in range(start, stop):
        for i in range(call.loop.inputs + call.loop.outputs):
            operands[i] = call.operands[i] + k * call.rows[i]
        run_range(&row, 0, call.size)


cdef inline void join_rows(
    const char* source, Py_ssize_t stride, char* target, Py_ssize_t bytes, Py_ssize_t n
) noexcept nogil:
    """Copy rows to where they follow each other. Each but the last is copied with some bytes more, for a copy of a
    constant length is one instruction; the next row writes over them."""
    cdef Py_ssize_t k, part, longer = (bytes + PIECE - 1) // PIECE * PIECE
    for k in range(n):
        if k + 1 < n and longer <= stride + bytes and longer <= (n - k) * bytes:
            for part in range(0, longer, 32):
                memcpy(target + k * bytes + part, source + k * stride + part, 32)
        else:
            memcpy(target + k * bytes, source + k * stride, bytes)


cdef inline void part_rows(
    const char* source, Py_ssize_t bytes, char* target, Py_ssize_t stride, Py_ssize_t n
) noexcept nogil:
    cdef Py_ssize_t k, part
    for k in range(n):
        for part in range(0, bytes, 4):
            memcpy(target + k * stride + part, source + k * bytes + part, 4)


cdef inline void run_short_rows(void* context, Py_ssize_t start, Py_ssize_t stop) noexcept nogil:
    """One thread's share: as many rows as fill a buffer, one after the other; or, where the entries of a row do not lie
    side by side, the first entries of all of them, then the second ones."""
    cdef const Entries* call = <const Entries*>context
    cdef const Loop* loop = call.loop
    cdef int count = loop.inputs + loop.outputs
    cdef char buffers[MOST_OPERANDS][BLOCK * 8]
    cdef char* operands[MOST_OPERANDS]
    cdef Py_ssize_t rows = BLOCK // call.size
    cdef Py_ssize_t row = start, n, entry
    cdef char* source
    cdef bint by_rows = not loop.converts
    cdef int i
    cdef Environment environment
    enter(&environment)
    for i in range(count):
        operands[i] = buffers[i]
        by_rows = by_rows and call.entries[i] == loop.itemsize
    while row < stop:
        n = min(rows, stop - row)
        for i in range(loop.inputs):
            source = call.operands[i] + row * call.rows[i]
            if by_rows:
                join_rows(source, call.rows[i], buffers[i], call.size * loop.itemsize, n)
                continue
            for entry in range(call.size):
                loop.load[i](
                    source + entry * call.entries[i], call.rows[i], buffers[i] + entry * n * loop.itemsize, n)
        for i in range(loop.inputs, count):
            if by_rows and call.rows[i] == call.size * loop.itemsize:
                operands[i] = call.operands[i] + row * call.rows[i]
        loop.kernel(operands, n * call.size)
        for i in range(loop.inputs, count):
            if by_rows:
                if operands[i] == buffers[i]:
                    part_rows(
                        buffers[i], call.size * loop.itemsize, call.operands[i] + row * call.rows[i], call.rows[i], n)
                continue
            for entry in range(call.size):
                source = call.operands[i] + row * call.rows[i] + entry * call.entries[i]
                loop.store(buffers[i] + entry * n * loop.itemsize, call.rows[i], source, n)
        row += n
    leave(&environment)


cdef inline void run_entries(
    char** operands, cnp.npy_intp* dimensions, cnp.npy_intp* strides, void* data
) noexcept nogil:
    """The inner loop of every ufunc here; `data` is its Loop."""
    cdef Entries call
    cdef Py_ssize_t rows = dimensions[0]
    cdef bint gapless = True
    cdef int i
    call.loop = <const Loop*>data
    call.size = dimensions[1]
    cdef int count = call.loop.inputs + call.loop.outputs
    for i in range(count):
        call.operands[i] = operands[i]
        call.rows[i] = strides[i]
        call.entries[i] = strides[count + i]
    if rows > 1 and (call.size == 1 or magnitude(call.rows[0]) < magnitude(call.entries[0])):
        # entry by entry, what lies nearest in memory may be the row
        rows, call.size = call.size, rows
        for i in range(count):
            call.rows[i], call.entries[i] = call.entries[i], call.rows[i]
    for i in range(count):
        gapless = gapless and call.rows[i] == call.size * call.entries[i]
    if gapless:
        call.size *= rows
        rows = 1
    cdef Call whole
    if rows == 1:
        whole.loop = call.loop
        whole.operands = call.operands
        whole.strides = call.entries
        split(run_range, &whole, call.size, GRAIN)
    elif 0 < call.size <= SHORT:
        split(run_short_rows, &call, rows, GRAIN // call.size)
    else:
        split(run_long_rows, &call, rows, max(<Py_ssize_t>1, GRAIN // max(<Py_ssize_t>1, call.size)))


cdef inline cnp.npy_intp magnitude(cnp.npy_intp stride) noexcept nogil:
    return stride if stride > 0 else -stride


cdef inline object entries_ufunc(str name, int inputs, int outputs, int parameters, Contiguous* kernels):
    """The generalised ufunc `name`, all of whose operands are rows of one length."""
    cdef bytes text = f"{','.join(['(k)'] * inputs)}->{','.join(['(k)'] * outputs)}".encode()
    return ufunc_of_loops(
        name, inputs, outputs, parameters, kernels, <cnp.PyUFuncGenericFunction>run_entries, text)
