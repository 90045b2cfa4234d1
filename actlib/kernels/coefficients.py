"""Derive the polynomial coefficients of ``primitives.pxd`` and ``single.pxd`` (needs mpmath).

``python actlib/kernels/coefficients.py`` prints every table as it stands there; a test compares.
Each polynomial interpolates its function at Chebyshev nodes with 60 digits. That is within a small factor of
the minimax polynomial (Trefethen, Approximation Theory and Approximation Practice, theorem 16.1), and, unlike
the Remez exchange, it has no iteration to go wrong.
"""

import struct

import mpmath

DIGITS = 60
WORDS = 72  # of 2/pi: see trigonometric.pxd


def interpolate(function, low, high, degree):
    """Coefficients, lowest first, of the polynomial through `function` at the Chebyshev nodes of [low, high]."""
    nodes = [
        (low + high) / 2 + (high - low) / 2 * mpmath.cos(mpmath.pi * (2 * k + 1) / (2 * (degree + 1)))
        for k in range(degree + 1)
    ]
    return through(function, nodes)


def through(function, nodes):
    """Coefficients, lowest first, of the polynomial through `function` at the nodes."""
    matrix = mpmath.matrix([[node**power for power in range(len(nodes))] for node in nodes])
    return list(mpmath.lu_solve(matrix, mpmath.matrix([function(node) for node in nodes])))


def exp_tail(r):
    """(exp(r) - 1 - r - r**2/2) / r**3: what is left of exp after its first three terms, which are exact."""
    return mpmath.nsum(lambda k: r**k / mpmath.factorial(k + 3), [0, mpmath.inf])


def exp_two_tail(r):
    """(exp(r) - 1 - r) / r**2: the same after two terms."""
    return mpmath.nsum(lambda k: r**k / mpmath.factorial(k + 2), [0, mpmath.inf])


def tanh_tail(z):
    """(tanh(x) - x) / x**3 for z = x**2."""
    x = mpmath.sqrt(z)
    return (mpmath.tanh(x) / x - 1) / z


def log_tail(z):
    """(log((1 + s) / (1 - s)) - 2 s) / (2 s**3) for z = s**2: the odd series of the logarithm."""
    return mpmath.nsum(lambda k: z**k / (2 * k + 3), [0, mpmath.inf])


def rational(function, low, high, above, below, points=160, rounds=12):
    """Numerator and denominator, lowest power first, of a ratio of polynomials with a small relative error.

    Linearised least squares, weighted anew with the denominator and the error found (Sanathanan and Koerner 1963,
    Lawson 1961); the variable is scaled by `high`, so that the normal equations stay solvable.
    """
    nodes = [low + (high - low) * (1 - mpmath.cos(mpmath.pi / 2 * (k + 0.5) / points)) ** 2 for k in range(points)]
    values = [function(node) for node in nodes]
    weights, denominators, best = [mpmath.mpf(1)] * points, [mpmath.mpf(1)] * points, None
    for _ in range(rounds):
        rows, right = [], []
        for node, value, weight, denominator in zip(nodes, values, weights, denominators, strict=True):
            scale = mpmath.sqrt(weight) / (value * denominator)
            powers = [scale * (node / high) ** k for k in range(max(above, below) + 1)]
            rows.append(powers[: above + 1] + [-value * power for power in powers[1 : below + 1]])
            right.append(scale * value)
        matrix = mpmath.matrix(rows)
        solution = list(mpmath.lu_solve(matrix.T * matrix, matrix.T * mpmath.matrix(right)))
        ratio = solution[: above + 1], [mpmath.mpf(1), *solution[above + 1 :]]
        numerators = [mpmath.polyval(ratio[0][::-1], node / high) for node in nodes]
        denominators = [mpmath.polyval(ratio[1][::-1], node / high) for node in nodes]
        errors = [abs(a / b / v - 1) for a, b, v in zip(numerators, denominators, values, strict=True)]
        if best is None or max(errors) < best[0]:
            best = max(errors), ratio
        weights = [w * (e / max(errors) + 0.02) for w, e in zip(weights, errors, strict=True)]
        weights = [w * points / mpmath.fsum(weights) for w in weights]
    return [[c / high**k for k, c in enumerate(part)] for part in best[1]]


def with_leading_one(parts):
    """The coefficients of numerator and denominator as floats, without the denominator's last, which is made 1."""
    return [float(c / parts[1][-1]) for part in parts for c in part][:-1]


def mills(a):
    """(1 - Phi(a)) / phi(a) of the normal distribution."""
    return mpmath.exp(a * a / 2) * mpmath.erfc(a / mpmath.sqrt(2)) * mpmath.sqrt(mpmath.pi / 2)


def by_ratio(function, end, degree):
    """Coefficients of the polynomial in s = (a - 4)/(a + 4) for a function on [0, end]."""

    def of_ratio(s):
        return function(4 * (1 + s) / (1 - s))

    return interpolate(of_ratio, mpmath.mpf(-1), (mpmath.mpf(end) - 4) / (end + 4), degree)


def gelu_value(a):
    """(1 - Phi(a)) / exp(-a**2/2), made to vary little."""
    return (a + mpmath.mpf(5) / 4) * mills(a) / mpmath.sqrt(2 * mpmath.pi)


def gelu_root():
    """Where -a is the minimum of gelu: mills(a) = a."""
    return mpmath.findroot(lambda a: mills(a) - a, mpmath.mpf("0.7518"))


def gelu_slope(a, root):
    """(a phi(a) - (1 - Phi(a))) / exp(-a**2/2) / (a - root)."""
    if abs(a - root) < mpmath.mpf(10) ** -20:
        return (2 - root * root) / mpmath.sqrt(2 * mpmath.pi)
    return (a - mills(a)) / (a - root) / mpmath.sqrt(2 * mpmath.pi)


def log_factorial_tail(t):
    """log(t!) / (t (t - 1)) for t in [0, 1]."""
    if t in (0, 1):
        return mpmath.euler if t == 0 else 1 - mpmath.euler
    return mpmath.loggamma(1 + t) / (t * (t - 1))


def log_cosh_tail(z):
    """log(cosh(x)) / x**2 for z = x**2."""
    if z == 0:
        return mpmath.mpf(1) / 2
    x = mpmath.sqrt(z)
    return mpmath.log(mpmath.cosh(x)) / z


def artanh_tail(z):
    """(log((1 + s) / (1 - s)) - 2 s) / s**3 for z = s**2."""
    return 2 * log_tail(z)


def inverse_root(e):
    """1/sqrt(1 - e)."""
    return 1 / mpmath.sqrt(1 - e)


def jensen_shannon_term(z):
    """((1 + s) log(1 + s) + (1 - s) log(1 - s)) / s**2 for z = s**2."""
    return mpmath.nsum(lambda n: z**n / ((n + 1) * (2 * n + 1)), [0, mpmath.inf])


def hazard_tail(w):
    """a (phi(a) / (1 - Phi(a)) - a) of the normal distribution for w = 1/a**2."""
    if w == 0:
        return mpmath.mpf(1)
    with mpmath.workdps(2 * DIGITS):
        a = 1 / mpmath.sqrt(w)
        return (1 / mills(a) - a) * a


def exp_excess(u):
    """(exp(-u) - 1 + u) / u**2."""
    return exp_two_tail(-u)


def odd_tail(function, third):
    """(function(x) / x - 1) / x**2 for z = x**2, where the series of the odd function begins x + third x**3."""

    def tail(z):
        x = mpmath.sqrt(z)
        return (function(x) / x - 1) / z if z else mpmath.mpf(third)

    return tail


def celu_alpha_tail(t):
    """(exp(t) - 1 - t exp(t)) / t**2."""
    return mpmath.nsum(lambda k: -(k + 1) * t**k / mpmath.factorial(k + 2), [0, mpmath.inf])


def two_parts(*values):
    """Each value as the nearest float and what that misses."""
    parts = []
    for value in values:
        high = float(value)
        parts += [high, float(value - mpmath.mpf(high))]
    return parts


def three_parts(value):
    """`value` as the nearest float, what that misses, and what these two miss."""
    high, low = two_parts(value)
    return [high, low, float(value - mpmath.mpf(high) - mpmath.mpf(low))]


def with_rest(coefficients):
    """The coefficients as floats, and last what the first one misses."""
    return [*map(float, coefficients), two_parts(coefficients[0])[1]]


def single_with_right_sum(coefficients):
    """The coefficients as float32, each with what the rounding before it missed, so that the value at 1 is right."""
    missed, found = mpmath.mpf(0), []
    for exact in coefficients:
        found.append(to_single(exact + missed))
        missed += exact - mpmath.mpf(found[-1])
    return found


def with_exp(function, start, sign=1):
    """A root near `start` and exp(sign * root), each in two parts."""
    root = mpmath.findroot(function, mpmath.mpf(start))
    return two_parts(root, mpmath.exp(sign * root))


def silu_slope(x):
    return mpmath.exp(x) + 1 + x


def silu_curvature(a):
    return (2 - a) + mpmath.exp(-a) * (2 + a)


def mish_slope(x):
    e = mpmath.exp(x)
    return ((e + 4) * e + 4 * x + 6) * e + 4 * (x + 1)


def mish_curvature(x):
    e = mpmath.exp(x)
    return (((1 - x) * e + 3 - mpmath.mpf(3) / 2 * x) * e + x + 4) * e + x + 2


def cubic_constants():
    """The a and b of gelu_tanh(x) = x sigmoid(x (a + b x**2))."""
    a = 2 * mpmath.sqrt(2 / mpmath.pi)
    return a, a * mpmath.mpf("0.044715")


def gelu_tanh_slope(x):
    a, b = cubic_constants()
    return 1 + mpmath.exp(x * (a + b * x * x)) + x * (a + 3 * b * x * x)


def gelu_tanh_curvature(x):
    a, b = cubic_constants()
    slope = a + 3 * b * x * x
    above, below = 4 * slope - 2 * a, x * slope**2
    return (above - below) + mpmath.exp(-x * (a + b * x * x)) * (above + below)


def exp_2_nodes():
    """Where the polynomial for 2**r is exact: at r for the roots of the derivatives of silu and gelu_tanh, and at
    five more, with which the largest error in [-1/2, 1/2] is least."""
    a, b = cubic_constants()
    x = mpmath.findroot(gelu_tanh_slope, mpmath.mpf("-0.7525"))
    exponents = mpmath.findroot(silu_slope, mpmath.mpf("-1.278")), x * (a + b * x * x)
    others = [mpmath.mpf(node) for node in ("-0.4862", "-0.3789", "-0.18", "0.2968", "0.4854")]
    return [exponent / mpmath.log(2) + 2 for exponent in exponents] + others


def beside(function, root, degree, most="0.5"):
    """Coefficients of the polynomial for function(root + h)/h, for |h| up to `most`."""

    def ratio(h):
        if abs(h) < mpmath.mpf(10) ** -20:
            return mpmath.diff(function, root)
        return function(root + h) / h

    return interpolate(ratio, -mpmath.mpf(most), mpmath.mpf(most), degree)


def tanh_shrink_tail(z):
    """(x - tanh(x)) / x**3 for z = x**2."""
    return -tanh_tail(z) if z else mpmath.mpf(1) / 3


def sine_tail(z):
    """(sin(x) - x) / x**3 for z = x**2."""
    return mpmath.nsum(lambda k: -((-z) ** k) / mpmath.factorial(2 * k + 3), [0, mpmath.inf])


def cosine_tail(z):
    """(cos(x) - 1 + x**2/2) / x**4 for z = x**2."""
    return mpmath.nsum(lambda k: (-z) ** k / mpmath.factorial(2 * k + 4), [0, mpmath.inf])


def half_pi_parts(*bits):
    """pi/2 as a sum of floats, of which the first have so many bits and the last has all that are left."""
    rest, parts = mpmath.pi / 2, []
    for count in bits:
        unit = mpmath.mpf(2) ** (mpmath.mag(rest) - count)
        parts.append(float(mpmath.floor(rest / unit) * unit))
        rest -= mpmath.mpf(parts[-1])
    return [*parts, float(rest)]


def two_over_pi_words(count):
    """The first bits of 2/pi in words of 32."""
    with mpmath.workdps(10 * count + 20):
        bits = int(mpmath.floor(2 / mpmath.pi * mpmath.mpf(2) ** (32 * count)))
    return [bits >> 32 * (count - 1 - k) & 0xFFFFFFFF for k in range(count)]


def selu_constants():
    """SELU's lambda, and lambda alpha in two parts: the fixed point of mean 0, variance 1 (Klambauer et al. 2017)."""
    root_e = mpmath.sqrt(mpmath.e)
    half, two = mpmath.erfc(1 / mpmath.sqrt(2)), mpmath.erfc(mpmath.sqrt(2))
    alpha = -mpmath.sqrt(2 / mpmath.pi) / (half * root_e - 1)
    square = 2 * two * mpmath.e**2 + mpmath.pi * half**2 * mpmath.e - 2 * (2 + mpmath.pi) * half * root_e
    scale = (1 - half * root_e) * mpmath.sqrt(2 * mpmath.pi) / mpmath.sqrt(square + mpmath.pi + 2)
    return [float(scale), *two_parts(scale * alpha)]


def to_single(value):
    """The nearest float32 as a Python float."""
    return struct.unpack("f", struct.pack("f", float(value)))[0]


def three_singles(value):
    """`value` as the nearest float32, what that misses, and what these two miss."""
    parts = []
    for _ in range(3):
        parts.append(to_single(value - mpmath.fsum(parts)))
    return parts


def tables():
    """Name -> coefficients, lowest power first, as Python floats."""
    with mpmath.workdps(DIGITS):
        half_ln2 = mpmath.log(2) / 2 * mpmath.mpf("1.0001")
        s_max = (mpmath.sqrt(2) - 1) / (mpmath.sqrt(2) + 1)
        above, below = rational(
            lambda z: mpmath.tanh(mpmath.sqrt(z)) / mpmath.sqrt(z), mpmath.mpf(0), mpmath.mpf("9.2") ** 2, 5, 4
        )
        root = gelu_root()
        gelu_tanh_root = mpmath.findroot(gelu_tanh_slope, mpmath.mpf("-0.7525"))
        gelu_tanh_bend = mpmath.findroot(gelu_tanh_curvature, mpmath.mpf("1.4185"))
        eighth = (mpmath.pi / 4) ** 2 * mpmath.mpf("1.0001")
        seven, ninth = mpmath.mpf("0.07"), mpmath.mpf("1.0001") / 9
        zero, octant = mpmath.mpf(0), (mpmath.pi / 4) ** 2 * mpmath.mpf("1.0001")
        arctangent = odd_tail(mpmath.atan, -mpmath.mpf(1) / 3)
        sine, tangent = odd_tail(mpmath.sin, -mpmath.mpf(1) / 6), odd_tail(mpmath.tan, mpmath.mpf(1) / 3)
        return {
            "ARCTAN_DOUBLE": [float(c) for c in interpolate(arctangent, zero, mpmath.mpf(1), 21)],
            "ARCTAN_SINGLE": [float(c) for c in interpolate(arctangent, zero, mpmath.mpf(1), 9)],
            "ARCTAN_FLOAT": single_with_right_sum(interpolate(arctangent, zero, mpmath.mpf(1), 9)),
            "CELU_ALPHA_DOUBLE": [float(c) for c in interpolate(celu_alpha_tail, mpmath.mpf(-1), zero, 12)],
            "CELU_ALPHA_SINGLE": [float(c) for c in interpolate(celu_alpha_tail, mpmath.mpf(-1), zero, 6)],
            "SINE_OCTANT_DOUBLE": [float(c) for c in interpolate(sine, zero, octant, 6)],
            "SINE_OCTANT_SINGLE": [float(c) for c in interpolate(sine, zero, octant, 3)],
            "TANGENT_DOUBLE": [float(c) for c in interpolate(tangent, zero, octant, 15)],
            "TANGENT_SINGLE": [float(c) for c in interpolate(tangent, zero, octant, 8)],
            "TANH_ABOVE_SINGLE": [float(c) for c in above],
            "TANH_BELOW_SINGLE": [float(c) for c in below],
            "EXP_DOUBLE": [float(c) for c in interpolate(exp_tail, -half_ln2, half_ln2, 9)],
            "EXP_SINGLE": [float(c) for c in interpolate(exp_tail, -half_ln2, half_ln2, 4)],
            "EXP_2_SINGLE": [float(c) for c in through(lambda r: mpmath.mpf(2) ** r, exp_2_nodes())],
            "EXP_FLOAT": [to_single(c) for c in interpolate(exp_two_tail, -half_ln2, half_ln2, 5)],
            "EXP_FLOAT_SHORT": [to_single(c) for c in interpolate(exp_two_tail, -half_ln2, half_ln2, 4)],
            "TANH_FLOAT": [to_single(c) for c in interpolate(tanh_tail, mpmath.mpf(0), mpmath.mpf("0.5625"), 5)],
            "LOG_DOUBLE": [2 * float(c) for c in interpolate(log_tail, mpmath.mpf(0), s_max**2, 6)],
            "LOG_SINGLE": [2 * float(c) for c in interpolate(log_tail, mpmath.mpf(0), s_max**2, 3)],
            "INVERSE_ROOT_FLOAT": [to_single(c) for c in interpolate(inverse_root, -seven, seven, 2)],
            "LOG_UNIT_FLOAT": [to_single(c) for c in interpolate(artanh_tail, zero, ninth, 4)],
            "LOG_FLOAT": [to_single(2 * c) for c in interpolate(log_tail, mpmath.mpf(0), mpmath.mpf("0.04"), 3)],
            "ONE_OVER_E_FLOAT": three_singles(4 / mpmath.e),
            "SELU_CONSTANTS": selu_constants(),
            "SILU_SLOPE_ROOT": with_exp(silu_slope, "-1.278"),
            "SILU_CURVATURE_ROOT": with_exp(silu_curvature, "2.4", -1),
            "MISH_SLOPE_ROOT": with_exp(mish_slope, "-1.192"),
            "MISH_CURVATURE_ROOT": with_exp(mish_curvature, "-2.256"),
            "MISH_CURVATURE_SECOND_ROOT": with_exp(mish_curvature, "1.4906", -1),
            "NORMAL_CONSTANTS": two_parts(root, 1 / mpmath.sqrt(2 * mpmath.pi)),
            "GELU_DOUBLE": with_rest(by_ratio(gelu_value, 40, 24)),
            "GELU_SINGLE": with_leading_one(
                rational(lambda a: mills(a) / mpmath.sqrt(2 * mpmath.pi), mpmath.mpf(0), mpmath.mpf(20), 4, 5)
            ),
            "GELU_SLOPE_DOUBLE": with_rest(by_ratio(lambda a: gelu_slope(a, root), 40, 22)),
            "GELU_SLOPE_SINGLE": with_leading_one(
                rational(lambda a: gelu_slope(a, root), mpmath.mpf(0), mpmath.mpf(20), 4, 4)
            ),
            "GELU_TANH_CONSTANTS": [
                *two_parts(*cubic_constants()),
                float(2 * cubic_constants()[0]),
                float(3 * cubic_constants()[1]),
            ],
            "GELU_TANH_ROOTS": two_parts(gelu_tanh_root, gelu_tanh_bend),
            "GELU_TANH_SLOPE_DOUBLE": with_rest(beside(gelu_tanh_slope, gelu_tanh_root, 14)),
            "GELU_TANH_CURVATURE_DOUBLE": with_rest(beside(gelu_tanh_curvature, gelu_tanh_bend, 14)),
            "GELU_TANH_CURVATURE_SINGLE": [float(c) for c in beside(gelu_tanh_curvature, gelu_tanh_bend, 8)],
            "TANH_SHRINK_DOUBLE": with_rest(interpolate(tanh_shrink_tail, mpmath.mpf(0), mpmath.mpf(1), 15)),
            "TANH_SHRINK_SINGLE": [float(c) for c in interpolate(tanh_shrink_tail, mpmath.mpf(0), mpmath.mpf(1), 8)],
            "TANH_SHRINK_FLOAT": single_with_right_sum(
                interpolate(lambda z: tanh_shrink_tail(z) - mpmath.mpf("0.28125"), mpmath.mpf(0), mpmath.mpf(1), 7)
            ),
            "SINE_DOUBLE": [float(c) for c in interpolate(sine_tail, mpmath.mpf(0), eighth, 6)],
            "SINE_SINGLE": [float(c) for c in interpolate(sine_tail, mpmath.mpf(0), eighth, 3)],
            "COSINE_DOUBLE": [float(c) for c in interpolate(cosine_tail, mpmath.mpf(0), eighth, 6)],
            "COSINE_SINGLE": [float(c) for c in interpolate(cosine_tail, mpmath.mpf(0), eighth, 3)],
            "HALF_PI_DOUBLE": half_pi_parts(32, 32, 32),
            "HALF_PI_SINGLE": half_pi_parts(24, 24),
            "LOG_COSH_DOUBLE": [float(c) for c in interpolate(log_cosh_tail, mpmath.mpf(0), mpmath.mpf("0.5625"), 12)],
            "LOG_COSH_SINGLE": [float(c) for c in interpolate(log_cosh_tail, mpmath.mpf(0), mpmath.mpf("0.5625"), 6)],
            "ONE_OVER_E": three_parts(1 / mpmath.e),
            "ARTANH_DOUBLE": [float(c) for c in interpolate(artanh_tail, mpmath.mpf(0), mpmath.mpf("0.25"), 14)],
            "ARTANH_SINGLE": [float(c) for c in interpolate(artanh_tail, mpmath.mpf(0), mpmath.mpf("0.25"), 7)],
            "JENSEN_SHANNON_DOUBLE": [
                float(c) for c in interpolate(jensen_shannon_term, mpmath.mpf(0), mpmath.mpf("0.5"), 19)
            ],
            "JENSEN_SHANNON_SINGLE": [
                float(c) for c in interpolate(jensen_shannon_term, mpmath.mpf(0), mpmath.mpf("0.5"), 10)
            ],
            "HAZARD": [float(c) for c in interpolate(hazard_tail, mpmath.mpf(0), mpmath.mpf("0.0025"), 6)],
            "EXP_EXCESS": [float(c) for c in interpolate(exp_excess, mpmath.mpf(-2), mpmath.mpf(2), 17)],
            "LOG_FACTORIAL": [float(c) for c in interpolate(log_factorial_tail, mpmath.mpf(0), mpmath.mpf(1), 23)],
        }


if __name__ == "__main__":
    for name, coefficients in tables().items():
        print(name, *(repr(c) for c in coefficients), sep="\n    ")
    print("TWO_OVER_PI", *(f"0x{word:08X}" for word in two_over_pi_words(WORDS)), sep="\n    ")
