"""For sphinx-gallery: pictures of the tutorials as inline SVG in the page's colours, like ``themed-plot``."""

import textwrap

from themed_plot import inline_svg, settings


def scrape(block, block_variables, gallery_configuration):
    """All open figures; the PNG that is written beside serves as the thumbnail in the gallery."""
    import matplotlib.pyplot as plt

    paths, parts = block_variables["image_path_iterator"], []
    for number in plt.get_fignums():
        figure = plt.figure(number)
        path = next(paths)
        figure.savefig(path, format="png", dpi=110, facecolor="white")
        label = figure.get_label() or title(figure)
        svg = inline_svg(figure, label, path.rpartition("/")[2].partition(".")[0].replace("_", "-"))
        parts.append(
            ".. raw:: html\n\n" + textwrap.indent(f'<figure class="themed-plot">{svg}</figure>', "   ")
        )
    plt.close("all")
    return "\n\n".join(parts)


def title(figure):
    """The words on a figure, for its accessible name."""
    words = [figure.get_suptitle()] + [axes.get_title() for axes in figure.axes]
    words += [f"{axes.get_ylabel()} against {axes.get_xlabel()}" for axes in figure.axes if axes.get_xlabel()]
    return "; ".join(dict.fromkeys(word for word in words if word)) or "Figure"


def reset(gallery_configuration, path):
    """Before and after each tutorial: the site's style, whatever the tutorial set."""
    import matplotlib

    matplotlib.rcParams.update(settings())
