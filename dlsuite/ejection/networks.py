"""Networks as functions that return Keras models."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from dlsuite.ejection import outlines
from dlsuite.ejection.binding import Many
from dlsuite.ejection.blocks import BlockPrinter, frozen
from dlsuite.ejection.bodies import Body
from dlsuite.ejection.formulas import NotPlain
from dlsuite.ejection.layout import STEP, Call, Code, Items, docstring, flat, lines, listed, literal, quoted
from dlsuite.ejection.writing import Writer
from dlsuite.spec.plan import Network

MANY = 80
"""Inputs whose dictionary has more characters are kept in a list first."""


class NetworkPrinter(BlockPrinter):
    """Prints networks."""

    def network(self, name: str) -> list[str]:
        """Returns the function of a network."""
        section, network = self.sections[name], self.plan.networks[name]
        body = Body(
            self.components,
            self.callables,
            self.names({}, network=True),
            section["layers"],
            tuple(network.inputs),
            section.get("outputs", ()),
            options=frozenset(network.settings),
            reserved=frozenset({*self.available(section), *network.body.networks}),
            named_ops=self.named_ops,
            taken=self.taken,
            rows=self.rows,
        )
        for key, value in network.settings.items():
            body.writer.assign(key, literal(value))
        for key in network.inputs:
            body.writer.assign(body.wires.names[key], self.input(key, section, network, body))
        inputs = _alone({key: body.wires.names[key] for key in network.inputs})
        if isinstance(inputs, Items) and len(flat(inputs)) > MANY:
            kept = body.wires.fresh("inputs")
            body.writer.assign(kept, listed([body.wires.names[key] for key in network.inputs]))
            inputs = f"{{one.name: one for one in {kept}}}"
        elif body.wires.bound & {*network.inputs}:  # the names of inputs get other values
            kept = body.wires.fresh("inputs")
            body.writer.assign(kept, inputs)
            inputs = kept
        made = self.chained(body, section)
        outputs = self.outputs(body, section, network, made)
        title = self.plan.name if self.plan.single else name
        body.writer.give(Call("keras.Model", (inputs, _alone(outputs), ("name", quoted(title)))))
        self.begin(body, section)
        calls = [self.functions[other] for other in self.sections if other in self.direct(section)]
        function = "build" if self.plan.single else f"build_{name}"
        head = lines(Call(function, (*calls, *self.build_arguments(body))), 0, "def ", ":")
        about = section.get("about", "")
        return [*head, *(docstring(about, STEP) if about.strip() else []), *body.writer.lines()]

    def chained(self, body: Body, section: Mapping[str, Any]) -> Any:
        """Writes a network's calls and returns where what the last makes is kept."""
        main = [key for key in self.available(section) if "." not in key]
        start = body.wires.names.get(main[0]) if len(main) == 1 else None
        return body.chain(section["layers"], start, self.target(body), "outputs" not in section)

    def available(self, section: Mapping[str, Any]) -> tuple[str, ...]:
        """Returns the inputs that a network might read."""
        data = self.facts_tensors
        if "inputs" not in section:
            return tuple(data)
        given = section["inputs"]
        found: list[str] = []
        for name in given:
            found.append(name)
            if isinstance(given, list) or given[name] is None:
                found += [mask for mask in data if mask.startswith(f"{name}.")]
        return tuple(found)

    @property
    def facts_tensors(self) -> tuple[str, ...]:
        """Names of the tensors that the data gives."""
        return tuple({key: None for network in self.plan.networks.values() for key in network.inputs})

    def input(self, key: str, section: Mapping[str, Any], network: Network, body: Body) -> Code:
        """Returns an input as code: its shape as the spec has it, else as the data gives it."""
        given = section.get("inputs")
        written = given.get(key) if isinstance(given, Mapping) else None
        tensor = network.inputs[key]
        if written is not None:
            shape = self.components.value(outlines.written(written)[1]["shape"], body.name)
        else:
            shape = literal(list(tensor.shape))
        dtype = [("dtype", quoted(tensor.dtype))] if tensor.dtype != "float32" else []
        return Call("keras.Input", (frozen(shape), *dtype, ("name", quoted(key))))

    def outputs(self, body: Body, section: Mapping[str, Any], network: Network, made: Any) -> dict[str, str]:
        """Returns the code of a network's outputs, by name."""
        keys = list(network.body.outputs)
        if "outputs" in section:
            return {key: body.wire(key) for key in section["outputs"]}
        if isinstance(made, Many):
            return dict(made.items)
        return {keys[0]: body.one(made)}

    def direct(self, section: Mapping[str, Any]) -> set[str]:
        """Returns the networks that a network calls, by blocks inside too."""
        found: set[str] = set()
        for name, _ in outlines.structures(section["layers"]):
            if name in self.blocks and self.direct(self.blocks[name]):
                raise NotPlain("A block that calls a network.")
            found |= {name} & {*self.sections}
        return found

    def build_arguments(self, body: Body) -> Iterable[Code | tuple[str, Code]]:
        """Returns params as arguments of `build`, where blocks read none of them."""
        if self.constant:
            return []
        wanted = self.wanted(body.uses)
        before: set[str] = set()
        arguments: list[Code | tuple[str, Code]] = []
        late: list[tuple[str, Code]] = []
        for name in self.plan.params:
            code, value = self.globals[name]
            if name in wanted and outlines.names_read(value) & before:
                arguments.append((code, "None"))
                late.append((code, self.components.value(value, self.known)))
            elif name in wanted:
                arguments.append((code, frozen(self.components.value(value, self.known))))
            before |= {name} & wanted
        first = Writer()
        for code, value in late:
            first.default(code, value)
        body.writer.statements[:0] = first.statements
        return arguments

    def wanted(self, used: set[str]) -> set[str]:
        """Returns the params and facts that are read, those that params are computed from included."""
        wanted = {name for name in self.globals if name in used}
        for name in reversed(list(self.globals)):
            if name in wanted and name in self.plan.params:
                wanted |= outlines.names_read(self.globals[name][1])
        return wanted

    def all_networks(self) -> list[str]:
        """Returns the function that builds every network."""
        writer = Writer()
        done: set[str] = set()

        def make(name: str) -> None:
            if name in done:
                return
            done.add(name)
            inner = [other for other in self.sections if other in self.direct(self.sections[name])]
            for other in inner:
                make(other)
            arguments = tuple(self.functions[other] for other in inner)
            writer.assign(self.functions[name], Call(f"build_{name}", arguments))

        for name in self.sections:
            make(name)
        writer.give(Items("{", tuple((quoted(name), self.functions[name]) for name in self.sections)))
        return ["def build():", '    """Returns the models by name."""', *writer.lines()]


def _alone(values: Mapping[str, str]) -> Code:
    """Returns the only tensor, or a dictionary of several."""
    if len(values) == 1:
        return next(iter(values.values()))
    return Items("{", tuple((quoted(key), code) for key, code in values.items()))
