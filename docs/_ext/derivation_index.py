"""Directive ``derivation-index``: all derivations of the site, counted by badge and linked, page by page.

::

    .. derivation-index::

It is filled in when all pages have been read; pages stand in the order of the table of contents.
"""

from collections import Counter

from counts import note_page
from derivation_directive import anchor, shown
from docutils import nodes
from sphinx.util.docutils import SphinxDirective

BADGES = {  # in this order; the words of a badge that decide, and what it means
    "exact": "exact",
    "exact, where defined": "exact where defined or differentiable",
    "tested": "tested with 50 digits",
    "assumed": "assumed",
}


class derivation_index(nodes.General, nodes.Element):
    """Stands for the list until all pages are read."""


class DerivationIndex(SphinxDirective):
    def run(self):
        note_page(self.env)
        return [derivation_index()]


def kind(step):
    """Under which badge a step is counted."""
    if step["status"] == "exact":
        return "exact, where defined" if "where" in step["badge"] else "exact"
    return step["status"] if step["status"] in BADGES else "tested"


def tally(found):
    """How many steps of these chains carry each badge."""
    return Counter(kind(step) for chain in found for step in chain["steps"][1:])


def in_reading_order(env, pages):
    """Pages as the table of contents has them; the first page is the root."""
    order, todo = [], [env.config.root_doc]
    while todo:
        page = todo.pop(0)
        if page not in order:
            order.append(page)
            todo = env.toctree_includes.get(page, []) + todo
    return sorted(pages, key=lambda page: (order.index(page) if page in order else len(order), page))


def words(counted):
    """For example: 12 exact, 1 tested."""
    return ", ".join(f"{counted[badge]} {badge}" for badge in BADGES if counted[badge])


def link(app, docname, page, anchor, text):
    address = app.builder.get_relative_uri(docname, page) + (f"#{anchor}" if anchor else "")
    return nodes.reference("", text, refuri=address, internal=True)


def row(*cells):
    made = nodes.row()
    for cell in cells:
        paragraph = nodes.paragraph("", "", cell if isinstance(cell, nodes.Node) else nodes.Text(str(cell)))
        made += nodes.entry("", paragraph)
    return made


def table(head, rows, classes=()):
    group = nodes.tgroup(cols=len(head))
    group += [nodes.colspec(colwidth=1) for _ in head]
    group += nodes.thead("", row(*head))
    group += nodes.tbody("", *rows)
    return nodes.table("", group, classes=["colwidths-auto", *classes])


def fill(app, doctree, docname):
    for node in list(doctree.findall(derivation_index)):
        pages = {page: here for page, here in shown(app).items() if here}
        everything = [chain for here in pages.values() for chain in here.values()]
        total = tally(everything)
        rows = [row(meaning[0].upper() + meaning[1:], f"{total[badge]:,}") for badge, meaning in BADGES.items()]
        rows.append(row(f"All, in {len(everything):,} derivations on {len(pages)} pages", f"{sum(total.values()):,}"))
        made = [table(("Badge", "Steps"), rows, ["derivation-totals"])]
        for page in in_reading_order(app.env, pages):
            here = pages[page]
            head = nodes.paragraph("", "", link(app, docname, page, "", app.env.titles[page].astext()))
            head += nodes.inline("", f"  {words(tally(here.values()))}", classes=["derivation-tally"])
            items = nodes.bullet_list(classes=["derivation-list"])
            for name, chain in here.items():
                item = nodes.paragraph()
                item += link(app, docname, page, anchor(name), chain["title"])
                item += nodes.inline("", f"  {words(tally([chain]))}", classes=["derivation-tally"])
                items += nodes.list_item("", item)
            head["classes"] = ["derivation-page"]
            made += [head, items]
        node.replace_self(made)


def setup(app):
    app.add_directive("derivation-index", DerivationIndex)
    app.connect("doctree-resolved", fill)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
