"""What the editor offers while a spec is written: all of the catalogue, in the editor's form."""

from __future__ import annotations

from functools import cache
from typing import Any

from dlsuite.spec import catalogue
from dlsuite.spec.sections import SECTIONS
from dlsuite.spec.structure import STRUCTURE

SLOTS = {
    "layers": "layer",
    "branches": "layer",
    "shortcut": "layer",
    "merge": "layer",
    "data.source": "dataset",
    "data.inputs": "feature",
    "data.targets": "feature",
    "data.augment": "augmentation",
    "train.objective": "objective",
    "train.metrics": "metric",
    "train.optimizer": "optimizer",
    "train.callbacks": "callback",
    "train.strategy": "strategy",
    "predict.decoder": "decoder",
    "predict.sampler": "sampler",
    "baselines": "baseline",
}
"""Which kind of component the keys of sections hold; where two sections share a key, with the section's."""
KEYS = {
    "": [*SECTIONS["A spec"].keys],
    **{name: [*SECTIONS[f"`{name}`"].keys] for name in ("data", "split", "model", "train", "predict", "expect")},
    "models.*": [*SECTIONS["`model`"].keys],
    "blocks.*": ["params", "inputs", "outputs", "layers"],
}
"""The keys of other objects, by what holds them."""
OF_ANY_LAYER = ("inputs", "name")


@cache
def completions() -> dict[str, Any]:
    """Returns `completions` of `editor`: about 130 kB as JSON, which a browser is given once.

    Example:
        >>> completions()["components"]["optimizer"]["SGD"][:2]
        ['learning_rate', 'momentum']
    """
    known = catalogue.load()
    kinds = {kind: {name: known.entry(kind, name) for name in known.names(kind)} for kind in catalogue.KINDS}
    entries = [(name, entry) for found in kinds.values() for name, entry in found.items()]
    held = {
        argument: schema["kind"]
        for _, entry in entries
        for argument, schema in entry["args"].items()
        if schema.get("kind") in kinds
    }
    return {
        "slots": {**held, **SLOTS},
        "components": _components(kinds),
        "keys": KEYS,
        "about": {name: entry["doc"] for name, entry in entries if "doc" in entry},
    }


def _components(kinds: dict[str, dict[str, Any]]) -> dict[str, dict[str, list[str]]]:
    found = {kind: {name: [*entry["args"]] for name, entry in entries.items()} for kind, entries in kinds.items()}
    layers = {**found["layer"], **found.pop("op")}
    found["layer"] = {name: [*arguments, *OF_ANY_LAYER] for name, arguments in layers.items()}
    found["layer"] |= {name: [*keys] for name, (_, keys) in STRUCTURE.items()}
    return found
