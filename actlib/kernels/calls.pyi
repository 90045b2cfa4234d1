# A compiled module carries no types of its own.

from typing import Any

import numpy as np

class ElementwiseCall:
    ufunc: np.ufunc
    known: dict[Any, tuple[Any, ...]]
    def __call__(self, *args: Any, **keywords: Any) -> Any: ...

def known_call(
    known: dict[Any, tuple[Any, ...]], ufunc: np.ufunc, arrays: tuple[Any, ...], keywords: dict[str, Any]
) -> Any: ...
def remember(
    known: dict[Any, tuple[Any, ...]], x: Any, keywords: dict[str, Any], operands: tuple[Any, ...]
) -> None: ...
def is_readable(values: object) -> bool: ...
def plain_pair(prediction: object, target: object) -> bool: ...
def plain_labels(prediction: object, labels: object) -> bool: ...
