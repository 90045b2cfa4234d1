"""Special functions: value, and derivative or gradient, on arguments inside the domain.

A peer that has no function of the name composes it as a user of that library would; torch and jax differentiate.
"""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from elementwise import bind, compiled
from turns import Case, Wanted, everything

from actlib import special

# function -> library -> value; the arguments are the library and the arrays. NumPy and SciPy take out= too.
VALUES: dict[str, dict[str, Callable[..., Any]]] = {
    "logit": {
        "scipy": lambda scipy, x, out: scipy.special.logit(x, out=out),
        "torch": lambda torch, x: torch.logit(x),
        "jax": lambda jax, x: jax.scipy.special.logit(x),
    },
    "log1mexp": {
        "torch": lambda torch, x: torch.where(
            x < 0.6931471805599453, torch.log(-torch.expm1(-x)), torch.log1p(-torch.exp(-x))
        ),
        "jax": lambda jax, x: jax.nn.log1mexp(x),
    },
    "softplus_inverse": {
        "torch": lambda torch, x: x + torch.log(-torch.expm1(-x)),
        "jax": lambda jax, x: x + jax.numpy.log(-jax.numpy.expm1(-x)),
    },
    "log_cosh": {
        "torch": lambda torch, x: torch.abs(x) + torch.log1p(torch.exp(-2 * torch.abs(x))) - 0.6931471805599453,
        "jax": lambda jax, x: jax.numpy.logaddexp(x, -x) - 0.6931471805599453,
    },
    "sech2": {
        "torch": lambda torch, x: 1 / torch.cosh(x) ** 2,
        "jax": lambda jax, x: 1 / jax.numpy.cosh(x) ** 2,
    },
    "logaddexp": {
        "numpy": lambda np, x, y, out: np.logaddexp(x, y, out=out),
        "torch": lambda torch, x, y: torch.logaddexp(x, y),
        "jax": lambda jax, x, y: jax.numpy.logaddexp(x, y),
    },
    "logsubexp": {
        "torch": lambda torch, x, y: x + torch.log(-torch.expm1(y - x)),
        "jax": lambda jax, x, y: x + jax.nn.log1mexp(x - y),
    },
    "logmeanexp": {
        "scipy": lambda scipy, x, out: scipy.special.logsumexp(x, axis=-1) - np.log(x.shape[-1]),
        "torch": lambda torch, x: torch.logsumexp(x, -1) - np.log(x.shape[-1]),
        "jax": lambda jax, x: jax.nn.logmeanexp(x, axis=-1),
    },
    "xlogy": {
        "scipy": lambda scipy, x, y, out: scipy.special.xlogy(x, y, out=out),
        "torch": lambda torch, x, y: torch.special.xlogy(x, y),
        "jax": lambda jax, x, y: jax.scipy.special.xlogy(x, y),
    },
    "xlog1py": {
        "scipy": lambda scipy, x, y, out: scipy.special.xlog1py(x, y, out=out),
        "torch": lambda torch, x, y: torch.special.xlog1py(x, y),
        "jax": lambda jax, x, y: jax.scipy.special.xlog1py(x, y),
    },
    "entr": {
        "scipy": lambda scipy, x, out: scipy.special.entr(x, out=out),
        "torch": lambda torch, x: torch.special.entr(x),
        "jax": lambda jax, x: jax.scipy.special.entr(x),
    },
    "rel_entr": {
        "scipy": lambda scipy, x, y, out: scipy.special.rel_entr(x, y, out=out),
        "torch": lambda torch, x, y: torch.special.xlogy(x, x / y),
        "jax": lambda jax, x, y: jax.scipy.special.rel_entr(x, y),
    },
    "kl_div": {
        "scipy": lambda scipy, x, y, out: scipy.special.kl_div(x, y, out=out),
        "torch": lambda torch, x, y: torch.special.xlogy(x, x / y) - x + y,
        "jax": lambda jax, x, y: jax.scipy.special.kl_div(x, y),
    },
    "ndtr": {
        "scipy": lambda scipy, x, out: scipy.special.ndtr(x, out=out),
        "torch": lambda torch, x: torch.special.ndtr(x),
        "jax": lambda jax, x: jax.scipy.special.ndtr(x),
    },
    "log_ndtr": {
        "scipy": lambda scipy, x, out: scipy.special.log_ndtr(x, out=out),
        "torch": lambda torch, x: torch.special.log_ndtr(x),
        "jax": lambda jax, x: jax.scipy.special.log_ndtr(x),
    },
}
ROW = 10  # entries of a row of logmeanexp


def check_complete() -> None:
    missing = special.SPECIAL.keys() - VALUES.keys()
    if missing:
        raise LookupError(f"benchmarks/special.py has no peers for: {', '.join(sorted(missing))}")


def arguments(name: str, rng: np.random.Generator, size: int) -> list[Any]:
    """Arrays inside the domain: probabilities, positive numbers, or any."""
    if name == "logmeanexp":
        return [rng.normal(size=(size // ROW, ROW))]
    if name == "logsubexp":
        y = rng.normal(scale=4, size=size)
        return [y + rng.exponential(size=size), y]
    if name in ("log1mexp", "softplus_inverse"):
        return [rng.exponential(scale=2, size=size)]
    count = 2 if hasattr(special.SPECIAL[name], "gradient") else 1
    if name in ("log_cosh", "sech2", "logaddexp", "ndtr", "log_ndtr"):
        return list(rng.normal(scale=4, size=(count, size)))
    return list(rng.uniform(0.001, 0.999, size=(count, size)))


def cases(modules: dict[str, Any], size: int, wanted: Wanted = everything) -> Iterator[Case]:
    check_complete()
    rng = np.random.default_rng(0)
    for name in special.SPECIAL:
        exact = arguments(name, rng, size)
        for dtype in (np.float32, np.float64):
            arrays = [array.astype(dtype) for array in exact]
            for task in (value, slopes):
                if not wanted("special", name, task.__name__, np.dtype(dtype).name, size):
                    continue
                contenders = task(modules, name, arrays)
                moved = sum(array.nbytes for array in arrays) * (2 if task is slopes else 1) + arrays[0].nbytes
                yield Case("special", name, task.__name__, np.dtype(dtype).name, arrays[0].size, moved, contenders)


def value(modules, name, arrays):
    entry = special.SPECIAL[name]
    shape = arrays[0].shape[:-1] if name == "logmeanexp" else arrays[0].shape
    out = np.empty(shape, arrays[0].dtype)
    contenders = {"actlib": lambda: entry(*arrays, out=out)}
    for library, function in VALUES[name].items():
        if library not in modules:
            continue
        module = modules[library]
        if library == "torch":
            contenders[library] = bind(function, module, *map(module.from_numpy, arrays))
        elif library == "jax":
            contenders[library] = compiled(module, lambda *v, f=function, m=module: f(m, *v), *arrays)
        else:
            contenders[library] = bind(function, module, *arrays, np.empty(shape, arrays[0].dtype))
    return contenders


def slopes(modules, name, arrays):
    entry = special.SPECIAL[name]
    targets = [np.empty_like(array) for array in arrays]
    if name == "logmeanexp":
        one = np.ones(arrays[0].shape[:-1], arrays[0].dtype)
        contenders = {"actlib": lambda: entry.backward(one, *arrays, out=targets[0])}
    elif len(arrays) == 1:
        contenders = {"actlib": lambda: entry.derivative(*arrays, out=targets[0])}
    else:
        contenders = {"actlib": lambda: entry.gradient(*arrays, out=tuple(targets))}
    if "torch" in modules:
        torch = modules["torch"]
        leaves = [torch.from_numpy(array.copy()).requires_grad_() for array in arrays]

        def forward_and_backward():
            return torch.autograd.grad(VALUES[name]["torch"](torch, *leaves).sum(), leaves)

        contenders["torch"] = forward_and_backward
    if "jax" in modules:
        jax = modules["jax"]

        def differentiated(*v):
            return jax.grad(lambda *u: VALUES[name]["jax"](jax, *u).sum(), argnums=tuple(range(len(v))))(*v)

        contenders["jax"] = compiled(jax, differentiated, *arrays)
    return contenders
