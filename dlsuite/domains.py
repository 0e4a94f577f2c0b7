"""Which domain a spec is of: vision, speech, text, protein, generation or tabular. Blocks say so themselves."""

from __future__ import annotations

from dlsuite.spec.catalogue import load
from dlsuite.spec.plan import Plan

OTHER = "tabular"
"""The domain of what no block claims."""


def domain_of(plan: Plan) -> str:
    """Returns the domain of a plan: that of its objective, else of the first input that has one, else `tabular`.

    A block claims a domain by the literal class attribute `domain`: `domain = "speech"` of the feature `Audio`.

    Example:
        >>> domain_of(dlsuite.load("specs/vision/digits_cnn.json").plan())
        'vision'
    """
    stages = plan.train[-1:]
    blocks = [("objective", task.component.name) for stage in stages for task in stage.objectives]
    blocks += [("feature", feature.component.name) for feature in plan.data.inputs.values()]
    catalogue = load()
    entries = (catalogue.entry(kind, name) or {} for kind, name in blocks)
    claims = (entry.get("facts", {}).get("domain") for entry in entries)
    return next((claim for claim in claims if claim), OTHER)
