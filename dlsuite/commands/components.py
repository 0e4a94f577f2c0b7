"""print the components that specs may use: kinds, names of a kind, or one with its arguments

Example:
  dlsuite components
  dlsuite components optimizer
  dlsuite components layer Conv2D
"""

from __future__ import annotations

import argparse

from dlsuite.commands import quiet


def arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of `components`."""
    parser.add_argument("kind", metavar="KIND", nargs="?", help="layer, optimizer, dataset, objective ...")
    parser.add_argument("name", metavar="NAME", nargs="?", help="a component of that kind")


def run(arguments: argparse.Namespace) -> int:
    """Prints what the catalogue says."""
    if arguments.name is not None:
        quiet()
    from dlsuite.describing import overview

    print(overview(arguments.kind, arguments.name))
    return 0
