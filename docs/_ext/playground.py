r"""Role ``playground``: a link to the playground with a preset, ``:playground:`watch it stand still <sigmoid-deep>```.

The presets are those of ``_static/playground/presets.json``; a name that is not there is an error of the page.
"""

import json
from pathlib import Path

from docutils import nodes
from sphinx.util.docutils import ReferenceRole

PRESETS = Path(__file__).parents[1] / "_static" / "playground" / "presets.json"


class PlaygroundRole(ReferenceRole):
    def run(self):
        if self.target not in json.loads(PRESETS.read_text("utf-8")):
            message = self.inliner.reporter.error(f"no preset {self.target!r} of the playground", line=self.lineno)
            return [self.inliner.problematic(self.rawtext, self.rawtext, message)], [message]
        address = "../" * self.env.docname.count("/") + f"playground.html#{self.target}"
        return [nodes.reference(self.rawtext, self.title, refuri=address, internal=True)], []


def setup(app):
    app.add_role("playground", PlaygroundRole())
    return {"parallel_read_safe": True, "parallel_write_safe": True}
