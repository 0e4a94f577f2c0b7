"""measure a run on one of its splits and write its report

Example:
  dlsuite evaluate runs/digits_cnn/20250101-120000-ab12cd
  dlsuite evaluate RUN --split validation --json
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from dlsuite.commands import add_json, console, print_json, quiet

if TYPE_CHECKING:
    from dlsuite.runs import Run


def arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of `evaluate`."""
    parser.add_argument("run_path", metavar="RUN", help="the folder of a run")
    parser.add_argument("--split", choices=("train", "validation", "test"), default="test", help="default: test")
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Evaluates; prints metrics beside the baselines, or everything as JSON."""
    quiet()
    import dlsuite

    opened = dlsuite.open_run(arguments.run_path)
    evaluation = dlsuite.evaluate(opened, split=arguments.split)
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
    out.print(f"{run.name} on {facts['examples']:,} {facts['split']} examples", markup=False)
    out.print(table)
    report = f"\nreport  {run.path / 'report.html'}" if facts["split"] == "test" else ""
    out.print(f"run     {run.path}{report}", markup=False, soft_wrap=True)
