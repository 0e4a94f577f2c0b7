"""Layers that add or turn by the number of the position."""

from __future__ import annotations

from typing import Any

from dlsuite.stepping.rules import Cache, Refusal, rule


@rule("PositionEmbedding", "SinePositionEncoding", "RotaryEmbedding", "TokenAndPositionEmbedding")
def number(layer: Any, cache: Cache, inputs: Any, start_index: int = 0, positions: Any = None) -> Any:
    """Returns what a layer of keras-hub gives when it counts from the first new position."""
    if positions is not None:
        raise Refusal("is given positions of its own")
    if getattr(layer, "sequence_axis", 1) not in (1, 1 - len(inputs.shape)):
        raise Refusal(f"counts positions along axis {layer.sequence_axis}, not along the second")
    return layer(inputs, start_index=cache.start + start_index)
