r"""Directive ``answer``: the answer to an exercise, folded away until the reader asks.

::

    #. How far must :math:`x` be from 0 for the gradient to fall below one percent?

       .. answer::

          >>> print(actlib.sigmoid.inverse(0.99))
          4.59511985013459

A build with ``-t no-answers`` leaves the answers out, for teachers who assign the exercises. Derivations inside are
checked in any case. What a book does with answers is in ``book.py``.
"""

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


def leave_out(app, doctree, docname):
    if app.tags.has("no-answers"):
        for node in list(doctree.findall(answer)):
            node.parent.remove(node)


def visit_html(self, node):
    self.body.append('<details class="answer"><summary>Answer</summary><div class="answer-text">')


def depart_html(self, node):
    self.body.append("</div></details>\n")


def setup(app):
    app.add_node(answer, html=(visit_html, depart_html))
    app.add_directive("answer", Answer)
    app.connect("doctree-resolved", leave_out)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
