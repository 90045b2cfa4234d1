"""How a book is put together: anchors, links, answers, still figures; on a site of a few pages."""

import io
import json
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
import zipfile
from pathlib import Path

import pytest
from docutils import nodes

DOCS = Path(__file__).resolve().parents[2] / "docs"
sys.path[:0] = [str(DOCS / "_ext"), str(DOCS)]

import book  # noqa: E402
import make_book  # noqa: E402
from answers import answer  # noqa: E402
from docutils.utils import new_document  # noqa: E402
from epubs import faults, read  # noqa: E402
from sphinx import addnodes  # noqa: E402

CONFIGURATION = """\
project, author, copyright, release = "Tiny & Co.", "A, B", "A & B", "0.1"
extensions = [
    "katex_math", "derivation_directive", "derivation_index", "figure", "themed_plot", "answers", "book", "ebook"
]
html_math_renderer = "katex"
html_theme = "basic"
katex_macros = {}
"""
PAGES = """\
%% index
Tiny
====

.. toctree::
   :glob:

   */index
   bibliography
   aside

.. derivation-index::

%% aside
Aside
=====

Not in the book.

%% bibliography
Bibliography
============

None.

%% functions/index
Functions
=========

.. activation-figure:: elu
   :parameter: alpha = 0.5, 1

%% losses/index
Losses
======

None.

%% special/index
Special functions
=================

None.

%% tutorials/index
Laboratory
==========

.. raw:: html

   <div>thumbnails</div>

.. only:: html

   Click.

%% guide/index
Book
====

.. toctree::

   0 One <one>
   1 Two <two>

%% guide/one
One
===

See `Exercises`_, :doc:`two`, :ref:`derivation-first`, :doc:`/aside`; :math:`x^2`.

.. themed-plot:: A straight line.

   plt.plot([1, 2])

.. derivation:: first

   real x in (-3, 3)

   (x + 1)**2
   = x**2 + 2*x + 1   -- expand

Exercises
---------

#. Why?
#. What for?

   .. answer::

      For :ref:`this <derivation-second>`.

      .. derivation:: second

         real x in (-3, 3)

         x + x
         = 2*x   -- add

%% guide/two
Two
===

As in :ref:`this answer <derivation-second>`.

Exercises
---------

#. Where?

   .. answer:: Here.
"""
SITE = {part.partition("\n")[0]: part.partition("\n")[2] for part in PAGES.split("%% ")[1:]}


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The outputs of all builders, made from pages that were read once."""
    from sphinx.application import Sphinx
    from sphinx.util.docutils import docutils_namespace, patch_docutils

    folder = tmp_path_factory.mktemp("site")
    source = folder / "source"
    for name, text in SITE.items():
        page = source / f"{name}.rst"
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(text, "utf-8")
    (source / "_static").mkdir()
    (source / "_static" / "ebook.css").write_text("p { margin: 0 }")
    (source / "conf.py").write_text(CONFIGURATION, "utf-8")
    for builder, tags in (("html", ()), ("book", ()), ("ebook", ()), ("html", ("no-answers",))):
        status, warnings, out = io.StringIO(), io.StringIO(), folder / "-".join((builder, *tags))
        with patch_docutils(source), docutils_namespace():
            Sphinx(source, source, out, folder / "trees", builder, status=status, warning=warnings, tags=tags).build()
        assert warnings.getvalue() == ""
        assert f"{len(SITE) if out.name == 'html' else 0} added, 0 changed" in status.getvalue()
    return folder


def printed(built):
    return (built / "book" / "book.html").read_text("utf-8")


def test_all_pages_are_one(built):
    page = printed(built)
    assert '<h2 id="guide/one:one">0 One' in page
    titles = re.findall(r">([^<>]*)</h([12])>", page)
    parts = ["Book", "Functions", "Special functions", "Losses", "Laboratory", "Bibliography", "Answers"]
    assert [title for title, level in titles if level == "1"] == parts
    assert titles[:4] == [("Book", "1"), ("0 One", "2"), ("1 Two", "2"), ("Functions", "1")]
    assert "Not in the book" not in page
    assert "thumbnails" not in page
    assert "Click." not in page
    assert '<li><a href="#guide/one:one">0 One</a></li>' in page
    assert '<li><a href="#answers">Answers</a></li></ul></nav>' in page


def test_links_within_the_book(built):
    page = printed(built)
    anchors = re.findall(r' id="([^"]*)"', page)
    assert len(anchors) == len(set(anchors))
    links = re.findall(r'href="([^"]*)"', page.partition("<body>")[2])
    assert [link for link in links if not link.startswith("#") or link[1:] not in anchors] == []
    assert '<a class="reference internal" href="#guide/one:derivation-second">' in page
    assert '<a class="reference internal" href="#guide/one:exercises">' in page
    assert '<a class="reference internal" href="#guide/two:two">' in page
    assert "aside" not in "".join(links)


def test_answers_stand_at_the_end_of_the_book(built):
    page = printed(built)
    chapters, _, answers = page.partition('<h1 id="answers">Answers')
    assert "derivation-box" not in answers
    assert 'id="guide/one:derivation-second"' in answers
    assert 'href="#guide/one:answer-1"' in chapters
    assert 'id="guide/one:exercise-1"' in chapters
    assert 'href="#guide/one:exercise-1">Exercise 2</a>' in answers
    assert "Here." in answers
    assert "<details" not in page


def test_the_electronic_book(built):
    files = read(built / "ebook" / "actlib.epub")
    assert faults(files) == []
    one, package = files["guide/one.xhtml"].decode(), files["content.opf"].decode()
    assert "aside.xhtml" not in files
    assert one.index("Why?") < one.index(">Answers<") < one.index('id="derivation-second"')
    assert 'href="#exercise-1">Exercise 2</a>' in one
    assert "<math" in one
    assert "<h1>0 One</h1>" in one
    assert "<dc:title>Tiny &amp; Co.: " in package
    assert 'href="guide/one.xhtml" media-type="application/xhtml+xml" properties="mathml svg"' in package
    assert 'href="guide/two.xhtml" media-type="application/xhtml+xml"/>' in package


def test_without_answers(built):
    site = built / "html-no-answers"
    for name in SITE:
        assert "derivation-second" not in (site / f"{name}.html").read_text("utf-8")
    assert "derivation-first" in (site / "index.html").read_text("utf-8")
    assert "As in <span" in (site / "guide" / "two.html").read_text("utf-8")
    assert list(json.loads((site / "derivations.json").read_text("utf-8"))) == ["first"]
    assert "second" in json.loads((built / "html" / "derivations.json").read_text("utf-8"))
    assert "derivation-second" in (built / "html" / "index.html").read_text("utf-8")


def test_figures_stand_still(built):
    figure = (built / "html" / "functions" / "index.html").read_text("utf-8")
    figure = figure[figure.index("<figure") : figure.index("</figure>") + 9]
    assert figure.count('class="layer"') == 2
    figure = book.still(figure)
    ElementTree.fromstring(figure)
    assert figure.count('class="layer"') == 1
    for moving in ("script", "hidden", "controls", "readout", "var("):
        assert moving not in figure
    picture = '<div class="wide"><svg stroke="var(--curve-2)"/></div><div class="narrow"><svg/></div>'
    assert book.still(picture) == ('<div class="wide"><svg xmlns="http://www.w3.org/2000/svg" stroke="#c0440c"/></div>')


def test_an_unknown_colour_is_refused():
    with pytest.raises(KeyError):
        book.still('<svg stroke="var(--no-such-colour)"/>')


def small(*files):
    """A tree of files, each with one section: (name, anchor, children)."""
    tree = new_document("small")
    for name, anchor, children in files:
        file = addnodes.start_of_file(docname=name)
        file += nodes.section("", nodes.title("", name.upper()), *children, ids=[anchor])
        tree += file
    return tree


def links(tree):
    return [node.get("refuri", node.get("refid")) for node in tree.findall(nodes.reference)]


def test_anchors_get_the_name_of_their_file():
    uris = ("#x", "#document-b", "#document-b#x", "https://a.org/#x")
    tree = small(
        ("a", "x", [nodes.reference("", uri, refuri=uri) for uri in uris] + [nodes.reference("", "", refid="x")]),
        ("b", "x", []),
    )
    book.own_names(tree)
    assert [node["ids"] for node in tree.findall(nodes.section)] == [["a:x"], ["b:x"]]
    assert links(tree) == ["#a:x", "#document-b", "#b:x", "https://a.org/#x", "a:x"]
    book.without_dead_links(tree, book.named(tree))
    assert len(links(tree)) == 5


@pytest.mark.parametrize(
    ("page", "uri", "kept"),
    [
        ("", "#here", True),
        ("", "#nowhere", False),
        ("", "../playground.html#preset", False),
        ("", "https://doi.org/1", True),
        ("guide/a", "../functions/b.xhtml#x", True),
        ("guide/a", "../api/b.xhtml", False),
    ],
)
def test_links_out_of_the_book_become_words(page, uri, kept):
    tree = small(("a", "here", [nodes.paragraph("", "", nodes.reference("", "words", refuri=uri))]))
    book.without_dead_links(tree, {"#here", "functions/b.xhtml"}, page)
    assert links(tree) == ([uri] if kept else [])
    assert "words" in tree.astext()


def test_answers_are_taken_out_with_links_both_ways():
    items = [nodes.list_item("", one) for one in (nodes.paragraph("", "why"), answer("", nodes.paragraph("", "so")))]
    section = nodes.section("", nodes.enumerated_list("", *items))
    (entry,) = book.taken_answers(section, "p:")
    assert entry["ids"] == ["p:answer-1"]
    assert links(entry) == ["#p:exercise-1"]
    assert entry.astext() == "Exercise 2\n\nso"
    assert links(section) == ["#p:answer-1"]
    assert "so" not in section.astext()
    assert book.taken_answers(section) == []


def test_the_list_of_downloads(tmp_path):
    page = "before <!-- files --><p>none</p><!-- end of files --> after"
    for name in ("actlib.epub", "actlib-site.zip"):
        (tmp_path / name).write_bytes(b"0" * 1_250_000)
    listed = make_book.with_list(page, make_book.table(tmp_path))
    assert 'href="book/actlib.epub"' in listed
    assert "1.2&nbsp;MB" in listed
    assert "actlib.pdf" not in listed
    assert make_book.with_list(listed, "<p>none</p>") == page


def test_the_zip_holds_no_downloads(tmp_path):
    site = tmp_path / "html"
    (site / "book").mkdir(parents=True)
    (site / "book" / "actlib.pdf").write_text("")
    (site / "index.html").write_text("first")
    (site / "download.html").write_text('<!-- files --><a href="book/actlib.pdf"></a><!-- end of files -->')
    make_book.pack(site, tmp_path / "site.zip")
    with zipfile.ZipFile(tmp_path / "site.zip") as archive:
        assert sorted(archive.namelist()) == ["actlib-book/download.html", "actlib-book/index.html"]
        assert b"actlib.pdf" not in archive.read("actlib-book/download.html")


@pytest.mark.parametrize("ci", ["", "true"])
def test_without_chromium(tmp_path, ci):
    """The other files are made and the page says so, except where nothing may be left out."""
    for name, text in (("html/download.html", "<!-- files --><!-- end of files -->"), ("ebook/actlib.epub", "")):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text(text)
    done = subprocess.run(
        [sys.executable, DOCS / "make_book.py", tmp_path],
        env=os.environ | {"PATH": "", "CI": ci},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "the PDF is left out: no Chromium on PATH (on Debian: apt install chromium)" in done.stdout + done.stderr
    assert bool(done.returncode) == bool(ci)
    if not ci:
        assert done.stdout.count("\n") == 1
        assert "actlib-site.zip" in (tmp_path / "html" / "download.html").read_text()
        assert "actlib.pdf" not in (tmp_path / "html" / "download.html").read_text()
