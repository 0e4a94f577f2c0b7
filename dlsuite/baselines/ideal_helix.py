"""A helix for every chain."""

from __future__ import annotations

import numpy as np

from dlsuite.baselines.windows import masked_input
from dlsuite.features.backbone import build_chain
from dlsuite.registry import register

PHI, PSI, OMEGA = np.deg2rad([-57.0, -47.0, 180.0])
"""Of the right-handed alpha helix: IUPAC-IUB 1969, https://iupac.qmul.ac.uk/misc/ppep3.html, table II."""


@register("baseline")
class IdealHelix:
    """Answers one straight alpha helix, as long as the chain."""

    learns = ["Structure"]

    def __init__(self) -> None:
        self.note = ""

    def fit(self, inputs: dict[str, np.ndarray], target: np.ndarray) -> None:
        """Does nothing: there is nothing to learn."""

    def predict(self, inputs: dict[str, np.ndarray]) -> list[dict[str, np.ndarray]]:
        """Returns the atoms of each chain, `atoms` [n, 5, 3]."""
        _, mask = masked_input(inputs)  # [chains, places]
        helix = build_chain(np.tile([PHI, PSI, OMEGA], (mask.shape[1], 1)))
        return [{"atoms": helix[:n]} for n in mask.sum(-1)]
