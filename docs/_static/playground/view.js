/* The playground's page: its controls, its pictures, and the loop that trains and draws. */
(function () {
  "use strict";

  const root = document.querySelector(".playground");
  const given = document.getElementById("playground-data");
  if (!root || !given) return;
  const { data, presets, functions } = JSON.parse(given.textContent);
  const { settings: rules, Training } = playground;
  rules.CHOICES.data = Object.keys(data);
  rules.CHOICES.activation = functions;

  const GRID = 64, SMALL = 32; // pixels of the large picture and of a unit's
  const find = (selector) => root.querySelector(selector);
  const all = (selector) => [...root.querySelectorAll(selector)];
  const view = (name) => find(`[data-view="${name}"]`);
  const place = (name) => find(`[data-place="${name}"]`);
  const show = (name, text) => { const node = find(`[data-show="${name}"]`); if (node.textContent !== text) node.textContent = text; };
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)");

  let settings, training, set, reach, grid, colours;
  let running = false, since = 0, selected = null, pointed = null, announced = 0, drawn = 0, cost = 0, owed = 0, previous = 0;

  function make(name, attributes, parent, text) {
    const node = document.createElement(name);
    for (const key in attributes) node.setAttribute(key, attributes[key]);
    if (text !== undefined) node.textContent = text;
    parent.appendChild(node);
    return node;
  }

  /* Numbers as text */
  const DIGITS = "⁰¹²³⁴⁵⁶⁷⁸⁹";
  function figure(value) {
    if (!Number.isFinite(value)) return value > 0 ? "∞" : "not a number";
    if (value === 0) return "0";
    if (value >= 1e-3 && value < 1e4) return String(Number(value.toPrecision(3)));
    const [mantissa, exponent] = value.toExponential(1).split("e");
    return mantissa + "·10" + (exponent < 0 ? "⁻" : "") + String(Math.abs(exponent)).replace(/\d/g, (digit) => DIGITS[digit]);
  }
  const percent = (share) => Number((100 * share).toFixed(1)) + " %";
  const plural = (count, word) => count + " " + word + (count === 1 ? "" : "s");

  /* Colours: those of the theme, read anew when it changes. Class 1 is --curve-1, class 0 is --curve-2. */
  function readColours() {
    const style = getComputedStyle(document.documentElement), pen = document.createElement("canvas").getContext("2d");
    const rgb = (name) => {
      pen.fillStyle = style.getPropertyValue(name).trim();
      const hex = parseInt(pen.fillStyle.slice(1), 16);
      return [hex >> 16, (hex >> 8) & 255, hex & 255];
    };
    const css = (parts) => `rgb(${parts.join(" ")})`;
    const card = rgb("--card"), one = rgb("--curve-1"), zero = rgb("--curve-2");
    const scale = (strength) => Uint32Array.from({ length: 257 }, (_, k) => {
      const value = (k - 128) / 128, share = strength * Math.abs(value), pole = value > 0 ? one : zero;
      const [r, g, b] = card.map((part, index) => Math.round(part + share * (pole[index] - part)));
      return (255 << 24) | (b << 16) | (g << 8) | r;
    });
    colours = {
      plane: scale(0.5), unit: scale(0.85), one: css(one), zero: css(zero), card: css(card), ink: css(rgb("--ink")),
      soft: css(rgb("--ink-soft")), line: css(rgb("--line")), strong: css(rgb("--line-strong")),
      train: css(rgb("--curve-3")), test: css(rgb("--curve-4")), font: style.getPropertyValue("--ui"),
    };
  }

  /* Canvases as sharp as the screen */
  function brush(canvas, height) {
    const width = canvas.clientWidth, ratio = Math.min(window.devicePixelRatio || 1, 3);
    height = height || canvas.clientHeight;
    if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
    }
    const pen = canvas.getContext("2d");
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, width, height);
    pen.font = `500 11px ${colours.font}`;
    return { pen, width, height };
  }

  const raster = (size) => {
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = size;
    const pen = canvas.getContext("2d"), image = pen.createImageData(size, size);
    return { canvas, pen, image, pixels: new Uint32Array(image.data.buffer) };
  };
  const large = raster(GRID);
  let tiles = [];

  /* values[from + k * stride] for the points k of the grid, `middle` without colour and `middle` ± `span` in full */
  function paint(target, size, table, values, from, stride, middle, span, hard) {
    const skip = GRID / size, { pixels } = target;
    for (let row = 0, at = 0; row < size; row++)
      for (let column = 0; column < size; column++, at++) {
        let value = (values[from + (row * skip * GRID + column * skip) * stride] - middle) / span;
        value = hard ? (value > 0 ? 1 : -1) : Math.max(-1, Math.min(1, value)) || 0;
        pixels[at] = table[Math.round(128 + 128 * value)];
      }
    target.pen.putImageData(target.image, 0, 0);
  }

  /* Where `values` crosses `level`: marching squares, drawn in a square of `side` pixels */
  function contour(pen, values, from, stride, level, side) {
    const at = (row, column) => values[from + (row * GRID + column) * stride] - level;
    const unit = side / GRID, cross = (a, b) => a / (a - b);
    pen.beginPath();
    for (let row = 0; row + 1 < GRID; row++)
      for (let column = 0; column + 1 < GRID; column++) {
        const a = at(row, column), b = at(row, column + 1), c = at(row + 1, column + 1), d = at(row + 1, column);
        const points = [];
        if (a > 0 !== b > 0) points.push(column + cross(a, b), row);
        if (b > 0 !== c > 0) points.push(column + 1, row + cross(b, c));
        if (d > 0 !== c > 0) points.push(column + cross(d, c), row + 1);
        if (a > 0 !== d > 0) points.push(column, row + cross(a, d));
        for (let k = 0; k + 3 < points.length; k += 4) {
          pen.moveTo((points[k] + 0.5) * unit, (points[k + 1] + 0.5) * unit);
          pen.lineTo((points[k + 2] + 0.5) * unit, (points[k + 3] + 0.5) * unit);
        }
      }
    pen.stroke();
  }

  /* What is drawn of a unit: its excitation around 0, or its activation; the output as it is shown */
  const isOutput = ([layer]) => layer === training.layers.length - 1;
  function aspect(unit) {
    const layer = training.layers[unit[0]], kind = view("kind").value, { end } = training;
    if (isOutput(unit) && kind === "h") {
      const values = layer.h.subarray(0, GRID * GRID);
      return { values: values.map(end.shown), from: 0, stride: 1, middle: end.middle, span: end.reach, level: end.middle };
    }
    const values = layer[kind];
    const bounded = kind === "h" && ["sigmoid", "tanh", "heaviside", "sign"].includes(layer.name);
    let span = bounded ? 1 : 1e-9;
    if (!bounded)
      for (let k = unit[1]; k < GRID * GRID * layer.outputs; k += layer.outputs) span = Math.max(span, Math.abs(values[k]) || 0);
    return { values, from: unit[1], stride: layer.outputs, middle: 0, span };
  }

  function drawPoints(pen, part, side, size, hollow) {
    const scale = side / (2 * reach);
    pen.lineWidth = hollow ? 1.6 : 1.1;
    for (const label of [0, 1]) {
      pen.beginPath();
      for (let k = 0; k < part.n; k++) {
        if (part.labels[k] !== label) continue;
        const x = (part.x[2 * k] + reach) * scale, y = (reach - part.x[2 * k + 1]) * scale;
        if (label) { pen.moveTo(x + size, y); pen.arc(x, y, size, 0, 7); } else pen.rect(x - 0.88 * size, y - 0.88 * size, 1.76 * size, 1.76 * size);
      }
      pen.fillStyle = hollow ? colours.card : label ? colours.one : colours.zero;
      pen.strokeStyle = hollow ? (label ? colours.one : colours.zero) : colours.card;
      pen.fill();
      pen.stroke();
    }
  }

  function drawPlane() {
    const { pen, width: side } = brush(find('[data-canvas="output"]'), find('[data-canvas="output"]').clientWidth);
    const unit = pointed || selected || [training.layers.length - 1, 0], layer = training.layers[unit[0]];
    const { values, from, stride, middle, span } = aspect(unit);
    const border = isOutput(unit) ? training.end.border : 0, crossing = isOutput(unit) ? layer.h : layer.z;
    const hard = view("hard").checked;
    paint(large, GRID, colours.plane, values, from, stride, middle, span, hard);
    pen.imageSmoothingEnabled = !hard;
    pen.drawImage(large.canvas, 0, 0, side, side);
    pen.lineWidth = 2;
    pen.strokeStyle = colours.ink;
    contour(pen, crossing, unit[1], stride === 1 && isOutput(unit) ? 1 : layer.outputs, border, side);
    if (settings.loss === "hinge" && isOutput(unit)) {
      pen.setLineDash([5, 4]);
      pen.lineWidth = 1.2;
      [-1, 1].forEach((level) => contour(pen, crossing, 0, 1, level, side));
      pen.setLineDash([]);
    }
    const height = ((reach - reach * Number(view("cut").value)) / (2 * reach)) * side;
    pen.strokeStyle = colours.soft;
    pen.lineWidth = 1;
    pen.setLineDash([2, 4]);
    pen.beginPath();
    pen.moveTo(0, height);
    pen.lineTo(side, height);
    pen.stroke();
    pen.setLineDash([]);
    const size = side < 320 ? 3.2 : 3.8;
    drawPoints(pen, training.data.train, side, size, false);
    if (view("test").checked) drawPoints(pen, training.data.test, side, size, true);
  }

  /* The network: inputs, layers and output from left to right. `spots` remembers where each unit is drawn. */
  let spots = [];
  function drawNetwork() {
    const canvas = find('[data-canvas="network"]');
    const { pen, width, height } = brush(canvas);
    const columns = [2, ...training.layers.map((layer) => layer.outputs)];
    const top = 8, bottom = height - 24, widest = Math.max(...columns);
    const gap = width / columns.length;
    const size = Math.max(9, Math.min(52, gap * 0.62, ((bottom - top) / widest) * 0.84));
    const centre = (column, unit) => [gap * (column + 0.5), top + ((bottom - top) * (unit + 0.5 + (widest - columns[column]) / 2)) / widest];
    spots = [];
    pen.lineCap = "round";
    training.layers.forEach((layer, k) => {
      let most = 1e-9;
      for (const weight of layer.weights) most = Math.max(most, Math.abs(weight) || 0);
      most = Math.max(most, 0.5);
      for (let i = 0; i < layer.inputs; i++)
        for (let o = 0; o < layer.outputs; o++) {
          const weight = layer.weights[i * layer.outputs + o], share = Math.abs(weight) / most;
          if (!(share > 0.02)) continue;
          const [x1, y1] = centre(k, i), [x2, y2] = centre(k + 1, o), bend = (gap - size) * 0.5;
          pen.globalAlpha = 0.15 + 0.6 * share;
          pen.lineWidth = 0.4 + (layer.outputs * layer.inputs > 100 ? 1.6 : 3.4) * share;
          pen.strokeStyle = weight > 0 ? colours.one : colours.zero;
          pen.beginPath();
          pen.moveTo(x1 + size / 2, y1);
          pen.bezierCurveTo(x1 + size / 2 + bend, y1, x2 - size / 2 - bend, y2, x2 - size / 2, y2);
          pen.stroke();
        }
    });
    pen.globalAlpha = 1;
    const chosen = pointed || selected;
    let used = 0;
    const picture = (x, y, framed, dead) => {
      const half = size / 2;
      pen.drawImage(tiles[used++].canvas, x - half, y - half, size, size);
      pen.strokeStyle = framed ? colours.ink : colours.strong;
      pen.lineWidth = framed ? 2.4 : 1;
      pen.strokeRect(x - half, y - half, size, size);
      if (dead) {
        pen.strokeStyle = colours.ink;
        pen.lineWidth = 1.4;
        pen.beginPath();
        pen.moveTo(x - half, y - half); pen.lineTo(x + half, y + half);
        pen.moveTo(x + half, y - half); pen.lineTo(x - half, y + half);
        pen.stroke();
      }
    };
    const tile = (values, from, stride, middle, span) => {
      if (used === tiles.length) tiles.push(raster(SMALL));
      paint(tiles[used], SMALL, colours.unit, values, from, stride, middle, span, false);
    };
    for (let input = 0; input < 2; input++) {
      tile(grid, input, 2, 0, reach);
      picture(...centre(0, input), false, false);
    }
    training.layers.forEach((layer, k) => {
      for (let unit = 0; unit < layer.outputs; unit++) {
        const { values, from, stride, middle, span } = aspect([k, unit]);
        tile(values, from, stride, middle, span);
        const [x, y] = centre(k + 1, unit), last = k === training.layers.length - 1;
        picture(x, y, chosen ? chosen[0] === k && chosen[1] === unit : last, training.states[k].units[unit] && !last);
        spots.push({ x, y, half: size / 2 + 3, unit: [k, unit] });
      }
    });
    pen.fillStyle = colours.soft;
    pen.textAlign = "center";
    const names = ["inputs", ...settings.layers.map((layer) => layer.name), "output"];
    const fits = names.every((name) => pen.measureText(name).width < gap - 3);
    names.forEach((name, column) => {
      const short = column === 0 ? "in" : column === names.length - 1 ? "out" : String(column);
      pen.fillText(fits ? name : short, gap * (column + 0.5), height - 6);
    });
  }

  /* Round numbers between 0 and `most` */
  function ticks(low, high, count) {
    const raw = (high - low) / count, power = Math.pow(10, Math.floor(Math.log10(raw)));
    const step = [1, 2, 2.5, 5, 10].map((k) => k * power).find((one) => one >= raw), result = [];
    for (let k = Math.ceil(low / step); k * step <= high * (1 + 1e-9); k++) result.push(Number((k * step).toPrecision(6)));
    return result;
  }

  function chart(name, [left, right], [low, high]) {
    const { pen, width, height } = brush(find(`[data-canvas="${name}"]`));
    const box = { left: 38, right: width - 10, top: 8, bottom: height - 22 };
    const across = (x) => box.left + ((x - left) / (right - left)) * (box.right - box.left);
    const down = (y) => box.bottom - ((y - low) / (high - low)) * (box.bottom - box.top);
    pen.fillStyle = colours.soft;
    pen.lineWidth = 1;
    pen.strokeStyle = colours.line;
    pen.textAlign = "right";
    pen.textBaseline = "middle";
    for (const tick of ticks(low, high, 4)) {
      pen.beginPath();
      pen.moveTo(box.left, down(tick));
      pen.lineTo(box.right, down(tick));
      pen.stroke();
      pen.fillText(String(tick).replace("-", "−"), box.left - 6, down(tick));
    }
    pen.textAlign = "center";
    pen.textBaseline = "alphabetic";
    for (const tick of ticks(left, right, 5)) pen.fillText(String(tick).replace("-", "−"), across(tick), height - 6);
    return { pen, across, down, box };
  }

  function drawLoss() {
    const { epoch, history } = training, stop = settings.stop;
    const last = Math.max(epoch, stop.kind === "epochs" ? Math.min(stop.value, epoch < 50 ? 50 : 1e9) : 20, 20);
    const stride = Math.max(1, Math.ceil(epoch / 500));
    let most = 0;
    for (let k = 0; k <= epoch; k += stride)
      for (const name of ["loss", "validation_loss"]) if (history[name][k] < 1e6) most = Math.max(most, history[name][k]);
    const { pen, across, down, box } = chart("loss", [0, last], [0, Math.max(most, 1e-6) * 1.06]);
    pen.lineWidth = 2;
    pen.lineJoin = "round";
    for (const [name, colour] of [["loss", colours.train], ["validation_loss", colours.test]]) {
      pen.strokeStyle = pen.fillStyle = colour;
      pen.beginPath();
      for (let k = 0; k <= epoch; k = k < epoch ? Math.min(epoch, k + stride) : k + 1)
        pen.lineTo(across(k), Math.max(box.top, down(Math.min(history[name][k], 1e6))));
      pen.stroke();
      pen.beginPath();
      pen.arc(across(epoch), Math.max(box.top, down(Math.min(history[name][epoch], 1e6))), 3.2, 0, 7);
      pen.fill();
    }
  }

  const CUT = 241;
  function drawCut() {
    const height = reach * Number(view("cut").value), points = new Float64Array(2 * CUT), { end } = training;
    for (let k = 0; k < CUT; k++) {
      points[2 * k] = -reach + (2 * reach * k) / (CUT - 1);
      points[2 * k + 1] = height;
    }
    const values = Array.from(training.forward(points, CUT).subarray(0, CUT), end.shown);
    let low = end.middle - 1.15 * end.reach, high = end.middle + 1.15 * end.reach;
    for (const value of values) if (Number.isFinite(value)) { low = Math.min(low, value); high = Math.max(high, value); }
    const { pen, across, down, box } = chart("cut", [-reach, reach], [low, high]);
    pen.strokeStyle = colours.strong;
    pen.setLineDash([4, 4]);
    pen.beginPath();
    pen.moveTo(box.left, down(end.middle));
    pen.lineTo(box.right, down(end.middle));
    pen.stroke();
    pen.setLineDash([]);
    pen.lineWidth = 2.4;
    pen.lineJoin = "round";
    for (const side of [false, true]) {
      pen.save();
      pen.beginPath();
      if (side) pen.rect(0, 0, 1e4, down(end.middle)); else pen.rect(0, down(end.middle), 1e4, 1e4);
      pen.clip();
      pen.strokeStyle = side ? colours.one : colours.zero;
      pen.beginPath();
      for (let k = 0; k < CUT; k++) if (Number.isFinite(values[k])) pen.lineTo(across(points[2 * k]), down(values[k]));
      pen.stroke();
      pen.restore();
    }
    show("cut", height.toFixed(2).replace("-", "−"));
    view("cut").setAttribute("aria-valuetext", height.toFixed(2));
  }

  /* The table of the layers: rows are made when the network is, and filled while it trains */
  let rows = [];
  function makeRows() {
    const body = place("states");
    body.textContent = "";
    rows = training.layers.map((layer, k) => {
      const row = make("tr", {}, body), last = k === training.layers.length - 1;
      make("th", { scope: "row" }, row, last ? `output (${layer.name})` : `${k + 1} ${layer.name}`);
      const cell = make("td", { class: "pg-norm" }, row);
      const bar = make("span", { class: "pg-bar-track", "aria-hidden": "true" }, cell);
      return { fill: make("i", {}, bar), norm: make("span", {}, cell), dead: make("td", {}, row), flat: make("td", {}, row) };
    });
  }

  function write(node, text) { if (node.textContent !== text) node.textContent = text; }

  function fillRows() {
    const norms = training.last("gradient_norms");
    rows.forEach((row, k) => {
      const size = norms[k] > 0 ? Math.max(0, Math.min(1, (Math.log10(norms[k]) + 8) / 9)) : 0; // from 1e-8 to 10
      row.fill.style.width = (100 * size).toFixed(1) + "%";
      write(row.norm, figure(norms[k]));
      write(row.dead, training.states[k].units.filter(Boolean).length + " of " + training.layers[k].outputs);
      write(row.flat, percent(training.states[k].flat));
    });
  }

  function fillRun() {
    const body = place("run"), { epoch, history } = training, chosen = [];
    for (let k = 0; k <= 12; k++) chosen.push(Math.round((epoch * k) / 12));
    body.textContent = "";
    for (const k of new Set(chosen)) {
      const row = make("tr", {}, body);
      make("th", { scope: "row" }, row, String(k));
      [figure(history.loss[k]), figure(history.validation_loss[k]), percent(history.accuracy[k]), percent(history.validation_accuracy[k]),
        history.gradient_norms[k].map(figure).join(", ")].forEach((text) => make("td", {}, row, text));
    }
  }

  function draw() {
    const start = performance.now();
    training.forward(grid, GRID * GRID);
    drawNetwork();
    drawPlane();
    drawCut(); // last of those that need the grid: it runs the network on other points
    drawLoss();
    fillRows();
    show("epoch", String(training.epoch));
    for (const name of ["loss", "validation_loss"]) show(name, figure(training.last(name)));
    for (const name of ["accuracy", "validation_accuracy"]) show(name, percent(training.last(name)));
    drawn = performance.now();
    cost = 0.8 * cost + 0.2 * (drawn - start);
  }

  /* Words for those who do not see the pictures, and not more often than one can listen to them */
  function summary() {
    const norms = training.last("gradient_norms"), dead = training.states.slice(0, -1).reduce((sum, one) => sum + one.units.filter(Boolean).length, 0);
    return `Epoch ${training.epoch}. Training loss ${figure(training.last("loss"))}, accuracy ${percent(training.last("accuracy"))}; ` +
      `test loss ${figure(training.last("validation_loss"))}, accuracy ${percent(training.last("validation_accuracy"))}. ` +
      (norms.length > 1 ? `Gradient norm ${figure(norms[0])} in the first layer, ${figure(norms[norms.length - 1])} in the last. ` : "") +
      (dead ? plural(dead, "dead unit") + "." : "");
  }

  function announce(words, brief) {
    announced = performance.now();
    show("status", brief ? words : (words + " " + summary()).trim());
    const here = selected ? `layer ${selected[0] + 1}, unit ${selected[1] + 1}` : "the output";
    const score = selected ? "" : `; ${percent(training.last("accuracy"))} of the training points lie on the right side of the border`;
    find('[data-canvas="output"]').setAttribute("aria-label",
      `The plane of the inputs as ${here} sees it after ${plural(training.epoch, "epoch")}, with the points${score}`);
    find('[data-canvas="network"]').setAttribute("aria-label",
      `The network: 2 inputs, ${settings.layers.map((layer) => layer.units + " " + layer.name).join(", ") || "no hidden layer"}, 1 output; each unit as a picture of the plane`);
    find('[data-canvas="loss"]').setAttribute("aria-label",
      `Training loss from ${figure(training.history.loss[0])} to ${figure(training.last("loss"))}, test loss from ${figure(training.history.validation_loss[0])} to ${figure(training.last("validation_loss"))}`);
    if (!running) fillRun();
  }

  /* The loop */
  function pause(words) {
    running = false;
    find('[data-do="train"]').textContent = "Train";
    root.classList.remove("running");
    draw();
    announce(words);
  }

  function frame(now) {
    if (!running) return;
    const start = performance.now(), speed = view("speed").value;
    let over = null;
    owed = speed === "slow" ? owed + Math.min(1, (now - (previous || now)) / 200) : speed === "normal" ? 1 : Infinity;
    previous = now;
    while (!over && owed >= 1 && performance.now() - start < 9) {
      training.trainEpoch();
      owed--;
      over = training.finished(since);
    }
    if (owed === Infinity) owed = 0;
    if (over) return pause("Stopped: " + over);
    if (calm.matches ? start - drawn > 1000 : start - drawn > Math.min(200, 2 * cost - 16)) draw();
    if (start - announced > 10000) announce("Training.");
    requestAnimationFrame(frame);
  }

  function train() {
    if (running) return pause("Paused.");
    running = true;
    since = training.epoch;
    owed = 0;
    previous = 0;
    find('[data-do="train"]').textContent = "Pause";
    root.classList.add("running");
    announce("Training.", true);
    requestAnimationFrame(frame);
  }

  /* A new network from the settings */
  function begin(words) {
    set = data[settings.data];
    const part = (one) => ({ x: Float64Array.from(one.x), labels: one.labels, n: one.labels.length });
    training = new Training(settings, { train: part(set.train), test: part(set.test) });
    reach = 1.08 * Math.max(...set.train.x.map(Math.abs), ...set.test.x.map(Math.abs));
    grid = new Float64Array(2 * GRID * GRID);
    for (let row = 0, at = 0; row < GRID; row++)
      for (let column = 0; column < GRID; column++) {
        grid[at++] = (2 * (column + 0.5) / GRID - 1) * reach;
        grid[at++] = (1 - 2 * (row + 0.5) / GRID) * reach;
      }
    selected = pointed = null;
    const units = view("unit");
    units.textContent = "";
    make("option", { value: "" }, units, "the output");
    settings.layers.forEach((layer, k) => {
      const group = make("optgroup", { label: `Layer ${k + 1}, ${layer.name}` }, units);
      for (let unit = 0; unit < layer.units; unit++) make("option", { value: `${k},${unit}` }, group, `layer ${k + 1}, unit ${unit + 1}`);
    });
    makeRows();
    since = 0;
    pause(words || "");
  }

  /* Controls */
  function fillControls() {
    all("[data-set]").forEach((control) => { control.value = settings[control.dataset.set]; });
    all('[name="pg-data"]').forEach((radio) => { radio.checked = radio.value === settings.data; });
    find('[data-only="squared_error"]').hidden = settings.loss !== "squared_error";
    find('[data-stop="kind"]').value = settings.stop.kind;
    place("stop").hidden = settings.stop.kind === "never";
    find('[data-stop="value"]').value = settings.stop.value;
    show("stop", settings.stop.kind === "accuracy" ? "Accuracy" : "Epochs");
    const list = place("layers");
    list.textContent = "";
    settings.layers.forEach((layer, k) => {
      const item = make("li", {}, list);
      const name = make("select", { "aria-label": `Layer ${k + 1}: activation`, "data-layer": k, "data-part": "name" }, item);
      for (const one of functions) make("option", {}, name, one);
      name.value = layer.name;
      const units = make("input", { type: "number", min: 1, max: rules.MOST.units, step: 1, inputmode: "numeric", "aria-label": `Layer ${k + 1}: units`, "data-layer": k, "data-part": "units" }, item);
      units.value = layer.units;
      make("button", { type: "button", "data-do": "remove", "data-layer": k, "aria-label": `Remove layer ${k + 1}` }, item, "×");
    });
    find('[data-do="add"]').disabled = settings.layers.length >= rules.MOST.layers;
    view("all").value = settings.layers.length && settings.layers.every((layer) => layer.name === settings.layers[0].name) ? settings.layers[0].name : "";
  }

  function address(text) {
    const url = location.href.replace(/#.*/, "") + "#" + text;
    if (url !== location.href) history.replaceState(null, "", url);
  }

  function changed() {
    view("preset").value = "";
    address(rules.format(settings));
    fillControls();
    begin("New settings.");
  }

  function open(hash) {
    const found = rules.parse(hash, presets);
    if (!found) return false;
    settings = found.settings;
    view("preset").value = found.preset || "";
    fillControls();
    begin(found.preset ? presets[found.preset].title + "." : "");
    return true;
  }

  function copy() {
    const link = location.href.includes("#") ? location.href : location.href + "#" + rules.format(settings);
    const done = () => announce("The link is copied.");
    const byHand = () => {
      const box = make("textarea", { class: "pg-copy", "aria-hidden": "true" }, root);
      box.value = link;
      box.select();
      const copied = document.execCommand("copy");
      box.remove();
      find('[data-do="copy"]').focus();
      if (copied) done(); else announce("The link stands in the address bar.");
    };
    if (navigator.clipboard && window.isSecureContext) navigator.clipboard.writeText(link).then(done, byHand); else byHand();
  }

  const actions = {
    train,
    step() { training.trainEpoch(); pause(running ? "Paused." : ""); },
    reset() { begin("Back at the start."); },
    copy,
    add() {
      const last = settings.layers[settings.layers.length - 1] || { name: "tanh", units: 4 };
      settings.layers.push({ ...last });
      changed();
      if (find('[data-do="add"]').disabled) all('[data-part="name"]').pop().focus();
    },
    remove(button) {
      const k = Number(button.dataset.layer);
      settings.layers.splice(k, 1);
      changed();
      (all('[data-do="remove"]')[k] || all('[data-do="remove"]').pop() || find('[data-do="add"]')).focus();
    },
  };

  root.addEventListener("click", (event) => {
    const button = event.target.closest("[data-do]");
    if (button) actions[button.dataset.do](button);
  });

  root.addEventListener("change", ({ target }) => {
    const { set: name, layer, part, stop } = target.dataset;
    if (name || target.name === "pg-data") {
      const value = rules.read(name || "data", target.value);
      if (value === null) return fillControls();
      settings[name || "data"] = value;
      changed();
    } else if (part) {
      const value = rules.read("layers", part === "name" ? target.value + settings.layers[layer].units : settings.layers[layer].name + Math.abs(Math.round(target.value || 1)));
      if (value) settings.layers[layer] = value[0];
      changed();
      find(`[data-layer="${layer}"][data-part="${part}"]`).focus();
    } else if (stop) {
      const kind = find('[data-stop="kind"]').value, usual = { epochs: 300, patience: 50, accuracy: 0.95, never: "" };
      settings.stop = rules.read("stop", kind === "never" ? kind : kind + ":" + (stop === "kind" ? usual[kind] : target.value)) || settings.stop;
      view("preset").value = "";
      address(rules.format(settings));
      fillControls();
    } else if (target === view("preset")) {
      if (target.value) { address(target.value); open(target.value); }
    } else if (target === view("all")) {
      if (target.value) { settings.layers.forEach((one) => { one.name = target.value; }); changed(); }
    } else if (target === view("unit")) {
      selected = target.value ? target.value.split(",").map(Number) : null;
      draw();
      announce("");
    } else if (target !== view("speed")) draw();
  });
  root.addEventListener("submit", (event) => event.preventDefault());
  view("cut").addEventListener("input", draw);

  /* A unit is shown large while the mouse is on it, and stays if it is clicked */
  const network = find('[data-canvas="network"]');
  const under = (event) => (spots.find((spot) =>
    Math.abs(event.offsetX - spot.x) < spot.half && Math.abs(event.offsetY - spot.y) < spot.half) || { unit: null }).unit;
  function point(unit) {
    if (String(unit) === String(pointed)) return;
    pointed = unit;
    draw();
  }
  network.addEventListener("pointermove", (event) => { if (event.pointerType === "mouse") point(under(event)); });
  network.addEventListener("pointerleave", () => point(null));
  network.addEventListener("click", (event) => {
    const unit = under(event);
    if (!unit) return;
    selected = isOutput(unit) ? null : unit;
    view("unit").value = selected ? selected.join(",") : "";
    draw();
    if (!running) announce("");
  });

  /* The data sets as pictures to choose from */
  function makeSets() {
    Object.entries(data).forEach(([name, one]) => {
      const label = make("label", { class: "pg-set" }, place("sets"));
      make("input", { type: "radio", name: "pg-data", value: name }, label);
      make("canvas", { "data-thumb": name, "aria-hidden": "true" }, label);
      make("span", {}, label, one.title);
    });
    const every = view("all");
    make("option", { value: "" }, every, "various");
    for (const name of functions) make("option", {}, every, name);
  }

  function drawSets() {
    const kept = reach;
    all("[data-thumb]").forEach((canvas) => {
      const { train: { x, labels } } = data[canvas.dataset.thumb], { pen, width } = brush(canvas, canvas.clientWidth);
      reach = 1.12 * Math.max(...x.map(Math.abs));
      drawPoints(pen, { x, labels, n: 120 }, width, 1.7, false);
    });
    reach = kept;
  }

  function refresh() {
    readColours();
    drawSets();
    if (training) draw();
  }

  root.hidden = false;
  document.documentElement.classList.add("playing");
  makeSets();
  readColours();
  if (!open(location.hash)) {
    settings = rules.standard();
    fillControls();
    begin("");
  }
  refresh();
  window.addEventListener("hashchange", () => {
    if (!open(location.hash)) return;
    root.scrollIntoView({ block: "start" });
    find('[data-do="train"]').focus({ preventScroll: true });
  });
  new MutationObserver(refresh).observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", refresh);
  const resized = new ResizeObserver(refresh);
  all("[data-canvas]").forEach((canvas) => resized.observe(canvas));
  document.fonts.ready.then(refresh);
  playground.page = { get training() { return training; }, get settings() { return settings; }, get cost() { return cost; }, draw };
})();
