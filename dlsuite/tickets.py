"""A job on disk: a training that was asked for from elsewhere, such as the apps.

runs/.queue/<time>-<id>/
  job.json    what to train, where that stands, the run that it became
  spec.json   the spec as it was when it was submitted, with all that it extends and uses; source.json: as written
  log.txt     what the training said
  lock        held by the process that takes care of it, as long as that lives (`dlsuite.supervising`)
  STOP        there once it was asked to stop

All processes read the same from these files, whoever wrote them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from types import NoneType
from typing import Any

from dlsuite.locking import is_held
from dlsuite.reading import DamagedError, Kinds, read_object, read_text
from dlsuite.spec import Spec, load

QUEUE, TICKET, LOG, STOP = ".queue", "job.json", "log.txt", "STOP"
SPEC, SOURCE = "spec.json", "source.json"
ID = re.compile(r"\d{8}-\d{6}-\d{6}-[0-9a-f]{6}")
RUN = re.compile(r"[^./\0][^/\0]*/[^./\0][^/\0]*")
"""How a run is written: its place in the folder of runs, from which nothing leads out."""
OPEN = ("waiting", "running")
"""States of a job that has not ended."""
TAIL = 65_536
"""Bytes of a log that are read, at most."""
TEXT = (str, NoneType)
KINDS: Mapping[str, Kinds] = {
    "name": str, "state": str, "created": str, "settings": list, "spec": TEXT, "run": TEXT, "error": TEXT,
    "root": TEXT, "folder": TEXT, "code": (int, NoneType),
}  # fmt: skip


class Job:
    """A training that was submitted; everything is read anew when it is asked for.

    Attributes:
        path: Its folder.

    Example:
        >>> job = submit("runs", "specs/vision/digits_cnn.json", {"train.epochs": 3})
        >>> job.state, job.position
        ('waiting', 0)
        >>> open_run(job.run).status["eta_seconds"]  # once it is running
    """

    def __init__(self, path: Path):
        self.path = path

    def __repr__(self) -> str:
        return f"Job({str(self.path)!r})"

    @property
    def id(self) -> str:
        """Time and id, unique among the jobs of a folder of runs; earlier ones sort first."""
        return self.path.name

    @property
    def runs(self) -> Path:
        """The folder of runs that it belongs to."""
        return self.path.parent.parent

    @property
    def status(self) -> dict[str, Any]:
        """All that is known of it: `name`, `spec`, `settings`, `created`, `started`, `ended`, `state`, `code`, ...

        `state` is waiting, running, done, failed, cancelled, killed (nobody takes care of it any more), or damaged,
        where that cannot be read; of those that did not end well `error` says why.
        """
        status = self._read()
        if status["state"] in OPEN and not is_held(self.path):
            status = self._read()  # it may have ended between the two looks
            if status["state"] in OPEN:
                status |= {"state": "killed", "error": "The process that took care of it was ended from outside."}
        return status

    @property
    def name(self) -> str:
        """Name of the spec."""
        return self.status.get("name") or self.id

    @property
    def state(self) -> str:
        """Where it stands, as in `status`."""
        return self.status["state"]

    @property
    def is_open(self) -> bool:
        """Whether it waits or runs."""
        return self.state in OPEN

    @property
    def is_stopping(self) -> bool:
        """Whether it was asked to stop."""
        return (self.path / STOP).exists()

    @property
    def error(self) -> str | None:
        """Why it did not end well."""
        return self.status.get("error")

    @property
    def run(self) -> Path | None:
        """The folder of its run; `None` until there is one, and where it was removed."""
        name = self.status.get("run") or ""
        return self.runs / name if RUN.fullmatch(name) and (self.runs / name).is_dir() else None

    @property
    def position(self) -> int | None:
        """How many jobs of the same folder of runs come before it: 0 for the next; `None` once it has ended."""
        if not self.is_open:
            return None
        return sum(Job(path).is_open for path in tickets(self.runs) if path.name < self.id)

    def read_spec(self) -> Spec:
        """Returns the spec that it trains, as it was when it was submitted, whatever became of its files since.

        Raises:
            SpecError: It is not there, or damaged.
            DamagedError: What tells where it came from is.
        """
        kept, status = load(self.path / SPEC, paths=False), self.status
        root, folder = status.get("root"), status.get("folder")
        if root is None or folder is None:
            raise DamagedError(status.get("error") or f"{self.path / TICKET} is damaged: it lacks `root` or `folder`.")
        return replace(kept, root=Path(root), folder=Path(folder), source=read_text(self.path / SOURCE))

    def _read(self) -> dict[str, Any]:
        try:
            status = read_object(self.path / TICKET, KINDS)
        except DamagedError as error:
            return {"state": "damaged", "error": str(error)}
        return status or {"state": "damaged", "error": f"{self.path / TICKET} is missing."}

    def log(self, lines: int = 50) -> str:
        """Returns the last lines of what the training said."""
        with suppress(OSError), (self.path / LOG).open("rb") as file:
            file.seek(max(file.seek(0, os.SEEK_END) - TAIL, 0))
            return "\n".join(file.read().decode(errors="replace").splitlines()[-lines:])
        return ""


def tickets(runs: Path) -> list[Path]:
    """Returns the folders of jobs, the oldest first."""
    try:
        found = sorted(path for path in (runs / QUEUE).iterdir() if ID.fullmatch(path.name))
    except OSError:
        return []
    return [path for path in found if path.is_dir() and not path.is_symlink()]
