"""A summary as plain JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from dlsuite.devices import DEVICES
from dlsuite.summary import PRECISIONS, NetworkSummary, Summary
from dlsuite.summary.costs import Estimate, train_on
from dlsuite.summary.memory import Memory

BATCHES = (1, 8, 32, 128)
"""The batch sizes that memory is shown for beside the spec's own."""


def as_dict(
    summary: Summary, batch_size: int, precision: str, device: str | None, utilisation: float
) -> dict[str, Any]:
    """Returns a summary as JSON knows it; by network under `models` where there are several."""
    shown = {
        name: network_as_dict(network, summary, batch_size, precision, device, utilisation)
        for name, network in summary.networks.items()
    }
    lengths = {"lengths": dict(summary.lengths)} if summary.lengths else {}
    if summary.single:
        return {"name": summary.name, **shown["model"], **lengths}
    return {"name": summary.name, "models": shown, **lengths}


def network_as_dict(
    network: NetworkSummary, summary: Summary, batch_size: int, precision: str, device: str | None, utilisation: float
) -> dict[str, Any]:
    """Returns one network as JSON knows it; operations are those of one example."""
    found: dict[str, Any] = {
        "parameters": dict(network.parameters),
        "trained": network.trained,
        "flops": {"forward": network.forward.at(1), "step": network.step.at(1)},
        "memory": {
            "batch_size": batch_size,
            "precision": precision,
            "optimizer_name": network.optimizer.name,
            **_bytes(network.memory(batch_size, precision)),
            "by_batch_size": memory_by_batch(network, batch_size, precision),
        },
        "layers": rows(network),
    }
    if device is not None:
        estimate = train(network, summary, device, batch_size, precision, utilisation)
        found["estimate"] = {**asdict(estimate), **_facts(device)}
    return found


def memory_by_batch(network: NetworkSummary, batch_size: int, precision: str) -> dict[str, dict[str, int]]:
    """Returns the bytes of a training step by precision and batch size, a spec's own among them."""
    return {
        policy: {str(size): network.memory(size, policy).total for size in batches(batch_size)}
        for policy in dict.fromkeys((*PRECISIONS, precision))
    }


def rows(network: NetworkSummary) -> list[dict[str, Any]]:
    """Returns the layers and ops of a network as JSON knows them."""
    return [
        {
            "name": path,
            "component": call.component,
            "shape": call.shape,
            "parameters": call.total,
            "trainable": call.trainable,
            "flops": {"forward": call.forward.at(1), "step": call.step.at(1)},
        }
        for path, call in network.layers()
    ]


def train(
    network: NetworkSummary, summary: Summary, device: str, batch_size: int, precision: str, utilisation: float
) -> Estimate:
    """Returns what training a network takes on a device."""
    return train_on(
        device,
        network.step.at(batch_size),
        network.memory(batch_size, precision),
        batch_size=batch_size,
        precision=precision,
        steps=summary.steps,
        utilisation=utilisation,
    )


def batches(batch_size: int) -> Sequence[int]:
    """Returns the batch sizes that memory is shown for."""
    return sorted({*BATCHES, batch_size})


def _bytes(memory: Memory) -> dict[str, int]:
    return {**asdict(memory), "total": memory.total}


def _facts(device: str) -> Mapping[str, Any]:
    one = DEVICES[device]
    return {"watts": one.watts, "dollars_per_hour": one.price, "price_from": one.price_from, "source": one.source}
