"""The functions along an axis: softmax and its kin. Definition, documentation and conventions; no arithmetic.

Each function below is an object (:class:`actlib.entries_axis.AxisFunction`): call it for the value, ``backward`` for
the gradient that backpropagation needs, and where it exists ``backward_from_output`` and ``jacobian``. In a
definition, `x` is a row of `K` entries, counted from 1, and `i`, `j` are places in it.
"""

from typing import TYPE_CHECKING

from ..entries_axis import AxisFunction
from . import gated_units, selections, softmaxes, sparse
from .gated_units import *  # noqa: F403
from .selections import *  # noqa: F403
from .softmaxes import *  # noqa: F403
from .sparse import *  # noqa: F403

if not TYPE_CHECKING:  # a type checker reads lists of strings only, and finds all names without
    __all__ = [*softmaxes.__all__, *sparse.__all__, *selections.__all__, *gated_units.__all__]

#: Every function along an axis by name; aliases are not listed.
AXIS_FUNCTIONS: dict[str, AxisFunction[...]] = {
    name: entry
    for module in (softmaxes, sparse, selections, gated_units)
    for name, entry in vars(module).items()  # in the order in which they are defined
    if isinstance(entry, AxisFunction)
}
