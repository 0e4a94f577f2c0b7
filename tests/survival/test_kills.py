"""Kill -9 at any moment, go on, and the history is that of a run that nobody touched."""

from __future__ import annotations

import csv
import json
import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from dlsuite.runs import list_runs, open_run
from dlsuite.training import checkpoints
from tests.digits import digits

KILLS = 20
PLAIN = digits(
    "Flatten",
    {"Dense": {"units": 24, "activation": "relu"}},
    {"Dropout": {"rate": 0.2}},
    batch_size=64,
    train={
        "deterministic": True,
        "epochs": 9,
        "optimizer": {"Adam": {"learning_rate": 0.01}},
        "callbacks": [
            {"ReduceLROnPlateau": {"monitor": "val_accuracy", "patience": 1, "min_delta": 0.05, "factor": 0.5}},
            {"EarlyStopping": {"monitor": "val_loss", "patience": 3, "min_delta": 0.1}},
            "CSVLogger",
        ],
    },
)
"""A plateau lowers the learning rate and ends the training, so that a callback that forgot would change the history."""

FULL = digits(
    "Flatten",
    {"Dense": {"units": 24}},
    "BatchNormalization",
    "ReLU",
    {"Dropout": {"rate": 0.2}},
    batch_size=64,
    augment=[{"RandomTranslation": {"height_factor": 0.1, "width_factor": 0.1}}],
    train=[
        {
            "objective": "Classification",
            "deterministic": True,
            "epochs": 4,
            "optimizer": {
                "AdamW": {
                    "learning_rate": {"CosineDecay": {"initial_learning_rate": 0.02, "decay_steps": 150}},
                    "use_ema": True,
                    "ema_momentum": 0.9,
                }
            },
            "callbacks": [
                {"SwapEMAWeights": {"swap_on_epoch": True}},
                {"ModelCheckpoint": {"monitor": "val_loss", "save_best_only": True}},
                "CSVLogger",
            ],
        },
        {"epochs": 3, "optimizer": {"SGD": {"learning_rate": 0.01, "momentum": 0.9}}, "callbacks": ["CSVLogger"]},
    ],
)
"""Two stages, a schedule by step, moving averages of weights, augmentation, a callback with a best of its own."""


class Nursery:
    """A process that raises trainings."""

    def __init__(self, folder: Path):
        self.errors = folder / "errors.txt"
        with self.errors.open("w") as errors:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.survival.nursery"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                cwd=Path(__file__).parents[2],
            )
        assert self.process.stdout.readline() == "ready\n", self.errors.read_text()

    def train(self, **order):
        """Trains, until it is done or killed; returns which, and how long it took."""
        order = {key: str(value) if isinstance(value, Path) else value for key, value in order.items()}
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        assert answer["killed"] or answer["code"] == 0, self.errors.read_text()[-3000:]
        return answer


@pytest.fixture(scope="module")
def nursery(tmp_path_factory):
    made = Nursery(tmp_path_factory.mktemp("nursery"))
    yield made
    made.process.stdin.close()
    made.process.wait(timeout=10)


def raise_untouched(nursery, spec, folder):
    nursery.train(spec=spec, runs=folder, save_interval=1e9)
    (run,) = list_runs(folder)
    return run


def figures(run):
    return [{name: value for name, value in row.items() if name != "seconds"} for row in run.history]


def logged(run):
    with (run.path / "log.csv").open() as file:
        return list(csv.reader(file))


def check_equal(run, untouched):
    assert run.status["state"] == "done"
    assert len(run.history) == len(untouched.history)
    for ours, theirs in zip(figures(run), figures(untouched), strict=True):
        assert ours == pytest.approx(theirs, abs=1e-6, rel=1e-6)
    assert run.best_epoch == untouched.best_epoch
    assert run.evaluation["split"] == "test"
    assert run.metrics == pytest.approx(untouched.metrics, abs=1e-6)
    for name, weight in untouched.weights().items():
        assert np.abs(run.weights()[name] - weight).max() < 1e-6, name
    assert [row[0] for row in logged(run)] == [row[0] for row in logged(untouched)]
    assert sorted(path.name for path in (run.path / "models").iterdir()) == sorted(
        path.name for path in (untouched.path / "models").iterdir()
    ), "callbacks took the same epochs for the best"
    events = [json.loads(line) for line in (run.path / "events.jsonl").read_text().splitlines()]
    assert events[-1]["event"] == "done"


def test_twenty_kills_at_random_moments_leave_the_history_as_it_was(nursery, tmp_path):
    """The moments are drawn by seed, in shares of the time that it takes on this machine; most while it trains."""
    untouched = raise_untouched(nursery, PLAIN, tmp_path / "untouched")
    rates = [row["learning_rate"] for row in untouched.history]
    assert len(rates) < 9 and rates[-1] < rates[0], "callbacks acted"
    timed = nursery.train(spec=PLAIN, runs=tmp_path / "timed")
    draw = random.Random(0)
    kills, seen, run = 0, set(), None
    while True:
        before = {one.path for one in list_runs(tmp_path / "runs")}
        goal = {"resume": run.path} if run else {"spec": PLAIN, "runs": tmp_path / "runs"}
        part = "seconds" if draw.random() < 0.25 else "training"
        moment = {"kill_after": draw.random() * timed[part], "training": part == "training"} if kills < KILLS else {}
        answer = nursery.train(**goal, **moment)
        if run is None:
            run = next((one for one in list_runs(tmp_path / "runs") if one.path not in before), None)
        if answer["killed"]:
            kills += 1
            if run is not None:
                state = run.status["state"]
                assert state in ("killed", "done"), "done where it was killed while it was evaluated"
                seen.add((state, *(checkpoints.marks(run.path / "checkpoints") or [None])[-1:]))
        elif run is not None:
            check_equal(open_run(run.path), untouched)
            run = None
            if kills >= KILLS:
                break
    assert kills == KILLS
    inside = [mark for _, mark in seen if mark and mark[1] > 0]
    assert len(seen) > KILLS / 3 and inside, f"kills came at different places, inside epochs too: {seen}"


PLACES = {
    "as its files are made": {"event": "open", "match": "source.json"},
    "before its folder has its name": {"event": "os.rename", "match": "/digits/."},
    "before the fitted features are written": {"event": "open", "match": ".state.json"},
    "inside the first checkpoint": {"event": "open", "match": "optimizer.npz"},
    "inside a checkpoint of an epoch": {"event": "open", "match": ".epoch-00001.", "count": 3},
    "before a checkpoint has its name": {"event": "os.rename", "match": "checkpoints/epoch-00002-step"},
    "inside the history": {"event": "open", "match": ".history.csv"},
    "inside a line of the log": {"event": "open", "match": "events.jsonl", "count": 2, "half_line": True},
    "while a callback saves its best": {"event": "open", "match": "models/epoch-"},
    "while old checkpoints are removed": {"event": "shutil.rmtree", "match": "checkpoints/epoch-", "count": 3},
    "as the second stage begins": {"event": "open", "match": "epoch-00004-step-00000000"},
    "while the models are saved": {"event": "os.rename", "match": "model.keras"},
    "before it says that it is done": {"event": "open", "match": ".metrics.json"},
    "while it is evaluated": {"event": "open", "match": "samples/test"},
    "inside the report": {"event": "os.rename", "match": "report.html"},
}


def test_kills_in_the_middle_of_each_write_leave_the_history_as_it_was(nursery, tmp_path):
    untouched = raise_untouched(nursery, FULL, tmp_path / "untouched")
    run = None
    for place, event in PLACES.items():
        goal = {"resume": run.path} if run else {"spec": FULL, "runs": tmp_path / "runs"}
        assert nursery.train(**goal, die_at=event)["killed"], f"nothing of the kind was met: {place}"
        run = run or next(iter(list_runs(tmp_path / "runs")), None)
    nursery.train(resume=run.path)
    assert len(list_runs(tmp_path / "runs")) == 1
    check_equal(open_run(run.path), untouched)
    assert not list(run.path.rglob(".*")), "nothing half written is left"
