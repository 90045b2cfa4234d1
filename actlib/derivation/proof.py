"""Shows with SymPy that a difference is zero, by a list of means from quick to slow."""

import itertools

from .errors import Undefined
from .evaluate import Evaluator
from .names import reached
from .points import environments
from .symbolic import Budget, OutOfWork, Symbolic, constraints, symbols

MOST_REGIONS = 256
# SymPy's ways to say that it does not know
UNKNOWN = (Undefined, ArithmeticError, AttributeError, NotImplementedError, RecursionError, TypeError, ValueError)


def equal(chain, left, right):
    """Whether two parsed expressions are equal for all values of the declared variables, at every declared size.

    False means only that SymPy did not show it.
    """
    algebra = Symbolic()
    borders = not (reached(chain, left) | reached(chain, right)) & {"D", "Lim"}
    try:
        with Budget():
            return all(_equal_at(chain, env, algebra, left, right, borders) for env in environments(chain))
    except OutOfWork:
        return False


def _equal_at(chain, env, algebra, left, right, borders):
    """All quick means on all forms of the difference come before the first slow one, which may spend the budget."""
    forms = list(_forms(chain, env, algebra, left, right))

    def in_regions(sp, difference):
        return 0 if _zero_in_regions(sp, difference, borders) else 1

    groups = (*QUICK, in_regions), SLOW
    return any(_shows(means, algebra.sympy, form) for group in groups for form in forms for means in group)


def _forms(chain, env, algebra, left, right):
    """The difference of both sides, in the ways in which what is declared can be written into it."""
    sp = algebra.sympy
    for narrow in (False, True):
        values = symbols(chain, env, algebra, narrow)
        evaluate = Evaluator(algebra, chain.definitions)
        try:
            difference = sp.sympify(evaluate(left, values) - evaluate(right, values))
        except UNKNOWN:
            continue
        if difference.has(sp.nan, sp.zoo, sp.oo):
            continue
        constrained = {} if narrow else constraints(chain, env, values)
        if constrained:
            yield difference.subs(constrained)
        if not narrow or any(value.is_Atom is False for value in values.values() if not isinstance(value, int)):
            yield difference


def _shows(means, sp, form):
    try:
        return means(sp, form) == 0
    except UNKNOWN:
        return False


def _expanded(sp, difference):
    return sp.expand(difference)


def _rational(sp, difference):
    """Decides rational functions of exponentials: over one denominator, the numerator multiplied out."""
    expression = sp.expand_log(sp.expand_power_exp(difference.rewrite(sp.exp)))
    return sp.expand(sp.expand_power_exp(sp.fraction(sp.together(expression))[0]))


def _logarithms(sp, difference):
    """Writes what logarithms and powers are taken of as products, then takes these apart."""

    def product(expression):
        return sp.factor(sp.together(expression))

    powers = difference.replace(lambda e: e.is_Pow and e.base.is_Add, lambda e: product(e.base) ** e.exp)
    sums = powers.replace(lambda e: isinstance(e, sp.log) and e.args[0].is_Add, lambda e: sp.log(product(e.args[0])))
    return sp.expand(sp.expand_log(sums))


QUICK = (_expanded, _rational, _logarithms)
SLOW = (
    lambda sp, d: sp.simplify(d),
    lambda sp, d: sp.simplify(d.rewrite(sp.exp)),
    lambda sp, d: sp.simplify(sp.expand_log(d)),
    lambda sp, d: sp.simplify(sp.piecewise_fold(d.rewrite(sp.Piecewise))),
)


def _zero_in_regions(sp, difference, borders):
    """Splits at the constants where Max, Abs, sign or a condition changes: whether every part is zero.

    With `borders` the constants themselves are parts too. Derivatives have their kinks there, and no value.
    """
    pieces = difference.atoms(sp.Max, sp.Min, sp.Abs, sp.sign, sp.Piecewise, sp.Heaviside, sp.DiracDelta)
    if not pieces:
        return False
    cuts = _cuts(sp, difference)
    if not cuts:
        return False
    options = [[(symbol, part) for part in _parts(sp, symbol, places, borders)] for symbol, places in cuts.items()]
    if len(list(itertools.product(*options))) > MOST_REGIONS:
        return False
    for choice in itertools.product(*options):
        part = sp.piecewise_fold(difference.subs(dict(choice)).doit())
        if part.has(sp.nan, sp.zoo) and any(value.is_number for _, value in choice):
            continue                                 # a gap on a border, which the numbers find and the badge tells
        if part.atoms(sp.Piecewise, sp.Heaviside):
            return False
        if not any(means(sp, part) == 0 for means in (_expanded, _rational, _logarithms, *SLOW[:2])):
            return False
    return True


def _cuts(sp, difference):
    """For each symbol the numbers at which a branch may change."""
    switches = set()
    for piece in difference.atoms(sp.Max, sp.Min):
        switches |= {a - b for a, b in itertools.combinations(piece.args, 2)}
    switches |= {piece.args[0] for piece in difference.atoms(sp.Abs, sp.sign, sp.Heaviside, sp.DiracDelta)}
    relations = difference.atoms(sp.core.relational.Relational)
    switches |= {relation.lhs - relation.rhs for relation in relations}
    cuts = {}
    for switch in {plain for given in switches for plain in _without_choices(sp, given)}:
        if switch.is_number:
            continue
        if len(switch.free_symbols) != 1:
            return {}
        (symbol,) = switch.free_symbols
        if not switch.is_polynomial(symbol) or sp.degree(switch, symbol) != 1:
            return {}
        cuts.setdefault(symbol, set()).update(sp.solve(switch, symbol))  # none, if the symbol is positive, the root not
    return {symbol: places for symbol, places in cuts.items() if places}


def _without_choices(sp, switch):
    """What a difference may be where it contains Max, Min or Abs itself, as in Min(Max(-1, x), 1)."""
    inner = sorted(switch.atoms(sp.Max, sp.Min, sp.Abs), key=str)
    if not inner:
        return {switch}
    piece = inner[0]
    options = (*piece.args, -piece.args[0]) if isinstance(piece, sp.Abs) else piece.args
    return {plain for option in options for plain in _without_choices(sp, switch.subs(piece, option))}


def _parts(sp, symbol, places, borders):
    """Open intervals between the places, each as a function of a positive symbol that runs over all of it."""
    step = sp.Dummy("u", positive=True)
    if symbol.is_positive or symbol.is_negative:
        places = {place for place in places if place > 0} if symbol.is_positive else {p for p in places if p < 0}
        places = places | {sp.Integer(0)}
    places = sorted(places)
    inner = [a + (b - a) / (1 + step) for a, b in itertools.pairwise(places)]
    below = [] if symbol.is_positive else [places[0] - step]
    above = [] if symbol.is_negative else [places[-1] + step]
    return below + inner + above + [place for place in places if borders and not (place == 0 and symbol.is_nonzero)]
