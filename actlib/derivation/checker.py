"""Checks each step of a derivation: at high precision at many points, then exactly."""

import ast
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

from . import chain as chains
from .branches import numbers
from .errors import ExpressionError, Undefined
from .evaluate import Evaluator
from .names import reached, unknown
from .points import POINTS_OF_INTEGRALS, RANDOM_POINTS, environments, sample
from .precision import settle
from .report import Report, Step
from .values import Value, counterexample, holds, undefined

DIGITS = 50                                     # what a numerical badge promises
GUARD = 2                                       # more are computed, so that the promised ones can be compared
FEWEST_DIGITS = 20                              # below that, a limit or an integral says too little
LADDER = (60, 80, 240, 480, 960)                # two are enough unless digits cancel
LADDER_OF_LIMITS = (60, 80, 240)                # derivatives and limits work with multiples of these
LADDER_OF_DOUBT = (1000, 2000)                  # before a step is refuted: 60 and 80 digits may lose the same term
LADDER_OF_DOUBTFUL_LIMITS = (240, 480)
LADDER_OF_INTEGRALS = (50, 70)                  # quadrature at hundreds of digits takes hours


class Refuted(Exception):
    """A step does not hold; the message is the counterexample."""


class Checker:
    """Evaluates the lines of one chain, each at the same points, and compares neighbours."""

    def __init__(self, chain):
        self.chain = chain
        seed = "\n".join(f"{line.relation} {line.source}" for line in chain.lines)
        self.points = []
        for env in environments(chain):
            self.points += sample(chain, env, f"{env} {seed}")
        self.algebras, self.values = {}, {}

    def value(self, i, place, doubt=False):
        """Line `i` at point number `place`; each is computed once and serves two steps."""
        if (i, place, doubt) not in self.values:
            self.values[i, place, doubt] = self._settled(self.chain.lines[i].node, self.points[place], doubt)
        return self.values[i, place, doubt]

    def _settled(self, node, point, doubt):
        try:
            ladder = self._ladder(node, doubt)
            number, known = settle(lambda digits: self._at(digits, node, point), DIGITS + GUARD, ladder)
            return Value(number, known - GUARD)
        except Undefined as error:
            return Value(problem=str(error))

    def _integrates(self, i):
        """Whether one of the sides of step `i` has an integral, which takes a second to compute."""
        return any("Int" in reached(self.chain, line.node) for line in self.chain.lines[i - 1:i + 1])

    def _ladder(self, node, doubt):
        used = reached(self.chain, node)
        if doubt:
            return LADDER_OF_DOUBTFUL_LIMITS if used & {"D", "Lim"} else LADDER_OF_DOUBT
        return LADDER_OF_INTEGRALS if "Int" in used else LADDER_OF_LIMITS if used & {"D", "Lim"} else LADDER

    def _at(self, digits, node, point):
        from .numeric import Numeric

        if digits not in self.algebras:
            self.algebras[digits] = Numeric(digits)
        algebra = self.algebras[digits]
        try:
            return Evaluator(algebra, self.chain.definitions)(node, numbers(algebra, point.values))
        except (OverflowError, ValueError, ZeroDivisionError, RecursionError) as error:
            raise Undefined(f"cannot be computed: {error}") from None      # what mpmath itself raises

    def _comparable(self, left, right):
        """Two values both as fractions or both as floating-point numbers."""
        if left.problem or right.problem or isinstance(left.number, Fraction) and isinstance(right.number, Fraction):
            return left, right
        floating = self.algebras[max(self.algebras)].floating
        return replace(left, number=floating(left.number)), replace(right, number=floating(right.number))

    def numerically(self, i):
        """Digits to which step `i` holds at all points, and the special points where a side is undefined.

        Raises
        ------
        Refuted
            With the first point where it does not hold.
        """
        relation, digits, gaps = self.chain.lines[i].relation, DIGITS, []
        integrates = self._integrates(i)
        for place, point in enumerate(self.points):
            if integrates and not point.slow:
                continue
            sides = [self.value(line, place) for line in (i - 1, i)]
            try:
                known = self._compare(relation, sides, point)
            except Refuted:
                if integrates or any(side.problem for side in sides):
                    raise
                sides = [self.value(line, place, doubt=True) for line in (i - 1, i)]
                if any(side.problem for side in sides):
                    raise
                if point.special and _lost(*sides):
                    continue
                known = DIGITS if self._strictly(i, point) else self._compare(relation, sides, point)
            if known is None:
                gaps.append((point, sides[0].problem or sides[1].problem))
            else:
                digits = min(digits, known)
        return digits, gaps

    def _compare(self, relation, sides, point):
        """Digits to which a relation holds at a point; None at a special point where a side is undefined."""
        left, right = self._comparable(*sides)
        if left.problem or right.problem:
            if point.special:
                return None
            raise Refuted(undefined(left, right, point))
        known = min(left.known, right.known)
        if known < FEWEST_DIGITS:
            raise Refuted(f"cannot be computed to {FEWEST_DIGITS} digits at {point}")
        if not holds(relation, left.number, right.number, known):
            raise Refuted(counterexample(left, right, point))
        return known

    def _strictly(self, i, point):
        """Whether two sides that agree in all digits computed differ after all: tanh(x) < 1 for large x."""
        relation, sides = self.chain.lines[i].relation, [line.node for line in self.chain.lines[i - 1:i + 1]]
        if relation not in ("<", ">"):
            return False
        node = ast.copy_location(ast.BinOp(sides[0], ast.Sub(), sides[1]), sides[0])
        difference = self._settled(node, point, doubt=True)
        return not difference.problem and difference.known >= FEWEST_DIGITS and difference.number != 0 and \
            (difference.number < 0) == (relation == "<")

    def step(self, i):
        """The verdict on line `i` as a `Step`."""
        line = self.chain.lines[i]
        step = unchecked(self.chain, line)
        if line.problem:
            return step
        if i == 0:
            return replace(step, status="start", badge="")
        if line.mark == "assumed":
            return replace(step, status="assumed", badge="assumed")
        if self.chain.lines[i - 1].problem:
            return step
        try:
            digits, gaps = self.numerically(i)
            exact = line.relation == "=" and line.mark != "tested" and self.exactly(i)
        except (Refuted, ExpressionError) as error:
            return replace(step, status="failed", badge="", counterexample=str(error))
        if not exact and line.relation == "=" and line.mark != "tested":
            message = "true at all points tried, but not shown exactly; if that is enough, mark the step [tested]"
            return replace(step, status="failed", badge="", counterexample=message)
        count = POINTS_OF_INTEGRALS if self._integrates(i) else RANDOM_POINTS
        badge = "exact" if exact else f"{digits} digits at {count} points"
        sizes = "; ".join(f"{name} = {', '.join(map(str, values))}" for name, values in self.chain.sizes.items())
        badge += f" ({sizes})" if sizes else ""
        badge += _where(gaps)
        return replace(step, status="exact" if exact else "tested", badge=badge)

    def exactly(self, i):
        from .proof import equal

        return equal(self.chain, self.chain.lines[i - 1].node, self.chain.lines[i].node)


def _lost(*sides):
    """Whether one side came out as 0 by cancellation while the other is smaller than what would be noticed."""
    enlarged = 10 ** (LADDER_OF_DOUBTFUL_LIMITS[-1] // 2)
    return any(one.number == 0 and not isinstance(one.number, Fraction) and abs(other.number) > 0 and
               abs(other.number) * enlarged < 1 for one, other in (sides, sides[::-1]))


def unchecked(chain, line):
    """A line as a `Step` without a verdict: it failed if it is malformed."""
    status, badge = ("failed", "") if line.problem else ("unchecked", "not checked")
    return Step(line.relation, line.source, line.reason, line.line, status, badge, line.problem, chain.names)


def _where(gaps):
    if not gaps:
        return ""
    return " where differentiable" if all("differentiable" in reason for _, reason in gaps) else " where defined"


def check(
    text: str,
    name: str | None = None,
    first_line: int = 1,
    *,
    path: str | None = None,
    on_step: Callable[[Step], object] | None = None,
) -> Report:
    """Check a derivation.

    Every step is evaluated on both sides with 50 digits, at 12 points per declared size and index and at the points
    of special interest: where a formula changes its branch, with both neighbours; 0, 1, -1; near the ends of an
    interval, and far out where it has none; with all variables equal; near the corners of a simplex. A step with an
    integral is evaluated at 4 points. An equality must then be shown exactly by SymPy, unless its author marked it
    ``[tested]``.

    Parameters
    ----------
    text : str
        Declarations, an expression, and lines ``= expression -- reason``.
    name : str, optional
        What to call the derivation in messages.
    first_line : int
        The line of the file at which the text begins.
    path : str, optional
        The file, for messages.
    on_step : callable, optional
        Called with each `Step` as soon as it is checked.

    Returns
    -------
    Report
        Malformed text is reported there too, with its line.

    Examples
    --------
    >>> report = check('''
    ... let sigma(x) = 1/(1 + exp(-x))
    ... real x in (-20, 20)
    ... D(sigma(x), x)
    ... = exp(-x)/(1 + exp(-x))**2   -- quotient rule
    ... = sigma(x)*(1 - sigma(x))    -- definition of sigma, twice
    ... <= 1/4                       -- h(1 - h) is largest at h = 1/2
    ... ''', name="sigma-prime")
    >>> report.ok
    True
    >>> [step.badge for step in report.steps[1:]]
    ['exact', 'exact', '50 digits at 12 points']
    """
    chain = chains.read(text, first_line)
    problems = chain.problems or unknown(chain)
    checker = None
    if not problems:
        try:
            checker = Checker(chain)
        except ExpressionError as error:
            problems = [(first_line, str(error))]
    steps = []
    for i, line in enumerate(chain.lines):
        step = checker.step(i) if checker else unchecked(chain, line)
        steps.append(step)
        if on_step:
            on_step(step)
    return Report(tuple(steps), tuple(problems), name, path)
