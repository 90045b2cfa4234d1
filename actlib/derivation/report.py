"""What a check found, readable by people and by programs."""

from dataclasses import dataclass, field

from .errors import DerivationError


@dataclass(frozen=True)
class Step:
    """One line of a derivation and the verdict on it.

    Attributes
    ----------
    relation : str
        ``=``, ``<=``, ``>=``, ``<``, ``>``; empty for the first line, from which the chain starts.
    source : str
        The expression as written.
    reason : str
        Why, in the author's words.
    line : int
        Where in the file.
    status : str
        ``start``, ``exact``, ``tested``, ``assumed``, ``failed`` or ``unchecked`` (something before it is malformed).
    badge : str
        Exactly what was checked: "exact", "exact (K = 2, 3)", "50 digits at 12 points", "assumed".
    counterexample : str
        For a failed step, where and how it fails.
    names : dict
        How names are shown.
    """

    relation: str
    source: str
    reason: str
    line: int
    status: str = "start"
    badge: str = ""
    counterexample: str = ""
    names: dict[str, str] = field(default_factory=dict, repr=False)

    @property
    def ok(self) -> bool:
        """Whether the line stands: checked, or marked [assumed]."""
        return self.status not in ("failed", "unchecked")

    @property
    def latex(self) -> str:
        """The line as LaTeX, relation included."""
        from .language import parse
        from .latex import RELATION_SIGNS, Printer

        sign = RELATION_SIGNS[self.relation] + " " if self.relation else ""
        return sign + Printer(self.names)(parse(self.source))

    def __str__(self):
        verdict = "FAILED" if self.status == "failed" else self.badge
        text = f"  {self.relation:>2} {self.source:<60} {verdict:<24} {self.reason}".rstrip()
        return text + (f"\n       line {self.line}: {self.counterexample}" if self.counterexample else "")


@dataclass(frozen=True)
class Report:
    """The verdict on a derivation.

    Attributes
    ----------
    steps : tuple of Step
        All lines, the first included.
    problems : tuple of (int, str)
        Malformed declarations: line and message.
    name, path : str or None
        Of the derivation and its file.
    """

    steps: tuple[Step, ...]
    problems: tuple[tuple[int, str], ...] = ()
    name: str | None = None
    path: str | None = None

    @property
    def ok(self) -> bool:
        """Whether every step holds and nothing is malformed."""
        return not self.problems and all(step.ok for step in self.steps)

    @property
    def failures(self) -> tuple[tuple[int, str], ...]:
        """(line, message) of everything that is wrong."""
        found = [*self.problems]
        for number, step in enumerate(self.steps):
            if step.counterexample:
                found.append((step.line, f"step {number}: {step.relation} {step.source}: {step.counterexample}"))
        return tuple(found)

    def raise_if_failed(self) -> None:
        """Raise `DerivationError` with file, line, step and counterexample unless everything holds."""
        if not self.ok:
            where = self.path or "line"
            lines = [f"{where}:{line}: {message}" for line, message in self.failures]
            raise DerivationError("\n".join([f"derivation {self.name or ''} does not hold".replace("  ", " "), *lines]))

    def __str__(self):
        head = self.name or "derivation"
        count = sum(step.status in ("exact", "tested") for step in self.steps)
        assumed = sum(step.status == "assumed" for step in self.steps)
        if self.ok:
            head += f": {count} step{'s' * (count != 1)} checked" + f", {assumed} assumed" * (assumed > 0)
        else:
            head += ": does not hold"
        problems = [f"     line {line}: {message}" for line, message in self.problems]
        return "\n".join([head, *problems, *map(str, self.steps)])
