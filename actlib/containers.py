"""Frames, chunked and labelled arrays, for the functions along an axis.

NumPy hands a ufunc the blocks of a frame transposed and a chunked array chunk by chunk: harmless elementwise, wrong
along an axis. So these containers are recognised by the module of their type, without importing it, and served here.
"""

import sys
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

Compute = Callable[..., Any]


def library(x: Any) -> str:
    """``"pandas"``, ``"dask"`` or ``"xarray"`` if `x` is one of their containers, else ``""``."""
    if isinstance(x, np.ndarray | np.generic | list | tuple | float | int):
        return ""
    package = type(x).__module__.partition(".")[0]
    kinds = {"pandas": ("DataFrame", "Series"), "dask": ("Array",), "xarray": ("DataArray", "Dataset", "Variable")}
    names = {kind.__name__ for kind in type(x).__mro__}
    return package if names.intersection(kinds.get(package, ())) else ""


def pandas_values(name: str, x: Any) -> Any:
    """The values of a frame or series, those of nullable columns as float64 with NaN for what is missing."""
    values = x.to_numpy()
    if values.dtype == object:
        try:
            return x.to_numpy(dtype=np.float64, na_value=np.nan)
        except (TypeError, ValueError):
            raise TypeError(f"{name}: expected columns of real numbers, got dtypes {x.dtypes!r}") from None
    return values


def labelled_axes(x: Any) -> list[tuple[str, Any]]:
    """For each axis of a frame, series or labelled array what it is called, and its labels or None; else nothing."""
    kind = library(x)
    if kind == "pandas":
        return list(zip(("rows", "columns"), x.axes, strict=False))
    if kind == "xarray" and hasattr(x, "ndim"):
        indexes = getattr(x, "indexes", {})  # a Variable has none
        return [(f"dimension {d!r}", indexes.get(d)) for d in x.dims]
    return []


def refuse_other_labels(function: str, operands: Mapping[str, tuple[Any, Iterable[int]]]) -> None:
    """Raise a ValueError if two operands are labelled differently along one axis: what is computed goes by place.

    Each operand comes with the axes of the first one (numbers that are not negative) along which its own axes lie.
    Axes of different lengths are left to the check of shapes.
    """
    seen: dict[int, tuple[str, str, Any]] = {}
    for what, (operand, places) in operands.items():
        for place, (name, labels) in zip(places, labelled_axes(operand), strict=False):
            other, other_name, other_labels = seen.setdefault(place, (what, name, labels))
            if name.startswith("dimension") and other_name.startswith("dimension") and name != other_name:
                raise ValueError(
                    f"{function}: {other} and {what} have different dimensions, {other_name} and {name}, on axis "
                    f"{place}; transpose or rename them, or pass their values"
                )
            known = labels is not None and other_labels is not None
            if known and len(labels) == len(other_labels) and not labels.equals(other_labels):
                raise ValueError(
                    f"{function}: {other} and {what} have {other_name} of different labels; align them, or pass "
                    "their values"
                )


def places(operand: Any, rank: int, without: Iterable[int] = ()) -> list[int]:
    """The axes, of `rank`, that those of `operand` lie along: all, or those that are left `without` some; or, where
    it has fewer and is stretched, the last."""
    axes = list(range(rank))
    kept = [k for k in axes if k not in without]
    size = getattr(operand, "ndim", 0)  # of what has labels
    return kept if size == len(kept) else axes[max(rank - size, 0) :]


def on_pandas(
    name: str, compute: Compute, arrays: tuple[Any, ...], axes: tuple[int, ...], axis: Any, options: dict[str, Any]
) -> Any:
    """Compute on the values; the result has the labels of the last of `arrays` that survive."""
    frame = arrays[-1]
    if options.get("out") is not None or options.get("keepdims"):
        raise TypeError(f"{name}: a pandas object takes neither out= nor keepdims=; pass x.to_numpy()")
    labelled = {"x": (frame, places(frame, frame.ndim))}
    if len(arrays) > 1:
        labelled["upstream"] = arrays[0], places(arrays[0], frame.ndim, axes)
    labelled |= {key: (a, places(a, frame.ndim)) for key, a in options.items()}
    refuse_other_labels(name, labelled)
    values = [pandas_values(name, a) if library(a) == "pandas" else a for a in arrays]
    options = {key: a.to_numpy() if library(a) == "pandas" else a for key, a in options.items()}
    result = compute(*values, axis=axis, **options)
    if np.shape(result) == frame.shape:
        labels = {"index": frame.index, "columns": frame.columns} if frame.ndim == 2 else {"index": frame.index}
        named = {} if frame.ndim == 2 else {"name": frame.name}
        return type(frame)(result, **labels, **named)
    if np.ndim(result) == 1 and frame.ndim == 2 and np.ndim(axis) == 0:
        return sys.modules["pandas"].Series(result, index=frame.columns if axis % 2 == 0 else frame.index)
    if np.ndim(result) == 0:
        return result
    raise TypeError(f"{name}: the labels of a pandas object do not fit the result; pass x.to_numpy()")


def on_dask(
    name: str,
    compute: Compute,
    arrays: tuple[Any, ...],
    axes: tuple[int, ...],
    axis: Any,
    options: dict[str, Any],
    shape: Callable[[tuple[int, ...]], tuple[int, ...]],
    dtype: np.dtype[Any],
) -> Any:
    """Compute chunk by chunk; every chunk must hold whole rows. `shape` maps a chunk's shape to its result's."""
    x = arrays[-1]
    if options.get("out") is not None:
        raise TypeError(f"{name}: a dask array takes no out=")
    for k in axes:
        if x.numblocks[k] != 1:
            raise ValueError(
                f"{name}: a dask array needs one chunk along axis {k}, got {x.numblocks[k]}; "
                f"use x.rechunk({{{k}: -1}})"
            )
    dask_array = sys.modules["dask.array"]
    whole = {k: -1 if k in axes else x.chunks[k] for k in range(x.ndim)}
    options = dict(options)
    masks = {}
    for key in ("where", "weights", "noise"):
        if options.get(key) is not None:
            masks[key] = dask_array.broadcast_to(dask_array.asarray(options.pop(key)), x.shape).rechunk(whole)
    reduced = len(shape(x.shape)) < x.ndim
    if len(arrays) > 1:
        upstream = dask_array.asarray(arrays[0])
        if reduced:  # give the upstream gradient the axes back, so that its chunks lie beside those of x
            upstream = dask_array.expand_dims(upstream, axes)
            options["keepdims"] = True
        arrays = (upstream.rechunk(whole), x)
        chunks, dropped = list(x.chunks), []
    else:
        chunks = [
            tuple(shape(tuple(size if j == k else 1 for j in range(x.ndim)))[k] for size in sizes) if not reduced
            else sizes
            for k, sizes in enumerate(x.chunks)
            if not (reduced and k in axes)
        ]  # fmt: skip
        dropped = list(axes) if reduced else []
    return dask_array.map_blocks(
        _on_chunks, *arrays, *masks.values(), compute=compute, names=tuple(masks), count=len(arrays), axis=axis,
        options=options, chunks=tuple(chunks), drop_axis=dropped, meta=np.empty((0,) * len(chunks), dtype),
    )  # fmt: skip


def _on_chunks(
    *chunks: Any, compute: Compute, names: tuple[str, ...], count: int, axis: Any, options: dict[str, Any]
) -> Any:
    return compute(*chunks[:count], axis=axis, **dict(zip(names, chunks[count:], strict=True)), **options)


def on_xarray(
    name: str,
    compute: Compute,
    arrays: tuple[Any, ...],
    axis: Any,
    options: dict[str, Any],
    shape: Callable[[tuple[int, ...], tuple[int, ...], dict[str, Any]], tuple[int, ...]],
) -> Any:
    """Compute through ``apply_ufunc``, along the dimensions that `axis` names; `shape` is that of a row's value.

    A dimension that the function makes longer loses its coordinates.
    """
    x = arrays[-1]
    dimensions = (axis,) if isinstance(axis, str) else axis
    if not isinstance(dimensions, tuple) or not all(isinstance(d, str) for d in dimensions):
        raise TypeError(
            f"{name}: name the dimension of an xarray object, as in axis={str(list(x.dims)[-1])!r}, not axis={axis!r}"
        )
    missing = [d for d in dimensions if d not in x.dims]
    if missing:
        raise ValueError(f"{name}: there is no dimension {missing[0]!r}; the dimensions are {tuple(x.dims)}")
    if any(options.get(key) is not None for key in ("out", "where", "weights")) or options.get("keepdims"):
        raise TypeError(f"{name}: an xarray object takes no out=, where=, weights= or keepdims=; pass x.values")
    if np.ndim(options.get("noise", 0.0)):
        raise TypeError(f"{name}: an xarray object takes rng= and no array noise=; pass x.values")
    core = list(dimensions)
    kept = [d for d in x.dims if d not in core]
    value = shape((1,), (0,), {})
    reduces = value == () and len(arrays) == 1  # the gradient has the dimensions of x
    inputs = [core if len(arrays) == 1 or np.ndim(a) == x.ndim else [] for a in arrays]
    place = -1 if len(core) == 1 else tuple(range(-len(core), 0))
    result = sys.modules["xarray"].apply_ufunc(
        compute, *arrays, input_core_dims=inputs, output_core_dims=[[] if reduces else core],
        exclude_dims=set(core) if value not in ((), (1,)) else set(),
        kwargs={"axis": place, **options}, dask="allowed", keep_attrs=True,
    )  # fmt: skip
    return result.transpose(*(kept if reduces else x.dims))
