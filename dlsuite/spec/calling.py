"""What a list of layers calls: layers, tensor functions, blocks and networks."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Protocol

from dlsuite.spec import plan
from dlsuite.spec.arguments import type_of, unquoted
from dlsuite.spec.checking import FAULTY, Checker, Names
from dlsuite.spec.declarations import Block
from dlsuite.spec.document import Object, describe
from dlsuite.spec.errors import Place, nearest, suggest
from dlsuite.spec.expressions import Symbol, kind_of
from dlsuite.spec.network_inputs import DTYPES
from dlsuite.spec.plan import Body, Component, Network
from dlsuite.spec.structure import STRUCTURE
from dlsuite.spec.wiring import WIRING, Frame, Wiring, snake

LAYER_ARGUMENTS: Mapping[str, Mapping[str, Any]] = {
    "trainable": {"type": ["boolean"], "default": True},
    "dtype": {"type": ["null", "string"], "values": [*DTYPES, "mixed_bfloat16", "mixed_float16"], "default": None},
}
RESERVED = (*WIRING, *LAYER_ARGUMENTS)
PRESET: Mapping[str, Any] = {"type": ["null", "string"], "default": None}
"""What layers of keras-hub and models of keras.applications take as `preset`."""

_PRESET_NAME = re.compile(r"((hf|kaggle)://[\w.-]+(/[\w.-]+)*|[\w-][\w.-]*)")


class Calls(Protocol):
    """What calls are read for: the expander, its names, blocks and networks."""

    checker: Checker
    wiring: Wiring
    params: Names
    facts: Names
    blocks: dict[str, Block]
    sections: dict[str, tuple[Any, Place]]

    def body(self, block: Block, values: Names, place: Place) -> Body | None:
        """Returns a block's body for arguments."""

    def network(self, name: str) -> Network | None:
        """Returns a network, expanded on first use."""


def call_layer(calls: Calls, name: str, given: Object, place: Place, frame: Frame, previous: Any) -> Any:
    """Returns what a layer makes."""
    checker = calls.checker
    entry = checker.catalogue.entry("layer", name)
    if entry is None:
        if re.fullmatch(r"[a-z_0-9]+", name):
            _unknown_block(calls, name, place)
        elif not (hint := suggest(name, STRUCTURE)) or "Did" not in hint:
            checker.entry("layer", name, place)
        else:
            checker.fault(f"Unknown layer `{name}`.", place, hint)
        calls.wiring.read_inputs(given, frame, previous)
        return FAULTY
    reserved = (*RESERVED, "mask_zero") if "mask_zero" in given else RESERVED
    if name.startswith(("keras_hub.", "applications.")):
        reserved = (*reserved, "preset")
    arguments = checker.arguments(name, entry, given, place, frame.names, reserved)
    for key, schema in LAYER_ARGUMENTS.items():
        if key in given:
            arguments[key] = checker.typed(given[key], given.places[key], schema, frame.names, f"`{key}` of {name}")
    if "mask_zero" in given:
        hint = 'Pass the feature\'s mask where it is needed, as in {"mask": "text.mask"} of `inputs`.'
        checker.fault("Masks are explicit: `mask_zero` is refused.", given.places["mask_zero"], hint)
    inputs = calls.wiring.fill(name, entry.get("call", {"inputs": {}}), given, place, frame, previous)
    component = Component("layer", name, arguments, place)
    preset = _preset(calls, name, given, frame) if "preset" in reserved else None
    return calls.wiring.add(
        frame, plan.LayerCall, snake(name), given, place, inputs, component=component, preset=preset
    )


def _preset(calls: Calls, name: str, given: Object, frame: Frame) -> str | None:
    """Returns the name of a preset; a name, not a path or an address."""
    schema = {**PRESET, "values": ["imagenet"]} if name.startswith("applications.") else PRESET
    preset = calls.checker.field(given, "preset", schema, frame.names, name)
    if preset is not None and not _PRESET_NAME.fullmatch(preset):
        hint = "Names such as `bert_tiny_en_uncased`, or `hf://organisation/name`, `kaggle://...`."
        calls.checker.fault(f"`{preset}` is no name of a preset.", given.places["preset"], hint)
    return preset


def _unknown_block(calls: Calls, name: str, place: Place) -> None:
    checker, known = calls.checker, [*calls.blocks, *(name for name in calls.sections if name != "model")]
    hint = suggest(name, known, what="blocks")
    layer = nearest(name.replace("_", ""), checker.catalogue.names("layer"))
    if layer and "Did" not in hint:
        hint = f"Did you mean the layer `{layer}`? Names of Keras are in CamelCase; {hint[0].lower()}{hint[1:]}"
    checker.fault(f"Unknown block `{name}`.", place, hint)


def call_op(calls: Calls, name: str, given: Object, place: Place, frame: Frame, previous: Any) -> Any:
    """Returns what a tensor function makes; its tensors come from `inputs`, its other arguments by name."""
    checker = calls.checker
    entry = checker.entry("op", name, place)
    if entry is None:
        calls.wiring.read_inputs(given, frame, previous)
        return FAULTY
    schemas, tensors, variadic = entry["args"], entry.get("tensors", []), entry.get("variadic")
    inputs: dict[str, Any] = {}
    for key, raw in given.items():
        if key in schemas and key != "inputs":
            inputs[key] = checker.argument(raw, given.places[key], schemas[key], frame.names, f"`{key}` of {name}")
        elif key not in WIRING:
            hint = suggest(key, [*schemas, *WIRING], what="arguments")
            checker.fault(f"{name} has no argument `{key}`.", given.keys_at[key], hint)
    if variadic:
        read = (
            calls.wiring.read(given["inputs"], given.places["inputs"], frame, previous)
            if "inputs" in given
            else [calls.wiring.previous(previous, place, name)]
        )
        inputs[variadic] = read if isinstance(read, list) else [read]
    elif tensors:
        wanted = {key: schemas[key] for key in tensors if key not in inputs}
        if wanted or "inputs" in given:
            inputs |= calls.wiring.fill(name, wanted, given, place, frame, previous, len(wanted) > 1)
    missing = [
        key for key, schema in schemas.items() if "default" not in schema and key not in inputs and key not in tensors
    ]
    if missing:
        example = ", ".join(f'"{key}": ...' for key in missing)
        hint = f'Write {{"{name}": {{{example}}}}}.'
        checker.fault(f"{name} needs {' and '.join(f'`{key}`' for key in missing)}.", place, hint)
    inputs = {key: inputs[key] for key in schemas if key in inputs}
    return calls.wiring.add(
        frame, plan.OpCall, snake(name), given, place, inputs, component=Component("op", name, {}, place)
    )


def call_block(calls: Calls, block: Block, given: Object, place: Place, frame: Frame, previous: Any) -> Any:
    """Returns what a block makes of its params and inputs."""
    checker = calls.checker
    values: dict[str, Any] = {}
    for key in given:
        if key not in block.params and key not in RESERVED:
            hint = suggest(key, [*block.params, *RESERVED], what="arguments")
            checker.fault(f"The block `{block.name}` has no param `{key}`.", given.keys_at[key], hint)
    known = {**calls.params, **calls.facts}
    for key, default in block.params.items():
        at = block.params.places[key]
        usual = checker.value(default, at, known)
        known[key] = usual
        if key not in given:
            values[key] = usual
            if default is None:
                message = f"The block `{block.name}` needs `{key}`."
                checker.fault(message, place, f'Write {{"{block.name}": {{"{key}": ...}}}}.')
                values[key] = FAULTY
            continue
        value = checker.value(given[key], given.places[key], frame.names)
        if not _same_type(usual, value):
            message = f"`{key}` of the block `{block.name}` takes {kind_of(usual)}, not {describe(value)}."
            plain = unquoted(value, [type_of(usual)]) if isinstance(value, str) else ""
            checker.fault(message, given.places[key], plain or f"Its default is {json.dumps(usual, default=repr)}.")
            value = FAULTY
        values[key] = known[key] = value
    settings = _settings(calls, given, place, frame)
    inputs = calls.wiring.fill(
        f"The block `{block.name}`", dict.fromkeys(block.inputs, {}), given, place, frame, previous, True
    )
    body = calls.body(block, values, place)
    if body is None or not body.outputs:
        frame.open_names = True
        return FAULTY
    items = tuple(block.outputs) if block.outputs and len(block.outputs) > 1 else ()
    if block.outputs is None and len(body.outputs) > 1:
        items = tuple(body.outputs)
    extra = {"block": block.name, "body": body, "settings": settings}
    return calls.wiring.add(frame, plan.BlockCall, block.name, given, place, inputs, body.calls, items, **extra)


def call_network(calls: Calls, name: str, given: Object, place: Place, frame: Frame, previous: Any) -> Any:
    """Returns what another network of the spec makes, its weights shared."""
    calls.checker.keys(given, RESERVED, f"The network `{name}`")
    settings = _settings(calls, given, place, frame)
    network = calls.network(name)
    if network is None:
        calls.wiring.read_inputs(given, frame, previous)
        return FAULTY
    inputs = calls.wiring.fill(
        f"The network `{name}`", dict.fromkeys(network.inputs, {}), given, place, frame, previous, True
    )
    items = tuple(network.body.outputs) if len(network.body.outputs) > 1 else ()
    return calls.wiring.add(
        frame, plan.NetworkCall, name, given, place, inputs, network.body.calls, items, network=name, settings=settings
    )


def _settings(calls: Calls, given: Object, place: Place, frame: Frame) -> Object:
    """Returns what a call states for all layers inside, with the places where it does."""
    settings = Object(place)
    for key, schema in LAYER_ARGUMENTS.items():
        if key in given:
            at = given.places[key]
            settings.put(key, calls.checker.typed(given[key], at, schema, frame.names, f"`{key}`"), at, at)
    return settings


def _same_type(usual: Any, value: Any) -> bool:
    """Returns whether a value may stand where `usual` is the default."""
    if usual is None or isinstance(usual, Symbol) or isinstance(value, Symbol):
        return True
    if isinstance(usual, bool) or isinstance(value, bool):
        return isinstance(usual, bool) and isinstance(value, bool)
    for types in ((int, float), (str, dict), (list,)):
        if isinstance(usual, types):
            return isinstance(value, types)
    return isinstance(value, str | dict)
