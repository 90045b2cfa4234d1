"""Every tutorial runs as a plain script, and fails when what it claims does not hold."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[1] / "tutorials"
TUTORIALS = sorted(FOLDER.rglob("*.py"))
WITHOUT_SCREEN = "ignore:FigureCanvasAgg is non-interactive:UserWarning"


def run(path, folder):
    """Run a script away from the source tree, with warnings as errors and without a screen."""
    environment = {**os.environ, "MPLBACKEND": "Agg", "OPENBLAS_NUM_THREADS": "1"}
    command = [sys.executable, "-W", "error", "-W", WITHOUT_SCREEN, str(path)]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)


def test_every_script_is_in_a_section():
    assert TUTORIALS
    for path in TUTORIALS:
        assert path.name.startswith("plot_")
        assert (path.parent / "GALLERY_HEADER.rst").exists()


@pytest.mark.parametrize("path", TUTORIALS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_tutorial(path, tmp_path):
    result = run(path, tmp_path)
    assert result.returncode == 0, result.stdout + result.stderr
    assert result.stderr == ""
    assert result.stdout
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("path", TUTORIALS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_tutorial_says_what_it_shows_and_asserts_it(path):
    tree = ast.parse(path.read_text("utf-8"))
    title, underline, _, sentence, *_ = ast.get_docstring(tree).splitlines()
    assert underline == "=" * len(title)
    assert sentence.endswith(".")
    assert sum(isinstance(node, ast.Assert) for node in ast.walk(tree)) >= 1


@pytest.mark.parametrize(
    ("right", "wrong", "message"),
    [
        ("EPOCHS = 12", "EPOCHS = 5", "cross-entropy does not learn"),
        (
            "(sigmoid, identity, losses.binary_cross_entropy_with_logits),",
            "(sigmoid, sigmoid, losses.mean_squared_error),",
            "cross-entropy does not learn faster than squared error",
        ),
    ],
)
def test_a_false_claim_fails(right, wrong, message, tmp_path):
    source = (FOLDER / "classification/plot_digits.py").read_text("utf-8")
    for old, new in [(right, wrong), ("SEEDS = range(5)", "SEEDS = range(1)")]:
        assert source.count(old) == 1
        source = source.replace(old, new)
    path = tmp_path / "false.py"
    path.write_text(source, "utf-8")
    result = run(path, tmp_path)
    assert result.returncode == 1
    assert f"AssertionError: {message}" in result.stderr
