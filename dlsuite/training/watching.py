"""The list of callbacks that a run is trained under: it watches every step at the cost of a look at the clock."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import keras

from dlsuite.spec.errors import TrainingError, suggest

INTERVAL = 0.25
"""Seconds between looks at the losses."""
WAITING = 256
"""So many steps are looked at together at most."""
STEP_HOOKS = ("on_batch_begin", "on_batch_end", "on_train_batch_begin", "on_train_batch_end")
TEST_HOOKS = ("on_test_batch_begin", "on_test_batch_end")


class Watcher(Protocol):
    """Who is told."""

    def begin_epoch(self, epoch: int) -> None:
        """An epoch, counted from 0, begins."""

    def step(self, step: int, logs: Mapping[str, float]) -> None:
        """So many steps of the epoch are done; told a few times a second."""

    def end_epoch(self, epoch: int, logs: Mapping[str, float]) -> None:
        """An epoch is done, the callbacks of the spec have acted."""


class Watch(keras.callbacks.CallbackList):
    """Callbacks without the cost of Keras' own list, which turns each step's logs into numbers.

    Logs of steps are kept as tensors and looked at a few times a second. Running means stay what they are once they are
    no numbers, so that the first such step is found afterwards. Hooks of steps are called only for callbacks that have
    them.

    Args:
        callbacks: Of the spec.
        watcher: Is told of steps and epochs.
        model: That is trained.
        steps: Of an epoch.
        epochs: The last one, counted from 1.
        last_steps: Of the last epoch, where that is cut short.
        on_begin: Called once the callbacks have begun, such as to give them back what they remembered.
    """

    def __init__(
        self,
        callbacks: Sequence[keras.callbacks.Callback],
        *,
        watcher: Watcher,
        model: keras.Model,
        steps: int,
        epochs: int,
        last_steps: int,
        on_begin: Callable[[], None],
    ):
        super().__init__(list(callbacks), add_history=True, model=model, epochs=epochs, steps=steps, verbose=0)
        self._watcher = watcher
        self._last = (epochs - 1, last_steps - 1 if last_steps < steps else None)
        self._end_at: int | None = None
        self._on_begin_train = on_begin
        self._step_hooks = _overridden(callbacks, STEP_HOOKS)
        self._test_hooks = _overridden(callbacks, TEST_HOOKS)
        self._epoch = 0
        self._batch = 0
        self._due = 0.0
        self._rate = float("nan")
        self._waiting: list[Any] = []

    def on_train_begin(self, logs: Any = None) -> None:
        super().on_train_begin(logs)
        self._on_begin_train()

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self._epoch, self._waiting = epoch, []
        self._end_at = self._last[1] if epoch == self._last[0] else None
        self._watcher.begin_epoch(epoch)
        super().on_epoch_begin(epoch, logs)
        self._rate = learning_rate(self.model)

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        if self._step_hooks:
            super().on_train_batch_begin(batch, logs)

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self._batch = batch
        self._waiting.append(logs)
        if self._step_hooks:
            super().on_train_batch_end(batch, logs)
        if time.perf_counter() >= self._due or len(self._waiting) >= WAITING:
            self._watcher.step(batch + 1, self._look())
            self._due = time.perf_counter() + INTERVAL
        if batch == self._end_at:
            self.model.stop_training = True

    def on_test_batch_begin(self, batch: int, logs: Any = None) -> None:
        if self._test_hooks:
            super().on_test_batch_begin(batch, logs)

    def on_test_batch_end(self, batch: int, logs: Any = None) -> None:
        if self._test_hooks:
            super().on_test_batch_end(batch, logs)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if self._waiting:
            self._look()
        numbers = as_numbers(logs or {})
        if not math.isfinite(numbers.get("val_loss", 0.0)):
            raise TrainingError(
                f"`val_loss` is {numbers['val_loss']} at epoch {epoch + 1}, though the loss in training is a number. "
                "What would work: a lower learning rate, or a look at the validation examples. The weights of the "
                "epochs before are kept."
            )
        numbers["learning_rate"] = self._rate
        self._check_monitors(numbers)
        super().on_epoch_end(epoch, logs)
        self._watcher.end_epoch(epoch, numbers)

    def _check_monitors(self, numbers: Mapping[str, float]) -> None:
        for callback in self.callbacks:
            monitor = getattr(callback, "monitor", None)
            if isinstance(monitor, str) and monitor not in numbers:
                hint = suggest(monitor, numbers, what="figures")
                name = type(callback).__name__
                raise TrainingError(f"{name} watches `{monitor}`, which is not measured. {hint}".rstrip())

    def _look(self) -> dict[str, float]:
        """Returns the logs of the last step as numbers.

        Raises:
            TrainingError: A loss is none any more; names the step where that began.
        """
        logs = as_numbers(self._waiting[-1] or {})
        if wrong := broken_loss(logs):
            before = sum(not broken_loss(as_numbers(one or {})) for one in self._waiting)
            step = self._batch - len(self._waiting) + before + 2
            raise TrainingError(
                f"The loss is no longer a number: `{wrong}` is {logs[wrong]} at epoch {self._epoch + 1}, step {step}, "
                f"with a learning rate of {learning_rate(self.model):.3g}. What would work: a lower learning rate, "
                '`clipnorm` in the optimizer, or "precision": "float32". The weights of the epochs before are kept.'
            )
        self._waiting = []
        return logs


def as_numbers(logs: Mapping[str, Any]) -> dict[str, float]:
    """Returns logs as floats, nested ones by their own names; what is no number is left out."""
    found: dict[str, float] = {}
    for name, value in logs.items():
        if isinstance(value, Mapping):
            found |= as_numbers(value)
        else:
            try:
                found[name] = float(value)
            except (TypeError, ValueError):
                continue
    return found


def broken_loss(logs: Mapping[str, float]) -> str | None:
    """Returns the name of the first loss that is no finite number."""
    return next((name for name, value in logs.items() if "loss" in name and not math.isfinite(value)), None)


def learning_rate(model: keras.Model) -> float:
    """Returns the learning rate of the next step; that of the first optimizer where there are several."""
    optimizer = getattr(model, "optimizer", None)
    if optimizer is None:
        return float("nan")
    return float(keras.ops.convert_to_numpy(optimizer.learning_rate))


def _overridden(callbacks: Sequence[keras.callbacks.Callback], hooks: Sequence[str]) -> bool:
    base = keras.callbacks.Callback
    return any(getattr(type(one), hook) is not getattr(base, hook) for one in callbacks for hook in hooks)
