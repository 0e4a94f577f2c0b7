"""A dictionary learned from sentences that belong together."""

import numpy as np
import pytest

from dlsuite.baselines.word_by_word import WordByWord
from dlsuite.spec.errors import DataError

END = 9


def pad(rows):
    return np.array([row + [0] * (5 - len(row)) for row in rows], np.int32)


def test_it_finds_what_translates_what():
    draw = np.random.default_rng(0)
    sources = [draw.choice(np.arange(1, 7), draw.integers(2, 5), replace=False).tolist() for _ in range(300)]
    targets = [[7 - token for token in reversed(source)] + [END] for source in sources]  # another order
    baseline = WordByWord()
    baseline.fit({"source": pad(sources)}, pad(targets))
    np.testing.assert_array_equal(baseline.predict({"source": pad([[1, 2, 6], [5]])}), pad([[6, 5, 1], [2]]))


def test_the_example_of_knight():
    """Two sentences tell the article from the noun (Knight 1999, "A statistical MT tutorial workbook")."""
    baseline = WordByWord()
    baseline.fit({"source": pad([[1, 2], [1]])}, pad([[3, 4, END], [3, END]]))
    np.testing.assert_array_equal(baseline.predict({"source": pad([[1, 2, 8]])}), pad([[3, 4]]))


def test_a_source_that_is_not_there_is_named():
    with pytest.raises(DataError, match="`source`, which is not there"):
        WordByWord().fit({"german": pad([[1]])}, pad([[1]]))
