"""The stages of one run: data, models, fit, and the kept weights."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import keras
import tensorflow as tf

from dlsuite.building import build_models, precision
from dlsuite.distribution.strategies import describe_strategy, synchronize
from dlsuite.layer_settings import apply_settings, read_trainable
from dlsuite.making import make
from dlsuite.pipeline import Data, naming_files, read
from dlsuite.runs import Run
from dlsuite.spec import Spec
from dlsuite.spec.errors import DataError, DLSuiteError, Fault, SpecError, TrainingError
from dlsuite.spec.plan import Component, Plan, Stage
from dlsuite.storage import write_text
from dlsuite.training import checkpoints
from dlsuite.training.compiling import compile_stage
from dlsuite.training.environment import describe_environment
from dlsuite.training.goals import try_goals
from dlsuite.training.interrupting import Interruptions
from dlsuite.training.loop import Loop
from dlsuite.training.presets import load_presets
from dlsuite.training.recording import Recorder
from dlsuite.training.refusals import telling_refusals
from dlsuite.training.saving import save_models, score
from dlsuite.training.snapshots import Snapshots, restore_seeds, restore_weights
from dlsuite.training.transfer import carry_weights
from dlsuite.weights import count_parameters


class Training:
    """The stages of one run.

    Args:
        spec: That is trained.
        run: New, or one that goes on.
        recorder: Keeps what happens.
        runs: Folder of the runs.
        strategy: That it is trained under.
        interruptions: Say whether to stop.
        begin: Called once nothing can be refused any more, and before each stage; from then on the run is written.
        reopened: Whether the stage that the run stands in has changed, so that what ended it counts no more.
    """

    def __init__(
        self,
        spec: Spec,
        run: Run,
        recorder: Recorder,
        runs: Path,
        strategy: tf.distribute.Strategy,
        interruptions: Interruptions,
        begin: Callable[[], None],
        reopened: bool,
    ):
        self.spec = spec
        self.run = run
        self.recorder = recorder
        self.runs = runs
        self.strategy = strategy
        self.interruptions = interruptions
        self.begin = begin
        self.reopened = reopened
        self.unlogged: list[str] = []
        folder = run.path / "checkpoints"
        here = checkpoints.load(folder, self.warn)
        self.checkpoint = here and checkpoints.keep_to_readable(folder, here, self.warn)
        self.data = self.read_data()
        self.plan = self.make_plan()

    def go(self, ends: bool = True) -> None:
        """Trains every stage that is not done yet, keeps the best weights and measures them on validation.

        Args:
            ends: Whether this process saves and measures what was learned in the end.
        """
        recorder, plan, strategy = self.recorder, self.plan, self.strategy
        steps = self.data.steps("train")
        with strategy.scope():
            models = build_models(plan)
            synchronize(models, strategy)
        try_goals(plan, models, self.data.features)
        recorder.facts["parameters"] = count_parameters(models, single=plan.single)
        recorder.facts["strategy"] = describe_strategy(plan.train[0].strategy, strategy, plan.data.batch_size)
        if self.checkpoint is None:
            for sentence in load_presets(plan, models):
                recorder.say(sentence)
        built = read_trainable(models)
        try:
            with strategy.scope(), telling_refusals(plan, recorder), naming_files():
                self.stages(models, built, steps)
        except (TrainingError, DataError):
            if recorder.best is not None and ends:
                with suppress(DLSuiteError, OSError):  # what was learned before is kept all the same
                    self.keep_best(models)
                    save_models(self.run, plan, models)
            raise
        if ends:
            with naming_files():
                self.finish(models)

    def stages(self, models: dict[str, keras.Model], built: dict[int, bool], steps: int) -> None:
        """Trains one stage after the other; those that were done before are passed over."""
        recorder, done = self.recorder, self.checkpoint
        if done is not None:
            recorder.go_on(done)
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
            else:
                apply_settings(stage, models, built)  # LoRA makes weights that stay
            before = stage

    def start_from(self, stage: Stage, models: dict[str, keras.Model]) -> None:
        """Gives the models the weights of another run; says and records which."""
        found = carry_weights(stage, models, self.spec, self.runs)
        for sentence in found.sentences():
            self.recorder.say(sentence)
        self.recorder.event("from", **found.record())
        environment = Run(self.run.path).environment
        record = {"stage": self.recorder.stage[0], **found.record()}
        earlier = [one for one in environment.get("from", []) if one["stage"] != record["stage"]]
        self.run.write("environment.json", {**environment, "from": [*earlier, record]})

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
        undecayed = apply_settings(stage, models, built)
        outputs = {name: list(network.body.outputs) for name, network in self.plan.networks.items()}
        compiled = compile_stage(stage, models, outputs, data, undecayed)
        recorder.monitor = (compiled.monitor, compiled.rises)
        here, self.checkpoint = checkpoint, None
        callbacks = [self.make_callback(one, here) for one in stage.callbacks if one.name != "TerminateOnNaN"]
        steps, last = _steps(stage, data.steps("train"))
        recorder.steps = steps
        if here is None or (here.epoch < end and (self.reopened or not here.state["ended"])):
            snapshots = Snapshots(compiled, models, callbacks)
            loop = Loop(stage, compiled, data, recorder, snapshots, self.interruptions, self.ready, steps, last)
            loop.run(begin, end, here)
        else:
            restore_seeds(here, compiled.model)
            self.ready()
        self.keep_best(models)

    def warn(self, text: str) -> None:
        """Shows a sentence, and has it logged once the run is written."""
        self.recorder.progress.say(text)
        self.unlogged.append(text)

    def ready(self) -> None:
        """Begins to write the run, as a stage is about to go on."""
        self.begin()
        while self.unlogged:
            self.recorder.event("note", text=self.unlogged.pop(0))
        self.recorder.write_history()

    def keep_best(self, models: dict[str, keras.Model]) -> None:
        """Gives the models the weights of the best epoch; LoRA starts anew where that was before its time."""
        if self.recorder.best is None:
            return
        arrays = checkpoints.read_model(self.run.path / "checkpoints", self.recorder.best["epoch"])
        restore_weights(arrays, models)

    def make_callback(self, component: Component, here: checkpoints.Checkpoint | None) -> keras.callbacks.Callback:
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
            made = make(component, **options)
        except (TypeError, ValueError) as error:
            raise SpecError([Fault(f"{component.name}: {error}", component.place)]) from None
        if component.name == "CSVLogger" and here is not None:
            _cut_log(folder / "log.csv", here.epoch)
            made.append = True
        return made

    def finish(self, models: dict[str, keras.Model]) -> None:
        """Saves the models, measures them on validation and says what was kept."""
        recorder, best = self.recorder, self.recorder.best
        kept = save_models(self.run, self.plan, models)
        found = score(self.plan, kept, self.data) if self.data.counts.get("validation") else None
        (self.run.path / "report.html").unlink(missing_ok=True)  # of an earlier end
        if found is not None:
            self.run.write("metrics.json", found)
        else:
            (self.run.path / "metrics.json").unlink(missing_ok=True)
        recorder.state("done")
        if best is not None and best["value"] is not None:
            name = best["monitor"].removeprefix("val_")
            recorder.progress.say(
                f"kept epoch {best['epoch']} of {len(recorder.history)}: {name} {best['value']:.4f} on validation"
            )


def _cut_log(path: Path, epochs: int) -> None:
    """Takes the rows out of a log that are not whole, or of epochs that are trained again."""
    if path.exists():
        head, *rows = path.read_text(encoding="utf-8").splitlines(keepends=True) or [""]
        epoch = re.compile(r"(\d+)\D.*\n", re.DOTALL)
        kept = [row for row in rows if (match := epoch.fullmatch(row)) and int(match[1]) < epochs]
        write_text(path, head + "".join(kept))


def _epochs(stage: Stage, steps: int) -> int:
    return stage.epochs if stage.epochs is not None else -(-(stage.steps or 1) // steps)


def _steps(stage: Stage, steps: int) -> tuple[int, int]:
    """Returns the steps of an epoch and those of the last one."""
    if stage.epochs is not None:
        return steps, steps
    wanted = stage.steps or 1
    return min(steps, wanted), (wanted - 1) % steps + 1
