"""Files of ours read back: one that is damaged is told by its path and by what is wrong with it."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from dlsuite.spec.document import describe
from dlsuite.spec.errors import DLSuiteError

Kinds: TypeAlias = "type | tuple[type, ...] | Mapping[str, Kinds]"
"""What a value of JSON is: types, of which `NoneType` lets it be missing; or what an object holds by key, the empty key
for all others, which may be missing where nothing in it is needed."""

WORDS = {dict: "an object", list: "an array", str: "a string", int: "a whole number", float: "a number"}


class DamagedError(DLSuiteError):
    """A file of ours that is missing, empty, cut off or overwritten."""

    exit_code = 3


def read_object(path: Path, kinds: Mapping[str, Kinds]) -> dict[str, Any] | None:
    """Returns the JSON object that a file holds; `None` where there is no file.

    Raises:
        DamagedError: It cannot be read, or holds something else.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise DamagedError(f"{path} cannot be read: {error.strerror}.") from None
    value = _parse(path, content)
    if strange := _find_strange(value, kinds, "it"):
        raise DamagedError(f"{path} is damaged: {strange}.")
    return value


def read_text(path: Path) -> str:
    """Returns the text that a file holds.

    Raises:
        DamagedError: It is missing, cannot be read, or is no text.
    """
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise DamagedError(f"{path} is damaged: {_describe_bytes(error)}.") from None
    except OSError as error:
        raise DamagedError(f"{path} cannot be read: {error.strerror}.") from None


def read_arrays(path: Path) -> dict[str, np.ndarray] | None:
    """Returns the arrays of a file by name, `None` where there is no file; reads no pickles.

    Raises:
        DamagedError: It cannot be read.
    """
    try:
        if not path.stat().st_size:
            raise DamagedError(f"{path} is damaged: it is empty.")
        if path.is_file() and not zipfile.is_zipfile(path):
            raise DamagedError(f"{path} is damaged: it is no archive of arrays, or not a whole one.")
        with np.load(path, allow_pickle=False) as arrays:
            return {name: arrays[name] for name in arrays.files}
    except FileNotFoundError:
        return None
    except DamagedError:
        raise
    except OSError as error:
        raise DamagedError(f"{path} cannot be read: {error.strerror or error}.") from None
    except Exception as error:  # of zipfile, zlib and NumPy: BadZipFile, KeyError, SyntaxError, MemoryError, ...
        raise DamagedError(f"{path} is damaged and cannot be read: {error}.") from None


def _parse(path: Path, content: bytes) -> Any:
    if not content.strip(b" \t\r\n\0"):
        raise DamagedError(f"{path} is damaged: it is empty.")
    try:
        return json.loads(content.decode())
    except UnicodeDecodeError as error:
        what = _describe_bytes(error)
    except json.JSONDecodeError as error:
        what = f"at line {error.lineno}, column {error.colno} it is no JSON: {error.msg}"
    except RecursionError:
        what = "it is nested too deeply"
    except ValueError as error:  # a number of thousands of digits
        what = str(error).partition(";")[0]
    raise DamagedError(f"{path} is damaged: {what}.")


def _describe_bytes(error: UnicodeDecodeError) -> str:
    return f"byte {error.object[error.start]:#04x} at offset {error.start} is no UTF-8 text"


def _find_strange(value: Any, kinds: Kinds, name: str) -> str:
    """Returns what is of another kind than it should be, in words; nothing where all is as it should be."""
    if isinstance(kinds, Mapping):
        return _find_inside(value, kinds, name)
    types = kinds if isinstance(kinds, tuple) else (kinds,)
    return "" if isinstance(value, types) else f"{name} is {describe(value)}, where {WORDS[types[0]]} should be"


def _find_inside(value: Any, kinds: Mapping[str, Kinds], name: str) -> str:
    if not isinstance(value, dict):
        return f"{name} is {describe(value)}, where an object should be"
    others = {key: kinds[""] for key in value if "" in kinds}
    for key, kind in {**others, **{key: kinds[key] for key in kinds if key}}.items():
        found = value.get(key, {} if isinstance(kind, Mapping) else None)
        if strange := _find_strange(found, kind, f"`{key}`"):
            return strange if key in value else f"{name} lacks `{key}`"
    return ""
