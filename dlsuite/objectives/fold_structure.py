"""The structure of a protein chain."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any

import keras
import numpy as np
from keras import ops

from dlsuite.features.backbone import CA, CB, PEPTIDE_BREAK, C, N, O
from dlsuite.features.chain_files import write_chain
from dlsuite.metrics.proteins.chains import score_chains
from dlsuite.objectives.folding.frames import find_frames, find_torsions, place_atoms
from dlsuite.objectives.folding.losses import (
    DISTANCES,
    ERRORS,
    measure_aligned_errors,
    measure_confidence,
    measure_distogram,
    measure_error_bins,
    measure_fape,
    measure_hand,
    measure_local_lddt,
    measure_torsions,
)
from dlsuite.objectives.folding.restraints import disturb
from dlsuite.objectives.media import Media
from dlsuite.objectives.objective import Objective
from dlsuite.objectives.play import Play
from dlsuite.registry import Input, Network, Output, Range, register
from dlsuite.spec.errors import DataError

CLAMP = 10.0
"""Errors above so many angstroms count no more where they are clamped."""

CONTACT = 8.0
"""Beta carbons that are nearer touch, in angstroms."""
PAIRS = ("contacts", "distances", "aligned_error")
"""What an answer says of each pair of residues."""


@register("objective")
class FoldStructure(Objective):
    """Frames of residues, and from them the atoms of the backbone, learned by the frame aligned point error.

    The loss is that of AlphaFold 2 without side chains: half of the error of all atoms of the last step, half of that
    of the alpha carbons over all steps together with the torsions', 0.3 of the distogram's, 0.01 of the confidence's
    and 0.1 of the aligned errors'. Jumper et al. 2021, doi:10.1038/s41586-021-03819-2, supplement 1.9.

    The network gives `trajectory`, frames of each step (steps, residues, 3, 4: rotation and place in angstroms);
    `torsions`, sines and cosines of omega, phi and that of N-CA-C-O (residues, 3, 2); and logits: `distogram`
    (residues, residues, 64), `confidence` (residues, bins), `aligned_error` (residues, residues, 64).

    An answer has the structure as PDB and mmCIF with confidence (pLDDT) in the place of B-factors, JSON of distances
    and expected errors, and CSV of residues.

    Args:
        network: That folds.
        sequence: The amino acids, an input of the feature Residues.
        distances: An input of the feature Distances, which the network reads too. In training and in evaluation they
            are made noisy and partial first, drawn anew each time; in prediction they are taken as they are given.
        deviation: From and to: the noise of a chain's distances, in angstroms.
        missing: From and to: the share of a chain's distances that are left out.
        clamped: In such a share of the training examples errors above 10 angstroms count no more.
        points: An output, alpha carbons (residues, 3) that may be the mirror image of the right ones.
        twist: An output, the logit (1) that they are not: 0.1 of its cross-entropy is added to the loss.
    """

    learns = ["Structure"]
    measures = ["fape", "backbone_fape", "torsions", "distogram", "confidence", "aligned_error", "lddt"]
    scored = [
        "lddt", "lddt_low", "lddt_high", "tm_score", "tm_score_low", "tm_score_high", "rmsd", "right_hand",
        "precision_l", "precision_l5", "bond_violations", "clashes", "calibration_error",
    ]  # fmt: skip
    rises = False

    def __init__(
        self,
        *,
        network: Network = "model",
        sequence: Input = "sequence",
        distances: Input | None = None,
        deviation: tuple[Annotated[float, Range(least=0, most=100)], float] = (0.0, 2.0),  # type: ignore[assignment]
        missing: tuple[Annotated[float, Range(least=0, most=1)], float] = (0.0, 0.9),  # type: ignore[assignment]
        clamped: Annotated[float, Range(least=0, most=1)] = 0.9,
        points: Output | None = None,
        twist: Output | None = None,
    ):
        if (points is None) != (twist is None):
            raise ValueError("points and twist go together: one tells of the other")
        if not 0 <= clamped <= 1:
            raise ValueError(f"clamped is {clamped}; it is a share from 0 to 1")
        for name, (low, high), most in (("deviation", deviation, 100.0), ("missing", missing, 1.0)):
            if not 0 <= low <= high <= most:
                raise ValueError(f"{name} goes from {low} to {high}; it lies between 0 and {most:g}")
        self.network = network
        self.sequence = sequence
        self.distances = distances
        self.deviation = deviation
        self.missing = missing
        self.clamped = clamped
        self.points = points
        self.twist = twist

    def players(self) -> dict[str, tuple[str, ...]]:
        """Returns one loss."""
        return {"": (self.network,)}

    def noise(self, networks: Mapping[str, keras.Model]) -> dict[str, tuple[str, tuple[int, ...]]]:
        """Returns what says whether errors of an example are clamped, and what disturbs its distances."""
        clamped: dict[str, tuple[str, tuple[int, ...]]] = {"clamped": ("uniform", ())}
        if self.distances is None:
            return clamped
        pairs = tuple(networks[self.network].input[self.distances].shape[1:])
        return clamped | {
            "jitter": ("normal", pairs),
            "luck": ("uniform", pairs),
            "deviation": ("uniform", ()),
            "missing": ("uniform", ()),
        }

    def measure(self, play: Play, player: str) -> dict[str, Any]:
        """Returns the loss and its terms."""
        made = {name: ops.cast(one, "float32") for name, one in self.fold(play).items()}
        truth = play.targets[play.task.target]  # (batch, residues, 5, 4)
        residues = ops.cast(play.targets[f"{play.task.target}.mask"], "float32")  # (batch, residues)
        atoms, there = truth[..., :3], truth[..., 3] * residues[..., None]
        frames = find_frames(atoms)
        steps = made["trajectory"][..., :3], made["trajectory"][..., 3]  # (batch, steps, residues, 3, 3) and (..., 3)
        free = ops.cast(play.noise["clamped"] >= self.clamped, "float32") if play.training else 0.0
        clamp = ops.reshape(CLAMP + 1e6 * free, (-1, 1, 1))

        errors = [
            measure_aligned_errors((steps[0][:, i], steps[1][:, i], steps[1][:, i]), (*frames, atoms[..., CA, :]))
            for i in range(steps[0].shape[1])
        ]  # of each step (batch, residues, residues)
        backbone = sum(measure_fape(one, residues, residues, clamp) for one in errors) / len(errors)
        placed = place_atoms(steps[0][:, -1], steps[1][:, -1], _unit(made["torsions"][..., 2, :]))
        flat = [ops.reshape(one, (ops.shape(one)[0], -1, 3)) for one in (placed, atoms)]
        seen = ops.reshape(there, (ops.shape(there)[0], -1))
        whole = measure_aligned_errors((steps[0][:, -1], steps[1][:, -1], flat[0]), (*frames, flat[1]))
        fape = measure_fape(whole, residues, seen, clamp)
        torsions = measure_torsions(made["torsions"], *_torsions(atoms, there, residues))
        lddt = measure_local_lddt(steps[1][:, -1], atoms[..., CA, :], residues)
        distogram = measure_distogram(made["distogram"], _beta(atoms, there), residues)
        confidence = measure_confidence(made["confidence"], lddt, residues)
        pae = measure_error_bins(made["aligned_error"], errors[-1], residues)
        loss = 0.5 * fape + 0.5 * (backbone + torsions) + 0.3 * distogram + 0.01 * confidence + 0.1 * pae
        if self.points is not None:
            loss = loss + 0.1 * measure_hand(made[self.twist], made[self.points], atoms[..., CA, :], residues)
        count = ops.maximum(ops.sum(residues, axis=-1), 1.0)
        return {
            "loss": loss,
            "fape": fape,
            "backbone_fape": backbone,
            "torsions": torsions,
            "distogram": distogram,
            "confidence": confidence,
            "aligned_error": pae,
            "lddt": ops.sum(lddt * residues, axis=-1) / count,
        }

    def fold(self, play: Play) -> dict[str, Any]:
        """Returns the outputs of the network, its distances disturbed."""
        if self.distances is None:
            return play.run(self.network)
        amounts = (
            low + (high - low) * play.noise[name]
            for name, (low, high) in (("deviation", self.deviation), ("missing", self.missing))
        )
        true = play.inputs[self.distances]
        disturbed = disturb(true, play.noise["jitter"], play.noise["luck"], *amounts)
        return play.run(self.network, **{self.distances: disturbed})

    def respond(self, play: Play) -> list[dict[str, np.ndarray]]:
        """Returns `atoms` [n, 5, 3], `plddt` [n] from 0 to 1, `contacts` (how likely, [n, n]), `distances` and
        `aligned_error` (expected, [n, n] in angstroms) and the letters of each chain."""
        _check_lengths(play)
        return self._describe(play, play.run(self.network))

    def digest(self, play: Play) -> list[dict[str, np.ndarray]]:
        """Returns what `respond` does."""
        return self._describe(play, self.fold(play))

    def _describe(self, play: Play, made: Mapping[str, Any]) -> list[dict[str, Any]]:
        made = {name: ops.cast(one, "float32") for name, one in made.items()}
        last = made["trajectory"][:, -1]  # (batch, residues, 3, 4)
        placed = place_atoms(last[..., :3], last[..., 3], _unit(made["torsions"][..., 2, :]))
        sure, far, off = (
            ops.convert_to_numpy(ops.softmax(made[name], axis=-1))
            for name in ("confidence", "distogram", "aligned_error")
        )  # (batch, n, 50) and (batch, n, n, 64)
        found = {
            "atoms": ops.convert_to_numpy(placed),
            "plddt": sure @ _middles(np.linspace(0, 1, sure.shape[-1] + 1)),
            "contacts": far[..., : int((DISTANCES < CONTACT).sum()) + 1].sum(-1),
            "distances": far @ _middles([2.0, *DISTANCES, 22.0]),
            "aligned_error": off @ _middles([0.0, *ERRORS, 32.0]),
        }
        letters = ops.convert_to_numpy(play.inputs[self.sequence])
        lengths = ops.convert_to_numpy(play.inputs[f"{self.sequence}.mask"]).sum(-1)
        feature = play.features[self.sequence]
        return [
            {name: one[i, :n, :n] if name in PAIRS else one[i, :n] for name, one in found.items()}
            | {"sequence": feature.decode(letters[i, :n])}
            for i, n in enumerate(lengths)
        ]

    def answer(self, output: Mapping[str, Any], feature: Any) -> dict[str, Any]:
        """Returns the mean confidence, the letters, and files of the structure and of what was found of it."""
        letters, plddt = output["sequence"], 100 * output["plddt"]
        tables = {name: np.round(output[name], 2).tolist() for name in PAIRS}
        rows = [f"{i},{letter},{score:.2f}" for i, (letter, score) in enumerate(zip(letters, plddt, strict=True), 1)]
        return {
            "sequence": letters,
            "plddt": float(plddt.mean()),
            "pdb": Media(write_chain(letters, output["atoms"], plddt), ".pdb"),
            "cif": Media(write_chain(letters, output["atoms"], plddt, "cif"), ".cif"),
            "maps": Media(json.dumps({"sequence": letters, **tables}).encode(), ".json"),
            "residues": Media("\n".join(["residue,letter,plddt", *rows, ""]).encode(), ".csv"),
        }

    def scores(self, outputs: Any, targets: np.ndarray, feature: Any) -> dict[str, float]:
        """Returns means over the chains; of lDDT and TM-score the 95% interval too, by bootstrap."""
        return score_chains(outputs, [feature.decode(one) for one in targets])

    def samples(self, outputs: Any, targets: np.ndarray, feature: Any) -> list[tuple[str, Media | str]]:
        """Returns the first two structures."""
        return [(f"chain {i + 1}", self.answer(one, feature)["pdb"]) for i, one in enumerate(outputs[:2])]


def _middles(borders: Any) -> np.ndarray:
    borders = np.asarray(borders, np.float32)
    return (borders[1:] + borders[:-1]) / 2


def _unit(vector: Any) -> Any:
    return vector / ops.sqrt(ops.sum(ops.square(vector), axis=-1, keepdims=True) + 1e-6)


def _beta(atoms: Any, there: Any) -> Any:
    """Returns beta carbons, those of glycine being its alpha carbon, (batch, residues, 3)."""
    return ops.where(there[..., CB, None] > 0, atoms[..., CB, :], atoms[..., CA, :])


def _torsions(atoms: Any, there: Any, residues: Any) -> tuple[Any, Any]:
    """Returns omega, phi and N-CA-C-O, (batch, residues, 3, 2), and which of them are defined, (batch, residues, 3)."""
    before = ops.roll(atoms, 1, axis=1)
    n, ca, c, o = (atoms[..., k, :] for k in (N, CA, C, O))
    omega = find_torsions(before[..., CA, :], before[..., C, :], n, ca)
    phi = find_torsions(before[..., C, :], n, ca, c)
    psi = find_torsions(n, ca, c, o)
    gaps = ops.sum(ops.square(n - before[..., C, :]), axis=-1)  # (batch, residues)
    first = ops.cast(ops.arange(ops.shape(residues)[1]) > 0, "float32")
    bound = ops.cast(gaps <= PEPTIDE_BREAK**2, "float32") * first * residues * ops.roll(residues, 1, axis=1)
    return ops.stack([omega, phi, psi], axis=-2), ops.stack([bound, bound, there[..., O]], axis=-1)


def _check_lengths(play: Play) -> None:
    """Checks that the inputs of each example have as many residues.

    Raises:
        DataError: They differ.
    """
    masks = {name.removesuffix(".mask"): one for name, one in play.inputs.items() if name.endswith(".mask")}
    counts = {name: ops.convert_to_numpy(mask).sum(axis=-1) for name, mask in masks.items()}
    for found in zip(*counts.values(), strict=True):
        if len(set(found)) > 1:
            told = " and ".join(f"{n} in `{name}`" for name, n in zip(counts, found, strict=True))
            raise DataError(f"The inputs of a chain have different numbers of residues: {told}.")
