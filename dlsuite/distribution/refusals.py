"""What cannot be trained over several replicas, said before data is read."""

from __future__ import annotations

from collections.abc import Sequence

from dlsuite.spec.errors import Fault, SpecError
from dlsuite.spec.plan import Component, Stage

CONDITIONAL = ("gradient_accumulation_steps", "ema_overwrite_frequency")
"""Arguments of optimizers that do something in some steps alone."""


def check_stages(stages: Sequence[Stage], replicas: int) -> None:
    """Raises a `SpecError` for what does not work over several replicas."""
    if replicas == 1:
        return
    faults = []
    for stage in stages:
        if stage.jit_compile:
            message = f"`jit_compile` does not work over {replicas} replicas: XLA compiles for one device."
            faults.append(Fault(message, stage.place, 'Leave it out, or write "strategy": "OneDeviceStrategy".'))
        for optimizer, name in _conditional(stage):
            if stage.precision in ("mixed_float16", "float16"):
                message = f"`{name}` does not work over {replicas} replicas in {stage.precision}, whose loss is scaled."
                faults.append(Fault(message, optimizer.place, 'Leave it out, or write "precision": "mixed_bfloat16".'))
    if faults:
        raise SpecError(list(dict.fromkeys(faults)))


def is_conditional(stage: Stage) -> bool:
    """Returns whether an optimizer of a stage does something in some steps alone."""
    return bool(_conditional(stage))


def _conditional(stage: Stage) -> list[tuple[Component, str]]:
    optimizers = [stage.optimizer] if isinstance(stage.optimizer, Component) else list(stage.optimizer.values())
    return [(one, name) for one in optimizers for name in CONDITIONAL if one.arguments.get(name)]
