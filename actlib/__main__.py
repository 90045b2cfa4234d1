"""The command ``actlib`` (or ``python -m actlib``): look functions up, evaluate them, test this installation."""

import argparse
import difflib
import math
import os
import shutil
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any, TextIO

import numpy as np

import actlib
from actlib.entries import REALS
from actlib.loss_entry import Loss
from actlib.special_entry import SpecialEntry, SpecialFunction, SpecialFunctionOfTwo


class UserError(Exception):
    """A mistake in the command line: its message is printed, without a traceback, and the exit code is 2."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0, 1 if a check failed, 2 for a mistake in the command line."""
    _never_fail_to_print(sys.stdout, sys.stderr)
    parser = _parser()
    try:
        options = parser.parse_args([_as_positional(word) for word in (sys.argv[1:] if argv is None else argv)])
        code: int = options.run(options)
        print(end="", flush=True)
        return code
    except SystemExit as stop:  # argparse has printed why
        return stop.code if isinstance(stop.code, int) else 2
    except UserError as error:
        print(f"actlib: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:  # the reader has seen enough: actlib list | head
        _write_nowhere()
        return 0
    except OSError as error:  # of the output: what a command reads or writes itself, it has under control
        _write_nowhere()
        print(f"actlib: cannot write: {error.strerror}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130  # what shells report for an interrupted program


def _write_nowhere() -> None:
    """What is still to be printed at the end of the program would fail again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _never_fail_to_print(*streams: TextIO) -> None:
    """A character that the terminal's encoding lacks becomes a question mark."""
    for stream in streams:
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure:
            reconfigure(errors="replace")


def _as_positional(word: str) -> str:
    """argparse takes -inf and -1e5 for options; with a space in front it does not."""
    try:
        float(word)
    except ValueError:
        return word
    return f" {word}" if word.startswith("-") else word


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="actlib", description="Activation and loss functions: look up, evaluate, test. Begin with: actlib tour"
    )
    parser.add_argument("--version", action="version", version=f"actlib {actlib.__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    command = commands.add_parser("list", help="all functions by kind")
    command.set_defaults(run=_list)

    command = commands.add_parser("show", help="formula, derivative, conventions, accuracy and curve of a function")
    command.add_argument("name", metavar="NAME")
    command.add_argument("--plot", metavar="FILE", help="write value and derivative as a figure (.png, .svg, .pdf)")
    command.set_defaults(run=_show)

    command = commands.add_parser("eval", help="values of a function")
    command.add_argument("name", metavar="NAME")
    command.add_argument(
        "x", metavar="X", nargs="+", help="a number, inf and nan too; softmax and its kin take a row, logaddexp X and Y"
    )
    command.add_argument(
        "--parameter", metavar="NAME=VALUE", action="append", default=[], help="for example alpha=2; may be repeated"
    )
    command.add_argument("--derivative", action="store_true", help="print the derivative too")
    command.add_argument("--target", metavar="T", nargs="+", help="targets of a loss, one for each X or one for all")
    command.add_argument("--dtype", choices=["float32", "float64"], default="float64")
    command.set_defaults(run=_eval)

    command = commands.add_parser("check", help="test the elementwise functions as installed by their definitions")
    command.add_argument("names", metavar="NAME", nargs="*", help="only these functions")
    command.add_argument(
        "--exhaustive", action="store_true", help="float32 at each of its 2**32 bit patterns: about a minute an offer"
    )
    command.add_argument("--stride", metavar="N", type=int, help="with --exhaustive: only every N-th one")
    command.add_argument("--json", metavar="FILE", help="with --exhaustive: write the results there too")
    command.set_defaults(run=_check)

    command = commands.add_parser(
        "prove",
        help="check a derivation of your own, step by step",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog=PROVE_EXAMPLE,
    )
    command.add_argument("file", metavar="FILE", help="a text file with one derivation, or a page (.rst) with several")
    command.set_defaults(run=_prove)

    command = commands.add_parser("tour", help="five minutes through the library")
    command.set_defaults(run=_tour)
    return parser


PROVE_EXAMPLE = """\
A derivation names its variables, then goes from line to line by = or <=, with a reason after --:

  let sigma(x) = 1 / (1 + exp(-x))
  real x in (-20, 20)

  D(sigma(x), x)
  = exp(-x) / (1 + exp(-x))**2      -- quotient rule
  = sigma(x)*(1 - sigma(x))         -- definition of sigma, twice

Products are 2*x, powers x**2, the derivative is D(f, x). All of the language: help(actlib.derivation)."""


def kinds() -> dict[str, dict[str, Any]]:
    """All entries by kind and name."""
    from actlib import losses, special

    return {
        "Activations": dict(actlib.ACTIVATIONS),
        "Along an axis": dict(actlib.AXIS_FUNCTIONS),
        "Losses": dict(losses.LOSSES),
        "Special functions": dict(special.SPECIAL),
    }


def find(name: str) -> Any:
    """The entry of this name or alias: of any kind, the first that has it, or of the module in front of the name."""
    found: dict[str, Any] = {}
    for kind, entries in kinds().items():
        module = {"Losses": "losses.", "Special functions": "special."}.get(kind, "")
        for entry in entries.values():
            for known in (entry.name, *entry.aliases):
                found.setdefault(known, entry)
                found.setdefault(module + known, entry)
    wanted = name.removeprefix("actlib.")
    if wanted not in found:
        possible = [known for known in found if "." in wanted or "." not in known]
        similar = difflib.get_close_matches(wanted.lower(), possible, n=3)
        hint = f"did you mean {' or '.join(similar)}?" if similar else "'actlib list' shows the names"
        raise UserError(f"no function is called {name!r}; {hint}")
    return found[wanted]


def _list(options: argparse.Namespace) -> int:
    for kind, entries in kinds().items():
        print(kind)
        width = max(map(len, entries), default=0)
        for name, entry in sorted(entries.items()):
            aliases = f"  (also {', '.join(entry.aliases)})" if entry.aliases else ""
            print(f"  {name:{width}}  {_summary(entry)}{aliases}")
        print()
    return 0


def _summary(entry: Any) -> str:
    return (entry.__doc__ or "").strip().split("\n")[0].replace("``", "")


def _show(options: argparse.Namespace) -> int:
    entry = find(options.name)
    print(repr(entry))
    print(_summary(entry))
    print()
    facts = _facts(entry)
    width = max(len(label) for label, _ in facts)
    for label, text in facts:
        print(f"{label:{width}}  {text}")
    curve = _curve(entry)
    if options.plot:
        _plot(entry, options.plot)
    elif curve:
        from actlib.drawing import terminal_curve

        print()
        width = min(60, max(20, shutil.get_terminal_size().columns - 10))
        print(terminal_curve(*curve, width, unicode=_prints_braille(sys.stdout)))
    return 0


def _facts(entry: Any) -> list[tuple[str, str]]:
    """What is known about an entry, as pairs of label and text."""
    facts = [("also called", ", ".join(entry.aliases))]
    is_special = isinstance(entry, SpecialEntry)
    named = [name for name in dir(entry) if name == "definition" or name.endswith("_definition")]
    for name in sorted(named, key=lambda name: (name != "definition", name != "derivative_definition", name)):
        facts.append((name.removesuffix("_definition").replace("_", " "), getattr(entry, name)))
    for variable, formula in zip("xy", getattr(entry, "gradient_definitions", ()) if is_special else (), strict=False):
        facts.append((f"derivative in {variable}", formula))
    for label, name in (("domain", "domain"), ("range by default", "range")):
        facts.append((label, str(getattr(entry, name, ""))))
    for name, parameter in getattr(entry, "parameters", {}).items():
        default = "no default" if parameter.required else f"default {parameter.default}"
        number = type(parameter.default) in (int, float) or parameter.required
        interval = f", in {parameter.interval}" if number or parameter.interval != REALS else ""
        facts.append((f"parameter {name}", default + interval))
    for point, value in getattr(entry, "limits", {}).items():
        facts.append((point if isinstance(point, str) else f"value at {_point(point)}", str(value)))
    for what in ("derivative", "gradient"):
        for point, value in getattr(entry, f"{what}_limits", {}).items():
            facts.append((f"{what} at {_point(point)}", str(value)))
    for point, value in getattr(entry, "kinks", {}).items():
        facts.append((f"derivative at the kink {point if isinstance(point, str) else format(point, 'g')}", str(value)))
    for offer, bound in getattr(entry, "accuracy", {}).items():
        text = f"{bound.float32:g} ulp in float32, {bound.float64:g} ulp in float64"
        facts.append((f"largest error, {offer.replace('_', ' ')}", f"{text}  {bound.reason}".rstrip()))
    for name in ("likelihood", "minimiser"):
        facts.append((name, str(getattr(entry, name, "") or "")))
    facts += [("reference", text) for text in getattr(entry, "references", ())]
    return [(label, text) for label, text in facts if text]


def _point(point: Any) -> str:
    """A number, or a pair of them."""
    return f"({', '.join(f'{number:+g}' for number in point)})" if isinstance(point, tuple) else f"{point:+g}"


def _curve(entry: Any) -> tuple[Any, float, float] | None:
    """What to draw of an entry: a function of one variable and the interval."""
    if not isinstance(entry, actlib.Activation | SpecialFunction) or isinstance(entry.domain, str):
        return None
    return partial(entry, **getattr(entry, "example", {})), max(-6.0, entry.domain.low), min(6.0, entry.domain.high)


def _prints_braille(stream: TextIO) -> bool:
    try:
        "⠿".encode(getattr(stream, "encoding", None) or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def _plot(entry: Any, path: str) -> None:
    if not isinstance(entry, actlib.entries.Activation):
        raise UserError(f"--plot draws elementwise activations, and {entry.name} is none")
    try:
        from matplotlib.figure import Figure

        from actlib import plotting

        figure = Figure(figsize=(6, 4), layout="constrained")
        plotting.plot(entry, ax=figure.add_subplot())
    except ImportError as error:
        raise UserError("--plot needs matplotlib: pip install 'actlib[plot]'") from error
    if not Path(path).suffix:
        path += ".png"
    try:
        figure.savefig(path)
    except (OSError, ValueError) as error:
        raise UserError(f"cannot write {path}: {error}") from error
    print(f"\nwritten: {path}")


def _eval(options: argparse.Namespace) -> int:
    entry = find(options.name)
    x = _numbers(options.x, options.dtype)
    parameters = dict(_parameter(text) for text in options.parameter)
    if len(parameters) < len(options.parameter):
        raise UserError("--parameter names a parameter twice")
    if options.target and not isinstance(entry, Loss):
        raise UserError(f"--target is for losses, and {entry.name} is none")
    try:
        if isinstance(entry, Loss):
            columns = _loss_columns(entry, x, options, parameters)
        elif isinstance(entry, SpecialFunctionOfTwo):
            columns = _columns_of_two(entry, x, options, parameters)
        else:
            columns = {entry.name: np.atleast_1d(entry(x, **parameters))}
            if not isinstance(entry, actlib.AxisFunction):
                columns = {"x": x, **columns}
            if options.derivative:
                columns["derivative"] = entry.derivative(x, **parameters)
    except (ValueError, TypeError, AttributeError) as error:
        raise UserError(str(error)) from error
    _print_table(columns)
    return 0


def _columns_of_two(entry: Any, numbers: Any, options: argparse.Namespace, parameters: Any) -> dict[str, Any]:
    if numbers.size != 2:
        raise UserError(f"{entry.name} is a function of two numbers: give X and Y")
    x, y = numbers.reshape(2, 1)
    columns = {"x": x, "y": y, entry.name: entry(x, y, **parameters)}
    if options.derivative:
        columns["in x"], columns["in y"] = entry.gradient(x, y)
    return columns


def _loss_columns(loss: Any, x: Any, options: argparse.Namespace, parameters: dict[str, float]) -> dict[str, Any]:
    if hasattr(loss, "gradient_definitions"):
        raise UserError(f"{loss.name} is a loss of several arrays: call it from Python")
    if not options.target:
        raise UserError(f"{loss.name} is a loss: give the target too, --target T")
    target = _numbers(options.target, options.dtype)
    if target.size == 1:
        target = np.full_like(x, target[0])
    columns = {"prediction": x, "target": target, loss.name: loss(x, target, reduction="none", **parameters)}
    if np.shape(columns[loss.name]) != x.shape:
        raise UserError(f"{loss.name} is a loss of whole rows: call it from Python")
    if options.derivative:
        columns["derivative"] = loss.gradient(x, target, reduction="sum", **parameters)
    return columns


def _numbers(words: Sequence[str], dtype: str) -> Any:
    try:
        values = [float(word) for word in words]
    except ValueError as error:
        raise UserError(f"expected numbers: {error}") from None
    with np.errstate(over="ignore"):
        return np.asarray(values, dtype)


def _parameter(text: str) -> tuple[str, float | int]:
    name, equals, value = text.partition("=")
    try:
        if not equals or not name.isidentifier() or name in ("out", "where", "reduction"):
            raise ValueError
        return name, int(value) if value.strip().isdecimal() else float(value)
    except ValueError:
        raise UserError(f"--parameter wants NAME=NUMBER, got {text!r}") from None


def _print_table(columns: dict[str, Any]) -> None:
    """Columns of numbers under their names."""
    texts = {name: [_digits(value) for value in column] for name, column in columns.items()}
    widths = {name: max(len(name), *map(len, column)) for name, column in texts.items()}
    print("  ".join(f"{name:>{widths[name]}}" for name in texts))
    for row in zip(*texts.values(), strict=True):
        print("  ".join(f"{text:>{width}}" for text, width in zip(row, widths.values(), strict=True)))


def _digits(value: Any) -> str:
    """As many digits as tell a number from its neighbours."""
    if value == 0 or (math.isfinite(value) and 1e-4 <= abs(value) < 1e16):
        return np.format_float_positional(value)
    return str(value)


def _check(options: argparse.Namespace) -> int:
    from actlib.selftest import selftest

    chosen = [find(name) for name in options.names]
    for entry in chosen:
        if not isinstance(entry, actlib.entries.Activation):
            raise UserError(f"check tests elementwise activations, and {entry.name} is none")
    entries = chosen or list(actlib.ACTIVATIONS.values())
    if options.exhaustive:
        from actlib.exhaustive import PATTERNS, report

        stride = 1 if options.stride is None else options.stride
        if not 1 <= stride < PATTERNS:
            raise UserError(f"--stride must lie in [1, 2**32), got {stride}")
        if options.json and not os.access(os.path.dirname(options.json) or ".", os.W_OK):
            raise UserError(f"--json: no file can be written to {options.json}")
        return 0 if report(entries, sys.stdout, stride, options.json) else 1
    if options.stride is not None or options.json:
        raise UserError("--stride and --json belong to --exhaustive")
    return 0 if selftest(entries, sys.stdout) else 1


def _prove(options: argparse.Namespace) -> int:
    from actlib.derivation import prove

    if not Path(options.file).is_file():
        raise UserError(f"cannot read {options.file}: there is no such file")
    try:
        code: int = prove(options.file, sys.stdout)
    except ImportError as error:
        raise UserError(str(error)) from error
    return code


def _tour(options: argparse.Namespace) -> int:
    from actlib.tour import tour

    tour(sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
