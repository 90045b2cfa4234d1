"""Sums that are rounded about once, in an order that neither threads nor the layout in memory change."""

from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import kernels

VALUE = 0  # of `Wanted` in loss_loops.pxd


def sum_terms(kernel: str, first: NDArray[Any], second: NDArray[Any]) -> NDArray[Any]:
    """The sums over the last axis, in double, of the terms that a kernel of loss_rows.pxd makes of two arrays."""
    sums = np.empty(first.shape[:-1])
    single = np.result_type(first, second) != np.float64
    kernels.losses[kernel](
        single, VALUE, first, second, None, None, None, 0.0, False, False, None, 1.0, sums, None
    )
    return sums


def sum_rows(terms: NDArray[Any]) -> NDArray[Any]:
    """The sums over the last axis, in double: the kernel of ``-sum t x`` with t = -1."""
    sums = np.empty(terms.shape[:-1])
    minus = np.broadcast_to(np.float64(-1.0), terms.shape)
    kernels.losses["negative_log_likelihood"](
        False, VALUE, terms, minus, None, None, None, 0.0, False, False, None, 1.0, sums, None
    )
    return sums


def sum_to_shape(terms: NDArray[Any], shape: tuple[int, ...]) -> NDArray[Any]:
    """Sum `terms` over the axes that broadcasting `shape` to the shape of `terms` added or stretched."""
    if terms.shape == shape:
        return terms
    added = terms.ndim - len(shape)
    kept = [added + k for k, n in enumerate(shape) if n == terms.shape[added + k]]
    summed = [k for k in range(terms.ndim) if k not in kept]
    rows = terms.transpose(*kept, *summed)
    rows = rows.reshape(*rows.shape[: len(kept)], prod(rows.shape[len(kept) :]))
    return sum_rows(rows).reshape(shape)
