# Functions of the halves of a row, entry by entry: gated units, where one half lets the other through, and crelu, whose
# value has two halves. Each kernel takes or gives the halves as two operands; generate.py writes the loops.
#
#     glu      a sigma(b)        the gate is the second half
#     swiglu   silu(a) b         the gate is the first half; so in the next two
#     geglu    gelu(a) b
#     reglu    relu(a) b
#     crelu    relu(x), relu(-x)
#
# The factors are those of gates.pxd, unrounded and never subnormal, so that a product is right wherever it is a number.

from libc.math cimport fabs

from .compound cimport exp_negative, finite_part
from .gates cimport (
    cut, gate_slope_numerator, gelu_gate_slope, logistic_gate, logistic_gate_slope, normal_gate, product_with_gate,
    silu_slope)
from .primitives cimport INFINITY, NAN, madd, power_from_bits, real, reduce_exp


cdef inline double unless_nan(real a, real b, double value) noexcept nogil:
    """`value`, or NaN where a or b is."""
    return value if (a == a) & (b == b) else NAN


cdef inline double beside_infinity(double factor, double a, double value) noexcept nogil:
    """`value`; where the factor is infinite, its product with a gate that is not 0, however small."""
    return factor * a if (fabs(factor) == INFINITY) & (a > -INFINITY) else value


# ------------------------------------------------------------------------------------------------------------ glu

# float32: exp(-|t|) and the reciprocal of 1 + exp(-|t|). 350 counts for what is beyond: no product of three numbers of
# float32 and exp(-350) is above 0, but infinity times it is infinite.
cdef inline double exp_minus_abs(float t, double* reciprocal) noexcept nogil:
    cdef double e = exp_negative(cut(t, 350))
    reciprocal[0] = 1.0 / (1.0 + e)
    return e


# factor sigma(b)
#
# Limits   b -> -inf: 0, b -> inf: the factor; an infinite factor stays, but has no limit where b is -inf
cdef inline double times_sigma(double factor, real b) noexcept nogil:
    cdef double first, second
    if real is float:
        second = exp_minus_abs(b, &first)
        first = factor * first
        first = first * second if b < 0 else first
        return factor * 0.0 if b == -INFINITY else first
    else:
        first = logistic_gate(factor, finite_part(b), 1.0, &second, b) * second
        return factor if (fabs(factor) == INFINITY) & (b > -INFINITY) else first


# float64: x sigma(t), or NaN where the gate needs two factors: t < -700, infinite results and those below 1e-290
#
# Method   x/(1 + e) or x e/(1 + e) with e = exp(-|t|), each operation rounded once: errors up to 3 ulp were seen, also
#          where x is itself a product.
cdef inline double times_sigma_double(double x, double t) noexcept nogil:
    cdef double tail, shifted, scale, e
    cdef double a = fabs(t)
    cdef double r = reduce_exp(-700.0 if 700.0 < a else -a, 0.0, &tail, &shifted, x)
    scale = power_from_bits(shifted)
    e = madd(r + tail, scale, scale)
    r = (x * e if t < 0 else x) / (1.0 + e)
    a = fabs(r)
    return r if (t > -700.0) & (((a > 1e-290) & (a < INFINITY)) | (a == 0)) else NAN


cdef inline double glu(real a, real b) noexcept nogil:
    if real is float:
        return times_sigma(a, b)
    else:
        return times_sigma_double(a, b)


cdef double glu_rare(double a, double b) noexcept nogil:
    return times_sigma(a, b)


# the gradients with respect to a, g sigma(b), and to b, g a sigma'(b)
cdef inline double glu_backward_first(real upstream, real a, real b) noexcept nogil:
    return unless_nan(a, b, times_sigma(upstream, b))


cdef inline double glu_backward_second(real upstream, real a, real b) noexcept nogil:
    cdef double gate, second
    if real is float:
        gate = exp_minus_abs(b, &second)
        return (<double>upstream * a) * (gate * second * second)
    else:
        gate = logistic_gate_slope(finite_part(b), &second, b)
        return unless_nan(a, b, product_with_gate(upstream, a, gate, second, b))


# --------------------------------------------------------------------------------------------------------- swiglu

# factor silu(a), with silu(a) = a sigma(a)
cdef inline double times_silu(double factor, real a) noexcept nogil:
    cdef double gate, second, base
    if real is float:
        base = -1e39 if a < <float>-3.4028234663852886e38 else <double>a
        return times_sigma(factor * base, a)
    else:
        base = finite_part(a)
        gate = logistic_gate(1.0, base, 1.0, &second, a)
        return beside_infinity(factor, a, product_with_gate(factor, base if a < 0.0 else a, gate, second, a))


cdef inline double swiglu(real a, real b) noexcept nogil:
    if real is float:
        return times_silu(b, a)
    else:
        return times_sigma_double(a * b, a)


cdef double swiglu_rare(double a, double b) noexcept nogil:
    return times_silu(b, a)


# the gradients with respect to a, g b silu'(a), and to b, g silu(a)
cdef inline double swiglu_backward_first(real upstream, real a, real b) noexcept nogil:
    cdef double gate, second
    if real is float:
        gate = exp_minus_abs(a, &second)
        return (<double>upstream * b) * (gate_slope_numerator(a, 0.0, gate, gate, a) * (second * second))
    else:
        gate = silu_slope(a, <real>1.0, &second)
        return unless_nan(a, b, product_with_gate(upstream, b, gate, second, a))


cdef inline double swiglu_backward_second(real upstream, real a, real b) noexcept nogil:
    return unless_nan(a, b, times_silu(upstream, a))


# ---------------------------------------------------------------------------------------------------------- geglu

# factor gelu(a), with gelu(a) = a Phi(a)
cdef inline double times_gelu(double factor, real a) noexcept nogil:
    cdef double gate, second, base
    if real is float:
        # a gate that is never 0 and the range of double take care of infinite factors
        base = -1e39 if a < <float>-3.4028234663852886e38 else <double>a
        return factor * base * normal_gate(a, &second, a)
    else:
        base = finite_part(a)
        gate = normal_gate(base, &second, a)
        return beside_infinity(factor, a, product_with_gate(factor, base if a < 0.0 else a, gate, second, a))


cdef inline double geglu(real a, real b) noexcept nogil:
    return times_gelu(b, a)


# the gradients with respect to a, g b gelu'(a), and to b, g gelu(a)
cdef inline double geglu_backward_first(real upstream, real a, real b) noexcept nogil:
    cdef double second
    cdef double gate = gelu_gate_slope(a, &second, a)
    return unless_nan(a, b, product_with_gate(upstream, b, gate, second, a))


cdef inline double geglu_backward_second(real upstream, real a, real b) noexcept nogil:
    return unless_nan(a, b, times_gelu(upstream, a))


# ---------------------------------------------------------------------------------------------------------- reglu

# factor relu(a); 0 where a <= 0, also if the factor is infinite
cdef inline real times_relu(real factor, real a) noexcept nogil:
    return factor * a if a > 0 else (<real>0.0 if (a == a) & (factor == factor) else <real>NAN)


cdef inline double reglu(real a, real b) noexcept nogil:
    return times_relu(b, a)


# the gradients with respect to a, g b where a > 0, and to b, g relu(a)
cdef inline double reglu_backward_first(real upstream, real a, real b) noexcept nogil:
    cdef real slope = upstream * b if a > 0 else (<real>0.0 if upstream == upstream else <real>NAN)
    return slope if (a == a) & (b == b) else <real>NAN


cdef inline double reglu_backward_second(real upstream, real a, real b) noexcept nogil:
    cdef real slope = times_relu(upstream, a)
    return slope if b == b else <real>NAN


# ---------------------------------------------------------------------------------------------------------- crelu

# The positive and the negative part: max(x, 0) and max(-x, 0)
cdef inline double crelu_first(real x) noexcept nogil:
    return <real>0.0 if x <= 0 else x


cdef inline double crelu_second(real x) noexcept nogil:
    return <real>0.0 if x >= 0 else -x


# g_1 [x > 0] - g_2 [x < 0] for the gradients with respect to the two parts; NaN where x is
cdef inline double crelu_backward(real first, real second, real x) noexcept nogil:
    return first if x > 0 else (-second if x < 0 else (<real>0.0 if x == 0 else x))
