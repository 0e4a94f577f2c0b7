"""How much harder is a stranger's voice? The digits of fsdd_keywords, each speaker held out in turn.

    .venv/bin/python benchmarks/speakers.py

The official test set holds other recordings of speakers that are heard in training. Here the spec is trained once for
each of the five speakers on the four others, with the settings that it has, and measured on all 500 recordings of the
one. Needs DLSUITE_DATA. Results, with the mean and the spread over speakers, go to `benchmarks/results/speakers.json`.
"""

from __future__ import annotations

import os
import statistics
import tempfile
from pathlib import Path

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")

from measuring import describe_machine, keep

import dlsuite

SPEC = Path(__file__).parents[1] / "specs/speech/fsdd_keywords.json"
SPEAKERS = ("george", "jackson", "lucas", "nicolas", "theo")


def measure(speaker: str, runs: str) -> dict[str, float]:
    """Returns the test accuracy on a speaker that nothing was learned from: the model's, and the baselines'."""
    spec = dlsuite.load(SPEC, {"data.source": {"FSDD": {"held_out": speaker}}})
    found = dlsuite.train(spec, runs=runs).evaluation
    baselines = {name: scores["accuracy"] for name, scores in found["baselines"].items()}
    return {"accuracy": found["metrics"]["accuracy"], **baselines}


def main() -> None:
    """Measures each speaker, prints and keeps the figures."""
    with tempfile.TemporaryDirectory() as runs:
        by_speaker = {}
        for speaker in SPEAKERS:
            by_speaker[speaker] = measure(speaker, runs)
            print(speaker, {name: round(value, 4) for name, value in by_speaker[speaker].items()}, flush=True)
    reached = [found["accuracy"] for found in by_speaker.values()]
    spread = {"mean": statistics.mean(reached), "deviation": statistics.stdev(reached), "worst": min(reached)}
    print({name: round(value, 4) for name, value in spread.items()})
    print(keep("speakers", {"machine": describe_machine("keras"), "accuracy": spread, "speakers": by_speaker}))


if __name__ == "__main__":
    main()
