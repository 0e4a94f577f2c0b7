"""`python -m dlsuite.demo`: one spec from check to answer, on real scans that need no download."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dlsuite.commands import quiet

if TYPE_CHECKING:
    from rich.console import Console

    from dlsuite.runs import Run

SPEC = "vision/digits_cnn.json"


def main(runs: str = "runs") -> int:
    """Checks, builds, trains and evaluates a CNN on scanned digits, answers one scan, and says what to try next."""
    quiet()
    from rich.console import Console

    import dlsuite
    from dlsuite.commands.evaluate import show
    from dlsuite.commands.new import folder

    start = time.monotonic()
    console = Console(highlight=False)
    path = Path(os.path.relpath(folder() / SPEC))

    console.rule(f"1. check   dlsuite check {path}", align="left")
    spec = dlsuite.load(path)
    console.print(f"{path}: no fault. {spec.plan().about}", markup=False)

    console.rule("2. build   the Keras model that you would have written by hand", align="left")
    _layers(console, dlsuite.build(spec))

    console.rule(f"3. train   dlsuite train {path}", align="left")
    run = dlsuite.train(spec, runs=runs, progress=True)

    console.rule("4. evaluate, on scans that it has never seen", align="left")
    show(run)
    _confusion(console, run.evaluation)

    console.rule("5. predict, from a raw PNG", align="left")
    scan, truth = _scan(run)
    answer = run.predict(scan)[0]["output"]
    console.print(_picture(scan))
    console.print(
        f"{scan}\nanswer {answer['class']} ({answer['confidence']:.1%} sure), in truth {truth}", soft_wrap=True
    )

    command = ".venv/bin/dlsuite" if Path(".venv/bin/dlsuite").exists() else "dlsuite"
    console.rule(f"Done in {time.monotonic() - start:.0f} s. Try next", align="left")
    for line in (
        f"{command} predict {run.path} {scan}",
        f"{command} train {path} --set params.width=64     # another width",
        f"{command} runs --sort accuracy                   # and compare",
        f"{command} new vision/digits_cnn mine.json        # a spec of your own to change",
        f"a browser on {run.path / 'report.html'}",
    ):
        console.print(f"  {line}", markup=False, soft_wrap=True)
    return 0


def _layers(console: Console, model: Any) -> None:
    from rich.table import Table

    table = Table("layer", "kind", "output", "parameters", box=None)
    for layer in model.layers:
        shape = layer.output.shape if hasattr(layer.output, "shape") else ""
        table.add_row(layer.name, type(layer).__name__, str(shape), f"{layer.count_params():,}")
    console.print(table)


def _confusion(console: Console, evaluation: dict[str, Any]) -> None:
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


def _scan(run: Run) -> tuple[Path, Any]:
    """Returns a test scan as a PNG among the run's samples, and what it shows."""
    from PIL import Image

    from dlsuite import data

    example = data(run.spec).examples("test")[0]
    path = run.path / "samples" / "scan.png"
    path.parent.mkdir(exist_ok=True)
    Image.fromarray(example["image"][..., 0]).save(path)
    return path, example["label"]


def _picture(path: Path) -> str:
    from PIL import Image

    with Image.open(path) as image:
        width, shades = image.width, image.tobytes()
    cells = ["  ░░▒▒▓▓██"[2 * (shade * 4 // 255) :][:2] for shade in shades]
    return "\n".join("".join(cells[row : row + width]) for row in range(0, len(cells), width))


if __name__ == "__main__":
    sys.exit(main())
