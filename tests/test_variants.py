"""The tests of limits, arrays and threads, once more under every other variant of the kernels that this machine has.

test_accuracy.py covers the variants by itself: it computes the exact values once and judges each variant by them.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import actlib

HERE = Path(__file__).parent
OTHERS = [name for name in actlib.kernels.available() if name != actlib.kernels.instruction_set]
FILES = ("test_limits.py", "test_arrays.py", "test_threads.py")


@pytest.mark.parametrize("instruction_set", OTHERS)
def test_variant(instruction_set):
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *(HERE / name for name in FILES)],
        env={**os.environ, "ACTLIB_ISA": instruction_set},
        capture_output=True,
        text=True,
        check=False,
        cwd=HERE,
    )
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-2000:]
    passed = re.search(r"(\d+) passed", done.stdout)
    assert passed, done.stdout
    assert int(passed[1]) > 500


def test_every_variant_for_this_machine_is_built():
    """A build for one instruction set only is for developing; what is tested and shipped has all."""
    if actlib.kernels.cpu.x86_64_level() >= 2:
        wanted = {f"x86-64-v{level}" for level in range(2, actlib.kernels.cpu.x86_64_level() + 1)}
        assert set(actlib.kernels.available()) >= wanted
    assert actlib.kernels.available()
