"""Directive ``rosetta``: what a function is called elsewhere; ``rosetta.json`` beside it is the home of such names.

::

    .. rosetta:: Rectifiers         all functions of a group of the file, each with a row for every library
    .. rosetta:: leaky_relu         one function

``tests/test_rosetta.py`` holds names, defaults and values against the libraries that are installed.
"""

import json
from pathlib import Path

from sphinx.util.docutils import SphinxDirective

FILE = Path(__file__).with_name("rosetta.json")


def groups():
    return json.loads(FILE.read_text("utf-8"))["groups"]


def chosen(argument):
    """The entries of the group of that title, or the one entry of that name."""
    for group in groups():
        if group["title"] == argument:
            return group["entries"]
    return [entry for group in groups() for entry in group["entries"] if entry["name"] == argument]


def page(name, pages):
    """The page of a function of this library, or None."""
    folder, _, short = name.rpartition(".")
    places = [f"{folder}/{short}"] if folder else [f"functions/{name}", f"losses/{name}"]
    return next((found for found in places if found in pages), None)


def ours(name, pages):
    """How a function is called here: a link to its page, or to its reference."""
    import actlib

    found = page(name, pages)
    if found:
        return f":doc:`{name} </{found}>`"
    if name.startswith("information."):
        return f":func:`~actlib.{name}`" if hasattr(actlib.information, name.partition(".")[2]) else f"``{name}``"
    return f"``{name}``"


def literal(value):
    return f"{value:.4g}" if isinstance(value, float) else repr(value)


def line(row):
    """Names, defaults and note of a row as reStructuredText."""
    shown = [row["code"]] if row.get("code") else row["names"]
    text = ", ".join(f"``{name}``" for name in shown)
    if row.get("defaults"):
        text += " (" + ", ".join(f"``{name}={literal(value)}``" for name, value in row["defaults"].items()) + ")"
    return text + (f": {row['note']}" if row.get("note") else "")


class Rosetta(SphinxDirective):
    required_arguments = 1
    final_argument_whitespace = True

    def run(self):
        self.env.note_dependency(str(FILE))
        entries = chosen(self.arguments[0])
        if not entries:
            raise self.error(f"rosetta.json has neither a group nor a function {self.arguments[0]!r}")
        made = []
        for entry in entries:
            head = ours(entry["name"], self.env.found_docs)
            note = f" {entry['note']}" if entry.get("note") else ""
            lines = [".. rst-class:: rosetta-name", "", f"{head}.{note}" if note else head, ""]
            if entry["rows"]:
                lines += [".. list-table::", "   :class: facts", "   :stub-columns: 1", "   :widths: auto", ""]
            for row in entry["rows"]:
                lines += [f"   * - {row['library']}", f"     - {line(row)}"]
            made += self.parse_text_to_nodes("\n".join(lines))
        return made


def setup(app):
    app.add_directive("rosetta", Rosetta)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
