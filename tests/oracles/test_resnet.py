"""ResNet against torchvision's."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.oracles.oracle import Names
from tests.oracles.recipe import Recipe


def names(convolutions: int) -> Names:
    """Returns torchvision's names of the layers of blocks with so many convolutions beside the shortcut."""
    theirs = [(f"conv{i + 1}", f"bn{i + 1}") for i in range(convolutions)] + [("downsample.0", "downsample.1")]
    ours = ["conv_norm", *(f"conv_norm_{i}" for i in range(1, convolutions + 1))]
    pairs: list[tuple[str, str]] = [("stem.conv2d", "conv1"), ("stem.batch_normalization", "bn1"), ("label", "fc")]
    for block, (conv, norm) in zip(ours, theirs, strict=True):
        pairs.append((rf"stage_(\d)_(\d+)\.{block}\.conv2d", rf"layer\1.\2.{conv}"))
        pairs.append((rf"stage_(\d)_(\d+)\.{block}\.batch_normalization", rf"layer\1.\2.{norm}"))
    return pairs


@pytest.mark.parametrize(
    ("spec", "block", "convolutions", "times"),
    [
        ("resnet18", "BasicBlock", 2, [2, 2, 2, 2]),
        ("resnet50", "Bottleneck", 3, [1, 2, 2, 1]),
        ("resnet152", "Bottleneck", 3, [1, 2, 3, 1]),
    ],
)
def test_resnet(agree: Callable[..., None], spec: str, block: str, convolutions: int, times: list[int]) -> None:
    from torchvision.models import resnet

    agree(
        Recipe(f"papers/{spec}", {"times": times, "size": 64, "classes": 10}, {"image": {"shape": [2, 64, 64, 3]}}),
        resnet.ResNet(getattr(resnet, block), times, num_classes=10),
        names(convolutions),
        oracle=f"torchvision.models.{spec}",
    )
