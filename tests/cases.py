"""What the tests ask every activation: each offer, dtype and choice of parameters, at which points.

Run as a script, it answers all questions with the instruction set that ``ACTLIB_ISA`` names and writes the results
to a file; so every variant of the kernels is judged against one computation of the exact values.
"""

import sys
from dataclasses import dataclass
from functools import cache
from math import inf

import numpy as np
from methods import completed
from sampler import points

import actlib

DTYPES = {"float32": np.float32, "float64": np.float64}
FROM_OUTPUT = ("derivative_from_output", "inverse")
PARAMETER_VALUES = (0.3, 2.5, 30.0, 1e-3, -0.5)
POINTS, POINTS_BESIDE_DEFAULT = 1500, 250


@dataclass(frozen=True)
class Case:
    """One offer of one entry in one dtype; `parameters` are (name, value) pairs, the values floats of the dtype."""

    entry: str
    offer: str
    dtype: str
    parameters: tuple = ()

    def __str__(self):
        chosen = "".join(f"-{name}={value:g}" for name, value in self.parameters)
        return f"{self.entry}-{self.dtype}-{self.offer}{chosen}"

    @property
    def activation(self):
        return completed(actlib.ACTIVATIONS[self.entry])

    @property
    def variables(self):
        """Every parameter of the definition, as the kernel sees it."""
        chosen = dict(self.parameters)
        result = {}
        for name, parameter in self.activation.parameters.items():
            value = chosen.get(name, parameter.default)
            if value is not None:
                # rrelu takes its two bounds in double and rounds their mean
                result[name] = value if self.entry == "rrelu" else float(DTYPES[self.dtype](value))
        return result

    @property
    def definition(self):
        return getattr(self.activation, self.activation.offers[self.offer])

    @property
    def bound(self):
        return getattr(self.activation.accuracy[self.offer], self.dtype)


def parameter_choices(entry):
    """The defaults (), then one parameter at a time at another value; what the entry refuses is left out."""
    choices = [()]
    for name, parameter in entry.parameters.items():
        if parameter.default is None:
            continue
        for value in PARAMETER_VALUES:
            try:
                entry(0.0, **{name: value})
            except ValueError:
                continue
            choices.append(((name, value),))
    assert len(choices) > 1 or not entry.parameters, f"{entry.name}: no other value of a parameter was accepted"
    return choices


def cases():
    """All cases of all activations."""
    found = []
    for entry in map(completed, actlib.ACTIVATIONS.values()):
        for offer in entry.offers:
            if offer == "parameter_gradients":
                continue
            for parameters in parameter_choices(entry):
                if offer in FROM_OUTPUT and any(value <= 0 for _, value in parameters):
                    continue  # not monotone: no inverse
                found += [Case(entry.name, offer, dtype, parameters) for dtype in DTYPES]
    return found


def kinks(entry, variables):
    """Where the kinks of an entry are, with these parameters, as exact numbers: (place, derivative there) pairs."""
    from oracle import exact

    return [(exact(str(at), variables), slope) for at, slope in entry.kinks.items()]


def limit(case, at):
    """The entry's limit at -inf or +inf as a float; it may be a formula in the parameters."""
    from oracle import exact

    limit = case.activation.limits[at]
    return float(exact(limit, case.variables)) if isinstance(limit, str) else float(limit)


@cache
def inputs(case):
    """The points at which the case is asked. Inputs that are outputs lie in the range, its ends excluded."""
    dtype = DTYPES[case.dtype]
    count = POINTS_BESIDE_DEFAULT if case.parameters else POINTS
    extra = [float(kink) for kink, _ in kinks(case.activation, case.variables)]
    for _, value in case.parameters:  # where exp(value * x) becomes subnormal or 0, in case the parameter is a scale
        extra += [sign * end / abs(value) for sign in (-1, 1) for end in (88.0, 95.0, 103.9, 709.0, 725.0, 744.9)]
    if case.offer not in FROM_OUTPUT:
        return points(dtype, count, extra)
    low, high = sorted((limit(case, -inf), limit(case, inf)))
    found = points(dtype, count, [*extra, *(end for end in (low, high) if np.isfinite(end))], low, high)
    return found[(found > low) & (found < high)]


def answer(case):
    """What the library says."""
    function = case.activation if case.offer == "value" else getattr(case.activation, case.offer)
    return function(inputs(case), **dict(case.parameters))


if __name__ == "__main__":
    np.savez(sys.argv[1], **{str(case): answer(case) for case in cases()})
