"""The figures that a trained spec is measured by, which its claims may name."""

from __future__ import annotations

import re

from dlsuite.spec.catalogue import Catalogue
from dlsuite.spec.plan import Component, Stage, Task
from dlsuite.spec.wiring import snake

SPLITS = ("train", "validation", "test")


def split_of(key: str) -> tuple[str, str]:
    """Returns split and figure of a claim: `validation.loss` -> `validation`, `loss`; the test split by default."""
    split, dot, name = key.partition(".")
    return (split, name) if dot and split in SPLITS else ("test", key)


def figures_of(catalogue: Catalogue, stage: Stage) -> list[str] | None:
    """Returns the names of the figures of a stage; `None` where only measuring tells.

    Objectives and metrics of ours say what they give in their literal class attribute `scored`; Keras' metrics have
    their names in the catalogue. Where several targets are learned, their names stand before those of their figures.
    """
    names: list[str] = []
    for task in stage.objectives:
        scored = (catalogue.entry("objective", task.component.name) or {}).get("facts", {}).get("scored")
        if scored is None:
            return None
        names += [f"{_prefix(task, stage)}{name}" for name in scored]
    for task in stage.metrics:
        entry = catalogue.entry("metric", task.component.name)
        scored = (entry or {}).get("facts", {}).get("scored")
        if scored is not None:
            names += [f"{_prefix(task, stage)}{name}" for name in scored]
            continue
        if entry is None or catalogue.own("metric", task.component.name):
            return None
        names.append(f"{_prefix(task, stage)}{name_of(catalogue, task.component)}")
    return names


def name_of(catalogue: Catalogue, metric: Component) -> str:
    """Returns the name of a metric's figure, where nothing else bears it."""
    entry = catalogue.entry("metric", metric.name) or {}
    usual = entry.get("args", {}).get("name", {}).get("default") or snake(metric.name)
    return str(metric.arguments.get("name") or usual)


def is_known(claimed: str, names: list[str]) -> bool:
    """Returns whether a claim names one of the figures; a metric whose name is taken is numbered: `auc_2`."""
    figure = split_of(claimed)[1]
    return figure in names or re.sub(r"_\d+$", "", figure) in names


def _prefix(task: Task, stage: Stage) -> str:
    return f"{task.target}." if len(stage.objectives) > 1 else ""
