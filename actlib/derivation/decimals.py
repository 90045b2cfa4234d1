"""The decimal algebra: the standard library alone, for an oracle that needs no package."""

import decimal
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from .errors import ExpressionError, Undefined

LARGEST_EXPONENTS = {"Emax": decimal.MAX_EMAX, "Emin": decimal.MIN_EMIN}


@lru_cache(maxsize=32)
def pi(digits):
    """pi by Machin's formula, 16 atan(1/5) - 4 atan(1/239), in integers."""
    unit = 10 ** (digits + 10)

    def arctangent_of_inverse(n):
        term = total = unit // n
        divisor, sign = 1, -1
        while term:
            term //= n * n
            divisor += 2
            total += sign * (term // divisor)
            sign = -sign
        return total

    return Fraction(16 * arctangent_of_inverse(5) - 4 * arctangent_of_inverse(239), unit)


class Decimals:
    """Real numbers of `precision` decimal digits, with the largest exponents that `decimal` has.

    exp overflows to Infinity and underflows to 0, as in floating point. Limits and integrals are not offered.
    """

    conditions = (bool,)

    def __init__(self, precision):
        context = self.context = decimal.Context(prec=precision + 10, traps=[], **LARGEST_EXPONENTS)
        self.functions = {
            "exp": context.exp, "log": self._log, "sqrt": self._sqrt, "tanh": self._tanh, "sinh": self._sinh,
            "cosh": self._cosh, "erf": self._erf, "sin": self._sine, "cos": self._cosine, "atan": self._arctangent,
            "floor": self._floor, "Abs": context.abs, "sign": self._sign,
            "Max": lambda *values: max(values), "Min": lambda *values: min(values),
        }

    @property
    def pi(self):
        circle = pi(self.context.prec)
        return self.context.divide(Decimal(circle.numerator), Decimal(circle.denominator))

    @property
    def constants(self):
        return {"pi": self.pi, "oo": Decimal("Infinity")}

    def number(self, value):
        if isinstance(value, float):
            value = Decimal(value)
        if isinstance(value, Fraction):
            return self.context.divide(Decimal(value.numerator), Decimal(value.denominator))
        return Decimal(value)

    def operate(self, operator, left, right):
        context = self.context
        if right == 0 and operator == "/" or left == 0 and right < 0 and operator == "**":
            raise Undefined(f"division by zero in {left:.6g} {operator} {right:.6g}")
        if operator == "**" and left < 0 and right != right.to_integral_value():
            raise Undefined(f"{left:.6g} ** {right:.6g} is not real")
        if operator == "**" and right == 0:
            return Decimal(1)                         # decimal calls 0**0 invalid
        method = {"+": context.add, "-": context.subtract, "*": context.multiply, "/": context.divide,
                  "**": context.power}[operator]
        return self._real(method(left, right), f"{left:.6g} {operator} {right:.6g}")

    @staticmethod
    def _real(value, what):
        if value.is_nan():
            raise Undefined(f"{what} is not a number")
        return value

    @staticmethod
    def compare(relation, left, right):
        return {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right,
                "==": left == right, "!=": left != right}[relation]

    @staticmethod
    def choose(rows):
        for condition, value in rows:
            if condition():
                return value()
        raise Undefined("no case applies")

    def derivative(self, function, at):
        """Central difference with the step 10^-p at three times the precision p."""
        precision = self.context.prec
        self.context.prec = 3 * precision
        try:
            with decimal.localcontext(self.context):
                step = Decimal(10) ** -precision * (abs(at) or 1)
                return (function(at + step) - function(at - step)) / (2 * step)
        finally:
            self.context.prec = precision

    def limit(self, function, to, like, side):
        raise ExpressionError("Lim is not available in decimal arithmetic")

    def integral(self, function, low, high):
        raise ExpressionError("Int is not available in decimal arithmetic")

    def _log(self, x):
        if x <= 0:
            raise Undefined(f"log({x:.6g}) is not real")
        return self.context.ln(x)

    def _sqrt(self, x):
        if x < 0:
            raise Undefined(f"sqrt({x:.6g}) is not real")
        return self.context.sqrt(x)

    def _sign(self, x):
        return Decimal((x > 0) - (x < 0))

    def _floor(self, x):
        return x.to_integral_value(decimal.ROUND_FLOOR)

    def _tanh(self, x):
        if x < 0:  # not -x, which rounds to the digits of the caller's context
            return self._tanh(x.copy_negate()).copy_negate()
        if self._is_tiny(x):
            return x
        with decimal.localcontext(self.context) as context:
            context.prec += max(0, -x.adjusted())
            shrunk = (-2 * x).exp()
            return (1 - shrunk) / (1 + shrunk)

    def _sinh(self, x):
        if self._is_tiny(x):
            return x
        with decimal.localcontext(self.context) as context:
            context.prec += max(0, -x.adjusted())
            return (x.exp() - (-x).exp()) / 2

    def _is_tiny(self, x):
        """Is x**2 beyond the last digit against 1, so that sinh(x) and tanh(x) are x?"""
        return 2 * x.adjusted() < -self.context.prec

    def _cosh(self, x):
        with decimal.localcontext(self.context):
            return (x.exp() + (-x).exp()) / 2

    def _erf(self, x):
        """2/sqrt(pi) exp(-x^2) times the sum of 2^n x^(2n+1)/(2n+1)!!, whose terms are all positive."""
        if x < 0:
            return self._erf(x.copy_negate()).copy_negate()
        with decimal.localcontext(self.context) as context:
            square = x * x
            if square > context.prec * Decimal("2.31"):              # 1 - erf(x) < exp(-x^2) is below the last digit
                return Decimal(1)
            term = total = x
            n = 0
            while term > total.scaleb(-context.prec):
                n += 1
                term *= 2 * square / (2 * n + 1)
                total += term
            return 2 / self.pi.sqrt() * (-square).exp() * total

    def _sine(self, x):
        with decimal.localcontext(self.context):
            return self._cosine(x - self.pi / 2)

    def _cosine(self, x):
        """The Taylor series, after removing multiples of 2 pi with digits enough for the size of the argument."""
        with decimal.localcontext(self.context) as context:
            digits = context.prec
            context.prec += max(0, x.adjusted()) + 10
            turn = pi(context.prec)
            turn = 2 * Decimal(turn.numerator) / Decimal(turn.denominator)
            x = x - turn * (x / turn).to_integral_value()
            term, total, n = Decimal(1), Decimal(1), 0
            while abs(term) > Decimal(10) ** -context.prec:
                n += 2
                term *= -x * x / (n * (n - 1))
                total += term
            context.prec = digits
            return +total

    def _arctangent(self, x):
        """Halves the angle until the series is quick."""
        with decimal.localcontext(self.context):
            halvings = 0
            while abs(x) > Decimal("0.1"):
                x, halvings = x / (1 + (1 + x * x).sqrt()), halvings + 1
            power = total = x
            n = 1
            while power and abs(power) > abs(total).scaleb(-self.context.prec):
                power *= -x * x
                n += 2
                total += power / n
            return total * 2**halvings
