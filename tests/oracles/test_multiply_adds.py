"""Multiply-adds of published models at full size: as torch counts them, and as torchvision publishes them.

Nothing is allocated: the models stand on torch's device `meta`. The counts are kept in
tests/golden/multiply_adds.json, which tests/contract/test_papers.py compares with ours.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from tests.oracles.oracle import flop_counter, torch
from tests.oracles.recipe import MULTIPLY_ADDS
from tests.oracles.test_generation import diffusion, discriminator, generator
from tests.oracles.test_unet import UNet

IMAGE = (1, 3, 224, 224)


def vision(name: str) -> Callable[[], Any]:
    """Returns how torchvision makes a model."""

    def make() -> Any:
        import torchvision

        return torchvision.models.get_model(name)

    return make


TORCHVISION = {
    "alexnet": "alexnet",
    "vgg16": "vgg16",
    "resnet18": "resnet18",
    "resnet50": "resnet50",
    "resnet152": "resnet152",
    "mobilenet_v2": "mobilenet_v2",
    "efficientnet_b0": "efficientnet_b0",
    "vit_b16": "vit_b_16",
}
"""Their names of our specs."""

MODELS: Mapping[str, tuple[Callable[[], Any], tuple[tuple[int, ...], ...]]] = {
    **{spec: (vision(name), (IMAGE,)) for spec, name in TORCHVISION.items() if name != "vit_b_16"},
    "unet": (lambda: UNet(64), ((1, 1, 572, 572),)),
    "ddpm_cifar10": (lambda: diffusion(32, (128, 256, 256, 256)), ((1, 3, 32, 32), (1,))),
    "dcgan.generator": (lambda: generator(64), ((1, 100, 1, 1),)),
    "dcgan.discriminator": (lambda: discriminator(64), ((1, 3, 64, 64),)),
}
"""How each is made, and the shapes that it reads. Torch does not count the fused attention of its own ViT."""


def counted(name: str) -> tuple[int, int]:
    """Returns the parameters and the multiply-adds of a torch model."""
    make, shapes = MODELS[name]
    with torch.device("meta"):
        model = make().eval()
        inputs = [torch.zeros(shape) for shape in shapes]
    with flop_counter.FlopCounterMode(display=False) as counter, torch.no_grad():
        model(*inputs)
    return sum(value.numel() for value in model.parameters()), counter.get_total_flops() // 2


@pytest.mark.parametrize("name", MODELS)
def test_torch_counts(request: pytest.FixtureRequest, name: str) -> None:
    parameters, multiply_adds = counted(name)
    keep(request, name, {"parameters": parameters, "multiply_adds": multiply_adds, "oracle": "torch"})


@pytest.mark.parametrize("spec", TORCHVISION)
def test_torchvision_publishes(request: pytest.FixtureRequest, spec: str) -> None:
    import torchvision

    facts = torchvision.models.get_model_weights(TORCHVISION[spec]).IMAGENET1K_V1.meta
    published = {"parameters": facts["num_params"], "multiply_adds": round(facts["_ops"] * 1e9)}
    if spec in MODELS:
        parameters, multiply_adds = counted(spec)
        assert parameters == published["parameters"]
        assert multiply_adds == pytest.approx(published["multiply_adds"], rel=0.005)
    else:
        keep(request, spec, {**published, "oracle": "torchvision"})


def keep(request: pytest.FixtureRequest, name: str, found: Mapping[str, Any]) -> None:
    """Asserts that a count is the one that is kept; writes it where `--write-goldens` asks for it."""
    kept = json.loads(MULTIPLY_ADDS.read_text()) if MULTIPLY_ADDS.exists() else {}
    if request.config.getoption("write_goldens", False):
        kept = dict(sorted({**kept, name: dict(found)}.items()))
        MULTIPLY_ADDS.write_text(json.dumps(kept, indent=1) + "\n")
    assert kept[name] == found
