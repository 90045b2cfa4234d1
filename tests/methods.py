"""Every way to call an activation, as functions of one array: what the tests of arrays and of silence run through."""

from functools import partial

import numpy as np

import actlib
from actlib.entries import Parameter


class Completed:
    """An entry whose parameters without a default have the entry's example for one, so that all can be called alike."""

    def __init__(self, entry):
        self._entry = entry
        self.parameters = {
            name: Parameter(entry.example.get(name, parameter.default), parameter.interval)
            for name, parameter in entry.parameters.items()
        }

    def __call__(self, *args, **keywords):
        return self._entry(*args, **{**self._entry.example, **keywords})

    def __getattr__(self, name):
        attribute = getattr(self._entry, name)
        called = name in self._entry.offers or name in ("value_and_derivative", "backward")
        return partial(attribute, **self._entry.example) if called else attribute


def completed(entry):
    return Completed(entry) if entry.example else entry


ENTRIES = [completed(entry) for entry in actlib.ACTIVATIONS.values()]


def methods(entry):
    """Name -> function of (x, **keywords) with one result, for every method of the entry that maps arrays."""
    found = {"value": entry}
    for offer in entry.offers:
        if offer not in ("value", "parameter_gradients"):
            found[offer] = getattr(entry, offer)
    found["backward"] = partial(backward, entry)
    return found


def backward(entry, x, **keywords):
    """backward with an upstream gradient that differs from element to element only by what `x` is."""
    x = np.asarray(x)
    upstream = np.where(x > 0, 1.5, -0.75)
    return entry.backward(upstream, x, **keywords)


def special_values(dtype):
    """Zeros, ends of the ranges of floats, infinities, NaN of both signs, numbers in between."""
    info = np.finfo(dtype)
    positive = [0.0, info.smallest_subnormal, info.tiny, info.eps, 0.5, 1.0, 20.0, 88.0, 104.0, info.max, np.inf]
    with np.errstate(over="ignore"):
        positive = np.array([*positive, np.nan, 709.0, 745.0, 1e5], np.float64).astype(dtype)
    return np.concatenate([positive, -positive])


def mixture(dtype, count):
    """Ordinary and special numbers in no order, the same in every run."""
    rng = np.random.default_rng(5)
    ordinary = (rng.normal(size=count) * 10.0 ** rng.uniform(-4, 3, count)).astype(dtype)
    special = special_values(dtype)
    places = rng.random(count) < 0.1
    ordinary[places] = rng.choice(special, places.sum())
    return ordinary
