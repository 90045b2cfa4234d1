"""The names, defaults and values that the Rosetta table of the book claims, against the peers that are installed.

PyTorch, JAX, SciPy and scikit-learn are in CI; Keras, Optax and Thinc are checked where somebody has them.
"""

import importlib
import importlib.util
import inspect
import json
import os
import re
from pathlib import Path

import numpy as np
import pytest

import actlib

os.environ.setdefault("KERAS_BACKEND", "jax")

DOCS = Path(__file__).parents[1] / "docs"
ROSETTA = json.loads((DOCS / "_ext" / "rosetta.json").read_text("utf-8"))
ENTRIES = [entry for group in ROSETTA["groups"] for entry in group["entries"]]
PACKAGES = {
    "PyTorch": "torch",
    "JAX": "jax",
    "Optax": "optax",
    "Keras": "keras",
    "SciPy": "scipy",
    "scikit-learn": "sklearn",
    "NumPy": "numpy",
    "Thinc": "thinc",
}
OPTIONAL = ("Keras", "Optax", "Thinc")  # not in CI
IN_CI = os.environ.get("CI", "").lower() in ("1", "true")


def here(library):
    """Whether rows of a library are checked: it is installed, or has to be."""
    return (IN_CI and library not in OPTIONAL) or importlib.util.find_spec(PACKAGES[library]) is not None


ROWS = [(entry, row) for entry in ENTRIES for row in entry["rows"] if here(row["library"])]
SUBMODULES = (
    "jax.scipy.special", "scipy.special", "scipy.stats", "scipy.spatial.distance", "sklearn.metrics",
    "sklearn.metrics.pairwise",
    "sklearn.neural_network", "sklearn.preprocessing", "thinc.api", "torch.nn.functional",
)  # fmt: skip

# The arrays on which the calls are made: numbers, rows, predictions and targets of each kind. No kink is hit.
X = np.array([-3.3, -1.2, -0.3, 0.4, 2.5])
ARRAYS = {
    "x": X,
    "z": np.array([[0.8, 0.6, 0.2], [-1.0, 2.0, 0.5]]),
    "w": np.array([[0.8, 0.6, 0.2, -1.0], [-1.0, 2.0, 0.5, 0.3]]),
    "labels": np.array([0, 2]),
    "onehot": np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]),
    "q": np.array([[0.5, 0.3, 0.2], [0.1, 0.2, 0.7]]),
    "soft": np.array([[0.6, 0.3, 0.1], [0.2, 0.3, 0.5]]),
    "u": X,
    "v": np.array([-3.0, 0.9, -0.6, 0.1, 0.2]),
    "p": np.array([0.1, 0.8, 0.4, 0.6, 0.3]),
    "b": np.array([0.0, 1.0, 1.0, 0.0, 1.0]),
    "s": np.array([-1.0, 1.0, 1.0, -1.0, 1.0]),
    "c": np.array([0.5, 1.0, 1.5, 2.0, 2.5]),
    "d": np.array([0.7, 0.4, 1.6, 3.0, 2.0]),
    "counts": np.array([0.0, 1.0, 3.0, 2.0, 7.0]),
}


def named(name):
    """The object of a dotted name."""
    parts = name.split(".")
    for length in range(len(parts) - 1, 0, -1):
        try:
            found = importlib.import_module(".".join(parts[:length]))
        except ImportError:
            continue
        for part in parts[length:]:
            found = getattr(found, part)
        return found
    raise AttributeError(name)


def complaints(row):
    """What is wrong with names and defaults of a row."""
    found = []
    for name in row["names"]:
        try:
            named(name)
        except AttributeError:
            found.append(f"no {name}")
    if not found and row.get("defaults"):
        signature = inspect.signature(named(row["names"][0])).parameters
        for parameter, value in row["defaults"].items():
            if parameter not in signature:
                found.append(f"{row['names'][0]} has no parameter {parameter}")
            elif signature[parameter].default != value:
                found.append(f"{parameter} is {signature[parameter].default!r}, not {value!r}")
    return found


def evaluate(expression):
    """An expression of the table over the arrays above; ``T`` makes a tensor."""
    names = {"actlib": actlib, **ARRAYS, "numpy": np}
    for library, module in PACKAGES.items():
        if here(library):
            names[module] = importlib.import_module(module)
    for module in SUBMODULES:
        if module.partition(".")[0] in names:
            importlib.import_module(module)
    if "torch" in names:
        names["T"] = lambda values: names["torch"].as_tensor(np.asarray(values))
    if "jax" in names:
        names["jax"].config.update("jax_enable_x64", True)
    return np.asarray(eval(expression, names), dtype=np.float64)  # the table is ours


def identity(pair):
    return f"{pair[0]['name']}-{pair[1]['library']}-{pair[1]['names'][0].rpartition('.')[2]}"


@pytest.mark.parametrize("pair", ROWS, ids=identity)
def test_names_exist_and_defaults_are_those_of_the_signatures(pair):
    assert complaints(pair[1]) == []


@pytest.mark.parametrize("pair", [pair for pair in ROWS if pair[1].get("call")], ids=identity)
def test_the_call_gives_the_same_numbers(pair):
    entry, row = pair
    np.testing.assert_allclose(evaluate(row["call"]), evaluate(entry["value"]), rtol=2e-6, atol=0)


@pytest.mark.parametrize("entry", [entry for entry in ENTRIES if entry["value"]], ids=lambda entry: entry["name"])
def test_the_function_of_this_library_has_that_value(entry):
    name = entry["name"]
    functions = {**actlib.ACTIVATIONS, **actlib.AXIS_FUNCTIONS}
    if name in functions and f"actlib.{name}(" not in entry["value"]:
        arrays = "w" if getattr(functions[name], "multiple", 1) == 2 else "x"
        np.testing.assert_allclose(functions[name](ARRAYS[arrays]), evaluate(entry["value"]), rtol=2e-6, atol=0)


def test_every_function_of_the_library_is_in_the_table():
    listed = {entry["name"] for entry in ENTRIES}
    missing = {*actlib.ACTIVATIONS, *actlib.AXIS_FUNCTIONS, *actlib.losses.LOSSES} - listed
    assert not missing, f"no rows in docs/_ext/rosetta.json: {sorted(missing)}"


DOTTED = re.compile(r"``((?:torch|jax|scipy|numpy|optax|keras|sklearn)\.[A-Za-z_.0-9]+)")
PAGES = sorted(path for folder in ("functions", "losses", "guide") for path in (DOCS / folder).glob("*.rst"))


@pytest.mark.parametrize("path", PAGES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_names_of_other_libraries_on_the_pages_exist(path):
    of = {module: library for library, module in PACKAGES.items()}
    names = {name.rstrip(".") for name in DOTTED.findall(path.read_text("utf-8"))}
    names = {name for name in names if here(of[name.partition(".")[0]])}
    assert complaints({"names": sorted(names)}) == []


def test_every_group_is_on_the_page():
    page = (DOCS / "guide" / "conventions.rst").read_text("utf-8")
    assert [group["title"] for group in ROSETTA["groups"] if f".. rosetta:: {group['title']}\n" not in page] == []


def test_a_wrong_row_is_noticed():
    row = {"library": "SciPy", "names": ["scipy.special.softmax"], "defaults": {"axis": -1}}
    assert complaints(row) == ["axis is None, not -1"]
    assert complaints({**row, "defaults": {"dim": -1}}) == ["scipy.special.softmax has no parameter dim"]
    assert complaints({**row, "names": ["scipy.special.softmaxx"]}) == ["no scipy.special.softmaxx"]
