/* The figures of functions and losses. All curves are in the page already, computed by the library when the site
   was built; this file moves the point among their samples and shows the layer of the chosen parameter. */
(function () {
  "use strict";

  function element(name, attributes, parent) {
    const made = document.createElement(name);
    for (const key in attributes) made.setAttribute(key, attributes[key]);
    parent.appendChild(made);
    return made;
  }

  function number(text) {
    return typeof text === "number" ? text : { nan: NaN, inf: Infinity, "-inf": -Infinity }[text];
  }

  function shown(value) {
    if (!isFinite(value)) return { NaN: "NaN", Infinity: "∞", "-Infinity": "−∞" }[String(value)];
    return (Object.is(value, -0) ? "-0" : String(value)).replaceAll("-", "−");
  }

  function slider(figure, label, count, start, describe, moved) {
    const row = element("label", { class: "slider" }, figure.querySelector(".controls"));
    element("span", { class: "what" }, row).innerHTML = label;
    const input = element("input", { type: "range", min: 0, max: count - 1, step: 1, value: start }, row);
    const output = element("output", {}, row);
    input.addEventListener("input", () => moved(Number(input.value)));
    return (index) => {
      input.value = index;
      output.textContent = describe(index)[0];
      input.setAttribute("aria-valuetext", describe(index)[1]);
    };
  }

  function explore(figure) {
    const given = JSON.parse(figure.querySelector("script").textContent);
    const curves = given.curves.map((curve) => ({ y: curve.y.map(number), d: curve.d.map(number) }));
    const [first, step, count] = given.x;
    const [left, right, bottom, top, width, floor] = given.frame;
    const svg = figure.querySelector("svg");
    const layers = figure.querySelectorAll(".layer");
    const find = (selector) => figure.querySelector(selector);
    const foot = find(".foot"), tangent = find(".tangent");
    const pointValue = find(".pointer circle.value"), pointSlope = find(".pointer circle.slope");
    const cells = ["place", "value", "slope"].map((kind) => find(".cell." + kind + " output"));
    let [place, layer] = given.start;

    const across = (x) => ((x - left) / (right - left)) * width;
    const down = (y) => floor - ((y - bottom) / (top - bottom)) * floor;
    const set = (node, attributes) => { for (const key in attributes) node.setAttribute(key, attributes[key]); };
    const abscissa = (index) => first + step * index;

    function put(circle, x, y) {
      circle.setAttribute("visibility", isFinite(y) ? "visible" : "hidden");
      if (isFinite(y)) set(circle, { cx: x, cy: Math.max(-20, Math.min(floor + 20, down(y))) });
    }

    function draw() {
      const x = abscissa(place), y = curves[layer].y[place], slope = curves[layer].d[place];
      layers.forEach((one, index) => one.toggleAttribute("hidden", index !== layer));
      [x, y, slope].forEach((value, index) => { cells[index].textContent = shown(value); });
      set(foot, { x1: across(x), x2: across(x) });
      put(pointValue, across(x), y);
      put(pointSlope, across(x), slope);
      const drawn = isFinite(y) && isFinite(slope);
      tangent.setAttribute("visibility", drawn ? "visible" : "hidden");
      if (drawn) {
        const rise = (slope * floor / (top - bottom)) / (width / (right - left));
        const reach = 110 / Math.hypot(1, rise);
        set(tangent, { x1: across(x) - reach, x2: across(x) + reach, y1: down(y) + reach * rise, y2: down(y) - reach * rise });
      }
      sliders.forEach((show) => show());
    }

    const sliders = [];
    const words = () => given.names.x[0] + " = " + shown(abscissa(place)) + ", " + given.names.y[0] + " = " +
      shown(curves[layer].y[place]) + ", " + given.names.d[0] + " = " + shown(curves[layer].d[place]);
    const showPlace = slider(figure, given.names.x[1], count, place,
      (index) => [shown(abscissa(index)), words()], (index) => { place = index; draw(); });
    sliders.push(() => showPlace(place));
    if (given.parameter) {
      const { name, values } = given.parameter;
      const showLayer = slider(figure, name, values.length, layer,
        (index) => [shown(values[index]), name + " = " + shown(values[index])], (index) => { layer = index; draw(); });
      sliders.push(() => showLayer(layer));
    }

    function follow(event) {
      const box = svg.getBoundingClientRect();
      const x = left + ((event.clientX - box.left) / box.width) * (right - left);
      place = Math.max(0, Math.min(count - 1, Math.round((x - first) / step)));
      draw();
    }
    svg.addEventListener("pointerdown", (event) => { svg.setPointerCapture(event.pointerId); follow(event); });
    svg.addEventListener("pointermove", (event) => { if (event.buttons) follow(event); });
    figure.classList.add("live");
    draw();
  }

  /* What scrolls sideways must be reachable by keyboard, under a name. What it is changes with the width of the window,
     with the fonts, and when an answer is unfolded. */
  const scrollers = [
    ["pre", "Example"], ["div.math, .derivation-left, .derivation-right", "Formula"],
    [".pst-scrollable-table-container, table.facts td", "Table"], ["figure.themed-plot", ""],
  ];
  function reachable() {
    scrollers.forEach(([selector, name]) => document.querySelectorAll(selector).forEach((box) => {
      const scrolls = box.scrollWidth > box.clientWidth + 1;
      if (!scrolls && !box.dataset.scrolls) return;
      const attributes = { tabindex: "0", ...(name && box.tagName !== "TD" && { role: "group", "aria-label": name + ", scrolls sideways" }) };
      Object.entries(attributes).forEach(([key, value]) => scrolls ? box.setAttribute(key, value) : box.removeAttribute(key));
      if (scrolls) box.dataset.scrolls = "yes"; else delete box.dataset.scrolls;
    }));
  }

  document.querySelectorAll("figure.explorer").forEach(explore);
  reachable();
  ["load", "resize"].forEach((event) => window.addEventListener(event, reachable));
  document.addEventListener("toggle", reachable, true);
  document.fonts.ready.then(reachable);
})();
