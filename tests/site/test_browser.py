"""The built site in a headless Chromium: nothing from elsewhere, no complaint, accessible on every device."""

import json
import os
import re
from pathlib import Path

import numpy as np
import pytest
from browser import (
    Visit,
    blank_without_script,
    cut_derivations,
    deaf_to_keys,
    device,
    inaccessible,
    readout,
    settle,
    too_wide,
    unreachable,
    weights,
)
from located import ROOT, SITE

import actlib
from actlib.derivation import parse_file

NOT_PAGES = {"_static", "_sources", "_downloads", "_images", "_modules"}
PAGES = sorted(
    path.relative_to(SITE).as_posix()
    for path in SITE.rglob("*.html")
    if not NOT_PAGES & set(path.relative_to(SITE).parts)
) or ["index.html"]  # a site that is not built fails in CI, instead of passing with no pages
MODEL = "functions/sigmoid.html"
SCREENSHOTS = os.environ.get("ACTLIB_SCREENSHOTS")
FILES = SITE.as_uri() + "/"


@pytest.mark.parametrize("path", PAGES)
def test_page_on_a_desktop_in_light(desktop, base, path):
    with Visit(desktop, base) as visit:
        page = visit.open(path)
        assert cut_derivations(page) == []
        assert unreachable(page) == []
        assert inaccessible(page) == []
        assert visit.complaints == []
        photograph(visit, path, "desktop")


@pytest.mark.parametrize("path", PAGES)
def test_page_on_a_telephone_in_dark_from_a_folder(phone, path):
    with Visit(phone, FILES) as visit:
        page = visit.open(path)
        assert too_wide(page) == []
        assert unreachable(page) == []
        assert inaccessible(page) == []
        assert deaf_to_keys(page) == []
        assert visit.complaints == []
        photograph(visit, path, "phone")


@pytest.mark.parametrize("path", PAGES)
def test_page_without_script(plain, path):
    with Visit(plain, FILES, script=False) as visit:
        page = visit.open(path)
        assert blank_without_script(page) == []
        assert too_wide(page) == []
        assert visit.complaints == []


MOST_BYTES, MOST_REQUESTS, MOST_OF_A_GRID = 400_000, 45, 60_000
ENTRY_PAGES = [path for path in PAGES if path.startswith(("functions/", "losses/"))]


@pytest.mark.parametrize("path", ENTRY_PAGES)
def test_a_first_visit_is_light(browser, base, path):
    context = device(browser)
    fetched = weights(context, base, SITE, path)
    context.close()
    assert len(fetched) <= MOST_REQUESTS
    assert not [url for url in fetched if "fontawesome" in url]
    assert sum(fetched.values()) <= MOST_BYTES, sorted(fetched.items(), key=lambda item: -item[1])[:5]
    grids = re.findall(r'<script type="application/json">(.*?)</script>', (SITE / path).read_text("utf-8"), re.DOTALL)
    assert all(len(grid) <= MOST_OF_A_GRID for grid in grids)


def test_the_icon_font_is_not_there_to_be_fetched():
    """Whether a browser fetches it would depend on which style sheet comes first."""
    sheets = [path.read_text("utf-8") for path in (SITE / "_static").rglob("*.css")]
    assert any("fa-solid" in text for text in sheets)
    assert not [text for text in sheets if "fontawesome/webfonts" in text]


def test_planted_weight_is_noticed(browser, base):
    context = device(browser)
    bold = "".join(f'<link rel="stylesheet" href="../_static/site.css?{number}">' for number in range(30))
    with Visit(context, base) as visit:
        urls = []
        visit.page.on("response", lambda response: urls.append(response.url))
        visit.open(MODEL, change=insert(bold))
    context.close()
    assert len(urls) > MOST_REQUESTS


def photograph(visit, path, device):
    """Pictures for a human, if a folder for them is named."""
    if SCREENSHOTS:
        for scheme in ("light", "dark"):
            visit.page.emulate_media(color_scheme=scheme)
            settle(visit.page)
            name = path.removesuffix(".html").replace("/", "_")
            visit.page.screenshot(path=str(Path(SCREENSHOTS) / f"{name}_{device}_{scheme}.png"), full_page=True)


def test_the_figure_shows_what_the_library_returns(desktop):
    with Visit(desktop, FILES) as visit:
        page = visit.open(MODEL)
        figure = page.locator("figure.explorer").first
        slider = figure.locator("input[type=range]").first
        slider.focus()
        seen = set()
        for key in ["Home", *["PageUp"] * 12, "ArrowLeft", "End"]:
            slider.press(key)
            x, value, slope = (text.replace("−", "-") for text in readout(figure))
            assert np.float32(value) == actlib.sigmoid(np.float32(x))
            assert np.float32(slope) == actlib.sigmoid.derivative(np.float32(x))
            seen.add(x)
        assert len(seen) > 8


def test_the_point_follows_the_mouse(desktop):
    with Visit(desktop, FILES) as visit:
        page = visit.open(MODEL)
        figure = page.locator("figure.explorer").first
        box = figure.locator("svg").bounding_box()
        before = readout(figure)
        page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 0.5 * box["height"])
        page.mouse.down()
        page.mouse.move(box["x"] + 0.75 * box["width"], box["y"] + 0.5 * box["height"], steps=4)
        page.mouse.up()
        after = readout(figure)
        assert after != before
        assert 4.5 < float(after[0]) < 5.5  # three quarters of the way from -10 to 10


def test_a_parameter_changes_the_curve(desktop):
    with Visit(desktop, FILES) as visit:
        page = visit.open("functions/elu.html")
        figure = page.locator("figure.explorer").first
        place, parameter = figure.locator("input[type=range]").all()
        place.press("Home")
        shown = {}
        for key in ("Home", "End"):
            parameter.press(key)
            alpha = figure.locator(".slider output").last.inner_text()
            x, value, _ = (text.replace("−", "-") for text in readout(figure))
            assert np.float32(value) == actlib.elu(np.float32(x), alpha=float(alpha))
            shown[alpha] = figure.locator(".layer:not([hidden]) path.value").get_attribute("d")
        assert len(set(shown.values())) == 2


def test_the_site_shows_every_derivation_of_its_sources(desktop):
    written = {chain.name for path in (ROOT / "docs").rglob("*.rst") for chain in parse_file(path)}
    shown = json.loads((SITE / "derivations.json").read_text("utf-8"))
    assert set(shown) == written
    name, chain = next(iter(shown.items()))
    with Visit(desktop, FILES) as visit:
        card = visit.open(chain["page"] + ".html").locator("#" + chain["anchor"])
        badges = card.locator(".derivation-badge").all_inner_texts()
        assert badges == [step["badge"] for step in chain["steps"][1:]], name


def test_search_works_from_a_folder(desktop):
    with Visit(desktop, FILES) as visit:
        page = visit.open("search.html?q=sigmoid")
        page.wait_for_selector("#search-results li a", timeout=10_000)
        assert page.locator("#search-results li a").count() > 2
        titles = {"vanishing": "Vanishing gradients", "huber": "Huber loss", "cross entropy": "Cross-entropy"}
        for query, best in titles.items():
            visit.open("search.html?q=" + query.replace(" ", "+"))
            page.wait_for_selector("#search-results li a", timeout=10_000)
            assert page.locator("#search-results li a").first.inner_text() == best, query
        assert visit.complaints == []


# Planted faults: each check above must be able to fail.


def insert(markup):
    """A change that puts `markup` at the start of the article."""
    return lambda html: html.replace('<article class="bd-article">', f'<article class="bd-article">{markup}', 1)


@pytest.mark.parametrize(
    ("markup", "complaint"),
    [
        ('<link rel="stylesheet" href="https://fonts.example.org/inter.css">', "off the site"),
        ('<img alt="" src="https://example.org/pixel.gif">', "off the site"),
        ("<script>console.error('planted')</script>", "console error: planted"),
        ("<script>throw new Error('planted')</script>", "script: planted"),
        ('<img alt="" src="nowhere.png">', "status 404"),
    ],
)
def test_planted_request_or_error_is_noticed(desktop, base, markup, complaint):
    with Visit(desktop, base) as visit:
        visit.open(MODEL, change=insert(markup))
        assert any(complaint in one for one in visit.complaints)


@pytest.mark.parametrize(
    ("markup", "rule"),
    [
        ('<img src="../_static/mark.svg">', "image-alt"),
        ('<p style="color: #999; background: #bbb">hardly readable</p>', "color-contrast"),
        ('<a href="#top"></a>', "link-name"),
        ("<h5>skipped</h5>", "heading-order"),
    ],
)
def test_planted_barrier_is_noticed(desktop, base, markup, rule):
    with Visit(desktop, base) as visit:
        page = visit.open(MODEL, change=insert(markup))
        assert any(one.startswith(rule + " ") for one in inaccessible(page))


WIDE = f"""<div class="derivation" id="planted" style="width: 30rem"><div class="derivation-row">
<p class="derivation-right"><span style="white-space: nowrap">{"wide " * 60}</span></p></div></div>"""


def test_planted_wide_formula_is_noticed(desktop, base):
    with Visit(desktop, base) as visit:
        page = visit.open(MODEL, change=insert(WIDE))
        assert any("planted" in one for one in cut_derivations(page))
        # a reader without a mouse reaches it all the same ...
        assert unreachable(page) == []
        assert inaccessible(page) == []


def test_planted_wide_formula_without_keyboard_handle_is_noticed(desktop, base):
    def change(html):
        return insert(WIDE)(html).replace("explorer.js", "nowhere.js")

    with Visit(desktop, base) as visit:  # ... thanks to the script
        page = visit.open(MODEL, change=change)
        assert any("derivation-right" in one for one in unreachable(page))
        assert any(one.startswith("scrollable-region-focusable ") for one in inaccessible(page))


def test_planted_wide_block_is_noticed(phone, base):
    with Visit(phone, base) as visit:
        page = visit.open(MODEL, change=insert('<div style="width: 900px" id="planted">wide</div>'))
        assert any("planted" in one for one in too_wide(page))


def test_planted_empty_figure_is_noticed(plain, base):
    with Visit(plain, base, script=False) as visit:
        page = visit.open(
            MODEL, change=lambda html: html.replace('<path class="value" d="', '<path class="value" d="" x="')
        )
        assert blank_without_script(page)


def test_planted_raw_formula_is_noticed(plain, base):
    with Visit(plain, base, script=False) as visit:
        page = visit.open(MODEL, change=insert('<span class="math">\\(x\\)</span>'))
        assert blank_without_script(page)


def test_planted_dead_script_is_noticed(desktop, base):
    with Visit(desktop, base) as visit:
        page = visit.open(MODEL, change=lambda html: html.replace("explorer.js", "nowhere.js"))
        assert deaf_to_keys(page)
