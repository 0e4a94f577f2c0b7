"""`python -m tests.tiny_runs FOLDER`: runs of the demos, trained for seconds, for tests of what shows them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import dlsuite
from dlsuite.templates import find

SPECS: dict[str, dict[str, Any]] = {
    "digits_cnn": {"train.epochs": 3, "params.width": 8},
    "synthetic_digits": {"train.epochs": 1, "data.source": {"SyntheticDigits": {"speakers": 10, "takes": 1}}},
    "python_demo": {
        "train.steps": 10,
        "train.objective.CausalLM.writes": 1,
        "data.source.PythonSource.limit": 10,
        "predict.decoder": {"Sample": {"length": 60}},
    },
    "folded_peptides": {"train.epochs": 1, "data.source.SyntheticPeptides.count": 80},
    "digits_vae": {"train.epochs": 2},
}


def train_all(folder: Path) -> None:
    """Trains them, one after another."""
    for name, changes in SPECS.items():
        dlsuite.train(dlsuite.load(find(name), changes), runs=folder)


if __name__ == "__main__":
    train_all(Path(sys.argv[1]))
