"""Everything that a stage of training remembers, read and given back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np
from keras.src.random.seed_generator import global_seed_generator

from dlsuite.spec.errors import Fault, SpecError
from dlsuite.training.averages import averaged, averages_of, swap
from dlsuite.training.callback_memory import Memory
from dlsuite.training.checkpoints import Checkpoint
from dlsuite.training.compiling import Compiled
from dlsuite.training.learner import Learner
from dlsuite.training.watching import DivergedError
from dlsuite.weights import by_path, is_lora, read_state, write_state, write_weights

Models = Mapping[str, keras.Model]
Arrays = dict[str, dict[str, np.ndarray]]


class Snapshots:
    """Reads and gives back the state of a stage.

    Args:
        compiled: What is trained, as it was made.
        models: All networks by name.
        callbacks: As they were made.
    """

    def __init__(self, compiled: Compiled, models: Models, callbacks: Sequence[Any]):
        self.memory = Memory(callbacks)
        self._compiled = compiled
        self._models = models
        self._made_rates = _read_rates(compiled)

    def take(self, *, inside: bool = True) -> tuple[dict[str, Any], Arrays]:
        """Returns state and arrays of a checkpoint: weights, seeds, optimizers, metrics, what callbacks remember.

        Where an optimizer keeps averages, `average` holds the weights with these in their place.

        Args:
            inside: Whether metrics are read as well, which a checkpoint inside an epoch needs. Those of several workers
                are put together by all of them.

        Raises:
            TrainingError: A weight that is trained is no number any more, which would be of no use to go on from.
        """
        compiled = self._compiled
        weights: dict[str, np.ndarray] = {}
        for name, model in self._models.items():
            values = read_state(model.weights)
            _check_finite(model, values)
            weights |= {f"{name}:{path}": value for path, value in values.items()}
        averages = self._averages()
        kept: dict[str, np.ndarray] = {}
        if averages:
            with averaged(averages):
                for name, model in self._models.items():
                    kept |= {f"{name}:{path}": value for path, value in read_state(model.weights).items()}
        rates = {name: (self._made_rates[name], now) for name, now in _read_rates(compiled).items()}
        return {"callbacks": self.memory.read(), "rates": rates}, {
            "model": weights,
            "average": kept,
            "seeds": read_state(_seeds(compiled.model)),
            "optimizer": read_state(_slots(compiled)),
            "scaling": read_state(_scaling(compiled)),
            "metrics": read_state(compiled.model.metrics_variables) if inside else {},
        }

    def restore(self, here: Checkpoint) -> None:
        """Gives back what `take` read; metrics where the checkpoint stands inside an epoch.

        Raises:
            SpecError: The optimizer keeps other values for each weight than it did.
        """
        self.restore_learned(here)
        if here.step:
            write_state(self._compiled.model.metrics_variables, here.arrays.get("metrics", {}))
        self.memory.give_back(here.state["callbacks"])

    def restore_learned(self, here: Checkpoint) -> None:
        """Gives back weights, seeds and optimizers alone.

        A learning rate that the spec has changed since stays as the spec has it now.
        """
        compiled = self._compiled
        for name, model in self._models.items():
            write_state(model.weights, of_network(here.arrays["model"], name))
        restore_seeds(here, compiled.model)
        slots = here.arrays.get("optimizer", {})
        if len(slots) != len(_slots(compiled)):  # made by the first step otherwise, as they were when it was saved
            self.build_optimizers()
        try:
            write_state(_slots(compiled), slots)
        except ValueError:
            message = "The optimizer of the run keeps other values for each weight than that of the spec."
            hint = "Leave it as it was, `learning_rate` and `weight_decay` aside."
            raise SpecError([Fault(message, hint=hint)]) from None
        for name, variable in _rates(compiled).items():
            made, now = here.state.get("rates", {}).get(name, (None, None))
            if made == self._made_rates[name]:
                variable.assign(now)
        if len(_scaling(compiled)) == len(here.arrays.get("scaling", {})):
            write_state(_scaling(compiled), here.arrays.get("scaling", {}))

    def swap_averages(self) -> None:
        """Exchanges weights and their averages, where optimizers keep such."""
        swap(self._averages())

    def _averages(self) -> list[tuple[Any, Any]]:
        return averages_of(map(_inner, optimizers(self._compiled).values()))

    def build_optimizers(self) -> None:
        """Makes the slots of optimizers that have none yet."""
        model = self._compiled.model
        for player, optimizer in optimizers(self._compiled).items():
            if not optimizer.built:
                learned = model.trained_by(player) if isinstance(model, Learner) else model.trainable_variables
                optimizer.build(learned)


def restore_seeds(here: Checkpoint, model: keras.Model) -> None:
    """Gives back the states of random numbers alone."""
    write_state(_seeds(model), here.arrays.get("seeds", {}))


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


def _check_finite(model: keras.Model, values: Mapping[str, np.ndarray]) -> None:
    trained = {id(variable) for variable in model.trainable_variables}
    for path, variable in by_path(model.weights).items():
        if id(variable) in trained and not np.isfinite(values[path]).all():
            raise DivergedError(
                f"The weight `{path}` is no longer a number, though the loss still is. What would work: a "
                "lower learning rate, or `clipnorm` in the optimizer. What was saved before is kept."
            )


def _seeds(model: keras.Model) -> list[Any]:
    """Returns the states of a model's random numbers, and of Keras' own that serve whoever names no seed."""
    weights = {id(variable) for variable in model.weights}
    return [*(one for one in model.variables if id(one) not in weights), global_seed_generator().state]


def optimizers(compiled: Compiled) -> dict[str, Any]:
    """Returns the model's optimizer under an empty name, or those of a `Learner` by player."""
    return dict(compiled.model.optimizers) if isinstance(compiled.model, Learner) else {"": compiled.model.optimizer}


def _inner(optimizer: Any) -> Any:
    """Returns the optimizer that learns, inside one that scales losses for float16."""
    return getattr(optimizer, "inner_optimizer", optimizer)


def _rates(compiled: Compiled) -> dict[str, Any]:
    """Returns the variables of learning rates by network; schedules have none."""
    held = {name: _inner(one)._learning_rate for name, one in optimizers(compiled).items()}
    return {name: rate for name, rate in held.items() if hasattr(rate, "assign")}


def _read_rates(compiled: Compiled) -> dict[str, float]:
    return {name: float(keras.ops.convert_to_numpy(rate)) for name, rate in _rates(compiled).items()}


def _slots(compiled: Compiled) -> list[Any]:
    """Returns what optimizers keep, learning rates aside."""
    rates = {id(rate) for rate in _rates(compiled).values()}
    kept = [variable for one in optimizers(compiled).values() for variable in _inner(one).variables]
    return [variable for variable in kept if id(variable) not in rates]


def _scaling(compiled: Compiled) -> list[Any]:
    """Returns what the scaling of losses keeps."""
    found = []
    for optimizer in optimizers(compiled).values():
        if optimizer is not _inner(optimizer):
            inner = {id(variable) for variable in optimizer.inner_optimizer.variables}
            found += [variable for variable in optimizer.variables if id(variable) not in inner]
    return found
