"""The letters of the twenty amino acids, and their numbers."""

from __future__ import annotations

import numpy as np

LETTERS = "ARNDCQEGHILKMFPSTWYV"
"""In the order of their full names, as AlphaFold and ESM count them; the unknown one comes after."""
UNKNOWN = len(LETTERS)
AMBIGUOUS = "XBZJUO"
"""IUPAC's letters that stand for any, for one of two, or for a rare amino acid: all are unknown here."""
CODES = (
    "ALA", "ARG", "ASN", "ASP", "CYS", "GLN", "GLU", "GLY", "HIS", "ILE",
    "LEU", "LYS", "MET", "PHE", "PRO", "SER", "THR", "TRP", "TYR", "VAL",
)  # fmt: skip
"""Their codes in files, in the order of `LETTERS`."""

_NUMBERS = {letter: number for number, letter in enumerate(LETTERS)} | dict.fromkeys(AMBIGUOUS, UNKNOWN)


def number_residues(sequence: str) -> np.ndarray:
    """Returns the number of each amino acid, int32 [n]: its place in `LETTERS`, or `UNKNOWN`.

    Raises:
        ValueError: A letter stands for no amino acid; says which and where.

    Example:
        >>> number_residues("ARX")
        array([ 0,  1, 20], dtype=int32)
    """
    letters = sequence.upper()
    for place, letter in enumerate(letters, start=1):
        if letter not in _NUMBERS:
            raise ValueError(
                f"has {sequence[place - 1]!r} at place {place}, which stands for no amino acid; there are {LETTERS}, "
                f"and {AMBIGUOUS} for unknown ones"
            )
    return np.array([_NUMBERS[letter] for letter in letters], np.int32)


def spell_residues(numbers: np.ndarray) -> str:
    """Returns the letters of numbers of amino acids, X for the unknown."""
    return "".join(f"{LETTERS}X"[number] for number in np.asarray(numbers).tolist())
