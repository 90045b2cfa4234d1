"""The benchmark compares like with like: every contender computes the same, and no entry is without peers.

No times are measured here.
"""

import importlib
import json
import sys
from pathlib import Path

import numpy as np
import pytest

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
        names = ("elementwise", "rows", "losses", "special", "peers", "turns", "run")
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


def test_the_best_round_counts(benchmark, monkeypatch):
    turns = benchmark["turns"]
    times = iter([1.0, 1.0, 1.0, 3.0, 8.0, 4.0, 2.0, 5.0, 6.0])
    monkeypatch.setattr(turns, "seconds", lambda call, repeats: next(times))
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
