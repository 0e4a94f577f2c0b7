"""A predicted structure, drawn: viewer, figures beside baselines, confidence, maps, files."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from apps.widgets.faults import guard, plain
from apps.widgets.fold_answers import MIRRORED, MODEL, TRUE, FoldAnswer
from apps.widgets.pair_maps import pair_map
from apps.widgets.residue_charts import Range, choose_residues, lines

PALETTES = {"AlphaFold DB": "plddt", "For colour-blind eyes": "plddt_safe"}
MEASURES = {"lddt": "lDDT", "tm_score": "TM-score", "rmsd": "RMSD (Å)", "fape": "FAPE", "right_hand": "Right hand"}
FILES = {
    "pdb": ("PDB", "chemical/x-pdb"),
    "cif": ("mmCIF", "chemical/x-cif"),
    "maps": ("Maps (JSON)", "application/json"),
    "residues": ("Residues (CSV)", "text/csv"),
}
"""Of an answer: what they are called, and what they are."""


def show_fold(answer: FoldAnswer, name: str) -> None:
    """Draws the answer of a run of FoldStructure; its files are named after the run."""
    left, right = st.columns([3, 2], gap="medium")
    with right:
        mirrored, colours, beside = _controls(answer)
        _figures(answer, mirrored)
    with left:
        marked = choose_residues(answer.fold.sequence)
        with guard():
            _viewer(answer, mirrored, colours, beside, marked)
    _confidence(answer, marked)
    _maps(answer, marked)
    with st.container(horizontal=True):
        for key, (label, kind) in FILES.items():
            file = answer.files[key]
            st.download_button(label, file.data, f"{name}{file.suffix}", kind, key=f"file-{key}", on_click="ignore")


def _controls(answer: FoldAnswer) -> tuple[bool, str, str | None]:
    """Returns whether the mirror image is shown, in which colours, and what is drawn beside it."""
    colours = st.segmented_control(
        "Colours of confidence (pLDDT)", list(PALETTES), default=next(iter(PALETTES)), required=True, key="colours",
        bind="query-params",
    )  # fmt: skip
    if answer.true is None:
        st.caption("The true structure of this chain is not known here, so there is nothing to compare with.")
        return False, colours, None
    beside = st.segmented_control(
        "Laid on it, in grey", [TRUE, *answer.others], default=TRUE, key="beside", bind="query-params"
    )
    mirrored = st.toggle(
        "Mirror it", key="mirror", bind="query-params",
        help="Distances are those of the structure, so what looks at distances alone takes no notice.",
    )  # fmt: skip
    return mirrored, colours, beside


def _figures(answer: FoldAnswer, mirrored: bool) -> None:
    """Draws confidence, and the scores of this chain beside the baselines'."""
    sure = f"mean pLDDT **{answer.fold.plddt.mean():.1f}** of 100"
    st.markdown(f"{len(answer.fold.sequence)} residues, {sure}")
    if answer.true is None:
        return
    columns = [MODEL, *([MIRRORED] if mirrored else []), *answer.others]
    table = pd.DataFrame(
        {one: {label: _figure(answer.scores[one], key) for key, label in MEASURES.items()} for one in columns}
    ).rename_axis("score")
    st.dataframe(table, alt="Scores of this chain: " + "; ".join(_words(answer, one) for one in columns))
    if mirrored:
        before, after = answer.scores[MODEL], answer.scores[MIRRORED]
        st.markdown(
            f"lDDT stays at **{after['lddt']:.3f}**: it compares distances, and a mirror image keeps them all. FAPE "
            f"looks from the frame of each residue: it goes from **{before['fape']:.3f}** to **{after['fape']:.3f}**, "
            f"and TM-score from {before['tm_score']:.3f} to {after['tm_score']:.3f}."
        )
    st.caption("lDDT and TM-score: 1 is best. RMSD and FAPE: 0 is best. Of this chain alone, not of the test split.")


def _figure(scores: dict[str, float], key: str) -> str:
    if key not in scores:
        return "–"
    return ("yes" if scores[key] else "no") if key == "right_hand" else f"{scores[key]:.3f}"


def _words(answer: FoldAnswer, one: str) -> str:
    return f"{one} " + ", ".join(f"{label} {_figure(answer.scores[one], key)}" for key, label in MEASURES.items())


def _viewer(answer: FoldAnswer, mirrored: bool, colours: str, beside: str | None, marked: Range | None) -> None:
    from apps.components import viewer
    from dlsuite import folds
    from dlsuite.features.chain_files import write_chain

    fold = answer.fold
    atoms = folds.mirror(fold.atoms) if mirrored else fold.atoms
    named = MIRRORED if mirrored else MODEL
    structures = {named: write_chain(fold.sequence, atoms, fold.plddt).decode()}
    other = answer.true if beside == TRUE else answer.others.get(beside or "")
    if other is not None:
        zeros = np.zeros(len(other))
        structures[str(beside)] = write_chain(fold.sequence, folds.lay_on(other, atoms), zeros).decode()
    highlight = range(marked[0], marked[1] + 1) if marked else ()
    clicked = viewer(structures, key="viewer", colour=PALETTES[colours], highlight=highlight)
    if clicked:
        sure = f", pLDDT {clicked['plddt']:.1f}" if clicked["structure"] == named else ""
        st.caption(plain(f"{clicked['structure']}: residue {clicked['residue']}, {clicked['name']}{sure}"))


def _confidence(answer: FoldAnswer, marked: Range | None) -> None:
    values = {"Confidence (pLDDT)": answer.fold.plddt}
    words = f"Confidence along the chain, from {answer.fold.plddt.min():.0f} to {answer.fold.plddt.max():.0f} of 100"
    if answer.lddt is not None:
        values["True lDDT"] = answer.lddt
        words += f"; true lDDT from {np.nanmin(answer.lddt):.0f} to {np.nanmax(answer.lddt):.0f}"
    st.markdown("**How sure it is of each residue**" + (", beside how right it is" if answer.lddt is not None else ""))
    lines(values, answer.fold.sequence, marked, words)


def _maps(answer: FoldAnswer, marked: Range | None) -> None:
    from dlsuite import folds
    from dlsuite.metrics.proteins.contacts import DISTANCE as CONTACT

    fold, n = answer.fold, len(answer.fold.sequence)
    true = None if answer.true is None else folds.measure_distances(answer.true)
    contacts, distances = fold.contacts, fold.distances
    if true is not None:
        upper = np.triu(np.ones((n, n), bool), 1)
        contacts, distances = np.where(upper, true < CONTACT, contacts), np.where(upper, true, distances)
    st.markdown(
        "**Pairs of residues**" + ("" if true is None else ": the truth above the diagonal, below it the answer")
    )
    first, second, third = st.columns(3)
    likely = int((np.triu(fold.contacts, 6) > 0.5).sum())
    with first:
        words = f"Contacts: {likely} pairs of residues six or more apart in the chain are likelier than not"
        pair_map("Contacts", contacts, (0, 1), words, marked=marked)
    with second:
        words = f"Distances between residues, {fold.distances.mean():.0f} Å on average, told up to 22 Å"
        pair_map("Distances (Å)", distances, (2, 22), words, reverse=True, marked=marked)
    with third:
        words, axes = f"Expected errors, {fold.aligned_error.mean():.1f} Å on average", ("Scored residue", "Seen from")
        pair_map("Expected error (PAE, Å)", fold.aligned_error, (0, 32), words, reverse=True, marked=marked, axes=axes)
