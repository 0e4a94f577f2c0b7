"""Sequences of amino acids."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any

import numpy as np

from dlsuite.features.amino_acids import LETTERS, number_residues, spell_residues
from dlsuite.features.chain_files import read_chain
from dlsuite.features.extent import Extent
from dlsuite.registry import Range, register

FASTA = (".fasta", ".fa", ".faa", ".txt")
BYTES = 1 << 20
"""Larger files of one sequence are refused."""


@register("feature")
class Residues:
    """The amino acids of a protein as numbers: 0 to 19 in the order ARNDCQEGHILKMFPSTWYV, and 20 for unknown ones.

    It reads letters, a FASTA file (its path or its contents) of one sequence, and the residues that a PDB or mmCIF file
    has. Small letters, spaces and line ends do not matter; letters that stand for no amino acid are a fault, X, B, Z,
    J, U and O are unknown ones.

    Args:
        length: So many at most; by default any number, and batches are as long as their longest example.
        cut: Whether longer sequences lose their end; by default they count as corrupt.
        chain: Its name in files of structures; may be left out where a file has a single one.

    Example:
        >>> Residues(length=8).encode("MKV").tolist()
        [12, 11, 19]
    """

    domain = "protein"
    facts = {"vocabulary": "=21"}
    tensor = {"shape": "=[length]", "dtype": "int32"}
    mask = {"shape": "=[length]", "dtype": "bool"}
    text = True

    def __init__(
        self, *, length: Annotated[int, Range(least=1)] | None = None, cut: bool = False, chain: str | None = None
    ):
        self._extent = Extent(length, cut)
        self._chain = chain

    def fit(self, values: Iterable[Any]) -> None:
        """Finds the mean length of the training examples."""
        self._extent.fit(values, self.read)

    def state(self) -> dict[str, Any]:
        """Returns what was fitted, as JSON."""
        return self._extent.state()

    def restore(self, state: dict[str, Any]) -> None:
        """Takes over what `state` returned."""
        self._extent.restore(state)

    def facts_fitted(self) -> dict[str, Any]:
        """Returns the shape of the tensor, the mean length, and how many kinds of residues there are."""
        return {**self._extent.facts(), "vocabulary": len(LETTERS) + 1}

    def read(self, raw: Any) -> str:
        """Returns the letters of a raw value, unchecked.

        Raises:
            ValueError: It cannot be read, or holds several sequences.
        """
        text = raw
        if hasattr(raw, "open"):  # a file
            if raw.suffix.lower() not in FASTA:
                return read_chain(raw, self._chain).sequence
            with raw.open("rb") as file:
                text = file.read(BYTES + 1)
        if isinstance(text, bytes | bytearray):
            if len(text) > BYTES:
                raise ValueError(f"has more than {BYTES:,} bytes")
            try:
                text = bytes(text).decode()
            except UnicodeDecodeError:
                raise ValueError("is no text") from None
        if not isinstance(text, str):
            raise ValueError(f"is a {type(raw).__name__}: give letters, or the path or contents of a FASTA file")
        return _sequence(text)

    def encode(self, raw: Any) -> np.ndarray:
        """Returns the numbers of the residues, int32 [n].

        Raises:
            ValueError: It cannot be read, is empty or too long, or a letter stands for no amino acid: says where.
        """
        return number_residues(self._extent.fit_in(self.read(raw)))

    def decode(self, array: Any) -> str:
        """Returns the letters."""
        return spell_residues(array)


def _sequence(text: str) -> str:
    """Returns the letters of a FASTA file of one sequence, or of plain text."""
    lines = text.strip().splitlines()
    titles = [line for line in lines if line.startswith(">")]
    if len(titles) > 1:
        raise ValueError(f"holds {len(titles)} sequences, the second {titles[1][1:60]!r}: give one at a time")
    return "".join("".join(line.split()) for line in lines if not line.startswith((">", ";")))
