"""`python -m dlsuite.demo`: one small system a domain from spec to answer, on data that needs no download."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dlsuite.commands import quiet

if TYPE_CHECKING:
    from rich.console import Console

    from dlsuite.runs import Run


@dataclass(frozen=True)
class Part:
    """A system of the demo.

    Attributes:
        domain: What it is about.
        spec: Path among the shipped specs.
        seconds: How long its training takes on two CPU cores, as measured.
        ask: What it is asked; `None`: the first example of its test split.
    """

    domain: str
    spec: str
    seconds: int
    ask: Any = None


PARTS = (
    Part("vision", "vision/digits_cnn.json", 20),
    Part("speech", "speech/synthetic_digits.json", 40),
    Part("text", "text/python_demo.json", 70, "def "),
    Part("protein structure", "protein/folded_peptides.json", 60),
    Part("generation", "generation/digits_vae.json", 25, {"seed": 1}),
)


def main(runs: str = "runs") -> int:
    """Trains, measures and asks a small system of each domain, and says what to try next."""
    quiet()
    from rich.console import Console

    start, console = time.monotonic(), Console(highlight=False)
    trained = [_part(console, number, part, runs) for number, part in enumerate(PARTS, start=1)]
    command = ".venv/bin/dlsuite" if Path(".venv/bin/dlsuite").exists() else "dlsuite"
    console.rule(f"Done in {time.monotonic() - start:.0f} s. Try next", align="left")
    first = trained[0]
    for line in (
        f"{command} train specs/vision/digits_cnn.json --set params.width=64   # another width",
        f"{command} runs --sort accuracy                                       # and compare",
        f"{command} predict {trained[-1].path} '{{\"seed\": 2}}'   # another picture",
        f"{command} new vision/digits_cnn mine.json                            # a spec of your own to change",
        f"a browser on {first.path / 'report.html'}",
    ):
        console.print(f"  {line}", markup=False, soft_wrap=True)
    return 0


def _part(console: Console, number: int, part: Part, runs: str) -> Run:
    """Returns the run of a part, trained, measured and asked."""
    import dlsuite
    from dlsuite.templates import folder

    path = Path(os.path.relpath(folder() / part.spec))
    console.rule(f"{number}. {part.domain}   dlsuite train {path}", align="left")
    spec = dlsuite.load(path)
    console.print(spec.plan().about, markup=False)
    run = dlsuite.train(spec, runs=runs, progress=True)
    _figures(console, run.evaluation)
    if number == 1:
        _confusion(console, run.evaluation)
    asked, told, truth = _question(run, part.ask)
    (answer,) = run.predict(asked)
    console.print(f"asked   {told}", markup=False, soft_wrap=True)
    for line in _said(answer["output"], run.path / "samples"):
        console.print(f"answer  {line}", markup=False, soft_wrap=True)
    if truth:
        console.print(f"truth   {truth}", markup=False, soft_wrap=True)
    return run


def _figures(console: Console, evaluation: Mapping[str, Any]) -> None:
    """Prints the first figure on the test split, beside the baselines."""
    from dlsuite.report.charts import figure

    name = evaluation["headline"]
    beside = [
        f"{one} {figure(scores[name])}"
        for one, scores in evaluation["baselines"].items()
        if scores.get(name) is not None
    ]
    also = f"; beside it {', '.join(beside)}" if beside else ""
    value = figure(evaluation["metrics"][name])
    console.print(f"[bold]{name} {value}[/] on {evaluation['examples']} test examples{also}")


def _question(run: Run, ask: Any) -> tuple[Any, str, str]:
    """Returns what to ask a run, what to say of it, and the truth in words; a picture or sound is saved to look at."""
    if ask is not None:
        return ask, str(ask), ""
    plan = run.plan.data
    example = run.data().examples("test")[0]
    fields = [field for feature in plan.inputs.values() for field in feature.fields]
    told = "the first test example"
    for name, feature in plan.inputs.items():
        if hasattr(run.features[name], "show"):
            media = run.features[name].show(example[feature.fields[0]])
            file = run.path / "samples" / f"asked{media.suffix}"
            file.parent.mkdir(exist_ok=True)
            file.write_bytes(media.data)
            told += f", {file}"
    truths = {name: example[feature.fields[0]] for name, feature in plan.targets.items()}
    shown = [str(value) for value in truths.values() if isinstance(value, str | int | float) or _is_number(value)]
    return {field: example[field] for field in fields}, told, ", ".join(shown)


def _is_number(value: Any) -> bool:
    return getattr(value, "shape", None) == () and hasattr(value, "item")


def _said(answer: Any, folder: Path) -> list[str]:
    """Returns an answer in lines, its files written and named."""
    from dlsuite.commands.predict import describe, write_files
    from dlsuite.objectives.media import Media

    if isinstance(answer, str):
        answer = Media(answer.encode(), ".txt")
        lines = answer.data.decode().splitlines()[:3]
        return [*lines, f"... whole in {write_files(answer, folder, 'answer')}"]
    written = write_files(answer, folder, "answer")
    if isinstance(written, dict) and "class" not in written:
        return [f"{name}: {describe(value)[:200]}" for name, value in written.items()]
    return [describe(written)[:400]]


def _confusion(console: Console, evaluation: Mapping[str, Any]) -> None:
    from rich.table import Table

    confusion = next(iter(evaluation["confusion"].values()))
    table = Table("truth", *confusion["names"], title="answered as", box=None, pad_edge=False)
    for row, (name, counts) in enumerate(zip(confusion["names"], confusion["counts"], strict=True)):
        cells = [
            f"[bold green]{count}[/]" if column == row else f"[red]{count}[/]" if count else "[dim]·[/]"
            for column, count in enumerate(counts)
        ]
        table.add_row(name, *cells)
    console.print(table)


if __name__ == "__main__":
    sys.exit(main())
