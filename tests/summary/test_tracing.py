"""One call traced: operations against TensorFlow's profiler, loops against the same layer unrolled, what is kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import pytest
from keras import layers

from dlsuite.summary.amounts import BATCH, Amount, shape_for
from dlsuite.summary.tracing import Trace, Value, trace
from tests.summary.profiling import forward_graph, profiled

IMAGE, SEQUENCE, VECTOR = (16, 16, 8), (12, 16), (24,)


def traced(function: Any, *shapes: tuple[int, ...], flows: bool = True, **keywords: Any) -> Trace:
    """Returns the trace of a call on inputs of these shapes, the batch left out."""
    with keras.StatelessScope(initialize_variables=False):
        return trace(function, [Value((BATCH, *shape), "float32", flows) for shape in shapes], keywords)


LAYERS: dict[str, tuple[Callable[[], Any], tuple[int, ...]]] = {
    "Dense": (lambda: layers.Dense(32), VECTOR),
    "Dense on a sequence": (lambda: layers.Dense(32), SEQUENCE),
    "EinsumDense": (lambda: layers.EinsumDense("abc,cd->abd", (None, 8), bias_axes="d"), SEQUENCE),
    "Conv1D": (lambda: layers.Conv1D(8, 3), SEQUENCE),
    "Conv2D": (lambda: layers.Conv2D(8, 3, strides=2, padding="same"), IMAGE),
    "Conv2D in groups": (lambda: layers.Conv2D(8, 3, groups=4), IMAGE),
    "Conv2D dilated": (lambda: layers.Conv2D(8, 3, dilation_rate=2), IMAGE),
    "Conv3D": (lambda: layers.Conv3D(4, 3), (6, 6, 6, 2)),
    "Conv2DTranspose": (lambda: layers.Conv2DTranspose(4, 4, strides=2, padding="same"), IMAGE),
    "Conv2DTranspose without padding": (lambda: layers.Conv2DTranspose(4, 4), IMAGE),
    "DepthwiseConv2D": (lambda: layers.DepthwiseConv2D(3, padding="same"), IMAGE),
    "SeparableConv2D": (lambda: layers.SeparableConv2D(8, 3), IMAGE),
    "MaxPooling2D": (lambda: layers.MaxPooling2D(2), IMAGE),
    "AveragePooling2D": (lambda: layers.AveragePooling2D(2), IMAGE),
    "GlobalAveragePooling2D": (lambda: layers.GlobalAveragePooling2D(), IMAGE),
    "BatchNormalization": (lambda: layers.BatchNormalization(), IMAGE),
    "Softmax": (lambda: layers.Softmax(), SEQUENCE),
    "Flatten": (lambda: layers.Flatten(), IMAGE),
    "Dropout": (lambda: layers.Dropout(0.5), VECTOR),
    "MultiHeadAttention": (lambda: SelfAttention(), SEQUENCE),
    "LSTM unrolled": (lambda: layers.LSTM(16, unroll=True), SEQUENCE),
    "GRU unrolled": (lambda: layers.GRU(16, unroll=True), SEQUENCE),
}


class SelfAttention(layers.Layer):
    """Attention of a sequence to itself."""

    def __init__(self) -> None:
        super().__init__()
        self.attention = layers.MultiHeadAttention(2, 64)

    def call(self, x: Any) -> Any:
        return self.attention(x, x)


@pytest.mark.parametrize("name", LAYERS)
def test_operations_are_the_profilers(name: str) -> None:
    make, shape = LAYERS[name]
    found = traced(make(), shape).forward.at(1)
    x = keras.Input(shape, name="x")
    expected = profiled(forward_graph(keras.Model(x, make()(x)), {"x": ((1, *shape), "float32")}))
    # Sigmoids and tangents count one for each element, and nothing for the profiler.
    unknown = 5 * 16 * shape[0] if "unrolled" in name else 0
    assert expected <= found <= expected * 1.002 + unknown


@pytest.mark.parametrize("kind", [layers.LSTM, layers.GRU, layers.SimpleRNN])
def test_a_loop_counts_as_often_as_it_turns(kind: Any) -> None:
    rolled, unrolled = (traced(kind(16, return_sequences=True, unroll=one), SEQUENCE) for one in (False, True))
    assert rolled.forward.at(64) == pytest.approx(unrolled.forward.at(64), rel=0.001)
    assert rolled.step.at(64) == pytest.approx(unrolled.step.at(64), rel=0.02)
    assert 0.95 < rolled.kept.at(64) / unrolled.kept.at(64) < 1.5  # a loop may put states aside twice


def test_a_training_step_is_what_its_gradients_take() -> None:
    n, m = 24, 32
    first, later = (traced(layers.Dense(m), (n,), flows=one) for one in (False, True))
    assert first.step.each - first.forward.each == 2 * n * m + m  # the gradient of the kernel, and of the bias
    assert later.step.each - later.forward.each == 4 * n * m + m  # and that of what goes in
    frozen = layers.Dense(m)
    frozen.trainable = False
    assert traced(frozen, (n,)).step.each == first.forward.each + 2 * n * m
    still = traced(frozen, (n,), flows=False)
    assert still.step == still.forward and not still.result.flows and still.kept == Amount()


def test_only_what_the_backward_pass_reads_is_kept() -> None:
    dense = traced(layers.Dense(32), VECTOR)
    assert dense.keeps == {0} and not dense.result.kept and dense.kept == Amount()
    relu = traced(layers.ReLU(), VECTOR)
    assert relu.result.kept and not relu.keeps
    add = traced(keras.ops.add, VECTOR, VECTOR)
    assert not add.keeps and not add.result.kept and add.kept == Amount()
    flat = traced(layers.Flatten(), IMAGE)
    assert flat.result.alias == 0
    dropout = traced(layers.Dropout(0.5), VECTOR)
    assert dropout.kept.each == VECTOR[0]  # a mask of one byte each


def test_attention_keeps_its_square() -> None:
    short, long = (traced(SelfAttention(), (length, 16)).kept.each for length in (32, 64))
    heads, element = 2, 4
    assert long - 2 * short >= heads * element * (64**2 - 2 * 32**2)


def test_what_stops_the_gradient_does_not_flow() -> None:
    assert not traced(keras.ops.stop_gradient, VECTOR).result.flows
    assert not traced(keras.ops.argmax, VECTOR, axis=-1).result.flows
    assert traced(keras.ops.relu, VECTOR).result.flows


def test_statistics_of_the_batch_count_in_training_alone() -> None:
    norm = traced(layers.BatchNormalization(), IMAGE)
    elements = 16 * 16 * 8
    assert norm.forward.each == 2 * elements
    assert norm.step.each > 6 * elements


def test_mixed_precision_keeps_half() -> None:
    full = traced(layers.MultiHeadAttention(2, 8), SEQUENCE, SEQUENCE)
    half = traced(layers.MultiHeadAttention(2, 8, dtype="mixed_bfloat16"), SEQUENCE, SEQUENCE)
    assert half.result.dtype == "bfloat16"
    given = 2 * 4 * 12 * 16
    assert full.keeps == {0, 1} and not half.keeps  # it keeps them cast, inside
    assert half.kept.each < 0.75 * (full.kept.each + given)


def test_amounts_are_polynomials_of_the_batch() -> None:
    both = Amount.of([BATCH, BATCH, 3]) + 2 * Amount.of([BATCH, 5]) + Amount.of([7])
    assert both == Amount(7, 10, 3)
    assert both.at(4) == 7 + 40 + 48
    assert shape_for([BATCH, 3, 2 * BATCH]) == (None, 3, None)


def test_nothing_is_computed_or_allocated() -> None:
    with keras.StatelessScope(initialize_variables=False):
        layer = layers.Dense(10**6)
        trace(layer, [Value((BATCH, 10**6), "float32", True)], {})
        assert layer.kernel._value is None and layer.count_params() == 10**12 + 10**6
