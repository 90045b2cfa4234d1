"""Losses of a score against a target of -1 or +1.

Definition, documentation and conventions; the arithmetic is in ``kernels/margins.pyx``.
"""

from math import inf
from typing import Any

from numpy.typing import ArrayLike

from ..entries import EXACT, Interval, Ulp
from ..loss_entry import (
    SIGNS,
    LossFacts,
    Out,
    Reduction,
    elementwise_loss,
)

__all__ = [
    "hinge",
]


@elementwise_loss(
    LossFacts(
        definition="Max(0, margin - t*p)",
        gradient_definition="cases((-t, t*p < margin), (0, True))",
        hessian_definition="0",
        domain="p real, t in {-1, +1}",
        range=Interval(0.0, inf, low_closed=True, high_closed=True),
        limits={"t p = inf": "0", "t p = -inf": "inf"},
        kinks={"t p = margin": "gradient 0, Hessian 0"},
        accuracy={"value": Ulp(1, 1), "gradient": EXACT, "hessian_diagonal": EXACT},
        likelihood="none: it is a bound on the number of errors",
        minimiser="the sign of P(t = 1) - 1/2, times the margin",
        references=("Cortes, Vapnik (1995), Support-vector networks, doi:10.1007/BF00994018.",),
        target_domain=SIGNS,
    )
)
def hinge(
    prediction: ArrayLike,
    target: ArrayLike,
    *,
    margin: float = 1.0,
    reduction: Reduction = "mean",
    sample_weight: ArrayLike | None = None,
    out: Out = None,
) -> Any:
    r"""Hinge loss ``max(0, margin - t p)`` of a decision value, for targets -1 and +1.

    The loss of support vector machines: 0 as soon as the decision is right by the margin.

    Parameters
    ----------
    %(elementwise_first)s
        Targets are -1 or +1.
    margin : float, optional
        How far from 0 a right decision has to be.
    %(elementwise_rest)s

    Returns
    -------
    %(returns)s

    Raises
    ------
    %(raises)s

    See Also
    --------
    binary_cross_entropy_with_logits : smooth, for targets 0 and 1.

    Notes
    -----
    Gradient with respect to the prediction: ``-t`` where ``t p < margin``, else 0; so 0 at the kink.

    %(reference)s

    Examples
    --------
    >>> import numpy as np
    >>> from actlib import losses
    >>> decision, target = np.array([2.0, 1.0, 0.5, -1.0]), np.array([1, 1, 1, 1])
    >>> losses.hinge(decision, target, reduction="none")
    array([0. , 0. , 0.5, 2. ])
    >>> losses.hinge.gradient(decision, target, reduction="none")
    array([ 0.,  0., -1., -1.])
    """
