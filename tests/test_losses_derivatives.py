"""The stated derivatives of a loss are derivatives of its definition, and its examples run."""

import doctest
import inspect

import numpy as np
import pytest
from oracle import algebra, evaluator, parsed

from actlib import losses
from actlib.loss_entry import SIGNS, LabelLoss, PredictionLoss

DIGITS = 80
CONTEXT = algebra(DIGITS).context
PREDICTION_LOSSES = [entry for entry in losses.LOSSES.values() if isinstance(entry, PredictionLoss)]


@pytest.fixture(params=PREDICTION_LOSSES, ids=lambda entry: entry.name)
def entry(request):
    return request.param


def value(definition, variables):
    return CONTEXT.mpf(1) * evaluator(DIGITS)(parsed(definition), variables, {})


def difference(definition, variables, place):
    """The derivative of a definition with respect to one variable, by differences of 80 digits."""
    step = CONTEXT.mpf(10) ** -26
    at = [value(definition, {**variables, place: variables[place] + k * step}) for k in (-2, -1, 1, 2)]
    return ((at[0] - at[3]) + 8 * (at[2] - at[1])) / (12 * step)


def places(entry):
    """Some random points: (variables, the variable to differentiate by, the stated derivatives there)."""
    rng = np.random.default_rng(13)
    parameters = {"delta": 0.6, "margin": 1.0, "variance": 0.7, "pos_weight": 1.7, "label_smoothing": 0.1}
    parameters |= {"quantile": 0.8, "beta": 0.3, "epsilon": 0.2, "eps": 0.4, "power": 1.3}
    parameters |= {"p": 2, "gamma": 1.7, "q": 0.7}
    for number in range(8):
        numbers = rng.uniform(0.05, 0.95, 8)
        variables = {name: CONTEXT.mpf(value) for name, value in parameters.items() if name in entry.parameters}
        if "axis" not in inspect.signature(entry).parameters:
            target = rng.choice((-1, 1)) if entry._facts.target_domain == SIGNS else numbers[1]
            variables |= {"p": CONTEXT.mpf(numbers[0]), "t": CONTEXT.mpf(float(target))}
            yield variables, "p", entry.gradient_definition, entry.hessian_definition
            continue
        letter = next(one for one in "zlp" if f"{one}[k]" in entry.definition)
        variables |= {(letter, k): CONTEXT.mpf(numbers[k]) for k in (1, 2, 3)}
        shares = numbers[4:]
        if isinstance(entry, LabelLoss):
            shares = [float(number % 3 == k) for k in range(3)]
        elif entry.name == "multilabel_margin":
            shares = [float(number >> k & 1) for k in range(3)]
        variables |= {("t", k): CONTEXT.mpf(shares[k - 1]) for k in (1, 2, 3)} | {"K": 3}
        for j in (1, 2, 3):
            stated = [d.replace("[j]", f"[{j}]") for d in (entry.gradient_definition, entry.hessian_definition)]
            yield variables, (letter, j), *stated


def check(entry, gradient=None):
    for variables, place, first, second in places(entry):
        for low, high in ((entry.definition, gradient or first), (first, second)):
            found, stated = difference(low, variables, place), value(high, variables)
            # the differences of 80 digits lose 26 of them to the step
            bound = abs(stated) * CONTEXT.mpf(10) ** -40 + abs(value(low, variables)) * CONTEXT.mpf(10) ** -50
            assert abs(found - stated) <= bound, (
                f"{entry.name}: d/d{place} of {low} is {found}, not {stated} = {high}"
            )


def test_derivatives_follow_from_the_definition(entry):
    check(entry)


@pytest.mark.parametrize("wrong", ["t - p", "(p - t)*(1 + 1/10**30)", "2*(p - t)", "0"])
def test_a_wrong_derivative_is_found(wrong):
    with pytest.raises(AssertionError, match="half_squared_error: d/dp"):
        check(losses.half_squared_error, wrong)


def test_examples(entry):
    examples = doctest.DocTestParser().get_doctest(entry.__doc__, {}, entry.name, None, 0)
    result = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE).run(examples)
    assert result.failed == 0
    assert result.attempted >= 3
