"""The epochs of one stage by `keras.Model.fit`, from wherever its checkpoint stands."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import tensorflow as tf

from dlsuite.distribution.mends import mended
from dlsuite.distribution.sharing import part_of, share_out
from dlsuite.pipeline import Data
from dlsuite.spec.errors import TrainingError
from dlsuite.spec.plan import Stage
from dlsuite.spec.replicas import is_conditional
from dlsuite.training import checkpoints
from dlsuite.training.checkpoints import Checkpoint
from dlsuite.training.compiling import Compiled, weigh_classes
from dlsuite.training.interrupting import Interruptions
from dlsuite.training.recording import Recorder
from dlsuite.training.replaying import replay
from dlsuite.training.snapshots import Snapshots
from dlsuite.training.watching import BrokenLoss, DivergedError, EpochDone, Watch, learning_rate

REPLAY = 300.0
"""Seconds of training that are repeated at most to find what a loss broke by."""


@dataclass(frozen=True)
class Loop:
    """A stage of training, ready to go.

    Attributes:
        stage: Of the plan.
        compiled: What `fit` trains.
        data: Fitted.
        recorder: Keeps what happens.
        snapshots: Read and give back what the stage remembers.
        interruptions: Say whether to stop.
        ready: Called once all that a checkpoint holds is given back.
        steps: Of an epoch.
        last_steps: Of the last epoch, where that is cut short.
    """

    stage: Stage
    compiled: Compiled
    data: Data
    recorder: Recorder
    snapshots: Snapshots
    interruptions: Interruptions
    ready: Callable[[], None]
    steps: int
    last_steps: int

    def run(self, begin: int, end: int, here: Checkpoint | None) -> None:
        """Trains epochs `begin` to `end`, counted from 0, or those of them that a checkpoint says are left.

        Raises:
            DivergedError: A loss is no number any more; says where and by what.
            Interrupted: Someone wants it to stop; all is saved.
        """
        start, done = (here.epoch, here.step or 0) if here else (begin, 0)
        watch = Watch(
            self.snapshots.memory.callbacks,
            watcher=self.recorder,
            model=self.compiled.model,
            steps=self.steps,
            epochs=end,
            last_steps=self.last_steps,
            on_begin=lambda: self._begin(begin, here),
            done=done,
            on_inside=lambda: self._go_on(watch, here),
            on_validation=self.snapshots.swap_averages,
            interruptions=self.interruptions,
        )
        self.recorder.snapshot = lambda: self._snapshot(watch)
        try:
            with self.interruptions.held(), self.recorder.writing():
                try:
                    self._fit(watch, start, end, done)
                except EpochDone:
                    self._fit(watch, start + 1, end, 0)
        except BrokenLoss as error:
            raise DivergedError(self._explain(error)) from None

    def _begin(self, begin: int, here: Checkpoint | None) -> None:
        self.snapshots.memory.begin()
        if here is None:
            self.ready()
            self.snapshots.build_optimizers()  # so that the checkpoint can be given back after the first step as well
            self.recorder.save_inside(begin, 0)
        elif not here.step:
            self.snapshots.restore(here)
            self.ready()

    def _go_on(self, watch: Watch, here: Checkpoint | None) -> None:
        if here is not None:
            self.snapshots.restore(here)
            watch.rate = here.state["rate"]
            self.ready()

    def _snapshot(self, watch: Watch) -> tuple[dict[str, Any], checkpoints.Arrays]:
        state, arrays = self.snapshots.take(inside=self.recorder.inside)
        ended = bool(self.compiled.model.stop_training)
        return state | {"ended": ended and not watch.cut, "cut": watch.cut, "rate": watch.rate}, arrays

    def _fit(self, watch: Watch, start: int, end: int, done: int) -> None:
        """Trains from an epoch of which some steps are done; that epoch alone where there are such."""
        repeated = max(done - 1, 0)
        validation = self._validation()
        with mended(tf.distribute.get_strategy(), in_place=is_conditional(self.stage)):
            self.compiled.model.fit(
                self._batches(start, repeated),
                validation_data=validation,
                validation_steps=self.data.steps("validation") if validation is not None else None,
                initial_epoch=start,
                epochs=end,
                steps_per_epoch=self.steps - repeated,
                callbacks=watch,
                verbose=0,
                shuffle=False,
            )

    def _batches(self, epoch: int, step: int) -> tf.data.Dataset:
        data, stage, part = self.data, self.stage, part_of(tf.distribute.get_strategy())
        batches = data.batches(
            "train",
            training=True,
            seed=stage.seed,
            epoch=epoch,
            epochs=None,
            step=step,
            part=part,
            noise=self.compiled.noise,
        )
        return self._share_out(self.compiled.shape(batches, weigh_classes(stage, data)), "train", step)

    def _validation(self) -> tf.data.Dataset | None:
        if not self.data.counts.get("validation"):
            return None
        part = part_of(tf.distribute.get_strategy())
        batches = self.data.batches("validation", part=part, noise=self.compiled.noise)
        return self._share_out(self.compiled.shape(batches), "validation")

    def _share_out(self, batches: tf.data.Dataset, split: str, step: int = 0) -> tf.data.Dataset:
        size, total = self.data.plan.batch_size, self.data.counts[split]
        return share_out(batches, tf.distribute.get_strategy(), size=size, total=total, step=step)

    def _explain(self, error: BrokenLoss) -> str:
        """Returns what is to be said of a loss that broke, with the gradient norm where that can be found again."""
        rate, norm = f"{learning_rate(self.compiled.model):.3g}", ""
        here = None
        with suppress(TrainingError):
            here = checkpoints.load(self.recorder.run.path / "checkpoints")
        alone = tf.distribute.get_strategy().num_replicas_in_sync == 1
        if here is not None and here.epoch == error.epoch and alone and self.recorder.since_saved() < REPLAY:
            done = here.step or 0
            found = replay(self.compiled, self.snapshots, here, self._batches(here.epoch, done), error.step - done)
            if found is not None:
                rate = f"{found.rate:.3g}"
                norm = f" and a gradient norm of {found.norm:.3g}"
                norm += f" ({found.before:.3g} at the step before)" if found.before is not None else ""
        return (
            f"{error}, with a learning rate of {rate}{norm}. What would work: a lower learning rate, `clipnorm` in the "
            'optimizer, or "precision": "float32". The weights of the epochs before are kept.'
        )
