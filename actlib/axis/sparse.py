"""Probabilities of which some are exactly 0: sparsemax and entmax15."""

from typing import Any

from numpy.typing import ArrayLike

from ..entries import Interval, Ulp
from ..entries_axis import Axis, AxisFacts, Out
from ..entries_axis_probabilities import sparse_function

__all__ = ["entmax15", "sparsemax"]

PROBABILITIES = Interval(0, 1, low_closed=True, high_closed=True)
CANCELS = (
    "of the larger of the entry and eps times the largest entry: an entry is what is left of a score and the "
    "threshold, which cancel without bound where they meet"
)
CENTRED = (
    "of the larger of the entry and eps times the largest upstream gradient on the support, whose mean is subtracted"
)
WEIGHTED = (
    "for a one-hot upstream; in general of sqrt(p[i]) times the range of the upstream gradient, whose weighted mean is "
    "subtracted"
)
LIMITS = {
    "tau": "the number for which the entries have the sum 1",
    "an entry at +inf": "1, shared equally among the entries at +inf; the others get 0",
    "an entry at -inf": "0",
    "all entries at -inf": "NaN",
}
MICHELOT = (
    "Michelot (1986), A finite algorithm for finding the projection of a point onto the canonical simplex of R^n, "
    "doi:10.1007/BF00938486"
)


@sparse_function(
    AxisFacts(
        definition="Max(x[i] - tau, 0)",
        derivative_definition=(
            "cases((delta(i, j) - 1 / Sum(cases((1, x[k] > tau), (0, True)), k, 1, K), x[i] > tau and x[j] > tau),"
            " (0, True))"
        ),
        range=PROBABILITIES,
        limits=LIMITS,
        accuracy={
            "value": Ulp(1, 1, CANCELS),
            "backward": Ulp(1, 1, CENTRED),
            "backward_from_output": Ulp(1, 1, CENTRED),
            "jacobian": Ulp(1, 1),
        },
        references=(
            "Martins, Astudillo (2016), From softmax to sparsemax: a sparse model of attention and multi-label "
            "classification, ICML",
            MICHELOT,
        ),
    )
)
def sparsemax(x: ArrayLike, /, axis: Axis = -1, *, out: Out = None) -> Any:
    r"""Sparsemax: ``sparsemax(x)[i] = max(x[i] - tau, 0)`` along an axis, with sum 1.

    The point of the probability simplex nearest to the scores. What lies far below the best gets exactly 0.

    Parameters
    ----------
    x : array_like of real numbers
        The scores. Integers and booleans are computed as float64, float16 in float32.
    axis : int, default -1
        Along which the probabilities have sum 1.
    out : ndarray, optional
        Where to write the result; may be `x` itself.

    Returns
    -------
    ndarray
        Shape of `x`, dtype of `x` (float64 for integers and booleans). Values in [0, 1].

    Raises
    ------
    ValueError
        If the shape of `out` does not fit.
    TypeError
        If `x` does not hold real numbers.

    See Also
    --------
    softmax : which never is 0.
    entmax15 : between the two.
    hardmax : one entry alone.

    Notes
    -----
    The threshold is ``(sum of the scores above it - 1) / (their number)``. It is found without sorting, by the
    iteration of Michelot, in sums with twice the digits; so an entry keeps its digits beside the threshold too.

    Where k entries are above the threshold, the Jacobian is ``diag(s) - outer(s, s) / k`` with s 1 there and 0
    elsewhere: ``backward`` subtracts from the upstream gradient its mean over these entries. An entry at the threshold
    has value and derivative 0. Entries at +inf share; a row of -inf has NaN. NaN makes its row NaN.

    References
    ----------
    Martins, Astudillo (2016), From softmax to sparsemax: a sparse model of attention and multi-label classification.
    Michelot (1986), A finite algorithm for finding the projection of a point onto the canonical simplex of R^n,
    doi:10.1007/BF00938486.

    Examples
    --------
    >>> import numpy as np, actlib
    >>> actlib.sparsemax([1.25, 1.0, -0.5])
    array([0.625, 0.375, 0.   ])
    >>> actlib.sparsemax.backward([1.0, 0.0, 0.0], [1.25, 1.0, -0.5])
    array([ 0.5, -0.5,  0. ])
    """


@sparse_function(
    AxisFacts(
        definition="Max(x[i] / 2 - tau, 0)**2",
        derivative_definition=(
            "Max(x[i] / 2 - tau, 0) * (delta(i, j) - Max(x[j] / 2 - tau, 0) / Sum(Max(x[k] / 2 - tau, 0), k, 1, K))"
        ),
        range=PROBABILITIES,
        limits=LIMITS,
        accuracy={
            "value": Ulp(1, 1, CANCELS),
            "backward": Ulp(1, 3, WEIGHTED),
            "backward_from_output": Ulp(1, 3, WEIGHTED),
            "jacobian": Ulp(1, 3),
        },
        references=(
            "Peters, Niculae, Martins (2019), Sparse sequence-to-sequence models, ACL, doi:10.18653/v1/P19-1146",
            "Blondel, Martins, Niculae (2020), Learning with Fenchel-Young losses, JMLR 21",
        ),
    )
)
def entmax15(x: ArrayLike, /, axis: Axis = -1, *, out: Out = None) -> Any:
    r"""1.5-entmax: ``entmax15(x)[i] = max(x[i]/2 - tau, 0)**2`` along an axis, with sum 1.

    Between softmax and sparsemax: smooth where an entry leaves the support, and exactly 0 for what lies far below.

    Parameters
    ----------
    x : array_like of real numbers
        The scores. Integers and booleans are computed as float64, float16 in float32.
    axis : int, default -1
        Along which the probabilities have sum 1.
    out : ndarray, optional
        Where to write the result; may be `x` itself.

    Returns
    -------
    ndarray
        Shape of `x`, dtype of `x` (float64 for integers and booleans). Values in [0, 1].

    Raises
    ------
    ValueError
        If the shape of `out` does not fit.
    TypeError
        If `x` does not hold real numbers.

    See Also
    --------
    softmax : which never is 0; the entmax with alpha = 1.
    sparsemax : the entmax with alpha = 2.

    Notes
    -----
    The threshold is the root of a quadratic equation in the entries above it. Which these are is found without sorting,
    by Newton's iteration, in sums with twice the digits; so an entry keeps its digits beside the threshold too.

    With ``s = sqrt(p)`` the Jacobian is ``diag(s) - outer(s, s) / sum(s)``: ``backward`` subtracts from the upstream
    gradient its mean with the weights s, and multiplies by s. Entries at +inf share; a row of -inf has NaN. NaN makes
    its row NaN.

    References
    ----------
    Peters, Niculae, Martins (2019), Sparse sequence-to-sequence models, doi:10.18653/v1/P19-1146.
    Blondel, Martins, Niculae (2020), Learning with Fenchel-Young losses, Journal of Machine Learning Research 21.

    Examples
    --------
    >>> import numpy as np, actlib
    >>> actlib.entmax15([1.25, 1.0, -0.5])
    array([0.5880424, 0.4119576, 0.       ])
    """
