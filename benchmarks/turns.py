"""Timing: contenders take turns, so that whatever disturbs the machine disturbs all, and the best round counts."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import actlib

ROUND = 0.001  # seconds that one contender works in one round: short, to fit between disturbances
TASKS = Path("/proc/self/task")


@dataclass
class Case:
    """One job, done by several libraries on the same numbers.

    `contenders` maps the name of a library to a call without arguments; ``"actlib"`` is one of them. `size` is the
    number of elements that a time is divided by.
    """

    group: str
    function: str
    task: str
    dtype: str
    size: int
    contenders: dict[str, Callable[[], Any]]


@dataclass
class Result:
    """Best time of each contender in nanoseconds per element."""

    group: str
    function: str
    task: str
    dtype: str
    threads: int
    nanoseconds: dict[str, float]

    @property
    def ratio(self) -> float | None:
        """actlib's time over that of the best peer: below 1, actlib is ahead."""
        peers = [time for name, time in self.nanoseconds.items() if name != "actlib"]
        return self.nanoseconds["actlib"] / min(peers) if peers else None


def seconds(call: Callable[[], Any], repeats: int) -> float:
    start = time.perf_counter()
    for _ in range(repeats):
        call()
    return (time.perf_counter() - start) / repeats


def take_turns(case: Case, threads: int, rounds: int) -> Result:
    """Run `rounds` rounds of all contenders, after one call each to compile and to warm the caches."""
    repeats = {}
    for name, call in case.contenders.items():
        call()
        repeats[name] = max(1, int(ROUND / seconds(call, 1)))
    best = dict.fromkeys(case.contenders, float("inf"))
    for _ in range(rounds):
        for name, call in case.contenders.items():
            best[name] = min(best[name], seconds(call, repeats[name]))
    nanoseconds = {name: 1e9 * value / case.size for name, value in best.items()}
    return Result(case.group, case.function, case.task, case.dtype, threads, nanoseconds)


def use_threads(count: int, modules: dict[str, Any], processors: set[int]) -> None:
    """Give every contender `count` threads.

    JAX fixes its number when it starts; keeping all threads of the process on `count` processors serves it too.
    """
    actlib.set_num_threads(count)
    if "torch" in modules:
        modules["torch"].set_num_threads(count)
    if TASKS.is_dir():
        for task in TASKS.iterdir():
            os.sched_setaffinity(int(task.name), set(sorted(processors)[:count]))
