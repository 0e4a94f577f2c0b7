"""Faults: where, what was found, what would work, the nearest name."""

from __future__ import annotations

import difflib
import itertools
import re
import reprlib
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import NamedTuple, TypeAlias

MAX_SHOWN = 400
MAX_CALLS = 5
MAX_COMPARED = 2000
MAX_LISTED = 32

Steps: TypeAlias = "str | tuple[Steps, str | int]"


class Place(NamedTuple):
    """A value in a source text.

    Attributes:
        source: The text.
        offset: In characters.
        steps: The way to the value: a JSON pointer, or the way to what holds it and the last key or index. Pointers
            are written out only where they are read: a text of 1 MB may hold many values under long keys.
    """

    source: Source
    offset: int
    steps: Steps

    @property
    def pointer(self) -> str:
        """The JSON pointer."""
        keys: list[str] = []
        steps = self.steps
        while not isinstance(steps, str):
            steps, key = steps
            keys.append(str(key).replace("~", "~0").replace("/", "~1"))
        return "/".join([steps, *reversed(keys)])


@dataclass(frozen=True, eq=False)
class Source:
    """A text that was read, under the name that messages call it by."""

    name: str
    text: str = field(repr=False)

    def locate(self, offset: int) -> tuple[int, int]:
        """Returns line and column, both from 1, of an offset."""
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    @cached_property
    def _starts(self) -> list[int]:
        """The offset at which each line starts."""
        starts = [0]
        while (end := self.text.find("\n", starts[-1])) >= 0:
            starts.append(end + 1)
        return starts


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong with a spec, and where.

    Attributes:
        message: What was found, in one sentence.
        place: Where; `None` only for faults of no single place.
        hint: What would work.
        calls: The block calls that led here, the innermost first.
    """

    message: str
    place: Place | None = None
    hint: str = ""
    calls: tuple[tuple[str, Place], ...] = ()

    def as_dict(self) -> dict[str, object]:
        """Returns the fault as `dlsuite check --json` prints it."""
        if self.place is None:
            where: dict[str, object] = {"file": "", "line": 0, "column": 0, "pointer": ""}
        else:
            line, column = self.place.source.locate(self.place.offset)
            where = {"file": self.place.source.name, "line": line, "column": column, "pointer": self.place.pointer}
        return {**where, "message": self.message, "hint": self.hint}

    def __str__(self) -> str:
        lines = []
        if self.place is None:
            lines.append(self.message)
        else:
            line, column = self.place.source.locate(self.place.offset)
            lines.append(f"{self.place.source.name}:{line}:{column}: {self.message}")
            lines.append(f"    at {self.place.pointer or '/'}")
        inner = self.calls if len(self.calls) <= MAX_CALLS else (*self.calls[: MAX_CALLS - 1], self.calls[-1])
        for i, (block, place) in enumerate(inner):
            line, column = place.source.locate(place.offset)
            if i == MAX_CALLS - 1 and inner is not self.calls:
                lines.append(f"    ... and {len(self.calls) - len(inner)} more")
            lines.append(f"    in block `{block}`, called at {place.source.name}:{line}:{column}")
        if self.hint:
            lines.append(f"    {self.hint}")
        return "\n".join(map(visible, lines))


class DLSuiteError(Exception):
    """A fault of the user's input: shown as its message, never as a traceback.

    Attributes:
        exit_code: What the command line exits with.
    """

    exit_code = 1


class SpecError(DLSuiteError):
    """A spec with faults; lists every one of them.

    Attributes:
        faults: The `Fault`s, in the order of their places.
    """

    exit_code = 2

    def __init__(self, faults: Iterable[Fault]):
        self.faults = sorted(faults, key=_order)
        super().__init__("\n".join(map(str, self.faults)))


class ArgumentError(DLSuiteError):
    """An argument from Python of a kind that it cannot be."""

    exit_code = 2


class PluginError(DLSuiteError):
    """A package of blocks that cannot be read."""

    exit_code = 2


class DataError(DLSuiteError):
    """Data that is missing or corrupt."""

    exit_code = 3


class TrainingError(DLSuiteError):
    """A training that failed, or a claim of `expect` that was not met."""

    exit_code = 4


def check_argument(value: object, kinds: type | tuple[type, ...], called: str, works: str) -> None:
    """Checks the kind of an argument.

    Args:
        value: The argument.
        kinds: What it may be.
        called: What messages call it: `` `spec` of `dlsuite.build` ``.
        works: What would work, in words.

    Raises:
        ArgumentError: It is of another kind.
    """
    if not isinstance(value, kinds):
        found = f"{reprlib.repr(value)}, of type {type(value).__name__}"
        raise ArgumentError(f"{called} is {found}. What would work: {works}.")


def suggest(found: str, known: Iterable[str], *, what: str = "names") -> str:
    """Returns a hint with the nearest known name, or with the known names where they are few."""
    known = sorted(name for name in set(known) if name)
    if near := nearest(found, known):
        return f"Did you mean `{near}`?"
    if not known:
        return f"There are no {what} here."
    if len(known) <= MAX_LISTED:
        return shorten(f"Known {what}: {', '.join(f'`{name}`' for name in known)}.")
    return ""


def nearest(found: str, known: Iterable[str]) -> str | None:
    """Returns the known name that is most like the one found, if one is like it at all."""
    return _nearest(found.lower(), tuple(known))


@lru_cache(maxsize=256)
def _nearest(found: str, known: tuple[str, ...]) -> str | None:
    for name in known:
        if "." in name and name.rpartition(".")[2].lower() == found:  # `ops.eigh` for `eigh`
            return name
    size = len(found)
    lowered = {name.lower(): name for name in known if 2 * abs(len(name) - size) <= size + 1}
    near = difflib.get_close_matches(found, itertools.islice(lowered, MAX_COMPARED), n=1, cutoff=0.65)
    return lowered[near[0]] if near else None


def shorten(text: str) -> str:
    """Returns a text as messages show it: its middle left out where it is long."""
    return text if len(text) <= MAX_SHOWN else f"{text[: MAX_SHOWN - 100]} ... {text[-90:]}"


def visible(text: str) -> str:
    """Returns a text with what would act on a terminal, turn its direction, or be no UTF-8, written as escapes."""
    return _UNSEEN.sub(lambda match: ascii(match[0])[1:-1], text)


_UNSEEN = re.compile("[\\x00-\\x1f\\x7f-\\x9f\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069\\ud800-\\udfff]")


def _order(fault: Fault) -> tuple[str, int]:
    if fault.place is None:
        return "", 0
    return fault.place.source.name, fault.place.offset


def plural(noun: str) -> str:
    """Returns a noun in the plural: `losses`, `strategies`, `layers`."""
    if noun.endswith("y"):
        return f"{noun[:-1]}ies"
    return f"{noun}es" if noun.endswith("s") else f"{noun}s"
