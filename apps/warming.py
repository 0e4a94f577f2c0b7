"""The libraries that models need, loaded in the background while the first visitor reads.

Two threads that load libraries which import each other may wait for one another for ever. So nothing else loads them:
what needs them calls `finish`.
"""

from __future__ import annotations

import gc
import importlib
import threading
from functools import cache


@cache
def begin() -> threading.Thread:
    """Returns the thread that loads them, started once."""
    thread = threading.Thread(target=_load, daemon=True)
    thread.start()
    return thread


def finish() -> None:
    """Waits until they are loaded."""
    begin().join()


def _load() -> None:
    """Loads them, and has them left out of the search for garbage: Streamlit makes one after each run of a page, which
    takes most of a second where it goes through all that TensorFlow keeps for good."""
    importlib.import_module("dlsuite.prediction")
    gc.collect()
    gc.freeze()
