# Gated units: one half of a row lets the other through. Each kernel takes the halves as two operands.
#
#     glu      a sigma(b)        the gate is the second half
#     swiglu   silu(a) b         the gate is the first half; so in the next two
#     geglu    gelu(a) b
#     reglu    relu(a) b
#
# The functions of one entry of each half come first; `like` tells how many bits are needed. The factors are those of
# gates.pxd, unrounded and never subnormal, so that a product is right wherever it is a number.

cimport numpy as cnp
from libc.math cimport fabs

from .compound cimport finite_part
from .gates cimport (
    gelu_gate_slope, logistic_gate, logistic_gate_slope, normal_gate, product_with_gate, silu_slope)
from .primitives cimport INFINITY, NAN, real
from .row_loops cimport row_ufunc
from .row_primitives cimport LANES, STEPS, TILE, Block, Operand, depth, load, store, tiles

cnp.import_array()
cnp.import_ufunc()


cdef inline double unless_nan(double a, double b, double value) noexcept nogil:
    """`value`, or NaN where a or b is."""
    return value if (a == a) & (b == b) else NAN


# factor sigma(b)
#
# Limits   b -> -inf: 0, b -> inf: the factor; an infinite factor stays, but has no limit where b is -inf
cdef inline double times_sigma(double factor, double b, real like) noexcept nogil:
    cdef double second
    cdef double first = logistic_gate(factor, finite_part(<real>b), 1.0, &second, like)
    first = first * second
    return factor if (fabs(factor) == INFINITY) & (b > -INFINITY) else first


cdef inline double glu_slope_second(double g, double a, double b, real like) noexcept nogil:
    """The gradient with respect to b: g a sigma'(b)."""
    cdef double second
    cdef double gate = logistic_gate_slope(finite_part(<real>b), &second, like)
    return product_with_gate(g, a, gate, second, like)


# factor silu(a), with silu(a) = a sigma(a)
cdef inline double times_silu(double factor, double a, real like) noexcept nogil:
    cdef double second, base = finite_part(<real>a)
    cdef double gate = logistic_gate(1.0, base, 1.0, &second, like)
    return beside_infinity(factor, a, product_with_gate(factor, base if a < 0.0 else a, gate, second, like))


cdef inline double swiglu_slope_first(double g, double a, double b, real like) noexcept nogil:
    """The gradient with respect to a: g b silu'(a)."""
    cdef double second
    cdef double gate = silu_slope(<real>a, <real>1.0, &second)
    return product_with_gate(g, b, gate, second, like)


# factor gelu(a), with gelu(a) = a Phi(a)
cdef inline double times_gelu(double factor, double a, real like) noexcept nogil:
    cdef double second, base = finite_part(<real>a)
    cdef double gate = normal_gate(base, &second, like)
    return beside_infinity(factor, a, product_with_gate(factor, base if a < 0.0 else a, gate, second, like))


cdef inline double geglu_slope_first(double g, double a, double b, real like) noexcept nogil:
    """The gradient with respect to a: g b gelu'(a)."""
    cdef double second
    cdef double gate = gelu_gate_slope(a, &second, like)
    return product_with_gate(g, b, gate, second, like)


cdef inline double beside_infinity(double factor, double a, double value) noexcept nogil:
    """`value`; where the factor is infinite, its product with a gate that is not 0, however small."""
    return factor * a if (fabs(factor) == INFINITY) & (a > -INFINITY) else value


# factor relu(a); 0 where a <= 0, also if the factor is infinite
cdef inline double times_relu(double factor, double a) noexcept nogil:
    return factor * a if a > 0.0 else unless_nan(factor, a, 0.0)


cdef inline double through_relu(double g, double a, double b) noexcept nogil:
    """The gradient with respect to a: g b where a > 0."""
    return g * b if a > 0.0 else unless_nan(g, b, 0.0)


# ----------------------------------------------------------------------------------------------------------- rows


cdef inline void glu_rows(const Block* block, const Operand* operands, real like) noexcept nogil:
    cdef double a[TILE]
    cdef double b[TILE]
    cdef Py_ssize_t chunk, step, count, j
    for chunk in range(tiles(block)):
        step = chunk * STEPS
        count = depth(block, step)
        load(block, &operands[0], step, count, a, 0.0, like)
        load(block, &operands[1], step, count, b, 0.0, like)
        for j in range(count * LANES):
            a[j] = times_sigma(a[j], b[j], like)
        store(block, &operands[2], step, count, a, like)


cdef inline void glu_backward_rows(const Block* block, const Operand* operands, real like) noexcept nogil:
    cdef double g[TILE]
    cdef double a[TILE]
    cdef double b[TILE]
    cdef double first
    cdef Py_ssize_t chunk, step, count, j
    for chunk in range(tiles(block)):
        step = chunk * STEPS
        count = depth(block, step)
        load(block, &operands[0], step, count, g, 0.0, like)
        load(block, &operands[1], step, count, a, 0.0, like)
        load(block, &operands[2], step, count, b, 0.0, like)
        for j in range(count * LANES):
            first = times_sigma(g[j], b[j], like)
            g[j] = unless_nan(a[j], b[j], glu_slope_second(g[j], a[j], b[j], like))
            a[j] = unless_nan(a[j], b[j], first)
        store(block, &operands[3], step, count, a, like)
        store(block, &operands[4], step, count, g, like)


cdef inline void swiglu_rows(const Block* block, const Operand* operands, real like) noexcept nogil:
    cdef double a[TILE]
    cdef double b[TILE]
    cdef Py_ssize_t chunk, step, count, j
    for chunk in range(tiles(block)):
        step = chunk * STEPS
        count = depth(block, step)
        load(block, &operands[0], step, count, a, 0.0, like)
        load(block, &operands[1], step, count, b, 0.0, like)
        for j in range(count * LANES):
            a[j] = times_silu(b[j], a[j], like)
        store(block, &operands[2], step, count, a, like)


cdef inline void swiglu_backward_rows(const Block* block, const Operand* operands, real like) noexcept nogil:
    cdef double g[TILE]
    cdef double a[TILE]
    cdef double b[TILE]
    cdef double first
    cdef Py_ssize_t chunk, step, count, j
    for chunk in range(tiles(block)):
        step = chunk * STEPS
        count = depth(block, step)
        load(block, &operands[0], step, count, g, 0.0, like)
        load(block, &operands[1], step, count, a, 0.0, like)
        load(block, &operands[2], step, count, b, 0.0, like)
        for j in range(count * LANES):
            first = swiglu_slope_first(g[j], a[j], b[j], like)
            g[j] = unless_nan(a[j], b[j], times_silu(g[j], a[j], like))
            a[j] = unless_nan(a[j], b[j], first)
        store(block, &operands[3], step, count, a, like)
        store(block, &operands[4], step, count, g, like)


cdef inline void geglu_rows(const Block* block, const Operand* operands, real like) noexcept nogil:
    cdef double a[TILE]
    cdef double b[TILE]
    cdef Py_ssize_t chunk, step, count, j
    for chunk in range(tiles(block)):
        step = chunk * STEPS
        count = depth(block, step)
        load(block, &operands[0], step, count, a, 0.0, like)
        load(block, &operands[1], step, count, b, 0.0, like)
        for j in range(count * LANES):
            a[j] = times_gelu(b[j], a[j], like)
        store(block, &operands[2], step, count, a, like)


cdef inline void geglu_backward_rows(const Block* block, const Operand* operands, real like) noexcept nogil:
    cdef double g[TILE]
    cdef double a[TILE]
    cdef double b[TILE]
    cdef double first
    cdef Py_ssize_t chunk, step, count, j
    for chunk in range(tiles(block)):
        step = chunk * STEPS
        count = depth(block, step)
        load(block, &operands[0], step, count, g, 0.0, like)
        load(block, &operands[1], step, count, a, 0.0, like)
        load(block, &operands[2], step, count, b, 0.0, like)
        for j in range(count * LANES):
            first = geglu_slope_first(g[j], a[j], b[j], like)
            g[j] = unless_nan(a[j], b[j], times_gelu(g[j], a[j], like))
            a[j] = unless_nan(a[j], b[j], first)
        store(block, &operands[3], step, count, a, like)
        store(block, &operands[4], step, count, g, like)


cdef inline void reglu_rows(const Block* block, const Operand* operands, real like) noexcept nogil:
    cdef double a[TILE]
    cdef double b[TILE]
    cdef Py_ssize_t chunk, step, count, j
    for chunk in range(tiles(block)):
        step = chunk * STEPS
        count = depth(block, step)
        load(block, &operands[0], step, count, a, 0.0, like)
        load(block, &operands[1], step, count, b, 0.0, like)
        for j in range(count * LANES):
            a[j] = times_relu(b[j], a[j])
        store(block, &operands[2], step, count, a, like)


cdef inline void reglu_backward_rows(const Block* block, const Operand* operands, real like) noexcept nogil:
    cdef double g[TILE]
    cdef double a[TILE]
    cdef double b[TILE]
    cdef double first
    cdef Py_ssize_t chunk, step, count, j
    for chunk in range(tiles(block)):
        step = chunk * STEPS
        count = depth(block, step)
        load(block, &operands[0], step, count, g, 0.0, like)
        load(block, &operands[1], step, count, a, 0.0, like)
        load(block, &operands[2], step, count, b, 0.0, like)
        for j in range(count * LANES):
            first = through_relu(g[j], a[j], b[j])
            g[j] = unless_nan(a[j], b[j], times_relu(g[j], a[j]))
            a[j] = unless_nan(a[j], b[j], first)
        store(block, &operands[3], step, count, a, like)
        store(block, &operands[4], step, count, g, like)


# ------------------------------------------------------------------------- the kernels, for float32 and float64

cdef void glu_float(const Block* block, const Operand* operands) noexcept nogil:
    glu_rows(block, operands, <float>0.0)


cdef void glu_double(const Block* block, const Operand* operands) noexcept nogil:
    glu_rows(block, operands, <double>0.0)


cdef void glu_backward_float(const Block* block, const Operand* operands) noexcept nogil:
    glu_backward_rows(block, operands, <float>0.0)


cdef void glu_backward_double(const Block* block, const Operand* operands) noexcept nogil:
    glu_backward_rows(block, operands, <double>0.0)


cdef void swiglu_float(const Block* block, const Operand* operands) noexcept nogil:
    swiglu_rows(block, operands, <float>0.0)


cdef void swiglu_double(const Block* block, const Operand* operands) noexcept nogil:
    swiglu_rows(block, operands, <double>0.0)


cdef void swiglu_backward_float(const Block* block, const Operand* operands) noexcept nogil:
    swiglu_backward_rows(block, operands, <float>0.0)


cdef void swiglu_backward_double(const Block* block, const Operand* operands) noexcept nogil:
    swiglu_backward_rows(block, operands, <double>0.0)


cdef void geglu_float(const Block* block, const Operand* operands) noexcept nogil:
    geglu_rows(block, operands, <float>0.0)


cdef void geglu_double(const Block* block, const Operand* operands) noexcept nogil:
    geglu_rows(block, operands, <double>0.0)


cdef void geglu_backward_float(const Block* block, const Operand* operands) noexcept nogil:
    geglu_backward_rows(block, operands, <float>0.0)


cdef void geglu_backward_double(const Block* block, const Operand* operands) noexcept nogil:
    geglu_backward_rows(block, operands, <double>0.0)


cdef void reglu_float(const Block* block, const Operand* operands) noexcept nogil:
    reglu_rows(block, operands, <float>0.0)


cdef void reglu_double(const Block* block, const Operand* operands) noexcept nogil:
    reglu_rows(block, operands, <double>0.0)


cdef void reglu_backward_float(const Block* block, const Operand* operands) noexcept nogil:
    reglu_backward_rows(block, operands, <float>0.0)


cdef void reglu_backward_double(const Block* block, const Operand* operands) noexcept nogil:
    reglu_backward_rows(block, operands, <double>0.0)


UFUNCS = {
    "glu": row_ufunc("glu", "kkk", 1, -1, glu_float, glu_double, True),
    "glu_backward": row_ufunc(
        "glu_backward", "kkkkk", 2, -1, glu_backward_float, glu_backward_double, True),
    "swiglu": row_ufunc("swiglu", "kkk", 1, -1, swiglu_float, swiglu_double, True),
    "swiglu_backward": row_ufunc(
        "swiglu_backward", "kkkkk", 2, -1, swiglu_backward_float, swiglu_backward_double, True),
    "geglu": row_ufunc("geglu", "kkk", 1, -1, geglu_float, geglu_double, True),
    "geglu_backward": row_ufunc(
        "geglu_backward", "kkkkk", 2, -1, geglu_backward_float, geglu_backward_double, True),
    "reglu": row_ufunc("reglu", "kkk", 1, -1, reglu_float, reglu_double, True),
    "reglu_backward": row_ufunc(
        "reglu_backward", "kkkkk", 2, -1, reglu_backward_float, reglu_backward_double, True),
}
