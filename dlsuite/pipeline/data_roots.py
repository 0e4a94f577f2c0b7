"""Sources made from a plan, their paths held inside the folder of the spec and that of the data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dlsuite.datasets.files import EXPLANATION
from dlsuite.making import make_block
from dlsuite.spec import catalogue
from dlsuite.spec.errors import DataError, Fault, SpecError
from dlsuite.spec.plan import Component
from dlsuite.spec.roots import STAY, data_root, inside, roots_of, within


def make_source(component: Component, root: Path) -> Any:
    """Returns the dataset of a plan; its `DataPath` arguments become paths that exist.

    Args:
        component: The dataset.
        root: The folder of the spec.

    Raises:
        DataError: A path is not there.
        SpecError: A path leaves its roots, or an argument is refused.
    """
    arguments = dict(component.arguments)
    schema = (catalogue.load().entry("dataset", component.name) or {"args": {}})["args"]
    for name, value in arguments.items():
        if schema.get(name, {}).get("path") and value is not None:
            arguments[name] = resolve_path(value, root, component)
    return make_block(component, arguments)


def resolve_path(path: str, root: Path, component: Component) -> Path:
    """Returns where a path of a spec leads: beside the spec, else under DLSUITE_DATA.

    Raises:
        DataError: It is in neither place.
        SpecError: It leads out of both.
    """
    roots = roots_of(root)
    candidates = inside(path, roots)
    if not candidates:
        raise SpecError([Fault(f"{component.name}: the path {path!r} leaves its folder.", component.place, STAY)])
    found = next((candidate for candidate in candidates if candidate.exists()), None)
    if found is None:
        tried = " and ".join(map(str, candidates))
        data = data_root()
        state = f"here {data}" if data else "here it is not set"
        raise DataError(
            f"{component.name}: there is no {path!r}. Tried: {tried}. {EXPLANATION} ({state}). What would work: a path "
            "relative to the folder of the spec or to that folder."
        )
    if not found.is_file() and not found.is_dir():
        raise DataError(f"{component.name}: {found} is neither a file nor a folder, but a pipe or a device.")
    if not within(found.resolve(), roots):
        message = f"{component.name}: {path!r} is a link that leads out of its folder, to {found.resolve()}."
        raise SpecError([Fault(message, component.place, STAY)])
    return found
