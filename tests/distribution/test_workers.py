"""Two workers of one machine learn what one process learns; killed and started again, they go on as if nothing was."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import dlsuite

TOLERANCE = 1e-5
"""Relative, of the figures of every epoch; sums in another order differ by 1e-7 a step."""
SPEC = {
    "name": "digits",
    "data": {
        "source": "Digits",
        "inputs": {"image": "Image"},
        "targets": {"label": "Category"},
        "batch_size": 89,  # 1438 and 179 examples: the last batch on validation has one, fewer than there are workers
    },
    "model": {
        "layers": [
            {"Conv2D": {"filters": 4, "kernel_size": 3, "strides": 2, "use_bias": False}},
            *("BatchNormalization", "ReLU", "Flatten"),
            {"Dense": {"units": 10, "name": "label"}},
        ]
    },
    "train": [
        {
            "objective": "Classification",
            "optimizer": {"SGD": {"learning_rate": 0.05, "momentum": 0.9}},
            "callbacks": [{"ReduceLROnPlateau": {"patience": 1}}, "CSVLogger"],
            "epochs": 2,
            "deterministic": True,
        },
        {"epochs": 4},
    ],
}
MANY = "train.1.epochs=500"


def start(command, **options):
    return subprocess.Popen([sys.executable, "-m", "dlsuite", *command], stderr=subprocess.PIPE, text=True, **options)


def history(path):
    with (path / "history.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def workers_of(launcher):
    return [int(one) for one in Path(f"/proc/{launcher}/task/{launcher}/children").read_text().split()]


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """A run of one process, and one of two workers that were killed and went on."""
    folder = tmp_path_factory.mktemp("workers")
    spec = folder / "digits.json"
    spec.write_text(json.dumps(SPEC))
    launch = ["launch", "--workers", "2", "train"]
    launched = start([*launch, str(spec), "--runs", str(folder / "two"), "--set", MANY])
    deadline = time.monotonic() + 240
    while not (found := list(folder.glob("two/*/*/history.csv"))) or len(history(found[0].parent)) < 3:
        assert time.monotonic() < deadline and launched.poll() is None, launched.communicate()[1]
        time.sleep(0.05)
    path = found[0].parent
    chief = json.loads((path / "status.json").read_text())["pid"]
    assert chief in workers_of(launched.pid)
    os.kill(chief, signal.SIGKILL)
    _, said = launched.communicate(timeout=120)
    killed = {"code": launched.returncode, "said": said, "rows": history(path)}
    again = start([*launch, "--resume", str(path), "--json", "--set", "train.1.epochs=4"], stdout=subprocess.PIPE)
    answer, said = again.communicate(timeout=240)
    assert again.returncode == 0, said
    one = dlsuite.train(dlsuite.load(spec), runs=folder / "one")
    return {"one": one, "two": dlsuite.open_run(path), "killed": killed, "answer": json.loads(answer), "folder": folder}


def test_a_worker_that_is_killed_ends_the_training(runs):
    killed = runs["killed"]
    assert killed["code"] == 4
    assert "dlsuite: worker 0 was ended by SIGKILL, and with it the whole training." in killed["said"]
    assert "[worker 1] Another worker of this training was lost" in killed["said"]


def test_two_workers_killed_and_started_again_learn_what_one_process_learns(runs):
    one, two = (run.history for run in (runs["one"], runs["two"]))
    assert 3 <= len(runs["killed"]["rows"]) <= len(one) == len(two) == 6
    for ours, theirs in zip(one, two, strict=True):
        figures = {name: value for name, value in ours.items() if name != "seconds"}
        assert {name: theirs[name] for name in figures} == pytest.approx(figures, rel=TOLERANCE, abs=1e-6)


def test_the_answer_is_measured_on_one_device(runs):
    assert runs["answer"]["run"] == str(runs["two"].path)
    assert runs["answer"]["metrics"] == pytest.approx(runs["one"].metrics, rel=TOLERANCE)
    assert runs["two"].status["strategy"]["workers"] == 2


def test_only_the_chief_writes(runs):
    assert len(list(runs["folder"].glob("two/*/*"))) == 1
    kinds = [json.loads(line)["event"] for line in (runs["two"].path / "events.jsonl").read_text().splitlines()]
    assert (kinds.count("running"), kinds.count("done")) == (2, 1)
    epochs = [int(line.partition(",")[0]) for line in (runs["two"].path / "log.csv").read_text().splitlines()[1:]]
    assert epochs == sorted(set(epochs))
