"""The U-Net of diffusion against diffusers', and DCGAN against the layers of its reference code in torch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.oracles.oracle import Names, torch
from tests.oracles.recipe import Recipe

STAGES = [
    *((f"skip_{i}_{j + 1}", f"down_blocks.{i}", j) for i in range(4) for j in range(2)),
    *((f"middle_{j}", "mid_block", j) for j in range(2)),
    *((f"up_{i}_{j}", f"up_blocks.{i}", j) for i in range(4) for j in range(3)),
]
"""Our name of each stage of the diffusion U-Net, and the block of theirs and the place in it."""


def stage(ours: str, block: str, place: int) -> Names:
    """Returns diffusers' names of the layers of one stage."""
    resnet, attention = f"{block}.resnets.{place}", f"{block}.attentions.{place}"
    return [
        (rf"unet\.{ours}\.condition_shift", f"{resnet}.time_emb_proj"),
        (rf"unet\.{ours}\.first\.group_normalization", f"{resnet}.norm1"),
        (rf"unet\.{ours}\.first\.conv2d", f"{resnet}.conv1"),
        (rf"unet\.{ours}\.second\.group_normalization", f"{resnet}.norm2"),
        (rf"unet\.{ours}\.second\.conv2d", f"{resnet}.conv2"),
        (rf"unet\.{ours}\.shortcut", f"{resnet}.conv_shortcut"),
        (rf"unet\.{ours}\.attention_norm", f"{attention}.group_norm"),
        (rf"unet\.{ours}\.attention/query", f"{attention}.to_q"),
        (rf"unet\.{ours}\.attention/key", f"{attention}.to_k"),
        (rf"unet\.{ours}\.attention/value", f"{attention}.to_v"),
        (rf"unet\.{ours}\.attention/attention_output", f"{attention}.to_out.0"),
    ]


def diffusion(size: int, widths: tuple[int, ...]) -> Any:
    """Returns diffusers' model in the configuration of https://huggingface.co/google/ddpm-cifar10-32."""
    from diffusers import UNet2DModel

    return UNet2DModel(
        sample_size=size,
        block_out_channels=widths,
        down_block_types=("DownBlock2D", "AttnDownBlock2D", "DownBlock2D", "DownBlock2D"),
        up_block_types=("UpBlock2D", "UpBlock2D", "AttnUpBlock2D", "UpBlock2D"),
        layers_per_block=2,
        downsample_padding=0,
        flip_sin_to_cos=False,
        freq_shift=1,
        norm_eps=1e-6,
        attention_head_dim=None,
    )


def test_ddpm(agree: Callable[..., None]) -> None:
    def call(theirs: Any, image: Any, time: Any) -> Any:
        return theirs(image.permute(0, 3, 1, 2), time).sample.permute(0, 2, 3, 1)

    agree(
        Recipe(
            "papers/ddpm_cifar10",
            {"width": 32, "size": 16},
            {"image": {"shape": [2, 16, 16, 3]}, "time": {"values": [7.0, 613.0], "dtype": "float32"}},
        ),
        diffusion(16, (32, 64, 64, 64)),
        [
            ("time_0", "time_embedding.linear_1"),
            ("time_1", "time_embedding.linear_2"),
            (r"unet\.skip_0_0", "conv_in"),
            *((rf"unet\.skip_{i + 1}_0", f"down_blocks.{i}.downsamplers.0.conv") for i in range(3)),
            *((rf"unet\.grow_{i + 1}", f"up_blocks.{i}.upsamplers.0.conv") for i in range(3)),
            *(name for place in STAGES for name in stage(*place)),
            (r"unet\.noise\.group_normalization", "conv_norm_out"),
            (r"unet\.noise\.conv2d", "conv_out"),
        ],
        oracle="diffusers.UNet2DModel",
        call=call,
    )


def generator(width: int) -> Any:
    """Returns the generator of the reference code, https://github.com/soumith/dcgan.torch."""
    layers: list[Any] = []
    before = 100
    for i in range(4):
        after = width * 2 ** (3 - i)
        stride, padding = (1, 0) if i == 0 else (2, 1)
        layers += [
            torch.nn.ConvTranspose2d(before, after, 4, stride, padding, bias=False),
            torch.nn.BatchNorm2d(after),
            torch.nn.ReLU(),
        ]
        before = after
    return torch.nn.Sequential(*layers, torch.nn.ConvTranspose2d(before, 3, 4, 2, 1, bias=False), torch.nn.Tanh())


def discriminator(width: int) -> Any:
    """Returns the discriminator of the reference code, without the sigmoid at its end: ours gives the logit."""
    layers: list[Any] = []
    before = 3
    for i in range(4):
        after = width * 2**i
        layers.append(torch.nn.Conv2d(before, after, 4, 2, 1, bias=False))
        layers += [torch.nn.BatchNorm2d(after)] * (i > 0) + [torch.nn.LeakyReLU(0.2)]
        before = after
    return torch.nn.Sequential(*layers, torch.nn.Conv2d(before, 1, 4, 1, 0, bias=False), torch.nn.Flatten())


@pytest.mark.parametrize("network", ["generator", "discriminator"])
def test_dcgan(agree: Callable[..., None], network: str) -> None:
    theirs = {"generator": generator, "discriminator": discriminator}[network](8)
    inputs = {"generator": {"noise": {"shape": [2, 100]}}, "discriminator": {"image": {"shape": [2, 64, 64, 3]}}}
    kinds = {"generator": torch.nn.ConvTranspose2d, "discriminator": torch.nn.Conv2d}
    places = [str(i) for i, layer in enumerate(theirs) if isinstance(layer, kinds[network])]
    norms = [str(i) for i, layer in enumerate(theirs) if isinstance(layer, torch.nn.BatchNorm2d)]

    def call(theirs: Any, **tensors: Any) -> Any:
        if network == "discriminator":
            return theirs(tensors["image"].permute(0, 3, 1, 2))
        return theirs(tensors["noise"][:, :, None, None]).permute(0, 2, 3, 1)

    start = 1 if network == "discriminator" else 0  # its first convolution has no normalisation
    agree(
        Recipe("papers/dcgan", {"width": 8}, inputs[network], network),
        theirs,
        [
            *((rf"(?:up|down)_{i}\.conv2d(?:_transpose)?", place) for i, place in enumerate(places)),
            *((rf"norm_{i + start}\.batch_normalization", place) for i, place in enumerate(norms)),
        ],
        oracle="torch.nn.Sequential",
        call=call,
    )
