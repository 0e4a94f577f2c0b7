"""The networks that benchmarks train on images (28, 28, 1): as layers of specs, and written by hand in Keras."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
from keras import layers


def convolutions(*filters: int) -> dict[str, Any]:
    """Returns convolutions, each normalised and halved in size, with so many filters."""
    conv = {"Conv2D": {"filters": "=filters", "kernel_size": 3, "padding": "same", "use_bias": False}}
    return {
        "Repeat": {
            "over": list(filters),
            "item": "filters",
            "layers": [conv, "BatchNormalization", "ReLU", "MaxPooling2D"],
        }
    }


MLP = [
    "Flatten",
    {"Repeat": {"times": 2, "layers": [{"Dense": {"units": 256, "activation": "relu"}}, {"Dropout": {"rate": 0.2}}]}},
    {"Dense": {"units": 10, "name": "label"}},
]
CNN = [convolutions(16, 32), "GlobalAveragePooling2D", {"Dense": {"units": 10, "name": "label"}}]
LSTM = [
    {"Reshape": {"target_shape": [28, 28]}},
    {"LSTM": {"units": 32, "return_sequences": True}},
    {"Bidirectional": {"layer": {"LSTM": {"units": 32}}}},
    {"Dense": {"units": 10, "name": "label"}},
]
TRANSFORMER = [
    {"Reshape": {"target_shape": [28, 28]}},
    {"Dense": {"units": 64}},
    {
        "Repeat": {
            "times": 2,
            "layers": [
                {
                    "Residual": {
                        "layers": [
                            "LayerNormalization",
                            {
                                "MultiHeadAttention": {
                                    "num_heads": 4,
                                    "key_dim": 16,
                                    "inputs": ["@previous", "@previous"],
                                }
                            },
                        ]
                    }
                },
                {
                    "Residual": {
                        "layers": [
                            "LayerNormalization",
                            {"Dense": {"units": 256, "activation": "gelu"}},
                            {"Dense": {"units": 64}},
                        ]
                    }
                },
            ],
        }
    },
    "GlobalAveragePooling1D",
    {"Dense": {"units": 10, "name": "label"}},
]
LAYERS: dict[str, list[Any]] = {"mlp": MLP, "cnn": CNN, "lstm": LSTM, "transformer": TRANSFORMER}


def write_mlp() -> keras.Model:
    """Returns the MLP as one writes it."""
    image = keras.Input((28, 28, 1))
    x = layers.Flatten()(image)
    for _ in range(2):
        x = layers.Dense(256, activation="relu")(x)
        x = layers.Dropout(0.2)(x)
    return keras.Model(image, layers.Dense(10)(x))


def write_cnn() -> keras.Model:
    """Returns the CNN as one writes it."""
    image = x = keras.Input((28, 28, 1))
    for filters in (16, 32):
        x = layers.Conv2D(filters, 3, padding="same", use_bias=False)(x)
        x = layers.BatchNormalization()(x)
        x = layers.ReLU()(x)
        x = layers.MaxPooling2D()(x)
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(image, layers.Dense(10)(x))


def write_lstm() -> keras.Model:
    """Returns the LSTM over the rows of an image, as one writes it."""
    image = keras.Input((28, 28, 1))
    x = layers.Reshape((28, 28))(image)
    x = layers.LSTM(32, return_sequences=True)(x)
    x = layers.Bidirectional(layers.LSTM(32))(x)
    return keras.Model(image, layers.Dense(10)(x))


def write_transformer() -> keras.Model:
    """Returns the Transformer over the rows of an image, as one writes it."""
    image = keras.Input((28, 28, 1))
    x = layers.Reshape((28, 28))(image)
    x = layers.Dense(64)(x)
    for _ in range(2):
        y = layers.LayerNormalization()(x)
        y = layers.MultiHeadAttention(4, 16)(y, y)
        x = layers.Add()([x, y])
        y = layers.LayerNormalization()(x)
        y = layers.Dense(256, activation="gelu")(y)
        y = layers.Dense(64)(y)
        x = layers.Add()([x, y])
    x = layers.GlobalAveragePooling1D()(x)
    return keras.Model(image, layers.Dense(10)(x))


WRITERS: dict[str, Callable[[], keras.Model]] = {
    "mlp": write_mlp,
    "cnn": write_cnn,
    "lstm": write_lstm,
    "transformer": write_transformer,
}
