"""MobileNetV2 and EfficientNet against timm's, padded as in TensorFlow, where both were published."""

from __future__ import annotations

from collections.abc import Callable

from tests.oracles.oracle import Names
from tests.oracles.recipe import Recipe

BLOCK = r"blocks.\1.\2"


def block(ours: str, *, first: bool) -> Names:
    """Returns timm's names of a block's layers; those of the first stage widen nothing, and count from one less."""
    wide = [] if first else [("widen", "conv_pw", "bn1")]
    wide += [("narrow", "conv_pw", "bn2") if first else ("narrow", "conv_pwl", "bn3")]
    convolutions = [(rf"{ours}\.{name}\.conv2d", f"{BLOCK}.{conv}") for name, conv, _ in wide]
    norms = [(rf"{ours}\.{name}\.batch_normalization", f"{BLOCK}.{norm}") for name, _, norm in wide]
    return [
        *convolutions,
        *norms,
        (rf"{ours}\.filter", f"{BLOCK}.conv_dw"),
        (rf"{ours}\.norm", f"{BLOCK}.bn1" if first else f"{BLOCK}.bn2"),
        (rf"{ours}\.squeeze_excite\.conv2d", f"{BLOCK}.se.conv_reduce"),
        (rf"{ours}\.squeeze_excite\.conv2d_1", f"{BLOCK}.se.conv_expand"),
    ]


NAMES: Names = [
    (r"stem\.conv2d", "conv_stem"),
    (r"stem\.batch_normalization", "bn1"),
    *block(r"stage_(0)\.block_(\d)", first=True),
    *block(r"stage_(\d)\.block_(\d)", first=False),
    (r"head\.conv2d", "conv_head"),
    (r"head\.batch_normalization", "bn2"),
    ("label", "classifier"),
]


def test_mobilenet_v2(agree: Callable[..., None]) -> None:
    import timm

    agree(
        Recipe("papers/mobilenet_v2", {"width": 0.5, "size": 64, "classes": 10}, {"image": {"shape": [2, 64, 64, 3]}}),
        timm.create_model("mobilenetv2_050", num_classes=10, pad_type="same", bn_eps=1e-3),
        NAMES,
        oracle="timm.mobilenetv2_050",
    )


def test_efficientnet_b0(agree: Callable[..., None]) -> None:
    import timm

    agree(
        Recipe("papers/efficientnet_b0", {"size": 64, "classes": 10}, {"image": {"shape": [2, 64, 64, 3]}}),
        timm.create_model("tf_efficientnet_b0", num_classes=10),
        NAMES,
        oracle="timm.tf_efficientnet_b0",
    )
