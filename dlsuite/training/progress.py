"""Progress of a training, for people: live on a terminal, else a line an epoch; always on standard error."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any, Protocol

from dlsuite.time_spans import describe_seconds


class Progress(Protocol):
    """What shows how far a training is."""

    def say(self, text: str) -> None:
        """Shows a sentence that stays."""

    def update(self, status: Mapping[str, Any]) -> None:
        """Shows where training stands, as in `status.json`."""

    def epoch(self, row: Mapping[str, Any], best: bool) -> None:
        """Shows an epoch that is done, as in `history.csv`, and whether it is the best so far."""

    def close(self) -> None:
        """Gives the terminal back."""


class Silent:
    """Shows nothing."""

    def say(self, text: str) -> None:
        """Shows nothing."""

    def update(self, status: Mapping[str, Any]) -> None:
        """Shows nothing."""

    def epoch(self, row: Mapping[str, Any], best: bool) -> None:
        """Shows nothing."""

    def close(self) -> None:
        """Does nothing."""


class Lines(Silent):
    """Prints a line an epoch."""

    def say(self, text: str) -> None:
        """Prints a sentence."""
        print(text, file=sys.stderr, flush=True)

    def epoch(self, row: Mapping[str, Any], best: bool) -> None:
        """Prints the figures of an epoch."""
        self.say(describe_epoch(row, best))


class Live(Silent):
    """Shows a bar of the epoch's steps that moves, and below what is done."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
        from rich.progress import Progress as Bars

        self._console = Console(stderr=True, highlight=False)
        self._bars = Bars(
            TextColumn("[bold]epoch {task.fields[epoch]}/{task.fields[epochs]}"),
            BarColumn(bar_width=10),
            MofNCompleteColumn(),
            TextColumn("{task.fields[figures]}"),
            console=self._console,
            refresh_per_second=4,
            transient=True,
        )
        self._task: Any = None

    def say(self, text: str) -> None:
        """Prints a sentence above the bar."""
        self._console.print(text, markup=False, soft_wrap=True)

    def update(self, status: Mapping[str, Any]) -> None:
        """Moves the bar."""
        fields = {"epoch": status["epoch"], "epochs": status["epochs"], "figures": describe_status(status)}
        if self._task is None:
            self._task = self._bars.add_task("", total=status["steps"], **fields)
            self._bars.start()
        self._bars.update(self._task, completed=status["step"], total=status["steps"], **fields)

    def epoch(self, row: Mapping[str, Any], best: bool) -> None:
        """Prints the figures of an epoch above the bar."""
        self.say(describe_epoch(row, best))

    def close(self) -> None:
        """Takes the bar away."""
        self._bars.stop()


def make_progress(shown: bool) -> Progress:
    """Returns what shows progress: nothing, lines, or a live bar where standard error is a terminal."""
    if not shown:
        return Silent()
    return Live() if sys.stderr.isatty() else Lines()


def describe_epoch(row: Mapping[str, Any], best: bool) -> str:
    """Returns an epoch in one line.

    Example:
        >>> describe_epoch({"epoch": 3, "loss": 0.25, "val_accuracy": 0.97, "seconds": 1.5}, True)
        'epoch   3  loss 0.2500  val_accuracy 0.9700  1.5 s  best so far'
    """
    figures = [f"{name} {_figure(value)}" for name, value in row.items() if name not in ("epoch", "stage", "seconds")]
    mark = ["best so far"] if best else []
    return "  ".join([f"epoch {row['epoch']:3d}", *figures, f"{row['seconds']:.1f} s", *mark])


def describe_status(status: Mapping[str, Any]) -> str:
    """Returns loss, metrics, speed and time left in one line."""
    figures = [f"loss {_figure(status['loss'])}"] if status.get("loss") is not None else []
    figures += [f"{name} {_figure(value)}" for name, value in list(status["metrics"].items())[:2]]
    if status.get("examples_per_second"):
        figures.append(f"{status['examples_per_second']:,.0f}/s")
    if status.get("eta_seconds") is not None:
        figures.append(f"{describe_seconds(status['eta_seconds'])} left")
    return "  ".join(figures)


def _figure(value: float) -> str:
    return f"{value:.4f}" if value == 0 or abs(value) >= 0.001 else f"{value:.2e}"
