"""Derivations that are checked: a small language, its LaTeX, and a checker.

>>> from actlib.derivation import check, latex
>>> print(latex("D(log(1 + exp(x)), x)"))
\\frac{\\mathrm{d}}{\\mathrm{d} x} \\ln(1 + e^{x})

Importing this needs the standard library alone; checking needs SymPy and mpmath (``pip install 'actlib[prove]'``).
"""

from .checker import check
from .errors import DerivationError, ExpressionError
from .files import Derivation, parse_file, prove
from .latex import latex
from .report import Report, Step

__all__ = [
    "Derivation",
    "DerivationError",
    "ExpressionError",
    "Report",
    "Step",
    "check",
    "latex",
    "parse_file",
    "prove",
]
