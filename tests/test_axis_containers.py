"""pandas frames, dask arrays and xarray objects in the functions along an axis."""

import dask.array
import numpy as np
import pandas
import pytest
import xarray
from oracle import assert_same_bits

import actlib

SAME_SHAPE = ["softmax", "softmin", "log_softmax", "sparsemax", "entmax15", "hardmax"]


def sample(shape=(4, 3)):
    return np.random.default_rng(8).normal(size=shape) * 3


@pytest.fixture
def frame():
    return pandas.DataFrame(sample(), index=list("abcd"), columns=["x", "y", "z"])


class TestPandas:
    @pytest.mark.parametrize("axis", [0, 1, -1])
    @pytest.mark.parametrize("name", SAME_SHAPE)
    def test_frame(self, frame, name, axis):
        entry, g = getattr(actlib, name), sample()
        y = entry(frame, axis)
        assert isinstance(y, pandas.DataFrame)
        assert y.index.equals(frame.index)
        assert y.columns.equals(frame.columns)
        assert_same_bits(name, 0.0, y.to_numpy(), entry(frame.to_numpy(), axis))
        gradient = entry.backward(g, frame, axis)
        assert gradient.index.equals(frame.index)
        assert_same_bits(name, 0.0, gradient.to_numpy(), entry.backward(g, frame.to_numpy(), axis))

    def test_columns_of_several_dtypes(self, frame):
        frame["y"] = frame["y"].astype(np.float32)
        frame["z"] = [1, 2, 3, 4]
        assert_same_bits("softmax", 0.0, actlib.softmax(frame, 1).to_numpy(), actlib.softmax(frame.to_numpy()))
        nullable = pandas.DataFrame({"x": pandas.array([1.0, None], "Float64"), "y": pandas.array([1, 2], "Int64")})
        y = actlib.softmax(nullable, 1).to_numpy()
        assert np.isnan(y[1]).all()
        assert y[0].tolist() == [0.5, 0.5]
        with pytest.raises(TypeError, match="expected columns of real numbers"):
            actlib.softmax(pandas.DataFrame({"x": ["a", "b"]}))

    def test_reduction(self, frame):
        down, across = actlib.logsumexp(frame, 0), actlib.logsumexp(frame, 1)
        assert down.index.equals(frame.columns)
        assert across.index.equals(frame.index)
        assert actlib.logsumexp(frame, np.int64(0)).equals(down)
        assert_same_bits("logsumexp", 0.0, across.to_numpy(), actlib.logsumexp(frame.to_numpy(), 1))
        assert isinstance(actlib.logsumexp(frame, None), float)

    def test_series(self, frame):
        y = actlib.softmax(frame["y"])
        assert y.name == "y"
        assert y.index.equals(frame.index)
        assert_same_bits("softmax", 0.0, y.to_numpy(), actlib.softmax(frame["y"].to_numpy()))

    def test_mask_and_refusals(self, frame):
        y = actlib.softmax(frame, 1, where=frame > -1)
        assert_same_bits("softmax", 0.0, y.to_numpy(), actlib.softmax(frame.to_numpy(), 1, where=frame.to_numpy() > -1))
        with pytest.raises(TypeError, match="neither out= nor keepdims="):
            actlib.softmax(frame, out=np.empty((4, 3)))
        for entry in (actlib.crelu, actlib.glu):
            with pytest.raises(TypeError, match="labels"):
                entry(frame, 0)

    def test_other_labels_are_refused(self, frame):
        other, mask = frame[::-1], frame > -1
        cases = [
            (lambda: actlib.softmax(frame, 1, where=mask[::-1]), "x and where have rows"),
            (lambda: actlib.softmax(frame, 1, where=mask[["y", "x", "z"]]), "x and where have columns"),
            (lambda: actlib.softmax(frame, 1, where=mask.iloc[0, ::-1]), "x and where have columns"),
            (lambda: actlib.softmax.backward(other, frame, 1), "x and upstream have rows"),
            (lambda: actlib.logsumexp(frame, 1, weights=other**2), "x and weights have rows"),
            (lambda: actlib.logsumexp.backward(other["x"], frame, 1), "x and upstream have rows"),
            (lambda: actlib.gumbel_softmax(frame, 1, noise=other), "x and noise have rows"),
        ]
        for call, message in cases:
            with pytest.raises(ValueError, match=f"{message} of different labels; align them"):
                call()
        gradient = actlib.logsumexp.backward(frame["x"], frame, 1)
        wanted = actlib.logsumexp.backward(frame["x"].to_numpy(), frame.to_numpy(), 1)
        assert_same_bits("logsumexp", 0.0, gradient.to_numpy(), wanted)
        with pytest.raises(np.exceptions.AxisError):
            actlib.softmax(frame, 2)

    def test_noise(self, frame):
        noise = actlib.gumbel_softmax.sample_noise((4, 3), np.random.default_rng(3))
        wanted = actlib.gumbel_softmax(frame.to_numpy(), 1, noise=noise)
        for keywords in ({"noise": noise}, {"rng": np.random.default_rng(3)}):
            y = actlib.gumbel_softmax(frame, 1, **keywords)
            assert y.index.equals(frame.index)
            assert_same_bits("gumbel_softmax", 0.0, y.to_numpy(), wanted)


class TestDask:
    @pytest.mark.parametrize("name", SAME_SHAPE)
    def test_values_and_gradients(self, name):
        x, g, entry = sample((6, 5)), sample((6, 5)), getattr(actlib, name)
        for chunks, axis in (((2, 5), -1), ((2, 5), 1), ((6, 2), 0)):
            chunked = dask.array.from_array(x, chunks=chunks)
            y = entry(chunked, axis)
            assert isinstance(y, dask.array.Array)
            assert y.dtype == x.dtype
            assert_same_bits(name, 0.0, y.compute(), entry(x, axis))
            assert_same_bits(name, 0.0, entry.backward(g, chunked, axis).compute(), entry.backward(g, x, axis))

    def test_reductions_and_splits(self):
        x = sample((6, 5))
        chunked = dask.array.from_array(x, chunks=(2, 5))
        assert_same_bits("logsumexp", 0.0, actlib.logsumexp(chunked).compute(), actlib.logsumexp(x))
        kept = actlib.logsumexp(chunked, keepdims=True)
        assert kept.shape == (6, 1)
        assert_same_bits("logsumexp", 0.0, kept.compute(), actlib.logsumexp(x, keepdims=True))
        weights = np.arange(5.0)
        weighted = actlib.logsumexp(chunked, weights=weights).compute()
        assert_same_bits("logsumexp", 0.0, weighted, actlib.logsumexp(x, weights=weights))
        gradient = actlib.logsumexp.backward(np.arange(6.0), chunked).compute()
        assert_same_bits("logsumexp", 0.0, gradient, actlib.logsumexp.backward(np.arange(6.0), x))
        double = actlib.crelu(chunked)
        assert double.shape == (6, 10)
        assert_same_bits("crelu", 0.0, double.compute(), actlib.crelu(x))
        gradient = actlib.crelu.backward(double, chunked).compute()
        assert_same_bits("crelu", 0.0, gradient, actlib.crelu.backward(actlib.crelu(x), x))

    @pytest.mark.parametrize("name", ["glu", "swiglu", "geglu", "reglu", "maxout"])
    def test_shorter_rows(self, name):
        x, entry = sample((6, 4)), getattr(actlib, name)
        for axis, chunks in ((1, (2, 4)), (0, (6, 3))):
            chunked = dask.array.from_array(x, chunks=chunks)
            y, wanted = entry(chunked, axis, **entry.example), entry(x, axis, **entry.example)
            assert y.shape == wanted.shape
            assert_same_bits(name, 0.0, y.compute(), wanted)
            gradient = entry.backward(wanted, chunked, axis, **entry.example).compute()
            assert_same_bits(name, 0.0, gradient, entry.backward(wanted, x, axis, **entry.example))

    def test_one_noise_for_all_chunks(self):
        x = sample((6, 5))
        chunked = dask.array.from_array(x, chunks=(2, 5))
        wanted = actlib.gumbel_softmax(x, rng=np.random.default_rng(3))
        noise = actlib.gumbel_softmax.sample_noise(x.shape, np.random.default_rng(3))
        for keywords in ({"noise": noise}, {"rng": np.random.default_rng(3)}):
            got = actlib.gumbel_softmax(chunked, **keywords).compute()
            assert_same_bits("gumbel_softmax", 0.0, got, wanted)

    def test_masks(self):
        x = sample((6, 5))
        chunked = dask.array.from_array(x, chunks=(4, 5))
        for mask in (x > 0, np.arange(5) > 1):
            y = actlib.softmax(chunked, where=mask).compute()
            assert_same_bits("softmax", 0.0, y, actlib.softmax(x, where=mask))

    def test_needs_one_chunk_along_the_axis(self):
        chunked = dask.array.ones((4, 6), chunks=(2, 3))
        with pytest.raises(ValueError, match=r"needs one chunk along axis 1, got 2; use x.rechunk\({1: -1}\)"):
            actlib.softmax(chunked)


class TestXarray:
    def test_by_name_of_dimension(self):
        x = xarray.DataArray(sample((2, 4, 3)), dims=("n", "k", "c"), coords={"k": list("abcd")}, attrs={"unit": "nat"})
        y = actlib.softmax(x, axis="k")
        assert y.dims == x.dims
        assert y.attrs == x.attrs
        assert y.coords["k"].equals(x.coords["k"])
        assert_same_bits("softmax", 0.0, y.to_numpy(), actlib.softmax(x.to_numpy(), 1))
        assert_same_bits(
            "softmax", 0.0, actlib.softmax(x, ("k", "c")).to_numpy(), actlib.softmax(x.to_numpy(), (1, 2))
        )
        total = actlib.logsumexp(x, "k")
        assert total.dims == ("n", "c")
        assert_same_bits("logsumexp", 0.0, total.to_numpy(), actlib.logsumexp(x.to_numpy(), 1))
        gradient = actlib.softmax.backward(y, x, axis="k")
        assert_same_bits("softmax", 0.0, gradient.to_numpy(), actlib.softmax.backward(y.to_numpy(), x.to_numpy(), 1))

    @pytest.mark.parametrize("name", actlib.AXIS_FUNCTIONS)
    def test_every_function_and_its_gradient(self, name):
        entry = actlib.AXIS_FUNCTIONS[name]
        x = xarray.DataArray(sample((2, 4, 3)), dims=("n", "k", "c"), attrs={"unit": "nat"})
        y = entry(x, "k", **entry.example)
        assert_same_bits(name, 0.0, y.to_numpy(), entry(x.to_numpy(), 1, **entry.example))
        assert y.dims == (("n", "c") if name == "logsumexp" else x.dims)
        gradient = entry.backward(y, x, "k", **entry.example)
        assert gradient.dims == x.dims
        assert gradient.attrs == x.attrs
        wanted = entry.backward(y.to_numpy(), x.to_numpy(), 1, **entry.example)
        assert_same_bits(name, 0.0, gradient.to_numpy(), wanted)

    def test_refusals(self):
        x = xarray.DataArray(sample(), dims=("n", "c"))
        with pytest.raises(TypeError, match="name the dimension of an xarray object, as in axis='c', not axis=-1"):
            actlib.softmax(x)
        with pytest.raises(TypeError, match="softmax: name the dimension of an xarray object, as in axis='c', not"):
            actlib.softmax(xarray.Dataset({"x": x}))
        with pytest.raises(ValueError, match="there is no dimension 'k'"):
            actlib.softmax(x, "k")
        with pytest.raises(TypeError, match="takes no out="):
            actlib.softmax(x, "c", where=np.ones((4, 3), bool))
        with pytest.raises(TypeError, match="takes rng= and no array noise="):
            actlib.gumbel_softmax(x, "c", noise=np.ones(3))
