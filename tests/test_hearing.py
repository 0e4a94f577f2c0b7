"""What is drawn of sounds, beside Keras' own spectrogram."""

from __future__ import annotations

import io

import keras
import numpy as np
import pytest
import soundfile

from dlsuite.features.audio import Audio
from dlsuite.hearing import hear, mel_bands, outline, spectrogram
from dlsuite.spec.errors import DataError

RATE = 8000


def tone(pitch: float, seconds: float = 1.0) -> np.ndarray:
    return np.rint(16000 * np.sin(2 * np.pi * pitch * np.arange(round(seconds * RATE)) / RATE)).astype(np.int16)


@pytest.mark.parametrize("pitch", [300, 1000, 3000])
def test_a_tone_stands_in_the_band_of_its_pitch(pitch) -> None:
    found = spectrogram(tone(pitch), RATE)
    bands = mel_bands(found.shape[1], 2048, RATE)  # (frequencies, bands)
    expected = bands[np.argmin(np.abs(np.fft.rfftfreq(2048, 1 / RATE) - pitch))].argmax()
    assert abs(int(found[5:-5].mean(0).argmax()) - expected) <= 1
    assert found.min() >= 0 and found.max() == 1


def test_it_is_like_that_of_keras() -> None:
    sound = np.concatenate([tone(300, 0.3), np.zeros(1000, np.int16), tone(2000, 0.3)])
    layer = keras.layers.MelSpectrogram(
        fft_length=512, sequence_stride=80, sequence_length=200, sampling_rate=RATE, num_mel_bins=64,
        min_freq=0, max_freq=RATE / 2, min_power=1e-10, top_db=80,
    )  # fmt: skip
    theirs = keras.ops.convert_to_numpy(layer((sound / 32768).astype(np.float32)[None]))[0].T
    ours = spectrogram(sound, RATE)
    length = min(len(ours), len(theirs))
    assert np.corrcoef(ours[:length].ravel(), theirs[:length].ravel())[0, 1] > 0.9


def test_silence_is_dark_and_a_soft_tone_is_seen() -> None:
    assert spectrogram(np.zeros(RATE, np.int16), RATE).max() < 0.1
    noise = np.random.default_rng(0).integers(-1, 2, RATE).astype(np.int16)  # of a converter that hears nothing
    assert spectrogram(noise, RATE).max() < 0.7
    assert spectrogram((tone(1000) // 400), RATE).max() == pytest.approx(1)  # amplitude 40 of 32,768


def test_long_sounds_have_no_more_columns_than_asked_for() -> None:
    long = tone(500, 30)
    assert len(spectrogram(long, RATE, columns=100)) <= 100
    assert outline(long, 100).shape == (100, 2)


def test_an_outline_holds_every_peak() -> None:
    sound = np.zeros(1000, np.int16)
    sound[[3, 777]] = [-32768, 16384]
    found = outline(sound, 10)
    assert found[0].tolist() == [-1, 0] and found[7].tolist() == [0, 0.5]
    assert outline(sound[:3], 10).shape == (3, 2)


def test_what_goes_on_unheard_is_told() -> None:
    feature = Audio(seconds=0.5, rate=RATE)
    assert feature.unread(tone(300, 0.6)) == "goes on after 0.5 s, unheard" and not feature.unread(tone(300, 0.5))
    for seconds, cut in ((0.4, False), (0.5, False), (0.6, True)):
        file = io.BytesIO()
        soundfile.write(file, tone(300, seconds), RATE, format="WAV")
        heard = hear(feature, file.getvalue())
        assert heard.cut is cut and heard.seconds == min(seconds, 0.5)
        assert soundfile.read(io.BytesIO(heard.wav()), dtype="int16")[0].tolist() == heard.samples.tolist()


def test_what_is_no_sound_is_refused() -> None:
    with pytest.raises(DataError, match="The sound is none of WAV"):
        hear(Audio(seconds=0.5, rate=RATE), b"hello")
