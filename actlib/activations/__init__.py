"""The elementwise activation functions, a module for each family of kernels.

Each function is an object (:class:`actlib.entries.Activation`): call it for the value, and use its methods for the
derivatives. In a definition, `x` is the input, `y` the output.
"""

from typing import TYPE_CHECKING

from ..entries import Activation
from . import gated, periodic, piecewise, rectified, shrinking, squashing
from .gated import *  # noqa: F403
from .periodic import *  # noqa: F403
from .piecewise import *  # noqa: F403
from .rectified import *  # noqa: F403
from .shrinking import *  # noqa: F403
from .squashing import *  # noqa: F403

if not TYPE_CHECKING:  # a type checker reads lists of strings only, and finds all names without
    __all__ = [
        *squashing.__all__,
        *rectified.__all__,
        *piecewise.__all__,
        *gated.__all__,
        *shrinking.__all__,
        *periodic.__all__,
    ]

#: Every elementwise activation by name, in the order in which they are explained; aliases are not listed.
ACTIVATIONS: dict[str, Activation[...]] = {
    name: entry
    for module in (squashing, rectified, piecewise, gated, shrinking, periodic)
    for name, entry in vars(module).items()
    if isinstance(entry, Activation) and entry.name == name
}

# doctest looks at functions and classes; this is where it looks for anything else
__test__ = {name: entry.__doc__ for name, entry in ACTIVATIONS.items()}
