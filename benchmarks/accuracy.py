"""Accuracy in one table: what the tests found in actlib, and the same points asked of its peers.

Usage: python benchmarks/accuracy.py [--json FILE] [--record FILE]

Runs the accuracy tests of all variants with a record of the worst error of each test, then asks the peers for values
and derivatives at the points of those tests (asked.py), and writes both as JSON: the pages on accuracy and on speed
read it. Errors are in ulp of the exact result (tests/oracle.py).
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import asked
import peers

import actlib

ROOT = Path(__file__).resolve().parent.parent
TESTS = ROOT / "tests"
TITLES = (
    re.compile(r"^(?P<name>\w+)-float(32|64)-(?P<offer>\w+)"),
    re.compile(
        r"^(?P<name>[\w.]+)\.(?P<offer>value|\w*gradient|hessian_diagonal|\w*derivative|backward\w*|jacobian)\b"
    ),
    re.compile(r"^(?P<name>\w+)(?P<offer>)$"),
)
# test file -> the kind of functions that it asks, and their names
KINDS = {
    "test_accuracy": ("activations", actlib.ACTIVATIONS),
    "test_axis_accuracy": ("axis", actlib.AXIS_FUNCTIONS),
    "test_losses_accuracy": ("losses", actlib.losses.LOSSES),
    "test_losses_pairs": ("losses", actlib.losses.LOSSES),
    "test_special_accuracy": ("special", actlib.special.SPECIAL),
}


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="benchmarks/accuracy.py", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--json", type=Path, default=ROOT / "docs" / "_ext" / "accuracy.json")
    parser.add_argument("--record", type=Path, help="read what a run of the tests with ACTLIB_RECORD=FILE has left")
    options = parser.parse_args(argv)
    own = worst_of(options.record or tested())
    modules, missing = peers.installed()
    if missing:
        print(f"not installed and left out: {', '.join(missing)}  (pip install 'actlib[peers,test]')")
    theirs = asked.measured(modules)
    rows = []
    for (kind, name, offer, dtype), line in sorted(own.items()):
        known = theirs.get((kind, name, offer, dtype), {})
        row = {"kind": kind, "name": name, "offer": offer, "dtype": dtype, **line, "peers": known}
        rows.append(json.dumps(row))
        print(f"{name:34} {offer:24} {dtype:8} {line['ulp']:7.3f} of {line['bound']:g}  {shown(row['peers'])}")
    facts = {
        "date": time.strftime("%Y-%m-%d"),
        "variants": actlib.kernels.available(),
        "peers": peers.versions({name: modules[name] for name in asked.LIBRARIES if name in modules}),
    }
    options.json.write_text(json.dumps(facts)[:-1] + ', "rows": [\n' + ",\n".join(rows) + "\n]}\n")
    print(f"\nwritten: {options.json}")
    return 0


def shown(found: dict[str, Any]) -> str:
    return ", ".join(f"{library} {worst['ulp']:.3g}" for library, worst in found.items())


def tested() -> Path:
    """The record of a run of the accuracy tests."""
    record = Path(tempfile.mkdtemp()) / "record"
    command = [sys.executable, "-m", "pytest", "-q", "-n", "auto", "--dist", "loadfile"]
    command += [str(TESTS / f"{name}.py") for name in KINDS]
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, "ACTLIB_RECORD": str(record)}, check=False)
    if done.returncode:
        raise SystemExit("the accuracy tests fail: there is nothing to publish")
    return record


def worst_of(record: Path) -> dict[tuple[str, str, str, str], dict[str, Any]]:
    """(kind, function, offer, dtype) -> the worst of a record, over all variants and keywords."""
    lines = [json.loads(line) for line in record.read_text("utf-8").splitlines()]
    found: dict[tuple[str, str, str, str], dict[str, Any]] = {}
    for line in lines:
        match = next((m for m in (title.match(line["title"]) for title in TITLES) if m), None)
        kind, names = KINDS.get(line.pop("test"), ("", {}))
        if match is None or match["name"] not in names:
            continue  # a test of its own, named by a sentence
        key = (kind, match["name"], match["offer"] or "value", line.pop("dtype"))
        if key not in found or line["ulp"] / line["bound"] > found[key]["ulp"] / found[key]["bound"]:
            found[key] = {name: value for name, value in line.items() if name != "title"}
    return found


if __name__ == "__main__":
    sys.exit(main())
