"""A whole spec summarised: active shares, shared weights, memory, free lengths, faults, and any size at once."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

import keras
import pytest

from dlsuite import graph
from dlsuite.devices import DEVICES
from dlsuite.spec.errors import DataError, SpecError
from dlsuite.spec.loading import load
from dlsuite.spec.plan import Component
from dlsuite.summary import NetworkSummary, summarise
from dlsuite.summary.amounts import Amount
from dlsuite.summary.costs import train_on
from dlsuite.summary.folding import fold
from dlsuite.summary.memory import Memory, estimate, slot_bytes

ROOT = Path(__file__).parents[2] / "specs"
VECTOR = {"x": {"Input": {"shape": [8]}}}


def network(layers: list[Any], **sections: Any) -> NetworkSummary:
    """Returns the summary of a spec with one network on vectors of eight."""
    spec = {"model": {"inputs": VECTOR, "layers": layers}, **sections}
    return summarise(load(spec).plan()).networks["model"]


EXPERTS = {
    "params": {"experts": 8, "chosen": 2},
    "active": "=chosen / experts",
    "layers": [{"Dense": {"units": "=experts * 8", "use_bias": False}}, {"Dense": {"units": 8, "use_bias": False}}],
}


def test_experts_declare_their_active_share() -> None:
    found = network([{"Dense": {"units": 8}}, {"experts": {}}, "experts"], blocks={"experts": EXPERTS})
    inside = 2 * 8 * 64
    assert found.parameters == {"total": 72 + 2 * inside, "trainable": 72 + 2 * inside, "active": 72 + 2 * inside // 4}
    third = network([{"experts": {"experts": 3, "chosen": 1}}], blocks={"experts": EXPERTS})
    assert third.parameters["active"] == 2 * 8 * 24 // 3


@pytest.mark.parametrize("share", [-0.1, 1.5, "half", "=experts"])
def test_a_share_is_between_nothing_and_all(share: Any) -> None:
    with pytest.raises(SpecError, match="active"):
        network(["experts"], blocks={"experts": {**EXPERTS, "active": share}})


def test_a_layer_called_twice_counts_its_weights_once_and_its_work_twice() -> None:
    once = network([{"Dense": {"units": 8, "name": "d"}}])
    twice = network([{"Dense": {"units": 8, "name": "d"}}, {"Reuse": {"layer": "d"}}])
    assert twice.parameters == once.parameters
    assert twice.forward == 2 * once.forward
    block = {"b": {"layers": [{"Dense": {"units": 8}}]}}
    again = network([{"b": {"name": "d"}}, {"Reuse": {"layer": "d"}}], blocks=block)
    assert again.parameters == once.parameters and again.forward == 2 * once.forward


def test_networks_that_call_one_another_share_their_weights() -> None:
    spec = {
        "models": {
            "tower": {"inputs": VECTOR, "layers": [{"Dense": {"units": 4}}]},
            "pair": {
                "inputs": {"a": {"Input": {"shape": [8]}}, "b": {"Input": {"shape": [8]}}},
                "layers": [
                    {"tower": {"inputs": "a", "name": "one"}},
                    {"tower": {"inputs": "b", "name": "two"}},
                    {"ops.matmul": {"inputs": ["one", "=0"], "when": False}},
                    {"ops.transpose": {"inputs": "two"}},
                    {"ops.matmul": {"inputs": ["one", "@previous"]}},
                ],
            },
        }
    }
    plan = load(spec).plan()
    found = summarise(plan)
    assert found.parameters["pair"]["total"] == found.parameters["tower"]["total"] == 36
    pair = found.networks["pair"]
    assert pair.forward.square == 2 * 4  # every example with every other
    assert pair.calls[-1].shape == [None, None]


def test_equal_blocks_are_walked_once_and_folded() -> None:
    block = {"b": {"layers": [{"Dense": {"units": 8}}, "ReLU"]}}
    found = network([{"Dense": {"units": 8}}, {"Repeat": {"times": 50, "layers": ["b"]}}], blocks=block)
    groups = [(group.calls[0].component, group.times) for group in fold(found.calls)]
    assert groups == [("Dense", 1), ("b", 50)]
    assert found.calls[1].parts is found.calls[50].parts
    assert sum(1 for _ in found.layers()) == 101
    names = [name for name, _ in found.layers()]
    assert len(set(names)) == len(names) and names[1:3] == ["b.dense", "b.re_lu"]


def test_shapes_are_those_of_the_built_model() -> None:
    plan = load(ROOT / "papers" / "resnet18.json").plan()
    model = graph.build(plan, weights=False)["model"]
    shapes = {layer.name: layer.output.shape for layer in model.layers if not isinstance(layer.output, list)}
    for name, call in summarise(plan).networks["model"].layers():
        assert tuple(call.shape) == shapes[name]


def test_memory_is_that_of_weights_gradients_slots_and_activations() -> None:
    found = network([{"Dense": {"units": 16, "activation": "relu"}}, {"Dense": {"units": 4, "trainable": False}}])
    memory = found.memory(10)
    first, second = 8 * 16 + 16, 16 * 4 + 4
    assert memory.weights == 4 * (first + second)
    assert memory.gradients == 4 * first
    assert memory.optimizer == 2 * 4 * first + 2 * 4 * 8 * 16
    # the batch, what ReLU makes, and the gradients that go in and out of the second layer
    assert memory.activations == 4 * 10 * (8 + 16 + 16 + 4)
    assert found.memory(20).activations == 2 * memory.activations
    assert found.memory(10, "mixed_float16") == found.memory(10, "mixed_bfloat16")


@pytest.mark.parametrize(
    ("name", "arguments", "slots"),
    [("SGD", {}, 0), ("SGD", {"momentum": 0.9}, 1), ("Adam", {}, 2), ("Adam", {"amsgrad": True}, 3), ("AdamW", {}, 2),
     ("Lion", {}, 1), ("RMSprop", {}, 1)],
)  # fmt: skip
def test_slots_are_those_of_the_optimizer(name: str, arguments: dict[str, Any], slots: int) -> None:
    huge = ((10**6, 10**6), "float32", True)
    assert slot_bytes(Component("optimizer", name, arguments), {huge: 1}) == {huge: slots * 4 * 10**12}


def test_frozen_weights_take_no_gradients() -> None:
    frozen = {((4, 4), "float32", False): 1}
    assert slot_bytes(Component("optimizer", "Adam"), frozen) == {}
    memory = estimate(frozen, {}, Amount(0, 1), 7)
    assert (memory.weights, memory.gradients, memory.optimizer, memory.activations) == (64, 0, 0, 7)


def test_lengths_that_may_be_any_are_given() -> None:
    spec = {
        "model": {
            "inputs": {"t": {"Input": {"shape": [None]}}, "m": {"Input": {"shape": [100], "dtype": "bool"}}},
            "layers": [{"Softmax": {"inputs": {"inputs": "t", "mask": "m"}}}],
        }
    }
    plan = load(spec).plan()
    found = summarise(plan, {"t": 100})
    assert found.lengths == {"t": 100}
    assert found.networks["model"].calls[0].shape == [None, 100]
    with pytest.raises(SpecError, match="--length t="):
        summarise(plan, {"": 99})
    with pytest.raises(SpecError, match="`m` is no input with a length that may be any"):
        summarise(plan, {"m": 5})


def test_a_fault_is_told_as_by_building() -> None:
    spec = load({"model": {"inputs": VECTOR, "layers": [{"Reshape": {"target_shape": [3]}}]}})
    with pytest.raises(SpecError) as told:
        summarise(spec.plan())
    with pytest.raises(SpecError) as built:
        graph.build(spec.plan(), weights=False)
    assert str(told.value) == str(built.value) and "7919" not in str(told.value)


def test_what_only_the_data_knows_is_named() -> None:
    spec = {
        "data": {"source": {"CSV": {"path": "x.csv"}}, "inputs": {"a": "Number"}, "targets": {"b": "Category"}},
        "model": {"layers": [{"Dense": {"units": "=b.classes"}}]},
    }
    with pytest.raises(DataError, match="b.classes.*--data"):
        summarise(load(spec).plan())


def test_a_device_is_bound_by_computing_or_by_memory() -> None:
    small, large = Memory(0, 0, 0, 10), Memory(0, 0, 0, 10**12)
    computing = train_on("a100", 10**15, small, batch_size=1, precision="mixed_bfloat16", steps=3600, utilisation=0.5)
    assert computing.bound == "compute" and computing.step_seconds == pytest.approx(1e15 / 156e12)
    assert computing.seconds == pytest.approx(3600 * computing.step_seconds)
    assert computing.kilowatt_hours == pytest.approx(0.4 * computing.step_seconds)
    assert computing.dollars == pytest.approx(DEVICES["a100"].price * computing.step_seconds)
    moving = train_on("a100", 10, large, batch_size=1)
    assert moving.bound == "memory" and moving.fits == 13 and moving.seconds is None


def test_devices_state_where_their_figures_are_from() -> None:
    for device in DEVICES.values():
        assert device.source and "20" in device.price_from and device.rates["mixed_float16"] >= device.rates["float32"]


LARGE = """
import json, re, resource, sys
from dlsuite import load, show
found = show(load(sys.argv[1]))
memory = found.networks["model"].memory(1)
print(json.dumps({"total": found.parameters["total"], "bytes": memory.total,
                  "peak": int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1]) * 1024,
                  "seconds": sum(resource.getrusage(resource.RUSAGE_SELF)[:2])}))
"""


def test_175_billion_parameters_take_seconds_and_little_room() -> None:
    path = str(ROOT / "papers" / "gpt3_175b.json")
    done = subprocess.run([sys.executable, "-c", LARGE, path], capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    assert found["total"] == 174_604_259_328 and found["bytes"] > 2.7e12
    assert found["peak"] < 2e9
    assert found["seconds"] < 20  # of the processor; on a machine of its own it takes half of that


def test_nothing_stays_behind() -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    summarise(load(ROOT / "papers" / "mixtral_8x7b.json").plan())
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 500_000  # kB
    assert not keras.src.backend.common.global_state.get_global_attribute("uninitialized_variables", [])
    assert keras.config.dtype_policy().name == "float32"
