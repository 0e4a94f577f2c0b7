"""Loaded runs: two at a time are kept for all who visit, and answer one after the other."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator, Mapping
from typing import Any

import streamlit as st

from apps.warming import finish
from dlsuite import open_run
from dlsuite.trained import Run

KEPT = 2


class Loaded:
    """A run with its models in memory, which answers one at a time.

    Attributes:
        run: The run.
        lock: Held while its models are used.
    """

    def __init__(self, path: str):
        self.run: Run = open_run(path)
        self.lock = threading.RLock()
        _ = self.run.models

    def predict(self, inputs: Any, **settings: Any) -> list[dict[str, Any]]:
        """Returns what `run.predict` does."""
        with self.lock:
            return self.run.predict(inputs, **settings)

    def stream(self, inputs: Any, settings: Mapping[str, Any] | None = None) -> Iterator[str]:
        """Yields what `run.stream` does; others wait until it ends, or is left."""
        with self.lock:
            yield from self.run.stream(inputs, settings)


def loaded(run: Any) -> Loaded:
    """Returns a run with its models loaded; a skeleton stands there while that takes time."""
    stamp = max((path.stat().st_mtime_ns for path in (run.path / "models").glob("*.npz")), default=0)
    with st.skeleton(height=200):
        finish()
        return _load(str(run.path), stamp)


def _forget(_: Loaded) -> None:
    """Has memory given back once the last who uses a run is done with it."""
    gc.collect()


@st.cache_resource(max_entries=KEPT, on_release=_forget, show_spinner=False)
def _load(path: str, stamp: int) -> Loaded:
    return Loaded(path)
