"""Finds names that nothing declares before anything is evaluated, so that a typo is named and not computed."""

import ast
import difflib

from .language import BINDERS, CONSTANTS, FUNCTIONS, column, miscounted
from .latex import Printer

CALLED = frozenset(FUNCTIONS) | frozenset(BINDERS) | {"cases", "delta"}


def unknown(chain):
    """(line, message) for declarations that name what is not declared; the same in the lines' ``problem``."""
    declared = {*chain.definitions, *chain.variables, *chain.sizes, *chain.each, *CONSTANTS}
    problems = []
    for name, (parameters, body) in chain.definitions.items():
        faults = [*_faults(body, declared | set(parameters), chain), *_captured(body, parameters, chain)]
        if name in reached(chain, body):
            faults.append("it is defined through itself")
        problems += [(chain.where[name], f"let {name}: {fault}") for fault in faults]
    for name, variable in chain.variables.items():
        problems += [(chain.where[name], f"{name}: {fault}") for fault in _shape_faults(variable, chain)]
    for name, bounds in chain.each.items():
        for bound in bounds:
            problems += [(chain.where[name], f"each {name}: {fault}") for fault in _faults(bound, declared, chain)]
    shown = {}
    for name in (*chain.definitions, *chain.variables, *chain.sizes, *chain.each):
        other = shown.setdefault(Printer(chain.names).symbol(name), name)
        if other != name:
            problems.append((chain.where[name], f"{name} and {other} are shown alike; see show"))
    for line in chain.lines:
        if line.node is not None and not line.problem:
            line.problem = "; ".join(dict.fromkeys(_faults(line.node, declared, chain)))
    return problems


def _shape_faults(variable, chain):
    """What is wrong with the sizes of a declared array."""
    missing = [size for size in variable.sizes if size not in chain.sizes]
    for size in missing:
        yield f"the size {size} is not declared, as in: size {size} = 2, 3"
    if variable.kind == "simplex" and not missing and min(chain.sizes[variable.sizes[-1]]) < 2:
        yield ("a simplex has two entries or more, which sum to one; labels of a batch do not: "
               "index y(n) in 0..1, or real y(n) in (0, 1)")
    if variable.kind == "index":
        for bound in (variable.low, variable.high):
            yield from _faults(bound, {*chain.sizes, *chain.each}, chain)


def _faults(node, declared, chain):
    """Messages for one expression; binders declare their index for what stands inside them."""
    if isinstance(node, ast.Name):
        if node.id not in declared:
            yield f"unknown name {node.id!r} (at column {column(node)})"
        return
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        name = node.func.id
        if name not in CALLED and name not in chain.definitions:
            yield f"unknown function {name!r} (at column {column(node)}){_hint(name, chain)}"
        if name in BINDERS and name != "D" and not miscounted(node) and isinstance(node.args[1], ast.Name):
            index = node.args[1].id
            if index in CONSTANTS:
                yield f"{index} is a constant (at column {column(node.args[1])})"
            yield from _faults(node.args[0], declared | {index}, chain)
            if name not in ("Lim", "Int"):                # those two vary a declared variable itself
                yield from _captured(node.args[0], [index], chain)
            for bound in node.args[2:]:
                yield from _faults(bound, declared, chain)
            return
        for argument in node.args:
            yield from _faults(argument, declared, chain)
        return
    for child in ast.iter_child_nodes(node):
        yield from _faults(child, declared, chain)


def _hint(name, chain):
    names = {other.lower(): other for other in (*sorted(CALLED), *chain.definitions)} | {"ln": "log", "arctan": "atan"}
    similar = difflib.get_close_matches(name.lower(), names, n=1)
    return f", did you mean {names[similar[0]]}?" if similar else ""


def _captured(node, indices, chain):
    """Abbreviations that depend on a declared name which is an index here: what is read is not what is meant."""
    for part in ast.walk(node):
        if isinstance(part, ast.Name) and part.id in chain.definitions:
            for index in set(indices) & set(_free(part, frozenset(), chain, frozenset())):
                yield f"{part.id} depends on the declared {index}, not on this one: choose another letter"


def _free(node, bound, chain, inside):
    """The names on which the value of an expression depends, through definitions (`inside` those being read)."""
    if isinstance(node, ast.Name):
        if node.id in chain.definitions and node.id not in bound | inside:
            parameters, body = chain.definitions[node.id]
            yield from _free(body, frozenset(parameters), chain, inside | {node.id})
        elif node.id not in bound:
            yield node.id
        return
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in BINDERS and \
            len(node.args) > 2 and isinstance(node.args[1], ast.Name):
        yield from _free(node.args[0], bound | {node.args[1].id}, chain, inside)
        for end in node.args[2:]:
            yield from _free(end, bound, chain, inside)
        return
    for child in ast.iter_child_nodes(node):
        yield from _free(child, bound, chain, inside)


def reached(chain, node):
    """All names that an expression uses, through definitions too."""
    found, waiting = set(), [node]
    while waiting:
        for part in ast.walk(waiting.pop()):
            if isinstance(part, ast.Name) and part.id not in found:
                found.add(part.id)
                if part.id in chain.definitions:
                    waiting.append(chain.definitions[part.id][1])
    return found
