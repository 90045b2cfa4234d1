"""The functions along an axis: shapes, axes, masks, limits, layouts, dtypes, errors, and what their objects promise."""

import copy
import doctest
import inspect
import pickle
from functools import partial
from math import inf, log, nan

import numpy as np
import pytest
from oracle import assert_same_bits

import actlib
from actlib import AXIS_FUNCTIONS

SAME_SHAPE = ["softmax", "log_softmax", "hardmax"]
SIZES = [1, 2, 15, 16, 17, 64, 65, 79, 80, 1024, 1025, 2100]


def sample(shape, dtype=np.float64, scale=5.0):
    return (np.random.default_rng(3).normal(size=shape) * scale).astype(dtype)


def operations():
    """Name -> function of (x, axis) whose result has rows in the place of the rows of x."""
    found = {name: AXIS_FUNCTIONS[name] for name in [*SAME_SHAPE, "crelu"]}
    found["logsumexp"] = partial(actlib.logsumexp, keepdims=True)
    found["softmax cooled"] = partial(actlib.softmax, temperature=0.7)
    found["log_softmax cooled"] = partial(actlib.log_softmax, temperature=0.7)
    for name in SAME_SHAPE:
        found[f"{name} backward"] = partial(_backward, AXIS_FUNCTIONS[name].backward)
    for name in ("softmax", "log_softmax"):
        found[f"{name} from output"] = partial(_from_output, AXIS_FUNCTIONS[name])
    found["logsumexp backward"] = lambda x, axis=-1: actlib.logsumexp.backward(2.5, x, axis)
    found["logsumexp weighted"] = lambda x, axis=-1: actlib.logsumexp(
        x, axis, weights=upstream(x) + 1, keepdims=True
    )
    found["logsumexp weighted backward"] = lambda x, axis=-1: actlib.logsumexp.backward(
        2.5, x, axis, weights=upstream(x) + 1
    )
    found["crelu backward"] = lambda x, axis=-1: actlib.crelu.backward(actlib.crelu(x, axis) + 1, x, axis)
    return found


def _backward(method, x, axis=-1):
    return method(upstream(x), x, axis)


def _from_output(entry, x, axis=-1):
    return entry.backward_from_output(upstream(x), entry(x, axis), axis)


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
        for shape in [(0,), (3, 0), (0, 3), (0, 0)]:
            y = entry(np.zeros(shape))
            if name == "logsumexp":
                assert y.shape == shape[:-1]
            elif name == "crelu":
                assert y.shape == (*shape[:-1], 2 * shape[-1])
            else:
                assert y.shape == shape
            assert entry.backward(np.zeros(y.shape), np.zeros(shape)).shape == shape
        assert (actlib.logsumexp(np.zeros((3, 0))) == -inf).all()


class TestMasks:
    def test_value(self):
        x = sample((6, 9))
        mask = np.random.default_rng(1).random(x.shape) < 0.6
        mask[2] = False
        x[~mask] = np.where(np.arange((~mask).sum()) % 3 == 0, nan, 1e6)
        for row, keep, p, q, s in zip(
            x, mask, actlib.softmax(x, where=mask), actlib.log_softmax(x, where=mask), actlib.logsumexp(x, where=mask),
            strict=True,
        ):  # fmt: skip
            assert (p[~keep] == 0).all()
            assert (q[~keep] == -inf).all()
            assert_same_bits("softmax", 0.0, p[keep], actlib.softmax(row[keep]))
            assert_same_bits("log_softmax", 0.0, q[keep], actlib.log_softmax(row[keep]))
            assert s == actlib.logsumexp(row[keep])

    @pytest.mark.parametrize("name", ["softmax", "log_softmax", "logsumexp"])
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


    @pytest.mark.parametrize("name", ["softmax", "log_softmax"])
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
        for entry in (actlib.softmax, actlib.log_softmax):
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
        entry, x = AXIS_FUNCTIONS[name], np.array([-1e300, 1e-300, 1e300])
        with np.errstate(all="ignore"):
            wanted = np.asarray(entry(x)).astype(np.float32)
            wanted_gradient = entry.backward(wanted * 1e38, x).astype(np.float32)
        with np.errstate(all="raise"):
            got = entry(x, out=np.empty(wanted.shape, np.float32))
            assert_same_bits(name, x, got, wanted)
            gradient = entry.backward(np.asarray(wanted) * np.float64(1e38), x, out=np.empty(3, np.float32))
        assert gradient.shape == wanted_gradient.shape

    def test_floats(self, name):
        entry = AXIS_FUNCTIONS[name]
        for dtype in (np.float16, np.float32, np.float64):
            x = sample((4, 6), dtype, 2.0)
            y = entry(x)
            assert y.dtype == dtype
            assert entry.backward(np.ones(y.shape), x).dtype == dtype
        half, single = sample((40, 9), np.float16), sample((40, 9), np.float16).astype(np.float32)
        assert_same_bits(name, 0.0, entry(half), entry(single).astype(np.float16))

    @pytest.mark.parametrize("kind", "?bBhHiIlLqQ")
    def test_integers(self, name, kind):
        entry = AXIS_FUNCTIONS[name]
        x = np.array([[1, 0, 1], [0, 1, 1]], kind)
        assert_same_bits(name, 0.0, entry(x), entry(x.astype(float)))
        y = entry(x)
        g = np.ones(y.shape)
        assert_same_bits(name, 0.0, entry.backward(g, x), entry.backward(g, x.astype(float)))
        if name != "crelu":
            assert_same_bits(name, 0.0, entry.ufunc(x), entry(x))

    @pytest.mark.parametrize("bad", [np.ones(3, complex), np.ones(3, object), np.ones(3, "M8[s]"), ["a", "b"]], ids=str)
    def test_others(self, name, bad):
        with pytest.raises(TypeError, match=f"{name}: x must be real numbers.*got dtype"):
            AXIS_FUNCTIONS[name](bad)

    def test_masked_arrays(self, name):
        with pytest.raises(TypeError, match="masked array"):
            AXIS_FUNCTIONS[name](np.ma.masked_array([1.0, 2.0], [True, False]))


class TestErrors:
    @pytest.mark.parametrize("value", [0, -1.0, inf, nan])
    def test_temperature(self, value):
        for run in (actlib.softmax, actlib.log_softmax, actlib.softmax.jacobian):
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
            AXIS_FUNCTIONS[name](np.ones((2, 2)), 2)

    def test_upstream(self):
        with pytest.raises(ValueError, match=r"upstream must have shape \(2, 3\), got \(3, 2\)"):
            actlib.softmax.backward(np.ones((3, 2)), np.ones((2, 3)))

    def test_keywords(self):
        with pytest.raises(TypeError, match="unknown keyword 'temprature'; expected one of: axis, temperature"):
            actlib.softmax([1.0], temprature=2)
        with pytest.raises(TypeError, match="the rest by keyword"):
            actlib.softmax([1.0], -1, 2.0)


class TestGradients:
    @pytest.mark.parametrize("name", ["softmax", "log_softmax"])
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

    @pytest.mark.parametrize("name", ["softmax", "log_softmax"])
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
        assert entry.ufunc.signature.startswith("(k)->")

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
