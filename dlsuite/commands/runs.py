"""list the runs of a folder, sorted by any column, or compare two of them

Example:
  dlsuite runs --sort accuracy
  dlsuite runs --where digits --sort time
  dlsuite runs --compare runs/digits_cnn/A runs/digits_cnn/B --html comparison.html
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from dlsuite.commands import UsageError, add_json, add_runs, console, note, print_json


def arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of `runs`."""
    add_runs(parser)
    parser.add_argument("--sort", metavar="COLUMN", help="a column, such as accuracy, date or seconds; the best first")
    parser.add_argument("--where", metavar="TEXT", help="only runs whose spec, id or state contains this text")
    parser.add_argument("--compare", nargs=2, metavar=("A", "B"), help="two runs: difference of spec, and curves")
    parser.add_argument("--html", metavar="FILE", help="with --compare: write the comparison as a page with charts")
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Prints the table of runs, or a comparison."""
    return _compare(arguments) if arguments.compare else _list(arguments)


def _list(arguments: argparse.Namespace) -> int:
    from dlsuite.comparison import DAMAGE, table

    if not Path(arguments.runs).is_dir():
        raise UsageError(f"there is no folder `{arguments.runs}`. `dlsuite train SPEC` makes one, with a run in it.")
    rows = table(arguments.runs, sort=arguments.sort, where=arguments.where)
    if arguments.json:
        print_json(json.loads(rows.to_json(orient="records")))
        return 0
    if rows.empty:
        note(f"No runs in `{arguments.runs}`. `dlsuite train SPEC` makes one.")
        return 0
    if DAMAGE in rows:
        for reason in rows.pop(DAMAGE).dropna():
            note(f"warning: {reason}")
    from rich import box
    from rich.table import Table

    out = console()
    cells = {name: [_cell(name, value) for value in rows[name]] for name in rows.columns}
    left_out = _narrow(cells, out.width, keep=arguments.sort)
    shown = Table(box=box.SIMPLE)
    for name in cells:
        shown.add_column(name, justify="right" if rows[name].dtype.kind in "if" else "left")
    for row in zip(*cells.values(), strict=True):
        shown.add_row(*row)
    out.print(shown)
    if left_out:
        out.print(f"No room for {', '.join(left_out)}: `--where` shows fewer runs, `--json` everything.", markup=False)
    return 0


def _cell(name: str, value: Any) -> str:
    """Returns a value as the table shows it."""
    from dlsuite.report.charts import figure

    if value is None or value != value:
        return "–"
    if name == "seconds":
        return f"{value:.0f}"
    return figure(int(value) if name in ("epochs", "parameters") else value)


def _narrow(cells: dict[str, list[str]], width: int, keep: str | None) -> list[str]:
    """Takes out metrics, those of the fewest runs first, until the table fits; returns their names."""
    from dlsuite.comparison import COUNTS, FACTS

    left_out: list[str] = []
    metrics = [name for name in cells if name not in (*FACTS, *COUNTS, keep)]
    metrics.sort(key=lambda name: len(cells[name]) - cells[name].count("–"), reverse=True)
    while metrics and sum(max(map(len, [name, *cells[name]])) + 3 for name in cells) + 2 > width:
        left_out.insert(0, metrics.pop())
        del cells[left_out[0]]
    return left_out


def _compare(arguments: argparse.Namespace) -> int:
    from dlsuite.comparison import compare
    from dlsuite.report import render_sides
    from dlsuite.runs import open_run

    left, right = (open_run(path, arguments.runs) for path in arguments.compare)
    found = compare(left, right)
    if arguments.html:
        Path(arguments.html).write_text(render_sides(found), encoding="utf-8")
        note(f"written to {arguments.html}")
    if arguments.json:
        print_json(found)
        return 0
    from rich import box
    from rich.markup import escape
    from rich.table import Table

    from dlsuite.comparison import sparkline
    from dlsuite.report.charts import figure

    out = console()
    out.print(f"A  {left.path}\nB  {right.path}", markup=False, soft_wrap=True)
    spec = Table("in the spec", "A", "B", box=box.SIMPLE)
    for path, *values in found["spec"]:
        spec.add_row(*map(escape, [path, *(json.dumps(value, default=str)[:60] for value in values)]))
    out.print(spec if found["spec"] else "\nThe specs are equal.")
    metrics = Table("metric", "A", "B", box=box.SIMPLE)
    for name, values in found["metrics"].items():
        metrics.add_row(name, *map(figure, values))
    out.print(metrics)
    curves = Table("curve", "A", "A, last", "B", "B, last", box=box.SIMPLE)
    for name, sides in found["curves"].items():
        cells = [cell for side in sides for cell in (sparkline(side, 24), figure(side[-1]) if side else "–")]
        curves.add_row(name, *cells)
    out.print(curves)
    return 0
