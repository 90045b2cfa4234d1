"""For sphinx-gallery: pictures of the tutorials as inline SVG in the page's colours, like ``themed-plot``."""

import textwrap

from themed_plot import CYCLE, GRID, INK, inline_svg, settings

# the light colours of site.css
LIGHT = ["#2456d6", "#c0440c", "#14734a", "#8a3ffc", "#9a6700", "#0f7285"]
PRINT = {INK: "#555d6b", GRID: "#e2e5ea", **dict(zip(CYCLE, LIGHT, strict=True))}


def scrape(block, block_variables, gallery_configuration):
    """All open figures; the PNG that is written beside serves as the thumbnail in the gallery."""
    import matplotlib.pyplot as plt

    paths, parts = block_variables["image_path_iterator"], []
    for number in plt.get_fignums():
        figure = plt.figure(number)
        path = next(paths)
        label = figure.get_label() or title(figure)
        svg = inline_svg(figure, label, path.rpartition("/")[2].partition(".")[0].replace("_", "-"))
        picture = textwrap.indent(f'<figure class="themed-plot">{svg}</figure>', "   ")
        parts.append(".. raw:: html\n\n" + picture)
        in_print_colours(figure)
        figure.savefig(path, format="png", dpi=110, facecolor="white")
    plt.close("all")
    return "\n\n".join(parts)


def in_print_colours(figure):
    """Replace the placeholders for theme colours by colours that can be seen, for the thumbnail."""
    from matplotlib.colors import to_hex

    for artist in figure.findobj():
        for part in ("color", "facecolor", "edgecolor", "markerfacecolor", "markeredgecolor"):
            read, write = getattr(artist, f"get_{part}", None), getattr(artist, f"set_{part}", None)
            try:
                colour = to_hex(read())
            except (TypeError, ValueError):  # no such colour, or several at once
                continue
            if colour in PRINT:
                write(PRINT[colour])


def title(figure):
    """The words on a figure, for its accessible name."""
    words = [figure.get_suptitle()] + [axes.get_title() for axes in figure.axes]
    words += [f"{axes.get_ylabel()} against {axes.get_xlabel()}" for axes in figure.axes if axes.get_xlabel()]
    return "; ".join(dict.fromkeys(word for word in words if word)) or "Figure"


def reset(gallery_configuration, path):
    """Before and after each tutorial: the site's style, whatever the tutorial set."""
    import matplotlib

    matplotlib.rcParams.update(settings())
