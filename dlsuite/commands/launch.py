"""train a spec in several processes of this machine, as on several machines

Example:
  dlsuite launch --workers 2 train specs/vision/digits_cnn.json
  dlsuite launch --workers 2 train --resume runs/digits_cnn/20250101-120000-ab12cd

Each worker learns from its part of every batch, so that the result is that of one process. On a cluster, start `dlsuite
train` once a machine with TF_CONFIG set, or with `srun`; docs/distributed.md tells how.
"""

from __future__ import annotations

import argparse

from dlsuite.commands import UsageError

MOST = 64


def arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of `launch`."""
    parser.add_argument("--workers", metavar="N", type=int, required=True, help="how many processes")
    parser.add_argument("command", metavar="train ...", nargs=argparse.REMAINDER, help="the command that they run")


def run(arguments: argparse.Namespace) -> int:
    """Starts the workers and answers for them."""
    if not 1 <= arguments.workers <= MOST:
        raise UsageError(f"launch: {arguments.workers} workers are not from 1 to {MOST}.")
    if arguments.command[:1] != ["train"]:
        raise UsageError("launch: what do the workers do? As in: dlsuite launch --workers 2 train SPEC.")
    from dlsuite.distribution.launching import launch

    return launch(["-m", "dlsuite", *arguments.command], arguments.workers)
