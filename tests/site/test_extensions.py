"""The extensions of the book: what they refuse, and what they draw."""

import io
import json
import re
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "docs" / "_ext"))

import curves  # noqa: E402
import katex_math  # noqa: E402
import measured  # noqa: E402

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
    "measured",
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


def times(function, task, dtype, own, **peers):
    """A row of speed.json: one million elements, one thread."""
    group, _, task = task.partition(" ")
    return [group, function, task, dtype, 1_000_000, 1, 0.5, {"actlib": own, **peers}]


def seen(kind, function, offer, dtype, own, **peers):
    """A row of accuracy.json."""
    row = {"kind": kind, "name": function, "offer": offer, "dtype": dtype, "bound": 1.0, "ulp": own}
    return {**row, "peers": {name: {"ulp": ulp} for name, ulp in peers.items()}}


FILES = {
    "speed": {
        "results": [
            times("tanh", "elementwise value", "float32", 1.0, torch=0.25),  # the largest lead, and inaccurate
            times("gelu", "elementwise value_and_derivative", "float64", 1.0, jax=0.5, torch=2.0),
            times("glu", "rows value 10 x 10", "float32", 1.0, torch=0.9),
            times("huber", "losses value_and_gradient 10", "float32", 1.0, sklearn=0.8),
            times("xlogy", "special slopes", "float64", 1.0, jax=0.7),
            times("crelu", "rows value 10 x 10", "float64", 1.0, numpy=0.95),
            times("relu", "elementwise value", "float64", 1.0, torch=1.5),  # actlib is ahead
        ]
    },
    "accuracy": {
        "rows": [
            seen("activations", "tanh", "value", "float32", 0.6, torch=1.4, jax=0.5),
            seen("activations", "gelu", "value", "float64", 1.25, jax=1.1),
            seen("activations", "gelu", "derivative", "float64", 1.5, jax=1.6),
            seen("axis", "glu", "value", "float32", 0.5, torch=0.97),
            seen("losses", "huber", "value", "float32", 0.75, sklearn=0.5),
            seen("losses", "huber", "gradient", "float32", 0.5, sklearn=0.875),
            seen("losses", "huber", "gradient", "float64", 9.0, sklearn=9.0),
            seen("special", "xlogy", "gradient", "float64", 0.5, jax=1e300),
            seen("special", "huber", "value", "float32", 9.0, sklearn=9.0),  # another function of this name
        ]
    },
}


@pytest.fixture
def small_files(monkeypatch):
    monkeypatch.setattr(measured, "load", FILES.__getitem__)


def cells(page):
    """The rows of the last table of a page, as lists of text."""
    table = page.rpartition("<table")[2].partition("</table>")[0]
    rows = (row.partition("</tr>")[0] for row in table.split("<tr")[1:])
    return [re.findall(r"<p>(.*?)</p>", row) for row in rows]


def test_cells_in_which_a_peer_is_ahead_show_both_errors(tmp_path, small_files):
    error, warnings, page = build(tmp_path, ".. speed-behind::\n")
    assert (error, warnings) == ("", "")
    heading, *rows = cells(page)
    first, last = heading.index("Error of the peer"), heading.index("of actlib")
    # those in which the peer is as accurate, then the unknown ones, then the others, by lead
    assert [(row[0], row[first], row[last]) for row in rows] == [
        ("huber", "0.88", "0.75"),
        ("glu", "0.97", "0.50"),
        ("crelu", "–", "–"),
        ("tanh", "1.40", "0.60"),
        ("gelu", "1.60", "1.50"),
        ("xlogy", "∞", "0.50"),
    ]
    assert "Of the 6 cells in which a peer is ahead, it is less accurate than actlib in 3:" in page
    assert "In 2 it is as accurate; in 1 its error was not measured." in page


@pytest.mark.parametrize(
    ("dtype", "peer", "own", "worse"),
    [("float32", 1.01, 0.5, True), ("float32", 1.0, 0.5, False), ("float64", 1.01, 1.0, True),
     ("float64", 1.0, 1.0, False), ("float64", 3.0, 3.5, False)],
)  # fmt: skip
def test_less_accurate(dtype, peer, own, worse):
    assert measured.less_accurate(dtype, peer, own) is worse


def test_of_several_offers_all_have_to_be_known():
    known = {("losses", "huber", offer, "float32", "actlib"): 0.5 for offer in ("value", "gradient")}
    known["losses", "huber", "value", "float32", "jax"] = 0.5
    result = {"group": "losses", "task": "value_and_gradient 9", "function": "huber", "dtype": "float32"}
    assert measured.error_of(known, result, "actlib") == 0.5
    assert measured.error_of(known, result, "jax") is None
    known["losses", "huber", "gradient", "float32", "jax"] = 2.0
    assert measured.error_of(known, result, "jax") == 2.0


def test_every_task_of_the_benchmark_has_an_error():
    tasks = {(result["group"], result["task"].split()[0]) for result in measured.results()}
    assert tasks == measured.OFFERS.keys()
    kinds = {(row["kind"], row["offer"]) for row in measured.load("accuracy")["rows"]}
    assert kinds >= {(kind, offer) for kind, offers in measured.OFFERS.values() for offer in offers}


@pytest.mark.parametrize("kind", ["axis", "losses", "special"])
def test_tables_of_accuracy_show_the_peers(tmp_path, small_files, kind):
    error, warnings, page = build(tmp_path, f".. accuracy-table:: {kind}\n")
    assert (error, warnings) == ("", "")
    row = {"axis": "PyTorch 0.97", "losses": "scikit-learn 0.50", "special": "scikit-learn 9.00"}[kind]
    before, _, folded = page.replace("\N{NO-BREAK SPACE}", " ").partition("<details")
    assert row in before  # the value
    assert row in folded
    assert ("scikit-learn 0.88" in folded) == (kind == "losses")  # the gradient


@pytest.mark.parametrize("kind", ["activations", "axis", "losses", "special"])
def test_peers_are_measured_in_every_kind(kind):
    rows = [row for row in measured.load("accuracy")["rows"] if row["kind"] == kind and row["offer"] == "value"]
    assert rows
    for row in rows:
        assert row["peers"], row["name"]
