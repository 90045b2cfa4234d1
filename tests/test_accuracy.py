"""Every activation keeps the accuracy that its entry promises, in every variant of the kernels.

The questions are in cases.py, the points in sampler.py, the judge in oracle.py.
"""

import os
import subprocess
import sys
from functools import cache

import cases
import numpy as np
import pytest
from oracle import Exact, assert_accurate, exact

import actlib


@cache
def answers(instruction_set, folder):
    """All answers of one variant; other variants than the one in use answer in a process of their own."""
    if instruction_set == actlib.kernels.instruction_set:
        return {str(case): cases.answer(case) for case in cases.cases()}
    file = folder / f"{instruction_set}.npz"
    environment = {**os.environ, "ACTLIB_ISA": instruction_set}
    subprocess.run([sys.executable, cases.__file__, file], env=environment, check=True)
    return dict(np.load(file))


@cache
def wanted(case):
    variable = "y" if case.offer in cases.FROM_OUTPUT else "x"
    return Exact(
        [exact(case.definition, {**case.variables, variable: x}) for x in cases.inputs(case)],
        cases.DTYPES[case.dtype],
    )


@pytest.mark.parametrize("instruction_set", actlib.kernels.available())
@pytest.mark.parametrize("case", cases.cases(), ids=str)
def test_accuracy(case, instruction_set, tmp_path_factory):
    folder = tmp_path_factory.getbasetemp()
    got = answers(instruction_set, folder)[str(case)]
    assert_accurate(str(case), cases.inputs(case), got, wanted(case), case.bound)
