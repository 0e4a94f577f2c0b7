"""Raises trainings to be killed: imports TensorFlow once, and forks a process for each before any operation has run.

Reads a JSON object a line and answers with one: `spec` and `runs`, or `resume`; `kill_after` seconds, of its life or
of its `training` alone; or `die_at` an event of Python's audit hooks whose arguments match, the so-manieth time.
"""

from __future__ import annotations

import json
import os
import select
import signal
import sys
import time
import traceback

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"


STEP = 0.005
"""Seconds that each step takes longer, so that kills meet training, and not its beginning alone."""


def answer(order: dict) -> dict:
    """Has a child trained, and says how that ended, how long it lived and how long it trained."""
    start = time.monotonic()
    said, say = os.pipe()
    child = os.fork()
    if child == 0:
        train(order, say)
    os.close(say)
    begun = None
    while True:
        pid, status = os.waitpid(child, os.WNOHANG)
        now = time.monotonic()
        if pid:
            ended = now
            break
        if begun is None and select.select([said], [], [], 0)[0] and os.read(said, 1):
            begun = now
        since = begun if order.get("training") else start
        if since is not None and now - since >= order.get("kill_after", 120):
            os.kill(child, signal.SIGKILL)
        time.sleep(0.002)
    os.close(said)
    killed = os.WIFSIGNALED(status)
    return {
        "killed": killed,
        "code": os.WTERMSIG(status) if killed else os.WEXITSTATUS(status),
        "seconds": ended - start,
        "training": ended - begun if begun else 0.0,
    }


def train(order: dict, say: int) -> None:
    """Trains in a process of its own, which ends with this."""
    import dlsuite
    from dlsuite.training import recording, watching

    def slow_step(self, *arguments, act=watching.Watch.on_train_batch_end):
        time.sleep(STEP)
        act(self, *arguments)

    def begin(self, *arguments, act=watching.Watch.on_train_begin):
        os.write(say, b".")
        act(self, *arguments)

    code = 1
    try:
        watching.Watch.on_train_batch_end, watching.Watch.on_train_begin = slow_step, begin
        recording.SAVE_INTERVAL, recording.SAVE_SHARE = order.get("save_interval", 0.02), 1e9
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
