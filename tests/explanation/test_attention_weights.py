"""Attention weights: against the formula, without padding, with the texts of their places."""

from __future__ import annotations

import numpy as np
import pytest

from dlsuite import explanation


def test_weights_are_those_of_the_formula(opinions):
    found = explanation.attention(opinions, "the film is good")["look"]
    tokens = ["the", "film", "is", "good"]
    assert found.queries == found.keys == tokens and found.values.shape == (2, 4, 4)
    embedding = opinions.model.get_layer("embedding").get_weights()[0]
    x = embedding[opinions.features["sentence"].encode("the film is good")]  # (tokens, width)
    query, query_bias, key, key_bias, *_ = opinions.model.get_layer("look").get_weights()
    q = np.einsum("tw,whd->htd", x, query) + query_bias[:, None]
    k = np.einsum("tw,whd->htd", x, key) + key_bias[:, None]
    powers = np.exp(q @ k.transpose(0, 2, 1) / np.sqrt(4))
    np.testing.assert_allclose(found.values, powers / powers.sum(-1, keepdims=True), atol=1e-5)


def test_a_writer_looks_back_only(writer):
    values = explanation.attention(writer, "the cat")["look"].values
    np.testing.assert_allclose(values.sum(-1), 1, atol=1e-5)
    assert not np.triu(values[0], 1).any()


def test_a_translator_looks_at_its_source(trained):
    pairs = [("abc", "cba"), ("ab", "ba"), ("bca", "acb"), ("cb", "bc")] * 8
    layers = [
        {"ops.expand_dims": {"inputs": "source.mask", "axis": 1, "to": "there"}},
        {"Embedding": {"inputs": "source", "input_dim": "=source.vocabulary", "output_dim": 8, "name": "memory"}},
        {"Embedding": {"inputs": "so_far", "input_dim": "=so_far.vocabulary", "output_dim": 8}},
        {"MultiHeadAttention": {"num_heads": 2, "key_dim": 4, "name": "look",
            "inputs": {"query": "@previous", "value": "memory", "attention_mask": "there"}}},
        {"Dense": {"units": "=so_far.vocabulary", "name": "answer"}},
    ]  # fmt: skip
    data = {
        "source": {"ParallelText": {"source": "source.txt", "target": "target.txt"}},
        "inputs": {
            "source": {"Text": {"level": "character"}},
            "so_far": {"Text": {"field": "target", "level": "character", "start": True, "end": True}},
        },
        "targets": {"answer": {"Text": {"field": "target", "like": "so_far", "shift": 1}}},
    }
    files = {f"{name}.txt": "\n".join(pair[i] for pair in pairs) for i, name in enumerate(("source", "target"))}
    model = {"inputs": ["source", "source.mask", "so_far"], "layers": layers}
    run = trained({"name": "backwards", "data": data, "model": model}, files, objective="Seq2Seq", steps=2)
    with pytest.raises(explanation.ExplanationError, match="give the fields `target` as well"):
        explanation.attention(run, "abc")
    found = explanation.attention(run, {"source": "abc", "target": "c"})["look"]
    assert found.keys == ["a", "b", "c"] or found.keys is None  # as long as the target with its start and end
    found = explanation.attention(run, {"source": "abca", "target": "c"})["look"]
    assert found.keys == list("abca") and found.queries == ["<start>", "c", "<end>"]
    told = explanation.integrated_gradients(run, {"source": "abca", "target": "c"})
    assert told.place == 1 and set(told.values) == {"source", "so_far"}  # what comes behind "c"
    assert told.total == pytest.approx(told.score - told.start, rel=0.01, abs=1e-4)


def test_a_network_without_attention_has_none(pictures):
    assert explanation.attention(pictures, np.zeros((8, 8, 1), np.uint8)) == {}
