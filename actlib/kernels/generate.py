"""Write the loops and ufuncs around the kernels of a family file; used by ``setup.py``.

A kernel is a function ``cdef inline double name(real a, real b, ...) noexcept nogil`` all of whose arguments are
``real``. For each this module appends, to the text of the family file,

* one loop over contiguous arrays for float32 and one for float64, and the ufunc ``name``;
* where ``name_at_1`` exists, the same function with the last argument, a parameter, equal to 1: loops that the ufunc
  ``name`` takes where the parameter has that value everywhere;
* where ``name_derivative`` takes the same number of arguments: ``name_value_and_derivative`` (two results) and
  ``name_backward(upstream, ...)``, the product that backpropagation needs, rounded once in float32. A family whose
  derivative is itself rounded to float32 writes its own ``name_backward``.

The source file comes first and unchanged, so that line numbers in compiler messages are those of the file.
"""

import re
from pathlib import Path

KERNEL = re.compile(r"^cdef inline double (\w+)\(((?:real \w+(?:, )?)+)\) noexcept nogil:$", re.MULTILINE)

HEADER = """

# ------------------------------------------------------- written by generate.py: loops and ufuncs, no mathematics

cimport numpy as cnp

from .loops cimport elementwise_ufunc

cnp.import_array()
cnp.import_ufunc()
"""

LOOP = """

cdef void {name}_{dtype}(char** operands, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
{pointers}
    for i in range(n):
{statements}
"""


def kernels(source):
    """Name -> names of the arguments, for each kernel of a family file's text."""
    return {
        match[1]: [argument.split()[1] for argument in match[2].split(", ")] for match in KERNEL.finditer(source)
    }


def loop(name, inputs, results, dtype):
    """Text of the contiguous loop `name` that stores each expression of `results`."""
    pointers = [f"    cdef const {dtype}* {a} = <const {dtype}*>operands[{k}]" for k, a in enumerate(inputs)]
    pointers += [
        f"    cdef {dtype}* result{k} = <{dtype}*>operands[{len(inputs) + k}]" for k in range(len(results))
    ]
    # Every result before the first store: after one, compilers must read the inputs again and no longer see what the
    # results have in common.
    pointers += [f"    cdef {dtype} value{k}" for k in range(len(results))]
    statements = [f"        value{k} = <{dtype}>({result})" for k, result in enumerate(results)]
    statements += [f"        result{k}[i] = value{k}" for k in range(len(results))]
    return LOOP.format(name=name, dtype=dtype, pointers="\n".join(pointers), statements="\n".join(statements))


AT_ONE = "_at_1"


def ufuncs(source):
    """Name -> (inputs, result expressions) of every ufunc of a family; ``DTYPE`` stands for the working type.

    An entry ``name_at_1`` holds the loops of ``name`` for a last argument of 1.
    """
    every = kernels(source)
    table = combined({name: arguments for name, arguments in every.items() if not name.endswith(AT_ONE)})
    at_one = {name.removesuffix(AT_ONE): arguments for name, arguments in every.items() if name.endswith(AT_ONE)}
    for name, (inputs, results) in combined(at_one).items():
        table[name + AT_ONE] = (inputs, [re.sub(r"(\w+)\[DTYPE\]", rf"\1{AT_ONE}[DTYPE]", r) for r in results])
    return table


def combined(found):
    """The table of ufuncs for the kernels `found`, and for what is made of two of them."""

    def call(name):
        return f"{name}[DTYPE]({', '.join(f'{a}[i]' for a in found[name])})"

    table = {}
    for name, arguments in found.items():
        table[name] = (arguments, [call(name)])
        derivative = f"{name}_derivative"
        if found.get(derivative) == arguments:
            table[f"{name}_value_and_derivative"] = (arguments, [call(name), call(derivative)])
            if f"{name}_backward" not in found:
                table[f"{name}_backward"] = (["upstream", *arguments], [f"<double>upstream[i] * {call(derivative)}"])
    return table


def expand(path):
    """The complete Cython source of the family file at `path`."""
    source = Path(path).read_text()
    if not kernels(source):
        return source  # a family with loops and ufuncs of its own
    parts = [source.rstrip("\n") + "\n", HEADER]
    table = ufuncs(source)
    for name, (inputs, results) in table.items():
        for dtype in ("float", "double"):
            parts.append(loop(f"loop_{name}", inputs, [r.replace("DTYPE", dtype) for r in results], dtype))
    for name, (inputs, results) in table.items():
        if name.endswith(AT_ONE):
            continue
        loops = [f"loop_{name}_{dtype}" for dtype in ("float", "double")]
        loops += [f"loop_{name}{AT_ONE}_{dtype}" if name + AT_ONE in table else "NULL" for dtype in ("float", "double")]
        parts.append(
            f'\n\nUFUNCS["{name}"] = elementwise_ufunc("{name}", {len(inputs)}, {len(results)}, {", ".join(loops)})\n'
        )
    parts.insert(2, "\nUFUNCS = {}\n")
    return "".join(parts)
