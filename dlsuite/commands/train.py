"""train a spec, and evaluate it on its test split

Example:
  dlsuite train specs/vision/digits_cnn.json
  dlsuite train my.json --set train.epochs=3 --runs experiments
  dlsuite train --resume runs/my/20250101-120000-ab12cd
  dlsuite train --resume ab12cd --set train.epochs=20

A run that was interrupted or killed goes on from its last checkpoint. When it goes on, `epochs` or `steps`,
`callbacks`, arguments of the optimizer, `precision`, `jit_compile`, `strategy` and `deterministic` may change, and
stages may be added.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from dlsuite.commands import UsageError, add_json, add_resume, given_spec, print_json, quiet

if TYPE_CHECKING:
    from dlsuite.spec import Spec


def arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of `train`."""
    add_resume(parser)
    parser.add_argument("--job", metavar="JOB", help="train what the apps have queued (a folder of RUNS/.queue)")
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Trains and evaluates; prints where the run is and how it did."""
    import dlsuite
    from dlsuite.distribution.cluster import is_follower

    spec = given_spec(arguments) if arguments.job is None else _queued(arguments)
    quiet()
    done = dlsuite.train(spec, runs=arguments.runs, resume=arguments.resume, progress=True)
    if is_follower():  # the chief answers
        return 0
    if arguments.json:
        print_json({"run": done.path, "metrics": done.metrics})
    else:
        from dlsuite.commands.evaluate import show

        show(done)
    return 0


def _queued(arguments: argparse.Namespace) -> Spec:
    """Returns the spec of a job.

    Raises:
        UsageError: Another is given as well.
    """
    from dlsuite.tickets import Job

    if arguments.spec is not None or arguments.resume is not None or arguments.overrides:
        raise UsageError("train: a job says all of what to train. Leave out SPEC, --resume and --set, or --job.")
    return Job(Path(arguments.job)).read_spec()
