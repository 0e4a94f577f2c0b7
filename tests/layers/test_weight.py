"""A learned tensor as a layer."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest

from dlsuite.layers.weight import Weight


def test_its_value_is_repeated_over_the_batch() -> None:
    layer = Weight(shape=[2, 3], initializer="random_normal")
    out = layer(np.zeros((4, 7), "float32"))
    assert out.shape == (4, 2, 3)
    for row in np.array(out):
        np.testing.assert_array_equal(row, layer.value)


def test_it_starts_with_zeros_and_learns() -> None:
    layer = Weight(shape=[2])
    model = keras.Sequential([keras.Input((3,)), layer])
    np.testing.assert_array_equal(model(np.ones((1, 3))), [[0, 0]])
    model.compile(keras.optimizers.SGD(0.5), "mean_squared_error")
    model.fit(np.ones((8, 3)), np.tile([1.0, -2.0], (8, 1)), epochs=20, verbose=0)
    np.testing.assert_allclose(layer.value, [1, -2], atol=1e-3)


def test_the_batch_may_be_unknown_while_building() -> None:
    x = keras.Input((5, 4))
    assert Weight(shape=[1, 4])(x).shape == (None, 1, 4)


@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "mixed_bfloat16"])
def test_it_gives_the_dtype_of_its_policy(dtype: str) -> None:
    layer = Weight(shape=[2], dtype=dtype)
    assert str(keras.backend.standardize_dtype(layer(np.zeros((1, 1))).dtype)) == layer.compute_dtype


def test_whole_numbers_may_say_the_batch() -> None:
    layer = Weight(shape=[2], initializer="ones")
    np.testing.assert_array_equal(layer(np.array([[3], [4]], "int32")), np.ones((2, 2)))


def test_it_saves_and_loads(tmp_path: Path) -> None:
    x = keras.Input((3,))
    model = keras.Model(x, Weight(shape=[2], initializer=keras.initializers.RandomNormal(seed=1), name="token")(x))
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras", safe_mode=True)
    np.testing.assert_array_equal(again(np.zeros((2, 3))), model(np.zeros((2, 3))))
    assert again.get_layer("token").get_config() == model.get_layer("token").get_config()


def test_a_length_below_one_is_refused() -> None:
    with pytest.raises(ValueError, match="shape is \\[2, 0\\]"):
        Weight(shape=[2, 0])
