"""The libraries that actlib is compared with, as far as they are installed."""

import os
from importlib import import_module
from typing import Any

os.environ.setdefault("JAX_PLATFORMS", "cpu")

MODULES = {
    "torch": ("torch",),
    "jax": ("jax", "jax.numpy", "jax.nn", "jax.scipy.special"),
    "scipy": ("scipy", "scipy.special"),
    "sklearn": ("sklearn", "sklearn._loss"),
}


def installed() -> tuple[dict[str, Any], list[str]]:
    """The modules by name, NumPy always among them, and the names of those that are missing."""
    found: dict[str, Any] = {"numpy": import_module("numpy")}
    missing = []
    for name, parts in MODULES.items():
        try:
            for part in reversed(parts):
                found[name] = import_module(part)
        except ImportError:
            found.pop(name, None)
            missing.append(name)
    if "jax" in found:
        found["jax"].config.update("jax_enable_x64", True)
    return found, missing


def versions(modules: dict[str, Any]) -> dict[str, str]:
    return {name: module.__version__ for name, module in modules.items()}
