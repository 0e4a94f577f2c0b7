"""Outputs of calls: the statements that keep them where their wires say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dlsuite.ejection import outlines
from dlsuite.ejection.formulas import NotPlain
from dlsuite.ejection.layout import Code, quoted
from dlsuite.ejection.outlines import Given
from dlsuite.ejection.reading import Reader


@dataclass(frozen=True)
class Many:
    """Several outputs by name, each as code."""

    items: Mapping[str, str]


class Binder(Reader):
    """Writes what calls make to variables and items of dictionaries."""

    def bind(
        self,
        given: Given,
        made: Code,
        target: str,
        wanted: bool,
        items: Sequence[str] = (),
        *,
        keyed: bool = False,
        count: int | None = None,
    ) -> Any:
        """Writes what a call makes to where its wires are kept, and returns where the next call reads it.

        Args:
            items: Names of the outputs of a block or network that has several.
            keyed: Whether it gives them by name, as networks do.
            count: How many outputs it has, where that is known.
        """
        names = outlines.bindings(given)
        if isinstance(given.get("to"), list):
            places = [self.wires.place(wire, self.name) if self.wires.is_read(wire) else "_" for wire in names]
            if keyed:
                self.writer.assign(target, made)
                made = ", ".join(f"{target}[{quoted(item)}]" for item in items)
            known = len(items) or count
            rest = ["*_"] if known is None else ["_"] * (known - len(places))
            self.writer.assign(", ".join(map(str, [*places, *rest])), made)
            self.set |= {*map(str, places)}
            return Many(dict(zip(items or map(str, range(len(places))), map(str, places), strict=False)))
        wire = names[0] if names else None
        if items and not keyed:
            return self.unpack(wire, made, items)
        place = self.wires.place(wire, self.name) if wire is not None and self.wires.is_read(wire) else None
        if place is None or "[" in place:
            if place is None or wanted:
                self.writer.assign(target, made)
            if place is not None:
                self.writer.assign(place, target if wanted else made)
            kept = target if place is None or wanted else place
        else:
            self.writer.assign(place, made)
            self.set.add(place)
            kept = place
        return Many({item: f"{kept}[{quoted(item)}]" for item in items}) if items else kept

    def unpack(self, wire: str | None, made: Code, items: Sequence[str]) -> Many:
        """Writes several outputs of a block to variables."""
        if wire is not None and "{" in wire:
            raise NotPlain("Several outputs under a name with braces.")
        places = {item: self.wires.variable(f"{wire}.{item}" if wire else f".{item}") for item in items}
        self.writer.assign(", ".join(places.values()), made)
        self.set |= {*places.values()}
        for item in items if wire else ():
            self.wires.names[f"{wire}.{item}"] = places[item]
        return Many(places)

    def kept(self, wire: str) -> str | None:
        """Returns the variable of a wire that something reads."""
        return self.wires.names.get(wire) if self.wires.is_read(wire) else None
