"""The strategy of a spec made into a `tf.distribute.Strategy`, and what a model needs to be trained under one."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import keras
import tensorflow as tf

from dlsuite.distribution.cluster import Cluster
from dlsuite.spec.errors import Fault, SpecError, suggest
from dlsuite.spec.plan import Component


def make_strategy(component: Component, cluster: Cluster | None = None) -> tf.distribute.Strategy:
    """Returns a strategy; it has to be made before TensorFlow does anything else where there is a cluster.

    `Auto` is MultiWorkerMirroredStrategy in a cluster, MirroredStrategy on a machine with several GPUs, and elsewhere
    TensorFlow's own default, which costs nothing.

    Args:
        component: From the spec.
        cluster: The workers that train together; `None` for a process on its own.

    Raises:
        SpecError: A device is not there, or the strategy cannot use the cluster.
    """
    name, arguments = component.name, component.arguments
    if name == "Auto":
        several = len(tf.config.list_physical_devices("GPU")) > 1
        name = "MultiWorkerMirroredStrategy" if cluster else "MirroredStrategy" if several else name
    if name == "MultiWorkerMirroredStrategy":
        return _multi_worker(arguments.get("communication", "auto"), cluster)
    if cluster is not None:
        message = f"{cluster.named_by} names {len(cluster.workers)} workers, and `{name}` uses one process alone."
        hint = "Write `Auto` or `MultiWorkerMirroredStrategy`, or start one process."
        raise SpecError([Fault(message, component.place, hint)])
    if name == "MirroredStrategy":
        _check_devices(arguments.get("devices") or [], component)
        return _mirrored(tuple(arguments.get("devices") or ()))
    if name == "OneDeviceStrategy":
        _check_devices([arguments["device"]], component)
        return tf.distribute.OneDeviceStrategy(arguments["device"])
    return _tpu(component) if name == "TPUStrategy" else tf.distribute.get_strategy()


def synchronize(models: Mapping[str, keras.Model], strategy: tf.distribute.Strategy) -> None:
    """Makes batch normalization take its statistics over all replicas; without it theirs would drift apart."""
    if strategy.num_replicas_in_sync > 1:
        for model in models.values():
            for layer in model._flatten_layers():
                if isinstance(layer, keras.layers.BatchNormalization):
                    layer.synchronized = True


def describe_strategy(component: Component, strategy: tf.distribute.Strategy, batch_size: int) -> dict[str, Any]:
    """Returns what a run records of its strategy: how many replicas share each global batch, and the learning rate."""
    replicas = strategy.num_replicas_in_sync
    name = type(strategy).__name__ if replicas > 1 else component.name
    return {
        "name": name.removesuffix("V2"),
        "replicas": replicas,
        "workers": replicas // len(strategy.extended.worker_devices) if replicas > 1 else 1,
        "batch_size": batch_size,
        "learning_rate_scale": replicas if component.arguments.get("scale_learning_rate") else 1,
    }


def describe_devices() -> dict[str, Any]:
    """Returns the devices that TensorFlow sees, by kind."""
    found: dict[str, list[str]] = {}
    for device in tf.config.list_logical_devices():
        found.setdefault(device.device_type, []).append(device.name)
    return found


@cache
def _mirrored(devices: tuple[str, ...]) -> tf.distribute.Strategy:
    """Returns one strategy for all trainings of a process: two would number their messages alike and mix them up."""
    return tf.distribute.MirroredStrategy(list(devices) or None)


@cache
def _multi_worker(communication: str, cluster: Cluster | None) -> tf.distribute.Strategy:
    implementation = tf.distribute.experimental.CommunicationImplementation[communication.upper()]
    options = tf.distribute.experimental.CommunicationOptions(implementation=implementation)
    if cluster is None:
        return tf.distribute.MultiWorkerMirroredStrategy(communication_options=options)
    resolver = tf.distribute.cluster_resolver.SimpleClusterResolver(
        tf.train.ClusterSpec({"worker": list(cluster.workers)}),
        task_type="worker",
        task_id=cluster.index,
        rpc_layer="grpc",
    )
    try:
        return tf.distribute.MultiWorkerMirroredStrategy(resolver, options)
    except tf.errors.OpError as error:
        reason = " ".join(error.message.partition("\n")[0].split())[:300]
        message = f"The workers {', '.join(cluster.workers)} of {cluster.named_by} did not come together: {reason}"
        raise SpecError([Fault(message, hint="Every worker has to be started, and to reach the others.")]) from None


def _tpu(component: Component) -> tf.distribute.Strategy:
    name = component.arguments.get("tpu")
    try:
        resolver = tf.distribute.cluster_resolver.TPUClusterResolver(name or "local")
        tf.config.experimental_connect_to_cluster(resolver)
        tf.tpu.experimental.initialize_tpu_system(resolver)
        return tf.distribute.TPUStrategy(resolver)
    except (ValueError, RuntimeError, OSError, tf.errors.OpError) as error:
        reason = " ".join(str(error).split())[:200]
        message = f"There is no TPU {f'`{name}` ' if name else ''}to be found: {reason}"
        raise SpecError([Fault(message, component.place, "Write `Auto` to train on what is there.")]) from None


def _check_devices(names: list[str], component: Component) -> None:
    """Refuses names of devices that are not there, or given twice."""
    known = [device.name.removeprefix("/device:") for device in tf.config.list_logical_devices()]
    for name in names:
        short = name.removeprefix("/").removeprefix("device:")
        if short.upper() not in {one.upper() for one in known}:
            hint = suggest(short, known, what="devices")
            raise SpecError([Fault(f"There is no device `{name}` on this machine.", component.place, hint)])
    shorts = [name.removeprefix("/").removeprefix("device:").upper() for name in names]
    if twice := next((name for name in shorts if shorts.count(name) > 1), None):
        raise SpecError([Fault(f"The device `{twice}` is named twice.", component.place, "Name each once.")])
