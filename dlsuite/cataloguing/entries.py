"""What the catalogue says of one component: its arguments, tried on its constructor, and those of its call."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import keras
from keras import layers

from dlsuite.cataloguing import probing
from dlsuite.cataloguing.choices import (
    KINDS,
    LEFT_OUT,
    LEFT_OUT_OF_LAYERS,
    MANY,
    OUTPUTS,
    SPECIAL,
    STAND_INS,
    SUFFIXES,
    UNTRIED,
)
from dlsuite.cataloguing.libraries import activations
from dlsuite.cataloguing.named_arguments import NAMED, Schema


def entry_of(kind: str, name: str, function: Any) -> Schema | None:
    """Returns a component's entry; `None` if it cannot be made from JSON."""
    args = _arguments(kind, name, function)
    if args is None:
        return None
    entry: Schema = {"args": args}
    if kind == "layer":
        entry["call"] = _call(name, function)
        if isinstance(function, type) and issubclass(function, layers.Add.__mro__[1]):
            entry["whole"] = True
        if name in OUTPUTS:
            entry["outputs"] = OUTPUTS[name]
    return entry


def _call(name: str, function: Any) -> Schema:
    """Returns the arguments of a layer's call, in order."""
    if not inspect.isclass(function) or issubclass(function, keras.Model):
        return {"inputs": {}}
    found = {}
    for argument, parameter in probing.parameters(function.call).items():
        if argument == "training":
            continue
        try:
            found[argument] = (
                {} if parameter.default is parameter.empty else {"default": probing.plain(parameter.default)}
            )
        except TypeError:
            found[argument] = {"default": None}
    return found or {"inputs": {}}


def _arguments(kind: str, name: str, function: Any) -> Schema | None:
    """Returns the schemas of a component's arguments; `None` if it cannot be made from JSON."""
    parameters = probing.parameters(function)
    docs = probing.documentation(function)
    left_out = LEFT_OUT | (LEFT_OUT_OF_LAYERS if kind == "layer" else frozenset())
    needed = [key for key, p in parameters.items() if p.default is p.empty]
    base = working_arguments(function, needed, name)
    if base is None and not _is_large(function) and needed:
        print(f"not tried: {name} {needed}", file=sys.stderr)
    result: Schema = {}
    for key, parameter in parameters.items():
        if (key in left_out and (kind, key) != ("metric", "name")) or (
            parameter.default is not parameter.empty and not _is_plain(parameter.default)
        ):
            continue
        accepts = None if base is None else partial(_takes, function, base, key)
        schema = (
            _override(kind, name, key)
            or _component(key, parameter)
            or probing.schema_of(key, parameter, accepts, docs.get(key, ""))
        )
        if parameter.default is not parameter.empty:
            schema = {**schema, "default": probing.plain(parameter.default)}
        schema.pop("free", None)
        result[key] = schema
    if kind == "layer" and base is not None and name[0].isupper() and "activity_regularizer" not in result:  # noqa: SIM102
        if _takes(function, base, "activity_regularizer", "l2"):
            result["activity_regularizer"] = {"type": ["null"], "kind": "regularizer", "default": None}
    return result


def _takes(function: Callable[..., Any], base: Mapping[str, Any], key: str, value: Any) -> bool:
    return probing.works(function, {**base, key: value})


def working_arguments(function: Any, needed: list[str], name: str) -> dict[str, Any] | None:
    """Returns required arguments that work, or `None` where trying is too slow or fails."""
    if _is_large(function):
        return None
    if name in UNTRIED:
        return None
    known = {key: value for key in needed if (value := _known(name, key)) is not None}
    return probing.required(function, needed, known)


def _is_large(function: Any) -> bool:
    return not inspect.isclass(function) or issubclass(function, keras.Model)


def _known(name: str, key: str) -> Any:
    """Returns a value that a required argument of this name takes."""
    cells = name in ("RNN", "StackedRNNCells")
    values: dict[str, Callable[[], Any]] = {
        "layer": lambda: layers.LSTM(2) if name == "Bidirectional" else layers.Dense(2),
        "cell": lambda: layers.LSTMCell(2),
        "cells": lambda: [layers.LSTMCell(2)],
        "layers": lambda: [layers.LSTMCell(2)] if cells else [layers.RandomFlip()],
        "inner_optimizer": keras.optimizers.SGD,
        **{key: partial(_same, value) for key, value in STAND_INS.items()},
    }
    return values[key]() if key in values else None


def _same(value: Any) -> Any:
    return value


def _is_plain(value: Any) -> bool:
    try:
        probing.plain(value)
    except TypeError:
        return False
    return True


def _component(key: str, parameter: inspect.Parameter) -> Schema | None:
    """Returns the schema of an argument that takes components, or `None` for others."""
    kind = KINDS.get(key) or next((kind for end, kind in SUFFIXES.items() if key.endswith(end)), None)
    if kind is None:
        return None
    if kind == "activation" and isinstance(parameter.default, str) and parameter.default not in activations():
        return {"type": ["null", "string"]}
    schema: Schema = {"kind": kind}
    if key in MANY:
        schema["type"] = ["array"]
    elif parameter.default is None or kind == "activation":
        schema["type"] = ["null"]
    return schema


def _override(kind: str, name: str, key: str) -> Schema | None:
    """Returns what holds for an argument whatever its constructor takes."""
    if kind == "optimizer" and key == "learning_rate":
        return {"type": ["number"], "min": 0, "kind": "schedule"}
    if key in ("seed", "vocabulary", "use_cudnn"):
        return NAMED[key]
    if kind == "metric" and key == "name":
        return {"type": ["null", "string"]}
    return SPECIAL.get((name, key))
