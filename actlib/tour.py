"""Five minutes through the library: a text whose examples are executed while it is printed."""

import ast
from typing import Any, TextIO

TOUR = """\
A neuron adds up its inputs and passes the sum through an activation function. The sigmoid is the oldest: it squashes
any number to between 0 and 1.

>>> x = np.array([-6.0, -1.0, 0.0, 1.0, 6.0])
>>> actlib.sigmoid(x)

A network learns by following derivatives. Every function here has its own, computed from x:

>>> actlib.sigmoid.derivative(x)

Look at the ends: far from 0 the sigmoid is flat, it saturates. A deep network multiplies one such factor for every
layer, and even the largest one, at 0, is only 1/4. After ten layers this is left of a gradient:

>>> float(actlib.sigmoid.derivative(0.0)) ** 10

That is the vanishing gradient. The rectifier does not have it on its right side, which is why deep networks use it:

>>> actlib.relu.derivative(x)


A formula from a book is not yet a program. Take the derivative as y (1 - y), at x = 40:

>>> y = actlib.sigmoid(40.0)
>>> float(y * (1 - y))

The value was rounded to exactly 1, so nothing is left. The true derivative is small and positive:

>>> float(actlib.sigmoid.derivative(40.0))

The other end fails louder. The book's formula 1 / (1 + exp(-x)) overflows for x = -1000, and log(1 + exp(x)),
the softplus, for x = 1000:

>>> with np.errstate(over="ignore"):
...     print(np.log(1 + np.exp(1000.0)))
>>> float(actlib.softplus(1000.0))


What is known about a function is data on it:

>>> actlib.elu.definition
>>> actlib.elu.derivative_definition
>>> actlib.relu.kinks
>>> actlib.sigmoid.accuracy["value"]

The strings are read by the tests (which compare the compiled code with them at high precision), by the proofs and by
the pages of the textbook: one definition, three readers.


A classifier ends in one number for each class. softmax turns them into probabilities:

>>> logits = np.array([[2.0, 1.0, -1.0], [0.5, 0.5, 3.0]])
>>> actlib.softmax(logits).round(3)

The loss says how wrong they are, and its gradient which way to go. Both come in one pass over the logits:

>>> from actlib import losses
>>> labels = np.array([0, 1])
>>> value, gradient = losses.cross_entropy.value_and_gradient(logits, labels)
>>> float(value)
>>> gradient.round(3)

The gradient is (softmax - truth) / n: check it.

>>> ((actlib.softmax(logits) - actlib.one_hot(labels, 3)) / 2).round(3)


Backpropagation is the chain rule from the loss back to the input: each layer multiplies what arrives by its own
derivative. For an elementwise layer this is `backward`:

>>> actlib.tanh.backward(gradient, logits).round(4)

Five more things to try:  actlib list  |  actlib show softplus  |  actlib eval elu -1 --derivative --parameter alpha=2
|  actlib check  |  actlib prove FILE, for a derivation of your own.
"""


def tour(stream: TextIO) -> None:
    """Print the tour; the outputs are computed now, by this installation."""
    import numpy as np

    import actlib

    names: dict[str, Any] = {"np": np, "actlib": actlib}
    lines = TOUR.splitlines()
    while lines:
        line = lines.pop(0)
        print(line, file=stream)
        if line.startswith(">>> "):
            source = [line[4:]]
            while lines and lines[0].startswith("... "):
                print(lines[0], file=stream)
                source.append(lines.pop(0)[4:])
            _run("\n".join(source), names, stream)


def _run(source: str, names: dict[str, Any], stream: TextIO) -> None:
    """What the interactive interpreter does with one input."""
    names["print"] = lambda *values: print(*values, file=stream)
    tree = ast.parse(source)
    if isinstance(tree.body[0], ast.Expr):
        value = eval(compile(ast.Expression(tree.body[0].value), "<tour>", "eval"), names)
        if value is not None:
            print(repr(value), file=stream)
    else:
        exec(compile(tree, "<tour>", "exec"), names)
