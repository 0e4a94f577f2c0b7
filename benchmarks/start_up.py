"""How long does each command take from start to answer?

    .venv/bin/python benchmarks/start_up.py

Each command is run in a process of its own, in turn with the others, on the smallest sensible work; the figure is the
median of the wall's time. Beside them stand the bare interpreter and `import keras`: below the first nothing can go,
and commands that compute cannot go below the second. Results go to `benchmarks/results/start_up.json`. Takes five
minutes on two cores.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from measuring import describe_machine, environment, keep, options

ROUNDS = 5
SPECS = Path(__file__).parents[1] / "specs"
SPEC = str(SPECS / "vision" / "digits_cnn.json")
LIGHT = {
    "--help": ["--help"],
    "check": ["check", SPEC],
    "components": ["components", "layer"],
    "schema": ["schema"],
}
HEAVY = {
    "check --build": ["check", "--build", SPEC],
    "show": ["show", SPEC],
    "eject": ["eject", SPEC],
    "train, one epoch": ["train", SPEC, "--set", "train.epochs=1"],
}


def run(command: list[str], folder: Path) -> str:
    """Runs a command in a folder and returns what it printed.

    Raises:
        RuntimeError: The command failed.
    """
    quiet = {**environment(), "TF_CPP_MIN_LOG_LEVEL": "3"}
    done = subprocess.run([sys.executable, *command], cwd=folder, env=quiet, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr}")
    return done.stdout


def commands(folder: Path) -> dict[str, list[str]]:
    """Returns what is measured, by name, after a training that the last of them need."""
    dlsuite = ["-m", "dlsuite"]
    run([*dlsuite, "train", SPEC, "--set", "train.epochs=1", "--json"], folder)
    (kept,) = [str(path.parent) for path in folder.glob("runs/*/*/spec.json")]
    from PIL import Image

    picture = folder / "digit.png"
    Image.new("L", (8, 8)).save(picture)
    return {
        "python -c pass": ["-c", "pass"],
        "import keras": ["-c", "import keras"],
        **{name: [*dlsuite, *arguments] for name, arguments in {**LIGHT, **HEAVY}.items()},
        "runs": [*dlsuite, "runs"],
        "evaluate": [*dlsuite, "evaluate", kept],
        "predict": [*dlsuite, "predict", kept, str(picture)],
    }


def main() -> None:
    """Measures, prints and keeps the figures."""
    quick = options(__doc__).parse_args().quick
    rounds = 1 if quick else ROUNDS
    result: dict[str, Any] = {"machine": describe_machine("tensorflow", "keras"), "rounds": rounds, "median_s": {}}
    with tempfile.TemporaryDirectory() as root:
        folder = Path(root)
        measured = commands(folder)
        times: dict[str, list[float]] = {name: [] for name in measured}
        for _ in range(rounds):
            for name, command in measured.items():
                start = time.perf_counter()
                run(command, folder)
                times[name].append(time.perf_counter() - start)
    for name, taken in times.items():
        result["median_s"][name] = round(statistics.median(taken), 3)
        print(f"{name:20} {result['median_s'][name]:7.2f} s", flush=True)
    if not quick:
        keep("start_up", result)


if __name__ == "__main__":
    main()
