"""A Keras model as a spec: chains of layers with blocks found again and repeats rolled up."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dlsuite.adoption import archives, blocks
from dlsuite.adoption.archives import AdoptionError
from dlsuite.adoption.chains import Writer
from dlsuite.adoption.compact import dump
from dlsuite.adoption.drafts import Scope, Tangled, scopes
from dlsuite.adoption.graphs import Call, Graph, Tensor, graph, tensors
from dlsuite.adoption.rolling import roll
from dlsuite.adoption.texts import Printer, legal, settle
from dlsuite.spec import catalogue
from dlsuite.spec.wiring import NAME

__all__ = ["AdoptionError", "adopt", "describe", "dump", "read"]


def adopt(config: Mapping[str, Any], name: str | None = None) -> dict[str, Any]:
    """Returns a spec that builds the model of a configuration.

    Names of layers stay as they are, but those that a spec cannot hold: slashes and the like become underscores.

    Args:
        config: As `model.to_json()` has it, parsed, or as `archives.read` gives it.
        name: Of the spec; by default the model's own.

    Raises:
        AdoptionError: The model holds what the language does not have.
    """
    known = catalogue.load()
    try:
        found = graph(config, known)
        try:
            return _written(found, name)
        except Tangled:
            return _written(_renamed(found, dots=True), name)
    except RecursionError:
        raise AdoptionError("The model has more layers in a row, or deeper ones, than can be adopted.") from None


def _written(found: Graph, name: str | None) -> dict[str, Any]:
    found = _renamed(found, dots=False)
    outputs = found.outputs if isinstance(found.outputs, dict) else None
    wanted = list(dict.fromkeys(tensors(found.outputs)))
    titles = {one: key for key, one in (outputs or {}).items() if isinstance(one, Tensor) and key not in found.inputs}
    root = Writer(found, catalogue.load(), "", list(found.calls), wanted, list(found.inputs), titles).write()
    library = blocks.Library({*found.inputs, "model"})
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
            made = library.define(alike, base)
            calls |= made
            bases |= {scope: block for scope, (block, _) in made.items()}
    layers = roll(Printer(root, settle(root, found.inputs, bases), calls).chain(root.nodes))
    model: dict[str, Any] = {"inputs": {key: {"Input": given} for key, given in found.inputs.items()}}
    model["inputs"] = {key: model["inputs"][key] for key in found.inputs}
    if len(wanted) > 1:
        model["outputs"] = [root.wires[one] for one in wanted]
    spec: dict[str, Any] = {
        "name": _title(name or found.name),
        "about": f"Adopted from the Keras model {_title(found.name)}.",
    }
    if library.blocks:
        spec["blocks"] = dict(reversed(library.blocks.items()))
    return {**spec, "model": {**model, "layers": layers}}


def _title(name: str) -> str:
    """Returns a name that a spec can have."""
    return re.sub(r"[^A-Za-z0-9_-]+", "_", name)[:64] or "model"


def _renamed(found: Graph, *, dots: bool) -> Graph:
    """Returns a graph whose names a spec can hold; with `dots`, those of blocks are flattened too."""
    names: dict[str, str] = {}
    taken: set[str] = set()
    for name in (*found.inputs, *dict.fromkeys(call.name for call in found.calls.values())):
        pieces = [name.replace(".", "_")] if dots else name.split(".")
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
        new = Call(key(old.key), names[old.name], old.made, value(old.inputs), old.again, old.operation, old.several)
        made.calls[new.key] = new
    made.outputs = value(found.outputs)
    return made


def _legal(piece: str) -> str:
    clean = re.sub(r"\W", "_", piece, flags=re.ASCII)
    return (clean if NAME.fullmatch(clean) else f"layer_{clean}")[:100]


def read(path: Path) -> Mapping[str, Any]:
    """Returns the configuration in a `.keras` file; see `archives.read`."""
    return archives.read(path)


def describe(model: Any) -> Mapping[str, Any]:
    """Returns the configuration of a `keras.Model`.

    Raises:
        AdoptionError: It has none.
    """
    try:
        return json.loads(model.to_json())
    except (AttributeError, NotImplementedError, TypeError, ValueError) as error:
        raise AdoptionError(f"The model does not describe itself: {error}") from None
