"""Networks and blocks on their way to JSON: scopes, and the calls in them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from dlsuite.adoption.graphs import Tensor
from dlsuite.spec.wiring import snake


class Tangled(Exception):
    """Layers whose names say that they are one block, and whose calls do not."""


@dataclass(eq=False)
class Node:
    """A call on its way to JSON.

    Attributes:
        key: Of the item that it calls; `""` for a structure.
        name: The component; `None` for a block that has no name yet.
        arguments: Its own arguments; chains of a structure hold `Node`s.
        inputs: What it reads, as `inputs` has it; `None` for what the call before made.
        nameless: Whether no layer has its name: the call of an op or a network.
    """

    key: str
    name: str | None
    arguments: dict[str, Any] = field(default_factory=dict)
    inputs: Any = None
    scope: Scope | None = None
    nameless: bool = False


@dataclass(eq=False)
class Scope:
    """The inside of a network or of one block call.

    Attributes:
        prefix: What the names of its layers begin with.
        inputs: The tensors that come in, in order; for a network those that it may read.
        outputs: The tensors that go out.
        nodes: Its chain.
        drafts: Its calls in the order in which the language numbers them.
        wires: Names of what is read by name.
        inner: The scopes of its block calls.
        start: Whether the only input is read but as the start of the chain.
    """

    prefix: str
    inputs: list[Tensor] = field(default_factory=list)
    outputs: list[Tensor] = field(default_factory=list)
    nodes: list[Node] = field(default_factory=list)
    drafts: list[Node] = field(default_factory=list)
    wires: dict[Tensor, str] = field(default_factory=dict)
    bound: dict[str, Any] = field(default_factory=dict)
    inner: dict[str, Scope] = field(default_factory=dict)
    several: set[str] = field(default_factory=set)
    named: bool = False


class Line(list[Node]):
    """A chain that grows; `last` is what its last call made."""

    def __init__(self, last: Tensor | None):
        super().__init__()
        self.last = last


def local(key: str, prefix: str) -> str:
    """Returns the name, inside a scope, of the item that a call is part of."""
    name, _, number = key[len(prefix) :].partition("#")
    head = name.partition(".")[0]
    return head if "." in name or not number else f"{head}#{number}"


def outlet(scope: Scope, tensor: Tensor) -> str:
    """Returns the name of one of a block's outputs, inside and outside of it."""
    name = scope.wires[tensor]
    if "." in name:
        raise Tangled
    return name


def scopes(scope: Scope) -> list[list[Scope]]:
    """Returns the blocks inside a scope: first those that call no other, then those that call only these, and so on."""
    found: dict[int, list[Scope]] = {}

    def visit(one: Scope) -> int:
        height = 0
        for inner in one.inner.values():
            own = visit(inner)
            found.setdefault(own, []).append(inner)
            height = max(height, own + 1)
        return height

    visit(scope)
    return [found[height] for height in sorted(found)]


def base_of(node: Node) -> str:
    """Returns what a call without a name is numbered by."""
    return snake(node.name or "")
