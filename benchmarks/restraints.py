"""How well are structures told from noisy, partial distances, beside multidimensional scaling?

    .venv/bin/dlsuite train specs/protein/restraints.json
    .venv/bin/python benchmarks/restraints.py runs/restraints/<time>-<id>

Three levels of noise by three shares of distances that are left out, on the test split: chains of other families than
those of training, each with distances drawn three times. Of scaling's two hands the better one counts. `bonded` is
scaling that knows what the network begins with: that neighbours along the chain are 3.8 angstroms apart. The goals,
over the nine cells: mean TM-score and lDDT above scaling's, and the right hand in 95% of the chains. Results go to
`benchmarks/results/restraints_cells.json`.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from itertools import product
from statistics import mean
from typing import Any

import numpy as np
from measuring import describe_machine, keep

from dlsuite.baselines.scaling import STEP, as_answer, disturb, scale
from dlsuite.making import make
from dlsuite.playing import respond
from dlsuite.runs import Run, open_run

DEVIATIONS = (0.0, 1.0, 2.0)  # angstroms
MISSING = (0.0, 0.5, 0.9)
SHOWN = ("tm_score", "lddt", "rmsd", "right_hand")
HAND = 0.95
DRAWS = 3


def measure(run: Run, deviation: float, missing: float) -> dict[str, dict[str, float]]:
    """Returns the figures of a run, and of scaling, at one noise and one share of missing distances."""
    rng = np.random.default_rng(0)
    drawn = [score(run, lambda true: disturb(true, rng, deviation, missing)) for _ in range(DRAWS)]
    return {side: {name: mean(one[side][name] for one in drawn) for name in drawn[0][side]} for side in drawn[0]}


def score(run: Run, draw: Callable[[np.ndarray], np.ndarray]) -> dict[str, dict[str, float]]:
    """Returns the figures of a run and of scaling on the test split, all from the same noisy distances."""
    plan, data = run.plan, run.data()
    inputs, task = data.arrays("test")[0], plan.train[-1].objectives[0]
    lengths = inputs["distances.mask"].sum(1)
    tables = [draw(one[:n, :n]) for one, n in zip(inputs["distances"], lengths, strict=True)]
    for given, table in zip(inputs["distances"], tables, strict=True):
        given[: len(table), : len(table)] = table
    parts = np.array_split(np.arange(len(tables)), len(tables) // plan.data.batch_size)
    folded = [
        one
        for part in parts
        for one in respond(
            plan, run.models, run.features, {k: v[part] for k, v in inputs.items()}, part.tolist(), several=True
        )[0]
    ]
    made: dict[str, Any] = {
        "model": folded,
        "scaling": [as_answer(scale(one)) for one in tables],
        "bonded": [as_answer(scale(bond(one))) for one in tables],
    }
    objective, feature, truths = make(task.component), run.features[task.target], data.column("test", task.target)
    scores = {side: objective.scores(one, truths, feature) for side, one in made.items()}
    return {side: {name: one[name] for name in SHOWN if name in one} for side, one in scores.items()}


def bond(distances: np.ndarray) -> np.ndarray:
    """Returns distances [n, n] in which neighbours along the chain are as far apart as they always are."""
    neighbours = np.eye(len(distances), k=1, dtype=bool)
    return np.where(neighbours | neighbours.T, STEP, distances)


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
        for side in ("model", "scaling", "bonded")
    }
    hands = [cell["model"]["right_hand"] for cell in cells]
    holds = mean(hands) >= HAND and all(means["model"][name] > means["scaling"][name] for name in means["model"])
    print(
        {side: rounded(one) for side, one in means.items()}, f"right hand {mean(hands):.3f}, at worst {min(hands):.3f}"
    )
    hand = {"right_hand": mean(hands), "right_hand_at_worst": min(hands)}
    facts = {"run": f"{run.name}/{run.id}", "draws": DRAWS, "means": means, **hand, "holds": holds}
    print(keep("restraints_cells", {"machine": describe_machine("tensorflow", "keras"), **facts, "cells": cells}))
    return 0 if holds else 1


def rounded(figures: dict[str, float]) -> dict[str, float]:
    """Returns figures as they are printed."""
    return {name: round(value, 3) for name, value in figures.items()}


if __name__ == "__main__":
    raise SystemExit(main())
