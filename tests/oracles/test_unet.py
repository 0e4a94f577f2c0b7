"""U-Net against the layers of the paper's figure 1 in torch, cropped by torchvision."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.oracles.oracle import torch
from tests.oracles.recipe import Recipe


class UNet(torch.nn.Module):
    """The U-Net of figure 1: unpadded convolutions, each followed by a ReLU, as is each up-convolution."""

    def __init__(self, width: int, depth: int = 4):
        super().__init__()
        widths = [width * 2**i for i in range(depth + 1)]
        self.down = torch.nn.ModuleList(map(self.twice, [1, *widths], widths))
        up = list(reversed(widths))
        self.up = torch.nn.ModuleList(
            torch.nn.ConvTranspose2d(before, after, 2, 2) for before, after in zip(up, up[1:], strict=False)
        )
        self.merge = torch.nn.ModuleList(map(self.twice, up, up[1:]))
        self.out = torch.nn.Conv2d(width, 2, 1)

    @staticmethod
    def twice(before: int, after: int) -> Any:
        """Returns two convolutions, each with its ReLU."""
        first, second = torch.nn.Conv2d(before, after, 3), torch.nn.Conv2d(after, after, 3)
        return torch.nn.Sequential(first, torch.nn.ReLU(), second, torch.nn.ReLU())

    def forward(self, x: Any) -> Any:
        """Returns two logits a pixel of the middle."""
        from torchvision.transforms.functional import center_crop

        seen = []
        for down in self.down:
            x = down(torch.nn.functional.max_pool2d(x, 2) if seen else x)
            seen.append(x)
        for up, merge, skip in zip(self.up, self.merge, reversed(seen[:-1]), strict=True):
            x = up(x).relu()
            x = merge(torch.cat([center_crop(skip, x.shape[-2:]), x], dim=1))
        return self.out(x)


def test_unet(agree: Callable[..., None]) -> None:
    agree(
        Recipe("papers/unet", {"width": 8, "size": 204}, {"image": {"shape": [1, 204, 204, 1]}}),
        UNet(8),
        [
            (r"down_(\d)\.conv2d", r"down.\1.0"),
            (r"down_(\d)\.conv2d_1", r"down.\1.2"),
            (r"bottom\.conv2d", "down.4.0"),
            (r"bottom\.conv2d_1", "down.4.2"),
            (r"up_(\d)", r"up.\1"),
            (r"double_conv\.conv2d", "merge.0.0"),
            (r"double_conv\.conv2d_1", "merge.0.2"),
            (r"double_conv_(\d)\.conv2d", r"merge.\1.0"),
            (r"double_conv_(\d)\.conv2d_1", r"merge.\1.2"),
            ("mask", "out"),
        ],
        oracle="torch.nn.Module",
    )
