# From a kernel on contiguous arrays to a NumPy ufunc. Nothing here knows any mathematics.
#
# generate.py writes, for each kernel and each of float32 and float64, one loop over contiguous arrays: the
# compiler vectorises it. Everything else that a ufunc has to serve (strides, broadcasting, integers, float16,
# in-place calls, threads) is done here by moving blocks through buffers that stay in the L1 cache.

cimport numpy as cnp
from libc.stdint cimport uint16_t
from libc.stdlib cimport malloc
from libc.string cimport memcpy

from .threads cimport split

cdef enum:
    BLOCK = 512             # elements of one buffer: 4 KiB, several fit into the L1 cache
    MOST_OPERANDS = 8
    GRAIN = 32768           # elements for which waking another thread pays

ctypedef void (*Contiguous)(char** operands, Py_ssize_t n) noexcept nogil
ctypedef void (*Move)(const char* source, Py_ssize_t stride, char* target, Py_ssize_t n) noexcept nogil

cdef struct Loop:
    Contiguous kernel       # inputs first, then outputs, all of the working type
    int inputs
    int outputs
    Py_ssize_t itemsize     # of the working type
    bint converts           # operands are not of the working type: always through buffers
    Move load[8]
    Move store
    int parameters          # so many of the last inputs are one number each, which the kernel reads once
    const Loop* uniform     # the same function for parameters that are one number each, or NULL
    const Loop* at_one      # the same for a last input of 1, or NULL

cdef struct Call:
    const Loop* loop
    char** operands
    cnp.npy_intp* strides

cdef extern from * nogil:
    """
    /* Have memory send what lies at an address while other elements are worked on. */
    #if defined(__GNUC__)
    #define actlib_prefetch(address) __builtin_prefetch(address)
    #define actlib_prefetch_to_write(address) __builtin_prefetch((address), 1)
    #else
    #define actlib_prefetch(address) ((void)(address))
    #define actlib_prefetch_to_write(address) ((void)(address))
    #endif
    """
    void prefetch "actlib_prefetch"(const void* address) noexcept
    void prefetch_to_write "actlib_prefetch_to_write"(const void* address) noexcept

cdef extern from * nogil:
    """
    #include <fenv.h>
    #include <string.h>
    #include <numpy/halffloat.h>
    /* Selects compute both branches and tiny results underflow: every loop runs with all exceptions masked, round
       to nearest, no flushing to zero, and gives the caller's environment back, flags included. */
    #if defined(__SSE2__)
    #include <xmmintrin.h>
    typedef unsigned int actlib_environment;
    static inline void actlib_enter(actlib_environment *e) { *e = _mm_getcsr(); _mm_setcsr(0x1f80); }
    static inline void actlib_leave(actlib_environment *e) { _mm_setcsr(*e); }
    #else
    typedef fenv_t actlib_environment;
    static inline void actlib_enter(actlib_environment *e) { fegetenv(e); fesetenv(FE_DFL_ENV); }
    static inline void actlib_leave(actlib_environment *e) { fesetenv(e); }
    #endif
    /* float16 by hand, to nearest even: npy_float_to_half raises flags by feraiseexcept, which on x86 also sets
       those of the x87 unit, where actlib_leave does not reach. */
    static inline npy_uint16 actlib_float_to_half(float value) {
        npy_uint32 bits, sign;
        memcpy(&bits, &value, 4);
        sign = bits & 0x80000000u;
        bits ^= sign;
        if (bits >= 0x47800000u) {                         /* 65536 and more, inf, NaN */
            bits = bits > 0x7f800000u ? 0x7e00u : 0x7c00u;
        } else if (bits < 0x38800000u) {                   /* subnormal: adding 0.5 rounds to a multiple of 2**-24 */
            value = (sign ? -value : value) + 0.5f;
            memcpy(&bits, &value, 4);
            bits -= 0x3f000000u;
        } else {                                           /* exponent 127 becomes 15; 13 bits are rounded away */
            bits += 0xc8000000u + 0xfffu + ((bits >> 13) & 1u);
            bits >>= 13;
        }
        return (npy_uint16)(bits | (sign >> 16));
    }
    """
    ctypedef struct Environment "actlib_environment":
        pass
    void enter "actlib_enter"(Environment* environment) noexcept
    void leave "actlib_leave"(Environment* environment) noexcept
    float npy_half_to_float(uint16_t h) noexcept
    uint16_t float_to_half "actlib_float_to_half"(float value) noexcept

ctypedef fused copied:
    float
    double

ctypedef fused whole:
    signed char
    short
    int
    long
    long long
    unsigned char
    unsigned short
    unsigned int
    unsigned long
    unsigned long long


cdef inline void gather(const char* source, Py_ssize_t stride, char* target, Py_ssize_t n, copied kind) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        (<copied*>target)[i] = (<const copied*>(source + i * stride))[0]


cdef inline void scatter(const char* source, Py_ssize_t stride, char* target, Py_ssize_t n, copied kind) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        (<copied*>(target + i * stride))[0] = (<const copied*>source)[i]


cdef inline void gather_whole(
    const char* source, Py_ssize_t stride, char* target, Py_ssize_t n, whole kind
) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        (<double*>target)[i] = <double>(<const whole*>(source + i * stride))[0]


cdef inline void load_float(const char* source, Py_ssize_t stride, char* target, Py_ssize_t n) noexcept nogil:
    gather(source, stride, target, n, <float>0)


cdef inline void load_double(const char* source, Py_ssize_t stride, char* target, Py_ssize_t n) noexcept nogil:
    gather(source, stride, target, n, <double>0)


cdef inline void store_float(const char* source, Py_ssize_t stride, char* target, Py_ssize_t n) noexcept nogil:
    scatter(source, stride, target, n, <float>0)


cdef inline void store_double(const char* source, Py_ssize_t stride, char* target, Py_ssize_t n) noexcept nogil:
    scatter(source, stride, target, n, <double>0)


cdef inline void load_half(const char* source, Py_ssize_t stride, char* target, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        (<float*>target)[i] = npy_half_to_float((<const uint16_t*>(source + i * stride))[0])


cdef inline void store_half(const char* source, Py_ssize_t stride, char* target, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        (<uint16_t*>(target + i * stride))[0] = float_to_half((<const float*>source)[i])


cdef inline void load_byte(const char* source, Py_ssize_t stride, char* target, Py_ssize_t n) noexcept nogil:
    gather_whole(source, stride, target, n, <signed char>0)


cdef inline void load_ubyte(const char* source, Py_ssize_t stride, char* target, Py_ssize_t n) noexcept nogil:
    gather_whole(source, stride, target, n, <unsigned char>0)


cdef inline void load_short(const char* source, Py_ssize_t stride, char* target, Py_ssize_t n) noexcept nogil:
    gather_whole(source, stride, target, n, <short>0)


cdef inline void load_ushort(const char* source, Py_ssize_t stride, char* target, Py_ssize_t n) noexcept nogil:
    gather_whole(source, stride, target, n, <unsigned short>0)


cdef inline void load_int(const char* source, Py_ssize_t stride, char* target, Py_ssize_t n) noexcept nogil:
    gather_whole(source, stride, target, n, <int>0)


cdef inline void load_uint(const char* source, Py_ssize_t stride, char* target, Py_ssize_t n) noexcept nogil:
    gather_whole(source, stride, target, n, <unsigned int>0)


cdef inline void load_long(const char* source, Py_ssize_t stride, char* target, Py_ssize_t n) noexcept nogil:
    gather_whole(source, stride, target, n, <long>0)


cdef inline void load_ulong(const char* source, Py_ssize_t stride, char* target, Py_ssize_t n) noexcept nogil:
    gather_whole(source, stride, target, n, <unsigned long>0)


cdef inline void load_longlong(const char* source, Py_ssize_t stride, char* target, Py_ssize_t n) noexcept nogil:
    gather_whole(source, stride, target, n, <long long>0)


cdef inline void load_ulonglong(const char* source, Py_ssize_t stride, char* target, Py_ssize_t n) noexcept nogil:
    gather_whole(source, stride, target, n, <unsigned long long>0)


cdef inline void repeat(char* buffer, Py_ssize_t itemsize, Py_ssize_t n) noexcept nogil:
    """Fill a buffer with its first element."""
    cdef Py_ssize_t i
    cdef float single = (<float*>buffer)[0]
    cdef double both = (<double*>buffer)[0]
    if itemsize == 4:
        for i in range(n):
            (<float*>buffer)[i] = single
    else:
        for i in range(n):
            (<double*>buffer)[i] = both


cdef inline void run_range(void* context, Py_ssize_t start, Py_ssize_t stop) noexcept nogil:
    """One thread's share: straight through where every operand is contiguous, else block by block."""
    cdef const Call* call = <const Call*>context
    cdef const Loop* loop = call.loop
    cdef char buffers[MOST_OPERANDS][BLOCK * 8]
    cdef char* operands[MOST_OPERANDS]
    cdef bint direct[MOST_OPERANDS]
    cdef bint all_direct = True
    cdef int k, j, count = loop.inputs + loop.outputs, arrays = loop.inputs - loop.parameters
    cdef Py_ssize_t position, n
    cdef Environment environment
    enter(&environment)
    for k in range(count):
        operands[k] = buffers[k]
        if arrays <= k < loop.inputs:
            loop.load[k](call.operands[k], 0, buffers[k], 1)
            direct[k] = False
            continue
        direct[k] = not loop.converts and (call.strides[k] == loop.itemsize or stop - start == 1)
        if k >= loop.inputs:
            # in place, compilers cannot rule out that one vector's result is the next one's input
            for j in range(arrays):
                direct[k] = direct[k] and call.operands[k] != call.operands[j]
        all_direct = all_direct and direct[k]
    if all_direct:
        for k in range(count):
            if direct[k]:
                operands[k] = call.operands[k] + start * call.strides[k]
        loop.kernel(operands, stop - start)
        leave(&environment)
        return
    for k in range(arrays):
        if call.strides[k] == 0 and not direct[k]:
            loop.load[k](call.operands[k], 0, operands[k], 1)
            repeat(operands[k], loop.itemsize, min(<Py_ssize_t>BLOCK, stop - start))
    position = start
    while position < stop:
        n = min(<Py_ssize_t>BLOCK, stop - position)
        for k in range(count):
            if direct[k]:
                operands[k] = call.operands[k] + position * call.strides[k]
            elif k < arrays and call.strides[k] != 0:
                loop.load[k](call.operands[k] + position * call.strides[k], call.strides[k], buffers[k], n)
        loop.kernel(operands, n)
        for k in range(loop.inputs, count):
            if not direct[k]:
                loop.store(buffers[k], call.strides[k], call.operands[k] + position * call.strides[k], n)
        position += n
    leave(&environment)


cdef inline bint is_one(const Loop* loop, const char* operand) noexcept nogil:
    """Whether the last input is 1."""
    cdef double number
    loop.load[loop.inputs - 1](operand, 0, <char*>&number, 1)
    return (<float*>&number)[0] == 1 if loop.itemsize == 4 else number == 1


cdef inline bint is_uniform(const Loop* loop, const cnp.npy_intp* strides) noexcept nogil:
    """Whether each parameter is one number."""
    cdef int k
    for k in range(loop.inputs - loop.uniform.parameters, loop.inputs):
        if strides[k] != 0:
            return False
    return True


cdef inline bint feeds_itself(const Call* call, Py_ssize_t n) noexcept nogil:
    """Whether a result is an input that follows it, as in ufunc.accumulate. NumPy copies what overlaps otherwise."""
    cdef int k
    cdef Py_ssize_t ahead
    for k in range(call.loop.inputs):
        ahead = call.operands[call.loop.inputs] - call.operands[k]
        if ahead != 0 and (0 < ahead < n * call.strides[k] or n * call.strides[k] < ahead < 0):
            return True
    return False


cdef inline void run(char** operands, cnp.npy_intp* dimensions, cnp.npy_intp* strides, void* data) noexcept nogil:
    """The inner loop of every ufunc; `data` is its Loop."""
    cdef Call call
    cdef Py_ssize_t i
    cdef char* fewer[MOST_OPERANDS]
    cdef cnp.npy_intp fewer_strides[MOST_OPERANDS]
    cdef const Loop* loop = <const Loop*>data
    call.loop = loop
    call.operands = operands
    call.strides = strides
    if loop.at_one != NULL and strides[loop.inputs - 1] == 0 and is_one(loop, operands[loop.inputs - 1]):
        call.loop = loop.at_one
        for i in range(loop.inputs - 1):
            fewer[i] = operands[i]
            fewer_strides[i] = strides[i]
        for i in range(loop.inputs, loop.inputs + loop.outputs):
            fewer[i - 1] = operands[i]
            fewer_strides[i - 1] = strides[i]
        call.operands = fewer
        call.strides = fewer_strides
    elif loop.uniform != NULL and is_uniform(loop, strides):
        call.loop = loop.uniform
    if dimensions[0] > 1 and (call.strides[call.loop.inputs] == 0 or feeds_itself(&call, dimensions[0])):
        # ufunc.reduce and ufunc.accumulate: each result is the next one's input
        for i in range(dimensions[0]):
            run_range(&call, i, i + 1)
        return
    split(run_range, &call, dimensions[0], GRAIN)


cdef inline object elementwise_ufunc(str name, int inputs, int outputs, int parameters, Contiguous* kernels):
    """The ufunc `name`: integers and booleans are read as float64, float16 is computed in float32."""
    return ufunc_of_loops(
        name, inputs, outputs, parameters, kernels, <cnp.PyUFuncGenericFunction>run, NULL)


# The ufunc `name` whose inner loop `inner` receives a Loop. A generalised one has a `signature`. The kernels are pairs,
# float32 and float64: for any inputs, for the last `parameters` of them one number each, and for a last one of 1. The
# second and the third pair may be NULL.
cdef inline object ufunc_of_loops(
    str name, int inputs, int outputs, int parameters, Contiguous* kernels, cnp.PyUFuncGenericFunction inner,
    const char* signature
):
    # Booleans and integers first: NumPy takes the first loop that all operands can be cast to safely, and a
    # small integer can be cast to float16. The tables live as long as the process, as NumPy requires.
    cdef int kinds = 14
    cdef int count = inputs + outputs
    cdef Loop* loops = <Loop*>malloc(3 * kinds * sizeof(Loop))
    cdef void** data = <void**>malloc(kinds * sizeof(void*))
    cdef char* types = <char*>malloc(kinds * count)
    cdef cnp.PyUFuncGenericFunction* functions = <cnp.PyUFuncGenericFunction*>malloc(
        kinds * sizeof(cnp.PyUFuncGenericFunction))
    cdef bytes text = name.encode()
    cdef char* text_kept = <char*>malloc(len(text) + 1)
    cdef int i, k, wide
    cdef int* first = [
        cnp.NPY_BOOL, cnp.NPY_BYTE, cnp.NPY_UBYTE, cnp.NPY_SHORT, cnp.NPY_USHORT, cnp.NPY_INT, cnp.NPY_UINT,
        cnp.NPY_LONG, cnp.NPY_ULONG, cnp.NPY_LONGLONG, cnp.NPY_ULONGLONG, cnp.NPY_FLOAT16, cnp.NPY_FLOAT,
        cnp.NPY_DOUBLE]
    cdef Move* loaders = [
        load_ubyte, load_byte, load_ubyte, load_short, load_ushort, load_int, load_uint,
        load_long, load_ulong, load_longlong, load_ulonglong, load_half, load_float, load_double]
    memcpy(text_kept, <char*>text, len(text) + 1)
    for i in range(kinds):
        loops[i].inputs = inputs
        loops[i].outputs = outputs
        loops[i].converts = i < 12
        wide = first[i] not in (cnp.NPY_FLOAT16, cnp.NPY_FLOAT)
        loops[i].kernel = kernels[wide]
        loops[i].itemsize = 8 if wide else 4
        loops[i].parameters = 0
        loops[i].store = store_half if i == 11 else store_float if i == 12 else store_double
        for k in range(count):
            types[i * count + k] = <char>(cnp.NPY_DOUBLE if i < 11 else first[i])
            loops[i].load[k] = load_double if i < 11 else loaders[i]
        types[i * count] = <char>first[i]
        loops[i].load[0] = loaders[i]
        loops[i].uniform = loops[i].at_one = NULL
        if kernels[2] != NULL:
            loops[kinds + i] = loops[i]
            loops[kinds + i].parameters = parameters
            loops[kinds + i].kernel = kernels[2 + wide]
        if kernels[4] != NULL:
            loops[2 * kinds + i] = loops[i]
            loops[2 * kinds + i].inputs = inputs - 1
            loops[2 * kinds + i].kernel = kernels[4 + wide]
            loops[i].at_one = &loops[2 * kinds + i]
        if kernels[2] != NULL:
            loops[i].uniform = &loops[kinds + i]
        functions[i] = inner
        data[i] = &loops[i]
    return cnp.PyUFunc_FromFuncAndDataAndSignature(
        functions, data, types, kinds, inputs, outputs, cnp.PyUFunc_None, text_kept, NULL, 0, signature)
