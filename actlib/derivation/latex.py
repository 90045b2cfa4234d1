"""Expressions as LaTeX (the part KaTeX knows), in the author's own order: what is shown is what is checked."""

import ast
import re
from collections.abc import Mapping

from .errors import ExpressionError
from .language import BINDERS, FUNCTIONS, RELATIONS, case_rows, column, indices, miscounted, parse

GREEK = frozenset("""alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon
phi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega ell""".split())
FUNCTION_NAMES = {
    "exp": r"\exp", "log": r"\ln", "sin": r"\sin", "cos": r"\cos", "atan": r"\arctan", "tanh": r"\tanh",
    "sinh": r"\sinh", "cosh": r"\cosh", "Max": r"\max", "Min": r"\min",
    "erf": r"\operatorname{erf}", "sign": r"\operatorname{sign}",
}
SHORT = frozenset("log sin cos tanh sinh cosh".split())           # written without parentheses before a lone symbol
RELATION_SIGNS = {"=": "=", "==": "=", "!=": r"\ne", "<": "<", "<=": r"\le", ">": ">", ">=": r"\ge"}

# How tightly each kind of expression holds together: what binds less than its surroundings gets parentheses.
CONDITION, SUM, NEGATIVE, BIG, PRODUCT, SPACED, FRACTION, POWER, ATOM = range(9)
TALL = (r"\frac", r"\sum", r"\prod", r"\int", r"\begin", r"\lim")


def parentheses(text):
    return rf"\left({text}\right)" if any(sign in text for sign in TALL) else f"({text})"


def is_call(node, *names):
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and (not names or node.func.id in names)


def is_division(node):
    return isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div)


class Printer:
    """Prints parsed expressions; `names` holds what ``show`` declares, {"yhat": r"\\hat{y}"}."""

    def __init__(self, names=None):
        self.names = names or {}

    def __call__(self, node):
        return self.write(node)[0]

    def write(self, node):
        """The LaTeX of `node` and how tightly it binds."""
        method = getattr(self, "_" + type(node).__name__.lower(), None)
        if method is None:
            raise ExpressionError(f"{type(node).__name__} is not part of the language", column(node))
        return method(node)

    def at_least(self, node, tightness):
        text, own = self.write(node)
        return text if own >= tightness else parentheses(text)

    # Names

    def symbol(self, name, subscripts=()):
        """``theta_1`` is theta with subscript 1, ``x1`` too; a word stays a word."""
        if name in self.names:
            text = self.names[name]
            if subscripts or "_" in text or "^" in text:
                text = "{%s}" % text                    # a second subscript or superscript would be an error
        else:
            head, *tail = re.fullmatch(r"(.+?)(?:_(.*)|(\d+))?", name).groups()
            tail = tail[0] or tail[1]
            if head in GREEK or len(head) == 1:
                text = "\\" + head if head in GREEK else head
                subscripts = (self.plain(tail), *subscripts) if tail else subscripts
            else:
                text = r"\text{%s}" % name.strip("_").replace("_", " ")
        if not subscripts:
            return text
        return "%s_{%s}" % (text, ("" if all(len(s) == 1 for s in subscripts) else ",").join(subscripts))

    @staticmethod
    def plain(word):
        return "\\" + word if word in GREEK else word if len(word) == 1 or word.isdigit() else r"\text{%s}" % word

    def function_name(self, name):
        if name in FUNCTION_NAMES:
            return FUNCTION_NAMES[name]
        text = self.symbol(name)
        return r"\operatorname{%s}" % text[6:-1] if text.startswith(r"\text{") else text

    def _name(self, node):
        return (r"\infty" if node.id == "oo" else self.symbol(node.id)), ATOM

    def _subscript(self, node):
        if not isinstance(node.value, ast.Name):
            raise ExpressionError("expected a variable, like z[j]", column(node))
        return self.symbol(node.value.id, tuple(self(index) for index in indices(node))), ATOM

    def _constant(self, node):
        if isinstance(node.value, bool):
            return r"\text{%s}" % str(node.value).lower(), ATOM
        mantissa, _, exponent = node.literal.lower().partition("e")
        if not exponent:
            return mantissa, ATOM
        power = "10^{%d}" % int(exponent)
        return (power, POWER) if mantissa in ("1", "1.", "1.0") else (rf"{mantissa} \cdot {power}", PRODUCT)

    # Operators

    def _unaryop(self, node):
        if isinstance(node.op, ast.UAdd):
            return self.write(node.operand)
        if not isinstance(node.op, ast.USub):
            raise ExpressionError(f"{type(node.op).__name__} is not part of the language", column(node))
        return "-" + self.at_least(node.operand, BIG), NEGATIVE

    def _compare(self, node):
        text = self.at_least(node.left, SUM)
        for operator, right in zip(node.ops, node.comparators, strict=True):
            if type(operator) not in RELATIONS:
                raise ExpressionError("only < <= > >= == != compare", column(node))
            text += " %s %s" % (RELATION_SIGNS[RELATIONS[type(operator)]], self.at_least(right, SUM))
        return text, CONDITION

    def _boolop(self, node):
        word = r" \text{ and } " if isinstance(node.op, ast.And) else r" \text{ or } "
        parts = [self.at_least(v, SUM) if isinstance(v, ast.BoolOp) else self(v) for v in node.values]
        return word.join(parts), CONDITION

    def _binop(self, node):
        left, right = node.left, node.right
        if isinstance(node.op, ast.Add | ast.Sub):
            sign = "+" if isinstance(node.op, ast.Add) else "-"
            return f"{self.at_least(left, SUM)} {sign} {self.at_least(right, BIG)}", SUM
        if isinstance(node.op, ast.Div):
            if self.write(left)[1] == NEGATIVE:                            # -a/b is shown as -(a/b)
                return r"-\frac{%s}{%s}" % (self(left)[1:], self(right)), NEGATIVE
            return r"\frac{%s}{%s}" % (self(left), self(right)), FRACTION
        if isinstance(node.op, ast.Pow):
            return self._power(left, right), POWER
        return self._product(left, right)

    def _exponent(self, node):
        simple = (ast.Constant, ast.Name)
        if is_division(node) and isinstance(node.left, simple) and isinstance(node.right, simple):
            return f"{self(node.left)}/{self(node.right)}"                # small print: 1/2, not a fraction
        return self(node)

    def _power(self, base, exponent):
        if is_call(base, "sin", "cos", "tanh", "sinh", "cosh") and isinstance(exponent, ast.Constant):
            return "%s^{%s}%s" % (FUNCTION_NAMES[base.func.id], self(exponent), parentheses(self(base.args[0])))
        return "%s^{%s}" % (self.at_least(base, ATOM), self._exponent(exponent))

    def _product(self, left, right):
        """Juxtaposition, with a dot wherever two factors would read as one number or a mixed fraction."""
        first, tightness = self.write(left)
        negative = tightness == NEGATIVE                                  # -a*b is shown as -(ab)
        if not negative and tightness < PRODUCT:
            first = parentheses(first)
        elif is_call(left) and tightness == SPACED:                       # ln x before another factor: ln(x)
            first = FUNCTION_NAMES[left.func.id] + parentheses(self(left.args[0]))
        second = self.at_least(right, BIG) if not isinstance(right, ast.UnaryOp) else parentheses(self(right))
        if isinstance(right, ast.BinOp) and isinstance(right.op, ast.Mult):
            second = parentheses(second)                                  # a*(b*c): keep the author's grouping
        number_first = first[-1].isdigit() and not first.endswith("}")
        if second[0].isdigit() or second.startswith(r"\frac") and (is_division(left) or number_first):
            space = r" \cdot "
        elif isinstance(left, ast.Constant) and number_first:
            space = " " if second.startswith("\\") else ""               # 2x, 2 \sigma(x)
        else:
            space = "" if first.endswith(")") and second.startswith("(") else r"\,"
        return first + space + second, NEGATIVE if negative else PRODUCT

    # Calls

    def _call(self, node):
        if not is_call(node) or not node.args:
            raise ExpressionError("only f(a, b) is a call", column(node))
        name = node.func.id
        if name in BINDERS:
            if miscounted(node):
                raise ExpressionError(miscounted(node), column(node))
            from .latex_binders import WRITERS

            return WRITERS[name](self, *node.args)
        special = getattr(self, "_call_" + name.lower(), None)
        if special and name in (*FUNCTIONS, "cases", "delta") and name not in self.names:
            return special(node)
        return self._plain_call(node)

    def _plain_call(self, node):
        name, first = node.func.id, node.args[0]
        if name in SHORT and isinstance(first, ast.Name | ast.Subscript):
            return f"{FUNCTION_NAMES[name]} {self(first)}", SPACED
        return self.function_name(name) + parentheses(", ".join(map(self, node.args))), ATOM

    def _call_exp(self, node):
        text = self._exponent(node.args[0])
        if any(sign in text for sign in TALL):                            # a tall exponent is unreadable
            return r"\exp" + parentheses(text), ATOM
        return "e^{%s}" % text, POWER

    def _call_sqrt(self, node):
        return r"\sqrt{%s}" % self(node.args[0]), ATOM

    def _call_abs(self, node):
        return r"\left|%s\right|" % self(node.args[0]), ATOM

    def _call_floor(self, node):
        return r"\left\lfloor %s \right\rfloor" % self(node.args[0]), ATOM

    def _call_delta(self, node):
        if len(node.args) != 2:
            return self._plain_call(node)
        return self.symbol("delta", tuple(map(self, node.args))), ATOM

    def _call_cases(self, node):
        rows = []
        for value, condition in case_rows(node):
            last = isinstance(condition, ast.Constant) and condition.value is True
            rows.append(self(value) + (r" & \text{otherwise}" if last else rf" & \text{{if }} {self(condition)}"))
        return r"\begin{cases} %s \end{cases}" % r" \\ ".join(rows), ATOM


def latex(text: str, names: Mapping[str, str] | None = None) -> str:
    r"""An expression, or a whole derivation, as LaTeX in the author's order.

    Parameters
    ----------
    text : str
        One expression; or a derivation of several lines, which becomes an ``aligned`` block.
    names : mapping, optional
        How names are shown, beside what the derivation's ``show`` lines say: ``{"yhat": r"\hat{y}"}``.

    Returns
    -------
    str
        LaTeX that KaTeX renders.

    Examples
    --------
    >>> print(latex("exp(-x)/(1+exp(-x))**2"))
    \frac{e^{-x}}{(1 + e^{-x})^{2}}
    >>> print(latex("D(sigma(x), x)"))
    \sigma'(x)
    """
    if "\n" in text.strip():
        from .chain import read

        return read(text).latex(names)
    return Printer(names)(parse(text))
