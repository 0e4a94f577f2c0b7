"""The classes and functions of the installed libraries that may be components."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

import keras
import keras_cv
import keras_hub
from keras import layers


def libraries() -> Iterator[tuple[str, str, Any]]:
    """Yields kind, name and object of each component that is made by calling a class or function."""
    for kind, module in (
        ("optimizer", keras.optimizers),
        ("schedule", keras.optimizers.schedules),
        ("loss", keras.losses),
        ("metric", keras.metrics),
        ("callback", keras.callbacks),
    ):
        yield from ((kind, name, cls) for name, cls in _classes(module))
    for kind, module in (
        ("initializer", keras.src.initializers),
        ("regularizer", keras.src.regularizers),
        ("constraint", keras.src.constraints),
    ):
        known = {**module.ALL_OBJECTS_DICT, **dict(_classes(getattr(keras, kind + "s")))}
        yield from ((kind, name, cls) for name, cls in known.items() if name and inspect.isclass(cls))
    yield from (("layer", name, cls) for name, cls in _classes(layers))
    yield from (("layer", f"keras_hub.{name}", cls) for name, cls in _hub())
    yield from (("layer", f"keras_cv.{name}", cls) for name, cls in _classes(keras_cv.layers) if _is_layer(cls))
    for name, function in vars(keras.applications).items():
        if inspect.isfunction(function):
            yield "layer", f"applications.{name}", function


def _classes(module: Any) -> list[tuple[str, Any]]:
    return [(name, value) for name, value in vars(module).items() if inspect.isclass(value) and name[0] != "_"]


def _is_layer(cls: Any) -> bool:
    return issubclass(cls, keras.layers.Layer)


def _hub() -> Iterator[tuple[str, Any]]:
    """Yields layers, and models that are built from arguments alone."""
    yield from ((name, cls) for name, cls in _classes(keras_hub.layers) if _is_layer(cls))
    for name, cls in _classes(keras_hub.models):
        if issubclass(cls, keras.Model) and not any(
            p.kind is p.VAR_POSITIONAL for p in inspect.signature(cls.__init__).parameters.values()
        ):
            yield name, cls


def augments(function: Any) -> bool:
    """Returns whether a class of layers is one of augmentations."""
    bases = (
        layers.RandomFlip.__mro__[1],
        keras_cv.layers.BaseImageAugmentationLayer,
        keras_cv.layers.VectorizedBaseImageAugmentationLayer,
    )
    return inspect.isclass(function) and issubclass(function, bases)


def activations() -> Iterator[str]:
    """Yields the names of activations that need nothing but a tensor."""
    for name, function in keras.src.activations.ALL_OBJECTS_DICT.items():
        needed = [p for p in inspect.signature(function).parameters.values() if p.default is p.empty]
        if len(needed) == 1:
            yield name
