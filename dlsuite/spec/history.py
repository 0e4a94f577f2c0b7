"""What is followed while a stage trains: the columns of its history, the metrics beside them, and who watches which."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from dlsuite.spec.catalogue import Catalogue
from dlsuite.spec.errors import Fault, suggest
from dlsuite.spec.figures import name_of
from dlsuite.spec.plan import Component, Network, Stage, Task

COLUMNS = ("epoch", "loss", "val_loss", "learning_rate", "seconds", "batch", "size")
"""Of every history and of what callbacks are told: no metric may bear such a name."""
VALIDATION = "val_"
"""Before the name of what is measured on validation."""


def find_faults(catalogue: Catalogue, stage: Stage, networks: Mapping[str, Network]) -> Iterator[Fault]:
    """Yields what is wrong with the metrics of a stage, and with what its callbacks watch."""
    targets = {task.target for task in stage.objectives}
    seen: list[Any] = []
    for task in stage.metrics:
        component = task.component
        if targets and task.target is None and None not in targets:
            message = f"{component.name} looks at what is made without a target, and all objectives here have one."
            yield Fault(message, component.place, "Leave it out.")
        elif targets and task.target not in targets:
            learned = ", ".join(f"`{target}`" for target in sorted(filter(None, targets)))
            hint = f"Learn it too, or give a target that is learned: {learned}." if learned else "Leave it out."
            message = f"{component.name} compares with `{task.target}`, which no objective learns."
            yield Fault(message, component.place, hint)
        name = component.arguments.get("name")
        if isinstance(name, str) and name.startswith(VALIDATION):
            bare = name.removeprefix(VALIDATION)
            message = f"`name` of {component.name} is `{name}`; `{VALIDATION}` begins what is measured on validation."
            hint = f"Name it `{bare}`: on validation it is `{name}` by itself."
            yield Fault(message, component.places.get("name", component.place), hint)
        bare_arguments = {key: value for key, value in component.arguments.items() if key != "name"}
        told = component.name, name_of(catalogue, component), bare_arguments, task.target, task.inputs
        if told in seen:
            hint = 'Leave one of them out, or give this one a "name" of its own.'
            if catalogue.own("metric", component.name):
                hint = "Leave one of them out."
            yield Fault(f"{component.name} stands twice in `metrics`.", component.place, hint)
        seen.append(told)
    columns = columns_of(catalogue, stage, networks)
    if columns is not None:
        yield from find_unwatched(catalogue, stage, columns)


def find_unwatched(catalogue: Catalogue, stage: Stage, columns: Collection[str]) -> Iterator[Fault]:
    """Yields each callback of a stage that watches what is none of the columns of its history."""
    for callback in stage.callbacks:
        entry = catalogue.entry("callback", callback.name) or {}
        monitor = callback.arguments.get("monitor", entry.get("args", {}).get("monitor", {}).get("default"))
        if isinstance(monitor, str) and monitor not in columns:
            message = f"{callback.name} watches `{monitor}`, which is not measured."
            place = callback.places.get("monitor", callback.place)
            yield Fault(message, place, suggest(monitor, columns, what="figures"))


def columns_of(catalogue: Catalogue, stage: Stage, networks: Mapping[str, Network]) -> list[str] | None:
    """Returns what callbacks of a stage may watch, validation supposed; `None` where only compiling tells.

    Objectives say in their literal class attribute `follows` which metrics stand beside their loss, or in `measures`
    what they measure themselves.
    """
    followed: dict[Any, list[str]] = {}
    for task in stage.objectives:
        facts = facts_of(catalogue, task)
        if "measures" in facts:
            return name_columns({None: facts["measures"]})
        if "follows" not in facts or not task.inputs:
            return None
        followed[task.inputs[0]] = [*facts["follows"]]
    network = next((one for one in networks.values() if set(followed) <= set(one.body.outputs)), None)
    if not followed or network is None:
        return None
    for task in stage.metrics:
        if "scored" in facts_of(catalogue, task):
            continue
        output = next(iter(task.inputs), None)
        if catalogue.own("metric", task.component.name) or output not in followed:
            return None
        followed[output].append(free_name(name_of(catalogue, task.component), [*COLUMNS, *followed[output]]))
    return name_columns(followed if len(network.body.outputs) > 1 else {None: next(iter(followed.values()))})


def name_columns(followed: Mapping[str | None, Iterable[str]], *, validated: bool = True) -> list[str]:
    """Returns what callbacks may watch.

    Args:
        followed: Names of metrics by output; under `None` where the network that is trained has a single one.
        validated: Whether there is validation.
    """
    names = ["loss"]
    for output, metrics in followed.items():
        if output is not None and len(followed) > 1:
            names.append(f"{output}_loss")
        names += [name if output is None else f"{output}_{name}" for name in metrics]
    return [*names, *(VALIDATION + name for name in names)] if validated else names


def facts_of(catalogue: Catalogue, task: Task) -> Mapping[str, Any]:
    """Returns the literal facts of an objective or metric."""
    return (catalogue.entry(task.component.kind, task.component.name) or {}).get("facts", {})


def refuse_beside(catalogue: Catalogue, metric: Component, objectives: Sequence[Task]) -> Fault | None:
    """Returns why a metric that follows batches cannot stand beside an objective that makes its own measures."""
    if "scored" in (catalogue.entry("metric", metric.name) or {}).get("facts", {}):
        return None  # it looks at a whole split
    for task in objectives:
        if "measures" in facts_of(catalogue, task):
            return tell_alone(catalogue, metric, task.component)
    return None


def tell_alone(catalogue: Catalogue, metric: Component, objective: Component) -> Fault:
    """Returns the fault of a metric beside an objective that makes its own losses and measures."""
    entries = {name: catalogue.entry("metric", name) or {} for name in catalogue.names("metric")}
    suited = [f"`{name}`" for name, entry in entries.items() if entry.get("facts", {}).get("learns") == []]
    hint = "Leave it out."
    message = f"{objective.name} makes its own losses and measures, and {metric.name} cannot be followed beside them."
    if (catalogue.entry("objective", objective.name) or {}).get("facts", {}).get("learns") == []:
        message = f"{objective.name} makes its own losses, and has no target for {metric.name}."
        hint = f"Leave it out, or take a metric without a target: {', '.join(suited)}."
    return Fault(message, metric.place, hint)


def free_name(own: str, taken: Collection[str]) -> str:
    """Returns a name, numbered where it is taken: `auc`, `auc_2`."""
    name, number = own, 2
    while name in taken:
        name, number = f"{own}_{number}", number + 1
    return name
