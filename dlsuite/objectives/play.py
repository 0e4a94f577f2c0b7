"""What an objective sees of one batch: its tensors, its random numbers, and the networks to run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import keras

from dlsuite.spec.plan import Task


@dataclass(frozen=True)
class Play:
    """One batch.

    Attributes:
        task: The objective as the plan has it: `inputs` names the outputs that it reads, `target` what it learns.
        networks: The models of the spec.
        outputs: Names of each network's outputs.
        features: The fitted features of the data, by name.
        inputs: Tensors by name, (batch, ...), masks as `<name>.mask`.
        targets: The same.
        noise: Random numbers by the names of `Objective.noise`, (batch, ...).
        step: Of the training, from 0, float32 []; 0 outside training.
        training: Whether layers such as dropout act.
        settings: The `predict` section, components made.
        call: Runs a model on inputs in its form; by default as it is, at prediction compiled.
        made: What networks made of this batch, shared by the objectives that see it.
    """

    task: Task
    networks: Mapping[str, keras.Model]
    outputs: Mapping[str, tuple[str, ...]]
    features: Mapping[str, Any]
    inputs: Mapping[str, Any]
    targets: Mapping[str, Any] = field(default_factory=dict)
    noise: Mapping[str, Any] = field(default_factory=dict)
    step: Any = 0.0
    training: bool = False
    settings: Mapping[str, Any] = field(default_factory=dict)
    call: Callable[[keras.Model, Any, bool], Any] = lambda model, inputs, training: model(inputs, training=training)
    made: dict[str, dict[str, Any]] = field(default_factory=dict)

    def run(self, network: str, **inputs: Any) -> dict[str, Any]:
        """Returns the outputs of a network by name.

        Args:
            network: Its name; that of a spec with one is `model`.
            inputs: Tensors by name; by default those of the batch.
        """
        model, given = self.networks[network], {**self.inputs, **inputs}
        several = isinstance(model.input, dict)
        taken = {name: given[name] for name in model.input} if several else given[model.inputs[0].name]
        made = self.call(model, taken, self.training)
        return made if isinstance(made, dict) else {self.outputs[network][0]: made}

    def read(self, output: str) -> Any:
        """Returns an output by name; the network that makes it runs once a batch."""
        network = next(name for name, outputs in self.outputs.items() if output in outputs)
        if network not in self.made:
            self.made[network] = self.run(network)
        return self.made[network][output]

    @property
    def output(self) -> Any:
        """The first output that the task reads."""
        return self.read(self.task.inputs[0])
