"""Other libraries' arrays go in and come out as what they were, with the numbers that NumPy arrays give."""

import dask.array
import numpy as np
import pandas
import pytest
import xarray
from methods import ENTRIES, methods, mixture
from oracle import assert_same_bits

import actlib

every_entry = pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
X = mixture(np.float32, 120).reshape(20, 6)


def results(entry, container):
    """Every method's result, and those of value_and_derivative."""
    found = {name: method(container) for name, method in methods(entry).items() if name != "backward"}
    found["backward"] = entry.backward(container * 0 + 2, container)
    found["pair, value"], found["pair, derivative"] = entry.value_and_derivative(container)
    return found


@every_entry
def test_dask(entry):
    lazy = dask.array.from_array(X, chunks=(7, 4))
    for name, got in results(entry, lazy).items():
        assert isinstance(got, dask.array.Array), name
        assert got.chunks == lazy.chunks
        assert got.dtype == np.float32
        assert_same_bits(f"{entry.name}.{name}", X, got.compute(scheduler="threads"), results(entry, X)[name])


@every_entry
def test_pandas(entry):
    frame = pandas.DataFrame(X, columns=list("abcdef"), index=np.arange(20) * 3)
    for name, got in results(entry, frame).items():
        assert isinstance(got, pandas.DataFrame), name
        assert got.columns.equals(frame.columns)
        assert got.index.equals(frame.index)
        assert_same_bits(f"{entry.name}.{name}", X, got.to_numpy(), results(entry, X)[name])
    for name, got in results(entry, frame["b"]).items():
        assert isinstance(got, pandas.Series), name
        assert got.name == "b"
        assert_same_bits(f"{entry.name}.{name}", X[:, 1], got.to_numpy(), results(entry, X[:, 1].copy())[name])


@every_entry
def test_xarray(entry):
    labelled = xarray.DataArray(X, dims=("time", "place"), coords={"place": list("abcdef")})
    for name, got in results(entry, labelled).items():
        assert isinstance(got, xarray.DataArray), name
        assert got.dims == labelled.dims
        assert got.coords.equals(labelled.coords)
        assert_same_bits(f"{entry.name}.{name}", X, got.to_numpy(), results(entry, X)[name])


def test_the_gradient_of_a_labelled_parameter_is_refused():
    """xarray broadcasts by name: summing by position would give the gradient of the wrong axis."""
    x = xarray.DataArray(-np.arange(1.0, 5.0).reshape(2, 2), dims=("row", "column"))
    slopes = xarray.DataArray([0.1, 0.2], dims="row")
    assert np.array_equal(actlib.prelu(x, alpha=slopes), x.to_numpy() * [[0.1], [0.2]])
    with pytest.raises(TypeError, match=r"the gradient of alpha wants a NumPy array; pass alpha.values"):
        actlib.prelu.parameter_gradients(x, x, alpha=slopes)


@pytest.mark.parametrize("entry", [actlib.sigmoid, actlib.leaky_relu, actlib.special.entr], ids=lambda e: e.name)
def test_a_mask_with_labels_is_refused(entry):
    """pandas would call itself for ever."""
    x, mask = pandas.Series([1.0, 2.0]), pandas.Series([True, False])
    for array in (x, x.to_numpy()):
        with pytest.raises(TypeError, match=f"^{entry.name}: where is a Series; pass where.to_numpy"):
            entry(array, where=mask)
        with pytest.raises(TypeError, match=f"^{entry.name}: where is a DataFrame; pass where.to_numpy"):
            entry.derivative(array, where=mask.to_frame())
    out = np.zeros(2)
    entry(x, where=mask.to_numpy(), out=out)
    assert out.tolist() == [entry(1.0), 0.0]


@every_entry
def test_masked_arrays(entry):
    masked = np.ma.masked_array(X, mask=X > 1)
    got = entry(masked)
    assert isinstance(got, np.ma.MaskedArray)
    assert np.array_equal(got.mask, masked.mask)
    assert_same_bits(entry.name, X[X <= 1], got.compressed(), entry(X[X <= 1]))
    if hasattr(entry, "parameter_gradients"):
        wanted = entry.parameter_gradients(np.ones_like(X[X <= 1]), X[X <= 1])
        assert entry.parameter_gradients(np.ones_like(X), masked) == wanted, "what is masked counts"
        assert entry.parameter_gradients(np.ma.masked_array(np.ones_like(X), mask=X > 1), X) == wanted
