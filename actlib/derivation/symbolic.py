"""The exact algebra: SymPy. Says whether two expressions are equal for all values of the declared variables."""

import sys
from fractions import Fraction

from .errors import TooLarge, Undefined
from .numeric import LONGEST
from .points import coordinates, simplexes, written

WORK = 20_000_000              # calls a proof may take; a count, unlike seconds, is the same on every machine


class OutOfWork(BaseException):
    """The budget is spent. Not an Exception, so that no handler inside SymPy swallows it."""


class Symbolic:
    """Expressions of SymPy as the numbers of the language."""

    def __init__(self):
        from . import optional

        self.sympy = sp = optional.sympy()
        self.constants = {"pi": sp.pi, "oo": sp.oo}
        self.conditions = (bool, sp.logic.boolalg.Boolean)
        self.functions = {name: getattr(sp, name) for name in
                          "exp log sqrt sin cos atan tanh sinh cosh erf sign floor Abs Max Min".split()}

    def number(self, value):
        value = Fraction(value)
        return self.sympy.Rational(value.numerator, value.denominator)

    def operate(self, operator, left, right):
        if operator == "+":
            return left + right
        if operator == "-":
            return left - right
        if operator == "*":
            return left * right
        if operator == "**" and left.is_Rational and right.is_Integer and \
                abs(right) * max(left.p.bit_length(), left.q.bit_length()) > LONGEST:
            raise TooLarge(f"{left}**{right} is too large to write out")
        result = left / right if operator == "/" else left**right
        if result.has(self.sympy.zoo, self.sympy.nan):
            raise Undefined("division by zero")
        return result

    def compare(self, relation, left, right):
        sp = self.sympy
        kind = {"<": sp.Lt, "<=": sp.Le, ">": sp.Gt, ">=": sp.Ge, "==": sp.Eq, "!=": sp.Ne}[relation]
        return kind(left, right)

    def choose(self, rows):
        pairs = []
        for condition, value in rows:
            when = self.sympy.sympify(condition())
            if when == False:  # noqa: E712 (SymPy's own false)
                continue
            pairs.append((value(), when))
            if when == True:  # noqa: E712
                break
        return self.sympy.Piecewise(*pairs)

    def _alias(self, value):
        """A fresh symbol in place of a value, with what is known of it."""
        known = {name: True for name in ("positive", "negative") if getattr(value, "is_" + name, None)}
        return self.sympy.Dummy("v", real=True, **known)

    def derivative(self, function, at):
        symbol = self._alias(at)
        result = self.sympy.diff(function(symbol), symbol)
        if result.has(self.sympy.Derivative):
            result = result.doit()
        return result.subs(symbol, at)

    def limit(self, function, to, like, side):
        sp = self.sympy
        if not side and to == 0 and getattr(like, "is_positive", None):
            side = "+"
        above = to == sp.oo or to.is_positive or to == 0 and side == "+"
        below = to == -sp.oo or to.is_negative or to == 0 and side == "-"
        symbol = self._alias(sp.Integer(1) if above else sp.Integer(-1) if below else None)
        expression = function(symbol)
        if side or to.is_infinite:
            return sp.limit(expression, symbol, to, *side)
        right, left = (sp.limit(expression, symbol, to, one) for one in "+-")
        if left != right:
            raise Undefined("the limits from the two sides differ")
        return right

    def integral(self, function, low, high):
        symbol = self.sympy.Dummy("v", real=True)
        return self.sympy.integrate(function(symbol), (symbol, low, high))


def symbols(chain, env, algebra, narrow=False):
    """Sizes and indices as ints, variables as symbols that carry their intervals.

    With `narrow` a symbol whose interval does not begin or end at 0 is written through a positive one:
    x in (a, b) becomes a + (b - a)/(1 + u), which runs over exactly the open interval.
    """
    values = dict(env)
    for key, variable in coordinates(chain, env):
        values[key] = _symbol(algebra.sympy, written(key), variable, narrow)
    return values


def _symbol(sp, name, variable, narrow):
    low = variable.low if variable.kind == "real" else max(variable.low or Fraction(0), Fraction(0))
    high, (closed_low, closed_high) = variable.high, variable.closed
    exact = {end: sp.Rational(end.numerator, end.denominator) for end in (low, high) if end is not None}
    if narrow and not closed_low and not closed_high:
        step = sp.Symbol(name, positive=True)
        if low is not None and high is not None:
            return exact[low] + (exact[high] - exact[low]) / (1 + step)
        if low:
            return exact[low] + step
        if high:
            return exact[high] - step
    if low is not None and (low > 0 or low == 0 and not closed_low):
        return sp.Symbol(name, positive=True)
    if high is not None and (high < 0 or high == 0 and not closed_high):
        return sp.Symbol(name, negative=True)
    if low == 0:
        return sp.Symbol(name, nonnegative=True)
    if high == 0:
        return sp.Symbol(name, nonpositive=True)
    return sp.Symbol(name, real=True)


def constraints(chain, env, values):
    """What a simplex adds: its last entry is one minus the others."""
    return {values[group[-1]]: 1 - sum(values[key] for key in group[:-1]) for group in simplexes(chain, env)}


class Budget:
    """Stops what runs inside after a number of calls, on every platform and in every thread."""

    def __init__(self, calls=WORK):
        self.left = calls

    def __enter__(self):
        self.outer = sys.getprofile()
        self.counting = self.outer is None or callable(self.outer)     # cProfile could not be put back
        if self.counting:
            sys.setprofile(self._count)

    def __exit__(self, *_):
        if self.counting:
            sys.setprofile(self.outer)

    def _count(self, frame, event, argument):
        self.left -= 1
        if self.left < 0:
            sys.setprofile(self.outer)
            raise OutOfWork
