# Losses of a real prediction p against a real target t, as functions of the residual r = p - t.
#
# name, name_gradient and name_hessian (with respect to p) of the same arguments become a loss (generate_losses.py).
# Accuracy and conventions: the entries in actlib/losses.

from libc.math cimport copysign, fabs, sqrt
from libc.stdint cimport int64_t
from libc.string cimport memcpy

from .compound cimport positive_sum, product_with_rest, quotient, square_of_sum
from .logarithms cimport log_of_cosh
from .primitives cimport (
    INFINITY, exp_sum, fused, hyperbolic_tangent, log_positive, log_reduced, logistic_slope, madd, power_from_bits,
    propagate_nan, real, reduce_exp, split_shifted, two_product, two_sum)

# Losses with more arrays than prediction and target, and how many
READ = (("gaussian_nll", 3),)


# r**2
cdef inline double mean_squared_error(double p, double t, real like) noexcept nogil:
    cdef double r = p - t
    return r * r


cdef inline double mean_squared_error_gradient(double p, double t, real like) noexcept nogil:
    return 2.0 * (p - t)


cdef inline double mean_squared_error_hessian(double p, double t, real like) noexcept nogil:
    return propagate_nan(p - t, 2.0)


# r**2/2
cdef inline double half_squared_error(double p, double t, real like) noexcept nogil:
    cdef double r = p - t
    return 0.5 * r * r


cdef inline double half_squared_error_gradient(double p, double t, real like) noexcept nogil:
    return p - t


cdef inline double half_squared_error_hessian(double p, double t, real like) noexcept nogil:
    return propagate_nan(p - t, 1.0)


# |r|, with slope 0 at the kink r = 0
cdef inline double mean_absolute_error(double p, double t, real like) noexcept nogil:
    return fabs(p - t)


cdef inline double mean_absolute_error_gradient(double p, double t, real like) noexcept nogil:
    cdef double r = p - t
    return 1.0 if r > 0.0 else (-1.0 if r < 0.0 else r)


cdef inline double mean_absolute_error_hessian(double p, double t, real like) noexcept nogil:
    return propagate_nan(p - t, 0.0)


# r**2/2 for |r| <= delta, delta (|r| - delta/2) beyond: the tangents at +-delta
#
# Method   The gradient is r cut off at +-delta. delta = inf is r**2/2 everywhere.
cdef inline double huber(double p, double t, double delta, real like) noexcept nogil:
    cdef double r = p - t
    cdef double linear = delta * (fabs(r) - 0.5 * delta)
    return linear if fabs(r) > delta else 0.5 * r * r


cdef inline double huber_gradient(double p, double t, double delta, real like) noexcept nogil:
    cdef double r = p - t
    r = delta if r > delta else r
    return -delta if r < -delta else r


# the comparison is exact: beyond = |r| > delta for r + low, the difference without rounding
cdef inline double huber_hessian(double p, double t, double delta, real like) noexcept nogil:
    cdef double low
    cdef double r = two_sum(p, -t, &low)
    cdef double outward = low if r > 0.0 else -low
    cdef bint beyond = (fabs(r) > delta) | ((fabs(r) == delta) & (outward > 0.0))
    return propagate_nan(r, 0.0 if beyond else 1.0)


# r/beta, for float32 as a product with 1/beta, which a loop computes once
cdef inline double over_beta(double r, double beta, real like) noexcept nogil:
    return r * (1.0 / beta) if real is float else r / beta


# r**2/(2 beta) for |r| < beta, |r| - beta/2 beyond; beta = 0 is |r|
#
# Method   (r/beta) (r/2), for r**2 may overflow or underflow where the loss does not. What a division by beta = 0
#          gives is not used.
cdef inline double smooth_l1(double p, double t, double beta, real like) noexcept nogil:
    cdef double r = p - t
    return over_beta(r, beta, like) * (0.5 * r) if fabs(r) < beta else fabs(r) - 0.5 * beta


cdef inline double smooth_l1_gradient(double p, double t, double beta, real like) noexcept nogil:
    cdef double r = p - t
    cdef double sign = 1.0 if r > 0.0 else (-1.0 if r < 0.0 else r)
    return over_beta(r, beta, like) if fabs(r) < beta else sign


# 1/beta for |r| < beta, else 0: also at the kink. The comparison is that of the difference without rounding.
cdef inline double smooth_l1_hessian(double p, double t, double beta, real like) noexcept nogil:
    cdef double low
    cdef double r = two_sum(p, -t, &low)
    cdef double outward = low if r > 0.0 else -low
    cdef bint inside = (fabs(r) < beta) | ((fabs(r) == beta) & (outward < 0.0))
    return propagate_nan(r, 1.0 / beta if inside else 0.0)


# r and what its rounding misses of p - t, which is nothing for an infinite r
cdef inline double residual(double p, double t, double* low) noexcept nogil:
    cdef double r = two_sum(p, -t, low)
    low[0] = low[0] if fabs(r) < INFINITY else 0.0
    return r


# The smaller and the larger of two sizes, numbers that are not negative; NaN is the larger one
#
# Method   Their bits as integers, which have the same order: one instruction, where compilers make of a select two
#          branches, each with all divisions and roots that follow.
cdef inline double smaller_size(double a, double b) noexcept nogil:
    cdef int64_t a_bits, b_bits
    memcpy(&a_bits, &a, 8)
    memcpy(&b_bits, &b, 8)
    a_bits = min(a_bits, b_bits)
    memcpy(&a, &a_bits, 8)
    return a


cdef inline double larger_size(double a, double b) noexcept nogil:
    cdef int64_t a_bits, b_bits
    memcpy(&a_bits, &a, 8)
    memcpy(&b_bits, &b, 8)
    a_bits = max(a_bits, b_bits)
    memcpy(&a, &a_bits, 8)
    return a


# s = |r|/delta for float32, and root = sqrt(1 + s**2); returns 1/(root (1 + root)), one division for value and gradient
#
# Method   Beyond 2**34, s counts as that: s/root and s/(1 + root) are 1.
cdef inline double pseudo_huber_root(double r, double delta, double* s, double* root) noexcept nogil:
    cdef double whole = fabs(r) * (1.0 / delta)
    s[0] = 17179869184.0 if whole > 17179869184.0 else whole
    root[0] = sqrt(1.0 + s[0] * s[0])
    return quotient(1.0, root[0] * (1.0 + root[0]), <float>0)


# delta**2 (sqrt(1 + (r/delta)**2) - 1) = n |r|/(e + sqrt(1 + s**2)), where n is the smaller and m the larger of |r| and
# delta, s = n/m and e = delta/m
#
# Method   The conjugate square root: 1 - sqrt(1 + s**2) would cancel, this is a sum of positive terms. s <= 1 neither
#          overflows nor matters where it underflows. float64: what r misses counts up to twice in the result, and comes
#          back by the gradient n/sqrt(1 + s**2), for which a rough reciprocal will do.
#          float32, which is far from both: delta |r| s/(1 + sqrt(1 + s**2)) with s = |r|/delta.
# Limits   r = +-inf -> inf
cdef inline double pseudo_huber(double p, double t, double delta, real like) noexcept nogil:
    cdef double r, s, root, low, a, n, e, factor, rough, reciprocal
    if real is float:
        reciprocal = pseudo_huber_root(p - t, delta, &s, &root)
        return delta * fabs(p - t) * (s * root * reciprocal)
    else:
        # where p - t overflows, half of it does not, and delta is too small to matter in the root
        r = residual(p, t, &low)
        factor = 2.0 if fabs(r) == INFINITY else 1.0
        a = fabs(0.5 * p - 0.5 * t) if fabs(r) == INFINITY else fabs(r)
        n = smaller_size(a, delta)
        s = n / larger_size(a, delta)
        e = 1.0 if a <= delta else s
        root = sqrt(1.0 + s * s)
        rough = <float>1.0 / <float>root
        low = low if r > 0.0 else -low
        return n * madd(low, rough, a / (e + root)) * factor


# r/sqrt(1 + (r/delta)**2) = n/sqrt(1 + s**2), with the sign of r
cdef inline double pseudo_huber_gradient(double p, double t, double delta, real like) noexcept nogil:
    # as above, so that value and gradient in one loop share the root
    cdef double r = p - t
    cdef double s, root, a, n, reciprocal
    if real is float:
        reciprocal = pseudo_huber_root(r, delta, &s, &root)
        return copysign(delta * s * ((1.0 + root) * reciprocal), r)
    else:
        a = fabs(0.5 * p - 0.5 * t) if fabs(r) == INFINITY else fabs(r)
        n = smaller_size(a, delta)
        s = n / larger_size(a, delta)
        return copysign(n / sqrt(1.0 + s * s), r)


# (1 + (r/delta)**2)**(-3/2) = (e/sqrt(1 + s**2))**3
#
# Method   float64: c = e/sqrt(1 + s**2) in two parts, for the power trebles its error: s, s**2 and the root are kept
#          with what their rounding misses, and also r.
# Limits   r = +-inf -> 0
cdef inline double pseudo_huber_hessian(double p, double t, double delta, real like) noexcept nogil:
    cdef double low
    cdef double r = residual(p, t, &low)
    cdef double a = fabs(r)
    cdef bint near = a <= delta
    cdef double n = a if near else delta
    cdef double m = delta if near else a
    cdef double s = n / m
    cdef double e = 1.0 if near else s
    cdef double s_low, square, square_low, root, root_low, c, c_low, cube, cube_low, outward
    if real is float:
        c = e / sqrt(1.0 + s * s)
        return c * c * c
    else:
        outward = low if r > 0.0 else -low
        # (n + n_low)/(m + m_low) = s + (n - s m + n_low - s m_low)/m; there is nothing to miss where m is infinite
        s_low = (fused(-s, m, n) + outward * (1.0 if near else -s)) / m
        s_low = s_low if m < INFINITY else 0.0
        square = two_product(s, s, &square_low)
        square_low = madd(2.0 * s, s_low, square_low)
        root_low = 1.0 + square
        square_low = (square - (root_low - 1.0)) + square_low
        root = sqrt(root_low)
        root_low = 0.5 * (fused(-root, root, root_low) + square_low) / root
        c = e / root
        c_low = ((fused(-c, root, e) + (0.0 if near else s_low)) - c * root_low) / root
        cube = two_product(c, c, &cube_low)
        return madd(cube, c, madd(cube_low, c, 3.0 * cube * c_low))


# max(0, |r| - epsilon), with slope 0 at the kink |r| = epsilon
#
# Method   What the rounding of r misses is added after the subtraction, which is exact where it matters (Sterbenz).
cdef inline double excess(double p, double t, double epsilon) noexcept nogil:
    cdef double low
    cdef double r = residual(p, t, &low)
    cdef double gap = (fabs(r) - epsilon) + (low if r > 0.0 else -low)
    return 0.0 if gap < 0.0 else gap


cdef inline double epsilon_insensitive(double p, double t, double epsilon, real like) noexcept nogil:
    return excess(p, t, epsilon)


cdef inline double epsilon_insensitive_gradient(double p, double t, double epsilon, real like) noexcept nogil:
    cdef double gap = excess(p, t, epsilon)
    return propagate_nan(gap, (1.0 if p > t else -1.0) if gap > 0.0 else 0.0)


cdef inline double epsilon_insensitive_hessian(double p, double t, double epsilon, real like) noexcept nogil:
    return propagate_nan(p - t, 0.0)


# its square; the second derivative is 0 at the kink of the gradient
#
# Method   float64: what both subtractions lose to rounding counts twice in the square.
cdef inline double epsilon_insensitive_squared(double p, double t, double epsilon, real like) noexcept nogil:
    cdef double r, low, gap
    if real is float:
        gap = excess(p, t, epsilon)
        return gap * gap
    else:
        r = residual(p, t, &low)
        gap = positive_sum(fabs(r), -epsilon, low if r > 0.0 else -low, &low)
        return square_of_sum(gap, low)


cdef inline double epsilon_insensitive_squared_gradient(
        double p, double t, double epsilon, real like) noexcept nogil:
    cdef double r, low, gap
    if real is float:
        gap = excess(p, t, epsilon)
    else:
        r = residual(p, t, &low)
        gap = positive_sum(fabs(r), -epsilon, low if r > 0.0 else -low, &low)
    return (2.0 if p > t else -2.0) * gap + 0.0


cdef inline double epsilon_insensitive_squared_hessian(double p, double t, double epsilon, real like) noexcept nogil:
    cdef double gap = excess(p, t, epsilon)
    return propagate_nan(gap, 2.0 if gap > 0.0 else 0.0)


# |r|/max(|t|, eps), with slope 0 at the kink r = 0
cdef inline double mean_absolute_percentage_error(double p, double t, double eps, real like) noexcept nogil:
    # where p - t overflows, half of it does not
    cdef double r = p - t
    cdef double size = eps if fabs(t) < eps else fabs(t)
    cdef bint beyond = fabs(r) == INFINITY
    return (fabs(0.5 * p - 0.5 * t) if beyond else fabs(r)) / (0.5 * size if beyond else size)


cdef inline double mean_absolute_percentage_error_gradient(double p, double t, double eps, real like) noexcept nogil:
    cdef double size = eps if fabs(t) < eps else fabs(t)
    return propagate_nan(p - t, (1.0 if p > t else (-1.0 if p < t else 0.0)) / size)


cdef inline double mean_absolute_percentage_error_hessian(double p, double t, double eps, real like) noexcept nogil:
    return propagate_nan(p - t, 0.0)


# log((a + a_low)/(b + b_low)) for positive a and b, between 2**-60 and 2**1024, where a + a_low - (b + b_low) is
# r + r_low; `share` receives a_low/a
#
# Method   a = 2**k m and b = 2**j n, where n/sqrt(2) < m < n sqrt(2) (or to rounding so), and the logarithm is that of
#          2**(k - j) (1 + f) with f = (m - n)/n. For k = j, f comes from r, so that it has full relative precision
#          however close the two are; else the logarithm is at least log(2)/2. What the quotient f misses is added to
#          first order.
cdef inline double log_quotient(
        double a, double a_low, double b, double b_low, double r, double r_low, double* share) noexcept nogil:
    cdef double k, j, scale, a_scale, top, f, lost, reciprocal
    cdef double m = split_shifted(a, 1023.0, &k)
    cdef double n = split_shifted(b, 1023.0, &j)
    cdef bint above = m > 1.4142135623730951 * n
    cdef bint below = 1.4142135623730951 * m < n
    k = k + (1.0 if above else (-1.0 if below else 0.0))
    m = m * (0.5 if above else (2.0 if below else 1.0))
    # 2**-j: 2**(512 - j) is a normal number
    scale = power_from_bits(6755399441055744.0 + 1535.0 - j) * 7.458340731200207e-155
    top = r * scale if k == j else m - n
    f = top / n
    a_scale = power_from_bits(6755399441055744.0 + 1535.0 - k) * 7.458340731200207e-155
    reciprocal = <float>1.0 / <float>m
    share[0] = a_low * a_scale * reciprocal
    lost = r_low * scale if k == j else a_low * a_scale - b_low * scale
    lost = (fused(-f, n, top) + lost) - f * (b_low * scale)
    return log_reduced(f, k - j, lost * reciprocal, <double>0)


# log((1 + p)/(1 + t)) for p >= -1 and t > -1; `one_plus` receives 1 + p, and `share` the part of it that it misses
#
# Method   float32: the quotient less 1, where that is near 0, is (p - t)/(1 + t).
# Limits   p = -1 -> -inf, p = +inf -> inf
cdef inline double log_ratio(double p, double t, double* one_plus, double* share, real like) noexcept nogil:
    cdef double a_low, b_low, r_low, result, a, b, r, m, k, reciprocal
    if real is float:
        share[0] = 0.0
        a = 1.0 + p
        reciprocal = quotient(1.0, 1.0 + t, like)
        m = split_shifted(a * reciprocal, 1023.0, &k)
        result = log_reduced((p - t) * reciprocal if k == 0.0 else m - 1.0, k, 0.0, like)
    else:
        a = two_sum(1.0, p, &a_low)
        b = two_sum(1.0, t, &b_low)
        r = two_sum(p, -t, &r_low)
        result = log_quotient(a, a_low, b, b_low, r, r_low, share)
    one_plus[0] = a
    result = result if p > -1.0 else -INFINITY
    result = result if p < INFINITY else p
    return propagate_nan(p, result)


# (log(1 + p) - log(1 + t))**2
#
# Method   The square of one logarithm, log((1 + p)/(1 + t)): the difference of two would cancel where p is near t.
# Limits   p = -1 -> inf, p = +inf -> inf
cdef inline double mean_squared_log_error(double p, double t, real like) noexcept nogil:
    cdef double a, share
    cdef double ratio = log_ratio(p, t, &a, &share, like)
    return ratio * ratio


# 2 log((1 + p)/(1 + t))/(1 + p)
#
# Limits   p = -1 -> -inf, p = +inf -> 0
cdef inline double mean_squared_log_error_gradient(double p, double t, real like) noexcept nogil:
    cdef double a, share
    cdef double ratio = log_ratio(p, t, &a, &share, like)
    cdef double slope = quotient(2.0 * ratio, a, like)
    slope = slope - slope * share if p > -1.0 else -INFINITY
    return slope if p < INFINITY else propagate_nan(p, 0.0)


# 2 (1 - log((1 + p)/(1 + t)))/(1 + p)**2
#
# Method   1 - log(a/b) = log(e b/a) is 0 where a = e b. Their difference is kept to all digits, with e in three parts:
#          the products without rounding, all but the smallest, and added from the largest down. A fourth of
#          everything, for e b may overflow.
# Limits   p = -1 -> inf, p = +inf -> -0
cdef inline double mean_squared_log_error_hessian(double p, double t, real like) noexcept nogil:
    cdef double a_low, b_low, first, second, third, fourth, fifth, share, curvature
    cdef double a = two_sum(1.0, p, &a_low)
    cdef double b = two_sum(1.0, t, &b_low)
    cdef double n = 0.25 * b
    cdef double n_low = 0.25 * b_low
    cdef double c = two_product(2.718281828459045, n, &first)
    cdef double c_second = two_product(1.4456468917292502e-16, n, &second)
    cdef double c_third = two_product(2.718281828459045, n_low, &third)
    cdef double rest = madd(-2.1277171080381768e-33, n, second) + madd(1.4456468917292502e-16, n_low, third)
    first = two_sum(first, c_second, &second)
    c_third = two_sum(c_third, -0.25 * a_low, &third)
    first = two_sum(first, c_third, &fourth)
    cdef double r = two_sum(c - 0.25 * a, first, &fifth)
    rest = ((second + third) + (fourth + fifth)) + rest
    curvature = log_quotient(c, first + 0.25 * a_low, 0.25 * a, 0.25 * a_low, r, rest, &share)
    curvature = 2.0 * curvature / a
    curvature = curvature - 2.0 * curvature * (a_low / a)
    curvature = curvature / a
    curvature = curvature if p > -1.0 else INFINITY
    return propagate_nan(p, curvature if p < INFINITY else -0.0)


# (log v + r**2/v)/2 + constant: the negative log-likelihood of a normal target with variance v
#
# Method   r/v r does not overflow where r**2 does. The logarithm takes full precision for float32 too, because
#          the sum can cancel.
cdef inline double gaussian_nll(double p, double t, double v, double constant, real like) noexcept nogil:
    return 0.5 * (log_positive(v, like) + square_over(p - t, v, like)) + constant


# r**2/v
#
# Method   float64: both times a power of 2 where v is tiny, for there r/v overflows where the result does not.
cdef inline double square_over(double r, double v, real like) noexcept nogil:
    cdef bint tiny
    if real is float:
        return r / v * r
    else:
        tiny = v < 1.4916681462400413e-154
        r = r * 6.703903964971299e+153 if tiny else r
        v = v * 4.49423283715579e+307 if tiny else v
        return r / v * r


cdef inline double gaussian_nll_gradient(double p, double t, double v, double constant, real like) noexcept nogil:
    return (p - t) / v


cdef inline double gaussian_nll_hessian(double p, double t, double v, double constant, real like) noexcept nogil:
    return propagate_nan(p - t, 1.0 / v)


# 2**-520 where the square of a float64 could overflow, 2**500 where what it leaves of v could be subnormal, else 1
cdef inline double scale_of_square(double r, double v, real like) noexcept nogil:
    if real is float:
        return 1.0
    else:
        if fabs(r) > 1e150:
            return 2.913414348125081e-157
        return 3.273390607896142e+150 if fabs(r) < 1e-120 and v < 1e-200 else 1.0


# The same loss with its derivatives with respect to v: (v - r**2)/(2 v**2) and (2 r**2 - v)/(2 v**3)
#
# Method   The differences keep what p - t and its square miss, for they cancel where r**2 is about v. Where r**2 would
#          overflow, or be subnormal, r and v are multiplied by a power of 2, s: the difference then by s**2, and two of
#          the v in the denominator by s each.
cdef inline double gaussian_nll_variance(double p, double t, double v, double constant, real like) noexcept nogil:
    return gaussian_nll(p, t, v, constant, like)


cdef inline double square_less(double p, double t, double factor, double s, double v, real like) noexcept nogil:
    """factor (s (p - t))**2 - s**2 v for a factor of 1 or 2."""
    cdef double low, result
    cdef double r = two_sum(p, -t, &low)
    if real is float:
        return fused(factor * r, r, -v)
    else:
        r = r * s
        result = fused(factor * r, r, -(v * s * s))
        low = 2.0 * factor * r * (low * s)
        return result + (low if fabs(r) < INFINITY else 0.0)


cdef inline double gaussian_nll_variance_gradient(
        double p, double t, double v, double constant, real like) noexcept nogil:
    cdef double s = scale_of_square(p - t, v, like)
    return 0.0 - 0.5 * (square_less(p, t, 1.0, s, v, like) / (v * s)) / (v * s)


cdef inline double gaussian_nll_variance_hessian(
        double p, double t, double v, double constant, real like) noexcept nogil:
    cdef double s = scale_of_square(p - t, v, like)
    return 0.5 * (square_less(p, t, 2.0, s, v, like) / v) / (v * s) / (v * s)


# log(cosh(r)): logarithms.pxd
cdef inline double log_cosh(double p, double t, real like) noexcept nogil:
    return log_of_cosh(p - t, like)


cdef inline double log_cosh_gradient(double p, double t, real like) noexcept nogil:
    return hyperbolic_tangent(p - t, like)


# 4 e/(1 + e)**2 with e = exp(-2 |r|), where what r misses of p - t enters to first order
cdef inline double log_cosh_hessian(double p, double t, real like) noexcept nogil:
    cdef double low
    cdef double r = two_sum(p, -t, &low)
    cdef double slope = logistic_slope(2.0 * r, 4.0, like)
    low = low if r > 0.0 else -low
    low = low if fabs(r) < 1000.0 else 0.0
    return slope - 2.0 * low * slope


# q u for u = t - p >= 0, (q - 1) u for u < 0; slope 0 at the kink u = 0
cdef inline double quantile(double p, double t, double q, real like) noexcept nogil:
    cdef double u = t - p
    return u * q if u >= 0.0 else (1.0 - q) * -u


cdef inline double quantile_gradient(double p, double t, double q, real like) noexcept nogil:
    cdef double r = p - t
    return 1.0 - q if r > 0.0 else (-q if r < 0.0 else r)


cdef inline double quantile_hessian(double p, double t, double q, real like) noexcept nogil:
    return propagate_nan(p - t, 0.0)


# log(t!) = log Gamma(t + 1) for t >= 0, to about the last digit of its terms; float32 needs as much, for it is added to
# terms that cancel
#
# Method   t < 8: t! = r! times the product of t, t - 1, ..., r + 1 with r = t - floor(t) in [0, 1] (1 for a count),
#          and log(r!) = r (r - 1) P(r), so that 0! and 1! are exact. t >= 8: Stirling's series with seven terms, for
#          x = t + 1.
cdef inline double log_factorial(double t) noexcept nogil:
    cdef double r = t if t < 8.0 else 0.0
    cdef double product = 1.0, p, square, x, z, above
    cdef double grown
    for _ in range(7):
        grown = product * r
        product = grown if r > 1.0 else product
        r = r - 1.0 if r > 1.0 else r
    square = r * r
    p = madd(-3.3634106716698643e-06, r, 4.3922570667975566e-05)
    p = madd(p, square, madd(-0.00027355425344016747, r, 0.00108530555479776))
    p = madd(p, square, madd(-0.003096208334287044, r, 0.006813696709607099))
    p = madd(p, square, madd(-0.012156735226797626, r, 0.018324688696888334))
    p = madd(p, square, madd(-0.02424559953721992, r, 0.029217957174157625))
    p = madd(p, square, madd(-0.033188553751976255, r, 0.03655578502618555))
    p = madd(p, square, madd(-0.03981999326088455, r, 0.04338263398438016))
    p = madd(p, square, madd(-0.0475379469137395, r, 0.05255557732506043))
    p = madd(p, square, madd(-0.05877785869071754, r, 0.06673172144127888))
    p = madd(p, square, madd(-0.07731816813330891, r, 0.09223900844903545))
    p = madd(p, square, madd(-0.11514654256344752, r, 0.15543426586394604))
    p = madd(p, square, madd(-0.24525136852258034, r, 0.5772156649015329))
    p = r * (r - 1.0) * p + log_positive(product, <double>0)
    x = (t if t >= 8.0 else 8.0) + 1.0
    z = 1.0 / (x * x)
    above = madd(0.00641025641025641, z, -0.0019175269175269176)
    above = madd(above, z, 0.0008417508417508417)
    above = madd(above, z, -0.0005952380952380953)
    above = madd(above, z, 0.0007936507936507937)
    above = madd(above, z, -0.002777777777777778)
    above = madd(above, z, 0.08333333333333333)
    above = (x - 0.5) * (log_positive(x, <double>0) - 1.0) + (0.4189385332046727 + above / x)
    return above if t >= 8.0 else p


# exp(p) - t p: the negative log-likelihood of a Poisson count t with the mean exp(p), without log(t!)
#
# Method   Full precision for float32 too, because the terms can cancel.
# Limits   p = -inf -> 0 for t = 0, else inf; p = +inf -> inf
cdef inline double poisson_nll(double p, double t, real like) noexcept nogil:
    cdef double low
    cdef double mean = exp_sum(p, &low, like)
    cdef double product = 0.0 if (t == 0.0) & (p == p) else t * p
    return (mean - product) + low if mean < INFINITY else propagate_nan(p, mean)


cdef inline double poisson_nll_gradient(double p, double t, real like) noexcept nogil:
    cdef double low
    cdef double mean = exp_sum(p, &low, like)
    return (mean - t) + low


cdef inline double poisson_nll_hessian(double p, double t, real like) noexcept nogil:
    cdef double low
    cdef double mean = exp_sum(p, &low, like)
    return mean + low


# The same with log(t!)
cdef inline double poisson_nll_full(double p, double t, real like) noexcept nogil:
    return poisson_nll(p, t, like) + log_factorial(t)


cdef inline double poisson_nll_full_gradient(double p, double t, real like) noexcept nogil:
    return poisson_nll_gradient(p, t, like)


cdef inline double poisson_nll_full_hessian(double p, double t, real like) noexcept nogil:
    return poisson_nll_hessian(p, t, like)


# p - t log(p): the same loss of the mean itself
#
# Limits   p = 0 -> 0 for t = 0, else inf; p = +inf -> inf
cdef inline double poisson_nll_mean(double p, double t, real like) noexcept nogil:
    cdef double inside = p if (p > 0.0) & (p < INFINITY) else 1.0
    cdef double value = p - t * log_positive(inside, <double>0)
    value = INFINITY if (p == 0.0) & (t > 0.0) else value
    return value


cdef inline double poisson_nll_mean_gradient(double p, double t, real like) noexcept nogil:
    return 1.0 if ((t == 0.0) & (p == p)) | (p == INFINITY) else (p - t) / p


cdef inline double poisson_nll_mean_hessian(double p, double t, real like) noexcept nogil:
    return 0.0 if (t == 0.0) & (p == p) else t / p / p


cdef inline double poisson_nll_mean_full(double p, double t, real like) noexcept nogil:
    return poisson_nll_mean(p, t, like) + log_factorial(t)


cdef inline double poisson_nll_mean_full_gradient(double p, double t, real like) noexcept nogil:
    return poisson_nll_mean_gradient(p, t, like)


cdef inline double poisson_nll_mean_full_hessian(double p, double t, real like) noexcept nogil:
    return poisson_nll_mean_hessian(p, t, like)


# factor c exp(x + rest)/divisor for c >= 0, as an unevaluated sum, with `rest` to first order. Full precision for
# float32 too, because what is made of it can cancel.
#
# Method   float32: beyond |x| = 700 the result is infinite, or nothing. factor/divisor, which is 1 where terms cancel,
#          is rounded.
#          float64: exp(x) may overflow or underflow where the product does not. So c is brought near 1 by a power of 2,
#          and all powers of 2 come last, in three equal parts (the third takes what is left over), with one rounding.
# Limits   x = -inf -> 0, x = +inf -> inf; c = 0 -> 0 everywhere
cdef inline double times_exp(
        double c, double x, double rest, double factor, double divisor, double* low, real like) noexcept nogil:
    cdef double tail, shifted, r, high, product, lost, n, total, part, power, last
    cdef double most = 700.0 if real is float else 1500.0
    cdef double cut = most if x > most else x
    cut = -most if cut < -most else cut
    r = reduce_exp(cut, 0.0, &tail, &shifted, <double>0)
    high = 1.0 + r
    tail = (r - (high - 1.0)) + tail
    power = power_from_bits(shifted)
    if real is float:
        c = quotient(c * factor, divisor, like) * power
        product = two_product(c, high, &lost)
        low[0] = madd(c, tail, lost) if product < INFINITY else 0.0
        return INFINITY if (x > most) & (c > 0.0) else product
    else:
        tail = madd(high + tail, rest, tail)
        n = shifted - (6755399441055744.0 + 1023.0)
        n = n + (512.0 if c > 3.273390607896142e+150 else (-512.0 if c < 3.0549363634996047e-151 else 0.0))
        c = c * (7.458340731200207e-155 if c > 3.273390607896142e+150 else (
            1.3407807929942597e+154 if c < 3.0549363634996047e-151 else 1.0))
        product = two_product(c, high, &lost)
        lost = madd(c, tail, lost)
        total = product + lost
        lost = (product - total) + lost
        part = total * factor
        product = part / divisor
        lost = (fused(-product, divisor, part) + (fused(total, factor, -part) + lost * factor)) / divisor
        shifted = madd(n - 1.0, 0.3333333333333333, 6755399441055744.0 + 1023.0)
        power = power_from_bits(shifted)
        n = n - 2.0 * (shifted - (6755399441055744.0 + 1023.0))
        last = power_from_bits(n + (6755399441055744.0 + 1023.0))
        product = product * power * power * last
        lost = lost * power * power * last
        low[0] = lost if product < INFINITY else 0.0
        return product


# p + t exp(-p): the negative log-likelihood of a gamma distributed t with the mean exp(p), per unit of its shape
#
# Limits   p = -inf -> inf, p = +inf -> inf
cdef inline double gamma_nll(double p, double t, real like) noexcept nogil:
    cdef double low
    cdef double ratio = times_exp(t, -p, 0.0, 1.0, 1.0, &low, like)
    return (p + ratio) + low if ratio < INFINITY else propagate_nan(p, ratio)


cdef inline double gamma_nll_gradient(double p, double t, real like) noexcept nogil:
    cdef double low
    cdef double ratio = times_exp(t, -p, 0.0, 1.0, 1.0, &low, like)
    return (1.0 - ratio) - low


cdef inline double gamma_nll_hessian(double p, double t, real like) noexcept nogil:
    cdef double low
    cdef double ratio = times_exp(t, -p, 0.0, 1.0, 1.0, &low, like)
    return ratio + low


# exp((2 - power) p)/(2 - power) + t exp((1 - power) p)/(power - 1) for 1 < power < 2: half the unit deviance of
# Tweedie's distributions, up to what depends on t alone
#
# Method   Both terms are positive. The rounding errors of the products in the exponents are carried along.
# Limits   p = -inf -> 0 for t = 0, else inf; p = +inf -> inf
cdef inline double tweedie(double p, double t, double power, real like) noexcept nogil:
    cdef double first, second, first_low, second_low, rest
    cdef double x = product_with_rest(2.0 - power, p, &rest, like)
    cdef double y = product_with_rest(1.0 - power, p, &second_low, like)
    if real is float:
        # the terms of the gradient, which loops over both share
        first = times_exp(1.0, x, 0.0, 1.0, 1.0, &first_low, like)
        second = times_exp(t, y, 0.0, 1.0, 1.0, &second_low, like)
        return (first + first_low) * (1.0 / (2.0 - power)) + (second + second_low) * (1.0 / (power - 1.0))
    else:
        first = times_exp(1.0, x, rest, 1.0, 2.0 - power, &first_low, like)
        second = times_exp(t, y, second_low, 1.0, power - 1.0, &second_low, like)
        return (first + second) + (first_low + second_low)


# exp((2 - power) p) - t exp((1 - power) p)
cdef inline double tweedie_gradient(double p, double t, double power, real like) noexcept nogil:
    cdef double first_low, second_low, rest
    cdef double x = product_with_rest(2.0 - power, p, &rest, like)
    cdef double first = times_exp(1.0, x, rest, 1.0, 1.0, &first_low, like)
    x = product_with_rest(1.0 - power, p, &rest, like)
    cdef double second = times_exp(t, x, rest, 1.0, 1.0, &second_low, like)
    return (first - second) + (first_low - second_low)


# (2 - power) exp((2 - power) p) + (power - 1) t exp((1 - power) p)
cdef inline double tweedie_hessian(double p, double t, double power, real like) noexcept nogil:
    cdef double first_low, second_low, rest
    cdef double x = product_with_rest(2.0 - power, p, &rest, like)
    cdef double first = times_exp(1.0, x, rest, 2.0 - power, 1.0, &first_low, like)
    x = product_with_rest(1.0 - power, p, &rest, like)
    cdef double second = times_exp(t, x, rest, power - 1.0, 1.0, &second_low, like)
    return (first + second) + (first_low + second_low)
