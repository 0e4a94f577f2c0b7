"""What do two workers gain over one, with one core each?

    .venv/bin/python benchmarks/distribution.py

The same training of a small convolutional network with the same global batch: `dlsuite train` held to one core, and
`dlsuite launch --workers 2` held to two, asked alternately, so that a busy machine slows both sides alike. The figure
is the ratio of the median seconds of an epoch, those after the first of each training, in which functions are traced; 2
would be all that a second core can give. What it costs to agree on gradients after every step is in it, and weighs by
the length of a step, so that two sizes of picture are measured. Results go to `benchmarks/results/distribution.json`.
Takes five minutes on two cores that do nothing else.
"""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median, quantiles
from typing import Any

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")

from measuring import describe_machine, keep

ROUNDS, EPOCHS, BATCH = 3, 4, 128
SIZES = {"short steps": 32, "long steps": 96}
"""Pixels a side."""
CONV = {"filters": "=filters", "kernel_size": 3, "padding": "same", "use_bias": False}
SPEC = {
    "name": "digits",
    "params": {"size": 32},
    "data": {
        "source": "Digits",
        "inputs": {"image": {"Image": {"size": ["=size", "=size"], "channels": 1}}},
        "targets": {"label": "Category"},
        "batch_size": BATCH,
    },
    "model": {
        "layers": [
            {
                "Repeat": {
                    "over": [16, 32, 64],
                    "item": "filters",
                    "layers": [{"Conv2D": CONV}, "BatchNormalization", "ReLU", "MaxPooling2D"],
                }
            },
            "GlobalAveragePooling2D",
            {"Dense": {"units": 10, "name": "label"}},
        ]
    },
    "train": {"objective": "Classification", "optimizer": "Adam", "epochs": EPOCHS},
}


def main() -> None:
    """Measures and keeps."""
    cores = sorted(os.sched_getaffinity(0))[:2]
    if len(cores) < 2:
        sys.exit("Two cores are needed.")
    result: dict[str, Any] = {"machine": describe_machine("tensorflow", "keras"), "batch_size": BATCH}
    for name, size in SIZES.items():
        result[name] = measure(size, cores)
        print(name, result[name], flush=True)
    keep("distribution", {**result, "load_after": [round(load, 2) for load in os.getloadavg()]})


def measure(size: int, cores: list[int]) -> dict[str, Any]:
    """Returns quartiles of the seconds of an epoch of both sides, and their ratio."""
    seconds: dict[str, list[float]] = {"one worker": [], "two workers": []}
    losses: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as place:
        sides = {
            "one worker": lambda number: train(Path(place) / f"one{number}", size, [], cores[:1]),
            "two workers": lambda number: train(
                Path(place) / f"two{number}", size, ["launch", "--workers", "2"], cores
            ),
        }
        for number in range(ROUNDS):
            for side, run in sides.items():
                rows = run(number)
                seconds[side] += [float(row["seconds"]) for row in rows[1:]]
                losses[side] = float(rows[-1]["loss"])
    one, two = (median(values) for values in seconds.values())
    return {
        "pixels": size,
        "epochs": len(seconds["one worker"]),
        "seconds_per_epoch": {side: [round(q, 3) for q in quantiles(v, n=4)] for side, v in seconds.items()},
        "ratio_of_medians": round(one / two, 3),
        "loss_of_the_last_epoch": losses,
    }


def train(folder: Path, size: int, launch: list[str], cores: list[int]) -> list[dict[str, str]]:
    """Returns the history of a training held to some cores."""
    folder.mkdir()
    (folder / "digits.json").write_text(json.dumps(SPEC))
    command = ["train", str(folder / "digits.json"), "--set", f"params.size={size}", "--runs", str(folder)]
    subprocess.run(
        [sys.executable, "-m", "dlsuite", *launch, *command],
        env={**os.environ, "TF_NUM_INTRAOP_THREADS": "1", "OMP_NUM_THREADS": "1"},
        preexec_fn=lambda: os.sched_setaffinity(0, cores),
        capture_output=True,
        check=True,
    )
    (history,) = folder.glob("digits/*/history.csv")
    with history.open(newline="") as file:
        return list(csv.DictReader(file))


if __name__ == "__main__":
    main()
