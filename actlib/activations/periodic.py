"""Functions that oscillate: sine, snake.

Definition, documentation and conventions; the arithmetic is in ``kernels/periodic.pyx``.
"""

__all__: list[str] = []
