"""Functions made of straight and parabolic pieces: clips, hard gates and thresholds.

Definition, documentation and conventions; the arithmetic is in ``kernels/piecewise.pyx``.
"""

__all__: list[str] = []
