"""Where the formulas of a chain change their branch: at these points a wrong condition shows, at others hardly ever."""

import ast
import itertools
from contextlib import suppress
from fractions import Fraction

from .errors import ExpressionError, Undefined
from .evaluate import Evaluator
from .names import reached

SWITCHES = ("Max", "Min", "Abs", "sign", "cases", "Maximum", "Minimum")
GRID = 24                                    # cells in which a change of branch is looked for, per coordinate


def branch_points(chain, key, interval, base):
    """Values of one coordinate at which a comparison, Max, Min, Abs or sign in the chain changes its side."""
    nodes = [line.node for line in chain.lines if line.node is not None and "Int" not in reached(chain, line.node)]
    bodies = nodes + [body for _, body in chain.definitions.values()]
    if not any(map(_switches, (part for body in bodies for part in ast.walk(body)))):
        return []
    differences = _observer(chain, nodes, key, base)
    low, high = interval
    grid = [low + (high - low) * Fraction(i, GRID) for i in range(1, GRID)]
    seen = [(x, differences(x)) for x in grid]
    roots = []
    for (left, at_left), (right, at_right) in itertools.pairwise(seen):
        roots += [left for value in at_left.values() if value == 0]
        for switch in at_left.keys() & at_right.keys():
            ends = at_left[switch], at_right[switch]
            if (ends[0] > 0) != (ends[1] > 0) and ends[1] != 0 != ends[0]:
                roots.append(_root(lambda x, s=switch: differences(x).get(s), left, right, *ends))
    return list(dict.fromkeys(root for root in roots if root is not None))


def _switches(node):
    """Whether a part of a formula may change its branch, or have a gap: a denominator like x - 1/3."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
        below = list(ast.walk(node.right))
        return any(isinstance(part, ast.Add | ast.Sub) for part in below) and \
            not any(isinstance(part, ast.Call) for part in below)
    return isinstance(node, ast.Name) and node.id in SWITCHES


def _root(difference, left, right, at_left, at_right):
    """Where a difference is zero: exactly if it is linear, to about ten digits otherwise."""
    for _ in range(36):
        straight = float(at_left) / (float(at_left) - float(at_right))
        guess = (left + (right - left) * Fraction(straight)).limit_denominator(10**6)
        for x in (guess, (left + right) / 2):
            value = difference(x)
            if value is None or value == 0:
                return None if value is None else x
            if left < x < right:
                if (value > 0) == (at_left > 0):
                    left, at_left = x, value
                else:
                    right, at_right = x, value
    return left


def _observer(chain, nodes, key, base):
    """A function from a value of one coordinate to the differences that decide the branches there."""
    from .numeric import Numeric

    algebra = Numeric(30)
    found = {}

    def observe(node, left, right):
        count = sum(1 for other in found if other[0] == id(node))
        found[id(node), count] = algebra.operate("-", left, right)

    def differences(value):
        found.clear()
        variables = numbers(algebra, {**base, key: value})
        for node in list(nodes):
            try:
                with suppress(Undefined, OverflowError, ValueError, ZeroDivisionError):
                    Evaluator(algebra, chain.definitions, observe)(node, variables)
            except (ExpressionError, RecursionError):             # said where the line itself is checked
                nodes.remove(node)
        return dict(found)

    return differences


def numbers(algebra, values):
    """The coordinates of a point as numbers of an algebra; sizes and indices stay ints."""
    return {key: value if isinstance(value, int) else algebra.number(value) for key, value in values.items()}
