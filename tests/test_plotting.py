"""Figures: the lines hold the library's own values."""

import builtins
import sys
from html.parser import HTMLParser

import matplotlib
import numpy as np
import pytest
from matplotlib import pyplot
from methods import completed

import actlib
from actlib import plotting

matplotlib.use("Agg")


@pytest.fixture(autouse=True)
def _close():
    yield
    pyplot.close("all")


def lines(ax):
    return {line.get_label(): line.get_data() for line in ax.get_lines() if not line.get_label().startswith("_")}


@pytest.mark.parametrize("name", actlib.ACTIVATIONS)
def test_lines_hold_the_values(name):
    entry = completed(actlib.ACTIVATIONS[name])
    drawn = lines(plotting.plot(actlib.ACTIVATIONS[name], second_derivative=True, points=101))
    assert list(drawn) == ["f(x)", "f'(x)", "f''(x)"]
    for (x, y), function in zip(drawn.values(), (entry, entry.derivative, entry.second_derivative), strict=True):
        kept = ~np.isnan(y)
        assert np.count_nonzero(~kept) <= 2 * len(entry.kinks)
        np.testing.assert_array_equal(y[kept], function(x)[kept])
        assert {at for at in entry.places_of_kinks() if -6 < at < 6} <= set(x)


def test_parameters_reach_the_kernel():
    x, y = lines(actlib.elu.plot(alpha=0.5))["f(x)"]
    np.testing.assert_array_equal(y, actlib.elu(x, alpha=0.5))


def test_a_jump_is_no_line():
    _, y = lines(plotting.plot(actlib.heaviside, points=5))["f(x)"]
    assert np.count_nonzero(np.isnan(y)) in (1, 2)
    assert set(y[~np.isnan(y)]) <= {0.0, 0.5, 1.0}


def test_a_kink_is_no_jump():
    _, y = lines(plotting.plot(actlib.relu, points=5, derivative=False))["f(x)"]
    assert not np.any(np.isnan(y))


def test_axes_are_taken_and_returned():
    _, ax = pyplot.subplots()
    assert plotting.plot(actlib.tanh, ax=ax, low=-2, high=1) is ax
    x, _ = lines(ax)["f(x)"]
    assert (x[0], x[-1]) == (-2, 1)
    assert plotting.compare([actlib.relu], ax=ax) is ax


def test_compare():
    for derivative in (False, True):
        drawn = lines(plotting.compare([actlib.sigmoid, actlib.tanh], derivative=derivative))
        assert list(drawn) == ["sigmoid", "tanh"]
        x, y = drawn["tanh"]
        np.testing.assert_array_equal(y, actlib.tanh.derivative(x) if derivative else actlib.tanh(x))


def test_decision_regions():
    rng = np.random.default_rng(0)
    data = rng.normal(size=(30, 2))
    labels = np.where(data[:, 0] > 0, "right", "left")
    seen = []

    def predict(points):
        seen.append(points)
        return np.where(points[:, 0] > 0, "right", "left")

    ax = plotting.decision_regions(predict, data, labels, points=20)
    mesh = ax.collections[0].get_array().reshape(20, 20)
    np.testing.assert_array_equal(mesh.ravel(), (seen[0][:, 0] > 0).astype(int))
    np.testing.assert_array_equal(ax.collections[1].get_offsets(), data)
    np.testing.assert_array_equal(ax.collections[1].get_array(), (data[:, 0] > 0).astype(int))


def test_loss_surface():
    path = [[0.0, 0.0], [1.0, 2.0]]
    ax = plotting.loss_surface(lambda a, b: (a - 1) ** 2 + (b - 2) ** 2, points=11, path=path)
    np.testing.assert_array_equal(np.transpose(lines(ax)["path"]), path)
    assert (ax.get_xlim(), ax.get_ylim()) == ((-3, 3), (-3, 3))


MISTAKES = {
    "empty interval": (lambda: plotting.plot(actlib.relu, low=1, high=1), "low < high"),
    "nothing to compare": (lambda: plotting.compare([]), "at least one"),
    "data in three dimensions": (lambda: plotting.decision_regions(len, np.zeros((4, 3)), np.zeros(4)), r"\(4, 3\)"),
    "labels of another length": (lambda: plotting.decision_regions(len, np.zeros((4, 2)), np.zeros(5)), r"\(4,\)"),
    "no data": (lambda: plotting.decision_regions(len, np.zeros((0, 2)), np.zeros(0)), "no points"),
    "one label for all": (
        lambda: plotting.decision_regions(lambda x: 0, np.zeros((4, 2)), np.zeros(4), points=5),
        "25 points",
    ),
    "a flat path": (lambda: plotting.loss_surface(lambda a, b: a * b, points=5, path=[1.0, 2.0]), "steps, 2"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistakes_are_explained(mistake):
    call, message = MISTAKES[mistake]
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize("other", [actlib.softmax, "relu", np.tanh])
def test_only_elementwise_activations_are_drawn(other):
    for draw in (plotting.plot, lambda entry: plotting.compare([actlib.relu, entry])):
        with pytest.raises(TypeError, match="expected an elementwise activation"):
            draw(other)
    pyplot.close("all")


def test_without_matplotlib(monkeypatch):
    original = builtins.__import__

    def missing(name, *rest):
        if name.split(".")[0] == "matplotlib":
            raise ImportError(name)
        return original(name, *rest)

    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(ImportError, match=r"pip install 'actlib\[plot\]'"):
        actlib.relu.plot()
    assert "<svg" in actlib.relu._repr_html_()  # the card needs none


class Balanced(HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.text = [], []

    def handle_starttag(self, tag, attributes):
        self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


@pytest.mark.parametrize("name", actlib.ACTIVATIONS)
def test_card(name):
    entry = actlib.ACTIVATIONS[name]
    page = Balanced()
    page.feed(entry._repr_html_())
    assert page.open == []
    assert {entry.definition, entry.derivative_definition} <= set(page.text)
    assert "nan" not in entry._repr_html_()


def test_importing_needs_no_matplotlib():
    assert "matplotlib" not in plotting.__dict__
    assert "pyplot" not in vars(sys.modules["actlib.plotting"])
