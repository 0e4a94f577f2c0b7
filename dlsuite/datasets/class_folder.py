"""Files in folders named for their classes, or in a zip archive."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from dlsuite.datasets.examples import Examples
from dlsuite.spec.errors import DataError, visible

SPLITS = {"train": "train", "training": "train", "validation": "validation", "valid": "validation",
          "val": "validation", "test": "test", "testing": "test"}  # fmt: skip
Found = tuple[tuple[str, ...], Any]
"""The parts of a file's path under the root, and the file."""


def read_class_folder(root: Path, suffixes: Collection[str], field: str, kind: str) -> dict[str, Examples]:
    """Returns the files of a folder or of a zip archive as examples, as `all` or by split.

    Above the folders of the classes there may be sub-folders `train`, `validation` (or `val`) and `test`. Files that
    stand in no sub-folder have no `label`. Links that lead out of the root are left alone.

    Args:
        root: The folder, or the archive.
        suffixes: Endings of the files to take, lower case, with their dot.
        field: What the field of the files is called; the name of a file's folder is the field `label`.
        kind: What they are, in the plural, for messages: `pictures`.

    Raises:
        DataError: There is no such file, or some have a class and some have none.
    """
    files = sorted(_in_folder(root, suffixes) if root.is_dir() else _in_archive(root, suffixes), key=_parts)
    split = bool(files) and all(parts[0].lower() in SPLITS and len(parts) > 1 for parts, _ in files)
    found: dict[str, list[Found]] = {}
    for parts, file in files:
        name = SPLITS[parts[0].lower()] if split else "all"
        found.setdefault(name, []).append((parts[1:] if split else parts, file))
    if not found:
        kinds = ", ".join(sorted(suffix[1:] for suffix in suffixes))
        raise DataError(f"{root} holds no {kind} ({kinds}), neither itself nor in its sub-folders.")
    return {name: _examples(members, field, kind, str(root)) for name, members in found.items()}


def _examples(found: list[Found], field: str, kind: str, root: str) -> Examples:
    files = [file for _, file in found]
    columns: dict[str, list[Any]] = {field: files}
    labelled = [len(parts) > 1 for parts, _ in found]
    if all(labelled):
        columns["label"] = [visible(parts[0]) for parts, _ in found]  # labels go into files and onto terminals
    elif any(labelled):
        stray = next("/".join(parts) for parts, _ in found if len(parts) == 1)
        raise DataError(f"{root}: some {kind} stand in folders of classes, but {stray} stands in none.")
    return Examples(columns, lambda i: visible(str(files[i])))


def _in_folder(root: Path, suffixes: Collection[str]) -> Iterator[Found]:
    inside = root.resolve()
    for folder, folders, names in os.walk(root):
        folders[:] = [name for name in folders if not name.startswith((".", "__"))]
        if linked := next((Path(folder, name) for name in folders if Path(folder, name).is_symlink()), None):
            raise _outside(linked, root)
        for name in names:
            path = Path(folder, name)
            if path.suffix.lower() not in suffixes or name.startswith("."):
                continue
            if path.is_symlink() and inside not in path.resolve().parents:
                raise _outside(path, root)
            yield path.relative_to(root).parts, path


def _outside(path: Path, root: Path) -> DataError:
    return DataError(
        f"{path} is a link {'to a folder' if path.is_dir() else f'out of {root}'}, which is not followed. What would "
        "work: the files themselves in its place, or the `path` of the folder that it leads to."
    )


def _in_archive(path: Path, suffixes: Collection[str]) -> Iterator[Found]:
    try:
        archive = zipfile.ZipFile(path)
    except (OSError, zipfile.BadZipFile) as error:
        raise DataError(f"{path} is neither a folder nor a zip archive that can be read: {error}.") from None
    top = zipfile.Path(archive)
    for member in archive.namelist():
        parts = tuple(part for part in member.split("/") if part)
        if Path(member).suffix.lower() in suffixes and not any(part.startswith((".", "__")) for part in parts):
            yield parts, top / member


def _parts(found: Found) -> tuple[str, ...]:
    return found[0]
