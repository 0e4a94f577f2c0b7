"""The manifests of `docs/distributed`: what they start finds its cluster."""

import json
import os
import re
import subprocess
import textwrap
from pathlib import Path

import pytest

from dlsuite.distribution.cluster import find_cluster

FOLDER = Path(__file__).parents[2] / "docs" / "distributed"


@pytest.fixture
def start(tmp_path):
    """Runs the script of the JobSet with a `dlsuite` that tells what it was given."""
    fake = tmp_path / "bin" / "dlsuite"
    fake.parent.mkdir()
    fake.write_text('#!/bin/sh\nprintf "%s\\n" "$TF_CONFIG" > config\nprintf "%s " "$@" > words\n')
    fake.chmod(0o755)
    text = (FOLDER / "jobset.yaml").read_text()
    script = textwrap.dedent(re.search(r"args:\n +- \|\n(.*?)\n +ports:", text, re.DOTALL)[1])

    def run(**environment):
        path = f"{fake.parent}:{os.environ['PATH']}"
        given = {"PATH": path, "WORKERS": "2", **environment}
        subprocess.run(["bash", "-euc", script], env=given, cwd=tmp_path, check=True)
        return find_cluster({"TF_CONFIG": (tmp_path / "config").read_text()}), (tmp_path / "words").read_text().split()

    return run


def test_pods_of_the_job_set_find_one_another(start):
    cluster, words = start(JOB_COMPLETION_INDEX="1", RESTART="0")
    assert cluster.workers == ("dlsuite-worker-0-0.dlsuite:12345", "dlsuite-worker-0-1.dlsuite:12345")
    assert not cluster.chief
    assert words == ["train", "specs/vision/digits_cnn.json"]


def test_a_restart_goes_on_with_the_newest_run(start, tmp_path):
    for name in ("20250101-120000-aaaaaa", "20250102-120000-bbbbbb"):
        (tmp_path / "runs" / "digits_cnn" / name).mkdir(parents=True)
    assert start(JOB_COMPLETION_INDEX="0", RESTART="0")[1][2:] == []
    assert start(JOB_COMPLETION_INDEX="0", RESTART="1")[1][2:] == [
        "--resume",
        "runs/digits_cnn/20250102-120000-bbbbbb/",
    ]


def test_the_batch_script_is_one(tmp_path):
    script = FOLDER / "slurm.sbatch"
    subprocess.run(["bash", "-n", str(script)], check=True)
    for line in ("--ntasks-per-node=2", "--signal=TERM@120", "srun --kill-on-bad-exit=1"):
        assert line in script.read_text()


def test_the_example_of_tf_config_is_read():
    text = (FOLDER.parent / "distributed.md").read_text()
    (config,) = re.findall(r'`(\{"cluster".*?\})`:?', text.replace("\n  ", " "))
    assert find_cluster({"TF_CONFIG": config}).workers == tuple(json.loads(config)["cluster"]["worker"])
