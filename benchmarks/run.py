"""actlib beside its peers in one process: prints a table of times and ratios, and writes them as JSON.

Usage: python benchmarks/run.py [--quick] [--only WORD] [--threads 1 2] [--size N] [--json FILE]
"""

import argparse
import json
import os
import platform
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import elementwise
import losses
import peers
import rows
import startup
from turns import Case, Result, take_turns, use_threads

import actlib

LIBRARIES = ("numpy", "scipy", "sklearn", "jax", "torch")
GROUPS = {"elementwise": elementwise, "rows": rows, "losses": losses}


def main(argv: list[str] | None = None) -> int:
    options = parse(argv)
    for module in GROUPS.values():
        module.check_complete()
    modules, missing = peers.installed()
    if missing:
        print(f"not installed and left out: {', '.join(missing)}  (pip install 'actlib[peers,test]')")
    facts = {
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
                result = take_turns(case, threads, 20 if options.quick else 60)
                print(line(result), flush=True)
                results.append(result)
        finally:
            use_threads(len(processors), modules, processors)
    summarise(results)
    document = {**facts, "results": [{**asdict(result), "ratio": result.ratio} for result in results]}
    options.json.write_text(json.dumps(document, indent=1, default=str) + "\n")
    print(f"\nwritten: {options.json}")
    return 0


def parse(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks/run.py", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer rounds, float32 only, one thread: under a minute")
    parser.add_argument("--only", default="", help="cases whose group, function, task or dtype contains this word")
    parser.add_argument("--threads", type=int, nargs="+", default=None, help="numbers of threads (default: 1 and 2)")
    parser.add_argument("--size", type=int, default=1_000_000, help="elements (default: 1000000)")
    parser.add_argument("--json", type=Path, default=Path(__file__).with_name("results.json"))
    options = parser.parse_args(argv)
    options.threads = options.threads or ([1] if options.quick else [1, 2])
    return options


def selected(options: argparse.Namespace, modules: dict[str, object]) -> Iterator[Case]:
    for module in GROUPS.values():
        for case in module.cases(modules, options.size):
            words = f"{case.group} {case.function} {case.task} {case.dtype}"
            if options.only in words and not (options.quick and case.dtype != "float32"):
                yield case


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
    print(f"\nthreads: {threads}; nanoseconds per element; last column: actlib over the best peer, below 1 is ahead")
    names = "".join(f"{name:>9}" for name in ("actlib", *LIBRARIES))
    print(f"{'function':33}{'task':36}{'dtype':8}{names}   ratio")


def line(result: Result) -> str:
    times = (result.nanoseconds.get(name) for name in ("actlib", *LIBRARIES))
    cells = "".join(f"{'-' if time is None else format(time, '.3g'):>9}" for time in times)
    ratio = "-" if result.ratio is None else f"{result.ratio:.2f}"
    return f"{result.function:33}{result.task:36}{result.dtype:8}{cells}{ratio:>8}"


def summarise(results: list[Result]) -> None:
    """The worst cases by group, beside the aims: elementwise within 1.5 of the best peer, losses ahead of all."""
    for group in GROUPS:
        ranked = sorted((r for r in results if r.group == group and r.ratio), key=lambda r: -(r.ratio or 0))
        limit = 1.0 if group == "losses" else 1.5
        behind = [r for r in ranked if (r.ratio or 0) > limit]
        print(f"\n{group}: {len(ranked)} comparisons, {len(behind)} above {limit:g}")
        for result in behind:
            print(f"  {result.ratio:5.2f}  {result.function} {result.task} {result.dtype}, {result.threads} threads")


if __name__ == "__main__":
    sys.exit(main())
