"""Protein: from a chain to its structure or the tags of its residues, and to what speaks for them."""

from __future__ import annotations

import json
import re
from types import SimpleNamespace

import numpy as np
import pytest

from tests import tiny_specs


@pytest.fixture(scope="module")
def tags_run(runs_folder):
    """A run that has learned a little of helices and strands."""
    return _train(tiny_specs.tags(), runs_folder)


@pytest.fixture(scope="module")
def fold_run(runs_folder):
    """A run that folds, badly."""
    return _train(tiny_specs.folds(), runs_folder)


def _train(spec, runs_folder):
    import dlsuite

    return dlsuite.train(dlsuite.load(*spec), runs=runs_folder, progress=False)


def test_a_sample_is_folded_and_scored_beside_the_baseline_and_its_mirror_image(visit, fold_run) -> None:
    from dlsuite.metrics.proteins.chains import score_chain

    app = visit("protein", fold_run, sample="2")
    assert not app.error and not app.exception
    example = fold_run.data().examples("test")[1]
    assert app.code[0].value == example["sequence"]
    (table,) = app.dataframe
    feature = fold_run.features["structure"]
    true = feature.decode(feature.encode(example["structure"]))
    atoms = feature.read(fold_run.predict(example["sequence"])[0]["output"]["pdb"].data).atoms
    scores = score_chain({"atoms": atoms}, true)
    assert float(table.value.loc["lDDT", "This run"]) == pytest.approx(scores["lddt"], abs=2e-3)
    assert float(table.value.loc["TM-score", "This run"]) == pytest.approx(scores["tm_score"], abs=2e-3)
    assert set(table.value.columns) == {"This run", "IdealHelix"}
    labels = [one.label for one in app.get("download_button")]
    assert labels == ["PDB", "mmCIF", "Maps (JSON)", "Residues (CSV)"]
    app.toggle(key="mirror").set_value(True).run()
    mirrored = app.dataframe[0].value
    assert mirrored.loc["lDDT", "This run"] == mirrored.loc["lDDT", "Mirrored"]
    assert mirrored.loc["FAPE", "This run"] != mirrored.loc["FAPE", "Mirrored"]
    assert {mirrored.loc["Right hand", one] for one in ("This run", "Mirrored")} == {"yes", "no"}
    assert any(one.value.startswith("lDDT stays at") for one in app.markdown)


def test_the_record_and_what_is_shown_are_those_of_the_address(visit, fold_run) -> None:
    text = ">a\nMKVLAGAIAK\n>b\nGGSSGGAA"
    app = visit("protein", fold_run, sequence=text, record="2: b (8 residues)", **{"from": "Sequence"})
    assert not app.error and app.code[0].value == "GGSSGGAA"
    app = visit("protein", fold_run, mirror="true", colours="For colour-blind eyes", beside="IdealHelix")
    assert not app.error and app.toggle(key="mirror").value is True
    shown = {key: app.button_group(key=key).value for key in ("colours", "beside")}
    assert shown == {"colours": "For colour-blind eyes", "beside": "IdealHelix"}


def test_a_sequence_without_a_known_structure_is_compared_with_nothing(visit, fold_run) -> None:
    app = visit("protein", fold_run, **{"from": "Sequence", "sequence": "mkvl agaiak"})
    assert not app.error and app.code[0].value == "MKVLAGAIAK"
    assert not app.dataframe and "mirror" not in [one.key for one in app.toggle]


def test_confidence_is_held_against_truth_in_explain(visit, fold_run) -> None:
    app = visit("protein", fold_run, tab="Explain")
    assert not app.error and not app.exception
    assert any("confidence and truth are" in one.value for one in app.caption)


def test_marks_stay_with_their_chain(visit, fold_run) -> None:
    app = visit("protein", fold_run, residues="3-8")
    assert app.slider[0].value == (3, 8)
    app.button(key="sample-2").click().run()
    assert app.slider[0].value == (1, len(app.code[0].value)) and "residues" not in app.query_params
    assert visit("protein", fold_run, residues="0-99999").slider[0].value[0] == 1


@pytest.mark.parametrize(
    ("sequence", "reason"),
    [
        ("MKV1LA", "has '1' at place 4"),
        ("MK*", "has '*' at place 3"),
        ("A" * 33, "has 33 residues; this run reads at most 32"),
        ("", "is empty"),
    ],
)
def test_what_is_no_sequence_is_told_in_a_sentence(sequence, reason) -> None:
    from apps.widgets.sequences import check
    from dlsuite import DataError

    with pytest.raises(DataError, match=re.escape(reason)):
        check(sequence, 32)


def test_markup_in_the_address_is_a_sequence_at_fault(visit, tags_run) -> None:
    app = visit("protein", tags_run, **{"from": "Sequence", "sequence": "<img src=x onerror=alert(1)>"})
    (error,) = app.error
    assert "has '<' at place 1" in error.value.replace("\\", "") and not app.exception


def test_a_hundred_thousand_letters_are_refused_and_kept_out_of_the_address(visit, tags_run) -> None:
    app = visit("protein", tags_run, **{"from": "Sequence"})
    assert not app.error and not app.code
    app.text_area[0].set_value("A" * 100_000).run()
    assert "100,000 residues" in app.error[0].value and "sequence" not in app.query_params
    app.text_area[0].set_value("A" * 100_001).run()
    assert "100,001 characters" in app.error[0].value


def test_of_several_sequences_one_is_taken(visit, tags_run) -> None:
    text = ">first <script>alert(1)</script>\nMKVLA\n>second\nGGSSGG\n"
    app = visit("protein", tags_run, **{"from": "Sequence", "sequence": text})
    assert app.code[0].value == "MKVLA"
    app.selectbox(key="record").set_value(1).run()
    assert app.code[0].value == "GGSSGG" and not app.error


def test_files_of_ones_own_are_read(visit, fold_run) -> None:
    example = fold_run.data().examples("test")[0]
    pdb = fold_run.predict(example["sequence"])[0]["output"]["pdb"].data
    app = _upload(visit("protein", fold_run, **{"from": "Upload"}), "own.pdb", pdb)
    assert app.code[0].value == example["sequence"]
    assert float(app.dataframe[0].value.loc["lDDT", "This run"]) > 0.99
    app = _upload(visit("protein", fold_run, **{"from": "Upload"}), "own.fasta", b">x\nMKVLAG\n")
    assert app.code[0].value == "MKVLAG" and not app.error


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("a.fasta", b"\xff\xfe\x00", "is no text"),
        ("a.pdb", b"ATOM  garbage\n" * 9, "cannot be read"),
    ],
)
def test_a_bad_file_is_refused_in_a_sentence(visit, tags_run, name, data, reason) -> None:
    app = _upload(visit("protein", tags_run, **{"from": "Upload"}), name, data)
    (error,) = app.error
    assert reason in error.value.replace("\\", "") and not app.exception


def test_residues_are_tagged_beside_the_truth(visit, tags_run) -> None:
    app = visit("protein", tags_run)
    assert not app.error and not app.exception
    example = tags_run.data().examples("test")[0]
    found = tags_run.predict(example["sequence"])[0]["output"]["letters"]
    right = sum(one == other for one, other in zip(found, example["secondary"], strict=True))
    assert any(f"{right} of {len(found)} residues right" in one.value for one in app.markdown)


def test_a_tag_is_explained_by_residues_and_attention(visit, tags_run) -> None:
    app = visit("protein", tags_run, tab="Explain", place="3")
    assert not app.error and not app.exception
    example = tags_run.data().examples("test")[0]
    assert any(one.value.startswith(f"Residue 3 ({example['sequence'][2]})") for one in app.markdown)
    assert any(one.value.startswith("Integrated gradients") for one in app.caption)
    assert len(app.selectbox(key="layer").options) == 1


def test_distances_are_noisy_and_partial_as_the_seed_draws_them() -> None:
    from streamlit.testing.v1 import AppTest

    app = AppTest.from_function(_ask_distances, default_timeout=60)
    app.query_params.update({"noise": "0.0", "missing": "50"})
    given = _given(app.run())
    share = np.mean(given[np.triu_indices(len(given), 1)] > 0)
    assert 0.3 < share < 0.7 and (given == given.T).all()
    true = given[given > 0]
    app.slider(key="noise").set_value(2.0).run()
    assert 1.0 < np.std(_given(app)[given > 0] - true) < 3.0
    assert "up to 2 Å and up to 90% left out" in app.caption[0].value
    app.number_input(key="seed").set_value(1).run()
    assert (_given(app) > 0).tolist() != (given > 0).tolist()


def _ask_distances() -> None:
    import numpy as np
    import streamlit as st

    from apps.widgets.restraints import ask_distances
    from tests.apps.test_protein import distances_run

    atoms = np.cumsum(np.random.default_rng(0).normal(size=(24, 5, 3)) * 2, axis=0)
    st.text(ask_distances(distances_run(), "distances", atoms).tolist())


def distances_run() -> SimpleNamespace:
    """What the page asks of a run that reads distances."""
    import dlsuite
    from dlsuite.features.distances import Distances

    plan = dlsuite.load(tiny_specs.PROTEIN / "restraints.json").plan()
    return SimpleNamespace(plan=plan, features={"distances": Distances(length=24)})


def _given(app) -> np.ndarray:
    assert not app.exception
    return np.array(json.loads(app.text[0].value))


def _upload(app, name: str, data: bytes):
    return app.file_uploader[0].set_value((name, data, "application/octet-stream")).run()
