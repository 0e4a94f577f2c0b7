"""Bodies of blocks and networks: chains of calls as statements of Python."""

from __future__ import annotations

from typing import Any

from dlsuite.ejection import outlines
from dlsuite.ejection.formulas import NotPlain, formula
from dlsuite.ejection.outlines import Given, written
from dlsuite.ejection.structures import Structures
from dlsuite.spec.expressions import is_expression
from dlsuite.spec.structure import STRUCTURE


class Body(Structures):
    """Writes the calls of one block or network."""

    def chain(self, layers: Any, start: Any, target: str, wanted: bool) -> Any:
        """Writes a chain and returns what its last call makes.

        Args:
            layers: The calls.
            start: What the first one reads.
            target: The variable for what has no wire of its own.
            wanted: Whether something reads what the last one makes.
        """
        value = start
        for i, raw in enumerate(layers):
            value = self.call(raw, value, target, outlines.flows(layers[i + 1 :], wanted))
        return value

    def call(self, raw: Any, previous: Any, target: str, wanted: bool) -> Any:
        """Writes a call, under an `if` where it has a `when`."""
        name, given = written(raw)
        if outlines.left_out(given):
            return previous
        if not outlines.optional(given):
            self.tell(given)
            return self.dispatch(name, given, previous, target, wanted)
        if not is_expression(given["when"]):
            raise NotPlain("A `when` that is no expression.")
        if wanted and previous is not None and previous != target:
            self.writer.assign(target, self.one(previous))
            previous = target
        with self.writer.block("if ", formula(given["when"][1:], self.name)):
            self.tell(given)
            made = self.dispatch(name, given, previous, target, wanted)
            if wanted and made != target:
                self.writer.assign(target, self.one(made))
        return target if wanted else None

    def tell(self, given: Given) -> None:
        """Writes a call's remark."""
        if isinstance(given.get("about"), str) and given["about"].strip():
            self.writer.remark(given["about"])

    def dispatch(self, name: str, given: Given, previous: Any, target: str, wanted: bool, ends: Any = None) -> Any:
        """Writes a call and returns where what it makes is kept; `ends` are what a merge reads."""
        if name in STRUCTURE:
            write = {"Residual": self.residual, "Parallel": self.parallel, "Repeat": self.repeat, "Reuse": self.reuse}
            return write[name](given, previous, target, wanted)
        if name in self.callables:
            return self.callable(name, given, previous, target, wanted, ends)
        if name.startswith("ops."):
            return self.op(name, given, previous, target, wanted, ends)
        return self.layer(name, given, previous, target, wanted, ends)
