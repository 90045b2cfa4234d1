"""The language of definitions and derivations: Python expressions, read by `ast`. What they mean is in `evaluate`."""

import ast
from fractions import Fraction

from .errors import ExpressionError

FUNCTIONS = {
    "exp": 1, "log": 1, "sqrt": 1, "sin": 1, "cos": 1, "atan": 1, "tanh": 1, "sinh": 1, "cosh": 1,
    "erf": 1, "sign": 1, "floor": 1, "Abs": 1, "Max": None, "Min": None,
}
# Operators that bind a variable: numbers of arguments. The second argument is the variable.
BINDERS = {"Sum": (4,), "Product": (4,), "Maximum": (4,), "Minimum": (4,), "D": (2,), "Lim": (3, 4), "Int": (4,)}
CONSTANTS = ("oo", "pi")
OPERATORS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "**"}
LARGEST_EXPONENT = 10_000        # of a literal: 1e999999999 would be written out
DEEPEST = 100                    # levels of an expression: beyond, the readers of Python's stack would overflow it
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
        raise ExpressionError(error.msg, error.offset or None) from None
    except (ValueError, MemoryError, RecursionError):      # a null byte, or brackets nested by the thousand
        raise ExpressionError("this text cannot be read as an expression") from None
    level, depth = [tree], 0
    while level:
        level, depth = [child for node in level for child in ast.iter_child_nodes(node)], depth + 1
        if depth > DEEPEST:
            raise ExpressionError(f"this expression is nested more than {DEEPEST} levels deep")
    sides = {id(node.args[3]) for node in ast.walk(tree) if _has_side(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and not isinstance(node.value, bool) and id(node) not in sides:
            if not isinstance(node.value, (int, float)):
                raise ExpressionError(f"{node.value!r} is not a real number", column(node))
            node.literal = ast.get_source_segment(source, node).replace("_", "")
            if node.literal[:2].lower() in ("0x", "0b", "0o"):
                raise ExpressionError(f"write {node.literal} in decimal", column(node))
            node.number = exact(node.literal)
    return tree


def exact(literal):
    """A decimal number or a fraction like 1/3, exactly."""
    exponent = literal.lower().partition("e")[2] or "0"
    if len(exponent) > 6 or abs(int(exponent)) > LARGEST_EXPONENT:
        raise ExpressionError(f"the exponent of {literal} is too large")
    return Fraction(literal)


def _has_side(node):
    """Whether this may be a limit from one side, ``Lim(f, x, a, "+")``: the one place of the language for a text."""
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Lim" \
        and len(node.args) == 4 and isinstance(node.args[3], ast.Constant) and isinstance(node.args[3].value, str)


def miscounted(call):
    """What is wrong with the number of arguments of a call of the language; nothing if it is right."""
    name, given = call.func.id, len(call.args)
    wanted = BINDERS[name] if name in BINDERS else (FUNCTIONS[name],)
    if given and wanted == (None,) or given in wanted:
        return ""
    return f"{name} takes {' or '.join(str(n or 'one or more') for n in wanted)} arguments, not {given}"


def indices(node):
    """The index expressions of ``z[i]`` or ``A[i, j]``."""
    return node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]


def case_rows(call):
    """The (value, condition) pairs of ``cases((value, condition), ...)``."""
    rows = [tuple(row.elts) if isinstance(row, ast.Tuple) else () for row in call.args]
    if not rows or any(len(row) != 2 for row in rows):
        raise ExpressionError("cases needs pairs: cases((value, condition), ..., (value, True))", column(call))
    return rows
