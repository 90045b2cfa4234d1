"""Every checker has to reject what it is there to reject: faults planted one at a time, most of them once found in
a library that people use. A test that cannot fail proves nothing.
"""

import os
import subprocess
import sys
import warnings
from pathlib import Path
from types import SimpleNamespace

import cases
import numpy as np
import oracle
import pytest
import sampler
import test_accuracy
import test_arrays
import test_coefficients
import test_containers
import test_derivatives
import test_limits
import test_registry
import test_threads

import actlib

HERE = Path(__file__).parent


class Faulty:
    """An activation of which some methods are replaced."""

    def __init__(self, entry, **faults):
        self.entry, self.faults = entry, faults

    def __getattr__(self, name):
        return self.faults[name] if name in self.faults else getattr(self.entry, name)

    def __call__(self, x, /, **keywords):
        return self.faults.get("value", self.entry)(x, **keywords)


def plant(monkeypatch, name, **faults):
    """The activation `name` with faults, in the registry too."""
    faulty = Faulty(actlib.ACTIVATIONS[name], **faults)
    monkeypatch.setitem(actlib.ACTIVATIONS, name, faulty)
    return faulty


def rejected(check, *arguments, match=None):
    with pytest.raises(AssertionError, match=match):
        check(*arguments)


# accuracy


def rejected_by_accuracy(entry, offer, dtype, wrong):
    """test_accuracy's judge accepts the right answers and rejects what `wrong` makes of the inputs."""
    case = cases.Case(entry, offer, dtype)
    x, wanted = cases.inputs(case), test_accuracy.wanted(case)
    oracle.assert_accurate(str(case), x, cases.answer(case), wanted, case.bound)
    with np.errstate(all="ignore"):
        got = np.asarray(wrong(x)).astype(x.dtype)
    rejected(oracle.assert_accurate, str(case), x, got, wanted, case.bound, match="points are wrong by more than")


ACCURACY_FAULTS = {
    "wrong sign": ("tanh", "value", lambda x: -np.tanh(x)),
    "another function": ("sigmoid", "value", np.tanh),
    "constant with six digits": ("tanh", "value", lambda x: np.tanh(x * 1.000001)),
    "tail of y (1 - y)": ("sigmoid", "derivative", lambda x: actlib.sigmoid(x) * (1 - actlib.sigmoid(x))),
    "tail of 1 - y**2": ("tanh", "derivative", lambda x: 1 - np.tanh(x) ** 2),
    "overflow in exp": ("sigmoid", "value", lambda x: np.exp(x) / (1 + np.exp(x))),
    "small terms lost": ("softplus", "value", lambda x: np.log(1 + np.exp(x))),
    "threshold at 20": ("softplus", "value", lambda x: np.where(x > 20, x, np.logaddexp(0, x))),
    "exp(x) - 1 near 0": ("elu", "value", lambda x: np.where(x > 0, x, np.exp(x) - 1)),
    "y + alpha in the tail": ("elu", "derivative", lambda x: actlib.elu.derivative_from_output(actlib.elu(x))),
    "subnormals flushed": (
        "sigmoid", "value", lambda x: actlib.sigmoid(x) * (actlib.sigmoid(x) >= np.finfo(x.dtype).tiny),
    ),
    "closed branch at the kink": ("relu", "derivative", lambda x: (x >= 0) * 1.0),
    "wrong at a single point": ("softplus", "value", lambda x: actlib.softplus(x) + (x == 1)),
    "not a number at a single point": ("softplus", "value", lambda x: np.where(x == 1, np.nan, actlib.softplus(x))),
    "derivative of another order": ("sigmoid", "second_derivative", actlib.sigmoid.derivative),
    "inverse without its tail": ("softplus", "inverse", lambda y: np.log(np.exp(y) - 1)),
    "constants with eight digits": ("selu", "value", lambda x: np.where(
        x > 0, 1.05070102 * x, 1.05070102 * 1.67326319 * np.expm1(np.minimum(x, 0)))),
    "tail of 1 + erf": ("gelu", "value", lambda x: x * (1 - actlib.gelu(-x) / -x)),
    "the approximation with tanh": ("gelu", "value", lambda x: x / 2 * (
        1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x * x * x)))),
    "zero of the derivative": ("silu", "derivative", lambda x: actlib.sigmoid(x) * (1 + x * actlib.sigmoid(-x))),
    "zero times infinity": ("silu", "value", lambda x: x / (1 + np.exp(-x))),
    "logarithm of 1 + exp": ("mish", "value", lambda x: x * np.tanh(np.log(1 + np.exp(x)))),
}  # fmt: skip


@pytest.mark.parametrize("fault", ACCURACY_FAULTS)
@pytest.mark.parametrize("dtype", cases.DTYPES)
def test_accuracy_rejects(fault, dtype):
    entry, offer, wrong = ACCURACY_FAULTS[fault]
    rejected_by_accuracy(entry, offer, dtype, wrong)


def test_accuracy_rejects_an_error_just_beyond_the_promise():
    for dtype in (np.float32, np.float64):
        third = oracle.Exact([oracle.exact("1 / x", {"x": 3.0})], dtype)
        nearest = np.array([1 / dtype(3)], dtype)
        beside = np.nextafter(np.nextafter(nearest, dtype(1)), dtype(1))
        oracle.assert_accurate("1/3", [3.0], nearest, third, 0.5)
        assert 1.5 < third.errors(beside)[0] < 2.5
        rejected(oracle.assert_accurate, "1/3", [3.0], beside, third, 1.5)


def test_meter_counts_ulp():
    """At powers of two, at the ends of the floats, for NaN and for infinity."""
    one = oracle.Exact([oracle.exact("x", {"x": x}) for x in (1.0, 5e-324, 0.0, 1.7976931348623157e308)], np.float64)
    largest = np.finfo(np.float64).max
    assert one.errors([1 + 2**-52, 1e-323, 5e-324, np.inf]).tolist() == [1, 1, 1, 1]
    assert one.errors([1.0, 5e-324, -0.0, largest]).tolist() == [0, 0, 0, 0]
    assert one.errors([np.nan, 1.0, -5e-324, -np.inf])[[0, 2]].tolist() == [np.inf, 1]
    beyond = oracle.Exact([oracle.exact("x * x", {"x": 1e200}), None], np.float64)
    assert beyond.errors([np.inf, np.nan]).tolist() == [0, 0]
    assert beyond.errors([largest, 1.0]).tolist() == [1, np.inf]


def test_report_shows_every_bad_point():
    x = np.array([1.0, 2.0, 3.0])
    exact = oracle.Exact([oracle.exact("x", {"x": one}) for one in x], np.float64)
    with pytest.raises(AssertionError) as raised:
        oracle.assert_accurate("the title", x, x + np.array([0, 0.5, np.nan]), exact, 1)
    text = str(raised.value)
    assert "the title: 2 of 3 points" in text
    assert "input 0x1.0000000000000p+1 (2.0)  got 0x1.4000000000000p+1 (2.5)  wanted 0x1.0000000000000p+1" in text
    assert "got nan (nan)" in text


def test_oracle_is_not_deceived_by_cancellation():
    """With 80 digits, log(1 + exp(-800)) is 0; the oracle goes on until two precisions agree."""
    value = oracle.exact("log(1 + exp(x))", {"x": -800.0})
    assert abs(value / oracle.exact("exp(x)", {"x": -800.0}) - 1) < 1e-20
    assert abs(oracle.exact("exp(x) - 1", {"x": 5e-324}) / 5e-324 - 1) < 1e-20
    assert oracle.exact("log(x)", {"x": -1.0}) is None
    assert oracle.exact("sqrt(x) - sqrt(x)", {"x": 2.0}) == 0


def test_sampler_covers_what_it_should():
    """Many distinct points of both signs, all magnitudes, zeros, subnormals, neighbours of kinks."""
    for dtype in (np.float32, np.float64):
        info, x = np.finfo(dtype), sampler.points(dtype, extra=[2.5])
        assert len(np.unique(x)) > 1200
        assert np.sum(x < 0) > 400
        assert np.sum(x > 0) > 400
        assert np.signbit(x[x == 0]).tolist() == [True, False]
        assert np.sum(np.abs(x) < info.tiny) > 20
        assert {info.max, -info.max, info.smallest_subnormal, np.nextafter(dtype(2.5), dtype(3))} <= set(x)
        assert len(np.unique(np.frexp(x)[1])) > 200


# derivatives


@pytest.mark.parametrize(
    ("name", "attribute", "formula"),
    [
        ("sigmoid", "derivative_definition", "exp(-x) / (1 + exp(-x))"),
        ("sigmoid", "second_derivative_definition", "exp(-x) * (1 - exp(-x)) / (1 + exp(-x))**3"),
        ("tanh", "derivative_from_output_definition", "1 - y"),
        ("tanh", "inverse_definition", "log((1 + y) / (1 - y))"),
        ("leaky_relu", "derivative_definition", "cases((1, x > 0), (negative_slope**2, True))"),
        ("elu", "derivative_definition", "cases((1, x > 0), (exp(x), True))"),
        ("softplus", "derivative_definition", "1 / (1 + exp(-x))"),
        ("softplus", "inverse_definition", "log(exp(beta * y) - 1)"),
        ("relu", "derivative_definition", "cases((1, x > 1), (0, True))"),
    ],
)
def test_derivatives_reject(name, attribute, formula):
    entry = Faulty(actlib.ACTIVATIONS[name], **{attribute: formula})
    claim = attribute.removesuffix("_definition")
    with pytest.raises(Exception, match=r"step 1|does not hold"):
        test_derivatives.test_formulas_belong_together(entry, claim)


# limits, kinks, NaN


def swallows_nan(x, **keywords):
    return np.fmax(x, np.zeros_like(x))[()]


def replace(function, at, value):
    """`function`, but `value` at the input `at`."""

    def faulty(x, **keywords):
        result = np.asarray(function(x, **keywords))
        return np.where(np.asarray(x) == at, value, result).astype(result.dtype)[()]

    return faulty


def test_limits_reject_a_wrong_limit():
    entry = Faulty(actlib.sigmoid, value=replace(actlib.sigmoid, np.inf, np.nan))
    rejected(test_limits.test_limits, entry, np.float64, np.inf)
    entry = Faulty(actlib.tanh, derivative=replace(actlib.tanh.derivative, -np.inf, 1e-30))
    rejected(test_limits.test_limits, entry, np.float64, -np.inf)
    entry = Faulty(actlib.elu, limits={-np.inf: "-2 * alpha", np.inf: np.inf})
    rejected(test_limits.test_limits, entry, np.float64, -np.inf)
    rejected(test_limits.test_limits_are_those_of_the_definition, entry)


def test_limits_reject_swallowed_nan():
    for fault in (
        {"value": swallows_nan},
        {"derivative": lambda x, **_: (np.asarray(x) > 0).astype(np.asarray(x).dtype)[()]},
        {"second_derivative": lambda x, **_: np.zeros_like(x)},
        {"backward": lambda upstream, x, **_: np.where(np.asarray(x) > 0, upstream, 0.0)},
    ):
        rejected(test_limits.test_nan_in_nan_out, Faulty(actlib.relu, **fault), np.float64)


def test_limits_reject_a_wrong_kink():
    entry = Faulty(actlib.relu, derivative=replace(actlib.relu.derivative, 0, 1.0))
    rejected(test_limits.test_kinks, entry, np.float64)
    entry = Faulty(actlib.leaky_relu, derivative=replace(actlib.leaky_relu.derivative, 0, 1.0))
    rejected(test_limits.test_kinks, entry, np.float64)
    entry = Faulty(actlib.elu, second_derivative=replace(actlib.elu.second_derivative, 0, 1.0))
    rejected(test_limits.test_kinks, entry, np.float64)
    rejected(test_limits.test_kinks_are_all_the_kinks, Faulty(actlib.relu, kinks={}))
    rejected(test_limits.test_kinks_are_all_the_kinks, Faulty(actlib.sigmoid, kinks={0: 0.25}))


def test_limits_reject_a_lost_sign_of_zero():
    entry = Faulty(actlib.tanh, value=lambda x, **_: actlib.tanh(x) + type(x)(0))
    rejected(test_limits.test_sign_of_zero, entry, np.float64)
    entry = Faulty(actlib.relu, value=lambda x, **_: np.where(x > 0, x, x * type(x)(0))[()])
    rejected(test_limits.test_sign_of_zero, entry, np.float64)


def test_limits_reject_values_out_of_range_and_drops(monkeypatch):
    plant(monkeypatch, "sigmoid", value=lambda x, **_: actlib.sigmoid(x) * np.nextafter(1.0, 2))
    rejected(test_limits.test_range, actlib.ACTIVATIONS["sigmoid"], np.float64)
    plant(monkeypatch, "sigmoid", value=lambda x, **_: actlib.sigmoid(x) - 0.1 * (np.abs(x - 5) < 1))
    rejected(test_limits.test_monotone, actlib.ACTIVATIONS["sigmoid"], np.float64)
    plant(monkeypatch, "silu", value=lambda x, **_: actlib.silu(x) - (np.abs(x - 5) < 1))
    rejected(test_limits.test_monotone, actlib.ACTIVATIONS["silu"], np.float64)
    plant(monkeypatch, "silu", value=lambda x, **_: actlib.silu(x) + 0.1 * (np.abs(x + 5) < 1))
    rejected(test_limits.test_monotone, actlib.ACTIVATIONS["silu"], np.float64)
    for minimum in (-0.2784, -0.3):
        mish = plant(monkeypatch, "mish", range=actlib.entries.Interval(minimum, np.inf, True))
        rejected(test_limits.test_range, mish, np.float64)


def test_limits_reject_an_inverse_that_ends_early():
    faulty = Faulty(actlib.selu, inverse=lambda y, **_: np.where(y > -1.7, actlib.selu.inverse(y), -np.inf))
    rejected(test_limits.test_inverse_at_the_ends_of_the_range_and_beyond, faulty, np.float64)


def test_limits_reject_overflow_and_flushing():
    with np.errstate(all="ignore"):
        entry = Faulty(actlib.softplus, value=lambda x, **_: np.log(1 + np.exp(x)) + x * 0)
        rejected(test_limits.test_extremes, entry, np.float64)
    entry = Faulty(actlib.tanh, value=lambda x, **_: actlib.tanh(x) * (abs(x) > np.finfo(x.dtype).tiny))
    rejected(test_limits.test_extremes, entry, np.float64)


# arrays


def ignores_strides(x, **keywords):
    """Reads the memory beneath `x` as if it were contiguous."""
    base = x.base if isinstance(x, np.ndarray) and x.base is not None and x.base.size >= x.size else x
    return actlib.relu(np.ravel(np.asarray(base), order="K")[: np.size(x)].reshape(np.shape(x)), **keywords)


def depends_on_length(x, **keywords):
    """A vector kernel and a scalar tail that round differently."""
    result = actlib.sigmoid(x, **keywords)
    if np.ndim(result) == 1 and len(result) % 8:
        result[-1] = np.nextafter(result[-1], result.dtype.type(2))
    return result


def changes_its_input(x, **keywords):
    result = actlib.relu(x, **keywords)
    if isinstance(x, np.ndarray) and x.flags.writeable:
        x[...] = 0
    return result


def ignores_out(x, out=None, where=True):
    return actlib.relu(x)


def warns(x, **keywords):
    return np.log(1 + np.exp(x))


def returns_float64(x, **keywords):
    return actlib.relu(np.asarray(x, np.float64), **keywords)


def computes_in_place_forwards(x, out=None, where=True):
    """Writes each result before the next input is read, as if input and output never overlapped."""
    if out is None:
        return actlib.relu(x)
    for i in range(len(x)):
        out[i] = actlib.relu(x[i])
    return out


ARRAY_FAULTS = {
    "strides ignored": (ignores_strides, test_arrays.test_layouts, (np.float32, "every second")),
    "order of columns ignored": (ignores_strides, test_arrays.test_layouts, (np.float32, "column order")),
    "input changed": (changes_its_input, test_arrays.test_layouts, (np.float32, "every second")),
    "dtype not kept": (returns_float64, test_arrays.test_layouts, (np.float32, "every second")),
    "length matters": (depends_on_length, test_arrays.test_lengths_and_positions, (np.float32,)),
    "out ignored": (ignores_out, test_arrays.test_in_place, (np.float32, 1)),
    "where ignored": (ignores_out, test_arrays.test_where, (np.float32,)),
    "overlap ignored": (computes_in_place_forwards, test_arrays.test_overlap, (np.float32, 3)),
    "integers in float32": (
        lambda x, **k: actlib.relu(np.asarray(x, np.float32), **k), test_arrays.test_integers_and_booleans, (np.int64,),
    ),
    "float16 in float64": (
        lambda x, **k: np.asarray(actlib.sigmoid(np.asarray(x, np.float64), **k)), test_arrays.test_every_float16, (),
    ),
    "scalars become arrays": (
        lambda x, **k: np.asarray(actlib.relu(x, **k)), test_arrays.test_scalars_lists_and_empty_arrays, (),
    ),
}  # fmt: skip


@pytest.mark.parametrize("fault", ARRAY_FAULTS)
def test_arrays_reject(fault):
    wrong, check, arguments = ARRAY_FAULTS[fault]
    entry = actlib.sigmoid if fault in ("length matters", "float16 in float64") else actlib.relu
    check(entry, *arguments)
    rejected(check, Faulty(entry, value=wrong), *arguments)


def test_silence_rejects_a_warning():
    with pytest.raises((FloatingPointError, RuntimeWarning)):
        test_arrays.test_silence(Faulty(actlib.softplus, value=warns), np.float64)

    def python_warning(x, **keywords):
        warnings.warn("slow", stacklevel=1)
        return actlib.relu(x)

    with pytest.raises(UserWarning):
        test_arrays.test_silence(Faulty(actlib.relu, value=python_warning), np.float64)


def test_arrays_reject_an_ignored_parameter():
    entry = Faulty(actlib.leaky_relu, value=lambda x, **_: actlib.leaky_relu(x))
    rejected(test_arrays.test_parameters_broadcast_and_count, entry, np.float64)
    entry = Faulty(actlib.elu, derivative=lambda x, **_: actlib.elu.derivative(x))
    rejected(test_arrays.test_parameters_broadcast_and_count, entry, np.float64)


def test_arrays_reject_gradients_of_the_wrong_shape():
    def unsummed(upstream, x, alpha=0.25):
        return {"alpha": np.asarray(upstream * np.minimum(x, 0))}

    with pytest.raises((AssertionError, ValueError)):
        test_arrays.test_parameter_gradients_are_summed(Faulty(actlib.prelu, parameter_gradients=unsummed), np.float64)


def test_threads_reject_results_that_depend_on_them():
    def faulty(x, **keywords):
        result = actlib.tanh(x)
        if actlib.get_num_threads() > 1:
            result[len(x) // 2 :] *= result.dtype.type(1 - 1e-3)
        return result

    rejected(test_threads.test_same_bits_with_any_number_of_threads, Faulty(actlib.tanh, value=faulty), np.float64)


def test_containers_reject_plain_arrays():
    entry = Faulty(actlib.relu, value=lambda x, **_: actlib.relu(np.asarray(x)))
    for check in (test_containers.test_dask, test_containers.test_pandas, test_containers.test_xarray):
        rejected(check, entry)


# registry


def test_registry_rejects_a_missing_page(monkeypatch, tmp_path):
    assert test_registry.missing_pages(["relu", "tanh"], ["tanh"]) == ["relu"]
    monkeypatch.setattr(test_registry, "DOCS", tmp_path)
    rejected(test_registry.test_every_function_has_a_page)
    rejected(test_registry.test_every_loss_has_a_page)
    rejected(test_registry.test_page_has_its_parts, actlib.relu, match="no page")


def test_registry_rejects_a_page_without_its_parts():
    faults = test_registry.faults_of_page(".. _relu:\n\nThe rectifier.", "relu")
    assert faults == ["a doctest that calls it", "a derivation", "its names elsewhere"]


def test_registry_rejects_a_lost_alias_or_entry(monkeypatch):
    rejected(test_registry.test_names_and_aliases, Faulty(actlib.sigmoid, aliases=("sigmoid_function",)))
    monkeypatch.setattr(actlib, "__all__", [name for name in actlib.__all__ if name != "relu"])
    rejected(test_registry.test_all_is_the_registry)
    rejected(test_registry.test_names_and_aliases, actlib.relu)


def test_registry_rejects_bad_docstrings():
    good, names = actlib.elu.__doc__, ["x", "alpha", "out", "where"]
    assert test_registry.faults_of_docstring(good, names) == []
    for wrong in (
        good.replace("alpha : array_like", "beta : array_like"),
        good.replace("Returns\n-------", "Result\n------"),
        good.replace(">>>", "   "),
        good.replace("References\n----------\n", ""),
        "No sections.",
    ):
        assert test_registry.faults_of_docstring(wrong, names)


def test_registry_rejects_a_wrong_example():
    module = SimpleNamespace(__name__="faulty", __doc__=">>> 1 + 1\n3\n", __dict__={})
    wrong = type(sys)("faulty")
    wrong.__doc__ = module.__doc__
    assert test_registry.run_doctests(wrong)[:2] == (1, 1)
    rejected(test_registry.test_examples, Faulty(actlib.relu, __doc__=">>> 1 + 1\n3\n"))
    entry = SimpleNamespace(name="relu", __doc__="No example.")
    rejected(test_registry.test_examples, entry, match="has no example")


def test_coefficients_reject_a_changed_digit():
    text = (test_coefficients.KERNELS / "primitives.pxd").read_text(encoding="utf-8")
    table = [0.041666666666666664, 0.5]
    assert not test_coefficients.missing(table, text)
    assert test_coefficients.missing([0.04166666666666667 + 1e-17, 0.5000000000000001], text)


# the run itself


LEFT_OUT = """
import pytest
@pytest.mark.skip
def test_skip_mark(): pass
def test_missing_module(): pytest.importorskip("no_such_module")
@pytest.mark.xfail
def test_expected_to_fail(): assert False
def test_deselected(): pass
def test_that_passes(): pass
"""


@pytest.mark.parametrize("processes", [[], ["-n", "2"]], ids=["one process", "two processes"])
def test_nothing_is_left_out_in_ci(tmp_path, processes):
    """The same run succeeds on a user's machine and fails in CI, which names all that did not run."""
    (tmp_path / "test_some.py").write_text(LEFT_OUT)
    (tmp_path / "test_whole_file.py").write_text("import pytest\npytest.importorskip('no_such_module')\n")

    def run(ci):
        return subprocess.run(
            [
                sys.executable, *"-m pytest -q -p conftest".split(), *processes,
                "-k", "not deselected", "-c", os.devnull, tmp_path,
            ],
            env={**os.environ, "CI": ci, "PYTHONPATH": os.pathsep.join([str(HERE), os.environ.get("PYTHONPATH", "")])},
            capture_output=True,
            text=True,
            check=False,
            cwd=tmp_path,
        )  # fmt: skip

    assert run("").returncode == 0
    in_ci = run("true")
    assert in_ci.returncode == 1
    named = in_ci.stdout.partition("every test has to run, these did not")[2]
    for name in ("skip_mark", "missing_module", "expected_to_fail", "deselected", "whole_file"):
        assert f"test_{name}" in named, in_ci.stdout + in_ci.stderr
    assert "test_that_passes" not in named
