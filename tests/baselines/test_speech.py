"""What a recogniser of speech has to beat."""

import numpy as np

from dlsuite.baselines.band_energies import BandEnergies
from dlsuite.baselines.blank import Blank
from dlsuite.baselines.majority_transcript import MajorityTranscript
from dlsuite.datasets.synthetic_digits import SyntheticDigits


def test_blank_hears_nothing():
    baseline = Blank()
    baseline.fit({"x": np.zeros((3, 4))}, np.ones((3, 2), np.int32))
    assert baseline.predict({"x": np.zeros((5, 4))}).shape == (5, 0)


def test_majority_repeats_the_most_frequent_transcript():
    baseline = MajorityTranscript()
    baseline.fit({"x": np.zeros((4, 1))}, np.array([[1, 2, 0], [3, 0, 0], [3, 0, 0], [1, 2, 3]], np.int32))
    np.testing.assert_array_equal(baseline.predict({"x": np.zeros((2, 1))}), [[3, 0, 0]] * 2)


def test_band_energies_tell_digits_apart_better_than_chance():
    splits = SyntheticDigits(speakers=12, takes=2).splits()
    inputs = {split: padded(examples.column("audio")) for split, examples in splits.items()}
    baseline = BandEnergies()
    baseline.fit(inputs["train"], np.array(splits["train"].column("digit")))
    probabilities = baseline.predict(inputs["test"])
    assert probabilities.shape == (40, 10)
    np.testing.assert_allclose(probabilities.sum(1), 1, atol=1e-5)
    assert np.mean(probabilities.argmax(1) == splits["test"].column("digit")) > 0.4


def test_short_sounds_have_bands_too():
    baseline = BandEnergies()
    inputs = {"x": np.eye(4, 8, dtype=np.float32), "x.mask": np.arange(8) < np.array([[1], [2], [8], [0]])}
    baseline.fit(inputs, np.array([0, 1, 0, 1]))
    assert np.isfinite(baseline.predict(inputs)).all()


def padded(sounds: list[np.ndarray]) -> dict[str, np.ndarray]:
    lengths = np.array([len(sound) for sound in sounds])
    values = np.zeros((len(sounds), lengths.max()), np.float32)
    for row, sound in zip(values, sounds, strict=True):
        row[: len(sound)] = sound / 32768
    return {"audio": values, "audio.mask": np.arange(lengths.max()) < lengths[:, None]}
