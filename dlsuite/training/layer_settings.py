"""What `layers` of `train` sets: patterns of dotted paths to `trainable`, `lora_rank` and `weight_decay`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

import keras

from dlsuite.spec.errors import Fault, Place, SpecError, suggest
from dlsuite.spec.plan import Stage
from dlsuite.weights import adapted_weights, is_lora

Freeze = dict[int, bool]
"""Whether each layer and variable is trained, by identity."""


def apply_settings(
    stage: Stage, models: Mapping[str, keras.Model], built: Freeze, places: Mapping[str, Place]
) -> list[Any]:
    """Sets what is trained and adapted, and returns the variables that are not to decay.

    The last pattern that matches a variable, its layer, or a layer around that one wins. A layer of which nothing is
    trained is frozen as a whole, so that batch normalization keeps its statistics.

    Args:
        stage: Of training.
        models: By name; with several, paths start with the name.
        built: As `read_trainable` gave it once the models were built; every stage starts from there.
        places: Where each pattern stands in the spec.

    Raises:
        SpecError: A pattern matches nothing, or nothing that it could be applied to, or nothing is left to train.
    """
    layers = dict(_layers(models))
    _restore_trainable(models, built)
    if not stage.layers:
        return []
    paths = {**layers, **_variables(layers)}
    faults = [
        Fault(
            f"`{pattern}` of `layers` matches no layer and no weight.",
            places.get(pattern, stage.place),
            _hint(pattern, paths),
        )
        for pattern in stage.layers
        if not any(fnmatchcase(path, pattern) for path in paths)
    ]
    for pattern, settings in stage.layers.items():
        if "lora_rank" in settings and not any(hasattr(one, "enable_lora") for one in _matching(pattern, layers)):
            message = f"`{pattern}` of `layers` matches no layer that LoRA can adapt."
            hint = "Dense, EinsumDense, Embedding and convolutions can be."
            faults.append(Fault(message, places.get(pattern, stage.place), hint))
    if faults:
        raise SpecError(faults)
    _enable_lora(stage.layers, layers)
    _set_trainable(stage.layers, layers)
    if not any(model.trainable_variables for model in models.values()):
        frozen = next((pattern for pattern, settings in stage.layers.items() if settings.get("trainable") is False), "")
        hint = 'Freeze less of the model, or train some of it: {"label": {"trainable": true}} as the last pattern.'
        raise SpecError([Fault("`layers` leaves nothing to train.", places.get(frozen, stage.place), hint)])
    fresh = _variables(dict(_layers(models)))
    return [
        variable for path, variable in fresh.items() if _setting(stage.layers, "weight_decay", path, layers) is False
    ]


def read_trainable(models: Mapping[str, keras.Model]) -> Freeze:
    """Returns what is trained of models as they were built."""
    layers = dict(_layers(models))
    return {id(one): one.trainable for one in [*models.values(), *layers.values(), *_variables(layers).values()]}


def _restore_trainable(models: Mapping[str, keras.Model], built: Freeze) -> None:
    layers = dict(_layers(models))
    for one in [*models.values(), *layers.values(), *_variables(layers).values()]:
        if id(one) in built:
            one.trainable = built[id(one)]


def _set_trainable(patterns: Mapping[str, Mapping[str, Any]], layers: Mapping[str, Any]) -> None:
    """Sets what is trained; where LoRA adapts a weight, that is frozen and LoRA's own are trained."""
    adapted = {id(weight) for layer in layers.values() for weight, _ in adapted_weights(layer)}
    learnable = {id(variable) for layer in layers.values() for variable in layer._trainable_variables}
    wanted: dict[str, bool] = {}
    variables = _variables(layers)
    for path, variable in variables.items():
        value = _setting(patterns, "trainable", path, layers)
        if is_lora(variable.path) or id(variable) in adapted:
            wanted[path] = is_lora(variable.path)
        elif id(variable) in learnable:
            wanted[path] = bool(variable.trainable if value is None else value)
    for path, layer in layers.items():  # the outer ones first: setting a layer sets all inside it
        inside = [value for name, value in wanted.items() if name.startswith(f"{path}.")]
        value = _setting(patterns, "trainable", path, layers)
        if inside or value is not None:
            layer.trainable = any(inside) if inside else value
    for path, value in wanted.items():
        variables[path].trainable = value


def _enable_lora(patterns: Mapping[str, Mapping[str, Any]], layers: Mapping[str, Any]) -> None:
    for path, layer in layers.items():
        rank = _setting(patterns, "lora_rank", path, layers)
        if rank is not None and hasattr(layer, "enable_lora") and not layer.lora_enabled:
            layer.enable_lora(rank)


def _setting(patterns: Mapping[str, Mapping[str, Any]], key: str, path: str, layers: Mapping[str, Any]) -> Any:
    """Returns what the last matching pattern says of a path or of a layer around it."""
    around = [path, *(path[:i] for i, letter in enumerate(path) if letter == "." and path[:i] in layers)]
    found = None
    for pattern, settings in patterns.items():
        if key in settings and any(fnmatchcase(one, pattern) for one in around):
            found = settings[key]
    return found


def _layers(models: Mapping[str, keras.Model]) -> Iterator[tuple[str, Any]]:
    """Yields each layer once by its dotted path, the outer ones first."""
    seen: set[int] = set()

    def walk(layer: Any, path: str) -> Iterator[tuple[str, Any]]:
        for inner in layer._flatten_layers(include_self=False, recursive=False):
            if id(inner) in seen:
                continue
            seen.add(id(inner))
            name = f"{path}{inner.name}"
            yield name, inner
            yield from walk(inner, f"{name}.")

    for name, model in models.items():
        yield from walk(model, "" if len(models) == 1 else f"{name}.")


def _variables(layers: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the weights of layers by dotted path."""
    found = {}
    for path, layer in layers.items():
        inner = {id(v) for one in layer._flatten_layers(include_self=False, recursive=False) for v in one.weights}
        for variable in layer.weights:
            if id(variable) not in inner:
                found[f"{path}.{variable.name}"] = variable
    return found


def _matching(pattern: str, layers: Mapping[str, Any]) -> list[Any]:
    return [layer for path, layer in layers.items() if fnmatchcase(path, pattern)]


def _hint(pattern: str, paths: Mapping[str, Any]) -> str:
    stem = pattern.strip("*.")
    near = suggest(stem, paths, what="paths")
    shown = ", ".join(f"`{path}`" for path in list(paths)[:6])
    return near if "Did" in near else f"Paths are {shown}{', ...' if len(paths) > 6 else ''}."
