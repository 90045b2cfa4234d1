"""Losses of a real prediction against a real target.

Definition, documentation and conventions; the arithmetic is in ``kernels/regression.pyx``.
"""

from collections.abc import Mapping
from math import inf, log, pi
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from ..entries import EXACT, Interval, Ulp
from ..loss_entry import (
    ABOVE_MINUS_ONE,
    GRADIENT,
    NOT_BELOW_MINUS_ONE_OR_NAN,
    NOT_NEGATIVE,
    NOT_NEGATIVE_NUMBERS,
    NOT_NEGATIVE_OR_NAN,
    POSITIVE,
    POSITIVE_NUMBERS,
    POSITIVE_OR_INFINITE,
    VALUE,
    VALUE_AND_GRADIENT,
    ElementwiseLoss,
    LossFacts,
    Out,
    Reduction,
    deliver,
    elementwise_loss,
    result_dtype,
)
from ..sums import sum_to_shape

__all__ = [
    "epsilon_insensitive",
    "gamma_nll",
    "gaussian_nll",
    "half_squared_error",
    "huber",
    "log_cosh",
    "mae",
    "mean_absolute_error",
    "mean_absolute_percentage_error",
    "mean_squared_error",
    "mean_squared_log_error",
    "mse",
    "pinball",
    "poisson_nll",
    "pseudo_huber",
    "quantile",
    "smooth_l1",
    "tweedie",
]


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
        definition="cases(((p - t)**2/(2*beta), Abs(p - t) < beta), (Abs(p - t) - beta/2, True))",
        gradient_definition="cases(((p - t)/beta, Abs(p - t) < beta), (sign(p - t), True))",
        hessian_definition="cases((1/beta, Abs(p - t) < beta), (0, True))",
        domain="p and t real",
        range=Interval(0.0, inf, low_closed=True, high_closed=True),
        limits={"beta = 0": "mean_absolute_error"},
        kinks={"|p - t| = beta": "of the gradient: gradient +-1, Hessian 0"},
        parameters={"beta": NOT_NEGATIVE_NUMBERS},
        accuracy={"value": Ulp(1, 3), "gradient": Ulp(1, 2), "hessian_diagonal": Ulp(1, 1)},
        likelihood="Laplace noise, rounded off to normal noise within beta of its centre",
        minimiser="between the median (small beta) and the mean (large beta) of t",
        references=("Girshick (2015), Fast R-CNN, doi:10.1109/ICCV.2015.169.",),
    )
)
def smooth_l1(
    prediction: ArrayLike,
    target: ArrayLike,
    *,
    beta: float = 1.0,
    reduction: Reduction = "mean",
    sample_weight: ArrayLike | None = None,
    out: Out = None,
) -> Any:
    r"""Absolute error with its kink rounded off: ``r**2/(2 beta)`` where ``|r| < beta``, ``|r| - beta/2`` beyond.

    Huber's loss divided by its parameter: far out the slope is always 1.

    Parameters
    ----------
    %(elementwise_first)s
    beta : float, optional
        Up to which residual the loss is a parabola; 0 is the absolute error.
    %(elementwise_rest)s

    Returns
    -------
    %(returns)s

    Raises
    ------
    %(raises)s

    See Also
    --------
    huber : `beta` times this loss.
    mean_absolute_error : the limit for small `beta`.

    Notes
    -----
    Gradient with respect to the prediction: ``r/beta`` cut off at ``+-1``. It has kinks at ``|r| = beta``, where the
    Hessian is 0, as everywhere outside.

    %(reference)s

    Examples
    --------
    >>> import numpy as np
    >>> from actlib import losses
    >>> prediction = np.array([0.5, 1.0, 3.0])
    >>> losses.smooth_l1(prediction, 0.0, beta=2.0, reduction="none")
    array([0.0625, 0.25  , 2.    ])
    >>> losses.smooth_l1.gradient(prediction, 0.0, beta=2.0, reduction="none")
    array([0.25, 0.5 , 1.  ])
    """


@elementwise_loss(
    LossFacts(
        definition="delta**2*(sqrt(1 + ((p - t)/delta)**2) - 1)",
        gradient_definition="(p - t)/sqrt(1 + ((p - t)/delta)**2)",
        hessian_definition="1/sqrt(1 + ((p - t)/delta)**2)**3",
        domain="p and t real",
        range=Interval(0.0, inf, low_closed=True, high_closed=True),
        parameters={"delta": POSITIVE_NUMBERS},
        accuracy={"value": Ulp(1, 4), "gradient": Ulp(1, 3), "hessian_diagonal": Ulp(1, 2)},
        likelihood="noise with a hyperbolic density, exp(-delta sqrt(delta**2 + r**2)) up to a factor",
        minimiser="between the median (small delta) and the mean (large delta) of t",
        references=(
            "Charbonnier, Blanc-Feraud, Aubert, Barlaud (1997), Deterministic edge-preserving regularization in "
            "computed imaging, doi:10.1109/83.551699.",
            "Barron (2019), A general and adaptive robust loss function, doi:10.1109/CVPR.2019.00446.",
        ),
    )
)
def pseudo_huber(
    prediction: ArrayLike,
    target: ArrayLike,
    *,
    delta: float = 1.0,
    reduction: Reduction = "mean",
    sample_weight: ArrayLike | None = None,
    out: Out = None,
) -> Any:
    r"""Huber's loss without a seam: ``delta**2 (sqrt(1 + (r/delta)**2) - 1)`` of the residual r.

    Half the squared error for residuals small against `delta`, ``delta |r| - delta**2`` for large ones.

    Parameters
    ----------
    %(elementwise_first)s
    delta : float, optional
        Where the loss goes over from square to straight, and its largest slope; positive and finite.
    %(elementwise_rest)s

    Returns
    -------
    %(returns)s

    Raises
    ------
    %(raises)s

    See Also
    --------
    huber : a parabola with its tangents, nowhere smaller than this loss.
    log_cosh : as smooth, without a parameter.

    Notes
    -----
    Gradient with respect to the prediction: ``r/sqrt(1 + (r/delta)**2)``, between ``-delta`` and ``delta``. It is
    smooth everywhere, and the Hessian is positive.

    %(reference)s

    Examples
    --------
    >>> import numpy as np
    >>> from actlib import losses
    >>> prediction = np.array([1e-9, 1.0, 1000.0])
    >>> losses.pseudo_huber(prediction, 0.0, reduction="none")
    array([5.00000000e-19, 4.14213562e-01, 9.99000500e+02])
    >>> losses.pseudo_huber.gradient(prediction, 0.0, reduction="none")
    array([1.00000000e-09, 7.07106781e-01, 9.99999500e-01])
    """


class BandLoss(ElementwiseLoss[Any]):
    """The loss of support vector regression, which may be squared."""

    def _kernel(self, options: Mapping[str, Any]) -> str:
        return f"epsilon_insensitive{'_squared' if options['squared'] else ''}"

    def _operands(self, options: Mapping[str, Any], shape: tuple[int, ...], dtype: np.dtype[Any]) -> list[Any]:
        if not isinstance(options["squared"], (bool, np.bool_)):
            raise TypeError(f"{self.name}: squared must be True or False, got {options['squared']!r}")
        return [self._number("epsilon", options["epsilon"], dtype)]


@elementwise_loss(
    LossFacts(
        definition="Max(0, Abs(p - t) - epsilon)",
        gradient_definition="cases((sign(p - t), Abs(p - t) > epsilon), (0, True))",
        hessian_definition="0",
        domain="p and t real",
        range=Interval(0.0, inf, low_closed=True, high_closed=True),
        limits={
            "epsilon = 0": "mean_absolute_error",
            "squared": "the square, with gradient 2 sign(p - t) max(0, |p - t| - epsilon)",
        },
        kinks={"|p - t| = epsilon": "gradient 0, Hessian 0"},
        parameters={"epsilon": NOT_NEGATIVE_NUMBERS},
        accuracy={"value": Ulp(1, 2), "gradient": EXACT, "hessian_diagonal": EXACT},
        likelihood="noise uniform within epsilon, with exponential tails beyond",
        minimiser="the middle of the band of width 2 epsilon with as many t above it as below",
        references=(
            "Vapnik (1995), The Nature of Statistical Learning Theory, doi:10.1007/978-1-4757-2440-0.",
            "Smola, Schoelkopf (2004), A tutorial on support vector regression, "
            "doi:10.1023/B:STCO.0000035301.49549.88.",
        ),
    ),
    BandLoss,
)
def epsilon_insensitive(
    prediction: ArrayLike,
    target: ArrayLike,
    *,
    epsilon: float = 0.1,
    squared: bool = False,
    reduction: Reduction = "mean",
    sample_weight: ArrayLike | None = None,
    out: Out = None,
) -> Any:
    r"""Absolute error beyond a band of indifference: ``max(0, |p - t| - epsilon)``, or its square.

    The loss of support vector regression: residuals up to `epsilon` cost nothing.

    Parameters
    ----------
    %(elementwise_first)s
    epsilon : float, optional
        Up to which residual nothing is lost.
    squared : bool, optional
        Whether to square what exceeds it.
    %(elementwise_rest)s

    Returns
    -------
    %(returns)s

    Raises
    ------
    %(raises)s

    See Also
    --------
    mean_absolute_error : the same without the band.
    huber : small residuals cost little instead of nothing.

    Notes
    -----
    Gradient with respect to the prediction: the sign of ``p - t`` outside the band, 0 inside and at its border.
    Squared: twice what the residual exceeds the band by, with the sign of ``p - t``; the Hessian is 2 outside, 0 else.

    %(reference)s

    Examples
    --------
    >>> import numpy as np
    >>> from actlib import losses
    >>> prediction = np.array([0.05, 0.5, -2.0])
    >>> losses.epsilon_insensitive(prediction, 0.0, reduction="none")
    array([0. , 0.4, 1.9])
    >>> losses.epsilon_insensitive.gradient(prediction, 0.0, reduction="none")
    array([ 0.,  1., -1.])
    >>> losses.epsilon_insensitive(prediction, 0.0, squared=True, reduction="none")
    array([0.  , 0.16, 3.61])
    """


@elementwise_loss(
    LossFacts(
        definition="Abs(p - t)/Max(Abs(t), eps)",
        gradient_definition="sign(p - t)/Max(Abs(t), eps)",
        hessian_definition="0",
        domain="p and t real",
        range=Interval(0.0, inf, low_closed=True, high_closed=True),
        kinks={"p = t": "gradient 0, Hessian 0"},
        parameters={"eps": POSITIVE_NUMBERS},
        accuracy={"value": Ulp(1, 2), "gradient": Ulp(1, 1), "hessian_diagonal": EXACT},
        likelihood="none: the weight 1/|t| depends on the target",
        minimiser="the median of t, where every t weighs 1/|t|",
        references=(
            "de Myttenaere, Golden, Le Grand, Rossi (2016), Mean absolute percentage error for regression models, "
            "doi:10.1016/j.neucom.2015.12.114.",
        ),
    )
)
def mean_absolute_percentage_error(
    prediction: ArrayLike,
    target: ArrayLike,
    *,
    eps: float = 2.0**-52,
    reduction: Reduction = "mean",
    sample_weight: ArrayLike | None = None,
    out: Out = None,
) -> Any:
    r"""Absolute error relative to the target: ``|p - t|/max(|t|, eps)``, a ratio and no percentage.

    Times 100 it is a percentage. What is too high can cost any number, what is too low (and not negative) at most 1.

    Parameters
    ----------
    %(elementwise_first)s
    eps : float, optional
        The size of targets that are smaller, zeros above all; by default the resolution of float64, as in scikit-learn.
    %(elementwise_rest)s

    Returns
    -------
    %(returns)s

    Raises
    ------
    %(raises)s

    See Also
    --------
    mean_absolute_error : not relative.
    mean_squared_log_error : relative, and the same for twice and half.

    Notes
    -----
    Gradient with respect to the prediction: the sign of ``p - t`` over ``max(|t|, eps)``, and 0 at the kink ``p = t``.

    %(reference)s

    Examples
    --------
    >>> import numpy as np
    >>> from actlib import losses
    >>> prediction, target = np.array([110.0, 90.0, 200.0]), np.array([100.0, 100.0, 100.0])
    >>> losses.mean_absolute_percentage_error(prediction, target, reduction="none")
    array([0.1, 0.1, 1. ])
    >>> losses.mean_absolute_percentage_error.gradient(prediction, target, reduction="none")
    array([ 0.01, -0.01,  0.01])
    """


@elementwise_loss(
    LossFacts(
        definition="(log(1 + p) - log(1 + t))**2",
        gradient_definition="2*(log(1 + p) - log(1 + t))/(1 + p)",
        hessian_definition="2*(1 - log(1 + p) + log(1 + t))/(1 + p)**2",
        domain="p and t above -1",
        range=Interval(0.0, inf, low_closed=True, high_closed=True),
        limits={"p = -1": "inf, with gradient -inf", "p = inf": "inf, with gradient 0"},
        accuracy={"value": Ulp(1, 3), "gradient": Ulp(1, 3), "hessian_diagonal": Ulp(1, 4)},
        likelihood="log(1 + t) normal with mean log(1 + p) and constant variance",
        minimiser="exp(m) - 1, where m is the mean of log(1 + t)",
        references=("Tofallis (2015), A better measure of relative prediction accuracy, doi:10.1057/jors.2014.103.",),
        prediction_domain=NOT_BELOW_MINUS_ONE_OR_NAN,
        target_domain=ABOVE_MINUS_ONE,
    )
)
def mean_squared_log_error(
    prediction: ArrayLike,
    target: ArrayLike,
    *,
    reduction: Reduction = "mean",
    sample_weight: ArrayLike | None = None,
    out: Out = None,
) -> Any:
    r"""Squared error of ``log(1 + p)`` against ``log(1 + t)``: counts ratios, not differences.

    For targets that are not negative and go through orders of magnitude: 20 instead of 10 costs about as much as 2000
    instead of 1000.

    Parameters
    ----------
    %(elementwise_first)s
        Both above -1; the prediction may be -1.
    %(elementwise_rest)s

    Returns
    -------
    %(returns)s

    Raises
    ------
    %(raises)s

    See Also
    --------
    mean_squared_error : of the numbers themselves.
    mean_absolute_percentage_error : relative to the target, and not symmetric.

    Notes
    -----
    Gradient with respect to the prediction: ``2 log((1 + p)/(1 + t))/(1 + p)``. The Hessian is negative where
    ``1 + p > e (1 + t)``: the loss is not convex. A prediction of -1 costs infinitely much; below, there is no loss.

    %(reference)s

    Examples
    --------
    >>> import numpy as np
    >>> from actlib import losses
    >>> prediction, target = np.array([20.0, 2000.0]), np.array([10.0, 1000.0])
    >>> losses.mean_squared_log_error(prediction, target, reduction="none")
    array([0.41812669, 0.47976064])
    >>> losses.mean_squared_log_error.gradient(prediction, target, reduction="none")
    array([0.06158354, 0.0006923 ])
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
        self._refuse_other_labels({"prediction": prediction, "target": target}, options)
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


@elementwise_loss(
    LossFacts(
        definition="p + t*exp(-p)",
        gradient_definition="1 - t*exp(-p)",
        hessian_definition="t*exp(-p)",
        domain="p real (the logarithm of the mean), t positive",
        range=Interval(-inf, inf, high_closed=True),
        limits={"p = -inf": "inf, with gradient -inf", "p = inf": "inf, with gradient 1"},
        accuracy={
            "value": Ulp(1, 2, "in ulp of the sum of the magnitudes of its terms, which cancel beside its zeros"),
            "gradient": Ulp(1, 2, "in ulp of the larger of 1 and t*exp(-p), where they cancel"),
            "hessian_diagonal": Ulp(1, 1),
        },
        likelihood="gamma with mean exp(p), for every shape",
        minimiser="the logarithm of the mean of t",
        references=("McCullagh, Nelder (1989), Generalized Linear Models, chapter 8, doi:10.1007/978-1-4899-3242-6.",),
        target_domain=POSITIVE,
    )
)
def gamma_nll(
    prediction: ArrayLike,
    target: ArrayLike,
    *,
    reduction: Reduction = "mean",
    sample_weight: ArrayLike | None = None,
    out: Out = None,
) -> Any:
    r"""Negative log-likelihood of a gamma target: ``p + t exp(-p)``, where `p` is the logarithm of the mean.

    For positive amounts whose scatter grows in proportion to their mean: costs, durations, amounts of rain.

    Parameters
    ----------
    %(elementwise_first)s
        Targets are positive.
    %(elementwise_rest)s

    Returns
    -------
    %(returns)s

    Raises
    ------
    %(raises)s

    See Also
    --------
    poisson_nll : variance equal to the mean; for counts.
    tweedie : between the two; amounts that may be exactly 0.
    mean_squared_log_error : also relative, and estimates another centre.

    Notes
    -----
    Gradient with respect to the prediction: ``1 - t exp(-p)``, minus the relative residual. The loss is convex in `p`.

    %(reference)s

    Examples
    --------
    >>> import numpy as np
    >>> from actlib import losses
    >>> prediction, target = np.log([1.0, 10.0, 40.0]), np.array([2.0, 20.0, 20.0])
    >>> losses.gamma_nll(prediction, target, reduction="none")
    array([2.        , 4.30258509, 4.18887945])
    >>> losses.gamma_nll.gradient(np.array([0.0, -1.0]), np.array([2.0, 1.0]), reduction="none")
    array([-1.        , -1.71828183])
    """


@elementwise_loss(
    LossFacts(
        definition="exp((2 - power)*p)/(2 - power) + t*exp((1 - power)*p)/(power - 1)",
        gradient_definition="exp((2 - power)*p) - t*exp((1 - power)*p)",
        hessian_definition="(2 - power)*exp((2 - power)*p) + (power - 1)*t*exp((1 - power)*p)",
        domain="p real (the logarithm of the mean), t not negative",
        range=Interval(0.0, inf, low_closed=True, high_closed=True),
        limits={
            "p = -inf, t = 0": "0",
            "p = -inf, t > 0": "inf",
            "power = 1": "poisson_nll, less a constant that grows without bound",
            "power = 2": "gamma_nll, likewise",
        },
        parameters={"power": Interval(1.0, 2.0)},
        accuracy={
            "value": Ulp(1, 2),
            "gradient": Ulp(1, 2, "in ulp of the larger of its two terms, where they cancel"),
            "hessian_diagonal": Ulp(1, 2),
        },
        likelihood="Tweedie's compound of Poisson and gamma, with mean exp(p) and variance proportional to mean**power",
        minimiser="the logarithm of the mean of t",
        references=(
            "Jorgensen (1987), Exponential dispersion models, Journal of the Royal Statistical Society B 49, 127-162.",
            "Dunn, Smyth (2005), Series evaluation of Tweedie exponential dispersion model densities, "
            "doi:10.1007/s11222-005-4070-y.",
        ),
        target_domain=NOT_NEGATIVE,
    )
)
def tweedie(
    prediction: ArrayLike,
    target: ArrayLike,
    *,
    power: float = 1.5,
    reduction: Reduction = "mean",
    sample_weight: ArrayLike | None = None,
    out: Out = None,
) -> Any:
    r"""Half Tweedie's deviance for the logarithm `p` of the mean, less what depends on the target alone.

    For amounts that are often exactly 0 and positive else: the claims of an insurance policy, the rain of a day.

    Parameters
    ----------
    %(elementwise_first)s
        Targets are not negative.
    power : float, optional
        The exponent of the mean in the variance, between 1 and 2.
    %(elementwise_rest)s

    Returns
    -------
    %(returns)s

    Raises
    ------
    %(raises)s

    See Also
    --------
    poisson_nll : the limit `power` = 1, for counts.
    gamma_nll : the limit `power` = 2, for amounts that are never 0.

    Notes
    -----
    Gradient with respect to the prediction: ``exp((2 - power) p) - t exp((1 - power) p)``, which is the residual
    ``exp(p) - t`` times ``exp((1 - power) p)``. The loss is positive and convex in `p`. The ends 1 and 2 are excluded:
    a term of the loss would be divided by 0.

    %(reference)s

    Examples
    --------
    >>> import numpy as np
    >>> from actlib import losses
    >>> prediction, target = np.log([1.0, 1.0, 4.0]), np.array([0.0, 1.0, 1.0])
    >>> losses.tweedie(prediction, target, reduction="none")
    array([2., 4., 5.])
    >>> losses.tweedie.gradient(prediction, target, reduction="none")
    array([1. , 0. , 1.5])
    """


mse = mean_squared_error
mae = mean_absolute_error
pinball = quantile
