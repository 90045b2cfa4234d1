"""The book as files to download: PDF, EPUB and the site as a zip, into the folder of the built site.

``python docs/make_book.py docs/_build`` after the builders html, book and epub; the PDF is printed by Chromium, with
bookmarks, formulas and figures as on the pages.
"""

import shutil
import sys
import zipfile
from pathlib import Path

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
FOOT = '<div style="width: 100%; text-align: center; font-size: 8px; color: #555"><span class="pageNumber"></span></div>'


def print_pdf(page, target):
    """Print a page of HTML to a PDF with an outline."""
    from playwright.sync_api import sync_playwright

    chromium = next(filter(None, map(shutil.which, BROWSERS)), None)
    if chromium is None:
        sys.exit("make_book: the PDF is printed by Chromium, which is not on PATH (Debian's package chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        tab = browser.new_page(java_script_enabled=False)
        tab.goto(page.as_uri(), wait_until="load", timeout=120_000)
        tab.pdf(
            path=target,
            prefer_css_page_size=True,
            outline=True,
            tagged=True,
            display_header_footer=True,
            header_template="<span></span>",
            footer_template=FOOT,
        )
        browser.close()


def pack(site, target):
    """The site as a zip that opens from a folder: no server, no network."""
    files = sorted(path for path in site.rglob("*") if path.is_file() and path.parent.name != "book")
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in files:
            archive.write(path, Path("actlib-book", path.relative_to(site)))


def main(build):
    site = build / "html"
    downloads = site / "book"
    downloads.mkdir(exist_ok=True)
    print_pdf((build / "book" / "book.html").resolve(), downloads / "actlib.pdf")
    shutil.copy(next((build / "epub").glob("*.epub")), downloads / "actlib.epub")
    pack(site, downloads / "actlib-site.zip")
    for path in sorted(downloads.iterdir()):
        print(f"{path} ({path.stat().st_size / 1e6:.1f} MB)")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
