"""Layers frozen and adapted as patterns of dotted paths say, for training and for what is told of it before."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from dlsuite.weights import adapted_weights, is_lora

Patterns = Mapping[str, Mapping[str, Any]]
"""Settings by pattern of dotted paths of layers and variables; the last that matches wins."""


def adapt(patterns: Patterns, layers: Mapping[str, Any], around: Collection[str] = ()) -> None:
    """Enables LoRA and sets what is trained.

    Where LoRA adapts a weight, that is frozen and LoRA's own are trained. A layer of which nothing is trained is frozen
    as a whole, so that batch normalization keeps its statistics.

    Args:
        patterns: Of a stage of training.
        layers: Built, by dotted path, the outer ones first.
        around: Paths of what these layers stand in and is not among them.
    """
    known = {*layers, *around}
    for path, layer in layers.items():
        rank = read_setting(patterns, "lora_rank", path, known)
        if rank is not None and hasattr(layer, "enable_lora") and not layer.lora_enabled:
            layer.enable_lora(rank)
    adapted = {id(weight) for layer in layers.values() for weight, _ in adapted_weights(layer)}
    learnable = {id(variable) for layer in layers.values() for variable in layer._trainable_variables}
    wanted: dict[str, bool] = {}
    variables = variables_of(layers)
    for path, variable in variables.items():
        value = read_setting(patterns, "trainable", path, known)
        if is_lora(variable.path) or id(variable) in adapted:
            wanted[path] = is_lora(variable.path)
        elif id(variable) in learnable:
            wanted[path] = bool(variable.trainable if value is None else value)
    for path, layer in layers.items():  # the outer ones first: setting a layer sets all inside it
        inside = [value for name, value in wanted.items() if name.startswith(f"{path}.")]
        value = read_setting(patterns, "trainable", path, known)
        if inside or value is not None:
            layer.trainable = any(inside) if inside else value
    for path, value in wanted.items():
        variables[path].trainable = value


def read_settings(patterns: Patterns, layers: Mapping[str, Any], around: Collection[str]) -> tuple[Any, ...]:
    """Returns what `adapt` would do to each built layer and weight, in order; an empty tuple where it does nothing."""
    if not patterns:
        return ()
    known = {*layers, *around}
    paths = [*layers, *variables_of(layers)]
    found = [read_setting(patterns, key, path, known) for path in paths for key in ("trainable", "lora_rank")]
    return tuple(found) if any(one is not None for one in found) else ()


def read_setting(patterns: Patterns, key: str, path: str, layers: Collection[str]) -> Any:
    """Returns what the last matching pattern says of a path or of a layer around it."""
    around = [path, *(path[:i] for i, letter in enumerate(path) if letter == "." and path[:i] in layers)]
    found = None
    for pattern, settings in patterns.items():
        if key in settings and any(fnmatchcase(one, pattern) for one in around):
            found = settings[key]
    return found


def flatten(layer: Any, path: str, seen: set[int]) -> Iterator[tuple[str, Any]]:
    """Yields each layer inside one that was not seen before, under its dotted path; the outer ones first.

    Args:
        layer: A layer or model.
        path: What paths begin with, a dot at the end.
        seen: Identities of the layers that were seen; those that are yielded are added.
    """
    for inner in layer._flatten_layers(include_self=False, recursive=False):
        if id(inner) not in seen:
            seen.add(id(inner))
            yield f"{path}{inner.name}", inner
            yield from flatten(inner, f"{path}{inner.name}.", seen)


def variables_of(layers: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the weights of layers by dotted path."""
    found = {}
    for path, layer in layers.items():
        inner = {id(v) for one in layer._flatten_layers(include_self=False, recursive=False) for v in one.weights}
        for variable in layer.weights:
            if id(variable) not in inner:
                found[f"{path}.{variable.name}"] = variable
    return found
