"""`dlsuite eject` and `dlsuite adopt` on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import keras
import pytest

from dlsuite.cli import main

SPECS = Path(__file__).parents[2] / "specs"


def test_eject_prints_or_writes_the_code(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["eject", str(SPECS / "vision/digits_cnn.json"), "--set", "params.width=8"]
    assert main(words) == 0
    printed = capsys.readouterr().out
    assert "def build(width=8" in printed
    assert main([*words, "--output", str(tmp_path / "digits.py")]) == 0
    assert (tmp_path / "digits.py").read_text() == printed
    assert "`build()` gives the model" in capsys.readouterr().err


def test_adopt_prints_a_spec_that_checks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2, name="out")], name="small")
    model.save(tmp_path / "small.keras")
    assert main(["adopt", str(tmp_path / "small.keras"), "--output", str(tmp_path / "small.json")]) == 0
    assert json.loads((tmp_path / "small.json").read_text())["model"]["layers"] == [
        {"Dense": {"units": 2, "name": "out"}}
    ]
    assert main(["check", str(tmp_path / "small.json"), "--build"]) == 0
    assert "8 parameters" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["eject", str(SPECS / "blocks/masks.json")], "no model to print"),
        (["eject", str(SPECS / "vision/digits_cnn.json"), "-o", "nowhere/x.py"], "no folder `nowhere`"),
        (["adopt", "model.h5"], "without Keras' safe mode"),
        (["adopt", "missing.keras"], "no such file"),
    ],
)
def test_faults_of_the_user_are_sentences(words: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 2
    assert message in capsys.readouterr().err
