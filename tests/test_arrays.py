"""A result does not depend on where and how its input lies in memory; dtypes, shapes, out= and where= are kept.

The reference is always the same method on a contiguous, aligned copy: equal bits are wanted, not close numbers.
"""

import re
import warnings
from decimal import Decimal
from functools import partial

import numpy as np
import pytest
from methods import ENTRIES, methods, mixture, special_values
from oracle import assert_same_bits

import actlib

every_entry = pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
every_dtype = pytest.mark.parametrize("dtype", [np.float32, np.float64], ids=lambda dtype: dtype.__name__)

LENGTHS = (0, 1, 2, 7, 8, 9, *range(15, 71), 511, 512, 513, 1000, 100_003)
INTEGERS = (np.bool_, *(np.dtype(code).type for code in "bBhHiIlLqQ"))


def misaligned(x):
    """The same numbers, starting one byte after an aligned address."""
    room = np.empty(x.nbytes + 1, np.uint8)
    view = room[1:].view(x.dtype)
    view[...] = x
    assert not view.flags.aligned or x.itemsize == 1
    return view


def read_only(x):
    x = x.copy()
    x.flags.writeable = False
    return x


def spread(x, step):
    """The same numbers, `step` places apart."""
    room = np.full(x.size * abs(step), 7, x.dtype)
    view = room[::step]
    view[...] = x
    return view


LAYOUTS = {
    "every second": lambda x: spread(x, 2),
    "every fifth": lambda x: spread(x, 5),
    "backwards": lambda x: spread(x, -1),
    "backwards, every third": lambda x: spread(x, -3),
    "column order": lambda x: np.asfortranarray(x.reshape(17, 59)),
    "transposed": lambda x: np.ascontiguousarray(x.reshape(59, 17).T).T,
    "column of a matrix": lambda x: np.stack([x, x], axis=1)[:, 1],
    "misaligned": misaligned,
    "other byte order": lambda x: x.astype(x.dtype.newbyteorder()),
    "read only": read_only,
    "three dimensions, one reversed": lambda x: np.ascontiguousarray(x.reshape(17, 59, 1)[::-1])[::-1],
    "a subclass": lambda x: x.view(np.recarray),
}


@every_entry
@every_dtype
@pytest.mark.parametrize("layout", LAYOUTS)
def test_layouts(entry, dtype, layout):
    x = mixture(dtype, 1003)
    laid_out = LAYOUTS[layout](x)
    before = laid_out.copy()
    for name, method in methods(entry).items():
        wanted = method(x).reshape(laid_out.shape)
        assert wanted.dtype == dtype
        got = np.asarray(method(laid_out))
        assert_same_bits(f"{entry.name}.{name}, {layout}", before.astype(dtype), got, wanted)
        assert_same_bits(f"{entry.name}.{name}: its input", before, laid_out, before)


@every_entry
@every_dtype
def test_lengths_and_positions(entry, dtype):
    """The first n elements alone, and the last n, give what they give in a long array."""
    x = mixture(dtype, max(LENGTHS))
    for name, method in methods(entry).items():
        whole = method(x)
        for n in LENGTHS:
            assert_same_bits(f"{entry.name}.{name}, first {n}", x[:n], method(x[:n].copy()), whole[:n])
            start = len(x) - n
            assert_same_bits(f"{entry.name}.{name}, last {n}", x[start:], method(x[start:]), whole[start:])


@every_entry
@every_dtype
def test_one_at_a_time(entry, dtype):
    x = mixture(dtype, 60)
    for name, method in methods(entry).items():
        alone = [method(one) for one in x]
        assert all(type(one) is dtype for one in alone)
        assert_same_bits(f"{entry.name}.{name}", x, np.array(alone), method(x))


@every_entry
@every_dtype
@pytest.mark.parametrize("step", [1, 2, -1], ids=["contiguous", "strided", "backwards"])
def test_in_place(entry, dtype, step):
    for name, method in methods(entry).items():
        for n in (1, 33, 1003):
            x = mixture(dtype, n)
            wanted = method(x)
            same = spread(x, step)
            result = method(same, out=same)
            assert result is same
            assert_same_bits(f"{entry.name}.{name}, in place, {n}", x, same, wanted)


@every_entry
@every_dtype
@pytest.mark.parametrize("shift", [1, 3, 16])
def test_overlap(entry, dtype, shift):
    """Input and output share memory, shifted against each other, in both directions."""
    for name, method in methods(entry).items():
        for source, target in ((slice(None, -shift), slice(shift, None)), (slice(shift, None), slice(None, -shift))):
            room = mixture(dtype, 700)
            x = room[source].copy()
            method(room[source], out=room[target])
            assert_same_bits(f"{entry.name}.{name}, overlap {shift}", x, room[target], method(x))


@every_entry
@every_dtype
def test_out(entry, dtype):
    """out= of every layout is filled and returned; a wider dtype is cast to, a narrower one refused."""
    x = mixture(dtype, 1003)
    for name, method in methods(entry).items():
        wanted = method(x)
        for layout in ("every second", "backwards", "misaligned", "other byte order"):
            out = LAYOUTS[layout](np.zeros(x.size, dtype))
            assert method(x, out=out) is out
            assert_same_bits(f"{entry.name}.{name}, out {layout}", x, out.astype(dtype), wanted)
        wide = np.zeros(x.size, np.float64)
        method(x, out=wide)
        assert_same_bits(f"{entry.name}.{name}, out float64", x, wide, wanted.astype(np.float64))
        with pytest.raises(TypeError):
            method(x, out=np.zeros(x.size, np.int32))
        with pytest.raises(ValueError, match="shape"):
            method(x, out=np.zeros(3, dtype))


@every_entry
@every_dtype
def test_where(entry, dtype):
    x = mixture(dtype, 1003)
    chosen = np.random.default_rng(1).random(x.size) < 0.5
    for name, method in methods(entry).items():
        out = np.full(x.size, 7, dtype)
        method(x, out=out, where=chosen)
        assert_same_bits(f"{entry.name}.{name}, where", x, out, np.where(chosen, method(x), dtype(7)))


@every_entry
@every_dtype
def test_value_and_derivative(entry, dtype):
    """Both in one pass are the two alone, bit for bit; out= takes a pair."""
    for x in (mixture(dtype, 1003), spread(mixture(dtype, 1003), -2), mixture(dtype, 1003).reshape(17, 59).T):
        value, derivative = entry.value_and_derivative(x)
        assert_same_bits(f"{entry.name}, value", x, value, entry(x))
        assert_same_bits(f"{entry.name}, derivative", x, derivative, entry.derivative(x))
        out = np.empty_like(x), np.empty_like(x)
        returned = entry.value_and_derivative(x, out=out)
        assert returned[0] is out[0]
        assert returned[1] is out[1]
        assert_same_bits(f"{entry.name}, out", x, out[0], value)
        assert_same_bits(f"{entry.name}, out", x, out[1], derivative)
    one = entry.value_and_derivative(dtype(0.5))
    assert [type(part) for part in one] == [dtype, dtype]


@every_entry
@every_dtype
def test_broadcast(entry, dtype):
    """An input of stride 0, and an upstream gradient that broadcasts against x."""
    column, row = mixture(dtype, 40)[:, None], mixture(dtype, 700)
    for name, method in methods(entry).items():
        wide = np.broadcast_to(column, (40, 700))
        assert_same_bits(f"{entry.name}.{name}", wide, method(wide), method(wide.copy()))
    got = entry.backward(column, row)
    full = np.ascontiguousarray(np.broadcast_to(column, (40, 700))), np.tile(row, (40, 1))
    assert_same_bits(f"{entry.name}.backward", full[1], got, entry.backward(*full))


# what else has to be said for a parameter to be free: the ends of a clip are in order
BESIDE = {("hard_tanh", "min_val"): {"max_val": np.inf}}


def mentions(entry, method_name, parameter):
    """Does the formula behind a method depend on the parameter? (The slopes of rrelu replace its two bounds.)"""
    formula = getattr(entry, entry.offers.get(method_name, "derivative_definition"))
    return re.search(rf"\b{'lower' if parameter == 'slopes' else parameter}\b", formula)


@every_entry
@every_dtype
def test_parameters_broadcast_and_count(entry, dtype):
    """An array of parameters gives, at each place, what the number there gives; and it makes a difference."""
    x = mixture(dtype, 400)
    for name, parameter in entry.parameters.items():
        values = np.linspace(0.25, 2.5, x.size)
        if entry.name == "rrelu" and name != "slopes":  # two numbers, which bound the slopes
            lower_slope, higher_slope = (entry(-1.0, **{name: v}) for v in (0.2, 0.3))
            assert lower_slope > higher_slope
            continue
        numbers = np.random.default_rng(2).permutation(values)
        keywords = {name: numbers}
        for method_name, plain_method in methods(entry).items():
            method = partial(plain_method, **BESIDE.get((entry.name, name), {}))
            got = method(x, **keywords)
            assert got.dtype == dtype
            wanted = [method(one, **{name: number}) for one, number in zip(x, numbers, strict=True)]
            assert_same_bits(f"{entry.name}.{method_name}, {name}", x, got, np.array(wanted))
            assert_same_bits("strided parameter", x, method(x, **{name: spread(numbers, -2)}), got)
            assert_same_bits("float32 parameter", x, method(x, **{name: numbers.astype(dtype)}), got)
            if mentions(entry, method_name, name):
                at = np.array([-1.5, -0.5, 0.0, 0.5, 1.5])
                one, other = method(at, **{name: 0.7}), method(at, **{name: 1.9})
                assert not np.array_equal(one, other, equal_nan=True), f"{method_name} ignores {name}"
        assert parameter.interval.contains(0.7)


@every_entry
@pytest.mark.parametrize("kind", INTEGERS, ids=lambda kind: kind.__name__)
def test_integers_and_booleans(entry, kind):
    """They are computed as float64, through the ufunc too, at the ends of their range and in every layout."""
    info = None if kind is np.bool_ else np.iinfo(kind)
    values = [0, 1] if info is None else [info.min, info.max, 0, 1, 2, 3, info.max // 2]
    x = np.array(values * 9, kind)
    for name, method in methods(entry).items():
        wanted = method(x.astype(np.float64))
        assert_same_bits(f"{entry.name}.{name}", x, method(x), wanted)
        assert_same_bits(f"{entry.name}.{name}, strided", x, method(spread(x, -3)), wanted)
    if not entry.parameters:
        assert_same_bits(f"{entry.name}.ufunc", x, entry.ufunc(x), entry(x))
    assert type(entry(x[3])) is np.float64


@every_entry
def test_every_float16(entry):
    """float16 is computed in float32 and rounded; so for each of its 65536 numbers."""
    x = np.arange(2**16, dtype=np.uint16).view(np.float16)
    # the parameters are float16 too
    rounded = {name: np.float32(np.float16(p.default)) for name, p in entry.parameters.items() if p.default is not None}
    if entry.name == "rrelu":
        rounded = {"slopes": np.float32(np.float16(11 / 48))}
    for name, method in methods(entry).items():
        with np.errstate(all="ignore"):
            wanted = method(x.astype(np.float32), **rounded).astype(np.float16)
        got = method(x)
        assert_same_bits(f"{entry.name}.{name}", x, got, wanted)
        assert_same_bits(f"{entry.name}.{name}, backwards", x[::-1], method(x[::-1]), wanted[::-1])


@every_entry
@pytest.mark.parametrize("kind", ["complex64", "complex128", "object", "longdouble", "datetime64[s]", "U4"])
def test_other_dtypes_are_refused(entry, kind):
    x = np.array([0, 1]).astype(kind)
    for method in methods(entry).values():
        with pytest.raises(TypeError) as raised:
            method(x)
        if method is entry:
            assert f"{entry.name}: x must be real numbers" in str(raised.value)
            assert str(x.dtype) in str(raised.value)


@every_entry
def test_scalars_lists_and_empty_arrays(entry):
    assert type(entry(1.5)) is np.float64
    assert type(entry(2)) is np.float64
    assert type(entry(True)) is np.float64
    assert type(entry(np.array(1.5, np.float32))) is np.float32
    assert_same_bits("a list", 0, entry([[1.0, -2.0], [3.0, 0.0]]), entry(np.array([[1.0, -2.0], [3.0, 0.0]])))
    assert_same_bits("a tuple", 0, entry((1, 2)), entry(np.array([1.0, 2.0])))
    for shape in ((0,), (3, 0), (0, 5, 2)):
        for method in methods(entry).values():
            got = method(np.empty(shape, np.float32))
            assert got.shape == shape
            assert got.dtype == np.float32
    out = np.zeros(())
    assert entry(2.0, out=out) is out
    assert out == entry(2.0)


@every_entry
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64], ids=lambda dtype: dtype.__name__)
def test_silence(entry, dtype):
    """No warning and no error for any input under any errstate; and no flag is left for the next operation."""
    x, info = special_values(dtype), np.finfo(dtype)
    layouts = (x, np.tile(x, 50), spread(x, 2), x[:1])
    with np.errstate(all="raise"), warnings.catch_warnings():
        warnings.simplefilter("error")
        for method in methods(entry).values():
            for one in layouts:
                method(one)
            for number in x:
                method(number)
        entry.value_and_derivative(x)
        if hasattr(entry, "parameter_gradients"):
            entry.parameter_gradients(dtype(1), x)
            entry.parameter_gradients(x, x)
        for name, parameter in entry.parameters.items():
            extremes = (info.tiny, info.max, info.smallest_subnormal)
            for value in extremes if parameter.default is not None and entry.name != "rrelu" else ():
                for method in methods(entry).values():
                    method(x, **BESIDE.get((entry.name, name), {}), **{name: value})


@every_entry
@every_dtype
def test_parameter_gradients_are_summed(entry, dtype):
    """To the shape of the parameter as given, over every axis along which it was broadcast."""
    if not hasattr(entry, "parameter_gradients"):
        assert "parameter_gradients" not in entry.offers
        return
    rng = np.random.default_rng(3)
    x = rng.integers(-8, 9, (4, 3, 5)).astype(dtype)
    upstream = rng.integers(-8, 9, x.shape).astype(dtype)
    for name in entry.parameters:
        each = entry.parameter_gradients(upstream, x, **{name: np.full(x.shape, 0.5)})[name]
        assert each.shape == x.shape
        assert each.dtype == dtype
        for shape, axes in (((), (0, 1, 2)), ((5,), (0, 1)), ((3, 1), (0, 2)), ((4, 1, 1), (1, 2)), ((1, 3, 5), 0)):
            got = entry.parameter_gradients(upstream, x, **{name: np.full(shape, 0.5)})[name]
            wanted = each.astype(np.float64).sum(axis=axes).reshape(shape)
            assert got.shape == shape
            scale = np.abs(each.astype(np.float64)).sum(axis=axes).reshape(shape)
            assert np.all(np.abs(got - wanted) <= 2 * np.finfo(dtype).eps * scale)
        fortran = entry.parameter_gradients(np.asfortranarray(upstream), np.asfortranarray(x))[name]
        assert_same_bits(f"{entry.name}, column order", x, fortran, entry.parameter_gradients(upstream, x)[name])
        zero = entry.parameter_gradients(np.zeros_like(x), x)[name]
        assert zero == 0
        assert type(zero) is dtype


def test_rrelu_slopes_are_leaky_slopes():
    x = mixture(np.float64, 500)
    slopes = actlib.rrelu.sample_slopes(x.shape, np.random.default_rng(0))
    assert_same_bits("rrelu", x, actlib.rrelu(x, slopes=slopes), actlib.leaky_relu(x, negative_slope=slopes))
    assert 1 / 8 <= slopes.min() < slopes.max() < 1 / 3
    assert len(np.unique(slopes)) > 400
    again = actlib.rrelu.sample_slopes(x.shape, np.random.default_rng(0))
    assert_same_bits("seeded", x, again, slopes)


@every_entry
def test_bad_calls_name_the_fault(entry):
    with pytest.raises(TypeError, match=f"{entry.name}.*unknown keyword 'slop'"):
        entry(1.0, slop=2)
    with pytest.raises(TypeError, match="parameters go by keyword"):
        entry.derivative(1.0, 0.3)
    for name, parameter in entry.parameters.items():
        if parameter.interval.low == 0:
            message = f"{entry.name}: {name} must lie in {parameter.interval}, got -1.0 at index (1,)"
            with pytest.raises(ValueError, match=re.escape(message)):
                entry(1.0, **{name: np.array([1.0, -1.0])})
        if entry.name != "rrelu":
            with pytest.raises(TypeError, match=f"{entry.name}: {name} must be real"):
                entry(1.0, **{name: 1j})
    with pytest.raises(ValueError, match="broadcast"):
        entry.backward(np.ones(3), np.ones(4))


@every_entry
@pytest.mark.parametrize("upstream", [1j, None, "1", np.datetime64("2020"), np.array([1j, 2])], ids=repr)
def test_upstream_is_real(entry, upstream):
    """A cast would make NaN of None, a number of a date and a string, and lose an imaginary part."""
    calls = [entry.backward, *([entry.parameter_gradients] if hasattr(entry, "parameter_gradients") else [])]
    for call in calls:
        with pytest.raises(TypeError, match=f"{entry.name}: upstream must be real numbers"):
            call(upstream, [1.0, 2.0])


@every_entry
def test_python_integers_of_64_bits(entry):
    for number in (2**63, 2**64 - 1):
        assert_same_bits(entry.name, number, entry(number), entry(float(number)))
        assert_same_bits(entry.name, number, entry.backward(number, number), entry.backward(float(number), number))
    for call in (entry, entry.derivative, lambda x: entry.backward(1.0, x), lambda x: entry.backward(x, 1.0)):
        with pytest.raises(TypeError, match=f"{entry.name}: .*real numbers of at most 64 bits"):
            call([2**64])


@every_entry
def test_an_out_of_a_narrower_dtype_is_filled_in_silence(entry):
    x = np.array([-1e300, -1e-300, 1e-300, 1e300])
    with np.errstate(all="ignore"):
        wanted = {name: method(x).astype(np.float32) for name, method in methods(entry).items()}
    with np.errstate(all="raise"):
        for name, method in methods(entry).items():
            assert_same_bits(f"{entry.name}.{name}", x, method(x, out=np.empty(4, np.float32)), wanted[name])


@pytest.mark.parametrize(("dtype", "beta"), [(np.float32, 1e-50), (np.float32, 1e50), (np.float16, 1e-9)])
def test_a_parameter_is_judged_in_the_dtype_it_is_used_in(dtype, beta):
    for given in (beta, [1.0, beta]):
        message = f"beta must lie in (0, inf) as {dtype.__name__}, got {beta:g}"
        with pytest.raises(ValueError, match=re.escape(message)):
            actlib.softplus(dtype(1), beta=given)


def test_a_parameter_without_a_default_is_asked_for():
    for keywords, missing in (({}, "threshold"), ({"threshold": 1.0}, "value"), ({"value": 1.0}, "threshold")):
        for call in (actlib.threshold, actlib.threshold.derivative, actlib.threshold.value_and_derivative):
            with pytest.raises(TypeError, match=f"threshold: the argument '{missing}' is missing"):
                call(np.ones(3), **keywords)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("value", [np.inf, -np.inf, np.nan, [0.1, np.nan]])
def test_parameters_are_finite(value, dtype):
    x = np.array([-2.0, 0.0], dtype)
    with pytest.raises(ValueError, match=r"negative_slope must lie in \(-inf, inf\)"):
        actlib.leaky_relu(x, negative_slope=value)


def test_parameters_are_finite_in_the_dtype_of_x():
    with pytest.raises(ValueError, match=r"must lie in \(-inf, inf\) as float32, got 1e\+300"):
        actlib.leaky_relu(np.array([-2.0, 0.0], np.float32), negative_slope=1e300)
    assert actlib.leaky_relu(-2.0, negative_slope=1e300) == -2e300


@pytest.mark.parametrize(
    ("keywords", "message"),
    [
        ({"min_val": 2.0}, "expected min_val <= max_val, got 2.0 and 1.0"),
        ({"max_val": np.nan}, "max_val must lie in [-inf, inf], got nan"),
        ({"min_val": [0.0, 0.5, 0.75], "max_val": 0.5}, "got 0.75 and 0.5 at index (2,)"),
        ({"min_val": [0.0, 1.0], "max_val": [[0.5], [2.0]]}, "got 1.0 and 0.5 at index (0, 1)"),
    ],
)
def test_the_ends_of_a_clip_are_in_order(keywords, message):
    for call in (actlib.hard_tanh, actlib.hard_tanh.derivative):
        with pytest.raises(ValueError, match=re.escape(message)):
            call(1.0, **keywords)
    assert actlib.hard_tanh(3.0, min_val=0.5, max_val=0.5) == 0.5


def test_bounds_of_random_slopes_are_numbers():
    for bound in ("lower", "upper"):
        with pytest.raises(TypeError, match=f"rrelu: {bound} must be real numbers"):
            actlib.rrelu(1.0, **{bound: "0.2"})
        with pytest.raises(TypeError, match=f"rrelu: {bound} must be one number.*slopes may be an array"):
            actlib.rrelu(1.0, **{bound: np.array([0.2, 0.3])})


@pytest.mark.parametrize("keywords", [{}, {"x": 1.0}])
def test_the_first_argument_is_asked_for(keywords):
    with pytest.raises(TypeError, match="sigmoid: x is missing"):
        actlib.sigmoid(**keywords)


def test_parameter_gradients_name_an_unknown_keyword():
    with pytest.raises(TypeError, match="prelu: unknown keyword 'alpa', similar to alpha; expected one of: alpha"):
        actlib.prelu.parameter_gradients(1.0, 2.0, alpa=0.5)


@every_dtype
@pytest.mark.parametrize("name", ["leaky_relu", "squareplus", "softplus", "sine"])
def test_accumulate_is_one_call_after_the_other(name, dtype):
    """Beyond one block and, for two threads, beyond what one of them does."""
    ufunc = actlib.ACTIVATIONS[name].ufunc
    x = np.random.default_rng(1).uniform(0.5, 2, 70_000).astype(dtype)
    got = ufunc.accumulate(x)
    assert_same_bits(name, x[1:], got[1:], ufunc(got[:-1], x[1:]))


@every_dtype
def test_softplus_at_1_has_the_same_bits_among_others(dtype):
    x, one = np.linspace(-5, 5, 2001, dtype=dtype), np.ones(2001, dtype)
    for method in methods(actlib.softplus).values():
        assert_same_bits("beta = 1", x, method(x, beta=one), method(x, beta=1.0))
    assert_same_bits("backward", x, actlib.softplus.backward(x, x, beta=one), actlib.softplus.backward(x, x, beta=1.0))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_reduce_is_the_last_of_accumulate(dtype):
    x = np.linspace(-3, 3, 2001, dtype=dtype)[::-1]
    ufunc = actlib.leaky_relu.ufunc
    assert ufunc.reduce(x) == ufunc.accumulate(x)[-1]
    assert ufunc.reduce(x[:2]) == ufunc(x[0], x[1])


def test_parameters_that_were_checked_once_are_told_apart():
    x = np.array([-2.0, 3.0])
    for _ in range(2):
        assert np.signbit(actlib.leaky_relu(x, negative_slope=0.0))[0]
        assert not np.signbit(actlib.leaky_relu(x, negative_slope=-0.0))[0]
        assert actlib.leaky_relu(x, negative_slope=0.5)[0] == -1.0
        assert actlib.leaky_relu(x.astype(np.float32), negative_slope=0.5).dtype == np.float32
        np.testing.assert_array_equal(actlib.hard_tanh(x, min_val=-1.0, max_val=2.0), [-1.0, 2.0])
        np.testing.assert_array_equal(actlib.hard_tanh(x, max_val=2.0, min_val=-1.0), [-1.0, 2.0])
        with pytest.raises(TypeError, match="negative_slope"):
            actlib.leaky_relu(x, negative_slope=Decimal("0.5"))
        with pytest.raises(TypeError, match="unknown keyword 'slope'"):
            actlib.leaky_relu(x, slope=0.5)
        with pytest.raises(ValueError, match="alpha must lie in"):
            actlib.celu(x, alpha=-1.0)
        with pytest.raises(ValueError, match="expected min_val <= max_val"):
            actlib.hard_tanh(x, min_val=3.0, max_val=2.0)


def test_what_numpy_refuses_is_refused_every_time():
    x, out = np.array([-1.0, 2.0]), np.full(2, 7.0)
    for _ in range(2):
        actlib.elu(x, alpha=0.3, where=False, out=out)
        np.testing.assert_array_equal(out, 7.0)
        with pytest.raises(TypeError, match="must be a tuple of 2 arrays, got 1"):
            actlib.leaky_relu.value_and_derivative(x, negative_slope=0.3, out=out)
        for wrong in ((), (out,), (out, out, out)):
            with pytest.raises(ValueError, match="tuple"):
                actlib.leaky_relu.value_and_derivative(x, negative_slope=0.3, out=wrong)
        with pytest.raises(ValueError, match="out must be one array, got 0"):
            actlib.leaky_relu(x, negative_slope=0.3, out=())
        assert actlib.leaky_relu(x, negative_slope=0.3, out=(out,)) is out
        out[...] = 7.0


def test_mean_slope_of_large_bounds():
    """The sum of the bounds overflows; their mean may not fit into float32."""
    assert actlib.rrelu(np.array([-1.0]), lower=1.5e308, upper=1.7e308)[0] == -1.6e308
    with np.errstate(all="raise"):
        assert actlib.rrelu(np.array([-1.0], np.float32), lower=0.0, upper=1e39)[0] == -np.inf


def test_many_parameters_do_not_fill_the_memory():
    x = np.ones(3)
    for k in range(1, 300):
        np.testing.assert_array_equal(actlib.elu(-x, alpha=float(k)), k * np.expm1(-x))
    assert len(actlib.elu._known) <= 64


def test_a_result_of_another_type_is_cast_silently_every_time():
    x, out = np.array([1e300, 0.5]), np.empty(2, np.float32)
    with np.errstate(all="raise"):
        for _ in range(2):
            assert actlib.leaky_relu(x, negative_slope=0.5, out=out) is out
            np.testing.assert_array_equal(out, np.array([np.inf, 0.5], np.float32))
