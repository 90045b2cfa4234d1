"""Tables of published results and small data sets to look at, drawn from a seed.

Every function that draws takes `rng`: an integer or a ``numpy.random.Generator``. The same integer gives the same
numbers. Points are the rows of `X`; labels are the integers from 0.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "Digits",
    "Result",
    "SoftmaxExample",
    "blobs",
    "digits",
    "outliers",
    "rings",
    "softmax_example",
    "spirals",
    "two_classes",
    "xor",
    "xu2015",
]

Array = NDArray[Any]
Examples = tuple[NDArray[np.float64], NDArray[np.intp]]
Seed = int | np.random.Generator | None


class Result(NamedTuple):
    """One row of a table of results: errors are shares of wrong answers."""

    dataset: str
    activation: str
    train_error: float
    test_error: float


class SoftmaxExample(NamedTuple):
    """Scores of three classes, their names, and the label of the right one."""

    classes: tuple[str, ...]
    scores: NDArray[np.float64]
    label: int


class Digits(NamedTuple):
    """Handwritten digits, split for training and test; see :func:`digits`."""

    X_train: NDArray[np.float64]
    y_train: NDArray[np.intp]
    X_test: NDArray[np.float64]
    y_test: NDArray[np.intp]


def xu2015() -> tuple[Result, ...]:
    """Errors of rectifiers on CIFAR-10 and CIFAR-100, as published by Xu, Wang, Chen and Li (2015).

    The paper writes leaky slopes as ``x / a``: "leaky_relu, a=5.5" has the slope 1/5.5.

    References
    ----------
    Xu, Wang, Chen, Li (2015), Empirical Evaluation of Rectified Activations in Convolutional Network,
    arXiv:1505.00853, tables 1 and 2.

    Examples
    --------
    On both data sets prelu has the smallest error in training, and rrelu in the test:

    >>> from actlib import datasets
    >>> for name in ("CIFAR-10", "CIFAR-100"):
    ...     rows = [row for row in datasets.xu2015() if row.dataset == name]
    ...     best = min(rows, key=lambda row: row.train_error), min(rows, key=lambda row: row.test_error)
    ...     print(name, *(row.activation for row in best))
    CIFAR-10 prelu rrelu
    CIFAR-100 prelu rrelu
    """
    names = ("relu", "leaky_relu, a=100", "leaky_relu, a=5.5", "prelu", "rrelu")
    errors = {
        "CIFAR-10": (0.00318, 0.1245, 0.0031, 0.1266, 0.00362, 0.1120, 0.00178, 0.1179, 0.00550, 0.1119),
        "CIFAR-100": (0.1356, 0.429, 0.11552, 0.4205, 0.08536, 0.4042, 0.0633, 0.4163, 0.1141, 0.4025),
    }
    return tuple(
        Result(dataset, name, *pair)
        for dataset, numbers in errors.items()
        for name, pair in zip(names, zip(numbers[::2], numbers[1::2], strict=True), strict=True)
    )


def softmax_example() -> SoftmaxExample:
    """Scores 0.8, 0.6, 0.2 for a picture of a pedestrian: a worked example of softmax and its loss.

    Examples
    --------
    >>> import actlib
    >>> from actlib import datasets, losses
    >>> example = datasets.softmax_example()
    >>> actlib.softmax(example.scores).round(4)
    array([0.4224, 0.3458, 0.2318])
    >>> round(float(losses.cross_entropy(example.scores[None], [example.label])), 4)
    0.8619
    """
    return SoftmaxExample(("pedestrian", "car", "motorcycle"), np.array([0.8, 0.6, 0.2]), 0)


def blobs(
    n: int = 300, *, classes: int = 3, distance: float = 4.0, noise: float = 1.0, rng: Seed = None
) -> Examples:
    """Clouds of points around the corners of a regular polygon: what straight lines separate.

    Parameters
    ----------
    n : int
        Number of points; the classes have equal shares, up to one point.
    classes : int
        Number of clouds.
    distance : float
        From the centre of the polygon to its corners.
    noise : float
        Standard deviation of a cloud.
    rng : Generator or int, optional
        Draws the points.

    Returns
    -------
    X : ndarray, shape (n, 2)
        The points.
    y : ndarray of int, shape (n,)
        Their classes.

    Examples
    --------
    >>> X, y = blobs(6, classes=2, noise=0.0)
    >>> X[y == 0].round(12)[0], X[y == 1].round(12)[0]
    (array([4., 0.]), array([-4.,  0.]))
    """
    rng, y = _start(n, classes, noise, rng)
    angle = 2 * np.pi * y / classes
    return distance * np.column_stack([np.cos(angle), np.sin(angle)]) + rng.normal(0, noise, (n, 2)), y


def xor(n: int = 300, *, noise: float = 0.0, rng: Seed = None) -> Examples:
    """Points of the square [-1, 1]**2, labelled 1 where the signs of the coordinates differ.

    No straight line separates the two classes, but two do.

    Parameters
    ----------
    n : int
        Number of points.
    noise : float
        Standard deviation by which points are moved after labelling.
    rng : Generator or int, optional
        Draws the points.

    Returns
    -------
    X : ndarray, shape (n, 2)
        The points.
    y : ndarray of int, shape (n,)
        Their classes.

    Examples
    --------
    >>> X, y = xor(100, rng=0)
    >>> bool(np.all(y == (X[:, 0] * X[:, 1] < 0)))
    True
    """
    rng, _ = _start(n, 1, noise, rng)
    X = rng.uniform(-1, 1, (n, 2))
    y = (np.signbit(X[:, 0]) ^ np.signbit(X[:, 1])).astype(np.intp)
    return X + rng.normal(0, noise, (n, 2)), y


def rings(n: int = 300, *, classes: int = 2, noise: float = 0.1, rng: Seed = None) -> Examples:
    """Circles of the radii 1, 2, ... around the origin, one for each class.

    Parameters
    ----------
    n : int
        Number of points.
    classes : int
        Number of circles.
    noise : float
        Standard deviation of the radius.
    rng : Generator or int, optional
        Draws the points.

    Returns
    -------
    X : ndarray, shape (n, 2)
        The points.
    y : ndarray of int, shape (n,)
        Their classes.

    Examples
    --------
    >>> X, y = rings(4, noise=0.0, rng=0)
    >>> np.hypot(*X.T).round(12), y
    (array([1., 2., 1., 2.]), array([0, 1, 0, 1]))
    """
    rng, y = _start(n, classes, noise, rng)
    angle, radius = rng.uniform(0, 2 * np.pi, n), 1 + y + rng.normal(0, noise, n)
    return np.column_stack([radius * np.cos(angle), radius * np.sin(angle)]), y


def spirals(
    n: int = 300, *, classes: int = 2, turns: float = 1.5, noise: float = 0.02, rng: Seed = None
) -> Examples:
    """Arms of a spiral, one for each class, wound `turns` times around each other: hard for a shallow network.

    The arms end at distance 1 from the origin.

    Parameters
    ----------
    n : int
        Number of points.
    classes : int
        Number of arms.
    turns : float
        How often an arm goes around the origin.
    noise : float
        Standard deviation by which points are moved.
    rng : Generator or int, optional
        Draws the points.

    Returns
    -------
    X : ndarray, shape (n, 2)
        The points.
    y : ndarray of int, shape (n,)
        Their classes.

    Examples
    --------
    >>> X, y = spirals(200, noise=0.0, rng=0)
    >>> bool(np.hypot(*X.T).max() <= 1)
    True
    """
    rng, y = _start(n, classes, noise, rng)
    radius = np.sqrt(rng.uniform(0.01, 1, n))  # the root spreads the points evenly over the disc
    angle = 2 * np.pi * (turns * radius + y / classes)
    X = np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])
    return X + rng.normal(0, noise, (n, 2)), y


def two_classes(n: int = 300, *, noise: float = 0.15, rng: Seed = None) -> Examples:
    """Red (0) and blue (1): the unit square cut by a wave, with points near the border on either side.

    The border is ``x2 = 1/2 + sin(2 pi x1) / 4``. A point is blue with the probability ``sigmoid(d / s)``, where d
    is its height above the border and ``s = noise / 4``; so P(blue | x) is known.

    Parameters
    ----------
    n : int
        Number of points.
    noise : float
        Width of the zone along the border where labels are uncertain; with 0 all are certain.
    rng : Generator or int, optional
        Draws the points.

    Returns
    -------
    X : ndarray, shape (n, 2)
        The points.
    y : ndarray of int, shape (n,)
        Their classes.

    Examples
    --------
    >>> X, y = two_classes(500, noise=0.0, rng=0)
    >>> bool(np.all(y == (X[:, 1] > 0.5 + np.sin(2 * np.pi * X[:, 0]) / 4)))
    True
    """
    rng, _ = _start(n, 1, noise, rng)
    X = rng.uniform(0, 1, (n, 2))
    height = X[:, 1] - 0.5 - np.sin(2 * np.pi * X[:, 0]) / 4
    # the logistic distribution: P(height + shift > 0) = sigmoid(height / scale)
    return X, (height + rng.logistic(0, noise / 4, n) > 0).astype(np.intp)


def outliers(
    n: int = 50, *, share: float = 0.1, slope: float = 2.0, intercept: float = 1.0, noise: float = 0.2, rng: Seed = None
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
    """A line with normal noise, of which a share of the points lies far above: mean against median.

    Parameters
    ----------
    n : int
        Number of points.
    share : float
        Share of outliers, in [0, 1].
    slope, intercept : float
        Of the line.
    noise : float
        Standard deviation about the line.
    rng : Generator or int, optional
        Draws the points.

    Returns
    -------
    X : ndarray, shape (n, 1)
        Evenly spaced in [0, 1].
    y : ndarray, shape (n,)
        Heights of the points.
    outlier : ndarray of bool, shape (n,)
        Which points are outliers: they lie 5 to 10 higher.

    Examples
    --------
    >>> X, y, outlier = outliers(20, share=0.1, noise=0.0, rng=0)
    >>> int(outlier.sum()), bool(np.all(y[~outlier] == 1 + 2 * X[~outlier, 0]))
    (2, True)
    """
    if not 0 <= share <= 1:
        raise ValueError(f"outliers: share must lie in [0, 1], got {share!r}")
    rng, _ = _start(n, 1, noise, rng)
    X = np.linspace(0, 1, n)[:, None]
    y = intercept + slope * X[:, 0] + rng.normal(0, noise, n)
    outlier = np.zeros(n, bool)
    outlier[rng.choice(n, round(share * n), replace=False)] = True
    y[outlier] += rng.uniform(5, 10, int(outlier.sum()))
    return X, y, outlier


def digits(*, test_share: float = 0.25, rng: Seed = 0) -> Digits:
    """The 1797 handwritten digits (8 x 8 pixels) that ship with scikit-learn, split and standardised.

    Each class is split alike. The pixels have mean 0 and variance 1 over the training set (a pixel that is
    constant there becomes 0); the test set is moved and scaled by the same numbers.

    Parameters
    ----------
    test_share : float
        Share of the test set, in (0, 1).
    rng : Generator or int
        Draws the split; always the same one by default.

    Returns
    -------
    Digits
        ``X_train`` (n, 64), ``y_train`` (n,), ``X_test``, ``y_test``.

    Raises
    ------
    ImportError
        If scikit-learn is not installed.

    References
    ----------
    Alpaydin, Kaynak (1998), Optical Recognition of Handwritten Digits, UCI Machine Learning Repository,
    doi:10.24432/C50P49.

    Examples
    --------
    >>> X_train, y_train, X_test, y_test = digits()
    >>> X_train.shape, X_test.shape
    ((1347, 64), (450, 64))
    """
    try:
        from sklearn.datasets import load_digits
    except ImportError:
        raise ImportError(
            "datasets.digits: the digits come with scikit-learn, which is not installed: pip install scikit-learn"
        ) from None
    if not 0 < test_share < 1:
        raise ValueError(f"digits: test_share must lie in (0, 1), got {test_share!r}")
    rng = np.random.default_rng(rng)
    X, y = load_digits(return_X_y=True)
    y = y.astype(np.intp)
    test = np.zeros(len(y), bool)
    for label in range(10):
        places = rng.permutation(np.flatnonzero(y == label))
        test[places[: round(test_share * len(places))]] = True
    if test.all() or not test.any():
        raise ValueError(f"digits: test_share leaves no pictures for one of the parts, got {test_share!r}")
    order = rng.permutation(len(y))
    train, test = order[~test[order]], order[test[order]]
    centre, scale = X[train].mean(axis=0), X[train].std(axis=0)
    X = (X - centre) / np.where(scale > 0, scale, 1.0)
    X[:, scale == 0] = 0.0
    return Digits(X[train], y[train], X[test], y[test])


def _start(n: int, classes: int, noise: float, rng: Seed) -> tuple[np.random.Generator, NDArray[np.intp]]:
    """The generator, and the labels 0, 1, ... in turn."""
    if not 0 <= noise < np.inf:
        raise ValueError(f"noise must be finite and not negative, got {noise!r}")
    if n < 1 or classes < 1:
        raise ValueError(f"expected at least one point and one class, got n={n!r}, classes={classes!r}")
    return np.random.default_rng(rng), np.arange(n, dtype=np.intp) % classes
