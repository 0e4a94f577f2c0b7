"""Name to tf.distribute strategy, and what a model needs to be trained under one."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from dlsuite.spec.errors import Fault, SpecError, suggest
from dlsuite.spec.plan import Component, Stage

KNOWN = ("Auto", "OneDeviceStrategy", "MirroredStrategy")


def make_strategy(component: Component) -> tf.distribute.Strategy:
    """Returns a strategy: `Auto` mirrors over the GPUs where there are several, and leaves all else to TensorFlow.

    Raises:
        SpecError: The strategy is not supported, or a device is not there.
    """
    arguments = dict(component.arguments)
    if component.name == "Auto":
        several = len(tf.config.list_logical_devices("GPU")) > 1
        return tf.distribute.MirroredStrategy() if several else tf.distribute.get_strategy()
    if component.name == "OneDeviceStrategy":
        _check_devices([arguments["device"]], component)
        return tf.distribute.OneDeviceStrategy(arguments["device"])
    if component.name == "MirroredStrategy":
        _check_devices(arguments.get("devices") or [], component)
        return tf.distribute.MirroredStrategy(arguments.get("devices"))
    hint = f"What would work: {', '.join(f'`{name}`' for name in KNOWN)}."
    raise SpecError([Fault(f"`{component.name}` is not supported yet.", component.place, hint)])


def check_stage(stage: Stage, strategy: tf.distribute.Strategy, batch_size: int) -> None:
    """Raises a `SpecError` for what does not work over several replicas."""
    replicas = strategy.num_replicas_in_sync
    if replicas == 1:
        return
    faults = []
    if stage.jit_compile:
        faults.append(Fault(f"`jit_compile` does not work over {replicas} replicas.", stage.place, "Leave it out."))
    if batch_size % replicas:
        near = max(replicas, round(batch_size / replicas) * replicas)
        message = f"A batch of {batch_size} cannot be shared out evenly to {replicas} replicas."
        faults.append(Fault(message, stage.place, f'Write "batch_size": {near}.'))
    optimizers = stage.optimizer.values() if not isinstance(stage.optimizer, Component) else [stage.optimizer]
    for optimizer in optimizers:
        for name in ("gradient_accumulation_steps", "ema_overwrite_frequency"):
            if optimizer.arguments.get(name):
                message = f"`{name}` does not work over {replicas} replicas."
                faults.append(Fault(message, optimizer.place, "Leave it out."))
    if faults:
        raise SpecError(faults)


def synchronize(models: dict[str, keras.Model], strategy: tf.distribute.Strategy) -> None:
    """Makes batch normalization take its statistics over all replicas; without it theirs would drift apart."""
    if strategy.num_replicas_in_sync > 1:
        for model in models.values():
            for layer in model._flatten_layers():
                if isinstance(layer, keras.layers.BatchNormalization):
                    layer.synchronized = True


def even_batch(batch_size: int, examples: int, strategy: tf.distribute.Strategy) -> int:
    """Returns a batch size whose first batch can be shared out evenly, which Keras needs of the first one."""
    replicas = strategy.num_replicas_in_sync
    return max(min(batch_size, examples) // replicas * replicas, 1) if replicas > 1 else batch_size


def describe_devices() -> dict[str, Any]:
    """Returns the devices that TensorFlow sees, by kind."""
    found: dict[str, list[str]] = {}
    for device in tf.config.list_logical_devices():
        found.setdefault(device.device_type, []).append(device.name)
    return found


def _check_devices(names: list[str], component: Component) -> None:
    known = [device.name.removeprefix("/device:") for device in tf.config.list_logical_devices()]
    for name in names:
        short = name.removeprefix("/").removeprefix("device:")
        if short.upper() not in {one.upper() for one in known}:
            hint = suggest(short, known, what="devices")
            raise SpecError([Fault(f"There is no device `{name}` on this machine.", component.place, hint)])
