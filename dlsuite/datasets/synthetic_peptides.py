"""Synthetic peptides, built from torsion angles."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np

from dlsuite.datasets.examples import Examples
from dlsuite.features.amino_acids import LETTERS
from dlsuite.features.backbone import CA, build_chain
from dlsuite.features.chain_files import complete_beta
from dlsuite.registry import Range, register

# Mean phi, psi and how far they spread, in degrees, of helix, strand, and the regions that loops visit.
REGIONS = {"H": [(-63, -43, 6)], "E": [(-120, 130, 12)], "C": [(-65, 145, 15), (-70, -35, 15), (-95, 0, 15)]}
LEFT_HANDED = (57, 40, 10)
"""Where glycine and asparagine may turn in loops."""
LENGTHS = {"H": (8, 16), "E": (4, 9), "C": (2, 6)}
# Which amino acids are drawn more often, so that the sequence tells something of the structure.
FAVOURED = {"H": "AELMQKRH", "E": "VIYFWTC", "C": "GNPSD"}
CLASH = 3.8
"""Nearer alpha carbons, in angstroms, that are no neighbours in the chain: such a peptide is drawn anew."""


@register("dataset")
class SyntheticPeptides:
    """Synthetic peptides: no measured structures, but chains with ideal bonds whose torsion angles are drawn.

    Helices, strands and loops follow one another, each with torsion angles of its region of the Ramachandran plot, and
    amino acids that favour it. Peptides in which alpha carbons clash are drawn anew. They need no file. `secondary`
    holds the letters H, E and C.

    Args:
        count: So many peptides.
        shortest: Fewest residues.
        longest: Most residues.
        seed: Decides which.
    """

    fields: dict[str, dict[str, Any]] = {"sequence": {}, "structure": {}, "secondary": {}}
    licence = "none needed: synthetic"
    origin = "computed: NeRF (doi:10.1002/jcc.20237) with bond geometry of Engh and Huber 1991"

    def __init__(
        self,
        *,
        count: Annotated[int, Range(least=1, most=100000)] = 400,
        shortest: Annotated[int, Range(least=4, most=256)] = 16,
        longest: Annotated[int, Range(least=4, most=256)] = 32,
        seed: Annotated[int, Range(least=0)] = 0,
    ):
        if not 4 <= shortest <= longest <= 256:
            raise ValueError(f"lengths from {shortest} to {longest} are asked for; 4 to 256 can be built")
        if not 1 <= count <= 100_000:
            raise ValueError(f"count is {count}; it is from 1 to 100,000")
        self._count, self._lengths, self._seed = count, (shortest, longest), seed
        self.note = "synthetic peptides: built from drawn torsion angles, not measured"

    def splits(self) -> dict[str, Examples]:
        """Returns all peptides: fields `sequence`, `structure`, float32 [n, 5, 3], and `secondary`."""
        peptides: dict[int, tuple[str, np.ndarray, str]] = {}
        generators = np.random.default_rng(self._seed).spawn(self._count)
        lengths = [int(rng.integers(self._lengths[0], self._lengths[1] + 1)) for rng in generators]
        while missing := [i for i in range(self._count) if i not in peptides]:
            drawn = _draw([generators[i] for i in missing], [lengths[i] for i in missing])
            peptides |= {i: one for i, one in zip(missing, drawn, strict=True) if not _clashes(one[1])}
        sequences, structures, secondaries = zip(*(peptides[i] for i in range(self._count)), strict=True)
        columns = {"sequence": sequences, "structure": structures, "secondary": secondaries}
        return {"all": Examples(columns, lambda i: f"synthetic peptide {i}")}


def _draw(generators: list[np.random.Generator], lengths: list[int]) -> list[tuple[str, np.ndarray, str]]:
    """Returns sequence, structure and secondary structure of peptides, one by each generator."""
    torsions = np.zeros((len(lengths), max(lengths), 3))
    written = []
    for i, (rng, length) in enumerate(zip(generators, lengths, strict=True)):
        secondary = _draw_secondary(rng, length)
        sequence = "".join(_draw_residue(rng, kind) for kind in secondary)
        torsions[i, :length] = [_draw_torsions(rng, *pair) for pair in zip(sequence, secondary, strict=True)]
        written.append((sequence, secondary))
    chains = build_chain(np.deg2rad(torsions))
    found = []
    for (sequence, secondary), atoms in zip(written, chains, strict=True):
        atoms = atoms[: len(sequence)]
        centred = (atoms - atoms[:, CA].mean(axis=0)).astype(np.float32)
        found.append((sequence, complete_beta(sequence, centred), secondary))
    return found


def _clashes(atoms: np.ndarray) -> bool:
    gaps = np.linalg.norm(atoms[:, None, CA] - atoms[None, :, CA], axis=-1)  # (n, n)
    return bool(gaps[np.triu_indices(len(atoms), 3)].min() < CLASH)


def _draw_secondary(rng: np.random.Generator, length: int) -> str:
    found = ""
    while len(found) < length:
        kind = "HE"[rng.integers(2)]
        for one in ("C", kind):
            shortest, longest = LENGTHS[one]
            found += one * int(rng.integers(shortest, longest + 1))
    return found[:length]


def _draw_residue(rng: np.random.Generator, kind: str) -> str:
    return _pick(rng, FAVOURED[kind] if rng.random() < 0.7 else LETTERS)


def _draw_torsions(rng: np.random.Generator, letter: str, kind: str) -> tuple[float, float, float]:
    """Returns phi, psi and omega in degrees."""
    regions = [*REGIONS[kind], *([LEFT_HANDED] if kind == "C" and letter in "GN" else [])]
    phi, psi, spread = _pick(rng, regions)
    return phi + spread * rng.standard_normal(), psi + spread * rng.standard_normal(), 180 + 3 * rng.standard_normal()


def _pick(rng: np.random.Generator, choices: Any) -> Any:
    return choices[rng.integers(len(choices))]
