"""The sources of the book: a page for every entry, all its parts, a doctest after every derivation."""

import re
from pathlib import Path

import pytest

import actlib
from actlib.derivation import parse_file

DOCS = Path(__file__).resolve().parents[2] / "docs"
SOURCES = sorted(
    path for path in DOCS.rglob("*.rst") if not {"_build", "_ext", "tutorials"} & set(path.relative_to(DOCS).parts)
)
ENTRIES = {
    "functions": {**actlib.ACTIVATIONS, **actlib.AXIS_FUNCTIONS},
    "losses": actlib.losses.LOSSES,
}
DERIVATION = re.compile(r"^( *)\.\. derivation:: *(\S+)", re.MULTILINE)
UNDERLINE = re.compile(r"^(=+|-+|~+)$", re.MULTILINE)


def after_derivations(text):
    """For each derivation its name and what follows it, up to the next derivation or heading."""
    found = []
    for match in DERIVATION.finditer(text):
        rest = text[match.end() :]
        stops = [len(rest)] + [stop.start() for stop in (DERIVATION.search(rest), UNDERLINE.search(rest)) if stop]
        found.append((match[2], rest[: min(stops)]))
    return found


def unheld(text):
    """Names of the derivations that no doctest holds against the library."""
    return [name for name, rest in after_derivations(text) if ">>>" not in rest or "actlib" not in rest + text]


def pages(folder):
    return {path.stem for path in (DOCS / folder).glob("*.rst")} - {"index"}


@pytest.mark.parametrize("folder", ENTRIES)
def test_every_entry_has_a_page_and_every_page_an_entry(folder):
    assert pages(folder) == set(ENTRIES[folder])


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(DOCS)))
def test_every_derivation_is_held_against_the_library(path):
    assert unheld(path.read_text("utf-8")) == []


CHAINS = [chain for path in SOURCES for chain in parse_file(path)]


@pytest.mark.parametrize("chain", CHAINS, ids=lambda chain: chain.name)
def test_every_step_holds(chain):
    chain.check().raise_if_failed()


def test_names_of_derivations_are_unique():
    names = [chain.name for chain in CHAINS]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("folder", "name"), [(folder, name) for folder, entries in ENTRIES.items() for name in sorted(entries)]
)
def test_page_has_the_parts_of_the_template(folder, name):
    path = DOCS / folder / f"{name}.rst"
    text = path.read_text("utf-8")
    prefix = "losses." if folder == "losses" else ""
    assert f".. facts:: {prefix}{name}" in text
    assert DERIVATION.search(text)
    assert ">>>" in text
    for heading in ("What it is for", "Values", "Conventions", "Numerical form", "What goes wrong", "When to use it"):
        assert re.search(rf"^{heading}.*\n-+$", text, re.MULTILINE), heading
    for heading in ("Names elsewhere", "Exercises", "References"):
        assert re.search(rf"^{heading}\n-+$", text, re.MULTILINE), heading
    assert "-20.0" in text
    table = re.search(rf"^\.\. rosetta:: (losses\.)?{name}$", text, re.MULTILINE)
    assert table or ("PyTorch" in text and "JAX" in text)
    exercises, references = re.split(r"^References\n-+$", text.partition("\nExercises\n")[2], flags=re.MULTILINE)
    answers = exercises.split(".. answer::")[1:]
    assert len(answers) >= 2
    assert all(">>>" in answer for answer in answers)
    assert re.search(r"\[\w+\d{4}\]_", references)
    if folder == "functions" and name in actlib.ACTIVATIONS:
        assert f".. activation-figure:: {name}" in text


CHAPTERS = re.findall(r"<(\w+)>$", (DOCS / "guide" / "index.rst").read_text("utf-8"), re.MULTILINE)
WITHOUT_EXERCISES = {"reading", "teachers"}  # they tell how to use the others
FIGURE = re.compile(r"^ *\.\. (themed-plot|activation-figure|loss-figure)::", re.MULTILINE)


def lacking(text):
    """What a chapter has to have and this one has not."""
    body, _, exercises = text.partition("\nExercises\n")
    answers = re.split(r"^References\n-+$", exercises, flags=re.MULTILINE)[0].split(".. answer::")[1:]
    parts = {
        "a lead": ".. rst-class:: lead" in body,
        "a figure": FIGURE.search(body),
        "a derivation": DERIVATION.search(body),
        "an experiment": ":doc:`" in body and re.search(r"</?tutorials/\w+/plot_|/tutorials/\w+/plot_\w+`", body),
        "what goes wrong": re.search(r"^What goes wrong\n-+$", body, re.MULTILINE),
        "to remember": re.search(r"^To remember\n-+$", body, re.MULTILINE),
        "five exercises": len(answers) >= 5,
        "answers that are checked": all(">>>" in one or DERIVATION.search(one) for one in answers),
        "references": re.search(r"\[\w+\d{4}\]_", text),
    }
    return [what for what, there in parts.items() if not there]


def test_the_book_has_all_chapters():
    assert {path.stem for path in (DOCS / "guide").glob("*.rst")} == {*CHAPTERS, "index"}


@pytest.mark.parametrize("chapter", [name for name in CHAPTERS if name not in WITHOUT_EXERCISES])
def test_chapter_has_the_parts_of_a_chapter(chapter):
    assert lacking((DOCS / "guide" / f"{chapter}.rst").read_text("utf-8")) == []


@pytest.mark.parametrize("chapter", [name for name in CHAPTERS if name not in WITHOUT_EXERCISES])
@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("What goes wrong", "Praise", "what goes wrong"),
        (".. answer::", ".. note::", "five exercises"),
        ("plot_", "picture_", "an experiment"),
    ],
)
def test_planted_gap_in_a_chapter_is_noticed(chapter, old, new, what):
    assert what in lacking((DOCS / "guide" / f"{chapter}.rst").read_text("utf-8").replace(old, new))


EXPERIMENTS = sorted((DOCS.parent / "tutorials").rglob("plot_*.py"))


@pytest.mark.parametrize("path", EXPERIMENTS, ids=lambda path: path.stem)
def test_every_experiment_belongs_to_a_chapter_that_links_to_it(path):
    name = f"/tutorials/{path.parent.name}/{path.stem}"
    chapters = set(re.findall(r"/guide/(\w+)", path.read_text("utf-8")))
    assert chapters
    linking = {page.stem for page in (DOCS / "guide").glob("*.rst") if name in page.read_text("utf-8")}
    assert linking & set(CHAPTERS)


PLANTED = """
Title
-----

.. derivation:: held

   real x
   x
   = x  -- same

>>> import actlib

.. derivation:: forgotten

   real x
   x
   = x  -- same

Next
----

>>> 1
1
"""


def test_planted_derivation_without_doctest_is_noticed():
    assert unheld(PLANTED) == ["forgotten"]
