"""GPT-2, GPT-2 XL and GPT-3 against transformers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tests.oracles.oracle import torch
from tests.oracles.recipe import Recipe
from tests.oracles.texts import PLAIN, SIZES, TEXT, transformers


def side_by_side(array: np.ndarray) -> np.ndarray:
    """Returns a kernel (width, heads, size) or a bias (heads, size) with its heads side by side."""
    return array.reshape(array.shape[0], -1) if array.ndim > 2 else array.ravel()


def stacked(array: np.ndarray) -> np.ndarray:
    """Returns a kernel (heads, size, width) with its heads on top of each other; a bias as it is."""
    return array.reshape(-1, array.shape[-1]) if array.ndim > 2 else array


GPT2 = [
    ("tokens", "transformer.wte"),
    ("positions", "transformer.wpe"),
    (r"decoders\.layer_(\d+)\.layer_normalization", r"transformer.h.\1.ln_1"),
    (r"decoders\.layer_(\d+)\.multi_head_attention/query", r"transformer.h.\1.attn.c_attn[0/3]", side_by_side),
    (r"decoders\.layer_(\d+)\.multi_head_attention/key", r"transformer.h.\1.attn.c_attn[1/3]", side_by_side),
    (r"decoders\.layer_(\d+)\.multi_head_attention/value", r"transformer.h.\1.attn.c_attn[2/3]", side_by_side),
    (r"decoders\.layer_(\d+)\.multi_head_attention/attention_output", r"transformer.h.\1.attn.c_proj", stacked),
    (r"decoders\.layer_(\d+)\.layer_normalization_1", r"transformer.h.\1.ln_2"),
    (r"decoders\.layer_(\d+)\.feed_forward\.dense", r"transformer.h.\1.mlp.c_fc", np.asarray),
    (r"decoders\.layer_(\d+)\.feed_forward\.dense_1", r"transformer.h.\1.mlp.c_proj", np.asarray),
    ("layer_normalization", "transformer.ln_f"),
]


@pytest.mark.parametrize("spec, depth, heads", [("gpt2", 2, 4), ("gpt2_xl", 4, 5)])
def test_gpt2(agree: Callable[..., None], spec: str, depth: int, heads: int) -> None:
    sizes = {**SIZES, "depth": depth, "width": 8 * heads, "heads": heads}
    recipe = Recipe(f"papers/{spec}", sizes, {"text": TEXT})
    config = transformers.GPT2Config(
        vocab_size=50, n_embd=8 * heads, n_layer=depth, n_head=heads, n_positions=9, **PLAIN
    )
    agree(
        recipe,
        transformers.GPT2LMHeadModel(config),
        GPT2,
        oracle="transformers.GPT2LMHeadModel",
        call=lambda theirs, text: theirs(input_ids=text).logits,
    )


def test_gpt3(agree: Callable[..., None]) -> None:
    recipe = Recipe("papers/gpt3_175b", {**SIZES, "depth": 4, "band": 3}, {"text": TEXT})
    config = transformers.GPT2Config(vocab_size=50, n_embd=32, n_layer=4, n_head=4, n_positions=9, **PLAIN)

    def call(theirs: Any, text: Any) -> Any:
        """Returns what GPT-2's layers make when every second is told that no more than three places are seen."""
        place = torch.arange(9)
        ahead = place[None, :] - place[:, None]
        seen = [ahead <= 0, (ahead <= 0) & (ahead > -3)]
        states = theirs.transformer.wte(text) + theirs.transformer.wpe(place)
        for number, layer in enumerate(theirs.transformer.h):
            bias = torch.where(seen[number % 2], 0.0, -1e9)[None, None]
            states = layer(states, attention_mask=bias)
            states = states if torch.is_tensor(states) else states[0]
        return theirs.lm_head(theirs.transformer.ln_f(states))

    agree(recipe, transformers.GPT2LMHeadModel(config), GPT2, oracle="transformers.GPT2LMHeadModel", call=call)
