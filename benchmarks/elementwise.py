"""Elementwise functions: value, value with derivative, backward, derivative from the output.

What peers offer is compared with what answers the same question: ``backward`` starts from `x` (for sigmoid and tanh
torch needs its forward pass first), ``derivative_from_output`` from the output. With ``out=`` wherever a library
takes it.
"""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from turns import Case, Wanted, everything

import actlib

SELU_ALPHA, SELU_SCALE = 1.6732632423543772, 1.0507009873554805
LOG_2 = 0.6931471805599453

# function -> library -> value; the arguments are the library, the input and the output or None
VALUES: dict[str, dict[str, Callable[..., Any]]] = {
    "identity": {
        "numpy": lambda np, x, out: np.positive(x, out=out),
        "torch": lambda torch, x, out: torch.clone(x) if out is None else out.copy_(x),
        "jax": lambda jax, x, out: x + 0,
    },
    "sigmoid": {
        "scipy": lambda scipy, x, out: scipy.special.expit(x, out=out),
        "torch": lambda torch, x, out: torch.sigmoid(x, out=out),
        "jax": lambda jax, x, out: jax.nn.sigmoid(x),
    },
    "log_sigmoid": {
        "scipy": lambda scipy, x, out: scipy.special.log_expit(x, out=out),
        "torch": lambda torch, x, out: torch.nn.functional.logsigmoid(x),
        "jax": lambda jax, x, out: jax.nn.log_sigmoid(x),
    },
    "softsign": {
        "numpy": lambda np, x, out: np.divide(x, 1 + np.abs(x), out=out),
        "torch": lambda torch, x, out: torch.nn.functional.softsign(x),
        "jax": lambda jax, x, out: jax.nn.soft_sign(x),
    },
    "arctan": {
        "numpy": lambda np, x, out: np.arctan(x, out=out),
        "torch": lambda torch, x, out: torch.atan(x, out=out),
        "jax": lambda jax, x, out: jax.numpy.arctan(x),
    },
    "scaled_tanh": {
        "numpy": lambda np, x, out: np.multiply(1.7159, np.tanh(2 / 3 * x), out=out),
        "torch": lambda torch, x, out: 1.7159 * torch.tanh(2 / 3 * x),
        "jax": lambda jax, x, out: 1.7159 * jax.numpy.tanh(2 / 3 * x),
    },
    "isru": {
        "numpy": lambda np, x, out: np.divide(x, np.sqrt(1 + x * x), out=out),
        "torch": lambda torch, x, out: x * torch.rsqrt(1 + x * x),
        "jax": lambda jax, x, out: x * jax.lax.rsqrt(1 + x * x),
    },
    "gaussian": {
        "numpy": lambda np, x, out: np.exp(-x * x, out=out),
        "torch": lambda torch, x, out: torch.exp(-x * x),
        "jax": lambda jax, x, out: jax.numpy.exp(-x * x),
    },
    "tanh": {
        "numpy": lambda np, x, out: np.tanh(x, out=out),
        "torch": lambda torch, x, out: torch.tanh(x, out=out),
        "jax": lambda jax, x, out: jax.numpy.tanh(x),
    },
    "heaviside": {
        "numpy": lambda np, x, out: np.heaviside(x, 0.0, out=out),
        "torch": lambda torch, x, out: torch.heaviside(x, torch.zeros((), dtype=x.dtype), out=out),
        "jax": lambda jax, x, out: jax.numpy.heaviside(x, 0.0),
    },
    "sign": {
        "numpy": lambda np, x, out: np.sign(x, out=out),
        "torch": lambda torch, x, out: torch.sign(x, out=out),
        "jax": lambda jax, x, out: jax.numpy.sign(x),
    },
    "relu": {
        "numpy": lambda np, x, out: np.maximum(x, 0, out=out),
        "torch": lambda torch, x, out: torch.relu(x) if out is None else torch.clamp_min(x, 0, out=out),
        "jax": lambda jax, x, out: jax.nn.relu(x),
    },
    "leaky_relu": {
        "torch": lambda torch, x, out: torch._C._nn.leaky_relu(x, 0.01, **({} if out is None else {"out": out})),
        "jax": lambda jax, x, out: jax.nn.leaky_relu(x, 0.01),
    },
    "prelu": {
        "torch": lambda torch, x, out: torch.nn.functional.prelu(x, torch.full((1,), 0.25, dtype=x.dtype)),
        "jax": lambda jax, x, out: jax.nn.leaky_relu(x, 0.25),
    },
    "rrelu": {
        "torch": lambda torch, x, out: torch.nn.functional.rrelu(x, 1 / 8, 1 / 3, training=False),
        "jax": lambda jax, x, out: jax.nn.leaky_relu(x, 11 / 48),
    },
    "elu": {
        "torch": lambda torch, x, out: torch._C._nn.elu(x, 1.0, **({} if out is None else {"out": out})),
        "jax": lambda jax, x, out: jax.nn.elu(x),
    },
    "softplus": {
        "numpy": lambda np, x, out: np.logaddexp(x, 0, out=out),
        "torch": lambda torch, x, out: torch._C._nn.softplus(x, 1.0, 20.0, **({} if out is None else {"out": out})),
        "jax": lambda jax, x, out: jax.nn.softplus(x),
    },
    "selu": {
        "torch": lambda torch, x, out: torch.nn.functional.selu(x),
        "jax": lambda jax, x, out: jax.nn.selu(x),
    },
    "celu": {
        "torch": lambda torch, x, out: torch.nn.functional.celu(x),
        "jax": lambda jax, x, out: jax.nn.celu(x),
    },
    "squareplus": {
        "numpy": lambda np, x, out: np.multiply(0.5, x + np.sqrt(x * x + 4), out=out),
        "torch": lambda torch, x, out: 0.5 * (x + torch.sqrt(x * x + 4)),
        "jax": lambda jax, x, out: jax.nn.squareplus(x),
    },
    "shifted_softplus": {
        "numpy": lambda np, x, out: np.subtract(np.logaddexp(x, 0), LOG_2, out=out),
        "torch": lambda torch, x, out: torch.nn.functional.softplus(x) - LOG_2,
        "jax": lambda jax, x, out: jax.nn.softplus(x) - LOG_2,
    },
    "isrlu": {
        "numpy": lambda np, x, out: np.divide(x, np.sqrt(1 + np.square(np.minimum(x, 0))), out=out),
        "torch": lambda torch, x, out: torch.where(x < 0, x * torch.rsqrt(1 + x * x), x),
        "jax": lambda jax, x, out: jax.numpy.where(x < 0, x * jax.lax.rsqrt(1 + x * x), x),
    },
    "exponential": {
        "numpy": lambda np, x, out: np.exp(x, out=out),
        "torch": lambda torch, x, out: torch.exp(x, out=out),
        "jax": lambda jax, x, out: jax.numpy.exp(x),
    },
    "silu": {
        "torch": lambda torch, x, out: torch._C._nn.silu(x, **({} if out is None else {"out": out})),
        "jax": lambda jax, x, out: jax.nn.silu(x),
    },
    "gelu": {
        "torch": lambda torch, x, out: torch._C._nn.gelu(x, **({} if out is None else {"out": out})),
        "jax": lambda jax, x, out: jax.nn.gelu(x, approximate=False),
    },
    "mish": {
        "torch": lambda torch, x, out: torch._C._nn.mish(x, **({} if out is None else {"out": out})),
        "jax": lambda jax, x, out: jax.nn.mish(x),
    },
    "relu6": {
        "numpy": lambda np, x, out: np.clip(x, 0, 6, out=out),
        "torch": lambda torch, x, out: torch.nn.functional.relu6(x) if out is None else torch.clamp(x, 0, 6, out=out),
        "jax": lambda jax, x, out: jax.nn.relu6(x),
    },
    "clipped_relu": {
        "numpy": lambda np, x, out: np.clip(x, 0, 6, out=out),
        "torch": lambda torch, x, out: (
            torch.nn.functional.hardtanh(x, 0, 6) if out is None else torch.clamp(x, 0, 6, out=out)
        ),
        "jax": lambda jax, x, out: jax.numpy.minimum(jax.nn.relu(x), 6),
    },
    "hard_tanh": {
        "numpy": lambda np, x, out: np.clip(x, -1, 1, out=out),
        "torch": lambda torch, x, out: torch._C._nn.hardtanh(x, -1, 1, **({} if out is None else {"out": out})),
        "jax": lambda jax, x, out: jax.nn.hard_tanh(x),
    },
    "hard_sigmoid": {
        "torch": lambda torch, x, out: torch._C._nn.hardsigmoid(x, **({} if out is None else {"out": out})),
        "jax": lambda jax, x, out: jax.nn.hard_sigmoid(x),
    },
    "hard_swish": {
        "torch": lambda torch, x, out: torch._C._nn.hardswish(x, **({} if out is None else {"out": out})),
        "jax": lambda jax, x, out: jax.nn.hard_swish(x),
    },
    "threshold": {
        "numpy": lambda np, x, out: np.where(x > 0.5, x, -1),
        "torch": lambda torch, x, out: (
            torch.threshold(x, 0.5, -1) if out is None else torch.threshold(x, 0.5, -1, out=out)
        ),
        "jax": lambda jax, x, out: jax.numpy.where(x > 0.5, x, -1),
    },
    "thresholded_relu": {
        "numpy": lambda np, x, out: np.multiply(x, x > 1, out=out),
        "torch": lambda torch, x, out: torch.threshold(x, 1, 0) if out is None else torch.threshold(x, 1, 0, out=out),
        "jax": lambda jax, x, out: jax.numpy.where(x > 1, x, 0),
    },
    "relu_squared": {
        "numpy": lambda np, x, out: np.square(np.maximum(x, 0, out=out), out=out),
        "torch": lambda torch, x, out: torch.square(torch.relu(x), out=out),
        "jax": lambda jax, x, out: jax.numpy.square(jax.nn.relu(x)),
    },
    "smelu": {
        "torch": lambda torch, x, out: torch.where(x >= 1, x, torch.square(torch.relu(x + 1)) / 4),
        "jax": lambda jax, x, out: jax.numpy.where(x >= 1, x, jax.numpy.square(jax.nn.relu(x + 1)) / 4),
    },
    "hard_shrink": {
        "numpy": lambda np, x, out: np.multiply(x, np.abs(x) > 0.5, out=out),
        "torch": lambda torch, x, out: torch.hardshrink(x) if out is None else torch.hardshrink(x, out=out),
        "jax": lambda jax, x, out: jax.numpy.where(abs(x) > 0.5, x, 0),
    },
    "soft_shrink": {
        "numpy": lambda np, x, out: np.subtract(x, np.clip(x, -0.5, 0.5), out=out),
        "torch": lambda torch, x, out: torch._C._nn.softshrink(x, 0.5, **({} if out is None else {"out": out})),
        "jax": lambda jax, x, out: jax.numpy.sign(x) * jax.nn.relu(abs(x) - 0.5),
    },
    "gelu_tanh": {
        "torch": lambda torch, x, out: torch.nn.functional.gelu(x, approximate="tanh"),
        "jax": lambda jax, x, out: jax.nn.gelu(x),
    },
    "quick_gelu": {
        "torch": lambda torch, x, out: x * torch.sigmoid(1.702 * x),
        "jax": lambda jax, x, out: x * jax.nn.sigmoid(1.702 * x),
    },
    "tanh_shrink": {
        "torch": lambda torch, x, out: torch.nn.functional.tanhshrink(x),
        "jax": lambda jax, x, out: x - jax.numpy.tanh(x),
    },
    "sine": {
        "numpy": lambda np, x, out: np.sin(x, out=out),
        "torch": lambda torch, x, out: torch.sin(x, out=out),
        "jax": lambda jax, x, out: jax.numpy.sin(x),
    },
    "snake": {
        "torch": lambda torch, x, out: x + torch.sin(x) ** 2,
        "jax": lambda jax, x, out: x + jax.numpy.sin(x) ** 2,
    },
}

# function -> upstream * f'(x) in torch, from its own backward kernels; the others go through autograd
TORCH_BACKWARD: dict[str, Callable[..., Any]] = {
    "sigmoid": lambda torch, g, x: torch.ops.aten.sigmoid_backward(g, torch.sigmoid(x)),
    "tanh": lambda torch, g, x: torch.ops.aten.tanh_backward(g, torch.tanh(x)),
    "log_sigmoid": lambda torch, g, x: torch.ops.aten.log_sigmoid_backward(
        g, x, torch.ops.aten.log_sigmoid_forward(x)[1]
    ),
    "arctan": lambda torch, g, x: g / (x * x + 1),
    "gaussian": lambda torch, g, x: g * (-2 * x * torch.exp(-x * x)),
    "exponential": lambda torch, g, x: g * torch.exp(x),
    "relu": lambda torch, g, x: torch.ops.aten.threshold_backward(g, x, 0),
    "leaky_relu": lambda torch, g, x: torch.ops.aten.leaky_relu_backward(g, x, 0.01, False),
    "elu": lambda torch, g, x: torch.ops.aten.elu_backward(g, 1.0, 1, 1, False, x),
    "celu": lambda torch, g, x: torch.ops.aten.elu_backward(g, 1.0, 1, 1, False, x),
    "softplus": lambda torch, g, x: torch.ops.aten.softplus_backward(g, x, 1.0, 20.0),
    "selu": lambda torch, g, x: torch.ops.aten.elu_backward(g, SELU_ALPHA, SELU_SCALE, 1, False, x),
    "silu": lambda torch, g, x: torch.ops.aten.silu_backward(g, x),
    "gelu": lambda torch, g, x: torch.ops.aten.gelu_backward(g, x),
    "mish": lambda torch, g, x: torch.ops.aten.mish_backward(g, x),
    "relu6": lambda torch, g, x: torch.ops.aten.hardtanh_backward(g, x, 0, 6),
    "clipped_relu": lambda torch, g, x: torch.ops.aten.hardtanh_backward(g, x, 0, 6),
    "hard_tanh": lambda torch, g, x: torch.ops.aten.hardtanh_backward(g, x, -1, 1),
    "hard_sigmoid": lambda torch, g, x: torch.ops.aten.hardsigmoid_backward(g, x),
    "hard_swish": lambda torch, g, x: torch.ops.aten.hardswish_backward(g, x),
    "threshold": lambda torch, g, x: torch.ops.aten.threshold_backward(g, x, 0.5),
    "thresholded_relu": lambda torch, g, x: torch.ops.aten.threshold_backward(g, x, 1),
    "hard_shrink": lambda torch, g, x: torch.ops.aten.hardshrink_backward(g, x, 0.5),
    "soft_shrink": lambda torch, g, x: torch.ops.aten.softshrink_backward(g, x, 0.5),
    "gelu_tanh": lambda torch, g, x: torch.ops.aten.gelu_backward(g, x, approximate="tanh"),
}

# function -> library -> derivative from the output
FROM_OUTPUT: dict[str, dict[str, Callable[..., Any]]] = {
    "sigmoid": {
        "numpy": lambda np, y, one: y * (1 - y),
        "torch": lambda torch, y, one: torch.ops.aten.sigmoid_backward(one, y),
        "jax": lambda jax, y, one: y * (1 - y),
    },
    "tanh": {
        "numpy": lambda np, y, one: 1 - y * y,
        "torch": lambda torch, y, one: torch.ops.aten.tanh_backward(one, y),
        "jax": lambda jax, y, one: 1 - y * y,
    },
    "log_sigmoid": {
        "numpy": lambda np, y, one: -np.expm1(y),
        "torch": lambda torch, y, one: -torch.expm1(y),
        "jax": lambda jax, y, one: -jax.numpy.expm1(y),
    },
    "relu": {"torch": lambda torch, y, one: torch.ops.aten.threshold_backward(one, y, 0)},
    "leaky_relu": {"torch": lambda torch, y, one: torch.ops.aten.leaky_relu_backward(one, y, 0.01, True)},
    "elu": {"torch": lambda torch, y, one: torch.ops.aten.elu_backward(one, 1.0, 1, 1, True, y)},
    "celu": {"torch": lambda torch, y, one: torch.ops.aten.elu_backward(one, 1.0, 1, 1, True, y)},
    "selu": {"torch": lambda torch, y, one: torch.ops.aten.elu_backward(one, SELU_ALPHA, SELU_SCALE, 1, True, y)},
    "relu6": {"torch": lambda torch, y, one: torch.ops.aten.hardtanh_backward(one, y, 0, 6)},
    "clipped_relu": {"torch": lambda torch, y, one: torch.ops.aten.hardtanh_backward(one, y, 0, 6)},
    "hard_tanh": {"torch": lambda torch, y, one: torch.ops.aten.hardtanh_backward(one, y, -1, 1)},
    "relu_squared": {
        "numpy": lambda np, y, one: 2 * np.sqrt(y),
        "torch": lambda torch, y, one: 2 * torch.sqrt(y),
        "jax": lambda jax, y, one: 2 * jax.numpy.sqrt(y),
    },
    "smelu": {
        "numpy": lambda np, y, one: np.minimum(np.sqrt(y), 1),
        "torch": lambda torch, y, one: torch.clamp_max(torch.sqrt(y), 1),
        "jax": lambda jax, y, one: jax.numpy.minimum(jax.numpy.sqrt(y), 1),
    },
}

# arrays of the size of the input that a task reads and writes
ARRAYS = {"value": 2, "value_and_derivative": 3, "backward": 3, "derivative_from_output": 2}


def check_complete() -> None:
    missing = actlib.ACTIVATIONS.keys() - VALUES.keys()
    if missing:
        raise LookupError(f"benchmarks/elementwise.py has no peers for: {', '.join(sorted(missing))}")


def cases(modules: dict[str, Any], size: int, wanted: Wanted = everything) -> Iterator[Case]:
    check_complete()
    rng = np.random.default_rng(0)
    for dtype in (np.float32, np.float64):
        x = rng.normal(scale=4, size=size).astype(dtype)
        upstream = rng.normal(size=size).astype(dtype)
        for name, entry in actlib.ACTIVATIONS.items():
            for task in (value, value_and_derivative, backward, derivative_from_output):
                if not wanted("elementwise", name, task.__name__, x.dtype.name, size):
                    continue
                contenders = task(modules, name, entry, x, upstream)
                if contenders:
                    moved = x.itemsize * size * ARRAYS[task.__name__]
                    yield Case("elementwise", name, task.__name__, x.dtype.name, size, moved, contenders)


def value(modules, name, entry, x, upstream):
    out = np.empty_like(x)
    contenders = {"actlib": lambda: entry(x, **entry.example, out=out)}
    for library, function in VALUES[name].items():
        if library not in modules:
            continue
        module = modules[library]
        if library == "torch":
            tensor, target = module.from_numpy(x), module.empty(x.shape, dtype=module.from_numpy(x).dtype)
            contenders[library] = bind(function, module, tensor, target)
        elif library == "jax":
            contenders[library] = compiled(module, lambda v, f=function, m=module: f(m, v, None), x)
        else:
            contenders[library] = bind(function, module, x, np.empty_like(x))
    return contenders


def value_and_derivative(modules, name, entry, x, upstream):
    out = (np.empty_like(x), np.empty_like(x))
    contenders = {"actlib": lambda: entry.value_and_derivative(x, **entry.example, out=out)}
    functions = VALUES[name]
    if "torch" in modules and name != "heaviside":  # torch has no derivative of it
        torch = modules["torch"]
        leaf, one = torch.from_numpy(x.copy()).requires_grad_(), torch.ones(x.shape, dtype=torch.from_numpy(x).dtype)

        def forward_and_backward():
            return torch.autograd.grad(functions["torch"](torch, leaf, None), leaf, one)

        contenders["torch"] = forward_and_backward
    if "jax" in modules:
        jax = modules["jax"]

        def pair(v):
            result, pull = jax.vjp(lambda u: functions["jax"](jax, u, None), v)
            return result, pull(jax.numpy.ones_like(v))[0]

        contenders["jax"] = compiled(jax, pair, x)
    return contenders


def backward(modules, name, entry, x, upstream):
    out = np.empty_like(x)
    contenders = {"actlib": lambda: entry.backward(upstream, x, **entry.example, out=out)}
    if "torch" in modules and name in TORCH_BACKWARD:
        torch = modules["torch"]
        contenders["torch"] = bind(TORCH_BACKWARD[name], torch, torch.from_numpy(upstream), torch.from_numpy(x))
    if "jax" in modules:
        jax = modules["jax"]
        function = VALUES[name]["jax"]
        contenders["jax"] = compiled(
            jax, lambda g, v: jax.vjp(lambda u: function(jax, u, None), v)[1](g)[0], upstream, x
        )
    return contenders


def derivative_from_output(modules, name, entry, x, upstream):
    if name not in FROM_OUTPUT:
        return {}
    y, out = entry(x), np.empty_like(x)
    contenders = {"actlib": lambda: entry.derivative_from_output(y, out=out)}
    for library, function in FROM_OUTPUT[name].items():
        if library not in modules:
            continue
        module = modules[library]
        if library == "torch":
            contenders[library] = bind(function, module, module.from_numpy(y), module.from_numpy(np.ones_like(y)))
        elif library == "jax":
            contenders[library] = compiled(module, lambda v, f=function, m=module: f(m, v, None), y)
        else:
            contenders[library] = bind(function, module, y, None)
    return contenders


def bind(function, *arguments):
    return lambda: function(*arguments)


def compiled(jax, function, *arrays):
    """A call of the jitted function that waits for its result."""
    call = jax.jit(function)
    on_device = [jax.numpy.asarray(array) for array in arrays]
    return lambda: jax.block_until_ready(call(*on_device))
