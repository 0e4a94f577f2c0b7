"""The committed catalogue: facts about the components of the installed libraries.

`python -m dlsuite.cataloguing` writes it again; with `--check` it says what differs and ends with 1.
"""

from __future__ import annotations

import contextlib
import inspect
import io
import json
import logging
import warnings
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from keras import ops
from keras.src.backend.common import global_state
from keras.src.backend.common.stateless_scope import StatelessScope

from dlsuite.cataloguing.choices import DENIED, STRATEGIES
from dlsuite.cataloguing.entries import entry_of
from dlsuite.cataloguing.libraries import activations, augments, libraries
from dlsuite.cataloguing.named_arguments import Schema
from dlsuite.cataloguing.operations import operations

__all__ = ["DENIED", "catalogue", "differences", "dump", "libraries", "main"]

PATH = Path(__file__).parents[1] / "spec" / "catalogue.json"
LIBRARIES = ("keras", "keras-hub", "keras-cv")


def catalogue() -> dict[str, Any]:
    """Returns the catalogue of the installed libraries."""
    with quiet():
        return {
            "versions": {name: version(name) for name in LIBRARIES},
            **{kind: dict(sorted(found)) for kind, found in _kinds().items()},
        }


def dump(content: Mapping[str, Any]) -> str:
    """Returns a catalogue as text, one component a line."""
    blocks = []
    for kind, entries in content.items():
        lines = [f"{json.dumps(name)}:{json.dumps(entry, separators=(',', ':'))}" for name, entry in entries.items()]
        blocks.append(f"{json.dumps(kind)}:{{\n" + ",\n".join(lines) + "\n}")
    return "{" + ",\n".join(blocks) + "}\n"


def differences(committed: Mapping[str, Any], installed: Mapping[str, Any]) -> list[str]:
    """Returns what differs between two catalogues, a line each."""
    lines = []
    for kind in sorted({*committed, *installed}):
        old, new = committed.get(kind, {}), installed.get(kind, {})
        lines += [f"{kind} {name}: gone" for name in sorted({*old} - {*new})]
        lines += [f"{kind} {name}: new" for name in sorted({*new} - {*old})]
        for name in sorted({*old} & {*new}):
            if old[name] != new[name]:
                lines.append(f"{kind} {name}: {_changed(old[name], new[name])}")
    return lines


def main(arguments: list[str]) -> int:
    """Writes the catalogue, or checks that the committed one is that of the installed libraries."""
    installed = catalogue()
    if "--check" not in arguments:
        PATH.write_text(dump(installed))
        return 0
    lines = differences(json.loads(PATH.read_text()), json.loads(dump(installed)))
    if lines:
        print("\n".join([f"{PATH.name} is not that of the installed libraries:", *lines]))
        print("`python -m dlsuite.cataloguing` writes it again.")
    return 1 if lines else 0


def _kinds() -> dict[str, list[tuple[str, Schema]]]:
    found: dict[str, list[tuple[str, Schema]]] = {}
    made: dict[Any, Schema | None] = {}
    for kind, name, function in libraries():
        if name in DENIED:
            continue
        maker = function.__init__ if inspect.isclass(function) and not name.startswith("app") else function
        family = name.split(".")[0] if "." in name else ""
        if (kind, family, maker) not in made:
            with without_values() if kind in ("layer", "metric") else contextlib.nullcontext():
                made[kind, family, maker] = entry_of(kind, name, function)
        entry = made[kind, family, maker]
        if entry is not None:
            found.setdefault(kind, []).append((name, entry))
            if augments(function):
                found.setdefault("augmentation", []).append((name, {"args": entry["args"]}))
    found["op"] = list(operations(ops))
    found["activation"] = [(name, {"args": {}}) for name in activations()]
    found["strategy"] = [(name, {"args": args}) for name, args in STRATEGIES.items()]
    return dict(sorted(found.items()))


def _changed(old: Any, new: Any) -> str:
    before, after = (
        old.get("args", {}) if isinstance(old, dict) else {},
        new.get("args", {}) if isinstance(new, dict) else {},
    )
    keys = [key for key in sorted({*before, *after}) if before.get(key) != after.get(key)]
    if not keys:
        return f"{old} -> {new}" if not isinstance(old, dict) else "its call differs"
    return "; ".join(f"`{key}` {before.get(key, 'absent')} -> {after.get(key, 'absent')}" for key in keys)


@contextlib.contextmanager
def without_values() -> Iterator[None]:
    """Lets constructors make variables without values, which takes a tenth of the time."""
    with StatelessScope():
        yield
        global_state.set_global_attribute("uninitialized_variables", [])


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Silences what libraries say while their constructors are tried."""
    logging.disable(logging.CRITICAL)
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        yield
    logging.disable(logging.NOTSET)
