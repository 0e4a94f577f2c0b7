"""Training end to end on scans of digits: what it keeps, and that it goes on after anything."""

from __future__ import annotations

import copy
import csv
import json

import keras
import numpy as np
import pytest

from dlsuite import training
from dlsuite.building import build_models
from dlsuite.runs import open_run
from dlsuite.spec import SpecError, TrainingError, catalogue, load
from dlsuite.spec.history import columns_of
from dlsuite.storage import tidy
from dlsuite.training import checkpoints
from dlsuite.training.recording import Recorder
from dlsuite.training.watching import Watch
from tests.digits import digits

SPEC = digits(
    "Flatten",
    {"Dense": {"units": 24, "name": "hidden"}},
    {"BatchNormalization": {"name": "norm"}},
    "ReLU",
    {"Dropout": {"rate": 0.2}},
    batch_size=256,
    train={"optimizer": {"Adam": {"learning_rate": 0.01}}, "epochs": 2},
)


def make(train=None, **parts):
    spec = copy.deepcopy(SPEC) | parts
    spec["train"] = spec["train"] | train if isinstance(train, dict) else train or spec["train"]
    return load(spec)


def fit(spec, folder, **options):
    return training.train(spec, runs=folder, progress=False, **options)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return fit(make(), tmp_path_factory.mktemp("runs"))


def test_the_run_directory_is_complete(run):
    files = {path.relative_to(run.path).as_posix() for path in run.path.rglob("*") if path.is_file()}
    assert {
        "spec.json", "source.json", "environment.json", "status.json", "events.jsonl", "history.csv", "metrics.json",
        "models/model.keras", "models/model.npz", "features/state.json", "features/facts.json",
    } <= files  # fmt: skip
    assert (run.path / "samples").is_dir()
    assert any(name.startswith("tensorboard/validation/events.out.tfevents") for name in files)
    assert not [name for name in files if "/." in f"/{name}"], "nothing half written is left"
    assert run.path.parent.name == "digits"


def test_status_history_and_events_tell_the_same(run):
    assert run.status["state"] == "done"
    assert [row["epoch"] for row in run.history] == [1, 2]
    assert {"loss", "accuracy", "val_loss", "val_accuracy", "learning_rate", "seconds"} <= set(run.history[0])
    events = [json.loads(line) for line in (run.path / "events.jsonl").read_text().splitlines()]
    assert [event["event"] for event in events] == ["running", "epoch", "epoch", "done"]
    assert events[2]["val_accuracy"] == run.history[1]["val_accuracy"]
    assert run.history[1]["learning_rate"] == pytest.approx(0.01)


def test_validation_metrics_are_those_of_the_kept_epoch(run):
    best = max(run.history, key=lambda row: (row["val_accuracy"], -row["val_loss"]))
    assert run.best_epoch == best["epoch"]
    assert run.metrics["accuracy"] == pytest.approx(best["val_accuracy"], abs=1e-6)
    assert run.metrics["loss"] == pytest.approx(best["val_loss"], abs=1e-5)
    assert run.evaluation["split"] == "validation"


def test_the_environment_names_versions_devices_and_data(run):
    environment = run.environment
    assert environment["versions"]["keras"] == keras.__version__
    assert environment["devices"]["CPU"]
    assert environment["data"]["dataset"] == "Digits"
    assert environment["data"]["counts"]["train"] > 1000


def test_the_saved_model_is_plain_keras(run):
    plain = keras.saving.load_model(run.path / "models" / "model.keras", safe_mode=True)
    assert type(plain) is type(run.model) and type(plain).__module__.startswith("keras.")
    assert not plain.compiled
    images = run.data().arrays("validation")[0]["image"]
    assert np.allclose(plain.predict(images, verbose=0), run.model.predict(images, verbose=0), atol=1e-6)


def test_event_files_are_read_by_tensorflow(run):
    import tensorflow as tf

    (path,) = (run.path / "tensorboard" / "validation").iterdir()
    events = list(tf.compat.v1.train.summary_iterator(str(path)))
    found = {value.tag: value.simple_value for event in events for value in event.summary.value}
    assert found["epoch_accuracy"] == pytest.approx(run.history[-1]["val_accuracy"])


def test_the_best_epoch_is_kept_and_not_the_last(tmp_path):
    done = fit(make({"epochs": 4, "optimizer": {"SGD": {"learning_rate": 0.05, "momentum": 0.99}}}), tmp_path)
    values = [row["val_accuracy"] for row in done.history]
    best = max(done.history, key=lambda row: (row["val_accuracy"], -row["val_loss"]))
    assert best["epoch"] == done.best_epoch
    assert done.metrics["accuracy"] == pytest.approx(max(values), abs=1e-6)
    kept = [path.name for path in sorted((done.path / "checkpoints").iterdir())]
    assert kept == [f"epoch-{epoch:05d}" for epoch in sorted({3, 4, done.best_epoch})]


STAGED = {
    "deterministic": True,
    "epochs": 5,
    "optimizer": {"AdamW": {"learning_rate": 0.01}},
    "callbacks": [
        {"ReduceLROnPlateau": {"monitor": "val_accuracy", "patience": 1, "min_delta": 0.1, "factor": 0.5}},
        {"EarlyStopping": {"monitor": "val_accuracy", "patience": 3, "min_delta": 1, "restore_best_weights": True}},
    ],
}


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory):
    return fit(make(STAGED), tmp_path_factory.mktemp("whole"))


@pytest.mark.parametrize("epoch", [1, 4])
def test_a_resumed_run_equals_an_uninterrupted_one(epoch, tmp_path, uninterrupted, monkeypatch):
    assert len(uninterrupted.history) == 4

    def interrupt(self, batch, logs=None, act=Watch.on_train_batch_end):
        act(self, batch, logs)
        if self._epoch == epoch - 1 and batch == 3:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Watch, "on_train_batch_end", interrupt)
        with pytest.raises(KeyboardInterrupt, match="--resume"):
            fit(make(STAGED), tmp_path)
    (stopped,) = (open_run(path) for path in (tmp_path / "digits").iterdir())
    assert stopped.status["state"] == "interrupted"
    assert checkpoints.epochs(stopped.path / "checkpoints")[-1:] == ([epoch - 1] if epoch > 1 else [])

    done = fit(make(STAGED), tmp_path, resume=stopped.path)
    assert done.path == stopped.path and done.status["state"] == "done"
    assert strip(done.history) == pytest.approx(strip(uninterrupted.history), abs=1e-6)
    assert done.best_epoch == uninterrupted.best_epoch
    ours, theirs = done.weights(), uninterrupted.weights()
    assert ours.keys() == theirs.keys()
    assert max(np.abs(ours[name] - theirs[name]).max() for name in ours) < 1e-6


def strip(history):
    return [value for row in history for name, value in row.items() if name != "seconds"]


def test_early_stopping_and_plateaus_act(uninterrupted):
    assert len(uninterrupted.history) == 4, "stopped before the fifth epoch"
    rates = [row["learning_rate"] for row in uninterrupted.history]
    assert rates == pytest.approx([0.01, 0.01, 0.01, 0.005])


def test_a_done_run_is_not_trained_again(run, monkeypatch):
    monkeypatch.setattr(keras.Model, "fit", None)
    assert fit(make(), run.path.parents[1], resume=run.path).history == run.history


@pytest.mark.parametrize("optimizer", ["SGD", "Adam"])
def test_a_loss_that_is_no_number_stops_the_run(optimizer, tmp_path):
    spec = make({"epochs": 3, "optimizer": {optimizer: {"learning_rate": 1e30}}})
    found = (
        r"at epoch 1, step [2-6], with a learning rate of 1e\+30 and a gradient norm of \S+ \(\S+ at the step before"
    )
    with pytest.raises(TrainingError, match=found) as error:
        fit(spec, tmp_path)
    (failed,) = (open_run(path) for path in (tmp_path / "digits").iterdir())
    assert f"Go on with: dlsuite train --resume {failed.path}" in str(error.value)
    assert failed.status["state"] == "failed"
    assert "no longer a number" in failed.status["error"]
    assert not list((failed.path / "models").iterdir()), "no epoch was good"


def test_the_gradient_norm_is_that_of_the_step_that_broke(tmp_path, monkeypatch):
    """Broken by hand at the second step of the second epoch, by an input that is no number."""
    from dlsuite.pipeline import Data

    def poison(self, split, *, act=Data.batches, step=0, **options):
        batches = act(self, split, step=step, **options)
        if not options.get("training"):
            return batches
        first = options["epoch"] * self.steps(split) + step

        return batches.enumerate().map(
            lambda number, batch: (
                {"image": keras.ops.where(number + first == 7, float("nan"), batch[0]["image"])},
                batch[1],
            )
        )

    monkeypatch.setattr(Data, "batches", poison)
    with pytest.raises(
        TrainingError, match=r"at epoch 2, step 2, .* gradient norm of nan \((\S+) at the step before"
    ) as error:
        fit(make(), tmp_path)
    (failed,) = (open_run(path) for path in (tmp_path / "digits").iterdir())
    kept = checkpoints.read_model(failed.path / "checkpoints", 1)
    assert np.array_equal(failed.weights()["hidden/kernel"], kept["model:hidden/kernel"]), "the last good weights"
    assert np.isfinite(failed.weights()["hidden/kernel"]).all()
    monkeypatch.undo()
    path, _, value = str(error.value).rpartition(" --set ")[2].partition("=")
    assert path == "train.optimizer.Adam.learning_rate"
    done = fit(failed.changed({path: value}), tmp_path, resume=failed.path)
    assert done.status["state"] == "done"
    assert [row["learning_rate"] for row in done.history[:2]] == pytest.approx([0.01, 0.001])


def test_steps_that_loss_scaling_skips_are_no_failures(tmp_path):
    """The first scale makes float16 gradients infinite; the optimizer skips such steps and halves it."""
    optimizer = {"Adam": {"learning_rate": 0.01}}
    data = SPEC["data"] | {"batch_size": 64}
    model = {"layers": ["Flatten", {"Rescaling": {"scale": 100.0}}, {"Dense": {"units": 10, "name": "label"}}]}
    done = fit(make({"precision": "mixed_float16", "optimizer": optimizer}, data=data, model=model), tmp_path)
    state = checkpoints.load(done.path / "checkpoints")
    scale = next(value for name, value in state.arrays["scaling"].items() if name.endswith("dynamic_scale"))
    steps = next(value for name, value in state.arrays["optimizer"].items() if name.endswith("iteration"))
    assert scale < 2**15 and steps < 2 * 23, "steps were skipped"
    assert all(np.isfinite(row["loss"]) for row in done.history)


def test_a_training_that_breaks_later_keeps_what_it_had_learned(tmp_path, monkeypatch):
    def break_down(self, epoch, act=Recorder.begin_epoch):
        if epoch == 1:
            raise TrainingError("The loss is no longer a number")
        act(self, epoch)

    monkeypatch.setattr(Recorder, "begin_epoch", break_down)
    with pytest.raises(TrainingError):
        fit(make(), tmp_path)
    (failed,) = (open_run(path) for path in (tmp_path / "digits").iterdir())
    kept = checkpoints.read_model(failed.path / "checkpoints", 1)
    assert np.array_equal(failed.weights()["hidden/kernel"], kept["model:hidden/kernel"])
    assert failed.best_epoch == 1


def test_epochs_go_on_after_a_stage_that_stopped_early(tmp_path, monkeypatch):
    stop = [{"EarlyStopping": {"monitor": "val_accuracy", "patience": 1, "min_delta": 1}}]
    stages = [{**SPEC["train"], "epochs": 5, "callbacks": stop}, {"epochs": 2, "callbacks": []}]

    def interrupt(self, epoch, act=Recorder.begin_epoch):
        if epoch == 3:
            raise KeyboardInterrupt
        act(self, epoch)

    with monkeypatch.context() as patch:
        patch.setattr(Recorder, "begin_epoch", interrupt)
        with pytest.raises(KeyboardInterrupt):
            fit(make(stages), tmp_path)
    (stopped,) = (open_run(path) for path in (tmp_path / "digits").iterdir())
    done = fit(make(stages), tmp_path, resume=stopped.path)
    assert [(row["epoch"], row["stage"]) for row in done.history] == [(1, 1), (2, 1), (3, 2), (4, 2)]


class Untold:
    """Watches and does nothing."""

    def begin_epoch(self, epoch):
        pass

    def step(self, step, logs):
        pass

    def is_due(self):
        return False


def watch_line(steps, callbacks=()):
    """Returns a compiled model of one weight, and a watch over its steps."""
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.Adam(), "mse")
    return model, Watch(
        callbacks, watcher=Untold(), model=model, steps=steps, epochs=1, last_steps=steps, on_begin=lambda: None
    )


@pytest.mark.parametrize("broken", range(1, 9))
def test_no_step_is_taken_after_that_at_which_the_loss_breaks(broken):
    """The steps of so small a model take far less time than any look at a clock would allow for."""
    told = []

    class Told(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            told.append(batch + 1)

    model, watch = watch_line(8, [Told()])
    x = np.ones((8, 1), "float32")
    y = np.where(np.arange(1, 9) == broken, np.nan, 1.0).astype("float32")[:, None]
    with pytest.raises(TrainingError, match=f"`loss` is nan at epoch 1, step {broken}$"):
        model.fit(x, y, batch_size=1, shuffle=False, verbose=0, callbacks=watch)
    assert int(model.optimizer.iterations) == broken
    assert told == [*range(1, broken)], "callbacks, which might save, hear nothing of that step"


class Figure(float):
    """A number on a device that works while Python goes on."""

    device = "/job:localhost/replica:0/task:0/device:GPU:0"


@pytest.mark.parametrize("broken", [1, 3, 4])
def test_devices_that_python_runs_ahead_of_are_a_step_ahead_at_most(broken):
    _, watch = watch_line(4)
    watch.on_epoch_begin(0)
    taken = 0
    with pytest.raises(TrainingError, match=f"epoch 1, step {broken}$"):
        for batch in range(4):
            taken += 1
            watch.on_train_batch_end(batch, {"loss": Figure("nan" if batch + 1 >= broken else 1)})
    assert taken == min(broken + 1, 4)


def test_a_full_disk_is_a_clear_error(tmp_path, monkeypatch):
    import errno

    def fail(self, epoch, logs, act=Recorder.end_epoch):
        if epoch == 1:
            monkeypatch.setattr(np, "savez", full)
        act(self, epoch, logs)

    def full(*args, **options):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Recorder, "end_epoch", fail)
    with pytest.raises(TrainingError, match="The disk is full"):
        fit(make(), tmp_path)
    monkeypatch.undo()
    (failed,) = (open_run(path) for path in (tmp_path / "digits").iterdir())
    assert checkpoints.epochs(failed.path / "checkpoints") == [1]
    assert fit(make(), tmp_path, resume=failed.path).status["state"] == "done"


def test_class_weights(tmp_path):
    spec = make({"epochs": 1, "class_weights": {"3": 200.0}})
    done = fit(spec, tmp_path)
    truth = done.data().column("validation", "label")
    answers = done.model.predict(done.data().arrays("validation")[0]["image"], verbose=0).argmax(-1)
    assert (answers == 3).mean() > 1.5 * (truth == 3).mean()
    with pytest.raises(SpecError, match="names `ten`"):
        fit(make({"class_weights": {"ten": 2}}), tmp_path)


def test_mixed_precision_is_a_field(tmp_path):
    done = fit(make({"precision": "mixed_bfloat16", "epochs": 1}), tmp_path)
    assert keras.config.dtype_policy().name == "float32"
    assert done.model.get_layer("hidden").compute_dtype == "bfloat16"
    assert done.weights()["hidden/kernel"].dtype == np.float32
    assert done.metrics["accuracy"] > 0.3


def test_stages_follow_one_another_and_freeze_by_path(tmp_path):
    stages = [
        {**SPEC["train"], "epochs": 1},
        {"layers": {"*": {"trainable": False}, "label*": {"trainable": True}}, "epochs": 2},
    ]
    done = fit(make(stages), tmp_path)
    assert [(row["epoch"], row["stage"]) for row in done.history] == [(1, 1), (2, 2), (3, 2)]
    first = checkpoints.read_model(done.path / "checkpoints", done.best_epoch)
    last = checkpoints.read_model(done.path / "checkpoints", 3)
    if done.best_epoch > 1:
        assert set(first) == set(last)
    second, third = (checkpoints.read_model(done.path / "checkpoints", epoch) for epoch in (2, 3))
    same = {name for name in second if np.array_equal(second[name], third[name])}
    assert same == {name for name in second if not name.startswith("model:label")}, "frozen, statistics included"


def test_steps_cut_the_last_epoch_short(tmp_path):
    done = fit(make({"epochs": None, "steps": 8}), tmp_path)
    state = checkpoints.load(done.path / "checkpoints")
    assert len(done.history) == 2
    assert next(value for name, value in state.arrays["optimizer"].items() if name.endswith("iteration")) == 8


def test_the_weights_of_another_run_are_carried_over(run):
    spec = make({"from": str(run.path.relative_to(run.path.parents[1])), "epochs": 1})
    done = fit(spec, run.path.parents[1])
    assert "were taken from" in (done.path / "events.jsonl").read_text()
    assert done.history[0]["loss"] < run.history[0]["loss"]
    with pytest.raises(SpecError, match="names no run"):
        fit(make({"from": "nowhere/at-all"}), run.path.parents[1])


def test_two_targets_are_learned_together(tmp_path):
    data = {
        "source": "Digits",
        "inputs": {"image": "Image"},
        "targets": {"label": "Category", "digit": {"Number": {"field": "label"}}},
        "batch_size": 256,
    }
    layers = ["Flatten", {"Dense": {"units": 24, "activation": "relu", "name": "hidden"}}]
    heads = [
        {"Dense": {"units": 10, "name": "label", "inputs": "hidden"}},
        {"Dense": {"units": 1, "name": "digit", "inputs": "hidden"}},
    ]
    model = {"layers": layers + heads, "outputs": ["label", "digit"]}
    objective = {"label": "Classification", "digit": {"Regression": {"weight": 0.5}}}
    done = fit(make({"objective": objective, "epochs": 1}, data=data, model=model), tmp_path)
    assert {"label_loss", "digit_loss", "val_label_accuracy", "val_digit_rmse"} <= set(done.history[0])
    assert {"label.accuracy", "digit.rmse"} <= set(done.metrics)
    foreseen = columns_of(catalogue.load(), done.plan.train[0], done.plan.networks)
    assert {*foreseen} == {*done.history[0]} - {"epoch", "learning_rate", "seconds"}
    row = done.history[0]
    assert row["loss"] == pytest.approx(row["label_loss"] + 0.5 * row["digit_loss"], rel=0.02)


@pytest.mark.parametrize("weights", [{}, {"class_weights": {"3": 2.0}}])
def test_an_output_may_be_made_and_not_learned(tmp_path, weights):
    layers = ["Flatten", {"Dense": {"units": 24, "name": "hidden"}}, {"Dense": {"units": 10, "name": "label"}}]
    train = {"objective": "Classification", "epochs": 1, **weights}
    done = fit(make(train, model={"layers": layers, "outputs": ["hidden", "label"]}), tmp_path)
    foreseen = columns_of(catalogue.load(), done.plan.train[0], done.plan.networks)
    assert {*foreseen} == {*done.history[0]} - {"epoch", "learning_rate", "seconds"}
    assert done.metrics["accuracy"] > 0.2


def test_metrics_of_the_spec_come_after_those_of_the_objective(tmp_path):
    done = fit(make({"metrics": {"SparseTopKCategoricalAccuracy": {"k": 3}}, "epochs": 1}), tmp_path)
    assert done.history[0]["val_sparse_top_k_categorical_accuracy"] > done.history[0]["val_accuracy"]


def test_an_output_that_does_not_suit_its_target_is_a_fault_at_its_place(tmp_path):
    model = {"layers": ["Flatten", {"Dense": {"units": 12, "name": "label"}}]}
    with pytest.raises(SpecError, match="10 classes") as error:
        fit(make(model=model), tmp_path)
    assert error.value.faults[0].place.pointer == "/train/objective"


def test_a_callback_that_would_restore_twice_is_refused(tmp_path):
    with pytest.raises(SpecError, match="restore twice"):
        fit(make({"callbacks": ["BackupAndRestore"]}), tmp_path)


def test_the_history_is_a_table(run):
    with (run.path / "history.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0])[:3] == ["epoch", "loss", "accuracy"]
    assert len(rows) == 2


def test_lora_learns_beside_a_frozen_weight_and_is_merged_into_the_kept_model(tmp_path):
    spec = make({"layers": {"*": {"trainable": False}, "hidden": {"lora_rank": 2}}, "epochs": 2})
    done = fit(spec, tmp_path)
    values = checkpoints.read_model(done.path / "checkpoints", 2)
    before = build_models(done.plan)["model"]
    assert np.array_equal(values["model:hidden/kernel"], before.get_layer("hidden").kernel)
    assert np.array_equal(values["model:label/kernel"], before.get_layer("label").kernel)
    best = checkpoints.read_model(done.path / "checkpoints", done.best_epoch)
    learned = best["model:hidden/lora_kernel_a"] @ best["model:hidden/lora_kernel_b"]
    assert np.abs(learned).max() > 1e-3
    assert np.allclose(done.weights()["hidden/kernel"], best["model:hidden/kernel"] + learned, atol=1e-6)
    assert "hidden/lora_kernel_a" not in done.weights()
    assert done.status["parameters"]["trainable"] == done.status["parameters"]["total"] - 48


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        ({"hiden": {"trainable": False}}, "`hiden` of `layers` matches no layer"),
        ({"*": {"trainable": False}}, "`layers` leaves nothing to train"),
        ({"norm": {"lora_rank": 2}}, "no layer that LoRA can adapt"),
    ],
)
def test_a_pattern_that_cannot_be_applied_is_a_fault_at_its_place(layers, message, tmp_path):
    with pytest.raises(SpecError, match=message) as error:
        fit(make({"layers": layers}), tmp_path)
    assert error.value.faults[0].place.pointer == f"/train/layers/{next(iter(layers))}"


def test_weight_decay_is_switched_off_by_path(tmp_path):
    optimizer = {"AdamW": {"learning_rate": 1e-9, "weight_decay": 1e6}}
    done = fit(make({"optimizer": optimizer, "layers": {"label.kernel": {"weight_decay": False}}}), tmp_path)
    before = build_models(done.plan)["model"]
    last = checkpoints.read_model(done.path / "checkpoints", 2)
    kept, decayed = (np.abs(last[f"model:{name}/kernel"]).sum() for name in ("label", "hidden"))
    assert kept == pytest.approx(np.abs(before.get_layer("label").kernel.numpy()).sum(), rel=1e-4)
    assert decayed < 0.99 * np.abs(before.get_layer("hidden").kernel.numpy()).sum()


def test_what_a_killed_process_left_half_written_is_removed(run):
    left = [run.path / "checkpoints" / ".epoch-00003.abc", run.path / "models" / ".x1y2"]
    for one in left:
        one.mkdir()
    (run.path / ".history.csv.abc").write_text("epo")
    tidy(run.path)
    assert not list(run.path.rglob(".*"))
    assert checkpoints.epochs(run.path / "checkpoints") == [1, 2]


def test_a_callback_that_watches_what_is_not_measured_is_named(tmp_path):
    unvalidated = make({"callbacks": ["EarlyStopping"]}, data={**SPEC["data"], "split": {"train": 1.0}})
    with pytest.raises(SpecError, match="EarlyStopping watches `val_loss`, which is not measured") as error:
        fit(unvalidated, tmp_path)
    assert error.value.faults[0].place.pointer == "/train/callbacks/0"
    assert not list(tmp_path.iterdir())


def test_time_left_does_not_count_the_first_step_which_compiles(tmp_path, monkeypatch):
    from dlsuite.runs import create_run
    from dlsuite.training import recording
    from dlsuite.training.progress import Silent

    clock = [100.0]
    monkeypatch.setattr(recording.time, "perf_counter", lambda: clock[0])
    recorder = Recorder(create_run(tmp_path, make()), Silent(), batch_size=10, steps=100, total=2)
    seen = []
    monkeypatch.setattr(recorder.progress, "update", seen.append)
    recorder.begin_epoch(0)
    for step, seconds in ((1, 60.0), (11, 5.0)):
        clock[0] += seconds
        recorder.step(step, {"loss": 1.0})
    assert seen[0]["eta_seconds"] is None
    assert seen[1]["examples_per_second"] == 20.0
    assert seen[1]["eta_seconds"] == pytest.approx((200 - 11) / 2)
    assert recorder.run.status["step"] == 11 and recorder.run.status["state"] == "running"


def test_a_metric_that_does_not_suit_its_target_is_a_fault_at_its_place(tmp_path):
    with pytest.raises(SpecError, match="AUC cannot compare `label`[^S]*metrics named Sparse... fit") as error:
        fit(make({"metrics": ["AUC"], "epochs": 1}), tmp_path)
    assert error.value.faults[0].place.pointer == "/train/metrics/0"


def test_a_metric_whose_name_is_taken_is_numbered_though_the_spec_gives_it(tmp_path):
    named = [{"SparseCategoricalAccuracy": {"name": name}} for name in ("accuracy", "learning_rate")]
    found = fit(make({"metrics": named, "epochs": 1}), tmp_path)
    row = found.history[0]
    assert row["accuracy_2"] == row["learning_rate_2"] == row["accuracy"]
    assert row["learning_rate"] != row["accuracy"]
