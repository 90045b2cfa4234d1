"""Formulas are rendered by KaTeX while the site is built, so a page needs no script to show them.

KaTeX is one JavaScript file; QuickJS runs it inside Python. The output is HTML with MathML beside it for
screen readers. A formula that KaTeX does not accept is an error with file and line, and it fails the build.
"""

import functools
import json
import multiprocessing
import re
from pathlib import Path

from docutils import nodes
from sphinx.errors import SphinxError
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number

logger = logging.getLogger(__name__)
broken = []  # formulas of this build that KaTeX refused
SHORT = 24  # letters: a longer formula may be broken, and needs no help with its comma
# for readers of EPUB, which set MathML and have no style sheet of KaTeX; and for paper
OUTPUT = {"ebook": "mathml", "book": "html"}
# in x_\min, where MathML allows one thing alone
APPLIED_TO_NOTHING = re.compile("<mo>\u2061</mo>(?=</m(?:sub|sup|subsup)>)")
KATEX = Path(__file__).parent / "katex" / "katex.min.js"


class FormulaError(ValueError):
    """KaTeX refused a formula."""


@functools.cache
def _renderer():
    import quickjs

    context = quickjs.Context()
    context.eval("var window = globalThis;" + KATEX.read_text("utf-8"))
    context.eval("function render(tex, options) { return katex.renderToString(tex, JSON.parse(options)); }")
    return context.get("render"), quickjs.JSException


@functools.cache
def render(tex, display=False, macros=(), output=None):
    """HTML and MathML of one formula, or one of both; `macros` is a tuple of (name, expansion) pairs."""
    function, failure = _renderer()
    options = {"displayMode": display, "throwOnError": True, "strict": "error", "output": output or "htmlAndMathml"}
    try:
        html = function(tex, json.dumps({**options, "macros": dict(macros)}))
        return APPLIED_TO_NOTHING.sub("", html)
    except failure as error:
        raise FormulaError(str(error).splitlines()[0]) from None


def several_lines(tex):
    """Give a display formula with line breaks the environment that Sphinx would give it in LaTeX."""
    if r"\\" in tex and r"\begin{" not in tex:
        return rf"\begin{{aligned}}{tex}\end{{aligned}}"
    return tex


def _emit(translator, node, display):
    tex = several_lines(node.astext()) if display else node.astext()
    try:
        html = render(tex, display, tuple(translator.config.katex_macros.items()), OUTPUT.get(translator.builder.name))
    except FormulaError as error:
        logger.error("formula %r: %s", tex, error, location=node)
        if multiprocessing.parent_process() is not None:  # a note would not reach the main process
            raise SphinxError(f"formula {tex!r}: {error}") from None
        broken.append(tex)
        return f"<code>{translator.encode(tex)}</code>"
    if translator.builder.name == "book":  # one picture with a text, where MathML would be printed too, unseen
        return f'<span role="img" aria-label="{translator.attval(node.astext())}">{html}</span>'
    return html


def breadth(tex):
    """Roughly how many letters wide a formula is: its commands count one, a fraction as the longer of its halves."""
    previous = None
    while tex != previous:
        previous = tex
        tex = re.sub(r"\\frac\{([^{}]*)\}\{([^{}]*)\}", lambda halves: max(halves.groups(), key=len), tex)
        tex = re.sub(r"[\^_]\{([^{}]*)\}", lambda script: "x" * (breadth(script[1]) // 2), tex)
        tex = re.sub(r"\\begin\{cases\}|\\end\{cases\}|\\(?:text|mathrm|operatorname)(?=\{)", "", tex)
        tex = re.sub(r"(?<!frac)(?<!\})\{([^{}]*)\}", r"\1", tex)
    rows = re.sub(r"\\[a-zA-Z]+|\\[{}|]", "x", tex.replace(r"\displaystyle", "")).split(r"\\")
    return max(len(re.sub(r"\\[,;:! ]|[\s{}&^_]", "", row)) for row in rows)


def keep_punctuation(app, doctree, docname):
    """A comma or a full stop stays on the line of its formula, which is a box and would let it go."""
    for formula in list(doctree.findall(nodes.math)):
        after = formula.next_node(descend=False, siblings=True)
        marks = re.match(r"[,.;:!?)\]”’]+", after.astext()) if isinstance(after, nodes.Text) else None
        if marks and after.parent is formula.parent and breadth(formula.astext()) <= SHORT:
            place = next(number for number, node in enumerate(after.parent) if node is after)  # equal texts abound
            after.parent[place] = nodes.Text(after.astext()[marks.end() :])
            together = nodes.inline(classes=["together"])
            formula.replace_self(together)
            together += [formula, nodes.Text(marks[0])]


def visit_inline(self, node):
    self.body.append(f'<span class="math">{_emit(self, node, display=False)}</span>')
    raise nodes.SkipNode


def visit_block(self, node):
    self.body.append(self.starttag(node, "div", CLASS="math"))
    self.body.append(_emit(self, node, display=True))
    if node["number"]:
        self.body.append(f'<span class="eqno">({get_node_equation_number(self, node)})')
        self.add_permalink_ref(node, "Link to this equation")
        self.body.append("</span>")
    self.body.append("</div>")
    raise nodes.SkipNode


def fail_on_broken(app, exception):
    formulas = list(broken)
    broken.clear()
    if exception is None and formulas:
        raise SphinxError(f"{len(formulas)} formula(s) cannot be rendered: {formulas}")


def setup(app):
    app.add_config_value("katex_macros", {}, "html")
    app.add_html_math_renderer("katex", (visit_inline, None), (visit_block, None))
    app.add_css_file("katex/katex.min.css")
    app.connect("doctree-resolved", keep_punctuation)
    app.connect("build-finished", fail_on_broken)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
