"""Distances as measurements give them: noisy, and not all of them."""

from __future__ import annotations

from typing import Any

from keras import ops

NEAREST = 1.0


def disturb(distances: Any, jitter: Any, luck: Any, deviation: Any, missing: Any) -> Any:
    """Returns symmetric distances (batch, n, n) with noise, 0 where one is not known.

    Args:
        distances: True ones in angstroms, 0 where one is not known, (batch, n, n).
        jitter: Normal numbers, (batch, n, n), of which those above the diagonal count.
        luck: Uniform numbers from 0 to 1, the same.
        deviation: Of the noise in angstroms, (batch,).
        missing: The share of distances that are left out, (batch,).
    """
    jitter, luck = (_mirror(one) for one in (jitter, luck))
    known = (distances > 0) & (luck >= ops.reshape(missing, (-1, 1, 1)))
    noisy = ops.maximum(distances + ops.reshape(deviation, (-1, 1, 1)) * jitter, NEAREST)
    return ops.where(known, noisy, 0.0)


def _mirror(values: Any) -> Any:
    upper = ops.triu(values, 1)
    return upper + ops.transpose(upper, (0, 2, 1))
