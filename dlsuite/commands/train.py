"""train a spec, and evaluate it on its test split

Example:
  dlsuite train specs/vision/digits_cnn.json
  dlsuite train my.json --set train.epochs=3 --runs experiments
  dlsuite train my.json --resume runs/my/20250101-120000-ab12cd
"""

from __future__ import annotations

import argparse

from dlsuite.commands import add_json, add_runs, add_spec, overrides, print_json, quiet


def arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of `train`."""
    add_spec(parser)
    add_runs(parser)
    parser.add_argument("--resume", metavar="RUN", help="go on with an interrupted run (its folder)")
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Trains and evaluates; prints where the run is and how it did."""
    quiet()
    import dlsuite

    spec = dlsuite.load(arguments.spec, overrides(arguments.overrides))
    done = dlsuite.train(spec, runs=arguments.runs, resume=arguments.resume, progress=True)
    if arguments.json:
        print_json({"run": done.path, "metrics": done.metrics})
    else:
        from dlsuite.commands.evaluate import show

        show(done)
    return 0
