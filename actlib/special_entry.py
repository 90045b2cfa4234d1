"""What a special function is: the classes behind :mod:`actlib.special`. Checks and shapes; no arithmetic.

A function of one number has a ``derivative``, a function of two a ``gradient``, the pair of its partial
derivatives. Both state their mathematics as strings in the language of :mod:`actlib.derivation`, against which the
tests judge the kernels.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import kernels
from .axis import logsumexp
from .entries import REALS, Entry, Interval, Ulp, is_container, typeset, working_dtype
from .entries_axis import Axis, AxisFacts, into, rows_last
from .entries_axis_lengths import SumFunction
from .kernels.calls import plain_call
from .messages import as_array, explain_operands, not_numbers
from .sums import VALUE

Out = NDArray[Any] | tuple[NDArray[Any], ...] | None
Where = ArrayLike
Function = Callable[..., Any]


@dataclass(frozen=True, kw_only=True)
class SpecialFacts:
    """What is known about a special function; see :class:`SpecialFunction` and :class:`SpecialFunctionOfTwo`."""

    definition: str
    derivative_definition: str = ""
    gradient_definitions: tuple[str, str] = ("", "")
    domain: Interval | str = REALS
    range: Interval = REALS
    limits: Mapping[Any, float] = field(default_factory=dict)
    derivative_limits: Mapping[Any, float] = field(default_factory=dict)
    gradient_limits: Mapping[Any, tuple[float, float]] = field(default_factory=dict)
    accuracy: Mapping[str, Ulp] = field(default_factory=dict)
    measure: str = ""
    aliases: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    kernel: str = ""
    derivative_kernel: str = ""


class SpecialEntry(Entry):
    """What the functions of one and of two numbers share: dtypes, ``out=`` and ``where=``."""

    kind = "special function actlib.special"
    offers: Mapping[str, str] = {"value": "definition"}

    def __init__(self, function: Function, facts: SpecialFacts) -> None:
        super().__init__(function)
        self._kernel = facts.kernel or self.name
        self.ufunc: np.ufunc = kernels.ufuncs[self._kernel]
        self.definition = facts.definition
        self.domain, self.range = facts.domain, facts.range
        self.limits = dict(facts.limits)
        self.accuracy = {offer: facts.accuracy.get(offer, Ulp()) for offer in self.offers}
        self.measure = facts.measure
        self.aliases, self.references = facts.aliases, facts.references

    def _run(self, kernel: np.ufunc, arrays: tuple[Any, ...], out: Any, where: Any) -> Any:
        if where is True:
            result = plain_call(kernel, arrays, out)
            if result is not None:
                return result
        if where is None:
            where = True
        self._check_mask(where)
        operands = tuple(self._operand(name, array) for name, array in zip("xy", arrays, strict=False))
        keywords: dict[str, Any] = {} if where is True else {"where": where}
        if out is not None and any(is_container(array) for array in arrays):
            self._check_kept_dtype(out)
        try:
            if out is None:
                return kernel(*operands, **keywords)
            with np.errstate(all="ignore"):  # NumPy's own cast to an `out` of another dtype
                return kernel(*operands, out=out, **keywords)
        except (TypeError, ValueError):
            explain_operands(self.name, dict(zip("xy", operands, strict=False)), out, kernel.nout, where)
            raise

    def _operand(self, name: str, value: Any) -> Any:
        """`value` for the kernel: integers and booleans as float64, a Python number without a dtype of its own."""
        if type(value) in (int, bool, float):
            try:
                return float(value)
            except OverflowError:
                pass
        array = value if hasattr(value, "dtype") or is_container(value) else as_array(self.name, name, value)
        dtype = getattr(array, "dtype", None)
        if dtype is None:  # a data frame: its columns have dtypes, which the kernel looks at
            return array
        if getattr(dtype, "kind", "f") not in "biuf" or getattr(dtype, "itemsize", 8) > 8:
            raise not_numbers(self.name, name, np.asarray(array), dtype)
        return array.astype(np.float64) if getattr(dtype, "kind", "f") in "biu" else array


class SpecialFunction(SpecialEntry):
    """A function of one number with its derivative.

    Call it for the value. `x` is an array or a number of a real dtype; the result has its shape and dtype (float64
    for integers and booleans), and is NaN outside the domain. ``out=`` and ``where=`` are those of NumPy's ufuncs.
    No call changes its input or raises a NumPy warning.

    Attributes
    ----------
    name, aliases : str, tuple of str
    definition, derivative_definition : str
        Formulas in `x`, in the language of :mod:`actlib.derivation`.
    latex, derivative_latex : str
        The two, typeset.
    domain, range : Interval
    limits, derivative_limits : dict
        Value and derivative at the ends of the domain.
    accuracy : dict of Ulp
        The promise for ``"value"`` and ``"derivative"``.
    references : tuple of str
    ufunc : numpy.ufunc
        The kernel of the value.
    """

    offers: Mapping[str, str] = {"value": "definition", "derivative": "derivative_definition"}

    def __init__(self, function: Function, facts: SpecialFacts) -> None:
        super().__init__(function, facts)
        self._slope = kernels.ufuncs[facts.derivative_kernel or f"{self._kernel}_derivative"]
        self.derivative_definition = facts.derivative_definition
        self.derivative_limits = dict(facts.derivative_limits)

    @property
    def derivative_latex(self) -> str:
        return typeset(self.derivative_definition)

    def __call__(self, x: ArrayLike, /, *, out: Out = None, where: Where = True) -> Any:
        return self._run(self.ufunc, (x,), out, where)

    def derivative(self, x: ArrayLike, /, *, out: Out = None, where: Where = True) -> Any:
        """The derivative at `x`."""
        return self._run(self._slope, (x,), out, where)


class SpecialFunctionOfTwo(SpecialEntry):
    """A function of two numbers with its gradient.

    Call it for the value. `x` and `y` are arrays or numbers of real dtypes and broadcast; the result has the common
    dtype (float64 for integers and booleans), and is NaN outside the domain. ``out=`` and ``where=`` are those of
    NumPy's ufuncs. No call changes its input or raises a NumPy warning.

    Attributes
    ----------
    name, aliases : str, tuple of str
    definition : str
        Formula in `x` and `y`, in the language of :mod:`actlib.derivation`.
    gradient_definitions : tuple of str
        The derivatives with respect to `x` and to `y`.
    latex, gradient_latex : str, tuple of str
        These, typeset.
    domain : str
        A condition in `x` and `y`.
    range : Interval
    limits, gradient_limits : dict
        Value and gradient where the formulas end: keys are pairs of numbers.
    measure : str
        Where the value is a sum that cancels, the larger of its terms: accuracy is in ulp of this, if it exceeds
        the value.
    accuracy : dict of Ulp
        The promise for ``"value"`` and ``"gradient"``.
    references : tuple of str
    ufunc : numpy.ufunc
        The kernel of the value.
    """

    offers: Mapping[str, str] = {"value": "definition", "gradient": "gradient_definitions"}

    def __init__(self, function: Function, facts: SpecialFacts) -> None:
        super().__init__(function, facts)
        self._slopes = tuple(kernels.ufuncs[f"{self._kernel}_{name}_derivative"] for name in "xy")
        self.gradient_definitions = facts.gradient_definitions
        self.gradient_limits = dict(facts.gradient_limits)

    @property
    def gradient_latex(self) -> tuple[str, str]:
        first, second = self.gradient_definitions
        return typeset(first), typeset(second)

    def __call__(self, x: ArrayLike, y: ArrayLike, /, *, out: Out = None, where: Where = True) -> Any:
        return self._run(self.ufunc, (x, y), out, where)

    def gradient(
        self,
        x: ArrayLike,
        y: ArrayLike,
        /,
        *,
        out: tuple[NDArray[Any] | None, NDArray[Any] | None] | None = None,
        where: Where = True,
    ) -> tuple[Any, Any]:
        """The pair of the derivatives with respect to `x` and to `y`; ``out`` is a pair of arrays."""
        targets = (None, None) if out is None else out
        first, second = (
            self._run(slope, (x, y), target, where) for slope, target in zip(self._slopes, targets, strict=True)
        )
        return first, second


class MeanFunction(SumFunction[...]):
    """A function that reduces a row to one number by a mean: logmeanexp."""

    kind = "function along an axis actlib.special"

    def _direct(self, x: NDArray[Any], axis: int, out: Any) -> Any:
        return self._value(x, axis=axis, out=out)

    def _value(
        self,
        x: Any,
        *,
        axis: Axis,
        weights: Any = None,
        keepdims: bool = False,
        where: Any = None,
        out: Any = None,
    ) -> Any:
        array, _, mask = self._masked(x, weights, where)
        axes = self._axes(axis, array.ndim)
        shape = self._shape(array.shape, axes, {"keepdims": keepdims})
        self._check_out(out, shape)
        dtype = working_dtype(array)
        rows = rows_last(array, axes).astype(np.float32 if dtype == np.float16 else dtype)
        counts: Any = rows.shape[-1] if mask is None else rows_last(mask, axes).sum(axis=-1)
        values = np.empty(rows.shape[:-1])
        kernels.losses[self.name](
            dtype != np.float64, VALUE, rows, None, None, None, None, 0.0, False, False,
            np.broadcast_to(np.float64(counts), values.shape).copy(), 1.0, values, None,
        )  # fmt: skip
        with np.errstate(all="ignore"):
            result = values.astype(dtype).reshape(shape)
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
        """That of logsumexp, from which the value differs by a constant."""
        array = self._array("x", x)
        shape = self._shape(array.shape, self._axes(axis, array.ndim), {"keepdims": keepdims})
        self._spread("upstream", self._array("upstream", upstream, array), shape)
        return logsumexp._backward(upstream, array, axis=axis, keepdims=keepdims, where=where, out=out)


def special_function(facts: SpecialFacts) -> Callable[[Function], SpecialFunction]:
    """Turn a documented signature into a :class:`SpecialFunction`."""
    return lambda function: SpecialFunction(function, facts)


def special_function_of_two(facts: SpecialFacts) -> Callable[[Function], SpecialFunctionOfTwo]:
    """Turn a documented signature into a :class:`SpecialFunctionOfTwo`."""
    return lambda function: SpecialFunctionOfTwo(function, facts)


def mean_function(facts: AxisFacts) -> Callable[[Function], MeanFunction]:
    """Turn a documented signature into a :class:`MeanFunction`."""
    return lambda function: MeanFunction(function, facts)
