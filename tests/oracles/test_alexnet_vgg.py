"""AlexNet and VGG-16 against torchvision's, with fewer hidden units."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tests.oracles.oracle import torch
from tests.oracles.recipe import Recipe


def read_channels_first(side: int) -> Callable[[np.ndarray], np.ndarray]:
    """Returns how a dense kernel over a flattened image of so many rows and columns is turned for one of torch."""

    def turn(array: np.ndarray) -> np.ndarray:
        if array.ndim < 2:
            return array
        pixels = array.reshape(side, side, -1, array.shape[1])  # (height, width, in, out)
        return pixels.transpose(3, 2, 0, 1).reshape(array.shape[1], -1)

    return turn


def test_alexnet(agree: Callable[..., None]) -> None:
    from torchvision.models import AlexNet

    theirs = AlexNet(num_classes=10)
    theirs.classifier[1] = torch.nn.Linear(9216, 32)
    theirs.classifier[4] = torch.nn.Linear(32, 32)
    theirs.classifier[6] = torch.nn.Linear(32, 10)
    agree(
        Recipe("papers/alexnet", {"hidden": 32, "classes": 10}, {"image": {"shape": [2, 224, 224, 3]}}),
        theirs,
        [
            ("stem", "features.0"),
            (r"conv\.conv2d", "features.3"),
            (r"conv_1\.conv2d", "features.6"),
            (r"conv_2\.conv2d", "features.8"),
            (r"conv_3\.conv2d", "features.10"),
            ("hidden_0", "classifier.1", read_channels_first(6)),
            ("hidden_1", "classifier.4"),
            ("label", "classifier.6"),
        ],
        oracle="torchvision.models.alexnet",
    )


def test_vgg16(agree: Callable[..., None]) -> None:
    from torchvision.models.vgg import VGG, cfgs, make_layers

    narrow = [size if size == "M" else size // 8 for size in cfgs["D"]]
    theirs = VGG(make_layers(narrow), num_classes=10)
    theirs.classifier[0] = torch.nn.Linear(64 * 7 * 7, 32)
    theirs.classifier[3] = torch.nn.Linear(32, 32)
    theirs.classifier[6] = torch.nn.Linear(32, 10)
    places = [i for i, layer in enumerate(theirs.features) if isinstance(layer, torch.nn.Conv2d)]
    convolutions = [("conv2d" + f"_{i}" * (i > 0), f"features.{place}") for i, place in enumerate(places)]
    agree(
        Recipe("papers/vgg16", {"width": 8, "hidden": 32, "classes": 10}, {"image": {"shape": [2, 224, 224, 3]}}),
        theirs,
        [
            *convolutions,
            ("hidden_0", "classifier.0", read_channels_first(7)),
            ("hidden_1", "classifier.3"),
            ("label", "classifier.6"),
        ],
        oracle="torchvision.models.vgg16",
    )
