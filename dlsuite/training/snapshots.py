"""Everything that a stage of training remembers, read and given back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np

from dlsuite.training.checkpoints import Checkpoint, callback_state, restore_callbacks
from dlsuite.training.compiling import Compiled
from dlsuite.training.recording import Arrays
from dlsuite.weights import is_lora, read_state, write_state, write_weights

Models = Mapping[str, keras.Model]


def take_snapshot(compiled: Compiled, models: Models, callbacks: list[Any]) -> tuple[dict[str, Any], Arrays]:
    """Returns state and arrays of a checkpoint: weights, random seeds, optimizers, what callbacks remember."""
    plain, remembered = callback_state(callbacks)
    weights: dict[str, np.ndarray] = {}
    for name, model in models.items():
        weights |= {f"{name}:{path}": value for path, value in read_state(model.weights).items()}
    return {"callbacks": plain, "ended": bool(compiled.model.stop_training)}, {
        "model": weights,
        "seeds": read_state(_seeds(compiled.model)),
        "optimizer": read_state(_optimizer_variables(compiled)),
        "callbacks": remembered,
    }


def restore_snapshot(here: Checkpoint, compiled: Compiled, models: Models, callbacks: list[Any]) -> None:
    """Gives back what `take_snapshot` read."""
    for name, model in models.items():
        write_state(model.weights, of_network(here.arrays["model"], name))
    if compiled.network is not None:
        compiled.model.optimizer.build(compiled.model.trainable_variables)
    write_state(_seeds(compiled.model), here.arrays.get("seeds", {}))
    write_state(_optimizer_variables(compiled), here.arrays.get("optimizer", {}))
    restore_callbacks(callbacks, here.state["callbacks"], here.arrays.get("callbacks", {}))


def restore_weights(arrays: Mapping[str, np.ndarray], models: Models) -> None:
    """Gives models the weights of a snapshot; LoRA starts anew where that was taken before its time."""
    for name, model in models.items():
        values = of_network(arrays, name)
        if any(map(is_lora, values)):
            write_state(model.weights, values)
        else:
            write_weights(model, values)


def of_network(arrays: Mapping[str, np.ndarray], network: str) -> dict[str, np.ndarray]:
    """Returns the weights of one network out of a snapshot's."""
    prefix = f"{network}:"
    return {key.removeprefix(prefix): value for key, value in arrays.items() if key.startswith(prefix)}


def _seeds(model: keras.Model) -> list[Any]:
    weights = {id(variable) for variable in model.weights}
    return [variable for variable in model.variables if id(variable) not in weights]


def _optimizer_variables(compiled: Compiled) -> list[Any]:
    """Returns the variables of the model's optimizer, or of a trainer's `optimizers` by network."""
    optimizers = getattr(compiled.model, "optimizers", None) or {"": compiled.model.optimizer}
    return [variable for optimizer in optimizers.values() for variable in optimizer.variables]
