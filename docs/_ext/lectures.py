"""Directive ``lecture-table``: the topics of a lecture in the order of its slides, and where this book treats each.

::

    .. lecture-table:: krippahl

The topics are in ``lectures.json`` beside this file, each with links: a page or one of its sections
(``guide/likelihood#the-setting``), a derivation (``derivation-likelihood-gaussian``), an experiment
(``tutorials/likelihood/plot_line_fit``), a preset of the playground (``playground#relu-deep``). They are made when all
pages have been read; a link that leads nowhere is a warning.
"""

import json
from pathlib import Path

from counts import note_page
from derivation_directive import anchor, chains, shown
from docutils import nodes
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

logger = logging.getLogger(__name__)
FILE = Path(__file__).with_name("lectures.json")


def lectures():
    """{name: {"title": ..., "parts": [{"title": ..., "rows": [[topic, link, ...], ...]}, ...]}}."""
    return json.loads(FILE.read_text("utf-8"))


class lecture_links(nodes.General, nodes.Element):
    """Stands for the links of a row until all pages are read."""


class LectureTable(SphinxDirective):
    required_arguments = 1

    def run(self):
        self.env.note_dependency(str(FILE))
        note_page(self.env)
        name = self.arguments[0]
        if name not in lectures():
            raise self.error(f"lectures.json has no lecture {name!r}")
        parts = lectures()[name]["parts"]
        count = sum(len(part["rows"]) for part in parts)
        made = [nodes.paragraph("", f"{count} topics, in the order of the slides.", classes=["lecture-count"])]
        for part in parts:
            made.append(nodes.rubric("", part["title"]))
            made.append(self._table(part["rows"]))
        return made

    def _table(self, rows):
        group = nodes.tgroup(cols=2)
        group += [nodes.colspec(colwidth=45), nodes.colspec(colwidth=55)]
        head = nodes.row()
        for words in ("Topic", "In this book"):
            head += nodes.entry("", nodes.paragraph("", words))
        group += nodes.thead("", head)
        body = nodes.tbody()
        for topic, *links in rows:
            inline, messages = self.parse_inline(topic)
            row = nodes.row("", nodes.entry("", nodes.paragraph("", "", *inline), *messages))
            row += nodes.entry("", lecture_links(links=links))
            body += row
        group += body
        return nodes.table("", group, classes=["lecture-table", "colwidths-given"])


def section_title(env, page, place):
    """The title of the section of a page that has this anchor, or None."""
    for section in env.get_doctree(page).findall(nodes.section):
        if place in section["ids"]:
            return next(section.findall(nodes.title)).astext()
    return None


def presets():
    path = FILE.parents[1] / "_static" / "playground" / "presets.json"
    return json.loads(path.read_text("utf-8"))


def preset_title(name):
    """What a preset is called, or None."""
    found = presets().get(name)
    return found if isinstance(found, str) or found is None else found.get("title", name)


def target(env, link):
    """What a link is: (kind, title, page, anchor); None if it leads nowhere."""
    if link.startswith("derivation-"):
        name = link.removeprefix("derivation-")
        for page, here in chains(env).items():
            if name in here:
                return "derivation", here[name]["title"], page, anchor(name)
        return None
    page, _, place = link.partition("#")
    if page == "playground" and place:
        title = preset_title(place)
        return title and ("playground", title, page, place)
    if page not in env.found_docs:
        return None
    title = env.titles[page].astext()
    if place:
        section = section_title(env, page, place)
        title = section and f"{title}: {section}"
    kind = "experiment" if page.startswith("tutorials/") else ""
    return title and (kind, title, page, place)


def item(app, docname, link):
    """A link as a list item."""
    found = target(app.env, link)
    if found is None:
        logger.warning("lectures.json: %s leads nowhere", link, location=docname)
        return nodes.list_item("", nodes.paragraph("", link))
    kind, title, page, place = found
    address = app.builder.get_relative_uri(docname, page) + (f"#{place}" if place else "")
    words = nodes.paragraph()
    if kind:
        words += nodes.inline("", f"{kind} ", classes=["link-kind"])
    words += nodes.reference("", title, refuri=address, internal=True)
    return nodes.list_item("", words)


def in_an_answer(app, link):
    """Whether a link leads to a derivation that a build without answers leaves out."""
    name = link.removeprefix("derivation-")
    there = any(name in here for here in chains(app.env).values())
    return there and not any(name in here for here in shown(app).values())


def fill(app, doctree, docname):
    for node in list(doctree.findall(lecture_links)):
        items = [item(app, docname, link) for link in node["links"] if not in_an_answer(app, link)]
        node.replace_self(nodes.bullet_list("", *items, classes=["lecture-links"]))


def setup(app):
    app.add_node(lecture_links)
    app.add_directive("lecture-table", LectureTable)
    app.connect("doctree-resolved", fill)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
