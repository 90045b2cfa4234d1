r"""Derivations that are checked: a small language, its LaTeX, and a checker.

>>> from actlib.derivation import check, latex
>>> print(latex("D(log(1 + exp(x)), x)"))
\frac{\mathrm{d}}{\mathrm{d} x} \ln(1 + e^{x})

A derivation is declarations, then an expression, then one line for each step::

    let sigma(x) = 1/(1 + exp(-x))
    real x in (-20, 20)

    D(sigma(x), x)
    = exp(-x)/(1 + exp(-x))**2     -- quotient rule
    = sigma(x)*(1 - sigma(x))      -- definition of sigma, twice
    <= 1/4                         -- h(1 - h) is largest at h = 1/2

Declarations, each on a line of its own, ``#`` begins a comment:

* ``let f(x, y) = ...``, ``let a[j] = ...``, ``let L = ...``: an abbreviation. It sees its parameters and the variables;
  where it depends on a variable x, x cannot be the index of a sum over it;
* ``real x``, ``real x in (-1, 1)``, ``real z(K)``, ``real A(m, n)``: a number, or an array of them with indices 1 to K.
  The interval is where the steps are tested, and SymPy may use it; ``[`` and ``]`` add its ends; an end may be ``oo``;
* ``positive s``: the same above 0; ``simplex p(K)``: positive numbers that sum to one, along the last size;
* ``index c in 1..K``, ``index y(n) in 0..1``: integers; all their values are checked;
* ``size K = 2, 3, 4``: what is checked holds for these sizes;
* ``each j = 1..K``: a free index, all its values are checked;
* ``show yhat = \hat{y}``: how a name is printed. Greek names, ``theta_1`` and ``x2`` need none; ``lambda_`` is lambda.

Expressions are Python's: ``+ - * / **``, ``z[j]``, ``A[i, j]``, ``pi``, ``oo``, decimal numbers (exact), and

* ``exp log sqrt sin cos atan tanh sinh cosh erf sign floor Abs Max Min``, ``delta(i, j)``;
* ``cases((value, condition), ..., (value, True))``; conditions by ``< <= > >= == !=``, ``and``, ``or``;
* ``Sum(term, i, 1, K)``, ``Product``, ``Maximum`` and ``Minimum`` likewise;
* ``D(f, x)`` or ``D(L, z[j])``, ``Int(f, x, a, b)``, ``Lim(f, x, a)`` from both sides, ``Lim(f, x, a, "+")`` from
  above, ``Lim(f, x, a, "-")`` from below.

A step begins with ``=``, ``<=``, ``>=``, ``<`` or ``>``; a line without continues the one before. After ``--`` comes
the reason. A reason that ends with ``[tested]`` accepts an equality that is only tested; with ``[assumed]`` the step is
not checked, and its badge says so. Inequalities are always only tested.

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
