"""Functions along an axis: value and backward on 60000 rows of 10, on fewer, longer rows, and on columns."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from elementwise import bind, compiled
from turns import Case, Wanted, everything

import actlib

VALUES: dict[str, dict[str, Callable[..., Any]]] = {
    "softmax": {
        "scipy": lambda scipy, x, axis: scipy.special.softmax(x, axis=axis),
        "torch": lambda torch, x, axis: torch.softmax(x, axis),
        "jax": lambda jax, x, axis: jax.nn.softmax(x, axis=axis),
    },
    "log_softmax": {
        "scipy": lambda scipy, x, axis: scipy.special.log_softmax(x, axis=axis),
        "torch": lambda torch, x, axis: torch.log_softmax(x, axis),
        "jax": lambda jax, x, axis: jax.nn.log_softmax(x, axis=axis),
    },
    "logsumexp": {
        "scipy": lambda scipy, x, axis: scipy.special.logsumexp(x, axis=axis),
        "torch": lambda torch, x, axis: torch.logsumexp(x, axis),
        "jax": lambda jax, x, axis: jax.nn.logsumexp(x, axis=axis),
    },
    "hardmax": {
        "numpy": lambda np, x, axis: np.moveaxis(np.eye(x.shape[axis], dtype=x.dtype)[x.argmax(axis)], -1, axis),
        "torch": lambda torch, x, axis: torch.zeros_like(x).scatter_(axis, x.argmax(axis, keepdim=True), 1),
        "jax": lambda jax, x, axis: jax.nn.one_hot(x.argmax(axis), x.shape[axis], dtype=x.dtype, axis=axis),
    },
    "crelu": {
        "numpy": lambda np, x, axis: np.maximum(np.concatenate([x, -x], axis=axis), 0),
        "torch": lambda torch, x, axis: torch.relu(torch.cat([x, -x], axis)),
        "jax": lambda jax, x, axis: jax.nn.relu(jax.numpy.concatenate([x, -x], axis=axis)),
    },
}


def check_complete() -> None:
    missing = actlib.AXIS_FUNCTIONS.keys() - VALUES.keys()
    if missing:
        raise LookupError(f"benchmarks/rows.py has no peers for: {', '.join(sorted(missing))}")


def cases(modules: dict[str, Any], size: int, wanted: Wanted = everything) -> Iterator[Case]:
    check_complete()
    rng = np.random.default_rng(0)
    lengths = {10: size * 3 // 50, 1000: size // 1000, 50257: size // 50000}  # the last: the vocabulary of GPT-2
    for dtype in (np.float32, np.float64):
        for length, rows in lengths.items():
            x = rng.normal(scale=4, size=(max(1, rows), length)).astype(dtype)
            for axis, array in ((-1, x), (0, np.ascontiguousarray(x.T))):
                for name, entry in actlib.AXIS_FUNCTIONS.items():
                    for task in (value, backward):
                        what = f"{task.__name__} {' x '.join(map(str, array.shape))}{' axis 0' if axis == 0 else ''}"
                        if not wanted("rows", name, what, x.dtype.name, size):
                            continue
                        contenders = task(modules, name, entry, array, axis)
                        # the input, its value or its gradient, and for the gradient one from upstream
                        moved = x.nbytes + np.asarray(entry(array, axis)).nbytes + (x.nbytes if task is backward else 0)
                        yield Case("rows", name, what, x.dtype.name, x.size, moved, contenders)


def value(modules, name, entry, x, axis):
    out = np.empty_like(entry(x, axis))
    contenders = {"actlib": lambda: entry(x, axis, out=out)}
    for library, function in VALUES[name].items():
        if library not in modules or (library == "numpy" and name == "hardmax" and x.shape[axis] > 1000):
            continue  # the unit matrix of a long row does not fit into memory
        module = modules[library]
        if library == "torch":
            contenders[library] = bind(function, module, module.from_numpy(x), axis)
        elif library == "jax":
            contenders[library] = compiled(module, lambda v, f=function, m=module: f(m, v, axis), x)
        else:
            contenders[library] = bind(function, module, x, axis)
    return contenders


def backward(modules, name, entry, x, axis):
    """From `x`: torch runs its forward pass first, as it must."""
    upstream = np.random.default_rng(1).normal(size=np.shape(entry(x, axis))).astype(x.dtype)
    contenders = {"actlib": lambda: entry.backward(upstream, x, axis)}
    if name == "hardmax":
        return contenders  # its derivative is zero: peers do nothing
    functions = VALUES[name]
    if "torch" in modules:
        torch = modules["torch"]
        leaf, gradient = torch.from_numpy(x.copy()).requires_grad_(), torch.from_numpy(upstream)
        contenders["torch"] = lambda: torch.autograd.grad(functions["torch"](torch, leaf, axis), leaf, gradient)
    if "jax" in modules:
        jax = modules["jax"]
        contenders["jax"] = compiled(
            jax, lambda g, v: jax.vjp(lambda u: functions["jax"](jax, u, axis), v)[1](g)[0], upstream, x
        )
    return contenders
