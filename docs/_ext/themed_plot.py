r"""Directive ``themed-plot``: matplotlib code, run by the build, as an inline picture in the page's colours.

The plot is drawn in colours that nothing else uses; in the SVG they are replaced by the CSS variables of the
theme, so one picture serves light and dark.

::

    .. themed-plot:: What the picture shows, as a sentence for those who cannot see it.
       :caption: Parsed as text, with :math:`x` and links.
       :show-code:

       x = np.linspace(0, 36, 400)
       figure, axes = plt.subplots()
       axes.semilogy(x, actlib.sigmoid(x))

``np``, ``plt`` and ``actlib`` are there already; the code may plot into the current figure or make one. With
``:show-code:`` the code stands below the picture.
"""

import contextlib
import html
import io
import logging
import re
import warnings
from typing import ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util.docutils import SphinxDirective

INK, GRID = "#010203", "#040506"
CYCLE = ["#0a0b01", "#0a0b02", "#0a0b03", "#0a0b04", "#0a0b05", "#0a0b06"]
VARIABLES = {
    INK: "var(--ink-soft)",
    GRID: "var(--line)",
    **{colour: f"var(--curve-{number})" for number, colour in enumerate(CYCLE, 1)},
}
SIZE = (7.2, 3.4)
NARROW = 4.1  # inches: on a telephone of 390 pixels letters of 10 points have about 11


def settings():
    """matplotlib's settings for all pictures of the site."""
    import matplotlib

    return {
        "svg.fonttype": "none",
        "svg.hashsalt": "actlib",
        "figure.figsize": SIZE,
        "figure.constrained_layout.use": True,
        "figure.facecolor": "none",
        "axes.facecolor": "none",
        "savefig.facecolor": "none",
        "font.size": 10,
        "text.color": INK,
        "axes.labelcolor": INK,
        "axes.titlecolor": INK,
        "axes.titlesize": 10.5,
        "axes.edgecolor": GRID,
        "xtick.color": INK,
        "ytick.color": INK,
        "grid.color": GRID,
        "grid.linewidth": 0.7,
        "axes.grid": True,
        "axes.axisbelow": True,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.spines.left": False,
        "axes.prop_cycle": matplotlib.cycler(color=CYCLE),
        "xtick.major.size": 0,
        "ytick.major.size": 0,
        "xtick.minor.size": 0,
        "ytick.minor.size": 0,
        "legend.frameon": False,
        "lines.linewidth": 2.2,
        "lines.solid_capstyle": "round",
    }


def inline_svg(figure, label, prefix):
    """SVG of a matplotlib figure with theme colours, an accessible name and identifiers of its own."""
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None})
    svg = buffer.getvalue()
    svg = svg[svg.index("<svg") :]
    for colour, variable in VARIABLES.items():
        svg = svg.replace(colour, variable)
    svg = re.sub(r'(\bid="|url\(#|href="#)', rf"\g<1>{prefix}-", svg)
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r'(<svg[^>]*?) width="[^"]*"', r"\1", svg, count=1)
    svg = re.sub(r'(<svg[^>]*?) height="[^"]*"', r"\1", svg, count=1)
    return svg.replace("<svg", f'<svg role="img" aria-label="{html.escape(label, quote=True)}"', 1)


def both_widths(figure, label, prefix):
    """A figure drawn twice, for the page and for a telephone, where a smaller picture keeps its letters legible."""
    wide = inline_svg(figure, label, prefix)
    width, height = figure.get_size_inches()
    figure.set_size_inches(NARROW, min(height, NARROW * max(height / width, 0.7)))
    narrow = inline_svg(figure, label, f"{prefix}-narrow")
    return f'<div class="wide">{wide}</div><div class="narrow">{narrow}</div>'


@contextlib.contextmanager
def canvas():
    """matplotlib without a screen, in the site's style, left as it was found."""
    import matplotlib

    matplotlib.use("Agg")
    logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)
    import matplotlib.pyplot as plt

    with plt.rc_context(settings()):
        yield plt
        plt.close("all")


class themed_figure(nodes.General, nodes.Element):
    """A picture in the colours of the page, `pictures` as HTML; its child, if any, is the caption."""


def visit_figure(self, node):
    self.body.append(f'<figure class="themed-plot">{node["pictures"]}')
    self.body.append("<figcaption>" if node.children else "")


def depart_figure(self, node):
    self.body.append("</figcaption>" if node.children else "")
    self.body.append("</figure>\n")


class ThemedPlot(SphinxDirective):
    has_content = True
    required_arguments = 1
    final_argument_whitespace = True
    option_spec: ClassVar = {"caption": directives.unchanged_required, "show-code": directives.flag}

    def run(self):
        import numpy as np

        import actlib

        code = "\n".join(self.content)
        source, offset = self.content.items[0]
        prefix = f"plot-{self.env.docname.replace('/', '-')}-{self.env.new_serialno('themed-plot')}"
        with canvas() as plt, warnings.catch_warnings():
            warnings.simplefilter("error")
            try:
                # Newlines in front make the line numbers of an error those of the page.
                exec(compile("\n" * offset + code, source, "exec"), {"np": np, "plt": plt, "actlib": actlib})
                svg = both_widths(plt.gcf(), " ".join(self.arguments[0].split()), prefix)
            except Exception as error:
                raise self.error(f"themed-plot: {type(error).__name__}: {error}") from error
        picture = themed_figure("", pictures=svg)
        if "caption" in self.options:
            inline, messages = self.parse_inline(self.options["caption"], lineno=self.lineno)
            picture += [nodes.paragraph("", "", *inline), *messages]
        result = [picture]
        if "show-code" in self.options:
            result.append(nodes.literal_block(code, code, language="python"))
        return result


def setup(app):
    app.add_node(themed_figure, html=(visit_figure, depart_figure))
    app.add_directive("themed-plot", ThemedPlot)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
