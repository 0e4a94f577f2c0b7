"""Statements written one after the other, with their indents."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from dlsuite.ejection.layout import STEP, WIDTH, Code, flat, lines, remark


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
        return [line for indent, before, code, after in self.statements for line in lines(code, indent, before, after)]
