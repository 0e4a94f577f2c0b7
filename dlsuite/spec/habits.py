"""What other libraries have and specs have not, and what a spec writes instead."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from dlsuite.spec.errors import shorten

REFUSED = (
    "Lambda", "TFSMLayer", "JaxLayer", "FlaxLayer", "TorchModuleWrapper", "LambdaCallback", "RemoteMonitor",
)  # fmt: skip
"""Components of Keras that run code, load files or reach the network."""
_NO_CODE = (
    "It is refused: a spec runs no code of its own. `ops.X` are Keras' tensor functions; blocks are built of them."
)

_INPUTS = (
    "Inputs are those of the data, or those that the network declares beside its `layers`: "
    '"inputs": {"x": {"Input": {"shape": [4]}}}.'
)
INSTEAD = {
    "Input": _INPUTS,
    "InputLayer": _INPUTS,
    "Masking": 'Masks are explicit: pass the feature\'s where it is needed, as in {"mask": "text.mask"} of `inputs`.',
}
"""What a spec writes instead of components that Keras has."""


def instead_of(name: str) -> str:
    """Returns what a spec writes instead of a component that it cannot have, or an empty string."""
    return _NO_CODE if name in REFUSED else INSTEAD.get(name, "")


def named_by_key(value: Mapping[str, Any]) -> str:
    """Returns how a component is written that names itself under a key, as other libraries have it."""
    key = next((key for key in ("type", "class_name", "class", "_target_") if key in value), None)
    if key is None or not isinstance(value[key], str):
        return ""
    arguments = {one: item for one, item in value.items() if one != key}
    inner = value.get("config", arguments) if key == "class_name" else arguments
    shown = ", ".join(f'"{one}": {_short(item)}' for one, item in inner.items()) if isinstance(inner, Mapping) else ""
    return f'The name is the key: {{"{value[key]}": {{{shorten(shown)}}}}}.'


def _short(value: Any) -> str:
    return "..." if isinstance(value, list | Mapping) else json.dumps(value, ensure_ascii=False)
