"""Two replicas on one machine learn what one device learns: uneven batches, batch normalization and all."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

TOLERANCE = 2e-6
"""Relative, of figures after two or three epochs; sums in another order differ by 1e-7 a step."""


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    program = Path(__file__).with_name("two_devices.py")
    command = [sys.executable, str(program), str(tmp_path_factory.mktemp("runs"))]
    done = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parents[2], check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


def test_batch_normalization_augmentation_class_weights_and_a_schedule(found):
    assert found["digits"]["history"] < TOLERANCE
    assert found["digits"]["weights"] < TOLERANCE
    assert found["digits"]["metrics"] < TOLERANCE


def test_embedding_accumulated_and_clipped_gradients_and_averaged_weights(found):
    assert found["words"]["history"] < TOLERANCE
    assert found["words"]["weights"] < TOLERANCE


def test_layers_of_synchronized_statistics_agree_in_float64(found):
    assert found["deep"]["weights"] < 1e-8  # Keras computes losses in float32 all the same


def test_float16_scales_its_loss(found):
    over_two, on_one_in_float32 = found["half"]
    assert over_two == pytest.approx(on_one_in_float32, rel=1e-3)


def test_an_interrupted_epoch_goes_on(found):
    assert found["interrupted"] == {"history": 0.0, "weights": 0.0, "metrics": 0.0}


def test_what_was_trained_is_a_plain_model_of_one_device(found):
    assert found["class"] == "keras.src.models.functional.Functional"
    assert found["plain"]
    assert found["answers"] < 1e-5


def test_the_run_tells_its_strategy(found):
    alone, two, scaled = found["strategy"]
    assert (alone["name"], alone["replicas"]) == ("Auto", 1)
    assert (two["name"], two["replicas"], two["workers"], two["batch_size"]) == ("MirroredStrategy", 2, 1, 479)
    assert (two["learning_rate_scale"], scaled["learning_rate_scale"]) == (1, 2)
    assert found["rates"] == pytest.approx([0.05, 0.1])


def test_devices_that_are_not_there_are_refused_before_a_run_is_made(found):
    assert found["refused"] == [
        "There is no device `CPU:7` on this machine.",
        "There is no device `GPU:9` on this machine.",
    ]
    assert found["left"] == []
