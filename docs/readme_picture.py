"""Draw the picture of README.md: ``python docs/readme_picture.py`` writes docs/_static/readme.png."""

from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt

import actlib

NAMES = ("sigmoid", "tanh", "relu", "elu", "softplus")

with plt.rc_context({"font.size": 11, "axes.spines.top": False, "axes.spines.right": False}):
    figure, axes = plt.subplots(1, len(NAMES), figsize=(13, 2.9), layout="constrained")
    for axis, name in zip(axes, NAMES, strict=True):
        actlib.get(name).plot(ax=axis, low=-4, high=4)
        axis.set(title=name, xlabel="", ylim=(-1.3, 2.3), xticks=(-4, 0, 4), yticks=(-1, 0, 1, 2))
        if axis.get_legend():
            axis.get_legend().remove()
        axis.grid(alpha=0.25)
    handles = axes[0].get_lines()[:2]
    axes[0].legend(handles, ["value", "derivative"], loc="upper left", frameon=False)
    figure.savefig(Path(__file__).parent / "_static" / "readme.png", dpi=110, facecolor="white")
