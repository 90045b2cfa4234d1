"""Activation and loss functions with their derivatives, for NumPy.

>>> import numpy as np, actlib
>>> actlib.sigmoid(np.array([-1000.0, 0.0, 1000.0]))
array([0. , 0.5, 1. ])
>>> actlib.sigmoid.derivative(40.0)
np.float64(4.248354255291589e-18)
"""

from importlib import import_module as _import_module
from typing import TYPE_CHECKING, Any

from . import activations, axis
from .activations import *  # noqa: F403
from .activations import ACTIVATIONS as ACTIVATIONS
from .axis import *  # noqa: F403
from .axis import AXIS_FUNCTIONS as AXIS_FUNCTIONS
from .config import get_num_threads as get_num_threads
from .config import set_num_threads as set_num_threads
from .config import show_config as show_config
from .entries import Activation as Activation
from .entries_axis import AxisFunction as AxisFunction

if TYPE_CHECKING:
    __version__: str
    from . import check as check
    from . import datasets as datasets
    from . import derivation as derivation
    from . import information as information
    from . import losses as losses
    from . import network as network
    from . import plotting as plotting
    from . import special as special

#: Modules that are imported when first asked for: none is needed for the functions themselves.
_LATER = ("check", "datasets", "derivation", "information", "losses", "network", "plotting", "special")

if not TYPE_CHECKING:  # a type checker reads lists of strings only, and finds all names without
    __all__ = [
        *activations.__all__,
        *axis.__all__,
        "ACTIVATIONS",
        "AXIS_FUNCTIONS",
        "Activation",
        "AxisFunction",
        "get",
        "get_num_threads",
        "set_num_threads",
        "show_config",
    ]


def get(name: str, /) -> Activation[...]:
    """The elementwise activation called `name`, by its name or an alias.

    Raises
    ------
    KeyError
        If there is none; the message lists the names, or says where a function of another kind is.

    Examples
    --------
    >>> import actlib
    >>> actlib.get("expit") is actlib.sigmoid
    True
    """
    for entry in ACTIVATIONS.values():
        if name == entry.name or name in entry.aliases:
            return entry
    from . import losses, special
    from .messages import similar

    for home, others in (("", AXIS_FUNCTIONS), (".losses", losses.LOSSES), (".special", special.SPECIAL)):
        for other in others.values():
            if name == other.name or name in other.aliases:
                raise KeyError(f"{name!r} is no elementwise activation: it is actlib{home}.{name}")
    names = sorted(ACTIVATIONS)
    hint = "".join(f", but {other!r} is" for other in similar(name, names))
    raise KeyError(f"no activation is called {name!r}{hint}; there are: {', '.join(names)}")


if not TYPE_CHECKING:  # a type checker would take this for a promise that every name exists

    def __getattr__(name: str) -> Any:
        if name in _LATER:
            return _import_module(f".{name}", __name__)
        if name == "__version__":  # asking for it takes longer than all else here
            from importlib.metadata import version

            return version("actlib")
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *_LATER, "__version__"})
