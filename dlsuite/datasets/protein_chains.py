"""Small protein chains with known structures."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Annotated, Any

import numpy as np

from dlsuite.datasets.examples import Examples
from dlsuite.datasets.files import find_here
from dlsuite.features.chain_files import complete_beta
from dlsuite.registry import Range, register
from dlsuite.spec.errors import DataError, suggest


@register("dataset")
class ProteinChains:
    """125 protein chains of 35 to 130 residues from the Protein Data Bank: 101 to train, 24 to test.

    Read from `proteins/small_chains.jsonl.gz` under DLSUITE_DATA. The splits share no family: `cluster` is the number
    of a group of chains that are linked by identity of 30% over half of the shorter one (cut validation by it). Beta
    carbons stand in their ideal places.

    Args:
        names: Takes these chains alone, such as `1a43.A`, all for training and for the test alike: to memorise them.
        copies: How often an epoch of training goes over each chain.
    """

    fields: dict[str, dict[str, Any]] = {"name": {}, "sequence": {}, "structure": {}, "cluster": {}}
    counts = {"train": 101, "test": 24}
    licence = "CC0-1.0 (Protein Data Bank)"
    origin = "https://www.rcsb.org, extracts in https://github.com/chaconlab/korpm and Kortemme-Lab/covariation"
    files = {"proteins/small_chains.jsonl.gz": "34229e8b59f3a7e4a83c1c28d08e318a292a1539edecea365e0e5414ff0ce2d6"}

    def __init__(self, *, names: list[str] | None = None, copies: Annotated[int, Range(least=1)] = 1) -> None:
        if copies < 1:
            raise ValueError(f"copies is {copies}; it is 1 or more")
        self._names, self._copies = names, copies
        self.read: list[Path] = []
        self.note = "" if names is None else "memorisation: trained, validated and tested on the same chains"

    def splits(self) -> dict[str, Examples]:
        """Returns `train` and `test`: fields `name`, `sequence`, `structure`, float32 [n, 5, 3], and `cluster`.

        Raises:
            DataError: The file is not there, or has no chain of a name that is asked for.
        """
        self.read = find_here(self.files, dataset="ProteinChains", origin=self.origin)
        with gzip.open(self.read[0], "rt") as file:
            chains = [json.loads(line) for line in file]
        if self._names is not None:
            by_name = {chain["name"]: chain for chain in chains}
            if lacking := [name for name in self._names if name not in by_name]:
                hint = suggest(lacking[0], by_name, what="chains")
                raise DataError(f"ProteinChains has no chain {lacking[0]!r}. {hint}")
            chosen = [by_name[name] for name in self._names]
            parts = dict.fromkeys(("train", "validation", "test"), chosen)
        else:
            parts = {split: [chain for chain in chains if chain["split"] == split] for split in self.counts}
        return {split: _examples(part * (self._copies if split == "train" else 1)) for split, part in parts.items()}


def _examples(chains: list[dict[str, Any]]) -> Examples:
    names = [chain["name"] for chain in chains]
    columns = {
        "name": names,
        "sequence": [chain["seq"] for chain in chains],
        "structure": [_atoms(chain) for chain in chains],
        "cluster": [chain["cluster"] for chain in chains],
    }
    return Examples(columns, lambda i: f"chain {names[i]}")


def _atoms(chain: dict[str, Any]) -> np.ndarray:
    backbone = np.stack([np.array(chain["coords"][atom], np.float32) for atom in ("N", "CA", "C", "O")], axis=1)
    return complete_beta(chain["seq"], backbone)  # (n, 5, 3)
