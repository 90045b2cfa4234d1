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
    "exponential",
    "hinge",
    "hinge_embedding",
    "modified_huber",
    "perceptron",
    "soft_margin",
    "squared_hinge",
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


@elementwise_loss(
    LossFacts(
        definition="Max(0, 1 - t*p)**2",
        gradient_definition="-2*t*Max(0, 1 - t*p)",
        hessian_definition="cases((2, t*p < 1), (0, True))",
        domain="p real, t in {-1, +1}",
        range=Interval(0.0, inf, low_closed=True, high_closed=True),
        limits={"t p = inf": "0", "t p = -inf": "inf"},
        kinks={"t p = 1": "of the gradient: gradient 0, Hessian 0"},
        accuracy={"value": Ulp(1, 2), "gradient": Ulp(1, 1), "hessian_diagonal": EXACT},
        likelihood="none: it is a bound on the number of errors",
        minimiser="2 P(t = 1) - 1",
        references=(
            "Cortes, Vapnik (1995), Support-vector networks, doi:10.1007/BF00994018.",
            "Chang, Hsieh, Lin (2008), Coordinate descent method for large-scale L2-loss linear support vector "
            "machines, Journal of Machine Learning Research 9, 1369-1398.",
        ),
        target_domain=SIGNS,
    )
)
def squared_hinge(
    prediction: ArrayLike,
    target: ArrayLike,
    *,
    reduction: Reduction = "mean",
    sample_weight: ArrayLike | None = None,
    out: Out = None,
) -> Any:
    r"""Squared hinge loss ``max(0, 1 - t p)**2`` of a decision value, for targets -1 and +1.

    The hinge with a slope that fades out towards the margin, so that the gradient has no leap.

    Parameters
    ----------
    %(elementwise_first)s
        Targets are -1 or +1.
    %(elementwise_rest)s

    Returns
    -------
    %(returns)s

    Raises
    ------
    %(raises)s

    See Also
    --------
    hinge : grows only linearly where decisions are wrong.
    modified_huber : the same down to ``t p = -1``, and linear below.

    Notes
    -----
    Gradient with respect to the prediction: ``-2 t max(0, 1 - t p)``. It has a kink at the margin ``t p = 1``, where
    the Hessian is 0.

    %(reference)s

    Examples
    --------
    >>> import numpy as np
    >>> from actlib import losses
    >>> decision, target = np.array([2.0, 1.0, 0.5, -1.0]), np.array([1, 1, 1, 1])
    >>> losses.squared_hinge(decision, target, reduction="none")
    array([0.  , 0.  , 0.25, 4.  ])
    >>> losses.squared_hinge.gradient(decision, target, reduction="none")
    array([ 0.,  0., -1., -4.])
    """


@elementwise_loss(
    LossFacts(
        definition="cases((Max(0, 1 - t*p)**2, t*p >= -1), (-4*t*p, True))",
        gradient_definition="cases((-2*t*Max(0, 1 - t*p), t*p >= -1), (-4*t, True))",
        hessian_definition="cases((2, Abs(p) < 1), (0, True))",
        domain="p real, t in {-1, +1}",
        range=Interval(0.0, inf, low_closed=True, high_closed=True),
        limits={"t p = inf": "0", "t p = -inf": "inf"},
        kinks={"t p = 1 and t p = -1": "of the gradient: gradient 0 and -4 t, Hessian 0"},
        accuracy={"value": Ulp(1, 2), "gradient": Ulp(1, 1), "hessian_diagonal": EXACT},
        likelihood="none: it is a bound on the number of errors",
        minimiser="2 P(t = 1) - 1",
        references=(
            "Zhang (2004), Solving large scale linear prediction problems using stochastic gradient descent "
            "algorithms, doi:10.1145/1015330.1015332.",
        ),
        target_domain=SIGNS,
    )
)
def modified_huber(
    prediction: ArrayLike,
    target: ArrayLike,
    *,
    reduction: Reduction = "mean",
    sample_weight: ArrayLike | None = None,
    out: Out = None,
) -> Any:
    r"""Squared hinge with a straight tail: ``max(0, 1 - t p)**2``, but ``-4 t p`` where ``t p < -1``.

    Smooth as the squared hinge, and almost as patient with outliers as the hinge.

    Parameters
    ----------
    %(elementwise_first)s
        Targets are -1 or +1.
    %(elementwise_rest)s

    Returns
    -------
    %(returns)s

    Raises
    ------
    %(raises)s

    See Also
    --------
    squared_hinge : the same without the tail.
    hinge : linear all the way to its kink.
    huber : the same idea for regression.

    Notes
    -----
    Gradient with respect to the prediction: ``-2 t max(0, 1 - t p)``, but not beyond ``-4 t``. It has kinks at
    ``t p = 1`` and -1, where the Hessian is 0. The minimiser tells the probability: ``P(t = 1) = (1 + p)/2``.

    %(reference)s

    Examples
    --------
    >>> import numpy as np
    >>> from actlib import losses
    >>> decision, target = np.array([2.0, 0.5, -1.0, -3.0]), np.array([1, 1, 1, 1])
    >>> losses.modified_huber(decision, target, reduction="none")
    array([ 0.  ,  0.25,  4.  , 12.  ])
    >>> losses.modified_huber.gradient(decision, target, reduction="none")
    array([ 0., -1., -4., -4.])
    """


@elementwise_loss(
    LossFacts(
        definition="log(1 + exp(-t*p))",
        gradient_definition="-t/(1 + exp(t*p))",
        hessian_definition="1/((1 + exp(p))*(1 + exp(-p)))",
        domain="p real, t in {-1, +1}",
        range=Interval(0.0, inf, low_closed=True, high_closed=True),
        limits={"t p = inf": "0", "t p = -inf": "inf"},
        accuracy={"value": Ulp(1, 2), "gradient": Ulp(1, 2), "hessian_diagonal": Ulp(1, 2)},
        likelihood="t = 1 with the probability 1/(1 + exp(-p)), else -1",
        minimiser="the log-odds log(P(t = 1)/P(t = -1))",
        references=("Friedman, Hastie, Tibshirani (2000), Additive logistic regression, doi:10.1214/aos/1016218223.",),
        target_domain=SIGNS,
    )
)
def soft_margin(
    prediction: ArrayLike,
    target: ArrayLike,
    *,
    reduction: Reduction = "mean",
    sample_weight: ArrayLike | None = None,
    out: Out = None,
) -> Any:
    r"""Logistic loss ``log(1 + exp(-t p))`` of a decision value, for targets -1 and +1.

    The binary cross-entropy of a logit, with the classes called -1 and +1.

    Parameters
    ----------
    %(elementwise_first)s
        Targets are -1 or +1.
    %(elementwise_rest)s

    Returns
    -------
    %(returns)s

    Raises
    ------
    %(raises)s

    See Also
    --------
    binary_cross_entropy_with_logits : the same for targets 0 and 1, and shares between them.
    hinge : has the same slopes far out, and a kink.
    exponential : the same for good decisions, and far larger for bad ones.

    Notes
    -----
    Gradient with respect to the prediction: ``-t/(1 + exp(t p))``, minus the probability of being wrong, towards the
    target. Nothing overflows: far out the loss is ``-t p``.

    %(reference)s

    Examples
    --------
    >>> import numpy as np
    >>> from actlib import losses
    >>> decision, target = np.array([1000.0, 0.0, -1000.0]), np.array([1, 1, 1])
    >>> losses.soft_margin(decision, target, reduction="none")
    array([0.00000000e+00, 6.93147181e-01, 1.00000000e+03])
    >>> losses.soft_margin.gradient(decision, target, reduction="none")
    array([-0. , -0.5, -1. ])
    """


@elementwise_loss(
    LossFacts(
        definition="exp(-t*p)",
        gradient_definition="-t*exp(-t*p)",
        hessian_definition="exp(-t*p)",
        domain="p real, t in {-1, +1}",
        range=Interval(0.0, inf, low_closed=True, high_closed=True),
        limits={"t p = inf": "0", "t p = -inf": "inf"},
        accuracy={"value": Ulp(1, 1), "gradient": Ulp(1, 1), "hessian_diagonal": Ulp(1, 1)},
        likelihood="none: exp(-p) and exp(p) add up to more than 1",
        minimiser="half the log-odds, log(P(t = 1)/P(t = -1))/2",
        references=(
            "Freund, Schapire (1997), A decision-theoretic generalization of on-line learning and an application to "
            "boosting, doi:10.1006/jcss.1997.1504.",
            "Friedman, Hastie, Tibshirani (2000), Additive logistic regression, doi:10.1214/aos/1016218223.",
        ),
        target_domain=SIGNS,
    )
)
def exponential(
    prediction: ArrayLike,
    target: ArrayLike,
    *,
    reduction: Reduction = "mean",
    sample_weight: ArrayLike | None = None,
    out: Out = None,
) -> Any:
    r"""Exponential loss ``exp(-t p)`` of a decision value, for targets -1 and +1.

    The loss that AdaBoost makes small, one weak classifier after the other.

    Parameters
    ----------
    %(elementwise_first)s
        Targets are -1 or +1.
    %(elementwise_rest)s

    Returns
    -------
    %(returns)s

    Raises
    ------
    %(raises)s

    See Also
    --------
    soft_margin : the same for good decisions, and linear for bad ones.
    hinge : linear, and 0 from the margin on.

    Notes
    -----
    Gradient with respect to the prediction: ``-t exp(-t p)``. A wrong decision of size 10 weighs as much as 22026
    undecided ones.

    %(reference)s

    Examples
    --------
    >>> import numpy as np
    >>> from actlib import losses
    >>> decision, target = np.array([2.0, 0.0, -3.0]), np.array([1, 1, 1])
    >>> losses.exponential(decision, target, reduction="none")
    array([ 0.13533528,  1.        , 20.08553692])
    >>> losses.exponential.gradient(decision, target, reduction="none")
    array([ -0.13533528,  -1.        , -20.08553692])
    """


@elementwise_loss(
    LossFacts(
        definition="Max(0, -t*p)",
        gradient_definition="cases((-t, t*p < 0), (0, True))",
        hessian_definition="0",
        domain="p real, t in {-1, +1}",
        range=Interval(0.0, inf, low_closed=True, high_closed=True),
        limits={"t p = inf": "0", "t p = -inf": "inf"},
        kinks={"p = 0": "gradient 0, Hessian 0"},
        accuracy={"value": EXACT, "gradient": EXACT, "hessian_diagonal": EXACT},
        likelihood="none: it is 0 for every decision that is right, however narrowly",
        minimiser="0, unless the class is certain",
        references=("Rosenblatt (1958), The perceptron, doi:10.1037/h0042519.",),
        target_domain=SIGNS,
    )
)
def perceptron(
    prediction: ArrayLike,
    target: ArrayLike,
    *,
    reduction: Reduction = "mean",
    sample_weight: ArrayLike | None = None,
    out: Out = None,
) -> Any:
    r"""Perceptron loss ``max(0, -t p)`` of a decision value, for targets -1 and +1.

    The hinge without a margin: a wrong decision costs its size, a right one nothing. Stochastic gradient descent with
    step 1 is Rosenblatt's rule of learning.

    Parameters
    ----------
    %(elementwise_first)s
        Targets are -1 or +1.
    %(elementwise_rest)s

    Returns
    -------
    %(returns)s

    Raises
    ------
    %(raises)s

    See Also
    --------
    hinge : asks for a margin, so that 0 is no way out.

    Notes
    -----
    Gradient with respect to the prediction: ``-t`` where ``t p < 0``, else 0; so 0 at the kink, and where all
    predictions are 0.

    %(reference)s

    Examples
    --------
    >>> import numpy as np
    >>> from actlib import losses
    >>> decision, target = np.array([2.0, 0.0, -3.0]), np.array([1, 1, 1])
    >>> losses.perceptron(decision, target, reduction="none")
    array([0., 0., 3.])
    >>> losses.perceptron.gradient(decision, target, reduction="none")
    array([ 0.,  0., -1.])
    """


@elementwise_loss(
    LossFacts(
        definition="cases((p, t > 0), (Max(0, margin - p), True))",
        gradient_definition="cases((1, t > 0), (-1, p < margin), (0, True))",
        hessian_definition="0",
        domain="p real (a distance), t in {-1, +1}",
        range=Interval(-inf, inf, low_closed=True, high_closed=True),
        limits={"t = 1, p = inf": "inf", "t = -1, p = inf": "0", "t = -1, p = -inf": "inf"},
        kinks={"t = -1, p = margin": "gradient 0, Hessian 0"},
        accuracy={"value": Ulp(1, 1), "gradient": EXACT, "hessian_diagonal": EXACT},
        likelihood="none",
        minimiser="of distances: 0 where P(t = 1) > 1/2, else the margin",
        references=(
            "Hadsell, Chopra, LeCun (2006), Dimensionality reduction by learning an invariant mapping, "
            "doi:10.1109/CVPR.2006.100.",
        ),
        target_domain=SIGNS,
    )
)
def hinge_embedding(
    prediction: ArrayLike,
    target: ArrayLike,
    *,
    margin: float = 1.0,
    reduction: Reduction = "mean",
    sample_weight: ArrayLike | None = None,
    out: Out = None,
) -> Any:
    r"""Hinge loss of a distance: ``p`` for pairs that belong together, ``max(0, margin - p)`` for others.

    The prediction is the distance of two inputs, the target +1 if they are alike and -1 if not.

    Parameters
    ----------
    %(elementwise_first)s
        Targets are -1 or +1.
    margin : float, optional
        How far apart pairs that do not belong together should be.
    %(elementwise_rest)s

    Returns
    -------
    %(returns)s

    Raises
    ------
    %(raises)s

    See Also
    --------
    hinge : of a decision value, which is another thing.

    Notes
    -----
    Gradient with respect to the prediction: 1 for ``t = 1``; for ``t = -1``, -1 where ``p < margin``, else 0; so 0 at
    the kink. Distances are not negative, which is not checked: of a negative `p` and ``t = 1`` the loss is negative.

    %(reference)s

    Examples
    --------
    >>> import numpy as np
    >>> from actlib import losses
    >>> distance, target = np.array([0.2, 0.2, 1.5]), np.array([1, -1, -1])
    >>> losses.hinge_embedding(distance, target, reduction="none")
    array([0.2, 0.8, 0. ])
    >>> losses.hinge_embedding.gradient(distance, target, reduction="none")
    array([ 1., -1.,  0.])
    """
