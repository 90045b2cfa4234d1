"""Functions along an axis: value and backward on 60000 rows of 10, on fewer, longer rows, and on columns."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from elementwise import bind, compiled
from turns import Case, Wanted, everything

import actlib


def torch_sparsemax(torch: Any, x: Any, axis: int) -> Any:
    """By sorting, as in the paper; PyTorch has no function of its own."""
    z = torch.sort(x, dim=axis, descending=True).values
    totals, k = torch.cumsum(z, axis) - 1, places(torch, z, axis)
    size = (k * z > totals).sum(axis, keepdim=True)
    return torch.clamp(x - totals.gather(axis, size - 1) / size, min=0)


def jax_sparsemax(jax: Any, x: Any, axis: int) -> Any:
    z = -jax.numpy.sort(-x, axis=axis)
    totals, k = jax.numpy.cumsum(z, axis) - 1, places(jax.numpy, z, axis)
    size = (k * z > totals).sum(axis, keepdims=True)
    return jax.numpy.maximum(x - jax.numpy.take_along_axis(totals, size - 1, axis) / size, 0)


def torch_entmax15(torch: Any, x: Any, axis: int) -> Any:
    """By sorting, as in the paper."""
    half = (x - x.max(axis, keepdim=True).values) / 2
    z = torch.sort(half, dim=axis, descending=True).values
    tau = entmax15_thresholds(torch, z, axis)
    size = (tau <= z).sum(axis, keepdim=True)
    return torch.clamp(half - tau.gather(axis, size - 1), min=0) ** 2


def jax_entmax15(jax: Any, x: Any, axis: int) -> Any:
    half = (x - x.max(axis, keepdims=True)) / 2
    z = -jax.numpy.sort(-half, axis=axis)
    tau = entmax15_thresholds(jax.numpy, z, axis)
    size = (tau <= z).sum(axis, keepdims=True)
    return jax.numpy.maximum(half - jax.numpy.take_along_axis(tau, size - 1, axis), 0) ** 2


def entmax15_thresholds(module: Any, z: Any, axis: int) -> Any:
    """The threshold that the k largest entries would have, for each k."""
    k = places(module, z, axis)
    mean = module.cumsum(z, axis) / k
    spread = module.cumsum(z**2, axis) - k * mean**2
    return mean - module.sqrt(module.clip((1 - spread) / k, 1e-30, None))  # the root of 0 has no derivative


def places(module: Any, z: Any, axis: int) -> Any:
    """1, 2, ... along the axis."""
    shape = [1] * z.ndim
    shape[axis] = z.shape[axis]
    return module.arange(1, z.shape[axis] + 1, dtype=z.dtype).reshape(shape)


def gated(gate: Callable[..., Any]) -> dict[str, Callable[..., Any]]:
    """Peers for a unit whose gate is a function of the first half; the gate is called with the module and the half."""

    def of_torch(torch: Any, x: Any, axis: int) -> Any:
        a, b = x.chunk(2, axis)
        return gate(torch.nn.functional, a) * b

    def of_jax(jax: Any, x: Any, axis: int) -> Any:
        a, b = jax.numpy.split(x, 2, axis)
        return gate(jax.nn, a) * b

    return {"torch": of_torch, "jax": of_jax}


def exact_gelu(functions: Any, a: Any) -> Any:
    return functions.gelu(a, approximate=False) if "jax" in functions.__name__ else functions.gelu(a)


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
    "softmin": {
        "scipy": lambda scipy, x, axis: scipy.special.softmax(-x, axis=axis),
        "torch": lambda torch, x, axis: torch.nn.functional.softmin(x, axis),
        "jax": lambda jax, x, axis: jax.nn.softmax(-x, axis=axis),
    },
    "gumbel_softmax": {  # with a given noise, that of the example: drawing it is another job
        "scipy": lambda scipy, x, axis: scipy.special.softmax(x + 0.0, axis=axis),
        "torch": lambda torch, x, axis: torch.softmax(x + 0.0, axis),
        "jax": lambda jax, x, axis: jax.nn.softmax(x + 0.0, axis=axis),
    },
    "sparsemax": {"torch": torch_sparsemax, "jax": jax_sparsemax},
    "entmax15": {"torch": torch_entmax15, "jax": jax_entmax15},
    "maxout": {  # two pieces
        "numpy": lambda np, x, axis: x.reshape(pairs(x.shape, axis)).max(axis % x.ndim + 1),
        "torch": lambda torch, x, axis: x.reshape(pairs(x.shape, axis)).max(axis % x.ndim + 1).values,
        "jax": lambda jax, x, axis: x.reshape(pairs(x.shape, axis)).max(axis % x.ndim + 1),
    },
    "glu": {
        "torch": lambda torch, x, axis: torch.nn.functional.glu(x, axis),
        "jax": lambda jax, x, axis: jax.nn.glu(x, axis=axis),
    },
    "swiglu": gated(lambda functions, a: functions.silu(a)),
    "geglu": gated(exact_gelu),
    "reglu": gated(lambda functions, a: functions.relu(a)),
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


def pairs(shape: tuple[int, ...], axis: int) -> list[int]:
    """The shape with pairs of entries in an axis of their own."""
    place = axis % len(shape)
    return [*shape[:place], shape[place] // 2, 2, *shape[place + 1 :]]


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
            for axis in (-1, 0):
                for name, entry in actlib.AXIS_FUNCTIONS.items():
                    whole = x[:, : length // entry.multiple * entry.multiple]
                    array = np.ascontiguousarray(whole.T if axis == 0 else whole)
                    for task in (value, backward):
                        what = f"{task.__name__} {' x '.join(map(str, array.shape))}{' axis 0' if axis == 0 else ''}"
                        if not wanted("rows", name, what, x.dtype.name, size):
                            continue
                        contenders = task(modules, name, entry, array, axis)
                        # the input, its value or its gradient, and for the gradient one from upstream
                        moved = array.nbytes + np.asarray(entry(array, axis, **entry.example)).nbytes
                        moved += array.nbytes if task is backward else 0
                        yield Case("rows", name, what, x.dtype.name, array.size, moved, contenders)


def value(modules, name, entry, x, axis):
    options = entry.example
    out = np.empty_like(entry(x, axis, **options))
    contenders = {"actlib": lambda: entry(x, axis, out=out, **options)}
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
    options = entry.example
    upstream = np.random.default_rng(1).normal(size=np.shape(entry(x, axis, **options))).astype(x.dtype)
    result = np.empty_like(x)
    contenders = {"actlib": lambda: entry.backward(upstream, x, axis, out=result, **options)}
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
