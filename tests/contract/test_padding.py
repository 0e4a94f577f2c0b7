"""Padding never changes an answer: networks that read text, alone and padded, with anything where nothing is."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest

from dlsuite import api
from dlsuite.spec import loading

ROOT = Path(__file__).parents[2] / "specs" / "text"
SENTENCES = ["a film that is never dull", "dull", "never a good film and never good , dull at that", "good ."] * 8


@pytest.fixture
def rows(tmp_path, monkeypatch):
    """Sentences and labels as a file, in place of the data set."""
    path = tmp_path / "rows.tsv"
    lines = [f"{sentence}\t{i % 2}" for i, sentence in enumerate(SENTENCES)]
    path.write_text("\n".join(["sentence\tlabel", *lines]))
    monkeypatch.setenv("DLSUITE_DATA", str(tmp_path))
    return {"CSV": {"path": path.name, "separator": "\t"}}


@pytest.mark.parametrize("name", sorted(path.stem for path in ROOT.glob("sst2_*.json")))
def test_padding_never_changes_an_answer(name, rows):
    model = api.build(loading.load(ROOT / f"{name}.json", {"data.source": rows}))
    rng = np.random.default_rng(0)
    for weight in model.trainable_weights:
        weight.assign(weight + rng.normal(size=weight.shape, scale=0.3))  # zeros and ones would hide faults
    vocabulary = min(layer.input_dim for layer in model.layers if isinstance(layer, keras.layers.Embedding))
    lengths = [9, 1, 4]
    alone = [rng.integers(1, vocabulary, (1, length)) for length in lengths]
    expected = [answer(model, ids, np.ones_like(ids, bool))[0] for ids in alone]
    padded = rng.integers(0, vocabulary, (3, 20))
    for row, ids in zip(padded, alone, strict=True):
        row[: ids.shape[1]] = ids
    found = answer(model, padded, np.arange(20) < np.array(lengths)[:, None])
    np.testing.assert_allclose(found, expected, atol=2e-5)
    assert np.ptp(found, axis=0).min() > 1e-3
    assert np.isfinite(answer(model, padded, np.zeros_like(padded, bool))).all()
    keras.utils.clear_session()


def answer(model, ids, mask):
    """Returns the logits of texts, whose tokens have the same numbers at every level that a model reads."""
    return np.array(
        model({one.name: mask if one.name.endswith(".mask") else ids.astype("int32") for one in model.inputs})
    )
