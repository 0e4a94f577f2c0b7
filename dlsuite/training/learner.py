"""What `fit` trains where an objective has players: their losses, measured of whole batches."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras
import tensorflow as tf
from keras import ops
from keras.src.backend import compute_output_spec

from dlsuite.objectives.objective import Objective
from dlsuite.objectives.play import Play
from dlsuite.pipeline.batching import STEP, noise_of
from dlsuite.spec.plan import Task

Batch = Mapping[str, Any]
"""`inputs`, `targets` and `drawn`, each by name."""


class Learner(keras.Model):
    """The networks of a spec as the players of an objective.

    With one player a step of training is Keras' own, on every backend.

    Args:
        objective: With players.
        task: As the plan has it.
        networks: By name.
        outputs: Names of each network's outputs.
        features: Fitted, by name.

    Attributes:
        optimizers: By player, once compiled.
    """

    def __init__(
        self,
        objective: Objective,
        task: Task,
        networks: Mapping[str, keras.Model],
        outputs: Mapping[str, tuple[str, ...]],
        features: Mapping[str, Any],
    ):
        super().__init__(name="learner")
        self.objective = objective
        self.task = task
        self.networks = dict(networks)
        self.makes = outputs
        self.features = features
        self.players = dict(objective.players())
        self.optimizers: dict[str, keras.optimizers.Optimizer] = {}
        self.followed: dict[str, keras.metrics.Metric] = {}

    def trained_by(self, *players: str) -> list[Any]:
        """Returns the variables that players train, each once."""
        networks = [name for player in players for name in self.players[player] or self.networks]
        found = [variable for name in networks for variable in self.networks[name].trainable_variables]
        return list({id(variable): variable for variable in found}.values())

    @property
    def trainable_variables(self) -> list[Any]:
        """What any player trains; the other networks stay as they are."""
        return self.trained_by(*self.players)

    @property
    def non_trainable_variables(self) -> list[Any]:
        """All other variables, among them what the other networks would learn elsewhere."""
        return _without(self.variables, self.trainable_variables)

    @property
    def trainable_weights(self) -> list[Any]:
        """What any player trains."""
        return self.trainable_variables

    @property
    def non_trainable_weights(self) -> list[Any]:
        """All other weights."""
        return _without(self.weights, self.trainable_weights)

    def prepare(self, batch: Any, optimizers: Mapping[str, Any], *, jit_compile: bool) -> None:
        """Compiles: makes a mean for each measure, found by measuring a symbolic batch.

        Args:
            batch: `Batch` of `keras.KerasTensor`s.
            optimizers: By player.
            jit_compile: Whether XLA compiles the step.
        """
        scaled = self.dtype_policy.name == "mixed_float16"
        self.optimizers = {
            player: keras.optimizers.LossScaleOptimizer(one) if scaled else one for player, one in optimizers.items()
        }
        for player, one in self.optimizers.items():
            one.build(self.trained_by(player))  # `fit` would build the first for what all players train
            one.finalize_variable_values = lambda variables: None  # ... and end with giving all weights its averages
        for player in self.players:
            for name in compute_output_spec(self.measured, batch, player):
                title = self.title(player, name)
                if title != "loss":
                    self.followed[title] = keras.metrics.Mean(name=title)
        self.built = True
        first = next(iter(self.optimizers.values()))
        self.compile(optimizer=first, jit_compile=jit_compile, auto_scale_loss=False)

    def call(self, batch: Batch, training: bool = False) -> dict[str, Any]:
        """Returns the measures of all players by title, (batch,)."""
        found = {}
        for player in self.players:
            measured = self.measured(batch, player, training=training)
            found |= {self.title(player, name): value for name, value in measured.items()}
        return found

    def compute_loss(
        self, x: Any = None, y: Any = None, y_pred: Any = None, sample_weight: Any = None, training: bool = True
    ) -> Any:
        """Returns the mean of the losses, added up over the players."""
        return sum(ops.mean(y_pred[self.title(player, "loss")]) for player in self.players)

    def compute_metrics(self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None) -> dict[str, Any]:
        """Returns the means so far."""
        for title, metric in self.followed.items():
            metric.update_state(y_pred[title])
        return self.get_metrics_result()

    def measured(self, batch: Batch, player: str, training: bool = False) -> Mapping[str, Any]:
        """Returns the measures of one player, (batch,)."""
        play = Play(
            task=self.task,
            networks=self.networks,
            outputs=self.makes,
            features=self.features,
            inputs=batch["inputs"],
            targets=batch["targets"],
            noise=noise_of(batch["drawn"]),
            step=batch["drawn"][STEP][0],
            training=training,
        )
        return self.objective.measure(play, player)

    def title(self, player: str, name: str) -> str:
        """Returns what a measure is called in the history: by player, where there are several."""
        return name if len(self.players) == 1 else f"{player}_{name}"


class Rivals(Learner):
    """Players that take turns in each step, each with an optimizer of its own; this needs TensorFlow."""

    def train_step(self, data: Any) -> dict[str, Any]:
        """Lets each player take its step."""
        batch, _, _ = keras.utils.unpack_x_y_sample_weight(data)
        found: dict[str, Any] = {}
        for player, optimizer in self.optimizers.items():
            variables = self.trained_by(player)
            with tf.GradientTape() as tape:
                measured = self.measured(batch, player, training=True)
                loss = optimizer.scale_loss(ops.mean(measured["loss"]))
            optimizer.apply(tape.gradient(loss, variables), variables)
            found |= {self.title(player, name): value for name, value in measured.items()}
        self._loss_tracker.update_state(
            self.compute_loss(y_pred=found), sample_weight=ops.shape(batch["drawn"][STEP])[0]
        )
        return self.compute_metrics(batch, None, found)


def _without(variables: list[Any], others: list[Any]) -> list[Any]:
    left_out = {id(variable) for variable in others}
    return [variable for variable in variables if id(variable) not in left_out]
