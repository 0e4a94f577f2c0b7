"""Where the paths of a spec may lead: into its own folder, and into the folder of the data."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

STAY = (
    "Paths stay in the folder of the spec, or in the folder that the environment variable DLSUITE_DATA names: write "
    "them relative to one of the two."
)


def data_root() -> Path | None:
    """Returns the folder that the environment variable DLSUITE_DATA names, or `None` where it is not set."""
    value = os.environ.get("DLSUITE_DATA", "")
    return Path(value).expanduser() if value else None


def roots_of(folder: Path) -> list[Path]:
    """Returns the folders that the paths of a spec in a folder may lead into, in the order in which they are tried."""
    return [root.resolve() for root in (folder, data_root()) if root is not None]


def inside(path: str, roots: Iterable[Path]) -> list[Path]:
    """Returns where a path may lead, whether or not something is there; nothing where it leaves every root."""
    roots = list(roots)
    if "\0" in path:
        return []
    found = [Path(os.path.normpath(root / path)) for root in roots]  # an absolute path stays as it is
    return [candidate for candidate in dict.fromkeys(found) if within(candidate, roots)]


def within(path: Path, roots: Iterable[Path]) -> bool:
    """Returns whether a path is one of the roots or inside one."""
    return any(path == root or root in path.parents for root in roots)
