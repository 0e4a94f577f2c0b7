"""Sequences in FASTA files."""

from __future__ import annotations

from typing import NamedTuple


class Record(NamedTuple):
    """A sequence of a file.

    Attributes:
        name: What stands behind its `>`; empty for letters without a title.
        letters: Without spaces and line ends, unchecked.
    """

    name: str
    letters: str


def read_records(text: str) -> list[Record]:
    """Returns the sequences of a FASTA file, or the one that plain letters are; none of an empty text.

    Lines that begin with `;` are remarks. Pearson and Lipman 1988, doi:10.1073/pnas.85.8.2444.

    Example:
        >>> read_records(">first\\nMKV\\nLA\\n>second\\nGG")
        [Record(name='first', letters='MKVLA'), Record(name='second', letters='GG')]
    """
    found: list[tuple[str, list[str]]] = []
    for line in text.strip().splitlines():
        if line.startswith(">"):
            found.append((line[1:].strip(), []))
        elif not line.startswith(";"):
            if not found:
                found.append(("", []))
            found[-1][1].append("".join(line.split()))
    return [Record(name, "".join(lines)) for name, lines in found]
