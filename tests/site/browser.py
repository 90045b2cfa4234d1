"""What a page of the site must satisfy, as functions that return a list of complaints."""

import functools
import http.server
import threading
from pathlib import Path

AXE = (Path(__file__).parent / "axe.min.js").read_text("utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21aa", "best-practice"]
DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
TRANSITION = 350  # milliseconds until the theme's colours have settled


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *arguments):
        pass


def serve(folder):
    """A server of `folder` on a free port of this machine; .base is its address."""
    handler = functools.partial(QuietHandler, directory=str(folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.base = f"http://127.0.0.1:{server.server_address[1]}/"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


class Visit:
    """A browser tab that notes every request off the site and everything that the console complains about."""

    def __init__(self, browser, base, *, scheme="light", viewport=DESKTOP, script=True):
        self.base = base
        self.context = browser.new_context(color_scheme=scheme, viewport=viewport, java_script_enabled=script)
        self.complaints = []
        self.context.route("**/*", self._watch)
        self.page = self.context.new_page()
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.complaints.append(f"script: {error}"))
        if script:  # without, the requests for scripts are cancelled, as they should be
            self.page.on("requestfailed", lambda request: self.complaints.append(f"failed: {request.url}"))
        self.page.on("response", self._response)

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.context.close()

    def open(self, path, change=None):
        """Load a page; `change` maps its HTML to another, to plant a fault."""
        if change is not None:
            self.context.route(
                lambda url: url.partition("?")[0].endswith("/" + path),
                lambda route: route.fulfill(body=change(route.fetch().text()), content_type="text/html"),
            )
        self.page.goto(self.base + path, wait_until="load")
        return self.page

    def _watch(self, route):
        url = route.request.url
        if url.startswith((self.base, "data:", "blob:")):
            route.continue_()
        else:
            self.complaints.append(f"off the site: {url}")
            route.abort()

    def _console(self, message):
        if message.type in ("error", "warning"):
            self.complaints.append(f"console {message.type}: {message.text}")

    def _response(self, response):
        if response.status >= 400:
            self.complaints.append(f"status {response.status}: {response.url}")


def inaccessible(page):
    """Violations that axe finds, each with the first element concerned.

    Formulas are read from their MathML; the boxes beside it are hidden from readers, have the colour of the text
    around them, and are so many that checking each costs more than all the rest.
    """
    page.wait_for_timeout(TRANSITION)
    page.evaluate(AXE)
    run = "rules => axe.run({exclude: ['.katex-html']}, {runOnly: rules, preload: false, resultTypes: ['violations']})"
    found = page.evaluate(run, RULES)["violations"]
    return [f"{one['id']} ({one['impact']}): {one['nodes'][0]['html'][:160]}" for one in found]


SCROLLERS = "pre, div.math, .derivation-steps, .derivation-right, figure.themed-plot, .pst-scrollable-table-container"


def too_wide(page):
    """What makes the page scroll sideways or is cut off; code, formulas and tables may scroll inside."""
    return page.evaluate(
        """(scrollers) => {
          const width = document.documentElement.clientWidth;
          const nodes = [...document.querySelectorAll("main *, header *, footer *")];
          const wide = nodes.filter((node) =>
            node.getBoundingClientRect().right > width + 1 && node.checkVisibility({visibilityProperty: true}) &&
            !node.closest("svg, dialog, .katex-mathml") && !node.parentElement.closest(scrollers));
          const said = wide.slice(0, 3).map((node) => node.outerHTML.slice(0, 120));
          if (document.documentElement.scrollWidth > width)
            said.unshift(`the page is ${document.documentElement.scrollWidth} wide in ${width}`);
          return said;
        }""",
        SCROLLERS,
    )


def blank_without_script(page):
    """Figures and formulas that are not there when no script runs."""
    complaints = []
    for figure in page.locator("figure.explorer").all():
        curves = figure.locator(".layer:not([hidden]) path").all()
        if len(curves) != 2 or any(len(curve.get_attribute("d") or "") < 20 for curve in curves):
            complaints.append("a figure has no curves")
        if not all(cell.inner_text().strip() for cell in figure.locator(".cell .number").all()):
            complaints.append("a figure shows no numbers")
    for formula in page.locator(".math").all():
        if formula.locator(".katex").count() == 0:
            complaints.append(f"a formula is not typeset: {formula.inner_text()[:60]}")
    return complaints


def readout(figure):
    """The three numbers shown under a figure, as text: place, value, slope."""
    return [figure.locator(f".cell.{kind} output").inner_text() for kind in ("place", "value", "slope")]


def deaf_to_keys(page):
    """Sliders that do not answer the arrow keys."""
    complaints = []
    for figure in page.locator("figure.explorer").all():
        if figure.locator("input[type=range]").count() == 0:
            complaints.append("a figure has no slider")
        for slider in figure.locator("input[type=range]").all():
            slider.focus()
            slider.press("Home")
            before = slider.get_attribute("aria-valuetext")
            slider.press("ArrowRight")
            if not before or slider.get_attribute("aria-valuetext") == before:
                complaints.append(f"a slider stays at {before}")
    return complaints
