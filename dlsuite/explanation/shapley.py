"""What each number of a row adds to a score, fairly shared out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from math import comb
from typing import Any, NamedTuple

import numpy as np
from keras import ops

from dlsuite.explanation.aims import Aim, take_aim
from dlsuite.explanation.asking import ExplanationError, count_rows, put_rows
from dlsuite.features.number import Number
from dlsuite.making import make
from dlsuite.objectives.play import Play
from dlsuite.runs import Run

EXACT = 8
"""Up to so many players all their coalitions are asked for, else orders are drawn."""
PLAYERS = 256
"""More are refused."""
BACKGROUND = 64
"""So many training examples stand for what a row may hold instead, where no others are given."""
ROWS = 8192
"""So many rows are put to the network at a time."""


class ShapleyValues(NamedTuple):
    """What each number adds to the scores of some rows.

    Attributes:
        values: (rows, numbers) float64; with `start` they add up to the scores.
        names: Of the numbers and classes.
        shown: What each row holds there, as the data has it.
        target: The class or number that is explained.
        scores: F(x) of each row, (rows,).
        start: The mean of F over the background.
    """

    values: np.ndarray
    names: list[str]
    shown: list[list[Any]]
    target: str
    scores: np.ndarray
    start: float


class _Player(NamedTuple):
    """A number of a row: the input and its place there; `None` for a class, which has none."""

    input: str
    place: int | None


def shap_values(
    run: Run,
    rows: Any,
    background: Any = None,
    target: str | int | None = None,
    *,
    answer: str | None = None,
    orders: int = 16,
    seed: int = 0,
) -> ShapleyValues:
    """Returns the Shapley value of each number and class in rows of a table.

    The worth of numbers S is the mean score of rows that hold them and, elsewhere, what rows of the background hold.
    Up to 8 numbers all coalitions are asked for (Shapley 1953); for more, random orders are drawn in which numbers come
    in, each followed by its reverse (Strumbelj and Kononenko 2014, https://doi.org/10.1007/s10115-013-0679-x, algorithm
    1, with all of the background in each order). In both cases they add up to the score exactly, and are exact for a
    linear network.

    Args:
        run: One that reads numbers and classes.
        rows: One or several, as `predict` takes them.
        background: Rows to compare with; by default 64 of the training split.
        target: A class by name or number, the same for all rows; by default what is answered to the first.
        answer: The target that is answered, where there are several; by default the first.
        orders: So many pairs of orders are drawn.
        seed: Of what is drawn.

    Raises:
        DataError: A row cannot be read.
        ExplanationError: The run reads something else, or too many numbers.

    Example:
        >>> found = shap_values(open_run("runs/breast_cancer_mlp/20250101-120000-ab12cd"), "rows.csv")
        >>> found.names[found.values[0].argmax()]
        'worst radius'
    """
    play = put_rows(run, rows, answer, "shap_values")
    if background is None:
        background = _some(run, seed)
    others = put_rows(run, background, answer, "shap_values")
    players = _players(play)
    aim = take_aim(play, play.output, target, None)
    inside, outside = _numbers(play), _numbers(others)
    share = _exact if len(players) <= EXACT else _sampled(orders, seed)
    values, scores, starts = [], [], []
    for row in range(count_rows(play)):
        worth = _worth(play, aim, players, {name: one[row] for name, one in inside.items()}, outside)
        found, start, score = share(worth, len(players))
        values.append(found)
        starts.append(start)
        scores.append(score)
    names = _names(run, players)
    return ShapleyValues(np.array(values), names, _shown(play, players), aim.name, np.array(scores), starts[0])


def _worth(
    play: Play, aim: Aim, players: Sequence[_Player], row: Mapping[str, np.ndarray], others: Mapping[str, np.ndarray]
) -> Callable[[np.ndarray], np.ndarray]:
    """Returns what gives the worth of coalitions, (coalitions,), of who is in them, (coalitions, players) booleans."""
    size = len(next(iter(others.values())))

    def worth(coalitions: np.ndarray) -> np.ndarray:
        found = []
        for some in np.array_split(coalitions, max(1, len(coalitions) * size // ROWS)):
            inputs = {name: np.tile(one, (len(some), *[1] * (one.ndim - 1))) for name, one in others.items()}
            for number, (name, place) in enumerate(players):
                there = np.repeat(some[:, number], size)  # (coalitions * background,)
                column = inputs[name] if place is None else inputs[name].reshape(len(there), -1)[:, place]
                column[there] = row[name] if place is None else row[name].reshape(-1)[place]
            asked = Play(
                **{**vars(play), "inputs": {k: ops.convert_to_tensor(v) for k, v in inputs.items()}, "made": {}}
            )
            scores = ops.convert_to_numpy(aim.score(asked.output)).astype(np.float64)
            found.append(scores.reshape(len(some), size).mean(1))
        return np.concatenate(found)

    return worth


def _exact(worth: Callable[[np.ndarray], np.ndarray], players: int) -> tuple[np.ndarray, float, float]:
    """Returns the Shapley values of all players, and the worth of none and of all of them."""
    numbers = np.arange(2**players)
    coalitions = (numbers[:, None] >> np.arange(players)) & 1 > 0  # (2**players, players)
    worths, sizes = worth(coalitions), coalitions.sum(1)
    values = np.zeros(players)
    for player in range(players):
        without = numbers[~coalitions[:, player]]
        weights = np.array([1 / (players * comb(players - 1, size)) for size in sizes[without]])
        values[player] = weights @ (worths[without | 1 << player] - worths[without])
    return values, worths[0], worths[-1]


def _sampled(orders: int, seed: int) -> Callable[[Any, int], tuple[np.ndarray, float, float]]:
    """Returns what estimates Shapley values by so many random orders and their reverses."""

    def share(worth: Callable[[np.ndarray], np.ndarray], players: int) -> tuple[np.ndarray, float, float]:
        values = np.zeros(players)
        drawn = list(_draw_orders(orders, players, seed))
        for order in drawn:
            ranks = np.empty(players, int)
            ranks[order] = np.arange(players)
            worths = worth(ranks < np.arange(players + 1)[:, None])  # (players + 1,), one more in each
            values[order] += np.diff(worths) / len(drawn)
        return values, worths[0], worths[-1]

    return share


def _draw_orders(orders: int, players: int, seed: int) -> Iterator[np.ndarray]:
    generator = np.random.default_rng(seed)
    for _ in range(orders):
        order = generator.permutation(players)
        yield from (order, order[::-1])


def _players(play: Play) -> list[_Player]:
    """Returns the numbers and classes of a row.

    Raises:
        ExplanationError: There is something else, or there are too many.
    """
    players: list[_Player] = []
    for name, tensor in play.inputs.items():
        feature = play.features.get(name)
        if isinstance(feature, Number):
            players += [_Player(name, place) for place in range(int(np.prod(tensor.shape[1:])))]
        elif feature is not None and len(tensor.shape) == 1:
            players.append(_Player(name, None))
        else:
            raise ExplanationError(
                f"Shapley values are told of numbers and classes of a table, and `{name}` is neither."
            )
    if len(players) > PLAYERS:
        raise ExplanationError(f"A row has {len(players)} numbers; Shapley values are told of up to {PLAYERS}.")
    return players


def _names(run: Run, players: Sequence[_Player]) -> list[str]:
    """Returns what players are called: fields, parts of a vector, or a field and a place."""
    source = make(run.plan.data.source) if run.plan.data.source else None
    vectors, names = getattr(source, "vectors", {}), []
    for name, place in players:
        fields: Sequence[str] = run.plan.data.inputs[name].fields
        if place is not None and len(fields) == 1:
            count = sum(player.input == name for player in players)
            fields = vectors.get(fields[0], fields if count == 1 else [f"{fields[0]}[{i}]" for i in range(count)])
        names.append(fields[place or 0])
    return names


def _shown(play: Play, players: Sequence[_Player]) -> list[list[Any]]:
    rows = []
    for row in range(count_rows(play)):
        decoded = {name: play.features[name].decode(one[row]) for name, one in _numbers(play).items()}
        rows.append(
            [decoded[name] if place is None else np.ravel(decoded[name])[place].item() for name, place in players]
        )
    return rows


def _numbers(play: Play) -> dict[str, np.ndarray]:
    return {name: ops.convert_to_numpy(one) for name, one in play.inputs.items()}


def _some(run: Run, seed: int) -> list[Mapping[str, Any]]:
    """Returns training examples to compare with."""
    examples = run.data().examples("train")
    chosen = np.random.default_rng(seed).permutation(len(examples))[:BACKGROUND]
    return [examples[int(number)] for number in chosen]
