"""Workers on one machine: started together, heard together, ended together; imports neither keras nor tensorflow."""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import IO, Any

from dlsuite.distribution.cluster import LAUNCHED

HOST = "127.0.0.1"
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
GRACE = 15.0
"""Seconds that workers have to notice that one of them is gone, for which TensorFlow takes up to 10."""
SAVING = 60.0
"""Seconds that workers have to save what they have once they are asked to stop."""
INSISTING = 5.0
"""Seconds between asking a worker to end and ending it."""
INTERRUPTED, FAILED = 130, 4
WITH_PARENT = 1
"""PR_SET_PDEATHSIG of Linux' prctl: the signal that a process gets when its parent ends, however that ends."""


def launch(command: Sequence[str], workers: int) -> int:
    """Runs a command in several workers and returns its exit code: that of the worker that failed first, else 0.

    What the chief prints on standard output is passed on as it is; all else goes to standard error, each line behind
    the worker that wrote it. Ctrl-C and the signals that end a process are passed on to all of them. A worker that ends
    before its time ends the others; no worker outlives this process.

    Args:
        command: Python's own arguments, such as `["-m", "dlsuite", "train", "my.json"]`.
        workers: How many processes.
    """
    processes = [
        subprocess.Popen(
            [sys.executable, *command],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            preexec_fn=_end_with_parent,
        )
        for environment in environments(workers)
    ]
    with ExitStack() as stack:
        for index, process in enumerate(processes):
            stack.enter_context(_passing_on(process.stdout, sys.stdout if index == 0 else sys.stderr, index))
            stack.enter_context(_passing_on(process.stderr, sys.stderr, index))
        stack.callback(_end, processes)
        return _wait(processes, stack.enter_context(_forwarding(processes)))


def environments(workers: int) -> Iterator[dict[str, str]]:
    """Yields the environment of each worker: its place in the cluster, and its share of cores and GPUs."""
    addresses = [f"{HOST}:{port}" for port in _free_ports(workers)]
    threads, gpus = max(len(os.sched_getaffinity(0)) // workers, 1), _gpus()
    for index in range(workers):
        task = {"cluster": {"worker": addresses}, "task": {"type": "worker", "index": index}}
        found = {"TF_NUM_INTRAOP_THREADS": str(threads), **os.environ}
        found |= {"TF_CONFIG": json.dumps(task), LAUNCHED: str(workers), "PYTHONUNBUFFERED": "1"}
        if gpus:
            each = max(len(gpus) // workers, 1)
            found["CUDA_VISIBLE_DEVICES"] = ",".join(gpus[index * each : (index + 1) * each])
        yield found


def _wait(processes: Sequence[subprocess.Popen[bytes]], heard: Sequence[int]) -> int:
    """Returns the exit code of the whole, once every worker has ended or had its time to."""
    first: tuple[int, int] | None = None
    deadline, asked = float("inf"), False
    while any(process.poll() is None for process in processes):
        failed = [(index, code) for index, code in enumerate(map(_code, processes)) if code]
        if first is None and (failed or heard):
            first = failed[0] if failed else (-1, 0)
            deadline = time.monotonic() + (SAVING if heard else GRACE)
        if time.monotonic() > deadline and not asked:
            asked = True
            _end(processes)
        time.sleep(0.05)
    if heard:
        return INTERRUPTED
    failed = [(index, code) for index, code in enumerate(map(_code, processes)) if code]
    if not failed:
        return 0
    index, code = first if first is not None else failed[0]
    how = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
    print(f"dlsuite: worker {index} {how}, and with it the whole training.", file=sys.stderr)
    return FAILED if code < 0 else code


def _code(process: subprocess.Popen[bytes]) -> int:
    """Returns the exit code of a worker, 0 as long as it runs."""
    return process.poll() or 0


def _end(processes: Sequence[subprocess.Popen[bytes]]) -> None:
    """Ends the workers that still run: asks them to, and insists."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        running = [process for process in processes if process.poll() is None]
        for process in running:
            process.send_signal(number)
        deadline = time.monotonic() + INSISTING
        while time.monotonic() < deadline and any(process.poll() is None for process in running):
            time.sleep(0.05)


@contextmanager
def _forwarding(processes: Sequence[subprocess.Popen[bytes]]) -> Iterator[list[int]]:
    """Passes signals on to the workers for a while; gives those that were heard."""
    heard: list[int] = []

    def hear(number: int, frame: Any) -> None:
        heard.append(number)
        for process in processes:
            if process.poll() is None:
                process.send_signal(number)

    before = {number: signal.signal(number, hear) for number in SIGNALS}
    try:
        yield heard
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _passing_on(stream: IO[bytes] | None, to: IO[str], index: int) -> Iterator[None]:
    """Writes what a worker writes for a while, line by line."""
    mark = "" if to is sys.stdout else f"[worker {index}] "

    def copy() -> None:
        for line in stream or ():
            to.write(f"{mark}{line.decode(errors='backslashreplace')}")
            to.flush()

    thread = threading.Thread(target=copy, daemon=True)
    thread.start()
    try:
        yield
    finally:
        thread.join(INSISTING)


def _end_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(WITH_PARENT, signal.SIGKILL)


def _free_ports(count: int) -> list[int]:
    """Returns ports that were free a moment ago."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind((HOST, 0))
        return [one.getsockname()[1] for one in sockets]


def _gpus() -> list[str]:
    """Returns the GPUs that this process may use, as CUDA_VISIBLE_DEVICES names them."""
    if "CUDA_VISIBLE_DEVICES" in os.environ:
        return [name for name in os.environ["CUDA_VISIBLE_DEVICES"].split(",") if name and name != "-1"]
    if shutil.which("nvidia-smi") is None:
        return []
    listed = subprocess.run(["nvidia-smi", "-L"], capture_output=True, text=True, check=False).stdout
    return [str(number) for number, _ in enumerate(line for line in listed.splitlines() if line.startswith("GPU "))]
