"""What is outlined has the shapes and parameters of what is traced, of every kind of call that specs have."""

from __future__ import annotations

import pytest

import dlsuite
from dlsuite.summary import Summary, summarise
from dlsuite.templates import shipped

NAMES = (
    "generation/digits_vae", "generation/mnist_ddpm", "papers/clip_vit_b32", "papers/t5_small",
    "protein/evoformer_block", "science/forecast",
)  # fmt: skip


def rows(summary: Summary) -> dict[str, list]:
    return {
        name: [
            (path, one.component, one.shape, one.reads, one.weights, one.held, one.shared)
            for path, one in network.layers()
        ]
        for name, network in summary.networks.items()
    }


@pytest.mark.parametrize("name", NAMES)
def test_rows_and_parameters_are_those_of_tracing(name: str) -> None:
    plan = dlsuite.load(shipped()[name]).plan()
    outlined, traced = summarise(plan, operations=False), summarise(plan)
    assert rows(outlined) == rows(traced)
    assert outlined.parameters == traced.parameters
    assert all(one.forward.at(1) == one.step.at(1) == 0 for one in outlined.networks.values())
