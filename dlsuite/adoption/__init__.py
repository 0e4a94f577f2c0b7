"""A Keras model as a spec: chains of layers with blocks found again and repeats rolled up."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dlsuite.adoption import archives
from dlsuite.adoption.archives import AdoptionError
from dlsuite.adoption.compact import dump
from dlsuite.adoption.drafts import Tangled
from dlsuite.adoption.graphs import graph
from dlsuite.adoption.networks import write
from dlsuite.spec import catalogue, loading
from dlsuite.spec.errors import SpecError

__all__ = ["AdoptionError", "adopt", "describe", "dump", "read"]


def adopt(config: Mapping[str, Any], name: str | None = None) -> dict[str, Any]:
    """Returns a spec that builds the model of a configuration.

    Names of layers stay as they are, but those that a spec cannot hold: slashes and the like become underscores.
    So do the dots of inputs: the data's mask `speech.mask` becomes the input `speech_mask`.

    Args:
        config: As `model.to_json()` has it, parsed, or as `archives.read` gives it.
        name: Of the spec; by default the model's own.

    Raises:
        AdoptionError: The model holds what the language does not have.
    """
    known = catalogue.load()
    try:
        found = graph(config, known)
        title = name or found.name
        try:
            spec = write(found, title, known)
        except Tangled:
            spec = write(found, title, known, dots=True)
    except RecursionError:
        raise AdoptionError("The model has more layers in a row, or deeper ones, than can be adopted.") from None
    try:
        loading.load(spec)
    except SpecError as error:
        fault = error.faults[0]
        raise AdoptionError(f"The model holds what the language does not have: {fault.message} {fault.hint}") from None
    return spec


def read(path: Path) -> Mapping[str, Any]:
    """Returns the configuration in a `.keras` file; see `archives.read`."""
    return archives.read(path)


def describe(model: Any) -> Mapping[str, Any]:
    """Returns the configuration of a `keras.Model`.

    Raises:
        AdoptionError: It has none.
    """
    try:
        return json.loads(model.to_json())
    except (AttributeError, NotImplementedError, TypeError, ValueError) as error:
        raise AdoptionError(f"The model does not describe itself: {error}") from None
