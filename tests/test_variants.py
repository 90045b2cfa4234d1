"""The tests of what the kernels compute, once more under every other variant that this machine has.

test_accuracy.py and test_axis_accuracy.py cover the variants by themselves: they compute the exact values once and
judge each variant by them. What is left out here does not depend on the variant.
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
# file -> tests that it has at least
FILES = {
    "test_limits.py": 200,
    "test_arrays.py": 800,
    "test_threads.py": 40,
    "test_axis.py": 800,
    "test_losses.py": 500,
    "test_losses_accuracy.py": 100,
    "test_information.py": 30,
    "test_network.py": 200,
}


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("instruction_set", OTHERS)
def test_variant(instruction_set, file):
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", HERE / file],
        env={**os.environ, "ACTLIB_ISA": instruction_set},
        capture_output=True,
        text=True,
        check=False,
        cwd=HERE,
    )
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-2000:]
    passed = re.search(r"(\d+) passed", done.stdout)
    assert passed, done.stdout
    assert int(passed[1]) >= FILES[file]


def test_every_variant_for_this_machine_is_built():
    """A build for one instruction set only is for developing; what is tested and shipped has all."""
    if actlib.kernels.cpu.x86_64_level() >= 2:
        wanted = {f"x86-64-v{level}" for level in range(2, actlib.kernels.cpu.x86_64_level() + 1)}
        assert set(actlib.kernels.available()) >= wanted
    assert actlib.kernels.available()
