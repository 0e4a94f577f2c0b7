"""Work on strangers' specs in a process beside this one: what hangs, grows or crashes there ends there."""

from __future__ import annotations

import atexit
import json
import os
import resource
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from dlsuite.spec.errors import DLSuiteError

MEGABYTES = 6_000
"""Of private memory; TensorFlow alone takes about 600."""
ASKED = 200
"""After so many answers a fresh process takes over, so that none grows for ever."""


class ApartError(DLSuiteError):
    """Work that did not end in time, or broke off."""

    exit_code = 2


class Worker:
    """A process that answers one request after the other, and is replaced by a fresh one where it does not.

    Args:
        module: Run as `python -m`; reads requests as lines of JSON on standard input until that ends, and answers each
            with a line of JSON on standard output.
    """

    def __init__(self, module: str):
        self._module = module
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._asked = 0
        atexit.register(self.stop)

    def start(self) -> None:
        """Starts the process, where it does not run; returns at once, while it loads its libraries."""
        if self._lock.acquire(blocking=False):  # else it is at work
            try:
                self._running()
            finally:
                self._lock.release()

    def ask(self, request: Mapping[str, Any], seconds: float) -> Any:
        """Returns the answer to a request.

        Args:
            request: As JSON knows it.
            seconds: The process is ended after that. While others are answered, time does not run.

        Raises:
            ApartError: It was ended, or broke off.
        """
        with self._lock:
            process = self._running()
            self._asked += 1
            late = threading.Event()
            timer = threading.Timer(seconds, lambda: (late.set(), _end(process)))
            timer.start()
            line = b""
            with suppress(OSError):  # it has ended
                assert process.stdin is not None and process.stdout is not None
                process.stdin.write(json.dumps(request).encode() + b"\n")
                process.stdin.flush()
                line = process.stdout.readline()
            timer.cancel()
            if line.endswith(b"\n"):
                return json.loads(line)
            _end(process)
        if late.is_set():
            raise ApartError(f"That took more than {seconds:g} s and was ended. What would work: a smaller spec.")
        raise ApartError(f"That broke off: it may need more than the {MEGABYTES:,} MB of memory that it may have.")

    def stop(self) -> None:
        """Ends the process."""
        if self._process is not None:
            _end(self._process)

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is not None and (self._process.poll() is not None or self._asked >= ASKED):
            _end(self._process)
            self._process = None
        if self._process is None:
            self._asked = 0
            self._process = subprocess.Popen(
                [sys.executable, "-m", self._module],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
                env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"},
            )
            with suppress(OSError):  # it may have ended
                resource.prlimit(self._process.pid, resource.RLIMIT_DATA, (MEGABYTES << 20, MEGABYTES << 20))
        return self._process


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ends a process with all that it has started."""
    with suppress(OSError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
