"""The losses, a module for each family of kernels.

Each is an object (:class:`actlib.loss_entry.Loss`): call it for the value, and use ``gradient``,
``value_and_gradient`` (both in one pass over memory) and ``hessian_diagonal`` for the derivatives with respect to
the prediction. In a definition, `p` is the prediction and `t` the target of one element; class losses sum over
k = 1..K, and their derivatives are those with respect to entry `j`.
"""

from typing import TYPE_CHECKING, Any

from ..loss_entry import Loss
from . import classification, embeddings, focused, label_margins, margins, regression
from .classification import *  # noqa: F403
from .embeddings import *  # noqa: F403
from .focused import *  # noqa: F403
from .label_margins import *  # noqa: F403
from .margins import *  # noqa: F403
from .regression import *  # noqa: F403

if not TYPE_CHECKING:  # a type checker reads lists of strings only, and finds all names without
    __all__ = [
        *regression.__all__,
        *margins.__all__,
        *classification.__all__,
        *focused.__all__,
        *label_margins.__all__,
        *embeddings.__all__,
        "LOSSES",
    ]

#: Every loss by name; aliases are not listed.
LOSSES: dict[str, Loss[Any]] = {
    name: entry
    for module in (regression, margins, classification, focused, label_margins, embeddings)
    for name, entry in vars(module).items()
    if isinstance(entry, Loss) and entry.name == name
}
