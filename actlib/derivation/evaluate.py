"""The meaning of an expression, over any algebra.

An *algebra* says what numbers are: mpmath's, SymPy's, `decimal`'s. It has

* ``constants``, a mapping: ``pi``, ``oo``;
* ``conditions``, the types of what `compare` returns;
* ``functions``, a mapping from the names in `FUNCTIONS` to callables;
* ``number(value)``: an int or a Fraction as a number of the algebra;
* ``operate(operator, left, right)`` with ``+ - * / **``;
* ``compare(relation, left, right)`` with ``< <= > >= == !=``;
* ``choose(rows)``: the value of ``cases``, where each row is a pair of functions (condition, value);
* ``derivative(function, at)``, ``limit(function, to, like, side)``, ``integral(function, low, high)``.

Sums and indices are unrolled at concrete sizes, so an algebra never sees them.
"""

import ast
from contextlib import suppress

from .errors import ExpressionError, Undefined
from .language import BINDERS, FUNCTIONS, OPERATORS, RELATIONS, case_rows, column, indices, miscounted

MOST_TERMS = 10_000              # of one sum
MOST_WORK = 1_000_000            # parts of an expression evaluated for one value: sums of sums of sums end here


class Evaluator:
    """Evaluates parsed expressions over one algebra.

    Parameters
    ----------
    algebra : object
        See the module's docstring.
    definitions : mapping, optional
        What ``let`` declares: name -> (parameter names, parsed body). A body sees its parameters and the declared
        variables, not the sum indices of the place where it is used.
    observe : callable, optional
        Called with (node, left, right) wherever a formula may change its branch or has a gap: comparisons, Max, Min,
        Abs, sign, denominators. Conditions are then evaluated even where an earlier one has decided.
    """

    def __init__(self, algebra, definitions=None, observe=None):
        self.algebra, self.definitions, self.observe = algebra, definitions or {}, observe

    def __call__(self, node, variables, bound=None):
        """The value of `node`; `variables` and `bound` map "x" and ("z", 1) to numbers, indices to ints."""
        self.work = 0
        return self._number(node, variables, bound or {})

    def _value(self, node, variables, bound):
        method = getattr(self, "_" + type(node).__name__.lower(), None)
        if method is None:
            raise ExpressionError(f"{type(node).__name__} is not part of the language", column(node))
        self.work += 1
        if self.work > MOST_WORK:
            raise ExpressionError("this takes too long: sums, derivatives or integrals inside each other")
        return method(node, variables, bound)

    def _number(self, node, variables, bound):
        value = self._value(node, variables, bound)
        if isinstance(value, bool):
            raise ExpressionError("a condition is not a number", column(node))
        return value

    def _condition(self, node, variables, bound):
        value = self._value(node, variables, bound)
        if not isinstance(value, self.algebra.conditions):
            raise ExpressionError("a number is not a condition", column(node))
        return value

    def _constant(self, node, variables, bound):
        return node.value if isinstance(node.value, bool) else self.algebra.number(node.number)

    def _name(self, node, variables, bound):
        for scope in (bound, variables, self.algebra.constants):
            if node.id in scope:
                value = scope[node.id]
                return self.algebra.number(value) if isinstance(value, int) else value
        if node.id in self.definitions:
            parameters, body = self.definitions[node.id]
            if not parameters:
                return self._value(body, variables, {})
            raise ExpressionError(f"{node.id} has {len(parameters)} arguments, and none is given", column(node))
        if any(key[0] == node.id for key in variables if isinstance(key, tuple)):
            raise ExpressionError(f"{node.id} is an array: its entries are {node.id}[1], {node.id}[2]", column(node))
        raise ExpressionError(f"unknown name {node.id!r}", column(node))

    def _subscript(self, node, variables, bound):
        key = self._key(node, variables, bound)
        if key in variables:
            value = variables[key]
            return self.algebra.number(value) if isinstance(value, int) else value
        if key[0] in self.definitions:
            return self._apply(key[0], key[1:], node, variables)
        places = [other for other in variables if isinstance(other, tuple) and other[0] == key[0]]
        if not places:
            fault = f"{key[0]} is not an array" if key[0] in variables else f"unknown name {key[0]!r}"
            raise ExpressionError(fault, column(node))
        ranges = ", ".join(f"{min(k)}..{max(k)}" for k in list(zip(*places, strict=True))[1:])
        written = ", ".join(map(str, key[1:]))
        raise ExpressionError(f"{key[0]}[{written}] does not exist: indices run over {ranges}", column(node))

    def _unaryop(self, node, variables, bound):
        value = self._number(node.operand, variables, bound)
        if isinstance(node.op, ast.USub):
            return self.algebra.operate("-", self.algebra.number(0), value)
        if isinstance(node.op, ast.UAdd):
            return value
        raise ExpressionError(f"{type(node.op).__name__} is not part of the language", column(node))

    def _binop(self, node, variables, bound):
        if type(node.op) not in OPERATORS:
            hint = "; a power is written **" if isinstance(node.op, ast.BitXor) else ""
            raise ExpressionError(f"only + - * / ** are operators{hint}", column(node))
        left, right = (self._number(side, variables, bound) for side in (node.left, node.right))
        if self.observe and isinstance(node.op, ast.Div):
            self.observe(node, right, self.algebra.number(0))
        return self.algebra.operate(OPERATORS[type(node.op)], left, right)

    def _compare(self, node, variables, bound):
        sides = [self._number(side, variables, bound) for side in (node.left, *node.comparators)]
        result = True
        for left, operator, right in zip(sides, node.ops, sides[1:], strict=False):
            if type(operator) not in RELATIONS:
                raise ExpressionError("only < <= > >= == != compare", column(node))
            if self.observe:
                self.observe(node, left, right)
            one = self.algebra.compare(RELATIONS[type(operator)], left, right)
            result = one if result is True else result & one
        return result

    def _boolop(self, node, variables, bound):
        conjunction = isinstance(node.op, ast.And)
        result = conjunction
        for part in node.values:
            value = self._condition(part, variables, bound)
            result = value if result is conjunction else result & value if conjunction else result | value
            if result is not conjunction and isinstance(result, bool) and not self.observe:
                break                                # log(x) is not asked for in: x > 0 and log(x) > 1
        return result

    def _call(self, node, variables, bound):
        name = node.func.id if isinstance(node.func, ast.Name) else None
        if name is None or node.keywords:
            raise ExpressionError("only f(a, b) is a call", column(node))
        if name in BINDERS:
            self._count(node)
            return getattr(self, "_" + name.lower())(node, variables, bound)
        if name == "cases":
            return self._cases(node, variables, bound)
        if name == "delta" and len(node.args) == 2:
            left, right = (self._integer(argument, variables, bound) for argument in node.args)
            return self.algebra.number(int(left == right))
        if name not in self.definitions and name not in FUNCTIONS:
            raise ExpressionError(f"unknown function {name!r}", column(node))
        values = [self._number(argument, variables, bound) for argument in node.args]
        if name in self.definitions:
            return self._apply(name, values, node, variables)
        self._count(node)
        return self._function(name, node, values)

    def _cases(self, node, variables, bound):
        rows = case_rows(node)
        if self.observe:
            for _, condition in rows:
                with suppress(Undefined):
                    self._condition(condition, variables, bound)
        return self.algebra.choose([
            (lambda when=condition: self._condition(when, variables, bound),
             lambda then=value: self._number(then, variables, bound))
            for value, condition in rows
        ])

    def _function(self, name, node, values):
        if self.observe and name in ("Max", "Min"):
            for i, left in enumerate(values):
                for right in values[i + 1:]:
                    self.observe(node, left, right)
        elif self.observe and name in ("Abs", "sign"):
            self.observe(node, values[0], self.algebra.number(0))
        return self.algebra.functions[name](*values)

    @staticmethod
    def _count(node):
        fault = miscounted(node)
        if fault:
            raise ExpressionError(fault, column(node))

    def _apply(self, name, values, node, variables):
        parameters, body = self.definitions[name]
        if len(parameters) != len(values):
            raise ExpressionError(f"{name} takes {len(parameters)} arguments, not {len(values)}", column(node))
        return self._value(body, variables, dict(zip(parameters, values, strict=True)))

    # Operators that bind a variable

    def _key(self, node, variables, bound):
        """A variable's key: "x", or ("z", 1) for z[1]."""
        if isinstance(node, ast.Name):
            return node.id
        if not isinstance(node, ast.Subscript) or not isinstance(node.value, ast.Name):
            raise ExpressionError("expected a variable, like x or z[j]", column(node))
        return (node.value.id, *(self._integer(index, variables, bound) for index in indices(node)))

    def _integer(self, node, variables, bound):
        value = self._value(node, variables, bound)
        try:
            if value == int(value):
                return int(value)
        except (TypeError, ValueError, OverflowError):
            pass
        raise ExpressionError(f"{ast.unparse(node)} is not an integer", column(node))

    def _function_of(self, node, variables, bound, declared_only=False):
        """The first argument of `node` as a function of the variable named by the second, and its present value."""
        body, key = node.args[0], self._key(node.args[1], variables, bound)
        if key in bound:
            return (lambda value: self._number(body, variables, {**bound, key: value})), bound[key]
        if key in variables:
            return (lambda value: self._number(body, {**variables, key: value}, bound)), variables[key]
        if declared_only or not isinstance(key, str):
            raise ExpressionError(f"unknown name {ast.unparse(node.args[1])!r}", column(node.args[1]))
        return (lambda value: self._number(body, variables, {**bound, key: value})), None

    def _d(self, node, variables, bound):
        function, at = self._function_of(node, variables, bound, declared_only=True)
        return self.algebra.derivative(function, self.algebra.number(at) if isinstance(at, int) else at)

    def _lim(self, node, variables, bound):
        function, like = self._function_of(node, variables, bound)
        side = getattr(node.args[3], "value", None) if len(node.args) == 4 else ""
        if side not in ("", "+", "-"):
            raise ExpressionError('the fourth argument of Lim is "+" or "-", from above or from below', column(node))
        return self.algebra.limit(function, self._number(node.args[2], variables, bound), like, side)

    def _int(self, node, variables, bound):
        function, _ = self._function_of(node, variables, bound)
        low, high = (self._number(end, variables, bound) for end in node.args[2:])
        return self.algebra.integral(function, low, high)

    def _terms(self, node, variables, bound):
        if not isinstance(node.args[1], ast.Name):
            raise ExpressionError("the second argument is the index, a name", column(node.args[1]))
        low, high = (self._integer(end, variables, bound) for end in node.args[2:])
        if high - low >= MOST_TERMS:
            raise ExpressionError(f"{node.func.id} of more than {MOST_TERMS} terms", column(node))
        index = node.args[1].id
        return [self._number(node.args[0], variables, {**bound, index: i}) for i in range(low, high + 1)]

    def _fold(self, node, variables, bound, operator, start):
        total = self.algebra.number(start)
        for term in self._terms(node, variables, bound):
            total = self.algebra.operate(operator, total, term)
        return total

    def _sum(self, node, variables, bound):
        return self._fold(node, variables, bound, "+", 0)

    def _product(self, node, variables, bound):
        return self._fold(node, variables, bound, "*", 1)

    def _extreme(self, name, node, variables, bound):
        terms = self._terms(node, variables, bound)
        if not terms:
            raise ExpressionError(f"{node.func.id} of nothing", column(node))
        return self._function(name, node, terms)

    def _maximum(self, node, variables, bound):
        return self._extreme("Max", node, variables, bound)

    def _minimum(self, node, variables, bound):
        return self._extreme("Min", node, variables, bound)
