"""Outputs that are no logits: a softmax, sigmoid or the like comes last, followed back through blocks and networks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from dlsuite.spec.catalogue import Catalogue
from dlsuite.spec.errors import Place
from dlsuite.spec.plan import BlockCall, Body, Component, LayerCall, Network, NetworkCall, Node, OpCall, Ref

GIVEN: Mapping[str, str] = {
    **dict.fromkeys(("softmax", "sigmoid", "hard_sigmoid", "sparse_sigmoid", "sparsemax"), "probabilities"),
    **dict.fromkeys(("relu", "relu6", "softplus", "squareplus", "sparse_plus", "exponential"), "no negative numbers"),
    **dict.fromkeys(("tanh", "hard_tanh", "softsign"), "numbers between -1 and 1"),
}
"""What activations give that do not give every real number, as logits are."""


class Squashed(NamedTuple):
    """The activation that makes an output, where it stands, and the block calls that lead there."""

    activation: str
    place: Place
    calls: tuple[tuple[str, Place], ...]


def squashed(catalogue: Catalogue, networks: Mapping[str, Network], output: str) -> Iterator[Squashed]:
    """Yields, for each network with an output of that name, the activation that makes it, if one does."""
    for network in networks.values():
        if output in network.body.outputs:
            found = _maker(network.body, network.body.outputs[output], networks, ())
            activation = _activation(catalogue, found[0]) if found else ""
            if found and activation in GIVEN:
                yield Squashed(activation, found[0].place, found[1])


def _maker(
    body: Body, made: Any, networks: Mapping[str, Network], calls: tuple[tuple[str, Place], ...]
) -> tuple[Node, tuple[tuple[str, Place], ...]] | None:
    """Returns the layer or op that makes a tensor of a body, and the block calls that lead to it."""
    if not isinstance(made, Ref) or made.node < 0:
        return None
    node = body.nodes[made.node]
    if isinstance(node, BlockCall):
        inner, calls = node.body, ((node.block, node.place), *calls)
    elif isinstance(node, NetworkCall) and node.network in networks:
        inner, calls = networks[node.network].body, ()
    else:
        return (node, calls) if made.item is None else None
    if made.item is None and len(inner.outputs) == 1:
        return _maker(inner, next(iter(inner.outputs.values())), networks, calls)
    return _maker(inner, inner.outputs.get(made.item), networks, calls)  # type: ignore[arg-type]


def _activation(catalogue: Catalogue, node: Node) -> str:
    """Returns the activation that a call ends with: the layer or op itself, or the argument that says so."""
    if isinstance(node, OpCall):
        return node.component.name.removeprefix("ops.")
    if not isinstance(node, LayerCall):
        return ""
    component = node.component
    if component.name.startswith("applications."):
        return _classifier(catalogue, component)
    if "." in component.name or catalogue.own("layer", component.name):
        return ""
    own = component.name.lower()
    return own if own in GIVEN else _named(component.arguments.get("activation"))


def _classifier(catalogue: Catalogue, component: Component) -> str:
    """Returns the activation at the end of a model of `keras.applications`: a softmax unless told otherwise."""
    schemas = (catalogue.entry("layer", component.name) or {"args": {}})["args"]
    given = {**{key: schema.get("default") for key, schema in schemas.items()}, **component.arguments}
    return _named(given.get("classifier_activation")) if given.get("include_top") is True else ""


def _named(activation: Any) -> str:
    return activation.name if isinstance(activation, Component) else activation if isinstance(activation, str) else ""
