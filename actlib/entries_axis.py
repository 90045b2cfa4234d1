"""What a function along an axis is: the classes behind :mod:`actlib.axis`. Checks and shapes; no arithmetic."""

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
from .entries import REALS, Entry, Interval, Parameter, Ulp, as_working, real_array, refuse, typeset, working_dtype

P = ParamSpec("P")
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
            name: Parameter(None if name in self._required else default, facts.parameters[name])
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
        if type(x) is np.ndarray and not (args or kwargs or self._required) and x.dtype.char in "fd" and x.ndim:
            return self._plain(x)
        return self._serve(self._value, (x,), args, kwargs)

    def backward(self, upstream: ArrayLike, x: ArrayLike, /, *args: P.args, **kwargs: P.kwargs) -> Any:
        """The gradient with respect to `x`, from `upstream`, the gradient with respect to the value at `x`.

        `upstream` has the shape of the value (or broadcasts to it); axis and keywords are those of the call. The
        result has the shape and dtype of `x`.
        """
        return self._serve(self._backward, (upstream, x), args, kwargs)

    # ------------------------------------------------------------------------------------------- for subclasses

    takes_tuples = False  # whether the axis may be a tuple

    def _plain(self, x: NDArray[Any]) -> Any:
        """The value along the last axis of a float array, with no keywords."""
        return self.ufunc(x)

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
        library = containers.library(x)
        if library == "pandas":
            return containers.on_pandas(self.name, compute, arrays, axis, options)
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
        options = dict(keywords)
        if len(args) > 1 or (args and "axis" in options):
            raise TypeError(f"{self.name}: one axis is expected after the array, the rest by keyword; got {args!r}")
        axis = args[0] if args else options.pop("axis", -1)
        self._refuse_unknown(options.keys() - self._keywords.keys(), ["axis", *self._keywords])
        for name in self._required:
            if name not in options:
                raise TypeError(f"{self.name}: the keyword {name} must be given")
        return axis, options

    def _axes(self, axis: Any, ndim: int) -> tuple[int, ...]:
        """The axes as distinct numbers in [0, ndim)."""
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
        mask = np.asarray(where)
        if mask.dtype != np.bool_:
            raise TypeError(f"{self.name}: where must hold booleans, got dtype {mask.dtype}")
        return self._spread("where", mask, shape)

    def _temperature(self, value: Any) -> float:
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
        self._check_out(out, array.shape)
        return self.ufunc(array, axis=axes[0], out=_laid_out(array, axes[0], out))

    def _check_out(self, out: Any, shape: tuple[int, ...]) -> None:
        if out is None:
            return
        if not isinstance(out, np.ndarray):
            raise TypeError(f"{self.name}: out must be an ndarray, got {type(out).__name__}")
        if out.shape != shape:
            raise ValueError(f"{self.name}: out must have shape {shape}, got {out.shape}")


def _rows_last(array: NDArray[Any], axes: tuple[int, ...]) -> NDArray[Any]:
    """The `axes` of `array` as one last axis."""
    moved = np.moveaxis(array, axes, range(-len(axes), 0)) if axes else array
    return moved.reshape(*moved.shape[: array.ndim - len(axes)], prod(array.shape[k] for k in axes))


def _laid_out(array: NDArray[Any], axis: int, out: Out) -> Out:
    """`out`, or for an axis that is not the last a new array that lies in memory as `array` does: on its own, NumPy
    would put the entries of a row side by side."""
    if out is not None or axis == array.ndim - 1:
        return out
    return np.empty_like(array, dtype=working_dtype(array))


def _halves(array: NDArray[Any], axis: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """The two halves of an axis, as views."""
    size = array.shape[axis] // 2
    before = (slice(None),) * axis
    return array[(*before, slice(None, size))], array[(*before, slice(size, None))]


def _rows_back(rows: NDArray[Any], shape: tuple[int, ...], axes: tuple[int, ...]) -> NDArray[Any]:
    """Undo :func:`_rows_last` on an array that had `shape`."""
    moved = rows.reshape((*rows.shape[:-1], *(shape[k] for k in axes)))
    return np.moveaxis(moved, range(-len(axes), 0), axes) if axes else moved


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



class NormalisedFunction(DenseFunction[P]):
    """A function whose rows are probabilities or their logarithms: softmax and log_softmax."""

    takes_tuples = True
    _family = ""  # whose kernels are used, if not those of its own name
    _sign = 1.0  # of the temperature that they are given
    _hidden = -inf  # an entry that does not count
    _excluded = 0.0  # what an entry outside `where` gets

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
            rows = self._kernel(_rows_last(array, axes), degree, axis=-1, out=None)
            result = _into(out, _rows_back(rows, array.shape, axes))
        if mask is not None:
            np.copyto(result, self._excluded, where=~mask)
        return result if out is not None else result[()]

    def _kernel(self, array: NDArray[Any], temperature: float, *, axis: int, out: Out) -> Any:
        out = _laid_out(array, axis, out)
        if temperature == 1.0:
            return self.ufunc(array, axis=axis, out=out)
        return kernels.ufuncs[f"{self._family or self.name}_scaled"](
            array, self._sign * temperature, axis=axis, out=out
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
            result = kernel(gradient, array, degree, axis=axes[0], out=_laid_out(array, axes[0], out))
        else:
            rows = kernel(_rows_last(gradient, axes), _rows_last(array, axes), degree)
            result = _into(out, _rows_back(rows, array.shape, axes))
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
        out = _laid_out(array, axes[0], out)
        return kernel(gradient, as_working(array, array), axis=axes[0], out=out)


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

    def _perturbed(self, array: NDArray[Any], rng: Any, noise: Any) -> NDArray[Any]:
        """`array` and noise added; float16 in float32."""
        if (rng is None) == (noise is None):
            raise TypeError(f"{self.name}: one of rng (a numpy.random.Generator) and noise must be given")
        kind = np.float32 if array.dtype == np.float16 else working_dtype(array)
        added = self.sample_noise(array.shape, rng) if noise is None else self._array("noise", noise)
        perturbed: NDArray[Any] = array.astype(kind) + self._spread("noise", added, array.shape).astype(kind)
        return perturbed

    def _plain(self, x: NDArray[Any]) -> Any:
        return self._value(x, axis=-1)

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
        rows = self._perturbed(array, rng, noise)
        kernel, options = (kernels.ufuncs["hardmax"], ()) if hard else (self.ufunc, (degree,))
        return self._finished(kernel(rows, *options, axis=axes[0], out=_laid_out(rows, axes[0], None)), array, out)

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
        rows = self._perturbed(array, rng, noise)
        return self._pull_back("backward", upstream, rows, array, axis, temperature, out)

    def _backward_from_output(
        self, upstream: Any, y: Any, *, axis: Axis, temperature: Any = 1.0, out: Any = None
    ) -> Any:
        array = self._array("y", y)
        rows = as_working(array, array)
        return self._pull_back("backward_from_output", upstream, rows, array, axis, temperature, out)

    def _pull_back(
        self, kind: str, upstream: Any, rows: NDArray[Any], array: NDArray[Any], axis: Axis, temperature: Any, out: Any
    ) -> Any:
        axes = self._axes(axis, array.ndim)
        self._check_out(out, array.shape)
        gradient = self._spread("upstream", self._array("upstream", upstream, rows), array.shape)
        kernel = kernels.ufuncs[f"softmax_{kind}"]
        degree = self._temperature(temperature)
        result = kernel(gradient, rows, degree, axis=axes[0], out=_laid_out(rows, axes[0], None))
        return self._finished(result, array, out)

    def _finished(self, result: NDArray[Any], array: NDArray[Any], out: Out) -> Any:
        return as_working(result, array) if out is None else _into(out, result)


def _into(out: Out, result: NDArray[Any]) -> Any:
    if out is None:
        return result
    with np.errstate(all="ignore"):
        np.copyto(out, result, casting="same_kind")
    return out


class SumFunction(AxisFunction[P]):
    """A function that reduces a row to one number: logsumexp."""

    offers = {**AxisFunction.offers, "jacobian": "derivative_definition"}
    takes_tuples = True

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
            result = self.ufunc(_rows_last(array, axes))
        else:
            result = kernels.ufuncs[f"{self.name}_weighted"](_rows_last(array, axes), _rows_last(factors, axes))
        result = np.asarray(result).reshape(shape)
        return _into(out, result) if out is not None else result[()]

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
            result = kernel(gradient, *operands, axis=axes[0], out=_laid_out(array, axes[0], out))
        else:
            rows = kernel(gradient, *(_rows_last(a, axes) for a in operands))
            result = _into(out, _rows_back(rows, array.shape, axes))
        if mask is not None:
            np.copyto(result, 0.0, where=~mask)
        return result


class ChoiceFunction(AxisFunction[P]):
    """A function that is piecewise constant: hardmax."""

    def _value(self, x: Any, *, axis: Axis, out: Any = None) -> Any:
        return self._same_shape(x, axis=axis, out=out)

    def _backward(self, upstream: Any, x: Any, *, axis: Axis, out: Any = None) -> Any:
        array = self._array("x", x)
        gradient = self._spread("upstream", self._array("upstream", upstream, array), array.shape)
        slope = self._value(array, axis=axis)
        with np.errstate(all="ignore"):
            slope *= 0  # NaN where a row has one
            return _into(out, np.multiply(gradient, slope))


class SplitFunction(AxisFunction[P]):
    """A function that doubles the axis: crelu."""

    def _shape(self, shape: tuple[int, ...], axes: tuple[int, ...], keywords: Mapping[str, Any]) -> tuple[int, ...]:
        return tuple(2 * n if k in axes else n for k, n in enumerate(shape))

    def _plain(self, x: NDArray[Any]) -> Any:
        return self._value(x, axis=-1)

    def _value(self, x: Any, *, axis: Axis, out: Any = None) -> Any:
        array = self._array("x", x)
        axes = self._axes(axis, array.ndim)
        shape = self._shape(array.shape, axes, {})
        self._check_out(out, shape)
        result = np.empty(shape, working_dtype(array)) if out is None else out
        self.ufunc(array, axis=axes[0], out=_halves(result, axes[0]))
        return result

    def _backward(self, upstream: Any, x: Any, *, axis: Axis, out: Any = None) -> Any:
        array = self._array("x", x)
        axes = self._axes(axis, array.ndim)
        self._check_out(out, array.shape)
        shape = self._shape(array.shape, axes, {})
        gradient = self._spread("upstream", self._array("upstream", upstream, array), shape)
        first, second = _halves(gradient, axes[0])
        out = _laid_out(array, axes[0], out)
        return kernels.ufuncs["crelu_backward"](first, second, as_working(array, array), axis=axes[0], out=out)


class GatedFunction(AxisFunction[P]):
    """A function that halves the axis, one half being the gate of the other: glu and its kin."""

    def _shape(self, shape: tuple[int, ...], axes: tuple[int, ...], keywords: Mapping[str, Any]) -> tuple[int, ...]:
        return tuple(n // 2 if k in axes else n for k, n in enumerate(shape))

    def _plain(self, x: NDArray[Any]) -> Any:
        return self._value(x, axis=-1)

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
        first, second = _halves(array, place)
        return self.ufunc(first, second, axis=place, out=_laid_out(first, place, out))

    def _backward(self, upstream: Any, x: Any, *, axis: Axis, out: Any = None) -> Any:
        array, place = self._operands(x, axis)
        self._check_out(out, array.shape)
        shape = self._shape(array.shape, (place,), {})
        gradient = self._spread("upstream", self._array("upstream", upstream, array), shape)
        result = np.empty_like(array) if out is None else out
        kernel = kernels.ufuncs[f"{self.name}_backward"]
        kernel(gradient, *_halves(array, place), axis=place, out=_halves(result, place))
        return result


class PoolingFunction(AxisFunction[P]):
    """A function that leaves one of every few entries that follow each other: maxout."""

    def _shape(self, shape: tuple[int, ...], axes: tuple[int, ...], keywords: Mapping[str, Any]) -> tuple[int, ...]:
        pieces = keywords.get("pieces", 2)
        return tuple(n // pieces if k in axes else n for k, n in enumerate(shape))

    def _groups(self, x: Any, axis: Axis, pieces: Any) -> tuple[NDArray[Any], tuple[int, ...], int]:
        """The array, the shape in which its groups have an axis of their own, and the axis of the groups."""
        if isinstance(pieces, bool) or not isinstance(pieces, int | np.integer):
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


Function = Callable[Concatenate[ArrayLike, P], Any]


def normalised_function(facts: AxisFacts) -> Callable[[Function[P]], NormalisedFunction[P]]:
    """Turn a documented signature into a :class:`NormalisedFunction`."""
    return lambda function: NormalisedFunction(function, facts)


def logarithmic_function(facts: AxisFacts) -> Callable[[Function[P]], LogarithmicFunction[P]]:
    """Turn a documented signature into a :class:`LogarithmicFunction`."""
    return lambda function: LogarithmicFunction(function, facts)


def sum_function(facts: AxisFacts) -> Callable[[Function[P]], SumFunction[P]]:
    """Turn a documented signature into a :class:`SumFunction`."""
    return lambda function: SumFunction(function, facts)


def choice_function(facts: AxisFacts) -> Callable[[Function[P]], ChoiceFunction[P]]:
    """Turn a documented signature into a :class:`ChoiceFunction`."""
    return lambda function: ChoiceFunction(function, facts)


def split_function(facts: AxisFacts) -> Callable[[Function[P]], SplitFunction[P]]:
    """Turn a documented signature into a :class:`SplitFunction`."""
    return lambda function: SplitFunction(function, facts)


def mirrored_function(facts: AxisFacts) -> Callable[[Function[P]], MirroredFunction[P]]:
    """Turn a documented signature into a :class:`MirroredFunction`."""
    return lambda function: MirroredFunction(function, facts)


def sparse_function(facts: AxisFacts) -> Callable[[Function[P]], SparseFunction[P]]:
    """Turn a documented signature into a :class:`SparseFunction`."""
    return lambda function: SparseFunction(function, facts)


def sampled_function(facts: AxisFacts) -> Callable[[Function[P]], SampledFunction[P]]:
    """Turn a documented signature into a :class:`SampledFunction`."""
    return lambda function: SampledFunction(function, facts)


def gated_function(facts: AxisFacts) -> Callable[[Function[P]], GatedFunction[P]]:
    """Turn a documented signature into a :class:`GatedFunction`."""
    return lambda function: GatedFunction(function, facts)


def pooling_function(facts: AxisFacts) -> Callable[[Function[P]], PoolingFunction[P]]:
    """Turn a documented signature into a :class:`PoolingFunction`."""
    return lambda function: PoolingFunction(function, facts)
