"""Every spec that the suite ships: counts equal Keras', operations agree with TensorFlow's profiler within 2 %."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import pytest

from dlsuite import graph
from dlsuite.claims import judge_parameters
from dlsuite.spec.loading import load
from dlsuite.summary import Summary, summarise
from dlsuite.weights import count_parameters
from tests.summary.profiling import forward_graph, profiled

ROOT = Path(__file__).parents[2] / "specs"
SPECS = sorted(
    str(path.relative_to(ROOT).with_suffix(""))
    for path in ROOT.rglob("*.json")
    if path.parent not in (ROOT, ROOT / "blocks")
)
SMALLER = {"protein/alphafold2": {"params.recycles": 0, "params.structure_steps": 1, "params.evoformers": 2}}
"""With what the graph of a whole model is traced in seconds; others have two layers where they have a `depth`."""


def summary_of(name: str, overrides: dict[str, Any]) -> tuple[Any, Summary]:
    """Returns the plan and the summary of a spec; skips one that is known once its data is read."""
    plan = load(ROOT / f"{name}.json", overrides).plan()
    if plan.unknown:
        pytest.skip("shapes of this spec are known once its data is read")
    return plan, summarise(plan)


@pytest.mark.parametrize("name", SPECS)
def test_counts_and_operations(name: str) -> None:
    plan, summary = summary_of(name, {})
    claims = judge_parameters(plan.expect["parameters"], summary.parameters)
    assert claims and all(claim.holds for claim in claims), claims
    if smaller := SMALLER.get(name, {"params.depth": 2} if plan.params.get("depth", 0) > 2 else {}):
        plan, summary = summary_of(name, smaller)
    models = graph.build(plan, weights=False)
    counted = count_parameters(models, single=False)
    for key, model in models.items():
        network = summary.networks[key]
        assert {**network.parameters, **counted[key]} == network.parameters
        inputs = {
            name: ((1, *(summary.lengths.get(name, 1) if one is None else one for one in tensor.shape)), tensor.dtype)
            for name, tensor in plan.networks[key].inputs.items()
        }
        assert network.forward.at(1) == pytest.approx(profiled(forward_graph(model, inputs)), rel=0.02)
    keras.utils.clear_session()
