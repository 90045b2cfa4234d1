"""What an entry of the library is: a function with its derivatives, and all that is known about it.

An :class:`Activation` states its mathematics once, as strings in the language of :mod:`actlib.derivation`. The
tests judge the kernels against these strings, the proofs show that ``derivative_definition`` is the derivative of
``definition``, and the site prints them. The arithmetic is in :mod:`actlib.kernels`.

The subclasses add what only some functions have: the derivative from the output, an inverse, gradients with
respect to parameters. So ``hasattr``, completion and type checkers agree about what a function offers.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from math import inf, isfinite
from reprlib import repr as shortened
from typing import TYPE_CHECKING, Any, Concatenate, Generic, NoReturn, ParamSpec, TypeGuard

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import containers, kernels
from .kernels.calls import ElementwiseCall, known_call, remember
from .messages import as_array, at_index, explain_operands, not_numbers, unknown_keyword
from .sums import sum_to_shape

P = ParamSpec("P")

SINGLE, DOUBLE = np.dtype(np.float32), np.dtype(np.float64)


@dataclass(frozen=True)
class Interval:
    """The numbers between `low` and `high`; an end that belongs to the interval is `closed`."""

    low: float = -inf
    high: float = inf
    low_closed: bool = False
    high_closed: bool = False

    def contains(self, values: Any) -> Any:
        """Elementwise: is the value in the interval? NaN is not."""
        values = values if type(values) is float else np.asarray(values)
        above = values >= self.low if self.low_closed else values > self.low
        below = values <= self.high if self.high_closed else values < self.high
        return above & below

    def __str__(self) -> str:
        return f"{'[' if self.low_closed else '('}{self.low:g}, {self.high:g}{']' if self.high_closed else ')'}"


REALS = Interval()
NOT_NAN = Interval(low_closed=True, high_closed=True)


@dataclass(frozen=True)
class Parameter:
    """A keyword of a function: its default, None if it has none, and the values it may take."""

    default: float | None
    interval: Interval = REALS
    required: bool = False


@dataclass(frozen=True)
class Ulp:
    """Promised largest error in units in the last place of the exact result, and the reason for an exception."""

    float32: float = 1.0
    float64: float = 4.0
    reason: str = ""


EXACT = Ulp(0.5, 0.5)
PIECEWISE_LINEAR = {"value": EXACT, "derivative": EXACT, "second_derivative": EXACT, "derivative_from_output": EXACT}

Out = NDArray[Any] | tuple[NDArray[Any], ...] | None


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What is known about an elementwise function; see the attributes of :class:`Activation`."""

    definition: str
    derivative_definition: str
    second_derivative_definition: str
    derivative_from_output_definition: str = ""
    inverse_definition: str = ""
    domain: Interval = REALS
    range: Interval = REALS
    limits: Mapping[float, float | str] = field(default_factory=dict)
    derivative_limits: Mapping[float, float | str] = field(default_factory=dict)
    kinks: Mapping[float | str, float | str] = field(default_factory=dict)
    example: Mapping[str, float] = field(default_factory=dict)
    parameters: Mapping[str, Interval] = field(default_factory=dict)
    accuracy: Mapping[str, Ulp] = field(default_factory=dict)
    aliases: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    kernel: str = ""
    parameter_kernels: Mapping[str, str] = field(default_factory=dict)


def is_plain(x: Any) -> TypeGuard[NDArray[Any]]:
    """Is `x` an array of the machine's float32 or float64, of no subclass: as the kernels take it?"""
    return type(x) is np.ndarray and (x.dtype is SINGLE or x.dtype is DOUBLE)


def working_dtype(x: Any) -> np.dtype[Any]:
    """The dtype in which a function of `x` is computed: that of a float array, else float64."""
    dtype = getattr(x, "dtype", None)
    if dtype is SINGLE or dtype is DOUBLE:
        return dtype
    if dtype is None:
        dtype = np.asarray(x).dtype
    if isinstance(dtype, np.dtype):
        dtype = dtype.newbyteorder("=")
    return dtype if dtype in (np.float16, np.float32, np.float64) else np.dtype(np.float64)


def as_working(value: Any, x: Any) -> Any:
    """`value` in the working dtype of `x`, cast without a warning."""
    if value is x and is_plain(x):
        return x
    dtype = working_dtype(x)
    if type(value) is float:
        if dtype == np.float64:
            return value
        with np.errstate(all="ignore"):
            return dtype.type(value)
    if not hasattr(value, "astype"):
        value = np.asarray(value)
    if getattr(value, "dtype", None) == dtype:  # a data frame has none
        return value
    with np.errstate(all="ignore"):
        return value.astype(dtype)


def real_array(function: str, what: str, values: Any, instead: str = "") -> NDArray[Any]:
    """`values` as an array; TypeError unless it holds real numbers, or if it is masked (`instead` says what then)."""
    if isinstance(values, np.ma.MaskedArray):
        raise TypeError(f"{function}: {what} is a masked array; pass its data{instead}")
    array = as_array(function, what, values)
    if array.dtype == object and containers.library(values) == "pandas":
        array = containers.pandas_values(f"{function}: {what}", values)
    if array.dtype.kind not in "biuf" or array.dtype.itemsize > 8:
        raise not_numbers(function, what, array)
    return array


def refuse(function: str, what: str, array: NDArray[Any], good: Any, expected: str) -> NoReturn:
    """Raise a ValueError about the first element that is not good."""
    index = np.unravel_index(int(np.argmin(good)), array.shape)
    raise ValueError(f"{function}: {what} must {expected}, got {array[index]}{at_index(index)}")


def nearest_float(number: int) -> float:
    """The float64 next to an integer, infinity for one beyond all."""
    try:
        return float(number)
    except OverflowError:
        return inf if number > 0 else -inf


def is_container(x: Any) -> bool:
    """Is `x` another library's array, which gets ufuncs handed over: a data frame, a dask array?"""
    return hasattr(x, "__array_ufunc__") and not isinstance(x, np.ndarray | np.generic)


def is_like(out: Any, x: Any) -> bool:
    """Are `x` and every `out` plain float arrays of one dtype, so that NumPy has nothing to cast?"""
    if type(x) is not np.ndarray or x.dtype.char not in "fd":
        return False
    if type(out) is tuple:
        return all(type(one) is np.ndarray and one.dtype is x.dtype for one in out)
    return type(out) is np.ndarray and out.dtype is x.dtype


#: What is computed from the value `y`.
FROM_OUTPUT = ("_derivative_from_output", "_inverse")


class Entry:
    """A documented function as an object that knows its name, signature and formula; what all entries share."""

    kind = ""  # what the repr calls it, and the module where it is found
    name = ""
    definition: str
    aliases: tuple[str, ...]

    def __init__(self, function: Callable[..., Any]) -> None:
        self.name = self.__name__ = self.__qualname__ = function.__name__
        self.__doc__ = inspect.getdoc(function)
        self.__module__ = function.__module__
        self.__signature__ = inspect.signature(function)
        self._keywords = {
            name: parameter.default
            for name, parameter in self.__signature__.parameters.items()
            if parameter.kind is inspect.Parameter.KEYWORD_ONLY
        }

    def __repr__(self) -> str:
        plain = [p.replace(annotation=inspect.Parameter.empty) for p in self.__signature__.parameters.values()]
        return f"<{self.kind}.{self.name}{inspect.Signature(plain)}>"

    def __reduce__(self) -> str:
        return self.name  # the global of this name in __module__: a singleton under pickle and copy

    if not TYPE_CHECKING:  # a type checker would take this for a promise that every name exists

        def __getattr__(self, name: str) -> Any:
            raise AttributeError(self._lacks(name), name=name, obj=self)

    def _lacks(self, name: str) -> str:
        """What is said about an attribute that an entry does not have."""
        if name.startswith("_"):
            return f"{type(self).__name__!r} object has no attribute {name!r}"
        methods = [method for method in dir(type(self)) if callable(getattr(type(self), method))]
        return f"{self.name} has no {name}; it offers {', '.join(m for m in methods if not m.startswith('_'))}"

    @property
    def latex(self) -> str:
        return typeset(self.definition)

    def _refuse_unknown(self, unknown: AbstractSet[str], expected: Iterable[str]) -> None:
        if unknown:
            raise unknown_keyword(self.name, min(unknown), expected)

    def _refuse_missing(self, required: Iterable[str], given: Iterable[str]) -> None:
        for name in required:
            if name not in given:
                raise TypeError(f"{self.name}: the argument {name!r} is missing")

    def _check_mask(self, where: Any) -> None:
        """What NumPy would take for booleans is refused."""
        if where is True:
            return
        if containers.library(where) == "pandas":  # without ``out``, it would send pandas into an endless recursion
            raise TypeError(f"{self.name}: where is a {type(where).__name__}; pass where.to_numpy() and out=")
        self._check_booleans(where if hasattr(where, "dtype") else as_array(self.name, "where", where))

    def _check_booleans(self, mask: Any) -> None:
        if mask.dtype.kind != "b" and mask.size:
            raise TypeError(f"{self.name}: where must hold booleans, got dtype {mask.dtype}")

    def _check_kept_dtype(self, out: Any) -> None:
        """pandas and others copy into their ``out`` whatever its dtype is, where NumPy refuses to lose digits."""
        for array in out if isinstance(out, tuple) else (out,):
            if array is not None and not hasattr(array, "shape"):
                raise TypeError(f"{self.name}: out must be an array, got {shortened(array)}")
            dtype = getattr(array, "dtype", None)
            if dtype is not None and dtype.kind not in "fcO":
                raise TypeError(f"{self.name}: out must be of a float dtype, got {dtype}")

    def _refuse_positions(self, args: tuple[Any, ...]) -> None:
        if args:
            raise TypeError(f"{self.name}: parameters go by keyword, got {args!r} by position")


def typeset(definition: str) -> str:
    """The formula in LaTeX."""
    from .derivation import latex

    return latex(definition)


class Activation(Entry, ElementwiseCall, Generic[P]):
    """An elementwise function with its derivatives.

    Call it for the value. `x` is an array or a number of a real dtype; the result has its shape and dtype
    (float64 for integers and booleans). Parameters go by keyword and broadcast against `x`. ``out=`` and
    ``where=`` (booleans, or None for everywhere) are those of NumPy's ufuncs: without ``out``, what ``where`` leaves
    out is arbitrary, of which NumPy may warn. No call changes its input or raises another warning of NumPy's.

    Attributes
    ----------
    name, aliases : str, tuple of str
    definition, derivative_definition, second_derivative_definition : str
        Formulas in `x` and the parameters, in the language of :mod:`actlib.derivation`.
    latex, derivative_latex : str
        The first two, typeset.
    domain, range : Interval
        The range is that with default parameters.
    limits, derivative_limits : dict
        Value and derivative at -inf and +inf: numbers, or formulas in the parameters.
    kinks : dict
        Where the derivative does not exist, and what is returned there: numbers, or formulas in the parameters.
    parameters : dict of Parameter
    example : dict
        Values for the parameters that have no default: those of figures, tables and tests.
    accuracy : dict of Ulp
        The promise, for each of ``"value"``, ``"derivative"`` and so on.
    references : tuple of str
    ufunc : numpy.ufunc
        The kernel: operands are `x` and the parameters in the order of ``parameters``.
    """

    kind = "activation actlib"
    #: what a test or a table can ask an entry of this class for, with the attribute that defines it
    offers: Mapping[str, str] = {
        "value": "definition",
        "derivative": "derivative_definition",
        "second_derivative": "second_derivative_definition",
    }

    def __init__(self, function: Callable[Concatenate[ArrayLike, P], Any], facts: Facts) -> None:
        super().__init__(function)
        self._facts = facts
        self.parameters = {
            name: Parameter(
                None if default is inspect.Parameter.empty else default,
                facts.parameters.get(name, REALS),
                default is inspect.Parameter.empty,
            )
            for name, default in self._keywords.items()
            if name not in ("out", "where")
        }
        self._operand_names = tuple(self.parameters)
        self.example = dict(facts.example)
        self._known = {}
        self._kernel = facts.kernel or self.name
        self._ufuncs = {
            suffix: ufunc
            for name, ufunc in kernels.ufuncs.items()
            for suffix in [name.removeprefix(self._kernel)]
            if name == self._kernel + suffix
        }
        self.ufunc: np.ufunc = self._ufuncs[""]
        self.definition = facts.definition
        self.derivative_definition = facts.derivative_definition
        self.second_derivative_definition = facts.second_derivative_definition
        self.domain, self.range = facts.domain, facts.range
        self.limits, self.derivative_limits = dict(facts.limits), dict(facts.derivative_limits)
        self.kinks = dict(facts.kinks)
        self.accuracy = {offer: facts.accuracy.get(offer, Ulp()) for offer in self.offers}
        self.aliases, self.references = facts.aliases, facts.references

    def places_of_kinks(self, **parameters: float) -> list[float]:
        """Where the kinks are, rounded to float64, for these parameters and the defaults of the others.

        >>> import actlib
        >>> actlib.hard_tanh.kinks
        {'min_val': 0, 'max_val': 0}
        >>> actlib.hard_tanh.places_of_kinks(max_val=3.0)
        [-1.0, 3.0]
        """
        from .derivation.oracle import evaluate_definition

        defaults = {name: p.default for name, p in self.parameters.items() if p.default is not None}
        variables: dict[str, Any] = {**defaults, **self.example, **parameters}
        return [float(evaluate_definition(at, **variables) if isinstance(at, str) else at) for at in self.kinks]

    @property
    def derivative_latex(self) -> str:
        return typeset(self.derivative_definition)

    def _repr_html_(self) -> str:
        from .plotting import html_card

        return html_card(self)

    def plot(self, **keywords: Any) -> Any:
        """Draw value and derivative (extra ``plot``); keywords are those of :func:`actlib.plotting.plot`."""
        from .plotting import plot

        return plot(self, **keywords)

    if TYPE_CHECKING:

        def __call__(self, x: ArrayLike, /, *args: P.args, **kwargs: P.kwargs) -> Any: ...

    def _call(self, x: ArrayLike, /, *args: P.args, **kwargs: P.kwargs) -> Any:
        if args or kwargs or self.parameters or type(x) is np.ndarray:
            return self._run("", (x,), args, kwargs)
        try:
            return self.ufunc(x)
        except (OverflowError, TypeError, ValueError):  # a Python integer of more than 64 bits, or an error to explain
            return self._run("", (x,), args, kwargs)

    def derivative(self, x: ArrayLike, /, *args: P.args, **kwargs: P.kwargs) -> Any:
        """The derivative at `x`, computed from `x` and so right in both tails; at a kink, see ``kinks``."""
        return self._run("_derivative", (x,), args, kwargs)

    def second_derivative(self, x: ArrayLike, /, *args: P.args, **kwargs: P.kwargs) -> Any:
        """The second derivative at `x`; 0 at a kink.

        A zero has the sign of the values beside it: ``sigmoid.second_derivative(0.0)`` is -0.0, as it falls through 0.
        """
        return self._run("_second_derivative", (x,), args, kwargs)

    def value_and_derivative(self, x: ArrayLike, /, *args: P.args, **kwargs: P.kwargs) -> Any:
        """The pair of value and derivative, in one pass; ``out`` is a pair of arrays."""
        if type(x) is not np.ndarray and is_container(x):
            # containers such as dask's and pandas' do not serve ufuncs of two results
            return self(x, *args, **kwargs), self.derivative(x, *args, **kwargs)
        return self._run("_value_and_derivative", (x,), args, kwargs)

    def backward(self, upstream: ArrayLike, x: ArrayLike, /, *args: P.args, **kwargs: P.kwargs) -> Any:
        """``upstream * f'(x)`` in one pass: the gradient with respect to `x` that backpropagation needs.

        `upstream` is the gradient with respect to the value, of a shape that broadcasts with `x`; the result
        has the dtype that the value has. float32 is rounded once; in float64 the derivative is rounded before it is
        multiplied, so that the product is 0 where the derivative underflows.
        """
        self._require_real("upstream", upstream)
        return self._run("_backward", (as_working(upstream, x), x), args, kwargs)

    def _run(self, suffix: str, arrays: tuple[Any, ...], args: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
        if args:
            self._refuse_positions(args)
        x = arrays[-1]
        kernel = self._ufuncs[suffix]
        result = known_call(self._known, kernel, arrays, keywords)
        if result is not None:
            return result
        if type(x) is list or type(x) is tuple:
            x = as_array(self.name, "y" if suffix in FROM_OUTPUT else "x", x)
            arrays = (*arrays[:-1], x)
        given = dict(keywords)
        operands = self._operands(x, keywords)
        if type(x) is not np.ndarray and is_container(x):
            # pandas turns a Python float into a float64 array
            operands = tuple(as_working(operand, x) for operand in operands)
        out = keywords.get("out")
        if keywords:
            self._refuse_unknown(keywords.keys() - {"out", "where"}, self._keywords)
            if keywords.get("where", True) is None:
                del keywords["where"]
            self._check_mask(keywords.get("where", True))
            if out is not None and is_container(x):
                self._check_kept_dtype(out)
        remember(self._known, x, given, operands)
        if type(x) is int and isfinite(nearest_float(x)):
            arrays = (*arrays[:-1], float(x))
        try:
            if out is None or is_like(out, x):
                return kernel(*arrays, *operands, **keywords)
            with np.errstate(all="ignore"):  # NumPy's own cast to an `out` of another dtype
                return kernel(*arrays, *operands, **keywords)
        except (TypeError, ValueError):
            names = ("y",) if suffix in FROM_OUTPUT else ("upstream", "x")[-len(arrays) :]
            named = dict(zip((*names, *self._operand_names), (*arrays, *operands), strict=True))
            explain_operands(self.name, named, out, kernel.nout, keywords.get("where", True))
            raise

    def _operands(self, x: Any, keywords: dict[str, Any]) -> tuple[Any, ...]:
        """Takes the parameters out of `keywords`, checked and in the working dtype of `x`."""
        self._refuse_missing(self.example, keywords)
        return tuple(
            self._checked(name, keywords.pop(name), x) if name in keywords else parameter.default
            for name, parameter in self.parameters.items()
        )

    def _checked(self, name: str, value: Any, x: Any) -> Any:
        interval = self.parameters[name].interval
        if type(value) is float and type(x) is np.ndarray and x.dtype.char in "fd" and 1e-30 < abs(value) < 1e30:
            # the common case in a fifth of the time: NumPy rounds a Python number to the dtype of x, without a warning
            number = value if x.dtype.char == "d" else float(np.float32(value))
            if interval.contains(number):
                return number
        if type(value) is int:
            value = nearest_float(value)
        self._require_real(name, value)
        working = as_working(value, x)
        if not np.all(interval.contains(working)):
            rounded = np.asarray(working)
            kind = "" if rounded.dtype == np.float64 else f" as {rounded.dtype}"
            refuse(self.name, name, np.asarray(value), interval.contains(rounded), f"lie in {interval}{kind}")
        return working

    def _require_real(self, what: str, value: Any) -> None:
        if type(value) is float or (type(value) is int and isfinite(nearest_float(value))):
            return
        dtype = getattr(value, "dtype", None)
        kind = getattr(dtype, "kind", None) or as_array(self.name, what, value).dtype.kind
        if kind not in "biuf":
            raise not_numbers(self.name, what, np.asarray(value), dtype)


class OutputActivation(Activation[P]):
    """An activation whose derivative is also a function of its value, so that `x` need not be stored."""

    offers = {**Activation.offers, "derivative_from_output": "derivative_from_output_definition"}

    def __init__(self, function: Callable[Concatenate[ArrayLike, P], Any], facts: Facts) -> None:
        super().__init__(function, facts)
        self.derivative_from_output_definition = facts.derivative_from_output_definition

    def derivative_from_output(self, y: ArrayLike, /, *args: P.args, **kwargs: P.kwargs) -> Any:
        """The derivative at the point where the value is `y`.

        It saves storing `x`, but a value that was rounded to the end of the range has lost the derivative:
        ``sigmoid.derivative_from_output(sigmoid(40.0))`` is 0, ``sigmoid.derivative(40.0)`` is right. NaN where a
        negative parameter gives a value to two inputs.
        """
        return self._run("_derivative_from_output", (y,), args, kwargs)


class InvertibleActivation(OutputActivation[P]):
    """An activation with an inverse."""

    offers = {**OutputActivation.offers, "inverse": "inverse_definition"}

    def __init__(self, function: Callable[Concatenate[ArrayLike, P], Any], facts: Facts) -> None:
        super().__init__(function, facts)
        self.inverse_definition = facts.inverse_definition

    def inverse(self, y: ArrayLike, /, *args: P.args, **kwargs: P.kwargs) -> Any:
        """The `x` whose value is `y`; NaN where there is none, or where a negative parameter makes it two."""
        return self._run("_inverse", (y,), args, kwargs)


class ParametricActivation(Activation[P]):
    """An activation with gradients with respect to its parameters, which a network can learn."""

    offers = {**Activation.offers, "parameter_gradients": "definition"}

    def parameter_gradients(
        self, upstream: ArrayLike, x: ArrayLike, /, *args: P.args, **kwargs: P.kwargs
    ) -> dict[str, Any]:
        """Gradients with respect to the parameters: name -> sum of ``upstream * df/dparameter``.

        Each has the shape of the parameter as given: summed over the axes along which it was broadcast. What is
        masked does not count.
        """
        self._refuse_positions(args)
        keywords: dict[str, Any] = dict(kwargs)
        operands = self._operands(x, keywords)
        self._refuse_unknown(keywords.keys(), self.parameters)
        self._require_real("upstream", upstream)
        x = np.asarray(x) if type(x) is int else x
        dtype = working_dtype(x)
        if dtype != DOUBLE:  # slopes of float32 are not rounded before upstream multiplies them
            x, *wide = (a.astype(DOUBLE) if hasattr(a, "astype") else np.asarray(a, DOUBLE) for a in (x, *operands))
            operands = tuple(wide)
        gradients = {}
        for name, operand in zip(self.parameters, operands, strict=True):
            if containers.library(operand) == "xarray":  # it broadcasts by name, arrays do by position
                raise TypeError(f"{self.name}: the gradient of {name} wants a NumPy array; pass {name}.values")
            kernel = self._facts.parameter_kernels.get(name, f"{self._kernel}_{name}_gradient")
            try:
                slopes = kernels.ufuncs[kernel](x, *operands)
                with np.errstate(all="ignore"):
                    terms = np.multiply(upstream, slopes, dtype=np.float64)
            except (TypeError, ValueError):
                named = dict(zip(("upstream", "x", *self.parameters), (upstream, x, *operands), strict=True))
                explain_operands(self.name, named, None, 1, True)
                raise
            with np.errstate(all="ignore"):
                terms = np.asarray(terms.filled(0.0) if isinstance(terms, np.ma.MaskedArray) else terms)
                gradients[name] = sum_to_shape(terms, np.shape(operand)).astype(dtype)[()]
        return gradients


class InvertibleParametricActivation(InvertibleActivation[P], ParametricActivation[P]):
    """An activation with an inverse, and with gradients with respect to its parameters."""

    offers = {**InvertibleActivation.offers, **ParametricActivation.offers}


class ClippedActivation(OutputActivation[P]):
    """An activation that is clipped between two parameters, the first of which is not above the second."""

    def _operands(self, x: Any, keywords: dict[str, Any]) -> tuple[Any, ...]:
        operands = super()._operands(x, keywords)
        low, high = (np.asarray(operand) for operand in operands)
        good = low <= high
        if not np.all(good):
            bounds = np.broadcast_arrays(low, high)
            index = np.unravel_index(int(np.argmin(good)), good.shape)
            (first, second), at = self.parameters, at_index(index)
            raise ValueError(
                f"{self.name}: expected {first} <= {second}, got {bounds[0][index]} and {bounds[1][index]}{at}"
            )
        return operands


class RandomActivation(InvertibleActivation[P]):
    """An activation with slopes drawn at random in training and their mean in evaluation."""

    def __init__(self, function: Callable[Concatenate[ArrayLike, P], Any], facts: Facts) -> None:
        super().__init__(function, facts)
        self._operand_names = ("slopes",)

    def _operands(self, x: Any, keywords: dict[str, Any]) -> tuple[Any, ...]:
        names = ("lower", "upper")
        lower, upper = (keywords.pop(name, self.parameters[name].default) for name in names)
        slopes = keywords.pop("slopes", None)
        self._check_bounds(lower, upper)
        if slopes is None:
            return (as_working(float(lower) / 2.0 + float(upper) / 2.0, x),)
        return (self._checked("slopes", slopes, x),)

    def _check_bounds(self, lower: float, upper: float) -> None:
        for name, bound in (("lower", lower), ("upper", upper)):
            self._require_real(name, bound)
            if np.ndim(bound):
                raise TypeError(f"{self.name}: {name} must be one number, got {bound!r}; slopes may be an array")
        if not -inf < lower <= upper < inf:
            raise ValueError(f"{self.name}: expected finite lower <= upper, got lower={lower!r}, upper={upper!r}")

    def sample_slopes(
        self,
        shape: int | tuple[int, ...],
        rng: np.random.Generator,
        *,
        lower: float = 1 / 8,
        upper: float = 1 / 3,
    ) -> Any:
        """Slopes for one training pass, uniform in [lower, upper), of the given shape, drawn from `rng`."""
        self._check_bounds(lower, upper)
        return rng.uniform(lower, upper, shape)


def activation(facts: Facts) -> Callable[[Callable[Concatenate[ArrayLike, P], Any]], Activation[P]]:
    """Turn a documented signature into an :class:`Activation`."""
    return lambda function: Activation(function, facts)


def output_activation(
    facts: Facts,
) -> Callable[[Callable[Concatenate[ArrayLike, P], Any]], OutputActivation[P]]:
    """Turn a documented signature into an :class:`OutputActivation`."""
    return lambda function: OutputActivation(function, facts)


def invertible_activation(
    facts: Facts,
) -> Callable[[Callable[Concatenate[ArrayLike, P], Any]], InvertibleActivation[P]]:
    """Turn a documented signature into an :class:`InvertibleActivation`."""
    return lambda function: InvertibleActivation(function, facts)


def parametric_activation(
    facts: Facts,
) -> Callable[[Callable[Concatenate[ArrayLike, P], Any]], ParametricActivation[P]]:
    """Turn a documented signature into a :class:`ParametricActivation`."""
    return lambda function: ParametricActivation(function, facts)


def invertible_parametric_activation(
    facts: Facts,
) -> Callable[[Callable[Concatenate[ArrayLike, P], Any]], InvertibleParametricActivation[P]]:
    """Turn a documented signature into an :class:`InvertibleParametricActivation`."""
    return lambda function: InvertibleParametricActivation(function, facts)


def clipped_activation(
    facts: Facts,
) -> Callable[[Callable[Concatenate[ArrayLike, P], Any]], ClippedActivation[P]]:
    """Turn a documented signature into a :class:`ClippedActivation`."""
    return lambda function: ClippedActivation(function, facts)


def random_activation(
    facts: Facts,
) -> Callable[[Callable[Concatenate[ArrayLike, P], Any]], RandomActivation[P]]:
    """Turn a documented signature into a :class:`RandomActivation`."""
    return lambda function: RandomActivation(function, facts)
