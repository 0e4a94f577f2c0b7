"""The JSON Schema of specs: fresh, of bounded size, and of one mind with the shipped specs."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from dlsuite.cli import main
from dlsuite.spec import schema

SPECS = Path(__file__).parents[2] / "specs"
FILES = sorted(path for path in SPECS.rglob("*.json") if not path.name.startswith("schema"))


@cache
def validator() -> jsonschema.Draft7Validator:
    return jsonschema.Draft7Validator(json.loads((SPECS / "schema.json").read_text()))


def faults(spec: dict[str, Any]) -> list[str]:
    return ["/" + "/".join(map(str, error.absolute_path)) for error in validator().iter_errors(spec)]


def network(*layers: Any) -> dict[str, Any]:
    return {"name": "x", "model": {"layers": list(layers)}}


def test_the_committed_schema_is_fresh_valid_and_small() -> None:
    text = (SPECS / "schema.json").read_text()
    assert text == schema.dump(schema.schema()), "`dlsuite schema --output specs/schema.json` writes it again"
    jsonschema.Draft7Validator.check_schema(json.loads(text))
    assert len(text) < 1_700_000


def test_it_never_uses_any_of() -> None:
    assert '"anyOf"' not in (SPECS / "schema.json").read_text()
    assert '"oneOf"' not in (SPECS / "schema.json").read_text()


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def test_shipped_specs_are_accepted(path: Path) -> None:
    assert faults(json.loads(path.read_text())) == []


@pytest.mark.parametrize(
    "spec",
    [
        network("ReLU", {"Dense": {"units": "=width", "name": "y", "when": "=on", "about": "remark"}}),
        network({"Bidirectional": {"layer": {"LSTM": {"units": 8}}, "merge_mode": None}}),
        network({"ops.add": {"x2": 1.0}}, {"ops.slice": {"inputs": "x", "start_indices": [0, 0], "shape": [-1, 1]}}),
        network({"my_block": {"anything": [1, {"a": "b"}], "inputs": ["x", "y"]}}, "my_block"),
        network({"Dense": {"units": 8, "kernel_regularizer": {"L2": {"l2": 0.1}}, "kernel_initializer": "he_normal"}}),
        network({"Residual": {"layers": ["ReLU"], "merge": {"Concatenate": {"axis": 1}}}}),
        {"train": {"optimizer": {"Adam": {"learning_rate": {"CosineDecay": {"initial_learning_rate": 0.1,
                                                                            "decay_steps": "=steps"}}}}}},
        {"train": [{"optimizer": {"generator": {"Adam": {}}, "critic": "SGD"}, "metrics": {"y": ["AUC", "Accuracy"]}}]},
        {"params": {"a": [1, 2]}, "version": 1, "extends": "base.json", "uses": ["blocks/a.json"]},
        network({"LSTM": {"units": 8, "inputs": {"sequences": "x", "mask": "x.mask"}}}),
        network({"Repeat": {"over": [1, 2], "item": "width", "layers": []}}),
        network({"keras_hub.BertBackbone": {"vocabulary_size": 8, "num_layers": 1, "num_heads": 1, "hidden_dim": 8,
                                            "intermediate_dim": 8, "preset": "bert_tiny_en_uncased",
                                            "inputs": {"token_ids": "x", "segment_ids": "=[0]"}}}),
        network({"applications.ResNet50": {"preset": "imagenet"}}),
        network({"ops.cast": {"dtype": "int32", "name": "t_{i + 1}"}}),
        {"train": {"epochs": None, "steps": "=rounds", "class_weights": {"0": 1, "1": "=weight"}}},
        {"train": {"layers": {"*.bias": {"weight_decay": False, "trainable": "=on"}}, "class_weights": "balanced"}},
        {"models": {"a": {"inputs": ["x", "x.mask"], "layers": ["ReLU"]}}, "expect": {"parameters": {"a": 8}}},
    ],
)  # fmt: skip
def test_the_language_is_accepted(spec: dict[str, Any]) -> None:
    assert faults(spec) == []


@pytest.mark.parametrize(
    ("spec", "place"),
    [
        ({"modell": {}}, "/"),
        ({"version": 2}, "/version"),
        (network("Conv2d"), "/model/layers/0"),
        (network({"Conv2D": {"filters": 8}}), "/model/layers/0/Conv2D"),
        (network({"Conv2D": {"filters": 0, "kernel_size": 3}}), "/model/layers/0/Conv2D/filters"),
        (network({"Conv2D": {"filters": 8, "kernel_size": 3, "padding": "x"}}), "/model/layers/0/Conv2D/padding"),
        (network({"Dense": {"units": 1}, "ReLU": {}}), "/model/layers/0"),
        (network({"Dense": {"units": 8, "activation": "rleu"}}), "/model/layers/0/Dense/activation"),
        (network({"Embedding": {"input_dim": 8, "output_dim": 8, "unknown": 1}}), "/model/layers/0/Embedding"),
        (network({"Repeat": {"times": 2}}), "/model/layers/0/Repeat"),
        ({"train": {"optimizer": "Adm"}}, "/train/optimizer"),
        ({"train": {"epochs": 0}}, "/train/epochs"),
        ({"train": {"precision": "float12"}}, "/train/precision"),
        ({"data": {"batch_size": "many"}}, "/data/batch_size"),
        ({"data": {"source": "Digitz"}}, "/data/source"),
        ({"data": {"inputs": {"Image": "Image"}}}, "/data/inputs"),
        ({"expect": {"parameters": -1}}, "/expect/parameters"),
        ({"model": {"layers": ["ReLU"]}, "expect": {"parameters": {"a": 8}}}, "/expect/parameters"),
        ({"model": {"layers": ["ReLU"], "preset": "x"}}, "/model"),
        ({"model": {"layers": "=layers"}}, "/model/layers"),
        ({"params": {"len": 1}}, "/params"),
        ({"blocks": {"if": {"layers": ["ReLU"]}}}, "/blocks"),
        ({"train": {"epochs": "=a", "steps": "=b"}}, "/train/steps"),
        (network({"Repeat": {"times": 2, "item": "i", "layers": []}}), "/model/layers/0/Repeat"),
        (network({"Parallel": {"branches": [], "merge": "Add"}}), "/model/layers/0/Parallel/branches"),
        (network({"ops.relu": {"trainable": False}}), "/model/layers/0/ops.relu"),
        (network({"applications.ResNet50": {"preset": "imagnet"}}), "/model/layers/0/applications.ResNet50/preset"),
        (network({"Dense": {"units": 1, "preset": "x"}}), "/model/layers/0/Dense"),
        (network({"conv": {"to": ["a", "b c"]}}), "/model/layers/0/conv/to/1"),
    ],
)
def test_faults_are_found_at_their_place(spec: dict[str, Any], place: str) -> None:
    assert place in faults(spec)


@pytest.mark.parametrize("output", [[], ["--output", "../schema.docs.json"]])
def test_settings_of_vscode_name_a_file_of_the_folder(
    output: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "inside").mkdir()
    monkeypatch.chdir(tmp_path / "inside")
    assert main(["schema", "--vscode", *output]) == 2
    assert "--vscode needs" in capsys.readouterr().err
    assert list(tmp_path.rglob("*.json")) == []


def test_settings_of_vscode_are_written_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    written, own = tmp_path / ".vscode" / "settings.json", '{"editor.rulers": [120]}'
    assert main(["schema", "--vscode", "--output", "schema.docs.json"]) == 0
    (association,) = json.loads(text := written.read_text())["json.schemas"]
    assert association["url"] == "./schema.json" and association["schema"] == {"$ref": "./schema.docs.json"}
    written.write_text(own)
    assert main(["schema", "--vscode", "--output", "schema.docs.json"]) == 0
    assert written.read_text() == own and capsys.readouterr().err.endswith(text)
    written.write_text(text)
    assert main(["schema", "--vscode", "--output", "schema.docs.json"]) == 0
    assert written.read_text() == text and capsys.readouterr().err == ""
