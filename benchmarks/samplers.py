"""How many steps from noise to a picture are enough?

    .venv/bin/dlsuite train specs/generation/mnist_ddpm.json
    .venv/bin/python benchmarks/samplers.py runs/mnist_ddpm/<time>-<id>

Each sampler makes the same number of pictures of the same classes from the same noise; the figures are those of the
spec's metrics, on the test split, and the seconds that a picture takes. Real training pictures stand beside them. The
goal: with 25 steps of DDIM a Fréchet distance at most 1.2 times that of the whole chain. Results go to
`benchmarks/results/samplers.json`. The whole chain takes most of the time, 20 minutes on two cores.
"""

from __future__ import annotations

import argparse
import json
from time import perf_counter
from typing import Any

from measuring import RESULTS, describe_machine, keep

from dlsuite.judging import Judges
from dlsuite.playing import digest
from dlsuite.runs import Run, open_run
from dlsuite.whole_split import WholeSplit

GUIDANCE = 2.0
SAMPLERS: dict[str, dict[str, Any]] = {
    "DDPM": {},
    "DDIM 50": {"steps": 50},
    "DDIM 25": {"steps": 25},
    "DDIM 10": {"steps": 10},
    "DPMSolver 25": {"steps": 25},
    "DPMSolver 10": {"steps": 10},
}
GOAL = 1.2


def measure(run: Run, name: str, arguments: dict[str, Any], whole: WholeSplit) -> dict[str, float]:
    """Returns the figures of one sampler."""
    sampler = {name.split()[0]: {**arguments, "guidance": GUIDANCE}}
    data = run.data()
    start = perf_counter()
    (made,) = digest(run.changed({"predict.sampler": sampler}).plan(run.facts), run.models, data, "test")
    seconds = (perf_counter() - start) / len(made)
    real = data.column("test", "image")[: len(made)]
    figures = whole.score(None, made, real, run.features["image"])
    return {"pictures": len(made), "seconds_per_picture": round(seconds, 4), **figures}


def main() -> None:
    """Measures every sampler on a run and keeps the results."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", help="the folder of a run of specs/generation/mnist_ddpm.json")
    parser.add_argument("--only", metavar="NAME", nargs="+", default=SAMPLERS, help="the others stay as they are kept")
    given = parser.parse_args()
    run = open_run(given.run)
    whole = WholeSplit(run.plan.train[-1], Judges(run), run.data)
    kept = RESULTS / "samplers.json"
    found = {} if given.only is SAMPLERS else json.loads(kept.read_text())["samplers"]
    for name in given.only:
        found[name] = measure(run, name, SAMPLERS[name], whole)
        print(name, found[name], flush=True)
    ratio = found["DDIM 25"]["frechet_distance"] / found["DDPM"]["frechet_distance"]
    facts = {"run": f"{run.name}/{run.id}", "ddim_25_over_ddpm": ratio, "goal": GOAL, "holds": ratio <= GOAL}
    keep("samplers", {"machine": describe_machine(), **facts, "samplers": found})


if __name__ == "__main__":
    main()
