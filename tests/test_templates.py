"""Specs that are saved: under their name, with what they need, over nothing that is not theirs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import dlsuite
from dlsuite.templates import TemplateError, find, rename, save


def test_a_changed_text_is_saved_with_what_it_uses_and_loads_from_there(tmp_path: Path) -> None:
    at = find("sst2_lstm")
    text = rename(at.read_text(encoding="utf-8"), "mine")
    written = save(text, at, tmp_path / "mine.json")
    assert {path.name for path in written} == {"mine.json", "sequences.json"}
    assert dlsuite.load(tmp_path / "mine.json").name == "mine"


def test_it_is_saved_again_where_it_stands_and_what_it_uses_stays(tmp_path: Path) -> None:
    at = find("sst2_lstm")
    target = tmp_path / "mine.json"
    save(at.read_text(encoding="utf-8"), at, target)
    library = (tmp_path / "sequences.json").read_text()
    text = rename(target.read_text(encoding="utf-8"), "second")
    with pytest.raises(TemplateError, match="`mine.json` is there already"):
        save(text, target, target)
    assert save(text, target, target, replace=True) == [target]
    assert dlsuite.load(target).name == "second" and (tmp_path / "sequences.json").read_text() == library


def test_another_file_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "sequences.json").write_text('{"blocks": {"other": {"layers": []}}}')
    at = find("sst2_lstm")
    with pytest.raises(TemplateError, match="`sequences.json` is there already"):
        save(at.read_text(encoding="utf-8"), at, tmp_path / "mine.json", replace=True)
    assert not (tmp_path / "mine.json").exists()


def test_two_needed_files_of_one_name_are_refused(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "blocks.json").write_text(json.dumps({"blocks": {name: {"layers": ["ReLU"]}}}))
    text = json.dumps({"uses": ["a/blocks.json", "b/blocks.json"], "model": {"layers": ["a", "b"]}})
    with pytest.raises(TemplateError, match="named `blocks.json`"):
        save(text, tmp_path / "spec.json", tmp_path / "mine" / "spec.json")


@pytest.mark.parametrize(
    ("text", "renamed"),
    [
        ('{ "about": "name",\n "name" : "a\\"b" }', '{ "about": "name",\n "name" : "new" }'),
        ('{"about": "x"}', '{\n  "name": "new","about": "x"}'),
        ("{}", '{\n  "name": "new"}'),
    ],
)
def test_a_name_is_changed_and_all_else_stays(text: str, renamed: str) -> None:
    assert rename(text, "new") == renamed
