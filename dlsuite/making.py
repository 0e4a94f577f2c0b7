"""Components made: from a name and arguments to the object of Keras, of its libraries, or of ours."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from operator import attrgetter
from typing import Any

import keras

from dlsuite import registry
from dlsuite.spec import catalogue
from dlsuite.spec.errors import Fault, SpecError
from dlsuite.spec.plan import Component
from dlsuite.spec.wiring import snake

_MODULES: Mapping[str, Any] = {
    "layer": keras.layers,
    "augmentation": keras.layers,
    "op": keras.ops,
    "optimizer": keras.optimizers,
    "schedule": keras.optimizers.schedules,
    "loss": keras.losses,
    "metric": keras.metrics,
    "callback": keras.callbacks,
    "initializer": keras.initializers,
    "regularizer": keras.regularizers,
    "constraint": keras.constraints,
}
TELLING = ("objective", "metric", "baseline", "decoder", "sampler")
"""Kinds of blocks that are made anew in many places, where nobody else tells what they refuse."""
_LIBRARIES = {"keras_hub": ("keras_hub.layers", "keras_hub.models"), "keras_cv": ("keras_cv.layers", "keras_cv.models")}


def make(component: Component, **options: Any) -> Any:
    """Returns the object that a component names; components among its arguments are made first.

    Args:
        component: Of any kind.
        options: Further arguments that the spec does not give, such as the path of a log.

    Raises:
        SpecError: A block of ours refuses what its arguments say together.

    Example:
        >>> make(Component("optimizer", "SGD", {"learning_rate": 0.1})).name
        'SGD'
    """
    if component.kind == "activation":
        return component.name
    schemas = (catalogue.load().entry(component.kind, component.name) or {}).get("args", {})
    taken: dict[str, int] = {}
    dtype = component.arguments.get("dtype") if component.kind == "layer" else None
    arguments = {key: _made(value, schemas.get(key, {}), taken, dtype) for key, value in component.arguments.items()}
    if component.kind in TELLING and catalogue.load().own(component.kind, component.name):
        return make_block(component, {**arguments, **options})
    if not component.name.startswith("applications."):
        return find(component.kind, component.name)(**arguments, **options)
    name = options.pop("name", None)
    options = {"weights": None, **options}  # theirs are fetched; a `preset` takes them when a training begins
    with _policy(arguments.pop("dtype", None)):  # these functions take no dtype
        model = find(component.kind, component.name)(**arguments, **options)
    if name is not None:
        model.name = name  # some of these functions look their own name up, and know no other
    return model


def make_block(component: Component, arguments: Mapping[str, Any]) -> Any:
    """Returns a block of ours, of these arguments; what it refuses becomes a fault at the component's place."""
    try:
        return registry.find(component.kind, component.name)(**arguments)
    except (TypeError, ValueError) as error:
        raise SpecError([Fault(f"{component.name}: {error}.", component.place)]) from None


def find(kind: str, name: str) -> Any:
    """Returns the class or function that the catalogue lists under a kind and name."""
    known = catalogue.load()
    if known.entry(kind, name) is None:
        raise KeyError(f"There is no {kind} {name!r}.")
    if known.own(kind, name):
        return registry.find(kind, name)
    library, dot, inner = name.partition(".")
    if library == "ops":
        return attrgetter(inner)(keras.ops)
    if library == "applications":
        return getattr(keras.applications, inner)
    if dot:
        for module in map(importlib.import_module, _LIBRARIES[library]):
            if hasattr(module, inner):
                return getattr(module, inner)
    found = getattr(_MODULES[kind], name, None)
    if isinstance(found, type):
        return found
    return type(_MODULES[kind].get(name))


@contextmanager
def _policy(dtype: str | None) -> Iterator[None]:
    """Makes a dtype policy hold for a while, if one is given."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(dtype or before)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


def _made(value: Any, schema: Mapping[str, Any], taken: dict[str, int], dtype: str | None) -> Any:
    """Returns an argument as Python code would give it: components made, whole numbers floats where numbers go.

    Layers inside a layer are named by their class, and numbered among themselves alone (`taken` counts): Keras would
    number them through everything that the process ever made, and the paths of their weights would differ. They compute
    in the `dtype` of the layer around them.
    """
    if isinstance(value, Component) and value.kind == "layer":
        if dtype is not None:
            value = replace(value, arguments={"dtype": dtype, **value.arguments})
        name = snake(value.name)
        number = taken[name] = taken.get(name, -1) + 1
        return make(value, name=f"{name}_{number}" if number else name)
    if isinstance(value, Component):
        return make(value)
    if isinstance(value, Mapping):
        return {key: _made(item, {}, taken, dtype) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_made(item, schema.get("items", {}), taken, dtype) for item in value]
    types = schema.get("type", ())
    if isinstance(value, int) and not isinstance(value, bool) and "number" in types and "integer" not in types:
        return float(value)
    return value
