"""Below the table of facts of a function: the chapters and experiments that use it.

Nobody types these links: a chapter or an experiment is linked if its text names the function, as ``:ref:`sigmoid```,
``actlib.sigmoid``, ``losses.huber``, ``special.ndtr`` or in ``from actlib import sigmoid``.
"""

import ast
import re
from pathlib import Path

from docutils import nodes

ROOT = Path(__file__).resolve().parents[2]


class crosslinks(nodes.General, nodes.Element):
    """Stands for the links until all pages are read; `entry` is ``sigmoid`` or ``losses.huber``."""


def names_in_page(text):
    """Entries that a page links to or calls."""
    links = set(re.findall(r":ref:`(?:[^`<]*<)?([a-z_0-9]+)>?`", text))
    calls = set(re.findall(r"\bactlib\.([a-z_0-9]+)", text))
    special = re.findall(r"(?<!scipy\.)(?<!torch\.)\bspecial\.([a-z_0-9]+)", text)
    losses = links | set(re.findall(r"\blosses\.([a-z_0-9]+)", text))
    return links | calls | {f"losses.{name}" for name in losses} | {f"special.{name}" for name in special}


def names_in_script(text):
    """Entries that a script uses."""
    names = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ImportFrom) and node.module == "actlib":
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            if node.value.id == "actlib":
                names.add(node.attr)
            elif node.value.id in ("losses", "special"):
                names.add(f"{node.value.id}.{node.attr}")
    return names


def uses(env):
    """{entry: ([chapters], [experiments])}, in the order of the book."""
    found = {}
    pages = [(0, page, names_in_page) for page in env.toctree_includes.get("guide/index", ())]
    scripts = (page for page in env.found_docs if page.startswith("tutorials/") and not page.endswith("index"))
    pages += [(1, page, names_in_script) for page in sorted(scripts)]
    for kind, page, names in pages:
        path = ROOT / f"{page}.py" if kind else Path(env.doc2path(page))
        if path.exists():
            for name in names(path.read_text("utf-8")):
                found.setdefault(name, ([], []))[kind].append(page)
    return found


def line(app, docname, words, pages):
    """``In the book: Two classes, Many classes``."""
    paragraph = nodes.paragraph("", "", nodes.inline("", words + " ", classes=["crosslinks-what"]))
    for position, page in enumerate(pages):
        uri = app.builder.get_relative_uri(docname, page)
        title = app.env.titles[page].astext()
        paragraph += [nodes.Text(" · " if position else ""), nodes.reference("", title, refuri=uri, internal=True)]
    return paragraph


def fill(app, doctree, docname):
    nodes_here = list(doctree.findall(crosslinks))
    if not nodes_here:
        return
    found = uses(app.env)
    for node in nodes_here:
        chapters, experiments = found.get(node["entry"], ([], []))
        box = nodes.container(classes=["crosslinks"])
        for words, pages in (("In the book:", chapters), ("Experiments:", experiments)):
            if pages:
                box += line(app, docname, words, pages)
        node.replace_self([box] if box.children else [])


def pages_with_links(app, env):
    """The pages of entries that another chapter or experiment uses than in the last build."""
    before, now = getattr(env, "actlib_uses", {}), uses(env)
    env.actlib_uses = now
    changed = {name for name in before.keys() | now.keys() if before.get(name) != now.get(name)}
    pages = (name.replace(".", "/") if "." in name else f"functions/{name}" for name in changed)
    return [page for page in pages if page in env.found_docs]


def setup(app):
    app.add_node(crosslinks)
    app.connect("env-updated", pages_with_links)
    app.connect("doctree-resolved", fill)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
