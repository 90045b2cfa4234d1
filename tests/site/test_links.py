"""The built site as files: links and fragments resolve, no page is an orphan, each says what it is, none is heavy."""

import posixpath
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

import pytest
from located import SITE

FOLDERS = {"_static", "_sources", "_downloads", "_images", "_modules"}
HEAVIEST = 1_200_000  # bytes of HTML; the gallery's pages with their curves come to half of it


class Page(HTMLParser):
    """What a page links to, what can be linked to on it, its title and its description."""

    def __init__(self, text):
        super().__init__()
        self.links, self.anchors, self.title, self.description = [], set(), "", ""
        self.blocking, self.undescribed = [], []
        self._in_title = False
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        self.anchors |= {given.get("id"), given.get("name")} - {None}
        if tag in {"a", "link"} and given.get("href"):
            self.links.append(given["href"])
        if tag in {"img", "script"} and given.get("src"):
            self.links.append(given["src"])
        if tag == "script" and given.get("src") and "defer" not in given and "async" not in given:
            self.blocking.append(given["src"])
        if tag == "img" or (tag == "svg" and given.get("role") == "img"):
            words = given.get("alt") if tag == "img" else given.get("aria-label")
            if words is None or (tag == "svg" and len(words) < 12):  # alt="" marks decoration
                self.undescribed.append(f"<{tag} {given.get('src', '')}>: {words!r}")
        if tag == "meta" and given.get("name") == "description":
            self.description = given["content"]
        self._in_title = tag == "title" and not self.title

    def handle_data(self, data):
        if self._in_title:
            self.title += data

    def handle_endtag(self, tag):
        self._in_title = False


def read(site):
    found = (path.relative_to(site) for path in site.rglob("*.html"))
    return {path.as_posix(): Page((site / path).read_text("utf-8")) for path in found if not FOLDERS & set(path.parts)}


PAGES = read(SITE)


def targets(page, links):
    """Links of a page within the site, as (file, fragment)."""
    for link in links:
        parts = urlsplit(link)
        if not (parts.scheme or parts.netloc):
            path = posixpath.join(posixpath.dirname(page), unquote(parts.path)) if parts.path else page
            yield posixpath.normpath(path), unquote(parts.fragment)


def dead_links(pages, site):
    complaints = []
    for name, page in pages.items():
        for path, fragment in targets(name, page.links):
            if not (site / path).exists():
                complaints.append(f"{name}: no {path}")
            elif fragment and path in pages and fragment not in pages[path].anchors:
                complaints.append(f"{name}: no #{fragment} in {path}")
    return complaints


def orphans(pages):
    linked = {path for name, page in pages.items() for path, _ in targets(name, page.links) if path != name}
    return sorted(set(pages) - linked - {"index.html"})


def nameless(pages):
    """Pages without a title or description of their own."""
    titles = [page.title for page in pages.values()]
    named = {name for name, page in pages.items() if page.title and titles.count(page.title) == 1}
    return [name for name, page in pages.items() if name not in named or not page.description]


def test_links_resolve():
    assert dead_links(PAGES, SITE) == []


def test_every_page_is_linked():
    assert orphans(PAGES) == []


def test_every_page_has_a_title_and_a_description():
    assert nameless(PAGES) == []


def test_no_script_holds_up_a_page():
    assert {name: page.blocking for name, page in PAGES.items() if page.blocking} == {}


def test_every_picture_is_described():
    assert {name: page.undescribed for name, page in PAGES.items() if page.undescribed} == {}


def test_no_page_is_heavy():
    assert {name: size for name in PAGES if (size := (SITE / name).stat().st_size) > HEAVIEST} == {}


@pytest.mark.parametrize(
    ("check", "markup"),
    [
        (lambda pages: dead_links(pages, SITE), '<a href="nowhere.html">there</a>'),
        (lambda pages: dead_links(pages, SITE), '<a href="#nowhere">there</a>'),
        (orphans, ""),
        (nameless, "<title></title>"),
        (lambda pages: [name for name in pages if pages[name].blocking], '<script src="slow.js"></script>'),
        (lambda pages: [name for name in pages if pages[name].undescribed], '<img src="picture.png">'),
        (lambda pages: [name for name in pages if pages[name].undescribed], '<svg role="img" aria-label="Figure">'),
    ],
)
def test_planted_fault_is_noticed(check, markup):
    assert any("planted.html" in one for one in check({**PAGES, "planted.html": Page(markup)}))
