"""Trains specs on one device and on two logical ones and prints how they differ, as JSON: `two_devices.py FOLDER`."""

import json
import sys
from pathlib import Path

import numpy as np
import tensorflow as tf

cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)

import keras  # noqa: E402

import dlsuite  # noqa: E402
from dlsuite.spec import SpecError  # noqa: E402
from dlsuite.training.watching import Watch  # noqa: E402

TWO = {"MirroredStrategy": {"devices": ["CPU:0", "CPU:1"]}}
DIGITS = {
    "name": "digits",
    "data": {
        "source": "Digits",  # 1438, 179 and 180 examples
        "inputs": {"image": "Image"},
        "targets": {"label": "Category"},
        "augment": [{"RandomTranslation": {"height_factor": 0.1, "width_factor": 0.1}}],
        "batch_size": 479,  # the last of an epoch has one example, fewer than there are replicas
    },
    "model": {
        "layers": [
            {"Conv2D": {"filters": 4, "kernel_size": 3, "strides": 2, "use_bias": False}},
            *("BatchNormalization", "ReLU", "Flatten"),
            {"Dense": {"units": 10, "name": "label", "kernel_regularizer": {"L2": {"l2": 0.001}}}},
        ]
    },
    "train": {
        "objective": "Classification",
        "metrics": {"SparseTopKCategoricalAccuracy": {"k": 3}},
        "optimizer": {"SGD": {"learning_rate": {"CosineDecay": {"initial_learning_rate": 0.1, "decay_steps": 10}}}},
        "class_weights": "balanced",
        "epochs": 2,
        "deterministic": True,
    },
}
WORDS = {
    "name": "words",
    "data": {
        "source": {"NPZ": {"path": "words.npz"}},
        "split": {"train": 0.75, "validation": 0.25, "by": "order"},
        "inputs": {"word": "Category", "size": "Number"},
        "targets": {"value": "Number"},
        "batch_size": 25,
    },
    "model": {
        "layers": [
            {"Embedding": {"inputs": "word", "input_dim": "=word.classes", "output_dim": 8, "to": "vector"}},
            {"Flatten": {"inputs": "vector"}},
            {"Dense": {"units": 1, "name": "value"}},
        ]
    },
    "train": {
        "objective": "Regression",
        "optimizer": {"Adam": {"learning_rate": 0.05, "global_clipnorm": 0.5, "gradient_accumulation_steps": 2,
                               "use_ema": True, "ema_overwrite_frequency": 3}},
        "epochs": 3,
        "deterministic": True,
    },
}  # fmt: skip


CONV = {"Conv2D": {"filters": 8, "kernel_size": 3, "padding": "same", "use_bias": False}}
DEEP = {
    **DIGITS,
    "data": {key: value for key, value in DIGITS["data"].items() if key != "augment"},
    "model": {
        "layers": [
            *([CONV, "BatchNormalization", "ReLU", "MaxPooling2D"] * 2),
            *("GlobalAveragePooling2D", {"Dense": {"units": 10, "name": "label"}}),
        ]
    },
}


def train(spec, folder, *, strategy="Auto", **changes):
    resume = changes.pop("resume", None)
    given = {**spec, "train": {**spec["train"], "strategy": strategy, **changes}}
    path = folder.parent / f"{spec['name']}.json"
    path.write_text(json.dumps(given))
    return dlsuite.train(dlsuite.load(path), runs=folder, resume=resume)


def difference_of_histories(one, two):
    """Returns the largest relative difference of two histories."""
    return max(
        abs(a[name] - b[name]) / max(abs(a[name]), 1e-3)
        for a, b in zip(one.history, two.history, strict=True)
        for name in a
        if name != "seconds"
    )


def difference(one, two):
    """Returns the largest relative differences of two histories, of measures on the test split, and of weights."""
    weights = [float(np.abs(one.weights()[name] - two.weights()[name]).max()) for name in one.weights()]
    metrics = [abs(one.metrics[name] - two.metrics[name]) for name in one.metrics]
    return {"history": difference_of_histories(one, two), "weights": max(weights), "metrics": max(metrics)}


def interrupt(folder, **changes):
    """Returns a run that was interrupted inside its second epoch and has gone on."""
    original = Watch.on_train_batch_end

    def asking(self, batch, logs=None):
        if self._epoch == 1 and batch == 2:
            self._interruptions.asked = True
        original(self, batch, logs)

    Watch.on_train_batch_end = asking
    try:
        train(DIGITS, folder, **changes)
    except KeyboardInterrupt:
        pass
    finally:
        Watch.on_train_batch_end = original
    (path,) = folder.glob("digits/*")
    return train(DIGITS, folder, resume=path, **changes)


def main(folder):
    words = np.random.default_rng(0).integers(0, 7, 103)
    sizes = np.linspace(-1, 1, 103, dtype="float32")
    np.savez(folder / "words.npz", word=words, size=sizes, value=(words * 0.5 + sizes).astype("float32"))
    one, two = (train(DIGITS, folder / f"digits{i}", strategy=strategy) for i, strategy in enumerate(["Auto", TWO]))
    again = interrupt(folder / "interrupted", strategy=TWO)
    words = [train(WORDS, folder / f"words{i}", strategy=strategy) for i, strategy in enumerate(["Auto", TWO])]
    deep = [
        train(DEEP, folder / f"deep{i}", strategy=strategy, precision="float64", metrics=[])
        for i, strategy in enumerate(["Auto", TWO])
    ]
    half = train(DIGITS, folder / "half", strategy=TWO, precision="mixed_float16", epochs=1, metrics=[])
    scaled = {"MirroredStrategy": {**TWO["MirroredStrategy"], "scale_learning_rate": True}}
    scaled = train(WORDS, folder / "scaled", strategy=scaled, epochs=1)
    refused = []
    for strategy in ({"MirroredStrategy": {"devices": ["CPU:0", "CPU:7"]}}, {"OneDeviceStrategy": {"device": "GPU:9"}}):
        try:
            train(DIGITS, folder / "refused", strategy=strategy)
        except SpecError as error:
            refused.append(error.faults[0].message)
    images = next(iter(dlsuite.data(one.spec).batches("test", batch_size=8)))[0]["image"]
    answers = [run.model.predict(images, verbose=0) for run in (one, two)]
    return {
        "digits": difference(one, two),
        "interrupted": difference(two, again),
        "words": difference(*words),
        "deep": difference(*deep),
        "half": [half.history[0]["loss"], one.history[0]["loss"]],
        "answers": float(np.abs(answers[0] - answers[1]).max()),
        "class": f"{type(two.model).__module__}.{type(two.model).__name__}",
        "plain": type(keras.saving.load_model(two.path / "models" / "model.keras")) is type(two.model),
        "strategy": [run.status["strategy"] for run in (one, two, scaled)],
        "rates": [run.history[0]["learning_rate"] for run in (words[1], scaled)],
        "refused": refused,
        "left": sorted(path.name for path in (folder / "refused").glob("*")),
    }


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]))))
