"""Which number of an answer is explained."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from keras import ops

from dlsuite.explanation.asking import ExplanationError, find_filled
from dlsuite.features.number import Number
from dlsuite.objectives.play import Play
from dlsuite.spec.errors import suggest


@dataclass(frozen=True)
class Aim:
    """One number of an output.

    Attributes:
        name: What it is called: a class, a letter, a token, or a number's field.
        index: Its place among the numbers of an example, or of one place of it.
        place: Of an output with numbers for each place of a sequence, which one, from 0.
        scale: What turns the number into the score, with `offset`.
        offset: Is added behind.
    """

    name: str
    index: int
    place: int | None = None
    scale: float = 1.0
    offset: float = 0.0

    def score(self, output: Any) -> Any:
        """Returns the score of each row, (rows,), of an output (rows, ...) or (rows, places, classes)."""
        if self.place is not None:
            output = output[:, self.place]
        numbers = ops.reshape(ops.cast(output, "float32"), (ops.shape(output)[0], -1))
        return numbers[:, self.index] * self.scale + self.offset


def take_aim(play: Play, output: Any, target: str | int | None, place: int | None) -> Aim:
    """Returns what to explain of the first example of an output.

    Args:
        play: Whose output it is.
        output: (rows, ...).
        target: A class, letter or token, or a number's field, by name or number; by default what was answered.
        place: Of an output with numbers for each place, which one, from 0; by default the last token of a text, and
            elsewhere where the target is most probable.

    Raises:
        ExplanationError: There is no such target or place, or the answer has neither classes nor numbers.
    """
    feature = play.features[play.task.target]
    values = ops.convert_to_numpy(ops.cast(output, "float32"))[0]
    if not hasattr(feature, "mask"):
        if place is not None:
            raise ExplanationError("The answer has no places to choose from: leave `place` out.")
        if not isinstance(feature, Number) and "names" not in feature.facts_fitted():
            raise _unexplained(play)
        return _aim_at_one(feature, values, target, str(play.task.target))
    names = _names(feature, play)
    if values.ndim != 2 or values.shape[1] != len(names):
        raise _unexplained(play)
    index = None if target is None else _find(target, names)
    place = _place(play, feature, values, index) if place is None else place
    if not 0 <= place < len(values):
        raise ExplanationError(f"There is no place {place}; the answer has {len(values)}, from 0.")
    index = int(values[place].argmax()) if index is None else index
    return Aim(names[index], index, place)


def _aim_at_one(feature: Any, values: np.ndarray, target: str | int | None, called: str) -> Aim:
    """Returns what to explain of an example's numbers, (...)."""
    if isinstance(feature, Number):
        names = [called] if values.size == 1 else [str(number) for number in range(values.size)]
        index = 0 if target is None else _find(target, names)
        return replace(Aim(names[index], index), **_unscaled(feature, index, values.shape))
    names = feature.facts_fitted()["names"]
    if values.size != 1:
        index = int(values.argmax()) if target is None else _find(target, names)
        return Aim(names[index], index)
    index = int(values.item() > 0) if target is None else _find(target, names)
    return Aim(names[index], 0, scale=1.0 if index else -1.0)


def _unscaled(feature: Any, index: int, shape: tuple[int, ...]) -> dict[str, float]:
    """Returns scale and offset that give a number as the data has it; none where it is no multiple of it."""
    at = [np.zeros(shape), np.ones(shape), np.full(shape, 2.0)]
    zero, one, two = (float(np.ravel(feature.decode(values))[index]) for values in at)
    linear = np.isclose(two - one, one - zero, rtol=1e-6, atol=1e-12)
    return {"scale": one - zero, "offset": zero} if linear else {}


def _names(feature: Any, play: Play) -> list[str]:
    """Returns what the classes of each place are called."""
    facts = feature.facts_fitted()
    if "names" in facts:
        return list(facts["names"])
    if "alphabet" in facts:
        return ["<blank>", *facts["alphabet"]]
    if hasattr(feature, "tokens"):
        return feature.tokens()
    raise _unexplained(play)


def _unexplained(play: Play) -> ExplanationError:
    made = play.task.component.name
    return ExplanationError(f"Answers of {made} are neither classes nor numbers whose score could be explained.")


def _find(target: str | int, names: list[str]) -> int:
    """Returns the number of a target."""
    if isinstance(target, str) and target in names:
        return names.index(target)
    if isinstance(target, int) and not isinstance(target, bool) and 0 <= target < len(names):
        return target
    raise ExplanationError(f"There is no target {target!r}. {suggest(str(target), names, what='targets')}")


def _place(play: Play, feature: Any, values: np.ndarray, index: int | None) -> int:
    """Returns the place to explain: behind what is written, or where a class is the most probable."""
    ids, real = _sequence(play, feature, len(values))
    if hasattr(feature, "tokens"):
        going_on = real & (ids != feature.facts_fitted()["end"])
        return int(np.flatnonzero(going_on)[-1]) if going_on.any() else 0
    powers = np.exp(values - values.max(-1, keepdims=True))  # (places, classes)
    shares = powers / powers.sum(-1, keepdims=True)
    if index is not None:
        likely = shares[:, index]
    else:
        likely = shares[:, 1:].max(-1) if "alphabet" in feature.facts_fitted() else shares.max(-1)  # no blank
    return int(np.where(real, likely, -1).argmax())


def _sequence(play: Play, feature: Any, places: int) -> tuple[np.ndarray, np.ndarray]:
    """Returns what the input that runs beside an output holds, and which of its places are filled, (places,)."""
    for name in reversed(play.features):
        if name in play.inputs and hasattr(play.features[name], "mask") and play.inputs[name].shape[1] == places:
            if hasattr(feature, "tokens") and not hasattr(play.features[name], "tokens"):
                continue
            ids = ops.convert_to_numpy(play.inputs[name])[0]
            return ids, find_filled(play, name, places)
    return np.zeros(places), np.ones(places, bool)
