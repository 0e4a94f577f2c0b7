"""TensorFlow's profiler as an oracle: what it counts in the graph of a whole model, and what it does not know."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import tensorflow as tf
from tensorflow.python.framework.func_graph import FuncGraph

OPTIONS = {**tf.compat.v1.profiler.ProfileOptionBuilder.float_operation(), "output": "none"}


class Placeholders(keras.StatelessScope):
    """Gives placeholders for the values of variables."""

    def __init__(self, graph: tf.Graph):
        super().__init__(initialize_variables=False)
        self.graph = graph

    def get_current_value(self, variable: Any) -> Any:
        if id(variable) not in self.state_mapping:
            with self.graph.as_default():
                self.state_mapping[id(variable)] = tf.compat.v1.placeholder(variable.dtype, variable.shape)
        return self.state_mapping[id(variable)]


def forward_graph(model: Any, inputs: dict[str, tuple[tuple[int, ...], str]]) -> tf.Graph:
    """Returns the graph of a model's inference.

    Args:
        model: Of Keras; its weights need no values.
        inputs: Shape with batch, and dtype, by name.
    """
    graph = FuncGraph("model")
    with graph.as_default(), Placeholders(graph):
        given = {name: tf.compat.v1.placeholder(dtype, shape) for name, (shape, dtype) in inputs.items()}
        model(given if isinstance(model.input, dict) else next(iter(given.values())), training=False)
    return graph


def profiled(graph: tf.Graph) -> int:
    """Returns what TensorFlow's profiler counts, with what it does not know from elsewhere.

    Functions that it calls are profiled by themselves, an `Einsum` is counted by NumPy, a transposed convolution as the
    convolution that it transposes, a Fourier transform of n real numbers as 5/2 n log2 n (radix 2; Cooley, Tukey 1965).
    """
    total = tf.compat.v1.profiler.profile(graph, options=OPTIONS).total_float_ops
    operations = graph.get_operations()
    calls = [one.get_attr("f").name for one in operations if one.type == "PartitionedCall"]
    total += sum(profiled(graph._get_function(name).graph) for name in calls)
    total += sum(_einsum(one) for one in operations if one.type == "Einsum")
    total += sum(_fourier(one) for one in operations if one.type == "RFFT")
    return total + sum(_mirrored(one) - _alone(one) for one in operations if one.type == "Conv2DBackpropInput")


def _einsum(operation: Any) -> int:
    equation = operation.get_attr("equation").decode()
    arrays = [np.broadcast_to(np.float32(0), tensor.shape.as_list()) for tensor in operation.inputs]
    if len(arrays) == 1:
        return 0
    report = np.einsum_path(equation, *arrays, optimize=False)[1]
    (line,) = [line for line in report.splitlines() if "Naive FLOP count" in line]
    return round(float(line.split(":")[1]))


def _fourier(operation: Any) -> int:
    (length,) = tf.get_static_value(operation.inputs[1])
    rows = np.prod(operation.inputs[0].shape.as_list()[:-1], dtype=np.int64)
    return round(rows * 2.5 * length * np.log2(length))


def _mirrored(operation: Any) -> int:
    """Returns what the profiler counts for the convolution from what comes out to what goes in."""
    with tf.Graph().as_default() as graph:
        picture = tf.compat.v1.placeholder("float32", operation.outputs[0].shape)
        filters = tf.compat.v1.placeholder("float32", operation.inputs[1].shape)
        tf.nn.conv2d(picture, filters, operation.get_attr("strides"), operation.get_attr("padding").decode())
    return tf.compat.v1.profiler.profile(graph, options=OPTIONS).total_float_ops


def _alone(operation: Any) -> int:
    """Returns what the profiler counts for a transposed convolution."""
    with tf.Graph().as_default() as graph:
        given = tf.compat.v1.placeholder("float32", operation.inputs[2].shape)
        filters = tf.compat.v1.placeholder("float32", operation.inputs[1].shape)
        strides, padding = operation.get_attr("strides"), operation.get_attr("padding").decode()
        tf.nn.conv2d_transpose(given, filters, operation.outputs[0].shape.as_list(), strides, padding)
    return tf.compat.v1.profiler.profile(graph, options=OPTIONS).total_float_ops
