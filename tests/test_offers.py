"""What can be trained here."""

from __future__ import annotations

from pathlib import Path

import pytest

import dlsuite
from dlsuite.domains import domain_of
from dlsuite.offers import is_here, offers
from dlsuite.templates import TemplateError, copy, find, purpose, shipped

DOMAINS = ("vision", "speech", "text", "protein", "generation")


@pytest.mark.parametrize("domain", DOMAINS)
def test_each_domain_has_a_demo_that_needs_no_data(domain: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DLSUITE_DATA", raising=False)
    first, *others = offers(domain)
    assert first.seconds and first.path.is_file()
    assert all(one.seconds is None for one in others)
    assert domain_of(dlsuite.load(first.path).plan()) == domain


def test_what_has_files_is_offered_where_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DLSUITE_DATA", str(tmp_path))
    assert "speech/fsdd_keywords" not in [one.name for one in offers("speech")]
    (tmp_path / "speech").mkdir()
    (tmp_path / "speech" / "fsdd_5spk.zip").write_bytes(b"")
    names = [one.name for one in offers("speech")]
    assert {"speech/fsdd_keywords", "speech/fsdd_ctc"} <= {*names}


def test_a_source_with_a_path_is_not_known_to_be_here() -> None:
    source = dlsuite.load("specs/tabular/adult_income.json").plan().data.source
    assert source is not None and not is_here(source)


@pytest.mark.parametrize(
    ("spec", "domain"),
    [
        ("tabular/breast_cancer_mlp", "tabular"),
        ("generation/digits_classifier", "vision"),
        ("generation/mnist_dcgan", "generation"),
        ("protein/restraints", "protein"),
        ("text/multi30k_transformer", "text"),
        ("speech/an4_conformer", "speech"),
    ],
)
def test_domain_of_a_spec(spec: str, domain: str) -> None:
    assert domain_of(dlsuite.load(shipped()[spec]).plan()) == domain


def test_templates_are_found_by_name_and_copied_with_what_they_use(tmp_path: Path) -> None:
    written = copy(find("sst2_lstm"), tmp_path / "mine.json")
    assert {path.name for path in written} == {"mine.json", "sequences.json"}
    assert dlsuite.load(tmp_path / "mine.json").plan().name == "sst2_lstm"
    with pytest.raises(TemplateError, match="is there already"):
        copy(find("sst2_lstm"), tmp_path / "mine.json")


def test_an_unknown_template_names_one_that_is_near() -> None:
    with pytest.raises(TemplateError, match="Did you mean .*digits_cnn"):
        find("digit_cnn")


def test_purpose_is_the_first_sentence() -> None:
    assert purpose(find("digits_cnn")).startswith("Ten handwritten digits")
