"""Where the built site and the browser are, and what is missing to test them."""

import importlib.util
import os
import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SITE = Path(os.environ.get("ACTLIB_SITE") or ROOT / "docs" / "_build" / "html")
BROWSERS = ("chromium", "/usr/bin/chromium", "chromium-browser", "google-chrome", "chrome")
CHROMIUM = next(filter(None, map(shutil.which, BROWSERS)), None)
DOWNLOADS = ("actlib.pdf", "actlib.epub", "actlib-site.zip")
BUILDERS = ("sphinx", "pydata_sphinx_theme", "numpydoc", "quickjs", "matplotlib", "sympy")
IN_CI = os.environ.get("CI", "").lower() in {"1", "true", "yes"}


def absent(*modules):
    """Which of these modules are not installed, as text."""
    return ", ".join(name for name in modules if importlib.util.find_spec(name) is None)


def lacks():
    """{test file: why it cannot run here}."""
    reasons = {}
    unbuilt = None if (SITE / "index.html").exists() else f"no built site at {SITE} (make site)"
    no_browser = unbuilt
    if names := absent("playwright"):
        no_browser = f"{names} is not installed (extra docs)"
    elif CHROMIUM is None:
        no_browser = "no Chromium on PATH"
    if no_browser:
        reasons |= dict.fromkeys(("test_browser.py", "test_playground_page.py"), no_browser)
    if unbuilt:
        reasons["test_links.py"] = unbuilt
    if missing := [name for name in DOWNLOADS if not (SITE / "book" / name).exists()]:
        reasons["test_book.py"] = f"no {', '.join(missing)} in {SITE / 'book'} (make site)"
    elif names := absent("pypdf"):
        reasons["test_book.py"] = f"{names} is not installed (extra test)"
    if names := absent(*BUILDERS):
        need = ("test_extensions.py", "test_book_extensions.py", "test_playground.py")
        reasons |= dict.fromkeys(need, f"{names} not installed (extra docs)")
    return reasons
