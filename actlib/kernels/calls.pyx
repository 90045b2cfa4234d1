# The common call of an entry: plain arrays and Python numbers, checked once and remembered.
#
# In Python, reading the keywords of a call takes longer than the kernel needs for a short array.

cimport cython
cimport numpy as cnp
from cpython.object cimport PyObject_CallObject

cnp.import_array()


cdef list key_of(int dtype, dict keywords):
    """The dtype, then names and values of the parameters; None where one is not a Python float."""
    cdef list key = [dtype]
    for name, value in keywords.items():
        if name == "out":
            continue
        if type(value) is not float:
            return None
        key.append(name)
        # as keys, 0.0 and -0.0 are the same number
        key.append(value if value else str(value))
    return key


cdef bint is_like(object out, int dtype):
    return cnp.PyArray_CheckExact(out) and cnp.PyArray_TYPE(out) == dtype and cnp.PyArray_ISNOTSWAPPED(out)


cdef bint are_like(object out, int dtype):
    """Is `out`, or each array of it, a plain array of this dtype, so that NumPy has nothing to cast?"""
    if type(out) is not tuple:
        return is_like(out, dtype)
    for one in <tuple>out:
        if not is_like(one, dtype):
            return False
    return True


@cython.binding(False)
def known_call(dict known, object ufunc, tuple arrays, dict keywords):
    """The ufunc of `arrays` and the parameters that `known` has for `keywords`; None if this is no common call."""
    cdef object x = arrays[len(arrays) - 1], out
    cdef list key
    if not cnp.PyArray_CheckExact(x):
        return None
    key = key_of(cnp.PyArray_TYPE(x), keywords)
    if key is None:
        return None
    operands = known.get(tuple(key))
    if operands is None:
        return None
    out = keywords.get("out")
    if out is None:
        return PyObject_CallObject(ufunc, arrays + <tuple>operands)
    if not are_like(out, cnp.PyArray_TYPE(x)):
        return None
    outs = out if type(out) is tuple else (out,)
    return PyObject_CallObject(ufunc, arrays + <tuple>operands + <tuple>outs)


def remember(dict known, object x, dict keywords, tuple operands):
    """Keep `operands`, the parameters that `keywords` mean for an array like `x`, if this was a common call."""
    cdef list key
    if not cnp.PyArray_CheckExact(x) or cnp.PyArray_TYPE(x) not in (cnp.NPY_FLOAT, cnp.NPY_DOUBLE):
        return
    key = key_of(cnp.PyArray_TYPE(x), keywords)
    if key is None:
        return
    if len(known) >= 64:
        known.clear()
    dtype = (<cnp.ndarray>x).dtype.newbyteorder("=")
    known[tuple(key)] = tuple([cnp.PyArray_FROM_O(operand).astype(dtype) for operand in operands])
