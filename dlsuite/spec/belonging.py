"""Where a key belongs that stands in a section which does not have it: in another, or among a component's arguments."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from dlsuite.spec.catalogue import KINDS, Catalogue
from dlsuite.spec.document import Object
from dlsuite.spec.errors import suggest


@dataclass(frozen=True)
class Section:
    """A section of a spec.

    Attributes:
        keys: Those that it has.
        slots: The kind of components in each of its slots, by key.
        usual: The component of a kind that stands there where none is written.
        needless: What other libraries write there, and why it needs no key here.
    """

    keys: tuple[str, ...]
    slots: Mapping[str, str] = field(default_factory=dict)
    usual: Mapping[str, str] = field(default_factory=dict)
    needless: Mapping[str, str] = field(default_factory=dict)


def hint_for(key: str, section: Object, owner: str, sections: Mapping[str, Section], catalogue: Catalogue) -> str:
    """Returns what would work instead of a key that a section does not have.

    Args:
        key: As it is written.
        section: Where it stands.
        owner: What messages call the section; one of `sections`.
        sections: All of them.
        catalogue: The components.
    """
    own = sections[owner]
    others = {name: other for name, other in sections.items() if name != owner}
    for name, other in others.items():
        if key in other.keys:
            return f"It stands in {name}."
    near = suggest(key, own.keys, what="keys")
    if near.startswith("Did"):
        return near
    if key in own.needless:
        return own.needless[key]
    for one in (own, *others.values()):
        found = list(_arguments(key, section, one, catalogue))
        fitting = (place for place in found if _takes(*place, section[key], catalogue))
        for kind, component, argument in (*fitting, *found):
            called = "" if argument == key else f"`{argument}`, "
            value = section[key] if isinstance(section[key], int | float | str) else None
            shown = "..." if value is None else json.dumps(value)
            example = f'{{"{component}": {{"{argument}": {shown}}}}}'
            return f"It is {called}an argument of the {KINDS[kind]}: {example}."
    for name, other in others.items():
        if full := next((known for known in other.keys if initials_of(known) == key), None):
            return f"It is `{full}`, and stands in {name}."
    return near


def _arguments(key: str, section: Object, one: Section, catalogue: Catalogue) -> Iterator[tuple[str, str, str]]:
    """Yields kind, name and argument of components of a section's slots that take a key, or what it is short for."""
    for matches in (str.__eq__, lambda known, short: initials_of(known) == short):
        for slot, kind in one.slots.items():
            written = [name for name in _names(section.get(slot)) if catalogue.entry(kind, name)]
            usual = [one.usual[kind]] if kind in one.usual else []
            for name in (*written, *usual, *catalogue.names(kind)):
                entry = catalogue.entry(kind, name) or {"args": {}}
                yield from ((kind, name, known) for known in entry["args"] if matches(known, key))


def _takes(kind: str, component: str, argument: str, value: Any, catalogue: Catalogue) -> bool:
    """Returns whether an argument takes a value: a component of its kind, one of its fixed set."""
    schema = (catalogue.entry(kind, component) or {"args": {}})["args"][argument]
    if not isinstance(value, str):
        return True
    if "kind" in schema:
        return catalogue.entry(schema["kind"], value) is not None
    return value in schema.get("values", (value,))


def _names(value: Any) -> list[str]:
    """Returns the names of the components in a slot."""
    if isinstance(value, list):
        return [name for item in value for name in _names(item)]
    return [value] if isinstance(value, str) else list(value) if isinstance(value, Mapping) else []


def initials_of(name: str) -> str:
    """Returns the first letters of a name's words, as in `lr` of `learning_rate`; none for a single word."""
    words = name.split("_")
    return "".join(word[:1] for word in words) if len(words) > 1 else ""
