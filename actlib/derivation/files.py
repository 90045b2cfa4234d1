"""Derivations in files: text files with ``## name`` headings, and pages with ``.. derivation:: name`` blocks."""

import os
import re
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from .checker import check
from .report import Report, Step

HEADING = re.compile(r"##\s+(.*\S)\s*$")
DIRECTIVE = re.compile(r"(\s*)\.\.\s+derivation::\s*(.*\S)?\s*$")
OPTION = re.compile(r"\s*:[\w-]+:")


@dataclass(frozen=True)
class Derivation:
    """A derivation in a file: its name, its text, and the line of the file at which the text begins."""

    name: str
    text: str
    first_line: int
    path: str

    def check(self, on_step: Callable[[Step], object] | None = None) -> Report:
        """Check it: a `Report` whose lines are those of the file."""
        return check(self.text, self.name, self.first_line, path=self.path, on_step=on_step)


def parse_file(path: str | os.PathLike[str]) -> list[Derivation]:
    """All derivations of a file.

    Parameters
    ----------
    path : str or path-like
        A ``.rst`` page, whose ``.. derivation:: name`` blocks are read; any other text, whose sections begin with
        ``## name``. A text without headings is one derivation, named after the file.

    Returns
    -------
    list of Derivation
    """
    path = Path(path)
    lines = path.read_text(encoding="utf-8-sig").splitlines()            # some editors begin a file with a mark
    find = _blocks if path.suffix == ".rst" else _sections
    return [Derivation(name, text, first, str(path)) for name, text, first in find(lines, path.stem)]


def _sections(lines, stem):
    starts = [(i, HEADING.match(line)[1]) for i, line in enumerate(lines) if HEADING.match(line)]
    if not starts:
        return [(stem, "\n".join(lines), 1)] if any(line.strip() for line in lines) else []
    ends = [i for i, _ in starts[1:]] + [len(lines)]
    return [(name, "\n".join(lines[i + 1:end]), i + 2) for (i, name), end in zip(starts, ends, strict=True)]


def _blocks(lines, stem):
    found = []
    for i, line in enumerate(lines):
        match = DIRECTIVE.match(line)
        if not match:
            continue
        depth, first = len(match[1]), i + 1
        while first < len(lines) and OPTION.match(lines[first]):
            first += 1
        end = first
        while end < len(lines) and (not lines[end].strip() or len(lines[end]) - len(lines[end].lstrip()) > depth):
            end += 1
        found.append((match[2] or stem, textwrap.dedent("\n".join(lines[first:end])), first + 1))
    return found


def prove(path: str | os.PathLike[str], stream: TextIO) -> int:
    """Check all derivations of a file and write what was found, step by step.

    Parameters
    ----------
    path : str or path-like
        See `parse_file`.
    stream : file-like
        Where to write, for example ``sys.stdout``.

    Returns
    -------
    int
        An exit code: 0 if every step holds, 1 if one does not, 2 if there is nothing to read.
    """
    try:
        derivations = parse_file(path)
    except (OSError, UnicodeDecodeError) as error:
        print(f"{path}: cannot be read: {error}", file=stream)
        return 2
    if not derivations:
        print(f"{path}: no derivation found", file=stream)
        return 2
    reports = []
    for derivation in derivations:
        print(f"{derivation.name} ({path}:{derivation.first_line})", file=stream, flush=True)
        report = derivation.check(on_step=lambda step: print(step, file=stream, flush=True))
        for line, message in report.problems:
            print(f"       line {line}: {message}", file=stream)
        reports.append(report)
    print(_summary(reports), file=stream)
    return 0 if all(report.ok for report in reports) else 1


def _summary(reports):
    steps = [step for report in reports for step in report.steps]
    kinds = ("exact", "tested", "assumed", "failed")
    counts = {kind: sum(step.status == kind for step in steps) for kind in kinds}
    held = sum(report.ok for report in reports)
    listed = ", ".join(f"{count} {kind}" for kind, count in counts.items() if count)
    return f"{held} of {len(reports)} derivations hold; steps: {listed or 'none'}"
