"""Convolutions over time that look back alone: what they read of earlier positions is kept."""

from __future__ import annotations

from typing import Any

from keras import ops

from dlsuite.stepping.rules import Cache, Refusal, rule


@rule("Conv1D")
def convolve(layer: Any, cache: Cache, inputs: Any) -> Any:
    """Returns a causal convolution at new positions, of them and of as many before as the kernel reaches."""
    if layer.padding != "causal":
        raise Refusal(f'looks at later positions, with padding "{layer.padding}"')
    if layer.strides != (1,) or layer.data_format != "channels_last":
        raise Refusal("gives other positions than it reads")
    reach = layer.dilation_rate[0] * (layer.kernel_size[0] - 1)
    whole = ops.pad(cache.extend("inputs", inputs), [[0, 0], [reach, 0], [0, 0]])  # (rows, reach + length, channels)
    rows, new, channels = whole.shape[0], inputs.shape[1], inputs.shape[2]
    near = ops.slice(whole, [0, cache.start, 0], [rows, reach + new, channels])
    return layer(near)[:, reach:]
