"""float32 at every number there is: each kernel beside its float64 twin.

The float64 kernel is evaluated at the same numbers, with the same parameters. Its own error, a few units of its last
place, is less than 1e-8 of float32's; so the distances found are those from the exact values.
"""

import json
import os
from collections.abc import Collection, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TextIO

import numpy as np

from . import kernels
from .config import get_num_threads, set_num_threads
from .entries import Activation

PATTERNS = 2**32
CHUNK = 2**14  # elements that stay in the cache of a processor
FROM_OUTPUT = ("derivative_from_output", "inverse")
OFFERS = ("value", "derivative", "second_derivative", *FROM_OUTPUT)


@dataclass(frozen=True)
class Worst:
    """The largest error of one offer over all numbers asked, and where it is."""

    function: str
    offer: str
    points: int
    ulp: float
    x: float
    got: float
    wanted: float


def offers(entry: Activation[...]) -> list[str]:
    """What an entry offers as a function of one variable."""
    return [offer for offer in OFFERS if offer in entry.offers]


def examine(entry: Activation[...], offer: str, stride: int = 1) -> Worst:
    """The worst of all float32, or of every `stride`-th bit pattern, with the default parameters or, where there are
    none, those of the entry's example.

    Of what takes an output, those in the range.
    """
    function: Any = entry if offer == "value" else getattr(entry, offer)
    chosen = {name: p.default for name, p in entry.parameters.items() if p.default is not None} | entry.example
    parameters = {name: float(np.float32(value)) for name, value in chosen.items()}
    if entry.name == "rrelu":  # rounds the mean of its two bounds
        parameters = {"slopes": float(np.float32(11 / 48))}
    count = -(-PATTERNS // stride)

    def share(first: int) -> tuple[float, float, float, float, int]:
        """The worst of every so many chunks, as many as there are shares, and how many numbers were asked."""
        single, double = np.empty(CHUNK, np.float32), np.empty(CHUNK, np.float64)
        worst, points = (-1.0, 0.0, 0.0, 0.0), 0
        for start in range(first * CHUNK, count, shares * CHUNK):
            patterns = np.arange(start, min(start + CHUNK, count), dtype=np.uint64) * np.uint64(stride)
            x = patterns.astype(np.uint32).view(np.float32)
            if offer in FROM_OUTPUT:  # what is no output has no meaning there
                x = x[(x >= entry.range.low) & (x <= entry.range.high) | np.isnan(x)]
            got = function(x, out=single[: x.size], **parameters)
            with np.errstate(all="ignore"):
                exact = function(x.astype(np.float64), out=double[: x.size], **parameters)
            error, place = kernels.compare.worst_distance(got, exact)
            if error > worst[0]:
                worst = error, float(x[place]), float(got[place]), float(exact[place])
            points += x.size
        return *worst, points

    shares = os.cpu_count() or 1
    threads = get_num_threads()
    set_num_threads(1)
    try:
        with ThreadPoolExecutor(shares) as pool:
            found = list(pool.map(share, range(shares)))
    finally:
        set_num_threads(threads)
    error, x, got, wanted, _ = max(found, key=lambda one: one[0])
    return Worst(entry.name, offer, sum(points for *_, points in found), error, x, got, wanted)


def run(entries: Iterable[Activation[...]], stride: int = 1) -> Iterator[Worst]:
    """One result after the other."""
    for entry in entries:
        for offer in offers(entry):
            yield examine(entry, offer, stride)


def report(entries: Collection[Activation[...]], stream: TextIO, stride: int = 1, file: str | None = None) -> bool:
    """Print a line for each result as it is there, write all to a JSON file, say whether every promise was kept."""
    from . import __version__

    promises = {entry.name: entry.accuracy for entry in entries}
    results, kept = [], True
    which = "every float32" if stride == 1 else f"every {stride}th float32"
    print(f"actlib {__version__}, instruction set {kernels.instruction_set}, {which}: errors in ulp", file=stream)
    print(f"{'function':18} {'offer':24} {'worst':>8} {'promised':>9}  at", file=stream, flush=True)
    for found in run(entries, stride):
        promised = promises[found.function][found.offer].float32
        kept = kept and found.ulp <= promised
        verdict = "" if found.ulp <= promised else f"  FAILED: got {found.got!r}, wanted {found.wanted!r}"
        print(
            f"{found.function:18} {found.offer:24} {found.ulp:8.4f} {promised:9g}  x = {found.x!r}{verdict}",
            file=stream, flush=True,
        )  # fmt: skip
        results.append({**asdict(found), "promised": promised})
    if file:
        facts = {"version": __version__, "instruction set": kernels.instruction_set, "stride": stride}
        lines = ",\n".join(json.dumps(result) for result in results)
        Path(file).write_text(json.dumps(facts)[:-1] + f', "results": [\n{lines}\n]}}\n')
    return kept
