"""Peers at the points of the accuracy tests: the worst error of each, in ulp, judged as the tests judge actlib.

They are asked with the defaults of all keywords. A derivative is not asked where it leaps: there each library has a
convention of its own.
"""

import sys
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from itertools import chain
from pathlib import Path
from typing import Any, ClassVar

import elementwise
import losses
import numpy as np
import rows
import special

import actlib

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))
import axis_cases
import cases
import special_cases
import test_accuracy
import test_axis_accuracy
import test_losses_accuracy
import test_losses_pairs
import test_special_accuracy
from oracle import Exact, show

LIBRARIES = ("torch", "jax", "scipy", "numpy", "sklearn")


@dataclass
class Question:
    """One offer of a function in one dtype at some points."""

    kind: ClassVar[str]
    name: str
    offer: str
    dtype: str

    def libraries(self) -> Mapping[str, Any]:
        """What the benchmark has of each library."""
        raise NotImplementedError

    def answer(self, library: str, module: Any) -> Sequence[Any] | None:
        """The arrays that the library returns; None where it has no such offer."""
        raise NotImplementedError

    def judge(self, results: Sequence[Any]) -> dict[str, Any]:
        """The worst error and where it is."""
        raise NotImplementedError


def measured(modules: dict[str, Any]) -> dict[tuple[str, str, str, str], dict[str, Any]]:
    """(kind, function, offer, dtype) -> library -> its worst error, with its witness."""
    found: dict[tuple[str, str, str, str], dict[str, Any]] = {}
    for question in questions():
        for library in LIBRARIES:
            if library not in modules or library not in question.libraries():
                continue
            with warnings.catch_warnings(), np.errstate(all="ignore"):
                warnings.simplefilter("ignore")
                results = question.answer(library, modules[library])
            if results is None or any(result.dtype != question.dtype for result in results):
                continue
            worst = question.judge(results)
            known = found.setdefault((question.kind, question.name, question.offer, question.dtype), {})
            if library not in known or worst["ulp"] > known[library]["ulp"]:
                known[library] = worst
    return found


def questions() -> Iterator[Question]:
    return chain(of_activations(), of_rows(), of_short_rows(), of_losses(), of_special(), of_means())


# How a library is asked: a function takes the library and the arrays. JAX compiles it once for each shape.


@cache
def compiled_value(jax, function):
    return jax.jit(partial(function, jax))


@cache
def compiled_gradients(jax, function, count):
    def pulled(upstream, *arrays):
        value, pull = jax.vjp(lambda *several: function(jax, *several, *arrays[count:]), *arrays[:count])
        return pull(jax.numpy.ones_like(value) if upstream is None else upstream)

    return jax.jit(pulled)


def value(library, module, function, arrays):
    if library == "torch":
        return function(module, *tensors(module, arrays)).numpy()
    if library == "jax":
        return np.asarray(compiled_value(module, function)(*arrays))
    return np.asarray(function(module, *arrays))


def gradients(library, module, function, arrays, upstream=None, count=1):
    """Those with respect to the first `count` arrays; None where the library has no derivative."""
    if library == "jax":
        return [np.asarray(one) for one in compiled_gradients(module, function, count)(upstream, *arrays)]
    if library != "torch":
        return None
    given = tensors(module, arrays)
    leaves = [one.requires_grad_() for one in given[:count]]
    result = function(module, *given)
    if not result.requires_grad:
        return None
    upstream = module.ones_like(result) if upstream is None else module.from_numpy(upstream)
    try:
        found = module.autograd.grad(result, leaves, upstream, materialize_grads=True)
    except RuntimeError as error:
        if "not implemented" in str(error):  # that of heaviside
            return None
        raise
    return [one.numpy() for one in found]


def tensors(torch, arrays):
    return [torch.from_numpy(array.copy()) for array in arrays]


def by_length(function, inputs, *others):
    """Ask for the rows of one length at a time; the results in the order of the rows, or None."""
    found: list[Any] = [None] * len(inputs)
    for length in {row.size for row in inputs}:
        places = [i for i, row in enumerate(inputs) if row.size == length]
        answers = function(*(np.stack([array[i] for i in places]) for array in (inputs, *others)))
        if answers is None:
            return None
        for i, one in zip(places, answers, strict=True):
            found[i] = np.asarray(one)
    return found


# How an answer is judged


def worst_of(got: Any, wanted: Exact, inputs: Any, counted: Any = True) -> dict[str, Any]:
    """The worst result where `counted` says that the point counts."""
    got = np.ravel(got)
    errors = np.where(counted, wanted.errors(got), 0.0)
    i = int(np.argmax(errors))
    return {"ulp": finite(errors[i]), "input": show(np.ravel(inputs)[i]), "got": show(got[i])}


def finite(error: float) -> float:
    """JSON has no infinity."""
    return float(min(error, 1e300))


def larger(found: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return max(found, key=lambda one: one["ulp"])


# Activations


@dataclass
class OfActivation(Question):
    kind = "activations"
    case: cases.Case

    def libraries(self):
        table = elementwise.FROM_OUTPUT if self.offer == "derivative_from_output" else elementwise.VALUES
        return table.get(self.name, {})

    def answer(self, library, module):
        x, function = cases.inputs(self.case), self.libraries()[library]
        if self.offer == "derivative":
            return gradients(library, module, completed(function), [x])
        if self.offer == "derivative_from_output" and library == "torch":  # its functions take an upstream gradient
            return [value(library, module, function, [x, np.ones_like(x)])]
        return [value(library, module, completed(function), [x])]

    def judge(self, results):
        x = cases.inputs(self.case)
        return worst_of(results[0], test_accuracy.wanted(self.case), x, ~np.isin(x, self.leaps(x.dtype)))

    def leaps(self, dtype):
        if self.offer == "value":
            return []
        activation = self.case.activation
        kinks = np.array([float(place) for place, _ in cases.kinks(activation, self.case.variables)], dtype)
        return activation(kinks) if self.offer == "derivative_from_output" else kinks


@cache
def completed(function):
    """Without an array for the result, the last argument."""
    return lambda module, *arrays: function(module, *arrays, None)


def of_activations():
    for case in cases.cases():
        if not case.parameters and case.offer in ("value", "derivative", "derivative_from_output"):
            yield OfActivation(case.entry, case.offer, case.dtype, case)


# Functions along an axis


@dataclass
class OfRows(Question):
    """`upstream` is the kind of the gradients from upstream for ``backward``."""

    kind = "axis"
    upstream: str = ""

    def libraries(self):
        return rows.VALUES[self.name]

    def inputs(self):
        return axis_cases.sparse_rows(self.dtype) if self.name in axis_cases.SPARSE else axis_cases.rows(self.dtype)

    def answer(self, library, module):
        function = of_last_axis(rows.VALUES[self.name][library])
        if self.offer == "value":
            return by_length(lambda x: value(library, module, function, [x]), self.inputs())

        def pulled(x, upstreams):
            """For each row the gradients for its upstreams, one after the other."""
            repeated = np.repeat(x, upstreams.shape[1], 0)
            found = gradients(library, module, function, [repeated], np.concatenate(upstreams))
            return None if found is None else found[0].reshape(*upstreams.shape[:2], -1)

        return by_length(pulled, self.inputs(), [self.upstreams(row) for row in self.inputs()])

    def upstreams(self, row):
        if self.name == "logsumexp":
            return np.array([axis_cases.UPSTREAM_OF_LOGSUMEXP], self.dtype)
        return np.stack(test_axis_accuracy.chosen(row, self.dtype, self.upstream))

    def judge(self, results):
        if self.offer == "value":
            error, place = test_axis_accuracy.worst_value(results, self.name, self.dtype)
        else:
            error, place = test_axis_accuracy.worst_gradient(results, self.name, self.dtype, self.upstream)
        return {"ulp": finite(error), "input": f"row {self.inputs()[place].tolist()[:3]}"}


@cache
def of_last_axis(function):
    return lambda module, x: function(module, x, -1)


def of_rows():
    for dtype in axis_cases.DTYPES:
        for name in (*axis_cases.NORMALISED, *axis_cases.SPARSE, "logsumexp"):
            yield OfRows(name, "value", dtype)
            for upstream in ("ordinary",) if name == "logsumexp" else ("one-hot", "ordinary"):
                yield OfRows(name, "backward", dtype, upstream)


@dataclass
class OfShortRows(Question):
    """Gated units and selections."""

    kind = "axis"

    def libraries(self):
        return rows.VALUES[self.name]

    def answer(self, library, module):
        function = of_last_axis(rows.VALUES[self.name][library])
        x, upstream = axis_cases.short_rows(self.name, self.dtype)
        if self.offer == "value":
            return [value(library, module, function, [x])]
        return gradients(library, module, function, [x], upstream)

    def judge(self, results):
        x, _ = axis_cases.short_rows(self.name, self.dtype)
        exact_value, exact_gradient = test_axis_accuracy.exact_short_rows(self.name, self.dtype)
        if self.offer == "value":
            return worst_of(results[0], exact_value, np.broadcast_to(x[:, :1], results[0].shape))
        return worst_of(results[0], exact_gradient, x)


def of_short_rows():
    for dtype in axis_cases.DTYPES:
        for name in (*axis_cases.GATED, *axis_cases.SELECTIONS):
            for offer in ("value", "backward"):
                yield OfShortRows(name, offer, dtype)


# Losses. The peers give a mean: of one example at a time.


@dataclass
class OfLoss(Question):
    """The examples go along the first axis of the arrays; `wanted` has the values, or each of the gradients."""

    kind = "losses"
    arrays: Sequence[Any]
    wanted: Sequence[Exact]

    def libraries(self):
        job = losses.JOBS[self.name]
        return {"torch": job.torch, "jax": job.jax} | ({"sklearn": job.sklearn} if job.sklearn else {})

    def answer(self, library, module):
        if library == "sklearn":
            return self.answer_of_sklearn(module)
        function = ONE_BY_ONE[library](self.libraries()[library])
        if self.offer == "value":
            return [value(library, module, function, self.arrays)]
        return gradients(library, module, function, self.arrays, count=losses.JOBS[self.name].gradients)

    def answer_of_sklearn(self, module):
        prediction, target = self.arrays
        loss = losses.JOBS[self.name].sklearn(module._loss, prediction.shape[-1])
        found = loss.loss_gradient(target.astype(prediction.dtype), prediction)
        return [found[0 if self.offer == "value" else 1]]

    def judge(self, results):
        counted = True if self.offer == "value" or self.name not in LEAPS else ~LEAPS[self.name](*self.arrays)
        pairs = zip(results, self.wanted, self.arrays, strict=False)
        return larger([
            worst_of(got, exact, x if np.size(got) == np.size(x) else x[:, 0], counted) for got, exact, x in pairs
        ])  # fmt: skip


@cache
def one_by_one_in_torch(function):
    def each(torch, *arrays):
        examples = zip(*(array.split(1) for array in arrays), strict=True)
        return torch.stack([function(torch, *example) for example in examples])

    return each


@cache
def one_by_one_in_jax(function):
    def each(jax, *arrays):
        return jax.vmap(lambda *example: function(jax, *(part[None] for part in example)))(*arrays)

    return each


ONE_BY_ONE: dict[str, Callable[..., Any]] = {"torch": one_by_one_in_torch, "jax": one_by_one_in_jax}
# where a gradient leaps
LEAPS: dict[str, Callable[..., Any]] = {
    "mean_absolute_error": lambda p, t: p == t,
    "mean_absolute_percentage_error": lambda p, t: p == t,
    "quantile": lambda p, t: p == t,
    "epsilon_insensitive": lambda p, t: abs(p - t) == p.dtype.type(0.1),
    "hinge": lambda p, t: p * t == 1,
    "perceptron": lambda p, t: p * t == 0,
    "hinge_embedding": lambda p, t: (t == -1) & (p == 1),
    "margin_ranking": lambda a, b, t: a == b,
}
# Keywords with which the tests ask: an argument of the peers; and no bound on logarithms, which peers have or have not.
KEYWORDS: dict[str, dict[str, float]] = {"gaussian_nll": {"variance": 0.3}, "binary_cross_entropy": {"eps": 0}}
# How the peers of a class loss are told the label, if not by its number
TARGETS: dict[str, Callable[..., Any]] = {
    "multilabel_soft_margin": lambda one_hot, dtype: one_hot.astype(dtype),
    "multilabel_margin": lambda one_hot, dtype: np.where([True, False, False], one_hot.argmax(1)[:, np.newaxis], -1),
}


def of_losses():
    for dtype in test_losses_accuracy.DTYPES:
        kind = np.dtype(dtype).name
        for name in losses.JOBS:
            for offer, arrays, wanted in examples(name, dtype):
                yield OfLoss(name, offer, kind, arrays, wanted)


def examples(name, dtype):
    """(offer, arguments, exact results) of a loss at the points of its tests."""
    if name in test_losses_accuracy.ELEMENTWISE or name in test_losses_accuracy.ROWS:
        for offer in ("value", "gradient"):
            for arrays, wanted in of_predictions(name, offer, dtype):
                yield offer, arrays, [wanted]
        return
    for arrays, (exact_value, *exact_gradients) in of_pairs(name, dtype):
        yield "value", arrays, [exact_value]
        yield "gradient", arrays, exact_gradients


def of_predictions(name, offer, dtype):
    if name in test_losses_accuracy.ELEMENTWISE:
        keywords = KEYWORDS.get(name, {})
        *arrays, wanted = test_losses_accuracy.exact_elements(name, offer, dtype, **keywords)
        if "variance" in keywords:
            arrays.append(np.full_like(arrays[0], keywords["variance"]))
        yield arrays, wanted
    elif name == "kl_divergence":
        *arrays, wanted = test_losses_accuracy.exact_shares(name, offer, dtype)
        yield arrays, wanted
    else:
        for label in range(3):
            prediction, one_hot, wanted = test_losses_accuracy.exact_labels(name, offer, dtype, label)
            target = TARGETS[name](one_hot, dtype) if name in TARGETS else one_hot.argmax(1)
            yield [prediction, target], wanted


def of_pairs(name, dtype):
    entry, tests = actlib.losses.LOSSES[name], test_losses_pairs
    if name == "margin_ranking":
        for sign in (1.0, -1.0):
            first, second, wanted = tests.exact_rankings(0.0, sign, dtype)
            yield [first, second, np.full_like(first, sign)], wanted
    elif name == "triplet_margin":
        for arrays in tests.triples(dtype):
            yield arrays, tests.exact_vectors(entry, {}, arrays, None, dtype, tests.distance_floors(dtype))
    else:
        arrays = tests.usable(tests.vectors(dtype, 2))
        for sign in (1, -1) if name == "cosine_embedding" else (None,):
            target = [] if sign is None else [np.full(len(arrays[0]), sign, dtype)]
            wanted = tests.exact_vectors(entry, {}, arrays, sign, dtype, tests.angle_floors(dtype, sign))
            yield [*arrays, *target], wanted


# Special functions


@dataclass
class OfSpecial(Question):
    """`parts` has a case for the value or the derivative, or one for each part of the gradient."""

    kind = "special"
    parts: Sequence[special_cases.Case]

    def libraries(self):
        return special.VALUES[self.name]

    def answer(self, library, module):
        function = special.VALUES[self.name][library]
        if library in ("scipy", "numpy"):
            function = completed(function)
        arrays = special_cases.inputs(self.name, self.dtype)
        if self.offer == "value":
            return [value(library, module, function, arrays)]
        return gradients(library, module, function, arrays, count=len(arrays))

    def judge(self, results):
        first = special_cases.inputs(self.name, self.dtype)[0]
        pairs = zip(results, self.parts, strict=True)
        return larger([worst_of(got, test_special_accuracy.wanted(case), first) for got, case in pairs])


def of_special():
    parts: dict[tuple[str, str, str], list[special_cases.Case]] = {}
    for case in special_cases.cases():
        parts.setdefault((case.entry, case.offer, case.dtype), []).append(case)
    for key, own in parts.items():
        yield OfSpecial(*key, own)


@dataclass
class OfMeans(Question):
    kind = "special"

    def libraries(self):
        return special.VALUES["logmeanexp"]

    def answer(self, library, module):
        function = special.VALUES["logmeanexp"][library]
        if library == "scipy":
            function = completed(function)
        inputs, _ = test_special_accuracy.exact_means(self.dtype)
        return by_length(lambda x: value(library, module, function, [x]), inputs)

    def judge(self, results):
        inputs, wanted = test_special_accuracy.exact_means(self.dtype)
        return worst_of(results, wanted, [row.max() for row in inputs])


def of_means():
    for dtype in special_cases.DTYPES:
        yield OfMeans("logmeanexp", "value", dtype)
