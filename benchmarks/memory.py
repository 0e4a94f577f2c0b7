"""Does the memory that `dlsuite show` tells agree with what training really takes?

    .venv/bin/python benchmarks/memory.py

For each spec a process of its own builds the model, takes two training steps on random numbers with the spec's
optimizer, and reads the peak of its resident memory from the kernel. What TensorFlow takes before any model (after a
step of a tiny one) is subtracted, and what tracing the step's graph adds. Batches are chosen so that a step takes some
hundreds of MB, as the rest of a process is noise beside less; large networks are shrunk by the `--set` that the results
show. Results go to `benchmarks/results/memory.json`. Takes ten minutes on two cores.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from measuring import describe_machine, keep

SPECS = Path(__file__).parents[1] / "specs"
LIMIT = 1.5
CASES: list[tuple[str, int, dict[str, Any]]] = [
    ("vision/fashion_cnn", 2048, {}),
    ("vision/fashion_resnet", 1024, {}),
    ("vision/cifar_cnn", 1024, {}),
    ("vision/cifar_resnet", 1024, {}),
    ("vision/digits_cnn", 8192, {}),
    ("papers/alexnet", 16, {}),
    ("papers/vgg16", 4, {}),
    ("papers/resnet18", 24, {}),
    ("papers/resnet50", 8, {}),
    ("papers/resnet152", 2, {}),
    ("papers/mobilenet_v2", 12, {}),
    ("papers/efficientnet_b0", 8, {}),
    ("papers/vit_b16", 2, {}),
    ("papers/unet", 1, {"params.width": 32}),
    ("papers/bert_base", 2, {"params.context": 128}),
    ("papers/gpt2", 1, {"params.context": 256}),
    ("papers/t5_small", 4, {}),
    ("papers/mixtral_small", 4, {}),
    ("papers/ddpm_cifar10", 16, {}),
    ("protein/evoformer_block", 16, {}),
    ("science/forecast", 2048, {}),
    ("speech/conformer_ctc", 6, {}),
]
"""Spec, batch size, and what shrinks it."""


def main() -> None:
    """Measures every case, or one in this process."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", metavar="NAME", help="measure the cases whose name contains this, and keep nothing")
    parser.add_argument("--precision", default="float32", help="float32 or mixed_bfloat16")
    parser.add_argument("--case", metavar="JSON", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.case:
        print(json.dumps(measure(*json.loads(given.case))))
        return
    rows = []
    for name, batch_size, overrides in CASES:
        if given.only and given.only not in name:
            continue
        case = json.dumps([name, batch_size, overrides, given.precision])
        done = subprocess.run([sys.executable, __file__, "--case", case], capture_output=True, text=True)
        if done.returncode:
            print(f"{name}: {done.stderr[-600:]}", file=sys.stderr)
            continue
        row = {"spec": name, "batch_size": batch_size, "set": overrides, **json.loads(done.stdout)}
        rows.append(row)
        print(f"{name:28} batch {batch_size:5}  told {row['told_mb']:7.0f} MB  measured {row['measured_mb']:7.0f} MB  "
              f"ratio {row['ratio']:.2f}", flush=True)  # fmt: skip
    worst = max(rows, key=lambda row: max(row["ratio"], 1 / row["ratio"]))
    print(f"worst: {worst['spec']}, {worst['ratio']:.2f}; the limit is {LIMIT}")
    if not given.only:
        keep("memory", {"machine": describe_machine("tensorflow", "keras"), "precision": given.precision, "rows": rows})


def measure(name: str, batch_size: int, overrides: dict[str, Any], policy: str) -> dict[str, float]:
    """Returns what is told and what is measured of one case, in MB, and the ratio of the two."""
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    from dlsuite import api, graph
    from dlsuite.building import precision

    spec = api.load(SPECS / f"{name}.json", overrides)
    plan = spec.plan()
    summary = api.show(spec)
    (network,) = summary.networks.values()
    told = network.memory(batch_size, policy).total
    with precision(policy):
        step(warm_up(), {"x": ((8, 8, 3), "float32"), "t": ((16, 8), "float32")}, 4, network.optimizer)
        before = resident("VmHWM")
        model = graph.build(plan)["model"]
        inputs = {
            key: (tuple(summary.lengths.get(key, 1) if one is None else one for one in tensor.shape), tensor.dtype)
            for key, tensor in next(iter(plan.networks.values())).inputs.items()
        }
        traced = step(model, inputs, batch_size, network.optimizer)
    measured = resident("VmHWM") - before - traced
    found = {"told_mb": told / 1e6, "measured_mb": measured / 1e6, "graph_mb": traced / 1e6}
    return {**{key: round(value, 1) for key, value in found.items()}, "ratio": round(told / measured, 3)}


def warm_up() -> Any:
    """Returns a tiny model with layers of the usual kinds, so that their kernels are loaded."""
    import keras

    x, t = keras.Input((8, 8, 3), name="x"), keras.Input((16, 8), name="t")
    convolved = keras.layers.GlobalAveragePooling2D()(keras.layers.Conv2D(4, 3, activation="relu")(x))
    attended = keras.layers.GlobalAveragePooling1D()(keras.layers.MultiHeadAttention(2, 4)(t, t))
    return keras.Model({"x": x, "t": t}, keras.layers.Dense(2)(keras.layers.Concatenate()([convolved, attended])))


def step(model: Any, inputs: dict[str, tuple[tuple[int, ...], str]], batch_size: int, component: Any) -> int:
    """Takes two training steps on random numbers and returns the bytes that tracing their graph added.

    The loss is the sum of the means of what comes out.
    """
    import keras
    import numpy as np
    import tensorflow as tf

    from dlsuite.making import make
    from dlsuite.spec.plan import Component

    random = np.random.default_rng(0)
    batch = {
        key: random.normal(size=(batch_size, *shape)).astype(dtype) if "float" in dtype
        else np.ones((batch_size, *shape), dtype)
        for key, (shape, dtype) in inputs.items()
    }  # fmt: skip
    given = batch if isinstance(model.input, dict) else next(iter(batch.values()))
    optimizer = make(Component("optimizer", component.name))
    optimizer.build(model.trainable_variables)

    @tf.function
    def train(data: Any) -> None:
        with tf.GradientTape() as tape:
            ends = [one for one in keras.tree.flatten(model(data, training=True)) if one.dtype.is_floating]
            loss = tf.add_n([tf.reduce_mean(tf.cast(one, tf.float32)) for one in ends])
        optimizer.apply(tape.gradient(loss, model.trainable_variables), model.trainable_variables)

    given = keras.tree.map_structure(tf.constant, given)
    before = resident("VmRSS")
    train.get_concrete_function(given)
    traced = resident("VmRSS") - before
    for _ in range(2):
        train(given)
    return traced


def resident(kind: str) -> int:
    """Returns the resident memory of this process in bytes: now (`VmRSS`), or the largest so far (`VmHWM`)."""
    text = Path("/proc/self/status").read_text()
    return int(text.partition(f"{kind}:")[2].split()[0]) * 1024


if __name__ == "__main__":
    main()
