"""The worst mistakes of a run on its test split, as they were kept when it was measured: to see and to ask again."""

from __future__ import annotations

from typing import NamedTuple

from apps.widgets.samples import Sample
from dlsuite.runs import Run


class Mistake(NamedTuple):
    """A wrong answer.

    Attributes:
        sample: The input, with the class that it is.
        said: What it is, and what it was taken for.
    """

    sample: Sample
    said: str


def mistakes_of(run: Run) -> list[Mistake]:
    """Returns the worst mistakes, the worst first; none where no picture or sound of them is kept."""
    inputs = [field for one in run.plan.data.inputs.values() for field in one.fields]
    target, rows = next(iter(run.evaluation.get("worst", {}).items()), ("", []))
    if len(inputs) != 1:
        return []
    kept = {f"samples/{path.name}": path for path in (run.path / "samples").glob("*") if path.is_file()}
    files = [kept.get(row.get("image") or row.get("file")) for row in rows]  # names are looked up, never opened
    return [
        Mistake(
            Sample(number, {inputs[0]: file.read_bytes()}, {target: row["truth"]}), f"{row['truth']} → {row['answer']}"
        )
        for number, (row, file) in enumerate(zip(rows, files, strict=True))
        if file is not None
    ]
