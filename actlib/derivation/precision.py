"""How many digits of a computed number are right: compute it again with twice as many, and compare.

At a fixed precision a formula may lose everything to cancellation and still return a number: at 80 digits
log(1 + exp(-800)) is 0. Doubling the precision until two results agree tells a small number from a lost one.
"""

from .errors import Undecided, Undefined


def settle(compute, digits, ladder):
    """Compute a real number until `digits` digits of it are known.

    Parameters
    ----------
    compute : callable
        ``compute(precision)`` evaluates with that many decimal digits. mpmath's and decimal's numbers both serve.
    digits : int
        How many digits are wanted.
    ladder : sequence of int
        The precisions to try, each at least twice the one before.

    Returns
    -------
    value
        The number. It is exactly 0 if it shrank with every precision, as rounding errors around a true zero do.
    known : int
        Digits in which the last two precisions agree, at most `digits`.

    Raises
    ------
    Undefined
        If the expression has no real value.
    """
    previous, known = None, 0
    for precision, before in zip(ladder, (None, *ladder), strict=False):
        try:
            value = compute(precision)
        except Undecided:
            if precision == ladder[-1]:
                raise
            continue
        if previous is not None:
            known = agreement(previous, value, digits)
            if known >= digits and value != 0:
                return value, digits
        last, previous = previous, value
    if previous != previous:
        raise Undefined("not a number")
    if vanished(last, previous, before):
        return previous * 0, digits
    return previous, known


def vanished(last, value, precision):
    """Whether a number is nothing but rounding error: it shrank by half of the digits that were added."""
    return value == 0 or last is not None and abs(value) <= abs(last) * type(value)(10) ** -(precision // 2)


def agreement(left, right, most):
    """In how many leading decimal digits two numbers agree (relative to the larger one), at most `most`."""
    if left == right:
        return most
    largest = max(abs(left), abs(right))
    difference = abs(left - right)
    if not difference <= largest:             # opposite signs, infinities, NaN
        return 0
    known = 0
    while known < most and difference * 10 <= largest:
        difference, known = difference * 10, known + 1
    return known
