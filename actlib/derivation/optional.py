"""The two packages that checking needs and importing does not."""

from importlib import import_module


def _package(name):
    try:
        return import_module(name)
    except ImportError as error:
        message = f"checking derivations needs {name}: pip install 'actlib[prove]'"
        raise ImportError(message, name=name) from error


def mpmath():
    return _package("mpmath")


def sympy():
    return _package("sympy")
