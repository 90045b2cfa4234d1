"""Citations as docutils has them, without the ARIA roles that are deprecated or wrongly nested.

docutils wraps citations in ``role="list"`` with children that are no list items, and gives them a deprecated
role. All references are on one page, bibliography.rst; any page cites them as ``[Key2011]_``.
"""

from docutils import nodes


def visit_citation(self, node):
    self.body.append(self.starttag(node, "div", CLASS="citation"))


def depart_citation(self, node):
    self.body.append("</div>\n")


def setup(app):
    app.add_node(nodes.citation, override=True, html=(visit_citation, depart_citation))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
