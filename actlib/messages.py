"""What errors say: the argument, its value and place, and what was expected instead."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from reprlib import repr as shortened
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .containers import library

NUMBERS = "real numbers of at most 64 bits (float16, float32, float64, integers, booleans)"

#: Keywords of other libraries, and which one of an entry they mean.
FOREIGN: dict[str, tuple[str, ...]] = {
    "alpha": ("negative_slope", "quantile"),
    "b": ("weights",),
    "dim": ("axis",),
    "dims": ("axis",),
    "generator": ("rng",),
    "inplace": ("out",),
    "keepdim": ("keepdims",),
    "q": ("quantile",),
    "size_average": ("reduction",),
    "slope": ("negative_slope",),
    "tau": ("temperature", "quantile"),
    "threshold": ("lambd",),
    "theta": ("threshold",),
    "var": ("variance",),
    "weight": ("class_weight", "sample_weight", "alpha"),
}
#: The same for keywords that choose what is another function here.
FOREIGN_CHOICES = {
    ("gelu", "approximate"): "actlib.gelu_tanh",
    ("binary_cross_entropy", "from_logits"): "actlib.losses.binary_cross_entropy_with_logits",
    ("categorical_cross_entropy", "from_logits"): "actlib.losses.cross_entropy",
}
#: Reductions of other libraries, and what they are called here.
FOREIGN_REDUCTIONS = {None: "none", "elementwise_mean": "mean", "sum_over_batch_size": "mean"}


def similar(name: Any, known: Iterable[str]) -> list[str]:
    """The name among those known that looks like `name`, if one does."""
    from difflib import get_close_matches

    return get_close_matches(str(name).strip().lower(), known, n=1, cutoff=0.7)


def unknown_keyword(function: str, unknown: str, expected: Iterable[str]) -> TypeError:
    expected = list(expected)
    meant = [known for known in FOREIGN.get(unknown, ()) if known in expected]
    hint = "".join(f", similar to {known}" for known in similar(unknown, expected))
    hint = f", here called {' or '.join(meant)}" if meant else hint
    if (function, unknown) in FOREIGN_CHOICES:
        hint = f", for which there is {FOREIGN_CHOICES[function, unknown]}"
    return TypeError(f"{function}: unknown keyword {unknown!r}{hint}; expected one of: {', '.join(expected)}")


def at_index(index: tuple[Any, ...]) -> str:
    return f" at index {tuple(int(i) for i in index)}" if index else ""


def not_numbers(function: str, what: str, array: NDArray[Any], dtype: Any = None) -> TypeError:
    """The error about an array of another dtype than the library takes. In one of objects or of strings, it names the
    first that is no number. `dtype` is that of a pandas array that NumPy sees otherwise."""
    got = f"dtype {dtype or array.dtype}"
    if array.dtype.kind in "OUS":
        for index, element in np.ndenumerate(array):
            place = f"{at_index(index)} of an array of {got}" if index else ""
            if isinstance(element, int) and not -(2**63) <= element < 2**64:
                hint = "; float() makes it one of float64" if abs(element) < 2**1023 else ""
                got = f"an integer of more than 64 bits{place}{hint}"
                break
            if not isinstance(element, int | float | np.integer | np.floating | np.bool_):
                got = f"{shortened(element.item() if isinstance(element, np.generic) else element)}{place}"
                break
        else:
            got += "; astype(float) makes it one of float64" if array.size else ""
    return TypeError(f"{function}: {what} must be {NUMBERS}, got {got}")


def not_labels(function: str, array: NDArray[Any]) -> TypeError:
    """The error about numbers that should be labels."""
    hint = ""
    if array.dtype.kind == "f" and np.isnan(array).any():
        index = np.unravel_index(int(np.argmax(np.isnan(array))), array.shape)
        hint = f", nan{at_index(index)}: give what is missing a label of its own"
    elif array.dtype.kind == "b" or (np.isfinite(array) & (array == np.rint(array))).all():
        hint = "; astype(int) makes them integers"
    return TypeError(f"{function}: labels must be integers, got dtype {array.dtype}{hint}")


def as_array(function: str, what: str, values: Any) -> NDArray[Any]:
    """`values` as NumPy sees them; ValueError for nested lists that are no array."""
    try:
        return np.asarray(values)
    except ValueError:
        raise ValueError(f"{function}: {what} must be an array, got rows of different lengths or depths") from None


def explain_operands(function: str, operands: Mapping[str, Any], out: Any, results: int, where: Any) -> None:
    """Raise an error that says which of the arguments of a ufunc with so many `results` does not fit, if one does not;
    what NumPy says names neither the function nor the argument."""
    for what, operand in operands.items():
        dtype = getattr(operand, "dtype", None)
        if dtype is None:
            if hasattr(operand, "dtypes"):  # a data frame, whose columns NumPy asks one by one
                continue
            dtype = as_array(function, what, operand).dtype
        if getattr(dtype, "kind", "f") not in "biuf" or dtype == np.longdouble:
            raise not_numbers(function, what, np.asarray(operand), dtype) from None
    outs = {} if out is None else dict(enumerate(out if isinstance(out, tuple) else (out,)))
    for array in outs.values():
        if array is not None and not hasattr(array, "shape"):
            raise TypeError(f"{function}: out must be an array, got {shortened(array)}") from None
    if out is not None and len(outs) != results:
        expected = f"a tuple of {results} arrays" if results > 1 else "one array"
        kind = ValueError if isinstance(out, tuple) else TypeError
        raise kind(f"{function}: out must be {expected}, got {len(outs)}") from None
    if any(library(operand) in ("dask", "xarray") for operand in operands.values()):
        return  # their lengths may be unknown, or their axes go by name
    filled = {f"out[{k}]" if results > 1 else "out": array.shape for k, array in outs.items() if array is not None}
    shapes = {what: np.shape(operand) for what, operand in operands.items()} | filled
    shapes |= {} if where is True else {"where": np.shape(where)}
    try:
        shape = np.broadcast_shapes(*shapes.values())
    except ValueError:
        shape = None
    if shape is None or any(one != shape for one in filled.values()):
        listed = ", ".join(f"{what} {shape}" for what, shape in shapes.items())
        raise ValueError(f"{function}: the shapes do not broadcast: {listed}") from None
