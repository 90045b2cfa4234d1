"""Where the built site and the browser are, and what is missing to test them."""

import importlib.util
import os
import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SITE = Path(os.environ.get("ACTLIB_SITE") or ROOT / "docs" / "_build" / "html")
BROWSERS = ("chromium", "/usr/bin/chromium", "chromium-browser", "google-chrome", "chrome")
CHROMIUM = next(filter(None, map(shutil.which, BROWSERS)), None)
BUILDERS = ("sphinx", "pydata_sphinx_theme", "numpydoc", "quickjs", "matplotlib", "sympy")
IN_CI = os.environ.get("CI", "").lower() in {"1", "true", "yes"}


def absent(*modules):
    """Which of these modules are not installed, as text."""
    return ", ".join(name for name in modules if importlib.util.find_spec(name) is None)


def lacks():
    """{test file: why it cannot run here}."""
    reasons = {}
    unbuilt = None if (SITE / "index.html").exists() else f"no built site at {SITE} (make site)"
    if names := absent("playwright"):
        reasons["test_browser.py"] = f"{names} is not installed (extra docs)"
    elif CHROMIUM is None:
        reasons["test_browser.py"] = "no Chromium on PATH"
    elif unbuilt:
        reasons["test_browser.py"] = unbuilt
    if unbuilt:
        reasons["test_links.py"] = unbuilt
    if names := absent(*BUILDERS):
        reasons["test_extensions.py"] = f"{names} not installed (extra docs)"
    return reasons
