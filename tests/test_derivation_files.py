"""Derivations in files: text with headings, pages with directives, and the command's report."""

import io

from actlib.derivation import parse_file, prove

PAGE = """\
Sigmoid
=======

.. derivation:: first
   :title: A title

   real x

   (x + 1)**2
   = x**2 + 2*x + 1   -- expand
                         the square
   >= 0

Prose.

.. dropdown:: Solution

   .. derivation:: second

      real x
      x + x
      = 2*x
      = 3*x
"""

SECTIONS = """\
# A comment.

## first
real x
(x + 1)**2
= x**2
  + 2*x + 1 -- expand

## second one
real x
x
= x + y
"""


def written(tmp_path, name, text):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_page(tmp_path):
    first, second = parse_file(written(tmp_path, "page.rst", PAGE))
    assert (first.name, second.name) == ("first", "second")
    report = first.check()
    assert report.ok
    assert [(step.line, step.reason) for step in report.steps] == [(9, ""), (10, "expand the square"), (12, "")]
    report = second.check()
    assert [step.line for step in report.steps] == [21, 22, 23]
    ((line, message),) = report.failures
    assert line == 23
    assert "step 2: = 3*x: left =" in message
    assert report.path.endswith("page.rst")


def test_a_text_with_headings(tmp_path):
    first, second = parse_file(written(tmp_path, "chains.txt", SECTIONS))
    assert (first.name, second.name) == ("first", "second one")
    assert first.check().ok
    assert first.check().steps[1].source == "x**2 + 2*x + 1"
    assert second.check().failures[0][0] == 12


def test_a_text_without_headings_is_one_derivation(tmp_path):
    (only,) = parse_file(written(tmp_path, "mine.txt", "real x\nx\n= x"))
    assert (only.name, only.first_line) == ("mine", 1)


def test_prove_writes_each_step_and_a_summary(tmp_path):
    stream = io.StringIO()
    assert prove(written(tmp_path, "page.rst", PAGE), stream) == 1
    text = stream.getvalue()
    assert "exact" in text
    assert "line 23: left =" in text
    assert text.endswith("1 of 2 derivations hold; steps: 2 exact, 1 tested, 1 failed\n")


def test_prove_succeeds(tmp_path):
    stream = io.StringIO()
    assert prove(written(tmp_path, "mine.txt", "real x\nx\n= x"), stream) == 0


def test_prove_reports_malformed_declarations(tmp_path):
    stream = io.StringIO()
    assert prove(written(tmp_path, "mine.txt", "real x in (2, 1)\nx\n= x"), stream) == 1
    assert "line 1: the interval of x is empty" in stream.getvalue()


def test_prove_with_nothing_to_read(tmp_path):
    stream = io.StringIO()
    assert prove(tmp_path / "absent.txt", stream) == 2
    assert prove(written(tmp_path, "empty.rst", "Nothing here."), stream) == 2
    assert "cannot be read" in stream.getvalue()
    assert "no derivation found" in stream.getvalue()


def test_a_mark_at_the_beginning_is_no_text(tmp_path):
    assert prove(written(tmp_path, "mine.txt", "\ufeffreal x\nx\n= x"), io.StringIO()) == 0


def test_a_fault_without_a_column_names_none(tmp_path):
    stream = io.StringIO()
    assert prove(written(tmp_path, "mine.txt", "real x\nx +\n= x"), stream) == 1
    assert "line 2: invalid syntax\n" in stream.getvalue()
