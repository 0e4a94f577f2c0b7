"""The libraries that models need, loaded in the background while the first visitor reads.

Two threads that load libraries which import each other may wait for one another for ever. So nothing else loads them:
what needs them calls `finish`. They keep Python so busy that a page would come twice as late: while one is on its way
to a visitor, loading stands still.
"""

from __future__ import annotations

import gc
import importlib
import sys
import threading
from collections.abc import Sequence
from functools import cache
from importlib.machinery import ModuleSpec, PathFinder
from time import monotonic
from types import ModuleType

NAME = "loading"
ASIDE = 0.25
"""Seconds for which loading stands still after a request, unless somebody waits for it."""


class Courtesy:
    """A finder of modules as Python's own, whose modules are run in the loading thread once no visitor is served."""

    def __init__(self) -> None:
        self._until = 0.0
        self._awaited = threading.Event()

    def step_aside(self) -> None:
        """Has loading stand still for a moment."""
        self._until = monotonic() + ASIDE

    def hurry(self) -> None:
        """Has loading go on without regard."""
        self._awaited.set()

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Returns where a module is, and how it is loaded."""
        found = PathFinder.find_spec(name, path, target)
        if found and found.loader and threading.current_thread().name == NAME:
            run = found.loader.exec_module

            def wait_and_run(module: ModuleType) -> None:
                while (left := self._until - monotonic()) > 0 and not self._awaited.wait(left):
                    pass
                run(module)

            found.loader.exec_module = wait_and_run  # type: ignore[method-assign]
        return found


courtesy = Courtesy()


@cache
def begin() -> threading.Thread:
    """Returns the thread that loads them, started once."""
    thread = threading.Thread(target=_load, name=NAME, daemon=True)
    thread.start()
    return thread


def finish() -> None:
    """Waits until they are loaded."""
    courtesy.hurry()
    begin().join()


def _load() -> None:
    """Loads them, and has them left out of the search for garbage: Streamlit makes one after each run of a page, which
    takes most of a second where it goes through all that TensorFlow keeps for good."""
    sys.meta_path.insert(0, courtesy)
    importlib.import_module("dlsuite.prediction")
    sys.meta_path.remove(courtesy)
    gc.collect()
    gc.freeze()
