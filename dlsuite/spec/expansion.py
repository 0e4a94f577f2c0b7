"""Networks and blocks as bodies of calls: wires resolved, each block analysed once per distinct arguments."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dlsuite.spec import plan
from dlsuite.spec.checking import FAULTY, Checker, Names
from dlsuite.spec.document import Array, Object, describe
from dlsuite.spec.errors import Place, nearest, suggest
from dlsuite.spec.expressions import Symbol, is_expression, is_identifier, kind_of, naming
from dlsuite.spec.plan import Body, Component, InputPlan, Network, Ref
from dlsuite.spec.structure import MAX_CALLS, STRUCTURE, TOO_MANY, part
from dlsuite.spec.wiring import LETTERS, NAME, WIRING, Frame, Lazy, Several, Wiring, settle, snake

MAX_BLOCK_DEPTH = 64

DTYPES = ["bool", "int8", "uint8", "int16", "int32", "int64", "float16", "bfloat16", "float32", "float64"]
LAYER_ARGUMENTS: Mapping[str, Mapping[str, Any]] = {
    "trainable": {"type": ["boolean"], "default": True},
    "dtype": {"type": ["null", "string"], "values": [*DTYPES, "mixed_bfloat16", "mixed_float16"], "default": None},
}
RESERVED = (*WIRING, *LAYER_ARGUMENTS)
PRESET: Mapping[str, Any] = {"type": ["null", "string"], "default": None}
"""What layers of keras-hub and models of keras.applications take as `preset`."""

_PRESET_NAME = re.compile(r"((hf|kaggle)://[\w.-]+(/[\w.-]+)*|[\w-][\w.-]*)")
_FEWER = "Blocks and Repeats multiply what is inside them: lessen one of them."


@dataclass(frozen=True)
class Block:
    """A block as the spec defines it; inputs and outputs with the places of their names."""

    name: str
    params: Object
    inputs: Mapping[str, Place]
    outputs: Mapping[str, Place] | None
    layers: Array
    place: Place


class Expander:
    """Expands the networks of one spec.

    Args:
        checker: Collects the faults.
        params: The spec's params.
        facts: The data's facts, by feature.
        tensors: The data's inputs, by name; those with a dot (`text.mask`) come beside their feature.
    """

    def __init__(self, checker: Checker, params: Names, facts: Names, tensors: Mapping[str, InputPlan]):
        self.checker = checker
        self.params = params
        self.facts = facts
        self.tensors = tensors
        self.blocks: dict[str, Block] = {}
        self.sections: dict[str, tuple[Any, Place]] = {}
        self.networks: dict[str, Network] = {}
        self.stack: tuple[str, ...] = ()
        self.bodies: dict[tuple[str, str], Body] = {}
        self.wiring = Wiring(checker)
        self.count = 0

    def define(self, blocks: Object) -> None:
        """Reads the definitions of blocks."""
        self.checker.blocks = self.blocks
        for name, raw in blocks.items():
            at = blocks.places[name]
            if not is_identifier(name):
                self.checker.fault(f"`{name}` is no name for a block.", blocks.keys_at[name], naming(name))
            owner, title = f"the block `{name}`", f"The block `{name}`"
            block = self.checker.object(raw, at, title)
            self.checker.keys(block, ("about", "params", "inputs", "outputs", "layers"), title)
            params = self.checker.object(block.get("params", Object(at)), block.places.get("params", at), "`params`")
            for param in params:
                if not is_identifier(param) or param in RESERVED:
                    self.checker.fault(f"`{param}` is no name for a param.", params.keys_at[param], naming(param))
            self.blocks[name] = Block(
                name,
                params,
                self._declared(block, "inputs", owner) or {"": at},
                self._declared(block, "outputs", owner),
                part(self, block, "layers", at, title),
                at,
            )

    def expand(self, sections: Object) -> dict[str, Network]:
        """Returns the networks, and reads blocks that none of them calls for their faults."""
        for name, raw in sections.items():
            self.sections[name] = raw, sections.places[name]
            if not is_identifier(name):
                self.checker.fault(f"`{name}` is no name for a network.", sections.keys_at[name], naming(name))
            elif name in self.blocks:
                message = f"`{name}` is both a block and a network."
                self.checker.fault(message, sections.keys_at[name], "Rename one of them.")
        for name in sections:
            self.network(name)
        called = {name for name, _ in self.bodies}
        for name, block in self.blocks.items():
            if name not in called:
                self.body(block, self._usual(block), block.place)
        return {name: self.networks[name] for name in sections if name in self.networks}

    # -- networks and blocks ------------------------------------------------------------------------------------------

    def network(self, name: str) -> Network | None:
        """Returns a network, expanded on first use."""
        if name in self.networks:
            return self.networks[name]
        raw, place = self.sections[name]
        checker, outer = self.checker, self.checker.calls
        owner = "The model" if name == "model" else f"The network `{name}`"
        if name in self.stack:
            chain = " -> ".join([*self.stack[self.stack.index(name) :], name])
            checker.fault(f"{owner} calls itself: {chain}.", place, "Break the cycle.")
            return None
        section = checker.object(raw, place, owner)
        checker.keys(section, ("about", "inputs", "outputs", "layers"), owner)
        declared = self._network_inputs(section, owner)
        frame = Frame({**self.params, **self.facts}, available=tuple(declared))
        frame.wires.update({item: Lazy(item) for item in declared})
        stack, self.stack, checker.calls = self.stack, (*self.stack, name), ()
        main = [item for item in declared if "." not in item]
        start = Lazy(main[0]) if len(main) == 1 else None if main else FAULTY
        layers = part(self, section, "layers", place, owner)
        body = self._finish(frame, layers, start, self._declared(section, "outputs", owner))
        self.stack, checker.calls = stack, outer
        inputs = {item: tensor for item, tensor in declared.items() if item in body.inputs}
        self._clashes(body, inputs, owner, section.places.get("layers", place))
        self.networks[name] = Network(name, inputs, body, place)
        return self.networks[name]

    def _clashes(self, body: Body, inputs: Mapping[str, InputPlan], owner: str, place: Place) -> None:
        """Reports names that an input, a layer and a called network of one network have in common."""
        checker = self.checker
        named = {node.name: node.place for node in body.nodes if not isinstance(node, plan.NetworkCall)}
        for name in inputs.keys() & named.keys():
            message = f"{owner} has an input and a layer named `{name}`, which Keras refuses."
            checker.fault(message, named[name], f'Rename one of them; `"to": "{name}"` binds the wire anew.')
        for name in inputs.keys() & body.outputs.keys() - named.keys():
            message = f"{owner} has an input and an output named `{name}`, which Keras refuses."
            checker.fault(message, place, "Rename the output, or the input.")
        for name in sorted(body.networks & {*inputs, *named}):
            what = "a layer" if name in named else "an input"
            message = f"{owner} calls the network `{name}` and has {what} of that name, which Keras refuses."
            checker.fault(message, named.get(name, place), "Rename one of them.")

    def body(self, block: Block, values: Names, place: Place) -> Body | None:
        """Returns a block's body for arguments; equal arguments give the same body."""
        key = block.name, json.dumps(values, sort_keys=True, default=vars)
        if key in self.bodies:
            return self.bodies[key]
        checker = self.checker
        if block.name in self.stack:
            chain = " -> ".join([*self.stack[self.stack.index(block.name) :], block.name])
            checker.fault(f"The block `{block.name}` calls itself: {chain}.", place, "Break the cycle.")
            return None
        if len(self.stack) >= MAX_BLOCK_DEPTH:
            raise checker.stop(f"Blocks inside blocks, more than {MAX_BLOCK_DEPTH} deep.", place, "Use fewer levels.")
        frame = Frame({**self.facts, **values}, list(block.inputs))
        frame.wires.update({item: Ref(-1 - i) for i, item in enumerate(block.inputs) if item})
        stack, calls = self.stack, checker.calls
        self.stack, checker.calls = (*stack, block.name), ((block.name, place), *calls)
        start = Ref(-1) if len(block.inputs) == 1 else None
        body = self._finish(frame, block.layers, start, block.outputs)
        self.stack, checker.calls = stack, calls
        self.bodies[key] = body
        return body

    def _usual(self, block: Block) -> Names:
        """Returns the defaults of a block that nothing calls; those of a library may read params of its users."""
        values: dict[str, Any] = {}
        own = any(place.source is block.place.source for _, place in self.sections.values())
        for key, default in block.params.items():
            known = {**self.params, **self.facts, **values}
            value = self.checker.value(default, block.params.places[key], known) if own else default
            values[key] = FAULTY if value is None or is_expression(value) else value
        return values

    def _finish(self, frame: Frame, layers: Array, start: Any, declared: Mapping[str, Place] | None) -> Body:
        if not layers:
            self.checker.fault("There are no layers here.", layers.place, "Add one.")
        last = self.chain(layers, frame, start) if layers else FAULTY
        outputs: dict[str, Any] = {}
        if declared is not None:
            for output, at in declared.items():
                value = self.wiring.wire(output, at, frame, None)
                if isinstance(value, Several):
                    self.wiring.ambiguous(value, output, at)
                outputs[output] = value
        networks: set[str] = set()
        for draft in frame.drafts:
            if draft.make is plan.NetworkCall:
                networks.add(draft.fields["network"])
            elif draft.make is plan.BlockCall:
                networks |= draft.fields["body"].networks
        names = settle(frame, {*frame.available, *networks})
        if declared is None:
            last = self.wiring.resolve(last, frame)
            if isinstance(last, Several):
                outputs = {item: Ref(last.node, item) for item in last.items}
            elif isinstance(last, Ref):
                bound = [wire for wire, value in frame.wires.items() if value == last]
                own = names[last.node] if last.node >= 0 and last.item is None else str(last.item)
                outputs = {own if own in bound or not bound else bound[-1]: last}
            elif last is None:
                self.checker.fault("Nothing comes out of these layers.", layers.place, "Add a layer.")
        nodes = tuple(draft.make(name=name, **draft.fields) for draft, name in zip(frame.drafts, names, strict=True))
        calls = sum(draft.weight for draft in frame.drafts)
        if calls > MAX_CALLS:
            raise self.checker.stop(TOO_MANY, layers.place, _FEWER)
        return Body(tuple(frame.inputs), nodes, outputs, calls, frozenset(networks))

    def _network_inputs(self, section: Object, owner: str) -> dict[str, InputPlan]:
        checker = self.checker
        if "inputs" not in section:
            if not self.tensors:
                hint = 'Declare `inputs`, as in {"x": {"Input": {"shape": [8]}}}, or `data`.'
                checker.fault(f"{owner} has no inputs.", section.place, hint)
            return dict(self.tensors)
        raw, place = section["inputs"], section.places["inputs"]
        if isinstance(raw, Array):
            places = self._declared(section, "inputs", owner) or {}
            given: Mapping[str, Any] = dict.fromkeys(places)
        else:
            given = checker.object(raw, place, f"`inputs` of {owner}")
            places = getattr(given, "places", {})
        if raw in ([], {}):
            checker.fault(f"{owner} has no inputs.", place, 'Declare one, as in {"x": {"Input": {"shape": [8]}}}.')
        result: dict[str, InputPlan] = {}
        for name, value in given.items():
            at = places.get(name, place)
            if value is None:
                if name not in self.tensors:
                    checker.fault(f"The data has no input `{name}`.", at, suggest(name, self.tensors, what="inputs"))
                result[name] = self.tensors.get(name, InputPlan(None))
                masks = {mask: tensor for mask, tensor in self.tensors.items() if mask.startswith(f"{name}.")}
                result.update(masks)
            else:
                if not NAME.fullmatch(name):
                    checker.fault(f"`{name}` is no name for an input.", at, LETTERS)
                result[name] = self._input(value, at)
        return result

    def _input(self, raw: Any, place: Place) -> InputPlan:
        checker, names = self.checker, {**self.params, **self.facts}
        written = checker.split(raw, place, names, "input")
        if written is None:
            return InputPlan(None)
        name, given = written
        if name != "Input":
            checker.fault(f"Unknown input `{name}`.", place, 'Write {"Input": {"shape": [8]}}.')
            return InputPlan(None)
        checker.keys(given, ("shape", "dtype", "about"), "Input")
        if "shape" not in given:
            checker.fault("Input needs `shape`.", place, "A list of lengths without the batch; null where any goes.")
        lengths = {"type": ["array"], "items": {"type": ["null", "integer"], "min": 1}, "default": None}
        shape = given.get("shape")
        if isinstance(shape, str | Array):
            shape = checker.typed(shape, given.places["shape"], lengths, names, "`shape` of Input")
        elif "shape" in given:
            checker.typed(shape, given.places["shape"], lengths, names, "`shape` of Input")
        dtype = checker.field(
            given, "dtype", {"type": ["string"], "values": DTYPES, "default": "float32"}, names, "Input"
        )
        return InputPlan(None if isinstance(shape, Symbol) else shape, dtype)

    def _declared(self, section: Object, key: str, owner: str) -> dict[str, Place] | None:
        if key not in section:
            return None
        names: dict[str, Place] = {}
        raw = self.checker.array(section[key], section.places[key], f"`{key}` of {owner}")
        for name, place in zip(raw, raw.places, strict=True):
            if not isinstance(name, str) or not all(map(NAME.fullmatch, name.split("."))):
                hint = f"Names of wires go there. {LETTERS}" if isinstance(name, str) else "Names of wires go there."
                self.checker.fault(f"`{key}` of {owner} holds {describe(name)}.", place, hint)
            elif name in names:
                self.checker.fault(f"`{key}` of {owner} holds `{name}` twice.", place, "Remove one of the two.")
            else:
                names[name] = place
        return names

    # -- chains and calls ---------------------------------------------------------------------------------------------

    def chain(self, layers: Array, frame: Frame, previous: Any) -> Any:
        """Returns what the last of a list of layers makes, each reading what the one before made."""
        for raw, place in zip(layers, layers.places, strict=True):
            previous = self.call(raw, place, frame, previous)
        return previous

    def call(self, raw: Any, place: Place, frame: Frame, previous: Any) -> Any:
        """Returns what a call makes; `previous` where `when` leaves it out."""
        written = self.checker.split(raw, place, frame.names, "layer")
        if written is None:
            frame.open_names = True
            return FAULTY
        name, given = written
        if "when" in given:
            at = given.places["when"]
            wanted = self.checker.typed(given["when"], at, {"type": ["boolean"]}, frame.names, "`when`")
            if wanted is False:
                for key in ("name", "to"):
                    for wire in self.wiring.bindings(given, key, frame):
                        frame.absent[wire] = place
                return previous
        return self.dispatch(name, given, place, frame, previous)

    def dispatch(self, name: str, given: Object, place: Place, frame: Frame, previous: Any) -> Any:
        """Returns what a call makes whose `when` holds."""
        self.count += 1
        if self.count > MAX_CALLS:
            raise self.checker.stop(TOO_MANY, place, _FEWER)
        if name in STRUCTURE:
            read, arguments = STRUCTURE[name]
            self.checker.keys(given, (*arguments, *WIRING), name)
            made = read(self, given, place, frame, previous)
            if name in ("Repeat", "Reuse"):
                self.wiring.bind(given, made, place, frame)
            return made
        if name in self.blocks:
            made = self._block(self.blocks[name], given, place, frame, previous)
        elif name in self.sections:
            made = self._network(name, given, place, frame, previous)
        elif name.startswith("ops."):
            made = self._op(name, given, place, frame, previous)
        else:
            made = self._layer(name, given, place, frame, previous)
        self.wiring.bind(given, made, place, frame)
        return made

    def _layer(self, name: str, given: Object, place: Place, frame: Frame, previous: Any) -> Any:
        checker = self.checker
        entry = checker.catalogue.entry("layer", name)
        if entry is None:
            if re.fullmatch(r"[a-z_0-9]+", name):
                self._unknown_block(name, place)
            elif not (hint := suggest(name, STRUCTURE)) or "Did" not in hint:
                checker.entry("layer", name, place)
            else:
                checker.fault(f"Unknown layer `{name}`.", place, hint)
            self.wiring.read_inputs(given, frame, previous)
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
        inputs = self.wiring.fill(name, entry.get("call", {"inputs": {}}), given, place, frame, previous)
        component = Component("layer", name, arguments, place)
        preset = self._preset(name, given, frame) if "preset" in reserved else None
        return self.wiring.add(
            frame, plan.LayerCall, snake(name), given, place, inputs, component=component, preset=preset
        )

    def _preset(self, name: str, given: Object, frame: Frame) -> str | None:
        """Returns the name of a preset; a name, not a path or an address."""
        schema = {**PRESET, "values": ["imagenet"]} if name.startswith("applications.") else PRESET
        preset = self.checker.field(given, "preset", schema, frame.names, name)
        if preset is not None and not _PRESET_NAME.fullmatch(preset):
            hint = "Names such as `bert_tiny_en_uncased`, or `hf://organisation/name`, `kaggle://...`."
            self.checker.fault(f"`{preset}` is no name of a preset.", given.places["preset"], hint)
        return preset

    def _unknown_block(self, name: str, place: Place) -> None:
        checker, known = self.checker, [*self.blocks, *(name for name in self.sections if name != "model")]
        hint = suggest(name, known, what="blocks")
        layer = nearest(name.replace("_", ""), checker.catalogue.names("layer"))
        if layer and "Did" not in hint:
            hint = f"Did you mean the layer `{layer}`? Names of Keras are in CamelCase; {hint[0].lower()}{hint[1:]}"
        checker.fault(f"Unknown block `{name}`.", place, hint)

    def _op(self, name: str, given: Object, place: Place, frame: Frame, previous: Any) -> Any:
        checker = self.checker
        entry = checker.entry("op", name, place)
        if entry is None:
            self.wiring.read_inputs(given, frame, previous)
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
                self.wiring.read(given["inputs"], given.places["inputs"], frame, previous)
                if "inputs" in given
                else [self.wiring.previous(previous, place, name)]
            )
            inputs[variadic] = read if isinstance(read, list) else [read]
        elif tensors:
            wanted = {key: schemas[key] for key in tensors if key not in inputs}
            if wanted or "inputs" in given:
                inputs |= self.wiring.fill(name, wanted, given, place, frame, previous, len(wanted) > 1)
        missing = [
            key
            for key, schema in schemas.items()
            if "default" not in schema and key not in inputs and key not in tensors
        ]
        if missing:
            example = ", ".join(f'"{key}": ...' for key in missing)
            hint = f'Write {{"{name}": {{{example}}}}}.'
            checker.fault(f"{name} needs {' and '.join(f'`{key}`' for key in missing)}.", place, hint)
        inputs = {key: inputs[key] for key in schemas if key in inputs}
        return self.wiring.add(
            frame, plan.OpCall, snake(name), given, place, inputs, component=Component("op", name, {}, place)
        )

    def _block(self, block: Block, given: Object, place: Place, frame: Frame, previous: Any) -> Any:
        checker = self.checker
        values: dict[str, Any] = {}
        for key in given:
            if key not in block.params and key not in RESERVED:
                hint = suggest(key, [*block.params, *RESERVED], what="arguments")
                checker.fault(f"The block `{block.name}` has no param `{key}`.", given.keys_at[key], hint)
        known = {**self.params, **self.facts}
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
                checker.fault(message, given.places[key], f"Its default is {json.dumps(usual, default=repr)}.")
                value = FAULTY
            values[key] = known[key] = value
        settings = {
            key: checker.typed(given[key], given.places[key], schema, frame.names, f"`{key}`")
            for key, schema in LAYER_ARGUMENTS.items()
            if key in given
        }
        inputs = self.wiring.fill(
            f"The block `{block.name}`", dict.fromkeys(block.inputs, {}), given, place, frame, previous, True
        )
        body = self.body(block, values, place)
        if body is None or not body.outputs:
            frame.open_names = True
            return FAULTY
        items = tuple(block.outputs) if block.outputs and len(block.outputs) > 1 else ()
        if block.outputs is None and len(body.outputs) > 1:
            items = tuple(body.outputs)
        extra = {"block": block.name, "body": body, "settings": settings}
        return self.wiring.add(frame, plan.BlockCall, block.name, given, place, inputs, body.calls, items, **extra)

    def _network(self, name: str, given: Object, place: Place, frame: Frame, previous: Any) -> Any:
        self.checker.keys(given, WIRING, f"The network `{name}`")
        network = self.network(name)
        if network is None:
            self.wiring.read_inputs(given, frame, previous)
            return FAULTY
        inputs = self.wiring.fill(
            f"The network `{name}`", dict.fromkeys(network.inputs, {}), given, place, frame, previous, True
        )
        items = tuple(network.body.outputs) if len(network.body.outputs) > 1 else ()
        return self.wiring.add(
            frame, plan.NetworkCall, name, given, place, inputs, network.body.calls, items, network=name
        )


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
