"""DLSuite: one JSON file becomes a trained, measured, explained deep-learning system.

    import dlsuite

    spec = dlsuite.load("specs/vision/digits_cnn.json", width=32)  # SpecError lists every fault
    data = dlsuite.data(spec)  # tf.data of each split, and the fitted features
    model = dlsuite.build(spec)  # the keras.Model, as you would have written it
    dlsuite.show(spec).parameters  # counts, operations, memory: of any size, without building it
    run = dlsuite.train(spec, runs="runs")
    run.metrics, run.predict("seven.png"), run.evaluate()
    print(dlsuite.eject(spec))  # the same model as plain Keras code

Names are resolved when they are first used: importing `dlsuite`, and loading a spec, imports neither keras nor
tensorflow.
"""

from __future__ import annotations

import importlib
import os
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

# TensorFlow reads it when it first uses a GPU, of which it would else take all memory at once.
os.environ.setdefault("TF_FORCE_GPU_ALLOW_GROWTH", "true")
# Read when TensorFlow is imported, which by itself turns oneDNN on only where a CPU has AVX-512: elsewhere convolutions
# and attention train 1.3 to 1.5 times as fast with it.
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")

_PUBLIC = {
    "load": "dlsuite.api",
    "data": "dlsuite.api",
    "build": "dlsuite.api",
    "show": "dlsuite.api",
    "train": "dlsuite.api",
    "eject": "dlsuite.api",
    "adopt": "dlsuite.api",
    "open_run": "dlsuite.trained",
    "evaluate": "dlsuite.evaluation",
    "predict": "dlsuite.prediction",
    "DLSuiteError": "dlsuite.spec.errors",
    "SpecError": "dlsuite.spec.errors",
    "DataError": "dlsuite.spec.errors",
    "TrainingError": "dlsuite.spec.errors",
}

__all__ = [*_PUBLIC, "__version__"]

if TYPE_CHECKING:
    from dlsuite.api import adopt as adopt
    from dlsuite.api import build as build
    from dlsuite.api import data as data
    from dlsuite.api import eject as eject
    from dlsuite.api import load as load
    from dlsuite.api import show as show
    from dlsuite.api import train as train
    from dlsuite.evaluation import evaluate as evaluate
    from dlsuite.prediction import predict as predict
    from dlsuite.spec.errors import DataError as DataError
    from dlsuite.spec.errors import DLSuiteError as DLSuiteError
    from dlsuite.spec.errors import SpecError as SpecError
    from dlsuite.spec.errors import TrainingError as TrainingError
    from dlsuite.trained import open_run as open_run


def __getattr__(name: str) -> Any:
    if name not in _PUBLIC:
        raise AttributeError(f"module 'dlsuite' has no attribute {name!r}; it has {', '.join(__all__)}")
    value = getattr(importlib.import_module(_PUBLIC[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
