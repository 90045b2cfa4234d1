"""Functions whose rows are probabilities, logarithms of them or choices: the classes behind softmax and its kin."""

from __future__ import annotations

from collections.abc import Callable
from math import inf
from typing import Any, Concatenate, ParamSpec

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import containers, kernels
from .entries import as_working, is_like, working_dtype
from .entries_axis import (
    Axis,
    AxisFacts,
    AxisFunction,
    DenseFunction,
    Out,
    into,
    laid_out,
    rows_back,
    rows_last,
)

P = ParamSpec("P")
Function = Callable[Concatenate[ArrayLike, P], Any]


class NormalisedFunction(DenseFunction[P]):
    """A function whose rows are probabilities or their logarithms: softmax and log_softmax."""

    takes_tuples = True
    _family = ""  # whose kernels are used, if not those of its own name
    _sign = 1.0  # of the temperature that they are given
    _hidden = -inf  # an entry that does not count
    _excluded = 0.0  # what an entry outside `where` gets
    _direct = DenseFunction._same_shape_direct

    def backward_from_output(
        self,
        upstream: ArrayLike,
        y: ArrayLike,
        /,
        axis: Axis = -1,
        *,
        temperature: float = 1.0,
        where: ArrayLike | None = None,
        out: Out = None,
    ) -> Any:
        """The same gradient as ``backward``, from the value `y`, so that `x` need not be stored.

        Where `y` was computed with a mask, pass it too: what is excluded has no gradient. The digits that `y` has
        lost stay lost: where a probability was rounded to 1, ``backward`` still knows by how
        much it was less.
        """
        options = {"temperature": temperature, "where": where, "out": out}
        return self._serve(self._backward_from_output, (upstream, y), (axis,), options)

    def _value(
        self, x: Any, *, axis: Axis, temperature: Any = 1.0, where: Any = None, out: Any = None
    ) -> Any:
        array = self._array("x", x)
        axes = self._axes(axis, array.ndim)
        degree = self._temperature(temperature)
        mask = self._mask(where, array.shape)
        self._check_out(out, array.shape)
        if mask is not None:
            array = np.where(mask, array, array.dtype.type(self._hidden) if array.dtype.kind == "f" else self._hidden)
        if len(axes) == 1:
            result = self._kernel(array, degree, axis=axes[0], out=out)
        else:
            rows = self._kernel(rows_last(array, axes), degree, axis=-1, out=None)
            result = into(out, rows_back(rows, array.shape, axes))
        if mask is not None:
            np.copyto(result, self._excluded, where=~mask)
        return result if out is not None else result[()]

    def _kernel(self, array: NDArray[Any], temperature: float, *, axis: int, out: Out) -> Any:
        out = laid_out(array, axis, out)
        if temperature == 1.0:
            return self.ufunc(array, axis=axis, out=out)
        return kernels.ufuncs[f"{self._family or self.name}_scaled"](
            array, np.asarray(self._sign * temperature), axis=axis, out=out
        )

    def _backward(
        self, upstream: Any, x: Any, *, axis: Axis, temperature: Any = 1.0, where: Any = None, out: Any = None
    ) -> Any:
        array = self._array("x", x)
        return self._pull_back("backward", upstream, array, self._hidden, axis, temperature, where, out)

    def _backward_from_output(
        self, upstream: Any, y: Any, *, axis: Axis, temperature: Any = 1.0, where: Any = None, out: Any = None
    ) -> Any:
        array = self._array("y", y)
        return self._pull_back(
            "backward_from_output", upstream, array, self._excluded, axis, temperature, where, out
        )

    def _pull_back(
        self,
        kind: str,
        upstream: Any,
        array: NDArray[Any],
        excluded: float,
        axis: Axis,
        temperature: Any,
        where: Any,
        out: Any,
    ) -> Any:
        """The gradient by a kernel that takes `upstream` and `array`, which is `excluded` where nothing counts."""
        kernel = kernels.ufuncs[f"{self._family or self.name}_{kind}"]
        axes = self._axes(axis, array.ndim)
        degree = self._sign * self._temperature(temperature)
        mask = self._mask(where, array.shape)
        self._check_out(out, array.shape)
        gradient = self._spread("upstream", self._array("upstream", upstream, array), array.shape)
        array = as_working(array, array)
        if mask is not None:
            array = np.where(mask, array, array.dtype.type(excluded))
            gradient = np.where(mask, gradient, array.dtype.type(0))
        if len(axes) == 1:
            result = kernel(gradient, array, np.asarray(degree), axis=axes[0], out=laid_out(array, axes[0], out))
        else:
            rows = kernel(rows_last(gradient, axes), rows_last(array, axes), degree)
            result = into(out, rows_back(rows, array.shape, axes))
        if mask is not None:
            np.copyto(result, 0.0, where=~mask)
        return result if out is not None else result[()]


class LogarithmicFunction(NormalisedFunction[P]):
    """log_softmax: what is excluded has probability 0, whose logarithm is -inf."""

    _excluded = -inf


class MirroredFunction(NormalisedFunction[P]):
    """softmin: softmax at the temperature with the other sign."""

    _family = "softmax"
    _sign = -1.0
    _hidden = inf


class SparseFunction(DenseFunction[P]):
    """A function whose rows are probabilities, some of them 0: sparsemax and entmax15."""

    _direct = DenseFunction._same_shape_direct

    def backward_from_output(
        self, upstream: ArrayLike, y: ArrayLike, /, axis: Axis = -1, *, out: Out = None
    ) -> Any:
        """The same gradient as ``backward``, from the value `y`, so that `x` need not be stored.

        The entries that count are those where `y` is not 0.
        """
        return self._serve(self._backward_from_output, (upstream, y), (axis,), {"out": out})

    def _value(self, x: Any, *, axis: Axis, out: Any = None) -> Any:
        return self._same_shape(x, axis=axis, out=out)

    def _backward(self, upstream: Any, x: Any, *, axis: Axis, out: Any = None) -> Any:
        return self._pull_back("backward", upstream, self._array("x", x), axis, out)

    def _backward_from_output(self, upstream: Any, y: Any, *, axis: Axis, out: Any = None) -> Any:
        return self._pull_back("backward_from_output", upstream, self._array("y", y), axis, out)

    def _pull_back(self, kind: str, upstream: Any, array: NDArray[Any], axis: Axis, out: Any) -> Any:
        axes = self._axes(axis, array.ndim)
        self._check_out(out, array.shape)
        gradient = self._spread("upstream", self._array("upstream", upstream, array), array.shape)
        kernel = kernels.ufuncs[f"{self.name}_{kind}"]
        out = laid_out(array, axes[0], out)
        return kernel(gradient, as_working(array, array), axis=axes[0], out=out)


def unshared(out: Out, upstream: Any) -> Out:
    """`out`, unless what is written there early would be read as the upstream gradient later."""
    shares = isinstance(upstream, np.ndarray) and out is not None and np.may_share_memory(out, upstream)
    return None if shares else out


class SampledFunction(AxisFunction[P]):
    """A random one-hot row, or nearly one: gumbel_softmax."""

    offers = {**AxisFunction.offers, "backward_from_output": "derivative_definition"}

    def sample_noise(self, shape: int | tuple[int, ...], rng: np.random.Generator) -> NDArray[np.float64]:
        """Noise for one pass, of the given shape, drawn from `rng`; for the keyword `noise`.

        Standard Gumbel variables ``-log(-log(u))``. The uniform `u` has 64 random bits and as many digits beside 1 as
        beside 0: the noise lies between -3.81 and 45.06, and is never infinite.
        """
        if not isinstance(rng, np.random.Generator):
            raise TypeError(f"{self.name}: rng must be a numpy.random.Generator, got {rng!r}")
        # an integer k stands for u = (k + 1/2)/2**64, a negative one for u - 1
        integers = np.asarray(rng.integers(-(2**63), 2**63, shape, np.int64))
        uniform = (integers.astype(np.float64) + 0.5) * 2.0**-64
        noise: NDArray[np.float64] = np.asarray(kernels.ufuncs["standard_gumbel"](uniform))
        return noise

    def backward_from_output(
        self,
        upstream: ArrayLike,
        y: ArrayLike,
        /,
        axis: Axis = -1,
        *,
        temperature: float = 1.0,
        out: Out = None,
    ) -> Any:
        """The same gradient as ``backward``, from the soft sample `y`: neither `x` nor the noise need be stored.

        A hard sample does not say how soft it was: its gradient needs ``backward`` with the noise.
        """
        return self._serve(self._backward_from_output, (upstream, y), (axis,), {"temperature": temperature, "out": out})

    def _serve(self, compute: Callable[..., Any], arrays: tuple[Any, ...], args: Any, keywords: Any) -> Any:
        if keywords.get("rng") is not None and containers.library(arrays[-1]) == "dask":
            # one noise for the whole array, whatever its chunks
            keywords = {**keywords, "noise": self.sample_noise(arrays[-1].shape, keywords["rng"]), "rng": None}
        return super()._serve(compute, arrays, args, keywords)

    def _perturbed(self, array: NDArray[Any], rng: Any, noise: Any, out: Out = None) -> NDArray[Any]:
        """`array` and noise added, in `out` if that has the dtype; float16 in float32."""
        if (rng is None) == (noise is None):
            raise TypeError(f"{self.name}: one of rng (a numpy.random.Generator) and noise must be given")
        working = working_dtype(array)
        kind = np.dtype(np.float32) if working == np.float16 else working
        added = self.sample_noise(array.shape, rng) if noise is None else self._array("noise", noise)
        result = np.empty_like(array, dtype=kind) if out is None or out.dtype != kind else out
        if added.ndim:
            added = self._spread("noise", added, array.shape)
        with np.errstate(all="ignore"):
            if not added.ndim:
                added = added.astype(kind)
            # what is of another dtype is cast a block at a time
            return np.add(array, added, out=result, dtype=kind, casting="unsafe")

    def _value(
        self,
        x: Any,
        *,
        axis: Axis,
        temperature: Any = 1.0,
        hard: bool = False,
        rng: Any = None,
        noise: Any = None,
        out: Any = None,
    ) -> Any:
        array = self._array("x", x)
        axes = self._axes(axis, array.ndim)
        degree = self._temperature(temperature)
        self._check_out(out, array.shape)
        rows = self._perturbed(array, rng, noise, out)
        kernel, options = (kernels.ufuncs["hardmax"], ()) if hard else (self.ufunc, (np.asarray(degree),))
        return self._finished(kernel(rows, *options, axis=axes[0], out=rows), array, out)

    def _backward(
        self,
        upstream: Any,
        x: Any,
        *,
        axis: Axis,
        temperature: Any = 1.0,
        hard: bool = False,
        rng: Any = None,
        noise: Any = None,
        out: Any = None,
    ) -> Any:
        array = self._array("x", x)
        self._check_out(out, array.shape)
        rows = self._perturbed(array, rng, noise, unshared(out, upstream))
        target = rows if out is None or out.dtype != rows.dtype else out
        return self._pull_back("backward", upstream, rows, array, axis, temperature, out, target)

    def _backward_from_output(
        self, upstream: Any, y: Any, *, axis: Axis, temperature: Any = 1.0, out: Any = None
    ) -> Any:
        array = self._array("y", y)
        rows = as_working(array, array)
        return self._pull_back("backward_from_output", upstream, rows, array, axis, temperature, out, None)

    def _pull_back(
        self,
        kind: str,
        upstream: Any,
        rows: NDArray[Any],
        array: NDArray[Any],
        axis: Axis,
        temperature: Any,
        out: Any,
        target: Out,
    ) -> Any:
        """The gradient by a kernel that writes to `target`, a new array if that is None."""
        axes = self._axes(axis, array.ndim)
        self._check_out(out, array.shape)
        gradient = self._spread("upstream", self._array("upstream", upstream, rows), array.shape)
        kernel = kernels.ufuncs[f"softmax_{kind}"]
        degree = np.asarray(self._temperature(temperature))
        result = kernel(gradient, rows, degree, axis=axes[0], out=laid_out(rows, axes[0], target))
        return self._finished(result, array, out)

    def _finished(self, result: NDArray[Any], array: NDArray[Any], out: Out) -> Any:
        return result if result is out else as_working(result, array) if out is None else into(out, result)


class ChoiceFunction(AxisFunction[P]):
    """A function that is piecewise constant: hardmax."""

    _direct = AxisFunction._same_shape_direct

    def _value(self, x: Any, *, axis: Axis, out: Any = None) -> Any:
        return self._same_shape(x, axis=axis, out=out)

    def _backward(self, upstream: Any, x: Any, *, axis: Axis, out: Any = None) -> Any:
        array = self._array("x", x)
        gradient = self._spread("upstream", self._array("upstream", upstream, array), array.shape)
        self._check_out(out, array.shape)
        place = unshared(out, upstream)
        slope = self._value(array, axis=axis, out=place if is_like(place, array) else None)
        with np.errstate(all="ignore"):
            slope *= 0  # NaN where a row has one
            slope *= gradient
        return slope if slope is out else into(out, slope)


def normalised_function(facts: AxisFacts) -> Callable[[Function[P]], NormalisedFunction[P]]:
    """Turn a documented signature into a :class:`NormalisedFunction`."""
    return lambda function: NormalisedFunction(function, facts)


def logarithmic_function(facts: AxisFacts) -> Callable[[Function[P]], LogarithmicFunction[P]]:
    """Turn a documented signature into a :class:`LogarithmicFunction`."""
    return lambda function: LogarithmicFunction(function, facts)


def mirrored_function(facts: AxisFacts) -> Callable[[Function[P]], MirroredFunction[P]]:
    """Turn a documented signature into a :class:`MirroredFunction`."""
    return lambda function: MirroredFunction(function, facts)


def sparse_function(facts: AxisFacts) -> Callable[[Function[P]], SparseFunction[P]]:
    """Turn a documented signature into a :class:`SparseFunction`."""
    return lambda function: SparseFunction(function, facts)


def sampled_function(facts: AxisFacts) -> Callable[[Function[P]], SampledFunction[P]]:
    """Turn a documented signature into a :class:`SampledFunction`."""
    return lambda function: SampledFunction(function, facts)


def choice_function(facts: AxisFacts) -> Callable[[Function[P]], ChoiceFunction[P]]:
    """Turn a documented signature into a :class:`ChoiceFunction`."""
    return lambda function: ChoiceFunction(function, facts)
