"""Points where functions are interesting, the same in every run."""

import numpy as np

# Where kernels change their formula or a result its nature. Written as they are known; each gets its neighbours.
LOG_2 = 0.6931471805599453
SWITCHES = (
    *(LOG_2 / 2 * k for k in (1, 2, 3, 5, 7, 25)),  # reductions of exp
    1e-17, 1e-9, 0.25, 0.35, 0.41421356237309503, 0.5, 0.75, 1.0, 1.4, 1.4142135623730951, 2.0, 3.0, 6.0, 10.0,
    16.635, 17.3287, 18.99, 19.0615, 20.0, 30.0, 36.737, 37.43, 60.0,  # a sigmoid, a tanh becomes 1
    43.3, 44.36, 51.6, 51.99, 87.34, 88.72, 103.28, 103.97,  # float32: subnormal, 0 or overflow, of exp and exp(2 x)
    354.2, 354.9, 372.6, 700.0, 708.4, 709.78, 744.44, 745.13, 750.0,  # the same of float64
)  # fmt: skip


def neighbours(values, dtype, steps=2):
    """The `values` as floats of `dtype`, with the next `steps` floats on both sides."""
    middle = np.asarray(values, dtype)
    result = [middle]
    for direction in (-np.inf, np.inf):
        one = middle
        for _ in range(steps):
            one = np.nextafter(one, dtype(direction))
            result.append(one)
    return np.concatenate([np.atleast_1d(one) for one in result])


def edges(dtype):
    """Zeros, the ends of the subnormal and of the normal numbers, and the spacing at 1."""
    info = np.finfo(dtype)
    positive = neighbours([info.smallest_subnormal * 3, info.tiny, info.eps, info.eps / 2], dtype)
    ends = [0.0, -0.0, info.smallest_subnormal, info.max, -info.max]
    return np.concatenate([positive, -positive, ends]).astype(dtype)


def every_magnitude(dtype, count, rng):
    """Random digits at exponents from the smallest to the largest, of both signs."""
    info = np.finfo(dtype)
    exponents = np.linspace(info.minexp - info.nmant, info.maxexp - 1, count // 2).round()
    positive = np.ldexp(rng.uniform(1, 2, exponents.size), exponents.astype(int))
    return np.concatenate([positive, -positive[::-1]]).astype(dtype)


def points(dtype, count=1500, extra=(), low=-np.inf, high=np.inf):
    """About `count` finite points in [low, high], sorted, each once; `extra` are kinks and the like.

    Half are neighbours of switches and random points of moderate size, where functions bend; a third goes through
    all magnitudes.
    """
    dtype = np.dtype(dtype).type
    rng = np.random.default_rng(20260)
    switches = np.asarray(SWITCHES)
    if count < 1000:
        switches = rng.choice(switches, max(count // 20, 1), replace=False)
    moderate = [rng.uniform(-width, width, count // 15) for width in (1, 4, 20, 110, 750)]
    with np.errstate(over="ignore"):
        every = [
            edges(dtype),
            neighbours(np.concatenate([switches, -switches]), dtype),
            neighbours(np.asarray(extra, dtype), dtype) if len(extra) else np.empty(0, dtype),
            every_magnitude(dtype, count // 3, rng),
            *(one.astype(dtype) for one in moderate),
        ]
        if np.isfinite(low) and np.isfinite(high):
            inside = rng.uniform(low, high, count // 4).astype(dtype)
            near_end = dtype(high) - np.ldexp(high - low, -rng.integers(2, 60, count // 8)).astype(dtype)
            every += [inside, near_end]
    found = np.concatenate(every)
    found = found[np.isfinite(found) & (found >= low) & (found <= high)]
    # unique would take -0.0 for 0.0: the zeros go by their sign
    ordered = np.unique(found[found != 0])
    zeros = np.array([-0.0, 0.0], dtype) if low <= 0 <= high else np.empty(0, dtype)
    result = np.sort(np.concatenate([ordered, zeros]), kind="stable")
    assert len(result) > count // 4, "a sample of few points proves little"
    return result
