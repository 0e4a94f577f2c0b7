"""Runs side by side: a table of all, and two of them by specification and by learning curve."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from dlsuite.reading import DamagedError
from dlsuite.spec.errors import DLSuiteError, suggest

if TYPE_CHECKING:
    import pandas

    from dlsuite.runs import Run

BLOCKS = "▁▂▃▄▅▆▇█"
MISSING = "(not there)"


FACTS = ("spec", "id", "date", "state", "epochs")
COUNTS = ("parameters", "seconds")
DAMAGE = "damage"
"""The column that says of damaged runs what is wrong with them; it is there where there are such."""
NO_CURVES = ("epoch", "stage", "seconds", "examples_per_second")


class TableError(DLSuiteError):
    """A column that the table does not have."""

    exit_code = 2


def table(folder: str | os.PathLike[str], *, sort: str | None = None, where: str | None = None) -> pandas.DataFrame:
    """Returns a row a run: spec, id, date, state, epochs, its metrics, parameters and seconds; the newest first.

    Runs with damaged files are among them, with the state `damaged` and the reason as `damage`.

    Args:
        folder: Of the runs.
        sort: A column; metrics that should be low (loss, error) rise, others fall, so that the best comes first.
        where: Only runs whose spec, id or state contains this text.

    Raises:
        TableError: There is no such column.
    """
    import pandas

    from dlsuite.runs import list_runs
    from dlsuite.verification import falls

    told = [_row(run) for run in list_runs(folder)]
    rows = pandas.DataFrame(told)
    if where and not rows.empty:
        rows = rows[
            rows[["spec", "id", "state"]].apply(lambda row: where.lower() in " ".join(map(str, row)).lower(), axis=1)
        ]
    if rows.empty:
        return rows
    rows = rows.drop(columns=[name for name in rows.columns if name not in FACTS + COUNTS and rows[name].isna().all()])
    last = [*COUNTS, *({DAMAGE} & {*rows.columns})]
    heads = {next((name for name in row if name not in (*FACTS, *COUNTS, DAMAGE)), None) for row in told}
    metrics = [name for name in rows.columns if name not in (*FACTS, *last)]
    metrics.sort(key=lambda name: name not in heads)  # the first of each run comes before all others
    rows = rows[[*FACTS, *metrics, *last]]
    if sort is not None and sort not in rows.columns:
        raise TableError(f"There is no column `{sort}`. {suggest(sort, rows.columns, what='columns')}".rstrip())
    rising = sort is not None and (falls(sort) or sort in ("spec", "state", "parameters", "seconds"))
    return rows.sort_values(sort or "id", ascending=rising, na_position="last", kind="stable").reset_index(drop=True)


def compare(left: Run, right: Run) -> dict[str, Any]:
    """Returns what differs between two runs: `spec` (path, left, right), `metrics` and `curves` by name, both sides."""
    metrics = dict.fromkeys([*left.metrics, *right.metrics])
    curves = dict.fromkeys(
        name for run in (left, right) for row in run.history for name in row if name not in NO_CURVES
    )
    return {
        "runs": [f"{run.name}/{run.id}" for run in (left, right)],
        "spec": difference(left.resolved, right.resolved),
        "metrics": {name: [left.metrics.get(name), right.metrics.get(name)] for name in metrics},
        "curves": {name: [[row.get(name) for row in run.history] for run in (left, right)] for name in curves},
    }


def _row(run: Run) -> dict[str, Any]:
    day, clock = run.id[:8], run.id[9:13]
    date = f"{day[:4]}-{day[4:6]}-{day[6:]} {clock[:2]}:{clock[2:]}"
    facts = {"spec": run.name, "id": run.id, "date": date}
    try:
        _, status, history, metrics = run.resolved, run.status, run.history, run.metrics
    except DamagedError as error:
        return {**facts, "state": "damaged", "epochs": None, **dict.fromkeys(COUNTS), DAMAGE: str(error)}
    damage = {DAMAGE: status["error"]} if status["state"] == "damaged" else {}
    counts = {"parameters": run.parameters.get("trainable"), "seconds": status.get("seconds")}
    return {**facts, "state": status["state"], "epochs": len(history), **metrics, **counts, **damage}


def difference(left: Any, right: Any) -> list[tuple[str, Any, Any]]:
    """Returns what differs between two specs: dotted path, the value at the left, the value at the right.

    A component of another name is one difference, not one for each of its arguments.

    Example:
        >>> difference({"params": {"width": 16}}, {"params": {"width": 32}})
        [('params.width', 16, 32)]
    """
    return [(path, *values) for path, values in settings([left, right]).items()]


def settings(specs: Sequence[Any]) -> dict[str, list[Any]]:
    """Returns where several specs differ: by dotted path, the value that each of them has there.

    Example:
        >>> settings([{"params": {"width": 8}}, {"params": {"width": 16}}, {"params": {"width": 8}}])
        {'params.width': [8, 16, 8]}
    """
    return dict(_differences("", specs))


def sparkline(values: Sequence[float | None], width: int = 40) -> str:
    """Returns a curve as one line of block characters, lowest to highest; longer curves are thinned out."""
    known = [float(value) for value in values if value is not None and math.isfinite(value)]
    if not known:
        return ""
    if len(known) > width:
        known = [known[round(index * (len(known) - 1) / (width - 1))] for index in range(width)]
    low, span = min(known), max(known) - min(known)
    return "".join(BLOCKS[round((value - low) / span * (len(BLOCKS) - 1)) if span else 0] for value in known)


def _differences(path: str, sides: Sequence[Any]) -> Iterator[tuple[str, list[Any]]]:
    if all(isinstance(side, Mapping) for side in sides) and not _renamed(sides):
        for key in dict.fromkeys(key for side in sides for key in side):
            inner = f"{path}.{key}" if path else str(key)
            yield from _differences(inner, [side.get(key, MISSING) for side in sides])
    elif all(isinstance(side, list) for side in sides) and any(
        isinstance(one, dict | list) for side in sides for one in side
    ):
        for index in range(max(map(len, sides))):
            inner = [side[index] if index < len(side) else MISSING for side in sides]
            yield from _differences(f"{path}[{index}]", inner)
    elif any(side != sides[0] for side in sides):
        yield path, list(sides)


def _renamed(sides: Sequence[Mapping[str, Any]]) -> bool:
    """Returns whether components of different names stand there."""
    return all(len(side) == 1 for side in sides) and len({next(iter(side)) for side in sides}) > 1
