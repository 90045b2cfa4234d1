"""Write the loops and ufuncs around the kernels of a family file; used by ``setup.py``.

A kernel is a function ``cdef inline double name(real a, real b, ...) noexcept nogil`` all of whose arguments are
``real``. For each this module appends, to the text of the family file,

* one loop over contiguous arrays for float32 and one for float64, and the ufunc ``name``;
* where parameters follow the argument ``x`` or ``y``, the same loops for parameters that are one number each, so that
  what depends on nothing else is computed once;
* where ``name_at_1`` exists, the same function with the last argument, a parameter, equal to 1: loops that the ufunc
  ``name`` takes where the parameter has that value everywhere;
* where ``name_first`` and ``name_second`` exist: the two results of the ufunc ``name``;
* where ``name_derivative`` takes the same number of arguments: ``name_value_and_derivative`` (two results) and
  ``name_backward(upstream, ...)``, the product that backpropagation needs, rounded once in float32. A family whose
  derivative is itself rounded to float32 writes its own ``name_backward``.

Where a kernel cannot be both free of branches and right for every argument, it returns NaN for the rare ones, and a
function ``cdef double name_rare(...)`` of the same arguments answers there. The loop asks it after each block of
elements, so that the compiler sees nothing but the kernel and vectorises it. Where its arguments are ``float``
or ``double``, only the loop over that dtype asks.

The ufuncs of the families in ``OVER_ROWS`` are generalised ones, over rows: their operands are halves of a row.

The source file comes first and unchanged, so that line numbers in compiler messages are those of the file.
"""

import re
from pathlib import Path

KERNEL = re.compile(r"^cdef inline double (\w+)\(((?:real \w+(?:, )?)+)\) noexcept nogil:$", re.MULTILINE)

RARE = re.compile(r"^cdef double (\w+)_rare\(((?:(?:real|float|double) \w+(?:, )?)+)\) noexcept nogil:$", re.MULTILINE)

OVER_ROWS = ("gated_units",)

HEADER = """

# ------------------------------------------------------- written by generate.py: loops and ufuncs, no mathematics

cimport numpy as cnp

from .{module} cimport {maker}

cnp.import_array()
cnp.import_ufunc()
"""

LOOP = """

cdef void {name}(char** operands, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
{pointers}
    for i in range(n):
{statements}
"""

LOOP_WITH_RARE = """

cdef void {name}(char** operands, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i, start, stop
    cdef int missing
{pointers}
{blocks}
    for start in range(0, n, {size}):
        stop = min(start + {size}, n)
        missing = 0
        for i in range(start, stop):
{statements}
        for i in range(stop - start):
            missing += {lacks}
        if missing:
            for i in range(start, stop):
{rare}
        for i in range(start, stop):
{stores}
"""
BLOCK = 512  # results that wait for the rare ones: a result may lie where the next input is read


def kernels(source):
    """Name -> names of the arguments, for each kernel of a family file's text."""
    return {match[1]: [argument.split()[1] for argument in match[2].split(", ")] for match in KERNEL.finditer(source)}


def parameters(inputs):
    """Those of the arguments that follow ``x`` or ``y``."""
    return inputs[max((k + 1 for k, a in enumerate(inputs) if a in ("x", "y")), default=len(inputs)) :]


def loop(name, inputs, results, rare, dtype, uniform=()):
    """Text of the contiguous loop `name` that stores each expression of `results`, or of `rare` where one is NaN.

    The inputs `uniform` are one number each.
    """
    results, rare = (
        [re.sub(r"(\w+)\[i\]", lambda a: a[1] if a[1] in uniform else a[0], result) for result in expressions]
        for expressions in (results, rare)
    )
    pointers = [
        f"    cdef {dtype} {a} = (<const {dtype}*>operands[{k}])[0]"
        if a in uniform
        else f"    cdef const {dtype}* {a} = <const {dtype}*>operands[{k}]"
        for k, a in enumerate(inputs)
    ]
    pointers += [f"    cdef {dtype}* result{k} = <{dtype}*>operands[{len(inputs) + k}]" for k in range(len(results))]
    # Every result before the first store: after one, compilers must read the inputs again and no longer see what the
    # results have in common.
    pointers += [f"    cdef {dtype} value{k}" for k in range(len(results))]

    def indented(lines, count):
        return "\n".join(" " * count + line for line in lines)

    statements = [f"value{k} = <{dtype}>({result})" for k, result in enumerate(results)]
    text = {"name": name, "dtype": dtype, "pointers": "\n".join(pointers)}
    if rare == results:
        statements += [f"result{k}[i] = value{k}" for k in range(len(results))]
        return LOOP.format(statements=indented(statements, 8), **text)
    statements += [f"block{k}[i - start] = value{k}" for k in range(len(results))]
    answers = []
    for k, (common, answer) in enumerate(zip(results, rare, strict=True)):
        if answer != common:
            answers.append(f"if block{k}[i - start] != block{k}[i - start]:")
            answers.append(f"    block{k}[i - start] = <{dtype}>({answer})")
    return LOOP_WITH_RARE.format(
        size=BLOCK,
        blocks=indented((f"cdef {dtype} block{k}[{BLOCK}]" for k in range(len(results))), 4),
        statements=indented(statements, 12),
        lacks=" | ".join(f"(block{k}[i] != block{k}[i])" for k in range(len(results))),
        rare=indented(answers, 16),
        stores=indented((f"result{k}[i] = block{k}[i - start]" for k in range(len(results))), 12),
        **text,
    )


AT_ONE = "_at_1"


def ufuncs(source):
    """Name -> (inputs, result expressions) of every ufunc of a family; ``DTYPE`` stands for the working type.

    An entry ``name_at_1`` holds the loops of ``name`` for a last argument of 1. In an expression, ``RARE`` and, for one
    dtype alone, ``RARE_float`` or ``RARE_double`` stand for what the name of a function gains where its kernel returned
    NaN.
    """
    every = kernels(source)
    rare = {match[1]: f"RARE_{match[2].split()[0]}".removesuffix("_real") for match in RARE.finditer(source)}
    table = combined({name: arguments for name, arguments in every.items() if not name.endswith(AT_ONE)}, rare)
    at_one = {name.removesuffix(AT_ONE): arguments for name, arguments in every.items() if name.endswith(AT_ONE)}
    rare_at_one = {name.removesuffix(AT_ONE): mark for name, mark in rare.items() if name.endswith(AT_ONE)}
    for name, (inputs, results) in combined(at_one, rare_at_one).items():
        table[name + AT_ONE] = (
            inputs,
            [
                re.sub(r"(\w+?)(RARE(?:_float|_double)?)?\[DTYPE\]", rf"\1{AT_ONE}\2[DTYPE]", result)
                for result in results
            ],
        )
    return table


def combined(found, rare):
    """The table of ufuncs for the kernels `found`, and for what is made of two of them."""

    def call(name):
        return f"{name}{rare.get(name, '')}[DTYPE]({', '.join(f'{a}[i]' for a in found[name])})"

    table = {}
    for name, arguments in found.items():
        base, _, place = name.rpartition("_")
        if place == "first":
            table[base] = (arguments, [call(name), call(f"{base}_second")])
        if place in ("first", "second"):
            continue
        table[name] = (arguments, [call(name)])
        derivative = f"{name}_derivative"
        if found.get(derivative) == arguments:
            table[f"{name}_value_and_derivative"] = (arguments, [call(name), call(derivative)])
            if f"{name}_backward" not in found:
                table[f"{name}_backward"] = (["upstream", *arguments], [f"<double>upstream[i] * {call(derivative)}"])
    return table


def written(result, dtype, asked):
    """The expression `result` for `dtype`, by the functions that are asked where the kernel returned NaN or not."""
    for one in ("float", "double"):
        result = result.replace(f"RARE_{one}[DTYPE]", "_rare" if asked and dtype == one else "[DTYPE]")
    return result.replace("RARE", "_rare" if asked else "").replace("DTYPE", dtype)


def expand(path):
    """The complete Cython source of the family file at `path`."""
    source = Path(path).read_text()
    if not kernels(source):
        return source  # a family with loops and ufuncs of its own
    module, maker = ("entry_loops", "entries_ufunc") if Path(path).stem in OVER_ROWS else ("loops", "elementwise_ufunc")
    parts = [source.rstrip("\n") + "\n", HEADER.format(module=module, maker=maker)]
    table = ufuncs(source)
    for name, (inputs, results) in table.items():
        uniform = [] if name.endswith(AT_ONE) else parameters(inputs)
        for dtype in ("float", "double"):
            common, rare = ([written(result, dtype, asked) for result in results] for asked in (False, True))
            parts.append(loop(f"loop_{name}_{dtype}", inputs, common, rare, dtype))
            if uniform:
                parts.append(loop(f"loop_{name}_uniform_{dtype}", inputs, common, rare, dtype, uniform))
    for name, (inputs, results) in table.items():
        if name.endswith(AT_ONE):
            continue
        loops = [
            f"loop_{name}{kind}_{dtype}" if exists else "NULL"
            for kind, exists in (("", True), ("_uniform", parameters(inputs)), (AT_ONE, name + AT_ONE in table))
            for dtype in ("float", "double")
        ]
        parts.append(
            f'\n\nUFUNCS["{name}"] = {maker}(\n'
            f'    "{name}", {len(inputs)}, {len(results)}, {len(parameters(inputs))}, [{", ".join(loops)}])\n'
        )
    parts.insert(2, "\nUFUNCS = {}\n")
    return "".join(parts)
