r"""The playground page: its data, its scripts, and links to it.

Role ``playground``: a link with a preset, ``:playground:`watch it stand still <sigmoid-deep>```. The presets are those
of ``_static/playground/presets.json``, each with a title and settings as they stand in a URL; a name that is not there
is an error of the page.

Directive ``playground``: the playground itself. What it is given as content is shown where no script runs.
"""

import html
import json
import re
from pathlib import Path

from docutils import nodes
from sphinx.util.docutils import ReferenceRole, SphinxDirective

FOLDER = Path(__file__).parents[1] / "_static" / "playground"
SCRIPTS = ("functions.js", "network.js", "settings.js", "view.js")
MARKUP = Path(__file__).with_suffix(".html")
POINTS = 200  # for training, and as many for the test


def presets():
    """{name: {"title": ..., "settings": ...}}."""
    return json.loads((FOLDER / "presets.json").read_text("utf-8"))


def samples():
    """The data sets, drawn by the library: {name: {"title": ..., "train": ..., "test": ...}}, points and labels.

    Each set is centred, and scaled by one number for both coordinates, so that a coordinate has the variance 1. Points
    are rounded, so that a page is the same wherever it is built.
    """
    from actlib import datasets

    chosen = {
        "blobs": ("Blobs", datasets.blobs, {"classes": 2}),
        "xor": ("XOR", datasets.xor, {}),
        "rings": ("Rings", datasets.rings, {}),
        "spirals": ("Spirals", datasets.spirals, {}),
        "two_classes": ("Two classes", datasets.two_classes, {"noise": 0.05}),
        "noisy": ("Noisy classes", datasets.two_classes, {"noise": 0.6}),
    }
    result = {}
    for seed, (name, (title, draw, options)) in enumerate(chosen.items()):
        X, y = draw(2 * POINTS, rng=seed, **options)
        X = X - X.mean(axis=0)
        X = (X / X.std()).round(3)
        parts = {"train": slice(0, POINTS), "test": slice(POINTS, None)}
        result[name] = {"title": title} | {
            part: {"x": X[rows].ravel().tolist(), "labels": y[rows].tolist()} for part, rows in parts.items()
        }
    return result


def functions():
    """The library's activations that functions.js has too."""
    from actlib import ACTIVATIONS

    written = re.findall(r"^    (\w+): \{", (FOLDER / "functions.js").read_text("utf-8"), re.MULTILINE)
    return [name for name in written if name in ACTIVATIONS]


class PlaygroundRole(ReferenceRole):
    def run(self):
        if self.target not in presets():
            message = self.inliner.reporter.error(f"no preset {self.target!r} of the playground", line=self.lineno)
            return [self.inliner.problematic(self.rawtext, self.rawtext, message)], [message]
        address = "../" * self.env.docname.count("/") + f"playground.html#{self.target}"
        return [nodes.reference(self.rawtext, self.title, refuri=address, internal=True)], []


class PlaygroundDirective(SphinxDirective):
    has_content = True

    def run(self):
        self.env.note_dependency(str(FOLDER / "presets.json"))
        self.env.note_dependency(str(MARKUP))
        given = {"data": samples(), "presets": presets(), "functions": functions()}
        given = json.dumps(given, separators=(",", ":")).replace("</", "<\\/")
        markup = MARKUP.read_text("utf-8")
        markup = markup.replace("<!-- presets -->", options({key: one["title"] for key, one in presets().items()}))
        still = nodes.container(classes=["playground-still"])
        still += self.parse_content_to_nodes()
        script = f'<script type="application/json" id="playground-data">{given}</script>'
        return [nodes.raw("", markup + script, format="html"), still, Playground()]


class Playground(nodes.Invisible, nodes.Element):
    """Marks the page that needs the scripts."""


def options(titles):
    """Presets to choose from; each is what a link to it points at, also for a checker of links."""
    return "".join(
        f'<option id="{name}" value="{name}">{html.escape(title)}</option>' for name, title in titles.items()
    )


def load_scripts(app, pagename, templatename, context, doctree):
    if doctree is not None and any(doctree.findall(Playground)):
        app.add_css_file("playground/playground.css")
        for script in SCRIPTS:
            app.add_js_file(f"playground/{script}", loading_method="defer")


def setup(app):
    nothing = (lambda translator, node: None, lambda translator, node: None)
    app.add_node(Playground, html=nothing, latex=nothing, text=nothing, epub=nothing)
    app.add_role("playground", PlaygroundRole())
    app.add_directive("playground", PlaygroundDirective)
    app.connect("html-page-context", load_scripts)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
