"""What a loss of several arrays is, each of which has a gradient: rankings, and vectors that are to be near or far.

Checks and shapes; the arithmetic is in :mod:`actlib.kernels`, the losses are in :mod:`actlib.losses`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import prod
from typing import Any, ParamSpec

import numpy as np
from numpy.typing import NDArray

from . import kernels
from .entries import typeset
from .kernels.calls import is_readable
from .loss_entry import (
    ANY,
    COMMON,
    GRADIENT,
    HESSIAN,
    SIGNS,
    VALUE,
    VALUE_AND_GRADIENT,
    Loss,
    LossFacts,
    deliver,
    result_dtype,
)

P = ParamSpec("P")
Outs = tuple[NDArray[Any], ...] | None

# The domains of two arrays, a target of -1 or +1, and parameters
SIGNED_TARGET = (ANY, ANY, SIGNS, ANY, ANY, ANY)


class PairLoss(Loss[P]):
    """A loss of two or three arrays of one shape, with a gradient for each of them, and perhaps a target of -1 or +1.

    Results have the common dtype of these arrays, where integers and booleans count as float64. Where the target is a
    single number it holds for all pairs; nothing else is broadcast.

    Attributes
    ----------
    gradient_definitions : dict of str
        For each argument that has a gradient the derivative with respect to it, or to its entry `j`;
        ``gradient_definition`` is the first of them.
    """

    def __init__(self, function: Callable[P, Any], facts: LossFacts) -> None:
        super().__init__(function, facts)
        self.gradient_definitions = dict(facts.gradient_definitions)
        self.gradient_definition = next(iter(self.gradient_definitions.values()))
        self._names = [name for name in self.__signature__.parameters if name not in self._keywords]

    @property
    def gradient_latex(self) -> str:
        return typeset(self.gradient_definition)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> Any:
        return self._run(VALUE, args, kwargs)[0]

    def gradient(self, *args: P.args, **kwargs: P.kwargs) -> Any:
        """The tuple of the gradients of the reduced value with respect to each of the arrays but the target."""
        return self._run(GRADIENT, args, kwargs)[1]

    def value_and_gradient(self, *args: P.args, **kwargs: P.kwargs) -> tuple[Any, Any]:
        """The pair of the value and the tuple of gradients; ``out`` is a tuple of arrays for these."""
        return self._run(VALUE_AND_GRADIENT, args, kwargs)

    def _run(self, wanted: int, args: tuple[Any, ...], keywords: Mapping[str, Any]) -> tuple[Any, Any]:
        raise NotImplementedError

    # ------------------------------------------------------------------------------------ what the runs share

    def _read(
        self, wanted: int, args: tuple[Any, ...], keywords: Mapping[str, Any]
    ) -> tuple[list[NDArray[Any]], NDArray[Any] | None, np.dtype[Any], dict[str, Any]]:
        """The arrays, the target if there is one, the dtype of results, and all keywords with their values."""
        if len(args) == len(self._names) and all(map(is_readable, args)):
            arrays, options = list(args), self._options(wanted, (), keywords)
        else:
            arrays, options = self._converted(wanted, args, keywords)
        target = arrays.pop() if self._names[-1] == "target" else None
        dtype, shape = result_dtype(arrays[0]), arrays[0].shape
        for name, array in zip(self._names[1:], arrays[1:], strict=False):
            if array.shape != shape:
                raise ValueError(
                    f"{self.name}: {name} must have the shape of {self._names[0]} {shape}, got {array.shape}"
                )
            if array.dtype != dtype:
                dtype = np.result_type(dtype, result_dtype(array))
        return arrays, target, dtype, options

    def _converted(
        self, wanted: int, args: tuple[Any, ...], keywords: Mapping[str, Any]
    ) -> tuple[list[NDArray[Any]], dict[str, Any]]:
        """All arrays, which may be anything and come by keyword, and all keywords with their values."""
        given, rest = list(args), dict(keywords)
        if len(given) > len(self._names):
            raise TypeError(
                f"{self.name}: parameters go by keyword, expected {', '.join(self._names)} by position, "
                f"got {len(given)} arguments"
            )
        self._refuse_missing(self._names[len(given) :], rest)
        given += [rest.pop(name) for name in self._names[len(given) :]]
        options = self._options(wanted, (), rest)
        arrays = [self._array(name, value) for name, value in zip(self._names, given, strict=True)]
        axis = self._axis(options["axis"], self._names[0], arrays[0], "vectors") if "axis" in options else None
        self._refuse_other_labels(dict(zip(self._names, given, strict=True)), options, axis)
        return arrays, options

    def _refuse_shape(self, target: NDArray[Any], shape: tuple[int, ...]) -> None:
        if target.ndim and target.shape != shape:
            raise ValueError(
                f"{self.name}: target must have the shape of the unreduced loss {shape} or be a single number, "
                f"got shape {target.shape}"
            )

    def _check_target(self, target: NDArray[Any], shape: tuple[int, ...]) -> None:
        self._refuse_shape(target, shape)
        total = np.empty(())
        if not kernels.losses["plain"](False, VALUE, (target,), (SIGNS,), None, None, None, total, 1.0):
            self._check("target", target, SIGNS)

    def _outs(self, out: Any, arrays: list[NDArray[Any]], dtype: np.dtype[Any], apart: list[Any]) -> list[NDArray[Any]]:
        """Arrays that the kernel writes the gradients to: those of `out`, where they overlap nothing that matters."""
        if out is None:
            return [np.empty(array.shape, dtype) for array in arrays]
        if not isinstance(out, tuple) or len(out) != len(arrays):
            raise TypeError(f"{self.name}: out must be a tuple of {len(arrays)} arrays, got {out!r}")
        found: list[NDArray[Any]] = []
        for array, one in zip(arrays, out, strict=True):
            found.append(self._gradient_array(one, array, dtype, arrays, [*apart, *found]))
        return found

    def _deliver(self, gradients: list[NDArray[Any]], out: Any, divisor: float) -> tuple[Any, ...]:
        if divisor == 0.0:
            for gradient in gradients:
                gradient[...] = 0.0
        return tuple(
            deliver(gradient, one) for gradient, one in zip(gradients, out or [None] * len(gradients), strict=True)
        )


class RankingLoss(PairLoss[P]):
    """A loss of each pair of numbers by itself: a function of their difference, with a second derivative.

    Attributes
    ----------
    hessian_definition : str
        The second derivative with respect to either of the two.
    """

    offers = {**PairLoss.offers, "hessian_diagonal": "hessian_definition"}

    def __init__(self, function: Callable[P, Any], facts: LossFacts) -> None:
        super().__init__(function, facts)
        self.hessian_definition = facts.hessian_definition

    def hessian_diagonal(self, *args: P.args, **kwargs: P.kwargs) -> Any:
        """The tuple of the second derivatives of the reduced value with respect to each entry of the two arrays."""
        return self._run(HESSIAN, args, kwargs)[1]

    def _run(self, wanted: int, args: tuple[Any, ...], keywords: Mapping[str, Any]) -> tuple[Any, Any]:
        arrays, target, dtype, options = self._read(wanted, args, keywords)
        shape = arrays[0].shape
        assert target is not None
        self._refuse_shape(target, shape)
        numbers = [self._number(name, options[name], dtype) for name in self.parameters]
        weight, counted = None, float(arrays[0].size)
        if options["sample_weight"] is not None:
            weight, counted = self._sample_weight(options["sample_weight"], shape, options["reduction"])
        divisor = self._divisor(options["reduction"], counted, shape)
        value = total = gradients = None
        if wanted != VALUE:
            gradients = self._outs(options["out"], arrays, dtype, [target, weight])
        if wanted in (VALUE, VALUE_AND_GRADIENT):
            value = np.empty(shape if options["reduction"] == "none" else (), dtype)
            value, total = (value, None) if options["reduction"] == "none" else (None, value)
        first, second = gradients or (None, None)
        if not kernels.losses[self.name](
            dtype.itemsize < 8, wanted, (*arrays, target, *numbers), SIGNED_TARGET, weight, value, first, total,
            divisor, options["out"] is not None, second,
        ):  # fmt: skip
            self._check("target", target, SIGNS)
        result = value if total is None else total
        return (
            None if result is None else result[()],
            self._deliver(gradients, options["out"], divisor) if gradients else None,
        )


class VectorLoss(PairLoss[P]):
    """A loss of vectors, which lie along `axis` of the arrays. It has no Hessian diagonal: entries act together."""

    common = (*COMMON, "axis")

    def _run(self, wanted: int, args: tuple[Any, ...], keywords: Mapping[str, Any]) -> tuple[Any, Any]:
        arrays, target, dtype, options = self._read(wanted, args, keywords)
        axis = self._axis(options["axis"], self._names[0], arrays[0], "vectors")
        shape = arrays[0].shape[:axis] + arrays[0].shape[axis + 1 :]
        if target is not None:
            self._check_target(target, shape)
            target = np.ascontiguousarray(np.broadcast_to(target, shape), dtype=np.float64)
        numbers = tuple(float(self._parameter(name, options[name], dtype)) for name in self.parameters)
        weight, counted = None, float(prod(shape))
        if options["sample_weight"] is not None:
            found, counted = self._sample_weight(options["sample_weight"], shape, options["reduction"])
            weight = np.ascontiguousarray(found, dtype=np.float64)
        reduction = options["reduction"]
        divisor = self._divisor(reduction, counted, shape)
        values = np.empty(shape) if wanted != GRADIENT else None
        gradients = self._outs(options["out"], arrays, dtype, [target, weight]) if wanted != VALUE else []
        vectors = tuple(_axis_last(self._in(array, dtype), axis) for array in arrays)
        kernels.losses[self.name](
            dtype.itemsize < 8, wanted, vectors, target, numbers, weight, divisor, values,
            tuple(_axis_last(gradient, axis) for gradient in gradients),
        )  # fmt: skip
        value = None
        if values is not None:
            value = np.empty(shape if reduction == "none" else (), dtype)
            one, all_ = (value, None) if reduction == "none" else (None, value)
            kernels.losses["plain"](dtype.itemsize < 8, VALUE, (values,), (ANY,), weight, one, None, all_, divisor)
            value = value[()]
        return value, self._deliver(gradients, options["out"], divisor) if gradients else None

    @staticmethod
    def _in(array: NDArray[Any], dtype: np.dtype[Any]) -> NDArray[Any]:
        """The array in a type that the kernels read beside results of this dtype."""
        return array if array.dtype.kind != "f" and dtype == np.float64 else array.astype(dtype, copy=False)

    def _parameter(self, name: str, value: Any, dtype: np.dtype[Any]) -> float:
        if isinstance(self.parameters[name].default, bool):
            if not isinstance(value, (bool, np.bool_)):
                raise TypeError(f"{self.name}: {name} must be True or False, got {value!r}")
            return float(value)
        return self._number(name, value, dtype)


def _axis_last(array: NDArray[Any], axis: int) -> NDArray[Any]:
    return array if axis == array.ndim - 1 else np.moveaxis(array, axis, -1)


def ranking_loss(facts: LossFacts) -> Callable[[Callable[P, Any]], RankingLoss[P]]:
    """Turn a documented signature into a loss of pairs of numbers."""
    return lambda function: RankingLoss(function, facts)


def vector_loss(facts: LossFacts) -> Callable[[Callable[P, Any]], VectorLoss[P]]:
    """Turn a documented signature into a loss of vectors."""
    return lambda function: VectorLoss(function, facts)
