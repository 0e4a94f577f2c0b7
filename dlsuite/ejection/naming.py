"""Names: of layers, numbered as the spec's builder numbers them; of wires, as variables or as items of dictionaries."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from dlsuite.ejection import outlines
from dlsuite.ejection.formulas import Names, NotPlain, formula, names_in
from dlsuite.ejection.layout import quoted
from dlsuite.ejection.outlines import Site

RESERVED = frozenset((
    "build", "constraints", "dtype", "enumerate", "initializers", "int", "keras", "keras_cv", "keras_hub",
    "layers", "len", "losses", "math", "max", "metrics", "min", "name", "named", "numbered", "once", "ops",
    "options", "range", "regularizers", "round", "shared", "str", "sum", "trainable", "unique",
))  # fmt: skip
"""Names that the printed code uses itself."""

UNCLEAR = ("l", "O", "I")
_HOLE = re.compile(r"\{([^{}]*)\}")


def variable(text: str, taken: Iterable[str]) -> str:
    """Returns a variable's name for a wire: as it is where that can be, else with underscores behind."""
    name = re.sub(r"\W", "_", text, flags=re.ASCII)
    if name in UNCLEAR or not name.strip("_") or not name.isidentifier():
        name = f"{name}_wire"
    while name in taken or keyword.iskeyword(name):
        name += "_"
    return name


def text_of(raw: str, names: Names, prefix: str = "") -> str:
    """Returns the code of a string with braces filled, after a prefix that itself may hold a brace: `{name}.`."""
    pieces = re.split(r"\{([^{}]*)\}", raw)
    if any("{" in piece or "}" in piece for piece in pieces[::2]):
        raise NotPlain(f"`{raw[:60]}` has an unpaired brace.")
    if not all(re.fullmatch(r"[A-Za-z0-9_.]*", piece) for piece in pieces[::2]):
        raise NotPlain(f"`{raw[:60]}` is no name.")
    holes = [formula(piece, names) for piece in pieces[1::2]]
    if not holes and "{" not in prefix:
        return quoted(prefix + raw)
    if not re.search(r"['\"\\{}#]", "".join(holes)):
        filled = [*holes, ""]
        return f'f"{prefix}{"".join(f"{a}{{{b}}}" if b else a for a, b in zip(pieces[::2], filled, strict=True))}"'
    start = f'f"{prefix}{pieces[0]}"' if "{" in prefix else quoted(prefix + pieces[0])
    rest = [
        f"str({hole})" + (f" + {quoted(piece)}" if piece else "")
        for hole, piece in zip(holes, pieces[2::2], strict=True)
    ]
    return " + ".join([start, *rest])


@dataclass
class Numbers:
    """How the calls of one body are numbered.

    Attributes:
        given: Names that calls have of their own, and names that Keras knows others by.
        counting: Bases that are counted while the printed code runs: how many came before is not known earlier.
    """

    given: frozenset[str]
    counting: frozenset[str]
    counts: dict[str, int] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, sites: Sequence[Site], reserved: Iterable[str], indices: Iterable[str]) -> Numbers:
        """Returns the numbering of a body of these calls, with these loop indices.

        Raises:
            NotPlain: Names made in a repeat, or calls in a shared one, would have to be counted along.
        """
        counted = [site for site in sites if site.counted]
        own = {site.given["name"] for site in counted if "name" in site.given}
        bases: dict[str, list[Site]] = {}
        for site in counted:
            if "name" not in site.given:
                bases.setdefault(site.base, []).append(site)
        counting = {base for base, those in bases.items() if _is_counting(those)}
        mixed = {base for base in bases for other in counting if re.fullmatch(rf"{re.escape(other)}_\d+", base)}
        counting |= mixed | {re.sub(r"_\d+$", "", base) for base in mixed}
        for base in counting:
            if any(site.shared for site in bases.get(base, ())):
                raise NotPlain(f"Calls of `{base}` without names, some optional or repeated, in a shared Repeat.")
        patterns = [_pattern(name, frozenset(indices)) for name in own if "{" in name]
        for base in bases:
            if any(_may_be(pattern, base) for pattern in patterns):
                raise NotPlain(f"Names made in braces may be those that calls of `{base}` are numbered with.")
        given = frozenset({*(name for name in own if "{" not in name), *reserved})
        return cls(given, frozenset(counting))

    def next(self, base: str) -> str:
        """Returns the next name of a base that is not counted while the code runs."""
        while True:
            number = self.counts.get(base, 0)
            self.counts[base] = number + 1
            name = f"{base}_{number}" if number else base
            if name not in self.used and name not in self.given:
                self.used.add(name)
                return name

    def taken(self) -> list[str]:
        """Returns the given names that counting has to leave alone."""
        return sorted(
            name
            for name in self.given
            if any(re.fullmatch(rf"{re.escape(base)}(_\d+)?", name) for base in self.counting)
        )


def _is_counting(those: list[Site]) -> bool:
    return any(site.repeated or (site.optional and site is not those[-1]) for site in those)


def _pattern(name: str, indices: frozenset[str] = frozenset()) -> str:
    """Returns a regular expression of what a name with braces may become."""
    pieces = _HOLE.split(name)
    holes = [r"-?\d+" if names_in(piece) and names_in(piece) <= indices else ".+" for piece in pieces[1::2]]
    return "".join(re.escape(piece) + hole for piece, hole in zip(pieces[::2], [*holes, ""], strict=True))


def _may_be(pattern: str, base: str) -> bool:
    return any(re.fullmatch(pattern, f"{base}{ending}") for ending in ("", "_1", "_12"))


class Wires:
    """The wires of one body: which of them are read, and as what.

    Args:
        layers: The body's calls.
        inputs: Names of what comes in.
        outputs: Names of the wires that go out, where they are declared.
        taken: Names that variables may not have.
    """

    def __init__(self, layers: Any, inputs: Sequence[str], outputs: Sequence[str], taken: Iterable[str]):
        structures = list(outlines.structures(layers))
        self.read = {wire for _, given in structures for wire in outlines.wires_read(given.get("inputs"))} | {*outputs}
        self.bound = {wire for _, given in structures for wire in outlines.bindings(given)}
        self.inputs = tuple(inputs)
        self.brief = _brief(layers, self.read | self.bound)
        self.loose = [_split(wire) for wire in sorted(self.read | self.bound) if "{" in wire]
        self.taken = set(taken)
        self.names: dict[str, str] = {}
        self.tables: dict[tuple[str, ...], str] = {}
        for wire in (*inputs, *sorted(self.bound)):
            plain = "{" not in wire or wire in self.brief
            if wire in inputs or (plain and self._table(wire) is None and self.is_read(wire)):
                self.variable(wire)

    def variable(self, wire: str) -> str:
        """Returns the variable of a wire."""
        if wire not in self.names:
            self.names[wire] = self.fresh("_".join(_split(wire)[0]) if wire in self.brief else wire or "x")
        return self.names[wire]

    def fresh(self, name: str) -> str:
        """Returns a variable that no wire has."""
        name = variable(name, self.taken)
        self.taken.add(name)
        return name

    def is_read(self, wire: str) -> bool:
        """Returns whether anything reads a wire."""
        if "{" not in wire and self._table(wire) is None:
            return wire in self.read or any(name.rpartition(".")[0] == wire for name in self.read)
        words, keys = _split(wire)
        if words and keys:
            return any(split[0] == words and len(split[1]) == len(keys) for split in map(_split, self.read))
        unbound = self.read - self.bound - {*self.inputs}
        return any("{" in name or re.fullmatch(_pattern(wire), name) for name in unbound)

    def items_read(self, wire: str) -> list[str]:
        """Returns the items that are read of a wire: `["mean"]` for `encoder.mean`."""
        return [name.rpartition(".")[2] for name in self.read if name.rpartition(".")[0] == wire]

    def place(self, wire: str, names: Names) -> str | None:
        """Returns where a wire is kept: a variable, or an item of a dictionary; `None` for what is not there."""
        found = self._table(wire)
        if found is not None:
            table, keys = found
            return f"{self._named(table)}[{', '.join(_key(key, names) for key in keys)}]"
        if wire in self.brief:
            return self.variable(wire)
        if "{" in wire:
            whole = re.fullmatch(r"\{([^{}]*)\}", wire)
            key = formula(whole[1], names) if whole else text_of(wire, names)
            return f"{self._named(())}[{key}]"
        if wire in self.bound or wire in self.inputs:
            return self.variable(wire)
        if any(re.fullmatch(_pattern(other), wire) for other in self.bound if "{" in other):
            return f"{self._named(())}[{quoted(wire)}]"
        return None

    def _table(self, wire: str) -> tuple[tuple[str, ...], list[str]] | None:
        """Returns the dictionary and key of a wire that is read or bound by number: `skip_{i}_0`, `skip_2_1`."""
        words, keys = _split(wire)
        if not words or not keys or wire in self.inputs or wire in self.brief:
            return None
        for other, theirs in self.loose:
            if other == words and len(theirs) == len(keys):
                return words, keys
        return None

    def _named(self, table: tuple[str, ...]) -> str:
        if table not in self.tables:
            self.tables[table] = self.fresh("_".join(table) or "wires")
        return self.tables[table]


def _brief(layers: Any, wires: set[str]) -> set[str]:
    """Returns the wires with braces that only live within a round of their loop: bound first, then read, as written."""
    uses: dict[str, list[tuple[bool, tuple[int, ...]]]] = {}
    for wire, binds, loops in outlines.uses(layers):
        uses.setdefault(wire, []).append((binds, loops))
    splits = {wire: _split(wire) for wire in wires}
    found = set()
    for wire, those in uses.items():
        words, keys = splits.get(wire, ((), []))
        alike = [one for one, (other, theirs) in splits.items() if other == words and len(theirs) == len(keys)]
        alone = "{" in wire and bool(words) and bool(keys) and alike == [wire]
        if alone and those[0][0] and those[0][1] and all(loops == those[0][1] for _, loops in those):
            found.add(wire)
    return found


def _split(wire: str) -> tuple[tuple[str, ...], list[str]]:
    """Returns the words that a wire's name starts with and the numbers or braces that it ends in."""
    pieces = re.findall(r"(?:\{[^{}]*\}|[^_{}])+|_", wire)
    parts = [piece for piece in pieces if piece != "_"]
    keys: list[str] = []
    while parts and (re.fullmatch(r"\{[^{}]*\}", parts[-1]) or re.fullmatch(r"0|[1-9]\d*", parts[-1])):
        keys.insert(0, parts.pop())
    clean = "_".join([*parts, *keys]) == wire and not any("{" in part for part in parts)
    return (tuple(parts), keys) if clean else ((), [])


def _key(key: str, names: Names) -> str:
    return formula(key[1:-1], names) if key.startswith("{") else key
