"""measure a run on one of its splits, or on other data, and write its report

Example:
  dlsuite evaluate runs/digits_cnn/20250101-120000-ab12cd
  dlsuite evaluate RUN --split validation --json
  dlsuite evaluate RUN --data new.csv
  dlsuite evaluate RUN --data '{"ImageFolder": {"path": "photos"}}' --split test

Other data is measured whole, unless `--split` names one of its own splits. Its figures go into files of their own in
the run's folder, beside those of the test split.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from dlsuite.commands import add_json, console, note, print_json, quiet
from dlsuite.spec.values import Argument

if TYPE_CHECKING:
    from dlsuite.runs import Run

SPLITS = ("train", "validation", "test")


def arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of `evaluate`."""
    parser.add_argument("run_path", metavar="RUN", help="the folder of a run")
    parser.add_argument("--split", choices=SPLITS, help="default: test; of other data all of it")
    parser.add_argument(
        "--data", metavar="DATA",
        help="other data: a path in place of that of the run's source, or a data set as a spec writes it (JSON)",
    )  # fmt: skip
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Evaluates; prints metrics beside the baselines, or everything as JSON."""
    import dlsuite

    opened = dlsuite.open_run(arguments.run_path)
    quiet()
    data = None if arguments.data is None else Argument("--data", arguments.data)
    evaluation = dlsuite.evaluate(opened, split=arguments.split, data=data)
    for warning in evaluation.get("warnings", []):
        note(f"warning: {warning}")
    if arguments.json:
        print_json(evaluation)
    else:
        show(opened, evaluation)
    return 0


def show(run: Run, evaluation: dict[str, Any] | None = None) -> None:
    """Prints the metrics of an evaluated run beside its baselines, and where its files are."""
    from rich import box
    from rich.table import Table

    from dlsuite.report.charts import figure

    facts = evaluation or run.evaluation
    out = console()
    if not facts:
        out.print("Nothing to measure with: the split leaves no examples for validation, and none for the test.")
        out.print(f"run     {run.path}", markup=False, soft_wrap=True)
        return
    baselines = facts.get("baselines", {})
    table = Table(box=box.SIMPLE)
    for column, name in enumerate(["metric", "this model", *baselines]):
        table.add_column(name, justify="right" if column else "left", style="bold" if column == 1 else "")
    for name, value in facts["metrics"].items():
        table.add_row(name, figure(value), *(figure(scores.get(name)) for scores in baselines.values()))
    other = facts.get("data")
    where = f"examples of {facts['split']} ({other['split']})" if other else f"{facts['split']} examples"
    out.print(f"{run.name} on {facts['examples']:,} {where}", markup=False)
    out.print(table)
    out.print(f"run     {run.path}", markup=False, soft_wrap=True)
    if report := facts.get("report", "report.html" if facts["split"] == "test" else None):
        out.print(f"report  {run.path / report}", markup=False, soft_wrap=True)
