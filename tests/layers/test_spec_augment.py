"""Stripes of a spectrogram blotted out."""

import keras
import numpy as np
import pytest
from keras import ops

from dlsuite.layers.spec_augment import SpecAugment


def blotted(shape: tuple[int, ...] = (200, 30, 12), **arguments) -> np.ndarray:
    layer = SpecAugment(seed=3, value=-7.0, **arguments)
    return ops.convert_to_numpy(layer(np.ones(shape, "float32"), training=True)) == -7.0


def test_outside_training_nothing_happens():
    x = np.random.default_rng(0).normal(size=(2, 9, 5)).astype("float32")
    np.testing.assert_array_equal(SpecAugment()(x), x)


@pytest.mark.parametrize(("axis", "name", "length"), [(1, "time", 30), (2, "frequency", 12)])
def test_stripes_have_the_widths_and_places_asked_for(axis, name, length):
    other = "frequency" if name == "time" else "time"
    mask = blotted(**{f"{name}_width": 4, f"{name}_stripes": 1, f"{other}_stripes": 0})
    lines = mask.any(axis=3 - axis)  # (batch, length)
    np.testing.assert_array_equal(mask.all(axis=3 - axis), lines)  # a stripe goes all the way through
    assert set(lines.sum(1).tolist()) == {0, 1, 2, 3, 4}
    for line in lines:
        places = np.flatnonzero(line)
        assert not len(places) or places[-1] - places[0] + 1 == len(places)
    assert lines.any(axis=0).all() and lines.shape == (200, length)


def test_several_stripes_and_channels():
    assert blotted(time_width=3, time_stripes=2, frequency_stripes=0).any(axis=2).sum(1).max() > 3
    mask = blotted((50, 30, 12, 2), time_width=5, frequency_width=5)
    np.testing.assert_array_equal(mask[..., 0], mask[..., 1])


def test_stripes_wider_than_the_spectrogram_still_fit():
    assert blotted((50, 3, 12), time_width=10).shape == (50, 3, 12)


def test_it_saves_and_loads(tmp_path):
    model = keras.Sequential([keras.Input((10, 4)), SpecAugment(time_width=3, seed=1)])
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    assert again.layers[0].get_config() == model.layers[0].get_config()


def test_negative_widths_are_refused():
    with pytest.raises(ValueError, match="0 or more"):
        SpecAugment(time_width=-1)
