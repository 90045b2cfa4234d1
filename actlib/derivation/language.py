"""The language of definitions and derivations: Python expressions, read by `ast`. What they mean is in `evaluate`."""

import ast
from fractions import Fraction

from .errors import ExpressionError

FUNCTIONS = {
    "exp": 1, "log": 1, "sqrt": 1, "sin": 1, "cos": 1, "atan": 1, "tanh": 1, "sinh": 1, "cosh": 1,
    "erf": 1, "sign": 1, "floor": 1, "Abs": 1, "Max": None, "Min": None,
}
# Operators that bind a variable: number of arguments. The second argument is the variable.
BINDERS = {"Sum": 4, "Product": 4, "Maximum": 4, "Minimum": 4, "D": 2, "Lim": 3, "Int": 4}
CONSTANTS = ("oo", "pi")
OPERATORS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "**"}
RELATIONS = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!="}


def column(node):
    return getattr(node, "col_offset", -1) + 1 or None


def parse(source):
    """Read one expression.

    Parameters
    ----------
    source : str
        For example ``"1 / (1 + exp(-x))"``.

    Returns
    -------
    ast.expr
        Its literals carry their text in ``literal`` and their exact value in ``number``: a float would round them.

    Raises
    ------
    ExpressionError
        With the column, if the text is not an expression of the language.

    Examples
    --------
    >>> parse("1 / (1 + exp(-x))")  # doctest: +ELLIPSIS
    <ast.BinOp object at ...>
    >>> parse("1 / (1 + expp(-x)")
    Traceback (most recent call last):
    ...
    actlib.derivation.errors.ExpressionError: '(' was never closed (at column 5)
    """
    source = source.strip()
    if not source:
        raise ExpressionError("an expression is missing")
    try:
        tree = ast.parse(source, mode="eval").body
    except SyntaxError as error:
        raise ExpressionError(error.msg, error.offset) from None
    except (ValueError, MemoryError, RecursionError):      # a null byte, or brackets nested by the thousand
        raise ExpressionError("this text cannot be read as an expression") from None
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and not isinstance(node.value, bool):
            if not isinstance(node.value, (int, float)):
                raise ExpressionError(f"{node.value!r} is not a real number", column(node))
            node.literal = ast.get_source_segment(source, node).replace("_", "")
            if node.literal[:2].lower() in ("0x", "0b", "0o"):
                raise ExpressionError(f"write {node.literal} in decimal", column(node))
            node.number = Fraction(node.literal)
    return tree


def indices(node):
    """The index expressions of ``z[i]`` or ``A[i, j]``."""
    return node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]


def case_rows(call):
    """The (value, condition) pairs of ``cases((value, condition), ...)``."""
    rows = [tuple(row.elts) if isinstance(row, ast.Tuple) else () for row in call.args]
    if not rows or any(len(row) != 2 for row in rows):
        raise ExpressionError("cases needs pairs: cases((value, condition), ..., (value, True))", column(call))
    return rows
