"""The formulas of every entry belong together: proved by the checker of derivations, between the kinks.

Kernels are judged against the formulas in test_accuracy.py; here the formulas are judged against each other.
"""

import itertools
from math import inf

import pytest

import actlib
from actlib.derivation import check

ENTRIES = list(actlib.ACTIVATIONS.values())


def pieces(entry, width=20):
    """The intervals between the kinks of an entry."""
    ends = [-width, *sorted(kink for kink in entry.kinks if abs(kink) < inf), width]
    return list(itertools.pairwise(ends))


def claims(entry):
    """What has to hold: name -> the two sides, as functions of `x`; there `y` is the value of the entry."""
    found = {
        "derivative": (f"D({entry.definition}, x)", entry.derivative_definition),
        "second_derivative": (f"D({entry.derivative_definition}, x)", entry.second_derivative_definition),
    }
    if "derivative_from_output" in entry.offers:
        found["derivative_from_output"] = (entry.derivative_from_output_definition, entry.derivative_definition)
    if "inverse" in entry.offers:
        found["inverse"] = (entry.inverse_definition, "x")
    return found


def proof(entry, left, right, low, high):
    """The report of the checker on `left` = `right` for `x` between `low` and `high`.

    Exact if SymPy can show it, else computed with 50 digits at many points, which a false claim survives neither.
    """
    exact = checked(entry, left, right, low, high, "")
    return exact if exact.ok else checked(entry, left, right, low, high, "[tested]")


def checked(entry, left, right, low, high, mark):
    lines = [f"let y = {entry.definition}", f"real x in ({low}, {high})"]
    for name, parameter in entry.parameters.items():
        if parameter.default is not None:
            lines.append(f"positive {name} in (1/10, 3)")
    return check("\n".join([*lines, left, f"= {right} -- claimed by the entry {mark}"]))


@pytest.mark.parametrize(
    ("entry", "claim"), [pytest.param(e, c, id=f"{e.name}-{c}") for e in ENTRIES for c in claims(e)]
)
def test_formulas_belong_together(entry, claim):
    for low, high in pieces(entry):
        report = proof(entry, *claims(entry)[claim], low, high)
        report.raise_if_failed()
        (step,) = [step for step in report.steps if step.status != "start"]
        assert step.badge.startswith("exact") or claim in ("derivative_from_output", "inverse"), step.badge


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_every_offer_has_a_claim(entry):
    unclaimed = set(entry.offers) - set(claims(entry)) - {"value", "parameter_gradients"}
    assert not unclaimed, f"{entry.name} offers {unclaimed} that no test proves"
