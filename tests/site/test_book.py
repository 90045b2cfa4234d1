"""The downloads, as they were made: PDF, EPUB and the zip of the site; each check is shown a planted fault."""

import dataclasses
import re
import zipfile
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from epubs import faults, read
from located import SITE
from test_links import Page

ROOT = Path(__file__).resolve().parents[2]
BOOK = SITE / "book"
LIMITS = {"actlib.pdf": 25e6, "actlib.epub": 15e6, "actlib-site.zip": 60e6}
FORMULA = "ℓ(p, t) = (p − t)2"  # as the letters of the mean squared error follow each other
FEWEST = 500  # pages


def titled(path):
    """The title of a page of reStructuredText, or of a script of the laboratory."""
    text = path.read_text("utf-8")
    return re.search(r"^(\S.*)\n(?:===+|---+)$", text.partition('"""')[2] or text, re.MULTILINE)[1].replace("'", "’")


def chapters():
    """Titles with their numbers, in order, from the list in ``docs/guide/index.rst``."""
    listed = (ROOT / "docs" / "guide" / "index.rst").read_text("utf-8")
    return re.findall(r"^   (\d.*) <\w+>$", listed, re.MULTILINE)


def lead(path):
    """The beginning of the first paragraph of a page, without markup."""
    text = path.read_text("utf-8").partition("\n===")[2]
    blocks = (" ".join(block.split()) for block in re.split(r"\n\s*\n", text))
    return re.split(r"[.?:`*]", next(block for block in blocks if re.match(r"\w", block)))[0]


def tight(text):
    """Lines may be broken anywhere, and a PDF has no spaces but by distance."""
    return re.sub(r"\s", "", text)


@dataclasses.dataclass
class Pdf:
    outline: list  # (level, title, page)
    links: list  # (page, name of the target)
    targets: dict  # name -> page
    fonts: set  # (name, whether it is embedded)
    pages: list  # their texts: only those that are looked at

    @classmethod
    def read(cls, path):
        from pypdf import PdfReader

        pdf = PdfReader(path)
        # what pypdf offers to get the number of a page searches all pages
        number = {page.indirect_reference.idnum: count for count, page in enumerate(pdf.pages)}
        outline, links, fonts = [], [], set()

        def walk(entries, level):
            for entry in entries:
                if isinstance(entry, list):
                    walk(entry, level + 1)
                else:
                    outline.append((level, entry.title, number[entry.raw_get("/Page").idnum]))

        walk(pdf.outline, 0)
        for count, page in enumerate(pdf.pages):
            for note in page.get("/Annots", ()):
                target = note.get_object().get("/Dest")
                if target is not None:
                    links.append((count, unquote(str(target))))
            for font in (page["/Resources"].get("/Font") or {}).values():
                font = font.get_object()
                if font["/Subtype"] == "/Type0":
                    inner = font["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object()
                    fonts.add((font["/BaseFont"].partition("+")[2], any(key.startswith("/FontFile") for key in inner)))
        targets = {unquote(name): number[one.raw_get("/Page").idnum] for name, one in pdf.named_destinations.items()}
        return cls(outline, links, targets, fonts, pdf.pages)

    def text(self, number):
        page = self.pages[number]
        return tight(page if isinstance(page, str) else page.extract_text())

    def starts(self, title, level=None):
        return next((page for depth, one, page in self.outline if one == title and level in (None, depth)), None)


def outline_faults(pdf):
    parts = [title for level, title, _ in pdf.outline if level == 0]
    expected = ["The book", "Functions", "Special functions", "Losses", "Laboratory", "Bibliography", "Answers"]
    complaints = [] if parts == expected else [f"parts are {parts}"]
    titles = [title for level, title, _ in pdf.outline if level == 1]
    listed = chapters()
    if titles[: len(listed)] != listed:
        complaints.append(f"chapters are {titles[: len(listed)]}")
    everything = [title for level, title, _ in pdf.outline]
    for folder in ("functions", "special", "losses"):
        pages = (ROOT / "docs" / folder).glob("*.rst")
        complaints += [f"no {page}" for page in sorted(pages) if titled(page) not in everything]
    scripts = sorted((ROOT / "tutorials").rglob("plot_*.py"))
    complaints += [f"no {script}" for script in scripts if titled(script) not in everything]
    complaints += [f"no {title}" for title in ("Exercises", "To remember", "References") if title not in everything]
    places = [page for *_, page in pdf.outline]
    if places != sorted(places):
        complaints.append("the outline runs backwards")
    return complaints


def link_faults(pdf):
    complaints = [f"page {page + 1}: no target {name}" for page, name in pdf.links if name not in pdf.targets]
    starts = {page for *_, page in pdf.outline}
    first = pdf.starts("The book")
    listed = [(page, name) for page, name in pdf.links if page < first]
    complaints += [f"contents: {name} is no title" for _, name in listed if pdf.targets.get(name) not in starts]
    if len(listed) < len(chapters()) + len(list((ROOT / "tutorials").rglob("plot_*.py"))):
        complaints.append(f"contents: only {len(listed)} links")
    end = pdf.starts("Answers", 0)
    there = [(page, name) for page, name in pdf.links if re.search(r":answer-\d+$", name)]
    back = [(page, name) for page, name in pdf.links if re.search(r":exercise-\d+$", name)]
    if not there or sorted(name for _, name in there) != sorted(
        name.replace(":exercise-", ":answer-") for _, name in back
    ):
        complaints.append(f"{len(there)} links to answers, {len(back)} links back")
    complaints += [f"{name} is not at the end" for _, name in there if pdf.targets.get(name, -1) < end]
    complaints += [f"link back to {name} on page {page + 1}" for page, name in back if page < end]
    return complaints


def text_faults(pdf):
    if len(pdf.pages) < FEWEST:
        return [f"only {len(pdf.pages)} pages"]
    complaints = []
    losses = range(pdf.starts("Mean squared error", 1), pdf.starts("Mean squared error", 1) + 2)
    if not any(tight(FORMULA) in pdf.text(page) for page in losses):
        complaints.append(f"no {FORMULA}")
    last = chapters()[-1]
    if tight(lead(ROOT / "docs" / "guide" / "teachers.rst")) not in pdf.text(pdf.starts(last)):
        complaints.append(f"no first sentence of {last}")
    if not pdf.text(10).startswith("11") and not pdf.text(10).endswith("11"):
        complaints.append("no number on page 11")
    complaints += [f"{name} is not embedded" for name, embedded in pdf.fonts if not embedded]
    if not any(name.startswith("KaTeX_Math") for name, _ in pdf.fonts):
        complaints.append("no letters for formulas")
    return complaints


def zip_faults(files):
    complaints = [f"no {name}" for name in ("index.html", "playground.html", "guide/index.html") if name not in files]
    complaints += [f"{name}: a download" for name in files if name.startswith("book/")]
    for name, content in files.items():
        if name.endswith(".html"):
            text = content.decode()
            loads = re.findall(r"<(?:script|img|iframe|source)\b[^>]*? src=\"([^\"]*)", text)
            loads += re.findall(r"<link\b[^>]*? href=\"([^\"]*)", text)
            complaints += [f"{name}: loads {one}" for one in loads if urlsplit(one).scheme not in ("", "data")]
            complaints += [f"{name}: link {one}" for one in Page(text).links if one.startswith(("/", "file:"))]
            complaints += [f"{name}: link {one}" for one in Page(text).links if re.match(r"(\.\./)*book/actlib", one)]
        if name.endswith(".css"):
            complaints += [f"{name}: loads {one}" for one in re.findall(rb"url\([\"']?(https?:|//|/)", content)]
    return complaints


@pytest.fixture(scope="module")
def pdf():
    return Pdf.read(BOOK / "actlib.pdf")


@pytest.fixture(scope="module")
def epub():
    return read(BOOK / "actlib.epub")


@pytest.fixture(scope="module")
def packed():
    files = read(BOOK / "actlib-site.zip")
    assert {name.partition("/")[0] for name in files} == {"actlib-book"}
    return {name.partition("/")[2]: content for name, content in files.items()}


def test_the_files_are_there_and_not_too_large():
    sizes = {path.name: path.stat().st_size for path in BOOK.iterdir()}
    assert set(sizes) == set(LIMITS)
    assert {name: size for name, size in sizes.items() if size > LIMITS[name]} == {}


def test_the_page_of_downloads_lists_them():
    page = (SITE / "download.html").read_text("utf-8")
    assert [name for name in LIMITS if f'href="book/{name}"' not in page] == []


def test_the_pdf_has_bookmarks(pdf):
    assert outline_faults(pdf) == []


def test_links_of_the_pdf_resolve_and_answers_stand_at_the_end(pdf):
    assert link_faults(pdf) == []


def test_the_pdf_has_its_text_and_its_letters(pdf):
    assert text_faults(pdf) == []


def test_the_epub_is_well_formed(epub):
    assert faults(epub) == []


def test_the_epub_has_all_pages_with_formulas_figures_and_answers(epub):
    pages = [f"guide/{path.stem}.xhtml" for path in sorted((ROOT / "docs" / "guide").glob("*.rst"))]
    scripts = sorted((ROOT / "tutorials").rglob("plot_*.py"))
    pages += [script.relative_to(ROOT).with_suffix(".xhtml").as_posix() for script in scripts]
    assert [name for name in pages if name not in epub] == []
    likelihood = epub["guide/likelihood.xhtml"].decode()
    assert likelihood.count("<math") > 100
    assert "<svg" in epub["functions/sigmoid.xhtml"].decode()
    assert likelihood.rindex('id="exercise-') < likelihood.index(">Answers<") < likelihood.index('id="answer-1"')


def test_the_epub_keeps_its_rules(epub):
    with zipfile.ZipFile(BOOK / "actlib.epub") as archive:
        assert archive.infolist()[0].filename == "mimetype"
        assert archive.infolist()[0].compress_type == zipfile.ZIP_STORED


def test_the_zip_opens_from_a_folder(packed):
    assert zip_faults(packed) == []


def changed(record, **changes):
    return dataclasses.replace(record, **changes)


@pytest.mark.parametrize(
    ("check", "plant", "complaint"),
    [
        (outline_faults, lambda pdf: changed(pdf, outline=pdf.outline[1:]), "parts are"),
        (outline_faults, lambda pdf: changed(pdf, outline=[e for e in pdf.outline if "7 Reg" not in e[1]]), "chapters"),
        (outline_faults, lambda pdf: changed(pdf, outline=[e for e in pdf.outline if e[1] != "Tanh"]), "tanh.rst"),
        (outline_faults, lambda pdf: changed(pdf, outline=[e for e in pdf.outline if "leaves" in e[1]]), "plot_digits"),
        (outline_faults, lambda pdf: changed(pdf, outline=pdf.outline[::-1]), "backwards"),
        (link_faults, lambda pdf: changed(pdf, links=[*pdf.links, (50, "/nowhere")]), "page 51: no target /nowhere"),
        (link_faults, lambda pdf: changed(pdf, links=[link for link in pdf.links if link[0] > 3]), "contents: only"),
        (
            link_faults,
            lambda pdf: changed(pdf, links=[e for e in pdf.links if ":exercise-" not in e[1]]),
            "0 links back",
        ),
        (link_faults, lambda pdf: changed(pdf, targets=dict.fromkeys(pdf.targets, 9)), "not at the end"),
        (text_faults, lambda pdf: changed(pdf, pages=list(pdf.pages)[:20]), "only 20 pages"),
        (text_faults, lambda pdf: changed(pdf, pages=["words"] * len(pdf.pages)), "no ℓ"),
        (text_faults, lambda pdf: changed(pdf, pages=["words"] * len(pdf.pages)), "no first sentence"),
        (text_faults, lambda pdf: changed(pdf, pages=["words"] * len(pdf.pages)), "no number"),
        (text_faults, lambda pdf: changed(pdf, fonts={("Inter", False)}), "not embedded"),
        (text_faults, lambda pdf: changed(pdf, fonts=set()), "no letters for formulas"),
    ],
)
def test_a_planted_fault_of_the_pdf_is_noticed(pdf, check, plant, complaint):
    assert any(complaint in one for one in check(plant(pdf)))


PLACE = "guide/reading.xhtml"
FEW = ("mimetype", "META-INF/container.xml", "content.opf", "style.css", "cover.xhtml", PLACE)


@pytest.mark.parametrize(
    ("name", "old", "new", "complaint"),
    [
        (PLACE, b"</p>", b"", "mismatched tag"),
        (PLACE, b"</p>", b"<br></p>", "mismatched tag"),
        (PLACE, b"<body>", b'<body><p id="twice"/><p id="twice"/>', "id 'twice' twice"),
        (PLACE, b"<body>", b"<body><script>1</script>", "<script> does something"),
        (PLACE, b"<body>", b'<body><p onclick="1"/>', "<p> does something"),
        (PLACE, b"<body>", b'<body><img src="https://a.org/b.png"/>', "no https://a.org/b.png"),
        (PLACE, b"<body>", b'<body><a href="nowhere.xhtml"/>', "no nowhere.xhtml"),
        (PLACE, b"<body>", b'<body><a href="reading.xhtml#nowhere"/>', "no anchor reading.xhtml#nowhere"),
        (PLACE, b"<body>", b'<body><svg xmlns=""/>', "<svg> in no known namespace"),
        (PLACE, b"<body>", b'<body><p style="color: var(--ink)"/>', "with the variable"),
        (PLACE, b"<body>", b'<body><p id="answer-99"/>', "belongs to no exercise"),
        (PLACE, b"<msub>", b"<msub><mi>x</mi>", "<msub> with 3 children"),
        ("content.opf", b"<dc:language>en<", b"<dc:language><", "no language"),
        ("content.opf", b'media-type="text/css"', b'media-type="text/css" properties="nav"', "no list of contents"),
        ("content.opf", b'href="style.css"', b'href="gone.css"', "gone.css is not both listed and there"),
        ("content.opf", b'<itemref idref="i0"/>', b"", "the spine is not all pages"),
        ("mimetype", b"epub", b"zip", "mimetype is not first"),
    ],
)
def test_a_planted_fault_of_the_epub_is_noticed(epub, name, old, new, complaint):
    few = {one: epub[one] for one in FEW}
    assert old in few[name]
    assert not any(complaint in one for one in faults(few))
    assert any(complaint in one for one in faults({**few, name: few[name].replace(old, new, 1)}))


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("book/actlib.pdf", b"", "book/actlib.pdf: a download"),
        ("planted.html", b'<script src="https://a.org/b.js"></script>', "planted.html: loads https://a.org/b.js"),
        (
            "planted.html",
            b'<link rel="stylesheet" href="http://a.org/b.css">',
            "planted.html: loads http://a.org/b.css",
        ),
        ("planted.html", b'<a href="/index.html">x</a>', "planted.html: link /index.html"),
        ("planted.html", b'<a href="../book/actlib.pdf">x</a>', "planted.html: link ../book/actlib.pdf"),
        ("planted.css", b"a { background: url(https://a.org/b.png) }", "planted.css: loads"),
    ],
)
def test_a_planted_fault_of_the_zip_is_noticed(name, content, complaint):
    assert any(one.startswith(complaint) for one in zip_faults({name: content}))
    assert "no playground.html" in zip_faults({name: content})
