"""What a spec claims beside what is there, in one form for `check`, `verify` and tests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

REMARKS = frozenset({"source", "about"})
"""What may stand beside claims and is none."""


@dataclass(frozen=True)
class Claim:
    """A figure that a spec claims, beside the one that was measured."""

    name: str
    claimed: Any
    measured: Any
    holds: bool


def judge_parameters(claimed: Any, measured: Mapping[str, Any], name: str = "parameters") -> list[Claim]:
    """Returns each claimed number of parameters beside the one that is there.

    Args:
        claimed: `parameters` of `expect`: a number, which means the trainable ones; an object with `total`,
            `trainable` and `active`; or by network where there are several.
        measured: `total`, `trainable` and `active`, or such an object by network.

    Example:
        >>> judge_parameters(10, {"total": 12, "trainable": 10})
        [Claim(name='parameters', claimed=10, measured=10, holds=True)]
    """
    if claimed is None:
        return []
    if isinstance(claimed, Mapping):
        found = measured if isinstance(measured, Mapping) else {}
        keys = [key for key in claimed if key not in REMARKS]
        return [one for key in keys for one in judge_parameters(claimed[key], found.get(key), f"{name}.{key}")]
    count = measured.get("trainable") if isinstance(measured, Mapping) else measured
    return [Claim(name, claimed, count, count == claimed)]
