"""Graphs as the networks of a spec: its model, and the models that are called in it."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from dlsuite.adoption import blocks
from dlsuite.adoption.chains import Writer
from dlsuite.adoption.drafts import Scope, Tangled, scopes
from dlsuite.adoption.graphs import Graph, Tensor, tensors
from dlsuite.adoption.rolling import roll
from dlsuite.adoption.texts import Printer, legal, settle
from dlsuite.spec.catalogue import Catalogue
from dlsuite.spec.wiring import NAME, snake


def write(found: Graph, name: str, catalogue: Catalogue, *, dots: bool = False) -> dict[str, Any]:
    """Returns the spec of a graph: `model`, or `models` where it calls some.

    Args:
        found: The graph.
        name: Of the spec.
        catalogue: The components that there are.
        dots: Whether dots in the names of layers are no sign of blocks.

    Raises:
        Tangled: They are a sign, and the calls do not fit it.
    """
    title = _title(name)
    networks = _Networks(catalogue, dots)
    networks.define(found, title)
    spec: dict[str, Any] = {"name": title, "about": f"Adopted from the Keras model {_title(found.name)}."}
    if networks.library.blocks:
        spec["blocks"] = dict(reversed(networks.library.blocks.items()))
    if len(networks.sections) == 1:
        return {**spec, "model": next(iter(networks.sections.values()))}
    return {**spec, "models": networks.sections}


class _Networks:
    """The networks of one spec, those that others call first."""

    def __init__(self, catalogue: Catalogue, dots: bool):
        self.catalogue = catalogue
        self.dots = dots
        self.library = blocks.Library({"model"})
        self.sections: dict[str, Any] = {}
        self.known: dict[int, tuple[str, tuple[str, ...]]] = {}

    def define(self, found: Graph, title: str) -> tuple[str, tuple[str, ...]]:
        """Returns the name of a network and those of its outputs; it is written on first use."""
        if id(found) not in self.known:
            name = self.library.free(snake(title))
            self.library.taken.add(name)
            self.known[id(found)] = name, self.write(name, self.connected(_renamed(found, dots=self.dots)))
        return self.known[id(found)]

    def connected(self, found: Graph) -> Graph:
        """Returns a graph whose calls of models are calls of networks."""
        for call in found.calls.values():
            if call.network is not None:
                name, outlets = self.define(call.network, call.network.name)
                call.made = {name: call.made[""]}
                call.inputs = dict(zip(self.sections[name]["inputs"], call.inputs.values(), strict=True))
                call.outlets = outlets if len(outlets) > 1 else ()
        return found

    def write(self, name: str, found: Graph) -> tuple[str, ...]:
        """Writes a network, and returns the names of its outputs."""
        outputs = found.outputs if isinstance(found.outputs, dict) else {}
        wanted = list(tensors(found.outputs))
        titles = {one: key for key, one in outputs.items() if isinstance(one, Tensor) and key not in found.inputs}
        root = Writer(found, self.catalogue, "", list(found.calls), wanted, list(found.inputs), titles).write()
        self.library.taken |= set(found.inputs)
        calls: dict[Scope, tuple[str, dict[str, Any]]] = {}
        bases: dict[Scope, str] = {}
        for level in scopes(root):
            groups: dict[tuple[str, str], list[tuple[Scope, dict[str, Any]]]] = {}
            for scope in level:
                if not legal(scope):
                    raise Tangled
                body = Printer(scope, settle(scope, (), bases), calls).body()
                body["layers"] = roll(body["layers"])
                base = re.sub(r"(_\d+)+$", "", scope.prefix.rstrip(".").rpartition(".")[2])
                groups.setdefault((base, blocks.key(body)), []).append((scope, body))
            for (base, _), alike in groups.items():
                made = self.library.define(alike, base)
                calls |= made
                bases |= {scope: block for scope, (block, _) in made.items()}
        layers = roll(Printer(root, settle(root, found.inputs, bases), calls).chain(root.nodes))
        model: dict[str, Any] = {"inputs": {key: {"Input": given} for key, given in found.inputs.items()}}
        names = tuple(root.wires[one] for one in wanted) if len(wanted) > 1 else ("",)
        if len(wanted) > 1:
            model["outputs"] = list(names)
        self.sections[name] = {**model, "layers": layers}
        return names


def _title(name: str) -> str:
    """Returns a name that a spec can have."""
    return re.sub(r"[^A-Za-z0-9_-]+", "_", name)[:64] or "model"


def _renamed(found: Graph, *, dots: bool) -> Graph:
    """Returns a graph whose names a spec can hold: inputs without dots, with `dots` layers without those of blocks."""
    names: dict[str, str] = {}
    taken: set[str] = set()
    networks = {call.name for call in found.calls.values() if call.network is not None}
    for name in (*found.inputs, *dict.fromkeys(call.name for call in found.calls.values())):
        whole = dots or name in networks or name in found.inputs
        pieces = [name.replace(".", "_")] if whole else name.split(".")
        clean = ".".join(piece if NAME.fullmatch(piece) else _legal(piece) for piece in pieces)
        while clean in taken:
            clean += "_"
        taken.add(clean)
        names[name] = clean

    def key(old: str) -> str:
        name, mark, number = old.partition("#")
        return f"{names.get(name, name)}{mark}{number}"

    def value(old: Any) -> Any:
        if isinstance(old, Tensor):
            return Tensor(key(old.call), old.item)
        if isinstance(old, dict):
            return {one: value(item) for one, item in old.items()}
        return [value(item) for item in old] if isinstance(old, list) else old

    made = Graph(found.name, {names[name]: given for name, given in found.inputs.items()})
    for old in found.calls.values():
        new = replace(old, key=key(old.key), name=names[old.name], inputs=value(old.inputs))
        made.calls[new.key] = new
    made.outputs = value(found.outputs)
    return made


def _legal(piece: str) -> str:
    clean = re.sub(r"\W", "_", piece, flags=re.ASCII)
    return (clean if NAME.fullmatch(clean) else f"layer_{clean}")[:100]
