"""Writing beside the training: one thing at a time, in a thread of its own."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any


class Writer:
    """Writes while the training goes on; what goes wrong is raised as the next thing is to be written, or waited for.

    What was begun is finished before the process ends, unless that is killed.
    """

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, "writer")
        self._last: Future[None] | None = None

    def begin(self, write: Callable[..., None], *arguments: Any) -> None:
        """Begins to write, once what was begun before is written."""
        self.wait()
        self._last = self._thread.submit(write, *arguments)

    def wait(self) -> None:
        """Waits until all is written."""
        last, self._last = self._last, None
        if last is not None:
            last.result()

    def close(self) -> None:
        """Takes nothing more."""
        self._thread.shutdown(wait=False)
