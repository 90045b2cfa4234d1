"""Timing: contenders take turns, so that whatever disturbs the machine disturbs all, and the best batch counts."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import actlib

BATCH = 0.0002  # seconds that calls in a row are timed together: short, to fit between disturbances
BATCHES = 5  # in one turn of a contender
LEAST_ROUNDS = 5
TASKS = Path("/proc/self/task")


#: asked with group, function, task, dtype and size before a case is made: is it wanted?
Wanted = Callable[[str, str, str, str, int], bool]


def everything(group: str, function: str, task: str, dtype: str, size: int) -> bool:
    return True


@dataclass
class Case:
    """One job, done by several libraries on the same numbers.

    `contenders` maps the name of a library to a call without arguments; ``"actlib"`` is one of them. `size` is the
    number of elements that a time is divided by, `moved` the number of bytes that have to be read and written.
    """

    group: str
    function: str
    task: str
    dtype: str
    size: int
    moved: int
    contenders: dict[str, Callable[[], Any]]


@dataclass
class Result:
    """Best time of each contender in nanoseconds per element, and that of copying as many bytes."""

    group: str
    function: str
    task: str
    dtype: str
    size: int
    threads: int
    nanoseconds: dict[str, float]
    copy: float

    @property
    def best_peer(self) -> str | None:
        peers = {name: time for name, time in self.nanoseconds.items() if name != "actlib"}
        return min(peers, key=peers.__getitem__) if peers else None

    @property
    def ratio(self) -> float | None:
        """actlib's time over that of the best peer: below 1, actlib is ahead."""
        return self.nanoseconds["actlib"] / self.nanoseconds[self.best_peer] if self.best_peer else None

    @property
    def over_copy(self) -> float:
        """actlib's time over that of moving the same bytes."""
        return self.nanoseconds["actlib"] / self.copy


def copier(moved: int, modules: dict[str, Any]) -> Callable[[], Any]:
    """A call that moves that many bytes: half of them read, half written, by torch where it is (it has threads)."""
    source, target = np.ones(max(1, moved // 8), np.float32), np.zeros(max(1, moved // 8), np.float32)
    if "torch" in modules and moved > 1_000_000:
        torch = modules["torch"]
        source, target = torch.from_numpy(source), torch.from_numpy(target)
        return lambda: target.copy_(source)
    return lambda: np.copyto(target, source)


def seconds(call: Callable[[], Any], repeats: int, batches: int = BATCHES) -> float:
    """The time of a call in the best of some batches, after one call that is not counted.

    That one brings the contender's own arrays back into the caches: whose turn comes after the copy would otherwise pay
    for what the copy has driven out.
    """
    call()
    best = float("inf")
    for _ in range(batches):
        start = time.perf_counter()
        for _ in range(repeats):
            call()
        best = min(best, (time.perf_counter() - start) / repeats)
    return best


def take_turns(case: Case, threads: int, modules: dict[str, Any], limit: float) -> Result:
    """All contenders in turn, for `limit` seconds or a few rounds more."""
    calls = {**case.contenders, "copy": copier(case.moved, modules)}
    repeats = {name: max(1, int(BATCH / max(seconds(call, 1, 1), 1e-9))) for name, call in calls.items()}
    best = dict.fromkeys(calls, float("inf"))
    start, rounds = time.perf_counter(), 0
    while rounds < LEAST_ROUNDS or time.perf_counter() - start < limit:
        for name, call in calls.items():
            best[name] = min(best[name], seconds(call, repeats[name]))
        rounds += 1
    nanoseconds = {name: 1e9 * value / case.size for name, value in best.items()}
    copy = nanoseconds.pop("copy")
    return Result(case.group, case.function, case.task, case.dtype, case.size, threads, nanoseconds, copy)


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
