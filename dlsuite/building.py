"""Models of a plan in the precision of its training, and settings that hold for a while."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import keras

from dlsuite import graph
from dlsuite.spec.plan import Plan


def build_models(plan: Plan) -> dict[str, keras.Model]:
    """Returns the models of a plan by name, in the precision of its training."""
    with precision(plan.train[0].precision if plan.train else "float32"):
        return graph.build(plan)


@contextmanager
def precision(name: str) -> Iterator[None]:
    """Makes a dtype policy hold for a while."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(name)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


@contextmanager
def deterministic(wanted: bool) -> Iterator[None]:
    """Makes TensorFlow's operations deterministic for a while, where that is wanted."""
    import tensorflow as tf
    from tensorflow.python.framework import config

    before = config.is_op_determinism_enabled()
    if wanted:
        tf.config.experimental.enable_op_determinism()
    try:
        yield
    finally:
        if wanted and not before:
            config.disable_op_determinism()
