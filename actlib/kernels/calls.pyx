# The common call: plain arrays, and parameters that are Python numbers.
#
# In Python, looking at the arguments takes longer than the kernel needs for a short array. So what is common is
# recognised here, and Python code looks at everything else.

cimport cython
cimport numpy as cnp
from cpython.object cimport PyObject_CallObject
from libc.stdint cimport int64_t

cnp.import_array()


cdef object key_of(int dtype, dict keywords):
    """The dtype, with names and values of the parameters if any is given; None where one is not a Python float."""
    cdef list key = None
    for name, value in keywords.items():
        if name == "out":
            continue
        if type(value) is not float or name == "where":
            return None
        if key is None:
            key = [dtype]
        key.append(name)
        # as keys, 0.0 and -0.0 are the same number
        key.append(value if value else str(value))
    return dtype if key is None else tuple(key)


cdef bint is_like(object out, int dtype):
    return cnp.PyArray_CheckExact(out) and cnp.PyArray_TYPE(out) == dtype and cnp.PyArray_ISNOTSWAPPED(out)


cdef bint is_plain_float(object values):
    """A float32 or float64 array that the kernels read as it is."""
    return cnp.PyArray_CheckExact(values) and cnp.PyArray_ISBEHAVED_RO(values) and (
        cnp.PyArray_TYPE(values) == cnp.NPY_FLOAT or cnp.PyArray_TYPE(values) == cnp.NPY_DOUBLE)


cdef tuple results_like(object out, int dtype, int count):
    """`out` as a tuple of `count` plain arrays of this dtype, so that NumPy has nothing to cast; None if it is not."""
    cdef tuple outs = <tuple>out if type(out) is tuple else (out,) if count == 1 else ()
    if len(outs) != count:
        return None
    for one in outs:
        if not is_like(one, dtype):
            return None
    return outs


cdef object called(cnp.ufunc ufunc, tuple operands):
    """The ufunc of `operands`; None where their shapes do not broadcast, which NumPy would say without a name."""
    try:
        return PyObject_CallObject(ufunc, operands)
    except ValueError:
        return None


@cython.binding(False)
def known_call(dict known, cnp.ufunc ufunc, tuple arrays, dict keywords):
    """The ufunc of `arrays` and the parameters that `_known` has for `keywords`; None if this is no common call."""
    cdef object x = arrays[len(arrays) - 1], out
    cdef tuple outs
    if not cnp.PyArray_CheckExact(x):
        return None
    key = key_of(cnp.PyArray_TYPE(x), keywords)
    if key is None:
        return None
    operands = known.get(key)
    if operands is None:
        return None
    if operands:
        arrays = arrays + <tuple>operands
    out = keywords.get("out")
    if out is None:
        return called(ufunc, arrays)
    outs = results_like(out, cnp.PyArray_TYPE(x), ufunc.nout)
    return None if outs is None else called(ufunc, arrays + outs)


@cython.binding(False)
def plain_call(cnp.ufunc ufunc, tuple arrays, object out):
    """The ufunc of plain arrays of one dtype, without parameters; None if this is no common call."""
    cdef tuple outs
    cdef int dtype = -1
    for array in arrays:
        if not is_plain_float(array) or (dtype != -1 and dtype != cnp.PyArray_TYPE(array)):
            return None
        dtype = cnp.PyArray_TYPE(array)
    if out is None:
        return called(ufunc, arrays)
    outs = results_like(out, dtype, ufunc.nout)
    return None if outs is None else called(ufunc, arrays + outs)


def remember(dict known, object x, dict keywords, tuple operands):
    """Keep `operands`, the parameters that `keywords` mean for an array like `x`, if this was a common call."""
    if not cnp.PyArray_CheckExact(x) or cnp.PyArray_TYPE(x) not in (cnp.NPY_FLOAT, cnp.NPY_DOUBLE):
        return
    key = key_of(cnp.PyArray_TYPE(x), keywords)
    if key is None:
        return
    if len(known) >= 64:
        known.clear()
    dtype = (<cnp.ndarray>x).dtype.newbyteorder("=")
    known[key] = tuple([cnp.PyArray_FROM_O(operand).astype(dtype) for operand in operands])


cdef class ElementwiseCall:
    """Called with `x` and keywords: common calls go to `ufunc`, with the parameters that `_known` has for the keywords;
    all others to the method ``_call`` of the class that inherits from this."""

    cdef public cnp.ufunc ufunc
    cdef public dict _known

    def __call__(self, *args, **keywords):
        if not args:
            raise TypeError(f"{self.name}: x is missing, an array or a number, which comes first and without a name")
        if len(args) == 1:
            result = known_call(self._known, self.ufunc, args, keywords)
            if result is not None:
                return result
        return self._call(*args, **keywords)


@cython.binding(False)
def is_readable(object values):
    """An array of floats or of integers of 64 bits that the kernels read as it is?"""
    return is_plain_float(values) or (
        cnp.PyArray_CheckExact(values) and cnp.PyArray_ISBEHAVED_RO(values)
        and cnp.PyArray_TYPE(values) in (cnp.NPY_LONG, cnp.NPY_LONGLONG))


@cython.binding(False)
def plain_pair(object prediction, object target):
    """Are both float arrays of one shape that the kernels read as they are?"""
    cdef int k
    if not (is_plain_float(prediction) and is_plain_float(target)):
        return False
    if cnp.PyArray_NDIM(prediction) != cnp.PyArray_NDIM(target):
        return False
    for k in range(cnp.PyArray_NDIM(prediction)):
        if cnp.PyArray_DIM(prediction, k) != cnp.PyArray_DIM(target, k):
            return False
    return True


@cython.binding(False)
def plain_labels(object prediction, object labels):
    """Is the prediction a float array and are the labels int64, one for each row along its last axis, both as the
    kernels read them?"""
    cdef int k
    if not (is_plain_float(prediction) and cnp.PyArray_CheckExact(labels)):
        return False
    if cnp.PyArray_TYPE(labels) != cnp.NPY_INT64 or not cnp.PyArray_ISCARRAY_RO(labels):
        return False
    if cnp.PyArray_NDIM(prediction) != cnp.PyArray_NDIM(labels) + 1:
        return False
    for k in range(cnp.PyArray_NDIM(labels)):
        if cnp.PyArray_DIM(prediction, k) != cnp.PyArray_DIM(labels, k):
            return False
    return cnp.PyArray_DIM(prediction, cnp.PyArray_NDIM(labels)) > 0


cdef bint lies_apart(object out, object others):
    """Do all arrays among `others` own their memory, and is none of them `out`?"""
    for other in others:
        if cnp.PyArray_Check(other) and (other is out or cnp.PyArray_BASE(other) != NULL):
            return False
    return True


@cython.binding(False)
def is_free(object out, object like, cnp.dtype dtype, object first, object second):
    """An array of this dtype and of the shape of `like` that kernels may write to, in memory of its own? `first` and
    `second` hold what they read."""
    cdef int k
    if not (cnp.PyArray_CheckExact(out) and cnp.PyArray_ISBEHAVED(out) and cnp.PyArray_BASE(out) == NULL):
        return False
    if cnp.PyArray_TYPE(out) != dtype.type_num or cnp.PyArray_NDIM(out) != cnp.PyArray_NDIM(like):
        return False
    for k in range(cnp.PyArray_NDIM(out)):
        if cnp.PyArray_DIM(out, k) != cnp.PyArray_DIM(like, k):
            return False
    return lies_apart(out, first) and lies_apart(out, second)


@cython.binding(False)
def mark_members(cnp.ndarray lists, cnp.ndarray members):
    """Put 1 into `members` (float32, zeros) at the places that each row of `lists` (int64) names before its first -1;
    False where a row names no place or one twice, or goes on after -1. Both are contiguous and of one shape."""
    cdef const int64_t* places = <const int64_t*>cnp.PyArray_DATA(lists)
    cdef float* row = <float*>cnp.PyArray_DATA(members)
    cdef Py_ssize_t k, done = 0, size = lists.size, length = lists.shape[lists.ndim - 1]
    cdef bint listed
    while done < size:
        listed = True
        for k in range(length):
            listed = listed and places[k] >= 0
            if not listed:
                if places[k] != -1:
                    return False
            elif places[k] >= length or row[places[k]] != 0.0:
                return False
            else:
                row[places[k]] = 1.0
        places += length
        row += length
        done += length
    return True
