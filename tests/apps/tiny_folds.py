"""Runs of proteins that train in seconds, for the page to show."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

SPECS = Path(__file__).parents[2] / "specs" / "protein"
PEPTIDES = {"SyntheticPeptides": {"count": 30}}
SMALL = {"params.width": 8, "data.source": PEPTIDES, "train.epochs": 1}


def tags() -> tuple[Path, dict[str, Any]]:
    """Returns a spec, and what is changed of it, of tags of residues, by two layers of which one is attention."""
    layers = json.loads((SPECS / "peptides.json").read_text())["model"]["layers"]
    itself = {"query": "@previous", "value": "@previous"}
    attention = {"MultiHeadAttention": {"num_heads": 2, "key_dim": 4, "inputs": itself}}
    return SPECS / "peptides.json", {**SMALL, "model.layers": [layers[0], attention, *layers[1:]], "baselines": []}


def folds() -> tuple[Path, dict[str, Any]]:
    """Returns the same of structures from sequences."""
    return SPECS / "folded_peptides.json", {**SMALL, "params.pair_width": 4}
