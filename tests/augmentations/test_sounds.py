"""Sounds changed at random."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import ops

from dlsuite.augmentations.random_gain import RandomGain
from dlsuite.augmentations.random_noise import RandomNoise
from dlsuite.augmentations.random_speed import RandomSpeed
from dlsuite.pipeline.augmenting import make_augment

SOUND = np.zeros((64, 1000), np.float32)
SOUND[:, :800] = np.sin(np.arange(800))


def changed(layer: keras.layers.Layer) -> np.ndarray:
    return ops.convert_to_numpy(layer(SOUND, training=True))


def test_gain_is_of_the_decibels_asked_for():
    factors = changed(RandomGain(decibels=[-20, -6], seed=1))[:, 1] / SOUND[:, 1]
    decibels = 20 * np.log10(factors)
    assert -20 <= decibels.min() < -17 and -9 < decibels.max() <= -6


def test_noise_lies_as_far_below_as_asked_and_not_in_the_padding():
    noise = changed(RandomNoise(below=[20, 20], seed=1)) - SOUND
    assert not noise[:, 800:].any()
    ratio = 10 * np.log10((SOUND[:, :800] ** 2).mean(1) / (noise[:, :800] ** 2).mean(1))
    np.testing.assert_allclose(ratio, 20, atol=1)
    louder = ops.convert_to_numpy(RandomNoise(below=[20, 20], seed=1)(1000 * SOUND, training=True)) - 1000 * SOUND
    np.testing.assert_allclose(louder, 1000 * noise, rtol=1e-2, atol=1)


def test_silence_stays_silent():
    layer = RandomNoise(seed=1)
    np.testing.assert_array_equal(layer(np.zeros((2, 10), "float32"), training=True), np.zeros((2, 10)))


def test_a_sound_played_faster_is_read_at_more_distant_places():
    played = changed(RandomSpeed(speed=[1.25, 1.25], seed=1))
    np.testing.assert_allclose(played[:, :640], np.sin(1.25 * np.arange(640))[None].repeat(64, 0), atol=0.13)
    exact = np.interp(1.25 * np.arange(800), np.arange(1000), SOUND[0])
    np.testing.assert_allclose(played[:, :800], exact[None].repeat(64, 0), atol=1e-4)
    assert not played[:, 800:].any()
    ends = (changed(RandomSpeed(speed=[1.0, 1.6], seed=1)) != 0).cumsum(1).argmax(1)  # the last sample that is heard
    assert 495 <= ends.min() < 540 and 750 < ends.max() <= 800


def test_a_sound_played_as_fast_as_it_is_stays():
    np.testing.assert_allclose(changed(RandomSpeed(speed=[1.0, 1.0], seed=1)), SOUND, atol=1e-6)


@pytest.mark.parametrize("layer", [RandomGain(), RandomNoise(), RandomSpeed()], ids=lambda layer: type(layer).__name__)
def test_they_act_in_training_alone_and_repeat_by_key(layer):
    np.testing.assert_array_equal(layer(SOUND), SOUND)
    augment = make_augment([layer], seed=0)
    one, same, other = (augment(tf.constant(SOUND), tf.constant([0, key], tf.int64)).numpy() for key in (1, 1, 2))
    np.testing.assert_array_equal(one, same)
    assert not np.allclose(one, other)
    again = type(layer).from_config(layer.get_config())
    assert again.get_config() == layer.get_config()


def test_impossible_ranges_are_refused():
    with pytest.raises(ValueError, match="decibels is"):
        RandomGain(decibels=[3.0, -3.0])
    with pytest.raises(ValueError, match="below is"):
        RandomNoise(below=[1.0])
    for speed in ([1.2, 1.1], [0.9, 1.1], [1.0, 5.0], [1.1]):
        with pytest.raises(ValueError, match="speed is"):
            RandomSpeed(speed=speed)
