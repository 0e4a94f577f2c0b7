"""How long does `dlsuite show` take, and how much memory, by the size of the network?

    .venv/bin/python benchmarks/show.py

Decoders of 10, 100 and 1,000 layers and published architectures up to 175 billion parameters are shown as JSON, each
in a process of its own, in turn. Time is that of the wall's clock and of the processors, from the start of the
interpreter to its end; memory is the most that the process held. Results go to `benchmarks/results/show.json`: the
median of the times, the most of the memory. Takes six minutes on two cores.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

from measuring import Moment, describe_machine, environment, keep

ROUNDS = 5
PAPERS = Path(__file__).parents[1] / "specs" / "papers"
DECODERS = (10, 100, 1000)
PUBLISHED = ("gpt2", "llama3_8b", "mixtral_8x7b", "gpt3_175b")


class Shown(NamedTuple):
    """What one process took: its times, the most memory in MB, and how many parameters it told of."""

    moment: Moment
    peak_mb: float
    parameters: int


def show(arguments: list[str], folder: Path) -> Shown:
    """Shows a spec in a process of its own, with a folder for what it prints.

    Raises:
        RuntimeError: It failed.
    """
    answer, faults = folder / "answer.json", folder / "faults.txt"
    with answer.open("wb") as out, faults.open("wb") as err:
        start = Moment.now()
        process = subprocess.Popen(
            [sys.executable, "-m", "dlsuite", "show", *arguments, "--json"], stdout=out, stderr=err, env=environment()
        )
        _, status, usage = os.wait4(process.pid, 0)
        wall = Moment.now().since(start).wall
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{' '.join(arguments)}: {faults.read_text()}")
    kilobytes = usage.ru_maxrss / (1024 if sys.platform == "darwin" else 1)
    parameters = json.loads(answer.read_text())["parameters"]["total"]
    return Shown(Moment(wall, usage.ru_utime + usage.ru_stime), kilobytes / 1024, parameters)


def cases() -> dict[str, list[str]]:
    """Returns what is shown, by name."""
    gpt2 = str(PAPERS / "gpt2.json")
    decoders = {f"a decoder of {layers:,} layers": [gpt2, "--set", f"params.depth={layers}"] for layers in DECODERS}
    return {**decoders, **{name: [str(PAPERS / f"{name}.json")] for name in PUBLISHED}}


def main() -> None:
    """Measures, prints and keeps the figures."""
    result: dict[str, Any] = {"machine": describe_machine("tensorflow", "keras"), "rounds": ROUNDS, "shown": {}}
    found: dict[str, list[Shown]] = {name: [] for name in cases()}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(ROUNDS):
            for name, arguments in cases().items():
                found[name].append(show(arguments, Path(folder)))
    for name, rounds in found.items():
        wall, cpu = (statistics.median(getattr(one.moment, kind) for one in rounds) for kind in Moment._fields)
        peak, parameters = max(one.peak_mb for one in rounds), rounds[0].parameters
        result["shown"][name] = {
            "parameters": parameters,
            "wall_s": round(wall, 2),
            "cpu_s": round(cpu, 2),
            "peak_mb": round(peak),
        }
        print(f"{name:28} {parameters:15,} parameters {wall:6.2f} s {cpu:6.2f} s of the processors {peak:5.0f} MB")
    keep("show", result)


if __name__ == "__main__":
    main()
