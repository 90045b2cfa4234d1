/* The library's activations and losses once more, for the playground. A test compares each with the library.

   They are twins and not the kernels themselves, compiled to WebAssembly: those are NumPy ufuncs in Cython, and the C
   that Cython makes of them needs CPython and NumPy around it.

   An activation has `value` and `slope` (the derivative) of one number. `rectifier`: its slope tends to 1 on the right
   and to something else on the left; such layers start with He's weights. prelu has a second argument, which is learned:
   `alphaSlope` is the derivative by it, and `alpha` where it starts. */
var playground = {};

(function () {
  "use strict";

  const exp = Math.exp, expm1 = Math.expm1, log1p = Math.log1p, abs = Math.abs;

  function sigmoid(x) {
    const e = exp(-abs(x));
    return (x < 0 ? e : 1) / (1 + e);
  }

  function sigmoidSlope(x) {
    const e = exp(-abs(x));
    return e / ((1 + e) * (1 + e));
  }

  function softplus(x) {
    return (x > 0 ? x : 0) + log1p(exp(-abs(x)));
  }

  /* Mish is x tanh(softplus(x)), and tanh(softplus(x)) = n / (n + 2) with n = e^2 + 2 e, e = exp(x); for x > 0 all is
     divided by e^2, so that nothing overflows. */
  function mish(x) {
    const e = exp(-abs(x));
    const top = x > 0 ? 1 + 2 * e : e * (e + 2), rest = x > 0 ? 2 * e * e : 2;
    return x * (top / (top + rest));
  }

  function mishSlope(x) {
    const e = exp(-abs(x));
    const top = x > 0 ? 1 + 2 * e : e * (e + 2), rest = x > 0 ? 2 * e * e : 2;
    const bottom = top + rest;
    return top / bottom + x * (4 * e * (1 + e) * (x > 0 ? e : 1)) / (bottom * bottom);
  }

  /* The normal distribution function Phi(x) = erfc(-x / sqrt 2) / 2.

     Near 0: 1/2 + phi(x) (x + x^3/3 + x^5/15 + ...), terms of one sign. In the tails: erfc(u), u >= 1, is the integral of
     exp(-t^2) / (t^2 + u^2) by the trapezoidal rule, whose error falls with its step h like exp(-pi^2 / h^2): with
     h = 1/2 below the last bit, once the pole at t = i u is accounted for where it is near (the second term). */
  const NODES = new Float64Array(13), WEIGHTS = new Float64Array(13);
  for (let n = 0; n < 13; n++) {
    NODES[n] = ((n + 1) / 2) * ((n + 1) / 2);
    WEIGHTS[n] = 2 * exp(-NODES[n]);
  }

  function erfcTail(u) {
    const square = u * u;
    let sum = 1 / square;
    for (let n = 12; n >= 0; n--) sum += WEIGHTS[n] / (NODES[n] + square);
    return ((0.5 * u) / Math.PI) * exp(-square) * sum + (u < 2 * Math.PI ? 2 / (1 - exp(4 * Math.PI * u)) : 0);
  }

  const DENSITY = 1 / Math.sqrt(2 * Math.PI);

  function density(x) {
    return DENSITY * exp(-0.5 * x * x);
  }

  function distribution(x) {
    if (x !== x) return x;
    const u = abs(x) * Math.SQRT1_2;
    if (u > 1) {
      const tail = u > 27.5 ? 0 : 0.5 * erfcTail(u);
      return x < 0 ? tail : 1 - tail;
    }
    let term = x, sum = x;
    for (let k = 3; abs(term) > 1e-17 * abs(sum); k += 2) {
      term *= (x * x) / k;
      sum += term;
    }
    return 0.5 + density(x) * sum;
  }

  const SELU_SCALE = 1.0507009873554805, SELU_ALPHA = 1.6732632423543772;

  playground.activations = {
    identity: { value: (x) => x, slope: (x) => (x === x ? 1 : x) },
    heaviside: { value: (x) => (x > 0 ? 1 : x < 0 ? 0 : x === 0 ? 0.5 : x), slope: (x) => (x === x ? 0 : x) },
    sign: { value: (x) => (x > 0 ? 1 : x < 0 ? -1 : x), slope: (x) => (x === x ? 0 : x) },
    sigmoid: { value: sigmoid, slope: sigmoidSlope },
    tanh: { value: Math.tanh, slope: (x) => 4 * sigmoidSlope(2 * x) },
    relu: { rectifier: true, value: (x) => (x > 0 || x !== x ? x : 0), slope: (x) => (x > 0 ? 1 : x === x ? 0 : x) },
    leaky_relu: { rectifier: true, value: (x) => (x > 0 ? x : 0.01 * x), slope: (x) => (x > 0 ? 1 : x === x ? 0.01 : x) },
    prelu: {
      rectifier: true, alpha: 0.25, value: (x, alpha) => (x > 0 ? x : alpha * x), slope: (x, alpha) => (x > 0 ? 1 : x === x ? alpha : x),
      alphaSlope: (x) => (x > 0 ? 0 : x),
    },
    elu: { rectifier: true, value: (x) => (x > 0 ? x : expm1(x)), slope: (x) => (x > 0 ? 1 : exp(x)) },
    selu: {
      value: (x) => SELU_SCALE * (x > 0 ? x : SELU_ALPHA * expm1(x)),
      slope: (x) => SELU_SCALE * (x > 0 ? 1 : SELU_ALPHA * exp(x)),
    },
    softplus: { rectifier: true, value: softplus, slope: sigmoid },
    silu: { rectifier: true, value: (x) => x * sigmoid(x), slope: (x) => sigmoid(x) * (1 + x * sigmoid(-x)) },
    gelu: { rectifier: true, value: (x) => x * distribution(x), slope: (x) => distribution(x) + x * density(x) },
    mish: { rectifier: true, value: mish, slope: mishSlope },
  };

  /* Losses of one output and one target, with the derivative by the output. `entry` is the library's name, `low` and
     `high` are the targets of the two classes, and `shown` turns an output into what the page draws: a probability of
     class 1, or the output itself. */
  playground.losses = {
    squared_error: {
      entry: "half_squared_error",
      value: (output, target) => 0.5 * (output - target) * (output - target),
      slope: (output, target) => output - target,
    },
    cross_entropy: {
      entry: "binary_cross_entropy_with_logits",
      /* softplus of the logit that speaks for the wrong class */
      value: (output, target) => softplus(target === 1 ? -output : output),
      slope: (output, target) => (target === 1 ? -sigmoid(-output) : sigmoid(output)),
    },
    hinge: {
      entry: "hinge",
      value: (output, target) => (1 - output * target > 0 ? 1 - output * target : 0),
      slope: (output, target) => (1 - output * target > 0 ? -target : 0),
    },
  };
})();
