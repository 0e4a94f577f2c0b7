"""The most probable alignment, against all alignments counted out."""

from itertools import product

import numpy as np
import pytest

from dlsuite.objectives.alignment import align


def collapse(path: tuple[int, ...]) -> list[int]:
    """Returns what a path of labels and blanks spells."""
    return [label for i, label in enumerate(path) if label and (i == 0 or path[i - 1] != label)]


def brute_force(log_probabilities: np.ndarray, labels: list[int]) -> tuple[float, tuple[int, ...]]:
    """Returns the best of all paths that spell the labels."""
    frames, vocabulary = log_probabilities.shape
    paths = (path for path in product(range(vocabulary), repeat=frames) if collapse(path) == labels)
    return max((sum(log_probabilities[frame, label] for frame, label in enumerate(path)), path) for path in paths)


@pytest.mark.parametrize("seed", range(12))
def test_it_equals_the_best_of_all_paths(seed):
    rng = np.random.default_rng(seed)
    log_probabilities = np.log(rng.dirichlet(np.ones(3), size=6))
    labels = [[1], [1, 2], [1, 1], [2, 1, 2], [2, 2, 1], [1, 2, 1, 2]][seed % 6]
    _, path = brute_force(log_probabilities, labels)
    spans, start = [], 0
    for frame in range(1, len(path) + 1):
        if frame == len(path) or path[frame] != path[start]:
            spans += [[start, frame - 1]] if path[start] else []
            start = frame
    assert align(log_probabilities, np.array(labels)).tolist() == spans


def test_no_labels_have_no_frames():
    assert align(np.log(np.full((3, 2), 0.5)), np.array([], int)).shape == (0, 2)


@pytest.mark.parametrize("labels", [[1, 2, 1], [1, 1]])
def test_too_few_frames_are_refused(labels):
    with pytest.raises(ValueError, match="2 frames are too few"):
        align(np.log(np.full((2, 3), 1 / 3)), np.array(labels))
