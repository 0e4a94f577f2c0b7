"""What comes out of a call: how many tensors it makes, where that is known before anything is built."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dlsuite.spec import expressions, plan
from dlsuite.spec.catalogue import Catalogue, Entry
from dlsuite.spec.expressions import ExpressionError
from dlsuite.spec.plan import Body, Network, Ref


def count_outputs(
    catalogue: Catalogue, networks: Mapping[str, Network], kind: type[plan.Node], fields: Mapping[str, Any]
) -> int | None:
    """Returns how many tensors a call makes; `None` where only building tells.

    Args:
        catalogue: The components.
        networks: Those that are expanded so far.
        kind: What is called.
        fields: Those of the node.
    """
    if kind is plan.BlockCall:
        return _of_body(catalogue, networks, fields["body"])
    if kind is plan.NetworkCall:
        network = networks.get(fields["network"])
        return _of_body(catalogue, networks, network.body) if network else None
    if kind not in (plan.LayerCall, plan.OpCall):
        return 1
    component = fields["component"]
    entry = catalogue.entry(component.kind, component.name)
    stock = component.kind == "op" or "." not in component.name
    if entry is None or not stock or catalogue.own(component.kind, component.name):
        return None
    return _of_component(entry, {**component.arguments, **fields["inputs"]})


def _of_body(catalogue: Catalogue, networks: Mapping[str, Network], body: Body) -> int | None:
    if len(body.outputs) != 1:
        return len(body.outputs) or None
    (made,) = body.outputs.values()
    if not isinstance(made, Ref) or made.node < 0 or made.item is not None:
        return None
    node = body.nodes[made.node]
    return count_outputs(catalogue, networks, type(node), vars(node))


def _of_component(entry: Entry, given: Mapping[str, Any]) -> int | None:
    """Returns the number that the catalogue tells: itself, by an expression, or by an argument."""
    told = entry.get("outputs", 1)
    if not isinstance(told, str):
        return told
    schemas = {**entry["args"], **entry.get("call", {})}
    names = {**{key: schema.get("default") for key, schema in schemas.items()}, **given}
    if expressions.is_expression(told):
        try:
            value = expressions.evaluate(told, names)
        except ExpressionError:
            return None
    else:
        value = names[told]
    if isinstance(value, list):
        return len(value) + 1
    return value if isinstance(value, int) else None
