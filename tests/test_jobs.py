"""Jobs: trainings in processes of their own, one after another, seen alike by all that look."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from dlsuite import supervising
from dlsuite.cli import main
from dlsuite.jobs import KEPT, JobError, cancel, find_job, list_jobs, remove, submit
from dlsuite.locking import LockedError, hold, is_held
from dlsuite.runs import RunError, create_run, list_runs, open_run
from dlsuite.spec import load
from dlsuite.spec.errors import SpecError
from dlsuite.tickets import Job
from tests.digits import digits

MANY = 20_000
"""Epochs that no test waits for."""


@pytest.fixture
def runs(tmp_path, monkeypatch):
    """A folder of runs, on what counts as a machine of its own; what still goes on there in the end is ended."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("TF_CPP_MIN_LOG_LEVEL", "3")
    folder = tmp_path / "runs"
    yield folder
    for job in list_jobs(folder):
        cancel(job)
    until(lambda: not any(job.is_open for job in list_jobs(folder)))


@pytest.fixture
def spec(tmp_path):
    """A spec that trains in an instant."""
    path = tmp_path / "specs" / "digits.json"
    path.parent.mkdir()
    path.write_text(json.dumps({**digits("Flatten", train={"epochs": 1}), "params": {"width": 4}}))
    return path


@pytest.fixture
def busy(tmp_path):
    """The machine has other things to do."""
    place = tmp_path / "cache" / "dlsuite" / "training"
    place.mkdir(parents=True)
    with hold(place):
        yield


def until(true, seconds=300):
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def ended(job, seconds=300):
    until(lambda: not job.is_open, seconds)
    return job.state


def trains(job):
    """Waits until an epoch is done."""

    def is_training():
        assert job.is_open, job.log()
        return job.run is not None and open_run(job.run).status.get("epoch", 0) > 0

    until(is_training)
    return open_run(job.run)


def supervisor(job):
    """Returns the process that takes care of a job."""
    processes = Path("/proc").glob("[0-9]*/cmdline")
    for path in processes:
        with suppress(OSError):
            if path.read_bytes().split(b"\0")[1:4] == [b"-m", b"dlsuite.supervising", str(job.path).encode()]:
                return int(path.parent.name)
    raise AssertionError("nobody takes care of the job")


def in_another_process(text, *arguments):
    command = [sys.executable, "-c", text, *map(str, arguments)]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def test_jobs_are_trained_in_their_order_and_outlive_the_process_that_submitted_them(runs, spec):
    first, second = in_another_process(
        "import json, sys\nfrom dlsuite.jobs import submit\n"
        "print(json.dumps([submit(sys.argv[1], sys.argv[2], {'train.epochs': n}).id for n in (2, 1)]))",
        runs,
        spec,
    )
    assert [job.id for job in list_jobs(runs)] == [second, first]
    spec.write_text("{")  # what was submitted is trained
    first, second = find_job(first, runs), find_job(second, runs)
    assert (first.position, second.position) == (0, 1)
    until(lambda: first.state == "running")
    assert second.state == "waiting" and second.run is None
    assert [ended(first), ended(second)] == ["done", "done"], first.log() + second.log()
    assert (first.position, first.status["code"], first.error) == (None, 0, None)
    assert first.status["ended"] <= second.status["started"]
    for job, epochs in ((first, 2), (second, 1)):
        run = open_run(job.run)
        assert run.status["state"] == "done" and len(run.history) == epochs
        assert run.evaluation["split"] == "test" and 0 < run.metrics["accuracy"] <= 1
        assert f"kept epoch {run.best_epoch} of {epochs}" in job.log()
    assert first.log(1) == "measuring on the test split"
    assert {run.path for run in list_runs(runs)} == {first.run, second.run}
    seen = in_another_process(
        "import json, sys\nfrom dlsuite.jobs import list_jobs\n"
        "print(json.dumps([[job.id, job.state, str(job.run)] for job in list_jobs(sys.argv[1])]))",
        runs,
    )
    assert seen == [[job.id, job.state, str(job.run)] for job in (second, first)]


def test_a_training_whose_supervisor_is_killed_saves_and_goes_on_later(runs, spec, tmp_path):
    job = submit(runs, spec, {"train.epochs": MANY, "data.split": {"train": 0.9, "validation": 0.1}})
    run = trains(job)
    with pytest.raises(LockedError, match="is being trained"):
        submit(runs, resume=run.path)
    with pytest.raises(JobError, match="is running"):
        remove(job)
    os.kill(supervisor(job), signal.SIGKILL)
    until(lambda: job.state == "killed", 30)
    assert "ended from outside" in job.error
    until(lambda: run.status["state"] == "interrupted")
    assert not is_held(tmp_path / "cache" / "dlsuite" / "training")
    until(lambda: not is_held(run.path))

    before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # as in servers in the background
    again = submit(runs, resume=run.id)
    signal.signal(signal.SIGINT, before)
    assert again.run == run.path and again.name == "digits"
    until(lambda: run.status["state"] == "running")
    epochs = len(run.history)
    until(lambda: len(run.history) > epochs)
    cancel(again)
    assert again.is_stopping
    assert ended(again) == "cancelled"
    assert again.status["code"] == 130 and again.error is None
    assert run.status["state"] == "interrupted"

    last = submit(runs, resume=run.path, overrides={"train.epochs": len(run.history) + 1})
    assert ended(last) == "done", last.log()
    assert run.status["state"] == "done" and last.run == run.path


def test_what_is_wrong_with_data_is_told_in_a_sentence(runs, tmp_path):
    path = tmp_path / "table.json"
    made = {**digits("Flatten", train={"epochs": 1}), "name": "table"}
    path.write_text(json.dumps({**made, "data": {**made["data"], "source": {"CSV": {"path": "table.csv"}}}}))
    (tmp_path / "table.csv").write_text("image,label\n")
    job = submit(runs, path)
    assert ended(job) == "failed"
    assert job.status["code"] == 3 and job.run is None  # a run that learned nothing is removed
    assert "table.csv" in job.error and job.error == job.log().strip()


def test_a_waiting_job_is_cancelled_and_one_that_has_ended_is_removed(busy, runs, spec):
    jobs = [submit(runs, spec) for _ in range(3)]
    assert [job.position for job in jobs] == [0, 1, 2]
    assert {job.state for job in jobs} == {"waiting"}
    cancel(jobs[1])
    assert ended(jobs[1]) == "cancelled"
    assert [job.position for job in jobs] == [0, None, 1]
    os.kill(supervisor(jobs[0]), signal.SIGKILL)
    until(lambda: jobs[0].state == "killed", 30)
    assert jobs[2].position == 0
    for job in jobs[:2]:
        remove(job)
    assert [job.id for job in list_jobs(runs)] == [jobs[2].id]
    cancel(jobs[0])  # to no effect
    with pytest.raises(JobError, match="There is no job"):
        find_job(jobs[0].id, runs)
    with pytest.raises(JobError, match="There is no job"):
        find_job(f"../{runs.name}", runs)


def test_what_cannot_be_trained_is_refused_at_once(runs, spec, tmp_path):
    with pytest.raises(SpecError, match="no param `widht`"):
        submit(runs, spec, {"params.widht": 3})
    untrained = tmp_path / "untrained.json"
    made = json.loads(spec.read_text())
    untrained.write_text(json.dumps({key: made[key] for key in made if key != "train"}))
    with pytest.raises(SpecError, match="has no `train`"):
        submit(runs, untrained)
    with pytest.raises(RunError, match="There is no run"):
        submit(runs, resume="20250101-120000-ab12cd")
    elsewhere = create_run(tmp_path / "elsewhere", load(spec))
    with pytest.raises(RunError, match="is no run of the folder"):
        submit(runs, resume=elsewhere.path)
    with pytest.raises(JobError, match="nothing to train"):
        submit(runs)
    assert list_jobs(runs) == []


def put(runs, number, text):
    path = runs / ".queue" / f"20250101-120000-{number:06d}-ab12cd"
    path.mkdir(parents=True)
    (path / "job.json").write_text(text)
    return Job(path)


def ticket(**facts):
    return json.dumps({"name": "a", "state": "done", "created": "2025-01-01T12:00:00", "settings": [], **facts})


def test_damaged_and_foreign_files_do_no_harm(runs, tmp_path):
    texts = ["", "{", "[]", "null", '{"state": 3}', "\0\0", ticket(), ticket(state="running")]
    jobs = [put(runs, number, text) for number, text in enumerate(texts)]
    (runs / ".queue" / "notes").mkdir()
    (runs / ".queue" / "20250101-120000-999999-ab12cd").symlink_to(tmp_path)
    (runs / ".queue" / "20250101-120000-999998-ab12cd").write_text("a file")
    found = list_jobs(runs)
    assert [job.id for job in found] == [job.id for job in reversed(jobs)]
    assert [job.state for job in jobs] == ["damaged"] * 6 + ["done", "killed"]
    assert all(job.error and job.run is None and job.position is None and job.log() == "" for job in jobs[:6])
    assert jobs[0].name == jobs[0].id
    assert list_runs(runs) == []
    for job in found:
        remove(job)
    remove(Job(tmp_path))  # is no job
    assert list_jobs(runs) == [] and tmp_path.is_dir()


def test_a_job_that_ends_while_it_is_looked_at_was_not_killed(runs, monkeypatch):
    job = put(runs, 1, ticket(state="running"))

    def end(path):
        (path / "job.json").write_text(ticket(state="done"))
        return False

    monkeypatch.setattr("dlsuite.tickets.is_held", end)
    assert job.state == "done"


@pytest.mark.parametrize("place", ["../../secret", "/etc/ssl", "a/..", "../a", ".queue/x", "a/b/c", "", "nowhere/x"])
def test_a_job_leads_to_no_folder_but_that_of_a_run(place, runs, tmp_path):
    (tmp_path / "secret" / "a").mkdir(parents=True)
    (runs / "a" / "b" / "c").mkdir(parents=True)
    (runs / ".queue" / "x").mkdir(parents=True)
    assert put(runs, 1, ticket(run=place)).run is None
    assert put(runs, 2, ticket(run="a/b")).run == runs / "a" / "b"


def test_old_jobs_are_tidied_away(busy, runs, spec):
    jobs = [put(runs, number, ticket()) for number in range(KEPT + 5)]
    job = submit(runs, spec)
    assert [one.id for one in list_jobs(runs)] == [job.id, *(one.id for one in reversed(jobs[6:]))]


def test_of_a_long_log_the_end_is_read(runs):
    job = put(runs, 1, ticket())
    (job.path / "log.txt").write_bytes(b"x" * 10_000_000 + b"\n\xffone\ntwo\n")
    assert job.log(2) == "\N{REPLACEMENT CHARACTER}one\ntwo"
    assert len(job.log()) < 70_000


def test_a_training_that_does_not_stop_in_time_is_ended(runs, monkeypatch):
    monkeypatch.setattr(supervising, "GRACE", 0.5)
    monkeypatch.setattr(supervising, "INTERVAL", 0.05)
    job = put(runs, 1, ticket(run="a/b"))
    deaf = "import signal, time; signal.signal(signal.SIGINT, signal.SIG_IGN); print(flush=True); time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", deaf], stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        (job.path / "STOP").touch()
        start = time.monotonic()
        assert supervising.watch(job, process, ()) == -signal.SIGKILL
    assert 0.5 <= time.monotonic() - start < 10


@pytest.mark.parametrize(
    "said, fault",
    [
        ("", ""),
        ("warning: few examples\nepoch   1  loss 2.3  4.3 s  best so far\nThe disk is full.", "The disk is full."),
        ("a.json:1:2: Too large.\n    at /model\n    Use 2.", "a.json:1:2: Too large.\n    at /model\n    Use 2."),
        (
            'Traceback (most recent call last):\n  File "a.py", line 1\n    import b\nImportError: no b\n',
            "ImportError: no b",
        ),
        (
            "epoch   9  loss 1\nTraceback (most recent call last):\n  File\nKeyError: 1\n\nDuring handling:\n\n"
            "Traceback (most recent call last):\n  File\nValueError: two\nlines\n",
            "ValueError: two\nlines",
        ),
        ("measuring on the test split\n", ""),
    ],
)  # fmt: skip
def test_the_fault_is_told_without_progress_and_tracebacks(said, fault):
    assert supervising.find_fault(said) == fault


def test_what_was_submitted_is_kept_whatever_becomes_of_its_files(busy, runs, spec):
    source = json.dumps({"extends": "digits.json", "uses": ["blocks.json"], "name": "other"})
    other, blocks = spec.with_name("other.json"), spec.with_name("blocks.json")
    other.write_text(source)
    blocks.write_text(json.dumps({"blocks": {"wide": {"layers": [{"Dense": {"units": 8}}]}}}))
    changes = {"train.epochs": 3, "about": "as=it is", "train.callbacks": [], "params.width": "8"}
    before = load(other, changes)
    job = submit(runs, other, changes)
    for path in (other, blocks, spec):
        path.unlink()
    assert supervising.command(job, job.status)[1:] == [
        "-m", "dlsuite", "train", f"--job={job.path}", f"--runs={runs}", "--json"
    ]  # fmt: skip
    kept = job.read_spec()
    assert kept.resolved == before.resolved and kept.source == source
    assert (kept.name, kept.root, kept.folder) == ("other", before.root, before.folder)
    assert kept.plan().train[0].epochs == 3 and kept.plan().params["width"] == 8


def test_a_job_is_trained_alone(busy, runs, spec, capsys):
    job = submit(runs, spec)
    assert main(["train", "--job", str(job.path), "--set", "train.epochs=2"]) == 2
    assert "a job says all" in capsys.readouterr().err
    (job.path / "spec.json").unlink()
    assert main(["train", "--job", str(job.path)]) == 2
    assert "spec.json" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (lambda path: (path / "source.json").unlink(), "source.json cannot be read: No such file or directory"),
        (lambda path: (path / "source.json").write_bytes(b"{\xff"), "source.json is damaged: byte 0xff at offset 1"),
        (lambda path: (path / "job.json").unlink(), "job.json is missing"),
        (lambda path: (path / "job.json").write_text("{}"), "job.json is damaged: it lacks `name`"),
    ],
)
def test_a_damaged_job_is_told(busy, runs, spec, capsys, damage, told):
    job = submit(runs, spec)
    damage(job.path)
    assert main(["train", "--job", str(job.path)]) == 3
    said = capsys.readouterr().err
    assert told in said and "Traceback" not in said
    if not job.is_open:
        until(lambda: not is_held(job.path))  # nobody waits for its turn any more


def test_values_reach_the_command_as_they_were_given(runs):
    settings = ["train.epochs=3", "about=as=it is", "train.callbacks=[]"]
    job = put(runs, 1, ticket(run="a/b", resume=True, settings=settings))
    assert supervising.command(job, job.status)[4:] == [
        f"--resume={runs}/a/b", "--set=train.epochs=3", "--set=about=as=it is", "--set=train.callbacks=[]",
        f"--runs={runs}", "--json",
    ]  # fmt: skip


def test_supervisors_import_nothing_heavy():
    text = "import json, sys, dlsuite.supervising; print(json.dumps(sorted(sys.modules)))"
    assert not {"keras", "tensorflow", "pandas", "sklearn", "streamlit"} & set(in_another_process(text))
