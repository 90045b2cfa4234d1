/* A small network and its training, as actlib.network does it: nothing here knows of a page. A test compares a run
   with the library's.

   The data: {train, test}, each {x: Float64Array of n pairs, labels: array of 0 and 1, n}. */
(function () {
  "use strict";

  /* mulberry32 (Tommy Ettinger, in the public domain): 32 bits of state, the same numbers on every machine. */
  function generator(seed) {
    let state = seed >>> 0;
    return function () {
      state = (state + 0x6d2b79f5) >>> 0;
      let mixed = Math.imul(state ^ (state >>> 15), state | 1);
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
    };
  }

  function normal(random) {
    return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  }

  function draw(how, random, inputs, outputs) {
    const weights = new Float64Array(inputs * outputs);
    const bound = Math.sqrt(6 / (inputs + outputs)), deviation = Math.sqrt(2 / inputs);
    if (how !== "zeros")
      for (let k = 0; k < weights.length; k++)
        weights[k] = how === "he" ? deviation * normal(random) : bound * (2 * random() - 1);
    return weights;
  }

  /* What a layer computes for the rows of x: z = x weights + bias, and from it the outputs. weights[i * outputs + o]. */
  class Layer {
    constructor(inputs, outputs, name, how, random) {
      const activation = playground.activations[name];
      Object.assign(this, { inputs, outputs, name, ...activation });
      const chosen = how === "auto" ? (this.rectifier ? "he" : "glorot") : how;
      this.weights = draw(chosen, random, inputs, outputs);
      this.bias = new Float64Array(outputs);
      this.weightGradient = new Float64Array(inputs * outputs);
      this.biasGradient = new Float64Array(outputs);
      this.alpha = new Float64Array(outputs).fill(activation.alpha || 0);
      this.alphaGradient = new Float64Array(outputs);
      this.alphaVelocity = new Float64Array(outputs);
      this.weightVelocity = new Float64Array(inputs * outputs);
      this.biasVelocity = new Float64Array(outputs);
      this.room = 0;
    }

    reserve(n) {
      if (n <= this.room) return;
      this.room = n;
      this.z = new Float64Array(n * this.outputs);
      this.h = new Float64Array(n * this.outputs);
      this.below = new Float64Array(n * this.inputs);
    }

    forward(x, n) {
      const { inputs, outputs, weights, bias, alpha, value } = this;
      this.reserve(n);
      this.x = x;
      const { z, h } = this;
      for (let row = 0; row < n; row++) {
        const from = row * inputs, to = row * outputs;
        for (let o = 0; o < outputs; o++) z[to + o] = bias[o];
        for (let i = 0; i < inputs; i++) {
          const entry = x[from + i], at = i * outputs;
          for (let o = 0; o < outputs; o++) z[to + o] += entry * weights[at + o];
        }
        for (let o = 0; o < outputs; o++) h[to + o] = value(z[to + o], alpha[o]);
      }
      return h;
    }

    /* From the gradient with respect to the outputs, which is overwritten, to that with respect to the inputs. */
    backward(upstream, n) {
      const { inputs, outputs, weights, alpha, slope, alphaSlope, x, z, below, weightGradient, biasGradient } = this;
      weightGradient.fill(0);
      biasGradient.fill(0);
      this.alphaGradient.fill(0);
      for (let row = 0; row < n; row++) {
        const from = row * inputs, to = row * outputs;
        for (let o = 0; o < outputs; o++) {
          if (alphaSlope) this.alphaGradient[o] += upstream[to + o] * alphaSlope(z[to + o]);
          upstream[to + o] *= slope(z[to + o], alpha[o]);
          biasGradient[o] += upstream[to + o];
        }
        for (let i = 0; i < inputs; i++) {
          const entry = x[from + i], at = i * outputs;
          let sum = 0;
          for (let o = 0; o < outputs; o++) {
            const delta = upstream[to + o];
            weightGradient[at + o] += entry * delta;
            sum += weights[at + o] * delta;
          }
          below[from + i] = sum;
        }
      }
      return below;
    }

    step(rate, momentum) {
      const move = (parameter, gradient, velocity) => {
        for (let k = 0; k < parameter.length; k++) {
          velocity[k] = momentum * velocity[k] + gradient[k];
          parameter[k] -= rate * velocity[k];
        }
      };
      move(this.weights, this.weightGradient, this.weightVelocity);
      move(this.bias, this.biasGradient, this.biasVelocity);
      if (this.alphaSlope) move(this.alpha, this.alphaGradient, this.alphaVelocity);
    }

    /* Which units have the slope 0 at each of the n points of the last forward pass: no gradient reaches them, so they
       stay as they are. Their share, and the share of flat places: |slope| < 0.05, over all units and points. */
    state(n) {
      const { outputs, z, alpha, slope } = this;
      const dead = [];
      let flat = 0;
      for (let o = 0; o < outputs; o++) {
        let alive = false;
        for (let row = 0; row < n; row++) {
          const size = Math.abs(slope(z[row * outputs + o], alpha[o]));
          if (size < 0.05) flat++;
          if (size !== 0) alive = true;
        }
        dead.push(!alive);
      }
      return { units: dead, dead: dead.filter(Boolean).length / outputs, flat: flat / (outputs * n) };
    }

    gradientNorm() {
      let sum = 0;
      for (const entry of this.weightGradient) sum += entry * entry;
      return Math.sqrt(sum);
    }
  }

  /* What the settings (see settings.js) say about the output: the activation of the last layer, the targets of the two
     classes, above which output a point counts as class 1, and how an output becomes what is shown, a number around
     `middle` that is `reach` away from it where the network is sure. */
  function ending(settings) {
    const itself = (output) => output, probability = { targets: [0, 1], middle: 0.5, reach: 0.5 };
    const sign = { targets: [-1, 1], border: 0, shown: itself, middle: 0, reach: 1 };
    if (settings.loss === "cross_entropy")
      return { ...probability, activation: "identity", border: 0, shown: playground.activations.sigmoid.value };
    if (settings.loss === "hinge") return { ...sign, activation: "identity" };
    if (settings.output === "sigmoid") return { ...probability, activation: "sigmoid", border: 0.5, shown: itself };
    return { ...sign, activation: settings.output };
  }

  class Training {
    constructor(settings, data) {
      this.settings = settings;
      this.data = {
        train: { x: data.train.x, labels: data.train.labels, n: Math.min(settings.points, data.train.n) },
        test: data.test,
      };
      this.random = generator(settings.seed);
      this.end = ending(settings);
      this.loss = playground.losses[settings.loss];
      this.layers = [];
      let inputs = 2;
      for (const { name, units } of settings.layers) {
        this.layers.push(new Layer(inputs, units, name, settings.init, this.random));
        inputs = units;
      }
      this.layers.push(new Layer(inputs, 1, this.end.activation, settings.init, this.random));
      this.layers[this.layers.length - 1].bias[0] = settings.bias;
      for (const part of Object.values(this.data)) {
        const [low, high] = this.end.targets;
        part.targets = Float64Array.from(part.labels, (label) => (label ? high : low));
      }
      const n = this.data.train.n;
      this.order = Array.from({ length: n }, (_, k) => k);
      this.batch = new Float64Array(2 * Math.min(settings.batch, n));
      this.upstream = new Float64Array(Math.max(n, this.data.test.n));
      this.epoch = 0;
      this.history = { loss: [], accuracy: [], validation_loss: [], validation_accuracy: [], gradient_norms: [] };
      this.best = { loss: Infinity, epoch: 0 };
      this.record();
    }

    forward(x, n) {
      for (const layer of this.layers) x = layer.forward(x, n);
      return x;
    }

    backward(n) {
      let upstream = this.upstream;
      for (let k = this.layers.length - 1; k >= 0; k--) upstream = this.layers[k].backward(upstream, n);
    }

    /* Each point once, in a new order, in steps of settings.batch points. */
    trainEpoch() {
      const { order, batch, upstream, random, loss, data, settings } = this;
      const { x, targets, n } = data.train;
      for (let k = n - 1; k > 0; k--) {
        const other = Math.floor(random() * (k + 1)), moved = order[k];
        order[k] = order[other];
        order[other] = moved;
      }
      for (let start = 0; start < n; start += settings.batch) {
        const size = Math.min(settings.batch, n - start);
        for (let row = 0; row < size; row++) {
          batch[2 * row] = x[2 * order[start + row]];
          batch[2 * row + 1] = x[2 * order[start + row] + 1];
        }
        const outputs = this.forward(batch, size);
        for (let row = 0; row < size; row++) upstream[row] = loss.slope(outputs[row], targets[order[start + row]]) / size;
        this.backward(size);
        for (const layer of this.layers) layer.step(settings.rate, settings.momentum);
      }
      this.epoch++;
      this.record();
    }

    measure(part) {
      const outputs = this.forward(part.x, part.n);
      let loss = 0, right = 0;
      for (let row = 0; row < part.n; row++) {
        loss += this.loss.value(outputs[row], part.targets[row]);
        if (outputs[row] > this.end.border === (part.labels[row] === 1)) right++;
      }
      return { loss: loss / part.n, accuracy: right / part.n, outputs };
    }

    /* Loss and accuracy over all points, and the gradient over all training points, layer by layer. */
    record() {
      const { history, data, upstream } = this;
      const test = this.measure(data.test);
      history.validation_loss.push(test.loss);
      history.validation_accuracy.push(test.accuracy);
      const train = this.measure(data.train), n = data.train.n;
      history.loss.push(train.loss);
      history.accuracy.push(train.accuracy);
      this.states = this.layers.map((layer) => layer.state(n));
      for (let row = 0; row < n; row++) upstream[row] = this.loss.slope(train.outputs[row], data.train.targets[row]) / n;
      this.backward(n);
      history.gradient_norms.push(this.layers.map((layer) => layer.gradientNorm()));
      if (test.loss < this.best.loss * (1 - 1e-4)) this.best = { loss: test.loss, epoch: this.epoch };
    }

    last(name) {
      return this.history[name][this.epoch];
    }

    /* Why training should stop here, or null. `since` is the epoch at which a reader last pressed the button. */
    finished(since) {
      const { kind, value } = this.settings.stop, run = this.epoch - since;
      if (!Number.isFinite(this.last("loss"))) return "The loss is no finite number any more: try a smaller learning rate.";
      if (run <= 0) return null;
      if (kind === "epochs" && run >= value) return `${value} epochs are done.`;
      if (kind === "patience" && this.epoch - Math.max(this.best.epoch, since) >= value)
        return `The test loss has not fallen for ${value} epochs.`;
      if (kind === "accuracy" && this.last("validation_accuracy") >= value && this.history.validation_accuracy[since] < value)
        return `The test accuracy has reached ${value}.`;
      return null;
    }
  }

  Object.assign(playground, { generator, Layer, Training });
})();
