"""How many tensors a call makes, as the catalogue says, is how many it makes when it is built."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest

from dlsuite.cataloguing.choices import OUTPUTS as LAYERS
from dlsuite.cataloguing.operations import OUTPUTS as OPERATIONS
from dlsuite.graph import build
from dlsuite.spec import load
from dlsuite.spec.catalogue import load as load_catalogue
from dlsuite.spec.outputs import count_outputs
from dlsuite.spec.plan import Component, OpCall

COMPLEX = {"x": ["x", "x"]}
SEQUENCES = {"frames": [4, 4], "images": [4, 8, 3], "pictures": [4, 8, 8, 3], "volumes": [4, 8, 8, 8, 3]}
INPUTS = {"x": [4, 4], **SEQUENCES}
STATES = {"return_state": True}
SCORES = {"query": "x", "value": "x", "return_attention_scores": True}
CALLS: list[tuple[str, dict[str, Any]]] = [
    ("ops.array_split", {"indices_or_sections": 3, "axis": 1}),
    ("ops.ctc_decode", {"inputs": {"inputs": "x", "sequence_lengths": [3]}}),
    ("ops.dsplit", {"indices_or_sections": 2}),
    ("ops.eig", {}),
    ("ops.eigh", {}),
    ("ops.fft", {"inputs": COMPLEX}),
    ("ops.fft2", {"inputs": COMPLEX}),
    ("ops.histogram", {}),
    ("ops.hsplit", {"indices_or_sections": [1, 2]}),
    ("ops.ifft2", {"inputs": COMPLEX}),
    ("ops.lu_factor", {}),
    ("ops.meshgrid", {"inputs": ["x", "x", "x"]}),
    ("ops.moments", {"axes": [1]}),
    ("ops.qr", {}),
    ("ops.rfft", {}),
    ("ops.slogdet", {}),
    ("ops.split", {"indices_or_sections": 2, "axis": 1}),
    ("ops.split", {"indices_or_sections": [1, 3], "axis": 1}),
    ("ops.stft", {"sequence_length": 4, "sequence_stride": 2, "fft_length": 4}),
    ("ops.svd", {}),
    ("ops.svd", {"compute_uv": False}),
    ("ops.top_k", {"k": 2}),
    ("ops.unstack", {"axis": 1}),
    ("LSTM", {"units": 2, **STATES}),
    ("GRU", {"units": 2, **STATES}),
    ("SimpleRNN", {"units": 2, **STATES}),
    ("RNN", {"cell": {"LSTMCell": {"units": 2}}, **STATES}),
    ("Bidirectional", {"layer": {"GRU": {"units": 2, **STATES}}}),
    ("ConvLSTM1D", {"filters": 2, "kernel_size": 2, "inputs": "images", **STATES}),
    ("ConvLSTM2D", {"filters": 2, "kernel_size": 2, "inputs": "pictures", **STATES}),
    ("ConvLSTM3D", {"filters": 2, "kernel_size": 2, "inputs": "volumes", **STATES}),
    ("MultiHeadAttention", {"num_heads": 2, "key_dim": 2, "inputs": SCORES}),
    ("GroupQueryAttention", {"head_dim": 2, "num_query_heads": 2, "num_key_value_heads": 2, "inputs": SCORES}),
    ("Attention", {"inputs": {"inputs": ["x", "x"], "return_attention_scores": True}}),
    ("AdditiveAttention", {"inputs": {"inputs": ["x", "x"], "return_attention_scores": True}}),
]
OF_VALUES: list[tuple[str, dict[str, Any]]] = [
    ("linspace", {"start": 0, "stop": 1, "num": 4, "retstep": True}),
    ("linspace", {"start": 0, "stop": 1}),
    ("unique", {"x": [1, 2, 1]}),
    ("unique", {"x": [1, 2, 1], "return_index": True, "return_counts": True}),
    ("vsplit", {"x": np.ones((4, 2)), "indices_or_sections": 2}),
]
"""Functions whose shapes values tell, or that take the batch apart."""

UNKNOWN = {
    "lstsq", "nonzero", "unravel_index", "GRUCell", "LSTMCell", "SimpleRNNCell", "StackedRNNCells",
    "SpectralNormalization", "TimeDistributed",
}  # fmt: skip


@pytest.mark.parametrize("name, arguments", CALLS, ids=[f"{i}-{name}" for i, (name, _) in enumerate(CALLS)])
def test_it_makes_as_many_as_the_catalogue_says(name: str, arguments: dict[str, Any]) -> None:
    used = {key: shape for key, shape in INPUTS.items() if f"'{key}'" in str(arguments)} or {"x": INPUTS["x"]}
    network = {
        "inputs": {key: {"Input": {"shape": shape}} for key, shape in used.items()},
        "layers": [{name: arguments}],
    }
    plan = load({"name": "test", "model": network}).plan()
    made = build(plan)["model"].outputs
    node = plan.networks["model"].body.nodes[-1]
    known = count_outputs(load_catalogue(), {}, type(node), vars(node))
    assert known == len(made) if name not in ("ops.unstack", "RNN", "Bidirectional") else known is None


@pytest.mark.parametrize("name, arguments", OF_VALUES, ids=[f"{i}-{name}" for i, (name, _) in enumerate(OF_VALUES)])
def test_it_makes_as_many_of_values(name: str, arguments: dict[str, Any]) -> None:
    made = getattr(keras.ops, name)(**arguments)
    component = Component("op", f"ops.{name}", {})
    known = count_outputs(load_catalogue(), {}, OpCall, {"component": component, "inputs": arguments})
    assert known == (len(made) if isinstance(made, list | tuple) else 1)


def test_every_number_of_the_catalogue_is_tried() -> None:
    tried = {name.removeprefix("ops.") for name, _ in (*CALLS, *OF_VALUES)}
    assert tried | UNKNOWN == {*LAYERS, *OPERATIONS} and not tried & UNKNOWN
    assert {name for name in UNKNOWN if {**LAYERS, **OPERATIONS}[name] is not None} == set()
