"""Runs on disk: found, opened, listed, and what they say of one that was killed."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from dlsuite.locking import LockedError, hold, share
from dlsuite.reading import DamagedError
from dlsuite.runs import Run, RunError, create_run, delete_run, list_runs, open_run
from dlsuite.spec import load

SPEC = {
    "name": "tiny",
    "data": {"source": "Digits", "inputs": {"image": "Image"}, "targets": {"label": "Category"}},
    "model": {"layers": ["Flatten", {"Dense": {"units": "=label.classes", "name": "label"}}]},
    "train": {"objective": "Classification", "epochs": 1},
}


def begin(folder, **status):
    run = create_run(folder, load(SPEC))
    run.write("status.json", {"state": "done", **status})
    return run


def test_a_new_run_has_its_folders_and_its_spec(tmp_path):
    run = begin(tmp_path)
    assert run.path.parent == tmp_path / "tiny"
    assert {"checkpoints", "models", "features", "samples", "tensorboard"} <= {path.name for path in run.path.iterdir()}
    assert run.resolved["train"]["precision"] == "float32"
    assert run.plan.train[0].objectives == load(SPEC).plan().train[0].objectives
    assert json.loads((run.path / "source.json").read_text()) == SPEC


def test_runs_are_listed_the_oldest_first_and_other_folders_are_not(tmp_path):
    runs = [begin(tmp_path) for _ in range(3)]
    (tmp_path / "tiny" / "notes").mkdir()
    assert {run.id for run in list_runs(tmp_path)} == {run.id for run in runs}
    assert [run.id for run in list_runs(tmp_path)] == sorted(run.id for run in runs)
    assert list_runs(tmp_path / "nowhere") == []


def test_a_run_is_opened_by_its_folder_or_the_end_of_its_id(tmp_path):
    run = begin(tmp_path)
    assert open_run(run.path).id == run.id
    assert open_run(run.id, tmp_path).path == run.path
    assert open_run(run.id[-6:], tmp_path).path == run.path


def test_a_run_that_is_not_there_is_named_with_the_last_one(tmp_path):
    run = begin(tmp_path)
    with pytest.raises(RunError, match=f"There is no run `zzz`.*{run.id}") as error:
        open_run("zzz", tmp_path)
    assert error.value.exit_code == 2
    with pytest.raises(RunError, match="There are no runs"):
        open_run("zzz", tmp_path / "nowhere")


def test_a_spec_that_is_taken_for_a_run_is_told_apart(tmp_path):
    spec = tmp_path / "mine.json"
    spec.write_text("{}")
    with pytest.raises(RunError, match="is no run but a file. A spec becomes a run by `dlsuite train"):
        open_run(spec, tmp_path)


def test_of_many_runs_the_nearest_and_the_last_three_are_named(tmp_path):
    paths = sorted(str(begin(tmp_path).path) for _ in range(5))
    with pytest.raises(RunError) as error:
        open_run("hello", tmp_path)
    assert [path for path in paths if path in str(error.value)] == paths[-3:]
    with pytest.raises(RunError, match=f"Did you mean `{tmp_path}/tiny/"):
        open_run("tinny", tmp_path)


def test_a_run_that_is_moved_keeps_its_name(tmp_path):
    (tmp_path / "copies" / "best").mkdir(parents=True)
    path = begin(tmp_path / "runs").path.rename(tmp_path / "copies" / "best" / "first")
    assert open_run(path).name == "tiny"
    for broken in ("{", "[]", "{}", '{"name": "../x"}'):
        (path / "spec.json").write_text(broken)
        assert [run.name for run in list_runs(tmp_path / "copies")] == ["best"]


def test_a_run_without_weights_says_so(tmp_path):
    with pytest.raises(RunError, match="no weights .* the run is failed"):
        begin(tmp_path, state="failed").weights()


def test_a_run_whose_process_is_gone_was_killed(tmp_path):
    done = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, text=True)
    gone = begin(tmp_path, state="running", pid=int(done.stdout), host=os.uname().nodename)
    here = begin(tmp_path, state="running", pid=os.getpid(), host=os.uname().nodename)
    assert gone.status["state"] == "killed"
    assert here.status["state"] == "running"


def test_history_is_read_as_numbers(tmp_path):
    from dlsuite.training.progress import make_progress
    from dlsuite.training.recording import Recorder

    run = begin(tmp_path)
    assert run.history == []
    Recorder(run, make_progress(False), 1, 1, 1).write_history()
    assert run.history == []  # as it is until the first epoch ends
    (run.path / "history.csv").write_text("epoch,loss,top\n1,0.5,\n2,0.25,0.9\n")
    assert run.history == [{"epoch": 1, "loss": 0.5, "top": None}, {"epoch": 2, "loss": 0.25, "top": 0.9}]


def test_weights_are_never_unpickled(tmp_path):
    import numpy as np

    run = begin(tmp_path)
    with (run.path / "models" / "model.npz").open("wb") as file:
        np.savez(file, kernel=np.array([{"a": 1}], dtype=object))
    with pytest.raises(DamagedError, match="models/model.npz is damaged and cannot be read: .*[Pp]ickle"):
        run.weights()


def test_opening_a_run_imports_no_library_of_layers(tmp_path):
    run = begin(tmp_path)
    code = f"import sys, dlsuite.runs as r; r.open_run({str(run.path)!r}).plan; print('keras' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_runs_compare_by_folder(tmp_path):
    run = begin(tmp_path)
    assert repr(Run(run.path)) == f"Run({str(run.path)!r})"


def test_a_run_that_ends_while_it_is_looked_at_was_not_killed(tmp_path, monkeypatch):
    run = begin(tmp_path, state="running")

    def end(path):
        run.write("status.json", {"state": "done"})
        return False

    monkeypatch.setattr("dlsuite.runs.is_held", end)
    assert run.status["state"] == "done"


def test_a_run_is_deleted_with_all_that_it_holds_and_nothing_else(tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "kept").write_text("")
    runs = tmp_path / "runs"
    first, second = begin(runs), begin(runs)
    (first.path / "samples" / "link").symlink_to(outside)
    (first.path.parent / ".20240101-120000-ab12cd.deleted").mkdir()  # left by a removal that was killed
    delete_run(first, runs)
    assert [run.path for run in list_runs(runs)] == [second.path]
    assert [path.name for path in second.path.parent.iterdir()] == [second.id]
    with pytest.raises(RunError, match="is no run of the folder"):
        delete_run(first, runs)
    delete_run(open_run(second.id, runs), runs)
    assert list(runs.iterdir()) == [] and (outside / "kept").exists()


def test_what_is_no_run_of_the_folder_or_is_in_use_is_not_deleted(tmp_path):
    runs = tmp_path / "runs"
    run, other = begin(runs), begin(tmp_path / "other")
    (runs / "tiny" / "link").symlink_to(other.path)
    (runs / "linked").symlink_to(other.path.parent)
    for path in (other.path, runs / "tiny" / "link", runs / "linked" / other.id, runs, runs / "tiny", tmp_path):
        with pytest.raises(RunError, match="is no run of the folder"):
            delete_run(Run(path), runs)
    with hold(run.path), pytest.raises(LockedError, match="is being trained by"):
        delete_run(run, runs)
    with share(run.path), share(run.path), pytest.raises(LockedError, match="is being measured by another process"):
        delete_run(run, runs)
    assert other.spec.name == run.spec.name == "tiny"
