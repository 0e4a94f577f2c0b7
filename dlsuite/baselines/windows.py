"""The places of sequences as rows: each with its neighbours."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np


def masked_input(inputs: Mapping[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Returns the first input of varying length, [n, places], and its mask.

    Raises:
        ValueError: There is none.
    """
    for name, values in inputs.items():
        if f"{name}.mask" in inputs and values.dtype.kind in "iu" and values.ndim == 2:
            return values, inputs[f"{name}.mask"]
    raise ValueError("this baseline reads a sequence of whole numbers with its mask, and the spec has none")


def cut_windows(numbers: np.ndarray, mask: np.ndarray, width: int, kinds: int) -> np.ndarray:
    """Returns one-hot rows of the filled places with `width` neighbours on either side, [filled, kinds * (2w + 1)].

    Args:
        numbers: [n, places], from 0.
        mask: Which places are filled, [n, places].
        width: So many neighbours on either side; what lies outside is zeros.
        kinds: How many numbers there are.
    """
    padded = np.pad(np.where(mask, numbers, kinds), ((0, 0), (width, width)), constant_values=kinds)
    views = np.lib.stride_tricks.sliding_window_view(padded, 2 * width + 1, axis=1)[mask]  # [filled, 2w + 1]
    return np.eye(kinds + 1, kinds, dtype=np.float32)[views].reshape(len(views), -1)
