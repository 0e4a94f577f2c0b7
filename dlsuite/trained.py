"""A trained run with its uses: `dlsuite.open_run` gives one, `dlsuite.train` too."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import Any

from dlsuite import runs as directory


class Run(directory.Run):
    """A run that answers raw input and can be measured: `dlsuite.runs.Run` with its uses."""

    def predict(self, inputs: Any, **settings: Any) -> list[dict[str, Any]]:
        """Returns an answer for each input, `predict` of the spec changed by `settings`; see `dlsuite.predict`."""
        from dlsuite.prediction import predict

        return predict(self, inputs, settings=settings)

    def stream(self, inputs: Any, settings: Mapping[str, Any] | None = None) -> Iterator[str]:
        """Yields the answer to one input piece by piece, as it is written; see `dlsuite.prediction.stream`."""
        from dlsuite.prediction import stream

        return stream(self, inputs, settings)

    def evaluate(
        self, split: str | None = None, data: str | os.PathLike[str] | Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """Returns how good the run is on a split, or on other data, and writes its report; see `dlsuite.evaluate`."""
        from dlsuite.evaluation import evaluate

        return evaluate(self, split, data)


def open_run(path: str | os.PathLike[str], runs: str | os.PathLike[str] = "runs") -> Run:
    """Returns a run, to use it; reads nothing before it is needed.

    Args:
        path: Its folder, or the end of its id.
        runs: The folder that ids are looked up in.

    Raises:
        RunError: There is no such run.

    Example:
        >>> open_run("runs/digits_cnn/20250101-120000-ab12cd").predict("seven.png")
        [{'input': 'seven.png', 'output': {'class': '7', 'confidence': 0.98, 'scores': {...}}}]
    """
    return Run(directory.open_run(path, runs).path)
