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

from .loops cimport Move, prefetch
from .primitives cimport INFINITY, NAN, fused, madd, power_from_bits, real, reduce_exp, two_sum

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
# What a kernel computes in one pass over the rows and needs in the next stays in `kept`, if its `room` steps suffice.
cdef struct Block:
    Py_ssize_t size
    Py_ssize_t first
    Py_ssize_t rows
    Py_ssize_t steps
    Py_ssize_t parts
    bint along
    double* kept
    Py_ssize_t room

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


cdef inline bint keeps(const Block* block) noexcept nogil:
    """Whether `kept` holds all tiles of the block, and not only the one that was made last."""
    return block.steps <= block.room


cdef inline double* kept_tile(const Block* block, Py_ssize_t step) noexcept nogil:
    """The place of the tile that begins with `step`."""
    return block.kept + (step * LANES if keeps(block) else 0)


cdef inline bint lies_as_a_tile(const Block* block, const Operand* operand, real like) noexcept nogil:
    """Whether the lanes of a step, if they are full, lie in memory side by side and need no conversion."""
    return operand.convert == NULL and (operand.entry if block.along else operand.row) == sizeof(real)


cdef inline Py_ssize_t whole_steps(
    const Block* block, const Operand* operand, Py_ssize_t step, Py_ssize_t count, real like
) noexcept nogil:
    """How many of `count` steps, from `step` on, can be worked on where they are: all, or all but a last one that is
    not full."""
    if not lies_as_a_tile(block, operand, like):
        return 0
    if filled(block, step + count - 1) < LANES:
        return count - 1 if block.along else 0
    return count


cdef inline Py_ssize_t whole_steps_of_both(
    const Block* block, const Operand* one, const Operand* other, Py_ssize_t step, Py_ssize_t count, real like
) noexcept nogil:
    return min(whole_steps(block, one, step, count, like), whole_steps(block, other, step, count, like))


cdef inline char* step_in_memory(const Block* block, const Operand* operand, Py_ssize_t step) noexcept nogil:
    """Where the first lane of a step lies."""
    return operand.data + block.first * operand.row + step * (operand.entry * (LANES if block.along else 1))


cdef inline double element(
    const Block* block, const Operand* operand, Py_ssize_t lane, Py_ssize_t entry, real like
) noexcept nogil:
    """One entry of the row of a lane."""
    cdef Py_ssize_t row = block.first + (0 if block.along or lane >= block.rows else lane)
    cdef const char* source = operand.data + row * operand.row + entry * operand.entry
    cdef real buffer[1]
    if operand.convert == NULL:
        return (<const real*>source)[0]
    operand.convert(source, 0, <char*>buffer, 1)
    return buffer[0]


# How far ahead of its step a line of memory is asked for: along rows that are not too long, the same place of the next
# row, so that it comes during the arithmetic of this one.
cdef inline Py_ssize_t ahead(const Block* block, const Operand* operand) noexcept nogil:
    return operand.row if block.along and block.steps <= STEPS else 0


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
            prefetch(source + k * stride + ahead(block, operand))
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
        load_some(source + k * stride, lane, filled(block, step + k), block.along, tile + k * LANES, padding, like)


# The lanes of one step that hold an entry; what lies side by side is read at once.
cdef inline void load_some(
    const char* source, Py_ssize_t lane, Py_ssize_t lanes, bint along, double* tile, double padding, real like
) noexcept nogil:
    cdef Py_ssize_t i
    cdef double spare = padding if along else <double>(<const real*>source)[0]
    if lane == sizeof(real):
        for i in range(LANES):
            tile[i] = (<const real*>source)[i] if i < lanes else spare
    else:
        for i in range(LANES):
            tile[i] = (<const real*>(source + i * lane))[0] if i < lanes else spare


# Write `count` steps of a tile, from `step` on, rounded to the working type.
cdef inline void store(
    const Block* block, const Operand* operand, Py_ssize_t step, Py_ssize_t count, const double* tile, real like
) noexcept nogil:
    cdef Py_ssize_t lane = operand.entry if block.along else operand.row
    cdef Py_ssize_t stride = operand.entry * LANES if block.along else operand.entry
    cdef char* target = operand.data + block.first * operand.row + step * stride
    cdef Py_ssize_t k, i, lanes, whole = count
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
            prefetch(target + k * stride + ahead(block, operand))
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
        lanes = filled(block, step + k)
        if lane == sizeof(real):
            for i in range(LANES):
                if i < lanes:
                    (<real*>(target + k * stride))[i] = <real>tile[k * LANES + i]
        else:
            for i in range(lanes):
                (<real*>(target + k * stride + i * lane))[0] = <real>tile[k * LANES + i]


# One value a row, in every lane that belongs to the row.
cdef inline void load_lanes(const Block* block, const Operand* operand, double* lanes, real like) noexcept nogil:
    cdef const char* source = operand.data + block.first * operand.row
    cdef Py_ssize_t i, row
    cdef real buffer[1]
    if operand.row == 0 and operand.convert == NULL:
        for i in range(LANES):
            lanes[i] = (<const real*>source)[0]
        return
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


cdef inline double larger(double x, double top) noexcept nogil:
    """The larger of the two; `top` if x is NaN."""
    return x if x > top else top


cdef inline double smaller(double x, double bottom) noexcept nogil:
    return x if x < bottom else bottom


# Raise `top` to the largest entries of a tile and lower `bottom` to the smallest; NaN is passed over, and makes
# `poison` NaN. What can be is compared in its own type, more lanes at once. `held`: `tile` holds the entries
# afterwards, else only those that are not compared where they are.
cdef inline void widen(
    const Block* block, const Operand* x, Py_ssize_t step, Py_ssize_t count, double* tile, bint held, double* top,
    double* bottom, double* poison, real like
) noexcept nogil:
    cdef Py_ssize_t k, i, whole = whole_steps(block, x, step, count, like)
    cdef Py_ssize_t loaded = 0 if held else whole
    cdef const real* entries
    cdef real most[LANES]
    cdef real least[LANES]
    cdef real stranger[LANES]
    cdef double highest[LANES]
    cdef double lowest[LANES]
    cdef double nan[LANES]
    if whole:
        for i in range(LANES):
            most[i] = -INFINITY
            least[i] = INFINITY
            stranger[i] = 0.0
        for k in range(whole):
            entries = <const real*>step_in_memory(block, x, step + k)
            for i in range(LANES):
                most[i] = entries[i] if entries[i] > most[i] else most[i]
                least[i] = entries[i] if entries[i] < least[i] else least[i]
                stranger[i] = stranger[i] if entries[i] == entries[i] else entries[i]
        for i in range(LANES):
            top[i] = larger(most[i], top[i])
            bottom[i] = smaller(least[i], bottom[i])
            poison[i] += stranger[i]
    # the memory of a row is read in its order
    if loaded < count:
        load(block, x, step + loaded, count - loaded, tile + loaded * LANES, NAN, like)
        if block.along:
            for i in range(filled(block, step + count - 1), LANES):
                tile[(count - 1) * LANES + i] = tile[(count - 1) * LANES]  # padding that changes nothing
    if whole == count:
        return
    for i in range(LANES):
        highest[i] = top[i]
        lowest[i] = bottom[i]
        nan[i] = poison[i]
    for k in range(whole, count):
        for i in range(LANES):
            highest[i] = larger(tile[k * LANES + i], highest[i])
            lowest[i] = smaller(tile[k * LANES + i], lowest[i])
            nan[i] = nan[i] if tile[k * LANES + i] == tile[k * LANES + i] else NAN
    for i in range(LANES):
        top[i] = highest[i]
        bottom[i] = lowest[i]
        poison[i] = nan[i]


# The largest entry of each row, and whether the exponentials are all normal numbers: every entry finite and less
# than 700 below the largest. NaN is passed over (the exponentials find it); an empty row has -inf.
# `tile` holds the whole block afterwards if it has at most STEPS steps.
cdef inline bint row_maximum(
    const Block* block, const Operand* x, double* tile, double* maximum, real like
) noexcept nogil:
    return row_extreme(block, x, tile, block.steps <= STEPS, maximum, False, like)


# The same for the entries as they are, or `mirrored`: for their negatives, which `tile` holds then. It holds nothing
# unless `held`, which is for a block of a single tile.
cdef inline bint row_extreme(
    const Block* block, const Operand* x, double* tile, bint held, double* maximum, bint mirrored, real like
) noexcept nogil:
    cdef Py_ssize_t chunk, step, i
    cdef double bottom[LANES]
    cdef double poison[LANES]
    for i in range(LANES):
        maximum[i] = -INFINITY
        bottom[i] = INFINITY
        poison[i] = 0.0
    for chunk in range(tiles(block)):
        step = chunk * STEPS
        widen(block, x, step, depth(block, step), tile, held, maximum, bottom, poison, like)
    if mirrored:
        mirror(block, tile, held, maximum, bottom)
    spread_maximum(block, maximum)
    return close(maximum, bottom)


# The same, with the place `at` of the first largest entry of the row of each lane, the smallest entries, and
# `poison`: NaN for a row that has a NaN, else 0.
cdef inline bint row_first_maximum(
    const Block* block, const Operand* x, double* tile, double* maximum, double* bottom, Py_ssize_t* at,
    double* poison, real like
) noexcept nogil:
    return row_first_extreme(block, x, tile, block.steps <= STEPS, maximum, bottom, at, poison, False, like)


# The same for the entries as they are, or `mirrored`: for their negatives. `tile` holds them if `held`, which is for a
# block of a single tile.
cdef inline bint row_first_extreme(
    const Block* block, const Operand* x, double* tile, bint held, double* maximum, double* bottom, Py_ssize_t* at,
    double* poison, bint mirrored, real like
) noexcept nogil:
    cdef Py_ssize_t chunk, step, k, i, first = block.size
    cdef int strangers = 0
    cdef double top[LANES]
    cdef double place[LANES]
    cdef Py_ssize_t raised[LANES]
    cdef double sign = -1.0 if mirrored else 1.0
    cdef double* most = bottom if mirrored else maximum
    for i in range(LANES):
        maximum[i] = -INFINITY
        bottom[i] = INFINITY
        poison[i] = 0.0
        top[i] = -INFINITY
        raised[i] = 0
        place[i] = -1.0
        at[i] = 0
    for chunk in range(tiles(block)):
        step = chunk * STEPS
        widen(block, x, step, depth(block, step), tile, held, maximum, bottom, poison, like)
        for i in range(LANES):
            raised[i] = step if sign * most[i] > top[i] else raised[i]
            top[i] = sign * most[i]
    if mirrored:
        mirror(block, tile, held, maximum, bottom)
    spread_maximum(block, maximum)
    if held:
        for k in range(block.steps - 1, -1, -1):
            for i in range(LANES):
                place[i] = <double>k if tile[k * LANES + i] == maximum[i] else place[i]
        for i in range(LANES):
            if place[i] >= 0.0:
                at[i] = <Py_ssize_t>place[i]
                if block.along:
                    first = min(first, at[i] * LANES + i)
    elif block.along:
        step = block.steps
        for i in range(LANES):
            step = min(step, raised[i]) if top[i] == maximum[i] else step
        first = first_equal(
            block, x, 0, step * LANES, min(block.size, (step + STEPS) * LANES), sign * maximum[0], like)
    else:
        for i in range(LANES):
            at[i] = first_equal(
                block, x, i, raised[i], min(block.size, raised[i] + STEPS), sign * maximum[i], like)
    for i in range(LANES):
        if block.along:
            at[i] = first if first < block.size else 0
            bottom[i] = -bottom[i]
            strangers += poison[i] != poison[i]
    if block.along:
        spread_maximum(block, bottom)
        for i in range(LANES):
            bottom[i] = -bottom[i]
            poison[i] = NAN if strangers else 0.0
    return close(maximum, bottom)


# Make largest and smallest entries those of the negatives, and of the tile, if it is `held`, the negatives.
cdef inline void mirror(const Block* block, double* tile, bint held, double* maximum, double* bottom) noexcept nogil:
    cdef Py_ssize_t i
    cdef double most
    for i in range(LANES):
        most = -bottom[i]
        bottom[i] = -maximum[i]
        maximum[i] = most
    if held:
        negate(block.steps, tile)


cdef inline void negate(Py_ssize_t count, double* tile) noexcept nogil:
    cdef Py_ssize_t j
    for j in range(count * LANES):
        tile[j] = -tile[j]


cdef inline bint close(const double* maximum, const double* bottom) noexcept nogil:
    """Whether every entry is finite and less than 700 below the maximum."""
    cdef Py_ssize_t i
    cdef int near = 0
    for i in range(LANES):
        near += maximum[i] - bottom[i] < 700.0  # of integers: a sum of doubles would have to go in order
    return near == LANES


cdef inline Py_ssize_t first_equal(
    const Block* block, const Operand* x, Py_ssize_t lane, Py_ssize_t start, Py_ssize_t stop, double value, real like
) noexcept nogil:
    """The first of the entries from `start` to `stop` that has the value; 0 if none has."""
    cdef Py_ssize_t entry = start
    cdef const real* entries
    cdef real wanted = <real>value
    cdef int i, first
    if x.convert == NULL and x.entry == sizeof(real):
        entries = <const real*>(x.data + (block.first + (0 if block.along else lane)) * x.row)
        while entry + STEPS <= stop:
            first = STEPS
            for i in range(STEPS):
                first = min(first, i if entries[entry + i] == wanted else <int>STEPS)
            if first < STEPS:
                return entry + first
            entry += STEPS
    while entry < stop:
        if element(block, x, lane, entry, like) == value:
            return entry
        entry += 1
    return 0


# The entry of another operand in the place that row_first_maximum found, in every lane of its row
cdef inline void pick(
    const Block* block, const Operand* operand, const Py_ssize_t* at, double* lanes, real like
) noexcept nogil:
    cdef Py_ssize_t i
    lanes[0] = element(block, operand, 0, at[0], like) if block.size else 0.0
    for i in range(1, LANES):
        lanes[i] = lanes[0] if block.along or block.size == 0 else element(block, operand, i, at[i], like)


# Replace the entries of a tile that are in these places.
cdef inline void put(
    const Block* block, const Py_ssize_t* at, Py_ssize_t step, Py_ssize_t count, double* tile, const double* values
) noexcept nogil:
    cdef Py_ssize_t i, place
    for i in range(1 if block.along else LANES):
        place = at[i] - step * LANES if block.along else (at[i] - step) * LANES + i
        if 0 <= place < count * LANES:
            tile[place] = values[i]


# Replace the entry of an output in the place that row_first_maximum found, in the row of each lane.
cdef inline void store_at(
    const Block* block, const Operand* operand, const Py_ssize_t* at, const double* values, real like
) noexcept nogil:
    cdef Py_ssize_t i
    cdef char* target
    cdef real buffer[1]
    for i in range(block.rows if block.size else 0):
        buffer[0] = <real>values[i]
        target = operand.data + (block.first + i) * operand.row + at[i] * operand.entry
        if operand.convert != NULL:
            operand.convert(<const char*>buffer, 0, target, 1)
        else:
            (<real*>target)[0] = buffer[0]


# The maximum over the lanes of one row, in all of them
cdef inline void spread_maximum(const Block* block, double* lanes) noexcept nogil:
    cdef Py_ssize_t i
    cdef double most[8]
    if block.along:
        for i in range(8):
            most[i] = larger(lanes[i + 8], lanes[i])
        for i in range(4):
            most[i] = larger(most[i + 4], most[i])
        most[0] = larger(larger(most[3], most[1]), larger(most[2], most[0]))
        for i in range(LANES):
            lanes[i] = most[0]


# exp(d + low) for -700 < d <= 0 and low no larger than the rounding error of d: exp(d) + low exp(d). The result is
# a normal number, so one factor 2**n does, multiplied into (1 + r + tail) without error. NaN gives NaN. exp_wide
# agrees bit for bit where both hold.
cdef inline double exp_narrow(double d, double low, real like) noexcept nogil:
    cdef double tail, shifted
    cdef double r = reduce_exp(d, 0.0, &tail, &shifted, like)
    if real is double:
        tail = tail + madd(low, r + tail, low)
    shifted = power_from_bits(shifted)
    return madd(r + tail, shifted, shifted)


# The same for any d <= 0: 2**(n + 512) comes first and is exact, 2**-512 then rounds a subnormal result once more.
# Where d is cut off, low is no longer its rounding error but may be larger than it.
cdef inline double exp_wide(double d, double low, real like) noexcept nogil:
    cdef double tail, shifted
    cdef double cut = -750.0 if d < -750.0 else d
    cdef double r = reduce_exp(cut, 512.0, &tail, &shifted, like)
    if real is double:
        low = 0.0 if d < -750.0 else low
        tail = tail + madd(low, r + tail, low)
    shifted = power_from_bits(shifted)
    return madd(r + tail, shifted, shifted) * 7.458340731200207e-155


# The entries of a tile less their maximum, exactly: result plus low (0 for float32, whose differences need none).
# 0 for the maximum itself, even where it is infinite.
cdef inline double difference(double x, double maximum, double* low, real like) noexcept nogil:
    cdef double d
    if real is float:
        d = x - maximum
        low[0] = 0.0
    else:
        d = two_sum(x, -maximum, low)
        low[0] = low[0] if fabs(d) < 1e300 else 0.0
    return 0.0 if x == maximum else d


# (x - maximum)/temperature as a sum of two doubles. `rate` is 1/temperature.
cdef inline double scaled_difference(
    double x, double maximum, double temperature, double rate, double* low, real like
) noexcept nogil:
    cdef double d = difference(x, maximum, low, like)
    cdef double t = 0.0 if d == 0.0 else d * rate
    if real is double:
        low[0] = (fused(-t, temperature, d) + low[0]) * rate
        low[0] = low[0] if fabs(t) < 1e300 else 0.0
    return t


# exp((x - maximum)/temperature) for a tile. `narrow` is what row_maximum said; `temperature` may be NULL for 1.
cdef inline void exponentials(
    const double* x, Py_ssize_t count, const double* maximum, const double* temperature, bint narrow, double* result,
    real like
) noexcept nogil:
    cdef Py_ssize_t k, i
    cdef double d, low
    cdef double top[LANES]
    cdef double scale[LANES]
    cdef double rate[LANES]
    for i in range(LANES):
        top[i] = maximum[i]
    if temperature != NULL:
        for i in range(LANES):
            scale[i] = temperature[i]
            rate[i] = 1.0 / scale[i]
        for k in range(count):
            for i in range(LANES):
                d = scaled_difference(x[k * LANES + i], top[i], scale[i], rate[i], &low, like)
                result[k * LANES + i] = exp_wide(d, low, like)
    elif narrow:
        for k in range(count):
            for i in range(LANES):
                if real is float:
                    result[k * LANES + i] = exp_narrow(x[k * LANES + i] - top[i], 0.0, like)
                else:
                    d = two_sum(x[k * LANES + i], -top[i], &low)
                    result[k * LANES + i] = exp_narrow(d, low, like)
    else:
        for k in range(count):
            for i in range(LANES):
                d = difference(x[k * LANES + i], top[i], &low, like)
                result[k * LANES + i] = exp_wide(d, low, like)


# exp(sign x - maximum) for `count` whole steps where they lie in memory, for rows that are narrow, and added to the
# sums on the way, if there are any. It is what load, exponentials and accumulate_fractions make of them.
cdef inline void exponentials_in_memory(
    const Block* block, const Operand* x, Py_ssize_t step, Py_ssize_t count, const double* maximum, double sign,
    double* result, Sums* sums, real like
) noexcept nogil:
    cdef const real* entries
    cdef Py_ssize_t k, i
    cdef double d, low, e, high
    cdef double top[LANES]
    cdef double high_part[LANES]
    cdef double low_part[LANES]
    for i in range(LANES):
        top[i] = maximum[i]
        high_part[i] = sums.high[i] if sums != NULL else 0.0
        low_part[i] = sums.low[i] if sums != NULL else 0.0
    for k in range(count):
        entries = <const real*>step_in_memory(block, x, step + k)
        prefetch(<const char*>entries + ahead(block, x))
        for i in range(LANES):
            if real is float:
                e = exp_narrow(madd(sign, entries[i], -top[i]), 0.0, like)
                result[k * LANES + i] = e
                high_part[i] += e
            else:
                d = two_sum(sign * entries[i], -top[i], &low)
                e = exp_narrow(d, low, like)
                result[k * LANES + i] = e
                high = high_part[i] + e
                low_part[i] += e - (high - high_part[i])
                high_part[i] = high
    if sums == NULL:
        return
    if block.parts:
        accumulate_fractions(block, result, step, count, sums, like)
        return
    for i in range(LANES):
        sums.high[i] = high_part[i]
        sums.low[i] = low_part[i]


# The same for sums without the exponentials that are 1, which are counted: load, exponentials and accumulate_others
cdef inline void others_in_memory(
    const Block* block, const Operand* x, Py_ssize_t step, Py_ssize_t count, const double* maximum, double sign,
    double* result, Sums* sums, double* ones, real like
) noexcept nogil:
    cdef const real* entries
    cdef Py_ssize_t k, i
    cdef double d, low, e
    cdef double top[LANES]
    cdef double ties[LANES]
    cdef double high_part[LANES]
    cdef double low_part[LANES]
    for i in range(LANES):
        top[i] = maximum[i]
        ties[i] = 0.0 if block.parts else ones[i]
        high_part[i] = sums.high[i]
        low_part[i] = sums.low[i]
    for k in range(count):
        entries = <const real*>step_in_memory(block, x, step + k)
        prefetch(<const char*>entries + ahead(block, x))
        for i in range(LANES):
            if real is float:
                e = exp_narrow(madd(sign, entries[i], -top[i]), 0.0, like)
            else:
                d = two_sum(sign * entries[i], -top[i], &low)
                e = exp_narrow(d, low, like)
            result[k * LANES + i] = e
            ties[i] += 1.0 if e == 1.0 else 0.0
            e = 0.0 if e == 1.0 else e
            if real is float:
                high_part[i] += e
            else:
                high_part[i] = two_sum(high_part[i], e, &low)
                low_part[i] += low
    if block.parts:
        accumulate_others(block, result, step, count, sums, ones, like)
        return
    for i in range(LANES):
        ones[i] = ties[i]
        sums.high[i] = high_part[i]
        sums.low[i] = low_part[i]


# Zero for the lanes of a tile that hold no entry, where NaN or -inf was the padding.
cdef inline void blank(const Block* block, Py_ssize_t step, Py_ssize_t count, double* tile) noexcept nogil:
    cdef Py_ssize_t i
    if block.along:
        for i in range(filled(block, step + count - 1), LANES):
            tile[(count - 1) * LANES + i] = 0.0


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
    cdef Py_ssize_t i
    if block.along:
        add_halves(sums, 8)
        add_halves(sums, 4)
        add_halves(sums, 2)
        add_halves(sums, 1)
    elif block.parts:
        add_halves(sums, 8 * LANES)
        add_halves(sums, 4 * LANES)
        add_halves(sums, 2 * LANES)
        add_halves(sums, LANES)
    for i in range(LANES):
        high[i] = sums.high[0 if block.along else i]
        low[i] = sums.low[0 if block.along else i]


cdef inline void add_halves(Sums* sums, Py_ssize_t half) noexcept nogil:
    cdef Py_ssize_t i
    cdef double error
    for i in range(half):
        sums.high[i] = two_sum(sums.high[i], sums.high[i + half], &error)
        sums.low[i] += sums.low[i + half] + error


# Sums that start from 1, which no term exceeds: then three operations give the rounding error (Dekker 1971).
cdef inline void start_from_one(const Block* block, Sums* sums) noexcept nogil:
    cdef Py_ssize_t i
    for i in range((block.parts + 1) * LANES):
        sums.high[i] = 1.0
        sums.low[i] = 0.0


cdef inline void accumulate_fractions(
    const Block* block, const double* terms, Py_ssize_t step, Py_ssize_t count, Sums* sums, real like
) noexcept nogil:
    cdef Py_ssize_t k, i, part
    cdef double high
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
                    high = high_part[i] + terms[k * LANES + i]
                    low_part[i] += terms[k * LANES + i] - (high - high_part[i])
                    high_part[i] = high
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
                    high = sums.high[part + i] + terms[k * LANES + i]
                    sums.low[part + i] += terms[k * LANES + i] - (high - sums.high[part + i])
                    sums.high[part + i] = high


cdef inline void total_of_fractions(const Block* block, Sums* sums, double* high, double* low) noexcept nogil:
    cdef Py_ssize_t i
    cdef double error
    total(block, sums, high, low)
    for i in range(LANES):
        # each part started from 1; rows of at most STEPS entries have one part
        high[i] = two_sum(high[i], -16.0 if block.size > STEPS else -1.0, &error)
        low[i] = low[i] + error


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
    cdef double count = 0.0, error
    total(block, sums, high, low)
    if block.along:
        for i in range(LANES):
            count += ones[i]
    for i in range(LANES):
        high[i] = two_sum((count if block.along else ones[i]) - 1.0, high[i], &error)
        low[i] = low[i] + error


# 1/(high + low) as a sum of two doubles
cdef inline double reciprocal(double high, double low, double* remainder) noexcept nogil:
    cdef double r = 1.0 / high
    remainder[0] = (fused(-r, high, 1.0) - r * low) * r
    return r


# 1/(1 + high + low) likewise
cdef inline double reciprocal_beside_one(double high, double low, double* remainder) noexcept nogil:
    cdef double error
    cdef double d = two_sum(1.0, high, &error)
    return reciprocal(d, error + low, remainder)
