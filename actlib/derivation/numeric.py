"""The numeric algebra: mpmath, independent of SymPy. Derivatives, limits and integrals are computed, not derived."""

import itertools
import operator as operators
from fractions import Fraction

from .errors import ExpressionError, TooLarge, Undecided, Undefined

APPLY = {"+": operators.add, "-": operators.sub, "*": operators.mul, "/": operators.truediv, "**": operators.pow}
LARGEST = 4_000                 # bits of the argument of exp or sin beyond which it would take too long
LONGEST = 20_000                # bits of a fraction beyond which it is no longer kept exact


class Numeric:
    """Real numbers of `precision` decimal digits; fractions stay exact until a function meets them.

    Every operation raises `Undefined` where its result is not a real number, and `Undecided` where two numbers that
    should be compared differ by no more than rounding. Has its own mpmath context: nobody's precision is changed.
    """

    conditions = (bool,)

    def __init__(self, precision):
        from . import optional

        context = self.context = optional.mpmath().mp.clone()
        context.dps = precision + 10
        self.constants = {"pi": context.mpf(context.pi), "oo": context.inf}
        self.functions = {name: self._real(name, getattr(context, name)) for name in
                          "exp log sqrt sin cos atan tanh sinh cosh erf".split()}
        self.functions |= {"Abs": abs, "sign": self._sign, "floor": self._floor, "Max": self._largest,
                           "Min": self._smallest}

    def number(self, value):
        return Fraction(value)

    def floating(self, value):
        if isinstance(value, Fraction):
            return self.context.mpf(value.numerator) / value.denominator
        return self.context.mpf(value)

    def operate(self, operator, left, right):
        if isinstance(left, Fraction) and isinstance(right, Fraction):
            exact = self._exactly(operator, left, right)
            if exact is not None:
                return exact
        given = left, right
        try:
            if operator == "**":
                left, right = self.floating(left), self._short(right)
                self._bounded("power", self.context.mpf(right) * (self.context.mag(left) if left else 0))
            elif isinstance(left, Fraction):
                left, right = self._short(left), self.floating(right)
            else:
                right = self._short(right)
            result = APPLY[operator](left, right)
        except ZeroDivisionError:
            raise Undefined(f"division by zero in {self._shown(operator, *given)}") from None
        if isinstance(result, self.context.mpc) or result != result:
            raise Undefined(f"{self._shown(operator, *given)} is not real")
        return result

    def _short(self, value):
        """An operand beside a floating-point number: an int where it is one, which mpmath handles faster."""
        if isinstance(value, Fraction) and value.denominator == 1:
            return value.numerator
        return self.floating(value)

    def _exactly(self, operator, left, right):
        """The result as a fraction; None where it is none, or one too long to be of use."""
        if operator == "**":
            if right.denominator != 1 or left == 0 and right < 0:
                return None
            if abs(right) * max(left.numerator.bit_length(), left.denominator.bit_length()) > LONGEST:
                return None
            return left ** int(right)
        if operator == "/" and right == 0:
            return None
        result = APPLY[operator](left, right)
        return result if result.denominator.bit_length() < LONGEST else None

    def compare(self, relation, left, right):
        if not (isinstance(left, Fraction) and isinstance(right, Fraction)):
            left, right = map(self.floating, (left, right))
            self._tell_apart(left, right)
        return {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right,
                "==": left == right, "!=": left != right}[relation]

    def _tell_apart(self, left, right):
        noise = self.context.mpf(2) ** -(4 * self.context.prec // 5)
        if left != right and abs(left - right) <= noise * max(abs(left), abs(right)):
            raise Undecided(f"{self._show(left)} and {self._show(right)} differ by no more than rounding")

    def choose(self, rows):
        for condition, value in rows:
            if condition():
                return value()
        raise Undefined("no case applies")

    def derivative(self, function, at):
        """Central difference with the step 10^-p at three times the precision p, if the two sides agree."""
        context = self.context
        precision = context.prec
        at = self.floating(at)
        with context.workprec(3 * precision + 60):
            step = (abs(at) or 1) * context.mpf(2) ** -precision
            middle = self.floating(function(at))
            left, right = self._slopes(function, at, middle, step)
            closer = self._slopes(function, at, middle, step * context.mpf(2) ** -50)
            # A kink's jump stays when the step shrinks; that of a smooth function shrinks along.
            jump, jump_closer = abs(right - left), abs(closer[1] - closer[0])
            size = max(abs(left), abs(right))
            noise = context.mpf(2) ** -(3 * precision // 2) * max(1, abs(middle))
            if jump > size * context.mpf(2) ** -(precision // 4) and jump_closer > jump / 2 and jump_closer > noise:
                raise Undefined(f"not differentiable at {self._show(at)}")
            return (left + right) / 2

    def _slopes(self, function, at, middle, step):
        left, right = self.floating(function(at - step)), self.floating(function(at + step))
        return (middle - left) / step, (right - middle) / step

    def limit(self, function, to, like, side):
        """The value very near: 10^-p from the point, or at 10^p. Without a side from both, where both are defined."""
        context = self.context
        near = context.mpf(10) ** -context.dps
        to = self.floating(to)

        def values(place):
            return [self.floating(function(place(distance))) for distance in (context.sqrt(near), near)]

        with context.workprec(4 * context.prec):
            if context.isinf(to):
                if side:
                    raise ExpressionError("a limit at infinity has no sides")
                return self._tendency(values(lambda distance: context.sign(to) / distance))
            found = []
            for sign in {"+": (1,), "-": (-1,)}.get(side, (1, -1)):
                try:
                    found.append(values(lambda distance, s=sign: to + s * distance))
                except TooLarge:
                    raise
                except Undefined as error:
                    failure = error
            if not found:
                raise failure
            if len(found) == 2 and self._apart(*found, near):
                raise Undefined(f"the limits from the two sides of {self._show(to)} differ")
            return self._tendency(found[0])

    def _tendency(self, values):
        far, close = values
        if abs(far) > 1e6 and abs(close) > abs(far) ** self.context.mpf("1.2"):
            return self.context.inf * self.context.sign(close)
        return close

    def _apart(self, right, left, near):
        """Whether two limits differ: a jump stays when the point comes nearer, whatever its size."""
        limits = self._tendency(right), self._tendency(left)
        if any(map(self.context.isinf, limits)):
            return limits[0] != limits[1]
        jump, jump_nearer = (abs(a - b) for a, b in zip(right, left, strict=True))
        return jump_nearer > jump / 2 and jump_nearer > self.context.sqrt(near) * max(map(abs, limits))

    def integral(self, function, low, high):
        """By quadrature on both sides of 0: 1/x from -1 to 1 has none, although its halves would cancel."""
        context = self.context
        low, high = self.floating(low), self.floating(high)
        places = [low, context.mpf(0), high] if low < 0 < high else [low, high]
        total = context.mpf(0)
        for piece in itertools.pairwise(places):
            value, error = context.quad(lambda x: self.floating(function(x)), piece, error=True)
            noise = context.mpf(10) ** -(context.dps // 2)
            if not error < 0.1 or error > noise and error > abs(value) * 1e-10:       # mpmath says at most 1
                raise Undefined("the integral does not exist, or converges too slowly to be computed")
            total += value
        return total

    def _real(self, name, function):
        def real(x):
            x = self.floating(x)
            if name in ("exp", "sinh", "cosh", "sin", "cos"):
                if name == "exp" and x < 0 and self.context.mag(x) > LARGEST:
                    return self.context.mpf(0)
                self._bounded(name, x)
            result = function(x)
            if isinstance(result, self.context.mpc) or result != result or name == "log" and x == 0:
                raise Undefined(f"{name}({self._show(x)}) is not real")
            return result

        return real

    def _bounded(self, name, exponent):
        """mpmath would compute exp(exp(10^6)) for days."""
        if not self.context.isinf(exponent) and self.context.mag(exponent) > LARGEST:
            raise TooLarge(f"{name} is too large to compute")

    def _shown(self, operator, left, right):
        return f"{self._show(left)} {operator} {self._show(right)}"

    def _sign(self, x):
        return Fraction((x > 0) - (x < 0))

    def _floor(self, x):
        if isinstance(x, Fraction):
            return Fraction(x.__floor__())
        if self.context.isinf(x):
            return x
        if self.context.mag(x) > LONGEST:
            raise TooLarge("floor is too large to compute")
        return Fraction(int(self.context.floor(x)))

    def _largest(self, *values):
        return max(values, key=self._comparable(values))

    def _smallest(self, *values):
        return min(values, key=self._comparable(values))

    def _comparable(self, values):
        return None if all(isinstance(value, Fraction) for value in values) else self.floating

    def _show(self, value):
        return self.context.nstr(self.floating(value), 6)
