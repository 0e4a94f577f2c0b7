"""Chains as JSON: names only where numbering would give others, wires only where something reads them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from dlsuite.adoption.drafts import Node, Scope, base_of, outlet
from dlsuite.spec.wiring import NAME


def settle(scope: Scope, reserved: Iterable[str], bases: Mapping[Scope, str]) -> set[str]:
    """Returns the items whose names have to be written, since numbering would give them others.

    Args:
        scope: A network or block.
        reserved: Names that numbering leaves alone.
        bases: The names of blocks, by the scope of the call.
    """
    drafts = [node for node in scope.drafts if node.name != "Reuse"]
    reused = {node.arguments["layer"] for node in scope.drafts if node.name == "Reuse"}
    named = {node.key for node in drafts if node.key in reused}
    while True:
        beside = {*named, *reserved}
        used = set(named)
        counts: dict[str, int] = {}
        wrong = set()
        for node in drafts:
            if node.key in named:
                continue
            base = bases[node.scope] if node.scope is not None else base_of(node)
            name = ""
            while not name or name in used or name in beside:
                number = counts.get(base, 0)
                counts[base] = number + 1
                name = f"{base}_{number}" if number else base
            used.add(name)
            if name != node.key and not node.nameless:
                wrong.add(node.key)
        if not wrong:
            return named
        named |= wrong


class Printer:
    """Turns one scope's nodes into JSON.

    Args:
        scope: The scope.
        named: The items whose names are written.
        calls: What each block call is written as, its params included: name and arguments.
    """

    def __init__(self, scope: Scope, named: set[str], calls: Mapping[Scope, tuple[str, dict[str, Any]]]):
        self.scope = scope
        self.named = named
        self.calls = calls

    def chain(self, nodes: Iterable[Node]) -> list[Any]:
        """Returns a chain as JSON."""
        return [self.node(node) for node in nodes]

    def node(self, node: Node) -> Any:
        """Returns a call as JSON."""
        if node.name in ("Residual", "Parallel") and "merge" in node.arguments:
            return self.structure(node)
        if node.scope is not None:
            name, arguments = self.calls[node.scope]
        else:
            assert node.name is not None
            name, arguments = node.name, node.arguments
        inputs = {} if node.inputs is None else {"inputs": node.inputs}
        return _alone(name, {**inputs, **arguments, **self.labels(node)})

    def structure(self, node: Node) -> Any:
        merge = node.arguments["merge"]
        made: dict[str, Any] = {}
        if node.name == "Residual":
            made["layers"] = self.chain(node.arguments["layers"])
        else:
            made["branches"] = [self.chain(branch) for branch in node.arguments["branches"]]
        if node.name == "Parallel" or merge.name != "Add" or merge.arguments:
            made["merge"] = _alone(merge.name, merge.arguments)
        return {node.name: {**made, **self.labels(merge)}}

    def labels(self, node: Node) -> dict[str, str]:
        """Returns `name` and `to` of a call."""
        wire = self.scope.bound.get(node.key)
        made = {"name": node.key} if node.key in self.named else {}
        if wire is not None and made.get("name") != wire:
            made["to"] = wire
        return made

    def body(self) -> dict[str, Any]:
        """Returns a block's definition."""
        made: dict[str, Any] = {}
        if self.scope.named:
            made["inputs"] = [self.scope.wires.get(one) or f"input_{i}" for i, one in enumerate(self.scope.inputs)]
        if len(self.scope.outputs) > 1:
            made["outputs"] = [outlet(self.scope, one) for one in self.scope.outputs]
        return {**made, "layers": self.chain(self.scope.nodes)}


def legal(scope: Scope) -> bool:
    """Returns whether every layer's name can stand in a spec."""
    return all(NAME.fullmatch(node.key) for node in scope.drafts if not node.nameless)


def _alone(name: str | None, arguments: Mapping[str, Any]) -> Any:
    return {name: dict(arguments)} if arguments else name
