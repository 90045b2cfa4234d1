"""On a user's machine without a browser or a built site, the tests that need them are not collected.

In CI (``CI=true``) they always are, and what is missing makes them fail.
"""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # for the helpers beside the tests

from browser import DESKTOP, PHONE, device, serve
from located import CHROMIUM, IN_CI, SITE, lacks

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # a request off the site fails, and is noted
]
REASONS = {} if IN_CI else lacks()
collect_ignore = list(REASONS)


def pytest_report_collectionfinish():
    return [f"site: {name} not collected: {reason}" for name, reason in REASONS.items()]


@pytest.fixture(scope="session")
def browser():
    from playwright.sync_api import sync_playwright

    assert CHROMIUM, "no Chromium on PATH"
    assert (SITE / "index.html").exists(), f"no built site at {SITE}"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def base():
    server = serve(SITE)
    yield server.base
    server.shutdown()
    server.server_close()


def shared(**traits):
    """A fixture: one device for all tests that need such a one."""

    @pytest.fixture(scope="session")
    def make(browser):
        context = device(browser, **traits)
        yield context
        context.close()

    return make


desktop = shared(scheme="light", viewport=DESKTOP)
phone = shared(scheme="dark", viewport=PHONE)
plain = shared(viewport=PHONE, script=False)
