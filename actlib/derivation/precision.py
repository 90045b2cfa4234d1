"""How many digits of a computed number are right: compute it again with twice as many, and compare.

At a fixed precision a formula may lose everything to cancellation and still return a number: at 80 digits
log(1 + exp(-800)) is 0. Doubling the precision until two results agree tells a small number from a lost one.
"""

from fractions import Fraction

from .errors import Undefined


def settle(compute, digits, ladder):
    """Compute a real number until `digits` digits of it are known.

    Parameters
    ----------
    compute : callable
        ``compute(precision)`` evaluates with that many decimal digits. mpmath's and decimal's numbers both serve.
    digits : int
        How many digits are wanted.
    ladder : sequence of int
        The precisions to try, rising.

    Returns
    -------
    value
        The number. It is exactly 0 if it shrank with every precision, as rounding errors around a true zero do.
    known : int
        Digits in which the last two precisions agree, at most `digits`.

    Raises
    ------
    Undefined
        If the expression has no real value, even with the most digits.
    """
    found = []                                 # (precision, value)
    known = 0
    for precision in ladder:
        try:
            value = compute(precision)
        except Undefined as error:
            failure = error                    # or so it seems: log(exp(1e-100) - 1) is log(0) to 60 digits
            continue
        if isinstance(value, Fraction):
            return value, digits               # exact
        if value != value:
            raise Undefined("not a number")
        known = agreement(found[-1][1], value, digits) if found else 0
        found.append((precision, value))
        if known >= digits and value != 0:
            return value, digits
    if not found or found[-1][0] != ladder[-1]:
        raise failure
    if vanished(found):
        return value * 0, digits
    return value, known


def vanished(found):
    """Whether the last number is nothing but rounding error.

    That is so if it shrank by half of the digits added since some earlier precision. If all the earlier ones gave
    exactly 0 there is nothing to compare with: then it is so below the middle of its own digits.
    """
    (precision, value), *others = reversed(found)
    scales = [(before, abs(other)) for before, other in others if other] or [(0, 1)]
    return any(abs(value) <= other * type(value)(10) ** -((precision - before) // 2) for before, other in scales)


def agreement(left, right, most):
    """In how many leading decimal digits two numbers agree (relative to the larger one), at most `most`."""
    if left == right:
        return most
    largest = max(abs(left), abs(right))
    difference = abs(left - right)
    if not difference <= largest or difference == 2 * difference:     # opposite signs, NaN, infinities
        return 0
    known = 0
    while known < most and difference * 10 <= largest:
        difference, known = difference * 10, known + 1
    return known
