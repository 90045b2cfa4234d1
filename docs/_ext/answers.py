r"""Directive ``answer``: the answer to an exercise, folded away until the reader asks.

::

    #. How far must :math:`x` be from 0 for the gradient to fall below one percent?

       .. answer::

          >>> print(actlib.sigmoid.inverse(0.99))
          4.59511985013459

A build with ``-t no-answers`` leaves the answers out, for teachers who assign the exercises: from the pages, and their
derivations from all lists. The derivations are checked in any case. What a book does with answers is in ``book.py``.
"""

from derivation_directive import anchor, chains
from docutils import nodes
from sphinx.util.docutils import SphinxDirective


class answer(nodes.General, nodes.Element):
    """A fold, closed at first."""


class Answer(SphinxDirective):
    has_content = True

    def run(self):
        self.assert_has_content()
        node = answer()
        self.state.nested_parse(self.content, self.content_offset, node)
        return [node]


def note_derivations(app, doctree):
    """Derivations within an answer are marked, so that lists can leave them out."""
    here = chains(app.env).get(app.env.docname, {})
    inside = {one for node in doctree.findall(answer) for box in node.findall(nodes.container) for one in box["ids"]}
    for name, chain in here.items():
        chain["answer"] = anchor(name) in inside


def leave_out(app, doctree, docname):
    """No answers, and no links to what is in them."""
    if not app.tags.has("no-answers"):
        return
    for node in list(doctree.findall(answer)):
        node.parent.remove(node)
    gone = {anchor(name) for here in chains(app.env).values() for name, chain in here.items() if chain.get("answer")}
    for node in list(doctree.findall(nodes.reference)):
        if node.get("refid", node.get("refuri", "").partition("#")[2]) in gone:
            node.replace_self(node.children)


def visit_html(self, node):
    self.body.append('<details class="answer"><summary>Answer</summary><div class="answer-text">')


def depart_html(self, node):
    self.body.append("</div></details>\n")


def setup(app):
    app.add_node(answer, html=(visit_html, depart_html))
    app.add_directive("answer", Answer)
    app.connect("doctree-read", note_derivations)
    app.connect("doctree-resolved", leave_out, priority=900)  # when all links are there
    return {"parallel_read_safe": True, "parallel_write_safe": True}
