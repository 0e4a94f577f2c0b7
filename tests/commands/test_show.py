"""`dlsuite show`: what it prints for people and for programs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dlsuite.cli import main

ROOT = Path(__file__).parents[2] / "specs"
RESNET = str(ROOT / "vision" / "fashion_resnet.json")


def show(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Returns what the command prints."""
    assert main(["show", *arguments]) == 0
    return capsys.readouterr().out


def test_the_table_folds_what_repeats(capsys: pytest.CaptureFixture[str]) -> None:
    text = show(capsys, str(ROOT / "papers" / "resnet152.json"), "--depth", "0")
    assert "residual ×35" in text and len(text.splitlines()) < 40
    assert "60,344,232 parameters" in text
    opened = show(capsys, str(ROOT / "papers" / "resnet152.json"), "--depth", "1")
    assert "  conv_norm" in opened and len(opened.splitlines()) > 60


def test_json_is_one_document(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    picture = tmp_path / "graph.svg"
    found = json.loads(show(capsys, RESNET, "--json", "--graph", str(picture), "--device", "t4", "--batch-size", "16"))
    assert picture.exists()
    assert found["parameters"] == {"total": 393922, "trainable": 392242, "active": 393922}
    assert found["flops"]["step"] > 2.5 * found["flops"]["forward"] > 0
    memory = found["memory"]
    parts = ("weights", "gradients", "optimizer", "activations")
    assert memory["total"] == sum(memory[part] for part in parts)
    assert memory["by_batch_size"]["float32"]["16"] == memory["total"]
    assert (memory["batch_size"], memory["precision"], memory["optimizer_name"]) == (16, "float32", "AdamW")
    assert sum(layer["parameters"] for layer in found["layers"]) == 393922
    assert sum(layer["flops"]["forward"] for layer in found["layers"]) == found["flops"]["forward"]
    assert {"name", "component", "shape", "parameters", "trainable", "flops"} == set(found["layers"][0])
    assert found["estimate"]["device"] == "t4" and found["estimate"]["utilisation"] == 0.4


def test_several_networks_go_by_name(capsys: pytest.CaptureFixture[str]) -> None:
    found = json.loads(show(capsys, str(ROOT / "generation" / "vae.json"), "--json"))
    assert found["models"]["decoder"]["parameters"]["total"] == 72065


def test_steps_of_a_training_make_time_energy_and_cost(capsys: pytest.CaptureFixture[str]) -> None:
    changes = ["--set", "train.epochs=null", "--set", "train.steps=1000"]
    text = " ".join(show(capsys, RESNET, *changes, "--device", "a100", "--utilisation", "0.25").split())
    assert "at 25% of its peak of 156 TFLOP/s" in text
    assert "1,000 steps:" in text and "kWh at 400 W" in text and "$1.30 an hour" in text
    assert "add --data" in show(capsys, RESNET, "--device", "a100")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--device", "h1000"], "there is no device `h1000`. Devices: h200, h100"),
        (["--graph", "x.png"], "ends with neither .svg nor .dot"),
        (["--utilisation", "40"], "no share between 0 and 1"),
        (["--batch-size", "0"], "`--batch-size 0` is below 1"),
        (["--length", "text=many"], "not of the form N or INPUT=N"),
        (["--length", "512"], "The length 512 is for no input"),
        (["--length", "text=7"], "`text` is no input with a length that may be any"),
    ],
)
def test_a_fault_of_the_command_line_is_told(
    capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    assert main(["show", RESNET, *arguments]) == 2
    assert said in capsys.readouterr().err


def test_check_holds_a_spec_to_its_parameters(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    claim = {"trainable": 24, "active": 20}
    blocks = {"half": {"active": 0.5, "layers": [{"Dense": {"units": 2, "use_bias": False}}]}}
    model = {"inputs": {"x": {"Input": {"shape": [4]}}}, "layers": ["half", {"Dense": {"units": 5, "name": "y"}}]}
    path = tmp_path / "spec.json"
    path.write_text(json.dumps({"blocks": blocks, "model": model, "expect": {"parameters": claim}}))
    assert main(["check", str(path), "--build"]) == 2
    said = capsys.readouterr().out
    assert "`parameters.trainable` of `expect` is 24; the network has 23." in said
    assert "`parameters.active` of `expect` is 20; the network has 19." in said
    path.write_text(path.read_text().replace("24", "23").replace("20", "19"))
    assert main(["check", str(path), "--build"]) == 0
