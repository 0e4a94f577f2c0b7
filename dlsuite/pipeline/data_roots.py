"""Sources made from a plan, their paths held inside the folder of the spec and that of the data."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dlsuite.datasets.files import EXPLANATION, data_root
from dlsuite.registry import find
from dlsuite.spec import catalogue
from dlsuite.spec.errors import DataError, DLSuiteError, Fault, SpecError
from dlsuite.spec.plan import Component


def make_source(component: Component, root: Path) -> Any:
    """Returns the dataset of a plan; its `DataPath` arguments become paths that exist.

    Args:
        component: The dataset.
        root: The folder of the spec.

    Raises:
        DataError: A path is not there.
        SpecError: A path leaves its roots, or an argument is refused.
    """
    block = find("dataset", component.name)
    arguments = dict(component.arguments)
    schema = (catalogue.load().entry("dataset", component.name) or {"args": {}})["args"]
    for name, value in arguments.items():
        if schema.get(name, {}).get("path") and value is not None:
            arguments[name] = resolve_path(value, root, component)
    return make_block(block, arguments, component)


def make_block(block: Any, arguments: Mapping[str, Any], component: Component) -> Any:
    """Returns `block(**arguments)`; what it refuses becomes a fault at the component's place."""
    try:
        return block(**arguments)
    except DLSuiteError:
        raise
    except (TypeError, ValueError) as error:
        raise SpecError([Fault(f"{component.name}: {error}.", component.place)]) from None


def resolve_path(path: str, root: Path, component: Component) -> Path:
    """Returns where a path of a spec leads: beside the spec, else under DLSUITE_DATA.

    Raises:
        DataError: It is in neither place.
        SpecError: It leads out of both.
    """
    data = data_root()
    roots = [folder.resolve() for folder in (root, data) if folder is not None]
    candidates = [Path(os.path.normpath(folder / path)) for folder in roots]  # an absolute path stays as it is
    inside = [candidate for candidate in candidates if _within(candidate, roots)]
    if "\0" in path or not inside:
        allowed = " or ".join(str(folder) for folder in roots)
        raise SpecError(
            [Fault(f"{component.name}: the path {path!r} leaves {allowed}.", component.place, _stay_hint(data))]
        )
    found = next((candidate for candidate in inside if candidate.exists()), None)
    if found is None:
        tried = " and ".join(str(candidate) for candidate in dict.fromkeys(inside))
        state = f"here {data}" if data else "here it is not set"
        raise DataError(
            f"{component.name}: there is no {path!r}. Tried: {tried}. {EXPLANATION} ({state}). What would work: a path "
            "relative to the folder of the spec or to that folder."
        )
    if not _within(found.resolve(), roots):
        raise SpecError(
            [
                Fault(
                    f"{component.name}: {path!r} is a link that leads out of its folder, to {found.resolve()}.",
                    component.place,
                    _stay_hint(data),
                )
            ]
        )
    return found


def _within(path: Path, roots: list[Path]) -> bool:
    return any(path == root or root in path.parents for root in roots)


def _stay_hint(data: Path | None) -> str:
    return "Paths stay in the folder of the spec" + (
        f" or in {data} (DLSUITE_DATA)." if data else "; the folder that DLSUITE_DATA names is open to them too."
    )
