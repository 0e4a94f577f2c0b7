"""What `layers` of `train` sets: patterns of dotted paths to `trainable`, `lora_rank` and `weight_decay`."""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any

import keras

from dlsuite import graph
from dlsuite.freezing import adapt, flatten, read_setting, variables_of
from dlsuite.spec.errors import Fault, SpecError, suggest
from dlsuite.spec.plan import Plan, Stage

Freeze = dict[int, bool]
"""Whether each layer and variable is trained, by identity."""


def apply_settings(stage: Stage, models: Mapping[str, keras.Model], built: Freeze) -> list[Any]:
    """Sets what is trained and adapted, and returns the variables that are not to decay.

    The last pattern that matches a variable, its layer, or a layer around that one wins. A layer of which nothing is
    trained is frozen as a whole, so that batch normalization keeps its statistics.

    Args:
        stage: Of training.
        models: By name; with several, paths start with the name.
        built: As `read_trainable` gave it once the models were built; every stage starts from there.

    Raises:
        SpecError: A pattern matches nothing, or nothing that it could be applied to, or nothing is left to train.
    """
    layers = _layers(models)
    _restore_trainable(models, built)
    if not stage.layers:
        return []
    paths = {**layers, **variables_of(layers)}
    faults = [
        Fault(
            f"`{pattern}` of `layers` matches no layer and no weight.",
            stage.layers_at[pattern],
            _hint(pattern, paths),
        )
        for pattern in stage.layers
        if not any(fnmatchcase(path, pattern) for path in paths)
    ]
    for pattern, settings in stage.layers.items():
        if "lora_rank" in settings and not any(hasattr(one, "enable_lora") for one in _matching(pattern, layers)):
            message = f"`{pattern}` of `layers` matches no layer that LoRA can adapt."
            hint = "Dense, EinsumDense, Embedding and convolutions can be."
            faults.append(Fault(message, stage.layers_at[pattern], hint))
    if faults:
        raise SpecError(faults)
    adapt(stage.layers, layers)
    if not any(model.trainable_variables for model in models.values()):
        frozen = next((pattern for pattern, settings in stage.layers.items() if settings.get("trainable") is False), "")
        hint = 'Freeze less of the model, or train some of it: {"label": {"trainable": true}} as the last pattern.'
        raise SpecError([Fault("`layers` leaves nothing to train.", stage.layers_at.get(frozen, stage.place), hint)])
    fresh = variables_of(_layers(models))
    return [
        variable
        for path, variable in fresh.items()
        if read_setting(stage.layers, "weight_decay", path, layers) is False
    ]


def try_settings(plan: Plan) -> None:
    """Refuses what `layers` of any stage asks for and training would refuse, on models without weights."""
    if any(stage.layers for stage in plan.train):
        with graph.weightless():
            models = graph.build(plan)
            built = read_trainable(models)
            for stage in plan.train:
                apply_settings(stage, models, built)


def read_trainable(models: Mapping[str, keras.Model]) -> Freeze:
    """Returns what is trained of models as they were built."""
    layers = _layers(models)
    return {id(one): one.trainable for one in [*models.values(), *layers.values(), *variables_of(layers).values()]}


def _restore_trainable(models: Mapping[str, keras.Model], built: Freeze) -> None:
    layers = _layers(models)
    for one in [*models.values(), *layers.values(), *variables_of(layers).values()]:
        if id(one) in built:
            one.trainable = built[id(one)]


def _layers(models: Mapping[str, keras.Model]) -> dict[str, Any]:
    """Returns each layer once by its dotted path, the outer ones first."""
    seen: set[int] = set()
    found: dict[str, Any] = {}
    for name, model in models.items():
        found.update(flatten(model, "" if len(models) == 1 else f"{name}.", seen))
    return found


def _matching(pattern: str, layers: Mapping[str, Any]) -> list[Any]:
    return [layer for path, layer in layers.items() if fnmatchcase(path, pattern)]


def _hint(pattern: str, paths: Mapping[str, Any]) -> str:
    stem = pattern.strip("*.")
    near = suggest(stem, paths, what="paths")
    shown = ", ".join(f"`{path}`" for path in list(paths)[:6])
    return near if "Did" in near else f"Paths are {shown}{', ...' if len(paths) > 6 else ''}."
