# What the rest of actlib uses; the compiled modules carry no types of their own.

from types import ModuleType
from typing import Any

import numpy as np

from . import calls as calls

compare: ModuleType
cpu: ModuleType
threads: ModuleType
instruction_set: str
ufuncs: dict[str, np.ufunc]
losses: dict[str, Any]

def available() -> list[str]: ...
def __getattr__(name: str) -> np.ufunc: ...
