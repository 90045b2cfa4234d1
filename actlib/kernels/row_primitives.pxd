# Rows: what softmax, its kin and the class losses have in common.
#
# Everything here works on tiles: LANES columns of doubles, at most STEPS deep, 8 KiB, in the L1 cache. A tile is
# filled in one of two ways, and the arithmetic does not know which:
#
#     across   lane i is row `first + i`, step k its entry k:    sixteen rows at a time, any strides
#     along    lane i and step k are entry 16 k + i of one row:  a long row by itself
#
# Bits must not depend on the way. Maxima do not. Sums are kept in sixteen parts, entry j in part j modulo 16, and
# the parts are added in one fixed tree: along a row a part is a lane; across, each lane has sixteen parts of its
# own. Rows of at most STEPS entries always go across, so for them one part suffices.
#
# float64 sums are compensated. float32 rows are added in double, which needs no compensation.

from libc.math cimport fabs
from libc.string cimport memset

from .loops cimport Move
from .primitives cimport INFINITY, exp_nonpositive, fused, madd, real, two_sum

cdef enum:
    LANES = 16
    STEPS = 64
    TILE = 1024             # LANES * STEPS

# One array: `row` bytes from a row to the next, `entry` bytes from an entry to the next within its row.
# `convert` is NULL where the elements are of the working type, else it loads (inputs) or stores (outputs) them.
cdef struct Operand:
    char* data
    Py_ssize_t row
    Py_ssize_t entry
    Move convert

# The rows in work: `rows` of them from row `first`; one where `along`. `parts` is 15 where a lane has sixteen parts.
cdef struct Block:
    Py_ssize_t size
    Py_ssize_t first
    Py_ssize_t rows
    Py_ssize_t steps
    Py_ssize_t parts
    bint along

# Sixteen sums (one a lane, or one a part and lane) with the rounding errors they made.
cdef struct Sums:
    double high[256]
    double low[256]


cdef inline void place(Block* block, Py_ssize_t first, Py_ssize_t rows, Py_ssize_t size, bint along) noexcept nogil:
    block.first = first
    block.rows = rows
    block.size = size
    block.along = along
    block.steps = (size + LANES - 1) // LANES if along else size
    block.parts = 15 if size > STEPS and not along else 0


cdef inline Py_ssize_t tiles(const Block* block) noexcept nogil:
    """How many tiles hold the block; STEPS steps each but the last."""
    return (block.steps + STEPS - 1) // STEPS


cdef inline Py_ssize_t depth(const Block* block, Py_ssize_t step) noexcept nogil:
    """How many steps the tile that begins with `step` has."""
    return STEPS if block.steps - step > STEPS else block.steps - step


cdef inline Py_ssize_t filled(const Block* block, Py_ssize_t step) noexcept nogil:
    """How many lanes of `step` hold an entry."""
    if not block.along:
        return block.rows
    return LANES if block.size - step * LANES > LANES else block.size - step * LANES


# Fill `count` steps of a tile, from `step` on. Lanes without an entry get `padding` along a row; across, they
# repeat the first row.
cdef inline void load(
    const Block* block, const Operand* operand, Py_ssize_t step, Py_ssize_t count, double* tile, double padding,
    real like
) noexcept nogil:
    cdef Py_ssize_t lane = operand.entry if block.along else operand.row
    cdef Py_ssize_t stride = operand.entry * LANES if block.along else operand.entry
    cdef const char* source = operand.data + block.first * operand.row + step * stride
    cdef Py_ssize_t k, i, whole = count
    cdef real buffer[LANES]
    if operand.convert != NULL:
        for k in range(count):
            operand.convert(source + k * stride, lane, <char*>buffer, filled(block, step + k))
            for i in range(LANES):
                if i < filled(block, step + k):
                    tile[k * LANES + i] = buffer[i]
                else:
                    tile[k * LANES + i] = padding if block.along else <double>buffer[0]
        return
    if filled(block, step + count - 1) < LANES:
        whole = count - 1 if block.along else 0
    if lane == sizeof(real):
        for k in range(whole):
            for i in range(LANES):
                tile[k * LANES + i] = (<const real*>(source + k * stride))[i]
    elif whole and not block.along and stride == sizeof(real):
        for i in range(LANES):
            for k in range(whole):
                tile[k * LANES + i] = (<const real*>(source + i * lane))[k]
    else:
        for k in range(whole):
            for i in range(LANES):
                tile[k * LANES + i] = (<const real*>(source + k * stride + i * lane))[0]
    for k in range(whole, count):
        for i in range(LANES):
            if i < filled(block, step + k):
                tile[k * LANES + i] = (<const real*>(source + k * stride + i * lane))[0]
            else:
                tile[k * LANES + i] = padding if block.along else tile[k * LANES]


# Write `count` steps of a tile, from `step` on, rounded to the working type.
cdef inline void store(
    const Block* block, const Operand* operand, Py_ssize_t step, Py_ssize_t count, const double* tile, real like
) noexcept nogil:
    cdef Py_ssize_t lane = operand.entry if block.along else operand.row
    cdef Py_ssize_t stride = operand.entry * LANES if block.along else operand.entry
    cdef char* target = operand.data + block.first * operand.row + step * stride
    cdef Py_ssize_t k, i, whole = count
    cdef real buffer[LANES]
    if operand.convert != NULL:
        for k in range(count):
            for i in range(LANES):
                buffer[i] = <real>tile[k * LANES + i]
            operand.convert(<const char*>buffer, lane, target + k * stride, filled(block, step + k))
        return
    if filled(block, step + count - 1) < LANES:
        whole = count - 1 if block.along else 0
    if lane == sizeof(real):
        for k in range(whole):
            for i in range(LANES):
                (<real*>(target + k * stride))[i] = <real>tile[k * LANES + i]
    elif whole and not block.along and stride == sizeof(real):
        for i in range(LANES):
            for k in range(whole):
                (<real*>(target + i * lane))[k] = <real>tile[k * LANES + i]
    else:
        for k in range(whole):
            for i in range(LANES):
                (<real*>(target + k * stride + i * lane))[0] = <real>tile[k * LANES + i]
    for k in range(whole, count):
        for i in range(filled(block, step + k)):
            (<real*>(target + k * stride + i * lane))[0] = <real>tile[k * LANES + i]


# One value a row, in every lane that belongs to the row.
cdef inline void load_lanes(const Block* block, const Operand* operand, double* lanes, real like) noexcept nogil:
    cdef const char* source = operand.data + block.first * operand.row
    cdef Py_ssize_t i, row
    cdef real buffer[1]
    for i in range(LANES):
        row = i if i < block.rows else 0
        if operand.convert != NULL:
            operand.convert(source + row * operand.row, 0, <char*>buffer, 1)
            lanes[i] = buffer[0]
        else:
            lanes[i] = (<const real*>(source + row * operand.row))[0]


cdef inline void store_lanes(const Block* block, const Operand* operand, const double* lanes, real like) noexcept nogil:
    cdef char* target = operand.data + block.first * operand.row
    cdef Py_ssize_t i
    cdef real buffer[1]
    for i in range(block.rows):
        buffer[0] = <real>lanes[i]
        if operand.convert != NULL:
            operand.convert(<const char*>buffer, 0, target + i * operand.row, 1)
        else:
            (<real*>(target + i * operand.row))[0] = buffer[0]


# The largest entry of each row. NaN is passed over: the exponentials find it. -inf for an empty row.
# `tile` holds the whole block afterwards if it has at most STEPS steps.
cdef inline void row_maximum(
    const Block* block, const Operand* x, double* tile, double* maximum, real like
) noexcept nogil:
    cdef Py_ssize_t chunk, step, count, k, i
    cdef double top[LANES]
    for i in range(LANES):
        top[i] = -INFINITY
    for chunk in range(tiles(block)):
        step = chunk * STEPS
        count = depth(block, step)
        load(block, x, step, count, tile, -INFINITY, like)
        for k in range(count):
            for i in range(LANES):
                top[i] = tile[k * LANES + i] if tile[k * LANES + i] > top[i] else top[i]
    if block.along:
        for i in range(1, LANES):
            top[0] = top[i] if top[i] > top[0] else top[0]
        for i in range(1, LANES):
            top[i] = top[0]
    for i in range(LANES):
        maximum[i] = top[i]


# x - maximum as a sum of two doubles, 0 for the maximum itself even where it is infinite
cdef inline double difference(double x, double maximum, double* low) noexcept nogil:
    cdef double d = two_sum(x, -maximum, low)
    low[0] = low[0] if fabs(d) < 1e300 else 0.0
    return 0.0 if x == maximum else d


# (x - maximum)/temperature as a sum of two doubles. `rate` is 1/temperature.
cdef inline double scaled_difference(
    double x, double maximum, double temperature, double rate, double* low
) noexcept nogil:
    cdef double d = difference(x, maximum, low)
    cdef double t = 0.0 if d == 0.0 else d * rate
    low[0] = (fused(-t, temperature, d) + low[0]) * rate
    low[0] = low[0] if fabs(t) < 1e300 else 0.0
    return t


# exp(x - maximum) for a tile. The rounding error of the subtraction is a factor 1 + low.
cdef inline void exponentials(
    const double* x, Py_ssize_t count, const double* maximum, double* result, real like
) noexcept nogil:
    cdef Py_ssize_t k, i
    cdef double d, low, e
    cdef double top[LANES]
    for i in range(LANES):
        top[i] = maximum[i]
    for k in range(count):
        for i in range(LANES):
            if real is float:
                d = 0.0 if x[k * LANES + i] == top[i] else x[k * LANES + i] - top[i]
                result[k * LANES + i] = exp_nonpositive(d, like)
            else:
                d = difference(x[k * LANES + i], top[i], &low)
                e = exp_nonpositive(d, like)
                result[k * LANES + i] = madd(e, low, e)


# exp((x - maximum)/temperature) for a tile
cdef inline void scaled_exponentials(
    const double* x, Py_ssize_t count, const double* maximum, const double* temperature, double* result, real like
) noexcept nogil:
    cdef Py_ssize_t k, i
    cdef double d, low, e
    cdef double top[LANES]
    cdef double scale[LANES]
    cdef double rate[LANES]
    for i in range(LANES):
        top[i] = maximum[i]
        scale[i] = temperature[i]
        rate[i] = 1.0 / scale[i]
    for k in range(count):
        for i in range(LANES):
            d = scaled_difference(x[k * LANES + i], top[i], scale[i], rate[i], &low)
            e = exp_nonpositive(d, like)
            result[k * LANES + i] = madd(e, low, e)


cdef inline void clear(const Block* block, Sums* sums) noexcept nogil:
    memset(sums.high, 0, (block.parts + 1) * LANES * sizeof(double))
    memset(sums.low, 0, (block.parts + 1) * LANES * sizeof(double))


# Add a tile to the sums, each entry to its part.
cdef inline void accumulate(
    const Block* block, const double* terms, Py_ssize_t step, Py_ssize_t count, Sums* sums, real like
) noexcept nogil:
    cdef Py_ssize_t k, i, part
    cdef double low
    cdef double high_part[LANES]
    cdef double low_part[LANES]
    if block.parts == 0:
        for i in range(LANES):
            high_part[i] = sums.high[i]
            low_part[i] = sums.low[i]
        for k in range(count):
            for i in range(LANES):
                if real is float:
                    high_part[i] += terms[k * LANES + i]
                else:
                    high_part[i] = two_sum(high_part[i], terms[k * LANES + i], &low)
                    low_part[i] += low
        for i in range(LANES):
            sums.high[i] = high_part[i]
            sums.low[i] = low_part[i]
    else:
        for k in range(count):
            part = ((step + k) & block.parts) * LANES
            for i in range(LANES):
                if real is float:
                    sums.high[part + i] += terms[k * LANES + i]
                else:
                    sums.high[part + i] = two_sum(sums.high[part + i], terms[k * LANES + i], &low)
                    sums.low[part + i] += low


# The sums of the rows, in every lane of the row: high part, and the low part in `low`. The tree is the same for
# parts that are lanes and for parts that are sixteen to a lane.
cdef inline void total(const Block* block, Sums* sums, double* high, double* low) noexcept nogil:
    cdef Py_ssize_t width = 8 if block.along or block.parts else 0
    cdef Py_ssize_t i, part
    cdef double error
    while width:
        for part in range(width):
            if block.along:
                sums.high[part] = two_sum(sums.high[part], sums.high[part + width], &error)
                sums.low[part] += sums.low[part + width] + error
            else:
                for i in range(part * LANES, (part + 1) * LANES):
                    sums.high[i] = two_sum(sums.high[i], sums.high[i + width * LANES], &error)
                    sums.low[i] += sums.low[i + width * LANES] + error
        width //= 2
    for i in range(LANES):
        high[i] = sums.high[0 if block.along else i]
        low[i] = sums.low[0 if block.along else i]


# Add a tile of exponentials, without those that are 1: these are counted. So the small ones keep their digits.
cdef inline void accumulate_others(
    const Block* block, const double* e, Py_ssize_t step, Py_ssize_t count, Sums* sums, double* ones, real like
) noexcept nogil:
    cdef Py_ssize_t k, i
    cdef double ties[LANES]
    cdef double others[TILE]
    for i in range(LANES):
        ties[i] = ones[i]
    for k in range(count):
        for i in range(LANES):
            others[k * LANES + i] = 0.0 if e[k * LANES + i] == 1.0 else e[k * LANES + i]
            ties[i] += 1.0 if e[k * LANES + i] == 1.0 else 0.0
    for i in range(LANES):
        ones[i] = ties[i]
    accumulate(block, others, step, count, sums, like)


# The sum of exp(x_i - maximum) over all entries of a row but one maximal entry, as a sum of two doubles
cdef inline void total_of_others(
    const Block* block, Sums* sums, const double* ones, double* high, double* low
) noexcept nogil:
    cdef Py_ssize_t i
    cdef double count, error
    total(block, sums, high, low)
    count = 0.0
    if block.along:
        for i in range(LANES):
            count += ones[i]
    for i in range(LANES):
        high[i] = two_sum((count if block.along else ones[i]) - 1.0, high[i], &error)
        low[i] = low[i] + error


# 1/(1 + s) as a sum of two doubles, for s = high + low >= 0
cdef inline double reciprocal_of_sum(double high, double low, double* remainder) noexcept nogil:
    cdef double error
    cdef double d = two_sum(1.0, high, &error)
    cdef double r = 1.0 / d
    remainder[0] = (fused(-r, d, 1.0) - r * (error + low)) * r
    return r
