"""The picture of a network: its calls as boxes, its blocks as boxes around them."""

from __future__ import annotations

from pathlib import Path

from dlsuite.drawing.diagram import diagram
from dlsuite.drawing.dot import to_dot
from dlsuite.drawing.svg import to_svg
from dlsuite.summary import Summary

WRITERS = {".svg": to_svg, ".dot": to_dot}
"""What writes a picture, by the ending of its file."""


def draw(summary: Summary, path: str | Path) -> None:
    """Draws a spec's networks into a file: blocks are opened and drawn around what they do, equal rows once.

    Args:
        summary: As `dlsuite.show` gives it.
        path: Ends with `.svg`, or with `.dot` for Graphviz.

    Raises:
        ValueError: The path ends otherwise.

    Example:
        >>> draw(dlsuite.show(dlsuite.load("specs/papers/unet.json")), "unet.svg")
    """
    ending = Path(path).suffix
    if ending not in WRITERS:
        raise ValueError(f"a picture's file ends with {' or '.join(WRITERS)}, not with {ending!r}")
    Path(path).write_text(WRITERS[ending](summary.name, diagram(summary)), encoding="utf-8")
