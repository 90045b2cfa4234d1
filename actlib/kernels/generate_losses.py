"""Write the block functions and entry points around the losses of a family file; used by ``setup.py``.

An elementwise loss is three functions with the same arguments ::

    cdef inline double name(double prediction, double target, ..., real like) noexcept nogil
    cdef inline double name_gradient(...)         # d/d prediction
    cdef inline double name_hessian(...)          # second derivative

The type of ``like`` tells how many bits the result needs. Where they exist, ``name_hard`` and ``name_gradient_hard``
give the same bits for targets 0 and 1 in less time; they serve the blocks of which ``name_is_hard(block, n)`` says
that they hold nothing else.

For each loss this module writes, to follow the text of the family file, the functions on a block that loss_loops.pxd
drives (value, gradient, both, Hessian; for float32 and float64) and the entry ``LOSSES["name"]``, a function that
evaluates the loss over arrays.

``ROW_SUMS`` names the losses that are sums of these functions over the classes (the derivatives may be missing), and
``DENSE_SUMS`` those of them in which a share of 0 leaves a term;
``ROW_LOSSES`` those with kernels of their own for rows (``name_labels`` and ``name_shares``), ``LABEL_LOSSES`` those
with one for labels alone (``name_labels``), ``SHARE_LOSSES`` with one for both (``name_shares``); loss_rows.pxd drives
them. ``VECTOR_LOSSES`` names the losses of vectors, whose kernels loss_vectors.pxd drives.
"""

import ast
import re
from pathlib import Path

SCALAR = re.compile(
    r"^cdef inline double (\w+)\(\s*((?:double \w+, )+)real like\) noexcept nogil:$", re.MULTILINE
)

DTYPES = ("float", "double")

# The kernels of a class loss for labels and for shares
ROW_KINDS = {
    "ROW_LOSSES": ("{}_labels", "{}_shares"),
    "LABEL_LOSSES": ("{}_labels", ""),
    "SHARE_LOSSES": ("{}_shares", "{}_shares"),
}

HEADER = """

# ----------------------------------------- written by generate_losses.py: blocks and entry points, no mathematics

from functools import partial

cimport numpy as cnp

from .loss_loops cimport WANTED_COUNT, Block, Evaluate, Wanted, drive
from .loss_rows cimport RowKernel, RowPass, drive_rows, sum_terms_double, sum_terms_float

cnp.import_array()

LOSSES = {}
"""

BLOCK = """

cdef void {name}_{wanted}_{dtype}(Block* block, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
{hard}    for i in range(n):
{statements}
"""

HARD = """    if {name}_is_hard(block, n):
        for i in range(n):
{statements}
        return
"""

TABLE = """

cdef Evaluate* {name}_blocks = [
    {blocks}]
"""

ENTRY = """

cdef Evaluate** ELEMENTWISE = [
    {tables}]


def evaluate(
    int loss, bint single, int wanted, tuple arrays, tuple domains, weight, value, gradient, total, double divisor,
    bint checks_first=False, second=None
):
    return drive(
        ELEMENTWISE[loss], single, <Wanted>wanted, arrays, domains, weight, value, gradient, total, divisor,
        checks_first, second)


for name in {names}:
    LOSSES[name] = partial(evaluate, len(LOSSES))
"""

ROW_ENTRY = """

# for labels in float32 and float64, then for shares
cdef RowKernel* ROW_KERNELS = [
    {kernels}]
cdef Evaluate** ROW_TERMS = [
    {tables}]
cdef bint* PICKS = [
    {picks}]


def evaluate_rows(
    int loss, bint single, int wanted, prediction, target, labels, ignored, class_weight, double smoothing,
    bint checks_shares, bint checks_prediction, weight, double divisor, values, gradient, tuple parameters=(),
    bint checks_first=False
):
    cdef RowPass work
    cdef int k
    cdef bint shares = labels is None or smoothing != 0.0
    work.kernel = ROW_KERNELS[4 * loss + 2 * shares + (0 if single else 1)]
    work.evaluate = NULL if ROW_TERMS[loss] == NULL else ROW_TERMS[loss][wanted + (0 if single else <int>WANTED_COUNT)]
    work.picks = work.evaluate != NULL and PICKS[loss] and not shares
    work.wanted = <Wanted>wanted
    work.ignores = ignored is not None
    work.ignored = ignored if ignored is not None else 0
    work.smoothing = smoothing
    work.checks_shares = checks_shares
    work.checks_prediction = checks_prediction
    work.divisor = divisor
    for k in range(len(parameters)):
        work.parameter[k] = parameters[k]
    return drive_rows(&work, prediction, target, labels, class_weight, weight, values, gradient, checks_first)


for number, name in enumerate({names}):
    LOSSES[name] = partial(evaluate_rows, number)
"""

VECTOR_ENTRY = """

from .loss_vectors cimport VectorKernel, VectorPass, drive_vectors

cdef VectorKernel* VECTOR_KERNELS = [
    {kernels}]


def evaluate_vectors(
    int loss, bint single, int wanted, tuple vectors, target, tuple numbers, weight, double divisor, values,
    tuple gradients
):
    cdef VectorPass work
    work.kernel = VECTOR_KERNELS[2 * loss + (0 if single else 1)]
    work.wanted = <Wanted>wanted
    work.divisor = divisor
    drive_vectors(&work, vectors, target, numbers, weight, values, gradients)


for number, name in enumerate({names}):
    LOSSES[name] = partial(evaluate_vectors, number)
"""


def declared(source, name):
    """The strings of the tuple `name` of a family file, or ()."""
    found = re.search(rf"^{name} = (\(.*?\))$", source, re.MULTILINE | re.DOTALL)
    return ast.literal_eval(found[1]) if found else ()


def losses(source):
    """Name -> names of the arguments, for each elementwise loss of a family file's text."""
    found = {
        match[1]: [argument.split()[1] for argument in match[2].rstrip(", ").split(", ")]
        for match in SCALAR.finditer(source)
    }
    sums = declared(source, "ROW_SUMS")
    return {
        name: arguments
        for name, arguments in found.items()
        if found.get(f"{name}_gradient") == arguments == found.get(f"{name}_hessian") or name in sums
    }


def blocks(name, count, differentiable):
    """The block functions of a loss with `count` inputs, in the order of ``Wanted``: (what, statements or "")."""
    arguments = ", ".join(f"block.input[{k}][i]" for k in range(count))

    def store(member, function):
        return f"        block.{member}[i] = {function}({arguments}, <DTYPE>0)"

    value, gradient = store("value", name), store("gradient", f"{name}_gradient")
    if not differentiable:
        return [("value", value), ("gradient", ""), ("value_and_gradient", ""), ("hessian", "")]
    return [
        ("value", value),
        ("gradient", gradient),
        ("value_and_gradient", value + "\n" + gradient),
        ("hessian", store("gradient", f"{name}_hessian")),
    ]


def expand_losses(path):
    """What to append to the family file at `path`; nothing where it has no losses."""
    source = Path(path).read_text()
    found = losses(source)
    sums, dense, rows = declared(source, "ROW_SUMS"), declared(source, "DENSE_SUMS"), {}
    for kind, (for_labels, for_shares) in ROW_KINDS.items():
        rows |= {name: (for_labels.format(name), for_shares.format(name)) for name in declared(source, kind)}
    elementwise = [name for name in found if name not in sums]
    parts = [HEADER]
    for name, arguments in found.items():
        functions = []
        for dtype in DTYPES:
            for wanted, statements in blocks(name, len(arguments), f"{name}_gradient" in source):
                if not statements:
                    functions.append("NULL")
                    continue
                statements = statements.replace("DTYPE", dtype)
                hard = ""
                if f"{name}_hard(" in source and wanted != "hessian":
                    shorter = re.sub(r"^(.*= \w+)", r"    \1_hard", statements, flags=re.MULTILINE)
                    hard = HARD.format(name=name, statements=shorter)
                parts.append(BLOCK.format(name=name, wanted=wanted, dtype=dtype, statements=statements, hard=hard))
                functions.append(f"{name}_{wanted}_{dtype}")
        parts.append(TABLE.format(name=name, blocks=",\n    ".join(functions)))
    if elementwise:
        tables = ",\n    ".join(f"{name}_blocks" for name in elementwise)
        parts.append(ENTRY.format(tables=tables, names=tuple(elementwise)))
    if sums or rows:
        kernels = ["sum_terms_float", "sum_terms_double"] * (2 * len(sums))
        for kernel in (kernel for pair in rows.values() for kernel in pair):
            kernels += [f"{kernel}_{dtype}" if kernel else "NULL" for dtype in DTYPES]
        tables = [f"{name}_blocks" for name in sums] + ["NULL"] * len(rows)
        parts.append(
            ROW_ENTRY.format(
                kernels=",\n    ".join(kernels),
                tables=",\n    ".join(tables),
                picks=", ".join(str(name in sums and name not in dense) for name in (*sums, *rows)),
                names=(*sums, *rows),
            )
        )
    vectors = declared(source, "VECTOR_LOSSES")
    if vectors:
        kernels = ",\n    ".join(f"{name}_{dtype}" for name in vectors for dtype in DTYPES)
        parts.append(VECTOR_ENTRY.format(kernels=kernels, names=vectors))
    return "".join(parts) if len(parts) > 1 else ""
