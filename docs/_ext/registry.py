r"""Directives that print what the library says of its own entries, so that no page types such facts by hand.

::

    .. facts:: sigmoid              definition, derivative, range, limits, kinks, accuracy, ... as a table
       :skip: limits, references    rows to leave out

    .. entry-index:: activations    tiles with curve and formula, one for each entry; also: axis, losses
    .. entry-api:: sigmoid          signature, docstring and methods of one entry, for the reference
    .. entry-api:: losses.huber
    .. entry-api-all:: activations  the same for each entry of a registry; also: axis, losses
    .. module-api:: actlib.check    docstring and public members of a module
"""

import importlib
import inspect
import math
import re
from typing import ClassVar

from curves import Frame, grid, jumps, span
from docutils import nodes
from docutils.parsers.rst import directives
from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective

# The folder of a registry's pages and the module path of its objects.
REGISTRIES = {
    "activations": ("functions", "actlib"),
    "axis": ("functions", "actlib"),
    "losses": ("losses", "actlib.losses"),
}


def registry(kind):
    import actlib

    if kind == "losses":
        return actlib.losses.LOSSES
    return actlib.ACTIVATIONS if kind == "activations" else actlib.AXIS_FUNCTIONS


def find(directive):
    """The entry that a directive names, ``sigmoid`` or ``losses.huber``, with the kind of its registry."""
    name = directive.arguments[0]
    kinds = ["losses"] if name.startswith("losses.") else ["activations", "axis"]
    short = name.removeprefix("losses.")
    for kind in kinds:
        if short in registry(kind):
            return kind, registry(kind)[short]
    raise directive.error(f"the library has no entry {name!r}")


def formula(source):
    """LaTeX of a definition in the language of the library."""
    from actlib import derivation

    return derivation.latex(source)


def number(value):
    """LaTeX of a bound: a number, an infinity, or an expression such as ``"-alpha"``."""
    if isinstance(value, str):
        return formula(value)
    if isinstance(value, (float, int)) and math.isinf(value):
        return r"\infty" if value > 0 else r"-\infty"
    if isinstance(value, (float, int)) and math.isnan(value):
        return r"\mathrm{NaN}"
    return f"{value:.6g}"


def interval(bounds):
    """LaTeX of an `actlib.entries.Interval`."""
    left, right = "[" if bounds.low_closed else "(", "]" if bounds.high_closed else ")"
    return rf"{left}{number(bounds.low)}, {number(bounds.high)}{right}"


def math_role(tex):
    return f":math:`{tex}`"


def given(symbol, values):
    """``f(0) = 1`` for each item of a mapping, as inline formulas."""
    pairs = (values or {}).items()
    return ", ".join(math_role(rf"{symbol}({number(at)}) = {number(value)}") for at, value in pairs)


def facts(entry, kind):
    """Rows of the table, as (heading, reStructuredText); what an entry does not have is left out."""
    loss = kind == "losses"
    rows = [("Definition", definition(entry, "definition"))]
    rows.append(("Gradient" if loss else "Derivative", definition(entry, "derivative_definition")))
    rows.append(("Second derivative", definition(entry, "second_derivative_definition")))
    for heading, attribute in (("Domain", "domain"), ("Range", "range")):
        bounds = getattr(entry, attribute, None)
        rows.append((heading, bounds and math_role(interval(bounds))))
    rows.append(("Limits", given("f", getattr(entry, "limits", None))))
    rows.append(("At a kink", given("f'", getattr(entry, "kinks", None))))
    rows.append(("Parameters", parameters(entry)))
    for heading, attribute in (("Negative log-likelihood of", "likelihood"), ("Minimised by", "minimiser")):
        rows.append((heading, getattr(entry, attribute, None)))
    rows.append(("Promised accuracy", accuracy(entry)))
    rows.append(("Methods", methods(entry)))
    rows.append(("Also called", ", ".join(f"``{name}``" for name in getattr(entry, "aliases", ()))))
    rows.append(("References", "; ".join(getattr(entry, "references", ()) or ())))
    return [(heading, body) for heading, body in rows if body]


def definition(entry, attribute):
    source = getattr(entry, attribute, None)
    if not source:
        return None
    return math_role(r"\displaystyle " + formula(source))


def parameters(entry):
    parts = []
    for name, parameter in (getattr(entry, "parameters", None) or {}).items():
        default = getattr(parameter, "default", None)
        bounds = getattr(parameter, "interval", None)
        text = f"``{name}``"
        if isinstance(default, (int, float)) and not isinstance(default, bool):
            text += f" = {default:.6g}"
        elif default is not None:
            text += f" = ``{default!r}``"
        if bounds:
            text += f" in {math_role(interval(bounds))}"
        parts.append(text)
    return ", ".join(parts)


def accuracy(entry):
    """One sentence for each dtype; what all methods promise alike is said once."""
    promises = getattr(entry, "accuracy", None) or {}
    parts = []
    for dtype in ("float32", "float64"):
        bounds = {what.replace("_", " "): getattr(bound, dtype) for what, bound in promises.items()}
        if len(set(bounds.values())) == 1:
            parts.append(f"{dtype}: {next(iter(bounds.values())):g} ulp")
        elif bounds:
            listed = ", ".join(f"{what} {bound:g}" for what, bound in bounds.items())
            parts.append(f"{dtype}: {listed} ulp")
    return "; ".join(parts)


METHODS = (
    "derivative_from_output",
    "inverse",
    "parameter_gradients",
    "backward_from_output",
    "jacobian",
    "hessian_diagonal",
)


def methods(entry):
    """Only what some entries have and others not."""
    return ", ".join(f"``{name}``" for name in METHODS if hasattr(entry, name))


class Facts(SphinxDirective):
    required_arguments = 1
    option_spec: ClassVar = {"skip": directives.unchanged_required}

    def run(self):
        kind, entry = find(self)
        skip = {part.strip().lower() for part in self.options.get("skip", "").split(",")}
        lines = [".. list-table::", "   :class: facts", "   :stub-columns: 1", "   :widths: auto", ""]
        for heading, body in facts(entry, kind):
            if heading.lower() not in skip:
                lines += [f"   * - {heading}", f"     - {body}"]
        return self.parse_text_to_nodes("\n".join(lines))


class EntryIndex(SphinxDirective):
    """Tiles that link to the pages of a registry's entries."""

    required_arguments = 1

    def run(self):
        kind = self.arguments[0]
        folder, _ = REGISTRIES[kind]
        tiles = nodes.bullet_list(classes=["tiles"])
        for name, entry in registry(kind).items():
            page = f"{folder}/{name}"
            tile = nodes.list_item(classes=["tile"])
            head = nodes.paragraph(classes=["tile-head"])
            if page in self.env.found_docs:
                inline, _ = self.parse_inline(f":doc:`{name} </{page}>`")
                head += inline
            else:  # tests/site asks for a page for every entry
                head += nodes.literal(name, name)
            thumbnail = sparkline(kind, entry)
            if thumbnail:
                tile += nodes.raw("", thumbnail, format="html")
            tile += head
            source = getattr(entry, "definition", None)
            if source:
                tex = formula(source)
                shown = nodes.math(tex, r"\displaystyle " + tex)
                tile += nodes.paragraph("", "", shown, classes=["tile-formula"])
            tiles += tile
        return [tiles]


def sparkline(kind, entry):
    """Small curves of an elementwise entry; None for what has no single curve."""
    import numpy as np

    if kind == "axis":
        return None
    x = grid(-4.0, 4.0, 128)
    try:
        if kind == "losses":
            value = lambda p: np.asarray(entry(p, np.ones_like(p), reduction="none"), np.float32)  # noqa: E731
            slope = lambda p: np.asarray(entry.gradient(p, np.ones_like(p), reduction="sum"), np.float32)  # noqa: E731
        else:
            value, slope = entry, entry.derivative
        y, d = value(x), slope(x)
    except (TypeError, ValueError):  # a class loss wants rows, another one probabilities
        return None
    if y.shape != x.shape or d.shape != x.shape:
        return None
    low, high = span(y, d)
    frame = Frame((-4.0, 4.0), (max(low, -2.2), min(high, 4.2)), width=200, height=90, bottom=0)
    zero = frame.down(0.0)
    return (
        '<svg class="sparkline" viewBox="0 0 200 90" aria-hidden="true">'
        f'<line class="axis" x1="0" x2="200" y1="{zero:.1f}" y2="{zero:.1f}"/>'
        f'<line class="axis" x1="100" x2="100" y1="0" y2="90"/>'
        f'<path class="slope" d="{frame.path(x, d, jumps(slope, x, d))}"/>'
        f'<path class="value" d="{frame.path(x, y, jumps(value, x, y))}"/></svg>'
    )


def signature(function):
    """The signature with its defaults; types are in the table of parameters."""
    full = inspect.signature(function)
    bare = [parameter.replace(annotation=inspect.Parameter.empty) for parameter in full.parameters.values()]
    return str(full.replace(parameters=bare, return_annotation=inspect.Signature.empty))


def docstring(text):
    """A numpydoc docstring as reStructuredText lines; its footnotes become a list, for many share a page."""
    from numpydoc.docscrape_sphinx import SphinxDocString

    lines = str(SphinxDocString(inspect.cleandoc(text or ""), config={"xref_param_type": False}))
    lines = re.sub(r"^\.\. \[(\d+)\] ", r"\1. ", lines, flags=re.MULTILINE)
    return re.sub(r"\[(\d+)\]_", r"[\1]", lines).splitlines()


class EntryApi(SphinxDirective):
    required_arguments = 1

    def run(self):
        kind, entry = find(self)
        return self.document(kind, self.arguments[0].removeprefix("losses."), entry)

    def document(self, kind, name, entry):
        folder, module = REGISTRIES[kind]
        cls = type(entry)
        lines = [f".. py:function:: {module}.{name}{signature(entry)}", ""]
        body = docstring(entry.__doc__)
        body += ["", f"The methods are those of :class:`~{cls.__module__}.{cls.__qualname__}`."]
        page = f"{folder}/{name}"
        if page in self.env.found_docs:
            body += [f"The page :doc:`/{page}` derives and explains it."]
        lines += ["   " + line for line in body]
        box = nodes.Element()
        content = StringList(lines, source=f"docstring of {module}.{name}")
        self.state.nested_parse(content, 0, box, match_titles=True)
        return box.children


class EntryApiAll(EntryApi):
    def run(self):
        kind = self.arguments[0]
        return [node for name, entry in registry(kind).items() for node in self.document(kind, name, entry)]


class ModuleApi(SphinxDirective):
    """Docstring of a module and its public members: those of ``__all__``, or all that it defines."""

    required_arguments = 1

    def run(self):
        name = self.arguments[0]
        lines = [f".. automodule:: {name}", "   :members:", "   :show-inheritance:"]
        if hasattr(importlib.import_module(name), "__all__"):
            lines.append("   :imported-members:")
        return self.parse_text_to_nodes("\n".join(lines))


def setup(app):
    app.add_directive("facts", Facts)
    app.add_directive("entry-index", EntryIndex)
    app.add_directive("entry-api", EntryApi)
    app.add_directive("entry-api-all", EntryApiAll)
    app.add_directive("module-api", ModuleApi)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
