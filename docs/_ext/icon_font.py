"""Takes the theme's icon font out of the site: site.css draws the icons.

It is not enough that no rule there uses the font. Where site.css comes late, a browser lays the page out with the
theme's rules first, and fetches 115 kB for icons that nobody sees.
"""

import re
import shutil
from pathlib import Path

FACE = re.compile(r"@font-face\{[^}]*/fontawesome/webfonts/[^}]*\}")


def remove(app, exception):
    static = Path(app.outdir, "_static")
    if exception is None and app.builder.format == "html":
        for sheet in static.glob("styles/*.css"):
            text = sheet.read_text("utf-8")
            if FACE.search(text):
                sheet.write_text(FACE.sub("", text), "utf-8")
        shutil.rmtree(static / "vendor" / "fontawesome", ignore_errors=True)


def setup(app):
    app.connect("build-finished", remove)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
