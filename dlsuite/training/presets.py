"""Weights of presets, taken when a training begins: building and counting need no network access."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import keras

from dlsuite.making import make
from dlsuite.spec.errors import DataError, Fault, Place, SpecError
from dlsuite.spec.plan import BlockCall, Body, Component, LayerCall, Plan


def load_presets(plan: Plan, models: Mapping[str, keras.Model]) -> list[str]:
    """Gives each layer with a `preset` the weights of that preset: keras-hub's, or `imagenet` of keras.applications.

    Returns:
        A sentence for each.

    Raises:
        DataError: A preset cannot be fetched.
        SpecError: A preset belongs to another architecture or size than the layer.
    """
    said = []
    for network, path, call in _calls(plan):
        preset = str(call.preset)
        layer = models[network].get_layer(path)
        try:
            source = _fetch(call.component, layer, preset)
        except Exception as error:
            reason = " ".join(str(error).split())[:300] or type(error).__name__
            hint = "Presets are fetched from their hub once and then cached: is there a network, and is the name right?"
            raise DataError(f"The preset `{preset}` of `{path}` cannot be loaded: {reason} {hint}") from None
        _copy(source, layer, preset, path, call.place)
        said.append(f"`{path}` starts with the weights of the preset `{preset}`")
    return said


def _copy(source: keras.Layer, layer: keras.Layer, preset: str, path: str, place: Place) -> None:
    ours, theirs = [w.shape for w in layer.weights], [w.shape for w in source.weights]
    if ours != theirs:
        at = next((i for i, (a, b) in enumerate(zip(ours, theirs, strict=False)) if a != b), None)
        found = f"{len(theirs)} weights, not {len(ours)}" if at is None else f"{theirs[at]} where it has {ours[at]}"
        message = f"The preset `{preset}` does not fit `{path}`: its weights have {found}."
        raise SpecError([Fault(message, place, "Give the layer the arguments of the preset's architecture.")])
    layer.set_weights(source.get_weights())


def _fetch(component: Component, layer: keras.Layer, preset: str) -> keras.Layer:
    if component.name.startswith("applications."):
        return make(component, weights=preset)
    return type(layer).from_preset(preset)


def _calls(plan: Plan) -> Iterator[tuple[str, str, LayerCall]]:
    for name, network in plan.networks.items():
        seen: set[str] = set()
        for path, call in _inside(network.body, ""):
            if path not in seen:
                seen.add(path)
                yield name, path, call


def _inside(body: Body, path: str) -> Iterator[tuple[str, LayerCall]]:
    for node in body.nodes:
        if isinstance(node, LayerCall) and node.preset is not None:
            yield f"{path}{node.name}", node
        elif isinstance(node, BlockCall):
            yield from _inside(node.body, f"{path}{node.name}.")
