"""Where a derivation is evaluated: every size and index, random points, and the points where formulas change branch.

All coordinates are fractions, so a point is the same number at every precision, and the random ones come from the text
of the derivation, so a check gives the same answer everywhere.
"""

import itertools
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
        return {"+": lambda: left + right, "-": lambda: left - right, "*": lambda: left * right,
                "/": lambda: left / right, "**": lambda: left**right}[operator]()


@dataclass(frozen=True)
class Point:
    """A place of evaluation: ``values`` maps "x" and ("z", 1) to Fractions, sizes and indices to ints."""

    values: dict
    special: bool = False

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
    return found


def _bounded(found):
    if len(found) > MOST_ENVIRONMENTS:
        raise ExpressionError(f"more than {MOST_ENVIRONMENTS} combinations of sizes and indices: declare fewer")


def _range(low, high, env):
    evaluator = Evaluator(Integers)
    low, high = (evaluator(end, env) for end in (low, high))
    if low.denominator != 1 or high.denominator != 1:
        raise ExpressionError("the bounds of an index are not integers")
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


def sample(chain, env, seed, count=RANDOM_POINTS):
    """Random points, each coordinate spread evenly over its interval, then the points of special interest."""
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
        points.append(Point(values))
    if count < RANDOM_POINTS:
        return points                        # integrals are too slow for more
    base = points[0].values
    special = [Point({**base, key: value}, special=True) for key, variable in keys if variable.kind != "simplex"
               for value in _interesting(chain, key, variable, base)]
    return points + special[:MOST_SPECIAL]


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
    """0, 1, -1, the closed ends, and both neighbours of every place where a formula changes its branch."""
    values = [Fraction(v) for v in (0, 1, -1)]
    values += [end for end in (variable.low, variable.high) if end is not None]
    for root in branch_points(chain, key, ends(variable), base):
        offset = Fraction(1, 10**9) * max(1, abs(root))
        values += [root, root - offset, root + offset]
    return [value for value in dict.fromkeys(values) if inside(variable, value)]
