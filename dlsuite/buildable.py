"""Whether a spec can be built: what is found only by making its networks, symbolically."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from dlsuite.spec.errors import Fault, SpecError

if TYPE_CHECKING:
    from dlsuite.spec import Plan, Spec


def contents(spec: Spec, plan: Plan) -> str:
    """Returns what a spec without faults holds, in a few words."""
    if not plan.networks:
        blocks = len(spec.resolved.get("blocks", {}))
        return f"a library of {blocks} block{'s' * (blocks != 1)}"
    calls = sum(network.body.calls for network in plan.networks.values())
    networks = "" if plan.single else f"{len(plan.networks)} networks, "
    unknown = f"; the data must tell {', '.join(sorted(plan.unknown))}" if plan.unknown else ""
    return f"{networks}{calls:,} layer call{'s' * (calls != 1)}{unknown}"


def build_faults(spec: Spec, *, claims: bool = True) -> tuple[list[Fault], int]:
    """Returns the faults that building finds, and the number of parameters.

    They are shapes that do not fit, weights, optimizers and augmentations that refuse their arguments, outputs and
    metrics that do not suit their target, and numbers of parameters that a spec claims and does not have.

    Args:
        spec: Without faults that `load` finds.
        claims: Whether it has to have the parameters that it claims in `expect`.

    Raises:
        SpecError: The networks cannot be made at all.
        DataError: Building needs facts of data that is missing.
    """
    from dlsuite import graph
    from dlsuite.api import planned
    from dlsuite.layer_settings import try_settings
    from dlsuite.pipeline.augmenting import try_augmentations
    from dlsuite.training.compiling import try_optimizers
    from dlsuite.training.goals import try_goals
    from dlsuite.weights import count_together

    built = planned(spec)
    models = graph.build(built, weights=False)
    missed = [*_refused(try_settings, built), *_refused(try_goals, built, models)]
    missed += [*_refused(try_augmentations, built.data), *_refused(try_optimizers, built)]
    missed += _missed(spec, built, models) if claims else []
    return missed, count_together(models)


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
