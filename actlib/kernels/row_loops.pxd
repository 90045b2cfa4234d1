# From a kernel on blocks of rows (row_primitives.pxd) to a generalised ufunc of NumPy: strides, columns, dtypes,
# threads. Nothing here knows any mathematics.

cimport numpy as cnp
from libc.stdint cimport uintptr_t
from libc.stdlib cimport free, malloc
from libc.string cimport memcpy

from .loops cimport (
    BLOCK, GRAIN, Environment, Move, enter, leave, load_byte, load_double, load_float, load_half, load_int, load_long,
    load_longlong, load_short, load_ubyte, load_uint, load_ulong, load_ulonglong, load_ushort, store_double,
    store_float, store_half)
from .row_primitives cimport LANES, STEPS, TILE, Block, Operand, place
from .threads cimport split

# Brings one more entry of each of `n` rows into what is `so_far`: for functions that take entries in their order
ctypedef void (*Fold)(char* result, const char* so_far, const char* x, Py_ssize_t n) noexcept nogil
ctypedef void (*RowKernel)(const Block* block, const Operand* operands) noexcept nogil

cdef enum:
    MOST_OPERANDS = 8
    MOST_TYPES = 16
    MOST_KEPT = 131072      # exponentials that are kept and not computed again: 1 MiB, in the L2 cache
    PANEL = 256             # bytes of each step that are copied at a time, four lines of memory
    MOST_PANEL = 4096       # steps of a panel: it has 1 MiB then
    PAGE = 4096
    MOST_PAGES = 2048       # of memory whose places a processor remembers
    FEW = 16                # entries of a row that is folded

# One loop of a ufunc. `fill` is the place of an operand of the kernel that the ufunc does not have, or -1: the
# temperature `filling`.
cdef struct RowLoop:
    RowKernel kernel
    Fold fold               # for rows of few entries, or NULL
    Move load               # for these
    Move store
    int count
    int inputs
    int fill
    double filling
    int itemsize            # of the working type
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


cdef extern from *:
    """
    #include <numpy/arrayobject.h>
    #include <numpy/ufuncobject.h>
    /* An output that is an input, entry for entry, needs no copy: kernels read what they write for the last time in
       the step that writes it. The flags are NumPy's own for a generalised ufunc, and this one. */
    static inline void actlib_allow_in_place(PyObject *ufunc) {
        PyUFuncObject *u = (PyUFuncObject *)ufunc;
        for (int i = 0; i < u->nargs; i++)
            u->op_flags[i] = NPY_ITER_ALIGNED | NPY_ITER_OVERLAP_ASSUME_ELEMENTWISE
                | (i < u->nin ? NPY_ITER_READONLY | NPY_ITER_COPY
                   : NPY_ITER_WRITEONLY | NPY_ITER_UPDATEIFCOPY | NPY_ITER_ALLOCATE | NPY_ITER_NO_BROADCAST
                     | NPY_ITER_NO_SUBTYPE);
    }
    """
    void allow_in_place "actlib_allow_in_place"(object ufunc) noexcept


cdef inline bint goes_along(const RowCall* call, Py_ssize_t rows) noexcept nogil:
    """Whether long rows are taken one by one: not where the next row is nearer in memory, if there are enough of
    them for the lanes."""
    return call.size > STEPS and (rows <= 4 or not goes_across(call))


cdef inline bint goes_across(const RowCall* call) noexcept nogil:
    """Whether the next row is nearer in memory than the next entry."""
    cdef Py_ssize_t row = call.operands[call.leading].row
    cdef Py_ssize_t entry = call.operands[call.leading].entry
    return (row if row > 0 else -row) < (entry if entry > 0 else -entry)


cdef inline void run_blocks(
    const RowCall* call, Py_ssize_t start, Py_ssize_t stop, double* kept, Py_ssize_t room
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
        call.kernel(&block, call.operands)
        row += rows


cdef inline bint are_columns(const RowCall* call) noexcept nogil:
    """Whether long rows lie in memory as the columns of a matrix do, in all operands."""
    cdef int k
    cdef bint result = call.size > STEPS
    for k in range(call.count):
        if call.core[k]:
            result = result and call.operands[k].convert == NULL and call.operands[k].row == call.itemsize
    return result and goes_across(call)


# Columns of so many entries that each pass would find forgotten where the pages of memory are, or whose entries lie a
# number of pages apart and so share a few places of the cache: some of them at a time are copied to where they lie side
# by side, and back.
cdef inline bint takes_panels(const RowCall* call, Py_ssize_t rows) noexcept nogil:
    cdef int k
    cdef bint together = False
    cdef Py_ssize_t entry, pages = 0
    for k in range(call.count):
        if call.core[k]:
            entry = call.operands[k].entry if call.operands[k].entry > 0 else -call.operands[k].entry
            pages += min(call.size, call.size * entry // PAGE)
            together = together or entry % PAGE == 0
    return call.size <= MOST_PANEL and rows >= LANES and (together or pages > MOST_PAGES)


cdef inline void run_panels(
    const RowCall* call, Py_ssize_t start, Py_ssize_t stop, char* panels, double* kept, Py_ssize_t room
) noexcept nogil:
    cdef RowCall panel = call[0]
    cdef const Operand* whole
    cdef Py_ssize_t first = start, last, k, entry, bytes
    while first < stop:
        last = min(first + PANEL // call.itemsize, stop)
        bytes = (last - first) * call.itemsize
        for k in range(call.count):
            whole = &call.operands[k]
            if call.core[k]:
                # as if the panel held the columns before `first` too: kernels count from the first of all
                panel.operands[k].data = panels + k * PANEL * call.size - first * call.itemsize
                panel.operands[k].entry = PANEL
                if k < call.inputs:
                    for entry in range(call.size):
                        memcpy(
                            panel.operands[k].data + first * call.itemsize + entry * PANEL,
                            whole.data + first * call.itemsize + entry * whole.entry, bytes)
        run_blocks(&panel, first, last, kept, room)
        for k in range(call.inputs, call.count):
            whole = &call.operands[k]
            if call.core[k]:
                for entry in range(call.size):
                    memcpy(
                        whole.data + first * call.itemsize + entry * whole.entry,
                        panel.operands[k].data + first * call.itemsize + entry * PANEL, bytes)
        first = last


# Columns that do not fill the lanes would cost as much as sixteen: some of them at a time are copied to where they are
# rows, and back.
cdef inline void run_transposed(
    const RowCall* call, Py_ssize_t start, Py_ssize_t stop, char* panels, Py_ssize_t most, double* kept,
    Py_ssize_t room
) noexcept nogil:
    cdef RowCall panel = call[0]
    cdef Py_ssize_t first = start, last, k
    cdef Py_ssize_t bytes = call.size * call.itemsize
    while first < stop:
        last = min(first + most, stop)
        for k in range(call.count):
            if call.core[k]:
                panel.operands[k].data = panels + k * most * bytes - first * bytes
                panel.operands[k].row = bytes
                panel.operands[k].entry = call.itemsize
                if k < call.inputs:
                    transpose(call, &call.operands[k], &panel.operands[k], first, last)
        run_blocks(&panel, first, last, kept, room)
        for k in range(call.inputs, call.count):
            if call.core[k]:
                transpose(call, &panel.operands[k], &call.operands[k], first, last)
        first = last


# Copies rows whose entries lie side by side in one of the two places, some entries of all rows at a time, so that each
# line of memory is used up.
cdef inline void transpose(
    const RowCall* call, const Operand* source, const Operand* target, Py_ssize_t first, Py_ssize_t last
) noexcept nogil:
    cdef Py_ssize_t entry = 0, count, row
    cdef const char* x
    cdef char* y
    cdef Move load = load_float if call.itemsize == 4 else load_double
    cdef Move store = store_float if call.itemsize == 4 else store_double
    while entry < call.size:
        count = min(<Py_ssize_t>STEPS, call.size - entry)
        for row in range(first, last):
            x = source.data + row * source.row + entry * source.entry
            y = target.data + row * target.row + entry * target.entry
            if target.entry != call.itemsize:
                store(x, target.entry, y, count)
            else:
                load(x, source.entry, y, count)
        entry += count


cdef inline void run_rows(void* context, Py_ssize_t start, Py_ssize_t stop) noexcept nogil:
    """One thread's share."""
    cdef const RowCall* call = <const RowCall*>context
    cdef Py_ssize_t room = STEPS, rest = 0, most = 0, width = 0, bytes = 0
    cdef char* memory = NULL
    cdef char* panels = NULL
    cdef double tile[TILE]
    cdef double* kept = tile
    cdef Environment environment
    enter(&environment)
    if call.size > STEPS:
        room = call.size if call.size <= MOST_KEPT // LANES else (call.size + LANES - 1) // LANES
        room = room if room <= MOST_KEPT // LANES else <Py_ssize_t>STEPS
    if are_columns(call):
        rest = (stop - start) % LANES
        most = min(rest, MOST_PANEL * PANEL // (call.size * call.itemsize))
        width = PANEL if takes_panels(call, stop - start) else 0
    # all in one piece: of several, C libraries give back more to the system and have to ask for it again
    if room > STEPS:
        bytes = room * LANES * sizeof(double)
    if bytes or most or width:
        memory = <char*>malloc(64 + bytes + call.count * call.size * max(width, most * call.itemsize))
    if memory == NULL:
        room = STEPS
        most = 0
        width = 0
    else:
        panels = memory + 64 - <uintptr_t>memory % 64
        if bytes:
            kept = <double*>panels
            panels = panels + bytes
    if width:
        run_panels(call, start, stop - rest, panels, kept, room)
        start = stop - rest
    if most:
        run_blocks(call, start, stop - rest, kept, room)
        run_transposed(call, stop - rest, stop, panels, most, kept, room)
        start = stop
    run_blocks(call, start, stop, kept, room)
    free(memory)
    leave(&environment)


cdef struct FoldCall:
    const RowLoop* loop
    Py_ssize_t size
    const char* source
    char* target
    Py_ssize_t row
    Py_ssize_t entry
    Py_ssize_t to_row


# One thread's share of rows that are short, or whose next row is nearer in memory than the next entry: a block of rows,
# entry by entry. What lies side by side is read where it is.
cdef inline void run_fold(void* context, Py_ssize_t start, Py_ssize_t stop) noexcept nogil:
    cdef const FoldCall* call = <const FoldCall*>context
    cdef const RowLoop* loop = call.loop
    cdef char first_entries[BLOCK * 8]
    cdef char results[BLOCK * 8]
    cdef char buffer[BLOCK * 8]
    cdef const char* source
    cdef const char* so_far
    cdef char* result
    cdef bint direct = loop.convert[0] == NULL and call.row == loop.itemsize
    cdef bint stores = loop.convert[1] != NULL or call.to_row != loop.itemsize or call.size == 1
    cdef Py_ssize_t first = start, n, entry
    cdef Environment environment
    enter(&environment)
    while first < stop:
        n = min(<Py_ssize_t>BLOCK, stop - first)
        source = call.source + first * call.row
        so_far = source
        if not direct:
            loop.load(source, call.row, first_entries, n)
            so_far = first_entries
        for entry in range(1, call.size):
            source = source + call.entry
            if not direct:
                loop.load(source, call.row, buffer, n)
            result = &results[0]
            if not stores and entry == call.size - 1:
                result = call.target + first * call.to_row
            loop.fold(result, so_far, source if direct else &buffer[0], n)
            so_far = result
        if stores:
            loop.store(so_far, call.to_row, call.target + first * call.to_row, n)
        first += n
    leave(&environment)


cdef inline void run(char** operands, cnp.npy_intp* dimensions, cnp.npy_intp* strides, void* data) noexcept nogil:
    """The inner loop of every ufunc here; `data` is its RowLoop."""
    cdef const RowLoop* loop = <const RowLoop*>data
    cdef RowCall call
    cdef Py_ssize_t rows = dimensions[0]
    cdef int i, k = 0, cores = 0
    cdef FoldCall folded
    if loop.fold != NULL and 0 < dimensions[1] and (dimensions[1] <= FEW or strides[0] == loop.itemsize):
        folded = FoldCall(
            loop, dimensions[1], operands[0], operands[1], strides[0], strides[loop.count], strides[1])
        split(run_fold, &folded, rows, max(<Py_ssize_t>1, GRAIN // dimensions[1]))
        return
    call.kernel = loop.kernel
    call.size = dimensions[1]
    call.itemsize = loop.itemsize
    call.leading = 0 if loop.core[0] else 1
    for i in range(loop.count):
        if k == loop.fill:
            call.operands[k].data = <char*>&loop.filling
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
    split(run_rows, &call, rows, max(<Py_ssize_t>1, GRAIN // max(<Py_ssize_t>1, call.size)))


cdef inline object row_ufunc(
    str name, str operands, int outputs, int fill, RowKernel single, RowKernel double_, double filling=1.0,
    Fold fold_single=NULL, Fold fold_double=NULL
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
        # integers have loops of their own where there is one array; the entries convert several
        loops[i].kernel = single if i in (11, 12) else double_
        loops[i].fold = fold_single if i in (11, 12) else fold_double
        loops[i].load = load_float if i == 12 else load_double if i == 13 else loaders[i]
        loops[i].store = store_half if i == 11 else store_float if i == 12 else store_double
        loops[i].count = count
        loops[i].inputs = inputs
        loops[i].fill = fill
        loops[i].filling = filling
        loops[i].itemsize = 4 if i in (11, 12) else 8
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
    ufunc = cnp.PyUFunc_FromFuncAndDataAndSignature(
        &functions[first], &data[first], &types[first * count], 14 - first, inputs, outputs, cnp.PyUFunc_None,
        text_kept, NULL, 0, signature)
    allow_in_place(ufunc)
    return ufunc
