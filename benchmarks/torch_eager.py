"""How fast does a CNN from a spec train beside the same CNN in PyTorch, on the same images?

    make oracles && .venv/bin/python benchmarks/torch_eager.py

Both sides learn 28 x 28 images with Adam at the same batch size, in one process, alternately, with as many threads as
there are cores: the spec-built model in `fit` on tf.data, and the PyTorch model in the eager loop that one writes, on
tensors that are in memory already. The figure is images a second and the ratio of the medians of time a step. Results
go to `benchmarks/results/torch_eager.json`. Takes a minute on two cores.
"""

from __future__ import annotations

import os
from typing import Any

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")

import keras
import numpy as np
import tensorflow as tf
import torch
from measuring import Moment, alternate, clock, compare, describe_machine, keep, per_step
from networks import convolutions
from torch import nn

from dlsuite.graph import build
from dlsuite.spec import load

BATCH, STEPS, ROUNDS = 128, 20, 20
NETWORK = {
    "inputs": {"image": {"Input": {"shape": [28, 28, 1]}}},
    "layers": [convolutions(32, 64), "Flatten", {"Dense": {"units": 10}}],
}


def write_torch() -> nn.Module:
    """Returns the same CNN as one writes it in PyTorch."""
    return nn.Sequential(
        nn.Conv2d(1, 32, 3, padding=1, bias=False),
        nn.BatchNorm2d(32),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 3, padding=1, bias=False),
        nn.BatchNorm2d(64),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(64 * 7 * 7, 10),
    )


def main() -> None:
    """Measures both sides, prints and keeps the figures."""
    torch.set_num_threads(len(os.sched_getaffinity(0)))
    random = np.random.default_rng(0)
    labels = random.integers(0, 10, STEPS * BATCH)
    images = random.normal(size=(len(labels), 28, 28, 1)).astype("float32") + labels[:, None, None, None] / 10

    ours = build(load({"name": "cnn", "model": NETWORK}).plan())["model"]
    ours.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    batches = tf.data.Dataset.from_tensor_slices((images.astype("float32"), labels.astype("int32")))
    batches = batches.shuffle(len(labels), seed=0).batch(BATCH).prefetch(tf.data.AUTOTUNE)

    theirs = write_torch()
    optimizer, loss = torch.optim.Adam(theirs.parameters(), lr=1e-3), nn.CrossEntropyLoss()
    pictures = torch.from_numpy(images.astype("float32").transpose(0, 3, 1, 2).copy())
    classes = torch.from_numpy(labels)

    def fit_ours() -> list[Moment]:
        with clock() as starts:
            ours.fit(batches, verbose=0)
        return per_step(starts, STEPS)

    def fit_theirs() -> list[Moment]:
        starts = []
        for chosen in torch.randperm(len(labels)).split(BATCH):
            starts.append(Moment.now())
            optimizer.zero_grad()
            loss(theirs(pictures[chosen]), classes[chosen]).backward()
            optimizer.step()
        return per_step(starts, STEPS)

    counts = ours.count_params() - 2 * (32 + 64), sum(weight.numel() for weight in theirs.parameters())
    assert counts[0] == counts[1], f"the models differ: {counts} trainable parameters"
    fit_ours(), fit_theirs()  # the first traces and allocates
    times: dict[str, list[Moment]] = {"spec": [], "torch": []}
    for side, found in alternate({"spec": fit_ours, "torch": fit_theirs}, ROUNDS):
        times[side] += found
    found = compare(times)
    speed = {side: round(1000 * BATCH / quartiles[1]) for side, quartiles in found["wall"]["ms"].items()}
    machine = describe_machine("tensorflow", "keras", "torch")
    result: dict[str, Any] = {"machine": machine, "batch_size": BATCH, "images_a_second": speed, **found}
    keep("torch_eager", result)
    ratio = found["wall"]["ratio_of_medians"]
    print(f"spec {speed['spec']} images/s, PyTorch eager {speed['torch']} images/s: ratio of times {ratio:.3f}")


if __name__ == "__main__":
    main()
