"""`Residual`, `Parallel`, `Repeat` and `Reuse` as statements: what nests chains in chains."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from dlsuite.ejection import outlines
from dlsuite.ejection.calling import Caller
from dlsuite.ejection.components import is_word
from dlsuite.ejection.formulas import NotPlain
from dlsuite.ejection.layout import Call, Code, Items, flat, quoted
from dlsuite.ejection.naming import variable
from dlsuite.ejection.outlines import Given

CHAIN = ("x", "y", "z", "u", "v", "w")
"""What passes down a chain is called `x`; down one nested in it, `y`."""


LONG = 70
"""Rows of more characters than these do not stand in the line of a loop."""


class Structures(Caller, ABC):
    """Writes structures; the chains in them are written by what inherits from it."""

    def residual(self, given: Given, previous: Any, target: str, wanted: bool) -> Any:
        start = self.start(given, previous, [given["layers"]])
        inner = self.inner(start)
        with self.holding(start):
            end = self.one(self.chain(given["layers"], start, inner, True))
        around = start
        if "shortcut" in given:
            around = self.shortcut(given["shortcut"], start, end)
        name, arguments = outlines.merging("Residual", given)
        return self.dispatch(name, arguments, None, target, wanted, [around, end])

    def shortcut(self, layers: Any, start: str, end: str) -> str:
        """Writes the way round, taken where the shapes differ, and returns where it ends."""
        if any(wire in self.wires.bound and self.wires.is_read(wire) for wire in outlines.binds(layers)):
            raise NotPlain("A shortcut that binds wires.")
        for site in outlines.sites(layers):
            if site.counted and "name" not in site.given and site.base in self.numbers.counting:
                if site.repeated:
                    raise NotPlain("A repeat without names in a shortcut.")
                self.counted[id(site.given)] = self.wires.fresh(f"{site.base}_name")
                self.uses.add("unique")
                self.writer.assign(self.counted[id(site.given)], f"unique({quoted(site.base)})")
        around = start
        named = {place for wire, place in self.wires.names.items() if wire}
        if start in self.held or start in named:
            around = self.wires.fresh("shortcut")
            self.writer.assign(around, start)
        with self.holding(end), self.writer.block("if ", f"{end}.shape != {start}.shape"):
            made = self.one(self.chain(layers, start, around, True))
            if made != around:
                self.writer.assign(around, made)
        self.numbers.next("shortcut") if "shortcut" not in self.numbers.counting else self.writer.say(
            'unique("shortcut")'
        )
        return around

    def parallel(self, given: Given, previous: Any, target: str, wanted: bool) -> Any:
        branches = given["branches"]
        first = outlines.reads_previous({"Parallel": {"branches": branches}})
        start = self.start(given, previous, branches) if "inputs" in given or first else None
        ends: list[str] = []
        with self.holding(*([start] if start else [])):
            for branch in branches:
                with self.holding(*ends):
                    ends.append(self.one(self.chain(branch, start, self.inner(start), True)))
        name, arguments = outlines.merging("Parallel", given)
        return self.dispatch(name, arguments, None, target, wanted, ends)

    def repeat(self, given: Given, previous: Any, target: str, wanted: bool) -> Any:
        layers = given["layers"]
        first = outlines.flows_in(layers)
        carried = first or wanted
        start = self.one(self.read(given["inputs"], previous)) if "inputs" in given else previous
        always = isinstance(given.get("times", 1), int) and given.get("times", 1) > 0
        if carried and start is not None and start != target and (first or not always):
            self.writer.assign(target, self.one(start))
        before, over, outer = self.header(given)
        self.loops.append(given.get("shared") is True)
        with self.writer.block(before, over):
            made = self.chain(layers, target if first else None, target, carried)
            if carried and made != target and made is not None:
                self.writer.assign(target, self.one(made))
        self.loops.pop()
        self.locals = outer
        value = target if carried else None
        if any(map(self.wires.is_read, outlines.bindings(given))):
            return self.bind(given, self.one(value), target, wanted)
        return value

    def header(self, given: Given) -> tuple[str, Code, dict[str, str]]:
        """Returns a loop's first line, opening names for its index and item; and the names known before."""
        over: Code
        if "times" in given:
            over = Call("range", (self.components.value(given["times"], self.name),))
        else:
            over = self.over(given)
        outer = dict(self.locals)
        read, loop = outlines.names_read(given["layers"]), {}
        for key in ("index", "item"):
            if given.get(key) in read:
                loop[key] = self.loop_variable(given[key])
        if "items" in given:
            items = [self.loop_variable(name) if name in read else "_" for name in given["items"]]
            loop["item"] = f"({', '.join(items)})" if "index" in loop else ", ".join(items)
        if "times" in given:
            return f"for {loop.get('index', '_')} in ", over, outer
        if "index" in loop:
            return f"for {loop['index']}, {loop.get('item', '_')} in ", Call("enumerate", (over,)), outer
        return f"for {loop.get('item', '_')} in ", over, outer

    def loop_variable(self, name: str) -> str:
        """Opens a name for what a loop counts or walks, and returns its variable."""
        if not is_word(name):
            raise NotPlain(f"`{name}` is no name.")
        code = variable(name, {*self.wires.taken, *self.locals.values()} - {name})
        if code in self.wires.names.values():
            code = self.wires.fresh(code)
        self.wires.taken.add(code)
        self.locals[name] = code
        return code

    def over(self, given: Given) -> Code:
        """Returns what a loop walks; rows of plain values that fill lines are a constant of the module."""
        made = self.components.value(given["over"], self.name)
        rows = isinstance(made, Items) and any(isinstance(item, Items) for item in made.items)
        if not rows or len(flat(made)) <= LONG or outlines.names_read(given["over"]):
            return made
        for name, code in self.rows.items():
            if code == made:
                return name
        taken = {*self.wires.taken, *self.locals.values(), *self.rows}
        name = variable(f"{given.get('item') or 'row'}s".upper(), taken)
        self.rows[name] = made
        return name

    def reuse(self, given: Given, previous: Any, target: str, wanted: bool) -> Any:
        if given["layer"] not in self.layer_names:
            raise NotPlain("A layer that is reused, named in braces.")
        name, first, code = self.layer_names[given["layer"]]
        if name in self.callables:
            again = {key: value for key, value in first.items() if key not in ("inputs", "name", "to", "when")}
            own = {key: given[key] for key in ("inputs", "name", "to") if key in given}
            return self.callable(name, {**again, **own}, previous, target, wanted, None, code)
        made = Call(code, self.layer_inputs(name, given, previous, None))
        return self.bind(given, made, target, wanted)

    def start(self, given: Given, previous: Any, chains: Sequence[Any]) -> str:
        """Returns where what a structure reads is kept, safe from what its chains bind anew."""
        start = self.one(self.read(given["inputs"], previous) if "inputs" in given else previous)
        bound = {place for chain in chains for wire in outlines.binds(chain) if (place := self.kept(wire))}
        if start not in bound:
            return start
        copy = self.wires.fresh(f"{start}_before")
        self.writer.assign(copy, start)
        return copy

    def inner(self, start: str | None) -> str:
        """Returns the variable of a nested chain."""
        used = {*self.held, start, *self.wires.taken}
        for name in CHAIN:
            if name not in used:
                return name
        return self.wires.fresh("x")

    @contextmanager
    def holding(self, *values: str) -> Iterator[None]:
        """Keeps variables from being used for anything else meanwhile."""
        self.held += values
        try:
            yield
        finally:
            del self.held[len(self.held) - len(values) :]

    @abstractmethod
    def chain(self, layers: Any, start: Any, target: str, wanted: bool) -> Any:
        """Writes a chain and returns what its last call makes."""

    @abstractmethod
    def dispatch(self, name: str, given: Given, previous: Any, target: str, wanted: bool, ends: Any = None) -> Any:
        """Writes a call and returns where what it makes is kept; `ends` are what a merge reads."""
