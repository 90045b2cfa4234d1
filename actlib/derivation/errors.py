"""What can go wrong, in four words: the text, the value, the comparison, the derivation."""


class DerivationError(Exception):
    """A derivation, or one expression of it, does not stand.

    Raised by `Report.raise_if_failed`; its message names file, line, step and counterexample.
    """


class ExpressionError(DerivationError):
    """The text of an expression or declaration is not in the language.

    Attributes
    ----------
    column : int or None
        Where in the expression, counted from 1; None if the fault has no single place.
    """

    def __init__(self, message, column=None):
        super().__init__(message if column is None else f"{message} (at column {column})")
        self.column = column


class Undefined(ArithmeticError):
    """An expression has no real value at a point: log(-1), 1/0, a derivative at a kink."""


class TooLarge(Undefined):
    """A value, or a step towards it, would take too long to compute; nothing is known of it."""


class Undecided(Undefined):
    """Two numbers are too close to compare at the present precision; more digits may decide."""
