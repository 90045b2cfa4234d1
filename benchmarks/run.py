"""actlib beside its peers in one process: prints a table of times and ratios, and writes them as JSON.

Usage: python benchmarks/run.py [--quick] [--only WORD ...] [--threads 1 2] [--sizes N ...] [--seconds S] [--json FILE]
"""

import argparse
import json
import math
import os
import platform
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import elementwise
import losses
import peers
import rows
import special
import startup
from turns import Case, Result, take_turns, use_threads

import actlib

LIBRARIES = ("numpy", "scipy", "sklearn", "jax", "torch")
GROUPS = {"elementwise": elementwise, "rows": rows, "losses": losses, "special": special}
# Elements: one call's overhead, a batch of one layer, what fits into the L2 cache, beyond it, and beyond every cache.
SIZES = {
    "elementwise": (1, 100, 10_000, 1_000_000, 30_000_000),
    "rows": (1_000_000,),
    "losses": (1, 10_000, 1_000_000, 20_000_000),
    "special": (10_000, 1_000_000),
}
EXTREME_TASKS = ("value", "value_and_derivative")  # of elementwise functions, measured at all sizes
MIDDLE = range(10_000, 1_000_001)  # sizes at which every task is measured


def main(argv: list[str] | None = None) -> int:
    options = parse(argv)
    for module in GROUPS.values():
        module.check_complete()
    modules, missing = peers.installed()
    if missing:
        print(f"not installed and left out: {', '.join(missing)}  (pip install 'actlib[peers,test]')")
    facts = {
        "date": time.strftime("%Y-%m-%d"),
        "machine": processor(),
        "actlib": actlib.show_config("dicts"),
        "peers": peers.versions(modules),
        "import milliseconds": startup.import_milliseconds(3 if options.quick else 10),
    }
    describe(facts)
    processors = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set(range(os.cpu_count() or 1))
    results = []
    for threads in options.threads:
        heading(threads)
        try:
            for case in selected(options, modules):
                use_threads(threads, modules, processors)
                result = take_turns(case, threads, modules, options.seconds)
                print(line(result), flush=True)
                results.append(result)
                save(options.json, facts, results)  # what is measured is kept if the run is cut off
        finally:
            use_threads(len(processors), modules, processors)
    summarise(results)
    save(options.json, facts, results)
    print(f"\nwritten: {options.json}")
    return 0


def parse(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks/run.py", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="float32, 1000000 elements, one thread: some minutes")
    parser.add_argument(
        "--only", nargs="+", default=[""], help="cases with all these words in group, function, task and dtype"
    )
    parser.add_argument("--threads", type=int, nargs="+", default=None, help="numbers of threads (default: 1 and 2)")
    parser.add_argument("--sizes", type=int, nargs="+", default=None, help="numbers of elements (default: 1 to 3e7)")
    parser.add_argument("--seconds", type=float, default=None, help="time for each case (default: 0.4, quick: 0.1)")
    parser.add_argument("--json", type=Path, default=Path(__file__).with_name("results.json"))
    options = parser.parse_args(argv)
    options.threads = options.threads or ([1] if options.quick else [1, 2])
    options.seconds = options.seconds or (0.1 if options.quick else 0.4)
    options.sizes = options.sizes or ([1_000_000] if options.quick else None)
    return options


def selected(options: argparse.Namespace, modules: dict[str, object]) -> Iterator[Case]:
    def wanted(group: str, function: str, task: str, dtype: str, size: int) -> bool:
        words = f"{group} {function} {task} {dtype}"
        extreme = group == "elementwise" and size not in MIDDLE and task not in EXTREME_TASKS
        return (
            all(word in words for word in options.only)
            and not (options.quick and dtype != "float32")
            and not (extreme and options.sizes is None)
        )

    for group, module in GROUPS.items():
        for size in options.sizes or SIZES[group]:
            yield from module.cases(modules, size, wanted)


def processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((text.split(":", 1)[1].strip() for text in lines if text.startswith("model name")), platform.machine())


def describe(facts: dict[str, object]) -> None:
    for name, value in facts.items():
        text = ", ".join(f"{k} {v}" for k, v in value.items()) if isinstance(value, dict) else value
        print(f"{name}: {text}")


def heading(threads: int) -> None:
    print(
        f"\nthreads: {threads}; nanoseconds per element; ratio: actlib over the best peer, below 1 is ahead; "
        "copy: actlib over the time to copy the same bytes"
    )
    names = "".join(f"{name:>9}" for name in ("actlib", *LIBRARIES))
    print(f"{'function':33}{'task':36}{'dtype':8}{'size':>9}{names}   ratio    copy")


def line(result: Result) -> str:
    times = (result.nanoseconds.get(name) for name in ("actlib", *LIBRARIES))
    cells = "".join(f"{'-' if time is None else format(time, '.3g'):>9}" for time in times)
    ratio = "-" if result.ratio is None else f"{result.ratio:.2f}"
    return (
        f"{result.function:33}{result.task:36}{result.dtype:8}{result.size:>9}{cells}{ratio:>8}{result.over_copy:>8.2f}"
    )


def save(path: Path, facts: dict[str, object], results: list[Result]) -> None:
    """Write the results in one step: a file that was there before is whole until then."""
    unfinished = path.with_suffix(".unfinished")
    unfinished.write_text(document(facts, results))
    unfinished.replace(path)


def document(facts: dict[str, object], results: list[Result]) -> str:
    """The results as JSON, one line for each: group, function, task, dtype, size, threads, copy and nanoseconds."""
    lines = [
        json.dumps(
            [
                r.group, r.function, r.task, r.dtype, r.size, r.threads, significant(r.copy),
                {name: significant(time) for name, time in r.nanoseconds.items()},
            ]
        )
        for r in results
    ]  # fmt: skip
    head = json.dumps(facts, default=str)
    return head[:-1] + ', "results": [\n' + ",\n".join(lines) + "\n]}\n"


def significant(value: float) -> float:
    return float(f"{value:.3g}")


def summarise(results: list[Result]) -> None:
    """Geometric means by group, task and size, and every cell in which a peer is ahead."""
    for group in GROUPS:
        compared = [r for r in results if r.group == group and r.ratio]
        if not compared:
            continue
        print(f"\n{group}: {len(compared)} comparisons; the best peer's time over actlib's, geometric mean")
        keys = sorted({(r.task if group == "elementwise" else r.task.split()[0], r.dtype, r.size) for r in compared})
        for task, dtype, size in keys:
            logs = [
                -math.log(r.ratio or 1)
                for r in compared
                if r.task.startswith(task) and (r.dtype, r.size) == (dtype, size)
                and (group != "elementwise" or r.task == task)
            ]  # fmt: skip
            print(f"  {task:24}{dtype:8}{size:>9}  {math.exp(sum(logs) / len(logs)):6.2f}  of {len(logs)}")
        behind = sorted((r for r in compared if (r.ratio or 0) > 1), key=lambda r: -(r.ratio or 0))
        print(f"  {len(behind)} cells in which a peer is ahead:")
        for r in behind:
            print(
                f"  {r.ratio:5.2f}  {r.function} {r.task} {r.dtype}, {r.size} elements, {r.threads} threads: "
                f"{r.best_peer} (copy {r.over_copy:.2f})"
            )


if __name__ == "__main__":
    sys.exit(main())
