"""Whether a picture is remembered: the training picture that is nearest to it, and how near real ones come."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dlsuite.making import make
from dlsuite.metrics.novelty import find_nearest
from dlsuite.objectives.generation import Generation
from dlsuite.runs import Run
from dlsuite.spec.errors import DataError

REAL = 500
"""So many real pictures are measured beside."""


@dataclass(frozen=True)
class Match:
    """What is nearest to a picture.

    Attributes:
        number: Of the example in the training split, from 0.
        picture: It, uint8 (height, width, channels).
        distance: Root of the sum of squared differences of pixels, which go from 0 to 1.
        nearer: The share of real test pictures that are as near to a training picture, or nearer; near 0 is
            suspicious.
    """

    number: int
    picture: np.ndarray
    distance: float
    nearer: float


class Memory:
    """The training pictures of a run, to look pictures up in.

    Args:
        run: One that makes pictures.

    Attributes:
        real: Distances of real test pictures to the nearest training picture, (examples,).

    Raises:
        DataError: The run makes no pictures, or its data is not here.

    Example:
        >>> Memory(run).find(picture).nearer
        0.31
    """

    def __init__(self, run: Run):
        objective = make(run.plan.train[-1].objectives[0].component)
        if not isinstance(objective, Generation):
            raise DataError(f"{run.name} makes no pictures.")
        data, feature = run.data(), run.features[objective.image]
        self._known = _decoded(data.column("train", objective.image), feature)
        self._rows = _flat(self._known)
        self.real = find_nearest(_flat(_decoded(data.column("test", objective.image)[:REAL], feature)), self._rows)[1]

    def find(self, picture: np.ndarray) -> Match:
        """Returns the training picture that is nearest to a picture, uint8 (height, width, channels)."""
        (number,), (distance,) = find_nearest(_flat(picture[None]), self._rows)
        return Match(int(number), self._known[number], float(distance), float((self.real <= distance).mean()))


def _decoded(tensors: np.ndarray, feature: object) -> np.ndarray:
    """Returns pictures, uint8 (examples, height, width, channels), of tensors."""
    return np.stack([feature.decode(one) for one in tensors])  # type: ignore[attr-defined]


def _flat(pictures: np.ndarray) -> np.ndarray:
    return pictures.reshape(len(pictures), -1).astype(np.float32) / 255
