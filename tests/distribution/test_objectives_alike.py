"""Objectives learn the same on two devices as on one."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

TOLERANCE = 2e-6
"""Relative, of figures after two epochs; sums in another order differ by 1e-7 a step."""
OF_STRUCTURES = 5e-5
"""The same after one epoch, where confidence is learned in bins: what rounding moves over the edge of a bin jumps."""
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def differences(tmp_path_factory):
    command = [sys.executable, "-m", "tests.distribution.two_objectives", str(tmp_path_factory.mktemp("objectives"))]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=900, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize(
    "name",
    [
        *("small_vae", "small_gan", "small_diffusion"),
        *("letters", "backwards", "tones", "peptides", "folded_peptides"),
    ],
)
def test_two_devices_learn_what_one_does(differences, name):
    tolerance = OF_STRUCTURES if name == "folded_peptides" else TOLERANCE
    assert differences[name]["history"] < tolerance
    assert differences[name]["weights"] < tolerance
    assert differences[name]["unforeseen"] == [], "a callback may watch what a spec foresees"
