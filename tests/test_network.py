"""The network against finite differences, its optimizers against hand calculation, and its manners."""

import inspect
import json
import sys
import textwrap
import zipfile

import numpy as np
import pytest

import actlib
from actlib import datasets, losses
from actlib.network import SGD, Adam, Dense, Network, glorot, he, zeros
from actlib.network_io import check_examples

WITHOUT_SLOPE = ("heaviside", "sign")  # steps: both gradients are zero, and nothing can be learned through them
HIDDEN = [name for name in actlib.ACTIVATIONS if name not in WITHOUT_SLOPE]
LABELS = np.array([0, 2, 1, 2, 0])
REAL = np.random.default_rng(7).normal(size=(5, 3))
#: loss -> activation of the last layer, and targets of the kind that the loss reads
OUTPUTS = {
    "mean_squared_error": ("identity", REAL),
    "half_squared_error": ("sigmoid", LABELS),
    "mean_absolute_error": ("identity", REAL),
    "huber": ("identity", REAL),
    "hinge": ("identity", np.where(REAL > 0, 1.0, -1.0)),
    "binary_cross_entropy": ("sigmoid", LABELS),
    "binary_cross_entropy_with_logits": ("identity", LABELS),
    "cross_entropy": ("identity", LABELS),
    "negative_log_likelihood": ("log_softmax", LABELS),
    "categorical_cross_entropy": ("softmax", LABELS),
}


def function(name):
    return actlib.AXIS_FUNCTIONS[name] if name in actlib.AXIS_FUNCTIONS else actlib.get(name)


def small(hidden, loss="cross_entropy", *, seed=0, dtype=np.float64, **keywords):
    """A network 4 -> 6 -> 5 -> 3 with random biases, so that no gradient is special."""
    rng = np.random.default_rng(seed)
    chosen = {**getattr(function(hidden), "example", {}), **keywords}
    layers = [Dense(4, 6, function(hidden), rng=rng, dtype=dtype, **chosen)]
    layers += [Dense(layers[0].width, 5, actlib.tanh, rng=rng, dtype=dtype)]
    layers += [Dense(5, 3, function(OUTPUTS[loss][0]), rng=rng, dtype=dtype)]
    for layer in layers:
        layer.parameters["bias"] += rng.normal(size=layer.outputs).astype(dtype)
    return Network(layers, losses.LOSSES[loss])


def inputs(seed=1):
    return np.random.default_rng(seed).normal(size=(5, 4))


def check_gradients(network, X, y, bound=1e-7):
    """Compare the backward pass with central differences: the error relative to the gradient, for each array."""
    x, target, _ = check_examples(network, X, y)
    x = x.copy()
    value, upstream = network.loss.value_and_gradient(network.forward(x), target, reduction="batchmean")
    to_inputs = network.backward(upstream)
    assert float(value) == network.loss_and_gradients(x, target)
    found = [("inputs", x, to_inputs)]
    for k, layer in enumerate(network.layers):
        found += [(f"layer {k} {name}", layer.parameters[name], layer.gradients[name]) for name in layer.parameters]
    for place, array, gradient in found:
        assert array.shape == gradient.shape, place
        numerical = np.empty_like(gradient)
        for index in np.ndindex(array.shape):
            kept, step = array[index], 2.0**-17
            values = []
            for moved in (kept + step, kept - step):
                array[index] = moved
                outputs = network.forward(x)
                values.append(float(network.loss(outputs, target, reduction="batchmean")))
            array[index] = kept
            numerical[index] = (values[0] - values[1]) / (2 * step)
        size = np.linalg.norm(numerical)
        assert size > 0, f"{place}: nothing to compare"
        error = np.linalg.norm(gradient - numerical) / size
        assert error < bound, f"{place}: relative error {error:.1e}"


@pytest.mark.parametrize("loss", OUTPUTS)
@pytest.mark.parametrize("hidden", HIDDEN)
def test_gradients_are_those_of_finite_differences(hidden, loss):
    check_gradients(small(hidden, loss), inputs(), OUTPUTS[loss][1])


@pytest.mark.parametrize("hidden", ["crelu", "softmax", "log_softmax"])
def test_gradients_of_functions_along_an_axis(hidden):
    check_gradients(small(hidden), inputs(), LABELS)


def test_gradients_of_one_output():
    network = Network([Dense(4, 3, actlib.elu, rng=0), Dense(3, 1, actlib.identity, rng=1)],
                      losses.binary_cross_entropy_with_logits)
    check_gradients(network, inputs(), np.array([0, 1, 1, 0, 1]))


def test_gradients_with_parameters_of_the_activation():
    check_gradients(small("leaky_relu", negative_slope=0.3), inputs(), LABELS)
    check_gradients(small("elu", alpha=np.linspace(0.5, 2, 6)), inputs(), LABELS)


class Faulty:
    """tanh with a backward pass that is off by a factor."""

    name = "faulty"

    def __init__(self, factor):
        self.factor = factor

    def __call__(self, x):
        return actlib.tanh(x)

    def backward(self, upstream, x):
        return self.factor * actlib.tanh.backward(upstream, x)


@pytest.mark.parametrize("factor", [-1.0, 1.001, 1 + 1e-6])
def test_checker_rejects_a_wrong_activation(factor):
    layers = [Dense(4, 6, Faulty(factor), rng=0), Dense(6, 3, actlib.identity, rng=1)]
    with pytest.raises(AssertionError, match="relative error"):
        check_gradients(Network(layers, losses.cross_entropy), inputs(), LABELS)


@pytest.mark.parametrize(("right", "wrong"), [
    ("delta.sum(axis=0)", "delta.mean(axis=0)"),
    ("self.x.T @ delta", "self.x.T @ upstream"),
    ('delta @ self.parameters["weights"].T', 'upstream @ self.parameters["weights"].T'),
    ("self.activation.parameter_gradients(upstream,", "self.activation.parameter_gradients(delta,"),
])
def test_checker_rejects_a_wrong_backward(right, wrong, monkeypatch):
    source = textwrap.dedent(inspect.getsource(Dense.backward))
    assert source.count(right) == 1
    names = dict(vars(sys.modules[Dense.__module__]))
    exec(source.replace(right, wrong), names)
    monkeypatch.setattr(Dense, "backward", names["backward"])
    with pytest.raises(AssertionError, match="relative error"):
        check_gradients(small("prelu"), inputs(), LABELS)


def test_sgd_with_momentum_by_hand():
    layer = Dense(1, 1, actlib.identity, initialisation=zeros)
    optimizer = SGD(0.5, momentum=0.5)
    for gradient, expected in [(1.0, -0.5), (1.0, -1.25), (0.0, -1.625)]:  # velocities 1, 1.5, 0.75
        layer.gradients = {"weights": np.array([[gradient]])}
        optimizer.step([layer])
        assert layer.parameters["weights"] == expected


def test_first_step_of_adam_is_the_learning_rate_against_the_sign():
    layer = Dense(1, 3, actlib.identity, initialisation=zeros)
    layer.gradients = {"weights": np.array([[-1e3, 0.0, 1e-3]])}
    Adam(0.01, epsilon=0.0 + 1e-300).step([layer])
    np.testing.assert_allclose(layer.parameters["weights"], [[0.01, 0.0, -0.01]], rtol=1e-15)


@pytest.mark.parametrize("optimizer", [SGD, Adam])
def test_one_optimizer_serves_two_networks(optimizer):
    shared, histories = optimizer(0.01), []
    for each in (shared, shared, optimizer(0.01)):
        network = small("tanh").fit(inputs(), LABELS, epochs=3, rng=0, optimizer=each, verbose=False)
        histories.append(network.history_)
    assert histories[0] == histories[1] == histories[2]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("hidden", [*HIDDEN, "crelu"])
def test_same_seed_same_bits(hidden, dtype):
    X, y = datasets.blobs(60, rng=0)

    def weights(seed):
        rng = np.random.default_rng(seed)
        example = getattr(function(hidden), "example", {})
        layers = [Dense(2, 5, function(hidden), rng=rng, dtype=dtype, **example)]
        layers.append(Dense(layers[0].width, 3, actlib.identity, rng=rng, dtype=dtype))
        network = Network(layers, losses.cross_entropy)
        network.fit(X, y, epochs=3, rng=rng, verbose=False)
        return b"".join(a.tobytes() for layer in layers for a in layer.parameters.values()), network.history_

    assert weights(1) == weights(1)
    assert weights(1) != weights(2)


@pytest.mark.parametrize("hidden", HIDDEN)
@pytest.mark.parametrize("optimizer", [SGD(0.1, momentum=0.9), Adam()])
def test_float32_stays_float32(hidden, optimizer):
    network = small(hidden, dtype=np.float32)
    network.fit(inputs(), LABELS, epochs=2, rng=0, optimizer=optimizer, verbose=False)
    for layer in network.layers:
        assert {a.dtype for a in (*layer.parameters.values(), *layer.gradients.values())} == {np.dtype(np.float32)}
    assert network.predict_proba(inputs()).dtype == np.float32


def test_mixed_precision_computes_in_the_larger():
    network = Network([Dense(4, 3, actlib.tanh, dtype=np.float32), Dense(3, 3, actlib.tanh)], losses.cross_entropy)
    assert network.dtype == np.float64


def test_prelu_learns_its_slopes():
    X, y = datasets.rings(100, rng=0)
    layers = [Dense(2, 8, actlib.prelu, alpha=0.1, rng=0), Dense(8, 2, actlib.identity, rng=1)]
    Network(layers, losses.cross_entropy).fit(X, y, epochs=5, rng=0, verbose=False)
    alpha = layers[0].parameters["alpha"]
    assert alpha.shape == (8,)
    assert np.all(alpha != 0.1)
    assert alpha is layers[0].keywords["alpha"]


def test_rrelu_draws_slopes_in_training_only():
    layer = Dense(3, 4, actlib.rrelu, rng=0, lower=0.1, upper=0.5)
    x = np.random.default_rng(0).normal(size=(6, 3))
    mean = actlib.rrelu(x @ layer.parameters["weights"], lower=0.1, upper=0.5)
    np.testing.assert_array_equal(layer.forward(x), mean)
    drawn = layer.forward(x, np.random.default_rng(1))
    again = layer.forward(x, np.random.default_rng(1))
    np.testing.assert_array_equal(drawn, again)
    below = layer.z < 0
    assert np.all(drawn[below] != mean[below])
    np.testing.assert_array_equal(drawn[~below], mean[~below])
    ratios = drawn[below] / layer.z[below]
    assert 0.1 <= ratios.min() < ratios.max() < 0.5
    np.testing.assert_array_equal(layer.backward(np.ones((6, 4))),
                                  actlib.rrelu.backward(np.ones((6, 4)), layer.z, **layer.drawn)
                                  @ layer.parameters["weights"].T)


@pytest.mark.parametrize(("name", "expected"), [
    ("sigmoid", glorot), ("tanh", glorot), ("identity", glorot), ("softmax", glorot),
    ("relu", he), ("leaky_relu", he), ("prelu", he), ("rrelu", he), ("elu", he), ("softplus", he),
])
def test_initialisation_follows_the_activation(name, expected):
    weights = Dense(30, 20, function(name), rng=5).parameters["weights"]
    np.testing.assert_array_equal(weights, expected(np.random.default_rng(5), 30, 20))


def test_initialisations_have_the_variance_they_promise():
    draws = glorot(np.random.default_rng(0), 300, 200)
    assert np.abs(draws).max() <= np.sqrt(6 / 500)
    assert draws.var() == pytest.approx(2 / 500, rel=0.02)
    assert he(np.random.default_rng(0), 300, 200).var() == pytest.approx(2 / 300, rel=0.02)


def test_zero_weights_keep_units_equal():
    X, y = datasets.blobs(60, rng=0)
    layers = [Dense(2, 5, actlib.tanh, initialisation=zeros), Dense(5, 3, actlib.identity, rng=0)]
    Network(layers, losses.cross_entropy).fit(X, y, epochs=2, rng=0, verbose=False)
    layers = [Dense(2, 5, actlib.tanh, initialisation=zeros), Dense(5, 3, actlib.identity, initialisation=zeros)]
    Network(layers, losses.cross_entropy).fit(X, y, epochs=5, rng=0, verbose=False)
    assert np.ptp(layers[0].parameters["weights"], axis=1).max() == 0


def test_history_is_what_was_measured():
    (X, y), (V, w) = datasets.blobs(90, rng=0), datasets.blobs(30, rng=1)
    rng = np.random.default_rng(0)
    network = Network([Dense(2, 4, actlib.tanh, rng=rng), Dense(4, 3, actlib.identity, rng=rng)], losses.cross_entropy)
    before = losses.cross_entropy(network.forward(X), y)
    assert network.fit(X, y, epochs=4, rng=rng, validation=(V, w), verbose=False) is network
    history = network.history_
    assert set(history) == {"loss", "accuracy", "gradient_norms", "validation_loss", "validation_accuracy"}
    assert {len(values) for values in history.values()} == {5}
    assert history["loss"][0] == pytest.approx(float(before), rel=1e-15)
    assert history["loss"][-1] == pytest.approx(float(losses.cross_entropy(network.forward(X), y)), rel=1e-15)
    assert history["accuracy"][-1] == network.score(X, y)
    assert history["validation_accuracy"][-1] == network.score(V, w)
    unseen = float(losses.cross_entropy(network.forward(V), w))
    assert history["validation_loss"][-1] == pytest.approx(unseen, rel=1e-15)
    network.loss_and_gradients(X, y)
    assert history["gradient_norms"][-1] == [np.linalg.norm(layer.gradients["weights"]) for layer in network.layers]
    assert json.loads(json.dumps(history)) == history


def test_learns_what_a_line_cannot():
    X, y = datasets.xor(300, rng=0)
    rng = np.random.default_rng(0)
    deep = Network([Dense(2, 16, actlib.relu, rng=rng), Dense(16, 2, actlib.identity, rng=rng)], losses.cross_entropy)
    line = Network([Dense(2, 2, actlib.identity, rng=rng)], losses.cross_entropy)
    for network in (deep, line):
        network.fit(X, y, epochs=60, rng=rng, optimizer=Adam(0.02), verbose=False)
    assert deep.score(X, y) > 0.95
    assert line.score(X, y) < 0.75


def test_regression_with_outliers():
    X, y, outlier = datasets.outliers(60, rng=0)
    slopes = {}
    for loss in (losses.mean_squared_error, losses.huber):
        network = Network([Dense(1, 1, actlib.identity, rng=0)], loss)
        network.fit(X, y, epochs=400, batch_size=60, optimizer=SGD(0.2), verbose=False)
        assert "accuracy" not in network.history_
        prediction = network.predict(X)
        assert prediction.shape == (60,)
        slopes[loss.name] = np.abs(prediction - (1 + 2 * X[:, 0]))[~outlier].mean()
        explained = 1 - np.sum((y - prediction) ** 2) / np.sum((y - y.mean()) ** 2)
        assert network.score(X, y) == pytest.approx(explained, rel=1e-12)
    assert slopes["huber"] < slopes["mean_squared_error"] / 3


def test_parameters_of_the_loss():
    X, y, _ = datasets.outliers(20, rng=0)
    network = Network([Dense(1, 1, actlib.identity, rng=0)], losses.huber, delta=0.25)
    network.fit(X, y, epochs=1, verbose=False)
    assert network.history_["loss"][-1] == float(losses.huber(network.forward(X), y[:, None], delta=0.25))


@pytest.mark.parametrize(("loss", "last"), [("binary_cross_entropy_with_logits", "identity"),
                                        ("binary_cross_entropy", "sigmoid"), ("mean_squared_error", "sigmoid")])
def test_two_classes_by_one_output(loss, last):
    X, y = datasets.two_classes(200, noise=0.0, rng=0)
    rng = np.random.default_rng(0)
    layers = [Dense(2, 12, actlib.tanh, rng=rng), Dense(12, 1, actlib.get(last), rng=rng)]
    network = Network(layers, losses.LOSSES[loss]).fit(X, y, epochs=150, rng=rng, optimizer=Adam(0.03), verbose=False)
    probabilities = network.predict_proba(X)
    assert probabilities.shape == (200, 2)
    np.testing.assert_array_equal(probabilities.sum(axis=1), 1.0)
    np.testing.assert_array_equal(network.predict(X), (probabilities[:, 1] > 0.5).astype(int))
    assert network.score(X, y) > 0.9


def test_probabilities_of_many_classes():
    network = small("tanh")
    probabilities = network.predict_proba(inputs())
    np.testing.assert_allclose(probabilities.sum(axis=1), 1.0, rtol=1e-15)
    np.testing.assert_array_equal(network.predict(inputs()), probabilities.argmax(axis=1))
    same = small("tanh", "negative_log_likelihood")
    np.testing.assert_allclose(same.predict_proba(inputs()), probabilities, rtol=1e-14)


def test_labels_and_their_rows_of_ones_are_the_same():
    for loss in ("cross_entropy", "half_squared_error", "binary_cross_entropy_with_logits"):
        first, second = small("tanh", loss), small("tanh", loss)
        first.fit(inputs(), LABELS, epochs=2, rng=0, verbose=False)
        second.fit(inputs(), np.eye(3)[LABELS], epochs=2, rng=0, verbose=False)
        np.testing.assert_allclose(first.history_["loss"], second.history_["loss"], rtol=1e-14)
        assert "accuracy" in first.history_
        assert "accuracy" not in second.history_


def test_progress_bar_with_tqdm(capsys):
    small("tanh").fit(inputs(), LABELS, epochs=3, rng=0)
    out, err = capsys.readouterr()
    assert out == ""
    assert "3/3" in err
    assert "accuracy" in err


def test_one_line_without_tqdm(capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "tqdm", None)
    small("tanh").fit(inputs(), LABELS, epochs=3, rng=0)
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("3 epochs: loss ")
    assert err.count("\n") == 1


def test_quiet(capsys):
    small("tanh").fit(inputs(), LABELS, epochs=3, rng=0, verbose=False)
    assert capsys.readouterr() == ("", "")


def test_nothing_but_its_own_parameters_is_changed():
    X, y = inputs(), LABELS.copy()
    X.flags.writeable = y.flags.writeable = False
    kept = X.copy(), y.copy()
    network = small("relu").fit(X, y, epochs=2, verbose=False)
    network.predict(X)
    np.testing.assert_array_equal(X, kept[0])
    np.testing.assert_array_equal(y, kept[1])


def test_lists_and_integers_are_inputs_too():
    X = [[0, 1, 2, 3], [1, 1, 0, 2], [3, 0, 0, 1]]
    network = small("tanh").fit(X, [0, 1, 2], epochs=1, verbose=False)
    assert network.predict(X).shape == (3,)


@pytest.mark.parametrize("hidden", [*HIDDEN, "crelu"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_save_and_load(hidden, dtype, tmp_path):
    network = small(hidden, dtype=dtype)
    network.fit(inputs(), LABELS, epochs=2, rng=0, verbose=False)
    network.save(tmp_path / "network.npz")
    loaded = Network.load(tmp_path / "network.npz")
    assert repr(loaded) == repr(network)
    assert loaded.predict_proba(inputs()).tobytes() == network.predict_proba(inputs()).tobytes()
    for mine, its in zip(loaded.layers, network.layers, strict=True):
        assert mine.keywords.keys() == its.keywords.keys()
    loaded.fit(inputs(), LABELS, epochs=2, rng=0, verbose=False)
    network.fit(inputs(), LABELS, epochs=2, rng=0, verbose=False)
    assert loaded.history_ == network.history_


def test_save_keeps_keywords_and_holds_no_pickle(tmp_path):
    path = tmp_path / "without a suffix"
    layers = [Dense(4, 2, actlib.elu, alpha=np.array([0.5, 2.0]), rng=0)]
    Network(layers, losses.huber, delta=2.0).save(path)
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            with archive.open(name) as file:
                np.lib.format.read_array(file, allow_pickle=False)
    loaded = Network.load(path)
    assert loaded.keywords == {"delta": 2.0}
    assert loaded.layers[0].keywords == {"alpha": [0.5, 2.0]}


def test_load_refuses_other_files(tmp_path):
    np.savez(tmp_path / "other.npz", a=np.ones(3))
    with pytest.raises(ValueError, match=r"other\.npz: not a file of Network\.save; it holds \['a'\]"):
        Network.load(tmp_path / "other.npz")


def with_value(value, *place):
    X = inputs()
    X[place] = value
    return X


@pytest.mark.parametrize(("X", "y", "error", "message"), [
    (np.ones((5, 3)), LABELS, ValueError, r"X: expected shape \(n, 4\) with n at least 1, got \(5, 3\)"),
    (np.ones(4), LABELS, ValueError, r"X: expected shape \(n, 4\) with n at least 1, got \(4,\)"),
    (np.ones((0, 4)), LABELS[:0], ValueError, r"X: expected shape \(n, 4\) with n at least 1, got \(0, 4\)"),
    (with_value(np.nan, 3, 1), LABELS, ValueError, r"X: expected finite numbers of .*64, got nan at index \(3, 1\)"),
    (with_value(-np.inf, 0, 2), LABELS, ValueError, r"X: expected finite numbers of .*64, got -inf at index \(0, 2\)"),
    (np.full((5, 4), "a"), LABELS, TypeError, "X: expected real numbers, got <U1"),
    (np.ones((5, 4), complex), LABELS, TypeError, "X: expected real numbers, got complex128"),
    (inputs(), np.array([0, 1, 3, 1, 0]), ValueError, r"y: labels must be integers in \[0, 3\), got 3 at index 2"),
    (inputs(), np.array([0, 1, 2, 1, -1]), ValueError, r"y: labels must be integers in \[0, 3\), got -1 at index 4"),
    (inputs(), LABELS[:4], ValueError,
     r"y: expected integer labels of shape \(5,\) or targets of shape \(5, 3\), got int64 of shape \(4,\)"),
    (inputs(), LABELS.astype(float), ValueError, r"got float64 of shape \(5,\)"),
    (inputs(), np.full((5, 3), np.nan), ValueError, r"y: expected finite numbers of .*64, got nan at index \(0, 0\)"),
])
def test_bad_examples(X, y, error, message):
    network = small("tanh")
    with pytest.raises(error, match=message):
        network.fit(X, y, verbose=False)
    assert network.history_ == {}


def test_bad_arguments():
    network = small("tanh")
    with pytest.raises(ValueError, match="epochs must be at least 1, got 0"):
        network.fit(inputs(), LABELS, epochs=0)
    with pytest.raises(ValueError, match="batch_size must be at least 1, got -3"):
        network.fit(inputs(), LABELS, batch_size=-3)
    with pytest.raises(ValueError, match=r"validation y: labels must be integers in \[0, 3\), got 9 at index 0"):
        network.fit(inputs(), LABELS, validation=(inputs(), np.full(5, 9)))
    with pytest.raises(ValueError, match="layer 0 gives 5 values, layer 1 expects 4"):
        Network([Dense(2, 5, actlib.relu), Dense(4, 1, actlib.identity)], losses.mean_squared_error)
    with pytest.raises(ValueError, match="layer 0 gives 10 values, layer 1 expects 5"):
        Network([Dense(2, 5, actlib.crelu), Dense(5, 1, actlib.identity)], losses.mean_squared_error)
    with pytest.raises(ValueError, match="expected at least one layer, got none"):
        Network([], losses.mean_squared_error)
    with pytest.raises(ValueError, match="outputs must be at least 1, got 0"):
        Dense(3, 0, actlib.relu)
    with pytest.raises(TypeError, match="negative_slop"):
        Dense(3, 2, actlib.leaky_relu, negative_slop=0.1)
    with pytest.raises(TypeError, match=r"activation must be a function of actlib such as actlib\.relu, got 'relu'"):
        Dense(3, 2, "relu")
    with pytest.raises(ValueError, match="dtype must be float32 or float64, got int64"):
        Dense(3, 2, actlib.relu, dtype=np.int64)
    with pytest.raises(TypeError, match=r"loss must be one of actlib\.losses, got 'mse'"):
        Network([Dense(3, 2, actlib.relu)], "mse")
    with pytest.raises(ValueError, match=r"X: expected finite numbers of float32, got 1e\+300 at index \(0, 0\)"):
        small("tanh", dtype=np.float32).predict(with_value(1e300, 0, 0))
    for wrong in (0, -1.0, np.inf, np.nan):
        with pytest.raises(ValueError, match=f"learning_rate must be positive and finite, got {wrong}"):
            SGD(wrong)
    with pytest.raises(ValueError, match=r"momentum must lie in \[0, 1\), got 1"):
        SGD(0.1, momentum=1)
    with pytest.raises(ValueError, match=r"beta2 must lie in \[0, 1\), got 1.5"):
        Adam(beta2=1.5)


def test_a_regression_has_no_probabilities():
    network = Network([Dense(4, 3, actlib.identity, rng=0)], losses.mean_squared_error)
    with pytest.raises(TypeError, match="is a regression; expected sigmoid or softmax at its end"):
        network.predict_proba(inputs())
    with pytest.raises(ValueError, match=r"expected targets of shape \(5, 3\), got int64 of shape \(5,\)"):
        network.fit(inputs(), LABELS)


def test_score_of_a_classifier_needs_labels():
    with pytest.raises(ValueError, match="score: y must be integer labels"):
        small("tanh").score(inputs(), np.eye(3)[LABELS])


def test_divergence_is_an_error_that_names_the_epoch():
    X, y, _ = datasets.outliers(20, rng=0)
    network = Network([Dense(1, 1, actlib.identity, rng=0)], losses.mean_squared_error)
    with pytest.raises(FloatingPointError, match=r"the loss is (inf|nan) after epoch \d+.*smaller than 1e\+?100"):
        network.fit(X, y, optimizer=SGD(1e100), verbose=False)


@pytest.mark.parametrize(("loss", "last", "outputs", "message"), [
    ("cross_entropy", "softmax", 3, "cross_entropy reads scores and applies softmax itself; expected identity"),
    ("cross_entropy", "sigmoid", 3, "got sigmoid"),
    ("binary_cross_entropy_with_logits", "sigmoid", 1, "applies sigmoid itself; expected identity in the last layer"),
    ("negative_log_likelihood", "identity", 3, "expected log_softmax in the last layer, got identity"),
    ("negative_log_likelihood", "softmax", 3, "expected log_softmax in the last layer, got softmax"),
    ("cross_entropy", "identity", 1, "expected one output for each class, or binary_cross_entropy_with_logits"),
    ("mean_squared_error", "softmax", 1, "softmax of a single output is always 1"),
])
def test_a_last_layer_that_does_not_suit_the_loss(loss, last, outputs, message):
    with pytest.raises(ValueError, match=message):
        Network([Dense(4, outputs, function(last), rng=0)], losses.LOSSES[loss])


def test_layers_are_separate_objects():
    layer = Dense(3, 3, actlib.tanh, rng=0)
    with pytest.raises(ValueError, match="layer 1 stands in the list twice"):
        Network([layer, layer], losses.mean_squared_error)
    with pytest.raises(TypeError, match=r"expected Dense layers, got <.*relu.*> as layer 1"):
        Network([layer, actlib.relu], losses.mean_squared_error)


def test_more_bad_arguments():
    network = small("tanh")
    for name in ("epochs", "batch_size"):
        with pytest.raises(TypeError, match=rf"fit: {name} must be an integer, got 2\.5"):
            network.fit(inputs(), LABELS, verbose=False, **{name: 2.5})
    with pytest.raises(TypeError, match="Dense: outputs must be an integer, got '3'"):
        Dense(3, "3", actlib.relu)
    with pytest.raises(TypeError, match=r"optimizer must be an Optimizer such as SGD\(0\.1\), got 'adam'"):
        network.fit(inputs(), LABELS, optimizer="adam")
    with pytest.raises(TypeError, match=r"validation must be a pair \(X, y\), got ndarray"):
        network.fit(inputs(), LABELS, validation=inputs())
    with pytest.raises(FloatingPointError, match=r"inf before the first epoch.*scale inputs"):
        Network([Dense(4, 1, actlib.relu, rng=0)], losses.mean_squared_error).fit(1e200 * inputs(), LABELS)


def test_score_of_equal_targets():
    network = Network([Dense(4, 1, actlib.identity, rng=0)], losses.mean_squared_error)
    with pytest.raises(ValueError, match=r"the targets must differ from each other, got 2\.0 throughout"):
        network.score(inputs(), np.full(5, 2.0))


@pytest.mark.parametrize("content", [b"", b"junk"])
def test_load_refuses_what_is_no_archive(content, tmp_path):
    (tmp_path / "other").write_bytes(content)
    with pytest.raises(ValueError, match=r"other: not a file of Network\.save$"):
        Network.load(tmp_path / "other")
    with pytest.raises(FileNotFoundError):
        Network.load(tmp_path / "absent")


def test_load_refuses_a_single_array(tmp_path):
    np.save(tmp_path / "other.npy", np.ones(3))
    with pytest.raises(ValueError, match=r"other\.npy: not a file of Network\.save$"):
        Network.load(tmp_path / "other.npy")


def test_save_refuses_what_load_would_not_find(tmp_path):
    network = Network([Dense(4, 2, Faulty(1), rng=0)], losses.mean_squared_error)
    with pytest.raises(ValueError, match="save: expected functions of actlib"):
        network.save(tmp_path / "network.npz")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("keyword", ["axis", "ignore_index", "out", "reduction", "sample_weight"])
def test_what_the_loss_of_a_network_does_not_take(keyword):
    with pytest.raises(TypeError, match=f"the loss of a network takes no {keyword}"):
        Network([Dense(2, 2, actlib.identity, rng=0)], losses.cross_entropy, **{keyword: None})
