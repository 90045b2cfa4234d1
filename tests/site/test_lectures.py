"""The tables for teachers: every topic of every lecture has a link, and each link leads to something that is there."""

import json
import re
from pathlib import Path

import pytest
from docutils import nodes

DOCS = Path(__file__).resolve().parents[2] / "docs"
LECTURES = json.loads((DOCS / "_ext" / "lectures.json").read_text("utf-8"))
ROWS = [(name, *row) for name, lecture in LECTURES.items() for part in lecture["parts"] for row in part["rows"]]
PAGES = {
    path.relative_to(DOCS).with_suffix("").as_posix(): path.read_text("utf-8")
    for path in DOCS.rglob("*.rst")
    if not {"_build", "_ext", "tutorials"} & set(path.relative_to(DOCS).parts)
}
DERIVATIONS = {name for text in PAGES.values() for name in re.findall(r"\.\. derivation:: *(\S+)", text)}
PRESETS = json.loads((DOCS / "_static" / "playground" / "presets.json").read_text("utf-8"))


def anchors(text):
    """The anchors of the sections of a page."""
    titles = re.findall(r"^(\S.*)\n[=~-]{4,}$", text, re.MULTILINE)
    return {nodes.make_id(re.sub(r":math:`([^`]*)`|`", r"\1", title)) for title in titles}


def leads_somewhere(link):
    if link.startswith("derivation-"):
        return link.removeprefix("derivation-") in DERIVATIONS
    page, _, anchor = link.partition("#")
    if page == "playground" and anchor:
        return anchor in PRESETS
    if page.startswith("tutorials/"):
        return (DOCS.parent / f"{page}.py").exists()
    return page in PAGES and (not anchor or anchor in anchors(PAGES[page]))


@pytest.mark.parametrize("name", LECTURES)
def test_every_topic_has_a_link_and_none_is_dead(name):
    rows = [row for row in ROWS if row[0] == name]
    assert [topic for _, topic, *links in rows if not links] == []
    assert [(topic, link) for _, topic, *links in rows for link in links if not leads_somewhere(link)] == []
    topics = [row[1] for row in rows]
    assert len(topics) == len(set(topics))


@pytest.mark.parametrize("name", LECTURES)
def test_every_lecture_has_a_page_that_teachers_find(name):
    assert f".. lecture-table:: {name}\n" in PAGES[f"lectures/{name}"]
    assert f"   /lectures/{name}\n" in PAGES["guide/teachers"]


def test_planted_dead_links_are_noticed():
    dead = ["guide/nowhere", "guide/numerics#nowhere", "derivation-nowhere", "tutorials/x/plot_y", "playground#nowhere"]
    assert [link for link in dead if leads_somewhere(link)] == []
