"""The description that a search engine shows below the title of a page: its lead, or else its first paragraph."""

import html

from docutils import nodes

LONGEST = 200


def describe(doctree):
    paragraphs = [node for node in doctree.findall(nodes.paragraph) if not isinstance(node.parent, nodes.field_body)]
    lead = [node for node in paragraphs if "lead" in node.get("classes", ()) + node.parent.get("classes", [])]
    words = " ".join(node.astext() for node in (lead or paragraphs)[:1]).split()
    while len(" ".join(words)) > LONGEST:
        words.pop()
    return " ".join(words)


def add(app, page, template, context, doctree):
    text = describe(doctree) if doctree else f"{context.get('title', 'Pages')} of the textbook and library actlib"
    if text:
        tag = f'<meta name="description" content="{html.escape(text, quote=True)}">'
        context["metatags"] = context.get("metatags", "") + tag + "\n"


def setup(app):
    app.connect("html-page-context", add)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
