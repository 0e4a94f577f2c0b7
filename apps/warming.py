"""The libraries that models need, loaded in the background while the first visitor reads.

Two threads that load libraries which import each other may wait for one another for ever. So nothing else loads them:
what needs them calls `finish`.
"""

from __future__ import annotations

import importlib
import threading
from functools import cache


@cache
def begin() -> threading.Thread:
    """Returns the thread that loads them, started once."""
    thread = threading.Thread(target=importlib.import_module, args=["dlsuite.prediction"], daemon=True)
    thread.start()
    return thread


def finish() -> None:
    """Waits until they are loaded."""
    begin().join()
