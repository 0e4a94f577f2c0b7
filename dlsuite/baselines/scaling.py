"""Structures from distances alone, by multidimensional scaling."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from dlsuite.features.backbone import ATOMS, CA
from dlsuite.registry import Range, register

STEP = 3.8
"""Between neighbours in the chain, in angstroms."""
ROUNDS = 200


@register("baseline")
class Scaling:
    """Alpha carbons by multidimensional scaling of noisy distances, drawn as the objective draws them.

    Distances cannot tell a structure from its mirror image, so of the two the better one counts: a help that the model
    does not get. What is not known is the shortest way over what is, and then only the known distances are fitted
    (SMACOF). De Leeuw 1977, "Applications of convex analysis to multidimensional scaling".

    Args:
        deviation: From and to: the noise of a chain's distances, in angstroms.
        missing: From and to: the share of a chain's distances that are left out.
        seed: Draws them.
    """

    learns = ["Structure"]

    def __init__(
        self,
        *,
        deviation: tuple[Annotated[float, Range(least=0, most=100)], float] = (0.0, 2.0),
        missing: tuple[Annotated[float, Range(least=0, most=1)], float] = (0.0, 0.9),
        seed: Annotated[int, Range(least=0)] = 0,
    ):  # type: ignore[assignment]
        self._deviation, self._missing, self._seed = deviation, missing, seed
        self.note = "of the two hands the better one"

    def fit(self, inputs: dict[str, np.ndarray], target: np.ndarray) -> None:
        """Does nothing: there is nothing to learn."""

    def predict(self, inputs: dict[str, np.ndarray]) -> list[dict[str, np.ndarray | bool]]:
        """Returns the alpha carbons of each chain, `atoms` [n, 5, 3], either hand of which counts.

        Raises:
            ValueError: No input is of distances.
        """
        name = next((name for name, values in inputs.items() if values.ndim == 3 and f"{name}.mask" in inputs), None)
        if name is None:
            raise ValueError("this baseline reads Distances, and the spec has none")
        rng = np.random.default_rng(self._seed)
        found = []
        for table, mask in zip(inputs[name], inputs[f"{name}.mask"], strict=True):
            n = int(mask.sum())
            noisy = disturb(table[:n, :n], rng, rng.uniform(*self._deviation), rng.uniform(*self._missing))
            found.append(as_answer(scale(noisy)))
        return found


def disturb(distances: np.ndarray, rng: np.random.Generator, deviation: float, missing: float) -> np.ndarray:
    """Returns distances [n, n] with noise, 0 where one is left out."""
    noise, luck = (np.triu(one, 1) for one in (rng.normal(size=distances.shape), rng.random(distances.shape)))
    noisy = np.maximum(distances + deviation * (noise + noise.T), 1.0)
    return np.where((distances > 0) & (luck + luck.T >= missing), noisy, 0.0)


def scale(distances: np.ndarray) -> np.ndarray:
    """Returns points [n, 3] whose distances fit those that are known, [n, n]; 0 where one is not."""
    from scipy.sparse.csgraph import shortest_path

    n = len(distances)
    known = distances > 0
    chain = np.zeros((n, n))
    chain[np.arange(n - 1), np.arange(1, n)] = STEP
    guess = shortest_path(np.where(known, distances, np.maximum(chain, chain.T)), directed=False)
    centre = np.eye(n) - 1 / n
    values, vectors = np.linalg.eigh(-0.5 * centre @ guess**2 @ centre)
    points = vectors[:, -3:] * np.sqrt(np.maximum(values[-3:], 1e-6))
    goal = np.where(known, distances, guess)
    weights = np.where(known, 1.0, 1e-3) * (1 - np.eye(n))
    laplacian = np.linalg.pinv(np.diag(weights.sum(1)) - weights)
    for _ in range(ROUNDS):  # the Guttman transform
        apart = np.linalg.norm(points[:, None] - points[None], axis=-1) + np.eye(n)
        pull = -weights * goal / np.maximum(apart, 1e-6)
        np.fill_diagonal(pull, 0)
        np.fill_diagonal(pull, -pull.sum(1))
        points = laplacian @ pull @ points
    return points


def as_answer(points: np.ndarray) -> dict[str, np.ndarray | bool]:
    """Returns points [n, 3] as alpha carbons of a structure, either hand of which counts."""
    atoms = np.full((len(points), len(ATOMS), 3), np.nan)
    atoms[:, CA] = points
    return {"atoms": atoms, "either_hand": True}
