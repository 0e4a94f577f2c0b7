"""What a run answers to one example is what it answers to it among others."""

from __future__ import annotations

import keras
import numpy as np
import pytest

import dlsuite
from dlsuite.playing import _compiled, _plain

SPEC = {
    "name": "pairs",
    "model": {
        "inputs": {"pair": {"Input": {"shape": [5, 5, 2]}}, "row": {"Input": {"shape": [5]}}},
        "layers": [
            {"ops.reshape": {"inputs": "row", "newshape": [-1, 1, 5, 1], "to": "column"}},
            {"ops.add": {"inputs": ["pair", "column"], "name": "sum"}},
        ],
    },
}


@pytest.mark.parametrize("call", [_plain, _compiled])
@pytest.mark.parametrize("count", [1, 2, 3])
def test_a_sum_over_pairs_is_numpys_whatever_the_batch(call, count) -> None:
    model = dlsuite.build(dlsuite.load(SPEC))
    rng = np.random.default_rng(0)
    pair, row = rng.random((count, 5, 5, 2), np.float32), rng.random((count, 5), np.float32)
    found = keras.ops.convert_to_numpy(call(model, {"pair": pair, "row": row}, False))
    assert found.shape == pair.shape
    np.testing.assert_allclose(found, pair + row[:, None, :, None], rtol=1e-6)


def test_keras_still_takes_one_example_for_a_bias() -> None:
    x, b = np.ones((1, 5, 5), np.float32), np.arange(5, dtype=np.float32).reshape(1, 5, 1)
    wrong = keras.ops.convert_to_numpy(keras.ops.add(x, b))
    assert not np.allclose(wrong, x + b), "Keras has mended its `add`: examples need not be put twice any more"
