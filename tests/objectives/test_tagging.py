"""A class for each place of a sequence."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from dlsuite.baseline_scores import _as_output
from dlsuite.baselines.majority_letter import MajorityLetter
from dlsuite.baselines.window_mlp import WindowMLP
from dlsuite.baselines.windows import cut_windows
from dlsuite.features.letters import Letters
from dlsuite.objectives.tagging import Tagging

LETTERS = Letters(letters=["H", "E", "C"])


def sequences(count: int = 40) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Returns numbers of which the one before tells the letter, padded, and the letters."""
    rng = np.random.default_rng(0)
    lengths = rng.integers(5, 31, count)
    mask = np.arange(30) < lengths[:, None]
    numbers = (rng.integers(0, 3, (count, 30)) * mask).astype("int32")
    return {"sequence": numbers, "sequence.mask": mask}, (np.roll(numbers, 1, axis=1) * mask).astype("int32")


def test_scores_are_those_of_the_places_that_are_filled():
    outputs = [9 * np.eye(3)[[0, 1, 2]], 9 * np.eye(3)[[2]]]
    targets = np.array([[0, 1, 1, 0], [2, 0, 0, 0]])
    scores = Tagging().scores(outputs, targets, LETTERS)
    assert scores["accuracy"] == 0.75 and set(scores) == set(Tagging.scored)
    assert Tagging().answer(outputs[0], LETTERS)["letters"] == "HEC"
    assert Tagging().answer(np.zeros((2, 3)), LETTERS)["confidence"] == [0.3333, 0.3333]


def test_the_output_is_one_of_logits_at_each_place():
    assert Tagging().loss(keras.KerasTensor((None, 7, 3)), LETTERS) is not None
    for shape in ((None, 3), (None, 7, 4)):
        with pytest.raises(ValueError, match=r"so the output is \(None, places, 3\)"):
            Tagging().loss(keras.KerasTensor(shape), LETTERS)


def test_baselines_answer_for_the_places_that_are_filled():
    inputs, target = sequences()
    truth = target[inputs["sequence.mask"]]
    for baseline, least, most in ((MajorityLetter(), 0.3, 0.6), (WindowMLP(neighbours=1, epochs=200), 0.95, 1.0)):
        baseline.fit(inputs, target)
        answers = _as_output(baseline.predict(inputs), {"classes": 4})
        assert [one.shape for one in answers] == [(n, 4) for n in inputs["sequence.mask"].sum(-1)]
        accuracy = Tagging().scores(answers, target, LETTERS)["accuracy"]
        assert least <= accuracy <= most
    shares = np.bincount(truth) / len(truth)
    majority = MajorityLetter()
    majority.fit(inputs, target)
    np.testing.assert_allclose(majority.predict(inputs)[0][0], shares, rtol=1e-6)


def test_windows_see_nothing_beyond_the_ends():
    rows = cut_windows(np.array([[1, 0, 2, 2]]), np.array([[True, True, True, False]]), 1, 3)
    assert rows.reshape(3, 3, 3).sum(-1).tolist() == [[0, 1, 1], [1, 1, 1], [1, 1, 0]]
    assert rows[1].reshape(3, 3).argmax(-1).tolist() == [1, 0, 2]
