"""train and evaluate a spec and hold it against what it claims; exit code 4 where a claim is not met

Example:
  dlsuite verify specs/vision/digits_cnn.json
  dlsuite verify specs/tabular/breast_cancer_mlp.json --results benchmarks/results
  dlsuite verify --resume runs/digits_cnn/20250101-120000-ab12cd

A training that was interrupted goes on; a run that is finished is held against its claims as it is.
"""

from __future__ import annotations

import argparse
from dataclasses import asdict

from dlsuite.commands import add_json, add_resume, console, given_spec, note, print_json, quiet


def arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of `verify`."""
    add_resume(parser)
    parser.add_argument(
        "--results", metavar="DIR", help="also keep claims, figures and machine in DIR, one file a spec"
    )
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Trains, evaluates, compares; 0 where every claim holds, else 4."""
    spec = given_spec(arguments)
    quiet()
    from dlsuite.verification import keep, verify

    verdict = verify(spec, runs=arguments.runs, resume=arguments.resume, progress=True)
    if arguments.results:
        note(f"kept in {keep(verdict, arguments.results)}")
    if arguments.json:
        print_json({"run": verdict.run.path, "claims": [asdict(claim) for claim in verdict.claims]})
    else:
        from rich import box
        from rich.table import Table

        from dlsuite.report.charts import figure

        table = Table("claim", "claimed", "measured", "", box=box.SIMPLE)
        for claim in verdict.claims:
            mark = "[green]holds[/]" if claim.holds else "[red]does not hold[/]"
            table.add_row(claim.name, figure(claim.claimed), figure(claim.measured), mark)
        out = console()
        out.print(f"{spec.name}: trained and evaluated in {verdict.seconds:.0f} s", markup=False)
        out.print(table)
        out.print(f"run     {verdict.run.path}", markup=False, soft_wrap=True)
    return 0 if verdict.holds else 4
