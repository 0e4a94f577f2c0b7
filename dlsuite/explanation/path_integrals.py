"""What each part of an input adds to a score, from nothing to the whole input."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from keras import ops

from dlsuite.explanation.aims import Aim, take_aim
from dlsuite.explanation.asking import ExplanationError, put, watch
from dlsuite.explanation.entries import Entry, find_entries
from dlsuite.explanation.gradients import differentiate
from dlsuite.explanation.showing import show
from dlsuite.explanation.walking import replacing
from dlsuite.objectives.play import Play
from dlsuite.runs import Run

ROWS = 32
"""So many points of the line are put to the network at a time."""
ERROR = 0.01
"""Where the sum is off by a larger share of what the score has gained, more points are taken."""
DOUBLED = 3
"""So often at most."""


class Attributions(NamedTuple):
    """What each part of an input adds to a score.

    Attributes:
        values: By input, float32: of a picture (height, width, channels), of a sound (frames, bands) of its spectrogram
            or (samples,), of tokens or residues (places,), of numbers in their shape, of a class (1,).
        shown: By input what they are of: the picture as uint8, the spectrogram, the texts of tokens or residues, the
            numbers as the data has them.
        target: The class or number that is explained.
        place: Of a sequence of answers, which one, from 0.
        score: Of the target for the input, F(x).
        start: For the baseline, F(x').
    """

    values: dict[str, np.ndarray]
    shown: dict[str, Any]
    target: str
    place: int | None
    score: float
    start: float

    @property
    def total(self) -> float:
        """The sum of all attributions, which is `score - start` but for the error of the integral."""
        return float(sum(one.sum(dtype=np.float64) for one in self.values.values()))


def integrated_gradients(
    run: Run,
    inputs: Any,
    target: str | int | None = None,
    *,
    place: int | None = None,
    answer: str | None = None,
    steps: int = 64,
    baseline: Any = None,
) -> Attributions:
    """Returns what each part of an input adds to a score, by integrated gradients; completeness: all adds up to it.

    (x_i - x'_i) times the integral of dF/dx_i along the straight line from a baseline x' to the input x (equation 1),
    by Gauss-Legendre quadrature. Sundararajan et al. 2017, https://arxiv.org/abs/1703.01365. Pictures and numbers are
    changed themselves; sounds as the spectrogram that the network makes; tokens, residues and classes as the vectors
    that the network makes of them, and what the numbers of a vector add is summed. What is masked as padding stays as
    it is and adds nothing.

    Args:
        run: A trained run.
        inputs: One input, as `predict` takes it.
        target: A class, letter or token by name or number; by default the one that is answered.
        place: Of a sequence of answers, which one, from 0: a residue, a frame, a token. By default the token behind a
            text, elsewhere where the target is most probable.
        answer: The target that is answered, where there are several; by default the first.
        steps: Points of the line at which gradients are taken; up to eight times as many, where the sum is off by more
            than 1%.
        baseline: Another input of the same size; by default black, silence, numbers that are 0 for the network (the
            mean of the training examples where they are normalized), and vectors of zeros.

    Raises:
        DataError: An input cannot be read.
        ExplanationError: There is no such class or place, or input and baseline differ in size.

    Example:
        >>> found = integrated_gradients(open_run("runs/sst2_cnn/20250101-120000-ab12cd"), "a fine film")
        >>> dict(zip(found.shown["sentence"], found.values["sentence"]))
        {'a': 0.02, 'fine': 1.31, 'film': 0.11}
    """
    if not 1 <= steps <= 10_000:
        raise ExplanationError(f"steps is {steps}; it is from 1 to 10,000.")
    play = put(run, inputs, answer, "integrated_gradients")
    entries, output = find_entries(play)
    aim = take_aim(play, output, target, place)
    there = {entry.key: ops.cast(entry.value, "float32") for entry in entries}
    here = _start(play, entries, None if baseline is None else put(run, baseline, answer, "integrated_gradients"))
    ends = {key: ops.concatenate([here[key], there[key]]) for key in there}  # (2, ...)
    start, score = ops.convert_to_numpy(_score(play, entries, aim, ends))
    for count in (steps << doubled for doubled in range(DOUBLED + 1)):
        added = _integrate(play, entries, aim, here, there, count)
        error = sum(one.sum() for one in added.values()) - (score - start)
        if abs(error) <= ERROR * abs(score - start):
            break
    values: dict[str, np.ndarray] = {}
    for entry in entries:
        values[entry.name] = values.get(entry.name, 0) + _settle(entry, added[entry.key])
    shown = {entry.name: show(play, entry) for entry in entries}
    return Attributions(values, shown, aim.name, aim.place, float(score), float(start))


def _start(play: Play, entries: Sequence[Entry], other: Play | None) -> dict[str, Any]:
    """Returns the baseline of each entry, (1, ...): the input itself where nothing is filled."""
    if other is None:
        blank = {name: _blank(play.features[name], play.inputs[name]) for name in {entry.name for entry in entries}}
        other = Play(**{**vars(play), "inputs": {**play.inputs, **blank}, "made": {}})
        zeros = {entry.key for entry in entries if entry.path and not entry.spectrogram}
    else:
        zeros = set()
    found = {entry.key: entry.value for entry in find_entries(other)[0]}
    start = {}
    for entry in entries:
        if found[entry.key].shape != entry.value.shape:
            sizes = [tuple(one.shape[1:]) for one in (entry.value, found[entry.key])]
            raise ExplanationError(
                f"`{entry.name}` is {sizes[0]}, and that of the baseline {sizes[1]}: give one alike."
            )
        value = ops.cast(entry.value, "float32")
        blank = ops.zeros_like(value) if entry.key in zeros else ops.cast(found[entry.key], "float32")
        start[entry.key] = ops.where(entry.mask() > 0, blank, value)
    return start


def _blank(feature: Any, tensor: Any) -> Any:
    """Returns a tensor of nothing: black, silence, zeros."""
    return ops.zeros_like(tensor) + feature.affine()[1] if hasattr(feature, "affine") else tensor * 0


def _integrate(
    play: Play, entries: Sequence[Entry], aim: Aim, here: Mapping[str, Any], there: Mapping[str, Any], steps: int
) -> dict[str, np.ndarray]:
    """Returns what each number adds along the line between two ends, (...) by entry, float64."""
    means: dict[str, Any] = {key: np.zeros(there[key].shape[1:], np.float64) for key in there}
    for shares, weights in _quadrature(steps):
        points = {key: _between(here[key], there[key], shares) for key in there}  # (points, ...)
        _, gradients = differentiate(lambda tensors: _score(play, entries, aim, tensors), points)
        for key, gradient in gradients.items():
            if gradient is not None:
                means[key] += np.tensordot(weights, gradient.astype(np.float64), axes=1)
    return {key: mean * ops.convert_to_numpy(there[key] - here[key])[0] for key, mean in means.items()}


def _quadrature(steps: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yields points between 0 and 1 with their weights, which add up to 1, a few at a time."""
    points, weights = np.polynomial.legendre.leggauss(steps)  # from -1 to 1
    for first in range(0, steps, ROWS):
        chosen = slice(first, first + ROWS)
        yield (points[chosen] + 1) / 2, weights[chosen] / 2


def _between(here: Any, there: Any, shares: np.ndarray) -> Any:
    along = ops.convert_to_tensor(shares.reshape(-1, *[1] * (len(here.shape) - 1)).astype(np.float32))
    return here + along * (there - here)


def _score(play: Play, entries: Sequence[Entry], aim: Aim, tensors: Mapping[str, Any]) -> Any:
    """Returns the score of each row, (rows,), of entries (rows, ...)."""
    rows = next(iter(tensors.values())).shape[0]
    inputs = {name: ops.repeat(tensor, rows, axis=0) for name, tensor in play.inputs.items()}
    inputs |= {one.name: ops.cast(tensors[one.key], one.value.dtype) for one in entries if one.path is None}
    inner = {one.path: tensors[one.key] for one in entries if one.path is not None}
    return aim.score(watch(play, replacing(inner), inputs))


def _settle(entry: Entry, added: np.ndarray) -> np.ndarray:
    """Returns what the numbers of an entry add in the form of the input."""
    if entry.spectrogram:
        return added.T.astype(np.float32)  # (frames, bands)
    summed = added.reshape(*added.shape[: entry.rank], -1).sum(-1) if entry.path else added
    return np.atleast_1d(summed[entry.filled] if entry.axis else summed).astype(np.float32)
