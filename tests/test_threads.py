"""Threads change the speed of a result and nothing else; a fork is safe; the caller's processor state is kept."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from methods import ENTRIES, methods, mixture
from oracle import assert_same_bits

import actlib

every_entry = pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
MANY = 300_007  # several times the size from which a call is shared among threads


def run(code, **environment):
    """Runs Python code in a process of its own; a hang is an error."""
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def check_run(code, **environment):
    done = run(code, **environment)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.strip()


@every_entry
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64], ids=lambda dtype: dtype.__name__)
def test_same_bits_with_any_number_of_threads(entry, dtype):
    x = np.tile(mixture(dtype, 1003), MANY // 1003 + 1)[:MANY]
    for name, method in methods(entry).items():
        actlib.set_num_threads(1)
        wanted = method(x)
        for threads in (2, 3, 7):
            actlib.set_num_threads(threads)
            assert_same_bits(f"{entry.name}.{name}, {threads} threads", x, method(x), wanted)
            assert_same_bits("strided", x[::-1], method(x[::-1]), wanted[::-1])


def test_many_python_threads_at_once():
    """Eight Python threads call all functions on arrays large and small, with the library's own threads beneath."""
    actlib.set_num_threads(np.int64(2))
    inputs = [mixture(dtype, n) for dtype in (np.float32, np.float64) for n in (1, 100, 5000, 70_001)]
    calls = [(method, x) for entry in ENTRIES for method in methods(entry).values() for x in inputs]
    wanted = [method(x) for method, x in calls]
    with ThreadPoolExecutor(8) as pool:
        for _ in range(3):
            for (_, x), got, right in zip(calls, pool.map(lambda call: call[0](call[1]), calls), wanted, strict=True):
                assert_same_bits("concurrent call", x, got, right)


@pytest.mark.parametrize("bad", [0, -1, 1.5, "2", None, True])
def test_number_of_threads_is_checked(bad):
    before = actlib.get_num_threads()
    with pytest.raises(ValueError, match=f"number of threads must be a positive integer, not {bad!r}"):
        actlib.set_num_threads(bad)
    assert actlib.get_num_threads() == before


def test_environment_sets_the_number_of_threads():
    show = "import actlib; print(actlib.get_num_threads())"
    assert check_run(show, ACTLIB_NUM_THREADS="3") == "3"
    assert int(check_run(show, ACTLIB_NUM_THREADS="")) == len(os.sched_getaffinity(0))
    assert check_run(show, ACTLIB_NUM_THREADS="5000") == "1024", "the largest number, as of set_num_threads"
    for bad in ("many", "0", "-1", "1.5", "\N{SUPERSCRIPT TWO}"):
        failed = run(show, ACTLIB_NUM_THREADS=bad)
        assert failed.returncode != 0
        named = f"'{bad}'" if bad.isascii() else ""
        assert f"ACTLIB_NUM_THREADS must be a positive integer, not {named}" in failed.stderr


def test_threadpoolctl_sees_the_threads():
    from threadpoolctl import threadpool_info

    actlib.sigmoid(np.zeros(MANY))
    assert any(pool["user_api"] == "openmp" for pool in threadpool_info())


def test_a_fork_after_use_works():
    """OpenMP's threads do not survive a fork; the child computes on one and neither hangs nor crashes."""
    code = f"""
import os, signal, warnings
import numpy as np, actlib
warnings.simplefilter("ignore", DeprecationWarning)  # Python 3.12 warns of any fork beside threads
actlib.set_num_threads(2)
x = np.linspace(-9, 9, {MANY})
wanted = actlib.softplus(x)
children = []
for _ in range(3):
    child = os.fork()
    if child == 0:
        signal.alarm(60)  # a hang ends as a failure
        same = np.array_equal(actlib.softplus(x), wanted) and actlib.get_num_threads() == 1
        actlib.set_num_threads(2)
        same = same and np.array_equal(actlib.softplus(x), wanted) and actlib.get_num_threads() == 1
        os._exit(0 if same else 1)
    children.append(child)
assert [os.waitpid(child, 0)[1] for child in children] == [0, 0, 0]
assert actlib.get_num_threads() == 2 and np.array_equal(actlib.softplus(x), wanted)
print("done")
"""
    assert check_run(code) == "done"


def test_import_and_calls_leave_subnormals_alone():
    """A library built with fast-math flushes everybody's subnormals to zero."""
    code = """
import numpy as np
before = np.geterr()
import actlib
actlib.sigmoid(np.linspace(-800, 800, 200_000)); actlib.tanh.second_derivative(np.float32(-90))
assert 5e-324 != 0 and 5e-324 + 5e-324 == 1e-323
assert np.float32(1e-45) / np.float32(1) != 0
assert np.geterr() == before
print("kept")
"""
    assert check_run(code) == "kept"


GLIBC_STATE = """
import ctypes
import numpy as np, actlib
libm = ctypes.CDLL("libm.so.6")
actlib.set_num_threads(2)
x = np.concatenate([np.linspace(-744, 744, 100_003), [5e-324, -1e-310]])
wanted = actlib.tanh(x), actlib.softplus(x)
assert wanted[0][-2] == 5e-324 and 0 < wanted[1].min() < 1e-310
"""


@pytest.mark.parametrize("direction", [0x400, 0x800, 0xC00], ids=["down", "up", "to zero"])
def test_rounding_direction_of_the_caller_neither_matters_nor_changes(direction):
    code = f"""{GLIBC_STATE}
assert libm.fesetround({direction}) == 0
got = actlib.tanh(x), actlib.softplus(x)
assert libm.fegetround() == {direction}
assert libm.fesetround(0) == 0
assert np.array_equal(got, wanted)
print("kept")
"""
    assert check_run(code) == "kept"


def test_flush_to_zero_of_the_caller_neither_matters_nor_changes():
    """Another library may have switched the processor to flushing; the kernels do not follow, nor switch it back."""
    code = f"""{GLIBC_STATE}
bits = [one.view(np.int64).copy() for one in wanted]
state = ctypes.create_string_buffer(32)             # fenv_t of x86-64; its last four bytes are MXCSR
libm.fegetenv(state)
plain = state.raw
flushing = int.from_bytes(plain[28:], "little") | 0x8040  # flush results, take subnormal inputs for zero
libm.fesetenv(plain[:28] + flushing.to_bytes(4, "little"))
got = actlib.tanh(x), actlib.softplus(x)
flushed = float(np.float64(1e-308) * np.float64(0.5))
libm.fesetenv(plain)
assert flushed == 0                                 # the caller still flushes
assert all(np.array_equal(one.view(np.int64), right) for one, right in zip(got, bits))
print("kept")
"""
    assert check_run(code) == "kept"
