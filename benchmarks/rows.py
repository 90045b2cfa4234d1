"""Functions along an axis: value and backward on 60000 rows of 10 and on fewer, longer rows."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from elementwise import bind, compiled
from turns import Case

import actlib

VALUES: dict[str, dict[str, Callable[..., Any]]] = {
    "softmax": {
        "scipy": lambda scipy, x: scipy.special.softmax(x, axis=-1),
        "torch": lambda torch, x: torch.softmax(x, -1),
        "jax": lambda jax, x: jax.nn.softmax(x),
    },
    "log_softmax": {
        "scipy": lambda scipy, x: scipy.special.log_softmax(x, axis=-1),
        "torch": lambda torch, x: torch.log_softmax(x, -1),
        "jax": lambda jax, x: jax.nn.log_softmax(x),
    },
    "logsumexp": {
        "scipy": lambda scipy, x: scipy.special.logsumexp(x, axis=-1),
        "torch": lambda torch, x: torch.logsumexp(x, -1),
        "jax": lambda jax, x: jax.nn.logsumexp(x, axis=-1),
    },
    "hardmax": {
        "numpy": lambda np, x: np.eye(x.shape[-1], dtype=x.dtype)[x.argmax(-1)],
        "torch": lambda torch, x: torch.nn.functional.one_hot(x.argmax(-1), x.shape[-1]).to(x.dtype),
        "jax": lambda jax, x: jax.nn.one_hot(x.argmax(-1), x.shape[-1], dtype=x.dtype),
    },
    "crelu": {
        "numpy": lambda np, x: np.maximum(np.concatenate([x, -x], axis=-1), 0),
        "torch": lambda torch, x: torch.relu(torch.cat([x, -x], -1)),
        "jax": lambda jax, x: jax.nn.relu(jax.numpy.concatenate([x, -x], axis=-1)),
    },
}


def check_complete() -> None:
    missing = actlib.AXIS_FUNCTIONS.keys() - VALUES.keys()
    if missing:
        raise LookupError(f"benchmarks/rows.py has no peers for: {', '.join(sorted(missing))}")


def cases(modules: dict[str, Any], size: int) -> Iterator[Case]:
    check_complete()
    rng = np.random.default_rng(0)
    shapes = [(max(1, size * 3 // 50), 10), (max(1, size // 1000), 1000)]
    for dtype in (np.float32, np.float64):
        for shape in shapes:
            x = rng.normal(scale=4, size=shape).astype(dtype)
            for name, entry in actlib.AXIS_FUNCTIONS.items():
                for task in (value, backward):
                    contenders = task(modules, name, entry, x)
                    what = f"{task.__name__} {shape[0]} x {shape[1]}"
                    yield Case("rows", name, what, x.dtype.name, x.size, contenders)


def value(modules, name, entry, x):
    out = np.empty_like(entry(x))
    contenders = {"actlib": lambda: entry(x, out=out)}
    for library, function in VALUES[name].items():
        if library not in modules:
            continue
        module = modules[library]
        if library == "torch":
            contenders[library] = bind(function, module, module.from_numpy(x))
        elif library == "jax":
            contenders[library] = compiled(module, lambda v, f=function, m=module: f(m, v), x)
        else:
            contenders[library] = bind(function, module, x)
    return contenders


def backward(modules, name, entry, x):
    """From `x`: torch runs its forward pass first, as it must."""
    upstream = np.random.default_rng(1).normal(size=np.shape(entry(x))).astype(x.dtype)
    contenders = {"actlib": lambda: entry.backward(upstream, x)}
    if name == "hardmax":
        return contenders  # its derivative is zero: peers do nothing
    functions = VALUES[name]
    if "torch" in modules:
        torch = modules["torch"]
        leaf, gradient = torch.from_numpy(x.copy()).requires_grad_(), torch.from_numpy(upstream)
        contenders["torch"] = lambda: torch.autograd.grad(functions["torch"](torch, leaf), leaf, gradient)
    if "jax" in modules:
        jax = modules["jax"]
        contenders["jax"] = compiled(
            jax, lambda g, v: jax.vjp(lambda u: functions["jax"](jax, u), v)[1](g)[0], upstream, x
        )
    return contenders
