"""Losses of pairs and triples: rankings, and vectors that are to be near or far.

Definition, documentation and conventions; the arithmetic is in ``kernels/embeddings.pyx``.
"""

from math import inf
from typing import Any

from numpy.typing import ArrayLike

from ..entries import EXACT, Interval, Ulp
from ..loss_entry import NOT_NEGATIVE_NUMBERS, LossFacts, Reduction
from ..loss_entry_pairs import Outs, ranking_loss, vector_loss

__all__ = [
    "cosine_embedding",
    "cosine_similarity",
    "margin_ranking",
    "triplet_margin",
]

# Parts of the definitions: the lengths of two vectors, and the cosine of their angle.
DOT = "Sum(a[k]*b[k], k, 1, K)"
A, B = "sqrt(Sum(a[k]**2, k, 1, K))", "sqrt(Sum(b[k]**2, k, 1, K))"
COSINE = f"{DOT}/({A}*{B})"
# The derivative of the cosine with respect to a[j] and b[j]
TURN_A, TURN_B = f"(b[j]/{B} - {COSINE}*a[j]/{A})/{A}", f"(a[j]/{A} - {COSINE}*b[j]/{B})/{B}"

TINY = "in ulp of the loss, or of 2**-46 (float32), 2**-104 (float64) where it is smaller"
CANCELLED = "2**-23 (float32), 2**-52 (float64)"
TERMS = (
    f"in ulp of the entry, or where its two terms cancel to less than {CANCELLED} of them, in ulp of that; "
    "6 for nearly parallel vectors of 10 to 1000 entries, in float64"
)


@ranking_loss(
    LossFacts(
        definition="Max(0, margin - t*(a - b))",
        gradient_definitions={
            "first": "cases((-t, t*(a - b) < margin), (0, True))",
            "second": "cases((t, t*(a - b) < margin), (0, True))",
        },
        hessian_definition="0",
        domain="a and b real, t in {-1, +1}",
        range=Interval(0.0, inf, low_closed=True, high_closed=True),
        limits={"t (a - b) = inf": "0", "t (a - b) = -inf": "inf"},
        kinks={"t (a - b) = margin": "gradients 0, Hessian 0"},
        accuracy={"value": Ulp(1, 1), "gradient": EXACT, "hessian_diagonal": EXACT},
        likelihood="none: for a margin of 1 it is a bound on the number of pairs in the wrong order",
        minimiser="scores whose differences have the sign of P(t = 1) - 1/2",
        references=(
            "Herbrich, Graepel, Obermayer (2000), Large margin rank boundaries for ordinal regression.",
            "Joachims (2002), Optimizing search engines using clickthrough data, doi:10.1145/775047.775067.",
        ),
    )
)
def margin_ranking(
    first: ArrayLike,
    second: ArrayLike,
    target: ArrayLike,
    *,
    margin: float = 0.0,
    reduction: Reduction = "mean",
    sample_weight: ArrayLike | None = None,
    out: Outs = None,
) -> Any:
    r"""Ranking loss ``max(0, margin - t (a - b))`` of two scores: which of them is to be the larger one.

    0 as soon as the order is right by the margin. The scores themselves have no meaning, only their differences have.

    Parameters
    ----------
    first, second : array_like of real numbers
        Scores, of one shape. Integers and booleans are computed as float64.
    target : array_like
        +1 where the first is to be larger, -1 where the second is; of the same shape, or a single number.
    margin : float, optional
        By how much a score has to exceed the other.
    %(pair_rest)s

    Returns
    -------
    %(pair_returns)s

    Raises
    ------
    %(raises)s

    See Also
    --------
    hinge : the same for a score and a threshold.
    triplet_margin : of distances, where there are vectors and no scores.

    Notes
    -----
    ``gradient`` is a pair: ``-t`` with respect to the first and ``t`` with respect to the second where
    ``t (a - b) < margin``, else 0; so 0 at the kink.

    %(reference)s

    Examples
    --------
    >>> import numpy as np
    >>> from actlib import losses
    >>> first, second, target = np.array([3.0, 1.0, 1.0]), np.array([1.0, 2.0, 2.0]), np.array([1, 1, -1])
    >>> losses.margin_ranking(first, second, target, reduction="none")
    array([0., 1., 0.])
    >>> losses.margin_ranking.gradient(first, second, target, reduction="none")
    (array([ 0., -1.,  0.]), array([0., 1., 0.]))
    """


@vector_loss(
    LossFacts(
        definition=f"1 - {DOT}/(Max({A}, eps)*Max({B}, eps))",
        gradient_definitions={
            "first": f"cases((-b[j]/(eps*Max({B}, eps)), {A} <= eps), "
            f"(({DOT}*a[j]/{A}**2 - b[j])/({A}*Max({B}, eps)), True))",
            "second": f"cases((-a[j]/(eps*Max({A}, eps)), {B} <= eps), "
            f"(({DOT}*b[j]/{B}**2 - a[j])/({B}*Max({A}, eps)), True))",
        },
        domain="a and b real vectors",
        range=Interval(0.0, 2.0, low_closed=True, high_closed=True),
        limits={"a = 0 or b = 0, eps = 0": "1, with gradients 0", "an infinite entry": "NaN"},
        kinks={"a norm is eps": "the norm counts as constant"},
        parameters={"eps": Interval(0.0, 1.0, low_closed=True, high_closed=True)},
        accuracy={"value": Ulp(1, 3, TINY), "gradient": Ulp(1, 3, TERMS)},
        likelihood="von Mises-Fisher: directions a about the direction b, up to the factor of concentration",
        minimiser="the direction of the mean of b/|b|",
        references=(
            "Salton, Wong, Yang (1975), A vector space model for automatic indexing, doi:10.1145/361219.361220.",
        ),
    )
)
def cosine_similarity(
    first: ArrayLike,
    second: ArrayLike,
    *,
    eps: float = 0.0,
    reduction: Reduction = "mean",
    sample_weight: ArrayLike | None = None,
    axis: int = -1,
    out: Outs = None,
) -> Any:
    r"""Cosine distance ``1 - cos`` of the angle between two vectors: 0 for one direction, 2 for opposite ones.

    Lengths do not count, only directions.

    Parameters
    ----------
    first, second : array_like of real numbers
        Vectors along `axis`, of one shape. Integers and booleans are computed as float64.
    eps : float, optional
        A norm that is not larger is replaced by it, and then is a constant; in [0, 1].
    %(vector_rest)s

    Returns
    -------
    %(pair_returns)s

    Raises
    ------
    %(raises)s

    See Also
    --------
    cosine_embedding : for pairs that are to differ, too.

    Notes
    -----
    ``gradient`` is a pair: ``-(b/|b| - cos a/|a|)/|a|`` with respect to the first, perpendicular to it, and likewise
    for the second. With ``eps=0``, a vector of zeros has no direction: the loss is 1, and both gradients are 0.

    %(reference)s

    Examples
    --------
    >>> import numpy as np
    >>> from actlib import losses
    >>> first, second = np.array([[1.0, 0.0], [3.0, 4.0]]), np.array([[1.0, 1.0], [-6.0, -8.0]])
    >>> losses.cosine_similarity(first, second, reduction="none")
    array([0.29289322, 2.        ])
    >>> losses.cosine_similarity.gradient(first[0], second[0])
    (array([ 0.        , -0.70710678]), array([-0.35355339,  0.35355339]))
    """


@vector_loss(
    LossFacts(
        definition=f"cases((1 - {COSINE}, t == 1), (Max(0, {COSINE} - margin), True))",
        gradient_definitions={
            "first": f"cases((-{TURN_A}, t == 1), ({TURN_A}, {COSINE} > margin), (0, True))",
            "second": f"cases((-{TURN_B}, t == 1), ({TURN_B}, {COSINE} > margin), (0, True))",
        },
        domain="a and b real vectors, t in {-1, +1}",
        range=Interval(0.0, 2.0, low_closed=True, high_closed=True),
        limits={"a = 0 or b = 0": "the cosine counts as 0, with gradients 0", "an infinite entry": "NaN"},
        kinks={"t = -1, cos = margin": "gradients 0"},
        parameters={"margin": Interval(-1.0, 1.0, low_closed=True, high_closed=True)},
        accuracy={
            "value": Ulp(1, 2, f"{TINY}; for t = -1 of {CANCELLED} of the larger one of cosine and margin"),
            "gradient": Ulp(1, 3, TERMS),
        },
        likelihood="none: it asks for angles, and not for a distribution of them",
        minimiser="one direction for pairs of t = +1, a cosine of at most the margin for those of t = -1",
        references=(
            "Bromley, Guyon, LeCun, Säckinger, Shah (1993), Signature verification using a Siamese time delay neural "
            "network, doi:10.1142/S0218001493000339.",
        ),
    )
)
def cosine_embedding(
    first: ArrayLike,
    second: ArrayLike,
    target: ArrayLike,
    *,
    margin: float = 0.0,
    reduction: Reduction = "mean",
    sample_weight: ArrayLike | None = None,
    axis: int = -1,
    out: Outs = None,
) -> Any:
    r"""Cosine loss of two vectors: ``1 - cos`` where they belong together, ``max(0, cos - margin)`` where not.

    Parameters
    ----------
    first, second : array_like of real numbers
        Vectors along `axis`, of one shape. Integers and booleans are computed as float64.
    target : array_like
        +1 for vectors that are to have one direction, -1 for others; of the shape without the axis, or a single number.
    margin : float, optional
        The cosine that is small enough for a pair of target -1; in [-1, 1].
    %(vector_rest)s

    Returns
    -------
    %(pair_returns)s

    Raises
    ------
    %(raises)s

    See Also
    --------
    cosine_similarity : for pairs that all belong together.
    triplet_margin : compares two distances, and asks for neither to be small.

    Notes
    -----
    ``gradient`` is a pair: that of ``cosine_similarity`` for target +1, its negative for target -1 where the cosine
    exceeds the margin, else 0; so 0 at the kink. A vector of zeros counts as perpendicular to all others, with
    gradient 0.

    %(reference)s

    Examples
    --------
    >>> import numpy as np
    >>> from actlib import losses
    >>> first, second = np.array([[3.0, 4.0], [3.0, 4.0]]), np.array([[4.0, 3.0], [4.0, 3.0]])
    >>> losses.cosine_embedding(first, second, np.array([1, -1]), margin=0.5, reduction="none")
    array([0.04, 0.46])
    >>> losses.cosine_embedding.gradient(first[0], second[0], -1)
    (array([ 0.0448, -0.0336]), array([-0.0336,  0.0448]))
    """


def _distance(u: str, v: str) -> str:
    return f"Sum(Abs({u}[k] - {v}[k] + eps)**p, k, 1, K)**(1/p)"


def _slope(u: str, v: str) -> str:
    """The derivative of the distance with respect to its difference j."""
    difference = f"({u}[j] - {v}[j] + eps)"
    return f"sign{difference}*(Abs{difference}/{_distance(u, v)})**(p - 1)"


_VIOLATED = f"{_distance('x', 'y')} - {_distance('x', 'z')} + margin > 0"


@vector_loss(
    LossFacts(
        definition=f"Max(0, {_distance('x', 'y')} - {_distance('x', 'z')} + margin)",
        gradient_definitions={
            "anchor": f"cases(({_slope('x', 'y')} - {_slope('x', 'z')}, {_VIOLATED}), (0, True))",
            "positive": f"cases((-{_slope('x', 'y')}, {_VIOLATED}), (0, True))",
            "negative": f"cases(({_slope('x', 'z')}, {_VIOLATED}), (0, True))",
        },
        domain="x, y and z real vectors",
        range=Interval(0.0, inf, low_closed=True, high_closed=True),
        limits={
            "swap": "takes the distance of y and z for that of x and z where it is smaller",
            "an infinite entry": "inf, or NaN",
        },
        kinks={
            "d(x, y) + margin = d(x, z)": "gradients 0",
            "a distance of 0": "its gradient is 0",
            "p = 1, a difference of 0": "its gradient is 0",
        },
        parameters={
            "margin": NOT_NEGATIVE_NUMBERS,
            "p": Interval(1.0, inf, low_closed=True),
            "eps": NOT_NEGATIVE_NUMBERS,
        },
        accuracy={
            "value": Ulp(
                1,
                4,
                f"in ulp of the loss, or where its terms cancel to less than {CANCELLED} of the largest of them, in "
                "ulp of that; in float64 for p other than 1 and 2, in ulp of the largest term",
            ),
            "gradient": Ulp(
                1, 4, "in ulp of the larger term, of which anchors have two; in float64 for p > 100, times p/25"
            ),
        },
        likelihood="none: it compares distances",
        minimiser="vectors whose every positive is nearer than every negative, by the margin",
        references=(
            "Schroff, Kalenichenko, Philbin (2015), FaceNet: a unified embedding for face recognition and clustering, "
            "doi:10.1109/CVPR.2015.7298682.",
            "Balntas, Riba, Ponsa, Mikolajczyk (2016), Learning local feature descriptors with triplets and shallow "
            "convolutional neural networks, doi:10.5244/C.30.119.",
        ),
    )
)
def triplet_margin(
    anchor: ArrayLike,
    positive: ArrayLike,
    negative: ArrayLike,
    *,
    margin: float = 1.0,
    p: float = 2.0,
    eps: float = 0.0,
    swap: bool = False,
    reduction: Reduction = "mean",
    sample_weight: ArrayLike | None = None,
    axis: int = -1,
    out: Outs = None,
) -> Any:
    r"""Triplet loss ``max(0, d(x, y) - d(x, z) + margin)``: a vector is to be nearer to its like than to another.

    Parameters
    ----------
    anchor, positive, negative : array_like of real numbers
        Vectors x, y and z along `axis`, of one shape. Integers and booleans are computed as float64.
    margin : float, optional
        By how much the negative has to be farther away; not negative.
    p : float, optional
        The degree of the norm that measures the distances, at least 1: 2 for Euclid's, 1 for sums of magnitudes.
    eps : float, optional
        What is added to each difference of two entries, as PyTorch does with 1e-6; not negative.
    swap : bool, optional
        Whether to take the distance of positive and negative, where it is smaller, for that of anchor and negative.
    %(vector_rest)s

    Returns
    -------
    %(pair_returns)s

    Raises
    ------
    %(raises)s

    See Also
    --------
    margin_ranking : the same for scores.
    cosine_embedding : pairs, and angles for distances.

    Notes
    -----
    ``gradient`` is a triple. Where the loss is 0, and so at the kink, all three are 0; else they are differences of
    unit vectors: with ``p=2``, ``(x - y)/d(x, y) - (x - z)/d(x, z)`` for the anchor. The gradient of a distance of 0
    is taken to be 0. With `swap` and equal distances, that of the anchor counts.

    %(reference)s

    Examples
    --------
    >>> import numpy as np
    >>> from actlib import losses
    >>> anchor, positive, negative = np.array([0.0, 0.0]), np.array([3.0, 4.0]), np.array([0.0, 5.5])
    >>> losses.triplet_margin(anchor, positive, negative)
    np.float64(0.5)
    >>> losses.triplet_margin.gradient(anchor, positive, negative)
    (array([-0.6,  0.2]), array([0.6, 0.8]), array([ 0., -1.]))
    """
