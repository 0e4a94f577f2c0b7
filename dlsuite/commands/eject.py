"""print a spec as plain Keras Python, to keep and to change without DLSuite

Example:
  dlsuite eject specs/vision/fashion_resnet.json --output fashion_resnet.py
  python fashion_resnet.py
"""

from __future__ import annotations

import argparse
from pathlib import Path

from dlsuite.commands import UsageError, add_spec, note, overrides, quiet


def arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of `eject`."""
    add_spec(parser)
    parser.add_argument("-o", "--output", metavar="FILE", help="where to (default: standard output)")


def run(arguments: argparse.Namespace) -> int:
    """Prints the module, or writes it to a file."""
    from dlsuite import api
    from dlsuite.spec import load

    path = Path(arguments.output) if arguments.output is not None else None
    if path is not None and not path.parent.is_dir():
        raise UsageError(f"there is no folder `{path.parent}` for {path.name}.")
    spec = load(arguments.spec, overrides(arguments.overrides))
    if "keras_" in spec.source or spec.plan().unknown:
        quiet()
    text = api.eject(spec)
    if path is None:
        print(text, end="")
        return 0
    path.write_text(text, encoding="utf-8")
    note(f"{path}: `build()` gives the model{'s' if not spec.plan().single else ''}; it needs Keras alone.")
    return 0
