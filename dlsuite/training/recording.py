"""What a training writes into its run while it goes on."""

from __future__ import annotations

import csv
import io
import json
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from dlsuite.runs import Run
from dlsuite.storage import append_line, plain, write_text
from dlsuite.training import checkpoints
from dlsuite.training.event_file import EventFile
from dlsuite.training.progress import Progress
from dlsuite.training.writing import Writer

STATUS_INTERVAL = 1.0
"""Seconds between writes of `status.json`, at least."""
SAVE_INTERVAL = 60.0
"""Seconds between checkpoints inside an epoch, at least."""
SAVE_SHARE = 0.02
"""Checkpoints inside an epoch take this share of the time, at most."""


@dataclass
class Recorder:
    """Keeps status, history, events and checkpoints of a run, and shows progress.

    Attributes:
        run: That is recorded.
        progress: Shows what is recorded.
        batch_size: Examples a step.
        steps: Of an epoch.
        total: Epochs of all stages.
        snapshot: Gives state and arrays of a checkpoint.
        inside: Whether to save inside epochs.
        monitor: The metric that chooses the best epoch, and whether a higher one is better.
        stage: Its number, from 1, and how many there are.
        begin: Epochs before the stage.
        history: Rows so far.
        best: `epoch`, `value`, `loss` and `monitor` of the best epoch so far.
        moved: Whether a step was made.
    """

    run: Run
    progress: Progress
    batch_size: int
    steps: int
    total: int
    snapshot: Callable[[], tuple[dict[str, Any], checkpoints.Arrays]] = lambda: ({}, {})
    inside: bool = True
    monitor: tuple[str | None, bool] = ("val_loss", False)
    stage: tuple[int, int] = (1, 1)
    begin: int = 0
    history: list[dict[str, Any]] = field(default_factory=list)
    best: dict[str, Any] | None = None
    moved: bool = False
    facts: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._writer = Writer()
        self._events = EventFile(self.run.path / "tensorboard")
        self._start = self._epoch_start = time.perf_counter()
        self._before = float(self.run.status.get("seconds") or 0.0)
        self._epoch = len(self.history)
        self._written = 0.0
        self._saved, self._save_seconds = self._start, 0.0
        self._epoch_before = 0.0
        self._epochs_timed: list[float] = []
        self._mark = (
            0,
            self._start,
        )  # a step of the epoch and its time; the first step of all, which compiles, is left out

    def event(self, name: str, **facts: Any) -> None:
        """Adds a line to the log."""
        line = json.dumps(plain({"time": _now(), "event": name, **facts}), ensure_ascii=False)
        append_line(self.run.path / "events.jsonl", line)

    def say(self, text: str) -> None:
        """Shows a sentence and logs it."""
        self.progress.say(text)
        self.event("note", text=text)

    def state(self, state: str, **facts: Any) -> None:
        """Logs a new state, then writes the status with it: a run whose status is done is not taken up again."""
        self.facts |= facts
        self.event(state, **facts)
        self._status(state, step=0, logs=self.history[-1] if self.history else {}, durable=True)

    def go_on(self, here: checkpoints.Checkpoint) -> None:
        """Takes up what a checkpoint tells of history and best epoch."""
        self.history, self.best = here.state["history"], here.state["best"]
        self._epoch, self._epoch_before = here.epoch, here.state["epoch_seconds"]

    def begin_epoch(self, epoch: int) -> None:
        """Notes when an epoch began."""
        self._epoch, self._epoch_start = epoch, time.perf_counter()
        self._mark = 0, self._epoch_start

    def step(self, step: int, logs: Mapping[str, float]) -> None:
        """Shows how far the epoch is; writes it every second or so."""
        self.moved = True
        if not self._epochs_timed and self._mark[0] == 0:
            self._mark = step, time.perf_counter()
        status = self._describe("running", step, logs)
        self.progress.update(status)
        if time.perf_counter() - self._written > STATUS_INTERVAL:
            self._write(status, durable=False)

    def end_epoch(self, epoch: int, logs: Mapping[str, float]) -> None:
        """Records an epoch: history, whether it is the best, checkpoint, status."""
        seconds = self._epoch_before + time.perf_counter() - self._epoch_start
        self._epoch_before = 0.0
        self._epochs_timed.append(seconds)
        row: dict[str, Any] = {"epoch": epoch + 1}
        if self.stage[1] > 1:
            row["stage"] = self.stage[0]
        names = sorted(logs, key=lambda name: (name == "learning_rate", name.startswith("val_"), "loss" not in name))
        row |= {name: logs[name] for name in names} | {"seconds": round(seconds, 3)}
        self._epoch = epoch + 1
        self.history.append(row)
        improved = self._judge(row)
        self._save((epoch + 1, None), 0.0)
        self.write_history()
        self._status("running", step=0, logs=logs, durable=False)
        self._events.write(epoch + 1, {name: value for name, value in row.items() if name not in ("epoch", "stage")})
        self.event("epoch", **row, best=improved)
        self.progress.epoch(row, improved)

    def is_due(self) -> bool:
        """Returns whether it is time to save inside an epoch."""
        return self.inside and self.since_saved() >= max(SAVE_INTERVAL, self._save_seconds / SAVE_SHARE)

    def since_saved(self) -> float:
        """Returns the seconds since something was saved."""
        return time.perf_counter() - self._saved

    def save_inside(self, epoch: int, step: int) -> None:
        """Saves a checkpoint inside an epoch, of which so many steps are done."""
        if self.inside:
            self._save((epoch, step), self._epoch_before + time.perf_counter() - self._epoch_start if step else 0.0)

    def _save(self, mark: checkpoints.Mark, epoch_seconds: float) -> None:
        """Takes a snapshot, and writes it while the training goes on."""
        self._writer.wait()  # before another snapshot takes memory
        start = time.perf_counter()
        state, arrays = self.snapshot()
        state |= {"history": [*self.history], "best": self.best, "stage": self.stage[0], "begin": self.begin}
        self._saved = time.perf_counter()
        self._writer.begin(self._write_checkpoint, start, mark, state | {"epoch_seconds": epoch_seconds}, arrays)

    def _write_checkpoint(self, start: float, *checkpoint: Any) -> None:
        checkpoints.save(self.run.path / "checkpoints", *checkpoint)
        self._save_seconds = time.perf_counter() - start

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Has everything written in the end, whatever ends it.

        Raises:
            TrainingError: The disk is full.
        """
        try:
            yield
        finally:
            self._writer.wait()

    def write_history(self) -> None:
        """Writes `history.csv`."""
        names = list(dict.fromkeys(name for row in self.history for name in row))
        text = io.StringIO()
        writer = csv.DictWriter(text, names, lineterminator="\n")
        writer.writeheader()
        writer.writerows(self.history)
        write_text(self.run.path / "history.csv", text.getvalue(), durable=False)

    def seconds(self) -> float:
        """Returns how long the run has taken so far, earlier parts included."""
        return round(self._before + time.perf_counter() - self._start, 2)

    def close(self) -> None:
        """Closes what is open."""
        self._writer.close()
        self.progress.close()
        self._events.close()

    def _judge(self, row: Mapping[str, Any]) -> bool:
        """Returns whether an epoch is the best so far; of equal ones that of lower loss on validation."""
        name, rises = self.monitor
        value, loss = row.get(name) if name else None, row.get("val_loss", row.get("loss"))
        if value is None or not np.isfinite(value):
            value = None
        mark = {"epoch": row["epoch"], "value": value, "loss": loss, "monitor": name}
        if value is None:  # without validation, or where nothing there tells, the last epoch is kept
            self.best = mark
            return False
        old = self.best
        if old is None or old["monitor"] != name or old["value"] is None:
            better = True
        elif value == old["value"]:
            better = loss is not None and old["loss"] is not None and loss < old["loss"]
        else:
            better = (value > old["value"]) == rises
        if better:
            self.best = mark
        return better

    def _status(self, state: str, step: int, logs: Mapping[str, Any], *, durable: bool) -> None:
        self._write(self._describe(state, step, logs), durable=durable)

    def _write(self, status: Mapping[str, Any], *, durable: bool) -> None:
        self.run.write("status.json", status, durable=durable)
        self._written = time.perf_counter()

    def _describe(self, state: str, step: int, logs: Mapping[str, Any]) -> dict[str, Any]:
        running, now = state == "running", time.perf_counter()
        marked, since = self._mark
        speed = (step - marked) / (now - since) if step > marked and running else None  # steps a second
        skipped = ("epoch", "stage", "loss", "learning_rate", "seconds")
        return {
            "state": state,
            "epoch": min(self._epoch + 1, self.total) if step else self._epoch,
            "epochs": self.total,
            "stage": self.stage[0],
            "step": step,
            "steps": self.steps,
            "loss": logs.get("loss"),
            "metrics": {name: value for name, value in logs.items() if name not in skipped},
            "examples_per_second": round(speed * self.batch_size, 1) if speed else None,
            "eta_seconds": self._remaining(step, now - self._epoch_start, speed) if running else None,
            "best_epoch": self.best["epoch"] if self.best else None,
            "seconds": self.seconds(),
            "updated": _now(),
            "pid": os.getpid(),
            "host": os.uname().nodename,
            **self.facts,
        }

    def _remaining(self, step: int, elapsed: float, speed: float | None) -> float | None:
        """Returns the seconds left, judged by the epochs so far, within the first one by its steps."""
        if self._epochs_timed:
            each = float(np.median(self._epochs_timed[1:][-5:] or self._epochs_timed))
            left = (self.total - self._epoch) * each - (elapsed if step else 0.0)
        elif speed:
            left = (self.steps * (self.total - self._epoch) - step) / speed
        else:
            return None
        return round(max(left, 0.0), 1)


def _now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S")
