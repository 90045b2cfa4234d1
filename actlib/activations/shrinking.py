"""Functions that shrink small inputs to 0.

Definition, documentation and conventions; the arithmetic is in ``kernels/shrinking.pyx``.
"""

__all__: list[str] = []
