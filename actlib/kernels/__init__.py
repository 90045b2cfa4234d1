"""The compiled kernels, as NumPy ufuncs, in the variant that suits this processor.

Every family of kernels is compiled once for each instruction set, into packages of the same modules. This one
imports the modules of a single package and re-exports their ufuncs; all else in actlib takes them from here.
``ACTLIB_ISA`` (``x86-64-v2``, ``x86-64-v3``, ``x86-64-v4`` or ``generic``) forces a package.
"""

import contextlib
import os
from importlib import import_module
from importlib.util import find_spec
from pkgutil import iter_modules

from . import calls as calls
from . import compare as compare
from . import cpu as cpu
from . import threads as threads

with contextlib.suppress(ImportError):  # no OpenMP library on this machine: one thread
    from . import openmp  # noqa: F401

INSTRUCTION_SETS = ("generic", "x86-64-v2", "x86-64-v3", "x86-64-v4")


def _package(instruction_set):
    return f"{__name__}.{instruction_set.replace('-', '_')}"


def families(instruction_set):
    """The families of kernels that are built for an instruction set."""
    package = find_spec(_package(instruction_set))
    found = iter_modules(package.submodule_search_locations) if package else ()
    return [module.name for module in found]


def _runs_here(instruction_set):
    return instruction_set == "generic" or int(instruction_set[-1]) <= cpu.x86_64_level()


def available():
    """The instruction sets that are built and that this processor has, the best one last."""
    return [name for name in INSTRUCTION_SETS if _runs_here(name) and families(name)]


def _choose():
    found = available()
    wanted = os.environ.get("ACTLIB_ISA")
    if wanted and wanted not in found:
        raise ImportError(f"ACTLIB_ISA={wanted!r} is not available here; available: {', '.join(found) or 'none'}")
    if not found:
        raise ImportError(
            "actlib's compiled kernels are missing for this processor: install actlib with 'pip install .' "
            "from its source, which needs a C compiler"
        )
    return wanted or found[-1]


instruction_set = _choose()
_modules = {family: import_module(f"{_package(instruction_set)}.{family}") for family in families(instruction_set)}
ufuncs = {name: ufunc for module in _modules.values() for name, ufunc in getattr(module, "UFUNCS", {}).items()}
for _ufunc in ufuncs.values():
    # a ufunc pickles by module and name, so that a process on another processor takes its own variant
    _ufunc.__module__ = __name__
globals().update(ufuncs)
losses = {name: loss for module in _modules.values() for name, loss in getattr(module, "LOSSES", {}).items()}
