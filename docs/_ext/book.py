"""Builder ``book``: chapters, functions, losses and laboratory as one page, for printing; and what an EPUB needs.

A book has nothing to click. Its figures stand still, and the answers to the exercises come at the end: of the whole in
the printed book, of each page in the EPUB. ``docs/make_book.py`` makes the files that readers download.
"""

import re
from pathlib import Path
from urllib.parse import unquote

from answers import answer
from docutils import nodes
from docutils.utils import new_document
from sphinx import addnodes
from sphinx.builders.singlehtml import SingleFileHTMLBuilder
from sphinx.util.nodes import inline_all_toctrees
from themed_plot import themed_figure

PARTS = ("guide/index", "functions/index", "losses/index", "tutorials/index", "bibliography")
PAGE = """<!DOCTYPE html>
<html lang="en" data-theme="light">
<head>
<meta charset="utf-8">
<title>{title}</title>
<link rel="stylesheet" href="{static}/basic.css">
<link rel="stylesheet" href="{static}/pygments.css">
<link rel="stylesheet" href="{static}/katex/katex.min.css">
<link rel="stylesheet" href="{static}/site.css">
<link rel="stylesheet" href="{static}/book.css">
</head>
<body>
<header class="book-cover"><p class="book-title">{title}</p>
<p>Activation and loss functions: derived, measured, checked</p><p>{release}</p></header>
<nav class="book-contents"><p class="book-heading">Contents</p>{contents}</nav>
<main class="bd-article">{body}</main>
</body>
</html>
"""


class BookBuilder(SingleFileHTMLBuilder):
    name = "book"
    epilog = "The book is one page, %(outdir)s/book.html; docs/make_book.py prints it."

    def assemble_doctree(self):
        tree, traversed = new_document("book"), [self.config.root_doc]
        for part in PARTS:
            inlined = inline_all_toctrees(self, set(), part, self.env.get_doctree(part), str, traversed)
            tree += file_of(part, inlined)
        tree.settings, tree["docname"] = self.env.settings_defaults or tree.settings, self.config.root_doc
        self.env.resolve_references(tree, self.config.root_doc, self)
        answers_at_the_end(tree)
        own_names(tree)
        without_dead_links(tree)
        return tree

    def write_documents(self, docnames):
        self.prepare_writing(self.env.all_docs.keys())
        tree = self.assemble_doctree()
        self.env.toc_secnumbers, self.env.toc_fignumbers = {}, {}
        self.write_doc(self.config.root_doc, tree)

    def handle_page(self, pagename, context, *arguments, **keywords):
        page = PAGE.format(
            title=self.config.project,
            release=f"Version {self.config.release}" if self.config.release else "",
            static=Path("../html/_static").as_posix(),
            contents=context["toc"],
            body=context["body"],
        )
        Path(self.outdir, "book.html").write_text(page, "utf-8")

    def get_doc_context(self, docname, body, metatags):
        return {"body": body, "toc": contents(self.env)}

    def finish(self):
        self.copy_image_files()


def file_of(docname, tree):
    """The children of a tree, marked as those of a file."""
    part = addnodes.start_of_file(docname=docname)
    part.children = tree.children
    for child in part.children:
        child.parent = part
    return part


def contents(env):
    """HTML list of parts and their pages."""
    lines = []
    for part in PARTS:
        lines.append(f'<li><a href="#document-{part}">{env.titles[part].astext()}</a><ul>')
        for page in env.toctree_includes.get(part, ()):
            lines.append(f'<li><a href="#document-{page}">{env.titles[page].astext()}</a></li>')
        lines.append("</ul></li>")
    return f"<ul>{''.join(lines)}</ul>"


def numbered_answers(tree):
    """Take the answers out of a tree, leaving their numbers; returns them with number and page."""
    taken = []
    for number, node in enumerate(list(tree.findall(answer)), 1):
        page = next((up for up in above(node) if isinstance(up, addnodes.start_of_file)), None)
        place, back = f"answer-{number}", f"exercise-{number}"
        link = nodes.reference("", f"Answer {number}", refuri=f"#{place}", internal=True)
        node.replace_self(nodes.paragraph("", "", link, ids=[back], classes=["answer-link"]))
        entry = nodes.container(ids=[place], classes=["answer-entry"])
        entry += nodes.paragraph("", "", nodes.reference("", f"{number}.", refuri=f"#{back}", internal=True))
        entry += node.children
        taken.append((page["docname"] if page else "", entry))
    return taken


def above(node):
    while node.parent is not None:
        node = node.parent
        yield node


def title_of(tree, docname):
    file = next(one for one in tree.findall(addnodes.start_of_file) if one["docname"] == docname)
    return next(file.findall(nodes.title)).astext()


def answers_at_the_end(tree):
    taken = numbered_answers(tree)
    if not taken:
        return
    part = addnodes.start_of_file(docname="answers")
    section = nodes.section(ids=["answers"], classes=["answers"])
    section += nodes.title("", "Answers")
    here = None
    for docname, entry in taken:
        if docname != here:
            here, title = docname, title_of(tree, docname)
            group = nodes.section(ids=[f"answers-{docname.replace('/', '-')}"])
            group += nodes.title("", title)
            section += group
        group += entry
    part += section
    tree += part


GLOBAL = re.compile(r"#(document-|answer-\d|exercise-\d)")


def own_names(tree):
    """Give each file's anchors a prefix, since headings such as "Exercises" occur in all of them."""
    for file in tree.findall(addnodes.start_of_file):
        for node in file.findall(nodes.Element):
            owner = next((up for up in above(node) if isinstance(up, addnodes.start_of_file)), None)
            if owner is not file:
                continue
            node["ids"] = [one if GLOBAL.match(f"#{one}") else f"{file['docname']}:{one}" for one in node["ids"]]
            if "refid" in node:
                node["refid"] = f"{file['docname']}:{node['refid']}"
            uri = node.get("refuri", "")
            if uri.startswith("#document-") and uri.count("#") == 2:
                docname, anchor = uri.removeprefix("#document-").split("#")
                node["refuri"] = f"#{docname}:{anchor}"
            elif uri.startswith("#") and not GLOBAL.match(uri):
                node["refuri"] = f"#{file['docname']}:{uri[1:]}"


def without_dead_links(tree):
    """Links to pages that are not in the book (the reference, the playground) become plain text."""
    names = {f"document-{file['docname']}" for file in tree.findall(addnodes.start_of_file)}
    names |= {one for node in tree.findall(nodes.Element) for one in node["ids"]}
    for node in list(tree.findall(nodes.reference)):
        uri = node.get("refuri", "#" + node.get("refid", ""))
        inside = not re.match(r"[a-z]+:", uri)
        if inside and (not uri.startswith("#") or unquote(uri[1:]) not in names):
            node.replace_self(node.children)


def answers_at_the_end_of_a_page(app, doctree, docname):
    if app.builder.name != "epub":
        return
    taken = numbered_answers(doctree)
    if taken:
        section = nodes.section(ids=["answers"])
        section += nodes.title("", "Answers")
        section += [entry for _, entry in taken]
        next(doctree.findall(nodes.section)).append(section)


DRAWN_AS = {  # the light colours of site.css: readers of EPUB know no variables in pictures
    "--curve-1": "#2456d6",
    "--curve-2": "#c0440c",
    "--curve-3": "#14734a",
    "--curve-4": "#8a3ffc",
    "--curve-5": "#9a6700",
    "--curve-6": "#0f7285",
    "--ink-soft": "#555d6b",
    "--line": "#e2e5ea",
}


def still(markup):
    """A figure of a page as XHTML that stands still: no script, no controls, one layer, one width, fixed colours."""
    from bs4 import BeautifulSoup

    soup = BeautifulSoup(markup, "html.parser")
    for node in soup.select("script, .controls, .narrow, [hidden]"):
        node.decompose()
    for svg in soup.find_all("svg"):
        svg["xmlns"] = "http://www.w3.org/2000/svg"
        svg["xmlns:xlink"] = "http://www.w3.org/1999/xlink"
    text = soup.decode(formatter="minimal")
    for name, case in (("viewbox", "viewBox"), ("clippath", "clipPath"), ("preserveaspectratio", "preserveAspectRatio")):
        text = re.sub(rf"(</?|\s){name}\b", rf"\g<1>{case}", text)
    return re.sub(r"var\((--[a-z0-9-]+)\)", lambda match: DRAWN_AS.get(match[1], "#333"), text)


def still_figures(app, doctree, docname):
    if app.builder.name == "epub":
        for node in list(doctree.findall(nodes.raw)):
            if "<svg" in node.astext():
                node.replace_self(nodes.raw("", still(node.astext()), format="html"))
        for node in doctree.findall(themed_figure):
            node["pictures"] = still(node["pictures"])


def setup(app):
    app.add_builder(BookBuilder)
    app.connect("doctree-resolved", answers_at_the_end_of_a_page)
    app.connect("doctree-resolved", still_figures)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
