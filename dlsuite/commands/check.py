"""report every fault of spec files, each at its line, with what would work

Example:
  dlsuite check specs/vision/*.json
  dlsuite check my.json --set params.width=64 --build
"""

from __future__ import annotations

import argparse
from typing import Any

from dlsuite.commands import add_json, add_spec, note, overrides, print_json
from dlsuite.spec.errors import Fault, SpecError


def arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of `check`."""
    add_spec(parser, several=True)
    found = "also build the model symbolically: shapes that do not fit, outputs and metrics that suit no target"
    parser.add_argument("--build", action="store_true", help=found)
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Checks every file; 0 where there is no fault, else 2."""
    changes = overrides(arguments.overrides)
    found: list[Fault] = []
    for path in arguments.specs:
        faults, verdict = _check(path, changes, build=arguments.build)
        found += faults
        if not arguments.json:
            print("\n".join(map(str, faults)) or f"{path}: ok, {verdict}")
    if arguments.json:
        print_json({"faults": [fault.as_dict() for fault in found]})
    elif found:
        files, count = len(arguments.specs), len(found)
        note(f"{count} fault{'s' * (count > 1)} in {files} file{'s' * (files > 1)}.")
    return 2 if found else 0


def _check(path: str, changes: dict[str, Any], *, build: bool) -> tuple[list[Fault], str]:
    from dlsuite.buildable import build_faults, contents
    from dlsuite.spec import load

    try:
        spec = load(path, changes)
        told = contents(spec, spec.plan())
        if not build:
            return [], told
        from dlsuite.commands import quiet

        quiet()
        missed, count = build_faults(spec, claims=not changes)
    except SpecError as error:
        return error.faults, ""
    return missed, f"{told}; built, {count:,} parameters"
