"""The process that takes care of one job: waits for its turn, starts the training, watches it, writes how it ended.

`dlsuite.jobs` starts it as `python -m dlsuite.supervising FOLDER`. It ends with the job. As long as it lives it
holds the lock of the job's folder, which it has inherited.
"""

from __future__ import annotations

import ctypes
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Collection, Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

from dlsuite.distribution.launching import INTERRUPTED, WITH_PARENT
from dlsuite.locking import LockedError, hold
from dlsuite.runs import list_runs
from dlsuite.storage import write_json, writing
from dlsuite.tickets import LOG, TICKET, Job

INTERVAL = 0.5
"""Seconds between looks at what is watched."""
GRACE = 60.0
"""Seconds that a training has to save what it has once it is asked to stop."""
MAX_ERROR = 4000
PROGRESS = re.compile(r"epoch +\d+ |kept epoch |measuring on |going on with changes|warning: |Interrupted: ")
"""How lines begin that are no faults."""
TRACEBACK = "Traceback (most recent call last):"


def supervise(job: Job) -> None:
    """Takes care of a job until it has ended."""
    try:
        with ExitStack() as turn:
            if wait_for_turn(job, turn):
                _train(job)
            elif job.is_open:
                _record(job, state="cancelled", ended=_now())
    except Exception as error:
        _record(job, state="failed", error=str(error)[:MAX_ERROR], ended=_now())
        raise


def wait_for_turn(job: Job, turn: ExitStack) -> bool:
    """Returns whether a job may begin, once it may, or false once it was asked to stop or its record is damaged.

    One training at a time runs on a machine, for as long as `turn` is open. The jobs of a folder of runs come in the
    order in which they were submitted.
    """
    place = _machine()
    while job.is_open and not job.is_stopping:
        if job.position == 0:
            with suppress(LockedError):
                turn.enter_context(hold(place))
                return not job.is_stopping
        time.sleep(INTERVAL)
    return False


def command(job: Job, status: Mapping[str, Any]) -> list[str]:
    """Returns the command that trains what a job asks for."""
    what = [f"--job={job.path}"]
    if status.get("resume"):
        what = [f"--resume={job.runs / status['run']}", *(f"--set={setting}" for setting in status["settings"])]
    return [sys.executable, "-m", "dlsuite", "train", *what, f"--runs={job.runs}", "--json"]


def watch(job: Job, process: subprocess.Popen[bytes], known: Collection[Path]) -> int:
    """Returns the exit code of a training once it has ended; notes its run, and stops it when that is asked.

    Args:
        job: That is trained.
        process: That trains it.
        known: Runs that were there before.
    """
    deadline = float("inf")
    while True:
        with suppress(subprocess.TimeoutExpired):
            process.wait(INTERVAL)
        if not job.status.get("run"):
            _note_run(job, process.pid, known)
        if process.returncode is not None:
            return process.returncode
        if job.is_stopping and deadline == float("inf"):
            deadline = time.monotonic() + GRACE
            process.send_signal(signal.SIGINT)
        elif time.monotonic() > deadline:
            process.kill()


def find_fault(said: str) -> str:
    """Returns the sentences of a log that tell why it ended: those after the last line of progress, and no traceback.

    Example:
        >>> find_fault("epoch   1  loss 2.3026  4.3 s\\nThe loss is no longer a number.")
        'The loss is no longer a number.'
    """
    lines = said.splitlines()
    begin = max((number for number, line in enumerate(lines, start=1) if PROGRESS.match(line)), default=0)
    lines = lines[begin:]
    if TRACEBACK in lines:
        last = len(lines) - lines[::-1].index(TRACEBACK)
        lines = lines[next((n for n in range(last, len(lines)) if not lines[n].startswith(" ")), last) :]
    return "\n".join(lines).strip()[-MAX_ERROR:]


def _train(job: Job) -> None:
    _record(job, state="running", started=_now())
    known = {run.path for run in list_runs(job.runs)}
    with (job.path / LOG).open("ab") as log:
        process = subprocess.Popen(
            command(job, job.status),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=log,
            preexec_fn=_stop_with_parent,
        )
    code = watch(job, process, known)
    _record(job, **_describe_end(job, code), code=code, ended=_now())


def _describe_end(job: Job, code: int) -> dict[str, Any]:
    """Returns the state in which a training ended, and why."""
    if code == 0:
        return {"state": "done"}
    if code == INTERRUPTED or job.is_stopping and code < 0:
        return {"state": "cancelled"}
    if code < 0:
        name = signal.Signals(-code).name
        return {"state": "failed", "error": f"It was ended by {name}, as it happens where memory runs out."}
    return {"state": "failed", "error": find_fault(job.log(1000)) or f"It ended with exit code {code}."}


def _note_run(job: Job, pid: int, known: Collection[Path]) -> None:
    """Writes down the run that a process has made, if it has made one."""
    for run in list_runs(job.runs):
        if run.path not in known and run.status.get("pid") == pid:
            _record(job, run=f"{run.path.parent.name}/{run.path.name}")


def _record(job: Job, **facts: Any) -> None:
    write_json(job.path / TICKET, {**job.status, **facts})


def _machine() -> Path:
    """Returns the folder whose lock the one training of this machine holds."""
    place = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "dlsuite" / "training"
    with writing(place):
        place.mkdir(parents=True, exist_ok=True)
    return place


def _stop_with_parent() -> None:
    """Has a training hear Ctrl-C, and hear it as well when this process ends in any way: it then saves what it has."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # servers in the background may ignore it, and so would their children
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(WITH_PARENT, signal.SIGINT)


def _now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S")


if __name__ == "__main__":
    supervise(Job(Path(sys.argv[1])))
