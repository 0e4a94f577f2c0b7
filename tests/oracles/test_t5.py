"""T5 against transformers."""

from __future__ import annotations

from collections.abc import Callable

from tests.oracles.recipe import Recipe
from tests.oracles.texts import transformers


def test_t5(agree: Callable[..., None]) -> None:
    longer = {"values": [[1] * 40, [1] * 23 + [0] * 17], "dtype": "bool"}
    recipe = Recipe(
        "papers/t5_small",
        {"depth": 2, "width": 32, "heads": 4, "head_width": 8, "hidden": 48, "vocabulary": 50},
        {"source": {"shape": [2, 40], "below": 50}, "source_mask": longer, "so_far": {"shape": [2, 36], "below": 50}},
    )
    config = transformers.T5Config(
        vocab_size=50, d_model=32, num_layers=2, num_heads=4, d_kv=8, d_ff=48, decoder_start_token_id=0
    )
    own, memory, last = (rf"decoder.block.\1.layer.{number}" for number in range(3))
    attention = {"query": "q", "key": "k", "value": "v", "output": "o"}
    names = [
        ("tokens", "shared"),
        ("encoder_positions.embedding", "encoder.block.0.layer.0.SelfAttention.relative_attention_bias"),
        ("decoder_positions.embedding", "decoder.block.0.layer.0.SelfAttention.relative_attention_bias"),
        *(
            (rf"encoder_(\d+)\.attention\.{ours}\.dense", rf"encoder.block.\1.layer.0.SelfAttention.{theirs}")
            for ours, theirs in attention.items()
        ),
        *(
            (rf"decoder_(\d+)\.attention\.{ours}\.dense", f"{own}.SelfAttention.{theirs}")
            for ours, theirs in attention.items()
        ),
        *(
            (rf"decoder_(\d+)\.memory_attention\.{ours}\.dense", f"{memory}.EncDecAttention.{theirs}")
            for ours, theirs in attention.items()
        ),
        (r"encoder_(\d+)\.norm", r"encoder.block.\1.layer.0.layer_norm"),
        (r"encoder_(\d+)\.rms_normalization", r"encoder.block.\1.layer.1.layer_norm"),
        (r"encoder_(\d+)\.feed_forward\.dense", r"encoder.block.\1.layer.1.DenseReluDense.wi"),
        (r"encoder_(\d+)\.feed_forward\.dense_1", r"encoder.block.\1.layer.1.DenseReluDense.wo"),
        (r"decoder_(\d+)\.norm", f"{own}.layer_norm"),
        (r"decoder_(\d+)\.rms_normalization", f"{memory}.layer_norm"),
        (r"decoder_(\d+)\.rms_normalization_1", f"{last}.layer_norm"),
        (r"decoder_(\d+)\.feed_forward\.dense", f"{last}.DenseReluDense.wi"),
        (r"decoder_(\d+)\.feed_forward\.dense_1", f"{last}.DenseReluDense.wo"),
        ("rms_normalization", "encoder.final_layer_norm"),
        ("rms_normalization_1", "decoder.final_layer_norm"),
    ]
    agree(
        recipe,
        transformers.T5ForConditionalGeneration(config),
        names,
        oracle="transformers.T5ForConditionalGeneration",
        call=lambda theirs, source, source_mask, so_far: (
            theirs(input_ids=source, attention_mask=source_mask.long(), decoder_input_ids=so_far).logits
        ),
    )
