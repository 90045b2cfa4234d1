"""Losses of pairs and triples: rankings, and vectors that are to be near or far.

Definition, documentation and conventions; the arithmetic is in ``kernels/embeddings.pyx``.
"""

__all__: list[str] = []
