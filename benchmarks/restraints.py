"""How well are structures told from noisy, partial distances, beside multidimensional scaling?

    .venv/bin/dlsuite train specs/protein/restraints.json
    .venv/bin/python benchmarks/restraints.py runs/restraints/<time>-<id>

Three levels of noise by three shares of distances that are left out, on the test split: chains of other families than
those of training. Of scaling's two hands the better one counts. The goals: mean TM-score and lDDT over the nine cells
above scaling's, and the right hand in 95% of the chains. Results go to `benchmarks/results/restraints_cells.json`.
"""

from __future__ import annotations

import argparse
from itertools import product
from statistics import mean
from typing import Any

from measuring import describe_machine, keep

from dlsuite.baselines.scaling import Scaling
from dlsuite.making import make
from dlsuite.playing import digest
from dlsuite.runs import Run, open_run

DEVIATIONS = (0.0, 1.0, 2.0)  # angstroms
MISSING = (0.0, 0.5, 0.9)
SHOWN = ("tm_score", "lddt", "rmsd", "right_hand")
HAND = 0.95


def measure(run: Run, deviation: float, missing: float) -> dict[str, dict[str, float]]:
    """Returns the figures of a run, and of scaling, at one noise and one share of missing distances."""
    amounts = {"deviation": [deviation, deviation], "missing": [missing, missing]}
    changes = {f"train.objective.FoldStructure.{name}": value for name, value in amounts.items()}
    plan, data = run.changed(changes).plan(run.facts), run.data()
    task = plan.train[-1].objectives[0]
    truths, feature = data.column("test", task.target), run.features[task.target]
    (folded,) = digest(plan, run.models, data, "test")
    scaled = Scaling(**amounts).predict(data.arrays("test")[0])
    made: dict[str, Any] = {"model": folded, "scaling": scaled}
    scores = {side: make(task.component).scores(one, truths, feature) for side, one in made.items()}
    return {side: {name: one[name] for name in SHOWN if name in one} for side, one in scores.items()}


def main() -> int:
    """Measures every cell of a run and keeps the results; 1 where a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", help="the folder of a run of specs/protein/restraints.json")
    run = open_run(parser.parse_args().run)
    cells = []
    for deviation, missing in product(DEVIATIONS, MISSING):
        cells.append({"deviation": deviation, "missing": missing, **measure(run, deviation, missing)})
        print({name: one if isinstance(one, float) else rounded(one) for name, one in cells[-1].items()}, flush=True)
    means = {
        side: {name: mean(cell[side][name] for cell in cells) for name in ("tm_score", "lddt")}
        for side in ("model", "scaling")
    }
    hand = min(cell["model"]["right_hand"] for cell in cells)
    holds = hand >= HAND and all(means["model"][name] > means["scaling"][name] for name in means["model"])
    print({side: rounded(one) for side, one in means.items()}, f"right hand at worst {hand:.3f}; holds: {holds}")
    facts = {"run": f"{run.name}/{run.id}", "means": means, "right_hand_at_worst": hand, "holds": holds}
    print(keep("restraints_cells", {"machine": describe_machine("tensorflow", "keras"), **facts, "cells": cells}))
    return 0 if holds else 1


def rounded(figures: dict[str, float]) -> dict[str, float]:
    """Returns figures as they are printed."""
    return {name: round(value, 3) for name, value in figures.items()}


if __name__ == "__main__":
    raise SystemExit(main())
