"""copy a shipped spec into a folder as a start; without a name, list the shipped ones

Example:
  dlsuite new
  dlsuite new vision/digits_cnn mine.json
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path


def arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of `new`."""
    parser.add_argument("template", metavar="SPEC", nargs="?", help="a shipped spec, such as vision/digits_cnn")
    parser.add_argument("to", metavar="FILE", nargs="?", help="where to (default: the spec's own name, here)")


def run(arguments: argparse.Namespace) -> int:
    """Copies a shipped spec; never writes over a file."""
    from dlsuite import templates

    if arguments.template is None:
        for name, path in templates.shipped().items():
            print(f"{name:32} {templates.purpose(path)}")
        return 0
    source = templates.find(arguments.template)
    target = Path(arguments.to or source.name)
    target = target / source.name if target.is_dir() else target
    written = templates.copy(source, target)
    keys = {key for path in written for key in json.loads(path.read_text(encoding="utf-8"))}
    verb = "train" if "train" in keys else "show" if keys & {"model", "models"} else ""
    after = f"; dlsuite {verb} {target}" if verb else ""
    beside = f" with {', '.join(path.name for path in written[1:])}" if len(written) > 1 else ""
    print(f"{target} written{beside}. Next: dlsuite check {target}{after}")
    return 0
