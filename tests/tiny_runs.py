"""`python -m tests.tiny_runs FOLDER`: a run of each domain, trained for seconds, for tests of what shows them."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import dlsuite
from tests.making_pictures import VAE, in_an_epoch
from tests.tiny_specs import DIGITS, KEYWORDS, folds, writer


def train(spec: dict[str, Any], folder: Path, runs: Path) -> Any:
    """Returns the run of a spec.

    Args:
        spec: As JSON.
        folder: That holds its data, if it has any beside it.
        runs: The folder of runs.
    """
    path = folder / "spec.json"
    path.write_text(json.dumps(spec))
    return dlsuite.train(dlsuite.load(path), runs=runs, progress=False)


def train_all(runs: Path) -> None:
    """Trains one of each domain, one after another."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        train(DIGITS, folder, runs)
        train(KEYWORDS, folder, runs)
        train(in_an_epoch(VAE), folder, runs)
    letters = runs.with_name("letters")  # stays: the page reads samples of it
    letters.mkdir()
    train(writer(letters), letters, runs)
    dlsuite.train(dlsuite.load(*folds()), runs=runs, progress=False)


if __name__ == "__main__":
    train_all(Path(sys.argv[1]))
