"""The losses: definition, documentation and conventions; the arithmetic is in :mod:`actlib.kernels`.

Each function below is an object (:class:`actlib.loss_entry.Loss`): call it for the value, and use ``gradient``,
``value_and_gradient`` (both in one pass over memory) and ``hessian_diagonal`` for the derivatives with respect to
the prediction. In a definition, `p` is the prediction and `t` the target of one element; class losses sum over
k = 1..K, and their derivatives are those with respect to entry `j`.
"""

from collections.abc import Mapping
from math import inf, log, pi
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .entries import Interval, Ulp
from .loss_entry import (
    ANY,
    GRADIENT,
    NOT_NEGATIVE,
    NOT_NEGATIVE_OR_NAN,
    POSITIVE,
    SIGNS,
    UNIT,
    UNIT_OR_NAN,
    VALUE,
    VALUE_AND_GRADIENT,
    ClassLoss,
    ElementwiseLoss,
    Loss,
    LossFacts,
    class_loss,
    deliver,
    elementwise_loss,
    result_dtype,
)
from .sums import sum_to_shape

__all__ = [
    "LOSSES",
    "bce",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "categorical_cross_entropy",
    "cross_entropy",
    "gaussian_nll",
    "half_squared_error",
    "hinge",
    "huber",
    "kl_divergence",
    "log_cosh",
    "logistic",
    "mae",
    "mean_absolute_error",
    "mean_squared_error",
    "mse",
    "negative_log_likelihood",
    "nll",
    "pinball",
    "poisson_nll",
    "quantile",
]

Reduction = Literal["none", "sum", "mean", "batchmean"]
Out = NDArray[Any] | None

POSITIVE_NUMBERS = Interval(0.0, inf)
POSITIVE_OR_INFINITE = Interval(0.0, inf, high_closed=True)
NOT_NEGATIVE_NUMBERS = Interval(0.0, inf, low_closed=True)
EXACT = Ulp(0.5, 0.5)


@elementwise_loss(
    LossFacts(
        definition="(p - t)**2",
        gradient_definition="2*(p - t)",
        hessian_definition="2",
        domain="p and t real",
        range=Interval(0.0, inf, low_closed=True, high_closed=True),
        accuracy={"value": Ulp(1, 2), "gradient": Ulp(1, 1), "hessian_diagonal": EXACT},
        likelihood="normal noise of constant variance",
        minimiser="the mean of t",
        aliases=("mse",),
        references=("Bishop (2006), Pattern Recognition and Machine Learning, section 3.1.1.",),
    )
)
def mean_squared_error(
    prediction: ArrayLike,
    target: ArrayLike,
    *,
    reduction: Reduction = "mean",
    sample_weight: ArrayLike | None = None,
    out: Out = None,
) -> Any:
    r"""Squared error ``(p - t)**2``, by default its mean.

    Large residuals count most: one outlier of ten standard deviations weighs as much as a hundred of one.

    Parameters
    ----------
    %(elementwise)s

    Returns
    -------
    %(returns)s

    Raises
    ------
    %(raises)s

    See Also
    --------
    half_squared_error : half of it, with the residual itself as gradient.
    huber : grows only linearly where residuals are large.

    Notes
    -----
    Gradient with respect to the prediction: ``2 (p - t)``. It is smooth everywhere.

    %(reference)s

    Examples
    --------
    >>> import numpy as np
    >>> from actlib import losses
    >>> prediction, target = np.array([1.0, 2.0, 4.0]), np.array([1.0, 1.0, 1.0])
    >>> float(losses.mean_squared_error(prediction, target, reduction="sum"))
    10.0
    >>> losses.mean_squared_error.gradient(prediction, target, reduction="sum")
    array([0., 2., 6.])
    """


@elementwise_loss(
    LossFacts(
        definition="(p - t)**2/2",
        gradient_definition="p - t",
        hessian_definition="1",
        domain="p and t real",
        range=Interval(0.0, inf, low_closed=True, high_closed=True),
        accuracy={"value": Ulp(1, 2), "gradient": EXACT, "hessian_diagonal": EXACT},
        likelihood="normal noise of variance 1",
        minimiser="the mean of t",
        references=("Rumelhart, Hinton, Williams (1986), doi:10.1038/323533a0.",),
    )
)
def half_squared_error(
    prediction: ArrayLike,
    target: ArrayLike,
    *,
    reduction: Reduction = "mean",
    sample_weight: ArrayLike | None = None,
    out: Out = None,
) -> Any:
    r"""Half the squared error, ``(p - t)**2/2``: the gradient is the residual.

    With ``reduction="batchmean"`` it is the quadratic cost of the textbooks, ``1/(2n)`` times the sum over the
    n examples of the squared distance between output and target.

    Parameters
    ----------
    %(elementwise)s

    Returns
    -------
    %(returns)s

    Raises
    ------
    %(raises)s

    See Also
    --------
    mean_squared_error : without the factor 1/2.

    Notes
    -----
    Gradient with respect to the prediction: ``p - t``. It is smooth everywhere.

    %(reference)s

    Examples
    --------
    >>> import numpy as np
    >>> from actlib import losses
    >>> losses.half_squared_error.gradient(np.array([1.0, 2.0, 4.0]), 1.0, reduction="none")
    array([0., 1., 3.])
    """


@elementwise_loss(
    LossFacts(
        definition="Abs(p - t)",
        gradient_definition="sign(p - t)",
        hessian_definition="0",
        domain="p and t real",
        range=Interval(0.0, inf, low_closed=True, high_closed=True),
        kinks={"p = t": "gradient 0, Hessian 0"},
        accuracy={"value": EXACT, "gradient": EXACT, "hessian_diagonal": EXACT},
        likelihood="Laplace noise",
        minimiser="the median of t",
        aliases=("mae",),
        references=("Koenker, Bassett (1978), Regression quantiles, doi:10.2307/1913643.",),
    )
)
def mean_absolute_error(
    prediction: ArrayLike,
    target: ArrayLike,
    *,
    reduction: Reduction = "mean",
    sample_weight: ArrayLike | None = None,
    out: Out = None,
) -> Any:
    r"""Absolute error ``|p - t|``, by default its mean: robust, and not smooth at 0.

    Parameters
    ----------
    %(elementwise)s

    Returns
    -------
    %(returns)s

    Raises
    ------
    %(raises)s

    See Also
    --------
    huber : smooth at 0, and as robust.

    Notes
    -----
    Gradient with respect to the prediction: the sign of ``p - t``, and 0 at the kink ``p = t``.

    %(reference)s

    Examples
    --------
    >>> import numpy as np
    >>> from actlib import losses
    >>> losses.mean_absolute_error.gradient(np.array([-2.0, 1.0, 4.0]), 1.0, reduction="none")
    array([-1.,  0.,  1.])
    """


@elementwise_loss(
    LossFacts(
        definition="cases(((p - t)**2/2, Abs(p - t) <= delta), (delta*(Abs(p - t) - delta/2), True))",
        gradient_definition="cases((-delta, p - t < -delta), (delta, p - t > delta), (p - t, True))",
        hessian_definition="cases((1, Abs(p - t) <= delta), (0, True))",
        domain="p and t real",
        range=Interval(0.0, inf, low_closed=True, high_closed=True),
        limits={"delta = inf": "half_squared_error"},
        kinks={"|p - t| = delta": "of the gradient: gradient +-delta, Hessian 1"},
        parameters={"delta": POSITIVE_OR_INFINITE},
        accuracy={"value": Ulp(1, 2), "gradient": EXACT, "hessian_diagonal": EXACT},
        likelihood="normal noise with exponential tails from delta on",
        minimiser="between the median (small delta) and the mean (large delta) of t",
        references=("Huber (1964), Robust estimation of a location parameter, doi:10.1214/aoms/1177703732.",),
    )
)
def huber(
    prediction: ArrayLike,
    target: ArrayLike,
    *,
    delta: float = 1.0,
    reduction: Reduction = "mean",
    sample_weight: ArrayLike | None = None,
    out: Out = None,
) -> Any:
    r"""Huber's loss: ``r**2/2`` for residuals ``|r| <= delta``, ``delta (|r| - delta/2)`` beyond.

    Parameters
    ----------
    %(elementwise_first)s
    delta : float, optional
        Where the parabola goes over into its tangents; positive, inf allowed.
    %(elementwise_rest)s

    Returns
    -------
    %(returns)s

    Raises
    ------
    %(raises)s

    See Also
    --------
    half_squared_error : the limit for large `delta`.
    mean_absolute_error : times `delta`, the limit for small `delta`.

    Notes
    -----
    Gradient with respect to the prediction: the residual cut off at ``+-delta``. It has kinks at ``|r| = delta``,
    where the Hessian is that of the parabola, 1.

    %(reference)s

    Examples
    --------
    >>> import numpy as np
    >>> from actlib import losses
    >>> prediction = np.array([0.5, 1.0, 3.0])
    >>> losses.huber(prediction, 0.0, delta=1.0, reduction="none")
    array([0.125, 0.5  , 2.5  ])
    >>> losses.huber.gradient(prediction, 0.0, delta=1.0, reduction="none")
    array([0.5, 1. , 1. ])
    """


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


# the smallest normal number, and the number before 1
INSIDE_UNIT = {
    info.dtype.char: [float(info.smallest_normal), 1.0 - float(info.eps) / 2]
    for info in (np.finfo(np.float16), np.finfo(np.float32), np.finfo(np.float64))
}


class ClippedLoss(ElementwiseLoss[Any]):
    """A loss of probabilities that are clipped to the inside of (0, 1)."""

    def _operands(self, options: Mapping[str, Any], shape: tuple[int, ...], dtype: np.dtype[Any]) -> list[Any]:
        if options["eps"] is None:
            return INSIDE_UNIT[dtype.char]
        eps = self._number("eps", options["eps"], dtype)
        return [eps, 1.0 - eps]


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
            "value": Ulp(1, 3, "for targets 0 and 1 less than 2; between, two products are added"),
            "gradient": Ulp(1, 3, "for targets 0 and 1 less than 2; between, two quotients in a row"),
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
        Probabilities are clipped to [eps, 1 - eps]. Without it, to the inside of (0, 1) that the dtype can
        represent: [smallest normal number, 1 - machine epsilon/2]. With 0, not at all.
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
            "value": Ulp(1, 2),
            "gradient": Ulp(1, 2, "for targets 0 and 1; between, in ulp of the larger of the two terms"),
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
    its cancellation. An infinite logit on the right side costs nothing.

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
        Multiplies the term of each class. The mean divides by the sum of the weights of the targets' classes.
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
        accuracy={"value": Ulp(1, 2), "gradient": Ulp(1, 1), "hessian_diagonal": Ulp(1, 2)},
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
        Multiplies the term of each class. The mean divides by the sum of the weights of the targets' classes.
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


HALF_LOG_TWO_PI = log(2 * pi) / 2


class NormalLoss(ElementwiseLoss[Any]):
    """The normal distribution's loss, with gradients with respect to prediction or variance."""

    common = ("reduction", "sample_weight", "wrt", "out")
    checked = (("variance", POSITIVE),)

    def _kernel(self, options: Mapping[str, Any]) -> str:
        return "gaussian_nll_variance" if options["wrt"] == "variance" else "gaussian_nll"

    def _operands(self, options: Mapping[str, Any], shape: tuple[int, ...], dtype: np.dtype[Any]) -> list[Any]:
        if options["wrt"] not in ("prediction", "variance"):
            raise ValueError(f"{self.name}: wrt must be 'prediction' or 'variance', got {options['wrt']!r}")
        if not isinstance(options["full"], (bool, np.bool_)):
            raise TypeError(f"{self.name}: full must be True or False, got {options['full']!r}")
        variance = self._factor("variance", options["variance"], POSITIVE, shape, dtype)
        return [variance, HALF_LOG_TWO_PI if options["full"] else 0.0]

    def _run(
        self, wanted: int, prediction: Any, target: Any, args: tuple[Any, ...], keywords: Mapping[str, Any]
    ) -> tuple[Any, Any]:
        options = self._options(wanted, args, keywords)
        if wanted == VALUE or options["wrt"] == "prediction":
            return super()._run(wanted, prediction, target, args, keywords)
        # a derivative for each element in double, then summed over the axes that the variance was stretched along
        value = None
        prediction = self._array("prediction", prediction)
        dtype, out = result_dtype(prediction), options["out"]
        variance = self._working("variance", options["variance"], dtype)
        keywords = {**keywords, "variance": variance, "out": None}
        if wanted == VALUE_AND_GRADIENT:
            value, wanted = super()._run(VALUE, prediction, target, args, keywords)[0], GRADIENT
        terms = super()._run(wanted, prediction.astype(np.float64), target, args, keywords)[1]
        shape = prediction.shape if options["reduction"] == "none" else variance.shape
        gradient = self._gradient_array(out, np.broadcast_to(0.0, shape), dtype, (), ())
        with np.errstate(all="ignore"):
            gradient[...] = sum_to_shape(np.asarray(terms), shape)
        return value, deliver(gradient, out)


@elementwise_loss(
    LossFacts(
        definition="(log(variance) + (p - t)**2/variance)/2",
        gradient_definition="(p - t)/variance",
        hessian_definition="1/variance",
        domain="p and t real, variance positive",
        range=Interval(-inf, inf, high_closed=True),
        limits={"full": "adds log(2*pi)/2"},
        parameters={"variance": POSITIVE_NUMBERS},
        accuracy={
            "value": Ulp(1, 4, "in ulp of the sum of the magnitudes of its terms"),
            "gradient": Ulp(1, 2),
            "hessian_diagonal": Ulp(1, 1),
        },
        likelihood="normal with mean p and the given variance",
        minimiser="the mean of t; as a function of the variance, the mean of (p - t)**2",
        references=("Nix, Weigend (1994), Estimating the mean and variance, doi:10.1109/ICNN.1994.374138.",),
    ),
    NormalLoss,
)
def gaussian_nll(
    prediction: ArrayLike,
    target: ArrayLike,
    *,
    variance: ArrayLike,
    full: bool = False,
    reduction: Reduction = "mean",
    sample_weight: ArrayLike | None = None,
    wrt: Literal["prediction", "variance"] = "prediction",
    out: Out = None,
) -> Any:
    r"""Negative log-likelihood of a normal target: ``(log v + (p - t)**2/v)/2``.

    With a predicted variance a model says how sure it is: large residuals cost less where the variance is large,
    which in turn costs its logarithm.

    Parameters
    ----------
    %(elementwise_first)s
    variance : array_like of positive numbers
        The variance v; broadcasts to the shape of the prediction.
    full : bool, optional
        Whether to add the constant ``log(2 pi)/2``.
    %(elementwise_rest_no_out)s
    wrt : {"prediction", "variance"}, optional
        What the derivatives are with respect to. Those with respect to the variance have its shape, summed over
        the axes along which it was broadcast; with ``reduction="none"``, the shape of the prediction.
    %(out)s

    Returns
    -------
    %(returns)s

    Raises
    ------
    %(raises)s

    See Also
    --------
    half_squared_error : the same for variance 1.

    Notes
    -----
    Gradient with respect to the prediction: ``(p - t)/v``; with respect to the variance ``(v - (p - t)**2)/(2 v**2)``.

    %(reference)s

    Examples
    --------
    >>> import numpy as np
    >>> from actlib import losses
    >>> prediction, target = np.array([1.0, 2.0]), np.array([0.0, 2.0])
    >>> float(losses.gaussian_nll(prediction, target, variance=4.0, reduction="sum"))
    1.5112943611198906
    >>> losses.gaussian_nll.gradient(prediction, target, variance=4.0, reduction="sum")
    array([0.25, 0.  ])
    >>> float(losses.gaussian_nll.gradient(prediction, target, variance=4.0, reduction="sum", wrt="variance"))
    0.21875
    """


@elementwise_loss(
    LossFacts(
        definition="log(cosh(p - t))",
        gradient_definition="tanh(p - t)",
        hessian_definition="1/cosh(p - t)**2",
        domain="p and t real",
        range=Interval(0.0, inf, low_closed=True, high_closed=True),
        accuracy={"value": Ulp(1, 3), "gradient": Ulp(1, 3), "hessian_diagonal": Ulp(1, 3)},
        likelihood="noise with the hyperbolic secant density 1/(pi cosh r)",
        minimiser="between the median and the mean of t: where the mean of tanh(p - t) is 0",
        references=("Green (1990), Bayesian reconstructions from emission tomography data, doi:10.1109/42.52985.",),
    )
)
def log_cosh(
    prediction: ArrayLike,
    target: ArrayLike,
    *,
    reduction: Reduction = "mean",
    sample_weight: ArrayLike | None = None,
    out: Out = None,
) -> Any:
    r"""Log-cosh loss ``log(cosh(p - t))``: half the squared error near 0, the absolute error far away.

    Huber's loss without a parameter and with all its derivatives.

    Parameters
    ----------
    %(elementwise)s

    Returns
    -------
    %(returns)s

    Raises
    ------
    %(raises)s

    See Also
    --------
    huber : a parabola with two tangents, and a parameter that says where.

    Notes
    -----
    Gradient with respect to the prediction: ``tanh(p - t)``. Large residuals cost ``|r| - log 2``; nothing overflows.

    %(reference)s

    Examples
    --------
    >>> import numpy as np
    >>> from actlib import losses
    >>> prediction = np.array([1e-4, 1.0, 1000.0])
    >>> losses.log_cosh(prediction, 0.0, reduction="none")
    array([4.99999999e-09, 4.33780830e-01, 9.99306853e+02])
    >>> losses.log_cosh.gradient(prediction, 0.0, reduction="none")
    array([9.99999997e-05, 7.61594156e-01, 1.00000000e+00])
    """


@elementwise_loss(
    LossFacts(
        definition="cases((quantile*(t - p), p < t), ((1 - quantile)*(p - t), True))",
        gradient_definition="cases((-quantile, p < t), (1 - quantile, p > t), (0, True))",
        hessian_definition="0",
        domain="p and t real",
        range=Interval(0.0, inf, low_closed=True, high_closed=True),
        limits={"quantile = 1/2": "mean_absolute_error/2"},
        kinks={"p = t": "gradient 0, Hessian 0"},
        parameters={"quantile": Interval(0.0, 1.0)},
        accuracy={"value": Ulp(1, 2), "gradient": EXACT, "hessian_diagonal": EXACT},
        likelihood="asymmetric Laplace noise",
        minimiser="the quantile of t",
        aliases=("pinball",),
        references=("Koenker, Bassett (1978), Regression quantiles, doi:10.2307/1913643.",),
    )
)
def quantile(
    prediction: ArrayLike,
    target: ArrayLike,
    *,
    quantile: float = 0.5,
    reduction: Reduction = "mean",
    sample_weight: ArrayLike | None = None,
    out: Out = None,
) -> Any:
    r"""Quantile loss: ``q (t - p)`` where the prediction is too low, ``(1 - q) (p - t)`` where it is too high.

    Its minimiser is the q-quantile of the targets; two of them make an interval of prediction.

    Parameters
    ----------
    %(elementwise_first)s
    quantile : float, optional
        The quantile q that is wanted, between 0 and 1.
    %(elementwise_rest)s

    Returns
    -------
    %(returns)s

    Raises
    ------
    %(raises)s

    See Also
    --------
    mean_absolute_error : twice this loss for the median, ``q = 1/2``.

    Notes
    -----
    Gradient with respect to the prediction: ``-q`` where ``p < t``, ``1 - q`` where ``p > t``, and 0 at the kink
    ``p = t``.

    %(reference)s

    Examples
    --------
    >>> import numpy as np
    >>> from actlib import losses
    >>> prediction = np.array([-1.0, 0.0, 1.0])
    >>> losses.quantile(prediction, 0.0, quantile=0.9, reduction="none")
    array([0.9, 0. , 0.1])
    >>> losses.quantile.gradient(prediction, 0.0, quantile=0.9, reduction="none")
    array([-0.9,  0. ,  0.1])
    """


class CountLoss(ElementwiseLoss[Any]):
    """The Poisson distribution's loss, of the logarithm of the mean or of the mean itself."""

    def __init__(self, function: Any, facts: LossFacts) -> None:
        super().__init__(function, facts)
        checked = self._checks(NOT_NEGATIVE_OR_NAN)
        self._of_mean = checked, self._all_domains(checked)

    def _domains_of(self, options: Mapping[str, Any]) -> Any:
        return super()._domains_of(options) if options["log_input"] else self._of_mean

    def _kernel(self, options: Mapping[str, Any]) -> str:
        return f"poisson_nll{'' if options['log_input'] else '_mean'}{'_full' if options['full'] else ''}"

    def _operands(self, options: Mapping[str, Any], shape: tuple[int, ...], dtype: np.dtype[Any]) -> list[Any]:
        for name in ("log_input", "full"):
            if not isinstance(options[name], (bool, np.bool_)):
                raise TypeError(f"{self.name}: {name} must be True or False, got {options[name]!r}")
        return []


@elementwise_loss(
    LossFacts(
        definition="exp(p) - t*p",
        gradient_definition="exp(p) - t",
        hessian_definition="exp(p)",
        domain="p real (the logarithm of the mean), t not negative; the mean itself with log_input=False",
        range=Interval(-inf, inf, high_closed=True),
        limits={
            "p = -inf, t = 0": "0",
            "p = -inf, t > 0": "inf",
            "log_input=False": "p - t*log(p), with gradient 1 - t/p and Hessian t/p**2",
            "full": "adds log(t!)",
        },
        accuracy={
            "value": Ulp(1, 4, "in ulp of the sum of the magnitudes of its terms"),
            "gradient": Ulp(1, 2, "in ulp of the larger of exp(p) and t, where they cancel"),
            "hessian_diagonal": Ulp(1, 2),
        },
        likelihood="Poisson with mean exp(p)",
        minimiser="the logarithm of the mean of t; its mean with log_input=False",
        references=("Nelder, Wedderburn (1972), Generalized linear models, doi:10.2307/2344614.",),
        target_domain=NOT_NEGATIVE,
    ),
    CountLoss,
)
def poisson_nll(
    prediction: ArrayLike,
    target: ArrayLike,
    *,
    log_input: bool = True,
    full: bool = False,
    reduction: Reduction = "mean",
    sample_weight: ArrayLike | None = None,
    out: Out = None,
) -> Any:
    r"""Negative log-likelihood of a Poisson count: ``exp(p) - t p``, where `p` is the logarithm of the mean.

    For numbers of events. The logarithm makes the mean positive whatever the network says.

    Parameters
    ----------
    %(elementwise_first)s
        Targets are counts, or other numbers that are not negative.
    log_input : bool, optional
        Whether the prediction is the logarithm of the mean. If not, it is the mean, not negative, and the loss is
        ``p - t log(p)``.
    full : bool, optional
        Whether to add ``log(t!)``, so that the value is the negative logarithm of the probability.
    %(elementwise_rest)s

    Returns
    -------
    %(returns)s

    Raises
    ------
    %(raises)s

    See Also
    --------
    gaussian_nll : for real targets.

    Notes
    -----
    Gradient with respect to the prediction: ``exp(p) - t``, or ``1 - t/p`` of the mean. ``log(t!)`` is exact, where
    PyTorch adds Stirling's approximation for t > 1 and 0 else. A count of 0 silences the logarithm of 0.

    %(reference)s

    Examples
    --------
    >>> import numpy as np
    >>> from actlib import losses
    >>> prediction, count = np.log([0.5, 2.0, 4.0]), np.array([0, 2, 3])
    >>> losses.poisson_nll(prediction, count, reduction="none")
    array([ 0.5       ,  0.61370564, -0.15888308])
    >>> np.exp(-losses.poisson_nll(prediction, count, reduction="none", full=True))
    array([0.60653066, 0.27067057, 0.19536681])
    >>> losses.poisson_nll.gradient(np.array([0.5, 2.0, 4.0]), count, reduction="none", log_input=False)
    array([1.  , 0.  , 0.25])
    """


mse = mean_squared_error
mae = mean_absolute_error
bce = binary_cross_entropy
logistic = binary_cross_entropy_with_logits
nll = negative_log_likelihood
pinball = quantile

LOSSES: dict[str, Loss[Any]] = {
    entry.name: entry
    for entry in (
        mean_squared_error,
        half_squared_error,
        mean_absolute_error,
        huber,
        hinge,
        binary_cross_entropy,
        binary_cross_entropy_with_logits,
        cross_entropy,
        negative_log_likelihood,
        categorical_cross_entropy,
        kl_divergence,
        gaussian_nll,
        log_cosh,
        quantile,
        poisson_nll,
    )
}
