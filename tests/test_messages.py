"""What errors say: function, argument, value, place, and what to do instead."""

import re

import numpy as np
import pandas as pd
import pytest

import actlib
from actlib import losses, network, special

X = np.array([-2.0, 3.0])
SERIES = pd.Series([1.0, -2.0, 3.0])
ROWS, LABELS = np.array([[1.0, 2.0, 3.0], [0.0, 1.0, 0.0]]), np.array([0, 1])
MISSING = pd.Series([0, None], dtype="Int64")
FRAME = pd.DataFrame({"a": [1.0, 2.0, 3.0]})


def fit(X, y):
    return network.Network([network.Dense(1, 1, actlib.identity)], losses.mse).fit(X, y, verbose=False)


MESSAGES = {
    "None": (
        lambda: actlib.relu([1, None]),
        "relu: x must be real numbers *, got None at index (1,) of an array of dtype object",
    ),
    "long": (
        lambda: actlib.relu([10**30, 1]),
        "relu: x must be *, got an integer of more than 64 bits at index (0,) of an array of dtype object; *",
    ),
    "longest": (lambda: special.ndtr(10**400), "ndtr: x must be *, got an integer of more than 64 bits"),
    "text": (
        lambda: actlib.softmax(["a", "b"]),
        "softmax: x must be real numbers *, got 'a' at index (0,) of an array of dtype <U1",
    ),
    "objects": (lambda: actlib.relu(np.array([1.0], object)), "relu: x must be *, got dtype object; astype(float) *"),
    "ragged": (lambda: actlib.relu([[1, 2], [3]]), "relu: x must be an array, got rows of different lengths or depths"),
    "ragged rows": (lambda: actlib.softmax([[1, 2], [3]]), "softmax: x must be an array, got rows of different *"),
    "target": (lambda: losses.mse(X, None), "mean_squared_error: target must be real numbers *, got None"),
    "text in a series": (
        lambda: actlib.relu(pd.Series(["a"])),
        "relu: x must be real numbers *, got 'a' at index (0,) *",
    ),
    "category": (lambda: special.ndtr(pd.Series([1], dtype="category")), "ndtr: x must be *, got dtype category"),
    "complex": (lambda: actlib.elu.parameter_gradients(1.0, 1j, alpha=0.5), "elu: x must be *, got dtype complex128"),
    "shape of a gradient": (
        lambda: actlib.elu.parameter_gradients(np.ones(3), X, alpha=0.5),
        "elu: the shapes do not broadcast: upstream (3,), x (2,), alpha ()",
    ),
    "long upstream": (
        lambda: actlib.sigmoid.backward(10**400, X),
        "sigmoid: upstream must be *, got an integer of more *",
    ),
    "one element": (
        lambda: actlib.sigmoid(X, out=np.empty(1)),
        "sigmoid: the shapes do not broadcast: x (2,), out (1,)",
    ),
    "ragged with a parameter": (lambda: actlib.elu([[1, 2], [3]], alpha=0.5), "elu: x must be an array, got rows of *"),
    "ragged upstream": (lambda: actlib.sigmoid.backward([[1, 2], [3]], X), "sigmoid: upstream must be an array, got *"),
    "ragged mask": (lambda: actlib.sigmoid(X, where=[[True], []]), "sigmoid: where must be an array, got rows of *"),
    "list as out of a series": (lambda: actlib.elu(SERIES, out=[0, 0, 0]), "elu: out must be an array, got [0, 0, 0]"),
    "infinite label": (
        lambda: losses.cross_entropy(ROWS, [np.inf, 0.0]),
        "cross_entropy: labels must be integers, got dtype float64",
    ),
    "number of labels": (
        lambda: losses.cross_entropy(ROWS, [0.0, 1.0, 2.0]),
        "cross_entropy: target must be labels of shape (2,) or *, got shape (3,)",
    ),
    "negative delta": (lambda: losses.huber(X, X, delta=-(10**400)), "huber: delta must lie in *, got -1000*...*"),
    "list as out": (lambda: actlib.sigmoid(X, out=[0, 0]), "sigmoid: out must be an array, got [0, 0]"),
    "True as out": (lambda: special.ndtr(X, out=True), "ndtr: out must be an array, got True"),
    "one out": (
        lambda: actlib.sigmoid.value_and_derivative(X, out=X.copy()),
        "sigmoid: out must be a tuple of 2 arrays, got 1",
    ),
    "shape of out": (
        lambda: actlib.sigmoid(X, out=np.empty(3)),
        "sigmoid: the shapes do not broadcast: x (2,), out (3,)",
    ),
    "shape of outs": (
        lambda: actlib.sigmoid.value_and_derivative(X, out=(np.empty(2), np.empty(3))),
        "sigmoid: the shapes do not broadcast: x (2,), out[0] (2,), out[1] (3,)",
    ),
    "shape of where": (
        lambda: actlib.sigmoid(X, where=np.ones(3, bool), out=np.empty(2)),
        "sigmoid: the shapes do not broadcast: x (2,), out (2,), where (3,)",
    ),
    "shape of upstream": (
        lambda: actlib.sigmoid.backward(np.ones(3), X),
        "sigmoid: the shapes do not broadcast: upstream (3,), x (2,)",
    ),
    "shape of y": (lambda: actlib.sigmoid.inverse(X, out=np.empty(3)), "sigmoid: * do not broadcast: y (2,), out (3,)"),
    "shape of a parameter": (
        lambda: actlib.leaky_relu(X, negative_slope=[0.1, 0.2, 0.3]),
        "leaky_relu: the shapes do not broadcast: x (2,), negative_slope (3,)",
    ),
    "shape of slopes": (lambda: actlib.rrelu(X, slopes=np.ones(3)), "rrelu: * not broadcast: x (2,), slopes (3,)"),
    "two shapes": (lambda: special.logaddexp(X, np.ones(3)), "logaddexp: the shapes do not broadcast: x (2,), y (3,)"),
    "out of a series": (
        lambda: actlib.elu(SERIES, out=np.zeros(2)),
        "elu: * do not broadcast: x (3,), alpha (), out (2,)",
    ),
    "integers as out": (
        lambda: actlib.elu(SERIES, out=np.zeros(3, int)),
        "elu: out must be of a float dtype, got int64",
    ),
    "text as out": (lambda: special.ndtr(SERIES, out=np.zeros(3, "U9")), "ndtr: out must be of a float dtype, got <U9"),
    "integers as mask": (lambda: actlib.sigmoid(X, where=[1, 0]), "sigmoid: where must hold booleans, got dtype int64"),
    "text as mask": (lambda: special.ndtr(X, where="no"), "ndtr: where must hold booleans, got dtype <U2"),
    "missing label": (
        lambda: losses.cross_entropy(ROWS, MISSING),
        "cross_entropy: labels must be integers, got dtype float64, nan at index (1,): *",
    ),
    "missing code": (lambda: actlib.one_hot(MISSING), "one_hot: labels must be integers, *, nan at index (1,): *"),
    "float labels": (
        lambda: losses.cross_entropy(ROWS, [0.0, 1.0]),
        "cross_entropy: labels must be integers, got dtype float64; astype(int) makes them integers",
    ),
    "no labels": (
        lambda: losses.cross_entropy(ROWS, [0.0, 1.5]),
        "cross_entropy: labels must be integers, got dtype float64",
    ),
    "text labels": (
        lambda: losses.cross_entropy(ROWS, ["a", "b"]),
        "cross_entropy: target must be *, got 'a' at index (0,) of an array of dtype <U1",
    ),
    "ignored label": (
        lambda: losses.cross_entropy(ROWS, [0, -100]),
        "cross_entropy: labels must lie in [0, 3) (ignore_index is the label of rows to leave out), got -100 at *",
    ),
    "large label": (lambda: losses.cross_entropy(ROWS, [0, 3]), "cross_entropy: labels must lie in [0, 3), got 3 at *"),
    "negative code": (lambda: actlib.one_hot([0, -1]), "one_hot: labels must not be negative, got -1 at index (1,)"),
    "weights by name": (
        lambda: losses.cross_entropy(ROWS, LABELS, class_weight="balanced"),
        "cross_entropy: class_weight must hold one weight for each class, in the order of the classes, got 'balanced'",
    ),
    "weights as a dict": (
        lambda: losses.cross_entropy(ROWS, LABELS, class_weight={0: 1.0}),
        "cross_entropy: class_weight must hold one weight for each class, *, got {0: 1.0}",
    ),
    "no reduction": (
        lambda: losses.mse(X, X, reduction=None),
        "*: reduction must be one of *, got None, here called 'none'",
    ),
    "reduction": (
        lambda: losses.mse(X, X, reduction="sum_over_batch_size"),
        "*: reduction must be one of none, sum, mean, batchmean, got 'sum_over_batch_size', here called 'mean'",
    ),
    "list as reduction": (lambda: losses.mse(X, X, reduction=["sum"]), "*: reduction must be one of *, got ['sum']"),
    "misspelt": (
        lambda: losses.cross_entropy(ROWS, LABELS, class_weights=[1, 2, 3]),
        "cross_entropy: unknown keyword 'class_weights', similar to class_weight; expected one of: *",
    ),
    "capital": (lambda: actlib.softplus(X, Beta=2.0), "softplus: unknown keyword 'Beta', similar to beta; expected *"),
    "name": (lambda: actlib.get("ReLU"), "no activation is called 'ReLU', but 'relu' is; there are: *"),
    "huge parameter": (lambda: actlib.elu(1.0, alpha=-(10**400)), "elu: alpha must lie in (-inf, inf), got -inf"),
    "single": (
        lambda: losses.gaussian_nll(X.astype(np.float32), 0.0, variance=1e-60),
        "gaussian_nll: variance as float32 must be positive and finite, got 0.0",
    ),
    "backward first": (
        lambda: network.Dense(2, 3, actlib.elu).backward(np.ones((1, 3))),
        "Dense.backward: there is no forward pass to go back through; call forward first",
    ),
    "other rows": (
        lambda: fit(FRAME, pd.Series([1.0, 2.0, 3.0], index=[2, 0, 1])),
        "fit: X and y have rows of different labels; align them, or pass their values",
    ),
}


@pytest.mark.parametrize("case", MESSAGES)
def test_the_message_helps(case):
    call, expected = MESSAGES[case]
    pattern = ".*".join(re.escape(part) for part in expected.split("*"))
    with pytest.raises((TypeError, ValueError, KeyError, RuntimeError)) as raised:
        call()
    assert re.fullmatch(pattern, raised.value.args[0]), raised.value.args[0]


def test_what_says_everywhere_is_no_mask():
    for where in (None, True, np.True_):
        assert (actlib.sigmoid(X, where=where, out=np.empty(2)) == actlib.sigmoid(X)).all()
        assert (special.ndtr(X, where=where, out=np.empty(2)) == special.ndtr(X)).all()


def test_rows_of_equal_labels_are_fitted():
    assert fit(FRAME, pd.Series([1.0, 2.0, 3.0])).history_
    assert fit(FRAME, pd.DataFrame({"other": [1.0, 2.0, 3.0]})).history_


def test_booleans_of_other_kinds_are_masks():
    assert (actlib.softmax(X, where=pd.Series([True, False])) == [1, 0]).all()
    out = np.zeros(2)
    actlib.sigmoid(X, where=pd.array([True, False], dtype="boolean"), out=out)
    assert out[0] == actlib.sigmoid(X[0])
    assert out[1] == 0
    assert actlib.sigmoid([], where=[], out=np.empty(0)).shape == (0,)
    assert losses.mse(X, X + 1, reduction=np.str_("sum")) == 2


def test_long_integers_are_numbers():
    """As NumPy's ufuncs do not take them."""
    assert actlib.relu(10**30) == special.softplus_inverse(10**30) == 1e30
    assert actlib.relu.backward(2.0, 10**30) == 2.0
    assert losses.huber(X, X, delta=10**30) == 0.0
    assert actlib.elu(1.0, alpha=10**30) == 1.0
