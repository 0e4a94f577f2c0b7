"""Every stock Keras layer: in the catalogue, and built from a spec where a plain input suffices."""

from __future__ import annotations

import inspect
from typing import Any

import keras
import pytest

from dlsuite.cataloguing import DENIED
from dlsuite.graph import build
from dlsuite.spec import load
from dlsuite.spec.catalogue import load as load_catalogue
from dlsuite.spec.outputs import count_outputs

LAYERS = {name: cls for name, cls in vars(keras.layers).items() if inspect.isclass(cls)}
BUILT = [name for name in LAYERS if name not in DENIED]

ARGUMENTS: dict[str, dict[str, Any]] = {
    "Activation": {"activation": "relu"},
    "Bidirectional": {"layer": {"LSTM": {"units": 2}}},
    "Dot": {"axes": -1},
    "EinsumDense": {"equation": "btc,cd->btd", "output_shape": [None, 2]},
    "Embedding": {"input_dim": 9, "output_dim": 2},
    "GroupNormalization": {"groups": 1},
    "Permute": {"dims": [2, 1]},
    "Pipeline": {"layers": ["RandomFlip"]},
    "RandomPosterization": {"factor": 4},
    "RandomRotation": {"factor": 0.1},
    "Reshape": {"target_shape": [-1]},
    "ReversibleEmbedding": {"input_dim": 9, "output_dim": 2},
    "RNN": {"cell": {"LSTMCell": {"units": 2}}},
    "SpectralNormalization": {"layer": {"Dense": {"units": 2}}},
    "TimeDistributed": {"layer": {"Dense": {"units": 2}}},
    "IntegerLookup": {"vocabulary": [1, 2]},
    "Discretization": {"bin_boundaries": [0.0, 1.0]},
    "STFTSpectrogram": {"frame_length": 4, "fft_length": 4, "frame_step": 2},
    "MelSpectrogram": {"fft_length": 8, "sequence_stride": 4, "num_mel_bins": 4},
    "CategoryEncoding": {"num_tokens": 4},
    "Hashing": {"num_bins": 4},
    "HashedCrossing": {"num_bins": 4},
}
NUMBERS = {"rate": 0.5, "factor": 0.5, "stddev": 0.5, "height_factor": 0.1, "width_factor": 0.1, "scale": 0.5}
TWO = ("Add", "Average", "Concatenate", "Maximum", "Minimum", "Multiply", "Subtract", "Dot", "HashedCrossing")
SHAPES: dict[str, tuple[list[int | None], str]] = {
    **dict.fromkeys(("Embedding", "ReversibleEmbedding"), ([8], "int32")),
    **dict.fromkeys(("CategoryEncoding", "Hashing", "IntegerLookup"), ([4], "int32")),
    **dict.fromkeys(("Equalization", "RandomColorDegeneration", "RandomPosterization"), ([16, 16, 3], "float32")),
    "HashedCrossing": ([1], "int32"),
    **dict.fromkeys(("Bidirectional", "EinsumDense", "RNN", "Permute", "TimeDistributed"), ([4, 3], "float32")),
    **dict.fromkeys(("AdditiveAttention", "Attention"), ([4, 3], "float32")),
    **dict.fromkeys(("LSTM", "GRU", "SimpleRNN", "STFTSpectrogram"), ([8, 1], "float32")),
    **dict.fromkeys(("MelSpectrogram",), ([32], "float32")),
    **dict.fromkeys(("RepeatVector",), ([3], "float32")),
    **dict.fromkeys(("ConvLSTM1D",), ([4, 8, 3], "float32")),
    **dict.fromkeys(("ConvLSTM2D",), ([4, 8, 8, 3], "float32")),
    **dict.fromkeys(("ConvLSTM3D",), ([4, 8, 8, 8, 3], "float32")),
}
NOT_ALONE = {
    "Equalization": "written by hand it fails too: Keras 3.15 answers a symbolic image with the same tensor",
    "GRUCell": "a cell of RNN",
    "LSTMCell": "a cell of RNN",
    "SimpleRNNCell": "a cell of RNN",
    "StackedRNNCells": "a cell of RNN",
    "AugMix": "an augmentation: it reads a batch of images with its labels",
    "CutMix": "an augmentation: it reads a batch of images with its labels",
    "MixUp": "an augmentation: it reads a batch of images with its labels",
    "StringLookup": "it reads strings, which features turn into numbers before any layer",
    "TextVectorization": "it reads strings, which features turn into numbers before any layer",
    "MaxNumBoundingBoxes": "an augmentation: it reads boxes",
}


def spec_of(name: str) -> dict[str, Any]:
    """Returns a spec of one layer."""
    entry = load_catalogue().entry("layer", name)
    arguments = dict(ARGUMENTS.get(name, {}))
    for key, schema in entry["args"].items():
        if "default" not in schema and key not in arguments:
            arguments[key] = NUMBERS.get(key, 2)
    required = sum("default" not in value for value in entry["call"].values())
    shape, dtype = SHAPES.get(name, (_shape(name), "float32"))
    inputs: Any = {"x": {"Input": {"shape": shape, "dtype": dtype}}}
    if name in TWO:
        inputs["other"] = inputs["x"]
        arguments["inputs"] = ["x", "other"]
    elif name in ("AdditiveAttention", "Attention") or required == 2:
        arguments["inputs"] = ["x", "x"]
    return {"name": "one_layer", "model": {"inputs": inputs, "layers": [{name: arguments}]}}


def _shape(name: str) -> list[int | None]:
    dimensions = {"1D": 1, "2D": 2, "3D": 3}
    found = next((count for text, count in dimensions.items() if text in name), 2)
    return [*[16] * found, 4] if name != "PReLU" else [4]


@pytest.mark.parametrize("name", sorted(LAYERS))
def test_it_is_in_the_catalogue_or_refused_with_a_reason(name: str) -> None:
    if name in DENIED:
        assert DENIED[name]
        assert load_catalogue().entry("layer", name) is None
    else:
        assert load_catalogue().entry("layer", name) is not None


@pytest.mark.parametrize("name", sorted(set(BUILT) - set(NOT_ALONE)))
def test_it_is_built_from_a_spec(name: str) -> None:
    plan = load(spec_of(name)).plan()
    model = build(plan)["model"]
    node = plan.networks["model"].body.nodes[-1]
    assert count_outputs(load_catalogue(), {}, type(node), vars(node)) in (None, len(model.outputs))
    made = [layer for layer in model.layers if isinstance(layer, LAYERS[name])]
    assert len(made) == 1
    shapes = build(load(spec_of(name)).plan(), weights=False)["model"]
    assert [variable.shape for variable in shapes.variables] == [variable.shape for variable in model.variables]
    assert keras.tree.map_structure(lambda out: out.shape, shapes.outputs) == [out.shape for out in model.outputs]


def test_the_exceptions_are_few() -> None:
    assert set(NOT_ALONE) <= set(BUILT)
    assert len(NOT_ALONE) <= 11
