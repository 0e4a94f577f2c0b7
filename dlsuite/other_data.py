"""Other data than its own for a run to be measured on, as people name it: a path, or a component."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dlsuite.datasets.files import data_root
from dlsuite.pipeline import Data, prepare_other
from dlsuite.spec import catalogue, load
from dlsuite.spec.errors import DataError
from dlsuite.spec.plan import Component
from dlsuite.spec.values import Argument

if TYPE_CHECKING:
    from dlsuite.runs import Run

Given = str | os.PathLike[str] | Mapping[str, Any] | Argument


@dataclass(frozen=True)
class OtherData:
    """Data that a run was not made with.

    Attributes:
        data: Its examples, as the split `test`.
        title: What people call it: `new.csv`, `CIFAR10 train`.
        tag: What its files in the run are called; the same for the same data.
    """

    data: Data
    title: str
    tag: str


def read_other(run: Run, given: Given, split: str | None = None) -> OtherData:
    """Returns other data under the features that a run has fitted.

    Args:
        run: A trained run.
        given: A path, in place of that of the run's own source; or a component as a spec writes it, a dictionary or its
            JSON: `{"ImageFolder": {"path": "new"}}`. Paths are relative to the working folder, else to DLSUITE_DATA. An
            `Argument` says where it was given.
        split: One of its own splits; by default all its examples.

    Raises:
        SpecError: The component is at fault.
        DataError: It is not there, or lacks what the run reads.
    """
    component = _component(run, Argument.of(given, "argument data"))
    arguments = {name: _absolute(component, name, value) for name, value in component.arguments.items()}
    component = replace(component, arguments=arguments)
    plan = replace(run.plan.data, source=component)
    trained = run.environment.get("data", {})
    data = prepare_other(plan, root=Path("/"), fitted=run.fitted, trained=trained, split=split)
    path = arguments.get("path")
    title = " ".join([Path(path).name if isinstance(path, str) else component.name, *([split] if split else [])])
    named = json.dumps([component.name, arguments, split], sort_keys=True, default=str)
    stem = re.sub(r"[^A-Za-z0-9]+", "-", title).strip("-").lower()[:40]
    return OtherData(data, title, f"{stem}-{hashlib.sha256(named.encode()).hexdigest()[:6]}")


def _component(run: Run, given: Argument) -> Component:
    """Returns the dataset that is meant."""
    own, what = run.plan.data.source, given.value
    assert own is not None
    if _is_component(given):
        spec = load(run.path / "spec.json", {"data.source": given, "data.split": {}}, paths=False)
        found = spec.plan(run.facts).data.source
        assert found is not None
        return found
    if not isinstance(what, str | os.PathLike):
        raise DataError(
            f"{given.name} is a {type(what).__name__}. What would work: a path, or a component as a dictionary."
        )
    paths = _path_arguments(own)
    if "path" not in paths:
        raise DataError(
            f"{own.name}, on which the run was trained, reads no path that another could take the place of. What would "
            f'work: a component, such as {{"ImageFolder": {{"path": {json.dumps(os.fspath(what))}}}}}.'
        )
    kept = {name: value for name, value in own.arguments.items() if name not in paths}
    return replace(own, arguments={**kept, "path": os.fspath(what)})


def _is_component(given: Argument) -> bool:
    """Returns whether data is given as a component, a dictionary, its JSON or a name alone, and not as a path."""
    what = given.value
    if isinstance(what, str) and what.lstrip().startswith("{"):
        try:
            json.loads(what)
        except ValueError as error:
            raise DataError(f"{given.name}: begins as JSON does, and that is broken: {error}.") from None
        return True
    named = isinstance(what, str) and catalogue.load().entry("dataset", what) is not None
    return isinstance(what, Mapping) or (named and not Path(what).exists())


def _path_arguments(component: Component) -> set[str]:
    schema = (catalogue.load().entry("dataset", component.name) or {"args": {}})["args"]
    return {name for name, one in schema.items() if one.get("path")}


def _absolute(component: Component, name: str, value: Any) -> Any:
    """Returns an argument; a path from where the user stands, or from the folder of the data sets."""
    if name not in _path_arguments(component) or not isinstance(value, str):
        return value
    places = [Path(value).expanduser(), *([root / value] if (root := data_root()) else [])]
    return str(next((place for place in places if place.exists()), places[0]).absolute())
