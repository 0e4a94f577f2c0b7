"""The Vision Transformer against torchvision's."""

from __future__ import annotations

from collections.abc import Callable

from tests.oracles.recipe import Recipe


def test_vit(agree: Callable[..., None]) -> None:
    from torchvision.models import VisionTransformer

    theirs = VisionTransformer(
        image_size=64, patch_size=16, num_layers=3, num_heads=4, hidden_dim=48, mlp_dim=192, num_classes=10
    )
    params = {"depth": 3, "width": 48, "heads": 4, "size": 64, "classes": 10}
    layer = r"encoder.layers.encoder_layer_\1"
    agree(
        Recipe("papers/vit_b16", params, {"image": {"shape": [2, 64, 64, 3]}}),
        theirs,
        [
            ("patch", "conv_proj"),
            ("class_token", "class_token", lambda array: array[None]),
            ("positions", "encoder.pos_embedding", lambda array: array[None]),
            (r"encoder_(\d+)\.layer_normalization", f"{layer}.ln_1"),
            (r"encoder_(\d+)\.multi_head_attention/query", f"{layer}.self_attention.in_proj_[0/3]"),
            (r"encoder_(\d+)\.multi_head_attention/key", f"{layer}.self_attention.in_proj_[1/3]"),
            (r"encoder_(\d+)\.multi_head_attention/value", f"{layer}.self_attention.in_proj_[2/3]"),
            (r"encoder_(\d+)\.multi_head_attention/attention_output", f"{layer}.self_attention.out_proj"),
            (r"encoder_(\d+)\.layer_normalization_1", f"{layer}.ln_2"),
            (r"encoder_(\d+)\.feed_forward\.dense", f"{layer}.mlp.0"),
            (r"encoder_(\d+)\.feed_forward\.dense_1", f"{layer}.mlp.3"),
            ("norm", "encoder.ln"),
            ("label", "heads.head"),
        ],
        oracle="torchvision.models.vit_b_16",
    )
