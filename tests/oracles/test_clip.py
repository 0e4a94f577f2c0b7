"""CLIP against transformers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tests.oracles.oracle import torch
from tests.oracles.recipe import Recipe
from tests.oracles.texts import transformers


def test_clip(agree: Callable[..., None]) -> None:
    texts = [[47, 3, 9, 20, 49, 0, 0, 0, 0], [47, 5, 1, 30, 31, 32, 2, 4, 49], [47, 49, 0, 0, 0, 0, 0, 0, 0]]
    recipe = Recipe(
        "papers/clip_vit_b32",
        {"depth": 2, "image_width": 128, "text_width": 64, "size": 32, "resolution": 24, "patch": 8}
        | {"context": 9, "vocabulary": 50},
        {"image": {"shape": [2, 24, 24, 3]}, "text": {"values": texts, "dtype": "int32"}},
        network="clip",
    )
    sizes = {"num_hidden_layers": 2, "attn_implementation": "eager"}
    text = {"hidden_size": 64, "intermediate_size": 256, "num_attention_heads": 1, "vocab_size": 50}
    text |= {"max_position_embeddings": 9, "bos_token_id": 47, "eos_token_id": 49, "pad_token_id": 0}
    image = {"hidden_size": 128, "intermediate_size": 512, "num_attention_heads": 2, "image_size": 24, "patch_size": 8}
    config = transformers.CLIPConfig(text_config={**sizes, **text}, vision_config={**sizes, **image}, projection_dim=32)
    names: list[Any] = [("temperature", "logit_scale", np.squeeze)]
    for ours, theirs in {"image_tower": "vision_model", "text_tower": "text_model"}.items():
        layer = rf"{theirs}.encoder.layers.\1"
        names += [
            (rf"{ours}\.add_positions\.position_embedding", f"{theirs}.embeddings.position_embedding"),
            (rf"{ours}\.encoder_(\d+)\.layer_normalization", f"{layer}.layer_norm1"),
            (rf"{ours}\.encoder_(\d+)\.multi_head_attention/attention_output", f"{layer}.self_attn.out_proj"),
            (rf"{ours}\.encoder_(\d+)\.multi_head_attention/query", f"{layer}.self_attn.q_proj"),
            (rf"{ours}\.encoder_(\d+)\.multi_head_attention/key", f"{layer}.self_attn.k_proj"),
            (rf"{ours}\.encoder_(\d+)\.multi_head_attention/value", f"{layer}.self_attn.v_proj"),
            (rf"{ours}\.encoder_(\d+)\.layer_normalization_1", f"{layer}.layer_norm2"),
            (rf"{ours}\.encoder_(\d+)\.feed_forward\.dense", f"{layer}.mlp.fc1"),
            (rf"{ours}\.encoder_(\d+)\.feed_forward\.dense_1", f"{layer}.mlp.fc2"),
        ]
    names += [
        (r"image_tower\.conv2d", "vision_model.embeddings.patch_embedding"),
        (r"image_tower\.class_token", "vision_model.embeddings.class_embedding", np.squeeze),
        (r"image_tower\.layer_normalization", "vision_model.pre_layrnorm"),
        (r"image_tower\.layer_normalization_1", "vision_model.post_layernorm"),
        (r"image_tower\.image_embedding", "visual_projection"),
        (r"text_tower\.embedding", "text_model.embeddings.token_embedding"),
        (r"text_tower\.layer_normalization", "text_model.final_layer_norm"),
        (r"text_tower\.text_embedding", "text_projection"),
    ]
    agree(
        recipe,
        transformers.CLIPModel(config),
        names,
        oracle="transformers.CLIPModel",
        call=lambda theirs, image, text: (
            (
                theirs(pixel_values=image.permute(0, 3, 1, 2), input_ids=text, attention_mask=torch.ones_like(text))
            ).logits_per_image
        ),
    )
