"""Files of named datasets: found under DLSUITE_DATA or downloaded, and their SHA-256 verified."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dlsuite.datasets.download import DownloadError, download
from dlsuite.spec.errors import DataError
from dlsuite.spec.roots import data_root

EXPLANATION = "DLSUITE_DATA is an environment variable that names the folder where data sets lie"


def cache_root() -> Path:
    """Returns the folder of downloads and remembered checksums: DLSUITE_CACHE, or `~/.cache/dlsuite`."""
    value = os.environ.get("DLSUITE_CACHE", "")
    return Path(value).expanduser() if value else Path.home() / ".cache" / "dlsuite"


def find_verified(files: Mapping[str, str]) -> list[Path] | None:
    """Returns the paths of files under DLSUITE_DATA, or `None` where one of them is not there.

    Args:
        files: SHA-256 by path under DLSUITE_DATA.

    Raises:
        DataError: A file is there, but its contents are not what they should be.
    """
    root = data_root()
    if root is None or not all((root / path).is_file() for path in files):
        return None
    for path, expected in files.items():
        if (found := sha256(root / path)) != expected:
            raise DataError(
                f"{root / path} is corrupt or another file: its SHA-256 is {found}, expected {expected}. "
                "Copy the file again, or remove it to have the data downloaded."
            )
    return [root / path for path in files]


def find_here(files: Mapping[str, str], *, dataset: str) -> list[Path]:
    """Returns the paths of files under DLSUITE_DATA, of a dataset that no address offers in this form.

    Args:
        files: SHA-256 by path under DLSUITE_DATA.
        dataset: The dataset's name.

    Raises:
        DataError: They are not there, or their contents are not what they should be.
    """
    if (found := find_verified(files)) is not None:
        return found
    root = data_root()
    names = " and ".join(files)
    state = f"here {root}, which lacks it" if root else "here it is not set"
    raise DataError(
        f"The data set {dataset} is not here, and cannot be downloaded. What would work: set DLSUITE_DATA to a folder "
        f"that holds {names} ({EXPLANATION}; {state})."
    )


def find_or_fetch(files: Mapping[str, str], downloads: Mapping[str, str], *, dataset: str) -> tuple[list[Path], bool]:
    """Returns the paths of files under DLSUITE_DATA, else of downloads, and whether they were downloaded.

    Args:
        files: SHA-256 by path under DLSUITE_DATA.
        downloads: SHA-256 by URL.
        dataset: The dataset's name.

    Raises:
        DataError: They are in neither place, or their contents are not what they should be.
    """
    if (found := find_verified(files)) is not None:
        return found, False
    tried = next(iter(files))
    return [fetch(url, digest, dataset=dataset, tried=tried) for url, digest in downloads.items()], True


def fetch(url: str, digest: str, *, dataset: str, tried: str) -> Path:
    """Returns the path of a downloaded file, from the cache where it is there.

    Args:
        url: Where it is.
        digest: Its SHA-256.
        dataset: The dataset's name.
        tried: The file under DLSUITE_DATA that would have spared the download, for the message.

    Raises:
        DataError: It cannot be downloaded, or its contents are not what they should be.
    """
    path = cache_root() / "datasets" / dataset / url.rsplit("/", 1)[-1]
    if path.is_file() and sha256(path) == digest:
        return path
    try:
        download(url, path, digest)
    except DownloadError as error:
        root = data_root()
        place = root / tried if root else f"$DLSUITE_DATA/{tried}"
        state = f"here {root}" if root else "here it is not set"
        raise DataError(
            f"The data set {dataset} is not here. Tried: {place} ({EXPLANATION}; {state}), then a download of {url} "
            f"({error}). What would work: set DLSUITE_DATA to a folder that holds {tried}; or connect this machine to "
            f"the network; or download the file by hand and put it at {path}."
        ) from None
    return path


def sha256(path: Path) -> str:
    """Returns the SHA-256 of a file; remembered in the cache folder by path, size and time of change."""
    status = path.stat()
    stamp = [status.st_size, status.st_mtime_ns]
    key = str(path.resolve())
    known = recall("checksums").get(key)
    if isinstance(known, list) and known[:2] == stamp:
        return str(known[2])
    with open(path, "rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    remember("checksums", {key: [*stamp, digest]})
    return digest


def recall(name: str) -> dict[str, Any]:
    """Returns what `remember` kept under a name; empty where there is nothing that can be read."""
    try:
        found = json.loads((cache_root() / f"{name}.json").read_text())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def remember(name: str, entries: Mapping[str, Any]) -> None:
    """Adds entries to what is kept under a name; a cache that cannot be written to is left alone."""
    path = cache_root() / f"{name}.json"
    merged = {**recall(name), **entries}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=path.parent, suffix=".tmp", delete=False) as file:
            json.dump(merged, file)
        os.replace(file.name, path)
    except OSError:
        return
