# From a loop over contiguous arrays, as generate.py writes it, to a generalised ufunc over rows whose results do not
# depend on a row but on its entries one by one: the gated units, crelu. Nothing here knows any mathematics.
#
# The operands are halves of rows. Where they lie in memory without gaps, they go to the loop as one array; where rows
# are long, row by row; short rows pass through buffers, many at once.

cimport numpy as cnp

from .loops cimport (
    BLOCK, GRAIN, MOST_OPERANDS, Call, Contiguous, Environment, Loop, enter, leave, run_range, ufunc_of_loops)
from .threads cimport split

cdef enum:
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


cdef inline void run_short_rows(void* context, Py_ssize_t start, Py_ssize_t stop) noexcept nogil:
    """One thread's share: as many rows as fill a buffer, the first entries of all of them, then the second ones."""
    cdef const Entries* call = <const Entries*>context
    cdef const Loop* loop = call.loop
    cdef int count = loop.inputs + loop.outputs
    cdef char buffers[MOST_OPERANDS][BLOCK * 8]
    cdef char* operands[MOST_OPERANDS]
    cdef Py_ssize_t rows = BLOCK // call.size
    cdef Py_ssize_t row = start, n, entry
    cdef char* source
    cdef int i
    cdef Environment environment
    enter(&environment)
    for i in range(count):
        operands[i] = buffers[i]
    while row < stop:
        n = min(rows, stop - row)
        for i in range(loop.inputs):
            for entry in range(call.size):
                source = call.operands[i] + row * call.rows[i] + entry * call.entries[i]
                loop.load[i](source, call.rows[i], buffers[i] + entry * n * loop.itemsize, n)
        loop.kernel(operands, n * call.size)
        for i in range(loop.inputs, count):
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


cdef inline object entries_ufunc(
    str name, int inputs, int outputs, Contiguous single, Contiguous double_, Contiguous single_at_one,
    Contiguous double_at_one
):
    """The generalised ufunc `name`, all of whose operands are rows of one length."""
    cdef bytes text = f"{','.join(['(k)'] * inputs)}->{','.join(['(k)'] * outputs)}".encode()
    return ufunc_of_loops(
        name, inputs, outputs, single, double_, single_at_one, double_at_one,
        <cnp.PyUFuncGenericFunction>run_entries, text)
