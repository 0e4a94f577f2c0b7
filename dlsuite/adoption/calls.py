"""Calls with their arguments and what they read, as a spec has them."""

from __future__ import annotations

from typing import Any

from dlsuite.adoption.drafts import Line, Node, local
from dlsuite.adoption.graphs import Call, Tensor, tensors
from dlsuite.adoption.reads import Reads


class Calls(Reads):
    """Writes single calls."""

    def put(self, item: str, line: Line) -> None:
        """Appends a call to a line."""
        inner = self.scope.inner.get(item)
        if inner is not None:
            node = Node(item, None, scope=inner)
            reads = [self.read(one, line) for one in inner.inputs]
            node.inputs = None if reads == ["@previous"] else reads[0] if len(reads) == 1 else reads
            last = inner.outputs[-1]
        else:
            call = self.graph.calls[self.items[item][0]]
            inputs = self.inputs(call, line)
            node = self.node(item, call)
            node.inputs = inputs
            last = Tensor(call.key)
        line.append(node)
        self.scope.drafts.append(node)
        line.last = None if self.many(item) else last

    def node(self, item: str, call: Call) -> Node:
        ((name, arguments),) = call.made.items()
        if not call.again:
            return Node(item, name, dict(arguments), nameless=call.operation or call.network is not None)
        return Node(item, "Reuse", {"layer": local(call.name, self.scope.prefix)})

    def inputs(self, call: Call, line: Line) -> Any:
        """Returns what a call reads, as `inputs` has it."""
        ((name, arguments),) = call.made.items()
        if call.operation:
            return self.operands(call, name, line)
        known = self.catalogue.entry("layer", name) or {}
        parameters = known.get("call", {"inputs": {}}) if call.network is None else dict.fromkeys(call.inputs, {})
        required = [key for key, schema in parameters.items() if "default" not in schema]
        values = {key: self.value(value, line) for key, value in call.inputs.items()}
        first = next(iter(parameters))
        if list(values) == [first]:
            if values[first] == "@previous":
                return None
            single = len(required) == 1
            return values[first] if single else {first: values[first]}
        if list(values) == required and len(required) > 1:
            return list(values.values())
        return values

    def operands(self, call: Call, name: str, line: Line) -> Any:
        """Returns what a tensor function reads; constants go to its arguments."""
        entry = self.catalogue.entry("op", name) or {}
        if variadic := entry.get("variadic"):
            return [self.value(one, line) for one in call.inputs[variadic]]
        reads: dict[str, Any] = {}
        for key, value in call.inputs.items():
            if any(True for _ in tensors(value)):
                reads[key] = self.value(value, line)
            else:
                call.made[name][key] = value
        free = [key for key in entry.get("tensors", ()) if key not in call.made[name]]
        if list(reads.values()) == ["@previous"] and free[:1] == list(reads):
            return None
        if list(reads) == free[: len(reads)] and len(free) > 1:
            return list(reads.values())
        if len(free) == 1:
            return next(iter(reads.values()))
        return reads
