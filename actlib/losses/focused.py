"""Losses that are cross-entropy times a weight by how sure the prediction is, or near to it.

Definition, documentation and conventions; the arithmetic is in ``kernels/focused.pyx``.
"""

from collections.abc import Mapping
from math import inf
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..entries import Interval, Ulp
from ..loss_entry import (
    UNIT,
    ClassLoss,
    ElementwiseLoss,
    LabelLoss,
    LossFacts,
    Out,
    Reduction,
    class_loss,
    elementwise_loss,
)

__all__ = [
    "focal",
    "generalized_cross_entropy",
    "poly1_cross_entropy",
]


class FocalLoss(ElementwiseLoss[Any]):
    """Binary cross-entropy of a logit with a weight for each class and less for what is right."""

    def _operands(self, options: Mapping[str, Any], shape: tuple[int, ...], dtype: np.dtype[Any]) -> list[Any]:
        weights = [1.0, 1.0]
        if options["alpha"] is not None:
            alpha = self._number("alpha", options["alpha"], dtype)
            weights = [alpha, 1.0 - alpha]
        return [*weights, self._number("gamma", options["gamma"], dtype)]


# with p the logit: the probability of the wrong class, mixed by the target, and binary cross-entropy
_WRONG = "(t/(1 + exp(p)) + (1 - t)/(1 + exp(-p)))"
_ENTROPY = "(t*log(1 + exp(-p)) + (1 - t)*log(1 + exp(p)))"
_SLOPE = "((1 - t)/(1 + exp(-p)) - t/(1 + exp(p)))"
_BELL = "exp(-p)/(1 + exp(-p))**2"
_FALL = f"((1 - 2*t)*{_BELL}/{_WRONG})"


@elementwise_loss(
    LossFacts(
        definition=f"{_WRONG}**gamma*{_ENTROPY}",
        gradient_definition=f"{_WRONG}**gamma*({_SLOPE} + gamma*{_FALL}*{_ENTROPY})",
        hessian_definition=f"{_WRONG}**gamma*({_BELL} + gamma*{_FALL}*(2*{_SLOPE}"
        f" + {_ENTROPY}*((gamma - 1)*{_FALL} + 1/(1 + exp(p)) - 1/(1 + exp(-p)))))",
        domain="p real (a logit), t in [0, 1]",
        range=Interval(0.0, inf, low_closed=True, high_closed=True),
        limits={
            "p = inf, t = 1": "0",
            "p = -inf, t = 0": "0",
            "p = inf, t < 1": "inf",
            "p = -inf, t > 0": "inf",
            "alpha": "multiplies by alpha*t + (1 - alpha)*(1 - t)",
        },
        parameters={
            "alpha": Interval(0.0, 1.0, low_closed=True, high_closed=True),
            "gamma": Interval(0.0, 1000.0, low_closed=True, high_closed=True),
        },
        accuracy={
            "value": Ulp(1, 4, "for gamma up to 5; an error in the logarithm of 1 - p_t grows gamma times"),
            "gradient": Ulp(1, 4, "for targets 0 and 1; between, in ulp of the largest of its terms"),
            "hessian_diagonal": Ulp(
                1,
                4,
                "for targets 0 and 1, and 7 between, in ulp of the largest of its terms: it changes its sign at a "
                "logit that depends on gamma",
            ),
        },
        likelihood="none: for gamma > 0 its minimiser is no probability",
        minimiser="a logit of the sign of P(t = 1) - 1/2, nearer to 0 than the log-odds",
        references=(
            "Lin, Goyal, Girshick, He, Dollar (2017), Focal loss for dense object detection, arXiv:1708.02002.",
        ),
        target_domain=UNIT,
    ),
    FocalLoss,
)
def focal(
    prediction: ArrayLike,
    target: ArrayLike,
    *,
    alpha: float | None = None,
    gamma: float = 2.0,
    reduction: Reduction = "mean",
    sample_weight: ArrayLike | None = None,
    out: Out = None,
) -> Any:
    r"""Focal loss of a logit: binary cross-entropy times ``(1 - p_t)**gamma``, p_t the probability of the right class.

    What is right already counts less: with ``gamma=2`` an example with ``p_t = 0.9`` counts a hundredth. Made for
    detectors, where a few objects stand against thousands of easy backgrounds.

    Parameters
    ----------
    %(elementwise_first)s
        The prediction is a logit z, targets lie in [0, 1].
    alpha : float, optional
        Weight of the positive class; that of the other one is ``1 - alpha``. Without it, both are 1.
    gamma : float, optional
        How strongly; 0 gives binary cross-entropy.
    %(elementwise_rest)s

    Returns
    -------
    %(returns)s

    Raises
    ------
    %(raises)s

    See Also
    --------
    binary_cross_entropy_with_logits : the same for ``gamma=0``.

    Notes
    -----
    For a target t between 0 and 1 it is ``(t (1 - p) + (1 - t) p)**gamma`` times the cross-entropy, with
    ``p = sigmoid(z)``. Gradient for t = 1, with respect to the logit:
    ``-(1 - p)**gamma ((1 - p) - gamma p log(p))``. It is never 0 for a finite logit, but falls faster than that of
    cross-entropy. An infinite logit on the right side costs nothing. The loss is not convex: the second derivative
    is negative where the prediction is sure and wrong.

    %(reference)s

    Examples
    --------
    >>> import numpy as np
    >>> from actlib import losses
    >>> logit = np.array([-2.0, 0.0, 2.0, 40.0])
    >>> losses.focal(logit, 1.0, reduction="none")
    array([1.65007818e+00, 1.73286795e-01, 1.80356284e-03, 7.66764807e-53])
    >>> losses.focal.gradient(logit, 1.0, reduction="none")
    array([-1.07671373e+00, -2.98286795e-01, -4.87094020e-03, -2.30029442e-52])
    """


# the probability of class j, and that of the label
_SOFTMAX = "exp(z[j])/Sum(exp(z[i]), i, 1, K)"
_RIGHT = "Sum(t[k]*exp(z[k]), k, 1, K)/Sum(exp(z[i]), i, 1, K)"


class PolynomialLoss(ClassLoss[Any]):
    """Cross-entropy and a multiple of the probability of the other classes."""

    def _operands(self, options: Mapping[str, Any], dtype: np.dtype[Any]) -> tuple[float, ...]:
        return (self._number("epsilon", options["epsilon"], dtype),)


@class_loss(
    LossFacts(
        definition="Sum(t[k]*(log(Sum(exp(z[i]), i, 1, K)) - z[k]"
        " + epsilon*(1 - exp(z[k])/Sum(exp(z[i]), i, 1, K))), k, 1, K)",
        gradient_definition=f"{_SOFTMAX}*Sum(t[k], k, 1, K) - t[j] + epsilon*{_SOFTMAX}*({_RIGHT} - t[j])",
        hessian_definition=f"{_SOFTMAX}*(1 - {_SOFTMAX})*Sum(t[k], k, 1, K)"
        f" + epsilon*{_SOFTMAX}*({_RIGHT} - t[j])*(1 - 2*{_SOFTMAX})",
        domain="z real (logits); t labels 0..K-1, or shares in [0, 1]",
        range=Interval(0.0, inf, low_closed=True, high_closed=True),
        limits={"t[k] = 0, z[k] = -inf": "class k counts 0", "the label's z = inf": "0", "all z = -inf": "NaN"},
        parameters={"epsilon": Interval(-1.0, inf, low_closed=True)},
        accuracy={
            "value": Ulp(
                1, 3, "for epsilon >= 0, and for labels in float32; else in ulp of the larger of the two terms"
            ),
            "gradient": Ulp(1, 4, "for labels; for shares in ulp of the largest of its terms"),
            "hessian_diagonal": Ulp(
                1, 4, "for labels and epsilon in [0, 1]; else it changes its sign, in ulp of the largest of its terms"
            ),
        },
        likelihood="none: its minimiser is no probability",
        minimiser="a softmax surer than P(class k) for epsilon > 0",
        references=(
            "Leng, Tan, Liu, Cubuk, Shi, Cheng, Anguelov (2022), PolyLoss: a polynomial expansion perspective of "
            "classification loss functions, arXiv:2204.12511.",
        ),
    ),
    PolynomialLoss,
)
def poly1_cross_entropy(
    prediction: ArrayLike,
    target: ArrayLike,
    *,
    epsilon: float = 1.0,
    class_weight: ArrayLike | None = None,
    ignore_index: int | None = None,
    reduction: Reduction = "mean",
    sample_weight: ArrayLike | None = None,
    axis: int = -1,
    out: Out = None,
) -> Any:
    r"""Poly-1 cross-entropy of logits: ``-log p_t + epsilon (1 - p_t)``, with p the softmax and t the right class.

    Cross-entropy is the series ``sum_j (1 - p_t)**j/j``; this changes the coefficient of its first term from 1 to
    ``1 + epsilon``.

    Parameters
    ----------
    %(classes_first)s
        The prediction is a row of logits.
    epsilon : float, optional
        What is added to the first coefficient; 0 gives cross-entropy.
    class_weight : array_like of shape (K,), optional
        Multiplies the term of each class. The mean divides by the sum of the weights of the targets' classes.
    ignore_index : int, optional
        Rows with this label count nothing, neither in the value nor in the mean's divisor. TypeError with shares.
    %(classes_rest)s

    Returns
    -------
    %(returns)s

    Raises
    ------
    %(raises)s

    See Also
    --------
    cross_entropy : the same for ``epsilon=0``.
    generalized_cross_entropy : between cross-entropy and ``1 - p_t``.

    Notes
    -----
    Gradient with respect to the logits, for a label: ``(p_j - [j = t]) (1 + epsilon p_t)``, that of cross-entropy
    times a factor. For shares t_k it is the sum of ``t_k (-log p_k + epsilon (1 - p_k))``.

    %(reference)s

    Examples
    --------
    >>> import numpy as np
    >>> from actlib import losses
    >>> logits = np.array([[0.8, 0.6, 0.2], [40.0, 0.0, 0.0]])
    >>> losses.poly1_cross_entropy(logits, np.array([0, 0]), reduction="none")
    array([1.43947353e+00, 1.69934170e-17])
    >>> losses.poly1_cross_entropy.gradient(logits, np.array([0, 0]), reduction="none")
    array([[-8.21596047e-01,  4.91879415e-01,  3.29716632e-01],
           [-1.69934170e-17,  8.49670851e-18,  8.49670851e-18]])
    """


class GeneralizedLoss(LabelLoss[Any]):
    """A power of the probability of the label."""

    def _operands(self, options: Mapping[str, Any], dtype: np.dtype[Any]) -> tuple[float, ...]:
        return (self._number("q", options["q"], dtype),)


@class_loss(
    LossFacts(
        definition=f"(1 - ({_RIGHT})**q)/q",
        gradient_definition=f"({_RIGHT})**q*({_SOFTMAX} - t[j])",
        hessian_definition=f"({_RIGHT})**q*({_SOFTMAX}*(1 - {_SOFTMAX}) - q*({_SOFTMAX} - t[j])**2)",
        domain="z real (logits); t labels 0..K-1, or one-hot rows",
        range=Interval(0.0, inf, low_closed=True),
        limits={"the label's z = inf": "0", "the label's z = -inf": "1/q", "all z = -inf": "NaN"},
        parameters={"q": Interval(0.0, 1.0, high_closed=True)},
        accuracy={
            "value": Ulp(1, 3),
            "gradient": Ulp(1, 4),
            "hessian_diagonal": Ulp(1, 4, "in ulp of the larger of its two terms: it changes its sign"),
        },
        likelihood="none: its minimiser is no probability",
        minimiser="a softmax surer than P(class k); for q = 1 the likeliest class",
        references=(
            "Zhang, Sabuncu (2018), Generalized cross entropy loss for training deep neural networks with noisy "
            "labels, arXiv:1805.07836.",
        ),
    ),
    GeneralizedLoss,
)
def generalized_cross_entropy(
    prediction: ArrayLike,
    target: ArrayLike,
    *,
    q: float = 0.5,
    class_weight: ArrayLike | None = None,
    ignore_index: int | None = None,
    reduction: Reduction = "mean",
    sample_weight: ArrayLike | None = None,
    axis: int = -1,
    out: Out = None,
) -> Any:
    r"""Generalized cross-entropy of logits: ``(1 - p_t**q)/q``, with p the softmax and t the label.

    Between cross-entropy (q to 0) and ``1 - p_t`` (q = 1). It is bounded by 1/q, and an example that contradicts the
    prediction has a small gradient: so labels that are wrong do less harm.

    Parameters
    ----------
    %(classes_hard)s
        The prediction is a row of logits.
    q : float, optional
        In (0, 1]. The larger, the less an example counts that is far from being right.
    class_weight : array_like of shape (K,), optional
        Multiplies the loss of rows with that label. The mean divides by the sum of the weights of the labels.
    ignore_index : int, optional
        Rows with this label count nothing, neither in the value nor in the mean's divisor. TypeError with one-hot rows.
    %(classes_rest)s

    Returns
    -------
    %(returns)s

    Raises
    ------
    %(raises)s

    See Also
    --------
    cross_entropy : the limit for q to 0.
    poly1_cross_entropy : another change of cross-entropy.

    Notes
    -----
    Gradient with respect to the logits: ``p_t**q (p_j - [j = t])``, that of cross-entropy times a factor that is small
    where the label is improbable. The loss is not convex.

    %(reference)s

    Examples
    --------
    >>> import numpy as np
    >>> from actlib import losses
    >>> logits, labels = np.array([[0.8, 0.6, 0.2], [40.0, 0.0, 0.0], [-40.0, 0.0, 0.0]]), np.array([0, 0, 0])
    >>> losses.generalized_cross_entropy(logits, labels, reduction="none")
    array([7.00186289e-01, 8.49670851e-18, 2.00000000e+00])
    >>> losses.generalized_cross_entropy.gradient(logits, labels, reduction="none")
    array([[-3.75399899e-01,  2.24747287e-01,  1.50652612e-01],
           [-8.49670851e-18,  4.24835426e-18,  4.24835426e-18],
           [-1.45745570e-09,  7.28727852e-10,  7.28727852e-10]])
    """
