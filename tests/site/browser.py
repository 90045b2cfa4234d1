"""What a page of the site must satisfy, as functions that return a list of complaints."""

import functools
import gzip
import http.server
import threading
from pathlib import Path

AXE = (Path(__file__).parent / "axe.min.js").read_text("utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21aa", "best-practice"]
DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}


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


def device(browser, *, scheme="light", viewport=DESKTOP, script=True):
    """What the tabs of a test run have in common, their cache too."""
    return browser.new_context(color_scheme=scheme, viewport=viewport, java_script_enabled=script)


class Visit:
    """A browser tab that notes every request off the site and everything that the console complains about."""

    def __init__(self, context, base, *, script=True):
        self.base, self.script = base, script
        self.complaints = []
        self.page = context.new_page()
        self.page.on("request", self._request)
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.complaints.append(f"script: {error}"))
        if script:  # without, the requests for scripts are cancelled, as they should be
            self.page.on("requestfailed", lambda request: self.complaints.append(f"failed: {request.url}"))
        self.page.on("response", self._response)

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.page.close()

    def open(self, path, change=None):
        """Load a page, with its answers unfolded; `change` maps its HTML to another, to plant a fault."""
        if change is not None:
            self.page.route(
                lambda url: url.partition("?")[0].endswith("/" + path),
                lambda route: route.fulfill(body=change(route.fetch().text()), content_type="text/html"),
            )
        self.page.goto(self.base + path, wait_until="load")
        self.page.evaluate("document.querySelectorAll('details').forEach((answer) => { answer.open = true; })")
        if self.script:
            settle(self.page)
        else:  # nothing on the page can wait
            while self.page.evaluate("document.fonts.status") != "loaded":
                self.page.wait_for_timeout(20)
        return self.page

    def _request(self, request):
        if not request.url.startswith((self.base, "data:", "blob:")):
            self.complaints.append(f"off the site: {request.url}")

    def _console(self, message):
        if message.type in ("error", "warning"):
            self.complaints.append(f"console {message.type}: {message.text}")

    def _response(self, response):
        if response.status >= 400:
            self.complaints.append(f"status {response.status}: {response.url}")


def settle(page):
    """Wait for the typefaces, for what the page does once they are there, and for colours that fade in."""
    page.evaluate(
        """async () => {
          await document.fonts.ready;
          const frame = () => new Promise(requestAnimationFrame);
          await frame(); await frame();
          const ending = document.getAnimations().filter((one) => one.effect.getTiming().iterations !== Infinity);
          await Promise.allSettled(ending.map((one) => one.finished));
        }"""
    )


def inaccessible(page):
    """Violations that axe finds, each with the first element concerned.

    Formulas are read from their MathML; the boxes beside it are hidden from readers, have the colour of the text
    around them, and are so many that checking each costs more than all the rest.
    """
    page.evaluate(AXE)
    run = "rules => axe.run({exclude: ['.katex-html']}, {runOnly: rules, preload: false, resultTypes: ['violations']})"
    found = page.evaluate(run, RULES)["violations"]
    return [f"{one['id']} ({one['impact']}): {one['nodes'][0]['html'][:160]}" for one in found]


def cut_derivations(page):
    """Formulas and reasons that stick out of their card or hide behind a scroll bar, on a screen that has room."""
    return page.evaluate(
        """() => [...document.querySelectorAll(".derivation-row > *, .derivation-badge")].filter((part) =>
          part.scrollWidth > part.clientWidth + 1 && getComputedStyle(part).display !== "inline" ||
          part.getBoundingClientRect().right > part.closest(".derivation").getBoundingClientRect().right
        ).map((part) => part.closest(".derivation").id + ": " + part.textContent.slice(0, 60))"""
    )


def unreachable(page):
    """What scrolls sideways and cannot be scrolled by keyboard; axe looks at text, and a formula is none to it."""
    return page.evaluate(
        """() => [...document.querySelectorAll("main *")].filter((box) =>
          box.scrollWidth > box.clientWidth + 1 && ["auto", "scroll"].includes(getComputedStyle(box).overflowX) &&
          box.checkVisibility({visibilityProperty: true}) &&
          box.tabIndex < 0 && !box.querySelector("a[href], button, input, summary, [tabindex='0']")
        ).map((box) => box.outerHTML.slice(0, 120))"""
    )


SCROLLERS = (
    "pre, div.math, .derivation-left, .derivation-right, figure.themed-plot, "
    ".pst-scrollable-table-container, table.facts td, .pg-scroll"
)


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
    return page.evaluate(
        """() => {
          const figures = [...document.querySelectorAll("figure.explorer")].flatMap((figure) => {
            const curves = [...figure.querySelectorAll(".layer:not([hidden]) path")];
            const numbers = [...figure.querySelectorAll(".cell .number")];
            const drawn = curves.length === 2 && curves.every((curve) => (curve.getAttribute("d") || "").length >= 20);
            const shown = numbers.every((number) => number.textContent.trim());
            return [...(drawn ? [] : ["a figure has no curves"]), ...(shown ? [] : ["a figure shows no numbers"])];
          });
          const raw = [...document.querySelectorAll(".math")].filter((formula) => !formula.querySelector(".katex"));
          return [...figures, ...raw.map((formula) => "a formula is not typeset: " + formula.textContent.slice(0, 60))];
        }"""
    )


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


def weights(context, base, site, path):
    """What a browser with an empty cache fetches to show a page: {file: bytes}, texts as a server compresses them."""
    fetched = {}
    with Visit(context, base) as visit:
        visit.page.on("response", lambda response: fetched.setdefault(response.url, None))
        visit.open(path)
    for url in fetched:
        file = site / url.removeprefix(base).partition("?")[0].partition("#")[0]
        data = file.read_bytes()
        fetched[url] = len(data) if file.suffix in {".woff2", ".png"} else len(gzip.compress(data, 6))
    return fetched
