"""The book as files to download: PDF, EPUB and the site as a zip, into the folder of the built site.

``python docs/make_book.py docs/_build`` after the builders html, book and ebook; the page with the downloads lists what
was made. The PDF is printed by Chromium, with bookmarks, formulas and figures; where there is none it is left out.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-pdf-header-footer",  # the style sheet numbers the pages
    "--generate-pdf-document-outline",
)
FILES = {
    "actlib.pdf": "Chapters, functions, losses and laboratory for printing; bookmarks, formulas and figures; answers "
    "at the end",
    "actlib.epub": "The same for readers of electronic books; formulas in MathML, answers at the end of each page",
    "actlib-site.zip": "This site with its figures that move and its playground; unpack it and open "
    "<code>index.html</code>",
}
LISTED = re.compile("(<!-- files -->).*(<!-- end of files -->)", re.DOTALL)
NONE = "<p>This copy of the site comes without them; <code>make site</code> makes them.</p>"


def chromium():
    """Where it is; or None, which continuous integration does not accept."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        message = "the PDF is left out: no Chromium on PATH (on Debian: apt install chromium)"
        if os.environ.get("CI", "").lower() in {"1", "true", "yes"}:
            sys.exit(f"make_book: {message}")
        print(f"make_book: {message}")
    return found


def print_pdf(browser, page, target):
    """Print a page of HTML to a PDF with an outline."""
    with tempfile.TemporaryDirectory() as profile:
        command = [browser, *FLAGS, f"--user-data-dir={profile}", f"--print-to-pdf={target}", page.as_uri()]
        done = subprocess.run(command, capture_output=True, text=True, timeout=900, check=False)
    if done.returncode or not target.exists():
        sys.exit(f"make_book: Chromium printed nothing:\n{done.stderr}")


def table(downloads):
    """HTML that lists the files in a folder."""
    rows = ""
    for name, what in FILES.items():
        if (downloads / name).exists():
            size = (downloads / name).stat().st_size / 1e6
            rows += f'<tr><td><a href="book/{name}">{name}</a></td><td>{size:.1f}&nbsp;MB</td><td>{what}</td></tr>'
    head = "<tr><th>File</th><th>Size</th><th>What it is</th></tr>"
    return f'<table class="table"><thead>{head}</thead><tbody>{rows}</tbody></table>'


def with_list(page, listed):
    """The page of downloads with another list of files."""
    return LISTED.sub(lambda match: match[1] + listed + match[2], page)


def pack(site, target):
    """The site as a zip that opens from a folder: no server, no network, and no downloads of itself."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(path for path in site.rglob("*") if path.is_file()):
            name = path.relative_to(site)
            if name.name == "download.html":
                archive.writestr(f"actlib-book/{name}", with_list(path.read_text("utf-8"), NONE))
            elif name.parts[0] != "book":
                archive.write(path, f"actlib-book/{name.as_posix()}")


def main(build):
    site = build / "html"
    downloads = site / "book"
    shutil.rmtree(downloads, ignore_errors=True)
    downloads.mkdir()
    if browser := chromium():
        print_pdf(browser, (build / "book" / "book.html").resolve(), downloads / "actlib.pdf")
    shutil.copy(build / "ebook" / "actlib.epub", downloads)
    pack(site, downloads / "actlib-site.zip")
    page = site / "download.html"
    page.write_text(with_list(page.read_text("utf-8"), table(downloads)), "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
