"""What calls of networks state of `trainable` and `dtype`: a network has one set of weights, and so one of settings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from dlsuite.spec.checking import Checker
from dlsuite.spec.document import Object, describe
from dlsuite.spec.errors import Place
from dlsuite.spec.expressions import Symbol
from dlsuite.spec.plan import BlockCall, Body, Network, NetworkCall

Calls = tuple[tuple[str, Place], ...]


@dataclass(frozen=True)
class Statement:
    """One setting that holds for a call, where it stands, and how many calls of blocks and networks are between."""

    value: object
    place: Place
    calls: Calls
    distance: int = 0


def settle_networks(checker: Checker, networks: Mapping[str, Network]) -> dict[str, Network]:
    """Returns the networks with the settings that calls of them state, the nearest statement winning.

    Two calls that state different values are a fault at the second.
    """
    found: dict[str, dict[str, list[Statement]]] = {name: {} for name in networks}
    settled: dict[str, dict[str, Statement]] = {}
    for name in _callers_first(networks):
        settled[name] = {key: _agreed(checker, name, key, stated) for key, stated in found[name].items()}
        for called, key, statement in _statements(networks[name].body, settled[name], ()):
            if called in found:
                found[called].setdefault(key, []).append(statement)
    return {
        name: replace(network, settings={key: statement.value for key, statement in settled[name].items()})
        for name, network in networks.items()
    }


def _callers_first(networks: Mapping[str, Network]) -> list[str]:
    """Returns the names of networks, each before those that it calls."""
    order: list[str] = []

    def visit(name: str) -> None:
        if name in networks and name not in order:
            for called in sorted(networks[name].body.networks):
                visit(called)
            order.append(name)

    for name in networks:
        visit(name)
    return order[::-1]


def _statements(body: Body, around: Mapping[str, Statement], calls: Calls) -> Iterator[tuple[str, str, Statement]]:
    """Yields name of the network, key and statement for each call of a network in a body, in blocks inside too."""
    farther = {key: replace(statement, distance=statement.distance + 1) for key, statement in around.items()}
    for node in body.nodes:
        if isinstance(node, NetworkCall):
            yield from ((node.network, key, one) for key, one in {**farther, **_stated(node, calls)}.items())
        elif isinstance(node, BlockCall) and node.body.networks:
            inner = ((node.block, node.place), *calls)
            yield from _statements(node.body, {**farther, **_stated(node, calls)}, inner)


def _stated(node: NetworkCall | BlockCall, calls: Calls) -> dict[str, Statement]:
    places = node.settings.places if isinstance(node.settings, Object) else {}
    return {key: Statement(value, places.get(key, node.place), calls) for key, value in node.settings.items()}


def _agreed(checker: Checker, name: str, key: str, stated: list[Statement]) -> Statement:
    """Returns the statement that holds for a network; those as near that say something else are faults."""
    nearest = min(statement.distance for statement in stated)
    near = [statement for statement in stated if statement.distance == nearest]
    first, *others = sorted(near, key=lambda one: (one.place.source is not near[0].place.source, one.place.offset))
    for other in others:
        if other.value == first.value or isinstance(other.value, Symbol) or isinstance(first.value, Symbol):
            continue
        source, (line, column) = first.place.source, first.place.source.locate(first.place.offset)
        message = (
            f"`{key}` of the network `{name}` is {describe(other.value)} here and {describe(first.value)} elsewhere."
        )
        hint = f"First at {source.name}:{line}:{column}. All calls of a network share its layers: state it once."
        outer, checker.calls = checker.calls, other.calls
        checker.fault(message, other.place, hint)
        checker.calls = outer
    return first
