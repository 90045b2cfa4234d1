"""What is compiled, and with which flags. Everything else about the project is in pyproject.toml.

Each family of kernels becomes C once and is compiled once for each instruction set; actlib.kernels picks one of
the packages when it is imported. ``ACTLIB_BUILD_ISA="x86-64-v3"`` builds fewer instruction sets and
``ACTLIB_BUILD_FAMILIES="squashing rows"`` fewer families (names separated by spaces), to save time while developing.
"""

import copy
import os
import platform
import sys
from pathlib import Path

import numpy
from Cython.Build import cythonize
from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

sys.path.insert(0, str(Path(__file__).parent / "actlib" / "kernels"))
from generate import expand
from generate_losses import expand_losses

KERNELS = Path("actlib/kernels")
PLAIN = ["calls", "compare", "cpu", "threads"]
FAMILIES = os.environ.get("ACTLIB_BUILD_FAMILIES", "").split() or sorted(
    {path.stem for path in KERNELS.glob("*.pyx")} - {*PLAIN, "openmp"}
)

MSVC = sys.platform == "win32"
# No errno and no trapping, or nothing vectorises; no contraction, so that a fused multiply-add stands where it is
# written and nowhere else. Never -ffast-math: it drops NaN, infinities and subnormals.
# A loop around a call is not vectorised, so inlining may grow a file without limit; and a loop over the sixteen lanes
# of a tile must not be unrolled before it is vectorised. Without the debugging information that Python's own flags ask
# for, compiling takes a sixth less.
FLAGS = ["/O2", "/fp:precise"] if MSVC else [
    "-O3", "-g0", "-fno-math-errno", "-fno-trapping-math", "-ffp-contract=off", "--param", "inline-unit-growth=1000",
    "--param", "max-completely-peel-times=8"
]  # fmt: skip
INSTRUCTION_SETS = {"generic": []}
if platform.machine().lower() in {"x86_64", "amd64"} and not MSVC:
    INSTRUCTION_SETS = {
        "x86-64-v2": ["-march=x86-64-v2", "-O2"],  # the last -O counts; for correctness, and to be compiled soon
        "x86-64-v3": ["-march=x86-64-v3"],
        "x86-64-v4": ["-march=x86-64-v4", "-mprefer-vector-width=512"],
    }
WANTED = os.environ.get("ACTLIB_BUILD_ISA", "").split() or list(INSTRUCTION_SETS)

DIRECTIVES = {
    "language_level": 3,
    "boundscheck": False,
    "wraparound": False,
    "initializedcheck": False,
    "cdivision": True,
    "embedsignature": True,
    "freethreading_compatible": True,
}


# The longest function that is copied into its callers, as the compiler counts statements; its own limit is 200. A
# kernel that is not copied into its loop is not vectorised. But the functions on tiles (row_primitives.pxd) contain the
# loops: copying them into each kernel takes the compiler minutes and gains nothing, and what stands inside is short.
LONGEST_COPY = {
    "focused": 600, "gated": 600, "gated_units": 600, "periodic": 600, "rows": 90, "shrinking": 600, "sparse": 90,
}  # fmt: skip


def inlining(family):
    longest = LONGEST_COPY.get(family)
    return [] if MSVC or longest is None else ["--param", f"max-inline-insns-single={longest}"]


def extension(name, source, flags=(), link=(), libraries=()):
    macros = {"NPY_NO_DEPRECATED_API": "NPY_2_0_API_VERSION", "ACTLIB_FLAGS": f'"{" ".join(FLAGS)}"'}
    return Extension(
        f"actlib.kernels.{name}",
        [str(source)],
        include_dirs=[numpy.get_include()],
        library_dirs=[str(Path(numpy.get_include()).parent / "lib")],
        libraries=list(libraries),
        define_macros=list(macros.items()),
        extra_compile_args=[*FLAGS, *flags],
        extra_link_args=list(link),
    )


def expanded(family):
    """The path of the family's source with its generated loops, rewritten only when it changed."""
    target = Path("build/kernels/actlib/kernels") / f"{family}.pyx"
    text = expand(KERNELS / f"{family}.pyx") + expand_losses(KERNELS / f"{family}.pyx")
    target.parent.mkdir(parents=True, exist_ok=True)
    if not target.exists() or target.read_text() != text:
        target.write_text(text)
    return target


def extensions():
    modules = [extension(name, KERNELS / f"{name}.pyx") for name in PLAIN]
    openmp = ["/openmp"] if MSVC else ["-fopenmp"]
    modules.append(extension("openmp", KERNELS / "openmp.pyx", openmp, [] if MSVC else openmp))
    modules += [
        extension(family, expanded(family), inlining(family), libraries=["npymath"]) for family in FAMILIES
    ]
    modules = cythonize(modules, include_path=["."], compiler_directives=DIRECTIVES, build_dir="build/cython")
    result = [m for m in modules if m.name.rpartition(".")[2] not in FAMILIES]
    for module in modules:
        family = module.name.rpartition(".")[2]
        if family in FAMILIES:
            for name in WANTED:
                result.append(variant(module, family, name))
    return result


def variant(module, family, instruction_set):
    """A copy of `module` for one instruction set, in that instruction set's own package."""
    result = copy.copy(module)
    result.name = f"actlib.kernels.{instruction_set.replace('-', '_')}.{family}"
    result.extra_compile_args = [*module.extra_compile_args, *INSTRUCTION_SETS[instruction_set]]
    return result


class BuildExtensions(build_ext):
    """Builds in parallel, with the object files of each instruction set in a folder of their own."""

    def finalize_options(self):
        super().finalize_options()
        self.parallel = self.parallel or os.cpu_count()

    def build_extension(self, ext):
        own = copy.copy(self)
        own.build_temp = os.path.join(self.build_temp, ext.name)
        own.compiler = copy.copy(self.compiler)
        super(BuildExtensions, own).build_extension(ext)

    def copy_extensions_to_source(self):
        for ext in self.extensions:
            Path(ext.name.replace(".", "/")).parent.mkdir(exist_ok=True)
        super().copy_extensions_to_source()


setup(ext_modules=extensions(), cmdclass={"build_ext": BuildExtensions})
