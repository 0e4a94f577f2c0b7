"""Schemas of arguments: what the catalogue says of them, expressions included, shared where they are long."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from dlsuite.spec.arguments import phrase
from dlsuite.spec.schema.forms import ANY, NAME, NAMES, TEXT, Schema, offered


class Arguments:
    """Writes the schemas of arguments.

    Attributes:
        definitions: What is shared, by name.
    """

    def __init__(self) -> None:
        self.definitions: dict[str, Schema] = {}
        self._shared: dict[str, str] = {}

    def argument(self, entry: Mapping[str, Any], doc: str | None = None) -> Schema:
        """Returns the schema of one argument: a shared definition, with its own default and description."""
        result = dict(self.share(self.value(entry)))
        if "default" in entry and entry["default"] is not None:
            result["default"] = entry["default"]
        if doc:
            result["description"] = doc
        return result

    def value(self, entry: Mapping[str, Any]) -> Schema:
        """Returns the schema of a value, expressions included."""
        kind, types = entry.get("kind"), list(entry.get("type", ()))
        if kind in NAMES:
            return {"type": ["string", *types], **({"items": TEXT} if "array" in types else {})}
        if kind:
            return self.nested(kind, types)
        if not types:
            return ANY
        result: Schema = {"type": types if "string" in types else [*types, "string"]}
        if "string" not in types:
            result |= {"pattern": "^=", "patternErrorMessage": f'Takes {phrase(entry)}, or an expression: "=...".'}
        elif values := entry.get("values"):
            others = {"if": TEXT, "then": {"if": {"pattern": "^="}, "else": {"enum": list(values)}}}
            result |= {"examples": list(values), **others}
        for key, word in (
            ("min", "minimum"), ("max", "maximum"), ("exclusiveMin", "exclusiveMinimum"),
            ("exclusiveMax", "exclusiveMaximum"), ("minItems", "minItems"), ("maxItems", "maxItems"),
        ):  # fmt: skip
            if key in entry:
                result[word] = entry[key]
        if entry.get("items"):
            result["items"] = self.share(self.value(entry["items"]))
        return result

    def nested(self, kind: str, types: list[str]) -> Schema:
        """Returns the schema of an argument that takes components of a kind."""
        kind = "call" if kind == "layer" else kind
        one = {"$ref": f"#/$defs/{kind}"}
        if not types:
            return one
        result: Schema = {"type": list(dict.fromkeys([*types, "string", "object"])), **offered(kind)}
        if "array" in types:
            result["items"] = one
        if "object" in types:
            several = {"type": "object", "propertyNames": {"pattern": NAME}, "minProperties": 1}
            by_name = {"patternProperties": {NAME: {"type": ["null", "string", "array", "object"]}}}
            result |= {"if": several, "then": by_name, "else": {"if": {"type": ["string", "object"]}, "then": one}}
        else:
            result |= {"if": {"type": ["string", "object"]}, "then": one}
        return result

    def share(self, content: Schema) -> Schema:
        """Returns a reference to a definition of this content, or the content where it is short."""
        text = json.dumps(content, sort_keys=True)
        if len(text) < 40:
            return content
        if text not in self._shared:
            self._shared[text] = f"value{len(self._shared)}"
            self.definitions[self._shared[text]] = content
        return {"$ref": f"#/$defs/{self._shared[text]}"}
