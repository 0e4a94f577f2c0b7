"""What a run over a table asks: the numbers and classes that fill a row, each with its name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite, prod
from typing import Any

import numpy as np

from dlsuite import registry
from dlsuite.runs import Run
from dlsuite.spec.plan import FeaturePlan

BLANKS = 120
"""Rows of more are given as a file."""


@dataclass(frozen=True)
class Blank:
    """A number or a class that is asked for.

    Attributes:
        label: What it is called.
        field: The field that it is part of.
        place: Its place there; `None` where it is all of it.
        choices: The classes; `None` for a number.
    """

    label: str
    field: str
    place: int | None = None
    choices: tuple[str, ...] | None = None


def blanks(run: Run) -> list[Blank]:
    """Returns what fills a row, in order; nothing for a run that reads other things, or too many of them.

    Example:
        >>> blanks(open_run("runs/breast_cancer_mlp/20250101-120000-ab12cd"))[0].label
        'mean radius'
    """
    source = run.plan.data.source
    vectors = getattr(registry.find("dataset", source.name), "vectors", {}) if source else {}
    found = [_blanks(one, run.facts.get(name, {}), vectors) for name, one in run.plan.data.inputs.items()]
    asked = list({(one.field, one.place): one for some in found for one in some}.values())
    return asked if all(found) and len(asked) <= BLANKS else []


def fill(asked: Sequence[Blank], values: Sequence[Any]) -> dict[str, Any]:
    """Returns a row as `predict` takes it: raw values by field."""
    row: dict[str, Any] = {}
    for blank, value in zip(asked, values, strict=True):
        if blank.place is None:
            row[blank.field] = value
        else:
            row.setdefault(blank.field, []).append(value)
    return row


def read_row(asked: Sequence[Blank], row: Mapping[str, Any]) -> list[Any]:
    """Returns the values of a row, in the order of its blanks; `None` for those that are missing or out of range."""
    return [_read(blank, row.get(blank.field)) for blank in asked]


def _read(blank: Blank, value: Any) -> Any:
    if value is None:
        return None
    if blank.place is not None:
        value = np.ravel(value)[blank.place]
    if blank.choices is None:
        number = float(f"{float(value):.7g}")  # as many digits as float32 has
        return number if isfinite(number) else None
    number = str(value).isdigit() and str(value) not in blank.choices
    return blank.choices[int(value)] if number and int(value) < len(blank.choices) else str(value)


def _blanks(feature: FeaturePlan, facts: Mapping[str, Any], vectors: Mapping[str, Sequence[str]]) -> list[Blank]:
    if feature.component.name == "Category" and len(feature.fields) == 1 and not facts.get("shape"):
        (field,) = feature.fields
        return [Blank(field, field, None, tuple(map(str, facts.get("names", ()))))]
    if feature.component.name != "Number":
        return []
    if len(feature.fields) > 1 or not facts.get("shape"):
        return [Blank(field, field) for field in feature.fields]
    (field,) = feature.fields
    count = prod(facts["shape"])
    names = vectors.get(field) or [f"{field} {i + 1}" for i in range(min(count, BLANKS + 1))]
    return [Blank(name.replace("_", " "), field, i) for i, name in enumerate(names)]
