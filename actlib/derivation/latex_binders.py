"""LaTeX of the operators that bind a variable: sums, derivatives, limits, integrals. A part of `latex`."""

import ast

from .latex import ATOM, BIG, FRACTION, FUNCTION_NAMES, PRODUCT, is_call, parentheses


def big(sign):
    def write(printer, term, index, low, high):
        head = f"{sign}_{{{printer(index)}={printer(low)}}}^{{{printer(high)}}}"
        return f"{head} {printer.at_least(term, BIG)}", BIG

    return write


def extreme(sign):
    def write(printer, term, index, low, high):
        head = rf"{sign}_{{{printer(low)} \le {printer(index)} \le {printer(high)}}}"
        return f"{head} {printer.at_least(term, BIG)}", BIG

    return write


def same(left, right):
    return ast.dump(left) == ast.dump(right)


def order_of(body, variable):
    """D(D(f, x), x) is a second derivative of f: (f, 2)."""
    order = 1
    while is_call(body, "D") and len(body.args) == 2 and same(body.args[1], variable):
        body, order = body.args[0], order + 1
    return body, order


def derivative(printer, body, variable):
    body, order = order_of(body, variable)
    if is_call(body) and body.func.id not in FUNCTION_NAMES and len(body.args) == 1 and same(body.args[0], variable) \
            and body.func.id not in ("sqrt", "Abs", "floor"):
        name = printer.function_name(body.func.id)                        # D(f(x), x) is shown as f'(x)
        return name + "'" * order + parentheses(printer(variable)), ATOM
    sign = r"\partial" if isinstance(variable, ast.Subscript) else r"\mathrm{d}"
    power = f"^{{{order}}}" if order > 1 else ""
    below = f"{sign} {printer(variable)}{power}"
    if isinstance(body, ast.Name | ast.Subscript):
        return rf"\frac{{{sign}{power} {printer(body)}}}{{{below}}}", FRACTION
    text, tightness = printer.write(body)
    if not (is_call(body) and tightness >= ATOM) or body.func.id == "cases":
        text = rf"\left[{text}\right]"
    return rf"\frac{{{sign}{power}}}{{{below}}} {text}", PRODUCT


def limit(printer, body, variable, to, side=None):
    place = printer(to) if side is None else f"{printer.at_least(to, ATOM)}^{{{getattr(side, 'value', '')}}}"
    return rf"\lim_{{{printer(variable)} \to {place}}} {printer.at_least(body, BIG)}", BIG


def integral(printer, body, variable, low, high):
    inner = printer.at_least(body, BIG)
    return rf"\int_{{{printer(low)}}}^{{{printer(high)}}} {inner} \,\mathrm{{d}}{printer(variable)}", BIG


WRITERS = {
    "Sum": big(r"\sum"), "Product": big(r"\prod"), "Maximum": extreme(r"\max"), "Minimum": extreme(r"\min"),
    "D": derivative, "Lim": limit, "Int": integral,
}
