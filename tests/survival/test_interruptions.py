"""Ctrl-C, the signal of clusters, full disks and locked runs, in processes of their own."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from dlsuite.runs import list_runs
from dlsuite.training import checkpoints
from tests.digits import digits

ROOT = Path(__file__).parents[2]


@pytest.fixture
def start(tmp_path):
    """Gives a function that starts `dlsuite train` and returns when an epoch is done, or the process."""
    spec = tmp_path / "digits.json"
    started = []

    def run(*arguments, units=10, limit=None):
        made = digits("Flatten", {"Dense": {"units": units}}, batch_size=8, train={"epochs": 2000})
        spec.write_text(json.dumps(made))
        command = [sys.executable, "-m", "dlsuite", "train", *map(str, arguments or [spec]), "--runs", "runs"]
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "TF_CPP_MIN_LOG_LEVEL": "3"}

        def prepare():
            signal.signal(signal.SIGINT, signal.SIG_DFL)  # jobs in the background inherit that it is ignored
            if limit is not None:
                resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

        process = subprocess.Popen(
            command,
            cwd=tmp_path,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=prepare,
        )
        started.append(process)
        deadline = time.monotonic() + 120
        while process.poll() is None and time.monotonic() < deadline:
            if any(one.history and one.status.get("pid") == process.pid for one in list_runs(tmp_path / "runs")):
                break
            time.sleep(0.02)
        return process

    yield run
    for process in started:
        process.kill()
        process.communicate()


def only_run(tmp_path):
    (run,) = list_runs(tmp_path / "runs")
    return run


def nothing_half_written(run):
    return not [path for path in run.path.rglob("*") if path.name.startswith(".")]


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "sigterm"])
def test_a_signal_saves_inside_the_epoch_and_says_how_to_go_on(sent, start, tmp_path):
    process = start()
    process.send_signal(sent)
    _, said = process.communicate(timeout=60)
    run = only_run(tmp_path)
    assert process.returncode == 130, said
    assert "Traceback" not in said and "this step is finished" in said
    assert f"Go on with: dlsuite train --resume {run.path.relative_to(tmp_path)}" in said
    assert run.status["state"] == "interrupted"
    assert nothing_half_written(run)
    epoch, step = checkpoints.marks(run.path / "checkpoints")[-1]
    assert epoch == len(run.history)
    assert f"Saved: epoch {epoch + 1} up to step {step}." in said or f"Saved: epoch {epoch}." in said


def test_a_second_ctrl_c_stops_at_once_and_a_run_has_one_process(start, tmp_path):
    process = start()
    run = only_run(tmp_path)
    assert run.status["state"] == "running"
    other = start("--resume", run.path)
    _, said = other.communicate(timeout=60)
    assert other.returncode == 2
    assert f"is being trained by process {process.pid} on {os.uname().nodename}" in said
    os.kill(process.pid, signal.SIGSTOP)  # so that both arrive before anything is saved
    process.send_signal(signal.SIGINT)
    os.kill(process.pid, signal.SIGCONT)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130 and "Traceback" not in said
    assert nothing_half_written(run)
    process = start()
    process.kill()
    process.wait()
    states = sorted(one.status["state"] for one in list_runs(tmp_path / "runs"))
    assert states[1] == "killed" and states[0] in ("interrupted", "killed")


def test_a_full_disk_is_named_and_what_was_saved_is_whole(start, tmp_path):
    """The disk is a small one in memory where this process may mount one; else files may not grow beyond a size."""
    runs = tmp_path / "runs"
    runs.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=5m", "tmpfs", str(runs)]  # a checkpoint has 1.8 MB
    mounted = subprocess.run(command, capture_output=True, check=False)
    limit = None if mounted.returncode == 0 else 20_000
    try:
        process = start(limit=limit, units=2000)
        _, said = process.communicate(timeout=120)
        assert process.returncode == 4, said
        assert "The disk is full" in said and "Traceback" not in said
        run = only_run(tmp_path)
        state = checkpoints.load(run.path / "checkpoints")
        assert state is not None, "the last complete checkpoint is intact"
        assert len(run.history) >= (1 if limit is None else 0)
        if limit is None:
            subprocess.run(["mount", "-o", "remount,size=64m", str(runs)], check=True)
            longer = start("--resume", run.path, "--set", f"train.epochs={state.epoch + 2}")
            _, said = longer.communicate(timeout=120)
            assert longer.returncode == 0, said
            assert len(run.history) == state.epoch + 2
    finally:
        if mounted.returncode == 0:
            subprocess.run(["umount", "-l", str(runs)], check=False)
