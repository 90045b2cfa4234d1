"""The tables as published, and the toy sets: reproducible, of the shape they say, and what their names promise."""

import sys

import numpy as np
import pytest

import actlib
from actlib import datasets, losses

TOYS = [datasets.blobs, datasets.xor, datasets.rings, datasets.spirals, datasets.two_classes, datasets.outliers]


@pytest.mark.parametrize("toy", TOYS, ids=lambda toy: toy.__name__)
def test_same_seed_same_bits(toy):
    def bits(rng):
        return b"".join(array.tobytes() for array in toy(50, rng=rng))

    assert bits(1) == bits(1) == bits(np.random.default_rng(1))
    assert bits(1) != bits(2)
    generator = np.random.default_rng(1)
    assert bits(generator) != bits(generator)


@pytest.mark.parametrize("n", [1, 7, 50])
@pytest.mark.parametrize("toy", TOYS[:-1], ids=lambda toy: toy.__name__)
def test_shapes(toy, n):
    X, y = toy(n, rng=0)
    assert X.shape == (n, 2)
    assert X.dtype == np.float64
    assert y.shape == (n,)
    assert y.dtype == np.intp


@pytest.mark.parametrize("toy", [datasets.blobs, datasets.rings, datasets.spirals])
@pytest.mark.parametrize("classes", [1, 2, 5])
def test_classes_have_equal_shares(toy, classes):
    _, y = toy(52, classes=classes, rng=0)
    counts = np.bincount(y)
    assert len(counts) == classes
    assert np.ptp(counts) <= 1


def test_blobs_lie_around_the_corners():
    X, y = datasets.blobs(3000, classes=3, distance=4.0, noise=0.5, rng=0)
    for label in range(3):
        cloud, angle = X[y == label], 2 * np.pi * label / 3
        corner = 4 * np.array([np.cos(angle), np.sin(angle)])
        assert np.linalg.norm(cloud.mean(axis=0) - corner) < 0.02 * np.linalg.norm(corner)
        assert cloud.std(axis=0) == pytest.approx([0.5, 0.5], rel=0.1)


def test_rings_have_their_radii():
    X, y = datasets.rings(600, classes=3, noise=0.05, rng=0)
    radius = np.hypot(*X.T)
    for label in range(3):
        assert radius[y == label].mean() == pytest.approx(1 + label, rel=0.02)
        assert radius[y == label].std() == pytest.approx(0.05, rel=0.2)


def test_spirals_wind_around_each_other():
    X, y = datasets.spirals(400, turns=1.0, noise=0.0, rng=0)
    radius, angle = np.hypot(*X.T), np.arctan2(X[:, 1], X[:, 0])
    # unwinding by the radius leaves one direction for each arm
    unwound = np.exp(1j * (angle - 2 * np.pi * radius))
    np.testing.assert_allclose(unwound, np.where(y == 0, 1, -1), rtol=1e-12)


def test_no_line_separates_xor():
    X, y = datasets.xor(2000, rng=0)
    A, signs = np.column_stack([X, np.ones(len(X))]), 2.0 * y - 1
    plane = np.linalg.lstsq(A, signs, rcond=None)[0]
    assert np.mean(np.sign(A @ plane) == signs) < 0.6


def test_probability_of_blue_is_the_one_documented():
    noise = 0.4
    X, y = datasets.two_classes(20000, noise=noise, rng=0)
    height = X[:, 1] - 0.5 - np.sin(2 * np.pi * X[:, 0]) / 4
    p = actlib.sigmoid(height / (noise / 4))
    for low, high in [(0.05, 0.2), (0.2, 0.4), (0.4, 0.6), (0.6, 0.8), (0.8, 0.95)]:
        band = (p > low) & (p < high)
        assert y[band].mean() == pytest.approx(p[band].mean(), rel=0.12)


def test_outliers_lie_above_the_line():
    X, y, outlier = datasets.outliers(200, share=0.2, noise=0.1, rng=0)
    assert outlier.sum() == 40
    above = y - (1 + 2 * X[:, 0])
    assert above[outlier].min() > 4
    assert np.abs(above[~outlier]).max() < 1
    assert datasets.outliers(10, share=0, rng=0)[2].sum() == 0


def test_table_of_xu():
    table = datasets.xu2015()
    assert len(table) == 10
    assert table[2] == ("CIFAR-10", "leaky_relu, a=5.5", 0.00362, 0.1120)
    assert table[-1] == ("CIFAR-100", "rrelu", 0.1141, 0.4025)
    for row in table:
        name = row.activation.partition(",")[0]
        assert name in actlib.ACTIVATIONS
        assert 0 < row.train_error < row.test_error < 1


def test_softmax_example():
    example = datasets.softmax_example()
    np.testing.assert_array_equal(np.trunc(100 * actlib.softmax(example.scores)), [42, 34, 23])  # as on the slide
    loss = float(losses.cross_entropy(example.scores[None], np.array([example.label])))
    assert round(loss, 2) == 0.86
    assert round(-np.log(0.42), 2) == 0.87  # what becomes of it when the probability is rounded first


def test_digits_are_split_once_and_standardised():
    from sklearn.datasets import load_digits

    digits = datasets.digits()
    assert digits.X_train.shape == (1347, 64)
    assert digits.X_test.shape == (450, 64)
    assert sorted([*digits.y_train, *digits.y_test]) == sorted(load_digits().target)
    counts = np.bincount(digits.y_train) / (np.bincount(digits.y_train) + np.bincount(digits.y_test))
    np.testing.assert_allclose(counts, 0.75, rtol=0.01)
    varies = digits.X_train.std(axis=0) > 0
    assert np.abs(digits.X_train.mean(axis=0)).max() < 1e-13
    np.testing.assert_allclose(digits.X_train[:, varies].std(axis=0), 1, rtol=1e-13)
    assert np.all(digits.X_train[:, ~varies] == 0)
    assert np.all(digits.X_test[:, ~varies] == 0)


def test_digits_by_seed():
    first, second, other = datasets.digits(), datasets.digits(rng=0), datasets.digits(rng=1)
    assert all(a.tobytes() == b.tobytes() for a, b in zip(first, second, strict=True))
    assert first.X_test.tobytes() != other.X_test.tobytes()
    assert datasets.digits(test_share=0.1).X_test.shape[0] == pytest.approx(180, abs=5)


def test_digits_keep_pictures_and_labels_together():
    digits = datasets.digits(rng=3)

    def right(labels):
        """Share of test labels that a linear map learned from the training set finds."""
        A, B = (np.column_stack([X, np.ones(len(X))]) for X in (digits.X_train, digits.X_test))
        fit = np.linalg.lstsq(A, np.eye(10)[labels], rcond=None)[0]
        return np.mean((B @ fit).argmax(axis=1) == digits.y_test)

    assert right(digits.y_train) > 0.9
    assert right(np.roll(digits.y_train, 1)) < 0.3


def test_digits_without_scikit_learn(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn", None)
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    with pytest.raises(ImportError, match="not installed: pip install scikit-learn"):
        datasets.digits()


@pytest.mark.parametrize("toy", TOYS, ids=lambda toy: toy.__name__)
def test_no_points(toy):
    with pytest.raises(ValueError, match="expected at least one point and one class, got n=0"):
        toy(0)


def test_bad_shares():
    with pytest.raises(ValueError, match=r"share must lie in \[0, 1\], got 1.5"):
        datasets.outliers(10, share=1.5)
    with pytest.raises(ValueError, match=r"test_share must lie in \(0, 1\), got 0"):
        datasets.digits(test_share=0)
    with pytest.raises(ValueError, match="classes=0"):
        datasets.blobs(10, classes=0)


@pytest.mark.parametrize("toy", TOYS, ids=lambda toy: toy.__name__)
@pytest.mark.parametrize("noise", [-1.0, np.nan, np.inf])
def test_noise_is_a_standard_deviation(toy, noise):
    with pytest.raises(ValueError, match=f"noise must be finite and not negative, got {noise}"):
        toy(10, noise=noise)


@pytest.mark.parametrize("share", [0.0001, 0.9999])
def test_both_parts_of_the_digits_have_pictures(share):
    with pytest.raises(ValueError, match=f"test_share leaves no pictures for one of the parts, got {share}"):
        datasets.digits(test_share=share)
