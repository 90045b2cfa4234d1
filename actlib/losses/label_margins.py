"""Losses of rows of scores that ask the score of a label to lie above the others by a margin.

Definition, documentation and conventions; the arithmetic is in ``kernels/label_margins.pyx``.
"""

from collections.abc import Mapping
from math import inf
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..entries import Interval, Ulp, refuse
from ..kernels.calls import mark_members
from ..loss_entry import ClassLoss, LabelLoss, LossFacts, Out, Reduction, class_loss

__all__ = [
    "multiclass_hinge",
    "multilabel_margin",
]


class MulticlassHinge(LabelLoss[Any]):
    """A hinge of one label against the best of the others, or against each of them."""

    def _kernel(self, options: Mapping[str, Any]) -> str:
        return "multiclass_hinge_sum" if options["kind"] == "sum" else "multiclass_hinge"

    def _operands(self, options: Mapping[str, Any], dtype: np.dtype[Any]) -> tuple[float, ...]:
        if options["kind"] not in ("crammer_singer", "sum"):
            raise ValueError(f"{self.name}: kind must be 'crammer_singer' or 'sum', got {options['kind']!r}")
        power = self._number("p", options["p"], dtype)
        if power not in (1.0, 2.0):
            raise ValueError(f"{self.name}: p must be 1 or 2, got {options['p']!r}")
        return self._number("margin", options["margin"], dtype), power


@class_loss(
    LossFacts(
        definition="Max(0, Maximum(z[k] + margin*(1 - t[k]), k, 1, K) - Sum(t[k]*z[k], k, 1, K))**p",
        gradient_definition="p*Max(0, Maximum(z[k] + margin*(1 - t[k]), k, 1, K) - Sum(t[k]*z[k], k, 1, K))**(p - 1)"
        "*(cases((1, z[j] + margin*(1 - t[j]) == Maximum(z[k] + margin*(1 - t[k]), k, 1, K)), (0, True)) - t[j])",
        hessian_definition="p*(p - 1)"
        "*(cases((1, z[j] + margin*(1 - t[j]) == Maximum(z[k] + margin*(1 - t[k]), k, 1, K)), (0, True)) - t[j])**2",
        domain="z real (scores); t labels 0..K-1, or one-hot rows",
        range=Interval(0.0, inf, low_closed=True, high_closed=True),
        limits={
            "the label's z = inf": "0",
            "another z = inf": "inf",
            'kind="sum"': "1/K times the sum over k != t of Max(0, margin + z[k] - z[t])**p",
        },
        kinks={
            "z[t] = z[k] + margin": "gradient 0, Hessian 0",
            "equal scores of other classes": "the first one has the gradient",
        },
        parameters={"p": Interval(1.0, 2.0, low_closed=True, high_closed=True)},
        accuracy={"value": Ulp(1, 2), "gradient": Ulp(1, 2), "hessian_diagonal": Ulp(1, 1)},
        likelihood="none: it is a bound on the number of errors",
        minimiser="scores whose highest is that of the likeliest class, if its probability is above 1/2",
        references=(
            "Crammer, Singer (2001), On the algorithmic implementation of multiclass kernel-based vector machines, "
            "JMLR 2, 265-292.",
            'Weston, Watkins (1999), Support vector machines for multi-class pattern recognition, ESANN (kind="sum").',
        ),
    ),
    MulticlassHinge,
)
def multiclass_hinge(
    prediction: ArrayLike,
    target: ArrayLike,
    *,
    margin: float = 1.0,
    kind: Literal["crammer_singer", "sum"] = "crammer_singer",
    p: int = 1,
    class_weight: ArrayLike | None = None,
    ignore_index: int | None = None,
    reduction: Reduction = "mean",
    sample_weight: ArrayLike | None = None,
    axis: int = -1,
    out: Out = None,
) -> Any:
    r"""Multiclass hinge loss ``max(0, margin + max_(k != t) z_k - z_t)`` of a row of scores with the label t.

    The loss of support vector machines for K classes: 0 as soon as the score of the label leads all others by the
    margin.

    Parameters
    ----------
    %(classes_hard)s
        The prediction is a row of scores.
    margin : float, optional
        How far the score of the label has to lie above the others.
    kind : {"crammer_singer", "sum"}, optional
        Whether the highest of the other scores counts alone, or each of them: then the loss is
        ``1/K sum_(k != t) max(0, margin + z_k - z_t)``.
    p : {1, 2}, optional
        The power of each ``max(0, ...)``.
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
    hinge : for two classes and one score.
    cross_entropy : smooth, and with probabilities as its minimiser.

    Notes
    -----
    Gradient with respect to the scores: -1 at the label and 1 at the highest of the others while the loss is positive,
    else 0; so 0 at the kink. Of equal scores the first one has it. With ``kind="sum"``, ``1/K`` at every score that
    comes too close, and minus their sum at the label. ``p=2`` multiplies by twice the ``max(0, ...)``.

    %(reference)s

    Examples
    --------
    >>> import numpy as np
    >>> from actlib import losses
    >>> scores, labels = np.array([[2.0, 0.5, -1.0], [0.5, 0.25, 0.0]]), np.array([0, 1])
    >>> losses.multiclass_hinge(scores, labels, reduction="none")
    array([0.  , 1.25])
    >>> losses.multiclass_hinge.gradient(scores, labels, reduction="none")
    array([[ 0.,  0.,  0.],
           [ 1., -1.,  0.]])
    >>> losses.multiclass_hinge(scores, labels, kind="sum", reduction="none")
    array([0.        , 0.66666667])
    """


class LabelSetLoss(ClassLoss[Any]):
    """A loss of a row of scores against a set of labels."""

    def _target(
        self, target: Any, prediction: NDArray[Any], axis: int, options: Mapping[str, Any]
    ) -> tuple[Any, Any, int | None]:
        array = self._array("target", target)
        if array.shape == prediction.shape and array.dtype.kind in "iu":
            return None, self._members(self._last(array, axis)), None
        labels, rows, ignored = super()._target(array, prediction, axis, options)
        if rows is not None:
            good = (rows == 0) | (rows == 1)
            if not np.all(good):
                refuse(self.name, "target", rows, good, "be 0 or 1, or hold integers that are labels")
        return labels, rows, ignored

    def _members(self, lists: NDArray[Any]) -> NDArray[Any]:
        """For each class 1 or 0: whether it is in the list of a row, which is filled with -1."""
        members = np.zeros(lists.shape, np.float32)
        # large unsigned integers would become -1
        whole = np.minimum(lists, lists.shape[-1]) if lists.dtype.kind == "u" else lists
        if not mark_members(np.ascontiguousarray(whole, dtype=np.int64), members):
            self._refuse_lists(lists)
        return members

    def _refuse_lists(self, lists: NDArray[Any]) -> None:
        classes = lists.shape[-1]
        listed = np.logical_and.accumulate(lists >= 0, axis=-1)
        good = np.where(listed, lists < classes, lists == -1)
        if not np.all(good):
            refuse(self.name, "labels", lists, good, f"lie in [0, {classes}), and be -1 from the first -1 on")
        again = [np.any(lists[..., :k] == lists[..., k : k + 1], axis=-1) for k in range(classes)]
        good = ~(listed & np.stack(again, axis=-1))
        refuse(self.name, "labels", lists, good, "occur once in a row (0 and 1 for each class as booleans)")


@class_loss(
    LossFacts(
        definition="Sum(Sum(t[k]*(1 - t[i])*Max(0, 1 - z[k] + z[i]), i, 1, K), k, 1, K)/K",
        gradient_definition="Sum((1 - t[j])*t[k]*cases((1, 1 - z[k] + z[j] > 0), (0, True))"
        " - t[j]*(1 - t[k])*cases((1, 1 - z[j] + z[k] > 0), (0, True)), k, 1, K)/K",
        hessian_definition="0",
        domain="z real (scores); t lists of labels, or 0 and 1 for each class",
        range=Interval(0.0, inf, low_closed=True, high_closed=True),
        limits={"no label, or all": "0", "a label's z = inf": "0 for that label", "another z = inf": "inf"},
        kinks={"z[k] = z[i] + 1": "gradient 0 for that pair"},
        accuracy={"value": Ulp(1, 2), "gradient": Ulp(1, 1), "hessian_diagonal": Ulp(1, 1)},
        likelihood="none: it is a bound on the number of pairs in the wrong order",
        minimiser="scores in the order of P(label k), where labels are independent of one another and of their number",
        references=("Elisseeff, Weston (2001), A kernel method for multi-labelled classification, NIPS 14, 681-687.",),
    ),
    LabelSetLoss,
)
def multilabel_margin(
    prediction: ArrayLike,
    target: ArrayLike,
    *,
    reduction: Reduction = "mean",
    sample_weight: ArrayLike | None = None,
    axis: int = -1,
    out: Out = None,
) -> Any:
    r"""Multilabel margin loss: hinges of all pairs of a label and a class that is none, divided by K.

    For each label y of a row and each class i that is none: ``max(0, 1 - (z_y - z_i))``. It asks for an order, every
    label above every other class by 1, and for no threshold.

    Parameters
    ----------
    prediction : array_like of real numbers
        Any shape, with K classes along `axis`: a row of scores. Integers and booleans are computed as float64.
    target : array_like
        Integers in the shape of the prediction: the labels of each row, from 0 to K - 1, each once and in any order,
        and nothing but -1 after them. Or booleans or floating-point numbers in that shape: 1 for a label, 0 for
        another class. Or integers with one axis less, where each row has one label.
    %(classes_rest)s

    Returns
    -------
    %(returns)s

    Raises
    ------
    %(raises)s

    See Also
    --------
    multilabel_soft_margin : one question for each label, with probabilities.
    multiclass_hinge : for one label; the same with ``kind="sum"``.

    Notes
    -----
    Gradient with respect to the scores: ``1/K`` for each label that a class comes too near to, and ``-1/K`` at the
    label; 0 at the kink. A row without labels, or with all of them, has no pairs and costs nothing. The work grows
    with the square of K.

    %(reference)s

    Examples
    --------
    >>> import numpy as np
    >>> from actlib import losses
    >>> scores, labels = np.array([[0.5, 0.25, 0.75, 0.0]]), np.array([[3, 0, -1, -1]])
    >>> float(losses.multilabel_margin(scores, labels))
    1.25
    >>> float(losses.multilabel_margin(scores, np.array([[True, False, False, True]])))
    1.25
    >>> losses.multilabel_margin.gradient(scores, labels)
    array([[-0.5,  0.5,  0.5, -0.5]])
    """
