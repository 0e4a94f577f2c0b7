"""report every fault of spec files, each at its line, with what would work

Example:
  dlsuite check specs/vision/*.json
  dlsuite check my.json --set params.width=64 --build
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from dlsuite.commands import add_json, add_spec, note, overrides, print_json
from dlsuite.spec.errors import Fault, SpecError

if TYPE_CHECKING:
    from dlsuite.spec import Plan, Spec


def arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of `check`."""
    add_spec(parser, several=True)
    found = "also build the model symbolically: shapes that do not fit, outputs and metrics that suit no target"
    parser.add_argument("--build", action="store_true", help=found)
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Checks every file; 0 where there is no fault, else 2."""
    changes = overrides(arguments.overrides)
    found: list[Fault] = []
    for path in arguments.specs:
        faults, verdict = _check(path, changes, build=arguments.build)
        found += faults
        if not arguments.json:
            print("\n".join(map(str, faults)) or f"{path}: ok, {verdict}")
    if arguments.json:
        print_json({"faults": [fault.as_dict() for fault in found]})
    elif found:
        files, count = len(arguments.specs), len(found)
        note(f"{count} fault{'s' * (count > 1)} in {files} file{'s' * (files > 1)}.")
    return 2 if found else 0


def _check(path: str, changes: dict[str, Any], *, build: bool) -> tuple[list[Fault], str]:
    from dlsuite.spec import load

    try:
        spec = load(path, changes)
        plan = spec.plan()
        if not build:
            return [], _contents(spec, plan)
        from dlsuite.commands import quiet

        quiet()
        from dlsuite import graph
        from dlsuite.api import planned
        from dlsuite.layer_settings import try_settings
        from dlsuite.pipeline.augmenting import try_augmentations
        from dlsuite.training.compiling import try_optimizers
        from dlsuite.training.goals import try_goals

        built = planned(spec)
        models = graph.build(built, weights=False)
        missed = [*_refused(try_settings, built), *_refused(try_goals, built, models)]
        missed += [*_refused(try_augmentations, built.data), *_refused(try_optimizers, built)]
        missed += [] if changes else _missed(spec, built, models)
    except SpecError as error:
        return error.faults, ""
    from dlsuite.weights import count_together

    count = count_together(models)
    return missed, f"{_contents(spec, plan)}; built, {count:,} parameters"


def _refused(attempt: Callable[..., None], *arguments: Any) -> list[Fault]:
    """Returns the faults that an attempt finds."""
    try:
        attempt(*arguments)
    except SpecError as error:
        return error.faults
    return []


def _missed(spec: Spec, plan: Plan, models: Mapping[str, Any]) -> list[Fault]:
    """Returns a fault for each number of parameters that a spec claims and does not have."""
    from dlsuite.claims import judge_parameters
    from dlsuite.summary import claimed_counts
    from dlsuite.weights import count_parameters

    claimed = plan.expect.get("parameters")
    counts = claimed_counts(plan, count_parameters(models, single=plan.single))
    place = spec.document["expect"].places["parameters"] if claimed is not None else None
    return [
        Fault(f"`{one.name}` of `expect` is {one.claimed:,}; the network has {one.measured:,}.", place)
        for one in judge_parameters(claimed, counts)
        if not one.holds
    ]


def _contents(spec: Spec, plan: Plan) -> str:
    if not plan.networks:
        blocks = len(spec.resolved.get("blocks", {}))
        return f"a library of {blocks} block{'s' * (blocks != 1)}"
    calls = sum(network.body.calls for network in plan.networks.values())
    networks = "" if plan.single else f"{len(plan.networks)} networks, "
    unknown = f"; the data must tell {', '.join(sorted(plan.unknown))}" if plan.unknown else ""
    return f"{networks}{calls:,} layer call{'s' * (calls != 1)}{unknown}"
