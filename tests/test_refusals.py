"""What would break a build or the first step of a training: told at its place, and nothing is left behind."""

from __future__ import annotations

import json
from typing import Any

import keras
import pytest

import dlsuite
from dlsuite.cli import main
from dlsuite.extents import CONSTANTS, LONGEST, Allowance, check_extent
from dlsuite.spec.errors import SpecError, TrainingError
from dlsuite.training.refusals import telling_refusals
from tests.digits import digits

ONE = {"objective": "Classification", "epochs": 1}
UNITS = {"units": 8}
WIDE = {"Dense": {"units": 2**62}}
ROTATED = {"Dense": {**UNITS, "bias_initializer": "orthogonal"}}
WHOLE = {"Dense": {**UNITS, "dtype": "int32"}}
BOUND = {"Dense": {**UNITS, "kernel_constraint": {"MaxNorm": {"axis": 9}}}}
FOUR = {"Embedding": {"input_dim": 4, "output_dim": 2}}
STEPS = {"SGD": {"learning_rate": {"PiecewiseConstantDecay": {"boundaries": [1, 2], "values": [0.1, 0.2]}}}}
CLIPPED = {"SGD": {"clipnorm": 1.0, "clipvalue": 1.0}}


def check(tmp_path: Any, capsys: Any, spec: dict[str, Any]) -> str:
    """Returns what `check --build` says of a spec that it refuses."""
    path = tmp_path / "spec.json"
    path.write_text(json.dumps(spec))
    assert main(["check", str(path), "--build"]) == 2
    return capsys.readouterr().out


@pytest.mark.parametrize(
    ("layers", "said"),
    [
        (["Flatten", WIDE], "an axis has 2,147,483,647 places at most"),
        ([{"ZeroPadding2D": {"padding": 2**62}}, "Flatten"], "an axis has 2,147,483,647 places at most"),
        (["Flatten", {"ops.slice": {"start_indices": [0, 0], "shape": [1, 0]}}], "makes (1, 0), which is empty"),
        (["Flatten", {"ops.add": {"x2": "=[1, 2, [3]]"}}], "ops.add `add` cannot be called"),
        (["Flatten", {"ops.ones": {"shape": [40000, 40000]}}], "constant numbers"),
        (["Flatten", ROTATED], "Orthogonal does not suit its weight `bias`, (8,)"),
        (["Flatten", BOUND], "MaxNorm does not suit its weight `kernel`, (64, 8)"),
        (["Flatten", WHOLE], "`kernel` is int32, and only floating-point numbers are learned"),
    ],
)
def test_sizes_and_weights_that_cannot_be_are_faults_of_their_layer(tmp_path, capsys, layers, said):
    found = check(tmp_path, capsys, digits(*layers, train=ONE))
    assert said in found and "at /model/layers/" in found


@pytest.mark.parametrize(
    ("augment", "said"),
    [
        ({"RandomCrop": {"height": 4, "width": 4}}, "`augment` makes (None, 4, 4, 1) of `image`, (None, 8, 8, 1)"),
        ({"RandomHue": {"factor": 0.2}}, "RandomHue cannot change `image`"),
    ],
)
def test_augmentations_keep_the_shape(tmp_path, capsys, augment, said):
    spec = digits("Flatten", train=ONE, augment=[augment])
    spec["data"]["inputs"] = {"image": {"Image": {"size": [8, 8], "channels": 1}}}
    found = check(tmp_path, capsys, spec)
    assert said in found and "at /data/augment/0" in found


@pytest.mark.parametrize(("optimizer", "said"), [(STEPS, "length of boundaries"), (CLIPPED, "Only one of `clipnorm`")])
def test_optimizers_are_made(tmp_path, capsys, optimizer, said):
    found = check(tmp_path, capsys, digits("Flatten", train={**ONE, "optimizer": optimizer}))
    assert said in found and "at /train/optimizer" in found


@pytest.mark.parametrize(
    ("layers", "said"),
    [
        # Two batches of 32 fit one another, 64 x 64 and 32 x 64 do not: only numbers tell.
        (["Flatten", {"ops.matmul": {"inputs": ["@previous", "@previous"]}}], "cannot be made"),
        (
            ["Flatten", {"ops.multiply": {"x2": 99.0}}, {"Embedding": {"input_dim": 4, "output_dim": 2}}, "Flatten"],
            "is not in [0, 4)",
        ),
    ],
)
def test_a_first_step_that_cannot_be_made_is_a_fault_and_leaves_no_run(tmp_path, layers, said):
    spec = digits(*layers, train=ONE)
    with pytest.raises(SpecError, match="The first step of training cannot be made") as caught:
        dlsuite.train(dlsuite.load(spec), runs=tmp_path / "runs", progress=False)
    assert said in str(caught.value) and "/train/objective" in str(caught.value)
    assert not (tmp_path / "runs").exists() or not any((tmp_path / "runs").iterdir())


def test_a_later_step_that_cannot_be_made_is_a_training_that_broke():
    class Recorder:
        moved = True
        history = [{}, {}]

    with (
        pytest.raises(TrainingError, match=r"^Training broke in epoch 3: it cannot be\.$"),
        telling_refusals(None, Recorder()),  # type: ignore[arg-type]
    ):
        raise ValueError("it cannot be")


def test_tensors_of_any_size_that_can_be_made_pass():
    check_extent({"a": keras.KerasTensor((None, LONGEST)), "b": [keras.KerasTensor(())]})
    with pytest.raises(ValueError, match="numbers; 9,007,199,254,740,992 are the most"):
        check_extent(keras.KerasTensor((LONGEST, LONGEST)))


def test_what_is_computed_of_constants_is_limited_together():
    allowance = Allowance(300)
    tensor = keras.KerasTensor((None, 1000))
    allowance.spend(keras.ops.add, [tensor, tensor], {})
    allowance.spend(keras.ops.ones, [], {"shape": (10, 10)})
    with pytest.raises(ValueError, match=f"{CONSTANTS:,} together"):
        allowance.spend(keras.ops.ones, [], {"shape": (20, 10)})
