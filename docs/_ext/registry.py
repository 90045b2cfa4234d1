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

import numpy as np
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


def plain(text):
    """Words as reStructuredText that means nothing more."""
    return re.sub(r"([\\*`|_])", r"\\\1", str(text))


def cases(symbol, values):
    """Values at points: as formulas where the points are numbers, else in the words of the entry."""
    parts = []
    for at, value in (values or {}).items():
        if isinstance(at, str):
            parts.append(f"{plain(at)}: {plain(value)}")
        else:
            parts.append(math_role(rf"{symbol}({number(at)}) = {number(value)}"))
    return "; ".join(parts)


def definition(source):
    return math_role(r"\displaystyle " + formula(source))


def bounds(value):
    """An interval as a formula, or the words of the entry."""
    if value is None or isinstance(value, str):
        return plain(value or "")
    return math_role(interval(value))


def parameter(name, given):
    """``alpha`` = 1 in (0, oo)."""
    text = f"``{name}``"
    if isinstance(given.default, (int, float)) and not isinstance(given.default, bool):
        text += f" = {given.default:.6g}"
    elif given.default is not None:
        text += f" = ``{given.default!r}``"
    everything = math.isinf(given.interval.low) and math.isinf(given.interval.high)
    return text if everything else f"{text} in {math_role(interval(given.interval))}"


def accuracy(promises):
    """One sentence for each dtype; what all methods promise alike is said once."""
    parts = []
    for dtype in ("float32", "float64"):
        bounds = {what.replace("_", " "): getattr(bound, dtype) for what, bound in promises.items()}
        if len(set(bounds.values())) == 1:
            parts.append(f"{dtype}: {next(iter(bounds.values())):g} ulp")
        elif bounds:
            listed = ", ".join(f"{what} {bound:g}" for what, bound in bounds.items())
            parts.append(f"{dtype}: {listed} ulp")
    parts += [f"{what}: {plain(bound.reason)}" for what, bound in promises.items() if bound.reason]
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


CLASSES = ("actlib.entries", "actlib.entries_axis", "actlib.loss_entry")  # documented in api/entries.rst
LONG = 180  # characters of LaTeX that a tile has no room for

# Rows of the table: heading, attribute, how the attribute is shown. What an entry does not have is left out.
ROWS = (
    ("Definition", "definition", definition),
    ("Derivative", "derivative_definition", definition),
    ("Gradient", "gradient_definition", definition),
    ("Second derivative", "second_derivative_definition", definition),
    ("Second derivative", "hessian_definition", definition),
    ("Domain", "domain", bounds),
    ("Range", "range", bounds),
    ("Limits", "limits", lambda values: cases("f", values)),
    ("At a kink", "kinks", lambda values: cases("f'", values)),
    ("Parameters", "parameters", lambda values: ", ".join(map(parameter, values, values.values()))),
    ("Negative log-likelihood of", "likelihood", plain),
    ("Minimised by", "minimiser", plain),
    ("Promised accuracy", "accuracy", accuracy),
    ("Also called", "aliases", lambda names: ", ".join(f"``{name}``" for name in names)),
    ("References", "references", lambda texts: "; ".join(plain(text).rstrip(".") for text in texts)),
)


def facts(entry):
    """The table's rows as (heading, reStructuredText)."""
    values = [(heading, getattr(entry, attribute, None), show) for heading, attribute, show in ROWS]
    rows = [(heading, show(value)) for heading, value, show in values if value]
    rows.insert(-1, ("Methods", methods(entry)))
    return [(heading, body) for heading, body in rows if body]


class Facts(SphinxDirective):
    required_arguments = 1
    option_spec: ClassVar = {"skip": directives.unchanged_required}

    def run(self):
        _, entry = find(self)
        skip = {part.strip().lower() for part in self.options.get("skip", "").split(",")}
        lines = [".. list-table::", "   :class: facts", "   :stub-columns: 1", "   :widths: auto", ""]
        for heading, body in facts(entry):
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
                inline, _ = self.parse_inline(f":doc:`{breakable(name)} </{page}>`")
                head += inline
            else:  # tests/site asks for a page for every entry
                head += nodes.literal("", breakable(name))
            thumbnail = sparkline(kind, entry)
            if thumbnail:
                tile += nodes.raw("", thumbnail, format="html")
            tile += head
            source = getattr(entry, "definition", None)
            tex = formula(source) if source else ""
            if tex and len(tex) < LONG:
                shown = nodes.math(tex, r"\displaystyle " + tex)
                tile += nodes.paragraph("", "", shown, classes=["tile-formula"])
            tiles += tile
        return [tiles]


def breakable(name):
    """A name that may be broken at its underscores (by a space of no width)."""
    return name.replace("_", "_\u200b")


def sparkline(kind, entry):
    """Small curves of an entry; None for what has no single curve."""
    if kind == "axis":
        return None
    if kind == "activations":
        return drawing(entry, entry.derivative, (-4.0, 4.0))

    def value(p):
        return np.asarray(entry(p, np.ones_like(p), reduction="none"), np.float32)

    def slope(p):
        return np.asarray(entry.gradient(p, np.ones_like(p), reduction="sum"), np.float32)

    for ends in ((-4.0, 4.0), (1 / 32, 31 / 32)):  # a number, or else a probability
        try:
            return drawing(value, slope, ends)
        except (TypeError, ValueError):  # not its domain; a class loss wants rows
            continue
    return None


def drawing(value, slope, ends):
    x = grid(*ends, 128)
    y, d = value(x), slope(x)
    low, high = span(y, d)
    frame = Frame(ends, (max(low, -2.2), min(high, 4.2)), width=200, height=90, bottom=0)
    down, across = frame.down(0.0), frame.across(0.0)
    return (
        '<svg class="sparkline" viewBox="0 0 200 90" aria-hidden="true">'
        f'<line class="axis" x1="0" x2="200" y1="{down:.1f}" y2="{down:.1f}"/>'
        f'<line class="axis" x1="{across:.1f}" x2="{across:.1f}" y1="0" y2="90"/>'
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
        cls = next(cls for cls in type(entry).__mro__ if cls.__module__ in CLASSES)
        lines = [f".. py:function:: {name}{signature(entry)}", f"   :module: {module}", ""]
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
