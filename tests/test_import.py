"""What importing loads, which kernels it takes, and what it says when something is missing."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import actlib

ROOT = Path(__file__).resolve().parent.parent


def run(code, **environment):
    return subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_import_loads_numpy_and_its_own_modules_only():
    code = """
import sys
import numpy
before = set(sys.modules)
import actlib
actlib.sigmoid(1.0), actlib.softmax([1.0, 2.0])
new = {name.partition(".")[0] for name in set(sys.modules) - before}
cython = {name for name in new if name == "cython_runtime" or name.startswith("_cython_")}  # part of every extension
print(*sorted(new - set(sys.stdlib_module_names) - cython - {"numpy"}))
"""
    assert run(code).stdout.split() == ["actlib"]


def test_losses_and_network_need_numpy_only():
    code = """
import sys
for name in ("matplotlib", "sympy", "mpmath", "tqdm", "scipy", "sklearn", "torch", "jax", "pandas"):
    sys.modules[name] = None
import actlib, actlib.losses, actlib.information, actlib.network, actlib.check, actlib.datasets, actlib.plotting
import actlib.derivation, actlib.special
print(actlib.derivation.latex(actlib.sigmoid.definition), actlib.losses.huber([1.0], [0.0]))
"""
    done = run(code)
    assert done.returncode == 0, done.stderr
    assert "frac" in done.stdout


@pytest.mark.parametrize(
    ("missing", "code", "extra"),
    [
        ("matplotlib", "actlib.gelu.plot() if hasattr(actlib, 'gelu') else actlib.sigmoid.plot()", "plot"),
        ("mpmath", "actlib.derivation.check('real x\\nx\\n= x + 0')", "prove"),
        ("sympy", "actlib.derivation.check('real x\\nx\\n= x + 0')", "prove"),
    ],
)
def test_a_missing_extra_is_named(missing, code, extra):
    done = run(f"import sys; sys.modules[{missing!r}] = None\nimport actlib\n{code}")
    assert done.returncode != 0
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("ImportError") or last.startswith("ModuleNotFoundError")
    assert missing in last
    assert f"pip install 'actlib[{extra}]'" in last


def test_kernels_are_compiled():
    assert all(isinstance(ufunc, np.ufunc) for ufunc in actlib.kernels.ufuncs.values())
    for entry in actlib.ACTIVATIONS.values():
        assert entry.ufunc in actlib.kernels.ufuncs.values()
    for instruction_set in actlib.kernels.available():
        folder = Path(actlib.kernels.__file__).parent / instruction_set.replace("-", "_")
        built = {path.name.partition(".")[0] for path in folder.iterdir() if path.suffix in (".so", ".pyd")}
        sources = {path.stem for path in (ROOT / "actlib/kernels").glob("*.pyx")}
        assert built == sources - {"calls", "compare", "cpu", "threads", "openmp"}, instruction_set


@pytest.mark.parametrize("instruction_set", actlib.kernels.available())
def test_environment_forces_a_variant(instruction_set):
    code = "import actlib; print(actlib.show_config('dicts')['instruction set'])"
    assert run(code, ACTLIB_ISA=instruction_set).stdout.strip() == instruction_set


def test_the_best_variant_is_chosen():
    code = "import actlib; print(actlib.show_config('dicts')['instruction set'])"
    assert run(code, ACTLIB_ISA="").stdout.strip() == actlib.kernels.available()[-1]


def test_a_variant_that_is_not_there_is_refused():
    done = run("import actlib", ACTLIB_ISA="x86-64-v9")
    assert done.returncode != 0
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("ImportError: ACTLIB_ISA='x86-64-v9' is not available here; available: ")
    assert last.endswith(", ".join(actlib.kernels.available()))


def test_missing_kernels_are_an_error():
    """Never a silent fall-back on slow code."""
    code = """
import importlib.util
find_spec = importlib.util.find_spec
importlib.util.find_spec = lambda name, *rest: None if "kernels." in name else find_spec(name, *rest)
import actlib

ROOT = Path(__file__).resolve().parent.parent
"""
    done = run(code)
    assert done.returncode != 0
    assert "ImportError: actlib's compiled kernels are missing for this processor" in done.stderr


def test_show_config(capsys):
    actlib.show_config()
    printed = capsys.readouterr().out
    for fact, value in actlib.show_config("dicts").items():
        assert fact in printed
        assert (value[0] if isinstance(value, list) else str(value)) in printed
    with pytest.raises(ValueError, match="mode must be 'stdout' or 'dicts', got 'json'"):
        actlib.show_config("json")
