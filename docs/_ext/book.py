"""Builder ``book``: chapters, functions, losses and laboratory as one page to be printed; and what any book needs.

A book has nothing to click: figures stand still, ``only:: html`` is left out, links that lead out of the book are plain
words, and the answers to the exercises come at the end, of the whole here and of each page in the EPUB (``ebook.py``).
``docs/make_book.py`` makes the files that readers download.
"""

import html
import posixpath
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

PARTS = ("guide/index", "functions/index", "special/index", "losses/index", "tutorials/index", "bibliography")
SUBTITLE = "Activation and loss functions: derived, measured, checked"
PAGE = """<!DOCTYPE html>
<html lang="en" data-theme="light">
<head>
<meta charset="utf-8">
<title>{title}: activation and loss functions</title>
<link rel="stylesheet" href="{static}/basic.css">
<link rel="stylesheet" href="{static}/pygments.css">
<link rel="stylesheet" href="{static}/katex/katex.min.css">
<link rel="stylesheet" href="{static}/site.css">
<link rel="stylesheet" href="{static}/book.css">
</head>
<body>
<header class="book-cover"><p class="book-title">{title}</p>
<p>{subtitle}</p><p>{release}</p><p>{copyright}</p></header>
<nav class="book-contents"><p class="book-heading">Contents</p><ul>{contents}</ul></nav>
<main class="bd-article">{body}</main>
</body>
</html>
"""


def pages(env, start=PARTS):
    """The pages of the book, in reading order."""
    found = {}
    for page in start:
        found |= dict.fromkeys([page, *pages(env, env.toctree_includes.get(page, ()))])
    return list(found)


def numbered_titles(env):
    """Titles of chapters as the table of contents has them, with their numbers: {page: title}."""
    toctrees = env.get_doctree(PARTS[0]).findall(addnodes.toctree)
    return {page: title for toctree in toctrees for title, page in toctree["entries"] if title}


def release(config):
    return f"Version {config.release}" if config.release else ""


class Still:
    """What the builders of both books share."""

    embedded = True
    add_permalinks = search = copysource = False

    def init(self):
        super().init()
        self.tags.remove("html")  # what is only for a browser

    def get_outdated_docs(self):
        return pages(self.env)

    def copy_assets(self):
        """The files of the site are at hand already."""

    def get_doc_context(self, docname, body, metatags):
        return {"body": body}


class BookBuilder(Still, SingleFileHTMLBuilder):
    name = "book"
    epilog = "The book is one page, %(outdir)s/book.html; docs/make_book.py prints it."

    def write_documents(self, docnames):
        self.tree = self.assemble_doctree()
        self.post_process_images(self.tree)
        self.write_doc(self.config.root_doc, self.tree)

    def assemble_doctree(self):
        tree, traversed = new_document("book"), [self.config.root_doc]
        for part in PARTS:
            file = addnodes.start_of_file(docname=part)
            file += inline_all_toctrees(self, set(), part, self.env.get_doctree(part), str, traversed).children
            tree += file
        for node in tree.findall(nodes.Element):
            for child in node.children:
                child.parent = node  # not so after Sphinx put files into one another
        for part in list(tree.children):
            lifted(part)
        tree["docname"] = self.config.root_doc
        self.env.resolve_references(tree, self.config.root_doc, self)
        numbered = numbered_titles(self.env)
        for file in tree.findall(addnodes.start_of_file):
            mark(file, numbered.get(file["docname"]))
        own_names(tree)
        answers_of_the_book(tree)
        without_dead_links(tree, named(tree))
        anchors_on_titles(tree)
        plain_code(tree)
        return tree

    def handle_page(self, pagename, context, *arguments, **keywords):
        page = PAGE.format(
            title=self.config.project,
            subtitle=SUBTITLE,
            release=release(self.config),
            copyright=self.config.copyright,
            static=Path("../html/_static").as_posix(),
            contents=contents(self.tree),
            body=context["body"],
        )
        Path(self.outdir, "book.html").write_text(page, "utf-8")

    def finish(self):
        self.copy_image_files()


def above(node):
    while node.parent is not None:
        node = node.parent
        yield node


def file_of(node):
    """The file in which a node of the assembled tree was written."""
    return next((up for up in above(node) if isinstance(up, addnodes.start_of_file)), None)


def title_of(tree):
    return next(tree.findall(nodes.title))


def mark(file, numbered):
    """Tell the style sheet that a section is a page, or a chapter; that has a number."""
    page = next(file.findall(nodes.section))
    if file["docname"] not in PARTS:
        page["classes"] += ["book-page", "book-chapter"] if numbered else ["book-page"]
    if numbered:
        retitle(file, numbered)


def retitle(tree, title):
    heading = title_of(tree)
    heading.children = []
    heading += nodes.Text(title)


def plain_code(tree):
    """Code without colours, which on paper tell nothing and in files weigh."""
    for node in tree.findall(lambda node: isinstance(node, (nodes.literal_block, nodes.doctest_block))):
        node["language"] = "none"


def lifted(part):
    """Pages that stand all under one heading of their part belong to the part."""
    files = [file for file in part.findall(addnodes.start_of_file) if file_of(file) is part]
    top = next(part.findall(nodes.section))
    headings = {id(next(up for up in above(file) if isinstance(up, nodes.section))): file for file in files}
    if len(headings) == 1 and id(top) not in headings:
        for file in files:
            file.parent.remove(file)
            top += file


def contents(node):
    """HTML list of the pages below a node, and of the headings above pages."""
    lines = ""
    for child in filter(lambda one: isinstance(one, nodes.Element), node.children):
        own = isinstance(node, (nodes.document, addnodes.start_of_file))
        if isinstance(child, nodes.section) and (own or any(child.findall(addnodes.start_of_file))):
            title, below = title_of(child), contents(child)
            link = f'<a href="#{title["ids"][0]}">{html.escape(title.astext())}</a>'
            lines += f"<li>{link}{f'<ul>{below}</ul>' if below else ''}</li>"
        else:
            lines += contents(child)
    return lines


def own_names(tree):
    """Give each file's anchors a prefix, since headings such as "Exercises" occur in all of them."""
    for node in tree.findall(nodes.Element):
        file = file_of(node)
        if file is None:
            continue
        node["ids"] = [f"{file['docname']}:{one}" for one in node["ids"]]
        if "refid" in node:
            node["refid"] = f"{file['docname']}:{node['refid']}"
        uri = node.get("refuri", "")
        if uri.startswith("#document-"):
            page, _, anchor = uri.removeprefix("#document-").partition("#")
            node["refuri"] = f"#{page}:{anchor}" if anchor else uri
        elif uri.startswith("#"):
            node["refuri"] = f"#{file['docname']}:{uri[1:]}"


def anchors_on_titles(tree):
    """Links lead to headings, since on paper a section may begin at the foot of the page before its heading."""
    for section in tree.findall(nodes.section):
        title_of(section)["ids"] = section["ids"]
        section["ids"] = [f"section-of-{section['ids'][0]}"]  # the writer asks for one
    files = tree.findall(addnodes.start_of_file)
    places = {f"#document-{file['docname']}": f"#{title_of(file)['ids'][0]}" for file in files}
    for node in tree.findall(nodes.reference):
        if node.get("refuri") in places:
            node["refuri"] = places[node["refuri"]]


def exercise(node):
    """Number of the exercise that an answer belongs to, as its list shows it."""
    for up in above(node):
        if isinstance(up, nodes.list_item) and isinstance(up.parent, nodes.enumerated_list):
            return up.parent.index(up) + up.parent.get("start", 1)
    return ""


def taken_answers(tree, prefix=""):
    """Take the answers out of a file, with a link in place of each; returns them, each with a link back."""
    taken = []
    for count, node in enumerate([node for node in tree.findall(answer) if file_of(node) in (None, tree)], 1):
        here, there = f"{prefix}exercise-{count}", f"{prefix}answer-{count}"
        entry = nodes.container(ids=[there], classes=["answer-entry"])
        back = nodes.reference("", f"Exercise {exercise(node)}".strip(), refuri=f"#{here}", internal=True)
        entry += nodes.paragraph("", "", back, classes=["answer-link"])
        entry += node.children
        taken.append(entry)
        link = nodes.reference("", "Answer", refuri=f"#{there}", internal=True)
        node.replace_self(nodes.paragraph("", "", link, ids=[here], classes=["answer-link"]))
    return taken


def headed(title, name, children=()):
    return nodes.section("", nodes.title("", title), *children, ids=[name])


def answers_of_the_book(tree):
    part = headed("Answers", "answers")
    for file in list(tree.findall(addnodes.start_of_file)):
        page = file["docname"]
        if taken := taken_answers(file, f"{page}:"):
            part += headed(title_of(file).astext(), f"{page}:answers", taken)
    if len(part) > 1:
        tree += part


def answers_of_a_page(tree):
    if taken := taken_answers(tree):
        next(tree.findall(nodes.section)).append(headed("Answers", "answers", taken))


def named(tree):
    """What can be linked to in the assembled book."""
    files = {f"#document-{file['docname']}" for file in tree.findall(addnodes.start_of_file)}
    return files | {f"#{one}" for node in tree.findall(nodes.Element) for one in node["ids"]}


def without_dead_links(tree, known, docname=""):
    """Links out of the book (to the reference, the playground) become plain words."""
    for node in list(tree.findall(nodes.reference)):
        uri = node["refuri"] if "refuri" in node else "#" + node.get("refid", "")
        if not re.match(r"[a-z]+:", uri):
            path, hash, anchor = uri.partition("#")
            path = posixpath.normpath(posixpath.join(posixpath.dirname(docname), path)) if path else ""
            if path + hash + unquote(anchor) not in known and (not path or path not in known):
                node.replace_self(node.children)


DRAWN_AS = {  # the light colours of site.css: readers of electronic books know no variables in pictures
    "--curve-1": "#2456d6",
    "--curve-2": "#c0440c",
    "--curve-3": "#14734a",
    "--curve-4": "#8a3ffc",
    "--curve-5": "#9a6700",
    "--curve-6": "#0f7285",
    "--ink": "#1b2028",
    "--ink-soft": "#555d6b",
    "--line": "#e2e5ea",
    "--line-strong": "#b4bac5",
    "--card": "#ffffff",
}
MOVING = re.compile(
    r"<script.*?</script>"
    r'|<div class="controls"></div>'
    r'|<div class="readout">.*?</div>'
    r'|<div class="narrow">.*?</div>'
    r'|<g class="layer"[^>]* hidden>.*?(?=<g class="(?:layer|pointer)")',
    re.DOTALL,
)


def still(markup):
    """A figure of a page as XHTML that stands still: no script, no controls, one layer, one width, fixed colours."""
    markup = MOVING.sub("", markup)
    markup = re.sub(r"<svg(?![^>]*xmlns=)", '<svg xmlns="http://www.w3.org/2000/svg"', markup)
    return re.sub(r"var\((--[a-z0-9-]+)\)", lambda name: DRAWN_AS[name[1]], markup)


def still_figures(app, doctree, docname):
    if not isinstance(app.builder, Still):
        return
    for node in list(doctree.findall(nodes.raw)):
        if "<svg" in node.astext():
            node.replace_self(nodes.raw("", still(node.astext()), format="html"))
        else:  # the gallery's grid of thumbnails
            node.parent.remove(node)
    for node in doctree.findall(themed_figure):
        node["pictures"] = still(node["pictures"])


def setup(app):
    app.add_builder(BookBuilder)
    app.connect("doctree-resolved", still_figures)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
