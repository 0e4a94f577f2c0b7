"""Files that are whole or not there: written beside their place, synced, then renamed."""

from __future__ import annotations

import errno
import json
import math
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from dlsuite.spec.errors import DLSuiteError, TrainingError

FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
REFUSED = {errno.EACCES, errno.EPERM, errno.EROFS}
FULL_WORDS = tuple(map(os.strerror, FULL))
"""How libraries that lose the number of an error tell of a full disk."""


class UnwritableError(DLSuiteError):
    """A place where nothing may be written."""

    exit_code = 2


def write_text(path: Path, text: str, *, durable: bool = True) -> None:
    """Replaces a text file atomically.

    Args:
        path: Of the file.
        text: What it is to hold.
        durable: Whether it must survive a loss of power, which takes a wait for the disk.

    Raises:
        TrainingError: The disk is full.
        UnwritableError: Nothing may be written there.
    """
    with writing(path):
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                if durable:
                    os.fsync(file.fileno())
            os.chmod(name, 0o644)
            os.replace(name, path)
            if durable:
                sync(path.parent)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise


def write_json(path: Path, value: Any, *, durable: bool = True) -> None:
    """Replaces a JSON file atomically; numbers that JSON lacks become null."""
    write_text(path, json.dumps(plain(value), indent=2, ensure_ascii=False) + "\n", durable=durable)


def append_line(path: Path, line: str) -> None:
    """Adds a line to a text file; one that a killed process left half written is taken away first.

    Raises:
        TrainingError: The disk is full.
        UnwritableError: Nothing may be written there.
    """
    with writing(path), path.open("ab+") as file:
        _cut_half_line(file)
        start = file.tell()
        try:
            file.write(line.encode() + b"\n")
            file.flush()
        except OSError:
            with suppress(OSError):
                file.truncate(start)
            raise


def _cut_half_line(file: BinaryIO) -> None:
    end = file.seek(0, os.SEEK_END)
    if not end:
        return
    file.seek(end - 1)
    if file.read(1) != b"\n":
        file.seek(0)
        file.truncate(file.read().rfind(b"\n") + 1)
        file.seek(0, os.SEEK_END)


def put_in_place(made: Path, path: Path) -> None:
    """Gives a file that is whole its place, atomically, and waits until both are on the disk."""
    sync(made)
    os.replace(made, path)
    sync(path.parent)


def write_arrays(path: Path, arrays: Mapping[str, np.ndarray]) -> None:
    """Writes arrays by name; formats that NumPy lacks (bfloat16, float8) as float32, which loses nothing."""
    known = {name: array if array.dtype.kind in "fiubc" else array.astype("float32") for name, array in arrays.items()}
    with writing(path), path.open("wb") as file:
        np.savez(file, **known)  # type: ignore[arg-type]
        file.flush()
        os.fsync(file.fileno())


def tidy(folder: Path) -> None:
    """Removes what a killed process left half written in a folder and in those inside it."""
    for left in [*folder.glob(".*"), *folder.glob("*/.*")]:
        if left.is_dir():
            shutil.rmtree(left, ignore_errors=True)
        else:
            with writing(left):
                left.unlink(missing_ok=True)


@contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """Gives a folder to fill, which takes its place once it is full, or not at all."""
    with writing(path):
        made = Path(tempfile.mkdtemp(dir=path.parent, prefix=f".{path.name}."))
        try:
            yield made
            os.chmod(made, 0o755)
            sync(made)
            if path.exists():
                shutil.rmtree(path)
            os.replace(made, path)
            sync(path.parent)
        except BaseException:
            shutil.rmtree(made, ignore_errors=True)
            raise


def check_writable(folder: Path) -> None:
    """Tries whether files can be put into a folder, before work is done that would be lost.

    Raises:
        UnwritableError: They cannot.
    """
    with writing(folder):
        tempfile.TemporaryFile(dir=folder).close()


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turns the errors of a full disk, and of a place where nothing may be written, into ones that say what to do."""
    with full_disk(path):
        try:
            yield
        except OSError as error:
            if error.errno not in REFUSED:
                raise
            raise UnwritableError(
                f"`{path}` cannot be written: {error.strerror}. What would work: permission to write there, or another "
                "folder: a copy of a run is as good as the run, and new runs go where `--runs` says."
            ) from None


@contextmanager
def full_disk(path: Path) -> Iterator[None]:
    """Turns the error of a full disk into a `TrainingError` that says what to do."""
    try:
        yield
    except DLSuiteError:
        raise
    except Exception as error:
        if getattr(error, "errno", None) not in FULL and not any(words in str(error) for words in FULL_WORDS):
            raise
        raise TrainingError(
            f"The disk is full: `{path}` could not be written. What was saved before is intact: make room, then go on "
            "with --resume."
        ) from None


def plain(value: Any) -> Any:
    """Returns a value as JSON knows it."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, np.generic | np.ndarray):
        return plain(value.tolist())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return str(value) if isinstance(value, os.PathLike) else value


def sync(path: Path) -> None:
    """Waits until a file, or the names in a folder, are on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
