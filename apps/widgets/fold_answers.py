"""What a run made of a chain, with all that is drawn of it: computed once for each question."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st

from apps.widgets.models import Loaded, loaded
from apps.widgets.protein_questions import Question
from dlsuite.runs import Run

MODEL, TRUE, MIRRORED = "This run", "True structure", "Mirrored"


@dataclass(frozen=True)
class FoldAnswer:
    """A predicted structure, and what is known beside it.

    Attributes:
        files: The answer: its files by name.
        fold: The structure in it, a `dlsuite.folds.Fold`.
        true: True atoms [n, 5, 3], where they are known; else the rest is empty.
        lddt: Of each residue, [n], from 0 to 100, nan where it has no neighbours.
        others: Atoms of baselines by name.
        scores: Measures by name, of the run, its mirror image and the baselines.
    """

    files: Mapping[str, Any]
    fold: Any
    true: np.ndarray | None
    lddt: np.ndarray | None
    others: Mapping[str, np.ndarray]
    scores: Mapping[str, Mapping[str, float]]


def answer_fold(run: Run, question: Question) -> FoldAnswer:
    """Returns the answer of a run of FoldStructure to a question."""
    return _answer(str(run.path), question.fields, question.truth, loaded(run))


@st.cache_data(max_entries=8, show_spinner=False, scope="session")
def _answer(path: str, fields: dict[str, Any], truth: dict[str, Any], _loaded: Loaded) -> FoldAnswer:
    from dlsuite import folds
    from dlsuite.features.backbone import CA
    from dlsuite.metrics.proteins.lddt import measure_local_lddt

    run = _loaded.run
    (found,) = _loaded.predict(fields)
    files = found["output"]
    fold = folds.read_fold(files)
    true = _true_atoms(run, truth, len(fold.sequence))
    if true is None:
        return FoldAnswer(files, fold, None, None, {}, {})
    others = folds.answer_baselines(run, fields, true)
    shown = {MODEL: fold.atoms, MIRRORED: folds.mirror(fold.atoms), **others}
    scores = {name: folds.compare(atoms, true) for name, atoms in shown.items()}
    lddt = 100 * measure_local_lddt(fold.atoms[:, CA], true[:, CA])
    return FoldAnswer(files, fold, true, lddt, others, scores)


def _true_atoms(run: Run, truth: Mapping[str, Any], count: int) -> np.ndarray | None:
    """Returns the true atoms as the run's feature reads them; none where they are not known, or of another length."""
    target = run.plan.train[-1].objectives[0].target
    if target not in truth:
        return None
    feature = run.features[target]
    atoms = np.asarray(feature.decode(feature.encode(truth[target])), np.float64)
    return atoms if len(atoms) == count else None
