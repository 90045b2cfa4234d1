/* The settings of the playground: their defaults and limits, and how they stand in a URL,
   playground.html#data=rings&layers=tanh4,relu4&loss=cross_entropy&... A name without "=" is a preset. */
(function () {
  "use strict";

  const has = (object, name) => Object.prototype.hasOwnProperty.call(object, name);

  const STOPS = { never: null, epochs: [1, 100000], patience: [1, 10000], accuracy: [0, 1] };
  const RANGES = {
    points: [4, 200], rate: [1e-5, 100], momentum: [0, 0.99], batch: [1, 200], bias: [-20, 20], seed: [0, 4294967295],
  };
  const WHOLE = ["points", "batch", "seed"];
  const CHOICES = {
    data: [], // filled in with the page's data sets
    activation: Object.keys(playground.activations),
    loss: ["cross_entropy", "squared_error", "hinge"],
    output: ["sigmoid", "tanh", "identity"],
    init: ["auto", "glorot", "he", "zeros"],
  };
  const MOST = { layers: 6, units: 16 };

  const standard = () => ({
    data: "rings", points: 200, layers: [{ name: "tanh", units: 6 }, { name: "tanh", units: 4 }], loss: "cross_entropy",
    output: "sigmoid", rate: 0.1, momentum: 0, batch: 10, init: "auto", bias: 0, seed: 1, stop: { kind: "epochs", value: 300 },
  });

  function bounded(text, [low, high], whole) {
    const number = Number(text);
    if (String(text).trim() === "" || !Number.isFinite(number)) return null;
    return Math.min(high, Math.max(low, whole ? Math.round(number) : number));
  }

  function readLayers(text) {
    const layers = text.split(",").filter(Boolean).map((part) => /^([a-z_]+)(\d+)$/.exec(part));
    if (layers.length > MOST.layers || layers.some((found) => !found || !CHOICES.activation.includes(found[1]))) return null;
    return layers.map(([, name, units]) => ({ name, units: bounded(units, [1, MOST.units], true) }));
  }

  function readStop(text) {
    const [kind, value] = text.split(":");
    if (!has(STOPS, kind)) return null;
    if (!STOPS[kind]) return { kind, value: 0 };
    const number = bounded(value ?? "", STOPS[kind], kind !== "accuracy");
    return number === null ? null : { kind, value: number };
  }

  function read(name, text) {
    if (CHOICES[name]) return CHOICES[name].includes(text) ? text : null;
    if (name === "layers") return readLayers(text);
    if (name === "stop") return readStop(text);
    return bounded(text, RANGES[name], WHOLE.includes(name));
  }

  /* Settings from the text behind "#", or null if it names none, as a link to a section does. What cannot be understood
     keeps its default. */
  function parse(hash, presets) {
    const parts = hash.replace(/^#/, "").split("&").filter(Boolean);
    const settings = standard();
    let found = false, preset = null;
    for (const part of parts) {
      const cut = part.indexOf("=");
      if (cut < 0 && has(presets, part)) {
        found = true;
        preset = part;
        Object.assign(settings, parse(presets[part].settings, {}).settings);
      } else if (cut > 0 && has(settings, part.slice(0, cut))) {
        found = true;
        let value = null;
        try { value = read(part.slice(0, cut), decodeURIComponent(part.slice(cut + 1))); } catch { /* a broken %-sequence */ }
        if (value !== null) settings[part.slice(0, cut)] = value;
      }
    }
    return found ? { settings, preset: parts.length === 1 ? preset : null } : null;
  }

  function format(settings) {
    return Object.entries(settings).map(([name, value]) => {
      if (name === "layers") return "layers=" + value.map((layer) => layer.name + layer.units).join(",");
      if (name === "stop") return "stop=" + (value.kind === "never" ? "never" : value.kind + ":" + value.value);
      return name + "=" + value;
    }).join("&");
  }

  Object.assign(playground, { settings: { standard, parse, format, read, CHOICES, RANGES, STOPS, MOST } });
})();
