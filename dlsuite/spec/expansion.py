"""Networks and blocks as bodies of calls: wires resolved, each block analysed once per distinct arguments."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from dlsuite.spec import plan
from dlsuite.spec.calling import RESERVED, call_block, call_layer, call_network, call_op
from dlsuite.spec.checking import FAULTY, Checker, Names
from dlsuite.spec.declarations import SHARE, Block, chain_of, declared_names, layered, read_block
from dlsuite.spec.document import Array, Object
from dlsuite.spec.errors import Place
from dlsuite.spec.expressions import is_expression, is_identifier, naming
from dlsuite.spec.network_inputs import network_inputs
from dlsuite.spec.network_settings import settle_networks
from dlsuite.spec.plan import Body, InputPlan, Network, Ref
from dlsuite.spec.structure import MAX_CALLS, STRUCTURE, TOO_MANY
from dlsuite.spec.wiring import WIRING, Frame, Lazy, Several, Wiring, settle

MAX_BLOCK_DEPTH = 64

_FEWER = "Blocks and Repeats multiply what is inside them: lessen one of them."


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
        self.wiring = Wiring(checker, self.networks)
        self.count = 0

    def define(self, blocks: Object) -> None:
        """Reads the definitions of blocks."""
        self.checker.blocks = self.blocks
        for name, raw in blocks.items():
            if not is_identifier(name):
                self.checker.fault(f"`{name}` is no name for a block.", blocks.keys_at[name], naming(name))
            self.blocks[name] = read_block(self.checker, name, raw, blocks.places[name], RESERVED)

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
        made = {name: self.networks[name] for name in sections if name in self.networks}
        return settle_networks(self.checker, made)

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
        faults = len(checker.faults)
        section = layered(checker, raw, place, owner)
        checker.keys(section, ("about", "inputs", "outputs", "layers"), owner)
        declared = network_inputs(checker, section, owner, self.tensors, {**self.params, **self.facts})
        frame = Frame({**self.params, **self.facts}, available=tuple(declared))
        frame.wires.update({item: Lazy(item) for item in declared})
        stack, self.stack, checker.calls = self.stack, (*self.stack, name), ()
        main = [item for item in declared if "." not in item]
        start = Lazy(main[0]) if len(main) == 1 else None if main else FAULTY
        layers = chain_of(checker, section, "layers", place, owner)
        body = self._finish(frame, layers, start, declared_names(checker, section, "outputs", owner))
        self.stack, checker.calls = stack, outer
        inputs = {item: tensor for item, tensor in declared.items() if item in body.inputs}
        if len(checker.faults) == faults and not frame.left_out:
            self._unread(section, body, owner)
        self._clashes(body, inputs, owner, section.places.get("layers", place))
        self.networks[name] = Network(name, inputs, body, place)
        return self.networks[name]

    def _unread(self, section: Object, body: Body, owner: str) -> None:
        """Reports inputs that a network declares and that nothing reads."""
        declared = section.get("inputs")
        if isinstance(declared, Object):
            places = declared.keys_at
        else:
            places = declared_names(self.checker, section, "inputs", owner) or {}
        for name, place in places.items():
            if name not in body.inputs and not any(item.startswith(f"{name}.") for item in body.inputs):
                message = f"Nothing reads the input `{name}` of {owner[0].lower()}{owner[1:]}."
                hint = f'Leave it out, or name it in the `inputs` of a layer: {{"inputs": "{name}"}}.'
                self.checker.fault(message, place, hint)

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
        written, at = block.active
        active = checker.typed(written, at, SHARE, frame.names, f"`active` of the block `{block.name}`")
        body = self._finish(frame, block.layers, start, block.outputs)
        if isinstance(active, int | float) and active != 1:
            body = replace(body, active=active)
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
                frame.left_out = True
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
            made = call_block(self, self.blocks[name], given, place, frame, previous)
        elif name in self.sections:
            made = call_network(self, name, given, place, frame, previous)
        elif name.startswith("ops."):
            made = call_op(self, name, given, place, frame, previous)
        else:
            made = call_layer(self, name, given, place, frame, previous)
        self.wiring.bind(given, made, place, frame)
        return made
