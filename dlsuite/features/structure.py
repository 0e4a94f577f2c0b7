"""Structures of proteins."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any

import numpy as np

from dlsuite.features.backbone import ATOMS, CA, C, N
from dlsuite.features.chain_files import Chain, read_chain
from dlsuite.features.extent import Extent
from dlsuite.registry import Range, register


@register("feature")
class Structure:
    """The backbone of one protein chain: atoms N, CA, C, O and CB of each residue, in angstroms about their centre.

    It reads PDB, mmCIF and BinaryCIF (a path, or the contents), and arrays of coordinates. A residue that lacks N, CA
    or C is left out; each of the other atoms comes with whether it is there.

    Args:
        length: So many residues at most; by default any number, and batches are as long as their longest example.
        cut: Whether longer chains lose their end; by default they count as corrupt.
        chain: Its name in files; may be left out where a file has a single one.
        model: Which model of files, from 1.

    Example:
        >>> Structure(length=128).encode("1aki.pdb").shape  # residues, atoms; x, y, z and whether it is there
        (128, 5, 4)
    """

    domain = "protein"
    opens = True
    facts: dict[str, str] = {}
    tensor = {"shape": "=[length, 5, 4]", "dtype": "float32"}
    mask = {"shape": "=[length]", "dtype": "bool"}

    def __init__(
        self,
        *,
        length: Annotated[int, Range(least=1)] | None = None,
        cut: bool = False,
        chain: str | None = None,
        model: Annotated[int, Range(least=1)] = 1,
    ):
        self._extent = Extent(length, cut)
        self._chain, self._model = chain, model

    def fit(self, values: Iterable[Any]) -> None:
        """Finds the mean length of the training examples."""
        self._extent.fit(values, lambda raw: self.read(raw).sequence)

    def state(self) -> dict[str, Any]:
        """Returns what was fitted, as JSON."""
        return self._extent.state()

    def restore(self, state: dict[str, Any]) -> None:
        """Takes over what `state` returned."""
        self._extent.restore(state)

    def facts_fitted(self) -> dict[str, Any]:
        """Returns the shape of the tensor, and the mean length."""
        return self._extent.facts(len(ATOMS), 4)

    def read(self, raw: Any) -> Chain:
        """Returns the chain of a raw value.

        Raises:
            ValueError: It cannot be read.
        """
        if isinstance(raw, list | np.ndarray):
            atoms = _complete(raw)
            return Chain("X" * len(atoms), atoms, tuple(str(i + 1) for i in range(len(atoms))))
        return read_chain(raw, self._chain, self._model)

    def encode(self, raw: Any) -> np.ndarray:
        """Returns float32 [residues, 5, 4]: x, y, z, and 1 where the atom is there, else zeros.

        Raises:
            ValueError: It cannot be read, or is too long.
        """
        atoms = self._extent.fit_in(self.read(raw).atoms)
        present = ~np.isnan(atoms[..., 0])  # (n, 5)
        centred = np.where(present[..., None], atoms - atoms[:, CA].mean(axis=0), 0.0)  # (n, 5, 3)
        return np.concatenate([centred, present[..., None]], axis=-1).astype(np.float32)

    def decode(self, array: Any) -> np.ndarray:
        """Returns the coordinates, float32 [n, 5, 3], nan where an atom is absent."""
        values = np.asarray(array, np.float32)
        return np.where(values[..., 3:] > 0, values[..., :3], np.nan)


def _complete(raw: Any) -> np.ndarray:
    """Returns float32 [residues, 5, 3] of an array of the first 3, 4 or all 5 atoms, without residues that lack one.

    Raises:
        ValueError: It is none.
    """
    try:
        array = np.asarray(raw, np.float32)
    except (TypeError, ValueError):
        raise ValueError("is a list of other things than the coordinates of equally many atoms each") from None
    if array.ndim != 3 or array.shape[1] not in (3, 4, 5) or array.shape[2] != 3:
        raise ValueError(f"has shape {list(array.shape)}; [residues, 3 to 5 atoms ({', '.join(ATOMS)}), 3] is expected")
    array = array[np.isfinite(array[:, [N, CA, C]]).all(axis=(1, 2))]
    if not len(array):
        raise ValueError("has no residue with N, CA and C")
    atoms = np.full((len(array), len(ATOMS), 3), np.nan, np.float32)
    atoms[:, : array.shape[1]] = array
    return atoms
