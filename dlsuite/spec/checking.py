"""The checker: reads values, components and keys of a document, and collects every fault on the way."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from dlsuite.spec import expressions, roots
from dlsuite.spec.arguments import faults_of, phrase, unquoted
from dlsuite.spec.belonging import Section, hint_for, initials_of
from dlsuite.spec.catalogue import KINDS, Catalogue
from dlsuite.spec.document import Array, Object, describe
from dlsuite.spec.errors import Fault, Place, SpecError, nearest, plural, shorten, suggest
from dlsuite.spec.expressions import ExpressionError, Symbol
from dlsuite.spec.habits import INSTEAD, instead_of, named_by_key
from dlsuite.spec.plan import Component
from dlsuite.spec.replicas import UNSUPPORTED

MAX_SECONDS = 5.0
MAX_FAULTS = 1000
MAX_PARTS = 1_000_000

FAULTY = Symbol("")
"""Stands for a value that was at fault, so that one mistake is reported once."""

Names = Mapping[str, Any]


class Checker:
    """Collects faults; `names` arguments say what the names of expressions stand for at that place.

    Attributes:
        faults: What was found so far.
        unknown: Facts that were needed and that only the data knows.
        calls: The block calls that lead to where the checker is, the innermost first.
        known: Names by kind (`network`, `output`, `target`) that arguments may refer to.
        blocks: Names of the spec's own blocks, which are called and are no component of another.
        sections: By what messages call them.
        folder: The folder that paths are relative to; `None` where they are not looked at.
    """

    def __init__(self, catalogue: Catalogue, folder: Path | None = None):
        self.catalogue = catalogue
        self.folder = folder
        self.faults: list[Fault] = []
        self.unknown: set[str] = set()
        self.calls: tuple[tuple[str, Place], ...] = ()
        self.known: dict[str, Iterable[str]] = {}
        self.blocks: Iterable[str] = ()
        self.sections: Mapping[str, Section] = {}
        self.deadline = time.thread_time() + MAX_SECONDS
        self._seen: set[tuple[Place, str]] = set()

    def fault(self, message: str, place: Place, hint: str = "") -> None:
        """Adds a fault, once a place and form of message: a loop may meet the same one with other values."""
        message = shorten(message)
        key = place, _VALUES.sub("", message)
        if key not in self._seen:
            self._seen.add(key)
            self.faults.append(Fault(message, place, shorten(hint), self.calls))
        if len(self.faults) >= MAX_FAULTS:
            raise SpecError(self.faults)
        self.in_time(place)

    def stop(self, message: str, place: Place, hint: str = "") -> SpecError:
        """Returns the error to raise where going on would be unbounded."""
        self.fault(message, place, hint)
        return SpecError(self.faults)

    def in_time(self, place: Place) -> None:
        """Raises once checking has taken longer than a spec may take: in time of its own, whatever else runs."""
        if time.thread_time() > self.deadline:
            self.deadline = math.inf
            raise self.stop(f"Checking took more than {MAX_SECONDS:g} seconds.", place, "Make the spec smaller.")

    def keys(self, value: Object, allowed: Iterable[str], owner: str) -> None:
        """Reports each key that is not allowed."""
        allowed = tuple(allowed)
        for key in value:
            if key not in allowed:
                hint = suggest(key, allowed, what="keys")
                if owner in self.sections:
                    hint = hint_for(key, value, owner, self.sections, self.catalogue)
                self.fault(f"{owner} has no `{key}`.", value.keys_at[key], hint)

    def object(self, value: Any, place: Place, owner: str) -> Object:
        """Returns the value if it is an object, else an empty one, after a fault."""
        if isinstance(value, Object):
            return value
        self.fault(f"{owner} is {describe(value)}.", place, "An object goes there.")
        return Object(place)

    def array(self, value: Any, place: Place, owner: str) -> Array:
        """Returns the value if it is an array, else an empty one, after a fault."""
        if isinstance(value, Array):
            return value
        self.fault(f"{owner} is {describe(value)}.", place, "A list goes there.")
        return Array(place)

    def value(self, raw: Any, place: Place, names: Names) -> Any:
        """Returns a value with its expressions evaluated; `Symbol`s stand for what is unknown or at fault."""
        if isinstance(raw, str):
            if raw[:1] != "=":
                return raw
            return raw[1:] if raw[:2] == "==" else self._evaluate(raw, place, names)
        if isinstance(raw, Array | Object):
            self.in_time(place)
            return self._bounded(self._parts(raw, names), place)
        return raw

    def _parts(self, raw: Array | Object, names: Names) -> Array | Object:
        """Returns an array or object with the expressions inside evaluated."""
        if isinstance(raw, Array):
            array = Array(raw.place)
            array.extend(self._part(item, at, names) for item, at in zip(raw, raw.places, strict=True))
            array.places = raw.places
            return array
        result = Object(raw.place)
        for key, item in raw.items():
            result.put(key, self._part(item, raw.places[key], names), raw.places[key], raw.keys_at[key])
        return result

    def _part(self, raw: Any, place: Place, names: Names) -> Any:
        return self._parts(raw, names) if isinstance(raw, Array | Object) else self.value(raw, place, names)

    def _bounded(self, value: Any, place: Place) -> Any:
        """Returns a value unless lists of lists made it enormous."""
        if expressions.size(value, MAX_PARTS) > MAX_PARTS:
            self.fault(f"A value of more than {MAX_PARTS:,} parts.", place, "Lists that hold lists grow fast.")
            return FAULTY
        return value

    def name(self, raw: Any, place: Place, names: Names, owner: str = "A name") -> str | Symbol:
        """Returns a name with its braces filled."""
        if not isinstance(raw, str):
            self.fault(f"{owner} is {describe(raw)}.", place, "A string goes there.")
            return FAULTY
        if "{" not in raw and "}" not in raw:
            return raw
        try:
            return self._noted(expressions.interpolate(raw, names))
        except ExpressionError as error:
            self.fault(str(error), place, error.hint)
            return FAULTY

    def typed(self, raw: Any, place: Place, schema: Mapping[str, Any], names: Names, owner: str) -> Any:
        """Returns a value after checking it against an argument's schema; `FAULTY` if it does not fit."""
        value = self.value(raw, place, names)
        if isinstance(value, Symbol):
            return value
        outer = {"type": schema["type"]} if "type" in schema else {}
        found = faults_of(value, outer if has_symbol(value) else schema)
        if found:
            origin = _origin(raw, names) if expressions.is_expression(raw) else ""
            meant = f'Write "={raw}" for the value of `{raw}`.' if isinstance(raw, str) and raw in names else ""
            self.fault(f"{owner} {found[0]}.", place, " ".join(filter(None, (origin, meant or found[1]))))
            return FAULTY
        return value

    def field(self, section: Object, key: str, schema: Mapping[str, Any], names: Names, owner: str) -> Any:
        """Returns the typed value of a section's key, or the schema's default."""
        if key not in section:
            return schema.get("default")
        value = self.typed(section[key], section.places[key], schema, names, f"`{key}` of {owner}")
        return schema.get("default") if isinstance(value, Symbol) else value

    def split(self, raw: Any, place: Place, names: Names, what: str) -> tuple[str, Object] | None:
        """Returns name and arguments of a component as written, or reports that it is none."""
        self.in_time(place)
        if isinstance(raw, Symbol):
            return None
        if expressions.is_expression(raw):
            raw = self._evaluate(raw, place, names)
            if isinstance(raw, Symbol):
                return None
        if isinstance(raw, str) and raw:
            return raw, Object(place)
        if isinstance(raw, Object) and len(raw) == 1:
            ((name, arguments),) = raw.items()
            if isinstance(arguments, Object):
                return name, arguments
            message = f"The arguments of `{name}` are {describe(arguments)}."
            self.fault(message, raw.places[name], f'Arguments are an object: {{"{name}": {{}}}}.')
            return None
        found = f"an object of {len(raw)} keys" if isinstance(raw, Object) else describe(raw)
        hint = 'It is written as its name, alone or with its arguments: {"Name": {"argument": 1}}.'
        if isinstance(raw, Object) and raw:
            hint = named_by_key(raw) or f"Each has an object of its own, with its name as the only key: {_apart(raw)}."
        self.fault(f"Found {found} where {article(what)} should be.", place, hint)
        return None

    def component(
        self, raw: Any, place: Place, kind: str, names: Names, reserved: Iterable[str] = ()
    ) -> Component | None:
        """Returns a component of a kind, its arguments checked; `None` after a fault."""
        written = self.split(raw, place, names, kind)
        if written is None:
            return None
        name, arguments = written
        entry = self.entry(kind, name, place)
        if entry is None:
            return None
        given = self.arguments(name, entry, arguments, place, names, reserved)
        return Component(kind, name, given, place, arguments.places)

    def entry(self, kind: str, name: str, place: Place) -> Mapping[str, Any] | None:
        """Returns the catalogue's entry, or reports that there is none."""
        entry = self.catalogue.entry(kind, name)
        if entry is None:
            what = KINDS.get(kind, kind)
            other = [KINDS[other] for other in self.catalogue.kinds_of(name) if other != kind]
            hint = f"`{name}` is {article(other[0])}; {article(what)} goes here." if other else ""
            hint = (
                f"`{name}` is a block, which is called; a {what} of the catalogue goes here."
                if name in self.blocks
                else hint
            )
            hint = instead_of(name) or UNSUPPORTED.get(name, hint)
            last = name.rpartition(".")[2]
            known = last != name and self.catalogue.entry(kind, last) is not None
            near = f"Did you mean `{last}`?" if known else suggest(name, self.catalogue.names(kind), what=plural(what))
            near = "" if name in INSTEAD else near
            hint = " ".join(filter(None, (hint, near))) or f"`dlsuite components {kind}` lists them."
            self.fault(f"Unknown {what} `{name}`.", place, hint)
        return entry

    def arguments(
        self,
        name: str,
        entry: Mapping[str, Any],
        given: Object,
        place: Place,
        names: Names,
        reserved: Iterable[str] = (),
    ) -> dict[str, Any]:
        """Returns the arguments that a component is given, checked; reports unknown and missing ones."""
        schemas = entry["args"]
        initials = {initials_of(known): known for known in schemas if "_" in known}
        result: dict[str, Any] = {}
        for key, raw in given.items():
            at = given.places[key]
            if key in schemas:
                result[key] = self.argument(raw, at, schemas[key], names, f"`{key}` of {name}")
            elif key == "about":
                self.typed(raw, at, {"type": ["string"]}, {}, "`about`")
            elif key not in reserved:
                hint = suggest(initials.get(key, key), [*schemas, *reserved], what="arguments")
                self.fault(f"{name} has no argument `{key}`.", given.keys_at[key], hint)
        meant = {nearest(initials.get(key, key), [*schemas, *reserved]) for key in given if key not in schemas}
        missing = [key for key in required(schemas) if key not in given and key not in meant]
        if missing:
            what = " and ".join(f"`{key}`" for key in missing)
            example = ", ".join(f'"{key}": ...' for key in missing)
            self.fault(f"{name} needs {what}.", place, f'Write {{"{name}": {{{example}}}}}.')
        return result

    def argument(self, raw: Any, place: Place, schema: Mapping[str, Any], names: Names, owner: str) -> Any:
        """Returns one argument: a value, a component, or components in a list or an object."""
        kind = schema.get("kind")
        if kind is None:
            value = self.typed(raw, place, schema, names, owner)
            if schema.get("path") and isinstance(value, str):
                self.in_roots(value, place, owner)
            return value
        if kind in self.known:
            return self._reference(raw, place, kind, schema, names, owner)
        value = self._evaluate(raw, place, names) if expressions.is_expression(raw) else raw
        if isinstance(value, Symbol):
            return value
        types = list(schema.get("type", ()))
        quoted = isinstance(value, str) and self.catalogue.entry(kind, value) is None and unquoted(value, types)
        if value is None or isinstance(value, int | float) or quoted:
            if types and not quoted and not faults_of(value, {**schema, "type": types}):
                return value
            others = f" or {phrase({**schema, 'type': types})}" if types else ""
            message = f"{owner} takes {article(KINDS.get(kind, kind))}{others}, not {describe(value)}."
            self.fault(message, place, quoted or f"`dlsuite components {kind}` lists them.")
            return FAULTY
        if isinstance(value, Array) and "array" in types:
            return [
                None if item is None else self.argument(item, at, {**schema, "type": ()}, names, owner)
                for item, at in zip(value, value.places, strict=True)
            ]
        if isinstance(value, Object) and "object" in types and not self._is_component(value, kind):
            inner = {**schema, "type": ["null", "array"]}
            return {key: self.argument(item, value.places[key], inner, names, owner) for key, item in value.items()}
        return self.component(value, place, kind, names)

    def in_roots(self, path: str, place: Place, owner: str) -> None:
        """Reports a path that leads out of the folders that a spec may read."""
        if self.folder is not None and not roots.inside(path, roots.roots_of(self.folder)):
            self.fault(f"{owner}: the path `{path}` leaves its folder.", place, roots.STAY)

    def _reference(self, raw: Any, place: Place, kind: str, schema: Mapping[str, Any], names: Names, owner: str) -> Any:
        types = {"type": ["string", *schema.get("type", ())], "items": {"type": ["string"]}}
        value = self.typed(raw, place, types, names, owner)
        for name in value if isinstance(value, list) else [value]:
            if isinstance(name, str) and name not in self.known[kind]:
                self.fault(
                    f"{owner}: there is no {kind} `{name}`.", place, suggest(name, self.known[kind], what=plural(kind))
                )
        return value

    def _is_component(self, value: Object, kind: str) -> bool:
        return len(value) == 1 and (
            next(iter(value))[:1].isupper() or self.catalogue.entry(kind, next(iter(value))) is not None
        )

    def _evaluate(self, raw: str, place: Place, names: Names) -> Any:
        try:
            return self._noted(expressions.evaluate(raw, names))
        except ExpressionError as error:
            at = (
                place._replace(offset=place.offset + 1 + error.at)
                if place.source.text[place.offset : place.offset + 1] == '"'
                else place
            )
            self.fault(str(error), at, error.hint)
            return FAULTY

    def _noted(self, value: Any) -> Any:
        if isinstance(value, Symbol) and value is not FAULTY and value.name:
            self.unknown.add(value.name)
        return value


def _origin(raw: str, names: Names) -> str:
    """Returns from what an expression gave its value: `` It is what `=4 * width` gives, where `width` is 3. ``"""
    read = [f"`{name}` is {number}" for name, number in expressions.read_numbers(raw, names).items()]
    given = f", where {' and '.join(read[:4])}" if read and raw[1:].strip() not in names else ""
    return f"It is what `{shorten(raw)}` gives{given}."


def _apart(value: Object) -> str:
    names = [f'{{"{name}": {{...}}}}' for name in list(value)[:2]]
    return ", ".join(names)


def has_symbol(value: Any) -> bool:
    """Returns whether an unknown or faulty value stands anywhere inside."""
    if isinstance(value, Symbol):
        return True
    if isinstance(value, Component):
        return has_symbol(value.arguments)
    if isinstance(value, Mapping):
        return any(map(has_symbol, value.values()))
    return isinstance(value, list | tuple) and any(map(has_symbol, value))


_VALUES = re.compile(r'`[^`]*`|"[^"]*"|[0-9][0-9.e+-]*')
"""What differs between messages of one form: names, strings, numbers."""


def required(schemas: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Returns the names of arguments that have no default."""
    return [key for key, schema in schemas.items() if "default" not in schema]


def article(noun: str) -> str:
    """Returns a noun with `a` or `an`."""
    return f"{'an' if re.match('[aeiou]', noun) else 'a'} {noun}"
