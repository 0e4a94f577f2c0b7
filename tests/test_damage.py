"""Runs with a file that is missing, cut off or overwritten: told by its path with what would work, never as a bug."""

import json
import os
import shutil

import pytest

from dlsuite.cli import main
from dlsuite.locking import LockedError, hold
from dlsuite.reading import DamagedError
from dlsuite.runs import Run, list_runs, open_run
from dlsuite.training import checkpoints

DAMAGES = {
    "missing": None,
    "empty": lambda content: b"",
    "cut": lambda content: content[: len(content) // 2].rpartition(b",")[0] or content[: len(content) // 2],
    "binary": lambda content: bytes(range(128, 256)),
    "list": lambda content: b"[]",
    "null": lambda content: b"null",
}
FILES = (
    "spec.json", "source.json", "environment.json", "status.json", "events.jsonl", "history.csv", "metrics.json",
    "lock", "features/facts.json", "features/state.json", "models/model.npz", "models/model.keras",
)  # fmt: skip
HARMLESS = {"source.json", "events.jsonl", "lock", "models/model.keras", "report.html"}
"""Files that nothing is read from."""
UNTOLD = {
    "runs": {"environment.json", "features/facts.json", "features/state.json", "models/model.npz"},
    "predict": {"status.json", "metrics.json", "history.csv"},
    "evaluate": {"status.json", "metrics.json"},
}
"""Files that a command does without, or writes anew."""


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A run of a small network that learns nothing; its best epoch is the first."""
    folder = tmp_path_factory.mktemp("damage")
    rows = [f"{i},{i % 7},{'ab'[i % 2]}" for i in range(60)]
    (folder / "rows.csv").write_text("\n".join(["x,y,label", *rows]) + "\n")
    spec = {
        "name": "tiny",
        "data": {
            "source": {"CSV": {"path": "rows.csv"}},
            "inputs": {"size": {"Number": {"fields": ["x", "y"]}}},
            "targets": {"label": "Category"},
        },
        "model": {"layers": [{"Dense": {"units": "=label.classes", "name": "label"}}]},
        "train": {"objective": "Classification", "optimizer": {"Adam": {"learning_rate": 0.0}}, "epochs": 2},
    }
    (folder / "tiny.json").write_text(json.dumps(spec))
    assert main(["train", str(folder / "tiny.json"), "--runs", str(folder / "runs"), "--json"]) == 0
    (run,) = list_runs(folder / "runs")
    assert {str(path.relative_to(run.path)) for path in run.path.glob("*.*")} <= {*FILES, *HARMLESS}
    return run


@pytest.fixture
def run(made, tmp_path):
    """A copy of the run, and another beside it."""
    for name in (made.id, "20250101-000000-aaaaaa"):
        shutil.copytree(made.path, tmp_path / "runs" / "tiny" / name)
    return Run(tmp_path / "runs" / "tiny" / made.id)


def damage(run, name, how):
    path = run.path / name
    content = path.read_bytes()
    path.unlink() if how == "missing" else path.write_bytes(DAMAGES[how](content))


def answer(capsys, *argv):
    capsys.readouterr()
    code = main([str(word) for word in argv])
    said = capsys.readouterr()
    assert "bug of its own" not in said.err and "Traceback" not in said.err
    return code, said.out, said.err


def expect(run, name, how, verb):
    """Returns whether a command is to tell of a damaged file."""
    if name in HARMLESS | UNTOLD[verb]:
        return False
    return not (how == "missing" and name in ("environment.json", "history.csv", "metrics.json"))  # not written yet


@pytest.mark.parametrize("how", DAMAGES)
@pytest.mark.parametrize("name", FILES)
def test_a_damaged_file_is_told_with_what_would_work(capsys, run, name, how):
    damage(run, name, how)
    code, out, said = answer(capsys, "runs", "--runs", run.path.parents[1])
    assert code == 0 and "aaaaaa" in out and run.id[-6:] in out
    if expect(run, name, how, "runs"):
        assert "damaged" in out and str(run.path / name) in said and "What would work: " in said
        (other,) = (one for one in list_runs(run.path.parents[1]) if one.id != run.id)
        assert other.status["state"] == "done" and other.metrics["accuracy"] >= 0
    asked = [("predict", [run.path, '{"x": 1, "y": 2}'])]
    asked += [("evaluate", [run.path])] * (name not in HARMLESS and how in ("missing", "cut", "null"))
    for verb, words in asked:
        code, _, said = answer(capsys, verb, *words)
        if expect(run, name, how, verb):
            assert code == 3 and str(run.path / name) in said and "What would work: " in said, verb
        elif not (how == "missing" and name == "environment.json"):  # which says where the CSV file is
            assert code == 0, (verb, said)


def test_a_folder_of_the_run_that_is_gone_is_told(capsys, run):
    shutil.rmtree(run.path / "features")
    for verb in (["predict", run.path, '{"x": 1, "y": 2}'], ["evaluate", run.path], ["train", "--resume", run.path]):
        code, _, said = answer(capsys, *verb)
        assert code == 3 and str(run.path / "features") in said and "is missing" in said


def test_the_record_of_the_folders_that_is_gone_is_told_where_data_is_not_found(capsys, run):
    damage(run, "environment.json", "missing")
    code, _, said = answer(capsys, "evaluate", run.path)
    assert code == 3 and "environment.json is missing, which says where the paths of the spec begin" in said


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("status.json", {"state": "done", "seconds": "long"}, '`seconds` is the string "long", where a number should'),
        ("status.json", {"epoch": 3}, "it lacks `state`"),
        ("environment.json", {"spec": {"root": 5}}, "`root` is the number 5, where a string should be"),
        ("metrics.json", {"split": "test", "examples": 6}, "it lacks `metrics`"),
        ("features/facts.json", {"label": {"classes": 2}}, "it lacks `steps_per_epoch`"),
        ("features/state.json", {"size": {}, "label": {}}, "'size', in `features/state.json` of the run, is damaged"),
    ],
)
def test_what_a_file_holds_of_another_kind_is_named(run, name, content, said):
    (run.path / name).write_text(json.dumps(content))
    again = open_run(run.path)
    if name == "status.json":
        assert again.status["state"] == "damaged" and said in again.status["error"]
        return
    with pytest.raises(Exception, match=".*") as error:
        assert again.environment and again.metrics and again.facts and again.features
    assert said in str(error.value) and error.value.exit_code == 3


def test_a_damaged_status_does_not_keep_a_run_from_going_on(capsys, run):
    damage(run, "status.json", "binary")
    code, _, said = answer(capsys, "train", "--resume", run.path)
    assert code == 0 and "status.json is damaged" in said
    assert run.status["state"] == "done" and len(run.history) == 2


def test_weights_that_are_damaged_are_taken_from_the_checkpoints_again(capsys, run, made):
    damage(run, "models/model.npz", "cut")
    code, _, said = answer(capsys, "predict", run.path, '{"x": 1, "y": 2}')
    assert code == 3 and f"dlsuite train --resume {run.path}" in said
    assert answer(capsys, "train", "--resume", run.path)[0] == 0
    assert {path: value.tolist() for path, value in Run(run.path).weights().items()} == {
        path: value.tolist() for path, value in made.weights().items()
    }
    shutil.rmtree(run.path / "checkpoints")
    damage(run, "models/model.npz", "cut")
    assert "there are no checkpoints" in answer(capsys, "predict", run.path, '{"x": 1, "y": 2}')[2]
    assert "is finished" in answer(capsys, "train", "--resume", run.path)[2]


def test_weights_of_another_network_are_told(capsys, run):
    shutil.copy(run.path / "checkpoints" / "epoch-00001" / "optimizer.npz", run.path / "models" / "model.npz")
    code, _, said = answer(capsys, "predict", run.path, '{"x": 1, "y": 2}')
    assert code == 3 and "model.npz does not fit the spec" in said and "--resume" in said


def test_a_best_epoch_that_is_lost_is_told_and_another_one_kept(capsys, run):
    state = json.loads((run.path / "checkpoints" / "epoch-00002" / "state.json").read_text())
    assert state["best"]["epoch"] == 1
    damage(run, "checkpoints/epoch-00001/model.npz", "binary")
    code, _, said = answer(capsys, "train", "--resume", run.path, "--set", "train.epochs=3")
    assert code == 0 and "the best epoch so far, 1, are lost" in said and "epoch-00001/model.npz" in said
    assert run.best_epoch == 3


def test_checkpoints_of_which_none_can_be_read_are_told(capsys, run):
    for epoch in (1, 2):
        damage(run, f"checkpoints/epoch-0000{epoch}/state.json", "list")
    code, _, said = answer(capsys, "train", "--resume", run.path, "--set", "train.epochs=3")
    assert code == 4 and "None of the checkpoints" in said and "epoch-00001/state.json is damaged" in said
    with pytest.raises(DamagedError, match="model.npz is missing"):
        checkpoints.read_model(run.path / "checkpoints", 7)


def test_a_command_that_is_refused_changes_nothing(capsys, run):
    (run.path / "checkpoints" / ".epoch-00003.left").mkdir()  # by a process that was killed
    damage(run, "checkpoints/epoch-00002/state.json", "cut")
    before = {path: (path.is_file() and path.read_bytes(), path.stat().st_mtime_ns) for path in run.path.rglob("*")}
    for change, reason in (
        ("data.batch_size=7", "cannot go on so"),
        ("train.optimizer.Adam.amsgrad=true", "keeps other values for each weight"),  # seen when they are given back
    ):
        code, _, said = answer(capsys, "train", "--resume", run.path, "--set", "train.epochs=3", "--set", change)
        assert code == 2 and reason in said
    after = {path: (path.is_file() and path.read_bytes(), path.stat().st_mtime_ns) for path in run.path.rglob("*")}
    assert after == before


def test_what_was_left_half_written_in_a_finished_run_is_removed(capsys, run):
    (run.path / ".report.html.left").write_text("<html>")  # by a process that was killed while it evaluated
    code, _, said = answer(capsys, "train", "--resume", run.path)
    assert code == 0 and "is finished" in said
    assert not list(run.path.rglob(".*"))


def test_who_holds_a_run_is_written_once_nothing_is_refused_any_more(run):
    before = (run.path / "lock").read_text()
    with hold(run.path) as sign:
        assert (run.path / "lock").read_text() == before
        with pytest.raises(LockedError, match="is being trained by "), hold(run.path):
            pass
        sign()
        assert json.loads((run.path / "lock").read_text())["pid"] == os.getpid()
        with pytest.raises(LockedError, match=f"by process {os.getpid()} on "), hold(run.path):
            pass
    (run.path / "lock").write_text(json.dumps({"pid": 2**31 - 2, "host": os.uname().nodename}))  # of one that is gone
    with hold(run.path), pytest.raises(LockedError, match="by another process"), hold(run.path):
        pass
