"""Logarithms and exponentials that keep their digits, terms of entropies, and the normal distribution.

Each is an object over a NumPy ufunc: call it for the value. A function of one number
(:class:`actlib.special_entry.SpecialFunction`) has a ``derivative``, a function of two
(:class:`actlib.special_entry.SpecialFunctionOfTwo`) a ``gradient``, the pair of both partial derivatives. Outside
its domain a function is NaN. In a definition, `x` and `y` are the arguments.

>>> from actlib import special
>>> special.log1mexp(1e-20), special.logaddexp(1000.0, 1000.0)
(np.float64(-46.051701859880914), np.float64(1000.6931471805599))
>>> special.rel_entr.gradient(0.5, 0.25)
(np.float64(1.6931471805599454), np.float64(-2.0))

By their names elsewhere: ``expit``, ``log_expit`` and ``softplus`` are the activations :obj:`actlib.sigmoid`,
:obj:`actlib.log_sigmoid` and :obj:`actlib.softplus`, and :obj:`actlib.logsumexp`, :obj:`actlib.softmax` and
:obj:`actlib.log_softmax` are here too.
"""

from typing import TYPE_CHECKING

from ..activations import softplus as softplus
from ..activations import squashing as _squashing
from ..axis import log_softmax as log_softmax
from ..axis import logsumexp as logsumexp
from ..axis import softmax as softmax
from ..entries import Entry
from . import entropies, logarithms, normal
from .entropies import *  # noqa: F403
from .logarithms import *  # noqa: F403
from .normal import *  # noqa: F403

if not TYPE_CHECKING:  # a type checker reads lists of strings only, and finds all names without
    __all__ = [
        *logarithms.__all__,
        *entropies.__all__,
        *normal.__all__,
        "SPECIAL",
        "expit",
        "log_expit",
        "log_softmax",
        "logsumexp",
        "softmax",
        "softplus",
    ]

expit, log_expit = _squashing.sigmoid, _squashing.log_sigmoid

#: Every special function by name; those that have other homes are not among them.
SPECIAL: dict[str, Entry] = {
    name: globals()[name] for name in (*logarithms.__all__, *entropies.__all__, *normal.__all__)
}

# doctest looks at functions and classes; this is where it looks for anything else
__test__ = {name: entry.__doc__ for name, entry in SPECIAL.items()}
