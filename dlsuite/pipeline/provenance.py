"""Where data came from, as a run keeps it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dlsuite.datasets.files import sha256
from dlsuite.spec.plan import Component

HASHED = 2 << 30
"""Folders up to so many bytes are hashed by contents, larger ones by names and sizes."""


def describe_source(component: Component, source: Any) -> dict[str, Any]:
    """Returns name, arguments, licence, origin and files of a dataset whose `splits` were read.

    Args:
        component: The dataset in the plan.
        source: The dataset. Its `read` names the files and folders that it read; its `note` says what is special.
    """
    record = {
        "dataset": component.name,
        "arguments": _plain(component.arguments),
        "licence": getattr(source, "licence", ""),
        "origin": getattr(source, "origin", ""),
        "files": [_file(path) for path in getattr(source, "read", [])],
    }
    if note := getattr(source, "note", ""):
        record["note"] = note
    return record


def is_same(record: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Returns whether two records tell of the same examples: of one dataset with the same files, wherever they lie."""
    if record.get("dataset") != other.get("dataset"):
        return False
    hashes, others = (sorted(file["sha256"] for file in one.get("files", [])) for one in (record, other))
    return hashes == others and bool(hashes or record.get("arguments") == other.get("arguments"))


def _file(path: Path) -> dict[str, Any]:
    if path.is_dir():
        return _folder(path)
    return {"path": str(path), "bytes": path.stat().st_size, "sha256": sha256(path)}


def _folder(folder: Path) -> dict[str, Any]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    total = sum(path.stat().st_size for path in files)
    by_contents = total <= HASHED
    digest = hashlib.sha256()
    for path in files:
        content = hashlib.sha256(path.read_bytes()).hexdigest() if by_contents else ""
        line = f"{path.relative_to(folder).as_posix()}\t{path.stat().st_size}\t{content}\n"
        digest.update(line.encode(errors="surrogateescape"))
    how = "names, sizes and contents" if by_contents else "names and sizes"
    return {"path": str(folder), "files": len(files), "bytes": total, "sha256": digest.hexdigest(), "sha256_of": how}


def _plain(value: Any) -> Any:
    if isinstance(value, Component):
        return {value.name: _plain(value.arguments)}
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value
