"""What a loss of the library is: value, gradient and Hessian diagonal over arrays, and all that is known about it.

A :class:`Loss` states its mathematics once, as strings in the language of :mod:`actlib.derivation`; the tests judge
the kernels against these strings. The classes here check the arguments, hand them to :mod:`actlib.kernels` and
reduce; they know no formulas. The losses themselves are in :mod:`actlib.losses`.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from math import inf, prod
from reprlib import repr as shortened
from typing import Any, Concatenate, Generic, Literal, NamedTuple, ParamSpec

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import containers, kernels
from .entries import REALS, Entry, Interval, Parameter, Ulp, nearest_float, real_array, refuse, typeset
from .kernels.calls import is_free, is_readable, plain_labels, plain_pair
from .messages import FOREIGN_REDUCTIONS, not_labels

P = ParamSpec("P")

REDUCTIONS = ("none", "sum", "mean", "batchmean")
COMMON = ("reduction", "sample_weight", "out")
ONLY_OUT = frozenset({"out"})
Reduction = Literal["none", "sum", "mean", "batchmean"]
Out = NDArray[Any] | None

POSITIVE_NUMBERS = Interval(0.0, inf)
POSITIVE_OR_INFINITE = Interval(0.0, inf, high_closed=True)
NOT_NEGATIVE_NUMBERS = Interval(0.0, inf, low_closed=True)

# What the kernels compute in one call (`Wanted` of loss_loops.pxd).
VALUE, GRADIENT, VALUE_AND_GRADIENT, HESSIAN = range(4)

MOST_INPUTS = 6  # of a kernel (loss_loops.pxd)

# What an operand may hold (`Domain` of loss_loops.pxd), with the ends of the interval.
ANY = (0, 0.0, 0.0)
UNIT_OR_NAN = (1, 0.0, 1.0)
UNIT = (2, 0.0, 1.0)
POSITIVE = (2, 5e-324, float(np.finfo(np.float64).max))
NOT_NEGATIVE = (2, 0.0, float(np.finfo(np.float64).max))
NOT_NEGATIVE_OR_NAN = (1, 0.0, inf)
ABOVE_MINUS_ONE = (2, -1.0 + 2.0**-53, float(np.finfo(np.float64).max))
NOT_BELOW_MINUS_ONE_OR_NAN = (1, -1.0, inf)
SIGNS = (3, 0.0, 0.0)

EXPECTED = {
    UNIT_OR_NAN: "lie in [0, 1]",
    UNIT: "lie in [0, 1]",
    POSITIVE: "be positive and finite",
    NOT_NEGATIVE: "be finite and not negative",
    NOT_NEGATIVE_OR_NAN: "not be negative",
    ABOVE_MINUS_ONE: "be finite and above -1",
    NOT_BELOW_MINUS_ONE_OR_NAN: "not be below -1",
    SIGNS: "be -1 or +1",
}


# What the docstrings have in common.
_ELEMENTWISE_FIRST = """prediction : array_like of real numbers
    Any shape. Integers and booleans are computed as float64.
target : array_like of real numbers
    The shape of the prediction, or a single number."""
_REDUCTION = """reduction : {"mean", "sum", "batchmean", "none"}, optional
    The weighted mean, the sum, the sum over the length of axis 0, or no reduction."""
_WEIGHT = """sample_weight : array_like of non-negative numbers, optional
    The shape of the unreduced loss, or one weight for each index of axis 0."""
_OUT = """out : ndarray, optional
    The array that the gradient is written to; its shape and dtype. Not for the value alone."""
_AXIS = """axis : int, optional
    The axis of the classes."""
_VECTORS = """axis : int, optional
    The axis along which the vectors lie."""
_OUTS = """out : tuple of ndarrays, optional
    The arrays that the gradients are written to, of their shape and dtype. Not for the value alone."""
_CLASSES_FIRST = """prediction : array_like of real numbers
    Any shape, with K classes along `axis`. Integers and booleans are computed as float64.
target : array_like
    Labels (integers from 0 to K - 1) with one axis less than the prediction, or shares in [0, 1] (a one-hot row,
    probabilities) in its shape."""
_LABELS_FIRST = """prediction : array_like of real numbers
    Any shape, with K labels along `axis`. Integers and booleans are computed as float64.
target : array_like
    For each label 0 or 1, or a probability, in the shape of the prediction; or where each row has one label, its number
    (integers from 0 to K - 1), with one axis less."""
_CLASSES_HARD = """prediction : array_like of real numbers
    Any shape, with K classes along `axis`. Integers and booleans are computed as float64.
target : array_like
    Labels (integers from 0 to K - 1) with one axis less than the prediction, or one-hot rows in its shape."""
SECTIONS = {
    "elementwise": "\n".join([_ELEMENTWISE_FIRST, _REDUCTION, _WEIGHT, _OUT]),
    "elementwise_first": _ELEMENTWISE_FIRST,
    "elementwise_rest": "\n".join([_REDUCTION, _WEIGHT, _OUT]),
    "elementwise_rest_no_out": "\n".join([_REDUCTION, _WEIGHT]),
    "out": _OUT,
    "classes_first": _CLASSES_FIRST,
    "classes_hard": _CLASSES_HARD,
    "labels_first": _LABELS_FIRST,
    "classes_rest": "\n".join([_REDUCTION, _WEIGHT, _AXIS, _OUT]),
    "pair_rest": "\n".join([_REDUCTION, _WEIGHT, _OUTS]),
    "vector_rest": "\n".join([_REDUCTION, _WEIGHT, _VECTORS, _OUTS]),
    "pair_returns": """scalar or ndarray
    In the common dtype of the arrays (float64 for integers and booleans): a scalar, or the unreduced losses. The mean
    of nothing is NaN, with gradients of 0.""",
    "returns": """scalar or ndarray
    In the dtype of the prediction (float64 for integers and booleans): a scalar, or the unreduced losses. The mean
    of nothing is NaN, with gradient 0.""",
    "raises": """ValueError
    If shapes do not match, or a value is outside its domain; the message names the value and its place.
TypeError
    For an unknown keyword, and for arrays that are masked or do not hold real numbers.""",
}


def with_defaults(text: str, keywords: Mapping[str, Any]) -> str:
    """The docstring with the defaults of the signature, which ``help`` cuts off: "optional" becomes "default 1.0"."""
    for name, default in keywords.items():
        if default is not None and default is not inspect.Parameter.empty:
            text = re.sub(rf"^{name} : (.*), optional$", rf"{name} : \1, default {default!r}", text, flags=re.MULTILINE)
    return text


def _references(references: tuple[str, ...]) -> str:
    return "\n".join(["References", "----------", *(f".. [{k}] {text}" for k, text in enumerate(references, 1))])


@dataclass(frozen=True, kw_only=True)
class LossFacts:
    """What is known about a loss; see the attributes of :class:`Loss`."""

    definition: str
    gradient_definition: str = ""
    hessian_definition: str = ""
    gradient_definitions: Mapping[str, str] = field(default_factory=dict)
    domain: str
    range: Interval
    limits: Mapping[str, str] = field(default_factory=dict)
    kinks: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, Interval] = field(default_factory=dict)
    accuracy: Mapping[str, Ulp] = field(default_factory=dict)
    likelihood: str = ""
    minimiser: str = ""
    aliases: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    prediction_domain: tuple[int, float, float] = ANY
    target_domain: tuple[int, float, float] = ANY


class Weights(NamedTuple):
    """Sample weights in the shape of the unreduced loss, and their sum."""

    array: NDArray[Any]
    total: float


def allowed(values: NDArray[Any], domain: tuple[int, float, float]) -> Any:
    """Elementwise: may an operand with this domain hold the value?"""
    kind, low, high = domain
    if kind == SIGNS[0]:
        return np.abs(values) == 1
    # not as Python floats, which NumPy would round to the dtype of the values: the ends are those of float64
    inside = (values >= np.float64(low)) & (values <= np.float64(high))
    return inside | np.isnan(values) if kind == UNIT_OR_NAN[0] else inside


def require(function: str, what: str, array: NDArray[Any], domain: tuple[int, float, float]) -> None:
    """Raise a ValueError about the first element outside the domain."""
    if domain[0]:
        with np.errstate(all="ignore"):
            good = allowed(array, domain)
        if not np.all(good):
            refuse(function, what, array, good, EXPECTED[domain])


def kernel_array(function: str, what: str, values: Any, instead: str = "") -> NDArray[Any]:
    """`values` as an array that the kernels read."""
    if is_readable(values):
        return values
    array = real_array(function, what, values, instead)
    if not array.dtype.isnative or not array.flags.aligned:
        array = array.astype(array.dtype.newbyteorder("="))
    return array


def extreme(weight: Any) -> bool:
    """Whether products with such a weight could overflow or be subnormal."""
    return bool(weight) and not 1e-100 < weight < 1e100


def moderate(weights: NDArray[Any]) -> NDArray[Any]:
    """The weights times the power of 2 that puts the largest into [1/2, 1): their means are the same.

    None becomes 0 that was not: such a weight would silence infinity.
    """
    with np.errstate(all="ignore"):
        weights = weights.astype(np.float64)
        scaled = np.ldexp(weights, -np.frexp(weights.max())[1])
        return np.asarray(np.where(weights > 0, np.maximum(scaled, np.finfo(np.float64).smallest_subnormal), 0.0))


class Loss(Entry, Generic[P]):
    """A loss with its gradient: what :class:`PredictionLoss` and
    :class:`actlib.loss_entry_pairs.PairLoss` have in common.

    Call it for the value. ``reduction`` is ``"mean"`` (the weighted mean), ``"sum"``, ``"batchmean"`` (the sum
    over the length of axis 0) or ``"none"``. The gradient is that of the reduced value; ``out=`` is the array it is
    written to. No call changes its inputs or raises a NumPy
    warning; bad input raises ValueError or TypeError before anything is written. Data frames, series, xarray and dask
    objects are read as arrays, and results are NumPy's, without labels; arrays that are labelled differently are an
    error.

    Attributes
    ----------
    name, aliases : str, tuple of str
    definition, gradient_definition : str
        The unreduced loss and its derivative with respect to the prediction, in the language of
        :mod:`actlib.derivation`: prediction `p` and target `t`; class losses `z[k]`, `l[k]` or `p[k]`, and `t[k]`,
        with k = 1..K, the derivatives being those with respect to entry `j`.
    latex, gradient_latex : str
        The first two, typeset.
    domain : str
        What predictions and targets may be.
    range : Interval
        The values that the loss takes.
    limits : dict of str
        Where an argument or a weight is infinite or at the end of its domain.
    kinks : dict of str
        Where the gradient does not exist, and what is returned there.
    parameters : dict of Parameter
    accuracy : dict of Ulp
        The promise, for each of ``"value"``, ``"gradient"`` and, where there is one, ``"hessian_diagonal"`` of the
        unreduced loss.
    likelihood : str
        The noise model whose negative log-likelihood the loss is, up to constants.
    minimiser : str
        The prediction that minimises the expected loss.
    references : tuple of str
    """

    kind = "loss actlib.losses"
    offers: Mapping[str, str] = {"value": "definition", "gradient": "gradient_definition"}
    common: tuple[str, ...] = COMMON

    def __init__(self, function: Callable[..., Any], facts: LossFacts) -> None:
        super().__init__(function)
        text = (self.__doc__ or "") % {**SECTIONS, "reference": _references(facts.references)}
        self.__doc__ = with_defaults(text, self._keywords)
        self._facts = facts
        self._required = [name for name, default in self._keywords.items() if default is inspect.Parameter.empty]
        self.parameters = {
            name: Parameter(
                None if name in self._required else default,
                facts.parameters.get(name, REALS),
                name in self._required,
            )
            for name, default in self._keywords.items()
            if name not in self.common
        }
        self.definition = facts.definition
        self.gradient_definition = facts.gradient_definition
        self.domain, self.range = facts.domain, facts.range
        self.limits, self.kinks = dict(facts.limits), dict(facts.kinks)
        self.accuracy = {offer: facts.accuracy.get(offer, Ulp()) for offer in self.offers}
        self.likelihood, self.minimiser = facts.likelihood, facts.minimiser
        self.aliases, self.references = facts.aliases, facts.references

    @property
    def gradient_latex(self) -> str:
        return typeset(self.gradient_definition)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        raise NotImplementedError

    def gradient(self, *args: Any, **kwargs: Any) -> Any:
        """The gradient of the reduced value."""
        raise NotImplementedError

    def value_and_gradient(self, *args: Any, **kwargs: Any) -> tuple[Any, Any]:
        """The pair of value and gradient; ``out`` is the array of the gradient."""
        raise NotImplementedError

    # ------------------------------------------------------------------------------------ what the runs share

    def _options(self, wanted: int, args: tuple[Any, ...], keywords: Mapping[str, Any]) -> dict[str, Any]:
        """All keywords with their values, checked where the arrays do not matter."""
        if not (args or keywords.keys() - ONLY_OUT or self._required or (wanted == VALUE and keywords)):
            return {**self._keywords, **keywords}
        self._refuse_positions(args)
        if not keywords.keys() <= self._keywords.keys():
            self._refuse_unknown(keywords.keys() - self._keywords.keys(), self._keywords)
        self._refuse_missing(self._required, keywords)
        options = {**self._keywords, **keywords}
        reduction = options["reduction"]
        if not isinstance(reduction, str) or reduction not in REDUCTIONS:
            meant = FOREIGN_REDUCTIONS.get(reduction) if reduction is None or isinstance(reduction, str) else None
            hint = f", here called {meant!r}" if meant else ""
            raise ValueError(f"{self.name}: reduction must be one of {', '.join(REDUCTIONS)}, got {reduction!r}{hint}")
        if wanted == VALUE and options["out"] is not None:
            raise TypeError(f"{self.name}: out is for the gradient; the value alone takes none")
        return options

    def _refuse_other_labels(
        self, arrays: Mapping[str, Any], options: Mapping[str, Any], axis: int | None = None
    ) -> None:
        """Raise a ValueError if arrays or keywords are labelled differently; `axis` is that of classes or vectors."""
        if not any(containers.library(array) for array in arrays.values()):
            return
        rank = np.ndim(next(iter(arrays.values())))
        along = [] if axis is None else [axis]
        of = {"sample_weight": [k for k in range(rank) if k not in along], "class_weight": along}
        operands = {name: (array, containers.places(array, rank, along)) for name, array in arrays.items()}
        for name, value in options.items():
            operands[name] = value, of[name] if name in of else containers.places(value, rank)
        containers.refuse_other_labels(self.name, operands)

    def _number(self, name: str, value: Any, dtype: np.dtype[Any]) -> float:
        """A scalar parameter, checked against its interval and rounded to the working type."""
        if type(value) is not float and type(value) is not int:
            array = np.asarray(value)
            if array.ndim or array.dtype.kind not in "biuf":
                raise TypeError(f"{self.name}: {name} must be a real number, got {value!r}")
        number = _rounded(nearest_float(value) if type(value) is int else float(value), dtype)
        interval = self.parameters[name].interval
        above = number >= interval.low if interval.low_closed else number > interval.low
        below = number <= interval.high if interval.high_closed else number < interval.high
        if not (above and below):
            single = "" if dtype == np.float64 else " as float32"
            raise ValueError(f"{self.name}: {name} must lie in {interval}{single}, got {shortened(value)}")
        return number

    def _array(self, what: str, values: Any) -> NDArray[Any]:
        return kernel_array(self.name, what, values, ", filled where it is masked, and sample_weight=0 there")

    def _working(self, what: str, values: Any, dtype: np.dtype[Any]) -> NDArray[Any]:
        """An array parameter in the working type."""
        array, working = self._array(what, values), np.float64 if dtype == np.float64 else np.float32
        if array.dtype == working:
            return array
        with np.errstate(all="ignore"):
            return array.astype(working)

    def _factor(
        self, what: str, values: Any, domain: tuple[int, float, float], shape: tuple[int, ...], dtype: np.dtype[Any]
    ) -> NDArray[Any] | float:
        """A parameter that broadcasts to the shape of the prediction: in that shape (its values are checked by the
        kernel), or as a single number."""
        if type(values) is float:
            number = _rounded(values, dtype)
            if domain[1] <= number <= domain[2]:
                return number
        array = self._working(what, values, dtype)
        if array.shape == shape:
            return array
        self._check(what, self._array(what, values), domain)
        self._check(f"{what} as float32", array, domain)
        try:
            return np.broadcast_to(array, shape)
        except ValueError:
            raise ValueError(
                f"{self.name}: {what} must broadcast to the shape of the prediction {shape}, got {array.shape}"
            ) from None

    def _check(self, what: str, array: NDArray[Any], domain: tuple[int, float, float]) -> None:
        require(self.name, what, array, domain)

    def _sample_weight(self, weight: Any, shape: tuple[int, ...], reduction: str) -> Weights:
        array = self._array("sample_weight", weight)
        if array.shape == shape:
            repeats = 1
        elif array.ndim == 1 and shape and array.shape[0] == shape[0]:
            repeats = prod(shape[1:])
        else:
            along = f" or {shape[:1]} along axis 0" if len(shape) > 1 else ""
            raise ValueError(
                f"{self.name}: sample_weight must have the shape of the unreduced loss {shape}{along}, "
                f"got {array.shape}"
            )
        total = np.empty(())
        if not kernels.losses["plain"](False, VALUE, (array,), (NOT_NEGATIVE,), None, None, None, total, 1.0):
            self._check("sample_weight", array, NOT_NEGATIVE)
        if reduction == "mean" and extreme(total):
            array = moderate(array)
            kernels.losses["plain"](False, VALUE, (array,), (ANY,), None, None, None, total, 1.0)
        if array.shape != shape:
            array = np.broadcast_to(array.reshape(-1, *(1 for _ in shape[1:])), shape)
        return Weights(array, float(total) * repeats)

    def _axis(self, axis: Any, what: str, array: NDArray[Any], holds: str) -> int:
        if type(axis) is int and -array.ndim <= axis < array.ndim:
            return axis % array.ndim
        if array.ndim == 0:
            raise ValueError(f"{self.name}: {what} must have an axis of {holds}, got a single number")
        if not isinstance(axis, (int, np.integer)) or isinstance(axis, bool):
            raise TypeError(f"{self.name}: axis must be an integer, got {axis!r}")
        if not -array.ndim <= axis < array.ndim:
            raise ValueError(
                f"{self.name}: axis must lie in [{-array.ndim}, {array.ndim}) for a {what} of "
                f"{array.ndim} dimensions, got {axis}"
            )
        return int(axis) % array.ndim

    def _divisor(self, reduction: str, counted: float, shape: tuple[int, ...]) -> float:
        """What the sum of the weighted losses is divided by; `counted` is the sum of the weights."""
        if reduction == "mean":
            return counted
        return float(shape[0]) if reduction == "batchmean" and shape else 1.0

    def _gradient_array(
        self, out: Any, like: NDArray[Any], dtype: np.dtype[Any], in_place: Iterable[Any], apart: Iterable[Any]
    ) -> Any:
        """The array that the kernel writes the gradient to: `out`, unless it overlaps an input where it may not.

        It may be one of `in_place`, element for element. Those in `apart` are read in another order.
        """
        if out is None:
            return np.empty(like.shape, dtype)
        if is_free(out, like, dtype, in_place, apart):
            return out
        if not isinstance(out, np.ndarray):
            raise TypeError(f"{self.name}: out must be an array, got {type(out).__name__}")
        if out.shape != like.shape or (out.dtype != dtype and out.dtype.newbyteorder("=") != dtype):
            raise ValueError(
                f"{self.name}: out must have the shape {like.shape} and the dtype {dtype} of the gradient, "
                f"got {out.shape} and {out.dtype}"
            )
        flags = out.flags
        if not flags.writeable:
            raise ValueError(f"{self.name}: out must be writeable, got a read-only array")
        if not out.dtype.isnative or not flags.aligned:
            return np.empty(like.shape, dtype)
        for array in apart:
            if _overlap(out, array):
                return np.empty(like.shape, dtype)
        for array in in_place:
            if _overlap(out, array) and not _same_elements(out, array):
                return np.empty(like.shape, dtype)
        return out


def _rounded(number: float, dtype: np.dtype[Any]) -> float:
    """The number in the working type for results of this dtype."""
    return number if dtype.char == "d" or number in (0.0, 1.0) else _single(number)


@lru_cache(maxsize=64)
def _single(number: float) -> float:
    with np.errstate(all="ignore"):
        return float(np.float32(number))


def _overlap(out: NDArray[Any], other: Any) -> bool:
    """Whether `other` is an array that may share memory with `out`; two that own their memory do not."""
    if not isinstance(other, np.ndarray) or (out is not other and out.base is None and other.base is None):
        return False
    return np.may_share_memory(out, other)


def _same_elements(first: NDArray[Any], second: NDArray[Any]) -> bool:
    """Whether two arrays are the same elements at the same indices."""
    return bool(
        first.__array_interface__["data"] == second.__array_interface__["data"]
        and first.strides == second.strides
        and first.shape == second.shape
        and first.dtype == second.dtype
    )


def deliver(gradient: Any, out: Any) -> Any:
    """The result in `out` where one was given; a scalar for 0-d."""
    if out is None:
        return gradient[()]
    if gradient is not out:
        out[...] = gradient
    return out


def result_dtype(prediction: NDArray[Any]) -> np.dtype[Any]:
    return prediction.dtype if prediction.dtype.kind == "f" else np.dtype(np.float64)


class PredictionLoss(Loss[P]):
    """A loss of a prediction and a target, with the gradient and the diagonal of the Hessian, with respect to the
    prediction: of its shape and dtype.

    Attributes
    ----------
    hessian_definition : str
        The second derivative with respect to the prediction, or to its entry `j`.
    """

    offers = {**Loss.offers, "hessian_diagonal": "hessian_definition"}

    def __init__(self, function: Callable[Concatenate[ArrayLike, ArrayLike, P], Any], facts: LossFacts) -> None:
        super().__init__(function, facts)
        self.hessian_definition = facts.hessian_definition

    def __call__(self, prediction: ArrayLike, target: ArrayLike, *args: P.args, **kwargs: P.kwargs) -> Any:
        return self._run(VALUE, prediction, target, args, kwargs)[0]

    def gradient(self, prediction: ArrayLike, target: ArrayLike, *args: P.args, **kwargs: P.kwargs) -> Any:
        """The gradient of the reduced value with respect to the prediction, of its shape and dtype."""
        return self._run(GRADIENT, prediction, target, args, kwargs)[1]

    def value_and_gradient(
        self, prediction: ArrayLike, target: ArrayLike, *args: P.args, **kwargs: P.kwargs
    ) -> tuple[Any, Any]:
        """The pair of value and gradient, in one pass over memory; ``out`` is the array of the gradient."""
        return self._run(VALUE_AND_GRADIENT, prediction, target, args, kwargs)

    def hessian_diagonal(self, prediction: ArrayLike, target: ArrayLike, *args: P.args, **kwargs: P.kwargs) -> Any:
        """The second derivatives of the reduced value with respect to each entry of the prediction."""
        return self._run(HESSIAN, prediction, target, args, kwargs)[1]

    def _run(
        self, wanted: int, prediction: Any, target: Any, args: tuple[Any, ...], keywords: Mapping[str, Any]
    ) -> tuple[Any, Any]:
        raise NotImplementedError


class ElementwiseLoss(PredictionLoss[P]):
    """A loss of each element of the prediction by itself."""

    def __init__(self, function: Callable[Concatenate[ArrayLike, ArrayLike, P], Any], facts: LossFacts) -> None:
        super().__init__(function, facts)
        self._checked = self._checks(facts.prediction_domain)
        self._domains = self._all_domains(self._checked)

    def _checks(self, prediction_domain: tuple[int, float, float]) -> tuple[tuple[str, tuple[int, float, float]], ...]:
        """What the operands that the kernel checks are called and may hold."""
        return (("prediction", prediction_domain), ("target", self._facts.target_domain), *self.checked)

    @staticmethod
    def _all_domains(checked: Iterable[tuple[str, tuple[int, float, float]]]) -> tuple[tuple[int, float, float], ...]:
        """A domain for every operand that a kernel can have."""
        domains = [domain for _, domain in checked]
        return (*domains, *[ANY] * (MOST_INPUTS - len(domains)))

    def _domains_of(
        self, options: Mapping[str, Any]
    ) -> tuple[tuple[tuple[str, tuple[int, float, float]], ...], tuple[tuple[int, float, float], ...]]:
        """The operands with domains, and the domains of all, which may depend on the keywords."""
        return self._checked, self._domains

    def _kernel(self, options: Mapping[str, Any]) -> str:
        return self.name

    # what the first operands after prediction and target are called and may hold, as far as the kernel checks it
    checked: tuple[tuple[str, tuple[int, float, float]], ...] = ()

    def _operands(self, options: Mapping[str, Any], shape: tuple[int, ...], dtype: np.dtype[Any]) -> list[Any]:
        """The operands of the kernel after prediction and target: numbers or arrays."""
        return [self._number(name, options[name], dtype) for name in self.parameters] if self.parameters else []

    def _run(
        self, wanted: int, prediction: Any, target: Any, args: tuple[Any, ...], keywords: Mapping[str, Any]
    ) -> tuple[Any, Any]:
        options = self._options(wanted, args, keywords)
        if not plain_pair(prediction, target):
            self._refuse_other_labels({"prediction": prediction, "target": target}, options)
            prediction, target = self._pair(prediction, target)
        shape, dtype = prediction.shape, result_dtype(prediction)
        arrays = (prediction, target, *self._operands(options, shape, dtype))
        named, domains = self._domains_of(options)
        weight, counted = None, prediction.size
        if options["sample_weight"] is not None:
            weight, counted = self._sample_weight(options["sample_weight"], shape, options["reduction"])
        reduction, out = options["reduction"], options["out"]
        divisor = self._divisor(reduction, counted, shape)
        value = gradient = total = None
        if wanted != VALUE:
            if out is None:
                gradient = np.empty(shape, dtype)
            else:
                gradient = self._gradient_array(out, prediction, dtype, (*arrays, weight), ())
        if wanted in (VALUE, VALUE_AND_GRADIENT):
            if reduction == "none":
                value = np.empty(shape, dtype)
            else:
                total = np.empty((), dtype)
        evaluate = kernels.losses[self._kernel(options)]
        if not evaluate(
            dtype.itemsize < 8, wanted, arrays, domains, weight, value, gradient, total, divisor, out is not None
        ):
            for (name, domain), array in zip(named, arrays, strict=False):
                self._check(name, array, domain)
        if gradient is not None:
            if divisor == 0.0:
                gradient[...] = 0.0
            gradient = deliver(gradient, out)
        result = value if total is None else total
        return None if result is None else result[()], gradient

    def _pair(self, prediction: Any, target: Any) -> tuple[NDArray[Any], NDArray[Any]]:
        """Both as arrays that the kernels read; the target has the shape of the prediction, or is a single number."""
        prediction = self._array("prediction", prediction)
        target = self._array("target", target)
        if target.shape != prediction.shape:
            if target.ndim:
                raise ValueError(
                    f"{self.name}: target must have the shape of the prediction {prediction.shape} or be a single "
                    f"number, got shape {target.shape}"
                )
            self._check("target", target, self._facts.target_domain)
        return prediction, target


class ClassLoss(PredictionLoss[P]):
    """A loss of rows of K predictions, against a label or K shares."""

    common = (*COMMON, "axis")
    weighs_rows = True  # a class weight belongs to the rows of that class, and their mean divides by its sum

    def _kernel(self, options: Mapping[str, Any]) -> str:
        return self.name

    def _target_domain(self, options: Mapping[str, Any]) -> tuple[int, float, float]:
        return UNIT

    def _operands(self, options: Mapping[str, Any], dtype: np.dtype[Any]) -> tuple[float, ...]:
        """The numbers of the kernel."""
        return ()

    def _run(
        self, wanted: int, prediction: Any, target: Any, args: tuple[Any, ...], keywords: Mapping[str, Any]
    ) -> tuple[Any, Any]:
        options = self._options(wanted, args, keywords)
        given = prediction
        if not is_readable(prediction):
            prediction = self._array("prediction", prediction)
        dtype, out = result_dtype(prediction), options["out"]
        axis = self._axis(options["axis"], "prediction", prediction, "classes")
        if type(given) is not np.ndarray or type(target) is not np.ndarray:
            self._refuse_other_labels({"prediction": given, "target": target}, options, axis)
        rows = self._last(prediction, axis)
        shape, classes = rows.shape[:-1], rows.shape[-1]
        labels, shares, ignored = self._target(target, prediction, axis, options)
        reduction, class_weight = options["reduction"], options.get("class_weight")
        if class_weight is not None:
            if not containers.library(given):
                self._refuse_other_classes(class_weight, classes)
            class_weight = self._class_weight(class_weight, classes, reduction)
        smoothing = options.get("label_smoothing", 0.0)
        if smoothing != 0.0 or type(smoothing) is not float:
            smoothing = self._number("label_smoothing", smoothing, np.dtype(np.float64))
        weight, total = None, float(prod(shape))
        if options["sample_weight"] is not None:
            array, total = self._sample_weight(options["sample_weight"], shape, reduction)
            weight = np.ascontiguousarray(array, dtype=np.float64)
        if reduction == "mean" and (class_weight is not None or ignored is not None) and self.weighs_rows:
            counted = self._counted(labels, shares, ignored, class_weight, weight, classes)
        else:
            counted = total
        divisor = self._divisor(reduction, counted, shape)
        values = np.empty(shape) if wanted in (VALUE, VALUE_AND_GRADIENT) else None
        gradient = last_gradient = None
        if wanted != VALUE:
            if out is None:
                gradient = np.empty(prediction.shape, dtype)
            else:
                apart = (shares, labels, weight, class_weight)
                gradient = self._gradient_array(out, prediction, dtype, (prediction,), apart)
            last_gradient = self._last(gradient, axis)
        valid = kernels.losses[self._kernel(options)](
            dtype.itemsize < 8, wanted, rows, shares, labels, ignored, class_weight, smoothing,
            self._target_domain(options)[0] != 0, self._facts.prediction_domain[0] != 0,
            weight, divisor, values, last_gradient, self._operands(options, dtype), out is not None,
        )  # fmt: skip
        if not valid:
            self._explain_target(labels, shares, ignored, classes)
            self._check("prediction", prediction, self._facts.prediction_domain)
        if gradient is not None:
            if divisor == 0.0:
                gradient[...] = 0.0
            gradient = deliver(gradient, out)
        value = None
        if values is not None:
            value = np.empty(shape if reduction == "none" else (), dtype)
            one, all_ = (value, None) if reduction == "none" else (None, value)
            kernels.losses["plain"](
                dtype.itemsize < 8, VALUE, (values,), (ANY,), weight, one, None, all_, divisor
            )
            value = value[()]
        return value, gradient

    @staticmethod
    def _last(array: NDArray[Any], axis: int) -> NDArray[Any]:
        """A view with the axis of classes last."""
        return array if axis == array.ndim - 1 else np.moveaxis(array, axis, -1)

    def _target(
        self, target: Any, prediction: NDArray[Any], axis: int, options: Mapping[str, Any]
    ) -> tuple[Any, Any, int | None]:
        """Labels, or shares with the axis of classes last, and the label to ignore."""
        if axis == prediction.ndim - 1 and options.get("ignore_index") is None and plain_labels(prediction, target):
            return target, None, None
        target = self._array("target", target)
        shape = prediction.shape[:axis] + prediction.shape[axis + 1 :]
        ignored = self._ignored(options.get("ignore_index"))
        if target.shape == prediction.shape:
            if ignored is not None:
                raise TypeError(
                    f"{self.name}: ignore_index = {ignored} is a label, and the target holds shares; "
                    "leave examples out with sample_weight=0"
                )
            return None, self._last(target, axis), None
        if target.size == 0 and target.shape == shape:
            target = target.astype(np.intp)  # an empty list has no integers to show
        if target.shape == shape and target.dtype.kind not in "iu":
            raise not_labels(self.name, target)
        if target.shape != shape:
            raise ValueError(
                f"{self.name}: target must be labels of shape {shape} or shares of the shape of the prediction "
                f"{prediction.shape}, got shape {target.shape}"
            )
        classes = prediction.shape[axis]
        if target.dtype == np.uint64 and target.size and target.max() > np.iinfo(np.int64).max:
            self._explain_target(target, None, None, classes)
        labels = target
        if target.dtype != np.int64 or not target.flags.c_contiguous:
            labels = np.ascontiguousarray(target, dtype=np.int64).reshape(shape)
        if classes == 0:  # the kernel reads labels where it finds classes
            self._explain_target(labels, None, ignored, classes)
        return labels, None, ignored

    def _ignored(self, label: Any) -> int | None:
        if label is None:
            return None
        if not isinstance(label, int | np.integer) or isinstance(label, bool):
            raise TypeError(f"{self.name}: ignore_index must be an integer or None, got {label!r}")
        if not -(2**63) <= int(label) < 2**63:
            raise ValueError(f"{self.name}: ignore_index must be an integer of 64 bits, got {label!r}")
        return int(label)

    def _explain_target(self, labels: Any, shares: Any, ignored: int | None, classes: int) -> None:
        if labels is None:
            self._check("target", shares, UNIT)
            return
        good = (labels >= 0) & (labels < classes)
        if ignored is not None:
            good |= labels == ignored
        if np.all(good):
            return
        unless = "" if ignored is None else f" or be ignore_index = {ignored}"
        if ignored is None and "ignore_index" in self._keywords and labels[~good].min() < 0:
            unless = " (ignore_index is the label of rows to leave out)"
        refuse(self.name, "labels", labels, good, f"lie in [0, {classes}){unless}")

    def _refuse_other_classes(self, weight: Any, classes: int) -> None:
        """Raise a ValueError for weights that are labelled, but not by the numbers of the classes in their order."""
        if containers.library(weight) != "pandas" or list(weight.index) == list(range(classes)):
            return
        raise ValueError(
            f"{self.name}: class_weight is labelled {list(weight.index)}, expected the classes 0 to {classes - 1} in "
            "their order; sort_index() orders them, to_numpy() leaves the labels away"
        )

    def _class_weight(self, weight: Any, classes: int, reduction: str) -> NDArray[Any]:
        if isinstance(weight, str | Mapping):
            raise TypeError(
                f"{self.name}: class_weight must hold one weight for each class, in the order of the classes, got "
                f"{weight!r}"
            )
        array = self._array("class_weight", weight)
        if array.shape != (classes,):
            raise ValueError(f"{self.name}: class_weight must have the shape ({classes},), got {array.shape}")
        self._check("class_weight", array, NOT_NEGATIVE)
        if reduction == "mean" and self.weighs_rows and array.any() and not 0.5 <= array.max() <= 1.0:
            array = moderate(array)  # losses times weights overflow no more than losses do
        return np.ascontiguousarray(array, dtype=np.float64)

    def _counted(
        self, labels: Any, shares: Any, ignored: int | None, class_weight: Any, weight: Any, classes: int
    ) -> float:
        """The sum over the rows of sample weight times class weight, without ignored rows."""
        if labels is None:
            # the class weight of a row of shares is the mean over its shares: -1 * sum of (-share * weight)
            counts = np.empty(shares.shape[:-1])
            ones = np.broadcast_to(np.float64(-1.0), shares.shape)
            if not kernels.losses["negative_log_likelihood"](
                False, VALUE, ones, shares, None, None, class_weight, 0.0, True, False, None, 1.0, counts, None
            ):
                self._explain_target(None, shares, None, classes)
        else:
            good = (labels >= 0) & (labels < classes)
            if not np.all(good | (labels == ignored) if ignored is not None else good):
                self._explain_target(labels, None, ignored, classes)
            counts = np.ones(classes) if class_weight is None else class_weight
            counts = counts[np.where(good, labels, 0)] if classes else np.zeros(labels.shape)
            if ignored is not None:
                counts = np.where(labels == ignored, 0.0, counts)
        total = np.empty(())
        kernels.losses["plain"](False, VALUE, (counts,), (ANY,), weight, None, None, total, 1.0)
        return float(total)


class LabelLoss(ClassLoss[P]):
    """A loss of rows of K predictions against a label, which may also be given as a one-hot row."""

    def _target(
        self, target: Any, prediction: NDArray[Any], axis: int, options: Mapping[str, Any]
    ) -> tuple[Any, Any, int | None]:
        labels, rows, ignored = super()._target(target, prediction, axis, options)
        if rows is None:
            return labels, None, ignored
        if rows.shape[-1] == 0 and rows.size == 0 and prod(rows.shape[:-1]):
            raise ValueError(f"{self.name}: target must hold labels or one-hot rows, got rows without classes")
        ones = rows == 1
        good = (np.count_nonzero(ones, axis=-1) == 1) & (np.count_nonzero(rows, axis=-1) == 1)
        if not np.all(good):
            good = np.broadcast_to(good[..., None], rows.shape)
            refuse(self.name, "target", rows, good, "hold labels or one-hot rows")
        return np.asarray(ones @ np.arange(rows.shape[-1])), None, ignored


def elementwise_loss(
    facts: LossFacts, kind: type[ElementwiseLoss[Any]] = ElementwiseLoss
) -> Callable[[Callable[Concatenate[ArrayLike, ArrayLike, P], Any]], PredictionLoss[P]]:
    """Turn a documented signature into a loss of each element."""
    return lambda function: kind(function, facts)


def class_loss(
    facts: LossFacts, kind: type[ClassLoss[Any]] = ClassLoss
) -> Callable[[Callable[Concatenate[ArrayLike, ArrayLike, P], Any]], PredictionLoss[P]]:
    """Turn a documented signature into a loss of rows of classes."""
    return lambda function: kind(function, facts)
