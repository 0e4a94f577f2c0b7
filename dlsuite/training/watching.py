"""The list of callbacks that a run is trained under: it watches every step at the cost of reading its loss."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import keras

from dlsuite.spec.errors import TrainingError
from dlsuite.training.interrupting import Interrupted, Interruptions

INTERVAL = 0.25
"""Seconds between words to the watcher."""
STEP_HOOKS = ("on_batch_begin", "on_batch_end", "on_train_batch_begin", "on_train_batch_end")
TEST_HOOKS = ("on_test_batch_begin", "on_test_batch_end")


class DivergedError(TrainingError):
    """A training whose numbers are none any more; gone on with as it is, it would meet the same again."""


class BrokenLoss(DivergedError):
    """A loss that is no number.

    Attributes:
        epoch: Counted from 0.
        step: Counted from 1.
    """

    def __init__(self, message: str, epoch: int, step: int):
        super().__init__(message)
        self.epoch = epoch
        self.step = step


class EpochDone(Exception):
    """The rest of an epoch is done, and the next has as many steps as ever: Keras needs another call of `fit`."""


class Watcher(Protocol):
    """Who is told."""

    def begin_epoch(self, epoch: int) -> None:
        """An epoch, counted from 0, begins."""

    def step(self, step: int, logs: Mapping[str, float]) -> None:
        """So many steps of the epoch are done; told a few times a second."""

    def end_epoch(self, epoch: int, logs: Mapping[str, float]) -> None:
        """An epoch is done, the callbacks of the spec have acted."""

    def is_due(self) -> bool:
        """Whether it is time to save inside an epoch."""

    def save_inside(self, epoch: int, step: int) -> None:
        """Saves inside an epoch, of which so many steps are done."""


class Watch(keras.callbacks.CallbackList):
    """Callbacks without the cost of Keras' own list, which turns each step's logs into numbers.

    The losses of a step are read before the next one begins, so that the step at which one breaks is the last; all else
    that is logged is read a few times a second. A device that works while Python goes on would stand still for that: on
    such, the losses are read one step later, when the next is under way. Hooks of steps are called only for callbacks
    that have them.

    Args:
        callbacks: Of the spec.
        watcher: Is told of steps and epochs.
        model: That is trained.
        steps: Of an epoch.
        epochs: The last one, counted from 1.
        last_steps: Of the last epoch, where that is cut short.
        on_begin: Called once the callbacks have begun, such as to give them back what they remembered.
        done: Steps of the first epoch that were done before. `fit` does the last of them once more, which makes all
            that a first step makes, such as the variables of metrics.
        on_inside: Called after that step, to have everything as it was.
        on_validation: Called before and after each validation, such as to have averages of weights validated.
        interruptions: Say whether to stop.

    Attributes:
        cut: Whether the last epoch was cut short.
        rate: The learning rate that the epoch began with.
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
        done: int = 0,
        on_inside: Callable[[], None] = lambda: None,
        on_validation: Callable[[], None] = lambda: None,
        interruptions: Interruptions | None = None,
    ):
        super().__init__(list(callbacks), add_history=True, model=model, epochs=epochs, steps=steps, verbose=0)
        self._watcher = watcher
        self._last = (epochs - 1, last_steps - 1 if last_steps < steps else None)
        self._end_at: int | None = None
        self.cut = False
        self._steps = steps
        self._epochs = epochs
        self._begun = False
        self._done = done
        self._on_begin_train = on_begin
        self._on_inside = on_inside
        self._on_validation = on_validation
        self._interruptions = interruptions or Interruptions(shown=False)
        self._step_hooks = _overridden(callbacks, STEP_HOOKS)
        self._test_hooks = _overridden(callbacks, TEST_HOOKS)
        self._epoch = 0
        self._told = 0.0
        self.rate = float("nan")
        self._unread: list[tuple[int, Any]] = []  # steps, and their logs

    def on_train_begin(self, logs: Any = None) -> None:
        if self._begun:
            return
        self._begun = True
        super().on_train_begin(logs)
        self._on_begin_train()

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self._epoch, self._unread = epoch, []
        self._end_at = self._last[1] if epoch == self._last[0] else None
        self._watcher.begin_epoch(epoch)
        super().on_epoch_begin(epoch, logs)
        self.rate = learning_rate(self.model)

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        if self._step_hooks and not self._is_repeated(batch):
            super().on_train_batch_begin(batch + max(self._done - 1, 0), logs)

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        if self._is_repeated(batch):
            self._on_inside()
            return
        batch += max(self._done - 1, 0)
        logs = logs or {}
        self._unread.append((batch + 1, logs))
        self._read_losses(but=int(is_ahead(logs) and batch + 1 < self._steps))
        if self._step_hooks:
            super().on_train_batch_end(batch, logs)
        if time.perf_counter() >= self._told:
            self._act(batch + 1, logs)
        if batch == self._end_at:
            self.model.stop_training = self.cut = True
        elif self._interruptions.asked and batch + 1 < self._steps:
            self._save_inside(batch + 1)
            raise Interrupted

    def _is_repeated(self, batch: int) -> bool:
        """Returns whether a step of `fit`, counted from 0, was done before."""
        return self._done > 0 and batch == 0

    def _act(self, step: int, logs: Mapping[str, Any]) -> None:
        """Tells of a step, and saves where it is time for that."""
        self._watcher.step(step, as_numbers(logs))
        self._told = time.perf_counter() + INTERVAL
        if step < self._steps and self._watcher.is_due():
            self._save_inside(step)

    def _save_inside(self, step: int) -> None:
        self._read_losses()
        self._watcher.save_inside(self._epoch, step)

    def on_test_begin(self, logs: Any = None) -> None:
        self._on_validation()
        super().on_test_begin(logs)

    def on_test_end(self, logs: Any = None) -> None:
        super().on_test_end(logs)
        self._on_validation()

    def on_test_batch_begin(self, batch: int, logs: Any = None) -> None:
        if self._test_hooks:
            super().on_test_batch_begin(batch, logs)

    def on_test_batch_end(self, batch: int, logs: Any = None) -> None:
        if self._test_hooks:
            super().on_test_batch_end(batch, logs)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self._read_losses()
        numbers = as_numbers(logs or {})
        if not math.isfinite(numbers.get("val_loss", 0.0)):
            raise DivergedError(
                f"`val_loss` is {numbers['val_loss']} at epoch {epoch + 1}, though the loss in training is a number. "
                "What would work: a lower learning rate, or a look at the validation examples. The weights of the "
                "epochs before are kept."
            )
        numbers["learning_rate"] = self.rate
        super().on_epoch_end(epoch, logs)
        self._watcher.end_epoch(epoch, numbers)
        if self._interruptions.asked:
            raise Interrupted
        if self._done:
            self._done = 0
            if epoch + 1 < self._epochs and not self.model.stop_training:
                raise EpochDone

    def _read_losses(self, but: int = 0) -> None:
        """Reads the losses of steps, but for so many of the last.

        Raises:
            BrokenLoss: One is no number.
        """
        while len(self._unread) > but:
            step, logs = self._unread.pop(0)
            losses = as_numbers({name: value for name, value in logs.items() if "loss" in name})
            if wrong := broken_loss(losses):
                place = f"epoch {self._epoch + 1}, step {step}"
                message = f"The loss is no longer a number: `{wrong}` is {losses[wrong]} at {place}"
                raise BrokenLoss(message, self._epoch, step)


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


def is_ahead(logs: Mapping[str, Any]) -> bool:
    """Returns whether Python runs ahead of the device that computes these logs, as it does of all but processors."""
    device = getattr(next(iter(logs.values()), None), "device", "CPU")
    return "CPU" not in device


def learning_rate(model: keras.Model) -> float:
    """Returns the learning rate of the next step; that of the first optimizer where there are several."""
    optimizer = getattr(model, "optimizer", None)
    if optimizer is None:
        return float("nan")
    return float(keras.ops.convert_to_numpy(optimizer.learning_rate))


def _overridden(callbacks: Sequence[keras.callbacks.Callback], hooks: Sequence[str]) -> bool:
    base = keras.callbacks.Callback
    return any(getattr(type(one), hook) is not getattr(base, hook) for one in callbacks for hook in hooks)
