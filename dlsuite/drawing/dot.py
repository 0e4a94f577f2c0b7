"""A diagram in the language of Graphviz, blocks as clusters."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from dlsuite.drawing.diagram import Box

FILL = {
    "input": "#e8eef7",
    "layer": "#ffffff",
    "op": "#f4f4f4",
    "port": "#dddddd",
    "block": "#fdf6e3",
    "network": "#eef7e8",
}


def to_dot(name: str, boxes: Sequence[Box]) -> str:
    """Returns a diagram as Graphviz reads it."""
    head = [f"digraph {_quoted(name)} {{", "  rankdir=TB; compound=true; fontname=Helvetica;"]
    head.append('  node [shape=box, style="rounded,filled", fontname=Helvetica, fontsize=10];')
    edges = [f"  {_edge(source, target)};" for source, target in _edges(boxes)]
    return "\n".join([*head, *_nodes(boxes, 1), *edges, "}"]) + "\n"


def _nodes(boxes: Sequence[Box], level: int) -> Iterator[str]:
    space = "  " * level
    for box in boxes:
        label = _quoted("\n".join([box.title, *box.lines]))
        if box.parts:
            yield f"{space}subgraph {_quoted(f'cluster {box.key}')} {{"
            yield f'{space}  label={label}; style=rounded; color="#888888";'
            yield from _nodes(box.parts, level + 1)
            yield f"{space}}}"
        else:
            yield f'{space}{_quoted(box.key)} [label={label}, fillcolor="{FILL.get(box.kind, "#ffffff")}"];'


def _edges(boxes: Sequence[Box]) -> Iterator[tuple[Box, Box]]:
    known = {box.key: box for box in boxes}
    for box in boxes:
        for key in box.reads:
            if key in known and known[key] is not box:
                yield known[key], box
        yield from _edges(box.parts)


def _edge(source: Box, target: Box) -> str:
    """Returns an edge between boxes, or between the boxes around what it joins."""
    ends = []
    if source.parts:
        ends.append(f"ltail={_quoted(f'cluster {source.key}')}")
    if target.parts:
        ends.append(f"lhead={_quoted(f'cluster {target.key}')}")
    extra = f" [{', '.join(ends)}]" if ends else ""
    return f"{_quoted(_leaf(source, -1).key)} -> {_quoted(_leaf(target, 0).key)}{extra}"


def _leaf(box: Box, end: int) -> Box:
    while box.parts:
        box = box.parts[end]
    return box


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
