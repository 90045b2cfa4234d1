"""Softmax and what is made of it: softmin, the logarithms, and a random sample."""

from math import inf
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..entries import Interval, Ulp
from ..entries_axis import Axis, AxisFacts, Out
from ..entries_axis_lengths import sum_function
from ..entries_axis_probabilities import logarithmic_function, mirrored_function, normalised_function, sampled_function

__all__ = ["gumbel_softmax", "log_softmax", "logsumexp", "softmax", "softmin"]

ONE_HOT = "for a one-hot upstream; in general 5 ulp of p[i] times the range of the upstream gradient"
FAIR = "of the larger of the largest entry and log(1 + s), which cancel where the result is near 0"
SUMMED = "for a one-hot upstream; in general 5 ulp of |g[i]| + p[i] times the sum of |g|"
FROM_OUTPUT = "of p[i] times the range of the upstream gradient"
LOGARITHM = "of |g[i]| + p[i] (1 + |y[i]|) times the sum of |g|"
PERTURBED = "of softmax at the sum of entry and noise as it is rounded"
POSITIVE = Interval(0, inf)
PROBABILITIES = Interval(0, 1, low_closed=True, high_closed=True)
BLANCHARD = (
    "Blanchard, Higham, Higham (2021), Accurately computing the log-sum-exp and softmax functions, "
    "IMA Journal of Numerical Analysis 41, 2311-2330"
)
BRIDLE = (
    "Bridle (1990), Probabilistic interpretation of feedforward classification network outputs, with relationships "
    "to statistical pattern recognition"
)
JANG = "Jang, Gu, Poole (2017), Categorical reparameterization with Gumbel-softmax, ICLR, arXiv:1611.01144"


@normalised_function(
    AxisFacts(
        definition="exp(x[i] / temperature) / Sum(exp(x[k] / temperature), k, 1, K)",
        derivative_definition=(
            "exp(x[i] / temperature) / Sum(exp(x[k] / temperature), k, 1, K)"
            " * (delta(i, j) - exp(x[j] / temperature) / Sum(exp(x[k] / temperature), k, 1, K)) / temperature"
        ),
        range=Interval(0, 1, low_closed=True, high_closed=True),
        limits={
            "an entry at +inf": "1, shared equally among the entries at +inf; the others get 0",
            "an entry at -inf": "0",
            "all entries at -inf": "NaN",
            "no entry counts": "0",
        },
        parameters={"temperature": POSITIVE},
        accuracy={
            "value": Ulp(1, 2),
            "backward": Ulp(1, 5, ONE_HOT),
            "backward_from_output": Ulp(5, 5, FROM_OUTPUT),
            "jacobian": Ulp(1, 5),
        },
        references=(BRIDLE, BLANCHARD),
    )
)
def softmax(
    x: ArrayLike,
    /,
    axis: Axis = -1,
    *,
    temperature: float = 1.0,
    where: ArrayLike | None = None,
    out: Out = None,
) -> Any:
    r"""Softmax: ``softmax(x)[i] = exp(x[i]) / sum(exp(x))`` along an axis.

    Turns scores into probabilities: positive, with sum 1, in the order of the scores.

    Parameters
    ----------
    x : array_like of real numbers
        The scores. Integers and booleans are computed as float64, float16 in float32.
    axis : int or tuple of int, default -1
        Along which the probabilities have sum 1. None: over all axes.
    temperature : float, default 1
        Positive; the scores are divided by it. Small: nearly one-hot. Large: nearly uniform.
    where : array_like of bool, optional
        Which entries count; broadcasts to the shape of `x`. The others get probability 0.
    out : ndarray, optional
        Where to write the result; may be `x` itself.

    Returns
    -------
    ndarray
        Shape of `x`, dtype of `x` (float64 for integers and booleans). Values in [0, 1].

    Raises
    ------
    ValueError
        If `temperature` is not positive and finite, or a shape does not fit.
    TypeError
        If `x` does not hold real numbers.

    See Also
    --------
    log_softmax : its logarithm, which keeps digits where a probability is near 0 or 1.
    hardmax : the limit for small temperatures.
    logsumexp : the logarithm of the denominator; softmax is its gradient.

    Notes
    -----
    Evaluated as ``e[i] / (1 + s)`` with ``e = exp(x - max(x))`` and `s` the compensated sum of all `e` but the
    largest. The difference ``x - max(x)`` is formed with its rounding error, so rows of large scores lose nothing.

    Entries at +inf share; a row of -inf has NaN; a row of which no entry counts has 0. NaN makes its row NaN. The
    Jacobian is ``(diag(p) - outer(p, p)) / temperature``; ``backward`` multiplies by it without forming it, and
    without ``1 - p[k]`` where ``p[k]`` is near 1.

    References
    ----------
    Bridle (1990), Probabilistic interpretation of feedforward classification network outputs.
    Blanchard, Higham, Higham (2021), Accurately computing the log-sum-exp and softmax functions.

    Examples
    --------
    >>> import numpy as np, actlib
    >>> actlib.softmax([0.8, 0.6, 0.2])
    array([0.42237892, 0.34581461, 0.23180647])

    The formula as printed overflows where the scores are large:

    >>> x = np.array([1000.0, 999.0])
    >>> with np.errstate(all="ignore"):
    ...     print(np.exp(x) / np.exp(x).sum(), actlib.softmax(x))
    [nan nan] [0.73105858 0.26894142]

    The gradient of the first probability, where it is 1 to double precision:

    >>> actlib.softmax.backward([1.0, 0.0], [50.0, 0.0])
    array([ 1.92874985e-22, -1.92874985e-22])
    """


@mirrored_function(
    AxisFacts(
        definition="exp(-x[i] / temperature) / Sum(exp(-x[k] / temperature), k, 1, K)",
        derivative_definition=(
            "-exp(-x[i] / temperature) / Sum(exp(-x[k] / temperature), k, 1, K)"
            " * (delta(i, j) - exp(-x[j] / temperature) / Sum(exp(-x[k] / temperature), k, 1, K)) / temperature"
        ),
        range=PROBABILITIES,
        limits={
            "an entry at -inf": "1, shared equally among the entries at -inf; the others get 0",
            "an entry at +inf": "0",
            "all entries at +inf": "NaN",
            "no entry counts": "0",
        },
        parameters={"temperature": POSITIVE},
        accuracy={
            "value": Ulp(1, 2),
            "backward": Ulp(1, 5, ONE_HOT),
            "backward_from_output": Ulp(5, 5, FROM_OUTPUT),
            "jacobian": Ulp(1, 5),
        },
        references=(BRIDLE, BLANCHARD),
    )
)
def softmin(
    x: ArrayLike,
    /,
    axis: Axis = -1,
    *,
    temperature: float = 1.0,
    where: ArrayLike | None = None,
    out: Out = None,
) -> Any:
    r"""Softmin: ``softmin(x)[i] = exp(-x[i]) / sum(exp(-x))`` along an axis.

    Softmax of the negatives: turns costs, distances or energies into probabilities, the smallest being the likeliest.

    Parameters
    ----------
    x : array_like of real numbers
        The costs. Integers and booleans are computed as float64, float16 in float32.
    axis : int or tuple of int, default -1
        Along which the probabilities have sum 1. None: over all axes.
    temperature : float, default 1
        Positive; the costs are divided by it. Small: nearly one-hot. Large: nearly uniform.
    where : array_like of bool, optional
        Which entries count; broadcasts to the shape of `x`. The others get probability 0.
    out : ndarray, optional
        Where to write the result; may be `x` itself.

    Returns
    -------
    ndarray
        Shape of `x`, dtype of `x` (float64 for integers and booleans). Values in [0, 1].

    Raises
    ------
    ValueError
        If `temperature` is not positive and finite, or a shape does not fit.
    TypeError
        If `x` does not hold real numbers.

    See Also
    --------
    softmax : the same for scores, of which the largest is the likeliest.

    Notes
    -----
    The kernel is that of softmax, told that the temperature is negative: no negated copy of `x` is made, and every
    digit is that of ``softmax(-x)``. The Jacobian is ``-(diag(p) - outer(p, p)) / temperature``.

    Entries at -inf share; a row of +inf has NaN; a row of which no entry counts has 0. NaN makes its row NaN.

    References
    ----------
    Bridle (1990), Probabilistic interpretation of feedforward classification network outputs.
    Blanchard, Higham, Higham (2021), Accurately computing the log-sum-exp and softmax functions.

    Examples
    --------
    >>> import numpy as np, actlib
    >>> actlib.softmin([0.8, 0.6, 0.2])
    array([0.24730918, 0.30206411, 0.45062671])

    Small differences of large costs are all that counts:

    >>> actlib.softmin([1000.0, 1001.0])
    array([0.73105858, 0.26894142])
    """


@logarithmic_function(
    AxisFacts(
        definition="x[i] / temperature - log(Sum(exp(x[k] / temperature), k, 1, K))",
        derivative_definition=(
            "(delta(i, j) - exp(x[j] / temperature) / Sum(exp(x[k] / temperature), k, 1, K)) / temperature"
        ),
        range=Interval(-inf, 0, low_closed=True, high_closed=True),
        limits={
            "an entry at +inf": "-log n, if n entries are at +inf; the others get -inf",
            "an entry at -inf": "-inf",
            "all entries at -inf": "NaN",
            "no entry counts": "-inf",
        },
        parameters={"temperature": POSITIVE},
        accuracy={
            "value": Ulp(1, 2),
            "backward": Ulp(1, 5, SUMMED),
            "backward_from_output": Ulp(5, 5, LOGARITHM),
            "jacobian": Ulp(1, 5),
        },
        references=(BLANCHARD,),
    )
)
def log_softmax(
    x: ArrayLike,
    /,
    axis: Axis = -1,
    *,
    temperature: float = 1.0,
    where: ArrayLike | None = None,
    out: Out = None,
) -> Any:
    r"""Logarithm of softmax: ``log_softmax(x)[i] = x[i] - log(sum(exp(x)))`` along an axis.

    The log-probabilities of the classes. Its negative at the true class is the cross-entropy loss.

    Parameters
    ----------
    x : array_like of real numbers
        The scores. Integers and booleans are computed as float64, float16 in float32.
    axis : int or tuple of int, default -1
        Along which the probabilities have sum 1. None: over all axes.
    temperature : float, default 1
        Positive; the scores are divided by it.
    where : array_like of bool, optional
        Which entries count; broadcasts to the shape of `x`. The others get -inf, the logarithm of 0.
    out : ndarray, optional
        Where to write the result; may be `x` itself.

    Returns
    -------
    ndarray
        Shape of `x`, dtype of `x` (float64 for integers and booleans). Values in [-inf, 0].

    Raises
    ------
    ValueError
        If `temperature` is not positive and finite, or a shape does not fit.
    TypeError
        If `x` does not hold real numbers.

    See Also
    --------
    softmax : its exponential.
    logsumexp : what is subtracted.

    Notes
    -----
    Evaluated as ``(x[i] - max(x)) - log1p(s)`` with `s` the sum of ``exp(x - max(x))`` over all entries but the
    largest, and as ``-log1p(s)`` for the largest itself: that value is right to the last digits however near to 0.

    A row with entries at +inf has ``-log n`` there if they are n, -inf elsewhere; a row of -inf has NaN.

    References
    ----------
    Blanchard, Higham, Higham (2021), Accurately computing the log-sum-exp and softmax functions.

    Examples
    --------
    >>> import numpy as np, actlib
    >>> actlib.log_softmax([40.0, 0.0])
    array([-4.24835426e-18, -4.00000000e+01])

    The logarithm of the probabilities loses the first of them completely:

    >>> np.log(actlib.softmax([40.0, 0.0]))
    array([  0., -40.])
    """


@sum_function(
    AxisFacts(
        definition="log(Sum(exp(x[k]), k, 1, K))",
        derivative_definition="exp(x[j]) / Sum(exp(x[k]), k, 1, K)",
        limits={
            "an entry at +inf": "+inf",
            "all entries at -inf": "-inf, with gradient NaN",
            "no entry counts": "-inf",
        },
        accuracy={"value": Ulp(1, 2, FAIR), "backward": Ulp(1, 3), "jacobian": Ulp(1, 3)},
        references=(BLANCHARD,),
    )
)
def logsumexp(
    x: ArrayLike,
    /,
    axis: Axis = -1,
    *,
    weights: ArrayLike | None = None,
    keepdims: bool = False,
    where: ArrayLike | None = None,
    out: Out = None,
) -> Any:
    r"""Logarithm of a sum of exponentials: ``logsumexp(x) = log(sum(exp(x)))`` along an axis.

    A smooth maximum: between ``max(x)`` and ``max(x) + log K``. Its gradient is the softmax.

    Parameters
    ----------
    x : array_like of real numbers
        Any shape. Integers and booleans are computed as float64, float16 in float32.
    axis : int or tuple of int, default -1
        Along which to sum. None: over all axes.
    weights : array_like of real numbers, optional
        From 0 to 1e300; broadcast to the shape of `x`. The value is ``log(sum(weights * exp(x)))``.
    keepdims : bool, default False
        Whether the summed axes stay, with length 1.
    where : array_like of bool, optional
        Which entries count; broadcasts to the shape of `x`.
    out : ndarray, optional
        Where to write the result.

    Returns
    -------
    ndarray or scalar
        Shape of `x` without the summed axes, dtype of `x` (float64 for integers and booleans).

    Raises
    ------
    ValueError
        If a weight is negative, not finite or above 1e300, or a shape does not fit.
    TypeError
        If `x` does not hold real numbers.

    See Also
    --------
    softmax : its gradient.
    log_softmax : the entries less it.

    Notes
    -----
    Evaluated as ``max(x) + log1p(s)`` with `s` the sum of ``exp(x - max(x))`` over all entries but the largest. The
    logarithm of no entry, or of a row of -inf, is -inf. With weights the gradient is
    ``weights * exp(x) / sum(weights * exp(x))``.

    Where ``max(x)`` and ``log1p(s)`` cancel, the result is right to 2 ulp of the larger of them; in float32, without
    weights, to 1 ulp of the result as long as that is larger than ``1e-8 * abs(max(x))``.

    References
    ----------
    Blanchard, Higham, Higham (2021), Accurately computing the log-sum-exp and softmax functions.

    Examples
    --------
    >>> import numpy as np, actlib
    >>> actlib.logsumexp([0.8, 0.6, 0.2])
    np.float64(1.6618524505311192)

    A second entry far below the first still counts, and large entries do not overflow:

    >>> actlib.logsumexp([0.0, -40.0]), actlib.logsumexp([1000.0, 1000.0])
    (np.float64(4.248354255291589e-18), np.float64(1000.6931471805599))
    >>> with np.errstate(all="ignore"):
    ...     print(np.log(np.exp(0.0) + np.exp(-40.0)), np.log(2 * np.exp(1000.0)))
    0.0 inf
    """


@sampled_function(
    AxisFacts(
        definition="exp((x[i] + noise[i]) / temperature) / Sum(exp((x[k] + noise[k]) / temperature), k, 1, K)",
        derivative_definition=(
            "exp((x[i] + noise[i]) / temperature) / Sum(exp((x[k] + noise[k]) / temperature), k, 1, K)"
            " * (delta(i, j) - exp((x[j] + noise[j]) / temperature)"
            " / Sum(exp((x[k] + noise[k]) / temperature), k, 1, K)) / temperature"
        ),
        range=PROBABILITIES,
        limits={
            "an entry at +inf": "1, shared equally among the entries at +inf; the others get 0",
            "an entry at -inf": "0",
            "all entries at -inf": "NaN",
        },
        parameters={"temperature": POSITIVE},
        accuracy={
            "value": Ulp(1, 2, PERTURBED),
            "backward": Ulp(1, 5, ONE_HOT),
            "backward_from_output": Ulp(5, 5, FROM_OUTPUT),
        },
        references=(
            JANG,
            "Maddison, Mnih, Teh (2017), The Concrete distribution, ICLR, arXiv:1611.00712",
            "Bengio, Leonard, Courville (2013), Estimating or propagating gradients through stochastic neurons for "
            "conditional computation, arXiv:1308.3432",
        ),
        example={"noise": 0.0},
    )
)
def gumbel_softmax(
    x: ArrayLike,
    /,
    axis: Axis = -1,
    *,
    temperature: float = 1.0,
    hard: bool = False,
    rng: np.random.Generator | None = None,
    noise: ArrayLike | None = None,
    out: Out = None,
) -> Any:
    r"""Gumbel-softmax: ``softmax((x + noise) / temperature)`` with Gumbel noise, a random choice with a gradient.

    The largest entry of ``x + noise`` is entry `i` with probability ``softmax(x)[i]``; softmax in place of the choice
    of the largest lets the gradient through.

    Parameters
    ----------
    x : array_like of real numbers
        The scores, or logarithms of probabilities. Integers and booleans are computed as float64.
    axis : int, default -1
        Along which one entry is chosen.
    temperature : float, default 1
        Positive. Small: nearly one-hot samples and large gradients. Large: nearly uniform ones.
    hard : bool, default False
        Return the one-hot row of the largest entry. The gradient stays that of the soft sample (straight through).
    rng : numpy.random.Generator
        From which the noise is drawn. Either this or `noise` must be given.
    noise : array_like of real numbers
        The noise itself, from ``gumbel_softmax.sample_noise(shape, rng)``; broadcasts to the shape of `x`. Pass the
        same to ``backward``.
    out : ndarray, optional
        Where to write the result; may be `x` itself.

    Returns
    -------
    ndarray
        Shape of `x`, dtype of `x` (float64 for integers and booleans). Values in [0, 1].

    Raises
    ------
    ValueError
        If `temperature` is not positive and finite, or a shape does not fit.
    TypeError
        If neither or both of `rng` and `noise` are given, `rng` is not a generator, or `x` does not hold real numbers.

    See Also
    --------
    softmax : the probabilities with which the entries are chosen.
    hardmax : the choice of the largest, without noise.

    Notes
    -----
    The sum ``x + noise`` is rounded to the dtype (float32 for float16); what follows is :func:`actlib.softmax` or, for
    a hard sample, :func:`actlib.hardmax` of it. ``backward`` is that of softmax at the same sum, for a hard sample too:
    this is the straight-through estimate, not a derivative, for that is 0. The gradient of a pass needs the noise of
    that pass: give both calls the same `noise`, or generators in the same state.

    References
    ----------
    Jang, Gu, Poole (2017), Categorical reparameterization with Gumbel-softmax, arXiv:1611.01144.
    Maddison, Mnih, Teh (2017), The Concrete distribution, arXiv:1611.00712.
    Bengio, Leonard, Courville (2013), Estimating or propagating gradients through stochastic neurons for conditional
    computation, arXiv:1308.3432.

    Examples
    --------
    >>> import numpy as np, actlib
    >>> x = np.array([2.0, 1.0, 0.0])
    >>> noise = actlib.gumbel_softmax.sample_noise(3, np.random.default_rng(0))
    >>> y = actlib.gumbel_softmax(x, noise=noise)
    >>> bool(np.array_equal(y, actlib.softmax(x + noise)))
    True

    Of many hard samples, each entry gets the share that softmax says:

    >>> samples = np.broadcast_to(x, (100_000, 3))
    >>> shares = actlib.gumbel_softmax(samples, hard=True, rng=np.random.default_rng(1)).mean(0)
    >>> print(shares.round(1), actlib.softmax(x).round(1))
    [0.7 0.2 0.1] [0.7 0.2 0.1]
    """
