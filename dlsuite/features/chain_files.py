"""Chains of proteins in files: PDB, mmCIF and BinaryCIF, read and written by biotite."""

from __future__ import annotations

import io
import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from dlsuite.features.amino_acids import CODES, LETTERS
from dlsuite.features.backbone import ATOMS, CA, CB, C, N, place_beta

BROKEN = "cannot be read, as it is no whole file of its format"
BYTES = 64 << 20
"""Larger files are refused before they are read."""


@dataclass(frozen=True)
class Chain:
    """One chain of a protein, as far as a file has its residues.

    Attributes:
        sequence: A letter a residue; X for those that are none of the twenty.
        atoms: float32 [n, 5, 3] in angstroms: N, CA, C, O, CB; nan where the file lacks an atom.
        numbers: Of the residues in the file, with their insertion codes.
    """

    sequence: str
    atoms: np.ndarray
    numbers: tuple[str, ...]


def read_chain(raw: Any, chain: str | None = None, model: int = 1) -> Chain:
    """Returns a chain of a file; of alternative locations that which is occupied most.

    Residues other than the twenty amino acids count as the one that they derive from (selenomethionine as methionine),
    or as unknown. Residues without the file's N, CA or C are left out, ligands, water and nucleic acids too.

    Args:
        raw: A path, a member of a zip archive, or the contents as bytes or text.
        chain: Its name; may be left out where the file has a single one of protein.
        model: Its number, from 1.

    Raises:
        ValueError: It cannot be read, has no such chain or model, or several chains where none is named.
    """
    content = _read(raw)
    atoms = _parse(content, model)
    from biotite.structure import filter_amino_acids

    protein = atoms[filter_amino_acids(atoms)]
    complete = _backbones(protein)
    names = list(dict.fromkeys(protein.chain_id[complete].tolist()))
    if not names:
        raise ValueError("holds no chain of protein with N, CA and C")
    if chain is None and len(names) > 1:
        raise ValueError(f"holds the chains {', '.join(names)}: name one, such as {names[0]!r}")
    chosen = names[0] if chain is None else chain
    if chosen not in names:
        raise ValueError(f"holds no chain of protein {chosen!r}; there are {', '.join(names)}")
    return _chain(protein[protein.chain_id == chosen])


def _read(raw: Any) -> bytes:
    if isinstance(raw, str) and "\n" in raw:
        raw = raw.encode()
    if isinstance(raw, bytes | bytearray):
        content = bytes(raw)
    else:
        path = Path(raw) if isinstance(raw, str) else raw
        if not hasattr(path, "open"):
            raise ValueError(f"is a {type(raw).__name__}: give the path or the contents of a PDB or mmCIF file")
        if isinstance(path, Path) and path.exists() and not path.is_file():
            raise ValueError("is a folder, a pipe or a device and no file")
        try:
            with path.open("rb") as file:
                content = file.read(BYTES + 1)
        except OSError as error:
            raise ValueError(f"cannot be read: {error.strerror}") from None
    if len(content) > BYTES:
        raise ValueError(f"has more than {BYTES:,} bytes")
    return content


def _parse(content: bytes, model: int) -> Any:
    """Returns the atoms of a model as biotite's array; the format is told by the contents, not by a name."""
    from biotite.structure.io import pdb, pdbx

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of records that are not read here
            if b"_atom_site" in content and content[:1] in b"\x80\x83\x84\x85\x86\x87\xde":  # a map of MessagePack
                file: Any = pdbx.BinaryCIFFile.read(io.BytesIO(content))
                count = pdbx.get_model_count(file)
            elif b"_atom_site." in content:
                file = pdbx.CIFFile.read(io.StringIO(content.decode(errors="replace")))
                count = pdbx.get_model_count(file)
            elif content.startswith((b"ATOM ", b"HETATM")) or b"\nATOM  " in content or b"\nHETATM" in content:
                file = pdb.PDBFile.read(io.StringIO(content.decode(errors="replace")))
                count = file.get_model_count()
            else:
                raise ValueError("holds no atoms: it is neither PDB nor mmCIF nor BinaryCIF")
            if not 1 <= model <= count:
                raise ValueError(f"has {count} model{'s' * (count != 1)}, and number {model} is asked for")
            if isinstance(file, pdb.PDBFile):
                return file.get_structure(model=model, altloc="occupancy")
            return pdbx.get_structure(file, model=model, altloc="occupancy")
    except ValueError as error:
        raise ValueError(str(error) if str(error)[:5] in ("has ", "holds") else f"{BROKEN}: {error}") from None
    except Exception as error:  # biotite lets through what its parsers meet in broken files: KeyError, IndexError, ...
        raise ValueError(f"{BROKEN}: {type(error).__name__}: {error}") from None


def _backbones(atoms: Any) -> np.ndarray:
    """Returns which atoms belong to residues that have N, CA and C, bool [atoms]."""
    from biotite.structure import get_residue_starts, spread_residue_wise

    starts = get_residue_starts(atoms, add_exclusive_stop=True)
    names = atoms.atom_name
    whole = [{"N", "CA", "C"} <= set(names[a:b].tolist()) for a, b in zip(starts[:-1], starts[1:], strict=True)]
    return spread_residue_wise(atoms, np.array(whole, bool)) if len(atoms) else np.zeros(0, bool)


def _chain(atoms: Any) -> Chain:
    from biotite.structure import get_residue_starts

    atoms = atoms[_backbones(atoms)]
    starts = get_residue_starts(atoms, add_exclusive_stop=True)
    places = np.full((len(starts) - 1, len(ATOMS), 3), np.nan, np.float32)
    for i, (start, stop) in enumerate(zip(starts[:-1], starts[1:], strict=True)):
        for name, coordinates in zip(atoms.atom_name[start:stop], atoms.coord[start:stop], strict=True):
            if name in ATOMS:
                places[i, ATOMS.index(name)] = coordinates
    first = atoms[starts[:-1]]
    numbers = tuple(f"{number}{code}" for number, code in zip(first.res_id, first.ins_code, strict=True))
    return Chain("".join(map(_letter, first.res_name)), places, numbers)


def _letter(code: str) -> str:
    if code in CODES:
        return LETTERS[CODES.index(code)]
    from biotite.structure.info import one_letter_code

    letter = one_letter_code(code)
    return letter if letter is not None and letter in LETTERS else "X"


def write_chain(
    sequence: str,
    atoms: np.ndarray,
    confidence: Sequence[float] | np.ndarray,
    form: Literal["pdb", "cif"] = "pdb",
) -> bytes:
    """Returns a file of a chain A, its residues numbered from 1, with a confidence in the place of the B-factors.

    Args:
        sequence: A letter a residue.
        atoms: N, CA, C and, where there are 5, O and CB, [n, 3 or 5, 3] in angstroms; nan where absent. Glycine has no
            CB.
        confidence: Of each residue, from 0 to 100.
        form: PDB, or mmCIF.
    """
    from biotite.structure import Atom, array
    from biotite.structure.io import pdb, pdbx

    found = [
        Atom(
            atoms[i, k],
            chain_id="A",
            res_id=i + 1,
            res_name=CODES[LETTERS.index(letter)] if letter in LETTERS else "UNK",
            atom_name=name,
            element=name[0],
            b_factor=float(confidence[i]),
            occupancy=1.0,
        )
        for i, letter in enumerate(sequence)
        for k, name in enumerate(ATOMS[: atoms.shape[1]])
        if not math.isnan(atoms[i, k, 0]) and not (name == "CB" and letter == "G")
    ]
    structure = array(found)
    text = io.StringIO()
    if form == "pdb":
        file: Any = pdb.PDBFile()
        file.set_structure(structure)
    else:
        file = pdbx.CIFFile()
        pdbx.set_structure(file, structure, data_block="structure")
    file.write(text)
    return text.getvalue().encode()


def complete_beta(sequence: str, atoms: np.ndarray) -> np.ndarray:
    """Returns atoms [n, 5, 3] with CB in its ideal place where it is absent, but for glycine, which has none.

    Args:
        sequence: A letter a residue.
        atoms: N, CA, C, O and, where there are 5, CB, [n, 4 or 5, 3].
    """
    found = np.full((len(atoms), len(ATOMS), 3), np.nan, np.float32)
    found[:, : atoms.shape[1]] = atoms
    lacking = np.isnan(found[:, CB, 0])
    found[lacking, CB] = place_beta(found[lacking][:, [N, CA, C]])
    found[[letter == "G" for letter in sequence], CB] = np.nan
    return found
