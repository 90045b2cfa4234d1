"""What every activation returns where formulas end: at infinity, at NaN, at kinks, at zeros and at extreme numbers."""

from math import inf, nan

import cases
import numpy as np
import pytest
from methods import ENTRIES
from oracle import Exact, assert_accurate, exact

import actlib

DTYPES = cases.DTYPES.values()


def method(entry, offer):
    return entry if offer == "value" else getattr(entry, offer)


def offers(entry):
    """Names of all methods that map `x` or `y` to numbers."""
    return [offer for offer in entry.offers if offer != "parameter_gradients"]


def choices(entry):
    """Parameters as keywords: the defaults and others, all positive."""
    return [dict(c) for c in cases.parameter_choices(entry) if all(value > 0 for _, value in c)]


def expected(entry, formula, keywords, dtype):
    """A number of the entry, which may be a formula in the parameters, as the dtype returns it."""
    if not isinstance(formula, str):
        return dtype(formula)
    variables = cases.Case(entry.name, "value", np.dtype(dtype).name, tuple(keywords.items())).variables
    return dtype(exact(formula, variables))


def oscillates(entry):
    """Does the function go on oscillating, so that its derivatives have no limit and the entry says NaN?"""
    return any(isinstance(limit, float) and np.isnan(limit) for limit in entry.derivative_limits.values())


def assert_equals(got, wanted, title):
    assert type(got) is type(wanted), f"{title}: got a {type(got).__name__}, wanted a {type(wanted).__name__}"
    assert got == wanted or (got != got and wanted != wanted), f"{title}: got {got!r}, wanted {wanted!r}"


every_entry = pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
every_dtype = pytest.mark.parametrize("dtype", DTYPES, ids=lambda dtype: dtype.__name__)


@every_entry
@every_dtype
@pytest.mark.parametrize("at", [-inf, inf])
def test_limits(entry, dtype, at):
    assert at in entry.limits, f"{entry.name} does not say its limit at {at}"
    assert at in entry.derivative_limits, f"{entry.name} does not say the limit of its derivative at {at}"
    for keywords in choices(entry):
        title = f"{entry.name}({at}, {keywords})"
        assert_equals(entry(dtype(at), **keywords), expected(entry, entry.limits[at], keywords, dtype), title)
        wanted = expected(entry, entry.derivative_limits[at], keywords, dtype)
        assert_equals(entry.derivative(dtype(at), **keywords), wanted, f"derivative: {title}")
        limit = limit_of_second_derivative(entry, at, float(wanted))
        wanted = dtype(limit) if not np.isfinite(limit) else expected(entry, limit, keywords, dtype)
        assert_equals(entry.second_derivative(dtype(at), **keywords), wanted, f"second derivative: {title}")


def limit_of_second_derivative(entry, at, slope):
    """A formula that is constant far out is its own limit, one that oscillates has none; the others tend to 0, unless
    the `slope` grows without bound, as that of the exponential."""
    if oscillates(entry):
        return nan
    near, nearer = (exact(entry.second_derivative_definition, {**cases.Case(entry.name, "value", "float64").variables,
                    "x": np.copysign(x, at)}) for x in (1e308, 1e100))  # fmt: skip
    if near == nearer:
        return float(near)
    return 0 if np.isfinite(slope) else slope


@every_entry
def test_limits_are_those_of_the_definition(entry):
    """The definition at the largest and the smallest float agrees with what the entry says of infinity."""
    for keywords in choices(entry):
        variables = cases.Case(entry.name, "value", "float64", tuple(keywords.items())).variables
        for at in (-inf, inf):
            for formula, limits in (
                (entry.definition, entry.limits),
                (entry.derivative_definition, entry.derivative_limits),
            ):
                near, nearer = (exact(formula, {**variables, "x": np.copysign(x, at)}) for x in (1e308, 1e100))
                wanted = float(expected(entry, limits[at], keywords, np.float64))
                if np.isnan(wanted):
                    assert abs(near - nearer) > 1e-3, f"{formula} has no limit, yet here it is"
                elif np.isinf(wanted):
                    assert near * wanted > 0, formula
                    assert abs(near) > abs(nearer) > 100, formula  # slow growth, as of a logarithm, is growth too
                else:
                    assert abs(near - wanted) <= 1e-300 + abs(wanted) * 1e-15, formula


def is_exact(formula, end, variables):
    """Is the end of a range a number of the dtype? A rounded one lies inside the range or beyond it."""
    return not isinstance(formula, str) or exact(formula, variables) == float(end)


@every_entry
@every_dtype
def test_inverse_at_the_ends_of_the_range_and_beyond(entry, dtype):
    if "inverse" not in entry.offers:
        assert not hasattr(entry, "inverse")
        return
    for keywords in choices(entry):
        for at in (-inf, inf):
            end = expected(entry, entry.limits[at], keywords, dtype)
            variables = cases.Case(entry.name, "value", np.dtype(dtype).name, tuple(keywords.items())).variables
            if is_exact(entry.limits[at], end, variables):
                assert_equals(entry.inverse(end, **keywords), dtype(at), f"{entry.name}.inverse({end}, {keywords})")
            if np.isfinite(end):
                outside = np.nextafter(end, dtype(at))
                got = entry.inverse(np.array([outside, dtype(at)]), **keywords)
                assert np.isnan(got).all(), f"{entry.name}.inverse outside its range, {keywords}: {got}"


@every_entry
@every_dtype
def test_nan_in_nan_out(entry, dtype):
    """For every method, whatever the sign of the NaN; also where the derivative does not depend on x."""
    x = np.array([nan, -nan, 1.0], dtype)
    for keywords in choices(entry):
        y = np.array([nan, -nan, entry(dtype(1), **keywords)])
        for offer in offers(entry):
            got = method(entry, offer)(y if offer in cases.FROM_OUTPUT else x, **keywords)
            assert np.isnan(got).tolist() == [True, True, False], (offer, keywords)
        value, derivative = entry.value_and_derivative(x, **keywords)
        assert np.isnan(value[:2]).all()
        assert np.isnan(derivative[:2]).all()
        assert np.isnan(entry.backward(dtype(1), x, **keywords)[:2]).all()
        assert np.isnan(entry.backward(dtype(nan), dtype(1), **keywords))
        if "parameter_gradients" in entry.offers:
            for name, gradient in entry.parameter_gradients(dtype(1), x, **keywords).items():
                assert np.isnan(gradient), f"{name}: {gradient}"


@every_entry
def test_nan_in_a_parameter_passes_or_is_refused(entry):
    for name, parameter in entry.parameters.items():
        if parameter.default is None or entry.name in ("rrelu",):
            continue
        try:
            got = entry(-1.0, **{name: nan}) + entry(0.0, **{name: nan})
        except ValueError:
            continue
        assert np.isnan(got), f"{entry.name}: {name}=nan was ignored"


@every_entry
@every_dtype
def test_kinks(entry, dtype):
    """At a kink the derivative is what the entry says, the second derivative 0, for both signs of a zero."""
    for keywords in choices(entry):
        variables = cases.Case(entry.name, "value", np.dtype(dtype).name, tuple(keywords.items())).variables
        for kink, formula in cases.kinks(entry, variables):
            if kink != dtype(kink):  # between two floats: the tests of accuracy know on which side they are
                continue
            wanted = expected(entry, formula, keywords, dtype)
            for at in {dtype(kink), -dtype(kink)} if kink == 0 else {dtype(kink)}:
                title = f"{entry.name} at its kink {at}, {keywords}"
                assert_equals(entry.derivative(at, **keywords), wanted, title)
                assert_equals(entry.second_derivative(at, **keywords), dtype(0), title)
                assert_equals(entry.value_and_derivative(at, **keywords)[1], wanted, title)
                assert_equals(entry.backward(dtype(2), at, **keywords), dtype(2) * wanted, title)


@every_entry
def test_kinks_are_all_the_kinks(entry):
    """Where left and right slope of the definition differ there is a kink, and nowhere else.

    The slope is that of the derivative's definition beside the point; a jump of the value is a kink too.
    """
    variables = {"x": 0.0, **cases.Case(entry.name, "value", "float64").variables}
    if entry.parameters:  # not the special value at which a kink vanishes, as in elu with alpha = 1
        variables = {**variables, **dict.fromkeys(set(variables) - {"x"}, 0.3)}
    if variables.keys() >= {"min_val", "max_val"}:
        variables["min_val"] = -0.25
    kinks = {float(kink) for kink, _ in cases.kinks(entry, variables)}
    for at in {-3.0, -1.0, -0.5, 0.0, 0.5, 1.0, 3.0, 6.0, *kinks}:
        beside = [{**variables, "x": at + step} for step in (-1e-30, 1e-30) if at == 0] or [
            {**variables, "x": float(np.nextafter(at, toward))} for toward in (-inf, inf)
        ]
        jumps = [
            abs(exact(formula, beside[0]) - exact(formula, beside[1])) > 1e-9
            for formula in (entry.definition, entry.derivative_definition)
        ]
        assert any(jumps) == (at in kinks), f"{entry.name} at {at}"


@every_entry
@every_dtype
def test_sign_of_zero(entry, dtype):
    """A zero has the sign that the function has beside it: -0.0 only where it comes from below."""
    small = np.finfo(dtype).tiny ** 0.25  # its cube is not beyond the oracle
    for keywords in choices(entry):
        variables = cases.Case(entry.name, "value", np.dtype(dtype).name, tuple(keywords.items())).variables
        for zero, beside in ((dtype(0.0), small), (dtype(-0.0), -small)):
            got = entry(zero, **keywords)
            if got == 0:
                negative = exact(entry.definition, {**variables, "x": beside}) < 0
                assert np.signbit(got) == negative, f"{entry.name}({zero!r}, {keywords}) = {got!r}"


@every_dtype
@pytest.mark.parametrize("name", ["leaky_relu", "prelu", "rrelu"])
@pytest.mark.parametrize("slope", [0.0, -0.0])
def test_a_slope_of_zero_is_flat_up_to_infinity(name, dtype, slope):
    """0 * -inf has no value, but the function has a limit: the zero that it is at every other negative number."""
    entry, x = getattr(actlib, name), np.array([-inf, -1e30, -1.0], dtype)
    keyword = {"leaky_relu": "negative_slope", "prelu": "alpha", "rrelu": "slopes"}[name]
    for given in (slope, np.full(3, slope)):
        keywords = {keyword: given}
        for got in (entry(x, **keywords), entry.value_and_derivative(x, **keywords)[0]):
            assert np.all(got == 0), got
            assert np.all(np.signbit(got) == (not np.signbit(slope))), got
        assert np.all(entry.derivative(x, **keywords) == 0)
        assert np.all(entry.backward(np.full(3, 2.0), x, **keywords) == 0)
        assert np.isnan(entry(dtype(nan), **keywords if given is slope else {keyword: slope}))
    if name != "rrelu":
        gradients = entry.parameter_gradients(np.ones(3), x, **{keyword: np.full(3, slope)})
        assert np.array_equal(gradients[keyword], x), "the derivative with respect to the slope is x"


@every_dtype
def test_elu_of_a_flat_left_half(dtype):
    x = np.array([-inf, -1e30, -1.0, -0.0, nan], dtype)
    assert np.array_equal(actlib.elu(x, alpha=0.0), [0, 0, 0, 0, nan], equal_nan=True)
    assert np.array_equal(actlib.elu.derivative(x, alpha=0.0), [0, 0, 0, 0, nan], equal_nan=True)
    gradients = actlib.elu.parameter_gradients(np.ones(5), x, alpha=np.zeros(5))["alpha"]
    assert np.array_equal(gradients, [-1, -1, np.expm1(dtype(-1)), 0, nan], equal_nan=True)


@every_dtype
@pytest.mark.parametrize("name", ["sigmoid", "tanh"])
def test_sign_of_zero_of_a_decreasing_function(name, dtype):
    """The second derivative of a sigmoid is odd and falls through 0: -0.0 at 0.0, as at the numbers beside it."""
    entry, tiny = getattr(actlib, name), np.finfo(dtype).tiny
    got = entry.second_derivative(np.array([-0.0, 0.0, -tiny, tiny], dtype))
    assert got[0] == got[1] == 0
    assert np.signbit(got).tolist() == [False, True, False, True]


def monotone(entry):
    """Does the function increase everywhere, or is it a bump? Else its range begins with a minimum below the limits."""
    limits = [expected(entry, limit, {}, np.float64) for limit in entry.limits.values()]
    return not np.isnan(min(limits)) and (entry.range.low >= min(limits) or np.isinf(min(limits)))


def is_bump(entry):
    """Does the range end with a maximum above both limits?"""
    limits = [expected(entry, limit, {}, np.float64) for limit in entry.limits.values()]
    return entry.range.high > max(limits)


@every_entry
@every_dtype
def test_range(entry, dtype):
    """No value leaves the range, however large or small the input: a limit not at all, a minimum by the accuracy."""
    case = cases.Case(entry.name, "value", np.dtype(dtype).name)
    values = cases.answer(case)
    lowest = min(float(expected(entry, entry.limits[at], {}, dtype)) for at in (-inf, inf))
    if not monotone(entry):
        lowest = dtype(entry.range.low)
        assert np.min(values) < lowest * 0.99, "the minimum is lower than any value"
        lowest -= dtype(case.bound) * np.spacing(abs(lowest))
    assert np.all((lowest <= values) & (values <= dtype(entry.range.high)))


HAVE_LIMITS = [entry for entry in ENTRIES if not any(limit != limit for limit in entry.limits.values())]


@pytest.mark.parametrize("entry", HAVE_LIMITS, ids=lambda entry: entry.name)
@every_dtype
def test_monotone(entry, dtype):
    """They increase, or fall and then rise, or rise and then fall; within the accuracy, as neighbours are rounded.

    Not those whose values oscillate and have no limit.
    """
    slopes = entry.derivative_limits.values()
    assert oscillates(entry) or all(slope >= 0 for slope in slopes if not isinstance(slope, str))
    info = np.finfo(dtype)
    slack = 2 * getattr(entry.accuracy["value"], np.dtype(dtype).name)
    values = cases.answer(cases.Case(entry.name, "value", np.dtype(dtype).name))
    values = np.minimum(values, info.max) / 4  # below the largest number
    if is_bump(entry):
        turn = np.argmax(values)
        assert 0 < turn < values.size - 1
        falling = values[:turn:-1]
        assert np.all(falling >= np.maximum.accumulate(falling) * dtype(1 - slack * info.eps) - info.smallest_subnormal)
        values = values[: turn + 1]
    if not monotone(entry):
        turn = np.argmin(values)
        assert 0 < turn < values.size - 1
        falling = values[turn::-1]
        assert np.all(falling >= np.maximum.accumulate(falling) * dtype(1 + slack * info.eps) - info.smallest_subnormal)
        values = values[turn:]
    highest = np.maximum.accumulate(values)
    lowest_allowed = highest - dtype(slack) * (info.eps * np.abs(highest) + info.smallest_subnormal)
    assert np.all(values >= lowest_allowed)


@every_entry
@every_dtype
def test_extremes(entry, dtype):
    """The largest numbers behave as infinity does, without overflow on the way; subnormals are not flushed."""
    info, case = np.finfo(dtype), cases.Case(entry.name, "value", np.dtype(dtype).name)
    x = np.array([-info.max, info.max], dtype)
    wanted = Exact([exact(entry.definition, {**case.variables, "x": one}) for one in x], dtype)
    assert_accurate(f"{entry.name} at the largest numbers", x, entry(x), wanted, case.bound)
    assert np.array_equal(np.isfinite(entry(x)), np.isfinite(wanted.nearest)), "overflow on the way"
    slope = exact(entry.derivative_definition, {**cases.Case(entry.name, "value", "float64").variables, "x": 1e-300})
    if exact(entry.definition, {**cases.Case(entry.name, "value", "float64").variables, "x": 0.0}) == 0 and slope == 1:
        subnormal = info.smallest_subnormal * dtype(5)
        assert entry(subnormal) == subnormal, "a subnormal was flushed"


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    ("entry", "parameter"),
    [(actlib.elu, "alpha"), (actlib.prelu, "alpha"), (actlib.leaky_relu, "negative_slope")],
    ids=lambda value: getattr(value, "name", value),
)
def test_an_output_of_two_inputs_has_no_answer(entry, parameter, dtype):
    y = np.array([-0.5, 0.0, 0.25, 2.0], dtype)
    for question in (entry.inverse, entry.derivative_from_output):
        assert np.all(np.isnan(question(y, **{parameter: -1.0})))
        assert not np.any(np.isnan(question(y, **{parameter: 0.5})))
    if entry is not actlib.elu:
        assert np.isnan(entry.inverse(y, **{parameter: 0.0})).tolist() == [True, True, False, False]


HUGE = 1.7976931348623157e308


@pytest.mark.parametrize(
    ("got", "wanted"),
    [
        (lambda: actlib.scaled_tanh.derivative(1e10, a=1e200, b=1e200), 0.0),
        (lambda: actlib.scaled_tanh.second_derivative(0.0, a=1.0, b=1e155), -0.0),
        (lambda: actlib.scaled_tanh.second_derivative(1.0, a=1.0, b=1e200), -0.0),
        (lambda: actlib.scaled_tanh.inverse(0.0, a=1e-200, b=1e-200), 0.0),
        (lambda: actlib.scaled_tanh.inverse(1e-320, a=1e-20, b=1e-300), 1e-320 / 1e-300 / 1e-20),
        (lambda: actlib.hard_sigmoid.derivative(-5e-324, offset=1.0), 1 / 6),
        (lambda: actlib.hard_sigmoid.derivative(-1.66e-135, slope=2.17e-311, offset=1.0), 2.17e-311),
        (lambda: actlib.hard_sigmoid.derivative(5e-324, offset=1.0), 0.0),
        (lambda: actlib.silu.second_derivative(0.0, beta=HUGE), HUGE / 2),
        (lambda: actlib.silu.second_derivative(1e-310, beta=1.7e308), 8.498771838736217e307),
        (lambda: actlib.smelu.derivative(0.0, beta=5e-324), 0.5),
        (lambda: actlib.smelu.derivative(5e-324, beta=1.5e-323), 2 / 3),
        (
            lambda: actlib.softplus.parameter_gradients(
                1.0, 4.011514711687597e277, beta=1.831773915279059e-275
            )["beta"],
            -1.6340926734724532e233,
        ),
    ],
)  # fmt: skip
def test_parameters_of_all_sizes(got, wanted):
    """Products of parameters overflow and underflow where the result does not."""
    value = got()
    assert np.signbit(value) == np.signbit(wanted)
    np.testing.assert_array_max_ulp(value, wanted, 4)


@pytest.mark.parametrize("b", [-9.0, -5.0, -1.0])
def test_the_sign_of_a_gradient_that_overflows(b):
    assert actlib.glu.backward(np.array([1e200]), np.array([1e200, b]))[1] == np.inf
    assert actlib.swiglu.backward(np.array([1e170]), np.array([-b / 10, 1e170]))[0] == np.inf


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_gate_that_is_always_half_open(dtype):
    x = np.array([-np.inf, -2.0, -0.0, 0.0, 3.0, np.inf, np.nan], dtype)
    np.testing.assert_array_equal(actlib.silu(x, beta=0.0), x / 2)
    assert np.signbit(actlib.silu(x, beta=0.0)[2])
