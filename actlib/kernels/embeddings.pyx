# Losses of pairs and triples: rankings, and vectors that are to be near or far.
#
# name, name_gradient and name_hessian (with respect to the first argument) of the same arguments become an elementwise
# loss (generate_losses.py); the losses of vectors have kernels on rows. Accuracy and conventions: the entries in
# actlib/losses/embeddings.py.
#
# Sums over the entries of a vector are sums of two doubles throughout, products included: directions differ by little
# where a loss is nearly minimal, and what is left of cancelling sums must still have its digits.

from libc.math cimport fabs, fmin, frexp, ilogb, ldexp, sqrt
from libc.string cimport memcpy

from .loss_loops cimport GRADIENT, VALUE
from .loss_vectors cimport (
    RowOperand, Rows, Scale, VectorPass, VectorRun, accumulate_pairs, collect, direct, entries, join,
    load_row_numbers, look, scale_of_row, scaled, spread, store_row_values, store_vector_gradient, views)
from .primitives cimport (
    INFINITY, exp_nonpositive_sum, fused, madd, propagate_nan, real, split_exponent, two_product, two_sum)
from .row_primitives cimport (
    LANES, STEPS, TILE, Sums, accumulate, blank, clear, depth, load, spread_maximum, tiles)

# The loss with more arrays than two, and how many
READ = (("margin_ranking", 3),)
# Losses of vectors, with kernels of their own.
VECTOR_LOSSES = ("cosine_similarity", "cosine_embedding", "triplet_margin")


# max(0, margin - t (a - b)) for t = -1 or +1: a is to exceed b by the margin, or the other way round
#
# Method   a - b = r + low exactly, and so are all the sums: the last addition alone is rounded. So its sign is right.
cdef inline double violation(double a, double b, double t, double margin) noexcept nogil:
    cdef double low, lost
    cdef double r = two_sum(a, -b, &low)
    cdef double high = two_sum(margin, -t * r, &lost)
    # beyond the largest number, what rounding lost is NaN
    return high + (lost - t * low if fabs(high) < INFINITY else 0.0)


cdef inline double margin_ranking(double a, double b, double t, double margin, real like) noexcept nogil:
    cdef double v = violation(a, b, t, margin)
    return 0.0 if v <= 0.0 else v


cdef inline double margin_ranking_gradient(double a, double b, double t, double margin, real like) noexcept nogil:
    cdef double v = violation(a, b, t, margin)
    return propagate_nan(v, -t if v > 0.0 else 0.0)


cdef inline double margin_ranking_hessian(double a, double b, double t, double margin, real like) noexcept nogil:
    return propagate_nan(violation(a, b, t, margin), 0.0)


# --------------------------------------------------------------------------------------------- sums over a vector


# x y as a sum of two doubles; a product of numbers of 24 bits is exact
cdef inline double product(double x, double y, double* low, real like) noexcept nogil:
    if real is float:
        low[0] = 0.0
        return x * y
    else:
        return two_product(x, y, low)


# Add x y to the sum high + low, without error but that of the low part.
cdef inline void add_product(double x, double y, double* high, double* low, real like) noexcept nogil:
    cdef double lost, rest
    high[0] = two_sum(high[0], product(x, y, &rest, like), &lost)
    low[0] += lost + rest


cdef inline void add_products(
    const Rows* rows, const double* x, const double* y, Py_ssize_t step, Py_ssize_t count, Sums* sums, real like
) noexcept nogil:
    """The same for the products of two tiles."""
    cdef Py_ssize_t k, i, part
    cdef double high[LANES]
    cdef double low[LANES]
    if rows.parts == 0:
        for i in range(LANES):
            high[i] = sums.high[i]
            low[i] = sums.low[i]
        for k in range(count):
            for i in range(LANES):
                add_product(x[k * LANES + i], y[k * LANES + i], &high[i], &low[i], like)
        for i in range(LANES):
            sums.high[i] = high[i]
            sums.low[i] = low[i]
    else:
        for k in range(count):
            part = ((step + k) & rows.parts) * LANES
            for i in range(LANES):
                add_product(
                    x[k * LANES + i], y[k * LANES + i], &sums.high[part + i], &sums.low[part + i], like)


# Round the high part of sums from both; of an infinite sum, what rounding lost is NaN.
cdef inline void settle(double* high, double* low) noexcept nogil:
    cdef Py_ssize_t i
    cdef double rounded, rest
    for i in range(LANES):
        rest = low[i] if fabs(high[i]) < INFINITY else 0.0
        rounded = high[i] + rest
        low[i] = rest - (rounded - high[i]) if fabs(rounded) < INFINITY else 0.0
        high[i] = rounded


# The root of high + low >= 0 as a sum of two doubles
cdef inline double root(double high, double low, double* remainder) noexcept nogil:
    cdef double r = sqrt(high)
    remainder[0] = 0.0 if r == 0.0 else (fused(-r, r, high) + low) / (2.0 * r)
    return r


# (a + a_low)/(b + b_low) likewise; 0 where b is 0
cdef inline double ratio(double a, double a_low, double b, double b_low, double* remainder) noexcept nogil:
    cdef double q = a / b
    cdef double rest = (fused(-q, b, a) + (a_low - q * b_low)) / b
    remainder[0] = 0.0 if b == 0.0 else rest
    return 0.0 if b == 0.0 else q


# The power of two that brings a number near 1, as far as 2**1000 does
cdef inline double normaliser(double x) noexcept nogil:
    cdef int exponent
    if not (0.0 < x < INFINITY):
        return 1.0
    frexp(x, &exponent)
    return ldexp(1.0, min(1000, max(-1000, -exponent)))


cdef inline void load_times(
    const Rows* rows, const RowOperand* operand, Py_ssize_t step, Py_ssize_t count, const double* scale, bint rescaled,
    double* tile, real like
) noexcept nogil:
    """A tile times the factor of each lane, if `rescaled`; 0 where a lane has no entry."""
    cdef Py_ssize_t k, i
    load(rows, operand, step, count, tile, 0.0, like)
    if real is double:
        if rescaled:
            for k in range(count):
                for i in range(LANES):
                    tile[k * LANES + i] *= scale[i]


cdef inline void raise_maximum(const double* tile, Py_ssize_t count, double* maximum) noexcept nogil:
    """The largest magnitudes of each lane; NaN is passed over."""
    cdef Py_ssize_t k, i
    cdef double x
    for k in range(count):
        for i in range(LANES):
            x = fabs(tile[k * LANES + i])
            maximum[i] = x if x > maximum[i] else maximum[i]


# ------------------------------------------------------------------------------------------------ angles
#
# 1 - cos(a, b) = 1 - a.b/(|a| |b|), and its gradient with respect to a, -(b - c a)/(|a| |b|) with c = a.b/|a|**2
#
# Method   r = b - c a is the part of b that is perpendicular to a, and r.r/b.b = 1 - cos**2, so for small angles
#          1 - cos = r.r/(b.b (1 + cos)), where nothing cancels but in r itself; c is a sum of two doubles, so that
#          what is left of r keeps its digits down to angles of 1e-16. For large ones, 1 - cos as it stands.
#          Vectors whose squares would overflow or be subnormal are first multiplied by powers of two.
# Limits   A norm is replaced by eps where it is not larger, and is then constant. Where a norm is 0 and eps too,
#          cos is 0 and so are the gradients. An infinite entry makes NaN.

# The sums a.a, b.b and a.b of each lane
cdef struct Products:
    double aa[LANES]
    double aa_low[LANES]
    double bb[LANES]
    double bb_low[LANES]
    double ab[LANES]
    double ab_low[LANES]


# The three sums of a row of more than LANES entries that lie side by side, in sixteen parts
cdef inline void add_row_products(
    const real* a, const real* b, Py_ssize_t n, Sums* aa, Sums* bb, Sums* ab
) noexcept nogil:
    cdef Py_ssize_t i, j = LANES
    cdef double aa_high[LANES]
    cdef double aa_low[LANES]
    cdef double bb_high[LANES]
    cdef double bb_low[LANES]
    cdef double ab_high[LANES]
    cdef double ab_low[LANES]
    for i in range(LANES):
        aa_high[i] = product(a[i], a[i], &aa_low[i], <real>0)
        bb_high[i] = product(b[i], b[i], &bb_low[i], <real>0)
        ab_high[i] = product(a[i], b[i], &ab_low[i], <real>0)
    while j + LANES <= n:
        for i in range(LANES):
            add_product(a[j + i], a[j + i], &aa_high[i], &aa_low[i], <real>0)
            add_product(b[j + i], b[j + i], &bb_high[i], &bb_low[i], <real>0)
            add_product(a[j + i], b[j + i], &ab_high[i], &ab_low[i], <real>0)
        j += LANES
    for i in range(n - j):
        add_product(a[j + i], a[j + i], &aa_high[i], &aa_low[i], <real>0)
        add_product(b[j + i], b[j + i], &bb_high[i], &bb_low[i], <real>0)
        add_product(a[j + i], b[j + i], &ab_high[i], &ab_low[i], <real>0)
    for i in range(LANES):
        aa.high[i] = aa_high[i]
        aa.low[i] = aa_low[i]
        bb.high[i] = bb_high[i]
        bb.low[i] = bb_low[i]
        ab.high[i] = ab_high[i]
        ab.low[i] = ab_low[i]


cdef inline void sum_products(
    const Rows* rows, const VectorPass* work, const VectorRun* run, const double* first_scale,
    const double* second_scale, bint rescaled, Products* found, real like
) noexcept nogil:
    cdef Py_ssize_t number, chunk, step, count
    cdef double a[TILE]
    cdef double b[TILE]
    cdef double a_scale[LANES]
    cdef double b_scale[LANES]
    cdef Sums aa, bb, ab
    cdef Rows view
    for number in range(views(rows, work)):
        look(rows, work, number, &view)
        if work.direct and not rescaled:
            add_row_products(
                <const real*>entries(&view, &run.vector[0]), <const real*>entries(&view, &run.vector[1]), rows.size,
                &aa, &bb, &ab)
        else:
            spread(work, number, first_scale, a_scale)
            spread(work, number, second_scale, b_scale)
            clear(&view, &aa)
            clear(&view, &bb)
            clear(&view, &ab)
            for chunk in range(tiles(&view)):
                step = chunk * STEPS
                count = depth(&view, step)
                load_times(&view, &run.vector[0], step, count, a_scale, rescaled, a, like)
                load_times(&view, &run.vector[1], step, count, b_scale, rescaled, b, like)
                add_products(&view, a, a, step, count, &aa, like)
                add_products(&view, b, b, step, count, &bb, like)
                add_products(&view, a, b, step, count, &ab, like)
        join(rows, work, number, &aa, found.aa, found.aa_low)
        join(rows, work, number, &bb, found.bb, found.bb_low)
        join(rows, work, number, &ab, found.ab, found.ab_low)
    settle(found.aa, found.aa_low)
    settle(found.bb, found.bb_low)
    settle(found.ab, found.ab_low)


cdef inline bint moderate(double square) noexcept nogil:
    """Whether products of this size are far from overflow, and what is subnormal beside it does not matter."""
    return 2.4099198651028841e-181 <= square <= 4.149515568880993e180  # 2**-600, 2**600


cdef inline bint find_scales(
    const Rows* rows, const VectorPass* work, const VectorRun* run, const Products* found, double eps,
    double* first_scale, double* second_scale
) noexcept nogil:
    """Factors for the lanes that need them, 1 for the others; whether there are any. They keep eps <= 1, the least
    length, below 2**490, so that the product of two does not overflow."""
    cdef double largest = ldexp(1.0, 490 - ilogb(eps)) if eps > 0.0 else INFINITY
    cdef Py_ssize_t i, number, chunk, step, count
    cdef double a[TILE]
    cdef double b[TILE]
    cdef double own_a[LANES]
    cdef double own_b[LANES]
    cdef double a_top[LANES]
    cdef double b_top[LANES]
    cdef Rows view
    cdef bint rescaled = False
    for i in range(LANES):
        first_scale[i] = second_scale[i] = 1.0
        rescaled = rescaled or not (moderate(found.aa[i]) and moderate(found.bb[i]))
    if not rescaled:
        return False
    for number in range(views(rows, work)):
        look(rows, work, number, &view)
        for i in range(LANES):
            own_a[i] = own_b[i] = 0.0
        for chunk in range(tiles(&view)):
            step = chunk * STEPS
            count = depth(&view, step)
            load(&view, &run.vector[0], step, count, a, 0.0, <double>0)
            load(&view, &run.vector[1], step, count, b, 0.0, <double>0)
            raise_maximum(a, count, own_a)
            raise_maximum(b, count, own_b)
        spread_maximum(&view, own_a)
        spread_maximum(&view, own_b)
        collect(rows, work, number, own_a, a_top)
        collect(rows, work, number, own_b, b_top)
    for i in range(LANES):
        if not (moderate(found.aa[i]) and moderate(found.bb[i])):
            first_scale[i] = fmin(normaliser(a_top[i]), largest)
            second_scale[i] = fmin(normaliser(b_top[i]), largest)
    return True


# What the second pass over a pair of vectors needs of each lane
cdef struct Angle:
    double first_scale[LANES]
    double second_scale[LANES]
    double c[LANES]             # a.b/a.a
    double c_low[LANES]
    double kept_c[LANES]        # c and a.b/b.b, or 0 where the norm is constant
    double kept_c_low[LANES]
    double kept_d[LANES]
    double kept_d_low[LANES]
    double factor[LANES]        # of both gradients


cdef inline void spread_angle(const VectorPass* work, Py_ssize_t number, const Angle* lanes, Angle* own) noexcept nogil:
    spread(work, number, lanes.first_scale, own.first_scale)
    spread(work, number, lanes.second_scale, own.second_scale)
    spread(work, number, lanes.c, own.c)
    spread(work, number, lanes.c_low, own.c_low)
    spread(work, number, lanes.kept_c, own.kept_c)
    spread(work, number, lanes.kept_c_low, own.kept_c_low)
    spread(work, number, lanes.kept_d, own.kept_d)
    spread(work, number, lanes.kept_d_low, own.kept_d_low)
    spread(work, number, lanes.factor, own.factor)


# Write the gradients of a view, and add up the squares of r = b - c a.
cdef inline void angle_view(
    const Rows* view, const VectorPass* work, const VectorRun* run, const Angle* angle, bint rescaled, Sums* residues,
    real like
) noexcept nogil:
    cdef Py_ssize_t i, k, chunk, step, count
    cdef double a[TILE]
    cdef double b[TILE]
    cdef double r[TILE]
    cdef double s[TILE]
    cdef double first[LANES]
    cdef double second[LANES]
    cdef double first_scale[LANES]
    cdef double second_scale[LANES]
    cdef bint early
    for i in range(LANES):
        # a factor that eps made tiny would underflow before the scale makes up for it
        early = fabs(angle.factor[i]) < 3.872591914849318e-121
        first[i] = angle.factor[i] * (angle.first_scale[i] if early else 1.0)
        second[i] = angle.factor[i] * (angle.second_scale[i] if early else 1.0)
        first_scale[i] = 1.0 if early else angle.first_scale[i]
        second_scale[i] = 1.0 if early else angle.second_scale[i]
    clear(view, residues)
    for chunk in range(tiles(view)):
        step = chunk * STEPS
        count = depth(view, step)
        load_times(view, &run.vector[0], step, count, angle.first_scale, rescaled, a, like)
        load_times(view, &run.vector[1], step, count, angle.second_scale, rescaled, b, like)
        if work.wanted != GRADIENT:
            for k in range(count):
                for i in range(LANES):
                    r[k * LANES + i] = square_of_residue(
                        -angle.c[i], -angle.c_low[i], a[k * LANES + i], b[k * LANES + i], &s[k * LANES + i], like)
            if real is float:
                accumulate(view, r, step, count, residues, <double>0)
            else:
                accumulate_pairs(view, r, s, step, count, residues)
        if work.wanted != VALUE:
            for k in range(count):
                for i in range(LANES):
                    # adding 0.0 makes a zero of -0.0
                    r[k * LANES + i] = first[i] * madd_exactly(
                        -angle.kept_c[i], -angle.kept_c_low[i], a[k * LANES + i], b[k * LANES + i], like) + 0.0
                    s[k * LANES + i] = second[i] * madd_exactly(
                        -angle.kept_d[i], -angle.kept_d_low[i], b[k * LANES + i], a[k * LANES + i], like) + 0.0
            if rescaled:
                for k in range(count):
                    for i in range(LANES):
                        r[k * LANES + i] *= first_scale[i]
                        s[k * LANES + i] *= second_scale[i]
            store_vector_gradient(view, work, run, 0, step, count, r, like)
            store_vector_gradient(view, work, run, 1, step, count, s, like)


# The same for a row whose entries lie side by side; without the squares where the loss is not made of them
cdef inline void angle_row(
    const Rows* view, const VectorPass* work, const VectorRun* run, const Angle* angle, Py_ssize_t lane,
    bint wants_residues, Sums* residues, real like
) noexcept nogil:
    cdef const real* a = <const real*>entries(view, &run.vector[0])
    cdef const real* b = <const real*>entries(view, &run.vector[1])
    cdef real* first = <real*>entries(view, &run.gradient[0])
    cdef real* second = <real*>entries(view, &run.gradient[1])
    cdef Scale scale = scale_of_row(view, work, run)
    cdef double c = -angle.c[lane], c_low = -angle.c_low[lane], factor = angle.factor[lane]
    cdef double kept_c = -angle.kept_c[lane], kept_c_low = -angle.kept_c_low[lane]
    cdef double kept_d = -angle.kept_d[lane], kept_d_low = -angle.kept_d_low[lane]
    cdef double r, rest, lost
    cdef double high[LANES]
    cdef double low[LANES]
    cdef real g[LANES]
    cdef real h[LANES]
    cdef Py_ssize_t i, j = 0, n
    for i in range(LANES):
        high[i] = low[i] = 0.0
    while j < view.size:
        n = min(<Py_ssize_t>LANES, view.size - j)
        if n == LANES:
            if wants_residues:
                for i in range(LANES):
                    r = square_of_residue(c, c_low, a[j + i], b[j + i], &rest, like)
                    high[i] = two_sum(high[i], r, &lost)
                    low[i] += lost + rest
            if work.wanted != VALUE:
                for i in range(LANES):
                    r = factor * madd_exactly(kept_c, kept_c_low, a[j + i], b[j + i], like) + 0.0
                    g[i] = <real>scaled(r, scale, like)
                    r = factor * madd_exactly(kept_d, kept_d_low, b[j + i], a[j + i], like) + 0.0
                    h[i] = <real>scaled(r, scale, like)
        else:
            for i in range(n):
                r = square_of_residue(c, c_low, a[j + i], b[j + i], &rest, like)
                high[i] = two_sum(high[i], r, &lost)
                low[i] += lost + rest
                r = factor * madd_exactly(kept_c, kept_c_low, a[j + i], b[j + i], like) + 0.0
                g[i] = <real>scaled(r, scale, like)
                r = factor * madd_exactly(kept_d, kept_d_low, b[j + i], a[j + i], like) + 0.0
                h[i] = <real>scaled(r, scale, like)
        if work.wanted != VALUE:
            memcpy(first + j, g, n * sizeof(real))
            memcpy(second + j, h, n * sizeof(real))
        j += n
    for i in range(LANES):
        residues.high[i] = high[i]
        residues.low[i] = low[i]


# t = +1: 1 - cos; t = -1: max(0, cos - margin). `target` may be NULL for +1.
cdef inline void angle_loss(
    const Rows* rows, const VectorPass* work, const VectorRun* run, double eps, double margin, real like
) noexcept nogil:
    cdef Products sums
    cdef Sums residues
    cdef Rows view
    cdef Angle angle, own
    cdef Py_ssize_t i, number
    cdef bint rescaled = False, near = False, first_cut, second_cut
    cdef double cosine[LANES]       # of the angle
    cdef double cosine_low[LANES]
    cdef double shorter[LANES]      # what the cosine loses to eps, relatively
    cdef double value[LANES]
    cdef double target[LANES]
    cdef double high[LANES]
    cdef double low[LANES]
    cdef double n, n_low, inverse, q, rest, lost, v, sign
    cdef double a_norm, a_low, b_norm, b_low, a_bound, b_bound, a_gap, b_gap
    for i in range(LANES):
        angle.first_scale[i] = angle.second_scale[i] = 1.0
    sum_products(rows, work, run, angle.first_scale, angle.second_scale, False, &sums, like)
    if real is double:
        rescaled = find_scales(rows, work, run, &sums, eps, angle.first_scale, angle.second_scale)
        if rescaled:
            sum_products(rows, work, run, angle.first_scale, angle.second_scale, True, &sums, like)
    load_row_numbers(rows, run, work.target, 1.0, target)
    for i in range(LANES):
        a_norm = root(sums.aa[i], sums.aa_low[i], &a_low)
        b_norm = root(sums.bb[i], sums.bb_low[i], &b_low)
        angle.c[i] = ratio(sums.ab[i], sums.ab_low[i], sums.aa[i], sums.aa_low[i], &angle.c_low[i])
        angle.kept_d[i] = ratio(sums.ab[i], sums.ab_low[i], sums.bb[i], sums.bb_low[i], &angle.kept_d_low[i])
        n = two_product(a_norm, b_norm, &n_low)
        n_low += a_norm * b_low + b_norm * a_low
        cosine[i] = ratio(sums.ab[i], sums.ab_low[i], n, n_low, &cosine_low[i])
        a_bound = eps * angle.first_scale[i]
        b_bound = eps * angle.second_scale[i]
        first_cut = a_norm <= a_bound
        second_cut = b_norm <= b_bound
        angle.kept_c[i] = 0.0 if first_cut else angle.c[i]
        angle.kept_c_low[i] = 0.0 if first_cut else angle.c_low[i]
        angle.kept_d[i] = 0.0 if second_cut else angle.kept_d[i]
        angle.kept_d_low[i] = 0.0 if second_cut else angle.kept_d_low[i]
        # 1 - |a|/eps and 1 - |b|/eps
        a_gap = ((a_bound - a_norm) - a_low) / a_bound if first_cut and a_bound > 0.0 else 0.0
        b_gap = ((b_bound - b_norm) - b_low) / b_bound if second_cut and b_bound > 0.0 else 0.0
        shorter[i] = a_gap + (1.0 - a_gap) * b_gap
        # nothing of the cosine is left, whose square roots may be those of subnormal numbers
        cosine[i] = 0.0 if shorter[i] == 1.0 else cosine[i]
        a_low = 0.0 if first_cut else a_low
        b_low = 0.0 if second_cut else b_low
        a_norm = a_bound if first_cut else a_norm
        b_norm = b_bound if second_cut else b_norm
        n = two_product(a_norm, b_norm, &n_low)
        n_low += a_norm * b_low + b_norm * a_low
        q = ratio(sums.ab[i], sums.ab_low[i], n, n_low, &rest)
        inverse = 1.0 / n
        inverse = inverse - inverse * (fused(inverse, n, -1.0) + inverse * n_low)
        inverse = 0.0 if n == 0.0 else inverse
        v = two_sum(q, -margin, &lost)
        v = v + (lost + rest)
        sign = -1.0 if target[i] > 0.0 else (1.0 if v > 0.0 else 0.0)  # of the gradient, that of the cosine being 1
        angle.factor[i] = sign * inverse
        near = near or (target[i] > 0.0 and cosine[i] > 0.5)
        value[i] = 0.0 if v <= 0.0 else v
        q = two_sum(1.0, -q, &lost) + (lost - rest)
        value[i] = q if target[i] > 0.0 else value[i]
    if work.wanted == VALUE and not near:
        store_row_values(rows, work, run, value)
        return
    for number in range(views(rows, work)):
        look(rows, work, number, &view)
        if direct(&view, work, run) and not rescaled:
            angle_row(
                &view, work, run, &angle, number,
                work.wanted != GRADIENT and target[number] > 0.0 and cosine[number] > 0.5, &residues, like)
        else:
            spread_angle(work, number, &angle, &own)
            angle_view(&view, work, run, &own, rescaled, &residues, like)
        join(rows, work, number, &residues, high, low)
    if work.wanted != GRADIENT:
        for i in range(LANES):
            q = two_sum(1.0, cosine[i], &lost)
            n = two_product(sums.bb[i], q, &n_low)
            n_low += sums.bb[i] * (lost + cosine_low[i]) + sums.bb_low[i] * q
            q = ratio(high[i], low[i], n, n_low, &rest)
            q = (q + rest) + cosine[i] * shorter[i]
            value[i] = q if target[i] > 0.0 and cosine[i] > 0.5 else value[i]
        store_row_values(rows, work, run, value)


# (c + c_low) a + b, rounded about once; float32 does not see the second rounding
cdef inline double madd_exactly(double c, double c_low, double a, double b, real like) noexcept nogil:
    cdef double product, rest, lost
    if real is float:
        return fused(c, a, b) + c_low * a
    else:
        product = two_product(c, a, &rest)
        product = two_sum(product, b, &lost)
        return product + (lost + madd(c_low, a, rest))


# ((c + c_low) a + b)**2, in two parts; for float32 in one
cdef inline double square_of_residue(
    double c, double c_low, double a, double b, double* low, real like
) noexcept nogil:
    cdef double product, rest, lost, high
    if real is float:
        high = fused(c, a, b) + c_low * a
        low[0] = 0.0
        return high * high
    else:
        product = two_product(c, a, &rest)
        product = two_sum(product, b, &lost)
        rest = lost + madd(c_low, a, rest)
        high = product + rest
        rest = 2.0 * high * (rest - (high - product))
        product = two_product(high, high, &lost)
        low[0] = lost + rest
        return product


cdef void cosine_similarity_float(const Rows* rows, const VectorPass* work, const VectorRun* run) noexcept nogil:
    angle_loss(rows, work, run, work.number[0], 0.0, <float>0)


cdef void cosine_similarity_double(const Rows* rows, const VectorPass* work, const VectorRun* run) noexcept nogil:
    angle_loss(rows, work, run, work.number[0], 0.0, <double>0)


cdef void cosine_embedding_float(const Rows* rows, const VectorPass* work, const VectorRun* run) noexcept nogil:
    angle_loss(rows, work, run, 0.0, work.number[0], <float>0)


cdef void cosine_embedding_double(const Rows* rows, const VectorPass* work, const VectorRun* run) noexcept nogil:
    angle_loss(rows, work, run, 0.0, work.number[0], <double>0)


# --------------------------------------------------------------------------------------------- distances
#
# max(0, d(x, y) - d(x, z) + margin) with the distances d(u, v) = (sum |u_k - v_k + eps|**p)**(1/p), p >= 1; with
# `swap`, d(y, z) takes the place of d(x, z) where it is smaller. The derivative of d with respect to the difference
# u_k - v_k is sign(u_k - v_k) (|u_k - v_k|/d)**(p - 1).
#
# Method   Differences, sums and roots are sums of two doubles, for p = 1 and p = 2. For other p, powers go by
#          logarithms in two parts, relative to the largest difference. For p = 2 differences are first multiplied by a
#          power of two where their squares could overflow or be subnormal.
# Limits   A distance of 0 has gradient 0. An infinite entry makes NaN or inf.

# A distance of each lane, and what the passes over its differences need
cdef struct Distance:
    double half[LANES]          # 1/4 where differences overflow, else 1
    double scale[LANES]         # for p = 2
    double top[LANES]           # logarithm of the largest difference, in two parts, for other p
    double top_low[LANES]
    double high[LANES]          # the distance
    double low[LANES]
    double slope[LANES]         # 1/distance in units of the scale; logarithm of the sum over p for other p


# log(t) for 0 < t < inf as a sum of two doubles, to some 58 bits
#
# Method   t = m 2**k, log(m) = 2 s + s R(s**2) with s = f/(2 + f), as in log_reduced, but with s in two parts
cdef inline double log_sum(double t, double* low) noexcept nogil:
    cdef double k, lost, rest, d_low, z, p, high
    cdef double f = split_exponent(t, &k) - 1.0
    cdef double d = two_sum(2.0, f, &d_low)
    cdef double s = ratio(f, 0.0, d, d_low, &rest)
    z = s * s
    p = 0.14616449685043406
    p = madd(p, z, 0.15331721600556042)
    p = madd(p, z, 0.18182889125261723)
    p = madd(p, z, 0.2222221113479508)
    p = madd(p, z, 0.28571428625975487)
    p = madd(p, z, 0.39999999999899505)
    p = madd(p, z, 0.666666666666667)
    high = two_sum(k * 6.93147180369123816490e-01, 2.0 * s, &lost)
    high = two_sum(high, s * z * p, &d_low)
    low[0] = (lost + d_low) + madd(k, 1.90821492927058770002e-10, 2.0 * rest)
    return two_sum(high, low[0], low)


# exp(p (t + t_low)) for t + t_low <= 0
cdef inline double exp_of_multiple(double p, double t, double t_low) noexcept nogil:
    cdef double low
    cdef double x = two_product(p, t, &low)
    low = madd(p, t_low, low)
    return exp_nonpositive_sum(x, low if x > -800.0 else 0.0)


# (|t + t_low| exp(-(top + top_low)))**p for a |t| of at most exp(top): 0 for t = 0
cdef inline double relative_power(double t, double t_low, double top, double top_low, double p) noexcept nogil:
    cdef double low, lost
    cdef double high = log_sum(fabs(t), &low)
    high = two_sum(high, -top, &lost)
    low = (lost + (low - top_low)) + t_low / t
    return propagate_nan(t, 0.0 if t == 0.0 else exp_of_multiple(p, high, low))


# u - v + eps times half and scale, as a sum of two doubles; for float32 plainly, in double
cdef inline double gap(
    double u, double v, double eps, double half, double scale, double* low, real like
) noexcept nogil:
    cdef double x, lost, rest, high
    if real is float:
        low[0] = 0.0
        return (u - v) + eps
    else:
        x = two_sum(half * u, -half * v, &lost)
        x = two_sum(x, half * eps, &rest)
        # of an infinite difference, what rounding lost is NaN
        rest = (lost + rest) * scale if fabs(x) < INFINITY else 0.0
        x = x * scale
        high = x + rest
        low[0] = rest - (high - x) if fabs(x) < INFINITY else 0.0
        return high


cdef inline void differences(
    const Rows* rows, const RowOperand* u, const RowOperand* v, Py_ssize_t step, Py_ssize_t count, double eps,
    const double* half, const double* scale, double* high, double* low, real like
) noexcept nogil:
    """The same for a tile."""
    cdef Py_ssize_t k, i
    cdef double x
    load(rows, u, step, count, high, 0.0, like)
    load(rows, v, step, count, low, 0.0, like)
    for k in range(count):
        for i in range(LANES):
            x = low[k * LANES + i]
            high[k * LANES + i] = gap(high[k * LANES + i], x, eps, half[i], scale[i], &low[k * LANES + i], like)
    blank(rows, step, count, high)
    blank(rows, step, count, low)


# (high + low)**2 as a sum of two doubles; for float32 without the low parts
cdef inline double square_of_sum(double high, double low, double* rest, real like) noexcept nogil:
    cdef double square
    if real is float:
        rest[0] = 0.0
        return high * high
    else:
        square = two_product(high, high, rest)
        rest[0] = rest[0] + 2.0 * high * low
        return square


cdef inline bint plain(const Distance* found, Py_ssize_t lane) noexcept nogil:
    """Whether the differences of a lane are taken as they are."""
    return found.half[lane] == 1.0 and found.scale[lane] == 1.0


cdef inline void spread_distance(
    const VectorPass* work, Py_ssize_t number, const Distance* lanes, Distance* own
) noexcept nogil:
    spread(work, number, lanes.half, own.half)
    spread(work, number, lanes.scale, own.scale)
    spread(work, number, lanes.top, own.top)
    spread(work, number, lanes.top_low, own.top_low)
    spread(work, number, lanes.slope, own.slope)


# The largest difference of each lane
cdef inline void largest_difference(
    const Rows* rows, const VectorPass* work, const RowOperand* u, const RowOperand* v, double eps,
    const double* half, double* top, real like
) noexcept nogil:
    cdef Py_ssize_t number, chunk, step, count, i
    cdef double high[TILE]
    cdef double low[TILE]
    cdef double one[LANES]
    cdef double own_half[LANES]
    cdef double own_top[LANES]
    cdef Rows view
    for i in range(LANES):
        one[i] = 1.0
    for number in range(views(rows, work)):
        look(rows, work, number, &view)
        spread(work, number, half, own_half)
        for i in range(LANES):
            own_top[i] = 0.0
        for chunk in range(tiles(&view)):
            step = chunk * STEPS
            count = depth(&view, step)
            differences(&view, u, v, step, count, eps, own_half, one, high, low, like)
            raise_maximum(high, count, own_top)
        spread_maximum(&view, own_top)
        collect(rows, work, number, own_top, top)


cdef inline void measure(
    const Rows* rows, const VectorPass* work, const RowOperand* u, const RowOperand* v, double p, double eps,
    Distance* found, real like
) noexcept nogil:
    """The distance of u and v in each lane."""
    cdef Py_ssize_t i
    cdef double top[LANES]
    cdef double back, rest, x
    cdef bint again = False
    for i in range(LANES):
        found.half[i] = found.scale[i] = 1.0
        top[i] = 0.0
    if p != 1.0 and p != 2.0:
        largest_difference(rows, work, u, v, eps, found.half, top, like)
        if real is double:
            for i in range(LANES):
                found.half[i] = 1.0 if top[i] < INFINITY else 0.25
                again = again or found.half[i] != 1.0
            if again:
                largest_difference(rows, work, u, v, eps, found.half, top, like)
        for i in range(LANES):
            found.top[i] = log_sum(top[i], &found.top_low[i])
    sum_powers(rows, work, u, v, p, eps, found, like)
    if real is double:
        if p == 2.0:
            for i in range(LANES):
                again = again or not moderate(found.high[i])
            if again:
                largest_difference(rows, work, u, v, eps, found.half, top, like)
                for i in range(LANES):
                    found.half[i] = 1.0 if top[i] < INFINITY else 0.25
                largest_difference(rows, work, u, v, eps, found.half, top, like)
                for i in range(LANES):
                    found.scale[i] = 1.0 if moderate(found.high[i]) else normaliser(top[i])
                sum_powers(rows, work, u, v, p, eps, found, like)
    for i in range(LANES):
        if p == 2.0:
            x = root(found.high[i], found.low[i], &rest)
            back = 1.0 / x
            found.slope[i] = 0.0 if x == 0.0 else back - back * (fused(back, x, -1.0) + back * rest)
            back = 1.0 / (found.half[i] * found.scale[i])
            found.high[i] = x * back
            found.low[i] = rest * back
        elif p != 1.0:
            back = found.high[i] + found.low[i]
            x = log_sum(back, &rest)
            x = 0.0 if top[i] == 0.0 else propagate_nan(back, (x + rest) / p)
            # the largest difference times the root of the sum, which is at most their number
            found.high[i] = top[i] / found.half[i] * (1.0 if top[i] == 0.0 else 1.0 / exp_nonpositive_sum(-x, 0.0))
            found.low[i] = 0.0
            found.top[i] = two_sum(found.top[i], x, &rest)
            found.top_low[i] += rest
        # beyond the largest number, what rounding lost is NaN
        found.low[i] = found.low[i] if fabs(found.high[i]) < INFINITY else 0.0


# Whether the roundings of a sum over this many entries matter as little as those of the squares in it
cdef inline bint sums_plainly(Py_ssize_t size, real like) noexcept nogil:
    return real is float and size <= TILE


# The sum of the squares of the differences of a row of more than LANES entries that lie side by side, in sixteen parts
cdef inline void add_row_squares(const real* u, const real* v, Py_ssize_t n, double eps, Sums* sums) noexcept nogil:
    cdef Py_ssize_t i, j = LANES
    cdef double high[LANES]
    cdef double low[LANES]
    cdef double d, d_low, rest, lost
    for i in range(LANES):
        d = gap(u[i], v[i], eps, 1.0, 1.0, &d_low, <real>0)
        high[i] = square_of_sum(d, d_low, &low[i], <real>0)
    while sums_plainly(n, <real>0) and j + LANES <= n:
        for i in range(LANES):
            d = gap(u[j + i], v[j + i], eps, 1.0, 1.0, &d_low, <real>0)
            high[i] += d * d
        j += LANES
    while j + LANES <= n:
        for i in range(LANES):
            d = gap(u[j + i], v[j + i], eps, 1.0, 1.0, &d_low, <real>0)
            d = square_of_sum(d, d_low, &rest, <real>0)
            high[i] = two_sum(high[i], d, &lost)
            low[i] += lost + rest
        j += LANES
    for i in range(n - j):
        d = gap(u[j + i], v[j + i], eps, 1.0, 1.0, &d_low, <real>0)
        d = square_of_sum(d, d_low, &rest, <real>0)
        if sums_plainly(n, <real>0):
            high[i] += d
        else:
            high[i] = two_sum(high[i], d, &lost)
            low[i] += lost + rest
    for i in range(LANES):
        sums.high[i] = high[i]
        sums.low[i] = low[i]


# The sum of the powers of the differences in `high` and `low` of `found`
cdef inline void sum_powers(
    const Rows* rows, const VectorPass* work, const RowOperand* u, const RowOperand* v, double p, double eps,
    Distance* found, real like
) noexcept nogil:
    cdef Py_ssize_t number, chunk, step, count, i, k
    cdef double high[TILE]
    cdef double low[TILE]
    cdef double rest
    cdef Sums sums
    cdef Distance own
    cdef Rows view
    for number in range(views(rows, work)):
        look(rows, work, number, &view)
        if work.direct and p == 2.0 and plain(found, number):
            add_row_squares(<const real*>entries(&view, u), <const real*>entries(&view, v), rows.size, eps, &sums)
            join(rows, work, number, &sums, found.high, found.low)
            continue
        spread_distance(work, number, found, &own)
        clear(&view, &sums)
        for chunk in range(tiles(&view)):
            step = chunk * STEPS
            count = depth(&view, step)
            differences(&view, u, v, step, count, eps, own.half, own.scale, high, low, like)
            if p == 1.0:
                for k in range(count * LANES):
                    low[k] = low[k] if high[k] > 0.0 else -low[k]
                    high[k] = fabs(high[k])
            elif p == 2.0:
                for k in range(count * LANES):
                    high[k] = square_of_sum(high[k], low[k], &rest, like)
                    low[k] = rest
            else:
                for k in range(count):
                    for i in range(LANES):
                        high[k * LANES + i] = relative_power(
                            high[k * LANES + i], low[k * LANES + i], own.top[i], own.top_low[i], p)
                        low[k * LANES + i] = 0.0
                blank(&view, step, count, high)
            if sums_plainly(rows.size, like):
                accumulate(&view, high, step, count, &sums, <float>0)
            elif real is float:
                accumulate(&view, high, step, count, &sums, <double>0)
            else:
                accumulate_pairs(&view, high, low, step, count, &sums)
        join(rows, work, number, &sums, found.high, found.low)
    settle(found.high, found.low)


cdef inline double slope_times(double slope, double factor) noexcept nogil:
    """Their product; where the loss is 0, so is the gradient, unless it is NaN."""
    return factor * (slope if (factor != 0.0) | (slope != slope) else 0.0)


cdef inline void add_slopes(
    const Rows* rows, const RowOperand* u, const RowOperand* v, double p, double eps, const Distance* found,
    const double* factor, Py_ssize_t step, Py_ssize_t count, double* from_, double* to, real like
) noexcept nogil:
    """Add the factor of each lane times the derivative of the distance of u and v to the gradients of u and of v."""
    cdef Py_ssize_t i, k
    cdef double high[TILE]
    cdef double low[TILE]
    cdef double g
    differences(rows, u, v, step, count, eps, found.half, found.scale, high, low, like)
    if p == 1.0:
        for k in range(count * LANES):
            high[k] = 1.0 if high[k] > 0.0 else (-1.0 if high[k] < 0.0 else high[k])
    elif p == 2.0:
        for k in range(count):
            for i in range(LANES):
                high[k * LANES + i] *= found.slope[i]
    else:
        for k in range(count):
            for i in range(LANES):
                g = relative_power(
                    high[k * LANES + i], low[k * LANES + i], found.top[i], found.top_low[i], p - 1.0)
                high[k * LANES + i] = -g if high[k * LANES + i] < 0.0 else g
    for k in range(count):
        for i in range(LANES):
            g = slope_times(high[k * LANES + i], factor[i])
            from_[k * LANES + i] += g
            to[k * LANES + i] -= g


# The gradients of a row whose entries lie side by side, for p = 2 without `swap`
cdef inline void triplet_row(
    const Rows* view, const VectorPass* work, const VectorRun* run, double eps, double near, double far, double pull,
    double push, real like
) noexcept nogil:
    cdef const real* x = <const real*>entries(view, &run.vector[0])
    cdef const real* y = <const real*>entries(view, &run.vector[1])
    cdef const real* z = <const real*>entries(view, &run.vector[2])
    cdef Scale scale = scale_of_row(view, work, run)
    cdef double toward, away, low
    cdef real gradient[3][LANES]
    cdef Py_ssize_t i, k, n, j = 0
    # pull and push are 0, 1, -1 or NaN
    near = near * pull
    far = far * push
    while j < view.size:
        n = min(<Py_ssize_t>LANES, view.size - j)
        if n == LANES:
            for i in range(LANES):
                toward = gap(x[j + i], y[j + i], eps, 1.0, 1.0, &low, like) * near
                away = gap(x[j + i], z[j + i], eps, 1.0, 1.0, &low, like) * far
                gradient[0][i] = <real>scaled((0.0 + toward) + away, scale, like)
                gradient[1][i] = <real>scaled(0.0 - toward, scale, like)
                gradient[2][i] = <real>scaled(0.0 - away, scale, like)
        else:
            for i in range(n):
                toward = gap(x[j + i], y[j + i], eps, 1.0, 1.0, &low, like) * near
                away = gap(x[j + i], z[j + i], eps, 1.0, 1.0, &low, like) * far
                gradient[0][i] = <real>scaled((0.0 + toward) + away, scale, like)
                gradient[1][i] = <real>scaled(0.0 - toward, scale, like)
                gradient[2][i] = <real>scaled(0.0 - away, scale, like)
        for k in range(3):
            memcpy(<real*>entries(view, &run.gradient[k]) + j, gradient[k], n * sizeof(real))
        j += n


cdef inline void triplet(
    const Rows* rows, const VectorPass* work, const VectorRun* run, real like
) noexcept nogil:
    cdef double margin = work.number[0], p = work.number[1], eps = work.number[2]
    cdef bint swap = work.number[3] != 0.0
    cdef Distance near, far, other, own_near, own_far, own_other
    cdef Py_ssize_t i, k, number, chunk, step, count
    cdef Rows view
    cdef double value[LANES]
    cdef double pull[LANES]
    cdef double push[LANES]
    cdef double push_other[LANES]
    cdef double own_pull[LANES]
    cdef double own_push[LANES]
    cdef double own_push_other[LANES]
    cdef double x[TILE]
    cdef double y[TILE]
    cdef double z[TILE]
    cdef double v, lost, rest, far_high, far_low
    cdef bint swapped
    measure(rows, work, &run.vector[0], &run.vector[1], p, eps, &near, like)
    measure(rows, work, &run.vector[0], &run.vector[2], p, eps, &far, like)
    if swap:
        measure(rows, work, &run.vector[1], &run.vector[2], p, eps, &other, like)
    for i in range(LANES):
        far_high = far.high[i]
        far_low = far.low[i]
        swapped = False
        if swap:
            swapped = (other.high[i] - far_high) + (other.low[i] - far_low) < 0.0
            far_high = other.high[i] if swapped else far_high
            far_low = other.low[i] if swapped else far_low
        v = two_sum(near.high[i], -far_high, &lost)
        v = two_sum(v, margin, &rest)
        v = v + (lost + rest + (near.low[i] - far_low) if fabs(v) < INFINITY else 0.0)
        value[i] = 0.0 if v <= 0.0 else v
        pull[i] = 1.0 if v > 0.0 else 0.0
        push[i] = 0.0 if swapped else -pull[i]
        push_other[i] = -pull[i] if swapped else 0.0
        # NaN in a distance is NaN in every gradient
        pull[i] = propagate_nan(v, pull[i])
        push[i] = propagate_nan(v, push[i])
    if work.wanted != GRADIENT:
        store_row_values(rows, work, run, value)
    if work.wanted == VALUE:
        return
    for number in range(views(rows, work)):
        look(rows, work, number, &view)
        if direct(&view, work, run) and p == 2.0 and not swap and (
                plain(&near, number) and plain(&far, number)):
            triplet_row(
                &view, work, run, eps, near.slope[number], far.slope[number], pull[number], push[number], like)
            continue
        spread_distance(work, number, &near, &own_near)
        spread_distance(work, number, &far, &own_far)
        spread(work, number, pull, own_pull)
        spread(work, number, push, own_push)
        if swap:
            spread_distance(work, number, &other, &own_other)
            spread(work, number, push_other, own_push_other)
        for chunk in range(tiles(&view)):
            step = chunk * STEPS
            count = depth(&view, step)
            for k in range(count * LANES):
                x[k] = y[k] = z[k] = 0.0
            add_slopes(
                &view, &run.vector[0], &run.vector[1], p, eps, &own_near, own_pull, step, count, x, y, like)
            add_slopes(
                &view, &run.vector[0], &run.vector[2], p, eps, &own_far, own_push, step, count, x, z, like)
            if swap:
                add_slopes(
                    &view, &run.vector[1], &run.vector[2], p, eps, &own_other, own_push_other, step, count, y, z, like)
            store_vector_gradient(&view, work, run, 0, step, count, x, like)
            store_vector_gradient(&view, work, run, 1, step, count, y, like)
            store_vector_gradient(&view, work, run, 2, step, count, z, like)


cdef void triplet_margin_float(const Rows* rows, const VectorPass* work, const VectorRun* run) noexcept nogil:
    triplet(rows, work, run, <float>0)


cdef void triplet_margin_double(const Rows* rows, const VectorPass* work, const VectorRun* run) noexcept nogil:
    triplet(rows, work, run, <double>0)
