"""Does training wait for its data, and does memory grow with the number of pictures?

    .venv/bin/python benchmarks/input_pipeline.py

Folders of 2,000 and of 20,000 JPEG pictures (64 x 64, written for the measurement) are read as a training reads them.

1. Waiting: time of a step of `fit` on the pipeline beside a step on one batch that lies in memory, alternately; the
   share of a step spent waiting is one less their ratio. Measured with pictures streamed from disk (decoded, shuffled
   and augmented for each epoch) and with pictures kept in memory, as small sets are.
2. Memory: the largest resident memory of a process that streams one epoch of each folder, less what it had before.

Results go to `benchmarks/results/input_pipeline.json`. Takes four minutes on two cores.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")

from measuring import Moment, alternate, clock, describe_machine, keep, options, per_step

SIZES, QUICK_SIZES = (2_000, 20_000), (300, 600)
SIDE, CLASSES, BATCH = 64, 10, 64
STEPS, ROUNDS = 30, 8


def write_pictures(folder: Path, count: int) -> None:
    """Writes JPEG pictures of smooth noise into folders of classes."""
    import numpy as np
    from PIL import Image

    random = np.random.default_rng(0)
    for name in range(CLASSES):
        (folder / f"class_{name}").mkdir(parents=True)
    for number in range(count):
        small = random.integers(0, 256, (8, 8, 3), dtype=np.uint8)
        picture = Image.fromarray(small).resize((SIDE, SIDE), Image.Resampling.BICUBIC)
        picture.save(folder / f"class_{number % CLASSES}" / f"{number}.jpg", quality=90)


def write_spec(folder: Path) -> Path:
    """Writes a spec that trains a small CNN on a folder of pictures beside it, and returns its path."""
    conv = {"Conv2D": {"filters": "=filters", "kernel_size": 3, "padding": "same", "activation": "relu"}}
    spec = {
        "name": "pictures",
        "data": {
            "source": {"ImageFolder": {"path": folder.name}},
            "inputs": {"image": {"Image": {"size": [SIDE, SIDE], "channels": 3}}},
            "targets": {"label": "Category"},
            "augment": [{"RandomFlip": {"mode": "horizontal"}}],
            "batch_size": BATCH,
        },
        "model": {
            "layers": [
                {"Repeat": {"over": [16, 32, 64], "item": "filters", "layers": [conv, "MaxPooling2D"]}},
                "GlobalAveragePooling2D",
                {"Dense": {"units": "=label.classes", "name": "label"}},
            ]
        },
        "train": {"objective": "Classification", "optimizer": "Adam", "epochs": 1},
    }
    path = folder.parent / "pictures.json"
    path.write_text(json.dumps(spec))
    return path


def measure_waiting(folder: Path, streamed: bool, rounds: int) -> dict[str, Any]:
    """Returns milliseconds a step on the pipeline and on one batch in memory, and the share spent waiting."""
    import keras

    import dlsuite
    from dlsuite import pipeline

    pipeline.CACHE_SHARE = 0.0 if streamed else 0.25
    loaded = dlsuite.load(write_spec(folder))
    data, model = dlsuite.data(loaded), dlsuite.build(loaded)
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    batches = data.batches("train", training=True, epochs=None).map(lambda x, y: (x["image"], y["label"]))
    ready = batches.take(1).cache().repeat()

    def fit(source: Any) -> list[Moment]:
        with clock() as starts:
            model.fit(source, steps_per_epoch=STEPS, verbose=0)
        return per_step(starts, STEPS)

    fit(ready), fit(batches)  # the first traces
    times: dict[str, list[Moment]] = {"pipeline": [], "ready": []}
    for side, found in alternate({"pipeline": lambda: fit(batches), "ready": lambda: fit(ready)}, rounds):
        times[side] += found
    medians = {side: 1000 * statistics.median(moment.wall for moment in found) for side, found in times.items()}
    return {
        "step_ms": {side: round(value, 2) for side, value in medians.items()},
        "waiting_share": round(max(0.0, 1 - medians["ready"] / medians["pipeline"]), 3),
        "images_a_second": round(1000 * BATCH / medians["pipeline"]),
    }


def measure_memory(folder: Path) -> dict[str, Any]:
    """Returns how far the resident memory of this process grows while it streams an epoch, and how fast that goes."""
    import dlsuite
    from dlsuite import pipeline

    pipeline.CACHE_SHARE = 0.0
    loaded = dlsuite.load(write_spec(folder))
    dlsuite.build(loaded)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.perf_counter()
    data = dlsuite.data(loaded)
    read = time.perf_counter()
    images = sum(int(inputs["image"].shape[0]) for inputs, _ in data.batches("train", training=True))
    end = time.perf_counter()
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    return {
        "grown_mib": round(grown, 1),
        "prepare_s": round(read - start, 2),
        "images_a_second": round(images / (end - read)),
    }


def in_process(*arguments: str) -> dict[str, Any]:
    """Returns the answer of a process of its own."""
    command = [sys.executable, __file__, *arguments]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()[-1])


def answer(question: str, folder: Path, quick: bool) -> dict[str, Any]:
    """Returns the answer to one question, for `in_process`."""
    if question == "memory":
        return measure_memory(folder)
    return measure_waiting(folder, question == "streamed", 1 if quick else ROUNDS)


def main() -> None:
    """Measures, prints and keeps the figures; with a question and a folder, answers that alone."""
    parser = options(__doc__)
    parser.add_argument("part", nargs="*", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.part:
        question, folder = given.part
        print(json.dumps(answer(question, Path(folder), given.quick)))
        return
    sizes, flags = (QUICK_SIZES, ["--quick"]) if given.quick else (SIZES, [])
    machine = describe_machine("tensorflow", "keras", "pillow")
    result: dict[str, Any] = {"machine": machine, "batch_size": BATCH, "side": SIDE, "memory": {}, "waiting": {}}
    with tempfile.TemporaryDirectory() as root:
        for count in sizes:
            folder = Path(root) / str(count)
            write_pictures(folder, count)
            found = result["memory"][count] = in_process("memory", str(folder), *flags)
            print(f"{count:6} pictures: memory grew by {found['grown_mib']} MiB, {found['images_a_second']} images/s")
        for question in ("streamed", "kept"):
            found = result["waiting"][question] = in_process(question, str(Path(root) / str(sizes[0])), *flags)
            print(f"{question}: {found['step_ms']} ms a step, {found['waiting_share']:.1%} of it waiting")
    if not given.quick:
        keep("input_pipeline", result)


if __name__ == "__main__":
    main()
