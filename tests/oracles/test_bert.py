"""BERT against transformers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.oracles.recipe import Recipe
from tests.oracles.texts import MASKED, PLAIN, SIZES, TEXT, THEIR_SIZES, transformers


def test_bert(agree: Callable[..., None]) -> None:
    recipe = Recipe(
        "papers/bert_base", SIZES, {"text": TEXT, "segments": {"shape": [4, 9], "below": 2}, "mask": MASKED}
    )
    config = transformers.BertConfig(
        **THEIR_SIZES, **PLAIN, intermediate_size=128, max_position_embeddings=9, hidden_act="gelu"
    )
    layer = r"encoder.layer.\1"
    names = [
        ("tokens", "embeddings.word_embeddings"),
        ("positions", "embeddings.position_embeddings"),
        ("sentences", "embeddings.token_type_embeddings"),
        ("layer_normalization", "embeddings.LayerNorm"),
        (r"encoder_(\d+)\.multi_head_attention/attention_output", f"{layer}.attention.output.dense"),
        (r"encoder_(\d+)\.multi_head_attention/(\w+)", rf"{layer}.attention.self.\2"),
        (r"encoder_(\d+)\.layer_normalization", f"{layer}.attention.output.LayerNorm"),
        (r"encoder_(\d+)\.feed_forward\.dense", f"{layer}.intermediate.dense"),
        (r"encoder_(\d+)\.feed_forward\.dense_1", f"{layer}.output.dense"),
        (r"encoder_(\d+)\.layer_normalization_1", f"{layer}.output.LayerNorm"),
        ("pooled", "pooler.dense"),
    ]

    def call(theirs: Any, text: Any, segments: Any, mask: Any) -> Any:
        made = theirs(input_ids=text, token_type_ids=segments, attention_mask=mask.long())
        return {"states": made.last_hidden_state, "pooled": made.pooler_output}

    agree(recipe, transformers.BertModel(config), names, oracle="transformers.BertModel", call=call)
