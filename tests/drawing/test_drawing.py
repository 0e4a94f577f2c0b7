"""Pictures: valid files, every row once, blocks around what they do, lines that join what reads."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

import dlsuite
from dlsuite.drawing import draw
from dlsuite.drawing.diagram import Box, diagram
from dlsuite.drawing.svg import to_svg

ROOT = Path(__file__).parents[2] / "specs"
SVG = "{http://www.w3.org/2000/svg}"


def drawn(path: Path, name: str, **params: Any) -> str:
    """Returns the picture of a spec as a file of that name holds it."""
    draw(dlsuite.show(dlsuite.load(ROOT / f"{name}.json", **params)), path)
    return path.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["papers/unet", "papers/gpt2", "papers/mixtral_8x7b", "vision/fashion_resnet"])
def test_it_is_svg_with_boxes_and_lines_inside(tmp_path: Path, name: str) -> None:
    root = ElementTree.fromstring(drawn(tmp_path / "graph.svg", name))
    assert root.tag == f"{SVG}svg"
    width, height = float(root.get("width", 0)), float(root.get("height", 0))
    rectangles = list(root.iter(f"{SVG}rect"))
    assert len(rectangles) > 8 and len(list(root.iter(f"{SVG}path"))) > 8
    for one in rectangles:
        x, y, w, h = (float(one.get(key, -1)) for key in ("x", "y", "width", "height"))
        assert x >= 0 and y >= 0 and x + w <= width and y + h <= height


def test_boxes_do_not_overlap(tmp_path: Path) -> None:
    root = ElementTree.fromstring(drawn(tmp_path / "graph.svg", "papers/resnet18"))
    areas = [tuple(float(one.get(key, 0)) for key in ("x", "y", "width", "height")) for one in root.iter(f"{SVG}rect")]
    for x, y, w, h in areas:
        for a, b, c, d in areas:
            apart = x + w <= a or a + c <= x or y + h <= b or b + d <= y
            inside = (x <= a and y <= b and a + c <= x + w and b + d <= y + h) or (
                a <= x and b <= y and x + w <= a + c and y + h <= b + d
            )
            assert apart or inside


def test_text_is_escaped() -> None:
    picture = to_svg('a "<b>"', [Box("1", "<i> & more", ("(·, 3)",), "layer")])
    assert "&lt;i&gt; &amp; more" in picture
    assert ElementTree.fromstring(picture).get("aria-label") == 'a "<b>"'


def test_repeated_blocks_are_drawn_once() -> None:
    boxes = diagram(dlsuite.show(dlsuite.load(ROOT / "papers" / "mixtral_8x7b.json")))
    (decoder,) = [box for box in boxes if "×32" in box.title]
    assert decoder.parts and decoder.kind == "block"


def test_lines_join_what_reads() -> None:
    boxes = diagram(dlsuite.show(dlsuite.load(ROOT / "papers" / "unet.json")))
    titles = {box.key: box.title for box in boxes}
    reads = {box.title: [titles[key] for key in box.reads] for box in boxes}
    assert reads["down_0"] == ["image"]
    assert reads["max_pooling2d"] == ["down_0"] and "down_0" in reads["cropping2d_3"]
    assert set(reads["concatenate_3"]) == {"up_3", "cropping2d_3"}


def test_it_is_the_language_of_graphviz(tmp_path: Path) -> None:
    text = drawn(tmp_path / "graph.dot", "papers/gpt2")
    assert text.startswith('digraph "gpt2" {') and text.rstrip().endswith("}")
    assert text.count("{") == text.count("}") and text.count("subgraph") > 2
    statement = r'\s*("[^"]*" \[.*\]|"[^"]*" -> "[^"]*"( \[.*\])?|label=.*|node \[.*\]|rankdir=.*)?;?'
    for line in text.splitlines()[1:-1]:
        body = line.strip()
        assert body == "}" or body.startswith("subgraph ") or re.fullmatch(statement, body), line
    nodes = set(re.findall(r'^\s*("[^"]*") \[', text, re.M))
    for source, target in re.findall(r'("[^"]*") -> ("[^"]*")', text):
        assert source in nodes and target in nodes


def test_another_ending_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"\.svg or \.dot"):
        draw(dlsuite.show(dlsuite.load(ROOT / "papers" / "vgg16.json")), tmp_path / "graph.png")
