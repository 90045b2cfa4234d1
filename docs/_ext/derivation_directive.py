r"""Directive ``derivation``: a chain of steps, checked by `actlib.derivation` while the page is read.

What is shown is what is checked: the formula of every step is printed from the same text that the checker
evaluates. A step that does not hold fails the build with file, line, step and counterexample.

::

    .. derivation:: sigmoid-derivative
       :title: The derivative in terms of the output

       let sigma(x) = 1 / (1 + exp(-x))
       real x in (-20, 20)

       D(sigma(x), x)
       = exp(-x) / (1 + exp(-x))**2       -- quotient rule
       = sigma(x) * (1 - sigma(x))        -- definition of :math:`\sigma`, twice

The argument names the chain; its anchor is ``derivation-NAME``, and ``:ref:`derivation-NAME``` links to it.
All chains of the site are listed in ``derivations.json`` beside the pages.
"""

import json
from pathlib import Path
from typing import ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from katex_math import breadth
from sphinx.errors import SphinxError
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

logger = logging.getLogger(__name__)
STORE = "actlib_derivations"
RECORDED = ("relation", "source", "reason", "line", "status", "badge")
SETTINGS = ("real", "positive", "simplex", "index", "size", "each")


def chains(env):
    """What has been read so far: {page: {name: {"steps": [...], "failures": [...]}}}."""
    if not hasattr(env, STORE):
        setattr(env, STORE, {})
    return getattr(env, STORE)


def anchor(name):
    """Where a derivation stands on its page."""
    return nodes.make_id(f"derivation-{name}")


def shown(app):
    """The chains that this build shows: all, or those outside of answers (see ``answers.py``)."""
    every = not app.tags.has("no-answers")
    return {
        page: {name: chain for name, chain in here.items() if every or not chain.get("answer")}
        for page, here in chains(app.env).items()
    }


def printed(step):
    """LaTeX of a step, or None for what is no expression: that is reported with the step."""
    from actlib.derivation import ExpressionError

    try:
        return step.latex
    except ExpressionError:
        return None


def width_class(steps):
    """Where the reasons of a chain begin, so that they stand below each other; the style sheet has the numbers."""
    longest = max((breadth(tex) for tex in map(printed, steps[1:]) if tex), default=0)
    return ["derivation-narrow"] if longest <= 16 else ["derivation-medium"] if longest <= 25 else []


def setting(lines):
    """The declarations that say for which values the steps were checked, as the author wrote them."""
    return [line.strip() for line in lines if line.strip() and line.split()[0] in SETTINGS]


class Derivation(SphinxDirective):
    has_content = True
    required_arguments = 1
    final_argument_whitespace = False
    option_spec: ClassVar = {"title": directives.unchanged_required}

    def run(self):
        from actlib import derivation

        name = self.arguments[0]
        source, offset = self.content.items[0]
        report = derivation.check("\n".join(self.content), name, offset + 1, path=source)
        for line, message in report.failures:
            logger.error("derivation %r, %s", name, message, location=f"{source}:{line}")
        self._remember(name, report)

        place = anchor(name)
        box = nodes.container(classes=["derivation"], ids=[place])
        for label in {place, f"derivation-{name}"}:  # an anchor has no underscores; a reference may have them
            self.env.domains.standard_domain.note_hyperlink_target(label, self.env.docname, place, self._title())
        box += self._head(name, place)
        steps = nodes.container(classes=["derivation-steps", *width_class(report.steps)])
        steps += [self._row(step, first=number == 0) for number, step in enumerate(report.steps)]
        box += steps
        declared = setting(self.content)
        if declared:
            foot = nodes.paragraph(classes=["derivation-setting"])
            foot += nodes.Text("Checked for ")
            for position, text in enumerate(declared):
                foot += [nodes.Text(", " if position else ""), nodes.literal("", text)]
            box += foot
        return [box]

    def _title(self):
        return self.options.get("title", self.arguments[0].replace("-", " ").capitalize())

    def _remember(self, name, report):
        here = chains(self.env).setdefault(self.env.docname, {})
        if name in here:
            raise self.error(f"there is a derivation named {name!r} on this page already")
        here[name] = {
            "title": self._title(),
            "steps": [{key: getattr(step, key) for key in RECORDED} for step in report.steps],
            "failures": [f"line {line}, {message}" for line, message in report.failures],
        }

    def _head(self, name, place):
        head = nodes.paragraph(classes=["derivation-head"])
        head += nodes.inline("", self.options.get("title", "Derivation"), classes=["derivation-title"])
        head += nodes.reference("", "#", refuri=f"#{place}", classes=["derivation-anchor"])
        head[-1]["reftitle"] = f"Link to {name}"
        return head

    def _row(self, step, first):
        row = nodes.container(classes=["derivation-row", f"derivation-{step.status}"])
        side = "derivation-left" if first else "derivation-right"
        row += nodes.paragraph("", "", self._formula(step), classes=[side])
        if first:
            return row
        why = nodes.container(classes=["derivation-why"])
        inline, messages = self.parse_inline(step.reason, lineno=step.line)
        why += nodes.paragraph("", "", *inline, classes=["derivation-reason"])
        why += messages
        why += nodes.paragraph("", "", nodes.inline("", step.badge, classes=["derivation-badge"]))
        row += why
        return row

    @staticmethod
    def _formula(step):
        tex = printed(step)
        if tex is None:
            return nodes.literal("", f"{step.relation} {step.source}")
        return nodes.math(rf"\displaystyle {tex}", rf"\displaystyle {tex}")


def purge(app, env, docname):
    chains(env).pop(docname, None)


def merge(app, env, docnames, other):
    chains(env).update({page: here for page, here in chains(other).items() if page in docnames})


def fail_on_false(app, env):
    failures = [
        f"{page}, {name}, {failure}"
        for page, here in sorted(chains(env).items())
        for name, chain in here.items()
        for failure in chain["failures"]
    ]
    pages = {}
    for page, here in sorted(chains(env).items()):
        for name in here:
            if name in pages:
                failures.append(f"{page}, {name}: page {pages[name]} has a derivation of this name")
            pages[name] = page
    if failures:
        raise SphinxError("derivations that do not hold:\n  " + "\n  ".join(failures))


def write_index(app, exception):
    if exception is None and app.builder.format == "html":
        index = {
            name: {"page": page, "anchor": anchor(name), "steps": chain["steps"]}
            for page, here in sorted(shown(app).items())
            for name, chain in here.items()
        }
        text = json.dumps(index, indent=1, ensure_ascii=False)
        Path(app.outdir, "derivations.json").write_text(text, "utf-8")


def setup(app):
    app.add_directive("derivation", Derivation)
    app.connect("env-purge-doc", purge)
    app.connect("env-merge-info", merge)
    app.connect("env-check-consistency", fail_on_false)
    app.connect("build-finished", write_index)
    return {"version": "1", "env_version": 3, "parallel_read_safe": True, "parallel_write_safe": True}
