"""Directives for what was measured and not computed by this build: accuracy and speed.

::

    .. accuracy-table:: activations         also: axis, losses, special: the worst errors, beside peers
    .. errors-seen:: silu                   a sentence: the worst errors of this function (losses.huber, special.logit)
    .. exhaustive-table::                   float32 at every number
    .. speed-table:: elementwise value      a group and a task: times and ratios for float32 and float64
       :size: 1000000
       :threads: 1
    .. speed-behind::                       the cells in which a peer is ahead, and the errors of both
    .. measured:: speed                     where and with what; also: accuracy, exhaustive

The numbers are those of ``accuracy.json``, ``exhaustive.json`` and ``speed.json`` beside this file, which ``make
accuracy`` and ``make bench`` write. :func:`draw_speed` is for a ``themed-plot``.
"""

import json
import math
from html import escape
from pathlib import Path

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util.docutils import SphinxDirective

HERE = Path(__file__).parent
WORDS = {"torch": "PyTorch", "jax": "JAX", "scipy": "SciPy", "numpy": "NumPy", "sklearn": "scikit-learn"}


def load(name):
    return json.loads((HERE / f"{name}.json").read_text("utf-8"))


def results():
    """The rows of speed.json as dictionaries with the best peer and the ratios."""
    names = ("group", "function", "task", "dtype", "size", "threads", "copy", "times")
    found = []
    for row in load("speed")["results"]:
        result = dict(zip(names, row, strict=True))
        peers = {name: time for name, time in result["times"].items() if name != "actlib"}
        result["own"] = result["times"]["actlib"]
        result["peer"] = min(peers, key=peers.__getitem__) if peers else None
        result["gain"] = peers[result["peer"]] / result["own"] if peers else None
        result["over copy"] = result["own"] / result["copy"]
        found.append(result)
    return found


def mean(values):
    """The geometric mean."""
    values = list(values)
    return math.exp(sum(map(math.log, values)) / len(values))


def draw_speed(plt):
    """For each elementwise function, the best peer's time over actlib's: 1e6 elements, one thread."""
    chosen = [
        r for r in results()
        if r["group"] == "elementwise" and r["task"] == "value" and r["size"] == 1_000_000 and r["threads"] == 1
    ]  # fmt: skip
    names = sorted({r["function"] for r in chosen}, reverse=True)
    figure, axes = plt.subplots(figsize=(7.2, 0.23 * len(names) + 0.9))
    for number, dtype in enumerate(("float32", "float64")):
        found = {r["function"]: r["gain"] for r in chosen if r["dtype"] == dtype and r["gain"]}
        places = [k for k, name in enumerate(names) if name in found]
        axes.plot(
            [found[names[k]] for k in places], places, "os"[number], color=f"C{number}", label=dtype, markersize=4
        )
    axes.axvline(1, color="C2", linewidth=1)
    axes.set_xscale("log")
    axes.minorticks_off()
    axes.set_xticks([0.25, 0.5, 1, 2, 4, 8], ["1/4", "1/2", "1", "2", "4", "8"])
    axes.set_yticks(range(len(names)), names)
    axes.set_xlabel("time of the best peer / time of actlib")
    axes.legend(loc="lower right")
    return figure


class fold(nodes.General, nodes.Element):
    """What is closed at first, beneath a line that says what it holds."""


def visit_fold(self, node):
    self.body.append(f'<details class="fold"><summary>{escape(node["summary"])}</summary><div class="fold-text">')


def depart_fold(self, node):
    self.body.append("</div></details>\n")


class Measured(SphinxDirective):
    """What all of them share: text for a table becomes nodes, and the page depends on the file."""

    def table(self, heading, rows, widths="auto"):
        lines = [".. list-table::", "   :header-rows: 1", f"   :widths: {widths}", "   :class: measured", ""]
        for row in [heading, *rows]:
            lines += [f"   {'*' if not k else ' '} - {cell}" for k, cell in enumerate(row)]
        return self.parse_text_to_nodes("\n".join(lines))

    def folded(self, summary, heading, rows):
        return fold("", *self.table(heading, rows), summary=summary)

    def note(self, name):
        self.env.note_dependency(str(HERE / f"{name}.json"))


def size(ulp):
    return "∞" if ulp >= 1e300 else f"{ulp:.2f}" if ulp < 100 else f"{ulp:.1e}"


def decimal(shown):
    """``0x1.8p+1 (3.0)`` without the first of the two."""
    return shown.partition(" (")[2].rstrip(")") or shown


class AccuracyTable(Measured):
    """A line for each function, then beneath a fold a line for each of its offers."""

    required_arguments = 1

    def run(self):
        self.note("accuracy")
        found = {}
        for row in load("accuracy")["rows"]:
            if row["kind"] == self.arguments[0]:
                found.setdefault(row["name"], []).append(row)
        lines = []
        for name, rows in found.items():
            cells = []
            for dtype in ("float32", "float64"):
                own = [row for row in rows if row["dtype"] == dtype]
                value = next((row for row in own if row["offer"] == "value"), None)
                others = [row["ulp"] for row in own if row is not value]
                cells += [
                    f"{value['ulp']:.2f}" if value else "–",
                    f"{max(others):.2f}" if others else "–",
                    peers_of(value) if value else "–",
                ]
            lines.append((name, *cells))
        heading = ("Function", "float32: value", "the rest", "peers", "float64: value", "the rest", "peers")
        every = [(name, *accuracy_cells(row)) for name, rows in found.items() for row in rows]
        details = self.folded(
            f"All {len(every)} results: what is promised, and where the worst was seen",
            ("Function", "Of", "dtype", "Promised", "Worst", "At: got for wanted", "Peers, worst"),
            every,
        )
        return [*self.table(heading, lines), details]


class ErrorsSeen(Measured):
    required_arguments = 1

    def run(self):
        self.note("accuracy")
        found = {}
        kind, _, name = self.arguments[0].rpartition(".")
        for row in load("accuracy")["rows"]:
            if row["name"] == name and row["kind"] in ([kind] if kind else ["activations", "axis"]):
                found.setdefault(row["dtype"], []).append(f"{row['ulp']:.2f} ({row['offer'].replace('_', ' ')})")
        if not found:
            raise self.error(f"accuracy.json has nothing for {self.arguments[0]}")
        listed = "; ".join(f"{dtype} {', '.join(errors)}" for dtype, errors in found.items())
        text = f"Largest errors seen, in ulp: {listed}. Where, and those of others: :ref:`accuracy`."
        return self.parse_text_to_nodes(text)


def peers_of(row):
    worst = (f"{WORDS[library]}\N{NO-BREAK SPACE}{size(found['ulp'])}" for library, found in row["peers"].items())
    return ", ".join(worst) or "–"


def accuracy_cells(row):
    witness = decimal(row.get("input", ""))
    if "got" in row:
        witness += f": {decimal(row['got'])} for {decimal(row['wanted'])}"
    return (
        row["offer"].replace("_", " "), row["dtype"], f"{row['bound']:g}", f"{row['ulp']:.2f}", witness, peers_of(row)
    )  # fmt: skip


class ExhaustiveTable(Measured):
    def run(self):
        self.note("exhaustive")
        found = {}
        for r in load("exhaustive")["results"]:
            found.setdefault(r["function"], {})[r["offer"]] = r
        offers = list(dict.fromkeys(offer for results in found.values() for offer in results))
        lines = [
            (name, *(f"{results[offer]['ulp']:.3f}" if offer in results else "–" for offer in offers))
            for name, results in found.items()
        ]
        every = [
            (
                r["function"], r["offer"].replace("_", " "), f"{r['promised']:g}", f"{r['ulp']:.4f}",
                f"``{r['x']!r}``", f"{r['points']:,}",
            )
            for results in found.values() for r in results.values()
        ]  # fmt: skip
        details = self.folded(
            f"All {len(every)} results: what is promised, and where the worst was seen",
            ("Function", "Of", "Promised", "Worst", "At", "Numbers asked"),
            every,
        )
        return [*self.table(("Function", *(offer.replace("_", " ") for offer in offers)), lines), details]


class SpeedTable(Measured):
    required_arguments = 2
    option_spec = {"size": directives.positive_int, "threads": directives.positive_int}

    def run(self):
        self.note("speed")
        group, task = self.arguments
        rows = []
        for r in results():
            if (r["group"], r["threads"]) != (group, self.options.get("threads", 1)) or r["task"].split()[0] != task:
                continue
            if group == "elementwise" and r["size"] != self.options.get("size", 1_000_000):
                continue
            if group == "losses" and not 0.5 <= r["size"] / self.options.get("size", 1_000_000) <= 1:
                continue
            shape = r["task"].partition(" ")[2]
            peer = f"{WORDS[r['peer']]} {r['times'][r['peer']]:.3g}" if r["peer"] else "–"
            gain = f"{r['gain']:.2f}" if r["gain"] else "–"
            row = (r["function"], r["dtype"], f"{r['own']:.3g}", peer, gain, f"{r['over copy']:.2f}")
            rows.append((*row[:1], shape, *row[1:]) if group == "rows" else row)
        if not rows:
            raise self.error(f"speed.json has nothing for {group} {task}")
        heading = ["Function", "dtype", "ns", "Best peer", "Peer / actlib", "actlib / copy"]
        if group == "rows":
            heading.insert(1, "Shape")
        gains = [float(row[-2]) for row in rows if row[-2] != "–"]
        summary = f"{len(rows)} cells; peer / actlib: geometric mean {mean(gains):.2f}, smallest {min(gains):.2f}"
        return [self.folded(summary, heading, rows)]


#: (group, task) -> the kind of functions in accuracy.json, and the offers of which the larger error counts
OFFERS = {
    ("elementwise", "value"): ("activations", ["value"]),
    ("elementwise", "value_and_derivative"): ("activations", ["value", "derivative"]),
    ("elementwise", "backward"): ("activations", ["derivative"]),
    ("elementwise", "derivative_from_output"): ("activations", ["derivative_from_output"]),
    ("rows", "value"): ("axis", ["value"]),
    ("rows", "backward"): ("axis", ["backward"]),
    ("losses", "value_and_gradient"): ("losses", ["value", "gradient"]),
    ("special", "value"): ("special", ["value"]),
    ("special", "slopes"): ("special", ["derivative", "gradient"]),
}


def errors():
    """(kind, function, offer, dtype, library) -> the worst error in ulp, as it is shown."""
    found = {}
    for row in load("accuracy")["rows"]:
        key = row["kind"], row["name"], row["offer"], row["dtype"]
        found[*key, "actlib"] = round(row["ulp"], 2)
        found |= {(*key, library): round(worst["ulp"], 2) for library, worst in row["peers"].items()}
    return found


def error_of(known, result, library):
    """The error of a library in the task of a result; None where a part of it is unknown."""
    kind, offers = OFFERS[result["group"], result["task"].split()[0]]
    keys = [(kind, result["function"], offer, result["dtype"]) for offer in offers]
    asked = [(*key, library) for key in keys if (*key, "actlib") in known]
    return max((known[key] for key in asked), default=None) if all(key in known for key in asked) else None


def less_accurate(dtype, peer, own):
    """Is the peer wrong by more than the ulp that float32 is allowed, in float64 by more than actlib?"""
    return peer > 1 if dtype == "float32" else peer > own


class SpeedBehind(Measured):
    """How many cells there are in which a peer is ahead, by group and task, and at what accuracy; beneath a fold, each
    of them: those in which the peer is as accurate, those in which that is unknown, then the others."""

    def run(self):
        self.note("speed")
        self.note("accuracy")
        compared = [r for r in results() if r["gain"]]
        kinds = {}
        for r in compared:
            kinds.setdefault((r["group"], r["task"].split()[0].replace("_", " ")), []).append(r["gain"])
        lines = [
            (group, task, len(gains), sum(gain < 1 for gain in gains), f"{mean(gains):.2f}", f"{min(gains):.2f}")
            for (group, task), gains in kinds.items()
        ]
        known, sorts = errors(), {False: [], None: [], True: []}
        for r in sorted((r for r in compared if r["gain"] < 1), key=lambda r: r["gain"]):
            peer, own = error_of(known, r, r["peer"]), error_of(known, r, "actlib")
            worse = None if peer is None or own is None else less_accurate(r["dtype"], peer, own)
            sorts[worse].append((
                r["function"], r["task"].replace("_", " "), r["dtype"], WORDS[r["peer"]], f"{r['gain']:.2f}",
                *("–" if error is None else size(error) for error in (peer, own)),
                r["size"], r["threads"], f"{r['over copy']:.2f}",
            ))  # fmt: skip
        every = [line for cells in sorts.values() for line in cells]
        details = self.folded(
            f"All {len(every)} cells in which a peer is ahead: first those in which it is as accurate, by lead",
            (
                "Function", "Task", "dtype", "Ahead", "Peer / actlib", "Error of the peer", "of actlib", "Elements",
                "Threads", "actlib / copy",
            ),
            every,
        )  # fmt: skip
        text = self.parse_text_to_nodes(in_words(len(every), *(len(cells) for cells in sorts.values())))
        heading = ("Group", "Task", "Cells", "A peer is ahead in", "Peer / actlib, geometric mean", "smallest")
        return [*self.table(heading, lines), *text, details]


def in_words(ahead, as_accurate, unknown, worse):
    text = (
        f"Of the {ahead} cells in which a peer is ahead, it is less accurate than actlib in {worse}: wrong by more "
        f"than 1 ulp in float32, by more than actlib in float64. In {as_accurate} it is as accurate"
    )
    return text + (f"; in {unknown} its error was not measured." if unknown else ".")


class Facts(Measured):
    required_arguments = 1

    def run(self):
        name = self.arguments[0]
        self.note(name)
        facts = load(name)
        if name == "exhaustive":
            which = "each number" if facts["stride"] == 1 else f"each {facts['stride']}th number"
            every = sum(r["points"] == 2**32 for r in facts["results"])
            if facts["stride"] != 1 and every:
                which += f", and for {every} of {len(facts['results'])} results at all 4,294,967,296"
            text = f"Errors in ulp at {which}; actlib {facts['version']}, instruction set {facts['instruction set']}."
        else:
            versions = ", ".join(f"{WORDS[library]} {version}" for library, version in facts["peers"].items())
            text = f"Measured on {facts['date']} with {versions}"
            text += f" on {facts['machine']}." if "machine" in facts else "."
        return self.parse_text_to_nodes(text)


def setup(app):
    app.add_node(fold, html=(visit_fold, depart_fold))
    app.add_directive("accuracy-table", AccuracyTable)
    app.add_directive("errors-seen", ErrorsSeen)
    app.add_directive("exhaustive-table", ExhaustiveTable)
    app.add_directive("speed-table", SpeedTable)
    app.add_directive("speed-behind", SpeedBehind)
    app.add_directive("measured", Facts)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
