"""One process trains a run, or several measure it: a lock that the system frees when its holder ends, in any way."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from dlsuite.spec.errors import DLSuiteError
from dlsuite.storage import writing

NAME = "lock"
PATIENCE = 1.0
"""Seconds to wait for a lock; readers hold it for an instant to see whether it is free."""
UNSUPPORTED = {errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL}
"""File systems without locks; there a run is trusted to have one process."""


class LockedError(DLSuiteError):
    """A run that another process is training or measuring."""

    exit_code = 2


@contextmanager
def hold(folder: Path) -> Iterator[Callable[[], None]]:
    """Holds the lock of a run's folder, and gives what writes into it who holds it.

    Raises:
        LockedError: Another process holds it; says which, or others share it.
        UnwritableError: Nothing may be written there.
    """
    with _opened(folder) as file:
        deadline = time.monotonic() + PATIENCE
        while not take(file.fileno()):
            if time.monotonic() > deadline:
                shared = take(file.fileno(), fcntl.LOCK_SH)
                who = "measured by another process" if shared else f"trained by {_describe(folder / NAME)}"
                raise LockedError(
                    f"{folder}: is being {who}. What would work: wait until that ends, or stop it with Ctrl-C, and go "
                    "on then."
                )
            time.sleep(0.05)

        def sign() -> None:
            file.seek(0)
            file.truncate()
            file.write(json.dumps({"pid": os.getpid(), "host": os.uname().nodename}) + "\n")
            file.flush()

        yield sign


@contextmanager
def share(folder: Path) -> Iterator[None]:
    """Shares the lock of a run's folder with others who measure it, so that nobody trains or removes it meanwhile.

    A run that is being trained is measured all the same: what it has kept so far stays until its end.

    Raises:
        UnwritableError: Nothing may be written there.
    """
    with _opened(folder) as file:
        take(file.fileno(), fcntl.LOCK_SH)
        yield


def is_held(folder: Path) -> bool | None:
    """Returns whether a process holds the lock of a run's folder for itself; `None` where that cannot be told."""
    try:
        with (folder / NAME).open(encoding="utf-8") as file:
            return not take(file.fileno(), fcntl.LOCK_SH)
    except OSError:
        return None


def is_alive(pid: Any, host: Any) -> bool:
    """Returns whether a process runs; assumed of one on another machine."""
    if host != os.uname().nodename or not isinstance(pid, int):
        return True
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True


def take(handle: int, kind: int = fcntl.LOCK_EX) -> bool:
    """Takes the lock of an open file and returns whether that went; processes that inherit the file hold it as well."""
    try:
        fcntl.flock(handle, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:
        if error.errno not in UNSUPPORTED:
            raise
    return True


@contextmanager
def _opened(folder: Path) -> Iterator[TextIO]:
    path = folder / NAME
    with writing(path):
        file = path.open("a+", encoding="utf-8")
    with file:
        yield file


def _describe(path: Path) -> str:
    try:
        holder = json.loads(path.read_text(encoding="utf-8"))
        if not is_alive(holder["pid"], holder["host"]):  # it held the lock before the one that has not signed yet
            return "another process"
        return f"process {holder['pid']} on {holder['host']}"
    except (OSError, ValueError, KeyError, TypeError):
        return "another process"
