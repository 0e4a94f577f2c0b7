"""What share of an epoch does a checkpoint take?

    .venv/bin/python benchmarks/checkpoint.py

Trains three models for some epochs and times, in the same run, each whole epoch, how long its checkpoint holds up the
training (waiting until the one before is written, reading the weights), and how long it is then written beside it
(waiting for the disk, removing old ones). The digits take a blink an epoch, which is the worst case; Fashion-MNIST is a
usual one where its data is at hand; the last has 25 million weights, 300 MB with the optimizer's, on the same few
digits. Results go to `benchmarks/results/checkpoint.json`. Takes two minutes.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")

from measuring import describe_machine, keep

from dlsuite.spec import load
from dlsuite.spec.errors import DataError
from dlsuite.training import checkpoints, train
from dlsuite.training.recording import SAVE_INTERVAL, SAVE_SHARE, Recorder

SPECS = Path(__file__).parents[1] / "specs"
WIDE = {
    "name": "wide",
    "data": {"source": "Digits", "inputs": {"image": "Image"}, "targets": {"label": "Category"}, "batch_size": 32},
    "model": {"layers": ["Flatten", {"Repeat": {"times": 2, "layers": [{"Dense": {"units": 5000}}, "ReLU"]}},
                         {"Dense": {"units": 10, "name": "label"}}]},
    "train": {"objective": "Classification", "epochs": 3},
}  # fmt: skip
CASES = {
    "digits_cnn": (SPECS / "vision" / "digits_cnn.json", {"train.epochs": 8}),
    "fashion_cnn": (SPECS / "vision" / "fashion_cnn.json", {"train.epochs": 3}),
    "25 million weights": (WIDE, {}),
}


@contextmanager
def timed(owner: Any, name: str) -> Iterator[list[float]]:
    """Gives a list of the seconds that a function takes for each checkpoint after an epoch."""
    seconds: list[float] = []
    act = getattr(owner, name)

    def timed_act(first: Any, mark: Any, *arguments: Any) -> None:
        start = time.perf_counter()
        act(first, mark, *arguments)
        if mark[1] is None:
            seconds.append(time.perf_counter() - start)

    setattr(owner, name, timed_act)
    try:
        yield seconds
    finally:
        setattr(owner, name, act)


def measure(spec: Any, changes: dict[str, Any]) -> dict[str, Any]:
    """Returns medians of seconds over the epochs but the first, and the share of the checkpoint."""
    with (
        timed(Recorder, "_save") as held_up,
        timed(checkpoints, "save") as written,
        tempfile.TemporaryDirectory() as folder,
    ):
        run = train(load(spec, changes), runs=folder, progress=False)
        newest = checkpoints.epochs(run.path / "checkpoints")[-1]
        files = (run.path / "checkpoints" / f"epoch-{newest:05d}").iterdir()
        size = sum(path.stat().st_size for path in files)
        epoch = statistics.median(row["seconds"] for row in run.history[1:])
    save, write = statistics.median(held_up[1:]), statistics.median(written[1:])
    return {
        "epoch_seconds": round(epoch, 3),
        "held_up_seconds": round(save, 3),
        "share_of_epoch": round(save / (epoch + save), 4),
        "written_beside_seconds": round(write, 3),
        "megabytes": round(size / 1e6, 2),
        "megabytes_a_second": round(size / 1e6 / write, 1),
    }


def main() -> None:
    """Measures every case and keeps the results."""
    found: dict[str, Any] = {}
    for name, (spec, changes) in CASES.items():
        try:
            found[name] = measure(spec, changes)
        except DataError as error:
            found[name] = {"left out": str(error)}
        print(name, found[name], flush=True)
    inside = {"seconds_between_at_least": SAVE_INTERVAL, "share_of_time_at_most": SAVE_SHARE}
    keep("checkpoint", {"machine": describe_machine(), "after_epochs": found, "inside_epochs": inside})


if __name__ == "__main__":
    main()
