"""Proteins: real chains, secondary structure, synthetic peptides."""

import io
import os
import tarfile
from pathlib import Path

import numpy as np
import pytest

from dlsuite.datasets.cb513 import CB513
from dlsuite.datasets.protein_chains import ProteinChains
from dlsuite.datasets.synthetic_peptides import SyntheticPeptides
from dlsuite.features.backbone import CA, CB, C, N, find_breaks, measure_torsion
from dlsuite.features.chain_files import read_chain
from dlsuite.spec.errors import DataError

with_data = pytest.mark.skipif(
    "DLSUITE_DATA" not in os.environ, reason="DLSUITE_DATA is not set: it names the folder of the real data sets"
)


@with_data
def test_chains_of_training_and_test_share_no_family():
    splits = ProteinChains().splits()
    assert {name: len(examples) for name, examples in splits.items()} == ProteinChains.counts
    assert not set(splits["train"].column("cluster")) & set(splits["test"].column("cluster"))
    for examples in splits.values():
        for one in examples:
            assert one["structure"].shape == (len(one["sequence"]), 5, 3)
            glycine = [letter == "G" for letter in one["sequence"]]
            np.testing.assert_array_equal(np.isnan(one["structure"][:, CB, 0]), glycine)


@with_data
def test_chains_are_those_of_the_archive_and_ideal_beta_carbons_near_the_measured():
    splits = ProteinChains().splits()
    errors = []
    with tarfile.open(Path(os.environ["DLSUITE_DATA"]) / "proteins" / "small_chains_pdb.tar.gz") as archive:
        for one in [*list(splits["train"])[:10], *list(splits["test"])[:5]]:
            member = archive.extractfile(f"pdb/{one['name'].replace('.', '_')}.pdb")
            measured = read_chain(member.read(), one["name"][-1])
            assert measured.sequence == one["sequence"]
            np.testing.assert_allclose(measured.atoms[:, : C + 1], one["structure"][:, : C + 1], atol=1e-3)
            errors.append(np.linalg.norm(measured.atoms[:, CB] - one["structure"][:, CB], axis=-1))
    assert np.nanmean(np.concatenate(errors)) < 0.15


@with_data
def test_chains_by_name_are_for_memorising():
    source = ProteinChains(names=["1a43.A", "1ayi.A"])
    splits = source.splits()
    assert [examples.column("name") for examples in splits.values()] == [["1a43.A", "1ayi.A"]] * 3
    assert "memorisation" in source.note
    with pytest.raises(DataError, match="no chain '1a43.B'.*1a43.A"):
        ProteinChains(names=["1a43.B"]).splits()


@with_data
def test_cb513_is_of_domains():
    (domains,) = CB513().splits().values()
    assert len(domains) == 511 and sum(map(len, domains.column("sequence"))) == 83_991
    assert set("".join(domains.column("dssp8"))) == set("HGIEBTSC")
    # DSSP's eight letters make three by this rule, in every place.
    three = str.maketrans("HGIEBTSC", "HHHEECCC")
    assert [one.translate(three) for one in domains.column("dssp8")] == domains.column("dssp3")
    chains = domains.column("chain")
    assert len(set(chains)) == 432 and chains.count(chains[0]) >= 1


def test_data_that_is_not_here_says_what_would_work(monkeypatch, tmp_path):
    monkeypatch.setenv("DLSUITE_DATA", str(tmp_path))
    for source in (ProteinChains(), CB513()):
        with pytest.raises(DataError, match="is not here. Tried: .* What would work: set DLSUITE_DATA") as error:
            source.splits()
        assert error.value.exit_code == 3


def test_synthetic_peptides_are_proteins_by_their_geometry_and_say_that_they_are_synthetic():
    source = SyntheticPeptides(count=40)
    (peptides,) = source.splits().values()
    assert len(peptides) == 40 and "synthetic" in source.note and "synthetic" in peptides.where(0)
    for one in peptides:
        atoms = one["structure"]
        assert atoms.shape == (len(one["sequence"]), 5, 3) and 16 <= len(atoms) <= 32
        assert len(one["secondary"]) == len(atoms) and set(one["secondary"]) <= set("HEC")
        assert not len(find_breaks(atoms))
        handed = measure_torsion(atoms[:, N], atoms[:, C], atoms[:, CB], atoms[:, CA])
        assert np.nanmax(handed) < 0  # L amino acids
        apart = np.linalg.norm(atoms[:, None, CA] - atoms[None, :, CA], axis=-1)
        assert apart[np.triu_indices(len(atoms), 3)].min() > 3.79


def test_synthetic_peptides_have_the_secondary_structure_that_they_say():
    from biotite.structure import annotate_sse
    from biotite.structure.io import pdb

    from dlsuite.features.chain_files import write_chain

    agree = []
    for one in SyntheticPeptides(count=60).splits()["all"]:
        text = write_chain(one["sequence"], one["structure"], np.zeros(len(one["sequence"]))).decode()
        found = annotate_sse(pdb.PDBFile.read(io.StringIO(text)).get_structure(model=1))
        letters = "".join(found).translate(str.maketrans("abc", "HEC"))
        agree += [a == b for a, b in zip(letters, one["secondary"], strict=True)]
    assert np.mean(agree) > 0.75


def test_synthetic_peptides_are_the_same_by_seed():
    first, again, other = (SyntheticPeptides(count=3, seed=seed).splits()["all"] for seed in (1, 1, 2))
    assert first.column("sequence") == again.column("sequence") != other.column("sequence")
    np.testing.assert_array_equal(first[2]["structure"], again[2]["structure"])
    for arguments in ({"shortest": 9, "longest": 8}, {"count": 0}, {"longest": 1000}):
        with pytest.raises(ValueError):
            SyntheticPeptides(**arguments)
