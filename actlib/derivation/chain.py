"""The text of a derivation: declarations, then an expression, then lines ``= expression -- reason``."""

import keyword
import re
from dataclasses import dataclass, field

from .errors import ExpressionError
from .language import BINDERS, CONSTANTS, FUNCTIONS, exact, parse

NAME = r"[A-Za-z][A-Za-z0-9_]*"
STEP = re.compile(r"(<=|>=|=|<|>)(?!=)\s*(.*)")
MARK = re.compile(r"\s*\[(tested|assumed)\]\s*$")


@dataclass(frozen=True)
class Variable:
    """One declared variable: a scalar, or an array of it along the named sizes."""

    kind: str                                # real, positive, simplex, index
    sizes: tuple = ()
    low: object = None                       # Fraction or None; for an index the source of the bound
    high: object = None
    closed: tuple = (False, False)           # whether the ends belong to the interval


@dataclass
class Line:
    """One line of the chain as written; the first has no relation."""

    relation: str
    source: str
    reason: str = ""
    mark: str = ""                           # tested, assumed or nothing
    line: int = 0
    node: object = None
    problem: str = ""


@dataclass
class Chain:
    """A derivation as written."""

    definitions: dict = field(default_factory=dict)
    variables: dict = field(default_factory=dict)
    sizes: dict = field(default_factory=dict)
    each: dict = field(default_factory=dict)
    names: dict = field(default_factory=dict)
    where: dict = field(default_factory=dict)           # the line of each declaration
    lines: list = field(default_factory=list)
    problems: list = field(default_factory=list)        # (line, message) of malformed declarations

    def latex(self, names=None):
        """The whole chain as an ``aligned`` block."""
        from .latex import RELATION_SIGNS, Printer

        printer = Printer({**self.names, **(names or {})})
        rows = [f"{RELATION_SIGNS.get(line.relation, '')} & {printer(parse(line.source))}" for line in self.lines]
        first, *others = rows
        return r"\begin{aligned} %s \end{aligned}" % r" \\ ".join(["& " + first.lstrip(" &"), *(
            "& " + row.replace(" & ", " ", 1) for row in others)])


def read(text, first_line=1):
    """Read a derivation; what is malformed is recorded in it, with its line, and raises nothing."""
    chain = Chain()
    for number, raw in enumerate(text.splitlines(), first_line):
        line = raw.expandtabs().strip()
        if not line or line.startswith("#"):
            continue
        word, _, rest = line.partition(" ")
        try:
            if word in READERS and not STEP.match(rest.lstrip()):
                if chain.lines:
                    raise ExpressionError("declarations come before the first expression")
                READERS[word](chain, rest.strip())
                chain.where[re.match(r"\w*", rest.strip())[0]] = number
            else:
                _step(chain, line, number)
        except ExpressionError as error:
            chain.problems.append((number, str(error)))
    for line in chain.lines:
        line.reason, line.mark = MARK.sub("", line.reason), (MARK.search(line.reason) or ["", ""])[1]
        try:
            line.node = parse(line.source)
        except ExpressionError as error:
            line.problem = str(error)
    if len(chain.lines) < 2 and not chain.problems:
        missing = "no step to check" if chain.lines else "no expression to start from"
        chain.problems.append((chain.lines[0].line if chain.lines else first_line, f"there is {missing}"))
    return chain


def _step(chain, line, number):
    body, _, reason = (" " + line).partition(" -- ")
    if body.strip().startswith("=="):
        raise ExpressionError("a step is written with one =")
    match = STEP.match(body.strip())
    if match and not chain.lines:
        raise ExpressionError("the first line of the chain is an expression, without a relation before it")
    if match or not chain.lines:
        relation, source = match.groups() if match else ("", body.strip())
        chain.lines.append(Line(relation, source.strip(), reason.strip(), line=number))
    elif chain.lines[-1].reason:                          # a reason that goes on
        chain.lines[-1].reason += " " + line
    else:
        chain.lines[-1].source = f"{chain.lines[-1].source} {body.strip()}".strip()
        chain.lines[-1].reason = reason.strip()


def _match(pattern, text, usage):
    match = re.fullmatch(pattern, text)
    if not match:
        raise ExpressionError(f"cannot read this; it is written {usage}")
    return match


def _let(chain, rest):
    match = _match(rf"({NAME})\s*(?:\(([^()]*)\)|\[([^\[\]]*)\])?\s*=(?!=)(.*)", rest, "let f(x) = ...")
    parameters = [p.strip() for p in (match[2] or match[3] or "").split(",") if p.strip()]
    for parameter in parameters:
        _match(NAME, parameter, "let f(x, y) = ... with names as parameters")
        _usable(parameter)
        if parameters.count(parameter) > 1:
            raise ExpressionError(f"{match[1]} has two parameters {parameter}")
    _fresh(chain, match[1])
    if match[1] in (*FUNCTIONS, *BINDERS, "cases") or match[1] == "delta" and len(parameters) == 2:
        raise ExpressionError(f"{match[1]} has a meaning already")
    chain.definitions[match[1]] = (parameters, parse(match[4]))


def _variable(kind):
    def declare(chain, rest):
        usage = f"{kind} x, {kind} z(K) or {kind} x in (-1, 1)"
        match = _match(rf"({NAME})\s*(?:\(([^()]*)\))?\s*(?:in\s*([(\[])(.*),(.*)([)\]]))?", rest, usage)
        low, high = (None if bound is None else _bound(bound) for bound in match.group(4, 5))
        if low is not None and high is not None and low >= high:
            raise ExpressionError(f"the interval of {match[1]} is empty")
        if kind == "positive" and low is not None and (low < 0 or low == 0 and match[3] == "["):
            raise ExpressionError(f"the interval of {match[1]} is not positive")
        if kind == "simplex" and match[3]:
            raise ExpressionError("the entries of a simplex are positive and sum to one: they have no other interval")
        sizes = tuple(s.strip() for s in (match[2] or "").split(",") if s.strip())
        if kind == "simplex" and not sizes:
            raise ExpressionError("a simplex has a size: simplex p(K)")
        _fresh(chain, match[1])
        chain.variables[match[1]] = Variable(kind, sizes, low, high, (match[3] == "[", match[6] == "]"))

    return declare


def _bound(text):
    """A number or a fraction like 1/3, exactly; None for an end at infinity."""
    text = text.strip()
    if text in ("oo", "-oo"):
        return None
    try:
        return exact(text.replace(" ", ""))
    except (ValueError, ZeroDivisionError):
        raise ExpressionError(f"{text!r} is not a number, like -3, 0.5 or 1/3") from None


def _index(chain, rest):
    match = _match(rf"({NAME})\s*(?:\(([^()]*)\))?\s+in\s+(.+?)\s*\.\.\s*(.+)", rest, "index c(n) in 1..K")
    sizes = tuple(s.strip() for s in (match[2] or "").split(",") if s.strip())
    _fresh(chain, match[1])
    chain.variables[match[1]] = Variable("index", sizes, parse(match[3]), parse(match[4]))


def _each(chain, rest):
    match = _match(rf"({NAME})\s*=\s*(.+?)\s*\.\.\s*(.+)", rest, "each j = 1..K")
    _fresh(chain, match[1])
    chain.each[match[1]] = (parse(match[2]), parse(match[3]))


def _size(chain, rest):
    match = _match(rf"({NAME})\s*=\s*(\d+(?:\s*,\s*\d+)*)", rest, "size K = 2, 3, 4")
    _fresh(chain, match[1])
    chain.sizes[match[1]] = [int(value) for value in match[2].split(",")]


def _show(chain, rest):
    match = _match(rf"({NAME})\s*=\s*(\S.*)", rest, r"show yhat = \hat{y}")
    chain.names[match[1]] = match[2].strip()


def _fresh(chain, name):
    _usable(name)
    if any(name in declared for declared in (chain.definitions, chain.variables, chain.sizes, chain.each)):
        raise ExpressionError(f"{name} is declared twice")


def _usable(name):
    if keyword.iskeyword(name):
        raise ExpressionError(f"{name} is a word of Python: call it {name}_, which is shown without the underscore")
    if name in CONSTANTS:
        raise ExpressionError(f"{name} is a constant")


READERS = {
    "let": _let, "real": _variable("real"), "positive": _variable("positive"), "simplex": _variable("simplex"),
    "index": _index, "size": _size, "each": _each, "show": _show,
}
