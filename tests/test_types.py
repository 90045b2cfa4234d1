"""What mypy --strict says about a user's file: nothing about right calls, an error on the line of each mistake."""

import re
import sysconfig
from pathlib import Path

import pytest
from mypy import api

import actlib
from actlib import information, losses, special

FOLDER = Path(__file__).parent / "typing"
PACKAGE = Path(actlib.__file__).parent
EXPECTED = re.compile(r"# error: ([a-z-]+)$")
REPORTED = re.compile(r"^(.+?):(\d+): error: .*\[([a-z-]+)\]$")


@pytest.fixture(scope="module")
def mypy(tmp_path_factory):
    """Runs mypy on texts, with the types of the package that is imported here."""
    folder = tmp_path_factory.mktemp("types")
    patch = pytest.MonkeyPatch()
    patch.chdir(folder)
    options = ["--strict", "--no-error-summary", f"--cache-dir={folder / 'cache'}"]
    if PACKAGE.parent != Path(sysconfig.get_paths()["purelib"]):
        # a source tree, whose own modules mypy then checks as well, under the project's rules
        patch.setenv("MYPYPATH", str(PACKAGE.parent))
        options.append(f"--config-file={PACKAGE.parent / 'pyproject.toml'}")

    def run(text):
        path = folder / "user.py"
        path.write_text(text, encoding="utf-8")
        output, problems, _ = api.run([*options, str(path)])
        assert problems == ""
        matches = [REPORTED.match(line) for line in output.splitlines() if ": error: " in line]
        assert all(match and Path(match[1]).name == "user.py" for match in matches), output
        return sorted((int(match[2]), match[3]) for match in matches)

    yield run
    patch.undo()


def read(name):
    return (FOLDER / name).read_text(encoding="utf-8")


def expected(text):
    found = [(number, EXPECTED.search(line)) for number, line in enumerate(text.splitlines(), 1)]
    return [(number, match[1]) for number, match in found if match]


def test_right_calls_are_accepted(mypy):
    assert mypy(read("accepted.py")) == []


def test_mistakes_are_reported(mypy):
    text = read("rejected.py")
    assert len(expected(text)) >= 30
    assert mypy(text) == expected(text)


def test_the_checker_sees_an_error(mypy):
    """Planted fault: a misspelt keyword among the right calls."""
    text = read("accepted.py").replace("negative_slope=0.2", "negativ_slope=0.2")
    assert [code for _, code in mypy(text)] == ["call-arg"]


@pytest.mark.parametrize("module", [actlib, information, losses, special], ids=lambda module: module.__name__)
def test_every_public_name_is_used(module):
    text = read("accepted.py")
    prefix = module.__name__.rpartition(".")[2]
    missing = [
        name
        for name in module.__all__
        if not re.search(rf"\b{prefix}\.{name}\b", text) and not re.search(rf"import .*\b{name}\b", text)
    ]
    assert missing == []


def test_the_package_says_that_it_is_typed():
    assert (PACKAGE / "py.typed").is_file()
    assert (PACKAGE / "kernels" / "__init__.pyi").is_file()
