"""Clusters, as the environment names them."""

import json

import pytest

from dlsuite.distribution.cluster import Cluster, find_cluster
from dlsuite.spec import SpecError

STEP = {
    "SLURM_JOB_ID": "48213",
    "SLURM_STEP_NUM_TASKS": "5",
    "SLURM_STEP_NODELIST": "gpu[08-10],login",
    "SLURM_STEP_TASKS_PER_NODE": "1(x2),2,1",
    "SLURM_PROCID": "3",
}


def config(task, **jobs):
    return {"TF_CONFIG": json.dumps({"cluster": jobs, "task": task})}


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, None),
        ({"TF_CONFIG": " "}, None),
        ({"TF_CONFIG": "{}"}, None),
        (config({"type": "worker", "index": 0}, worker=["a:1"]), None),
        (config({"type": "worker", "index": 1}, worker=["a:1", "b:1"]), Cluster(("a:1", "b:1"), 1, "TF_CONFIG")),
        (config({"type": "worker"}, chief=["c:1"], worker=["a:1"]), Cluster(("c:1", "a:1"), 1, "TF_CONFIG")),
        (config({"type": "chief"}, chief=["c:1"], worker=["a:1"]), Cluster(("c:1", "a:1"), 0, "TF_CONFIG")),
        ({"SLURM_JOB_ID": "7", "SLURM_NTASKS": "4"}, None),
        (
            STEP,
            Cluster(
                ("gpu08:15213", "gpu09:15213", "gpu10:15213", "gpu10:15214", "login:15213"), 3, "SLURM"
            ),
        ),
        (
            {**STEP, **config({"type": "worker", "index": 0}, worker=["a:1", "b:1"])},
            Cluster(("a:1", "b:1"), 0, "TF_CONFIG"),
        ),
    ],
    ids=["alone", "blank", "empty", "one", "worker", "beside_chief", "chief", "job_without_step", "slurm", "both"],
)  # fmt: skip
def test_a_cluster_is_read(environment, expected):
    assert find_cluster(environment) == expected


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({"TF_CONFIG": "{cluster"}, "TF_CONFIG cannot be read."),
        ({"TF_CONFIG": "[1]"}, "TF_CONFIG cannot be read."),
        (config({"type": "worker", "index": 2}, worker=["a:1", "b:1"]), "this process is worker 2"),
        (config({"type": "ps", "index": 0}, worker=["a:1"], ps=["b:1"]), "tasks of the kind `ps`"),
        ({**STEP, "SLURM_STEP_NODELIST": "gpu08"}, "do not describe the tasks"),
        ({**STEP, "SLURM_PROCID": "x"}, "do not describe the tasks"),
    ],
    ids=["no_json", "a_list", "no_such_task", "parameter_server", "too_few_hosts", "no_number"],
)
def test_what_makes_no_sense_is_refused(environment, message):
    with pytest.raises(SpecError, match=message) as caught:
        find_cluster(environment)
    assert caught.value.exit_code == 2
    assert caught.value.faults[0].hint
