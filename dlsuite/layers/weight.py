"""A learned tensor."""

from __future__ import annotations

from typing import Annotated, Any

import keras
from keras import ops

from dlsuite.registry import Initializer, Range, register


@register("layer")
@keras.saving.register_keras_serializable("dlsuite")
class Weight(keras.layers.Layer):
    """Returns a learned tensor, repeated over the batch of what it reads.

    Args:
        shape: Lengths without the batch, all of them known.
        initializer: How it starts.

    Example:
        `{"Weight": {"shape": [1, 64], "name": "class_token"}}` gives (batch, 1, 64).
    """

    def __init__(
        self,
        *,
        shape: list[Annotated[int, Range(least=1)]],
        initializer: Initializer = "zeros",
        **options: Any,
    ):
        if any(length < 1 for length in shape):
            raise ValueError(f"shape is {list(shape)}; lengths are 1 or more")
        super().__init__(**options)
        self.shape = tuple(shape)
        self.initializer = keras.initializers.get(initializer)

    def build(self, inputs_shape: tuple[int | None, ...]) -> None:
        self.value = self.add_weight(shape=self.shape, initializer=self.initializer, name="value")

    def call(self, inputs: Any) -> Any:
        batch = ops.shape(inputs)[0]
        return ops.broadcast_to(ops.expand_dims(ops.cast(self.value, self.compute_dtype), 0), (batch, *self.shape))

    def compute_output_shape(self, inputs_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return (inputs_shape[0], *self.shape)  # (batch, *shape)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "shape": list(self.shape),
            "initializer": keras.initializers.serialize(self.initializer),
        }
