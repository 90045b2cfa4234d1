"""How long ``import actlib`` takes once NumPy is there, and how long NumPy takes, each in fresh processes."""

import subprocess
import sys

PROGRAM = """
import time
start = time.perf_counter()
import numpy
between = time.perf_counter()
import actlib
print(between - start, time.perf_counter() - between)
"""


def import_milliseconds(rounds: int) -> dict[str, float]:
    """The best of several rounds: milliseconds of NumPy's own import and of actlib's after it."""
    times = []
    for _ in range(rounds):
        # -P: the installed package, not the uncompiled one of a source tree around
        command = [sys.executable, "-P", "-c", PROGRAM]
        output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        times.append([1e3 * float(word) for word in output.split()])
    return {name: min(column) for name, column in zip(("numpy", "actlib"), zip(*times, strict=True), strict=True)}
