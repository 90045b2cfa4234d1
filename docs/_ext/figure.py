r"""Directives ``activation-figure`` and ``loss-figure``: a function and its derivative, to be explored.

Everything drawn was computed by the library's kernels while the page was built: a fine float32 grid for each
value of the parameter. The script only chooses among these samples: what the reader sees is what the library
returns, to the last digit. Without JavaScript the figure is a static picture of the default parameter.

::

    .. activation-figure:: elu
       :range: -6 6              the interval of x (default -8 8)
       :yrange: -2 4             the visible interval of values (default: all of them)
       :parameter: alpha = 0.5, 1, 1.5, 2
                                 one parameter gets a slider with these values; it starts at the default
       :fixed: beta = 2          other parameters, held
       :start: 1                 where the point stands at first (default 1)
       :say: The sigmoid.        words at the start of the caption
       :saturation: 0.05         shade where \|f'(x)\| is smaller than this (0: no shading)

    .. loss-figure:: huber
       :target: 0                the target that is held (a number, or a label for class losses)
       :prediction: x            what is fed in: ``x``, or for a loss over a row one entry per class,
                                 such as ``x, 0, 0`` or ``x, 1 - x`` (NumPy expressions of ``x``)
       :entry: 0                 for a row: which component of the gradient is shown
       :arrays: x, 1; 1, 0       for a loss of several arrays, in place of the two above: all of them, with the target;
                                 the gradient shown is that of the first
       :parameter: delta = 0.5, 1, 2      ``target = 0, 1`` makes a slider for the target,
                                 which starts at ``:target:``
       :range: :yrange: :fixed: :start: :say:   as above
       :axis: prediction         the name under the axis
"""

import html
import json
from typing import ClassVar

import numpy as np
from curves import HEIGHT, WIDTH, Frame, grid, jumps, span, text
from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util.docutils import SphinxDirective


def numbers(argument):
    return [float(part) for part in argument.replace(",", " ").split()]


def interval(argument):
    low, high = numbers(argument)
    if not low < high:
        raise ValueError(f"expected two increasing numbers, got {argument!r}")
    return low, high


def assignment(argument):
    """``name = 1, 2, 3`` -> (name, [1.0, 2.0, 3.0])."""
    name, equals, values = argument.partition("=")
    if not equals:
        raise ValueError(f"expected 'name = value, value, ...', got {argument!r}")
    return name.strip(), numbers(values)


class Explorer(SphinxDirective):
    """What both figures share: sampling, drawing, and the page's markup around them."""

    required_arguments = 1
    common: ClassVar = {
        "range": interval,
        "yrange": interval,
        "parameter": assignment,
        "fixed": directives.unchanged_required,
        "start": float,
        "class": directives.class_option,
        "say": directives.unchanged_required,
    }

    def run(self):
        self.fixed = {}
        for part in filter(None, self.options.get("fixed", "").split(";")):
            name, values = assignment(part)
            self.fixed[name] = values[0]
        try:
            entry = self.find(self.arguments[0])
            parameter, values = self.options.get("parameter", (None, [None]))
            start_value = values.index(self.default(entry, parameter)) if parameter else 0
            settings = [{**self.fixed, **({parameter: value} if parameter else {})} for value in values]
            samples = [self.sample(entry, setting) for setting in settings]
        except (ValueError, KeyError, TypeError) as error:
            raise self.error(f"{self.name} {self.arguments[0]}: {error}") from error
        return [nodes.raw("", self.markup(entry, parameter, values, start_value, samples), format="html")]

    def default(self, entry, parameter):
        """The slider starts at the library's own default, or at the first value where there is none."""
        values = self.options["parameter"][1]
        if parameter == "target" and self.options.get("target"):
            return float(self.options["target"])
        known = getattr(entry, "parameters", {}).get(parameter)
        default = getattr(entry, "example", {}).get(parameter, getattr(known, "default", None))
        return default if default in values else values[0]

    def sample(self, entry, setting):
        value, slope = self.functions(entry, setting)
        x = grid(*self.options.get("range", self.standard_range))
        y, d = value(x), slope(x)
        return {"x": x, "y": y, "d": d, "y_jumps": jumps(value, x, y), "d_jumps": jumps(slope, x, d)}

    def markup(self, entry, parameter, values, start_value, samples):
        x = samples[start_value]["x"]
        yrange = self.options.get("yrange") or span(*(sample[key] for sample in samples for key in "yd"))
        frame = Frame((float(x[0]), float(x[-1])), yrange)
        start = int(np.argmin(np.abs(x - self.options.get("start", 1.0))))
        number = self.env.new_serialno("explorer")
        clip = f"explorer-{number}"
        layers = "".join(
            f'<g class="layer" data-layer="{index}"{"" if index == start_value else " hidden"}>'
            + self.layer(frame, sample, clip)
            + "</g>"
            for index, sample in enumerate(samples)
        )
        config = {
            "x": [float(x[0]), float(x[1] - x[0]), len(x)],
            "frame": [*frame.x, *frame.y, frame.width, frame.floor],
            "start": [start, start_value],
            "names": self.names,
            "parameter": parameter and {"name": parameter, "values": values},
            "curves": [{key: [exact(value) for value in sample[key]] for key in "yd"} for sample in samples],
        }
        current = samples[start_value]
        here = {"x": x[start], "y": current["y"][start], "d": current["d"][start]}
        data = json.dumps(config, separators=(",", ":")).replace("</", "<\\/")
        classes = " ".join(["explorer", *self.options.get("class", [])])
        label = html.escape(self.describe(entry, x), quote=True)
        return f"""
<figure class="{classes}" id="{clip}">
<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{label}">
<clipPath id="{clip}-clip"><rect x="0" y="0" width="{WIDTH}" height="{frame.floor}"/></clipPath>
<g class="axes">{frame.axes()}</g>{layers}
<g class="pointer">{pointer(frame, here, clip)}</g></svg>
<div class="readout">{self.readout(here)}</div>
<div class="controls"></div>
<figcaption>{html.escape(self.options.get("say", ""))} {self.caption(parameter, values, start_value)}</figcaption>
<script type="application/json">{data}</script>
</figure>"""

    def layer(self, frame, sample, clip):
        x, y, d = sample["x"], sample["y"], sample["d"]
        return (
            f'<g clip-path="url(#{clip}-clip)">'
            f'<g class="zone">{frame.zone(x, self.saturated(d))}</g>'
            f'<path class="slope" d="{frame.path(x, d, sample["d_jumps"])}"/>'
            f'<path class="value" d="{frame.path(x, y, sample["y_jumps"])}"/></g>'
            + frame.dots(x, d, sample["d_jumps"], "slope")
            + frame.dots(x, y, sample["y_jumps"], "value")
            + frame.labels(x, [(self.drawn["y"], "value", y), (self.drawn["d"], "slope", d)])
        )

    def saturated(self, slope):
        return np.zeros(len(slope), bool)

    def readout(self, here):
        return "".join(
            f'<span class="cell {kind}"><span class="what">{self.names[key][1]}</span>'
            f'<output class="number">{text(here[key])}</output></span>'
            for key, kind in (("x", "place"), ("y", "value"), ("d", "slope"))
        )


def exact(value):
    """A float32 for the page: a JSON number that reads back as the same float, or a word."""
    return json.loads(str(value)) if np.isfinite(value) else str(float(value))


def pointer(frame, here, clip):
    """The point, its foot and the tangent, as they stand before anything is moved."""
    across, down, low = frame.across(here["x"]), frame.down(here["y"]), frame.down(here["d"])
    rise = here["d"] * (frame.floor / (frame.y[1] - frame.y[0])) / (frame.width / (frame.x[1] - frame.x[0]))
    reach = 110 / float(np.hypot(1, rise)) if np.isfinite(rise) else 0
    tangent = [across - reach, down + reach * rise, across + reach, down - reach * rise]
    corners = zip(("x1", "y1", "x2", "y2"), tangent, strict=True)
    ends = " ".join(f'{name}="{value:.1f}"' for name, value in corners)
    return (
        f'<g clip-path="url(#{clip}-clip)">'
        f'<line class="foot" x1="{across:.1f}" x2="{across:.1f}" y1="0" y2="{frame.floor}"/>'
        f'<line class="tangent" {ends}/>'
        f'<circle class="slope" cx="{across:.1f}" cy="{low:.1f}" r="6"/>'
        f'<circle class="value" cx="{across:.1f}" cy="{down:.1f}" r="8"/></g>'
    )


class ActivationFigure(Explorer):
    option_spec: ClassVar = {**Explorer.common, "saturation": float}
    standard_range = (-8.0, 8.0)
    names: ClassVar = {
        "x": ("x", "<i>x</i>"),
        "y": ("f(x)", "<i>f</i>(<i>x</i>)"),
        "d": ("f′(x)", "<i>f</i>′(<i>x</i>)"),
    }
    drawn: ClassVar = {
        "y": '<tspan class="italic">f</tspan>(<tspan class="italic">x</tspan>)',
        "d": '<tspan class="italic">f</tspan>′(<tspan class="italic">x</tspan>)',
    }

    def find(self, name):
        import actlib

        return actlib.ACTIVATIONS[name]

    def functions(self, entry, setting):
        return (lambda x: entry(x, **setting)), (lambda x: entry.derivative(x, **setting))

    @property
    def threshold(self):
        return self.options.get("saturation", 0.05)

    def saturated(self, slope):
        return np.abs(slope) < self.threshold

    def describe(self, entry, x):
        return f"Curves of {entry.name} and of its derivative for x from {x[0]:g} to {x[-1]:g}"

    def caption(self, parameter, values, start_value):
        parts = ["Every number is the float32 result of the library, all digits shown."]
        if self.threshold > 0:
            parts.insert(0, f"Shaded: saturation, |<i>f</i>′(<i>x</i>)| &lt; {self.threshold:g}.")
        if parameter:
            parts.insert(0, f'<span class="still">Drawn for {parameter} = {values[start_value]:g}.</span>')
        return " ".join(parts)


class LossFigure(Explorer):
    option_spec: ClassVar = {
        **Explorer.common,
        "target": directives.unchanged_required,
        "prediction": directives.unchanged_required,
        "entry": directives.nonnegative_int,
        "arrays": directives.unchanged_required,
        "axis": directives.unchanged_required,
    }
    standard_range = (-4.0, 4.0)
    drawn: ClassVar = {"y": "loss", "d": "gradient"}

    @property
    def names(self):
        axis = self.options.get("axis", "prediction")
        return {"x": (axis, axis), "y": ("loss", "loss"), "d": ("gradient", "gradient")}

    def find(self, name):
        import actlib

        return actlib.losses.LOSSES[name]

    def functions(self, entry, setting):
        setting = dict(setting)
        if "arrays" in self.options:
            return self.functions_of_arrays(entry, setting)
        target = setting.pop("target", None)
        if target is None:
            target = [json.loads(part) for part in self.options.get("target", "0").split(",")]
        expressions = self.options.get("prediction", "x").split(",")
        row = len(expressions) > 1
        component = self.options.get("entry", 0)

        held = np.asarray(target)
        held = held.astype(np.float32) if held.dtype.kind == "f" else held
        held = held.reshape(()) if held.size == 1 else held

        def arguments(x):
            columns = [eval(one.strip(), {"np": np}, {"x": x}) for one in expressions]
            columns = [np.broadcast_to(np.asarray(one, np.float32), x.shape) for one in columns]
            if row:
                return np.stack(columns, axis=-1), np.broadcast_to(held, (len(x), *held.shape)).copy()
            return columns[0].copy(), np.full(len(x), held, np.float32)

        def value(x):
            return np.asarray(entry(*arguments(x), reduction="none", **setting), np.float32)

        def gradient(x):
            result = np.asarray(entry.gradient(*arguments(x), reduction="sum", **setting), np.float32)
            return result[:, component] if row else result

        return value, gradient

    def functions_of_arrays(self, entry, setting):
        sources = [[one.strip() for one in array.split(",")] for array in self.options["arrays"].split(";")]
        component = self.options.get("entry", 0)
        vectors = "axis" in entry.common

        def arguments(x):
            arrays = [[eval(one, {"np": np}, {"x": x}) for one in array] for array in sources]
            arrays = [[np.broadcast_to(np.asarray(one, np.float32), x.shape) for one in array] for array in arrays]
            count = len(entry.gradient_definitions)
            return [np.stack(a, -1) if vectors and k < count else a[0].copy() for k, a in enumerate(arrays)]

        def value(x):
            return np.asarray(entry(*arguments(x), reduction="none", **setting), np.float32)

        def gradient(x):
            result = np.asarray(entry.gradient(*arguments(x), reduction="sum", **setting)[0], np.float32)
            return result[:, component] if vectors else result

        return value, gradient

    def describe(self, entry, x):
        return f"Curves of the loss {entry.name} and of its gradient for predictions from {x[0]:g} to {x[-1]:g}"

    def caption(self, parameter, values, start_value):
        target, row = self.options.get("target", "0"), "," in self.options.get("prediction", "x")
        words = "The true class is number" if row and "," not in target else "Target"
        held = "" if parameter == "target" or "arrays" in self.options else f"{words} {html.escape(target)}. "
        still = f'<span class="still">Drawn for {parameter} = {values[start_value]:g}. </span>' if parameter else ""
        return f"{still}{held}Every number is the float32 result of the library, all digits shown."


def setup(app):
    app.add_directive("activation-figure", ActivationFigure)
    app.add_directive("loss-figure", LossFigure)
    app.add_js_file("explorer.js", loading_method="defer")
    return {"parallel_read_safe": True, "parallel_write_safe": True}
