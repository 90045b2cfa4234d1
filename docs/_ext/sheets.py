"""Directive ``exercise-sheets``: the exercises of each chapter on a sheet of its own, without the answers, to print.

::

    .. exercise-sheets::

The exercises are those of the chapters: the section of that name, in the order of the book.
"""

from answers import answer
from counts import note_page
from docutils import nodes
from sphinx.util.docutils import SphinxDirective

BOOK = "guide/index"


class exercise_sheets(nodes.General, nodes.Element):
    """Stands for the sheets until all pages are read."""


class ExerciseSheets(SphinxDirective):
    def run(self):
        note_page(self.env)
        return [exercise_sheets()]


def exercises(env, page):
    """The exercises of a chapter without answers and anchors; None if it has none."""
    for section in env.get_doctree(page).findall(nodes.section):
        if "exercises" in section["ids"]:
            found = section.deepcopy()
            for node in list(found.findall(answer)):
                node.parent.remove(node)
            for node in found.findall(nodes.Element):
                node["ids"], node["names"] = [], []
            return found.children[1:]
    return None


def in_order(env):
    return env.toctree_includes.get(BOOK, [])


def sheets(env):
    """(chapter's page, its title, its exercises), numbered as the chapters are."""
    found = []
    for number, page in enumerate(in_order(env)):
        content = exercises(env, page)
        if content:
            found.append((number, page, env.titles[page].astext(), content))
    return found


def fill(app, doctree, docname):
    for node in list(doctree.findall(exercise_sheets)):
        made = []
        for number, page, title, content in sheets(app.env):
            name = page.rpartition("/")[2]
            sheet = nodes.section(ids=[f"sheet-{name}"], classes=["exercise-sheet"])
            sheet += nodes.title("", f"Sheet {number}: {title}")
            sheet += nodes.paragraph("", "Name:", classes=["sheet-name"])
            sheet += content
            uri = app.builder.get_relative_uri(docname, page)
            chapter = nodes.reference("", title, refuri=uri, internal=True)
            sheet += nodes.paragraph(
                "", "", nodes.Text("From the chapter "), chapter, nodes.Text("."), classes=["sheet-foot"]
            )
            app.env.resolve_references(sheet, docname, app.builder)
            made.append(sheet)
        node.replace_self(made)


def setup(app):
    app.add_node(exercise_sheets)
    app.add_directive("exercise-sheets", ExerciseSheets)
    app.connect("doctree-resolved", fill)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
