"""Pictures in folders named for their classes."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dlsuite.datasets.examples import Examples
from dlsuite.registry import DataPath, register
from dlsuite.spec.errors import DataError, visible

SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp", ".ppm", ".pgm"})
SPLITS = {"train": "train", "training": "train", "validation": "validation", "valid": "validation",
          "val": "validation", "test": "test", "testing": "test"}  # fmt: skip


@register("dataset")
class ImageFolder:
    """Pictures in a folder, or in a zip archive, with a sub-folder a class: `cat/1.png`, `dog/2.jpg`.

    Above the classes there may be sub-folders `train`, `validation` (or `val`) and `test`. Pictures that stand in no
    sub-folder have no `label`. They are read when they are needed, so that a set may be larger than memory. Links that
    lead out of the folder are left alone.

    Args:
        path: The folder, or the archive.
        tolerate: Share of corrupt pictures that are skipped, with a warning, before it is an error.
    """

    fields: dict[str, dict[str, Any]] = {"image": {}, "label": {}}
    licence = "that of the pictures"
    origin = "a folder"

    def __init__(self, *, path: DataPath, tolerate: float = 0.01):
        self._path = Path(path)
        self.tolerate = tolerate
        self.read = [self._path]

    def splits(self) -> dict[str, Examples]:
        """Returns the examples, as `all` or by split: fields `image`, a file, and `label`, the name of its folder."""
        found: dict[str, list[tuple[tuple[str, ...], Any]]] = {}
        pictures = sorted(_in_folder(self._path) if self._path.is_dir() else _in_archive(self._path), key=_parts)
        split = bool(pictures) and all(parts[0].lower() in SPLITS and len(parts) > 1 for parts, _ in pictures)
        for parts, file in pictures:
            name = SPLITS[parts[0].lower()] if split else "all"
            found.setdefault(name, []).append((parts[1:] if split else parts, file))
        if not found:
            kinds = ", ".join(sorted(suffix[1:] for suffix in SUFFIXES))
            raise DataError(f"{self._path} holds no pictures ({kinds}), neither itself nor in its sub-folders.")
        return {name: _examples(members, str(self._path)) for name, members in found.items()}


def _examples(pictures: list[tuple[tuple[str, ...], Any]], root: str) -> Examples:
    files = [file for _, file in pictures]
    columns: dict[str, list[Any]] = {"image": files}
    labelled = [len(parts) > 1 for parts, _ in pictures]
    if all(labelled):
        columns["label"] = [visible(parts[0]) for parts, _ in pictures]  # labels go into files and onto terminals
    elif any(labelled):
        stray = next("/".join(parts) for parts, _ in pictures if len(parts) == 1)
        raise DataError(f"{root}: some pictures stand in folders of classes, but {stray} stands in none.")
    return Examples(columns, lambda i: visible(str(files[i])))


def _in_folder(root: Path) -> Iterator[tuple[tuple[str, ...], Path]]:
    inside = root.resolve()
    for folder, folders, names in os.walk(root):
        folders[:] = [name for name in folders if not name.startswith((".", "__"))]
        for name in names:
            path = Path(folder, name)
            if path.suffix.lower() not in SUFFIXES or name.startswith("."):
                continue
            if path.is_symlink() and inside not in path.resolve().parents:
                continue
            yield path.relative_to(root).parts, path


def _in_archive(path: Path) -> Iterator[tuple[tuple[str, ...], zipfile.Path]]:
    try:
        archive = zipfile.ZipFile(path)
    except (OSError, zipfile.BadZipFile) as error:
        raise DataError(f"{path} is neither a folder nor a zip archive that can be read: {error}.") from None
    top = zipfile.Path(archive)
    for member in archive.namelist():
        parts = tuple(part for part in member.split("/") if part)
        if Path(member).suffix.lower() in SUFFIXES and not any(part.startswith((".", "__")) for part in parts):
            yield parts, top / member


def _parts(picture: tuple[tuple[str, ...], Any]) -> tuple[str, ...]:
    return picture[0]
