"""Several replicas: the same result as on one device, batch normalization included."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import json, sys
import numpy as np
import tensorflow as tf

cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)

from dlsuite import training
from dlsuite.spec import SpecError, load

def train(strategy, **data):
    return training.train(load({
        "name": "digits",
        "data": {"source": "Digits", "inputs": {"image": "Image"}, "targets": {"label": "Category"},
                 "batch_size": 256, **data},
        "model": {"layers": [
            "Flatten", {"Dense": {"units": 24}}, "BatchNormalization", "ReLU",
            {"Dense": {"units": 10, "name": "label"}},
        ]},
        "train": {"objective": "Classification", "optimizer": {"SGD": {"learning_rate": 0.05}}, "epochs": 2,
                  "strategy": strategy},
    }), runs=sys.argv[1], progress=False)

one = train("Auto")
two = train({"MirroredStrategy": {"devices": ["CPU:0", "CPU:1"]}})
refused = []
for strategy, data in [
    ({"MirroredStrategy": {"devices": ["CPU:0", "CPU:7"]}}, {}),
    ({"OneDeviceStrategy": {"device": "GPU:9"}}, {}),
]:
    try:
        train(strategy, **data)
    except SpecError as error:
        refused.append(error.faults[0].message)
print(json.dumps({
    "difference": max(float(np.abs(one.weights()[name] - two.weights()[name]).max()) for name in one.weights()),
    "losses": [[row["val_loss"] for row in run.history] for run in (one, two)],
    "refused": refused,
}))
"""


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    command = [sys.executable, "-c", PROGRAM, str(tmp_path_factory.mktemp("runs"))]
    done = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parents[1], check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


def test_two_replicas_learn_what_one_device_learns(found):
    assert found["difference"] < 1e-6
    assert found["losses"][0] == pytest.approx(found["losses"][1], abs=1e-5)


def test_what_cannot_be_shared_out_is_refused(found):
    assert found["refused"] == [
        "There is no device `CPU:7` on this machine.",
        "There is no device `GPU:9` on this machine.",
    ]
