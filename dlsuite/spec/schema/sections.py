"""Schemas of the sections of a spec, from the tables by which they are read."""

from __future__ import annotations

from dlsuite.spec import words
from dlsuite.spec.declarations import SHARE
from dlsuite.spec.network_inputs import DTYPES
from dlsuite.spec.schema.arguments import Arguments
from dlsuite.spec.schema.forms import (
    BODY,
    TEXT,
    TEXTS,
    Schema,
    by_name,
    by_network,
    by_target,
    closed,
    constraint,
    one_of,
    one_or_more,
    told,
)
from dlsuite.spec.train_section import FIELDS, LAYER_SETTINGS, PREDICT_FIELDS


def sections(arguments: Arguments) -> dict[str, Schema]:
    """Returns the sections of a spec."""
    letters = "Letters, digits, underscores and hyphens, 64 at most: runs are kept in a folder of that name."
    params, names = {"$ref": "#/$defs/params"}, {"type": "array", "items": {"$ref": "#/$defs/wire"}}
    active = arguments.argument(SHARE)
    block = {"about": TEXT, "params": params, "active": active, "inputs": names, "outputs": names, "layers": BODY}
    return {
        "$schema": TEXT,
        "version": {"const": 1},
        "name": {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,64}$", "patternErrorMessage": letters},
        "about": TEXT,
        "extends": TEXT,
        "uses": TEXTS,
        "params": params,
        "data": _data(arguments),
        "blocks": by_name(told(closed(block), words.NETWORK)),
        "model": _network(arguments),
        "models": {**by_name(_network(arguments)), "minProperties": 1},
        "train": _train(arguments),
        "predict": closed(
            {
                "decoder": {"$ref": "#/$defs/decoder"},
                "sampler": {"$ref": "#/$defs/sampler"},
                **{name: arguments.argument(schema) for name, schema in PREDICT_FIELDS.items()},
                "about": TEXT,
            }
        ),
        "baselines": one_or_more("baseline"),
        "expect": _expect(arguments),
    }


def _data(arguments: Arguments) -> Schema:
    features = by_name({"$ref": "#/$defs/feature"})
    part = arguments.argument({"type": ["number", "string"], "min": 0, "max": 1})
    split = closed(
        {"train": part, "validation": part, "test": part, "by": TEXT, "stratify": {"type": ["string", "null"]}}
    )
    section = closed(
        {
            "about": TEXT,
            "source": {"$ref": "#/$defs/dataset"},
            "split": split,
            "inputs": features,
            "targets": features,
            "augment": {"type": "array", "items": {"$ref": "#/$defs/augmentation"}},
            "batch_size": arguments.argument({"type": ["integer"], "min": 1, "max": 2**31 - 1, "default": 32}),
        }
    )
    return told(section, words.DATA)


def _network(arguments: Arguments) -> Schema:
    shape = {"type": ["array"], "items": {"type": ["null", "integer"], "min": 1}}
    dtype = arguments.argument({"type": ["string"], "values": DTYPES, "default": "float32"})
    made = one_of({"Input": closed({"shape": arguments.argument(shape), "dtype": dtype, "about": TEXT}, ["shape"])})
    names = {"type": "array", "items": {"$ref": "#/$defs/wire"}}
    inputs = {
        **names,
        "type": ["array", "object"],
        "additionalProperties": {"type": ["null", "object"], "if": {"type": "object"}, "then": made},
    }
    return told(closed({"about": TEXT, "inputs": inputs, "outputs": names, "layers": BODY}), words.NETWORK)


def _train(arguments: Arguments) -> Schema:
    settings = closed({key: arguments.argument(schema) for key, schema in LAYER_SETTINGS.items()})
    weights = arguments.value({"type": ["null", "string", "object"], "values": ["balanced"]})
    weights["additionalProperties"] = arguments.argument({"type": ["number"], "min": 0})
    stage = closed(
        {
            "objective": by_target("objective"),
            "metrics": by_target("metric"),
            "optimizer": by_network("optimizer"),
            "callbacks": one_or_more("callback"),
            "strategy": {"$ref": "#/$defs/strategy"},
            "layers": {"type": "object", "additionalProperties": settings},
            "class_weights": weights,
            **{key: arguments.argument(schema) for key, schema in FIELDS.items()},
            "about": TEXT,
        }
    )
    neither = {"type": "null", "errorMessage": "`train` takes `epochs` or `steps`, not both."}
    no_epochs = {"properties": {"epochs": constraint({"type": "null"})}}
    stage["dependencies"] = {"epochs": {"if": no_epochs, "else": {"properties": {"steps": constraint(neither)}}}}
    arguments.definitions["stage"] = told(stage, words.TRAIN)
    one = {"$ref": "#/$defs/stage"}
    choice = {"if": {"type": "object"}, "then": one}
    return {"type": ["object", "array"], "items": one, "minItems": 1, **choice}


def _expect(arguments: Arguments) -> Schema:
    count = {"type": ["integer", "object"], "min": 0}
    number = arguments.argument({"type": ["integer"], "min": 0})
    metric = arguments.argument({"type": ["number"]})
    section = closed(
        {
            "parameters": {**arguments.value(count), "additionalProperties": number},
            "metrics": {"type": "object", "additionalProperties": metric},
            "source": TEXT,
            "about": TEXT,
        }
    )
    return told(section, words.EXPECT)


def of_one_network() -> Schema:
    """Returns what holds for a spec with `model`."""
    counts = {"propertyNames": {"enum": ["total", "trainable", "active"]}}
    expect = {"properties": {"parameters": constraint(counts)}}
    properties = {"models": False, "expect": constraint(expect)}
    return {"properties": properties, "errorMessage": "A spec has `model` or `models`, not both."}
