"""What a picture holds: boxes, boxes around boxes, and the lines between them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from dlsuite.summary import NetworkSummary, Summary
from dlsuite.summary.calls import Call
from dlsuite.summary.folding import fold
from dlsuite.summary.numerals import scaled, shape_text

DRAWN = 2000
"""The most boxes that blocks are opened into; what would be more stays closed."""
DEEPEST = 8
"""Blocks are opened so many levels deep, at most."""


@dataclass
class Box:
    """A call, an input, or a box around others.

    Attributes:
        key: Its own in the picture.
        title: Its name, and how often it comes.
        lines: What stands below: component, shape, parameters.
        kind: `input`, `port` (of a block), `layer`, `op`, `block`, `network` or `repeat`.
        reads: Keys of the boxes beside it whose results go in.
        parts: What is inside.
    """

    key: str
    title: str
    lines: tuple[str, ...]
    kind: str
    reads: tuple[str, ...] = ()
    parts: list[Box] = field(default_factory=list)


def diagram(summary: Summary, drawn: int = DRAWN) -> list[Box]:
    """Returns the boxes of a spec: those of its network, or one box for each of several.

    Args:
        summary: As `dlsuite.show` gives it.
        drawn: Blocks are opened while there are no more boxes than this.
    """
    return _open(lambda depth: _whole(summary, depth), drawn)


def look_into(call: Call, drawn: int = DRAWN) -> list[Box]:
    """Returns the boxes of what a block does, with its inputs.

    Args:
        call: Of the block, as a summary has it.
        drawn: As of `diagram`.
    """
    return _open(lambda depth: _ported(call, call.name, depth), drawn)


def _open(draw: Callable[[int], list[Box]], drawn: int) -> list[Box]:
    """Returns boxes with blocks opened as many levels deep as there is room for."""
    boxes = draw(0)
    for depth in range(1, DEEPEST + 1):
        deeper = draw(depth)
        if not _boxes(boxes) < _boxes(deeper) <= drawn:
            break
        boxes = deeper
    return boxes


def _whole(summary: Summary, depth: int) -> list[Box]:
    found = {name: _network(name, network, depth) for name, network in summary.networks.items()}
    if summary.single:
        return found["model"]
    return [Box(name, name, (), "network", (), parts) for name, parts in found.items()]


def _boxes(boxes: Sequence[Box]) -> int:
    return sum(1 + _boxes(box.parts) for box in boxes)


def _network(name: str, network: NetworkSummary, depth: int) -> list[Box]:
    inputs = [
        Box(f"{name}/{key}", key, (shape_text([None, *shape]),), "input") for key, shape in network.inputs.items()
    ]
    return [*inputs, *_body(network.calls, name, [box.key for box in inputs], depth)]


def _body(calls: Sequence[Call], path: str, outside: Sequence[str], depth: int) -> list[Box]:
    """Returns the boxes of a body; `outside` are those that its inputs come from, empty keys for none that is drawn."""
    boxes: list[Box] = []
    where: dict[int, str] = {}
    for group in fold(calls):
        count = len(group.calls)
        inner = []
        for position, call in enumerate(group.calls, group.start):
            sources = [where.get(one, "") if one >= 0 else _outer(outside, -1 - one) for one in call.reads]
            times = group.times if count == 1 else 1
            box = _box(call, f"{path}/{position}", tuple(filter(None, dict.fromkeys(sources))), times, depth)
            inner.append(box)
            where[position] = box.key
        if group.times > 1 and count > 1:
            inner = [_around(inner, f"{path}/{group.start}x", group.times)]
        boxes += inner
        for position in range(group.start, group.start + count * group.times):
            where[position] = inner[(position - group.start) % len(inner)].key
    return boxes


def _around(boxes: list[Box], key: str, times: int) -> Box:
    """Returns a box around those that repeat; it reads what they read from outside."""
    own = {box.key for box in boxes}
    reads = tuple(dict.fromkeys(source for box in boxes for source in box.reads if source not in own))
    for box in boxes:
        box.reads = tuple(source for source in box.reads if source in own)
    return Box(key, f"{times} times", (), "repeat", reads, boxes)


def _outer(outside: Sequence[str], number: int) -> str:
    return outside[number] if number < len(outside) else ""


def _box(call: Call, key: str, reads: tuple[str, ...], times: int, depth: int) -> Box:
    title = f"{call.name} ×{times}" if times > 1 else call.name
    component = "" if call.component == call.name else call.component
    count = f"{scaled(call.total).strip()} parameters" if call.total else "shared" if call.shared else ""
    lines = tuple(line for line in (component, shape_text(call.shape), count if call.kind != "op" else "") if line)
    parts = _inside(call, key, depth - 1) if depth and call.kind == "block" else []
    return Box(key, title, lines, call.kind, reads, parts)


def _inside(call: Call, key: str, depth: int) -> list[Box]:
    """Returns the boxes of a block; ports stand for its inputs where they go elsewhere than into its first call."""
    readers = [number for number, part in enumerate(call.parts) if any(one < 0 for one in part.reads)]
    if len(call.takes) == 1 and readers in ([], [0]):
        return _body(call.parts, key, (), depth)
    return _ported(call, key, depth)


def _ported(call: Call, key: str, depth: int) -> list[Box]:
    """Returns the boxes of a block, with one for each of its inputs."""
    ports = [Box(f"{key}/{name}", name, (), "port") for name in call.takes]
    return [*ports, *_body(call.parts, key, [port.key for port in ports], depth)]
