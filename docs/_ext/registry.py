r"""Directives that print what the library says of its own entries, so that no page types such facts by hand.

::

    .. facts:: sigmoid              definition, derivative, range, limits, kinks, accuracy, ... as a table
       :skip: limits, references    rows to leave out

    .. entry-index:: activations    tiles with curve and formula, one for each entry; also: axis, losses, special
       :compact:                    curve and name alone
    .. pages-in-order:: losses      a hidden table of contents of this folder: the pages of the entries, then the others
    .. entry-api:: sigmoid          signature, docstring and methods of one entry, for the reference
    .. entry-api:: losses.huber
    .. entry-api-all:: activations  the same for each entry of a registry; also: axis, losses
    .. module-api:: actlib.check    docstring and public members of a module
"""

import importlib
import inspect
import math
import re
from functools import partial
from typing import ClassVar

import numpy as np
from crosslinks import crosslinks
from curves import Frame, grid, jumps, span
from docutils import nodes
from docutils.parsers.rst import directives
from docutils.statemachine import StringList
from katex_math import breadth
from sphinx.directives.other import TocTree
from sphinx.util.docutils import SphinxDirective

from actlib.entries import Interval
from actlib.entries_axis import AxisFunction

# The folder of a registry's pages and the module path of its objects.
REGISTRIES = {
    "activations": ("functions", "actlib"),
    "axis": ("functions", "actlib"),
    "losses": ("losses", "actlib.losses"),
    "special": ("special", "actlib.special"),
}
PREFIXES = ("losses", "special")  # registries whose entries are named with their module


def registry(kind):
    import actlib

    if kind in PREFIXES:
        return getattr(getattr(actlib, kind), kind.upper())
    return actlib.ACTIVATIONS if kind == "activations" else actlib.AXIS_FUNCTIONS


def find(directive):
    """The entry that a directive names, ``sigmoid`` or ``losses.huber``, with the kind of its registry."""
    prefix, _, short = directive.arguments[0].rpartition(".")
    for kind in [prefix] if prefix in PREFIXES else ["activations", "axis"]:
        if short in registry(kind):
            return kind, registry(kind)[short]
    raise directive.error(f"the library has no entry {directive.arguments[0]!r}")


# Letters for parameters on the tiles, where their full names have no room.
SHORT = {"temperature": "T", "negative_slope": "a", "at_zero": "u_0", "lower": "l", "upper": "u", "variance": "v",
         "min_val": "l", "max_val": "u", "lambd": r"\lambda", "threshold": r"\theta", "value": "v", "slope": "a",
         "offset": "b"}  # fmt: skip


def formula(source, parameters=(), short=False):
    """LaTeX of a definition in the language of the library; long names of parameters look like code."""
    from actlib import derivation
    from actlib.derivation.latex import GREEK

    long = [name for name in parameters if len(name) > 2 and name not in GREEK]
    names = {name: rf"\mathtt{{{name}}}".replace("_", r"\_") for name in long}
    return derivation.latex(source, {**names, **SHORT} if short else names)


def number(value, parameters=None):
    """LaTeX of a bound: a number, an infinity, or an expression such as ``"-alpha"``."""
    if isinstance(value, str):
        return formula(value, parameters or ())
    if isinstance(value, (float, int)) and math.isinf(value):
        return r"\infty" if value > 0 else r"-\infty"
    if isinstance(value, (float, int)) and math.isnan(value):
        return r"\mathrm{NaN}"
    if isinstance(value, tuple):
        return ", ".join(number(one) for one in value)
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


def cases(symbol, values, parameters=None):
    """Values at points: as formulas in the parameters of an activation, or in the words of another entry."""
    parts = []
    for at, value in (values or {}).items():
        if isinstance(at, str) and parameters is None:
            parts.append(f"{plain(at)}: {plain(value)}")
        else:
            parts.append(math_role(rf"{symbol}({number(at, parameters)}) = {number(value, parameters)}"))
    return "; ".join(parts)


def definition(source, parameters=()):
    return math_role(r"\displaystyle " + formula(source, parameters))


def gradients(sources, parameters=()):
    """Formulas by the name of the argument that they belong to, or one below the other."""
    if not isinstance(sources, dict):
        return gradient(sources, parameters)
    return "; ".join(f"``{name}``: {definition(source, parameters)}" for name, source in sources.items())


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


def gradient(sources, parameters=()):
    """The formulas of a gradient, one below the other."""
    rows = r" \\ ".join(formula(source, parameters) for source in sources)
    return math_role(rf"\displaystyle \begin{{pmatrix}} {rows} \end{{pmatrix}}")


def pairs(values):
    """The gradients at points."""
    return "; ".join(math_role(rf"\nabla f({number(at)}) = ({number(one)})") for at, one in (values or {}).items())


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


def methods(entry):
    """Links to the methods of an entry, each where the class documents it that defines it last."""
    owners = {}
    for cls in reversed(type(entry).__mro__):
        if cls.__module__ in CLASSES:
            owners |= {name: cls for name, member in vars(cls).items() if name[0] != "_" and callable(member)}
    return ", ".join(f":meth:`~{cls.__module__}.{cls.__qualname__}.{name}`" for name, cls in owners.items())


def reference(entry):
    """A link to the signature and docstring of an entry."""
    kind = next((kind for kind in PREFIXES if registry(kind).get(entry.name) is entry), "activations")
    return f":func:`{REGISTRIES[kind][1]}.{entry.name}`"



# documented in api/entries.rst
CLASSES = (
    "actlib.entries",
    "actlib.entries_axis",
    "actlib.entries_axis_lengths",
    "actlib.entries_axis_probabilities",
    "actlib.loss_entry",
    "actlib.loss_entry_pairs",
    "actlib.special_entry",
)
LONG = 40  # a formula of so many letters has no room on a tile

# Rows of the table: heading, attribute, how the attribute is shown. What an entry does not have is left out.
ROWS = (
    ("Definition", "definition", definition),
    ("Derivative", "derivative_definition", definition),
    ("Gradient", "gradient_definition", definition),
    ("Gradients", "gradient_definitions", gradients),
    ("Second derivative", "second_derivative_definition", definition),
    ("Second derivative", "hessian_definition", definition),
    ("Domain", "domain", bounds),
    ("Range, by default", "range", bounds),
    ("Limits", "limits", partial(cases, "f")),
    ("Limits of the gradient", "gradient_limits", pairs),
    ("At a kink", "kinks", partial(cases, "f'")),
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
    parameters = getattr(entry, "parameters", ())
    of_parameters = [definition, gradients, *(show for _, attribute, show in ROWS if attribute in ("limits", "kinks"))]
    if not hasattr(entry, "places_of_kinks"):
        of_parameters = [definition, gradients]
    rows = [
        (heading, show(value, parameters) if show in of_parameters else show(value))
        for heading, value, show in values
        if value and not (heading == "Gradient" and hasattr(entry, "gradient_definitions"))
    ]
    rows[-1:-1] = [("Reference", reference(entry)), ("Methods", methods(entry))]
    return [(heading, body) for heading, body in rows if body]


class Facts(SphinxDirective):
    required_arguments = 1
    option_spec: ClassVar = {"skip": directives.unchanged_required}

    def run(self):
        _, entry = find(self)
        skip = {part.strip().lower() for part in self.options.get("skip", "").split(",")}
        lines = [".. list-table::", "   :class: facts", "   :stub-columns: 1", "   :widths: auto", ""]
        for heading, body in facts(entry):
            if heading.lower().partition(",")[0] not in skip:
                lines += [f"   * - {heading}", f"     - {body}"]
        return [*self.parse_text_to_nodes("\n".join(lines)), crosslinks("", entry=self.arguments[0])]


class EntryIndex(SphinxDirective):
    """Tiles that link to the pages of a registry's entries."""

    required_arguments = 1
    final_argument_whitespace = True
    option_spec: ClassVar = {"compact": directives.flag}

    def run(self):
        compact = "compact" in self.options
        tiles = nodes.bullet_list(classes=["tiles", "compact"] if compact else ["tiles"])
        entries = [(kind, *item) for kind in self.arguments[0].split() for item in registry(kind).items()]
        for kind, name, entry in entries:
            page = f"{REGISTRIES[kind][0]}/{name}"
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
            tex = formula(source, getattr(entry, "parameters", ()), short=True) if source and not compact else ""
            if tex and breadth(tex) < LONG:
                shown = nodes.math(tex, r"\displaystyle " + tex)
                tile += nodes.paragraph("", "", shown, classes=["tile-formula"])
            tiles += tile
        return [tiles]


class PagesInOrder(TocTree):
    """A new entry needs no line here: its page stands where the registry has it."""

    required_arguments = 1
    final_argument_whitespace = True

    def run(self):
        folder = self.env.docname.rpartition("/")[0] + "/"
        pages = {page.removeprefix(folder) for page in self.env.found_docs if page.startswith(folder)} - {"index"}
        named = [name for kind in self.arguments[0].split() for name in registry(kind) if name in pages]
        self.content = StringList(named + sorted(pages - set(named)), source=self.env.docname)
        self.options |= {"hidden": None, "glob": None}  # as a glob, the list is made again when there are other pages
        return super().run()


def breakable(name):
    """A name that may be broken at its underscores (by a space of no width)."""
    return name.replace("_", "_\u200b")


def sparkline(kind, entry):
    """Small curves of an entry: value and slope; for a row of numbers, of the first one while the others are 0."""
    if kind == "activations":
        return drawing(partial(entry, **entry.example), partial(entry.derivative, **entry.example), (-4.0, 4.0))
    if kind == "axis" or isinstance(entry, AxisFunction):
        return drawing(*first_of_row(entry), (-4.0, 4.0))
    if kind == "special":
        return drawing(*of_first(entry), ends_of(entry))
    if hasattr(entry, "gradient_definitions"):
        return drawing(*pair_curves(entry), (-4.0, 4.0))
    curves = (LOGARITHMS,) if "log-prob" in str(entry.domain) else LOSS_CURVES
    for ends, row, parameters in curves:
        try:
            return drawing(*loss_curves(entry, row, parameters), ends)
        except (TypeError, ValueError):  # not its domain, or not its arguments
            continue
    return None


def ends_of(entry):
    """What is drawn of a special function: the part of its domain around 0, or from 0 on."""
    low, high = (entry.domain.low, entry.domain.high) if isinstance(entry.domain, Interval) else (0, 4)
    if "x >= y" in str(entry.domain):
        return 1 / 32, 4.0
    return max(low, -4.0) + (1 / 32 if low == 0 else 0), min(high, 4.0) - (1 / 32 if high == 1 else 0)


def of_first(entry):
    """Value and slope of a special function; of two arguments, the second is 2, or 0 where they are logarithms."""
    if hasattr(entry, "derivative"):
        return entry, entry.derivative
    other = np.float32(0 if entry.name.startswith("log") else 2)
    return lambda x: entry(x, other), lambda x: entry.gradient(x, other)[0]


def three(x):
    return np.stack([x, np.zeros_like(x), np.zeros_like(x)], axis=-1)


def beside_one(x):
    return np.stack([x, np.ones_like(x)], axis=-1)


def first_of_row(entry):
    """Of functions that take a row by pairs or halves, it is the first of two numbers, the other being 1."""
    row, options = three if entry.multiple == 1 else beside_one, entry.example

    def value(x):
        result = entry(row(x), **options)
        return result[:, 0] if result.ndim > 1 else result

    def slope(x):
        upstream = np.zeros_like(entry(row(x), **options))
        upstream[(slice(None), 0)[: upstream.ndim]] = 1
        return entry.backward(upstream, row(x), **options)[:, 0]

    return value, slope


# What a loss may be drawn for: the ends of the axis, how a prediction is made of a number, and parameters it must have.
LOSS_CURVES = (
    ((-4.0, 4.0), None, {}),
    ((1 / 32, 31 / 32), None, {}),
    ((-4.0, 4.0), None, {"variance": 1.0}),
    ((-4.0, 4.0), three, {}),
    ((1 / 32, 31 / 32), lambda p: np.stack([p, 1 - p], axis=-1), {}),
)
LOGARITHMS = ((-4.0, 0.0), lambda q: np.stack([q, np.full_like(q, -1)], axis=-1), {})


def loss_curves(entry, row, parameters):
    """Loss and gradient for the target 1, or for the first class."""

    def arguments(x):
        if row is None:
            return x, np.ones_like(x)
        predictions = row(x)
        return predictions, np.eye(1, predictions.shape[-1], dtype=x.dtype).repeat(len(x), axis=0)

    def value(x):
        return np.asarray(entry(*arguments(x), reduction="none", **parameters), np.float32)

    def slope(x):
        gradient = np.asarray(entry.gradient(*arguments(x), reduction="sum", **parameters), np.float32)
        return gradient if row is None else gradient[:, 0]

    return value, slope


# What is held beside the first argument of a loss of several arrays; vectors have the entries x and 1, or x alone.
HELD = {"margin_ranking": (0.0, 1.0), "cosine_embedding": ((1.0, 0.0), 1.0), "triplet_margin": ((1.0,), (-1.0,))}


def pair_curves(entry):
    """Loss and gradient against the first argument, or its first entry."""
    held = [np.asarray(one, np.float32) for one in HELD.get(entry.name, ((1.0, 0.0),))]
    size = held[0].size if held[0].ndim else 0

    def arguments(x):
        first = np.stack([x, np.ones_like(x)], axis=-1)[:, :size] if size else x
        rest = [np.broadcast_to(one, first.shape if one.ndim or not size else ()) for one in held]
        return first, *(one if size or k else np.zeros_like(x) for k, one in enumerate(rest))

    def value(x):
        return np.asarray(entry(*arguments(x), reduction="none"), np.float32)

    def slope(x):
        gradient = entry.gradient(*arguments(x), reduction="sum")[0]
        return np.asarray(gradient[:, 0] if size else gradient, np.float32)

    return value, slope


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
        return self.document(kind, self.arguments[0].rpartition(".")[2], entry)

    def document(self, kind, name, entry):
        folder, module = REGISTRIES[kind]
        lines = [f".. py:function:: {name}{signature(entry)}", f"   :module: {module}", ""]
        body = docstring(entry.__doc__)
        page = f"{folder}/{name}"
        if page in self.env.found_docs:
            body += ["", f"The page :doc:`/{page}` derives and explains it."]
        body += ["", f"Methods: {methods(entry)}."]
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
        lines = [f".. automodule:: {name}", "   :members:"]
        if hasattr(importlib.import_module(name), "__all__"):
            lines.append("   :imported-members:")
        return self.parse_text_to_nodes("\n".join(lines))


def setup(app):
    app.add_directive("facts", Facts)
    app.add_directive("entry-index", EntryIndex)
    app.add_directive("pages-in-order", PagesInOrder)
    app.add_directive("entry-api", EntryApi)
    app.add_directive("entry-api-all", EntryApiAll)
    app.add_directive("module-api", ModuleApi)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
