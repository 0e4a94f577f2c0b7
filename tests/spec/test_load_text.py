"""The text of a spec that somebody is writing: the same spec, and the same faults, as if it stood in its file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dlsuite.spec import SpecError, load, load_text
from dlsuite.spec.document import MAX_BYTES

ROOT = Path(__file__).parents[2] / "specs"


@pytest.mark.parametrize("name", ["vision/digits_cnn", "papers/gpt2", "generation/digits_vae"])
def test_it_is_the_spec_that_its_file_would_give(name: str) -> None:
    path = ROOT / f"{name}.json"
    text = path.read_text(encoding="utf-8")
    assert load_text(text, path) == load(path)
    assert load_text(text, path).source == text


def test_what_it_extends_and_uses_is_looked_for_from_its_place_though_nothing_is_there() -> None:
    at = ROOT / "vision" / "not_written_yet.json"
    spec = load_text('{"extends": "digits_cnn.json", "name": "wide", "params": {"width": 64}}', at)
    assert (spec.name, spec.plan().params["width"], at.exists()) == ("wide", 64, False)


def test_faults_have_their_lines() -> None:
    with pytest.raises(SpecError) as caught:
        load_text('{\n  "name": "x",\n  "modl": {"layers": []}\n}', "draft.json")
    told = {(one.as_dict()["file"], one.as_dict()["line"], one.message) for one in caught.value.faults}
    assert ("draft.json", 3, "A spec has no `modl`.") in told


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "line 1|empty|JSON"),
        ('{"name": "' + "x" * MAX_BYTES + '"}', "larger than 1,000,000 bytes"),
        ('{"name": "' + "é" * (MAX_BYTES // 2) + '"}', "larger than 1,000,000 bytes"),
        ('{"name": "\ud800"}', "Half a character"),
        ("[" * 100_000, "deep|level"),
        ('{"extends": "../../../etc/passwd"}', "leaves the folder"),
        (json.dumps({"<b>": 1}), "A spec has no `<b>`"),
    ],
)
def test_hostile_texts_are_told_what_is_wrong(text: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(SpecError, match=told):
        load_text(text, tmp_path / "draft.json")
