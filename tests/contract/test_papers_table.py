"""The table of published architectures in docs/ says what the specs claim and what the oracles found."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
ANEW = "write it anew: .venv/bin/python benchmarks/papers.py"
ROWS = {
    cells[0]: cells[1:]
    for line in (ROOT / "docs" / "papers.md").read_text().splitlines()
    if line.startswith("| [") and (cells := [cell.strip() for cell in line.strip("| ").split(" | ")])
}


def row(spec: str, network: str | None) -> list[str]:
    """Returns the cells of a spec's row, or of one of its networks'."""
    title = f"{spec}: {network}" if network else spec
    assert f"[{title}](../specs/papers/{spec}.json)" in ROWS, ANEW
    return ROWS[f"[{title}](../specs/papers/{spec}.json)"]


@pytest.mark.parametrize("path", sorted((ROOT / "specs" / "papers").glob("*.json")), ids=lambda path: path.stem)
def test_it_shows_what_a_spec_claims(path: Path) -> None:
    claimed: Any = json.loads(path.read_text())["expect"]["parameters"]
    networks = {None: claimed} if isinstance(claimed, int) or "trainable" in claimed else claimed
    for network, count in networks.items():
        counts = [count] if isinstance(count, int) else list(count.values())
        shown = [int(number.replace(",", "")) for number in re.findall(r"[\d,]*\d", row(path.stem, network)[0])]
        assert shown == counts, ANEW


@pytest.mark.parametrize(
    "path", sorted((ROOT / "tests" / "golden" / "oracles").glob("*.json")), ids=lambda path: path.stem
)
def test_it_shows_what_an_oracle_found(path: Path) -> None:
    kept = json.loads(path.read_text())
    cells = row(Path(kept["recipe"]["spec"]).name, kept["recipe"]["network"])
    assert cells[4:6] == [f"{kept['oracle']} {kept['version']}", f"{kept['difference']:.1e}"], ANEW
