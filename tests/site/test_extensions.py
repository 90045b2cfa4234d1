"""The extensions of the book: what they refuse, and what they draw."""

import io
import json
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "docs" / "_ext"))

import curves  # noqa: E402
import katex_math  # noqa: E402

import actlib  # noqa: E402

EXTENSIONS = [
    "katex_math",
    "derivation_directive",
    "derivation_index",
    "figure",
    "themed_plot",
    "registry",
    "counts",
    "answers",
    "lectures",
    "rosetta",
    "sheets",
]
CONFIGURATION = f"""\
extensions = {EXTENSIONS}
html_math_renderer = "katex"
html_theme = "basic"
"""
TRUE_CHAIN = """
.. derivation:: chain

   real x in (-3, 3)

   (x + 1)**2
   = x**2 + 2*x + 1   -- expand
"""


def build(folder, text):
    """Build a site of one page; -> (what stopped the build, warnings, page)."""
    from sphinx.application import Sphinx
    from sphinx.errors import SphinxError
    from sphinx.util.docutils import docutils_namespace, patch_docutils

    source, out = folder / "source", folder / "out"
    source.mkdir(exist_ok=True)
    (source / "conf.py").write_text(CONFIGURATION, "utf-8")
    (source / "index.rst").write_text("Title\n=====\n\n" + text, "utf-8")
    warnings, error = io.StringIO(), ""
    with patch_docutils(source), docutils_namespace():
        try:
            Sphinx(source, source, out, folder / "trees", "html", status=None, warning=warnings).build()
        except SphinxError as raised:
            error = str(raised)
    page = out / "index.html"
    return error, warnings.getvalue(), page.read_text("utf-8") if page.exists() else ""


def test_a_true_chain_is_shown_with_its_badge(tmp_path):
    error, warnings, page = build(tmp_path, TRUE_CHAIN)
    assert (error, warnings) == ("", "")
    assert 'class="derivation-badge">exact<' in page
    assert 'id="derivation-chain"' in page
    index = json.loads((tmp_path / "out" / "derivations.json").read_text("utf-8"))
    assert index["chain"]["page"] == "index"
    assert [step["status"] for step in index["chain"]["steps"]] == ["start", "exact"]


def test_a_false_step_fails_the_build_with_line_and_counterexample(tmp_path):
    error, warnings, _ = build(tmp_path, TRUE_CHAIN.replace("2*x", "3*x"))
    assert "do not hold" in error
    assert "index.rst:10: ERROR" in warnings  # the line of the false step
    assert "left =" in warnings
    assert "right =" in warnings
    assert "step 1" in warnings


def test_a_false_step_keeps_failing_when_nothing_changed(tmp_path):
    text = TRUE_CHAIN.replace("2*x", "3*x")
    assert build(tmp_path, text)[0]
    assert build(tmp_path, text)[0]


def test_two_chains_of_one_name_are_refused(tmp_path):
    _, warnings, _ = build(tmp_path, TRUE_CHAIN + TRUE_CHAIN)
    assert "named 'chain'" in warnings


@pytest.mark.parametrize(
    "text", [r":math:`\frac{1}{`", r":math:`\undefined`", ".. math:: a & b & \\\\ c \\end{aligned}"]
)
def test_a_broken_formula_fails_the_build(tmp_path, text):
    error, warnings, _ = build(tmp_path, text)
    assert "cannot be rendered" in error
    assert "index.rst:" in warnings


@pytest.mark.parametrize(
    "text",
    [
        ".. activation-figure:: no_such_function",
        ".. activation-figure:: sigmoid\n   :range: 3 -3",
        ".. activation-figure:: elu\n   :parameter: beta = 1, 2",
        ".. facts:: no_such_function",
        ".. themed-plot:: planted\n\n   plt.plot([1, 2], [1])",
        ":count:`no-such-thing`",
        ".. rosetta:: no_such_function",
        ".. lecture-table:: no-such-lecture",
    ],
)
def test_a_wrong_directive_is_an_error(tmp_path, text):
    error, warnings, _ = build(tmp_path, text)
    assert "ERROR" in warnings or error


def test_plots_use_the_colours_of_the_theme(tmp_path):
    error, warnings, page = build(tmp_path, ".. themed-plot:: A line.\n\n   plt.plot([1, 2])")
    assert (error, warnings) == ("", "")
    assert 'aria-label="A line."' in page
    assert "var(--curve-1)" in page
    assert "#0a0b01" not in page


def test_counts_are_counted(tmp_path):
    _, _, page = build(tmp_path, ":count:`derivation-steps` :count:`exact-steps` :count:`derivations`\n" + TRUE_CHAIN)
    assert page.count('class="counted">1<') == 3


MIXED_CHAIN = """
.. derivation:: mixed
   :title: Of all kinds

   real x in (-3, 3)

   Abs(x)
   = sqrt(x**2)       -- a root is not negative
   = sqrt(x*x + 0)    -- as Euclid would say [assumed]
   <= Abs(x) + 1      -- one more [tested]
"""


def test_a_reference_may_be_written_as_the_name_is(tmp_path):
    links = "\nSee :ref:`derivation-long_name`, :ref:`derivation-long-name`.\n"
    text = TRUE_CHAIN.replace("chain", "long_name") + links
    error, warnings, page = build(tmp_path, text)
    assert (error, warnings) == ("", "")
    assert page.count('href="#derivation-long-name"') == 3  # and the anchor beside its title


def test_the_index_of_derivations_counts_and_links_each(tmp_path):
    error, warnings, page = build(tmp_path, ".. derivation-index::\n" + TRUE_CHAIN + MIXED_CHAIN)
    assert (error, warnings) == ("", "")
    assert '<a class="reference internal" href="#derivation-mixed">Of all kinds</a>' in page
    assert '<a class="reference internal" href="#derivation-chain">Chain</a>' in page
    assert "2 exact, 1 tested, 1 assumed</span>" in page  # both on the page
    assert "1 exact, 1 tested, 1 assumed</span>" in page  # the second
    assert "in 2 derivations on 1 pages" in page
    count = page.partition("in 2 derivations")[2].partition("</tr>")[0]
    assert "<p>4</p>" in count


def test_a_table_of_a_lecture_has_its_rows_and_names_dead_links(tmp_path):
    import lectures

    _, warnings, page = build(tmp_path, ".. lecture-table:: schoenhuth")
    rows = [row for part in lectures.lectures()["schoenhuth"]["parts"] for row in part["rows"]]
    assert page.count("<tr") == len(rows) + len(lectures.lectures()["schoenhuth"]["parts"])  # a head for each part
    assert f"{len(rows)} topics" in page
    assert warnings.count("leads nowhere") == sum(  # all but those to the playground: the page is alone
        not link.startswith("playground#") for row in rows for link in row[1:]
    )


def test_names_elsewhere_have_a_row_for_each_library(tmp_path):
    error, warnings, page = build(tmp_path, ".. rosetta:: leaky_relu")
    assert (error, warnings) == ("", "")
    assert page.count("<tr") == 4
    assert "negative_slope=0.01" in page


CHAPTER = """Exercises
---------

#. How much is one and one?

   .. answer::

      Two.
"""


def test_sheets_have_the_exercises_and_not_the_answers(tmp_path, monkeypatch):
    import sheets

    monkeypatch.setattr(sheets, "in_order", lambda env: ["index"])
    error, warnings, page = build(tmp_path, ".. exercise-sheets::\n\n" + CHAPTER)
    assert (error, warnings) == ("", "")
    assert page.count("How much is one and one?") == 2  # in the chapter and on the sheet
    assert page.count("Two.") == 1  # in the chapter
    assert 'id="sheet-index"' in page


def test_formulas_carry_mathml():
    html = katex_math.render(r"\frac{1}{1 + e^{-x}}", display=True)
    assert "<math" in html
    assert "katex-display" in html


def test_mathml_of_a_function_name_as_an_index_is_valid():
    assert "<msub><mi>x</mi><mi>min</mi></msub>" in katex_math.render(r"x_{\min}")


def test_grid_is_exact_and_covers_the_interval():
    x = curves.grid(-8.0, 8.0)
    assert x.dtype == np.float32
    assert x[0] == -8
    assert x[-1] == 8
    assert np.array_equal(np.diff(x), np.full(len(x) - 1, x[1] - x[0]))


@pytest.mark.parametrize(
    ("function", "places"),
    [
        (lambda x: actlib.heaviside(x), [0.0]),
        (lambda x: actlib.relu.derivative(x), [0.0]),
        (lambda x: actlib.sigmoid(x), []),
        (lambda x: np.float32(1) / (1 + np.exp(-50 * x)), []),  # steep, but no leap
        (lambda x: np.where(x > np.float32(1 / 3), np.float32(1), np.float32(0)), [float(np.float32(1 / 3))]),
    ],
)
def test_leaps_are_found_between_neighbouring_floats(function, places):
    x = curves.grid(-4.0, 4.0)
    with np.errstate(over="ignore"):
        leaps = curves.jumps(function, x, function(x))
    assert sorted({round(place, 6) for *_, place in leaps}) == [round(place, 6) for place in places]


@pytest.mark.parametrize("value", [0.7310586, 2.0611537e-9, -0.25, 1e30, 3.0, -0.0, 1.1754944e-38])
def test_text_of_a_float_reads_back_as_the_same_float(value):
    value = np.float32(value)
    assert np.float32(curves.text(value).replace("−", "-")) == value
