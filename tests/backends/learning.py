"""What networks answer and learn on the backend that KERAS_BACKEND names, as JSON: weights and inputs are the same."""

import json
import zlib

import keras
import numpy as np

import dlsuite
from dlsuite.making import make
from tests.digits import digits

IMAGES = digits(
    {"Conv2D": {"filters": 8, "kernel_size": 3, "strides": 2, "use_bias": False}},
    "BatchNormalization",
    {"Residual": {"layers": ["ReLU", {"Conv2D": {"filters": 8, "kernel_size": 3, "padding": "same"}}]}},
    {"ops.gelu": {"approximate": False}},
    {"Reshape": {"target_shape": [9, 8], "to": "patches"}},
    {"Weight": {"shape": [1, 8], "initializer": "glorot_uniform", "to": "token"}},
    {"Concatenate": {"inputs": ["token", "patches"], "axis": 1}},
    {"LayerNormalization": {"to": "x"}},
    {"MultiHeadAttention": {"inputs": {"query": "x", "value": "x"}, "num_heads": 2, "key_dim": 4}},
    {"GRU": {"units": 8}},
    batch_size=32,
    train={"objective": {"Classification": {"label_smoothing": 0.1}}, "epochs": 1},
)
ROWS = {
    "name": "rows",
    "data": {
        "source": "BreastCancer",
        "inputs": {"size": {"Number": {"fields": ["mean_radius", "mean_area"]}}},
        "targets": {"mean_texture": "Number"},
        "batch_size": 32,
    },
    "model": {
        "layers": [{"Dense": {"units": 8, "activation": "silu"}}, {"Dense": {"units": 1, "name": "mean_texture"}}]
    },
    "train": {"objective": "Regression", "epochs": 1},
}


def learn(spec):
    """Returns answers before and after a step of training, and its loss."""
    loaded = dlsuite.load(spec)
    model, data, (stage,) = dlsuite.build(loaded), dlsuite.data(loaded), loaded.plan().train
    for variable in model.weights:
        random = np.random.default_rng(zlib.crc32(variable.path.encode()))
        variable.assign(np.abs(random.normal(0.2, 0.1, variable.shape)).astype("float32"))
    (inputs,), (targets,) = (list(one.values()) for one in data.arrays("train"))
    x, y = inputs[:32], targets[:32]
    (task,) = stage.objectives
    objective, feature = make(task.component), data.features[task.target]
    model.compile(
        optimizer=keras.optimizers.SGD(0.1),
        loss=objective.loss(model.output, feature),
        metrics=objective.metrics(model.output, feature),
        jit_compile=False,
    )
    before = np.asarray(model.predict(x, verbose=0))
    loss = model.train_on_batch(x, y)
    after = np.asarray(model.predict(x, verbose=0))
    answer = objective.answer(after[0], feature)
    return {
        "before": before.tolist(),
        "loss": [float(one) for one in loss],
        "after": after.tolist(),
        "answer": answer["class"] if isinstance(answer, dict) and "class" in answer else None,
    }


if __name__ == "__main__":
    print(json.dumps({"backend": keras.backend.backend(), **{one["name"]: learn(one) for one in (IMAGES, ROWS)}}))
