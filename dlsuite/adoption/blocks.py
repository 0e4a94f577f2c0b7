"""Block calls of one shape as one block: what differs between them becomes its params."""

from __future__ import annotations

import json
import re
from typing import Any

from dlsuite.adoption.drafts import Scope
from dlsuite.adoption.rolling import put
from dlsuite.spec.expressions import is_identifier

Path = tuple[Any, ...]
_KEPT = ("inputs", "outputs", "name", "to", "layer", "index", "item", "over")
_NOT_PARAMS = ("inputs", "name", "to", "when", "about", "trainable", "dtype")


class Library:
    """The blocks of one spec.

    Attributes:
        blocks: The definitions, by name.
    """

    def __init__(self, taken: set[str]):
        self.taken = taken
        self.blocks: dict[str, Any] = {}

    def define(self, alike: list[tuple[Scope, dict[str, Any]]], base: str) -> dict[Scope, tuple[str, dict[str, Any]]]:
        """Returns name and arguments of each of several block calls, whose bodies have one shape."""
        name = self.free(base)
        found = [dict(scalars(body)) for _, body in alike]
        body = alike[0][1]
        params: dict[str, list[Any]] = {}
        for path in found[0]:
            values = [one[path] for one in found]
            if len({repr(value) for value in values}) == 1:
                continue
            word = next(
                (word for word, those in params.items() if list(map(repr, those)) == list(map(repr, values))), None
            )
            if word is None:
                word = self.word(path, params)
                params[word] = values
            body = put(body, path, f"={word}")
        layers = {key: body[key] for key in body if key != "layers"}
        given = {"params": dict.fromkeys(params)} if params else {}
        self.blocks[name] = {**given, **layers, "layers": body["layers"]}
        return {
            scope: (name, {word: values[i] for word, values in params.items()}) for i, (scope, _) in enumerate(alike)
        }

    def free(self, base: str) -> str:
        """Returns a name for a block."""
        name = re.sub(r"\W+", "_", base.lower()).strip("_")
        name = name if is_identifier(name) else f"block_{name}" if is_identifier(f"block_{name}") else "block"
        number, free = 1, name
        while free in self.taken or free in self.blocks:
            number += 1
            free = f"{name}_v{number}"
        return free

    def word(self, path: Path, params: dict[str, Any]) -> str:
        """Returns a name for a param: that of the argument that it gives."""
        keys = [part for part in path if isinstance(part, str) and is_identifier(part) and part not in _NOT_PARAMS]
        base = keys[-1] if keys else "value"
        base = base if base not in ("index", "item", *_NOT_PARAMS) else f"{base}_value"
        number, word = 1, base
        while word in params:
            number += 1
            word = f"{base}_{number}"
        return word


def shape(value: Any, kept: bool = False) -> Any:
    """Returns a body with everything that a param could give blotted out."""
    if isinstance(value, dict):
        return {key: shape(item, kept or key in _KEPT) for key, item in value.items()}
    if isinstance(value, list):
        return [shape(item, kept) for item in value]
    if kept or _is_name(value):
        return value
    return "?"


def _is_name(value: Any) -> bool:
    """Returns whether a value names a component or is an expression, so that no param gives it."""
    return isinstance(value, str) and (value.startswith("=") or value[:1].isupper() or "." in value)


def scalars(value: Any, path: Path = (), kept: bool = False) -> Any:
    """Yields what a param could give, and where it stands."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from scalars(item, (*path, key), kept or key in _KEPT)
    elif isinstance(value, list):
        for i, item in enumerate(value):
            yield from scalars(item, (*path, i), kept)
    elif not kept and not _is_name(value):
        yield path, value


def key(body: dict[str, Any]) -> str:
    """Returns what bodies of one shape have in common, as text."""
    return json.dumps(shape(body), sort_keys=True)
