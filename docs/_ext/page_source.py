"""At the foot of each page: the file it is written in, how to change it, how to report an error on it.

The links lead to the repository that the environment variable ACTLIB_REPOSITORY names (such as
``https://github.com/NAME/actlib``) when the site is built; without it, to the page that says how to do both by hand.
"""

import os
from pathlib import Path
from urllib.parse import quote

ROOT = Path(__file__).resolve().parents[2]
BY_HAND = "contribute"


def source(name, docs):
    """Path from the root of the project of what a page is written in, or None: a script for the laboratory."""
    written = docs / f"{name}.rst"
    if name.startswith("tutorials/"):
        script = ROOT / f"{name}.py"
        header = ROOT / Path(name).parent / "GALLERY_HEADER.rst"
        written = script if script.exists() else header
    return written.relative_to(ROOT).as_posix() if written.exists() else None


def links(repository, path, title):
    """Where to edit a file, and where to report an error in it."""
    words = quote(f"Error on the page “{title}” ({path})")
    return f"{repository}/edit/main/{path}", f"{repository}/issues/new?title={words}"


def add(app, name, template, context, doctree):
    path = source(name, Path(app.srcdir)) if doctree else None
    if path is None:
        return
    repository = os.environ.get("ACTLIB_REPOSITORY", "").rstrip("/")
    if repository:
        edit, report = links(repository, path, context["title"])
    else:
        by_hand = "" if name == BY_HAND else context["pathto"](BY_HAND)
        edit, report = by_hand + "#change-a-page", by_hand + "#report-an-error"
    context["page_source"] = {"path": path, "edit": edit, "report": report}


def setup(app):
    app.connect("html-page-context", add)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
