"""Definitions evaluated to as many digits as asked for, with the standard library alone."""

import decimal
from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from numbers import Integral, Real
from typing import Any

from .decimals import Decimals
from .errors import ExpressionError, Undefined
from .evaluate import Evaluator
from .language import parse
from .precision import settle

TOP = 1280                                     # digits at which a result that is still vanishing is called 0
_parse = lru_cache(maxsize=1024)(parse)


def evaluate_definition(definition: str, /, *, digits: int = 40, **values: Any) -> Decimal:
    """Evaluate a formula with decimal arithmetic, doubling the precision until two results agree.

    Parameters
    ----------
    definition : str
        In the language of :mod:`actlib.derivation`, for example ``"log(1 + exp(x))"``. ``Lim`` and ``Int`` are not
        available; ``D`` is.
    digits : int
        How many decimal digits must be right.
    **values
        The variables, by name. A float counts as the number that it is, exactly; use a str or a Decimal for a decimal
        fraction. An array is a (nested) sequence and its indices begin with 1.

    Returns
    -------
    decimal.Decimal
        Infinity and 0 beyond the exponents of `decimal`. A result that vanishes against its terms by hundreds of
        digits is 0: ``log(1 + exp(x))`` is still right at x = -1000.

    Raises
    ------
    Undefined
        If there is no real value, as of log(-1), or it is not settled to that many digits.
    ExpressionError
        If the text is not in the language or names an unknown variable.

    Examples
    --------
    >>> evaluate_definition("log(1 + exp(x))", x=-800.0, digits=10)
    Decimal('3.667874584E-348')
    >>> evaluate_definition("exp(z[k]) / Sum(exp(z[j]), j, 1, K)", z=[1, 2, 3], K=3, k=3, digits=10)
    Decimal('0.6652409558')
    """
    tree = _parse(definition)

    def compute(precision):
        algebra = Decimals(precision)
        variables = {}
        for name, value in values.items():
            variables |= _entries(algebra, name, value)
        return Evaluator(algebra)(tree, variables)

    ladder = [2 * digits]
    while ladder[-1] < max(TOP, 16 * digits):
        ladder.append(2 * ladder[-1])
    with decimal.localcontext(decimal.Context(prec=4 * digits, traps=[], Emax=decimal.MAX_EMAX, Emin=decimal.MIN_EMIN)):
        result, known = settle(compute, digits, ladder)
        if known < digits:
            raise Undefined(f"{definition!r} does not settle to {digits} digits")
    with decimal.localcontext(decimal.Context(prec=digits, traps=[], Emax=decimal.MAX_EMAX, Emin=decimal.MIN_EMIN)):
        return +result


def _entries(algebra, key, value):
    """A value as entries of the evaluator's variables: a sequence has one for each of its elements."""
    if isinstance(value, bool | Mapping):
        raise ExpressionError(f"{key} is {value!r}, not a number or a sequence of numbers")
    if isinstance(value, Integral):
        return {key: int(value)}
    if isinstance(value, Decimal | Fraction):
        return {key: algebra.number(value)}
    if isinstance(value, Real):
        return {key: Decimal(float(value))}
    if isinstance(value, str):
        try:
            return {key: algebra.number(Fraction(value))}
        except (ValueError, ZeroDivisionError):
            raise ExpressionError(f"{key} is {value!r}, which is not a number") from None
    if getattr(value, "ndim", None) == 0:
        return _entries(algebra, key, value.item())
    if not isinstance(value, Iterable):
        raise ExpressionError(f"{key} is {value!r}, not a number or a sequence of numbers")
    entries = {}
    for index, element in enumerate(value, 1):
        entries |= _entries(algebra, (key, index) if isinstance(key, str) else (*key, index), element)
    return entries
