"""What may change when a run goes on, and what is refused with its reason and place."""

from __future__ import annotations

import json

import numpy as np
import pytest

from dlsuite import training
from dlsuite.runs import Run
from dlsuite.spec import SpecError, load
from dlsuite.training import checkpoints
from dlsuite.training.continuing import soften
from dlsuite.training.recording import Recorder
from tests.digits import digits

SPEC = digits(
    "Flatten",
    batch_size=256,
    train={"optimizer": {"Adam": {"learning_rate": 0.01}}, "epochs": 3, "deterministic": True},
)


def fit(spec, folder, **options):
    return Run(training.train(spec, runs=folder, progress=False, **options).path)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return fit(load(SPEC), tmp_path_factory.mktemp("runs"))


def change(run, **values):
    return run.changed({path.replace("__", "."): value for path, value in values.items()})


def go_on(run, **values):
    return fit(change(run, **values), run.path.parents[1], resume=run.path)


def figures(run):
    return [value for row in run.history for name, value in row.items() if name != "seconds"]


def test_more_epochs_make_what_a_longer_run_would_have_been(tmp_path):
    short = fit(load(SPEC), tmp_path / "short")
    longer = go_on(short, train__epochs=5)
    whole = fit(load(SPEC, {"train.epochs": 5}), tmp_path / "whole")
    assert longer.path == short.path and longer.status["state"] == "done"
    assert figures(longer) == pytest.approx(figures(whole), abs=1e-6)
    assert longer.resolved["train"]["epochs"] == 5
    assert "going on with changes: `train.epochs` is 5, and was 3" in (longer.path / "events.jsonl").read_text()


COSINE = {"CosineDecay": {"initial_learning_rate": 0.02, "decay_steps": "=steps"}}
WARM = {"PiecewiseConstantDecay": {"boundaries": [5], "values": [0.1, 0.01]}}


@pytest.mark.parametrize(
    ("train", "changes"),
    [
        ({}, {"train.optimizer.Adam.learning_rate": 0.0001}),
        ({"optimizer": "SGD"}, {"train.optimizer.SGD.learning_rate": 0.001}),
        (
            {"optimizer": {"AdamW": {"learning_rate": COSINE}}},
            {"train.optimizer.AdamW.learning_rate.CosineDecay.initial_learning_rate": 0.002},
        ),
        ({"optimizer": {"SGD": {"learning_rate": WARM}}}, {"train.optimizer.SGD.clipnorm": 1}),
        ({"optimizer": {"model": "Adam"}}, {"train.optimizer.model.Adam.learning_rate": 0.0001}),
        (
            [{"optimizer": {"SGD": {"learning_rate": 0.3, "momentum": 0.9}}, "epochs": 1}],
            {"train.0.optimizer.SGD.learning_rate": 0.03},
        ),
    ],
)
def test_what_diverged_is_offered_a_lower_rate_where_it_stands(train, changes):
    first = {"objective": "Classification", "epochs": 1}
    stages = [first | stage for stage in train] if isinstance(train, list) else first | train
    spec = load({**SPEC, "train": stages})
    facts = {"label": {"classes": 10}, "steps_per_epoch": 6}
    assert soften(spec, facts, 1) == " ".join(f"--set {path}={value}" for path, value in changes.items())
    optimizer = load({**SPEC, "train": stages}, changes).plan(facts).train[0].optimizer
    before = spec.plan(facts).train[0].optimizer
    if isinstance(before, dict):
        before, optimizer = before["model"], optimizer["model"]
    assert before.name == optimizer.name and before.arguments.keys() <= optimizer.arguments.keys()
    assert before.arguments != optimizer.arguments


def test_a_later_stage_that_diverged_keeps_what_it_inherits():
    first = {"objective": "Classification", "optimizer": {"SGD": {"learning_rate": 0.3, "momentum": 0.9}}, "epochs": 1}
    spec = {**SPEC, "train": [first, {"epochs": 2}]}
    path, _, value = soften(load(spec), {}, 2).removeprefix("--set ").partition("=")
    stages = load(spec, {path: value}).plan().train
    assert [stage.optimizer.arguments["learning_rate"] for stage in stages] == [0.3, 0.03]
    assert stages[1].optimizer.arguments["momentum"] == 0.9


def test_other_means_may_be_tried_and_what_is_left_alone_is_kept(tmp_path):
    first = fit(load(SPEC), tmp_path)
    stop = [{"EarlyStopping": {"monitor": "val_accuracy", "patience": 1, "min_delta": 1}}]
    optimizer = {"Adam": {"learning_rate": 0.001, "clipnorm": 1.0}}
    second = go_on(first, train__epochs=9, train__optimizer=optimizer, train__callbacks=stop)
    rates = [row["learning_rate"] for row in second.history]
    assert rates == pytest.approx([0.01] * 3 + [0.001] * 2), "the rate is the new one, and the new callback ended it"
    state = checkpoints.load(second.path / "checkpoints")
    steps = next(value for name, value in state.arrays["optimizer"].items() if name.endswith("iteration"))
    assert steps == 5 * 6, "the optimizer went on counting"
    third = go_on(second, train__callbacks=[], train__epochs=6, train__precision="mixed_bfloat16")
    assert len(third.history) == 6
    scaled = go_on(third, train__epochs=7, train__precision="mixed_float16")
    assert len(scaled.history) == 7 and np.isfinite(scaled.history[-1]["loss"])
    again = go_on(scaled, train__epochs=8)
    assert len(again.history) == 8, "with the scale of its losses"


@pytest.mark.parametrize(
    ("path", "value", "message", "pointer"),
    [
        ("train.seed", 7, "`seed` differs .* examples would change between training, validation", "/train/seed"),
        ("train.objective", {"Classification": {"weight": 2}}, "`objective` differs", "/train/objective"),
        ("train.optimizer", "SGD", "`optimizer` differs .* remembers something else", "/train/optimizer"),
        ("train.optimizer", {"Adam": {"amsgrad": True}}, "keeps other values for each weight", None),
        ("train.epochs", 2, "`epochs` is 2, and 3 epochs of it are done", "/train/epochs"),
        ("data.batch_size", 64, "`data` differs .* other examples, batches or tensors", "/data"),
        ("model.layers", ["Flatten", {"Dense": {"units": 10, "use_bias": False, "name": "label"}}],
         "`model` differs .* weights would not fit", "/model"),
    ],
    ids=["seed", "objective", "optimizer", "slots", "fewer-epochs", "data", "model"],
)  # fmt: skip
def test_what_the_weights_mean_may_not_change(run, path, value, message, pointer):
    before = contents(run)
    longer = {} if path == "train.epochs" else {"train.epochs": 4}
    with pytest.raises(SpecError, match=message) as error:
        fit(run.changed({path: value, **longer}), run.path.parents[1], resume=run.path)
    fault = error.value.faults[0]
    assert fault.hint
    assert (fault.place.pointer if fault.place else None) == pointer
    assert contents(run) == before


def contents(run):
    return {path: path.read_bytes() for path in run.path.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("train.precision", "mixed_bfloat16"),
        ("train.jit_compile", True),
        ("train.deterministic", False),
        ("train.strategy", {"OneDeviceStrategy": {"device": "CPU:0"}}),
        ("train.callbacks", ["CSVLogger"]),
        ("train.optimizer", {"Adam": {"learning_rate": 0.1}}),
    ],
)
def test_what_no_step_would_act_on_may_not_change(run, path, value):
    before = contents(run)
    with pytest.raises(SpecError, match="would change nothing: all 3 epochs are done and none is left") as error:
        fit(run.changed({path: value}), run.path.parents[1], resume=run.path)
    (fault,) = error.value.faults
    assert fault.place.pointer == "/" + path.replace(".", "/") and "`epochs`" in fault.hint
    assert contents(run) == before


def interrupted(folder, monkeypatch, epoch, spec=SPEC):
    """Returns a run that was interrupted as an epoch, counted from 0, began."""

    def interrupt(self, number, act=Recorder.begin_epoch):
        if number == epoch:
            raise KeyboardInterrupt
        act(self, number)

    with monkeypatch.context() as patch:
        patch.setattr(Recorder, "begin_epoch", interrupt)
        with pytest.raises(KeyboardInterrupt):
            fit(load(spec), folder)
    (path,) = (folder / "digits").iterdir()
    return Run(path)


def test_an_interrupted_run_goes_on_in_another_precision_or_ends_where_it_is(tmp_path, monkeypatch):
    run = interrupted(tmp_path / "precision", monkeypatch, 2)
    done = go_on(run, train__precision="mixed_bfloat16")
    assert len(done.history) == 3 and done.model.layers[-1].compute_dtype == "bfloat16"
    run = interrupted(tmp_path / "end", monkeypatch, 2)
    before = contents(run)
    with pytest.raises(SpecError, match="`train.precision` is .* would change nothing"):
        go_on(run, train__precision="mixed_bfloat16", train__epochs=2)
    assert contents(run) == before
    ended = go_on(run, train__epochs=2)
    assert ended.status["state"] == "done" and len(ended.history) == 2
    with pytest.raises(SpecError, match="`epochs` is 1, and 2 epochs of it are done"):
        go_on(ended, train__epochs=1)


def test_what_changes_in_a_stage_that_is_over_is_refused_and_in_all_stages_is_not(tmp_path, monkeypatch):
    staged = {**SPEC, "train": [{**SPEC["train"], "epochs": 1}, {"epochs": 2, "jit_compile": False}]}
    run = interrupted(tmp_path, monkeypatch, 2, staged)
    before = contents(run)
    first, second = staged["train"]
    with pytest.raises(SpecError, match="`jit_compile` changes in stage 1, which is over"):
        fit(load({**staged, "train": [first | {"jit_compile": True}, second]}), tmp_path, resume=run.path)
    assert contents(run) == before
    changed = load({**staged, "train": [first | {"precision": "mixed_bfloat16"}, second]})
    assert len(fit(changed, tmp_path, resume=run.path).history) == 3


def test_a_stage_that_is_added_does_not_take_up_one_that_stopped_early(tmp_path):
    stop = [{"EarlyStopping": {"monitor": "val_accuracy", "patience": 1, "min_delta": 1}}]
    first = SPEC["train"] | {"epochs": 9, "callbacks": stop}
    short = fit(load({**SPEC, "train": first}), tmp_path)
    assert len(short.history) == 2
    longer = fit(load({**SPEC, "train": [first, {"epochs": 1, "callbacks": []}]}), tmp_path, resume=short.path)
    assert [row.get("stage") for row in longer.history] == [None, None, 2]


def test_fewer_steps_than_are_done_are_refused(tmp_path):
    run = fit(load(SPEC, {"train.epochs": None, "train.steps": 12}), tmp_path)
    with pytest.raises(SpecError, match="`steps` is 8, and 2 epochs of it are done"):
        go_on(run, train__steps=8)
    assert len(go_on(run, train__steps=15).history) == 3


def test_a_stage_may_be_added(tmp_path):
    first = fit(load(SPEC), tmp_path)
    staged = load({**SPEC, "train": [SPEC["train"], {"epochs": 1, "optimizer": "SGD"}]})
    done = fit(staged, tmp_path, resume=first.path)
    assert [row["epoch"] for row in done.history] == [1, 2, 3, 4]
    assert done.history[-1]["stage"] == 2


def test_a_finished_run_says_so_and_what_would_work(run, capsys, monkeypatch):
    monkeypatch.setattr("dlsuite.training.Training", None)
    training.train(run.spec, resume=run.path)
    said = capsys.readouterr().err
    assert "is finished after 3 epochs" in said
    assert f"dlsuite train --resume {run.path} --set train.epochs=6" in said


def test_steps_that_cut_an_epoch_short_cannot_be_more(tmp_path):
    spec = load(SPEC, {"train.epochs": None, "train.steps": 8})
    cut = fit(spec, tmp_path)
    with pytest.raises(SpecError, match="cut short by `steps`"):
        go_on(cut, train__steps=12)


def test_a_checkpoint_that_cannot_be_read_gives_way_to_the_one_before(tmp_path):
    spec = load(SPEC)
    whole = fit(spec, tmp_path)
    before = figures(whole)
    newest = whole.path / "checkpoints" / "epoch-00003"
    weights = (newest / "model.npz").read_bytes()
    (newest / "model.npz").write_bytes(weights[: len(weights) // 2])
    status = json.loads((whole.path / "status.json").read_text())
    whole.write("status.json", status | {"state": "failed"})
    again = fit(spec, tmp_path, resume=whole.path)
    assert figures(again) == pytest.approx(before, abs=1e-6)
    assert "cannot be read" in (again.path / "events.jsonl").read_text()


def test_a_run_is_rebuilt_from_spec_and_weights_after_keras_has_changed(tmp_path):
    """A .keras file of another version cannot be read; nor is it needed, to predict or to train on."""
    run = fit(load(SPEC), tmp_path)
    images = run.data().arrays("validation")[0]["image"]
    expected = run.model.predict(images, verbose=0)
    (run.path / "models" / "model.keras").write_bytes(b"the format of Keras 9")
    again = Run(run.path)
    assert np.allclose(again.model.predict(images, verbose=0), expected, atol=1e-6)
    assert len(go_on(again, train__epochs=4).history) == 4
    assert not [path for path in run.path.rglob("*") if path.suffix in (".pkl", ".pickle", ".h5")]
