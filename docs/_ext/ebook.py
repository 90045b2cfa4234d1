"""Builder ``ebook``: the book as an EPUB file, one XHTML page for each page of the site that belongs to the book.

Formulas are MathML, figures are SVG within the page; there is no script, and nothing is loaded from elsewhere.
"""

import html
import os
import re
import time
import uuid
import zipfile
from pathlib import Path

from book import (
    PARTS,
    SUBTITLE,
    Still,
    answers_of_a_page,
    numbered_titles,
    pages,
    plain_code,
    release,
    retitle,
    without_dead_links,
)
from docutils import nodes
from sphinx.builders.html import StandaloneHTMLBuilder

PAGE = """<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE html>
<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops"
 lang="{language}" xml:lang="{language}">
<head>
<title>{title}</title>
<link rel="stylesheet" type="text/css" href="{up}style.css"/>
</head>
<body>
{body}
</body>
</html>
"""
CONTAINER = """<?xml version="1.0" encoding="utf-8"?>
<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
<rootfiles><rootfile full-path="content.opf" media-type="application/oebps-package+xml"/></rootfiles>
</container>
"""
PACKAGE = """<?xml version="1.0" encoding="utf-8"?>
<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="book" xml:lang="{language}">
<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:identifier id="book">urn:uuid:{identifier}</dc:identifier>
<dc:title>{title}: {subtitle}</dc:title>
<dc:language>{language}</dc:language>
<dc:creator>{author}</dc:creator>
<dc:rights>{copyright}</dc:rights>
<meta property="dcterms:modified">{modified}</meta>
</metadata>
<manifest>
{manifest}
</manifest>
<spine>
{spine}
</spine>
</package>
"""
KINDS = {".xhtml": "application/xhtml+xml", ".css": "text/css"}


class ElectronicBookBuilder(Still, StandaloneHTMLBuilder):
    name = "ebook"
    out_suffix = ".xhtml"
    allow_parallel = True
    epilog = "The book is %(outdir)s/actlib.epub."

    def write_documents(self, docnames):
        super().write_documents(set(pages(self.env)))

    def handle_page(self, pagename, context, *arguments, **keywords):
        titles = numbered_titles(self.env)
        title = titles.get(pagename) or self.env.titles[pagename].astext()
        self.write_page(pagename, title, context["body"])

    def write_page(self, name, title, body):
        page = PAGE.format(
            language=self.language, title=html.escape(title), up="../" * name.count("/"), body=body.strip()
        )
        path = Path(self.outdir, "book", name + self.out_suffix)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(page, "utf-8")

    @property
    def language(self):
        return self.config.language or "en"

    def finish(self):
        self.write_page("cover", self.config.project, self.cover())
        self.write_page("nav", "Contents", self.navigation())
        style = Path(self.srcdir, "_static", "ebook.css").read_text("utf-8")
        Path(self.outdir, "book", "style.css").write_text(style, "utf-8")
        files = [f"{name}{self.out_suffix}" for name in ("cover", "nav", *pages(self.env))]
        files += ["style.css"]
        with zipfile.ZipFile(Path(self.outdir, "actlib.epub"), "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("mimetype", "application/epub+zip", zipfile.ZIP_STORED)
            archive.writestr("META-INF/container.xml", CONTAINER)
            archive.writestr("content.opf", self.package(files))
            for name in files:
                archive.write(Path(self.outdir, "book", name), name)

    def cover(self):
        lines = filter(None, (SUBTITLE, release(self.config), self.config.copyright))
        return f"<h1>{html.escape(self.config.project)}</h1>" + "".join(f"<p>{html.escape(line)}</p>" for line in lines)

    def navigation(self):
        """The list of contents, which readers also show as a menu."""
        numbered = numbered_titles(self.env)

        def items(names):
            lines = ""
            for name in names:
                title = html.escape(numbered.get(name) or self.env.titles[name].astext())
                lines += f'<li><a href="{name}{self.out_suffix}">{title}</a>{items(below(name))}</li>\n'
            return f"<ol>{lines}</ol>" if lines else ""

        def below(name):
            return self.env.toctree_includes.get(name, ())

        return f'<nav epub:type="toc"><h1>Contents</h1>{items(PARTS)}</nav>'

    def package(self, files):
        """The record of the book: who made it, what is in it, in which order it is read."""
        manifest, spine = [], []
        for number, name in enumerate(files):
            page, kind = Path(self.outdir, "book", name), KINDS[Path(name).suffix]
            found = properties(page.read_text("utf-8")) if name.endswith(self.out_suffix) else []
            found += ["nav"] if name == f"nav{self.out_suffix}" else []
            more = f' properties="{" ".join(found)}"' if found else ""
            manifest.append(f'<item id="i{number}" href="{name}" media-type="{kind}"{more}/>')
            if kind == KINDS[".xhtml"]:
                spine.append(f'<itemref idref="i{number}"/>')
        now = int(os.environ.get("SOURCE_DATE_EPOCH", time.time()))
        title = self.config.project
        return PACKAGE.format(
            identifier=uuid.uuid5(uuid.NAMESPACE_URL, f"{title} {self.config.release}"),
            title=html.escape(title),
            subtitle=SUBTITLE,
            language=self.language,
            author=html.escape(self.config.author),
            copyright=html.escape(self.config.copyright),
            modified=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now)),
            manifest="\n".join(manifest),
            spine="\n".join(spine),
        )


def properties(page):
    """What a page holds beside XHTML, as the record must say it."""
    return [name for name, tag in (("mathml", "math"), ("svg", "svg")) if re.search(rf"<{tag}\b", page)]


def prepare(app, doctree, docname):
    if isinstance(app.builder, ElectronicBookBuilder):
        if title := numbered_titles(app.env).get(docname):
            retitle(doctree, title)
        plain_code(doctree)
        answers_of_a_page(doctree)
        known = {name + app.builder.out_suffix for name in pages(app.env)}
        known |= {f"#{one}" for node in doctree.findall(nodes.Element) for one in node["ids"]}
        without_dead_links(doctree, known, docname)


def setup(app):
    app.add_builder(ElectronicBookBuilder)
    app.connect("doctree-resolved", prepare, priority=900)  # when all links are there
    return {"parallel_read_safe": True, "parallel_write_safe": True}
