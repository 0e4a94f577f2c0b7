"""A diagram as SVG, with a layout of its own: rows from top to bottom, each box below what it reads.

Boxes of one row stand side by side in the order of the spec. A line that passes over rows runs in a lane of its own to
the right of the boxes, so that none is crossed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

from dlsuite.drawing.diagram import Box

GAP_X, GAP_Y, PADDING, LINE, LANE = 18, 26, 12, 14, 10
LETTER, TITLE = 6.2, 7.0
"""Widths of letters, in pixels."""
STYLE = """
  text { font-family: Helvetica, Arial, sans-serif; font-size: 11px; fill: #444; }
  text.title { font-size: 12px; font-weight: bold; fill: #1a1a1a; }
  rect { stroke: #8a93a3; stroke-width: 1; }
  .input { fill: #e3ecf9; } .port { fill: #e6e6e6; } .layer { fill: #ffffff; } .op { fill: #f1f1f1; }
  .block { fill: #fff8e6; } .network { fill: #eef7e8; } .repeat { fill: #f6f1fb; stroke-dasharray: 4 3; }
  path { fill: none; stroke: #6b7484; stroke-width: 1.2; }
  #arrow path { fill: #6b7484; stroke: none; }
"""


@dataclass
class Placed:
    """A box with its room, its place inside the box around it, and its lines."""

    box: Box
    width: float = 0
    height: float = 0
    x: float = 0
    y: float = 0
    parts: list[Placed] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)


def to_svg(name: str, boxes: Sequence[Box]) -> str:
    """Returns a diagram as SVG."""
    whole = _place(Box("", name, (), "whole", (), list(boxes)))
    width, height = whole.width + 2 * PADDING, whole.height + 2 * PADDING
    body = "\n".join(_shapes(whole, PADDING, PADDING))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
        f'viewBox="0 0 {width:.0f} {height:.0f}" role="img" aria-label="{escape(name, {chr(34): "&quot;"})}">\n'
        f"<title>{escape(name)}</title>\n<style>{STYLE}</style>\n"
        '<defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" '
        'orient="auto"><path d="M0 0 8 4 0 8Z"/></marker></defs>\n'
        f"{body}\n</svg>\n"
    )


def _place(box: Box) -> Placed:
    """Returns a box with everything inside it placed."""
    placed = Placed(box, parts=[_place(part) for part in box.parts])
    head = LINE * (1 + len(box.lines)) + PADDING
    words = max([len(box.title) * TITLE, *(len(line) * LETTER for line in box.lines)])
    if box.kind == "port":
        placed.width, placed.height = max(words, LINE) + PADDING, LINE + PADDING / 2
        return placed
    if not box.parts:
        placed.width, placed.height = words + 2 * PADDING, head + PADDING / 2
        return placed
    rows = _rows(placed.parts)
    widths = [sum(one.width for one in row) + GAP_X * (len(row) - 1) for row in rows]
    widest = max(widths)
    y = head + PADDING
    for row, width in zip(rows, widths, strict=True):
        x = PADDING + (widest - width) / 2
        for one in row:
            one.x, one.y = x, y
            x += one.width + GAP_X
        y += max(one.height for one in row) + GAP_Y
    lanes = _join(placed, rows, PADDING + widest)
    placed.width = max(words + 2 * PADDING, widest + 2 * PADDING + lanes * LANE)
    placed.height = y - GAP_Y + PADDING
    return placed


def _rows(parts: Sequence[Placed]) -> list[list[Placed]]:
    """Returns boxes by row: each stands below everything that it reads."""
    level: dict[str, int] = {}
    for part in parts:
        above = [level[key] for key in part.box.reads if key in level]
        level[part.box.key] = 1 + max(above) if above else 0
    rows: list[list[Placed]] = [[] for _ in range(1 + max(level.values()))]
    for part in parts:
        rows[level[part.box.key]].append(part)
    return rows


def _join(placed: Placed, rows: Sequence[Sequence[Placed]], right: float) -> int:
    """Draws the lines between the parts of a box and returns how many lanes they need."""
    row_of = {one.box.key: number for number, row in enumerate(rows) for one in row}
    parts = {one.box.key: one for one in placed.parts}
    bottoms = [max(one.y + one.height for one in row) for row in rows]
    taken: list[int] = []
    for target in placed.parts:
        for key in target.box.reads:
            source = parts.get(key)
            if source is None or source is target:
                continue
            x1, y1 = source.x + source.width / 2, source.y + source.height
            x2, y2 = target.x + target.width / 2, target.y
            first, last = row_of[key], row_of[target.box.key]
            under = bottoms[first] + GAP_Y / 2
            if last - first <= 1:
                bend = f"V{under:.1f} H{x2:.1f} V{y2:.1f}" if abs(x1 - x2) > 1 else f"V{y2:.1f}"
                placed.lines.append(f"M{x1:.1f} {y1:.1f} {bend}")
                continue
            lane = next((number for number, end in enumerate(taken) if end <= first), len(taken))
            taken[lane : lane + 1] = [last]
            x, over = right + LANE * (lane + 1), bottoms[last - 1] + GAP_Y / 2 - 4
            x1, x2 = x1 + 6, x2 + 6
            placed.lines.append(f"M{x1:.1f} {y1:.1f} V{under - 4:.1f} H{x:.1f} V{over:.1f} H{x2:.1f} V{y2:.1f}")
    return len(taken)


def _shapes(placed: Placed, x: float, y: float) -> list[str]:
    """Returns a placed box, what is inside it and its lines, drawn from a corner on."""
    box, found = placed.box, []
    if box.kind != "whole":
        room = f'width="{placed.width:.1f}" height="{placed.height:.1f}"'
        found.append(f'<rect class="{box.kind}" x="{x:.1f}" y="{y:.1f}" {room} rx="6"/>')
    middle = x + placed.width / 2
    for number, line in enumerate([box.title, *box.lines]):
        style = ' class="title"' if number == 0 else ""
        down = y + LINE * (number + 1) + 3
        found.append(f'<text{style} x="{middle:.1f}" y="{down:.1f}" text-anchor="middle">{escape(line)}</text>')
    if placed.lines:
        paths = "".join(f'<path d="{line}" marker-end="url(#arrow)"/>' for line in placed.lines)
        found.append(f'<g transform="translate({x:.1f} {y:.1f})">{paths}</g>')
    for part in placed.parts:
        found += _shapes(part, x + part.x, y + part.y)
    return found
