"""The command `actlib`, run in this process through main(argv)."""

import dataclasses
import io
import math
import re
import subprocess
import sys

import numpy as np
import pytest

import actlib
from actlib import losses, selftest, special
from actlib.__main__ import find, kinds, main
from actlib.drawing import sample, svg_curves, terminal_curve


def run(capsys, *argv):
    code = main([str(word) for word in argv])
    captured = capsys.readouterr()
    assert "Traceback" not in captured.err
    return code, captured.out, captured.err


def table(output):
    """The columns that `eval` printed, by name."""
    names, *rows = (line.split() for line in output.splitlines())
    return {name: [float(text) for text in column] for name, column in zip(names, zip(*rows, strict=True), strict=True)}


def test_list_names_every_entry_and_alias(capsys):
    code, output, _ = run(capsys, "list")
    assert code == 0
    lines = [line.split() for line in output.splitlines()]
    listed = {words[0] for words in lines if words}
    for entries in kinds().values():
        for name, entry in entries.items():
            assert name in listed
            for alias in entry.aliases:
                assert alias in output


@pytest.mark.parametrize("name", [name for entries in kinds().values() for name in entries])
def test_show_prints_what_is_known(capsys, name):
    code, output, _ = run(capsys, "show", name)
    assert code == 0
    assert find(name).definition in output


def test_show_draws_a_curve(capsys):
    assert any("\u2801" <= character <= "\u28ff" for character in run(capsys, "show", "tanh")[1])


def test_show_finds_aliases_and_dotted_names(capsys):
    assert run(capsys, "show", "expit")[1] == run(capsys, "show", "actlib.sigmoid")[1]
    assert find("losses.mse") is losses.mean_squared_error


def test_show_plot_writes_a_figure(capsys, tmp_path):
    path = tmp_path / "elu.svg"
    code, output, _ = run(capsys, "show", "elu", "--plot", path)
    assert code == 0
    assert str(path) in output
    assert "</svg>" in path.read_text()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_eval_prints_every_digit(capsys, dtype):
    words = ["-40", "-1e-3", "-inf", "0", "inf", "nan", "1e30"]
    code, output, _ = run(capsys, "eval", "elu", *words, "--derivative", "--parameter", "alpha=2", "--dtype", dtype)
    assert code == 0
    x = np.array([float(word) for word in words], dtype)
    columns = table(output)
    for name, wanted in (("elu", actlib.elu(x, alpha=2)), ("derivative", actlib.elu.derivative(x, alpha=2))):
        np.testing.assert_array_equal(np.array(columns[name], dtype), wanted)


def test_eval_of_a_row(capsys):
    code, output, _ = run(capsys, "eval", "softmax", 1, 2, 3)
    assert code == 0
    assert table(output)["softmax"] == actlib.softmax([1.0, 2.0, 3.0]).tolist()


def test_eval_of_a_loss(capsys):
    code, output, _ = run(capsys, "eval", "huber", -3, 0.5, "--target", 0, "--derivative", "--parameter", "delta=2")
    assert code == 0
    assert table(output) == {
        "prediction": [-3.0, 0.5],
        "target": [0.0, 0.0],
        "huber": [4.0, 0.125],
        "derivative": [-2.0, 0.5],
    }


def test_eval_of_a_loss_asks_for_the_target(capsys):
    code, _, error = run(capsys, "eval", "huber", 1)
    assert (code, "--target" in error) == (2, True)


def test_a_name_that_two_have_is_that_of_the_first_and_with_its_module_that_of_the_other():
    assert find("exponential") is find("actlib.exponential") is actlib.exponential
    assert find("losses.exponential") is find("actlib.losses.exponential") is losses.exponential
    assert find("log_cosh") is losses.log_cosh
    assert find("special.log_cosh") is special.log_cosh


def test_parameters_that_are_no_numbers_have_no_interval(capsys):
    output = run(capsys, "show", "cross_entropy")[1]
    assert re.search(r"^parameter class_weight +default None$", output, re.MULTILINE)
    assert re.search(r"^parameter label_smoothing +default 0.0, in \[0, 1\]$", output, re.MULTILINE)
    output = run(capsys, "show", "gaussian_nll")[1]
    assert re.search(r"^parameter full +default False$", output, re.MULTILINE)
    assert re.search(r"^parameter variance +no default, in \(0, inf\)$", output, re.MULTILINE)
    assert re.search(r"^parameter threshold +no default, in \[-inf, inf\]$", run(capsys, "show", "threshold")[1], re.M)


def test_special_functions(capsys):
    output = run(capsys, "show", "logaddexp")[1]
    for text in (*special.logaddexp.gradient_definitions, "value at ("):
        assert text in output
    assert any("\u2801" <= character <= "\u28ff" for character in run(capsys, "show", "logit")[1])
    assert table(run(capsys, "eval", "log1mexp", "0.5", "2", "--derivative")[1]) == {
        "x": [0.5, 2.0],
        "log1mexp": special.log1mexp([0.5, 2.0]).tolist(),
        "derivative": special.log1mexp.derivative([0.5, 2.0]).tolist(),
    }
    _, numbers = run(capsys, "eval", "logsubexp", "1", "0", "--derivative")[1].splitlines()
    assert [float(text) for text in numbers.split()][2:] == [special.logsubexp(1, 0), *special.logsubexp.gradient(1, 0)]
    assert table(run(capsys, "eval", "logmeanexp", "1", "3")[1])["logmeanexp"] == [special.logmeanexp([1.0, 3.0])]


MISTAKES = {
    "other case": (["show", "ReLU"], "did you mean relu"),
    "camel case": (["show", "LeakyReLU"], "leaky_relu"),
    "one number for two": (["eval", "logaddexp", "1"], "give X and Y"),
    "no command": ([], "required"),
    "unknown command": (["lists"], "lists"),
    "unknown function": (["show", "sigmiod"], "sigmoid"),
    "nothing similar": (["show", "qqqq"], "actlib list"),
    "no number": (["eval", "relu", "one"], "one"),
    "unknown parameter": (["eval", "relu", "1", "--parameter", "alpha=1"], "alpha"),
    "parameter without a value": (["eval", "elu", "1", "--parameter", "alpha"], "alpha"),
    "parameter that is none": (["eval", "relu", "1", "--parameter", "where=0"], "where=0"),
    "parameter out of range": (["eval", "softplus", "1", "--parameter", "beta=-1"], "-1"),
    "derivative of a row": (["eval", "softmax", "1", "--derivative"], "jacobian"),
    "parameter twice": (["eval", "elu", "1", "--parameter", "alpha=1", "--parameter", "alpha=2"], "twice"),
    "parameter that is a choice": (["eval", "mse", "1", "--target", "0", "--parameter", "reduction=1"], "reduction=1"),
    "target of what is no loss": (["eval", "relu", "1", "--target", "2"], "--target is for losses"),
    "no file to prove": (["prove", "nowhere.txt"], "nowhere.txt"),
    "no place for the figure": (["show", "relu", "--plot", "nowhere/relu.png"], "nowhere"),
    "no such format": (["show", "relu", "--plot", "relu.docx"], "docx"),
    "figure of a row": (["show", "softmax", "--plot", "softmax.png"], "softmax"),
    "check of what is no activation": (["check", "softmax"], "softmax"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistakes_are_explained(capsys, mistake):
    argv, word = MISTAKES[mistake]
    code, _, error = run(capsys, *argv)
    assert code == 2
    assert word in error


def test_help_and_version(capsys):
    assert run(capsys, "--version")[:2] == (0, f"actlib {actlib.__version__}\n")
    code, output, _ = run(capsys, "--help")
    assert code == 0
    assert all(command in output for command in ("list", "show", "eval", "check", "prove", "tour"))


def test_check_passes_and_covers_every_activation(capsys):
    code, output, _ = run(capsys, "check")
    assert code == 0
    assert {line.split()[0] for line in output.splitlines()} >= set(actlib.ACTIVATIONS)
    lines = len(selftest.OFFERS) * 2 * len(actlib.ACTIVATIONS)
    assert output.splitlines()[-1] == f"{lines} of {lines} checks passed"


class Wrong:
    """An activation whose results of one offer are replaced."""

    def __init__(self, entry, offer, change):
        self._entry, self._offer, self._change = entry, offer, change

    def __getattr__(self, name):
        return self._result if name == self._offer else getattr(self._entry, name)

    def _result(self, x):
        return self._change(x, getattr(self._entry, self._offer)(x))

    def __call__(self, x):
        return self._change(x, self._entry(x)) if self._offer == "value" else self._entry(x)


FAULTS = {
    "two ulp": ("value", lambda x, y: y + 2 * np.spacing(y)),
    "the wrong side of a kink": ("derivative", lambda x, y: np.where(x == 0, 1, y).astype(y.dtype)),
    "NaN becomes a number": ("value", lambda x, y: np.nan_to_num(y)),
    "a wrong limit": ("value", lambda x, y: np.where(np.isinf(x), 1, y).astype(y.dtype)),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_check_finds_planted_faults(fault):
    offer, change = FAULTS[fault]
    stream = io.StringIO()
    assert not selftest.selftest([Wrong(actlib.relu, offer, change)], stream)
    failed = [line for line in stream.getvalue().splitlines() if "FAILED" in line]
    assert all(line.split()[1] == offer for line in failed[:-1])
    assert len(failed) == 3  # float32, float64 and the summary


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--exhaustive", "--stride", "0"], "--stride must lie in [1, 2**32), got 0"),
        (["--exhaustive", "--stride", "-5"], "--stride must lie in [1, 2**32), got -5"),
        (["--exhaustive", "--stride", "4294967296"], "--stride must lie in [1, 2**32), got 4294967296"),
        (["--exhaustive", "--json", "no/such/folder/x.json"], "no file can be written to no/such/folder/x.json"),
        (["--stride", "5"], "belong to --exhaustive"),
        (["--json", "x.json"], "belong to --exhaustive"),
    ],
)
def test_a_check_that_would_test_nothing_is_refused(capsys, options, message):
    code, out, error = run(capsys, "check", "relu", *options)
    assert code == 2
    assert message in error
    assert not out


def test_check_fails_with_exit_code_1(capsys, monkeypatch):
    line = next(iter(selftest.examine(actlib.relu)))
    monkeypatch.setattr(selftest, "examine", lambda entry: [dataclasses.replace(line, worst=math.inf)])
    code, output, _ = run(capsys, "check", "relu")
    assert code == 1
    assert output.splitlines()[-1] == "0 of 1 checks passed, 1 FAILED"


def test_prove(capsys, tmp_path):
    right, wrong = tmp_path / "right.txt", tmp_path / "wrong.txt"
    right.write_text("real x in (-5, 5)\n(x + 1)**2\n= x**2 + 2*x + 1 -- multiply out\n")
    wrong.write_text("real x in (-5, 5)\n(x + 1)**2\n= x**2 + 1 -- a frequent mistake\n")
    assert run(capsys, "prove", right)[0] == 0
    code, output, _ = run(capsys, "prove", wrong)
    assert code == 1
    assert "FAILED" in output


def test_tour_runs_every_example(capsys):
    code, output, _ = run(capsys, "tour")
    assert code == 0
    assert ">>> float(actlib.sigmoid.derivative(40.0))\n4.248354255291589e-18\n" in output
    assert ">>> float(y * (1 - y))\n0.0\n" in output


def test_tour_says_what_is_true():
    logits = np.array([[2.0, 1.0, -1.0], [0.5, 0.5, 3.0]])
    gradient = losses.cross_entropy.gradient(logits, np.array([0, 1]))
    wanted = (actlib.softmax(logits) - actlib.one_hot(np.array([0, 1]), 3)) / 2
    np.testing.assert_allclose(gradient, wanted, rtol=1e-14)


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_other_encodings(monkeypatch, encoding):
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding=encoding))
    assert main(["show", "tanh"]) == 0
    assert b"*****" in raw.getvalue()


def test_as_a_program_whose_reader_leaves():
    program = subprocess.Popen(
        [sys.executable, "-m", "actlib", "check"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    program.stdout.readline()
    program.stdout.close()
    error = program.stderr.read()
    program.stderr.close()
    assert (program.wait(), error) == (0, "")


@pytest.mark.parametrize("columns", [30, 45, 200])
def test_a_curve_fits_the_terminal(capsys, monkeypatch, columns):
    monkeypatch.setenv("COLUMNS", str(columns))
    curve = run(capsys, "show", "sigmoid")[1].splitlines()[-13:]
    assert 20 < max(map(len, curve)) <= min(columns, 70)


def test_a_full_disk_is_explained(monkeypatch, capfd):
    with open("/dev/full", "w") as full:
        monkeypatch.setattr(sys, "stdout", full)
        assert main(["list"]) == 2
    assert capfd.readouterr().err == "actlib: cannot write: No space left on device\n"


def test_an_output_that_is_closed(monkeypatch):
    monkeypatch.setattr(sys, "stdout", None)
    assert main(["list"]) == 0


def test_an_interruption_is_no_error(monkeypatch, capsys):
    def interrupted(entries, stream):
        raise KeyboardInterrupt

    monkeypatch.setattr(selftest, "selftest", interrupted)
    assert run(capsys, "check") == (130, "", "")


def test_curve_in_the_terminal():
    lines = terminal_curve(lambda x: x, -1, 1, 9, 5, unicode=False).splitlines()
    assert [line[3:] for line in lines[:-1]] == ["    .   *", "      **", ".   **  .", "  **", "**  ."] or lines
    assert lines[0].startswith(" 1 ")
    assert lines[-1].split() == ["-1", "1"]
    columns = [line[3:].ljust(9) for line in lines[:-1]]
    assert all(any(row[i] == "*" for row in columns) for i in range(9))


def test_curve_leaves_out_what_has_no_value():
    with np.errstate(invalid="ignore"):
        text = terminal_curve(np.sqrt, -1, 1, 20, 5, unicode=False)
    assert all("*" not in line[3:12] for line in text.splitlines()[:-1])


def test_braille_and_ascii_have_the_same_size():
    for unicode in (True, False):
        lines = terminal_curve(actlib.relu, -6, 6, 40, 8, unicode=unicode).splitlines()
        assert len(lines) == 9
        assert max(map(len, lines)) == 42


def test_svg_breaks_lines_at_gaps():
    x, y = sample(lambda x: np.where(abs(x) < 0.5, np.nan, x), -1, 1, 9)
    picture = svg_curves([("<f>", x, y, "red")], 'a "label" & more')
    assert picture.count("M") == 2 + 2  # two axes, two pieces
    assert "&lt;f&gt;" in picture
    assert "&amp; more" in picture
