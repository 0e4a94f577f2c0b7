"""Ctrl-C, and the signals by which clusters and terminals end a process: heard at once, acted on between steps."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
SAVING = b"\nInterrupted: this step is finished and all is saved. Once more stops at once.\n"


class Interrupted(KeyboardInterrupt):
    """The user, or the machine, wants the training to stop."""


class Interruptions:
    """Hears signals while it is entered; in a thread, where none arrive, it does nothing.

    Outside `held` a signal stops the process where it stands, as Ctrl-C always does. Inside, the first is noted, for
    the training to save what it has and stop, and the second stops it where it stands.

    Args:
        shown: Whether to say on standard error that a signal was heard.

    Attributes:
        asked: Whether a signal has been noted.
    """

    def __init__(self, shown: bool):
        self.asked = False
        self._shown = shown
        self._held = False
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Interruptions:
        if threading.current_thread() is threading.main_thread():
            for number in SIGNALS:
                if signal.getsignal(number) is not signal.SIG_IGN:  # as `nohup` wants it
                    self._before[number] = signal.signal(number, self._hear)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._before = {}

    @contextmanager
    def held(self) -> Iterator[None]:
        """Has the first signal noted for a while; one that nobody acted on is raised in the end."""
        self._held = True
        try:
            yield
        finally:
            self._held = False
        if self.asked:
            raise Interrupted

    def _hear(self, number: int, frame: FrameType | None) -> None:
        if not self._held or self.asked:
            raise Interrupted
        self.asked = True
        if self._shown:
            os.write(2, SAVING)  # prints in a signal handler could come in the middle of others
