"""Trainings that go on by themselves: submitted by one process, outliving it, seen by all, one after another.

What a job is, and its files, is told in `dlsuite.tickets`.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

from dlsuite.locking import NAME, LockedError, is_held, take
from dlsuite.runs import RunError, open_run
from dlsuite.spec import Spec, load
from dlsuite.spec.errors import DLSuiteError, Fault, SpecError
from dlsuite.spec.values import Argument
from dlsuite.storage import new_folder, write_json, write_text, writing
from dlsuite.tickets import LOG, QUEUE, SOURCE, SPEC, STOP, TICKET, Job, tickets

KEPT = 50
"""So many ended jobs stay to be read; their runs stay all the same."""


class JobError(DLSuiteError):
    """A job that is not there, or not in a state for what is asked."""

    exit_code = 2


def submit(
    runs: str | os.PathLike[str],
    spec: str | os.PathLike[str] | None = None,
    overrides: Mapping[str, Any] | None = None,
    *,
    resume: str | os.PathLike[str] | None = None,
) -> Job:
    """Returns a job that trains a spec, or goes on with a run, as soon as its turn comes; does not wait for that.

    Args:
        runs: The folder of runs.
        spec: Path of its file. It is trained as it is now, with what it extends and uses, however long it waits.
        overrides: Values by dotted path, as `--set` gives them.
        resume: A run of that folder to go on with, by its folder or id, instead of a spec.

    Raises:
        SpecError: The spec has faults, or no `train`; nothing is queued.
        RunError: There is no such run.
        JobError: Neither a spec nor a run is given.
        LockedError: The run is being trained.
        UnwritableError: Nothing may be written into the folder of runs.
    """
    folder, changes = Path(os.path.abspath(runs)), overrides or {}
    what: dict[str, Any]
    kept: Spec | None = None
    if resume is not None:
        run = _find_run(folder, resume)
        loaded, what = open_run(folder / run).changed(changes), {"run": run, "resume": True}
    elif spec is not None:
        loaded = kept = load(spec, changes)
        what = {"spec": os.path.abspath(spec), "root": str(kept.root), "folder": str(kept.folder)}
    else:
        raise JobError("There is nothing to train. What would work: the path of a spec, or a run to go on with.")
    _check_trained(loaded)
    told = {
        "name": loaded.name,
        **what,
        "settings": [_write_setting(path, value) for path, value in changes.items()],
        "created": time.strftime("%Y-%m-%dT%H:%M:%S"),
        "state": "waiting",
    }
    for old in [job for job in list_jobs(folder) if not job.is_open][KEPT - 1 :]:
        remove(old)
    return _start(folder / QUEUE, told, kept)


def list_jobs(runs: str | os.PathLike[str] = "runs") -> list[Job]:
    """Returns the jobs of a folder of runs, the newest first, damaged ones too."""
    return [Job(path) for path in reversed(tickets(Path(runs)))]


def find_job(id: str, runs: str | os.PathLike[str] = "runs") -> Job:
    """Returns a job by its id.

    Raises:
        JobError: There is none.
    """
    found = next((job for job in list_jobs(runs) if job.id == id), None)
    if found is None:
        raise JobError(f"There is no job `{id}` in `{runs}`: it may have ended long ago and been tidied away.")
    return found


def cancel(job: Job) -> None:
    """Asks a job to stop: a waiting one ends at once, a running one saves what it has; one that has ended stays so."""
    if job.is_open:
        with suppress(FileNotFoundError):  # it has ended and was removed meanwhile
            write_text(job.path / STOP, "")


def remove(job: Job) -> None:
    """Removes the record of a job that has ended; its run stays.

    Raises:
        JobError: It has not ended.
    """
    if job.is_open:
        raise JobError(f"{job.name}: is {job.state}. What would work: cancel it, and remove it once it has ended.")
    if job.path in tickets(job.runs):
        shutil.rmtree(job.path, ignore_errors=True)


def _start(queue: Path, told: Mapping[str, Any], spec: Spec | None) -> Job:
    """Returns a job, of which a process of its own takes care from now on.

    Args:
        queue: The folder of jobs.
        told: What its ticket says.
        spec: What it trains; of a run that is gone on with none is kept, as the run has it.
    """
    now = time.time_ns()
    stamp = f"{time.strftime('%Y%m%d-%H%M%S', time.gmtime(now // 10**9))}-{now // 1000 % 10**6:06d}"
    path = queue / f"{stamp}-{secrets.token_hex(3)}"
    with writing(queue), ExitStack() as files:
        queue.mkdir(parents=True, exist_ok=True)
        with new_folder(path) as made:
            if spec is not None:
                write_json(made / SPEC, spec.resolved)
                write_text(made / SOURCE, spec.source)
            write_json(made / TICKET, told)
            log = files.enter_context((made / LOG).open("ab"))
            lock = files.enter_context((made / NAME).open("ab"))
            take(lock.fileno())  # the supervisor inherits it: at no time does the job look as if nobody cared
        process = subprocess.Popen(
            [sys.executable, "-m", "dlsuite.supervising", str(path)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=[lock.fileno()],
            start_new_session=True,
        )
    threading.Thread(target=process.wait, daemon=True).start()  # else it would stay in the system's table once it ends
    return Job(path)


def _find_run(runs: Path, wanted: str | os.PathLike[str]) -> str:
    """Returns a run of a folder as `spec/id`, if it is free."""
    run = open_run(wanted, runs)
    place = run.path.resolve()
    if place.parent.parent != runs.resolve():
        raise RunError(f"{run.path}: is no run of the folder `{runs}`.")
    if is_held(place):
        raise LockedError(f"{run.path}: is being trained. What would work: wait until that ends, or cancel it.")
    return f"{place.parent.name}/{place.name}"


def _check_trained(spec: Spec) -> None:
    if not spec.plan().train:
        fault = Fault(f"`{spec.name}` cannot be trained: it has no `train`.", hint="Add a `train` section.")
        raise SpecError([fault])


def _write_setting(path: str, value: Any) -> str:
    """Returns what `--set` takes, which reads strings as `dlsuite.load` does."""
    value = Argument.of(value, path).value
    return f"{path}={value if isinstance(value, str) else json.dumps(value)}"
