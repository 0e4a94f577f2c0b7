"""The JSON Schema of specs, by which editors complete names and arguments: the catalogue in draft 7.

Slots choose by type with `if` and `then`, never with `anyOf`: its messages name no culprit. An argument that takes no
text takes an expression all the same: its strings start with `=`.
"""

from __future__ import annotations

import json
import keyword
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dlsuite.spec import words
from dlsuite.spec.arguments import phrase
from dlsuite.spec.catalogue import KINDS, Catalogue, load
from dlsuite.spec.data_section import FEATURE_ARGUMENTS
from dlsuite.spec.expansion import DTYPES, LAYER_ARGUMENTS, PRESET, RESERVED, WIRING
from dlsuite.spec.expressions import FUNCTIONS, WORDS
from dlsuite.spec.train_section import FIELDS, LAYER_SETTINGS

Schema = dict[str, Any]
Docs = Mapping[str, Mapping[str, Any]]

NAME = "^[a-z_][a-z0-9_]*$"
NAMES = ("network", "target", "output")
"""What arguments name in the spec itself, instead of taking a component."""

ANY: Schema = {}
TEXT: Schema = {"type": "string"}
TEXTS: Schema = {"type": "array", "items": TEXT}
LAYERS: Schema = {"$ref": "#/$defs/layers"}
MERGE: Schema = {"$ref": "#/$defs/merge"}
BODY: Schema = {"$ref": "#/$defs/body"}
"""The layers of a network or block: one at least."""

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

_LETTERS = "Names have letters, digits and underscores, no dot and no slash, and 100 characters at most."
_WIRE = "[A-Za-z_][A-Za-z0-9_]{0,99}"
_SNAKE = "Names are lower_snake_case, and no words of the language."


def schema(catalogue: Catalogue | None = None, docs: Docs | None = None) -> Schema:
    """Returns the schema of specs.

    Args:
        catalogue: The components; by default those that are there.
        docs: Descriptions by kind and name: `{"layer": {"Dense": {"doc": ..., "args": {"units": ...}}}}`.
    """
    return _Writer(catalogue or load(), docs or {}).schema()


def dump(content: Schema) -> str:
    """Returns a schema as text, one definition a line."""
    content = dict(content)
    definitions = content.pop("$defs")
    head = json.dumps(content, separators=(",", ":"))[:-1]
    lines = [f"{json.dumps(name)}:{json.dumps(value, separators=(',', ':'))}" for name, value in definitions.items()]
    return f'{head},\n"$defs":{{\n' + ",\n".join(lines) + "\n}}\n"


def write(path: Path, docs: Docs | None = None) -> None:
    """Writes the schema of specs."""
    path.write_text(dump(schema(docs=docs)), encoding="utf-8")


class _Writer:
    def __init__(self, catalogue: Catalogue, docs: Docs):
        self.catalogue = catalogue
        self.docs = docs
        self.shared: dict[str, str] = {}
        self.definitions: dict[str, Schema] = {}

    def schema(self) -> Schema:
        """Returns the whole schema."""
        self.definitions |= self.wiring()
        self.definitions["call"] = self.call()
        for kind in KINDS:
            if kind not in ("layer", "op"):
                self.definitions[kind] = self.slot(kind)
        self.definitions["sampler"] = {"type": ["string", "object"]}
        top = {
            "$schema": "http://json-schema.org/draft-07/schema#",
            "title": "DLSuite spec",
            "allowComments": False,
            **_told(_object(self.top()), words.TOP),
            "dependencies": {"model": _of_one_network()},
        }
        return {**top, "$defs": dict(sorted(self.definitions.items()))}

    def wiring(self) -> dict[str, Schema]:
        """Returns what says how calls are wired."""
        wire = {"type": "string", "pattern": f"^(?:{_WIRE}$|(?:{_WIRE})?[{{}}])", "patternErrorMessage": _LETTERS}
        forbidden = {"properties": dict.fromkeys(("inputs", "name", "to", "when"), False)}
        message = "It reads what it merges; `inputs`, `name`, `to` and `when` stand beside `merge`."
        taken = {*keyword.kwlist, *WORDS, *FUNCTIONS}
        name = {"type": "string", "pattern": NAME, "not": {"enum": sorted(taken)}, "errorMessage": _SNAKE}
        layers = {"type": "array", "items": {"$ref": "#/$defs/call"}}
        return {
            "inputs": {
                "type": ["string", "array", "object", "number", "boolean", "null"],
                "description": words.CALL["inputs"],
            },
            "name": {**wire, "description": words.CALL["name"]},
            "to": {**wire, "type": ["string", "array"], "items": wire, "description": words.CALL["to"]},
            "when": {**self.value({"type": ["boolean"]}), "description": words.CALL["when"]},
            "about": {**TEXT, "description": words.CALL["about"]},
            "trainable": {**self.value(LAYER_ARGUMENTS["trainable"]), "description": words.CALL["trainable"]},
            "dtype": {**self.value(LAYER_ARGUMENTS["dtype"]), "description": words.CALL["dtype"]},
            "wire": {"type": "string", "pattern": f"^{_WIRE}(?:\\.{_WIRE})*$", "patternErrorMessage": _LETTERS},
            "identifier": name,
            "params": {"type": "object", "propertyNames": {**name, "not": {"enum": sorted({*taken, *RESERVED})}}},
            "layers": layers,
            "body": {**layers, "minItems": 1},
            "merge": {
                "allOf": [{"$ref": "#/$defs/call"}, {"additionalProperties": {**forbidden, "errorMessage": message}}]
            },
        }

    # -- components ---------------------------------------------------------------------------------------------------

    def call(self) -> Schema:
        """Returns what stands in a list of layers."""
        properties = {
            **self.structure(),
            **{name: self.component("layer", name, self.reserved(name)) for name in self.catalogue.names("layer")},
            **{name: self.component("op", name, OF_CALLS) for name in self.catalogue.names("op")},
        }
        names = [name for name, value in properties.items() if not value.get("required")]
        self.definitions["call.names"] = {"examples": names}
        block = {"type": "object", "properties": dict(OF_LAYERS)}
        return {
            "type": ["string", "object"],
            **_offered("call"),
            "if": TEXT,
            "then": _named(names, "layer", "^=|^[a-z_][a-z0-9_]*$"),
            "else": _one(properties, {NAME: block}),
        }

    def slot(self, kind: str) -> Schema:
        """Returns what stands where one component of a kind goes."""
        names = self.catalogue.names(kind)
        beside = {key: self.argument(value) for key, value in BESIDE.get(kind, {}).items()}
        beside["about"] = OF_CALLS["about"]
        properties = {name: self.component(kind, name, beside) for name in names}
        if kind == "feature":
            several = {
                "not": {"type": "array", "minItems": 1},
                "errorMessage": "It takes `field` or `fields`, not both.",
            }
            for name in names:
                properties[name]["dependencies"] = {"field": {"properties": {"fields": _constraint(several)}}}
        alone = [name for name in names if not properties[name].get("required")]
        self.definitions[f"{kind}.names"] = {"examples": alone}
        return {
            "type": ["string", "object"],
            **_offered(kind),
            "if": TEXT,
            "then": _named(alone, kind, "^="),
            "else": _one(properties),
        }

    def component(self, kind: str, name: str, beside: Mapping[str, Schema]) -> Schema:
        """Returns the schema of a component's arguments."""
        entry = self.catalogue.entry(kind, name)
        assert entry is not None
        said = self.docs.get(kind, {}).get(name, {})
        told = said.get("args", {})
        args = {key: self.argument(value, told.get(key)) for key, value in entry["args"].items() if key != "mask_zero"}
        tensors = entry.get("tensors", ())
        required = [key for key, value in entry["args"].items() if "default" not in value and key not in tensors]
        wiring = {"inputs": self.reads(kind, entry)} if kind in ("layer", "op") else {}
        result = _object({**beside, **args, **wiring}, [key for key in required if key not in wiring])
        doc = said.get("doc") or entry.get("doc")
        return {"description": doc, **result} if doc else result

    def reserved(self, layer: str) -> Mapping[str, Schema]:
        """Returns what a layer takes beside its own arguments."""
        if not layer.startswith(("keras_hub.", "applications.")):
            return OF_LAYERS
        preset = {**PRESET, "values": ["imagenet"]} if layer.startswith("applications.") else PRESET
        return {**OF_LAYERS, "preset": self.argument(preset, words.CALL["preset"])}

    def reads(self, kind: str, entry: Mapping[str, Any]) -> Schema:
        """Returns the schema of `inputs`: an object names call arguments, or is what the only one takes."""
        call = entry.get("call", {"inputs": {}}) if kind == "layer" else dict.fromkeys(entry.get("tensors", ()), {})
        if not call or entry.get("variadic"):
            return OF_CALLS["inputs"]
        names = list(call)
        known = {"enum": names, "errorMessage": f"It is called with {', '.join(names)}."}
        result = {**self.definitions["inputs"], "properties": dict.fromkeys(names, OF_CALLS["inputs"])}
        if kind == "layer" and sum("default" not in schema for schema in call.values()) != 1:
            return self.share({**result, "propertyNames": known})
        by_name = {"not": {"propertyNames": {"not": {"enum": names}}}}
        return self.share({**result, "if": by_name, "then": {"propertyNames": known}})

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
        result: Schema = {"type": list(dict.fromkeys([*types, "string", "object"])), **_offered(kind)}
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
        if text not in self.shared:
            self.shared[text] = f"value{len(self.shared)}"
            self.definitions[self.shared[text]] = content
        return {"$ref": f"#/$defs/{self.shared[text]}"}

    # -- the language -------------------------------------------------------------------------------------------------

    def structure(self) -> dict[str, Schema]:
        """Returns the structural components."""
        repeat = {
            "times": self.argument({"type": ["integer"], "min": 0}),
            "over": self.argument({"type": ["array"]}),
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
            "Residual": _object({**OF_CALLS, "layers": LAYERS, "shortcut": LAYERS, "merge": MERGE}, ["layers"]),
            "Parallel": _object({**OF_CALLS, "branches": branches, "merge": MERGE}, ["branches", "merge"]),
            "Repeat": {**_object({**OF_CALLS, **repeat}, ["layers"]), **counted, **needed},
            "Reuse": _object({**OF_CALLS, "layer": TEXT}, ["layer"]),
        }
        return {
            name: {**_told(value, words.STRUCTURE[name]), "description": words.STRUCTURE[name][""]}
            for name, value in made.items()
        }

    def top(self) -> dict[str, Schema]:
        """Returns the sections of a spec."""
        letters = "Letters, digits, underscores and hyphens, 64 at most: runs are kept in a folder of that name."
        params, names = {"$ref": "#/$defs/params"}, {"type": "array", "items": {"$ref": "#/$defs/wire"}}
        block = {"about": TEXT, "params": params, "inputs": names, "outputs": names, "layers": BODY}
        return {
            "$schema": TEXT,
            "version": {"const": 1},
            "name": {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,64}$", "patternErrorMessage": letters},
            "about": TEXT,
            "extends": TEXT,
            "uses": TEXTS,
            "params": params,
            "data": self.data(),
            "blocks": _by_name(_told(_object(block), words.NETWORK)),
            "model": self.network(),
            "models": {**_by_name(self.network()), "minProperties": 1},
            "train": self.train(),
            "predict": _object(
                {
                    "decoder": {"$ref": "#/$defs/decoder"},
                    "sampler": {"$ref": "#/$defs/sampler"},
                    "threshold": self.argument({"type": ["number"], "min": 0, "max": 1}),
                    "seed": self.argument({"type": ["integer"], "min": 0}),
                    "about": TEXT,
                }
            ),
            "baselines": _one_or_more("baseline"),
            "expect": self.expect(),
        }

    def data(self) -> Schema:
        features = _by_name({"$ref": "#/$defs/feature"})
        part = self.argument({"type": ["number", "string"], "min": 0, "max": 1})
        split = _object(
            {"train": part, "validation": part, "test": part, "by": TEXT, "stratify": {"type": ["string", "null"]}}
        )
        section = _object(
            {
                "about": TEXT,
                "source": {"$ref": "#/$defs/dataset"},
                "split": split,
                "inputs": features,
                "targets": features,
                "augment": {"type": "array", "items": {"$ref": "#/$defs/augmentation"}},
                "batch_size": self.argument({"type": ["integer"], "min": 1, "default": 32}),
            }
        )
        return _told(section, words.DATA)

    def network(self) -> Schema:
        shape = {"type": ["array"], "items": {"type": ["null", "integer"], "min": 1}}
        dtype = self.argument({"type": ["string"], "values": DTYPES, "default": "float32"})
        made = _one({"Input": _object({"shape": self.argument(shape), "dtype": dtype, "about": TEXT}, ["shape"])})
        names = {"type": "array", "items": {"$ref": "#/$defs/wire"}}
        inputs = {
            **names,
            "type": ["array", "object"],
            "additionalProperties": {"type": ["null", "object"], "if": {"type": "object"}, "then": made},
        }
        return _told(_object({"about": TEXT, "inputs": inputs, "outputs": names, "layers": BODY}), words.NETWORK)

    def train(self) -> Schema:
        settings = _object({key: self.argument(schema) for key, schema in LAYER_SETTINGS.items()})
        weights = self.value({"type": ["null", "string", "object"], "values": ["balanced"]})
        weights["additionalProperties"] = self.argument({"type": ["number"], "min": 0})
        stage = _object(
            {
                "objective": _by_target("objective"),
                "metrics": _by_target("metric"),
                "optimizer": _by_network("optimizer"),
                "callbacks": _one_or_more("callback"),
                "strategy": {"$ref": "#/$defs/strategy"},
                "layers": {"type": "object", "additionalProperties": settings},
                "class_weights": weights,
                **{key: self.argument(schema) for key, schema in FIELDS.items()},
                "about": TEXT,
            }
        )
        neither = {"type": "null", "errorMessage": "`train` takes `epochs` or `steps`, not both."}
        no_epochs = {"properties": {"epochs": _constraint({"type": "null"})}}
        stage["dependencies"] = {"epochs": {"if": no_epochs, "else": {"properties": {"steps": _constraint(neither)}}}}
        self.definitions["stage"] = _told(stage, words.TRAIN)
        one = {"$ref": "#/$defs/stage"}
        choice = {"if": {"type": "object"}, "then": one}
        return {"type": ["object", "array"], "items": one, "minItems": 1, **choice}

    def expect(self) -> Schema:
        count = {"type": ["integer", "object"], "min": 0}
        number = self.argument({"type": ["integer"], "min": 0})
        metric = self.argument({"type": ["number"]})
        section = _object(
            {
                "parameters": {**self.value(count), "additionalProperties": number},
                "metrics": {"type": "object", "additionalProperties": metric},
                "source": TEXT,
                "about": TEXT,
            }
        )
        return _told(section, words.EXPECT)


def _object(properties: Mapping[str, Schema], required: list[str] | None = None) -> Schema:
    result: Schema = {"type": "object", "properties": dict(properties), "additionalProperties": False}
    return {**result, "required": required} if required else result


def _told(section: Schema, said: Mapping[str, str]) -> Schema:
    """Returns the schema of an object with the descriptions of its keys."""
    described = {key: {"description": said[key]} if key in said else {} for key in section["properties"]}
    return {**section, "properties": {key: {**value, **described[key]} for key, value in section["properties"].items()}}


def _constraint(value: Schema) -> Schema:
    """Returns a schema that refuses and offers nothing: what may stand there is said elsewhere."""
    return {**value, "doNotSuggest": True}


def _of_one_network() -> Schema:
    """Returns what holds for a spec with `model`."""
    counts = {"propertyNames": {"enum": ["total", "trainable", "active"]}}
    expect = {"properties": {"parameters": _constraint(counts)}}
    properties = {"models": False, "expect": _constraint(expect)}
    return {"properties": properties, "errorMessage": "A spec has `model` or `models`, not both."}


def _one(properties: Mapping[str, Schema], patterns: Mapping[str, Schema] | None = None) -> Schema:
    """Returns the schema of `{"Name": {...}}`."""
    result = {**_object(properties), "minProperties": 1, "maxProperties": 1}
    return {**result, "patternProperties": dict(patterns)} if patterns else result


def _named(names: list[str], kind: str, others: str) -> Schema:
    """Returns the schema of a component that is written as its name alone."""
    message = f"There is no {KINDS[kind]} of this name that needs no arguments."
    return {"if": {"pattern": others}, "else": {"enum": names, "errorMessage": message}}


def _offered(kind: str) -> Schema:
    """Returns what makes editors offer the names of a kind: they look for them beside `if`, not inside."""
    return {"allOf": [{"$ref": f"#/$defs/{kind}.names"}]}


def _by_name(value: Schema) -> Schema:
    return {"type": "object", "propertyNames": {"$ref": "#/$defs/identifier"}, "additionalProperties": value}


def _one_or_more(kind: str) -> Schema:
    one = {"$ref": f"#/$defs/{kind}"}
    choice = {"if": {"type": ["string", "object"]}, "then": one}
    return {"type": ["array", "string", "object"], **_offered(kind), "items": one, **choice}


def _by_target(kind: str) -> Schema:
    """Returns the schema of one component, a list of them, or an object of them by lower_snake name."""
    one, several = {"$ref": f"#/$defs/{kind}"}, _one_or_more(kind)
    named = {"type": "object", "propertyNames": {"pattern": NAME}, "minProperties": 1}
    by_name = {"additionalProperties": several}
    other = {"if": {"type": ["string", "object"]}, "then": one}
    choice = {"if": named, "then": by_name, "else": other}
    return {"type": ["array", "string", "object"], **_offered(kind), "items": one, **choice}


def _by_network(kind: str) -> Schema:
    one = {"$ref": f"#/$defs/{kind}"}
    named = {"type": "object", "propertyNames": {"pattern": NAME}, "minProperties": 1}
    by_name = {"additionalProperties": one}
    return {"type": ["string", "object"], **_offered(kind), "if": named, "then": by_name, "else": one}
