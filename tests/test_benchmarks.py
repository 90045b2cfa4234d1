"""The benchmark compares like with like: every contender computes the same, and no entry is without peers.

No times are measured here.
"""

import importlib
import importlib.util
import json
import os
import sys
from pathlib import Path

import axis_cases
import cases
import numpy as np
import pytest
import special_cases

import actlib
from actlib import losses, special

FOLDER = Path(__file__).parents[1] / "benchmarks"
SIZE = 500


@pytest.fixture(scope="module")
def benchmark():
    """The modules of the benchmark, which are scripts in a folder of their own."""
    before = set(sys.modules)
    sys.path.insert(0, str(FOLDER))
    try:
        names = ("elementwise", "rows", "losses", "special", "peers", "turns", "run", "asked", "accuracy")
        yield {name: importlib.import_module(name) for name in names}
    finally:
        sys.path.remove(str(FOLDER))
        for name in set(sys.modules) - before:
            if str(FOLDER) in str(getattr(sys.modules[name], "__file__", "")):
                del sys.modules[name]


@pytest.fixture(scope="module")
def modules(benchmark):
    return benchmark["peers"].installed()[0]


def arrays(result):
    """What a contender returned, as a list of NumPy arrays."""
    if isinstance(result, tuple | list):
        return [array for part in result for array in arrays(part)]
    return [np.asarray(result.detach() if hasattr(result, "detach") else result)]


# torch's derivative of hardsigmoid is 1/6 rounded to float32, whatever the dtype
ROUNDED = {("hard_sigmoid", "value_and_derivative", "torch"): 1e-7, ("hard_sigmoid", "backward", "torch"): 1e-7}


def assert_same_job(case):
    answers = {name: arrays(call()) for name, call in case.contenders.items()}
    own = answers.pop("actlib")
    for name, theirs in answers.items():
        if name == "sklearn":
            theirs[0] = theirs[0].mean()  # one value for each sample
            theirs[1] = theirs[1] / (case.size if theirs[1].ndim == 1 else len(theirs[1]))
        # torch gives the derivative alone where autograd ran
        for mine, other in zip(own[-len(theirs) :], theirs, strict=True):
            assert mine.shape == other.shape, f"{case.function} {case.task} {name}"
            # peers are wrong in the tails, by rules of their own: compare against the largest entry
            error = np.max(np.abs(mine - other)) / np.max(np.abs(mine), initial=1e-30)
            allowed = ROUNDED.get((case.function, case.task, name), 1e-12)
            assert error <= allowed, f"{case.function} {case.task} {name}: {error}"


REGISTRIES = {
    "elementwise": actlib.ACTIVATIONS,
    "rows": actlib.AXIS_FUNCTIONS,
    "losses": losses.LOSSES,
    "special": special.SPECIAL,
}


@pytest.mark.parametrize("group", REGISTRIES)
def test_contenders_do_the_same_job(benchmark, modules, group):
    found = list(benchmark[group].cases(modules, SIZE))
    assert {case.function for case in found} == set(REGISTRIES[group])
    assert {case.dtype for case in found} == {"float32", "float64"}
    for case in found:
        if case.dtype == "float64":  # the same code serves both, and compiling takes long
            assert_same_job(case)


def test_a_wrong_contender_is_noticed(benchmark, modules):
    case = next(case for case in benchmark["elementwise"].cases(modules, SIZE) if case.function == "tanh")
    case.contenders["numpy"] = lambda: np.zeros(SIZE, np.float32)
    with pytest.raises(AssertionError, match="tanh value numpy"):
        assert_same_job(case)


@pytest.mark.parametrize(("group", "table"), REGISTRIES.items())
def test_an_entry_without_peers_raises(benchmark, monkeypatch, group, table):
    monkeypatch.setitem(table, "newcomer", None)
    with pytest.raises(LookupError, match="newcomer"):
        benchmark[group].check_complete()


def test_the_first_call_of_a_turn_is_not_counted(benchmark, monkeypatch):
    """Calls that take 9 seconds, then 3, 1 and 2, by a clock of their own."""
    clock, durations = [0.0], iter([9.0, 3.0, 1.0, 2.0])

    def call():
        clock[0] += next(durations)

    monkeypatch.setattr(benchmark["turns"].time, "perf_counter", lambda: clock[0])
    assert benchmark["turns"].seconds(call, 1, 3) == 1.0


def test_the_best_turn_counts(benchmark, monkeypatch):
    turns = benchmark["turns"]
    times = iter([1.0, 1.0, 1.0, 3.0, 8.0, 4.0, 2.0, 5.0, 6.0])
    monkeypatch.setattr(turns, "seconds", lambda call, repeats, batches=1: next(times))
    monkeypatch.setattr(turns, "LEAST_ROUNDS", 2)
    case = turns.Case("losses", "f", "value", "float32", 10, 80, {"actlib": list, "numpy": list})
    result = turns.take_turns(case, 1, {}, 0.0)
    assert result.nanoseconds == {"actlib": 2e8, "numpy": 5e8}
    assert result.ratio == 0.4
    assert result.over_copy == 0.5


def test_missing_peers_are_named(benchmark, monkeypatch):
    def missing(name):
        raise ImportError(name)

    monkeypatch.setattr(benchmark["peers"], "import_module", lambda name: np if name == "numpy" else missing(name))
    found, absent = benchmark["peers"].installed()
    assert set(found) == {"numpy"}
    assert set(absent) == set(benchmark["peers"].MODULES)


def test_results_are_printed(benchmark, capsys):
    turns, run = benchmark["turns"], benchmark["run"]
    slow = turns.Result("losses", "huber", "value", "float32", 9, 1, {"actlib": 3.0, "torch": 2.0}, 6.0)
    alone = turns.Result("losses", "hinge", "value", "float32", 9, 1, {"actlib": 3.0}, 6.0)
    assert run.line(slow).split()[-2:] == ["1.50", "0.50"]
    assert run.line(alone).split()[-2:] == ["-", "0.50"]
    run.summarise([slow, alone])
    printed = capsys.readouterr().out
    assert "0.67  of 1" in printed
    assert "1 cells in which a peer is ahead" in printed
    assert "1.50  huber value float32, 9 elements, 1 threads: torch (copy 0.50)" in printed
    assert json.loads(run.document({"date": "today"}, [slow]))["results"][0][-1] == {"actlib": 3.0, "torch": 2.0}


# ------------------------------------------------------------------------------- the peers at the points of the tests


def own_answer(question):
    """What actlib says to a question of benchmarks/asked.py."""
    if question.kind == "activations":
        return [cases.answer(question.case)]
    if question.kind == "losses":
        prediction, target = question.arrays
        return [losses.LOSSES[question.name].gradient(prediction, target, reduction="none")]
    if question.kind == "special":
        return [special_cases.answer(case) for case in question.parts]
    entry = actlib.AXIS_FUNCTIONS[question.name]
    if question.name in axis_cases.GATED:
        return [entry(axis_cases.short_rows(question.name, question.dtype)[0])]
    return [np.atleast_1d(entry(row)) for row in question.inputs()]


def first(found, name, offer="value", dtype="float32"):
    return next(one for one in found if (one.name, one.offer, one.dtype) == (name, offer, dtype))


QUESTIONS = [
    ("of_activations", "hard_swish", "value"),
    ("of_activations", "tanh", "derivative_from_output"),
    ("of_rows", "softmax", "value"),
    ("of_rows", "logsumexp", "value"),
    ("of_short_rows", "glu", "value"),
    ("of_special", "xlog1py", "value"),
    ("of_losses", "half_squared_error", "gradient"),
]


@pytest.fixture
def ask(benchmark, monkeypatch):
    """A question of a kind about a function, without those about other losses before it."""

    def one(kind, name, offer="value", dtype="float32"):
        asked, jobs = benchmark["asked"], benchmark["losses"].JOBS
        with monkeypatch.context() as patch:
            if kind == "of_losses":
                patch.setattr(benchmark["losses"], "JOBS", {name: jobs[name]})
            return first(getattr(asked, kind)(), name, offer, dtype)

    return one


@pytest.mark.parametrize(("kind", "name", "offer"), QUESTIONS)
def test_peers_are_judged_as_actlib_is(ask, kind, name, offer):
    question = ask(kind, name, offer)
    answer = own_answer(question)
    assert question.judge(answer)["ulp"] <= 1
    wrong = [np.array(one) for one in answer]
    wrong[0].ravel()[0] = 1.001 * wrong[0].ravel()[0] + 1
    assert question.judge(wrong)["ulp"] > 100
    wrong[0].ravel()[0] = np.nan
    assert question.judge(wrong)["ulp"] == 1e300  # JSON has no infinity


def installed(questions):
    """Those to a library that is here; in CI all of them have to be."""
    everywhere = os.environ.get("CI", "").lower() in ("1", "true")
    return [one for one in questions if everywhere or importlib.util.find_spec(one[-1])]


ANSWERS = [
    ("of_activations", "tanh", "derivative", "torch"),
    ("of_activations", "tanh", "derivative_from_output", "torch"),
    ("of_activations", "tanh", "derivative_from_output", "numpy"),
    ("of_rows", "logsumexp", "backward", "torch"),
    ("of_rows", "sparsemax", "backward", "torch"),
    ("of_rows", "softmin", "backward", "jax"),
    ("of_short_rows", "reglu", "backward", "torch"),
    ("of_short_rows", "maxout", "backward", "torch"),
    ("of_special", "xlogy", "gradient", "jax"),
    ("of_means", "logmeanexp", "value", "torch"),
    ("of_losses", "cross_entropy", "gradient", "torch"),
    ("of_losses", "cross_entropy", "gradient", "jax"),
    ("of_losses", "cross_entropy", "gradient", "sklearn"),
    ("of_losses", "gaussian_nll", "value", "torch"),
    ("of_losses", "multilabel_margin", "value", "torch"),
    ("of_losses", "multilabel_soft_margin", "value", "jax"),
]


@pytest.mark.parametrize(("kind", "name", "offer", "library"), installed(ANSWERS))
def test_peers_answer_what_they_are_asked(benchmark, modules, ask, kind, name, offer, library):
    """Each is right at most points of each question; where it is not, an answer to something else would be."""
    question = ask(kind, name, offer, "float64")
    answer = question.answer(library, modules[library])
    wanted = exact_answer(benchmark["asked"], question)
    for got, right in zip(answer, wanted, strict=True):
        got, right = np.ravel(got), np.ravel(right)
        assert got.shape == right.shape
        with np.errstate(all="ignore"):
            near = np.abs(got - right) <= 1e-6 * np.maximum(np.abs(right), 1e-6)
        assert np.mean(near | (got == right)) > 0.8


def exact_answer(asked, question):
    """The nearest floats of the exact results."""
    name, dtype = question.name, question.dtype
    if question.kind == "activations":
        return [asked.test_accuracy.wanted(question.case).nearest]
    if question.kind == "losses":
        return [wanted.nearest for wanted in question.wanted]
    if name == "logmeanexp":
        return asked.test_special_accuracy.exact_means(dtype)[1].nearest
    if question.kind == "special":
        return [asked.test_special_accuracy.wanted(case).nearest for case in question.parts]
    if name in (*axis_cases.GATED, *axis_cases.SELECTIONS):
        return [asked.test_axis_accuracy.exact_short_rows(name, dtype)[1].nearest]
    entry = actlib.AXIS_FUNCTIONS[name]
    return [np.array([entry.backward(g, row) for g in question.upstreams(row)]) for row in question.inputs()]


@pytest.mark.parametrize(
    ("kind", "name", "offer", "library"),
    installed([("of_losses", "hinge", "gradient", "torch"), ("of_activations", "hard_tanh", "derivative", "torch")]),
)
def test_conventions_where_a_derivative_leaps_are_no_errors(modules, ask, kind, name, offer, library):
    question = ask(kind, name, offer)
    answer = [np.array(one) for one in question.answer(library, modules[library])]
    product = np.prod(question.arrays, axis=0) if kind == "of_losses" else np.abs(cases.inputs(question.case))
    leaps = product == 1
    assert leaps.any()
    answer[0][leaps] = 0.7
    assert question.judge(answer)["ulp"] == 0
    answer[0][~leaps] = 0.7
    assert question.judge(answer)["ulp"] > 1


def test_of_several_questions_about_an_offer_the_worst_counts(benchmark, monkeypatch):
    asked = benchmark["asked"]

    class Planted(asked.Question):
        kind = "axis"
        ulp = 0.0

        def libraries(self):
            return {"numpy": None, "torch": None}

        def answer(self, library, module):
            return None if library == "torch" else [np.zeros(1, module)]

        def judge(self, results):
            return {"ulp": self.ulp}

    found = [Planted("softmax", "value", dtype) for dtype in ("float32", "float32", "float32", "float64")]
    for question, ulp in zip(found, (0.5, 3.0, 2.0, 9.0), strict=True):
        question.ulp = ulp
    monkeypatch.setattr(asked, "questions", lambda: found)
    known = asked.measured({"numpy": np.float32, "torch": None})
    assert known == {("axis", "softmax", "value", "float32"): {"numpy": {"ulp": 3.0}}}  # the other dtype is no answer


def test_peers_are_written_beside_what_the_tests_found(benchmark, monkeypatch, tmp_path):
    accuracy, asked = benchmark["accuracy"], benchmark["asked"]
    tests = {
        "softmax": "test_axis_accuracy",
        "huber.gradient": "test_losses_accuracy",
        "logit": "test_special_accuracy",
    }
    record = tmp_path / "record"
    line = {"dtype": "float32", "bound": 1.0, "ulp": 0.5}
    record.write_text("".join(json.dumps({"test": t, "title": n, **line}) + "\n" for n, t in tests.items()))
    theirs = {("axis", "softmax", "value", "float32"): {"jax": {"ulp": 9.0}}}
    theirs["losses", "huber", "gradient", "float32"] = {"sklearn": {"ulp": 1e300}}
    monkeypatch.setattr(asked, "measured", lambda modules: theirs)
    assert accuracy.main(["--record", str(record), "--json", str(tmp_path / "json")]) == 0
    written = json.loads((tmp_path / "json").read_text())
    assert {(row["kind"], row["name"]): row["peers"] for row in written["rows"]} == {
        ("axis", "softmax"): {"jax": {"ulp": 9.0}},
        ("losses", "huber"): {"sklearn": {"ulp": 1e300}},
        ("special", "logit"): {},
    }
    assert set(written["peers"]) == set(benchmark["peers"].installed()[0])
