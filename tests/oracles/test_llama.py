"""Llama and Mixtral against transformers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tests.oracles.recipe import Recipe
from tests.oracles.texts import MASKED, PLAIN, SIZES, TEXT, THEIR_SIZES, transformers

LLAMA = [
    ("tokens", "model.embed_tokens"),
    (r"decoder_(\d+)\.rms_normalization", r"model.layers.\1.input_layernorm"),
    (r"decoder_(\d+)\.attention\.query\.dense", r"model.layers.\1.self_attn.q_proj"),
    (r"decoder_(\d+)\.attention\.key\.dense", r"model.layers.\1.self_attn.k_proj"),
    (r"decoder_(\d+)\.attention\.value\.dense", r"model.layers.\1.self_attn.v_proj"),
    (r"decoder_(\d+)\.attention\.output\.dense", r"model.layers.\1.self_attn.o_proj"),
    (r"decoder_(\d+)\.rms_normalization_1", r"model.layers.\1.post_attention_layernorm"),
    ("rms_normalization", "model.norm"),
    ("next_token", "lm_head"),
]
GROUPS = {**SIZES, "groups": 2, "hidden": 48}
THEIR_GROUPS = {**THEIR_SIZES, **PLAIN, "num_key_value_heads": 2, "intermediate_size": 48, "rms_norm_eps": 1e-5}


def masked(theirs: Any, text: Any, mask: Any) -> Any:
    """Returns the logits of a decoder of transformers that is told which tokens are there."""
    return theirs(input_ids=text, attention_mask=mask.long()).logits


def test_llama(agree: Callable[..., None]) -> None:
    recipe = Recipe("papers/llama3_8b", GROUPS, {"text": TEXT, "mask": MASKED})
    rotary = {"rope_type": "default", "rope_theta": 500000.0}
    theirs = transformers.LlamaForCausalLM(transformers.LlamaConfig(**THEIR_GROUPS, rope_parameters=rotary))
    names = [*LLAMA, (r"decoder_(\d+)\.feed_forward\.(\w+)", r"model.layers.\1.mlp.\2_proj")]
    agree(recipe, theirs, names, oracle="transformers.LlamaForCausalLM", call=masked)


def test_mixtral(agree: Callable[..., None]) -> None:
    recipe = Recipe("papers/mixtral_8x7b", {**GROUPS, "experts": 6}, {"text": TEXT, "mask": MASKED})
    agree_on_mixtral(agree, recipe, {**THEIR_GROUPS, "num_local_experts": 6})


def test_mixtral_at_a_small_size(agree: Callable[..., None]) -> None:
    mask = {"values": [[1] * 256, [0] * 100 + [1] * 156], "dtype": "bool"}
    recipe = Recipe("papers/mixtral_small", {}, {"text": {"shape": [2, 256], "below": 8192}, "mask": mask})
    sizes = {"vocab_size": 8192, "hidden_size": 256, "num_hidden_layers": 4, "num_attention_heads": 8}
    agree_on_mixtral(agree, recipe, {**THEIR_GROUPS, **sizes, "intermediate_size": 512, "num_local_experts": 8})


def agree_on_mixtral(agree: Callable[..., None], recipe: Recipe, sizes: dict[str, Any]) -> None:
    """Asserts that a decoder with experts answers as that of transformers."""
    rotary = {"rope_type": "default", "rope_theta": 1000000.0}
    config = transformers.MixtralConfig(**sizes, num_experts_per_tok=2, sliding_window=None, rope_parameters=rotary)
    count = config.num_local_experts

    def parted(array: np.ndarray) -> np.ndarray:
        """Returns what goes into experts side by side (width, experts * hidden) as (experts, hidden, width)."""
        return array.T.reshape(count, -1, array.shape[0])

    def joined(array: np.ndarray) -> np.ndarray:
        """Returns what comes out of experts (experts * hidden, width) as (experts, width, hidden)."""
        return array.reshape(count, -1, array.shape[1]).transpose(0, 2, 1)

    experts = r"model.layers.\1.mlp.experts"
    names = [
        *LLAMA,
        (r"decoder_(\d+)\.feed_forward\.router", r"model.layers.\1.mlp.gate"),
        (r"decoder_(\d+)\.feed_forward\.mixture\.gate", f"{experts}.gate_up_proj[0/2]", parted),
        (r"decoder_(\d+)\.feed_forward\.mixture\.up", f"{experts}.gate_up_proj[1/2]", parted),
        (r"decoder_(\d+)\.feed_forward\.mixture\.down", f"{experts}.down_proj", joined),
    ]
    agree(recipe, transformers.MixtralForCausalLM(config), names, oracle="transformers.MixtralForCausalLM", call=masked)
