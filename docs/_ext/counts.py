"""Role ``count``: ``:count:`doctests```, also derivations, derivation-steps, exact-steps and functions.

The numbers are filled in when all pages have been read, so nobody types them and none goes stale.
"""

import ast
import doctest
from pathlib import Path

from derivation_directive import chains
from docutils import nodes
from sphinx.util.docutils import SphinxRole


class counted(nodes.inline):
    """Stands for a number until all pages are read."""


class CountRole(SphinxRole):
    def run(self):
        if self.text not in COUNTERS:
            message = f"cannot count {self.text!r}; known: {', '.join(COUNTERS)}"
            return [], [self.inliner.reporter.error(message, line=self.lineno)]
        return [counted("", "", what=self.text)], []


def steps(app):
    pages = chains(app.env).values()
    return [step for page in pages for chain in page.values() for step in chain["steps"][1:]]


def doctests(app):
    """Examples (``>>>``) in the pages and in the docstrings of the package, as pytest collects them."""
    import actlib

    parser = doctest.DocTestParser()
    pages = [Path(app.env.doc2path(page)) for page in app.env.found_docs]
    total = sum(len(parser.get_examples(page.read_text("utf-8"))) for page in pages)
    for path in sorted(Path(actlib.__file__).parent.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and ">>> " in node.value:
                try:
                    total += len(parser.get_examples(node.value))
                except ValueError:  # a string that only mentions the prompt
                    continue
    return total


def functions(app):
    import actlib

    registries = actlib.ACTIVATIONS, actlib.AXIS_FUNCTIONS, actlib.losses.LOSSES, actlib.special.SPECIAL
    return sum(len(registry) for registry in registries)


COUNTERS = {
    "derivation-steps": lambda app: len(steps(app)),
    "exact-steps": lambda app: sum(step["status"] == "exact" for step in steps(app)),
    "derivations": lambda app: sum(len(page) for page in chains(app.env).values()),
    "doctests": doctests,
    "functions": functions,
}


def pages_with_counts(app, env):
    """They change when any other page does."""
    return [page for page in getattr(env, "actlib_counted", ()) if page in env.found_docs]


def note_page(env):
    """Write the page that is being read again whenever another one changes."""
    if not hasattr(env, "actlib_counted"):
        env.actlib_counted = set()
    env.actlib_counted.add(env.docname)


def note(app, doctree):
    if any(True for _ in doctree.findall(counted)):
        note_page(app.env)


def merge(app, env, docnames, other):
    env.actlib_counted = getattr(env, "actlib_counted", set()) | getattr(other, "actlib_counted", set())


def fill(app, doctree, docname):
    for node in list(doctree.findall(counted)):
        node.replace_self(nodes.inline("", f"{COUNTERS[node['what']](app):,}", classes=["counted"]))


def setup(app):
    app.add_role("count", CountRole())
    app.connect("doctree-read", note)
    app.connect("env-updated", pages_with_counts)
    app.connect("env-merge-info", merge)
    app.connect("doctree-resolved", fill)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
