"""The polynomial coefficients in the kernels are those that coefficients.py derives."""

import importlib.util
import re
from pathlib import Path

KERNELS = Path(__file__).parent.parent / "actlib" / "kernels"


def recipe():
    """The module coefficients.py, run from the source tree: it is a recipe and not part of the library."""
    spec = importlib.util.spec_from_file_location("coefficients", KERNELS / "coefficients.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def numbers(text):
    """Every floating-point literal of a source text, as a number."""
    code = re.sub(r"#.*", "", text)
    return {float(literal) for literal in re.findall(r"(?<![\w.])\d+\.\d*(?:e[+-]?\d+)?", code)}


def missing(table, text):
    found = numbers(text)
    return [value for value in table if abs(value) not in found]


def test_coefficients():
    text = "".join(path.read_text(encoding="utf-8") for path in sorted(KERNELS.glob("*.p[xy][dx]")))
    tables = recipe().tables()
    assert set(tables) >= {"EXP_DOUBLE", "EXP_SINGLE", "LOG_DOUBLE", "LOG_SINGLE"}
    for name, table in tables.items():
        assert len(set(table)) == len(table) >= 3, name
        assert not missing(table, text), f"{name}: not in the kernels"


def test_bits_of_two_over_pi():
    module = recipe()
    text = (KERNELS / "trigonometric.pxd").read_text(encoding="utf-8")
    assert [int(word, 16) for word in re.findall(r"0x(\w{8}),", text)] == module.two_over_pi_words(module.WORDS)
