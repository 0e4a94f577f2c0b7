"""Raises trainings to be killed: imports TensorFlow once, and forks a process for each before any operation has run.

Reads a JSON object a line and answers with one: `spec` and `runs`, or `resume`; `kill_after` seconds, or `die_at` an
event of Python's audit hooks whose arguments match, the so-manieth time.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
import traceback

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"


def answer(order: dict) -> dict:
    start = time.monotonic()
    child = os.fork()
    if child == 0:
        train(order)
    deadline = start + order.get("kill_after", 120)
    while True:
        pid, status = os.waitpid(child, os.WNOHANG)
        if pid:
            break
        if time.monotonic() >= deadline:
            os.kill(child, signal.SIGKILL)
            deadline = float("inf")
        time.sleep(0.002)
    killed = os.WIFSIGNALED(status)
    return {
        "killed": killed,
        "code": os.WTERMSIG(status) if killed else os.WEXITSTATUS(status),
        "seconds": time.monotonic() - start,
    }


def train(order: dict) -> None:
    """Trains in a process of its own, which ends with this."""
    import dlsuite
    from dlsuite.training import recording

    code = 1
    try:
        recording.SAVE_INTERVAL, recording.SAVE_SHARE = order.get("save_interval", 0.05), 1.0
        if "die_at" in order:
            die_at(**order["die_at"])
        if order.get("resume"):
            dlsuite.train(dlsuite.open_run(order["resume"]).spec, resume=order["resume"])
        else:
            dlsuite.train(dlsuite.load(order["spec"]), runs=order["runs"])
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


def die_at(event: str, match: str, count: int = 1, half_line: bool = False) -> None:
    """Has the process killed when something is opened or renamed for the so-manieth time."""
    left = count

    def hook(name: str, arguments: tuple) -> None:
        nonlocal left
        if name != event or not any(match in str(one) for one in arguments[:2]):
            return
        left -= 1
        if left == 0:
            if half_line:
                os.write(os.open(arguments[0], os.O_WRONLY | os.O_APPEND), b'{"time": "2025-0')
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)


if __name__ == "__main__":
    talk, sys.stdout = sys.stdout, sys.stderr
    import dlsuite.api
    import dlsuite.evaluation
    import dlsuite.pipeline
    import dlsuite.trained
    import dlsuite.training  # noqa: F401

    print("ready", file=talk, flush=True)
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line))), file=talk, flush=True)
