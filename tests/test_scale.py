"""Large calls: their memory beside the results, more than 2**31 elements, and 64 threads that call at once."""

import gc
import sys
from concurrent.futures import ThreadPoolExecutor
from math import log
from pathlib import Path

import numpy as np
import pytest
import test_losses
import test_losses_pairs
from methods import ENTRIES
from oracle import assert_same_bits

import actlib
from actlib import AXIS_FUNCTIONS
from actlib.losses import LOSSES

SIZE = 1 << 22  # elements
ROWS = 1 << 14  # of 256 elements
ALLOWED = 1 << 20  # bytes: some blocks for each thread, and what the allocator rounds up to

each_dtype = pytest.mark.parametrize("dtype", [np.float32, np.float64], ids=lambda dtype: dtype.__name__)
on_linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads the peak of memory from /proc")


def resident(line):
    status = Path("/proc/self/status").read_text()
    return 1024 * int(status.split(f"{line}:")[1].split()[0])


def growth(call):
    """By how many bytes `call` raises the peak of this process's memory, its result included."""
    call()
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5")  # the peak starts anew
    before = resident("VmRSS")
    call()
    return resident("VmHWM") - before


@on_linux
def test_the_growth_of_memory_is_seen():
    x = np.ones(SIZE)
    assert growth(lambda: np.exp(x, out=x)) < ALLOWED
    assert growth(lambda: x + 1.0) > 0.9 * x.nbytes


@on_linux
@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
@each_dtype
def test_elementwise_functions_need_no_memory(entry, dtype):
    x = np.linspace(-3, 3, SIZE, dtype=dtype)
    out, other = np.zeros_like(x), np.zeros_like(x)
    assert growth(lambda: entry(x, out=out)) < ALLOWED
    assert growth(lambda: entry.value_and_derivative(x, out=(out, other))) < ALLOWED
    assert growth(lambda: entry.backward(x, x, out=out)) < ALLOWED


@on_linux
@pytest.mark.parametrize("name", AXIS_FUNCTIONS)
@pytest.mark.parametrize("axis", [0, 1])
@each_dtype
def test_functions_along_an_axis_need_no_memory(name, axis, dtype):
    entry = AXIS_FUNCTIONS[name]
    shape = (ROWS, SIZE // ROWS) if axis == 1 else (SIZE // ROWS, ROWS)
    x = np.random.default_rng(0).normal(size=shape).astype(dtype)
    value = entry(x, axis, **entry.example)
    assert growth(lambda: entry(x, axis, **entry.example)) < value.nbytes + ALLOWED
    assert growth(lambda: entry.backward(value, x, axis, **entry.example)) < x.nbytes + ALLOWED


@on_linux
@pytest.mark.parametrize("name", LOSSES)
@each_dtype
def test_losses_need_no_memory_but_their_gradients(name, dtype):
    """And those along an axis one number for each row."""
    entry = LOSSES[name]
    source = test_losses if entry in test_losses.PREDICTION_LOSSES else test_losses_pairs
    arrays = source.arguments(entry, dtype, ROWS, SIZE // ROWS)
    *arrays, keywords = arrays if source is test_losses else (*arrays, {})
    rows = 8 * ROWS
    if isinstance(entry, test_losses.LabelLoss):
        arrays[1] = arrays[1].argmax(1)
    gradients = entry.gradient(*arrays, **keywords)
    size = sum(gradient.nbytes for gradient in (gradients if isinstance(gradients, tuple) else (gradients,)))
    assert growth(lambda: entry(*arrays, **keywords)) < rows + ALLOWED
    assert growth(lambda: entry.value_and_gradient(*arrays, **keywords)) < size + rows + ALLOWED


BEYOND = 2**31 + 11  # elements, all at one address


def test_more_elements_than_32_bits_count():
    x = np.broadcast_to(np.float32(1.5), BEYOND)
    assert actlib.losses.mean_squared_error(x, 1.0) == 0.25
    assert actlib.losses.mean_absolute_error(x, 1.0, reduction="sum") == np.float32(BEYOND / 2)
    assert actlib.logsumexp(x) == np.float32(1.5 + log(BEYOND))


def test_more_results_than_32_bits_count():
    half = np.float16(-2.0)
    result = actlib.leaky_relu(np.broadcast_to(half, BEYOND), negative_slope=0.25)
    assert result.shape == (BEYOND,)
    assert result[0] == result[2**31] == result[-1] == -0.5
    assert result[:: 2**20].min() == result[:: 2**20].max() == -0.5


def test_64_threads_at_once():
    """Every function, along an axis, every loss: in 64 Python threads, with the library's own threads beneath."""
    actlib.set_num_threads(2)
    calls = []
    for n in (4, 300, 5000):
        x = np.random.default_rng(n).normal(size=(n, 20))
        for entry in ENTRIES:
            calls += [(entry, x, {}), (entry.derivative, x, {})]
        for entry in AXIS_FUNCTIONS.values():
            calls += [(entry, x, entry.example), (entry, x.T[:20], entry.example)]
    calls = [(lambda f=f, x=x, k=keywords: f(x, **k)) for f, x, keywords in calls]
    for entry in LOSSES.values():
        source = test_losses if entry in test_losses.PREDICTION_LOSSES else test_losses_pairs
        arguments = source.arguments(entry, np.float64, 3000, 20)
        *arrays, keywords = arguments if source is test_losses else (*arguments, {})
        calls.append(lambda f=entry, a=arrays, k=keywords: flat(f.value_and_gradient(*a, **k)))
    wanted = [call() for call in calls]
    with ThreadPoolExecutor(64) as pool:
        for got, right in zip(pool.map(lambda call: call(), calls * 2), wanted * 2, strict=True):
            assert_same_bits("concurrent call", np.arange(1), np.ravel(got), np.ravel(right))


def flat(outcome):
    """Value and gradients, or a pair of value and gradients, as one array."""
    value, gradients = outcome
    gradients = gradients if isinstance(gradients, tuple) else (gradients,)
    return np.concatenate([np.ravel(part) for part in (value, *gradients)])
