"""The functions along an axis: shapes, axes, masks, limits, layouts, dtypes, errors, and what their objects promise."""

import copy
import doctest
import inspect
import pickle
import tracemalloc
from functools import partial
from math import inf, log, nan

import mpmath
import numpy as np
import pytest
from oracle import assert_same_bits

import actlib
from actlib import AXIS_FUNCTIONS, kernels

NORMALISED = ["softmax", "softmin", "log_softmax"]
SPARSE = ["sparsemax", "entmax15"]
GATED = ["glu", "swiglu", "geglu", "reglu"]
SAME_SHAPE = [*NORMALISED, *SPARSE, "hardmax"]
SIZES = [1, 2, 15, 16, 17, 64, 65, 79, 80, 1024, 1025, 2100]


def sample(shape, dtype=np.float64, scale=5.0):
    return (np.random.default_rng(3).normal(size=shape) * scale).astype(dtype)


def operations():
    """Name -> function of (x, axis) whose result has rows in the place of the rows of x."""
    found = {}
    for name, entry in AXIS_FUNCTIONS.items():
        keywords = {**entry.example, **({"keepdims": True} if name == "logsumexp" else {})}
        found[name] = partial(_value, entry, keywords)
        found[f"{name} backward"] = partial(_backward, entry, keywords)
        if "backward_from_output" in entry.offers:
            found[f"{name} from output"] = partial(_from_output, entry, keywords)
        if "temperature" in entry.parameters:
            found[f"{name} cooled"] = partial(_value, entry, {**keywords, "temperature": 0.7})
    found["softmin cooled backward"] = partial(_backward, actlib.softmin, {"temperature": 0.7})
    found["maxout of all"] = lambda x, axis=-1: np.expand_dims(
        actlib.maxout(x, axis, pieces=np.shape(x)[axis]).squeeze(axis), axis
    )
    for hard in (False, True):
        found[f"gumbel_softmax {hard=}"] = lambda x, axis=-1, hard=hard: actlib.gumbel_softmax(
            x, axis, noise=upstream(x), temperature=0.5, hard=hard
        )
    found["logsumexp weighted"] = lambda x, axis=-1: actlib.logsumexp(x, axis, weights=upstream(x) + 1, keepdims=True)
    found["logsumexp weighted backward"] = lambda x, axis=-1: actlib.logsumexp.backward(
        2.5, x, axis, weights=upstream(x) + 1
    )
    return found


def cut(entry, x, axis):
    """A view of as many entries of each row as the function can take."""
    x = np.asarray(x)
    size = x.shape[axis] // entry.multiple * entry.multiple
    return np.moveaxis(np.moveaxis(x, axis, 0)[:size], 0, axis)


def _value(entry, keywords, x, axis=-1):
    return entry(cut(entry, x, axis), axis, **keywords)


def _backward(entry, keywords, x, axis=-1):
    x = cut(entry, x, axis)
    return entry.backward(upstream(entry(x, axis, **keywords) - 0.25), x, axis, **keywords)


def _from_output(entry, keywords, x, axis=-1):
    return entry.backward_from_output(upstream(x), entry(x, axis, **keywords), axis)


def upstream(x):
    x = np.asarray(x)
    return np.where(x > 0, 1.5, -0.75).astype(x.dtype if x.dtype.kind == "f" else np.float64)


OPERATIONS = operations()


@pytest.mark.parametrize("name", OPERATIONS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
class TestBits:
    """A row has the same bits alone and in company, in every layout, on every number of threads."""

    @pytest.mark.parametrize("size", SIZES)
    def test_rows_alone(self, name, dtype, size):
        x, run = sample((37, size), dtype), OPERATIONS[name]
        x[5] -= 1000
        x[11, size // 2] = -inf
        together = run(x)
        for i in (0, 5, 11, 16, 36):
            assert_same_bits(name, 0.0, run(x[i]), together[i])
        assert_same_bits(name, 0.0, run(x[:5]), together[:5])
        assert_same_bits(name, 0.0, run(x[20:]), together[20:])

    @pytest.mark.parametrize("size", [3, 64, 100, 1100, 9000])
    def test_layouts(self, name, dtype, size):
        x, run = sample((21, size), dtype), OPERATIONS[name]
        wanted = run(x)
        strided = np.zeros((42, 3 * size), dtype)[::2, ::3]
        strided[...] = x
        backwards = np.ascontiguousarray(x[::-1, ::-1])[::-1, ::-1]
        unaligned = np.frombuffer(b"\0" + x.tobytes(), dtype, offset=1).reshape(x.shape)
        for layout in (strided, backwards, np.asfortranarray(x), unaligned):
            assert_same_bits(name, 0.0, run(layout), wanted)
        first = np.ascontiguousarray(x.T)
        assert_same_bits(name, 0.0, run(first, axis=0).T, wanted)
        assert_same_bits(name, 0.0, run(x.T, axis=0).T, wanted)

    @pytest.mark.parametrize("size", [70, 100, 5000])
    def test_columns_far_apart(self, name, dtype, size):
        x, run = sample((520 if size < 1000 else 300, size), dtype), OPERATIONS[name]
        x[3, 7], x[200, 0], x[-1, 5] = nan, -inf, inf
        assert_same_bits(name, 0.0, run(np.ascontiguousarray(x.T), axis=0).T, run(x))

    def test_axes(self, name, dtype):
        x, run = sample((3, 5, 70, 4), dtype), OPERATIONS[name]
        for axis in range(-4, 4):
            moved = run(np.ascontiguousarray(np.moveaxis(x, axis, -1)))
            assert_same_bits(name, 0.0, np.moveaxis(run(x, axis=axis), axis, -1), moved)

    @pytest.mark.parametrize("shape", [(50000, 10), (300, 1000), (1000, 400)])
    def test_threads(self, name, dtype, shape):
        x, run = sample(shape, dtype), OPERATIONS[name]
        actlib.set_num_threads(1)
        wanted = run(x), run(x, axis=0)
        actlib.set_num_threads(2)
        assert_same_bits(name, 0.0, run(x), wanted[0])
        assert_same_bits(name, 0.0, run(x, axis=0), wanted[1])

    def test_silence_and_inputs(self, name, dtype):
        x = sample((40, 30), dtype, 300.0)
        x[3], x[4, 2], x[5, 5], x[6, 1:3], x[7] = -inf, nan, inf, inf, np.finfo(dtype).max
        x[8] = np.finfo(dtype).smallest_subnormal
        x[9, ::2] = np.finfo(dtype).min
        before = x.copy()
        x.flags.writeable = False
        with np.errstate(all="raise"):
            OPERATIONS[name](x)
            OPERATIONS[name](x, axis=0)
        assert_same_bits(name, 0.0, x, before)


@pytest.mark.parametrize("name", SAME_SHAPE)
@pytest.mark.parametrize("shape", [(30, 7), (5, 2000)])
def test_out(name, shape):
    entry, x = AXIS_FUNCTIONS[name], sample(shape)
    wanted = entry(x)
    target = np.empty_like(x)
    assert entry(x, out=target) is target
    assert_same_bits(name, 0.0, target, wanted)
    strided = np.empty((shape[0], 2 * shape[1]))[:, ::-2]
    assert_same_bits(name, 0.0, entry(x, out=strided), wanted)
    itself = x.copy()
    assert_same_bits(name, 0.0, entry(itself, out=itself), wanted)
    g = upstream(x)
    wanted = entry.backward(g, x)
    itself = g.copy()
    assert_same_bits(name, 0.0, entry.backward(itself, x, out=itself), wanted)


@pytest.mark.parametrize("name", SAME_SHAPE)
def test_result_lies_in_memory_as_the_array(name):
    entry, x = AXIS_FUNCTIONS[name], sample((300, 400))
    for array in (x, x.T):
        wanted = array.strides
        assert entry(array, axis=0).strides == wanted
        assert entry.backward(upstream(array), array, axis=0).strides == wanted
    itself = x.copy()
    wanted = entry(x, axis=0)
    assert_same_bits(name, 0.0, entry(itself, axis=0, out=itself), wanted)
    with pytest.raises(ValueError, match="out must have shape"):
        entry(x, out=np.empty(3))
    with pytest.raises(TypeError, match="out must be an ndarray"):
        entry(x, out=[0.0])


def traced_peak(call):
    """The most memory that NumPy and Python held at a time during a call."""
    tracemalloc.start()
    try:
        call()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("axis", [-1, 0])
@pytest.mark.parametrize("name", AXIS_FUNCTIONS)
def test_no_array_but_the_result(name, axis):
    """With out= no call needs memory that grows with the array, not even where the result replaces it."""
    function = AXIS_FUNCTIONS[name]
    x = np.random.default_rng(5).normal(size=(300, 400))
    expected = function(x, axis, **function.example)
    gradient = function.backward(expected, x, axis, **function.example)
    out, place = np.empty_like(expected), np.empty_like(x)
    assert traced_peak(lambda: function(x, axis, out=out, **function.example)) < 20_000
    assert traced_peak(lambda: function.backward(expected, x, axis, out=place, **function.example)) < 20_000
    assert_same_bits(name, x, out, expected)
    assert_same_bits(name, x, place, gradient)
    place = x.copy()
    assert traced_peak(lambda: function.backward(expected, place, axis, out=place, **function.example)) < 20_000
    assert_same_bits(name, x, place, gradient)
    if expected.shape == x.shape:
        place = x.copy()
        assert traced_peak(lambda: function(place, axis, out=place, **function.example)) < 20_000
        assert_same_bits(name, x, place, expected)
        upstream = expected.copy()
        function.backward(upstream, x, axis, out=upstream, **function.example)
        assert_same_bits(name, x, upstream, gradient)


class TestLimits:
    @pytest.mark.parametrize("scale", [1.0, 1e10, 1e100, 1e300])
    @pytest.mark.parametrize("temperature", [1.0, 2.0, 1e-3, 1e-20, 1e-200])
    def test_far_apart_scores_have_probability_0(self, scale, temperature):
        """The rounding error of a difference of 1e100 is larger than 1, and nothing to correct exp(-1e100) by."""
        x = np.random.default_rng(4).normal(size=(50, 7)) * scale
        if scale / temperature < 1e6:
            return
        wanted = actlib.hardmax(x)
        assert_same_bits("softmax", x, actlib.softmax(x, temperature=temperature), wanted)
        if temperature == 1:
            loss = actlib.losses.cross_entropy.gradient(x, x.argmax(-1), reduction="none")
            assert np.all(loss == 0)
            assert_same_bits("logsumexp", 0.0, actlib.logsumexp.backward(1.0, x), wanted)

    def test_softmax(self):
        values = [[inf, 1, inf, -inf], [-inf] * 4, [1, nan, 2, 3], [-inf, 0, -inf, 0]]
        wanted = [[0.5, 0, 0.5, 0], [nan] * 4, [nan] * 4, [0, 0.5, 0, 0.5]]
        assert_same_bits("softmax", 0.0, actlib.softmax(values), wanted)
        assert_same_bits("softmax", 0.0, actlib.softmax(values, temperature=3.0), wanted)

    def test_log_softmax(self):
        values = [[inf, 1, inf, -inf], [-inf] * 4, [1, nan, 2, 3], [5, -inf, -inf, -inf]]
        wanted = [[-log(2), -inf, -log(2), -inf], [nan] * 4, [nan] * 4, [0, -inf, -inf, -inf]]
        assert_same_bits("log_softmax", 0.0, actlib.log_softmax(values), wanted)
        assert_same_bits("log_softmax", 0.0, actlib.log_softmax(values, temperature=3.0), wanted)

    def test_logsumexp(self):
        assert actlib.logsumexp([-inf, -inf]) == -inf
        assert actlib.logsumexp([inf, -inf]) == inf
        assert np.isnan(actlib.logsumexp([nan, inf]))
        assert actlib.logsumexp([]) == -inf
        assert actlib.logsumexp([-inf] * 100) == -inf
        assert actlib.logsumexp([0.0, 1.0], weights=[0, 0]) == -inf

    @pytest.mark.parametrize("size", [3, 100])
    def test_hardmax_takes_the_first(self, size):
        x = np.zeros((4, size))
        x[1, 1:] = 7
        x[2] = -inf
        x[3, -1] = nan
        y = actlib.hardmax(x)
        assert y.argmax(-1).tolist()[:3] == [0, 1, 0]
        assert (y[:3].sum(-1) == 1).all()
        assert np.isnan(y[3]).all()

    def test_crelu(self):
        assert_same_bits("crelu", 0.0, actlib.crelu([-0.0, 0.0, -inf, nan]), [0.0, 0, 0, nan, 0, 0, inf, nan])
        gradient = actlib.crelu.backward([1.0, 2, 3, 4, 5, 6], [-1.0, 0.0, 1.0])
        assert_same_bits("crelu", 0.0, gradient, [-4.0, 0.0, 3.0])

    @pytest.mark.parametrize("name", AXIS_FUNCTIONS)
    def test_empty(self, name):
        entry = AXIS_FUNCTIONS[name]
        for shape in [(0,), (3, 0), (0, 4), (0, 0)]:
            y = entry(np.zeros(shape), **entry.example)
            if name == "logsumexp":
                assert y.shape == shape[:-1]
            elif name == "crelu":
                assert y.shape == (*shape[:-1], 2 * shape[-1])
            else:
                assert y.shape == (*shape[:-1], shape[-1] // entry.multiple)
            assert entry.backward(np.zeros(y.shape), np.zeros(shape), **entry.example).shape == shape
        assert (actlib.logsumexp(np.zeros((3, 0))) == -inf).all()


class TestMasks:
    def test_value(self):
        x = sample((6, 9))
        mask = np.random.default_rng(1).random(x.shape) < 0.6
        mask[2] = False
        x[~mask] = np.where(np.arange((~mask).sum()) % 3 == 0, nan, 1e6)
        for row, keep, p, q, s, c in zip(
            x, mask, actlib.softmax(x, where=mask), actlib.log_softmax(x, where=mask), actlib.logsumexp(x, where=mask),
            actlib.softmin(x, where=mask), strict=True,
        ):  # fmt: skip
            assert (p[~keep] == 0).all()
            assert (c[~keep] == 0).all()
            assert_same_bits("softmin", 0.0, c[keep], actlib.softmin(row[keep]))
            assert (q[~keep] == -inf).all()
            assert_same_bits("softmax", 0.0, p[keep], actlib.softmax(row[keep]))
            assert_same_bits("log_softmax", 0.0, q[keep], actlib.log_softmax(row[keep]))
            assert s == actlib.logsumexp(row[keep])

    @pytest.mark.parametrize("name", [*NORMALISED, "logsumexp"])
    def test_backward(self, name):
        entry, x = AXIS_FUNCTIONS[name], sample((5, 8))
        mask = np.arange(8) % 3 != 1
        g = sample((5,) if name == "logsumexp" else (5, 8)) + 1e6
        short = g if name == "logsumexp" else g[:, mask]
        gradient = entry.backward(g, x, where=mask)
        assert (gradient[:, ~mask] == 0).all()
        assert_same_bits(name, 0.0, gradient[:, mask], entry.backward(short, x[:, mask]))

    def test_broadcast_and_none(self):
        x = sample((4, 3))
        assert_same_bits("softmax", 0.0, actlib.softmax(x, where=True), actlib.softmax(x))
        column = np.array([[True], [False], [True], [False]])
        assert_same_bits("softmax", 0.0, actlib.softmax(x, where=column)[::2], actlib.softmax(x)[::2])
        assert (actlib.softmax(x, where=False) == 0).all()
        with pytest.raises(TypeError, match="where must hold booleans"):
            actlib.softmax(x, where=[1, 0, 1])
        with pytest.raises(ValueError, match="where must have shape"):
            actlib.softmax(x, where=[True, False])

    @pytest.mark.parametrize("name", NORMALISED)
    def test_from_output(self, name):
        """The gradient from the value knows nothing of the mask unless it is told."""
        entry = AXIS_FUNCTIONS[name]
        x, upstream = np.array([[1.0, 2.0, 3.0], [0.5, -1.0, 2.0]]), np.array([[1.0, 0.5, 5.0], [nan, 2.0, -3.0]])
        where = np.array([[True, True, False], [False, True, True]])
        y = entry(x, where=where)
        wanted = entry.backward(upstream, x, where=where)
        got = entry.backward_from_output(upstream, y, where=where)
        assert got == pytest.approx(wanted, rel=1e-14, abs=0)
        turned = entry.backward_from_output(upstream.T, y.T, 0, where=where.T, out=np.empty((3, 2)))
        assert_same_bits(name, 0.0, turned.T, got)
        both = entry.backward_from_output(upstream, entry(x, None, where=where), None, where=where)
        assert both == pytest.approx(entry.backward(upstream, x, None, where=where), rel=1e-14, abs=0)


class TestTuplesOfAxes:
    @pytest.mark.parametrize("name", ["softmax", "log_softmax", "logsumexp"])
    @pytest.mark.parametrize("axis", [None, ()])
    def test_a_number_is_a_row_of_one(self, name, axis):
        entry = AXIS_FUNCTIONS[name]
        got = entry(5.0, axis)
        assert type(got) is np.float64
        assert got == {"softmax": 1.0, "log_softmax": 0.0, "logsumexp": 5.0}[name]
        assert entry.backward(2.0, 5.0, axis) == {"softmax": 0.0, "log_softmax": 0.0, "logsumexp": 2.0}[name]

    @pytest.mark.parametrize("axes", [(0, 2), (1, 2), (-1, 0), (0, 1, 2), None, ()])
    def test_is_one_long_row(self, axes):
        x = sample((3, 4, 5))
        chosen = (0, 1, 2) if axes is None else axes
        moved = np.moveaxis(x, chosen, range(-len(chosen), 0)) if chosen else x
        flat = moved.reshape(*moved.shape[: 3 - len(chosen)], -1)
        g = np.ascontiguousarray(upstream(x))
        flat_g = (np.moveaxis(g, chosen, range(-len(chosen), 0)) if chosen else g).reshape(flat.shape)
        target = np.empty_like(x)
        for entry in (actlib.softmax, actlib.softmin, actlib.log_softmax):
            y = entry(x, axes)
            assert entry(x, axes, out=target) is target
            assert_same_bits(entry.name, 0.0, target, y)
            back = np.moveaxis(y, chosen, range(-len(chosen), 0)) if chosen else y
            assert_same_bits(entry.name, 0.0, back.reshape(flat.shape), entry(flat))
            gradient = entry.backward(g, x, axes)
            back = np.moveaxis(gradient, chosen, range(-len(chosen), 0)) if chosen else gradient
            assert_same_bits(entry.name, 0.0, back.reshape(flat.shape), entry.backward(flat_g, flat))
        total = actlib.logsumexp(x, axes)
        assert_same_bits("logsumexp", 0.0, total, actlib.logsumexp(flat))
        kept = actlib.logsumexp(x, axes, keepdims=True)
        assert kept.shape == tuple(1 if k in [c % 3 for c in chosen] else n for k, n in enumerate(x.shape))

    def test_errors(self):
        with pytest.raises(ValueError, match="repeated axis"):
            actlib.softmax(np.ones((2, 2)), (0, -2))
        with pytest.raises(TypeError, match="axis must be an integer"):
            actlib.hardmax(np.ones((2, 2)), (0, 1))
        with pytest.raises(np.exceptions.AxisError, match="softmax"):
            actlib.softmax(np.ones((2, 2)), 2)
        with pytest.raises(np.exceptions.AxisError):
            actlib.softmax(1.0)


@pytest.mark.parametrize("name", AXIS_FUNCTIONS)
class TestDtypes:
    def test_an_out_of_a_narrower_dtype_is_filled_in_silence(self, name):
        entry, x = AXIS_FUNCTIONS[name], np.array([-1e300, 1e-300, 1e300, 1e300])
        options = entry.example
        with np.errstate(all="ignore"):
            wanted = np.asarray(entry(x, **options)).astype(np.float32)
            wanted_gradient = entry.backward(wanted * 1e38, x, **options).astype(np.float32)
        with np.errstate(all="raise"):
            got = entry(x, **options, out=np.empty(wanted.shape, np.float32))
            assert_same_bits(name, 0.0, got, wanted)
            out = np.empty(4, np.float32)
            gradient = entry.backward(np.asarray(wanted) * np.float64(1e38), x, **options, out=out)
        assert gradient.shape == wanted_gradient.shape

    def test_floats(self, name):
        entry = AXIS_FUNCTIONS[name]
        for dtype in (np.float16, np.float32, np.float64):
            x = sample((4, 6), dtype, 2.0)
            y = entry(x, **entry.example)
            assert y.dtype == dtype
            assert entry.backward(np.ones(y.shape), x, **entry.example).dtype == dtype
        half = sample((40, 10), np.float16)
        with np.errstate(all="ignore"):
            wanted = entry(half.astype(np.float32), **entry.example).astype(np.float16)
        assert_same_bits(name, 0.0, entry(half, **entry.example), wanted)

    @pytest.mark.parametrize("kind", "?bBhHiIlLqQ")
    def test_integers(self, name, kind):
        entry = AXIS_FUNCTIONS[name]
        x, options = np.array([[1, 0, 1, 1], [0, 1, 1, 0]], kind), entry.example
        y = entry(x, **options)
        assert_same_bits(name, 0.0, y, entry(x.astype(float), **options))
        g = np.ones(y.shape)
        assert_same_bits(name, 0.0, entry.backward(g, x, **options), entry.backward(g, x.astype(float), **options))
        if name in (*SAME_SHAPE, "logsumexp"):
            assert_same_bits(name, 0.0, entry.ufunc(x), entry(x))

    @pytest.mark.parametrize("bad", [np.ones(3, complex), np.ones(3, object), np.ones(3, "M8[s]"), ["a", "b"]], ids=str)
    def test_others(self, name, bad):
        with pytest.raises(TypeError, match=f"{name}: x must be real numbers.*got .*dtype"):
            AXIS_FUNCTIONS[name](bad, **AXIS_FUNCTIONS[name].example)

    def test_masked_arrays(self, name):
        with pytest.raises(TypeError, match="masked array"):
            AXIS_FUNCTIONS[name](np.ma.masked_array([1.0, 2.0], [True, False]), **AXIS_FUNCTIONS[name].example)


class TestErrors:
    @pytest.mark.parametrize("value", [0, -1.0, inf, nan])
    def test_temperature(self, value):
        noisy = partial(actlib.gumbel_softmax, noise=0.0)
        for run in (*map(AXIS_FUNCTIONS.get, NORMALISED), actlib.softmax.jacobian, noisy):
            with pytest.raises(ValueError, match=f"temperature must be positive and finite, got {value}"):
                run([1.0, 2.0], temperature=value)
        with pytest.raises(ValueError, match="temperature"):
            actlib.softmax.backward_from_output([1.0, 2.0], [0.5, 0.5], temperature=value)
        with pytest.raises(ValueError, match=r"must be at least 2\.2250738585072014e-308, .*, got 1e-310"):
            actlib.softmax.backward([1.0, 0.0], [0.0, 0.0], temperature=1e-310)
        assert actlib.softmax([1.0, 3.0, 2.0], temperature=float(np.finfo(float).tiny)).tolist() == [0, 1, 0]
        with pytest.raises(TypeError, match="temperature must be a number"):
            actlib.softmax([1.0], temperature="hot")

    def test_weights(self):
        with pytest.raises(ValueError, match=r"weights must be finite and >= 0, got -1.0 at index \(1,\)"):
            actlib.logsumexp([1.0, 2.0, 3.0], weights=[1, -1, 2])
        with pytest.raises(ValueError, match="weights"):
            actlib.logsumexp([1.0, 2.0], weights=[1, nan])
        with pytest.raises(ValueError, match=r"weights must be at most 1e\+300, got 1e\+308 at index \(0,\)"):
            actlib.logsumexp([0.0, 0.0], weights=[1e308, 1e308])  # whose sum overflows
        assert actlib.logsumexp([0.0, 0.0], weights=[1e300, 1e300]) == np.log(2e300)
        with pytest.raises(ValueError, match="weights must have shape"):
            actlib.logsumexp([1.0, 2.0], weights=[1, 2, 3])

    @pytest.mark.parametrize("name", AXIS_FUNCTIONS)
    def test_axis(self, name):
        with pytest.raises(ValueError, match=f"^{name}: axis 2 is out of bounds"):
            AXIS_FUNCTIONS[name](np.ones((2, 2)), 2, **AXIS_FUNCTIONS[name].example)

    def test_upstream(self):
        with pytest.raises(ValueError, match=r"upstream must have shape \(2, 3\), got \(3, 2\)"):
            actlib.softmax.backward(np.ones((3, 2)), np.ones((2, 3)))

    def test_keywords(self):
        with pytest.raises(TypeError, match="unknown keyword 'temprature', similar to temperature; expected one of"):
            actlib.softmax([1.0], temprature=2)
        with pytest.raises(TypeError, match="the rest by keyword"):
            actlib.softmax([1.0], -1, 2.0)


class TestGradients:
    @pytest.mark.parametrize("name", NORMALISED)
    @pytest.mark.parametrize("keywords", [{}, {"temperature": 0.3}, {"where": [True, False, True, True, True]}])
    def test_jacobian_is_backward(self, name, keywords):
        entry, x, g = AXIS_FUNCTIONS[name], sample((3, 5, 2)), sample((3, 5, 2), scale=1.0)
        options = dict(keywords)
        if "where" in options:
            options["where"] = np.array(options["where"])[:, np.newaxis]
        matrix = entry.jacobian(x, 1, **options)
        assert matrix.shape == (3, 2, 5, 5)
        product = np.einsum("abij,aib->ajb", matrix, g)
        wanted = entry.backward(g, x, 1, **options)
        assert np.max(np.abs(product - wanted)) <= 1e-13 * np.max(np.abs(wanted))  # a sum of terms that cancel

    def test_jacobian_of_logsumexp(self):
        x = sample((3, 5))
        matrix = actlib.logsumexp.jacobian(x, 0)
        assert matrix.shape == (5, 1, 3)
        np.testing.assert_allclose(matrix, actlib.softmax(x, 0).T[:, np.newaxis, :], rtol=1e-15)

    @pytest.mark.parametrize("name", SPARSE)
    def test_jacobian_of_sparse_functions(self, name):
        entry, x, g = AXIS_FUNCTIONS[name], sample((3, 5, 2), scale=0.5), sample((3, 5, 2), scale=1.0)
        matrix = entry.jacobian(x, 1)
        assert matrix.shape == (3, 2, 5, 5)
        assert (entry(x, 1) == 0).any()
        product = np.einsum("abij,aib->ajb", matrix, g)
        wanted = entry.backward(g, x, 1)
        assert np.max(np.abs(product - wanted)) <= 1e-13 * np.max(np.abs(wanted))  # a sum of terms that cancel
        np.testing.assert_allclose(matrix, np.swapaxes(matrix, -1, -2), rtol=1e-15)
        with pytest.raises(TypeError, match="unknown keyword 'where'"):
            entry.jacobian(x, where=True)

    @pytest.mark.parametrize("name", NORMALISED)
    def test_temperature_divides_the_gradient(self, name):
        entry, x, g = AXIS_FUNCTIONS[name], sample((4, 6)), sample((4, 6), scale=1.0)
        halved = entry.backward(g, x / 2) / 2  # both steps are exact
        np.testing.assert_allclose(entry.backward(g, x, temperature=2), halved, rtol=1e-14)
        from_output = entry.backward_from_output(g, entry(x, temperature=2), temperature=2)
        assert np.max(np.abs(from_output - halved)) <= 1e-13 * np.max(np.abs(halved))

    def test_common_offset_of_the_upstream_gradient(self):
        x, g = sample((4, 6)), np.round(sample((4, 6)) * 64) / 64
        assert (actlib.softmax.backward(np.full(6, 1e6), x) == 0).all()
        np.testing.assert_allclose(actlib.softmax.backward(g + 2.0**20, x), actlib.softmax.backward(g, x), rtol=1e-9)

    def test_reduced_upstream(self):
        x = sample((4, 6))
        kept = actlib.logsumexp.backward(np.ones((4, 1)), x, keepdims=True)
        assert_same_bits("logsumexp", 0.0, kept, actlib.logsumexp.backward(np.ones(4), x))
        assert_same_bits("logsumexp", 0.0, kept, actlib.logsumexp.backward(1, x))
        np.testing.assert_allclose(kept, actlib.softmax(x), rtol=1e-15)

    def test_zero_weights_do_not_count(self):
        x = np.array([1.0, 800.0, 2.0])
        assert actlib.logsumexp(x, weights=[1, 0, 1]) == actlib.logsumexp(x[[0, 2]])
        gradient = actlib.logsumexp.backward(1.0, x, weights=[1, 0, 1])
        assert_same_bits("logsumexp", 0.0, gradient[[0, 2]], actlib.softmax(x[[0, 2]]))
        assert gradient[1] == 0


class TestSoftmin:
    @pytest.mark.parametrize("keywords", [{}, {"temperature": 0.3}, {"where": np.arange(7) % 3 != 1}])
    @pytest.mark.parametrize("dtype", [np.float32, np.float64])
    def test_is_softmax_of_the_negatives(self, dtype, keywords):
        x, g = sample((11, 7), dtype), sample((11, 7), dtype, 1.0)
        x[3, 0], x[4, 1:3], x[5], x[6, 2] = -inf, inf, inf, nan
        assert_same_bits("softmin", x, actlib.softmin(x, **keywords), actlib.softmax(-x, **keywords))
        gradient = 0.0 - actlib.softmax.backward(g, -x, **keywords)
        got = 0.0 + actlib.softmin.backward(g, x, **keywords)  # both without the sign of zero
        assert_same_bits("softmin", x, got, gradient)

    def test_limits(self):
        values = [[-inf, 1, -inf, inf], [inf] * 4, [1, nan, 2, 3], [inf, 0, inf, 0]]
        wanted = [[0.5, 0, 0.5, 0], [nan] * 4, [nan] * 4, [0, 0.5, 0, 0.5]]
        assert_same_bits("softmin", 0.0, actlib.softmin(values), wanted)
        assert (actlib.softmin([1.0, 2.0], where=False) == 0).all()


class TestSparse:
    @pytest.mark.parametrize("name", SPARSE)
    def test_limits(self, name):
        values = [[inf, 1, inf, -inf], [-inf] * 4, [1, nan, 2, 3], [-inf, 0, -inf, 0], [1e308, -1e308, 0, 1e308]]
        wanted = [[0.5, 0, 0.5, 0], [nan] * 4, [nan] * 4, [0, 0.5, 0, 0.5], [0.5, 0, 0, 0.5]]
        entry = AXIS_FUNCTIONS[name]
        assert_same_bits(name, 0.0, entry(values), wanted)
        gradient = entry.backward(np.ones((5, 4)) * [1, 2, 3, 4], values)
        assert np.isnan(gradient[1:3]).all()
        weight = 1 if name == "sparsemax" else np.sqrt(0.5)
        assert gradient[0] == pytest.approx([-weight, 0, weight, 0], rel=1e-15, abs=0)

    @pytest.mark.parametrize("name", SPARSE)
    @pytest.mark.parametrize("dtype", [np.float32, np.float64])
    def test_shift_and_order_change_nothing(self, name, dtype):
        entry, x = AXIS_FUNCTIONS[name], np.round(sample((50, 20), dtype, 0.5) * 1024) / 1024
        y = entry(x)
        assert_same_bits(name, x, entry(x + 64), y)
        assert_same_bits(name, x, entry(x[:, ::-1])[:, ::-1], y)

    @pytest.mark.parametrize("name", SPARSE)
    @pytest.mark.parametrize("size", [2, 50, 100, 3000, 200_000])
    def test_sums_to_one_and_is_sparse(self, name, size):
        y = AXIS_FUNCTIONS[name](sample((3, size)))
        assert abs(y.sum(-1) - 1).max() <= 1e-15 * size
        assert (y >= 0).all()
        assert size == 2 or (y == 0).any()

    def test_rows_that_lose_one_entry_with_each_pass(self):
        """Entries just below where the threshold of all larger ones is: the iteration leaves them out one by one."""
        x, total = [0.0, 0.0], 0.0
        for k in range(2, 400):
            x.append((total - 1) / k - 1e-9)
            total += x[-1]
        y = actlib.sparsemax(x[::-1])[::-1]
        assert y.tolist() == [0.5, 0.5] + [0.0] * 398

    def test_ties_at_the_threshold_do_not_count(self):
        assert actlib.sparsemax([1.0, 0.0]).tolist() == [1, 0]
        assert actlib.sparsemax.backward([1.0, 5.0], [1.0, 0.0]).tolist() == [0, 0]
        assert actlib.entmax15([2.0, 0.0]).tolist() == [1, 0]
        assert actlib.entmax15.backward([1.0, 5.0], [2.0, 0.0]).tolist() == [0, 0]

    @pytest.mark.parametrize("name", SPARSE)
    def test_what_has_no_probability_does_not_count(self, name):
        entry, x = AXIS_FUNCTIONS[name], np.array([1.0, 0.5, -9.0, -8.0])
        wanted = entry.backward([3.0, 2.0, 0.0, 0.0], x)
        assert_same_bits(name, x, entry.backward([3.0, 2.0, inf, nan], x), wanted)
        assert_same_bits(name, x, entry.backward_from_output([3.0, 2.0, inf, nan], entry(x)), wanted)

    def test_sums_of_large_gradients_do_not_overflow(self):
        gradient = actlib.sparsemax.backward([1.0e308, 1.5e308, 1.7e308], [0.0, 0.0, 0.0])
        assert gradient == pytest.approx([-4e307, 1e307, 3e307], rel=1e-15)
        gradient = actlib.entmax15.backward([1.0e308, 1.5e308, 1.7e308], [0.0, 0.0, 0.0])
        assert gradient * np.sqrt(3) == pytest.approx([-4e307, 1e307, 3e307], rel=1e-15)


class TestGated:
    @pytest.mark.parametrize("name", GATED)
    def test_odd_length(self, name):
        with pytest.raises(ValueError, match=f"{name}: axis 1 must have an even length, .*; got 3"):
            AXIS_FUNCTIONS[name](np.ones((2, 3)))
        with pytest.raises(ValueError, match=f"{name}: axis 0 must have an even length, .*; got 3"):
            AXIS_FUNCTIONS[name].backward(np.ones((1, 4)), np.ones((3, 4)), 0)

    @pytest.mark.parametrize("dtype", [np.float32, np.float64])
    def test_the_gate_is_the_second_half_of_glu_and_the_first_of_the_others(self, dtype):
        a, b = sample((5, 4), dtype), sample((5, 4), dtype)[::-1]
        x = np.concatenate([a, b], -1)
        tolerance = 8 * np.finfo(dtype).eps
        np.testing.assert_allclose(actlib.glu(x), a * actlib.sigmoid(b), rtol=tolerance)
        np.testing.assert_allclose(actlib.swiglu(x), actlib.silu(a) * b, rtol=tolerance)
        np.testing.assert_allclose(actlib.geglu(x), actlib.gelu(a) * b, rtol=tolerance)
        np.testing.assert_allclose(actlib.reglu(x), actlib.relu(a) * b, rtol=tolerance)

    @pytest.mark.parametrize("name", GATED)
    def test_nan_in_either_half(self, name):
        entry = AXIS_FUNCTIONS[name]
        x = [nan, -2.0, 1.0, 1.0, nan, 3.0]
        assert np.isnan(entry(x)).tolist() == [True, True, False]
        assert np.isnan(entry.backward(np.ones(3), x)).tolist() == [True, True, False] * 2

    @pytest.mark.parametrize(
        ("name", "x", "wanted"),
        [
            ("glu", [5.0, inf, -3.0, 0.0, -inf, -800.0, inf, inf], [0.0, inf, -3.0, 0.0]),
            ("swiglu", [-inf, -800.0, 2000.0, 0.0, 5.0, inf, inf, -1.0], [-0.0, -inf, inf, -0.0]),
            ("geglu", [-inf, -30.0, 2000.0, 0.0, 5.0, inf, inf, -1.0], [-0.0, -inf, inf, -0.0]),
            ("reglu", [-inf, -30.0, inf, 0.0, 5.0, inf, 2.0, inf], [0.0, 0.0, inf, 0.0]),
        ],
    )
    def test_limits(self, name, x, wanted):
        assert_same_bits(name, 0.0, AXIS_FUNCTIONS[name](x), wanted)

    @pytest.mark.parametrize("name", ["glu", "swiglu", "geglu"])
    @pytest.mark.parametrize("dtype", [np.float32, np.float64])
    def test_sign_of_zero(self, name, dtype):
        values = np.array([0.0, -0.0, 0.0, -0.0, 1.0, 1.0, -1.0, -1.0], dtype)
        if name == "glu":
            values[4:] = 1
        wanted = [0.0, -0.0, -0.0, 0.0] if name != "glu" else [0.0, -0.0, 0.0, -0.0]
        assert_same_bits(name, 0.0, AXIS_FUNCTIONS[name](values), np.array(wanted, dtype))

    def test_gradients_at_infinity(self):
        gradient = actlib.glu.backward(np.full(3, 2.0), [5.0, 5.0, 5.0, -inf, inf, 0.0])
        assert_same_bits("glu", 0.0, gradient, [0.0, 2.0, 1.0, 0.0, 0.0, 2.5])
        gradient = actlib.swiglu.backward(np.full(3, 2.0), [-inf, inf, 0.0, 5.0, 5.0, 5.0])
        assert_same_bits("swiglu", 0.0, gradient, [-0.0, 10.0, 5.0, -0.0, inf, 0.0])
        gradient = actlib.geglu.backward(np.full(3, 2.0), [-inf, inf, 0.0, 5.0, 5.0, 5.0])
        assert_same_bits("geglu", 0.0, gradient, [-0.0, 10.0, 5.0, -0.0, inf, 0.0])
        gradient = actlib.reglu.backward(np.full(3, 2.0), [-inf, inf, 0.0, 5.0, 5.0, 5.0])
        assert_same_bits("reglu", 0.0, gradient, [0.0, 10.0, 0.0, 0.0, inf, 0.0])


class TestMaxout:
    def test_groups_follow_each_other(self):
        x = sample((4, 12, 3))
        for axis, pieces in ((1, 3), (0, 2), (2, 3), (1, 12), (1, 1)):
            shape = list(x.shape)
            shape[axis : axis + 1] = [shape[axis] // pieces, pieces]
            assert_same_bits("maxout", 0.0, actlib.maxout(x, axis, pieces=pieces), x.reshape(shape).max(axis + 1))

    @pytest.mark.parametrize("pieces", [2, 3, 70, 2000])
    def test_the_first_maximum_gets_the_gradient(self, pieces):
        x = np.full((5, 2 * pieces), 7.0)
        g = np.arange(10.0).reshape(5, 2) + 1
        gradient = actlib.maxout.backward(g, x, pieces=pieces).reshape(5, 2, pieces)
        assert (gradient[..., 0] == g).all()
        assert (gradient[..., 1:] == 0).all()
        zeros = np.zeros(pieces)
        zeros[0] = -0.0
        assert np.signbit(actlib.maxout(zeros, pieces=pieces)[0])

    def test_nan_and_infinity(self):
        x = [nan, 1.0, -inf, -inf, inf, 1.0]
        assert_same_bits("maxout", 0.0, actlib.maxout(x, pieces=2), [nan, -inf, inf])
        assert_same_bits("maxout", 0.0, actlib.maxout.backward(np.ones(3), x, pieces=2), [nan, nan, 1.0, 0, 1, 0])

    def test_errors(self):
        with pytest.raises(TypeError, match="maxout: the argument 'pieces' is missing"):
            actlib.maxout([1.0, 2.0])
        with pytest.raises(ValueError, match=r"axis 0 must have a multiple of pieces=2 entries, got 3"):
            actlib.maxout([1.0, 2.0, 3.0], pieces=2)
        with pytest.raises(ValueError, match="pieces must be at least 1, got 0"):
            actlib.maxout([1.0], pieces=0)
        for bad in (2.0, True, "2"):
            with pytest.raises(TypeError, match="pieces must be an integer"):
                actlib.maxout([1.0, 2.0], pieces=bad)


class TestGumbelSoftmax:
    def test_is_softmax_of_the_sum(self):
        x, noise = sample((6, 5)), actlib.gumbel_softmax.sample_noise((6, 5), np.random.default_rng(2))
        for axis in (0, 1):
            soft = actlib.gumbel_softmax(x, axis, temperature=0.5, noise=noise)
            assert_same_bits("gumbel_softmax", x, soft, actlib.softmax(x + noise, axis, temperature=0.5))
            drawn = actlib.gumbel_softmax(x, axis, temperature=0.5, rng=np.random.default_rng(2))
            assert_same_bits("gumbel_softmax", x, drawn, soft)
            hard = actlib.gumbel_softmax(x, axis, temperature=0.5, hard=True, noise=noise)
            assert_same_bits("gumbel_softmax", x, hard, actlib.hardmax(soft, axis))
            g = sample((6, 5), scale=1.0)
            wanted = actlib.softmax.backward(g, x + noise, axis, temperature=0.5)
            for is_hard in (False, True):  # straight through
                gradient = actlib.gumbel_softmax.backward(g, x, axis, temperature=0.5, hard=is_hard, noise=noise)
                assert_same_bits("gumbel_softmax", x, gradient, wanted)
            wanted = actlib.softmax.backward_from_output(g, soft, axis, temperature=0.5)
            gradient = actlib.gumbel_softmax.backward_from_output(g, soft, axis, temperature=0.5)
            assert_same_bits("gumbel_softmax", x, gradient, wanted)

    def test_shares_are_those_of_softmax(self):
        x = np.log([0.5, 0.3, 0.15, 0.05])
        n = 200_000
        samples = actlib.gumbel_softmax(np.broadcast_to(x, (n, 4)), hard=True, rng=np.random.default_rng(7))
        assert set(np.unique(samples)) == {0.0, 1.0}
        deviations = (samples.mean(0) - np.exp(x)) / np.sqrt(np.exp(x) * (1 - np.exp(x)) / n)
        assert np.abs(deviations).max() < 4  # of 4 normal variables

    def test_noise_has_both_tails(self):
        noise = actlib.gumbel_softmax.sample_noise(400_000, np.random.default_rng(5))
        assert noise.dtype == np.float64
        for level in (-2.0, -1.0, 0.0, 1.0, 3.0, 6.0):
            share, wanted = (noise <= level).mean(), np.exp(-np.exp(-level))
            assert abs(share - wanted) < 4 * np.sqrt(wanted * (1 - wanted) / noise.size)
        assert abs(noise.mean() - np.euler_gamma) < 4 * np.pi / np.sqrt(6 * noise.size)
        assert actlib.gumbel_softmax.sample_noise((), np.random.default_rng(5)).shape == ()

    @pytest.mark.parametrize("w", [2.0**-65, 1e-3, 0.25, 0.367, 0.5, -0.5, -0.25, -1e-3, -1e-12, -(2.0**-65)])
    def test_kernel_of_the_noise(self, w):
        """u = w, or 1 + w for a negative w, which has digits that 1 + w has not."""
        context = mpmath.mp.clone()
        context.prec = 200
        wanted = -context.log(-context.log(context.mpf(w) + (1 if w < 0 else 0)))
        error = abs(context.mpf(float(kernels.ufuncs["standard_gumbel"](w))) - wanted)
        assert error <= 2 * np.spacing(max(1.0, abs(float(wanted))))  # near u = 1/e it passes through 0

    def test_errors(self):
        for keywords in ({}, {"rng": np.random.default_rng(0), "noise": 0.0}):
            with pytest.raises(TypeError, match=r"one of rng .* and noise must be given"):
                actlib.gumbel_softmax(np.ones(3), **keywords)
        with pytest.raises(TypeError, match=r"rng must be a numpy.random.Generator, got 5"):
            actlib.gumbel_softmax([1.0, 2.0], rng=5)
        with pytest.raises(ValueError, match="noise must have shape"):
            actlib.gumbel_softmax([1.0, 2.0], noise=np.zeros(3))


def test_noise_is_added_in_float32_to_halves_of_any_byte_order():
    x, noise = np.array([1.001, 0.0123, -2.0], np.float16), np.array([0.25, -3.3, 1.7], np.float16)
    swapped = x.astype(x.dtype.newbyteorder())
    for function in (actlib.gumbel_softmax, partial(actlib.gumbel_softmax.backward, np.array([1.0, 0.0, 0.5]))):
        assert_same_bits("gumbel_softmax", x, function(swapped, noise=noise), function(x, noise=noise))


class TestOneHot:
    def test_masked_labels_are_refused(self):
        with pytest.raises(TypeError, match="labels is a masked array"):
            actlib.one_hot(np.ma.masked_array([0, 1], [True, False]))

    def test_values(self):
        labels = np.array([[0, 2], [1, 1]])
        y = actlib.one_hot(labels)
        assert y.shape == (2, 2, 3)
        assert (y.argmax(-1) == labels).all()
        assert_same_bits("one_hot", 0.0, actlib.one_hot(labels, axis=0), np.moveaxis(y, -1, 0))
        assert actlib.one_hot(labels, 5, dtype=np.uint8).dtype == np.uint8
        assert actlib.one_hot(3).tolist() == [0, 0, 0, 1]
        assert actlib.one_hot([]).shape == (0, 0)
        assert actlib.one_hot(np.zeros((2, 0), int), 4).shape == (2, 0, 4)

    def test_errors(self):
        with pytest.raises(ValueError, match=r"labels must lie in \[0, 3\), got -1 at index \(1, 0\)"):
            actlib.one_hot([[0, 1], [-1, 5]], 3)
        with pytest.raises(TypeError, match="labels must be integers, got dtype float64"):
            actlib.one_hot([0.0, 1.0])
        with pytest.raises(TypeError, match="labels must be integers, got dtype bool"):
            actlib.one_hot([True])
        with pytest.raises(ValueError, match=r"^one_hot: axis 2 is out of bounds"):
            actlib.one_hot([0], axis=2)
        with pytest.raises(ValueError, match="num_classes must be an integer"):
            actlib.one_hot([0], 2.5)


@pytest.mark.parametrize("name", AXIS_FUNCTIONS)
class TestObjects:
    def test_is_a_singleton(self, name):
        entry = AXIS_FUNCTIONS[name]
        assert pickle.loads(pickle.dumps(entry)) is entry
        assert copy.copy(entry) is copy.deepcopy(entry) is entry is getattr(actlib, name)

    def test_describes_itself(self, name):
        entry = AXIS_FUNCTIONS[name]
        signature = inspect.signature(entry)
        assert list(signature.parameters)[:2] == ["x", "axis"]
        assert signature.parameters["axis"].default == -1
        assert repr(entry).startswith(f"<function along an axis actlib.{name}(x, /, axis=-1, *,")
        assert entry.__doc__ == inspect.getdoc(entry)
        assert set(entry.accuracy) == set(entry.offers)
        assert set(entry.parameters) <= set(signature.parameters)
        assert entry.references
        assert entry.latex
        assert entry.derivative_latex
        assert entry.ufunc.signature.startswith("(k)")
        assert set(entry.example) <= set(signature.parameters)

    def test_examples(self, name):
        test = doctest.DocTestParser().get_doctest(AXIS_FUNCTIONS[name].__doc__, {}, name, None, 0)
        assert len(test.examples) >= 2
        lines = []
        doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE).run(test, out=lines.append)
        assert not lines, "".join(lines)


def test_every_function_is_listed():
    found = {name for name in actlib.axis.__all__ if isinstance(getattr(actlib, name), actlib.AxisFunction)}
    assert found == set(AXIS_FUNCTIONS)


def swallows_a_stride(x, axis=-1):
    """A wrong kernel: it reads the memory of its argument as if rows lay one behind the other."""
    return actlib.softmax(np.asarray(x).ravel(order="K").reshape(x.shape), axis)


def test_the_check_of_layouts_rejects_a_wrong_kernel(monkeypatch):
    monkeypatch.setitem(OPERATIONS, "wrong", swallows_a_stride)
    with pytest.raises(AssertionError, match="results differ"):
        TestBits().test_layouts("wrong", np.float64, 3)
