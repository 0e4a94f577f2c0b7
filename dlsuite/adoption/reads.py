"""How calls read tensors: as what the call before made, or by the name of a wire."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from dlsuite.adoption.archives import AdoptionError
from dlsuite.adoption.drafts import Line, Scope, outlet
from dlsuite.adoption.graphs import Graph, Tensor, tensors
from dlsuite.spec.catalogue import Catalogue
from dlsuite.spec.wiring import NAME

LETTERS = ("x", "y", "z", "u", "v", "w")


class Reads:
    """Names the wires of one scope.

    Attributes:
        graph: The whole network.
        catalogue: The components that there are.
        titles: Names of the network's outputs.
        scope: What is written.
        items: The calls of each item: a block call has several.
        where: The item of each call.
    """

    graph: Graph
    catalogue: Catalogue
    titles: Mapping[Tensor, str]
    scope: Scope
    items: dict[str, list[str]]
    where: dict[str, str]

    def value(self, value: Any, line: Line) -> Any:
        if isinstance(value, Tensor):
            return self.read(value, line)
        if isinstance(value, list):
            return [self.value(one, line) for one in value]
        if isinstance(value, Mapping):
            return {key: self.value(one, line) for key, one in value.items()}
        if isinstance(value, str):
            raise AdoptionError(f"A call reads the text {value[:40]!r}; only tensors and numbers can be read.")
        return value

    def read(self, tensor: Tensor, line: Line) -> str:
        """Returns how a call reads a tensor."""
        if tensor.call not in self.where and tensor not in self.scope.inputs:
            self.scope.inputs.append(tensor)
        if tensor == line.last:
            return "@previous"
        return self.wire(tensor)

    def wire(self, tensor: Tensor) -> str:
        """Returns the name of a tensor's wire."""
        scope = self.scope
        if tensor in scope.wires:
            return scope.wires[tensor]
        item = self.where.get(tensor.call)
        if item is None:
            if tensor not in scope.inputs:
                scope.inputs.append(tensor)
            scope.named = True
            return self.inlet(tensor)
        inner = scope.inner.get(item)
        made = inner.outputs if inner else [Tensor(tensor.call, i) for i in range(self.count(tensor.call))]
        if self.many(item) and any(one in self.titles for one in made):
            words = [outlet(inner, one) if inner else self.output(one) for one in made]
            names = [self.free(self.titles.get(one) or f"{item}_{word}") for one, word in zip(made, words, strict=True)]
            scope.bound[item] = names
            scope.wires.update(zip(made, names, strict=True))
            return scope.wires[tensor]
        if item not in scope.bound:
            scope.bound[item] = self.free(item if self.many(item) else self.titles.get(tensor, item))
        name = scope.bound[item]
        if item in scope.inner and item in scope.several:
            name = f"{name}.{outlet(scope.inner[item], tensor)}"
        elif self.many(item):
            name = f"{name}.{self.output(tensor)}"
        scope.wires[tensor] = name
        return name

    def many(self, item: str) -> bool:
        """Returns whether an item makes several tensors."""
        inner = self.scope.inner.get(item)
        return item in self.scope.several if inner else self.graph.calls[self.items[item][0]].several

    def output(self, tensor: Tensor) -> str:
        """Returns the name of one of several tensors that a call makes: its number, but of a network's outputs."""
        outlets = self.graph.calls[tensor.call].outlets
        return outlets[tensor.item] if outlets else str(tensor.item)

    def count(self, key: str) -> int:
        """Returns how many of the tensors that a call makes are named: all of a network, else up to the last read."""
        if outlets := self.graph.calls[key].outlets:
            return len(outlets)
        read = [one for call in self.graph.calls.values() for one in tensors(call.inputs)]
        return max((one.item + 1 for one in (*read, *tensors(self.graph.outputs)) if one.call == key), default=1)

    def inlet(self, tensor: Tensor) -> str:
        """Returns the name of one of a block's inputs."""
        taken = {*self.taken(), *self.items}
        name = next((one for one in LETTERS if one not in taken), None) or self.free(f"input_{len(self.scope.inputs)}")
        self.scope.wires[tensor] = name
        return name

    def free(self, item: str) -> str:
        """Returns a name that no other wire has."""
        name = re.sub(r"\W", "_", item, flags=re.ASCII)
        name = name if NAME.fullmatch(name) else f"wire_{name}"[:100]
        while name in self.taken():
            name += "_"
        return name

    def taken(self) -> set[str]:
        """Returns the names that wires have."""
        return {*self.scope.wires.values(), *(one for one in self.scope.bound.values() if isinstance(one, str))}
