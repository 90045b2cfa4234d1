"""One side of a step at one point, and the comparison of two."""

from dataclasses import dataclass
from fractions import Fraction

from .precision import agreement


@dataclass(frozen=True)
class Value:
    """One side at one point: a number and how many of its digits are right, or why it is none."""

    number: object = None
    known: int = 0
    problem: str = ""

    def __str__(self):
        return self.problem or shown(self.number, 12)


def shown(number, digits):
    from . import optional

    mpmath = optional.mpmath()
    if isinstance(number, Fraction):
        number = mpmath.mpf(number.numerator) / number.denominator
    return mpmath.nstr(number, digits)


def holds(relation, left, right, digits):
    """Whether a relation holds between two fractions, or two numbers of which that many digits are known."""
    exact = isinstance(left, Fraction)
    same = left == right or not exact and agreement(left, right, digits) >= digits
    if relation == "=":
        return same
    if relation in ("<=", ">="):
        return same or (left < right) == (relation == "<=")
    return not same and (left < right) == (relation == "<")


def counterexample(left, right, point):
    text = f"left = {left}, right = {right}"
    if str(left) == str(right):                                       # they differ beyond the digits shown
        text += f", right - left = {shown(right.number - left.number, 3)}"
    return f"{text} at {point}".removesuffix(" at ")


def undefined(left, right, point):
    if left.problem and right.problem:
        return f"neither side is defined at {point}: {left.problem}; narrow the interval of the variable"
    side, problem = ("left", left.problem) if left.problem else ("right", right.problem)
    return f"the {side} side has no value at {point}: {problem}"
