"""A new layer, dataset or objective is one new file: a package outside brings one of each, and a spec uses them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

LAYER = '''
import keras
from dlsuite.registry import register


@register("layer")
@keras.saving.register_keras_serializable("plug")
class Double(keras.layers.Layer):
    """Multiplies by a factor."""

    def __init__(self, *, factor: float = 2.0, **options):
        super().__init__(**options)
        self.factor = factor

    def call(self, inputs):
        return inputs * self.factor

    def get_config(self):
        return {**super().get_config(), "factor": self.factor}
'''
DATASET = '''
import numpy as np
from dlsuite.datasets.examples import Examples
from dlsuite.registry import register


@register("dataset")
class Corners:
    """Points of the plane, by the corner that they are nearest to."""

    licence = "CC0"
    origin = "made here"
    fields = {"point": {"shape": [2]}, "corner": {"classes": 4}}

    def __init__(self, *, examples: int = 400):
        self.examples = examples

    def splits(self):
        points = np.random.default_rng(0).uniform(-1, 1, (self.examples, 2)).astype("float32")
        corners = (points[:, 0] > 0) * 2 + (points[:, 1] > 0)
        return {"all": Examples({"point": points, "corner": corners.astype("int64")})}
'''
OBJECTIVE = '''
import keras
from dlsuite.objectives.classification import Classification
from dlsuite.registry import register


@register("objective")
class FocalClassification(Classification):
    """Classification with the focal loss."""

    learns = ["Category"]

    def __init__(self, *, gamma: float = 2.0):
        super().__init__()
        self.gamma = gamma

    def loss(self, output, feature):
        def focal(y_true, y_pred):
            rows = keras.ops.one_hot(keras.ops.cast(keras.ops.reshape(y_true, (-1,)), "int32"), y_pred.shape[-1])
            return keras.losses.categorical_focal_crossentropy(rows, y_pred, gamma=self.gamma, from_logits=True)

        return focal
'''
SPEC = {
    "name": "corners",
    "about": "Every part of it comes from a plug-in.",
    "data": {
        "source": {"Corners": {"examples": 600}},
        "inputs": {"point": "Number"},
        "targets": {"corner": "Category"},
        "batch_size": 32,
    },
    "model": {
        "layers": [
            {"Double": {"factor": 1.5}},
            {"Dense": {"units": 16, "activation": "relu"}},
            {"Dense": {"units": "=corner.classes", "name": "corner"}},
        ]
    },
    "train": {
        "objective": {"FocalClassification": {"gamma": 1.0}},
        "optimizer": {"Adam": {"learning_rate": 0.02}},
        "epochs": 8,
    },
    "baselines": ["Majority"],
}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("plug")
    for folder, name, text in (
        ("layers", "double", LAYER),
        ("datasets", "corners", DATASET),
        ("objectives", "focal_classification", OBJECTIVE),
    ):
        (place / "plug" / folder).mkdir(parents=True, exist_ok=True)
        (place / "plug" / folder / f"{name}.py").write_text(text)
    information = place / "plug-1.0.dist-info"
    information.mkdir()
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: plug\nVersion: 1.0\n")
    (information / "entry_points.txt").write_text("[dlsuite.blocks]\nplug = plug\n")
    (place / "corners.json").write_text(json.dumps(SPEC, indent=2))
    return place


def run(place: Path, *arguments: str, installed: bool = True) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join([str(place)] if installed else []) or os.devnull
    return subprocess.run(
        [sys.executable, "-m", "dlsuite", *arguments],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(Path.cwd()), path])},
        timeout=300,
    )


def test_without_the_package_its_names_are_unknown(place: Path) -> None:
    result = run(place, "check", str(place / "corners.json"), installed=False)
    assert result.returncode == 2
    for name in ("dataset `Corners`", "layer `Double`", "objective `FocalClassification`"):
        assert f"Unknown {name}" in result.stdout


def test_with_the_package_a_spec_trains_on_its_blocks(place: Path) -> None:
    result = run(place, "train", str(place / "corners.json"), "--runs", str(place / "runs"), "--json")
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout)["metrics"]["accuracy"] > 0.8


def test_arguments_of_its_blocks_are_checked(place: Path) -> None:
    broken = place / "broken.json"
    broken.write_text((place / "corners.json").read_text().replace('"factor": 1.5', '"factor": "much"'))
    result = run(place, "check", str(broken))
    assert result.returncode == 2
    assert "`factor` of Double takes a number" in result.stdout


def test_its_blocks_are_listed(place: Path) -> None:
    result = run(place, "components", "dataset")
    assert result.returncode == 0 and "Corners" in result.stdout


HEAD = "from dlsuite.registry import register\n\n\n@register('layer')\n"


@pytest.mark.parametrize(
    ("target", "text", "used", "message"),
    [
        ("bad", f"{HEAD}class Broken(:\n", "Broken", "odd.py:5: This is not Python: invalid syntax."),
        ("bad", f"{HEAD}class Broken(:\n", "ReLU", None),
        (
            "bad",
            f"{HEAD}class Odd:\n    def __init__(self, *, size: int = len('abc')): ...\n",
            "Odd",
            "odd.py:5: A default",
        ),
        (
            "bad",
            f"{HEAD}class Dense:\n    def __init__(self, *, size: int = 3): ...\n",
            "ReLU",
            "`Dense` is the name of a layer",
        ),
        ("bad.inner", "", "ReLU", "The plug-in `bad` names `bad.inner`"),
    ],
)
def test_a_package_that_cannot_be_read_is_named_where_it_is_used(
    target: str, text: str, used: str, message: str | None, tmp_path: Path
) -> None:
    (tmp_path / "bad" / "layers").mkdir(parents=True)
    (tmp_path / "bad" / "__init__.py").write_text("raise SystemExit('a package is not imported to be read')")
    (tmp_path / "bad" / "layers" / "odd.py").write_text(text)
    information = tmp_path / "bad-1.0.dist-info"
    information.mkdir()
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: bad\nVersion: 1.0\n")
    (information / "entry_points.txt").write_text(f"[dlsuite.blocks]\nbad = {target}\n")
    model = {"inputs": {"x": {"Input": {"shape": [8]}}}, "layers": [used]}
    (tmp_path / "spec.json").write_text(json.dumps({"model": model}))
    result = run(tmp_path, "check", str(tmp_path / "spec.json"))
    if message is None:
        assert result.returncode == 0 and not result.stderr
    else:
        assert result.returncode == 2
        assert message in result.stderr and "bug" not in result.stderr
