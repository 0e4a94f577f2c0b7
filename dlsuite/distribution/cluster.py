"""The processes that train together, as TF_CONFIG or SLURM name them; imports neither keras nor tensorflow."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from dlsuite.spec.errors import Fault, SpecError

TF_CONFIG_EXAMPLE = (
    'It holds JSON such as {"cluster": {"worker": ["one:12345", "two:12345"]}, "task": {"type": "worker", "index": 0}}.'
)
LAUNCHED = "DLSUITE_WORKERS"
"""The variable by which `dlsuite launch` tells its workers how many they are."""
FIRST_PORT, PORTS = 15000, 16000
"""Ports of a SLURM job: the first one by the job's number, one a task of the node."""


@dataclass(frozen=True)
class Cluster:
    """The workers of one training.

    Attributes:
        workers: `host:port` of each; the first one is the chief, which alone writes the run.
        index: Which of them this process is.
        named_by: Where that was read.
    """

    workers: tuple[str, ...]
    index: int
    named_by: str

    @property
    def chief(self) -> bool:
        """Whether this process writes the run."""
        return self.index == 0


def find_cluster(environment: Mapping[str, str] = os.environ) -> Cluster | None:
    """Returns the cluster that the environment names: by TF_CONFIG, else by SLURM; `None` for a process on its own.

    Raises:
        SpecError: TF_CONFIG does not make sense, or names tasks that Keras cannot train with.

    Example:
        >>> find_cluster({"SLURM_STEP_NUM_TASKS": "2", "SLURM_STEP_NODELIST": "n[1-2]", "SLURM_PROCID": "1",
        ...               "SLURM_STEP_TASKS_PER_NODE": "1(x2)", "SLURM_JOB_ID": "7"}).workers
        ('n1:15007', 'n2:15007')
    """
    if environment.get("TF_CONFIG", "").strip():
        found = _read_tf_config(environment["TF_CONFIG"])
    elif int(environment.get("SLURM_STEP_NUM_TASKS", "1")) > 1:
        found = _read_slurm(environment)
    else:
        return None
    return found if len(found.workers) > 1 else None


def is_follower() -> bool:
    """Returns whether another process of the cluster writes the run and answers for it."""
    cluster = find_cluster()
    return cluster is not None and not cluster.chief


def launched() -> str:
    """Returns what `dlsuite launch` puts before a command, to be said where one is to be given again; else nothing."""
    count = os.environ.get(LAUNCHED)
    return f"launch --workers {count} " if count else ""


def _read_tf_config(text: str) -> Cluster:
    try:
        content = json.loads(text)
        jobs = {job: list(addresses) for job, addresses in content.get("cluster", {}).items()}
        task = content.get("task", {})
        job, index = task.get("type", "worker"), int(task.get("index", 0))
    except (ValueError, TypeError, AttributeError):
        raise SpecError([Fault("TF_CONFIG cannot be read.", hint=TF_CONFIG_EXAMPLE)]) from None
    if not jobs:
        return Cluster((), 0, "TF_CONFIG")
    if others := sorted({*jobs} - {"chief", "worker"}):
        message = f"TF_CONFIG names tasks of the kind {', '.join(f'`{one}`' for one in others)}."
        hint = (
            "Keras 3 trains with workers that hold the whole model alike: name a `chief` and `worker`s, or `worker`s."
        )
        raise SpecError([Fault(message, hint=hint)])
    workers = (*jobs.get("chief", ()), *jobs.get("worker", ()))
    if job not in jobs or not 0 <= index < len(jobs[job]):
        message = f"TF_CONFIG says that this process is {job} {index}, which its cluster does not have."
        raise SpecError([Fault(message, hint=TF_CONFIG_EXAMPLE)])
    before = len(jobs.get("chief", ())) if job == "worker" else 0
    return Cluster(tuple(map(str, workers)), before + index, "TF_CONFIG")


def _read_slurm(environment: Mapping[str, str]) -> Cluster:
    """Returns the cluster of a job step, one worker a task, as `srun` describes it to each task."""
    try:
        hosts = list(_hosts(environment["SLURM_STEP_NODELIST"]))
        counts = list(_counts(environment["SLURM_STEP_TASKS_PER_NODE"]))
        index, job = int(environment["SLURM_PROCID"]), int(environment.get("SLURM_JOB_ID", "0"))
        pairs = list(zip(hosts, counts, strict=True))
    except (KeyError, ValueError) as error:
        message = f"The variables of SLURM do not describe the tasks of this step: {error}."
        raise SpecError([Fault(message, hint="Start the workers with `srun`, or give TF_CONFIG.")]) from None
    port = FIRST_PORT + job % PORTS
    return Cluster(tuple(f"{host}:{port + i}" for host, count in pairs for i in range(count)), index, "SLURM")


def _hosts(text: str) -> Iterator[str]:
    """Yields the hosts of a list such as `gpu[01-03,07],login`."""
    for part in re.findall(r"(?:[^,\[]|\[[^\]]*\])+", text):
        whole = re.fullmatch(r"([^\[]*)\[([^\]]*)\](.*)", part)
        if whole is None:
            yield part
            continue
        before, ranges, after = whole.groups()
        for piece in ranges.split(","):
            first, _, last = piece.partition("-")
            for number in range(int(first), int(last or first) + 1):
                yield from _hosts(f"{before}{number:0{len(first)}d}{after}")


def _counts(text: str) -> Iterator[int]:
    """Yields the tasks of each host, given as in `2(x3),1`."""
    for part in text.split(","):
        count, _, times = part.rstrip(")").partition("(x")
        for _ in range(int(times or 1)):
            yield int(count)
