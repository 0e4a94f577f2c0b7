"""Model files read as what they are: an archive with a JSON text. Nothing in them is loaded or run."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dlsuite.spec.errors import DLSuiteError

MAX_BYTES = 50_000_000

REFUSED = {
    ".h5": "HDF5 files are loaded without Keras' safe mode, whatever is asked",
    ".hdf5": "HDF5 files are loaded without Keras' safe mode, whatever is asked",
    ".pkl": "a pickle runs code when it is read",
    ".pickle": "a pickle runs code when it is read",
    ".pt": "a pickle runs code when it is read",
    ".pth": "a pickle runs code when it is read",
    ".pb": "a graph of TensorFlow no longer knows its layers",
    ".tflite": "a converted graph no longer knows its layers",
    ".onnx": "a converted graph no longer knows its layers",
}
"""Endings of files that are not read, and why."""


class AdoptionError(DLSuiteError):
    """A model that cannot be adopted: what stands in the way, and what would work."""

    exit_code = 2


def read(path: Path) -> Mapping[str, Any]:
    """Returns the configuration in a `.keras` file; its weights are left where they are.

    Raises:
        AdoptionError: It is no such file.
    """
    if reason := REFUSED.get(path.suffix.lower()):
        raise AdoptionError(f"{path}: {reason}. Save the model anew: model.save('model.keras').")
    if path.is_dir():
        raise AdoptionError(f"{path} is a folder. Give the path of a .keras file.")
    if not path.is_file():
        raise AdoptionError(f"{path}: there is no such file.")
    try:
        with zipfile.ZipFile(path) as archive, archive.open("config.json") as file:
            raw = file.read(MAX_BYTES + 1)
    except (zipfile.BadZipFile, KeyError, OSError, RuntimeError, NotImplementedError):
        message = f"{path} is not a .keras file: an archive that holds a config.json."
        raise AdoptionError(f"{message} model.save('model.keras') writes one.") from None
    if len(raw) > MAX_BYTES:
        raise AdoptionError(f"{path}: its config.json has more than {MAX_BYTES:,} bytes.")
    try:
        config = json.loads(raw)
    except (ValueError, RecursionError):
        raise AdoptionError(f"{path}: its config.json is not JSON that can be read.") from None
    if not isinstance(config, dict):
        raise AdoptionError(f"{path}: its config.json describes no model.")
    return config
