"""Losses of probabilities and logits: two classes, or K of them along an axis.

Definition, documentation and conventions; the arithmetic is in ``kernels/classification.pyx``.
"""

from collections.abc import Mapping
from math import inf
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..entries import EXACT, Interval, Ulp
from ..loss_entry import (
    ANY,
    NOT_NEGATIVE,
    NOT_NEGATIVE_NUMBERS,
    UNIT,
    UNIT_OR_NAN,
    ClassLoss,
    ElementwiseLoss,
    LossFacts,
    Out,
    Reduction,
    class_loss,
    elementwise_loss,
)

__all__ = [
    "bce",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "brier",
    "categorical_cross_entropy",
    "cross_entropy",
    "kl_divergence",
    "logistic",
    "multilabel_soft_margin",
    "negative_log_likelihood",
    "nll",
]


INSIDE_UNIT = {
    info.dtype.char: [float(info.smallest_normal), 1.0 - float(info.eps) / 2]
    for info in (np.finfo(np.float16), np.finfo(np.float32), np.finfo(np.float64))
}
BELOW_ONE = 1.0 - 2.0**-53


class ClippedLoss(ElementwiseLoss[Any]):
    """A loss of probabilities that are clipped to the inside of (0, 1)."""

    def _operands(self, options: Mapping[str, Any], shape: tuple[int, ...], dtype: np.dtype[Any]) -> list[Any]:
        if options["eps"] is None:
            return INSIDE_UNIT[dtype.char]
        eps = self._number("eps", options["eps"], dtype)
        return [eps, min(1.0 - eps, BELOW_ONE) if eps else 1.0]


@elementwise_loss(
    LossFacts(
        definition="-t*log(p) - (1 - t)*log(1 - p)",
        gradient_definition="(p - t)/(p*(1 - p))",
        hessian_definition="t/p**2 + (1 - t)/(1 - p)**2",
        domain="p and t in [0, 1]; p is clipped first",
        range=Interval(0.0, inf, low_closed=True, high_closed=True),
        limits={"eps = 0, p = 0, t > 0": "inf", "eps = 0, p = t = 0": "0", "eps = 0, p = t = 1": "0"},
        parameters={"eps": Interval(0.0, 0.5, low_closed=True)},
        accuracy={
            "value": Ulp(1, 2),
            "gradient": Ulp(1, 2),
            "hessian_diagonal": Ulp(1, 4),
        },
        likelihood="Bernoulli with probability p",
        minimiser="P(t = 1)",
        aliases=("bce",),
        references=("Good (1952), Rational decisions, doi:10.1111/j.2517-6161.1952.tb00104.x.",),
        prediction_domain=UNIT_OR_NAN,
        target_domain=UNIT,
    ),
    ClippedLoss,
)
def binary_cross_entropy(
    prediction: ArrayLike,
    target: ArrayLike,
    *,
    eps: float | None = None,
    reduction: Reduction = "mean",
    sample_weight: ArrayLike | None = None,
    out: Out = None,
) -> Any:
    r"""Binary cross-entropy of a probability, ``-t log p - (1 - t) log(1 - p)``.

    Where the probability comes out of a sigmoid, take `binary_cross_entropy_with_logits`: it keeps what the
    rounded probability has lost.

    Parameters
    ----------
    %(elementwise_first)s
        Both lie in [0, 1].
    eps : float, optional
        Probabilities are clipped to [eps, 1 - eps], where 1 - eps is at most the largest float64 below 1. Without
        it, to the inside of (0, 1) that the dtype can represent: [smallest normal number, 1 - machine epsilon/2].
        With 0, not at all.
    %(elementwise_rest)s

    Returns
    -------
    %(returns)s

    Raises
    ------
    %(raises)s

    See Also
    --------
    binary_cross_entropy_with_logits : the same from the logit.
    categorical_cross_entropy : for more than two classes.

    Notes
    -----
    Gradient with respect to the prediction: ``(q - t)/(q (1 - q))`` at the clipped probability q. On purpose it is
    not the derivative of the clipped value, which is 0 where the prediction is most wrong.

    A term of weight 0 is 0 even where its logarithm is infinite.

    %(reference)s

    Examples
    --------
    >>> import numpy as np
    >>> from actlib import losses
    >>> probability, target = np.array([0.5, 0.0, 1.0]), np.array([1.0, 1.0, 1.0])
    >>> losses.binary_cross_entropy(probability, target, reduction="none", eps=0)
    array([0.69314718,        inf, 0.        ])
    >>> losses.binary_cross_entropy(probability, target, reduction="none", eps=1e-7)
    array([6.93147181e-01, 1.61180957e+01, 1.00000005e-07])
    """


class WeightedLogits(ElementwiseLoss[Any]):
    """Binary cross-entropy with a weight for the positive class, one number or one for each element."""

    checked = (("pos_weight", NOT_NEGATIVE),)

    def _operands(self, options: Mapping[str, Any], shape: tuple[int, ...], dtype: np.dtype[Any]) -> list[Any]:
        weight = self._factor("pos_weight", options["pos_weight"], NOT_NEGATIVE, shape, dtype)
        return [weight, self._number("label_smoothing", options["label_smoothing"], dtype)]


@elementwise_loss(
    LossFacts(
        definition="pos_weight*(t + label_smoothing*(1/2 - t))*log(1 + exp(-p))"
        " + (1 - t - label_smoothing*(1/2 - t))*log(1 + exp(p))",
        gradient_definition="(1 - t - label_smoothing*(1/2 - t))/(1 + exp(-p))"
        " - pos_weight*(t + label_smoothing*(1/2 - t))/(1 + exp(p))",
        hessian_definition="(1 + (pos_weight - 1)*(t + label_smoothing*(1/2 - t)))*exp(-p)/(1 + exp(-p))**2",
        domain="p real (a logit), t in [0, 1]",
        range=Interval(0.0, inf, low_closed=True, high_closed=True),
        limits={"p = inf, t = 1": "0", "p = -inf, t = 0": "0", "p = inf, t < 1": "inf", "p = -inf, t > 0": "inf"},
        parameters={"pos_weight": NOT_NEGATIVE_NUMBERS, "label_smoothing": Interval(0.0, 1.0, True, True)},
        accuracy={
            "value": Ulp(1, 2, "3 with label_smoothing and pos_weight"),
            "gradient": Ulp(
                1,
                2,
                "3 with label_smoothing; for targets that, smoothed, lie between 0 and 1, where the two terms leave "
                "less than 1/8 of the larger one, in ulp of that; not at 1/2 with pos_weight=1",
            ),
            "hessian_diagonal": Ulp(1, 4),
        },
        likelihood="Bernoulli with probability sigmoid(p)",
        minimiser="log(P(t = 1)/P(t = 0))",
        aliases=("logistic",),
        references=(
            "Cox (1958), The regression analysis of binary sequences, doi:10.1111/j.2517-6161.1958.tb00292.x.",
        ),
        target_domain=UNIT,
    ),
    WeightedLogits,
)
def binary_cross_entropy_with_logits(
    prediction: ArrayLike,
    target: ArrayLike,
    *,
    pos_weight: ArrayLike = 1.0,
    label_smoothing: float = 0.0,
    reduction: Reduction = "mean",
    sample_weight: ArrayLike | None = None,
    out: Out = None,
) -> Any:
    r"""Binary cross-entropy of a logit: ``t log(1 + exp(-z)) + (1 - t) log(1 + exp(z))``.

    The loss of logistic regression. It does not round the probability ``sigmoid(z)`` first, and so stays right
    where that is indistinguishable from 0 or 1.

    Parameters
    ----------
    %(elementwise_first)s
        The prediction is a logit z, targets lie in [0, 1].
    pos_weight : array_like, optional
        Multiplies the term of the positive class; broadcasts to the shape of the prediction.
    label_smoothing : float, optional
        Moves targets by this part of the way to 1/2.
    %(elementwise_rest)s

    Returns
    -------
    %(returns)s

    Raises
    ------
    %(raises)s

    See Also
    --------
    binary_cross_entropy : from a probability.
    cross_entropy : for more than two classes.

    Notes
    -----
    Gradient with respect to the logit: ``(1 - t) sigmoid(z) - t sigmoid(-z)``, which is ``sigmoid(z) - t`` without
    its cancellation. For t between 0 and 1, also by smoothing, the two terms cancel at the minimum,
    ``z = log(t/(1 - t))``; at ``t = 1/2`` with ``pos_weight=1`` all digits are kept, elsewhere the error is at most
    2**-55 of a term. An infinite logit on the right side costs nothing.

    %(reference)s

    Examples
    --------
    >>> import numpy as np
    >>> from actlib import losses
    >>> float(losses.binary_cross_entropy_with_logits(40.0, 1.0))
    4.248354255291589e-18
    >>> float(losses.binary_cross_entropy_with_logits.gradient(40.0, 1.0))
    -4.248354255291589e-18

    The textbook forms lose both:

    >>> probability = 1 / (1 + np.exp(-40.0))
    >>> float(-np.log(probability)), float(probability - 1.0)
    (-0.0, 0.0)
    """


@class_loss(
    LossFacts(
        definition="Sum(t[k]*(log(Sum(exp(z[i]), i, 1, K)) - z[k]), k, 1, K)",
        gradient_definition="exp(z[j])/Sum(exp(z[i]), i, 1, K)*Sum(t[k], k, 1, K) - t[j]",
        hessian_definition="exp(z[j])/Sum(exp(z[i]), i, 1, K)*(1 - exp(z[j])/Sum(exp(z[i]), i, 1, K))"
        "*Sum(t[k], k, 1, K)",
        domain="z real (logits); t labels 0..K-1, or shares in [0, 1]",
        range=Interval(0.0, inf, low_closed=True, high_closed=True),
        limits={"t[k] = 0, z[k] = -inf": "class k counts 0", "the label's z = inf": "0", "all z = -inf": "NaN"},
        parameters={"label_smoothing": Interval(0.0, 1.0, True, True)},
        accuracy={
            "value": Ulp(1, 2),
            "gradient": Ulp(1, 3, "for labels; for shares, in ulp of the larger of the two terms"),
            "hessian_diagonal": Ulp(1, 6),
        },
        likelihood="categorical with probabilities softmax(z)",
        minimiser="log P(class k), up to a constant",
        references=(
            "Bridle (1990), Probabilistic interpretation of feedforward classification network outputs, "
            "doi:10.1007/978-3-642-76153-9_28.",
        ),
    )
)
def cross_entropy(
    prediction: ArrayLike,
    target: ArrayLike,
    *,
    class_weight: ArrayLike | None = None,
    label_smoothing: float = 0.0,
    ignore_index: int | None = None,
    reduction: Reduction = "mean",
    sample_weight: ArrayLike | None = None,
    axis: int = -1,
    out: Out = None,
) -> Any:
    r"""Cross-entropy from logits: minus the log-softmax of the right class.

    For a label t it is ``log(sum_i exp(z_i)) - z_t``, for shares ``t_k`` the sum of ``t_k`` times that.

    Parameters
    ----------
    %(classes_first)s
        The prediction is a row of logits.
    class_weight : array_like of shape (K,), optional
        Multiplies the term of each class; the index of a series must be that of the classes, 0 to K - 1. The mean
        divides by the sum of the weights of the targets' classes.
    label_smoothing : float, optional
        Replaces the shares t by ``(1 - label_smoothing) t + label_smoothing/K``.
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
    binary_cross_entropy_with_logits : for two classes and one logit.
    negative_log_likelihood : from log-probabilities.
    categorical_cross_entropy : from probabilities.

    Notes
    -----
    Gradient with respect to the logits: ``softmax(z) - t`` for a label's one-hot t. At the label of a confident
    and right row it is minus the sum of the other probabilities, not ``p - 1``. A share of 0 silences a logit
    of -inf.

    %(reference)s

    Examples
    --------
    >>> import numpy as np
    >>> from actlib import losses
    >>> logits = np.array([[0.8, 0.6, 0.2], [40.0, 0.0, 0.0]])
    >>> losses.cross_entropy(logits, np.array([0, 0]), reduction="none")
    array([8.61852451e-01, 8.49670851e-18])
    >>> losses.cross_entropy.gradient(logits, np.array([0, 0]), reduction="none")
    array([[-5.77621079e-01,  3.45814612e-01,  2.31806467e-01],
           [-8.49670851e-18,  4.24835426e-18,  4.24835426e-18]])
    """


@class_loss(
    LossFacts(
        definition="Sum(-t[k]*l[k], k, 1, K)",
        gradient_definition="-t[j]",
        hessian_definition="0",
        domain="l real or -inf (log-probabilities); t labels 0..K-1, or shares in [0, 1]",
        range=Interval(-inf, inf, high_closed=True),
        limits={"t[k] = 0, l[k] = -inf": "class k counts 0"},
        accuracy={"value": Ulp(1, 2), "gradient": EXACT, "hessian_diagonal": EXACT},
        likelihood="categorical with probabilities exp(l)",
        minimiser="log P(class k), among normalised log-probabilities",
        aliases=("nll",),
        references=("Fisher (1922), doi:10.1098/rsta.1922.0009.",),
    )
)
def negative_log_likelihood(
    prediction: ArrayLike,
    target: ArrayLike,
    *,
    class_weight: ArrayLike | None = None,
    ignore_index: int | None = None,
    reduction: Reduction = "mean",
    sample_weight: ArrayLike | None = None,
    axis: int = -1,
    out: Out = None,
) -> Any:
    r"""Negative log-likelihood from log-probabilities: minus the log-probability of the right class.

    Parameters
    ----------
    %(classes_first)s
        The prediction is a row of log-probabilities, as `actlib.log_softmax` gives them.
    class_weight : array_like of shape (K,), optional
        Multiplies the term of each class; the index of a series must be that of the classes, 0 to K - 1. The mean
        divides by the sum of the weights of the targets' classes.
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
    cross_entropy : from logits, in one pass.

    Notes
    -----
    Gradient with respect to the log-probabilities: minus the share of each class. It does not know that
    log-probabilities are normalised. A share of 0 silences a log-probability of -inf.

    %(reference)s

    Examples
    --------
    >>> import numpy as np
    >>> from actlib import losses
    >>> log_probabilities = np.log([[0.7, 0.2, 0.1], [0.1, 0.8, 0.1]])
    >>> losses.negative_log_likelihood(log_probabilities, np.array([0, 1]), reduction="none")
    array([0.35667494, 0.22314355])
    """


@class_loss(
    LossFacts(
        definition="Sum(-t[k]*log(p[k]), k, 1, K)",
        gradient_definition="-t[j]/p[j]",
        hessian_definition="t[j]/p[j]**2",
        domain="p in [0, 1] (probabilities); t labels 0..K-1, or shares in [0, 1]",
        range=Interval(0.0, inf, low_closed=True, high_closed=True),
        limits={"t[k] > 0, p[k] = 0": "inf", "t[k] = 0, p[k] = 0": "class k counts 0"},
        accuracy={
            "value": Ulp(1, 2),
            "gradient": Ulp(1, 1, "3 with label_smoothing or class_weight"),
            "hessian_diagonal": Ulp(1, 2, "4 with label_smoothing or class_weight"),
        },
        likelihood="categorical with probabilities p",
        minimiser="P(class k), among normalised probabilities",
        references=("Good (1952), Rational decisions, doi:10.1111/j.2517-6161.1952.tb00104.x.",),
        prediction_domain=UNIT_OR_NAN,
    )
)
def categorical_cross_entropy(
    prediction: ArrayLike,
    target: ArrayLike,
    *,
    class_weight: ArrayLike | None = None,
    label_smoothing: float = 0.0,
    ignore_index: int | None = None,
    reduction: Reduction = "mean",
    sample_weight: ArrayLike | None = None,
    axis: int = -1,
    out: Out = None,
) -> Any:
    r"""Cross-entropy from probabilities, ``-sum_k t_k log p_k``.

    Neither clipped nor normalised. Where the probabilities come out of a softmax, take `cross_entropy`: it keeps
    what the rounded probabilities have lost.

    Parameters
    ----------
    %(classes_first)s
        The prediction is a row of probabilities.
    class_weight : array_like of shape (K,), optional
        Multiplies the term of each class; the index of a series must be that of the classes, 0 to K - 1. The mean
        divides by the sum of the weights of the targets' classes.
    label_smoothing : float, optional
        Replaces the shares t by ``(1 - label_smoothing) t + label_smoothing/K``.
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
    cross_entropy : from logits.
    binary_cross_entropy : for two classes and one probability.

    Notes
    -----
    Gradient with respect to the probabilities: ``-t_k/p_k``. It does not know that probabilities sum to one. A
    share of 0 silences a probability of 0; a share above 0 makes it cost inf.

    %(reference)s

    Examples
    --------
    >>> import numpy as np
    >>> from actlib import losses
    >>> probabilities = np.array([[0.7, 0.2, 0.1], [0.0, 0.8, 0.2]])
    >>> losses.categorical_cross_entropy(probabilities, np.array([0, 1]), reduction="none")
    array([0.35667494, 0.22314355])
    >>> losses.categorical_cross_entropy.gradient(probabilities, np.array([0, 1]), reduction="sum")
    array([[-1.42857143,  0.        ,  0.        ],
           [ 0.        , -1.25      ,  0.        ]])
    """


class DivergenceLoss(ClassLoss[Any]):
    """The Kullback-Leibler divergence, with the target as probabilities or as their logarithms."""

    def _kernel(self, options: Mapping[str, Any]) -> str:
        return "kl_divergence_log_target" if options["log_target"] else "kl_divergence"

    def _target_domain(self, options: Mapping[str, Any]) -> tuple[int, float, float]:
        return ANY if options["log_target"] else UNIT

    def _target(
        self, target: Any, prediction: NDArray[Any], axis: int, options: Mapping[str, Any]
    ) -> tuple[Any, Any, int | None]:
        if not isinstance(options["log_target"], (bool, np.bool_)):
            raise TypeError(f"{self.name}: log_target must be True or False, got {options['log_target']!r}")
        if np.shape(target) != prediction.shape:
            raise ValueError(
                f"{self.name}: target must have the shape of the prediction {prediction.shape}, got shape "
                f"{np.shape(target)}"
            )
        return super()._target(target, prediction, axis, options)


@class_loss(
    LossFacts(
        definition="Sum(t[k]*(log(t[k]) - l[k]), k, 1, K)",
        gradient_definition="-t[j]",
        hessian_definition="0",
        domain="l real or -inf (log-probabilities); t in [0, 1], or their logarithms with log_target",
        range=Interval(-inf, inf, high_closed=True),
        limits={"t[k] = 0": "class k counts 0", "t[k] > 0, l[k] = -inf": "inf"},
        accuracy={
            "value": Ulp(1, 2, "in ulp of the sum of the magnitudes of t log t and t l"),
            "gradient": EXACT,
            "hessian_diagonal": EXACT,
        },
        likelihood="categorical with probabilities exp(l), less the entropy of t",
        minimiser="log t, among normalised log-probabilities",
        references=("Kullback, Leibler (1951), On information and sufficiency, doi:10.1214/aoms/1177729694.",),
    ),
    DivergenceLoss,
)
def kl_divergence(
    prediction: ArrayLike,
    target: ArrayLike,
    *,
    log_target: bool = False,
    reduction: Reduction = "mean",
    sample_weight: ArrayLike | None = None,
    axis: int = -1,
    out: Out = None,
) -> Any:
    r"""Kullback-Leibler divergence of log-probabilities from a target: ``sum_k t_k (log t_k - l_k)``.

    It is KL(t || exp l): the target is the first argument of the divergence, the prediction the second. One value
    for each row, so that the mean over rows is a mean of divergences.

    Parameters
    ----------
    prediction : array_like of real numbers
        Log-probabilities, K of them along `axis`.
    target : array_like of real numbers
        Probabilities, or their logarithms if `log_target`; the shape of the prediction.
    log_target : bool, optional
        Whether the target holds logarithms.
    %(classes_rest)s

    Returns
    -------
    %(returns)s

    Raises
    ------
    %(raises)s

    See Also
    --------
    actlib.information.kl_divergence : of two distributions, in textbook order.
    cross_entropy : the same up to the entropy of the target.

    Notes
    -----
    Gradient with respect to the log-probabilities: ``-t_k``, the same as that of `negative_log_likelihood`. A
    class of probability 0 in the target counts 0 even where the prediction is -inf.

    %(reference)s

    Examples
    --------
    >>> import numpy as np
    >>> from actlib import losses
    >>> log_probabilities = np.log([[0.5, 0.5], [0.9, 0.1]])
    >>> losses.kl_divergence(log_probabilities, np.array([[0.5, 0.5], [1.0, 0.0]]), reduction="none")
    array([0.        , 0.10536052])
    """


class LabelwiseLoss(ClassLoss[Any]):
    """A mean over the entries of a row, whose class weights belong to the entries."""

    weighs_rows = False


@class_loss(
    LossFacts(
        definition="Sum(t[k]*log(1 + exp(-z[k])) + (1 - t[k])*log(1 + exp(z[k])), k, 1, K)/K",
        gradient_definition="((1 - t[j])/(1 + exp(-z[j])) - t[j]/(1 + exp(z[j])))/K",
        hessian_definition="exp(-z[j])/(1 + exp(-z[j]))**2/K",
        domain="z real (logits); t in [0, 1], one for each label",
        range=Interval(0.0, inf, low_closed=True, high_closed=True),
        limits={"all z right and infinite": "0", "one z wrong and infinite": "inf"},
        accuracy={
            "value": Ulp(1, 2),
            "gradient": Ulp(1, 3, "for targets 0 and 1; between, in ulp of the larger of the two terms"),
            "hessian_diagonal": Ulp(1, 4),
        },
        likelihood="independent Bernoulli variables with probabilities sigmoid(z[k])",
        minimiser="log(P(label k)/P(not label k))",
        references=(
            "Nam, Kim, Loza Mencia, Gurevych, Fuernkranz (2014), Large-scale multi-label text classification, "
            "arXiv:1312.5419.",
        ),
    ),
    LabelwiseLoss,
)
def multilabel_soft_margin(
    prediction: ArrayLike,
    target: ArrayLike,
    *,
    class_weight: ArrayLike | None = None,
    reduction: Reduction = "mean",
    sample_weight: ArrayLike | None = None,
    axis: int = -1,
    out: Out = None,
) -> Any:
    r"""Multilabel soft margin loss: the mean of the binary cross-entropies of K logits, one for each label.

    For examples that may have several labels, or none: each logit answers its own question.

    Parameters
    ----------
    %(labels_first)s
        The prediction is a row of logits.
    class_weight : array_like of shape (K,), optional
        Multiplies the term of each label. The divisors stay K and the number of rows.
    %(classes_rest)s

    Returns
    -------
    %(returns)s

    Raises
    ------
    %(raises)s

    See Also
    --------
    binary_cross_entropy_with_logits : the same for each element by itself.
    multilabel_margin : asks each label's score to lie above those of the others.
    cross_entropy : for exactly one class.

    Notes
    -----
    Gradient with respect to the logits: ``(sigmoid(z) - t)/K``, without its cancellation. An infinite logit on the
    right side costs nothing.

    %(reference)s

    Examples
    --------
    >>> import numpy as np
    >>> from actlib import losses
    >>> logits, target = np.array([[2.0, -1.0, 40.0], [0.0, 0.0, 0.0]]), np.array([[1, 0, 1], [0, 0, 0]])
    >>> losses.multilabel_soft_margin(logits, target, reduction="none")
    array([0.1467299 , 0.69314718])
    >>> losses.multilabel_soft_margin.gradient(logits, target, reduction="none")
    array([[-3.97343073e-02,  8.96471405e-02, -1.41611809e-18],
           [ 1.66666667e-01,  1.66666667e-01,  1.66666667e-01]])
    """


class BrierScore(ClassLoss[Any]):
    """Squares of rows of probabilities, or of each probability of a single axis."""

    def _run(
        self, wanted: int, prediction: Any, target: Any, args: tuple[Any, ...], keywords: Mapping[str, Any]
    ) -> tuple[Any, Any]:
        out = keywords.get("out")
        if np.ndim(prediction) > 1 or np.shape(prediction) != np.shape(target):
            return super()._run(wanted, prediction, target, args, keywords)
        self._axis(keywords.get("axis", -1), "prediction", np.empty(np.shape(prediction) or 1), "classes")
        self._refuse_other_labels({"prediction": prediction, "target": target}, keywords)
        events, happened = self._array("prediction", prediction), self._array("target", target)
        keywords = {**keywords, "axis": -1}
        if isinstance(out, np.ndarray) and out.shape == np.shape(prediction):
            keywords["out"] = out[..., None]
        value, gradient = super()._run(wanted, events[..., None], happened[..., None], args, keywords)
        if gradient is not None:
            gradient = gradient[..., 0] if out is None else out
        return value, gradient


@class_loss(
    LossFacts(
        definition="Sum((p[k] - t[k])**2, k, 1, K)",
        gradient_definition="2*(p[j] - t[j])",
        hessian_definition="2",
        domain="p in [0, 1] (probabilities); t labels 0..K-1, or shares in [0, 1]",
        range=Interval(0.0, inf, low_closed=True),
        limits={"p one-hot at the label": "0", "p one-hot elsewhere": "2"},
        accuracy={"value": Ulp(1, 2), "gradient": Ulp(1, 1), "hessian_diagonal": EXACT},
        likelihood="none of labels: it is a strictly proper score",
        minimiser="P(class k)",
        references=(
            "Brier (1950), Verification of forecasts expressed in terms of probability, "
            "doi:10.1175/1520-0493(1950)078<0001:VOFEIT>2.0.CO;2.",
        ),
        prediction_domain=UNIT_OR_NAN,
    ),
    BrierScore,
)
def brier(
    prediction: ArrayLike,
    target: ArrayLike,
    *,
    ignore_index: int | None = None,
    reduction: Reduction = "mean",
    sample_weight: ArrayLike | None = None,
    axis: int = -1,
    out: Out = None,
) -> Any:
    r"""Brier score: the squared distance of probabilities from what came true.

    ``sum_k (p_k - t_k)**2`` for rows of K classes, between 0 and 2; ``(p - t)**2`` for probabilities of an event,
    between 0 and 1. The shapes decide: a prediction of one dimension (or none) with a target of its shape holds an
    event in each element, everything else rows of classes.

    Parameters
    ----------
    %(classes_first)s
        The prediction holds probabilities.
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
    categorical_cross_entropy : from probabilities; infinite where an impossible class comes true.
    mean_squared_error : the same square, divided by the number of elements.

    Notes
    -----
    Gradient with respect to the probabilities: ``2 (p - t)``. It does not know that they sum to one. For a single row
    of K probabilities against K shares, give it a second axis: ``p[None]``.

    %(reference)s

    Examples
    --------
    >>> import numpy as np
    >>> from actlib import losses
    >>> probabilities = np.array([[0.5, 0.25, 0.25], [0.0, 1.0, 0.0]])
    >>> losses.brier(probabilities, np.array([0, 2]), reduction="none")
    array([0.375, 2.   ])
    >>> losses.brier(np.array([0.5, 0.25, 0.75]), np.array([1, 0, 1]), reduction="none")
    array([0.25  , 0.0625, 0.0625])
    """


bce = binary_cross_entropy
logistic = binary_cross_entropy_with_logits
nll = negative_log_likelihood
