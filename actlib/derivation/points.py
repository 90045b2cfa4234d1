"""Where a derivation is evaluated: every size and index, random points, and the points where formulas change branch.

All coordinates are fractions, so a point is the same number at every precision, and the random ones come from the text
of the derivation, so a check gives the same answer everywhere.
"""

import itertools
import math
import random
from dataclasses import dataclass
from fractions import Fraction

from .branches import branch_points
from .errors import ExpressionError
from .evaluate import Evaluator

RANDOM_POINTS = 12
POINTS_OF_INTEGRALS = 4                      # an integral to 50 digits takes a second
MOST_SPECIAL = 60                            # per size and index
MOST_ENVIRONMENTS = 500
MOST_COORDINATES = 1000
FAR = 100                                    # from the other end, or from 0, where an interval has no end
TOO_MANY = f"more than {MOST_ENVIRONMENTS} combinations of sizes and indices: declare fewer"
NEAR = Fraction(1, 10**6)                    # of the interval's length, from an open end; of 1, from a simplex's corner


class Integers:
    """The algebra of index bounds like ``K - 1``."""

    constants, functions = {}, {}

    @staticmethod
    def number(value):
        return Fraction(value)

    @staticmethod
    def operate(operator, left, right):
        if operator == "/" and right == 0:
            raise ExpressionError("division by zero in a bound")
        if operator == "**" and abs(right) * left.numerator.bit_length() > 64:
            raise ExpressionError("a bound is too large")
        return {"+": lambda: left + right, "-": lambda: left - right, "*": lambda: left * right,
                "/": lambda: left / right, "**": lambda: left**right}[operator]()


@dataclass(frozen=True)
class Point:
    """A place of evaluation: ``values`` maps "x" and ("z", 1) to Fractions, sizes and indices to ints."""

    values: dict
    special: bool = False
    slow: bool = False                       # evaluated even where each evaluation takes a second

    def __str__(self):
        return ", ".join(f"{written(key)} = {short(value)}" for key, value in self.values.items())


def written(key):
    return key if isinstance(key, str) else f"{key[0]}[{', '.join(map(str, key[1:]))}]"


def short(value):
    return str(value) if isinstance(value, int) or value.denominator == 1 else f"{float(value):.6g}"


def environments(chain):
    """Every combination of declared sizes, free indices and index variables, as dicts of ints."""
    found = [{}]
    for name, values in chain.sizes.items():
        found = [{**sizes, name: value} for sizes in found for value in values]
    for name, (low, high) in chain.each.items():
        found = [{**env, name: i} for env in found for i in _range(low, high, env)]
    for name, variable in chain.variables.items():
        if variable.kind != "index":
            continue
        longer = []
        for env in found:
            places = [place(name, variable, index) for index in shape(variable, env)]
            for choice in itertools.product(_range(variable.low, variable.high, env), repeat=len(places)):
                longer.append({**env, **dict(zip(places, choice, strict=True))})
                _bounded(longer)
        found = longer
    _bounded(found)
    if not found:
        raise ExpressionError("the declared indices run over nothing")
    if any(_count(chain, env) > MOST_COORDINATES for env in found):
        raise ExpressionError(f"more than {MOST_COORDINATES} numbers in the declared arrays: declare smaller sizes")
    return found


def _count(chain, env):
    return sum(math.prod(env[size] for size in variable.sizes) for variable in chain.variables.values())


def _bounded(found):
    if len(found) > MOST_ENVIRONMENTS:
        raise ExpressionError(TOO_MANY)


def _range(low, high, env):
    evaluator = Evaluator(Integers)
    try:
        low, high = (evaluator(end, env) for end in (low, high))
    except (AttributeError, KeyError):              # what this algebra does not have
        raise ExpressionError("the bounds of an index are made of integers, sizes and + - * / **") from None
    if low.denominator != 1 or high.denominator != 1:
        raise ExpressionError("the bounds of an index are not integers")
    if high - low >= MOST_ENVIRONMENTS:
        raise ExpressionError(TOO_MANY)
    return range(int(low), int(high) + 1)


def shape(variable, env):
    return itertools.product(*(range(1, env[size] + 1) for size in variable.sizes))


def place(name, variable, index):
    return (name, *index) if variable.sizes else name


def coordinates(chain, env):
    """The (key, variable) pairs of all real numbers to choose."""
    return [(place(name, variable, index), variable) for name, variable in chain.variables.items()
            if variable.kind != "index" for index in shape(variable, env)]


def simplexes(chain, env):
    """The groups of keys that sum to one: all entries along the last size."""
    groups = {}
    for key, variable in coordinates(chain, env):
        if variable.kind == "simplex":
            groups.setdefault(key[:-1], []).append(key)
    return list(groups.values())


def sample(chain, env, seed):
    """Random points, each coordinate spread evenly over its interval, then the points of special interest."""
    count = RANDOM_POINTS
    rng = random.Random(seed)
    keys = coordinates(chain, env)
    columns = {}
    for key, variable in keys:
        strata = rng.sample(range(count), count)
        columns[key] = [_draw(variable, Fraction(s * 4096 + rng.randrange(1, 4096), count * 4096)) for s in strata]
    points = []
    for i in range(count):
        values = {**env, **{key: columns[key][i] for key, _ in keys}}
        for group in simplexes(chain, env):
            total = sum(values[key] for key in group)
            values |= {key: values[key] / total for key in group}
        points.append(Point(values, slow=i < POINTS_OF_INTEGRALS))
    base = points[0].values
    moves = [[{key: value} for value in _interesting(chain, key, variable, base)]
             for key, variable in keys if variable.kind != "simplex"]
    moves += [[_corner(group, key) for key in group] for group in simplexes(chain, env)]
    in_turn = (move for round_ in itertools.zip_longest(*moves) for move in round_ if move)
    special = [Point({**base, **move}, special=True) for move in (*_ties(chain, env, keys, base), *in_turn)]
    return points + special[:MOST_SPECIAL]


def _ties(chain, env, keys, base):
    """All coordinates equal, where their intervals allow it: 0, 1 or what the first is at random."""
    free = [(key, variable) for key, variable in keys if variable.kind != "simplex"]
    groups = simplexes(chain, env)
    if len(free) < 2 and not groups:
        return []
    centres = {key: Fraction(1, len(group)) for group in groups for key in group}
    values = dict.fromkeys((Fraction(0), Fraction(1), *(base[key] for key, _ in free[:1])))
    return [centres | {key: value for key, variable in free if inside(variable, value)} for value in values]


def _corner(group, corner):
    """A distribution that is nearly certain."""
    rest = NEAR / (len(group) - 1)
    return {key: 1 - NEAR if key == corner else rest for key in group}


def ends(variable):
    """The interval from which a variable is drawn; without one, a few units around 0."""
    low, high = variable.low, variable.high
    if low is None and variable.kind != "real":
        low = Fraction(0)
    if low is None:
        low = Fraction(-3) if high is None or high > -3 else high - 3
    if high is None:
        high = Fraction(3) if low < 3 else low + 3
    return low, high


def _draw(variable, position):
    low, high = ends(variable)
    exact = low + (high - low) * position
    rounded = round(exact, 4)                # readable in a counterexample
    return rounded if low < rounded < high else exact


def inside(variable, value):
    low, high = variable.low, variable.high
    if variable.kind != "real" and low is None:
        low = Fraction(0)
    return (low is None or low < value or low == value and variable.closed[0]) and \
        (high is None or value < high or value == high and variable.closed[1])


def _interesting(chain, key, variable, base):
    """0, 1, -1, the ends or what is near or far out, and every change of branch with both neighbours."""
    values = []
    for root in branch_points(chain, key, ends(variable), base):
        offset = Fraction(1, 10**9) * max(1, abs(root))
        values += [root, root - offset, root + offset]
    values += [0, 1, -1]
    for end, other, sign in ((variable.low, variable.high, -1), (variable.high, variable.low, 1)):
        if end is None and (variable.kind == "real" or sign == 1):
            values.append((other or 0) + sign * FAR)
        else:
            low, high = ends(variable)
            values += [end or Fraction(0), (end or 0) - sign * NEAR * (high - low)]
    return [value for value in dict.fromkeys(map(Fraction, values)) if inside(variable, value)]
