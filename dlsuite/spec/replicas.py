"""What cannot be trained over several replicas: known from the spec alone, or once the devices are counted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dlsuite.spec.errors import Fault, SpecError
from dlsuite.spec.plan import Component, Stage

CONDITIONAL = ("gradient_accumulation_steps", "ema_overwrite_frequency")
"""Arguments of optimizers that do something in some steps alone."""
UNSUPPORTED = {
    "ParameterServerStrategy": "Keras 3 cannot `fit` under it. `MultiWorkerMirroredStrategy` trains over machines.",
    "CentralStorageStrategy": (
        "Keras 3 fails under it with BatchNormalization. `MirroredStrategy` trains over the devices of a machine."
    ),
}
"""Strategies of TensorFlow that Keras 3 does not support, and what would work."""


def has_several(strategy: Component) -> bool:
    """Returns whether a strategy is for several replicas, as far as the spec tells."""
    devices = strategy.arguments.get("devices")
    named = isinstance(devices, list | tuple) and len(devices) > 1
    return strategy.name == "MultiWorkerMirroredStrategy" or (strategy.name == "MirroredStrategy" and named)


def find_faults(stage: Stage, replicas: str = "several replicas") -> Iterator[Fault]:
    """Yields what a stage asks for that does not work over several replicas."""
    if stage.jit_compile:
        message = f"`jit_compile` does not work over {replicas}: XLA compiles a step for one device."
        yield Fault(
            message, stage.place, 'Leave it out, or train on one device: {"OneDeviceStrategy": {"device": ...}}.'
        )
    for optimizer, name in _conditional(stage):
        if stage.precision in ("mixed_float16", "float16"):
            message = f"`{name}` does not work over {replicas} in {stage.precision}, where the loss is scaled."
            yield Fault(message, optimizer.place, 'Leave it out, or write "precision": "mixed_bfloat16".')


def check_stages(stages: Sequence[Stage], replicas: int) -> None:
    """Raises a `SpecError` for what does not work over so many replicas."""
    if replicas > 1:
        faults = [fault for stage in stages for fault in find_faults(stage, f"{replicas} replicas")]
        if faults:
            raise SpecError(list(dict.fromkeys(faults)))


def is_conditional(stage: Stage) -> bool:
    """Returns whether an optimizer of a stage does something in some steps alone."""
    return bool(_conditional(stage))


def _conditional(stage: Stage) -> list[tuple[Component, str]]:
    optimizers = [stage.optimizer] if isinstance(stage.optimizer, Component) else list(stage.optimizer.values())
    return [(one, name) for one in optimizers for name in CONDITIONAL if one.arguments.get(name)]
