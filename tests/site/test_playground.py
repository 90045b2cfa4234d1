"""The playground without its page: its functions and its training against the library, and what its presets claim."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest
import quickjs

import actlib
from actlib import losses
from actlib.network import SGD, Dense, Network, zeros

DOCS = Path(__file__).resolve().parents[2] / "docs"
sys.path.insert(0, str(DOCS / "_ext"))
import playground  # noqa: E402

SCRIPTS = [playground.FOLDER / name for name in ("functions.js", "network.js", "settings.js")]
PRESETS = playground.presets()
DATA = playground.samples()
FUNCTIONS = playground.functions()


def script():
    """QuickJS with the playground's scripts, and run(expression), which returns what JSON can tell."""
    context = quickjs.Context()
    for path in SCRIPTS:
        context.eval(path.read_text("utf-8"))
    context.eval(f"const given = {json.dumps({'data': DATA, 'presets': PRESETS})};")
    context.eval(
        """playground.settings.CHOICES.data = Object.keys(given.data);
        const parse = (hash) => playground.settings.parse(hash, given.presets);
        function start(hash) {
          const settings = parse(hash).settings, set = given.data[settings.data];
          const part = (one) => ({ x: Float64Array.from(one.x), labels: one.labels, n: one.labels.length });
          return new playground.Training(settings, { train: part(set.train), test: part(set.test) });
        }
        function look(training) {
          const { settings, history, states, epoch, order } = training;
          const layers = training.layers.map(({ weights, bias, alpha, inputs, outputs, name }) =>
            ({ inputs, outputs, name, weights: [...weights], bias: [...bias], alpha: [...alpha] }));
          return { settings, history, states, epoch, order, layers };
        }"""
    )

    def run(expression):
        return json.loads(context.eval(f"JSON.stringify({expression})"))

    return run


@pytest.fixture(scope="module")
def run():
    return script()


# The functions

RNG = np.random.default_rng(0)
POINTS = np.concatenate(
    [
        RNG.uniform(-30, 30, 2000),
        RNG.uniform(-3, 3, 1000),
        RNG.choice([-1, 1], 1000) * 10.0 ** RNG.uniform(-300, 0, 1000),
        RNG.uniform(-700, 700, 500),
        [0.0, 1.0, -1.0, 36.7, -36.7, 709.0, -709.0],
    ]
)


def differing(found, expected):
    """The points where the two differ by more than 1e-12 of the value, or by more than any number of some size."""
    found = np.array([np.nan if value is None else value for value in found])
    return POINTS[~(np.abs(found - expected) <= 1e-12 * np.abs(expected) + 1e-290)]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_are_the_librarys(run, name):
    entry, points = actlib.ACTIVATIONS[name], json.dumps(POINTS.tolist())
    twin = f"playground.activations.{name}"
    for alpha in (entry.parameters["alpha"].default, 0.3) if name == "prelu" else (None,):
        more = {} if alpha is None else {"alpha": alpha}
        value, slope = run(f"['value', 'slope'].map((kind) => {points}.map((x) => {twin}[kind](x, {alpha or 0})))")
        assert differing(value, entry(POINTS, **more)).tolist() == []
        assert differing(slope, entry.derivative(POINTS, **more)).tolist() == []


def test_the_learned_slope_starts_as_the_librarys(run):
    assert run("playground.activations.prelu.alpha") == actlib.prelu.parameters["alpha"].default


def test_functions_are_compared():
    assert {"heaviside", "identity", "leaky_relu", "relu", "sigmoid", "softplus", "tanh", "elu"} <= set(FUNCTIONS)


def test_a_planted_digit_is_noticed(run):
    slightly = "((x) => playground.activations.tanh.value(x) * (1 + 1e-11))"
    assert len(differing(run(f"{json.dumps(POINTS.tolist())}.map({slightly})"), actlib.tanh(POINTS))) > 1000


@pytest.mark.parametrize("name", FUNCTIONS)
def test_nan_stays_nan(run, name):
    assert run(f"[playground.activations.{name}.value(NaN, 0.3), playground.activations.{name}.slope(NaN, 0.3)]") == [
        None,
        None,
    ]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_first_weights_are_chosen_as_in_the_library(run, name):
    normal = np.abs(Dense(100, 100, actlib.ACTIVATIONS[name], rng=0).parameters["weights"]).max() > np.sqrt(6 / 200)
    assert run(f"playground.activations.{name}.rectifier === true") == normal


@pytest.mark.parametrize(
    ("name", "targets"),
    [("squared_error", (0, 1)), ("squared_error", (-1, 1)), ("cross_entropy", (0, 1)), ("hinge", (-1, 1))],
)
def test_losses_are_the_librarys(run, name, targets):
    entry, points = losses.LOSSES[run(f"playground.losses.{name}.entry")], json.dumps(POINTS.tolist())
    for target in targets:
        held = np.full(POINTS.shape, float(target))
        value = entry(POINTS, held, reduction="none")
        slope = entry.gradient(POINTS, held, reduction="sum")
        of = f"(output) => playground.losses.{name}"
        assert differing(run(f"{points}.map({of}.value(output, {target}))"), value).tolist() == []
        assert differing(run(f"{points}.map({of}.slope(output, {target}))"), slope).tolist() == []


# The training


def twin(seen):
    """The library's network with the parameters of a network of the playground, and the playground's data."""
    layers = []
    for one in seen["layers"]:
        layer = Dense(one["inputs"], one["outputs"], actlib.ACTIVATIONS[one["name"]], initialisation=zeros)
        layer.parameters["weights"][...] = np.reshape(one["weights"], (one["inputs"], one["outputs"]))
        layer.parameters["bias"][...] = one["bias"]
        layers.append(layer)
        if "alpha" in layer.parameters:
            layer.parameters["alpha"][...] = one["alpha"]
    return layers


RUNS = [
    "data=rings&layers=tanh6,tanh4&batch=10",
    "data=spirals&layers=relu8,leaky_relu5,elu4&momentum=0.9&batch=32&rate=0.05",
    "data=noisy&points=37&layers=softplus5&loss=squared_error&output=sigmoid&batch=10&bias=2",
    "data=xor&layers=sigmoid5,identity3&loss=squared_error&output=tanh&init=he",
    "data=blobs&layers=&loss=hinge",
    "data=xor&layers=sigmoid6&init=zeros",
    "data=rings&layers=prelu6,prelu4&momentum=0.5",
]


@pytest.mark.parametrize("settings", RUNS)
def test_an_epoch_is_the_librarys(run, settings):
    run(f"(globalThis.training = start('{settings}'), 1)")
    before = run("look(training)")
    run("(training.trainEpoch(), 1)")
    after = run("look(training)")
    chosen, data = after["settings"], DATA[after["settings"]["data"]]
    n = chosen["points"]
    entry = losses.LOSSES[run(f"playground.losses.{chosen['loss']}.entry")]
    signs = chosen["loss"] == "hinge" or (chosen["loss"] == "squared_error" and chosen["output"] != "sigmoid")
    X = np.reshape(data["train"]["x"], (-1, 2))[:n]
    y = np.array(data["train"]["labels"], float)[:n, None]
    y = 2 * y - 1 if signs else y

    network = Network(twin(before), entry)
    optimizer = SGD(chosen["rate"], momentum=chosen["momentum"])
    order = np.array(after["order"])
    assert sorted(order) == list(range(n))
    network._record({"": (X, y, None)})
    for start in range(0, n, chosen["batch"]):
        batch = order[start : start + chosen["batch"]]
        network.loss_and_gradients(X[batch], y[batch])
        optimizer.step(network.layers)
    network._record({"": (X, y, None)})

    for found, expected in zip(after["layers"], network.layers, strict=True):
        weights = expected.parameters["weights"]
        np.testing.assert_allclose(np.reshape(found["weights"], weights.shape), weights, rtol=1e-10, atol=0)
        np.testing.assert_allclose(found["bias"], expected.parameters["bias"], rtol=1e-10, atol=0)
        if "alpha" in expected.parameters:
            np.testing.assert_allclose(found["alpha"], expected.parameters["alpha"], rtol=1e-10, atol=0)
            assert np.ptp(found["alpha"]) > 1e-3
    for name in ("loss", "gradient_norms"):
        np.testing.assert_allclose(after["history"][name], network.history_[name], rtol=1e-10, atol=0)


def test_the_generator_is_mulberry32(run):
    state, numbers = 7, []
    for _ in range(1000):
        state = (state + 0x6D2B79F5) % 2**32
        mixed = ((state ^ state >> 15) * (state | 1)) % 2**32
        mixed ^= (mixed + (mixed ^ mixed >> 7) * (mixed | 61)) % 2**32
        numbers.append((mixed ^ mixed >> 14) / 2**32)
    run("(globalThis.next = playground.generator(7), 1)")
    assert run("Array.from({ length: 1000 }, () => next())") == numbers
    assert 0.45 < np.mean(numbers) < 0.55


def test_a_run_can_be_repeated(run):
    trained = "(() => { const t = start('data=spirals&seed=3'); t.trainEpoch(); t.trainEpoch(); return look(t); })()"
    assert run(trained) == run(trained)


@pytest.mark.parametrize(
    ("stop", "words"),
    [("epochs:7", "7 epochs"), ("accuracy:0.9", "accuracy has reached"), ("patience:5", "has not fallen for 5")],
)
def test_training_stops(run, stop, words):
    data = "noisy&points=12&rate=0.5" if stop.startswith("patience") else "blobs"
    reason = run(
        f"""(() => {{ const t = start('data={data}&stop={stop}'); let why = null;
        while (!why && t.epoch < 500) {{ t.trainEpoch(); why = t.finished(0); }} return why; }})()"""
    )
    assert words in reason


def test_a_diverging_run_stops(run):
    settings = "data=xor&layers=relu4&loss=squared_error&output=identity&rate=100&stop=never"
    run(f"(globalThis.training = start('{settings}'), 1)")
    for _ in range(50):
        run("(training.trainEpoch(), 1)")
    assert "no finite number" in run("training.finished(0)")


# The settings


def test_settings_survive_the_address(run):
    for hash_ in (*PRESETS, *RUNS, "layers=", "stop=never", "stop=accuracy:0.9&seed=4294967295"):
        settings = run(f"parse({json.dumps(hash_)}).settings")
        assert run(f"parse(playground.settings.format({json.dumps(settings)})).settings") == settings


@pytest.mark.parametrize(
    ("hash_", "name", "value"),
    [
        ("#rate=x", "rate", 0.1),
        ("#rate=1e9", "rate", 100),
        ("#rate=-1", "rate", 1e-5),
        ("#points=1e9", "points", 200),
        ("#points=20.4", "points", 20),
        ("#layers=tanh4,nonsense4", "layers", [{"name": "tanh", "units": 6}, {"name": "tanh", "units": 4}]),
        ("#layers=relu999", "layers", [{"name": "relu", "units": 16}]),
        ("#layers=" + "relu2," * 9, "layers", [{"name": "tanh", "units": 6}, {"name": "tanh", "units": 4}]),
        ("#data=__proto__", "data", "rings"),
        ("#loss=%E0", "loss", "cross_entropy"),
        ("#stop=constructor:1", "stop", {"kind": "epochs", "value": 300}),
        ("#relu-deep&seed=9", "seed", 9),
    ],
)
def test_an_address_cannot_break_the_settings(run, hash_, name, value):
    assert run(f"parse({json.dumps(hash_)}).settings")[name] == value


def test_a_link_to_a_section_is_no_setting(run):
    assert run("[parse(''), parse('#how-to-read-it'), parse('#toString'), parse('#constructor=1')]") == [None] * 4


def test_presets_are_understood_to_the_last_word(run):
    for key, preset in PRESETS.items():
        settings = run(f"parse({json.dumps(key)}).settings")
        for part in preset["settings"].split("&"):
            assert part in run(f"playground.settings.format({json.dumps(settings)})").split("&"), key


# What the presets claim, in their titles and on the page


def train(key, epochs, extra=""):
    """The history of a preset, its states and its layers."""
    run = script()
    return run(
        f"""(() => {{ const t = start({json.dumps(key + extra)}); for (let k = 0; k < {epochs}; k++) t.trainEpoch();
        return look(t); }})()"""
    )


def test_sigmoid_deep_does_not_move():
    seen = train("sigmoid-deep", 200)
    history = seen["history"]
    assert min(history["loss"]) > 0.99 * np.log(2)
    assert history["accuracy"][-1] < 0.6
    assert history["gradient_norms"][0][0] < history["gradient_norms"][0][-1] / 1000
    assert max(norms[0] for norms in history["gradient_norms"]) < 1e-4


def test_relu_deep_learns_the_same_data():
    history = train("relu-deep", 10)["history"]
    assert history["validation_accuracy"][-1] > 0.95
    assert PRESETS["relu-deep"]["settings"] == PRESETS["sigmoid-deep"]["settings"].replace("sigmoid", "relu")


def test_linear_deep_is_a_straight_line():
    seen = train("linear-deep", 100)
    matrix, shift = np.eye(2), np.zeros(2)
    for layer in seen["layers"]:
        weights = np.reshape(layer["weights"], (layer["inputs"], layer["outputs"]))
        matrix, shift = matrix @ weights, shift @ weights + layer["bias"]
    data = DATA["xor"]["test"]
    right = np.mean((np.reshape(data["x"], (-1, 2)) @ matrix + shift > 0).ravel() == data["labels"])
    assert abs(right - seen["history"]["validation_accuracy"][-1]) < 1e-9  # one layer does what five do
    assert max(seen["history"]["accuracy"]) < 0.8


@pytest.mark.parametrize("place", [0, 3])
def test_any_one_layer_of_tanh_bends_the_line(place):
    layers = ["identity6"] * 4
    layers[place] = "tanh6"
    history = train("linear-deep", 200, "&layers=" + ",".join(layers))["history"]
    assert history["accuracy"][-1] > 0.9


def test_tanh_learns_the_spirals():
    assert train("tanh-spirals", 200)["history"]["validation_accuracy"][-1] > 0.9


def test_one_hidden_layer_is_enough_for_the_rings():
    seen = train("one-hidden-layer", 100)
    assert len(seen["layers"]) == 2
    assert seen["history"]["validation_accuracy"][-1] > 0.98


def test_relu_units_die_and_leaky_ones_do_not():
    dead, alive = train("dying-relu", 30), train("leaky-rescue", 60)
    assert np.mean([one["dead"] for one in dead["states"][:-1]]) > 0.85
    assert dead["history"]["gradient_norms"][-1] == [0, 0, 0]
    assert dead["history"]["accuracy"][-1] < 0.6
    assert [one["dead"] for one in alive["states"]] == [0, 0, 0]
    assert alive["history"]["accuracy"][-1] > 0.95
    assert PRESETS["dying-relu"]["settings"].replace("relu", "leaky_relu") == PRESETS["leaky-rescue"]["settings"]


def test_units_die_with_each_of_eight_seeds():
    stopped = 0
    for seed in range(1, 9):
        dead, alive = (train(key, 60, f"&seed={seed}") for key in ("dying-relu", "leaky-rescue"))
        assert np.mean([one["dead"] for one in dead["states"][:-1]]) > 0.4
        assert max(one["dead"] for one in alive["states"]) == 0
        stopped += dead["history"]["gradient_norms"][-1] == [0, 0, 0]
    assert stopped == 3


def test_a_saturated_output_learns_from_cross_entropy_only():
    slow, fast = train("squared-error-saturated", 100), train("cross-entropy-saturated", 5)
    assert slow["history"]["loss"][-1] > 0.99 * slow["history"]["loss"][0]
    assert slow["history"]["accuracy"][-1] == 0.5
    assert slow["states"][-1]["flat"] == 1
    assert fast["history"]["accuracy"][-1] > 0.98


def test_squared_error_learns_when_its_output_starts_at_0():
    assert train("squared-error-saturated", 20, "&bias=0")["history"]["accuracy"][-1] > 0.98


def test_hinge_leaves_points_beyond_the_margin_alone():
    seen = train("hinge-margin", 100)
    (layer,) = seen["layers"]
    data = DATA["blobs"]["train"]
    output = np.reshape(data["x"], (-1, 2)) @ layer["weights"] + layer["bias"]
    margins = output * (2 * np.array(data["labels"]) - 1)
    assert np.mean(margins > 1) > 0.9
    assert margins.min() > 0
    assert np.isclose(seen["history"]["loss"][-1], np.mean(np.maximum(0, 1 - margins)), rtol=1e-10)


def test_units_that_start_equal_stay_equal():
    hidden, output = train("zero-start", 100)["layers"]
    weights = np.reshape(hidden["weights"], (2, 6))
    assert np.ptp(weights, axis=1).max() == 0
    assert np.ptp(output["weights"]) == 0
    assert np.abs(weights).max() > 1e-3  # they move, together


def test_many_units_learn_the_noise():
    history = train("overfit", 800)["history"]
    assert history["accuracy"][-1] == 1
    assert history["validation_accuracy"][-1] < 0.85
    assert history["validation_loss"][-1] > 2 * min(history["validation_loss"])
