"""Sequences of amino acids and of letters."""

import json

import numpy as np
import pytest

from dlsuite.features.amino_acids import CODES, LETTERS
from dlsuite.features.letters import Letters
from dlsuite.features.residues import Residues


def test_letters_are_numbered_as_their_codes_are():
    from biotite.structure.info import one_letter_code

    assert [one_letter_code(code) for code in CODES] == list(LETTERS)
    assert Residues().encode(LETTERS).tolist() == list(range(20))


@pytest.mark.parametrize("raw", ["mkv X", ">one\nMKV\nX\n", b">one\r\nMK\r\nVX", "; remark\nMKVX"])
def test_fasta_and_text_are_read(raw):
    assert Residues(length=9).encode(raw).tolist() == [12, 11, 19, 20]


def test_files_are_read(tmp_path):
    (tmp_path / "one.fasta").write_text(">one\nMKVX\n")
    assert Residues().decode(Residues().encode(tmp_path / "one.fasta")) == "MKVX"


@pytest.mark.parametrize(
    "raw, reason",
    [
        ("MK1V", "has '1' at place 3, which stands for no amino acid"),
        ("MK*", r"has '\*' at place 3"),
        (">one\nMK\n>two\nMK\n", "holds 2 sequences, the second 'two'"),
        ("", "is empty"),
        (">one\n", "is empty"),
        ("MKVMKV", 'is 6 long, and `length` is 5: make it larger, or "cut": true'),
        (7, "is a int"),
        (b"\xff\xfe", "is no text"),
    ],
)
def test_what_is_no_sequence_says_why(raw, reason):
    with pytest.raises(ValueError, match=reason):
        Residues(length=5).encode(raw)


def test_what_was_fitted_outlives_json():
    for feature, again in (
        (Residues(), Residues()),
        (Letters(letters=["M", "K", "V"]), Letters(letters=["M", "K", "V"])),
    ):
        feature.fit(["MKV", "M", 3])
        again.restore(json.loads(json.dumps(feature.state())))
        assert again.facts_fitted() == feature.facts_fitted()
        assert feature.facts_fitted()["shape"] == [None] and feature.facts_fitted()["mean_length"] == 2.0
    with pytest.raises(ValueError, match="none of the training examples can be read; the first is a int"):
        Residues().fit([1, 2])


def test_letters_are_classes():
    feature = Letters(letters=["H", "E", "C"], names=["helix", "strand", "coil"])
    assert feature.encode("CHE").tolist() == [2, 0, 1]
    assert feature.decode(np.eye(3)[[2, 0, 1]]) == feature.decode([2, 0, 1]) == "CHE"
    assert feature.facts_fitted()["classes"] == 3 and feature.facts_fitted()["names"][2] == "coil"
    with pytest.raises(ValueError, match="has 'G' at place 2; the letters are H E C"):
        feature.encode("HG")
    for arguments in (
        {"letters": []},
        {"letters": ["H", "H"]},
        {"letters": ["HE"]},
        {"letters": ["H", "E"], "names": ["a"]},
    ):
        with pytest.raises(ValueError):
            Letters(**arguments)
