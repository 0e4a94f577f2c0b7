"""Workers of one machine: started, heard and ended together."""

import os
import signal
import subprocess
import sys
import time

import pytest

from dlsuite.cli import main
from dlsuite.distribution import launching

SLEEP = "import time; time.sleep(60)"


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(launching, "GRACE", 0.3)
    monkeypatch.setattr(launching, "INSISTING", 0.5)


def program(text):
    first = "import json, os, signal, sys, time; me = json.loads(os.environ['TF_CONFIG'])['task']['index']\n"
    return ["-c", first + text]


def test_each_worker_has_its_place_and_its_share(monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "2,3,5,7")
    found = list(launching.environments(2))
    assert [one["CUDA_VISIBLE_DEVICES"] for one in found] == ["2,3", "5,7"]
    assert [one["DLSUITE_WORKERS"] for one in found] == ["2", "2"]
    assert int(found[0]["TF_NUM_INTRAOP_THREADS"]) == max(len(os.sched_getaffinity(0)) // 2, 1)
    assert found[0]["TF_CONFIG"].partition('"task"')[0] == found[1]["TF_CONFIG"].partition('"task"')[0]


def test_the_chief_answers_and_all_else_is_marked(capfd):
    assert launching.launch(program("print('answer', me); print('note', me, file=sys.stderr)"), 2) == 0
    out, err = capfd.readouterr()
    assert out == "answer 0\n"
    assert sorted(err.splitlines()) == ["[worker 0] note 0", "[worker 1] answer 1", "[worker 1] note 1"]


@pytest.mark.parametrize(
    ("end", "code", "how"),
    [
        ("sys.exit(3)", 3, "ended with exit code 3"),
        ("sys.exit(1)", 1, "ended with exit code 1"),
        ("os.kill(os.getpid(), signal.SIGKILL)", 4, "was ended by SIGKILL"),
    ],
    ids=["data", "bug", "killed"],
)
def test_a_worker_that_fails_ends_the_others(impatient, capfd, end, code, how):
    started = time.monotonic()
    assert launching.launch(program(f"{end} if me == 1 else time.sleep(60)"), 2) == code
    assert time.monotonic() - started < 10
    assert f"dlsuite: worker 1 {how}, and with it the whole training." in capfd.readouterr().err


def test_workers_that_do_not_listen_are_ended_too(impatient, capfd):
    deaf = "signal.signal(signal.SIGTERM, signal.SIG_IGN)\nsys.exit(2) if me == 0 else time.sleep(60)"
    assert launching.launch(program(deaf), 2) == 2


def test_signals_reach_every_worker(capfd):
    text = """
signal.signal(signal.SIGINT, lambda *_: (print('heard', me, file=sys.stderr), sys.exit(130)))
if me == 0:
    time.sleep(0.5)
    os.kill(os.getppid(), signal.SIGINT)
time.sleep(60)
"""
    before = signal.getsignal(signal.SIGINT)
    assert launching.launch(program(text), 2) == 130
    assert signal.getsignal(signal.SIGINT) is before
    assert sorted(capfd.readouterr().err.splitlines()) == ["[worker 0] heard 0", "[worker 1] heard 1"]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends processes with their parent")
def test_no_worker_outlives_the_launcher():
    workers = "print(os.getpid(), file=sys.stderr); time.sleep(60)"
    start = f"from dlsuite.distribution.launching import launch; launch({program(workers)!r}, 2)"
    launcher = subprocess.Popen([sys.executable, "-c", start], stderr=subprocess.PIPE, text=True)
    ids = [int(launcher.stderr.readline().split()[-1]) for _ in range(2)]
    launcher.kill()
    launcher.wait()
    deadline = time.monotonic() + 10
    while any(map(runs, ids)):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def runs(process):
    try:
        with open(f"/proc/{process}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["launch", "--workers", "2"], "what do the workers do?"),
        (["launch", "--workers", "2", "check", "x.json"], "what do the workers do?"),
        (["launch", "--workers", "0", "train", "x.json"], "0 workers are not from 1 to 64"),
        (["launch", "train", "x.json"], "--workers"),
    ],
    ids=["nothing", "another_command", "no_workers", "unsaid"],
)
def test_wrong_usage(capsys, words, message):
    assert main(words) == 2
    assert message in capsys.readouterr().err
