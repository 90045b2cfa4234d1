"""Functions that change the length of the axis: the classes behind logsumexp, maxout, crelu and the gated units."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import inf
from typing import Any, Concatenate, ParamSpec

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import containers, kernels
from .entries import as_working, refuse, working_dtype
from .entries_axis import Axis, AxisFacts, AxisFunction, into, laid_out, rows_back, rows_last

P = ParamSpec("P")
Function = Callable[Concatenate[ArrayLike, P], Any]


def halves(array: NDArray[Any], axis: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """The two halves of an axis, as views."""
    size = array.shape[axis] // 2
    before = (slice(None),) * axis
    return array[(*before, slice(None, size))], array[(*before, slice(size, None))]


class SumFunction(AxisFunction[P]):
    """A function that reduces a row to one number: logsumexp."""

    offers = {**AxisFunction.offers, "jacobian": "derivative_definition"}
    takes_tuples = True

    def _direct(self, x: NDArray[Any], axis: int, out: Any) -> Any:
        self._check_out(out, (*x.shape[:axis], *x.shape[axis + 1 :]))
        return self.ufunc(x, axis=axis, out=out)

    def jacobian(self, x: ArrayLike, /, *args: P.args, **kwargs: P.kwargs) -> Any:
        """The derivatives as a matrix of one row: shape ``(..., 1, K)``, `axis` being replaced by two last axes."""
        axis, options = self._arguments(args, kwargs)
        if options.pop("out", None) is not None or options.pop("keepdims", False):
            raise TypeError(f"{self.name}.jacobian: there is neither out= nor keepdims=")
        if axis is None or isinstance(axis, tuple):
            raise TypeError(f"{self.name}.jacobian: axis must be an integer, got {axis!r}")
        if containers.library(x):
            raise TypeError(f"{self.name}.jacobian: expected a NumPy array, got {type(x)!r}; pass its values")
        array = self._array("x", x)
        axes = self._axes(axis, array.ndim)
        gradient = self._backward(1.0, array, axis=axes[0], **options)
        return np.moveaxis(gradient, axes[0], -1)[..., np.newaxis, :]

    def _shape(self, shape: tuple[int, ...], axes: tuple[int, ...], keywords: Mapping[str, Any]) -> tuple[int, ...]:
        if keywords.get("keepdims"):
            return tuple(1 if k in axes else n for k, n in enumerate(shape))
        return tuple(n for k, n in enumerate(shape) if k not in axes)

    def _masked(self, x: Any, weights: Any, where: Any) -> tuple[NDArray[Any], NDArray[Any] | None, Any]:
        """The array with -inf for what does not count, the weights, and where entries count (None: everywhere)."""
        array = self._array("x", x)
        array = as_working(array, array) if weights is not None or where is not None else array
        mask = self._mask(where, array.shape)
        factors = None
        if weights is not None:
            factors = self._array("weights", weights, array)
            good = (factors >= 0) & (factors < inf)
            if not good.all():
                refuse(self.name, "weights", factors, good, "be finite and >= 0")
            moderate = factors <= np.float64(1e300)  # so that no sum of weighted exponentials overflows
            if not moderate.all():
                refuse(self.name, "weights", factors, moderate, "be at most 1e+300")
            factors = self._spread("weights", factors, array.shape)
            counts = factors > 0
            mask = counts if mask is None else mask & counts
        if mask is not None and mask.all():
            mask = None
        if mask is not None:
            array = np.where(mask, array, array.dtype.type(-inf))
        return array, factors, mask

    def _value(
        self, x: Any, *, axis: Axis, weights: Any = None, keepdims: bool = False, where: Any = None, out: Any = None
    ) -> Any:
        array, factors, _ = self._masked(x, weights, where)
        axes = self._axes(axis, array.ndim)
        shape = self._shape(array.shape, axes, {"keepdims": keepdims})
        self._check_out(out, shape)
        if len(axes) == 1:
            if factors is None:
                return self.ufunc(array, axis=axes[0], keepdims=bool(keepdims), out=out)
            kernel = kernels.ufuncs[f"{self.name}_weighted"]
            return kernel(array, factors, axis=axes[0], keepdims=bool(keepdims), out=out)
        if factors is None:
            result = self.ufunc(rows_last(array, axes))
        else:
            result = kernels.ufuncs[f"{self.name}_weighted"](rows_last(array, axes), rows_last(factors, axes))
        result = np.asarray(result).reshape(shape)
        return into(out, result) if out is not None else result[()]

    def _backward(
        self,
        upstream: Any,
        x: Any,
        *,
        axis: Axis,
        weights: Any = None,
        keepdims: bool = False,
        where: Any = None,
        out: Any = None,
    ) -> Any:
        array, factors, mask = self._masked(x, weights, where)
        array = as_working(array, array)
        axes = self._axes(axis, array.ndim)
        self._check_out(out, array.shape)
        shape = self._shape(array.shape, axes, {"keepdims": keepdims})
        gradient = self._spread("upstream", self._array("upstream", upstream, array), shape)
        gradient = gradient.reshape(self._shape(array.shape, axes, {}))
        operands = [array] if factors is None else [array, factors]
        kernel = kernels.ufuncs[f"{self.name}_backward" if factors is None else f"{self.name}_weighted_backward"]
        if len(axes) == 1:
            result = kernel(gradient, *operands, axis=axes[0], out=laid_out(array, axes[0], out))
        else:
            rows = kernel(gradient, *(rows_last(a, axes) for a in operands))
            result = into(out, rows_back(rows, array.shape, axes))
        if mask is not None:
            np.copyto(result, 0.0, where=~mask)
        return result


class SplitFunction(AxisFunction[P]):
    """A function that doubles the axis: crelu."""

    def _shape(self, shape: tuple[int, ...], axes: tuple[int, ...], keywords: Mapping[str, Any]) -> tuple[int, ...]:
        return tuple(2 * n if k in axes else n for k, n in enumerate(shape))

    def _value(self, x: Any, *, axis: Axis, out: Any = None) -> Any:
        array = self._array("x", x)
        axes = self._axes(axis, array.ndim)
        shape = self._shape(array.shape, axes, {})
        self._check_out(out, shape)
        result = np.empty(shape, working_dtype(array)) if out is None else out
        self.ufunc(array, axis=axes[0], out=halves(result, axes[0]))
        return result

    def _backward(self, upstream: Any, x: Any, *, axis: Axis, out: Any = None) -> Any:
        array = self._array("x", x)
        axes = self._axes(axis, array.ndim)
        self._check_out(out, array.shape)
        shape = self._shape(array.shape, axes, {})
        gradient = self._spread("upstream", self._array("upstream", upstream, array), shape)
        first, second = halves(gradient, axes[0])
        out = laid_out(array, axes[0], out)
        return kernels.ufuncs["crelu_backward"](first, second, as_working(array, array), axis=axes[0], out=out)


class GatedFunction(AxisFunction[P]):
    """A function that halves the axis, one half being the gate of the other: glu and its kin."""

    def _shape(self, shape: tuple[int, ...], axes: tuple[int, ...], keywords: Mapping[str, Any]) -> tuple[int, ...]:
        return tuple(n // 2 if k in axes else n for k, n in enumerate(shape))

    def _direct(self, x: NDArray[Any], axis: int, out: Any) -> Any:
        if x.shape[axis] % 2:
            return self._value(x, axis=axis)
        first, second = halves(x, axis)
        self._check_out(out, first.shape)
        return self.ufunc(first, second, axis=axis, out=laid_out(first, axis, out))

    def _operands(self, x: Any, axis: Axis) -> tuple[NDArray[Any], int]:
        array = self._array("x", x)
        place = self._axes(axis, array.ndim)[0]
        if array.shape[place] % 2:
            raise ValueError(
                f"{self.name}: axis {place} must have an even length, for it holds two halves; got {array.shape[place]}"
            )
        return as_working(array, array), place

    def _value(self, x: Any, *, axis: Axis, out: Any = None) -> Any:
        array, place = self._operands(x, axis)
        shape = self._shape(array.shape, (place,), {})
        self._check_out(out, shape)
        first, second = halves(array, place)
        return self.ufunc(first, second, axis=place, out=laid_out(first, place, out))

    def _backward(self, upstream: Any, x: Any, *, axis: Axis, out: Any = None) -> Any:
        array, place = self._operands(x, axis)
        self._check_out(out, array.shape)
        shape = self._shape(array.shape, (place,), {})
        gradient = self._spread("upstream", self._array("upstream", upstream, array), shape)
        result = np.empty_like(array) if out is None else out
        kernel = kernels.ufuncs[f"{self.name}_backward"]
        kernel(gradient, *halves(array, place), axis=place, out=halves(result, place))
        return result


class PoolingFunction(AxisFunction[P]):
    """A function that leaves one of every few entries that follow each other: maxout."""

    def _shape(self, shape: tuple[int, ...], axes: tuple[int, ...], keywords: Mapping[str, Any]) -> tuple[int, ...]:
        pieces = keywords.get("pieces", 2)
        return tuple(n // pieces if k in axes else n for k, n in enumerate(shape))

    def _groups(self, x: Any, axis: Axis, pieces: Any) -> tuple[NDArray[Any], tuple[int, ...], int]:
        """The array, the shape in which its groups have an axis of their own, and the axis of the groups."""
        if type(pieces) is not int and not isinstance(pieces, np.integer):
            raise TypeError(f"{self.name}: pieces must be an integer, got {pieces!r}")
        if pieces < 1:
            raise ValueError(f"{self.name}: pieces must be at least 1, got {pieces}")
        array = self._array("x", x)
        place = self._axes(axis, array.ndim)[0]
        size = array.shape[place]
        if size % pieces:
            raise ValueError(f"{self.name}: axis {place} must have a multiple of pieces={pieces} entries, got {size}")
        return array, (*array.shape[:place], size // pieces, int(pieces), *array.shape[place + 1 :]), place

    def _value(self, x: Any, *, axis: Axis, pieces: Any, out: Any = None) -> Any:
        array, shape, place = self._groups(x, axis, pieces)
        self._check_out(out, (*shape[: place + 1], *shape[place + 2 :]))
        return self.ufunc(array.reshape(shape), axis=place + 1, out=out)  # to split an axis needs no copy

    def _backward(self, upstream: Any, x: Any, *, axis: Axis, pieces: Any, out: Any = None) -> Any:
        array, shape, place = self._groups(x, axis, pieces)
        self._check_out(out, array.shape)
        gradient = self._spread(
            "upstream", self._array("upstream", upstream, array), (*shape[: place + 1], *shape[place + 2 :])
        )
        result = np.empty_like(array, dtype=working_dtype(array)) if out is None else out
        groups = as_working(array, array).reshape(shape)
        kernels.ufuncs[f"{self.name}_backward"](gradient, groups, axis=place + 1, out=result.reshape(shape))
        return result


def sum_function(facts: AxisFacts) -> Callable[[Function[P]], SumFunction[P]]:
    """Turn a documented signature into a :class:`SumFunction`."""
    return lambda function: SumFunction(function, facts)


def split_function(facts: AxisFacts) -> Callable[[Function[P]], SplitFunction[P]]:
    """Turn a documented signature into a :class:`SplitFunction`."""
    return lambda function: SplitFunction(function, facts)


def gated_function(facts: AxisFacts) -> Callable[[Function[P]], GatedFunction[P]]:
    """Turn a documented signature into a :class:`GatedFunction`."""
    return lambda function: GatedFunction(function, facts)


def pooling_function(facts: AxisFacts) -> Callable[[Function[P]], PoolingFunction[P]]:
    """Turn a documented signature into a :class:`PoolingFunction`."""
    return lambda function: PoolingFunction(function, facts)
