"""The stages of one run: data, models, fit, and the kept weights."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import keras
import tensorflow as tf

from dlsuite.building import build_models, precision
from dlsuite.distribution import check_stage, even_batch, make_strategy, synchronize
from dlsuite.making import make
from dlsuite.pipeline import Data, naming_files, read
from dlsuite.runs import Run
from dlsuite.spec import Spec
from dlsuite.spec.errors import DataError, DLSuiteError, Fault, Place, SpecError, TrainingError
from dlsuite.spec.plan import Component, Plan, Stage
from dlsuite.storage import read_json
from dlsuite.training import checkpoints
from dlsuite.training.compiling import compile_stage, weigh_classes
from dlsuite.training.environment import describe_environment
from dlsuite.training.layer_settings import apply_settings, read_trainable
from dlsuite.training.presets import load_presets
from dlsuite.training.recording import Recorder
from dlsuite.training.saving import save_models, score
from dlsuite.training.snapshots import restore_snapshot, restore_weights, take_snapshot
from dlsuite.training.transfer import carry_weights
from dlsuite.training.watching import Watch
from dlsuite.weights import count_parameters


class Training:
    """The stages of one run."""

    def __init__(self, spec: Spec, run: Run, recorder: Recorder, runs: Path):
        self.spec = spec
        self.run = run
        self.recorder = recorder
        self.runs = runs
        checkpoints.tidy(run.path / "checkpoints")
        self.checkpoint = checkpoints.load(run.path / "checkpoints")
        self.data = self.read_data()
        self.plan = self.make_plan()

    def go(self) -> None:
        """Trains every stage that is not done yet, keeps the best weights and measures them on validation."""
        recorder, plan, first = self.recorder, self.plan, self.plan.train[0]
        steps = self.data.steps("train")
        strategy = make_strategy(first.strategy)
        for stage in plan.train:
            check_stage(stage, strategy, plan.data.batch_size)
            _check_constant(stage, first)
        with strategy.scope():
            models = build_models(plan)
            synchronize(models, strategy)
        recorder.facts["parameters"] = count_parameters(models, single=plan.single)
        if self.checkpoint is None:
            for sentence in load_presets(plan, models):
                recorder.say(sentence)
        built = read_trainable(models)
        try:
            with strategy.scope(), naming_files():
                self.stages(models, built, steps)
        except (TrainingError, DataError):
            if recorder.best is not None:
                with suppress(DLSuiteError, OSError):  # what was learned before is kept all the same
                    self.keep_best(models)
                    save_models(self.run, plan, models)
            raise
        with naming_files():
            self.finish(models)

    def stages(self, models: dict[str, keras.Model], built: dict[int, bool], steps: int) -> None:
        """Trains one stage after the other; those that were done before are passed over."""
        recorder, done = self.recorder, self.checkpoint
        if done is not None:
            recorder.history, recorder.best = done.state["history"], done.state["best"]
        before: Stage | None = None
        for number, stage in enumerate(self.plan.train, start=1):
            if done is None or number >= done.state["stage"]:
                resumed = self.checkpoint is not None
                recorder.stage = (number, len(self.plan.train))
                recorder.begin = done.state["begin"] if done and resumed else len(recorder.history)
                left = sum(_epochs(one, steps) for one in self.plan.train[number - 1 :])
                recorder.total = recorder.begin + left
                if (
                    stage.start_from is not None
                    and not resumed
                    and (before is None or stage.start_from != before.start_from)
                ):
                    self.start_from(stage, models)
                with precision(stage.precision):
                    self.fit(stage, models, built, recorder.begin, recorder.begin + _epochs(stage, steps))
            before = stage

    def start_from(self, stage: Stage, models: dict[str, keras.Model]) -> None:
        """Gives the models the weights of another run; says and records which."""
        found = carry_weights(stage, models, self.spec, self.runs)
        for sentence in found.sentences():
            self.recorder.say(sentence)
        self.recorder.event("from", **found.record())
        environment = read_json(self.run.path / "environment.json") or {}
        record = {"stage": self.recorder.stage[0], **found.record()}
        self.run.write("environment.json", {**environment, "from": [*environment.get("from", []), record]})

    def read_data(self) -> Data:
        """Returns the data, as fitted before where the run goes on, and records it."""
        run = self.run
        if run.fitted:
            return run.data()
        data = read(self.spec)
        for warning in data.warnings:
            self.recorder.say(f"warning: {warning}")
        places = {"root": self.spec.root, "folder": self.spec.folder}
        run.write("environment.json", {**describe_environment(self.spec.folder), "spec": places, "data": data.record})
        run.write("features/facts.json", data.known())
        run.write("features/state.json", data.state())
        return data

    def make_plan(self) -> Plan:
        """Returns the plan with the facts of the data."""
        return self.spec.plan(self.data.known())

    def fit(self, stage: Stage, models: dict[str, keras.Model], built: dict[int, bool], begin: int, end: int) -> None:
        """Trains one stage, epochs `begin` to `end`, and leaves the models with the best weights."""
        recorder, data, checkpoint = self.recorder, self.data, self.checkpoint
        keras.utils.set_random_seed(stage.seed)
        undecayed = apply_settings(stage, models, built, _pattern_places(self.spec))
        outputs = {name: list(network.body.outputs) for name, network in self.plan.networks.items()}
        compiled = compile_stage(stage, models, outputs, data, undecayed)
        validated = data.counts.get("validation", 0) > 0
        recorder.monitor = (compiled.monitor, compiled.rises)
        callbacks = [self.make_callback(one) for one in stage.callbacks if one.name != "TerminateOnNaN"]  # always there
        recorder.snapshot = lambda: take_snapshot(compiled, models, callbacks)
        steps, last = _steps(stage, data.steps("train"))
        recorder.steps = steps
        here, self.checkpoint = checkpoint, None
        start = here.epoch if here is not None else begin
        if start < end and not (here is not None and here.state["ended"]):
            watch = Watch(
                callbacks,
                watcher=recorder,
                model=compiled.model,
                steps=steps,
                epochs=end,
                last_steps=last,
                on_begin=lambda: here and restore_snapshot(here, compiled, models, callbacks),
            )
            strategy = tf.distribute.get_strategy()
            size = even_batch(self.plan.data.batch_size, data.counts["validation"], strategy) if validated else None
            batches = data.batches("train", training=True, seed=stage.seed, epoch=start, epochs=None)
            compiled.model.fit(
                compiled.shape(batches, weigh_classes(stage, data)),
                validation_data=compiled.shape(data.batches("validation", batch_size=size)) if validated else None,
                initial_epoch=start,
                epochs=end,
                steps_per_epoch=steps,
                callbacks=watch,
                verbose=0,
                shuffle=False,
            )
        self.keep_best(models)

    def keep_best(self, models: dict[str, keras.Model]) -> None:
        """Gives the models the weights of the best epoch; LoRA starts anew where that was before its time."""
        if self.recorder.best is None:
            return
        arrays = checkpoints.read_model(self.run.path / "checkpoints", self.recorder.best["epoch"])
        restore_weights(arrays, models)

    def make_callback(self, component: Component) -> keras.callbacks.Callback:
        """Returns a callback; those that write get a place inside the run."""
        folder = self.run.path
        options = {
            "CSVLogger": {"filename": str(folder / "log.csv")},
            "ModelCheckpoint": {"filepath": str(folder / "models" / "epoch-{epoch:05d}.keras")},
            "TensorBoard": {"log_dir": str(folder / "tensorboard")},
        }.get(component.name, {})
        if component.name == "BackupAndRestore":
            hint = "Leave it out: every epoch is saved, and --resume goes on from the last."
            raise SpecError([Fault("`BackupAndRestore` would restore twice.", component.place, hint)])
        try:
            return make(component, **options)
        except (TypeError, ValueError) as error:
            raise SpecError([Fault(f"{component.name}: {error}", component.place)]) from None

    def finish(self, models: dict[str, keras.Model]) -> None:
        """Saves the models, measures them on validation and says what was kept."""
        recorder, best = self.recorder, self.recorder.best
        save_models(self.run, self.plan, models)
        found = score(self.plan, models, self.data) if self.data.counts.get("validation") else None
        if found is not None:
            self.run.write("metrics.json", found)
        recorder.state("done")
        if best is not None and best["value"] is not None:
            name = best["monitor"].removeprefix("val_")
            recorder.progress.say(
                f"kept epoch {best['epoch']} of {len(recorder.history)}: {name} {best['value']:.4f} on validation"
            )


def _check_constant(stage: Stage, first: Stage) -> None:
    for name in ("precision", "strategy"):
        if getattr(stage, name) != getattr(first, name):
            hint = "Write it in the first stage, for all of them."
            raise SpecError([Fault(f"`{name}` cannot change between stages.", stage.place, hint)])


def _pattern_places(spec: Spec) -> dict[str, Place]:
    """Returns where each pattern of `layers` stands."""
    train = spec.document["train"]
    sections = [one.get("layers") for one in (train if isinstance(train, list) else [train])]
    return {pattern: place for section in sections if section for pattern, place in section.keys_at.items()}


def _epochs(stage: Stage, steps: int) -> int:
    return stage.epochs if stage.epochs is not None else -(-(stage.steps or 1) // steps)


def _steps(stage: Stage, steps: int) -> tuple[int, int]:
    """Returns the steps of an epoch and those of the last one."""
    if stage.epochs is not None:
        return steps, steps
    wanted = stage.steps or 1
    return min(steps, wanted), (wanted - 1) % steps + 1
