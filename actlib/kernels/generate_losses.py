"""Write the block functions and entry points around the losses of a family file; used by ``setup.py``.

An elementwise loss is three functions with the same arguments ::

    cdef inline double name(double prediction, double target, ..., real like) noexcept nogil
    cdef inline double name_gradient(...)         # d/d prediction
    cdef inline double name_hessian(...)          # second derivative

The type of ``like`` tells how many bits the result needs. Where they exist, ``name_hard`` and ``name_gradient_hard``
give the same bits for targets 0 and 1 in less time; they serve the blocks that hold nothing else, as far as
``name_takes_hard(number)`` allows it for the inputs that are numbers.

For each loss this module writes, to follow the text of the family file, the functions on a block that loss_loops.pxd
drives (value, gradient, both, Hessian; for float32 and float64; the first three also for operands that are read and
written where they lie) and the entry ``LOSSES["name"]``, a function that evaluates the loss over arrays.

Prediction and target are arrays, what follows them are numbers in the common case; ``READ`` names the losses with
more arrays, and how many.

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
WANTED = ("value", "gradient", "value_and_gradient", "hessian")  # in the order of loss_loops.Wanted

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

from .loss_loops cimport WANTED_COUNT, Block, Evaluate, EvaluateStream, Stream, Wanted, all_hard, drive, over
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

STREAM = """

cdef void {name}_{wanted}_stream_{dtype}(const Stream* stream, Py_ssize_t n) noexcept nogil:
{operands}    cdef Py_ssize_t i
{hard}    for i in range(n):
{statements}
"""

HARD = """    if {condition}:
        for i in range(n):
{statements}
        return
"""

TABLE = """

cdef Evaluate* {name}_blocks = [
    {blocks}]
"""

STREAMS = """
cdef EvaluateStream* {name}_streams = [
    {streams}]
"""

ENTRY = """

cdef Evaluate** ELEMENTWISE = [
    {tables}]
cdef EvaluateStream** STREAMS = [
    {streams}]
cdef int* ARRAYS_READ = [
    {read}]


def evaluate(
    int loss, bint single, int wanted, tuple arrays, tuple domains, weight, value, gradient, total, double divisor,
    bint checks_first=False, second=None
):
    return drive(
        ELEMENTWISE[loss], STREAMS[loss], ARRAYS_READ[loss], single, <Wanted>wanted, arrays, domains, weight, value,
        gradient, total, divisor, checks_first, second)


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


def statements(wanted, name, arguments, value, gradient):
    """What a function does for element i: `value` and `gradient` are patterns of an assignment of one call."""
    call = f"({', '.join(arguments)}, <DTYPE>0)"
    lines = {
        "value": value.format(name + call),
        "gradient": gradient.format(f"{name}_gradient{call}"),
        "hessian": gradient.format(f"{name}_hessian{call}"),
    }
    return "\n".join(line for part, line in lines.items() if part in wanted.split("_"))


def with_hard_targets(source, name, target, number, text):
    """What goes before `text`: the same with the functions for targets 0 and 1."""
    condition = f"all_hard({target}, n)"
    if f" {name}_takes_hard(" in source:
        condition = f"{name}_takes_hard({number}) and {condition}"
    shorter = re.sub(rf"\b({name}(_gradient)?)\(", r"\1_hard(", text)
    return HARD.format(condition=condition, statements=re.sub("^", "    ", shorter, flags=re.MULTILINE))


def block_function(source, name, arguments, wanted, dtype):
    """A function on a block of doubles."""
    inputs = [f"block.input[{k}][i]" for k in range(len(arguments))]
    text = statements(wanted, name, inputs, "        block.value[i] = {}", "        block.gradient[i] = {}")
    hard = ""
    if f" {name}_hard(" in source and wanted != "hessian":
        hard = with_hard_targets(source, name, "block.input[1]", "block.number", text)
    text = BLOCK.format(name=name, wanted=wanted, dtype=dtype, hard=hard, statements=text)
    return text.replace("DTYPE", dtype)


def stream_function(source, name, arguments, wanted, dtype, read):
    """A function on operands where they lie, the first `read` of which are arrays.

    An element is read once: after the value is written, the compiler could not know that it is still the same.
    """
    arrays = arguments[:read]
    operands = [f"const {dtype}* {array}_array = <const {dtype}*>stream.input[{k}]" for k, array in enumerate(arrays)]
    operands += [f"double {', '.join(arrays)}"]
    operands += [f"double {argument} = stream.number[{k}]" for k, argument in enumerate(arguments) if k >= read]
    if "value" in wanted:
        operands.append("double* value = stream.value")
    if "gradient" in wanted:
        operands.append(f"{dtype}* gradient = <{dtype}*>stream.gradient")
        operands.append("double divisor = stream.divisor, reciprocal = 1.0 / stream.divisor")
    text = "".join(f"        {array} = {array}_array[i]\n" for array in arrays) + statements(
        wanted, name, arguments,
        "        value[i] = {}", "        gradient[i] = <DTYPE>over({}, divisor, reciprocal, <DTYPE>0)",
    )  # fmt: skip
    hard = ""
    if f" {name}_hard(" in source:
        hard = with_hard_targets(source, name, f"{arguments[1]}_array", "stream.number", text)
    text = STREAM.format(
        name=name, wanted=wanted, dtype=dtype, hard=hard, statements=text,
        operands="".join(f"    cdef {operand}\n" for operand in operands),
    )  # fmt: skip
    return text.replace("DTYPE", dtype)


def expand_losses(path):
    """What to append to the family file at `path`; nothing where it has no losses."""
    source = Path(path).read_text()
    found = losses(source)
    sums, dense, rows = declared(source, "ROW_SUMS"), declared(source, "DENSE_SUMS"), {}
    for kind, (for_labels, for_shares) in ROW_KINDS.items():
        rows |= {name: (for_labels.format(name), for_shares.format(name)) for name in declared(source, kind)}
    elementwise = [name for name in found if name not in sums]
    read = {name: min(2, len(found[name])) for name in elementwise} | dict(declared(source, "READ"))
    parts = [HEADER]
    for name, arguments in found.items():
        functions, streams = [], []
        for dtype in DTYPES:
            for wanted in WANTED:
                if wanted != "value" and f"{name}_gradient" not in source:
                    functions.append("NULL")
                    continue
                parts.append(block_function(source, name, arguments, wanted, dtype))
                functions.append(f"{name}_{wanted}_{dtype}")
                if wanted == "hessian":
                    streams.append("NULL")
                elif name in elementwise:
                    parts.append(stream_function(source, name, arguments, wanted, dtype, read[name]))
                    streams.append(f"{name}_{wanted}_stream_{dtype}")
        parts.append(TABLE.format(name=name, blocks=",\n    ".join(functions)))
        if name in elementwise:
            parts.append(STREAMS.format(name=name, streams=",\n    ".join(streams)))
    if elementwise:
        parts.append(
            ENTRY.format(
                tables=",\n    ".join(f"{name}_blocks" for name in elementwise),
                streams=",\n    ".join(f"{name}_streams" for name in elementwise),
                read=", ".join(str(read[name]) for name in elementwise),
                names=tuple(elementwise),
            )
        )
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
