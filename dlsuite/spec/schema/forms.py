"""The forms that schemas of the language have: closed objects, components by name, one or several of a kind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dlsuite.spec.catalogue import KINDS

Schema = dict[str, Any]

NAME = "^[a-z_][a-z0-9_]*$"
NAMES = ("network", "input", "target", "output")
"""What arguments name in the spec itself, instead of taking a component."""

LETTERS = "Names have letters, digits and underscores, no dot and no slash, and 100 characters at most."
WIRE = "[A-Za-z_][A-Za-z0-9_]{0,99}"
SNAKE = "Names are lower_snake_case, and no words of the language."

ANY: Schema = {}
TEXT: Schema = {"type": "string"}
TEXTS: Schema = {"type": "array", "items": TEXT}
LAYERS: Schema = {"$ref": "#/$defs/layers"}
MERGE: Schema = {"$ref": "#/$defs/merge"}
BODY: Schema = {"$ref": "#/$defs/body"}
"""The layers of a network or block: one at least."""


def closed(properties: Mapping[str, Schema], required: list[str] | None = None) -> Schema:
    """Returns the schema of an object that has no other keys."""
    result: Schema = {"type": "object", "properties": dict(properties), "additionalProperties": False}
    return {**result, "required": required} if required else result


def told(section: Schema, said: Mapping[str, str]) -> Schema:
    """Returns the schema of an object with the descriptions of its keys."""
    described = {key: {"description": said[key]} if key in said else {} for key in section["properties"]}
    return {**section, "properties": {key: {**value, **described[key]} for key, value in section["properties"].items()}}


def constraint(value: Schema) -> Schema:
    """Returns a schema that refuses and offers nothing: what may stand there is said elsewhere."""
    return {**value, "doNotSuggest": True}


def one_of(properties: Mapping[str, Schema], patterns: Mapping[str, Schema] | None = None) -> Schema:
    """Returns the schema of `{"Name": {...}}`."""
    result = {**closed(properties), "minProperties": 1, "maxProperties": 1}
    return {**result, "patternProperties": dict(patterns)} if patterns else result


def by_word(names: list[str], kind: str, others: str) -> Schema:
    """Returns the schema of a component that is written as its name alone."""
    message = f"There is no {KINDS[kind]} of this name that needs no arguments."
    return {"if": {"pattern": others}, "else": {"enum": names, "errorMessage": message}}


def offered(kind: str) -> Schema:
    """Returns what makes editors offer the names of a kind: they look for them beside `if`, not inside."""
    return {"allOf": [{"$ref": f"#/$defs/{kind}.names"}]}


def by_name(value: Schema) -> Schema:
    return {"type": "object", "propertyNames": {"$ref": "#/$defs/identifier"}, "additionalProperties": value}


def one_or_more(kind: str) -> Schema:
    one = {"$ref": f"#/$defs/{kind}"}
    choice = {"if": {"type": ["string", "object"]}, "then": one}
    return {"type": ["array", "string", "object"], **offered(kind), "items": one, **choice}


def by_target(kind: str) -> Schema:
    """Returns the schema of one component, a list of them, or an object of them by lower_snake name."""
    one, several = {"$ref": f"#/$defs/{kind}"}, one_or_more(kind)
    named = {"type": "object", "propertyNames": {"pattern": NAME}, "minProperties": 1}
    each = {"additionalProperties": several}
    other = {"if": {"type": ["string", "object"]}, "then": one}
    choice = {"if": named, "then": each, "else": other}
    return {"type": ["array", "string", "object"], **offered(kind), "items": one, **choice}


def by_network(kind: str) -> Schema:
    one = {"$ref": f"#/$defs/{kind}"}
    named = {"type": "object", "propertyNames": {"pattern": NAME}, "minProperties": 1}
    each = {"additionalProperties": one}
    return {"type": ["string", "object"], **offered(kind), "if": named, "then": each, "else": one}
