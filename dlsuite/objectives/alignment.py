"""Where in a sequence of outputs each label of a transcript stands."""

from __future__ import annotations

import numpy as np


def align(log_probabilities: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Returns the first and last frame of each label on the most probable path of CTC, [labels, 2].

    Graves et al. 2006, "Connectionist temporal classification", section 4.1, with the maximum in place of the sum.

    Args:
        log_probabilities: [frames, vocabulary]; label 0 is the blank.
        labels: Without blanks, [labels].

    Raises:
        ValueError: There are too few frames for the labels.

    Example:
        >>> align(np.log([[0.1, 0.9], [0.2, 0.8], [0.9, 0.1]]), np.array([1]))
        array([[0, 1]])
    """
    if len(labels) == 0:
        return np.zeros((0, 2), np.int64)
    states = np.zeros(2 * len(labels) + 1, np.int64)  # blank, label, blank, label, ..., blank
    states[1::2] = labels
    scores = log_probabilities[:, states]  # [frames, states]
    leaps = np.zeros(len(states), bool)  # whether the blank before may be left out
    leaps[3::2] = labels[1:] != labels[:-1]
    best = np.full(len(states), -np.inf)
    best[:2] = scores[0, :2]
    steps = np.zeros(scores.shape, np.int64)  # by how many states each frame went on
    for frame in range(1, len(scores)):
        stay, step = best, np.concatenate([[-np.inf], best[:-1]])
        leap = np.where(leaps, np.concatenate([[-np.inf, -np.inf], best[:-2]]), -np.inf)
        choices = np.stack([stay, step, leap])  # [3, states]
        steps[frame] = choices.argmax(axis=0)
        best = choices.max(axis=0) + scores[frame]
    state = len(states) - 1 if best[-1] >= best[-2] else len(states) - 2
    if best[state] == -np.inf:
        raise ValueError(f"{len(scores)} frames are too few for {len(labels)} labels")
    spans = np.full((len(labels), 2), -1, np.int64)
    for frame in range(len(scores) - 1, -1, -1):
        if state % 2:
            spans[state // 2, 0] = frame
            spans[state // 2, 1] = max(spans[state // 2, 1], frame)
        state -= steps[frame, state]
    return spans
