"""Statements written one after the other, with their indents."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import combinations, islice

from dlsuite.ejection.layout import STEP, WIDTH, Call, Code, Items, flat, lines, quoted, remark

FEW = 3
MOST_TRIED = 500
KEPT = ("shared", "trainable", "dtype", "name")
"""Arguments that stay with their call."""


class Writer:
    """Collects the lines of a function's body.

    Args:
        indent: Of its statements, in characters.
    """

    def __init__(self, indent: int = STEP):
        self.indent = indent
        self.statements: list[tuple[int, str, Code, str]] = []
        self._closed: tuple[int, int, str] | None = None

    def say(self, text: str) -> None:
        """Writes a statement."""
        self.statements.append((self.indent, "", text, ""))

    def assign(self, target: str, code: Code) -> None:
        """Writes an assignment."""
        self.statements.append((self.indent, f"{target} = ", code, ""))

    def default(self, name: str, code: Code) -> None:
        """Writes what an argument is where it is not given."""
        whole = f"{flat(code)} if {name} is None else {name}"
        if self.indent + len(f"{name} = {whole}") <= WIDTH and " if " not in flat(code):
            self.assign(name, whole)
        else:
            with self.block("if ", f"{name} is None"):
                self.assign(name, code)

    def remark(self, text: str) -> None:
        """Writes a comment."""
        for line in remark(text, 0):
            self.say(line)

    @contextmanager
    def block(self, before: str, code: Code) -> Iterator[None]:
        """Indents what is written meanwhile under `if`, `for` or the like; the same `if` twice running is one."""
        key = len(self.statements), self.indent, f"{before}{code}"
        start = len(self.statements)
        if self._closed != key or not before.startswith("if "):
            self.statements.append((self.indent, before, code, ":"))
        head = len(self.statements)
        self.indent += STEP
        yield
        self.indent -= STEP
        if len(self.statements) == head:
            del self.statements[start:]
        else:
            self._closed = len(self.statements), self.indent, key[2]

    def give(self, code: Code) -> None:
        """Writes the return of a function; what was assigned just before is returned at once."""
        indent, before, made, _ = self.statements[-1] if self.statements else (-1, "", "", "")
        if indent == self.indent and before and before == f"{code} = ":
            self.statements.pop()
            code = made
        self.statements.append((self.indent, "return ", code, ""))

    def lines(self) -> list[str]:
        """Returns what was written."""
        return [line for statement in self.statements for line in _lines(*statement)]


def _lines(indent: int, before: str, code: Code, after: str) -> list[str]:
    """Returns a statement; where a call would take a line for each argument, some go to a line of `options` first."""
    whole = lines(code, indent, before, after)
    layer = isinstance(code, Call) and isinstance(code.function, Call)
    called = code.function if layer else code
    if len(whole) <= FEW or after or not isinstance(called, Call):
        return whole
    keywords = [one for one in called.arguments if isinstance(one, tuple) and one[0] not in KEPT]
    choices = (moved for count in range(2, len(keywords) + 1) for moved in combinations(reversed(keywords), count))
    for choice in islice(choices, MOST_TRIED):
        moved = [one for one in keywords if one in choice]
        options = lines(Items("{", tuple((quoted(key), value) for key, value in moved)), indent, "options = ")
        first = [
            one for one in called.arguments if one not in moved and not (isinstance(one, tuple) and one[0] in KEPT)
        ]
        last = [one for one in called.arguments if isinstance(one, tuple) and one[0] in KEPT]
        shorter = Call(called.function, (*first, "**options", *last))
        rest = lines(Call(shorter, code.arguments) if layer else shorter, indent, before, after)  # type: ignore[union-attr]
        if len(options) == 1 and len(rest) <= FEW:
            return [*options, *rest]
    return whole
