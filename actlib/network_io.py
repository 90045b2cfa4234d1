"""What :mod:`actlib.network` takes in and gives out, beside the mathematics: checked examples, files, progress."""

import json
import operator
import os
import zipfile
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import containers
from .axis import one_hot

Array = NDArray[Any]
Path = str | os.PathLike[str]

#: Losses that read integer labels; for the others a label becomes a row of zeros with a single one.
CLASS_LOSSES = ("cross_entropy", "negative_log_likelihood", "categorical_cross_entropy")


class Examples(NamedTuple):
    """Rows of inputs, targets as the loss reads them, and the labels if that is what `y` was."""

    inputs: Array
    targets: Array
    labels: Array | None


def whole(value: Any, name: str) -> int:
    """`value` as an int, if it is one of at least 1."""
    try:
        number = operator.index(value)
    except TypeError:
        raise TypeError(f"{name} must be an integer, got {value!r}") from None
    if number < 1:
        raise ValueError(f"{name} must be at least 1, got {value!r}")
    return number


def finite(values: Array, name: str, dtype: np.dtype[Any]) -> Array:
    """`values` in `dtype`, if they are finite real numbers there."""
    if values.dtype.kind not in "biuf":
        raise TypeError(f"{name}: expected real numbers, got {values.dtype}")
    with np.errstate(over="ignore"):
        result = values.astype(dtype, copy=False)
    if not np.isfinite(result).all():
        place = tuple(int(i) for i in np.argwhere(~np.isfinite(result))[0])
        raise ValueError(f"{name}: expected finite numbers of {dtype}, got {values[place]} at index {place}")
    return result


def check_inputs(X: ArrayLike, width: int, dtype: np.dtype[Any], name: str = "X") -> Array:
    """`X` as rows of `width` finite numbers."""
    x = np.asarray(X)
    if x.ndim != 2 or x.shape[1] != width or len(x) == 0:
        raise ValueError(f"{name}: expected shape (n, {width}) with n at least 1, got {x.shape}")
    return finite(x, name, dtype)


def check_examples(network: Any, X: ArrayLike, y: ArrayLike, prefix: str = "") -> Examples:
    """`X` and `y` for a network: labels for a classifier, or targets; errors name them with the `prefix`."""
    x, name = check_inputs(X, network.inputs, network.dtype, prefix + "X"), prefix + "y"
    containers.refuse_other_labels("fit", {prefix + "X": (X, [0]), name: (y, [0])})  # by the labels of the rows
    y, n, K = np.asarray(y), len(x), network.outputs
    if network.classifies and y.shape == (n,) and y.dtype.kind in "biu":
        labels, classes = y.astype(np.intp), max(K, 2)
        wrong = np.flatnonzero((labels < 0) | (labels >= classes))
        if wrong.size:
            place = int(wrong[0])
            raise ValueError(f"{name}: labels must be integers in [0, {classes}), got {y[place]} at index {place}")
        if network.loss.name in CLASS_LOSSES:
            return Examples(x, labels, labels)
        rows = labels[:, None].astype(network.dtype) if K == 1 else one_hot(labels, K, dtype=network.dtype)
        return Examples(x, rows, labels)
    if y.shape != (n, K) and not (y.shape == (n,) and K == 1):
        expected = f"targets of shape ({n}, {K})" + (f" or ({n},)" if K == 1 else "")
        if network.classifies:
            expected = f"integer labels of shape ({n},) or {expected}"
        raise ValueError(f"{name}: expected {expected}, got {y.dtype} of shape {y.shape}")
    return Examples(x, finite(y.reshape(n, K), name, network.dtype), None)


def write(path: Path, description: dict[str, Any], arrays: dict[str, Array]) -> None:
    """A npz archive of the arrays and the description in JSON; no pickle."""
    text = json.dumps(description, default=lambda value: np.asarray(value).tolist())
    with open(path, "wb") as file:
        np.savez(file, allow_pickle=False, network=np.array(text), **arrays)


def read(path: Path) -> tuple[dict[str, Any], dict[str, Array]]:
    """What :func:`write` wrote."""
    refusal = f"{os.fspath(path)}: not a file of Network.save"
    if not zipfile.is_zipfile(path):
        with open(path, "rb"):                               # a missing file is named as such
            raise ValueError(refusal)
    with np.load(path, allow_pickle=False) as archive:
        if "network" not in archive:
            raise ValueError(f"{refusal}; it holds {sorted(archive)}")
        arrays = dict(archive)
    return json.loads(str(arrays.pop("network"))), arrays


def progress(epochs: int, verbose: bool) -> Any:
    """The epochs to come; a progress bar where it is wanted and tqdm is installed."""
    if verbose:
        try:
            from tqdm import tqdm
        except ImportError:
            return range(epochs)
        return tqdm(range(epochs), unit="epoch")
    return range(epochs)
