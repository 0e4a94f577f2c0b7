"""Sequences of amino acids that users bring: a box, FASTA files, files of structures."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import streamlit as st

from apps.widgets.uploads import checked_text, content_of
from dlsuite.features.amino_acids import number_residues
from dlsuite.features.chain_files import read_chain
from dlsuite.features.fasta import read_records
from dlsuite.spec.errors import DataError

KEY = "sequence"
"""Of the address: what stands in the box, where it is short."""
IN_ADDRESS = 1000
EXAMPLE = "MKTAYIAKQRQISFVKSHFSRQ"
STRUCTURES = ("pdb", "ent", "cif", "bcif")
FILES = ("fasta", "fa", "faa", "txt")


class Brought(NamedTuple):
    """What a user brought.

    Attributes:
        sequence: A letter a residue.
        atoms: float32 [n, 5, 3], where it was a structure.
    """

    sequence: str
    atoms: np.ndarray | None = None


def ask_letters(longest: int, cut: bool) -> Brought | None:
    """Returns the sequence that stands in the box; nothing until there is one.

    Args:
        longest: So many residues are read.
        cut: Whether what is beyond is left out; else it is a fault.

    Raises:
        DataError: It is no sequence, or too long.
    """
    st.session_state.setdefault(KEY, st.query_params.get(KEY, "")[:IN_ADDRESS])
    text = st.text_area(
        "Sequence",
        key=KEY,
        height=100,
        placeholder=f"{EXAMPLE} (a letter an amino acid, or FASTA)",
        help=f"Up to {longest:,} residues; X stands for an unknown one.",
    )
    if text and len(text) <= IN_ADDRESS:
        st.query_params[KEY] = text
    else:
        st.query_params.pop(KEY, None)
    return Brought(_choose(checked_text(text), longest, cut)) if text.strip() else None


def ask_file(longest: int, cut: bool, structures_only: bool) -> Brought | None:
    """Returns what an uploaded file holds; nothing until there is one; arguments and errors as of `ask_letters`."""
    kinds = STRUCTURES if structures_only else (*FILES, *STRUCTURES)
    label = "Structure (PDB or mmCIF)" if structures_only else "FASTA, or a structure (PDB or mmCIF)"
    upload = st.file_uploader(label, kinds, key="file")
    if upload is None:
        return None
    data = content_of(upload)
    if upload.name.lower().endswith(STRUCTURES):
        name = st.text_input("Chain", key="chain", max_chars=4, help="Needed where the file has several.")
        return _chain(data, name.strip() or None, longest, cut)
    try:
        text = data.decode()
    except UnicodeDecodeError:
        raise DataError("The file is no text, so it is no FASTA file.") from None
    return Brought(_choose(checked_text(text), longest, cut))


def _choose(text: str, longest: int, cut: bool) -> str:
    """Returns the checked letters of a text; where it holds several sequences the user says which."""
    records = read_records(text)
    if not records:
        raise DataError("There is no sequence in it.")
    number = 0
    if len(records) > 1:
        number = st.selectbox(
            f"It holds {len(records):,} sequences; take",
            range(len(records)),
            format_func=lambda i: f"{i + 1}: {records[i].name[:60]} ({len(records[i].letters):,} residues)",
            key="record",
            bind="query-params",
        )
    return check(records[number].letters, longest, cut)


def check(letters: str, longest: int, cut: bool = False) -> str:
    """Returns the letters of a sequence, large, and no more of them than are read.

    Raises:
        DataError: It is empty or too long, or a letter stands for no amino acid: says which, and at which place.
    """
    if not letters:
        raise DataError("The sequence is empty: a title alone has no residues.")
    if len(letters) > longest and not cut:
        raise DataError(f"The sequence has {len(letters):,} residues; this run reads at most {longest:,}.")
    try:
        number_residues(letters[:longest])
    except ValueError as error:
        raise DataError(f"The sequence {error}.") from None
    if len(letters) > longest:
        st.caption(f"The first {longest:,} of {len(letters):,} residues are read.")
    return letters[:longest].upper()


def _chain(data: bytes, name: str | None, longest: int, cut: bool) -> Brought:
    try:
        chain = _read(data, name)
    except ValueError as error:
        raise DataError(f"The file {error}.") from None
    letters = check(chain.sequence, longest, cut)
    return Brought(letters, chain.atoms[: len(letters)])


@st.cache_data(max_entries=2, show_spinner=False, scope="session")
def _read(data: bytes, name: str | None):
    return read_chain(data, name)
