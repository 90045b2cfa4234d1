"""Threads, and what this installation is made of."""

from typing import Any

import numpy as np

from . import kernels

__all__ = ["get_num_threads", "set_num_threads", "show_config"]


def set_num_threads(n: int, /) -> None:
    """Use at most `n` threads in one call from now on.

    The environment variable ``ACTLIB_NUM_THREADS`` sets the number at import; without it, it is the number of
    processors that the process may use. Results do not depend on it. A forked child stays on one thread, because
    OpenMP's threads do not survive a fork.

    Parameters
    ----------
    n : int
        At least 1; more than 1024 are 1024.

    Raises
    ------
    ValueError
        Unless `n` is a positive integer.

    Notes
    -----
    A call ends when its last thread does. Where other programs want the processors too, a thread may wait for its turn
    a hundred times as long as it computes; there one thread is faster.

    Examples
    --------
    >>> import actlib
    >>> before = actlib.get_num_threads()
    >>> actlib.set_num_threads(1)
    >>> actlib.get_num_threads()
    1
    >>> actlib.set_num_threads(before)
    """
    kernels.threads.set_num_threads(int(n) if isinstance(n, np.integer) else n)


def get_num_threads() -> int:
    """The largest number of threads that one call uses; 1 where no OpenMP library was found, and after a fork.

    Examples
    --------
    >>> import actlib
    >>> actlib.get_num_threads() >= 1
    True
    """
    count: int = kernels.threads.get_num_threads()
    return count


def show_config(mode: str = "stdout") -> dict[str, Any] | None:
    """Print version, instruction set in use, those available, threads, compiler and flags.

    Parameters
    ----------
    mode : {"stdout", "dicts"}
        Whether to print the facts or to return them as a dictionary.

    Raises
    ------
    ValueError
        For any other `mode`.

    Examples
    --------
    >>> import actlib
    >>> actlib.show_config("dicts")["instruction set"] in actlib.show_config("dicts")["available"]
    True
    """
    if mode not in ("stdout", "dicts"):
        raise ValueError(f"show_config: mode must be 'stdout' or 'dicts', got {mode!r}")
    from . import __version__

    facts = {
        "actlib": __version__,
        "instruction set": kernels.instruction_set,
        "available": kernels.available(),
        "threads": get_num_threads(),
        **kernels.cpu.build(),
    }
    if mode == "dicts":
        return facts
    for name, value in facts.items():
        print(f"{name:15} {', '.join(value) if isinstance(value, list) else value}")
    return None
