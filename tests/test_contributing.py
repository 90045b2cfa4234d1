"""The recipe of CONTRIBUTING.md, "add a function in three edits", executed in a copy of the source tree."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import actlib

ROOT = Path(__file__).resolve().parent.parent
NAME = "signed_log"


def blocks(text):
    """Language -> text of the fenced blocks of a Markdown file."""
    return dict(re.findall(r"```(cython|python|rst)\n(.*?)```", text, re.DOTALL))


def run(*command, cwd, **environment):
    return subprocess.run(
        command, cwd=cwd, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    """A copy of the sources with the three edits made, built for the instruction set in use.

    Only the family that was edited is compiled; the others are those of the package under test.
    """
    copy = tmp_path_factory.mktemp("contribution")
    instruction_set = actlib.show_config("dicts")["instruction set"]
    for name in ("actlib", "docs/functions", "tests"):
        shutil.copytree(
            ROOT / name, copy / name, ignore=shutil.ignore_patterns("*.so", "__pycache__", "site", "x86_64_v*")
        )
    for name in ("setup.py", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, copy / name)
    recipe = blocks((ROOT / "CONTRIBUTING.md").read_text())
    with (copy / "actlib/kernels/squashing.pyx").open("a") as file:
        file.write("\n\n" + recipe["cython"])
    entries = copy / "actlib/activations/squashing.py"
    text = entries.read_text() + "\n\n" + recipe["python"]
    text = text.replace('    "sigmoid",\n', f'    "sigmoid",\n    "{NAME}",\n', 1)
    text = text.replace("from ..entries import (\n", "from ..entries import (\n    activation,\n", 1)
    entries.write_text(text)
    (copy / f"docs/functions/{NAME}.rst").write_text(recipe["rst"])
    package = instruction_set.replace("-", "_")
    shutil.copytree(Path(actlib.kernels.__file__).parent / package, copy / "actlib/kernels" / package)
    built = run(
        sys.executable, "setup.py", "-q", "build_ext", "--inplace",
        cwd=copy, ACTLIB_BUILD_ISA=instruction_set, ACTLIB_BUILD_FAMILIES="squashing",
    )  # fmt: skip
    assert built.returncode == 0, built.stderr[-3000:]
    return copy


def test_the_function_works(tree):
    program = f"import actlib; print(actlib.{NAME}([-1.0, 0.0, 1.0]), actlib.{NAME}.derivative(1.0))"
    done = run(sys.executable, "-c", program, cwd=tree, PYTHONPATH=str(tree))
    assert done.stdout.split() == ["[-0.69314718", "0.", "0.69314718]", "0.5"], done.stderr


def test_the_tests_of_the_registry_pass(tree):
    done = run(
        sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", NAME,
        "tests/test_accuracy.py", "tests/test_limits.py", "tests/test_arrays.py", "tests/test_derivatives.py",
        "docs/functions",
        cwd=tree, PYTHONPATH=f"{tree}{os.pathsep}{tree / 'tests'}", CI="",
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:]
    assert int(re.search(r"(\d+) passed", done.stdout)[1]) > 20


def test_a_missing_page_is_noticed(tree):
    page = tree / f"docs/functions/{NAME}.rst"
    text = page.read_text()
    page.unlink()
    try:
        done = run(
            sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/test_registry.py", "-k", "page",
            cwd=tree, PYTHONPATH=f"{tree}{os.pathsep}{tree / 'tests'}", CI="",
        )  # fmt: skip
    finally:
        page.write_text(text)
    assert done.returncode == 1, done.stdout[-2000:]
    assert NAME in done.stdout
