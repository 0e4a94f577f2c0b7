"""turn a Keras model (.keras) into a spec; nothing in the file is run

Example:
  dlsuite adopt model.keras --output model.json
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from dlsuite.commands import UsageError, note


def arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of `adopt`."""
    parser.add_argument("model", metavar="MODEL.keras", help="a functional or sequential model, saved by Keras 3")
    parser.add_argument("-o", "--output", metavar="FILE", help="where to (default: standard output)")


def run(arguments: argparse.Namespace) -> int:
    """Prints the spec, or writes it to a file."""
    from dlsuite import adoption

    path = Path(arguments.output) if arguments.output is not None else None
    if path is not None and not path.parent.is_dir():
        raise UsageError(f"there is no folder `{path.parent}` for {path.name}.")
    text = adoption.dump(adoption.adopt(adoption.read(Path(arguments.model))))
    if path is None:
        print(text, end="")
        return 0
    path.write_text(text, encoding="utf-8")
    calls = len(json.loads(text)["model"]["layers"])
    note(f"{path}: {calls} calls, {len(text):,} characters. `dlsuite show {path}` tells more.")
    return 0
