"""The section that says what a spec claims: `expect`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from dlsuite.spec.checking import Checker
from dlsuite.spec.document import Object
from dlsuite.spec.errors import Place, suggest
from dlsuite.spec.figures import is_known, split_of

KEYS = ("parameters", "metrics", "source", "about")


def read_expect(
    checker: Checker, raw: Any, place: Place, networks: Iterable[str] | None, figures: list[str] | None
) -> dict[str, Any]:
    """Returns the claims of a spec.

    Args:
        checker: Collects the faults.
        raw: The section.
        place: Where it stands.
        networks: By whose names parameters are claimed; `None` for a spec with one `model`.
        figures: That the last stage of training is measured by; `None` where only measuring tells.
    """
    section = checker.object(raw, place, "`expect`")
    checker.keys(section, KEYS, "`expect`")
    result: dict[str, Any] = {}
    count = {"type": ["integer"], "min": 0}
    if isinstance(section.get("parameters"), Object):
        counts = section["parameters"]
        allowed = ("total", "trainable", "active") if networks is None else tuple(networks)
        checker.keys(counts, allowed, "`parameters` of `expect`")
        result["parameters"] = {
            key: checker.typed(value, counts.places[key], count, {}, f"`{key}` of `parameters`")
            for key, value in counts.items()
        }
    elif "parameters" in section:
        result["parameters"] = checker.field(section, "parameters", count, {}, "`expect`")
    if "metrics" in section:
        metrics = checker.object(section["metrics"], section.places["metrics"], "`metrics` of `expect`")
        result["metrics"] = {
            key: checker.typed(value, metrics.places[key], {"type": ["number"]}, {}, f"`{key}` of `metrics`")
            for key, value in metrics.items()
        }
        for key in metrics:
            if figures is not None and not is_known(key, figures):
                hint = suggest(split_of(key)[1], figures, what="figures")
                checker.fault(f"Nothing measures the figure `{key}`.", metrics.keys_at[key], hint)
    for key in ("source", "about"):
        if key in section:
            result[key] = checker.field(section, key, {"type": ["string"]}, {}, "`expect`")
    return result
