"""The formulas of every entry belong together: proved by the checker of derivations, between the kinks.

Kernels are judged against the formulas in test_accuracy.py; here the formulas are judged against each other.
"""

import ast
import itertools
from fractions import Fraction
from math import inf

import pytest
from methods import ENTRIES

from actlib.derivation import check


def pieces(entry, width=20):
    """The intervals between the kinks of an entry; a kink that moves with a parameter is left to the checker."""
    fixed = [kink for kink in entry.kinks if not isinstance(kink, str) and abs(kink) < inf]
    ends = [-width, *sorted(fixed), width]
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


def branches_move(entry):
    """Is a parameter part of a condition? The proofs split at constants, so such parameters are given values."""
    nodes = [
        node
        for claim in claims(entry).values()
        for side in claim
        for node in ast.walk(ast.parse(side))
        if isinstance(node, ast.Compare)
        or (isinstance(node, ast.Call) and node.func.id in ("Max", "Min", "Abs", "sign"))
    ]
    return any(isinstance(part, ast.Name) and part.id in entry.parameters for node in nodes for part in ast.walk(node))


def settings(entry):
    """Declarations of the parameters: as variables, or where branches move with them some values, one after another."""
    names = [name for name, parameter in entry.parameters.items() if parameter.default is not None]
    if not branches_move(entry):
        return [[f"positive {name} in (1/10, 3)" for name in names]]
    found = []
    for values in (("1/2", "5/2"), ("2", "11/4")):
        chosen = dict(zip(names, values, strict=False))
        try:
            entry(0.0, **{name: float(Fraction(value)) for name, value in chosen.items()})
        except ValueError:
            continue
        found.append([f"let {name} = {value}" for name, value in chosen.items()])
    return found


def proof(entry, left, right, low, high, declarations):
    """The report of the checker on `left` = `right` for `x` between `low` and `high`.

    Exact if SymPy can show it, else computed with 50 digits at many points, which a false claim survives neither.
    """
    exact = checked(entry, left, right, low, high, declarations, "")
    return exact if exact.ok else checked(entry, left, right, low, high, declarations, "[tested]")


def checked(entry, left, right, low, high, declarations, mark):
    lines = [f"let y = {entry.definition}", f"real x in ({low}, {high})", *declarations]
    return check("\n".join([*lines, left, f"= {right} -- claimed by the entry {mark}"]))


@pytest.mark.parametrize(
    ("entry", "claim"), [pytest.param(e, c, id=f"{e.name}-{c}") for e in ENTRIES for c in claims(e)]
)
def test_formulas_belong_together(entry, claim):
    for (low, high), declarations in itertools.product(pieces(entry), settings(entry)):
        report = proof(entry, *claims(entry)[claim], low, high, declarations)
        report.raise_if_failed()
        (step,) = [step for step in report.steps if step.status != "start"]
        assert step.badge.startswith("exact") or claim in ("derivative_from_output", "inverse"), step.badge


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_every_offer_has_a_claim(entry):
    unclaimed = set(entry.offers) - set(claims(entry)) - {"value", "parameter_gradients"}
    assert not unclaimed, f"{entry.name} offers {unclaimed} that no test proves"
