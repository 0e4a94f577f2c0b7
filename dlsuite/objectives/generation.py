"""What all makers of pictures have in common: their answers, and what is kept of them to be judged."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from keras import ops

from dlsuite.objectives.media import Media
from dlsuite.objectives.objective import Objective
from dlsuite.objectives.play import Play

JUDGED = 1000
"""So many pictures of a split are made and judged."""
ROWS, COLUMNS, FRAME = 4, 10, 96
"""So many pictures are shown in a report, of made ones and of real ones, in frames of this grey."""


class Generation(Objective):
    """Pictures made of random numbers.

    An answer is a picture; where `film` of `predict` is a number of frames, also so many pictures on the way to it,
    side by side. What is judged of a split is one picture for each of its examples, made for the same conditions.

    Args:
        image: The input that holds real pictures.
    """

    rises = False
    scored: list[str] = []

    def __init__(self, image: str):
        self.image = image

    @property
    def compares(self) -> str:
        """The real pictures."""
        return self.image

    @property
    def needs(self) -> Sequence[str]:
        """Nothing: random numbers are enough."""
        return ()

    @property
    def enough(self) -> int:
        """So many pictures are made and judged."""
        return JUDGED

    @abstractmethod
    def film(self, play: Play, frames: int | None) -> Iterator[np.ndarray]:
        """Yields pictures as tensors, (batch, height, width, channels), on the way to the answer, which is the last.

        Args:
            play: The batch; real pictures in it are not looked at.
            frames: So many, or how many the way has; `None` where only the last is wanted.
        """

    def respond(self, play: Play) -> Sequence[Any]:
        """Returns of each example its `image` and, if asked for, `film`, (frames, height, width, channels)."""
        frames = play.settings.get("film")
        shown = list(self.film(play, frames))
        if not frames:
            return [{"image": one} for one in shown[-1]]
        chosen = np.linspace(0, len(shown) - 1, min(frames, len(shown))).round().astype(int)
        films = np.stack([shown[i] for i in chosen], axis=1)  # (batch, frames, height, width, channels)
        return [{"image": film[-1], "film": film} for film in films]

    def digest(self, play: Play) -> Sequence[Any]:
        """Returns of each example a made `image`, the conditions that it was made for, and the measures of `scored`."""
        *_, made = self.film(play, None)
        kept = {name: ops.convert_to_numpy(value) for name, value in play.inputs.items() if name != self.image}
        if self.scored:
            measures = self.measure(play, "")
            kept |= {name: ops.convert_to_numpy(measures[name]) for name in self.scored}
        return [{"image": one, **{name: kept[name][i] for name in kept}} for i, one in enumerate(made)]

    def answer(self, output: Mapping[str, np.ndarray], feature: Any) -> dict[str, Media]:
        """Returns PNG pictures: `image`, and if there is one `film`, its frames from left to right."""
        found = {"image": Media.picture(feature.decode(output["image"]))}
        if "film" in output:
            found["film"] = Media.picture(np.concatenate([feature.decode(one) for one in output["film"]], axis=1))
        return found

    def scores(self, outputs: Sequence[Mapping[str, Any]], targets: np.ndarray, feature: Any) -> dict[str, float]:
        """Returns the mean of each measure of `scored`."""
        return {name: float(np.mean([one[name] for one in outputs])) for name in self.scored if name in outputs[0]}

    def samples(
        self, outputs: Sequence[Mapping[str, Any]], targets: np.ndarray, feature: Any
    ) -> list[tuple[str, Media | str]]:
        """Returns a sheet of the first pictures that were made, and one of as many real ones."""
        made = [one["image"] for one in outputs[: ROWS * COLUMNS]]
        return [
            (caption, Media.picture(sheet([feature.decode(one) for one in pictures])))
            for caption, pictures in (("made", made), ("real", targets[: len(made)]))
        ]


def sheet(pictures: Sequence[np.ndarray]) -> np.ndarray:
    """Returns pictures of one size in rows of `COLUMNS`, each in a grey frame."""
    rows = -(-len(pictures) // COLUMNS)
    pictures = [np.pad(one, ((1, 1), (1, 1), (0, 0)), constant_values=FRAME) for one in pictures]
    height, width, channels = pictures[0].shape
    whole = np.zeros((rows, COLUMNS, height, width, channels), np.uint8)
    whole.reshape(-1, height, width, channels)[: len(pictures)] = pictures
    return whole.swapaxes(1, 2).reshape(rows * height, COLUMNS * width, channels)
