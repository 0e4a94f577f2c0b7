"""N-grams, beside the definition of Kneser-Ney smoothing written out."""

import os
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import pytest

from dlsuite.baselines.n_gram import NGram
from dlsuite.spec.errors import DataError

rng = np.random.default_rng(0)
SIZE = 7


def sequences(count, length):
    """Returns inputs and targets of a chain in which the last two tokens tell much of the next; of varying length."""
    table = rng.integers(1, SIZE, (SIZE, SIZE))
    ids = rng.integers(1, SIZE, (count, length + 1))
    for t in range(2, length + 1):
        kept = rng.random(count) < 0.8
        ids[kept, t] = table[ids[kept, t - 2], ids[kept, t - 1]]
    for row, end in zip(ids, rng.integers(2, length + 2, count), strict=True):
        row[end:] = 0
    return {"text": ids[:, :-1]}, ids[:, 1:]


def written_out(rows, order):
    """Returns the probability of a token after a history as the definition has it, from dictionaries of n-grams."""
    counts = [defaultdict(Counter) for _ in range(order)]
    for row in rows:
        for t in range(1, len(row)):
            for k in range(min(t, order - 1) + 1):
                counts[k][tuple(row[t - k : t])][row[t]] += 1
    levels = [counts[-1]]
    for k in range(order - 2, -1, -1):
        level = defaultdict(Counter)
        for history, following in counts[k + 1].items():
            for token in following:
                level[history[1:]][token] += 1
        for row in rows:
            if 0 < k < len(row):
                level[tuple(row[:k])][row[k]] += 1  # nothing stands before it, so it counts as it is
        levels.insert(0, level)

    def probability(history, token):
        p = 1 / (SIZE - 1)
        for k, level in enumerate(levels):
            if k > len(history):
                break
            following = level.get(tuple(history[len(history) - k :]))
            if following is None:
                break
            every = [n for one in level.values() for n in one.values()]
            discount = (every.count(1) + 1) / (every.count(1) + 2 * every.count(2) + 2)
            left = discount * len(following)
            p = (max(following[token] - discount, 0) + left * p) / following.total()
        return p

    return probability


@pytest.mark.parametrize("order", [2, 3, 4])
def test_probabilities_are_those_of_the_definition(order):
    inputs, target = sequences(30, 9)
    baseline = NGram(order=order)
    baseline.fit(inputs, target)
    asked, _ = sequences(5, 9)
    found = baseline.predict(asked)
    rows = [[x[0], *y[y > 0]] for x, y in zip(inputs["text"].tolist(), target, strict=True)]
    probability = written_out([[int(token) for token in row] for row in rows], order)
    for row, one in zip(asked["text"].tolist(), found, strict=True):
        for t in range(len(row)):
            if row[t] == 0:
                break
            history = row[max(0, t + 2 - order) : t + 1]
            expected = [0.0, *(probability(history, token) for token in range(1, SIZE))]
            np.testing.assert_allclose(one[t], expected, atol=1e-5)


def test_probabilities_of_all_tokens_sum_to_1_and_more_context_tells_more():
    inputs, target = sequences(400, 20)
    asked, truth = sequences(0, 20)
    losses = []
    for order in (1, 2, 3):
        baseline = NGram(order=order)
        baseline.fit(inputs, target)
        found = baseline.predict(inputs)
        np.testing.assert_allclose(found[inputs["text"] > 0].sum(-1), 1, atol=1e-5)
        picked = np.take_along_axis(found, target[..., None], -1)[..., 0][target > 0]
        losses.append(-np.log(picked).mean())
        assert baseline.predict(asked).shape == (0, 20, SIZE)
    assert losses[0] > losses[1] > losses[2] + 0.2


def test_padding_changes_nothing():
    inputs, target = sequences(50, 9)
    wide = {"text": np.pad(inputs["text"], ((0, 0), (0, 5)))}
    one, other = NGram(order=3), NGram(order=3)
    one.fit(inputs, target)
    other.fit(wide, np.pad(target, ((0, 0), (0, 5))))
    np.testing.assert_array_equal(one.predict(inputs), other.predict(wide)[:, :9])


def test_the_input_is_the_one_that_the_target_goes_on_from():
    inputs, target = sequences(50, 9)
    baseline = NGram(order=2)
    baseline.fit({"other": rng.integers(1, SIZE, target.shape), "size": np.zeros((50, 1)), **inputs}, target)
    plain = NGram(order=2)
    plain.fit(inputs, target)
    np.testing.assert_array_equal(baseline.predict(inputs), plain.predict(inputs))
    with pytest.raises(DataError, match="a target that is an input shifted by one"):
        NGram().fit({"text": target}, target)


@pytest.mark.skipif("DLSUITE_DATA" not in os.environ, reason="DLSUITE_DATA is not set: Shakespeare's plays lie there")
def test_shakespeare_is_foretold_by_what_followed_before():
    from dlsuite.datasets.tiny_shakespeare import TinyShakespeare
    from dlsuite.features.text import Text

    assert Path(os.environ["DLSUITE_DATA"]).is_dir()
    splits = TinyShakespeare(window=257).splits()
    feature = Text(level="character", length=257)
    feature.fit(splits["train"].column("text"))
    ids = {
        split: np.stack([np.pad(one, (0, 257 - len(one))) for one in feature.encode_many(splits[split].column("text"))])
        for split in ("train", "validation")
    }
    baseline = NGram(order=5)
    baseline.fit({"text": ids["train"][:, :-1]}, ids["train"][:, 1:])
    truth = ids["validation"][:, 1:]
    picked = np.take_along_axis(baseline.predict({"text": ids["validation"][:, :-1]}), truth[..., None], -1)[..., 0]
    loss = -np.log(picked[truth > 0]).mean()
    assert 1.4 < loss < 1.75  # nats a character
