"""Schemas of components: calls in lists of layers, and what stands in the other slots."""

from __future__ import annotations

import keyword
from collections.abc import Mapping
from typing import Any

from dlsuite.spec import words
from dlsuite.spec.calling import LAYER_ARGUMENTS, PRESET, RESERVED
from dlsuite.spec.catalogue import Catalogue
from dlsuite.spec.data_section import FEATURE_ARGUMENTS
from dlsuite.spec.expressions import FUNCTIONS, WORDS
from dlsuite.spec.schema.arguments import Arguments
from dlsuite.spec.schema.forms import (
    LAYERS,
    LETTERS,
    MERGE,
    NAME,
    SNAKE,
    TEXT,
    WIRE,
    Schema,
    by_word,
    closed,
    constraint,
    offered,
    one_of,
    told,
)
from dlsuite.spec.wiring import WIRING

Docs = Mapping[str, Mapping[str, Any]]

OF_CALLS: Mapping[str, Schema] = {key: {"$ref": f"#/$defs/{key}"} for key in WIRING}
OF_LAYERS: Mapping[str, Schema] = {key: {"$ref": f"#/$defs/{key}"} for key in RESERVED}
"""What calls take beside their own arguments; those of structure, ops and networks, and those of layers and blocks."""

_TASK: Mapping[str, Mapping[str, Any]] = {
    "target": {"kind": "target"},
    "inputs": {"kind": "output", "type": ["array"]},
    "weight": {"type": ["number"]},
}
BESIDE: Mapping[str, Mapping[str, Any]] = {
    "feature": FEATURE_ARGUMENTS,
    "objective": _TASK,
    "metric": {key: _TASK[key] for key in ("target", "inputs")},
}
"""What components of a kind take beside their own arguments."""


class Components:
    """Writes the schemas of components.

    Args:
        catalogue: The components.
        docs: Descriptions by kind and name.
        arguments: Writes those of their arguments.
    """

    def __init__(self, catalogue: Catalogue, docs: Docs, arguments: Arguments):
        self.catalogue = catalogue
        self.docs = docs
        self.arguments = arguments

    def wiring(self) -> dict[str, Schema]:
        """Returns what says how calls are wired."""
        wire = {"type": "string", "pattern": f"^(?:{WIRE}$|(?:{WIRE})?[{{}}])", "patternErrorMessage": LETTERS}
        forbidden = {"properties": dict.fromkeys(("inputs", "name", "to", "when"), False)}
        message = "It reads what it merges; `inputs`, `name`, `to` and `when` stand beside `merge`."
        taken = {*keyword.kwlist, *WORDS, *FUNCTIONS}
        name = {"type": "string", "pattern": NAME, "not": {"enum": sorted(taken)}, "errorMessage": SNAKE}
        layers = {"type": "array", "items": {"$ref": "#/$defs/call"}}
        return {
            "inputs": {
                "type": ["string", "array", "object", "number", "boolean", "null"],
                "description": words.CALL["inputs"],
            },
            "name": {**wire, "description": words.CALL["name"]},
            "to": {**wire, "type": ["string", "array"], "items": wire, "description": words.CALL["to"]},
            "when": {**self.arguments.value({"type": ["boolean"]}), "description": words.CALL["when"]},
            "about": {**TEXT, "description": words.CALL["about"]},
            "trainable": {**self.arguments.value(LAYER_ARGUMENTS["trainable"]), "description": words.CALL["trainable"]},
            "dtype": {**self.arguments.value(LAYER_ARGUMENTS["dtype"]), "description": words.CALL["dtype"]},
            "wire": {"type": "string", "pattern": f"^{WIRE}(?:\\.{WIRE})*$", "patternErrorMessage": LETTERS},
            "identifier": name,
            "params": {"type": "object", "propertyNames": {**name, "not": {"enum": sorted({*taken, *RESERVED})}}},
            "layers": layers,
            "body": {**layers, "minItems": 1},
            "merge": {
                "allOf": [{"$ref": "#/$defs/call"}, {"additionalProperties": {**forbidden, "errorMessage": message}}]
            },
        }

    def call(self) -> Schema:
        """Returns what stands in a list of layers."""
        properties = {
            **self.structure(),
            **{name: self.component("layer", name, self.reserved(name)) for name in self.catalogue.names("layer")},
            **{name: self.component("op", name, OF_CALLS) for name in self.catalogue.names("op")},
        }
        names = [name for name, value in properties.items() if not value.get("required")]
        self.arguments.definitions["call.names"] = {"examples": names}
        block = {"type": "object", "properties": dict(OF_LAYERS)}
        return {
            "type": ["string", "object"],
            **offered("call"),
            "if": TEXT,
            "then": by_word(names, "layer", "^=|^[a-z_][a-z0-9_]*$"),
            "else": one_of(properties, {NAME: block}),
        }

    def slot(self, kind: str) -> Schema:
        """Returns what stands where one component of a kind goes."""
        names = self.catalogue.names(kind)
        beside = {key: self.arguments.argument(value) for key, value in BESIDE.get(kind, {}).items()}
        beside["about"] = OF_CALLS["about"]
        properties = {name: self.component(kind, name, beside) for name in names}
        if kind == "feature":
            several = {
                "not": {"type": "array", "minItems": 1},
                "errorMessage": "It takes `field` or `fields`, not both.",
            }
            for name in names:
                properties[name]["dependencies"] = {"field": {"properties": {"fields": constraint(several)}}}
        alone = [name for name in names if not properties[name].get("required")]
        self.arguments.definitions[f"{kind}.names"] = {"examples": alone}
        return {
            "type": ["string", "object"],
            **offered(kind),
            "if": TEXT,
            "then": by_word(alone, kind, "^="),
            "else": one_of(properties),
        }

    def component(self, kind: str, name: str, beside: Mapping[str, Schema]) -> Schema:
        """Returns the schema of a component's arguments."""
        entry = self.catalogue.entry(kind, name)
        assert entry is not None
        said = self.docs.get(kind, {}).get(name, {})
        docs = said.get("args", {})
        args = {
            key: self.arguments.argument(value, docs.get(key))
            for key, value in entry["args"].items()
            if key != "mask_zero"
        }
        tensors = entry.get("tensors", ())
        required = [key for key, value in entry["args"].items() if "default" not in value and key not in tensors]
        wiring = {"inputs": self.reads(kind, entry)} if kind in ("layer", "op") else {}
        result = closed({**beside, **args, **wiring}, [key for key in required if key not in wiring])
        doc = said.get("doc") or entry.get("doc")
        return {"description": doc, **result} if doc else result

    def reserved(self, layer: str) -> Mapping[str, Schema]:
        """Returns what a layer takes beside its own arguments."""
        if not layer.startswith(("keras_hub.", "applications.")):
            return OF_LAYERS
        preset = {**PRESET, "values": ["imagenet"]} if layer.startswith("applications.") else PRESET
        return {**OF_LAYERS, "preset": self.arguments.argument(preset, words.CALL["preset"])}

    def reads(self, kind: str, entry: Mapping[str, Any]) -> Schema:
        """Returns the schema of `inputs`: an object names call arguments, or is what the only one takes."""
        call = entry.get("call", {"inputs": {}}) if kind == "layer" else dict.fromkeys(entry.get("tensors", ()), {})
        if not call or entry.get("variadic"):
            return OF_CALLS["inputs"]
        names = list(call)
        known = {"enum": names, "errorMessage": f"It is called with {', '.join(names)}."}
        result = {**self.arguments.definitions["inputs"], "properties": dict.fromkeys(names, OF_CALLS["inputs"])}
        if kind == "layer" and sum("default" not in schema for schema in call.values()) != 1:
            return self.arguments.share({**result, "propertyNames": known})
        by_name = {"not": {"propertyNames": {"not": {"enum": names}}}}
        return self.arguments.share({**result, "if": by_name, "then": {"propertyNames": known}})

    def structure(self) -> dict[str, Schema]:
        """Returns the structural components."""
        repeat = {
            "times": self.arguments.argument({"type": ["integer"], "min": 0}),
            "over": self.arguments.argument({"type": ["array"]}),
            "index": {"$ref": "#/$defs/identifier", "type": "string"},
            "item": {"$ref": "#/$defs/identifier", "type": "string"},
            "layers": LAYERS,
            "shared": OF_CALLS["when"],
        }
        either = {"properties": {"over": False}, "errorMessage": "Repeat takes `times` or `over`, not both."}
        no_item = {"properties": {"item": False}, "errorMessage": "Repeat has `item` with `over` only."}
        counted = {"dependencies": {"times": {"allOf": [either, no_item]}}}
        needed = {"if": {"not": {"required": ["over"]}}, "then": {"required": ["times"]}}
        branches = {"type": "array", "items": LAYERS, "minItems": 1}
        made = {
            "Residual": closed({**OF_CALLS, "layers": LAYERS, "shortcut": LAYERS, "merge": MERGE}, ["layers"]),
            "Parallel": closed({**OF_CALLS, "branches": branches, "merge": MERGE}, ["branches", "merge"]),
            "Repeat": {**closed({**OF_CALLS, **repeat}, ["layers"]), **counted, **needed},
            "Reuse": closed({**OF_CALLS, "layer": TEXT}, ["layer"]),
        }
        return {
            name: {**told(value, words.STRUCTURE[name]), "description": words.STRUCTURE[name][""]}
            for name, value in made.items()
        }
