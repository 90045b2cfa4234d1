"""Finds names that nothing declares before anything is evaluated, so that a typo is named and not computed."""

import ast

from .language import BINDERS, CONSTANTS, FUNCTIONS

CALLED = frozenset(FUNCTIONS) | frozenset(BINDERS) | {"cases", "delta"}


def unknown(chain):
    """(line, message) for the names in the chain's lines and definitions that are not declared."""
    declared = set(chain.definitions) | set(chain.variables) | set(chain.sizes) | set(chain.each) | set(CONSTANTS)
    problems = []
    for name, (parameters, body) in chain.definitions.items():
        problems += [(None, f"let {name}: {message}") for message in _faults(body, declared | set(parameters), chain)]
        if name in reached(chain, body):
            problems.append((None, f"let {name}: it is defined through itself"))
    first = chain.lines[0].line if chain.lines else 1
    problems = [(chain.where.get(message.split(":")[0][4:], first), message) for _, message in problems]
    for line in chain.lines:
        if line.node is not None and not line.problem:
            line.problem = "; ".join(dict.fromkeys(_faults(line.node, declared, chain)))
    return problems


def _faults(node, declared, chain):
    """Messages for one expression; binders declare their index for what stands inside them."""
    if isinstance(node, ast.Name):
        if node.id not in declared:
            yield f"unknown name {node.id!r} (at column {node.col_offset + 1})"
        return
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        name = node.func.id
        if name not in CALLED and name not in chain.definitions:
            yield f"unknown function {name!r} (at column {node.col_offset + 1})"
        if name in BINDERS and name != "D" and len(node.args) == BINDERS[name] and isinstance(node.args[1], ast.Name):
            yield from _faults(node.args[0], declared | {node.args[1].id}, chain)
            for bound in node.args[2:]:
                yield from _faults(bound, declared, chain)
            return
        for argument in node.args:
            yield from _faults(argument, declared, chain)
        return
    for child in ast.iter_child_nodes(node):
        yield from _faults(child, declared, chain)


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
