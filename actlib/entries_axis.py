"""What a function along an axis is: the classes behind :mod:`actlib.axis`. Checks and shapes; no arithmetic."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from inspect import Signature
from math import inf, prod
from operator import index
from sys import float_info
from typing import Any, Concatenate, Generic, ParamSpec

import numpy as np
from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple
from numpy.typing import ArrayLike, NDArray

from . import containers, kernels
from .entries import (
    REALS,
    Entry,
    Interval,
    Parameter,
    Ulp,
    as_working,
    is_like,
    is_plain,
    real_array,
    typeset,
    working_dtype,
)
from .messages import as_array

P = ParamSpec("P")
DIRECT = {"axis", "out"}
Axis = int | tuple[int, ...] | str | tuple[str, ...] | None
Out = NDArray[Any] | None


@dataclass(frozen=True, kw_only=True)
class AxisFacts:
    """What is known about a function along an axis; see the attributes of :class:`AxisFunction`."""

    definition: str
    derivative_definition: str
    range: Interval = REALS
    limits: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, Interval] = field(default_factory=dict)
    accuracy: Mapping[str, Ulp] = field(default_factory=dict)
    aliases: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    multiple: int = 1
    example: Mapping[str, Any] = field(default_factory=dict)


class AxisFunction(Entry, Generic[P]):
    """A function of the rows of an array, with its derivatives.

    Call it for the value. `x` is an array of a real dtype; the result has its dtype (float64 for integers and
    booleans). `axis` is the second argument, everything else goes by keyword. No call changes its input or raises a
    NumPy warning.

    pandas objects keep their labels, and `axis` means theirs; dask arrays need one chunk along the axis; of an xarray
    object, `axis` is the name of a dimension.

    Attributes
    ----------
    name, aliases : str, tuple of str
    definition, derivative_definition : str
        Entry `i` of the value, and its derivative with respect to ``x[j]``, in the language of
        :mod:`actlib.derivation`.
    latex, derivative_latex : str
        The two, typeset.
    range : Interval
    limits : dict
        What happens at the ends of the domain, in words.
    parameters : dict of Parameter
    accuracy : dict of Ulp
        The promise, for each of ``"value"``, ``"backward"`` and so on.
    references : tuple of str
    multiple : int
        The length of the axis must be a multiple of it: 2 for what takes a row by halves.
    example : dict
        Keywords for trying it out, where a call needs some.
    ufunc : numpy.ufunc
        The kernel of the value, a generalised ufunc over the last axis.
    """

    kind = "function along an axis actlib"
    #: what a test or a table can ask an entry of this class for, with the attribute that defines it
    offers: Mapping[str, str] = {"value": "definition", "backward": "derivative_definition"}

    def __init__(self, function: Callable[Concatenate[ArrayLike, P], Any], facts: AxisFacts) -> None:
        super().__init__(function)
        self._required = tuple(k for k, default in self._keywords.items() if default is Signature.empty)
        self.parameters = {
            name: Parameter(None if name in self._required else default, facts.parameters[name], name in self._required)
            for name, default in self._keywords.items()
            if name in facts.parameters
        }
        self.ufunc: np.ufunc = kernels.ufuncs[self.name]
        self.definition, self.derivative_definition = facts.definition, facts.derivative_definition
        self.range, self.limits = facts.range, dict(facts.limits)
        self.accuracy = {offer: facts.accuracy.get(offer, Ulp()) for offer in self.offers}
        self.aliases, self.references = facts.aliases, facts.references
        self.multiple, self.example = facts.multiple, dict(facts.example)

    @property
    def derivative_latex(self) -> str:
        return typeset(self.derivative_definition)

    def __call__(self, x: ArrayLike, /, *args: P.args, **kwargs: P.kwargs) -> Any:
        if is_plain(x) and len(args) < 2 and kwargs.keys() <= DIRECT and not self._required:
            # what most calls are, without the general way
            axis = args[0] if args else kwargs.get("axis", -1)
            out = kwargs.get("out")
            if (
                type(axis) is int
                and -x.ndim <= axis < x.ndim
                and (out is None or is_like(out, x))
                and not (args and "axis" in kwargs)
            ):
                return self._direct(x, axis % x.ndim, out)
        return self._serve(self._value, (x,), args, kwargs)

    def backward(self, upstream: ArrayLike, x: ArrayLike, /, *args: P.args, **kwargs: P.kwargs) -> Any:
        """The gradient with respect to `x`, from `upstream`, the gradient with respect to the value at `x`.

        `upstream` has the shape of the value (or broadcasts to it); axis and keywords are those of the call. The
        result has the shape and dtype of `x`.
        """
        return self._serve(self._backward, (upstream, x), args, kwargs)

    # ------------------------------------------------------------------------------------------- for subclasses

    def _lacks(self, name: str) -> str:
        if name != "derivative":
            return super()._lacks(name)
        way = "jacobian" if "jacobian" in self.offers else "backward"
        return f"{self.name} works along an axis: its derivative is a matrix, {self.name}.{way}"

    takes_tuples = False  # whether the axis may be a tuple

    def _direct(self, x: NDArray[Any], axis: int, out: Any) -> Any:
        """The value of a float array along a valid axis, with no keywords but `out`, which has its dtype."""
        return self._value(x, axis=axis, out=out)

    def _value(self, x: Any, *args: Any, **keywords: Any) -> Any:
        raise NotImplementedError

    def _backward(self, upstream: Any, x: Any, *args: Any, **keywords: Any) -> Any:
        raise NotImplementedError

    def _shape(self, shape: tuple[int, ...], axes: tuple[int, ...], keywords: Mapping[str, Any]) -> tuple[int, ...]:
        """The shape of the value."""
        return shape

    def _serve(self, compute: Callable[..., Any], arrays: tuple[Any, ...], args: Any, keywords: Any) -> Any:
        axis, options = self._arguments(args, keywords)
        x = arrays[-1]
        out = options.get("out")
        if is_plain(x) and (out is None or is_like(out, x)):
            return compute(*arrays, axis=axis, **options)
        library = containers.library(x)
        if library == "pandas":
            return containers.on_pandas(self.name, compute, arrays, self._axes(axis, x.ndim), axis, options)
        if library == "xarray":
            return containers.on_xarray(self.name, compute, arrays, axis, options, self._shape)
        if library == "dask":
            axes = self._axes(axis, x.ndim)
            return containers.on_dask(
                self.name, compute, arrays, axes, axis, options,
                lambda shape: self._shape(shape, axes, options), working_dtype(x),
            )  # fmt: skip
        with np.errstate(all="ignore"):  # NumPy's own cast to an `out` of another dtype
            return compute(*arrays, axis=axis, **options)

    def _arguments(self, args: Any, keywords: Any) -> tuple[Any, dict[str, Any]]:
        options: dict[str, Any] = keywords
        if len(args) > 1 or (args and "axis" in options):
            raise TypeError(f"{self.name}: one axis is expected after the array, the rest by keyword; got {args!r}")
        axis = args[0] if args else options.pop("axis", -1)
        if not options.keys() <= self._keywords.keys():
            self._refuse_unknown(options.keys() - self._keywords.keys(), ["axis", *self._keywords])
        self._refuse_missing(self._required, options)
        return axis, options

    def _axes(self, axis: Any, ndim: int) -> tuple[int, ...]:
        """The axes as distinct numbers in [0, ndim)."""
        if type(axis) is int and -ndim <= axis < ndim:
            return (axis % ndim,)
        if axis is None and self.takes_tuples:
            return tuple(range(ndim))
        if isinstance(axis, tuple) and self.takes_tuples:
            return tuple(normalize_axis_tuple(axis, ndim, "axis"))
        try:
            number = index(axis)
        except TypeError:
            expected = "an integer, a tuple of integers or None" if self.takes_tuples else "an integer"
            raise TypeError(f"{self.name}: axis must be {expected}, got {axis!r}") from None
        return (normalize_axis_index(number, ndim, self.name),)

    def _array(self, label: str, value: Any, like: Any = None) -> NDArray[Any]:
        """`value` as an array of real numbers; in the working dtype of `like`, if that is given."""
        if is_plain(value) and (like is None or value.dtype is like.dtype):
            array: NDArray[Any] = value
            return array
        array = real_array(self.name, label, value, f", and where=~{label}.mask")
        return array if like is None else as_working(array, like)

    def _spread(self, label: str, value: NDArray[Any], shape: tuple[int, ...]) -> NDArray[Any]:
        if value.shape == shape:
            return value
        try:
            return np.broadcast_to(value, shape)
        except ValueError:
            raise ValueError(f"{self.name}: {label} must have shape {shape}, got {value.shape}") from None

    def _mask(self, where: Any, shape: tuple[int, ...]) -> NDArray[Any] | None:
        """`where` as an array of booleans of the given shape; None if it excludes nothing."""
        if where is None or where is True:
            return None
        mask = as_array(self.name, "where", where)
        self._check_booleans(mask)
        return self._spread("where", mask.astype(bool, copy=False), shape)

    def _temperature(self, value: Any) -> float:
        if type(value) is float and float_info.min <= value < inf:
            return value
        if isinstance(value, bool) or not isinstance(value, int | float | np.integer | np.floating):
            raise TypeError(f"{self.name}: temperature must be a number, got {value!r}")
        if not 0 < value < inf:
            raise ValueError(f"{self.name}: temperature must be positive and finite, got {value!r}")
        if value < float_info.min:
            raise ValueError(
                f"{self.name}: temperature must be at least {float_info.min}, whose reciprocal is finite, got {value!r}"
            )
        return float(value)

    def _same_shape(self, x: Any, *, axis: Axis, out: Any = None) -> Any:
        """The value, for a function of one axis that keeps the shape and has no parameters."""
        array = self._array("x", x)
        axes = self._axes(axis, array.ndim)
        return self._same_shape_direct(array, axes[0], out)

    def _same_shape_direct(self, x: NDArray[Any], axis: int, out: Any) -> Any:
        self._check_out(out, x.shape)
        return self.ufunc(x, axis=axis, out=laid_out(x, axis, out))

    def _check_out(self, out: Any, shape: tuple[int, ...]) -> None:
        if out is None:
            return
        if not isinstance(out, np.ndarray):
            raise TypeError(f"{self.name}: out must be an ndarray, got {type(out).__name__}")
        if out.shape != shape:
            raise ValueError(f"{self.name}: out must have shape {shape}, got {out.shape}")


def rows_last(array: NDArray[Any], axes: tuple[int, ...]) -> NDArray[Any]:
    """The `axes` of `array` as one last axis."""
    moved = np.moveaxis(array, axes, range(-len(axes), 0)) if axes else array
    return moved.reshape(*moved.shape[: array.ndim - len(axes)], prod(array.shape[k] for k in axes))


def laid_out(array: NDArray[Any], axis: int, out: Out) -> Out:
    """`out`, or for an axis that is not the last a new array that lies in memory as `array` does: on its own, NumPy
    would put the entries of a row side by side."""
    if out is not None or axis == array.ndim - 1:
        return out
    return np.empty_like(array, dtype=working_dtype(array))


def rows_back(rows: NDArray[Any], shape: tuple[int, ...], axes: tuple[int, ...]) -> NDArray[Any]:
    """Undo :func:`rows_last` on an array that had `shape`."""
    moved = rows.reshape((*rows.shape[:-1], *(shape[k] for k in axes)))
    return np.moveaxis(moved, range(-len(axes), 0), axes) if axes else moved


def into(out: Out, result: NDArray[Any]) -> Any:
    if out is None:
        return result
    with np.errstate(all="ignore"):
        np.copyto(out, result, casting="same_kind")
    return out


class DenseFunction(AxisFunction[P]):
    """A function each of whose values depends on the whole row."""

    offers = {
        **AxisFunction.offers,
        "backward_from_output": "derivative_definition",
        "jacobian": "derivative_definition",
    }

    def jacobian(self, x: ArrayLike, /, *args: P.args, **kwargs: P.kwargs) -> Any:
        """All derivatives: entry ``[..., i, j]`` is that of value `i` with respect to ``x[j]``.

        `axis` is one integer; it is replaced by two last axes. For reading and small rows: backpropagation needs
        ``backward``, which never forms the matrix.
        """
        axis, options = self._arguments(args, kwargs)
        if options.pop("out", None) is not None:
            raise TypeError(f"{self.name}.jacobian: there is no out=")
        if containers.library(x):
            raise TypeError(f"{self.name}.jacobian: expected a NumPy array, got {type(x)!r}; pass its values")
        array = self._array("x", x)
        if axis is None or isinstance(axis, tuple):
            raise TypeError(f"{self.name}.jacobian: axis must be an integer, got {axis!r}")
        axes = self._axes(axis, array.ndim)
        size = array.shape[axes[0]]
        mask = self._mask(options.pop("where", None), array.shape)
        rows = np.moveaxis(array, axes[0], -1)[..., np.newaxis, :]
        shape = (*rows.shape[:-2], size, size)
        if mask is not None:
            mask = np.broadcast_to(np.moveaxis(mask, axes[0], -1)[..., np.newaxis, :], shape)
        unit = np.broadcast_to(np.eye(size, dtype=working_dtype(array)), shape)
        if mask is None:
            return self._backward(unit, np.broadcast_to(rows, shape), axis=-1, **options)
        matrix = self._backward(unit, np.broadcast_to(rows, shape), axis=-1, where=mask, **options)
        matrix[~np.moveaxis(mask, -1, -2)] = 0.0  # the values outside the mask are constants
        return matrix
